//! A disk in memory that does what disks do: loses in a crash what was not synced, in part and torn anywhere; fails to sync
//! and then calls the pages clean; fills up; rots. Everything follows from the seed. For tests, here and of whole clusters.
//!
//! Pages of 4 KiB are cached until they are synced, or, written directly, lie in the drive's own cache. A crash keeps of each dirty page the old bytes, the new ones, or the new
//! ones up to some byte; of a directory change that was not synced, either side; of a file's length, anything between.

use super::disk::{Disk, SegmentFile};
use platform::rng::{Rng, SeededRng};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, IoSlice};
use std::sync::{Arc, Mutex, MutexGuard};

const PAGE: usize = 4096;

/// Cheap to clone; all clones are the same disk.
#[derive(Clone)]
pub struct SimDisk {
    inner: Arc<Mutex<Inner>>,
}

struct Inner {
    names: BTreeMap<String, Arc<Mutex<Contents>>>,
    durable_names: BTreeMap<String, Arc<Mutex<Contents>>>,
    rng: SeededRng,
    faults: SimFaults,
    capacity: u64,
}

/// What is to go wrong. Counted down by the operations named.
#[derive(Clone, Debug, Default)]
pub struct SimFaults {
    /// The power fails at this operation: it happens in part or not at all, and all after it fail until [`SimDisk::crash`].
    pub power_off_in: Option<u32>,
    /// This sync fails; the pages that it was for are called clean, though only some reached the disk.
    pub sync_fails_in: Option<u32>,
    /// Files cannot be opened for direct writes; or this direct write is refused.
    pub refuses_direct: bool,
    pub refuses_direct_in: Option<u32>,
    /// This write finds no space behind its first bytes.
    pub no_space_in: Option<u32>,
}

#[derive(Default)]
struct Contents {
    cached: Vec<u8>,
    durable: Vec<u8>,
    /// Not durable yet. True: written directly.
    dirty: BTreeMap<usize, bool>,
    /// Durable contents before a truncation that was not synced yet.
    uncut: Option<Vec<u8>>,
    punched: u64,
}

struct SimFile {
    disk: SimDisk,
    contents: Arc<Mutex<Contents>>,
    direct: bool,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|e| e.into_inner())
}

/// Is it this fault's turn?
fn due(left: &mut Option<u32>) -> bool {
    match left {
        Some(0) => true,
        Some(n) => {
            *n -= 1;
            false
        }
        None => false,
    }
}

fn power_failed() -> io::Error {
    io::Error::other("the power failed")
}

impl SimDisk {
    pub fn new(seed: u64, capacity_bytes: u64) -> Self {
        let inner = Inner {
            names: BTreeMap::new(),
            durable_names: BTreeMap::new(),
            rng: SeededRng::new(seed),
            faults: SimFaults::default(),
            capacity: capacity_bytes,
        };
        Self { inner: Arc::new(Mutex::new(inner)) }
    }

    pub fn set_faults(&self, faults: SimFaults) {
        locked(&self.inner).faults = faults;
    }

    pub fn set_capacity(&self, bytes: u64) {
        locked(&self.inner).capacity = bytes;
    }

    /// The power goes and comes back. Whoever still has files open sees another world than the disk.
    pub fn crash(&self) {
        let mut inner = locked(&self.inner);
        let Inner { names, durable_names, rng, faults, .. } = &mut *inner;
        *faults = SimFaults::default();
        let all: BTreeSet<String> = names.keys().chain(durable_names.keys()).cloned().collect();
        let mut after = BTreeMap::new();
        for name in all {
            let side = match (names.get(&name), durable_names.get(&name)) {
                (Some(new), Some(_)) => Some(new),
                (one, other) => one.or(other).filter(|_| rng.below(2) == 0),
            };
            if let Some(contents) = side {
                locked(contents).crash(rng);
                let fresh = Contents { durable: locked(contents).durable.clone(), ..Contents::default() };
                let fresh = Contents { cached: fresh.durable.clone(), punched: locked(contents).punched, ..fresh };
                after.insert(name, Arc::new(Mutex::new(fresh)));
            }
        }
        durable_names.clone_from(&after);
        *names = after;
    }

    /// Flips a bit somewhere in a file, on the disk and in the cache. None: there is nothing to flip.
    pub fn rot(&self) -> Option<(String, u64)> {
        let mut inner = locked(&self.inner);
        let Inner { names, rng, .. } = &mut *inner;
        let total: u64 = names.values().map(|c| locked(c).durable.len() as u64).sum();
        let mut at = rng.below(total.max(1));
        for (name, contents) in names.iter() {
            let mut contents = locked(contents);
            let length = contents.durable.len() as u64;
            if at < length {
                let (byte, bit) = (at as usize, 1 << rng.below(8));
                contents.durable[byte] ^= bit;
                if let Some(b) = contents.cached.get_mut(byte) {
                    *b ^= bit;
                }
                return Some((name.clone(), at));
            }
            at -= length;
        }
        None
    }

    /// Overwrites bytes of a file, on the disk and in the cache, within its length.
    pub fn damage(&self, name: &str, at: u64, bytes: &[u8]) {
        let inner = locked(&self.inner);
        let Some(contents) = inner.names.get(name) else { return };
        let mut contents = locked(contents);
        let Contents { cached, durable, .. } = &mut *contents;
        for side in [cached, durable] {
            for (n, b) in bytes.iter().enumerate() {
                if let Some(place) = side.get_mut(at as usize + n) {
                    *place = *b;
                }
            }
        }
    }

    fn step(&self) -> io::Result<MutexGuard<'_, Inner>> {
        let mut inner = locked(&self.inner);
        if due(&mut inner.faults.power_off_in) { Err(power_failed()) } else { Ok(inner) }
    }

    fn file(&self, contents: &Arc<Mutex<Contents>>, direct: bool) -> Arc<dyn SegmentFile> {
        Arc::new(SimFile { disk: self.clone(), contents: contents.clone(), direct })
    }
}

impl Inner {
    fn used(&self) -> u64 {
        self.names.values().map(|c| locked(c)).map(|c| (c.cached.len() as u64).saturating_sub(c.punched)).sum()
    }
}

impl Disk for SimDisk {
    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.step()?.names.keys().cloned().collect())
    }

    fn create(&self, name: &str) -> io::Result<Arc<dyn SegmentFile>> {
        let mut inner = self.step()?;
        let contents = inner.names.entry(name.to_owned()).or_default().clone();
        drop(inner);
        locked(&contents).truncate(0);
        Ok(self.file(&contents, false))
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn SegmentFile>> {
        let inner = self.step()?;
        let contents = inner.names.get(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(self.file(contents, false))
    }

    fn open_direct(&self, name: &str) -> io::Result<Arc<dyn SegmentFile>> {
        let inner = self.step()?;
        if inner.faults.refuses_direct {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let contents = inner.names.get(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(self.file(contents, true))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.step()?.names.remove(name);
        Ok(())
    }

    fn sync_dir(&self) -> io::Result<()> {
        let mut inner = self.step()?;
        inner.durable_names = inner.names.clone();
        Ok(())
    }

    fn free_bytes(&self) -> io::Result<u64> {
        let inner = self.step()?;
        Ok(inner.capacity.saturating_sub(inner.used()))
    }
}

impl Contents {
    fn write(&mut self, offset: usize, bytes: &[u8], direct: bool) {
        let end = offset + bytes.len();
        if self.cached.len() < end {
            self.dirty.entry(self.cached.len() / PAGE).or_insert(direct);
            self.cached.resize(end, 0);
        }
        self.cached[offset..end].copy_from_slice(bytes);
        for page in offset / PAGE..end.div_ceil(PAGE) {
            let before = self.dirty.insert(page, direct);
            assert!(before.is_none_or(|b| b == direct), "page {page} is written both ways before a sync");
        }
    }

    fn truncate(&mut self, bytes: usize) {
        if bytes < self.durable.len() {
            self.uncut.get_or_insert_with(|| self.durable.clone());
            self.durable.truncate(bytes);
        }
        self.cached.resize(bytes, 0);
        self.dirty.retain(|page, _| page * PAGE < bytes);
    }

    /// A page reaches the disk, up to its byte `upto`.
    fn flush(&mut self, page: usize, upto: usize) {
        let (from, to) = (page * PAGE, (page * PAGE + upto.min(PAGE)).min(self.cached.len()));
        if from < to {
            if self.durable.len() < to {
                self.durable.resize(to, 0);
            }
            self.durable[from..to].copy_from_slice(&self.cached[from..to]);
        }
    }

    fn flush_some(&mut self, rng: &mut SeededRng) {
        for page in std::mem::take(&mut self.dirty).into_keys() {
            match rng.below(4) {
                0 => {}
                1 => self.flush(page, rng.below(PAGE as u64) as usize),
                _ => self.flush(page, PAGE),
            }
        }
    }

    fn sync(&mut self) {
        for page in std::mem::take(&mut self.dirty).into_keys() {
            self.flush(page, PAGE);
        }
        self.durable.resize(self.cached.len(), 0);
        self.uncut = None;
    }

    fn crash(&mut self, rng: &mut SeededRng) {
        if let Some(uncut) = self.uncut.take()
            && rng.below(2) == 0
        {
            self.durable = uncut;
        } else {
            self.flush_some(rng);
            // The length may have grown without the bytes.
            let grown = self.cached.len().saturating_sub(self.durable.len());
            if grown > 0 && rng.below(2) == 0 {
                let length = self.durable.len() + rng.below(grown as u64 + 1) as usize;
                self.durable.resize(length, 0);
            }
        }
        self.dirty.clear();
        self.cached = self.durable.clone();
    }
}

impl SegmentFile for SimFile {
    fn write_at(&self, offset: u64, pieces: &[IoSlice<'_>]) -> io::Result<()> {
        let bytes = pieces.iter().flat_map(|p| p.iter().copied()).collect::<Vec<u8>>();
        let mut inner = locked(&self.disk.inner);
        if self.direct {
            let pages = |at: usize| at.is_multiple_of(PAGE);
            assert!(pages(offset as usize) && pieces.iter().all(|p| pages(p.as_ptr() as usize) && pages(p.len())), "not pages");
            if due(&mut inner.faults.refuses_direct_in) {
                return Err(io::ErrorKind::InvalidInput.into());
            }
        }
        let power = due(&mut inner.faults.power_off_in);
        let growth = (offset + bytes.len() as u64).saturating_sub(locked(&self.contents).cached.len() as u64);
        let full = due(&mut inner.faults.no_space_in) || growth > inner.capacity.saturating_sub(inner.used());
        let part = inner.rng.below(bytes.len() as u64 + 1) as usize;
        if full {
            inner.faults.no_space_in = None;
        }
        drop(inner);
        let done = if power || full { &bytes[..part] } else { &bytes[..] };
        locked(&self.contents).write(offset as usize, done, self.direct);
        match () {
            () if power => Err(power_failed()),
            () if full => Err(io::ErrorKind::StorageFull.into()),
            () => Ok(()),
        }
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<usize> {
        let contents = locked(&self.contents);
        let from = (offset as usize).min(contents.cached.len());
        let n = out.len().min(contents.cached.len() - from);
        out[..n].copy_from_slice(&contents.cached[from..from + n]);
        if self.direct {
            assert!([offset as usize, out.as_ptr() as usize, out.len()].iter().all(|n| n.is_multiple_of(PAGE)), "not pages");
        }
        Ok(n)
    }

    fn is_cached(&self, _offset: u64, _bytes: u64) -> io::Result<bool> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn sync(&self) -> io::Result<()> {
        let mut inner = self.disk.step()?;
        let mut contents = locked(&self.contents);
        if due(&mut inner.faults.sync_fails_in) {
            inner.faults.sync_fails_in = None;
            contents.flush_some(&mut inner.rng);
            return Err(io::Error::other("the disk did not take it"));
        }
        contents.sync();
        Ok(())
    }

    fn bytes(&self) -> io::Result<u64> {
        Ok(locked(&self.contents).cached.len() as u64)
    }

    fn truncate(&self, bytes: u64) -> io::Result<()> {
        let _running = self.disk.step()?;
        locked(&self.contents).truncate(bytes as usize);
        Ok(())
    }

    fn punch(&self, offset: u64, bytes: u64) -> io::Result<()> {
        let _running = self.disk.step()?;
        let mut contents = locked(&self.contents);
        contents.write(offset as usize, &vec![0; bytes as usize], false);
        contents.punched += bytes;
        Ok(())
    }

    fn drop_cache(&self) -> io::Result<()> {
        let mut contents = locked(&self.contents);
        let Contents { cached, durable, dirty, .. } = &mut *contents;
        for (page, bytes) in cached.chunks_mut(PAGE).enumerate().filter(|(page, _)| !dirty.contains_key(page)) {
            let kept = durable.get(page * PAGE..).unwrap_or_default();
            let n = kept.len().min(bytes.len());
            bytes[..n].copy_from_slice(&kept[..n]);
            bytes[n..].fill(0);
        }
        Ok(())
    }

    fn allocated_bytes(&self) -> io::Result<u64> {
        let contents = locked(&self.contents);
        Ok((contents.cached.len() as u64).saturating_sub(contents.punched))
    }
}
