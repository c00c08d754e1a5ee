//! What a placement group lets happen: which hosts an instance of it may be on, and which of these it would rather be on.
//!
//! Pure; [`crate::place`] asks it about each host and tells it what it decided.

use std::collections::BTreeSet;
use types::HostId;
use wire::cell::{ClaimGroup, GroupMember, GroupStrategy};

#[derive(Debug, Clone)]
pub struct Group {
    strategy: GroupStrategy,
    wanted: Option<u8>,
    members: Vec<GroupMember>,
}

/// A host that the group lets an instance be on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Admitted {
    /// The lowest is taken first.
    pub rank: u32,
    pub partition: Option<u8>,
}

impl Group {
    /// The claim's group with instances that the cell has promised room and that the region may not know yet.
    pub fn new(claim: &ClaimGroup, promised: impl IntoIterator<Item = GroupMember>) -> Self {
        let members = claim.members.iter().cloned().chain(promised).collect();
        Self { strategy: claim.strategy, wanted: claim.partition, members }
    }

    /// Whether its instances should be close to each other.
    pub fn packs(&self) -> bool {
        self.strategy == GroupStrategy::Cluster
    }

    pub fn admits(&self, host: &HostId, rack: &str) -> Option<Admitted> {
        let free = |taken: bool| (!taken).then_some(Admitted { rank: 0, partition: None });
        match self.strategy {
            GroupStrategy::Cluster => {
                let near = self.members.iter().filter(|m| m.rack == rack).count() as u32;
                Some(Admitted { rank: u32::MAX - near, partition: None })
            }
            GroupStrategy::SpreadHost => free(self.members.iter().any(|m| m.host == *host)),
            GroupStrategy::SpreadRack => free(self.members.iter().any(|m| m.rack == rack)),
            GroupStrategy::Partition { count } => {
                let here: BTreeSet<u8> = self.members.iter().filter(|m| m.rack == rack).filter_map(|m| m.partition).collect();
                let size = |p: u8| self.members.iter().filter(|m| m.partition == Some(p)).count() as u32;
                let may = |p: &u8| self.wanted.is_none_or(|w| w == *p) && (here.is_empty() || here.iter().eq([p]));
                // The smallest partition grows; the first among equals.
                let partition = (1..=count).filter(may).min_by_key(|p| size(*p))?;
                Some(Admitted { rank: size(partition), partition: Some(partition) })
            }
        }
    }

    pub fn add(&mut self, host: HostId, rack: String, partition: Option<u8>) {
        self.members.push(GroupMember { host, rack, partition });
    }

    /// For a person: why none of so many hosts will do, though there is room.
    pub fn short_of(&self, hosts: usize) -> String {
        match self.strategy {
            GroupStrategy::Cluster => "no single host has room for all dimensions at once".to_owned(),
            GroupStrategy::SpreadHost => format!("the placement group has an instance on each host with room, of {hosts}"),
            GroupStrategy::SpreadRack => format!("the placement group has an instance in each rack with room, of {hosts} hosts"),
            GroupStrategy::Partition { .. } => {
                let which = self.wanted.map_or("another partition".to_owned(), |p| format!("partition {p}"));
                format!("no rack with room is left for {which} of the placement group, on {hosts} hosts")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::{Candidate, Want, place};
    use wire::host::Capacity;

    const SIZE: Capacity = Capacity { vcpus: 1, memory_mib: 128, disk_gib: 1 };

    /// Six hosts of four vCPUs, two a rack: a1-h1 and a1-h2 in r1, ...
    fn hosts() -> Vec<Candidate> {
        let total = Capacity { vcpus: 4, memory_mib: 4096, disk_gib: 100 };
        let host = |n: usize| Candidate {
            id: format!("a1-h{n}").parse().unwrap(),
            rack: format!("r{}", n.div_ceil(2)),
            open: true,
            total,
            free: total,
            apart: 0,
        };
        (1..=6).map(host).collect()
    }

    fn claim(strategy: GroupStrategy, partition: Option<u8>, members: &[(u8, &str, Option<u8>)]) -> ClaimGroup {
        let member = |(host, rack, partition): &(u8, &str, Option<u8>)| GroupMember {
            host: format!("a1-h{host}").parse().unwrap(),
            rack: (*rack).to_owned(),
            partition: *partition,
        };
        let id = "pg-0123456789abcdef0".parse().unwrap();
        ClaimGroup { id, strategy, partition, members: members.iter().map(member).collect() }
    }

    #[test]
    fn where_a_groups_instances_go() {
        use GroupStrategy::{Cluster, Partition, SpreadHost, SpreadRack};
        let three = Partition { count: 3 };
        let two = Partition { count: 2 };
        for (name, claim, count, want) in [
            ("a cluster fills a rack", claim(Cluster, None, &[]), 5, "1 1 1 1 2"),
            ("a cluster stays with its members", claim(Cluster, None, &[(5, "r3", None)]), 2, "5 5"),
            ("one a host", claim(SpreadHost, None, &[(1, "r1", None)]), 9, "2 3 4 5 6"),
            ("one a rack", claim(SpreadRack, None, &[]), 9, "1 3 5"),
            ("one a rack, and two are taken", claim(SpreadRack, None, &[(1, "r1", None), (9, "r3", None)]), 9, "3"),
            ("partitions grow evenly", claim(three, None, &[]), 5, "1/1 3/2 5/3 2/1 4/2"),
            ("the partition asked for", claim(two, Some(2), &[(1, "r1", Some(1))]), 3, "3/2 4/2 5/2"),
            (
                "a rack has one partition",
                claim(two, Some(2), &[(1, "r1", Some(1)), (3, "r2", Some(1)), (5, "r3", Some(1))]),
                1,
                "",
            ),
        ] {
            let want_of = Want { size: SIZE, count, count_min: 1, only: None };
            let got = place(&hosts(), want_of, Some(Group::new(&claim, [])));
            let text = |p: &crate::place::Place| {
                let host = p.host.as_str().trim_start_matches("a1-h").to_owned();
                p.partition.map_or(host.clone(), |n| format!("{host}/{n}"))
            };
            let got = got.map_or(String::new(), |places| places.iter().map(text).collect::<Vec<_>>().join(" "));
            assert_eq!(got, want, "{name}");
        }
    }

    #[test]
    fn a_shortage_of_racks_says_so() {
        let full = claim(GroupStrategy::SpreadRack, None, &[(1, "r1", None), (3, "r2", None), (5, "r3", None)]);
        let want = Want { size: SIZE, count: 1, count_min: 1, only: None };
        let short = place(&hosts(), want, Some(Group::new(&full, []))).unwrap_err();
        assert_eq!(short.of, "the placement group has an instance in each rack with room, of 6 hosts");
    }
}
