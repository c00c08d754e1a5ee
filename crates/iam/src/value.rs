//! The typed values of conditions: numbers, dates, address ranges. Text in, values out.

use std::net::{IpAddr, Ipv6Addr};

/// "an integer or decimal value"; no `inf`, `nan` or hexadecimal.
pub fn number(text: &str) -> Option<f64> {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E'));
    text.parse::<f64>().ok().filter(|n| plain && n.is_finite())
}

/// Microseconds since 1970: "one of the W3C implementations of the ISO 8601 date formats or in epoch (UNIX) time", that is
/// `YYYY`, `YYYY-MM`, `YYYY-MM-DD`, `YYYY-MM-DDThh:mm[:ss[.s]]` with `Z` or `±hh:mm`, or seconds (not of four digits: a year).
pub fn date(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if digits && text.len() != 4 {
        return text.parse::<i64>().ok()?.checked_mul(1_000_000);
    }
    let (day, time) = match text.split_once(['T', 't']) {
        Some((day, time)) => (day, Some(time)),
        None => (text, None),
    };
    let mut parts = day.split('-');
    let year = fixed_digits(parts.next()?, 4)?;
    let month = parts.next().map_or(Some(1), |m| fixed_digits(m, 2))?;
    let full = parts.clone().next().is_some();
    let dom = parts.next().map_or(Some(1), |d| fixed_digits(d, 2))?;
    if parts.next().is_some() || (time.is_some() && !full) {
        return None;
    }
    let (year, month, dom) = (i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(dom).ok()?);
    let midnight = jiff::civil::Date::new(year, month, dom).ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    let midnight = midnight.timestamp().as_microsecond();
    midnight.checked_add(time.map_or(Some(0), time_of_day)?)
}

/// Microseconds after midnight, UTC; may be negative or above a day by the offset.
fn time_of_day(text: &str) -> Option<i64> {
    let (clock, offset_minutes) = match text.strip_suffix(['Z', 'z']) {
        Some(clock) => (clock, 0),
        None => {
            let at = text.rfind(['+', '-'])?;
            let (hours, minutes) = text[at + 1..].split_once(':')?;
            let (hours, minutes) = (fixed_digits(hours, 2)?, fixed_digits(minutes, 2)?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            let offset = hours * 60 + minutes;
            (&text[..at], if text[at..].starts_with('-') { -offset } else { offset })
        }
    };
    let mut parts = clock.split(':');
    let (hour, minute) = (fixed_digits(parts.next()?, 2)?, fixed_digits(parts.next()?, 2)?);
    let seconds = parts.next().unwrap_or("00");
    let (second, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    let second = fixed_digits(second, 2)?;
    if parts.next().is_some() || hour > 23 || minute > 59 || second > 59 || fraction.is_empty() {
        return None;
    }
    if !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let micros: String = fraction.chars().chain("000000".chars()).take(6).collect();
    let micros: i64 = micros.parse().ok()?;
    Some(((hour * 60 + minute - offset_minutes) * 60 + second) * 1_000_000 + micros)
}

fn fixed_digits(text: &str, len: usize) -> Option<i64> {
    (text.len() == len && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

/// An address range; host bits are ignored, a lone address is a range of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cidr {
    V4 { net: u32, prefix_bits: u8 },
    V6 { net: u128, prefix_bits: u8 },
}

impl Cidr {
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let bits = |max: u8| match prefix {
            None => Some(max),
            Some(p) if !p.is_empty() && p.len() <= 3 && p.bytes().all(|b| b.is_ascii_digit()) => {
                p.parse().ok().filter(|n| *n <= max)
            }
            Some(_) => None,
        };
        Some(match address.parse().ok()? {
            IpAddr::V4(a) => {
                let prefix_bits = bits(32)?;
                Cidr::V4 { net: u32::from(a) & mask_v4(prefix_bits), prefix_bits }
            }
            IpAddr::V6(a) => {
                let prefix_bits = bits(128)?;
                Cidr::V6 { net: u128::from(a) & mask_v6(prefix_bits), prefix_bits }
            }
        })
    }

    pub fn contains(&self, address: IpAddr) -> bool {
        match (*self, address) {
            (Cidr::V4 { net, prefix_bits }, IpAddr::V4(a)) => u32::from(a) & mask_v4(prefix_bits) == net,
            (Cidr::V6 { net, prefix_bits }, IpAddr::V6(a)) => u128::from(a) & mask_v6(prefix_bits) == net,
            _ => false,
        }
    }
}

fn mask_v4(prefix_bits: u8) -> u32 {
    u32::MAX.checked_shl(32 - u32::from(prefix_bits)).unwrap_or(0)
}

fn mask_v6(prefix_bits: u8) -> u128 {
    u128::MAX.checked_shl(128 - u32::from(prefix_bits)).unwrap_or(0)
}

/// An address of a request; IPv4 in IPv6 (`::ffff:a.b.c.d`) counts as IPv4.
pub fn address(text: &str) -> Option<IpAddr> {
    Some(match text.parse().ok()? {
        IpAddr::V6(a) => Ipv6Addr::to_canonical(&a),
        v4 => v4,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        for (text, want) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("1970-01-01T00:00:01.5Z", Some(1_500_000)),
            ("1970-01-01T01:00+01:00", Some(0)),
            ("1969-12-31T23:00:00-01:00", Some(0)),
            ("1970", Some(0)),
            ("1970-02", Some(31 * 86_400_000_000)),
            ("1970-01-02", Some(86_400_000_000)),
            ("86400", Some(86_400_000_000)),
            ("0", Some(0)),
            ("2020-02-29T00:00:00Z", Some(1_582_934_400_000_000)),
            ("2021-02-29T00:00:00Z", None),
            ("1970-01-01T00:00:00", None),
            ("1970-01T00:00Z", None),
            ("1970-01-01T24:00Z", None),
            ("1970-01-01T00:00:00+24:00", None),
            ("1970-1-1", None),
            ("1970-01-01T00:00:00.Z", None),
            ("1970-01-01-01", None),
            ("99999999999999999999", None),
            ("tomorrow", None),
            ("", None),
        ] {
            assert_eq!(date(text), want, "{text}");
        }
    }

    #[test]
    fn numbers() {
        for (text, want) in [("10", Some(10.0)), ("-1.5", Some(-1.5)), ("1e3", Some(1000.0)), ("+2", Some(2.0))] {
            assert_eq!(number(text), want, "{text}");
        }
        for text in ["", "inf", "nan", "0x10", "1e999", "ten", " 1", "1,5"] {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn ranges() {
        for (range, inside, outside) in [
            ("203.0.113.0/24", "203.0.113.255", "203.0.114.0"),
            ("203.0.113.7/24", "203.0.113.1", "203.0.112.255"),
            ("203.0.113.7", "203.0.113.7", "203.0.113.8"),
            ("0.0.0.0/0", "255.255.255.255", "::1"),
            ("2001:DB8:1234:5678::/64", "2001:db8:1234:5678::9", "2001:db8:1234:5679::"),
            ("::/0", "ffff::", "1.2.3.4"),
            ("10.0.0.0/8", "::ffff:10.1.2.3", "::ffff:11.1.2.3"),
        ] {
            let cidr = Cidr::parse(range).unwrap();
            assert!(cidr.contains(address(inside).unwrap()), "{range} {inside}");
            assert!(!cidr.contains(address(outside).unwrap()), "{range} {outside}");
        }
        for bad in ["", "203.0.113.0/33", "203.0.113/24", "::/129", "1.2.3.4/", "1.2.3.4/+8", "*", "1.2.3.4/8/8"] {
            assert_eq!(Cidr::parse(bad), None, "{bad}");
        }
    }
}
