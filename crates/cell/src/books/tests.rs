//! What claims get of six hosts of four vCPUs, two a rack.

use super::*;
use platform::settings::HostSettings;

const NOW: TimestampMs = TimestampMs(1_000_000);
const SMALL: Capacity = Capacity { vcpus: 1, memory_mib: 128, disk_gib: 1 };

fn host(n: usize) -> HostId {
    format!("a1-h{n}").parse().unwrap()
}

fn id(n: usize) -> InstanceId {
    InstanceId::from_random(n as u128)
}

/// a1-h1 and a1-h2 in r1, ...
fn books() -> Books {
    let host_settings = |n: usize| HostSettings {
        id: host(n),
        underlay: [127, 64, 0, n as u8].into(),
        vcpus: 4,
        memory_mib: 4096,
        disk_gib: 100,
        rack: Some(format!("r{}", n.div_ceil(2))),
    };
    let hosts = (1..=6).map(host_settings).collect();
    let settings = CellSettings { id: "a1".parse().unwrap(), az: "us-east-1a".parse().unwrap(), hosts };
    let mut books = Books::new(&settings);
    (1..=6).for_each(|n| books.hear(&host(n), TimestampMs(0), NOW));
    books
}

fn claim(count: u32) -> ClaimRequest {
    let instances = (0..count as usize).map(id).collect();
    ClaimRequest {
        instances,
        size: SMALL,
        count_min: 1,
        hold_ms: 1,
        apart_from: Vec::new(),
        on_host: None,
        group: None,
        reservations: Vec::new(),
        reserved_only: false,
        again: false,
        tenancy: Tenancy::Shared,
        dedicated_hosts: Vec::new(),
        market: ClaimMarket::OnDemand,
    }
}

fn find(books: &mut Books, claim: &ClaimRequest, min: u32) -> Result<Vec<Found>, Short> {
    books.find(claim, &claim.instances.clone(), min, Vec::new(), NOW)
}

fn holding(n: usize, room: Room) -> Holding {
    Holding::new(host(n), room)
}

fn numbers(found: &[Found]) -> Vec<usize> {
    found.iter().map(|f| f.host.as_str().trim_start_matches("a1-h").parse().unwrap()).collect()
}

fn members(of: &[(usize, &str, Option<u8>)]) -> Vec<GroupMember> {
    of.iter()
        .map(|(h, rack, partition)| GroupMember { host: host(*h), rack: (*rack).to_owned(), partition: *partition })
        .collect()
}

fn group(strategy: GroupStrategy, partition: Option<u8>, of: &[(usize, &str, Option<u8>)]) -> ClaimGroup {
    ClaimGroup { id: "pg-0123456789abcdef0".parse().unwrap(), strategy, partition, members: members(of) }
}

#[test]
fn instances_of_a_launch_keep_apart_and_single_ones_fill_the_fuller_host() {
    let mut b = books();
    let pair = numbers(&find(&mut b, &claim(2), 2).unwrap());
    assert_ne!(pair[0], pair[1]);
    let mut single = claim(1);
    single.instances = vec![id(9)];
    let found = find(&mut b, &single, 1).unwrap();
    assert!(pair.contains(&numbers(&found)[0]), "best fit");
    assert!(found[0].why.contains("lowest score of") && found[0].why.contains("next a1-h"), "{}", found[0].why);
    assert_eq!(b.free(&found[0].host), Capacity { vcpus: 2, memory_mib: 3840, disk_gib: 98 });
}

#[test]
fn all_or_nothing_and_the_reason() {
    let mut b = books();
    let large = ClaimRequest { size: Capacity { vcpus: 4, memory_mib: 4096, disk_gib: 10 }, ..claim(8) };
    assert_eq!(find(&mut b, &large, 7).unwrap_err().placeable, 6);
    assert_eq!(b.free(&host(1)).vcpus, 4, "nothing is held");
    assert_eq!(find(&mut b, &large, 6).unwrap().len(), 6);
    let mut more = claim(1);
    more.instances = vec![id(50)];
    let short = find(&mut b, &more, 1).unwrap_err();
    assert_eq!(
        short.of,
        "1 vCPUs, 128 MiB of memory, 1 GiB of disk wanted on one of 6 hosts; 6 with too few vCPUs (at most 0 free)"
    );
    b.close_unheard(TimestampMs(NOW.0 + 1));
    assert!(find(&mut b, &more, 1).unwrap_err().of.ends_with("6 hosts; 6 not taking instances"));
}

#[test]
fn a_start_goes_back_to_its_disk() {
    let mut b = books();
    let disk = Room { disk_gib: 99, ..Room::default() };
    b.set(id(0), Some(&holding(3, disk)));
    let start = ClaimRequest { on_host: Some(host(3)), size: Capacity { disk_gib: 99, ..SMALL }, ..claim(1) };
    assert_eq!(numbers(&find(&mut b, &start, 1).unwrap()), [3]);
    assert_eq!(b.free(&host(3)), Capacity { vcpus: 3, memory_mib: 3968, disk_gib: 1 });
    b.set(id(0), Some(&holding(3, disk)));
    let large = ClaimRequest { size: Capacity { vcpus: 5, ..start.size }, ..start };
    assert!(find(&mut b, &large, 1).unwrap_err().of.contains("wanted on host a1-h3; 1 with too few vCPUs"));
    assert_eq!(b.free(&host(3)), Capacity { vcpus: 4, memory_mib: 4096, disk_gib: 1 }, "its disk is there still");
}

#[test]
fn a_stray_makes_its_host_smaller_until_it_is_gone() {
    let mut b = books();
    b.set_stray(&host(1), id(7), Some(room(SMALL)));
    b.set_stray(&host(1), id(8), Some(room(SMALL)));
    assert_eq!(b.free(&host(1)).vcpus, 2);
    b.set(id(1), Some(&holding(1, room(Capacity { vcpus: 2, ..SMALL }))));
    assert_eq!(b.free(&host(1)).vcpus, 0);
    b.set_stray(&host(1), id(7), None);
    assert_eq!(b.free(&host(1)).vcpus, 1);
}

/// Which racks, and of a rack how many; in groups of partitions, which partition.
#[test]
fn where_a_groups_instances_go() {
    use GroupStrategy::{Cluster, Partition, SpreadHost, SpreadRack};
    let three = Partition { count: 3 };
    let two = Partition { count: 2 };
    let rack_of = |h: usize| h.div_ceil(2);
    for (name, group, count, want) in [
        ("a cluster fills a rack before the next", group(Cluster, None, &[]), 9, "8 in one rack, 1 in another"),
        ("a cluster stays with its members", group(Cluster, None, &[(5, "r3", None)]), 2, "2 in r3"),
        ("one a host", group(SpreadHost, None, &[(1, "r1", None)]), 9, "1 in r1, 2 in r2, 2 in r3"),
        ("one a rack", group(SpreadRack, None, &[]), 9, "1 in r1, 1 in r2, 1 in r3"),
        ("one a rack, and others have two", group(SpreadRack, None, &[(1, "r1", None), (9, "r3", None)]), 9, "1 in r2"),
        ("partitions grow evenly", group(three, None, &[]), 7, "3 of 1, 2 of 2, 2 of 3"),
        ("the partition asked for", group(two, Some(2), &[(1, "r1", Some(1))]), 3, "3 of 2"),
        (
            "a rack has one partition",
            group(two, Some(2), &[(1, "r1", Some(1)), (3, "r2", Some(1)), (5, "r3", Some(1))]),
            1,
            "none",
        ),
    ] {
        let mut b = books();
        let found = find(&mut b, &ClaimRequest { group: Some(group.clone()), ..claim(count) }, 1).unwrap_or_default();
        let mut racks: BTreeMap<usize, u32> = BTreeMap::new();
        numbers(&found).into_iter().for_each(|h| *racks.entry(rack_of(h)).or_default() += 1);
        let mut partitions: BTreeMap<u8, BTreeSet<usize>> = BTreeMap::new();
        let mut sizes: BTreeMap<u8, u32> = BTreeMap::new();
        for (f, h) in found.iter().zip(numbers(&found)) {
            if let Some(p) = f.partition {
                partitions.entry(p).or_default().insert(rack_of(h));
                *sizes.entry(p).or_default() += 1;
            }
        }
        let text = |counts: Vec<String>| if counts.is_empty() { "none".to_owned() } else { counts.join(", ") };
        let mut by_rack: Vec<u32> = racks.values().copied().collect();
        by_rack.sort_by(|a, b| b.cmp(a));
        let got = match (group.strategy, want.contains("another")) {
            (Partition { .. }, _) => text(sizes.iter().map(|(p, n)| format!("{n} of {p}")).collect()),
            (_, true) => format!("{} in one rack, {} in another", by_rack[0], by_rack[1]),
            _ => text(racks.iter().map(|(r, n)| format!("{n} in r{r}")).collect()),
        };
        assert_eq!(got, want, "{name}");
        for rack in 1..=3 {
            let in_it = partitions.values().filter(|racks| racks.contains(&rack)).count();
            assert!(in_it <= 1, "{name}: rack {rack} has {in_it} partitions");
        }
    }
}

#[test]
fn a_shortage_of_racks_says_so_and_the_group_is_told_anew_with_each_claim() {
    let mut b = books();
    let all = group(GroupStrategy::SpreadRack, None, &[(1, "r1", None), (3, "r2", None), (5, "r3", None)]);
    let into = |group: &ClaimGroup| ClaimRequest { group: Some(group.clone()), ..claim(1) };
    let short = find(&mut b, &into(&all), 1).unwrap_err();
    assert!(short.of.ends_with("6 hosts; 6 ruled out by the placement group or the distance asked for"), "{}", short.of);
    let fewer = ClaimGroup { members: members(&[(1, "r1", None), (3, "r2", None)]), ..all };
    let found = find(&mut b, &into(&fewer), 1).unwrap();
    assert!([5, 6].contains(&numbers(&found)[0]));
    // Promised, and not among the region's members: said beside the claim.
    let again = ClaimRequest { instances: vec![id(8)], ..into(&fewer) };
    let promised = members(&[(5, "r3", None)]);
    assert!(b.find(&again, &again.instances, 1, promised, NOW).is_err());
}

#[test]
fn slots_are_taken_first_and_come_back() {
    let mut b = books();
    let cr: CapacityReservationId = "cr-0123456789abcdef0".parse().unwrap();
    let slot = Room { vcpus: 4, memory_mib: 4096, ..Room::default() };
    assert_eq!(b.slots(slot, 7).unwrap_err().placeable, 6);
    assert_eq!(b.slots(slot, 2).unwrap().len(), 2);
    assert_eq!(b.free(&host(1)).vcpus, 4, "asking holds nothing");
    b.set_reservation(cr, slot, &[host(2), host(5)]);
    assert_eq!((b.free(&host(2)).vcpus, b.free(&host(2)).disk_gib), (0, 100));
    let size = Capacity { vcpus: 4, memory_mib: 4096, disk_gib: 10 };
    let others = ClaimRequest { size, ..claim(6) };
    assert_eq!(find(&mut b, &others, 5).unwrap_err().placeable, 4, "kept for whom they are");
    let into = |ids: std::ops::Range<usize>, only| ClaimRequest {
        instances: ids.map(id).collect(),
        size,
        reservations: vec![cr],
        reserved_only: only,
        ..claim(0)
    };
    assert!(find(&mut b, &into(0..3, true), 3).is_err(), "two slots");
    let found = find(&mut b, &into(0..3, false), 3).unwrap();
    let inside: Vec<usize> =
        numbers(&found).into_iter().zip(&found).filter(|(_, f)| f.reservation == Some(cr)).map(|(n, _)| n).collect();
    assert_eq!(inside.iter().collect::<BTreeSet<_>>(), [2, 5].iter().collect(), "{found:?}");
    assert!(found.iter().any(|f| f.why.ends_with("a free slot of capacity reservation cr-0123456789abcdef0")));
    assert_eq!(b.free(&host(2)), Capacity { vcpus: 0, memory_mib: 0, disk_gib: 90 }, "the disk is charged beside the slot");
    // Counted again by the document; then stopped: the slot is free, the disk is not.
    let at = found.iter().find(|f| f.host == host(2)).unwrap().instance;
    b.set(at, Some(&Holding { reservation: Some(cr), ..holding(2, room(size)) }));
    b.set(at, Some(&holding(2, Room { disk_gib: 10, ..Room::default() })));
    assert_eq!(b.free(&host(2)), Capacity { vcpus: 0, memory_mib: 0, disk_gib: 90 });
    // Started where its disk is: in the slot, as it is that host's.
    let start = ClaimRequest { on_host: Some(host(2)), instances: vec![at], ..into(0..1, true) };
    assert_eq!(find(&mut b, &start, 1).unwrap()[0].reservation, Some(cr));
    b.set_reservation(cr, slot, &[]);
    assert_eq!(b.free(&host(2)).vcpus, 0, "who was in it goes on");
    b.set(at, None);
    assert_eq!(b.free(&host(2)), Capacity { vcpus: 4, memory_mib: 4096, disk_gib: 100 });
}
