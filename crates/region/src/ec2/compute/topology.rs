//! DescribeInstanceTopology: how close instances are. Three levels of network nodes, from the outside: the zone's, the cell's,
//! the rack's. Two instances are the closer the more of these they share.

use super::{groups, lists};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::ec2::network::lookup::{Listing, one};
use crate::ec2::network::zone::zone_id;
use crate::rows::{Instance, InstanceState};
use aws_protocol::{AwsError, ec2};
use std::rc::Rc;

/// "Maximum 100 explicitly specified instance IDs", and as many groups.
const NAMED_MAX: usize = 100;
const FILTERS: &[&str] = &["availability-zone", "instance-type", "zone-id"];

pub fn register(table: &mut Table) {
    table.op::<ec2::DescribeInstanceTopologyRequest>(&["GroupName.N", "InstanceId.N"], &[], describe);
}

fn describe(ctx: &mut Ctx, r: Authorized<ec2::DescribeInstanceTopologyRequest>) -> OpResult<ec2::DescribeInstanceTopologyResult> {
    let (ids, names) = (r.instance_ids.as_deref().unwrap_or_default(), r.group_names.as_deref().unwrap_or_default());
    if ids.len() > NAMED_MAX || names.len() > NAMED_MAX {
        return Err(AwsError::invalid_parameter_value(format!("At most {NAMED_MAX} instances or groups can be named.")).into());
    }
    let mut rows: Vec<Rc<Instance>> =
        if ids.is_empty() { ctx.db.list::<Instance>(&ctx.caller.account).collect() } else { lists::instances(ctx, ids)? };
    rows.retain(|i| matches!(i.state, InstanceState::Pending | InstanceState::Running));
    rows.retain(|i| names.is_empty() || groups::of_instance(ctx, i).is_some_and(|g| names.contains(&g.name)));
    rows.sort_by_key(|i| i.id);
    let field = |i: &Rc<Instance>, name: &str| match name {
        "availability-zone" => one(&i.az),
        "instance-type" => one(&i.instance_type),
        "zone-id" => one(zone_id(ctx.settings, &i.az)),
        _ => None,
    };
    let named = r.instance_ids.clone();
    let listing = Listing { ids: &named, filters: &r.filters, max_results: r.max_results, next_token: &r.next_token };
    let (rows, next_token) = listing.select(rows, |i| ctx.tags(i.id), FILTERS, field, |i| i.id.to_string())?;
    let shown = |i: &Rc<Instance>| ec2::InstanceTopology {
        availability_zone: Some(i.az.to_string()),
        group_name: groups::of_instance(ctx, i).map(|g| g.name.clone()),
        instance_id: Some(i.id.to_string()),
        instance_type: Some(i.instance_type.clone()),
        network_nodes: Some(nodes(ctx, i)),
        zone_id: Some(zone_id(ctx.settings, &i.az)),
        ..Default::default()
    };
    Ok(ec2::DescribeInstanceTopologyResult { instances: Some(rows.iter().map(shown).collect()), next_token })
}

fn nodes(ctx: &Ctx, i: &Instance) -> Vec<String> {
    let rack = ctx.settings.host(&i.host).map_or(i.host.as_str(), |(_, h)| h.rack());
    vec![node(&format!("zone/{}", i.az)), node(&format!("cell/{}", i.cell)), node(&format!("rack/{}/{rack}", i.cell))]
}

/// `nn-` and 17 digits that the name of the place gives: accounts compare them, and learn no names.
fn node(place: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, place.as_bytes());
    let hex = hex::encode(digest);
    format!("nn-{}", &hex[..17])
}
