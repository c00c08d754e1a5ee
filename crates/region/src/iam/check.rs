//! What IAM checks of every request, and how it words what is wrong: names, paths, ARNs, pages, tags.
//!
//! Sources: the parameters' constraints in the IAM API reference; "IAM and AWS STS quotas" of the IAM User Guide.

use super::rows::Tags;
use aws_protocol::{AwsError, iam as api};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use std::collections::HashSet;

pub const VERSIONS_MAX: usize = 5;
pub const ACCESS_KEYS_MAX: usize = 2;
pub const GROUPS_PER_USER_MAX: usize = 10;
pub const MFA_DEVICES_PER_USER_MAX: usize = 8;
pub const SSH_KEYS_PER_USER_MAX: usize = 5;
/// Not a quota of AWS's list: devices that nobody has enabled must end somewhere.
pub const MFA_DEVICES_MAX: usize = 10_000;
pub const TAGS_MAX: usize = 50;

pub const USER_NAME_CHARS_MAX: usize = 64;
pub const GROUP_NAME_CHARS_MAX: usize = 128;
pub const ROLE_NAME_CHARS_MAX: usize = 64;
pub const POLICY_NAME_CHARS_MAX: usize = 128;
const PATH_CHARS_MAX: usize = 512;
const ARN_CHARS: std::ops::RangeInclusive<usize> = 20..=2048;
const TAG_KEY_CHARS_MAX: usize = 128;
const TAG_VALUE_CHARS_MAX: usize = 256;

pub fn validation(message: impl Into<String>) -> AwsError {
    AwsError::new("ValidationError", message)
}

/// `1 validation error detected: Value 'x' at 'userName' failed to satisfy constraint: …`
pub fn unfit(field: &str, value: &str, constraint: &str) -> AwsError {
    let shown: String = value.chars().take(128).collect();
    validation(format!("1 validation error detected: Value '{shown}' at '{field}' failed to satisfy constraint: {constraint}"))
}

pub fn no_such(message: impl Into<String>) -> AwsError {
    AwsError::new("NoSuchEntity", message).with_status(404)
}

pub fn exists(message: impl Into<String>) -> AwsError {
    AwsError::new("EntityAlreadyExists", message).with_status(409)
}

pub fn conflict(message: impl Into<String>) -> AwsError {
    AwsError::new("DeleteConflict", message).with_status(409)
}

pub fn invalid_input(message: impl Into<String>) -> AwsError {
    AwsError::new("InvalidInput", message)
}

pub fn limit(message: impl Into<String>) -> AwsError {
    AwsError::new("LimitExceeded", message).with_status(409)
}

/// Room for one more of what a quota counts.
pub fn room(count: usize, max: usize, quota: &str) -> Result<(), AwsError> {
    if count < max { Ok(()) } else { Err(limit(format!("Cannot exceed quota for {quota}: {max}"))) }
}

/// A parameter's text; the decoder has refused requests without the required ones.
pub fn text(value: &Option<String>) -> &str {
    value.as_deref().unwrap_or_default()
}

pub fn length(field: &str, value: &str, chars: std::ops::RangeInclusive<usize>) -> Result<(), AwsError> {
    let count = value.chars().count();
    if count < *chars.start() {
        return Err(unfit(field, value, &format!("Member must have length greater than or equal to {}", chars.start())));
    }
    if count > *chars.end() {
        return Err(unfit(field, value, &format!("Member must have length less than or equal to {}", chars.end())));
    }
    Ok(())
}

pub fn items(field: &str, count: usize, wanted: std::ops::RangeInclusive<usize>) -> Result<(), AwsError> {
    if wanted.contains(&count) {
        return Ok(());
    }
    let (word, bound) = if count < *wanted.start() { ("greater", wanted.start()) } else { ("less", wanted.end()) };
    Err(unfit(field, &format!("{count} items"), &format!("Member must have length {word} than or equal to {bound}")))
}

/// The name of an entity: `[\w+=,.@-]+`.
pub fn name<'a>(field: &str, value: &'a Option<String>, chars_max: usize) -> Result<&'a str, AwsError> {
    let value = text(value);
    length(field, value, 1..=chars_max)?;
    if !value.bytes().all(|b| b.is_ascii_alphanumeric() || b"+=,.@_-".contains(&b)) {
        return Err(validation(format!(
            "The specified value for {field} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-"
        )));
    }
    Ok(value)
}

/// `/` when it is not given.
pub fn path(field: &str, value: &Option<String>) -> Result<String, AwsError> {
    let Some(value) = value else { return Ok("/".to_owned()) };
    length(field, value, 1..=PATH_CHARS_MAX)?;
    let right = value.starts_with('/') && value.ends_with('/') && value.bytes().all(|b| (0x21..=0x7e).contains(&b));
    if !right || value.contains("//") {
        return Err(validation(format!(
            "The specified value for {field} is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters."
        )));
    }
    Ok(value.clone())
}

/// A PathPrefix: what paths have to begin with.
pub fn prefix(value: &Option<String>) -> Result<&str, AwsError> {
    let Some(value) = value else { return Ok("/") };
    length("pathPrefix", value, 1..=PATH_CHARS_MAX)?;
    if !value.starts_with('/') || !value.bytes().all(|b| (0x21..=0x7e).contains(&b)) {
        return Err(validation(
            "The specified value for pathPrefix is invalid. It must begin with / and contain only alphanumeric characters and/or / characters.",
        ));
    }
    Ok(value)
}

pub fn description(value: &Option<String>) -> Result<Option<String>, AwsError> {
    let Some(value) = value else { return Ok(None) };
    length("description", value, 0..=1000)?;
    let fits = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{a1}'..='\u{ff}');
    if !value.chars().all(fits) {
        return Err(unfit(
            "description",
            value,
            r"Member must satisfy regular expression pattern: [\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*",
        ));
    }
    Ok(Some(value.clone()))
}

/// A managed policy's may be of any script.
pub fn policy_description(value: &Option<String>) -> Result<Option<String>, AwsError> {
    let Some(value) = value else { return Ok(None) };
    length("description", value, 0..=1000)?;
    if value.chars().any(char::is_control) {
        return Err(unfit(
            "description",
            value,
            r"Member must satisfy regular expression pattern: [\p{L}\p{M}\p{Z}\p{S}\p{N}\p{P}]*",
        ));
    }
    Ok(Some(value.clone()))
}

pub fn arn<'a>(field: &str, value: &'a Option<String>) -> Result<&'a str, AwsError> {
    let value = text(value);
    length(field, value, ARN_CHARS)?;
    if !value.starts_with("arn:") || value.split(':').count() < 6 {
        return Err(invalid_input(format!("ARN {value} is not valid.")));
    }
    Ok(value)
}

/// `Active` or `Inactive`: whether it is active.
pub fn status(value: &Option<String>) -> Result<bool, AwsError> {
    match text(value) {
        "Active" => Ok(true),
        "Inactive" => Ok(false),
        other => Err(one_of("status", other, "Active, Inactive")),
    }
}

pub fn status_name(active: bool) -> String {
    if active { "Active" } else { "Inactive" }.to_owned()
}

pub fn one_of(field: &str, value: &str, values: &str) -> AwsError {
    unfit(field, value, &format!("Member must satisfy enum value set: [{values}]"))
}

/// A page of a list, and where the next begins.
pub struct Page<T> {
    pub items: Vec<T>,
    pub is_truncated: Option<bool>,
    pub marker: Option<String>,
}

impl<T> Page<T> {
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(f).collect(), is_truncated: self.is_truncated, marker: self.marker }
    }
}

const PAGE_ITEMS: usize = 100;
const PAGE_ITEMS_MAX: i32 = 1000;

/// `items` come sorted by `key`. The marker names the last item of the page before, so that items that come and go between
/// two pages are neither repeated nor skipped.
pub fn page<T>(
    items: impl IntoIterator<Item = T>,
    marker: &Option<String>,
    max_items: Option<i32>,
    key: impl Fn(&T) -> String,
) -> Result<Page<T>, AwsError> {
    let size = match max_items {
        None => PAGE_ITEMS,
        Some(n @ 1..=PAGE_ITEMS_MAX) => n as usize,
        Some(n) => {
            let (word, bound) = if n < 1 { ("greater", 1) } else { ("less", PAGE_ITEMS_MAX) };
            return Err(unfit("maxItems", &n.to_string(), &format!("Member must have value {word} than or equal to {bound}")));
        }
    };
    let after = match marker {
        None => None,
        Some(m) => Some(decode_marker(m).ok_or_else(|| validation("Invalid Marker."))?),
    };
    let mut rest = items.into_iter().skip_while(|i| after.as_ref().is_some_and(|a| key(i) <= *a));
    let mut items: Vec<T> = rest.by_ref().take(size).collect();
    let more = rest.next().is_some();
    let marker = items.last().filter(|_| more).map(|i| B64.encode(format!("1/{}", key(i))));
    items.shrink_to_fit();
    Ok(Page { items, is_truncated: Some(more), marker })
}

fn decode_marker(text: &str) -> Option<String> {
    String::from_utf8(B64.decode(text).ok()?).ok()?.strip_prefix("1/").map(str::to_owned)
}

/// The tags of a request. Keys are told apart without regard to case.
pub fn tags(list: &Option<Vec<api::Tag>>) -> Result<Tags, AwsError> {
    let list = list.as_deref().unwrap_or_default();
    items("tags", list.len(), 0..=TAGS_MAX)?;
    let (mut out, mut seen) = (Tags::new(), HashSet::new());
    for (i, tag) in list.iter().enumerate() {
        let at = |what: &str| format!("tags.{}.member.{what}", i + 1);
        let null = |what: &str| {
            validation(format!(
                "1 validation error detected: Value null at '{}' failed to satisfy constraint: Member must not be null",
                at(what)
            ))
        };
        let key = tag.key.as_deref().ok_or_else(|| null("key"))?;
        let value = tag.value.as_deref().ok_or_else(|| null("value"))?;
        length(&at("key"), key, 1..=TAG_KEY_CHARS_MAX)?;
        length(&at("value"), value, 0..=TAG_VALUE_CHARS_MAX)?;
        let fits = |c: char| c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c);
        for (what, text) in [("key", key), ("value", value)] {
            if !text.chars().all(fits) {
                return Err(unfit(
                    &at(what),
                    text,
                    r"Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]*",
                ));
            }
        }
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(invalid_input("Tag keys that begin with aws: are reserved for system use."));
        }
        if !seen.insert(key.to_lowercase()) {
            return Err(invalid_input("Duplicate tag keys found. Please note that Tag keys are case insensitive."));
        }
        out.insert(key.to_owned(), value.to_owned());
    }
    Ok(out)
}

/// Adds tags; one whose key differs only in case takes the place of the other.
pub fn add_tags(to: &mut Tags, new: Tags, quota: &str) -> Result<(), AwsError> {
    for (key, value) in new {
        to.retain(|k, _| k.to_lowercase() != key.to_lowercase());
        to.insert(key, value);
    }
    if to.len() > TAGS_MAX {
        return Err(limit(format!("Cannot exceed quota for {quota}: {TAGS_MAX}")));
    }
    Ok(())
}

pub fn remove_tags(from: &mut Tags, keys: &Option<Vec<String>>) -> Result<(), AwsError> {
    let keys = keys.as_deref().unwrap_or_default();
    items("tagKeys", keys.len(), 0..=TAGS_MAX)?;
    for key in keys {
        length("tagKeys", key, 1..=TAG_KEY_CHARS_MAX)?;
        from.retain(|k, _| k.to_lowercase() != key.to_lowercase());
    }
    Ok(())
}

pub fn tag_list(tags: &Tags) -> Vec<api::Tag> {
    tags.iter().map(|(k, v)| api::Tag { key: Some(k.clone()), value: Some(v.clone()) }).collect()
}

/// As members of an entity show them: not at all when there are none.
pub fn shown_tags(tags: &Tags) -> Option<Vec<api::Tag>> {
    (!tags.is_empty()).then(|| tag_list(tags))
}

/// A reply's document: percent-encoded by RFC 3986.
pub fn url_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for b in text.bytes() {
        if b.is_ascii_alphanumeric() || b"-._~".contains(&b) {
            out.push(char::from(b));
        } else {
            out.push_str(&format!("%{b:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(s: &str) -> Option<String> {
        Some(s.to_owned())
    }

    #[test]
    fn names_and_paths() {
        for (value, right) in [("a", true), ("A+=,.@_-9", true), ("", false), ("a b", false), ("a/b", false), ("ü", false)] {
            assert_eq!(name("userName", &some(value), 64).is_ok(), right, "{value}");
        }
        assert!(name("userName", &some(&"x".repeat(64)), 64).is_ok());
        assert!(name("userName", &some(&"x".repeat(65)), 64).is_err());
        for (value, right) in
            [("/", true), ("/a/", true), ("/a/b!/", true), ("a/", false), ("/a", false), ("/a b/", false), ("//", false)]
        {
            assert_eq!(path("path", &some(value)).is_ok(), right, "{value}");
        }
    }

    #[test]
    fn pages_cover_everything_once() {
        let all: Vec<String> = (0..23).map(|i| format!("{i:03}")).collect();
        let (mut seen, mut marker) = (Vec::new(), None);
        loop {
            let p = page(all.clone(), &marker, Some(5), |s| s.clone()).unwrap();
            seen.extend(p.items);
            assert_eq!(p.is_truncated, Some(p.marker.is_some()));
            marker = p.marker;
            if marker.is_none() {
                break;
            }
        }
        assert_eq!(seen, all);
        for (marker, size) in [(some("x"), None), (None, Some(0)), (None, Some(1001))] {
            assert_eq!(page(all.clone(), &marker, size, |s| s.clone()).err().unwrap().code, "ValidationError");
        }
    }

    #[test]
    fn tag_keys_are_one_without_case() {
        let tag = |k: &str| api::Tag { key: some(k), value: some("v") };
        assert!(tags(&Some(vec![tag("a"), tag("A")])).unwrap_err().is("InvalidInput"));
        assert!(tags(&Some(vec![tag("aws:x")])).unwrap_err().is("InvalidInput"));
        assert!(tags(&Some(vec![tag("a#")])).unwrap_err().is("ValidationError"));
        let mut all = tags(&Some(vec![tag("Dept")])).unwrap();
        add_tags(&mut all, tags(&Some(vec![tag("dept")])).unwrap(), "TagsPerUser").unwrap();
        assert_eq!(all.keys().collect::<Vec<_>>(), ["dept"]);
        remove_tags(&mut all, &Some(vec!["DEPT".into()])).unwrap();
        assert!(all.is_empty());
    }

    #[test]
    fn documents_in_replies() {
        assert_eq!(url_encoded("{\"a\": \"ü~*\"}"), "%7B%22a%22%3A%20%22%C3%BC~%2A%22%7D");
    }
}
