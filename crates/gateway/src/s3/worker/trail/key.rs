//! The key that digests are signed with: made once for a data directory, its private half sealed under the region's root key.

use crate::kms::Keys;
use ::kms::spec::Sha;
use ::kms::usable::Message;
use ::kms::{Material, SigningAlgorithm, Usable};
use platform::disk;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::Path;
use types::TimestampMs;
use wire::kms::{Hex, KeySpec};
use wire::trail::DigestKey;

const PURPOSE: &str = "cloudtrail digest key";
const FILE: &str = "digest.key";
/// In front of an RSAPublicKey of 2,048 bits in its SubjectPublicKeyInfo (RFC 8017, A.1; RFC 5280, 4.1).
const SPKI: [u8; 24] =
    [0x30, 0x82, 1, 0x22, 0x30, 0x0d, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0, 3, 0x82, 1, 0x0f, 0];

#[derive(Serialize, Deserialize)]
struct Stored {
    format: u16,
    since: TimestampMs,
    /// PKCS #8.
    sealed: Hex,
}

pub struct Signer {
    key: Usable,
    pub public: DigestKey,
}

/// The key, made when there is none. Takes up to seconds. Blocking.
pub fn open(dir: &Path, keys: &Keys, now: TimestampMs) -> io::Result<Signer> {
    let path = dir.join(FILE);
    let failed = |what: &'static str| move || io::Error::other(what);
    let stored: Stored = match std::fs::read(&path) {
        Ok(text) => serde_json::from_slice(&text)?,
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            let material = Material::generate(KeySpec::Rsa2048).map_err(|_| failed("the key cannot be made")())?;
            let sealed = keys.seal(PURPOSE, material.expose()).ok_or_else(failed("the root key cannot be had"))?;
            let stored = Stored { format: wire::FORMAT, since: TimestampMs(now.0 / 1000 * 1000), sealed: sealed.into() };
            disk::create_private_dir(dir)?;
            disk::write_atomic(&path, &serde_json::to_vec(&stored)?)?;
            stored
        }
        Err(e) => return Err(e),
    };
    let bytes = keys.unseal(PURPOSE, &stored.sealed).ok_or_else(failed("the root key does not open the key"))?;
    let material = Material::import(KeySpec::Rsa2048, bytes).map_err(|_| failed("the key is none")())?;
    let key = Usable::new(&material).map_err(|_| failed("the key is none")())?;
    let public = key.public_key().strip_prefix(&SPKI).ok_or_else(failed("the public key is none"))?.to_vec();
    let fingerprint = hex::encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &public))[..32].to_owned();
    Ok(Signer { key, public: DigestKey { fingerprint, public: public.into(), since: stored.since } })
}

impl Signer {
    /// SHA256withRSA: PKCS #1 v1.5, hex.
    pub fn sign(&self, text: &str) -> Option<String> {
        self.key.sign(SigningAlgorithm::Pkcs1(Sha::Sha256), Message::Raw(text.as_bytes())).ok().map(hex::encode)
    }
}
