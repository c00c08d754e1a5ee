//! Faults of links, as the processes at their two ends see them: the supervisor writes which links are broken
//! (`run/links.json`), and each process looks at it at the edge of its own: before a call ([`crate::rpc`]), and in a card at the
//! socket to the other hosts. On one machine there is no wire between them that could be cut.

use crate::{DataDir, disk};
use serde::{Deserialize, Serialize};
use std::io;
use std::net::Ipv4Addr;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How much later than usual what passes a slow link comes.
pub const SLOW_DELAY: Duration = Duration::from_millis(200);
/// Of so many datagrams on a slow link one is lost.
pub const SLOW_LOSS: u64 = 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkFault {
    Slow,
    /// Nothing passes, either way. Wins over slow.
    Partition,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct BrokenLink {
    /// The processes at its ends: `agent-a1-h1` and `cell-a1`, two cards, `cell-a1` and `control-plane`.
    pub ends: [String; 2],
    /// The underlay addresses of two cards, in the same order.
    pub addresses: Option<[Ipv4Addr; 2]>,
    pub fault: LinkFault,
}

/// All that are broken, for [`Links`]. An empty list is no file.
///
/// # Errors
/// As the disk says.
pub fn write(dir: &DataDir, broken: &[BrokenLink]) -> io::Result<()> {
    match broken {
        [] => disk::remove_file(&dir.links()),
        some => disk::write_atomic(&dir.links(), &serde_json::to_vec(some)?),
    }
}

/// What one process knows of its links.
pub struct Links {
    path: PathBuf,
    me: String,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// Inode, size and time of the file that was read; `None`: there was none.
    read: Option<(u64, u64, i64, i64)>,
    broken: Arc<[BrokenLink]>,
}

impl Links {
    pub fn new(dir: &DataDir, me: &str) -> Self {
        Self { path: dir.links(), me: me.to_owned(), known: Mutex::default() }
    }

    /// The fault between this process and `other`.
    pub fn to(&self, other: &str) -> Option<LinkFault> {
        let between = |l: &&BrokenLink| {
            let [a, b] = &l.ends;
            (*a == self.me && b == other) || (*b == self.me && a == other)
        };
        self.look().iter().filter(between).map(|l| l.fault).max()
    }

    /// A card's: the addresses of those that it does not reach well.
    pub fn addresses(&self) -> Vec<(Ipv4Addr, LinkFault)> {
        let far = |l: &BrokenLink| {
            let [a, b] = l.addresses?;
            let other = if l.ends[0] == self.me { b } else { a };
            l.ends.contains(&self.me).then_some((other, l.fault))
        };
        let mut all: Vec<_> = self.look().iter().filter_map(far).collect();
        // Of two for one address the worse comes last.
        all.sort();
        all
    }

    /// The list, read again when its file is another one. What cannot be read is told, and what was known goes on.
    fn look(&self) -> Arc<[BrokenLink]> {
        let mut known = self.known.lock().unwrap_or_else(|e| e.into_inner());
        let now = std::fs::metadata(&self.path).ok().map(|m| (m.ino(), m.size(), m.mtime(), m.mtime_nsec()));
        if now != known.read {
            known.read = now;
            let read = now.map(|_| std::fs::read(&self.path).and_then(|b| Ok(serde_json::from_slice::<Vec<BrokenLink>>(&b)?)));
            match read.transpose() {
                Ok(broken) => known.broken = broken.unwrap_or_default().into(),
                Err(error) => tracing::warn!(%error, "which links are broken cannot be read"),
            }
        }
        known.broken.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_see_a_broken_link_and_nobody_else_does() {
        let temp = tempfile::tempdir().unwrap();
        let dir = DataDir::new(temp.path());
        std::fs::create_dir(dir.run()).unwrap();
        let (one, two) = (Ipv4Addr::new(127, 0, 0, 1), Ipv4Addr::new(127, 0, 0, 2));
        let link = |a: &str, b: &str, fault| BrokenLink { ends: [a.into(), b.into()], addresses: None, fault };
        let cards = |fault| BrokenLink { addresses: Some([one, two]), ..link("card-a", "card-b", fault) };
        let of = |me: &str| Links::new(&dir, me);
        let agent = of("agent-a");
        assert_eq!(agent.to("cell-a"), None);
        let (slow, cut) = (LinkFault::Slow, LinkFault::Partition);
        write(&dir, &[link("agent-a", "cell-a", slow), link("cell-a", "agent-a", cut), cards(slow), cards(cut)]).unwrap();
        assert_eq!((agent.to("cell-a"), agent.to("card-a"), of("cell-a").to("agent-a")), (Some(cut), None, Some(cut)));
        assert_eq!(of("edge").to("cell-a"), None);
        assert_eq!(
            (of("card-a").addresses(), of("card-b").addresses()),
            (vec![(two, slow), (two, cut)], vec![(one, slow), (one, cut)])
        );
        assert_eq!((of("card-c").addresses(), agent.addresses()), (vec![], vec![]));
        write(&dir, &[link("agent-a", "cell-a", slow)]).unwrap();
        assert_eq!(agent.to("cell-a"), Some(slow));
        write(&dir, &[]).unwrap();
        assert_eq!(agent.to("cell-a"), None);
        std::fs::write(dir.links(), "{").unwrap();
        assert_eq!(agent.to("cell-a"), None);
    }
}
