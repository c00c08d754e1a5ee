//! The last good copy of a pushed document, on this process's own disk.
//!
//! A data-plane process that restarts while its controllers are dead comes back from here. One file: a header line
//! `stratocell-ledger 1 <generation> <crc of the body>` and the document as JSON. Replaced atomically; an older
//! generation is refused; the same generation with other contents is an error (two writers, or a writer that lost its
//! memory), never a silent change. A file that fails its checksum is set aside as `<name>.corrupt` and reported.

use crate::disk;
use crate::rpc::RpcError;
use serde::{Serialize, de::DeserializeOwned};
use std::path::{Path, PathBuf};
use types::Generation;

#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    #[error("generation {offered} is older than {held}, which is held")]
    Stale { offered: Generation, held: Generation },
    #[error("generation {0} is held already, with other contents")]
    Conflict(Generation),
    #[error("cannot write {path}")]
    Write { path: PathBuf, source: std::io::Error },
    #[error("cannot read {path}")]
    Read { path: PathBuf, source: std::io::Error },
    #[error("cannot encode the document")]
    Encode(serde_json::Error),
}

/// What the pusher of a document is told. It sends the newest again when it has one; nothing was taken.
impl From<LedgerError> for RpcError {
    fn from(e: LedgerError) -> Self {
        let code = match &e {
            LedgerError::Stale { .. } => "stale-generation",
            LedgerError::Conflict(_) => "conflicting-generation",
            LedgerError::Write { .. } | LedgerError::Read { .. } | LedgerError::Encode(_) => "ledger",
        };
        RpcError::remote(code, e.to_string())
    }
}

/// What happened to an offered document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    New,
    /// The same generation and contents as held: nothing to do.
    Same,
}

#[derive(Debug)]
pub struct Ledger<T> {
    path: PathBuf,
    held: Option<(Generation, String)>,
    /// Set when the file was unreadable at start: the sentence for `status`.
    pub problem: Option<String>,
    _document: std::marker::PhantomData<fn() -> T>,
}

impl<T: Serialize + DeserializeOwned> Ledger<T> {
    /// Opens the ledger and returns the document it holds, if any.
    pub fn open(path: &Path) -> Result<(Self, Option<T>), LedgerError> {
        let mut ledger = Self { path: path.to_owned(), held: None, problem: None, _document: std::marker::PhantomData };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok((ledger, None)),
            Err(source) if source.kind() == std::io::ErrorKind::InvalidData => String::new(),
            Err(source) => return Err(LedgerError::Read { path: path.to_owned(), source }),
        };
        match Self::parse(&text) {
            Some((generation, body, document)) => {
                ledger.held = Some((generation, body));
                Ok((ledger, Some(document)))
            }
            None => {
                let aside = path.with_extension("corrupt");
                std::fs::rename(path, &aside).map_err(|source| LedgerError::Write { path: aside.clone(), source })?;
                ledger.problem = Some(format!("{} failed its checksum and was set aside as {}", path.display(), aside.display()));
                Ok((ledger, None))
            }
        }
    }

    fn parse(text: &str) -> Option<(Generation, String, T)> {
        let (header, body) = text.split_once('\n')?;
        let mut words = header.split(' ');
        let (name, version, generation, crc) = (words.next()?, words.next()?, words.next()?, words.next()?);
        if name != "stratocell-ledger" || version != "1" || u32::from_str_radix(crc, 16).ok()? != crc32(body.as_bytes()) {
            return None;
        }
        let document = serde_json::from_str(body).ok()?;
        Some((Generation(generation.parse().ok()?), body.to_owned(), document))
    }

    pub fn generation(&self) -> Option<Generation> {
        self.held.as_ref().map(|(g, _)| *g)
    }

    /// Makes `document` the held one, durably, before it returns.
    pub fn accept(&mut self, generation: Generation, document: &T) -> Result<Accepted, LedgerError> {
        let body = serde_json::to_string(document).map_err(LedgerError::Encode)?;
        if let Some((held, held_body)) = &self.held {
            if generation < *held {
                return Err(LedgerError::Stale { offered: generation, held: *held });
            }
            if generation == *held {
                return if body == *held_body { Ok(Accepted::Same) } else { Err(LedgerError::Conflict(generation)) };
            }
        }
        let file = format!("stratocell-ledger 1 {} {:08x}\n{body}", generation.0, crc32(body.as_bytes()));
        disk::write_atomic(&self.path, file.as_bytes())
            .map_err(|source| LedgerError::Write { path: self.path.clone(), source })?;
        self.held = Some((generation, body));
        Ok(Accepted::New)
    }
}

/// CRC-32 (IEEE 802.3), bit by bit: a ledger is written seldom, so no table.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes
        .iter()
        .fold(!0u32, |crc, &b| (0..8).fold(crc ^ u32::from(b), |c, _| if c & 1 == 1 { (c >> 1) ^ 0xedb8_8320 } else { c >> 1 }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_newest_and_survives_reopening() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.ledger");
        let (mut l, none) = Ledger::<Vec<u32>>::open(&path).unwrap();
        assert!(none.is_none());
        assert_eq!(l.accept(Generation(3), &vec![1]).unwrap(), Accepted::New);
        assert_eq!(l.accept(Generation(3), &vec![1]).unwrap(), Accepted::Same);
        assert!(matches!(l.accept(Generation(3), &vec![2]), Err(LedgerError::Conflict(_))));
        assert!(matches!(l.accept(Generation(2), &vec![2]), Err(LedgerError::Stale { .. })));
        let (mut l, held) = Ledger::<Vec<u32>>::open(&path).unwrap();
        assert_eq!((held, l.generation()), (Some(vec![1]), Some(Generation(3))));
        assert_eq!(l.accept(Generation(4), &vec![2]).unwrap(), Accepted::New);
    }

    #[test]
    fn every_flipped_byte_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.ledger");
        let (mut l, _) = Ledger::<Vec<u32>>::open(&path).unwrap();
        l.accept(Generation(7), &vec![1, 2, 3]).unwrap();
        let good = std::fs::read(&path).unwrap();
        let header = good.iter().position(|&b| b == b'\n').unwrap();
        for i in header + 1..good.len() {
            let mut bad = good.clone();
            bad[i] ^= 4;
            std::fs::write(&path, &bad).unwrap();
            let (l, held) = Ledger::<Vec<u32>>::open(&path).unwrap();
            assert!(held.is_none() && l.problem.is_some(), "byte {i}");
        }
    }

    #[test]
    fn crc_of_the_standard_check_string() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }
}
