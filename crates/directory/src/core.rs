//! Who has which address, who asked for it, and who is to be told: decisions only, no I/O.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use types::{Generation, InterfaceId, MacAddr, SecurityGroupId, Vni};
use wire::directory::{Answer, DirectoryPart, Holder, Message, part_of};

/// How long a holder may be used without being asked for again: what a lost datagram costs at most.
pub const LEASE_MS: u32 = 60_000;
/// The same for "nobody has it".
pub const NOBODY_MS: u32 = 2000;
/// Who asks is told of changes for longer than its lease, so that not every query counts anew.
const FOLLOW_MS: u32 = LEASE_MS / 2 * 3;
/// (address, host) pairs that are told of changes. Beyond that the oldest wait for their lease to end.
pub const FOLLOWERS_MAX: usize = 1 << 20;

/// As [`Holder`], small: there may be a million.
struct Entry {
    address: IpAddr,
    interface: InterfaceId,
    mac: MacAddr,
    underlay: Option<Ipv4Addr>,
    groups: Arc<[SecurityGroupId]>,
}

impl Entry {
    fn holder(&self) -> Holder {
        Holder { interface: self.interface, mac: self.mac, underlay: self.underlay, groups: self.groups.to_vec() }
    }

    fn says_the_same(&self, other: &Entry) -> bool {
        let of = |e: &Entry| (e.interface, e.mac, e.underlay);
        of(self) == of(other) && self.groups == other.groups
    }
}

struct Part {
    version: Generation,
    /// By address.
    entries: Box<[Entry]>,
}

#[derive(Default)]
struct Vpc {
    /// By number; as many as there are.
    parts: Vec<Option<Part>>,
}

impl Vpc {
    fn find(&self, address: IpAddr) -> Option<(Generation, Option<&Entry>)> {
        let of = self.parts.len();
        let part = self.parts.get(usize::from(part_of(address, u16::try_from(of).ok().filter(|o| *o > 0)?)))?.as_ref()?;
        let found = part.entries.binary_search_by_key(&address, |e| e.address).ok();
        Some((part.version, found.map(|i| &part.entries[i])))
    }
}

/// Why a query is not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    NotAHost,
    /// Not pushed here (yet): another directory may know.
    UnknownVpc,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    pub queries: u64,
    pub negative: u64,
    pub refused: u64,
    pub told: u64,
    pub followers_dropped: u64,
}

pub struct Directory {
    hosts: HashSet<Ipv4Addr>,
    vpcs: BTreeMap<Vni, Vpc>,
    /// Lists of groups: few are different.
    groups: HashSet<Arc<[SecurityGroupId]>>,
    followers: HashMap<(Vni, IpAddr), Vec<(Ipv4Addr, u64)>>,
    /// (end of the lease, what, who), by end.
    leases: VecDeque<(u64, Vni, IpAddr, Ipv4Addr)>,
    followers_max: usize,
    pub counts: Counts,
}

impl Directory {
    /// `hosts`: the VXLAN addresses of those that may ask.
    pub fn new(hosts: impl IntoIterator<Item = Ipv4Addr>, followers_max: usize) -> Self {
        Self {
            hosts: hosts.into_iter().collect(),
            vpcs: BTreeMap::new(),
            groups: HashSet::new(),
            followers: HashMap::new(),
            leases: VecDeque::new(),
            followers_max,
            counts: Counts::default(),
        }
    }

    pub fn query(&mut self, from: Ipv4Addr, vni: Vni, address: IpAddr, now_ms: u64) -> Result<Answer, Refused> {
        let known = if self.hosts.contains(&from) { Ok(()) } else { Err(Refused::NotAHost) };
        let found = known.and_then(|()| self.answer(vni, address).ok_or(Refused::UnknownVpc));
        let answer = found.inspect_err(|_| self.counts.refused += 1)?;
        self.counts.queries += 1;
        self.counts.negative += u64::from(answer.holder.is_none());
        self.follow(from, vni, address, now_ms);
        Ok(answer)
    }

    fn answer(&self, vni: Vni, address: IpAddr) -> Option<Answer> {
        let (version, entry) = self.vpcs.get(&vni)?.find(address)?;
        let lease_ms = if entry.is_some() { LEASE_MS } else { NOBODY_MS };
        Some(Answer { vni, address, version, lease_ms, holder: entry.map(Entry::holder) })
    }

    /// Remembers who asked, at least until the lease is over.
    fn follow(&mut self, host: Ipv4Addr, vni: Vni, address: IpAddr, now_ms: u64) {
        self.forget(now_ms);
        let until = now_ms + u64::from(FOLLOW_MS);
        let of = self.followers.entry((vni, address)).or_default();
        if of.iter().any(|(h, until)| *h == host && *until >= now_ms + u64::from(LEASE_MS)) {
            return;
        }
        of.retain(|(h, _)| *h != host);
        of.push((host, until));
        self.leases.push_back((until, vni, address, host));
        while self.leases.len() > self.followers_max {
            let alive = self.end_oldest();
            self.counts.followers_dropped += u64::from(alive);
        }
    }

    fn forget(&mut self, now_ms: u64) {
        while self.leases.front().is_some_and(|(until, ..)| *until <= now_ms) {
            self.end_oldest();
        }
    }

    /// True: it was in force, not asked for again since.
    fn end_oldest(&mut self) -> bool {
        let Some((until, vni, address, host)) = self.leases.pop_front() else { return false };
        let Some(of) = self.followers.get_mut(&(vni, address)) else { return false };
        let before = of.len();
        of.retain(|f| *f != (host, until));
        let ended = of.len() < before;
        if of.is_empty() {
            self.followers.remove(&(vni, address));
        }
        ended
    }

    /// Puts parts in force, with their versions, forgets the VPCs that are not in `vpcs`, and says what to send to whom.
    pub fn put(&mut self, parts: Vec<(DirectoryPart, Generation)>, vpcs: &HashSet<Vni>, now_ms: u64) -> Vec<(Ipv4Addr, Message)> {
        let (mut changed, mut anew) = (Vec::new(), HashSet::new());
        for (part, version) in parts {
            let DirectoryPart { vni, part: at, of, entries } = part;
            let mut new: Vec<Entry> = entries.into_iter().map(|(address, h)| self.entry(address, h)).collect();
            new.sort_by_key(|e| e.address);
            let vpc = self.vpcs.entry(vni).or_default();
            if vpc.parts.len() != usize::from(of) {
                vpc.parts = (0..of).map(|_| None).collect();
            }
            let Some(slot) = vpc.parts.get_mut(usize::from(at)) else { continue };
            match slot {
                Some(old) => changed.extend(differences(&old.entries, &new).into_iter().map(|a| (vni, a))),
                // Whatever was asked for may have been answered otherwise.
                None => drop(anew.insert(vni)),
            }
            *slot = Some(Part { version, entries: new.into() });
        }
        self.vpcs.retain(|vni, _| vpcs.contains(vni));
        self.groups.retain(|g| Arc::strong_count(g) > 1);
        if !anew.is_empty() {
            changed.extend(self.followers.keys().filter(|(vni, _)| anew.contains(vni)));
        }
        self.tell(&changed, now_ms)
    }

    fn tell(&mut self, changed: &[(Vni, IpAddr)], now_ms: u64) -> Vec<(Ipv4Addr, Message)> {
        let mut messages = Vec::new();
        for &(vni, address) in changed {
            let Some(of) = self.followers.get(&(vni, address)) else { continue };
            let Some(answer) = self.answer(vni, address) else { continue };
            let alive = of.iter().filter(|(_, until)| *until > now_ms);
            messages.extend(alive.map(|(host, _)| (*host, Message::Answer(answer.clone()))));
        }
        self.counts.told += messages.len() as u64;
        messages
    }

    fn entry(&mut self, address: IpAddr, h: Holder) -> Entry {
        let groups = match self.groups.get(h.groups.as_slice()) {
            Some(known) => known.clone(),
            None => {
                let new: Arc<[SecurityGroupId]> = h.groups.into();
                self.groups.insert(new.clone());
                new
            }
        };
        Entry { address, interface: h.interface, mac: h.mac, underlay: h.underlay, groups }
    }

    pub fn vpcs(&self) -> usize {
        self.vpcs.len()
    }

    pub fn entries(&self) -> usize {
        self.vpcs.values().flat_map(|v| &v.parts).flatten().map(|p| p.entries.len()).sum()
    }

    pub fn followers(&self) -> usize {
        self.followers.values().map(Vec::len).sum()
    }
}

/// Addresses that two lists, both by address, say different things of.
fn differences(old: &[Entry], new: &[Entry]) -> Vec<IpAddr> {
    let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
    let mut found = Vec::new();
    loop {
        let order = match (old.peek(), new.peek()) {
            (None, None) => return found,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(o), Some(n)) => o.address.cmp(&n.address),
        };
        let gone = if order.is_le() { old.next() } else { None };
        let come = if order.is_ge() { new.next() } else { None };
        match (gone, come) {
            (Some(o), Some(n)) if o.says_the_same(n) => {}
            (gone, come) => found.extend(gone.or(come).map(|e| e.address)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VNI: Vni = Vni::FIRST_VPC;
    const HOST: Ipv4Addr = Ipv4Addr::new(127, 0, 1, 1);
    const OTHER: Ipv4Addr = Ipv4Addr::new(127, 0, 1, 2);

    fn at(n: u8) -> IpAddr {
        Ipv4Addr::new(10, 0, 0, n).into()
    }

    fn holder(host: Option<Ipv4Addr>) -> Holder {
        let groups = vec![SecurityGroupId::from_random(1)];
        Holder { interface: InterfaceId::from_random(1), mac: MacAddr([2, 0, 0, 0, 0, 1]), underlay: host, groups }
    }

    fn part(of: u16, entries: &[(IpAddr, Option<Ipv4Addr>)]) -> Vec<DirectoryPart> {
        let held = |n| entries.iter().filter(move |(a, _)| part_of(*a, of) == n).map(|(a, h)| (*a, holder(*h))).collect();
        (0..of).map(|n| DirectoryPart { vni: VNI, part: n, of, entries: held(n) }).collect()
    }

    fn put(d: &mut Directory, version: u64, parts: Vec<DirectoryPart>, now_ms: u64) -> Vec<(Ipv4Addr, IpAddr)> {
        let parts = parts.into_iter().map(|p| (p, Generation(version))).collect();
        let told = d.put(parts, &HashSet::from([VNI]), now_ms);
        told.into_iter()
            .map(|(to, m)| match m {
                Message::Answer(a) => (to, a.address),
                other => panic!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn who_may_ask_is_answered_what_was_pushed() {
        let mut d = Directory::new([HOST], 100);
        assert_eq!(d.query(HOST, VNI, at(1), 0), Err(Refused::UnknownVpc));
        put(&mut d, 7, part(4, &[(at(1), Some(OTHER)), (at(2), None)]), 0);
        assert_eq!(d.query(OTHER, VNI, at(1), 0), Err(Refused::NotAHost));
        let answer = |d: &mut Directory, n| d.query(HOST, VNI, at(n), 0).map(|a| (a.version.0, a.lease_ms, a.holder));
        assert_eq!(answer(&mut d, 1), Ok((7, LEASE_MS, Some(holder(Some(OTHER))))));
        assert_eq!(answer(&mut d, 2), Ok((7, LEASE_MS, Some(holder(None)))));
        assert_eq!(answer(&mut d, 3), Ok((7, NOBODY_MS, None)));
        assert_eq!((d.entries(), d.counts.queries, d.counts.negative, d.counts.refused), (2, 3, 1, 2));
        d.put(Vec::new(), &HashSet::new(), 0);
        assert_eq!((d.query(HOST, VNI, at(1), 0), d.vpcs(), d.groups.len()), (Err(Refused::UnknownVpc), 0, 0));
    }

    #[test]
    fn who_asked_is_told_what_changed_and_nobody_else() {
        let mut d = Directory::new([HOST, OTHER], 100);
        put(&mut d, 1, part(1, &[(at(1), Some(OTHER)), (at(2), Some(OTHER))]), 0);
        for (host, n) in [(HOST, 1), (HOST, 1), (OTHER, 2), (HOST, 3)] {
            d.query(host, VNI, at(n), 0).unwrap();
        }
        assert_eq!(d.followers(), 3);
        // 1 moves, 3 comes to be, 2 stays.
        let moved = [(at(1), Some(HOST)), (at(2), Some(OTHER)), (at(3), None)];
        assert_eq!(put(&mut d, 2, part(1, &moved), 1), [(HOST, at(1)), (HOST, at(3))]);
        assert_eq!(put(&mut d, 3, part(1, &moved), 2), []);
        // Cut into more parts: who asked is told once more, the rest is as it was.
        let mut told = put(&mut d, 4, part(4, &moved), 3);
        told.sort();
        assert_eq!(told, [(HOST, at(1)), (HOST, at(3)), (OTHER, at(2))]);
        assert_eq!(put(&mut d, 5, part(4, &[(at(2), Some(OTHER))]), 4).len(), 2);
        assert_eq!(d.query(HOST, VNI, at(1), 5).unwrap().holder, None);
        // Leases end, but of who asked again.
        d.query(HOST, VNI, at(1), 40_000).unwrap();
        assert_eq!(put(&mut d, 6, part(4, &[(at(1), None)]), 100_000), [(HOST, at(1))]);
        d.query(OTHER, VNI, at(9), 200_000).unwrap();
        assert_eq!((d.followers(), d.counts.followers_dropped), (1, 0));
    }

    #[test]
    fn followers_are_bounded() {
        let mut d = Directory::new([HOST], 10);
        put(&mut d, 1, part(1, &[]), 0);
        for n in 0..25u8 {
            d.query(HOST, VNI, at(n), n.into()).unwrap();
        }
        assert_eq!((d.followers(), d.leases.len(), d.counts.followers_dropped), (10, 10, 15));
        for _ in 0..50 {
            d.query(HOST, VNI, at(24), 100).unwrap();
        }
        assert_eq!((d.followers(), d.leases.len()), (10, 10));
    }
}
