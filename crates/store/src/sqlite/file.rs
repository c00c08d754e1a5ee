//! The file of a shard: its lock, its mode, its format and the settings of a connection.

use std::fs::{File, OpenOptions, Permissions, TryLockError};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::{SqliteOptions, classify};
use crate::{Error, Outcome, Result};

/// "SCel", in the header of the file.
const APPLICATION_ID: i64 = 0x5343_656c;
/// Version of the tables. A change of them gets a new number and a migration from each older one.
const FORMAT: i64 = 1;

const SCHEMA: &str = "
    CREATE TABLE kv (k BLOB PRIMARY KEY, v BLOB, ver INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE large (k BLOB PRIMARY KEY, v BLOB NOT NULL);
    CREATE TABLE log (ver INTEGER NOT NULL, k BLOB NOT NULL, kind INTEGER NOT NULL, PRIMARY KEY (ver, k)) WITHOUT ROWID;
    CREATE TABLE meta (id INTEGER PRIMARY KEY CHECK (id = 0), version INTEGER NOT NULL, epoch INTEGER NOT NULL,
                       owner TEXT NOT NULL, log_floor INTEGER NOT NULL);
    INSERT INTO meta VALUES (0, 0, 0, '', 0);";

pub(super) fn connect(path: &Path, access: OpenFlags, cache_kib: u32, busy_timeout_ms: u32) -> Result<Connection> {
    let open = || {
        let conn =
            Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_EXRESCODE)?;
        conn.busy_timeout(std::time::Duration::from_millis(busy_timeout_ms.into()))?;
        conn.pragma_update(None, "cache_size", -i64::from(cache_kib))?;
        conn.pragma_update(None, "trusted_schema", false)?;
        Ok(conn)
    };
    open().map_err(|e| classify("open", Outcome::Definite, e))
}

pub(super) fn set_up(conn: &Connection, options: &SqliteOptions) -> rusqlite::Result<()> {
    conn.query_row("PRAGMA journal_mode = WAL", [], |row| row.get::<_, String>(0))?;
    conn.pragma_update(None, "synchronous", if options.fsync { "FULL" } else { "OFF" })?;
    // A burst may grow the log; the next checkpoint gives the space back.
    conn.pragma_update(None, "journal_size_limit", 8 << 20)
}

/// Makes the tables of a new file; refuses files of another program or another format.
pub(super) fn prepare_format(conn: &Connection, path: &Path) -> Result<()> {
    let prepare = || -> rusqlite::Result<(i64, i64)> {
        let tables: i64 = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        if tables == 0 {
            conn.execute_batch(&format!(
                "BEGIN IMMEDIATE; {SCHEMA} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {FORMAT}; COMMIT"
            ))?;
        }
        let pragma = |name: &str| conn.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0));
        Ok((pragma("application_id")?, pragma("user_version")?))
    };
    let found = prepare().map_err(|e| classify("open", Outcome::Definite, e))?;
    if found != (APPLICATION_ID, FORMAT) {
        let name = |(application, format): (i64, i64)| format!("{application:x}/{format}");
        return Err(Error::Format { path: path.to_owned(), found: name(found), known: name((APPLICATION_ID, FORMAT)) });
    }
    Ok(())
}

pub(super) fn lock(path: &Path) -> Result<File> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    // Not a lock on the file itself: closing any descriptor of it would drop SQLite's own locks.
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(PathBuf::from(name))
        .map_err(|e| Error::io("lock", Outcome::Definite, e))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::Locked { path: path.to_owned() }),
        Err(TryLockError::Error(e)) => Err(Error::io("lock", Outcome::Definite, e)),
    }
}

/// The file holds secrets (credentials, user data): only the owner may read it, also when it was made otherwise.
pub(super) fn create_private(path: &Path) -> Result<()> {
    let create = || {
        let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path)?;
        file.set_permissions(Permissions::from_mode(0o600))?;
        let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(dir)?.sync_all()
    };
    create().map_err(|e| Error::io("create", Outcome::Definite, e))
}
