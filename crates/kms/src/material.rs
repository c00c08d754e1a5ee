//! Key material: secret bytes of a known kind, on the way between being made, sealed, and put to use.

use crate::error::Refused;
use crate::spec;
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{self, EcdsaKeyPair, EcdsaSigningAlgorithm, KeyPair};
use aws_lc_rs::{agreement, hmac, rsa};
use wire::kms::KeySpec;
use zeroize::Zeroizing;

/// Secret bytes. Overwritten when dropped; never shown.
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }

    /// The first `bytes` of it.
    pub fn truncate(&mut self, bytes: usize) {
        zeroize::Zeroize::zeroize(&mut self.0[bytes..]);
        self.0.truncate(bytes);
    }
}

impl From<Vec<u8>> for Secret {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }
}

impl std::ops::Deref for Secret {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secret({} bytes)", self.len())
    }
}

/// One generation of a key: the secret itself for symmetric and HMAC keys, PKCS #8 for key pairs.
#[derive(Debug, Clone)]
pub struct Material {
    pub spec: KeySpec,
    bytes: Secret,
}

pub(crate) fn rsa_size(spec: KeySpec) -> Option<KeySize> {
    match spec {
        KeySpec::Rsa2048 => Some(KeySize::Rsa2048),
        KeySpec::Rsa3072 => Some(KeySize::Rsa3072),
        KeySpec::Rsa4096 => Some(KeySize::Rsa4096),
        _ => None,
    }
}

pub(crate) fn ecdsa(spec: KeySpec) -> Option<&'static EcdsaSigningAlgorithm> {
    match spec {
        KeySpec::P256 => Some(&signature::ECDSA_P256_SHA256_ASN1_SIGNING),
        KeySpec::P384 => Some(&signature::ECDSA_P384_SHA384_ASN1_SIGNING),
        KeySpec::P521 => Some(&signature::ECDSA_P521_SHA512_ASN1_SIGNING),
        KeySpec::P256k1 => Some(&signature::ECDSA_P256K1_SHA256_ASN1_SIGNING),
        _ => None,
    }
}

pub(crate) fn ecdh(spec: KeySpec) -> Option<&'static agreement::Algorithm> {
    match spec {
        KeySpec::P256 => Some(&agreement::ECDH_P256),
        KeySpec::P384 => Some(&agreement::ECDH_P384),
        KeySpec::P521 => Some(&agreement::ECDH_P521),
        _ => None,
    }
}

impl Material {
    /// New random material. RSA takes up to seconds ([`spec::is_slow`]).
    pub fn generate(spec: KeySpec) -> Result<Self, Refused> {
        let bytes = if let Some(n) = spec::secret_bytes(spec) {
            crate::random(n)?
        } else if let Some(size) = rsa_size(spec) {
            Secret::from(AsDer::<aws_lc_rs::encoding::Pkcs8V1Der>::as_der(&rsa::KeyPair::generate(size)?)?.as_ref().to_vec())
        } else {
            let algorithm = ecdsa(spec).ok_or(Refused::KeyKind)?;
            Secret::from(EcdsaKeyPair::generate(algorithm)?.to_pkcs8v1()?.as_ref().to_vec())
        };
        Ok(Self { spec, bytes })
    }

    /// Somebody's own material, checked to be a key of this kind.
    pub fn import(spec: KeySpec, bytes: Secret) -> Result<Self, Refused> {
        let material = Self { spec, bytes };
        let right = match spec::secret_bytes(spec) {
            Some(n) => material.bytes.len() == n,
            None if spec::is_rsa(spec) => {
                let size = rsa_size(spec).map_or(0, KeySize::len);
                rsa::KeyPair::from_pkcs8(&material.bytes).is_ok_and(|k| k.public_modulus_len() == size)
            }
            None => ecdsa(spec).is_some_and(|a| EcdsaKeyPair::from_pkcs8(a, &material.bytes).is_ok()),
        };
        if right { Ok(material) } else { Err(Refused::Material) }
    }

    /// From a seal that was opened: it was checked before it was sealed.
    pub(crate) fn trusted(spec: KeySpec, bytes: Secret) -> Self {
        Self { spec, bytes }
    }

    /// Secret; for sealing, for wrapping as a data key pair's private half, and for being put to use.
    pub fn expose(&self) -> &[u8] {
        &self.bytes
    }

    /// SubjectPublicKeyInfo (RFC 5280), DER. Empty for keys that have no public half.
    pub fn public_key(&self) -> Result<Vec<u8>, Refused> {
        let bad = |_| Refused::Material;
        if spec::is_rsa(self.spec) {
            let pair = rsa::KeyPair::from_pkcs8(&self.bytes).map_err(bad)?;
            return Ok(pair.public_key().as_der()?.as_ref().to_vec());
        }
        let Some(algorithm) = ecdsa(self.spec) else { return Ok(Vec::new()) };
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, &self.bytes).map_err(bad)?;
        Ok(pair.public_key().as_der()?.as_ref().to_vec())
    }

    /// KeyMaterialId: the same for the same material of the same key, and says nothing about it. 64 hexadecimal digits.
    pub fn id(&self, arn: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.bytes);
        hex::encode(hmac::sign(&key, format!("stratocell key material id\n{arn}").as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_made_and_accepted_again() {
        for spec in KeySpec::ALL.into_iter().filter(|s| !matches!(s, KeySpec::Rsa3072 | KeySpec::Rsa4096)) {
            let made = Material::generate(spec).unwrap();
            let again = Material::import(spec, made.bytes.clone()).unwrap();
            assert_eq!(made.id("arn"), again.id("arn"));
            assert_ne!(made.id("arn"), again.id("another"));
            assert_eq!(made.public_key().unwrap().is_empty(), spec::secret_bytes(spec).is_some());
            let other = if spec == KeySpec::P256 { KeySpec::P384 } else { KeySpec::P256 };
            assert_eq!(Material::import(other, made.bytes.clone()).err(), Some(Refused::Material), "{spec:?}");
            assert!(!format!("{made:?}").contains(&hex::encode(&made.bytes[..4])));
        }
        assert!(Material::import(KeySpec::Symmetric, Secret::from(vec![1; 31])).is_err());
        let small = Material::generate(KeySpec::Rsa2048).unwrap();
        assert!(Material::import(KeySpec::Rsa4096, small.bytes).is_err());
    }
}
