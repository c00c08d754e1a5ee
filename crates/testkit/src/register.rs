//! Is a history of one key linearizable? A checker for registers with conditional writes: an object's key in S3.
//!
//! It knows operations and times only, no S3. Called by the tests of the object store, a history a key; listings go in as
//! reads of each key that they cover.
//!
//! Wing and Gong's search ("Testing and verifying concurrent objects", 1993) in Lowe's just-in-time order ("Testing for
//! linearizability", 2017): events are walked in time, with the set of all states that the key can be in together with the
//! calls under way that have taken effect already. Three things keep that set small:
//!
//! * What changes nothing (a read, a refused condition) takes effect as soon as a state allows it.
//! * A call whose outcome is unknown may take effect at any time after it was called, or never. It does so only where that
//!   lets another operation happen, and of two ways to the same state only the one that has used up fewer is followed.
//! * Values are unique, so a state is the last write's name.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

/// Ways followed at one event, at most; a history that needs more is [`Violation::Undecided`].
const WAYS_MAX: usize = 200_000;
/// Operations told in a violation's text.
const TOLD_MAX: usize = 40;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Condition<V> {
    None,
    /// There is no value.
    Absent,
    /// This is the value.
    Matches(V),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action<V> {
    /// `value` is written by this operation alone.
    Write {
        value: V,
        condition: Condition<V>,
    },
    Remove,
    Read,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome<V> {
    /// Written or removed.
    Done,
    /// A read's answer.
    Found(Option<V>),
    /// The condition did not hold: there is a value where none may be, or another one than the one to match.
    ConditionFailed,
    /// There was no value to match.
    NothingToMatch,
    /// No answer: it takes effect after its call, or never.
    Unknown,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation<V> {
    pub client: u32,
    pub action: Action<V>,
    pub outcome: Outcome<V>,
    /// Of one monotonic clock, any unit.
    pub called: u64,
    /// Of no meaning when the outcome is unknown.
    pub returned: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation<V> {
    /// No order of effects explains this operation's outcome.
    Impossible {
        operation: Operation<V>,
        /// What the key may have held when it returned, had it not been for this operation.
        possible: Vec<Option<V>>,
        /// The last ones called before it returned, with those that overlapped it.
        around: Vec<Operation<V>>,
    },
    /// Too many orders are possible.
    Undecided { ways: usize },
    /// The history is none: a value written twice, an operation that ended before it began, an outcome of another action.
    Malformed { operation: Operation<V> },
}

impl<V: fmt::Debug> fmt::Display for Violation<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Undecided { ways } => write!(f, "undecided: more than {ways} ways"),
            Self::Malformed { operation } => write!(f, "not a history: {operation:?}"),
            Self::Impossible { operation, possible, around } => {
                writeln!(f, "impossible: {operation:?}\nthe key may have held {possible:?}; what led there:")?;
                around.iter().try_for_each(|o| {
                    let until = if o.outcome.is_unknown() { "?".to_owned() } else { o.returned.to_string() };
                    writeln!(f, "  {:>12} .. {until:>12}  client {:>2}  {:?} -> {:?}", o.called, o.client, o.action, o.outcome)
                })
            }
        }
    }
}

impl<V> Outcome<V> {
    fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }
}

/// What one operation does to a state.
enum Effect<V> {
    /// Its outcome cannot come from this state.
    None,
    /// It fits and changes nothing.
    Observes,
    Changes(Option<V>),
}

fn effect<V: Clone + Ord>(state: &Option<V>, o: &Operation<V>) -> Effect<V> {
    let holds = |condition: &Condition<V>| match condition {
        Condition::None => true,
        Condition::Absent => state.is_none(),
        Condition::Matches(v) => state.as_ref() == Some(v),
    };
    let observes = |fits: bool| if fits { Effect::Observes } else { Effect::None };
    match (&o.action, &o.outcome) {
        (Action::Read, Outcome::Found(v)) => observes(v == state),
        (Action::Write { value, condition }, Outcome::Done | Outcome::Unknown) if holds(condition) => {
            Effect::Changes(Some(value.clone()))
        }
        (Action::Write { condition: Condition::Absent, .. }, Outcome::ConditionFailed) => observes(state.is_some()),
        (Action::Write { condition: Condition::Matches(v), .. }, Outcome::ConditionFailed) => {
            observes(state.as_ref().is_some_and(|s| s != v))
        }
        (Action::Write { condition: Condition::Matches(_), .. }, Outcome::NothingToMatch) => observes(state.is_none()),
        (Action::Remove, Outcome::Done | Outcome::Unknown) => Effect::Changes(None),
        _ => Effect::None,
    }
}

/// One way to be: the state, the calls under way that have taken effect, and the unknown ones that have.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Way<V> {
    state: Option<V>,
    done: BTreeSet<usize>,
    used: BTreeSet<usize>,
}

/// A state, and the calls under way that have taken effect.
type Reached<V> = (Option<V>, BTreeSet<usize>);
/// Unknown calls that have taken effect: the smallest sets of them.
type Used = Vec<BTreeSet<usize>>;

/// Ways by state and calls done; of each only those that used the fewest unknown calls.
struct Ways<V> {
    by_state: BTreeMap<Reached<V>, Used>,
    count: usize,
}

impl<V: Clone + Ord> Ways<V> {
    fn new() -> Self {
        Self { by_state: BTreeMap::new(), count: 0 }
    }

    /// False: a way at least as good is there.
    fn add(&mut self, way: &Way<V>) -> bool {
        let minimal = self.by_state.entry((way.state.clone(), way.done.clone())).or_default();
        if minimal.iter().any(|used| used.is_subset(&way.used)) {
            return false;
        }
        let before = minimal.len();
        minimal.retain(|used| !way.used.is_subset(used));
        self.count = self.count + minimal.len() + 1 - before;
        minimal.push(way.used.clone());
        true
    }

    fn into_vec(self) -> Vec<Way<V>> {
        let of = |((state, done), all): (Reached<V>, Used)| {
            all.into_iter().map(move |used| Way { state: state.clone(), done: done.clone(), used }).collect::<Vec<_>>()
        };
        self.by_state.into_iter().flat_map(of).collect()
    }
}

struct Search<'a, V> {
    history: &'a [Operation<V>],
    /// Called and not returned.
    open: BTreeSet<usize>,
    /// Of those, the ones without an outcome: open for ever.
    unknown: BTreeSet<usize>,
    ways: Vec<Way<V>>,
}

impl<V: Clone + Ord + fmt::Debug> Search<'_, V> {
    /// Everything under way that this state answers takes effect.
    fn absorb(&self, way: &mut Way<V>) {
        for &n in &self.open {
            if !way.done.contains(&n) && matches!(effect(&way.state, &self.history[n]), Effect::Observes) {
                way.done.insert(n);
            }
        }
    }

    /// Can another operation take effect in `state` that could not before? Else an unknown one, `p`, that leads there may as
    /// well wait.
    fn enables(&self, way: &Way<V>, state: &Option<V>, p: usize) -> bool {
        let possible = |state: &Option<V>, n: usize| !matches!(effect(state, &self.history[n]), Effect::None);
        let newly = |n: usize| possible(state, n) && !possible(&way.state, n);
        self.open.iter().any(|n| !way.done.contains(n) && newly(*n))
            || self.unknown.iter().any(|n| *n != p && !way.used.contains(n) && newly(*n))
    }

    fn call(&mut self, n: usize) {
        if self.history[n].outcome.is_unknown() {
            self.unknown.insert(n);
            return;
        }
        self.open.insert(n);
        let mut ways = std::mem::take(&mut self.ways);
        ways.iter_mut().for_each(|w| self.absorb(w));
        self.ways = ways;
    }

    fn ret(&mut self, n: usize) -> Result<(), Violation<V>> {
        let (mut seen, mut kept) = (Ways::new(), Ways::new());
        // Breadth first: few unknown calls before many, so that the many are seen to be no better.
        let mut queue: VecDeque<_> = self.ways.iter().cloned().collect();
        while let Some(way) = queue.pop_front() {
            if way.done.contains(&n) {
                let mut way = way;
                way.done.remove(&n);
                kept.add(&way);
                continue;
            }
            if !seen.add(&way) {
                continue;
            }
            if seen.count + kept.count > WAYS_MAX {
                return Err(Violation::Undecided { ways: WAYS_MAX });
            }
            let known = self.open.iter().filter(|p| !way.done.contains(p)).map(|p| (*p, false));
            let unknown = self.unknown.iter().filter(|p| !way.used.contains(p)).map(|p| (*p, true));
            for (p, is_unknown) in known.chain(unknown) {
                let Effect::Changes(state) = effect(&way.state, &self.history[p]) else { continue };
                if is_unknown && !self.enables(&way, &state, p) {
                    continue;
                }
                let mut next = Way { state, ..way.clone() };
                if is_unknown {
                    next.used.insert(p)
                } else {
                    next.done.insert(p)
                };
                self.absorb(&mut next);
                queue.push_back(next);
            }
        }
        if kept.count == 0 {
            return Err(self.impossible(n));
        }
        self.open.remove(&n);
        self.ways = kept.into_vec();
        Ok(())
    }

    fn impossible(&self, n: usize) -> Violation<V> {
        let operation = self.history[n].clone();
        let possible: BTreeSet<Option<V>> = self.ways.iter().map(|w| w.state.clone()).collect();
        let mut around: Vec<_> = self.history.iter().filter(|o| o.called <= operation.returned).cloned().collect();
        around.sort_by_key(|o| o.called);
        around.drain(..around.len().saturating_sub(TOLD_MAX));
        Violation::Impossible { operation, possible: possible.into_iter().collect(), around }
    }
}

fn fits<V>(o: &Operation<V>) -> bool {
    let kind = match (&o.action, &o.outcome) {
        (Action::Read, Outcome::Found(_)) => true,
        (Action::Write { .. } | Action::Remove, Outcome::Done | Outcome::Unknown) => true,
        (Action::Write { condition, .. }, Outcome::ConditionFailed) => !matches!(condition, Condition::None),
        (Action::Write { condition, .. }, Outcome::NothingToMatch) => matches!(condition, Condition::Matches(_)),
        _ => false,
    };
    kind && (o.outcome.is_unknown() || o.called <= o.returned)
}

/// Checks a key's history, in any order; at first the key held `initial`. Two operations that touch in time overlap.
pub fn check<V: Clone + Ord + fmt::Debug>(initial: Option<V>, history: &[Operation<V>]) -> Result<(), Violation<V>> {
    let mut written = BTreeSet::new();
    for o in history {
        let twice = matches!(&o.action, Action::Write { value, .. } if !written.insert(value));
        if twice || !fits(o) {
            return Err(Violation::Malformed { operation: o.clone() });
        }
    }
    // (time, is a return, operation): at the same time calls come first.
    let mut events: Vec<(u64, bool, usize)> = Vec::new();
    for (n, o) in history.iter().enumerate() {
        events.push((o.called, false, n));
        if !o.outcome.is_unknown() {
            events.push((o.returned, true, n));
        }
    }
    events.sort_unstable();
    let start = Way { state: initial, done: BTreeSet::new(), used: BTreeSet::new() };
    let mut search = Search { history, open: BTreeSet::new(), unknown: BTreeSet::new(), ways: vec![start] };
    for (_, is_return, n) in events {
        if is_return {
            search.ret(n)?;
        } else {
            search.call(n);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
