//! Which rule of a listener decides over a request. Pure: a request's facts in, a rule out.
//!
//! Conditions are AND'ed, their values OR'ed; the rule of the lowest number whose conditions all hold decides.

use crate::pattern::Pattern;
use hyper::HeaderMap;
use hyper::header::HeaderName;
use std::net::IpAddr;
use wire::balancer::Condition;

/// What rules may ask about a request.
#[derive(Debug)]
pub struct Facts<'a> {
    /// Without the port, as sent.
    pub host: &'a str,
    /// As sent; nothing is decoded or normalised, for the target gets exactly this.
    pub path: &'a str,
    /// Without the `?`.
    pub query: &'a str,
    pub method: &'a str,
    pub headers: &'a HeaderMap,
    pub source: IpAddr,
}

/// A network, v4 or v6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    bits: u128,
    mask: u128,
    v6: bool,
}

impl Network {
    /// `192.0.2.0/24`; host bits must be zero, as AWS demands.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, length) = text.split_once('/')?;
        let length: u32 = length.parse().ok()?;
        let (bits, v6) = bits(address.parse().ok()?);
        let width = if v6 { 128 } else { 32 };
        if length > width {
            return None;
        }
        let mask = u128::MAX.checked_shl(width - length).unwrap_or(0);
        (bits & !mask == 0).then_some(Self { bits, mask, v6 })
    }

    pub fn contains(self, address: IpAddr) -> bool {
        let (other, v6) = bits(address);
        v6 == self.v6 && other & self.mask == self.bits
    }
}

fn bits(address: IpAddr) -> (u128, bool) {
    match address {
        IpAddr::V4(a) => (u128::from(a.to_bits()), false),
        IpAddr::V6(a) => (a.to_bits(), true),
    }
}

/// One condition, ready to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    Host(Vec<Pattern>),
    Path(Vec<Pattern>),
    Header(HeaderName, Vec<Pattern>),
    Method(Vec<String>),
    Query(Vec<(Option<Pattern>, Pattern)>),
    Source(Vec<Network>),
}

impl Test {
    /// # Errors
    /// What is wrong with it, as a sentence's end.
    pub fn compile(condition: &Condition) -> Result<Self, String> {
        let bounded = |values: &[String]| match values.iter().find(|v| v.is_empty() || v.len() > 128) {
            Some(v) => Err(format!("a value has 1 to 128 characters, not {}", v.len())),
            None => Ok(()),
        };
        Ok(match condition {
            Condition::HostHeader { values } => {
                bounded(values)?;
                Self::Host(values.iter().map(|v| Pattern::any_case(v)).collect())
            }
            Condition::PathPattern { values } => {
                bounded(values)?;
                Self::Path(values.iter().map(|v| Pattern::by_case(v)).collect())
            }
            Condition::HttpHeader { name, values } => {
                bounded(values)?;
                let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| format!("\"{name}\" is no header's name"))?;
                if name == hyper::header::HOST {
                    return Err("a host is compared by host-header".to_owned());
                }
                Self::Header(name, values.iter().map(|v| Pattern::any_case(v)).collect())
            }
            Condition::HttpRequestMethod { values } => {
                let odd = |v: &&String| {
                    v.is_empty() || v.len() > 40 || !v.bytes().all(|b| b.is_ascii_uppercase() || b"-_".contains(&b))
                };
                if let Some(v) = values.iter().find(odd) {
                    return Err(format!("\"{v}\" is no method: A-Z, - and _, at most 40"));
                }
                Self::Method(values.clone())
            }
            Condition::QueryString { values } => {
                let compile = |v: &wire::balancer::QueryValue| {
                    bounded(std::slice::from_ref(&v.value))?;
                    let key = v.key.as_deref().map(Pattern::any_case_with_escapes);
                    Ok((key, Pattern::any_case_with_escapes(&v.value)))
                };
                Self::Query(values.iter().map(compile).collect::<Result<_, String>>()?)
            }
            Condition::SourceIp { values } => {
                let parse = |v: &String| Network::parse(v).ok_or_else(|| format!("\"{v}\" is no network"));
                Self::Source(values.iter().map(parse).collect::<Result<_, _>>()?)
            }
        })
    }

    /// How many values it has.
    pub fn values(&self) -> usize {
        match self {
            Self::Host(v) | Self::Path(v) | Self::Header(_, v) => v.len(),
            Self::Method(v) => v.len(),
            Self::Query(v) => v.len(),
            Self::Source(v) => v.len(),
        }
    }

    pub fn wildcards(&self) -> usize {
        match self {
            Self::Host(v) | Self::Path(v) | Self::Header(_, v) => v.iter().map(Pattern::wildcards).sum(),
            Self::Query(v) => v.iter().map(|(k, v)| k.as_ref().map_or(0, Pattern::wildcards) + v.wildcards()).sum(),
            Self::Method(_) | Self::Source(_) => 0,
        }
    }

    pub fn holds(&self, facts: &Facts<'_>) -> bool {
        match self {
            Self::Host(patterns) => patterns.iter().any(|p| p.matches(facts.host.as_bytes())),
            Self::Path(patterns) => patterns.iter().any(|p| p.matches(facts.path.as_bytes())),
            Self::Header(name, patterns) => {
                let mut values = facts.headers.get_all(name).iter();
                values.any(|value| patterns.iter().any(|p| p.matches(value.as_bytes())))
            }
            Self::Method(methods) => methods.iter().any(|m| m == facts.method),
            Self::Query(wanted) => {
                let pairs = || facts.query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
                wanted.iter().any(|(key, value)| {
                    let key_holds = |k: &str| key.as_ref().is_none_or(|p| p.matches(k.as_bytes()));
                    pairs().any(|(k, v)| key_holds(k) && value.matches(v.as_bytes()))
                })
            }
            Self::Source(networks) => networks.iter().any(|n| n.contains(facts.source)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;
    use wire::balancer::QueryValue;

    fn facts<'a>(target: &'a str, headers: &'a HeaderMap) -> Facts<'a> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Facts { host: "Www.Example.com", path, query, method: "GET", headers, source: [192, 0, 2, 7].into() }
    }

    fn strings(values: &[&str]) -> Vec<String> {
        values.iter().map(|v| (*v).to_owned()).collect()
    }

    #[test]
    fn conditions_as_a_table() {
        let mut headers = HeaderMap::new();
        headers.append("user-agent", HeaderValue::from_static("Mozilla/5.0 Chrome/99"));
        headers.append("x-a", HeaderValue::from_static("one"));
        headers.append("x-a", HeaderValue::from_static("two"));
        let query = |k: Option<&str>, v: &str| Condition::QueryString {
            values: vec![QueryValue { key: k.map(str::to_owned), value: v.to_owned() }],
        };
        let header = |n: &str, v: &str| Condition::HttpHeader { name: n.to_owned(), values: strings(&[v]) };
        for (name, condition, target, expected) in [
            ("host by any case", Condition::HostHeader { values: strings(&["*.EXAMPLE.com"]) }, "/", true),
            ("host of another", Condition::HostHeader { values: strings(&["example.com", "*.org"]) }, "/", false),
            ("path or path", Condition::PathPattern { values: strings(&["/a", "/b/*"]) }, "/b/c?x=/a", true),
            ("path by case", Condition::PathPattern { values: strings(&["/A"]) }, "/a", false),
            ("path is not decoded", Condition::PathPattern { values: strings(&["/a/b"]) }, "/a%2fb", false),
            ("path without the query", Condition::PathPattern { values: strings(&["*x=1*"]) }, "/?x=1", false),
            ("header", header("User-Agent", "*chrome*"), "/", true),
            ("second value of a header", header("x-a", "TWO"), "/", true),
            ("no such header", header("x-b", "*"), "/", false),
            ("method", Condition::HttpRequestMethod { values: strings(&["POST", "GET"]) }, "/", true),
            ("other method", Condition::HttpRequestMethod { values: strings(&["POST"]) }, "/", false),
            ("query pair", query(Some("version"), "v1"), "/?a=b&Version=V1", true),
            ("query value of any key", query(None, "v?"), "/?x=v9", true),
            ("query pairs do not mix", query(Some("a"), "2"), "/?a=1&b=2", false),
            ("query without value", query(Some("flag"), "*"), "/?flag", true),
            ("no query", query(Some("flag"), "*"), "/", false),
            ("source", Condition::SourceIp { values: strings(&["10.0.0.0/8", "192.0.2.0/29"]) }, "/", true),
            ("source elsewhere", Condition::SourceIp { values: strings(&["192.0.2.8/29", "2001:db8::/32"]) }, "/", false),
        ] {
            let test = Test::compile(&condition).unwrap();
            assert_eq!(test.holds(&facts(target, &headers)), expected, "{name}");
        }
    }

    #[test]
    fn bad_conditions_are_refused() {
        for condition in [
            Condition::HostHeader { values: strings(&[""]) },
            Condition::PathPattern { values: vec!["x".repeat(129)] },
            Condition::HttpHeader { name: "a b".to_owned(), values: strings(&["x"]) },
            Condition::HttpHeader { name: "Host".to_owned(), values: strings(&["x"]) },
            Condition::HttpRequestMethod { values: strings(&["get"]) },
            Condition::SourceIp { values: strings(&["10.0.0.1/8"]) },
            Condition::SourceIp { values: strings(&["10.0.0.0/33"]) },
            Condition::SourceIp { values: strings(&["10.0.0.0"]) },
        ] {
            assert!(Test::compile(&condition).is_err(), "{condition:?}");
        }
        assert!(Network::parse("0.0.0.0/0").unwrap().contains([9, 9, 9, 9].into()));
        assert!(!Network::parse("::/0").unwrap().contains([9, 9, 9, 9].into()));
    }
}
