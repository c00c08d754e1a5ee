//! What is particular to the SQLite file: modes, locks, formats, full disks, the bounds of the log.

use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::{MUTATIONS_MAX, Precondition};

fn open(dir: &tempfile::TempDir) -> Result<SqliteStore> {
    SqliteStore::open(&dir.path().join("shard.db"), SqliteOptions::ephemeral())
}

fn put(key: &str, value: &str) -> Mutation {
    Mutation::put(key, value)
}

#[test]
fn commits_survive_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(&dir.path().join("shard.db"), SqliteOptions::durable()).unwrap();
    let sync: i64 = store.conn.query_row("PRAGMA synchronous", [], |row| row.get(0)).unwrap();
    assert_eq!(sync, 2, "FULL");
    let epoch = store.acquire("a").unwrap();
    assert_eq!(store.commit(epoch, &[], &[put("k", "1"), put("l", "2")]).unwrap(), Version(1));
    assert_eq!(store.commit(epoch, &[], &[Mutation::delete("l")]).unwrap(), Version(2));
    drop(store);
    let mut store = open(&dir).unwrap();
    assert_eq!(store.version().unwrap(), Version(2));
    assert_eq!(store.get(b"k").unwrap(), Some(Entry { key: b"k".into(), value: b"1".into(), version: Version(1) }));
    assert_eq!(store.get(b"l").unwrap(), None);
    assert!(store.acquire("b").unwrap() > epoch);
}

#[test]
fn large_values_move_in_and_out() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(&dir).unwrap();
    let epoch = store.acquire("a").unwrap();
    for (size, apart) in [(1, 0), (INLINE_BYTES_MAX, 1), (5000, 1), (INLINE_BYTES_MAX - 1, 0), (100_000, 1)] {
        store.commit(epoch, &[], &[Mutation::put("k", vec![7; size])]).unwrap();
        assert_eq!(store.get(b"k").unwrap().unwrap().value, vec![7; size]);
        let rows: i64 = store.conn.query_row("SELECT count(*) FROM large", [], |row| row.get(0)).unwrap();
        assert_eq!(rows, apart, "{size}");
    }
    store.commit(epoch, &[], &[Mutation::delete("k")]).unwrap();
    let rows: i64 = store.conn.query_row("SELECT count(*) FROM large", [], |row| row.get(0)).unwrap();
    assert_eq!((rows, store.get(b"k").unwrap()), (0, None));
}

#[test]
fn an_older_epoch_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(&dir).unwrap();
    assert!(matches!(store.commit(Epoch(0), &[], &[put("k", "0")]), Err(Error::Fenced { .. })), "nobody holds it yet");
    let old = store.acquire("old").unwrap();
    let new = store.acquire("new").unwrap();
    assert!(matches!(store.commit(old, &[], &[put("k", "1")]), Err(Error::Fenced { .. })));
    store.commit(new, &[], &[put("k", "2")]).unwrap();
    assert_eq!(store.get(b"k").unwrap().unwrap().value, b"2");
}

#[test]
fn a_batch_is_many_commits() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(&dir).unwrap();
    let epoch = store.acquire("a").unwrap();
    let absent = [Precondition::Absent { key: b"k".into() }];
    let first = [put("k", "1"), put("x", "1")];
    let second = [put("k", "2"), put("y", "2")];
    let third = [put("k", "3")];
    let results = store
        .commit_batch(
            epoch,
            &[
                Proposal { pre: &absent, muts: &first },
                Proposal { pre: &absent, muts: &second },
                Proposal { pre: &[Precondition::Version { key: b"k".into(), version: Version(1) }], muts: &third },
                Proposal { pre: &absent, muts: &[] },
                Proposal { pre: &[], muts: &[] },
            ],
        )
        .unwrap();
    assert!(matches!(
        results.as_slice(),
        [
            Ok(Version(1)),
            Err(Error::Conflict { found: Some(Version(1)), .. }),
            Ok(Version(2)),
            Err(Error::Conflict { .. }),
            Ok(Version(2))
        ]
    ));
    assert_eq!(store.get(b"k").unwrap().unwrap().value, b"3");
    assert_eq!(store.get(b"y").unwrap(), None);
    let changes = store.changes(Version(0), 100).unwrap();
    let rows: Vec<_> = changes.changes.iter().map(|c| (c.version.0, c.key.as_slice())).collect();
    assert_eq!(rows, [(1, &b"k"[..]), (1, b"x"), (2, b"k")]);
}

#[test]
fn one_writer_and_private_files() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("shard.db");
    std::fs::write(&path, b"").unwrap();
    let mut store = open(&dir).unwrap();
    assert!(matches!(open(&dir), Err(Error::Locked { .. })));
    let epoch = store.acquire("a").unwrap();
    store.commit(epoch, &[], &[put("k", "1")]).unwrap();
    let mut seen = 0;
    for file in std::fs::read_dir(dir.path()).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", file.file_name());
        seen += 1;
    }
    assert!(seen >= 3, "file, log and lock");
    drop(store);
    open(&dir).unwrap();
}

#[test]
fn readers_see_what_is_durable() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(&dir).unwrap();
    let epoch = store.acquire("a").unwrap();
    let reader = store.reader().unwrap();
    store.commit(epoch, &[], &[put("k", "1")]).unwrap();
    assert_eq!(reader.version().unwrap(), Version(1));
    assert_eq!(reader.range(b"", b"", 10).unwrap().entries.len(), 1);
    assert_eq!(reader.changes(Version(0), 10).unwrap(), store.changes(Version(0), 10).unwrap());
}

#[test]
fn foreign_and_damaged_files_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("shard.db");
    let check = |expected: &str| {
        let found = match SqliteStore::open(&path, SqliteOptions::ephemeral()) {
            Ok(_) => "opened".to_owned(),
            Err(e) => format!("{e:?}"),
        };
        assert!(found.starts_with(expected), "{found}");
    };
    std::fs::write(&path, [7u8; 8192]).unwrap();
    check("Corrupt");
    std::fs::remove_file(&path).unwrap();
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE other (x)").unwrap();
    check("Format");
    std::fs::remove_file(&path).unwrap();
    drop(open(&dir).unwrap());
    Connection::open(&path).unwrap().execute_batch("UPDATE meta SET version = 9").unwrap();
    check("Corrupt");
    Connection::open(&path).unwrap().execute_batch("UPDATE meta SET version = 0; PRAGMA user_version = 99").unwrap();
    check("Format");
}

#[test]
fn a_full_disk_is_a_definite_failure() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(&dir).unwrap();
    let epoch = store.acquire("a").unwrap();
    store.commit(epoch, &[], &[put("k", "1")]).unwrap();
    let pages: i64 = store.conn.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    let limit = |store: &SqliteStore, pages: i64| {
        store.conn.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |row| row.get::<_, i64>(0)).unwrap();
    };
    limit(&store, pages + 1);
    let error = store.commit(epoch, &[], &[Mutation::put("big", vec![1; 100_000])]).unwrap_err();
    assert!(matches!(error, Error::DiskFull) && error.outcome() == Outcome::Definite, "{error:?}");
    assert_eq!(store.version().unwrap(), Version(1));
    limit(&store, 1 << 20);
    assert_eq!(store.commit(epoch, &[], &[Mutation::put("big", vec![1; 100_000])]).unwrap(), Version(2));
}

#[test]
fn the_log_is_bounded_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let options = SqliteOptions { log_rows_max: 40, ..SqliteOptions::ephemeral() };
    let mut store = SqliteStore::open(&dir.path().join("shard.db"), options).unwrap();
    let epoch = store.acquire("a").unwrap();
    for i in 0..200u32 {
        store.commit(epoch, &[], &[put(&format!("a{i}"), ""), put("b", ""), Mutation::delete("c")]).unwrap();
        let rows: i64 = store.conn.query_row("SELECT count(*) FROM log", [], |row| row.get(0)).unwrap();
        assert!(rows <= 45 && rows as u64 == store.log_rows, "{rows}");
    }
    let Err(Error::Trimmed { oldest, newest, .. }) = store.changes(Version(0), 10) else { panic!("cut") };
    assert_eq!(newest, Version(200));
    assert!(matches!(store.changes(Version(201), 10), Err(Error::Trimmed { .. })), "a subscriber of a lost future");
    // From the oldest point that it offers, page by page, every version is there with all its keys.
    let mut from = oldest;
    let mut versions = Vec::new();
    loop {
        let page = store.changes(from, 4).unwrap();
        versions.extend(page.changes.iter().map(|c| c.version.0));
        from = page.upto;
        if !page.more {
            break;
        }
    }
    let expected: Vec<u64> = (oldest.0 + 1..=200).flat_map(|v| [v; 3]).collect();
    assert_eq!(versions, expected);
    drop(store);
    open(&dir).unwrap();
}

#[test]
fn pages_end_by_count_and_by_size() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(&dir).unwrap();
    let epoch = store.acquire("a").unwrap();
    for i in 0..12u8 {
        store.commit(epoch, &[], &[Mutation::put(vec![b'k', i], vec![i; 1 << 20])]).unwrap();
    }
    let page = store.range(b"k", b"l", 100).unwrap();
    assert_eq!((page.entries.len(), page.next), (8, Some(vec![b'k', 8])), "8 MiB");
    assert_eq!(store.range(&[b'k', 8], b"l", 100).unwrap().next, None);
    assert_eq!(store.range(&[b'k', 8], b"l", 4).unwrap().next, None, "exactly full");
    assert_eq!(store.range(&[b'k', 8], b"l", 3).unwrap().next, Some(vec![b'k', 11]));
    assert!(matches!(store.range(b"", b"", RANGE_ENTRIES_MAX + 1), Err(Error::TooLarge { .. })));
    let many: Vec<_> = (0..MUTATIONS_MAX as u32).map(|i| Mutation::put(i.to_be_bytes(), "")).collect();
    store.commit(epoch, &[], &many).unwrap();
    assert_eq!(store.changes(Version(12), 10).unwrap().changes.len(), MUTATIONS_MAX, "a commit is not split");
}

#[test]
fn of_two_processes_the_later_owner_commits() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("shard.db");
    let shared = || SqliteOptions { shared: true, busy_timeout_ms: 20, ..SqliteOptions::ephemeral() };
    let mut first = SqliteStore::open(&path, shared()).unwrap();
    let one = first.acquire("first").unwrap();
    first.commit(one, &[], &[put("k", "1")]).unwrap();
    let mut second = SqliteStore::open(&path, shared()).unwrap();
    first.commit(one, &[], &[put("k", "2")]).unwrap();
    // The first is within a transaction: nobody else may take the shard before it ends.
    first.begin().unwrap();
    assert!(matches!(second.acquire("second"), Err(Error::Locked { .. })));
    first.leave();
    let two = second.acquire("second").unwrap();
    let reader = second.reader().unwrap();
    assert_eq!((reader.owner().unwrap(), reader.epoch().unwrap(), first.epoch().unwrap()), ("second".to_owned(), two, two));
    assert_eq!(second.commit(two, &[], &[put("k", "3")]).unwrap(), Version(3), "it goes on behind the first's commits");
    match first.commit(one, &[], &[put("k", "4")]) {
        Err(Error::Fenced { held, current }) => assert_eq!((held, current), (one, two)),
        other => panic!("{other:?}"),
    }
    assert!(matches!(first.commit(one, &[], &[]), Err(Error::Fenced { .. })), "also without mutations");
    let seen = reader.snapshot(|store| {
        let before = store.get(b"k").unwrap().unwrap().value;
        second.commit(two, &[], &[put("k", "5")]).unwrap();
        (before, store.get(b"k").unwrap().unwrap().value)
    });
    assert_eq!(seen.unwrap(), (b"3".to_vec(), b"3".to_vec()), "one moment");
    assert_eq!(reader.get(b"k").unwrap().unwrap().value, b"5");
}
