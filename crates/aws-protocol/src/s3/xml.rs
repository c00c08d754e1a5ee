//! XML bodies, read strictly and written in full.
//!
//! Strict as S3's schema validation is: an element that the model does not have, one that is there twice, one that is missing,
//! a value outside of an enumeration are all `MalformedXML`, without a word about where. Namespaces are not looked at.

use super::tree::{self, Node};
use super::{NAMESPACE, envelope, errors};
use crate::shape::{Decoder, Field, Shape, XmlKind};
use crate::{AwsError, XmlEncoder, form, xml};
use types::TimestampMs;

/// Reads a request's body, whose root must be one of `roots`. The caller limits its size.
///
/// # Errors
/// `MissingRequestBodyError` for an empty body, else `MalformedXML`; for an access control list `MalformedACLError`.
pub fn decode_xml<T: Shape>(roots: &[&str], body: &[u8]) -> Result<T, AwsError> {
    let malformed = || if roots.contains(&"AccessControlPolicy") { errors::malformed_acl() } else { errors::malformed_xml() };
    if body.trim_ascii().is_empty() {
        return Err(errors::missing_request_body());
    }
    let root = tree::parse(body).ok_or_else(malformed)?;
    if !roots.contains(&root.name.as_str()) {
        return Err(malformed());
    }
    let mut d = XmlDecoder::new(&root);
    let value = T::decode(&mut d).map_err(|_| malformed())?;
    if d.finish() { Ok(value) } else { Err(malformed()) }
}

/// A reply's body.
pub fn encode_xml<T: Shape>(root: &str, v: &T) -> String {
    let inner = XmlEncoder::inner(v);
    let open = format!("{}<{root} xmlns=\"{NAMESPACE}\"", envelope::XML_HEADER);
    if inner.is_empty() { open + "/>" } else { format!("{open}>{inner}</{root}>") }
}

/// One element of a reply whose parts are not in the order of its shape.
pub fn encode_element<T: Shape>(name: &str, v: &T) -> String {
    format!("<{name}>{}</{name}>", XmlEncoder::inner(v))
}

/// Where a decoder stands.
enum At<'a> {
    Element {
        node: &'a Node,
        /// How many of the node's children belong to members that were entered; `None` if they do not have to add up.
        known: Option<usize>,
    },
    /// The items of a flattened list.
    Group(Vec<&'a Node>),
    Attribute(&'a str),
}

struct Stand<'a> {
    at: At<'a>,
    /// What the value may be.
    field: Option<&'static Field>,
}

/// Reads shapes from the tree of a document. What is wrong in passing ([`Decoder::enter`] cannot fail) is remembered for `finish`.
struct XmlDecoder<'a> {
    stack: Vec<Stand<'a>>,
    wrong: bool,
}

impl<'a> XmlDecoder<'a> {
    fn new(root: &'a Node) -> Self {
        Self { stack: vec![Stand { at: At::Element { node: root, known: None }, field: None }], wrong: false }
    }

    /// Whether everything in the document was understood and nothing was missing.
    fn finish(mut self) -> bool {
        while !self.stack.is_empty() {
            self.leave();
        }
        !self.wrong
    }

    fn top(&self) -> &Stand<'a> {
        // The root is only left by `finish`.
        &self.stack[self.stack.len() - 1]
    }

    fn scalar(&mut self) -> Result<&'a str, AwsError> {
        match self.top().at {
            At::Element { node, .. } if node.children.is_empty() => Ok(&node.text),
            At::Attribute(text) => Ok(text),
            _ => Err(errors::malformed_xml()),
        }
    }

    fn parsed<T>(&mut self, parse: impl Fn(&str) -> Option<T>) -> Result<T, AwsError> {
        parse(self.scalar()?.trim()).ok_or_else(errors::malformed_xml)
    }
}

impl<'a> Decoder for XmlDecoder<'a> {
    fn structure(&mut self) -> Result<(), AwsError> {
        match self.stack.last_mut().map(|s| &mut s.at) {
            Some(At::Element { node, known }) if node.has_only_elements() => {
                *known = Some(0);
                Ok(())
            }
            _ => Err(errors::malformed_xml()),
        }
    }

    fn enter(&mut self, field: &'static Field) -> bool {
        let Some(Stand { at: At::Element { node, known }, .. }) = self.stack.last_mut() else { return false };
        let node: &'a Node = node;
        let mut found = match field.xml_kind {
            XmlKind::Attribute => {
                let local = field.xml.rsplit(':').next().unwrap_or_default();
                node.attributes.iter().find(|(name, _)| name == local).map(|(_, value)| At::Attribute(value))
            }
            XmlKind::Element | XmlKind::Flattened => {
                let nodes: Vec<&Node> = node.children.iter().filter(|c| c.name == field.xml).collect();
                *known = known.map(|k| k + nodes.len());
                match (field.xml_kind, nodes.as_slice()) {
                    (_, []) => None,
                    (XmlKind::Flattened, _) => Some(At::Group(nodes)),
                    (_, [one]) => Some(At::Element { node: one, known: None }),
                    _ => {
                        self.wrong = true;
                        None
                    }
                }
            }
        };
        self.wrong |= found.is_none() && field.required;
        let at = found.take();
        let entered = at.is_some();
        self.stack.extend(at.map(|at| Stand { at, field: Some(field) }));
        entered
    }

    fn leave(&mut self) {
        if let Some(Stand { at: At::Element { node, known: Some(known) }, .. }) = self.stack.pop() {
            self.wrong |= known != node.children.len();
        }
    }

    fn items(&mut self) -> Result<usize, AwsError> {
        let Stand { at, field } = self.top();
        match at {
            At::Group(nodes) => Ok(nodes.len()),
            At::Element { node, .. } if node.has_only_elements() => {
                let item = field.map_or("", |f| f.xml_item);
                let all = node.children.iter().all(|c| c.name == item);
                if all { Ok(node.children.len()) } else { Err(errors::malformed_xml()) }
            }
            _ => Err(errors::malformed_xml()),
        }
    }

    fn enter_item(&mut self, index: usize) {
        let Stand { at, field } = self.top();
        let node = match at {
            At::Group(nodes) => nodes.get(index).copied(),
            At::Element { node, .. } => node.children.get(index),
            At::Attribute(_) => None,
        };
        let (field, at) = (*field, node.map_or(At::Attribute(""), |node| At::Element { node, known: None }));
        self.stack.push(Stand { at, field });
    }

    /// S3's bodies have no maps.
    fn keys(&mut self) -> Result<Vec<String>, AwsError> {
        Ok(Vec::new())
    }

    fn enter_value(&mut self, _: usize) {}

    fn string(&mut self) -> Result<String, AwsError> {
        let values = self.top().field.map_or(&[][..], |f| f.values);
        let text = self.scalar()?;
        if values.is_empty() {
            return Ok(text.to_owned());
        }
        values.iter().find(|v| **v == text.trim()).map(|v| (*v).to_owned()).ok_or_else(errors::malformed_xml)
    }

    fn boolean(&mut self) -> Result<bool, AwsError> {
        self.parsed(|s| match s {
            _ if s.eq_ignore_ascii_case("true") => Some(true),
            _ if s.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        })
    }

    fn integer(&mut self) -> Result<i32, AwsError> {
        self.parsed(|s| s.parse().ok())
    }

    fn long(&mut self) -> Result<i64, AwsError> {
        self.parsed(|s| s.parse().ok())
    }

    fn double(&mut self) -> Result<f64, AwsError> {
        self.parsed(|s| s.parse().ok().filter(|v: &f64| v.is_finite()))
    }

    /// ISO 8601 with or without a time of day; DeleteObjects has one member in the format of HTTP headers.
    fn timestamp(&mut self) -> Result<TimestampMs, AwsError> {
        self.parsed(|s| {
            // The basic form (20200101) is none of XML Schema's.
            let iso = |zone: &str| if s.contains('-') { xml::parse_timestamp(&format!("{s}{zone}")) } else { None };
            iso("")
                .or_else(|| iso("Z"))
                .or_else(|| iso("T00:00:00Z"))
                .or_else(|| u64::try_from(jiff::fmt::rfc2822::parse(s).ok()?.timestamp().as_millisecond()).ok().map(TimestampMs))
        })
    }

    fn blob(&mut self) -> Result<Vec<u8>, AwsError> {
        self.parsed(form::decode_base64)
    }
}

#[cfg(test)]
mod tests;
