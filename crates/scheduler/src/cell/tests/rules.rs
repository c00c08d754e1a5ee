//! Each rule on a small cell.

use super::*;
use std::collections::{BTreeMap, BTreeSet};

fn racks_of(d: &Decider, ids: impl Iterator<Item = u64>) -> Vec<u32> {
    ids.map(|n| d.rack(d.held(id(n)).unwrap().host)).collect()
}

fn member(strategy: Strategy, partition: Option<u8>) -> Request {
    Request { group: Some(Membership { group: Group(7), strategy, partition }), ..ask(room(2, 4)) }
}

#[test]
fn the_fuller_host_is_taken_and_the_answer_says_why() {
    let mut d = cell(1, 4, room(16, 64));
    let first = d.decide(id(1), &ask(room(8, 32)), NOW).unwrap();
    let second = d.decide(id(2), &ask(room(4, 16)), NOW).unwrap();
    assert_eq!(first.host, second.host);
    let text = d.explain(&second);
    assert!(text.contains("lowest score of") && text.contains("next a1-h"), "{text}");
    assert_eq!(d.decide(id(2), &ask(room(4, 16)), NOW).unwrap().how, How::Already);
}

#[test]
fn memory_is_not_stranded() {
    // One host is short of memory, one of vCPUs: each takes what suits it.
    let mut d = cell(1, 2, room(16, 64));
    let heavy = d.decide(id(1), &ask(room(4, 48)), NOW).unwrap().host;
    d.set_open(heavy, false);
    let light = d.decide(id(2), &ask(room(12, 16)), NOW).unwrap().host;
    d.set_open(heavy, true);
    assert_eq!(d.decide(id(3), &ask(room(8, 8)), NOW).unwrap().host, heavy);
    assert_eq!(d.decide(id(4), &ask(room(2, 32)), NOW).unwrap().host, light);
}

#[test]
fn shortage_counts_hosts() {
    let mut d = cell(1, 3, room(4, 8));
    d.set_open(HostIx(0), false);
    d.decide(id(1), &Request { only: Some("a1-h1".parse().unwrap()), ..ask(room(3, 1)) }, NOW).unwrap();
    let Err(Refusal::Short(short)) = d.decide(id(2), &ask(room(4, 16)), NOW) else { panic!("placed") };
    assert_eq!((short.hosts, short.closed, short.short), (3, 1, [1, 1, 0, 0, 0]));
    assert_eq!(
        short.to_string(),
        "4 vCPUs, 16384 MiB of memory wanted on one of 3 hosts; 1 not taking instances; 1 with too few vCPUs (at most 4 \
         free); 1 with too few MiB of memory (at most 8192 free)"
    );
}

#[test]
fn spread_groups() {
    let mut d = cell(4, 3, room(16, 64));
    for n in 0..4 {
        d.decide(id(n), &member(Strategy::SpreadRack, None), NOW).unwrap();
    }
    assert_eq!(racks_of(&d, 0..4).into_iter().collect::<BTreeSet<_>>().len(), 4);
    let Err(Refusal::Short(short)) = d.decide(id(9), &member(Strategy::SpreadRack, None), NOW) else { panic!("a fifth rack") };
    assert_eq!(short.apart, 12);
    assert_eq!(d.decide(id(9), &member(Strategy::SpreadHost, None), NOW).unwrap_err(), Refusal::OtherStrategy);
    (0..4).for_each(|n| assert!(d.release(id(n)).is_some()));
    for n in 0..12 {
        d.decide(id(n), &member(Strategy::SpreadHost, None), NOW).unwrap();
    }
    assert!(d.decide(id(12), &member(Strategy::SpreadHost, None), NOW).is_err());
}

#[test]
fn members_of_other_deciders_count() {
    let mut d = cell(3, 2, room(16, 64));
    let seat = |rack, host, partition| Seat { host, rack, partition };
    d.seat(Group(7), Strategy::SpreadRack, vec![seat(0, Some(HostIx(0)), 0), seat(77, None, 0)]);
    for n in 0..2 {
        d.decide(id(n), &member(Strategy::SpreadRack, None), NOW).unwrap();
    }
    assert_eq!(racks_of(&d, 0..2).into_iter().collect::<BTreeSet<_>>(), [1, 2].into());
    assert!(d.decide(id(2), &member(Strategy::SpreadRack, None), NOW).is_err());
    (0..2).for_each(|n| assert!(d.release(id(n)).is_some()));
    assert_eq!(d.decide(id(9), &member(Strategy::SpreadHost, None), NOW).unwrap_err(), Refusal::OtherStrategy);
    d.seat(Group(7), Strategy::SpreadRack, Vec::new());
    // Forgotten: another strategy may come.
    let two = Strategy::Partition { count: 2 };
    d.seat(Group(7), two, vec![seat(0, None, 0), seat(1, None, 0)]);
    d.decide(id(9), &member(two, None), NOW).unwrap();
    assert_eq!((racks_of(&d, 9..10), d.held(id(9)).unwrap().group.unwrap().partition), (vec![2], Some(1)));
}

#[test]
fn partitions_have_their_own_racks() {
    let mut d = cell(6, 2, room(16, 64));
    let group = Strategy::Partition { count: 3 };
    for n in 0..30 {
        d.decide(id(n), &member(group, None), NOW).unwrap();
    }
    let mut partition_of: BTreeMap<u32, u8> = BTreeMap::new();
    let mut members = [0; 3];
    for (_, held) in d.instances() {
        let p = held.group.unwrap().partition.unwrap();
        members[usize::from(p)] += 1;
        assert_eq!(*partition_of.entry(d.rack(held.host)).or_insert(p), p, "two partitions in a rack");
    }
    assert_eq!(members, [10, 10, 10]);
    assert_eq!(d.decide(id(99), &member(group, Some(3)), NOW).unwrap_err(), Refusal::NoSuchPartition { given: 3, of: 3 });
    assert_eq!(
        d.decide(id(99), &member(Strategy::Partition { count: 8 }, None), NOW).unwrap_err(),
        Refusal::Partitions { given: 8 }
    );
}

#[test]
fn a_cluster_stays_in_a_block_that_holds_it() {
    let mut d = cell(6, 2, room(16, 64));
    // Block 0 has room for 3 of them only: a cluster of 20 goes elsewhere, whole.
    for host in 0..4 {
        let only = d.host_id(HostIx(host)).clone();
        d.decide(id(1000 + u64::from(host)), &Request { only: Some(only), ..ask(room(14, 60)) }, NOW).unwrap();
    }
    let batch: Vec<_> = (0..20).map(|n| (id(n), member(Strategy::Cluster, None))).collect();
    d.decide_batch(&batch, 20, NOW).unwrap();
    let blocks: BTreeSet<u32> = racks_of(&d, 0..20).into_iter().map(|r| r / 2).collect();
    assert_eq!(blocks.len(), 1);
    assert_eq!(racks_of(&d, 0..8).into_iter().collect::<BTreeSet<_>>().len(), 1, "near each other before far");
    let more: Vec<_> = (100..130).map(|n| (id(n), member(Strategy::Cluster, None))).collect();
    assert!(d.decide_batch(&more, 30, NOW).is_err(), "the block is full");
    assert_eq!(d.instances().count(), 24, "all or nothing");
}

#[test]
fn apart_is_a_wish_or_a_must() {
    let mut d = cell(2, 2, room(16, 64));
    let apart = |must, level| Some(Apart { from: Vec::new(), each_other: true, level, must });
    let batch = |from: u64, n: u64, must, level| -> Vec<_> {
        (from..from + n).map(|i| (id(i), Request { apart: apart(must, level), ..ask(room(1, 1)) })).collect()
    };
    d.decide_batch(&batch(0, 4, false, Level::Host), 4, NOW).unwrap();
    assert!(d.hosts().all(|h| d.on_host(h).len() == 1));
    d.decide_batch(&batch(10, 6, false, Level::Host), 6, NOW).unwrap();
    let mut counts: Vec<usize> = d.hosts().map(|h| d.on_host(h).len()).collect();
    counts.sort();
    assert_eq!(counts, [2, 2, 3, 3]);
    assert_eq!(d.decide_batch(&batch(20, 3, true, Level::Rack), 2, NOW).unwrap().iter().flatten().count(), 2);
    assert!(d.decide_batch(&batch(30, 5, true, Level::Host), 5, NOW).is_err());
}

#[test]
fn dedicated_tenancy_and_hosts() {
    let mut d = cell(1, 3, room(16, 64));
    let dedicated = |a| Request { tenancy: Tenancy::Dedicated, ..Request::new(Account(a), room(4, 8)) };
    let one = d.decide(id(1), &dedicated(1), NOW).unwrap().host;
    assert_eq!(d.decide(id(2), &dedicated(1), NOW).unwrap().host, one, "its own host first");
    let two = d.decide(id(3), &dedicated(2), NOW).unwrap().host;
    assert_ne!(one, two);
    let shared = d.decide(id(4), &ask(room(4, 8)), NOW).unwrap().host;
    assert!(shared != one && shared != two);
    assert!(d.allocate_host(Account(3), Pools::ANY, room(4, 8)).is_none(), "no host is empty");
    d.release(id(1));
    d.release(id(2));
    assert_eq!(d.owner(one), None, "tenancy ends with the last instance");
    let mine = d.allocate_host(Account(3), Pools::ANY, room(4, 8)).unwrap();
    assert_eq!(mine, one);
    let on_host = |a| Request { tenancy: Tenancy::Host(Vec::new()), ..Request::new(Account(a), room(4, 8)) };
    assert!(d.decide(id(5), &on_host(1), NOW).is_err());
    assert_eq!(d.decide(id(5), &on_host(3), NOW).unwrap().host, mine);
    assert!(!d.release_host(mine));
    d.release(id(5));
    assert!(d.owner(mine).is_some() && d.release_host(mine) && d.owner(mine).is_none());
}

#[test]
fn reservations_hold_room_for_their_account() {
    let mut d = cell(1, 1, room(16, 64));
    let slot = || Reservation::new(Account(1), room(8, 32), Pools::ANY, true, None);
    d.reserve(ReservationKey(1), slot(), 2).unwrap();
    assert!(d.decide(id(1), &Request::new(Account(2), room(1, 1)), NOW).is_err(), "reserved and unused is not free");
    assert_eq!(d.decide(id(2), &ask(room(8, 32)), NOW).unwrap().how, How::Reserved(ReservationKey(1)));
    assert!(d.decide(id(3), &Request { reservation: Reserve::Never, ..ask(room(8, 32)) }, NOW).is_err());
    assert!(d.decide(id(3), &ask(room(4, 16)), NOW).is_err(), "another size does not match");
    d.release(id(2));
    assert_eq!(d.reservation(ReservationKey(1)).unwrap().free(), 2);
    assert!(d.reserve(ReservationKey(2), slot(), 1).is_err());
    let target = |k| Request { reservation: Reserve::Target(ReservationKey(k)), ..ask(room(8, 32)) };
    assert_eq!(d.decide(id(4), &target(9), NOW).unwrap_err(), Refusal::NoSuchReservation);
    d.decide(id(4), &target(1), NOW).unwrap();
    assert!(d.cancel_reservation(ReservationKey(1)));
    assert_eq!(d.free(HostIx(0)), room(8, 32), "the instance stays, the free slot goes");
    d.release(id(4));
    assert_eq!(d.free(HostIx(0)), room(16, 64));
}

#[test]
fn reservations_are_as_the_store_says_and_disks_are_charged_beside_them() {
    let mut d = cell(1, 2, room(16, 64));
    for h in 0..2 {
        let spec = HostSpec { total: Room { disk_gib: 100, ..room(16, 64) }, ..spec(&d, h) };
        d.add_host(spec);
    }
    let key = ReservationKey(1);
    let wanted = || Reservation::new(Account(1), room(8, 32), Pools::ANY, false, None);
    let (a, b) = (HostIx(0), HostIx(1));
    d.set_reservation(key, wanted(), vec![a, a, b]);
    let free = |d: &Decider, h| (d.free(h).vcpus, d.free(h).disk_gib);
    assert_eq!((free(&d, a), free(&d, b)), ((0, 100), (8, 100)));
    let target = |disk_gib| Request { reservation: Reserve::Target(key), ..ask(Room { disk_gib, ..room(8, 32) }) };
    assert_eq!(d.decide(id(1), &target(60), NOW).unwrap().host, a);
    assert_eq!(d.decide(id(2), &target(60), NOW).unwrap().host, b, "the other slot's host lacks the disk");
    assert!(d.decide(id(3), &target(60), NOW).is_err());
    assert_eq!((free(&d, a), free(&d, b)), ((0, 40), (8, 40)));
    // Fewer slots: one free goes, and one that is used.
    d.set_reservation(key, wanted(), vec![a]);
    assert_eq!((d.held(id(1)).unwrap().reservation, d.held(id(2)).unwrap().reservation), (Some(key), None));
    assert_eq!((free(&d, a), free(&d, b)), ((8, 40), (8, 40)));
    assert_eq!((d.reservation(key).unwrap().free(), d.reservation(key).unwrap().used()), (0, 1));
    // Counted again, as after a restart: in its slot, and one for which there is none.
    let held = d.held(id(1)).unwrap().clone();
    d.adopt(id(1), held.clone());
    d.adopt(id(4), held);
    assert_eq!((d.held(id(1)).unwrap().reservation, d.held(id(4)).unwrap().reservation), (Some(key), None));
    // Stopped: its disk, and the slot is free.
    assert!(d.resize(id(1), Room { disk_gib: 60, ..Room::default() }));
    assert_eq!(d.reservation(key).unwrap().free(), 1);
    [1, 2, 4].into_iter().for_each(|n| assert!(d.release(id(n)).is_some()));
    assert!(d.cancel_reservation(key));
    assert_eq!((d.free(a), d.free(b)), (d.total(a), d.total(b)));
}

fn spec(d: &Decider, h: u32) -> HostSpec {
    let ix = HostIx(h);
    HostSpec { id: d.host_id(ix).clone(), class: d.class(ix), total: d.total(ix), rack: d.rack(ix), block: 0 }
}

#[test]
fn on_demand_preempts_spot_after_its_notice() {
    let mut d = cell(1, 1, room(16, 64));
    for n in 0..4 {
        d.decide(id(n), &Request { market: Market::Spot { price_max: 1000 }, ..ask(room(4, 16)) }, NOW).unwrap();
    }
    assert!(d.decide(id(9), &ask(room(8, 16)), NOW).is_err());
    let preempt = Request { market: Market::OnDemand { preempt: true }, ..ask(room(8, 16)) };
    let p = d.decide(id(9), &preempt, NOW).unwrap();
    assert_eq!((p.evicts.len(), p.not_before), (2, Some(TimestampMs(NOW.0 + NOTICE_MS))));
    assert!(d.overdue(NOW).is_empty());
    assert_eq!(d.overdue(TimestampMs(NOW.0 + NOTICE_MS)).len(), 2);
    d.release(p.evicts[0]);
    assert!(d.held(id(9)).unwrap().waits);
    assert!(d.decide(id(10), &ask(room(4, 16)), NOW).is_err(), "the freed half is promised");
    d.release(p.evicts[1]);
    assert!(!d.held(id(9)).unwrap().waits);
    assert_eq!(d.free(HostIx(0)), room(0, 16));
}

#[test]
fn spot_price_follows_load_and_ends_low_bids() {
    let mut d = cell(1, 10, room(16, 64));
    assert_eq!(d.spot_price(Class(0)), Some(100));
    let spot = |price_max| Request { market: Market::Spot { price_max }, ..ask(room(1, 4)) };
    d.decide(id(1), &spot(150), NOW).unwrap();
    d.decide(id(2), &spot(1000), NOW).unwrap();
    assert_eq!(d.decide(id(3), &spot(99), NOW).unwrap_err(), Refusal::SpotPrice { now: 100, max: 99 });
    for n in 10..29 {
        d.decide(id(n), &ask(room(8, 32)), NOW).unwrap();
    }
    let mut told = Vec::new();
    let mut before = 100;
    for hour in 0..10 {
        let now = TimestampMs(NOW.0 + hour * 3_600_000);
        told.extend(d.price(now).into_iter().map(|i| i.instance));
        let price = d.spot_price(Class(0)).unwrap();
        assert!(price >= before && price <= before + 180, "moves slowly: {before} to {price}");
        before = price;
    }
    assert!(before > 500, "{before}");
    assert_eq!(told, [id(1)], "told once, and only the one whose bid was passed");
}

#[test]
fn holds_end_unless_confirmed() {
    let mut d = cell(1, 1, room(4, 8));
    let hold = Request { hold_until: Some(TimestampMs(NOW.0 + 10)), ..ask(room(4, 8)) };
    d.decide(id(1), &hold, NOW).unwrap();
    assert!(d.decide(id(2), &hold, TimestampMs(NOW.0 + 10)).is_err());
    d.decide(id(2), &hold, TimestampMs(NOW.0 + 11)).unwrap();
    assert!(!d.confirm(id(1)) && d.confirm(id(2)));
    assert!(d.decide(id(3), &hold, TimestampMs(NOW.0 + 1000)).is_err());
}

#[test]
fn a_decider_built_from_reports_decides_alike() {
    let mut d = cell(2, 4, room(16, 64));
    for n in 0..20 {
        d.decide(id(n), &ask(room(1 + (n % 4) as u32, 4)), NOW).unwrap();
    }
    let mut again = cell(2, 4, room(16, 64));
    d.instances().for_each(|(i, held)| again.adopt(i, held.clone()));
    assert!(d.hosts().all(|h| d.free(h) == again.free(h)));
    // A host that says more than it has: nothing is free there, and giving back keeps the books right.
    let held = d.held(id(1)).unwrap().clone();
    let host = held.host;
    again.adopt(id(90), Held { room: room(64, 256), ..held });
    assert_eq!(again.free(host), room(0, 0));
    again.release(id(90));
    assert_eq!(again.free(host), d.free(host));
}

#[test]
fn a_stopped_instance_keeps_its_disk_only() {
    let mut d = cell(1, 1, Room { disk_gib: 10, ..room(4, 8) });
    d.decide(id(1), &ask(Room { disk_gib: 8, ..room(4, 8) }), NOW).unwrap();
    assert!(d.resize(id(1), Room { disk_gib: 8, ..Room::default() }));
    d.decide(id(2), &ask(Room { disk_gib: 2, ..room(4, 8) }), NOW).unwrap();
    assert!(!d.resize(id(1), Room { disk_gib: 8, ..room(1, 1) }), "its vCPUs are another's now");
    assert_eq!(d.held(id(1)).unwrap().room.vcpus, 0);
}
