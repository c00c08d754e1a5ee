//! Which shard decides what: places, the extents that shards have of them, and where a call goes.
//!
//! ```text
//!  place = (hash of the bucket's name, object key)          in this order, from the first to no end
//!  0 ├────────┬──────────────┬───────────┬─────────────┤    each shard has one extent; together they are everything
//!    shard 0   shard 4        shard 2     shard 1
//! ```
//!
//! A bucket is a short stretch of that order: one shard has it, or several have a range of its keys each. The first of them,
//! which has the place of the empty key, is the bucket's *home* and decides what it is; the others have copies.
//!
//! There is no map that could be wrong. Each shard keeps its own extent as a row of its store, which is a precondition of
//! all its commits, and remembers whom it gave the rest to ([`super::split`]). What processes and clients know of others is
//! a hint: who asks the wrong shard is told that it has moved.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Names a shard and its store for ever. Shard 0 is the first there was, and has the first place always.
pub type Number = u32;

/// Where something is in the order of all buckets and keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Spot {
    pub hash: u64,
    /// Keys are ordered by their UTF-8 bytes.
    pub key: String,
}

/// The places that a shard decides on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extent {
    pub number: Number,
    pub start: Spot,
    /// Not with it. None: to the end.
    pub end: Option<Spot>,
}

/// A range of one bucket's keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    pub from: String,
    /// Not with it. None: to the last.
    pub to: Option<String>,
}

/// A shard that a process leads: what it tells others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Led {
    pub extent: Extent,
    pub epoch: u64,
}

/// FNV-1a, then murmur3's finalizer so that similar names are far apart. Stored rows depend on it: it never changes.
pub fn hash(bucket: &str) -> u64 {
    let fnv = |h: u64, b: u8| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3);
    let mut h = bucket.bytes().fold(0xcbf2_9ce4_8422_2325, fnv);
    for multiplier in [0xff51_afd7_ed55_8ccd, 0xc4ce_b9fe_1a85_ec53] {
        h = (h ^ (h >> 33)).wrapping_mul(multiplier);
    }
    h ^ (h >> 33)
}

impl Spot {
    pub const FIRST: Self = Self { hash: 0, key: String::new() };

    pub fn of(bucket: &str, key: &str) -> Self {
        Self { hash: hash(bucket), key: key.to_owned() }
    }

    /// Where the bucket's home is.
    pub fn home(bucket: &str) -> Self {
        Self::of(bucket, "")
    }
}

impl Extent {
    /// Of a store that was never split.
    pub const WHOLE: Self = Self { number: 0, start: Spot::FIRST, end: None };

    pub fn has(&self, spot: &Spot) -> bool {
        self.start <= *spot && self.end.as_ref().is_none_or(|end| spot < end)
    }

    /// What it has of a bucket with this hash. None: nothing.
    pub fn keys(&self, hash: u64) -> Option<Keys> {
        let from = match self.start.hash.cmp(&hash) {
            std::cmp::Ordering::Less => String::new(),
            std::cmp::Ordering::Equal => self.start.key.clone(),
            std::cmp::Ordering::Greater => return None,
        };
        let to = match &self.end {
            Some(end) if end.hash < hash || (end.hash == hash && end.key.is_empty()) => return None,
            Some(end) if end.hash == hash => Some(end.key.clone()),
            _ => None,
        };
        Some(Keys { from, to })
    }

    pub fn is_home(&self, bucket: &str) -> bool {
        self.has(&Spot::home(bucket))
    }

    /// Has another shard keys of this bucket behind those of this one?
    pub fn goes_on(&self, bucket: &str) -> bool {
        self.keys(hash(bucket)).is_some_and(|keys| keys.to.is_some())
    }

    /// The extent from `at` on, as another shard's.
    pub fn behind(&self, at: &Spot, number: Number) -> Option<Self> {
        let inside = self.has(at) && *at != self.start;
        inside.then(|| Self { number, start: at.clone(), end: self.end.clone() })
    }
}

/// Who leads which shard, as one saw it last.
#[derive(Clone, Debug)]
pub struct Map<P> {
    /// By the shard's number: at which process.
    led: BTreeMap<Number, (P, Led)>,
}

impl<P> Default for Map<P> {
    fn default() -> Self {
        Self { led: BTreeMap::new() }
    }
}

impl<P: Copy + PartialEq> Map<P> {
    /// What a process said, which is all that it leads; nothing if it does not answer.
    pub fn tell(&mut self, process: P, leads: Vec<Led>) {
        self.led.retain(|_, (at, _)| *at != process);
        for led in leads {
            let newer = self.led.get(&led.extent.number).is_none_or(|(_, l)| l.epoch < led.epoch);
            if newer {
                self.led.insert(led.extent.number, (process, led));
            }
        }
    }

    pub fn shard(&self, number: Number) -> Option<(P, &Led)> {
        self.led.get(&number).map(|(at, led)| (*at, led))
    }

    /// Extents only shrink, so of several that seem to have a place the one that begins last has it.
    pub fn at(&self, spot: &Spot) -> Option<(P, &Led)> {
        let having = self.led.values().filter(|(_, led)| led.extent.has(spot));
        having.max_by(|a, b| a.1.extent.start.cmp(&b.1.extent.start)).map(|(at, led)| (*at, led))
    }

    pub fn numbers(&self) -> impl Iterator<Item = Number> + '_ {
        self.led.keys().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spot(hash: u64, key: &str) -> Spot {
        Spot { hash, key: key.into() }
    }

    fn extent(start: (u64, &str), end: Option<(u64, &str)>) -> Extent {
        Extent { number: 1, start: spot(start.0, start.1), end: end.map(|(h, k)| spot(h, k)) }
    }

    #[test]
    fn hashes_never_change() {
        let known: [(&str, u64); 3] = [("", 0xefd01f60ba992926), ("b", 0x6e673288764ad2d0), ("my-bucket", 0xbd5a430a438617e6)];
        for (name, value) in known {
            assert_eq!(hash(name), value, "{name}: {:#x}", hash(name));
        }
    }

    #[test]
    fn what_an_extent_has_of_a_bucket() {
        let keys = |from: &str, to: Option<&str>| Some(Keys { from: from.into(), to: to.map(str::to_owned) });
        for (start, end, hash, want) in [
            ((0, ""), None, 5, keys("", None)),
            ((5, ""), None, 5, keys("", None)),
            ((5, "k"), None, 5, keys("k", None)),
            ((6, ""), None, 5, None),
            ((0, ""), Some((5, "")), 5, None),
            ((0, ""), Some((5, "m")), 5, keys("", Some("m"))),
            ((5, "k"), Some((5, "m")), 5, keys("k", Some("m"))),
            ((0, ""), Some((6, "")), 5, keys("", None)),
            ((0, ""), Some((4, "z")), 5, None),
        ] {
            assert_eq!(extent(start, end).keys(hash), want, "{start:?} {end:?}");
        }
    }

    #[test]
    fn a_stale_map_still_finds_the_later_part() {
        let mut map = Map::default();
        let led = |number, start: (u64, &str), end, epoch| Led { extent: Extent { number, ..extent(start, end) }, epoch };
        map.tell('a', vec![led(0, (0, ""), None, 1)]);
        map.tell('b', vec![led(1, (9, ""), None, 1)]);
        assert_eq!(map.at(&spot(8, "x")).map(|(p, _)| p), Some('a'));
        assert_eq!(map.at(&spot(9, "x")).map(|(p, _)| p), Some('b'));
        // A deposed leader's word does not count, whenever it comes.
        map.tell('c', vec![led(0, (0, ""), Some((9, "")), 2)]);
        map.tell('a', vec![led(0, (0, ""), None, 1)]);
        assert_eq!(map.shard(0).map(|(p, l)| (p, l.epoch)), Some(('c', 2)));
        map.tell('b', Vec::new());
        assert!(map.at(&spot(9, "")).is_none());
    }
}
