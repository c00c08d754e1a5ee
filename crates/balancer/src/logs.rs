//! Log lines on their way out: gathered, and written once a second or at 64 KiB, off the request's way. When the disk cannot
//! follow, lines beyond 8 MiB are dropped and counted. They go to a file that the document names, or, on a host, to the node's
//! [`Spool`].

use crate::spool::{Destination, Spool};
use crate::state::Shared;
use platform::Rng;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use wire::balancer::Attributes;

const FLUSH_BYTES: usize = 64 << 10;
const HELD_BYTES_MAX: usize = 8 << 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Access,
    Connection,
}

/// Whether lines of a kind go anywhere.
pub fn wants(kind: Kind, a: &Attributes) -> bool {
    match kind {
        Kind::Access => a.access_log.is_some() || a.log_delivery.as_ref().is_some_and(|d| d.access.is_some()),
        Kind::Connection => a.log_delivery.as_ref().is_some_and(|d| d.connection.is_some()),
    }
}

/// Lines that wait to be written.
#[derive(Debug, Default)]
pub struct Logs {
    access: RefCell<String>,
    connection: RefCell<String>,
    full: Notify,
    pub lost: Cell<u64>,
    spool: Option<Arc<Mutex<Spool>>>,
}

impl Logs {
    pub fn new(spool: Option<Spool>) -> Self {
        Self { spool: spool.map(|s| Arc::new(Mutex::new(s))), ..Self::default() }
    }

    pub fn push(&self, kind: Kind, write: impl FnOnce(&mut String) -> fmt::Result) {
        let lines = if kind == Kind::Access { &self.access } else { &self.connection };
        let mut lines = lines.borrow_mut();
        if lines.len() > HELD_BYTES_MAX {
            self.lost.set(self.lost.get() + 1);
            return;
        }
        let before = lines.len();
        let _ = write(&mut lines);
        if before < FLUSH_BYTES && lines.len() >= FLUSH_BYTES {
            self.full.notify_one();
        }
    }

    /// Until it is time to write.
    pub async fn due(&self) {
        let _ = tokio::time::timeout(Duration::from_secs(1), self.full.notified()).await;
    }

    /// Files that were given up.
    pub fn lost_files(&self) -> u64 {
        self.spool.as_ref().map_or(0, |s| s.lock().unwrap_or_else(PoisonError::into_inner).lost_files)
    }

    /// Writes what has gathered. `end`: nothing more comes, what is open is closed.
    pub async fn write_out(&self, shared: &Shared, end: bool) {
        let (access, connection) = (self.access.take(), self.connection.take());
        let config = &shared.snapshot().config;
        let count = |lines: &str| lines.bytes().filter(|b| *b == b'\n').count() as u64;
        let lines = count(&access) + count(&connection);
        let to = (config.name.clone(), config.attributes.access_log.clone(), config.attributes.log_delivery.clone());
        if lines == 0 && self.spool.is_none() {
            return;
        }
        let random: [u64; 2] = {
            let mut rng = shared.rng.borrow_mut();
            std::array::from_fn(|_| rng.u64())
        };
        let (spool, now_ms) = (self.spool.clone(), shared.now().unix_ms);
        let written = tokio::task::spawn_blocking(move || {
            let (name, file, delivery) = to;
            if let Some(path) = file.filter(|_| !access.is_empty()) {
                append(&path, access.as_bytes())?;
            }
            let Some(spool) = spool else { return Ok(()) };
            let mut spool = spool.lock().unwrap_or_else(PoisonError::into_inner);
            let to = delivery.as_ref().map(|delivery| Destination { delivery, name: &name });
            if let Some(to) = &to {
                for (kind, lines, random) in [(Kind::Access, access, random[0]), (Kind::Connection, connection, random[1])] {
                    if !lines.is_empty() {
                        spool.write(kind, &lines, to, now_ms, random)?;
                    }
                }
            }
            spool.turn(now_ms, to.as_ref().filter(|_| !end))
        });
        if !matches!(written.await, Ok(Ok(()))) {
            self.lost.set(self.lost.get() + lines);
            tracing::warn!(lines, "log lines could not be written");
        }
    }
}

fn append(path: &Path, bytes: &[u8]) -> io::Result<()> {
    std::fs::OpenOptions::new().create(true).append(true).open(path)?.write_all(bytes)
}
