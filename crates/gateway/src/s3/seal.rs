//! Objects' keys: every blob has its own random key, sealed here by the region's object key (SSE-S3), by a data key that is
//! under a KMS key (SSE-KMS), or by the customer's (SSE-C). AES-256-GCM; the blob's id is bound in, so that a sealed key opens
//! one blob only.
//!
//! The object key is 32 random bytes in a 0600 file of the gateway's; lost, every object is lost with it.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine;
use objectstore::BlobId;
use objectstore::data::DataKey;
use platform::{DataDir, Rng, disk};
use std::io::{Error, ErrorKind, Result};
use std::rc::Rc;

const KEY_BYTES: usize = 32;

/// A key that seals data keys. Its bytes are held by the cipher alone.
pub struct SealingKey {
    cipher: LessSafeKey,
    /// Bound into every seal: which kind of key it was.
    kind: &'static [u8],
}

impl std::fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealingKey(..)")
    }
}

impl SealingKey {
    fn new(bytes: &[u8], kind: &'static [u8]) -> Option<Self> {
        Some(Self { cipher: LessSafeKey::new(UnboundKey::new(&AES_256_GCM, bytes).ok()?), kind })
    }

    /// The region's; made at the first start by the first of the processes that ask for it. Had each made its own, what one
    /// of them sealed would be lost at its next start.
    pub fn open(dir: &DataDir, rng: &mut impl Rng) -> Result<Self> {
        let path = dir.object_key();
        let mut text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == ErrorKind::NotFound => {
                let mut fresh = hex::encode(random_key(rng)).into_bytes();
                fresh.push(b'\n');
                let made = disk::create_atomic(&path, &fresh)?;
                if made { fresh } else { std::fs::read(&path)? }
            }
            Err(e) => return Err(e),
        };
        let bytes = hex::decode(text.trim_ascii_end());
        text.fill(0);
        let key = bytes.ok().and_then(|mut b| {
            let key = Self::new(&b, b"region");
            b.fill(0);
            key
        });
        key.ok_or_else(|| Error::new(ErrorKind::InvalidData, format!("{} is not a key", path.display())))
    }

    /// SSE-KMS: the object's data key.
    pub fn of_kms(bytes: &[u8]) -> Option<Self> {
        Self::new(bytes, b"kms")
    }

    /// SSE-C: the customer's 32 bytes.
    pub fn of_customer(bytes: &[u8; KEY_BYTES]) -> Option<Self> {
        Self::new(bytes, b"customer")
    }

    /// A new data key for a blob, and its sealed form: nonce, ciphertext, tag.
    pub fn new_data_key(&self, blob: BlobId, rng: &mut impl Rng) -> (DataKey, Vec<u8>) {
        let mut plain = random_key(rng);
        let key = DataKey::new(plain);
        let nonce: [u8; NONCE_LEN] = {
            let r = rng.u128().to_le_bytes();
            std::array::from_fn(|i| r[i])
        };
        let mut sealed = nonce.to_vec();
        let mut body = plain.to_vec();
        plain.fill(0);
        self.cipher
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), self.bound_to(blob), &mut body)
            .expect("32 bytes can be sealed");
        sealed.append(&mut body);
        (key, sealed)
    }

    /// None: another key sealed it, or it was changed.
    pub fn open_data_key(&self, blob: BlobId, sealed: &[u8]) -> Option<DataKey> {
        let (nonce, body) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut body = body.to_vec();
        let plain = self.cipher.open_in_place(Nonce::assume_unique_for_key(*nonce), self.bound_to(blob), &mut body).ok()?;
        let key = DataKey::new(<[u8; KEY_BYTES]>::try_from(&*plain).ok()?);
        body.fill(0);
        Some(key)
    }

    fn bound_to(&self, blob: BlobId) -> Aad<Vec<u8>> {
        Aad::from([self.kind, &blob.to_bytes()].concat())
    }
}

fn random_key(rng: &mut impl Rng) -> [u8; KEY_BYTES] {
    let mut key = [0; KEY_BYTES];
    for part in key.chunks_exact_mut(16) {
        part.copy_from_slice(&rng.u128().to_le_bytes());
    }
    key
}

/// A customer's key from its headers: the key and its MD5, both in base64.
pub struct CustomerKey {
    pub key: Rc<SealingKey>,
    pub md5: String,
}

/// What is wrong with the headers of SSE-C.
#[derive(Debug, PartialEq, Eq)]
pub enum BadCustomerKey {
    Algorithm,
    Key,
    Md5,
}

impl CustomerKey {
    pub fn parse(
        algorithm: &str,
        key: &str,
        md5: &str,
        md5_of: impl Fn(&[u8]) -> String,
    ) -> std::result::Result<Self, BadCustomerKey> {
        if algorithm != "AES256" {
            return Err(BadCustomerKey::Algorithm);
        }
        let mut bytes = base64::engine::general_purpose::STANDARD.decode(key).map_err(|_| BadCustomerKey::Key)?;
        let sized = <[u8; KEY_BYTES]>::try_from(bytes.as_slice()).map_err(|_| BadCustomerKey::Key)?;
        let right = aws_lc_rs::constant_time::verify_slices_are_equal(md5_of(&bytes).as_bytes(), md5.as_bytes()).is_ok();
        bytes.fill(0);
        if !right {
            return Err(BadCustomerKey::Md5);
        }
        let key = SealingKey::of_customer(&sized).ok_or(BadCustomerKey::Key)?;
        Ok(Self { key: Rc::new(key), md5: md5.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use objectstore::SessionId;
    use platform::SeededRng;

    #[test]
    fn a_sealed_key_opens_its_own_blob_only() {
        let temp = tempfile::tempdir().unwrap();
        let dir = DataDir::new(temp.path());
        let mut rng = SeededRng::new(1);
        let region = SealingKey::open(&dir, &mut rng).unwrap();
        let blob = BlobId { session: SessionId(1), number: 2 };
        let (key, sealed) = region.new_data_key(blob, &mut rng);
        let again = SealingKey::open(&dir, &mut rng).unwrap();
        assert!(again.open_data_key(blob, &sealed).is_some_and(|k| k.as_bytes() == key.as_bytes()));
        assert!(again.open_data_key(BlobId { number: 3, ..blob }, &sealed).is_none());
        assert!(SealingKey::of_customer(&[7; 32]).unwrap().open_data_key(blob, &sealed).is_none());
        for bad in [&sealed[..5], &sealed[..40], &[]] {
            assert!(again.open_data_key(blob, bad).is_none());
        }
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(dir.object_key()).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
        std::fs::write(dir.object_key(), "short").unwrap();
        assert!(SealingKey::open(&dir, &mut rng).is_err());
    }

    #[test]
    fn customers_keys_are_checked() {
        let b64 = |b: &[u8]| base64::engine::general_purpose::STANDARD.encode(b);
        let md5_of = |b: &[u8]| format!("md5 of {}", b.len());
        let parse = |alg, key: &str, md5| CustomerKey::parse(alg, key, md5, md5_of).err();
        let good = b64(&[1; 32]);
        assert_eq!(parse("AES256", &good, "md5 of 32"), None);
        assert_eq!(parse("aws:kms", &good, "md5 of 32"), Some(BadCustomerKey::Algorithm));
        assert_eq!(parse("AES256", &b64(&[1; 31]), "md5 of 31"), Some(BadCustomerKey::Key));
        assert_eq!(parse("AES256", "!", "md5 of 32"), Some(BadCustomerKey::Key));
        assert_eq!(parse("AES256", &good, "other"), Some(BadCustomerKey::Md5));
    }
}
