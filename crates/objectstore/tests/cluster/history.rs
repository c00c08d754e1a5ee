//! What clients asked and were told, in the order of one counter; checked key by key by `testkit`.

use std::collections::BTreeMap;
use testkit::register::{self, Action, Operation, Outcome};

#[derive(Default)]
pub struct History {
    entries: Vec<Option<(String, Operation<u64>)>>,
    ticks: u64,
}

impl History {
    pub fn tick(&mut self) -> u64 {
        self.ticks += 1;
        self.ticks
    }

    /// An operation begins; until told otherwise its outcome is unknown.
    pub fn begin(&mut self, client: u32, key: &str, action: Action<u64>) -> usize {
        let called = self.tick();
        let operation = Operation { client, action, outcome: Outcome::Unknown, called, returned: 0 };
        self.entries.push(Some((key.to_owned(), operation)));
        self.entries.len() - 1
    }

    pub fn end(&mut self, entry: usize, outcome: Outcome<u64>) {
        let now = self.tick();
        if let Some((_, operation)) = &mut self.entries[entry] {
            operation.outcome = outcome;
            operation.returned = now;
        }
    }

    /// It did not happen, for certain: if it did all the same, some reading cannot be explained.
    pub fn void(&mut self, entry: usize) {
        self.entries[entry] = None;
    }

    /// A reading that is known at its end only, as those of a listing are.
    pub fn read(&mut self, client: u32, key: &str, called: u64, found: Option<u64>) {
        let returned = self.tick();
        let operation = Operation { client, action: Action::Read, outcome: Outcome::Found(found), called, returned };
        self.entries.push(Some((key.to_owned(), operation)));
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn check(&self) -> Vec<String> {
        let mut keys: BTreeMap<&str, Vec<Operation<u64>>> = BTreeMap::new();
        for (key, operation) in self.entries.iter().flatten() {
            // A reading without an answer says nothing.
            if operation.action != Action::Read || operation.outcome != Outcome::Unknown {
                keys.entry(key).or_default().push(operation.clone());
            }
        }
        let wrong = |(key, history): (&str, Vec<_>)| register::check(None, &history).err().map(|v| format!("key {key}: {v}"));
        keys.into_iter().filter_map(wrong).collect()
    }
}
