//! What a page costs among 10 thousand, a million and ten million keys: the index's decision on its store, without a socket.
//!
//! The rows are one object's, written under as many names: `TT/DDDDD/fNNNNNNNNN`, a hundred `TT`, a hundred `DDDDD` in each.

use objectstore::index::{core, key as row_key};
use objectstore::message::*;
use objectstore::record::*;
use platform::{Rng, SeededRng};
use std::path::Path;
use std::time::{Duration, Instant};
use store::{Epoch, Mutation, Proposal, SqliteOptions, SqliteReader, SqliteStore, Store, StoreRead};
use types::TimestampMs;

const TOPS: u64 = 100;
const DIRS: u64 = 10_000;
const COMMIT_ROWS: u64 = 5000;
const PAGES: usize = 100;
/// Page cache of a reader for listings.
const CACHE_KIB: u32 = 1024;
const NOW: TimestampMs = TimestampMs(1_800_000_000_000);

fn name(n: u64, keys: u64) -> String {
    format!("{:02}/{:05}/f{n:09}", n * TOPS / keys, n * DIRS / keys)
}

fn decided(store: &mut SqliteStore, epoch: Epoch, call: &IndexCall) {
    let step = core::apply(store, call, NOW, &mut SeededRng::new(1)).expect("a decision");
    store
        .commit_batch(epoch, &[Proposal { pre: &step.pre, muts: &step.muts }])
        .expect("a commit")
        .pop()
        .expect("one")
        .expect("no conflict");
}

fn fill(path: &Path, keys: u64, setup: &[IndexCall]) {
    let mut store =
        SqliteStore::open(path, SqliteOptions { cache_kib: 64 << 10, ..SqliteOptions::ephemeral() }).expect("a store");
    let epoch = store.acquire("fill").expect("an epoch");
    setup.iter().for_each(|call| decided(&mut store, epoch, call));
    let range = store.range(&[row_key::HEAD], &[row_key::HEAD + 1], 1).expect("a range");
    let sample = range.entries.into_iter().next().expect("the object that was put").value;
    for first in (0..keys).step_by(COMMIT_ROWS as usize) {
        let rows = (first..(first + COMMIT_ROWS).min(keys)).map(|n| row_key::object(row_key::HEAD, BucketId(1), &name(n, keys)));
        let muts: Vec<_> = rows.map(|row| Mutation::put(row, sample.clone())).collect();
        store.commit(epoch, &[], &muts).expect("a commit");
    }
}

/// Of many pages the time of the fastest and the median, and what the last of them shows.
fn measure(reader: &SqliteReader, mut make: impl FnMut(&mut SeededRng) -> IndexCall) -> (Duration, Duration, String) {
    let mut rng = SeededRng::new(7);
    let (mut times, mut shown) = (Vec::new(), String::new());
    for _ in 0..PAGES {
        let call = make(&mut rng);
        let began = Instant::now();
        let step =
            reader.snapshot(|store| core::apply(store, &call, NOW, &mut SeededRng::new(0))).expect("a snapshot").expect("a page");
        times.push(began.elapsed());
        shown = match step.answer {
            IndexAnswer::List(page) => format!("{} keys, {} groups", page.rows.len(), page.prefixes.len()),
            IndexAnswer::Versions(page) => format!("{} versions, {} groups", page.rows.len(), page.prefixes.len()),
            other => panic!("{other:?}"),
        };
    }
    times.sort_unstable();
    (times[0], times[PAGES / 2], shown)
}

pub fn run(dir: &Path, keys: u64, setup: &[IndexCall]) {
    let path = dir.join(format!("scale-{keys}.db"));
    let began = Instant::now();
    fill(&path, keys, setup);
    println!("{keys} keys written in {:.1?}, {} MB", began.elapsed(), std::fs::metadata(&path).map_or(0, |m| m.len() >> 20));
    println!("{:<44} {:>10} {:>10}  shown by the last", "page of 1000 among them", "fastest", "median");
    let reader = SqliteReader::open(&path, CACHE_KIB).expect("a reader");
    let any = move |rng: &mut SeededRng| name(rng.below(keys), keys);
    let query = |prefix: &str, delimiter: &str, after: &str| ListQuery {
        prefix: prefix.to_owned(),
        delimiter: delimiter.to_owned(),
        after: after.to_owned(),
        limit: 1000,
        whole: false,
        bucket: None,
    };
    let list = |query| IndexCall::List { bucket: "b".into(), query };
    let print = |what: &str, make: &mut dyn FnMut(&mut SeededRng) -> IndexCall| {
        let (best, median, shown) = measure(&reader, make);
        println!("{what:<44} {:>7.3} ms {:>7.3} ms  {shown}", best.as_secs_f64() * 1e3, median.as_secs_f64() * 1e3);
    };
    print("the first page", &mut |_| list(query("", "", "")));
    print("behind a random key", &mut |rng| list(query("", "", &any(rng))));
    print("behind what is no key", &mut |rng| list(query("", "", &format!("{}+", any(rng)))));
    print("a random deep prefix", &mut |rng| list(query(&any(rng)[..9], "/", "")));
    print("a prefix of one key", &mut |rng| list(query(&any(rng), "", "")));
    print("the hundred groups of all keys", &mut |_| list(query("", "/", "")));
    print("the hundred groups of a random prefix", &mut |rng| list(query(&any(rng)[..3], "/", "")));
    print("a thousand groups behind a random key", &mut |rng| list(query("", "/f", &any(rng))));
    print("versions behind a random key", &mut |rng| {
        let versions = VersionsQuery { list: query("", "", &any(rng)), after_version: None };
        IndexCall::ListVersions { bucket: "b".into(), query: versions }
    });
    print("a thousand groups of versions", &mut |rng| {
        let versions = VersionsQuery { list: query("", "/f", &any(rng)), after_version: None };
        IndexCall::ListVersions { bucket: "b".into(), query: versions }
    });
    std::fs::remove_file(&path).expect("it was ours");
}
