//! Time-based one-time passwords: RFC 6238 with HMAC-SHA-1, steps of 30 seconds and six digits, as AWS's virtual devices.

use aws_lc_rs::{constant_time, hmac};
use types::TimestampMs;

const STEP_MS: u64 = 30_000;
const DIGITS: usize = 6;

pub fn step_at(now: TimestampMs) -> i64 {
    i64::try_from(now.0 / STEP_MS).unwrap_or(i64::MAX)
}

/// The code of a step, RFC 4226 section 5.3.
pub fn code(seed: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, seed);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let at = usize::from(tag[tag.len() - 1] & 0xf);
    let number = tag[at..at + 4].iter().fold(0_u32, |n, b| n << 8 | u32::from(*b)) & 0x7fff_ffff;
    format!("{:0DIGITS$}", number % 1_000_000)
}

pub fn is_code(text: &str) -> bool {
    text.len() == DIGITS && text.bytes().all(|b| b.is_ascii_digit())
}

fn same(a: &str, b: &str) -> bool {
    constant_time::verify_slices_are_equal(a.as_bytes(), b.as_bytes()).is_ok()
}

/// The step of a code within `window` steps of `around` and past `used`, the nearest first.
pub fn find(seed: &[u8], given: &str, around: i64, window: i64, used: i64) -> Option<i64> {
    let near = (0..=window).flat_map(|d| [around - d, around + d]);
    near.filter(|s| *s > used).find(|s| same(&code(seed, *s), given))
}

/// The step of the second of two codes that follow each other.
pub fn find_pair(seed: &[u8], [first, second]: [&str; 2], around: i64, window: i64, used: i64) -> Option<i64> {
    let near = (0..=window).flat_map(|d| [around - d, around + d]);
    let fits = |s: &i64| same(&code(seed, *s), first) && same(&code(seed, *s + 1), second);
    near.filter(|s| *s > used).find(fits).map(|s| s + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B: the SHA-1 rows, last six digits.
    #[test]
    fn vectors() {
        let seed = b"12345678901234567890";
        for (seconds, want) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(seed, step_at(TimestampMs(seconds * 1000))), want, "{seconds}");
        }
    }

    #[test]
    fn windows() {
        let seed = b"12345678901234567890";
        let (a, b) = (code(seed, 100), code(seed, 101));
        assert_eq!(find_pair(seed, [&a, &b], 103, 10, 0), Some(101));
        assert_eq!(find_pair(seed, [&b, &a], 103, 10, 0), None);
        assert_eq!(find_pair(seed, [&a, &b], 103, 2, 0), None);
        assert_eq!(find_pair(seed, [&a, &b], 103, 10, 100), None);
        assert_eq!(find(seed, &a, 101, 1, 99), Some(100));
        assert_eq!(find(seed, &a, 101, 1, 100), None);
        assert_eq!(find(seed, &a, 102, 1, 0), None);
    }
}
