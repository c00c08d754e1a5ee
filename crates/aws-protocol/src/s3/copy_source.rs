//! `x-amz-copy-source`: which object, and which version of it, is copied.

use super::params::{Params, decode};
use super::{errors, validate_bucket_name};
use crate::AwsError;
use crate::error::clip;

const HEADER: &str = "x-amz-copy-source";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopySource {
    pub bucket: String,
    pub key: String,
    /// `None`: the current one.
    pub version: Option<String>,
}

impl CopySource {
    /// Reads the header: `bucket/key` or `/bucket/key`, percent-encoded, then perhaps `?versionId=`. A plus is a plus; some clients
    /// encode the first slash too.
    ///
    /// # Errors
    /// `InvalidArgument`; `InvalidBucketName`; `KeyTooLongError`.
    pub fn parse(value: &str) -> Result<Self, AwsError> {
        let invalid = |why: &str| errors::invalid_argument(why, HEADER, value);
        let (path, query) = value.trim().split_once('?').unwrap_or((value.trim(), ""));
        let path = decode(path, false).map_err(|_| invalid("Invalid copy source encoding."))?;
        let path = path.strip_prefix('/').unwrap_or(&path);
        if path.starts_with("arn:") {
            return Err(invalid("Access points are not supported as the source of a copy."));
        }
        let object = path.split_once('/').filter(|(bucket, key)| !bucket.is_empty() && !key.is_empty());
        let (bucket, key) =
            object.ok_or_else(|| invalid("Copy Source must mention the source bucket and key: sourcebucket/sourcekey"))?;
        validate_bucket_name(bucket)?;
        if key.len() > super::KEY_BYTES_MAX {
            return Err(errors::key_too_long(key.len(), super::KEY_BYTES_MAX));
        }
        let params = Params::parse(query).map_err(|_| invalid("Invalid copy source encoding."))?;
        if let Some((other, _)) = params.iter().find(|(name, _)| *name != "versionId") {
            return Err(invalid(&format!("Unsupported copy source parameter: {}", clip(other))));
        }
        let version = match params.get("versionId") {
            Some("") => return Err(invalid("Version id cannot be the empty string")),
            version => version.map(str::to_owned),
        };
        Ok(Self { bucket: bucket.to_owned(), key: key.to_owned(), version })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers() {
        let long = format!("bkt/{}", "k".repeat(1025));
        for (value, wanted) in [
            ("bkt/key", Ok(("bkt", "key", None))),
            ("/bkt/key", Ok(("bkt", "key", None))),
            ("bkt%2Fa%2Fb", Ok(("bkt", "a/b", None))),
            ("bkt//a/../b/", Ok(("bkt", "/a/../b/", None))),
            ("bkt/a+b%2Bc%20d%3Fe", Ok(("bkt", "a+b+c d?e", None))),
            ("/bkt/k%C3%A9y?versionId=v1", Ok(("bkt", "kéy", Some("v1")))),
            ("bkt/key?versionId=null", Ok(("bkt", "key", Some("null")))),
            ("bkt/key?versionId=", Err("InvalidArgument")),
            ("bkt/key?version=1", Err("InvalidArgument")),
            ("bkt", Err("InvalidArgument")),
            ("bkt/", Err("InvalidArgument")),
            ("", Err("InvalidArgument")),
            ("/", Err("InvalidArgument")),
            ("//key", Err("InvalidArgument")),
            ("bkt/%ff", Err("InvalidArgument")),
            ("arn:aws:s3:us-east-1:123456789012:accesspoint/a/object/k", Err("InvalidArgument")),
            ("Bkt/key", Err("InvalidBucketName")),
            (long.as_str(), Err("KeyTooLongError")),
        ] {
            let got = CopySource::parse(value);
            let got =
                got.as_ref().map(|s| (s.bucket.as_str(), s.key.as_str(), s.version.as_deref())).map_err(|e| e.code.as_ref());
            assert_eq!(got, wanted, "{value}");
        }
    }
}
