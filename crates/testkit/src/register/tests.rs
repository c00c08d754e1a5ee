//! Good histories are accepted, the classic anomalies are not, and a naive search agrees on thousands of small ones.

use super::*;

type Op = Operation<u32>;

fn op(action: Action<u32>, outcome: Outcome<u32>, called: u64, returned: u64) -> Op {
    Operation { client: 0, action, outcome, called, returned }
}

fn write(value: u32, called: u64, returned: u64) -> Op {
    op(Action::Write { value, condition: Condition::None }, Outcome::Done, called, returned)
}

fn lost(value: u32, called: u64) -> Op {
    op(Action::Write { value, condition: Condition::None }, Outcome::Unknown, called, 0)
}

fn only(value: u32, condition: Condition<u32>, outcome: Outcome<u32>, called: u64, returned: u64) -> Op {
    op(Action::Write { value, condition }, outcome, called, returned)
}

fn read(value: impl Into<Option<u32>>, called: u64, returned: u64) -> Op {
    op(Action::Read, Outcome::Found(value.into()), called, returned)
}

fn remove(outcome: Outcome<u32>, called: u64, returned: u64) -> Op {
    op(Action::Remove, outcome, called, returned)
}

#[test]
fn known_histories() {
    use Condition::{Absent, Matches};
    use Outcome::{ConditionFailed, Done, NothingToMatch, Unknown};
    let rows: Vec<(&str, bool, Vec<Op>)> = vec![
        ("nothing", true, vec![]),
        ("in sequence", true, vec![read(None, 0, 1), write(1, 2, 3), read(1, 4, 5), remove(Done, 6, 7), read(None, 8, 9)]),
        ("a read beside a write: old", true, vec![write(1, 0, 10), read(None, 1, 2)]),
        ("a read beside a write: new", true, vec![write(1, 0, 10), read(1, 1, 2)]),
        ("new, then old again", false, vec![write(1, 0, 10), read(1, 1, 2), read(None, 3, 4)]),
        ("two reads side by side: either", true, vec![write(1, 0, 10), read(1, 1, 5), read(None, 2, 6)]),
        ("two writes, read both ways by two", false, vec![write(1, 0, 10), write(2, 0, 10), read(1, 11, 12), read(2, 13, 14)]),
        ("two writes, either is last", true, vec![write(1, 0, 10), write(2, 0, 10), read(1, 11, 12), read(1, 13, 14)]),
        ("stale read", false, vec![write(1, 0, 1), write(2, 2, 3), read(1, 4, 5)]),
        ("nothing after a write", false, vec![write(1, 0, 1), read(None, 2, 3)]),
        ("a value from nowhere", false, vec![write(1, 0, 1), read(7, 2, 3)]),
        ("a value before it was written", false, vec![read(1, 0, 1), write(1, 2, 3)]),
        ("gone and back", false, vec![write(1, 0, 1), remove(Done, 2, 3), read(1, 4, 5)]),
        ("touching in time is overlapping", true, vec![write(1, 0, 5), read(None, 5, 6)]),
        ("an unknown write is never seen", true, vec![write(1, 0, 1), lost(2, 2), read(1, 3, 4), read(1, 9, 10)]),
        ("an unknown write is seen late", true, vec![write(1, 0, 1), lost(2, 2), read(1, 3, 4), read(2, 90, 91)]),
        ("an unknown write happens once", false, vec![lost(2, 2), read(2, 3, 4), write(3, 5, 6), read(3, 7, 8), read(2, 9, 10)]),
        ("an unknown write is not seen before its call", false, vec![read(2, 0, 1), lost(2, 2)]),
        ("an unknown removal", true, vec![write(1, 0, 1), remove(Unknown, 2, 0), read(1, 3, 4), read(None, 5, 6)]),
        (
            "an unknown removal happens once",
            false,
            vec![write(1, 0, 1), remove(Unknown, 2, 0), read(None, 3, 4), write(2, 5, 6), read(None, 7, 8)],
        ),
        ("one of two creates", true, vec![only(1, Absent, Done, 0, 9), only(2, Absent, ConditionFailed, 0, 9), read(1, 10, 11)]),
        ("both creates", false, vec![only(1, Absent, Done, 0, 9), only(2, Absent, Done, 0, 9)]),
        (
            "both creates, with a removal between",
            true,
            vec![only(1, Absent, Done, 0, 9), only(2, Absent, Done, 0, 9), remove(Done, 3, 4)],
        ),
        ("a create refused without reason", false, vec![only(1, Absent, ConditionFailed, 0, 1), write(2, 2, 3)]),
        ("a create refused because of an unknown write", true, vec![lost(2, 0), only(1, Absent, ConditionFailed, 1, 2)]),
        ("lost update", false, vec![write(1, 0, 1), only(2, Matches(1), Done, 2, 9), only(3, Matches(1), Done, 2, 9)]),
        (
            "one update of two",
            true,
            vec![write(1, 0, 1), only(2, Matches(1), Done, 2, 9), only(3, Matches(1), ConditionFailed, 2, 9), read(2, 10, 11)],
        ),
        ("an update of what is not there", true, vec![only(2, Matches(1), NothingToMatch, 0, 1)]),
        (
            "an update refused for nothing being there, wrongly",
            false,
            vec![write(1, 0, 1), only(2, Matches(1), NothingToMatch, 2, 3)],
        ),
        ("an update refused though it matches", false, vec![write(1, 0, 1), only(2, Matches(1), ConditionFailed, 2, 3)]),
        (
            "an unknown update takes effect only on its match",
            false,
            vec![write(1, 0, 1), write(2, 2, 3), only(3, Matches(1), Unknown, 4, 0), read(3, 5, 6)],
        ),
        ("written twice", false, vec![write(1, 0, 1), write(1, 2, 3)]),
        ("ended before it began", false, vec![write(1, 2, 1)]),
        ("an outcome of another action", false, vec![op(Action::Read, Done, 0, 1)]),
    ];
    for (name, good, history) in rows {
        let verdict = check(None, &history);
        assert_eq!(verdict.is_ok(), good, "{name}: {verdict:?}");
        let mut backwards = history;
        backwards.reverse();
        assert_eq!(check(None, &backwards).is_ok(), good, "{name}, told backwards");
    }
    assert!(check(Some(9), &[read(9, 0, 1)]).is_ok());
    assert!(check(Some(9), &[read(None, 0, 1)]).is_err());
}

#[test]
fn a_violation_tells_what_is_impossible() {
    let text = check(None, &[write(1, 0, 1), write(2, 2, 3), read(1, 4, 5)]).unwrap_err().to_string();
    assert!(text.contains("Found(Some(1))") && text.contains("may have held [Some(2)]") && text.contains("client  0"), "{text}");
}

/// All orders of all subsets that hold the known operations.
fn naive(state: Option<u32>, left: &[Op]) -> bool {
    if left.iter().all(|o| o.outcome == Outcome::Unknown) {
        return true;
    }
    let first_return = left.iter().filter(|o| o.outcome != Outcome::Unknown).map(|o| o.returned).min().unwrap_or(u64::MAX);
    (0..left.len()).any(|n| {
        let mut rest = left.to_vec();
        let o = rest.remove(n);
        // Nobody may come before one that had returned when it was called.
        let next = match effect(&state, &o) {
            Effect::None => return false,
            Effect::Observes => state,
            Effect::Changes(next) => next,
        };
        o.called <= first_return && naive(next, &rest)
    })
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }
}

fn random_history(r: &mut Random) -> Vec<Op> {
    let some = |r: &mut Random| 1 + r.below(5) as u32;
    (1..=2 + r.below(5) as u32)
        .map(|value| {
            let called = r.below(12);
            let returned = called + r.below(6);
            let unknown = r.below(4) == 0;
            let done = if unknown { Outcome::Unknown } else { Outcome::Done };
            match r.below(8) {
                0 | 1 => op(Action::Write { value, condition: Condition::None }, done, called, returned),
                2 => op(Action::Write { value, condition: Condition::Absent }, done, called, returned),
                3 => op(Action::Write { value, condition: Condition::Matches(some(r)) }, done, called, returned),
                4 => op(Action::Remove, done, called, returned),
                5 => only(value, Condition::Absent, Outcome::ConditionFailed, called, returned),
                _ => {
                    let found = Some(some(r)).filter(|v| *v < 5);
                    read(found, called, returned)
                }
            }
        })
        .collect()
}

#[test]
fn agrees_with_a_naive_search() {
    let mut r = Random(11);
    let (mut good, mut bad) = (0, 0);
    for n in 0..20_000 {
        let history = random_history(&mut r);
        let (ours, naive) = (check(None, &history), naive(None, &history));
        assert_eq!(ours.is_ok(), naive, "history {n}: {history:#?}\n{ours:?}");
        if naive { good += 1 } else { bad += 1 }
    }
    assert!(good > 2000 && bad > 2000, "{good} good, {bad} bad");
}

#[test]
fn long_histories_with_many_unknown_calls_are_decided_quickly() {
    // Eight clients write and read; each tenth call has no answer, and half of those took effect.
    let mut history = Vec::new();
    let mut state = None;
    let mut r = Random(3);
    for n in 0..2000u32 {
        let at = u64::from(n) * 10;
        match r.below(20) {
            0 => history.push(lost(n, at)),
            1 => {
                history.push(lost(n, at));
                state = Some(n);
            }
            2..=9 => {
                history.push(write(n, at, at + 9));
                state = Some(n);
            }
            10 => {
                history.push(remove(Outcome::Done, at, at + 9));
                state = None;
            }
            _ => history.push(read(state, at, at + 25)),
        }
    }
    // A read beside the next two writes may have seen what was before: still true.
    assert_eq!(check(None, &history), Ok(()));
    let last = history.iter().rposition(|o| o.action == Action::Read).expect("reads");
    history[last].outcome = Outcome::Found(Some(1_000_000));
    assert!(matches!(check(None, &history), Err(Violation::Impossible { .. })));
}
