//! Network ACLs, compiled: what a subnet's edge lets through. Stateless: each packet is judged by itself, replies too.

use crate::ip::{CidrOf, Ip, network};
use crate::security::matches_protocol;
use types::NetworkAclId;
use wire::net::{Direction, NetworkAclEntry, ProtocolMatch};

#[derive(Debug)]
struct Entry<A> {
    number: u16,
    allow: bool,
    protocol: ProtocolMatch,
    network: A,
    mask: A,
}

#[derive(Debug)]
pub(crate) struct Acl<A = u32> {
    pub id: NetworkAclId,
    ingress: Box<[Entry<A>]>,
    egress: Box<[Entry<A>]>,
}

/// What an ACL says of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Judgement {
    /// The number of the entry that decided; `None`: none matched, the entry `*`, which denies.
    pub entry: Option<u16>,
    pub allow: bool,
}

impl<A: Ip> Acl<A> {
    pub fn compile(id: NetworkAclId, entries: &[NetworkAclEntry<CidrOf<A>>]) -> Self {
        let side = |direction| {
            let mut entries: Vec<Entry<A>> = entries
                .iter()
                .filter(|e| e.direction == direction)
                .map(|e| {
                    let (network, mask) = network(e.cidr);
                    Entry { number: e.number, allow: e.allow, protocol: e.protocol, network, mask }
                })
                .collect();
            entries.sort_by_key(|e| e.number);
            entries.into()
        };
        Self { id, ingress: side(Direction::Ingress), egress: side(Direction::Egress) }
    }

    /// `peer`: the source of what enters, the destination of what leaves. `port`: the destination port, or ICMP's type and
    /// code. Walks the list: EC2 allows 40 entries at most, and only a flow's first packet asks.
    pub fn judge(&self, direction: Direction, (peer, protocol, port): (A, u8, u16)) -> Judgement {
        let entries = match direction {
            Direction::Ingress => &self.ingress,
            Direction::Egress => &self.egress,
        };
        let decided = entries.iter().find(|e| peer & e.mask == e.network && matches_protocol::<A>(e.protocol, protocol, port));
        Judgement { entry: decided.map(|e| e.number), allow: decided.is_some_and(|e| e.allow) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::{ICMP, TCP};
    use wire::net::NetworkAclEntry;

    #[test]
    fn the_lowest_number_decides_and_none_denies() {
        let entry = |number, allow, protocol, cidr: &str| NetworkAclEntry {
            number,
            direction: Direction::Ingress,
            allow,
            protocol,
            cidr: cidr.parse().unwrap(),
        };
        let entries = [
            entry(200, true, ProtocolMatch::All, "10.0.0.0/8"),
            entry(100, false, ProtocolMatch::Tcp { from: 22, to: 23 }, "10.1.0.0/16"),
            entry(300, false, ProtocolMatch::All, "0.0.0.0/0"),
        ];
        let acl: Acl = Acl::compile(NetworkAclId::from_random(1), &entries);
        let at = |a: &str, protocol, port| {
            let peer = a.parse::<std::net::Ipv4Addr>().unwrap().into();
            acl.judge(Direction::Ingress, (peer, protocol, port))
        };
        assert_eq!(at("10.1.2.3", TCP, 22), Judgement { entry: Some(100), allow: false });
        assert_eq!(at("10.1.2.3", TCP, 24), Judgement { entry: Some(200), allow: true });
        assert_eq!(at("10.1.2.3", ICMP, 0x0800), Judgement { entry: Some(200), allow: true });
        assert_eq!(at("11.0.0.1", TCP, 80), Judgement { entry: Some(300), allow: false });
        let other_way = acl.judge(Direction::Egress, (1, TCP, 80));
        assert_eq!(other_way, Judgement { entry: None, allow: false });
    }
}
