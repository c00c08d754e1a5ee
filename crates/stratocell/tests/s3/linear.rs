//! Concurrent clients on few keys while processes die and stand still: every key's history must be that of one register, and
//! every listing one of such registers' reads.
//!
//! `STRATOCELL_SOAK=n`: n seeds instead of one a kind of bucket, twice as long each. A failure prints its seed; the moments at
//! which things happen are the machine's, so a seed narrows a failure down and does not repeat it to the microsecond.

use crate::bodies::{Body, Catalog};
use crate::client::{Client, Failure, Reply, tag, tags};
use crate::harness::{Random, Region, SECOND, soak, wait_for};
use crate::history::History;
use crate::nemesis;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use testkit::register::{Action, Condition, Outcome};

const BUCKET: &str = "linear";
const CLIENTS: u32 = 6;
/// Keys in use at once.
const SLOTS: u64 = 3;
/// After so many operations a slot's key is followed by a fresh one.
const OPERATIONS_A_KEY: usize = 150;
const HEALED: Duration = Duration::from_secs(30);

struct World<'a> {
    history: History,
    catalog: Catalog,
    tokens: AtomicU64,
    generations: Vec<AtomicU64>,
    /// Acknowledged writes with the version that each made: (key, version, etag).
    versions: Mutex<Vec<(String, String, String)>>,
    done: AtomicU64,
    problems: Mutex<Vec<String>>,
    stop: &'a AtomicBool,
}

struct Worker<'a> {
    id: u32,
    world: &'a World<'a>,
    client: Client,
    random: Random,
    /// The last etag seen of a key.
    seen: BTreeMap<String, String>,
}

impl World<'_> {
    fn problem(&self, text: String) {
        self.problems.lock().expect("no panic").push(text);
    }
}

fn outcome(result: &Result<Reply, Failure>) -> Option<Outcome<String>> {
    match result {
        Ok(_) => Some(Outcome::Done),
        Err(Failure::Unknown(_)) => Some(Outcome::Unknown),
        Err(f) if f.is("PreconditionFailed") => Some(Outcome::ConditionFailed),
        Err(f) if f.is("NoSuchKey") => Some(Outcome::NothingToMatch),
        // Refused for another reason: it never happened.
        Err(Failure::Refused { .. }) => None,
    }
}

impl Worker<'_> {
    fn run(&mut self) {
        while !self.world.stop.load(Ordering::Relaxed) {
            let key = self.key();
            match self.random.below(20) {
                0..=5 => self.get(&key),
                6..=9 => self.put(&key, Condition::None),
                10 | 11 => self.put(&key, Condition::Absent),
                12 | 13 => {
                    let Some(seen) = self.seen.get(&key).cloned() else { continue };
                    self.put(&key, Condition::Matches(seen));
                }
                14 | 15 => self.delete(&key),
                16 => self.multipart(&key),
                17 => self.head(&key),
                _ => self.list(),
            }
        }
    }

    fn key(&mut self) -> String {
        let slot = self.random.below(SLOTS);
        let generation = &self.world.generations[slot as usize];
        let current = generation.load(Ordering::Relaxed);
        let key = format!("k{slot}/{current}");
        if self.world.history.touch(&key) >= OPERATIONS_A_KEY {
            let _ = generation.compare_exchange(current, current + 1, Ordering::Relaxed, Ordering::Relaxed);
        }
        key
    }

    fn note(&mut self, key: &str, action: Action<String>, result: Result<Reply, Failure>, called: u64) {
        let Some(outcome) = outcome(&result) else {
            if let Err(Failure::Refused { status, code }) = &result
                && *status != 0
                && *status != 503
                && code != "ConditionalRequestConflict"
                && code != "OperationAborted"
            {
                self.world.problem(format!("{key}: {action:?} was refused: {status} {code}"));
            }
            std::thread::sleep(Duration::from_millis(5));
            return;
        };
        if let (Ok(reply), Action::Write { value, .. }) = (&result, &action) {
            let etag = reply.header("etag").map_or_else(|| tag(&reply.text(), "ETag").unwrap_or_default(), str::to_owned);
            if etag.trim_matches('"') != value {
                self.world.problem(format!("{key}: {value} was written and {etag} acknowledged"));
            }
            let version = reply.header("x-amz-version-id").unwrap_or("null").to_owned();
            self.world.versions.lock().expect("no panic").push((key.to_owned(), version, value.clone()));
            self.seen.insert(key.to_owned(), value.clone());
        }
        if result.is_ok() {
            self.world.done.fetch_add(1, Ordering::Relaxed);
        }
        self.world.history.add(self.id, key, action, outcome, called);
    }

    fn size(&mut self) -> usize {
        match self.random.below(10) {
            // Packed, one frame, several frames, several chunks.
            0..=5 => 8 + self.random.below(4000) as usize,
            6 | 7 => 16_000 + self.random.below(4000) as usize,
            8 => 100_000 + self.random.below(200_000) as usize,
            _ => 1_500_000,
        }
    }

    fn put(&mut self, key: &str, condition: Condition<String>) {
        let bytes = self.size();
        let body = Body::single(self.world.tokens.fetch_add(1, Ordering::Relaxed), bytes);
        let value = self.world.catalog.add(&body);
        let matching;
        let headers: &[(&str, &str)] = match &condition {
            Condition::None => &[],
            Condition::Absent => &[("if-none-match", "*")],
            Condition::Matches(v) => {
                matching = [("if-match", v.as_str())];
                &matching
            }
        };
        let content = body.bytes();
        let called = self.world.history.now();
        let result = self.client.put(&path(key), headers, &content);
        self.note(key, Action::Write { value, condition: condition.clone() }, result, called);
    }

    fn multipart(&mut self, key: &str) {
        let bytes = self.size();
        let body = Body::multipart(self.world.tokens.fetch_add(1, Ordering::Relaxed), vec![bytes]);
        let value = self.world.catalog.add(&body);
        let pieces = body.pieces();
        let pieces: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
        // What fails before the completion is no write of the key.
        let Ok((upload, etags)) = self.client.parts(&path(key), &pieces) else { return };
        let conditional = self.random.below(2) == 0;
        let (condition, headers): (_, &[(&str, &str)]) =
            if conditional { (Condition::Absent, &[("if-none-match", "*")]) } else { (Condition::None, &[]) };
        let called = self.world.history.now();
        let result = self.client.complete(&path(key), &upload, &etags, headers);
        self.note(key, Action::Write { value, condition }, result, called);
    }

    fn delete(&mut self, key: &str) {
        let called = self.world.history.now();
        let result = self.client.delete(&path(key));
        self.note(key, Action::Remove, result, called);
    }

    fn get(&mut self, key: &str) {
        let called = self.world.history.now();
        let found = match self.client.get(&path(key)) {
            Ok(reply) => {
                if let Err(e) = self.world.catalog.verify(&reply.etag(), &reply.body) {
                    self.world.problem(format!("GET {key}: {e}"));
                }
                self.seen.insert(key.to_owned(), reply.etag());
                Some(reply.etag())
            }
            Err(f) if f.is("NoSuchKey") => None,
            Err(f) => return self.unread("GET", key, &f),
        };
        self.world.done.fetch_add(1, Ordering::Relaxed);
        self.world.history.read(self.id, key, found, called);
    }

    fn head(&mut self, key: &str) {
        let called = self.world.history.now();
        let request = crate::client::Request { method: "HEAD", path: &path(key), query: &[], headers: &[], body: b"" };
        let found = match self.client.call(request) {
            Ok(reply) => Some(reply.etag()),
            Err(Failure::Refused { status: 404, .. }) => None,
            Err(f) => return self.unread("HEAD", key, &f),
        };
        self.world.history.read(self.id, key, found, called);
    }

    fn unread(&mut self, what: &str, key: &str, f: &Failure) {
        if !f.is_passing() {
            self.world.problem(format!("{what} {key}: {f:?}"));
        }
        std::thread::sleep(Duration::from_millis(5));
    }

    /// A listing reads every key that was known before it began, and every other one that it shows.
    fn list(&mut self) {
        let known = self.world.history.keys();
        let page = *self.random.pick(&[1, 2, 5, 1000]);
        let called = self.world.history.now();
        let listed = match self.client.list(BUCKET, "", page) {
            Ok(listed) => listed,
            Err(f) => return self.unread("LIST", "", &f),
        };
        if !listed.is_sorted_by(|a, b| a.0 < b.0) {
            self.world.problem(format!("a listing out of order, or with a key twice: {listed:?}"));
        }
        for (key, etag, bytes) in &listed {
            if let Err(e) = self.world.catalog.verify_size(etag, *bytes) {
                self.world.problem(format!("LIST {key}: {e}"));
            }
            self.world.history.read(self.id, key, Some(etag.clone()), called);
        }
        let shown: BTreeSet<&String> = listed.iter().map(|(k, _, _)| k).collect();
        for key in known.iter().filter(|k| !shown.contains(k)) {
            self.world.history.read(self.id, key, None, called);
        }
        self.world.done.fetch_add(1, Ordering::Relaxed);
    }
}

fn path(key: &str) -> String {
    format!("/{BUCKET}/{key}")
}

/// Patient: until it is no passing trouble.
fn must(client: &mut Client, what: &str, mut call: impl FnMut(&mut Client) -> Result<Reply, Failure>) -> Result<Reply, Failure> {
    wait_for(what, HEALED, || match call(client) {
        Err(f) if f.is_passing() => None,
        settled => Some(settled),
    })
}

/// When all is healed: every key is read once more, and every version that was acknowledged is there.
fn settle(world: &World<'_>, client: &mut Client, versioned: bool) {
    for key in world.history.keys() {
        let called = world.history.now();
        let found = must(client, "a read after healing", |c| c.get(&path(&key)));
        let found = match found {
            Ok(reply) => {
                if let Err(e) = world.catalog.verify(&reply.etag(), &reply.body) {
                    world.problem(format!("at the end, {key}: {e}"));
                }
                Some(reply.etag())
            }
            Err(f) if f.is("NoSuchKey") => None,
            Err(f) => return world.problem(format!("at the end, {key}: {f:?}")),
        };
        world.history.read(99, &key, found, called);
    }
    let mut worker = Worker { id: 98, world, client: client.another(), random: Random(0), seen: BTreeMap::new() };
    worker.list();
    if versioned {
        versions(world, client);
    }
}

fn versions(world: &World<'_>, client: &mut Client) {
    let (mut listed, mut after) = (Vec::new(), None::<(String, String)>);
    loop {
        let mut query = vec![("versions", ""), ("max-keys", "100")];
        if let Some((key, version)) = &after {
            query.extend([("key-marker", key.as_str()), ("version-id-marker", version.as_str())]);
        }
        let path = format!("/{BUCKET}");
        let reply = must(client, "the list of versions", |c| c.query("GET", &path, &query, b""));
        let Ok(reply) = reply else { return world.problem(format!("the list of versions: {reply:?}")) };
        let text = reply.text();
        for entry in tags(&text, "Version") {
            let of = |name| tag(entry, name).unwrap_or_default();
            listed.push((of("Key"), of("VersionId"), of("ETag").trim_matches('"').to_owned()));
        }
        let next = (tag(&text, "NextKeyMarker"), tag(&text, "NextVersionIdMarker"));
        let (Some(key), Some(version)) = next else { break };
        after = Some((key, version));
    }
    let acknowledged = world.versions.lock().expect("no panic").clone();
    let all: BTreeSet<_> = listed.iter().cloned().collect();
    for one in acknowledged.iter().filter(|v| !all.contains(*v)) {
        world.problem(format!("an acknowledged version is not listed: {one:?}"));
    }
    let mut times: BTreeMap<&String, u32> = BTreeMap::new();
    listed.iter().for_each(|(_, _, etag)| *times.entry(etag).or_default() += 1);
    for (etag, n) in times.iter().filter(|(_, n)| **n > 1) {
        world.problem(format!("{etag} was written once and became {n} versions"));
    }
    for (key, version, etag) in &listed {
        let path = path(key);
        let query = [("versionId", version.as_str())];
        match must(client, "a version", |c| c.query("GET", &path, &query, b"")) {
            Ok(reply) => {
                if let Err(e) = world.catalog.verify(etag, &reply.body) {
                    world.problem(format!("version {version} of {key}: {e}"));
                }
            }
            Err(f) => world.problem(format!("version {version} of {key}: {f:?}")),
        }
    }
}

fn round(seed: u64, versioned: bool, length: Duration) {
    let region = Region::up();
    let mut client = region.client();
    client.put(&format!("/{BUCKET}"), &[], b"").expect("a bucket");
    if versioned {
        let on = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
        client.query("PUT", &format!("/{BUCKET}"), &[("versioning", "")], on.as_bytes()).expect("versioning");
    }
    let stop = AtomicBool::new(false);
    let world = World {
        history: History::new(),
        catalog: Catalog::default(),
        tokens: AtomicU64::new(seed << 32),
        generations: (0..SLOTS).map(|_| AtomicU64::new(0)).collect(),
        versions: Mutex::default(),
        done: AtomicU64::new(0),
        problems: Mutex::default(),
        stop: &stop,
    };
    let deeds = std::thread::scope(|s| {
        for id in 0..CLIENTS {
            let random = Random(seed.wrapping_mul(100).wrapping_add(u64::from(id)));
            let mut worker = Worker { id, world: &world, client: client.another(), random, seen: BTreeMap::new() };
            s.spawn(move || worker.run());
        }
        let nemesis = s.spawn(|| nemesis::run(&region, seed, &stop, BUCKET, |n| format!("k{}/", n % SLOTS)));
        let end = Instant::now() + length;
        while Instant::now() < end && !nemesis.is_finished() {
            std::thread::sleep(SECOND / 10);
        }
        stop.store(true, Ordering::Relaxed);
        nemesis.join().expect("the nemesis ends well")
    });
    settle(&world, &mut client, versioned);
    let keys = world.history.operations();
    let operations: usize = keys.values().map(Vec::len).sum();
    let unknown = keys.values().flatten().filter(|o| o.outcome == Outcome::Unknown).count();
    let done = world.done.load(Ordering::Relaxed);
    println!(
        "seed {seed}, versioned {versioned}: {done} acknowledged, {operations} checked of {} keys, {unknown} unknown; {deeds:?}",
        keys.len()
    );
    let mut problems = world.problems.into_inner().expect("no panic");
    problems.extend(world.history.anomalies());
    assert!(problems.is_empty(), "seed {seed}, versioned {versioned}:\n{}\n{}", problems.join("\n"), region.last_logs());
    // Else nothing was shown.
    assert!(done > 100 && deeds.all() > 3 && deeds.splits > 0, "seed {seed}: {done} acknowledged, {deeds:?}");
}

fn rounds(versioned: bool) {
    let (seeds, length) = soak().map_or((1, 12 * SECOND), |n| (n, 25 * SECOND));
    for seed in 1..=seeds {
        round(seed * 2 + u64::from(versioned), versioned, length);
    }
}

#[test]
fn linearizable_unversioned() {
    rounds(false);
}

#[test]
fn linearizable_versioned() {
    rounds(true);
}
