//! Roles that a service uses on its own behalf: made from what the service says, changed and used by nobody else.

use super::holder;
use super::rows::{DeletionTask, Role};
use super::{check, role, serve};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use aws_protocol::{AwsError, iam as api};

struct Linked {
    service: &'static str,
    role: &'static str,
    policy: &'static str,
    /// Whether there can be several, told apart by a suffix.
    suffix: bool,
    description: &'static str,
}

/// The services of this region that have such roles.
static SERVICES: &[Linked] = &[
    Linked {
        service: "autoscaling.amazonaws.com",
        role: "AWSServiceRoleForAutoScaling",
        policy: "AutoScalingServiceRolePolicy",
        suffix: true,
        description: "Default Service-Linked Role enables access to AWS Services and Resources used or managed by Auto Scaling",
    },
    Linked {
        service: "elasticloadbalancing.amazonaws.com",
        role: "AWSServiceRoleForElasticLoadBalancing",
        policy: "AWSElasticLoadBalancingServiceRolePolicy",
        suffix: false,
        description: "Allows ELB to call AWS services on your behalf.",
    },
    Linked {
        service: "spot.amazonaws.com",
        role: "AWSServiceRoleForEC2Spot",
        policy: "AWSEC2SpotServiceRolePolicy",
        suffix: false,
        description: "Default EC2 Spot Service Linked Role",
    },
];

/// Finished deletions that are remembered an account.
const TASKS_MAX: usize = 100;

pub fn register(table: &mut Table) {
    serve(table, create);
    serve(table, delete);
    serve(table, deletion_status);
}

/// What the service's role is called, without a suffix.
pub(crate) fn role_name(service: &str) -> Option<&'static str> {
    SERVICES.iter().find(|s| s.service == service).map(|s| s.role)
}

fn create(ctx: &mut Ctx, r: Authorized<api::CreateServiceLinkedRoleRequest>) -> OpResult<api::CreateServiceLinkedRoleResponse> {
    let service = check::text(&r.aws_service_name);
    let linked = SERVICES
        .iter()
        .find(|s| s.service == service)
        .ok_or_else(|| check::invalid_input(format!("Service-linked roles of {service} are not supported.")))?;
    let suffix = match &r.custom_suffix {
        None => String::new(),
        Some(_) if !linked.suffix => {
            return Err(check::invalid_input(format!("Custom suffix is not allowed for {service}")).into());
        }
        suffix => format!("_{}", check::name("customSuffix", suffix, 64)?),
    };
    let name = format!("{}{suffix}", linked.role);
    check::length("roleName", &name, 1..=check::ROLE_NAME_CHARS_MAX)?;
    let description = check::description(&r.description)?.unwrap_or_else(|| linked.description.to_owned());
    if holder::get::<Role>(ctx, &name).is_some() {
        return Err(check::invalid_input(format!(
            "Service role name {name} has been taken in this account, please try a different suffix."
        ))
        .into());
    }
    let row = make(ctx, linked, name, description)?;
    Ok(api::CreateServiceLinkedRoleResponse { role: Some(role::listed(&row)) })
}

fn make(ctx: &mut Ctx, linked: &Linked, name: String, description: String) -> Result<Role, AwsError> {
    role::admit(ctx, &name)?;
    let trust = serde_json::json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": [linked.service]}, "Action": ["sts:AssumeRole"]}]});
    let row = Role {
        account: ctx.caller.account.clone(),
        id: ctx.unique_id("AROA"),
        name,
        path: format!("/aws-service-role/{}/", linked.service),
        created: ctx.now,
        description: Some(description),
        max_session_s: 3_600,
        trust: trust.to_string(),
        tags: Default::default(),
        boundary: None,
        inline: Default::default(),
        attached: vec![format!("arn:aws:iam::aws:policy/aws-service-role/{}", linked.policy)],
        service: Some(linked.service.to_owned()),
    };
    ctx.db.put(row.clone());
    Ok(row)
}

/// The account has a resource of the service: the service makes its role, if the caller may have that done.
pub(crate) fn ensure(ctx: &mut Ctx, service: &str) -> Result<(), AwsError> {
    let Some(linked) = SERVICES.iter().find(|s| s.service == service) else { return Ok(()) };
    if holder::get::<Role>(ctx, linked.role).is_some() {
        return Ok(());
    }
    let path = format!("/aws-service-role/{service}/{}", linked.role);
    let arn = ::iam::catalog::arn("iam", "role", "", ctx.caller.account.as_str(), &path);
    ctx.authorize("iam:CreateServiceLinkedRole", &arn, &[("iam:AWSServiceName", service)])?;
    make(ctx, linked, linked.role.to_owned(), linked.description.to_owned()).map(drop)
}

/// The ARNs of what a service's role is needed for: it stays as long as there are any.
fn uses(ctx: &Ctx, service: &str) -> Vec<String> {
    if service == "elasticloadbalancing.amazonaws.com" { crate::elb::balancers(ctx) } else { Vec::new() }
}

/// It is done at once, or refused; the task tells which.
fn delete(ctx: &mut Ctx, r: Authorized<api::DeleteServiceLinkedRoleRequest>) -> OpResult<api::DeleteServiceLinkedRoleResponse> {
    let found = holder::find::<Role>(ctx, &r.role_name)?;
    let Some(service) = &found.service else {
        return Err(check::no_such(format!("The role {} is not a service-linked role.", found.name)).into());
    };
    let n = format!("{:032x}", ctx.random());
    let uuid = format!("{}-{}-{}-{}-{}", &n[..8], &n[8..12], &n[12..16], &n[16..20], &n[20..]);
    let id = format!("task/aws-service-role/{service}/{}/{uuid}", found.name);
    let uses = uses(ctx, service);
    if uses.is_empty() {
        role::remove(ctx, &found);
    }
    let mut old: Vec<_> = ctx.db.list::<DeletionTask>(&found.account).collect();
    old.sort_by_key(|t| t.at);
    for task in old.iter().take((old.len() + 1).saturating_sub(TASKS_MAX)) {
        ctx.db.delete::<DeletionTask>(&task.account, &task.id);
    }
    ctx.db.put(DeletionTask { account: found.account.clone(), id: id.clone(), at: ctx.now, uses });
    Ok(api::DeleteServiceLinkedRoleResponse { deletion_task_id: Some(id) })
}

fn deletion_status(
    ctx: &mut Ctx,
    r: Authorized<api::GetServiceLinkedRoleDeletionStatusRequest>,
) -> OpResult<api::GetServiceLinkedRoleDeletionStatusResponse> {
    let id = check::text(&r.deletion_task_id);
    check::length("deletionTaskId", id, 1..=1000)?;
    let task = ctx.db.get::<DeletionTask>(&ctx.caller.account, id);
    let task = task.ok_or_else(|| check::no_such(format!("Deletion task {id} not found.")))?;
    if task.uses.is_empty() {
        return Ok(api::GetServiceLinkedRoleDeletionStatusResponse { reason: None, status: Some("SUCCEEDED".into()) });
    }
    let usage = api::RoleUsageType { region: Some(ctx.settings.region.to_string()), resources: Some(task.uses.clone()) };
    let reason = api::DeletionTaskFailureReasonType {
        reason: Some("A service-linked role is in use by resources of its service.".into()),
        role_usage_list: Some(vec![usage]),
    };
    Ok(api::GetServiceLinkedRoleDeletionStatusResponse { reason: Some(reason), status: Some("FAILED".into()) })
}
