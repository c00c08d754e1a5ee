//! The query of an S3 request, decoded; and percent-decoding, once, to UTF-8.

use super::errors;
use crate::AwsError;

/// Parameters in the order in which they came. Names are compared exactly, as S3 does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Params(Vec<(String, Option<String>)>);

impl Params {
    /// # Errors
    /// `InvalidURI` for a broken escape or what is not UTF-8.
    pub fn parse(query: &str) -> Result<Self, AwsError> {
        let pairs = query.split('&').filter(|p| !p.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').map_or((pair, None), |(n, v)| (n, Some(v)));
            Ok((decode(name, true)?, value.map(|v| decode(v, true)).transpose()?))
        });
        pairs.collect::<Result<_, _>>().map(Self)
    }

    /// Whether it is there, with a value or without.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(n, _)| n == name)
    }

    /// The first value; empty if it is there without one.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_deref().unwrap_or_default())
    }

    /// The same, but an empty value counts as none, as in most of S3's listings.
    pub fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|v| !v.is_empty())
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.0.iter().map(|(n, v)| (n.as_str(), v.as_deref()))
    }

    /// A whole number from 0 to `max`; more is cut to `max`, as S3 does with `max-keys`.
    ///
    /// # Errors
    /// `InvalidArgument` for anything else.
    pub fn number(&self, name: &str, max: u32) -> Result<Option<u32>, AwsError> {
        let Some(value) = self.filled(name) else { return Ok(None) };
        match value.parse::<i32>() {
            Ok(n) if n >= 0 => Ok(Some(max.min(n.unsigned_abs()))),
            Ok(_) => Err(errors::invalid_argument(
                format!("Argument {name} must be an integer between 0 and {}", i32::MAX),
                name,
                value,
            )),
            Err(_) => {
                Err(errors::invalid_argument(format!("Provided {name} not an integer or within integer range"), name, value))
            }
        }
    }
}

/// Decodes each `%XX` once; with `plus`, a plus is a space (in a query, never in a path).
///
/// # Errors
/// `InvalidURI` for a broken escape, and for what is not UTF-8 afterwards.
pub fn decode(s: &str, plus: bool) -> Result<String, AwsError> {
    let bytes = s.as_bytes();
    let hex = |b: Option<&u8>| b.and_then(|b| char::from(*b).to_digit(16)).map(|d| d as u8);
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        match bytes[i] {
            b'%' => {
                let (Some(high), Some(low)) = (hex(bytes.get(i + 1)), hex(bytes.get(i + 2))) else {
                    return Err(errors::invalid_uri(crate::error::clip(s)));
                };
                out.push(high << 4 | low);
                i += 2;
            }
            b'+' if plus => out.push(b' '),
            b => out.push(b),
        }
        i += 1;
    }
    String::from_utf8(out).map_err(|_| errors::invalid_uri(crate::error::clip(s)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoding() {
        for (raw, plus, wanted) in [
            ("a%20b", false, Some("a b")),
            ("a+b", false, Some("a+b")),
            ("a+b", true, Some("a b")),
            ("a%2Bb", true, Some("a+b")),
            ("%25%32%30", false, Some("%20")),
            ("%C3%A9é", false, Some("éé")),
            ("%00", false, Some("\0")),
            ("%", false, None),
            ("%4", false, None),
            ("%zz", false, None),
            ("%ff", false, None),
            ("%ED%A0%80", false, None),
        ] {
            assert_eq!(decode(raw, plus).ok().as_deref(), wanted, "{raw}");
        }
        assert!(decode("%", false).unwrap_err().is("InvalidURI"));
    }

    #[test]
    fn values() {
        let p = Params::parse("acl&prefix=a%2Fb+c&empty=&max-keys=5000&neg=-1&bad=x&&prefix=2").unwrap();
        assert!(p.has("acl") && p.has("empty") && !p.has("ACL"));
        assert_eq!((p.get("acl"), p.get("prefix"), p.get("none")), (Some(""), Some("a/b c"), None));
        assert_eq!((p.filled("empty"), p.filled("prefix")), (None, Some("a/b c")));
        assert_eq!(p.number("max-keys", 1000).unwrap(), Some(1000));
        assert_eq!(p.number("empty", 1000).unwrap(), None);
        for name in ["neg", "bad"] {
            assert!(p.number(name, 9).unwrap_err().is("InvalidArgument"));
        }
        assert_eq!(p.iter().count(), 7);
        assert!(Params::parse("a=%g").is_err());
    }
}
