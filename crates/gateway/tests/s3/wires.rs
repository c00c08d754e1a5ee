//! What happens below the operations: signatures, framings, presigned URLs, forms, heads without bodies.

use crate::world::{Req, Res, Who, World, get, head, put, with_world};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[test]
fn presigned_urls() {
    with_world(false, |w| async move {
        w.done(put("/signed", "")).await;
        w.done(put("/signed/k", "text")).await;
        w.table(vec![
            ("get", get("/signed/k").presigned(60), 200, ""),
            ("head", head("/signed/k").presigned(60), 200, ""),
            ("put", put("/signed/new", "body").presigned(604_800), 200, ""),
            ("a week and a second", get("/signed/k").presigned(604_801), 400, "AuthorizationQueryParametersError"),
            ("over at once", get("/signed/k").presigned(0), 403, "AccessDenied"),
            ("by a forger", get("/signed/k").presigned(60).by(Who::Forger), 403, "SignatureDoesNotMatch"),
            ("by a stranger", get("/signed/k").presigned(60).by(Who::Stranger), 403, "InvalidAccessKeyId"),
            ("an unsigned header", get("/signed/k").presigned(60).with("x-amz-expected-bucket-owner", "1"), 403, "AccessDenied"),
            ("two proofs", get("/signed/k").presigned(60).with("authorization", "AWS4-HMAC-SHA256 x"), 400, "InvalidArgument"),
            ("no proof", get("/signed/k").by(Who::Nobody).with("authorization", "Bearer x"), 400, "InvalidArgument"),
        ])
        .await;
        assert_eq!(w.done(get("/signed/new")).await.text(), "body");
        let host = get("/k").with("host", "signed.s3.localhost");
        assert_eq!(w.done(host.clone()).await.text(), "text");
        assert_eq!(w.done(host.presigned(60)).await.text(), "text");
    });
}

/// Sends bytes and reads until `until` is there or the connection ends.
async fn read_until(s: &mut TcpStream, until: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut buffer = [0; 4096];
    let read = async {
        while !out.windows(until.len()).any(|w| w == until) {
            match s.read(&mut buffer).await {
                Ok(n) if n > 0 => out.extend_from_slice(&buffer[..n]),
                _ => break,
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), read).await.expect("an answer");
    out
}

fn head_of(w: &World, request: &Req, more: &str) -> Vec<u8> {
    let whole = request.bytes(&format!("127.0.0.1:{}", w.port));
    let end = whole.windows(4).position(|w| w == b"\r\n\r\n").expect("a head") + 2;
    [&whole[..end], more.as_bytes(), b"\r\n"].concat()
}

#[test]
fn bodies_are_asked_for_only_when_they_are_wanted() {
    with_world(false, |w| async move {
        w.done(put("/expect", "")).await;
        let request = put("/expect/k", "the body");
        let mut s = TcpStream::connect(("127.0.0.1", w.port)).await.unwrap();
        s.write_all(&head_of(&w, &request, "expect: 100-continue\r\n")).await.unwrap();
        assert!(read_until(&mut s, b"\r\n\r\n").await.starts_with(b"HTTP/1.1 100 Continue"));
        s.write_all(b"the body").await.unwrap();
        assert_eq!(Res::parse(&read_until(&mut s, b"\r\n\r\n").await).status, 200);
        assert_eq!(w.done(get("/expect/k")).await.text(), "the body");
        // Refused, a body of five gigabytes is neither asked for nor waited for.
        for (target, code) in [("/none-such/k", "NoSuchBucket"), ("/expect/k?policy", "InvalidArgument")] {
            let mut huge = head_of(&w, &Req { body: vec![0], ..put(target, "") }, "expect: 100-continue\r\n");
            let text =
                String::from_utf8(huge.clone()).unwrap().replace("content-length: 1\r\n", "content-length: 5000000000\r\n");
            huge = text.into_bytes();
            let begun = Instant::now();
            let mut s = TcpStream::connect(("127.0.0.1", w.port)).await.unwrap();
            s.write_all(&huge).await.unwrap();
            let reply = Res::parse(&read_until(&mut s, b"</Error>").await);
            assert_eq!(reply.code(), code);
            assert!(begun.elapsed() < Duration::from_secs(5));
            let mut rest = Vec::new();
            assert_eq!(s.read_to_end(&mut rest).await.unwrap(), 0);
        }
    });
}

#[test]
fn a_client_that_sends_all_the_same_hears_why_not() {
    with_world(false, |w| async move {
        let reply = w.ask(put("/none-such/k", vec![7; 600 << 10])).await;
        assert_eq!((reply.status, reply.code()), (404, "NoSuchBucket".to_owned()));
    });
}

#[test]
fn lengths_and_framings() {
    with_world(false, |w| async move {
        w.done(put("/frames", "")).await;
        let text = |r: Vec<u8>| String::from_utf8_lossy(&r).into_owned();
        let host = format!("127.0.0.1:{}", w.port);
        let request = |r: &Req| text(r.bytes(&host));
        let longer = request(&put("/frames/k", "12345")).replace("content-length: 5", "content-length: 6");
        let mut s = TcpStream::connect(("127.0.0.1", w.port)).await.unwrap();
        s.write_all(longer.as_bytes()).await.unwrap();
        s.shutdown().await.unwrap();
        let reply = Res::parse(&read_until(&mut s, b"</Error>").await);
        assert_eq!((reply.status, reply.code()), (400, "IncompleteBody".to_owned()));
        let none = request(&put("/frames/k", "")).replace("content-length: 0\r\n", "");
        assert_eq!(Res::parse(&w.raw(none.as_bytes()).await).code(), "MissingContentLength");
        let chunked =
            request(&put("/frames/k", "")).replace("content-length: 0\r\n", "transfer-encoding: chunked\r\n") + "0\r\n\r\n";
        assert_eq!(Res::parse(&w.raw(chunked.as_bytes()).await).code(), "NotImplemented");
        let huge = request(&put("/frames/k", "")).replace("content-length: 0\r\n", "content-length: 5368709121\r\n");
        assert_eq!(Res::parse(&w.raw(huge.as_bytes()).await).code(), "EntityTooLarge");
        let other = request(&put("/frames/k", "12345")).replace("\r\n\r\n12345", "\r\n\r\n54321");
        assert_eq!(Res::parse(&w.raw(other.as_bytes()).await).code(), "XAmzContentSHA256Mismatch");
        assert_eq!(w.ask(get("/frames/k")).await.status, 404);
        let many = (0..12).fold(get("/frames/k"), |r, n| r.with(&format!("x-long-{n}"), "v".repeat(700)));
        assert_eq!(w.ask(many).await.code(), "RequestHeaderSectionTooLarge");
        let wide = format!("<Delete>{}</Delete>", "x".repeat(5 << 20));
        assert_eq!(w.ask(crate::world::post("/frames?delete", wide).md5()).await.code(), "MaxMessageLengthExceeded");
    });
}

#[test]
fn forms() {
    with_world(false, |w| async move {
        w.done(put("/forms", "").with("x-amz-acl", "public-read-write")).await;
        w.done(put("/closed", "")).await;
        let form = |bucket: &str, fields: &[(&str, &str)], file: Option<&str>| {
            let one = |(n, v): &(&str, &str)| format!("--b\r\nContent-Disposition: form-data; name=\"{n}\"\r\n\r\n{v}\r\n");
            let mut body: String = fields.iter().map(one).collect();
            if let Some(file) = file {
                body += &format!(
                    "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f.txt\"\r\nContent-Type: text/plain\r\n\r\n{file}\r\n"
                );
            }
            crate::world::post(format!("/{bucket}"), body + "--b--\r\n")
                .by(Who::Nobody)
                .with("content-type", "multipart/form-data; boundary=b")
        };
        w.table(vec![
            ("open", form("forms", &[("key", "k")], Some("bar")), 204, ""),
            ("named by the file", form("forms", &[("key", "up/${filename}")], Some("bar")), 204, ""),
            ("created", form("forms", &[("key", "k"), ("success_action_status", "201")], Some("bar")), 201, ""),
            ("no such status", form("forms", &[("key", "k"), ("success_action_status", "404")], Some("bar")), 204, ""),
            ("no key", form("forms", &[("acl", "private")], Some("bar")), 400, "InvalidArgument"),
            ("no file", form("forms", &[("key", "k")], None), 400, "IncorrectNumberOfFilesInPostRequest"),
            ("closed", form("closed", &[("key", "k")], Some("bar")), 403, "AccessDenied"),
            ("no bucket", form("none-such", &[("key", "k")], Some("bar")), 404, "NoSuchBucket"),
            ("policy without proof", form("forms", &[("key", "k"), ("policy", "e30=")], Some("bar")), 400, "InvalidArgument"),
            (
                "cut",
                Req {
                    body: b"--b\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nk".to_vec(),
                    ..form("forms", &[], None)
                },
                400,
                "MalformedPOSTRequest",
            ),
        ])
        .await;
        assert_eq!(w.done(get("/forms/up/f.txt")).await.text(), "bar");
        let sent = w.ask(form("forms", &[("key", "k"), ("success_action_redirect", "http://x/y")], Some("bar"))).await;
        assert_eq!(
            (sent.status, sent.header("location")),
            (303, "http://x/y?bucket=forms&key=k&etag=%2237b51d194a7513e45b56f6524f2d51f2%22")
        );
    });
}
