//! A request's body on its way in: framing undone, limits kept, every digest that was promised checked.
//!
//! ```text
//!  hyper's frames ─► aws-chunked (signed or not, trailers) or as they are ─► digests ─► the caller, piece by piece
//!                                                   at the end: length, SHA-256, Content-MD5, checksum, trailers
//! ```
//! Nothing may be made visible before [`Upload::finish`] has said that all of it holds.

use super::ask::Ask;
use super::digest::{self, Digests};
use aws_protocol::AwsError;
use aws_protocol::s3::checksum::{Algorithm, Checksum};
use aws_protocol::s3::chunked::Decoder;
use aws_protocol::s3::{Operation, errors};
use http_body_util::BodyExt;
use hyper::body::{Bytes, Incoming};
use std::collections::VecDeque;
use std::time::Duration;

/// S3: the largest object of one PUT, and the largest part.
pub const PUT_BYTES_MAX: u64 = 5 << 30;
/// A client that sends nothing for this long is cut off.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// A client that sends, but so slowly that it only holds a place, is cut off too: this much a second on the average of
/// the time that it was waited for, looked at after a while.
const CLIENT_BYTES_PER_S_MIN: u64 = 256;
const SLOW_AFTER: Duration = Duration::from_secs(60);

/// How the body travels and what it was signed as.
pub enum Framing {
    Plain { sha256: Option<[u8; 32]> },
    Chunked(Box<Decoder>),
}

pub struct Upload {
    incoming: Incoming,
    framing: Framing,
    ready: VecDeque<Bytes>,
    digests: Digests,
    /// Of the payload, where the head says.
    length: Option<u64>,
    bytes: u64,
    bytes_max: u64,
    pace: Pace,
    md5: Option<Checksum>,
    expected: Option<Checksum>,
    /// What is computed and kept.
    algorithm: Algorithm,
    /// The client asked for the checksum by name.
    declared: bool,
    ended: bool,
}

/// What a client sent in the time that it was waited for; our own slowness does not count.
#[derive(Debug, Default)]
struct Pace {
    bytes: u64,
    waited: Duration,
}

impl Pace {
    fn is_too_slow(&self) -> bool {
        self.waited > SLOW_AFTER && self.bytes < self.waited.as_secs() * CLIENT_BYTES_PER_S_MIN
    }
}

/// What arrived, proven.
#[derive(Debug, Clone, Copy)]
pub struct Received {
    pub bytes: u64,
    pub md5: Checksum,
    pub checksum: Checksum,
    pub declared: bool,
}

impl Upload {
    /// `algorithm`: the one that the upload is bound to, else what the head says, else CRC-64/NVME.
    pub fn new(
        ask: &Ask,
        incoming: Incoming,
        framing: Framing,
        bytes_max: u64,
        algorithm: Option<Algorithm>,
    ) -> Result<Self, AwsError> {
        let number = |name: &str| {
            ask.filled(name)
                .map(|v| v.parse::<u64>().map_err(|_| errors::invalid_argument("Invalid length", name, v)))
                .transpose()
        };
        let length = match framing {
            Framing::Chunked(_) => Some(number("x-amz-decoded-content-length")?.ok_or_else(errors::missing_content_length)?),
            Framing::Plain { .. } => number("content-length")?,
        };
        if length.is_none() {
            // HTTP's own chunks are no way to send an object: S3 wants to know its length.
            return Err(match ask.header("transfer-encoding") {
                Some(_) => errors::not_implemented().with("Header", "Transfer-Encoding"),
                None => errors::missing_content_length(),
            });
        }
        if let Some(length) = length.filter(|l| *l > bytes_max) {
            return Err(errors::entity_too_large(length, bytes_max));
        }
        let md5 = ask.header("content-md5").map(|v| Checksum::from_header_value(Algorithm::Md5, v)).transpose()?;
        // A completion's checksum is the object's, not that of the list of parts.
        let of_body = ask.op != Operation::CompleteMultipartUpload;
        let mut given = Algorithm::CHECKSUMS.iter().filter(|_| of_body).filter_map(|a| Some((*a, ask.header(a.header())?)));
        let expected = match (given.next(), given.next()) {
            (None, _) => None,
            (Some((algorithm, value)), None) => Some(Checksum::from_header_value(algorithm, value)?),
            (Some(_), Some(_)) => {
                return Err(errors::invalid_request(
                    "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
                ));
            }
        };
        let trailer = match ask.filled("x-amz-trailer") {
            None => None,
            Some(name) => Some(
                Algorithm::from_header(name.trim())
                    .ok_or_else(|| errors::invalid_request("The value specified in the x-amz-trailer header is not supported"))?,
            ),
        };
        let named = match ask.filled("x-amz-sdk-checksum-algorithm").or(ask.filled("x-amz-checksum-algorithm")) {
            None => None,
            Some(name) => Some(Algorithm::from_name(name).ok_or_else(|| {
                errors::invalid_request("Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]")
            })?),
        };
        if expected.is_some() && trailer.is_some() {
            return Err(errors::invalid_request(
                "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
            ));
        }
        if let (Some(named), Some(sent)) = (named, expected.map(|e| e.algorithm).or(trailer))
            && named != sent
        {
            return Err(errors::invalid_request("Value for x-amz-sdk-checksum-algorithm header is invalid."));
        }
        let sent = expected.map(|e| e.algorithm).or(trailer);
        if let (Some(bound), Some(sent)) = (algorithm, sent)
            && bound != sent
        {
            return Err(errors::invalid_request(format!(
                "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}",
                bound.name().to_ascii_lowercase(),
                sent.name().to_ascii_lowercase()
            )));
        }
        let wanted = sent.or(algorithm).unwrap_or(Algorithm::Crc64Nvme);
        let mut all = vec![Algorithm::Md5, wanted];
        if matches!(framing, Framing::Plain { sha256: Some(_) }) {
            all.push(Algorithm::Sha256);
        }
        Ok(Self {
            incoming,
            framing,
            ready: VecDeque::new(),
            digests: Digests::new(all),
            length,
            bytes: 0,
            bytes_max,
            pace: Pace::default(),
            md5,
            expected,
            algorithm: wanted,
            declared: sent.is_some(),
            ended: false,
        })
    }

    /// The next piece of the payload, any size. None: all of it came; now [`Upload::finish`].
    pub async fn next(&mut self) -> Result<Option<Bytes>, AwsError> {
        loop {
            if let Some(piece) = self.ready.pop_front() {
                self.bytes += piece.len() as u64;
                if self.bytes > self.bytes_max {
                    return Err(errors::entity_too_large(self.bytes, self.bytes_max));
                }
                self.digests.update(piece.clone()).await;
                return Ok(Some(piece));
            }
            if self.ended {
                return Ok(None);
            }
            let asked = tokio::time::Instant::now();
            let frame = tokio::time::timeout(IDLE_TIMEOUT, self.incoming.frame()).await;
            self.pace.waited += asked.elapsed();
            let frame = match frame {
                Err(_) => return Err(errors::request_timeout()),
                Ok(None) => {
                    self.ended = true;
                    continue;
                }
                // The client went away or broke its own framing.
                Ok(Some(Err(_))) => return Err(errors::incomplete_body()),
                Ok(Some(Ok(frame))) => frame,
            };
            let Ok(data) = frame.into_data() else { continue };
            self.pace.bytes += data.len() as u64;
            if self.pace.is_too_slow() {
                return Err(errors::request_timeout());
            }
            match &mut self.framing {
                Framing::Plain { .. } => self.ready.push_back(data),
                Framing::Chunked(decoder) => {
                    let ready = &mut self.ready;
                    decoder
                        .feed(&data, &mut |piece: &[u8]| {
                            // Pieces inside of one frame are slices of it; only their position is needed to share it.
                            let at = piece.as_ptr() as usize - data.as_ptr() as usize;
                            ready.push_back(data.slice(at..at + piece.len()));
                        })
                        .map_err(|e| e.to_aws())?;
                }
            }
        }
    }

    /// All of a small body.
    pub async fn whole(mut self) -> Result<(Bytes, Received), AwsError> {
        let mut all = Vec::new();
        while let Some(piece) = self.next().await? {
            all.extend_from_slice(&piece);
        }
        let received = self.finish().await?;
        Ok((all.into(), received))
    }

    pub async fn finish(self) -> Result<Received, AwsError> {
        if self.length.is_some_and(|l| l != self.bytes) {
            return Err(errors::incomplete_body());
        }
        let digests = self.digests.finish().await;
        let computed = |algorithm| digest::of(&digests, algorithm).ok_or_else(errors::internal_error);
        let mut expected = self.expected;
        match self.framing {
            Framing::Plain { sha256: None } => {}
            Framing::Plain { sha256: Some(signed) } => {
                let ours = computed(Algorithm::Sha256)?;
                if ours.bytes() != signed {
                    return Err(errors::content_sha256_mismatch(hex::encode(signed), ours.to_hex()));
                }
            }
            Framing::Chunked(decoder) => {
                // Held against the data by the decoder.
                let finished = decoder.finish().map_err(|e| e.to_aws())?;
                expected = expected.or(finished.checksum);
            }
        }
        let (md5, checksum) = (computed(Algorithm::Md5)?, computed(self.algorithm)?);
        if let Some(expected) = self.md5.filter(|e| e.bytes() != md5.bytes()) {
            return Err(md5.mismatch(&expected));
        }
        if let Some(expected) = expected.filter(|e| e.bytes() != checksum.bytes()) {
            return Err(checksum.mismatch(&expected));
        }
        Ok(Received { bytes: self.bytes, md5, checksum, declared: self.declared })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_client_is_told_from_a_slow_store() {
        for (bytes, waited_s, slow) in
            [(0, 60, false), (1, 61, true), (61 * 256, 61, false), (1 << 30, 100_000, false), (4, 76, true)]
        {
            assert_eq!(Pace { bytes, waited: Duration::from_secs(waited_s) }.is_too_slow(), slow, "{bytes} in {waited_s} s");
        }
    }
}
