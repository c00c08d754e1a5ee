//! How fast refusals go out: saying no costs as much as a cheap yes, and a client that does not slow down by itself would be
//! told so all day. The first go out at once, further ones after a pause, and beyond a number of paused ones the connection
//! is closed. Pure.

use super::pool::Holder;
use std::collections::HashMap;

/// Refusals that go out at once, of one holder: together and a second.
const BURST: u64 = 400;
const PER_SECOND: u64 = 200;
/// Refusals of one holder that are held back at once.
const HELD_MAX: usize = 128;
/// Holders that are remembered. Beyond, the longest unused is forgotten; those with refusals held back are not.
const HOLDERS_MAX: usize = 4096;
const SECOND_US: u64 = 1_000_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    AtOnce,
    /// [`Pacer::released`] is told when it went out.
    Held,
    /// The connection is closed behind it.
    Close,
}

#[derive(Debug, Default)]
pub struct Pacer {
    holders: HashMap<Holder, Refusals>,
}

#[derive(Debug)]
struct Refusals {
    /// Millionths of a refusal.
    tokens: u64,
    at_us: u64,
    held: usize,
}

impl Pacer {
    pub fn refuse(&mut self, holder: &Holder, now_us: u64) -> Pace {
        if self.holders.len() >= HOLDERS_MAX && !self.holders.contains_key(holder) {
            let idle = self.holders.iter().filter(|(_, r)| r.held == 0);
            if let Some(oldest) = idle.min_by_key(|(h, r)| (r.at_us, *h)).map(|(h, _)| h.clone()) {
                self.holders.remove(&oldest);
            }
        }
        let full = BURST * SECOND_US;
        let refusals = self.holders.entry(holder.clone()).or_insert(Refusals { tokens: full, at_us: now_us, held: 0 });
        let gained = now_us.saturating_sub(refusals.at_us).saturating_mul(PER_SECOND);
        refusals.tokens = refusals.tokens.saturating_add(gained).min(full);
        refusals.at_us = now_us.max(refusals.at_us);
        if let Some(left) = refusals.tokens.checked_sub(SECOND_US) {
            refusals.tokens = left;
            return Pace::AtOnce;
        }
        if refusals.held >= HELD_MAX {
            return Pace::Close;
        }
        refusals.held += 1;
        Pace::Held
    }

    pub fn released(&mut self, holder: &Holder) {
        if let Some(refusals) = self.holders.get_mut(holder) {
            refusals.held = refusals.held.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(p: &mut Pacer, holder: &Holder, now_us: u64) -> [usize; 3] {
        let mut out = [0; 3];
        for _ in 0..1000 {
            out[match p.refuse(holder, now_us) {
                Pace::AtOnce => 0,
                Pace::Held => 1,
                Pace::Close => 2,
            }] += 1;
        }
        out
    }

    #[test]
    fn a_burst_goes_out_then_some_are_held_and_the_rest_closed() {
        let mut p = Pacer::default();
        let other = Holder::Account("123456789012".parse().unwrap());
        assert_eq!(count(&mut p, &Holder::Nobody, 0), [400, 128, 472]);
        assert_eq!(count(&mut p, &other, 0), [400, 128, 472], "nobody's flood is not this account's");
        assert_eq!(count(&mut p, &Holder::Nobody, SECOND_US), [200, 0, 800]);
        (0..128).for_each(|_| p.released(&Holder::Nobody));
        assert_eq!(count(&mut p, &Holder::Nobody, SECOND_US), [0, 128, 872]);
    }

    #[test]
    fn the_table_is_bounded() {
        let mut p = Pacer::default();
        count(&mut p, &Holder::Nobody, 0);
        for n in 0..2 * HOLDERS_MAX as u64 {
            p.refuse(&Holder::Account(format!("{n:012}").parse().unwrap()), n);
        }
        assert_eq!(p.holders.len(), HOLDERS_MAX);
        assert_eq!(p.holders[&Holder::Nobody].held, 128);
    }
}
