//! CreateTags, DeleteTags, DescribeTags, for every kind of resource that there is.

use super::{images, lists};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::ec2::network::{dhcp_options, peering};
use crate::filter::Filters;
use crate::page::page;
use crate::rows;
use crate::tags;
use aws_protocol::{AwsError, ec2};
use std::collections::BTreeMap;
use types::AccountId;

pub fn register(table: &mut Table) {
    let names = &["ResourceId.N", "Tag.N.Key", "Tag.N.Value"];
    table.op::<ec2::CreateTagsRequest>(names, &[], create);
    table.op::<ec2::DeleteTagsRequest>(names, &[], delete);
    table.op::<ec2::DescribeTagsRequest>(&[], &[], describe);
}

/// CreateTags: "Up to 1000 resource IDs can be specified."
const RESOURCES_MAX: usize = 1000;

type Exists = fn(&Ctx, &AccountId, &str) -> bool;

/// Id prefix, resource type, the code when there is none of that id, and whether there is.
static KINDS: &[(&str, &str, &str, Exists)] = &[
    ("acl", "network-acl", "InvalidNetworkAclID.NotFound", |ctx, account, id| {
        ctx.db.get::<rows::NetworkAcl>(account, id).is_some()
    }),
    ("ami", "image", "InvalidAMIID.NotFound", |_, _, id| images::by_id(id).is_some_and(|i| i.id == id)),
    ("dopt", "dhcp-options", "InvalidDhcpOptionID.NotFound", |ctx, account, id| {
        id.parse().is_ok_and(|id| dhcp_options::get(ctx.db, ctx.settings, account, id).is_some())
    }),
    ("eigw", "egress-only-internet-gateway", "InvalidEgressOnlyInternetGatewayId.NotFound", |ctx, account, id| {
        ctx.db.get::<rows::EgressOnlyGateway>(account, id).is_some()
    }),
    ("eipalloc", "elastic-ip", "InvalidAllocationID.NotFound", |ctx, account, id| {
        ctx.db.get::<rows::Address>(account, id).is_some()
    }),
    ("cr", "capacity-reservation", "InvalidCapacityReservationId.NotFound", |ctx, account, id| {
        ctx.db.get::<rows::CapacityReservation>(account, id).is_some()
    }),
    ("eni", "network-interface", "InvalidNetworkInterfaceID.NotFound", |ctx, account, id| {
        ctx.db.get::<rows::Interface>(account, id).is_some()
    }),
    ("fl", "vpc-flow-log", "InvalidFlowLogId.NotFound", |ctx, account, id| ctx.db.get::<rows::FlowLog>(account, id).is_some()),
    ("h", "dedicated-host", "InvalidHostID.NotFound", |ctx, account, id| {
        ctx.db.get::<rows::DedicatedHost>(account, id).is_some()
    }),
    ("i", "instance", "InvalidInstanceID.NotFound", |ctx, account, id| ctx.db.get::<rows::Instance>(account, id).is_some()),
    ("igw", "internet-gateway", "InvalidInternetGatewayID.NotFound", |ctx, account, id| {
        ctx.db.get::<rows::InternetGateway>(account, id).is_some()
    }),
    ("key", "key-pair", "InvalidKeyPair.NotFound", |ctx, account, id| ctx.db.get::<rows::KeyPair>(account, id).is_some()),
    ("lt", "launch-template", "InvalidLaunchTemplateId.NotFound", |ctx, account, id| {
        ctx.db.get::<rows::LaunchTemplate>(account, id).is_some()
    }),
    ("nat", "natgateway", "NatGatewayNotFound", |ctx, account, id| ctx.db.get::<rows::NatGateway>(account, id).is_some()),
    ("pcx", "vpc-peering-connection", "InvalidVpcPeeringConnectionID.NotFound", |ctx, account, id| {
        id.parse().ok().and_then(|id| peering::get(ctx.db, id)).is_some_and(|p| p.is_of(account))
    }),
    ("pg", "placement-group", "InvalidPlacementGroup.Unknown", |ctx, account, id| {
        ctx.db.get::<rows::PlacementGroup>(account, id).is_some()
    }),
    ("pl", "prefix-list", "InvalidPrefixListID.NotFound", |ctx, account, id| {
        ctx.db.get::<rows::PrefixList>(account, id).is_some()
    }),
    ("rtb", "route-table", "InvalidRouteTableID.NotFound", |ctx, account, id| {
        ctx.db.get::<rows::RouteTable>(account, id).is_some()
    }),
    ("sg", "security-group", "InvalidGroup.NotFound", |ctx, account, id| {
        ctx.db.get::<rows::SecurityGroup>(account, id).is_some()
    }),
    ("sgr", "security-group-rule", "InvalidSecurityGroupRuleId.NotFound", |ctx, account, id| {
        ctx.db.list::<rows::SecurityGroup>(account).any(|g| g.rules.iter().any(|r| r.id.to_string() == id))
    }),
    ("sir", "spot-instances-request", "InvalidSpotInstanceRequestID.NotFound", |ctx, account, id| {
        ctx.db.get::<rows::SpotRequest>(account, id).is_some()
    }),
    ("subnet", "subnet", "InvalidSubnetID.NotFound", |ctx, account, id| ctx.db.get::<rows::Subnet>(account, id).is_some()),
    ("tgw", "transit-gateway", "InvalidTransitGatewayID.NotFound", |ctx, account, id| {
        ctx.db.get::<rows::TransitGateway>(account, id).is_some()
    }),
    ("tgw-attach", "transit-gateway-attachment", "InvalidTransitGatewayAttachmentID.NotFound", |ctx, account, id| {
        ctx.db.get::<rows::TransitAttachment>(account, id).is_some()
    }),
    ("tgw-rtb", "transit-gateway-route-table", "InvalidRouteTableID.NotFound", |ctx, account, id| {
        ctx.db.get::<rows::TransitRouteTable>(account, id).is_some()
    }),
    ("vol", "volume", "InvalidVolume.NotFound", |ctx, account, id| {
        ctx.db.list::<rows::Instance>(account).any(|i| super::volumes::exists(&i) && i.root_volume.to_string() == id)
    }),
    ("vpce", "vpc-endpoint", "InvalidVpcEndpointId.NotFound", |ctx, account, id| {
        ctx.db.get::<rows::VpcEndpoint>(account, id).is_some()
    }),
    ("vpc", "vpc", "InvalidVpcID.NotFound", |ctx, account, id| ctx.db.get::<rows::Vpc>(account, id).is_some()),
];

fn kind(resource: &str) -> Option<&'static (&'static str, &'static str, &'static str, Exists)> {
    let (prefix, _) = resource.rsplit_once('-')?;
    KINDS.iter().find(|(p, ..)| *p == prefix)
}

/// `subnet` of `subnet-0123…`
pub fn resource_type(resource: &str) -> &'static str {
    kind(resource).map_or("", |(_, t, ..)| t)
}

fn check_resources(ctx: &Ctx, resources: &[String]) -> Result<(), AwsError> {
    if resources.len() > RESOURCES_MAX {
        return Err(AwsError::new("InvalidID", format!("A request may name at most {RESOURCES_MAX} resources.")));
    }
    for id in resources {
        let Some((_, resource_type, code, exists)) = kind(id) else {
            return Err(AwsError::new("InvalidID", format!("The ID '{}' is not valid", lists::clip(id))));
        };
        if !exists(ctx, &ctx.caller.account, id) {
            return Err(AwsError::not_found(*code, &format!("{resource_type} ID"), id));
        }
    }
    Ok(())
}

fn create(ctx: &mut Ctx, r: Authorized<ec2::CreateTagsRequest>) -> OpResult<()> {
    let r = r.into_inner();
    let resources = r.resources.unwrap_or_default();
    check_resources(ctx, &resources)?;
    let mut given = BTreeMap::new();
    for tag in r.tags.into_iter().flatten() {
        let (key, value) = (tag.key.unwrap_or_default(), tag.value.unwrap_or_default());
        tags::check(&key, &value)?;
        if given.insert(key.clone(), value).is_some() {
            return Err(AwsError::invalid_parameter_value(format!("Duplicate tag key '{key}' specified.")).into());
        }
    }
    if given.is_empty() {
        return Err(AwsError::missing_parameter("Tag").into());
    }
    for id in &resources {
        ctx.tag(id, given.clone())?;
    }
    Ok(())
}

/// Without tags: all of them. A tag without a value: whatever its value. With one: only if that is its value.
fn delete(ctx: &mut Ctx, r: Authorized<ec2::DeleteTagsRequest>) -> OpResult<()> {
    let r = r.into_inner();
    let resources = r.resources.unwrap_or_default();
    check_resources(ctx, &resources)?;
    for id in &resources {
        let mut left = ctx.tags(id);
        match &r.tags {
            None => left.clear(),
            Some(tags) => {
                for tag in tags {
                    let key = tag.key.as_deref().unwrap_or_default();
                    if key.to_ascii_lowercase().starts_with("aws:") {
                        return Err(tags::check(key, "").err().unwrap_or_else(|| AwsError::internal("tag")).into());
                    }
                    if left.get(key).is_some_and(|v| tag.value.as_ref().is_none_or(|wanted| wanted == v)) {
                        left.remove(key);
                    }
                }
            }
        }
        ctx.untag(id);
        ctx.tag(id, left)?;
    }
    Ok(())
}

fn describe(ctx: &mut Ctx, r: Authorized<ec2::DescribeTagsRequest>) -> OpResult<ec2::DescribeTagsResult> {
    let account = ctx.caller.account.clone();
    let all: Vec<ec2::TagDescription> = ctx
        .db
        .list::<rows::TagSet>(&account)
        .flat_map(|set| {
            let tag = |(k, v): (&String, &String)| ec2::TagDescription {
                key: Some(k.clone()),
                value: Some(v.clone()),
                resource_id: Some(set.resource.clone()),
                resource_type: Some(resource_type(&set.resource).to_owned()),
            };
            set.tags.iter().map(tag).collect::<Vec<_>>()
        })
        .collect();
    let tags = |t: &ec2::TagDescription| t.key.iter().cloned().zip(t.value.iter().cloned()).collect();
    let field = |t: &ec2::TagDescription, name: &str| match name {
        "key" => Some(lists::some(t.key.as_ref())),
        "value" => Some(lists::some(t.value.as_ref())),
        "resource-id" => Some(lists::some(t.resource_id.as_ref())),
        "resource-type" => Some(lists::some(t.resource_type.as_ref())),
        _ => None,
    };
    let names = &["key", "value", "resource-id", "resource-type"];
    let mut found = Filters::new(&r.filters)?.select(all, tags, field, names)?;
    let key =
        |t: &ec2::TagDescription| format!("{}/{}", t.resource_id.clone().unwrap_or_default(), t.key.clone().unwrap_or_default());
    found.sort_by_key(key);
    let (found, next_token) = page(found, r.max_results, &r.next_token, false, key)?;
    Ok(ec2::DescribeTagsResult { tags: Some(found), next_token })
}
