//! Which encryption a request asks for, and the words about it in replies.

use super::ask::Ask;
use super::bucket::Bucket;
use super::seal::{BadCustomerKey, CustomerKey};
use aws_protocol::AwsError;
use aws_protocol::s3::checksum::{Algorithm, Checksum};
use aws_protocol::s3::errors;
use base64::Engine;
use objectstore::record::Encryption;

/// The headers of SSE-C, for the object itself and for a copy's source.
const CUSTOMER: &str = "x-amz-server-side-encryption-customer";
const SOURCE_CUSTOMER: &str = "x-amz-copy-source-server-side-encryption-customer";

/// The customer's key, if the request has one.
pub fn customer_key(ask: &Ask) -> Result<Option<CustomerKey>, AwsError> {
    customer(ask, CUSTOMER)
}

pub fn source_customer_key(ask: &Ask) -> Result<Option<CustomerKey>, AwsError> {
    customer(ask, SOURCE_CUSTOMER)
}

fn customer(ask: &Ask, family: &str) -> Result<Option<CustomerKey>, AwsError> {
    let name = |part: &str| format!("{family}-{part}");
    let [algorithm, key, md5] = ["algorithm", "key", "key-md5"].map(|part| ask.filled(&name(part)));
    let argument = |message: &str, header: &str, value: &str| Err(errors::invalid_argument(message, header, value));
    match (algorithm, key, md5) {
        (None, None, None) => Ok(None),
        (None, ..) => argument(
            "Requests specifying Server Side Encryption with Customer provided keys must provide a valid encryption algorithm.",
            &name("algorithm"),
            "null",
        ),
        (_, None, _) => argument(
            "Requests specifying Server Side Encryption with Customer provided keys must provide an appropriate secret key.",
            &name("key"),
            "null",
        ),
        (_, _, None) => argument(
            "Requests specifying Server Side Encryption with Customer provided keys must provide the client calculated MD5 of the secret key.",
            &name("key-md5"),
            "null",
        ),
        (Some(algorithm), Some(key), Some(md5)) => {
            let md5_of = |bytes: &[u8]| Checksum::of(Algorithm::Md5, bytes).to_base64();
            match CustomerKey::parse(algorithm, key, md5, md5_of) {
                Ok(key) => Ok(Some(key)),
                Err(BadCustomerKey::Algorithm) => Err(errors::invalid_encryption_algorithm(name("algorithm"), algorithm)),
                Err(BadCustomerKey::Key) => argument("The secret key was invalid for the specified algorithm.", &name("key"), ""),
                Err(BadCustomerKey::Md5) => argument(
                    "The calculated MD5 hash of the key did not match the hash that was provided.",
                    &name("key-md5"),
                    md5,
                ),
            }
        }
    }
}

/// A reader does not choose the encryption (AWS: GetObject, "Encryption").
pub fn refuse_on_read(ask: &Ask) -> Result<(), AwsError> {
    let asked = ["x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id"];
    match asked.into_iter().find_map(|name| Some((name, ask.filled(name)?))) {
        None => Ok(()),
        Some((name, value)) => {
            Err(errors::invalid_argument(format!("{name} header is not supported for this operation."), name, value))
        }
    }
}

/// What the object will be encrypted with: what the headers say, else the bucket's default, else SSE-S3.
pub fn wanted(ask: &Ask, bucket: &Bucket, region: &str, customer: Option<&CustomerKey>) -> Result<Encryption, AwsError> {
    let algorithm = ask.filled("x-amz-server-side-encryption");
    let key = ask.filled("x-amz-server-side-encryption-aws-kms-key-id");
    let context = ask.filled("x-amz-server-side-encryption-context");
    if let Some(customer) = customer {
        if bucket.blocks_customer_keys() {
            return Err(errors::access_denied_because("The bucket does not allow the SSE-C encryption type."));
        }
        if let Some(algorithm) = algorithm {
            return Err(errors::invalid_argument(
                "Server Side Encryption with Customer provided key is incompatible with the encryption method specified",
                "x-amz-server-side-encryption",
                algorithm,
            ));
        }
        return Ok(Encryption::Customer { key_md5: customer.md5.clone() });
    }
    match algorithm {
        Some("AES256") if key.is_some() => Err(errors::invalid_argument(
            "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms",
            "x-amz-server-side-encryption",
            "AES256",
        )),
        Some("AES256") => Ok(Encryption::S3),
        Some("aws:kms") => kms(key, context, ask.flag("x-amz-server-side-encryption-bucket-key-enabled"), bucket, region),
        Some("aws:kms:dsse") => Err(errors::not_implemented_because("Dual-layer encryption (aws:kms:dsse) is not implemented.")),
        Some(other) => Err(errors::invalid_argument(
            "The encryption method specified is not supported",
            "x-amz-server-side-encryption",
            other,
        )),
        None if key.is_some() || context.is_some() => Err(errors::invalid_argument(
            "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms",
            "x-amz-server-side-encryption",
            "null",
        )),
        None => {
            let Some(rule) = bucket.default_encryption() else { return Ok(Encryption::S3) };
            let default = rule.apply_server_side_encryption_by_default.unwrap_or_default();
            match default.sse_algorithm.as_deref() {
                Some("aws:kms") => {
                    kms(default.kms_master_key_id.as_deref(), None, rule.bucket_key_enabled == Some(true), bucket, region)
                }
                _ => Ok(Encryption::S3),
            }
        }
    }
}

/// The account's own key for S3. Others are KMS's to know, and there is no KMS yet: named, they are not found.
fn kms(
    key: Option<&str>,
    context: Option<&str>,
    bucket_key: bool,
    bucket: &Bucket,
    region: &str,
) -> Result<Encryption, AwsError> {
    let managed = format!("arn:aws:kms:{region}:{}:alias/aws/s3", bucket.record.owner);
    if key.is_some_and(|k| k != managed && k != "alias/aws/s3") {
        return Err(errors::kms_not_found());
    }
    let context = context
        .map(|text| {
            let json = base64::engine::general_purpose::STANDARD.decode(text).ok().and_then(|b| String::from_utf8(b).ok());
            let object = json.filter(|j| serde_json::from_str::<std::collections::BTreeMap<String, String>>(j).is_ok());
            object.ok_or_else(|| {
                errors::invalid_argument(
                    "The header 'x-amz-server-side-encryption-context' shall be Base64-encoded UTF-8 string holding JSON which represents a string-string map",
                    "x-amz-server-side-encryption-context",
                    text,
                )
            })
        })
        .transpose()?;
    Ok(Encryption::Kms { key: managed, context, bucket_key })
}

/// May this request read what was encrypted so? Reads of SSE-C objects bring the key.
pub fn check_key(encryption: &Encryption, customer: Option<&CustomerKey>) -> Result<(), AwsError> {
    match (encryption, customer) {
        (Encryption::Customer { .. }, None) => Err(errors::invalid_request(
            "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.",
        )),
        (Encryption::Customer { key_md5 }, Some(customer)) if *key_md5 != customer.md5 => Err(errors::access_denied_because(
            "Requests specifying Server Side Encryption with Customer provided keys must provide the correct secret key.",
        )),
        (Encryption::S3 | Encryption::Kms { .. }, Some(_)) => {
            Err(errors::invalid_request("The encryption parameters are not applicable to this object."))
        }
        _ => Ok(()),
    }
}

/// The headers of a reply.
pub fn headers(encryption: &Encryption) -> Vec<(&'static str, String)> {
    match encryption {
        Encryption::S3 => vec![("x-amz-server-side-encryption", "AES256".to_owned())],
        Encryption::Kms { key, bucket_key, .. } => {
            let mut all = vec![
                ("x-amz-server-side-encryption", "aws:kms".to_owned()),
                ("x-amz-server-side-encryption-aws-kms-key-id", key.clone()),
            ];
            if *bucket_key {
                all.push(("x-amz-server-side-encryption-bucket-key-enabled", "true".to_owned()));
            }
            all
        }
        Encryption::Customer { key_md5 } => vec![
            ("x-amz-server-side-encryption-customer-algorithm", "AES256".to_owned()),
            ("x-amz-server-side-encryption-customer-key-md5", key_md5.clone()),
        ],
    }
}
