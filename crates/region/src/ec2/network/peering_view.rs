//! VPC peering connections as replies show them, and their options.

use super::lookup::{Listing, many, one, required};
use super::peering::{self, find_peering};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::rows::{Peering, PeeringSide, PeeringState};
use aws_protocol::{AwsError, ec2};
use std::collections::BTreeMap;
use std::rc::Rc;
use types::PeeringId;

const FILTERS: &[&str] = &[
    "accepter-vpc-info.cidr-block",
    "accepter-vpc-info.owner-id",
    "accepter-vpc-info.vpc-id",
    "expiration-time",
    "requester-vpc-info.cidr-block",
    "requester-vpc-info.owner-id",
    "requester-vpc-info.vpc-id",
    "status-code",
    "status-message",
    "vpc-peering-connection-id",
];

pub fn register(table: &mut Table) {
    table.op::<ec2::DescribeVpcPeeringConnectionsRequest>(&["VpcPeeringConnectionId.N"], &[], describe);
    table.op::<ec2::ModifyVpcPeeringConnectionOptionsRequest>(
        &["VpcPeeringConnectionId", "AccepterPeeringConnectionOptions.*", "RequesterPeeringConnectionOptions.*"],
        &[],
        modify_options,
    );
}

fn describe(
    ctx: &mut Ctx,
    req: Authorized<ec2::DescribeVpcPeeringConnectionsRequest>,
) -> OpResult<ec2::DescribeVpcPeeringConnectionsResult> {
    let listing = Listing {
        ids: &req.vpc_peering_connection_ids,
        filters: &req.filters,
        max_results: req.max_results,
        next_token: &req.next_token,
    };
    let peerings: Vec<Rc<Peering>> = if listing.names_ids() {
        let mut named: BTreeMap<PeeringId, _> = BTreeMap::new();
        for id in req.vpc_peering_connection_ids.iter().flatten() {
            let p = find_peering(ctx, id)?;
            named.insert(p.id, p);
        }
        named.into_values().collect()
    } else {
        ctx.db.all::<Peering>().filter(|p| p.is_of(&ctx.caller.account)).collect()
    };
    let field = |p: &Rc<Peering>, name: &str| match name {
        "accepter-vpc-info.cidr-block" => many(accepter(ctx, p).cidrs),
        "accepter-vpc-info.owner-id" => one(&p.accepter.account),
        "accepter-vpc-info.vpc-id" => one(p.accepter.vpc),
        "expiration-time" => one(super::interface_view::time_text(p.expires)),
        "requester-vpc-info.cidr-block" => many(peering::now(ctx.db, &p.requester).cidrs),
        "requester-vpc-info.owner-id" => one(&p.requester.account),
        "requester-vpc-info.vpc-id" => one(p.requester.vpc),
        "status-code" => one(p.state_at(ctx.now).name()),
        "status-message" => one(message(p, p.state_at(ctx.now))),
        "vpc-peering-connection-id" => one(p.id),
        _ => None,
    };
    let (rows, next_token) = listing.select(peerings, |p| ctx.tags(p.id), FILTERS, field, |p| p.id.to_string())?;
    let shown = rows.iter().map(|p| to_ec2_peering(ctx, p)).collect();
    Ok(ec2::DescribeVpcPeeringConnectionsResult { vpc_peering_connections: Some(shown), next_token })
}

fn message(p: &Peering, state: PeeringState) -> String {
    match state {
        PeeringState::PendingAcceptance => format!("Pending Acceptance by {}", p.accepter.account),
        PeeringState::Active => "Active".to_owned(),
        PeeringState::Rejected => format!("Rejected by {}", p.accepter.account),
        PeeringState::Expired => "Expired".to_owned(),
        PeeringState::Failed => "Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range".to_owned(),
        PeeringState::Deleted { by_requester: true } => format!("Deleted by {}", p.requester.account),
        PeeringState::Deleted { by_requester: false } => format!("Deleted by {}", p.accepter.account),
    }
}

/// The requester learns its blocks once the peering is active.
fn accepter(ctx: &Ctx, p: &Peering) -> PeeringSide {
    if p.is_active() { peering::now(ctx.db, &p.accepter) } else { p.accepter.clone() }
}

fn options() -> ec2::VpcPeeringConnectionOptionsDescription {
    ec2::VpcPeeringConnectionOptionsDescription {
        allow_dns_resolution_from_remote_vpc: Some(false),
        allow_egress_from_local_classic_link_to_remote_vpc: Some(false),
        allow_egress_from_local_vpc_to_remote_classic_link: Some(false),
    }
}

pub fn to_ec2_peering(ctx: &Ctx, p: &Peering) -> ec2::VpcPeeringConnection {
    let info = |side: PeeringSide| ec2::VpcPeeringConnectionVpcInfo {
        cidr_block: side.cidrs.first().map(|c| c.to_string()),
        cidr_block_set: (!side.cidrs.is_empty())
            .then(|| side.cidrs.iter().map(|c| ec2::CidrBlock { cidr_block: Some(c.to_string()) }).collect()),
        ipv6_cidr_block_set: (!side.cidrs6.is_empty())
            .then(|| side.cidrs6.iter().map(|c| ec2::Ipv6CidrBlock { ipv6_cidr_block: Some(c.to_string()) }).collect()),
        owner_id: Some(side.account.to_string()),
        peering_options: p.is_active().then(options),
        region: Some(ctx.settings.region.to_string()),
        vpc_id: Some(side.vpc.to_string()),
    };
    let state = p.state_at(ctx.now);
    ec2::VpcPeeringConnection {
        accepter_vpc_info: Some(info(accepter(ctx, p))),
        expiration_time: (state == PeeringState::PendingAcceptance).then_some(p.expires),
        requester_vpc_info: Some(info(peering::now(ctx.db, &p.requester))),
        status: Some(ec2::VpcPeeringConnectionStateReason {
            code: Some(state.name().to_owned()),
            message: Some(message(p, state)),
        }),
        tags: ctx.tag_list(p.id),
        vpc_peering_connection_id: Some(p.id.to_string()),
    }
}

/// As the answer to the request for it: whether it is possible shows later.
pub fn to_ec2_request(ctx: &Ctx, p: &Peering) -> ec2::VpcPeeringConnection {
    ec2::VpcPeeringConnection {
        expiration_time: Some(p.expires),
        status: Some(ec2::VpcPeeringConnectionStateReason {
            code: Some("initiating-request".to_owned()),
            message: Some(format!("Initiating Request to {}", p.accepter.account)),
        }),
        ..to_ec2_peering(ctx, p)
    }
}

/// All options can only be switched off, which they are: there are no public names that a peer could resolve, and no
/// EC2-Classic.
fn modify_options(
    ctx: &mut Ctx,
    req: Authorized<ec2::ModifyVpcPeeringConnectionOptionsRequest>,
) -> OpResult<ec2::ModifyVpcPeeringConnectionOptionsResult> {
    let p = find_peering(ctx, required(&req.vpc_peering_connection_id, "VpcPeeringConnectionId")?)?;
    if !p.is_active() {
        let message = format!("The VPC peering connection {} is not active.", p.id);
        return Err(AwsError::new("OperationNotPermitted", message).into());
    }
    let sides = [
        (&req.accepter_peering_connection_options, &p.accepter.account),
        (&req.requester_peering_connection_options, &p.requester.account),
    ];
    if sides.iter().all(|(given, _)| given.is_none()) {
        return Err(AwsError::missing_parameter("AccepterPeeringConnectionOptions").into());
    }
    let mut shown = Vec::new();
    for (given, account) in sides {
        let Some(given) = given else {
            shown.push(None);
            continue;
        };
        if *account != ctx.caller.account {
            let message = format!("User {} cannot modify the options of {account} of peering {}", ctx.caller.account, p.id);
            return Err(AwsError::new("OperationNotPermitted", message).into());
        }
        let never = [
            ("AllowDnsResolutionFromRemoteVpc", given.allow_dns_resolution_from_remote_vpc),
            ("AllowEgressFromLocalClassicLinkToRemoteVpc", given.allow_egress_from_local_classic_link_to_remote_vpc),
            ("AllowEgressFromLocalVpcToRemoteClassicLink", given.allow_egress_from_local_vpc_to_remote_classic_link),
        ];
        if let Some((name, _)) = never.iter().find(|(_, v)| *v == Some(true)) {
            return Err(AwsError::unsupported_operation(format!("{name} cannot be switched on in this region.")).into());
        }
        shown.push(Some(ec2::PeeringConnectionOptions {
            allow_dns_resolution_from_remote_vpc: Some(false),
            allow_egress_from_local_classic_link_to_remote_vpc: Some(false),
            allow_egress_from_local_vpc_to_remote_classic_link: Some(false),
        }));
    }
    let requester_peering_connection_options = shown.pop().flatten();
    let accepter_peering_connection_options = shown.pop().flatten();
    Ok(ec2::ModifyVpcPeeringConnectionOptionsResult { accepter_peering_connection_options, requester_peering_connection_options })
}
