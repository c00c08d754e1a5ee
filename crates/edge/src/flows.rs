//! Which connection or flow a guest's packet belongs to.

use crate::echo::Echo;
use crate::inner::Kind;
use crate::udp::{UdpIn, UdpOut};
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use tokio::sync::mpsc;

/// Packets that wait for one connection: more than its window of full segments.
pub const QUEUE_PACKETS_MAX: usize = 96;
/// UDP flows and echo identifiers, both ways together.
pub const FLOWS_MAX: usize = 4096;
/// The edge's ports at its own addresses, [`wire::edge::outside`].
const EPHEMERAL: std::ops::RangeInclusive<u16> = 32768..=60999;

/// As a guest's packet shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FlowKey {
    pub kind: Kind,
    /// Of the family of `outside`.
    pub public: IpAddr,
    /// The identifier of an echo.
    pub public_port: u16,
    pub outside: IpAddr,
    pub outside_port: u16,
}

impl FlowKey {
    pub fn outside(&self) -> SocketAddr {
        (self.outside, self.outside_port).into()
    }

    pub fn guest(&self) -> SocketAddr {
        (self.public, self.public_port).into()
    }
}

#[derive(Clone)]
pub enum Flow {
    Tcp(mpsc::Sender<Box<[u8]>>),
    UdpIn(Rc<UdpIn>),
    UdpOut(Rc<UdpOut>),
    Echo(Rc<Echo>),
}

pub struct Flows {
    by_key: HashMap<FlowKey, Flow>,
    /// All that are not TCP.
    datagram_flows: usize,
    next_port: u16,
}

impl Flows {
    /// `seed` chooses the first port, so that a new process does not repeat the last one's connections.
    pub fn new(seed: u64) -> Self {
        let span = u64::from(EPHEMERAL.end() - EPHEMERAL.start());
        Self { by_key: HashMap::new(), datagram_flows: 0, next_port: EPHEMERAL.start() + (seed % span) as u16 }
    }

    pub fn get(&self, key: &FlowKey) -> Option<&Flow> {
        self.by_key.get(key)
    }

    /// Whether the owner of a public address may have another flow to the outside. While less than half of all is in use,
    /// everybody may; after that nobody has more than a quarter, so that one instance does not take the outside from all others.
    /// `same_owner`: of an address, whether it is the owner's too.
    pub fn is_fair(&self, key: &FlowKey, same_owner: impl Fn(IpAddr) -> bool, in_use: usize, max: usize) -> bool {
        let is_tcp = |f: &Flow| matches!(f, Flow::Tcp(_));
        let same = |(k, f): &(&FlowKey, &Flow)| {
            same_owner(k.public) && k.outside != wire::edge::outside(k.public) && is_tcp(f) == (key.kind == Kind::Tcp)
        };
        in_use < max / 2 || self.by_key.iter().filter(same).count() < max / 4
    }

    /// `None`: as many flows as there may be.
    pub fn insert(&mut self, key: FlowKey, flow: Flow) -> Option<()> {
        if !matches!(flow, Flow::Tcp(_)) {
            if self.datagram_flows >= FLOWS_MAX {
                return None;
            }
            self.datagram_flows += 1;
        }
        if let Some(old) = self.by_key.insert(key, flow) {
            self.datagram_flows -= usize::from(!matches!(old, Flow::Tcp(_)));
        }
        Some(())
    }

    pub fn datagram_flows(&self) -> usize {
        self.datagram_flows
    }

    pub fn remove(&mut self, key: &FlowKey) {
        if let Some(old) = self.by_key.remove(key) {
            self.datagram_flows -= usize::from(!matches!(old, Flow::Tcp(_)));
        }
    }

    /// A free port at the edge's own address, towards a guest's port.
    pub fn allocate(&mut self, kind: Kind, public: IpAddr, public_port: u16) -> Option<FlowKey> {
        for _ in EPHEMERAL {
            let outside_port = self.next_port;
            self.next_port = if outside_port == *EPHEMERAL.end() { *EPHEMERAL.start() } else { outside_port + 1 };
            let key = FlowKey { kind, public, public_port, outside: wire::edge::outside(public), outside_port };
            if !self.by_key.contains_key(&key) {
                return Some(key);
            }
        }
        None
    }

    /// Forgets the flows that `keep` does not want. A TCP connection ends when its queue closes.
    pub fn retain(&mut self, keep: impl Fn(&FlowKey, &Flow) -> bool) {
        self.by_key.retain(|k, f| keep(k, f));
        self.datagram_flows = self.by_key.values().filter(|f| !matches!(f, Flow::Tcp(_))).count();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn key(public: u8, port: u16) -> FlowKey {
        let (public, outside) = (Ipv4Addr::new(198, 18, 0, public).into(), Ipv4Addr::new(203, 0, 113, 1).into());
        FlowKey { kind: Kind::Tcp, public, public_port: port, outside, outside_port: 80 }
    }

    #[test]
    fn under_pressure_nobody_has_more_than_a_quarter() {
        let mut flows = Flows::new(0);
        let (queue, _packets) = mpsc::channel(1);
        for port in 0..25 {
            flows.insert(key(1, port), Flow::Tcp(queue.clone())).unwrap();
        }
        let (tcp, udp) = (Kind::Tcp, Kind::Udp);
        for (public, kind, in_use, fair) in
            [(1, tcp, 49, true), (1, tcp, 50, false), (2, tcp, 50, true), (1, udp, 50, true), (1, tcp, 99, false)]
        {
            let key = FlowKey { kind, ..key(public, 99) };
            assert_eq!(flows.is_fair(&key, |a| a == key.public, in_use, 100), fair, "{public} {kind:?} {in_use}");
        }
    }

    #[test]
    fn an_owner_of_many_addresses_has_one_share() {
        let mut flows = Flows::new(0);
        let (queue, _packets) = mpsc::channel(1);
        for address in 0..25 {
            flows.insert(key(address, 1), Flow::Tcp(queue.clone())).unwrap();
        }
        assert!(flows.is_fair(&key(1, 2), |a| a == key(1, 2).public, 50, 100));
        assert!(!flows.is_fair(&key(1, 2), |_| true, 50, 100));
    }

    #[test]
    fn ports_go_round_and_skip_those_in_use() {
        let mut flows = Flows::new(u64::from(EPHEMERAL.end() - EPHEMERAL.start()) - 1);
        let (queue, _packets) = mpsc::channel(1);
        let public = Ipv4Addr::new(198, 18, 0, 1).into();
        let ports: Vec<u16> = (0..EPHEMERAL.len())
            .map(|_| {
                let key = flows.allocate(Kind::Tcp, public, 80).unwrap();
                flows.insert(key, Flow::Tcp(queue.clone())).unwrap();
                key.outside_port
            })
            .collect();
        assert_eq!((ports[0], ports[1], ports[2]), (60998, 60999, 32768));
        assert_eq!(flows.allocate(Kind::Tcp, public, 80), None);
        assert!(flows.allocate(Kind::Tcp, public, 81).is_some(), "another port of the guest has ports of its own");
    }
}
