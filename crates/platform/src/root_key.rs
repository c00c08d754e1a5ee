//! The file of KMS's root key, and the passphrase that it may be kept under: reading and writing, no meaning. That is the
//! crate `kms`'s.
//!
//! `up` makes the file before any role starts; roles only read it. The passphrase comes from the environment or from a file
//! that the settings name, because roles are started anew at any time and ask nobody.

use crate::{DataDir, disk};
use std::io::{self, ErrorKind};
use std::path::Path;
use zeroize::Zeroizing;

/// The passphrase itself.
pub const PASSPHRASE_VARIABLE: &str = "STRATOCELL_KMS_PASSPHRASE";

/// The environment's, else the first line of `file`. None: the key is kept without one.
pub fn passphrase(file: Option<&Path>) -> io::Result<Option<Zeroizing<String>>> {
    if let Ok(text) = std::env::var(PASSPHRASE_VARIABLE)
        && !text.is_empty()
    {
        return Ok(Some(Zeroizing::new(text)));
    }
    let Some(path) = file else { return Ok(None) };
    let named = |e: io::Error| io::Error::new(e.kind(), format!("{}: {e}", path.display()));
    let text = Zeroizing::new(std::fs::read_to_string(path).map_err(named)?);
    match text.lines().next().filter(|line| !line.is_empty()) {
        Some(line) => Ok(Some(Zeroizing::new(line.to_owned()))),
        None => Err(io::Error::new(ErrorKind::InvalidData, format!("{} is empty", path.display()))),
    }
}

/// None: there is no such file.
pub fn read(dir: &DataDir) -> io::Result<Option<Zeroizing<String>>> {
    match std::fs::read_to_string(dir.kms_key()) {
        Ok(text) => Ok(Some(Zeroizing::new(text))),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

/// Writes the file (0600), unless there is one; then that stays.
pub fn create(dir: &DataDir, text: &str) -> io::Result<bool> {
    disk::create_atomic(&dir.kms_key(), text.as_bytes())
}
