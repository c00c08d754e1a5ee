//! The store's contract, written down as plainly as it can be: the list of all commits, and answers by replaying it.
//!
//! Nothing of it is shared with a back end; the back ends are compared with it call by call.

use std::collections::BTreeMap;

use store::{
    Change, ChangeKind, Changes, Entry, Epoch, Error, Key, Mutation, Page, Proposal, RANGE_BYTES_MAX, Result, Store, StoreRead,
    Value, Version,
};

/// Keeps its whole change log, so it never answers [`Error::Trimmed`] for the past.
#[derive(Clone, Debug, Default)]
pub struct StoreModel {
    /// The commit of version n is at n - 1.
    commits: Vec<Vec<Mutation>>,
    epoch: Epoch,
}

impl StoreModel {
    /// Everything, as it was after `version`.
    pub fn state_at(&self, version: Version) -> BTreeMap<Key, (Value, Version)> {
        let mut state = BTreeMap::new();
        for (i, mutations) in self.commits.iter().take(version.0 as usize).enumerate() {
            for mutation in mutations {
                match mutation {
                    Mutation::Put { key, value } => state.insert(key.clone(), (value.clone(), Version(i as u64 + 1))),
                    Mutation::Delete { key } => state.remove(key),
                };
            }
        }
        state
    }

    fn state(&self) -> BTreeMap<Key, (Value, Version)> {
        self.state_at(Version(self.commits.len() as u64))
    }

    /// What a commit has changed: the last mutation of each key.
    fn changes_of(&self, version: Version) -> Vec<Change> {
        let kinds: BTreeMap<&[u8], ChangeKind> = self.commits[version.0 as usize - 1]
            .iter()
            .map(|m| (m.key(), if matches!(m, Mutation::Put { .. }) { ChangeKind::Put } else { ChangeKind::Delete }))
            .collect();
        kinds.into_iter().map(|(key, kind)| Change { version, key: key.to_vec(), kind }).collect()
    }
}

impl StoreRead for StoreModel {
    fn version(&self) -> Result<Version> {
        Ok(Version(self.commits.len() as u64))
    }

    fn epoch(&self) -> Result<Epoch> {
        Ok(self.epoch)
    }

    fn get(&self, key: &[u8]) -> Result<Option<Entry>> {
        Ok(self.state().remove(key).map(|(value, version)| Entry { key: key.to_vec(), value, version }))
    }

    fn range(&self, start: &[u8], end: &[u8], limit: usize) -> Result<Page> {
        let mut page = Page::default();
        let inside = |key: &[u8]| key >= start && (end.is_empty() || key < end);
        for (key, (value, version)) in self.state().into_iter().filter(|(key, _)| inside(key)) {
            let bytes: usize = page.entries.iter().map(|e: &Entry| e.key.len() + e.value.len()).sum();
            if page.entries.len() == limit.max(1) || bytes >= RANGE_BYTES_MAX {
                page.next = Some(key);
                break;
            }
            page.entries.push(Entry { key, value, version });
        }
        Ok(page)
    }

    fn changes(&self, from: Version, limit: usize) -> Result<Changes> {
        let newest = self.version()?;
        if from > newest {
            return Err(Error::Trimmed { asked: from, oldest: Version(0), newest });
        }
        let mut page = Changes { changes: Vec::new(), upto: from, more: false };
        while page.upto < newest {
            if page.changes.len() >= limit.max(1) {
                page.more = true;
                break;
            }
            page.upto = page.upto.next();
            page.changes.extend(self.changes_of(page.upto));
        }
        Ok(page)
    }
}

impl Store for StoreModel {
    fn acquire(&mut self, _owner: &str) -> Result<Epoch> {
        self.epoch = self.epoch.next();
        Ok(self.epoch)
    }

    fn commit_batch(&mut self, epoch: Epoch, batch: &[Proposal<'_>]) -> Result<Vec<Result<Version>>> {
        if epoch != self.epoch || epoch == Epoch::default() {
            return Err(Error::Fenced { held: epoch, current: self.epoch });
        }
        let mut results = Vec::new();
        for proposal in batch {
            let state = self.state();
            let holds = proposal.check_limits().and_then(|()| {
                proposal.pre.iter().try_for_each(|pre| pre.check(state.get(pre.key()).map(|(_, version)| *version)))
            });
            if holds.is_ok() && !proposal.muts.is_empty() {
                self.commits.push(proposal.muts.to_vec());
            }
            results.push(holds.and_then(|()| self.version()));
        }
        Ok(results)
    }
}
