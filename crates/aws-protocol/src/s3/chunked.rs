//! aws-chunked bodies, decoded as they come: frames taken off, signatures and the trailing checksum verified.
//!
//! ```text
//!  Header --size>0--> Data --all of it--> DataEnd --CRLF--> Header      each chunk's signature is checked at its end
//!  Header --size=0--> Trailers --empty line--> Done                     trailers' signature, checksum
//!  any ------------> Failed                                             and stays there
//! ```
//!
//! Memory is bounded by one line; chunks may be as long as the whole body, as some SDKs send one for everything. The data of a
//! signed chunk is handed out before its signature is known to be good: **nothing may be committed before `finish`**.
//! Source: "Signature calculations: transferring payload in multiple chunks", "Trailing headers", Amazon S3 API Reference.

use super::checksum::{Algorithm, Checksum, Hasher};
use super::errors;
use crate::AwsError;
use crate::sigv4::payload::same_signature;
use crate::sigv4::{BodyHash, ChunkSigner, PayloadKind};
use aws_lc_rs::digest;

/// Of a chunk's first line: 16 digits, the signature, room for extensions.
pub const HEADER_BYTES_MAX: usize = 256;
/// Of all trailers together.
pub const TRAILERS_BYTES_MAX: usize = 4096;
/// Of a size, in hexadecimal: as many as a 64-bit number has.
const SIZE_DIGITS_MAX: usize = 16;
/// Of each signed chunk but the last that has data.
pub const SIGNED_CHUNK_BYTES_MIN: u64 = 8192;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChunkError {
    #[error("the body is not aws-chunked: {0}")]
    Malformed(&'static str),
    #[error("the trailers are malformed: {0}")]
    Trailer(&'static str),
    #[error("the signature of chunk {chunk} is not the one calculated here")]
    Signature { chunk: u64 },
    #[error("a signed chunk of {size_bytes} bytes is not the last")]
    TooSmall { chunk: u64, size_bytes: u64 },
    #[error("the body ended early or is longer than x-amz-decoded-content-length")]
    Length,
    #[error("the trailing checksum is not that of the data")]
    Checksum { expected: Checksum, calculated: Checksum },
    #[error("the trailing checksum {0:?} has no such value")]
    ChecksumValue(Algorithm),
}

impl ChunkError {
    /// The answer of S3.
    pub fn to_aws(&self) -> AwsError {
        match self {
            Self::Malformed(_) => errors::invalid_request(format!("{self}.")),
            Self::Trailer(_) => AwsError::new(
                "MalformedTrailerError",
                "The request contained trailing data that was not well-formed or did not conform to our published schema.",
            ),
            Self::Signature { .. } => errors::signature_does_not_match(),
            Self::TooSmall { chunk, size_bytes } => {
                AwsError::new("InvalidChunkSizeError", "Only the last chunk is allowed to have a size less than 8192 bytes")
                    .with_status(403)
                    .with("Chunk", chunk.to_string())
                    .with("BadChunkSize", size_bytes.to_string())
            }
            Self::Length => errors::incomplete_body(),
            Self::Checksum { expected, calculated } => calculated.mismatch(expected),
            Self::ChecksumValue(algorithm) => errors::invalid_checksum_value(algorithm.header()),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// There must be more.
    More,
    /// The body is complete; any further byte is an error.
    Done,
}

/// What a complete body had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// From the trailer, and verified.
    pub checksum: Option<Checksum>,
}

#[derive(Debug)]
enum Phase {
    Header,
    Data { left: u64 },
    DataEnd,
    Trailers,
    Done,
    Failed(ChunkError),
}

/// Decodes one body.
pub struct Decoder {
    /// For signed bodies.
    signer: Option<ChunkSigner>,
    /// Whether the kind of the body has trailers; else the last chunk is followed by an empty line.
    may_trail: bool,
    phase: Phase,
    /// Of the line at hand, without what came in earlier calls being kept elsewhere.
    line: Vec<u8>,
    /// Decoded bytes that are still to come.
    left: u64,
    chunk: u64,
    last_size: u64,
    chunk_hash: digest::Context,
    chunk_signature: Vec<u8>,
    checksum: Option<Hasher>,
    calculated: Option<Checksum>,
    trailer_bytes: usize,
    /// `name:value\n` of each trailer, as signed.
    trailers: String,
    checksum_value: Option<String>,
    trailer_signature: Option<Vec<u8>>,
}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decoder").field("phase", &self.phase).field("left", &self.left).finish_non_exhaustive()
    }
}

impl Decoder {
    /// `decoded_len_bytes` is `x-amz-decoded-content-length`, `trailer` is `x-amz-trailer`. `signer` is needed for a signed body only;
    /// an unsigned one may come from anyone.
    ///
    /// # Errors
    /// `InvalidRequest` for a trailer that is no checksum of S3, and for a kind of payload that is not chunked.
    pub fn new(
        kind: PayloadKind,
        signer: Option<ChunkSigner>,
        decoded_len_bytes: u64,
        trailer: Option<&str>,
    ) -> Result<Self, AwsError> {
        let (signed, may_trail) = match kind {
            PayloadKind::StreamingSigned { trailer } => (true, trailer),
            PayloadKind::StreamingUnsignedTrailer => (false, true),
            PayloadKind::Sha256(_) | PayloadKind::Unsigned => {
                return Err(errors::invalid_request("The body is not aws-chunked."));
            }
        };
        if signed && signer.is_none() {
            return Err(errors::access_denied());
        }
        let algorithm = match trailer.map(str::trim).filter(|t| !t.is_empty()) {
            None => None,
            Some(_) if !may_trail => {
                return Err(errors::invalid_request("The x-amz-content-sha256 header does not allow the x-amz-trailer header."));
            }
            Some(name) => match Algorithm::from_header(name) {
                None => return Err(errors::invalid_request("The value specified in the x-amz-trailer header is not supported")),
                some => some,
            },
        };
        Ok(Self {
            signer: signer.filter(|_| signed),
            may_trail,
            phase: Phase::Header,
            line: Vec::new(),
            left: decoded_len_bytes,
            chunk: 0,
            last_size: SIGNED_CHUNK_BYTES_MIN,
            chunk_hash: digest::Context::new(&digest::SHA256),
            chunk_signature: Vec::new(),
            checksum: algorithm.map(Hasher::new),
            calculated: None,
            trailer_bytes: 0,
            trailers: String::new(),
            checksum_value: None,
            trailer_signature: None,
        })
    }

    /// Takes the next piece of the body, cut anywhere; hands decoded data to `out`, in order.
    ///
    /// # Errors
    /// Any [`ChunkError`]; the same again from then on.
    pub fn feed(&mut self, input: &[u8], out: &mut impl FnMut(&[u8])) -> Result<State, ChunkError> {
        match self.advance(input, out) {
            Ok(state) => Ok(state),
            Err(e) => {
                self.phase = Phase::Failed(e.clone());
                Err(e)
            }
        }
    }

    /// Ends the body.
    ///
    /// # Errors
    /// `Length` if it is not complete.
    pub fn finish(self) -> Result<Finished, ChunkError> {
        match self.phase {
            Phase::Done => Ok(Finished { checksum: self.calculated }),
            Phase::Failed(e) => Err(e),
            _ => Err(ChunkError::Length),
        }
    }

    fn advance(&mut self, mut input: &[u8], out: &mut impl FnMut(&[u8])) -> Result<State, ChunkError> {
        loop {
            match &mut self.phase {
                Phase::Failed(e) => return Err(e.clone()),
                Phase::Done if input.is_empty() => return Ok(State::Done),
                Phase::Done => return Err(ChunkError::Malformed("there is more after its end")),
                _ if input.is_empty() => return Ok(State::More),
                Phase::Data { left } => {
                    let here = usize::try_from(*left).unwrap_or(usize::MAX).min(input.len());
                    let (data, rest) = input.split_at(here);
                    *left -= here as u64;
                    let complete = *left == 0;
                    self.left -= here as u64;
                    if self.signer.is_some() {
                        self.chunk_hash.update(data);
                    }
                    if let Some(hasher) = &mut self.checksum {
                        hasher.update(data);
                    }
                    out(data);
                    if complete {
                        self.end_of_chunk()?;
                        self.phase = Phase::DataEnd;
                    }
                    input = rest;
                }
                Phase::Header | Phase::DataEnd | Phase::Trailers => {
                    let Some(rest) = self.take_line(input)? else { return Ok(State::More) };
                    input = rest;
                    let line = std::mem::take(&mut self.line);
                    match self.phase {
                        Phase::Header => self.header(&line)?,
                        Phase::DataEnd if line.is_empty() => self.phase = Phase::Header,
                        Phase::DataEnd => return Err(ChunkError::Malformed("a chunk is longer than its size")),
                        _ if line.is_empty() => self.end()?,
                        _ => self.trailer(&line)?,
                    }
                    self.line = line;
                    self.line.clear();
                }
            }
        }
    }

    /// Adds to the line at hand; when it is complete, leaves it in `line` without its end and gives what follows.
    fn take_line<'a>(&mut self, input: &'a [u8]) -> Result<Option<&'a [u8]>, ChunkError> {
        let limit = match self.phase {
            Phase::Trailers => TRAILERS_BYTES_MAX - self.trailer_bytes,
            Phase::DataEnd => 2,
            _ => HEADER_BYTES_MAX,
        };
        for (i, b) in input.iter().enumerate() {
            self.line.push(*b);
            if self.line.ends_with(b"\r\n") {
                self.trailer_bytes += if matches!(self.phase, Phase::Trailers) { self.line.len() } else { 0 };
                self.line.truncate(self.line.len() - 2);
                return Ok(Some(&input[i + 1..]));
            }
            if self.line.len() >= limit {
                return Err(match self.phase {
                    Phase::Trailers => ChunkError::Trailer("they are too long"),
                    Phase::DataEnd => ChunkError::Malformed("a chunk does not end where its size says"),
                    _ => ChunkError::Malformed("the head of a chunk is too long"),
                });
            }
        }
        Ok(None)
    }

    fn header(&mut self, line: &[u8]) -> Result<(), ChunkError> {
        let mut fields = line.split(|b| *b == b';');
        let size = fields.next().and_then(parse_size).ok_or(ChunkError::Malformed("a chunk's size is no hexadecimal number"))?;
        if self.signer.is_some() {
            let signature = fields.find_map(|f| f.trim_ascii().strip_prefix(b"chunk-signature="));
            self.chunk_signature = signature.ok_or(ChunkError::Malformed("a chunk has no signature"))?.to_vec();
            if size > 0 && self.last_size < SIGNED_CHUNK_BYTES_MIN {
                return Err(ChunkError::TooSmall { chunk: self.chunk, size_bytes: self.last_size });
            }
        }
        if size > self.left || (size == 0 && self.left > 0) {
            return Err(ChunkError::Length);
        }
        self.chunk += 1;
        self.last_size = size;
        if size > 0 {
            self.phase = Phase::Data { left: size };
            return Ok(());
        }
        self.end_of_chunk()?;
        self.calculated = self.checksum.take().map(Hasher::finish);
        self.phase = Phase::Trailers;
        Ok(())
    }

    fn end_of_chunk(&mut self) -> Result<(), ChunkError> {
        let Some(signer) = &mut self.signer else { return Ok(()) };
        let hash = std::mem::replace(&mut self.chunk_hash, digest::Context::new(&digest::SHA256)).finish();
        let mut bytes = [0; 32];
        bytes.copy_from_slice(hash.as_ref());
        if same_signature(signer.chunk(bytes), &self.chunk_signature) {
            Ok(())
        } else {
            Err(ChunkError::Signature { chunk: self.chunk })
        }
    }

    /// One line of trailers; some clients end a trailer with a line feed of its own before the line's end.
    fn trailer(&mut self, line: &[u8]) -> Result<(), ChunkError> {
        if !self.may_trail {
            return Err(ChunkError::Malformed("there is more after the last chunk"));
        }
        let text = std::str::from_utf8(line).map_err(|_| ChunkError::Trailer("they are not text"))?;
        for one in text.split('\n').filter(|l| !l.is_empty()) {
            let (name, value) = one.split_once(':').ok_or(ChunkError::Trailer("one has no colon"))?;
            let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
            if self.trailer_signature.is_some() {
                return Err(ChunkError::Trailer("the signature is not the last"));
            }
            if name == "x-amz-trailer-signature" {
                self.trailer_signature = Some(value.as_bytes().to_vec());
                continue;
            }
            let expected = self.calculated.is_some_and(|c| c.algorithm.header() == name);
            if !expected || self.checksum_value.is_some() {
                return Err(ChunkError::Trailer("one was not announced, or came twice"));
            }
            self.trailers.push_str(&format!("{name}:{value}\n"));
            self.checksum_value = Some(value.to_owned());
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), ChunkError> {
        if let (Some(signer), true) = (&mut self.signer, self.may_trail) {
            let theirs = self.trailer_signature.as_deref().ok_or(ChunkError::Trailer("they are not signed"))?;
            let ours = signer.trailer(BodyHash::of(self.trailers.as_bytes()).0);
            if !same_signature(ours, theirs) {
                return Err(ChunkError::Signature { chunk: self.chunk + 1 });
            }
        }
        if let Some(calculated) = self.calculated {
            let value = self.checksum_value.as_deref().ok_or(ChunkError::Trailer("the announced checksum is missing"))?;
            let expected = Checksum::from_header_value(calculated.algorithm, value)
                .map_err(|_| ChunkError::ChecksumValue(calculated.algorithm))?;
            if expected != calculated {
                return Err(ChunkError::Checksum { expected, calculated });
            }
        }
        self.phase = Phase::Done;
        Ok(())
    }
}

fn parse_size(digits: &[u8]) -> Option<u64> {
    let digits = std::str::from_utf8(digits.trim_ascii()).ok()?;
    let hex = (1..=SIZE_DIGITS_MAX).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit());
    hex.then(|| u64::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests;
