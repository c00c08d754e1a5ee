//! Load balancers' logs into buckets: each file once under its own name, whatever happens to the worker; buckets that will not have
//! them do not keep others waiting. The host agent is a list of files behind its RPC.

use crate::world::*;
use platform::rpc::{self, Client, Router};
use platform::settings::{CellSettings, HostSettings, Settings};
use platform::tls::{Role, testing};
use serde_json::json;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::Read;
use std::net::Ipv4Addr;
use std::rc::Rc;
use std::time::{Duration, Instant};
use wire::balancer::*;
use wire::trail::BucketVerdict;

const PATIENCE: Duration = Duration::from_secs(60);
const CALL: Duration = Duration::from_secs(10);

fn balancer() -> String {
    format!("arn:aws:elasticloadbalancing:{REGION}:{MAIN_ACCOUNT}:loadbalancer/app/web/0123456789abcdef")
}

/// As the user guide of Application Load Balancers has it ("Enable access logs").
fn policy() -> String {
    json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}, "Action": "s3:PutObject",
        "Resource": format!("arn:aws:s3:::logs/p/AWSLogs/{MAIN_ACCOUNT}/*"),
        "Condition": {"ArnLike": {"aws:SourceArn": format!("arn:aws:elasticloadbalancing:{REGION}:{MAIN_ACCOUNT}:loadbalancer/*")}}
    }]})
    .to_string()
}

fn head(bucket: &str, key: &str) -> LogHead {
    LogHead { account: MAIN_ACCOUNT.parse().unwrap(), arn: balancer(), bucket: bucket.into(), key: key.into() }
}

type Files = Rc<RefCell<BTreeMap<String, LogFile>>>;

/// A host's agent, as far as it is asked for logs.
fn agent(w: &World, host: &str) -> Files {
    let process = format!("agent-{host}");
    testing::issue(&w.dir, [process.as_str()]);
    let files = Files::default();
    let has = files.clone();
    let router = Router::new().on::<TakeBalancerLog, _, _>(&[Role::S3Worker.any()], move |asked: LogRequest| {
        let mut has = has.borrow_mut();
        asked.done.iter().for_each(|name| drop(has.remove(name)));
        let file = has.values().find(|f| asked.after.as_ref().is_none_or(|a| f.name > *a)).cloned();
        std::future::ready(Ok(LogReply { file, lost: 0 }))
    });
    let listener = rpc::bind(&w.dir.socket(&process)).expect("a socket");
    tokio::task::spawn_local(rpc::serve(listener, w.identity(&process), router));
    files
}

fn add(files: &Files, n: usize, bucket: &str) -> String {
    let key = format!("p/AWSLogs/{MAIN_ACCOUNT}/elasticloadbalancing/{REGION}/2026/11/26/{n}.log.gz");
    let name = format!("{n:03}");
    let file = LogFile { name: name.clone(), head: head(bucket, &key), text: format!("line {n}\n") };
    files.borrow_mut().insert(name, file);
    key
}

async fn text(w: &World, key: &str) -> String {
    let file = w.done(get(format!("/logs/{key}"))).await;
    let mut text = String::new();
    flate2::read::GzDecoder::new(&file.body[..]).read_to_string(&mut text).expect("gzip");
    text
}

async fn until(what: &str, condition: impl Fn() -> bool) {
    let limit = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < limit, "never: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[test]
fn each_file_is_delivered_under_its_own_name() {
    with_audit(json!({}), json!({"mib_max": 128, "flow_log_seconds": 1}), |w| async move {
        let mut settings = Settings::load(&w.dir).expect("settings");
        let host = HostSettings {
            id: "a1-h1".parse().unwrap(),
            underlay: Ipv4Addr::LOCALHOST,
            vcpus: 1,
            memory_mib: 1,
            disk_gib: 1,
            rack: None,
        };
        let az = format!("{REGION}a").parse().unwrap();
        settings.cells = vec![CellSettings { id: "a1".parse().unwrap(), az, hosts: vec![host] }];
        settings.save(&w.dir).expect("the settings are saved");
        let files = agent(&w, "a1-h1");
        w.done(put("/logs", "")).await;
        let start = || tokio::task::spawn_local(gateway::worker::run(w.dir.clone()));
        let mut run = start();
        let client = Client::new(&w.identity("control-plane"), w.dir.socket("s3-worker"));
        let may = async |bucket: &str, folder: &str| {
            let head = head(bucket, &format!("{folder}AWSLogs/{MAIN_ACCOUNT}/ELBAccessLogTestFile"));
            let question = LogBucketQuestion { head, text: "it works\n".into() };
            let limit = Instant::now() + PATIENCE;
            loop {
                match client.call::<CheckBalancerLogBucket>(&question, CALL).await {
                    Ok(BucketVerdict::Unknown) | Err(_) if Instant::now() < limit => {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                    verdict => return verdict.expect("a verdict"),
                }
            }
        };
        assert_eq!(may("none", "p/").await, BucketVerdict::NoSuchBucket);
        assert_eq!(may("logs", "p/").await, BucketVerdict::Denied);
        w.done(put("/logs?policy", policy())).await;
        assert_eq!(may("logs", "").await, BucketVerdict::Denied, "another folder");
        assert_eq!(may("logs", "p/").await, BucketVerdict::Writable);
        let shown = w.done(get(format!("/logs/p/AWSLogs/{MAIN_ACCOUNT}/ELBAccessLogTestFile"))).await;
        assert_eq!(shown.body, b"it works\n");
        // One that is refused stays, and those behind it go.
        add(&files, 0, "others");
        let keys: Vec<String> = (1..20).map(|n| add(&files, n, "logs")).collect();
        until("all but one are delivered", || files.borrow().len() == 1).await;
        for (n, key) in keys.iter().enumerate() {
            assert_eq!(text(&w, key).await, format!("line {}\n", n + 1));
        }
        // The worker dies in the middle of things: nothing is lost, and nothing has another name.
        let more: Vec<String> = (20..60).map(|n| add(&files, n, "logs")).collect();
        for _ in 0..4 {
            let left = files.borrow().len();
            until("some are delivered", || files.borrow().len() < left || left == 1).await;
            run.abort();
            let _ = run.await;
            run = start();
        }
        until("all but one are delivered", || files.borrow().len() == 1).await;
        for (n, key) in more.iter().enumerate() {
            assert_eq!(text(&w, key).await, format!("line {}\n", n + 20));
        }
        let prefix = format!("/logs?list-type=2&prefix=p/AWSLogs/{MAIN_ACCOUNT}/elasticloadbalancing/");
        assert_eq!(w.done(get(prefix)).await.tags("Key").len(), 59);
        run.abort();
    });
}
