//! A request's body on its way in: framing undone, limits kept, every digest that was promised checked.
//!
//! ```text
//!  hyper's frames ─► aws-chunked (signed or not, trailers) or as they are ─► digests ─► the caller, piece by piece
//!                                                   at the end: length, SHA-256, Content-MD5, checksum, trailers
//! ```
//! Nothing may be made visible before [`Upload::finish`] has said that all of it holds.

use super::ask::Ask;
use super::digest::{self, Digests, Hashing};
use aws_protocol::AwsError;
use aws_protocol::s3::checksum::{Algorithm, Checksum};
use aws_protocol::s3::chunked::Decoder;
use aws_protocol::s3::{Operation, errors};
use http_body_util::BodyExt;
use hyper::body::{Bytes, Incoming};
use std::cell::Cell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// S3: the largest object of one PUT, and the largest part.
pub const PUT_BYTES_MAX: u64 = 5 << 30;
/// Bodies under way that are few enough to be patient with.
const CALM_UPLOADS_MAX: usize = 64;
/// In so much time of waiting for it ...
const CALM_WINDOW: Duration = Duration::from_secs(20);
const BUSY_WINDOW: Duration = Duration::from_secs(2);
/// ... a client sends so much, or is cut off.
const CALM_BYTES_MIN: u64 = 4 << 10;
const BUSY_BYTES_MIN: u64 = 32 << 10;

/// How slow a client may be. Each body under way holds a slot and memory, so that many slow clients could keep all others
/// out; when there are many, those that do not use what they hold lose it.
fn patience(uploads: usize) -> (Duration, u64) {
    if uploads <= CALM_UPLOADS_MAX { (CALM_WINDOW, CALM_BYTES_MIN) } else { (BUSY_WINDOW, BUSY_BYTES_MIN) }
}

/// Counts the bodies under way of one process.
#[derive(Clone, Debug, Default)]
pub struct Crowd(Rc<Cell<usize>>);

/// One of them.
struct Member(Crowd);

impl Crowd {
    fn join(&self) -> Member {
        self.0.set(self.0.get() + 1);
        Member(self.clone())
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.0.0.set(self.0.0.get() - 1);
    }
}

/// How the body travels and what it was signed as.
pub enum Framing {
    Plain { sha256: Option<[u8; 32]> },
    Chunked(Box<Decoder>),
}

pub struct Upload {
    incoming: Incoming,
    crowd: Member,
    /// How long the client was waited for in this window, and what came of it.
    waited: Duration,
    came_bytes: u64,
    framing: Framing,
    ready: VecDeque<Bytes>,
    digests: Digests,
    /// Of the payload, where the head says.
    length: Option<u64>,
    bytes: u64,
    bytes_max: u64,
    md5: Option<Checksum>,
    expected: Option<Checksum>,
    /// What is computed and kept.
    algorithm: Algorithm,
    /// The client asked for the checksum by name.
    declared: bool,
    ended: bool,
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
        (crowd, hashing): (&Crowd, &Hashing),
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
            crowd: crowd.join(),
            waited: Duration::ZERO,
            came_bytes: 0,
            framing,
            ready: VecDeque::new(),
            digests: Digests::new(hashing, all),
            length,
            bytes: 0,
            bytes_max,
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
            let (window, bytes_min) = patience(self.crowd.0.0.get());
            let began = Instant::now();
            let frame = tokio::time::timeout(window.saturating_sub(self.waited), self.incoming.frame()).await;
            // Only this: while the nodes are waited for, the client cannot send.
            self.waited += began.elapsed();
            let frame = match frame {
                Err(_) if self.came_bytes < bytes_min => return Err(errors::request_timeout()),
                Err(_) => {
                    (self.waited, self.came_bytes) = (Duration::ZERO, 0);
                    continue;
                }
                Ok(None) => {
                    self.ended = true;
                    continue;
                }
                // The client went away or broke its own framing.
                Ok(Some(Err(_))) => return Err(errors::incomplete_body()),
                Ok(Some(Ok(frame))) => frame,
            };
            let Ok(data) = frame.into_data() else { continue };
            self.came_bytes += data.len() as u64;
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
    fn patience_ends_when_there_are_many() {
        let crowd = Crowd::default();
        let mut members: Vec<Member> = (0..CALM_UPLOADS_MAX).map(|_| crowd.join()).collect();
        assert_eq!(patience(crowd.0.get()), (CALM_WINDOW, CALM_BYTES_MIN));
        members.push(crowd.join());
        assert_eq!(patience(crowd.0.get()), (BUSY_WINDOW, BUSY_BYTES_MIN));
        members.pop();
        assert_eq!(patience(crowd.0.get()).0, CALM_WINDOW);
        drop(members);
        assert_eq!(crowd.0.get(), 0);
    }
}
