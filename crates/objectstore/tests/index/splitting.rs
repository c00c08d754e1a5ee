//! Splits: what is kept through them, whom calls reach, and what a crash in the middle of one leaves.

use crate::role::{Running, options, session, sockets};
use crate::sharded::Sharded;
use crate::support::*;
use objectstore::index::map::{Extent, Spot};
use objectstore::index::shard::{Shard, SqliteShard, SqliteStores, Stores};
use objectstore::index::{CallError, IndexClient, IndexServer, SplitOptions, core, key};
use objectstore::message::*;
use objectstore::record::*;
use platform::bulk::Parcel;
use platform::rpc::RpcError;
use platform::tls::testing::identity;
use store::sim::{Fault, SimDisk, SimFaults};
use store::{Mutation, Precondition};
use types::TimestampMs;

fn keys(page: &ListPage) -> Vec<&str> {
    page.rows.iter().map(|l| l.unwrap().key).collect()
}

/// Pages of all lengths over a bucket in five shards, where groups lie on both sides of a boundary.
#[test]
fn pages_cross_the_boundaries() {
    let x = Sharded::new(2);
    x.call(IndexCall::CreateBucket { bucket: bucket("b") }).unwrap();
    let all = ["a", "d/1", "d/2", "d/3", "e", "f/1", "f/2", "g"];
    for key in all {
        x.call(put("b", 1, key, empty(key))).unwrap_err();
    }
    x.call(IndexCall::OpenSession { owner: "g".into() }).unwrap();
    for (n, key) in all.into_iter().enumerate() {
        x.call(put("b", 1, key, empty(key))).unwrap();
        x.call(IndexCall::CreateUpload { bucket: "b".into(), upload: upload_record(UploadId(n as u128 + 1), key) }).unwrap();
    }
    for at in ["f/2", "d/3", "d/2", "c"] {
        assert!(x.split("b", at) && !x.split("b", at), "{at}");
    }
    assert_eq!(x.status().shards, 6);
    for limit in 1..10 {
        for (delimiter, wanted) in [("", all.to_vec()), ("/", vec!["a", "d/", "e", "f/", "g"])] {
            let (mut seen, mut after, mut pages) = (Vec::new(), String::new(), 0);
            loop {
                let IndexAnswer::List(page) = x.call(list("b", query("", delimiter, &after, limit))).unwrap() else { panic!() };
                let mut both: Vec<String> = keys(&page).into_iter().map(str::to_owned).chain(page.prefixes.clone()).collect();
                both.sort();
                seen.extend(both);
                pages += 1;
                match page.next {
                    Some(next) => after = next,
                    None => break,
                }
            }
            assert_eq!(seen, wanted, "limit {limit}, {delimiter:?}");
            assert_eq!(pages, wanted.len().div_ceil(limit as usize), "no page that is not full but the last");
        }
        let (mut seen, mut after, mut id) = (Vec::new(), String::new(), None);
        loop {
            let query = UploadsQuery { list: query("", "/", &after, limit), after_upload: id };
            let answer = x.call(IndexCall::ListUploads { bucket: "b".into(), query }).unwrap();
            let IndexAnswer::Uploads { uploads, prefixes, next } = answer else { panic!() };
            let mut both: Vec<String> = uploads.into_iter().map(|u| u.key).chain(prefixes).collect();
            both.sort();
            seen.extend(both);
            match next {
                Some((key, last)) => (after, id) = (key, Some(last)),
                None => break,
            }
        }
        assert_eq!(seen, ["a", "d/", "e", "f/", "g"]);
    }
    // Items of all shards in one call, answered in their order.
    let items = ["g", "a", "nothing", "d/3"].map(|k| item(k, None));
    let IndexAnswer::Deleted(done) = x.call(delete("b", items.to_vec())).unwrap() else { panic!() };
    assert!(done.len() == 4 && done.iter().all(Result::is_ok), "{done:?}");
    let IndexAnswer::List(page) = x.call(list("b", query("", "", "", 10))).unwrap() else { panic!() };
    assert_eq!(keys(&page), ["d/1", "d/2", "e", "f/1", "f/2"]);
}

/// What a bucket is changes in all its shards at once, and it is not empty as long as one of them has something.
#[test]
fn a_bucket_in_several_shards_is_one_bucket() {
    let mut x = Sharded::new(1);
    let make = || IndexCall::CreateBucket { bucket: bucket("b") };
    x.call(make()).unwrap();
    x.call(IndexCall::OpenSession { owner: "g".into() }).unwrap();
    assert!(x.split("b", "m"));
    assert_eq!(x.call(make()), Err(CallError::Refused(IndexError::BucketExists { owner: owner() })));
    x.call(put("b", 1, "z", empty("1"))).unwrap();
    let Ok(IndexAnswer::Bucket(b)) = x.call(IndexCall::GetBucket { name: "b".into() }) else { panic!() };
    let bucket = BucketRecord { versioning: Versioning::Enabled, ..b.bucket };
    x.call(IndexCall::UpdateBucket { version: b.version, bucket: bucket.clone() }).unwrap();
    assert_eq!(
        x.call(IndexCall::UpdateBucket { version: b.version, bucket }),
        Err(CallError::Refused(IndexError::BucketChanged))
    );
    let Ok(IndexAnswer::Put { id: VersionId::Named { .. }, .. }) = x.call(put("b", 1, "z", empty("2"))) else { panic!() };
    let delete_bucket = || x.call(IndexCall::DeleteBucket { name: "b".into() });
    assert_eq!(delete_bucket(), Err(CallError::Refused(IndexError::BucketNotEmpty)));
    x.call(put("b", 1, "y", empty("3"))).unwrap();
    let query = VersionsQuery { list: query("", "", "", 10), after_version: None };
    let versions = x.call(IndexCall::ListVersions { bucket: "b".into(), query }).unwrap();
    let IndexAnswer::Versions(page) = versions else { panic!() };
    let items = page.rows.iter().map(|l| l.unwrap()).map(|l| item(l.key, Some(l.head.id))).collect();
    x.call(delete("b", items)).unwrap();
    x.call(IndexCall::CreateUpload { bucket: "b".into(), upload: upload_record(UploadId(5), "u") }).unwrap();
    delete_bucket().unwrap();
    assert_eq!(x.call(lookup("b", "z", None)), Err(CallError::Refused(IndexError::NoSuchBucket)));
    x.collect(TimestampMs(T0));
    assert!(x.rows(key::UPLOAD).is_empty() && x.rows(key::BUCKET).is_empty());
    // A new one of the name begins in both.
    x.call(make()).unwrap();
    x.call(put("b", 1, "z", empty("4"))).unwrap();
    let IndexAnswer::Buckets { buckets, next: None } = x.call(IndexCall::AllBuckets { after: String::new(), limit: 10 }).unwrap()
    else {
        panic!()
    };
    assert_eq!(buckets.len(), 1);
}

/// The home believes that it still has what it gave away a moment ago, and asks itself to freeze the bucket while it holds it.
#[test]
fn a_bucket_changes_right_after_its_home_was_split() {
    let x = Sharded::new(1);
    x.call(IndexCall::CreateBucket { bucket: bucket("b") }).unwrap();
    for (at, versioning) in [("m", Versioning::Enabled), ("f", Versioning::Suspended), ("c", Versioning::Enabled)] {
        assert!(x.split("b", at));
        let Ok(IndexAnswer::Bucket(b)) = x.call(IndexCall::GetBucket { name: "b".into() }) else { panic!() };
        let changed = BucketRecord { versioning, ..b.bucket };
        x.call(IndexCall::UpdateBucket { version: b.version, bucket: changed }).unwrap();
        // In all shards.
        for key in ["", "c", "f", "m"] {
            let Ok(IndexAnswer::Lookup { bucket: Some(there), .. }) = x.call(lookup("b", key, None)) else { panic!() };
            assert_eq!(there.bucket.versioning, versioning, "at {key:?}");
        }
    }
}

/// Rows that a split has given away, and that are here still, neither keep an empty bucket nor stay when it is gone; one that
/// is not empty is said to be so.
#[test]
fn a_bucket_is_deleted_right_after_a_split() {
    let mut x = Sharded::new(1);
    let make = || IndexCall::CreateBucket { bucket: bucket("b") };
    let remove = || IndexCall::DeleteBucket { name: "b".into() };
    x.call(IndexCall::OpenSession { owner: "g".into() }).unwrap();
    for round in 0..3 {
        x.call(make()).unwrap();
        let all = ["a", "g", "n", "z"];
        for (n, key) in all.into_iter().enumerate() {
            let blob = blob(1, round * 10 + n as u32);
            x.call(put("b", 1, key, object("1", blob))).unwrap();
            let upload = upload_record(UploadId(u128::from(round) * 10 + n as u128 + 1), key);
            x.call(IndexCall::CreateUpload { bucket: "b".into(), upload }).unwrap();
        }
        assert!(x.split("b", ["t", "m", "c"][round as usize]));
        for key in all {
            assert_eq!(x.call(remove()), Err(CallError::Refused(IndexError::BucketNotEmpty)), "{key} of round {round}");
            x.call(delete("b", vec![item(key, None)])).unwrap();
        }
        x.call(remove()).unwrap();
        assert_eq!(x.call(lookup("b", "z", None)), Err(CallError::Refused(IndexError::NoSuchBucket)));
    }
    // A new one of the name, which the rows of the old one are not in.
    x.call(make()).unwrap();
    let IndexAnswer::List(page) = x.call(list("b", query("", "", "", 10))).unwrap() else { panic!() };
    assert!(keys(&page).is_empty());
    x.collect(TimestampMs(T0));
    x.check_places();
    for space in [key::HEAD, key::UPLOAD, key::PART, key::BLOB, key::GARBAGE] {
        assert!(x.rows(space).is_empty(), "{}", char::from(space));
    }
}

/// A session that is closed is so in all shards, and blobs are orphans only if no shard names them.
#[test]
fn sessions_and_orphans_of_all_shards() {
    let x = Sharded::new(1);
    x.call(IndexCall::CreateBucket { bucket: bucket("b") }).unwrap();
    x.call(IndexCall::OpenSession { owner: "g".into() }).unwrap();
    x.call(put("b", 1, "k", object("1", blob(1, 1)))).unwrap();
    x.call(put("b", 1, "z", object("2", blob(1, 2)))).unwrap();
    assert!(x.split("b", "m"));
    x.call(put("b", 1, "y", object("3", blob(1, 3)))).unwrap();
    x.call(IndexCall::OpenSession { owner: "g".into() }).unwrap();
    for key in ["a", "x"] {
        let late = x.call(put("b", 1, key, object("4", blob(1, 4))));
        assert_eq!(late, Err(CallError::Refused(IndexError::SessionClosed)), "{key}");
    }
    x.call(put("b", 2, "x", object("5", blob(2, 1)))).unwrap();
    let asked = [(1, 1), (1, 2), (1, 3), (1, 4), (2, 1), (2, 9)].map(|(s, n)| blob(s, n).id);
    assert_eq!(x.call(IndexCall::Garbage { blobs: asked.to_vec() }), Ok(IndexAnswer::Garbage(vec![blob(1, 4).id])));
}

// --------------------------------------------------------------------------------------- decisions, without processes

fn request(number: u64, shard: u32, call: IndexCall) -> IndexRequest {
    let to = Address { shard, epoch: 1, at: Spot::FIRST };
    IndexRequest { caller: 9, slot: 0, number, first_sent: TimestampMs(T0), to, call }
}

/// Copies and cuts over as a leader does it, without anybody else.
fn split(x: &mut Direct, child: &mut Direct, number: u32, at: Spot) -> Extent {
    let extent = core::extent(&*x.store).unwrap().behind(&at, number).unwrap();
    let step = core::intend(&*x.store, &extent, x.now, &mut x.rng).unwrap();
    x.commit(step).unwrap();
    let (from, mut copied) = (core::Move { extent: extent.clone() }, core::Copied::default());
    let mut all = vec![core::adopt(&extent).unwrap()];
    let (first, ranges) = from.begin(&*x.store, x.now).unwrap();
    all.extend(first);
    for (start, end) in ranges {
        let (rows, next) = from.page(&*x.store, &mut copied, (&start, &end), x.now).unwrap();
        assert!(next.is_none());
        all.extend(rows);
    }
    child.store.commit(child.epoch, &[], &all).unwrap();
    let step = core::cut_over(&*x.store, number, x.now, &mut x.rng).unwrap();
    x.commit(step).unwrap();
    extent
}

/// Whatever was applied before a split is known there when it is sent again, whatever became of it; what was not, is not
/// applied there any more.
#[test]
fn a_call_sent_again_after_a_split() {
    let mut x = Direct::ready(Versioning::Unversioned);
    let upload = UploadId::new(x.now, 1);
    x.ok(IndexCall::CreateUpload { bucket: "b".into(), upload: upload_record(upload, "m") });
    x.ok(put_part("b", 1, "m", upload, part(1, "p1", blob(1, 3))));
    let calls = [
        put("b", 1, "k", object("1", blob(1, 1))),
        put("b", 1, "k", object("2", blob(1, 2))),
        put("b", 1, "k", empty("3")),
        delete("b", vec![item("k", None)]),
        put_part("b", 1, "m", upload, part(2, "p2", blob(1, 4))),
        complete("b", 1, "m", upload, &[(1, "p1"), (2, "p2")], "m-2"),
    ];
    let mut answers = Vec::new();
    for (n, call) in calls.iter().enumerate() {
        let slot = request(100 + n as u64, 0, call.clone());
        let slot = IndexRequest { slot: n as u16, ..slot };
        let step = core::apply_once(&*x.store, &slot, x.now, &mut x.rng).unwrap();
        answers.push((slot, x.commit(step).unwrap()));
    }
    let mut child = Direct::sim();
    split(&mut x, &mut child, 7, Spot::of("b", "c"));
    let entries = x.rows(key::HEAD);
    for (request, answer) in &answers {
        let step = core::apply_once(&*x.store, request, x.now, &mut x.rng).unwrap();
        assert_eq!((&step.answer, step.muts.len()), (answer, 0), "{:?}", request.call);
    }
    for call in [
        put("b", 1, "k", object("9", blob(1, 9))),
        put("b", 1, "k", empty("9")),
        delete("b", vec![item("a", None), item("k", None)]),
        put_part("b", 1, "m", upload, part(2, "p9", blob(1, 10))),
        lookup("b", "k", None),
    ] {
        assert_eq!(x.refused(call.clone()), IndexError::Moved, "{call:?}");
    }
    assert_eq!(x.rows(key::HEAD), entries);
    assert_eq!(child.found("m", None), Some(("m-2".into(), true)));
    assert_eq!(child.found("k", None), None);
}

/// A decision that was made before the split and is committed after it fails.
#[test]
fn a_decision_of_before_is_no_decision_after() {
    let mut x = Direct::ready(Versioning::Unversioned);
    let late = core::apply_once(&*x.store, &request(50, 0, put("b", 1, "k", empty("1"))), x.now, &mut x.rng).unwrap();
    assert!(late.pre.iter().any(|p| matches!(p, Precondition::Absent { key } if *key == key::extent())));
    let mut child = Direct::sim();
    split(&mut x, &mut child, 7, Spot::of("b", "c"));
    assert!(x.commit(late).is_err());
    assert_eq!(child.found("k", None), None);
}

/// The cut-over is one commit, lost or made: the child has the places if, and only if, the parent has not.
#[test]
fn a_crash_at_the_cut_over() {
    for (fault, given) in [(Fault::CrashBeforeCommit, false), (Fault::CrashAfterCommit, true)] {
        let disk = SimDisk::new(SimFaults::default());
        let mut x = Direct::new(disk.open()).prepared(Versioning::Unversioned);
        x.put("k", "1");
        let at = Spot::of("b", "c");
        let extent = core::extent(&*x.store).unwrap().behind(&at, 7).unwrap();
        let step = core::intend(&*x.store, &extent, x.now, &mut x.rng).unwrap();
        x.commit(step).unwrap();
        disk.set_faults(SimFaults { script: [(disk.commits() + 1, fault)].into(), ..SimFaults::default() });
        let step = core::cut_over(&*x.store, 7, x.now, &mut x.rng).unwrap();
        x.commit(step).unwrap_err();
        let mut next = Direct::new(disk.open());
        next.go_on_as(&x);
        let children = core::children(&*next.store).unwrap();
        assert_eq!((children.len(), children[0].given.is_some()), (1, given));
        assert_eq!(core::extent(&*next.store).unwrap().has(&Spot::of("b", "k")), !given);
        if !given {
            let step = core::forget_child(&*next.store, 7, next.now, &mut next.rng).unwrap();
            next.commit(step).unwrap();
            assert_eq!(next.found("k", None), Some(("1".into(), true)));
        }
    }
}

/// Half a child goes, with its files; a store with another extent stays, whatever its number.
#[test]
fn half_a_shard_is_discarded() {
    let dir = tempfile::tempdir().unwrap();
    let stores = SqliteStores(objectstore::index::StoreFile { path: dir.path().join("index.db"), fsync: false });
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (number, shard) = stores.create("a").unwrap();
    let extent = Extent { number, start: Spot::of("b", "k"), end: None };
    let write = |shard: &SqliteShard, m: Mutation| runtime.block_on(shard.submit(Vec::new(), vec![m]).unwrap());
    write(&shard, core::adopt(&extent).unwrap()).unwrap();
    let other = Extent { start: Spot::of("b", "l"), ..extent.clone() };
    stores.discard(&other, "b").unwrap();
    assert!(stores.take(number, "b").is_ok() && stores.create("b").unwrap().0 == number + 1);
    // Whoever was writing into it is fenced.
    assert!(write(&shard, Mutation::put("k", "v")).is_err());
    stores.discard(&extent, "c").unwrap();
    assert!(stores.take(number, "c").is_err(), "it is lost, and not made anew");
    assert_eq!(stores.create("c").unwrap().0, number);
}

// ------------------------------------------------------------------------------------------------------- processes

async fn spread(dir: &std::path::Path) -> (Vec<Running>, IndexClient) {
    let run = |n| Running::start(objectstore::index::IndexOptions { split: SplitOptions::usual(), ..options(dir, n) });
    let running = (0..3).map(run).collect();
    let client = crate::role::index_client(dir);
    loop {
        if let Ok(IndexAnswer::Status(status)) = client.call(IndexCall::Status).await
            && status.shards == 4
        {
            return (running, client);
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

async fn extents(dir: &std::path::Path, process: usize) -> Vec<Extent> {
    pong(dir, process).await.leads.into_iter().map(|l| l.extent).collect()
}

async fn leads(dir: &std::path::Path, process: usize) -> Vec<(u32, u64)> {
    pong(dir, process).await.leads.iter().map(|l| (l.extent.number, l.epoch)).collect()
}

async fn pong(dir: &std::path::Path, process: usize) -> Pong {
    let server = platform::bulk::BulkClient::new(&identity(dir, "operator"), &sockets(dir)[process]);
    let call = pack(&IndexFrame::Ping, Default::default()).unwrap();
    let answer = server.call(call, std::time::Duration::from_secs(5)).await.unwrap();
    unpack(&answer).unwrap()
}

/// Four shards on three processes; one that goes takes only its own along.
#[tokio::test]
async fn a_process_that_goes_moves_only_its_shards() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let (mut running, client) = spread(dir).await;
    let session = session(&client).await;
    for n in 0..20 {
        client.call(IndexCall::CreateBucket { bucket: bucket(&format!("b{n}")) }).await.unwrap();
        client.call(put(&format!("b{n}"), session.0, "k", empty("1"))).await.unwrap();
    }
    let numbers = |leads: &[(u32, u64)]| leads.iter().map(|l| l.0).collect::<Vec<_>>();
    let before = [leads(dir, 0).await, leads(dir, 1).await, leads(dir, 2).await];
    assert_eq!(before.clone().map(|l| numbers(&l)), [vec![0, 3], vec![1], vec![2]]);
    drop(running.remove(0));
    for n in 0..20 {
        client.call(lookup(&format!("b{n}"), "k", None)).await.unwrap();
    }
    let after = [leads(dir, 1).await, leads(dir, 2).await].concat();
    for kept in before[1].iter().chain(&before[2]) {
        assert!(after.contains(kept), "{kept:?} was taken again: {after:?}");
    }
    let mut all = numbers(&after);
    all.sort_unstable();
    assert_eq!(all, [0, 1, 2, 3]);
}

type Processes = std::sync::Arc<std::sync::Mutex<Vec<Option<Running>>>>;

/// A process that ends as soon as a page is asked of its shard `number`.
struct Ending {
    server: platform::bulk::BulkClient,
    position: usize,
    number: u32,
    running: Processes,
}

impl IndexServer for Ending {
    async fn call(&self, call: Parcel, timeout: std::time::Duration) -> Result<Parcel, RpcError> {
        let frame = unpack::<IndexFrame>(&call)?;
        if let IndexFrame::Call(request) = frame
            && matches!(request.call, IndexCall::List { .. })
            && request.to.shard == self.number
        {
            let mut running = self.running.lock().unwrap();
            // Once only.
            if running.iter().all(Option::is_some) {
                drop(running[self.position].take());
            }
        }
        IndexServer::call(&self.server, call, timeout).await
    }
}

/// The last shard of a page changes its leader after the first ones have answered.
#[tokio::test]
async fn a_page_goes_on_when_a_leader_goes_away() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let (running, client) = spread(dir).await;
    let session = session(&client).await;
    client.call(IndexCall::CreateBucket { bucket: bucket("b") }).await.unwrap();
    let all: Vec<String> = (10..40).map(|n| format!("k{n}")).collect();
    for key in &all {
        client.call(put("b", session.0, key, empty("1"))).await.unwrap();
    }
    for at in ["k20", "k30"] {
        let spot = Spot::of("b", at);
        let mut led = Vec::new();
        for process in 0..3 {
            led.extend(extents(dir, process).await);
        }
        let having = led.iter().find(|e| e.has(&spot)).expect("somebody has it").number;
        client.call(IndexCall::Split { shard: having, at: Some(spot) }).await.unwrap();
    }
    let running: Processes = std::sync::Arc::new(std::sync::Mutex::new(running.into_iter().map(Some).collect()));
    // Of the four first shards the bucket has one; the splits made 4 and 5.
    let number = 5;
    let servers = sockets(dir).into_iter().enumerate().map(|(position, socket)| Ending {
        server: platform::bulk::BulkClient::new(&identity(dir, "index-a"), socket),
        position,
        number,
        running: running.clone(),
    });
    let fresh = IndexClient::over(servers.collect(), 77, std::sync::Arc::new(platform::SystemClock::new()));
    let page = loop {
        match fresh.call(list("b", query("", "", "", 100))).await {
            Ok(IndexAnswer::List(page)) => break page,
            // On a busy machine the next leader may be late.
            Err(CallError::Unavailable(_) | CallError::Unknown(_)) => {}
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(keys(&page), all);
    assert_eq!(running.lock().unwrap().iter().filter(|r| r.is_none()).count(), 1, "the leader has gone");
}
