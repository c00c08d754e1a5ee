//! The Condition element: operators, set operators, `IfExists`, and how they meet the values of a request.
//!
//! Source: IAM User Guide, "Condition operators" and "Multivalued context keys". All clauses of a statement must hold; the
//! values of one clause are alternatives; a negated operator holds when none of them matches. Called by `policy`.

use crate::arn::{ArnPattern, ArnText};
use crate::context::Context;
use crate::error::PolicyError;
use crate::json::Json;
use crate::pattern::{Match, Pattern, Syntax};
use crate::policy::StatementEffect;
use crate::value::{self, Cidr};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::cmp::Ordering;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    StringEquals,
    StringEqualsIgnoreCase,
    StringLike,
    Numeric(Compare),
    Date(Compare),
    Bool,
    Binary,
    IpAddress,
    Arn,
    Null,
}

/// How a value of the request stands to the value in the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compare {
    Equals,
    Less,
    LessEquals,
    Greater,
    GreaterEquals,
}

impl Compare {
    fn holds(self, request_to_policy: Option<Ordering>) -> bool {
        let Some(order) = request_to_policy else { return false };
        match self {
            Compare::Equals => order.is_eq(),
            Compare::Less => order.is_lt(),
            Compare::LessEquals => order.is_le(),
            Compare::Greater => order.is_gt(),
            Compare::GreaterEquals => order.is_ge(),
        }
    }
}

/// Name, kind, negated.
const OPERATORS: &[(&str, Kind, bool)] = &[
    ("StringEquals", Kind::StringEquals, false),
    ("StringNotEquals", Kind::StringEquals, true),
    ("StringEqualsIgnoreCase", Kind::StringEqualsIgnoreCase, false),
    ("StringNotEqualsIgnoreCase", Kind::StringEqualsIgnoreCase, true),
    ("StringLike", Kind::StringLike, false),
    ("StringNotLike", Kind::StringLike, true),
    ("NumericEquals", Kind::Numeric(Compare::Equals), false),
    ("NumericNotEquals", Kind::Numeric(Compare::Equals), true),
    ("NumericLessThan", Kind::Numeric(Compare::Less), false),
    ("NumericLessThanEquals", Kind::Numeric(Compare::LessEquals), false),
    ("NumericGreaterThan", Kind::Numeric(Compare::Greater), false),
    ("NumericGreaterThanEquals", Kind::Numeric(Compare::GreaterEquals), false),
    ("DateEquals", Kind::Date(Compare::Equals), false),
    ("DateNotEquals", Kind::Date(Compare::Equals), true),
    ("DateLessThan", Kind::Date(Compare::Less), false),
    ("DateLessThanEquals", Kind::Date(Compare::LessEquals), false),
    ("DateGreaterThan", Kind::Date(Compare::Greater), false),
    ("DateGreaterThanEquals", Kind::Date(Compare::GreaterEquals), false),
    ("Bool", Kind::Bool, false),
    ("BinaryEquals", Kind::Binary, false),
    ("IpAddress", Kind::IpAddress, false),
    ("NotIpAddress", Kind::IpAddress, true),
    ("ArnEquals", Kind::Arn, false),
    ("ArnLike", Kind::Arn, false),
    ("ArnNotEquals", Kind::Arn, true),
    ("ArnNotLike", Kind::Arn, true),
    ("Null", Kind::Null, false),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Set {
    /// No set operator: one value is expected; of several, any may match, and with a negated operator none may.
    Single,
    ForAll,
    ForAny,
}

#[derive(Debug)]
pub(crate) enum Values {
    /// StringEquals with plain values only, sorted.
    Plain(Vec<Box<str>>),
    /// StringEquals and StringLike.
    Patterns(Vec<Pattern>),
    /// Text without wildcards, compared without case; also Bool.
    NoCase(Vec<Pattern>),
    Numbers(Compare, Vec<f64>),
    Dates(Compare, Vec<i64>),
    Binary(Vec<Vec<u8>>),
    Ranges(Vec<Cidr>),
    Arns(Vec<ArnPattern>),
    /// Null: whether the key must be absent; both when both are given.
    Absent(Vec<bool>),
}

/// One operator on one key.
#[derive(Debug)]
pub(crate) struct Clause {
    pub key: Box<str>,
    pub kind: Kind,
    pub negated: bool,
    pub if_exists: bool,
    pub set: Set,
    pub values: Values,
}

pub(crate) fn read(block: &Json, variables: bool) -> Result<Vec<Clause>, PolicyError> {
    let wanted = "an object of operators, each an object of keys";
    let shape = PolicyError::Shape { element: "Condition", wanted };
    let Json::Object(operators) = block else { return Err(shape) };
    let mut out = Vec::new();
    for (operator, keys) in operators {
        let (set, kind, negated, if_exists) =
            operator_named(operator).ok_or_else(|| PolicyError::Operator(operator.chars().take(200).collect()))?;
        let Json::Object(keys) = keys else { return Err(shape) };
        for (key, values) in keys {
            if key.is_empty() || key.contains(['*', '?', '$']) {
                return Err(PolicyError::ConditionKey(key.chars().take(200).collect()));
            }
            let texts = match values {
                Json::Array(list) => list.iter().map(scalar).collect::<Option<Vec<_>>>(),
                one => scalar(one).map(|t| vec![t]),
            };
            let texts = texts.ok_or(PolicyError::Shape { element: "Condition", wanted: "made of strings" })?;
            let values = compile(kind, operator, &texts, variables)?;
            out.push(Clause { key: key.to_ascii_lowercase().into(), kind, negated, if_exists, set, values });
        }
    }
    Ok(out)
}

fn operator_named(name: &str) -> Option<(Set, Kind, bool, bool)> {
    let (set, rest) = match name.split_once(':') {
        Some(("ForAllValues", rest)) => (Set::ForAll, rest),
        Some(("ForAnyValue", rest)) => (Set::ForAny, rest),
        Some(_) => return None,
        None => (Set::Single, name),
    };
    let (rest, if_exists) = rest.strip_suffix("IfExists").map_or((rest, false), |r| (r, true));
    let (_, kind, negated) = OPERATORS.iter().find(|(n, ..)| *n == rest)?;
    // "You can add IfExists to the end of any condition operator name except the Null condition."
    let plain = set == Set::Single && !if_exists;
    (*kind != Kind::Null || plain).then_some((set, *kind, *negated, if_exists))
}

/// "Quotation marks are optional for numeric and Boolean values."
fn scalar(value: &Json) -> Option<String> {
    match value {
        Json::String(s) | Json::Number(s) => Some(s.clone()),
        Json::Bool(b) => Some(b.to_string()),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

fn compile(kind: Kind, operator: &str, texts: &[String], variables: bool) -> Result<Values, PolicyError> {
    fn each<T>(operator: &str, texts: &[String], f: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, PolicyError> {
        let bad = |t: &String| PolicyError::ConditionValue { operator: operator.into(), value: t.chars().take(200).collect() };
        texts.iter().map(|t| f(t).ok_or_else(|| bad(t))).collect()
    }
    let patterns = |wildcards| {
        let syntax = Syntax { wildcards, variables };
        texts.iter().map(|t| Pattern::parse(t, syntax)).collect::<Result<Vec<_>, _>>()
    };
    let truth = |t: &str| {
        if t.eq_ignore_ascii_case("true") { Some(true) } else { t.eq_ignore_ascii_case("false").then_some(false) }
    };
    Ok(match kind {
        Kind::StringEquals => {
            let patterns = patterns(false)?;
            let plain: Option<Vec<Box<str>>> = patterns.iter().map(|p| p.fixed().map(Into::into)).collect();
            match plain {
                Some(mut plain) => {
                    plain.sort_unstable();
                    Values::Plain(plain)
                }
                None => Values::Patterns(patterns),
            }
        }
        Kind::StringLike => Values::Patterns(patterns(true)?),
        Kind::StringEqualsIgnoreCase => Values::NoCase(patterns(false)?),
        Kind::Bool => {
            each(operator, texts, |t| (truth(t).is_some() || (variables && t.contains("${"))).then_some(()))?;
            Values::NoCase(patterns(false)?)
        }
        Kind::Numeric(compare) => Values::Numbers(compare, each(operator, texts, value::number)?),
        Kind::Date(compare) => Values::Dates(compare, each(operator, texts, value::date)?),
        Kind::Binary => Values::Binary(each(operator, texts, |t| STANDARD.decode(t).ok())?),
        Kind::IpAddress => Values::Ranges(each(operator, texts, Cidr::parse)?),
        Kind::Arn => Values::Arns(texts.iter().map(|t| ArnPattern::parse(t, variables)).collect::<Result<_, _>>()?),
        Kind::Null => Values::Absent(each(operator, texts, truth)?),
    })
}

impl Clause {
    /// The key that it tests and those of the variables in its values, lower case.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        let (texts, arns): (&[Pattern], &[ArnPattern]) = match &self.values {
            Values::Patterns(list) | Values::NoCase(list) => (list, &[]),
            Values::Arns(list) => (&[], list),
            _ => (&[], &[]),
        };
        let variables = texts.iter().flat_map(Pattern::variables).chain(arns.iter().flat_map(ArnPattern::variables));
        std::iter::once(&*self.key).chain(variables)
    }

    /// Whether the clause holds. A value whose variable is not in the request matches nothing; what is negated then holds
    /// for a Deny and fails for an Allow, so that a missing value never grants.
    pub fn holds(&self, context: &Context, effect: StatementEffect) -> bool {
        let given = context.lower(&self.key);
        if let Values::Absent(wanted) = &self.values {
            return wanted.contains(&given.is_empty());
        }
        if given.is_empty() {
            return self.if_exists
                || match self.set {
                    Set::Single => self.negated,
                    Set::ForAll => true,
                    Set::ForAny => false,
                };
        }
        let holds = |value: &String| match (self.matches(value, context), self.negated) {
            (Match::Yes, negated) => !negated,
            (Match::No, negated) => negated,
            (Match::Unresolved, negated) => negated && effect == StatementEffect::Deny,
        };
        // "a null data set, such as an empty string"
        let null = || given.iter().all(String::is_empty);
        match (self.set, self.negated) {
            (Set::Single, true) => given.iter().all(holds),
            (Set::Single, false) => given.iter().any(holds),
            (Set::ForAll, _) => null() || given.iter().all(holds),
            (Set::ForAny, _) => !null() && given.iter().any(holds),
        }
    }

    /// Whether any of the policy's values matches, before negation.
    fn matches(&self, given: &str, context: &Context) -> Match {
        match &self.values {
            Values::Plain(list) => Match::from_bool(list.binary_search_by(|v| (**v).cmp(given)).is_ok()),
            Values::Patterns(list) => Match::any(list.iter().map(|p| p.matches(given, context))),
            Values::NoCase(list) => Match::any(list.iter().map(|p| match p.resolve(context) {
                Some(text) => Match::from_bool(same_without_case(&text, given)),
                None => Match::Unresolved,
            })),
            Values::Numbers(compare, list) => {
                Match::from_bool(value::number(given).is_some_and(|g| list.iter().any(|v| compare.holds(g.partial_cmp(v)))))
            }
            Values::Dates(compare, list) => {
                Match::from_bool(value::date(given).is_some_and(|g| list.iter().any(|v| compare.holds(Some(g.cmp(v))))))
            }
            Values::Binary(list) => Match::from_bool(STANDARD.decode(given).is_ok_and(|g| list.contains(&g))),
            Values::Ranges(list) => Match::from_bool(value::address(given).is_some_and(|g| list.iter().any(|r| r.contains(g)))),
            Values::Arns(list) => {
                let arn = ArnText::new(given);
                Match::any(list.iter().map(|p| p.matches(&arn, context)))
            }
            Values::Absent(_) => Match::No,
        }
    }
}

fn same_without_case(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || a.chars().flat_map(char::to_lowercase).eq(b.chars().flat_map(char::to_lowercase))
}
