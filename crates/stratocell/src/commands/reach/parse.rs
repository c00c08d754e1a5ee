//! What the command line's words say: an end of the way, and the packet that takes it.

use super::ping;
use crate::cli::{ProtocolArg, ReachArgs};
use crate::error::CliError;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use types::{InstanceId, InterfaceId, VpcId};
use wire::trace::Probe;

/// The identifier of the query that is traced. Nothing decides by it.
const ICMP_ID: u16 = 1;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    Instance(InstanceId),
    Interface(InterfaceId),
    Address(IpAddr, Option<VpcId>),
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

/// `i-…`, `eni-…`, `10.0.0.5`, `2001:db8::5` or that in brackets, `vpc-…/10.0.0.5`, or else the name of a service.
pub fn target(text: &str) -> Result<Target, CliError> {
    if let Some((vpc, address)) = text.split_once('/') {
        let wanted = || CliError::refused(format!("\"{text}\" is not VPC/ADDRESS such as vpc-0123456789abcdef0/10.0.0.5"));
        return Ok(Target::Address(self::address(address).ok_or_else(wanted)?, Some(vpc.parse().map_err(|_| wanted())?)));
    }
    if let Some(address) = address(text) {
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
        let what = "neither an instance, an interface, an IP address nor a service's name";
        return Err(CliError::refused(format!("\"{text}\" is {what}")));
    }
    Ok(Target::Service(text.to_owned()))
}

fn address(text: &str) -> Option<IpAddr> {
    match text.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
        Some(six) => six.parse::<Ipv6Addr>().ok().map(IpAddr::from),
        None => text.parse().ok(),
    }
}

/// `DST` or `DST:PORT`; an IPv6 address is in brackets then (RFC 3986, section 3.2.2).
pub fn destination(text: &str) -> Result<(Target, Option<u16>), CliError> {
    let last = text.rsplit_once('/').map_or(text, |(_, last)| last);
    let has_port = !last.ends_with(']') && last.parse::<Ipv6Addr>().is_err();
    match text.rsplit_once(':').filter(|_| has_port) {
        None => Ok((target(text)?, None)),
        Some((of, port)) => {
            let port = port.parse().ok().filter(|p| *p > 0);
            let port = port.ok_or_else(|| CliError::refused(format!("\"{text}\": the port is a number from 1 to 65535")))?;
            Ok((target(of)?, Some(port)))
        }
    }
}

/// Without a protocol: TCP to a port, ICMP echo to none. Both addresses are of one family.
pub fn probe(args: &ReachArgs, source: IpAddr, destination: IpAddr, port: Option<u16>) -> Result<Probe, CliError> {
    let ping = ping(source);
    let protocol = match args.protocol {
        None if port.is_some() => 6,
        None | Some(ProtocolArg(1)) => ping.protocol,
        Some(other) => other.0,
    };
    let (source_port, destination_port) = match (protocol, port) {
        (6 | 17, Some(port)) => (args.source_port, port),
        (6 | 17, None) => return Err(CliError::refused("TCP and UDP need a port: DST:PORT")),
        (other, Some(_)) => return Err(CliError::refused(format!("IP protocol {other} has no ports: leave :PORT out"))),
        (n, None) if n == ping.protocol => (ICMP_ID, ping.request),
        (_, None) => (0, 0),
    };
    Ok(Probe { source, destination, protocol, source_port, destination_port })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIX: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 5);

    #[test]
    fn ends_of_a_way() {
        let rows = [
            ("10.0.0.5", Some(Target::Address([10, 0, 0, 5].into(), None))),
            ("2001:db8::5", Some(Target::Address(SIX.into(), None))),
            ("[2001:db8::5]", Some(Target::Address(SIX.into(), None))),
            ("s3", Some(Target::Service("s3".into()))),
            ("b.s3.us-east-1.amazonaws.com", Some(Target::Service("b.s3.us-east-1.amazonaws.com".into()))),
            ("10.0.0", None),
            ("[10.0.0.5]", None),
            ("2001:db8::5::", None),
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
        assert_eq!(both, (Target::Address([10, 0, 0, 5].into(), Some(vpc)), Some(80)));
        let six = Target::Address(SIX.into(), None);
        assert_eq!(destination("[2001:db8::5]:80").unwrap(), (six.clone(), Some(80)));
        assert_eq!(destination("2001:db8::5").unwrap(), (six.clone(), None));
        assert_eq!(destination("[2001:db8::5]").unwrap(), (six, None));
        let six = Target::Address(SIX.into(), Some(vpc));
        assert_eq!(destination("vpc-0123456789abcdef0/2001:db8::5").unwrap(), (six.clone(), None));
        assert_eq!(destination("vpc-0123456789abcdef0/[2001:db8::5]:80").unwrap(), (six, Some(80)));
        assert_eq!(both.0.to_string(), "vpc-0123456789abcdef0/10.0.0.5");
        for bad in ["10.0.0.5:", "[2001:db8::5]:", "10.0.0.5:0", "10.0.0.5:x", "10.0.0.5:65536"] {
            assert!(destination(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_port_says_tcp_and_none_says_ping() {
        let args = |protocol| ReachArgs {
            source: String::new(),
            destination: String::new(),
            protocol,
            source_port: 50_000,
            json: false,
        };
        let between = |a: IpAddr, protocol: Option<&str>, port| {
            let p = probe(&args(protocol.map(|p| p.parse().unwrap())), a, a, port).ok()?;
            Some((p.protocol, p.source_port, p.destination_port))
        };
        let of = |protocol, port| between([10, 0, 0, 5].into(), protocol, port);
        let of6 = |protocol, port| between(SIX.into(), protocol, port);
        assert_eq!(of(None, Some(80)), Some((6, 50_000, 80)));
        assert_eq!(of(None, None), Some((1, 1, 0x0800)));
        assert_eq!(of6(None, Some(80)), Some((6, 50_000, 80)));
        assert_eq!((of6(None, None), of6(Some("icmp"), None)), (Some((58, 1, 0x8000)), Some((58, 1, 0x8000))));
        assert_eq!(of(Some("udp"), Some(53)), Some((17, 50_000, 53)));
        assert_eq!(of(Some("47"), None), Some((47, 0, 0)));
        assert_eq!(of(Some("tcp"), None), None);
        assert_eq!(of(Some("icmp"), Some(1)), None);
        assert!("256".parse::<ProtocolArg>().is_err() && "sctp".parse::<ProtocolArg>().is_err());
    }
}
