//! A small tree of an XML document, with limits, for the decoder: elements, their attributes, their text. Names lose their prefix.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion, escape::resolve_xml_entity};

/// Nesting; S3's deepest document has 8.
pub const DEPTH_MAX: usize = 32;
/// Elements of a document: 10,000 parts of CompleteMultipartUpload have four each at most.
pub const ELEMENTS_MAX: usize = 50_000;
/// Attributes of an element; S3 has two, namespaces included.
const ATTRIBUTES_MAX: usize = 16;

#[derive(Debug, Default)]
pub struct Node {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    /// All of its own text, as written: white space is not trimmed.
    pub text: String,
    pub children: Vec<Node>,
}

impl Node {
    pub fn has_only_elements(&self) -> bool {
        self.text.bytes().all(|b| b.is_ascii_whitespace())
    }
}

/// The root of a well-formed document; `None` for anything else, a document type and entities other than the five included.
pub fn parse(body: &[u8]) -> Option<Node> {
    let text = std::str::from_utf8(body).ok()?;
    let mut reader = Reader::from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
    let config = reader.config_mut();
    config.expand_empty_elements = true;
    config.check_end_names = true;
    config.check_comments = true;
    // A root that no document has holds what is open.
    let mut open = vec![Node::default()];
    let mut elements = 0;
    loop {
        let inside = open.len() > 1;
        let top = open.last_mut()?;
        match reader.read_event().ok()? {
            Event::Start(start) => {
                elements += 1;
                if elements > ELEMENTS_MAX || open.len() > DEPTH_MAX {
                    return None;
                }
                open.push(element(&start)?);
            }
            Event::End(_) if inside => {
                let done = open.pop()?;
                open.last_mut()?.children.push(done);
            }
            Event::Text(t) => {
                let t = t.xml10_content();
                let plain = t.chars().all(is_xml_char);
                if !plain || (!inside && !t.trim_matches(['\u{20}', '\t', '\r', '\n']).is_empty()) {
                    return None;
                }
                top.text.push_str(&t);
            }
            Event::CData(t) if inside && t.chars().all(is_xml_char) => top.text.push_str(&t.xml10_content()),
            Event::GeneralRef(r) if inside => match r.resolve_char_ref().ok()? {
                Some(c) if is_xml_char(c) => top.text.push(c),
                Some(_) => return None,
                None => top.text.push_str(resolve_xml_entity(&r)?),
            },
            Event::Comment(_) | Event::PI(_) => {}
            Event::Decl(_) if !inside && top.children.is_empty() => {}
            Event::Eof if !inside => break,
            _ => return None,
        }
    }
    let mut roots = open.pop()?.children;
    let root = roots.pop()?;
    roots.is_empty().then_some(root)
}

fn element(start: &BytesStart<'_>) -> Option<Node> {
    let mut node = Node { name: start.local_name().as_ref().to_owned(), ..Node::default() };
    if !is_name(&node.name) {
        return None;
    }
    // Counted before anything else: each is compared with all before it.
    for (n, attribute) in start.attributes().enumerate() {
        let attribute = attribute.ok()?;
        let full = attribute.key.as_ref();
        if n == ATTRIBUTES_MAX || !full.split(':').all(is_name) {
            return None;
        }
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
        if !value.chars().all(is_xml_char) {
            return None;
        }
        // Namespaces are not checked: clients leave them out, or write older ones.
        if full == "xmlns" || full.starts_with("xmlns:") {
            continue;
        }
        let local = full.rsplit(':').next().unwrap_or(full);
        node.attributes.push((local.to_owned(), value.into_owned()));
    }
    Some(node)
}

/// Enough of XML's rule for names: S3's own are ASCII.
fn is_name(s: &str) -> bool {
    s.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && s.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

/// XML 1.0, production 2.
fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(n: &Node) -> String {
        let attributes: String = n.attributes.iter().map(|(k, v)| format!("@{k}={v}")).collect();
        let children: Vec<String> = n.children.iter().map(shown).collect();
        format!("{}{attributes}{:?}[{}]", n.name, n.text, children.join(","))
    }

    #[test]
    fn documents() {
        let deep = |n: usize| format!("{}{}", "<a>".repeat(n), "</a>".repeat(n));
        let wide = |n: usize| format!("<r>{}</r>", "<a/>".repeat(n - 1));
        let spaces: String = (0..=ATTRIBUTES_MAX).map(|i| format!(" xmlns:x{i}='u'")).collect();
        let crowded = format!("<a{spaces}/>");
        let (d1, d2, w1, w2) = (deep(DEPTH_MAX), deep(DEPTH_MAX + 1), wide(ELEMENTS_MAX), wide(ELEMENTS_MAX + 1));
        for good in [&d1, &w1] {
            assert!(parse(good.as_bytes()).is_some());
        }
        for (body, wanted) in [
            ("<a/>", Some(r#"a""[]"#)),
            ("\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a> x </a>\n", Some(r#"a" x "[]"#)),
            ("<s:a xmlns:s=\"u\" s:t='&lt;1'><s:b>1</s:b><!-- c --></s:a>", Some(r#"a@t=<1""[b"1"[]]"#)),
            ("<a>&lt;&gt;&amp;&quot;&apos;&#65;&#x42;<![CDATA[<c>]]></a>", Some(r#"a"<>&\"'AB<c>"[]"#)),
            ("<a>\r\n\t&#13;</a>", Some(r#"a"\n\t\r"[]"#)),
            ("", None),
            (" ", None),
            ("text", None),
            ("<a>", None),
            ("<a></b>", None),
            ("</a>", None),
            ("<a/><b/>", None),
            ("<a/>x", None),
            ("x<a/>", None),
            ("<a>&nbsp;</a>", None),
            ("<a>&#0;</a>", None),
            ("<a>&#xD800;</a>", None),
            ("<a>\u{1}</a>", None),
            ("<a>&</a>", None),
            ("<a b/>", None),
            ("<a b='1' b='2'/>", None),
            ("<a b='&x;'/>", None),
            ("<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", None),
            ("<!DOCTYPE a><a/>", None),
            ("<a><?xml version=\"1.0\"?></a>", None),
            ("<a>]]</a", None),
            ("< a/>", None),
            (&crowded, None),
            (&d2, None),
            (&w2, None),
        ] {
            assert_eq!(parse(body.as_bytes()).map(|n| shown(&n)).as_deref(), wanted, "{}", &body[..body.len().min(60)]);
        }
        assert!(parse(b"<a>\xff</a>").is_none());
    }
}
