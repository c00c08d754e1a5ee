//! Claims, holds, health and orphans, as a region and hosts would make them.

mod recovery;

use super::*;
use platform::settings::HostSettings;
use wire::cell::{ClaimGroup, GroupStrategy};
use wire::host::{GuestShutdown, InstanceConfig, InstanceReport, Reachability};
use wire::net::InternetConfig;

const NOW: TimestampMs = TimestampMs(1_000_000);
const SMALL: Capacity = Capacity { vcpus: 2, memory_mib: 512, disk_gib: 8 };

fn later(ms: u64) -> TimestampMs {
    TimestampMs(NOW.0 + ms)
}

fn id(n: u64) -> InstanceId {
    InstanceId::from_random(n.into())
}

fn host(n: u8) -> HostId {
    format!("a1-h{n}").parse().unwrap()
}

fn settings() -> CellSettings {
    let host = |n: u8| HostSettings {
        id: host(n),
        underlay: [127, 64, 0, n].into(),
        vcpus: 4,
        memory_mib: 4096,
        disk_gib: 100,
        rack: None,
    };
    CellSettings { id: "a1".parse().unwrap(), az: "us-east-1a".parse().unwrap(), hosts: vec![host(1), host(2)] }
}

fn report(n: u8, sequence: u64, instances: Vec<InstanceReport>) -> HostReport {
    HostReport {
        balancers: Vec::new(),
        format: FORMAT,
        host: host(n),
        incarnation: 1,
        sequence,
        applied: Generation(1),
        card_applied: Generation(1),
        capacity: Capacity { vcpus: 4, memory_mib: 4096, disk_gib: 100 },
        instances,
        acceleration: "tcg".into(),
        problems: Vec::new(),
    }
}

fn seen(n: u64, state: VmState) -> InstanceReport {
    InstanceReport {
        id: id(n),
        state,
        boot: 1,
        reboot: 0,
        reachability: Reachability::Ok,
        started_ms: 1,
        pid: None,
        size: SMALL,
        interfaces: Vec::new(),
    }
}

/// The document is known, and wants nothing.
fn cell() -> Cell {
    let mut cell = Cell::new(settings(), Some(config(&[])), Kept::default(), 100);
    assert!(cell.hear(report(1, 1, vec![]), NOW) && cell.hear(report(2, 1, vec![]), NOW));
    cell
}

fn config(instances: &[(u64, u8, Desired)]) -> CellConfig {
    let instances = instances
        .iter()
        .map(|(n, h, desired)| CellInstance {
            host: host(*h),
            config: InstanceConfig {
                id: id(*n),
                desired: *desired,
                image: "micro".into(),
                vcpus: SMALL.vcpus,
                memory_mib: SMALL.memory_mib,
                root_disk_gib: SMALL.disk_gib,
                interfaces_max: 2,
                interfaces: vec![],
                boot: 1,
                reboot: 0,
                on_guest_shutdown: GuestShutdown::Stop,
                isolation: Default::default(),
            },
            ports: vec![],
            hold: 0,
            reservation: None,
            tenancy: Tenancy::Shared,
            spot: None,
        })
        .collect();
    CellConfig {
        balancers: Vec::new(),
        format: FORMAT,
        cell: "a1".parse().unwrap(),
        az: "us-east-1a".parse().unwrap(),
        generation: Generation(5),
        vpcs: vec![],
        instances,
        routers: Vec::new(),
        services: Vec::new(),
        reservations: Vec::new(),
        moved_disks: Vec::new(),
        dedicated_hosts: Vec::new(),
        names: Vec::new(),
        internet: InternetConfig { addresses6: Vec::new(), pool6: None, pool: None, addresses: vec![], edge: None },
    }
}

fn claim(ids: &[u64], count_min: u32) -> ClaimRequest {
    ClaimRequest {
        instances: ids.iter().map(|n| id(*n)).collect(),
        size: SMALL,
        count_min,
        hold_ms: 10_000,
        apart_from: vec![],
        on_host: None,
        group: None,
        reservations: vec![],
        reserved_only: false,
        again: false,
        tenancy: Tenancy::Shared,
        dedicated_hosts: vec![],
        market: ClaimMarket::OnDemand,
    }
}

fn placed(reply: ClaimReply) -> Vec<Placement> {
    match reply {
        ClaimReply::Placed(p) => p,
        other => panic!("{other:?}"),
    }
}

fn ask(cell: &mut Cell, request: &ClaimRequest, now: TimestampMs) -> (ClaimReply, Vec<Hold>) {
    let (reply, change) = cell.claim(request, now).unwrap();
    (reply, change.held)
}

#[test]
fn a_claim_is_idempotent_and_its_hold_counts_until_it_ends() {
    let mut cell = cell();
    let (first, holds) = ask(&mut cell, &claim(&[1, 2], 2), NOW);
    let first = placed(first);
    assert_eq!((holds.len(), first[0].host == first[1].host), (2, false), "a pair sits on two hosts");
    let (again, holds) = ask(&mut cell, &claim(&[1, 2], 2), later(5));
    let hosts = |p: &[Placement]| p.iter().map(|p| (p.instance, p.host.clone(), p.hold)).collect::<Vec<_>>();
    assert_eq!((hosts(&placed(again)), holds.len()), (hosts(&first), 0));
    assert_eq!(cell.free(&host(1)).vcpus, 2);
    // Full: two of 2 vCPUs a host of 4.
    placed(ask(&mut cell, &claim(&[3, 4], 2), later(5)).0);
    assert!(matches!(ask(&mut cell, &claim(&[5], 1), later(5)).0, ClaimReply::Insufficient { placeable: 0, .. }));
    // The holds end: everything is free again.
    for n in [1, 2] {
        assert!(cell.hear(report(n, 2, vec![]), later(20_000)));
    }
    placed(ask(&mut cell, &claim(&[5], 1), later(20_000)).0);
}

#[test]
fn the_document_confirms_holds_and_a_stop_gives_back_all_but_the_disk() {
    let mut cell = cell();
    let on = placed(ask(&mut cell, &ClaimRequest { on_host: Some(host(1)), ..claim(&[1], 1) }, NOW).0)[0].host.clone();
    assert_eq!(on, host(1));
    assert_eq!(cell.configure(config(&[(1, 1, Desired::Running)]), NOW).over, [id(1)]);
    assert_eq!(cell.free(&host(1)), Capacity { vcpus: 2, memory_mib: 3584, disk_gib: 92 });
    cell.configure(config(&[(1, 1, Desired::Stopped)]), NOW);
    assert_eq!(cell.free(&host(1)).vcpus, 2, "it has not stopped yet");
    cell.hear(report(1, 2, vec![seen(1, VmState::Stopped { by_guest: false })]), NOW);
    assert_eq!(cell.free(&host(1)), Capacity { vcpus: 4, memory_mib: 4096, disk_gib: 92 });
    // Started again: only there, and the disk is not counted twice.
    let start = ClaimRequest { on_host: Some(host(1)), ..claim(&[1], 1) };
    assert_eq!(placed(ask(&mut cell, &start, NOW).0)[0].host, host(1));
    assert_eq!(cell.free(&host(1)), Capacity { vcpus: 2, memory_mib: 3584, disk_gib: 92 });
}

#[test]
fn a_silent_host_takes_nothing() {
    let mut cell = cell();
    let late = later(SILENT_AFTER_MS + 1);
    cell.hear(report(2, 2, vec![]), late);
    assert_eq!((cell.health(&host(1), late), cell.health(&host(2), late)), (HostHealth::Silent, HostHealth::Healthy));
    assert_eq!(placed(ask(&mut cell, &claim(&[1], 1), late).0)[0].host, host(2));
    assert!(!cell.hear(report(2, 1, vec![]), late), "an old report is not news");
}

#[test]
fn what_nobody_wants_is_an_orphan_only_once_the_document_is_known() {
    let mut cell = Cell::new(settings(), None, Kept::default(), 100);
    cell.hear(report(1, 1, vec![seen(7, VmState::Running)]), NOW);
    assert!(cell.orphans(&host(1)).is_empty(), "a controller that lost its memory destroys nothing");
    assert_eq!(cell.free(&host(1)).vcpus, 2, "and counts what hosts say");
    assert!(crate::compile::host_config(&cell, &host(1), Generation(1)).is_none());
    cell.configure(config(&[(1, 1, Desired::Running)]), NOW);
    assert_eq!(cell.orphans(&host(1)), [id(7)]);
    let document = crate::compile::host_config(&cell, &host(1), Generation(1)).unwrap();
    let desired: Vec<_> = document.instances.iter().map(|i| (i.id, i.desired)).collect();
    assert_eq!(desired, [(id(1), Desired::Running), (id(7), Desired::Terminated)]);
    cell.hear(report(1, 2, vec![seen(7, VmState::Gone)]), NOW);
    assert!(cell.orphans(&host(1)).is_empty());
}

#[test]
fn a_balancers_node_goes_to_its_host_and_what_it_says_counts_while_that_one_reports() {
    let mut cell = cell();
    let port: wire::net::PortConfig = serde_json::from_value(serde_json::json!({
        "id": "eni-00000000000000001", "vpc": "vpc-00000000000000001", "subnet": "subnet-00000000000000001",
        "subnet_cidr": "10.0.0.0/24", "mac": "06:00:00:00:00:01", "ipv4": ["10.0.0.9"], "public": [], "groups": [],
        "route_table": "rtb-00000000000000001", "source_dest_check": true, "mtu": 9001,
        "dhcp": {"hostname": "", "domain": "", "dns_servers": [], "lease_seconds": 3600}, "metadata": null,
        "terminator": {"listen": [80]}
    }))
    .unwrap();
    let balancer: wire::balancer::BalancerConfig = serde_json::from_value(serde_json::json!({
        "format": FORMAT, "generation": 3, "name": "app/a/1", "listeners": [], "target_groups": []
    }))
    .unwrap();
    let mut wanted = config(&[]);
    let node = wire::cell::CellBalancer { host: host(1), port: port.clone(), config: balancer.clone() };
    wanted.balancers.push(node);
    cell.configure(wanted, NOW);
    let document = |n| crate::compile::host_config(&cell, &host(n), Generation(1)).unwrap();
    let (here, elsewhere) = (document(1), document(2));
    assert_eq!(here.net.ports, std::slice::from_ref(&port));
    assert_eq!(here.balancers, [wire::host::BalancerNode { interface: port.id, config: balancer }]);
    assert!(elsewhere.net.ports.is_empty() && elsewhere.balancers.is_empty());
    let said = wire::host::BalancerReport { interface: port.id, status: None, pid: Some(7), problem: None };
    cell.hear(HostReport { balancers: vec![said.clone()], ..report(1, 2, vec![]) }, NOW);
    assert_eq!(cell.report(NOW).balancers, [said]);
    assert!(cell.report(later(SILENT_AFTER_MS + 1)).balancers.is_empty(), "nobody knows");
}

fn with_holds(mut config: CellConfig, holds: &[(u64, u64)]) -> CellConfig {
    for i in &mut config.instances {
        i.hold = holds.iter().find(|(n, _)| id(*n) == i.config.id).map_or(0, |(_, hold)| *hold);
    }
    config
}

/// What became of instances in the document, whose room was claimed on host 1 and given to others since.
#[test]
fn a_hold_that_ended_is_looked_at_again_when_the_document_names_it() {
    let start = |n: u64| ClaimRequest { on_host: Some(host(1)), ..claim(&[n], 1) };
    for (name, late_ms, others, want) in [
        ("in time", 5_000, 0, Desired::Running),
        ("late, and there is room still", 20_000, 0, Desired::Running),
        ("late, and half of the room is there", 20_000, 1, Desired::Running),
        ("late, and the room is gone", 20_000, 2, Desired::Terminated),
    ] {
        let mut cell = cell();
        let hold = placed(ask(&mut cell, &start(1), NOW).0)[0].hold;
        let now = later(late_ms);
        (1..=2).for_each(|n| assert!(cell.hear(report(n, 2, vec![]), now)));
        for n in 0..others {
            placed(ask(&mut cell, &start(10 + n), now).0);
        }
        let document = with_holds(config(&[(1, 1, Desired::Running)]), &[(1, hold)]);
        let refused = cell.review(&document, now).refused;
        assert_eq!(refused.len(), usize::from(want != Desired::Running), "{name}");
        assert!(cell.review(&document, now).held.is_empty());
        cell.configure(document.clone(), now);
        let given = crate::compile::host_config(&cell, &host(1), Generation(1)).unwrap().instances;
        let told: Vec<_> = cell.report(now).instances.iter().map(|i| (i.id, i.no_room, i.boot)).collect();
        if want == Desired::Running {
            assert_eq!((given.len(), told.len()), (1, 0), "{name}");
            continue;
        }
        assert_eq!((given.len(), told), (0, vec![(id(1), true, 1)]), "{name}");
        assert!(refused[0].why.contains("2 vCPUs"), "{}", refused[0].why);
        assert_eq!(cell.free(&host(1)).vcpus, 0, "others have it");
        // The same after a restart.
        let kept = Kept { refused: refused.clone(), ..Kept::default() };
        let again = Cell::new(settings(), Some(document.clone()), kept, 900);
        assert!(crate::compile::host_config(&again, &host(1), Generation(1)).unwrap().instances.is_empty());
        // The region ends it: the host is told, and nothing is remembered.
        let over = with_holds(config(&[(1, 1, Desired::Terminated)]), &[(1, hold)]);
        assert_eq!(cell.configure(over, now).settled, [id(1)]);
        assert_eq!(crate::compile::host_config(&cell, &host(1), Generation(1)).unwrap().instances[0].desired, want);
        assert!(cell.report(now).instances.is_empty());
    }
}

/// A start that came too late for its room leaves the instance stopped, with its disk.
#[test]
fn a_start_without_room_stays_stopped() {
    let mut cell = cell();
    cell.configure(config(&[(1, 1, Desired::Stopped)]), NOW);
    let stopped = seen(1, VmState::Stopped { by_guest: false });
    cell.hear(report(1, 2, vec![stopped.clone()]), NOW);
    let start = ClaimRequest { on_host: Some(host(1)), ..claim(&[1], 1) };
    let hold = placed(ask(&mut cell, &start, NOW).0)[0].hold;
    let now = later(20_000);
    cell.hear(report(1, 3, vec![stopped]), now);
    for n in [10, 11] {
        placed(ask(&mut cell, &ClaimRequest { on_host: Some(host(1)), ..claim(&[n], 1) }, now).0);
    }
    let document = with_holds(config(&[(1, 1, Desired::Running)]), &[(1, hold)]);
    assert_eq!(cell.review(&document, now).refused.len(), 1);
    cell.configure(document, now);
    let given = crate::compile::host_config(&cell, &host(1), Generation(1)).unwrap().instances;
    assert_eq!((given[0].id, given[0].desired), (id(1), Desired::Stopped));
    assert_eq!(cell.free(&host(1)), Capacity { vcpus: 0, memory_mib: 3072, disk_gib: 76 });
    let told = cell.report(now).instances;
    assert!(told.len() == 1 && matches!(told[0].state, VmState::Failed { .. }), "{told:?}");
}

#[test]
fn an_order_to_give_back_names_its_hold() {
    let mut cell = cell();
    let first = placed(ask(&mut cell, &claim(&[1], 1), NOW).0)[0].hold;
    let r = |hold| HoldRef { instance: id(1), hold };
    assert_eq!(cell.unclaim(&[r(first)]), [id(1)]);
    let second = placed(ask(&mut cell, &claim(&[1], 1), NOW).0)[0].hold;
    assert_ne!(first, second);
    assert!(cell.unclaim(&[r(first)]).is_empty(), "of a hold that is over");
    assert_eq!(cell.unclaim(&[r(second)]), [id(1)]);
}

#[test]
fn a_new_store_grants_nothing_until_all_hosts_have_said_what_they_have() {
    let kept = || Kept { new_at: Some(NOW), ..Kept::default() };
    let mut cell = Cell::new(settings(), None, kept(), 7);
    assert_eq!(cell.claim(&claim(&[1], 1), NOW), Err(NotReady::NoDocument));
    cell.configure(config(&[]), NOW);
    cell.hear(report(1, 1, vec![]), NOW);
    assert_eq!(cell.claim(&claim(&[1], 1), NOW), Err(NotReady::Unheard { unheard: 1 }));
    cell.hear(report(2, 1, vec![]), NOW);
    placed(ask(&mut cell, &claim(&[1], 1), NOW).0);
    // One of them is off for good: until whatever was promised has ended.
    let mut cell = Cell::new(settings(), Some(config(&[])), kept(), 7);
    let late = later(NEW_STORE_WAITS_MS);
    cell.hear(report(1, 1, vec![]), late);
    assert_eq!(cell.claim(&claim(&[1], 1), TimestampMs(late.0 - 1)), Err(NotReady::Unheard { unheard: 1 }));
    assert_eq!(placed(ask(&mut cell, &claim(&[1], 1), late).0)[0].host, host(1));
}

/// What a host has of an instance that should be on another one counts there until it is gone.
#[test]
fn strays_count_where_they_are() {
    let mut cell = cell();
    cell.configure(config(&[(1, 2, Desired::Running)]), NOW);
    cell.hear(report(1, 2, vec![seen(1, VmState::Running)]), NOW);
    assert_eq!((cell.free(&host(1)).vcpus, cell.free(&host(2)).vcpus), (2, 2));
    assert_eq!(cell.orphans(&host(1)), [id(1)]);
    cell.hear(report(1, 3, vec![seen(1, VmState::Gone)]), NOW);
    assert_eq!((cell.free(&host(1)).vcpus, cell.free(&host(2)).vcpus), (4, 2));
}

#[test]
fn slots_are_promised_for_a_time_and_then_as_the_document_says() {
    let mut cell = cell();
    let cr = "cr-0123456789abcdef0".parse().unwrap();
    let size = Capacity { disk_gib: 0, ..SMALL };
    let request = |count| ReserveRequest { id: cr, size, count, known: 0, hold_ms: 10_000 };
    let reserved = |cell: &mut Cell, count, now| match cell.reserve(&request(count), now).unwrap() {
        (ReserveReply::Reserved { slots, hold }, change) => (slots, hold, change),
        other => panic!("{other:?}"),
    };
    let vcpus = |cell: &Cell| cell.free(&host(1)).vcpus + cell.free(&host(2)).vcpus;
    let (slots, hold, change) = reserved(&mut cell, 3, NOW);
    assert_eq!((slots.len(), change.slots.len(), vcpus(&cell)), (3, 1, 2));
    let again = reserved(&mut cell, 3, NOW);
    assert_eq!((&again.0, again.1, again.2), (&slots, hold, Change::default()), "the same again");
    assert!(matches!(cell.reserve(&request(5), NOW).unwrap().0, ReserveReply::Insufficient { placeable: 4, .. }));
    assert_eq!(vcpus(&cell), 8, "the other promise is over");
    let (_, _, change) = reserved(&mut cell, 3, NOW);
    // It survives the controller, and ends.
    let mut next = Cell::new(settings(), Some(config(&[])), Kept { slots: change.slots, ..Kept::default() }, 900);
    (1..=2).for_each(|n| assert!(next.hear(report(n, 1, vec![]), later(11_000))));
    assert_eq!(vcpus(&next), 2);
    assert_eq!(next.configure(config(&[]), later(11_000)).slots_over, [cr]);
    assert_eq!(vcpus(&next), 8);
    // The document names it; more of it are promised beside those.
    let (slots, hold, _) = reserved(&mut cell, 3, NOW);
    let mut document = config(&[]);
    document.reservations.push(wire::cell::CellReservation { id: cr, size, slots: slots.clone(), hold });
    assert_eq!(cell.configure(document.clone(), NOW).slots_over, [cr]);
    assert_eq!(vcpus(&cell), 2);
    let (more, number, _) = reserved(&mut cell, 1, NOW);
    assert_eq!((more.len(), vcpus(&cell)), (1, 0));
    assert_eq!(reserved(&mut cell, 1, NOW).0, more, "asked again");
    let beyond = ReserveRequest { known: number, ..request(1) };
    assert!(matches!(cell.reserve(&beyond, NOW).unwrap().0, ReserveReply::Insufficient { placeable: 0, .. }));
    assert_eq!(vcpus(&cell), 0, "what the region knows of stays promised");
    // An instance in a slot, by a claim and then by the document.
    let into = ClaimRequest { reservations: vec![cr], reserved_only: true, ..claim(&[1], 1) };
    let place = placed(ask(&mut cell, &into, NOW).0).remove(0);
    assert_eq!((place.reservation, vcpus(&cell)), (Some(cr), 0));
    let at = if place.host == host(1) { 1 } else { 2 };
    let mut running = with_holds(config(&[(1, at, Desired::Running)]), &[(1, place.hold)]);
    running.reservations = document.reservations;
    running.instances[0].reservation = Some(cr);
    assert!(cell.review(&running, NOW).refused.is_empty());
    cell.configure(running.clone(), NOW);
    assert_eq!((vcpus(&cell), cell.free(&place.host).disk_gib), (0, 92));
    // Cancelled: the free slots go (the promised one ends by itself), the instance goes on.
    running.reservations.clear();
    running.instances[0].reservation = None;
    cell.configure(running, later(11_000));
    assert_eq!(vcpus(&cell), 6);
}

/// The region may ask for two launches into one group before it knows of either.
#[test]
fn what_was_promised_in_a_group_counts_as_its_member() {
    let mut cell = cell();
    let id = "pg-0123456789abcdef0".parse().unwrap();
    let group = ClaimGroup { id, strategy: GroupStrategy::SpreadRack, partition: None, members: Vec::new() };
    let into = |n: u64| ClaimRequest { group: Some(group.clone()), ..claim(&[n], 1) };
    let first = placed(ask(&mut cell, &into(1), NOW).0)[0].host.clone();
    let second = placed(ask(&mut cell, &into(2), NOW).0)[0].host.clone();
    assert_ne!(first, second);
    // Asked again: decided anew, and still apart.
    assert_eq!(placed(ask(&mut cell, &into(1), NOW).0)[0].host, first);
    assert!(
        matches!(ask(&mut cell, &into(3), NOW).0, ClaimReply::Insufficient { placeable: 0, short_of } if short_of.contains("placement group"))
    );
    // Outside the group there is room.
    placed(ask(&mut cell, &claim(&[3], 1), NOW).0);
}

mod spot;
mod tenancy;
