//! The control plane's own directory, kept in step with the rows.

use super::rows::SessionKey;
use super::snapshot::{Compiled, seal};
use crate::db::{Db, system_account};
use ::iam::Directory;
use ::kms::RootKey;
use platform::Rng;
use std::collections::HashSet;
use std::sync::Arc;
use types::TimestampMs;
use wire::identity::{IdentityHead, Part};

/// Session tokens are sealed with a new key after this time; the longest-lived session is 36 hours.
const SESSION_KEY_MS: u64 = 30 * 24 * 3600 * 1000;
const SESSION_MAX_MS: u64 = 37 * 3600 * 1000;

pub struct Identities {
    compiled: Compiled,
    directory: Directory,
}

impl Identities {
    /// `root` seals what is secret in what is pushed.
    pub fn new(root: Arc<RootKey>) -> Self {
        Self { compiled: Compiled::new(root), directory: Directory::default() }
    }

    /// Takes in what the rows have become. Cheap when nothing has changed.
    pub fn refresh(&mut self, db: &mut Db) {
        let changed = db.take_changed_identities();
        if changed.is_empty() {
            return;
        }
        for (account, rows) in changed {
            for part in self.compiled.refresh(db, &account, &rows) {
                self.directory.put((*part).clone());
            }
        }
        let heads = self.compiled.heads();
        self.directory.keep(&heads.iter().map(|h| h.name.as_str()).collect::<HashSet<_>>());
    }

    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    pub fn head(&self, db: &Db) -> IdentityHead {
        let sealed = |k: &SessionKey| SessionKey {
            id: k.id,
            key: String::new(),
            sealed: seal(self.compiled.root(), &SessionKey::purpose(k.id), &k.key),
            created: k.created,
        };
        let keys = db.list::<SessionKey>(&system_account()).map(|k| sealed(&k)).collect();
        IdentityHead::new(keys, self.compiled.heads())
    }

    pub fn part(&self, name: &str) -> Option<Arc<Part>> {
        self.compiled.part(name)
    }
}

/// A new key when the newest has served its time; forgets those that can open nothing any more.
pub fn rotate_session_keys(db: &mut Db, now: TimestampMs, rng: &mut dyn Rng) {
    let keys: Vec<_> = db.list::<SessionKey>(&system_account()).collect();
    let newest = keys.last();
    if newest.is_none_or(|k| now.0 > k.created.0 + SESSION_KEY_MS) {
        let bytes: Vec<u8> = (0..4).flat_map(|_| rng.u64().to_le_bytes()).collect();
        db.put(SessionKey { id: newest.map_or(1, |k| k.id + 1), key: hex::encode(bytes), created: now, ..SessionKey::default() });
    }
    // A key seals until its successor is made.
    for pair in keys.windows(2) {
        if now.0 > pair[1].created.0 + SESSION_MAX_MS {
            db.delete::<SessionKey>(&system_account(), crate::db::Row::id(&*pair[0]));
        }
    }
}
