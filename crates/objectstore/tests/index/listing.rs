//! Listings at their edges, and what a page costs: rows read, in proportion to what it shows.

use crate::support::*;
use objectstore::index::{core, key, row};
use objectstore::message::*;
use objectstore::record::*;
use platform::SeededRng;
use std::cell::Cell;
use store::sim::{SimDisk, SimFaults, SimStore};
use store::{Changes, Entry, Epoch, Mutation, Page, Result, StoreRead, Version};

/// Keys and common prefixes of a page, and whether there is more.
fn shown(x: &mut Direct, q: ListQuery) -> (String, bool) {
    match x.ok(list("b", q)) {
        IndexAnswer::List(page) => {
            let mut all: Vec<String> = page.rows.iter().map(|l| l.unwrap().key.to_owned()).collect();
            all.extend(page.prefixes.into_iter().map(|p| format!("[{p}]")));
            all.sort_by(|a, b| a.trim_start_matches('[').cmp(b.trim_start_matches('[')));
            (all.join(" "), page.next.is_some())
        }
        other => panic!("{other:?}"),
    }
}

/// The examples of Ceph's s3-tests, and of AWS's user guide ("Organizing objects using prefixes").
#[test]
fn delimiters_prefixes_and_markers() {
    let s3_tests = ["asdf", "boo/bar", "boo/baz/xyzzy", "cquux/thud", "cquux/bla"];
    let tree = ["a", "a/", "a/b", "a/b/c", "a0", "b%c", "b/", "é/x", "é0"];
    for (keys, (prefix, delimiter, after, limit), expected, more) in [
        (&s3_tests[..], ("", "/", "", 1), "asdf", true),
        (&s3_tests, ("", "/", "asdf", 1), "[boo/]", true),
        (&s3_tests, ("", "/", "boo/", 1), "[cquux/]", false),
        (&s3_tests, ("", "/", "", 2), "asdf [boo/]", true),
        (&s3_tests, ("boo/", "/", "", 1), "boo/bar", true),
        (&s3_tests, ("boo/", "/", "boo/bar", 1), "[boo/baz/]", false),
        (&s3_tests, ("boo", "/", "", 9), "[boo/]", false),
        (&tree, ("", "/", "", 9), "a [a/] a0 b%c [b/] [é/] é0", false),
        (&tree, ("", "/", "a/", 9), "a0 b%c [b/] [é/] é0", false),
        // A marker within a group: the group is behind it.
        (&tree, ("", "/", "a/a", 9), "a0 b%c [b/] [é/] é0", false),
        (&tree, ("", "/", "a/zzz", 9), "a0 b%c [b/] [é/] é0", false),
        // Before the group, or a beginning of its name: it is listed.
        (&tree, ("", "/", "a", 9), "[a/] a0 b%c [b/] [é/] é0", false),
        (&tree, ("a/", "/", "", 9), "a/ [a/b/] a/b", false),
        (&tree, ("a", "", "", 9), "a a/ a/b a/b/c a0", false),
        (&tree, ("a", "", "a/b", 1), "a/b/c", true),
        (&tree, ("", "%c", "", 9), "a a/ a/b a/b/c a0 [b%c] b/ é/x é0", false),
        (&tree, ("", "é", "", 9), "a a/ a/b a/b/c a0 b%c b/ [é]", false),
        (&tree, ("", "nothing", "", 2), "a a/", true),
        // A marker before the prefix excludes nothing; one behind it everything.
        (&tree, ("b", "", "a", 9), "b%c b/", false),
        (&tree, ("a", "", "b", 9), "", false),
        (&tree, ("", "/", "", 0), "", false),
        (&tree, ("zz", "/", "", 9), "", false),
    ] {
        let mut x = Direct::ready(Versioning::Unversioned);
        for k in keys {
            x.put(k, "e");
        }
        let found = shown(&mut x, query(prefix, delimiter, after, limit));
        let order = |s: &str| {
            let mut words: Vec<String> = s.split(' ').map(str::to_owned).collect();
            words.sort();
            words
        };
        assert_eq!((order(&found.0), found.1), (order(expected), more), "{prefix:?} {delimiter:?} {after:?} {limit}");
    }
}

/// Deletes each page's versions before it asks for the next, as those who empty a bucket do.
#[test]
fn a_bucket_is_emptied_while_it_is_listed() {
    let mut x = Direct::ready(Versioning::Unversioned);
    for key in ["a", "b", "c"] {
        x.put(key, "null");
    }
    x.set_versioning(Versioning::Enabled);
    for n in 0..5 {
        for key in ["a", "b", "d"] {
            x.put(key, &n.to_string());
        }
        x.ok(delete("b", vec![item("b", None), item("e", None)]));
    }
    let mut query = VersionsQuery { list: query("", "", "", 2), after_version: None };
    loop {
        let IndexAnswer::Versions(page) = x.ok(IndexCall::ListVersions { bucket: "b".into(), query: query.clone() }) else {
            panic!()
        };
        let items = page.rows.iter().map(|l| l.unwrap()).map(|l| item(l.key, Some(l.head.id))).collect();
        x.ok(delete("b", items));
        match page.next {
            Some((key, version)) => (query.list.after, query.after_version) = (key, version),
            None => break,
        }
    }
    assert_eq!(x.spaces().split(' ').count(), 1, "only the collector's rows are left: {}", x.spaces());
    x.ok(IndexCall::DeleteBucket { name: "b".into() });
}

/// A store written by a program of before shows the same, page by page and version by version.
#[test]
fn rows_of_the_first_form_are_listed_alike() {
    let mut x = Direct::ready(Versioning::Unversioned);
    x.put("a", "null");
    x.set_versioning(Versioning::Enabled);
    for n in 0..3 {
        for key in ["a", "b/1", "b/2", "c"] {
            x.put(key, &n.to_string());
        }
        x.ok(delete("b", vec![item("c", None)]));
    }
    let shown = |x: &mut Direct| {
        let mut all = Vec::new();
        for whole in [true, false] {
            for delimiter in ["", "/"] {
                all.push(x.ok(list("b", ListQuery { whole, ..query("", delimiter, "", 1000) })));
                let mut query = VersionsQuery { list: ListQuery { whole, ..query("", delimiter, "", 2) }, after_version: None };
                loop {
                    let answer = x.ok(IndexCall::ListVersions { bucket: "b".into(), query: query.clone() });
                    let IndexAnswer::Versions(page) = &answer else { panic!() };
                    let next = page.next.clone();
                    all.push(answer);
                    match next {
                        Some((key, version)) => (query.list.after, query.after_version) = (key, version),
                        None => break,
                    }
                }
            }
        }
        all
    };
    let new = shown(&mut x);
    let spaces = [key::HEAD, key::MARKER, key::OLDER];
    let rows: Vec<Entry> = spaces.iter().flat_map(|s| x.store.range(&[*s], &[*s + 1], 100).unwrap().entries).collect();
    assert_eq!(rows.len(), 1 + 4 * 3 + 3);
    let first_form = |value: &[u8]| postcard::to_extend(&row::decode::<VersionRecord>(value).unwrap(), vec![1]).unwrap();
    let muts: Vec<Mutation> = rows.iter().map(|e| Mutation::put(e.key.clone(), first_form(&e.value))).collect();
    x.store.commit(x.epoch, &[], &muts).unwrap();
    assert_eq!(shown(&mut x), new);
    // The next change writes the new form.
    x.put("a", "3");
    let again = x.store.range(&[key::OLDER], &[key::OLDER + 1], 100).unwrap().entries;
    assert_eq!(again.iter().filter(|e| e.value[0] == 2).count(), 1);
}

/// Pages end early where their records are large.
#[test]
fn pages_fit_a_frame() {
    let mut x = Direct::ready(Versioning::Unversioned);
    let acl = Some("x".repeat(200_000));
    for n in 0..60 {
        x.ok(put("b", 1, &format!("k{n:02}"), NewVersion { acl: acl.clone(), ..empty("e") }));
    }
    let (mut after, mut seen) = (String::new(), 0);
    loop {
        let IndexAnswer::List(page) = x.ok(list("b", query("", "", &after, 1000))) else { panic!() };
        let packed = pack_result(Ok(IndexAnswer::List(page.clone()))).unwrap();
        let bytes = packed.head.len() + packed.payload.len();
        assert!(bytes < platform::bulk::FRAME_BYTES_MAX, "{bytes}");
        assert_eq!(unpack_result(&packed).unwrap(), Ok(IndexAnswer::List(page.clone())));
        seen += page.rows.len();
        match page.next {
            Some(next) => after = next,
            None => break,
        }
    }
    assert_eq!(seen, 60);
}

/// Counts the rows that it hands out, and how often it is asked.
struct Counted<'a> {
    store: &'a dyn StoreRead,
    rows: Cell<usize>,
    asked: Cell<usize>,
}

impl StoreRead for Counted<'_> {
    fn version(&self) -> Result<Version> {
        self.store.version()
    }

    fn epoch(&self) -> Result<Epoch> {
        self.store.epoch()
    }

    fn get(&self, key: &[u8]) -> Result<Option<Entry>> {
        self.asked.set(self.asked.get() + 1);
        self.rows.set(self.rows.get() + 1);
        self.store.get(key)
    }

    fn range(&self, start: &[u8], end: &[u8], limit: usize) -> Result<Page> {
        let page = self.store.range(start, end, limit)?;
        self.asked.set(self.asked.get() + 1);
        self.rows.set(self.rows.get() + page.entries.len());
        Ok(page)
    }

    fn changes(&self, from: Version, limit: usize) -> Result<Changes> {
        self.store.changes(from, limit)
    }
}

/// A million keys `dDDD/fFFFFFF`, and a delete marker behind every tenth.
fn million() -> SimStore {
    const KEYS: u32 = 1_000_000;
    let disk = SimDisk::new(SimFaults::default());
    disk.set_log_rows_max(usize::MAX);
    let mut x = Direct::new(disk.open()).prepared(Versioning::Enabled);
    x.put("sample", "e");
    x.ok(delete("b", vec![item("sample", None)]));
    // The rows of one key, made by the index, again under a million names.
    let found = |space| x.store.range(&[space], &[space + 1], 1).unwrap().entries.remove(0).value;
    let (object, marker) = (found(key::OLDER), found(key::MARKER));
    let b = BucketId(1);
    for first in (0..KEYS).step_by(5000) {
        let muts: Vec<Mutation> = (first..first + 5000)
            .flat_map(|n| {
                let name = format!("d{:03}/f{n:06}", n / 1000);
                let gone = || Mutation::put(key::object(key::MARKER, b, &format!("{name}.gone")), marker.clone());
                [Some(Mutation::put(key::object(key::HEAD, b, &name), object.clone())), n.is_multiple_of(10).then(gone)]
            })
            .flatten()
            .collect();
        x.store.commit(x.epoch, &[], &muts).unwrap();
    }
    disk.open()
}

#[test]
fn a_page_costs_what_it_shows_at_a_million_keys() {
    let reader = million();
    let mut rng = SeededRng::new(1);
    for (name, query, entries, groups, rows_max) in [
        ("the first thousand", query("", "", "", 1000), 1000, 0, 1500),
        ("from the middle", query("", "", "d500/f500500", 1000), 1000, 0, 1500),
        ("ten", query("d7", "", "", 10), 10, 0, 20),
        ("groups, each of a thousand keys", query("", "/", "", 1000), 0, 1000, 4_200),
        ("ten groups", query("d1", "/", "", 10), 0, 10, 60),
        ("one group's keys", query("d123/", "/", "", 1000), 1000, 0, 1500),
        ("the end", query("", "/", "d998/", 1000), 0, 1, 10),
        ("nothing", query("e", "/", "", 1000), 0, 0, 3),
    ] {
        let counted = Counted { store: &reader, rows: Cell::new(0), asked: Cell::new(0) };
        let step = core::apply(&counted, &list("b", query), types::TimestampMs(T0), &mut rng).unwrap();
        let IndexAnswer::List(page) = step.answer else { panic!() };
        assert!(counted.asked.get() <= 12 + groups, "{name}: {} reads", counted.asked.get());
        assert_eq!((page.rows.len(), page.prefixes.len()), (entries, groups), "{name}");
        assert!(counted.rows.get() <= rows_max, "{name}: {} rows", counted.rows.get());
    }
    let versions = IndexCall::ListVersions {
        bucket: "b".into(),
        query: VersionsQuery { list: query("d", "/", "", 1000), after_version: None },
    };
    let counted = Counted { store: &reader, rows: Cell::new(0), asked: Cell::new(0) };
    let IndexAnswer::Versions(page) = core::apply(&counted, &versions, types::TimestampMs(T0), &mut rng).unwrap().answer else {
        panic!()
    };
    assert_eq!((page.prefixes.len(), page.next), (1000, None));
    assert!(counted.rows.get() <= 8_400, "{}", counted.rows.get());
}
