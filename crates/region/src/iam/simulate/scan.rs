//! A document as text: where its statements stand, and which condition keys it asks about.

use ::iam::{Policy, PolicyKind, Version};
use aws_protocol::iam as api;
use serde_json::Value;

/// A statement by itself, as a policy of one, and where it stands.
#[derive(Debug)]
pub struct Single {
    pub policy: Policy,
    /// Line and column of its first character and of the one after its last, from 1.
    pub start: (i32, i32),
    pub end: (i32, i32),
}

pub fn position((line, column): (i32, i32)) -> Option<api::Position> {
    Some(api::Position { column: Some(column), line: Some(line) })
}

/// The statements of a document that has been parsed.
pub fn singles(text: &str, policy: &Policy, kind: PolicyKind) -> Vec<Single> {
    let version = if policy.version() == Version::V2012 { "2012-10-17" } else { "2008-10-17" };
    let single = |(from, to): (usize, usize)| {
        let document = format!("{{\"Version\":\"{version}\",\"Statement\":{}}}", &text[from..to]);
        let policy = Policy::parse(&document, kind).ok()?;
        Some(Single { policy, start: place(text, from), end: place(text, to) })
    };
    spans(text).into_iter().filter_map(single).collect()
}

fn place(text: &str, at: usize) -> (i32, i32) {
    let before = &text[..at];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (i32::try_from(line).unwrap_or(i32::MAX), i32::try_from(column).unwrap_or(i32::MAX))
}

/// From the first to after the last byte of each object in the `Statement` element. The text is known to be JSON.
fn spans(text: &str) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let (mut depth, mut list, mut begun) = (0_usize, false, None);
    let (mut in_string, mut escaped, mut string_from) = (false, false, 0);
    // The last string at depth 1: a key when a colon follows.
    let (mut last, mut statement) = ("", false);
    for (i, b) in text.bytes().enumerate() {
        if in_string {
            match b {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => {
                    in_string = false;
                    if depth == 1 {
                        last = &text[string_from..i];
                    }
                }
                _ => {}
            }
            continue;
        }
        match b {
            b'"' => (in_string, string_from) = (true, i + 1),
            b':' if depth == 1 => statement = is_statement(last),
            b'{' | b'[' => {
                depth += 1;
                if statement && b == b'[' && depth == 2 {
                    list = true;
                }
                if statement && b == b'{' && depth == 2 + usize::from(list) && begun.is_none() {
                    begun = Some(i);
                }
            }
            b'}' | b']' => {
                if statement && b == b'}' && depth == 2 + usize::from(list) {
                    out.extend(begun.take().map(|from| (from, i + 1)));
                }
                depth = depth.saturating_sub(1);
                if depth == 1 {
                    (statement, list) = (false, false);
                }
            }
            _ => {}
        }
    }
    out
}

/// A key may be written with escapes.
fn is_statement(raw: &str) -> bool {
    raw == "Statement"
        || (raw.contains('\\') && serde_json::from_str::<String>(&format!("\"{raw}\"")).is_ok_and(|k| k == "Statement"))
}

/// The condition keys that a document names: in its conditions, and as policy variables where its version has them. In order,
/// each once, as first written.
pub fn context_keys(text: &str, out: &mut Vec<String>) {
    let Ok(document) = serde_json::from_str::<Value>(text) else { return };
    let statements = match document.get("Statement") {
        Some(Value::Array(list)) => list.iter().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    };
    let variables = document.get("Version").and_then(Value::as_str) == Some("2012-10-17");
    for statement in statements {
        for element in ["Resource", "NotResource", "Condition"] {
            if let Some(value) = statement.get(element).filter(|_| variables) {
                walk(value, out);
            }
        }
        for keys in statement.get("Condition").and_then(Value::as_object).into_iter().flat_map(|o| o.values()) {
            keys.as_object().into_iter().flat_map(|o| o.keys()).for_each(|k| add(k, out));
        }
    }
}

fn walk(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::String(s) => {
            for rest in s.split("${").skip(1) {
                let name = rest.split(['}', ',']).next().unwrap_or_default().trim();
                // `${*}`, `${?}` and `${$}` are the characters themselves.
                if !matches!(name, "*" | "?" | "$" | "") {
                    add(name, out);
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|v| walk(v, out)),
        Value::Object(map) => map.values().for_each(|v| walk(v, out)),
        _ => {}
    }
}

fn add(key: &str, out: &mut Vec<String>) {
    if !out.iter().any(|k| k.eq_ignore_ascii_case(key)) {
        out.push(key.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_found_where_they_stand() {
        let one = r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#;
        let two = r#"{"Effect":"Deny","Action":["s3:A"],"Resource":"*","Condition":{"StringEquals":{"a":"}]\"{"}}}"#;
        for (text, wanted) in [
            (format!("{{\"Version\":\"2012-10-17\",\n  \"Statement\": [\n    {one},\n    {two}\n  ]}}"), vec![one, two]),
            (format!("{{\"Statement\":{two},\"Id\":\"Statement\"}}"), vec![two]),
            (format!("{{\"Id\":\"Statement\",\"\\u0053tatement\":[{one}]}}"), vec![one]),
        ] {
            let found: Vec<&str> = spans(&text).into_iter().map(|(a, b)| &text[a..b]).collect();
            assert_eq!(found, wanted, "{text}");
        }
        let text = format!("{{\n \"Statement\": [\n    {one}]}}");
        let policy = Policy::parse(&text, PolicyKind::Identity).unwrap();
        let singles = singles(&text, &policy, PolicyKind::Identity);
        assert_eq!((singles[0].start, singles[0].end), ((3, 5), (3, 5 + one.len() as i32)));
    }

    proptest::proptest! {
        /// Every statement of a document that parses is found, and each is what it was there.
        #[test]
        fn as_many_as_are_parsed(sids in proptest::collection::vec("[a-zA-Z0-9]{0,8}", 1..5), filler in "[ \\n\\t]{0,5}") {
            let statements: Vec<String> = sids.iter().enumerate().map(|(i, sid)| {
                format!(r#"{filler}{{"Sid":"{sid}{i}","Effect":"Deny","Action":["a:{{","a:]"],"Resource":"*","Condition":{{"StringLike":{{"k":["}}]\"","{{["]}}}}}}"#)
            }).collect();
            let text = format!("{{{filler}\"Id\":\"[{{\",\"Statement\"{filler}:{filler}[{}]}}", statements.join(","));
            let policy = Policy::parse(&text, PolicyKind::Identity).unwrap();
            let found = singles(&text, &policy, PolicyKind::Identity);
            proptest::prop_assert_eq!(found.len(), policy.statements().count());
            for (single, statement) in found.iter().zip(policy.statements()) {
                proptest::prop_assert_eq!(single.policy.statements().next().unwrap().sid(), statement.sid());
            }
        }

        #[test]
        fn nothing_panics(text in ".{0,200}", json in "[\\{\\}\\[\\]:,\"\\\\Statemn]{0,60}") {
            spans(&text);
            spans(&json);
            context_keys(&json, &mut Vec::new());
        }
    }

    #[test]
    fn keys() {
        let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:username}/${*}",
            "Condition":{"StringEquals":{"aws:PrincipalTag/a":"${s3:prefix, 'x'}"},"Bool":{"AWS:USERNAME":"true"}}}}"#;
        let mut out = Vec::new();
        context_keys(text, &mut out);
        assert_eq!(out, ["aws:username", "s3:prefix", "aws:PrincipalTag/a"]);
    }
}
