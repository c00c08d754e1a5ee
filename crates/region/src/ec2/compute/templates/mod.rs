//! Launch templates: named, numbered sets of launch parameters.
//!
//! ```text
//!  RunInstances ─► dispatch ─► expand (template under the request) ─► authorise ─► launch
//!  CreateFleet ─► fleet ─► merge, authorise ─► launch, per override
//! ```
//!
//! What a template says is stored under the names of the API's model, so that it can be read as any of the shapes that the
//! model has for it. Source: "Store instance launch parameters in Amazon EC2 launch templates", EC2 User Guide.

pub mod fleet;
mod merge;
mod of_instance;
mod versions;

use super::lists;
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::ec2::network::lookup::{Listing, Resource, one};
use crate::rows::{LaunchTemplate, TemplateVersion};
use crate::tags;
use ::types::LaunchTemplateId;
use aws_protocol::{AwsError, Form, FormEncoder, JsonDecoder, JsonEncoder, Shape, ec2};
use std::rc::Rc;

/// "Launch templates per Region" and "Versions per launch template".
const TEMPLATES_MAX: usize = 5000;
const VERSIONS_MAX: usize = 10_000;
const NAME_CHARS: std::ops::RangeInclusive<usize> = 3..=128;
const DESCRIPTION_CHARS_MAX: usize = 255;

pub fn register(table: &mut Table) {
    table.op::<ec2::CreateLaunchTemplateRequest>(
        super::launch::template_parameters!("LaunchTemplateName", "VersionDescription"),
        &["launch-template"],
        create,
    );
    table.op::<ec2::DeleteLaunchTemplateRequest>(&["LaunchTemplateId", "LaunchTemplateName"], &[], delete);
    table.op::<ec2::ModifyLaunchTemplateRequest>(&["LaunchTemplateId", "LaunchTemplateName", "SetDefaultVersion"], &[], modify);
    table.op::<ec2::DescribeLaunchTemplatesRequest>(&["LaunchTemplateId.N", "LaunchTemplateName.N"], &[], describe);
    table.op::<ec2::GetLaunchTemplateDataRequest>(&["InstanceId"], &[], of_instance::data);
    versions::register(table);
    fleet::register(table);
}

fn no_name(name: &str) -> AwsError {
    AwsError::new(
        "InvalidLaunchTemplateName.NotFoundException",
        format!("The specified launch template, with template name {}, does not exist.", lists::clip(name)),
    )
}

fn no_id(id: &str) -> AwsError {
    AwsError::new(
        LaunchTemplate::CODES.not_found,
        format!("The specified launch template, with template ID {}, does not exist.", lists::clip(id)),
    )
}

pub fn by_name(ctx: &Ctx, name: &str) -> Option<Rc<LaunchTemplate>> {
    ctx.db.list::<LaunchTemplate>(&ctx.caller.account).find(|t| t.name == name)
}

/// The template that a request names, by its id or by its name.
fn named(ctx: &Ctx, id: &Option<String>, name: &Option<String>) -> Result<Rc<LaunchTemplate>, AwsError> {
    match (id, name) {
        (Some(_), Some(_)) => Err(AwsError::invalid_parameter_combination(
            "The parameter LaunchTemplateId cannot be used with the parameter LaunchTemplateName.",
        )),
        (None, None) => Err(AwsError::new(
            "MissingParameter",
            "The request must contain the parameter LaunchTemplateId or the parameter LaunchTemplateName.",
        )),
        (None, Some(name)) => by_name(ctx, name).ok_or_else(|| no_name(name)),
        (Some(text), None) => {
            let id: LaunchTemplateId = LaunchTemplate::CODES.parse(text)?;
            ctx.db.get::<LaunchTemplate>(&ctx.caller.account, id).ok_or_else(|| no_id(text))
        }
    }
}

/// Versions of a template, the newest first.
fn versions_of(ctx: &Ctx, template: &LaunchTemplate) -> Vec<Rc<TemplateVersion>> {
    let mut all: Vec<_> = ctx.db.list::<TemplateVersion>(&ctx.caller.account).filter(|v| v.template == template.id).collect();
    all.reverse();
    all
}

fn latest(ctx: &Ctx, template: &LaunchTemplate) -> u64 {
    versions_of(ctx, template).first().map_or(0, |v| v.number)
}

/// `$Latest`, `$Default` or a number.
fn version(ctx: &Ctx, template: &LaunchTemplate, text: &str) -> Result<Rc<TemplateVersion>, AwsError> {
    let number = match text {
        "$Latest" => latest(ctx, template),
        "$Default" => template.default_version,
        text => text.parse().map_err(|_| {
            let wanted = "A version is a number, $Latest or $Default.";
            AwsError::invalid_value("LaunchTemplateVersion", text, wanted)
        })?,
    };
    let key = TemplateVersion::key(template.id, number);
    ctx.db.get::<TemplateVersion>(&ctx.caller.account, key).ok_or_else(|| {
        AwsError::new(
            "InvalidLaunchTemplateId.VersionNotFound",
            format!(
                "Could not find the specified version {} for the launch template with ID {}.",
                lists::clip(text),
                template.id
            ),
        )
    })
}

/// A RunInstances request with its template's parameters under its own. `None`: it names no template.
///
/// # Errors
/// The template or the version is not there, or together they are no request.
pub fn expand(ctx: &Ctx, form: &Form) -> Option<Result<Form, AwsError>> {
    form.has("LaunchTemplate").then(|| {
        let request: ec2::RunInstancesRequest = aws_protocol::decode(form)?;
        FormEncoder::form(&with_template(ctx, request)?)
    })
}

/// The request with what its template says, and the template named by id and number.
fn with_template(ctx: &Ctx, mut request: ec2::RunInstancesRequest) -> Result<ec2::RunInstancesRequest, AwsError> {
    let Some(named_by) = request.launch_template.take() else { return Ok(request) };
    let template = named(ctx, &named_by.launch_template_id, &named_by.launch_template_name)?;
    let version = version(ctx, &template, named_by.version.as_deref().unwrap_or("$Default"))?;
    let merged = merge::merged(&version.data, to_json(&request)?);
    let mut request: ec2::RunInstancesRequest = from_json(&merged)?;
    request.launch_template = Some(ec2::LaunchTemplateSpecification {
        launch_template_id: Some(template.id.to_string()),
        launch_template_name: None,
        version: Some(version.number.to_string()),
    });
    Ok(request)
}

pub(super) fn to_json(shape: &impl Shape) -> Result<serde_json::Value, AwsError> {
    serde_json::from_str(&JsonEncoder::text(shape)).map_err(|e| AwsError::internal(format!("A shape is not JSON: {e}")))
}

pub(super) fn from_json<T: Shape>(value: &serde_json::Value) -> Result<T, AwsError> {
    T::decode(&mut JsonDecoder::new(value))
}

/// What a new version says. Values are looked at when they are used, as AWS does; tags would be too late then.
fn read(data: &Option<ec2::RequestLaunchTemplateData>) -> Result<serde_json::Value, AwsError> {
    let data = data.as_ref().ok_or_else(|| AwsError::missing_parameter("LaunchTemplateData"))?;
    super::launch_options::user_data(data.user_data.as_deref())?;
    for s in data.tag_specifications.iter().flatten() {
        match s.resource_type.as_deref() {
            Some("instance" | "volume" | "network-interface") => {}
            Some(other) => {
                return Err(AwsError::unsupported_operation(format!(
                    "LaunchTemplateData.TagSpecification of '{}' is not supported by this region: a launch makes instances, volumes and network interfaces.",
                    lists::clip(other)
                )));
            }
            None => return Err(AwsError::missing_parameter("LaunchTemplateData.TagSpecification.ResourceType")),
        }
        for tag in s.tags.iter().flatten() {
            tags::check(tag.key.as_deref().unwrap_or_default(), tag.value.as_deref().unwrap_or_default())?;
        }
    }
    to_json(data)
}

fn check_description(text: &Option<String>) -> Result<Option<String>, AwsError> {
    if text.as_ref().is_some_and(|d| d.chars().count() > DESCRIPTION_CHARS_MAX) {
        let message = format!("A version description has at most {DESCRIPTION_CHARS_MAX} characters.");
        return Err(AwsError::invalid_parameter_value(message));
    }
    Ok(text.clone().filter(|d| !d.is_empty()))
}

fn create(ctx: &mut Ctx, r: Authorized<ec2::CreateLaunchTemplateRequest>) -> OpResult<ec2::CreateLaunchTemplateResult> {
    let name = r.launch_template_name.clone().unwrap_or_default();
    let good = |c: char| c.is_ascii_alphanumeric() || "()./_-".contains(c);
    if !NAME_CHARS.contains(&name.chars().count()) || !name.chars().all(good) {
        return Err(AwsError::new(
            "InvalidLaunchTemplateName.MalformedException",
            "A launch template name must be between 3 and 128 characters, and may contain letters, numbers, and the following characters: - ( ) . / _.",
        )
        .into());
    }
    if by_name(ctx, &name).is_some() {
        return Err(
            AwsError::new("InvalidLaunchTemplateName.AlreadyExistsException", "Launch template name already in use.").into()
        );
    }
    if ctx.db.list::<LaunchTemplate>(&ctx.caller.account).count() >= TEMPLATES_MAX {
        return Err(AwsError::new(
            "LaunchTemplateLimitExceeded",
            format!("You may have at most {TEMPLATES_MAX} launch templates."),
        )
        .into());
    }
    let (data, description) = (read(&r.launch_template_data)?, check_description(&r.version_description)?);
    let template = LaunchTemplate {
        account: ctx.caller.account.clone(),
        id: ctx.new_id(LaunchTemplateId::from_random),
        name,
        default_version: 1,
        last_version: 0,
        created: ctx.now,
        created_by: ctx.caller.arn.clone(),
    };
    ctx.tag(template.id, tags::specified(&r.tag_specifications, "launch-template")?)?;
    let (template, _) = add_version(ctx, template, data, description)?;
    Ok(ec2::CreateLaunchTemplateResult { launch_template: Some(shown(ctx, &template)), warning: None })
}

/// The template with its new version, both put.
fn add_version(
    ctx: &mut Ctx,
    mut template: LaunchTemplate,
    data: serde_json::Value,
    description: Option<String>,
) -> Result<(LaunchTemplate, TemplateVersion), AwsError> {
    if versions_of(ctx, &template).len() >= VERSIONS_MAX {
        let message = format!("A launch template may have at most {VERSIONS_MAX} versions.");
        return Err(AwsError::new("LaunchTemplateVersionLimitExceeded", message));
    }
    template.last_version += 1;
    let version = TemplateVersion {
        account: template.account.clone(),
        template: template.id,
        number: template.last_version,
        description,
        data,
        created: ctx.now,
        created_by: ctx.caller.arn.clone(),
    };
    ctx.db.put(template.clone());
    ctx.db.put(version.clone());
    Ok((template, version))
}

fn delete(ctx: &mut Ctx, r: Authorized<ec2::DeleteLaunchTemplateRequest>) -> OpResult<ec2::DeleteLaunchTemplateResult> {
    let template = named(ctx, &r.launch_template_id, &r.launch_template_name)?;
    let launch_template = Some(shown(ctx, &template));
    for v in versions_of(ctx, &template) {
        ctx.db.delete::<TemplateVersion>(&v.account, TemplateVersion::key(v.template, v.number));
    }
    ctx.db.delete::<LaunchTemplate>(&template.account, template.id);
    ctx.untag(template.id);
    Ok(ec2::DeleteLaunchTemplateResult { launch_template })
}

fn modify(ctx: &mut Ctx, r: Authorized<ec2::ModifyLaunchTemplateRequest>) -> OpResult<ec2::ModifyLaunchTemplateResult> {
    let mut template = (*named(ctx, &r.launch_template_id, &r.launch_template_name)?).clone();
    let wanted = r.default_version.as_deref().ok_or_else(|| AwsError::missing_parameter("SetDefaultVersion"))?;
    template.default_version = version(ctx, &template, wanted)?.number;
    ctx.db.put(template.clone());
    Ok(ec2::ModifyLaunchTemplateResult { launch_template: Some(shown(ctx, &template)) })
}

fn describe(ctx: &mut Ctx, r: Authorized<ec2::DescribeLaunchTemplatesRequest>) -> OpResult<ec2::DescribeLaunchTemplatesResult> {
    let mut ids = r.launch_template_ids.clone().unwrap_or_default();
    for id in &ids {
        named(ctx, &Some(id.clone()), &None)?;
    }
    for name in r.launch_template_names.iter().flatten() {
        ids.push(by_name(ctx, name).ok_or_else(|| no_name(name))?.id.to_string());
    }
    let ids = Some(ids);
    let listing = Listing { ids: &ids, filters: &r.filters, max_results: r.max_results, next_token: &r.next_token };
    let field = |t: &LaunchTemplate, name: &str| match name {
        "create-time" => one(super::names::iso(t.created)),
        "launch-template-name" => one(&t.name),
        _ => None,
    };
    let (rows, next_token) = listing.rows::<LaunchTemplate>(ctx, &["create-time", "launch-template-name"], field)?;
    let launch_templates = Some(rows.iter().map(|t| shown(ctx, t)).collect());
    Ok(ec2::DescribeLaunchTemplatesResult { launch_templates, next_token })
}

fn shown(ctx: &Ctx, t: &LaunchTemplate) -> ec2::LaunchTemplate {
    ec2::LaunchTemplate {
        create_time: Some(t.created),
        created_by: Some(t.created_by.clone()),
        default_version_number: Some(t.default_version as i64),
        latest_version_number: Some(latest(ctx, t) as i64),
        launch_template_id: Some(t.id.to_string()),
        launch_template_name: Some(t.name.clone()),
        operator: Some(ec2::OperatorResponse { managed: Some(false), ..Default::default() }),
        tags: ctx.tag_list(t.id),
    }
}
