//! What each client did to each key and what came of it, in one clock; and whether that can be.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Instant;
use testkit::register::{self, Action, Operation, Outcome};

/// A value is named by its etag.
pub type Op = Operation<String>;

pub struct History {
    start: Instant,
    keys: Mutex<BTreeMap<String, Vec<Op>>>,
}

impl History {
    pub fn new() -> Self {
        Self { start: Instant::now(), keys: Mutex::default() }
    }

    /// Microseconds since the start.
    pub fn now(&self) -> u64 {
        self.start.elapsed().as_micros() as u64
    }

    /// Names the key before anything is asked about it, so that listings know of it. Its operations so far.
    pub fn touch(&self, key: &str) -> usize {
        self.keys.lock().expect("no panic").entry(key.to_owned()).or_default().len()
    }

    pub fn keys(&self) -> Vec<String> {
        self.keys.lock().expect("no panic").keys().cloned().collect()
    }

    /// Records an operation that was called at `called` and ends now.
    pub fn add(&self, client: u32, key: &str, action: Action<String>, outcome: Outcome<String>, called: u64) {
        let operation = Operation { client, action, outcome, called, returned: self.now() };
        self.keys.lock().expect("no panic").entry(key.to_owned()).or_default().push(operation);
    }

    pub fn read(&self, client: u32, key: &str, found: Option<String>, called: u64) {
        self.add(client, key, Action::Read, Outcome::Found(found), called);
    }

    pub fn operations(&self) -> BTreeMap<String, Vec<Op>> {
        self.keys.lock().expect("no panic").clone()
    }

    /// One text a key whose history cannot be.
    pub fn anomalies(&self) -> Vec<String> {
        let keys = self.operations();
        keys.iter().filter_map(|(key, ops)| register::check(None, ops).err().map(|v| format!("{key}: {v}"))).collect()
    }
}
