//! The `Filters` of Describe operations: AND across names, OR across values, `*` and `?` wildcards, `\` escapes.
//!
//! Source: "Filtering your resources" in the EC2 user guide. Values are compared case-sensitively. `tag:Key`, `tag-key`
//! (and `tag-value`) are served here for every resource; a handler gives the other names.

use crate::rows::TagSet;
use crate::{context::Ctx, db::Db};
use aws_protocol::{AwsError, ec2};
use std::collections::BTreeMap;
use types::AccountId;

/// AWS: 200 filter values a request.
const VALUES_MAX: usize = 200;

pub struct Filters(Vec<(String, Vec<String>)>);

impl Filters {
    pub fn new(filters: &Option<Vec<ec2::Filter>>) -> Result<Self, AwsError> {
        let mut out = Vec::new();
        let mut values_seen = 0;
        for f in filters.iter().flatten() {
            let name = f.name.clone().ok_or_else(|| AwsError::missing_parameter("Filter.N.Name"))?;
            let values = f.values.clone().unwrap_or_default();
            if values.is_empty() {
                return Err(AwsError::invalid_parameter_value(format!("The filter '{name}' has no value")));
            }
            values_seen += values.len();
            out.push((name, values));
        }
        if values_seen > VALUES_MAX {
            return Err(AwsError::new(
                "FilterLimitExceeded",
                format!("The maximum number of filter values specified on a single call is {VALUES_MAX}"),
            ));
        }
        Ok(Self(out))
    }

    /// Whether an item passes. `field(name)` gives the item's values of a filter, or `None` for a name that this operation
    /// does not have (an error, as in AWS).
    pub fn pass(&self, tags: &BTreeMap<String, String>, field: impl Fn(&str) -> Option<Vec<String>>) -> Result<bool, AwsError> {
        for (name, wanted) in &self.0 {
            let values = if let Some(key) = name.strip_prefix("tag:") {
                tags.get(key).cloned().into_iter().collect()
            } else if name == "tag-key" {
                tags.keys().cloned().collect()
            } else if name == "tag-value" {
                tags.values().cloned().collect()
            } else {
                field(name).ok_or_else(|| AwsError::invalid_parameter_value(format!("The filter '{name}' is invalid")))?
            };
            if !wanted.iter().any(|pattern| values.iter().any(|v| matches(pattern, v))) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The items that pass. Names are checked even when there is no item (`blank`: what `field` says of any item).
    pub fn select<T>(
        &self,
        items: impl IntoIterator<Item = T>,
        tags: impl Fn(&T) -> BTreeMap<String, String>,
        field: impl Fn(&T, &str) -> Option<Vec<String>>,
        names: &[&str],
    ) -> Result<Vec<T>, AwsError> {
        for (name, _) in &self.0 {
            let tag = name.starts_with("tag:") || name == "tag-key" || name == "tag-value";
            if !tag && !names.contains(&name.as_str()) {
                return Err(AwsError::invalid_parameter_value(format!("The filter '{name}' is invalid")));
            }
        }
        let mut out = Vec::new();
        for item in items {
            if self.pass(&tags(&item), |name| field(&item, name))? {
                out.push(item);
            }
        }
        Ok(out)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// `*` any run, `?` one character, `\` takes the next literally. Linear in practice: one backtrack point.
pub fn matches(pattern: &str, value: &str) -> bool {
    #[derive(PartialEq)]
    enum P {
        Any,
        One,
        Char(char),
    }
    let mut p = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        p.push(match c {
            '*' => P::Any,
            '?' => P::One,
            '\\' => P::Char(chars.next().unwrap_or('\\')),
            c => P::Char(c),
        });
    }
    let v: Vec<char> = value.chars().collect();
    let (mut i, mut j) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while j < v.len() {
        match p.get(i) {
            Some(P::Any) => {
                star = Some((i + 1, j));
                i += 1;
            }
            Some(P::One) => {
                i += 1;
                j += 1;
            }
            Some(P::Char(c)) if *c == v[j] => {
                i += 1;
                j += 1;
            }
            _ => match star {
                Some((pi, vj)) => {
                    star = Some((pi, vj + 1));
                    i = pi;
                    j = vj + 1;
                }
                None => return false,
            },
        }
    }
    p[i..].iter().all(|x| *x == P::Any)
}

/// The tags of a resource, for replies and filters.
pub fn tags_of(db: &Db, account: &AccountId, resource: &str) -> BTreeMap<String, String> {
    db.get::<TagSet>(account, resource).map(|t| t.tags.clone()).unwrap_or_default()
}

impl Ctx<'_> {
    pub fn tags(&self, resource: impl ToString) -> BTreeMap<String, String> {
        tags_of(self.db, &self.caller.account, &resource.to_string())
    }

    /// A reply's `tagSet`, by key.
    pub fn tag_list(&self, resource: impl ToString) -> Option<Vec<ec2::Tag>> {
        Some(self.tags(resource).into_iter().map(|(k, v)| ec2::Tag { key: Some(k), value: Some(v) }).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards() {
        for (pattern, value, want) in [
            ("web", "web", true),
            ("web", "Web", false),
            ("w*", "web", true),
            ("*b", "web", true),
            ("w?b", "web", true),
            ("w?b", "wb", false),
            ("*", "", true),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxbyy", false),
            (r"a\*", "a*", true),
            (r"a\*", "ab", false),
            ("", "", true),
            ("", "x", false),
        ] {
            assert_eq!(matches(pattern, value), want, "{pattern} {value}");
        }
    }
}
