//! Which bucket a host names, if it names one.

use std::net::IpAddr;

/// Names under which a laptop reaches itself; `*.localhost` is loopback to every resolver (RFC 6761, section 6.3).
pub const DEFAULT_BASE_HOSTS: &[&str] = &["localhost", "s3.localhost"];
const AMAZON: &str = "amazonaws.com";

#[derive(Debug, PartialEq, Eq)]
pub struct Host {
    /// As it came, in lower case; `None`: the bucket is in the path.
    pub bucket: Option<String>,
    /// The website endpoint, which answers with pages instead of XML.
    pub website: bool,
}

/// `host` may have a port. What is an address, a base host itself or nothing that is known here is path style.
pub fn parse(host: &str, base_hosts: &[&str]) -> Host {
    let path_style = Host { bucket: None, website: false };
    let host = host.trim().to_ascii_lowercase();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => &host,
    };
    let name = name.trim_end_matches('.');
    if name.starts_with('[') || name.parse::<IpAddr>().is_ok() {
        return path_style;
    }
    let bases = base_hosts.iter().copied().chain([AMAZON]);
    let longest = bases.filter_map(|base| below(name, base)).min_by_key(|rest| rest.len());
    match longest {
        None => path_style,
        Some(rest) => service_labels(rest),
    }
}

/// What stands before `.base`; empty for the base itself.
fn below<'a>(name: &'a str, base: &str) -> Option<&'a str> {
    let rest = name.strip_suffix(base.to_ascii_lowercase().as_str())?;
    if rest.is_empty() { Some("") } else { rest.strip_suffix('.') }
}

/// Takes the service's own labels off the end: `s3`, `s3.eu-west-1`, `s3-eu-west-1`, `s3.dualstack.eu-west-1`, `s3-website-...`.
fn service_labels(rest: &str) -> Host {
    let labels: Vec<&str> = rest.split('.').filter(|l| !l.is_empty()).collect();
    let service = |label: &str| {
        let website =
            label.strip_prefix("s3-website").is_some_and(|r| r.is_empty() || r.strip_prefix('-').is_some_and(is_region));
        let rest_api = label == "s3" || label.strip_prefix("s3-").is_some_and(is_region);
        (website || rest_api).then_some(website)
    };
    let count = labels.len();
    let (before, website) = match labels.as_slice() {
        [.., a, region] if service(a).is_some() && is_region(region) => (count - 2, service(a)),
        [.., a, "dualstack", region] if service(a).is_some() && is_region(region) => (count - 3, service(a)),
        [.., a] if service(a).is_some() => (count - 1, service(a)),
        _ => (count, None),
    };
    let bucket = labels[..before].join(".");
    Host { bucket: (!bucket.is_empty()).then_some(bucket), website: website.unwrap_or(false) }
}

/// `eu-west-1`, `us-gov-east-1`: two letters first, a number last.
fn is_region(s: &str) -> bool {
    let parts: Vec<&str> = s.split('-').collect();
    let letters = |p: &&str| !p.is_empty() && p.bytes().all(|b| b.is_ascii_lowercase());
    match parts.as_slice() {
        [first, middle @ .., last] => {
            first.len() == 2
                && letters(first)
                && !middle.is_empty()
                && middle.iter().all(letters)
                && (1..=2).contains(&last.len())
                && last.bytes().all(|b| b.is_ascii_digit())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        let bases = ["localhost", "s3.localhost", "storage.example.org"];
        for (host, bucket, website) in [
            ("localhost", None, false),
            ("localhost:4566", None, false),
            ("s3.localhost:4566", None, false),
            ("b.localhost:4566", Some("b"), false),
            ("b.s3.localhost:4566", Some("b"), false),
            ("B.S3.LocalHost", Some("b"), false),
            ("my.dotted.bucket.s3.localhost", Some("my.dotted.bucket"), false),
            ("s3.eu-west-1.localhost", None, false),
            ("b.s3.eu-west-1.localhost", Some("b"), false),
            ("127.0.0.1:4566", None, false),
            ("127.0.0.1", None, false),
            ("[::1]:4566", None, false),
            ("::1", None, false),
            ("s3.amazonaws.com", None, false),
            ("b.s3.amazonaws.com", Some("b"), false),
            ("b.s3.eu-central-1.amazonaws.com", Some("b"), false),
            ("b.s3-us-west-2.amazonaws.com", Some("b"), false),
            ("b.s3.dualstack.us-gov-east-1.amazonaws.com", Some("b"), false),
            ("s3.us-east-1.amazonaws.com", None, false),
            ("a.s3.b.s3.amazonaws.com", Some("a.s3.b"), false),
            ("storage.example.org", None, false),
            ("x.storage.example.org:443", Some("x"), false),
            ("xstorage.example.org", None, false),
            ("example.org", None, false),
            ("gateway", None, false),
            ("", None, false),
            ("b.s3-website.localhost", Some("b"), true),
            ("b.s3-website-us-east-1.amazonaws.com", Some("b"), true),
            ("b.s3-website.eu-central-1.amazonaws.com", Some("b"), true),
            ("b.localhost.", Some("b"), false),
        ] {
            assert_eq!(parse(host, &bases), Host { bucket: bucket.map(str::to_owned), website }, "{host}");
        }
    }
}
