//! The table of `vswitch::maglev`: even, stable, the same everywhere.

use proptest::prelude::*;
use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use vswitch::maglev::{Connection, Member, SLOTS, Table, members};
use wire::net::{NetworkListener, NetworkTarget, TargetState, Transport};

fn member(n: u32) -> Member {
    Member { key: u64::from(0x0a00_0000 + n) << 16 | 80, weight: 1 }
}

fn unweighted(n: u32) -> Vec<Member> {
    (0..n).map(member).collect()
}

fn counts(table: &Table, members: usize) -> Vec<usize> {
    let mut counts = vec![0; members];
    table.slots().iter().for_each(|&s| counts[usize::from(s)] += 1);
    counts
}

/// Slots that changed hands though both of their owners stayed.
fn surplus(before: &(Vec<Member>, Table), after: &(Vec<Member>, Table)) -> usize {
    let stays = |m: &Member, of: &[Member]| of.binary_search(m).is_ok();
    let owners = before.1.slots().iter().zip(after.1.slots());
    let owners = owners.map(|(&a, &b)| (before.0[usize::from(a)], after.0[usize::from(b)]));
    owners.filter(|(a, b)| a != b && stays(a, &after.0) && stays(b, &before.0)).count()
}

fn built(members: Vec<Member>) -> (Vec<Member>, Table) {
    let table = Table::build(&members).unwrap();
    (members, table)
}

#[test]
fn slots_are_even_and_few_move() {
    for n in [1, 2, 3, 10, 100, 650, 1000] {
        let before = built(unweighted(n));
        let counts = counts(&before.1, n as usize);
        let (least, most) = (counts.iter().min().unwrap(), counts.iter().max().unwrap());
        assert!(most - least <= 1, "{n} targets: {least} to {most} slots");
        assert_eq!(counts.iter().sum::<usize>(), SLOTS);
        if n == 1 {
            continue;
        }
        // Twenty that go, anywhere among them.
        let gone = (0..20.min(n)).map(|i| (i * 7919) % n).collect::<BTreeSet<_>>();
        let moved: usize = gone.iter().map(|&g| surplus(&before, &built((0..n).filter(|i| *i != g).map(member).collect()))).sum();
        let share = moved as f64 / gone.len() as f64 / SLOTS as f64;
        assert!(share < 0.01, "{n} targets: {:.2} % of the slots changed hands for nothing", share * 100.0);
        // One that comes.
        let share = surplus(&before, &built(unweighted(n + 1))) as f64 / SLOTS as f64;
        assert!(share < 0.01, "{n} targets and one: {:.2} %", share * 100.0);
    }
}

#[test]
fn weights_are_turns() {
    let (heavy, light) = (Member { weight: 300, ..member(1) }, Member { weight: 100, ..member(2) });
    let (_, table) = built(vec![heavy, light]);
    let counts = counts(&table, 2);
    assert!(counts[0].abs_diff(SLOTS * 3 / 4) <= 300, "{counts:?}");
    let zero = built(vec![Member { weight: 0, ..member(1) }, member(2)]);
    assert_eq!(zero.1, built(unweighted(3)[1..].to_vec()).1, "0 counts as 1");
    assert!(Table::build(&[]).is_none());
    assert!(Table::build(&unweighted(65_535)).is_none());
}

/// What a card of another version must agree on: a change here moves connections at every upgrade.
#[test]
fn the_table_is_the_same_for_all_time() {
    let (_, table) = built(unweighted(7));
    let sum = table.slots().iter().fold(0u64, |h, s| h.wrapping_mul(0x0000_0100_0000_01b3) ^ u64::from(*s));
    let connection = Connection { client: 0xc633_6401, balancer: 0x0a00_0309, client_port: 40_000, port: 443, protocol: 6 };
    let hash = connection.hash([1, 2]);
    assert_eq!((sum, hash, table.pick(hash, 0)), GOLDEN);
    assert_ne!(hash, connection.hash([1, 3]), "the seed matters");
}
const GOLDEN: (u64, u64, usize) = (10_948_437_588_033_074_345, 13_601_230_262_661_253_152, 0);

fn listener(states: &[TargetState]) -> NetworkListener {
    let target = |(i, state): (usize, &TargetState)| {
        let address = Ipv4Addr::from(0x0a00_0105 + i as u32);
        NetworkTarget { address, port: 80, weight: 1, state: *state }
    };
    NetworkListener {
        protocol: Transport::Tcp,
        port: 80,
        idle_seconds: 350,
        by_client: false,
        keeps_client: true,
        ends_removed: false,
        ends_unhealthy: true,
        targets: states.iter().enumerate().map(target).collect(),
    }
}

#[test]
fn only_the_healthy_unless_there_are_none() {
    use TargetState::*;
    let rows: [(&str, &[TargetState], &[u32]); 5] = [
        ("healthy ones", &[Healthy, Unhealthy, Healthy, Draining], &[0, 2]),
        ("none is healthy: fail open", &[Unhealthy, Draining, Unhealthy], &[0, 2]),
        ("draining only", &[Draining], &[]),
        ("nobody", &[], &[]),
        ("one", &[Healthy], &[0]),
    ];
    for (row, states, expected) in rows {
        let got: Vec<u64> = members(&listener(states)).iter().map(|m| (m.key >> 16) - 0x0a00_0105).collect();
        assert_eq!(got, expected.iter().map(|&e| u64::from(e)).collect::<Vec<_>>(), "{row}");
    }
    let mut reversed = listener(&[Healthy, Healthy, Unhealthy, Healthy]);
    let same = members(&reversed);
    reversed.targets.reverse();
    assert_eq!(members(&reversed), same, "whatever the order they are listed in");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn any_set_of_targets_is_even(keys in prop::collection::btree_set(any::<u64>(), 1..200)) {
        let members: Vec<Member> = keys.into_iter().map(|key| Member { key, weight: 1 }).collect();
        let n = members.len();
        let (members, table) = built(members);
        let counts = counts(&table, n);
        prop_assert!(counts.iter().max().unwrap() - counts.iter().min().unwrap() <= 1);
        prop_assert_eq!(&Table::build(&members).unwrap(), &table, "the same again");
    }
}
