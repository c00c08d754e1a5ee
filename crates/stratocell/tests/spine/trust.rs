//! Who may connect to whom in a running region: every role tries every other's door, with the certificate it was given.

use crate::harness::Cloud;
use platform::bulk::{BulkClient, Parcel};
use platform::rpc::{Client, RpcError};
use platform::{DataDir, Identity};
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

wire::method!(Nothing, "test/Nothing", wire::Empty => wire::Empty);

const LIMIT: Duration = Duration::from_secs(20);

/// By door: who is let in. What each may ask there is the servers' own affair.
const DOORS: [(&str, &[&str]); 12] = [
    ("supervisor", &["operator", "cell-a1", "cell-b1"]),
    ("control-plane", &["operator", "supervisor", "gateway", "s3-worker", "cell-a1", "cell-b1"]),
    ("gateway", &["operator", "supervisor", "control-plane"]),
    ("s3-worker", &["operator", "supervisor", "control-plane"]),
    ("edge", &["operator", "supervisor", "control-plane"]),
    ("directory-a", &["operator", "supervisor", "control-plane"]),
    ("cell-a1", &["operator", "supervisor", "control-plane", "agent-a1-h1", "agent-a1-h2"]),
    ("agent-a1-h1", &["operator", "supervisor", "cell-a1", "s3-worker"]),
    ("card-a1-h1", &["operator", "supervisor", "s3-worker", "agent-a1-h1"]),
    ("card-b1-h1", &["operator", "supervisor", "s3-worker", "agent-b1-h1"]),
    ("storage-a1", &["operator", "supervisor", "gateway", "s3-worker", "index-a", "index-b", "storage-a1", "storage-b1"]),
    ("index-a", &["operator", "supervisor", "gateway", "s3-worker", "index-a", "index-b"]),
];

const CALLERS: [&str; 18] = [
    "operator",
    "supervisor",
    "control-plane",
    "gateway",
    "s3-worker",
    "edge",
    "directory-a",
    "cell-a1",
    "cell-b1",
    "agent-a1-h1",
    "agent-a1-h2",
    "agent-b1-h1",
    "card-a1-h1",
    "card-b1-h1",
    "storage-a1",
    "storage-b1",
    "index-a",
    "index-b",
];

#[test]
fn every_door_is_open_to_whom_it_is_meant_for() {
    let c = Cloud::up_with(&["--azs", "2", "--hosts-per-cell", "2"]);
    let dir = DataDir::new(c.dir());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut wrong = Vec::new();
    for caller in CALLERS {
        let me = Identity::open(&dir, caller).expect("the supervisor gave it one");
        for (door, expected) in DOORS {
            let outcome = runtime.block_on(async {
                match door.starts_with("storage-") || door.starts_with("index-") {
                    true => BulkClient::new(&me, dir.socket(door)).call(Parcel::default(), LIMIT).await.map(drop),
                    false => Client::new(&me, dir.socket(door)).call::<Nothing>(&wire::Empty {}, LIMIT).await.map(drop),
                }
            });
            let let_in = match outcome {
                // It was heard, and asked for nothing that there is.
                Err(RpcError::Remote { .. }) => true,
                Err(RpcError::Untrusted { .. }) => false,
                other => panic!("{caller} to {door}: {other:?}"),
            };
            if let_in != expected.contains(&caller) {
                wrong.push(format!("{caller} to {door}: {let_in}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");

    // Let in, and still not for everything.
    let operator = Identity::open(&dir, "operator").unwrap();
    let gateway = Client::new(&operator, dir.socket("gateway"));
    let head = wire::identity::IdentityHead::new(Vec::new(), Vec::new());
    let push = wire::identity::IdentityPush { head, parts: Vec::new() };
    let refused = runtime.block_on(gateway.call::<wire::identity::PushIdentity>(&push, LIMIT)).unwrap_err();
    assert_eq!(refused.code(), "not-permitted");

    for entry in std::fs::read_dir(dir.tls()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{entry:?}");
    }
    // The doors that were shut have counted it.
    let status = c.json(&["status", "--json"]);
    for (door, callers) in DOORS.iter().filter(|(door, _)| !door.starts_with("storage-") && !door.starts_with("index-")) {
        let own = usize::from(*door == "gateway");
        let want = CALLERS.iter().filter(|c| !callers.contains(c)).count() + own;
        assert_eq!(status["refusals"][door]["role"], want, "{door}: {}", status["refusals"]);
    }
    assert!(c.ok(&["status"]).contains("! edge refused others: "));
    assert_eq!(status["transport"]["bulk_frames"], "kernel");
    assert!(c.ok(&["status"]).contains("between roles: TLS 1.3, both sides certified"));
    assert!(c.ok(&["doctor"]).contains("between roles: TLS 1.3"));
}
