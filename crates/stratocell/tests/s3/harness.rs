//! A region of the test's own, and randomness that a seed repeats. Dropping a [`Region`] stops and purges all it started.

use crate::client::Client;
use platform::DataDir;
use platform::process::ProcessId;
use platform::settings::RootCredentials;
use serde_json::Value;
use std::collections::BTreeMap;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

pub const SECOND: Duration = Duration::from_secs(1);
const POLL: Duration = Duration::from_millis(20);

/// Bytes from which on a shard of the index is split: about the least that one has.
const INDEX_SHARD: &str = "200000";

pub struct Region {
    // Short: socket paths have a limit.
    dir: tempfile::TempDir,
    who: RootCredentials,
}

impl Region {
    pub fn up() -> Self {
        let dir = tempfile::Builder::new().prefix("sc-").tempdir_in("/tmp").expect("a temporary directory");
        let who = RootCredentials {
            account: "123456789012".parse().expect("an account"),
            access_key: "AKIATESTTESTTESTTEST".to_owned(),
            secret_key: "secretsecretsecretsecretsecretsecret0000".to_owned(),
        };
        let region = Self { dir, who };
        region.start();
        region
    }

    /// `up`, for the first time or again.
    pub fn start(&self) {
        let keys = ["--access-key", &self.who.access_key, "--secret-key", &self.who.secret_key];
        let mut args = vec![
            "up",
            "--detach",
            "--json",
            "--port",
            "0",
            "--no-profile",
            "--hosts-per-cell",
            "1",
            "--s3-index-shard",
            INDEX_SHARD,
        ];
        args.extend(keys);
        self.ok(&args);
    }

    pub fn dir(&self) -> DataDir {
        DataDir::new(self.dir.path())
    }

    /// A client with the administrator's keys.
    pub fn client(&self) -> Client {
        Client::new(self.dir().run().join("gateway.port"), &self.who.access_key, &self.who.secret_key)
    }

    fn run(&self, args: &[&str]) -> Output {
        // A long run may name a copy, which no build replaces under it.
        let binary = std::env::var_os("STRATOCELL_BINARY").unwrap_or_else(|| env!("CARGO_BIN_EXE_stratocell").into());
        let mut c = Command::new(binary);
        c.arg("--data-dir").arg(self.dir.path()).args(args).stdin(Stdio::null());
        c.output().expect("the binary runs")
    }

    /// Runs a command that must succeed; its standard output.
    pub fn ok(&self, args: &[&str]) -> String {
        let out = self.run(args);
        let (stdout, stderr) = (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
        assert!(out.status.success(), "stratocell {args:?} failed\n{stdout}{stderr}\n{}", self.last_logs());
        stdout.into_owned()
    }

    /// The region's processes by name, that are alive now.
    pub fn processes(&self) -> BTreeMap<String, ProcessId> {
        let ps: Value = serde_json::from_str(&self.ok(&["ps", "--json"])).expect("JSON");
        let of = |p: &Value| Some((p["name"].as_str()?.to_owned(), ProcessId::of(p["pid"].as_u64()? as u32)?));
        ps.as_array().expect("a list").iter().filter_map(of).collect()
    }

    /// All processes that name the data directory in their command line.
    pub fn everything(&self) -> Vec<ProcessId> {
        let dir = self.dir.path().to_string_lossy().into_owned();
        let naming = |pid: u32| {
            let line = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
            String::from_utf8_lossy(&line).contains(&dir).then(|| ProcessId::of(pid))?
        };
        let pids = std::fs::read_dir("/proc").expect("/proc").flatten().filter_map(|e| e.file_name().to_str()?.parse().ok());
        pids.filter(|pid| *pid != std::process::id()).filter_map(naming).collect()
    }

    /// The end of every log, for a failed assertion's message.
    pub fn last_logs(&self) -> String {
        let mut out = String::new();
        for entry in std::fs::read_dir(self.dir.path().join("logs")).into_iter().flatten().flatten() {
            let text = std::fs::read_to_string(entry.path()).unwrap_or_default();
            let lines: Vec<_> = text.lines().collect();
            let tail = &lines[lines.len().saturating_sub(8)..];
            let name = entry.file_name().to_string_lossy().into_owned();
            if !tail.is_empty() && !name.starts_with("card") && !name.starts_with("agent") {
                out.push_str(&format!("--- {name}\n{}\n", tail.join("\n")));
            }
        }
        out
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        for process in self.everything() {
            let _ = process.signal(libc::SIGCONT);
        }
        if std::env::var_os("STRATOCELL_KEEP").is_some() {
            let kept = std::mem::replace(&mut self.dir, tempfile::tempdir().expect("a directory")).keep();
            eprintln!("kept: {}", kept.display());
            return;
        }
        let _ = self.run(&["down", "--purge"]);
        for process in self.everything() {
            let _ = process.signal(libc::SIGKILL);
        }
    }
}

/// Is the process of the object store?
pub fn is_object_store(name: &str) -> bool {
    matches!(name, "gateway" | "s3-worker") || name.starts_with("storage-") || name.starts_with("index-")
}

/// Polls until `check` gives a value; panics with `what` after `limit`.
pub fn wait_for<T>(what: &str, limit: Duration, mut check: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(v) = check() {
            return v;
        }
        assert!(start.elapsed() < limit, "waited {limit:?} for {what}");
        std::thread::sleep(POLL);
    }
}

/// How often more than usual: `STRATOCELL_SOAK`.
pub fn soak() -> Option<u64> {
    std::env::var("STRATOCELL_SOAK").ok().and_then(|n| n.parse().ok())
}

/// SplitMix64: the choices are the same in each run of a seed.
#[derive(Clone)]
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len() as u64) as usize]
    }

    pub fn ms(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(from + self.below(to - from))
    }
}
