//! Versions of launch templates: made from others, listed, deleted.

use super::{add_version, check_description, from_json, named, read, version, versions_of};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::ec2::compute::{launch, names};
use crate::ec2::network::lookup::{Listing, many, one};
use crate::rows::{LaunchTemplate, TemplateVersion};
use aws_protocol::{AwsError, ec2};
use std::rc::Rc;

/// "You can specify up to 200 launch template version numbers."
const DELETED_MAX: usize = 200;
const FILTERS: &[&str] =
    &["create-time", "ebs-optimized", "iam-instance-profile", "image-id", "instance-type", "is-default-version"];

pub fn register(table: &mut Table) {
    table.op::<ec2::CreateLaunchTemplateVersionRequest>(
        launch::template_parameters!("LaunchTemplateId", "LaunchTemplateName", "SourceVersion", "VersionDescription"),
        &[],
        create,
    );
    let named = &["LaunchTemplateId", "LaunchTemplateName", "LaunchTemplateVersion.N"];
    table.op::<ec2::DeleteLaunchTemplateVersionsRequest>(named, &[], delete);
    table.op::<ec2::DescribeLaunchTemplateVersionsRequest>(
        &["LaunchTemplateId", "LaunchTemplateName", "LaunchTemplateVersion.N", "MinVersion", "MaxVersion"],
        &[],
        describe,
    );
}

/// What it does not say it takes from the source.
fn create(
    ctx: &mut Ctx,
    r: Authorized<ec2::CreateLaunchTemplateVersionRequest>,
) -> OpResult<ec2::CreateLaunchTemplateVersionResult> {
    let template = named(ctx, &r.launch_template_id, &r.launch_template_name)?;
    let mut data = read(&r.launch_template_data)?;
    if let Some(source) = &r.source_version {
        let mut below = version(ctx, &template, source)?.data.clone();
        if let (Some(below), Some(over)) = (below.as_object_mut(), data.as_object()) {
            below.extend(over.clone());
        }
        data = below;
    }
    let description = check_description(&r.version_description)?;
    let (template, version) = add_version(ctx, (*template).clone(), data, description)?;
    let launch_template_version = Some(shown(&template, &version)?);
    Ok(ec2::CreateLaunchTemplateVersionResult { launch_template_version, warning: None })
}

fn delete(
    ctx: &mut Ctx,
    r: Authorized<ec2::DeleteLaunchTemplateVersionsRequest>,
) -> OpResult<ec2::DeleteLaunchTemplateVersionsResult> {
    let template = named(ctx, &r.launch_template_id, &r.launch_template_name)?;
    let wanted = r.versions.as_deref().unwrap_or_default();
    if wanted.is_empty() {
        return Err(AwsError::missing_parameter("LaunchTemplateVersion").into());
    }
    if wanted.len() > DELETED_MAX {
        let message = format!("A request may name at most {DELETED_MAX} versions.");
        return Err(AwsError::invalid_parameter_value(message).into());
    }
    let (mut deleted, mut kept) = (Vec::new(), Vec::new());
    for text in wanted {
        let number: u64 = text
            .parse()
            .map_err(|_| AwsError::invalid_value("LaunchTemplateVersion", text, "The versions to delete are named by number."))?;
        let key = TemplateVersion::key(template.id, number);
        let error = if number == template.default_version {
            Some(("unexpectedError", "The default version of a launch template cannot be deleted: make another one the default."))
        } else if ctx.db.get::<TemplateVersion>(&template.account, &key).is_none() {
            Some(("launchTemplateVersionDoesNotExist", "The launch template version does not exist."))
        } else {
            None
        };
        let (launch_template_id, launch_template_name) = (Some(template.id.to_string()), Some(template.name.clone()));
        let version_number = Some(number as i64);
        match error {
            None => {
                ctx.db.delete::<TemplateVersion>(&template.account, &key);
                deleted.push(ec2::DeleteLaunchTemplateVersionsResponseSuccessItem {
                    launch_template_id,
                    launch_template_name,
                    version_number,
                });
            }
            Some((code, message)) => kept.push(ec2::DeleteLaunchTemplateVersionsResponseErrorItem {
                launch_template_id,
                launch_template_name,
                response_error: Some(ec2::ResponseError { code: Some(code.to_owned()), message: Some(message.to_owned()) }),
                version_number,
            }),
        }
    }
    Ok(ec2::DeleteLaunchTemplateVersionsResult {
        successfully_deleted_launch_template_versions: Some(deleted),
        unsuccessfully_deleted_launch_template_versions: Some(kept),
    })
}

type Pair = (Rc<LaunchTemplate>, Rc<TemplateVersion>);

/// Of one template, or the latest and default ones of all.
fn describe(
    ctx: &mut Ctx,
    r: Authorized<ec2::DescribeLaunchTemplateVersionsRequest>,
) -> OpResult<ec2::DescribeLaunchTemplateVersionsResult> {
    let texts = r.versions.as_deref().unwrap_or_default();
    let mut items: Vec<Pair> = Vec::new();
    if r.launch_template_id.is_none() && r.launch_template_name.is_none() {
        if texts.is_empty() || texts.iter().any(|t| t != "$Latest" && t != "$Default") {
            let message = "Without a launch template the versions $Latest and $Default can be described, and only these.";
            return Err(AwsError::new("MissingParameter", message).into());
        }
        for template in ctx.db.list::<LaunchTemplate>(&ctx.caller.account) {
            for text in texts {
                items.push((template.clone(), version(ctx, &template, text)?));
            }
        }
    } else {
        let template = named(ctx, &r.launch_template_id, &r.launch_template_name)?;
        if texts.is_empty() {
            items.extend(versions_of(ctx, &template).into_iter().map(|v| (template.clone(), v)));
        }
        for text in texts {
            items.push((template.clone(), version(ctx, &template, text)?));
        }
        let bound = |text: &Option<String>| text.as_ref().map(|t| version(ctx, &template, t).map(|v| v.number)).transpose();
        let (min, max) = (bound(&r.min_version)?, bound(&r.max_version)?);
        if !texts.is_empty() && (min.is_some() || max.is_some()) {
            let message = "Versions cannot be named when MinVersion or MaxVersion is.";
            return Err(AwsError::invalid_parameter_combination(message).into());
        }
        items.retain(|(_, v)| min.is_none_or(|n| v.number >= n) && max.is_none_or(|n| v.number <= n));
    }
    // The newest first: pages go by the key.
    let key = |(t, v): &Pair| format!("{}/{:020}", t.id, u64::MAX - v.number);
    items.sort_by_key(key);
    items.dedup_by_key(|i| key(i));
    let text = |v: &TemplateVersion, name: &str| v.data.get(name).and_then(|x| x.as_str()).map(str::to_owned);
    let field = |(t, v): &Pair, name: &str| match name {
        "create-time" => one(names::iso(v.created)),
        "ebs-optimized" => one(v.data.get("EbsOptimized").and_then(|x| x.as_bool()).unwrap_or(false)),
        "iam-instance-profile" => {
            let arn = v.data.get("IamInstanceProfile").and_then(|p| p.get("Arn")).and_then(|a| a.as_str());
            many(arn)
        }
        "image-id" => many(text(v, "ImageId")),
        "instance-type" => many(text(v, "InstanceType")),
        "is-default-version" => one(v.number == t.default_version),
        _ => None,
    };
    let listing = Listing { ids: &None, filters: &r.filters, max_results: r.max_results, next_token: &r.next_token };
    let (items, next_token) = listing.select(items, |_| Default::default(), FILTERS, field, key)?;
    let shown: Result<Vec<_>, AwsError> = items.iter().map(|(t, v)| shown(t, v)).collect();
    Ok(ec2::DescribeLaunchTemplateVersionsResult { launch_template_versions: Some(shown?), next_token })
}

fn shown(t: &LaunchTemplate, v: &TemplateVersion) -> Result<ec2::LaunchTemplateVersion, AwsError> {
    Ok(ec2::LaunchTemplateVersion {
        create_time: Some(v.created),
        created_by: Some(v.created_by.clone()),
        default_version: Some(v.number == t.default_version),
        launch_template_data: Some(from_json(&v.data)?),
        launch_template_id: Some(t.id.to_string()),
        launch_template_name: Some(t.name.clone()),
        operator: Some(ec2::OperatorResponse { managed: Some(false), ..Default::default() }),
        version_description: v.description.clone(),
        version_number: Some(v.number as i64),
    })
}
