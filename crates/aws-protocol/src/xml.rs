//! XML replies, and the spelling of times in XML and forms.
//!
//! An own writer: it never indents, writes no attributes but the model's, and an element with nothing inside becomes `<x/>`.

use crate::shape::{Encoder, Field, Shape, XmlKind};
use base64::Engine;
use types::TimestampMs;

/// Writes shapes as XML elements inside whatever envelope the caller puts around them.
#[derive(Debug, Default)]
pub struct XmlEncoder {
    out: String,
    /// The members that are open; their item names are needed inside lists.
    open: Vec<&'static Field>,
}

impl XmlEncoder {
    pub fn new() -> Self {
        Self::default()
    }

    /// The elements of a shape, without one around them.
    pub fn inner(shape: &impl Shape) -> String {
        let mut e = Self::new();
        shape.encode(&mut e);
        e.out
    }

    pub fn finish(self) -> String {
        self.out
    }

    fn start(&mut self, name: &str) {
        self.out.push('<');
        self.out.push_str(name);
        self.out.push('>');
    }

    fn end(&mut self, name: &str) {
        // Text is escaped, so a `<name>` at the very end can only be the start tag itself.
        let start = name.len() + 2;
        let empty = self.out.ends_with('>') && {
            let tail = &self.out.as_bytes()[self.out.len().saturating_sub(start)..];
            tail.first() == Some(&b'<') && &tail[1..start - 1] == name.as_bytes()
        };
        if empty {
            self.out.pop();
            self.out.push_str("/>");
        } else {
            self.out.push_str("</");
            self.out.push_str(name);
            self.out.push('>');
        }
    }

    fn item_name(&self) -> &'static str {
        self.open.last().map_or("item", |f| if f.xml_kind == XmlKind::Flattened { f.xml } else { f.xml_item })
    }
}

impl Encoder for XmlEncoder {
    fn begin_structure(&mut self) {}

    fn end_structure(&mut self) {}

    fn begin_member(&mut self, field: &'static Field) {
        match field.xml_kind {
            XmlKind::Element => self.start(field.xml),
            XmlKind::Flattened => {}
            XmlKind::Attribute => {
                // Attributes come first, so the structure's start tag is the last thing written.
                self.out.pop();
                let prefix = field.xml.split_once(':').map_or("", |(prefix, _)| prefix);
                if prefix == "xsi" {
                    self.out.push_str(" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"");
                }
                self.out.push_str(&format!(" {}=\"", field.xml));
            }
        }
        self.open.push(field);
    }

    fn end_member(&mut self, field: &'static Field) {
        self.open.pop();
        match field.xml_kind {
            XmlKind::Element => self.end(field.xml),
            XmlKind::Flattened => {}
            XmlKind::Attribute => self.out.push_str("\">"),
        }
    }

    fn begin_list(&mut self) {}

    fn begin_item(&mut self) {
        self.start(self.item_name());
    }

    fn end_item(&mut self) {
        self.end(self.item_name());
    }

    fn end_list(&mut self) {}

    fn begin_map(&mut self) {}

    fn begin_entry(&mut self, key: &str) {
        self.out.push_str("<entry><key>");
        escape(key, &mut self.out);
        self.out.push_str("</key>");
        self.start("value");
    }

    fn end_entry(&mut self) {
        self.end("value");
        self.out.push_str("</entry>");
    }

    fn end_map(&mut self) {}

    fn string(&mut self, v: &str) {
        if self.open.last().is_some_and(|f| f.xml_kind == XmlKind::Attribute) {
            // A parser turns white space in attributes into spaces, unless it comes as references.
            let mut text = String::new();
            escape(v, &mut text);
            self.out.push_str(&text.replace('\t', "&#9;").replace('\n', "&#10;"));
        } else {
            escape(v, &mut self.out);
        }
    }

    fn boolean(&mut self, v: bool) {
        self.out.push_str(if v { "true" } else { "false" });
    }

    fn long(&mut self, v: i64) {
        self.out.push_str(&v.to_string());
    }

    fn double(&mut self, v: f64) {
        self.out.push_str(&v.to_string());
    }

    fn timestamp(&mut self, v: TimestampMs) {
        self.out.push_str(&format_timestamp(v));
    }

    fn blob(&mut self, v: &[u8]) {
        base64::engine::general_purpose::STANDARD.encode_string(v, &mut self.out);
    }
}

/// Escapes text. What XML 1.0 cannot hold at all (most control characters) becomes U+FFFD; carriage returns are written
/// as references, for a parser would turn them into line feeds.
pub fn escape(v: &str, out: &mut String) {
    // 0xEF begins U+FFFE and U+FFFF, among others. All bytes are looked at, which is faster than to stop early.
    let special = |b: u8| (b < 0x20) | (b == b'&') | (b == b'<') | (b == b'>') | (b == b'"') | (b == 0xef);
    if !v.bytes().fold(false, |any, b| any | special(b)) {
        return out.push_str(v);
    }
    for c in v.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            '\t' | '\n' => out.push(c),
            '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
}

/// The last millisecond of the year 9999.
const LAST_MS: u64 = 253_402_300_799_999;
const DAY_MS: u64 = 86_400_000;

/// `2026-01-01T00:00:00.000Z`. Times past the year 9999 are written as its end.
pub fn write_timestamp(v: TimestampMs, out: &mut String) {
    let ms = v.0.min(LAST_MS);
    let (year, month, day) = date(ms / DAY_MS);
    let of_day = ms % DAY_MS;
    let (hour, minute, second) = (of_day / 3_600_000, of_day / 60_000 % 60, of_day / 1000 % 60);
    let mut text = *b"0000-00-00T00:00:00.000Z";
    for (mut value, end, digits) in
        [(year, 4, 4), (month, 7, 2), (day, 10, 2), (hour, 13, 2), (minute, 16, 2), (second, 19, 2), (of_day % 1000, 23, 3)]
    {
        for at in (end - digits..end).rev() {
            text[at] = b'0' + (value % 10) as u8;
            value /= 10;
        }
    }
    out.push_str(std::str::from_utf8(&text).unwrap_or_default());
}

/// The date of a day since 1970 ("chrono-Compatible Low-Level Date Algorithms", `civil_from_days`, for days that are not
/// negative): years begin in March, so that the leap day is the last.
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (era * 400 + year + u64::from(month <= 2), month, day)
}

pub(crate) fn format_timestamp(v: TimestampMs) -> String {
    let mut out = String::with_capacity(24);
    write_timestamp(v, &mut out);
    out
}

/// RFC 3339, with or without a fraction; not before 1970.
pub(crate) fn parse_timestamp(v: &str) -> Option<TimestampMs> {
    let t: jiff::Timestamp = v.parse().ok()?;
    u64::try_from(t.as_millisecond()).ok().map(TimestampMs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_calendar() {
        let day_after_day = (0..=LAST_MS).step_by(DAY_MS as usize * 97 + 12_345_678);
        for ms in day_after_day.chain([0, 951_782_400_000, 951_868_799_999, 4_107_542_399_999]) {
            // Its times end a day before the year's end.
            let Ok(known) = jiff::Timestamp::from_millisecond(ms as i64) else {
                assert!(ms > LAST_MS - 2 * DAY_MS);
                continue;
            };
            assert_eq!(format_timestamp(TimestampMs(ms)), format!("{known:.3}"), "{ms}");
        }
        for late in [LAST_MS, LAST_MS + 1, u64::MAX] {
            assert_eq!(format_timestamp(TimestampMs(late)), "9999-12-31T23:59:59.999Z");
        }
    }
}
