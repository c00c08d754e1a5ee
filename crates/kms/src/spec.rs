//! Which usage and which algorithms go with which kind of key.
//!
//! Source: KMS Developer Guide, "Key spec reference"; API Reference, CreateKey, Sign, Encrypt, GenerateMac.

use wire::kms::{KeySpec, KeyUsage};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EncryptionAlgorithm {
    Symmetric,
    OaepSha1,
    OaepSha256,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sha {
    Sha256,
    Sha384,
    Sha512,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SigningAlgorithm {
    Pss(Sha),
    Pkcs1(Sha),
    Ecdsa(Sha),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MacAlgorithm {
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

macro_rules! names {
    ($t:ty { $($variant:expr => $name:literal,)* }) => {
        impl $t {
            pub const ALL: &[$t] = &[$($variant),*];

            /// As AWS spells it.
            pub fn name(self) -> &'static str {
                match Self::ALL.iter().position(|a| *a == self) {
                    Some(i) => [$($name),*][i],
                    None => "",
                }
            }

            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|a| a.name() == name)
            }
        }
    };
}

names!(EncryptionAlgorithm {
    EncryptionAlgorithm::Symmetric => "SYMMETRIC_DEFAULT",
    EncryptionAlgorithm::OaepSha1 => "RSAES_OAEP_SHA_1",
    EncryptionAlgorithm::OaepSha256 => "RSAES_OAEP_SHA_256",
});

names!(SigningAlgorithm {
    SigningAlgorithm::Pss(Sha::Sha256) => "RSASSA_PSS_SHA_256",
    SigningAlgorithm::Pss(Sha::Sha384) => "RSASSA_PSS_SHA_384",
    SigningAlgorithm::Pss(Sha::Sha512) => "RSASSA_PSS_SHA_512",
    SigningAlgorithm::Pkcs1(Sha::Sha256) => "RSASSA_PKCS1_V1_5_SHA_256",
    SigningAlgorithm::Pkcs1(Sha::Sha384) => "RSASSA_PKCS1_V1_5_SHA_384",
    SigningAlgorithm::Pkcs1(Sha::Sha512) => "RSASSA_PKCS1_V1_5_SHA_512",
    SigningAlgorithm::Ecdsa(Sha::Sha256) => "ECDSA_SHA_256",
    SigningAlgorithm::Ecdsa(Sha::Sha384) => "ECDSA_SHA_384",
    SigningAlgorithm::Ecdsa(Sha::Sha512) => "ECDSA_SHA_512",
});

names!(MacAlgorithm {
    MacAlgorithm::Sha224 => "HMAC_SHA_224",
    MacAlgorithm::Sha256 => "HMAC_SHA_256",
    MacAlgorithm::Sha384 => "HMAC_SHA_384",
    MacAlgorithm::Sha512 => "HMAC_SHA_512",
});

impl SigningAlgorithm {
    pub fn sha(self) -> Sha {
        match self {
            Self::Pss(sha) | Self::Pkcs1(sha) | Self::Ecdsa(sha) => sha,
        }
    }
}

/// The usages that a key of this kind can be made for; the only one is the default.
pub fn usages(spec: KeySpec) -> &'static [KeyUsage] {
    match spec {
        KeySpec::Symmetric => &[KeyUsage::EncryptDecrypt],
        KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096 => &[KeyUsage::EncryptDecrypt, KeyUsage::SignVerify],
        KeySpec::P256 | KeySpec::P384 | KeySpec::P521 => &[KeyUsage::SignVerify, KeyUsage::KeyAgreement],
        KeySpec::P256k1 => &[KeyUsage::SignVerify],
        KeySpec::Hmac224 | KeySpec::Hmac256 | KeySpec::Hmac384 | KeySpec::Hmac512 => &[KeyUsage::GenerateVerifyMac],
    }
}

pub fn encryption_algorithms(spec: KeySpec, usage: KeyUsage) -> &'static [EncryptionAlgorithm] {
    match (spec, usage) {
        (KeySpec::Symmetric, KeyUsage::EncryptDecrypt) => &[EncryptionAlgorithm::Symmetric],
        (_, KeyUsage::EncryptDecrypt) => &[EncryptionAlgorithm::OaepSha1, EncryptionAlgorithm::OaepSha256],
        _ => &[],
    }
}

pub fn signing_algorithms(spec: KeySpec, usage: KeyUsage) -> &'static [SigningAlgorithm] {
    const RSA: &[SigningAlgorithm] = &[
        SigningAlgorithm::Pkcs1(Sha::Sha256),
        SigningAlgorithm::Pkcs1(Sha::Sha384),
        SigningAlgorithm::Pkcs1(Sha::Sha512),
        SigningAlgorithm::Pss(Sha::Sha256),
        SigningAlgorithm::Pss(Sha::Sha384),
        SigningAlgorithm::Pss(Sha::Sha512),
    ];
    if usage != KeyUsage::SignVerify {
        return &[];
    }
    match spec {
        KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096 => RSA,
        KeySpec::P256 | KeySpec::P256k1 => &[SigningAlgorithm::Ecdsa(Sha::Sha256)],
        KeySpec::P384 => &[SigningAlgorithm::Ecdsa(Sha::Sha384)],
        KeySpec::P521 => &[SigningAlgorithm::Ecdsa(Sha::Sha512)],
        _ => &[],
    }
}

pub fn mac_algorithms(spec: KeySpec) -> &'static [MacAlgorithm] {
    match spec {
        KeySpec::Hmac224 => &[MacAlgorithm::Sha224],
        KeySpec::Hmac256 => &[MacAlgorithm::Sha256],
        KeySpec::Hmac384 => &[MacAlgorithm::Sha384],
        KeySpec::Hmac512 => &[MacAlgorithm::Sha512],
        _ => &[],
    }
}

/// The bytes of a symmetric or HMAC key; none for key pairs.
pub fn secret_bytes(spec: KeySpec) -> Option<usize> {
    match spec {
        KeySpec::Symmetric | KeySpec::Hmac256 => Some(32),
        KeySpec::Hmac224 => Some(28),
        KeySpec::Hmac384 => Some(48),
        KeySpec::Hmac512 => Some(64),
        _ => None,
    }
}

pub fn is_rsa(spec: KeySpec) -> bool {
    matches!(spec, KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096)
}

/// Whether making a key of this kind takes so long (RSA's search for primes) that it must not be done on an event loop.
pub fn is_slow(spec: KeySpec) -> bool {
    is_rsa(spec)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_key_can_do_something_and_names_come_back() {
        for spec in KeySpec::ALL {
            for &usage in usages(spec) {
                let algorithms = encryption_algorithms(spec, usage).len() + signing_algorithms(spec, usage).len();
                let mac = usage == KeyUsage::GenerateVerifyMac && !mac_algorithms(spec).is_empty();
                assert!(algorithms > 0 || mac || usage == KeyUsage::KeyAgreement, "{spec:?} {usage:?}");
            }
        }
        assert!(SigningAlgorithm::ALL.iter().all(|a| SigningAlgorithm::parse(a.name()) == Some(*a)));
        assert!(MacAlgorithm::ALL.iter().all(|a| MacAlgorithm::parse(a.name()) == Some(*a)));
        assert!(EncryptionAlgorithm::ALL.iter().all(|a| EncryptionAlgorithm::parse(a.name()) == Some(*a)));
        assert_eq!(SigningAlgorithm::parse("ECDSA_SHA_1"), None);
    }
}
