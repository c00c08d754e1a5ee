//! Golden tests against botocore, for every operation of `models.txt`:
//!
//! * its serialiser writes a request with every member set; we read it, nothing is lost, nothing is unknown;
//! * we write a reply with every member set (and one with empty lists, and one with nothing); its parser reads the same, and
//!   no element is outside the model;
//! * the same of every XML body of S3;
//! * its parser reads our errors;
//! * its chunked bodies and browser forms are read;
//! * its signers sign; we verify, and notice every change.
//!
//! One Python process serves all cases. It is `.venv/bin/python3` of the workspace, else `python3`, with botocore installed.

#[rustfmt::skip]
mod operations;
#[rustfmt::skip]
mod s3_bodies;
mod sample;
mod uploads;

use aws_protocol::sigv4::{AuthError, BodyHash, Claim, HttpRequest, PayloadKind, Verified};
use aws_protocol::{AwsError, Form, HttpReply, JsonEncoder, Operation, Request, SERVICES, Shape, s3};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use types::TimestampMs;

pub trait Each {
    fn each<R: Request>(&mut self);
}

/// What travels as XML in S3's operations.
pub trait Bodies {
    fn request<T: Shape>(&mut self, operation: &'static str, root: &'static str);
    fn reply<T: Shape>(&mut self, operation: &'static str);
}

/// Reads a request body; gives it as JSON.
type ReadBody = Box<dyn Fn(&str) -> Result<String, AwsError>>;

#[derive(Default)]
struct S3 {
    requests: BTreeMap<&'static str, ReadBody>,
    replies: Vec<Value>,
}

impl Bodies for S3 {
    fn request<T: Shape>(&mut self, operation: &'static str, root: &'static str) {
        let read = move |body: &str| s3::decode_xml::<T>(&[root], body.as_bytes()).map(|v| JsonEncoder::text(&v));
        self.requests.insert(operation, Box::new(read));
    }

    fn reply<T: Shape>(&mut self, operation: &'static str) {
        let found = s3::Operation::ALL.iter().find(|o| o.name() == operation).expect("an operation that can be routed");
        let root = found.reply_root().unwrap_or("Body");
        for (what, items) in [("filled", 2), ("with one of each", 1)] {
            let value: T = sample::Sample::of(items);
            let expect: Value = serde_json::from_str(&JsonEncoder::text(&value)).unwrap();
            self.replies.push(s3_reply(operation, what, 200, s3::encode_xml(root, &value), ("expect", expect)));
        }
        let nothing = T::decode(&mut aws_protocol::JsonDecoder::new(&json!({}))).unwrap();
        self.replies.push(s3_reply(operation, "of nothing", 200, s3::encode_xml(root, &nothing), ("expect", json!({}))));
        let error = s3::errors::invalid_argument("it's <wrong> & \"so\"", "X", " é ");
        let seen = json!({"Code": error.code, "Message": error.message, "ArgumentName": "X", "ArgumentValue": " é ",
            "Resource": "/b/k"});
        let body = s3::error_xml(&error, "req-1", "host", "/b/k");
        self.replies.push(s3_reply(operation, "error", error.status, body, ("error", seen)));
    }
}

fn s3_reply(operation: &str, what: &str, status: u16, body: String, extra: (&str, Value)) -> Value {
    json!({"service": "s3", "operation": operation, "what": what, "status": status, "body": body, extra.0: extra.1})
}

/// What can be done with an operation without its types.
struct Case {
    operation: &'static Operation,
    /// Reads a request; gives it as JSON.
    read: fn(&str) -> Result<String, AwsError>,
    /// Replies with lists of so many items, and what they say as JSON.
    reply: fn(usize) -> (HttpReply, String),
    reply_of_nothing: fn() -> HttpReply,
}

#[derive(Default)]
struct Cases(BTreeMap<(&'static str, &'static str), Case>);

impl Each for Cases {
    fn each<R: Request>(&mut self) {
        let operation = R::operation();
        let case = Case { operation, read: read::<R>, reply: reply::<R>, reply_of_nothing: reply_of_nothing::<R> };
        assert!(self.0.insert((operation.service.name, operation.name), case).is_none());
    }
}

fn read<R: Request>(body: &str) -> Result<String, AwsError> {
    let request: R = if R::operation().service.target_prefix.is_empty() {
        let form = Form::parse(body.as_bytes())?;
        // The table must list what botocore can send, no more and no less.
        let mut sent: Vec<_> = form.parameters().into_iter().map(|(_, normal, _)| normal).collect();
        sent.sort();
        sent.dedup();
        assert_eq!(sent, R::operation().members, "{}", R::operation().name);
        aws_protocol::decode(&form)?
    } else {
        aws_protocol::decode_json(body.as_bytes())?
    };
    Ok(JsonEncoder::text(&request))
}

fn reply<R: Request>(items: usize) -> (HttpReply, String) {
    let reply: R::Reply = sample::Sample::of(items);
    (aws_protocol::encode::<R>("req-1", &reply), JsonEncoder::text(&reply))
}

fn reply_of_nothing<R: Request>() -> HttpReply {
    let nothing = <R::Reply as Shape>::decode(&mut aws_protocol::JsonDecoder::new(&json!({}))).unwrap();
    aws_protocol::encode::<R>("req-1", &nothing)
}

#[test]
fn botocore_agrees() {
    let mut cases = Cases::default();
    operations::every(&mut cases);
    assert_eq!(cases.0.len(), SERVICES.iter().map(|s| s.operations.len()).sum::<usize>());

    let mut s3 = S3::default();
    s3_bodies::every(&mut s3);

    let crate_dir = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut python = Command::new(python())
        .arg(crate_dir.join("tests/golden/golden.py"))
        .arg(crate_dir.join("models.txt"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 starts");
    let mut lines = BufReader::new(python.stdout.take().unwrap()).lines();
    let (mut wrong, mut requests, mut bodies, mut signed, mut uploads) = (Vec::new(), 0, 0, 0, 0);
    loop {
        let line = lines.next().expect("golden.py ended early: is the pinned botocore installed?").unwrap();
        let case: Value = serde_json::from_str(&line).unwrap();
        match case["kind"].as_str() {
            Some("request") => {
                requests += 1;
                wrong.extend(check_request(&cases, &case));
            }
            Some("body") => {
                bodies += 1;
                let name = case["operation"].as_str().unwrap();
                let Some(read) = s3.requests.get(name) else { panic!("{name} has a body that is not generated") };
                wrong.extend(compare(name, read(case["body"].as_str().unwrap()), &case["params"]));
            }
            Some("chunked") => uploads += uploads::check_chunked(&case),
            Some("post") => uploads += uploads::check_post(&case),
            Some("signed") => {
                signed += 1;
                wrong.extend(check_signed(&case));
            }
            _ => break,
        }
    }
    assert_eq!((requests, bodies, signed, uploads), (cases.0.len(), s3.requests.len(), 18, 5));

    let mut replies = replies(&cases);
    replies.append(&mut s3.replies);
    let mut stdin = python.stdin.take().unwrap();
    for reply in &replies {
        writeln!(stdin, "{reply}").unwrap();
    }
    drop(stdin);
    let verdicts: Vec<Value> = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    assert!(python.wait().unwrap().success());
    assert_eq!(verdicts.len(), replies.len());
    for (reply, verdict) in replies.iter().zip(&verdicts).filter(|(_, v)| !v.is_null()) {
        wrong.push(format!("reply {} {}: {verdict}", reply["operation"], reply["what"]));
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

fn python() -> PathBuf {
    let venv = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.venv/bin/python3");
    if venv.exists() { venv } else { "python3".into() }
}

fn check_request(cases: &Cases, case: &Value) -> Option<String> {
    let (service, name) = (case["service"].as_str().unwrap(), case["operation"].as_str().unwrap());
    let Some(known) = cases.0.get(&(service, name)) else { return Some(format!("{name} is not generated")) };
    let body = case["body"].as_str().unwrap();
    let prefix = known.operation.service.target_prefix;
    let found = if prefix.is_empty() {
        Form::parse(body.as_bytes()).unwrap().action.unwrap()
    } else {
        case["target"].as_str().unwrap().strip_prefix(&format!("{prefix}.")).unwrap().to_owned()
    };
    assert!(aws_protocol::find_operation(service, &found).is_some_and(|o| std::ptr::eq(o, known.operation)), "{name}");
    compare(name, (known.read)(body), &case["params"])
}

fn compare(name: &str, read: Result<String, AwsError>, sent: &Value) -> Option<String> {
    match read {
        Err(e) => Some(format!("request {name}: {e}")),
        Ok(json) => {
            let got: Value = serde_json::from_str(&json).unwrap();
            (got != *sent).then(|| format!("request {name}: {}", difference(&got, sent)))
        }
    }
}

/// The first member that was read otherwise than sent.
fn difference(got: &Value, sent: &Value) -> String {
    match (got, sent) {
        (Value::Object(g), Value::Object(s)) => {
            let at = s.keys().chain(g.keys()).find(|k| g.get(*k) != s.get(*k)).map_or("", |k| k);
            format!("{at} {}", difference(&got[at], &sent[at]))
        }
        (Value::Array(g), Value::Array(s)) if g.len() == s.len() => {
            let at = (0..g.len()).find(|i| g[*i] != s[*i]).unwrap_or(0);
            format!("{at} {}", difference(&got[at], &sent[at]))
        }
        _ => format!("read {got}, sent {sent}"),
    }
}

fn replies(cases: &Cases) -> Vec<Value> {
    let mut out = Vec::new();
    for case in cases.0.values() {
        let line = |what: &str, reply: &HttpReply, extra: (&str, Value)| {
            let headers: BTreeMap<_, _> = reply.headers.iter().cloned().collect();
            json!({
                "service": case.operation.service.name, "operation": case.operation.name, "what": what,
                "status": reply.status, "headers": headers, "body": reply.body, extra.0: extra.1,
            })
        };
        for (what, items) in [("filled", 2), ("with empty lists", 0)] {
            let (reply, json) = (case.reply)(items);
            out.push(line(what, &reply, ("expect", serde_json::from_str(&json).unwrap())));
        }
        out.push(line("of nothing", &(case.reply_of_nothing)(), ("expect", json!({}))));
        for error in [AwsError::new("Some.Code", "it's <wrong> & \"so\""), AwsError::internal("later")] {
            let reply = aws_protocol::error_reply(case.operation.service.name, "req-1", &error);
            let mut seen = json!({"Code": error.code, "Message": error.message});
            if case.operation.service.protocol == aws_protocol::Protocol::Query {
                seen["Type"] = json!(if error.status < 500 { "Sender" } else { "Receiver" });
            }
            out.push(line("error", &reply, ("error", seen)));
        }
    }
    out
}

/// A request signed by botocore.
#[derive(Clone)]
struct Signed {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Signed {
    fn verify(&self, now: TimestampMs, secret: &str) -> Result<Verified, AuthError> {
        let headers: Vec<_> = self.headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let r = HttpRequest { method: &self.method, path: &self.path, query: &self.query, headers: &headers };
        Claim::parse(&r)?
            .verify(&r, BodyHash::of(self.body.as_bytes()), now, |key| (key == "AKIDEXAMPLE").then(|| secret.to_owned()))
    }
}

fn check_signed(case: &Value) -> Vec<String> {
    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    let text = |key: &str| case[key].as_str().unwrap_or_default().to_owned();
    let good = Signed {
        method: text("method"),
        path: text("path"),
        query: text("query"),
        headers: serde_json::from_value(case["headers"].clone()).unwrap(),
        body: text("body"),
    };
    let now = TimestampMs(case["now_ms"].as_u64().unwrap());
    let (name, service) = (text("name"), text("service"));
    let mut wrong = Vec::new();
    if service == "s3" {
        let headers: Vec<_> = good.headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let r = HttpRequest { method: &good.method, path: &good.path, query: &good.query, headers: &headers };
        let head = Claim::parse(&r).unwrap().verify_head(&r, "eu-central-1", now, |_| Some(SECRET.into()));
        let presigned = name.contains("presigned");
        let hash = BodyHash::of(good.body.as_bytes()).0;
        let wanted = if presigned { PayloadKind::Unsigned } else { PayloadKind::Sha256(hash) };
        assert_eq!(head.map(|h| (h.payload, h.signer.presigned)), Ok((wanted, presigned)), "{name}");
    }
    match good.verify(now, SECRET) {
        Err(e) => wrong.push(format!("signed {name}: {e}")),
        Ok(v) => {
            assert_eq!(
                (v.access_key.as_str(), v.region.as_str(), &v.service),
                ("AKIDEXAMPLE", "eu-central-1", &service),
                "{name}"
            );
            assert_eq!(v.session_token.as_deref(), case["token"].as_str(), "{name}");
            assert_eq!(v.presigned, name.contains("presigned"), "{name}");
        }
    }

    let mut changed: Vec<(String, Signed)> = Vec::new();
    let mut change = |what: &str, with: &dyn Fn(&mut Signed)| {
        let mut other = good.clone();
        with(&mut other);
        changed.push((what.to_owned(), other));
    };
    change("method", &|s| s.method = "DELETE".into());
    change("path", &|s| s.path.push('x'));
    change("a parameter more", &|s| s.query.push_str("&z=1"));
    if !(service == "s3" && name.contains("presigned")) {
        change("body", &|s| s.body.push('x'));
    }
    for i in 0..good.query.split('&').filter(|p| !p.is_empty()).count() {
        change(&format!("query parameter {i}"), &|s| {
            let mut params: Vec<String> = s.query.split('&').map(str::to_owned).collect();
            params[i].push('1');
            s.query = params.join("&");
        });
    }
    for (i, (header, _)) in good.headers.iter().enumerate() {
        // Not signed: hop-by-hop, or known to be changed on the way.
        if !["content-length", "user-agent", "expect"].contains(&header.to_ascii_lowercase().as_str()) {
            change(header, &|s| s.headers[i].1.push('1'));
        }
    }
    for (what, other) in &changed {
        if other.verify(now, SECRET).is_ok() {
            wrong.push(format!("signed {name}: a changed {what} is not noticed"));
        }
    }
    if good.verify(now, "another secret").is_ok() {
        wrong.push(format!("signed {name}: any secret will do"));
    }
    wrong
}
