//! Which encryption a request asks for, the keys for it, and the words about it in replies.

use super::S3;
use super::ask::{Ask, Identity, User, arn};
use super::bucket::Bucket;
use super::seal::{BadCustomerKey, CustomerKey, SealingKey};
use crate::kms::Caller;
use crate::kms::envelope::{self, Binding};
use ::kms::EncryptionContext;
use aws_protocol::AwsError;
use aws_protocol::s3::checksum::{Algorithm, Checksum};
use aws_protocol::s3::errors;
use base64::Engine;
use iam::caller::Circumstances;
use objectstore::record::Encryption;
use std::rc::Rc;
use std::time::Duration;
use types::AccountId;
use wire::kms::{EnsureKey, EnsureKeyRequest};

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

/// What an object is to be encrypted with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    S3,
    Customer {
        key_md5: String,
    },
    Kms {
        /// As the request or the bucket names it; none: the account's own key for S3.
        key: Option<String>,
        /// The caller's encryption context: JSON, checked.
        context: Option<String>,
        bucket_key: bool,
    },
}

/// What the headers say, else the bucket's default, else SSE-S3.
pub fn wanted(ask: &Ask, bucket: &Bucket, customer: Option<&CustomerKey>) -> Result<Wanted, AwsError> {
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
        return Ok(Wanted::Customer { key_md5: customer.md5.clone() });
    }
    let default = bucket.default_encryption();
    let bucket_key = match ask.filled("x-amz-server-side-encryption-bucket-key-enabled") {
        Some(_) => ask.flag("x-amz-server-side-encryption-bucket-key-enabled"),
        None => default.as_ref().is_some_and(|rule| rule.bucket_key_enabled == Some(true)),
    };
    match algorithm {
        Some("AES256") if key.is_some() => Err(errors::invalid_argument(
            "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms",
            "x-amz-server-side-encryption",
            "AES256",
        )),
        Some("AES256") => Ok(Wanted::S3),
        Some("aws:kms") => {
            let context = context.map(checked_context).transpose()?;
            Ok(Wanted::Kms { key: key.map(str::to_owned), context, bucket_key })
        }
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
            let default = default.and_then(|rule| rule.apply_server_side_encryption_by_default).unwrap_or_default();
            match default.sse_algorithm.as_deref() {
                Some("aws:kms") => Ok(Wanted::Kms { key: default.kms_master_key_id, context: None, bucket_key }),
                _ => Ok(Wanted::S3),
            }
        }
    }
}

/// The JSON in the header, if it is a map of strings.
fn checked_context(header: &str) -> Result<String, AwsError> {
    let json = base64::engine::general_purpose::STANDARD.decode(header).ok().and_then(|b| String::from_utf8(b).ok());
    json.filter(|j| parse_context(Some(j)).is_some()).ok_or_else(|| {
        errors::invalid_argument(
            "The header 'x-amz-server-side-encryption-context' shall be Base64-encoded UTF-8 string holding JSON which represents a string-string map",
            "x-amz-server-side-encryption-context",
            header,
        )
    })
}

fn parse_context(json: Option<&str>) -> Option<EncryptionContext> {
    json.map_or(Some(EncryptionContext::new()), |j| serde_json::from_str(j).ok())
}

/// How a new object is protected: what is written down, and the key that seals its blobs' keys.
pub struct Protection {
    pub encryption: Encryption,
    pub sealing: Rc<SealingKey>,
}

/// Whether a caller's permission to use the key is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judged {
    Yes,
    /// The store for itself: a caller was allowed to make the data key a moment ago, or nobody gets to see the bytes.
    No,
}

impl S3 {
    /// The protection of a new object at `bucket/key`; no key: objects of the store's own, bound to their bucket alone.
    pub(super) async fn protect(
        &self,
        ask: &Ask,
        bucket: &Bucket,
        key: Option<&str>,
        customer: Option<&CustomerKey>,
    ) -> Result<Protection, AwsError> {
        match wanted(ask, bucket, customer)? {
            Wanted::S3 => Ok(Protection { encryption: Encryption::S3, sealing: self.key.clone() }),
            Wanted::Customer { key_md5 } => {
                let sealing = customer.map(|c| c.key.clone()).ok_or_else(errors::internal_error)?;
                Ok(Protection { encryption: Encryption::Customer { key_md5 }, sealing })
            }
            Wanted::Kms { key: asked, context, bucket_key } => {
                let bucket_key = bucket_key || key.is_none();
                let user = signed(ask)?;
                let from = ask.from.to_string();
                let caller = caller(ask, user, &from);
                let asked = match asked {
                    Some(asked) if asked != OWN_KEY => asked,
                    _ => self.own_key(&user.caller.account).await?,
                };
                let bound = bound_to(&bucket.record.name, key.unwrap_or_default(), bucket_key);
                let more = parse_context(context.as_deref()).unwrap_or_default();
                let binding = Binding { arn: &bound, more: &more };
                let data_key = envelope::generate(&self.keys, &caller, &asked, &binding, bucket_key).map_err(|e| of_kms(&e))?;
                let sealing = SealingKey::of_kms(&data_key.plain).ok_or_else(errors::internal_error)?;
                let encryption = Encryption::Envelope { key: data_key.key, context, bucket_key, data_key: data_key.sealed };
                Ok(Protection { encryption, sealing: Rc::new(sealing) })
            }
        }
    }

    /// The key that opens the blobs' keys of the object `bucket/key`.
    pub(super) fn sealing_of(
        &self,
        ask: &Ask,
        (bucket, key): (&str, &str),
        encryption: &Encryption,
        customer: Option<&CustomerKey>,
        judged: Judged,
    ) -> Result<Rc<SealingKey>, AwsError> {
        match encryption {
            Encryption::S3 | Encryption::Kms { .. } => Ok(self.key.clone()),
            Encryption::Customer { .. } => customer.map(|c| c.key.clone()).ok_or_else(errors::internal_error),
            Encryption::Envelope { context, bucket_key, data_key, .. } => {
                let user = signed(ask)?;
                let from = ask.from.to_string();
                let bound = bound_to(bucket, key, *bucket_key);
                let more = parse_context(context.as_deref()).ok_or_else(errors::internal_error)?;
                let binding = Binding { arn: &bound, more: &more };
                let judged = judged == Judged::Yes;
                let plain =
                    envelope::open(&self.keys, &caller(ask, user, &from), judged, data_key, &binding).map_err(|e| of_kms(&e))?;
                SealingKey::of_kms(&plain).map(Rc::new).ok_or_else(errors::internal_error)
            }
        }
    }

    /// ARN of the account's own key for S3; the control plane makes it when it is first needed.
    async fn own_key(&self, account: &AccountId) -> Result<String, AwsError> {
        let known = || self.keys.by_alias(account, OWN_KEY).map(|e| e.key.arn.clone());
        if let Some(arn) = known() {
            return Ok(arn);
        }
        let request = EnsureKeyRequest { account: account.clone(), service: "s3".to_owned() };
        if let Err(error) = self.control.call::<EnsureKey>(&request, OWN_KEY_TIMEOUT).await {
            tracing::warn!(%error, %account, "the account's key for S3 cannot be made now");
            return Err(errors::service_unavailable());
        }
        let arrived = async {
            loop {
                let news = self.keys.news();
                match known() {
                    Some(arn) => return arn,
                    None => news.await,
                }
            }
        };
        tokio::time::timeout(OWN_KEY_TIMEOUT, arrived).await.map_err(|_| errors::service_unavailable())
    }
}

/// What the account's own key is called.
const OWN_KEY: &str = "alias/aws/s3";
const OWN_KEY_TIMEOUT: Duration = Duration::from_secs(3);

/// What a data key is bound to: `aws:s3:arn` of its encryption context.
fn bound_to(bucket: &str, key: &str, bucket_key: bool) -> String {
    arn(bucket, (!bucket_key).then_some(key))
}

fn signed(ask: &Ask) -> Result<&Rc<User>, AwsError> {
    match &ask.who {
        Identity::User(user) => Ok(user),
        Identity::Anonymous => Err(errors::invalid_argument(
            "Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4.",
            "Authorization",
            "null",
        )),
    }
}

fn caller<'a>(ask: &'a Ask, user: &'a User, from: &'a str) -> Caller<'a> {
    let user_agent = ask.filled("user-agent").unwrap_or_default();
    let at = Circumstances { now: ask.now, source_ip: from, user_agent, region: &ask.region, through: ask.through() };
    Caller { principal: &user.caller, bundle: &user.bundle, at, via: Some("s3"), traces: None }
}

/// A refusal of KMS in S3's words.
fn of_kms(e: &AwsError) -> AwsError {
    let with_words = |error: AwsError| AwsError { message: e.message.clone(), ..error };
    match &*e.code {
        "AccessDeniedException" => errors::access_denied_because(e.message.clone()),
        "NotFoundException" | "InvalidArnException" => with_words(errors::kms_not_found()),
        "DisabledException" => with_words(errors::kms_disabled()),
        "KMSInvalidStateException" => with_words(errors::kms_invalid_state()),
        "InvalidKeyUsageException" => with_words(errors::kms_invalid_key_usage()),
        _ => {
            tracing::error!(code = %e.code, message = e.message, "KMS cannot serve an object's key");
            errors::internal_error()
        }
    }
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
        (Encryption::S3 | Encryption::Kms { .. } | Encryption::Envelope { .. }, Some(_)) => {
            Err(errors::invalid_request("The encryption parameters are not applicable to this object."))
        }
        _ => Ok(()),
    }
}

/// The headers of a reply.
pub fn headers(encryption: &Encryption) -> Vec<(&'static str, String)> {
    match encryption {
        Encryption::S3 => vec![("x-amz-server-side-encryption", "AES256".to_owned())],
        Encryption::Kms { key, bucket_key, .. } | Encryption::Envelope { key, bucket_key, .. } => {
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
