//! What a killed card's next life goes on with, laid down with the parent ([`platform::keeper`]): guests' connections with
//! memory and rings, and the underlay socket. So a VMM does not notice that its card died, and the gap is the restart.
//!
//! A guest's entry is what was agreed on with its VMM, and no ring's place: chains are used in the order in which they were
//! offered and none is held beyond a turn, so each ring goes on at the used index in the guest's memory. A frame is published
//! there before it is forwarded, so it is sent once or (of the last batch) not at all; one that was half written to a guest is
//! not published, and its buffers are taken again.
//!
//! A message of the VMM changes what was agreed on, and may want an answer that no other life could know to be owed. So an
//! entry is forgotten before a message is read, and laid down anew when all is settled; a card that is killed between leaves
//! the connection closed, and the VMM connects again (after a second, with QEMU).

use platform::keeper::{Entry, Place};
use std::collections::BTreeMap;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};

/// The name of the underlay socket's entry; the others have interfaces' ids. Its bytes are the address.
pub const UNDERLAY: &str = "underlay";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Laid {
    AsItIs,
    /// Another card's, whose place this one has taken.
    Old,
    /// It could not be taken back, and was made useless.
    Useless,
}

/// By default nothing outlives the process.
#[derive(Debug, Default)]
pub struct Keeping {
    place: Option<Place>,
    found: BTreeMap<String, Entry>,
    /// What a next life would find.
    laid: BTreeMap<String, Laid>,
    /// Times that something could not be laid down, or not be taken back.
    pub failed: u64,
}

impl Keeping {
    pub fn new(place: Place, found: BTreeMap<String, Entry>) -> Self {
        let laid = found.keys().map(|name| (name.clone(), Laid::AsItIs)).collect();
        Self { place: Some(place), found, laid, failed: 0 }
    }

    /// What the last life has left under a name.
    pub fn take(&mut self, name: &str) -> Option<Entry> {
        self.found.remove(name)
    }

    /// It is laid down as it is, or cannot be.
    pub fn has(&self, name: &str) -> bool {
        self.place.is_none() || self.laid.get(name) == Some(&Laid::AsItIs)
    }

    /// All that is laid down is to be laid down anew.
    pub fn distrust(&mut self) {
        self.found.clear();
        self.laid.values_mut().for_each(|laid| *laid = Laid::Old);
    }

    pub fn put(&mut self, name: &str, bytes: &[u8], fds: &[OwnedFd]) {
        let Some(place) = &self.place else { return };
        let raw: Vec<RawFd> = fds.iter().map(AsRawFd::as_raw_fd).collect();
        let outcome = place.put(name, bytes, &raw);
        if self.went(outcome) {
            self.laid.insert(name.to_owned(), Laid::AsItIs);
        }
    }

    /// False: a next life may find it all the same, so the caller makes it useless.
    pub fn forget(&mut self, name: &str) -> bool {
        match self.laid.get(name).copied() {
            None | Some(Laid::Useless) => true,
            Some(_) if self.take_back(name) => true,
            Some(_) => {
                self.laid.insert(name.to_owned(), Laid::Useless);
                false
            }
        }
    }

    fn take_back(&mut self, name: &str) -> bool {
        let Some(outcome) = self.place.as_ref().map(|place| place.forget(name)) else { return false };
        let went = self.went(outcome);
        if went {
            self.laid.remove(name);
        }
        went
    }

    /// What is there and `wanted` does not know: found and not taken, or not forgotten when it should have been.
    pub fn forget_others(&mut self, wanted: impl Fn(&str) -> bool) {
        self.found.clear();
        let others: Vec<String> = self.laid.keys().filter(|name| !wanted(name)).cloned().collect();
        for name in others {
            self.take_back(&name);
        }
    }

    fn went(&mut self, outcome: io::Result<()>) -> bool {
        match outcome {
            Ok(()) => return true,
            // The parent is behind: later.
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
            Err(e) if e.kind() == io::ErrorKind::InvalidInput => tracing::warn!(error = %e, "that cannot be laid down"),
            Err(error) => {
                tracing::warn!(%error, "the parent does not keep what is to outlive the card");
                self.place = None;
            }
        }
        self.failed += 1;
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use platform::keeper::{Keeper, Kept};

    /// The parent's end is dropped or not; nobody reads.
    fn kept(runtime: &tokio::runtime::Runtime) -> (Keeping, platform::keeper::Life) {
        let _within = runtime.enter();
        let keeper = Keeper::new(8).unwrap();
        let (fd, life) = keeper.begin().unwrap();
        let given = std::thread::spawn(move || Kept::of(fd).unwrap());
        // So far that the child has been given all.
        runtime.block_on(async {
            let giving = life.give();
            giving.await.unwrap();
        });
        let kept = given.join().unwrap();
        (Keeping::new(kept.place, kept.found), life)
    }

    #[test]
    fn what_cannot_be_taken_back_is_said_once_to_be_made_useless() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (mut keeping, life) = kept(&runtime);
        keeping.put("a", b"", &[]);
        assert!(keeping.has("a") && !keeping.has("b") && keeping.forget("b"));
        assert!(keeping.forget("a") && !keeping.has("a"));
        keeping.put("a", b"", &[]);
        keeping.put("c", b"", &[]);
        // The parent is behind.
        while keeping.failed == 0 {
            keeping.put("c", b"", &[]);
        }
        assert!(!keeping.forget("a"), "a next life may find it");
        assert!(keeping.forget("a"), "which was said");
        keeping.forget_others(|name| name == "c");
        assert!(keeping.has("c") && !keeping.has("a"));
        // The parent is gone: nothing is laid down, and what there is goes the same way.
        drop(life);
        assert!(!keeping.forget("c"));
        assert!(keeping.forget("c") && keeping.has("anything"));
        let mut none = Keeping::default();
        none.put("a", b"", &[]);
        assert!(none.has("a") && none.forget("a"));
    }
}
