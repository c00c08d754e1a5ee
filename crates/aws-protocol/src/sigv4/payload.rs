//! How the body of an S3 request is bound to its head, and the chain of signatures over a body that is signed in chunks.

use super::{UNSIGNED_PAYLOAD, Verified, canonical};
use aws_lc_rs::{constant_time, hmac};
use std::fmt;

/// What `x-amz-content-sha256` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayloadKind {
    /// The body is as it is, and this is its SHA-256; to be compared once all of it was there.
    Sha256([u8; 32]),
    /// The body is as it is, and anything.
    Unsigned,
    /// aws-chunked, each chunk signed, then perhaps signed trailers.
    StreamingSigned { trailer: bool },
    /// aws-chunked, then trailers; nothing is signed.
    StreamingUnsignedTrailer,
}

impl PayloadKind {
    /// `None` for what is none of S3's values, or one that needs asymmetric signatures.
    pub fn parse(value: &str) -> Option<Self> {
        match value {
            UNSIGNED_PAYLOAD => Some(Self::Unsigned),
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" => Some(Self::StreamingSigned { trailer: false }),
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" => Some(Self::StreamingSigned { trailer: true }),
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER" => Some(Self::StreamingUnsignedTrailer),
            digits => {
                let mut hash = [0; 32];
                let lower = digits.bytes().all(|b| !b.is_ascii_uppercase());
                (lower && hex::decode_to_slice(digits, &mut hash).is_ok()).then_some(Self::Sha256(hash))
            }
        }
    }

    /// Whether the body is framed, see [`crate::s3::chunked`].
    pub fn is_chunked(self) -> bool {
        matches!(self, Self::StreamingSigned { .. } | Self::StreamingUnsignedTrailer)
    }
}

/// A head that was signed by who it says; the body is still to come.
#[derive(Debug, Clone)]
pub struct VerifiedHead {
    pub signer: Verified,
    pub payload: PayloadKind,
    /// Signs the chunks of the body, beginning after the head's own signature.
    pub chain: ChunkSigner,
}

/// Each signature of a body signed in chunks covers the one before it.
/// Source: "Signature calculations: transferring payload in multiple chunks", Amazon S3 API Reference.
#[derive(Clone)]
pub struct ChunkSigner {
    key: hmac::Key,
    time: String,
    scope: String,
    previous: String,
}

impl fmt::Debug for ChunkSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChunkSigner").field("scope", &self.scope).finish_non_exhaustive()
    }
}

impl ChunkSigner {
    pub(crate) fn new(key: hmac::Key, time: String, scope: String, seed: String) -> Self {
        Self { key, time, scope, previous: seed }
    }

    /// The signature of the next chunk, 64 hexadecimal digits; `data` is the SHA-256 of what is in it.
    pub fn chunk(&mut self, data: [u8; 32]) -> &str {
        let empty = hex::encode(super::BodyHash::of(b"").0);
        self.next("AWS4-HMAC-SHA256-PAYLOAD", &format!("{empty}\n{}", hex::encode(data)))
    }

    /// The signature of the trailers, after the last chunk's; `lines` is the SHA-256 of `name:value\n` of each.
    pub fn trailer(&mut self, lines: [u8; 32]) -> &str {
        self.next("AWS4-HMAC-SHA256-TRAILER", &hex::encode(lines))
    }

    fn next(&mut self, algorithm: &str, rest: &str) -> &str {
        let text = format!("{algorithm}\n{}\n{}\n{}\n{rest}", self.time, self.scope, self.previous);
        self.previous = canonical::sign_text(&self.key, &text);
        &self.previous
    }
}

/// Whether a signature is the one calculated here, in constant time.
pub(crate) fn same_signature(ours: &str, theirs: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(ours.as_bytes(), theirs).is_ok()
}
