//! Random calls; after each, the books are what a recount says, and an answer is right: a host is found exactly when one
//! that fits exists.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
enum Call {
    Ask { size: Room, spot: bool, tenancy: u8, account: u64, group: u8, hold: bool },
    Release(usize),
    Confirm(usize),
    Resize(usize, u32),
    Open(u32, bool),
    Grow(u32, u32),
    Reserve { key: u64, size: Room, count: u32 },
    Cancel(u64),
    Allocate(u64),
    Pass(u64),
}

fn size() -> impl Strategy<Value = Room> {
    (1u32..9, 1u32..17, 0u32..50, 0u32..3).prop_map(|(vcpus, gib, disk_gib, gpus)| Room {
        vcpus,
        memory_mib: gib * 1024,
        disk_gib,
        network_mbps: vcpus * 100,
        gpus: gpus / 2,
    })
}

use proptest::strategy::Strategy;

fn call() -> impl Strategy<Value = Call> {
    prop_oneof![
        12 => (size(), any::<bool>(), 0u8..6, 0u64..3, 0u8..12, any::<bool>())
            .prop_map(|(size, spot, tenancy, account, group, hold)| Call::Ask { size, spot, tenancy, account, group, hold }),
        5 => (0usize..200).prop_map(Call::Release),
        2 => (0usize..200).prop_map(Call::Confirm),
        1 => (0usize..200, 0u32..9).prop_map(|(i, v)| Call::Resize(i, v)),
        1 => (0u32..24, any::<bool>()).prop_map(|(h, o)| Call::Open(h, o)),
        1 => (0u32..24, 8u32..24).prop_map(|(h, v)| Call::Grow(h, v)),
        1 => (0u64..3, size(), 1u32..4).prop_map(|(key, size, count)| Call::Reserve { key, size, count }),
        1 => (0u64..3).prop_map(Call::Cancel),
        1 => (0u64..3).prop_map(Call::Allocate),
        1 => (0u64..100_000).prop_map(Call::Pass),
    ]
}

fn total(n: u32) -> Room {
    Room { vcpus: 16, memory_mib: 32 * 1024, disk_gib: 200, network_mbps: 2000, gpus: if n % 3 == 2 { 2 } else { 0 } }
}

fn fresh() -> Decider {
    let mut decider = Decider::default();
    for n in 0..24 {
        let id = format!("a1-h{n}").parse().unwrap();
        decider.add_host(HostSpec { id, class: Class((n % 3) as u8), total: total(n), rack: n / 4, block: n / 8 });
    }
    decider
}

/// Recounts everything that the decider keeps as sums.
fn recount(d: &Decider) {
    let mut loads: BTreeMap<Class, Load> = BTreeMap::new();
    let mut seen = 0;
    for ix in d.hosts() {
        let mut used = Room::default();
        for i in d.on_host(ix) {
            let held = d.held(*i).expect("on a host's list and not held");
            assert_eq!(held.host, ix);
            if !held.waits && held.reservation.is_none() {
                used = used.plus(held.room);
            }
            if let Some(key) = held.reservation {
                // Its slot, and what it holds beyond it: a larger disk.
                let slot = d.reservation(key).expect("its reservation is gone").size;
                used = used.plus(slot).plus(held.room.minus(slot));
            }
            seen += 1;
        }
        for r in d.reservations.values() {
            r.slots.iter().filter(|s| **s == ix).for_each(|_| used = used.plus(r.size));
        }
        assert_eq!(d.free(ix), d.total(ix).minus(used), "{ix:?}");
        let load = loads.entry(d.class(ix)).or_default();
        if d.is_open(ix) {
            load.hosts += 1;
            load.empty += u32::from(d.on_host(ix).is_empty());
            for k in 0..5 {
                load.total[k] += u64::from(d.total(ix).array()[k]);
                load.free[k] += u64::from(d.free(ix).array()[k]);
            }
        }
        for i in d.on_host(ix) {
            let held = d.held(*i).unwrap();
            if d.is_open(ix) && matches!(held.market, Market::Spot { .. }) {
                held.room.array().iter().enumerate().for_each(|(k, r)| load.spot[k] += u64::from(*r));
            }
        }
        let accounts: std::collections::BTreeSet<_> = d.on_host(ix).iter().map(|i| d.held(*i).unwrap().account).collect();
        if let Some(owner) = d.owner(ix) {
            assert!(accounts.iter().all(|a| *a == owner.account()), "{ix:?} is {owner:?}'s and has {accounts:?}");
        }
    }
    assert_eq!(seen, d.instances().count());
    for class in d.classes() {
        assert_eq!(d.load(class), loads[&class], "{class:?}");
    }
    for (key, group) in &d.groups {
        for (i, seat) in &group.members {
            assert_eq!(d.held(*i).map(|h| (h.host, h.group.unwrap().group)), seat.host.map(|h| (h, *key)));
        }
    }
}

/// Whether a shared on-demand request without wishes fits anywhere: the rule itself.
fn somewhere(d: &Decider, request: &Request) -> bool {
    d.hosts().any(|ix| {
        d.is_open(ix)
            && d.owner(ix).is_none()
            && !d.waiting.contains_key(&ix)
            && request.pools.has(d.class(ix))
            && d.free(ix).holds(request.size)
    })
}

fn play(calls: &[Call]) -> Decider {
    let mut d = fresh();
    let mut now = NOW;
    let mut ids: Vec<InstanceId> = Vec::new();
    for (n, call) in calls.iter().enumerate() {
        let nth = |i: &usize| ids.get(*i % ids.len().max(1)).copied();
        match call {
            Call::Ask { size, spot, tenancy, account, group, hold } => {
                let mut request = Request::new(Account(*account), *size);
                if *spot {
                    request.market = Market::Spot { price_max: 1000 };
                } else {
                    request.market = Market::OnDemand { preempt: *group == 11 };
                }
                request.tenancy = match tenancy {
                    0 => Tenancy::Dedicated,
                    1 => Tenancy::Host(Vec::new()),
                    _ => Tenancy::Shared,
                };
                request.hold_until = hold.then_some(TimestampMs(now.0 + 30_000));
                let strategy = match group {
                    0 => Some(super::Strategy::Cluster),
                    1 => Some(super::Strategy::SpreadHost),
                    2 => Some(super::Strategy::SpreadRack),
                    3 => Some(super::Strategy::Partition { count: 3 }),
                    _ => None,
                };
                request.group =
                    strategy.map(|strategy| Membership { group: Group(u64::from(*group)), strategy, partition: None });
                d.expire(now);
                let plain = strategy.is_none() && request.tenancy == Tenancy::Shared;
                let fits = somewhere(&d, &request);
                let slot = !*spot
                    && d.reservations.values().filter(|r| r.open && r.matches(request.account, *size, request.pools)).any(|r| {
                        let beside = size.minus(r.size);
                        r.slots().iter().any(|ix| d.is_open(*ix) && d.free(*ix).holds(beside))
                    });
                let before = d.clone();
                let i = id(n as u64);
                match d.decide(i, &request, now) {
                    Ok(p) => {
                        ids.push(i);
                        assert_eq!(p.host, d.held(i).unwrap().host);
                        assert!(before.is_open(p.host));
                        if p.evicts.is_empty() && !matches!(p.how, How::Reserved(_)) {
                            assert!(before.free(p.host).holds(*size), "placed where it does not fit");
                        }
                        if plain && !p.evicts.is_empty() {
                            assert!(!fits, "preempted although there was room");
                        }
                    }
                    Err(refusal) => {
                        assert!(!plain || !(fits || slot), "refused although there is room: {refusal}");
                        if let Refusal::Short(s) = &refusal {
                            let counted = s.closed + s.other_class + s.other_tenancy + s.apart + s.short.iter().sum::<u32>();
                            assert!(s.hosts == 24 && counted <= 24, "{s}");
                        }
                    }
                }
            }
            Call::Release(i) => {
                nth(i).and_then(|i| d.release(i));
            }
            Call::Confirm(i) => {
                nth(i).map(|i| d.confirm(i));
            }
            Call::Resize(i, vcpus) => {
                nth(i).map(|i| d.resize(i, Room { vcpus: *vcpus, disk_gib: 1, ..Room::default() }));
            }
            Call::Open(h, open) => d.set_open(HostIx(*h), *open),
            Call::Grow(h, vcpus) => {
                let total = Room { vcpus: *vcpus, ..total(*h) };
                let id = d.host_id(HostIx(*h)).clone();
                d.add_host(HostSpec { id, class: Class((h % 3) as u8), total, rack: h / 4, block: h / 8 });
            }
            Call::Reserve { key, size, count } => {
                let _ = d.reserve(ReservationKey(*key), Reservation::new(Account(*key), *size, Pools::ANY, true, None), *count);
            }
            Call::Cancel(key) => {
                d.cancel_reservation(ReservationKey(*key));
            }
            Call::Allocate(account) => {
                d.allocate_host(Account(*account), Pools::of(&[Class(0)]), Room::default());
            }
            Call::Pass(ms) => {
                now.0 += ms;
                d.price(now);
                for over in d.overdue(now) {
                    d.release(over.instance);
                }
            }
        }
        recount(&d);
    }
    d
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20000, ..ProptestConfig::default() })]
    #[test]
    fn the_books_are_right_whatever_is_called(calls in prop::collection::vec(call(), 1..150)) {
        let (a, b) = (play(&calls), play(&calls));
        prop_assert!(a.instances().eq(b.instances()), "the same calls, another answer");
    }
}
