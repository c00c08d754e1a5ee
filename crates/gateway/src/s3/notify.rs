//! Where a bucket's events go, and which events go there. Pure; `worker` delivers.
//!
//! Two kinds of destination so far: a queue on this machine's disk, named as SQS names its queues, and a webhook, named by an
//! ARN of our own, as there is no service behind it.

use super::bucket::{Bucket, document};
use aws_protocol::s3::{self, NotificationConfiguration};

/// `arn:aws:sqs:REGION:ACCOUNT:NAME`, or `arn:stratocell:webhook:::URL` (http on any host that the machine reaches).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Lines of JSON in `queues/ACCOUNT/NAME.jsonl` of the data directory.
    Queue {
        account: String,
        name: String,
    },
    Webhook {
        url: String,
    },
}

impl Target {
    pub fn parse(arn: &str) -> Option<Self> {
        if let Some(url) = arn.strip_prefix("arn:stratocell:webhook:::") {
            return url.starts_with("http://").then(|| Self::Webhook { url: url.to_owned() });
        }
        let mut parts = arn.splitn(6, ':');
        let (Some("arn"), Some("aws"), Some("sqs"), Some(_), Some(account), Some(name)) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return None;
        };
        let digits = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
        let plain = (1..=80).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        (digits && plain).then(|| Self::Queue { account: account.to_owned(), name: name.to_owned() })
    }
}

/// A configuration that an event fits: its id, and where it sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    pub id: String,
    pub target: Target,
}

/// Who hears of `event` (`ObjectCreated:Put`) on `key`.
pub fn subscriptions(bucket: &Bucket, event: &str, key: &str) -> Vec<Subscription> {
    let config: Option<NotificationConfiguration> = bucket.parsed(document::NOTIFICATION, "NotificationConfiguration");
    let Some(config) = config else { return Vec::new() };
    all(config, |events, filter| events.iter().any(|e| fits(e, event)) && filter_fits(filter, key))
}

/// Every destination: for the test message.
pub fn everybody(bucket: &Bucket) -> Vec<Subscription> {
    let config: Option<NotificationConfiguration> = bucket.parsed(document::NOTIFICATION, "NotificationConfiguration");
    config.map_or_else(Vec::new, |config| all(config, |_, _| true))
}

fn all(
    config: NotificationConfiguration,
    wanted: impl Fn(&[String], Option<&s3::NotificationConfigurationFilter>) -> bool,
) -> Vec<Subscription> {
    let topics = config.topic_configurations.into_iter().flatten().map(|t| (t.id, t.topic_arn, t.events, t.filter));
    let queues = config.queue_configurations.into_iter().flatten().map(|q| (q.id, q.queue_arn, q.events, q.filter));
    topics
        .chain(queues)
        .filter(|(_, _, events, filter)| wanted(events.as_deref().unwrap_or_default(), filter.as_ref()))
        .filter_map(|(id, arn, ..)| Some(Subscription { id: id.unwrap_or_default(), target: Target::parse(&arn?)? }))
        .collect()
}

/// `s3:ObjectCreated:*` fits `ObjectCreated:Put`.
fn fits(pattern: &str, event: &str) -> bool {
    let pattern = pattern.strip_prefix("s3:").unwrap_or(pattern);
    pattern.strip_suffix('*').map_or(pattern == event, |head| event.starts_with(head))
}

/// Percent-encoded as S3 does in events: slashes stay.
pub fn url_encoded(text: &str) -> String {
    use std::fmt::Write;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' | b'/' => out.push(byte.into()),
            b' ' => out.push('+'),
            other => {
                let _ = write!(out, "%{other:02X}");
            }
        }
    }
    out
}

fn filter_fits(filter: Option<&s3::NotificationConfigurationFilter>, key: &str) -> bool {
    let rules = filter.and_then(|f| f.key.as_ref()).and_then(|k| k.filter_rules.as_deref()).unwrap_or_default();
    rules.iter().all(|r| {
        let value = r.value.as_deref().unwrap_or("");
        match r.name.as_deref() {
            Some(n) if n.eq_ignore_ascii_case("prefix") => key.starts_with(value),
            Some(n) if n.eq_ignore_ascii_case("suffix") => key.ends_with(value),
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets() {
        let queue = |account: &str, name: &str| Some(Target::Queue { account: account.into(), name: name.into() });
        for (arn, wanted) in [
            ("arn:aws:sqs:us-east-1:123456789012:jobs", queue("123456789012", "jobs")),
            ("arn:aws:sqs:us-east-1:123456789012:../x", None),
            ("arn:aws:sqs:us-east-1:12:jobs", None),
            ("arn:aws:sns:us-east-1:123456789012:t", None),
            ("arn:stratocell:webhook:::http://127.0.0.1:9/x", Some(Target::Webhook { url: "http://127.0.0.1:9/x".into() })),
            ("arn:stratocell:webhook:::file:///etc", None),
        ] {
            assert_eq!(Target::parse(arn), wanted, "{arn}");
        }
    }

    #[test]
    fn keys_are_encoded() {
        for (key, wanted) in [("a/b c", "a/b+c"), ("é+%", "%C3%A9%2B%25"), ("x.y-z_*", "x.y-z_*")] {
            assert_eq!(url_encoded(key), wanted);
        }
    }

    #[test]
    fn events() {
        assert!(fits("s3:ObjectCreated:*", "ObjectCreated:Copy") && fits("s3:ObjectRemoved:Delete", "ObjectRemoved:Delete"));
        assert!(!fits("s3:ObjectCreated:Put", "ObjectCreated:Post") && !fits("s3:ObjectRemoved:*", "ObjectCreated:Put"));
    }
}
