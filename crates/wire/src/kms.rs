//! KMS: the keys that the control plane pushes to whoever does cryptography with them, complete and sealed.
//!
//! Key material travels and is stored sealed under the region's root key only (see the crate `kms`), so that neither a
//! ledger nor a store is worth stealing without `kms.key`. Binary members are hexadecimal in JSON.

use crate::{Applied, method};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use types::{AccountId, Generation, TimestampMs};

/// All keys, grants and aliases of the region. Kept in a ledger by its receivers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeySnapshot {
    pub format: u16,
    pub generation: Generation,
    pub keys: Vec<Key>,
    pub aliases: Vec<Alias>,
}

/// What kind of key: AWS's KeySpec.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum KeySpec {
    #[serde(rename = "SYMMETRIC_DEFAULT")]
    Symmetric,
    #[serde(rename = "RSA_2048")]
    Rsa2048,
    #[serde(rename = "RSA_3072")]
    Rsa3072,
    #[serde(rename = "RSA_4096")]
    Rsa4096,
    #[serde(rename = "ECC_NIST_P256")]
    P256,
    #[serde(rename = "ECC_NIST_P384")]
    P384,
    #[serde(rename = "ECC_NIST_P521")]
    P521,
    #[serde(rename = "ECC_SECG_P256K1")]
    P256k1,
    #[serde(rename = "HMAC_224")]
    Hmac224,
    #[serde(rename = "HMAC_256")]
    Hmac256,
    #[serde(rename = "HMAC_384")]
    Hmac384,
    #[serde(rename = "HMAC_512")]
    Hmac512,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum KeyUsage {
    EncryptDecrypt,
    SignVerify,
    GenerateVerifyMac,
    KeyAgreement,
}

/// ```text
/// PendingImport ──► Enabled ◄──► Disabled
///      ▲   │           │            │
///      │   └───────────┴──► PendingDeletion ──► gone
///      └─ the material was deleted, or its time is over
/// ```
/// A deletion that is called off ends in Disabled (PendingImport without material).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyState {
    Enabled,
    Disabled,
    PendingDeletion,
    PendingImport,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Key {
    pub account: AccountId,
    /// A UUID, unique in the region.
    pub id: String,
    /// `arn:aws:kms:us-east-1:123456789012:key/…`
    pub arn: String,
    pub spec: KeySpec,
    pub usage: KeyUsage,
    pub state: KeyState,
    /// `AWS_KMS` or `EXTERNAL`
    pub origin: String,
    /// The key policy's text.
    pub policy: String,
    pub tags: BTreeMap<String, String>,
    /// The generation that new ciphertexts are made with; the older ones still decrypt. None are left when imported
    /// material was deleted.
    pub current: u32,
    pub materials: Vec<SealedMaterial>,
    /// Imported material is not used at or after this time.
    #[serde(default)]
    pub valid_to: Option<TimestampMs>,
    pub grants: Vec<Grant>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedMaterial {
    pub generation: u32,
    /// KeyMaterialId: 64 hexadecimal digits.
    pub id: String,
    pub sealed: Hex,
    /// SubjectPublicKeyInfo, DER; empty for symmetric and HMAC keys.
    #[serde(default)]
    pub public: Hex,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    pub id: String,
    pub token: String,
    /// ARN of a principal, or a service's name.
    pub grantee: String,
    pub retiring: Option<String>,
    /// `Decrypt`, `CreateGrant`, …
    pub operations: Vec<String>,
    /// The encryption context must have these entries, and may have others.
    #[serde(default)]
    pub context_subset: Option<BTreeMap<String, String>>,
    /// The encryption context must be this.
    #[serde(default)]
    pub context_equals: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alias {
    pub account: AccountId,
    /// `alias/name`
    pub name: String,
    /// The key's id, in the same account.
    pub key: String,
}

method!(
    /// To the gateway and the object store's worker.
    PushKeys, "kms/PushKeys", KeySnapshot => Applied
);

/// A service's own key in an account (`alias/aws/s3`), made if there is none yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnsureKeyRequest {
    pub account: AccountId,
    /// `s3`, `ebs`
    pub service: String,
}

/// When this is answered, the key has been pushed to the gateway or will be soon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnsureKeyReply {
    pub arn: String,
}

method!(EnsureKey, "region/EnsureKey", EnsureKeyRequest => EnsureKeyReply);

/// Bytes that are hexadecimal text in JSON.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Hex(pub Vec<u8>);

impl std::fmt::Debug for Hex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Hex({} bytes)", self.0.len())
    }
}

impl std::ops::Deref for Hex {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Hex {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl Serialize for Hex {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let text: String = self.0.iter().flat_map(|b| [b >> 4, b & 15]).map(|d| char::from(DIGITS[usize::from(d)])).collect();
        s.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for Hex {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        let digit = |c: u8| char::from(c).to_digit(16).map(|d| d as u8);
        let pairs = text.as_bytes().chunks(2).map(|pair| match pair {
            [a, b] => Some(digit(*a)? << 4 | digit(*b)?),
            _ => None,
        });
        pairs.collect::<Option<Vec<u8>>>().map(Self).ok_or_else(|| serde::de::Error::custom("not hexadecimal"))
    }
}

impl KeySpec {
    pub const ALL: [KeySpec; 12] = [
        Self::Symmetric,
        Self::Rsa2048,
        Self::Rsa3072,
        Self::Rsa4096,
        Self::P256,
        Self::P384,
        Self::P521,
        Self::P256k1,
        Self::Hmac224,
        Self::Hmac256,
        Self::Hmac384,
        Self::Hmac512,
    ];

    /// As AWS spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Symmetric => "SYMMETRIC_DEFAULT",
            Self::Rsa2048 => "RSA_2048",
            Self::Rsa3072 => "RSA_3072",
            Self::Rsa4096 => "RSA_4096",
            Self::P256 => "ECC_NIST_P256",
            Self::P384 => "ECC_NIST_P384",
            Self::P521 => "ECC_NIST_P521",
            Self::P256k1 => "ECC_SECG_P256K1",
            Self::Hmac224 => "HMAC_224",
            Self::Hmac256 => "HMAC_256",
            Self::Hmac384 => "HMAC_384",
            Self::Hmac512 => "HMAC_512",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }
}

impl KeyUsage {
    pub const ALL: [KeyUsage; 4] = [Self::EncryptDecrypt, Self::SignVerify, Self::GenerateVerifyMac, Self::KeyAgreement];

    pub fn name(self) -> &'static str {
        match self {
            Self::EncryptDecrypt => "ENCRYPT_DECRYPT",
            Self::SignVerify => "SIGN_VERIFY",
            Self::GenerateVerifyMac => "GENERATE_VERIFY_MAC",
            Self::KeyAgreement => "KEY_AGREEMENT",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|u| u.name() == name)
    }
}

impl KeyState {
    pub fn name(self) -> &'static str {
        match self {
            Self::Enabled => "Enabled",
            Self::Disabled => "Disabled",
            Self::PendingDeletion => "PendingDeletion",
            Self::PendingImport => "PendingImport",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_json_are_aws_names_and_bytes_come_back() {
        for spec in KeySpec::ALL {
            assert_eq!(serde_json::to_string(&spec).unwrap(), format!("{:?}", spec.name()));
            assert_eq!(KeySpec::parse(spec.name()), Some(spec));
        }
        for usage in KeyUsage::ALL {
            assert_eq!(serde_json::to_string(&usage).unwrap(), format!("{:?}", usage.name()));
        }
        let bytes = Hex((0..=255).collect());
        let text = serde_json::to_string(&bytes).unwrap();
        assert!(text.starts_with("\"000102") && text.ends_with("fdfeff\""));
        assert_eq!(serde_json::from_str::<Hex>(&text).unwrap(), bytes);
        assert!(serde_json::from_str::<Hex>("\"abc\"").is_err() && serde_json::from_str::<Hex>("\"zz\"").is_err());
    }
}
