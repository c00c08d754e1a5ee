//! The audit trail as an operator meets it: a refusal and its reason, a killed gateway, a dead control plane, tampering.

use crate::harness::{Cloud, wait_for};
use serde_json::Value;
use std::collections::HashSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(30);

fn text(v: &Value, pointer: &str) -> String {
    v.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer} of {v}")).to_owned()
}

/// The newest event of this name.
fn event(c: &Cloud, name: &str) -> Value {
    let found = c.must(&format!("cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue={name}"));
    serde_json::from_str(&text(&found, "/Events/0/CloudTrailEvent")).expect("the event is JSON")
}

/// A request of nobody's; the id of its answer, if one came.
fn request_of_nobody(port: u16) -> Option<String> {
    let mut s = TcpStream::connect(("127.0.0.1", port)).ok()?;
    s.set_read_timeout(Some(SOON)).ok()?;
    s.write_all(b"GET /audited/key HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n").ok()?;
    let mut reply = String::new();
    // An answer that was cut off is one all the same, once its id is there.
    let _ = s.read_to_string(&mut reply);
    let (_, rest) = reply.split_once("x-amz-request-id: ")?;
    rest.split_once("\r\n").map(|(id, _)| id.to_owned())
}

/// Ends the callers when the test goes on, or fails.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn trail(c: &Cloud) -> String {
    let folders = ["management", "data"].map(|name| std::fs::read_dir(c.dir().join("audit").join(name)).expect("a trail"));
    folders.into_iter().flatten().map(|f| std::fs::read_to_string(f.expect("a file").path()).expect("text")).collect()
}

#[test]
fn refusals_are_explained_and_nothing_answered_is_lost_or_changed() {
    let c = Cloud::up_with(&["--azs", "1", "--hosts-per-cell", "1"]);
    c.must("iam create-user --user-name ann");
    let key = c.must("iam create-access-key --user-name ann");
    let (id, secret) = (text(&key, "/AccessKey/AccessKeyId"), text(&key, "/AccessKey/SecretAccessKey"));
    let mut ann = c.account("another");
    ann.insert("AWS_ACCESS_KEY_ID".into(), id.clone());
    ann.insert("AWS_SECRET_ACCESS_KEY".into(), secret.clone());
    wait_for("the refusal", SOON, || {
        let refused = c.aws_as(&ann, vec!["ec2".into(), "describe-vpcs".into()]).expect_err("nothing allows it");
        (refused.code == "UnauthorizedOperation").then_some(())
    });

    // Who was refused what, and why.
    let refused = event(&c, "DescribeVpcs");
    assert_eq!(text(&refused, "/userIdentity/userName"), "ann");
    assert_eq!(text(&refused, "/errorCode"), "UnauthorizedOperation");
    let told = c.ok(&["explain", &text(&refused, "/requestID")]);
    assert!(told.contains("denied   ec2:DescribeVpcs on *") && told.contains("no identity-based policy allows"), "{told}");
    let allowed = c.ok(&["explain", &text(&event(&c, "CreateUser"), "/requestID")]);
    assert!(allowed.contains("allowed  iam:CreateUser") && allowed.contains("outcome  done"), "{allowed}");
    assert!(!trail(&c).contains(&secret), "a secret key in the trail");
    let unknown = c.run(&["explain", "no-such-request"]);
    let sentence = String::from_utf8_lossy(&unknown.stderr).into_owned();
    assert!(unknown.status.code() == Some(1) && sentence.contains("goes back to"), "{sentence}");
    let used = wait_for("the key's last use", SOON, || {
        let used = c.must(&format!("iam get-access-key-last-used --access-key-id {id}"));
        used.pointer("/AccessKeyLastUsed/LastUsedDate").is_some().then_some(used)
    });
    assert_eq!(text(&used, "/AccessKeyLastUsed/ServiceName"), "ec2");

    // Killed while it answers.
    c.must("s3api create-bucket --bucket audited");
    let port: u16 = c.env("AWS_ENDPOINT_URL").rsplit(':').next().and_then(|p| p.parse().ok()).expect("a port");
    let (answered, stop) = (Mutex::new(Vec::new()), AtomicBool::new(false));
    std::thread::scope(|scope| {
        let _stop = Stop(&stop);
        for _ in 0..4 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    answered.lock().unwrap().extend(request_of_nobody(port));
                }
            });
        }
        let gateway = || c.pids().get("gateway").copied();
        for _ in 0..3 {
            let before = answered.lock().unwrap().len();
            wait_for("answers", SOON, || (answered.lock().unwrap().len() >= before + 100).then_some(()));
            let pid = wait_for("a gateway", SOON, gateway);
            assert!(Command::new("kill").args(["-9", &pid.to_string()]).status().expect("kill runs").success());
            wait_for("the next gateway", SOON, || gateway().filter(|&next| next != pid));
        }
    });
    c.ok(&["ready"]);
    let (answered, written) = (answered.into_inner().unwrap(), trail(&c));
    let ids: HashSet<&str> = written.split('"').collect();
    let lost: Vec<_> = answered.iter().filter(|id| !ids.contains(id.as_str())).collect();
    assert!(lost.is_empty(), "{} of {} answered calls are not in the trail: {lost:?}", lost.len(), answered.len());
    assert!(c.ok(&["explain", &answered[0]]).contains("nobody: the request was not signed"));
    let whole = wait_for("heads at the control plane", SOON, || {
        let whole = c.ok(&["audit", "verify"]);
        (!whole.contains("\n0 heads")).then_some(whole)
    });
    assert!(whole.contains("the audit trail is whole"), "{whole}");

    // With no control plane.
    c.ok(&["fault", "inject", "control-plane", "kill"]);
    assert_eq!(text(&event(&c, "CreateUser"), "/userIdentity/type"), "IAMUser");
    assert!(c.ok(&["explain", &text(&refused, "/requestID")]).contains("denied"));
    c.ok(&["fault", "heal"]);
    c.ok(&["ready"]);

    // The reason for a refusal made up.
    let first = std::fs::read_dir(c.dir().join("audit/management")).unwrap().map(|f| f.unwrap().path()).min().expect("a segment");
    let changed = std::fs::read_to_string(&first).unwrap().replacen("\"allowed\":false", "\"allowed\":true ", 1);
    std::fs::write(&first, changed).unwrap();
    let found = c.run(&["audit", "verify"]);
    let sentence = String::from_utf8_lossy(&found.stderr).into_owned();
    // By the next line's word of it, or, if the control plane was told of that very line, by its.
    let noticed = sentence.contains("was changed") || sentence.contains("was written anew");
    assert!(found.status.code() == Some(1) && noticed, "{sentence}");
}
