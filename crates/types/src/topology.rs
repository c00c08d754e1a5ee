//! Where things stand: region, availability zone, cell, host; whose they are: account; which version: generation.
//!
//! Names are written as users see them: region `us-east-1`, zone `us-east-1a`, cell `a1` (zone letter, number), host `a1-h2`.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{given}\" is not {wanted}")]
pub struct ParseNameError {
    pub given: String,
    pub wanted: &'static str,
}

macro_rules! name {
    ($($(#[$doc:meta])* $name:ident: $wanted:literal, $max:literal, $check:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            pub fn as_str(&self) -> &str { &self.0 }
        }

        impl FromStr for $name {
            type Err = ParseNameError;
            fn from_str(s: &str) -> Result<Self, ParseNameError> {
                let check: fn(&str) -> bool = $check;
                if !s.is_empty() && s.len() <= $max && check(s) {
                    Ok(Self(s.to_owned()))
                } else {
                    Err(ParseNameError { given: s.chars().take(64).collect(), wanted: $wanted })
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = ParseNameError;
            fn try_from(s: String) -> Result<Self, ParseNameError> { s.parse() }
        }

        impl From<$name> for String {
            fn from(n: $name) -> String { n.0 }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.pad(&self.0) }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.pad(&self.0) }
        }
    )*};
}

fn word(s: &str) -> bool {
    s.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

name! {
    RegionName: "a region name such as us-east-1", 32, word;
    /// An availability zone, region name and letter: `us-east-1a`.
    AzName: "an availability zone such as us-east-1a", 33, |s| word(s) && s.ends_with(|c: char| c.is_ascii_lowercase());
    /// A cell: zone letter and number, `a1`.
    CellId: "a cell id such as a1", 16, word;
    /// A host: cell and number, `a1-h2`.
    HostId: "a host id such as a1-h2", 32, word;
    /// A storage node: its zone's letter and its number there, `a1`.
    StorageId: "a storage node id such as a1", 16, word;
    /// Twelve decimal digits.
    AccountId: "an account id of 12 digits", 12, |s| s.len() == 12 && s.bytes().all(|b| b.is_ascii_digit());
}

/// A version of a pushed document: only ever grows; a receiver refuses one that is older than what it has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Generation(pub u64);

impl Generation {
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Wall-clock time, milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TimestampMs(pub u64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked() {
        assert!("123456789012".parse::<AccountId>().is_ok() && "12345".parse::<AccountId>().is_err());
        assert!("us-east-1a".parse::<AzName>().is_ok() && "us-east-1".parse::<AzName>().is_err());
        assert!("../etc".parse::<HostId>().is_err() && "".parse::<CellId>().is_err());
    }
}
