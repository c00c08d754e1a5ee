//! What the command line's words say: an end of the way, and the packet that takes it.

use super::ECHO;
use crate::cli::{ProtocolArg, ReachArgs};
use crate::error::CliError;
use std::fmt;
use std::net::Ipv4Addr;
use types::{InstanceId, InterfaceId, VpcId};
use wire::trace::Probe;

/// The identifier of the query that is traced. Nothing decides by it.
const ICMP_ID: u16 = 1;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    Instance(InstanceId),
    Interface(InterfaceId),
    Address(Ipv4Addr, Option<VpcId>),
    Service(String),
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Instance(id) => id.fmt(f),
            Self::Interface(id) => id.fmt(f),
            Self::Address(a, None) => a.fmt(f),
            Self::Address(a, Some(vpc)) => write!(f, "{vpc}/{a}"),
            Self::Service(name) => f.write_str(name),
        }
    }
}

/// `i-…`, `eni-…`, `10.0.0.5`, `vpc-…/10.0.0.5`, or else the name of a service.
pub fn target(text: &str) -> Result<Target, CliError> {
    if let Some((vpc, address)) = text.split_once('/') {
        let wanted = || CliError::refused(format!("\"{text}\" is not VPC/ADDRESS such as vpc-0123456789abcdef0/10.0.0.5"));
        return Ok(Target::Address(address.parse().map_err(|_| wanted())?, Some(vpc.parse().map_err(|_| wanted())?)));
    }
    if let Ok(address) = text.parse() {
        return Ok(Target::Address(address, None));
    }
    let malformed = |e: String| CliError::refused(format!("\"{text}\": {e}"));
    if text.starts_with("i-") {
        return text.parse().map(Target::Instance).map_err(|e: types::ParseIdError| malformed(e.to_string()));
    }
    if text.starts_with("eni-") {
        return text.parse().map(Target::Interface).map_err(|e: types::ParseIdError| malformed(e.to_string()));
    }
    let name = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
    if text.is_empty() || text.len() > 253 || !text.bytes().all(name) || text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        let what = "neither an instance, an interface, an IPv4 address nor a service's name";
        return Err(CliError::refused(format!("\"{text}\" is {what}")));
    }
    Ok(Target::Service(text.to_owned()))
}

/// `DST` or `DST:PORT`.
pub fn destination(text: &str) -> Result<(Target, Option<u16>), CliError> {
    match text.rsplit_once(':') {
        None => Ok((target(text)?, None)),
        Some((of, port)) => {
            let port = port.parse().ok().filter(|p| *p > 0);
            let port = port.ok_or_else(|| CliError::refused(format!("\"{text}\": the port is a number from 1 to 65535")))?;
            Ok((target(of)?, Some(port)))
        }
    }
}

/// Without a protocol: TCP to a port, ICMP echo to none.
pub fn probe(args: &ReachArgs, source: Ipv4Addr, destination: Ipv4Addr, port: Option<u16>) -> Result<Probe, CliError> {
    let protocol = args.protocol.unwrap_or(ProtocolArg(if port.is_some() { 6 } else { 1 })).0;
    let (source_port, destination_port) = match (protocol, port) {
        (6 | 17, Some(port)) => (args.source_port, port),
        (6 | 17, None) => return Err(CliError::refused("TCP and UDP need a port: DST:PORT")),
        (other, Some(_)) => return Err(CliError::refused(format!("IP protocol {other} has no ports: leave :PORT out"))),
        (1, None) => (ICMP_ID, ECHO),
        (_, None) => (0, 0),
    };
    Ok(Probe { source: source.into(), destination: destination.into(), protocol, source_port, destination_port })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_a_way() {
        let rows = [
            ("10.0.0.5", Some(Target::Address(Ipv4Addr::new(10, 0, 0, 5), None))),
            ("s3", Some(Target::Service("s3".into()))),
            ("b.s3.us-east-1.amazonaws.com", Some(Target::Service("b.s3.us-east-1.amazonaws.com".into()))),
            ("10.0.0", None),
            ("10.0.0.500", None),
            ("i-zz", None),
            ("eni-", None),
            ("vpc-1/10.0.0.5", None),
            ("", None),
            ("a b", None),
        ];
        for (text, expected) in rows {
            assert_eq!(target(text).ok(), expected, "{text}");
        }
        let vpc: VpcId = "vpc-0123456789abcdef0".parse().unwrap();
        let both = destination("vpc-0123456789abcdef0/10.0.0.5:80").unwrap();
        assert_eq!(both, (Target::Address(Ipv4Addr::new(10, 0, 0, 5), Some(vpc)), Some(80)));
        assert_eq!(both.0.to_string(), "vpc-0123456789abcdef0/10.0.0.5");
        for bad in ["10.0.0.5:", "10.0.0.5:0", "10.0.0.5:x", "10.0.0.5:65536"] {
            assert!(destination(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_port_says_tcp_and_none_says_ping() {
        let a = Ipv4Addr::LOCALHOST;
        let args = |protocol| ReachArgs {
            source: String::new(),
            destination: String::new(),
            protocol,
            source_port: 50_000,
            json: false,
        };
        let of = |protocol: Option<&str>, port| {
            let p = probe(&args(protocol.map(|p| p.parse().unwrap())), a, a, port).ok()?;
            Some((p.protocol, p.source_port, p.destination_port))
        };
        assert_eq!(of(None, Some(80)), Some((6, 50_000, 80)));
        assert_eq!(of(None, None), Some((1, 1, ECHO)));
        assert_eq!(of(Some("udp"), Some(53)), Some((17, 50_000, 53)));
        assert_eq!(of(Some("47"), None), Some((47, 0, 0)));
        assert_eq!(of(Some("tcp"), None), None);
        assert_eq!(of(Some("icmp"), Some(1)), None);
        assert!("256".parse::<ProtocolArg>().is_err() && "sctp".parse::<ProtocolArg>().is_err());
    }
}
