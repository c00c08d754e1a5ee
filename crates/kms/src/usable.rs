//! Key material put to use: parsed once, then asked to encrypt, sign, authenticate or agree.
//!
//! Holds secrets in the cryptographic library's own memory, which it overwrites when freed. `Send` and `Sync`: the slow
//! operations (RSA with the private half) are for a thread beside the event loop.

use crate::blob::{Blob, Header, SALT_BYTES};
use crate::context::{EncryptionContext, canonical};
use crate::error::Refused;
use crate::material::{Material, Secret, ecdh, ecdsa, rsa_size};
use crate::spec::{self, EncryptionAlgorithm, MacAlgorithm, Sha, SigningAlgorithm};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::digest::{self, Digest};
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{OaepAlgorithm, OaepPrivateDecryptingKey, OaepPublicEncryptingKey, PrivateDecryptingKey};
use aws_lc_rs::signature::{EcdsaKeyPair, KeyPair, UnparsedPublicKey, VerificationAlgorithm};
use aws_lc_rs::{agreement, hmac, rand, rsa, signature};
use wire::kms::KeySpec;

const SYMMETRIC_LABEL: &[u8] = b"stratocell kms message key 1\0";

enum Held {
    /// Derives each message's key.
    Symmetric(hmac::Key),
    Rsa {
        sign: Box<rsa::KeyPair>,
        decrypt: Box<OaepPrivateDecryptingKey>,
        encrypt: Box<OaepPublicEncryptingKey>,
    },
    Ec {
        sign: Box<EcdsaKeyPair>,
        /// None: a curve without agreement.
        agree: Option<Box<agreement::PrivateKey>>,
    },
    Mac(hmac::Key, MacAlgorithm),
}

pub struct Usable {
    pub spec: KeySpec,
    held: Held,
    /// SubjectPublicKeyInfo; empty for symmetric and HMAC keys.
    public: Vec<u8>,
}

impl std::fmt::Debug for Usable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Usable({:?})", self.spec)
    }
}

/// What is signed.
#[derive(Debug, Clone, Copy)]
pub enum Message<'a> {
    /// Hashed here.
    Raw(&'a [u8]),
    /// Hashed by the caller with the algorithm's hash function.
    Digest(&'a [u8]),
}

impl Usable {
    pub fn new(material: &Material) -> Result<Self, Refused> {
        let bytes = material.expose();
        let bad = |_| Refused::Material;
        let held = if let Some(&mac) = spec::mac_algorithms(material.spec).first() {
            Held::Mac(hmac::Key::new(hmac_algorithm(mac), bytes), mac)
        } else if material.spec == KeySpec::Symmetric {
            Held::Symmetric(hmac::Key::new(hmac::HMAC_SHA256, bytes))
        } else if rsa_size(material.spec).is_some() {
            let private = PrivateDecryptingKey::from_pkcs8(bytes).map_err(bad)?;
            Held::Rsa {
                sign: Box::new(rsa::KeyPair::from_pkcs8(bytes).map_err(bad)?),
                encrypt: Box::new(OaepPublicEncryptingKey::new(private.public_key())?),
                decrypt: Box::new(OaepPrivateDecryptingKey::new(private)?),
            }
        } else {
            let algorithm = ecdsa(material.spec).ok_or(Refused::KeyKind)?;
            let agree = ecdh(material.spec).map(|a| agreement::PrivateKey::from_private_key_der(a, bytes)).transpose();
            Held::Ec {
                sign: Box::new(EcdsaKeyPair::from_pkcs8(algorithm, bytes).map_err(bad)?),
                agree: agree.map_err(bad)?.map(Box::new),
            }
        };
        let public = match &held {
            Held::Rsa { sign, .. } => sign.public_key().as_der()?.as_ref().to_vec(),
            Held::Ec { sign, .. } => sign.public_key().as_der()?.as_ref().to_vec(),
            _ => Vec::new(),
        };
        Ok(Self { spec: material.spec, held, public })
    }

    /// SubjectPublicKeyInfo, DER; empty for symmetric and HMAC keys.
    pub fn public_key(&self) -> &[u8] {
        &self.public
    }

    /// The longest plaintext, bytes.
    pub fn plaintext_bytes_max(&self, algorithm: EncryptionAlgorithm) -> usize {
        match (&self.held, oaep(algorithm)) {
            (Held::Rsa { encrypt, .. }, Some(oaep)) => encrypt.max_plaintext_size(oaep),
            _ => crate::PLAINTEXT_BYTES_MAX,
        }
    }

    /// `key` and `generation` are written into the ciphertext of a symmetric key; an RSA ciphertext says nothing of its key,
    /// and has no context.
    pub fn encrypt(
        &self,
        algorithm: EncryptionAlgorithm,
        key: [u8; 16],
        generation: u32,
        plaintext: &[u8],
        context: &EncryptionContext,
    ) -> Result<Vec<u8>, Refused> {
        if plaintext.is_empty() || plaintext.len() > self.plaintext_bytes_max(algorithm) {
            return Err(Refused::Length);
        }
        match (&self.held, oaep(algorithm)) {
            (Held::Symmetric(kdf), None) => {
                let mut salt = [0; SALT_BYTES];
                let mut nonce = [0; NONCE_LEN];
                rand::fill(&mut salt)?;
                rand::fill(&mut nonce)?;
                let header = Header { key, generation, salt };
                let mut out = header.to_bytes().to_vec();
                out.extend_from_slice(&nonce);
                let mut body = plaintext.to_vec();
                let sealed = message_key(kdf, &salt)?.seal_in_place_append_tag(
                    Nonce::assume_unique_for_key(nonce),
                    bound_to(&header, context)?,
                    &mut body,
                );
                sealed?;
                out.append(&mut body);
                Ok(out)
            }
            (Held::Rsa { encrypt, .. }, Some(oaep)) if context.is_empty() => {
                let mut out = vec![0; encrypt.ciphertext_size()];
                let bytes = encrypt.encrypt(oaep, plaintext, &mut out, None)?.len();
                out.truncate(bytes);
                Ok(out)
            }
            _ => Err(Refused::KeyKind),
        }
    }

    /// The caller has found the key and generation that a symmetric ciphertext names.
    pub fn decrypt(
        &self,
        algorithm: EncryptionAlgorithm,
        ciphertext: &[u8],
        context: &EncryptionContext,
    ) -> Result<Secret, Refused> {
        match (&self.held, oaep(algorithm)) {
            (Held::Symmetric(kdf), None) => {
                let blob = Blob::parse(ciphertext).ok_or(Refused::Ciphertext)?;
                let mut body = Secret::from(blob.sealed.to_vec());
                let key = message_key(kdf, &blob.header.salt)?;
                let aad = bound_to(&blob.header, context)?;
                let bytes = key
                    .open_in_place(Nonce::assume_unique_for_key(blob.nonce), aad, body.bytes_mut())
                    .map_err(|_| Refused::Ciphertext)?
                    .len();
                body.truncate(bytes);
                Ok(body)
            }
            (Held::Rsa { decrypt, .. }, Some(oaep)) if context.is_empty() => {
                let mut out = Secret::from(vec![0; decrypt.min_output_size()]);
                let bytes = decrypt.decrypt(oaep, ciphertext, out.bytes_mut(), None).map_err(|_| Refused::Ciphertext)?.len();
                out.truncate(bytes);
                Ok(out)
            }
            _ => Err(Refused::KeyKind),
        }
    }

    /// PKCS #1 or ASN.1 DER (ECDSA).
    pub fn sign(&self, algorithm: SigningAlgorithm, message: Message) -> Result<Vec<u8>, Refused> {
        let digest = hashed(algorithm.sha(), message)?;
        match (&self.held, algorithm) {
            (Held::Rsa { sign, .. }, SigningAlgorithm::Pss(_) | SigningAlgorithm::Pkcs1(_)) => {
                let mut out = vec![0; sign.public_modulus_len()];
                sign.sign_digest(rsa_encoding(algorithm).ok_or(Refused::KeyKind)?, &digest, &mut out)?;
                Ok(out)
            }
            (Held::Ec { sign, .. }, SigningAlgorithm::Ecdsa(_)) => {
                sign.sign_digest(&digest).map(|s| s.as_ref().to_vec()).map_err(|_| Refused::KeyKind)
            }
            _ => Err(Refused::KeyKind),
        }
    }

    pub fn verify(&self, algorithm: SigningAlgorithm, message: Message, signature: &[u8]) -> Result<(), Refused> {
        let digest = hashed(algorithm.sha(), message)?;
        let verifier = verifier(self.spec, algorithm).ok_or(Refused::KeyKind)?;
        UnparsedPublicKey::new(verifier, &self.public).verify_digest(&digest, signature).map_err(|_| Refused::Signature)
    }

    pub fn mac(&self, algorithm: MacAlgorithm, message: &[u8]) -> Result<Vec<u8>, Refused> {
        match &self.held {
            Held::Mac(key, own) if *own == algorithm => Ok(hmac::sign(key, message).as_ref().to_vec()),
            _ => Err(Refused::KeyKind),
        }
    }

    /// In constant time.
    pub fn verify_mac(&self, algorithm: MacAlgorithm, message: &[u8], mac: &[u8]) -> Result<(), Refused> {
        match &self.held {
            Held::Mac(key, own) if *own == algorithm => hmac::verify(key, message, mac).map_err(|_| Refused::Mac),
            _ => Err(Refused::KeyKind),
        }
    }

    /// ECDH: the x-coordinate of the shared point. `peer` is SubjectPublicKeyInfo.
    pub fn agree(&self, peer: &[u8]) -> Result<Secret, Refused> {
        let Held::Ec { agree: Some(own), .. } = &self.held else { return Err(Refused::KeyKind) };
        let peer = agreement::UnparsedPublicKey::new(own.algorithm(), peer);
        let parsed = agreement::ParsedPublicKey::try_from(peer).map_err(|_| Refused::PublicKey)?;
        if parsed.format() != agreement::ParsedPublicKeyFormat::X509 {
            return Err(Refused::PublicKey);
        }
        agreement::agree(own, parsed, Refused::PublicKey, |secret| Ok(Secret::from(secret.to_vec())))
    }
}

fn message_key(kdf: &hmac::Key, salt: &[u8; SALT_BYTES]) -> Result<LessSafeKey, Refused> {
    let mut context = hmac::Context::with_key(kdf);
    context.update(SYMMETRIC_LABEL);
    context.update(salt);
    let derived = context.sign();
    Ok(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, derived.as_ref())?))
}

fn bound_to(header: &Header, context: &EncryptionContext) -> Result<Aad<Vec<u8>>, Refused> {
    let mut aad = header.to_bytes().to_vec();
    aad.append(&mut canonical(context)?);
    Ok(Aad::from(aad))
}

fn hashed(sha: Sha, message: Message) -> Result<Digest, Refused> {
    let algorithm = match sha {
        Sha::Sha256 => &digest::SHA256,
        Sha::Sha384 => &digest::SHA384,
        Sha::Sha512 => &digest::SHA512,
    };
    match message {
        Message::Raw(bytes) if bytes.is_empty() || bytes.len() > crate::MESSAGE_BYTES_MAX => Err(Refused::Length),
        Message::Raw(bytes) => Ok(digest::digest(algorithm, bytes)),
        Message::Digest(bytes) => Digest::import_less_safe(bytes, algorithm).map_err(|_| Refused::Length),
    }
}

fn oaep(algorithm: EncryptionAlgorithm) -> Option<&'static OaepAlgorithm> {
    match algorithm {
        EncryptionAlgorithm::Symmetric => None,
        EncryptionAlgorithm::OaepSha1 => Some(&rsa::OAEP_SHA1_MGF1SHA1),
        EncryptionAlgorithm::OaepSha256 => Some(&rsa::OAEP_SHA256_MGF1SHA256),
    }
}

fn rsa_encoding(algorithm: SigningAlgorithm) -> Option<&'static dyn signature::RsaEncoding> {
    Some(match algorithm {
        SigningAlgorithm::Pss(Sha::Sha256) => &signature::RSA_PSS_SHA256,
        SigningAlgorithm::Pss(Sha::Sha384) => &signature::RSA_PSS_SHA384,
        SigningAlgorithm::Pss(Sha::Sha512) => &signature::RSA_PSS_SHA512,
        SigningAlgorithm::Pkcs1(Sha::Sha256) => &signature::RSA_PKCS1_SHA256,
        SigningAlgorithm::Pkcs1(Sha::Sha384) => &signature::RSA_PKCS1_SHA384,
        SigningAlgorithm::Pkcs1(Sha::Sha512) => &signature::RSA_PKCS1_SHA512,
        SigningAlgorithm::Ecdsa(_) => return None,
    })
}

fn verifier(spec: KeySpec, algorithm: SigningAlgorithm) -> Option<&'static dyn VerificationAlgorithm> {
    Some(match (algorithm, spec) {
        (SigningAlgorithm::Ecdsa(Sha::Sha256), KeySpec::P256) => &signature::ECDSA_P256_SHA256_ASN1,
        (SigningAlgorithm::Ecdsa(Sha::Sha256), KeySpec::P256k1) => &signature::ECDSA_P256K1_SHA256_ASN1,
        (SigningAlgorithm::Ecdsa(Sha::Sha384), KeySpec::P384) => &signature::ECDSA_P384_SHA384_ASN1,
        (SigningAlgorithm::Ecdsa(Sha::Sha512), KeySpec::P521) => &signature::ECDSA_P521_SHA512_ASN1,
        (SigningAlgorithm::Ecdsa(_), _) => return None,
        (_, spec) if !spec::is_rsa(spec) => return None,
        (SigningAlgorithm::Pss(Sha::Sha256), _) => &signature::RSA_PSS_2048_8192_SHA256,
        (SigningAlgorithm::Pss(Sha::Sha384), _) => &signature::RSA_PSS_2048_8192_SHA384,
        (SigningAlgorithm::Pss(Sha::Sha512), _) => &signature::RSA_PSS_2048_8192_SHA512,
        (SigningAlgorithm::Pkcs1(Sha::Sha256), _) => &signature::RSA_PKCS1_2048_8192_SHA256,
        (SigningAlgorithm::Pkcs1(Sha::Sha384), _) => &signature::RSA_PKCS1_2048_8192_SHA384,
        (SigningAlgorithm::Pkcs1(Sha::Sha512), _) => &signature::RSA_PKCS1_2048_8192_SHA512,
    })
}

fn hmac_algorithm(mac: MacAlgorithm) -> hmac::Algorithm {
    match mac {
        MacAlgorithm::Sha224 => hmac::HMAC_SHA224,
        MacAlgorithm::Sha256 => hmac::HMAC_SHA256,
        MacAlgorithm::Sha384 => hmac::HMAC_SHA384,
        MacAlgorithm::Sha512 => hmac::HMAC_SHA512,
    }
}

#[cfg(test)]
#[path = "usable_tests.rs"]
mod tests;
