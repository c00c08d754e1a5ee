//! Object contents that can be told apart and made again: a token is the whole content.

use crate::harness::Random;
use aws_protocol::s3::checksum::{Algorithm, Checksum};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Mutex;

/// One object's content: `parts` (one: not a multipart upload) of so many bytes each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    token: u64,
    parts: Vec<usize>,
    multipart: bool,
}

impl Body {
    pub fn single(token: u64, bytes: usize) -> Self {
        Self { token, parts: vec![bytes], multipart: false }
    }

    pub fn multipart(token: u64, parts: Vec<usize>) -> Self {
        Self { token, parts, multipart: true }
    }

    pub fn is_multipart(&self) -> bool {
        self.multipart
    }

    pub fn len(&self) -> usize {
        self.parts.iter().sum()
    }

    /// Of each part.
    pub fn pieces(&self) -> Vec<Vec<u8>> {
        let piece = |(n, bytes): (usize, &usize)| {
            let mut random = Random(self.token.wrapping_mul(64).wrapping_add(n as u64));
            let mut out = Vec::with_capacity(bytes + 8);
            while out.len() < *bytes {
                out.extend_from_slice(&random.next().to_le_bytes());
            }
            out.truncate(*bytes);
            out
        };
        self.parts.iter().enumerate().map(piece).collect()
    }

    pub fn bytes(&self) -> Vec<u8> {
        self.pieces().concat()
    }

    /// As S3 makes it: the MD5, or that of the parts' MD5s and their number.
    pub fn etag(&self) -> String {
        let sums: Vec<Checksum> = self.pieces().iter().map(|p| Checksum::of(Algorithm::Md5, p)).collect();
        if !self.multipart {
            return sums[0].to_hex();
        }
        let all: Vec<u8> = sums.iter().flat_map(|s| s.bytes().to_vec()).collect();
        let mut out = Checksum::of(Algorithm::Md5, &all).to_hex();
        let _ = write!(out, "-{}", sums.len());
        out
    }
}

/// All contents that were ever sent, by etag.
#[derive(Default)]
pub struct Catalog(Mutex<BTreeMap<String, Body>>);

impl Catalog {
    /// Its etag.
    pub fn add(&self, body: &Body) -> String {
        let etag = body.etag();
        self.0.lock().expect("no panic").insert(etag.clone(), body.clone());
        etag
    }

    /// Is this what was sent under that etag? Else why not.
    pub fn verify(&self, etag: &str, content: &[u8]) -> Result<(), String> {
        let body = self.find(etag)?;
        let sent = body.bytes();
        if sent == content {
            return Ok(());
        }
        let at = sent.iter().zip(content).position(|(a, b)| a != b).unwrap_or(sent.len().min(content.len()));
        Err(format!("{etag}: {} bytes instead of {}, different from byte {at} on", content.len(), sent.len()))
    }

    pub fn verify_size(&self, etag: &str, bytes: u64) -> Result<(), String> {
        let sent = self.find(etag)?.len() as u64;
        if sent == bytes { Ok(()) } else { Err(format!("{etag}: listed with {bytes} bytes, sent were {sent}")) }
    }

    fn find(&self, etag: &str) -> Result<Body, String> {
        self.0.lock().expect("no panic").get(etag).cloned().ok_or_else(|| format!("nobody sent {etag}"))
    }
}
