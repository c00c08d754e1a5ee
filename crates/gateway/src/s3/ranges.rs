//! Byte ranges and conditional headers (RFC 9110 sections 13 and 14), as S3 reads them. Pure.

use types::TimestampMs;

/// What a `Range` header asks of an object of `bytes`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ranged {
    /// No header, or one that S3 ignores (another unit, several ranges, nonsense).
    Whole,
    Part(std::ops::Range<u64>),
    /// 416 InvalidRange.
    Unsatisfiable,
}

pub fn range(header: Option<&str>, bytes: u64) -> Ranged {
    let Some(spec) = header.and_then(|h| h.trim().strip_prefix("bytes=")) else { return Ranged::Whole };
    let Some((first, last)) = spec.trim().split_once('-') else { return Ranged::Whole };
    let (first, last) = (first.trim(), last.trim());
    let number = |s: &str| {
        if s.is_empty() || !s.bytes().all(|b| b.is_ascii_digit()) { None } else { Some(s.parse().unwrap_or(u64::MAX)) }
    };
    match (first.is_empty(), number(first), number(last)) {
        (true, _, Some(0)) => Ranged::Unsatisfiable,
        (true, _, Some(_)) if bytes == 0 => Ranged::Unsatisfiable,
        (true, _, Some(suffix)) => Ranged::Part(bytes.saturating_sub(suffix)..bytes),
        (false, Some(first), _) if first >= bytes && (last.is_empty() || number(last).is_some_and(|l| l >= first)) => {
            Ranged::Unsatisfiable
        }
        (false, Some(first), None) if last.is_empty() => Ranged::Part(first..bytes),
        (false, Some(first), Some(last)) if last >= first => Ranged::Part(first..last.saturating_add(1).min(bytes)),
        _ => Ranged::Whole,
    }
}

/// The strict form of UploadPartCopy: `bytes=first-last` within the source, both given.
pub fn copy_range(header: &str, bytes: u64) -> Option<std::ops::Range<u64>> {
    let (first, last) = header.strip_prefix("bytes=")?.split_once('-')?;
    let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
    (first <= last && last < bytes).then(|| first..last + 1)
}

/// The four conditional headers, as sent.
#[derive(Debug, Clone, Copy, Default)]
pub struct Conditions<'a> {
    pub if_match: Option<&'a str>,
    pub if_none_match: Option<&'a str>,
    pub if_modified_since: Option<TimestampMs>,
    pub if_unmodified_since: Option<TimestampMs>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Go,
    /// 304 for reads; a copy's source answers 412 instead.
    NotModified,
    /// 412.
    Failed,
}

impl Conditions<'_> {
    /// RFC 9110 section 13.2.2: If-Match wins over If-Unmodified-Since, If-None-Match over If-Modified-Since. Times are
    /// compared in whole seconds, as the headers have no more.
    pub fn check(&self, etag: &str, modified: TimestampMs) -> Verdict {
        let seconds = |t: TimestampMs| t.0 / 1000;
        match (self.if_match, self.if_unmodified_since) {
            (Some(tags), _) if !names(tags, etag) => return Verdict::Failed,
            (None, Some(t)) if seconds(modified) > seconds(t) => return Verdict::Failed,
            _ => {}
        }
        match (self.if_none_match, self.if_modified_since) {
            (Some(tags), _) if names(tags, etag) => Verdict::NotModified,
            (None, Some(t)) if seconds(modified) <= seconds(t) => Verdict::NotModified,
            _ => Verdict::Go,
        }
    }
}

/// Does a list of entity tags name this one? Quotes are optional, as S3's clients leave them out.
pub fn names(tags: &str, etag: &str) -> bool {
    tags.split(',').map(str::trim).any(|t| t == "*" || unquoted(t) == etag)
}

pub fn unquoted(tag: &str) -> &str {
    let tag = tag.trim().strip_prefix("W/").unwrap_or(tag.trim());
    tag.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(tag)
}

/// An HTTP date (RFC 9110 section 5.6.7) or ISO 8601, which some clients send.
pub fn http_date(text: &str) -> Option<TimestampMs> {
    let text = text.trim();
    let ms = jiff::fmt::rfc2822::parse(text)
        .map(|z| z.timestamp())
        .ok()
        .or_else(|| text.parse::<jiff::Timestamp>().ok())
        .or_else(|| {
            let civil = ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"]
                .iter()
                .find_map(|f| jiff::civil::DateTime::strptime(f, text).ok())?;
            Some(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
        })?
        .as_millisecond();
    u64::try_from(ms).ok().map(TimestampMs)
}

/// `Wed, 21 Oct 2015 07:28:00 GMT`
pub fn format_http_date(t: TimestampMs) -> String {
    timestamp(t).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

pub fn timestamp(t: TimestampMs) -> jiff::Timestamp {
    i64::try_from(t.0).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok()).unwrap_or(jiff::Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        use Ranged::*;
        for (header, bytes, wanted) in [
            ("bytes=0-4", 10, Part(0..5)),
            ("bytes=4-", 10, Part(4..10)),
            ("bytes=-3", 10, Part(7..10)),
            ("bytes=-30", 10, Part(0..10)),
            ("bytes=5-100", 10, Part(5..10)),
            ("bytes=9-9", 10, Part(9..10)),
            ("bytes=10-", 10, Unsatisfiable),
            ("bytes=10-12", 10, Unsatisfiable),
            ("bytes=-0", 10, Unsatisfiable),
            ("bytes=-1", 0, Unsatisfiable),
            ("bytes=0-", 0, Unsatisfiable),
            ("bytes=40-50", 10, Unsatisfiable),
            ("bytes=5-2", 10, Whole),
            ("bytes=0-1,4-5", 10, Whole),
            ("bytes=a-b", 10, Whole),
            ("bytes=-", 10, Whole),
            ("lines=0-1", 10, Whole),
            ("bytes=0-99999999999999999999999", 10, Part(0..10)),
        ] {
            assert_eq!(range(Some(header), bytes), wanted, "{header} of {bytes}");
        }
        assert_eq!(range(None, 5), Whole);
        for (header, wanted) in
            [("bytes=0-4", Some(0..5)), ("bytes=0-10", None), ("bytes=3-", None), ("bytes=4-3", None), ("0-4", None)]
        {
            assert_eq!(copy_range(header, 10), wanted, "{header}");
        }
    }

    #[test]
    fn conditions_in_their_order() {
        use Verdict::*;
        let at = TimestampMs(1_000_500);
        let time = |s: u64| Some(TimestampMs(s * 1000));
        for (if_match, if_none_match, since, unmodified, wanted) in [
            (None, None, None, None, Go),
            (Some("\"e\""), None, None, None, Go),
            (Some("e"), None, None, None, Go),
            (Some("*"), None, None, None, Go),
            (Some("\"x\", \"e\""), None, None, None, Go),
            (Some("\"x\""), None, None, None, Failed),
            (None, Some("\"e\""), None, None, NotModified),
            (None, Some("\"x\""), time(2000), None, Go),
            (None, None, time(1000), None, NotModified),
            (None, None, time(999), None, Go),
            (None, None, None, time(999), Failed),
            (None, None, None, time(1000), Go),
            (Some("\"e\""), None, None, time(1), Go),
            (Some("\"e\""), Some("\"e\""), None, None, NotModified),
        ] {
            let c = Conditions { if_match, if_none_match, if_modified_since: since, if_unmodified_since: unmodified };
            assert_eq!(c.check("e", at), wanted, "{c:?}");
        }
    }

    #[test]
    fn dates() {
        for text in [
            "Wed, 21 Oct 2015 07:28:00 GMT",
            "2015-10-21T07:28:00Z",
            "Wednesday, 21-Oct-15 07:28:00 GMT",
            "Wed Oct 21 07:28:00 2015",
        ] {
            assert_eq!(http_date(text), Some(TimestampMs(1_445_412_480_000)), "{text}");
        }
        assert_eq!(http_date("yesterday"), None);
        assert_eq!(format_http_date(TimestampMs(1_445_412_480_999)), "Wed, 21 Oct 2015 07:28:00 GMT");
    }
}
