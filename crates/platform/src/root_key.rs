//! The file of KMS's root key, and the passphrase that it may be kept under: reading and writing, no meaning. That is the
//! crate `kms`'s.
//!
//! `up` makes the file before any role starts; roles only read it. The passphrase comes from the environment or from a file
//! that the settings name, because roles are started anew at any time and ask nobody. Such a file may say that a TPM has the
//! passphrase (`up --tpm`): `stratocell-tpm 1 DEVICE PUBLIC PRIVATE`, the last two in hex and of use to that chip only.

use crate::tpm::{self, Sealed};
use crate::{DataDir, Settings, disk};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
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
        Some(line) => Ok(Some(match of_chip(line) {
            Some(found) => {
                let (device, sealed) = found.map_err(named)?;
                let secret = tpm::unseal(device, &sealed).map_err(|e| named(e.into()))?;
                Zeroizing::new(String::from_utf8_lossy(&secret).into_owned())
            }
            None => Zeroizing::new(line.to_owned()),
        })),
        None => Err(io::Error::new(ErrorKind::InvalidData, format!("{} is empty", path.display()))),
    }
}

const CHIP_MAGIC: &str = "stratocell-tpm 1 ";

/// Device and blob of a file's first line. None: the line is a passphrase itself.
fn of_chip(line: &str) -> Option<io::Result<(&Path, Sealed)>> {
    let words: Vec<&str> = line.strip_prefix(CHIP_MAGIC)?.split(' ').collect();
    let read = match words[..] {
        [device, public, private] => unhex(public).zip(unhex(private)).map(|(public, private)| (device, public, private)),
        _ => None,
    };
    let wrong = || io::Error::new(ErrorKind::InvalidData, "it is not what `up --tpm` wrote");
    Some(read.map(|(device, public, private)| (Path::new(device), Sealed { public, private })).ok_or_else(wrong))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = (text.is_ascii() && text.len().is_multiple_of(2)).then(|| text.as_bytes().chunks(2))?;
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

/// The file that says that the TPM at `device` has the passphrase; the first time a new one is sealed. `device` may change,
/// the chip may not.
pub fn under_chip(dir: &DataDir, device: &Path) -> io::Result<PathBuf> {
    let path = dir.kms_tpm();
    let device = device.canonicalize()?;
    let shown = device.to_str().filter(|d| !d.contains(char::is_whitespace));
    let shown = shown.ok_or_else(|| io::Error::new(ErrorKind::InvalidInput, "the path of a TPM has no spaces"))?;
    let held = match std::fs::read_to_string(&path) {
        Ok(text) => Some(text),
        Err(e) if e.kind() == ErrorKind::NotFound => None,
        Err(e) => return Err(e),
    };
    let known = held.as_deref().and_then(|text| of_chip(text.trim_end())).transpose()?;
    let sealed = match known {
        Some((at, _)) if at == device => return Ok(path),
        // Only the same chip by another name is written down.
        Some((_, sealed)) => tpm::unseal(&device, &sealed).map(|_| sealed)?,
        None => {
            let mut bytes = Zeroizing::new([0; 32]);
            aws_lc_rs::rand::fill(&mut *bytes).map_err(|_| io::Error::other("no random numbers"))?;
            tpm::seal(&device, Zeroizing::new(hex(&*bytes)).as_bytes())?
        }
    };
    let text = format!("{CHIP_MAGIC}{shown} {} {}\n", hex(&sealed.public), hex(&sealed.private));
    disk::write_atomic(&path, text.as_bytes())?;
    Ok(path)
}

/// How the root key is kept, in words; `file` as in [`passphrase`].
pub fn kept(dir: &DataDir, file: Option<&Path>) -> String {
    let first = file.and_then(|f| std::fs::read_to_string(f).ok());
    if let Some(Ok((device, _))) = first.as_deref().and_then(|text| of_chip(text.lines().next().unwrap_or_default())) {
        return format!("under the TPM at {}", device.display());
    }
    match read(dir) {
        Ok(Some(text)) if text.contains(" plain ") => "in a file of mode 0600".to_owned(),
        Ok(Some(_)) => "under a passphrase".to_owned(),
        _ => "not to be read".to_owned(),
    }
}

/// Why the root key cannot be had, without its name and path.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("it is missing: put back the file that this data directory had")]
    Missing,
    #[error("{0}")]
    Read(io::Error),
    #[error("its passphrase: {0}")]
    Passphrase(io::Error),
    #[error("{0}")]
    Refused(String),
}

/// The root key, read by `parse` from the file's text and the passphrase, if there is one.
pub fn open<K, E: std::fmt::Display>(
    dir: &DataDir,
    settings: &Settings,
    parse: impl FnOnce(&str, Option<&str>) -> Result<K, E>,
) -> Result<K, OpenError> {
    let text = read(dir).map_err(OpenError::Read)?.ok_or(OpenError::Missing)?;
    let passphrase = passphrase(settings.kms_passphrase_file.as_deref()).map_err(OpenError::Passphrase)?;
    parse(&text, passphrase.as_deref().map(String::as_str)).map_err(|e| OpenError::Refused(e.to_string()))
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
