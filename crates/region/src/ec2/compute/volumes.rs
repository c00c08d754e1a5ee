//! DescribeVolumes: the root volumes, derived from the instances that have them. There are no others yet.

use super::{images, lists, names};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::ec2::network::zone::zone_id;
use crate::filter::Filters;
use crate::page::page;
use crate::rows::{Instance, InstanceState};
use aws_protocol::{AwsError, ec2};
use std::rc::Rc;
use types::VolumeId;

pub fn register(table: &mut Table) {
    table.op::<ec2::DescribeVolumesRequest>(&["VolumeId.N", "IncludeManagedResources"], &[], describe);
}

/// A root volume is as old as its instance and ends with it.
pub fn exists(i: &Instance) -> bool {
    i.state != InstanceState::Terminated
}

const FILTERS: &[&str] = &[
    "attachment.attach-time",
    "attachment.delete-on-termination",
    "attachment.device",
    "attachment.instance-id",
    "attachment.status",
    "availability-zone",
    "availability-zone-id",
    "create-time",
    "encrypted",
    "fast-restored",
    "multi-attach-enabled",
    "operator.managed",
    "size",
    "snapshot-id",
    "status",
    "volume-id",
    "volume-type",
];

/// gp2: 3 operations a second and GiB, between 100 and 16,000; gp3: 3,000 unless more is bought.
fn iops(kind: &str, gib: u32) -> i32 {
    if kind == "gp2" { (gib.saturating_mul(3)).clamp(100, 16_000) as i32 } else { 3000 }
}

fn device(i: &Instance) -> &'static str {
    images::by_id(&i.image).map_or("/dev/xvda", |image| image.root_device)
}

fn snapshot(i: &Instance) -> &'static str {
    images::by_id(&i.image).map_or("", |image| image.snapshot)
}

fn describe(ctx: &mut Ctx, r: Authorized<ec2::DescribeVolumesRequest>) -> OpResult<ec2::DescribeVolumesResult> {
    let ids = r.volume_ids.clone().unwrap_or_default();
    let mut rows: Vec<Rc<Instance>> = ctx.db.list::<Instance>(&ctx.caller.account).filter(|i| exists(i)).collect();
    for id in &ids {
        let parsed: VolumeId = id.parse().map_err(|_| AwsError::invalid_value("volumeId", id, "Expected: 'vol-...'."))?;
        if !rows.iter().any(|i| i.root_volume == parsed) {
            return Err(AwsError::new("InvalidVolume.NotFound", format!("The volume '{parsed}' does not exist.")).into());
        }
    }
    if !ids.is_empty() {
        rows.retain(|i| ids.contains(&i.root_volume.to_string()));
    }
    let filters = Filters::new(&r.filters)?;
    let mut rows = filters.select(rows, |i| ctx.tags(i.root_volume), |i, name| field(ctx, i, name), FILTERS)?;
    rows.sort_by_key(|i| i.root_volume);
    let (rows, next_token) = page(rows, r.max_results, &r.next_token, !ids.is_empty(), |i| i.root_volume.to_string())?;
    Ok(ec2::DescribeVolumesResult { next_token, volumes: Some(rows.iter().map(|i| to_wire(ctx, i)).collect()) })
}

fn field(ctx: &Ctx, i: &Instance, name: &str) -> Option<Vec<String>> {
    Some(match name {
        "attachment.attach-time" | "create-time" => lists::one(names::iso(i.launched)),
        "attachment.delete-on-termination" => lists::one(true),
        "attachment.device" => lists::one(device(i)),
        "attachment.instance-id" => lists::one(i.id),
        "attachment.status" => lists::one("attached"),
        "availability-zone" => lists::one(&i.az),
        "availability-zone-id" => lists::one(zone_id(ctx.settings, &i.az)),
        "encrypted" | "fast-restored" | "multi-attach-enabled" | "operator.managed" => lists::one(false),
        "size" => lists::one(i.root_disk_gib),
        "snapshot-id" => lists::one(snapshot(i)),
        "status" => lists::one("in-use"),
        "volume-id" => lists::one(i.root_volume),
        "volume-type" => lists::one(&i.volume_type),
        _ => return None,
    })
}

fn to_wire(ctx: &Ctx, i: &Instance) -> ec2::Volume {
    ec2::Volume {
        attachments: Some(vec![ec2::VolumeAttachment {
            attach_time: Some(i.launched),
            delete_on_termination: Some(true),
            device: Some(device(i).to_owned()),
            instance_id: Some(i.id.to_string()),
            state: Some("attached".to_owned()),
            volume_id: Some(i.root_volume.to_string()),
            ..Default::default()
        }]),
        availability_zone: Some(i.az.to_string()),
        availability_zone_id: Some(zone_id(ctx.settings, &i.az)),
        create_time: Some(i.launched),
        encrypted: Some(false),
        iops: Some(iops(&i.volume_type, i.root_disk_gib)),
        multi_attach_enabled: Some(false),
        operator: Some(ec2::OperatorResponse { managed: Some(false), ..Default::default() }),
        size: Some(i.root_disk_gib as i32),
        snapshot_id: Some(snapshot(i).to_owned()),
        state: Some("in-use".to_owned()),
        tags: ctx.tag_list(i.root_volume),
        throughput: (i.volume_type == "gp3").then_some(125),
        volume_id: Some(i.root_volume.to_string()),
        volume_type: Some(i.volume_type.clone()),
        ..Default::default()
    }
}
