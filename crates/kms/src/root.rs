//! The root key: 32 random bytes that seal all key material of the region. Kept in `kms.key`, a file of mode 0600, as such or
//! under a passphrase.
//!
//! ```text
//! stratocell-kms-key 1 plain HEX
//! stratocell-kms-key 1 pbkdf2-hmac-sha512 ITERATIONS SALT SEALED
//! ```
//! The passphrase's key is PBKDF2-HMAC-SHA-512 with 210,000 iterations (OWASP Password Storage Cheat Sheet): the memory-hard
//! functions are not in the cryptographic library. Where the passphrase comes from (an operator, a TPM) is no matter here.

use crate::error::Refused;
use crate::material::{Material, Secret};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{hmac, pbkdf2, rand};
use std::num::NonZeroU32;
use wire::kms::KeySpec;
use zeroize::Zeroizing;

const KEY_BYTES: usize = 32;
const MAGIC: &str = "stratocell-kms-key 1";
const ITERATIONS: NonZeroU32 = NonZeroU32::new(210_000).expect("not zero");
/// A file that asks for more work than this is not ours.
const ITERATIONS_MAX: u32 = 10_000_000;
/// The first byte of every seal.
const SEAL_VERSION: u8 = 1;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RootKeyError {
    #[error("it is not a root key's file of a version known here")]
    Format,
    #[error("it is kept under a passphrase, and none was given")]
    PassphraseNeeded,
    #[error("the passphrase is wrong, or the file was changed")]
    Passphrase,
    #[error("it is kept without a passphrase, and one was given")]
    NoPassphrase,
    #[error("the cryptographic library failed")]
    Failed,
}

pub struct RootKey {
    bytes: Zeroizing<[u8; KEY_BYTES]>,
    cipher: LessSafeKey,
    /// Makes the nonces of [`RootKey::seal_same`].
    nonces: hmac::Key,
}

impl std::fmt::Debug for RootKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RootKey(..)")
    }
}

fn cipher(key: &[u8]) -> Result<LessSafeKey, RootKeyError> {
    UnboundKey::new(&AES_256_GCM, key).map(LessSafeKey::new).map_err(|_| RootKeyError::Failed)
}

fn derive(passphrase: &str, iterations: NonZeroU32, salt: &[u8]) -> Zeroizing<[u8; KEY_BYTES]> {
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA512, iterations, salt, passphrase.as_bytes(), &mut *key);
    key
}

impl RootKey {
    pub fn generate() -> Result<Self, RootKeyError> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        rand::fill(&mut *bytes).map_err(|_| RootKeyError::Failed)?;
        Self::of(bytes)
    }

    fn of(bytes: Zeroizing<[u8; KEY_BYTES]>) -> Result<Self, RootKeyError> {
        let cipher = cipher(&*bytes)?;
        let own = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &*bytes), b"stratocell nonces of equal seals 1");
        Ok(Self { bytes, cipher, nonces: hmac::Key::new(hmac::HMAC_SHA256, own.as_ref()) })
    }

    /// The file's text.
    pub fn to_file(&self, passphrase: Option<&str>) -> Result<Zeroizing<String>, RootKeyError> {
        let Some(passphrase) = passphrase else {
            return Ok(Zeroizing::new(format!("{MAGIC} plain {}\n", hex::encode(*self.bytes))));
        };
        let mut salt = [0; 16];
        rand::fill(&mut salt).map_err(|_| RootKeyError::Failed)?;
        let head = format!("{MAGIC} pbkdf2-hmac-sha512 {ITERATIONS} {}", hex::encode(salt));
        let wrapping = cipher(&*derive(passphrase, ITERATIONS, &salt))?;
        let sealed = seal(&wrapping, head.as_bytes(), &*self.bytes).map_err(|_| RootKeyError::Failed)?;
        Ok(Zeroizing::new(format!("{head} {}\n", hex::encode(sealed))))
    }

    /// Reads the file's text. A passphrase that is not needed is an error too: whoever gives one believes the file protected.
    pub fn parse(text: &str, passphrase: Option<&str>) -> Result<Self, RootKeyError> {
        let text = text.trim_end();
        let rest = text.strip_prefix(MAGIC).and_then(|t| t.strip_prefix(' ')).ok_or(RootKeyError::Format)?;
        let words: Vec<&str> = rest.split(' ').collect();
        let key = |bytes: &[u8]| <[u8; KEY_BYTES]>::try_from(bytes).map(Zeroizing::new).map_err(|_| RootKeyError::Format);
        match (words.as_slice(), passphrase) {
            (["plain", _], Some(_)) => Err(RootKeyError::NoPassphrase),
            (["plain", digits], None) if !digits.bytes().any(|b| b.is_ascii_uppercase()) => {
                let bytes = Zeroizing::new(hex::decode(digits).map_err(|_| RootKeyError::Format)?);
                Self::of(key(&bytes)?)
            }
            (["pbkdf2-hmac-sha512", ..], None) => Err(RootKeyError::PassphraseNeeded),
            (["pbkdf2-hmac-sha512", iterations, salt, sealed], Some(passphrase)) => {
                let count = iterations.parse().ok().filter(|n| *n <= ITERATIONS_MAX).and_then(NonZeroU32::new);
                let salt_bytes = hex::decode(salt).map_err(|_| RootKeyError::Format)?;
                let sealed = hex::decode(sealed).map_err(|_| RootKeyError::Format)?;
                let head = format!("{MAGIC} pbkdf2-hmac-sha512 {iterations} {salt}");
                let wrapping = cipher(&*derive(passphrase, count.ok_or(RootKeyError::Format)?, &salt_bytes))?;
                let opened = open(&wrapping, head.as_bytes(), &sealed).ok_or(RootKeyError::Passphrase)?;
                Self::of(key(&opened)?)
            }
            _ => Err(RootKeyError::Format),
        }
    }

    /// Material for a row or a snapshot: opens as this generation of the key with this ARN only.
    pub fn seal_material(&self, arn: &str, generation: u32, material: &Material) -> Result<Vec<u8>, Refused> {
        seal(&self.cipher, &material_aad(arn, generation, material.spec), material.expose())
    }

    /// None: another root key sealed it, it was changed, or it is another key's.
    pub fn open_material(&self, arn: &str, generation: u32, spec: KeySpec, sealed: &[u8]) -> Option<Material> {
        let bytes = open(&self.cipher, &material_aad(arn, generation, spec), sealed)?;
        Some(Material::trusted(spec, bytes))
    }

    /// Anything else of the region's that only its own roles may read; `purpose` says what, and whose.
    pub fn seal(&self, purpose: &str, bytes: &[u8]) -> Result<Vec<u8>, Refused> {
        seal(&self.cipher, format!("other\0{purpose}").as_bytes(), bytes)
    }

    /// The same, but equal secrets of one purpose give equal seals, so that a document that holds one changes only when it
    /// does. The nonce is made of what it seals, as in SIV modes (RFC 5297, section 1.3.2: nothing but equality shows).
    pub fn seal_same(&self, purpose: &str, bytes: &[u8]) -> Result<Vec<u8>, Refused> {
        let aad = format!("other\0{purpose}");
        let mut context = hmac::Context::with_key(&self.nonces);
        context.update(&(aad.len() as u64).to_be_bytes());
        context.update(aad.as_bytes());
        context.update(bytes);
        let tag = context.sign();
        let nonce = tag.as_ref().first_chunk::<NONCE_LEN>().ok_or(Refused::Failed)?;
        seal_with(&self.cipher, *nonce, aad.as_bytes(), bytes)
    }

    /// Of [`RootKey::seal`] and [`RootKey::seal_same`].
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Option<Secret> {
        open(&self.cipher, format!("other\0{purpose}").as_bytes(), sealed)
    }
}

fn material_aad(arn: &str, generation: u32, spec: KeySpec) -> Vec<u8> {
    format!("material\0{generation}\0{}\0{arn}", spec.name()).into_bytes()
}

fn seal(cipher: &LessSafeKey, aad: &[u8], bytes: &[u8]) -> Result<Vec<u8>, Refused> {
    let mut nonce = [0; NONCE_LEN];
    rand::fill(&mut nonce)?;
    seal_with(cipher, nonce, aad, bytes)
}

fn seal_with(cipher: &LessSafeKey, nonce: [u8; NONCE_LEN], aad: &[u8], bytes: &[u8]) -> Result<Vec<u8>, Refused> {
    let mut body = bytes.to_vec();
    cipher.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad), &mut body)?;
    Ok([&[SEAL_VERSION][..], &nonce, &body].concat())
}

fn open(cipher: &LessSafeKey, aad: &[u8], sealed: &[u8]) -> Option<Secret> {
    let (&version, rest) = sealed.split_first()?;
    let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>()?;
    let mut body = Secret::from(body.to_vec());
    let bytes = (version == SEAL_VERSION)
        .then(|| {
            cipher.open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(aad), body.bytes_mut()).ok().map(|p| p.len())
        })
        .flatten()?;
    body.truncate(bytes);
    Some(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_file_comes_back_with_and_without_a_passphrase() {
        let root = RootKey::generate().unwrap();
        let sealed = root.seal("test", b"secret").unwrap();
        let opens = |r: &RootKey| r.open("test", &sealed).is_some_and(|s| *s == *b"secret");
        let plain = root.to_file(None).unwrap();
        assert!(opens(&RootKey::parse(&plain, None).unwrap()));
        assert_eq!(RootKey::parse(&plain, Some("x")).err(), Some(RootKeyError::NoPassphrase));
        let kept = root.to_file(Some("correct horse")).unwrap();
        assert!(!kept.contains(&hex::encode(*root.bytes)) && !format!("{root:?}").contains(&hex::encode(&root.bytes[..4])));
        assert!(opens(&RootKey::parse(&kept, Some("correct horse")).unwrap()));
        assert_eq!(RootKey::parse(&kept, None).err(), Some(RootKeyError::PassphraseNeeded));
        assert_eq!(RootKey::parse(&kept, Some("correct house")).err(), Some(RootKeyError::Passphrase));
        // The work factor is bound in: it cannot be lowered.
        let weaker = kept.replace("210000", "1");
        assert_eq!(RootKey::parse(&weaker, Some("correct horse")).err(), Some(RootKeyError::Passphrase));
        for bad in ["", "stratocell-kms-key 2 plain 00", "stratocell-kms-key 1 plain 00", "stratocell-kms-key 1 tpm2 00"] {
            assert_eq!(RootKey::parse(bad, None).err(), Some(RootKeyError::Format), "{bad}");
        }
        assert_eq!(
            RootKey::parse("stratocell-kms-key 1 pbkdf2-hmac-sha512 99999999 00 00", Some("x")).err(),
            Some(RootKeyError::Format)
        );
    }

    #[test]
    fn sealed_material_is_bound_to_its_key_generation_and_kind() {
        let (root, other) = (RootKey::generate().unwrap(), RootKey::generate().unwrap());
        let material = Material::generate(KeySpec::Symmetric).unwrap();
        let sealed = root.seal_material("arn:a", 1, &material).unwrap();
        let opened = root.open_material("arn:a", 1, KeySpec::Symmetric, &sealed).unwrap();
        assert_eq!(opened.expose(), material.expose());
        for (root, arn, generation, spec) in [
            (&root, "arn:b", 1, KeySpec::Symmetric),
            (&root, "arn:a", 2, KeySpec::Symmetric),
            (&root, "arn:a", 1, KeySpec::Hmac256),
            (&other, "arn:a", 1, KeySpec::Symmetric),
        ] {
            assert!(root.open_material(arn, generation, spec, &sealed).is_none());
        }
        for i in 0..sealed.len() {
            let mut bad = sealed.clone();
            bad[i] ^= 1;
            assert!(root.open_material("arn:a", 1, KeySpec::Symmetric, &bad).is_none(), "byte {i}");
        }
        assert!(root.open("material", &sealed).is_none() && root.open_material("arn:a", 1, KeySpec::Symmetric, &[]).is_none());
    }

    #[test]
    fn equal_secrets_have_equal_seals_and_others_others() {
        let (root, other) = (RootKey::generate().unwrap(), RootKey::generate().unwrap());
        let sealed = root.seal_same("key a", b"secret").unwrap();
        assert_eq!(root.seal_same("key a", b"secret").unwrap(), sealed);
        for seal in [root.seal_same("key b", b"secret"), root.seal_same("key a", b"secreT"), other.seal_same("key a", b"secret")]
        {
            assert_ne!(seal.unwrap()[1..=NONCE_LEN], sealed[1..=NONCE_LEN]);
        }
        assert!(root.open("key a", &sealed).is_some_and(|s| *s == *b"secret"));
        assert!(root.open("key b", &sealed).is_none() && other.open("key a", &sealed).is_none());
    }

    proptest! {
        #[test]
        fn any_file(text in "stratocell-kms-key [12] (plain|tpm2)? ?[0-9a-fA-F]{60,66}\n?") {
            crate::fuzz::root_key_file(&text);
        }
    }
}
