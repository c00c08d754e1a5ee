//! The region's rows: typed, in memory, written through to the store.
//!
//! All rows are held in memory (the region shard is the only writer, so memory is the truth of the last commit). An
//! operation reads and writes [`Db`] directly; what it changed is remembered, so that a failed operation is rolled back and
//! a finished one becomes one store commit ([`Db::take_mutations`]). If that commit fails the process ends: start-up is
//! recovery. Keys are `kind/account/id`; a row's value is JSON, with `#[serde(default)]` for fields that came later.

use crate::rows;
use serde::{Serialize, de::DeserializeOwned};
use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use types::AccountId;

/// A kind of row. `id` is unique within the account (rows of the region itself use [`system_account`]).
pub trait Row: Serialize + DeserializeOwned + Clone + std::fmt::Debug + 'static {
    const KIND: &'static str;
    fn account(&self) -> &AccountId;
    fn id(&self) -> String;
}

/// The account of rows that belong to nobody: counters, public addresses.
pub fn system_account() -> AccountId {
    #[expect(clippy::expect_used, reason = "a constant")]
    "000000000000".parse().expect("twelve digits")
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct RowKey {
    kind: &'static str,
    account: AccountId,
    id: String,
}

impl RowKey {
    fn bytes(&self) -> Vec<u8> {
        format!("{}/{}/{}", self.kind, self.account, self.id).into_bytes()
    }
}

trait AnyRow: Any {
    fn encode(&self) -> Vec<u8>;
    fn as_any(self: Rc<Self>) -> Rc<dyn Any>;
}

impl<T: Row> AnyRow for T {
    #[expect(clippy::expect_used, reason = "rows are maps of strings and numbers: encoding cannot fail")]
    fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a row encodes")
    }

    fn as_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

/// A change for the store: `None` deletes.
pub type RowMutation = (Vec<u8>, Option<Vec<u8>>);

#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("row {key} is of no known kind")]
    UnknownKind { key: String },
    #[error("row {key} cannot be read")]
    Decode { key: String, source: serde_json::Error },
}

/// What a request did before a part of it: see [`Db::begin_part`].
#[must_use]
pub struct Part(BTreeMap<RowKey, Option<Rc<dyn AnyRow>>>);

#[derive(Default)]
pub struct Db {
    rows: BTreeMap<RowKey, Rc<dyn AnyRow>>,
    /// What each row changed since `begin` was before.
    undo: BTreeMap<RowKey, Option<Rc<dyn AnyRow>>>,
    /// Rows of users, roles or policies that have changed since they were last asked for, by account.
    identities: BTreeMap<AccountId, BTreeSet<(&'static str, String)>>,
    /// Rows that say where interfaces are, changed since they were last asked for.
    placements: BTreeSet<(&'static str, AccountId, String)>,
    /// Beside the rows: not stored, and not taken back.
    pub guesses: ::iam::guesses::Guesses,
    /// The same: what load balancers' nodes reported last.
    pub balancers: crate::elb::health::Seen,
    /// The same: what cells told of themselves, and whose they are.
    pub cells: crate::cells::Cells,
}

impl Db {
    /// One stored row, at start-up.
    pub fn load(&mut self, key: &[u8], value: &[u8]) -> Result<(), LoadError> {
        let text = String::from_utf8_lossy(key).into_owned();
        let kind = text.split('/').next().unwrap_or_default();
        let Some(decode) = rows::LOADERS.iter().find(|(k, _)| *k == kind).map(|(_, f)| f) else {
            return Err(LoadError::UnknownKind { key: text });
        };
        decode(self, value).map_err(|source| LoadError::Decode { key: text, source })
    }

    pub(crate) fn load_row<T: Row>(&mut self, value: &[u8]) -> Result<(), serde_json::Error> {
        let row: T = serde_json::from_slice(value)?;
        let key = Self::key::<T>(row.account(), &row.id());
        self.note(&key);
        self.rows.insert(key, Rc::new(row));
        Ok(())
    }

    fn key<T: Row>(account: &AccountId, id: &str) -> RowKey {
        RowKey { kind: T::KIND, account: account.clone(), id: id.to_owned() }
    }

    pub fn get<T: Row>(&self, account: &AccountId, id: impl ToString) -> Option<Rc<T>> {
        self.rows.get(&Self::key::<T>(account, &id.to_string())).cloned().and_then(downcast)
    }

    /// The account's rows of a kind, by id.
    pub fn list<T: Row>(&self, account: &AccountId) -> impl Iterator<Item = Rc<T>> + '_ {
        let account = account.clone();
        self.rows
            .range(Self::key::<T>(&account, "")..)
            .take_while(move |(k, _)| k.kind == T::KIND && k.account == account)
            .filter_map(|(_, row)| downcast(row.clone()))
    }

    /// Rows of a kind in all accounts, by account and id.
    pub fn all<T: Row>(&self) -> impl Iterator<Item = Rc<T>> + '_ {
        self.rows
            .range(Self::key::<T>(&system_account(), "")..)
            .take_while(|(k, _)| k.kind == T::KIND)
            .filter_map(|(_, row)| downcast(row.clone()))
    }

    pub fn put<T: Row>(&mut self, row: T) {
        let key = Self::key::<T>(row.account(), &row.id());
        self.note(&key);
        let before = self.rows.insert(key.clone(), Rc::new(row));
        self.undo.entry(key).or_insert(before);
    }

    pub fn delete<T: Row>(&mut self, account: &AccountId, id: impl ToString) {
        let key = Self::key::<T>(account, &id.to_string());
        self.note(&key);
        let before = self.rows.remove(&key);
        self.undo.entry(key).or_insert(before);
    }

    /// Changes a row that exists; `false` when it does not.
    pub fn update<T: Row>(&mut self, account: &AccountId, id: impl ToString, change: impl FnOnce(&mut T)) -> bool {
        let Some(row) = self.get::<T>(account, id.to_string()) else { return false };
        let mut row = (*row).clone();
        change(&mut row);
        self.put(row);
        true
    }

    fn note(&mut self, key: &RowKey) {
        if rows::IDENTITY_KINDS.contains(&key.kind) {
            self.identities.entry(key.account.clone()).or_default().insert((key.kind, key.id.clone()));
        }
        if rows::PLACEMENT_KINDS.contains(&key.kind) {
            self.placements.insert((key.kind, key.account.clone(), key.id.clone()));
        }
    }

    /// The rows of users, roles and policies that may have changed since the last call, by account: kind and id.
    pub fn take_changed_identities(&mut self) -> BTreeMap<AccountId, BTreeSet<(&'static str, String)>> {
        std::mem::take(&mut self.identities)
    }

    /// The rows of interfaces, instances and NAT gateways that may have changed since the last call: kind, account and id.
    pub fn take_changed_placements(&mut self) -> BTreeSet<(&'static str, AccountId, String)> {
        std::mem::take(&mut self.placements)
    }

    /// Takes back everything since the last `take_mutations` or `rollback`.
    pub fn rollback(&mut self) {
        for (key, before) in std::mem::take(&mut self.undo) {
            self.note(&key);
            match before {
                Some(row) => self.rows.insert(key, row),
                None => self.rows.remove(&key),
            };
        }
    }

    /// Begins a part that [`Db::rollback`] takes back by itself; what was done before it is returned, for [`Db::end_part`].
    pub fn begin_part(&mut self) -> Part {
        Part(std::mem::take(&mut self.undo))
    }

    /// What is left of the part becomes one with what was before it.
    pub fn end_part(&mut self, before: Part) {
        let part = std::mem::replace(&mut self.undo, before.0);
        for (key, row) in part {
            self.undo.entry(key).or_insert(row);
        }
    }

    /// What has changed since the last call, as one commit. Rows that ended as they began are left out.
    pub fn take_mutations(&mut self) -> Vec<RowMutation> {
        std::mem::take(&mut self.undo)
            .into_iter()
            .filter_map(|(key, before)| {
                let now = self.rows.get(&key).map(|row| row.encode());
                (now != before.map(|row| row.encode())).then(|| (key.bytes(), now))
            })
            .collect()
    }

    /// Whether an operation changed anything (before `take_mutations`).
    pub fn is_dirty(&self) -> bool {
        !self.undo.is_empty()
    }
}

fn downcast<T: Row>(row: Rc<dyn AnyRow>) -> Option<Rc<T>> {
    row.as_any().downcast::<T>().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::Counter;

    #[test]
    fn rollback_restores_and_commit_reports_only_changes() {
        let mut db = Db::default();
        db.put(Counter { name: "a".into(), value: 1 });
        assert_eq!(db.take_mutations().len(), 1);
        db.put(Counter { name: "a".into(), value: 2 });
        db.put(Counter { name: "b".into(), value: 2 });
        db.rollback();
        assert_eq!(db.get::<Counter>(&system_account(), "a").unwrap().value, 1);
        assert!(db.get::<Counter>(&system_account(), "b").is_none());
        db.put(Counter { name: "a".into(), value: 2 });
        db.put(Counter { name: "a".into(), value: 1 });
        assert!(db.take_mutations().is_empty());
        db.delete::<Counter>(&system_account(), "a");
        assert_eq!(db.take_mutations(), [(b"counter/000000000000/a".to_vec(), None)]);
    }

    #[test]
    fn rows_come_back_from_their_bytes() {
        let mut db = Db::default();
        db.put(Counter { name: "a".into(), value: 7 });
        let stored = db.take_mutations();
        let mut again = Db::default();
        for (k, v) in stored {
            again.load(&k, &v.unwrap()).unwrap();
        }
        assert_eq!(again.all::<Counter>().count(), 1);
        assert!(again.load(b"nonsense/1/2", b"{}").is_err());
    }
}
