//! Wrong guesses of short secrets (MFA codes, passwords), counted by what was guessed at. In memory and beside the rows, as a
//! refused request takes back what it did to those; a restart forgets, which costs a guesser more than it gives.

use std::collections::BTreeMap;
use types::TimestampMs;

/// Guesses that are taken in a window; a million codes, three of them right, last a guesser years.
const WRONG_MAX: u32 = 10;
const WINDOW_MS: u64 = 5 * 60 * 1000;
/// What has been guessed at and is remembered; past that, the oldest window is forgotten.
const KEPT_MAX: usize = 10_000;

#[derive(Debug, Default)]
pub struct Guesses {
    /// How many, in the window that began then.
    wrong: BTreeMap<String, (u32, TimestampMs)>,
}

impl Guesses {
    /// Whether no more guesses at this are looked at now.
    pub fn blocked(&self, at: &str, now: TimestampMs) -> bool {
        self.wrong.get(at).is_some_and(|(count, began)| *count >= WRONG_MAX && now.0 < began.0.saturating_add(WINDOW_MS))
    }

    pub fn wrong(&mut self, at: &str, now: TimestampMs) {
        if self.wrong.len() >= KEPT_MAX && !self.wrong.contains_key(at) {
            let oldest = self.wrong.iter().min_by_key(|(_, (_, began))| *began).map(|(k, _)| k.clone());
            oldest.map(|k| self.wrong.remove(&k));
        }
        let entry = self.wrong.entry(at.to_owned()).or_insert((0, now));
        if now.0 >= entry.1.0.saturating_add(WINDOW_MS) {
            *entry = (0, now);
        }
        entry.0 += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_in_a_window() {
        let mut g = Guesses::default();
        for n in 0..u64::from(WRONG_MAX) {
            assert!(!g.blocked("a", TimestampMs(n)));
            g.wrong("a", TimestampMs(n));
        }
        assert!(g.blocked("a", TimestampMs(WINDOW_MS - 1)) && !g.blocked("b", TimestampMs(0)));
        assert!(!g.blocked("a", TimestampMs(WINDOW_MS)));
        g.wrong("a", TimestampMs(WINDOW_MS));
        assert!(!g.blocked("a", TimestampMs(WINDOW_MS)));
        (0..2 * KEPT_MAX).for_each(|n| g.wrong(&n.to_string(), TimestampMs(n as u64)));
        assert_eq!(g.wrong.len(), KEPT_MAX);
    }
}
