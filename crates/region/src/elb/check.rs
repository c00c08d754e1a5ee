//! What many operations check: names, numbers, tags, pages; and how refusals are worded.

use crate::context::Ctx;
use crate::page;
use crate::tags::TAGS_PER_RESOURCE_MAX;
use aws_protocol::{AwsError, elbv2 as api};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

const NAME_CHARS_MAX: usize = 32;
/// PageSize, and what a page has without it.
const PAGE_ITEMS_MAX: i32 = 400;

pub fn validation(message: impl Into<String>) -> AwsError {
    AwsError::new("ValidationError", message)
}

pub fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new("InvalidConfigurationRequest", message)
}

/// A setting that AWS has and this region does not: it would be without effect.
pub fn unsupported(setting: &str, why: &str) -> AwsError {
    AwsError::unsupported_operation(format!("{setting} is not supported by this region: {why}"))
}

/// 16 hexadecimal digits.
pub fn new_id(ctx: &mut Ctx) -> String {
    format!("{:016x}", ctx.random() as u64)
}

/// `what`: "load balancer", "target group".
pub fn name(what: &str, name: &str) -> Result<(), AwsError> {
    let sentence = if name.is_empty() {
        format!("A {what} name must be specified")
    } else if name.chars().count() > NAME_CHARS_MAX {
        format!("The {what} name '{name}' cannot be longer than '{NAME_CHARS_MAX}' characters")
    } else if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        format!("The {what} name '{name}' can only contain characters that are alphanumeric characters or hyphens(-)")
    } else if name.starts_with('-') || name.ends_with('-') {
        format!("The {what} name '{name}' cannot begin or end with a hyphen")
    } else {
        return Ok(());
    };
    Err(validation(sentence))
}

pub fn within(what: &str, value: i32, range: RangeInclusive<i32>) -> Result<u32, AwsError> {
    if range.contains(&value) {
        return Ok(value.unsigned_abs());
    }
    Err(validation(format!("{what} '{value}' must be in the range [{}, {}]", range.start(), range.end())))
}

pub fn port(value: Option<i32>) -> Result<u16, AwsError> {
    let value = value.ok_or_else(|| validation("A port must be specified"))?;
    within("Port", value, 1..=65_535).map(|p| p as u16)
}

pub fn tags(list: &Option<Vec<api::Tag>>) -> Result<BTreeMap<String, String>, AwsError> {
    let mut out = BTreeMap::new();
    for tag in list.iter().flatten() {
        let (key, value) = (tag.key.clone().unwrap_or_default(), tag.value.clone().unwrap_or_default());
        crate::tags::check(&key, &value).map_err(|e| validation(e.message))?;
        if out.insert(key.clone(), value).is_some() {
            return Err(AwsError::new("DuplicateTagKeys", format!("The tag key '{key}' is specified more than once")));
        }
    }
    tags_fit(&out)?;
    Ok(out)
}

pub fn tags_fit(tags: &BTreeMap<String, String>) -> Result<(), AwsError> {
    if tags.len() <= TAGS_PER_RESOURCE_MAX {
        return Ok(());
    }
    Err(AwsError::new("TooManyTags", format!("The maximum number of tags of a resource is {TAGS_PER_RESOURCE_MAX}")))
}

/// `items` in the order of `key`.
pub fn page<T>(
    items: Vec<T>,
    marker: &Option<String>,
    page_size: Option<i32>,
    key: impl Fn(&T) -> String,
) -> Result<(Vec<T>, Option<String>), AwsError> {
    let size = page_size.unwrap_or(PAGE_ITEMS_MAX);
    within("PageSize", size, 1..=PAGE_ITEMS_MAX)?;
    page::page(items, Some(size), marker, false, key).map_err(|_| validation("The marker is not valid"))
}
