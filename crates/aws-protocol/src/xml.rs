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
pub(crate) fn escape(v: &str, out: &mut String) {
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

/// `2026-01-01T00:00:00.000Z`. Times past the year 9999 are written as its end.
pub(crate) fn format_timestamp(v: TimestampMs) -> String {
    let ms = i64::try_from(v.0).unwrap_or(i64::MAX);
    let t = jiff::Timestamp::from_millisecond(ms).unwrap_or(jiff::Timestamp::MAX);
    format!("{t:.3}")
}

/// RFC 3339, with or without a fraction; not before 1970.
pub(crate) fn parse_timestamp(v: &str) -> Option<TimestampMs> {
    let t: jiff::Timestamp = v.parse().ok()?;
    u64::try_from(t.as_millisecond()).ok().map(TimestampMs)
}
