//! A token bucket for each account and class of requests. Pure: the caller tells the time.
//!
//! The limits are generous: they keep one account's runaway script from starving the others, not a user from working.

use crate::classify::Class;
use std::collections::HashMap;
use types::AccountId;

/// Buckets at once. Beyond, the ones that have been idle longest (and are therefore full) are forgotten.
const BUCKETS_MAX: usize = 4096;
const SECOND_US: u64 = 1_000_000;

#[derive(Debug, Clone, Copy)]
pub struct Limit {
    pub per_second: u64,
    pub burst: u64,
}

pub fn limit(class: Class) -> Limit {
    match class {
        Class::Read => Limit { per_second: 5000, burst: 10_000 },
        Class::Write => Limit { per_second: 500, burst: 2000 },
        Class::Launch => Limit { per_second: 50, burst: 500 },
    }
}

#[derive(Debug, Default)]
pub struct Throttle {
    buckets: HashMap<(AccountId, Class), Bucket>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    /// In millionths of a request.
    micro_tokens: u64,
    at_us: u64,
}

impl Throttle {
    /// Takes one token; false when there is none.
    pub fn admit(&mut self, account: &AccountId, class: Class, now_us: u64) -> bool {
        let limit = limit(class);
        let full = limit.burst * SECOND_US;
        if self.buckets.len() >= BUCKETS_MAX {
            // A bucket that had time to fill up says nothing that a new one would not.
            self.buckets.retain(|_, b| now_us.saturating_sub(b.at_us) < 60 * SECOND_US);
        }
        if self.buckets.len() >= BUCKETS_MAX && !self.buckets.contains_key(&(account.clone(), class)) {
            return true;
        }
        let bucket = self.buckets.entry((account.clone(), class)).or_insert(Bucket { micro_tokens: full, at_us: now_us });
        let gained = now_us.saturating_sub(bucket.at_us).saturating_mul(limit.per_second);
        bucket.micro_tokens = bucket.micro_tokens.saturating_add(gained).min(full);
        bucket.at_us = now_us.max(bucket.at_us);
        match bucket.micro_tokens.checked_sub(SECOND_US) {
            Some(left) => {
                bucket.micro_tokens = left;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_the_rate_and_accounts_do_not_share() {
        let mut t = Throttle::default();
        let (a, b): (AccountId, AccountId) = ("111111111111".parse().unwrap(), "222222222222".parse().unwrap());
        let l = limit(Class::Launch);
        let admitted =
            |t: &mut Throttle, who: &AccountId, now| (0..10_000).filter(|_| t.admit(who, Class::Launch, now)).count() as u64;
        assert_eq!(admitted(&mut t, &a, 0), l.burst);
        assert_eq!(admitted(&mut t, &b, 0), l.burst);
        assert!(t.admit(&a, Class::Read, 0));
        assert_eq!(admitted(&mut t, &a, SECOND_US), l.per_second);
        assert_eq!(admitted(&mut t, &a, SECOND_US / 2), 0, "a clock that goes back gives nothing");
        assert_eq!(admitted(&mut t, &a, 3600 * SECOND_US), l.burst);
    }

    #[test]
    fn the_table_is_bounded() {
        let mut t = Throttle::default();
        for n in 0..2 * BUCKETS_MAX as u64 {
            assert!(t.admit(&format!("{n:012}").parse().unwrap(), Class::Read, n));
        }
        assert!(t.buckets.len() <= BUCKETS_MAX);
    }
}
