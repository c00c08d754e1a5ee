//! Blocks of addresses of either family, as routes, network ACLs and prefix lists name them.
//!
//! Stored as text, like blocks of IPv4 alone: rows of before there was IPv6 are read as they are.

use aws_protocol::AwsError;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use types::{Cidr, IpBits, Ipv4Cidr, Ipv6Cidr, ParseNetError};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Block {
    V4(Ipv4Cidr),
    V6(Ipv6Cidr),
}

impl Block {
    pub fn v4(self) -> Option<Ipv4Cidr> {
        if let Self::V4(cidr) = self { Some(cidr) } else { None }
    }

    pub fn v6(self) -> Option<Ipv6Cidr> {
        if let Self::V6(cidr) = self { Some(cidr) } else { None }
    }

    pub fn is_v6(self) -> bool {
        matches!(self, Self::V6(_))
    }

    pub fn canonical(self) -> Self {
        match self {
            Self::V4(c) => Self::V4(c.canonical()),
            Self::V6(c) => Self::V6(c.canonical()),
        }
    }

    pub fn prefix_len(self) -> u8 {
        match self {
            Self::V4(c) => c.prefix_len(),
            Self::V6(c) => c.prefix_len(),
        }
    }

    /// Never of two families.
    pub fn contains_cidr(self, other: Self) -> bool {
        match (self, other) {
            (Self::V4(a), Self::V4(b)) => a.contains_cidr(b),
            (Self::V6(a), Self::V6(b)) => a.contains_cidr(b),
            _ => false,
        }
    }

    /// A text that sorts as blocks do: what pages go on from.
    pub fn key(self) -> String {
        match self {
            Self::V4(c) => format!("4/{:010}/{:03}", c.addr().to_bits(), c.prefix_len()),
            Self::V6(c) => format!("6/{:032x}/{:03}", c.addr().to_bits(), c.prefix_len()),
        }
    }
}

/// A block as a request gives it, host bits and all.
pub fn parse_cidr<A: IpBits>(text: &str, parameter: &str) -> Result<Cidr<A>, AwsError> {
    text.parse().map_err(|_| AwsError::invalid_value(parameter, text, "This is not a valid CIDR block."))
}

/// The same of either family.
pub fn parse_block(text: &str, parameter: &str) -> Result<Block, AwsError> {
    text.parse().map_err(|_| AwsError::invalid_value(parameter, text, "This is not a valid CIDR block."))
}

impl From<Ipv4Cidr> for Block {
    fn from(cidr: Ipv4Cidr) -> Self {
        Self::V4(cidr)
    }
}

impl From<Ipv6Cidr> for Block {
    fn from(cidr: Ipv6Cidr) -> Self {
        Self::V6(cidr)
    }
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V4(c) => c.fmt(f),
            Self::V6(c) => c.fmt(f),
        }
    }
}

impl fmt::Debug for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Block {
    type Err = ParseNetError;
    fn from_str(text: &str) -> Result<Self, ParseNetError> {
        if text.contains(':') { text.parse().map(Self::V6) } else { text.parse().map(Self::V4) }
    }
}

impl From<Block> for String {
    fn from(block: Block) -> Self {
        block.to_string()
    }
}

impl TryFrom<String> for Block {
    type Error = ParseNetError;
    fn try_from(text: String) -> Result<Self, ParseNetError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_ipv4_alone_are_read_as_they_are() {
        let old = serde_json::to_string(&"10.0.0.0/8".parse::<Ipv4Cidr>().unwrap()).unwrap();
        let block: Block = serde_json::from_str(&old).unwrap();
        assert_eq!((block, serde_json::to_string(&block).unwrap()), (Block::V4("10.0.0.0/8".parse().unwrap()), old));
        let six: Block = serde_json::from_str("\"2001:db8::/32\"").unwrap();
        assert_eq!(six.v6().map(|c| c.prefix_len()), Some(32));
        assert!(serde_json::from_str::<Block>("\"2001:db8::\"").is_err());
    }

    #[test]
    fn keys_sort_as_blocks_do() {
        let texts = ["0.0.0.0/0", "9.0.0.0/8", "9.0.0.0/16", "10.0.0.0/8", "::/0", "2001:db8::/32", "2001:db8::/128", "fd00::/8"];
        let blocks: Vec<Block> = texts.iter().map(|t| t.parse().unwrap()).collect();
        assert!(blocks.is_sorted() && blocks.iter().map(|b| b.key()).is_sorted());
        assert!(!blocks[0].contains_cidr(blocks[4]) && blocks[4].contains_cidr(blocks[7]));
    }
}
