//! What is written into buckets: files of events and their digests. Pure: the same events give the same bytes.
//!
//! Source: "CloudTrail log file examples" and "CloudTrail digest file structure", CloudTrail User Guide.

use aws_lc_rs::digest::{SHA256, digest};
use flate2::{Compression, GzBuilder};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::io::{self, Write};
use types::TimestampMs;
use wire::trail::Trail;

/// A file in its bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogFile {
    pub bucket: String,
    pub key: String,
    /// SHA-256 of the file before it was compressed, hex.
    pub hash: String,
    pub oldest: String,
    pub newest: String,
}

/// A digest that was delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Previous {
    pub bucket: String,
    pub key: String,
    /// SHA-256 of the digest before it was compressed, hex.
    pub hash: String,
    /// Hex.
    pub signature: String,
}

pub fn stamp(at: TimestampMs, pattern: &str) -> String {
    jiff::Timestamp::from_millisecond(i64::try_from(at.0).unwrap_or(i64::MAX))
        .map_or_else(|_| String::new(), |t| t.strftime(pattern).to_string())
}

/// `2023-11-14T22:13:20Z`
pub fn text(at: TimestampMs) -> String {
    stamp(at, "%Y-%m-%dT%H:%M:%SZ")
}

fn folder(trail: &Trail, what: &str, region: &str) -> String {
    let prefix = if trail.prefix.is_empty() { String::new() } else { format!("{}/", trail.prefix) };
    format!("{prefix}AWSLogs/{}/{what}/{region}", trail.account)
}

pub fn log_key(trail: &Trail, region: &str, at: TimestampMs, unique: &str) -> String {
    let (folder, account) = (folder(trail, "CloudTrail", region), &trail.account);
    let (day, minute) = (stamp(at, "%Y/%m/%d"), stamp(at, "%Y%m%dT%H%MZ"));
    format!("{folder}/{day}/{account}_CloudTrail_{region}_{minute}_{unique}.json.gz")
}

pub fn digest_key(trail: &Trail, region: &str, end: TimestampMs) -> String {
    let (folder, account, name) = (folder(trail, "CloudTrail-Digest", region), &trail.account, &trail.name);
    let (day, second) = (stamp(end, "%Y/%m/%d"), stamp(end, "%Y%m%dT%H%M%SZ"));
    format!("{folder}/{day}/{account}_CloudTrail-Digest_{region}_{name}_{region}_{second}.json.gz")
}

/// `events`: JSON texts, at least one.
pub fn records(events: &[String]) -> String {
    format!("{{\"Records\":[{}]}}", events.join(","))
}

pub fn hash(text: &str) -> String {
    hex::encode(digest(&SHA256, text.as_bytes()))
}

/// Without a time of its own.
pub fn gzip(text: &str) -> io::Result<Vec<u8>> {
    let mut out = GzBuilder::new().write(Vec::new(), Compression::default());
    out.write_all(text.as_bytes())?;
    out.finish()
}

/// Between two times, whole seconds.
pub struct Period {
    pub start: TimestampMs,
    pub end: TimestampMs,
}

/// The digest's text. `fingerprint`: of the key that it will be signed with.
pub fn digest_text(
    trail: &Trail,
    key: &str,
    period: &Period,
    files: &[LogFile],
    previous: Option<&Previous>,
    fingerprint: &str,
) -> String {
    let logs: Vec<Value> = files
        .iter()
        .map(|f| {
            json!({"s3Bucket": f.bucket, "s3Object": f.key, "hashValue": f.hash, "hashAlgorithm": "SHA-256",
                "newestEventTime": f.newest, "oldestEventTime": f.oldest})
        })
        .collect();
    json!({
        "awsAccountId": trail.account.as_str(),
        "digestStartTime": text(period.start),
        "digestEndTime": text(period.end),
        "digestS3Bucket": trail.bucket,
        "digestS3Object": key,
        "digestPublicKeyFingerprint": fingerprint,
        "digestSignatureAlgorithm": "SHA256withRSA",
        "newestEventTime": files.iter().map(|f| &f.newest).max(),
        "oldestEventTime": files.iter().map(|f| &f.oldest).min(),
        "previousDigestS3Bucket": previous.map(|p| &p.bucket),
        "previousDigestS3Object": previous.map(|p| &p.key),
        "previousDigestHashValue": previous.map(|p| &p.hash),
        "previousDigestHashAlgorithm": previous.map(|_| "SHA-256"),
        "previousDigestSignature": previous.map(|p| &p.signature),
        "logFiles": logs,
    })
    .to_string()
}

/// What is signed of a digest: "Data signing string", User Guide.
pub fn signing_text(bucket: &str, key: &str, end: TimestampMs, digest_text: &str, previous: Option<&Previous>) -> String {
    let before = previous.map_or("null", |p| &p.signature);
    format!("{}\n{bucket}/{key}\n{}\n{before}", text(end), hash(digest_text))
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use std::io::Read;
    use wire::trail::Selectors;

    pub fn trail(prefix: &str) -> Trail {
        Trail {
            id: "1".into(),
            account: "123456789012".parse().unwrap(),
            name: "t".into(),
            arn: "arn:aws:cloudtrail:us-east-1:123456789012:trail/t".into(),
            bucket: "b".into(),
            prefix: prefix.into(),
            validation: true,
            global_events: true,
            selectors: Selectors::Basic(Vec::new()),
            spans: Vec::new(),
        }
    }

    const AT: TimestampMs = TimestampMs(1_700_000_000_123);

    #[test]
    fn names() {
        assert_eq!(
            log_key(&trail(""), "us-east-1", AT, "ABCDEFGH12345678"),
            "AWSLogs/123456789012/CloudTrail/us-east-1/2023/11/14/123456789012_CloudTrail_us-east-1_20231114T2213Z_ABCDEFGH12345678.json.gz"
        );
        assert_eq!(
            digest_key(&trail("p"), "us-east-1", AT),
            "p/AWSLogs/123456789012/CloudTrail-Digest/us-east-1/2023/11/14/123456789012_CloudTrail-Digest_us-east-1_t_us-east-1_20231114T221320Z.json.gz"
        );
    }

    #[test]
    fn the_same_events_give_the_same_bytes() {
        let text = records(&["{\"a\":1}".to_owned(), "{\"a\":2}".to_owned()]);
        let (first, second) = (gzip(&text).unwrap(), gzip(&text).unwrap());
        assert_eq!(first, second);
        let mut back = String::new();
        flate2::read::GzDecoder::new(first.as_slice()).read_to_string(&mut back).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&back).unwrap(), json!({"Records": [{"a": 1}, {"a": 2}]}));
    }

    #[test]
    fn digests_name_their_files_and_the_one_before() {
        let file = LogFile { bucket: "b".into(), key: "k".into(), hash: "h".into(), oldest: "1".into(), newest: "2".into() };
        let period = Period { start: AT, end: TimestampMs(AT.0 + 3_600_000) };
        let first: Value = serde_json::from_str(&digest_text(&trail(""), "d", &period, &[file], None, "fp")).unwrap();
        assert_eq!((&first["digestEndTime"], &first["logFiles"][0]["hashValue"]), (&json!("2023-11-14T23:13:20Z"), &json!("h")));
        assert_eq!((&first["previousDigestSignature"], &first["newestEventTime"]), (&Value::Null, &json!("2")));
        let before = Previous { bucket: "b".into(), key: "d".into(), hash: "hd".into(), signature: "ab".into() };
        let second: Value = serde_json::from_str(&digest_text(&trail(""), "e", &period, &[], Some(&before), "fp")).unwrap();
        assert_eq!((&second["previousDigestHashValue"], &second["newestEventTime"]), (&json!("hd"), &Value::Null));
        let signed = signing_text("b", "e", period.end, "{}", Some(&before));
        assert_eq!(signed, format!("2023-11-14T23:13:20Z\nb/e\n{}\nab", hash("{}")));
        assert!(signing_text("b", "e", period.end, "{}", None).ends_with("\nnull"));
    }
}
