//! A port as the card sees it: its index, its counters; and the state that lives between configurations.

use crate::conntrack::FlowTable;
use crate::drop::DropCounts;
use crate::fragment::FragmentTable;

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
    pub dhcp_replies: u64,
    pub dhcp_naks: u64,
    pub dns_answers: u64,
    /// Names that are not the VPC's: answered with SERVFAIL.
    pub dns_refused: u64,
    pub echo_replies: u64,
    /// ICMP "fragmentation needed" sent to the guest.
    pub too_big_replies: u64,
    /// Flows that gave way to newer ones in a full table.
    pub flows_evicted: u64,
}

/// What a port remembers; the compiled configuration is apart from it (`config::PortTable`).
pub(crate) struct PortState {
    pub flows: FlowTable,
    pub fragments: FragmentTable,
    pub stats: PortStats,
}

impl PortState {
    pub fn new(flows_max: usize) -> Self {
        Self { flows: FlowTable::new(flows_max), fragments: FragmentTable::default(), stats: PortStats::default() }
    }
}
