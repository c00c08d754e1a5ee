//! What outlives a process: memory, and descriptors with some bytes about each, which its parent keeps and gives to the next
//! life of it. The parent looks at neither.
//!
//! ```text
//!  parent: Keeper                                  child: Kept, on standard input
//!    memory; each entry (name, bytes, descriptors) ───►  found
//!    END                                           ───►  goes to work
//!    name, bytes, descriptors (another of the name goes) ◄───  put
//!    name                                                ◄───  forget
//! ```
//! Whole messages on one socket a life (SOCK_SEQPACKET), in order, so that what a killed process has said is read to the end
//! before the next is given anything. A successor that is started beside a running process says nothing until it has its
//! place: from its first word on the older one is not heard.

use crate::descriptors::{self, DESCRIPTORS_MAX};
use crate::memory;
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::io::Interest;
use tokio::net::UnixStream;

/// Of one process. What is put beyond it is not kept.
pub const ENTRIES_MAX: usize = 1024;
pub const NAME_BYTES_MAX: usize = 64;
pub const BYTES_MAX: usize = 4096;
/// How long a child waits for its parent to say all.
const WAIT_MS: i32 = 5000;

const PUT: u8 = 1;
const FORGET: u8 = 2;
const END: u8 = 3;
/// The kind and the name's length.
const HEAD_BYTES: usize = 2;
const MESSAGE_BYTES_MAX: usize = HEAD_BYTES + NAME_BYTES_MAX + BYTES_MAX;
/// The name that the memory is given under.
const MEMORY: &str = "memory";

/// What is kept under one name.
#[derive(Debug)]
pub struct Entry {
    pub bytes: Vec<u8>,
    pub fds: Vec<OwnedFd>,
}

/// The parent's.
pub struct Keeper {
    memory: File,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// How many lives there were.
    lives: u64,
    /// The newest one that has said something.
    heard: u64,
    entries: BTreeMap<String, Entry>,
}

/// The parent's end of one life.
pub struct Life {
    keeper: Arc<Keeper>,
    number: u64,
    /// Of whole messages; only the runtime's readiness of it is used.
    socket: UnixStream,
}

impl Keeper {
    /// With so many bytes of memory.
    ///
    /// # Errors
    /// As the system says.
    pub fn new(memory_bytes: usize) -> io::Result<Arc<Self>> {
        Ok(Arc::new(Self { memory: memory::sized(memory_bytes)?, state: Mutex::default() }))
    }

    /// Another life: its standard input, and what [`Life::attend`] is to be called on. Within a runtime.
    ///
    /// # Errors
    /// As the system says.
    pub fn begin(self: &Arc<Self>) -> io::Result<(OwnedFd, Life)> {
        let (near, far) = descriptors::message_pair()?;
        let socket = UnixStream::from_std(near.into())?;
        let mut state = self.state();
        state.lives += 1;
        Ok((far, Life { keeper: self.clone(), number: state.lives, socket }))
    }

    /// Closes all that is kept, but the memory.
    pub fn clear(&self) {
        self.state().entries.clear();
    }

    /// How many entries there are.
    pub fn entries(&self) -> usize {
        self.state().entries.len()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// False: that makes no sense, and nothing more of this life will be taken.
    fn hear(&self, life: u64, message: &[u8], fds: Vec<OwnedFd>) -> bool {
        let Some((kind, name, bytes)) = parse(message) else { return false };
        let mut state = self.state();
        if life < state.heard {
            return true;
        }
        state.heard = life;
        match kind {
            FORGET => drop(state.entries.remove(name)),
            PUT if name != MEMORY => {
                if state.entries.len() < ENTRIES_MAX || state.entries.contains_key(name) {
                    state.entries.insert(name.to_owned(), Entry { bytes: bytes.to_owned(), fds });
                } else {
                    tracing::warn!(name, "more than {ENTRIES_MAX} are to be kept");
                }
            }
            _ => return false,
        }
        true
    }
}

impl Life {
    /// Gives what there is, then takes what the process says, until it has ended.
    pub async fn attend(self) {
        if let Err(error) = self.serve().await {
            tracing::warn!(%error, "what is to outlive a process is not kept any more");
            // The process cannot take it back any more.
            self.keeper.clear();
        }
    }

    async fn serve(&self) -> io::Result<()> {
        self.give().await?;
        // One more, by which one that is too long shows.
        let mut buffer = vec![0; MESSAGE_BYTES_MAX + 1];
        loop {
            let mut fds = Vec::new();
            let receive = || descriptors::receive(self.socket.as_raw_fd(), &mut buffer, &mut fds);
            match self.socket.async_io(Interest::READABLE, receive).await? {
                0 => return Ok(()),
                n if self.keeper.hear(self.number, &buffer[..n], fds) => {}
                _ => return Err(io::Error::other("that is not understood")),
            }
        }
    }

    /// Gives what there is.
    ///
    /// # Errors
    /// As the system says.
    pub async fn give(&self) -> io::Result<()> {
        let memory = self.keeper.memory.as_raw_fd();
        self.send(|socket| descriptors::send(socket, &message(PUT, MEMORY, &[]), &[memory])).await?;
        let names: Vec<String> = self.keeper.state().entries.keys().cloned().collect();
        for name in names {
            self.send(|socket| match self.keeper.state().entries.get(&name) {
                Some(entry) => send_entry(socket, &name, entry),
                None => Ok(()),
            })
            .await?;
        }
        self.send(|socket| descriptors::send(socket, &[END, 0], &[])).await
    }

    async fn send(&self, send: impl Fn(RawFd) -> io::Result<()>) -> io::Result<()> {
        match self.socket.async_io(Interest::WRITABLE, || send(self.socket.as_raw_fd())).await {
            // It has ended already; what it said is read all the same.
            Err(e) if matches!(e.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset) => Ok(()),
            other => other,
        }
    }
}

fn send_entry(socket: RawFd, name: &str, entry: &Entry) -> io::Result<()> {
    let fds: Vec<RawFd> = entry.fds.iter().map(AsRawFd::as_raw_fd).collect();
    descriptors::send(socket, &message(PUT, name, &entry.bytes), &fds)
}

fn message(kind: u8, name: &str, bytes: &[u8]) -> Vec<u8> {
    [&[kind, name.len() as u8], name.as_bytes(), bytes].concat()
}

/// (kind, name, bytes)
fn parse(message: &[u8]) -> Option<(u8, &str, &[u8])> {
    let (&[kind, length], rest) = message.split_first_chunk()?;
    let (name, bytes) = rest.split_at_checked(length.into())?;
    (name.len() <= NAME_BYTES_MAX && bytes.len() <= BYTES_MAX).then_some((kind, std::str::from_utf8(name).ok()?, bytes))
}

/// What a process was given, and where it lays down what is to outlive it.
#[derive(Debug)]
pub struct Kept {
    pub memory: File,
    pub found: BTreeMap<String, Entry>,
    pub place: Place,
}

#[derive(Debug)]
pub struct Place(OwnedFd);

impl Kept {
    /// What standard input leads to, if this process's parent is a [`Keeper`]. Waits until all was said.
    ///
    /// # Errors
    /// The parent is gone or silent, or says what is not understood.
    pub fn of_stdin() -> io::Result<Option<Self>> {
        let fd = io::stdin().as_fd().try_clone_to_owned()?;
        if descriptors::carries_messages(fd.as_raw_fd()) { Self::of(fd).map(Some) } else { Ok(None) }
    }

    /// As [`Self::of_stdin`], of the descriptor that [`Keeper::begin`] made.
    ///
    /// # Errors
    /// As there.
    pub fn of(fd: OwnedFd) -> io::Result<Self> {
        let strange = || io::Error::new(io::ErrorKind::InvalidData, "what is kept is not understood");
        let (mut memory, mut found) = (None, BTreeMap::new());
        let mut buffer = vec![0; MESSAGE_BYTES_MAX + 1];
        loop {
            if !descriptors::wait_readable(fd.as_raw_fd(), WAIT_MS)? {
                return Err(io::ErrorKind::TimedOut.into());
            }
            let mut fds = Vec::new();
            let n = descriptors::receive(fd.as_raw_fd(), &mut buffer, &mut fds)?;
            if n == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            match parse(&buffer[..n]).ok_or_else(strange)? {
                (END, ..) => break,
                (PUT, MEMORY, _) => memory = fds.pop().map(File::from),
                (PUT, name, bytes) => drop(found.insert(name.to_owned(), Entry { bytes: bytes.to_owned(), fds })),
                _ => return Err(strange()),
            }
        }
        Ok(Self { memory: memory.ok_or_else(strange)?, found, place: Place(fd) })
    }
}

impl Place {
    /// Lays down `bytes` and descriptors (which stay the caller's) under `name`, in place of what was there.
    ///
    /// # Errors
    /// The parent is gone or behind, or that is more than an entry may have: what was there before still is.
    pub fn put(&self, name: &str, bytes: &[u8], fds: &[RawFd]) -> io::Result<()> {
        if name.len() > NAME_BYTES_MAX || bytes.len() > BYTES_MAX || fds.len() > DESCRIPTORS_MAX {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "too much for one entry"));
        }
        descriptors::send(self.0.as_raw_fd(), &message(PUT, name, bytes), fds)
    }

    /// When it returns, no later life will be given what was under `name`.
    ///
    /// # Errors
    /// The parent is gone or behind: a later life may.
    pub fn forget(&self, name: &str) -> io::Result<()> {
        descriptors::send(self.0.as_raw_fd(), &message(FORGET, name, &[]), &[])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::os::unix::net::UnixStream as StdStream;

    /// A life begins; its end, and its parent's.
    async fn live(keeper: &Arc<Keeper>) -> (Kept, tokio::task::JoinHandle<()>) {
        let (fd, life) = keeper.begin().unwrap();
        let attending = tokio::spawn(life.attend());
        let kept = tokio::task::spawn_blocking(move || Kept::of(fd)).await.unwrap().unwrap();
        (kept, attending)
    }

    #[tokio::test]
    async fn the_next_life_finds_what_the_last_has_put_and_not_forgotten() {
        let keeper = Keeper::new(4096).unwrap();
        let (kept, attending) = live(&keeper).await;
        assert!(kept.found.is_empty() && kept.memory.metadata().unwrap().len() == 4096);
        let (mut near, far) = StdStream::pair().unwrap();
        let null = File::open("/dev/null").unwrap();
        for n in 0..300 {
            // As fast as the parent takes it, and no faster.
            let name = format!("n{n}");
            while let Err(e) = kept.place.put(&name, name.as_bytes(), &[null.as_raw_fd(); 16]) {
                assert_eq!(e.kind(), io::ErrorKind::WouldBlock);
                tokio::task::yield_now().await;
            }
        }
        for (name, bytes) in [("far", b"1"), ("gone", b"1"), ("far", b"2")] {
            while kept.place.put(name, bytes, &[far.as_raw_fd()]).is_err() {
                tokio::task::yield_now().await;
            }
        }
        while kept.place.forget("gone").is_err() {
            tokio::task::yield_now().await;
        }
        drop((far, kept));
        attending.await.unwrap();

        let (mut kept, attending) = live(&keeper).await;
        assert_eq!(kept.found.len(), 301);
        assert_eq!((kept.found["n7"].bytes.as_slice(), kept.found["n7"].fds.len()), (&b"n7"[..], 16));
        let entry = kept.found.remove("far").unwrap();
        assert_eq!(entry.bytes, b"2");
        // It is the connection, and it is open as long as it is kept.
        let mut far = StdStream::from(entry.fds.into_iter().next().unwrap());
        far.write_all(b"x").unwrap();
        near.read_exact(&mut [0]).unwrap();
        drop((far, kept));
        attending.await.unwrap();
        near.set_nonblocking(true).unwrap();
        assert_eq!(near.read(&mut [0]).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        keeper.clear();
        assert_eq!((near.read(&mut [0]).unwrap(), keeper.entries()), (0, 0));
    }

    #[tokio::test]
    async fn a_successor_that_has_said_something_is_the_only_one_heard() {
        let keeper = Keeper::new(8).unwrap();
        let (old, old_attending) = live(&keeper).await;
        let (new, new_attending) = live(&keeper).await;
        old.place.put("a", b"old", &[]).unwrap();
        drop(new);
        new_attending.await.unwrap();
        let (new, new_attending) = live(&keeper).await;
        // The old one's first word may be on its way yet.
        while keeper.entries() == 0 {
            tokio::task::yield_now().await;
        }
        new.place.put("a", b"new", &[]).unwrap();
        new.place.put("b", b"new", &[]).unwrap();
        while keeper.entries() < 2 {
            tokio::task::yield_now().await;
        }
        old.place.put("a", b"old", &[]).unwrap();
        old.place.forget("b").unwrap();
        drop(old);
        old_attending.await.unwrap();
        drop(new);
        new_attending.await.unwrap();
        let (found, _) = live(&keeper).await;
        assert_eq!((found.found["a"].bytes.as_slice(), found.found.len()), (&b"new"[..], 2));
    }

    #[tokio::test]
    async fn what_makes_no_sense_or_is_too_much_is_not_taken() {
        let keeper = Keeper::new(8).unwrap();
        for strange in [&[PUT][..], &[PUT, 2, b'a'], &[9, 1, b'a'], &[PUT, 1, 0xff], &message(PUT, MEMORY, &[])] {
            let (kept, attending) = live(&keeper).await;
            descriptors::send(kept.place.0.as_raw_fd(), strange, &[]).unwrap();
            attending.await.unwrap();
            assert!(kept.place.put("a", b"", &[]).is_err(), "nothing is taken any more");
        }
        let (kept, attending) = live(&keeper).await;
        assert!(kept.place.put(&"x".repeat(NAME_BYTES_MAX + 1), b"", &[]).is_err());
        assert!(kept.place.put("x", &[0; BYTES_MAX + 1], &[]).is_err());
        assert!(kept.place.put("x", b"", &[0; DESCRIPTORS_MAX + 1]).is_err());
        for n in 0..=ENTRIES_MAX {
            while kept.place.put(&n.to_string(), b"", &[]).is_err() {
                tokio::task::yield_now().await;
            }
        }
        drop(kept);
        attending.await.unwrap();
        assert_eq!(keeper.entries(), ENTRIES_MAX);
        // Who is no keeper's child.
        let (near, far) = descriptors::message_pair().unwrap();
        drop(near);
        assert!(Kept::of(far).is_err());
        assert!(!descriptors::carries_messages(StdStream::pair().unwrap().0.as_raw_fd()));
    }
}
