//! A port as the card sees it: its index, its counters; and the state that lives between configurations.

use crate::config::PortTable;
use crate::conntrack::{FlowTable, TableFull};
use crate::drop::DropCounts;
use crate::flow_log::FlowLog;
use crate::fragment::FragmentTable;
use crate::kept::{Keeps, Region};
use crate::nat_table::{NatTable, Role};
use crate::switch::Options;
use foldhash::fast::FixedState;
use types::InterfaceId;

/// Names a port of one [`crate::Switch`]. Stays the same while the interface stays configured; may be given to another
/// interface after it is removed, so look it up again after every `configure`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PortIndex(pub u32);

impl PortIndex {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PortStats {
    /// From the guest, before any check.
    pub tx_frames: u64,
    pub tx_bytes: u64,
    /// To the guest, services' answers included.
    pub rx_frames: u64,
    pub rx_bytes: u64,
    pub drops: DropCounts,
    /// Milliseconds (the caller's clock) of the guest's last frame.
    pub guest_seen_ms: Option<u64>,
    /// The guest has taken its address by DHCP or used it in ARP.
    pub guest_configured: bool,
    pub arp_replies: u64,
    /// Neighbour advertisements in answer to solicitations.
    pub neighbor_replies: u64,
    /// Router advertisements, asked for or not.
    pub router_advertisements: u64,
    pub dhcp_replies: u64,
    pub dhcp_naks: u64,
    pub dns_answers: u64,
    /// Names that are not the VPC's: answered with SERVFAIL.
    pub dns_refused: u64,
    pub echo_replies: u64,
    /// ICMP "fragmentation needed", or ICMPv6 "packet too big", sent to the guest.
    pub too_big_replies: u64,
    /// Flows that gave way to newer ones, in a full table or for another port that has fewer.
    pub flows_evicted: u64,
    /// RSTs that a NAT gateway answered with, to who goes on with a connection that it has forgotten.
    pub nat_resets: u64,
    /// Flows of which no flow record could be made for want of room.
    pub flow_records_skipped: u64,
}

/// What a port remembers of one IP family.
pub(crate) struct Tracked<A: Keeps> {
    pub flows: FlowTable<A>,
    pub fragments: FragmentTable<A>,
}

impl<A: Keeps> Tracked<A> {
    fn keep_in(&mut self, region: &Region, id: InterfaceId) {
        if !self.flows.is_kept() {
            self.flows.keep_in(region.clone(), id);
        }
    }

    fn new(options: &Options) -> Self {
        Self { flows: FlowTable::new(options.flows_per_port_max), fragments: FragmentTable::default() }
    }

    fn log(&mut self, interval_ms: Option<u64>, hasher: &FixedState) {
        match (interval_ms, &mut self.flows.log) {
            (Some(interval), Some(log)) => log.interval_ms = interval,
            (Some(interval), none) => *none = Some(Box::new(FlowLog::new(interval, hasher.clone()))),
            (None, log) => *log = None,
        }
    }
}

/// What a port remembers; the compiled configuration is apart from it (`config::PortTable`).
pub(crate) struct PortState {
    pub v4: Tracked<u32>,
    pub v6: Tracked<u128>,
    /// When the router was last advertised to the guest.
    pub advertised_ms: Option<u64>,
    /// Set: a NAT gateway, a load balancer's node, or a target of one.
    pub nat: Option<Box<NatTable>>,
    pub stats: PortStats,
}

impl PortState {
    pub fn new(options: &Options) -> Self {
        Self { v4: Tracked::new(options), v6: Tracked::new(options), advertised_ms: None, nat: None, stats: PortStats::default() }
    }

    /// Takes over what the configuration says of logs and translations.
    pub fn configure(&mut self, table: &PortTable, options: &Options, hasher: &FixedState) {
        self.v4.log(table.log_interval_ms, hasher);
        self.v6.log(table.log_interval_ms, hasher);
        let role = if table.nat.is_some() {
            Role::Gateway
        } else if table.balancer.is_some() {
            Role::Node
        } else {
            Role::Guest
        };
        if self.nat.as_ref().is_some_and(|nat| nat.role() != role)
            && let Some(mut gone) = self.nat.take()
        {
            gone.give_back();
        }
        if self.nat.is_none() && role != Role::Guest {
            self.nat = Some(Box::new(NatTable::new(role, options.nat_entries_max, hasher.clone())));
        }
        if let (Role::Gateway, Some(nat)) = (role, &mut self.nat) {
            nat.keep(&table.nat_addresses);
        }
    }

    /// What a guest's connections return by, when they came by a load balancer.
    pub fn returns(&mut self, hasher: &FixedState) -> &mut NatTable {
        let max = self.v4.flows.max();
        self.nat.get_or_insert_with(|| Box::new(NatTable::new(Role::Guest, max, hasher.clone())))
    }

    /// Flows of both families.
    pub fn flows(&self) -> usize {
        self.v4.flows.len() + self.v6.flows.len()
    }

    /// A flow of the port gives way: of the family that has more of them.
    pub fn make_room(&mut self, hasher: &FixedState, now_ms: u64, force: bool) -> Result<(), TableFull> {
        let (v4, v6) = (&mut self.v4.flows, &mut self.v6.flows);
        if v6.len() > v4.len() {
            v6.make_room(hasher, now_ms, force).or_else(|TableFull| v4.make_room(hasher, now_ms, force))
        } else {
            v4.make_room(hasher, now_ms, force).or_else(|TableFull| v6.make_room(hasher, now_ms, force))
        }
    }

    /// Who is behind the port.
    pub fn set_guest(&mut self, guest: u64) {
        self.v4.flows.set_guest(guest);
        self.v6.flows.set_guest(guest);
    }

    /// What is not in `region` yet is from now on.
    pub fn keep_in(&mut self, region: &Region, id: InterfaceId) {
        self.v4.keep_in(region, id);
        self.v6.keep_in(region, id);
        if let Some(nat) = self.nat.as_mut().filter(|n| !n.is_kept()) {
            nat.keep_in(region.clone(), id);
        }
    }

    /// The region was emptied, or is another one.
    pub fn forget_where_kept(&mut self) {
        self.v4.flows.keep_nowhere();
        self.v6.flows.keep_nowhere();
        if let Some(nat) = &mut self.nat {
            nat.keep_nowhere();
        }
    }

    /// The port is gone, and what is kept of it goes.
    pub fn give_back(&mut self) {
        self.v4.flows.give_back();
        self.v6.flows.give_back();
        if let Some(nat) = &mut self.nat {
            nat.give_back();
        }
    }
}
