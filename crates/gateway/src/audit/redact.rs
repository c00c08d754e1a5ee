//! What of a request's parameters and of a reply may be written down: all but what is secret by its name or its shape.
//!
//! Names are matched by what they contain, so that a member which a later version of a service brings is hidden if it is
//! called a secret at all. Bodies of objects never come here. CloudTrail's own word stands for what is left out.

use aws_protocol::Form;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// CloudTrail's word for it.
pub const HIDDEN: &str = "HIDDEN_DUE_TO_SECURITY_REASONS";
/// Of one text.
const VALUE_CHARS_MAX: usize = 2_048;
/// Of all parameters of a request, or of a reply.
pub const BYTES_MAX: usize = 16 << 10;
const DEPTH_MAX: usize = 12;
/// What was left out is looked for in messages if it is this long.
const SCRUBBED_CHARS_MIN: usize = 4;

/// In lower case; a name that contains one is secret.
const SECRET: [&str; 19] = [
    "secret",
    "password",
    "passphrase",
    "passcode",
    "plaintext",
    "privatekey",
    "token",
    "authenticationcode",
    "userdata",
    "keymaterial",
    "assertion",
    "ciphertext",
    "encodedmessage",
    "signature",
    "blob",
    "base32",
    "qrcode",
    "materialdescription",
    "customdata",
];
/// The whole name.
const SECRET_WHOLE: [&str; 3] = ["message", "mac", "authorization"];
/// Contain one of the above and are none.
const PLAIN: [&str; 7] = [
    "clienttoken",
    "minimumpasswordlength",
    "maxpasswordage",
    "passwordreuseprevention",
    "publickeymaterial",
    "keymaterialid",
    "httptokens",
];

/// Whether a member of a service is never written down.
pub fn is_secret(service: &str, name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    // What a parameter of Systems Manager holds may be a SecureString.
    let of_service = service == "ssm" && name == "value";
    let named = SECRET_WHOLE.contains(&name.as_str()) || SECRET.iter().any(|s| name.contains(s));
    of_service || (named && !PLAIN.contains(&name.as_str()))
}

fn looks_secret(value: &str) -> bool {
    let token = |part: &str| part.starts_with("eyJ") && part.matches('.').count() == 2;
    (value.contains("-----BEGIN") && value.contains("PRIVATE KEY"))
        || value.split(|c: char| c.is_whitespace() || c == '"').any(token)
        || value.contains("X-Amz-Signature=")
}

/// Parameters as they are written down, and what was left out of them.
#[derive(Debug, Default)]
pub struct Redacted {
    pub value: Option<Value>,
    hidden: Vec<String>,
}

impl Redacted {
    /// A form's parameters, as a tree.
    pub fn form(service: &str, body: &str) -> Self {
        let mut out = Self::default();
        let Ok(form) = Form::parse(body.as_bytes()) else { return out };
        let mut root = Node::default();
        let mut bytes = 0;
        for (path, _, value) in form.parameters() {
            bytes += path.len() + value.len().min(VALUE_CHARS_MAX);
            if bytes > BYTES_MAX {
                root.at("omitted").leaf = Some(Value::from("the parameters are too long"));
                // What is left out must not come by way of a message either.
                if is_secret_path(service, &path) {
                    out.hidden.push(value.to_owned());
                }
                continue;
            }
            let plain = if is_secret_path(service, &path) { None } else { Some(value) };
            let leaf = out.text(plain, value);
            let node = path.split('.').filter(|s| *s != "member").fold(&mut root, |node, s| node.at(&lower_first(s)));
            node.leaf = Some(leaf);
        }
        out.value = (!root.children.is_empty()).then(|| root.value());
        out
    }

    /// A JSON document.
    pub fn json(service: &str, body: &str) -> Self {
        let mut out = Self::default();
        let Ok(document) = serde_json::from_str::<Value>(body) else { return out };
        let value = out.copy(service, &document, 0);
        out.value = bounded(value);
        out
    }

    /// What is within an XML reply. It is our own: well formed, and the attributes say nothing.
    pub fn xml(service: &str, body: &str) -> Self {
        let mut out = Self::default();
        let Some(root) = super::xml::tree(body) else { return out };
        let value = out.copy(service, &root, 0);
        out.value = bounded(value);
        out
    }

    fn copy(&mut self, service: &str, value: &Value, depth: usize) -> Value {
        match value {
            _ if depth > DEPTH_MAX => Value::from(HIDDEN),
            Value::Object(members) => {
                let copy = |(name, member): (&String, &Value)| {
                    let member = match member {
                        Value::Bool(_) | Value::Null => member.clone(),
                        _ if is_secret(service, name) => {
                            self.hide(member);
                            Value::from(HIDDEN)
                        }
                        _ => self.copy(service, member, depth + 1),
                    };
                    (lower_first(name), member)
                };
                members.iter().map(copy).collect::<Map<_, _>>().into()
            }
            Value::Array(items) => items.iter().map(|v| self.copy(service, v, depth + 1)).collect::<Vec<_>>().into(),
            Value::String(text) => self.text(Some(text), text),
            other => other.clone(),
        }
    }

    /// `plain`: none where the name is secret.
    fn text(&mut self, plain: Option<&str>, value: &str) -> Value {
        // Whether there is one is no secret.
        if value.is_empty() || value == "true" || value == "false" {
            return value.into();
        }
        match plain.filter(|v| !looks_secret(v)) {
            Some(v) if v.len() > VALUE_CHARS_MAX => v.chars().take(VALUE_CHARS_MAX).chain("…".chars()).collect::<String>().into(),
            Some(v) => v.into(),
            None => {
                self.hidden.push(value.to_owned());
                HIDDEN.into()
            }
        }
    }

    fn hide(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.hidden.push(text.clone()),
            Value::Number(n) => self.hidden.push(n.to_string()),
            Value::Array(items) => items.iter().for_each(|v| self.hide(v)),
            Value::Object(members) => members.values().for_each(|v| self.hide(v)),
            Value::Bool(_) | Value::Null => {}
        }
    }

    /// A sentence that may repeat a parameter, without what was left out of them.
    pub fn scrub(&self, text: &str) -> String {
        let long = |h: &&String| h.len() >= SCRUBBED_CHARS_MIN;
        self.hidden.iter().filter(long).fold(text.to_owned(), |text, hidden| text.replace(hidden.as_str(), HIDDEN))
    }
}

fn is_secret_path(service: &str, path: &str) -> bool {
    // ModifyInstanceAttribute's value may be user data.
    (service == "ec2" && path == "Value") || path.split('.').any(|segment| is_secret(service, segment))
}

fn bounded(value: Value) -> Option<Value> {
    let empty = value.as_object().is_some_and(Map::is_empty);
    if value.to_string().len() > BYTES_MAX {
        return Some(serde_json::json!({"omitted": "too long"}));
    }
    (!empty).then_some(value)
}

/// CloudTrail's spelling of members: `roleName`.
pub fn lower_first(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |c| c.to_lowercase().chain(chars).collect())
}

/// A form's parameters by their paths; numbers are positions.
#[derive(Default)]
struct Node {
    leaf: Option<Value>,
    children: BTreeMap<String, Node>,
}

impl Node {
    fn at(&mut self, name: &str) -> &mut Self {
        self.children.entry(name.to_owned()).or_default()
    }

    fn value(self) -> Value {
        if self.children.is_empty() {
            return self.leaf.unwrap_or(Value::Null);
        }
        let position = |name: &String| name.parse::<u32>().ok();
        if self.children.keys().all(|k| position(k).is_some()) {
            let mut items: Vec<_> = self.children.into_iter().collect();
            items.sort_by_key(|(k, _)| position(k));
            return items.into_iter().map(|(_, node)| node.value()).collect::<Vec<_>>().into();
        }
        self.children.into_iter().map(|(k, node)| (k, node.value())).collect::<Map<_, _>>().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_protocol::{Protocol, SERVICES};

    const MARK: &str = "marked-and-secret";

    /// Members that AWS's published models call sensitive, and those that carry proofs or plain texts without being called so.
    const SENSITIVE: &str = include_str!("sensitive.txt");

    #[test]
    fn no_secret_of_any_operation_is_written() {
        let mut planted = 0;
        for line in SENSITIVE.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
            let (service, rest) = line.split_once(' ').unwrap();
            let (operation, path) = rest.split_once(' ').unwrap();
            let protocol = SERVICES.iter().find(|s| s.name == service).unwrap_or_else(|| panic!("{line}")).protocol;
            let redacted = if protocol == Protocol::Json11 {
                let value = path.rsplit('.').fold(Value::from(MARK), |value, name| match name {
                    "N" => vec![value].into(),
                    name => Map::from_iter([(name.to_owned(), value)]).into(),
                });
                Redacted::json(service, &value.to_string())
            } else {
                let path = path.replace(".N", ".1");
                Redacted::form(service, &format!("Action={operation}&Version=1&{path}={MARK}&Plain=seen"))
            };
            let text = redacted.value.as_ref().map(Value::to_string).unwrap_or_default();
            assert!(text.contains(HIDDEN) && !text.contains(MARK), "{line}: {text}");
            assert!(!redacted.scrub(&format!("no such thing as '{MARK}'")).contains(MARK));
            planted += 1;
        }
        assert!(planted > 25, "{planted}");
    }

    /// Every member of every operation whose name is a secret's by a rule of its own is hidden wherever it is.
    #[test]
    fn every_member_that_is_called_a_secret_is_hidden() {
        let words = ["Secret", "Password", "PlainText", "Plaintext", "PrivateKey", "AuthenticationCode", "UserData", "TokenCode"];
        let plain = ["MinimumPasswordLength", "MaxPasswordAge", "PasswordReusePrevention"];
        let mut found = 0;
        for operation in SERVICES.iter().flat_map(|s| s.operations) {
            for path in operation.members {
                let leaf = path.rsplit('.').find(|s| *s != "N").unwrap_or(path);
                if words.iter().any(|w| path.contains(w)) && !plain.contains(&leaf) {
                    let body = format!("{}={MARK}", path.replace(".N", ".1"));
                    let redacted = Redacted::form(operation.service.name, &body);
                    assert!(!redacted.value.unwrap_or_default().to_string().contains(MARK), "{} {path}", operation.name);
                    found += 1;
                }
            }
        }
        assert!(found >= 20, "{found}");
    }

    #[test]
    fn forms_become_trees() {
        let form =
            "Action=X&Version=1&Filter.1.Name=vpc-id&Filter.1.Value.2=b&Filter.1.Value.1=a&Tags.member.1.Key=k&UserData=c2VjcmV0";
        let got = Redacted::form("ec2", form);
        assert_eq!(
            got.value.unwrap(),
            serde_json::json!({"filter": [{"name": "vpc-id", "value": ["a", "b"]}], "tags": [{"key": "k"}], "userData": HIDDEN})
        );
        assert_eq!(Redacted::form("ec2", "Action=DescribeVpcs&Version=1").value, None);
    }

    #[test]
    fn shapes_of_secrets_are_hidden_under_any_name() {
        for secret in [
            "-----BEGIN RSA PRIVATE KEY-----\nabc",
            "a eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
            "http://127.0.0.1/b/k?X-Amz-Signature=0123",
        ] {
            let body = serde_json::json!({"Description": secret}).to_string();
            assert_eq!(Redacted::json("kms", &body).value.unwrap(), serde_json::json!({"description": HIDDEN}), "{secret}");
        }
    }

    #[test]
    fn what_is_long_is_bounded() {
        let long = "x".repeat(100_000);
        let json = Redacted::json("iam", &serde_json::json!({"PolicyDocument": long}).to_string());
        assert!(json.value.unwrap().to_string().len() < 2 * VALUE_CHARS_MAX);
        let many: String = (1..9_000).map(|n| format!("&Filter.{n}.Name=abcdefgh")).collect();
        let form = Redacted::form("ec2", &format!("Action=X{many}&UserData={MARK}"));
        assert!(form.scrub(MARK) == HIDDEN);
        assert!(form.value.unwrap().to_string().len() < 4 * BYTES_MAX);
    }
}
