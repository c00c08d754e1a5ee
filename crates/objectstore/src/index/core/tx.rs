//! One decision under way: reads that become preconditions, and writes that later reads see.

use super::Step;
use crate::index::map::Extent;
use crate::index::row::{self, Row};
use crate::index::{Stop, key};
use crate::message::IndexAnswer;
use crate::record::EventDraft;
use platform::Rng;
use std::collections::BTreeMap;
use store::{Entry, Key, Mutation, Precondition, StoreRead, Value, Version};
use types::TimestampMs;

/// Rows that [`Tx::first`] reads at once: nearly always one is enough.
const FIRST_ROWS: usize = 2;

/// Of a number, those that the shard counts; above them is its own number.
const COUNTER_BITS: u32 = 40;

pub(in crate::index) struct Tx<'a> {
    pub store: &'a dyn StoreRead,
    pub now: TimestampMs,
    pub rng: &'a mut dyn Rng,
    reads: BTreeMap<Key, Option<Version>>,
    /// None: deleted.
    writes: BTreeMap<Key, Option<Value>>,
    events: Vec<EventDraft>,
    extent: Option<Extent>,
    /// The other shards of the bucket that is changed are frozen.
    pub alone: bool,
}

impl<'a> Tx<'a> {
    pub fn new(store: &'a dyn StoreRead, now: TimestampMs, rng: &'a mut dyn Rng) -> Self {
        Self { store, now, rng, reads: BTreeMap::new(), writes: BTreeMap::new(), events: Vec::new(), extent: None, alone: false }
    }

    /// What this shard decides on, which must not change before the commit.
    pub fn extent(&mut self) -> Result<Extent, Stop> {
        if let Some(extent) = &self.extent {
            return Ok(extent.clone());
        }
        let extent: Extent = self.get(&key::extent())?.unwrap_or(Extent::WHOLE);
        self.extent = Some(extent.clone());
        Ok(extent)
    }

    /// The row, which must not change before the commit.
    pub fn get<T: Row>(&mut self, key: &[u8]) -> Result<Option<T>, Stop> {
        if let Some(written) = self.writes.get(key) {
            return written.as_deref().map(row::decode).transpose();
        }
        let entry = self.store.get(key)?;
        self.reads.insert(key.to_vec(), entry.as_ref().map(|e| e.version));
        entry.map(|e| row::decode(&e.value)).transpose()
    }

    /// The first row of a range, which must not change before the commit. That none appears before it is the caller's matter.
    pub fn first(&mut self, start: &[u8], end: &[u8]) -> Result<Option<(Key, Value)>, Stop> {
        let own = self.writes.range(start.to_vec()..).take_while(|(k, _)| k.as_slice() < end).find_map(|(k, v)| {
            let value = v.as_ref()?;
            Some((k.clone(), value.clone()))
        });
        let mut from = start.to_vec();
        loop {
            let page = self.store.range(&from, end, FIRST_ROWS)?;
            let found = page.entries.into_iter().find(|e| !self.writes.contains_key(&e.key));
            match (found, page.next) {
                (Some(entry), _) => {
                    if own.as_ref().is_some_and(|(k, _)| *k < entry.key) {
                        return Ok(own);
                    }
                    let Entry { key, value, version } = entry;
                    self.reads.insert(key.clone(), Some(version));
                    return Ok(Some((key, value)));
                }
                (None, Some(next)) => from = next,
                (None, None) => return Ok(own),
            }
        }
    }

    /// A row that was read without [`Tx::get`] must not change before the commit.
    pub fn seen(&mut self, entry: &Entry) {
        self.reads.insert(entry.key.clone(), Some(entry.version));
    }

    pub fn put<T: Row>(&mut self, key: Key, value: &T) -> Result<(), Stop> {
        self.writes.insert(key, Some(row::encode(value)?));
        Ok(())
    }

    pub fn delete(&mut self, key: Key) {
        self.writes.insert(key, None);
    }

    pub fn event(&mut self, draft: EventDraft) {
        self.events.push(draft);
    }

    /// Takes the next number of a counter, which no other shard gives out; the first of shard 0 is 1.
    pub fn count(&mut self, name: &str) -> Result<u64, Stop> {
        let key = key::counter(name);
        let next = self.get::<u64>(&key)?.unwrap_or(0) + 1;
        self.put(key, &next)?;
        Ok(u64::from(self.extent()?.number) << COUNTER_BITS | next)
    }

    /// Rows written so far.
    pub fn writes(&self) -> usize {
        self.writes.len()
    }

    /// Nothing was written so far.
    pub fn is_idle(&self) -> bool {
        self.writes.is_empty()
    }

    pub fn into_step(self, answer: IndexAnswer) -> Step {
        if self.writes.is_empty() {
            return Step { answer, pre: Vec::new(), muts: Vec::new(), events: Vec::new() };
        }
        let pre = self.reads.into_iter().map(|(key, found)| match found {
            Some(version) => Precondition::Version { key, version },
            None => Precondition::Absent { key },
        });
        let muts = self.writes.into_iter().map(|(key, value)| match value {
            Some(value) => Mutation::Put { key, value },
            None => Mutation::Delete { key },
        });
        Step { answer, pre: pre.collect(), muts: muts.collect(), events: self.events }
    }
}
