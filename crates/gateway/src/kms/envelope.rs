//! Data keys for the object store, under a KMS key: one an object, or with bucket keys one a bucket for a while.
//!
//! The encryption context is what AWS's object store binds its keys to: the object's ARN, or the bucket's with bucket keys,
//! besides what the caller gave. Opening one costs microseconds here, so what is kept is the unsealed material
//! ([`super::ring::Keys::usable`]) and, for bucket keys, the data key that new objects share.

use super::access::{Caller, Wanted};
use super::cipher::{named_by, seal};
use super::ring::{Entry, Keys};
use ::kms::{EncryptionAlgorithm, EncryptionContext, Secret};
use aws_protocol::{AwsError, kms_errors};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::{Duration, Instant};
use wire::kms::KeyUsage;

const DATA_KEY_BYTES: usize = 32;
/// A bucket key makes data keys for this long, for so many objects; so many buckets' keys are held.
const BUCKET_KEY_LIFE: Duration = Duration::from_secs(300);
const BUCKET_KEY_USES_MAX: u32 = 100_000;
const BUCKET_KEYS_MAX: usize = 4096;

/// A data key, and itself under the KMS key.
pub struct DataKey {
    /// The KMS key's ARN.
    pub key: String,
    pub plain: Secret,
    pub sealed: Vec<u8>,
}

/// Bucket keys in use, by key id and bucket ARN.
#[derive(Default)]
pub struct BucketKeys(RefCell<HashMap<(String, String), BucketKey>>);

struct BucketKey {
    generation: u32,
    context: EncryptionContext,
    plain: Secret,
    sealed: Vec<u8>,
    since: Instant,
    uses: u32,
}

impl BucketKeys {
    pub(super) fn keep(&self, has: impl Fn(&str) -> bool) {
        self.0.borrow_mut().retain(|(id, _), _| has(id));
    }
}

/// What an envelope is bound to.
pub struct Binding<'a> {
    /// ARN of the object, or of the bucket with a bucket key.
    pub arn: &'a str,
    /// The caller's own context.
    pub more: &'a EncryptionContext,
}

impl Binding<'_> {
    fn context(&self) -> EncryptionContext {
        let mut context = self.more.clone();
        context.insert("aws:s3:arn".to_owned(), self.arn.to_owned());
        context
    }
}

/// A new data key under the key that `asked` names, for a caller with kms:GenerateDataKey.
pub fn generate(keys: &Keys, caller: &Caller, asked: &str, binding: &Binding, bucket_key: bool) -> Result<DataKey, AwsError> {
    let context = binding.context();
    let wanted = Wanted { action: "kms:GenerateDataKey", asked, encryption_context: &context, more: &[] };
    let entry = caller.find(keys, &wanted)?;
    ready(caller, &entry, "GenerateDataKey")?;
    if bucket_key {
        return shared(keys, &entry, binding.arn, context);
    }
    let plain = ::kms::random(DATA_KEY_BYTES).map_err(|e| kms_errors::internal(e.to_string()))?;
    let sealed = seal(keys, &entry.key, EncryptionAlgorithm::Symmetric, &plain, &context)?;
    Ok(DataKey { key: entry.key.arn.clone(), plain, sealed })
}

fn ready(caller: &Caller, entry: &Entry, operation: &str) -> Result<(), AwsError> {
    caller.ready(entry, KeyUsage::EncryptDecrypt, operation)?;
    if entry.key.spec != wire::kms::KeySpec::Symmetric {
        let spec = entry.key.spec.name();
        return Err(kms_errors::invalid_key_usage(format!(
            "{} key spec is {spec} which is not valid for {operation}.",
            entry.key.arn
        )));
    }
    Ok(())
}

/// The bucket's key, or a new one when there is none that may still be used.
fn shared(keys: &Keys, entry: &Rc<Entry>, bucket: &str, context: EncryptionContext) -> Result<DataKey, AwsError> {
    let mut held = keys.bucket_keys.0.borrow_mut();
    let place = (entry.key.id.clone(), bucket.to_owned());
    let good = |k: &BucketKey| {
        k.generation == entry.key.current
            && k.context == context
            && k.uses < BUCKET_KEY_USES_MAX
            && k.since.elapsed() < BUCKET_KEY_LIFE
    };
    if !held.get(&place).is_some_and(good) {
        if held.len() >= BUCKET_KEYS_MAX {
            held.clear();
        }
        let plain = ::kms::random(DATA_KEY_BYTES).map_err(|e| kms_errors::internal(e.to_string()))?;
        let sealed = seal(keys, &entry.key, EncryptionAlgorithm::Symmetric, &plain, &context)?;
        let (generation, since) = (entry.key.current, Instant::now());
        held.insert(place.clone(), BucketKey { generation, context, plain, sealed, since, uses: 0 });
    }
    let Some(k) = held.get_mut(&place) else { return Err(kms_errors::internal("a bucket key that was made is gone")) };
    k.uses += 1;
    Ok(DataKey { key: entry.key.arn.clone(), plain: k.plain.clone(), sealed: k.sealed.clone() })
}

/// A data key back from its sealed form. `judged`: the caller must have kms:Decrypt; without, the store asks for itself, of
/// what the caller has been allowed to make a moment ago.
pub fn open(keys: &Keys, caller: &Caller, judged: bool, sealed: &[u8], binding: &Binding) -> Result<Secret, AwsError> {
    let (entry, generation) = named_by(keys, sealed)?;
    let entry = entry.ok_or_else(|| kms_errors::not_found("The key of the object does not exist any more."))?;
    let context = binding.context();
    if judged {
        let wanted = Wanted { action: "kms:Decrypt", asked: &entry.key.arn, encryption_context: &context, more: &[] };
        caller.allow(&entry, &wanted)?;
    }
    ready(caller, &entry, "Decrypt")?;
    let usable = keys.usable(&entry.key, generation)?;
    usable.decrypt(EncryptionAlgorithm::Symmetric, sealed, &context).map_err(|_| kms_errors::invalid_ciphertext())
}
