//! Shards by their promises; picks by table.

use super::*;
use crate::cell::{Account, Class, Decider, Pools, Request};
use crate::load::shapes::MIXED;
use crate::rng::Rng;
use crate::room::Room;
use std::collections::{BTreeMap, BTreeSet};
use types::{AzName, CellId, InstanceId, TimestampMs};

fn zone() -> AzName {
    "us-east-1a".parse().unwrap()
}

fn cells(n: u32) -> Vec<CellId> {
    (1..=n).map(|i| format!("a{i}").parse().unwrap()).collect()
}

fn common(a: &Shard, b: &Shard) -> usize {
    let of = |s: &Shard| s.cells.values().flatten().cloned().collect::<BTreeSet<_>>();
    of(a).intersection(&of(b)).count()
}

fn shards(n: u32, size: usize, overlap_max: usize, accounts: u64) -> Shards {
    let mut s = Shards::new(ShardSettings { size, overlap_max, tries_max: 64 });
    s.set_cells(&zone(), &cells(n));
    (0..accounts).for_each(|a| drop(s.assign(Account(a), 0).clone()));
    s
}

#[test]
fn a_shard_is_the_same_in_every_version() {
    let s = shards(100, 8, 4, 1);
    let names: Vec<&str> = s.of(Account(0)).unwrap().cells[&zone()].iter().map(|c| c.as_str()).collect();
    assert_eq!(names, GOLDEN);
}

const GOLDEN: [&str; 8] = ["a22", "a32", "a36", "a41", "a5", "a66", "a78", "a80"];

#[test]
fn no_two_accounts_share_more_than_the_bound() {
    for (n, size, overlap_max, accounts) in [(100, 8, 4, 1500), (100, 8, 2, 150), (20, 4, 2, 60), (8, 2, 1, 28)] {
        let s = shards(n, size, overlap_max, accounts);
        let all: Vec<&Shard> = s.accounts().map(|(_, s)| s).collect();
        let crowded = all.iter().filter(|s| s.crowded).count();
        let mut most = 0;
        for (i, a) in all.iter().enumerate().filter(|(_, a)| !a.crowded) {
            most = all[..i].iter().filter(|b| !b.crowded).map(|b| common(a, b)).fold(most, usize::max);
        }
        assert!(most <= overlap_max, "{most} of {n}");
        assert!(accounts == 28 || crowded == 0, "{crowded} crowded of {accounts} with {size} of {n}");
    }
    // There are no more than 28 pairs of 8 cells.
    assert!(shards(8, 2, 1, 60).crowded() >= 32);
}

#[test]
fn cells_that_come_and_go_move_as_little_as_they_can() {
    let mut s = shards(100, 8, 7, 2000);
    let before: BTreeMap<Account, Shard> = s.accounts().map(|(a, s)| (a, s.clone())).collect();
    let mut fewer = cells(100);
    let lost = fewer.remove(41);
    let moved = s.set_cells(&zone(), &fewer);
    let had: Vec<Account> = before.iter().filter(|(_, s)| s.cells[&zone()].contains(&lost)).map(|(a, _)| *a).collect();
    assert_eq!(moved, had, "only those who had it");
    for account in &moved {
        assert_eq!(common(&before[account], s.of(*account).unwrap()), 7, "and one cell each");
    }
    assert!(s.set_cells(&zone(), &cells(100)).len() == had.len());
    let back: BTreeMap<Account, Shard> = s.accounts().map(|(a, s)| (a, s.clone())).collect();
    assert_eq!(back, before);
    let moved = s.set_cells(&zone(), &cells(101));
    assert!((100..230).contains(&moved.len()), "a new cell takes its share, 8 in 101: {}", moved.len());
}

#[test]
fn overlap_numbers() {
    let p: Vec<f64> = (0..=8).map(|s| overlap_probability(100, 8, s)).collect();
    for (given, right) in p.iter().zip([0.5002, 0.3766, 0.1073, 0.0148, 0.00105, 3.8e-5, 6.3e-7, 4.0e-9, 5.374e-12]) {
        assert!((given / right - 1.0).abs() < 0.02, "{given} {right}");
    }
    assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    assert!((overlap_probability(8, 2, 2) * 28.0 - 1.0).abs() < 1e-12);
    assert!((same_probability(100, 8, 1e5) / 0.0265 - 1.0).abs() < 0.01);
    assert_eq!(overlap_probability(10, 8, 2), 0.0);
    // What else docs/scheduling.md says.
    assert_eq!(shard::choices(100, 8).round(), 186_087_894_300.0);
    assert_eq!((shard::choices(100, 5) / shard::choices(8, 5)).round(), 1_344_420.0);
    assert!((same_probability(100, 8, 1e4) / 2.7e-4 - 1.0).abs() < 0.01);
    assert!((same_probability(100, 8, 1e6) - 0.93).abs() < 0.005);
    // And the shards themselves follow them.
    let s = shards(100, 8, 7, 700);
    let all: Vec<&Shard> = s.accounts().map(|(_, s)| s).collect();
    let mut counts = [0f64; 9];
    for (i, a) in all.iter().enumerate() {
        all[..i].iter().for_each(|b| counts[common(a, b)] += 1.0);
    }
    let pairs = 700.0 * 699.0 / 2.0;
    for k in 0..4 {
        assert!((counts[k] / pairs / p[k] - 1.0).abs() < 0.1, "{k} shared: {} of {}", counts[k] / pairs, p[k]);
    }
}

const NOW: TimestampMs = TimestampMs(100_000);

fn summary(cell: &CellId, sequence: u64, count: u32) -> Summary {
    Summary {
        cell: cell.clone(),
        zone: zone(),
        at: NOW,
        sequence,
        slots: BTreeMap::from([(Class(0), vec![count; rungs().len()])]),
        empty: BTreeMap::from([(Class(0), 1)]),
        spot_price: BTreeMap::new(),
    }
}

fn picker() -> Picker {
    let mut p = Picker::new(ShardSettings { size: 3, ..ShardSettings::default() });
    p.set_cells(&zone(), &cells(10));
    cells(10).iter().for_each(|c| assert!(p.hear(summary(c, 1, 100), NOW)));
    p
}

fn launch<'a>(zone: &'a AzName, tried: &'a [CellId]) -> Launch<'a> {
    let size = Room { vcpus: 2, memory_mib: 8192, ..Room::default() };
    Launch { account: Account(5), zone, size, pools: Pools::ANY, count: 1, only: None, tried }
}

#[test]
fn picks_within_the_shard_by_health_and_room() {
    let (mut p, mut rng, z) = (picker(), Rng::new(1), zone());
    let shard = p.shards.assign(Account(5), 0).cells[&z].clone();
    let mut seen: BTreeMap<CellId, u32> = BTreeMap::new();
    for _ in 0..90 {
        *seen.entry(p.pick(&launch(&z, &[]), NOW, &mut rng).unwrap().cell).or_default() += 1;
    }
    assert!(seen.keys().eq(shard.iter()) && seen.values().all(|n| (20..=40).contains(n)), "{seen:?}");
    // What was sent counts until the cell speaks again: 300 of 300 are gone after 210 more.
    (0..210).for_each(|_| drop(p.pick(&launch(&z, &[]), NOW, &mut rng).unwrap()));
    let why = p.pick(&launch(&z, &[]), NOW, &mut rng).unwrap_err();
    assert_eq!((why.cells, why.full, why.impaired), (3, 3, 0));
    assert!(!p.hear(summary(&shard[0], 1, 100), NOW), "an old summary");
    assert!(p.hear(summary(&shard[0], 2, 100), NOW));
    assert_eq!(p.pick(&launch(&z, &[]), NOW, &mut rng).unwrap().cell, shard[0]);
    let why = p.pick(&launch(&z, &shard[..1]), NOW, &mut rng).unwrap_err();
    assert_eq!((why.tried, why.full), (1, 2));
}

#[test]
fn silent_cells_and_closed_zones_get_nothing() {
    let (mut p, mut rng, z) = (picker(), Rng::new(1), zone());
    let shard = p.shards.assign(Account(5), 0).cells[&z].clone();
    let mut now = NOW;
    for step in 1..=5u64 {
        now = TimestampMs(NOW.0 + step * 1000);
        shard[1..].iter().for_each(|c| assert!(p.hear(summary(c, step + 1, 100), now)));
        p.tick(now);
    }
    assert_eq!(p.health(&shard[0]), CellHealth::Impaired);
    (0..50).for_each(|_| assert_ne!(p.pick(&launch(&z, &[]), now, &mut rng).unwrap().cell, shard[0]));
    // One summary is not yet health.
    p.hear(summary(&shard[0], 9, 100), now);
    assert!(p.tick(now).is_empty());
    p.hear(summary(&shard[0], 10, 100), TimestampMs(now.0 + 2000));
    assert_eq!(p.tick(TimestampMs(now.0 + 2000)), [HealthChange { cell: shard[0].clone(), to: CellHealth::Healthy }]);
    p.set_zone_open(&z, false);
    assert!(p.pick(&launch(&z, &[]), now, &mut rng).unwrap_err().zone_closed);
    p.set_zone_open(&z, true);
    assert!(p.pick(&launch(&z, &[]), now, &mut rng).is_ok());
}

#[test]
fn what_is_tied_to_a_cell_goes_there_and_nowhere_else() {
    let (mut p, mut rng, z) = (picker(), Rng::new(1), zone());
    let shard = p.shards.assign(Account(5), 0).cells[&z].clone();
    let tie = cells(10).into_iter().find(|c| !shard.contains(c)).unwrap();
    let tied = Launch { only: Some(&tie), ..launch(&z, &[]) };
    (0..50).for_each(|_| assert_eq!(p.pick(&tied, NOW, &mut rng).unwrap().cell, tie));
    let tried = [tie.clone()];
    let why = p.pick(&Launch { tried: &tried, ..tied.clone() }, NOW, &mut rng).unwrap_err();
    assert_eq!((why.only, why.cells, why.tried), (Some(tie.clone()), 1, 1));
    let elsewhere = "b1".parse().unwrap();
    let why = p.order(&Launch { only: Some(&elsewhere), ..tied }, NOW, &mut rng).unwrap_err();
    assert_eq!(why.cells, 0, "of another zone");
}

#[test]
fn the_order_is_the_shard_and_nothing_else_the_doubtful_after_the_roomy_and_the_silent_last() {
    let (mut p, mut rng, z) = (picker(), Rng::new(1), zone());
    let shard = p.shards.assign(Account(5), 0).cells[&z].clone();
    let names = |p: &mut Picker, l: &Launch, now, rng: &mut Rng| -> Vec<CellId> {
        p.order(l, now, rng).unwrap().into_iter().map(|c| c.cell).collect()
    };
    // Shard, what each cell told (None: nothing new for too long), the standings that come of it.
    use Standing::{Doubtful, Impaired, Roomy};
    for (told, stands) in [
        ([Some(100), Some(100), Some(100)], [Roomy, Roomy, Roomy]),
        ([Some(0), Some(100), Some(3)], [Roomy, Roomy, Doubtful]),
        ([Some(0), Some(0), Some(0)], [Doubtful, Doubtful, Doubtful]),
        ([None, Some(0), Some(9)], [Roomy, Doubtful, Impaired]),
        ([None, None, None], [Impaired, Impaired, Impaired]),
    ] {
        let (mut p, now) = (p.clone(), TimestampMs(NOW.0 + 2 * IMPAIRED_AFTER_MS));
        // Cells that are not the account's are always roomy, and never asked.
        for cell in cells(10) {
            let count = shard.iter().position(|c| *c == cell).map_or(Some(100), |at| told[at]);
            count.iter().for_each(|n| assert!(p.hear(summary(&cell, 2, *n), now)));
        }
        for _ in 0..20 {
            let order = p.order(&launch(&z, &[]), now, &mut rng).unwrap();
            assert_eq!(order.iter().map(|c| c.standing).collect::<Vec<_>>(), stands, "{told:?}");
            assert_eq!(order.iter().map(|c| &c.cell).collect::<BTreeSet<_>>(), shard.iter().collect(), "all of the shard");
            let of = |c: &Choice| told[shard.iter().position(|s| *s == c.cell).unwrap()];
            assert!(order.iter().all(|c| (c.standing == Impaired) == of(c).is_none()), "{order:?}");
        }
    }
    // Nothing is counted as sent by asking for an order.
    let before = names(&mut p, &launch(&z, &shard[..2]), NOW, &mut rng);
    assert_eq!(before, shard[2..]);
    assert!(p.order(&launch(&z, &shard), NOW, &mut rng).is_err());
    // A whole shard that is full stays the whole shard.
    shard.iter().for_each(|c| p.sent(c, 2 * 100));
    let order = p.order(&launch(&z, &[]), NOW, &mut rng).unwrap();
    assert!(order.len() == 3 && order.iter().all(|c| c.standing == Doubtful && c.fits == Some(0)));
}

#[test]
fn a_summary_never_tells_more_than_there_is_and_of_the_last_often_nothing() {
    let mut decider = Decider::default();
    (0..20).for_each(|n| assert_eq!(decider.add_host(MIXED.host("a1", n, 20)).0, n));
    let cell = cells(1).remove(0);
    let mut rng = Rng::new(3);
    let size = Room { vcpus: 64, memory_mib: 512 * 1024, ..Room::default() };
    let truth: u32 = decider.hosts().map(|h| decider.free(h).times(size)).sum();
    assert!(truth > 0 && truth <= 16, "{truth}");
    let (mut all, mut none) = (0, 0);
    for n in 0..400 {
        let s = summarise(&decider, &cell, &zone(), n, NOW, &mut rng);
        let told = s.fits(size, Pools::ANY, &rungs());
        assert!(told <= truth);
        all += u32::from(told == truth);
        none += u32::from(told == 0);
    }
    assert!(all > 5 && none > 5, "{all} {none}");
    for n in 0..2000 {
        let request = Request::new(Account(1), size);
        if decider.decide(InstanceId::from_random(n), &request, NOW).is_err() {
            break;
        }
    }
    assert_eq!(summarise(&decider, &cell, &zone(), 1, NOW, &mut rng).fits(size, Pools::ANY, &rungs()), 0);
}
