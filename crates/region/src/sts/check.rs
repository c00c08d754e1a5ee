//! The form of parameters, before anything is decided. STS answers `ValidationError` to what breaks a constraint.

use crate::context::Ctx;
use crate::rows::ManagedPolicy;
use ::iam::{Policy, PolicyKind};
use aws_protocol::{AwsError, sts};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use types::AccountId;

pub const DURATION_S_MIN: i32 = 900;
const SESSION_POLICY_CHARS_MAX: usize = 2048;
const POLICY_ARNS_MAX: usize = 10;
const TAGS_MAX: usize = 50;

pub fn validation(message: impl Into<String>) -> AwsError {
    AwsError::new("ValidationError", message)
}

fn unfit(field: &str, value: &str, constraint: &str) -> AwsError {
    let shown: String = value.chars().take(128).collect();
    validation(format!("1 validation error detected: Value '{shown}' at '{field}' failed to satisfy constraint: {constraint}"))
}

/// `[\w+=,.@-]`
pub fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_+=,.@-".contains(c)
}

pub fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// `[\w+=,.@:\/-]`
pub fn is_external_id(c: char) -> bool {
    is_name(c) || ":/".contains(c)
}

/// A text that must be there.
pub fn text<'a>(
    field: &str,
    value: &'a Option<String>,
    chars: RangeInclusive<usize>,
    allowed: fn(char) -> bool,
) -> Result<&'a str, AwsError> {
    let Some(value) = value.as_deref() else {
        return Err(validation(format!(
            "1 validation error detected: Value null at '{field}' failed to satisfy constraint: Member must not be null"
        )));
    };
    let count = value.chars().count();
    if count < *chars.start() {
        let constraint = format!("Member must have length greater than or equal to {}", chars.start());
        return Err(unfit(field, value, &constraint));
    }
    if count > *chars.end() {
        return Err(unfit(field, value, &format!("Member must have length less than or equal to {}", chars.end())));
    }
    if !value.chars().all(allowed) {
        return Err(unfit(field, value, "Member must satisfy regular expression pattern: [\\w+=,.@-]*"));
    }
    Ok(value)
}

/// A text that must be there and is not repeated in an error.
pub fn secret<'a>(field: &str, value: &'a Option<String>, chars: RangeInclusive<usize>) -> Result<&'a str, AwsError> {
    let fits = value.as_deref().filter(|v| chars.contains(&v.chars().count()));
    fits.ok_or_else(|| {
        let (least, most) = (chars.start(), chars.end());
        validation(format!(
            "1 validation error detected: Value at '{field}' failed to satisfy constraint: Member must have length between {least} and {most}"
        ))
    })
}

pub fn optional<'a>(
    field: &str,
    value: &'a Option<String>,
    chars: RangeInclusive<usize>,
    allowed: fn(char) -> bool,
) -> Result<Option<&'a str>, AwsError> {
    value.as_ref().map(|_| text(field, value, chars, allowed)).transpose()
}

/// Seconds from 900 to `max`.
pub fn duration(value: Option<i32>, default: i32, max: i32) -> Result<u64, AwsError> {
    let s = value.unwrap_or(default);
    let shown = s.to_string();
    if s < DURATION_S_MIN {
        let constraint = format!("Member must have value greater than or equal to {DURATION_S_MIN}");
        return Err(unfit("durationSeconds", &shown, &constraint));
    }
    if s > max {
        return Err(unfit("durationSeconds", &shown, &format!("Member must have value less than or equal to {max}")));
    }
    Ok(s as u64)
}

/// Account and name of a role's ARN.
pub fn role_arn(value: &Option<String>) -> Result<(AccountId, &str, &str), AwsError> {
    let arn = text("roleArn", value, 20..=2048, |c| !c.is_control())?;
    let invalid = || validation(format!("{arn} is invalid"));
    let rest = arn.strip_prefix("arn:aws:iam::").ok_or_else(invalid)?;
    let (account, path) = rest.split_once(":role/").ok_or_else(invalid)?;
    let name = path.rsplit('/').next().filter(|n| !n.is_empty()).ok_or_else(invalid)?;
    Ok((account.parse().map_err(|_| invalid())?, name, arn))
}

/// The session policies, as a token carries them: AWS's managed ones by their ARN.
pub fn policies(
    ctx: &Ctx,
    account: &AccountId,
    inline: &Option<String>,
    arns: &Option<Vec<sts::PolicyDescriptorType>>,
) -> Result<Vec<String>, AwsError> {
    let mut out = Vec::new();
    let inline = optional("policy", inline, 1..=SESSION_POLICY_CHARS_MAX, |_| true)?;
    if let Some(document) = inline {
        let malformed = |e: ::iam::PolicyError| AwsError::new("MalformedPolicyDocument", e.iam_message());
        Policy::parse(document, PolicyKind::Identity).map_err(malformed)?;
        out.push(compact(document));
    }
    let arns = arns.as_deref().unwrap_or_default();
    if arns.len() > POLICY_ARNS_MAX {
        let constraint = format!("Member must have length less than or equal to {POLICY_ARNS_MAX}");
        return Err(unfit("policyArns", &format!("{} items", arns.len()), &constraint));
    }
    for descriptor in arns {
        let arn = text("policyArns.arn", &descriptor.arn, 20..=2048, |c| !c.is_control())?;
        if ::iam::managed::find(arn).is_some() {
            out.push(arn.to_owned());
            continue;
        }
        let row = ctx.db.get::<ManagedPolicy>(account, crate::iam::name_of_arn(arn).to_lowercase());
        let row = row
            .filter(|p| p.arn() == arn)
            .ok_or_else(|| validation(format!("Policy {arn} does not exist or is not attachable.")))?;
        out.push(compact(row.document()));
    }
    Ok(out)
}

/// A JSON text without the space between its parts.
fn compact(json: &str) -> String {
    let (mut out, mut quoted, mut escaped) = (String::with_capacity(json.len()), false, false);
    for c in json.chars() {
        if quoted || !c.is_whitespace() {
            out.push(c);
        }
        quoted ^= c == '"' && !escaped;
        escaped = quoted && c == '\\' && !escaped;
    }
    out
}

/// Session tags: the limits and letters of tags, keys unique without regard to case.
pub fn tags(list: &Option<Vec<sts::Tag>>) -> Result<BTreeMap<String, String>, AwsError> {
    let pairs = list.iter().flatten().map(|t| (t.key.clone(), Some(t.value.clone().unwrap_or_default())));
    tag_pairs(pairs.collect())
}

pub fn tag_pairs(pairs: Vec<(Option<String>, Option<String>)>) -> Result<BTreeMap<String, String>, AwsError> {
    if pairs.len() > TAGS_MAX {
        let constraint = format!("Member must have length less than or equal to {TAGS_MAX}");
        return Err(unfit("tags", &format!("{} items", pairs.len()), &constraint));
    }
    let is_tag = |c: char| c.is_alphanumeric() || c == ' ' || "_.:/=+-@".contains(c);
    let mut out = BTreeMap::new();
    for (key, value) in &pairs {
        let key = text("tags.key", key, 1..=128, is_tag)?;
        let value = text("tags.value", value, 0..=256, is_tag)?;
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(validation(format!("The tag key {key} begins with aws:, which is reserved.")));
        }
        if out.keys().any(|k: &String| k.eq_ignore_ascii_case(key)) {
            let message = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
            return Err(AwsError::new("InvalidParameterValue", message));
        }
        out.insert(key.to_owned(), value.to_owned());
    }
    Ok(out)
}

/// Which of the tags go on to the next role.
pub fn transitive(keys: &Option<Vec<String>>, tags: &BTreeMap<String, String>) -> Result<Vec<String>, AwsError> {
    let keys = keys.clone().unwrap_or_default();
    match keys.iter().find(|k| !tags.contains_key(*k)) {
        None => Ok(keys),
        Some(key) => Err(AwsError::new(
            "InvalidParameterValue",
            format!("The specified transitive tag key {key} must be included in the requested tags."),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compacting_leaves_strings_alone() {
        for (text, wanted) in [
            ("{ \"a b\" :\n [ 1 , \"x \\\" y\" ] }", "{\"a b\":[1,\"x \\\" y\"]}"),
            (r#"{"a": "\\", "b" : " "}"#, r#"{"a":"\\","b":" "}"#),
        ] {
            assert_eq!(compact(text), wanted);
        }
    }

    #[test]
    fn arns_of_roles() {
        let arn = Some("arn:aws:iam::123456789012:role/a/b/app".to_owned());
        let (account, name, _) = role_arn(&arn).unwrap();
        assert_eq!((account.as_str(), name), ("123456789012", "app"));
        for bad in ["arn:aws:iam::123456789012:user/app", "arn:aws:iam::1:role/application", "arn:aws:iam::123456789012:role/"] {
            assert_eq!(role_arn(&Some(bad.into())).unwrap_err().message, format!("{bad} is invalid"));
        }
        assert!(role_arn(&None).unwrap_err().message.contains("null at 'roleArn'"));
    }
}
