//! VPC peering connections: asked for by one VPC's owner, accepted by the other's. What is shown of them is in
//! [`super::peering_view`].
//!
//! ```text
//!  (request) ──► pending-acceptance ──► active ──► deleted
//!      │              │ │ └─► rejected
//!      └─► failed     │ └───► expired (7 days)
//!                     └─────► deleted (by the requester)
//! ```
//! Source: "VPC peering connection lifecycle" in the VPC peering guide. A peering is one row for both accounts.

use super::lookup::{PEERING_CODES, find, required};
use super::{peering_view, quota};
use crate::context::{Authorized, Ctx, OpResult};
use crate::db::{Db, system_account};
use crate::dispatch::Table;
use crate::rows::{Peering, PeeringSide, PeeringState, TagSet, Vpc};
use crate::tags;
use aws_protocol::{AwsError, ec2};
use std::rc::Rc;
use types::{AccountId, Ipv4Cidr, PeeringId, TimestampMs, VpcId};

const DAY_MS: u64 = 24 * 3600 * 1000;
const PENDING_MS: u64 = 7 * DAY_MS;
/// Deleted and failed ones are shown for two hours, rejected and expired ones for two days.
const DELETED_SHOWN_MS: u64 = 2 * 3600 * 1000;
const REFUSED_SHOWN_MS: u64 = 2 * DAY_MS;

pub fn register(table: &mut Table) {
    table.op::<ec2::CreateVpcPeeringConnectionRequest>(
        &["VpcId", "PeerVpcId", "PeerOwnerId", "PeerRegion"],
        &["vpc-peering-connection"],
        create,
    );
    table.op::<ec2::AcceptVpcPeeringConnectionRequest>(&["VpcPeeringConnectionId"], &[], accept);
    table.op::<ec2::RejectVpcPeeringConnectionRequest>(&["VpcPeeringConnectionId"], &[], reject);
    table.op::<ec2::DeleteVpcPeeringConnectionRequest>(&["VpcPeeringConnectionId"], &[], delete);
}

impl Peering {
    /// A request that nobody answered in time is expired, whether or not somebody has come by to write it down.
    pub fn state_at(&self, now: TimestampMs) -> PeeringState {
        match self.state {
            PeeringState::PendingAcceptance if now.0 >= self.expires.0 => PeeringState::Expired,
            state => state,
        }
    }

    pub fn is_active(&self) -> bool {
        self.state == PeeringState::Active
    }

    pub fn is_of(&self, account: &AccountId) -> bool {
        self.requester.account == *account || self.accepter.account == *account
    }

    /// The other side of a VPC's.
    pub fn peer_of(&self, vpc: VpcId) -> Option<&PeeringSide> {
        match vpc {
            v if v == self.requester.vpc => Some(&self.accepter),
            v if v == self.accepter.vpc => Some(&self.requester),
            _ => None,
        }
    }
}

/// A peering that the caller has a side of.
pub(super) fn find_peering(ctx: &Ctx, id: &str) -> Result<Rc<Peering>, AwsError> {
    let parsed: PeeringId = PEERING_CODES.parse(id)?;
    let found = get(ctx.db, parsed).filter(|p| p.is_of(&ctx.caller.account));
    found.ok_or_else(|| PEERING_CODES.not_found(id))
}

pub fn get(db: &Db, id: PeeringId) -> Option<Rc<Peering>> {
    db.get::<Peering>(&system_account(), id)
}

/// The active peerings of a VPC.
pub fn active_of(db: &Db, vpc: VpcId) -> impl Iterator<Item = (PeeringId, PeeringSide)> + '_ {
    db.all::<Peering>().filter(|p| p.is_active()).filter_map(move |p| Some((p.id, p.peer_of(vpc)?.clone())))
}

pub(super) fn overlap(a: &[Ipv4Cidr], b: &[Ipv4Cidr]) -> bool {
    a.iter().any(|x| b.iter().any(|y| x.overlaps(*y)))
}

fn create(
    ctx: &mut Ctx,
    req: Authorized<ec2::CreateVpcPeeringConnectionRequest>,
) -> OpResult<ec2::CreateVpcPeeringConnectionResult> {
    if let Some(region) = req.peer_region.as_deref().filter(|r| *r != ctx.settings.region.as_str()) {
        let shown: String = region.chars().take(32).collect();
        let message = format!("A peering with a VPC of another region ({shown}) is not supported: PeerRegion must be this one.");
        return Err(AwsError::unsupported_operation(message).into());
    }
    let vpc = find::<Vpc>(ctx, required(&req.vpc_id, "VpcId")?)?;
    let peer_id = required(&req.peer_vpc_id, "PeerVpcId")?;
    let own = ctx.caller.account.clone();
    let owner: AccountId = match req.peer_owner_id.as_deref() {
        None => own.clone(),
        Some(text) => {
            let sentence = "An account ID has twelve digits.";
            text.parse().map_err(|_| AwsError::invalid_value("peerOwnerId", text, sentence))?
        }
    };
    let peer_vpc: VpcId = <Vpc as super::lookup::Resource>::CODES.parse(peer_id)?;
    let peer = if owner == own { Some(find::<Vpc>(ctx, peer_id)?) } else { ctx.db.get::<Vpc>(&owner, peer_vpc) };
    if peer_vpc == vpc.id {
        return Err(AwsError::invalid_parameter_value(format!("The VPC '{}' cannot be peered with itself.", vpc.id)).into());
    }
    check_counts(ctx, &vpc, peer_vpc)?;
    // What EC2 tells only afterwards, lest a caller learns of other accounts' VPCs.
    let possible = peer.as_ref().is_some_and(|p| !overlap(&vpc.cidrs(), &p.cidrs()));
    let peering = Peering {
        id: ctx.new_id(PeeringId::from_random),
        requester: PeeringSide { account: own, vpc: vpc.id, cidrs: vpc.cidrs(), cidrs6: vpc.cidrs6() },
        accepter: PeeringSide { account: owner, vpc: peer_vpc, cidrs: Vec::new(), cidrs6: Vec::new() },
        state: if possible { PeeringState::PendingAcceptance } else { PeeringState::Failed },
        since: ctx.now,
        expires: TimestampMs(ctx.now.0 + PENDING_MS),
    };
    ctx.tag(peering.id, tags::specified(&req.tag_specifications, "vpc-peering-connection")?)?;
    ctx.db.put(peering.clone());
    let shown = peering_view::to_ec2_request(ctx, &peering);
    Ok(ec2::CreateVpcPeeringConnectionResult { vpc_peering_connection: Some(shown) })
}

fn check_counts(ctx: &Ctx, vpc: &Vpc, peer: VpcId) -> Result<(), AwsError> {
    let (mut active, mut outstanding) = (0, 0);
    for p in ctx.db.all::<Peering>() {
        let state = p.state_at(ctx.now);
        let alive = matches!(state, PeeringState::PendingAcceptance | PeeringState::Active);
        if alive && p.peer_of(vpc.id).is_some_and(|other| other.vpc == peer) {
            let message = format!("A VPC peering connection between {} and {peer} already exists: {}", vpc.id, p.id);
            return Err(AwsError::new("VpcPeeringConnectionAlreadyExists", message));
        }
        active += usize::from(state == PeeringState::Active && p.peer_of(vpc.id).is_some());
        outstanding += usize::from(state == PeeringState::PendingAcceptance && p.requester.account == ctx.caller.account);
    }
    if outstanding >= ctx.quota(&quota::OUTSTANDING_PEERINGS) {
        let message = "The maximum number of outstanding VPC peering connection requests has been reached.";
        return Err(AwsError::new("OutstandingVpcPeeringConnectionLimitExceeded", message));
    }
    if active >= ctx.quota(&quota::ACTIVE_PEERINGS_PER_VPC) {
        return Err(too_many_active(vpc.id));
    }
    Ok(())
}

fn too_many_active(vpc: VpcId) -> AwsError {
    let message = format!("The maximum number of active VPC peering connections of {vpc} has been reached.");
    AwsError::new("ActiveVpcPeeringConnectionPerVpcLimitExceeded", message)
}

fn no_transition(p: &Peering, now: TimestampMs, to: &str) -> AwsError {
    let from = p.state_at(now).name();
    let message = format!("Invalid state transition for {}, attempting to transition from {from} to {to}", p.id);
    AwsError::new("InvalidStateTransition", message)
}

fn not_yours(ctx: &Ctx, p: &Peering, verb: &str) -> AwsError {
    let message = format!("User {} cannot {verb} peering {}", ctx.caller.account, p.id);
    AwsError::new("OperationNotPermitted", message)
}

/// A side with its VPC's blocks as they are; those of a VPC that is gone as they were.
pub fn now(db: &Db, side: &PeeringSide) -> PeeringSide {
    match db.get::<Vpc>(&side.account, side.vpc) {
        Some(v) => PeeringSide { cidrs: v.cidrs(), cidrs6: v.cidrs6(), ..side.clone() },
        None => side.clone(),
    }
}

fn set(ctx: &mut Ctx, p: &Peering, state: PeeringState) -> Peering {
    let mut p = p.clone();
    p.requester = now(ctx.db, &p.requester);
    if p.is_active() || state == PeeringState::Active {
        p.accepter = now(ctx.db, &p.accepter);
    }
    p.state = state;
    p.since = ctx.now;
    ctx.db.put(p.clone());
    p
}

fn accept(
    ctx: &mut Ctx,
    req: Authorized<ec2::AcceptVpcPeeringConnectionRequest>,
) -> OpResult<ec2::AcceptVpcPeeringConnectionResult> {
    let p = find_peering(ctx, required(&req.vpc_peering_connection_id, "VpcPeeringConnectionId")?)?;
    if p.accepter.account != ctx.caller.account {
        return Err(not_yours(ctx, &p, "accept").into());
    }
    if p.state_at(ctx.now) != PeeringState::PendingAcceptance {
        return Err(no_transition(&p, ctx.now, "active").into());
    }
    let cidrs = |side: &PeeringSide| ctx.db.get::<Vpc>(&side.account, side.vpc).map(|v| v.cidrs());
    let possible = match (cidrs(&p.requester), cidrs(&p.accepter)) {
        (Some(a), Some(b)) => !overlap(&a, &b),
        _ => false,
    };
    for side in [&p.requester, &p.accepter] {
        if active_of(ctx.db, side.vpc).count() >= ctx.quota(&quota::ACTIVE_PEERINGS_PER_VPC) {
            return Err(too_many_active(side.vpc).into());
        }
    }
    // A block that came between request and answer may overlap.
    let p = set(ctx, &p, if possible { PeeringState::Active } else { PeeringState::Failed });
    Ok(ec2::AcceptVpcPeeringConnectionResult { vpc_peering_connection: Some(peering_view::to_ec2_peering(ctx, &p)) })
}

fn reject(
    ctx: &mut Ctx,
    req: Authorized<ec2::RejectVpcPeeringConnectionRequest>,
) -> OpResult<ec2::RejectVpcPeeringConnectionResult> {
    let p = find_peering(ctx, required(&req.vpc_peering_connection_id, "VpcPeeringConnectionId")?)?;
    if p.accepter.account != ctx.caller.account {
        return Err(not_yours(ctx, &p, "reject").into());
    }
    if p.state_at(ctx.now) != PeeringState::PendingAcceptance {
        return Err(no_transition(&p, ctx.now, "rejected").into());
    }
    set(ctx, &p, PeeringState::Rejected);
    Ok(ec2::RejectVpcPeeringConnectionResult { r#return: Some(true) })
}

fn delete(
    ctx: &mut Ctx,
    req: Authorized<ec2::DeleteVpcPeeringConnectionRequest>,
) -> OpResult<ec2::DeleteVpcPeeringConnectionResult> {
    let p = find_peering(ctx, required(&req.vpc_peering_connection_id, "VpcPeeringConnectionId")?)?;
    let by_requester = p.requester.account == ctx.caller.account;
    match p.state_at(ctx.now) {
        PeeringState::PendingAcceptance if !by_requester => return Err(not_yours(ctx, &p, "delete").into()),
        PeeringState::PendingAcceptance | PeeringState::Active => {
            set(ctx, &p, PeeringState::Deleted { by_requester });
        }
        PeeringState::Deleted { .. } => {}
        PeeringState::Rejected | PeeringState::Expired | PeeringState::Failed => {
            return Err(no_transition(&p, ctx.now, "deleted").into());
        }
    }
    Ok(ec2::DeleteVpcPeeringConnectionResult { r#return: Some(true) })
}

/// The VPC is gone: requests for it can no longer be accepted. (An active peering keeps a VPC from being deleted.)
pub(super) fn vpc_is_gone(ctx: &mut Ctx, vpc: VpcId) {
    let pending = |p: &Rc<Peering>| p.state == PeeringState::PendingAcceptance && p.peer_of(vpc).is_some();
    for p in ctx.db.all::<Peering>().filter(pending).collect::<Vec<_>>() {
        set(ctx, &p, PeeringState::Failed);
    }
}

/// Writes down what has expired and forgets what ended long ago. Called now and then by the service.
pub fn forget_ended(db: &mut Db, now: TimestampMs) {
    for p in db.all::<Peering>().collect::<Vec<_>>() {
        let shown = match p.state {
            PeeringState::PendingAcceptance if now.0 >= p.expires.0 => {
                db.put(Peering { state: PeeringState::Expired, since: p.expires, ..(*p).clone() });
                continue;
            }
            PeeringState::PendingAcceptance | PeeringState::Active => continue,
            PeeringState::Rejected | PeeringState::Expired => REFUSED_SHOWN_MS,
            PeeringState::Failed | PeeringState::Deleted { .. } => DELETED_SHOWN_MS,
        };
        if now.0 >= p.since.0 + shown {
            for side in [&p.requester, &p.accepter] {
                db.delete::<TagSet>(&side.account, p.id);
            }
            db.delete::<Peering>(&system_account(), p.id);
        }
    }
}
