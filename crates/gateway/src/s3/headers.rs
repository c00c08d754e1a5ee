//! What a writer's headers say of the object: system headers, metadata, tags, class. And the same on the way out. Pure.

use super::ask::Ask;
use aws_protocol::AwsError;
use aws_protocol::s3::{STORAGE_CLASS_VALUES, decode, errors};

/// AWS: user-defined metadata is limited to 2 KB, names and values together.
const METADATA_BYTES_MAX: usize = 2048;
const TAGS_MAX: usize = 10;
const TAG_KEY_CHARS_MAX: usize = 128;
const TAG_VALUE_CHARS_MAX: usize = 256;
const META: &str = "x-amz-meta-";

/// Kept with the object and given back.
pub const SYSTEM: [&str; 6] =
    ["cache-control", "content-disposition", "content-encoding", "content-language", "content-type", "expires"];

/// Query parameters that replace a header of the reply (signed requests only).
pub const OVERRIDES: [(&str, &str); 6] = [
    ("response-cache-control", "cache-control"),
    ("response-content-disposition", "content-disposition"),
    ("response-content-encoding", "content-encoding"),
    ("response-content-language", "content-language"),
    ("response-content-type", "content-type"),
    ("response-expires", "expires"),
];

pub type Pairs = Vec<(String, String)>;

/// Values as they are kept: text, with bytes that are not UTF-8 read as Latin-1 (as clients that send raw bytes mean them).
fn text(value: &hyper::header::HeaderValue) -> String {
    match std::str::from_utf8(value.as_bytes()) {
        Ok(text) => text.trim().to_owned(),
        Err(_) => value.as_bytes().iter().map(|b| char::from(*b)).collect::<String>().trim().to_owned(),
    }
}

pub fn system(ask: &Ask) -> Pairs {
    let mut out: Pairs = Vec::new();
    for name in SYSTEM {
        let values: Vec<String> = ask.headers.get_all(name).iter().map(text).collect();
        let mut value = values.join(",");
        if name == "content-encoding" && value.split(',').any(|c| c.trim() == "aws-chunked") {
            // The framing of the upload is not the object's encoding.
            value =
                value.split(',').map(str::trim).filter(|c| !c.is_empty() && *c != "aws-chunked").collect::<Vec<_>>().join(",");
        }
        if !value.is_empty() {
            out.push((name.to_owned(), value));
        }
    }
    if !out.iter().any(|(n, _)| n == "content-type") {
        out.push(("content-type".to_owned(), "binary/octet-stream".to_owned()));
    }
    out
}

pub fn metadata(ask: &Ask) -> Result<Pairs, AwsError> {
    let mut out: Pairs = Vec::new();
    for (name, value) in &ask.headers {
        let Some(name) = name.as_str().strip_prefix(META).filter(|n| !n.is_empty()) else { continue };
        let value = text(value);
        match out.iter_mut().find(|(n, _)| n == name) {
            Some((_, all)) => *all = format!("{all},{value}"),
            None => out.push((name.to_owned(), value)),
        }
    }
    let bytes: usize = out.iter().map(|(n, v)| n.len() + v.len()).sum();
    if bytes > METADATA_BYTES_MAX {
        return Err(errors::metadata_too_large(bytes, METADATA_BYTES_MAX));
    }
    out.sort();
    Ok(out)
}

/// `x-amz-tagging`: a query string.
pub fn tags_of_header(header: &str) -> Result<Pairs, AwsError> {
    let pairs = header.split('&').filter(|p| !p.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Ok((decode(name, true)?, decode(value, true)?))
    });
    let invalid = || {
        errors::invalid_argument(
            "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
            "x-amz-tagging",
            header,
        )
    };
    let tags: Pairs = pairs.collect::<Result<_, AwsError>>().map_err(|_| invalid())?;
    if tags.iter().enumerate().any(|(n, (key, _))| tags[..n].iter().any(|(k, _)| k == key)) {
        return Err(invalid());
    }
    checked_tags(tags, TAGS_MAX)
}

/// The rules for tags of objects (10) and of buckets (50).
pub fn checked_tags(tags: Pairs, max: usize) -> Result<Pairs, AwsError> {
    if tags.len() > max {
        let what = if max == TAGS_MAX { "Object" } else { "Bucket" };
        return Err(AwsError::new("BadRequest", format!("{what} tags cannot be greater than {max}")));
    }
    for (n, (key, value)) in tags.iter().enumerate() {
        if key.is_empty() || key.chars().count() > TAG_KEY_CHARS_MAX || !plain(key) {
            return Err(errors::invalid_tag("The TagKey you have provided is invalid").with("TagKey", key.as_str()));
        }
        if value.chars().count() > TAG_VALUE_CHARS_MAX || !plain(value) {
            return Err(errors::invalid_tag("The TagValue you have provided is invalid").with("TagKey", key.as_str()));
        }
        if key.get(..4).is_some_and(|p| p.eq_ignore_ascii_case("aws:")) {
            return Err(errors::invalid_tag("System tags cannot be added/updated by requester"));
        }
        if tags[..n].iter().any(|(k, _)| k == key) {
            return Err(errors::invalid_tag("Cannot provide multiple Tags with the same key").with("TagKey", key.as_str()));
        }
    }
    Ok(tags)
}

pub const OBJECT_TAGS_MAX: usize = TAGS_MAX;
pub const BUCKET_TAGS_MAX: usize = 50;

/// Letters, digits and spaces of any script, and `+ - = . _ : / @`.
fn plain(text: &str) -> bool {
    text.chars().all(|c| c.is_alphanumeric() || c.is_whitespace() || "+-=._:/@".contains(c))
}

/// Empty: STANDARD.
pub fn storage_class(ask: &Ask) -> Result<String, AwsError> {
    let class = ask.filled("x-amz-storage-class").unwrap_or("STANDARD");
    // Classes of other products (Outposts, Snow, FSx, Express) cannot be had here.
    let known = STORAGE_CLASS_VALUES.contains(&class)
        && !matches!(class, "OUTPOSTS" | "SNOW" | "EXPRESS_ONEZONE" | "FSX_OPENZFS" | "FSX_ONTAP");
    if known { Ok(class.to_owned()) } else { Err(errors::invalid_storage_class(class)) }
}

/// What is kept erasure-coded.
pub fn is_coded(class: &str) -> bool {
    matches!(class, "STANDARD_IA" | "ONEZONE_IA" | "GLACIER_IR" | "GLACIER" | "DEEP_ARCHIVE")
}

/// Must be restored before it can be read.
pub fn is_archived(class: &str) -> bool {
    matches!(class, "GLACIER" | "DEEP_ARCHIVE")
}

/// A value that may stand in a header: control characters would end it, other scripts are sent as UTF-8 bytes.
pub fn value(text: &str) -> Option<hyper::header::HeaderValue> {
    hyper::header::HeaderValue::from_bytes(text.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_checked() {
        let code = |header: &str| match tags_of_header(header) {
            Ok(tags) => format!("{} tags", tags.len()),
            Err(e) => e.code.into_owned(),
        };
        let eleven = (0..11).map(|n| format!("k{n}=v")).collect::<Vec<_>>().join("&");
        for (header, wanted) in [
            ("a=b&c=d%20e", "2 tags"),
            ("a", "1 tags"),
            ("", "0 tags"),
            (eleven.as_str(), "BadRequest"),
            ("a=1&a=2", "InvalidArgument"),
            ("aws:x=1", "InvalidTag"),
            ("=1", "InvalidTag"),
            ("a=%3C", "InvalidTag"),
            ("a=%zz", "InvalidArgument"),
        ] {
            assert_eq!(code(header), wanted, "{header}");
        }
        assert_eq!(code(&format!("{}=1", "k".repeat(129))), "InvalidTag");
        assert_eq!(code(&format!("k={}", "v".repeat(257))), "InvalidTag");
    }
}
