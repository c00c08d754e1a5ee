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

/// By default nothing outlives the process.
#[derive(Debug, Default)]
pub struct Keeping {
    place: Option<Place>,
    found: BTreeMap<String, Entry>,
    /// What a next life would find; true: as it is.
    laid: BTreeMap<String, bool>,
    /// Times that something could not be laid down, or not be taken back.
    pub failed: u64,
}

impl Keeping {
    pub fn new(place: Place, found: BTreeMap<String, Entry>) -> Self {
        let laid = found.keys().map(|name| (name.clone(), true)).collect();
        Self { place: Some(place), found, laid, failed: 0 }
    }

    /// What the last life has left under a name.
    pub fn take(&mut self, name: &str) -> Option<Entry> {
        self.found.remove(name)
    }

    /// It is laid down as it is, or cannot be.
    pub fn has(&self, name: &str) -> bool {
        self.place.is_none() || self.laid.get(name) == Some(&true)
    }

    /// All that is laid down is to be laid down anew.
    pub fn distrust(&mut self) {
        self.found.clear();
        self.laid.values_mut().for_each(|current| *current = false);
    }

    pub fn put(&mut self, name: &str, bytes: &[u8], fds: &[OwnedFd]) {
        let Some(place) = &self.place else { return };
        let raw: Vec<RawFd> = fds.iter().map(AsRawFd::as_raw_fd).collect();
        let outcome = place.put(name, bytes, &raw);
        if self.went(outcome) {
            self.laid.insert(name.to_owned(), true);
        }
    }

    /// False: a next life may find it all the same.
    pub fn forget(&mut self, name: &str) -> bool {
        let Some(place) = self.place.as_ref().filter(|_| self.laid.contains_key(name)) else { return true };
        let outcome = place.forget(name);
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
            self.forget(&name);
        }
    }

    fn went(&mut self, outcome: io::Result<()>) -> bool {
        match outcome {
            Ok(()) => return true,
            // The parent is behind: later.
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => tracing::warn!(%error, "the parent does not keep what is to outlive the card"),
        }
        self.failed += 1;
        false
    }
}
