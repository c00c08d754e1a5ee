//! Text with wildcards and policy variables, compiled once and matched against values of a request.
//!
//! `*` is any run of characters, `?` any one. `${key}` stands for the value of a condition key, taken literally;
//! `${key, 'default'}` has a default, `${*}`, `${?}` and `${$}` are the characters themselves (IAM User Guide, "Variables
//! and tags"). Called by `arn`, `action` and `condition`.

use crate::context::Context;
use crate::error::PolicyError;
use crate::glob::{self, Atom};
use std::borrow::Cow;

/// What may be special in a text.
#[derive(Debug, Clone, Copy)]
pub struct Syntax {
    pub wildcards: bool,
    pub variables: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    Yes,
    No,
    /// A variable has no value in this request.
    Unresolved,
}

impl Match {
    pub fn from_bool(b: bool) -> Self {
        if b { Match::Yes } else { Match::No }
    }

    /// The best of several: one Yes is Yes.
    pub fn any(matches: impl Iterator<Item = Match>) -> Match {
        let mut out = Match::No;
        for m in matches {
            match m {
                Match::Yes => return Match::Yes,
                Match::Unresolved => out = Match::Unresolved,
                Match::No => {}
            }
        }
        out
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    Text(Box<str>),
    One,
    Many,
    Variable { key: Box<str>, default: Option<Box<str>> },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pattern {
    Any,
    Exact(Box<str>),
    Prefix(Box<str>),
    Glob(Box<[Piece]>),
}

impl Piece {
    fn atom<'a>(&'a self, context: &'a Context) -> Atom<'a> {
        match self {
            Piece::Text(t) => Atom::Text(t),
            Piece::One => Atom::One,
            Piece::Many => Atom::Many,
            Piece::Variable { .. } => Atom::Text(self.value(context).unwrap_or_default()),
        }
    }

    /// The value of a variable, the text of a text.
    fn value<'a>(&'a self, context: &'a Context) -> Option<&'a str> {
        match self {
            Piece::Text(t) => Some(t),
            Piece::Variable { key, default } => context.single(key).or(default.as_deref()),
            Piece::One | Piece::Many => None,
        }
    }
}

impl Pattern {
    pub fn parse(text: &str, syntax: Syntax) -> Result<Self, PolicyError> {
        Ok(Self::from_pieces(pieces(text, syntax)?))
    }

    pub fn from_pieces(mut pieces: Vec<Piece>) -> Self {
        match &mut pieces[..] {
            [] => Pattern::Exact("".into()),
            [Piece::Many] => Pattern::Any,
            [Piece::Text(t)] => Pattern::Exact(std::mem::take(t)),
            [Piece::Text(t), Piece::Many] => Pattern::Prefix(std::mem::take(t)),
            _ => Pattern::Glob(pieces.into()),
        }
    }

    pub fn matches(&self, text: &str, context: &Context) -> Match {
        match self {
            Pattern::Any => Match::Yes,
            Pattern::Exact(t) => Match::from_bool(**t == *text),
            Pattern::Prefix(t) => Match::from_bool(text.starts_with(&**t)),
            Pattern::Glob(pieces) => {
                if pieces.iter().any(|p| matches!(p, Piece::Variable { .. }) && p.value(context).is_none()) {
                    return Match::Unresolved;
                }
                Match::from_bool(glob::matches(pieces.len(), |i| pieces[i].atom(context), text))
            }
        }
    }

    /// The text with variables replaced; none when one has no value. For patterns without wildcards.
    pub fn resolve<'a>(&'a self, context: &'a Context) -> Option<Cow<'a, str>> {
        match self {
            Pattern::Exact(t) => Some(Cow::Borrowed(t)),
            Pattern::Glob(pieces) => pieces.iter().map(|p| p.value(context)).collect::<Option<String>>().map(Cow::Owned),
            Pattern::Any | Pattern::Prefix(_) => None,
        }
    }

    /// The plain text that every match begins with; all of it for a pattern without wildcards.
    pub fn leading_text(&self) -> Option<&str> {
        match self {
            Pattern::Exact(t) | Pattern::Prefix(t) => Some(t),
            Pattern::Glob(pieces) => {
                if let Some(Piece::Text(t)) = pieces.first() {
                    Some(t)
                } else {
                    None
                }
            }
            Pattern::Any => None,
        }
    }

    /// The keys of its variables, lower case.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        let pieces = if let Pattern::Glob(pieces) = self { &**pieces } else { &[] };
        pieces.iter().filter_map(|p| if let Piece::Variable { key, .. } = p { Some(&**key) } else { None })
    }

    /// The text of a pattern that can only match that.
    pub fn fixed(&self) -> Option<&str> {
        if let Pattern::Exact(t) = self { Some(t) } else { None }
    }
}

/// Cuts a text into pieces; adjacent stars are one.
pub fn pieces(text: &str, syntax: Syntax) -> Result<Vec<Piece>, PolicyError> {
    let mut out = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    let flush = |plain: &mut String, out: &mut Vec<Piece>| {
        if !plain.is_empty() {
            out.push(Piece::Text(std::mem::take(plain).into()));
        }
    };
    while let Some(c) = rest.chars().next() {
        if syntax.wildcards && c == '*' {
            flush(&mut plain, &mut out);
            if out.last() != Some(&Piece::Many) {
                out.push(Piece::Many);
            }
        } else if syntax.wildcards && c == '?' {
            flush(&mut plain, &mut out);
            out.push(Piece::One);
        } else if let Some(inner) = rest.strip_prefix("${").filter(|_| syntax.variables) {
            let (piece, after) = variable(inner).ok_or_else(|| PolicyError::Variable(text.chars().take(200).collect()))?;
            match piece {
                Piece::Text(t) => plain.push_str(&t),
                piece => {
                    flush(&mut plain, &mut out);
                    out.push(piece);
                }
            }
            rest = after;
            continue;
        } else {
            plain.push(c);
        }
        rest = &rest[c.len_utf8()..];
    }
    flush(&mut plain, &mut out);
    Ok(out)
}

/// What follows `${`: the piece and the text after the closing brace.
fn variable(inner: &str) -> Option<(Piece, &str)> {
    for special in ["*", "?", "$"] {
        if let Some(after) = inner.strip_prefix(special).and_then(|r| r.strip_prefix('}')) {
            return Some((Piece::Text(special.into()), after));
        }
    }
    let end = inner.find(['}', ','])?;
    let key = inner[..end].trim();
    if key.is_empty() || key.contains(['$', '{', '\'', '*', '?']) {
        return None;
    }
    let (default, after) = if inner[end..].starts_with(',') {
        let quoted = inner[end + 1..].trim_start().strip_prefix('\'')?;
        let (default, after) = quoted.split_once('\'')?;
        (Some(default.into()), after.trim_start().strip_prefix('}')?)
    } else {
        (None, &inner[end + 1..])
    };
    Some((Piece::Variable { key: key.to_ascii_lowercase().into(), default }, after))
}
