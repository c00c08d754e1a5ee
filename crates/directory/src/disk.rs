//! What was pushed, on this process's own disk: a file a part, named by its contents, and a ledger for the head.

use platform::rpc::RpcError;
use platform::{DataDir, Ledger, LedgerError, disk};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use types::{Generation, Vni};
use wire::directory::{DirectoryPart, DirectoryPush, PARTS_MAX, PartName};

/// More are refused whole: some dozens of VPCs of a million interfaces.
const NAMES_MAX: usize = 65_536;

#[derive(Debug, Default, Serialize, Deserialize)]
struct Head {
    format: u16,
    generation: Generation,
    /// With the push that brought each: the version of what it says.
    names: Vec<(PartName, Generation)>,
}

pub struct Parts {
    ledger: Ledger<Head>,
    folder: PathBuf,
    generation: Generation,
    held: BTreeMap<PartName, Generation>,
    /// Named by the head and not readable.
    damaged: BTreeMap<PartName, Generation>,
    /// On disk, not yet in force.
    staged: BTreeMap<PartName, DirectoryPart>,
    pub problems: Vec<String>,
}

impl Parts {
    /// With the parts that the ledger's head names, but those that are damaged: they will be missing.
    pub fn open(dir: &DataDir, id: &str) -> Result<(Self, Vec<(DirectoryPart, Generation)>), LedgerError> {
        let (ledger, head) = Ledger::<Head>::open(&dir.directory_ledger(id))?;
        let folder = dir.directory_parts(id);
        disk::create_private_dir(&folder).map_err(|source| LedgerError::Write { path: folder.clone(), source })?;
        let head = head.unwrap_or_default();
        let problems = ledger.problem.clone().into_iter().collect();
        let (held, damaged, staged) = Default::default();
        let mut parts = Self { ledger, folder, generation: head.generation, held, damaged, staged, problems };
        let mut loaded = Vec::new();
        for (name, version) in head.names {
            match parts.load(&name) {
                Some(part) => {
                    loaded.push((part, version));
                    parts.held.insert(name, version);
                }
                None => {
                    parts.problems.push(format!("part {} of {:?} is damaged: it must be pushed again", name.part, name.vni));
                    parts.damaged.insert(name, version);
                }
            }
        }
        Ok((parts, loaded))
    }

    pub fn generation(&self) -> Generation {
        self.generation
    }

    /// Those of which there are parts.
    pub fn vpcs(&self) -> HashSet<Vni> {
        self.held.keys().map(|n| n.vni).collect()
    }

    fn file(&self, name: &PartName) -> PathBuf {
        self.folder.join(format!("{}.{}.{}.{}", name.vni.get(), name.of, name.part, name.digest))
    }

    fn load(&self, name: &PartName) -> Option<DirectoryPart> {
        let text = std::fs::read(self.file(name)).ok()?;
        (digest(&text) == name.digest).then(|| serde_json::from_slice(&text).ok())?
    }

    /// The parts that came into force, or the names of those that are missing: then nothing has changed.
    #[allow(clippy::type_complexity)]
    pub fn accept(&mut self, push: DirectoryPush) -> Result<Result<Vec<(DirectoryPart, Generation)>, Vec<PartName>>, RpcError> {
        let DirectoryPush { format, generation, names, parts } = push;
        if format != wire::FORMAT {
            return Err(RpcError::remote("format", format!("format {format} is not known here")));
        }
        if names.len() > NAMES_MAX || !names.iter().all(well_formed) {
            return Err(RpcError::remote("parts", format!("more than {NAMES_MAX} parts, or one of a strange name")));
        }
        if self.generation > generation {
            return Err(LedgerError::Stale { offered: generation, held: self.generation }.into());
        }
        let wanted: HashSet<&PartName> = names.iter().collect();
        for part in parts {
            self.stage(part, &wanted)?;
        }
        let lacks = |n: &&PartName| !self.held.contains_key(*n) && !self.staged.contains_key(*n);
        let missing: Vec<PartName> = names.iter().filter(lacks).cloned().collect();
        if !missing.is_empty() {
            return Ok(Err(missing));
        }
        let version = |n: &PartName| self.held.get(n).or(self.damaged.get(n)).copied().unwrap_or(generation);
        let head = Head { format, generation, names: names.iter().map(|n| (n.clone(), version(n))).collect() };
        self.ledger.accept(generation, &head)?;
        let before = std::mem::replace(&mut self.held, head.names.into_iter().collect());
        self.generation = generation;
        let mut fresh = Vec::new();
        for (name, part) in std::mem::take(&mut self.staged) {
            match self.held.get(&name) {
                Some(version) => fresh.push((part, *version)),
                None => self.remove(&name),
            }
        }
        self.damaged.clear();
        before.keys().filter(|n| !self.held.contains_key(*n)).for_each(|n| self.remove(n));
        self.problems.clear();
        Ok(Ok(fresh))
    }

    fn stage(&mut self, part: DirectoryPart, wanted: &HashSet<&PartName>) -> Result<(), RpcError> {
        let refused = |e: &dyn std::fmt::Display| RpcError::remote("parts", format!("a part cannot be kept: {e}"));
        let text = serde_json::to_vec(&part).map_err(|e| refused(&e))?;
        let name = PartName { vni: part.vni, part: part.part, of: part.of, digest: digest(&text) };
        // One that the head does not name has changed again on its way: it would never be used.
        if wanted.contains(&name) && !self.held.contains_key(&name) {
            disk::write_atomic(&self.file(&name), &text).map_err(|e| refused(&e))?;
            self.staged.insert(name, part);
        }
        Ok(())
    }

    /// A file that stays is in nobody's way.
    fn remove(&self, name: &PartName) {
        let _ = disk::remove_file(&self.file(name));
    }
}

fn well_formed(name: &PartName) -> bool {
    let hex = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
    name.of.is_power_of_two()
        && name.of <= PARTS_MAX
        && name.part < name.of
        && name.digest.len() == 32
        && name.digest.bytes().all(hex)
}

/// Of [`PartName::digest`].
pub fn digest(text: &[u8]) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text);
    digest.as_ref()[..16].iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;
    use types::{InterfaceId, MacAddr};
    use wire::directory::Holder;

    fn part(n: u16, seed: u128) -> DirectoryPart {
        let holder = Holder {
            interface: InterfaceId::from_random(seed),
            mac: MacAddr([2, 0, 0, 0, 0, 1]),
            underlay: None,
            groups: vec![],
        };
        DirectoryPart { vni: Vni::FIRST_VPC, part: n, of: 2, entries: vec![(Ipv4Addr::new(10, 0, 0, 1).into(), holder)] }
    }

    fn name(p: &DirectoryPart) -> PartName {
        PartName { vni: p.vni, part: p.part, of: p.of, digest: digest(&serde_json::to_vec(p).unwrap()) }
    }

    fn push(generation: u64, all: &[&DirectoryPart], sent: &[&DirectoryPart]) -> DirectoryPush {
        let names = all.iter().map(|p| name(p)).collect();
        DirectoryPush::new(Generation(generation), names, sent.iter().map(|p| (*p).clone()).collect())
    }

    #[test]
    fn a_head_is_in_force_when_all_its_parts_are_here_and_survives() {
        let temp = tempfile::tempdir().unwrap();
        let dir = DataDir::new(temp.path());
        let (a, b, c) = (part(0, 1), part(1, 2), part(1, 3));
        let (mut parts, held) = Parts::open(&dir, "a").unwrap();
        assert!(held.is_empty());
        assert_eq!(parts.accept(push(5, &[&a, &b], &[&a])).unwrap(), Err(vec![name(&b)]));
        assert!(parts.vpcs().is_empty());
        let fresh = parts.accept(push(5, &[&a, &b], &[&b])).unwrap().unwrap();
        assert_eq!(fresh, [(a.clone(), Generation(5)), (b.clone(), Generation(5))]);
        // One changes: it alone is sent, and has the newer version.
        assert_eq!(parts.accept(push(7, &[&a, &c], &[&c])).unwrap(), Ok(vec![(c.clone(), Generation(7))]));
        assert_eq!(parts.accept(push(7, &[&a, &c], &[])).unwrap(), Ok(vec![]), "again");
        assert!(parts.accept(push(6, &[&a, &b], &[&b])).is_err(), "older");
        assert_eq!(std::fs::read_dir(dir.directory_parts("a")).unwrap().count(), 2);
        drop(parts);
        let (parts, held) = Parts::open(&dir, "a").unwrap();
        assert_eq!(held, [(a.clone(), Generation(5)), (c.clone(), Generation(7))]);
        // A damaged part is missing, and asked for again.
        std::fs::write(parts.file(&name(&c)), b"{}").unwrap();
        let (mut parts, held) = Parts::open(&dir, "a").unwrap();
        assert_eq!((held.len(), parts.problems.len()), (1, 1));
        assert_eq!(parts.accept(push(7, &[&a, &c], &[])).unwrap(), Err(vec![name(&c)]));
        assert_eq!(parts.accept(push(7, &[&a, &c], &[&c])).unwrap(), Ok(vec![(c, Generation(7))]));
    }

    #[test]
    fn strange_names_and_parts_that_nobody_named_are_not_kept() {
        let temp = tempfile::tempdir().unwrap();
        let dir = DataDir::new(temp.path());
        let (mut parts, _) = Parts::open(&dir, "a").unwrap();
        let a = part(0, 1);
        for wrong in [
            PartName { digest: "../../../../../../etc/passwd00000".into(), ..name(&a) },
            PartName { of: 3, ..name(&a) },
            PartName { part: 2, ..name(&a) },
            PartName { of: 4096, ..name(&a) },
        ] {
            assert!(parts.accept(DirectoryPush::new(Generation(1), vec![wrong], vec![])).is_err());
        }
        parts.accept(push(1, &[], &[&a])).unwrap().unwrap();
        assert_eq!(std::fs::read_dir(dir.directory_parts("a")).unwrap().count(), 0);
    }
}
