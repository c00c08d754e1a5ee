//! When a statement of a bucket policy makes it public: S3 User Guide, "Blocking public access", "The meaning of 'public'".
//!
//! "To be considered non-public, a bucket policy must grant access only to fixed values (values that don't contain a wildcard
//! or a policy variable)" of a principal or of one of the keys below. Called by `policy`.

use crate::condition::{Clause, Kind, Set, Values};
use crate::policy::{Listed, Statement, StatementEffect};
use crate::value::Cidr;

/// Fixed values of these restrict. The first group stands for "an AWS principal, user, role, or service principal (e.g.
/// aws:PrincipalOrgID)".
const KEYS: &[&str] = &[
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalservicename",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "s3:dataaccesspointaccount",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
];
const ACCESS_POINT_ARN: &str = "s3:dataaccesspointarn";
/// "This includes values broader than /8 for IPv4 and /32 for IPv6."
const IPV4_PREFIX_BITS_MIN: u8 = 8;
const IPV6_PREFIX_BITS_MIN: u8 = 32;

pub fn grants_public(statement: &Statement) -> bool {
    if statement.effect == StatementEffect::Deny {
        return false;
    }
    let open = match &statement.principals {
        None => false,
        // Everybody but some.
        Some(Listed { not: true, .. }) => true,
        // A provider's users are anybody: the guide's example is graph.facebook.com.
        Some(Listed { not: false, list }) => list.any || !list.federated.is_empty(),
    };
    open && !statement.conditions.iter().any(restricts)
}

/// Whether one clause, of those that all must hold, ties the grant to fixed values.
fn restricts(clause: &Clause) -> bool {
    // A negated test, or one that an absent key passes, lets the public in.
    if clause.negated || clause.if_exists || clause.set == Set::ForAll {
        return false;
    }
    if clause.kind == Kind::IpAddress {
        return &*clause.key == "aws:sourceip" && narrow(&clause.values);
    }
    if &*clause.key == ACCESS_POINT_ARN {
        return access_points(&clause.values);
    }
    KEYS.contains(&&*clause.key)
        && fixed(clause).is_some_and(|values| {
            // "aws:userid, outside the pattern AROLEID:*"
            &*clause.key != "aws:userid" || !values.iter().any(|v| v.starts_with("AROA") && v.contains(':'))
        })
}

fn narrow(values: &Values) -> bool {
    let Values::Ranges(ranges) = values else { return false };
    ranges.iter().all(|r| match *r {
        Cidr::V4 { prefix_bits, .. } => prefix_bits >= IPV4_PREFIX_BITS_MIN,
        Cidr::V6 { prefix_bits, .. } => prefix_bits >= IPV6_PREFIX_BITS_MIN,
    })
}

/// The values, if all are fixed.
fn fixed(clause: &Clause) -> Option<Vec<String>> {
    match &clause.values {
        Values::Plain(list) => Some(list.iter().map(|v| v.to_string()).collect()),
        Values::Patterns(list) | Values::NoCase(list) => list.iter().map(|p| p.fixed().map(str::to_owned)).collect(),
        Values::Arns(list) => list.iter().map(|p| p.fixed()).collect(),
        _ => None,
    }
}

/// "this value can contain a wildcard for the access point name without rendering the policy public, as long as the account
/// id is fixed"
fn access_points(values: &Values) -> bool {
    let account = |arn: &str| {
        let mut parts = arn.splitn(6, ':');
        parts.nth(4).is_some_and(|a| a.len() == 12 && a.bytes().all(|b| b.is_ascii_digit())) && parts.next().is_some()
    };
    match values {
        Values::Plain(list) => list.iter().all(|v| account(v)),
        Values::Arns(list) => {
            list.iter().all(|p| p.fixed_account().is_some_and(|a| a.len() == 12 && a.bytes().all(|b| b.is_ascii_digit())))
        }
        Values::Patterns(list) => list.iter().all(|p| p.leading_text().is_some_and(account)),
        _ => false,
    }
}
