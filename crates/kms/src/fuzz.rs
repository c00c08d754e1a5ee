//! What the fuzz targets run: each parser of untrusted bytes, with the properties that must hold for any input.
//!
//! Called by the property tests of this crate and by `fuzz/`; nothing else.

use crate::blob::{Blob, OVERHEAD_BYTES};
use crate::name::KeyName;
use crate::{EncryptionAlgorithm, EncryptionContext, Material, RootKey, Usable};
use std::sync::LazyLock;
use wire::kms::KeySpec;

static KEY: LazyLock<Option<Usable>> =
    LazyLock::new(|| Material::generate(KeySpec::Symmetric).ok().and_then(|m| Usable::new(&m).ok()));

/// A ciphertext is refused or cut into parts that make it up again; and no key that did not make it opens it.
pub fn ciphertext(bytes: &[u8]) {
    if let Some(blob) = Blob::parse(bytes) {
        assert!(bytes.len() >= OVERHEAD_BYTES);
        assert_eq!([&blob.header.to_bytes()[..], &blob.nonce, blob.sealed].concat(), bytes);
    }
    let key = KEY.as_ref().expect("a key can be made");
    assert!(key.decrypt(EncryptionAlgorithm::Symmetric, bytes, &EncryptionContext::new()).is_err());
}

/// A KeyId of any text is refused or spelled as it came.
pub fn key_name(text: &str) {
    if let Some(name) = KeyName::parse(text) {
        assert_eq!(name.to_string(), text);
    }
}

/// Any text is refused as a root key's file, or is one that was written by this version.
pub fn root_key_file(text: &str) {
    if text.contains("pbkdf2") {
        // The work of deriving is not what is looked at here.
        return;
    }
    if let Ok(root) = RootKey::parse(text, None) {
        assert!(root.to_file(None).is_ok_and(|file| file.trim_end() == text.trim_end()));
    }
}
