//! The health check of a target group: AWS's defaults by protocol, and what fits together.

use super::check::{invalid, validation, within};
use super::rows::Check;
use aws_protocol::{AwsError, elbv2 as api};
use std::ops::RangeInclusive;
use wire::balancer::ProtocolVersion;

const PATH_CHARS_MAX: usize = 1024;
const GRPC_PATH: &str = "/AWS.ALB/healthcheck";

/// What CreateTargetGroup and ModifyTargetGroup say of it.
#[derive(Debug, Default)]
pub struct Given {
    pub enabled: Option<bool>,
    pub protocol: Option<String>,
    pub port: Option<String>,
    pub path: Option<String>,
    pub matcher: Option<api::Matcher>,
    pub interval_seconds: Option<i32>,
    pub timeout_seconds: Option<i32>,
    pub healthy_threshold: Option<i32>,
    pub unhealthy_threshold: Option<i32>,
}

macro_rules! given {
    ($r:expr) => {
        $crate::elb::health_check::Given {
            enabled: $r.health_check_enabled,
            protocol: $r.health_check_protocol.clone(),
            port: $r.health_check_port.clone(),
            path: $r.health_check_path.clone(),
            matcher: $r.matcher.clone(),
            interval_seconds: $r.health_check_interval_seconds,
            timeout_seconds: $r.health_check_timeout_seconds,
            healthy_threshold: $r.healthy_threshold_count,
            unhealthy_threshold: $r.unhealthy_threshold_count,
        }
    };
}
pub(super) use given;

/// The check as it is from now on. `version`: of HTTP and HTTPS groups; others are of network load balancers. `now`: as it was.
pub fn of(version: Option<ProtocolVersion>, now: Option<&Check>, given: &Given) -> Result<Check, AwsError> {
    let application = version.is_some();
    if given.enabled == Some(false) {
        return Err(invalid("Health check enabled must be true for target groups with target type 'instance' or 'ip'"));
    }
    let protocol = match (given.protocol.as_deref(), now) {
        (Some(p @ ("HTTP" | "HTTPS")), _) => p.to_owned(),
        (Some("TCP"), _) if !application => "TCP".to_owned(),
        (Some(p @ ("TCP" | "TLS" | "UDP" | "TCP_UDP" | "GENEVE")), _) => {
            return Err(invalid(format!("Health check protocol '{p}' is not supported for this target group")));
        }
        (Some(p), _) => return Err(validation(format!("'{p}' is not a valid health check protocol"))),
        (None, Some(now)) => now.protocol.clone(),
        (None, None) if application => "HTTP".to_owned(),
        (None, None) => "TCP".to_owned(),
    };
    let http = protocol != "TCP";
    // A change of protocol begins with that protocol's defaults.
    let now = now.filter(|n| (n.protocol == "TCP") != http);
    let grpc = version == Some(ProtocolVersion::Grpc);
    let number = |what, given: Option<i32>, range: RangeInclusive<i32>, now: Option<u32>, default| match given {
        Some(value) => within(what, value, range),
        None => Ok(now.unwrap_or(default)),
    };
    let timeout_default = match (application, protocol.as_str()) {
        (true, _) => 5,
        (false, "HTTP") => 6,
        (false, _) => 10,
    };
    let check = Check {
        port: port(given.port.as_deref(), now)?,
        path: path(http, grpc, given.path.as_deref(), now)?,
        matcher: matcher(http, grpc, application, given.matcher.as_ref(), now)?,
        interval_seconds: number("Health check interval", given.interval_seconds, 5..=300, now.map(|n| n.interval_seconds), 30)?,
        timeout_seconds: number(
            "Health check timeout",
            given.timeout_seconds,
            2..=120,
            now.map(|n| n.timeout_seconds),
            timeout_default,
        )?,
        healthy_threshold: number(
            "Healthy threshold count",
            given.healthy_threshold,
            2..=10,
            now.map(|n| n.healthy_threshold),
            5,
        )?,
        unhealthy_threshold: number(
            "Unhealthy threshold count",
            given.unhealthy_threshold,
            2..=10,
            now.map(|n| n.unhealthy_threshold),
            2,
        )?,
        protocol,
    };
    if check.timeout_seconds >= check.interval_seconds && application {
        let sentence = format!("Health check timeout '{}' must be smaller than the interval", check.timeout_seconds);
        return Err(validation(sentence));
    }
    Ok(check)
}

fn port(given: Option<&str>, now: Option<&Check>) -> Result<String, AwsError> {
    let Some(given) = given else { return Ok(now.map_or_else(|| "traffic-port".to_owned(), |n| n.port.clone())) };
    let fits = given == "traffic-port" || given.parse::<u16>().is_ok_and(|p| p > 0);
    if fits {
        Ok(given.to_owned())
    } else {
        Err(validation(format!("Health check port '{given}' must be 'traffic-port' or a port")))
    }
}

fn path(http: bool, grpc: bool, given: Option<&str>, now: Option<&Check>) -> Result<Option<String>, AwsError> {
    match given {
        Some(_) if !http => Err(invalid("Health check path is not supported for health checks with protocol 'TCP'")),
        Some(p) if p.starts_with('/') && p.len() <= PATH_CHARS_MAX && p.bytes().all(is_of_uri) => Ok(Some(p.to_owned())),
        Some(p) => Err(validation(format!("Health check path '{p}' must begin with '/' and have at most 1024 characters"))),
        None if !http => Ok(None),
        None => {
            let default = if grpc { GRPC_PATH } else { "/" };
            Ok(now.and_then(|n| n.path.clone()).or_else(|| Some(default.to_owned())))
        }
    }
}

/// What a path and a query are made of (RFC 3986).
fn is_of_uri(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?%".contains(&b)
}

fn matcher(
    http: bool,
    grpc: bool,
    application: bool,
    given: Option<&api::Matcher>,
    now: Option<&Check>,
) -> Result<Option<String>, AwsError> {
    let (codes, other, range, default) = match (grpc, application) {
        (true, _) => (given.and_then(|m| m.grpc_code.as_deref()), given.and_then(|m| m.http_code.as_deref()), 0..=99, "12"),
        (false, true) => {
            (given.and_then(|m| m.http_code.as_deref()), given.and_then(|m| m.grpc_code.as_deref()), 200..=499, "200")
        }
        (false, false) => {
            (given.and_then(|m| m.http_code.as_deref()), given.and_then(|m| m.grpc_code.as_deref()), 200..=599, "200-399")
        }
    };
    if other.is_some() {
        return Err(invalid("The matcher is not of the protocol version of the target group"));
    }
    match codes {
        Some(_) if !http => Err(invalid("Health check matcher is not supported for health checks with protocol 'TCP'")),
        Some(codes) if codes_fit(codes, &range) => Ok(Some(codes.to_owned())),
        Some(codes) => {
            let (low, high) = (range.start(), range.end());
            Err(validation(format!("Health check matcher '{codes}' must hold codes or ranges from {low} to {high}")))
        }
        None if !http => Ok(None),
        None => Ok(now.and_then(|n| n.matcher.clone()).or_else(|| Some(default.to_owned()))),
    }
}

/// `200`, `200,202`, `200-299`, and mixtures.
fn codes_fit(text: &str, range: &RangeInclusive<u16>) -> bool {
    let code = |t: &str| t.parse::<u16>().ok().filter(|c| range.contains(c));
    text.len() <= 255
        && text.split(',').all(|part| match part.split_once('-') {
            Some((low, high)) => matches!((code(low), code(high)), (Some(low), Some(high)) if low <= high),
            None => code(part).is_some(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes() {
        for (text, want) in [
            ("200", true),
            ("200,202", true),
            ("200-299,404", true),
            ("299-200", false),
            ("199", false),
            ("500", false),
            ("", false),
            ("200,", false),
            ("2xx", false),
        ] {
            assert_eq!(codes_fit(text, &(200..=499)), want, "{text}");
        }
    }
}
