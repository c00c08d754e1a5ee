//! Key management without a network: what keys there are, what each can do, how its material is made, sealed and used.
//!
//! ```text
//!  kms.key ─► RootKey ─seals─► Material ─► Usable: encrypt, sign, mac, agree     (the data plane's half)
//!                 └─ seals the import tokens of GetParametersForImport
//!  spec: which algorithm goes with which key     name: KeyId in its four spellings
//!  context: the encryption context's bytes       blob: our ciphertext format
//!  grant: who else may                            access: key policy, identity policies and grants together
//! ```
//! No I/O, no clock. Randomness is the cryptographic library's own. Called by the region (makes and seals material, checks
//! grants) and the gateway (uses keys). Nothing here is ever printed: secrets have no `Debug` that shows them, and their
//! bytes are overwritten when dropped. AWS's error codes are not known here; see [`Refused`].

pub mod access;
pub mod blob;
pub mod context;
mod error;
pub mod fuzz;
pub mod grant;
pub mod import;
pub mod material;
pub mod name;
pub mod root;
pub mod spec;
pub mod usable;

pub use context::EncryptionContext;
pub use error::Refused;
pub use material::{Material, Secret};
pub use root::{RootKey, RootKeyError};
pub use spec::{EncryptionAlgorithm, MacAlgorithm, SigningAlgorithm};
pub use usable::Usable;

/// A plaintext for Encrypt with a symmetric key (API Reference, Encrypt), bytes.
pub const PLAINTEXT_BYTES_MAX: usize = 4096;
/// A ciphertext that is read (API Reference, Decrypt), bytes.
pub const CIPHERTEXT_BYTES_MAX: usize = 6144;
/// A message to sign or to authenticate (API Reference, Sign), bytes.
pub const MESSAGE_BYTES_MAX: usize = 4096;
/// What GenerateRandom and GenerateDataKey give at most, bytes.
pub const RANDOM_BYTES_MAX: usize = 1024;

/// Fresh random bytes of the cryptographic library.
pub fn random(bytes: usize) -> Result<Secret, Refused> {
    let mut out = Secret::from(vec![0; bytes]);
    aws_lc_rs::rand::fill(out.bytes_mut()).map_err(|_| Refused::Failed)?;
    Ok(out)
}
