//! Security groups, compiled for one port: the union of its groups' rules, one list a direction.

use crate::parse::{ICMP, TCP, UDP};
use std::sync::Arc;
use types::Ipv4Cidr;
use wire::net::ProtocolMatch;

#[derive(Debug, Clone)]
pub(crate) enum Peer {
    Cidr {
        network: u32,
        mask: u32,
    },
    /// The members' private addresses, sorted.
    Members(Arc<[u32]>),
}

impl Peer {
    pub fn cidr(c: Ipv4Cidr) -> Self {
        Self::Cidr { network: c.first().into(), mask: c.mask() }
    }

    fn contains(&self, address: u32) -> bool {
        match self {
            Self::Cidr { network, mask } => address & mask == *network,
            Self::Members(members) => members.binary_search(&address).is_ok(),
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub protocol: ProtocolMatch,
    pub peer: Peer,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct RuleSet(pub Vec<Rule>);

impl RuleSet {
    /// `port` is the destination port, or ICMP's type and code.
    pub fn allows(&self, (peer, protocol, port): (u32, u8, u16)) -> bool {
        self.0.iter().any(|r| matches_protocol(r.protocol, protocol, port) && r.peer.contains(peer))
    }
}

fn matches_protocol(rule: ProtocolMatch, protocol: u8, port: u16) -> bool {
    match rule {
        ProtocolMatch::All => true,
        ProtocolMatch::Tcp { from, to } => protocol == TCP && (from..=to).contains(&port),
        ProtocolMatch::Udp { from, to } => protocol == UDP && (from..=to).contains(&port),
        ProtocolMatch::Icmp { kind, code } => {
            protocol == ICMP && kind.is_none_or(|k| k == (port >> 8) as u8) && code.is_none_or(|c| c == port as u8)
        }
        ProtocolMatch::Other(number) => protocol == number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_match_as_ec2_means_them() {
        let all = Peer::cidr(Ipv4Cidr::ALL);
        let members = Peer::Members(Arc::from([5, 9]));
        // (rule, peer set, (peer, protocol, port), allowed)
        let rows = [
            (ProtocolMatch::All, &all, (1, 47, 0), true),
            (ProtocolMatch::Tcp { from: 22, to: 22 }, &all, (1, TCP, 22), true),
            (ProtocolMatch::Tcp { from: 22, to: 22 }, &all, (1, TCP, 23), false),
            (ProtocolMatch::Tcp { from: 22, to: 22 }, &all, (1, UDP, 22), false),
            (ProtocolMatch::Udp { from: 0, to: 65535 }, &members, (9, UDP, 53), true),
            (ProtocolMatch::Udp { from: 0, to: 65535 }, &members, (8, UDP, 53), false),
            (ProtocolMatch::Icmp { kind: None, code: None }, &all, (1, ICMP, 0x0800), true),
            (ProtocolMatch::Icmp { kind: Some(3), code: Some(4) }, &all, (1, ICMP, 0x0304), true),
            (ProtocolMatch::Icmp { kind: Some(3), code: Some(4) }, &all, (1, ICMP, 0x0301), false),
            (ProtocolMatch::Other(47), &all, (1, 47, 0), true),
            (ProtocolMatch::Other(47), &all, (1, 50, 0), false),
        ];
        for (protocol, peer, subject, allowed) in rows {
            let set = RuleSet(vec![Rule { protocol, peer: peer.clone() }]);
            assert_eq!(set.allows(subject), allowed, "{protocol:?} {subject:?}");
        }
        assert!(!RuleSet::default().allows((1, TCP, 22)), "no rule allows nothing");
    }
}
