//! Bad input and bad clients: AWS's codes, nothing half stored, bounded memory, and others are served meanwhile.

use crate::client::{Client, Reply, Request, complete_body, connect, read_reply};
use crate::harness::{Region, SECOND, wait_for};
use crate::nodes::stats;
use aws_protocol::s3::checksum::{Algorithm, Checksum};
use aws_protocol::sigv4::BodyHash;
use std::io::{BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const BUCKET: &str = "refusals";
/// Connections of clients that send a byte now and then.
const SLOW_CLIENTS: usize = 900;
/// What the gateway may grow by for all of them.
const GROWTH_KIB_MAX: u64 = 48 << 10;
/// Between two bytes of each.
const DRIP: Duration = Duration::from_millis(50);

fn listed(client: &mut Client) -> Vec<String> {
    client.list(BUCKET, "", 1000).expect("a listing").into_iter().map(|(key, _, _)| key).collect()
}

fn region() -> (Region, Client) {
    let region = Region::up();
    let mut client = region.client();
    client.put(&format!("/{BUCKET}"), &[], b"").expect("a bucket");
    (region, client)
}

/// Sends a head and `sent`, and nothing more. The reply, if one came.
fn raw(client: &Client, head: &[u8], sent: &[u8], hang_up: bool) -> Option<Reply> {
    let mut stream = connect(client.address().expect("a port")).expect("connects");
    // What is refused early may be cut off while it is still being sent.
    let _ = stream.write_all(head).and_then(|()| stream.write_all(sent));
    if hang_up {
        stream.shutdown(Shutdown::Write).expect("half closed");
    }
    read_reply(&mut BufReader::new(stream), false).ok().map(|(reply, _)| reply)
}

fn put_head<'a>(path: &'a str, headers: &'a [(&'a str, &'a str)]) -> Request<'a> {
    Request { method: "PUT", path, query: &[], headers, body: b"" }
}

#[test]
fn bodies_that_are_not_what_they_say() {
    let (region, mut client) = region();
    let before: u64 = stats(&region).values().map(|s| s.shards).sum();
    let content = vec![7u8; 300_000];
    let path = format!("/{BUCKET}/never");
    let wrong = vec![8u8; 300_000];
    let md5 = Checksum::of(Algorithm::Md5, &wrong).to_base64();
    let crc = Checksum::of(Algorithm::Crc32c, &wrong).to_base64();
    let sha = Checksum::of(Algorithm::Sha256, &wrong).to_base64();
    type Headers<'a> = &'a [(&'a str, &'a str)];
    let rows: &[(&str, Headers<'_>, u16, &str)] = &[
        ("another MD5", &[("content-md5", &md5)], 400, "BadDigest"),
        ("no MD5 at all", &[("content-md5", "not base64!")], 400, "InvalidDigest"),
        ("another CRC", &[("x-amz-checksum-crc32c", &crc)], 400, "BadDigest"),
        ("another SHA-256", &[("x-amz-checksum-sha256", &sha)], 400, "BadDigest"),
        ("a CRC of another length", &[("x-amz-checksum-crc32c", &sha)], 400, "InvalidRequest"),
        ("an unknown class", &[("x-amz-storage-class", "GOLD")], 400, "InvalidStorageClass"),
        ("a condition that is none", &[("if-none-match", "abc")], 501, "NotImplemented"),
    ];
    for (name, headers, status, code) in rows {
        let reply = client.exchange(Request { body: &content, ..put_head(&path, headers) }).expect("an answer");
        assert_eq!((reply.status, reply.code().as_str()), (*status, *code), "{name}: {}", reply.text());
    }
    // A body other than the signed one.
    let head = client.head(put_head(&path, &[]), content.len(), BodyHash::of(&wrong));
    let reply = raw(&client, &head, &content, false).expect("an answer");
    assert_eq!((reply.status, reply.code().as_str()), (400, "XAmzContentSHA256Mismatch"), "{}", reply.text());
    // Cut off in the middle, at several places: whatever is answered, it is no success.
    for cut in [0, 1, 16_384, 150_000, 299_999] {
        let head = client.head(put_head(&path, &[]), content.len(), BodyHash::of(&content));
        let reply = raw(&client, &head, &content[..cut], true);
        assert!(reply.as_ref().is_none_or(|r| r.status == 400), "cut at {cut}: {reply:?}");
    }
    // 6 GiB in one PUT is refused at its head.
    let head = client.head(put_head(&path, &[]), 6 << 30, BodyHash::of(&content));
    let started = Instant::now();
    let reply = raw(&client, &head, &content[..1000], false).expect("an answer");
    assert_eq!((reply.status, reply.code().as_str()), (400, "EntityTooLarge"), "{}", reply.text());
    assert!(started.elapsed() < 5 * SECOND);
    assert_eq!(listed(&mut client), Vec::<String>::new());
    let gone = client.get(&path).expect_err("nothing there");
    assert!(gone.is("NoSuchKey"), "{gone:?}");
    // What was refused was also removed from the nodes; what was cut off is garbage of an open session, and bounded.
    let left = wait_for("refused bodies to be removed", 10 * SECOND, || {
        let now: u64 = stats(&region).values().map(|s| s.shards).sum();
        (now <= before + 3 * 5).then_some(now - before)
    });
    println!("{left} shards are left to the collector");
}

#[test]
fn keys_and_heads() {
    let (_region, mut client) = region();
    let long = "k".repeat(1025);
    let refused = client.put(&format!("/{BUCKET}/{long}"), &[], b"x").expect_err("too long");
    assert!(refused.is("KeyTooLongError"), "{refused:?}");
    // 1,024 bytes that are fewer characters.
    let fits = "é".repeat(512);
    let odd = [
        "../up",
        "a/../../b",
        "./here",
        "/lead",
        "a//b",
        "a/./b",
        "trail/",
        "..",
        "ключ/鍵/🔑",
        "a b+c%20&d=e?f#g",
        "\u{1}ctl",
        &fits,
        "quote\"'<>&amp;",
    ];
    for (n, key) in odd.iter().enumerate() {
        let body = format!("body {n}");
        client.put(&format!("/{BUCKET}/{key}"), &[], body.as_bytes()).unwrap_or_else(|e| panic!("{key:?}: {e:?}"));
    }
    for (n, key) in odd.iter().enumerate() {
        let reply = client.get(&format!("/{BUCKET}/{key}")).unwrap_or_else(|e| panic!("{key:?}: {e:?}"));
        assert_eq!(reply.text(), format!("body {n}"), "{key:?}");
    }
    let query = [("list-type", "2"), ("encoding-type", "url")];
    let reply = client.query("GET", &format!("/{BUCKET}"), &query, b"").expect("a listing");
    assert_eq!(reply.text().matches("<Key>").count(), odd.len(), "each is a key of its own: {}", reply.text());
    for key in odd {
        client.delete(&format!("/{BUCKET}/{key}")).expect("removed");
    }
    assert_eq!(listed(&mut client), Vec::<String>::new());

    // 2 KiB of metadata are too many; a head of 300 KiB is no head.
    let (path, big) = (format!("/{BUCKET}/big"), "m".repeat(3000));
    let refused = client.put(&path, &[("x-amz-meta-a", &big)], b"x").expect_err("too much");
    assert!(refused.is("MetadataTooLarge"), "{refused:?}");
    let huge = "h".repeat(300 << 10);
    let head = client.head(put_head(&path, &[("x-amz-meta-a", &huge)]), 1, BodyHash::of(b"x"));
    let reply = raw(&client, &head, b"x", false);
    assert!(reply.as_ref().is_none_or(|r| (400..500).contains(&r.status)), "{reply:?}");
    let many: Vec<(String, String)> = (0..300).map(|n| (format!("x-a-{n}"), "v".to_owned())).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let head = client.head(put_head(&path, &many), 1, BodyHash::of(b"x"));
    let reply = raw(&client, &head, b"x", false);
    assert!(reply.as_ref().is_none_or(|r| (400..500).contains(&r.status)), "{reply:?}");
    assert_eq!(listed(&mut client), Vec::<String>::new());
}

#[test]
fn uploads_put_together_wrongly() {
    let (_region, mut client) = region();
    let path = format!("/{BUCKET}/upload");
    let (small, big) = (vec![1u8; 1000], vec![2u8; 5 << 20]);
    let (upload, etags) = client.parts(&path, &[&big, &small]).expect("two parts");
    let none = "0".repeat(32);
    let query = [("uploadId", upload.as_str())];
    let mut complete = |body: &str| {
        let reply = client.exchange(Request { method: "POST", path: &path, query: &query, headers: &[], body: body.as_bytes() });
        let reply = reply.expect("an answer");
        (reply.status, reply.code())
    };
    let (one, two) = (etags[0].as_str(), etags[1].as_str());
    let rows: Vec<(&str, String, u16, &str)> = vec![
        ("wrong order", complete_body([(2, two), (1, one)].into_iter()), 400, "InvalidPartOrder"),
        ("twice the same", complete_body([(1, one), (1, one)].into_iter()), 400, "InvalidPartOrder"),
        ("a part that is not there", complete_body([(1, one), (3, two)].into_iter()), 400, "InvalidPart"),
        ("a part with another etag", complete_body([(1, one), (2, none.as_str())].into_iter()), 400, "InvalidPart"),
        ("10,001 parts", complete_body((1..=10_001).map(|n| (n, one))), 400, "MalformedXML"),
        ("no parts", complete_body(std::iter::empty()), 400, "MalformedXML"),
        ("no XML", "complete!".to_owned(), 400, "MalformedXML"),
    ];
    for (name, body, status, code) in rows {
        assert_eq!(complete(&body), (status, code.to_owned()), "{name}");
    }
    for number in ["10001", "0", "-1", "x"] {
        let query = [("partNumber", number), ("uploadId", upload.as_str())];
        let refused = client.query("PUT", &path, &query, &small).expect_err("no such number");
        assert!(refused.is("InvalidArgument"), "part {number}: {refused:?}");
    }
    // A small part that is not the last.
    let (other, tiny) = client.parts(&path, &[&small, &small]).expect("two parts");
    let refused = client.complete(&path, &other, &tiny, &[]).expect_err("too small");
    assert!(refused.is("EntityTooSmall"), "{refused:?}");
    assert_eq!(listed(&mut client), Vec::<String>::new());
    // None of it did the upload any harm.
    client.complete(&path, &upload, &etags, &[]).expect("complete");
    assert_eq!(client.get(&path).expect("there").body.len(), big.len() + small.len());
    client.query("DELETE", &path, &[("uploadId", &other)], b"").expect("aborted");
    let refused = client.complete(&path, &other, &tiny, &[]).expect_err("aborted");
    assert!(refused.is("NoSuchUpload"), "{refused:?}");
}

/// A client that sends a byte now and then.
struct Slow {
    stream: TcpStream,
    request: Vec<u8>,
    at: usize,
    is_body: bool,
}

impl Slow {
    /// Sends one more byte; false: it was cut off.
    fn drip(&mut self) -> bool {
        let sent = match self.stream.write(&self.request[self.at % self.request.len()..][..1]) {
            Ok(n) => {
                self.at += n;
                true
            }
            Err(e) => e.kind() == ErrorKind::WouldBlock,
        };
        // An answer before its end is a refusal, and the connection ends.
        sent && matches!(self.stream.read(&mut [0; 64]), Err(e) if e.kind() == ErrorKind::WouldBlock)
    }
}

/// Half of them never finish their heads, half never finish their bodies.
fn slow_clients(client: &Client) -> Vec<Slow> {
    let one = |n: usize| {
        let path = format!("/{BUCKET}/slow{n}");
        let head = client.head(put_head(&path, &[]), 10 << 20, BodyHash::of(b""));
        let mut stream = connect(client.address().expect("a port")).expect("connects");
        let is_body = n % 2 == 1;
        let request = if is_body {
            stream.write_all(&head).expect("sent");
            vec![3; 1000]
        } else {
            head
        };
        stream.set_nonblocking(true).expect("a socket");
        Slow { stream, request, at: 0, is_body }
    };
    (0..SLOW_CLIENTS).map(one).collect()
}

#[test]
fn slow_clients_harm_nobody() {
    let (region, mut client) = region();
    let gateway = region.processes()["gateway"];
    let body = vec![3u8; 100_000];
    for n in 0..20 {
        client.put(&format!("/{BUCKET}/warm{n}"), &[], &body).expect("stored");
    }
    let before = gateway.rss_kib();
    let mut slow = slow_clients(&client);
    let stop = AtomicBool::new(false);
    let (mut peak, mut slowest, mut served) = (before, Duration::ZERO, 0);
    let slow = std::thread::scope(|s| {
        let dripping = s.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                slow.retain_mut(Slow::drip);
                std::thread::sleep(DRIP);
            }
            slow
        });
        let end = Instant::now() + 6 * SECOND;
        let mut outcome = Ok(());
        while Instant::now() < end && outcome.is_ok() {
            let started = Instant::now();
            let path = format!("/{BUCKET}/fast");
            outcome = client.put(&path, &[], &body).and_then(|_| client.get(&path)).map(|reply| assert_eq!(reply.body, body));
            slowest = slowest.max(started.elapsed());
            served += 1;
            peak = peak.max(gateway.rss_kib());
        }
        stop.store(true, Ordering::Relaxed);
        outcome.expect("others are served");
        dripping.join().expect("no panic")
    });
    let bodies = slow.iter().filter(|s| s.is_body).count();
    println!(
        "{served} served, the slowest in {slowest:?}; {before} KiB before, {peak} KiB at most; {bodies} slow bodies of {} left",
        SLOW_CLIENTS / 2
    );
    // Those that hold memory were cut off, but for a number that harms nobody.
    assert!(bodies < SLOW_CLIENTS / 4, "{bodies} slow bodies are still held");
    assert!(served > 20 && slowest < 8 * SECOND, "{served} served, {slowest:?}");
    assert!(peak < before + GROWTH_KIB_MAX, "from {before} to {peak} KiB");
    drop(slow);
    assert!(listed(&mut client).iter().all(|k| !k.starts_with("slow")), "nothing of theirs is stored");
    assert_eq!(region.processes()["gateway"], gateway, "it is the same process still");
    let gone = client.get(&format!("/{BUCKET}/slow1")).expect_err("not there");
    assert!(gone.is("NoSuchKey"), "{gone:?}");
}
