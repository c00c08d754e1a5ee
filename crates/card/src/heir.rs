//! A card that takes the place of a running one: the words between the two, over a connection on which both have proved who
//! they are ([`platform::handover::reach`]).
//!
//! ```text
//!  heir                                     card
//!    MAGIC, format          ───────────►   looks at the format
//!                           ◄───────────   TAKE, or REFUSED and its own format
//!                           ◄───────────   the configuration (packets go on)
//!    PREPARED: compiled     ───────────►   ── stands still from here ──────────────┐
//!                           ◄───────────   state and descriptors                   │ at most
//!    READY: could begin     ───────────►                                           │ FROZEN_MAX
//!    begins                 ◄───────────   GO ─────────────────────────────────────┘
//!    opens ledger and spool ◄── end ────   has written what it had to write, and ends
//! ```
//! Until GO the card loses nothing by going on, and does so whatever happens; the heir has touched nothing but its own
//! memory. After GO it is the heir's. Each payload is a length, a SHA-256 and an anonymous file, with descriptors beside it.

use aws_lc_rs::digest::{SHA256, digest};
use platform::descriptors;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::fs::FileExt;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};
use types::Generation;

const MAGIC: [u8; 8] = *b"SC-CARD\n";
/// Of the words and of the card's part of the state; the switch's has its own.
pub const FORMAT: u32 = 2;
const HELLO_BYTES: usize = 12;
const TAKE: u8 = 1;
const REFUSED: u8 = 2;
const PREPARED: u8 = 3;
const READY: u8 = 4;
const GO: u8 = 5;

/// How long guests may stand still for an heir that does not come to it.
pub const FROZEN_MAX: Duration = Duration::from_secs(2);
/// For all else, while packets go on.
const PREPARE_MAX: Duration = Duration::from_secs(20);
const PAYLOAD_BYTES_MAX: u64 = 1 << 30;
const FDS_MAX: u32 = 65_536;
const FDS_PER_MESSAGE: usize = 16;
/// Length, number of descriptors, SHA-256.
const HEAD_BYTES: usize = 8 + 4 + 32;

#[derive(Debug, thiserror::Error)]
pub enum HeirError {
    #[error("the other card is gone or silent")]
    Io(#[from] io::Error),
    #[error("that is no card")]
    Magic,
    #[error("the other card's format is {0}, known is {FORMAT}")]
    Format(u32),
    #[error("a word that does not belong here: {0}")]
    Word(u8),
    #[error("a payload that is not whole: {0}")]
    Payload(&'static str),
    #[error("the card's part of the state cannot be read")]
    Json(#[from] serde_json::Error),
    #[error("the switch's part of the state was refused")]
    Switch(#[from] vswitch::StateError),
    #[error("its configuration was refused")]
    Config(#[from] vswitch::ConfigError),
    #[error("a guest's connection cannot be continued")]
    Backend(#[from] crate::vhost_user::backend::BackendError),
    #[error("there is no configuration yet: nothing to take over")]
    Nothing,
    #[error("the configuration changed meanwhile, from {0}")]
    Changed(Generation),
    #[error("the card's thread is busy or has ended")]
    Thread,
}

/// Bytes and descriptors of one message.
pub struct Payload {
    pub bytes: Vec<u8>,
    pub fds: Vec<OwnedFd>,
}

/// Descriptors in the order in which they were sent.
pub struct Fds(std::vec::IntoIter<OwnedFd>);

impl Fds {
    pub fn new(fds: Vec<OwnedFd>) -> Self {
        Self(fds.into_iter())
    }

    pub fn take(&mut self) -> Result<OwnedFd, HeirError> {
        self.0.next().ok_or(HeirError::Payload("a descriptor is missing"))
    }

    pub fn take_if(&mut self, there: bool) -> Result<Option<OwnedFd>, HeirError> {
        there.then(|| self.take()).transpose()
    }

    pub fn end(mut self) -> Result<(), HeirError> {
        self.0.next().map_or(Ok(()), |_| Err(HeirError::Payload("more descriptors than there are places for")))
    }
}

/// The heir's end until GO.
pub struct Heir(UnixStream);

impl Heir {
    /// Says who comes, and takes the configuration.
    pub fn begin(stream: UnixStream) -> Result<(Self, Payload), HeirError> {
        Self::begin_as(stream, FORMAT)
    }

    /// As one of another format would.
    pub fn begin_as(stream: UnixStream, format: u32) -> Result<(Self, Payload), HeirError> {
        limit(&stream, PREPARE_MAX)?;
        (&stream).write_all(&[&MAGIC[..], &format.to_le_bytes()].concat())?;
        match word(&stream)? {
            TAKE => {}
            REFUSED => return Err(HeirError::Format(u32::from_le_bytes(exact(&stream)?))),
            other => return Err(HeirError::Word(other)),
        }
        let payload = receive(&stream)?;
        Ok((Self(stream), payload))
    }

    /// Everything that takes time is done: the card may stand still.
    pub fn prepared(&self) -> Result<Payload, HeirError> {
        (&self.0).write_all(&[PREPARED])?;
        receive(&self.0)
    }

    /// Asks for the word. With an error the card goes on, or is dead.
    pub fn ready(&self) -> Result<(), HeirError> {
        limit(&self.0, FROZEN_MAX)?;
        (&self.0).write_all(&[READY])?;
        expect(&self.0, GO)
    }

    pub fn into_stream(self) -> UnixStream {
        self.0
    }
}

/// The card's end: takes the heir's hello and gives it the configuration; returns when it is prepared.
pub fn prepare(stream: &UnixStream, configuration: &[u8]) -> Result<(), HeirError> {
    limit(stream, PREPARE_MAX)?;
    let hello: [u8; HELLO_BYTES] = exact(stream)?;
    let (magic, format) = hello.split_at(MAGIC.len());
    if magic != MAGIC {
        return Err(HeirError::Magic);
    }
    let found = format.first_chunk().map_or(0, |b| u32::from_le_bytes(*b));
    if found != FORMAT {
        (&*stream).write_all(&[&[REFUSED][..], &FORMAT.to_le_bytes()].concat())?;
        return Err(HeirError::Format(found));
    }
    (&*stream).write_all(&[TAKE])?;
    send(stream, configuration, &[])?;
    expect(stream, PREPARED)
}

/// The card's end while it stands still. `Ok`: it is the heir's from here on.
pub fn give(stream: &UnixStream, payload: &Payload) -> Result<(), HeirError> {
    let end = Instant::now() + FROZEN_MAX;
    limit(stream, FROZEN_MAX)?;
    send(stream, &payload.bytes, &payload.fds)?;
    // At least something: none would mean for ever.
    limit(stream, end.saturating_duration_since(Instant::now()).max(Duration::from_millis(1)))?;
    expect(stream, READY)?;
    Ok((&*stream).write_all(&[GO])?)
}

fn limit(stream: &UnixStream, wait: Duration) -> io::Result<()> {
    stream.set_read_timeout(Some(wait))?;
    stream.set_write_timeout(Some(wait))
}

fn exact<const N: usize>(stream: &UnixStream) -> Result<[u8; N], HeirError> {
    let mut bytes = [0; N];
    let fds = fill(stream, &mut bytes)?;
    if fds.is_empty() { Ok(bytes) } else { Err(HeirError::Payload("descriptors where none belong")) }
}

fn word(stream: &UnixStream) -> Result<u8, HeirError> {
    exact::<1>(stream).map(|[w]| w)
}

fn expect(stream: &UnixStream, wanted: u8) -> Result<(), HeirError> {
    match word(stream)? {
        w if w == wanted => Ok(()),
        w => Err(HeirError::Word(w)),
    }
}

/// Reads all of `bytes`, with the descriptors that come beside them.
fn fill(stream: &UnixStream, bytes: &mut [u8]) -> io::Result<Vec<OwnedFd>> {
    let (mut at, mut fds) = (0, Vec::new());
    while at < bytes.len() {
        match descriptors::receive(stream.as_raw_fd(), &mut bytes[at..], &mut fds) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(n) => at += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(fds)
}

fn send(stream: &UnixStream, bytes: &[u8], fds: &[OwnedFd]) -> Result<(), HeirError> {
    let mut file = platform::memory::create()?;
    file.write_all(bytes)?;
    let mut head = [0; HEAD_BYTES];
    head[..8].copy_from_slice(&(bytes.len() as u64).to_le_bytes());
    head[8..12].copy_from_slice(&(fds.len() as u32).to_le_bytes());
    head[12..].copy_from_slice(digest(&SHA256, bytes).as_ref());
    descriptors::send(stream.as_raw_fd(), &head, &[file.as_raw_fd()])?;
    for some in fds.chunks(FDS_PER_MESSAGE) {
        let raw: Vec<RawFd> = some.iter().map(AsRawFd::as_raw_fd).collect();
        descriptors::send(stream.as_raw_fd(), &[some.len() as u8], &raw)?;
    }
    Ok(())
}

fn receive(stream: &UnixStream) -> Result<Payload, HeirError> {
    let mut head = [0; HEAD_BYTES];
    let [file] = <[OwnedFd; 1]>::try_from(fill(stream, &mut head)?)
        .map_err(|_| HeirError::Payload("it is one file, with others after it"))?;
    let length = head.first_chunk().map_or(0, |b| u64::from_le_bytes(*b));
    let count = head[8..].first_chunk().map_or(0, |b| u32::from_le_bytes(*b));
    if length > PAYLOAD_BYTES_MAX || count > FDS_MAX {
        return Err(HeirError::Payload("it is longer than any"));
    }
    let mut bytes = vec![0; length as usize];
    File::from(file).read_exact_at(&mut bytes, 0)?;
    if digest(&SHA256, &bytes).as_ref() != &head[12..] {
        return Err(HeirError::Payload("its sum is another"));
    }
    let mut fds = Vec::new();
    while fds.len() < count as usize {
        let mut announced = [0];
        let some = fill(stream, &mut announced)?;
        if some.is_empty() || some.len() != usize::from(announced[0]) {
            return Err(HeirError::Payload("its descriptors are not as announced"));
        }
        fds.extend(some);
    }
    if fds.len() > count as usize {
        return Err(HeirError::Payload("its descriptors are not as announced"));
    }
    Ok(Payload { bytes, fds })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_arrives_with_its_descriptors_or_not_at_all() {
        let (a, b) = UnixStream::pair().unwrap();
        let fds: Vec<OwnedFd> = (0..37).map(|_| File::open("/dev/null").unwrap().into()).collect();
        send(&a, b"state", &fds).unwrap();
        let got = receive(&b).unwrap();
        assert_eq!((got.bytes.as_slice(), got.fds.len()), (&b"state"[..], 37));

        // Another length, another sum, another byte in the file.
        for at in [0, 12, 43] {
            let (a, b) = UnixStream::pair().unwrap();
            let mut head = [0; HEAD_BYTES];
            head[0] = 5;
            head[12..].copy_from_slice(digest(&SHA256, b"state").as_ref());
            head[at] ^= 1;
            let mut file = platform::memory::create().unwrap();
            file.write_all(b"state").unwrap();
            descriptors::send(a.as_raw_fd(), &head, &[file.as_raw_fd()]).unwrap();
            assert!(matches!(receive(&b), Err(HeirError::Payload(_))), "byte {at}");
        }
        // Ends early; and no file at all.
        let (a, b) = UnixStream::pair().unwrap();
        descriptors::send(a.as_raw_fd(), &[0; 20], &[]).unwrap();
        drop(a);
        assert!(matches!(receive(&b), Err(HeirError::Io(_))));
        let (a, b) = UnixStream::pair().unwrap();
        descriptors::send(a.as_raw_fd(), &[0; HEAD_BYTES], &[]).unwrap();
        assert!(matches!(receive(&b), Err(HeirError::Payload(_))));
    }
}
