//! Death of the writer process: by a signal at random moments, and by its own hand at each point of a commit.
//!
//! The child is this test binary, run again with `STRATOCELL_CRASH_DB` set. It commits as fast as it can, from several
//! threads through the group committer, and prints each version when it is acknowledged. `STRATOCELL_SOAK=n` adds n kills.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use store::sqlite::CrashPoint;
use store::{
    Committer, CommitterOptions, Mutation, Precondition, SqliteOptions, SqliteStore, Store, StoreRead, Version, for_prefix,
};

const THREADS: u64 = 4;
/// Of one commit. All carry the same number, so a half visible commit shows.
const KEYS: u64 = 5;

fn key(thread: u64, row: u64) -> Vec<u8> {
    format!("t{thread}/{row}").into_bytes()
}

/// The child. As a test of its own it does nothing.
#[test]
fn child() {
    let Ok(path) = std::env::var("STRATOCELL_CRASH_DB") else { return };
    let point = match std::env::var("STRATOCELL_CRASH_POINT").as_deref() {
        Ok("before") => Some(CrashPoint::BeforeCommit),
        Ok("after") => Some(CrashPoint::AfterCommitBeforeAck),
        _ => None,
    };
    let nth: u32 = std::env::var("STRATOCELL_CRASH_NTH").ok().and_then(|n| n.parse().ok()).unwrap_or(0);
    let seen = AtomicU32::new(0);
    let hook = move |at: CrashPoint| {
        if Some(at) == point && seen.fetch_add(1, Ordering::Relaxed) + 1 == nth {
            std::process::abort();
        }
    };
    let options = SqliteOptions { crash_hook: Some(Box::new(hook)), log_rows_max: 2000, ..SqliteOptions::durable() };
    let mut store = SqliteStore::open(Path::new(&path), options).unwrap();
    let epoch = store.acquire("child").unwrap();
    let numbers: Vec<u64> = (0..THREADS).map(|thread| number(&store, thread)).collect();
    let committer = Committer::spawn(store, epoch, CommitterOptions::usual()).unwrap();
    let threads: Vec<_> = numbers
        .into_iter()
        .enumerate()
        .map(|(thread, mut number)| {
            let committer = committer.clone();
            std::thread::spawn(move || {
                loop {
                    number += 1;
                    let rows = (0..KEYS).map(|row| {
                        // One value lives in the key tree, the others beside it.
                        let mut value = vec![0; 100 + 400 * row as usize];
                        value[..8].copy_from_slice(&number.to_be_bytes());
                        Mutation::put(key(thread as u64, row), value)
                    });
                    let version = committer.submit(vec![], rows.collect()).unwrap().wait().unwrap();
                    // One write call, so that a line is whole or absent.
                    std::io::stdout().write_all(format!("ACK {thread} {number} {}\n", version.0).as_bytes()).unwrap();
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

/// The number of a thread's last commit; panics when its rows differ.
fn number(store: &dyn StoreRead, thread: u64) -> u64 {
    let mut rows = Vec::new();
    for_prefix(store, format!("t{thread}/").as_bytes(), |entry| rows.push(entry)).unwrap();
    let Some(first) = rows.first() else { return 0 };
    assert_eq!(rows.len() as u64, KEYS);
    assert!(rows.iter().all(|row| row.version == first.version && row.value[..8] == first.value[..8]), "half visible");
    u64::from_be_bytes(first.value[..8].try_into().unwrap())
}

struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs a child until it dies; `acks` of its commits are read before it is killed, none means that it ends itself.
/// Returns what it acknowledged: the highest number of each thread and the highest version.
fn run(path: &Path, env: &[(&str, String)], acks: Option<usize>, delay: Duration) -> ([u64; THREADS as usize], u64) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "crash::child", "--nocapture", "--test-threads=1"]).env("STRATOCELL_CRASH_DB", path);
    command.envs(env.iter().map(|(name, value)| (name, value)));
    let mut child = Killed(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap());
    let mut lines = BufReader::new(child.0.stdout.take().unwrap()).split(b'\n');
    let mut acknowledged = ([0; THREADS as usize], 0);
    let mut note = |line: Vec<u8>| {
        let line = String::from_utf8_lossy(&line).into_owned();
        let fields: Vec<&str> = line.split(' ').collect();
        let position = fields.iter().position(|field| field.ends_with("ACK"))?;
        let values: Vec<u64> = fields[position + 1..].iter().map(|field| field.parse().unwrap()).collect();
        acknowledged.0[values[0] as usize] = values[1];
        acknowledged.1 = u64::max(acknowledged.1, values[2]);
        Some(())
    };
    if let Some(acks) = acks {
        let mut seen = 0;
        while seen < acks {
            seen += usize::from(note(lines.next().expect("the child lives").unwrap()).is_some());
        }
        // Not a wait for luck: it moves the kill to another place within a commit.
        std::thread::sleep(delay);
        child.0.kill().unwrap();
    }
    for line in lines {
        // Without its end, the last line may be cut: but one write of few bytes into a pipe is atomic.
        note(line.unwrap());
    }
    let status = child.0.wait().unwrap();
    assert!(!status.success());
    acknowledged
}

/// What every restart must find. `before` holds the number of each thread when the child started, and then the new ones.
fn check(path: &Path, before: &mut [u64; THREADS as usize], acknowledged: ([u64; THREADS as usize], u64)) {
    let mut store = SqliteStore::open(path, SqliteOptions::durable()).unwrap();
    assert!(store.version().unwrap().0 >= acknowledged.1, "an acknowledged version is lost");
    for (thread, acknowledged) in acknowledged.0.into_iter().enumerate() {
        let found = number(&store, thread as u64);
        let known = acknowledged.max(before[thread]);
        // Each thread has one commit out at a time, which may have become durable untold.
        assert!(found == known || found == known + 1, "thread {thread} is at {found}, and {known} was acknowledged");
        before[thread] = found;
    }
    // The feed is whole up to the last version, and the shard goes on.
    let version = store.version().unwrap();
    if version.0 > 10 {
        let page = store.changes(Version(version.0 - 10), 1000).unwrap();
        let mut versions: Vec<u64> = page.changes.iter().map(|change| change.version.0).collect();
        versions.dedup();
        assert_eq!(versions, (version.0 - 9..=version.0).collect::<Vec<_>>());
    }
    let epoch = store.acquire("parent").unwrap();
    let pre = [Precondition::Absent { key: b"parent/never".into() }];
    assert_eq!(store.commit(epoch, &pre, &[Mutation::put("parent", "was here")]).unwrap(), version.next());
}

#[test]
fn killed_at_random_moments() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("shard.db");
    let mut numbers = [0; THREADS as usize];
    for round in 0..20 + u64::from(crate::soak()) {
        // SplitMix's constants; any spread will do.
        let random = (round + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        let acknowledged = run(&path, &[], Some((random % 200) as usize + 1), Duration::from_micros(random / 200 % 3000));
        check(&path, &mut numbers, acknowledged);
    }
}

#[test]
fn dead_at_each_point_of_a_commit() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("shard.db");
    let mut numbers = [0; THREADS as usize];
    for nth in [1, 2, 3, 10, 40] {
        for point in ["before", "after"] {
            let env = [("STRATOCELL_CRASH_POINT", point.to_owned()), ("STRATOCELL_CRASH_NTH", nth.to_string())];
            let acknowledged = run(&path, &env, None, Duration::ZERO);
            check(&path, &mut numbers, acknowledged);
        }
    }
}
