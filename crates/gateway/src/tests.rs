//! The gateway as a whole against a region that only records: what is good arrives unchanged, nothing else arrives.

use crate::handle::BODY_BYTES_MAX;
use aws_protocol::sigv4::{BodyHash, Credentials, HttpRequest, presign, sign};
use platform::rpc::{self, Client, Router, RpcError};
use platform::tls::{Identity, Role, testing};
use platform::{Clock, DataDir, Rng, SeededRng, Settings, SystemClock};
use std::cell::RefCell;
use std::future::Future;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use types::TimestampMs;
use wire::api::*;
use wire::identity::{IdentityPush, PushIdentity};

mod audit;
mod overload;
mod temporary;

const KEY: &str = "AKIAEXAMPLEEXAMPLE00";
const SECRET: &str = "secret/of+the/example";
const HOST: &str = "127.0.0.1";

struct World {
    dir: DataDir,
    port: u16,
    heard: Rc<RefCell<Vec<ApiRequest>>>,
    control: Client,
    operator: Client,
    _temp: tempfile::TempDir,
}

impl World {
    fn heard(&self) -> usize {
        self.heard.borrow().len()
    }

    /// The whole answer to raw bytes.
    async fn raw(&self, bytes: &[u8]) -> String {
        self.exchange(bytes, false).await
    }

    /// The same for bytes that may be no whole request: their end is the end of what is sent.
    async fn cut(&self, bytes: &[u8]) -> String {
        self.exchange(bytes, true).await
    }

    async fn exchange(&self, bytes: &[u8], end: bool) -> String {
        let exchange = async {
            let mut s = TcpStream::connect((HOST, self.port)).await.unwrap();
            // The gateway may have answered and closed before all was sent.
            let _ = s.write_all(bytes).await;
            if end {
                let _ = s.shutdown().await;
            }
            let mut out = Vec::new();
            let _ = s.read_to_end(&mut out).await;
            String::from_utf8_lossy(&out).into_owned()
        };
        tokio::time::timeout(Duration::from_secs(20), exchange).await.expect("an answer or a closed connection")
    }

    async fn status(&self) -> GatewayStatus {
        self.operator.call::<GetGatewayStatus>(&wire::Empty {}, Duration::from_secs(5)).await.unwrap()
    }
}

/// A user for each key.
fn identities(generation: u64, keys: &[(&str, &str)]) -> IdentityPush {
    let rows: Vec<_> = keys.iter().map(|(k, s)| ("123456789012", *k, *k, *s, "")).collect();
    crate::identity::testing::push(generation, &rows)
}

fn settings() -> Settings {
    serde_json::from_value(serde_json::json!({
        "format": 1, "region": "us-east-1", "port": 0, "cells": [], "edge_underlay": "127.64.0.1",
        "public_pool": "198.18.0.0/24", "account": "123456789012"
    }))
    .unwrap()
}

type Answer = fn(&ApiRequest) -> Result<ApiReply, RpcError>;

/// Runs `test` with a gateway of its own. `region`: whether a region answers, and what it does.
fn with_gateway<F: Future<Output = ()>>(region: Option<Answer>, test: impl FnOnce(World) -> F) {
    with_gateway_of(settings(), region, test);
}

fn with_gateway_of<F: Future<Output = ()>>(settings: Settings, region: Option<Answer>, test: impl FnOnce(World) -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, async {
        let temp = tempfile::tempdir().unwrap();
        let dir = DataDir::new(temp.path());
        std::fs::create_dir(dir.run()).unwrap();
        settings.save(&dir).unwrap();
        testing::issue(&dir, ["gateway", "control-plane", "operator"]);
        let control = |process| Client::new(&Identity::open(&dir, process).unwrap(), dir.socket("gateway"));
        let heard: Rc<RefCell<Vec<ApiRequest>>> = Rc::default();
        if let Some(answer) = region {
            let listener = rpc::bind(&dir.socket("control-plane")).unwrap();
            let heard = heard.clone();
            let router = Router::new().on::<Api, _, _>(&[Role::Gateway.any()], move |r| {
                heard.borrow_mut().push(r.clone());
                async move {
                    // A body that says so is never answered.
                    if r.body.contains("Hang") { std::future::pending().await } else { answer(&r) }
                }
            });
            let me = Identity::open(&dir, "control-plane").unwrap();
            tokio::task::spawn_local(rpc::serve(listener, me, router));
        }
        let gateway = tokio::task::spawn_local(crate::run(dir.clone()));
        let (control, operator) = (control("control-plane"), control("operator"));
        let limit = Instant::now() + Duration::from_secs(10);
        while let Err(e) = control.call::<PushIdentity>(&identities(5, &[(KEY, SECRET)]), Duration::from_secs(1)).await {
            assert!(Instant::now() < limit && !gateway.is_finished(), "{e}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let port = std::fs::read_to_string(dir.run().join("gateway.port")).unwrap().trim().parse().unwrap();
        test(World { dir, port, heard, control, operator, _temp: temp }).await;
    });
}

fn ok(_: &ApiRequest) -> Result<ApiReply, RpcError> {
    Ok(ApiReply {
        status: 200,
        content_type: "text/xml;charset=UTF-8".into(),
        headers: vec![("x-extra".into(), "1".into())],
        body: "<R/>".into(),
        traces: Vec::new(),
    })
}

/// A signed request with what a test wants to change.
struct Call<'a> {
    method: &'a str,
    key: &'a str,
    secret: &'a str,
    region: &'a str,
    service: &'a str,
    at: TimestampMs,
    headers: Vec<(&'a str, &'a str)>,
    body: &'a [u8],
}

fn now() -> TimestampMs {
    SystemClock::new().wall()
}

fn call(body: &str) -> Call<'_> {
    let headers = vec![("content-type", "application/x-www-form-urlencoded")];
    let (key, secret, region) = (KEY, SECRET, "us-east-1");
    Call { method: "POST", key, secret, region, service: "ec2", at: now(), headers, body: body.as_bytes() }
}

impl Call<'_> {
    fn bytes(&self) -> Vec<u8> {
        let mut headers = vec![("host", HOST)];
        headers.extend(self.headers.iter().copied());
        let http = HttpRequest { method: self.method, path: "/", query: "", headers: &headers };
        let who = Credentials { access_key: self.key.into(), secret_key: self.secret.into(), session_token: None };
        let added = sign(&http, BodyHash::of(self.body), &who, self.region, self.service, self.at);
        let mut out = format!("{} / HTTP/1.1\r\nconnection: close\r\ncontent-length: {}\r\n", self.method, self.body.len());
        for (name, value) in headers.iter().copied().chain(added.iter().map(|(n, v)| (*n, v.as_str()))) {
            out.push_str(&format!("{name}: {value}\r\n"));
        }
        let mut out = format!("{out}\r\n").into_bytes();
        out.extend_from_slice(self.body);
        out
    }
}

fn get(query: &str) -> Vec<u8> {
    format!("GET /?{query} HTTP/1.1\r\nhost: {HOST}\r\nconnection: close\r\n\r\n").into_bytes()
}

fn presigned(at: TimestampMs, expires_s: u64) -> Vec<u8> {
    let headers = [("host", HOST)];
    let http = HttpRequest { method: "GET", path: "/", query: "Action=DescribeVpcs&Version=2016-11-15", headers: &headers };
    let who = Credentials { access_key: KEY.into(), secret_key: SECRET.into(), session_token: None };
    get(&presign(&http, &who, "us-east-1", "ec2", at, expires_s))
}

#[test]
fn a_good_request_arrives_with_its_signer_and_its_reply_goes_back() {
    with_gateway(Some(ok), |w| async move {
        let reply = w.raw(&call("Action=DescribeVpcs&Version=2016-11-15").bytes()).await;
        assert!(reply.starts_with("HTTP/1.1 200") && reply.ends_with("<R/>"), "{reply}");
        for header in ["x-amzn-requestid: ", "x-extra: 1", "server: stratocell", "date: ", "content-type: text/xml"] {
            assert!(reply.contains(header), "{header}: {reply}");
        }
        let heard = w.heard.borrow()[0].clone();
        assert!(reply.contains(&heard.request_id) && heard.request_id.len() == 36);
        assert_eq!((heard.service.as_str(), heard.access_key.as_str(), heard.source_ip.as_str()), ("ec2", KEY, HOST));
        assert_eq!((heard.protocol, heard.body.as_str()), (ApiProtocol::Form, "Action=DescribeVpcs&Version=2016-11-15"));
        assert_eq!(heard.principal.arn, format!("arn:aws:iam::123456789012:user/{KEY}"));

        let reply = w.raw(&presigned(now(), 60)).await;
        assert!(reply.starts_with("HTTP/1.1 200"), "{reply}");
        assert_eq!(w.heard.borrow()[1].body, "Action=DescribeVpcs&Version=2016-11-15");

        let json = Call {
            service: "ssm",
            headers: vec![("content-type", "application/x-amz-json-1.1"), ("x-amz-target", "AmazonSSM.GetParameter")],
            ..call("{\"Name\":\"/x\"}")
        };
        assert!(w.raw(&json.bytes()).await.starts_with("HTTP/1.1 200"));
        let heard = w.heard.borrow()[2].clone();
        assert_eq!((heard.protocol, heard.target.as_deref()), (ApiProtocol::Json11, Some("AmazonSSM.GetParameter")));
    });
}

#[test]
fn what_is_not_proven_never_arrives() {
    with_gateway(Some(ok), |w| async move {
        let form = "Action=DescribeVpcs&Version=2016-11-15";
        let hour = 3_600_000;
        let (past, future) = (TimestampMs(now().0 - hour), TimestampMs(now().0 + hour));
        let tampered = {
            let mut bytes = call(form).bytes();
            let at = bytes.len() - 1;
            bytes[at] = b'6';
            bytes
        };
        let token = Call { headers: vec![("x-amz-security-token", "t")], ..call(form) };
        let cases: Vec<(&str, Vec<u8>, u16, &str)> = vec![
            ("wrong secret", Call { secret: "x", ..call(form) }.bytes(), 401, "<Code>AuthFailure</Code>"),
            ("changed body", tampered, 401, "<Code>AuthFailure</Code>"),
            ("unknown key", Call { key: "AKIANOBODY", ..call(form) }.bytes(), 401, "<Code>AuthFailure</Code>"),
            (
                "unknown key, sts",
                Call { key: "AKIANOBODY", service: "sts", ..call(form) }.bytes(),
                403,
                "<Code>InvalidClientTokenId</Code>",
            ),
            ("wrong secret, ssm", Call { secret: "x", service: "ssm", ..call("{}") }.bytes(), 400, "InvalidSignatureException"),
            ("late", Call { at: past, ..call(form) }.bytes(), 400, "<Code>RequestExpired</Code>"),
            ("early", Call { at: future, ..call(form) }.bytes(), 400, "<Code>RequestExpired</Code>"),
            ("expired presign", presigned(past, 60), 400, "<Code>RequestExpired</Code>"),
            ("presign for too long", presigned(now(), 700_000), 400, "X-Amz-Expires"),
            ("another region", Call { region: "eu-west-1", ..call(form) }.bytes(), 401, "valid region, not 'eu-west-1'"),
            (
                "another region, sts",
                Call { region: "eu-west-1", service: "sts", ..call(form) }.bytes(),
                403,
                "SignatureDoesNotMatch",
            ),
            ("a session token", token.bytes(), 401, "<Code>AuthFailure</Code>"),
            ("no signature", get(form), 403, "<Code>MissingAuthenticationToken</Code>"),
            ("a service that is not here", Call { service: "dynamo", ..call(form) }.bytes(), 400, "dynamo is not part"),
            (
                "no form",
                Call { headers: vec![("content-type", "text/plain")], ..call(form) }.bytes(),
                400,
                "MalformedQueryString",
            ),
            ("json without target", Call { service: "ssm", ..call("{}") }.bytes(), 400, "UnknownOperationException"),
        ];
        for (name, bytes, status, word) in cases {
            let reply = w.raw(&bytes).await;
            assert!(reply.starts_with(&format!("HTTP/1.1 {status}")) && reply.contains(word), "{name}: {reply}");
            assert!(reply.contains("x-amzn-requestid") && !reply.contains(SECRET), "{name}: {reply}");
        }
        assert_eq!(w.heard(), 0);
        let status = w.status().await;
        assert_eq!((status.denied, status.refused["unknown-service"]), (13, 1));
    });
}

#[test]
fn bodies_and_heads_have_limits() {
    with_gateway(Some(ok), |w| async move {
        let big = "A=".to_owned() + &"x".repeat(BODY_BYTES_MAX);
        let reply = w.raw(&call(&big).bytes()).await;
        assert!(reply.starts_with("HTTP/1.1 413") && reply.contains("RequestEntityTooLarge"), "{reply}");
        let fits = "Action=DescribeVpcs&P=".to_owned() + &"x".repeat(BODY_BYTES_MAX - 100);
        assert!(w.raw(&call(&fits).bytes()).await.starts_with("HTTP/1.1 200"));
        // Chunked, without a length to refuse by.
        let signed = call(&big).bytes();
        let head = String::from_utf8_lossy(&signed[..signed.len() - big.len()]).into_owned();
        let length = format!("content-length: {}\r\n", big.len());
        let mut chunked = head.replace(&length, "transfer-encoding: chunked\r\n").into_bytes();
        chunked.extend(format!("{:x}\r\n{big}\r\n0\r\n\r\n", big.len()).into_bytes());
        let reply = w.raw(&chunked).await;
        assert!(reply.starts_with("HTTP/1.1 413"), "{reply}");
        let head = format!("GET / HTTP/1.1\r\nhost: x\r\nx-long: {}\r\n\r\n", "a".repeat(64 << 10));
        let reply = w.raw(head.as_bytes()).await;
        assert!(reply.starts_with("HTTP/1.1 431"), "{reply}");
        assert_eq!(w.heard(), 1);
    });
}

#[test]
fn a_thousand_malformed_requests_change_nothing() {
    with_gateway(Some(ok), |w| async move {
        let mut rng = SeededRng::new(2026);
        let form = "Action=RunInstances&ImageId=ami-1&MinCount=1&MaxCount=1&Version=2016-11-15";
        for n in 0..1000 {
            let mut bytes = match n % 4 {
                // Noise.
                0 => (0..rng.below(600)).map(|_| rng.u64() as u8).collect(),
                // A good request cut short before its last byte.
                1 => {
                    let whole = call(form).bytes();
                    whole[..rng.below(whole.len() as u64) as usize].to_vec()
                }
                // A signature, key or date that is not the one.
                2 => {
                    let text = String::from_utf8(call(form).bytes()).unwrap();
                    let wrong = ["Signature=", "Credential=", "x-amz-date: ", "SignedHeaders="][rng.below(4) as usize];
                    let junk: String = (0..rng.below(40)).map(|_| char::from(33 + rng.below(94) as u8)).collect();
                    text.replacen(wrong, &format!("{wrong}~{junk}"), 1).into_bytes()
                }
                // A changed body.
                _ => {
                    let mut whole = call(form).bytes();
                    let at = whole.len() - 1 - rng.below(form.len() as u64) as usize;
                    whole[at] ^= 1 << rng.below(7);
                    whole
                }
            };
            // Further damage to the head; the fault above stays, as nothing is put back.
            let damaged = n % 8 > 3 && n % 4 > 1;
            if damaged {
                let at = rng.below(20) as usize;
                bytes[at] = rng.u64() as u8;
            }
            let reply = if damaged || n % 4 < 2 { w.cut(&bytes).await } else { w.raw(&bytes).await };
            assert!(!reply.starts_with("HTTP/1.1 2") && !reply.starts_with("HTTP/1.1 5"), "{n}: {reply}");
        }
        assert_eq!(w.heard(), 0);
        assert!(w.raw(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.ends_with("ok\n"));
        assert!(w.raw(&call(form).bytes()).await.starts_with("HTTP/1.1 200"));
    });
}

#[test]
fn without_a_control_plane_clients_are_told_to_try_again() {
    with_gateway(None, |w| async move {
        let began = Instant::now();
        for (service, body, status, code) in [
            ("ec2", "Action=RunInstances", 503, "<Code>Unavailable</Code>"),
            ("ec2", "Action=DescribeVpcs", 503, "<Code>Unavailable</Code>"),
            ("sts", "Action=GetCallerIdentity", 503, "<Code>ServiceUnavailable</Code>"),
        ] {
            let reply = w.raw(&Call { service, ..call(body) }.bytes()).await;
            assert!(reply.starts_with(&format!("HTTP/1.1 {status}")) && reply.contains(code), "{reply}");
            assert!(reply.contains("running instances go on"), "{reply}");
        }
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
        assert_eq!(w.status().await.region_unreachable, 3);
    });
}

#[test]
fn a_control_plane_that_comes_back_in_time_is_waited_for() {
    with_gateway(None, |w| async move {
        let socket = w.dir.socket("control-plane");
        let me = Identity::open(&w.dir, "control-plane").unwrap();
        tokio::task::spawn_local(async move {
            tokio::time::sleep(Duration::from_millis(300)).await;
            let router = Router::new().on::<Api, _, _>(&[Role::Gateway.any()], |r| async move { ok(&r) });
            rpc::serve(rpc::bind(&socket).unwrap(), me, router).await;
        });
        assert!(w.raw(&call("Action=CreateVpc").bytes()).await.starts_with("HTTP/1.1 200"));
    });
}

#[test]
fn an_unknown_outcome_is_said_to_be_one() {
    with_gateway(Some(ok), |w| async move {
        let began = Instant::now();
        let (write, read) = (call("Action=RunInstances&Hang=1").bytes(), call("Action=DescribeVpcs&Hang=1").bytes());
        let (write, read) = tokio::join!(w.raw(&write), w.raw(&read));
        assert!(write.starts_with("HTTP/1.1 500") && write.contains("<Code>InternalError</Code>"), "{write}");
        assert!(read.starts_with("HTTP/1.1 503") && read.contains("<Code>Unavailable</Code>"), "{read}");
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    });
}

#[test]
fn keys_follow_the_pushes_and_outlive_the_process() {
    with_gateway(Some(ok), |w| async move {
        let push = |s: IdentityPush| {
            let control = w.control.clone();
            async move { control.call::<PushIdentity>(&s, Duration::from_secs(5)).await }
        };
        assert_eq!(push(identities(4, &[])).await.unwrap_err().code(), "stale-generation");
        assert_eq!(push(identities(5, &[])).await.unwrap_err().code(), "conflicting-generation");
        let mut strange = identities(6, &[]);
        strange.head.format = 9;
        assert_eq!(push(strange).await.unwrap_err().code(), "format");
        assert!(w.raw(&call("Action=DescribeVpcs").bytes()).await.starts_with("HTTP/1.1 200"));
        push(identities(6, &[("AKIAOTHER", "other")])).await.unwrap();
        assert!(w.raw(&call("Action=DescribeVpcs").bytes()).await.starts_with("HTTP/1.1 401"));
        let other = Call { key: "AKIAOTHER", secret: "other", ..call("Action=DescribeVpcs") };
        assert!(w.raw(&other.bytes()).await.starts_with("HTTP/1.1 200"));
        let again = crate::identity::Identities::open(&w.dir, None, 0).unwrap();
        let at = crate::identity::Moment { wall: now(), monotonic_us: 0 };
        assert!(again.find("AKIAOTHER", None, at).is_some() && again.find(KEY, None, at).is_none());
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(w.dir.gateway_ledger()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    });
}

#[test]
fn request_ids_are_version_4_uuids() {
    assert_eq!(crate::handle::uuid(u128::MAX), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    assert_eq!(crate::handle::uuid(0), "00000000-0000-4000-8000-000000000000");
}
