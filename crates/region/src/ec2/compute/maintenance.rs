//! MaintenanceOptions: whether an instance is recovered by itself when its host fails ([`super::recover`]), and what
//! DescribeInstanceStatus tells of it.
//!
//! Source: ModifyInstanceMaintenanceOptions and InstanceStatusEvent of the EC2 API reference.

use super::lists;
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::rows::{Instance, InstanceState};
use ::types::TimestampMs;
use aws_protocol::{AwsError, ec2};

/// "[Completed]" events are shown for up to a week.
const EVENT_SHOWN_MS: u64 = 7 * 86_400_000;

pub fn register(table: &mut Table) {
    // RebootMigration is refused by name: there are no scheduled reboots.
    table.op::<ec2::ModifyInstanceMaintenanceOptionsRequest>(&["InstanceId", "AutoRecovery"], &[], modify);
}

/// Whether recovery is to be disabled.
pub fn is_disabled(auto_recovery: Option<&str>) -> Result<bool, AwsError> {
    match auto_recovery {
        None | Some("default") => Ok(false),
        Some("disabled") => Ok(true),
        Some(other) => Err(AwsError::invalid_value("AutoRecovery", other, "Expected default or disabled.")),
    }
}

pub fn auto_recovery(row: &Instance) -> &'static str {
    if row.recovery_disabled { "disabled" } else { "default" }
}

fn modify(
    ctx: &mut Ctx,
    r: Authorized<ec2::ModifyInstanceMaintenanceOptionsRequest>,
) -> OpResult<ec2::ModifyInstanceMaintenanceOptionsResult> {
    let id = r.instance_id.as_deref().unwrap_or_default();
    let row = lists::instance(ctx, id)?;
    if matches!(row.state, InstanceState::ShuttingDown | InstanceState::Terminated) {
        return Err(AwsError::incorrect_instance_state(format!("The instance '{id}' is {}.", row.state.name())).into());
    }
    let asked = r.auto_recovery.as_deref().ok_or_else(|| AwsError::missing_parameter("AutoRecovery"))?;
    let disabled = is_disabled(Some(asked))?;
    let account = ctx.caller.account.clone();
    ctx.db.update::<Instance>(&account, row.id, |i| i.recovery_disabled = disabled);
    Ok(ec2::ModifyInstanceMaintenanceOptionsResult {
        auto_recovery: Some(asked.to_owned()),
        instance_id: Some(row.id.to_string()),
        ..Default::default()
    })
}

/// The instance's recovery, while it goes on and for a week.
pub fn event(row: &Instance, now: TimestampMs) -> Option<ec2::InstanceStatusEvent> {
    let recovered = row.recovered.as_ref().filter(|r| r.running.is_none_or(|at| now.0 < at.0 + EVENT_SHOWN_MS))?;
    let done = if recovered.running.is_some() { "[Completed] " } else { "" };
    Some(ec2::InstanceStatusEvent {
        code: Some("instance-reboot".to_owned()),
        description: Some(format!(
            "{done}The instance is started on other hardware, because its host failed. What its memory held is lost."
        )),
        instance_event_id: Some(format!("instance-event-{}", row.id.to_string().trim_start_matches("i-"))),
        not_before: Some(recovered.failed),
        not_after: recovered.running,
        ..Default::default()
    })
}
