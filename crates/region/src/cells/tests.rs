//! Shards over restarts; what a cell's word does to the order.

use super::*;
use scheduler::region::rungs;
use types::Generation;
use wire::cell::{CellRoom, ClassRoom};

const NOW: TimestampMs = TimestampMs(1_000_000);

fn zone() -> AzName {
    "us-east-1a".parse().unwrap()
}

fn ids(n: usize) -> Vec<CellId> {
    (1..=n).map(|i| format!("a{i}").parse().unwrap()).collect()
}

fn account(n: u32) -> AccountId {
    format!("{n:012}").parse().unwrap()
}

fn cells(of: usize, each: u8) -> Cells {
    Cells::new(&ShardSettings { cells_per_account: each }, vec![(zone(), ids(of))], 1)
}

/// A report that tells of room for `slots` of each size.
pub fn report(cell: &str, slots: Option<u32>, run: u64, sequence: u64) -> CellReport {
    let class = |slots| ClassRoom { class: 0, slots: vec![slots; rungs().len()], empty: 0 };
    CellReport {
        ended_runs: Vec::new(),
        dedicated_hosts_refused: Vec::new(),
        format: wire::FORMAT,
        cell: cell.parse().unwrap(),
        az: zone(),
        applied: Generation(1),
        hosts: Vec::new(),
        instances: Vec::new(),
        balancers: Vec::new(),
        spot_price: None,
        notices: vec![],
        room: slots.map(|n| CellRoom { run, sequence, ladder: LADDER, classes: vec![class(n)] }),
    }
}

fn wanted(count: u32) -> Wanted {
    let size = Capacity { vcpus: 2, memory_mib: 1024, disk_gib: 8 };
    Wanted { first: "i-1".into(), account: account(7), zone: zone(), size, count, only: None }
}

fn order(cells: &mut Cells, wanted: &Wanted) -> Vec<String> {
    cells.order(wanted, NOW).into_iter().map(|c| c.cell.to_string()).collect()
}

#[test]
fn two_of_eight_share_one_at_most_and_a_restart_finds_the_same() {
    let mut first = cells(8, 2);
    let salts: Vec<(AccountId, u32)> = (1..=15).map(|n| (account(n), first.assign(&account(n), 0))).collect();
    let shards: Vec<Vec<CellId>> = salts.iter().map(|(a, _)| first.shard(a, &zone(), NOW)).collect();
    assert_eq!(first.crowded(), 0);
    for (i, a) in shards.iter().enumerate() {
        assert_eq!(a.len(), 2);
        assert!(shards[..i].iter().all(|b| a != b), "{shards:?}");
    }
    assert!(salts.iter().any(|(_, salt)| *salt != 0), "chance alone would have given two the same pair");
    let mut again = cells(8, 2);
    for (account, salt) in &salts {
        assert_eq!(again.assign(account, *salt), *salt);
    }
    assert!(salts.iter().zip(&shards).all(|((a, _), s)| again.shard(a, &zone(), NOW) == *s));
    // An account that came to nothing leaves its place to others.
    for n in 16..=28 {
        again.assign(&account(n), 0);
    }
    let before = again.crowded();
    again.forget(&account(28));
    assert!(again.crowded() <= before && again.shard(&account(28), &zone(), NOW).is_empty());
}

#[test]
fn a_zone_of_few_cells_is_everybodys_and_an_untold_order_is_by_name() {
    let mut c = cells(3, 8);
    assert_eq!(order(&mut c, &wanted(1)), ["a1", "a2", "a3"]);
    assert_eq!(
        c.order(&wanted(1), NOW)[0].why,
        "a1: of the account's cells of us-east-1a (a1, a2, a3), which has not told of its room yet"
    );
    let mut one = cells(1, 8);
    one.hear(&report("a1", Some(0), 1, 1), NOW);
    // Told of nothing, which may be too low: asked all the same.
    assert_eq!(order(&mut one, &wanted(1)), ["a1"]);
    one.hear(&report("a1", Some(9), 1, 2), NOW);
    assert_eq!(one.order(&wanted(1), NOW)[0].why, "a1: the account's only cell of us-east-1a, which told of room for 9");
    let tied = Wanted { only: Some("b9".parse().unwrap()), ..wanted(1) };
    assert!(one.order(&tied, NOW).is_empty(), "of another zone");
}

#[test]
fn the_word_of_a_cell_counts_until_claims_have_used_it_up() {
    let mut c = cells(2, 8);
    c.hear(&report("a1", Some(0), 1, 5), NOW);
    c.hear(&report("a2", Some(4), 1, 5), NOW);
    assert_eq!(order(&mut c, &wanted(4)), ["a2", "a1"]);
    c.sent(&"a2".parse().unwrap(), wanted(1).size, 3);
    assert_eq!(order(&mut c, &wanted(2)), ["a2", "a1"], "both are doubtful, but there is one left");
    c.sent(&"a2".parse().unwrap(), wanted(1).size, 1);
    let none_has_room = |c: &mut Cells| c.order(&wanted(1), NOW).iter().filter(|c| c.why.contains("room for 0 (too low")).count();
    assert_eq!(none_has_room(&mut c), 2);
    // An older word of the same run is not believed, one of a new run is; one in an unknown ladder says nothing.
    c.hear(&report("a2", Some(100), 1, 4), NOW);
    assert_eq!(none_has_room(&mut c), 2);
    c.hear(&report("a2", Some(100), 2, 1), NOW);
    assert_eq!(order(&mut c, &wanted(1)), ["a2", "a1"]);
    let mut other = report("a1", Some(1000), 1, 6);
    other.room.iter_mut().for_each(|r| r.ladder += 1);
    c.hear(&other, NOW);
    assert_eq!(order(&mut c, &wanted(1)), ["a2", "a1"]);
    // Silence puts a cell last, however roomy it was.
    let late = TimestampMs(NOW.0 + IMPAIRED_AFTER_MS + 1);
    c.hear(&report("a1", None, 1, 7), late);
    assert_eq!(c.impaired(late), ["a2".parse().unwrap()]);
    let last = c.order(&wanted(1), late).pop().unwrap();
    assert!(last.cell.as_str() == "a2" && last.why.ends_with("although its reports have stopped"), "{}", last.why);
}
