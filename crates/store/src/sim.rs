//! The contract in memory, with the faults that a disk and a process have, decided by a seed.
//!
//! A [`SimDisk`] is what survives; a [`SimStore`] is one process's handle on it. A crash makes the handle useless, and
//! [`SimStore::restart`] opens the disk again. Faults come at random (the same seed and the same calls give the same
//! faults, and the same [`SimDisk::trace_hash`]) or by script, at the n-th commit.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::{
    Change, ChangeKind, Changes, Entry, Epoch, Error, Key, Mutation, Outcome, Page, Proposal, RANGE_BYTES_MAX, RANGE_ENTRIES_MAX,
    Result, Store, StoreRead, Value, Version, within,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The process dies, nothing is durable.
    CrashBeforeCommit,
    /// The process dies, the commit is durable, nobody was told.
    CrashAfterCommit,
    /// The disk fails; whether the commit is durable is drawn.
    IoError,
    /// Definite: nothing happened.
    DiskFull,
}

/// Chances are per thousand commits.
#[derive(Clone, Debug, Default)]
pub struct SimFaults {
    pub seed: u64,
    pub crash_before_permille: u16,
    pub crash_after_permille: u16,
    pub io_error_permille: u16,
    pub disk_full_permille: u16,
    /// At the n-th commit (counted from 1 over all restarts), this fault for certain.
    pub script: BTreeMap<u64, Fault>,
}

/// What survives a crash. Clones are the same disk.
#[derive(Clone)]
pub struct SimDisk(Arc<Mutex<Durable>>);

struct Durable {
    rows: BTreeMap<Key, (Value, Version)>,
    log: BTreeMap<(Version, Key), ChangeKind>,
    log_floor: Version,
    log_rows_max: usize,
    version: Version,
    epoch: Epoch,
    faults: SimFaults,
    random: u64,
    commits: u64,
    trace_hash: u64,
}

/// A process's handle. After a crash every call fails.
pub struct SimStore {
    disk: SimDisk,
    crashed: bool,
}

#[derive(Debug, thiserror::Error)]
#[error("simulated {0:?}")]
struct Simulated(Fault);

impl SimDisk {
    pub fn new(faults: SimFaults) -> Self {
        Self(Arc::new(Mutex::new(Durable {
            rows: BTreeMap::new(),
            log: BTreeMap::new(),
            log_floor: Version(0),
            log_rows_max: 65_536,
            version: Version(0),
            epoch: Epoch(0),
            random: faults.seed,
            faults,
            commits: 0,
            trace_hash: 0xcbf2_9ce4_8422_2325,
        })))
    }

    pub fn open(&self) -> SimStore {
        SimStore { disk: self.clone(), crashed: false }
    }

    /// Replaces the faults to come; the random sequence goes on.
    pub fn set_faults(&self, faults: SimFaults) {
        self.lock().faults = faults;
    }

    pub fn set_log_rows_max(&self, rows: usize) {
        self.lock().log_rows_max = rows;
    }

    /// Transactions tried, over all restarts.
    pub fn commits(&self) -> u64 {
        self.lock().commits
    }

    /// Of every commit, its fault and its effect. Equal for equal seeds and calls.
    pub fn trace_hash(&self) -> u64 {
        self.lock().trace_hash
    }

    fn lock(&self) -> MutexGuard<'_, Durable> {
        // A panicking test thread leaves data that is still whole: each call changes it at its end.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SimStore {
    /// A store on a new disk.
    pub fn new(faults: SimFaults) -> Self {
        SimDisk::new(faults).open()
    }

    pub fn disk(&self) -> SimDisk {
        self.disk.clone()
    }

    /// The process dies between two commits.
    pub fn crash(&mut self) {
        self.crashed = true;
    }

    pub fn crashed(&self) -> bool {
        self.crashed
    }

    /// The next process: finds exactly what is durable.
    pub fn restart(&self) -> SimStore {
        self.disk.open()
    }

    fn alive(&self) -> Result<MutexGuard<'_, Durable>> {
        if self.crashed { Err(Error::Stopped) } else { Ok(self.disk.lock()) }
    }
}

impl Durable {
    /// SplitMix64: small, and good enough to draw faults.
    fn draw(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn draw_fault(&mut self) -> Option<Fault> {
        let mut roll = self.draw() % 1000;
        let faults = &self.faults;
        if let Some(fault) = faults.script.get(&self.commits) {
            return Some(*fault);
        }
        for (fault, permille) in [
            (Fault::CrashBeforeCommit, faults.crash_before_permille),
            (Fault::CrashAfterCommit, faults.crash_after_permille),
            (Fault::IoError, faults.io_error_permille),
            (Fault::DiskFull, faults.disk_full_permille),
        ] {
            match roll.checked_sub(permille.into()) {
                None => return Some(fault),
                Some(rest) => roll = rest,
            }
        }
        None
    }

    fn trace(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.trace_hash = (self.trace_hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn apply(&mut self, proposal: &Proposal<'_>) -> Result<Version> {
        proposal.check_limits()?;
        for pre in proposal.pre {
            pre.check(self.rows.get(pre.key()).map(|(_, version)| *version))?;
        }
        if proposal.muts.is_empty() {
            return Ok(self.version);
        }
        self.version = self.version.next();
        let version = self.version;
        self.trace(&version.0.to_le_bytes());
        for mutation in proposal.muts {
            self.trace(mutation.key());
            let kind = match mutation {
                Mutation::Put { key, value } => {
                    self.trace(value);
                    self.rows.insert(key.clone(), (value.clone(), version));
                    ChangeKind::Put
                }
                Mutation::Delete { key } => {
                    self.rows.remove(key);
                    ChangeKind::Delete
                }
            };
            self.log.insert((version, mutation.key().to_vec()), kind);
        }
        while self.log.len() > self.log_rows_max {
            let Some(((oldest, _), _)) = self.log.first_key_value() else { break };
            let oldest = *oldest;
            self.log = self.log.split_off(&(oldest.next(), Key::new()));
            self.log_floor = oldest;
        }
        Ok(version)
    }
}

impl StoreRead for SimStore {
    fn version(&self) -> Result<Version> {
        Ok(self.alive()?.version)
    }

    fn epoch(&self) -> Result<Epoch> {
        Ok(self.alive()?.epoch)
    }

    fn get(&self, key: &[u8]) -> Result<Option<Entry>> {
        let disk = self.alive()?;
        Ok(disk.rows.get(key).map(|(value, version)| Entry { key: key.to_vec(), value: value.clone(), version: *version }))
    }

    fn range(&self, start: &[u8], end: &[u8], limit: usize) -> Result<Page> {
        within("range entries", limit, RANGE_ENTRIES_MAX)?;
        let disk = self.alive()?;
        let mut page = Page::default();
        let mut bytes = 0;
        for (key, (value, version)) in disk.rows.range(start.to_vec()..) {
            if !end.is_empty() && key.as_slice() >= end {
                break;
            }
            if page.entries.len() == limit.max(1) || bytes >= RANGE_BYTES_MAX {
                page.next = Some(key.clone());
                break;
            }
            bytes += key.len() + value.len();
            page.entries.push(Entry { key: key.clone(), value: value.clone(), version: *version });
        }
        Ok(page)
    }

    fn changes(&self, from: Version, limit: usize) -> Result<Changes> {
        within("changes", limit, RANGE_ENTRIES_MAX)?;
        let disk = self.alive()?;
        if from < disk.log_floor || from > disk.version {
            return Err(Error::Trimmed { asked: from, oldest: disk.log_floor, newest: disk.version });
        }
        let mut page = Changes { changes: Vec::new(), upto: disk.version, more: false };
        for ((version, key), kind) in disk.log.range((from.next(), Key::new())..) {
            if page.changes.len() >= limit.max(1) && page.changes.last().is_some_and(|last| last.version < *version) {
                page.upto = Version(version.0 - 1);
                page.more = true;
                break;
            }
            page.changes.push(Change { version: *version, key: key.clone(), kind: *kind });
        }
        Ok(page)
    }
}

impl Store for SimStore {
    fn acquire(&mut self, owner: &str) -> Result<Epoch> {
        within("owner bytes", owner.len(), crate::KEY_BYTES_MAX)?;
        let mut disk = self.alive()?;
        disk.epoch = disk.epoch.next();
        let epoch = disk.epoch;
        disk.trace(owner.as_bytes());
        Ok(epoch)
    }

    fn commit_batch(&mut self, epoch: Epoch, batch: &[Proposal<'_>]) -> Result<Vec<Result<Version>>> {
        let mut disk = self.alive()?;
        if epoch != disk.epoch || epoch == Epoch::default() {
            return Err(Error::Fenced { held: epoch, current: disk.epoch });
        }
        disk.commits += 1;
        let fault = disk.draw_fault();
        disk.trace(format!("{fault:?}").as_bytes());
        let applies = match fault {
            None | Some(Fault::CrashAfterCommit) => true,
            Some(Fault::CrashBeforeCommit | Fault::DiskFull) => false,
            Some(Fault::IoError) => disk.draw().is_multiple_of(2),
        };
        let results = if applies { batch.iter().map(|proposal| disk.apply(proposal)).collect() } else { Vec::new() };
        drop(disk);
        match fault {
            None => Ok(results),
            Some(Fault::DiskFull) => Err(Error::DiskFull),
            Some(fault) => {
                self.crashed = true;
                Err(Error::io("commit", Outcome::Unknown, Simulated(fault)))
            }
        }
    }
}

#[cfg(test)]
mod tests;
