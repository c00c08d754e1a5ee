//! One account, or nobody in particular, asks for everything there is: the others are served.

use super::*;
use wire::identity::IdentityPush;
use wire::quota::{PushQuotas, QuotaSnapshot};

/// SHA-256 of no bytes.
const NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const OTHER: &str = "AKIAEXAMPLEEXAMPLE01";

/// The user of [`KEY`], and one of another account.
fn two_accounts() -> IdentityPush {
    let rows = [("123456789012", KEY, KEY, SECRET, ""), ("999900001111", OTHER, OTHER, SECRET, "")];
    crate::identity::testing::push(6, &rows)
}

fn described(key: &str) -> Vec<u8> {
    Call { key, ..call("Action=DescribeVpcs") }.bytes()
}

async fn until(mut done: impl AsyncFnMut() -> bool) {
    let limit = Instant::now() + Duration::from_secs(20);
    while !done().await {
        assert!(Instant::now() < limit);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[test]
fn an_account_that_fills_its_places_keeps_no_other_out() {
    with_gateway(Some(ok), |w| async move {
        w.control.call::<PushIdentity>(&two_accounts(), Duration::from_secs(5)).await.unwrap();
        let w = Rc::new(w);
        let hanging: Vec<_> = (0..90)
            .map(|_| {
                let w = w.clone();
                tokio::task::spawn_local(async move { w.raw(&call("Action=DescribeVpcs&Hang=1").bytes()).await })
            })
            .collect();
        // Half of all places; the others wait in the account's queue, then are told to slow down.
        until(async || w.heard() == 64).await;
        assert_eq!(w.status().await.load.calls, 64);
        assert!(w.raw(&described(OTHER)).await.starts_with("HTTP/1.1 200"));
        let (mut limited, mut unanswered) = (0, 0);
        for task in hanging {
            let reply = task.await.unwrap();
            if reply.contains("<Code>RequestLimitExceeded</Code>") {
                assert!(reply.starts_with("HTTP/1.1 503") && reply.contains("x-amzn-requestid"), "{reply}");
                limited += 1;
            } else {
                assert!(reply.contains("<Code>Unavailable</Code>"), "{reply}");
                unanswered += 1;
            }
        }
        assert_eq!((limited, unanswered), (26, 64));
        assert!(w.raw(&described(KEY)).await.starts_with("HTTP/1.1 200"));
        let status = w.status().await;
        let of = |account: &str| status.accounts[account]["ec2/read"];
        assert_eq!((of("123456789012").admitted, of("123456789012").crowded, of("999900001111").crowded), (65, 26, 0));
        assert_eq!((status.refused["overload"], status.load.calls, status.load.calls_waiting), (26, 0, 0));
    });
}

#[test]
fn requests_that_are_never_finished_keep_nobody_out() {
    with_gateway(Some(ok), |w| async move {
        // Whole heads with a key that there is not, and bodies that do not come.
        let mut heads = Vec::new();
        for _ in 0..200 {
            let whole = Call { key: "AKIANOBODY", ..call("Action=DescribeVpcs") }.bytes();
            let mut stream = TcpStream::connect((HOST, w.port)).await.unwrap();
            stream.write_all(&whole[..whole.len() - 1]).await.unwrap();
            heads.push(stream);
        }
        // A quarter of what is free, and not one more.
        until(async || w.status().await.refused.get("overload") == Some(&97)).await;
        assert_eq!(w.status().await.load.bodies, 103);
        assert!(w.raw(&described(KEY)).await.starts_with("HTTP/1.1 200"));
        drop(heads);
        until(async || w.status().await.load.bodies == 0).await;
    });
}

#[test]
fn connections_of_one_who_has_them_all_are_taken_for_a_newcomer() {
    with_gateway(Some(ok), |w| async move {
        let mut silent = Vec::new();
        for _ in 0..crate::limits::Seats::MAX {
            silent.push(TcpStream::connect((HOST, w.port)).await.unwrap());
        }
        until(async || w.status().await.load.connections == crate::limits::Seats::MAX as u64).await;
        assert!(w.raw(&described(KEY)).await.starts_with("HTTP/1.1 200"));
        // The oldest one is closed.
        let mut rest = Vec::new();
        assert_eq!(silent[0].read_to_end(&mut rest).await.unwrap(), 0);
        assert_eq!(w.status().await.load.connections_evicted, 1);
    });
}

#[test]
fn each_service_says_no_in_the_words_that_its_clients_take_for_slow_down() {
    let told = |limits: &str| {
        let mut settings = settings();
        settings.limits = serde_json::from_str(limits).unwrap();
        settings
    };
    let rates =
        ["ec2:DescribeVpcs", "iam:read", "sts", "ssm:read", "kms:DescribeKey", "servicequotas:read", "kms:rsa", "s3:read"];
    let one: serde_json::Map<_, _> =
        rates.iter().map(|r| ((*r).to_owned(), serde_json::json!({"per_second": 0, "burst": 1}))).collect();
    let settings = told(&serde_json::json!({"rates": one}).to_string());
    with_gateway_of(settings, Some(ok), |w| async move {
        let json = |target: &'static str, service: &'static str, body: &'static str| {
            let headers = vec![("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target)];
            Call { service, headers, ..call(body) }.bytes()
        };
        let form = |service: &'static str, action: &'static str| Call { service, ..call(action) }.bytes();
        for (request, status, code) in [
            (form("ec2", "Action=DescribeVpcs"), 503, "<Code>RequestLimitExceeded</Code>"),
            (form("iam", "Action=ListUsers"), 400, "<Code>Throttling</Code>"),
            (form("sts", "Action=GetCallerIdentity"), 400, "<Code>Throttling</Code>"),
            (json("AmazonSSM.GetParameter", "ssm", "{}"), 400, "\"ThrottlingException\""),
            (json("TrentService.DescribeKey", "kms", "{}"), 400, "exceeded the rate at which you may call KMS"),
            (json("ServiceQuotasV20190624.ListServices", "servicequotas", "{}"), 400, "\"TooManyRequestsException\""),
            (json("TrentService.Sign", "kms", r#"{"SigningAlgorithm":"RSASSA_PSS_SHA_256"}"#), 400, "\"ThrottlingException\""),
        ] {
            let first = w.raw(&request).await;
            assert!(!first.contains(code), "{first}");
            let reply = w.raw(&request).await;
            assert!(reply.starts_with(&format!("HTTP/1.1 {status}")) && reply.contains(code), "{reply}");
            assert!(reply.contains("x-amzn-requestid"), "{reply}");
        }
        let object = || {
            let headers = [("host", HOST), ("x-amz-content-sha256", NOTHING)];
            let http = HttpRequest { method: "GET", path: "/", query: "", headers: &headers };
            let who = Credentials { access_key: KEY.into(), secret_key: SECRET.into(), session_token: None };
            let added = sign(&http, BodyHash::of(b""), &who, "us-east-1", "s3", now());
            let mut out = String::from("GET / HTTP/1.1\r\nconnection: close\r\n");
            for (name, value) in headers.iter().copied().chain(added.iter().map(|(n, v)| (*n, v.as_str()))) {
                out.push_str(&format!("{name}: {value}\r\n"));
            }
            format!("{out}\r\n").into_bytes()
        };
        let first = w.raw(&object()).await;
        assert!(!first.contains("SlowDown"), "{first}");
        let reply = w.raw(&object()).await;
        assert!(reply.starts_with("HTTP/1.1 503") && reply.contains("<Code>SlowDown</Code>"), "{reply}");
        assert!(reply.contains("x-amz-request-id") && reply.contains("retry-after"), "{reply}");
        let status = w.status().await;
        assert_eq!((status.refused["throttled"], status.refused["s3/SlowDown"]), (7, 1));
        let classes = &status.accounts["123456789012"];
        for class in ["ec2/read", "iam/read", "sts/read", "ssm/read", "kms/read", "servicequotas/read", "s3/read"] {
            assert!(classes[class].throttled >= 1, "{class}: {classes:?}");
        }
    });
}

#[test]
fn a_pushed_quota_is_in_force_and_outlives_the_process() {
    with_gateway(Some(ok), |w| async move {
        let mut push = QuotaSnapshot { format: wire::FORMAT, generation: types::Generation(3), ..Default::default() };
        push.accounts.entry("123456789012".parse().unwrap()).or_default().insert("kms/L-6E3AF000".into(), 1);
        w.control.call::<PushQuotas>(&push, Duration::from_secs(5)).await.unwrap();
        let random = || {
            let headers = vec![("content-type", "application/x-amz-json-1.1"), ("x-amz-target", "TrentService.GenerateRandom")];
            Call { service: "kms", headers, ..call(r#"{"NumberOfBytes":1}"#) }.bytes()
        };
        let mut throttled = 0;
        // One a second, and more than one is asked for in a second.
        until(async || {
            throttled += usize::from(w.raw(&random()).await.contains("ThrottlingException"));
            throttled > 0
        })
        .await;
    });
}

#[test]
fn refusals_of_who_has_shown_nothing_slow_down() {
    with_gateway(Some(ok), |w| async move {
        let w = Rc::new(w);
        until(async || {
            let flood: Vec<_> = (0..300)
                .map(|_| {
                    let w = w.clone();
                    tokio::task::spawn_local(async move { w.raw(&get("Action=DescribeVpcs")).await })
                })
                .collect();
            for task in flood {
                let reply = task.await.unwrap();
                assert!(reply.starts_with("HTTP/1.1 403") && reply.contains("x-amzn-requestid"), "{reply}");
            }
            w.status().await.load.refusals_late > 0
        })
        .await;
        assert!(w.raw(&described(KEY)).await.starts_with("HTTP/1.1 200"));
    });
}
