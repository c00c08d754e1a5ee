//! Which host: a pure function of the hosts' free room and the request.
//!
//! Instances of one request are spread over hosts first (the fewest of this request win); among equals the host that would
//! be left fullest (best fit), so that large holes stay for large instances; ties by id, so that the same input gives the
//! same answer. One decider a cell: there are no conflicts to resolve. What a placement group wants comes before all of it.

use crate::group::Group;
use types::HostId;
use wire::host::Capacity;

/// A host as the decider sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub id: HostId,
    pub rack: String,
    /// Takes new instances: its reports are current.
    pub open: bool,
    pub total: Capacity,
    pub free: Capacity,
    /// How many instances it has that the request wants to be apart from.
    pub apart: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Short {
    pub of: String,
    pub placeable: u32,
}

/// Where an instance is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub host: HostId,
    /// In a placement group of partitions.
    pub partition: Option<u8>,
}

/// What is asked of [`place`].
#[derive(Debug, Clone, Copy)]
pub struct Want<'a> {
    pub size: Capacity,
    pub count: u32,
    pub count_min: u32,
    pub only: Option<&'a HostId>,
}

/// A place for each of up to `count` instances, at least `count_min`.
pub fn place(hosts: &[Candidate], want: Want, mut group: Option<Group>) -> Result<Vec<Place>, Short> {
    let mut hosts: Vec<Candidate> = hosts.iter().filter(|h| want.only.is_none_or(|o| *o == h.id)).cloned().collect();
    let mut out = Vec::new();
    while (out.len() as u32) < want.count {
        let fitting = hosts.iter_mut().filter(|h| h.open && fits(h.free, want.size));
        let best = match &group {
            None => fitting.map(|h| ((0, h.apart), None, h)).min_by_key(|(rank, _, h)| order(*rank, h, want.size)),
            Some(g) => fitting
                .filter_map(|h| g.admits(&h.id, &h.rack).map(|a| ((a.rank, if g.packs() { 0 } else { h.apart }), a.partition, h)))
                .min_by_key(|(rank, _, h)| order(*rank, h, want.size)),
        };
        let Some((_, partition, host)) = best else { break };
        host.free = minus(host.free, want.size);
        host.apart += 1;
        group.iter_mut().for_each(|g| g.add(host.id.clone(), host.rack.clone(), partition));
        out.push(Place { host: host.id.clone(), partition });
    }
    if (out.len() as u32) < want.count_min || out.is_empty() {
        return Err(Short { of: short_of(&hosts, want, group.as_ref()), placeable: out.len() as u32 });
    }
    Ok(out)
}

fn order(rank: (u32, u32), host: &Candidate, size: Capacity) -> (u32, u32, u64, HostId) {
    (rank.0, rank.1, leftover(host, size), host.id.clone())
}

pub fn fits(free: Capacity, size: Capacity) -> bool {
    free.vcpus >= size.vcpus && free.memory_mib >= size.memory_mib && free.disk_gib >= size.disk_gib
}

pub fn minus(a: Capacity, b: Capacity) -> Capacity {
    Capacity {
        vcpus: a.vcpus.saturating_sub(b.vcpus),
        memory_mib: a.memory_mib.saturating_sub(b.memory_mib),
        disk_gib: a.disk_gib.saturating_sub(b.disk_gib),
    }
}

pub fn plus(a: Capacity, b: Capacity) -> Capacity {
    Capacity {
        vcpus: a.vcpus.saturating_add(b.vcpus),
        memory_mib: a.memory_mib.saturating_add(b.memory_mib),
        disk_gib: a.disk_gib.saturating_add(b.disk_gib),
    }
}

/// What would be left, in thousandths of the host, CPU and memory together: the stranded part weighs as much as the used.
fn leftover(h: &Candidate, size: Capacity) -> u64 {
    let left = minus(h.free, size);
    let share = |left: u32, total: u32| u64::from(left) * 1000 / u64::from(total.max(1));
    share(left.vcpus, h.total.vcpus) + share(left.memory_mib, h.total.memory_mib)
}

/// For a person: what there is too little of.
fn short_of(hosts: &[Candidate], want: Want, group: Option<&Group>) -> String {
    let size = want.size;
    let open: Vec<_> = hosts.iter().filter(|h| h.open).collect();
    if open.is_empty() {
        return match want.only {
            Some(host) => format!("host {host}, which holds the disk, is not reporting"),
            None => "no host of the cell is reporting".to_owned(),
        };
    }
    if let Some(group) = group
        && open.iter().any(|h| fits(h.free, size))
    {
        return group.short_of(open.len());
    }
    let mut lacks = Vec::new();
    let most = |f: fn(&Capacity) -> u32| open.iter().map(|h| f(&h.free)).max().unwrap_or(0);
    for (name, want, have) in [
        ("vCPUs", size.vcpus, most(|c| c.vcpus)),
        ("MiB of memory", size.memory_mib, most(|c| c.memory_mib)),
        ("GiB of disk", size.disk_gib, most(|c| c.disk_gib)),
    ] {
        if have < want {
            lacks.push(format!("{want} {name} wanted on one host, at most {have} free"));
        }
    }
    if lacks.is_empty() { "no single host has room for all dimensions at once".to_owned() } else { lacks.join("; ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cap(vcpus: u32, memory_mib: u32) -> Capacity {
        Capacity { vcpus, memory_mib, disk_gib: 10 }
    }

    fn host(id: &str, free: Capacity) -> Candidate {
        Candidate {
            id: id.parse().unwrap(),
            rack: id.to_owned(),
            open: true,
            total: cap(16, 16384),
            free: Capacity { disk_gib: 100, ..free },
            apart: 0,
        }
    }

    fn want(size: Capacity, count: u32, count_min: u32, only: Option<&HostId>) -> Want<'_> {
        Want { size, count, count_min, only }
    }

    fn names(places: &[Place]) -> Vec<&str> {
        places.iter().map(|p| p.host.as_str()).collect()
    }

    #[test]
    fn a_pair_sits_on_two_hosts() {
        let hosts = [host("a1-h1", cap(16, 16384)), host("a1-h2", cap(16, 16384))];
        assert_eq!(names(&place(&hosts, want(cap(2, 512), 2, 2, None), None).unwrap()), ["a1-h1", "a1-h2"]);
    }

    #[test]
    fn single_instances_fill_the_fuller_host() {
        let hosts = [host("a1-h1", cap(16, 16384)), host("a1-h2", cap(4, 4096))];
        assert_eq!(names(&place(&hosts, want(cap(2, 512), 1, 1, None), None).unwrap()), ["a1-h2"]);
    }

    #[test]
    fn all_or_nothing_and_the_reason() {
        let hosts = [host("a1-h1", cap(2, 1024)), host("a1-h2", cap(2, 1024))];
        assert_eq!(place(&hosts, want(cap(2, 512), 5, 2, None), None).unwrap().len(), 2);
        let short = place(&hosts, want(cap(2, 512), 5, 3, None), None).unwrap_err();
        assert_eq!((short.placeable, short.of.as_str()), (2, "2 vCPUs wanted on one host, at most 0 free"));
        let mut closed = hosts.clone();
        closed.iter_mut().for_each(|h| h.open = false);
        assert_eq!(place(&closed, want(cap(1, 1), 1, 1, None), None).unwrap_err().of, "no host of the cell is reporting");
    }

    #[test]
    fn a_start_goes_back_to_its_disk() {
        let hosts = [host("a1-h1", cap(16, 16384)), host("a1-h2", cap(16, 16384))];
        let h2 = "a1-h2".parse().unwrap();
        assert_eq!(names(&place(&hosts, want(cap(2, 512), 1, 1, Some(&h2)), None).unwrap()), ["a1-h2"]);
    }
}
