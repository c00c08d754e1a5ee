//! The log against a model of what it may say, over the simulated disk: batches, crashes at any operation (also while it
//! opens), syncs that fail, full disks, compaction, rot.

use bytes::Bytes;
use objectstore::node::digest::Digests;
use objectstore::node::disk::{Disk, RealDisk};
use objectstore::node::log::{Log, LogError, LogOptions, Op};
use objectstore::node::recover::OpenError;
use objectstore::node::sim::{SimDisk, SimFaults};
use objectstore::{BlobId, ChunkId, Layout, SessionId, ShardId};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

const SEGMENT_BYTES: u64 = 200 << 10;
const CAPACITY_BYTES: u64 = 64 << 20;
const AHEAD_BYTES: u64 = 24 << 10;
const KEYS: u8 = 24;
const LENGTHS: [usize; 12] = [0, 1, 56, 57, 100, 4000, 4096, 20_000, 65_535, 65_536, 70_001, 150_000];

#[derive(Clone, Copy, Debug)]
enum Change {
    Put { key: u8, variant: bool },
    Delete(u8),
    Forget(u8),
}

#[derive(Clone, Debug)]
enum Step {
    Batch(Vec<Change>),
    /// The power fails at the n-th operation of the disk from now; then a batch, and again while opening.
    PowerFails {
        at: u32,
        batch: Vec<Change>,
        again: Option<u32>,
    },
    SyncFails {
        batch: Vec<Change>,
        then_crash: bool,
    },
    NoSpace {
        at: u32,
        batch: Vec<Change>,
    },
    /// The disk is so small for a batch.
    Full(Vec<Change>),
    /// The file system does not know direct writes: says so at a write, or at the next start.
    RefusesDirect {
        at_write: bool,
        batch: Vec<Change>,
    },
    Kill,
    Crash,
    Compact {
        power_off_in: Option<u32>,
    },
    Expire,
    Rot,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Is {
    Absent,
    Live(Bytes),
    Deleted,
}

fn id(key: u8) -> ShardId {
    let blob = BlobId { session: SessionId(1), number: u32::from(key) };
    ShardId { chunk: ChunkId { blob, index: u32::from(key % 3) }, shard: key % 3, layout: Layout::REPLICATED }
}

fn payload(key: u8, variant: bool) -> Bytes {
    let length = LENGTHS[usize::from(key) % LENGTHS.len()];
    (0..length).map(|i| (i * 7 + i / 251 + usize::from(key) + usize::from(variant) * 91) as u8).collect()
}

fn op(change: Change, now_ms: u64) -> Op {
    match change {
        Change::Put { key, variant } => Op::Put { id: id(key), payload: payload(key, variant) },
        Change::Delete(key) => Op::Delete { ids: vec![id(key)], at_ms: now_ms },
        Change::Forget(key) => Op::Forget { ids: vec![id(key)] },
    }
}

fn options() -> LogOptions {
    LogOptions { segment_bytes: SEGMENT_BYTES, reserve_bytes: 1 << 20, ahead_bytes: AHEAD_BYTES, ..LogOptions::new(77) }
}

/// What the log may say of each key: one thing while all is known, several after an outcome that is not.
struct Model {
    may: BTreeMap<u8, Vec<Is>>,
    /// Also, once the process has ended.
    after_restart: BTreeMap<u8, Vec<Is>>,
}

struct World {
    disk: SimDisk,
    log: Log,
    model: Model,
    now_ms: u64,
    rotten: bool,
}

impl Model {
    fn of(&self, key: u8) -> Vec<Is> {
        self.may.get(&key).cloned().unwrap_or_else(|| vec![Is::Absent])
    }

    /// What `change` may answer and leave behind, from one state.
    fn after(change: Change, before: &Is) -> (Result<(), LogError>, Is) {
        match (change, before) {
            (Change::Put { .. }, Is::Deleted) => (Err(LogError::Deleted), Is::Deleted),
            (Change::Put { key, variant }, Is::Live(bytes)) if *bytes != payload(key, variant) => {
                (Err(LogError::Different), before.clone())
            }
            (Change::Put { key, variant }, _) => (Ok(()), Is::Live(payload(key, variant))),
            (Change::Delete(_), _) => (Ok(()), Is::Deleted),
            (Change::Forget(_), Is::Live(_)) => (Ok(()), Is::Absent),
            (Change::Forget(_), _) => (Ok(()), before.clone()),
        }
    }

    fn add(states: &mut Vec<Is>, more: Vec<Is>) {
        more.into_iter().for_each(|s| {
            if !states.contains(&s) {
                states.push(s)
            }
        });
    }
}

impl Change {
    fn key(self) -> u8 {
        match self {
            Change::Put { key, .. } | Change::Delete(key) | Change::Forget(key) => key,
        }
    }
}

impl World {
    fn new(seed: u64) -> Self {
        let disk = SimDisk::new(seed, CAPACITY_BYTES);
        let log = Log::open(Arc::new(disk.clone()), options(), Digests::default()).unwrap();
        let model = Model { may: BTreeMap::new(), after_restart: BTreeMap::new() };
        Self { disk, log, model, now_ms: 1000, rotten: false }
    }

    fn batch(&mut self, changes: &[Change], has_space: bool) {
        let ops: Vec<Op> = changes.iter().map(|c| op(*c, self.now_ms)).collect();
        let answers = self.log.commit(&ops);
        let mut unknown = BTreeMap::new();
        for (change, answer) in changes.iter().zip(&answers) {
            let key = change.key();
            let before = self.model.of(key);
            let outcomes: Vec<_> = before.iter().map(|b| Model::after(*change, b)).collect();
            match answer {
                Err(LogError::Failed(_)) => {
                    Model::add(unknown.entry(key).or_insert_with(|| before.clone()), outcomes.into_iter().map(|o| o.1).collect());
                }
                Err(LogError::Full) => assert!(matches!(change, Change::Put { .. }), "deletes always work"),
                answer => {
                    let fits: Vec<Is> = outcomes.into_iter().filter(|(a, _)| a == answer).map(|(_, after)| after).collect();
                    assert!(!fits.is_empty() || self.rotten, "{change:?} of {before:?} answered {answer:?}");
                    if !matches!(change, Change::Put { .. }) {
                        // Of a full disk: true while the process runs.
                        let more = self.model.after_restart.entry(key).or_default();
                        Model::add(more, before);
                        // The bytes may have been compacted away before the delete found room.
                        Model::add(more, vec![Is::Absent]);
                    }
                    self.model.may.insert(key, fits);
                }
            }
            if let Some(states) = unknown.get_mut(&key) {
                // Once unknown, what follows in the batch is so too.
                let more: Vec<Is> = states.iter().map(|s| Model::after(*change, s).1).collect();
                Model::add(states, more);
                let all = states.clone();
                self.model.may.insert(key, all);
            }
        }
        // There was space: what is answered is durable, and with it what had to wait.
        if has_space && self.log.failure().is_none() {
            self.model.after_restart.clear();
        }
        // The writer, when nobody waits. Whatever comes of it, nothing that was answered changes.
        if self.now_ms % 30 != 0 {
            let prepared = self.log.prepare();
            assert_eq!(prepared.is_err(), self.log.failure().is_some());
        }
    }

    fn crash(&mut self) {
        self.disk.crash();
        self.forget();
    }

    /// The process ends.
    fn forget(&mut self) {
        for (key, more) in std::mem::take(&mut self.model.after_restart) {
            let mut states = self.model.of(key);
            Model::add(&mut states, more);
            self.model.may.insert(key, states);
        }
    }

    fn open(&mut self) -> Result<(), OpenError> {
        self.log = Log::open(Arc::new(self.disk.clone()), options(), Digests::default())?;
        Ok(())
    }

    /// Reads everything, and knows afterwards.
    fn observe(&mut self) {
        for key in 0..KEYS {
            let may = self.model.of(key);
            let is = match self.log.get(id(key), 0, u32::MAX, self.now_ms) {
                Ok((bytes, total)) => {
                    assert_eq!(bytes.len(), total as usize);
                    assert!(self.log.has(id(key)));
                    Is::Live(bytes)
                }
                Err(LogError::NotFound) => match self.log.state().graves.get(&id(key).to_bytes()) {
                    Some(grave) if !grave.forget => Is::Deleted,
                    _ => Is::Absent,
                },
                Err(LogError::Corrupt) if self.rotten => continue,
                Err(e) => panic!("{key}: {e}"),
            };
            if self.rotten {
                let written = [false, true].map(|variant| Is::Live(payload(key, variant)));
                assert!(!matches!(is, Is::Live(_)) || written.contains(&is), "{key}: wrong bytes");
            } else {
                assert!(may.contains(&is), "{key}: {is:?} is none of {may:?}");
                if let Is::Live(bytes) = &is {
                    let (from, to) = (bytes.len() / 3, bytes.len() / 3 * 2);
                    let (part, _) = self.log.get(id(key), from as u32, (to - from) as u32, self.now_ms).unwrap();
                    assert_eq!(part, bytes[from..to]);
                }
            }
            self.model.may.insert(key, vec![is]);
        }
        let listed = self.log.list(None, 1000);
        let live = |key: &u8| matches!(self.model.of(*key)[..], [Is::Live(_)]);
        let mut expected: Vec<ShardId> = (0..KEYS).filter(live).map(id).collect();
        expected.sort();
        if !self.rotten {
            assert_eq!(listed, expected);
            assert!(self.log.state().quarantine.is_empty());
        }
        let (wrong, quarantined) = (self.log.tidy(0), self.log.state().quarantine.len());
        assert!(wrong == 0 || quarantined > 0, "the map and the segments disagree");
    }

    fn restart(&mut self, crash: bool) {
        if crash {
            self.crash();
        } else {
            self.disk.set_faults(SimFaults::default());
            self.forget();
        }
        self.open().unwrap();
        self.observe();
    }

    fn step(&mut self, step: &Step) {
        self.now_ms += 10;
        match step {
            Step::Batch(changes) => self.batch(changes, true),
            Step::PowerFails { at, batch, again } => {
                self.disk.set_faults(SimFaults { power_off_in: Some(*at), ..SimFaults::default() });
                self.batch(batch, true);
                self.crash();
                if let Some(at) = again {
                    self.disk.set_faults(SimFaults { power_off_in: Some(*at), ..SimFaults::default() });
                    let _ = self.open();
                    self.crash();
                }
                self.open().unwrap();
                self.observe();
            }
            Step::SyncFails { batch, then_crash } => {
                self.disk.set_faults(SimFaults { sync_fails_in: Some(0), ..SimFaults::default() });
                self.batch(batch, true);
                if self.log.failure().is_some() {
                    let refused = self.log.commit(&[op(Change::Delete(0), 0)]);
                    assert!(matches!(refused[..], [Err(LogError::Failed(_))]), "a failed sync is never retried");
                }
                self.restart(*then_crash);
            }
            Step::NoSpace { at, batch } => {
                self.disk.set_faults(SimFaults { no_space_in: Some(*at), ..SimFaults::default() });
                self.batch(batch, false);
                self.disk.set_faults(SimFaults::default());
                self.observe();
            }
            Step::Full(batch) => {
                self.disk.set_capacity(0);
                self.batch(batch, false);
                assert!(self.log.is_full());
                self.observe();
                self.disk.set_capacity(CAPACITY_BYTES);
            }
            Step::RefusesDirect { at_write, batch } => {
                let refuses_direct_in = at_write.then_some(0);
                self.disk.set_faults(SimFaults { refuses_direct: true, refuses_direct_in, ..SimFaults::default() });
                if !at_write {
                    self.forget();
                    self.open().unwrap();
                }
                self.batch(batch, true);
                self.disk.set_faults(SimFaults::default());
                self.observe();
            }
            Step::Kill => self.restart(false),
            Step::Crash => self.restart(true),
            Step::Compact { power_off_in } => {
                self.disk.set_faults(SimFaults { power_off_in: *power_off_in, ..SimFaults::default() });
                while let Some(mut compaction) = self.log.begin_compaction() {
                    let mut done = Ok(false);
                    while done == Ok(false) {
                        done = self.log.compact_some(&mut compaction, 50_000, 0);
                    }
                    if done.is_err() || self.log.failure().is_some() {
                        break;
                    }
                }
                if power_off_in.is_some() {
                    self.restart(true);
                }
                self.observe();
            }
            Step::Expire => {
                // All deletes are as old as can be: those that nothing on disk needs are forgotten, and ids come anew.
                self.log.tidy(u64::MAX);
                for key in 0..KEYS {
                    let mut may = self.model.of(key);
                    if may.contains(&Is::Deleted) {
                        Model::add(&mut may, vec![Is::Absent]);
                        self.model.may.insert(key, may);
                    }
                }
                self.observe();
                // A record of a delete that was forgotten is still on disk, and back after a restart.
                let back: Vec<u8> = (0..KEYS).filter(|k| self.model.of(*k) == [Is::Absent]).collect();
                back.into_iter().for_each(|k| Model::add(self.model.after_restart.entry(k).or_default(), vec![Is::Deleted]));
                self.restart(true);
            }
            Step::Rot => {
                self.rotten = true;
                self.disk.rot();
            }
        }
    }
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        6 => (0u8..KEYS, prop::bool::weighted(0.1)).prop_map(|(key, variant)| Change::Put { key, variant }),
        2 => (0u8..KEYS).prop_map(Change::Delete),
        2 => (0u8..KEYS).prop_map(Change::Forget),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let batch = || vec(change(), 1..12);
    prop_oneof![
        8 => batch().prop_map(Step::Batch),
        4 => (0u32..16, batch(), prop::option::of(0u32..12)).prop_map(|(at, batch, again)| Step::PowerFails { at, batch, again }),
        1 => (batch(), any::<bool>()).prop_map(|(batch, then_crash)| Step::SyncFails { batch, then_crash }),
        1 => (0u32..5, batch()).prop_map(|(at, batch)| Step::NoSpace { at, batch }),
        1 => batch().prop_map(Step::Full),
        1 => (any::<bool>(), batch()).prop_map(|(at_write, batch)| Step::RefusesDirect { at_write, batch }),
        1 => Just(Step::Kill),
        2 => Just(Step::Crash),
        2 => prop::option::of(0u32..30).prop_map(|power_off_in| Step::Compact { power_off_in }),
        1 => Just(Step::Expire),
    ]
}

fn bytes_of(key: u8, length: usize) -> Bytes {
    (0..length).map(|i| (i * 7 + i / 251 + usize::from(key)) as u8).collect()
}

/// Before, between and within the cached and the direct writes of a batch, and at its sync.
#[test]
fn a_crash_anywhere_in_a_batch_of_large_shards_loses_nothing_acknowledged() {
    let large = |key, length| Op::Put { id: id(key), payload: bytes_of(key, length) };
    let before = [(0, 100), (1, 1_048_832), (2, 150_000), (3, 5000)];
    let torn = [(4, 70_001), (5, 1_048_832), (6, 10), (7, 200_000), (8, 65_536)];
    let ops = |shards: &[(u8, usize)]| shards.iter().map(|(k, n)| large(*k, *n)).collect::<Vec<_>>();
    let options = LogOptions { reserve_bytes: 1 << 20, ..LogOptions::new(77) };
    let mut survivors = 0;
    for (seed, at) in (0..8).flat_map(|seed| (0..14).map(move |at| (seed, at))) {
        let disk = SimDisk::new(seed, CAPACITY_BYTES);
        let open = || Log::open(Arc::new(disk.clone()), options.clone(), Digests::default()).unwrap();
        let log = open();
        assert!(log.commit(&ops(&before)).iter().all(Result::is_ok));
        let direct = log.counters.direct_bytes.load(Ordering::Relaxed);
        assert!(direct >= 1_048_576 + 147_456, "{direct} bytes were written directly");
        disk.set_faults(SimFaults { power_off_in: Some(at), ..SimFaults::default() });
        let acknowledged = log.commit(&ops(&torn)).iter().all(Result::is_ok);
        disk.crash();
        let log = open();
        let read = |key: u8, length: usize| {
            log.get(id(key), 0, u32::MAX, 0).map(|(bytes, _)| assert!(bytes == bytes_of(key, length), "{key}"))
        };
        for (key, length) in before {
            assert_eq!(read(key, length), Ok(()), "seed {seed}, at {at}: shard {key}");
        }
        for (key, length) in torn {
            match read(key, length) {
                Ok(()) => survivors += 1,
                Err(e) => assert!(!acknowledged && e == LogError::NotFound, "seed {seed}, at {at}: shard {key}: {e}"),
            }
        }
        assert!(log.commit(&ops(&torn)).iter().all(Result::is_ok), "it goes on");
        torn.iter().for_each(|(key, length)| assert_eq!(read(*key, *length), Ok(())));
    }
    assert!(survivors > 0 && survivors < 8 * 14 * torn.len(), "{survivors}: some lived and some did not");
}

/// Small batches over zeros that were laid down for them: the file's length stays, and a crash at any operation, also while
/// zeros are laid down or a segment is sealed, leaves what was answered and nothing half.
#[test]
fn a_crash_anywhere_over_prepared_room_loses_nothing_acknowledged() {
    let options = LogOptions { segment_bytes: 40 << 10, ..options() };
    let length = |key: u8| [100, 4112, 56, 9000][usize::from(key) % 4];
    let (mut torn, mut zeros, mut sealed, mut stayed) = (0, 0, 0, 0);
    for (seed, at) in (0..4).flat_map(|seed| (0..160).step_by(2).map(move |at| (seed, at + seed as u32 % 2))) {
        let disk = SimDisk::new(seed, CAPACITY_BYTES);
        let open = || Log::open(Arc::new(disk.clone()), options.clone(), Digests::default()).unwrap();
        let bytes = || Disk::open(&disk, "seg-00000001").map_or(0, |file| file.bytes().unwrap());
        let log = open();
        disk.set_faults(SimFaults { power_off_in: Some(at), ..SimFaults::default() });
        let mut answered = Vec::new();
        for key in 0..KEYS {
            let before = bytes();
            let put = Op::Put { id: id(key), payload: bytes_of(key, length(key)) };
            answered.push(log.commit(&[put]) == [Ok(())]);
            stayed += usize::from(answered[usize::from(key)] && bytes() == before);
            let _ = log.prepare();
        }
        assert!(answered.is_sorted_by(|a, b| a >= b), "after the power failed, nothing is answered");
        zeros += log.counters.prepared_bytes.load(Ordering::Relaxed);
        disk.crash();
        for _ in 0..2 {
            let log = open();
            for key in 0..KEYS {
                match log.get(id(key), 0, u32::MAX, 0) {
                    Ok((bytes, _)) => assert!(bytes == bytes_of(key, length(key)), "seed {seed}, at {at}: shard {key}"),
                    Err(e) => {
                        assert!(!answered[usize::from(key)] && e == LogError::NotFound, "seed {seed}, at {at}: shard {key}: {e}");
                    }
                }
            }
            assert_eq!(log.counters.broken_regions.load(Ordering::Relaxed), 0, "seed {seed}, at {at}: nothing has rotted");
            torn += log.counters.torn_records.load(Ordering::Relaxed);
            sealed += log.counters.indexed_segments.load(Ordering::Relaxed);
            let file_bytes: u64 = log.state().segments.values().map(|s| s.bytes).sum();
            let on_disk = |name: &String| disk.open(name).unwrap().bytes().unwrap();
            let names = disk.list().unwrap().into_iter().filter(|name| !name.ends_with(".idx"));
            assert_eq!(names.map(|name| on_disk(&name)).sum::<u64>(), file_bytes, "no zeros are left");
        }
    }
    assert!(torn > 0 && zeros > 0 && sealed > 0 && stayed > 1000, "{torn} torn, {zeros} zeros, {sealed} sealed, {stayed} stayed");
}

/// The file system of the temporary directory knows direct writes or it does not; the bytes are the same.
#[test]
fn large_shards_on_a_real_disk_are_what_was_written() {
    let dir = tempfile::tempdir().unwrap();
    let options = LogOptions { segment_bytes: 3 << 20, reserve_bytes: 0, ..LogOptions::new(77) };
    let open = || Log::open(Arc::new(RealDisk::new(dir.path()).unwrap()), options.clone(), Digests::default()).unwrap();
    let log = open();
    let shards: Vec<(u8, usize)> = (0..KEYS).map(|key| (key, [1_048_832, 10, 70_001, 65_536][usize::from(key) % 4])).collect();
    for some in shards.chunks(5) {
        let ops: Vec<Op> = some.iter().map(|(k, n)| Op::Put { id: id(*k), payload: bytes_of(*k, *n) }).collect();
        assert!(log.commit(&ops).iter().all(Result::is_ok));
        // Read between the writes, so that pages of the file are cached while others are written past the cache.
        some.iter().for_each(|(k, n)| assert!(log.get(id(*k), 0, u32::MAX, 0).unwrap().0 == bytes_of(*k, *n)));
    }
    let [direct, refused] = [&log.counters.direct_bytes, &log.counters.direct_refused_bytes].map(|c| c.load(Ordering::Relaxed));
    assert!((direct > 0) != (refused > 0), "{direct} directly, {refused} not");
    drop(log);
    let log = open();
    for (key, length) in shards {
        assert!(log.get(id(key), 0, u32::MAX, 0).unwrap().0 == bytes_of(key, length), "{key}");
        log.check(&id(key).to_bytes(), 0).unwrap();
    }
}

proptest! {
    #![proptest_config(crate::cases(128))]

    #[test]
    fn nothing_acknowledged_is_lost_and_nothing_else_is_half_there(seed in any::<u64>(), steps in vec(step(), 1..24)) {
        let mut world = World::new(seed);
        for step in &steps {
            world.step(step);
        }
        world.restart(true);
        assert_eq!(world.log.counters.corrupt_found.load(std::sync::atomic::Ordering::Relaxed), 0);
    }
}

proptest! {
    #![proptest_config(crate::cases(64))]

    #[test]
    fn rot_is_noticed_and_never_returned(seed in any::<u64>(), steps in vec(prop_oneof![3 => step(), 1 => Just(Step::Rot)], 1..24)) {
        let mut world = World::new(seed);
        for step in &steps {
            world.step(step);
        }
        world.observe();
        world.restart(true);
    }
}

proptest! {
    #![proptest_config(crate::cases(24))]

    /// Any bytes anywhere, also in headers and index files: the log opens, and says nothing that was not written.
    #[test]
    fn whatever_the_files_hold_the_log_opens_and_does_not_lie(
        damages in vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), vec(any::<u8>(), 1..200)), 1..8),
    ) {
        let mut world = World::new(1);
        for first in (0..KEYS).step_by(4) {
            world.batch(&[0, 1, 2, 3].map(|n| Change::Put { key: first + n, variant: false }), true);
        }
        world.batch(&[Change::Delete(3), Change::Forget(7)], true);
        world.rotten = true;
        let disk: Arc<dyn Disk> = Arc::new(world.disk.clone());
        let names = disk.list().unwrap();
        assert!(names.iter().any(|n| n.ends_with(".idx")));
        for (name, at, bytes) in damages {
            let name = name.get(&names);
            let length = disk.open(name).unwrap().bytes().unwrap();
            world.disk.damage(name, at.index(length as usize) as u64, &bytes);
        }
        for _ in 0..2 {
            world.restart(false);
            for key in 0..KEYS {
                let _ = world.log.check(&id(key).to_bytes(), 0);
            }
            world.step(&Step::Compact { power_off_in: None });
            // What is broken is replaced by the same bytes, as repair does.
            let broken: Vec<_> = world.log.state().quarantine.keys().copied().collect();
            for key in broken {
                let number = ShardId::from_bytes(key).chunk.blob.number as u8;
                let put = Op::Put { id: ShardId::from_bytes(key), payload: payload(number, false) };
                assert_eq!(world.log.commit(&[put]), [Ok(())]);
            }
            assert!(world.log.state().quarantine.is_empty());
            world.observe();
        }
    }
}
