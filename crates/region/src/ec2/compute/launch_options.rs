//! What a RunInstances request asks for, checked: everything that does not depend on room or addresses.

use super::groups::{self, Grouped};
use super::images::{self, BuiltIn};
use super::keys;
use super::launch_interfaces::{self, Wanted};
use super::types::{self, Family, Size};
use super::{capacity, maintenance, metadata, placement, profile, spot};
use crate::context::{Ctx, OpResult};
use crate::rows::{CapacityChoice, InstanceProfile, MetadataOptions, Vpc};
use crate::tags;
use aws_protocol::{AwsError, ec2};
use base64::Engine;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::{alphabet, engine::DecodePaddingMode};
use std::collections::BTreeMap;
use std::rc::Rc;

/// "User data is limited to 16 KB, in raw form, before it is base64-encoded."
pub const USER_DATA_BYTES_MAX: usize = 16 * 1024;
/// EBS: gp2 and gp3 volumes have at most 16 TiB (gp3 64 TiB since 2025; hosts have less).
const ROOT_GIB_MAX: i32 = 16 * 1024;

/// Padding is asked for by EC2 but left out by some clients.
static B64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

pub struct Options {
    pub image: &'static BuiltIn,
    pub family: &'static Family,
    pub size: &'static Size,
    pub count_min: u32,
    pub count_max: u32,
    /// By device index.
    pub interfaces: Vec<Wanted>,
    pub key_name: Option<String>,
    pub user_data: Option<String>,
    pub root_disk_gib: u32,
    pub volume_type: String,
    pub shutdown_behavior: String,
    pub disable_api_termination: bool,
    pub disable_api_stop: bool,
    pub recovery_disabled: bool,
    pub monitoring: bool,
    pub cpu_credits: Option<String>,
    pub metadata: MetadataOptions,
    pub profile: Option<Rc<InstanceProfile>>,
    pub group: Option<Grouped>,
    pub capacity: CapacityChoice,
    pub place: placement::Asked,
    /// `None`: on demand.
    pub spot: Option<spot::Market>,
    pub hostname_type: String,
    pub instance_tags: BTreeMap<String, String>,
    pub volume_tags: BTreeMap<String, String>,
    pub interface_tags: BTreeMap<String, String>,
}

/// Whether the request says nothing of where: any zone will do.
pub fn leaves_zone_open(r: &ec2::RunInstancesRequest) -> bool {
    let zone = r.placement.as_ref().is_some_and(|p| p.availability_zone.is_some());
    let named = |n: &ec2::InstanceNetworkInterfaceSpecification| n.subnet_id.is_some() || n.network_interface_id.is_some();
    let subnet = r.network_interfaces.iter().flatten().any(named);
    !zone && !subnet && r.subnet_id.is_none()
}

/// `zone`: the one to try, for a request that leaves it open.
pub fn read(ctx: &mut Ctx, r: &ec2::RunInstancesRequest, zone: Option<&str>) -> OpResult<Options> {
    let (count_min, count_max) = counts(r)?;
    let image = images::resolve(r.image_id.as_deref().ok_or_else(|| AwsError::missing_parameter("ImageId"))?)?;
    let (family, size) = instance_type(r.instance_type.as_deref().unwrap_or("m1.small"))?;
    let (root_disk_gib, volume_type) = root_device(image, r)?;
    refuse_optimised_xen(family, r)?;
    let place = placement::asked(r.placement.as_ref())?;
    let in_zone = r.placement.as_ref().and_then(|p| p.availability_zone.as_deref());
    let interfaces = launch_interfaces::read(ctx, r, in_zone.or(zone), size)?;
    if let Some(name) = &r.key_name {
        keys::named(ctx, name)?;
    }
    let profile = r.iam_instance_profile.as_ref().map(|p| profile::named(ctx, p)).transpose()?;
    Ok(Options {
        profile,
        group: groups::of_launch(ctx, r.placement.as_ref(), family)?,
        capacity: capacity::choice(r.capacity_reservation_specification.as_ref())?,
        spot: spot::asked(ctx, r, size)?,
        image,
        family,
        size,
        count_min,
        count_max,
        key_name: r.key_name.clone(),
        user_data: user_data(r.user_data.as_deref())?,
        root_disk_gib,
        volume_type,
        shutdown_behavior: shutdown_behavior(r.instance_initiated_shutdown_behavior.as_deref().unwrap_or("stop"))?,
        disable_api_termination: r.disable_api_termination.unwrap_or(false),
        disable_api_stop: r.disable_api_stop.unwrap_or(false),
        recovery_disabled: maintenance::is_disabled(r.maintenance_options.as_ref().and_then(|m| m.auto_recovery.as_deref()))?,
        monitoring: r.monitoring.as_ref().and_then(|m| m.enabled).unwrap_or(false),
        cpu_credits: cpu_credits(family, r)?,
        metadata: metadata::at_launch(r.metadata_options.as_ref())?,
        place: place.within(ctx.db.get::<Vpc>(&ctx.caller.account, interfaces[0].subnet.vpc).as_deref()),
        hostname_type: interfaces[0].subnet.hostname_type.clone(),
        instance_tags: tags::specified(&r.tag_specifications, "instance")?,
        volume_tags: tags::specified(&r.tag_specifications, "volume")?,
        interface_tags: tags::specified(&r.tag_specifications, "network-interface")?,
        interfaces,
    })
}

fn counts(r: &ec2::RunInstancesRequest) -> Result<(u32, u32), AwsError> {
    let count = |value: Option<i32>, name: &str| match value {
        Some(n) if n >= 1 => Ok(n as u32),
        Some(n) => Err(AwsError::invalid_value(name, &n.to_string(), "It must be at least 1.")),
        None => Err(AwsError::missing_parameter(name)),
    };
    let (min, max) = (count(r.min_count, "minCount")?, count(r.max_count, "maxCount")?);
    if min > max {
        return Err(AwsError::invalid_parameter_combination("MinCount must not be greater than MaxCount"));
    }
    Ok((min, max))
}

pub fn instance_type(name: &str) -> Result<(&'static Family, &'static Size), AwsError> {
    types::find(name).ok_or_else(|| {
        AwsError::invalid_value("InstanceType", name, "It is not an instance type of this region (see DescribeInstanceTypes).")
    })
}

pub fn shutdown_behavior(value: &str) -> Result<String, AwsError> {
    match value {
        "stop" | "terminate" => Ok(value.to_owned()),
        other => Err(AwsError::invalid_value("InstanceInitiatedShutdownBehavior", other, "Expected stop or terminate.")),
    }
}

/// Checked, and kept as it was given.
pub fn user_data(given: Option<&str>) -> Result<Option<String>, AwsError> {
    let Some(text) = given.filter(|t| !t.is_empty()) else { return Ok(None) };
    let compact: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let raw = B64.decode(&compact).map_err(|_| AwsError::invalid_parameter_value("Invalid BASE64 encoding of user data."))?;
    check_user_data_size(raw.len())?;
    Ok(Some(compact))
}

pub fn check_user_data_size(bytes: usize) -> Result<(), AwsError> {
    if bytes > USER_DATA_BYTES_MAX {
        return Err(AwsError::invalid_parameter_value(format!("User data is limited to {USER_DATA_BYTES_MAX} bytes")));
    }
    Ok(())
}

/// The root device's size and type. Other devices are refused: there are no other volumes yet.
fn root_device(image: &BuiltIn, r: &ec2::RunInstancesRequest) -> Result<(u32, String), AwsError> {
    let mut answer = (image.root_gib, "gp3".to_owned());
    let mut seen = false;
    for mapping in r.block_device_mappings.iter().flatten() {
        let name = mapping.device_name.as_deref().ok_or_else(|| AwsError::missing_parameter("BlockDeviceMapping.DeviceName"))?;
        if name != image.root_device {
            return Err(AwsError::unsupported_operation(format!(
                "The block device '{name}' is not supported by this region: only the root device {} can be mapped.",
                image.root_device
            )));
        }
        if std::mem::replace(&mut seen, true) {
            return Err(AwsError::new(
                "InvalidBlockDeviceMapping",
                format!("The device '{name}' is used in more than one mapping"),
            ));
        }
        let Some(ebs) = &mapping.ebs else { continue };
        if ebs.delete_on_termination == Some(false) {
            return Err(AwsError::unsupported_operation(
                "BlockDeviceMapping.Ebs.DeleteOnTermination=false is not supported by this region: the root volume ends with its instance.",
            ));
        }
        if let Some(gib) = ebs.volume_size {
            if gib < image.root_gib as i32 {
                return Err(AwsError::new(
                    "InvalidBlockDeviceMapping",
                    format!(
                        "Volume of size {gib}GB is smaller than snapshot '{}', expect size>= {}GB",
                        image.snapshot, image.root_gib
                    ),
                ));
            }
            if gib > ROOT_GIB_MAX {
                return Err(AwsError::invalid_parameter_value(format!(
                    "Volume of {gib}GiB is too large: at most {ROOT_GIB_MAX}GiB."
                )));
            }
            answer.0 = gib as u32;
        }
        match ebs.volume_type.as_deref() {
            None => {}
            Some(kind @ ("gp2" | "gp3")) => answer.1 = kind.to_owned(),
            Some(other @ ("io1" | "io2" | "st1" | "sc1" | "standard")) => {
                return Err(AwsError::unsupported_operation(format!(
                    "The volume type '{other}' is not supported by this region: use gp2 or gp3."
                )));
            }
            Some(other) => return Err(AwsError::invalid_value("VolumeType", other, "Expected gp2 or gp3.")),
        }
    }
    Ok(answer)
}

fn refuse_optimised_xen(family: &Family, r: &ec2::RunInstancesRequest) -> Result<(), AwsError> {
    if r.ebs_optimized == Some(true) && !family.nitro {
        return Err(AwsError::new(
            "Unsupported",
            "The requested configuration is currently not supported. Please check the documentation for supported configurations.",
        ));
    }
    Ok(())
}

/// T3 is unlimited unless asked otherwise, T2 standard.
fn cpu_credits(family: &Family, r: &ec2::RunInstancesRequest) -> Result<Option<String>, AwsError> {
    let asked = r.credit_specification.as_ref().and_then(|c| c.cpu_credits.as_deref());
    match (family.burstable, asked) {
        (false, None) => Ok(None),
        (false, Some(_)) => Err(AwsError::invalid_parameter_combination(format!(
            "The CreditSpecification parameter is not supported for instance types of the family {}",
            family.name
        ))),
        (true, Some(kind @ ("standard" | "unlimited"))) => Ok(Some(kind.to_owned())),
        (true, Some(other)) => Err(AwsError::invalid_value("CpuCredits", other, "Expected standard or unlimited.")),
        (true, None) => Ok(Some(if family.name == "t2" { "standard" } else { "unlimited" }.to_owned())),
    }
}
