//! The parameters of a request before it is decoded, the same for forms and JSON.

use aws_protocol::Form;

/// Each parameter: its path, the path with list positions written `N`, and its value. Of forms as on the wire
/// (`Tags.member.1.Key`), of JSON with dots between members and positions from 1 (`Tags.1.TagKey`).
#[derive(Debug, Default)]
pub struct Given {
    all: Vec<(String, String, String)>,
    /// Of a launch from a template: the first names of what the caller says itself.
    own: Option<Vec<String>>,
}

/// Deeper values of JSON name no resource.
const DEPTH_MAX: usize = 6;

impl Given {
    pub fn form(form: &Form) -> Self {
        let all = form.parameters().into_iter().map(|(path, normal, value)| (path, normal, value.to_owned())).collect();
        Self { all, own: None }
    }

    /// A launch: all that it says, and the form in which the caller names a template.
    pub fn over_template(all: &Form, own: &Form) -> Self {
        let first = |(path, ..): (String, String, &str)| path.split('.').next().unwrap_or_default().to_owned();
        Self { own: Some(own.parameters().into_iter().map(first).collect()), ..Self::form(all) }
    }

    /// Whether a template is used, and none of these parameters are said beside it.
    pub fn is_templates(&self, names: impl Fn(&str) -> bool) -> bool {
        self.own.as_ref().is_some_and(|own| !own.iter().any(|n| names(n)))
    }

    pub fn json(value: &serde_json::Value) -> Self {
        let mut out = Self::default();
        out.walk(value, "", "", 0);
        out
    }

    fn walk(&mut self, value: &serde_json::Value, path: &str, normal: &str, depth: usize) {
        use serde_json::Value;
        let dot = if path.is_empty() { "" } else { "." };
        match value {
            Value::Null => {}
            Value::Object(members) if depth < DEPTH_MAX => {
                for (name, value) in members {
                    self.walk(value, &format!("{path}{dot}{name}"), &format!("{normal}{dot}{name}"), depth + 1);
                }
            }
            Value::Array(items) if depth < DEPTH_MAX => {
                for (i, item) in items.iter().enumerate() {
                    self.walk(item, &format!("{path}{dot}{}", i + 1), &format!("{normal}{dot}N"), depth + 1);
                }
            }
            Value::String(text) => self.all.push((path.into(), normal.into(), text.clone())),
            other => self.all.push((path.into(), normal.into(), other.to_string())),
        }
    }

    /// The values of a parameter by its path with positions written `N`, without the empty ones.
    pub fn values<'a>(&'a self, normal: &'a str) -> impl Iterator<Item = &'a str> {
        self.all.iter().filter(move |(_, n, value)| n == normal && !value.is_empty()).map(|(_, _, value)| value.as_str())
    }

    pub fn value<'a>(&'a self, normal: &'a str) -> Option<&'a str> {
        self.values(normal).next()
    }

    /// Whether there is anything at or under a name; an empty value (`Tags=`, an empty list) is nothing.
    pub fn has(&self, name: &str) -> bool {
        let under = |n: &str| n.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        self.all.iter().any(|(_, n, value)| under(n) && !value.is_empty())
    }

    /// Tags whose keys are at the path `key`, with the value beside each at its last name replaced by `value`.
    pub fn tags(&self, key: &str, value: &str) -> Vec<(String, Option<String>)> {
        let keys = self.all.iter().filter(|(_, n, _)| n == key);
        keys.map(|(path, _, text)| (text.clone(), self.sibling(path, value).map(str::to_owned))).collect()
    }

    /// The value at `path` with its last name replaced.
    pub fn sibling(&self, path: &str, name: &str) -> Option<&str> {
        let (parent, _) = path.rsplit_once('.')?;
        let is_it = |p: &str| p.strip_prefix(parent).and_then(|rest| rest.strip_prefix('.')) == Some(name);
        self.all.iter().find(|(p, _, _)| is_it(p)).map(|(_, _, value)| value.as_str())
    }

    /// Path and value of every parameter.
    pub fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.all.iter().map(|(path, _, value)| (path.as_str(), value.as_str()))
    }

    /// Path and value of everything at `normal`.
    pub fn at<'a>(&'a self, normal: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.all.iter().filter(move |(_, n, _)| n == normal).map(|(path, _, value)| (path.as_str(), value.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_and_json_are_read_alike() {
        let form = Form::parse(b"Action=X&Version=1&Tag.2.Key=b&Tag.1.Key=a&Tag.1.Value=1&Id.1=x&Id.2=&Id.3=y").unwrap();
        let given = Given::form(&form);
        assert_eq!(given.values("Id.N").collect::<Vec<_>>(), ["x", "y"]);
        assert_eq!(given.tags("Tag.N.Key", "Value"), [("a".into(), Some("1".into())), ("b".into(), None)]);
        assert!(given.has("Tag") && given.has("Id") && !given.has("I") && given.value("None").is_none());
        let json = serde_json::json!({"Names": ["x", "y"], "Tags": [{"TagKey": "a", "TagValue": "1"}], "N": 7, "Z": null});
        let given = Given::json(&json);
        assert_eq!(given.values("Names.N").collect::<Vec<_>>(), ["x", "y"]);
        assert_eq!(given.tags("Tags.N.TagKey", "TagValue"), [("a".into(), Some("1".into()))]);
        assert_eq!((given.value("N"), given.has("Z")), (Some("7"), false));
    }
}
