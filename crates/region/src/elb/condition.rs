//! Conditions of rules: read, checked, shown. Source: RuleCondition in the API reference, "Condition types for listener rules".

use super::check::{unsupported, validation};
use crate::context::Ctx;
use crate::quota::table as quota;
use aws_protocol::{AwsError, elbv2 as api};
use std::net::IpAddr;
use wire::balancer::{Condition, QueryValue};

const VALUE_CHARS_MAX: usize = 128;
const NAME_CHARS_MAX: usize = 40;

pub fn of(ctx: &Ctx, given: Option<&Vec<api::RuleCondition>>) -> Result<Vec<Condition>, AwsError> {
    let given = given.map(Vec::as_slice).unwrap_or_default();
    if given.is_empty() {
        return Err(validation("A condition must be specified"));
    }
    let out = given.iter().map(one).collect::<Result<Vec<_>, _>>()?;
    for (n, c) in out.iter().enumerate() {
        let single = !matches!(c, Condition::HttpHeader { .. } | Condition::QueryString { .. });
        if single && out[..n].iter().any(|o| field(o) == field(c)) {
            return Err(validation(format!("A rule can only have one '{}' condition", field(c))));
        }
    }
    let (values, wildcards) = out.iter().map(size).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    let most = [(values, &quota::CONDITION_VALUES, "values"), (wildcards, &quota::CONDITION_WILDCARDS, "wildcards")];
    for (count, limit, what) in most {
        if count > ctx.quota(limit) {
            return Err(validation(format!("The number of condition {what} of a rule is limited to {}", ctx.quota(limit))));
        }
    }
    Ok(out)
}

pub fn field(c: &Condition) -> &'static str {
    match c {
        Condition::HostHeader { .. } => "host-header",
        Condition::PathPattern { .. } => "path-pattern",
        Condition::HttpHeader { .. } => "http-header",
        Condition::HttpRequestMethod { .. } => "http-request-method",
        Condition::QueryString { .. } => "query-string",
        Condition::SourceIp { .. } => "source-ip",
    }
}

/// Values and wildcards.
fn size(c: &Condition) -> (usize, usize) {
    let wild = |text: &str| text.matches(['*', '?']).count();
    match c {
        Condition::HostHeader { values } | Condition::PathPattern { values } | Condition::HttpHeader { values, .. } => {
            (values.len(), values.iter().map(|v| wild(v)).sum())
        }
        Condition::QueryString { values } => {
            let escaped = |v: &str| wild(v) - v.matches("\\*").count() - v.matches("\\?").count();
            (values.len(), values.iter().map(|v| v.key.as_deref().map_or(0, escaped) + escaped(&v.value)).sum())
        }
        Condition::HttpRequestMethod { values } | Condition::SourceIp { values } => (values.len(), 0),
    }
}

fn one(c: &api::RuleCondition) -> Result<Condition, AwsError> {
    let regexes = [
        &c.regex_values,
        &c.host_header_config.as_ref().and_then(|h| h.regex_values.clone()),
        &c.http_header_config.as_ref().and_then(|h| h.regex_values.clone()),
        &c.path_pattern_config.as_ref().and_then(|h| h.regex_values.clone()),
    ]
    .iter()
    .any(|r| r.as_ref().is_some_and(|r| !r.is_empty()));
    if regexes {
        return Err(unsupported("RegexValues", "conditions have wildcards."));
    }
    let field = c.field.as_deref().unwrap_or_default();
    let configured = [
        (c.host_header_config.is_some(), "host-header"),
        (c.path_pattern_config.is_some(), "path-pattern"),
        (c.http_header_config.is_some(), "http-header"),
        (c.http_request_method_config.is_some(), "http-request-method"),
        (c.query_string_config.is_some(), "query-string"),
        (c.source_ip_config.is_some(), "source-ip"),
    ];
    if let Some((_, other)) = configured.iter().find(|(given, name)| *given && *name != field) {
        return Err(validation(format!("A condition of the field '{field}' has the configuration of '{other}'")));
    }
    let plain = || c.values.clone().unwrap_or_default();
    // Values, or the configuration: not both.
    let either = |config: Option<Vec<String>>| match (plain(), config) {
        (values, None) => Ok(values),
        (values, Some(config)) if values.is_empty() || values == config => Ok(config),
        _ => Err(validation(format!("The values of the condition '{field}' are specified twice"))),
    };
    let values_of = |config: Option<Option<Vec<String>>>| config.map(Option::unwrap_or_default);
    let condition = match field {
        "host-header" => {
            Condition::HostHeader { values: either(values_of(c.host_header_config.as_ref().map(|h| h.values.clone())))? }
        }
        "path-pattern" => {
            Condition::PathPattern { values: either(values_of(c.path_pattern_config.as_ref().map(|h| h.values.clone())))? }
        }
        "http-header" => {
            let config = c.http_header_config.clone().unwrap_or_default();
            Condition::HttpHeader { name: config.http_header_name.unwrap_or_default(), values: config.values.unwrap_or_default() }
        }
        "http-request-method" => Condition::HttpRequestMethod {
            values: c.http_request_method_config.clone().and_then(|h| h.values).unwrap_or_default(),
        },
        "query-string" => {
            let values = c.query_string_config.clone().and_then(|h| h.values).unwrap_or_default();
            let value = |v: api::QueryStringKeyValuePair| QueryValue { key: v.key, value: v.value.unwrap_or_default() };
            Condition::QueryString { values: values.into_iter().map(value).collect() }
        }
        "source-ip" => Condition::SourceIp { values: c.source_ip_config.clone().and_then(|h| h.values).unwrap_or_default() },
        other => {
            return Err(validation(format!(
                "Condition field '{other}' must be one of '[path-pattern, host-header, http-header, http-request-method, query-string, source-ip]'"
            )));
        }
    };
    let takes_values = matches!(field, "host-header" | "path-pattern");
    if !takes_values && !plain().is_empty() {
        return Err(validation(format!("The values of the condition '{field}' belong into its configuration")));
    }
    check(&condition)?;
    Ok(condition)
}

fn check(c: &Condition) -> Result<(), AwsError> {
    if size(c).0 == 0 {
        return Err(validation("A condition value must be specified"));
    }
    let bad = |v: &str| Err(validation(format!("Condition value '{v}' is not valid for the field '{}'", field(c))));
    let fits = |v: &str| !v.is_empty() && v.len() <= VALUE_CHARS_MAX;
    match c {
        Condition::HostHeader { values } => {
            let known = |b: u8| b.is_ascii_alphanumeric() || b"-.*?".contains(&b);
            values.iter().find(|v| !fits(v) || !v.bytes().all(known)).map_or(Ok(()), |v| bad(v))
        }
        Condition::PathPattern { values } => {
            let known = |b: u8| b.is_ascii_alphanumeric() || b"_-.$/~\"'@:+&()!,;=*?%#".contains(&b);
            values.iter().find(|v| !fits(v) || !v.bytes().all(known)).map_or(Ok(()), |v| bad(v))
        }
        Condition::HttpHeader { name, values } => {
            // RFC 9110, token.
            let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
            if name.is_empty() || name.len() > NAME_CHARS_MAX || !name.bytes().all(token) || name.eq_ignore_ascii_case("host") {
                return bad(name);
            }
            let known = |b: u8| (b' '..=b'~').contains(&b);
            values.iter().find(|v| !fits(v) || !v.bytes().all(known)).map_or(Ok(()), |v| bad(v))
        }
        Condition::HttpRequestMethod { values } => {
            let known = |b: u8| b.is_ascii_uppercase() || b"-_".contains(&b);
            let fits = |v: &str| !v.is_empty() && v.len() <= NAME_CHARS_MAX && v.bytes().all(known);
            values.iter().find(|v| !fits(v)).map_or(Ok(()), |v| bad(v))
        }
        Condition::QueryString { values } => {
            let ok = |v: &QueryValue| fits(&v.value) && v.key.as_deref().is_none_or(|k| k.len() <= VALUE_CHARS_MAX);
            values.iter().find(|v| !ok(v)).map_or(Ok(()), |v| bad(&v.value))
        }
        Condition::SourceIp { values } => values.iter().find(|v| !is_network(v)).map_or(Ok(()), |v| bad(v)),
    }
}

/// `192.0.2.0/24` or `2001:db8::/32`: what is behind the prefix is zero.
fn is_network(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else { return false };
    let (value, width) = match address.parse() {
        Ok(IpAddr::V4(ip)) => (u128::from(ip.to_bits()), 32_u32),
        Ok(IpAddr::V6(ip)) => (ip.to_bits(), 128),
        Err(_) => return false,
    };
    let Some(host) = bits.parse::<u32>().ok().and_then(|b| width.checked_sub(b)) else { return false };
    value & !u128::MAX.checked_shl(host).unwrap_or(0) == 0
}

pub fn shown(c: &Condition) -> api::RuleCondition {
    let mut out = api::RuleCondition { field: Some(field(c).to_owned()), ..Default::default() };
    match c.clone() {
        Condition::HostHeader { values } => {
            out.values = Some(values.clone());
            out.host_header_config = Some(api::HostHeaderConditionConfig { values: Some(values), ..Default::default() });
        }
        Condition::PathPattern { values } => {
            out.values = Some(values.clone());
            out.path_pattern_config = Some(api::PathPatternConditionConfig { values: Some(values), ..Default::default() });
        }
        Condition::HttpHeader { name, values } => {
            out.http_header_config =
                Some(api::HttpHeaderConditionConfig { http_header_name: Some(name), values: Some(values), ..Default::default() });
        }
        Condition::HttpRequestMethod { values } => {
            out.http_request_method_config = Some(api::HttpRequestMethodConditionConfig { values: Some(values) });
        }
        Condition::QueryString { values } => {
            let pair = |v: QueryValue| api::QueryStringKeyValuePair { key: v.key, value: Some(v.value) };
            out.query_string_config =
                Some(api::QueryStringConditionConfig { values: Some(values.into_iter().map(pair).collect()) });
        }
        Condition::SourceIp { values } => {
            out.source_ip_config = Some(api::SourceIpConditionConfig { values: Some(values) });
        }
    }
    out
}
