//! What is sent through a network: packets biased to the edges of ranges, to addresses that exist, to what is denied.

use crate::generate::{Network, OUTSIDE, Rng, SERVICE, pool};
use crate::verdict::{L4, Packet, Tcp};
use crate::views;
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use types::*;
use wire::net::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probe {
    /// `None`: from the internet.
    pub from: Option<InterfaceId>,
    pub packet: Packet,
}

/// `n` probes; no two could be of the same connection.
pub fn probes(net: &Network, seed: u64, n: usize) -> Vec<Probe> {
    let mut m = Maker::new(net, seed);
    (0..n).filter_map(|_| m.probe()).collect()
}

pub struct Maker<'n> {
    pub rng: Rng,
    pub net: &'n Network,
    /// Ports and ids of senders.
    used: BTreeSet<u16>,
    /// Protocols that have no ports: by addresses.
    pairs: BTreeSet<(IpAddr, IpAddr, u8)>,
}

impl<'n> Maker<'n> {
    pub fn new(net: &'n Network, seed: u64) -> Self {
        Self { rng: Rng(seed), net, used: BTreeSet::new(), pairs: BTreeSet::new() }
    }
    fn probe(&mut self) -> Option<Probe> {
        let senders: Vec<_> = self.net.ports.iter().filter(|i| i.host.is_some() && i.port.nat.is_none()).collect();
        if self.rng.chance(10) {
            let src = self.rng.pick(&OUTSIDE)?;
            let publics: Vec<_> = self.net.ports.iter().flat_map(|i| &i.port.public).collect();
            let owned = self.rng.pick(&publics).map(|m| m.public).filter(|_| self.rng.chance(92));
            let dst = owned.unwrap_or(pool().nth(60_000)?);
            return Some(Probe { from: None, packet: self.packet(src.into(), dst.into())? });
        }
        let x = &self.rng.pick(&senders)?.port;
        let src = match self.rng.below(25) {
            0 => self.address(x)?,
            _ => self.rng.pick(&x.ipv4)?,
        };
        let dst = self.address(x)?;
        if x.ipv4.contains(&dst) {
            return None;
        }
        Some(Probe { from: Some(x.id), packet: self.packet(src.into(), dst.into())? })
    }

    fn address(&mut self, x: &PortConfig) -> Option<Ipv4Addr> {
        let mine: Vec<&PortConfig> = self.net.ports.iter().map(|i| &i.port).filter(|p| p.vpc == x.vpc).collect();
        let other: Vec<&PortConfig> = self.net.ports.iter().map(|i| &i.port).filter(|p| p.vpc != x.vpc).collect();
        match self.rng.below(21) {
            20 => Some(Ipv4Addr::new(192, 168, 200, 9)),
            0..=7 => self.rng.pick(&mine).and_then(|p| self.rng.pick(&p.ipv4)),
            8..=11 if !other.is_empty() => self.rng.pick(&other).and_then(|p| self.rng.pick(&p.ipv4)),
            12 | 13 => {
                let publics: Vec<_> = self.net.ports.iter().flat_map(|i| &i.port.public).collect();
                self.rng.pick(&publics).map(|m| m.public)
            }
            14 => self.rng.pick(&mine).and_then(|p| p.subnet_cidr.nth(40)),
            15 => self.rng.pick(&[
                Ipv4Addr::new(169, 254, 169, 254),
                Ipv4Addr::new(169, 254, 169, 253),
                SERVICE,
                Ipv4Addr::new(192, 168, 0, 9),
                pool().nth(60_001)?,
            ]),
            _ => self.rng.pick(&OUTSIDE),
        }
    }

    pub fn packet(&mut self, src: IpAddr, dst: IpAddr) -> Option<Packet> {
        let from = loop {
            let port = self.rng.range(1, 65_535) as u16;
            if self.used.insert(port) {
                break port;
            }
        };
        let to = self.port();
        let l4 = match self.rng.below(20) {
            _ if views::never_forwarded(dst) && self.rng.chance(70) => match dst.to_string() {
                a if a.ends_with("254") => L4::Tcp { from, to: 80, tcp: Tcp::Syn },
                _ => L4::Udp { from, to: 53 },
            },
            0..=8 => L4::Tcp { from, to, tcp: if self.rng.chance(5) { Tcp::Ack } else { Tcp::Syn } },
            9..=13 => L4::Udp { from, to: if to == 67 || to == 68 { 69 } else { to } },
            14..=17 => L4::Echo { id: from, request: !self.rng.chance(7) },
            _ => {
                let number = self.rng.pick(&[47, 50, 132])?;
                let (a, b) = (src.min(dst), src.max(dst));
                if !self.pairs.insert((a, b, number)) {
                    return None;
                }
                L4::Other(number)
            }
        };
        Some(Packet { src, dst, l4 })
    }

    /// On the edges of some rule's range, one beside it, or any.
    fn port(&mut self) -> u16 {
        let v = self.rng.below(self.net.vpcs.len());
        let vpc = &self.net.vpcs[v];
        let rules = vpc.security_groups.iter().flat_map(|g| &g.rules).map(|r| r.protocol);
        let all: Vec<ProtocolMatch> = rules.chain(vpc.network_acls.iter().flat_map(|a| &a.entries).map(|e| e.protocol)).collect();
        let (from, to) = match self.rng.pick(&all) {
            Some(ProtocolMatch::Tcp { from, to } | ProtocolMatch::Udp { from, to }) => (from, to),
            _ => (443, 8080),
        };
        let port = match self.rng.below(6) {
            0 => from,
            1 => to,
            2 => from.saturating_sub(1),
            3 => to.saturating_add(1),
            4 => self.rng.range(from.into(), to.into()) as u16,
            _ => self.rng.range(1, 65_535) as u16,
        };
        port.max(1)
    }
}
