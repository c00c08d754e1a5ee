//! Faults: what a target covers, and what a set of faults means for each process. Pure.

use platform::Settings;
use platform::links::{BrokenLink, LinkFault};
use platform::settings::HostSettings;
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use types::{CellId, HostId, StorageId};
use wire::supervisor::FaultStatus;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hold {
    /// Stands still (SIGSTOP); stays down if it dies.
    Pause,
    /// Killed and kept down. Wins over a pause.
    Kill,
}

/// A kind of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Hold(Hold),
    /// Storage nodes find no more room.
    DiskFull,
    /// Bits flip in what storage nodes keep: once, when it is injected.
    Corrupt,
    /// Of a link.
    Link(LinkFault),
}

/// What a fault strikes: processes by name, the VMs of hosts, the disks of storage nodes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Blast {
    pub processes: BTreeSet<String>,
    pub vm_hosts: BTreeSet<HostId>,
    pub disks: BTreeSet<StorageId>,
    pub link: Option<Link>,
}

/// A link: who is at its ends.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Link {
    /// Their cards' underlay addresses carry all that their guests say to each other.
    Hosts([(HostId, Ipv4Addr); 2]),
    /// Orders to the host and its reports.
    Host(HostId, CellId),
    /// Documents and claims for the cell, and its reports.
    Cell(CellId),
}

impl Link {
    fn broken(&self, fault: LinkFault) -> BrokenLink {
        let (ends, addresses) = match self {
            Self::Hosts([(a, at), (b, bt)]) => ([format!("card-{a}"), format!("card-{b}")], Some([*at, *bt])),
            Self::Host(host, cell) => ([format!("agent-{host}"), format!("cell-{cell}")], None),
            Self::Cell(cell) => ([format!("cell-{cell}"), "control-plane".to_owned()], None),
        };
        BrokenLink { ends, addresses, fault }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    #[error(
        "\"{0}\" is no target: use control-plane, gateway, edge, cell/ID, host/ID, rack/NAME, storage/ID, az/NAME, link/A~B or process/NAME"
    )]
    UnknownTarget(String),
    #[error("there is no {kind} \"{name}\": there are {}", .known.join(", "))]
    NoSuch { kind: &'static str, name: String, known: Vec<String> },
    #[error("{kind} is a fault of links, such as link/a1-h1~b1-h1, and {target} is none")]
    NoLink { kind: String, target: String },
    #[error("{target} is a link, which {kind} does not strike: use partition or slow")]
    OnlyLink { kind: String, target: String },
    #[error(
        "there is no link \"{0}\": a link is between two hosts (link/a1-h1~b1-h1), a host and its cell (link/a1-h1~a1), or a cell and the region (link/a1~region)"
    )]
    NoSuchLink(String),
    #[error("{kind} is a fault of disks, and {target} has none of the object store: use storage/ID or az/NAME")]
    NoDisk { kind: String, target: String },
    #[error("\"{0}\" is no kind of fault: use kill, pause, disk-full or corrupt; of links partition or slow")]
    UnknownKind(String),
}

impl FaultError {
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownTarget(_) | Self::NoSuch { .. } | Self::NoSuchLink(_) => "no-such-target",
            Self::NoLink { .. } | Self::OnlyLink { .. } | Self::NoDisk { .. } => "unsupported",
            Self::UnknownKind(_) => "no-such-kind",
        }
    }
}

pub fn parse_kind(kind: &str) -> Result<Kind, FaultError> {
    match kind {
        "kill" => Ok(Kind::Hold(Hold::Kill)),
        "pause" => Ok(Kind::Hold(Hold::Pause)),
        "disk-full" => Ok(Kind::DiskFull),
        "corrupt" => Ok(Kind::Corrupt),
        "partition" => Ok(Kind::Link(LinkFault::Partition)),
        "slow" => Ok(Kind::Link(LinkFault::Slow)),
        other => Err(FaultError::UnknownKind(other.to_owned())),
    }
}

/// Checks a fault before it is injected: what it will strike.
pub fn check(target: &str, kind: &str, settings: &Settings, processes: &[String]) -> Result<(Kind, Blast), FaultError> {
    let (parsed, blast) = (parse_kind(kind)?, expand(target, settings, processes)?);
    let (kind, target) = (kind.to_owned(), target.to_owned());
    match parsed {
        Kind::Link(_) if blast.link.is_none() => Err(FaultError::NoLink { kind, target }),
        Kind::Link(_) => Ok((parsed, blast)),
        _ if blast.link.is_some() => Err(FaultError::OnlyLink { kind, target }),
        Kind::DiskFull | Kind::Corrupt if blast.disks.is_empty() => Err(FaultError::NoDisk { kind, target }),
        _ => Ok((parsed, blast)),
    }
}

impl Blast {
    fn add_host(&mut self, host: &HostSettings, add: &mut impl FnMut(&mut Self, String)) {
        add(self, format!("agent-{}", host.id));
        add(self, format!("card-{}", host.id));
        self.vm_hosts.insert(host.id.clone());
    }
}

/// What `target` covers in this region; `processes` are the names that `ps` shows.
pub fn expand(target: &str, settings: &Settings, processes: &[String]) -> Result<Blast, FaultError> {
    let mut blast = Blast::default();
    let mut add = |blast: &mut Blast, name: String| {
        if processes.contains(&name) {
            blast.processes.insert(name);
        }
    };
    let hosts = || settings.cells.iter().flat_map(|c| &c.hosts);
    let no_such = |kind, name: &str, known: Vec<String>| Err(FaultError::NoSuch { kind, name: name.to_owned(), known });
    match target.split_once('/') {
        None if matches!(target, "control-plane" | "gateway" | "edge") => {
            if !processes.iter().any(|p| p == target) {
                return no_such("process", target, processes.to_vec());
            }
            add(&mut blast, target.to_owned());
        }
        Some(("process", name)) => {
            if !processes.iter().any(|p| p == name) {
                return no_such("process", name, processes.to_vec());
            }
            add(&mut blast, name.to_owned());
        }
        Some(("cell", id)) => match settings.cells.iter().find(|c| c.id.as_str() == id) {
            Some(cell) => add(&mut blast, format!("cell-{}", cell.id)),
            None => return no_such("cell", id, settings.cells.iter().map(|c| c.id.to_string()).collect()),
        },
        Some(("host", id)) => match hosts().find(|h| h.id.as_str() == id) {
            Some(host) => blast.add_host(host, &mut add),
            None => return no_such("host", id, hosts().map(|h| h.id.to_string()).collect()),
        },
        Some(("storage", id)) => match settings.storage.iter().find(|s| s.id.as_str() == id) {
            Some(node) => {
                add(&mut blast, format!("storage-{}", node.id));
                blast.disks.insert(node.id.clone());
            }
            None => return no_such("storage node", id, settings.storage.iter().map(|s| s.id.to_string()).collect()),
        },
        Some(("az", name)) => {
            let cells: Vec<_> = settings.cells.iter().filter(|c| c.az.as_str() == name).collect();
            if cells.is_empty() {
                return no_such("zone", name, settings.zones().iter().map(|z| z.to_string()).collect());
            }
            for node in settings.storage.iter().filter(|s| s.az.as_str() == name) {
                add(&mut blast, format!("storage-{}", node.id));
                blast.disks.insert(node.id.clone());
            }
            let directories = settings.large_vpcs.directories.iter().filter(|d| d.az.as_str() == name);
            directories.for_each(|d| add(&mut blast, format!("directory-{}", d.id)));
            settings
                .index_nodes()
                .into_iter()
                .filter(|(_, az)| az.as_str() == name)
                .for_each(|(n, _)| add(&mut blast, format!("index-{n}")));
            for cell in cells {
                add(&mut blast, format!("cell-{}", cell.id));
                cell.hosts.iter().for_each(|host| blast.add_host(host, &mut add));
            }
        }
        // Hosts of a rack may be of several cells.
        Some(("rack", name)) => {
            if !hosts().any(|h| h.rack() == name) {
                let known: BTreeSet<String> = hosts().map(|h| h.rack().to_owned()).collect();
                return no_such("rack", name, known.into_iter().collect());
            }
            hosts().filter(|h| h.rack() == name).for_each(|host| blast.add_host(host, &mut add));
        }
        Some(("link", ends)) => blast.link = Some(link(ends, settings)?),
        _ => return Err(FaultError::UnknownTarget(target.chars().take(64).collect())),
    }
    Ok(blast)
}

/// `a1-h1~b1-h1`, `a1-h1~a1`, `a1~region`, or the other way round.
fn link(ends: &str, settings: &Settings) -> Result<Link, FaultError> {
    let none = || FaultError::NoSuchLink(ends.chars().take(64).collect());
    let (one, other) = ends.split_once('~').ok_or_else(none)?;
    let hosts = || settings.cells.iter().flat_map(|c| c.hosts.iter().map(move |h| (c, h)));
    let host = |name: &str| hosts().find(|(_, h)| h.id.as_str() == name);
    let cell = |name: &str| settings.cells.iter().find(|c| c.id.as_str() == name);
    match (host(one), host(other)) {
        (Some((_, a)), Some((_, b))) if a.id != b.id => {
            let mut ends = [(a.id.clone(), a.underlay), (b.id.clone(), b.underlay)];
            ends.sort();
            return Ok(Link::Hosts(ends));
        }
        (Some((of, h)), None) if of.id.as_str() == other => return Ok(Link::Host(h.id.clone(), of.id.clone())),
        (None, Some((of, h))) if of.id.as_str() == one => return Ok(Link::Host(h.id.clone(), of.id.clone())),
        (None, None) => {}
        _ => return Err(none()),
    }
    let of_region = if one == "region" { cell(other) } else { cell(one).filter(|_| other == "region") };
    of_region.map(|c| Link::Cell(c.id.clone())).ok_or_else(none)
}

/// What all faults together mean. A fault whose target is gone (a region made anew) holds nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holds {
    pub processes: BTreeMap<String, Hold>,
    pub vm_hosts: BTreeMap<HostId, Hold>,
    pub full_disks: BTreeSet<StorageId>,
    pub links: BTreeSet<BrokenLink>,
}

pub fn holds(faults: &[FaultStatus], settings: &Settings, processes: &[String]) -> Holds {
    let mut all = Holds::default();
    for fault in faults {
        let Ok((kind, blast)) = check(&fault.target, &fault.kind, settings, processes) else { continue };
        let Kind::Hold(hold) = kind else {
            match (kind, blast.link) {
                (Kind::DiskFull, _) => all.full_disks.extend(blast.disks),
                (Kind::Link(fault), Some(link)) => drop(all.links.insert(link.broken(fault))),
                _ => {}
            }
            continue;
        };
        for name in blast.processes {
            let h = all.processes.entry(name).or_insert(hold);
            *h = (*h).max(hold);
        }
        for host in blast.vm_hosts {
            let h = all.vm_hosts.entry(host).or_insert(hold);
            *h = (*h).max(hold);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setup::tests::example;

    fn names(settings: &Settings) -> Vec<String> {
        let mut all: Vec<String> = ["gateway", "control-plane", "edge"].map(String::from).into();
        for cell in &settings.cells {
            all.push(format!("cell-{}", cell.id));
            all.extend(cell.hosts.iter().flat_map(|h| [format!("agent-{}", h.id), format!("card-{}", h.id)]));
        }
        all.extend(settings.large_vpcs.directories.iter().map(|d| format!("directory-{}", d.id)));
        all.extend(settings.storage.iter().map(|s| format!("storage-{}", s.id)));
        all.extend(settings.index_nodes().into_iter().map(|(n, _)| format!("index-{n}")));
        all
    }

    #[test]
    fn targets_cover_what_they_name() {
        let mut settings = example(3, 1, 2);
        settings.cells[0].hosts[1].rack = Some("r".into());
        settings.cells[1].hosts[0].rack = Some("r".into());
        let names = names(&settings);
        for (target, processes, hosts) in [
            ("control-plane", "control-plane", ""),
            ("cell/b1", "cell-b1", ""),
            ("host/a1-h2", "agent-a1-h2 card-a1-h2", "a1-h2"),
            ("process/agent-a1-h1", "agent-a1-h1", ""),
            ("storage/b2", "storage-b2", ""),
            ("rack/r", "agent-a1-h2 agent-b1-h1 card-a1-h2 card-b1-h1", "a1-h2 b1-h1"),
            ("rack/a1-h1", "agent-a1-h1 card-a1-h1", "a1-h1"),
            (
                "az/us-east-1c",
                "agent-c1-h1 agent-c1-h2 card-c1-h1 card-c1-h2 cell-c1 directory-c index-c storage-c1 storage-c2",
                "c1-h1 c1-h2",
            ),
        ] {
            let blast = expand(target, &settings, &names).unwrap();
            assert_eq!(blast.processes.into_iter().collect::<Vec<_>>().join(" "), processes, "{target}");
            assert_eq!(blast.vm_hosts.iter().map(|h| h.as_str()).collect::<Vec<_>>().join(" "), hosts, "{target}");
        }
    }

    #[test]
    fn what_is_not_there_is_refused_by_name() {
        let settings = example(2, 1, 1);
        let names = names(&settings);
        for (target, code) in [
            ("rack/1", "no-such-target"),
            ("storage/z1", "no-such-target"),
            ("link/a~b", "no-such-target"),
            ("link/a1-h1", "no-such-target"),
            ("link/a1-h1~a1-h1", "no-such-target"),
            ("link/a1-h1~b1", "no-such-target"),
            ("link/a1~b1", "no-such-target"),
            ("link/a1-h1~region", "no-such-target"),
            ("link/~", "no-such-target"),
            ("cell/z9", "no-such-target"),
            ("host/", "no-such-target"),
            ("az/us-east-1f", "no-such-target"),
            ("process/init", "no-such-target"),
            ("gatway", "no-such-target"),
            ("", "no-such-target"),
        ] {
            assert_eq!(expand(target, &settings, &names).unwrap_err().code(), code, "{target}");
        }
        assert!(expand("host/zz", &settings, &names).unwrap_err().to_string().contains("a1-h1"));
        assert_eq!(parse_kind("kil").unwrap_err().code(), "no-such-kind");
    }

    #[test]
    fn links_have_two_ends() {
        let settings = example(2, 1, 1);
        let names = names(&settings);
        let fault =
            |target: &str, kind: &str| FaultStatus { target: target.into(), kind: kind.into(), since_ms: 0, until_ms: None };
        for (target, ends) in [
            ("link/a1-h1~b1-h1", ["card-a1-h1", "card-b1-h1"]),
            ("link/b1-h1~a1-h1", ["card-a1-h1", "card-b1-h1"]),
            ("link/a1-h1~a1", ["agent-a1-h1", "cell-a1"]),
            ("link/a1~a1-h1", ["agent-a1-h1", "cell-a1"]),
            ("link/b1~region", ["cell-b1", "control-plane"]),
            ("link/region~b1", ["cell-b1", "control-plane"]),
        ] {
            let held = holds(&[fault(target, "partition")], &settings, &names);
            let links: Vec<_> = held.links.iter().collect();
            assert_eq!((links.len(), &links[0].ends), (1, &ends.map(str::to_owned)), "{target}");
            assert!(held.processes.is_empty() && held.vm_hosts.is_empty() && links[0].fault == LinkFault::Partition);
            assert_eq!(links[0].addresses.is_some(), ends[0].starts_with("card"));
            assert_eq!(check(target, "kill", &settings, &names).unwrap_err().code(), "unsupported");
            assert_eq!(check(target, "disk-full", &settings, &names).unwrap_err().code(), "unsupported");
        }
        for kind in ["partition", "slow"] {
            assert_eq!(check("host/a1-h1", kind, &settings, &names).unwrap_err().code(), "unsupported");
        }
        let both = [fault("link/a1-h1~a1", "slow"), fault("link/a1-h1~a1", "partition")];
        assert_eq!(holds(&both, &settings, &names).links.len(), 2);
    }

    #[test]
    fn disks_are_full_where_there_are_disks() {
        let settings = example(3, 1, 1);
        let names = names(&settings);
        let fault = |target: &str| FaultStatus { target: target.into(), kind: "disk-full".into(), since_ms: 0, until_ms: None };
        let held = holds(&[fault("storage/a1"), fault("az/us-east-1c"), fault("gateway")], &settings, &names);
        let full: Vec<&str> = held.full_disks.iter().map(|d| d.as_str()).collect();
        assert_eq!((full, held.processes.len()), (vec!["a1", "c1", "c2"], 0));
        assert_eq!(check("gateway", "corrupt", &settings, &names).unwrap_err().code(), "unsupported");
        assert!(check("storage/b1", "corrupt", &settings, &names).is_ok());
    }

    #[test]
    fn a_kill_wins_over_a_pause_and_healing_one_leaves_the_other() {
        let settings = example(1, 1, 2);
        let names = names(&settings);
        let fault =
            |target: &str, kind: &str| FaultStatus { target: target.into(), kind: kind.into(), since_ms: 0, until_ms: None };
        let both = [fault("az/us-east-1a", "kill"), fault("host/a1-h1", "pause"), fault("host/gone", "kill")];
        let held = holds(&both, &settings, &names);
        assert_eq!(held.processes["card-a1-h1"], Hold::Kill);
        assert_eq!(held.vm_hosts.len(), 2);
        let held = holds(&both[1..], &settings, &names);
        assert_eq!(held.processes["card-a1-h1"], Hold::Pause);
        assert!(!held.processes.contains_key("cell-a1"));
    }
}
