//! DescribeInstanceAttribute and ModifyInstanceAttribute: one attribute a request.

use super::{images, launch_options, lists, types, view};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::ec2::network::interface_addresses::check_count;
use crate::ec2::network::interface_attach::{check_interfaces, several_interfaces};
use crate::ec2::network::{interface_ipv6, resolve_groups};
use crate::quota::table as quota;
use crate::rows::{Instance, InstanceState, Interface};
use ::types::InterfaceId;
use aws_protocol::{AwsError, ec2};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as B64;
use std::rc::Rc;

pub fn register(table: &mut Table) {
    table.op::<ec2::DescribeInstanceAttributeRequest>(&["InstanceId", "Attribute"], &[], describe);
    table.op::<ec2::ModifyInstanceAttributeRequest>(
        &[
            "InstanceId",
            "Attribute",
            "Value",
            "DisableApiTermination.Value",
            "DisableApiStop.Value",
            "InstanceInitiatedShutdownBehavior.Value",
            "UserData.Value",
            "InstanceType.Value",
            "GroupId.N",
            "SourceDestCheck.Value",
        ],
        &[],
        modify,
    );
}

fn live(ctx: &Ctx, id: &str) -> Result<Rc<Instance>, AwsError> {
    let row = lists::instance(ctx, id)?;
    match row.state {
        InstanceState::Terminated => Err(AwsError::not_found("InvalidInstanceID.NotFound", "instance ID", id)),
        _ => Ok(row),
    }
}

fn describe(ctx: &mut Ctx, r: Authorized<ec2::DescribeInstanceAttributeRequest>) -> OpResult<ec2::InstanceAttribute> {
    let row = live(ctx, r.instance_id.as_deref().unwrap_or_default())?;
    let flag = |v: bool| Some(ec2::AttributeBooleanValue { value: Some(v) });
    let text = |v: Option<&str>| Some(ec2::AttributeValue { value: v.map(str::to_owned) });
    let mut out = ec2::InstanceAttribute { instance_id: Some(row.id.to_string()), ..Default::default() };
    match r.attribute.as_deref().unwrap_or_default() {
        "disableApiTermination" => out.disable_api_termination = flag(row.disable_api_termination),
        "disableApiStop" => out.disable_api_stop = flag(row.disable_api_stop),
        "instanceInitiatedShutdownBehavior" => out.instance_initiated_shutdown_behavior = text(Some(&row.shutdown_behavior)),
        "userData" => out.user_data = text(row.user_data.as_deref()),
        "instanceType" => out.instance_type = text(Some(&row.instance_type)),
        "kernel" => out.kernel_id = text(None),
        "ramdisk" => out.ramdisk_id = text(None),
        "rootDeviceName" => out.root_device_name = text(images::by_id(&row.image).map(|i| i.root_device)),
        "blockDeviceMapping" => out.block_device_mappings = view::instance(ctx, &row).block_device_mappings,
        "groupSet" => out.groups = view::instance(ctx, &row).security_groups,
        "sourceDestCheck" => {
            out.source_dest_check = flag(view::interfaces(ctx, &row).first().is_none_or(|i| i.source_dest_check));
        }
        "ebsOptimized" => out.ebs_optimized = flag(false),
        "enaSupport" => out.ena_support = flag(true),
        "sriovNetSupport" => out.sriov_net_support = text(None),
        "productCodes" => out.product_codes = Some(Vec::new()),
        "enclaveOptions" => out.enclave_options = Some(ec2::EnclaveOptions { enabled: Some(false) }),
        other => return Err(AwsError::invalid_value("Attribute", other, "It is not an attribute of instances.").into()),
    }
    Ok(out)
}

/// What a request changes, whichever of the two spellings it uses.
enum Change {
    DisableApiTermination(bool),
    DisableApiStop(bool),
    ShutdownBehavior(String),
    /// Raw bytes.
    UserData(Vec<u8>),
    InstanceType(String),
    Groups(Vec<String>),
    SourceDestCheck(bool),
}

fn change_of(r: ec2::ModifyInstanceAttributeRequest) -> Result<Change, AwsError> {
    let mut changes = Vec::new();
    let flag = |v: Option<ec2::AttributeBooleanValue>| v.and_then(|v| v.value);
    let text = |v: Option<ec2::AttributeValue>| v.and_then(|v| v.value);
    changes.extend(flag(r.disable_api_termination).map(Change::DisableApiTermination));
    changes.extend(flag(r.disable_api_stop).map(Change::DisableApiStop));
    changes.extend(text(r.instance_initiated_shutdown_behavior).map(Change::ShutdownBehavior));
    changes.extend(r.user_data.map(|v| Change::UserData(v.value.unwrap_or_default())));
    changes.extend(text(r.instance_type).map(Change::InstanceType));
    changes.extend(r.groups.filter(|g| !g.is_empty()).map(Change::Groups));
    changes.extend(flag(r.source_dest_check).map(Change::SourceDestCheck));
    if let Some(name) = r.attribute {
        let value = r.value.ok_or_else(|| AwsError::missing_parameter("Value"))?;
        let boolean = || match value.as_str() {
            v if v.eq_ignore_ascii_case("true") => Ok(true),
            v if v.eq_ignore_ascii_case("false") => Ok(false),
            v => Err(AwsError::invalid_value("Value", v, "Expected true or false.")),
        };
        changes.push(match name.as_str() {
            "disableApiTermination" => Change::DisableApiTermination(boolean()?),
            "disableApiStop" => Change::DisableApiStop(boolean()?),
            "sourceDestCheck" => Change::SourceDestCheck(boolean()?),
            "instanceInitiatedShutdownBehavior" => Change::ShutdownBehavior(value),
            "instanceType" => Change::InstanceType(value),
            "userData" => {
                let bytes = B64.decode(value.trim());
                Change::UserData(bytes.map_err(|_| AwsError::invalid_parameter_value("Invalid BASE64 encoding of user data."))?)
            }
            "kernel" | "ramdisk" | "ebsOptimized" | "enaSupport" | "sriovNetSupport" | "blockDeviceMapping" | "groupSet" => {
                return Err(AwsError::unsupported_operation(format!(
                    "The attribute '{name}' cannot be modified by Attribute and Value in this region."
                )));
            }
            other => return Err(AwsError::invalid_value("Attribute", other, "It is not an attribute of instances.")),
        });
    } else if r.value.is_some() {
        return Err(AwsError::missing_parameter("Attribute"));
    }
    match (changes.pop(), changes.is_empty()) {
        (Some(change), true) => Ok(change),
        (None, _) => Err(AwsError::invalid_parameter_combination("No attributes specified.")),
        (Some(_), false) => Err(AwsError::invalid_parameter_combination("Fields for multiple attribute types specified")),
    }
}

fn stopped(row: &Instance) -> Result<(), AwsError> {
    if row.state == InstanceState::Stopped {
        return Ok(());
    }
    Err(AwsError::incorrect_instance_state(format!("The instance '{}' is not in the 'stopped' state.", row.id)))
}

/// The interface that is meant where only the instance is named.
fn only_interface(row: &Instance) -> Result<InterfaceId, AwsError> {
    match row.interfaces[..] {
        [only] => Ok(only),
        _ => Err(several_interfaces(row.id)),
    }
}

fn modify(ctx: &mut Ctx, r: Authorized<ec2::ModifyInstanceAttributeRequest>) -> OpResult<()> {
    let r = r.into_inner();
    let row = live(ctx, r.instance_id.as_deref().unwrap_or_default())?;
    let account = row.account.clone();
    match change_of(r)? {
        Change::DisableApiTermination(v) => {
            ctx.db.update::<Instance>(&account, row.id, |i| i.disable_api_termination = v);
        }
        Change::DisableApiStop(v) => {
            ctx.db.update::<Instance>(&account, row.id, |i| i.disable_api_stop = v);
        }
        Change::ShutdownBehavior(v) => {
            let v = launch_options::shutdown_behavior(&v)?;
            ctx.db.update::<Instance>(&account, row.id, |i| i.shutdown_behavior = v);
        }
        Change::UserData(bytes) => {
            launch_options::check_user_data_size(bytes.len())?;
            stopped(&row)?;
            let data = (!bytes.is_empty()).then(|| B64.encode(bytes));
            ctx.db.update::<Instance>(&account, row.id, |i| i.user_data = data);
        }
        Change::InstanceType(name) => {
            let (family, size) = launch_options::instance_type(&name)?;
            stopped(&row)?;
            if types::find(&row.instance_type).is_some_and(|(f, _)| f.isolation() != family.isolation()) {
                return Err(AwsError::new(
                    "InvalidInstanceAttributeValue",
                    format!(
                        "The instance type '{name}' cannot be given to an instance of type '{}': a sandbox's root is a directory of its host, a virtual machine's is a disk.",
                        row.instance_type
                    ),
                )
                .into());
            }
            let interfaces = view::interfaces(ctx, &row);
            check_interfaces(interfaces.len(), size)?;
            for i in &interfaces {
                check_count(i.ipv4.len(), size.ipv4_per_interface as usize)?;
                interface_ipv6::check_count(i.ipv6.len(), size.ipv6_per_interface())?;
            }
            let credits = match (family.burstable, &row.cpu_credits) {
                (false, _) => None,
                (true, Some(kept)) if types::find(&row.instance_type).is_some_and(|(f, _)| f.name == family.name) => {
                    Some(kept.clone())
                }
                (true, _) => Some(if family.name == "t2" { "standard" } else { "unlimited" }.to_owned()),
            };
            ctx.db.update::<Instance>(&account, row.id, |i| {
                i.instance_type = size.name.to_owned();
                i.cpu_credits = credits;
            });
        }
        Change::Groups(ids) => {
            let mut groups = resolve_groups(ctx, row.vpc, &ids, &[])?;
            groups.sort_unstable();
            groups.dedup();
            if groups.len() > ctx.quota(&quota::SECURITY_GROUPS_PER_INTERFACE) {
                return Err(AwsError::new(
                    "SecurityGroupsPerInterfaceLimitExceeded",
                    "You have exceeded the maximum number of security groups allowed per network interface.",
                )
                .into());
            }
            let interface = only_interface(&row)?;
            ctx.db.update::<Interface>(&account, interface, |i| i.groups = groups);
        }
        Change::SourceDestCheck(v) => {
            let interface = only_interface(&row)?;
            ctx.db.update::<Interface>(&account, interface, |i| i.source_dest_check = v);
        }
    }
    Ok(())
}
