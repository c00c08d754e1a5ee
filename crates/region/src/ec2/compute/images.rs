//! Images: the one that is built in, and the names by which it is found.

use super::lists;
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::filter::Filters;
use crate::page::page;
use crate::ssm;
use aws_protocol::{AwsError, ec2};
use types::ImageId;

pub fn register(table: &mut Table) {
    let names = &["ImageId.N", "Owner.N", "ExecutableBy.N", "IncludeDeprecated", "IncludeDisabled"];
    table.op::<ec2::DescribeImagesRequest>(names, &[], describe);
}

#[derive(Debug, PartialEq, Eq)]
pub struct BuiltIn {
    pub id: &'static str,
    /// Its name in the hosts' image stores.
    pub host_image: &'static str,
    pub name: &'static str,
    pub description: &'static str,
    pub root_device: &'static str,
    pub root_gib: u32,
    pub snapshot: &'static str,
}

/// The account that owns the built-in images (AWS: Amazon's own).
pub const OWNER: &str = "137112412989";
/// A word that is taken for the image's id in requests, to type by hand.
const ALIAS: &str = "ami-micro";
const CREATED: &str = "2026-01-01T00:00:00.000Z";

pub static MICRO: BuiltIn = BuiltIn {
    id: "ami-05742a70ce1100001",
    host_image: "micro",
    name: concat!("stratocell-micro-", env!("CARGO_PKG_VERSION"), "-x86_64"),
    description: "Stratocell micro: busybox, for x86_64",
    root_device: "/dev/xvda",
    root_gib: 1,
    snapshot: "snap-05742a70ce1100001",
};

static ALL: [&BuiltIn; 1] = [&MICRO];

pub fn by_id(id: &str) -> Option<&'static BuiltIn> {
    ALL.into_iter().find(|i| i.id == id || (id == ALIAS && i.id == MICRO.id))
}

/// The image that a request's ImageId names: an id, the alias, or `resolve:ssm:/path`.
pub fn resolve(text: &str) -> Result<&'static BuiltIn, AwsError> {
    let id = match text.strip_prefix("resolve:ssm:") {
        None => text,
        Some(path) => ssm::image_parameter(path)
            .ok_or_else(|| AwsError::invalid_value("ImageId", text, "There is no such parameter in the parameter store."))?,
    };
    by_id(id).map_or_else(|| Err(missing(id)), Ok)
}

fn missing(id: &str) -> AwsError {
    match id.parse::<ImageId>() {
        Ok(_) => AwsError::new("InvalidAMIID.NotFound", format!("The image id '[{id}]' does not exist")),
        Err(_) => AwsError::malformed_id("InvalidAMIID.Malformed", id),
    }
}

const FILTERS: &[&str] = &[
    "architecture",
    "block-device-mapping.delete-on-termination",
    "block-device-mapping.device-name",
    "block-device-mapping.encrypted",
    "block-device-mapping.snapshot-id",
    "block-device-mapping.volume-size",
    "block-device-mapping.volume-type",
    "boot-mode",
    "creation-date",
    "description",
    "ena-support",
    "hypervisor",
    "image-id",
    "image-type",
    "is-public",
    "kernel-id",
    "manifest-location",
    "name",
    "owner-alias",
    "owner-id",
    "platform",
    "product-code",
    "ramdisk-id",
    "root-device-name",
    "root-device-type",
    "source-instance-id",
    "sriov-net-support",
    "state",
    "virtualization-type",
];

fn describe(ctx: &mut Ctx, r: Authorized<ec2::DescribeImagesRequest>) -> OpResult<ec2::DescribeImagesResult> {
    let ids = r.image_ids.clone().unwrap_or_default();
    let mut wanted = Vec::new();
    for id in &ids {
        wanted.push(by_id(id).ok_or_else(|| missing(id))?);
    }
    let owners = r.owners.clone().unwrap_or_default();
    let owned = |o: &String| match o.as_str() {
        "amazon" | OWNER => true,
        // Nobody has images of his own yet.
        _ => false,
    };
    let runnable = |by: &String| by == "all";
    let shown = ALL.into_iter().filter(|i| {
        (ids.is_empty() || wanted.contains(i))
            && (owners.is_empty() || owners.iter().any(owned))
            && r.executable_users.as_ref().is_none_or(|by| by.iter().any(runnable))
    });
    let found = Filters::new(&r.filters)?.select(shown, |i| ctx.tags(i.id), field, FILTERS)?;
    let (found, next_token) = page(found, r.max_results, &r.next_token, !ids.is_empty(), |i| i.id.to_owned())?;
    let images = found.into_iter().map(|i| to_wire(ctx, i)).collect();
    Ok(ec2::DescribeImagesResult { images: Some(images), next_token })
}

fn field(i: &&'static BuiltIn, name: &str) -> Option<Vec<String>> {
    Some(match name {
        "architecture" => lists::one("x86_64"),
        "block-device-mapping.delete-on-termination" | "ena-support" | "is-public" => lists::one("true"),
        "block-device-mapping.device-name" | "root-device-name" => lists::one(i.root_device),
        "block-device-mapping.encrypted" => lists::one("false"),
        "block-device-mapping.snapshot-id" => lists::one(i.snapshot),
        "block-device-mapping.volume-size" => lists::one(i.root_gib),
        "block-device-mapping.volume-type" => lists::one("gp3"),
        "creation-date" => lists::one(CREATED),
        "description" => lists::one(i.description),
        "hypervisor" => lists::one("xen"),
        "image-id" => lists::one(i.id),
        "image-type" => lists::one("machine"),
        "manifest-location" => lists::one(format!("amazon/{}", i.name)),
        "name" => lists::one(i.name),
        "owner-alias" => lists::one("amazon"),
        "owner-id" => lists::one(OWNER),
        "root-device-type" => lists::one("ebs"),
        "sriov-net-support" => lists::one("simple"),
        "state" => lists::one("available"),
        "virtualization-type" => lists::one("hvm"),
        "boot-mode" | "kernel-id" | "platform" | "product-code" | "ramdisk-id" | "source-instance-id" => Vec::new(),
        _ => return None,
    })
}

fn to_wire(ctx: &Ctx, i: &BuiltIn) -> ec2::Image {
    let text = |s: &str| Some(s.to_owned());
    ec2::Image {
        architecture: text("x86_64"),
        block_device_mappings: Some(vec![ec2::BlockDeviceMapping {
            device_name: text(i.root_device),
            ebs: Some(ec2::EbsBlockDevice {
                delete_on_termination: Some(true),
                encrypted: Some(false),
                iops: Some(3000),
                snapshot_id: text(i.snapshot),
                throughput: Some(125),
                volume_size: Some(i.root_gib as i32),
                volume_type: text("gp3"),
                ..Default::default()
            }),
            ..Default::default()
        }]),
        creation_date: text(CREATED),
        description: text(i.description),
        ena_support: Some(true),
        // EC2 says xen of HVM images, whatever they run on.
        hypervisor: text("xen"),
        image_id: text(i.id),
        image_location: Some(format!("amazon/{}", i.name)),
        image_owner_alias: text("amazon"),
        image_type: text("machine"),
        name: text(i.name),
        owner_id: text(OWNER),
        platform_details: text("Linux/UNIX"),
        public: Some(true),
        root_device_name: text(i.root_device),
        root_device_type: text("ebs"),
        sriov_net_support: text("simple"),
        state: text("available"),
        tags: ctx.tag_list(i.id),
        usage_operation: text("RunInstances"),
        virtualization_type: text("hvm"),
        ..Default::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_ids_and_all_names_lead_to_the_image() {
        assert!(MICRO.id.parse::<ImageId>().is_ok() && MICRO.snapshot.parse::<types::SnapshotId>().is_ok());
        for name in [MICRO.id, "ami-micro", "resolve:ssm:/aws/service/stratocell/micro/latest"] {
            assert_eq!(resolve(name), Ok(&MICRO), "{name}");
        }
        for (name, code) in [
            ("ami-0123456789abcdef0", "InvalidAMIID.NotFound"),
            ("ami-nonsense", "InvalidAMIID.Malformed"),
            ("resolve:ssm:/no/such", "InvalidParameterValue"),
        ] {
            assert!(resolve(name).is_err_and(|e| e.is(code)), "{name}");
        }
    }
}
