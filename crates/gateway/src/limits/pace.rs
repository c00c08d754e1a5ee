//! How fast refusals go out: saying no costs as much as a cheap yes, and a client that does not slow down by itself would be
//! told so all day. The first go out at once; further ones wait for their turn, so that a client which keeps its
//! connections gets no more than a number a second on all of them together; those whose turn would be too far off go out
//! with their connection. Pure.

use super::pool::Holder;
use std::collections::HashMap;

/// Refusals that go out at once, and a second after those; of one holder.
const BURST: u64 = 400;
const EVERY_US: u64 = 1_000_000 / 200;
/// As long as a refusal waits for its turn: fewer than there can be connections.
const WAIT_US_MAX: u64 = 5_000_000;
/// Holders that are remembered. Beyond, the one that was quiet for longest is forgotten.
const HOLDERS_MAX: usize = 4096;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    AtOnce,
    /// After so many microseconds.
    After(u64),
    /// The connection is closed behind it.
    Close,
}

/// For each holder, when its next refusal would be due if they came evenly (the "generic cell rate algorithm", ITU-T I.371).
#[derive(Debug, Default)]
pub struct Pacer {
    due_us: HashMap<Holder, u64>,
}

impl Pacer {
    pub fn refuse(&mut self, holder: &Holder, now_us: u64) -> Pace {
        if self.due_us.len() >= HOLDERS_MAX && !self.due_us.contains_key(holder) {
            let quiet = self.due_us.iter().min_by_key(|(h, due)| (**due, *h)).map(|(h, _)| h.clone());
            quiet.and_then(|holder| self.due_us.remove(&holder));
        }
        let due = self.due_us.entry(holder.clone()).or_insert(now_us);
        *due = now_us.max(*due);
        let wait = due.saturating_sub(now_us).saturating_sub((BURST - 1) * EVERY_US);
        if wait > WAIT_US_MAX {
            return Pace::Close;
        }
        *due += EVERY_US;
        if wait == 0 { Pace::AtOnce } else { Pace::After(wait) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND_US: u64 = 1_000_000;

    /// (at once, later, closed; the longest wait in seconds)
    fn count(p: &mut Pacer, holder: &Holder, now_us: u64) -> ([usize; 3], u64) {
        let (mut out, mut longest) = ([0; 3], 0);
        for _ in 0..3000 {
            out[match p.refuse(holder, now_us) {
                Pace::AtOnce => 0,
                Pace::After(us) => {
                    longest = longest.max(us);
                    1
                }
                Pace::Close => 2,
            }] += 1;
        }
        (out, longest / SECOND_US)
    }

    #[test]
    fn a_burst_goes_out_then_they_come_evenly_and_the_rest_are_closed() {
        let mut p = Pacer::default();
        let other = Holder::Account("123456789012".parse().unwrap());
        assert_eq!(count(&mut p, &Holder::Nobody, 0), ([400, 1000, 1600], 5));
        assert_eq!(count(&mut p, &other, 0), ([400, 1000, 1600], 5), "nobody's flood is not this account's");
        assert_eq!(count(&mut p, &Holder::Nobody, SECOND_US), ([0, 200, 2800], 5), "two hundred have gone out since");
        assert_eq!(count(&mut p, &Holder::Nobody, 3600 * SECOND_US), ([400, 1000, 1600], 5));
    }

    #[test]
    fn the_table_is_bounded_and_a_flood_is_not_forgotten() {
        let mut p = Pacer::default();
        count(&mut p, &Holder::Nobody, 0);
        for n in 0..2 * HOLDERS_MAX as u64 {
            p.refuse(&Holder::Account(format!("{n:012}").parse().unwrap()), n);
        }
        assert_eq!(p.due_us.len(), HOLDERS_MAX);
        assert_ne!(p.refuse(&Holder::Nobody, SECOND_US), Pace::AtOnce);
    }
}
