//! kill -9 of the whole object store at random moments of writing, again and again: what was acknowledged is there and
//! unchanged, what is listed can be read, and what was not acknowledged is whole or absent.
//!
//! A killed process loses nothing that it had handed to the kernel, so this shows the order of things (data before index,
//! index before the answer) and the recovery of both. A power cut, which loses writes that were not synced and tears others,
//! is simulated under the storage node's log and the store, in their own tests.
//!
//! `STRATOCELL_SOAK=n`: n cycles.

use crate::bodies::{Body, Catalog};
use crate::client::{Client, Failure, Reply};
use crate::harness::{Random, Region, is_object_store, soak, wait_for};
use platform::process::ProcessId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

const BUCKET: &str = "crashes";
const WRITERS: u64 = 4;
const BACK: Duration = Duration::from_secs(30);
/// More objects than this are thinned out, so that a cycle's check stays short.
const OBJECTS_MAX: usize = 250;
/// The smallest part but the last.
const PART_BYTES: usize = 5 << 20;

/// What a key may hold: etags, or none.
type May = BTreeSet<Option<String>>;

#[derive(Default)]
struct World {
    catalog: Catalog,
    tokens: AtomicU64,
    keys: Mutex<BTreeMap<String, May>>,
    acknowledged: AtomicU64,
}

impl World {
    /// A write or removal ended: `to` is what it makes of the key.
    fn note(&self, key: &str, to: Option<String>, known: bool) {
        let mut keys = self.keys.lock().expect("no panic");
        let may = keys.entry(key.to_owned()).or_insert_with(|| [None].into());
        if known {
            may.clear();
            self.acknowledged.fetch_add(1, Ordering::Relaxed);
        }
        may.insert(to);
    }

    fn keys(&self) -> BTreeMap<String, May> {
        self.keys.lock().expect("no panic").clone()
    }
}

fn path(key: &str) -> String {
    format!("/{BUCKET}/{key}")
}

fn body(world: &World, random: &mut Random) -> Body {
    let token = world.tokens.fetch_add(1, Ordering::Relaxed);
    match random.below(20) {
        0 => Body::single(token, 0),
        1..=9 => Body::single(token, 1 + random.below(16 << 10) as usize),
        10..=14 => Body::single(token, 16 << 10 | random.below(64 << 10) as usize),
        15..=17 => Body::single(token, random.below(3 << 20) as usize),
        18 => Body::multipart(token, vec![1 + random.below(100_000) as usize]),
        _ => Body::multipart(token, vec![PART_BYTES, 1 + random.below(10_000) as usize]),
    }
}

/// Writes until everything dies. A key with an unknown outcome is left alone until it was looked at.
fn write(world: &World, client: &mut Client, writer: u64, cycle: u64, random: &mut Random, stop: &AtomicBool) {
    let mut mine: Vec<String> = world.keys().into_keys().filter(|k| k.starts_with(&format!("w{writer}/"))).collect();
    for n in 0.. {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let again = !mine.is_empty() && random.below(4) == 0;
        let key =
            if again { mine.swap_remove(random.below(mine.len() as u64) as usize) } else { format!("w{writer}/{cycle}-{n}") };
        let (to, outcome) = if again && random.below(3) == 0 {
            (None, client.delete(&path(&key)).map(|_| ()))
        } else {
            let body = body(world, random);
            let etag = world.catalog.add(&body);
            let outcome = if body.is_multipart() {
                let pieces = body.pieces();
                let pieces: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
                match client.parts(&path(&key), &pieces) {
                    Ok((upload, etags)) => client.complete(&path(&key), &upload, &etags, &[]).map(|_| ()),
                    Err(_) => {
                        std::thread::sleep(Duration::from_millis(5));
                        continue;
                    }
                }
            } else {
                client.put(&path(&key), &[], &body.bytes()).map(|_| ())
            };
            (Some(etag), outcome)
        };
        match outcome {
            Ok(()) => {
                world.note(&key, to, true);
                mine.push(key);
            }
            Err(Failure::Unknown(_)) => world.note(&key, to, false),
            Err(Failure::Refused { status: 0 | 503, .. }) => std::thread::sleep(Duration::from_millis(5)),
            Err(refused) => panic!("{key}: {refused:?}"),
        }
    }
}

fn kill(processes: Vec<ProcessId>) {
    for process in &processes {
        let _ = process.signal(libc::SIGKILL);
    }
    wait_for("the killed to be gone", BACK, || processes.iter().all(|p| !p.is_alive()).then_some(()));
}

fn kill_object_store(region: &Region) {
    kill(region.processes().into_iter().filter(|(name, _)| is_object_store(name)).map(|(_, p)| p).collect());
}

fn kill_everything(region: &Region) {
    // Again, for what the supervisor started meanwhile.
    for _ in 0..3 {
        kill(region.everything());
    }
}

/// Waits for an answer: the object or that there is none.
fn read(region: &Region, client: &mut Client, key: &str, may: &May) -> Option<Reply> {
    let start = Instant::now();
    loop {
        match client.get(&path(key)) {
            Ok(reply) => return Some(reply),
            Err(f) if f.is("NoSuchKey") => return None,
            Err(f) if f.is_passing() && start.elapsed() < BACK => std::thread::sleep(Duration::from_millis(20)),
            Err(f) => panic!("{key}, which may hold {may:?}, cannot be read: {f:?}\n{}", region.last_logs()),
        }
    }
}

/// Everything is as it was acknowledged; what it turned out to be is what it must be from now on.
fn verify(region: &Region, world: &World, client: &mut Client) -> usize {
    let listed = wait_for("a listing", BACK, || match client.list(BUCKET, "", 1000) {
        Ok(listed) => Some(listed),
        Err(f) if f.is_passing() => None,
        Err(f) => panic!("a listing: {f:?}"),
    });
    let listed: BTreeMap<String, (String, u64)> = listed.into_iter().map(|(k, e, n)| (k, (e, n))).collect();
    let keys = world.keys();
    for key in listed.keys() {
        assert!(keys.contains_key(key), "{key} is listed and was never written");
    }
    for (key, may) in &keys {
        let found = read(region, client, key, may);
        let etag = found.as_ref().map(|r| r.etag());
        assert!(may.contains(&etag), "{key} holds {etag:?}, and may hold {may:?}");
        if let Some(reply) = &found {
            world.catalog.verify(&reply.etag(), &reply.body).unwrap_or_else(|e| panic!("{key}: {e}"));
        }
        let listed = listed.get(key);
        assert_eq!(listed.map(|(e, _)| e), etag.as_ref(), "{key}: listed with one etag, read with another");
        if let Some((etag, bytes)) = listed {
            world.catalog.verify_size(etag, *bytes).unwrap_or_else(|e| panic!("{key}: {e}"));
        }
        world.keys.lock().expect("no panic").insert(key.clone(), [etag].into());
    }
    keys.len()
}

/// Keys that hold nothing are forgotten; of the others, those that are too many are removed.
fn thin_out(world: &World, client: &mut Client) {
    let mut keys = world.keys.lock().expect("no panic");
    keys.retain(|_, may| may.iter().any(Option::is_some));
    while keys.len() > OBJECTS_MAX {
        let (key, _) = keys.pop_first().expect("many");
        wait_for("a removal", BACK, || match client.delete(&path(&key)) {
            Ok(_) => Some(()),
            Err(f) if f.is_passing() => None,
            Err(f) => panic!("{key}: {f:?}"),
        });
    }
}

#[test]
fn kill_everything_while_writing() {
    let cycles = soak().unwrap_or(5);
    let region = Region::up();
    let mut client = region.client();
    client.put(&format!("/{BUCKET}"), &[], b"").expect("a bucket");
    let world = World::default();
    let mut random = Random(5);
    let started = Instant::now();
    for cycle in 0..cycles {
        let stop = AtomicBool::new(false);
        // Everything, or the object store alone under a supervisor that starts it again.
        let all = random.below(3) > 0;
        std::thread::scope(|s| {
            for writer in 0..WRITERS {
                let (world, stop) = (&world, &stop);
                let (mut client, mut random) = (client.another(), Random(random.next()));
                s.spawn(move || write(world, &mut client, writer, cycle, &mut random, stop));
            }
            std::thread::sleep(random.ms(100, 900));
            if all {
                kill_everything(&region)
            } else {
                kill_object_store(&region)
            }
            stop.store(true, Ordering::Relaxed);
        });
        if all {
            region.start();
        }
        let checked = verify(&region, &world, &mut client);
        thin_out(&world, &mut client);
        if soak().is_some() {
            let (acknowledged, seconds) = (world.acknowledged.load(Ordering::Relaxed), started.elapsed().as_secs());
            println!("cycle {}: {checked} keys checked, {acknowledged} acknowledged so far, {seconds} s", cycle + 1);
        }
    }
    let acknowledged = world.acknowledged.load(Ordering::Relaxed);
    println!("{cycles} cycles, {acknowledged} writes acknowledged, none lost");
    assert!(acknowledged > 5 * cycles, "too few writes to show anything: {acknowledged}");
}
