//! Whether the form that a browser posts may be accepted: its signature, its policy document, and that every field is covered.
//!
//! ```text
//!  fields --PostForm::new--> PostForm          ${filename} filled in, `key` is there
//!  PostForm --authorize----> Authorized        who signed the policy, and how long the file may be; None: nobody signed
//! ```
//!
//! The policy is the only thing that is signed, so whatever it does not mention is refused.
//! Source: "Browser-based uploads using POST (AWS Signature Version 4)", Amazon S3 API Reference.

use super::errors;
use super::form_data::File;
use crate::AwsError;
use crate::error::clip;
use crate::sigv4::{self, AuthError, HttpRequest, Verified};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use types::TimestampMs;

/// Of a policy, in conditions; the form itself is limited to 20 KB.
const CONDITIONS_MAX: usize = 1000;
/// Fields that no condition has to cover; also whatever begins with `x-ignore-`.
const UNCOVERED: &[&str] = &["file", "policy", "signature", "x-amz-signature", "awsaccesskeyid"];

/// The fields of a form, names in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostForm {
    fields: Vec<(String, String)>,
}

impl PostForm {
    /// `fields` are those before the file. `${filename}` becomes the file's name wherever a value has it.
    ///
    /// # Errors
    /// `InvalidArgument` without a `key`.
    pub fn new(fields: &[(String, String)], file: &File) -> Result<Self, AwsError> {
        let name = file.name.as_deref().unwrap_or_default();
        let fill = |n: &str, v: &str| if n == "policy" { v.to_owned() } else { v.replace("${filename}", name) };
        let fields = fields.iter().map(|(n, v)| {
            let n = n.to_ascii_lowercase();
            let v = fill(&n, v);
            (n, v)
        });
        let form = Self { fields: fields.collect() };
        match form.get("key") {
            None => Err(missing("key")),
            Some("") => Err(errors::user_key_must_be_specified()),
            Some(_) => Ok(form),
        }
    }

    /// A field's value; `name` in lower case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// In order of appearance, names in lower case.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }
}

/// Which signatures a form may have. Version 2 (HMAC-SHA1 of the policy) is what older libraries still write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Versions {
    OnlyV4,
    V2AndV4,
}

/// A form whose policy was signed and allows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorized {
    pub signer: Verified,
    pub length: LengthRange,
}

/// How long the file may be, in bytes, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LengthRange {
    pub min: u64,
    pub max: u64,
}

impl LengthRange {
    /// # Errors
    /// `EntityTooSmall`, `EntityTooLarge`.
    pub fn check(&self, len_bytes: u64) -> Result<(), AwsError> {
        match len_bytes {
            n if n < self.min => Err(errors::entity_too_small(n, self.min)),
            n if n > self.max => Err(errors::entity_too_large(n, self.max)),
            _ => Ok(()),
        }
    }
}

/// Judges a form for `bucket`. `None`: it is not signed, and whoever may write the bucket anonymously may post it.
///
/// # Errors
/// `InvalidArgument` (a field is missing), `InvalidPolicyDocument`, `AccessDenied` ("Invalid according to Policy: ..."),
/// `InvalidAccessKeyId`, `SignatureDoesNotMatch`, and what a wrong credential deserves.
pub fn authorize(
    form: &PostForm,
    bucket: &str,
    region: &str,
    now: TimestampMs,
    versions: Versions,
    secret_of: impl FnOnce(&str) -> Option<String>,
) -> Result<Option<Authorized>, AwsError> {
    let signed_as = ["x-amz-credential", "x-amz-signature", "awsaccesskeyid", "signature"];
    let Some(encoded) = form.get("policy") else {
        let field = signed_as.iter().find(|f| form.get(f).is_some());
        return if field.is_some() { Err(missing("policy")) } else { Ok(None) };
    };
    let old = form.get("awsaccesskeyid").is_some() && form.get("x-amz-algorithm").is_none();
    let signer =
        if old { version_2(form, encoded, now, versions, secret_of)? } else { version_4(form, encoded, region, now, secret_of)? };
    let policy = Policy::parse(encoded)?;
    let length = policy.check(form, bucket, now)?;
    Ok(Some(Authorized { signer, length }))
}

fn version_4(
    form: &PostForm,
    encoded: &str,
    region: &str,
    now: TimestampMs,
    secret_of: impl FnOnce(&str) -> Option<String>,
) -> Result<Verified, AwsError> {
    let field = |name: &str, shown: &str| form.get(name).ok_or_else(|| missing(shown));
    let (algorithm, credential) = (field("x-amz-algorithm", "X-Amz-Algorithm")?, field("x-amz-credential", "X-Amz-Credential")?);
    let (date, signature) = (field("x-amz-date", "X-Amz-Date")?, field("x-amz-signature", "X-Amz-Signature")?);
    let r = HttpRequest { method: "POST", path: "/", query: "", headers: &[] };
    let policy = sigv4::SignedPolicy { algorithm, credential, date, signature, policy: encoded };
    let token = form.get("x-amz-security-token").map(str::to_owned);
    policy.verify(region, now, token, secret_of).map_err(|e| match e {
        AuthError::Incomplete(why) => errors::invalid_argument(why, "X-Amz-Credential", credential),
        AuthError::UnknownKey => errors::invalid_access_key_id(clip(credential.split('/').next().unwrap_or_default())),
        other => other.to_s3(&r),
    })
}

fn version_2(
    form: &PostForm,
    encoded: &str,
    now: TimestampMs,
    versions: Versions,
    secret_of: impl FnOnce(&str) -> Option<String>,
) -> Result<Verified, AwsError> {
    if versions == Versions::OnlyV4 {
        let message = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.";
        return Err(errors::invalid_request(message));
    }
    let key = form.get("awsaccesskeyid").unwrap_or_default();
    let signature = form.get("signature").ok_or_else(|| missing("signature"))?;
    let secret = secret_of(key).ok_or_else(|| errors::invalid_access_key_id(clip(key)))?;
    if !sigv4::policy_signed_v2(&secret, encoded, signature) {
        return Err(errors::signature_does_not_match().with("AWSAccessKeyId", clip(key)));
    }
    Ok(Verified {
        access_key: key.to_owned(),
        region: String::new(),
        service: "s3".to_owned(),
        session_token: form.get("x-amz-security-token").map(str::to_owned),
        signed_at: now,
        presigned: false,
    })
}

/// S3's sentence for a field without which a form is none.
fn missing(field: &str) -> AwsError {
    let message =
        format!("Bucket POST must contain a field named '{field}'.  If it is specified, please check the order of the fields.");
    errors::invalid_argument(message, field, "")
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Condition {
    Equal { field: String, value: String },
    StartsWith { field: String, prefix: String },
    Length(LengthRange),
}

/// A policy document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    expiration: TimestampMs,
    conditions: Vec<Condition>,
}

impl Policy {
    /// Reads the value of the field `policy`: base64 of JSON.
    ///
    /// # Errors
    /// `InvalidPolicyDocument`.
    pub fn parse(encoded: &str) -> Result<Self, AwsError> {
        let invalid = |why: &str| errors::invalid_policy_document(why);
        let compact: String = encoded.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        let bytes = STANDARD.decode(compact).map_err(|_| invalid("Invalid Base64 Encoding."))?;
        let text = String::from_utf8(bytes).map_err(|_| invalid("Invalid UTF-8."))?;
        let json: Value = serde_json::from_str(&without_dollar_escapes(&text)).map_err(|_| invalid("Invalid JSON."))?;
        let object = json.as_object().ok_or_else(|| invalid("Invalid JSON: must be an object."))?;
        if let Some(other) = object.keys().find(|k| !["expiration", "conditions"].contains(&k.as_str())) {
            return Err(errors::invalid_policy_document(format!("Unexpected: '{}'", clip(other))));
        }
        let expiration = object.get("expiration").and_then(Value::as_str).ok_or_else(|| invalid("Policy missing expiration."))?;
        let iso = expiration.as_bytes().get(10) == Some(&b'T') && expiration.ends_with('Z');
        let expiration = crate::xml::parse_timestamp(expiration)
            .filter(|_| iso)
            .ok_or_else(|| errors::invalid_policy_document(format!("Invalid 'expiration' value: '{}'", clip(expiration))))?;
        let conditions = object.get("conditions").ok_or_else(|| invalid("Policy missing conditions."))?;
        let conditions = conditions.as_array().ok_or_else(|| invalid("Invalid 'conditions' value: must be a List."))?;
        if conditions.len() > CONDITIONS_MAX {
            return Err(invalid("Too many conditions."));
        }
        let conditions = conditions.iter().map(condition).collect::<Result<_, _>>()?;
        Ok(Self { expiration, conditions })
    }

    /// # Errors
    /// `AccessDenied`: "Invalid according to Policy: ...".
    fn check(&self, form: &PostForm, bucket: &str, now: TimestampMs) -> Result<LengthRange, AwsError> {
        let denied = |why: String| Err(errors::access_denied_because(format!("Invalid according to Policy: {why}")));
        if now > self.expiration {
            return denied("Policy expired.".to_owned());
        }
        let value = |field: &str| if field == "bucket" { Some(bucket) } else { form.get(field) };
        let mut length = LengthRange { min: 0, max: u64::MAX };
        for condition in &self.conditions {
            let holds = match condition {
                Condition::Equal { field, value: wanted } => value(field) == Some(wanted),
                Condition::StartsWith { field, prefix } => value(field).is_some_and(|v| starts_with(field, v, prefix)),
                Condition::Length(range) => {
                    length = LengthRange { min: length.min.max(range.min), max: length.max.min(range.max) };
                    true
                }
            };
            if !holds {
                return denied(format!("Policy Condition failed: {}", condition.shown()));
            }
        }
        let covered = |name: &str| {
            UNCOVERED.contains(&name)
                || name.starts_with("x-ignore-")
                || self.conditions.iter().any(|c| match c {
                    Condition::Equal { field, .. } | Condition::StartsWith { field, .. } => field == name,
                    Condition::Length(_) => false,
                })
        };
        let extra: Vec<&str> = form.iter().map(|(n, _)| n).chain(["bucket"]).filter(|n| !covered(n)).collect();
        if extra.is_empty() { Ok(length) } else { denied(format!("Extra input fields: {}", clip(&extra.join(", ")))) }
    }
}

/// A content type may be a list, of which each has to begin so.
fn starts_with(field: &str, value: &str, prefix: &str) -> bool {
    match field {
        "content-type" => value.split(',').all(|v| v.trim().starts_with(prefix)),
        _ => value.starts_with(prefix),
    }
}

impl Condition {
    /// As S3 repeats it.
    fn shown(&self) -> String {
        let quoted = |s: &str| Value::from(s).to_string();
        let (operator, field, value) = match self {
            Self::Equal { field, value } => ("eq", field, value),
            Self::StartsWith { field, prefix } => ("starts-with", field, prefix),
            Self::Length(r) => return format!("[\"content-length-range\", {}, {}]", r.min, r.max),
        };
        format!("[\"{operator}\", {}, {}]", quoted(&format!("${field}")), quoted(value))
    }
}

fn condition(json: &Value) -> Result<Condition, AwsError> {
    let invalid = |why: &str| errors::invalid_policy_document(why);
    match json {
        Value::Object(one) => match one.iter().next() {
            Some((field, Value::String(value))) if one.len() == 1 => {
                Ok(Condition::Equal { field: field.to_ascii_lowercase(), value: value.clone() })
            }
            Some(_) if one.len() == 1 => Err(invalid("Invalid Simple-Condition: value must be a string.")),
            _ => Err(invalid("Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.")),
        },
        Value::Array(parts) => {
            let [Value::String(operator), a, b] = parts.as_slice() else {
                return Err(invalid("Invalid Condition: must have an operation and two arguments."));
            };
            match operator.to_ascii_lowercase().as_str() {
                "content-length-range" => {
                    let number = |v: &Value| v.as_u64().or_else(|| v.as_str()?.parse().ok());
                    match (number(a), number(b)) {
                        (Some(min), Some(max)) => Ok(Condition::Length(LengthRange { min, max })),
                        _ => Err(invalid("Invalid content-length-range: the arguments must be whole numbers.")),
                    }
                }
                operator @ ("eq" | "starts-with") => {
                    let (Some(field), Some(value)) = (a.as_str().and_then(|f| f.strip_prefix('$')), b.as_str()) else {
                        return Err(invalid("Invalid Condition: the arguments must be a field, beginning with $, and a string."));
                    };
                    let (field, value) = (field.to_ascii_lowercase(), value.to_owned());
                    Ok(match operator {
                        "eq" => Condition::Equal { field, value },
                        _ => Condition::StartsWith { field, prefix: value },
                    })
                }
                other => Err(errors::invalid_policy_document(format!("Invalid Condition operation: '{}'", clip(other)))),
            }
        }
        _ => Err(invalid("Invalid Condition: must be a list or an object.")),
    }
}

/// S3's policies may escape a dollar sign, and a vertical tab as `\v`, which JSON may not.
fn without_dollar_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, if c == '\\' { chars.next() } else { None }) {
            ('\\', Some('$')) => out.push('$'),
            ('\\', Some('v')) => out.push_str("\\u000b"),
            (c, next) => {
                out.push(c);
                out.extend(next);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests;
