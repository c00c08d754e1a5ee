//! Attaching interfaces to instances and detaching them. A running instance gets and loses them as its host says that its
//! machine has them ([`observe`]); one that does not run at once.

use super::interface::{NewAttachment, interfaces_of};
use super::interface_addresses::check_count;
use super::lookup::{IdCodes, find, required};
use super::{address, interface::delete_interface, interface_ipv6};
use crate::context::{Authorized, Ctx, OpResult};
use crate::db::Db;
use crate::dispatch::Table;
use crate::ec2::compute::types::{self, Size};
use crate::rows::{AttachmentStatus, Instance, InstanceState, Interface};
use ::types::{InstanceId, InterfaceId};
use aws_protocol::{AwsError, ec2};
use std::rc::Rc;

/// Device indexes are 0 to this. The types' limits are of their number.
pub const DEVICE_INDEX_MAX: u32 = 31;

pub const ATTACHMENT_CODES: IdCodes =
    IdCodes { prefix: "eni-attach", noun: "attachment", not_found: "InvalidAttachmentID.NotFound", malformed: None };

pub fn register(table: &mut Table) {
    table.op::<ec2::AttachNetworkInterfaceRequest>(
        &["DeviceIndex", "InstanceId", "NetworkInterfaceId", "NetworkCardIndex"],
        &[],
        attach,
    );
    // Force is kept without being asked for: the host agent waits for the guest only a bounded time.
    table.op::<ec2::DetachNetworkInterfaceRequest>(&["AttachmentId", "Force"], &[], detach);
}

/// The size of the instance that an interface is on.
pub fn size_of(ctx: &Ctx, interface: &Interface) -> Option<&'static Size> {
    let attachment = interface.attachment.as_ref()?;
    let instance = ctx.db.get::<Instance>(&interface.account, attachment.instance)?;
    types::find(&instance.instance_type).map(|(_, size)| size)
}

/// Whether an instance of that size may have so many interfaces.
pub fn check_interfaces(count: usize, size: &Size) -> Result<(), AwsError> {
    if count > size.interfaces_max as usize {
        let message = format!("Interface count {count} exceeds the limit for {}", size.name);
        return Err(AwsError::new("AttachmentLimitExceeded", message));
    }
    Ok(())
}

pub fn in_use(interface: &Interface) -> AwsError {
    AwsError::new("InvalidNetworkInterface.InUse", format!("Interface: [{}] in use.", interface.id))
}

/// An operation that changes an interface names an instance that has several.
pub fn several_interfaces(instance: InstanceId) -> AwsError {
    let message = format!(
        "There are multiple interfaces attached to instance '{instance}'. Please specify an interface ID for the operation instead."
    );
    AwsError::new("InvalidInstanceID", message)
}

pub fn network_card(index: Option<i32>) -> Result<(), AwsError> {
    match index {
        None | Some(0) => Ok(()),
        Some(other) => {
            Err(AwsError::invalid_value("NetworkCardIndex", &other.to_string(), "The instance type has one network card, 0."))
        }
    }
}

pub fn device_index(index: i32) -> Result<u32, AwsError> {
    u32::try_from(index).ok().filter(|i| *i <= DEVICE_INDEX_MAX).ok_or_else(|| {
        let sentence = format!("Expected 0 to {DEVICE_INDEX_MAX}.");
        AwsError::invalid_value("deviceIndex", &index.to_string(), &sentence)
    })
}

fn attach(ctx: &mut Ctx, req: Authorized<ec2::AttachNetworkInterfaceRequest>) -> OpResult<ec2::AttachNetworkInterfaceResult> {
    let interface = find::<Interface>(ctx, required(&req.network_interface_id, "NetworkInterfaceId")?)?;
    let id = required(&req.instance_id, "InstanceId")?;
    let instance = find::<Instance>(ctx, id)?;
    let index = device_index(req.device_index.ok_or_else(|| AwsError::missing_parameter("DeviceIndex"))?)?;
    network_card(req.network_card_index)?;
    if interface.attachment.is_some() || interface.is_managed() {
        return Err(in_use(&interface).into());
    }
    let status = match instance.state {
        InstanceState::Running => AttachmentStatus::Attaching,
        InstanceState::Stopped => AttachmentStatus::Attached,
        InstanceState::Pending | InstanceState::Stopping | InstanceState::ShuttingDown | InstanceState::Terminated => {
            let message = format!("Instance '{id}' is not in a valid state: it must be 'running' or 'stopped'.");
            return Err(AwsError::new("IncorrectState", message).into());
        }
    };
    if interface.az != instance.az {
        let message = "You may not attach a network interface to an instance if they are not in the same availability zone";
        return Err(AwsError::invalid_parameter_combination(message).into());
    }
    let there = interfaces_of(ctx.db, &instance.account, instance.id);
    if there.iter().any(|i| i.attachment.as_ref().is_some_and(|a| a.device_index == index)) {
        let message = format!("Instance '{id}' already has an interface attached at device index '{index}'.");
        return Err(AwsError::invalid_parameter_value(message).into());
    }
    // The catalogue never loses a type.
    let (_, size) = types::find(&instance.instance_type).ok_or_else(|| AwsError::internal("It is of no known type."))?;
    check_interfaces(there.len() + 1, size)?;
    check_count(interface.ipv4.len(), size.ipv4_per_interface as usize)?;
    interface_ipv6::check_count(interface.ipv6.len(), size.ipv6_per_interface())?;
    let new = NewAttachment { instance: instance.id, device_index: index, delete_on_termination: false };
    let attachment = new.row(ctx, status);
    let attachment_id = attachment.id.to_string();
    ctx.db.update::<Interface>(&interface.account, interface.id, |i| i.attachment = Some(attachment));
    relist(ctx.db, &instance);
    Ok(ec2::AttachNetworkInterfaceResult { attachment_id: Some(attachment_id), network_card_index: Some(0) })
}

fn detach(ctx: &mut Ctx, req: Authorized<ec2::DetachNetworkInterfaceRequest>) -> OpResult<()> {
    let id = required(&req.attachment_id, "AttachmentId")?;
    let is_it = |i: &Rc<Interface>| i.attachment.as_ref().is_some_and(|a| a.id.to_string() == id);
    let interface = ctx.db.list::<Interface>(&ctx.caller.account).find(is_it);
    let interface = interface.ok_or_else(|| ATTACHMENT_CODES.not_found(id))?;
    let Some(attachment) = interface.attachment.as_ref() else { return Ok(()) };
    if attachment.device_index == 0 {
        let message = "The network interface at device index 0 and networkCard index 0 cannot be detached.";
        return Err(AwsError::new("OperationNotPermitted", message).into());
    }
    if attachment.status == AttachmentStatus::Detaching {
        // Asked again.
        return Ok(());
    }
    let instance = ctx.db.get::<Instance>(&interface.account, attachment.instance);
    match instance {
        Some(i) if !matches!(i.state, InstanceState::Stopped | InstanceState::Terminated) => {
            set_status(ctx.db, &interface, AttachmentStatus::Detaching)
        }
        Some(i) => {
            let_go(ctx.db, &interface);
            relist(ctx.db, &i);
        }
        None => let_go(ctx.db, &interface),
    }
    Ok(())
}

fn set_status(db: &mut Db, interface: &Interface, status: AttachmentStatus) {
    db.update::<Interface>(&interface.account, interface.id, |i| {
        if let Some(a) = &mut i.attachment {
            a.status = status;
        }
    });
}

/// The interface is on no instance any more, and has no automatic public address.
fn let_go(db: &mut Db, interface: &Interface) {
    address::release_auto_public_ip(db, interface);
    db.update::<Interface>(&interface.account, interface.id, |i| {
        i.attachment = None;
        i.associate_public_ip = false;
    });
}

/// Brings the instance's list of interfaces up to date with their rows.
fn relist(db: &mut Db, instance: &Instance) {
    let interfaces: Vec<InterfaceId> = interfaces_of(db, &instance.account, instance.id).iter().map(|i| i.id).collect();
    db.update::<Instance>(&instance.account, instance.id, |i| i.interfaces = interfaces);
}

/// What the machine of the instance's present run has (`None`: there is none, and what was on its way has arrived).
pub fn observe(db: &mut Db, instance: &Instance, seen: Option<&[InterfaceId]>) {
    let mut changed = false;
    for interface in interfaces_of(db, &instance.account, instance.id) {
        let status = interface.attachment.as_ref().map(|a| a.status);
        let here = seen.map(|s| s.contains(&interface.id));
        match (status, here) {
            (Some(AttachmentStatus::Attaching), Some(true) | None) => {
                set_status(db, &interface, AttachmentStatus::Attached);
            }
            (Some(AttachmentStatus::Detaching), Some(false) | None) => {
                let_go(db, &interface);
                changed = true;
            }
            _ => {}
        }
    }
    if changed {
        relist(db, instance);
    }
}

/// The instance is terminated: interfaces go with it or stay, as each says.
pub fn release_all(db: &mut Db, instance: &Instance) {
    for interface in interfaces_of(db, &instance.account, instance.id) {
        match &interface.attachment {
            Some(a) if a.delete_on_termination => delete_interface(db, &instance.account, interface.id),
            _ => let_go(db, &interface),
        }
    }
}
