//! A token bucket for each account and what a rate counts. Pure: the caller tells the time and the rates ([`super::rates`]).

use super::rates::{Charge, Rate};
use std::collections::HashMap;
use types::AccountId;

/// Accounts that have buckets at once.
const ACCOUNTS_MAX: usize = 4096;
/// Buckets hold billionths of a token: what a thousandth of a token a second gives in a microsecond.
const TOKEN: u64 = 1_000_000_000;

#[derive(Debug, Default)]
pub struct Throttle {
    accounts: HashMap<AccountId, Account>,
}

#[derive(Debug, Default)]
struct Account {
    /// By the rate's number; those that were used.
    buckets: Vec<(u16, Bucket)>,
    used_us: u64,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: u64,
    at_us: u64,
    rate: Rate,
}

impl Bucket {
    fn fill(&mut self, rate: Rate, now_us: u64) {
        let gained = now_us.saturating_sub(self.at_us).saturating_mul(rate.milli_per_second);
        self.tokens = self.tokens.saturating_add(gained).min(rate.burst.saturating_mul(TOKEN));
        self.at_us = now_us.max(self.at_us);
        self.rate = rate;
    }

    fn is_full(mut self, now_us: u64) -> bool {
        self.fill(self.rate, now_us);
        self.tokens == self.rate.burst.saturating_mul(TOKEN)
    }
}

impl Throttle {
    /// Takes what each charge costs, or nothing at all; then the number of the rate that has too little. Who asks at once for
    /// more than a bucket holds gets it from a full one.
    pub fn admit<'a>(
        &mut self,
        account: &AccountId,
        charges: impl Iterator<Item = &'a Charge> + Clone,
        now_us: u64,
    ) -> Result<(), u16> {
        if !self.accounts.contains_key(account) {
            self.make_room(now_us);
        }
        let held = self.accounts.entry(account.clone()).or_default();
        held.used_us = now_us.max(held.used_us);
        for charge in charges.clone() {
            let at = held.buckets.iter().position(|(n, _)| *n == charge.number).unwrap_or_else(|| {
                let full = charge.rate.burst.saturating_mul(TOKEN);
                held.buckets.push((charge.number, Bucket { tokens: full, at_us: now_us, rate: charge.rate }));
                held.buckets.len() - 1
            });
            let bucket = &mut held.buckets[at].1;
            bucket.fill(charge.rate, now_us);
            if bucket.tokens < charge.cost() {
                return Err(charge.number);
            }
        }
        for charge in charges {
            if let Some((_, bucket)) = held.buckets.iter_mut().find(|(n, _)| *n == charge.number) {
                bucket.tokens = bucket.tokens.saturating_sub(charge.cost());
            }
        }
        Ok(())
    }

    /// A full bucket says nothing that a new one would not; if all accounts have others, the longest unused goes.
    fn make_room(&mut self, now_us: u64) {
        if self.accounts.len() < ACCOUNTS_MAX {
            return;
        }
        self.accounts.retain(|_, a| !a.buckets.iter().all(|(_, b)| b.is_full(now_us)));
        if self.accounts.len() >= ACCOUNTS_MAX
            && let Some(oldest) = self.accounts.iter().min_by_key(|(id, a)| (a.used_us, *id)).map(|(id, _)| id.clone())
        {
            self.accounts.remove(&oldest);
        }
    }
}

impl Charge {
    fn cost(&self) -> u64 {
        self.tokens.min(self.rate.burst).saturating_mul(TOKEN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND_US: u64 = 1_000_000;

    fn account(n: u64) -> AccountId {
        format!("{n:012}").parse().unwrap()
    }

    fn charge(number: u16, milli_per_second: u64, burst: u64, tokens: u64) -> Charge {
        Charge { number, rate: Rate { milli_per_second, burst }, tokens }
    }

    fn admitted(t: &mut Throttle, who: u64, charge: &Charge, now_us: u64) -> usize {
        (0..1000).filter(|_| t.admit(&account(who), [charge].into_iter(), now_us).is_ok()).count()
    }

    #[test]
    fn a_burst_then_the_rate_and_neither_accounts_nor_rates_share() {
        let mut t = Throttle::default();
        let run = charge(1, 50_000, 500, 1);
        assert_eq!(admitted(&mut t, 1, &run, 0), 500);
        assert_eq!(admitted(&mut t, 2, &run, 0), 500);
        assert_eq!(admitted(&mut t, 1, &charge(2, 1000, 3, 1), 0), 3);
        assert_eq!(admitted(&mut t, 1, &run, SECOND_US), 50);
        assert_eq!(admitted(&mut t, 1, &run, SECOND_US / 2), 0, "a clock that goes back gives nothing");
        assert_eq!(admitted(&mut t, 1, &run, 3600 * SECOND_US), 500);
    }

    #[test]
    fn slow_rates_lose_nothing_to_frequent_questions() {
        let mut t = Throttle::default();
        // AWS's AdvertiseByoipCidr: one in ten seconds.
        let slow = charge(1, 100, 1, 1);
        let ok = (0..=100_000).filter(|n| t.admit(&account(1), [&slow].into_iter(), n * 1000).is_ok()).count();
        assert_eq!(ok, 11, "at 0, 10, ... 100 s");
    }

    #[test]
    fn all_charges_or_none() {
        let mut t = Throttle::default();
        let (requests, things) = (charge(1, 1000, 10, 1), charge(2, 1000, 100, 60));
        assert_eq!(t.admit(&account(1), [&requests, &things].into_iter(), 0), Ok(()));
        assert_eq!(t.admit(&account(1), [&requests, &things].into_iter(), 0), Err(2));
        assert_eq!(admitted(&mut t, 1, &requests, 0), 9, "the refused one cost nothing");
        // More than the bucket holds: a full bucket pays.
        let many = charge(2, 1000, 100, 5000);
        assert_eq!(t.admit(&account(1), [&many].into_iter(), 0), Err(2));
        assert_eq!(t.admit(&account(1), [&many].into_iter(), 60 * SECOND_US), Ok(()));
    }

    #[test]
    fn a_rate_that_changes_counts_from_then_on() {
        let mut t = Throttle::default();
        assert_eq!(admitted(&mut t, 1, &charge(1, 10_000, 10, 1), 0), 10);
        assert_eq!(admitted(&mut t, 1, &charge(1, 100_000, 100, 1), SECOND_US), 100);
        assert_eq!(admitted(&mut t, 1, &charge(1, 5000, 5, 1), 100 * SECOND_US), 5);
    }

    #[test]
    fn the_table_is_bounded_and_a_stranger_does_not_free_who_is_limited() {
        let mut t = Throttle::default();
        let one = charge(1, 1, 1, 1);
        for n in 0..2 * ACCOUNTS_MAX as u64 {
            assert!(t.admit(&account(n), [&one].into_iter(), n).is_ok());
            // The first asks all the time and stays out.
            assert_eq!(t.admit(&account(0), [&one].into_iter(), n), Err(1));
        }
        assert_eq!(t.accounts.len(), ACCOUNTS_MAX);
    }
}
