//! Temporary credentials: proven by what they carry and what was pushed, refused in each family's own words.

use super::*;
use crate::identity::testing::{push, sealed};
use crate::identity::{Identities, Moment};
use iam::token::{GRACE_MS, Sealed, TokenKeys};
use std::sync::Arc;
use wire::identity::{Entity, EntityKind, Principal, PrincipalKind, Session, SessionKey};

const ROLE: &str = "AROAEXAMPLEEXAMPLE234";
const HOUR_MS: u64 = 3_600_000;

fn session_key(id: u32) -> SessionKey {
    SessionKey { id, key: format!("{id:02x}").repeat(32), created: TimestampMs(0), ..SessionKey::default() }
}

/// The user of KEY and, where wanted, the role.
fn with_role(generation: u64, role: bool) -> IdentityPush {
    let mut parts = push(1, &[("123456789012", KEY, KEY, SECRET, "")]).parts;
    let entity = Entity {
        id: ROLE.into(),
        arn: "arn:aws:iam::123456789012:role/app".into(),
        name: "app".into(),
        kind: EntityKind::Role,
        tags: Default::default(),
        policies: Vec::new(),
        boundary: None,
        keys: Vec::new(),
        devices: Vec::new(),
    };
    parts[0].entities.extend(role.then_some(entity));
    sealed(generation, vec![session_key(1)], parts)
}

fn session(issued: u64, expires: u64) -> Session {
    Session { issued: TimestampMs(issued), expires: TimestampMs(expires), ..Session::default() }
}

fn principal(session: Session) -> Principal {
    Principal {
        account: "123456789012".parse().unwrap(),
        arn: "arn:aws:sts::123456789012:assumed-role/app/s".into(),
        user_id: format!("{ROLE}:s"),
        kind: PrincipalKind::RoleSession { role_arn: "arn:aws:iam::123456789012:role/app".into(), session_name: "s".into() },
        session: Some(Arc::new(session)),
    }
}

fn credentials(session: Session, n: u128) -> Sealed {
    TokenKeys::new(&[session_key(1)]).seal(&principal(session), [n, n]).unwrap()
}

/// A request to a service, signed with any key, secret and token.
fn signed(service: &str, key: &str, secret: &str, token: Option<&str>) -> Vec<u8> {
    let (method, path, kind, target, body) = match service {
        "s3" => ("GET", "/bucket/key", None, None, ""),
        "ssm" => ("POST", "/", Some("application/x-amz-json-1.1"), Some("AmazonSSM.GetParameter"), "{}"),
        _ => ("POST", "/", Some("application/x-www-form-urlencoded"), None, "Action=Describe"),
    };
    let mut headers = vec![("host", HOST)];
    headers.extend(kind.map(|k| ("content-type", k)));
    headers.extend(target.map(|t| ("x-amz-target", t)));
    let http = HttpRequest { method, path, query: "", headers: &headers };
    let who = Credentials { access_key: key.into(), secret_key: secret.into(), session_token: token.map(str::to_owned) };
    let added = sign(&http, BodyHash::of(body.as_bytes()), &who, "us-east-1", service, now());
    let mut out = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers.iter().copied().chain(added.iter().map(|(n, v)| (*n, v.as_str()))) {
        out.push_str(&format!("{name}: {value}\r\n"));
    }
    format!("{out}\r\n{body}").into_bytes()
}

fn flipped(text: &str, at: usize) -> String {
    let mut bytes = text.as_bytes().to_vec();
    bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
    String::from_utf8(bytes).unwrap()
}

async fn push_role(w: &World, generation: u64, role: bool) {
    w.control.call::<PushIdentity>(&with_role(generation, role), Duration::from_secs(5)).await.unwrap();
}

#[test]
fn each_refusal_is_in_the_words_of_its_service() {
    with_gateway(Some(ok), |w| async move {
        push_role(&w, 9, true).await;
        let t = now().0;
        let good = credentials(session(t, t + HOUR_MS), 1);
        let other = credentials(session(t, t + HOUR_MS), 2);
        let past = credentials(session(t - HOUR_MS, t - 1000), 3);
        // Further ahead than clocks may be apart.
        let early = credentials(session(t + HOUR_MS, t + 2 * HOUR_MS), 4);
        let invalid = (
            "401",
            "<Code>AuthFailure<",
            "403",
            "<Code>InvalidClientTokenId<",
            "UnrecognizedClientException",
            "<Code>InvalidToken<",
        );
        let no_token = (
            "401",
            "<Code>AuthFailure<",
            "403",
            "<Code>InvalidClientTokenId<",
            "UnrecognizedClientException",
            "<Code>InvalidAccessKeyId<",
        );
        let expired =
            ("400", "<Code>RequestExpired<", "403", "<Code>ExpiredToken<", "ExpiredTokenException", "<Code>ExpiredToken<");
        let mismatch = (
            "401",
            "<Code>AuthFailure<",
            "403",
            "<Code>SignatureDoesNotMatch<",
            "InvalidSignatureException",
            "<Code>SignatureDoesNotMatch<",
        );
        let (key, secret, token) = (good.access_key.as_str(), good.secret_key.as_str(), good.token.as_str());
        let middle = flipped(token, token.len() / 2);
        let rows = [
            ("a changed token", key, secret, Some(middle.as_str()), invalid),
            ("another's token", key, secret, Some(other.token.as_str()), invalid),
            ("no token", key, secret, None, no_token),
            ("a long-lived key with a token", KEY, SECRET, Some(token), invalid),
            ("the long-lived secret", key, SECRET, Some(token), mismatch),
            ("expired", &past.access_key, &past.secret_key, Some(past.token.as_str()), expired),
            ("expired, and another secret", &past.access_key, SECRET, Some(past.token.as_str()), mismatch),
            ("not yet valid", &early.access_key, &early.secret_key, Some(early.token.as_str()), invalid),
        ];
        for (what, key, secret, token, (ec2_status, ec2, sts_status, sts, ssm, s3)) in rows {
            for (service, status, code) in
                [("ec2", ec2_status, ec2), ("sts", sts_status, sts), ("ssm", "400", ssm), ("s3", "", s3)]
            {
                let reply = w.raw(&signed(service, key, secret, token)).await;
                assert!(reply.contains(code), "{what}, {service}: {reply}");
                assert!(reply.starts_with(&format!("HTTP/1.1 {status}")), "{what}, {service}: {reply}");
            }
        }
        assert_eq!(w.heard(), 0);
        for (n, service) in ["ec2", "sts", "ssm"].into_iter().enumerate() {
            let reply = w.raw(&signed(service, key, secret, Some(token))).await;
            assert!(reply.starts_with("HTTP/1.1 200"), "{service}: {reply}");
            let heard = w.heard.borrow()[n].principal.clone();
            assert_eq!(
                (heard.arn.as_str(), heard.user_id),
                ("arn:aws:sts::123456789012:assumed-role/app/s", format!("{ROLE}:s"))
            );
        }
        // Whoever is let in to S3 is told of the object, not of the credentials.
        let reply = w.raw(&signed("s3", key, secret, Some(token))).await;
        assert!(!reply.contains("Token") && !reply.contains("AccessKey"), "{reply}");
    });
}

#[test]
fn every_changed_character_of_a_token_is_refused() {
    with_gateway(Some(ok), |w| async move {
        push_role(&w, 9, true).await;
        let t = now().0;
        let good = credentials(session(t, t + HOUR_MS), 1);
        for at in 0..good.token.len() {
            let reply = w.raw(&signed("sts", &good.access_key, &good.secret_key, Some(&flipped(&good.token, at)))).await;
            assert!(reply.contains("<Code>InvalidClientTokenId<"), "{at}: {reply}");
        }
        assert_eq!(w.heard(), 0);
    });
}

#[test]
fn a_presigned_url_carries_its_token() {
    with_gateway(Some(ok), |w| async move {
        push_role(&w, 9, true).await;
        let t = now().0;
        let good = credentials(session(t, t + HOUR_MS), 1);
        let headers = [("host", HOST)];
        let http = HttpRequest { method: "GET", path: "/", query: "Action=DescribeVpcs", headers: &headers };
        let token = Some(good.token.clone());
        let who = Credentials { access_key: good.access_key.clone(), secret_key: good.secret_key.clone(), session_token: token };
        let query = presign(&http, &who, "us-east-1", "ec2", now(), 60);
        assert!(w.raw(&get(&query)).await.starts_with("HTTP/1.1 200"));
        let other = credentials(session(t, t + HOUR_MS), 2);
        let escape = |t: &str| t.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        let changed = query.replace(&escape(&good.token), &escape(&other.token));
        assert_ne!(changed, query);
        assert!(w.raw(&get(&changed)).await.starts_with("HTTP/1.1 401"));
        assert_eq!(w.heard(), 1);
    });
}

#[test]
fn a_deleted_role_takes_its_sessions_with_it_and_nobody_else_does() {
    // No control plane: whoever is let in hears that it is away.
    with_gateway(None, |w| async move {
        let t = now().0;
        let good = credentials(session(t, t + HOUR_MS), 1);
        let ask = || async { w.raw(&signed("sts", &good.access_key, &good.secret_key, Some(&good.token))).await };
        assert!(ask().await.contains("<Code>InvalidClientTokenId<"), "there is no key that opens it yet");
        push_role(&w, 9, true).await;
        assert!(ask().await.starts_with("HTTP/1.1 503"));
        push_role(&w, 10, false).await;
        assert!(ask().await.contains("<Code>InvalidClientTokenId<"));
        push_role(&w, 11, true).await;
        // What was pushed outlives the process.
        let at = Moment { wall: TimestampMs(t), monotonic_us: 0 };
        let again = Identities::open(&w.dir, None, 0).unwrap();
        let (secret, who) = again.find(&good.access_key, Some(&good.token), at).unwrap();
        assert_eq!((secret, who.unwrap()), (good.secret_key.clone(), principal(session(t, t + HOUR_MS))));
    });
}

#[test]
fn an_instance_has_a_quarter_of_an_hour_more_while_the_control_plane_is_out() {
    let temp = tempfile::tempdir().unwrap();
    let mut identities = Identities::open(&DataDir::new(temp.path()), None, 0).unwrap();
    identities.accept(with_role(9, true), 1_000_000).unwrap();
    let instance = Session { instance: Some("arn:aws:ec2:us-east-1:123456789012:instance/i-1".into()), ..session(0, HOUR_MS) };
    let (instance, plain) = (credentials(instance, 1), credentials(session(0, HOUR_MS), 2));
    let good = |identities: &Identities, c: &Sealed, ms: u64, monotonic_us: u64| {
        let at = Moment { wall: TimestampMs(ms), monotonic_us };
        identities.find(&c.access_key, Some(&c.token), at).unwrap().1.is_ok()
    };
    let (there, out) = (16_000_000, 16_000_001);
    for (name, c, ms, monotonic_us, wanted) in [
        ("in time", &instance, HOUR_MS - 1, there, true),
        ("over, and the control plane was heard 15 s ago", &instance, HOUR_MS, there, false),
        ("over, and it was not", &instance, HOUR_MS, out, true),
        ("the end of the grace", &instance, HOUR_MS + GRACE_MS, out, false),
        ("no instance's", &plain, HOUR_MS, out, false),
        ("no instance's, in time", &plain, HOUR_MS - 1, out, true),
    ] {
        assert_eq!(good(&identities, c, ms, monotonic_us), wanted, "{name}");
    }
    // Heard again, also with nothing new.
    identities.accept(with_role(9, true), out).unwrap();
    assert!(!good(&identities, &instance, HOUR_MS, out + 1));
}

#[test]
fn only_what_proves_itself_comes_unsigned() {
    with_gateway(Some(ok), |w| async move {
        let post = |body: &str| {
            let kind = "application/x-www-form-urlencoded";
            format!("POST / HTTP/1.1\r\nhost: {HOST}\r\nconnection: close\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
                .into_bytes()
        };
        for body in ["Action=AssumeRole&Version=2011-06-15", "Action=GetCallerIdentity", "", "Action=RunInstances"] {
            let reply = w.raw(&post(body)).await;
            assert!(reply.contains("<Code>MissingAuthenticationToken<"), "{body}: {reply}");
        }
        assert_eq!(w.heard(), 0);
        let reply = w.raw(&post("Action=AssumeRoleWithWebIdentity&Version=2011-06-15&WebIdentityToken=x")).await;
        assert!(reply.starts_with("HTTP/1.1 200"), "{reply}");
        let heard = w.heard.borrow()[0].clone();
        assert_eq!(
            (heard.principal.kind, heard.service.as_str(), heard.access_key.as_str()),
            (PrincipalKind::Anonymous, "sts", "")
        );
        // As long as an assertion may be, with a third of it escaped.
        let longest = "%2B".repeat(100_000);
        let reply = w.raw(&post(&format!("Action=AssumeRoleWithSAML&Version=2011-06-15&SAMLAssertion={longest}"))).await;
        assert!(reply.starts_with("HTTP/1.1 200") && w.heard() == 2, "{reply}");
    });
}
