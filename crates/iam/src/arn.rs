//! ARNs and patterns of ARNs: `arn:partition:service:region:account:resource`, six parts, the last may hold colons.
//!
//! "Each of the six colon-delimited components of the ARN is checked separately and each can include multi-character match
//! wildcards (*) or single-character match wildcards (?)" (IAM User Guide, ARN condition operators; Resource element).

use crate::context::Context;
use crate::error::PolicyError;
use crate::pattern::{Match, Pattern, Piece, Syntax, pieces};

const PARTS: usize = 6;

/// The text of a request's ARN, cut once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ArnText<'a> {
    text: &'a str,
    /// None when there are fewer than six.
    parts: Option<[&'a str; PARTS]>,
}

impl<'a> ArnText<'a> {
    pub fn new(text: &'a str) -> Self {
        let mut cut = text.splitn(PARTS, ':');
        let parts = std::array::from_fn(|_| cut.next());
        let parts = parts.iter().all(Option::is_some).then(|| parts.map(Option::unwrap_or_default));
        Self { text, parts: parts.filter(|p| p[0] == "arn") }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ArnPattern {
    /// `*`
    Any,
    /// The first five parts are plain text: `head` is them with their colons.
    Rooted { head: Box<str>, tail: Pattern },
    /// Six patterns.
    Parts(Box<[Pattern]>),
}

impl ArnPattern {
    /// `*`, or an ARN; one that ends early must end in `*`, which then stands for the missing parts.
    pub fn parse(text: &str, variables: bool) -> Result<Self, PolicyError> {
        let bad = || PolicyError::Resource(text.chars().take(200).collect());
        let mut parts: Vec<Vec<Piece>> = vec![Vec::new()];
        for piece in pieces(text, Syntax { wildcards: true, variables })? {
            let Piece::Text(mut text) = piece else {
                parts.last_mut().ok_or_else(bad)?.push(piece);
                continue;
            };
            while let Some((before, after)) = text.split_once(':').filter(|_| parts.len() < PARTS) {
                push(&mut parts, before);
                parts.push(Vec::new());
                text = after.into();
            }
            push(&mut parts, &text);
        }
        if parts == [[Piece::Many]] {
            return Ok(ArnPattern::Any);
        }
        if parts[0] != [Piece::Text("arn".into())] {
            return Err(bad());
        }
        if parts.len() < PARTS {
            if parts.last().and_then(|p| p.last()) != Some(&Piece::Many) {
                return Err(bad());
            }
            parts.resize(PARTS, vec![Piece::Many]);
        }
        let parts: Vec<Pattern> = parts.into_iter().map(Pattern::from_pieces).collect();
        match parts[..PARTS - 1].iter().map(Pattern::fixed).collect::<Option<Vec<_>>>() {
            Some(fixed) => {
                Ok(ArnPattern::Rooted { head: format!("{}:", fixed.join(":")).into(), tail: parts[PARTS - 1].clone() })
            }
            None => Ok(ArnPattern::Parts(parts.into())),
        }
    }

    pub fn matches(&self, arn: &ArnText, context: &Context) -> Match {
        match self {
            ArnPattern::Any => Match::Yes,
            ArnPattern::Rooted { head, tail } => match arn.text.strip_prefix(&**head) {
                Some(rest) => tail.matches(rest, context),
                None => Match::No,
            },
            ArnPattern::Parts(patterns) => {
                let Some(parts) = &arn.parts else { return Match::No };
                let mut out = Match::Yes;
                for (pattern, part) in patterns.iter().zip(parts) {
                    match pattern.matches(part, context) {
                        Match::Yes => {}
                        Match::No => return Match::No,
                        Match::Unresolved => out = Match::Unresolved,
                    }
                }
                out
            }
        }
    }

    /// The keys of its variables, lower case.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        let parts = match self {
            ArnPattern::Any => &[],
            ArnPattern::Rooted { tail, .. } => std::slice::from_ref(tail),
            ArnPattern::Parts(parts) => &**parts,
        };
        parts.iter().flat_map(Pattern::variables)
    }

    /// The text of a pattern that can only match that.
    pub fn fixed(&self) -> Option<String> {
        match self {
            ArnPattern::Rooted { head, tail } => tail.fixed().map(|t| format!("{head}{t}")),
            _ => None,
        }
    }

    /// The account part, where it is plain text.
    pub fn fixed_account(&self) -> Option<&str> {
        match self {
            ArnPattern::Any => None,
            ArnPattern::Rooted { head, .. } => head.split(':').nth(4),
            ArnPattern::Parts(parts) => parts[4].fixed(),
        }
    }
}

fn push(parts: &mut [Vec<Piece>], text: &str) {
    if let (Some(last), false) = (parts.last_mut(), text.is_empty()) {
        last.push(Piece::Text(text.into()));
    }
}

/// Whether an ARN matches a pattern, as the Resource element and the ARN condition operators match, without variables.
/// A pattern that is not one matches nothing.
pub fn matches(pattern: &str, arn: &str) -> bool {
    ArnPattern::parse(pattern, false).is_ok_and(|p| p.matches(&ArnText::new(arn), &Context::new()) == Match::Yes)
}

/// Whether a text matches a pattern of `*` and `?`, with no regard to colons; no variables.
pub fn text_matches(pattern: &str, text: &str) -> bool {
    let syntax = Syntax { wildcards: true, variables: false };
    Pattern::parse(pattern, syntax).is_ok_and(|p| p.matches(text, &Context::new()) == Match::Yes)
}
