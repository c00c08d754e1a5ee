//! Where truth lives: one narrow contract for an ordered key-value store with a fence, and its back ends.
//!
//! A shard of state (the region, a cell, a range of the object index) is one store with ONE writer. The writer is a
//! single-threaded state machine that decides alone, so everything that must be atomic (rows, indexes, quotas,
//! idempotency tokens, workflow steps) is a handful of keys in one commit. Every commit gets the next [`Version`], so the
//! change feed has no gaps. A new owner takes the shard with [`Store::acquire`], which raises the [`Epoch`]; the commits
//! of an older epoch are refused from then on, whatever the clocks say.
//!
//! * [`sqlite`]: the embedded back end, one file a shard.
//! * [`writer`]: group commit, many submissions in one durable transaction.
//! * [`buffer`]: many rows without an allocation each.
//! * [`sim`]: the same contract in memory, with seeded crashes and faults.
//! * [`workflow`]: the journal of operations that need an order or an undo.
//!
//! This crate is not a database: there are no queries, no secondary indexes and no transactions that span a read.

pub mod buffer;
pub mod error;
pub mod sim;
pub mod sqlite;
pub mod workflow;
pub mod writer;

pub use buffer::RowBuffer;
pub use error::{Error, Outcome, Result};
pub use sqlite::{SqliteOptions, SqliteReader, SqliteStore};
pub use writer::{Committer, CommitterOptions, Submission, Ticket};

/// Between 1 and [`KEY_BYTES_MAX`] bytes, ordered as unsigned bytes.
pub type Key = Vec<u8>;
/// At most [`VALUE_BYTES_MAX`] bytes.
pub type Value = Vec<u8>;

pub const KEY_BYTES_MAX: usize = 2048;
pub const VALUE_BYTES_MAX: usize = 1 << 20;
/// Mutations, and preconditions, of one commit.
pub const MUTATIONS_MAX: usize = 10_000;
/// Keys and values of one commit together.
pub const COMMIT_BYTES_MAX: usize = 16 << 20;
/// Entries of one page of [`StoreRead::range`].
pub const RANGE_ENTRIES_MAX: usize = 10_000;
/// A page ends early behind the entry that takes it over this size.
pub const RANGE_BYTES_MAX: usize = 8 << 20;

/// The version of a shard: 0 when new, one more with each commit, without gaps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u64);

/// The fence of a shard's writer. Only the epoch given out last may commit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(pub u64);

impl Version {
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl Epoch {
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// What must hold for a commit to happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Precondition {
    /// The key exists and was last written by exactly this commit.
    Version {
        key: Key,
        version: Version,
    },
    Absent {
        key: Key,
    },
}

/// Applied in order, so the last mutation of a key in a commit wins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mutation {
    Put {
        key: Key,
        value: Value,
    },
    /// Deleting an absent key is not an error and appears in the change feed.
    Delete {
        key: Key,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub key: Key,
    pub value: Value,
    /// The commit that wrote it.
    pub version: Version,
}

/// Entries in key order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    pub entries: Vec<Entry>,
    /// Where to go on. None: the range is exhausted.
    pub next: Option<Key>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    Put,
    Delete,
}

/// A row of the change feed. It names the key only; the subscriber reads the value, which may be newer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub version: Version,
    pub key: Key,
    pub kind: ChangeKind,
}

/// A page of the change feed, ordered by version and key. It never splits a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    pub changes: Vec<Change>,
    /// The page is complete up to here; ask from here next.
    pub upto: Version,
    /// There are changes behind `upto` already.
    pub more: bool,
}

/// One commit, borrowed.
#[derive(Clone, Copy, Debug)]
pub struct Proposal<'a> {
    pub pre: &'a [Precondition],
    pub muts: &'a [Mutation],
}

/// The reading half of the contract.
pub trait StoreRead {
    /// The version of the last durable commit.
    fn version(&self) -> Result<Version>;

    /// The epoch given out last, by whomever. An owner that finds a later one than its own has been fenced; read in the
    /// same snapshot as rows, its own epoch proves that nobody else could commit before that snapshot.
    fn epoch(&self) -> Result<Epoch>;

    fn get(&self, key: &[u8]) -> Result<Option<Entry>>;

    /// Entries with `start <= key < end`, at most `limit` of them. An empty `end` means the end of the key space.
    fn range(&self, start: &[u8], end: &[u8], limit: usize) -> Result<Page>;

    /// The same, without versions and into memory that is used again. Answers where to go on, as [`Page::next`].
    fn rows(&self, start: &[u8], end: &[u8], limit: usize, out: &mut RowBuffer) -> Result<Option<Key>> {
        let page = self.range(start, end, limit)?;
        out.clear();
        page.entries.iter().for_each(|e| out.push(&e.key, &e.value));
        Ok(page.next)
    }

    /// The keys that the commits after `from` have touched, about `limit` of them (a commit is never split).
    ///
    /// [`Error::Trimmed`] when the log does not reach back (or `from` lies in the future, as after a restore): the
    /// subscriber notes [`StoreRead::version`], lists everything, and goes on from the version noted.
    fn changes(&self, from: Version, limit: usize) -> Result<Changes>;
}

/// A shard, held by its writer. Synchronous: one thread owns it.
pub trait Store: StoreRead + Send {
    /// Takes the shard: raises the epoch durably and fences everyone who held it before.
    fn acquire(&mut self, owner: &str) -> Result<Epoch>;

    /// Several commits made durable together. Each stands for itself: a failed precondition fails only that one, and each
    /// success gets its own version, in order. They see the effects of those before them.
    ///
    /// An outer error fails all of them; [`Error::outcome`] says whether nothing of the batch can have happened.
    fn commit_batch(&mut self, epoch: Epoch, batch: &[Proposal<'_>]) -> Result<Vec<Result<Version>>>;

    /// Durable when it returns. Without mutations it only verifies preconditions and fence, and answers the current version.
    fn commit(&mut self, epoch: Epoch, pre: &[Precondition], muts: &[Mutation]) -> Result<Version> {
        let mut results = self.commit_batch(epoch, &[Proposal { pre, muts }])?;
        results.pop().unwrap_or_else(|| Err(Error::Corrupt { detail: "a batch of one commit had no result".into() }))
    }
}

impl Precondition {
    pub fn key(&self) -> &[u8] {
        match self {
            Precondition::Version { key, .. } | Precondition::Absent { key } => key,
        }
    }

    /// Holds it for a key that was last written by `found`?
    pub fn check(&self, found: Option<Version>) -> Result<()> {
        let holds = match self {
            Precondition::Version { version, .. } => found == Some(*version),
            Precondition::Absent { .. } => found.is_none(),
        };
        if holds { Ok(()) } else { Err(Error::Conflict { key: self.key().to_vec(), found }) }
    }
}

impl Mutation {
    pub fn put(key: impl Into<Key>, value: impl Into<Value>) -> Self {
        Mutation::Put { key: key.into(), value: value.into() }
    }

    pub fn delete(key: impl Into<Key>) -> Self {
        Mutation::Delete { key: key.into() }
    }

    pub fn key(&self) -> &[u8] {
        match self {
            Mutation::Put { key, .. } | Mutation::Delete { key } => key,
        }
    }
}

impl Proposal<'_> {
    /// Keys and values, in bytes.
    pub fn bytes(&self) -> usize {
        let pre: usize = self.pre.iter().map(|p| p.key().len()).sum();
        let muts: usize =
            self.muts.iter().map(|m| m.key().len() + if let Mutation::Put { value, .. } = m { value.len() } else { 0 }).sum();
        pre + muts
    }

    /// The limits of a commit. Every back end calls it first, so that they refuse the same things.
    pub fn check_limits(&self) -> Result<()> {
        within("mutations", self.muts.len(), MUTATIONS_MAX)?;
        within("preconditions", self.pre.len(), MUTATIONS_MAX)?;
        self.pre.iter().map(Precondition::key).chain(self.muts.iter().map(Mutation::key)).try_for_each(check_key)?;
        for mutation in self.muts {
            if let Mutation::Put { value, .. } = mutation {
                within("value bytes", value.len(), VALUE_BYTES_MAX)?;
            }
        }
        within("commit bytes", self.bytes(), COMMIT_BYTES_MAX)
    }
}

fn check_key(key: &[u8]) -> Result<()> {
    if key.is_empty() {
        return Err(Error::TooLarge { what: "empty keys", given: 1, max: 0 });
    }
    within("key bytes", key.len(), KEY_BYTES_MAX)
}

pub(crate) fn within(what: &'static str, given: usize, max: usize) -> Result<()> {
    if given <= max { Ok(()) } else { Err(Error::TooLarge { what, given, max }) }
}

/// The first key behind all keys that begin with `prefix`; empty (the end of the key space) when there is none.
pub fn prefix_end(prefix: &[u8]) -> Key {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < 0xff {
            end.push(last + 1);
            break;
        }
    }
    end
}

/// Calls `f` with every entry under `prefix`, page by page. For owners that load their state at start.
pub fn for_prefix(store: &dyn StoreRead, prefix: &[u8], mut f: impl FnMut(Entry)) -> Result<()> {
    let end = prefix_end(prefix);
    let mut start = prefix.to_vec();
    loop {
        let page = store.range(&start, &end, RANGE_ENTRIES_MAX)?;
        page.entries.into_iter().for_each(&mut f);
        match page.next {
            Some(next) => start = next,
            None => return Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_prefix() {
        for (prefix, end) in [(&b"a/"[..], &b"a0"[..]), (b"a\xff", b"b"), (b"\xff\xff", b""), (b"", b""), (b"\x00", b"\x01")] {
            assert_eq!(prefix_end(prefix), end, "{prefix:?}");
        }
    }

    #[test]
    fn limits_of_a_commit() {
        let check = |pre: &[Precondition], muts: &[Mutation]| Proposal { pre, muts }.check_limits();
        let what = |result: Result<()>| match result {
            Err(Error::TooLarge { what, .. }) => what,
            _ => "fits",
        };
        let big = vec![0u8; VALUE_BYTES_MAX];
        assert_eq!(what(check(&[], &[Mutation::put(vec![1; KEY_BYTES_MAX], big.clone())])), "fits");
        assert_eq!(what(check(&[], &[Mutation::put("k", vec![0; VALUE_BYTES_MAX + 1])])), "value bytes");
        assert_eq!(what(check(&[], &[Mutation::delete(vec![1; KEY_BYTES_MAX + 1])])), "key bytes");
        assert_eq!(what(check(&[Precondition::Absent { key: vec![] }], &[])), "empty keys");
        assert_eq!(what(check(&[], &vec![Mutation::delete("k"); MUTATIONS_MAX + 1])), "mutations");
        assert_eq!(what(check(&[], &vec![Mutation::put("k", big); 17])), "commit bytes");
    }
}
