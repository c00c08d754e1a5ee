//! Maglev: which target a new connection gets, by a table that is the same wherever the same targets are known (Eisenbud et al.,
//! NSDI 2016, section 3.4). Pure. Tables are made before a configuration is put in force ([`Tables::prepare`], a millisecond
//! each) and shared by all listeners with the same targets; a packet's way looks up one slot.
//!
//! Each target walks the slots in an order of its own, and all take turns to take their next free one: so their numbers of slots
//! differ by one at most (weights: so many turns at a time), and when one goes, nearly only its own slots change hands.

use std::collections::HashMap;
use std::sync::Arc;
use wire::net::{NetConfig, NetworkListener, NetworkTarget, TargetState};

/// A prime, a hundred times as many as there are targets at most.
pub const SLOTS: usize = 65_537;

/// A target as the table sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Member {
    /// Stands for it everywhere: address and port.
    pub key: u64,
    /// Turns; 0 counts as 1.
    pub weight: u16,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Table(Box<[u16]>);

const FREE: u16 = u16::MAX;

impl Table {
    /// `members` in the order of their keys, which are different; what [`Table::pick`] returns is an index into it. `None`: there
    /// are none, or more than 65,534.
    pub fn build(members: &[Member]) -> Option<Self> {
        if members.is_empty() || members.len() >= usize::from(FREE) {
            return None;
        }
        let slots = SLOTS as u64;
        // (where it stands, how far it steps): begins anywhere, steps 1 to SLOTS - 1.
        let mut walkers: Vec<(u32, u32)> = members
            .iter()
            .map(|m| {
                (
                    (mix(m.key ^ 0x6a09_e667_f3bc_c908) % slots) as u32,
                    (1 + mix(m.key ^ 0xbb67_ae85_84ca_a73b) % (slots - 1)) as u32,
                )
            })
            .collect();
        let mut table = vec![FREE; SLOTS].into_boxed_slice();
        let mut left = SLOTS;
        loop {
            for (i, (walker, member)) in walkers.iter_mut().zip(members).enumerate() {
                for _ in 0..member.weight.max(1) {
                    while table[walker.0 as usize] != FREE {
                        step(walker);
                    }
                    table[walker.0 as usize] = i as u16;
                    left -= 1;
                    if left == 0 {
                        return Some(Self(table));
                    }
                }
            }
        }
    }

    /// The member that a connection with this hash gets; `again`: the one of another slot, for who cannot have that one.
    #[inline]
    pub fn pick(&self, hash: u64, again: u32) -> usize {
        let slot = (hash % SLOTS as u64) as usize + again as usize;
        self.0[slot % SLOTS].into()
    }

    /// Which member has each slot.
    pub fn slots(&self) -> &[u16] {
        &self.0
    }
}

#[inline]
fn step((at, by): &mut (u32, u32)) {
    *at += *by;
    if *at >= SLOTS as u32 {
        *at -= SLOTS as u32;
    }
}

/// Spreads a key over 64 bits (splitmix64's last steps): fixed for all time, or cards of two versions would disagree.
fn mix(key: u64) -> u64 {
    let z = key.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

/// What a connection's target is chosen by.
#[derive(Debug, Clone, Copy)]
pub struct Connection {
    pub client: u32,
    pub balancer: u32,
    pub client_port: u16,
    pub port: u16,
    pub protocol: u8,
}

impl Connection {
    /// Keyed, as clients choose what is hashed: SipHash-2-4 (Aumasson and Bernstein, 2012) of 15 bytes.
    pub fn hash(&self, seed: [u64; 2]) -> u64 {
        let first = u64::from(self.client) | u64::from(self.balancer) << 32;
        let rest = u64::from(self.client_port) | u64::from(self.port) << 16 | u64::from(self.protocol) << 32;
        siphash(seed, first, rest)
    }
}

/// Of 15 bytes, little-endian: 8, and 7 in the lower part of `rest`.
fn siphash([k0, k1]: [u64; 2], first: u64, rest: u64) -> u64 {
    let mut v = [k0 ^ 0x736f_6d65_7073_6575, k1 ^ 0x646f_7261_6e64_6f6d, k0 ^ 0x6c79_6765_6e65_7261, k1 ^ 0x7465_6462_7974_6573];
    for word in [first, rest | 15 << 56] {
        v[3] ^= word;
        round(&mut v);
        round(&mut v);
        v[0] ^= word;
    }
    v[2] ^= 0xff;
    for _ in 0..4 {
        round(&mut v);
    }
    v[0] ^ v[1] ^ v[2] ^ v[3]
}

#[inline]
fn round([a, b, c, d]: &mut [u64; 4]) {
    *a = a.wrapping_add(*b);
    *b = b.rotate_left(13) ^ *a;
    *a = a.rotate_left(32);
    *c = c.wrapping_add(*d);
    *d = d.rotate_left(16) ^ *c;
    *a = a.wrapping_add(*d);
    *d = d.rotate_left(21) ^ *a;
    *c = c.wrapping_add(*b);
    *b = b.rotate_left(17) ^ *c;
    *c = c.rotate_left(32);
}

/// The targets that new connections of a listener get, in the table's order: those that are healthy; when there are none, all
/// that are not draining (fail open).
pub fn members(listener: &NetworkListener) -> Vec<Member> {
    let of = |state: &[TargetState]| {
        let mut members: Vec<Member> = listener
            .targets
            .iter()
            .filter(|t| state.contains(&t.state))
            .map(|t| Member { key: key(t), weight: t.weight })
            .collect();
        members.sort_unstable();
        members.dedup_by_key(|m| m.key);
        members
    };
    let healthy = of(&[TargetState::Healthy]);
    if healthy.is_empty() { of(&[TargetState::Unhealthy]) } else { healthy }
}

/// A target's key, which is its address and port.
pub fn key(target: &NetworkTarget) -> u64 {
    u64::from(u32::from(target.address)) << 16 | u64::from(target.port)
}

/// The tables of a configuration's listeners.
#[derive(Debug, Clone, Default)]
pub struct Tables(HashMap<Vec<Member>, Arc<Table>>);

impl Tables {
    /// Those that `config` needs, of nodes that have a port in it; what `previous` has is taken from there. Takes its time: not
    /// for the thread that packets wait for.
    pub fn prepare(config: &NetConfig, previous: &Tables) -> Self {
        let mut tables = HashMap::new();
        let here = |id| config.ports.iter().any(|p| p.id == id);
        for listener in config.vpcs.iter().flat_map(|v| &v.balancers).filter(|b| here(b.interface)).flat_map(|b| &b.listeners) {
            let members = members(listener);
            if tables.contains_key(&members) {
                continue;
            }
            let known = previous.0.get(&members).cloned();
            if let Some(table) = known.or_else(|| Table::build(&members).map(Arc::new)) {
                tables.insert(members, table);
            }
        }
        Self(tables)
    }

    pub(crate) fn get(&self, members: &[Member]) -> Option<Arc<Table>> {
        self.0.get(members).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector of the paper's appendix A.
    #[test]
    fn the_hash_is_siphash() {
        let word = |range: std::ops::Range<u8>| range.rev().fold(0u64, |w, b| w << 8 | u64::from(b));
        let seed = [word(0..8), word(8..16)];
        assert_eq!(siphash(seed, word(0..8), word(8..15)), 0xa129_ca61_49be_45e5);
    }
}
