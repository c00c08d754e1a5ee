//! Flow logs into buckets: each record in one file, whatever happens to the worker; and buckets that will not have them. The cards
//! are real spools behind their RPC.

use crate::world::*;
use platform::rpc::{self, Client, Router};
use platform::settings::{CellSettings, HostSettings, Settings};
use platform::tls::{Role, testing};
use serde_json::json;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::future::Future;
use std::io::Read;
use std::net::Ipv4Addr;
use std::rc::Rc;
use std::time::{Duration, Instant};
use types::{FlowLogId, Generation, HostId, InterfaceId, SubnetId, TimestampMs, VpcId};
use wire::flow::*;
use wire::net::Direction;
use wire::trail::{BucketQuestion, BucketVerdict};

const PATIENCE: Duration = Duration::from_secs(60);
const CALL: Duration = Duration::from_secs(10);

fn arn() -> String {
    format!("arn:aws:logs:{REGION}:{MAIN_ACCOUNT}:*")
}

/// As the VPC User Guide has it ("Amazon S3 bucket permissions for flow logs").
fn policy(bucket: &str) -> String {
    let of_account = json!({"StringEquals": {"aws:SourceAccount": MAIN_ACCOUNT}, "ArnLike": {"aws:SourceArn": arn()}});
    let mut owned = of_account.clone();
    owned["StringEquals"]["s3:x-amz-acl"] = json!("bucket-owner-full-control");
    let service = json!({"Service": "delivery.logs.amazonaws.com"});
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl", "Resource": format!("arn:aws:s3:::{bucket}"),
            "Condition": of_account},
        {"Effect": "Allow", "Principal": service, "Action": "s3:PutObject",
            "Resource": format!("arn:aws:s3:::{bucket}/p/AWSLogs/{MAIN_ACCOUNT}/*"), "Condition": owned}
    ]})
    .to_string()
}

/// A host's card, as far as it is asked for flow records.
struct Card {
    lines: Rc<RefCell<Vec<String>>>,
}

impl Card {
    fn start(w: &World, host: &HostId) -> Self {
        let process = format!("card-{host}");
        testing::issue(&w.dir, [process.as_str()]);
        let lines = Rc::new(RefCell::new(Vec::<String>::new()));
        let has = lines.clone();
        let router = Router::new().on::<TakeFlowRecords, _, _>(&[Role::S3Worker.any()], move |asked: FlowRequest| {
            let has = has.borrow();
            let from = asked.at.map_or(0, |at| at.next as usize);
            let to = has.len().min(from + 7);
            let next = FlowPosition { spool: "s".into(), next: to as u64 };
            std::future::ready(Ok(FlowReply { lines: has[from..to].to_vec(), next, lost: 0 }))
        });
        let listener = rpc::bind(&w.dir.card_socket(host)).expect("a socket");
        tokio::task::spawn_local(rpc::serve(listener, w.identity(&process), router));
        Self { lines }
    }

    /// A flow from that port.
    fn add(&self, port: u16, accepted: bool) {
        let line = FlowLine {
            interface: InterfaceId::from_random(1),
            vpc: VpcId::from_random(2),
            subnet: SubnetId::from_random(3),
            instance: None,
            address: Ipv4Addr::new(10, 0, 0, 5).into(),
            first_ms: 1_700_000_000_000,
            last_ms: 1_700_000_001_000,
            what: FlowWhat::Flow(FlowSums {
                accepted,
                direction: Direction::Ingress,
                source: Ipv4Addr::new(10, 0, 0, 9).into(),
                source_port: port,
                destination: Ipv4Addr::new(10, 0, 0, 5).into(),
                destination_port: 80,
                protocol: 6,
                packets: 1,
                bytes: 40,
                tcp_flags: 2,
                path: None,
                rule: None,
                acl: None,
            }),
        };
        self.lines.borrow_mut().push(line.to_string());
    }
}

struct Deliverer {
    client: Client,
    run: tokio::task::JoinHandle<Result<(), gateway::worker::WorkerError>>,
}

impl Deliverer {
    async fn start(w: &World) -> Self {
        let run = tokio::task::spawn_local(gateway::worker::run(w.dir.clone()));
        let client = Client::new(&w.identity("control-plane"), w.dir.socket("s3-worker"));
        let limit = Instant::now() + PATIENCE;
        while let Err(e) = client.call::<GetFlowLogErrors>(&Vec::new(), CALL).await {
            assert!(Instant::now() < limit && !run.is_finished(), "the worker does not start: {e}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Self { client, run }
    }

    async fn push(&self) {
        let log = |n: u128, traffic, fields: &[&str]| FlowLogConfig {
            id: FlowLogId::from_random(n),
            account: MAIN_ACCOUNT.parse().unwrap(),
            resource: FlowResource::Vpc(VpcId::from_random(2)),
            traffic,
            bucket: "logs".into(),
            prefix: "p".into(),
            fields: fields.iter().map(|f| (*f).to_owned()).collect(),
            hive: false,
            per_hour: false,
            created: TimestampMs(0),
        };
        let snapshot = FlowLogSnapshot {
            format: wire::FORMAT,
            generation: Generation(1),
            logs: vec![log(1, Traffic::All, &["srcport", "action", "az-id"]), log(2, Traffic::Reject, &["action", "srcport"])],
            zones: [("a1".parse().unwrap(), "use1-az1".to_owned()), ("b1".parse().unwrap(), "use1-az2".to_owned())].into(),
            services: Vec::new(),
        };
        self.client.call::<PushFlowLogs>(&snapshot, CALL).await.expect("the flow logs are taken");
    }

    async fn may(&self, bucket: &str, prefix: &str, account: &str) -> BucketVerdict {
        let (bucket, prefix) = (bucket.to_owned(), prefix.to_owned());
        let question = BucketQuestion { account: account.parse().unwrap(), arn: arn(), bucket, prefix };
        self.client.call::<CheckFlowLogBucket>(&question, CALL).await.expect("a verdict")
    }

    async fn errors(&self) -> usize {
        let ids = [1, 2, 3].map(FlowLogId::from_random).to_vec();
        let errors = self.client.call::<GetFlowLogErrors>(&ids, CALL).await.expect("the errors");
        assert!(errors.values().all(|e| e == "Access error"));
        errors.len()
    }
}

/// Two hosts of two zones, and their cards.
fn with_cards<F: Future<Output = ()>>(test: impl FnOnce(World, [Card; 2]) -> F) {
    with_audit(json!({}), json!({"mib_max": 128, "flow_log_seconds": 1}), |w| async move {
        let mut settings = Settings::load(&w.dir).expect("settings");
        let host = |az: &str| HostSettings {
            id: format!("{az}1-h1").parse().unwrap(),
            underlay: Ipv4Addr::LOCALHOST,
            vcpus: 1,
            memory_mib: 1,
            disk_gib: 1,
            rack: None,
        };
        settings.cells = ["a", "b"]
            .map(|az| CellSettings {
                id: format!("{az}1").parse().unwrap(),
                az: format!("{REGION}{az}").parse().unwrap(),
                hosts: vec![host(az)],
            })
            .to_vec();
        settings.save(&w.dir).expect("the settings are saved");
        let cards = ["a1-h1", "b1-h1"].map(|h| Card::start(&w, &h.parse().unwrap()));
        w.done(put("/logs", "")).await;
        test(w, cards).await;
    });
}

/// Lines of all files of a log, without their headers. Fails when one comes twice.
async fn lines(w: &World, log: u128, header: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    let id = FlowLogId::from_random(log);
    for key in w.done(get(format!("/logs?list-type=2&prefix=p/AWSLogs/{MAIN_ACCOUNT}/vpcflowlogs/{REGION}/"))).await.tags("Key") {
        if !key.contains(&format!("/{MAIN_ACCOUNT}_vpcflowlogs_{REGION}_{id}_")) {
            continue;
        }
        assert!(key.ends_with(".log.gz"), "{key}");
        let file = w.done(get(format!("/logs/{key}"))).await;
        let mut text = String::new();
        flate2::read::GzDecoder::new(&file.body[..]).read_to_string(&mut text).expect("gzip");
        let (first, rest) = text.split_once('\n').expect("a header");
        assert_eq!(first, header);
        for line in rest.lines() {
            assert!(out.insert(line.to_owned()), "{line} twice");
        }
    }
    out
}

async fn until_all(w: &World, wanted: &BTreeSet<String>) {
    let limit = Instant::now() + PATIENCE;
    loop {
        let found = lines(w, 1, "srcport action az-id").await;
        assert!(found.is_subset(wanted), "{found:?}");
        if found == *wanted {
            return;
        }
        assert!(Instant::now() < limit, "not delivered: {wanted:?}, but {found:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[test]
fn each_record_is_in_one_file_of_each_log_that_wants_it() {
    with_cards(|w, cards| async move {
        w.done(put("/logs?policy", policy("logs"))).await;
        let mut wanted = BTreeSet::new();
        let mut add = |n: u16| {
            let at = usize::from(n % 2);
            let accepted = !n.is_multiple_of(3);
            cards[at].add(n, accepted);
            let (action, zone) = (if accepted { "ACCEPT" } else { "REJECT" }, ["use1-az1", "use1-az2"][at]);
            wanted.insert(format!("{n} {action} {zone}"));
            wanted.clone()
        };
        (0..50).for_each(|n| drop(add(n)));
        let d = Deliverer::start(&w).await;
        d.push().await;
        until_all(&w, &add(50)).await;
        d.run.abort();
        let _ = d.run.await;
        // It dies in the middle of things, again and again, and goes on from its state and ledger.
        for round in 0..6u16 {
            (0..20).for_each(|n| drop(add(100 + round * 20 + n)));
            let d = Deliverer::start(&w).await;
            tokio::time::sleep(Duration::from_millis(40 * u64::from(round))).await;
            d.run.abort();
            let _ = d.run.await;
        }
        let d = Deliverer::start(&w).await;
        let all = add(51);
        until_all(&w, &all).await;
        let rejected = lines(&w, 2, "action srcport").await;
        assert_eq!(rejected.len(), all.iter().filter(|l| l.contains("REJECT")).count());
        assert_eq!(d.errors().await, 0);
        d.run.abort();
    });
}

#[test]
fn a_bucket_has_what_its_policy_allows() {
    with_cards(|w, cards| async move {
        let d = Deliverer::start(&w).await;
        d.push().await;
        assert_eq!(d.may("none", "p", MAIN_ACCOUNT).await, BucketVerdict::NoSuchBucket);
        assert_eq!(d.may("logs", "p", MAIN_ACCOUNT).await, BucketVerdict::Denied);
        cards[0].add(1, true);
        let limit = Instant::now() + PATIENCE;
        while d.errors().await != 1 {
            assert!(Instant::now() < limit, "nothing is refused");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(lines(&w, 1, "").await.len(), 0);
        w.done(put("/logs?policy", policy("logs"))).await;
        assert_eq!(d.may("logs", "p", MAIN_ACCOUNT).await, BucketVerdict::Writable);
        assert_eq!(d.may("logs", "q", MAIN_ACCOUNT).await, BucketVerdict::Denied);
        assert_eq!(d.may("logs", "p", "999900001111").await, BucketVerdict::Denied);
        until_all(&w, &["1 ACCEPT use1-az1".to_owned()].into()).await;
        while d.errors().await != 0 {
            assert!(Instant::now() < limit, "an error that is over");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        d.run.abort();
    });
}
