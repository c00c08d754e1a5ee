//! A second evaluator, slow and plain, written from the words of AWS's documentation to check the first: it shares no code
//! with it, only the JSON text of documents. Every test reads the whole document again.
//!
//! Used by `differential.rs`. It does not check that documents are well formed.

use serde_json::Value;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Who asks, by the strings that documents may name.
#[derive(Debug, Clone)]
pub struct Who {
    pub kind: Kind,
    pub account: String,
    pub canonical: String,
    /// User, session or federated user; the name of a service or provider.
    pub arn: String,
    /// The role of a session, the user of a federated user.
    pub above: String,
    /// `AIDA…`, `AROA…`
    pub id: String,
    /// User name or session name.
    pub name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Anonymous,
    Root,
    User,
    Session,
    Federated,
    Service,
    Provider,
}

#[derive(Debug)]
pub struct Ask {
    pub who: Who,
    pub action: String,
    pub resource: String,
    pub owner: Option<String>,
    /// Lower-case names.
    pub keys: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Default)]
pub struct Documents {
    pub organisation: Vec<Vec<Value>>,
    pub identity: Vec<Value>,
    pub boundary: Option<Value>,
    pub session: Option<Vec<Value>>,
    pub resource: Option<Value>,
    pub resource_required: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    Allow,
    ExplicitDeny,
    ImplicitDeny,
}

pub fn answer(documents: &Documents, ask: &Ask) -> Answer {
    let d = documents;
    let everything = d.organisation.iter().flatten().chain(&d.identity).chain(&d.boundary).chain(d.session.iter().flatten());
    // "An explicit deny in any policy overrides any allows."
    if everything.chain(&d.resource).any(|p| says(p, "Deny", ask)) {
        return Answer::ExplicitDeny;
    }
    if allowed(d, ask) { Answer::Allow } else { Answer::ImplicitDeny }
}

fn allowed(d: &Documents, ask: &Ask) -> bool {
    let who = &ask.who;
    let allows = |p: &Value| says(p, "Allow", ask);
    let resource_allows = d.resource.as_ref().is_some_and(allows);
    if matches!(who.kind, Kind::Anonymous | Kind::Service | Kind::Provider) {
        return resource_allows;
    }
    if !d.organisation.iter().all(|level| level.iter().any(allows)) {
        return false;
    }
    let root = who.kind == Kind::Root || (who.kind == Kind::Federated && who.above.ends_with(":root"));
    let identity = root || d.identity.iter().any(allows);
    let boundary = d.boundary.as_ref().is_none_or(allows);
    let session = match &d.session {
        Some(list) => list.iter().any(allows),
        None => who.kind != Kind::Federated,
    };
    let by_identity = identity && boundary && session;
    if ask.owner.as_ref().is_some_and(|owner| *owner != who.account) {
        return by_identity && resource_allows;
    }
    // "the principal ARN that is specified in the policy determines whether implicit denies in other policy types are
    // applicable to the final decision"
    let directly = d.resource.as_ref().is_some_and(|p| says_to(p, "Allow", ask, &Named::Directly));
    let role = d.resource.as_ref().is_some_and(|p| says_to(p, "Allow", ask, &Named::Above));
    if directly || (role && boundary && session) {
        return true;
    }
    by_identity && (resource_allows || !d.resource_required)
}

enum Named {
    Anyhow,
    /// The user, the session, everybody, or the root user by its account.
    Directly,
    /// The role behind a session, the user behind a federated user.
    Above,
}

fn says(policy: &Value, effect: &str, ask: &Ask) -> bool {
    says_to(policy, effect, ask, &Named::Anyhow)
}

fn says_to(policy: &Value, effect: &str, ask: &Ask, named: &Named) -> bool {
    let variables = policy["Version"] == "2012-10-17";
    list(&policy["Statement"]).into_iter().any(|s| s["Effect"] == effect && applies(s, ask, named, variables))
}

fn list(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(a) => a.iter().collect(),
        Value::Null => Vec::new(),
        one => vec![one],
    }
}

fn texts(value: &Value) -> Vec<String> {
    list(value)
        .into_iter()
        .map(|v| match v {
            Value::String(s) => s.clone(),
            other => other.to_string(),
        })
        .collect()
}

fn applies(s: &Value, ask: &Ask, named: &Named, variables: bool) -> bool {
    principal(s, &ask.who, named) && action(s, ask) && resource(s, ask, variables) && conditions(s, ask, variables)
}

fn action(s: &Value, ask: &Ask) -> bool {
    let among = |names: &Value| {
        texts(names).iter().any(|n| {
            let pattern: Vec<Token> = n.to_lowercase().chars().map(token).collect();
            like(&pattern, &ask.action.to_lowercase().chars().collect::<Vec<_>>())
        })
    };
    if s.get("Action").is_some() { among(&s["Action"]) } else { !among(&s["NotAction"]) }
}

fn principal(s: &Value, who: &Who, named: &Named) -> bool {
    let deny = s["Effect"] == "Deny";
    if let Some(p) = s.get("Principal") {
        match named {
            Named::Anyhow => directly(p, who) || above(p, who) || account(p, who),
            Named::Directly => directly(p, who),
            Named::Above => above(p, who),
        }
    } else if let Some(p) = s.get("NotPrincipal") {
        let spared = if everybody(p) {
            true
        } else if deny {
            // All that it belongs to must be named.
            match who.kind {
                Kind::Anonymous => false,
                Kind::Root => account(p, who),
                Kind::User => directly(p, who) && account(p, who),
                Kind::Session => directly(p, who) && above(p, who) && account(p, who),
                Kind::Federated => directly(p, who) && (above(p, who) || who.above.ends_with(":root")) && account(p, who),
                Kind::Service | Kind::Provider => directly(p, who),
            }
        } else {
            directly(p, who) || above(p, who) || account(p, who)
        };
        !spared && !matches!(named, Named::Above)
    } else {
        true
    }
}

fn everybody(p: &Value) -> bool {
    p == "*" || texts(&p["AWS"]).iter().any(|n| n == "*")
}

fn directly(p: &Value, who: &Who) -> bool {
    let aws = texts(&p["AWS"]);
    everybody(p)
        || match who.kind {
            Kind::Anonymous => false,
            Kind::Root => account(p, who),
            Kind::User => aws.contains(&who.arn) || aws.contains(&who.id),
            Kind::Session | Kind::Federated => aws.contains(&who.arn),
            Kind::Service => texts(&p["Service"]).contains(&who.arn),
            Kind::Provider => texts(&p["Federated"]).contains(&who.arn),
        }
}

fn above(p: &Value, who: &Who) -> bool {
    let aws = texts(&p["AWS"]);
    match who.kind {
        Kind::Session => aws.contains(&who.above) || aws.contains(&who.id),
        Kind::Federated => aws.contains(&who.above) && !who.above.ends_with(":root"),
        _ => false,
    }
}

fn account(p: &Value, who: &Who) -> bool {
    let aws = texts(&p["AWS"]);
    !who.account.is_empty()
        && (aws.contains(&who.account)
            || aws.contains(&format!("arn:aws:iam::{}:root", who.account))
            || texts(&p["CanonicalUser"]).contains(&who.canonical))
}

fn resource(s: &Value, ask: &Ask, variables: bool) -> bool {
    let among = |names: &Value| any(texts(names).iter().map(|n| arn_like(n, &ask.resource, ask, variables)));
    if s.get("Resource").is_some() {
        among(&s["Resource"]) == Some(true)
    } else if s.get("NotResource").is_some() {
        !among(&s["NotResource"]).unwrap_or(s["Effect"] == "Allow")
    } else {
        true
    }
}

/// True if any is; unknown if none is and some are unknown.
fn any(all: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let all: Vec<_> = all.collect();
    if all.contains(&Some(true)) {
        Some(true)
    } else if all.contains(&None) {
        None
    } else {
        Some(false)
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Token {
    Star,
    Question,
    Char(char),
    /// Out of a variable: never special.
    Value(char),
}

fn token(c: char) -> Token {
    match c {
        '*' => Token::Star,
        '?' => Token::Question,
        c => Token::Char(c),
    }
}

/// The pattern with variables replaced; none if one has no value.
fn expand(text: &str, ask: &Ask, variables: bool) -> Option<Vec<Token>> {
    let chars: Vec<char> = text.chars().collect();
    let mut out = Vec::new();
    let mut i = 0;
    while i < chars.len() {
        if variables && chars[i] == '$' && chars.get(i + 1) == Some(&'{') {
            let end = i + chars[i..].iter().position(|c| *c == '}')?;
            let inside: String = chars[i + 2..end].iter().collect();
            let value = match inside.as_str() {
                "*" | "?" | "$" => inside,
                _ => {
                    let (key, default) = match inside.split_once(", ") {
                        Some((key, quoted)) => (key, Some(quoted.trim_matches('\'').to_owned())),
                        None => (inside.as_str(), None),
                    };
                    match ask.keys.get(&key.to_lowercase()) {
                        Some(values) if values.len() == 1 => values[0].clone(),
                        _ => default?,
                    }
                }
            };
            out.extend(value.chars().map(Token::Value));
            i = end + 1;
        } else {
            out.push(token(chars[i]));
            i += 1;
        }
    }
    Some(out)
}

/// By the textbook: what can each prefix of the pattern match?
fn like(pattern: &[Token], text: &[char]) -> bool {
    let mut reach = vec![false; text.len() + 1];
    reach[0] = true;
    for token in pattern {
        let mut next = vec![false; text.len() + 1];
        for (i, here) in reach.iter().enumerate() {
            if !here {
                continue;
            }
            match token {
                Token::Star => next[i..].fill(true),
                Token::Question if i < text.len() => next[i + 1] = true,
                Token::Char(c) | Token::Value(c) if text.get(i) == Some(c) => next[i + 1] = true,
                _ => {}
            }
        }
        reach = next;
    }
    reach[text.len()]
}

fn arn_like(pattern: &str, arn: &str, ask: &Ask, variables: bool) -> Option<bool> {
    if pattern == "*" {
        return Some(true);
    }
    // Cut before variables are replaced, by the colons of the pattern itself.
    let mut parts: Vec<String> = vec![String::new()];
    let mut braces = false;
    for c in pattern.chars() {
        braces = variables && ((braces && c != '}') || (c == '{' && parts.last().is_some_and(|p| p.ends_with('$'))));
        if c == ':' && !braces && parts.len() < 6 {
            parts.push(String::new());
        } else {
            parts.last_mut().unwrap().push(c);
        }
    }
    while parts.len() < 6 {
        parts.push("*".into());
    }
    let given: Vec<&str> = arn.splitn(6, ':').collect();
    if given.len() < 6 {
        return Some(false);
    }
    let each: Vec<Option<bool>> = parts
        .iter()
        .zip(given)
        .map(|(p, g)| expand(p, ask, variables).map(|p| like(&p, &g.chars().collect::<Vec<_>>())))
        .collect();
    if each.contains(&Some(false)) {
        // But a prefix of plain text that does not fit settles it before the rest is looked at, and so does any part.
        return Some(false);
    }
    if each.contains(&None) { None } else { Some(true) }
}

fn conditions(s: &Value, ask: &Ask, variables: bool) -> bool {
    let Some(block) = s.get("Condition").and_then(Value::as_object) else { return true };
    block.iter().all(|(operator, keys)| {
        keys.as_object().unwrap().iter().all(|(key, values)| {
            let given = ask.keys.get(&key.to_lowercase()).cloned().unwrap_or_default();
            condition(operator, &texts(values), &given, s["Effect"] == "Deny", ask, variables)
        })
    })
}

fn condition(operator: &str, wanted: &[String], given: &[String], deny: bool, ask: &Ask, variables: bool) -> bool {
    if operator == "Null" {
        let absent = given.is_empty().to_string();
        return wanted.iter().any(|w| w.to_lowercase() == absent);
    }
    let (set, operator) = operator.split_once(':').unwrap_or(("", operator));
    let (operator, if_exists) = match operator.strip_suffix("IfExists") {
        Some(operator) => (operator, true),
        None => (operator, false),
    };
    let negated = operator.contains("Not");
    if given.is_empty() && if_exists {
        return true;
    }
    if set.is_empty() && given.is_empty() {
        return negated;
    }
    if !set.is_empty() && given.iter().all(|g| g.is_empty()) {
        return set == "ForAllValues";
    }
    let one = |g: &String| {
        let m = any(wanted.iter().map(|w| compare(&operator.replace("Not", ""), w, g, ask, variables)));
        match (m, negated) {
            (Some(m), negated) => m != negated,
            (None, true) => deny,
            (None, false) => false,
        }
    };
    match set {
        "ForAllValues" => given.iter().all(one),
        "ForAnyValue" => given.iter().any(one),
        _ if negated => given.iter().all(one),
        _ => given.iter().any(one),
    }
}

/// One value of the policy against one of the request, without negation.
fn compare(operator: &str, wanted: &str, given: &str, ask: &Ask, variables: bool) -> Option<bool> {
    let plain = || -> Option<String> {
        let tokens = expand(wanted, ask, variables)?;
        Some(
            tokens
                .into_iter()
                .map(|t| match t {
                    Token::Star => '*',
                    Token::Question => '?',
                    Token::Char(c) | Token::Value(c) => c,
                })
                .collect(),
        )
    };
    let order = |operator: &str, o: std::cmp::Ordering| match operator {
        "Equals" => o.is_eq(),
        "LessThan" => o.is_lt(),
        "LessThanEquals" => o.is_le(),
        "GreaterThan" => o.is_gt(),
        "GreaterThanEquals" => o.is_ge(),
        other => panic!("{other}"),
    };
    match operator {
        "StringEquals" => Some(plain()? == given),
        "StringEqualsIgnoreCase" | "Bool" => Some(plain()?.to_lowercase() == given.to_lowercase()),
        "StringLike" => Some(like(&expand(wanted, ask, variables)?, &given.chars().collect::<Vec<_>>())),
        "ArnEquals" | "ArnLike" => arn_like(wanted, given, ask, variables),
        "IpAddress" => Some(in_range(wanted, given)),
        "BinaryEquals" => Some(!given.is_empty() && bits64(wanted).is_some() && bits64(wanted) == bits64(given)),
        _ => {
            if let Some(how) = operator.strip_prefix("Numeric") {
                let (w, g): (f64, f64) = (wanted.parse().ok()?, given.parse().unwrap_or(f64::NAN));
                return Some(g.partial_cmp(&w).is_some_and(|o| order(how, o)));
            }
            let how = operator.strip_prefix("Date").unwrap_or_else(|| panic!("{operator}"));
            Some(moment(given).is_some_and(|g| order(how, g.cmp(&moment(wanted).unwrap()))))
        }
    }
}

fn in_range(range: &str, address: &str) -> bool {
    let bits = |a: &str| -> Option<String> {
        Some(match a.parse().ok()? {
            IpAddr::V4(a) => a.octets().iter().map(|o| format!("{o:08b}")).collect(),
            IpAddr::V6(a) => match a.to_ipv4_mapped() {
                Some(a) => a.octets().iter().map(|o| format!("{o:08b}")).collect(),
                None => a.octets().iter().map(|o| format!("{o:08b}")).collect(),
            },
        })
    };
    let (net, prefix) = range.split_once('/').unwrap_or((range, "999"));
    let (Some(net), Some(address)) = (bits(net), bits(address)) else { return false };
    let prefix = prefix.parse::<usize>().unwrap().min(net.len());
    net.len() == address.len() && net[..prefix] == address[..prefix]
}

fn bits64(text: &str) -> Option<String> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let digits = text.trim_end_matches('=');
    let padding = (text.len() - digits.len()) * 2;
    let bits: String = digits.chars().map(|c| ALPHABET.find(c).map(|n| format!("{n:06b}"))).collect::<Option<_>>()?;
    let (data, rest) = bits.split_at(bits.len() - padding);
    (!rest.contains('1')).then(|| data.to_owned())
}

/// ISO 8601 or seconds, as a moment.
fn moment(text: &str) -> Option<jiff::Timestamp> {
    if text.len() != 4 && !text.is_empty() && text.chars().all(|c| c.is_ascii_digit()) {
        return jiff::Timestamp::from_second(text.parse().ok()?).ok();
    }
    let whole = match text.len() {
        4 => format!("{text}-01-01T00:00:00Z"),
        7 => format!("{text}-01T00:00:00Z"),
        10 => format!("{text}T00:00:00Z"),
        _ => text.to_owned(),
    };
    whole.parse().ok()
}
