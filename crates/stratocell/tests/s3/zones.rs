//! Zones and nodes lost under a steady load: clients see a delay and no error, and what was lost is made whole again.

use crate::bodies::{Body, Catalog};
use crate::client::{Client, Failure, Reply};
use crate::harness::{Random, Region, SECOND, wait_for};
use crate::nodes::{leader, stats};
use objectstore::message::NodeStat;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

const BUCKET: &str = "zones";
const CLIENTS: u64 = 4;
/// What an ordinary SDK does: tries, with a pause that doubles from [`RETRY_PAUSE`].
const TRIES_MAX: u32 = 5;
const RETRY_PAUSE: Duration = Duration::from_millis(50);
/// A request with its retries never takes longer, whatever dies.
const LATENCY_MAX: Duration = Duration::from_secs(12);
/// Everything that is missing is back within this time.
const REPAIRED: Duration = Duration::from_secs(60);
/// Requests that must end after an event before it counts as survived.
const REQUESTS_AFTER: u64 = 60;

/// A steady mixed load; requests are retried as an SDK does.
struct Load {
    catalog: Catalog,
    tokens: AtomicU64,
    /// What was acknowledged; each key is one client's.
    objects: Mutex<BTreeMap<String, String>>,
    requests: AtomicU64,
    /// How many, by why.
    retries: Mutex<BTreeMap<String, u32>>,
    slowest: Mutex<(Duration, String)>,
    failures: Mutex<Vec<String>>,
    stop: AtomicBool,
}

impl Load {
    fn new() -> Self {
        Self {
            catalog: Catalog::default(),
            tokens: AtomicU64::new(1),
            objects: Mutex::default(),
            requests: AtomicU64::new(0),
            retries: Mutex::default(),
            slowest: Mutex::default(),
            failures: Mutex::default(),
            stop: AtomicBool::new(false),
        }
    }

    fn body(&self, bytes: usize) -> (Body, String) {
        let body = Body::single(self.tokens.fetch_add(1, Ordering::Relaxed), bytes);
        let etag = self.catalog.add(&body);
        (body, etag)
    }

    /// One request with retries: its reply, or what it ended with.
    fn retried(&self, what: &str, mut call: impl FnMut() -> Result<Reply, Failure>) -> Option<Reply> {
        let start = Instant::now();
        let mut pause = RETRY_PAUSE;
        let mut tried = 1;
        let outcome = loop {
            match call() {
                Err(f) if f.is_passing() && tried < TRIES_MAX => {
                    *self.retries.lock().expect("no panic").entry(f.cause().to_owned()).or_default() += 1;
                    std::thread::sleep(pause);
                    pause *= 2;
                    tried += 1;
                }
                outcome => break outcome,
            }
        };
        let took = start.elapsed();
        self.requests.fetch_add(1, Ordering::Relaxed);
        let mut slowest = self.slowest.lock().expect("no panic");
        if took > slowest.0 {
            *slowest = (took, what.to_owned());
        }
        match outcome {
            Ok(reply) => Some(reply),
            Err(f) => {
                let text = format!("{what}: {f:?} after {tried} tries and {took:?}");
                self.failures.lock().expect("no panic").push(text);
                None
            }
        }
    }

    fn client(&self, id: u64, mut client: Client) {
        let mut random = Random(id);
        let mut mine: BTreeMap<String, String> = BTreeMap::new();
        while !self.stop.load(Ordering::Relaxed) {
            let key = format!("c{id}/{}", random.below(40));
            let path = format!("/{BUCKET}/{key}");
            match random.below(10) {
                0..=3 => {
                    let bytes = if random.below(8) == 0 { 1_200_000 } else { random.below(30_000) as usize };
                    let (body, etag) = self.body(bytes);
                    let content = body.bytes();
                    let Some(_) = self.retried(&format!("PUT {key}"), || client.put(&path, &[], &content)) else { return };
                    mine.insert(key.clone(), etag.clone());
                    self.objects.lock().expect("no panic").insert(key, etag);
                }
                4..=8 => {
                    let Some(etag) = mine.get(&key) else { continue };
                    let Some(reply) = self.retried(&format!("GET {key}"), || client.get(&path)) else { return };
                    let checked = self.catalog.verify(&reply.etag(), &reply.body);
                    if reply.etag() != *etag || checked.is_err() {
                        let text = format!("GET {key}: {} instead of {etag}, {checked:?}", reply.etag());
                        self.failures.lock().expect("no panic").push(text);
                    }
                }
                _ => {
                    let prefix = format!("c{id}/");
                    let query = [("list-type", "2"), ("prefix", prefix.as_str())];
                    let list = || client.query("GET", &format!("/{BUCKET}"), &query, b"");
                    let Some(reply) = self.retried("LIST", list) else { return };
                    let listed = reply.text().matches("<Key>").count();
                    if listed != mine.len() {
                        let text = format!("LIST c{id}: {listed} keys instead of {}", mine.len());
                        self.failures.lock().expect("no panic").push(text);
                    }
                }
            }
        }
    }

    /// Waits until the load has gone on for a while.
    fn goes_on(&self, what: &str) {
        let from = self.requests.load(Ordering::Relaxed);
        wait_for(what, 3 * LATENCY_MAX, || {
            let failed = !self.failures.lock().expect("no panic").is_empty();
            (failed || self.requests.load(Ordering::Relaxed) >= from + REQUESTS_AFTER).then_some(())
        });
        let failures = self.failures.lock().expect("no panic").join("\n");
        assert!(failures.is_empty(), "{what}:\n{failures}");
    }

    /// The slowest request since the last time that this was asked.
    fn slowest(&self) -> (Duration, String) {
        std::mem::take(&mut *self.slowest.lock().expect("no panic"))
    }
}

/// Runs `events` beside the load; afterwards every object that was acknowledged is read.
fn under_load(region: &Region, events: impl FnOnce(&Load)) {
    let mut client = region.client();
    client.put(&format!("/{BUCKET}"), &[], b"").expect("a bucket");
    let load = Load::new();
    std::thread::scope(|s| {
        for id in 0..CLIENTS {
            let (load, client) = (&load, client.another());
            s.spawn(move || load.client(id, client));
        }
        // The clients end also when an assertion fails.
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            load.goes_on("the load begins");
            events(&load);
        }));
        load.stop.store(true, Ordering::Relaxed);
        if let Err(panic) = outcome {
            eprintln!("{}", region.last_logs());
            std::panic::resume_unwind(panic);
        }
    });
    let failures = load.failures.lock().expect("no panic").join("\n");
    assert!(failures.is_empty(), "{failures}\n{}", region.last_logs());
    read_all(&load, &mut client);
}

fn read_all(load: &Load, client: &mut Client) {
    let objects = load.objects.lock().expect("no panic").clone();
    assert!(objects.len() > 20, "too few objects to show anything: {}", objects.len());
    for (key, etag) in &objects {
        let path = format!("/{BUCKET}/{key}");
        let reply = load.retried(&format!("GET {key}"), || client.get(&path)).expect("readable");
        assert_eq!(reply.etag(), *etag, "{key}");
        load.catalog.verify(etag, &reply.body).unwrap_or_else(|e| panic!("{key}: {e}"));
    }
}

/// Shards in each zone, when every node answers.
fn shards_by_zone(stats: &BTreeMap<String, NodeStat>) -> BTreeMap<char, u64> {
    let mut zones = BTreeMap::new();
    for (id, stat) in stats {
        *zones.entry(id.chars().next().unwrap_or('?')).or_default() += stat.shards;
    }
    zones
}

/// All nodes answer, know of nothing missing, and each zone has as many shards as the others. Only without load.
fn all_is_whole(region: &Region, nodes: usize) -> BTreeMap<String, NodeStat> {
    wait_for("all replicas to be complete", REPAIRED, || {
        let stats = stats(region);
        // Also what a stand-in still holds for its home.
        let foreign = |s: &NodeStat| s.counters.iter().filter(|(name, _)| name == "foreign-shards").map(|(_, n)| n).sum::<u64>();
        let backlog: u64 = stats.values().map(|s| s.repair_backlog + s.quarantined + foreign(s)).sum();
        let zones: Vec<u64> = shards_by_zone(&stats).into_values().collect();
        let even = zones.iter().all(|n| *n == zones[0]);
        let done = stats.len() == nodes && backlog == 0 && even;
        if !done {
            std::thread::sleep(SECOND / 5);
        }
        done.then_some(stats)
    })
}

#[test]
fn a_zone_is_lost_under_load() {
    let region = Region::up();
    under_load(&region, |load| {
        let (quiet, _) = load.slowest();
        println!("slowest of the quiet time: {quiet:?}");
        // The first leader of the index lives in the first zone.
        for zone in ["us-east-1b", "us-east-1a", "us-east-1c"] {
            let led = leader(&region);
            let target = format!("az/{zone}");
            region.ok(&["fault", "inject", &target, "kill"]);
            load.goes_on(&format!("without {zone}"));
            let (lost, what) = load.slowest();
            region.ok(&["fault", "heal", &target]);
            load.goes_on(&format!("with {zone} again"));
            let (back, _) = load.slowest();
            let retries = std::mem::take(&mut *load.retries.lock().expect("no panic"));
            println!("{zone} (leader {led:?}): slowest {lost:?} ({what}), after healing {back:?}, retries {retries:?}");
            assert!(lost < LATENCY_MAX && back < LATENCY_MAX, "{zone}: {lost:?}, {back:?}");
        }
    });
    let healed = Instant::now();
    let stats = all_is_whole(&region, 6);
    println!("whole {:?} after the load: {:?}", healed.elapsed(), shards_by_zone(&stats));
}

#[test]
fn a_node_is_wiped_and_refilled() {
    let region = Region::up();
    let mut client = region.client();
    let load = Load::new();
    client.put(&format!("/{BUCKET}"), &[], b"").expect("a bucket");
    let mut random = Random(1);
    for n in 0..60 {
        let bytes = if n % 10 == 0 { 1_500_000 } else { 100 + random.below(40_000) as usize };
        let (body, etag) = load.body(bytes);
        let key = format!("o{n}");
        client.put(&format!("/{BUCKET}/{key}"), &[], &body.bytes()).expect("stored");
        load.objects.lock().expect("no panic").insert(key, etag);
    }
    // Cold data, coded over all zones.
    let class = [("x-amz-storage-class", "STANDARD_IA")];
    for n in 0..6 {
        let (body, etag) = load.body(if n == 0 { 2_500_000 } else { 200_000 });
        let key = format!("cold{n}");
        client.put(&format!("/{BUCKET}/{key}"), &class, &body.bytes()).expect("stored");
        load.objects.lock().expect("no panic").insert(key, etag);
    }
    let before = all_is_whole(&region, 6);
    assert!(before["b1"].shards > 10, "the node has something to lose: {}", before["b1"].shards);

    region.ok(&["fault", "inject", "storage/b1", "kill"]);
    let home = region.dir().storage(&"b1".parse().expect("a node's name"));
    wait_for("the node to be gone", 5 * SECOND, || (!region.processes().contains_key("storage-b1")).then_some(()));
    std::fs::remove_dir_all(&home).expect("wiped");
    read_all(&load, &mut client);
    let healed = Instant::now();
    region.ok(&["fault", "heal", "storage/b1"]);
    wait_for("the wiped node to be refilled", REPAIRED, || {
        let now = stats(&region);
        let one = now.get("b1")?;
        (one.shards == before["b1"].shards && one.repair_backlog == 0).then_some(())
    });
    let took = healed.elapsed();
    // It says that it is done once a look at its peers has found nothing more.
    wait_for("the node's own account", REPAIRED, || (stats(&region).get("b1")?.last_repair_ms > 0).then_some(()));
    let after = all_is_whole(&region, 6);
    let refilled = &after["b1"];
    println!(
        "wiped node: {} shards, {} KiB, refilled {took:?} after it came back ({} ms by its own account)",
        refilled.shards,
        refilled.live_bytes >> 10,
        refilled.last_repair_ms
    );
    assert_eq!(refilled.live_bytes, before["b1"].live_bytes, "byte for byte as much as before");

    // Another zone down, and a node more: replicas need the refilled node, coded objects any half of the rest.
    region.ok(&["fault", "inject", "az/us-east-1a", "kill"]);
    region.ok(&["fault", "inject", "storage/c1", "kill"]);
    read_all_cold(&load, &mut client);
    region.ok(&["fault", "heal", "storage/c1"]);
    wait_for("the node to answer", 10 * SECOND, || stats(&region).get("c1").map(|_| ()));
    read_all(&load, &mut client);
}

/// Infrequent classes survive a zone and a node more.
fn read_all_cold(load: &Load, client: &mut Client) {
    let objects = load.objects.lock().expect("no panic").clone();
    let cold: Vec<_> = objects.iter().filter(|(key, _)| key.starts_with("cold")).collect();
    assert_eq!(cold.len(), 6);
    for (key, etag) in cold {
        let path = format!("/{BUCKET}/{key}");
        let reply = load.retried(&format!("GET {key}"), || client.get(&path));
        let failures = load.failures.lock().expect("no panic").join("\n");
        let reply = reply.unwrap_or_else(|| panic!("without a zone and a node: {failures}"));
        load.catalog.verify(etag, &reply.body).unwrap_or_else(|e| panic!("{key}: {e}"));
    }
}

#[test]
fn the_control_plane_is_dead() {
    let region = Region::up();
    under_load(&region, |load| {
        region.ok(&["fault", "inject", "control-plane", "kill"]);
        load.goes_on("without a control plane");
        let mut client = region.client();
        client.put("/made-without-a-control-plane", &[], b"").expect("a bucket");
        client.put("/made-without-a-control-plane/a", &[], b"a").expect("an object");
        // The gateway comes back from what was pushed to it before.
        let old = region.processes()["gateway"];
        let _ = old.signal(libc::SIGKILL);
        wait_for("another gateway", 10 * SECOND, || region.processes().get("gateway").filter(|p| **p != old).copied());
        load.goes_on("with a gateway that never met the control plane");
        let names = client.get("/").expect("all buckets").text();
        assert!(names.contains("made-without-a-control-plane") && names.contains(BUCKET), "{names}");
        assert!(!region.processes().contains_key("control-plane"), "it stayed dead");
    });
}
