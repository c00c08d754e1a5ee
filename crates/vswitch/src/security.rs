//! Security groups, compiled for the ports that are in the same ones: the union of the groups' rules, by protocol, port and
//! peer, so that a thousand rules cost a new flow about what ten do.
//!
//! The ports that rules name cut the port numbers into segments; a segment holds the prefixes that may use it, as ranges
//! that do not overlap, and the member sets, which all rules that name the group share.

use crate::ip::{CidrOf, Ip};
use crate::parse::{TCP, UDP};
use crate::peers::Members;
use std::sync::Arc;
use types::SecurityGroupRuleId;
use wire::net::ProtocolMatch;

#[derive(Debug, Clone)]
pub(crate) enum Peer<A: Ip> {
    Cidr(CidrOf<A>),
    Members(Arc<Members<A>>),
}

impl<A: Ip> Peer<A> {
    fn contains(&self, address: A) -> bool {
        match self {
            Self::Cidr(c) => c.contains(address.addr()),
            Self::Members(members) => members.contains(address),
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Rule<A: Ip> {
    pub id: SecurityGroupRuleId,
    pub protocol: ProtocolMatch,
    pub peer: Peer<A>,
}

/// Rules of one protocol for one run of ports, which ends before the next segment's `from`.
#[derive(Debug)]
struct Segment<A: Ip> {
    from: u16,
    /// (first address, last address, rule), ascending, not overlapping.
    ranges: Box<[(A, A, u32)]>,
    members: Box<[(Arc<Members<A>>, u32)]>,
}

#[derive(Debug)]
enum Ports<A: Ip> {
    Segments(Box<[Segment<A>]>),
    /// So many rules with so many different ranges of ports that the segments would take too much memory: walked.
    Rules(Box<[u32]>),
}

/// Entries of all segments of one protocol together.
const SEGMENT_ENTRIES_MAX: usize = 65_536;

/// Allowing rules of one direction.
#[derive(Debug)]
pub(crate) struct RuleSet<A: Ip> {
    rules: Vec<Rule<A>>,
    /// By protocol; `None`: rules for every protocol.
    by_protocol: Vec<(Option<u8>, Ports<A>)>,
}

impl<A: Ip> RuleSet<A> {
    pub fn compile(rules: Vec<Rule<A>>) -> Self {
        let mut protocols: Vec<Option<u8>> = rules.iter().map(|r| number::<A>(r.protocol)).collect();
        protocols.sort_unstable();
        protocols.dedup();
        let by_protocol = protocols.into_iter().map(|p| (p, ports(&rules, p))).collect();
        Self { rules, by_protocol }
    }

    /// Of who has no groups: everything passes, by the rule of that id.
    pub fn open() -> Self {
        let peer = Peer::Cidr(CidrOf::<A>::ALL);
        Self::compile(vec![Rule { id: SecurityGroupRuleId::from_random(0), protocol: ProtocolMatch::All, peer }])
    }

    /// The rule that allows a packet. `port` is the destination port, or ICMP's type and code.
    pub fn decide(&self, (peer, protocol, port): (A, u8, u16)) -> Option<SecurityGroupRuleId> {
        let of = self.by_protocol.iter().filter(|(p, _)| p.is_none_or(|p| p == protocol));
        let mut found = of.filter_map(|(_, ports)| match ports {
            Ports::Segments(segments) => segments[..segments.partition_point(|s| s.from <= port)].last()?.find(peer),
            Ports::Rules(rules) => rules.iter().copied().find(|&r| {
                let rule = &self.rules[r as usize];
                matches_protocol::<A>(rule.protocol, protocol, port) && rule.peer.contains(peer)
            }),
        });
        found.next().map(|r| self.rules[r as usize].id)
    }

    /// As they were compiled.
    pub fn rules(&self) -> &[Rule<A>] {
        &self.rules
    }

    pub fn allows(&self, subject: (A, u8, u16)) -> bool {
        self.decide(subject).is_some()
    }
}

impl<A: Ip> Segment<A> {
    fn find(&self, peer: A) -> Option<u32> {
        let at = self.ranges.partition_point(|(first, _, _)| *first <= peer);
        if let Some((_, _, rule)) = self.ranges[..at].last().filter(|(_, last, _)| peer <= *last) {
            return Some(*rule);
        }
        self.members.iter().find(|(set, _)| set.contains(peer)).map(|(_, rule)| *rule)
    }
}

fn number<A: Ip>(protocol: ProtocolMatch) -> Option<u8> {
    match protocol {
        ProtocolMatch::All => None,
        ProtocolMatch::Tcp { .. } => Some(TCP),
        ProtocolMatch::Udp { .. } => Some(UDP),
        ProtocolMatch::Icmp { .. } => Some(A::ICMP),
        ProtocolMatch::Other(n) => Some(n),
    }
}

/// The runs of ports that a rule is for, both ends included.
fn runs(protocol: ProtocolMatch) -> Vec<(u16, u16)> {
    match protocol {
        ProtocolMatch::All | ProtocolMatch::Other(_) | ProtocolMatch::Icmp { kind: None, code: None } => vec![(0, u16::MAX)],
        ProtocolMatch::Tcp { from, to } | ProtocolMatch::Udp { from, to } => vec![(from, to)],
        ProtocolMatch::Icmp { kind: Some(k), code: None } => vec![(u16::from(k) << 8, u16::from(k) << 8 | 0xff)],
        ProtocolMatch::Icmp { kind: Some(k), code: Some(c) } => vec![(u16::from_be_bytes([k, c]), u16::from_be_bytes([k, c]))],
        ProtocolMatch::Icmp { kind: None, code: Some(c) } => {
            (0..=u8::MAX).map(|k| (u16::from_be_bytes([k, c]), u16::from_be_bytes([k, c]))).collect()
        }
    }
}

fn ports<A: Ip>(rules: &[Rule<A>], protocol: Option<u8>) -> Ports<A> {
    let of: Vec<u32> = (0..rules.len() as u32).filter(|&r| number::<A>(rules[r as usize].protocol) == protocol).collect();
    let runs: Vec<(u16, u16, u32)> =
        of.iter().flat_map(|&r| runs(rules[r as usize].protocol).into_iter().map(move |(a, b)| (a, b, r))).collect();
    let runs: Vec<(u16, u16, u32)> = runs.into_iter().filter(|(a, b, _)| a <= b).collect();
    let mut cuts: Vec<u16> = runs.iter().flat_map(|&(a, b, _)| [Some(a), b.checked_add(1)]).flatten().chain([0]).collect();
    cuts.sort_unstable();
    cuts.dedup();
    let covered = |&(a, b, _): &(u16, u16, u32)| cuts.partition_point(|&c| c <= b) - cuts.partition_point(|&c| c < a);
    if runs.iter().map(covered).sum::<usize>() > SEGMENT_ENTRIES_MAX {
        return Ports::Rules(of.into());
    }
    let mut of_segment: Vec<Vec<u32>> = vec![Vec::new(); cuts.len()];
    for &(a, b, rule) in &runs {
        let (first, end) = (cuts.partition_point(|&c| c < a), cuts.partition_point(|&c| c <= b));
        of_segment[first..end].iter_mut().for_each(|s| s.push(rule));
    }
    Ports::Segments(cuts.into_iter().zip(of_segment).map(|(from, of)| segment(rules, from, &of)).collect())
}

fn segment<A: Ip>(rules: &[Rule<A>], from: u16, of: &[u32]) -> Segment<A> {
    let mut cidrs: Vec<(CidrOf<A>, u32)> = Vec::new();
    let mut members: Vec<(Arc<Members<A>>, u32)> = Vec::new();
    for &r in of {
        match &rules[r as usize].peer {
            Peer::Cidr(c) => cidrs.push((*c, r)),
            Peer::Members(set) if members.iter().any(|(m, _)| Arc::ptr_eq(m, set)) => {}
            Peer::Members(set) => members.push((set.clone(), r)),
        }
    }
    // Of two prefixes that overlap one holds the other, and the wider one allows all that the narrower one does.
    cidrs.sort_by_key(|(c, r)| (c.first(), c.prefix_len(), *r));
    let mut ranges: Vec<(A, A, u32)> = Vec::new();
    for (c, r) in cidrs {
        let (first, last) = (A::from(c.first()), A::from(c.last()));
        if ranges.last().is_none_or(|(_, end, _)| last > *end) {
            ranges.push((first, last, r));
        }
    }
    Segment { from, ranges: ranges.into(), members: members.into() }
}

pub(crate) fn matches_protocol<A: Ip>(rule: ProtocolMatch, protocol: u8, port: u16) -> bool {
    match rule {
        ProtocolMatch::All => true,
        ProtocolMatch::Tcp { from, to } => protocol == TCP && (from..=to).contains(&port),
        ProtocolMatch::Udp { from, to } => protocol == UDP && (from..=to).contains(&port),
        ProtocolMatch::Icmp { kind, code } => {
            protocol == A::ICMP && kind.is_none_or(|k| k == (port >> 8) as u8) && code.is_none_or(|c| c == port as u8)
        }
        ProtocolMatch::Other(number) => protocol == number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::ICMP;
    use proptest::prelude::*;
    use types::Ipv4Cidr;

    fn rule(n: u128, protocol: ProtocolMatch, peer: Peer<u32>) -> Rule<u32> {
        Rule { id: SecurityGroupRuleId::from_random(n), protocol, peer }
    }

    #[test]
    fn rules_match_as_ec2_means_them() {
        let all = Peer::Cidr(Ipv4Cidr::ALL);
        let members = Peer::Members(Arc::new([5, 9].into_iter().collect()));
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
            let set = RuleSet::compile(vec![rule(1, protocol, peer.clone())]);
            assert_eq!(set.allows(subject), allowed, "{protocol:?} {subject:?}");
        }
        assert!(!RuleSet::compile(vec![]).allows((1u32, TCP, 22)), "no rule allows nothing");
    }

    #[test]
    fn too_many_ranges_of_ports_are_walked() {
        let rules: Vec<Rule<u32>> = (0..1000u16)
            .map(|n| rule(n.into(), ProtocolMatch::Tcp { from: n, to: 60_000 + n }, Peer::Cidr("10.0.0.0/8".parse().unwrap())))
            .collect();
        let set = RuleSet::compile(rules);
        assert!(matches!(set.by_protocol[0].1, Ports::Rules(_)));
        assert!(set.allows((0x0a00_0001, TCP, 60_999)) && !set.allows((0x0a00_0001, TCP, 61_000)));
        assert!(!set.allows((0x0b00_0001, TCP, 60_000)));
    }

    fn protocol() -> impl Strategy<Value = ProtocolMatch> {
        prop_oneof![
            Just(ProtocolMatch::All),
            (0u16..6, 0u16..6).prop_map(|(a, b)| ProtocolMatch::Tcp { from: a.min(b), to: a.max(b) }),
            (65_530..=u16::MAX).prop_map(|a| ProtocolMatch::Udp { from: a, to: u16::MAX }),
            (prop::option::of(0u8..3), prop::option::of(0u8..3)).prop_map(|(kind, code)| ProtocolMatch::Icmp { kind, code }),
            (45u8..48).prop_map(ProtocolMatch::Other),
        ]
    }

    fn peer() -> impl Strategy<Value = Peer<u32>> {
        prop_oneof![
            (0u32..16, 28u8..=32).prop_map(|(a, len)| Peer::Cidr(Ipv4Cidr::new(a.into(), len).unwrap())),
            prop::collection::btree_set(0u32..16, 0..4).prop_map(|s| Peer::Members(Arc::new(s.into_iter().collect()))),
        ]
    }

    proptest! {
        /// The compiled set says what a walk over the rules says, and names a rule that really allows.
        #[test]
        fn compiled_rules_agree_with_the_list(
            list in prop::collection::vec((protocol(), peer()), 0..12),
            subject in (0u32..16, prop_oneof![Just(TCP), Just(UDP), Just(ICMP), 45u8..48],
                        prop_oneof![0u16..7, 65_528..=u16::MAX, 0x0100u16..0x0104, 0x0200u16..0x0204]),
        ) {
            let rules: Vec<Rule<u32>> = list.into_iter().enumerate().map(|(n, (p, peer))| rule(n as u128, p, peer)).collect();
            let allowing: Vec<_> = rules
                .iter()
                .filter(|r| matches_protocol::<u32>(r.protocol, subject.1, subject.2) && r.peer.contains(subject.0))
                .map(|r| r.id)
                .collect();
            match RuleSet::compile(rules).decide(subject) {
                Some(id) => prop_assert!(allowing.contains(&id)),
                None => prop_assert!(allowing.is_empty()),
            }
        }
    }
}
