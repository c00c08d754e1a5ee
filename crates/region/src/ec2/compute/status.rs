//! DescribeInstanceStatus and DescribeInstanceCreditSpecifications.
//!
//! The system's check is whether the host is heard; the instance's is whether the guest answers on its network.

use super::{lists, maintenance, names, types, view};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::ec2::network::zone::zone_id;
use crate::filter::Filters;
use crate::page::page;
use crate::rows::{Instance, InstanceState};
use ::types::TimestampMs;
use aws_protocol::{AwsError, ec2};
use std::collections::BTreeMap;
use std::rc::Rc;
use wire::host::Reachability;

pub fn register(table: &mut Table) {
    let names = &["InstanceId.N", "IncludeAllInstances", "IncludeManagedResources"];
    table.op::<ec2::DescribeInstanceStatusRequest>(names, &[], describe);
    table.op::<ec2::DescribeInstanceCreditSpecificationsRequest>(&["InstanceId.N"], &[], credits);
}

const FILTERS: &[&str] = &[
    "attached-ebs-status.status",
    "availability-zone",
    "availability-zone-id",
    "event.code",
    "event.description",
    "event.instance-event-id",
    "event.not-after",
    "event.not-before",
    "event.not-before-deadline",
    "instance-state-code",
    "instance-state-name",
    "instance-status.reachability",
    "instance-status.status",
    "operator.managed",
    "system-status.reachability",
    "system-status.status",
];

/// `reachability` of a check, and its summary.
fn summary(reachability: &str) -> &'static str {
    match reachability {
        "passed" => "ok",
        "failed" => "impaired",
        "initializing" => "initializing",
        _ => "not-applicable",
    }
}

fn system_check(i: &Instance) -> &'static str {
    match (i.state, i.host_reports) {
        (InstanceState::Running, false) => "failed",
        (InstanceState::Running, true) => "passed",
        (InstanceState::Pending, _) => "initializing",
        _ => "not-applicable",
    }
}

fn instance_check(i: &Instance) -> &'static str {
    match (i.state, i.reachability) {
        (InstanceState::Pending, _) => "initializing",
        (InstanceState::Running, Reachability::Ok) => "passed",
        (InstanceState::Running, Reachability::Impaired) => "failed",
        (InstanceState::Running, Reachability::Initializing | Reachability::NotApplicable) => "initializing",
        _ => "not-applicable",
    }
}

fn check(reachability: &str, since: TimestampMs) -> ec2::InstanceStatusSummary {
    let details = (reachability != "not-applicable").then(|| {
        vec![ec2::InstanceStatusDetails {
            impaired_since: (reachability == "failed").then_some(since),
            name: Some("reachability".to_owned()),
            status: Some(reachability.to_owned()),
        }]
    });
    ec2::InstanceStatusSummary { details, status: Some(summary(reachability).to_owned()) }
}

fn field(ctx: &Ctx, i: &Instance, name: &str) -> Option<Vec<String>> {
    Some(match name {
        "availability-zone" => lists::one(&i.az),
        "availability-zone-id" => lists::one(zone_id(ctx.settings, &i.az)),
        "instance-state-code" => lists::one(i.state.code()),
        "instance-state-name" => lists::one(i.state.name()),
        "instance-status.reachability" => lists::one(instance_check(i)),
        "instance-status.status" => lists::one(summary(instance_check(i))),
        "system-status.reachability" => lists::one(system_check(i)),
        "system-status.status" => lists::one(summary(system_check(i))),
        // The root disk is the host's: it answers as the host does.
        "attached-ebs-status.status" => lists::one(summary(system_check(i))),
        "operator.managed" => lists::one(false),
        _ => event_field(ctx, i, name.strip_prefix("event.")?),
    })
}

fn event_field(ctx: &Ctx, i: &Instance, name: &str) -> Vec<String> {
    let Some(event) = maintenance::event(i, ctx.now) else { return Vec::new() };
    match name {
        "code" => event.code.into_iter().collect(),
        "description" => event.description.into_iter().collect(),
        "instance-event-id" => event.instance_event_id.into_iter().collect(),
        "not-before" => event.not_before.map(names::iso).into_iter().collect(),
        "not-after" => event.not_after.map(names::iso).into_iter().collect(),
        // None has a deadline.
        _ => Vec::new(),
    }
}

fn describe(ctx: &mut Ctx, r: Authorized<ec2::DescribeInstanceStatusRequest>) -> OpResult<ec2::DescribeInstanceStatusResult> {
    let ids = r.instance_ids.clone().unwrap_or_default();
    let rows = if ids.is_empty() { ctx.db.list::<Instance>(&ctx.caller.account).collect() } else { lists::instances(ctx, &ids)? };
    let all = r.include_all_instances == Some(true);
    let shown = rows.into_iter().filter(|i| all || i.state == InstanceState::Running);
    let found = Filters::new(&r.filters)?.select(shown, |i| ctx.tags(i.id), |i, name| field(ctx, i, name), FILTERS)?;
    let mut found: Vec<Rc<Instance>> = found;
    found.sort_by_key(|i| i.id);
    let (found, next_token) = page(found, r.max_results, &r.next_token, !ids.is_empty(), |i| i.id.to_string())?;
    let statuses = found
        .iter()
        .map(|i| ec2::InstanceStatus {
            attached_ebs_status: (i.state == InstanceState::Running).then(|| ec2::EbsStatusSummary {
                details: Some(vec![ec2::EbsStatusDetails {
                    impaired_since: (!i.host_reports).then_some(i.host_reports_since),
                    name: Some("reachability".to_owned()),
                    status: Some(system_check(i).to_owned()),
                }]),
                status: Some(summary(system_check(i)).to_owned()),
            }),
            availability_zone: Some(i.az.to_string()),
            availability_zone_id: Some(zone_id(ctx.settings, &i.az)),
            events: maintenance::event(i, ctx.now).map(|e| vec![e]),
            instance_id: Some(i.id.to_string()),
            instance_state: Some(view::state(i.state)),
            instance_status: Some(check(instance_check(i), i.reachability_since)),
            operator: Some(ec2::OperatorResponse { managed: Some(false), ..Default::default() }),
            system_status: Some(check(system_check(i), i.host_reports_since)),
            ..Default::default()
        })
        .collect();
    Ok(ec2::DescribeInstanceStatusResult { instance_statuses: Some(statuses), next_token })
}

fn credits(
    ctx: &mut Ctx,
    r: Authorized<ec2::DescribeInstanceCreditSpecificationsRequest>,
) -> OpResult<ec2::DescribeInstanceCreditSpecificationsResult> {
    let ids = r.instance_ids.clone().unwrap_or_default();
    let burstable = |i: &Instance| types::find(&i.instance_type).is_some_and(|(f, _)| f.burstable);
    let rows: Vec<Rc<Instance>> = if ids.is_empty() {
        // "If you do not specify an instance ID, Amazon EC2 returns burstable performance instances with the unlimited option."
        let unlimited = |i: &Instance| i.cpu_credits.as_deref() == Some("unlimited");
        ctx.db.list::<Instance>(&ctx.caller.account).filter(|i| burstable(i) && unlimited(i)).collect()
    } else {
        let rows = lists::instances(ctx, &ids)?;
        if let Some(other) = rows.iter().find(|i| !burstable(i)) {
            return Err(AwsError::new(
                "InvalidInstanceID.NotSupported",
                format!("The instance '{}' is not a burstable performance instance.", other.id),
            )
            .into());
        }
        rows
    };
    let live = rows.into_iter().filter(|i| i.state != InstanceState::Terminated);
    let field = |i: &Rc<Instance>, name: &str| (name == "instance-id").then(|| lists::one(i.id));
    let mut found = Filters::new(&r.filters)?.select(live, |_| BTreeMap::new(), field, &["instance-id"])?;
    found.sort_by_key(|i| i.id);
    let (found, next_token) = page(found, r.max_results, &r.next_token, !ids.is_empty(), |i| i.id.to_string())?;
    let specifications = found
        .iter()
        .map(|i| ec2::InstanceCreditSpecification {
            cpu_credits: Some(i.cpu_credits.clone().unwrap_or_else(|| "standard".into())),
            instance_id: Some(i.id.to_string()),
        })
        .collect();
    Ok(ec2::DescribeInstanceCreditSpecificationsResult { instance_credit_specifications: Some(specifications), next_token })
}
