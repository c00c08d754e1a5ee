//! The configuration in force, as the packet path asks it: who owns an address, who may send, where packets may go. Pure.

use crate::drops::Drop;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::net::Ipv4Addr;
use types::{Generation, Ipv4Cidr};
use wire::edge::{EdgeConfig, HOST_ROUTE, OUTSIDE};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    Tcp,
    Udp,
}

/// A port of a public address that the alias listens on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Service {
    pub public: Ipv4Addr,
    pub transport: Transport,
    pub port: u16,
}

#[derive(Debug)]
pub struct Table {
    pub generation: Generation,
    pool: Ipv4Cidr,
    /// Public address to underlay.
    owners: HashMap<Ipv4Addr, Ipv4Addr>,
    hosts: HashSet<Ipv4Addr>,
    own_underlay: Ipv4Addr,
    pub services: BTreeSet<Service>,
}

impl Table {
    /// Before the first configuration: nobody owns anything.
    pub fn empty(pool: Ipv4Cidr, own_underlay: Ipv4Addr) -> Self {
        Self {
            generation: Generation(0),
            pool,
            owners: HashMap::new(),
            hosts: HashSet::new(),
            own_underlay,
            services: BTreeSet::new(),
        }
    }

    pub fn compile(config: &EdgeConfig, own_underlay: Ipv4Addr) -> Self {
        let mut services = BTreeSet::new();
        for a in &config.addresses {
            let of = |transport, ports: &[u16]| -> Vec<Service> {
                ports.iter().filter(|p| **p != 0).map(|&port| Service { public: a.public, transport, port }).collect()
            };
            services.extend(of(Transport::Tcp, &a.tcp_ports));
            services.extend(of(Transport::Udp, &a.udp_ports));
        }
        Self {
            generation: config.generation,
            pool: config.pool,
            owners: config.addresses.iter().map(|a| (a.public, a.underlay)).collect(),
            hosts: config.hosts.iter().copied().collect(),
            own_underlay,
            services,
        }
    }

    pub fn is_host(&self, underlay: Ipv4Addr) -> bool {
        self.hosts.contains(&underlay)
    }

    /// The underlay of the host that owns a public address.
    pub fn owner(&self, public: Ipv4Addr) -> Option<Ipv4Addr> {
        self.owners.get(&public).copied()
    }

    pub fn publics(&self) -> impl Iterator<Item = Ipv4Addr> + '_ {
        self.owners.keys().copied()
    }

    /// Whether a guest may reach `to` through the edge, which connects in its stead from this machine: nothing that is
    /// the machine's own or the cloud's own.
    pub fn outbound(&self, to: Ipv4Addr) -> Result<(), Drop> {
        let [first, second, ..] = to.octets();
        match (first, second) {
            (0 | 127, _) | (169, 254) => Err(Drop::ToLocal),
            (224..=239, _) => Err(Drop::ToMulticast),
            (240.., _) => Err(Drop::ToReserved),
            _ if self.pool.contains(to) => Err(Drop::ToPool),
            _ if to == OUTSIDE => Err(Drop::NoFlow),
            _ if to == HOST_ROUTE => Err(Drop::NoHostRoute),
            _ if to == self.own_underlay || self.hosts.contains(&to) => Err(Drop::ToUnderlay),
            _ => Ok(()),
        }
    }
}

/// The loopback alias of a public address: 127.18.x.y for 198.18.x.y, 127.19.x.y for 198.19.x.y; others have none.
pub fn alias(public: Ipv4Addr) -> Option<Ipv4Addr> {
    match public.octets() {
        [198, b @ 18..=19, c, d] => Some(Ipv4Addr::new(127, b, c, d)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_outside_is_reached_from_within() {
        let config = EdgeConfig {
            format: wire::FORMAT,
            generation: Generation(1),
            pool: "198.18.7.0/24".parse().unwrap(),
            addresses: Vec::new(),
            hosts: vec!["10.9.8.7".parse().unwrap()],
        };
        let table = Table::compile(&config, "10.9.8.1".parse().unwrap());
        for (to, verdict) in [
            ("203.0.113.10", Ok(())),
            ("8.8.8.8", Ok(())),
            ("127.0.0.1", Err(Drop::ToLocal)),
            ("0.1.2.3", Err(Drop::ToLocal)),
            ("169.254.169.254", Err(Drop::ToLocal)),
            ("224.0.0.1", Err(Drop::ToMulticast)),
            ("239.255.255.255", Err(Drop::ToMulticast)),
            ("240.0.0.1", Err(Drop::ToReserved)),
            ("255.255.255.255", Err(Drop::ToReserved)),
            ("198.18.7.9", Err(Drop::ToPool)),
            ("198.18.8.9", Ok(())),
            ("198.51.100.1", Err(Drop::NoFlow)),
            ("198.51.100.2", Err(Drop::NoHostRoute)),
            ("10.9.8.7", Err(Drop::ToUnderlay)),
            ("10.9.8.1", Err(Drop::ToUnderlay)),
        ] {
            assert_eq!(table.outbound(to.parse().unwrap()), verdict, "{to}");
        }
    }

    #[test]
    fn aliases() {
        for (public, wanted) in [("198.18.3.4", Some("127.18.3.4")), ("198.19.0.1", Some("127.19.0.1")), ("198.20.0.1", None)] {
            assert_eq!(alias(public.parse().unwrap()), wanted.map(|w| w.parse().unwrap()), "{public}");
        }
    }
}
