//! KeyId in its four spellings: id, ARN, alias, alias ARN.
//!
//! Source: Developer Guide, "Key identifiers (KeyId)".

use crate::blob;
use std::fmt;
use types::AccountId;

const ALIAS_CHARS_MAX: usize = 256;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyName {
    /// A key's UUID, of the caller's account.
    Id(String),
    /// `alias/name`, of the caller's account.
    Alias(String),
    KeyArn {
        region: String,
        account: AccountId,
        id: String,
    },
    AliasArn {
        region: String,
        account: AccountId,
        name: String,
    },
}

/// `alias/…`: letters, digits, `/`, `_`, `-`.
pub fn is_alias(name: &str) -> bool {
    let ok = |c: u8| c.is_ascii_alphanumeric() || b"/_-".contains(&c);
    name.len() <= ALIAS_CHARS_MAX && name.strip_prefix("alias/").is_some_and(|rest| !rest.is_empty() && rest.bytes().all(ok))
}

impl KeyName {
    /// None: nothing that could name a key.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(rest) = text.strip_prefix("arn:aws:kms:") {
            let mut parts = rest.splitn(3, ':');
            let (region, account, resource) = (parts.next()?.to_owned(), parts.next()?.parse().ok()?, parts.next()?);
            return match resource.strip_prefix("key/") {
                Some(id) => blob::parse_uuid(id).map(|_| Self::KeyArn { region, account, id: id.to_owned() }),
                None => is_alias(resource).then(|| Self::AliasArn { region, account, name: resource.to_owned() }),
            };
        }
        if is_alias(text) {
            return Some(Self::Alias(text.to_owned()));
        }
        blob::parse_uuid(text).map(|_| Self::Id(text.to_owned()))
    }

    pub fn is_alias(&self) -> bool {
        matches!(self, Self::Alias(_) | Self::AliasArn { .. })
    }

    /// The account named, or the caller's.
    pub fn account<'a>(&'a self, caller: &'a AccountId) -> &'a AccountId {
        match self {
            Self::KeyArn { account, .. } | Self::AliasArn { account, .. } => account,
            _ => caller,
        }
    }

    /// The region named, if one is.
    pub fn region(&self) -> Option<&str> {
        match self {
            Self::KeyArn { region, .. } | Self::AliasArn { region, .. } => Some(region),
            _ => None,
        }
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(text) | Self::Alias(text) => f.write_str(text),
            Self::KeyArn { region, account, id } => write!(f, "arn:aws:kms:{region}:{account}:key/{id}"),
            Self::AliasArn { region, account, name } => write!(f, "arn:aws:kms:{region}:{account}:{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_told_apart() {
        let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
        assert!(matches!(KeyName::parse(id), Some(KeyName::Id(_))));
        assert!(matches!(KeyName::parse("alias/a/b_C-1"), Some(KeyName::Alias(_))));
        let arn = format!("arn:aws:kms:us-east-1:111122223333:key/{id}");
        assert!(matches!(KeyName::parse(&arn), Some(KeyName::KeyArn { .. })));
        let alias = KeyName::parse("arn:aws:kms:us-east-1:111122223333:alias/aws/s3").unwrap();
        assert!(alias.is_alias() && alias.region() == Some("us-east-1"));
        for bad in [
            "",
            "alias/",
            "alias/a b",
            "key/x",
            "1234ABCD-12ab-34cd-56ef-1234567890ab",
            "1234abcd12ab34cd56ef1234567890ab",
            "arn:aws:kms:us-east-1:1:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "arn:aws:kms:us-east-1:111122223333:key/x",
            "arn:aws:s3:::b",
        ] {
            assert_eq!(KeyName::parse(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_name(text in "(arn:aws:kms:us-east-1:[0-9]{11,13}:)?(alias|key)?/?[0-9a-f/_-]{0,40}") {
            crate::fuzz::key_name(&text);
        }
    }
}
