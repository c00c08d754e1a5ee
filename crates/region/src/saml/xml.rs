//! A tree of an XML document (XML 1.0 with namespaces), as strict as signatures need it, and its exclusive canonical form.
//!
//! Refused: document types (so all entities but the five that XML has), processing instructions, names without a namespace
//! where they claim one, whatever is larger than [`Limits`]. Comments go, and what stood around one is one text.
//! `quick-xml` finds tags and ends; names, namespaces, attributes and characters are checked here.
//!
//! The canonical form is Exclusive XML Canonicalization 1.0 without comments (<https://www.w3.org/TR/xml-exc-c14n/>).

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

const XML: &str = "http://www.w3.org/XML/1998/namespace";
const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

/// What one document may have.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub bytes_max: usize,
    pub elements_max: usize,
    pub depth_max: usize,
}

type Scope = Rc<BTreeMap<String, String>>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    prefix: String,
    pub local: String,
    pub namespace: String,
    pub value: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    Element(Element),
    Text(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    prefix: String,
    pub local: String,
    pub namespace: String,
    /// Sorted by namespace, then name: the canonical order.
    pub attributes: Vec<Attribute>,
    pub children: Vec<Node>,
    /// Prefixes in force here; none stands for the default one.
    scope: Scope,
}

impl Element {
    pub fn is(&self, namespace: &str, local: &str) -> bool {
        self.local == local && self.namespace == namespace
    }

    /// An attribute without a namespace.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|a| a.namespace.is_empty() && a.local == name).map(|a| a.value.as_str())
    }

    pub fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|n| match n {
            Node::Element(e) => Some(e),
            Node::Text(_) => None,
        })
    }

    pub fn all<'a>(&'a self, namespace: &'a str, local: &'a str) -> impl Iterator<Item = &'a Element> {
        self.elements().filter(move |e| e.is(namespace, local))
    }

    /// The one child of that name: none where there are several.
    pub fn only<'a>(&'a self, namespace: &'a str, local: &'a str) -> Option<&'a Element> {
        let mut found = self.all(namespace, local);
        found.next().filter(|_| found.next().is_none())
    }

    /// The text without the space around it; none where there are elements in it.
    pub fn text(&self) -> Option<&str> {
        match self.children.as_slice() {
            [] => Some(""),
            [Node::Text(text)] => Some(text.trim_matches([' ', '\t', '\r', '\n'])),
            _ => None,
        }
    }

    /// This element and all below it.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Element)) {
        visit(self);
        self.elements().for_each(|e| e.walk(visit));
    }

    /// The exclusive canonical form, without `omitted` where that is a child. `inclusive`: the PrefixList of
    /// InclusiveNamespaces, whose prefixes are written wherever they are in force.
    pub fn canonical(&self, inclusive: &[&str], omitted: Option<&Element>) -> String {
        let mut out = String::new();
        self.write(&BTreeMap::new(), inclusive, omitted, &mut out);
        out
    }

    fn write<'a>(
        &'a self,
        above: &BTreeMap<&'a str, &'a str>,
        inclusive: &[&'a str],
        omitted: Option<&Element>,
        out: &mut String,
    ) {
        let name = |prefix: &str, local: &str, out: &mut String| {
            if !prefix.is_empty() {
                out.push_str(prefix);
                out.push(':');
            }
            out.push_str(local);
        };
        let mut used: BTreeSet<&str> = [self.prefix.as_str()].into();
        used.extend(self.attributes.iter().map(|a| a.prefix.as_str()).filter(|p| !p.is_empty()));
        used.extend(inclusive.iter().map(|p| if *p == "#default" { "" } else { p }));
        out.push('<');
        name(&self.prefix, &self.local, out);
        let mut written = above.clone();
        for prefix in used.into_iter().filter(|p| *p != "xml") {
            let uri = self.scope.get(prefix).map_or("", String::as_str);
            if written.get(prefix).copied().unwrap_or_default() != uri {
                written.insert(prefix, uri);
                out.push_str(if prefix.is_empty() { " xmlns" } else { " xmlns:" });
                out.push_str(prefix);
                quoted(uri, out);
            }
        }
        for a in &self.attributes {
            out.push(' ');
            name(&a.prefix, &a.local, out);
            quoted(&a.value, out);
        }
        out.push('>');
        for child in &self.children {
            match child {
                Node::Text(text) => escape(text, &[('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;"), ('\r', "&#xD;")], out),
                Node::Element(e) if omitted.is_some_and(|o| std::ptr::eq(o, e)) => {}
                Node::Element(e) => e.write(&written, inclusive, omitted, out),
            }
        }
        out.push_str("</");
        name(&self.prefix, &self.local, out);
        out.push('>');
    }
}

fn quoted(value: &str, out: &mut String) {
    out.push_str("=\"");
    let table = [('&', "&amp;"), ('<', "&lt;"), ('"', "&quot;"), ('\t', "&#x9;"), ('\n', "&#xA;"), ('\r', "&#xD;")];
    escape(value, &table, out);
    out.push('"');
}

fn escape(text: &str, table: &[(char, &str)], out: &mut String) {
    for c in text.chars() {
        match table.iter().find(|(from, _)| *from == c) {
            Some((_, to)) => out.push_str(to),
            None => out.push(c),
        }
    }
}

/// The root of a document. None: it is not well formed, or not of the kind taken here.
pub fn parse(text: &str, limits: Limits) -> Option<Element> {
    if text.len() > limits.bytes_max {
        return None;
    }
    let mut reader = Reader::from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
    reader.config_mut().check_comments = true;
    let top = Scope::new([(String::new(), String::new()), ("xml".to_owned(), XML.to_owned())].into());
    let (mut open, mut root): (Vec<Element>, Option<Element>) = (Vec::new(), None);
    let (mut count, mut events) = (0, 0_usize);
    loop {
        let event = reader.read_event().ok()?;
        events += 1;
        let closed = match event {
            // A second root.
            Event::Start(_) | Event::Empty(_) if root.is_some() && open.is_empty() => return None,
            Event::Start(start) => {
                count += 1;
                let element = element(&start, open.last().map_or(&top, |e| &e.scope))?;
                open.push(element);
                None
            }
            Event::Empty(start) => {
                count += 1;
                Some(element(&start, open.last().map_or(&top, |e| &e.scope))?)
            }
            Event::End(_) => Some(open.pop()?),
            Event::Text(text) => {
                let text = text.xml10_content();
                // `]]>` ends what never began.
                if text.contains("]]>") {
                    return None;
                }
                append(&mut open, &text)?;
                None
            }
            Event::CData(text) => {
                open.last()?;
                append(&mut open, &text.xml10_content())?;
                None
            }
            Event::GeneralRef(reference) => {
                open.last()?;
                let c = match reference.resolve_char_ref().ok()? {
                    Some(c) => c,
                    None => match &*reference {
                        "lt" => '<',
                        "gt" => '>',
                        "amp" => '&',
                        "apos" => '\'',
                        "quot" => '"',
                        _ => return None,
                    },
                };
                append(&mut open, c.encode_utf8(&mut [0; 4]))?;
                None
            }
            Event::Comment(comment) => comment.chars().all(is_char).then_some(None)?,
            Event::Decl(d) => {
                let utf8 = d.encoding().is_none_or(|e| e.is_ok_and(|e| e.eq_ignore_ascii_case("utf-8")));
                (events == 1 && utf8 && d.version().ok()? == "1.0").then_some(None)?
            }
            Event::PI(_) | Event::DocType(_) => return None,
            Event::Eof => return root.filter(|_| open.is_empty()),
        };
        if count > limits.elements_max || open.len() > limits.depth_max {
            return None;
        }
        if let Some(element) = closed {
            match open.last_mut() {
                Some(above) => above.children.push(Node::Element(element)),
                None => root = Some(element),
            }
        }
    }
}

/// Text in the element that is open; outside of the root only space.
fn append(open: &mut [Element], text: &str) -> Option<()> {
    let Some(element) = open.last_mut() else {
        return text.bytes().all(|b| b" \t\r\n".contains(&b)).then_some(());
    };
    if !text.chars().all(is_char) {
        return None;
    }
    match element.children.last_mut() {
        Some(Node::Text(before)) => before.push_str(text),
        _ if text.is_empty() => {}
        _ => element.children.push(Node::Text(text.to_owned())),
    }
    Some(())
}

/// XML 1.0, production 2.
fn is_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Prefix and name. Letters beyond ASCII are taken as they come: XML 1.0 (fifth edition) allows nearly all of them.
fn split(name: &str) -> Option<(&str, &str)> {
    let part = |p: &str| {
        let first = p.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_' || !c.is_ascii());
        first && p.chars().all(|c| is_char(c) && (c.is_ascii_alphanumeric() || "_-.".contains(c) || !c.is_ascii()))
    };
    match name.split_once(':') {
        Some((prefix, local)) => (part(prefix) && part(local)).then_some((prefix, local)),
        None => part(name).then_some(("", name)),
    }
}

fn element(start: &BytesStart, above: &Scope) -> Option<Element> {
    let (mut declared, mut plain) = (Vec::new(), Vec::new());
    for attribute in start.attributes() {
        let attribute = attribute.ok()?;
        if attribute.value.contains('<') {
            return None;
        }
        let value = attribute.normalized_value(XmlVersion::Explicit1_0).ok()?.into_owned();
        if !value.chars().all(is_char) {
            return None;
        }
        match split(attribute.key.as_ref())? {
            ("", "xmlns") => declared.push((String::new(), value)),
            ("xmlns", prefix) if !value.is_empty() => declared.push((prefix.to_owned(), value)),
            ("xmlns", _) => return None,
            (prefix, local) => plain.push((prefix.to_owned(), local.to_owned(), value)),
        }
    }
    let mut scope = above.clone();
    for (prefix, uri) in declared {
        if prefix == "xmlns" || uri == XMLNS || (prefix == "xml") != (uri == XML) {
            return None;
        }
        Rc::make_mut(&mut scope).insert(prefix, uri);
    }
    let mut attributes = Vec::with_capacity(plain.len());
    for (prefix, local, value) in plain {
        // The default namespace is not for attributes.
        let namespace = if prefix.is_empty() { String::new() } else { scope.get(&prefix)?.clone() };
        attributes.push(Attribute { prefix, local, namespace, value });
    }
    attributes.sort_by(|a, b| (&a.namespace, &a.local).cmp(&(&b.namespace, &b.local)));
    if attributes.windows(2).any(|w| (&w[0].namespace, &w[0].local) == (&w[1].namespace, &w[1].local)) {
        return None;
    }
    let (prefix, local) = split(start.name().as_ref()).map(|(p, l)| (p.to_owned(), l.to_owned()))?;
    let namespace = scope.get(&prefix)?.clone();
    Some(Element { prefix, local, namespace, attributes, children: Vec::new(), scope })
}
