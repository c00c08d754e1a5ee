//! The embedded back end: one SQLite file a shard, write-ahead log, an fsync before a commit is acknowledged.
//!
//! The shape is the narrow contract and not a schema: `kv` holds the rows (`large` the values that do not fit beside their
//! key), `log` the bounded change feed, `meta` one row with version, epoch and the floor of the log. All change in one
//! transaction. SQLite creates `-wal` and `-shm` beside the file with the file's own mode (0600); `.lock` is held (flock)
//! as long as the writer lives, so a second process is refused at once instead of meeting `SQLITE_BUSY` later. A shard with
//! standbys is opened as shared instead: then every commit looks for a later epoch in its own transaction.
//!
//! Readers of other threads (an object listing, say) open a [`SqliteReader`]; they see what is durable and nothing else,
//! and never block the writer.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Row, params};

use crate::{
    Change, ChangeKind, Changes, Entry, Epoch, Error, Key, Mutation, Outcome, Page, Proposal, RANGE_BYTES_MAX, RANGE_ENTRIES_MAX,
    Result, RowBuffer, Store, StoreRead, Version, within,
};

/// Key and value of a row in `kv`. A search in a table WITHOUT ROWID reads the whole record of each key that it compares
/// when that overflows its page (about 1,000 bytes), so larger values are kept apart: `v` is NULL then.
const INLINE_BYTES_MAX: usize = 900;
/// Readers wait only for a recovery after a crash.
const READ_BUSY_MS: u32 = 5_000;

/// Where a test can end the process, to prove what a restart finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CrashPoint {
    /// All rows are in the transaction, nothing is durable.
    BeforeCommit,
    /// Durable, and nobody has been told.
    AfterCommitBeforeAck,
}

pub type CrashHook = Box<dyn FnMut(CrashPoint) + Send>;

pub struct SqliteOptions {
    /// fsync each commit. Without it the store survives the death of the process, but not a power cut.
    pub fsync: bool,
    /// Page cache of each connection.
    pub cache_kib: u32,
    /// Rows that the change log keeps; it is cut when it is an eighth above.
    pub log_rows_max: u64,
    /// Several processes may hold the shard open. The one that acquired it last may commit, the others are fenced; without
    /// this a second process is refused with [`Error::Locked`] at once.
    pub shared: bool,
    /// How long a commit or [`Store::acquire`] waits for another process's transaction before it is [`Error::Locked`].
    pub busy_timeout_ms: u32,
    /// Called at each point of each commit; tests only.
    pub crash_hook: Option<CrashHook>,
}

impl SqliteOptions {
    /// For truth: every acknowledged commit survives a power cut.
    pub fn durable() -> Self {
        Self { fsync: true, cache_kib: 2048, log_rows_max: 65_536, shared: false, busy_timeout_ms: 5_000, crash_hook: None }
    }

    /// For throw-away clouds and tests.
    pub fn ephemeral() -> Self {
        Self { fsync: false, ..Self::durable() }
    }
}

/// The writer's handle on a shard.
pub struct SqliteStore {
    conn: Connection,
    path: PathBuf,
    options: SqliteOptions,
    version: Version,
    epoch: Epoch,
    log_floor: Version,
    log_rows: u64,
    /// Held until the connection is closed (fields drop in order); none of a shared shard.
    _lock: Option<File>,
}

/// A second connection for reading, in any thread.
pub struct SqliteReader {
    conn: Connection,
}

impl SqliteStore {
    /// Opens the shard, or makes it. [`Error::Locked`] when a process has it open for writing already.
    pub fn open(path: &Path, options: SqliteOptions) -> Result<Self> {
        let lock = file::lock(path)?;
        file::create_private(path)?;
        let conn = file::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE, options.cache_kib, options.busy_timeout_ms)?;
        file::set_up(&conn, &options).map_err(|e| classify("open", Outcome::Definite, e))?;
        file::prepare_format(&conn, path)?;
        let (meta, log_rows) = {
            let snapshot = conn.unchecked_transaction().map_err(|e| classify("open", Outcome::Definite, e))?;
            whole_meta(&snapshot)?
        };
        Ok(Self {
            conn,
            path: path.to_owned(),
            version: meta.version,
            epoch: meta.epoch,
            log_floor: meta.log_floor,
            log_rows,
            // A shared shard is only made under the lock; from then on the fence alone decides.
            _lock: Some(lock).filter(|_| !options.shared),
            options,
        })
    }

    pub fn reader(&self) -> Result<SqliteReader> {
        SqliteReader::open(&self.path, self.options.cache_kib)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the file anew, so that nothing is left in it of what was replaced or deleted. As long as a copy takes.
    pub fn scrub(&mut self) -> Result<()> {
        let anew = self.conn.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");
        anew.map_err(|e| classify("scrub", Outcome::Definite, e))
    }

    fn crash_point(&mut self, point: CrashPoint) {
        if let Some(hook) = &mut self.options.crash_hook {
            hook(point);
        }
    }

    /// Begins the transaction of a writer; it sees every commit before it, also another process's.
    fn begin(&self) -> Result<()> {
        self.conn.execute_batch("BEGIN IMMEDIATE").map_err(|e| match e.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::Locked { path: self.path.clone() },
            _ => self.abandon("write", Outcome::Definite, e),
        })
    }

    /// Ends a transaction that has written nothing.
    fn leave(&self) {
        // It fails only when there is none.
        drop(self.conn.execute_batch("ROLLBACK"));
    }

    /// Ends a failed transaction. `outcome` is Definite as long as COMMIT was not tried.
    fn abandon(&self, operation: &'static str, outcome: Outcome, error: rusqlite::Error) -> Error {
        let rolled_back = self.conn.is_autocommit() || self.conn.execute_batch("ROLLBACK").is_ok();
        let full = matches!(error.sqlite_error_code(), Some(ErrorCode::DiskFull));
        // A full disk is met while frames are written, before the commit frame is complete: what is in the log is
        // no commit to any later recovery, and the next commit overwrites it. Other errors of COMMIT (fsync!) leave doubt.
        match (full && self.conn.is_autocommit(), rolled_back) {
            (true, true) => Error::DiskFull,
            (_, true) => classify(operation, outcome, error),
            (_, false) => classify(operation, Outcome::Unknown, error),
        }
    }

    /// Everything of a batch except COMMIT.
    fn apply(&self, epoch: Epoch, batch: &[Proposal<'_>]) -> rusqlite::Result<Applied> {
        let mut applied = Applied {
            results: Vec::with_capacity(batch.len()),
            version: self.version,
            floor: self.log_floor,
            log_rows: self.log_rows,
        };
        let mut writes = Writes::prepare(&self.conn)?;
        for proposal in batch {
            let verdict = proposal.check_limits().map(|()| writes.check(proposal));
            let result = match verdict {
                Err(refused) => Err(refused),
                Ok(checked) => match checked? {
                    Err(conflict) => Err(conflict),
                    Ok(()) if proposal.muts.is_empty() => Ok(applied.version),
                    Ok(()) => {
                        applied.version = applied.version.next();
                        applied.log_rows += writes.write(proposal.muts, applied.version)?;
                        Ok(applied.version)
                    }
                },
            };
            applied.results.push(result);
        }
        drop(writes);
        if applied.version != self.version {
            self.trim(&mut applied)?;
            let changed = self
                .conn
                .prepare_cached("UPDATE meta SET version = ?1, log_floor = ?2 WHERE epoch = ?3 AND version = ?4")?
                .execute(params![applied.version.0 as i64, applied.floor.0 as i64, epoch.0 as i64, self.version.0 as i64])?;
            // Somebody else wrote the file, in spite of the lock.
            if changed != 1 {
                return Err(rusqlite::Error::StatementChangedRows(changed));
            }
        }
        Ok(applied)
    }

    fn trim(&self, applied: &mut Applied) -> rusqlite::Result<()> {
        let max = self.options.log_rows_max;
        if applied.log_rows <= max + max / 8 {
            return Ok(());
        }
        let last_excess = (applied.log_rows - max - 1) as i64;
        let cut: i64 = self
            .conn
            .prepare_cached("SELECT ver FROM log ORDER BY ver, k LIMIT 1 OFFSET ?1")?
            .query_row([last_excess], |row| row.get(0))?;
        let deleted = self.conn.prepare_cached("DELETE FROM log WHERE ver <= ?1")?.execute([cut])?;
        applied.log_rows -= deleted as u64;
        applied.floor = Version(cut as u64);
        Ok(())
    }
}

/// What a batch will have made true once it is durable.
struct Applied {
    results: Vec<Result<Version>>,
    version: Version,
    floor: Version,
    log_rows: u64,
}

/// The statements of a batch.
struct Writes<'c> {
    version_of: rusqlite::CachedStatement<'c>,
    put: rusqlite::CachedStatement<'c>,
    delete: rusqlite::CachedStatement<'c>,
    put_large: rusqlite::CachedStatement<'c>,
    delete_large: rusqlite::CachedStatement<'c>,
    log: rusqlite::CachedStatement<'c>,
}

impl<'c> Writes<'c> {
    fn prepare(conn: &'c Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            version_of: conn.prepare_cached("SELECT ver FROM kv WHERE k = ?1")?,
            put: conn.prepare_cached(
                "INSERT INTO kv (k, v, ver) VALUES (?1, ?2, ?3) ON CONFLICT (k) DO UPDATE SET v = excluded.v, ver = excluded.ver",
            )?,
            delete: conn.prepare_cached("DELETE FROM kv WHERE k = ?1")?,
            put_large: conn
                .prepare_cached("INSERT INTO large (k, v) VALUES (?1, ?2) ON CONFLICT (k) DO UPDATE SET v = excluded.v")?,
            delete_large: conn.prepare_cached("DELETE FROM large WHERE k = ?1")?,
            log: conn.prepare_cached("INSERT INTO log (ver, k, kind) VALUES (?1, ?2, ?3)")?,
        })
    }

    fn check(&mut self, proposal: &Proposal<'_>) -> rusqlite::Result<Result<()>> {
        for pre in proposal.pre {
            let found: Option<i64> = self.version_of.query_row([pre.key()], |row| row.get(0)).optional()?;
            if let Err(conflict) = pre.check(found.map(|v| Version(v as u64))) {
                return Ok(Err(conflict));
            }
        }
        Ok(Ok(()))
    }

    /// The rows added to the log.
    fn write(&mut self, muts: &[Mutation], version: Version) -> rusqlite::Result<u64> {
        let last: BTreeMap<&[u8], &Mutation> = muts.iter().map(|m| (m.key(), m)).collect();
        let version = version.0 as i64;
        for (key, mutation) in &last {
            match mutation {
                Mutation::Put { value, .. } if key.len() + value.len() > INLINE_BYTES_MAX => {
                    self.put.execute(params![key, None::<&[u8]>, version])?;
                    self.put_large.execute(params![key, value])?
                }
                Mutation::Put { value, .. } => {
                    self.put.execute(params![key, value, version])?;
                    self.delete_large.execute([key])?
                }
                Mutation::Delete { .. } => {
                    self.delete.execute([key])?;
                    self.delete_large.execute([key])?
                }
            };
            self.log.execute(params![version, key, matches!(mutation, Mutation::Put { .. })])?;
        }
        Ok(last.len() as u64)
    }
}

impl StoreRead for SqliteStore {
    fn version(&self) -> Result<Version> {
        Ok(self.version)
    }

    fn epoch(&self) -> Result<Epoch> {
        Ok(read_meta(&self.conn).map_err(|e| classify("read", Outcome::Definite, e))?.epoch)
    }

    fn get(&self, key: &[u8]) -> Result<Option<Entry>> {
        get(&self.conn, key)
    }

    fn range(&self, start: &[u8], end: &[u8], limit: usize) -> Result<Page> {
        range(&self.conn, start, end, limit)
    }

    fn rows(&self, start: &[u8], end: &[u8], limit: usize, out: &mut RowBuffer) -> Result<Option<Key>> {
        rows(&self.conn, start, end, limit, out)
    }

    fn changes(&self, from: Version, limit: usize) -> Result<Changes> {
        changes(&self.conn, self.log_floor, self.version, from, limit)
    }
}

impl Store for SqliteStore {
    fn acquire(&mut self, owner: &str) -> Result<Epoch> {
        within("owner bytes", owner.len(), crate::KEY_BYTES_MAX)?;
        self.begin()?;
        let (meta, log_rows) = whole_meta(&self.conn).inspect_err(|_| self.leave())?;
        let next = meta.epoch.next();
        self.conn
            .execute("UPDATE meta SET epoch = ?1, owner = ?2", params![next.0 as i64, owner])
            .map_err(|e| self.abandon("acquire", Outcome::Definite, e))?;
        self.conn.execute_batch("COMMIT").map_err(|e| self.abandon("acquire", Outcome::Unknown, e))?;
        // Another process may have written since this one opened the file.
        (self.version, self.log_floor, self.log_rows, self.epoch) = (meta.version, meta.log_floor, log_rows, next);
        Ok(next)
    }

    fn commit_batch(&mut self, epoch: Epoch, batch: &[Proposal<'_>]) -> Result<Vec<Result<Version>>> {
        if epoch != self.epoch || epoch == Epoch::default() {
            return Err(Error::Fenced { held: epoch, current: self.epoch });
        }
        self.begin()?;
        let current = read_meta(&self.conn).map_err(|e| self.abandon("write", Outcome::Definite, e))?.epoch;
        if current != epoch {
            self.leave();
            return Err(Error::Fenced { held: epoch, current });
        }
        let applied = self.apply(epoch, batch).map_err(|e| self.abandon("write", Outcome::Definite, e))?;
        self.crash_point(CrashPoint::BeforeCommit);
        self.conn.execute_batch("COMMIT").map_err(|e| self.abandon("commit", Outcome::Unknown, e))?;
        self.crash_point(CrashPoint::AfterCommitBeforeAck);
        (self.version, self.log_floor, self.log_rows) = (applied.version, applied.floor, applied.log_rows);
        Ok(applied.results)
    }
}

impl SqliteReader {
    /// The file must exist: the writer makes it.
    pub fn open(path: &Path, cache_kib: u32) -> Result<Self> {
        Ok(Self { conn: file::connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY, cache_kib, READ_BUSY_MS)? })
    }

    /// Several reads of one moment: everything that was durable when the first of them began, and nothing later.
    pub fn snapshot<T>(&self, f: impl FnOnce(&dyn StoreRead) -> T) -> Result<T> {
        let read = |e| classify("read", Outcome::Definite, e);
        let run = |sql| self.conn.prepare_cached(sql)?.execute([]).map(drop);
        run("BEGIN").map_err(read)?;
        let out = f(self);
        run("COMMIT").map_err(read)?;
        Ok(out)
    }

    /// Bytes of the file's pages that are in use. Pages that are free again are not given back to the file system.
    pub fn used_bytes(&self) -> Result<u64> {
        let pragma = |name: &str| self.conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        let used = || Ok(((pragma("page_count")? - pragma("freelist_count")?) * pragma("page_size")?) as u64);
        used().map_err(|e| classify("read", Outcome::Definite, e))
    }

    /// Who acquired the shard last, by the name it gave.
    pub fn owner(&self) -> Result<String> {
        let query = || self.conn.prepare_cached("SELECT owner FROM meta")?.query_row([], |row| row.get(0));
        query().map_err(|e| classify("read", Outcome::Definite, e))
    }
}

impl StoreRead for SqliteReader {
    fn version(&self) -> Result<Version> {
        Ok(read_meta(&self.conn).map_err(|e| classify("read", Outcome::Definite, e))?.version)
    }

    fn epoch(&self) -> Result<Epoch> {
        Ok(read_meta(&self.conn).map_err(|e| classify("read", Outcome::Definite, e))?.epoch)
    }

    fn get(&self, key: &[u8]) -> Result<Option<Entry>> {
        get(&self.conn, key)
    }

    fn range(&self, start: &[u8], end: &[u8], limit: usize) -> Result<Page> {
        range(&self.conn, start, end, limit)
    }

    fn rows(&self, start: &[u8], end: &[u8], limit: usize, out: &mut RowBuffer) -> Result<Option<Key>> {
        rows(&self.conn, start, end, limit, out)
    }

    fn changes(&self, from: Version, limit: usize) -> Result<Changes> {
        let read = |e| classify("read", Outcome::Definite, e);
        // One snapshot for the floor and the rows.
        let snapshot = self.conn.unchecked_transaction().map_err(read)?;
        let meta = read_meta(&snapshot).map_err(read)?;
        changes(&snapshot, meta.log_floor, meta.version, from, limit)
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT k, coalesce(v, (SELECT large.v FROM large WHERE large.k = kv.k)), ver FROM kv ", $rest)
    };
}

fn get(conn: &Connection, key: &[u8]) -> Result<Option<Entry>> {
    let query = || conn.prepare_cached(select!("WHERE k = ?1"))?.query_row([key], entry).optional();
    query().map_err(|e| classify("read", Outcome::Definite, e))
}

fn range(conn: &Connection, start: &[u8], end: &[u8], limit: usize) -> Result<Page> {
    let mut entries = Vec::new();
    let next = each(conn, start, end, limit, |row| {
        let entry = entry(row)?;
        let bytes = entry.key.len() + entry.value.len();
        entries.push(entry);
        Ok(bytes)
    })?;
    Ok(Page { entries, next })
}

fn rows(conn: &Connection, start: &[u8], end: &[u8], limit: usize, out: &mut RowBuffer) -> Result<Option<Key>> {
    out.clear();
    each(conn, start, end, limit, |row| {
        let (key, value) = (blob_ref(row, 0)?, blob_ref(row, 1)?);
        out.push(key, value);
        Ok(key.len() + value.len())
    })
}

/// Steps through the rows only as far as the page reaches. `take` answers a row's bytes.
fn each(
    conn: &Connection,
    start: &[u8],
    end: &[u8],
    limit: usize,
    mut take: impl FnMut(&Row<'_>) -> rusqlite::Result<usize>,
) -> Result<Option<Key>> {
    within("range entries", limit, RANGE_ENTRIES_MAX)?;
    let limit = limit.max(1);
    let mut step = |sql: &str, params: &[&dyn rusqlite::ToSql]| {
        let mut statement = conn.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        let (mut count, mut bytes) = (0, 0);
        while let Some(row) = rows.next()? {
            if count == limit || bytes >= RANGE_BYTES_MAX {
                return blob(row, 0).map(Some);
            }
            bytes += take(row)?;
            count += 1;
        }
        Ok(None)
    };
    let next = if end.is_empty() {
        step(select!("WHERE k >= ?1 ORDER BY k"), params![start])
    } else {
        step(select!("WHERE k >= ?1 AND k < ?2 ORDER BY k"), params![start, end])
    };
    next.map_err(|e| classify("read", Outcome::Definite, e))
}

fn changes(conn: &Connection, floor: Version, current: Version, from: Version, limit: usize) -> Result<Changes> {
    within("changes", limit, RANGE_ENTRIES_MAX)?;
    if from < floor || from > current {
        return Err(Error::Trimmed { asked: from, oldest: floor, newest: current });
    }
    let limit = limit.max(1);
    let query = || {
        let mut page = Changes { changes: Vec::new(), upto: current, more: false };
        let mut statement = conn.prepare_cached("SELECT ver, k, kind FROM log WHERE ver > ?1 ORDER BY ver, k")?;
        let mut rows = statement.query([from.0 as i64])?;
        while let Some(row) = rows.next()? {
            let change = Change {
                version: Version(row.get::<_, i64>(0)? as u64),
                key: blob(row, 1)?,
                kind: if row.get(2)? { ChangeKind::Put } else { ChangeKind::Delete },
            };
            // A page ends at the first commit boundary at or behind the limit.
            if page.changes.len() >= limit && page.changes.last().is_some_and(|last| last.version < change.version) {
                page.upto = Version(change.version.0 - 1);
                page.more = true;
                break;
            }
            page.changes.push(change);
        }
        Ok(page)
    };
    query().map_err(|e| classify("read", Outcome::Definite, e))
}

struct Meta {
    version: Version,
    epoch: Epoch,
    log_floor: Version,
}

/// Meta and the rows of the log, checked against each other. In a transaction.
fn whole_meta(conn: &Connection) -> Result<(Meta, u64)> {
    let read = |e| classify("open", Outcome::Definite, e);
    let meta = read_meta(conn).map_err(read)?;
    let (newest, log_rows) = conn
        .query_row("SELECT max(ver), count(*) FROM log", [], |row| Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, i64>(1)?)))
        .map_err(read)?;
    // Written in one transaction with the version, so any difference is damage.
    let expected = if meta.version > meta.log_floor { Some(meta.version.0 as i64) } else { None };
    if newest != expected {
        return Err(Error::Corrupt { detail: format!("version {} but the log ends at {newest:?}", meta.version.0) });
    }
    Ok((meta, log_rows as u64))
}

fn read_meta(conn: &Connection) -> rusqlite::Result<Meta> {
    conn.prepare_cached("SELECT version, epoch, log_floor FROM meta")?.query_row([], |row| {
        Ok(Meta {
            version: Version(row.get::<_, i64>(0)? as u64),
            epoch: Epoch(row.get::<_, i64>(1)? as u64),
            log_floor: Version(row.get::<_, i64>(2)? as u64),
        })
    })
}

fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry { key: blob(row, 0)?, value: blob(row, 1)?, version: Version(row.get::<_, i64>(2)? as u64) })
}

fn blob(row: &Row<'_>, column: usize) -> rusqlite::Result<Vec<u8>> {
    blob_ref(row, column).map(<[u8]>::to_vec)
}

fn blob_ref<'r>(row: &'r Row<'_>, column: usize) -> rusqlite::Result<&'r [u8]> {
    match row.get_ref(column)? {
        ValueRef::Blob(bytes) => Ok(bytes),
        other => Err(rusqlite::Error::InvalidColumnType(column, "blob".into(), other.data_type())),
    }
}

fn classify(operation: &'static str, outcome: Outcome, error: rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Error::Corrupt { detail: error.to_string() },
        _ => Error::io(operation, outcome, error),
    }
}

mod file;
#[cfg(test)]
mod tests;
