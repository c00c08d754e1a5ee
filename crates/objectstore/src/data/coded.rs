//! Getting some frames of an erasure-coded chunk: from the data shards that hold them, else computed from any others.
//!
//! A sealed chunk is cut into `data` equal pieces in order, so a small range lies in one shard, or in two at a border, and
//! costs one or two calls. When one of those is away, the same columns of `data` other shards restore it. When the result
//! does not pass its authentication although every node vouched for its shard, one or two shards are left out in turn, as
//! long as there are enough others.

use super::client::Shared;
use super::erasure::{self, ErasureError};
use super::fetch::{Calls, Event, Patience, ReadError, Source, Tried, Wanted};
use super::health::Size;
use super::nodes::{Nodes, Trouble};
use super::seal::Sealer;
use crate::layout::Layout;
use bytes::{Bytes, BytesMut};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;
use std::sync::Arc;
use tokio::time::Instant;

/// Which bytes of which shards make up a range of a sealed chunk.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Geometry {
    layout: Layout,
    shard_bytes: usize,
    /// In order.
    parts: Vec<(u8, Range<usize>)>,
    /// All of the parts', to compute them.
    columns: Range<usize>,
}

impl Geometry {
    fn new(layout: Layout, sealed_bytes: usize, range: &Range<usize>) -> Self {
        let shard_bytes = layout.shard_bytes(sealed_bytes).max(1);
        let (first, last) = (range.start / shard_bytes, range.end.saturating_sub(1) / shard_bytes);
        let part = |s: usize| {
            let base = s * shard_bytes;
            (s as u8, range.start.max(base) - base..range.end.min(base + shard_bytes) - base)
        };
        let parts: Vec<_> = (first..=last).map(part).collect();
        let start = parts.iter().map(|(_, r)| r.start).min().unwrap_or(0);
        let end = parts.iter().map(|(_, r)| r.end).max().unwrap_or(0);
        Self { layout, shard_bytes, parts, columns: start..end }
    }

    /// From the parts themselves, if all are there.
    fn assemble(&self, parts: &BTreeMap<u8, Bytes>) -> Option<Bytes> {
        if let [(only, _)] = &self.parts[..] {
            return parts.get(only).cloned();
        }
        let pieces: Option<Vec<&[u8]>> = self.parts.iter().map(|(shard, _)| parts.get(shard).map(|b| &b[..])).collect();
        Some(pieces?.concat().into())
    }

    /// From columns of any shards but those in `without`.
    fn compute(&self, columns: &BTreeMap<u8, Bytes>, without: &[u8]) -> Result<Bytes, ErasureError> {
        let have: Vec<(u8, &[u8])> = columns.iter().filter(|(s, _)| !without.contains(s)).map(|(s, b)| (*s, &b[..])).collect();
        let there = |shard: u8| have.iter().find(|(s, _)| *s == shard).map(|(_, b)| *b);
        let lost = self.parts.iter().map(|(s, _)| *s).filter(|s| there(*s).is_none());
        let mut made: Vec<(u8, Vec<u8>)> = lost.map(|s| (s, vec![0; self.columns.len()])).collect();
        let mut want: Vec<(u8, &mut [u8])> = made.iter_mut().map(|(s, b)| (*s, b.as_mut_slice())).collect();
        if !want.is_empty() {
            erasure::recover(self.layout, &have, &mut want)?;
        }
        let mut all = BytesMut::with_capacity(self.parts.iter().map(|(_, r)| r.len()).sum());
        for (shard, part) in &self.parts {
            let from_made = || made.iter().find(|(s, _)| s == shard).map(|(_, b)| &b[..]);
            let bytes = there(*shard).or_else(from_made).unwrap_or_default();
            all.extend_from_slice(&bytes[part.start - self.columns.start..part.end - self.columns.start]);
        }
        Ok(all.freeze())
    }
}

/// What was got of one piece so far.
struct Gather<'a, N: Nodes> {
    shared: &'a Arc<Shared<N>>,
    sealer: &'a Arc<Sealer>,
    wanted: &'a Wanted,
    geometry: Arc<Geometry>,
    parts: BTreeMap<u8, Bytes>,
    columns: BTreeMap<u8, Bytes>,
    /// Who is asked for columns.
    pending: Vec<Source>,
    queue: VecDeque<Source>,
    /// The parts alone will not do.
    degraded: bool,
    /// So many shards' columns, to try.
    needed: usize,
    /// Calls more than needed, as some are slow.
    extra: usize,
}

pub(super) async fn coded<N: Nodes>(
    shared: &Arc<Shared<N>>,
    sealer: &Arc<Sealer>,
    wanted: &Wanted,
) -> Result<Vec<Bytes>, ReadError> {
    let geometry = Arc::new(Geometry::new(wanted.layout, wanted.sealed_bytes(), &wanted.range()));
    let mut g = Gather {
        shared,
        sealer,
        wanted,
        parts: BTreeMap::new(),
        columns: BTreeMap::new(),
        pending: Vec::new(),
        queue: VecDeque::new(),
        degraded: false,
        needed: usize::from(wanted.layout.data),
        extra: 0,
        geometry,
    };
    let size = Size::of(g.geometry.columns.len());
    let mut calls = Calls::new(shared, wanted);
    let mut patience = Patience::new(shared, size);
    for (i, (shard, part)) in g.geometry.parts.iter().enumerate() {
        let source = Source { shard: *shard, node: shared.topology.home(wanted.chunk, *shard) };
        if shared.health().is_passed_over(source.node, Instant::now()) {
            g.degraded = true;
        } else {
            calls.get(source, part.clone(), g.geometry.shard_bytes, i > 0);
        }
    }
    if g.degraded {
        g.degrade(&calls);
    }
    loop {
        if let Some(frames) = g.try_open(&mut calls).await {
            return Ok(frames);
        }
        if g.degraded && !g.ask(&mut calls).await {
            return Err(calls.error(false));
        }
        let may_ask_more = !g.degraded || !g.queue.is_empty() || calls.searches == 0;
        let timer = (calls.are_open() && may_ask_more).then(|| patience.at());
        match calls.next(timer).await? {
            None => {
                if patience.over(shared, &calls) {
                    patience = Patience::new(shared, size);
                    if g.degraded {
                        // Whoever is late may be late for good: as many others.
                        g.extra = g.pending.len();
                    } else {
                        g.degrade(&calls);
                    }
                }
            }
            Some(Event::Got { source, range, outcome }) => g.got(source, &range, outcome, &calls),
            Some(Event::Found { node, outcome }) => g.found(node, outcome.unwrap_or_default(), &calls.tried),
        }
    }
}

impl<N: Nodes> Gather<'_, N> {
    fn got(&mut self, source: Source, range: &Range<usize>, outcome: Result<Bytes, Trouble>, calls: &Calls<N>) {
        if *range == self.geometry.columns {
            self.pending.retain(|s| *s != source);
        }
        match outcome {
            Ok(bytes) => {
                if *range == self.geometry.columns {
                    self.columns.insert(source.shard, bytes.clone());
                }
                if self.geometry.parts.contains(&(source.shard, range.clone())) {
                    self.parts.insert(source.shard, bytes);
                }
            }
            Err(_) if !self.degraded => self.degrade(calls),
            Err(_) => {}
        }
    }

    fn found(&mut self, node: usize, has: Vec<bool>, tried: &[Tried]) {
        for (shard, has) in (0_u8..).zip(has) {
            let failed = |t: &Tried| (t.node, t.shard) == (node, Some(shard)) && t.trouble != Trouble::NotFound;
            if has && !tried.iter().any(failed) {
                self.queue.push_back(Source { shard, node });
            }
        }
    }

    /// From now on any shards will do: their homes in order of quickness.
    fn degrade(&mut self, calls: &Calls<N>) {
        self.degraded = true;
        let mut homes: Vec<Source> = (0..self.wanted.layout.shards() as u8)
            .map(|shard| Source { shard, node: self.shared.topology.home(self.wanted.chunk, shard) })
            .filter(|s| !calls.tried.iter().any(|t| (t.node, t.shard) == (s.node, Some(s.shard))))
            .collect();
        let size = Size::of(self.geometry.columns.len());
        self.shared.health().rank(&mut homes, |s| s.node, size, Instant::now());
        // Parts that are still awaited were asked for already.
        let awaited = |s: &Source| self.geometry.parts.iter().any(|(p, _)| *p == s.shard) && !self.parts.contains_key(&s.shard);
        let (late, ready): (Vec<Source>, Vec<Source>) = homes.into_iter().partition(awaited);
        self.queue.extend(ready);
        self.queue.extend(late);
    }

    /// Shards whose columns are there or under way.
    fn hoped_for(&self) -> usize {
        let pending: BTreeSet<u8> = self.pending.iter().map(|s| s.shard).filter(|s| !self.columns.contains_key(s)).collect();
        self.columns.len() + pending.len()
    }

    /// Asks for columns until enough are there or under way. False: nobody is left to ask or to wait for.
    async fn ask(&mut self, calls: &mut Calls<N>) -> bool {
        let nobody = self.pending.is_empty() && !calls.are_open() && calls.asked == 0;
        if self.queue.is_empty() && nobody && self.columns.len() < self.needed {
            self.queue.extend(calls.rest().await);
        }
        while self.hoped_for() < self.needed + self.extra {
            let Some(source) = self.queue.pop_front() else { break };
            if !self.columns.contains_key(&source.shard) && !self.pending.contains(&source) {
                self.pending.push(source);
                calls.get(source, self.geometry.columns.clone(), self.geometry.shard_bytes, true);
            }
        }
        let short = self.hoped_for() < self.needed + self.extra;
        if short && calls.asked == 0 && self.queue.is_empty() {
            let worth = calls.searches == 0 || calls.tried.iter().any(|t| t.trouble == Trouble::NotFound);
            return (worth && calls.search()) || calls.are_open();
        }
        true
    }

    /// Opens what there is, if it is enough.
    async fn try_open(&mut self, calls: &mut Calls<N>) -> Option<Vec<Bytes>> {
        if let Some(sealed) = self.geometry.assemble(&self.parts) {
            if let Some(frames) = self.wanted.open(self.sealer, sealed, self.shared).await {
                return Some(frames);
            }
            self.wrong(calls);
            self.parts.clear();
            if !self.degraded {
                self.degrade(calls);
            }
            self.needed = usize::from(self.wanted.layout.data) + 1;
        }
        if !self.degraded || self.columns.len() < self.needed {
            return None;
        }
        for without in left_out(&self.columns, usize::from(self.wanted.layout.data), calls.corrupt) {
            let (geometry, columns) = (self.geometry.clone(), self.columns.clone());
            let sealed = self.shared.options.offload.run(move || geometry.compute(&columns, &without)).await.ok()?;
            if let Some(frames) = self.wanted.open(self.sealer, sealed, self.shared).await {
                self.shared.counters.add(&self.shared.counters.degraded_reads);
                return Some(frames);
            }
        }
        self.wrong(calls);
        self.needed = self.columns.len() + 1;
        None
    }

    fn wrong(&self, calls: &mut Calls<N>) {
        calls.corrupt = true;
        self.shared.counters.add(&self.shared.counters.corrupt_tags);
    }
}

/// Which shards to leave out, in the order of trying: none, unless it is known that one of them is wrong; then any one,
/// then any two.
fn left_out(columns: &BTreeMap<u8, Bytes>, needed: usize, corrupt: bool) -> Vec<Vec<u8>> {
    if !corrupt {
        return vec![Vec::new()];
    }
    let shards: Vec<u8> = columns.keys().copied().collect();
    let mut out = Vec::new();
    if shards.len() > needed {
        out.extend(shards.iter().map(|s| vec![*s]));
    }
    if shards.len() > needed + 1 {
        out.extend(shards.iter().enumerate().flat_map(|(i, a)| shards[i + 1..].iter().map(move |b| vec![*a, *b])));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_range_is_in_one_shard_or_two() {
        let layout = Layout { data: 3, parity: 3 };
        for (range, parts, columns) in [
            (0..10, vec![(0, 0..10)], 0..10),
            (95..100, vec![(0, 95..100)], 95..100),
            (100..101, vec![(1, 0..1)], 0..1),
            (95..105, vec![(0, 95..100), (1, 0..5)], 0..100),
            (90..300, vec![(0, 90..100), (1, 0..100), (2, 0..100)], 0..100),
        ] {
            let g = Geometry::new(layout, 300, &range);
            assert_eq!((g.parts, g.columns), (parts, columns), "{range:?}");
        }
    }

    #[test]
    fn any_shards_give_the_range() {
        let layout = Layout { data: 3, parity: 2 };
        let chunk: Vec<u8> = (0..200).collect();
        let shards = erasure::split(layout, BytesMut::from(&chunk[..]));
        for (from, to) in [(0, 200), (60, 70), (134, 200), (5, 6)] {
            let g = Geometry::new(layout, 200, &(from..to));
            let all: BTreeMap<u8, Bytes> = (0..5).map(|s| (s, shards[usize::from(s)].slice(g.columns.clone()))).collect();
            for without in left_out(&all, 3, true) {
                assert_eq!(g.compute(&all, &without).unwrap()[..], chunk[from..to], "{from}..{to} without {without:?}");
            }
        }
    }
}
