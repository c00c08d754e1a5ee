//! What the worker does behind the front's back: lifecycle, restorations, events, replication, logs, inventories. Days are
//! a second or two long; whatever takes time is waited for by its effect.

use crate::world::*;
use std::cell::RefCell;
use std::future::Future;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const PATIENCE: Duration = Duration::from_secs(40);
const BIG: usize = 200 << 10;

/// A world with a worker in it, and days of so many seconds.
fn with_worker<F: Future<Output = ()>>(day_seconds: u32, test: impl FnOnce(World) -> F) {
    let s3 = serde_json::json!({"lifecycle_day_seconds": day_seconds, "restore_seconds": 1});
    with_settings(s3, |w| {
        tokio::task::spawn_local(gateway::worker::run(w.dir.clone()));
        test(w)
    });
}

/// Asks until the reply is as it should be.
async fn until(w: &World, what: &str, request: Req, wanted: impl Fn(&Res) -> bool) -> Res {
    let limit = Instant::now() + PATIENCE;
    loop {
        let reply = w.ask(request.clone()).await;
        if wanted(&reply) {
            return reply;
        }
        assert!(Instant::now() < limit, "{what}: {} {:?} {}", reply.status, reply.headers, reply.text());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn until_true(what: &str, mut holds: impl FnMut() -> bool) {
    let limit = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < limit, "{what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn versioned(w: &World, bucket: &str) {
    w.done(put(format!("/{bucket}"), "")).await;
    let on = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    w.done(put(format!("/{bucket}?versioning"), on)).await;
}

async fn lifecycle(w: &World, bucket: &str, rules: &[&str]) {
    let rule = |(n, r): (usize, &&str)| format!("<Rule><ID>r {n}</ID><Status>Enabled</Status>{r}</Rule>");
    let rules: String = rules.iter().enumerate().map(rule).collect();
    let body = format!("<LifecycleConfiguration>{rules}</LifecycleConfiguration>");
    w.done(put(format!("/{bucket}?lifecycle"), body).md5()).await;
}

#[test]
fn objects_expire_and_uploads_are_aborted() {
    with_worker(2, |w| async move {
        w.done(put("/bkt", "")).await;
        let days = "<Filter><Prefix>tmp/</Prefix></Filter><Expiration><Days>1</Days></Expiration>";
        let abort = "<Filter/><AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload>";
        lifecycle(&w, "bkt", &[days, abort]).await;
        let made = w.done(put("/bkt/tmp/a", "x")).await;
        let expires = made.header("x-amz-expiration").to_owned();
        assert!(expires.starts_with("expiry-date=\"") && expires.ends_with("GMT\", rule-id=\"r+0\""), "{expires}");
        assert!(w.done(head("/bkt/tmp/a")).await.header("x-amz-expiration").ends_with("rule-id=\"r+0\""));
        w.done(put("/bkt/keep", "x")).await;
        let upload = w.done(post("/bkt/up?uploads", "")).await;
        assert_eq!(upload.header("x-amz-abort-rule-id"), "r+1");
        assert!(upload.header("x-amz-abort-date").ends_with("GMT"));
        until(&w, "tmp/a goes", head("/bkt/tmp/a"), |r| r.status == 404).await;
        until(&w, "the upload goes", get("/bkt?uploads"), |r| r.tags("UploadId").is_empty()).await;
        let kept = w.done(head("/bkt/keep")).await;
        assert_eq!(kept.header("x-amz-expiration"), "");
    });
}

#[test]
fn versions_expire_and_locked_ones_stay() {
    with_worker(1, |w| async move {
        w.done(put("/bkt", "").with("x-amz-bucket-object-lock-enabled", "true")).await;
        for (key, hold) in [("a", false), ("a", false), ("held", true)] {
            let mut request = put(format!("/bkt/{key}"), "v");
            if hold {
                request = request.with("x-amz-object-lock-legal-hold", "ON");
            }
            w.done(request.md5()).await;
        }
        let current = "<Filter/><Expiration><Days>1</Days></Expiration>";
        let older = "<Filter/><NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays></NoncurrentVersionExpiration>";
        lifecycle(&w, "bkt", &[current, older]).await;
        // `a`: marker over two versions, then the versions go, then the marker alone goes. `held` stays under a marker.
        let left = until(&w, "only what is held is left", get("/bkt?versions"), |r| {
            r.tags("Key") == ["held", "held"] && r.text().contains("<DeleteMarker>")
        });
        let left = left.await;
        assert_eq!((left.text().matches("<Version>").count(), left.text().matches("<DeleteMarker>").count()), (1, 1));
    });
}

#[test]
fn objects_get_cold_and_are_restored() {
    with_worker(3, |w| async move {
        w.done(put("/bkt", "")).await;
        let body: Vec<u8> = (0..BIG).map(|n| (n % 251) as u8).collect();
        for key in ["whole", "small"] {
            w.done(put(format!("/bkt/{key}"), if key == "small" { b"s".to_vec() } else { body.clone() })).await;
        }
        let id = start_upload(&w, "/bkt/parts", &[]).await;
        let part = w.done(put(format!("/bkt/parts?partNumber=1&uploadId={id}"), body.clone())).await;
        let xml = complete_xml(&[(1, part.header("etag"))]);
        w.done(post(format!("/bkt/parts?uploadId={id}"), xml)).await;
        let cold = "<Filter/><Transition><Days>0</Days><StorageClass>GLACIER</StorageClass></Transition>";
        lifecycle(&w, "bkt", &[cold]).await;
        let restore = |days| post("/bkt/whole?restore", format!("<RestoreRequest><Days>{days}</Days></RestoreRequest>")).md5();
        for key in ["whole", "parts"] {
            let path = format!("/bkt/{key}");
            until(&w, "it gets cold", head(&path), |r| r.header("x-amz-storage-class") == "GLACIER").await;
            let refused = w.ask(get(&path)).await;
            assert_eq!((refused.status, refused.code().as_str()), (403, "InvalidObjectState"));
        }
        assert_eq!(w.done(head("/bkt/small")).await.header("x-amz-storage-class"), "");
        w.table(vec![
            (
                "a warm one",
                post("/bkt/small?restore", "<RestoreRequest><Days>1</Days></RestoreRequest>").md5(),
                403,
                "InvalidObjectState",
            ),
            ("no days", post("/bkt/whole?restore", "<RestoreRequest/>").md5(), 400, "MalformedXML"),
            ("none", post("/bkt/none?restore", "<RestoreRequest><Days>1</Days></RestoreRequest>").md5(), 404, "NoSuchKey"),
            ("of another", restore(5).by(Who::Alt), 403, "AccessDenied"),
            ("first", restore(5), 202, ""),
            ("second", restore(5), 409, "RestoreAlreadyInProgress"),
        ])
        .await;
        assert_eq!(w.done(head("/bkt/whole")).await.header("x-amz-restore"), "ongoing-request=\"true\"");
        let ready = until(&w, "it is restored", head("/bkt/whole"), |r| r.header("x-amz-restore").contains("false")).await;
        assert!(ready.header("x-amz-restore").starts_with("ongoing-request=\"false\", expiry-date=\""));
        assert!(w.done(get("/bkt/whole")).await.body == body);
        assert_eq!(w.ask(restore(6)).await.status, 200);
        let parts = post("/bkt/parts?restore", "<RestoreRequest><Days>4</Days></RestoreRequest>").md5();
        w.done(parts).await;
        let back = until(&w, "parts are restored", get("/bkt/parts"), |r| r.status == 200).await;
        assert!(back.body == body && back.header("etag") == format!("{}-1\"", &md5_of_md5(&body)));
        until(&w, "the time is over", get("/bkt/whole"), |r| r.status == 403).await;
    });
}

/// The ETag of an upload of one part, without its end.
fn md5_of_md5(body: &[u8]) -> String {
    use aws_protocol::s3::checksum::{Algorithm, Checksum};
    let one = Checksum::of(Algorithm::Md5, body);
    format!("\"{}", Checksum::of(Algorithm::Md5, one.bytes()).to_hex())
}

/// A webhook: keeps what it hears. `status`: what it answers.
async fn webhook(status: u16) -> (u16, Rc<RefCell<Vec<serde_json::Value>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let heard = Rc::new(RefCell::new(Vec::new()));
    let keep = heard.clone();
    tokio::task::spawn_local(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut raw = Vec::new();
            let body = loop {
                let mut piece = [0; 4096];
                let n = stream.read(&mut piece).await.unwrap_or(0);
                raw.extend_from_slice(&piece[..n]);
                let text = String::from_utf8_lossy(&raw).into_owned();
                if let Some((_, body)) = text.split_once("\r\n\r\n")
                    && let Ok(json) = serde_json::from_str::<serde_json::Value>(body)
                {
                    break Some(json);
                }
                if n == 0 {
                    break None;
                }
            };
            keep.borrow_mut().extend(body);
            let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    (port, heard)
}

fn names(events: &[serde_json::Value]) -> Vec<String> {
    let text = |v: &serde_json::Value| v.as_str().unwrap_or("").to_owned();
    let name = |e: &serde_json::Value| match e.pointer("/Records/0") {
        Some(r) => format!("{} {}", text(&r["eventName"]), text(&r["s3"]["object"]["key"])),
        None => text(&e["Event"]),
    };
    events.iter().map(name).collect()
}

#[test]
fn events_go_to_webhooks_and_queues() {
    with_worker(86_400, |w| async move {
        let (port, heard) = webhook(200).await;
        let (broken, _) = webhook(500).await;
        for (bucket, port) in [("good", port), ("bad", broken)] {
            versioned(&w, bucket).await;
            let all = "<Event>s3:ObjectCreated:*</Event><Event>s3:ObjectRemoved:*</Event><Event>s3:ObjectTagging:*</Event>";
            let filter = "<Filter><S3Key><FilterRule><Name>suffix</Name><Value>.txt</Value></FilterRule></S3Key></Filter>";
            let body = format!(
                "<NotificationConfiguration><TopicConfiguration><Id>hook</Id><Topic>arn:stratocell:webhook:::http://127.0.0.1:{port}/in?x=1</Topic>{all}{filter}</TopicConfiguration><QueueConfiguration><Queue>arn:aws:sqs:{REGION}:{MAIN_ACCOUNT}:jobs-{bucket}</Queue>{all}</QueueConfiguration></NotificationConfiguration>"
            );
            w.done(put(format!("/{bucket}?notification"), body)).await;
        }
        w.done(put("/bad/x.txt", "1")).await;
        w.done(put("/good/a%20b.txt", "1")).await;
        w.done(put("/good/other", "1")).await;
        w.done(put("/good/a%20b.txt?tagging", "<Tagging><TagSet/></Tagging>").md5()).await;
        w.done(put("/good/copy.txt", "").with("x-amz-copy-source", "/good/other")).await;
        w.done(delete("/good/a%20b.txt")).await;
        let wanted = [
            "s3:TestEvent",
            "ObjectCreated:Put a+b.txt",
            "ObjectTagging:Put a+b.txt",
            "ObjectCreated:Copy copy.txt",
            "ObjectRemoved:DeleteMarkerCreated a+b.txt",
        ];
        // The broken webhook is still being tried meanwhile.
        until_true("all that was wanted is heard, in order", || names(&heard.borrow()) == wanted).await;
        let first = heard.borrow()[1]["Records"][0].clone();
        assert_eq!(
            (first["s3"]["configurationId"].as_str(), first["s3"]["bucket"]["name"].as_str()),
            (Some("hook"), Some("good"))
        );
        assert_eq!(first["awsRegion"], REGION);
        let queue = w.dir.queues().join(MAIN_ACCOUNT).join("jobs-good.jsonl");
        let queued = || -> Vec<serde_json::Value> {
            let text = std::fs::read_to_string(&queue).unwrap_or_default();
            text.lines().map(|l| serde_json::from_str(l).expect("a line is JSON")).collect()
        };
        until_true("the queue has them too, and the key without suffix", || {
            names(&queued()).iter().any(|n| n == "ObjectCreated:Put other") && queued().len() == 6
        })
        .await;
    });
}

#[test]
fn versions_are_replicated_and_replicas_are_not() {
    with_worker(86_400, |w| async move {
        for bucket in ["src", "dst", "plain"] {
            match bucket {
                "plain" => drop(w.done(put("/plain", "")).await),
                _ => versioned(&w, bucket).await,
            }
        }
        let replicate = |from: &'static str, rules: String| {
            let role = format!("arn:aws:iam::{MAIN_ACCOUNT}:role/copy");
            let body = format!("<ReplicationConfiguration><Role>{role}</Role>{rules}</ReplicationConfiguration>");
            put(format!("/{from}?replication"), body).md5()
        };
        let rule = |prefix: &str, to: &str, more: &str| {
            format!(
                "<Rule><ID>{prefix}{to}</ID><Priority>1</Priority><Status>Enabled</Status><Filter><Prefix>{prefix}</Prefix></Filter><DeleteMarkerReplication><Status>Enabled</Status></DeleteMarkerReplication><Destination><Bucket>arn:aws:s3:::{to}</Bucket>{more}</Destination></Rule>"
            )
        };
        let cold = "<StorageClass>STANDARD_IA</StorageClass>";
        w.done(replicate("src", rule("a/", "dst", cold) + &rule("b/", "plain", ""))).await;
        w.done(replicate("dst", rule("", "src", ""))).await;
        let body = vec![7; BIG];
        let tagged = put("/src/a/1", body.clone()).with("x-amz-tagging", "t=1").with("x-amz-meta-m", "v");
        let made = w.done(tagged).await;
        let second = w.done(put("/src/a/1", "second")).await;
        w.done(put("/src/b/1", "x")).await;
        w.done(put("/src/c/1", "x")).await;
        let ids = [made.header("x-amz-version-id").to_owned(), second.header("x-amz-version-id").to_owned()];
        for id in &ids {
            until(&w, "the source says so", head(format!("/src/a/1?versionId={id}")), |r| {
                r.header("x-amz-replication-status") == "COMPLETED"
            })
            .await;
        }
        let replica = w.done(get(format!("/dst/a/1?versionId={}", ids[0]))).await;
        assert!(replica.body == body);
        for (name, wanted) in [
            ("x-amz-replication-status", "REPLICA"),
            ("x-amz-storage-class", "STANDARD_IA"),
            ("x-amz-meta-m", "v"),
            ("x-amz-tagging-count", "1"),
            ("etag", made.header("etag")),
        ] {
            assert_eq!(replica.header(name), wanted, "{name}");
        }
        assert_eq!(w.done(get("/dst/a/1")).await.text(), "second");
        until(&w, "no versioning, no copy", head("/src/b/1"), |r| r.header("x-amz-replication-status") == "FAILED").await;
        assert_eq!(w.done(head("/src/c/1")).await.header("x-amz-replication-status"), "");
        // Tags follow; so does a marker.
        let tags = "<Tagging><TagSet><Tag><Key>u</Key><Value>2</Value></Tag></TagSet></Tagging>";
        w.done(put(format!("/src/a/1?tagging&versionId={}", ids[1]), tags).md5()).await;
        until(&w, "tags follow", get("/dst/a/1?tagging"), |r| r.tag("Key") == "u").await;
        w.done(delete("/src/a/1")).await;
        until(&w, "the marker follows", head("/dst/a/1"), |r| r.status == 404).await;
        // What is written at the other end comes back, once.
        w.done(put("/dst/d/1", "back")).await;
        until(&w, "the other way", get("/src/d/1"), |r| r.status == 200 && r.text() == "back").await;
        let all = w.done(get("/src?versions")).await;
        assert_eq!(all.tags("Key"), ["a/1", "a/1", "a/1", "b/1", "c/1", "d/1"]);
    });
}

#[test]
fn requests_are_logged() {
    with_worker(86_400, |w| async move {
        for bucket in ["src", "logs"] {
            w.done(put(format!("/{bucket}"), "")).await;
        }
        let status = "<BucketLoggingStatus><LoggingEnabled><TargetBucket>logs</TargetBucket><TargetPrefix>of-src/</TargetPrefix></LoggingEnabled></BucketLoggingStatus>";
        w.done(put("/src?logging", status)).await;
        w.done(put("/src/a%20b", "hello").with("user-agent", "tester \"x\"")).await;
        assert_eq!(w.ask(get("/src/none")).await.status, 404);
        w.ask(get("/src/a%20b").by(Who::Nobody)).await;
        let listed = until(&w, "a log is there", get("/logs?list-type=2"), |r| !r.tags("Key").is_empty()).await;
        let key = listed.tag("Key");
        assert!(key.starts_with("of-src/20") && key.len() == "of-src/2026-01-31-00-00-00-0123456789ABCDEF".len(), "{key}");
        let log = w.done(get(format!("/logs/{key}"))).await.text();
        let line = |of: &str| log.lines().find(|l| l.contains(of)).unwrap_or_default().to_owned();
        let written = line("REST.PUT.OBJECT");
        for part in [
            " src [",
            " +0000] 127.0.0.1 ",
            " a+b \"PUT /src/a%20b HTTP/1.1\" 200 - - 5 ",
            "\"tester _x_\"",
            " SigV4 - AuthHeader ",
        ] {
            assert!(written.contains(part), "{part} in {written}");
        }
        assert!(line("GET /src/none").contains(" 404 NoSuchKey "), "{log}");
        let stranger = log.lines().find(|l| l.contains(" 403 AccessDenied ")).unwrap_or_default();
        assert!(stranger.contains(" 127.0.0.1 - "), "{log}");
    });
}

#[test]
fn inventories_list_what_there_is() {
    with_worker(1, |w| async move {
        versioned(&w, "src").await;
        w.done(put("/inv", "")).await;
        for (key, body) in [("a", "1"), ("a", "22"), ("b%22c", "333")] {
            w.done(put(format!("/src/{key}"), body)).await;
        }
        let config = "<InventoryConfiguration><Destination><S3BucketDestination><Bucket>arn:aws:s3:::inv</Bucket><Format>CSV</Format><Prefix>p</Prefix></S3BucketDestination></Destination><IsEnabled>true</IsEnabled><Id>daily</Id><IncludedObjectVersions>All</IncludedObjectVersions><OptionalFields><Field>Size</Field><Field>ETag</Field></OptionalFields><Schedule><Frequency>Daily</Frequency></Schedule></InventoryConfiguration>";
        w.done(put("/src?inventory&id=daily", config)).await;
        let done = until(&w, "the checksum is there", get("/inv?list-type=2"), |r| r.text().contains("manifest.checksum")).await;
        let keys = done.tags("Key");
        let of = |end: &str| keys.iter().find(|k| k.ends_with(end)).unwrap_or_else(|| panic!("{end} in {keys:?}")).clone();
        let manifest = w.done(get(format!("/inv/{}", of("manifest.json")))).await;
        let json: serde_json::Value = serde_json::from_slice(&manifest.body).expect("a manifest");
        assert_eq!(json["fileSchema"], "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, ETag");
        let file = json["files"][0]["key"].as_str().expect("a file");
        assert!(file.starts_with("p/src/daily/data/") && file.ends_with(".csv.gz"));
        let data = w.done(get(format!("/inv/{file}"))).await;
        assert_eq!(json["files"][0]["size"], data.body.len());
        let text = String::from_utf8_lossy(&data.body).into_owned();
        for row in ["\"src\",\"a\",\"", "\"true\",\"false\",\"2\",\"", "\"false\",\"false\",\"1\",\"", "\"src\",\"b%22c\",\""] {
            assert!(text.contains(row), "{row} in {text}");
        }
    });
}
