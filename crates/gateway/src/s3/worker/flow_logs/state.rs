//! What was taken from the cards and is not yet in a bucket: a file for each object, and one that says how far the cards were read.
//!
//! ```text
//!  take ──► files of batch n+1 ──► state (positions, n+1) ──► objects, one by one ──► file removed
//! ```
//! A crash before the state is written leaves files of a batch that there is not: removed, and taken again. After it, each file is
//! written to its bucket under the name that it holds, again if need be. Blocking, all of it.

use platform::disk;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use types::{AccountId, FlowLogId, HostId};
use wire::flow::FlowPosition;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    pub format: u16,
    /// The last one whose files are to be delivered.
    pub batch: u64,
    pub hosts: BTreeMap<HostId, FlowPosition>,
}

/// The first line of a pending file, the object's text behind it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    pub log: FlowLogId,
    pub account: AccountId,
    pub bucket: String,
    pub key: String,
}

const STATE: &str = "state.json";
const PENDING: &str = "pending";

impl State {
    pub fn load(dir: &Path) -> io::Result<Self> {
        match std::fs::read(dir.join(STATE)) {
            Ok(text) => Ok(serde_json::from_slice(&text)?),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Self { format: wire::FORMAT, ..Self::default() }),
            Err(e) => Err(e),
        }
    }

    /// Writes the files down, and then what they stand for. When this returns, both survive any crash.
    pub fn commit(&mut self, dir: &Path, files: &[(Head, String)], hosts: BTreeMap<HostId, FlowPosition>) -> io::Result<()> {
        let batch = self.batch + 1;
        disk::create_private_dir(&dir.join(PENDING))?;
        for (n, (head, text)) in files.iter().enumerate() {
            let mut whole = serde_json::to_vec(head)?;
            whole.push(b'\n');
            whole.extend_from_slice(text.as_bytes());
            disk::write_atomic(&dir.join(PENDING).join(format!("{batch:016x}-{n:06}")), &whole)?;
        }
        let next = Self { format: wire::FORMAT, batch, hosts };
        disk::write_atomic(&dir.join(STATE), &serde_json::to_vec(&next)?)?;
        *self = next;
        Ok(())
    }

    /// The files to deliver, oldest first, with their sizes. What a crash has left is removed.
    pub fn pending(&self, dir: &Path) -> io::Result<Vec<(PathBuf, u64)>> {
        let entries = match std::fs::read_dir(dir.join(PENDING)) {
            Ok(entries) => entries,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(e),
        };
        let mut out = Vec::new();
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            let batch = name.to_str().and_then(|n| n.split_once('-')).and_then(|(b, _)| u64::from_str_radix(b, 16).ok());
            if batch.is_some_and(|b| b <= self.batch) {
                out.push((entry.path(), entry.metadata()?.len()));
            } else {
                disk::remove_file(&entry.path())?;
            }
        }
        out.sort();
        Ok(out)
    }
}

/// None: this is no pending file.
pub fn read(path: &Path) -> io::Result<Option<(Head, String)>> {
    let whole = std::fs::read_to_string(path)?;
    Ok(whole.split_once('\n').and_then(|(head, text)| Some((serde_json::from_str(head).ok()?, text.to_owned()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(key: &str) -> Head {
        let account = "123456789012".parse().unwrap();
        Head { log: FlowLogId::from_random(1), account, bucket: "logs".into(), key: key.into() }
    }

    fn at(next: u64) -> BTreeMap<HostId, FlowPosition> {
        [("a1-h1".parse().unwrap(), FlowPosition { spool: "s".into(), next })].into()
    }

    #[test]
    fn files_are_there_with_the_state_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let mut state = State::load(dir.path()).unwrap();
        assert_eq!(state.pending(dir.path()).unwrap(), []);
        state.commit(dir.path(), &[(head("a"), "1\n2\n".into()), (head("b"), "3\n".into())], at(3)).unwrap();
        let before = state.clone();
        // Another batch, and a crash before its state was written.
        state.commit(dir.path(), &[(head("c"), "4\n".into())], at(4)).unwrap();
        std::fs::write(dir.path().join(STATE), serde_json::to_vec(&before).unwrap()).unwrap();
        let mut state = State::load(dir.path()).unwrap();
        assert_eq!(state, before);
        let found = |state: &State| -> Vec<(Head, String)> {
            state.pending(dir.path()).unwrap().iter().map(|(p, _)| read(p).unwrap().unwrap()).collect()
        };
        assert_eq!(found(&state), [(head("a"), "1\n2\n".to_owned()), (head("b"), "3\n".to_owned())]);
        state.commit(dir.path(), &[(head("d"), "4\n5\n".into())], at(5)).unwrap();
        assert_eq!(found(&State::load(dir.path()).unwrap()).len(), 3, "the lost one was removed, and its number is used again");
        assert_eq!(found(&state)[2], (head("d"), "4\n5\n".to_owned()));
    }
}
