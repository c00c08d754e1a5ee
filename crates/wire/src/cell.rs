//! Region to cell controller (claims, desired state) and back (reports).

use crate::balancer::BalancerConfig;
use crate::host::{BalancerReport, Capacity, HostReport, InstanceConfig, MovedDisk, Reachability, VmState};
use crate::net::{InternetConfig, NameConfig, PortConfig, ServiceConfig, VpcConfig};
use crate::{Applied, Empty, method};
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;
use types::{
    AccountId, AzName, CapacityReservationId, CellId, DedicatedHostId, Generation, HostId, InstanceId, InterfaceId,
    PlacementGroupId,
};

/// Everything that a cell should make true, complete. The cell compiles one [`crate::host::HostConfig`] a host from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellConfig {
    pub format: u16,
    pub cell: CellId,
    pub az: AzName,
    pub generation: Generation,
    /// VPCs with a port in this cell and those that these reach, whole.
    pub vpcs: Vec<VpcConfig>,
    pub instances: Vec<CellInstance>,
    /// NAT gateways of the cell's zone that stand on its hosts.
    #[serde(default)]
    pub routers: Vec<CellRouter>,
    /// Load balancers' nodes of the cell's zone that stand on its hosts.
    #[serde(default)]
    pub balancers: Vec<CellBalancer>,
    pub internet: InternetConfig,
    #[serde(default)]
    pub services: Vec<ServiceConfig>,
    /// For all hosts.
    #[serde(default)]
    pub names: Vec<NameConfig>,
    /// Room that is kept for accounts whether they use it or not.
    #[serde(default)]
    pub reservations: Vec<CellReservation>,
    /// Those with the instance, or a host that it was on, in this cell.
    #[serde(default)]
    pub moved_disks: Vec<MovedDisk>,
    /// Hosts that are kept for accounts.
    #[serde(default)]
    pub dedicated_hosts: Vec<CellDedicatedHost>,
}

/// A host that was allocated to an account: nobody else's instances are there until the region says no more that it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellDedicatedHost {
    pub id: DedicatedHostId,
    pub account: AccountId,
    pub host: HostId,
    /// [`HostAllocation::hold`]. When that hold had ended and the host had been given to others, the cell refuses.
    pub hold: u64,
}

/// With whom an instance shares its host.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tenancy {
    #[default]
    Shared,
    /// With instances of this account's dedicated tenancy only.
    Dedicated(AccountId),
    /// It is on a host that was allocated to the account.
    Host(AccountId),
}

/// A capacity reservation of the cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellReservation {
    pub id: CapacityReservationId,
    /// Of a slot. The disk is 0: each instance takes its own beside the slot.
    pub size: Capacity,
    /// The host of each slot, of used ones too.
    pub slots: Vec<HostId>,
    /// The number of the hold that its last slots were had by.
    pub hold: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellInstance {
    /// Where the claim placed it.
    pub host: HostId,
    pub config: InstanceConfig,
    pub ports: Vec<PortConfig>,
    /// [`Placement::hold`] of the claim that made room for it. When that hold has ended before the document came, the cell
    /// looks whether there is room still. 0: of a region that does not say.
    #[serde(default)]
    pub hold: u64,
    /// Whose slot it runs in.
    #[serde(default)]
    pub reservation: Option<CapacityReservationId>,
    #[serde(default)]
    pub tenancy: Tenancy,
    /// `None`: on demand.
    #[serde(default)]
    pub spot: Option<CellSpot>,
}

/// How a spot instance is had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellSpot {
    /// As in [`ClaimMarket::Spot`].
    pub price_max: u32,
    pub on_interruption: SpotEnd,
    /// What the region has heard of its notice, for a cell whose store is lost.
    #[serde(default)]
    pub notice: Option<SpotNotice>,
}

/// What becomes of a spot instance when its notice has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SpotEnd {
    Terminate,
    Stop,
}

impl SpotEnd {
    /// As the metadata service says it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Terminate => "terminate",
            Self::Stop => "stop",
        }
    }
}

/// A spot instance was told to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpotNotice {
    /// The hold of the run that it ends.
    pub hold: u64,
    /// When it was told, and when it has to be gone; milliseconds since 1970.
    pub told_ms: u64,
    pub at_ms: u64,
    pub cause: SpotCause,
    /// The time is over: its host has the order to end it.
    pub ended: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SpotCause {
    /// In thousandths of the on-demand price.
    Price { now: u32, max: u32 },
    /// This on-demand instance needs the room.
    Room { of: InstanceId },
}

/// A port without an instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellRouter {
    /// Chosen by the region among the hosts that are healthy; changes when that one is not.
    pub host: HostId,
    pub port: PortConfig,
}

/// A load balancer's node, placed as a router is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellBalancer {
    pub host: HostId,
    pub port: PortConfig,
    pub config: BalancerConfig,
}

method!(PushCellConfig, "cell/PushConfig", CellConfig => Applied);

/// Asks for room, before the region commits the instances. Idempotent by instance id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimRequest {
    pub instances: Vec<InstanceId>,
    pub size: Capacity,
    /// Fewer than this many: nothing is claimed.
    pub count_min: u32,
    /// The claim is dropped unless a [`CellConfig`] with the instance arrives within this time.
    pub hold_ms: u64,
    /// Hosts to prefer least: those that already run a member of this set are used last (instances of one launch spread).
    pub apart_from: Vec<InstanceId>,
    /// Only there: a stopped instance's disk is on its host.
    #[serde(default)]
    pub on_host: Option<HostId>,
    /// The placement group that the instances are launched into.
    #[serde(default)]
    pub group: Option<ClaimGroup>,
    /// Capacity reservations whose free slots are taken first, in this order.
    #[serde(default)]
    pub reservations: Vec<CapacityReservationId>,
    /// In one of those slots or nowhere.
    #[serde(default)]
    pub reserved_only: bool,
    /// They ran on a host that is off, and are placed again: the room that they have there is given up.
    #[serde(default)]
    pub again: bool,
    #[serde(default)]
    pub tenancy: Tenancy,
    /// Of [`Tenancy::Host`]: the allocated hosts that will do; none named: any of the account.
    #[serde(default)]
    pub dedicated_hosts: Vec<HostId>,
    #[serde(default)]
    pub market: ClaimMarket,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimMarket {
    #[default]
    OnDemand,
    /// Where nothing is free, spot instances are told to go and the room is promised for the time after that.
    OnDemandPreempt,
    /// `price_max`: in thousandths of the on-demand price.
    Spot { price_max: u32 },
}

/// A placement group as a claim sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimGroup {
    pub id: PlacementGroupId,
    pub strategy: GroupStrategy,
    /// The partition that is asked for, from 1.
    pub partition: Option<u8>,
    /// Its instances so far, in this cell or another one of the zone.
    pub members: Vec<GroupMember>,
}

/// What a placement group wants of its instances. Source: "Placement strategies", EC2 User Guide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GroupStrategy {
    /// In one cell, in as few racks as there is room in.
    Cluster,
    /// No two on a host.
    SpreadHost,
    /// No two in a rack.
    SpreadRack,
    /// A rack has instances of one partition only.
    Partition { count: u8 },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupMember {
    pub host: HostId,
    /// As the settings name it; a host without one is its own.
    pub rack: String,
    pub partition: Option<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimReply {
    /// At least `count_min` of them, in the order of the request.
    Placed(Vec<Placement>),
    /// What was short, for the message of InsufficientInstanceCapacity.
    Insufficient { short_of: String, placeable: u32 },
    /// Spot capacity costs this now, in thousandths of the on-demand price: more than the most that is paid.
    PriceTooLow { now: u32 },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placement {
    pub instance: InstanceId,
    pub host: HostId,
    pub underlay: Ipv4Addr,
    /// In a placement group of partitions.
    #[serde(default)]
    pub partition: Option<u8>,
    /// The hold's number; no other hold of this cell has it.
    #[serde(default)]
    pub hold: u64,
    /// Why this host, as a sentence for the operator.
    #[serde(default)]
    pub why: String,
    /// In whose slot.
    #[serde(default)]
    pub reservation: Option<CapacityReservationId>,
    /// Its room is still that of spot instances, which were told to be gone by then; milliseconds since 1970.
    #[serde(default)]
    pub not_before_ms: Option<u64>,
}

method!(
    /// To the cell controller. The claim is durable in the cell's store when it answers. `not-ready`: the controller does not
    /// know yet what is promised.
    Claim, "cell/Claim", ClaimRequest => ClaimReply
);
/// A hold by its number: an order that comes late must not meet a newer one of the same instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldRef {
    pub instance: InstanceId,
    pub hold: u64,
}

method!(
    /// To the cell controller: gives room back before the hold ends.
    Unclaim, "cell/Unclaim", Vec<HoldRef> => Empty
);
/// Asks for slots of a capacity reservation: a new one, or more for one that the document has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReserveRequest {
    pub id: CapacityReservationId,
    /// Of each slot; without a disk.
    pub size: Capacity,
    pub count: u32,
    /// The hold of the slots that the region has already; 0 for none. It tells a repeated question from one for more.
    pub known: u64,
    /// As in [`ClaimRequest`].
    pub hold_ms: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReserveReply {
    /// The host of each new slot.
    Reserved { slots: Vec<HostId>, hold: u64 },
    /// As in [`ClaimReply`].
    Insufficient { short_of: String, placeable: u32 },
}

method!(
    /// To the cell controller: all slots or none. Durable in the cell's store when it answers; `not-ready` as of a claim.
    Reserve, "cell/Reserve", ReserveRequest => ReserveReply
);
/// Asks for empty hosts, one for each id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllocateRequest {
    pub ids: Vec<DedicatedHostId>,
    pub account: AccountId,
    /// What each must hold at least once.
    pub size: Capacity,
    /// As in [`ClaimRequest`].
    pub hold_ms: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostAllocation {
    pub id: DedicatedHostId,
    pub host: HostId,
    pub hold: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AllocateReply {
    /// One for each id, in the order of the request.
    Allocated(Vec<HostAllocation>),
    /// So many could be had; none is held.
    Insufficient { short_of: String, placeable: u32 },
}

method!(
    /// To the cell controller: all or none. Durable in the cell's store when it answers; `not-ready` as of a claim.
    Allocate, "cell/Allocate", AllocateRequest => AllocateReply
);
method!(
    /// Host agent to cell controller.
    ReportHost, "cell/HostReport", HostReport => Applied
);
/// One run of an instance on a host.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RunRef {
    pub instance: InstanceId,
    pub host: HostId,
    /// As in [`InstanceConfig::boot`].
    pub boot: u64,
}

method!(
    /// To the cell controller: this run is over for good, so that the next one may be on another host. Durable in the cell's
    /// store when it answers, and the host is not told to run it any more, whenever it comes back. `not-off`: the host was not
    /// confirmed off, or is back; `other-run`: the cell's document says something else of the instance.
    EndRun, "cell/EndRun", RunRef => Empty
);
method!(
    /// To the cell controller, which asks the host.
    Console, "cell/Console", crate::host::ConsoleRequest => crate::host::ConsoleReply
);

/// What is true in a cell. Sent on every change and about once a second.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellReport {
    pub format: u16,
    pub cell: CellId,
    pub az: AzName,
    /// The region's document that the cell holds.
    pub applied: Generation,
    pub hosts: Vec<HostSummary>,
    pub instances: Vec<CellInstanceReport>,
    /// Of hosts whose reports are current.
    #[serde(default)]
    pub balancers: Vec<BalancerReport>,
    /// Runs that are over for good ([`EndRun`]), and which the cell's document names still.
    #[serde(default)]
    pub ended_runs: Vec<RunRef>,
    /// Of the document: the cell does not keep these, as their holds had ended and their hosts had been given to others.
    #[serde(default)]
    pub dedicated_hosts_refused: Vec<DedicatedHostId>,
    /// `None` of a cell of before it told, and in answers to [`GetCellStatus`].
    #[serde(default)]
    pub room: Option<CellRoom>,
    /// What spot capacity costs in the cheapest class of hosts, in thousandths of the on-demand price.
    #[serde(default)]
    pub spot_price: Option<u32>,
    #[serde(default)]
    pub notices: Vec<(InstanceId, SpotNotice)>,
}

/// What room a cell tells of: too low on purpose, by chance (`scheduler::region::summarise`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellRoom {
    /// Random, of this run of the controller. Numbers of two runs have nothing to do with each other.
    pub run: u64,
    /// Grows with each word of a run.
    pub sequence: u64,
    /// Which ladder of sizes is counted (`scheduler::region::LADDER`); a word in another one is not used.
    pub ladder: u16,
    pub classes: Vec<ClassRoom>,
}

/// Of the hosts of one model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassRoom {
    pub class: u8,
    /// How many instances of each size of the ladder there is room for, each size by itself.
    pub slots: Vec<u32>,
    /// Hosts without any instance.
    pub empty: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostSummary {
    pub host: HostId,
    pub underlay: Ipv4Addr,
    pub health: HostHealth,
    pub capacity: Capacity,
    pub free: Capacity,
    pub applied: Generation,
    pub card_applied: Generation,
    pub wanted: Generation,
    pub acceleration: String,
    pub problems: Vec<String>,
    /// Confirmed by whoever can switch it off: nothing of it runs, and nothing starts there without a new document.
    #[serde(default)]
    pub off: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HostHealth {
    /// No report yet since the controller started.
    Unknown,
    Healthy,
    /// Reports have stopped: takes no new instances.
    Silent,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellInstanceReport {
    pub id: InstanceId,
    pub host: HostId,
    pub state: VmState,
    pub boot: u64,
    pub reboot: u64,
    pub reachability: Reachability,
    pub started_ms: u64,
    /// The host's report is current (the host is healthy).
    pub current: bool,
    /// As in [`crate::host::InstanceReport`].
    #[serde(default)]
    pub interfaces: Vec<InterfaceId>,
    /// Its hold had ended and its room was given to another one: the cell did not give it to the host. `state` is `Failed`.
    #[serde(default)]
    pub no_room: bool,
}

method!(GetCellStatus, "cell/Status", Empty => CellReport);
