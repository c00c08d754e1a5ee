//! Forms (`application/x-www-form-urlencoded`, as a body or a query string): parsed once into a tree, read by shapes.
//!
//! Numbers between dots are list positions: sorted as numbers, gaps allowed. Untrusted input: everything is bounded by
//! [`FormLimits`], and a name that comes twice is refused because two readers could pick different ones.

use crate::error::clip;
use crate::operation::Operation;
use crate::shape::{Decoder, Field};
use crate::{AwsError, xml};
use base64::Engine;
use std::borrow::Cow;
use types::TimestampMs;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormLimits {
    pub bytes_max: usize,
    pub params_max: usize,
    pub depth_max: usize,
}

impl Default for FormLimits {
    fn default() -> Self {
        Self { bytes_max: 1 << 20, params_max: 10_000, depth_max: 12 }
    }
}

/// List positions come before names and are ordered as numbers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Index(u32),
    Name(String),
}

#[derive(Debug, Default)]
struct Node {
    value: Option<String>,
    /// Sorted.
    children: Vec<(Segment, Node)>,
}

/// A parsed form. `Action` and `Version` are kept apart; what belongs to a presigned URL's signature is dropped.
#[derive(Debug, Default)]
pub struct Form {
    pub action: Option<String>,
    pub version: Option<String>,
    root: Node,
}

impl Form {
    pub fn parse(raw: &[u8]) -> Result<Self, AwsError> {
        Self::parse_with(raw, &FormLimits::default())
    }

    pub fn parse_with(raw: &[u8], limits: &FormLimits) -> Result<Self, AwsError> {
        if raw.len() > limits.bytes_max {
            return Err(AwsError::malformed_query_string(format!("The request is longer than {} bytes.", limits.bytes_max)));
        }
        let mut form = Self::default();
        let mut params: Vec<(Vec<Segment>, String)> = Vec::new();
        for pair in raw.split(|b| *b == b'&').filter(|p| !p.is_empty()) {
            if params.len() == limits.params_max {
                return Err(AwsError::malformed_query_string(format!("There are more than {} parameters.", limits.params_max)));
            }
            let eq = pair.iter().position(|b| *b == b'=').unwrap_or(pair.len());
            let name = percent_decode(&pair[..eq])?;
            let value = percent_decode(pair.get(eq + 1..).unwrap_or_default())?;
            let seen = match name.as_str() {
                "Action" => form.action.replace(value),
                "Version" => form.version.replace(value),
                _ if is_signature(&name) => None,
                _ => {
                    params.push((segments(&name, limits)?, value));
                    None
                }
            };
            if seen.is_some() {
                return Err(duplicate(&name));
            }
        }
        form.fill(params)?;
        Ok(form)
    }

    /// A form of paths and values, without action and version.
    pub fn of(parameters: Vec<(String, String)>) -> Result<Self, AwsError> {
        let mut form = Self::default();
        let split = |(path, value): (String, String)| Ok((segments(&path, &FormLimits::default())?, value));
        form.fill(parameters.into_iter().map(split).collect::<Result<_, AwsError>>()?)?;
        Ok(form)
    }

    fn fill(&mut self, mut params: Vec<(Vec<Segment>, String)>) -> Result<(), AwsError> {
        params.sort();
        params.into_iter().try_for_each(|(path, value)| insert(&mut self.root, path, value))
    }

    /// The value of a parameter by its wire path, `Placement.AvailabilityZone`.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.node(path)?.value.as_deref()
    }

    /// Whether there is anything at or under a wire path.
    pub fn has(&self, path: &str) -> bool {
        self.node(path).is_some()
    }

    fn node(&self, path: &str) -> Option<&Node> {
        path.split('.').try_fold(&self.root, |node, segment| node.child(&segment_of(segment)))
    }

    /// Every parameter: its wire path, the path with positions written `N`, and its value.
    pub fn parameters(&self) -> Vec<(String, String, &str)> {
        fn walk<'a>(node: &'a Node, path: &str, normal: &str, out: &mut Vec<(String, String, &'a str)>) {
            if let Some(value) = &node.value {
                out.push((path.to_owned(), normal.to_owned(), value));
            }
            for (segment, child) in &node.children {
                let (a, b): (Cow<'_, str>, &str) = match segment {
                    Segment::Index(i) => (i.to_string().into(), "N"),
                    Segment::Name(n) => (n.as_str().into(), n),
                };
                let dot = if path.is_empty() { "" } else { "." };
                walk(child, &format!("{path}{dot}{a}"), &format!("{normal}{dot}{b}"), out);
            }
        }
        let mut out = Vec::new();
        walk(&self.root, "", "", &mut out);
        out
    }

    /// The wire path of the first parameter that the model does not have.
    pub fn unknown_parameter(&self, operation: &Operation) -> Option<String> {
        let known = |normal: &str, value: &str| {
            // `Tags=` is how the query protocol writes an empty list.
            operation.has_member(normal)
                || (value.is_empty() && {
                    let list = format!("{normal}.");
                    operation.members.iter().any(|m| m.starts_with(&list))
                })
        };
        self.parameters().into_iter().find(|(_, normal, value)| !known(normal, value)).map(|(path, _, _)| path)
    }
}

fn is_signature(name: &str) -> bool {
    let amz = name.get(..6).is_some_and(|p| p.eq_ignore_ascii_case("X-Amz-"));
    amz || matches!(name, "AWSAccessKeyId" | "Signature" | "SignatureVersion" | "SignatureMethod" | "Timestamp" | "Expires")
}

fn duplicate(name: &str) -> AwsError {
    AwsError::malformed_query_string(format!("The parameter {} is given more than once.", clip(name)))
}

fn segment_of(s: &str) -> Segment {
    let digits = !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    match s.parse() {
        Ok(i) if digits => Segment::Index(i),
        _ => Segment::Name(s.to_owned()),
    }
}

fn segments(name: &str, limits: &FormLimits) -> Result<Vec<Segment>, AwsError> {
    let path: Vec<_> = name.split('.').take(limits.depth_max + 1).map(segment_of).collect();
    if path.len() > limits.depth_max {
        return Err(AwsError::malformed_query_string(format!("The parameter {} has too many parts.", clip(name))));
    }
    if path.iter().any(|s| *s == Segment::Name(String::new())) {
        return Err(AwsError::malformed_query_string(format!("The parameter name \"{}\" has an empty part.", clip(name))));
    }
    Ok(path)
}

/// Paths come sorted, so a path's parent is always the last child that was made.
fn insert(root: &mut Node, path: Vec<Segment>, value: String) -> Result<(), AwsError> {
    let mut name = String::new();
    let mut node = root;
    for segment in path {
        match &segment {
            Segment::Index(i) => name.push_str(&format!(".{i}")),
            Segment::Name(n) => name.push_str(&format!(".{n}")),
        }
        if node.children.last().is_none_or(|(s, _)| *s != segment) {
            node.children.push((segment, Node::default()));
        }
        let last = node.children.len() - 1;
        node = &mut node.children[last].1;
    }
    match node.value.replace(value) {
        None => Ok(()),
        Some(_) => Err(duplicate(name.trim_start_matches('.'))),
    }
}

fn percent_decode(raw: &[u8]) -> Result<String, AwsError> {
    let bad = || AwsError::malformed_query_string("The request is not properly percent-encoded.");
    let hex = |b: u8| (b as char).to_digit(16).map(|d| d as u8);
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw.iter().copied();
    while let Some(b) = rest.next() {
        out.push(match b {
            b'+' => b' ',
            b'%' => {
                let mut digit = || rest.next().and_then(hex).ok_or_else(bad);
                digit()? << 4 | digit()?
            }
            b => b,
        });
    }
    String::from_utf8(out).map_err(|_| AwsError::malformed_query_string("A parameter is not UTF-8."))
}

impl Node {
    fn child(&self, segment: &Segment) -> Option<&Node> {
        let i = self.children.binary_search_by(|(s, _)| s.cmp(segment)).ok()?;
        Some(&self.children[i].1)
    }

    /// The numbered children, in order: they come first.
    fn items(&self) -> &[(Segment, Node)] {
        let n = self.children.partition_point(|(s, _)| matches!(s, Segment::Index(_)));
        &self.children[..n]
    }
}

/// Reads shapes from a [`Form`].
pub struct FormDecoder<'a> {
    stack: Vec<Frame<'a>>,
}

struct Frame<'a> {
    node: &'a Node,
    /// What was written to come here from the frame below.
    label: Cow<'a, str>,
    form_item: &'static str,
}

impl<'a> FormDecoder<'a> {
    pub fn new(form: &'a Form) -> Self {
        Self { stack: vec![Frame { node: &form.root, label: "".into(), form_item: "" }] }
    }

    fn top(&self) -> &Frame<'a> {
        // The bottom frame is never left: each `leave` belongs to an `enter`.
        &self.stack[self.stack.len() - 1]
    }

    fn path(&self) -> String {
        self.stack[1..].iter().map(|f| f.label.as_ref()).collect::<Vec<_>>().join(".")
    }

    /// Of the map at hand.
    fn entries(&self) -> &'a [(Segment, Node)] {
        self.top().node.child(&segment_of("entry")).map_or(&[], Node::items)
    }

    fn value(&self) -> Result<&'a str, AwsError> {
        self.top().node.value.as_deref().ok_or_else(|| AwsError::missing_parameter(&self.path()))
    }

    fn parsed<T>(&self, wanted: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, AwsError> {
        let value = self.value()?;
        parse(value).ok_or_else(|| AwsError::invalid_value(&self.path(), value, wanted))
    }
}

impl Decoder for FormDecoder<'_> {
    fn structure(&mut self) -> Result<(), AwsError> {
        Ok(())
    }

    fn enter(&mut self, field: &'static Field) -> bool {
        let Some(node) = self.top().node.child(&segment_of(field.form)) else { return false };
        self.stack.push(Frame { node, label: field.form.into(), form_item: field.form_item });
        true
    }

    fn leave(&mut self) {
        self.stack.pop();
    }

    fn items(&mut self) -> Result<usize, AwsError> {
        let Frame { node, form_item, .. } = self.top();
        let list = if form_item.is_empty() { Some(*node) } else { node.child(&segment_of(form_item)) };
        Ok(list.map_or(0, |l| l.items().len()))
    }

    fn enter_item(&mut self, index: usize) {
        let Frame { node, form_item, .. } = self.top();
        let (list, prefix) = match node.child(&segment_of(form_item)) {
            Some(list) if !form_item.is_empty() => (list, format!("{form_item}.")),
            _ => (*node, String::new()),
        };
        let (segment, node) = &list.items()[index];
        let number = if let Segment::Index(i) = segment { *i } else { 0 };
        self.stack.push(Frame { node, label: format!("{prefix}{number}").into(), form_item: "" });
    }

    /// `Map.entry.1.key` and `Map.entry.1.value`, of the query protocol.
    fn keys(&mut self) -> Result<Vec<String>, AwsError> {
        let key = |(_, entry): &(Segment, Node)| entry.child(&segment_of("key")).and_then(|k| k.value.clone());
        let keys: Option<Vec<_>> = self.entries().iter().map(key).collect();
        keys.ok_or_else(|| AwsError::missing_parameter(&format!("{}.entry.N.key", self.path())))
    }

    fn enter_value(&mut self, index: usize) {
        static ABSENT: Node = Node { value: None, children: Vec::new() };
        let (segment, entry) = &self.entries()[index];
        let number = if let Segment::Index(i) = segment { *i } else { 0 };
        let node = entry.child(&segment_of("value")).unwrap_or(&ABSENT);
        self.stack.push(Frame { node, label: format!("entry.{number}.value").into(), form_item: "" });
    }

    fn string(&mut self) -> Result<String, AwsError> {
        self.value().map(str::to_owned)
    }

    fn boolean(&mut self) -> Result<bool, AwsError> {
        self.parsed("Expected true or false.", |v| match v {
            v if v.eq_ignore_ascii_case("true") => Some(true),
            v if v.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        })
    }

    fn integer(&mut self) -> Result<i32, AwsError> {
        self.parsed("Expected an integer.", |v| v.parse().ok())
    }

    fn long(&mut self) -> Result<i64, AwsError> {
        self.parsed("Expected an integer.", |v| v.parse().ok())
    }

    fn double(&mut self) -> Result<f64, AwsError> {
        self.parsed("Expected a number.", |v| v.parse().ok().filter(|f: &f64| f.is_finite()))
    }

    fn timestamp(&mut self) -> Result<TimestampMs, AwsError> {
        self.parsed("Expected a time such as 2026-01-01T00:00:00.000Z.", xml::parse_timestamp)
    }

    fn blob(&mut self) -> Result<Vec<u8>, AwsError> {
        self.parsed("Expected base64.", decode_base64)
    }
}

/// Line breaks are allowed, as tools wrap long values.
pub(crate) fn decode_base64(v: &str) -> Option<Vec<u8>> {
    let compact: String = v.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    base64::engine::general_purpose::STANDARD.decode(compact).ok()
}
