//! What a host has learned of a large VPC: who has the addresses that its ports talk to. Grows with the talkers, not the VPC.
//!
//! ```text
//!            answer                     lease over, nobody uses it
//!  unknown ─────────▶ held, or nobody ───────────────────────────▶ unknown
//!     ▲                  │        ▲
//!     │ an unanswered    │ doubt  │ answer; or no directory answers: as it was, for a while
//!     └── first query    ▼        │
//!                      doubted ───┘
//! ```
//!
//! One table a VPC, shared by the compiled configurations that follow each other. Only a flow's first packet looks here.

use crate::config::{Map, Member, Place};
use crate::ip::Ip;
use foldhash::fast::FixedState;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use types::{Generation, InterfaceId, MacAddr, SecurityGroupId};
use wire::directory::{Answer, Holder};

/// An answer that a packet contradicts is asked for again when it is older than this, else the packet is wrong.
const RECHECK_MS: u64 = 1000;
/// A host that says it does not have the address is believed (asked about) at most this often.
const DOUBT_MS: u64 = 200;
/// What no directory renews goes on for this time, again and again: a host keeps what it was told.
pub(crate) const UNANSWERED_MS: u64 = 10_000;
/// How many entries a full table looks at to find one that gives way.
const EVICT_SAMPLE: usize = 16;

pub(crate) struct Peers {
    /// This host.
    underlay: u32,
    inner: Mutex<Inner>,
}

struct Inner {
    entries: Map<IpAddr, Entry>,
    /// How many entries are at a host.
    hosts: Map<u32, u32>,
}

struct Entry {
    holder: Option<Peer>,
    version: Generation,
    answered_ms: u64,
    until_ms: u64,
    used_ms: u64,
    doubted: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Peer {
    interface: InterfaceId,
    mac: MacAddr,
    underlay: Option<u32>,
    groups: Box<[SecurityGroupId]>,
}

impl From<&Holder> for Peer {
    fn from(h: &Holder) -> Self {
        Self { interface: h.interface, mac: h.mac, underlay: h.underlay.map(u32::from), groups: h.groups.as_slice().into() }
    }
}

/// What an answer was worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Learned {
    New,
    Same,
    /// It says another thing than before: what was decided by that is decided anew.
    Changed,
    /// Older than what is known.
    Old,
}

/// What is to be done with an entry whose time has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    Nothing,
    Renew,
    /// Nobody has used it for its lease: it is gone.
    Dropped,
}

impl Peers {
    pub fn new(underlay: u32, hasher: &FixedState) -> Self {
        let inner = Inner { entries: Map::with_hasher(hasher.clone()), hosts: Map::with_hasher(hasher.clone()) };
        Self { underlay, inner: Mutex::new(inner) }
    }

    pub fn is_of(&self, underlay: u32) -> bool {
        self.underlay == underlay
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a packet to or from the address can be decided. `from`: it comes from that host.
    pub fn knows(&self, address: IpAddr, from: Option<u32>, now_ms: u64) -> bool {
        let mut inner = self.inner();
        let Some(entry) = inner.entries.get_mut(&address) else { return false };
        entry.used_ms = now_ms;
        let elsewhere = from.is_some_and(|h| entry.holder.as_ref().is_none_or(|p| p.underlay != Some(h)));
        !entry.doubted && now_ms < entry.until_ms && !(elsewhere && now_ms >= entry.answered_ms + RECHECK_MS)
    }

    /// Something is known of the address, that it is nobody's included.
    pub fn has(&self, address: IpAddr) -> bool {
        self.inner().entries.contains_key(&address)
    }

    pub fn member(&self, address: IpAddr) -> Option<Member> {
        let inner = self.inner();
        let peer = inner.entries.get(&address)?.holder.as_ref()?;
        // Said to be here: its port would be in the configuration.
        let place = peer.underlay.filter(|&h| h != self.underlay).map_or(Place::Nowhere, Place::Host);
        Some(Member { mac: peer.mac, place })
    }

    pub fn is_in(&self, address: IpAddr, group: SecurityGroupId) -> bool {
        let inner = self.inner();
        inner.entries.get(&address).and_then(|e| e.holder.as_ref()).is_some_and(|p| p.groups.contains(&group))
    }

    pub fn is_at(&self, host: u32) -> bool {
        self.inner().hosts.contains_key(&host)
    }

    pub fn by_mac(&self, mac: [u8; 6]) -> Option<InterfaceId> {
        let inner = self.inner();
        inner.entries.values().filter_map(|e| e.holder.as_ref()).find(|p| p.mac.0 == mac).map(|p| p.interface)
    }

    pub fn len(&self) -> usize {
        self.inner().entries.len()
    }

    /// (address, where it is), in no order.
    pub fn list(&self, max: usize) -> Vec<(IpAddr, Place)> {
        let inner = self.inner();
        let place = |p: &Peer| p.underlay.filter(|&h| h != self.underlay).map_or(Place::Nowhere, Place::Host);
        inner.entries.iter().filter_map(|(&a, e)| Some((a, place(e.holder.as_ref()?)))).take(max).collect()
    }

    /// Takes what a directory says; the second value is when to look at it again.
    pub fn learn(&self, address: IpAddr, answer: &Answer, now_ms: u64) -> (Learned, u64) {
        let mut inner = self.inner();
        let holder = answer.holder.as_ref().map(Peer::from);
        let lease_ms = u64::from(answer.lease_ms).max(1);
        let until_ms = now_ms + lease_ms;
        let (learned, used_ms) = match inner.entries.get(&address) {
            None => (Learned::New, now_ms),
            Some(e) if e.version > answer.version => return (Learned::Old, 0),
            Some(e) => (if e.holder == holder { Learned::Same } else { Learned::Changed }, e.used_ms),
        };
        inner.remove(address);
        if let Some(host) = holder.as_ref().and_then(|p| p.underlay) {
            *inner.hosts.entry(host).or_default() += 1;
        }
        let entry = Entry { holder, version: answer.version, answered_ms: now_ms, until_ms, used_ms, doubted: false };
        inner.entries.insert(address, entry);
        (learned, now_ms + lease_ms * 3 / 4)
    }

    /// No directory answers: what is known goes on. False: nothing is.
    pub fn go_on(&self, address: IpAddr, now_ms: u64) -> bool {
        let mut inner = self.inner();
        let Some(entry) = inner.entries.get_mut(&address) else { return false };
        entry.doubted = false;
        entry.until_ms = entry.until_ms.max(now_ms + UNANSWERED_MS);
        true
    }

    /// `host` says that it does not have the address. True: what was decided by that is to be decided anew.
    pub fn doubt(&self, address: IpAddr, host: u32, now_ms: u64) -> bool {
        let mut inner = self.inner();
        let Some(entry) = inner.entries.get_mut(&address) else { return false };
        let there = entry.holder.as_ref().is_some_and(|p| p.underlay == Some(host));
        let doubted = there && !entry.doubted && now_ms >= entry.answered_ms + DOUBT_MS;
        entry.doubted |= doubted;
        doubted
    }

    /// A flow with the address had a packet at that time.
    pub fn mark(&self, address: IpAddr, used_ms: u64) {
        if let Some(entry) = self.inner().entries.get_mut(&address) {
            entry.used_ms = entry.used_ms.max(used_ms);
        }
    }

    /// Looks at an entry whose time has come; the second value is when to look again, if it is to.
    pub fn due(&self, address: IpAddr, now_ms: u64) -> (Due, Option<u64>) {
        let mut inner = self.inner();
        let Some(entry) = inner.entries.get(&address) else { return (Due::Nothing, None) };
        let lease_ms = entry.until_ms - entry.answered_ms;
        // Answered again since: that made an appointment of its own.
        if now_ms < entry.answered_ms + lease_ms * 3 / 4 {
            return (Due::Nothing, None);
        }
        if entry.holder.is_some() && entry.used_ms > entry.answered_ms {
            return (Due::Renew, Some(now_ms + UNANSWERED_MS.min(lease_ms)));
        }
        if now_ms < entry.until_ms {
            return (Due::Nothing, Some(entry.until_ms));
        }
        inner.remove(address);
        (Due::Dropped, None)
    }

    /// Makes room: the entry of a few that was used the longest ago.
    pub fn evict(&self) -> bool {
        let mut inner = self.inner();
        let oldest = inner.entries.iter().take(EVICT_SAMPLE).min_by_key(|(_, e)| (e.holder.is_some(), e.used_ms));
        let Some(address) = oldest.map(|(a, _)| *a) else { return false };
        inner.remove(address);
        true
    }

    /// Bytes allocated.
    pub fn bytes(&self) -> usize {
        let inner = self.inner();
        let groups: usize = inner.entries.values().filter_map(|e| e.holder.as_ref()).map(|p| size_of_val(&*p.groups)).sum();
        inner.entries.allocation_size() + inner.hosts.allocation_size() + groups
    }
}

impl Inner {
    fn remove(&mut self, address: IpAddr) {
        let Some(entry) = self.entries.remove(&address) else { return };
        if let Some(host) = entry.holder.and_then(|p| p.underlay)
            && let Some(count) = self.hosts.get_mut(&host)
        {
            *count -= 1;
            if *count == 0 {
                self.hosts.remove(&host);
            }
        }
    }
}

/// The members of a group that rules name: those that the configuration lists, and of large VPCs whoever says that it is one.
#[derive(Default)]
pub(crate) struct Members<A: Ip> {
    /// Private addresses, sorted.
    listed: Box<[A]>,
    learned: Option<(SecurityGroupId, Vec<Arc<Peers>>)>,
}

impl<A: Ip> Members<A> {
    pub fn new(mut listed: Vec<A>, group: SecurityGroupId, learned: Vec<Arc<Peers>>) -> Self {
        listed.sort_unstable();
        Self { listed: listed.into(), learned: Some((group, learned)).filter(|(_, l)| !l.is_empty()) }
    }

    pub fn contains(&self, address: A) -> bool {
        self.listed.binary_search(&address).is_ok()
            || self.learned.as_ref().is_some_and(|(group, of)| of.iter().any(|p| p.is_in(address.any(), *group)))
    }

    /// How many the configuration lists.
    pub fn len(&self) -> usize {
        self.listed.len()
    }
}

impl<A: Ip> FromIterator<A> for Members<A> {
    fn from_iter<T: IntoIterator<Item = A>>(addresses: T) -> Self {
        Self::new(addresses.into_iter().collect(), SecurityGroupId::from_random(0), Vec::new())
    }
}

impl<A: Ip> std::fmt::Debug for Members<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Members").field(&self.listed).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;
    use types::Vni;

    const A: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));

    fn answer(version: u64, holder: Option<(u32, u128)>) -> Answer {
        let holder = holder.map(|(host, group)| Holder {
            interface: InterfaceId::from_random(1),
            mac: MacAddr([2, 0, 0, 0, 0, 1]),
            underlay: Some(Ipv4Addr::from(host)),
            groups: vec![SecurityGroupId::from_random(group)],
        });
        Answer { vni: Vni::FIRST_VPC, address: A, version: Generation(version), lease_ms: 60_000, holder }
    }

    fn peers() -> Peers {
        Peers::new(1, &FixedState::with_seed(1))
    }

    #[test]
    fn an_answer_holds_for_its_lease_and_an_older_one_for_nothing() {
        let p = peers();
        assert!(!p.knows(A, None, 0));
        assert_eq!(p.learn(A, &answer(5, Some((7, 1))), 0), (Learned::New, 45_000));
        assert!(p.knows(A, None, 59_999) && !p.knows(A, None, 60_000));
        assert_eq!(p.learn(A, &answer(4, None), 1).0, Learned::Old);
        assert_eq!(p.learn(A, &answer(5, Some((7, 1))), 2).0, Learned::Same);
        assert_eq!(p.learn(A, &answer(6, Some((8, 1))), 3).0, Learned::Changed);
        assert!(!p.is_at(7) && p.is_at(8) && p.is_in(A, SecurityGroupId::from_random(1)));
        assert_eq!(p.learn(A, &answer(7, None), 4).0, Learned::Changed);
        assert!(p.member(A).is_none() && !p.is_at(8) && p.knows(A, None, 5));
    }

    #[test]
    fn what_a_packet_contradicts_is_asked_again_once_it_is_old_enough() {
        let p = peers();
        p.learn(A, &answer(1, Some((7, 1))), 1000);
        assert!(p.knows(A, Some(8), 1999), "just answered: the packet is wrong");
        assert!(!p.knows(A, Some(8), 2000) && p.knows(A, Some(7), 2000));
        assert!(!p.doubt(A, 8, 2000), "not the host that it was sent to");
        assert!(!p.doubt(A, 7, 1100) && p.doubt(A, 7, 1200) && !p.doubt(A, 7, 1300));
        assert!(!p.knows(A, None, 1300));
        assert!(p.go_on(A, 1300) && p.knows(A, None, 1300));
    }

    #[test]
    fn what_is_used_is_renewed_and_what_is_not_is_dropped() {
        let p = peers();
        let (_, at) = p.learn(A, &answer(1, Some((7, 1))), 0);
        assert_eq!(p.due(A, at), (Due::Nothing, Some(60_000)));
        assert_eq!((p.due(A, 60_000), p.len()), ((Due::Dropped, None), 0));
        let (_, at) = p.learn(A, &answer(1, Some((7, 1))), 0);
        p.mark(A, 30_000);
        assert_eq!(p.due(A, at), (Due::Renew, Some(at + UNANSWERED_MS)));
        assert!(p.go_on(A, 59_000) && p.knows(A, None, 68_999));
        p.learn(A, &answer(2, None), 100_000);
        assert_eq!(p.due(A, 110_000), (Due::Nothing, None), "it has been answered since");
        p.knows(A, None, 150_000);
        assert_eq!(p.due(A, 160_000).0, Due::Dropped, "that it is nobody's is not renewed");
        assert_eq!(p.len(), 0);
    }
}
