//! Link and network addresses: MAC, IPv4 prefixes, VXLAN network identifiers.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseNetError {
    #[error("\"{0}\" is not a CIDR block such as 10.0.0.0/16")]
    Cidr(String),
    #[error("\"{0}\" is not a MAC address such as 06:00:00:00:00:01")]
    Mac(String),
    #[error("{0} is not a VNI: it has 24 bits and 0 is not used")]
    Vni(u32),
}

/// An IPv4 prefix. The host bits are kept as given (`canonical` clears them), as AWS's own answers distinguish the two.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ipv4Cidr {
    addr: Ipv4Addr,
    len: u8,
}

impl Ipv4Cidr {
    pub const ALL: Ipv4Cidr = Ipv4Cidr { addr: Ipv4Addr::UNSPECIFIED, len: 0 };

    /// `None` when `len` is over 32.
    pub fn new(addr: Ipv4Addr, len: u8) -> Option<Self> {
        (len <= 32).then_some(Self { addr, len })
    }

    pub fn addr(self) -> Ipv4Addr {
        self.addr
    }

    pub fn prefix_len(self) -> u8 {
        self.len
    }

    pub fn mask(self) -> u32 {
        if self.len == 0 { 0 } else { u32::MAX << (32 - self.len) }
    }

    pub fn netmask(self) -> Ipv4Addr {
        Ipv4Addr::from(self.mask())
    }

    pub fn canonical(self) -> Self {
        Self { addr: self.first(), len: self.len }
    }

    pub fn is_canonical(self) -> bool {
        self == self.canonical()
    }

    /// The network address.
    pub fn first(self) -> Ipv4Addr {
        Ipv4Addr::from(u32::from(self.addr) & self.mask())
    }

    /// The broadcast address.
    pub fn last(self) -> Ipv4Addr {
        Ipv4Addr::from(u32::from(self.addr) | !self.mask())
    }

    /// How many addresses the prefix holds.
    pub fn size(self) -> u64 {
        1u64 << (32 - self.len)
    }

    /// The address at `offset` from the network address; `None` outside the prefix.
    pub fn nth(self, offset: u64) -> Option<Ipv4Addr> {
        (offset < self.size()).then(|| Ipv4Addr::from(u32::from(self.first()) + offset as u32))
    }

    pub fn contains(self, ip: Ipv4Addr) -> bool {
        u32::from(ip) & self.mask() == u32::from(self.addr) & self.mask()
    }

    pub fn contains_cidr(self, other: Self) -> bool {
        self.len <= other.len && self.contains(other.addr)
    }

    pub fn overlaps(self, other: Self) -> bool {
        self.contains(other.first()) || other.contains(self.first())
    }
}

impl fmt::Display for Ipv4Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.addr, self.len)
    }
}

impl fmt::Debug for Ipv4Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Ipv4Cidr {
    type Err = ParseNetError;
    fn from_str(s: &str) -> Result<Self, ParseNetError> {
        let err = || ParseNetError::Cidr(s.chars().take(64).collect());
        let (addr, len) = s.split_once('/').ok_or_else(err)?;
        if len.is_empty() || len.len() > 2 || !len.bytes().all(|b| b.is_ascii_digit()) {
            return Err(err());
        }
        Self::new(addr.parse().map_err(|_| err())?, len.parse().map_err(|_| err())?).ok_or_else(err)
    }
}

/// An Ethernet address.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MacAddr(pub [u8; 6]);

impl MacAddr {
    pub const BROADCAST: MacAddr = MacAddr([0xff; 6]);

    /// A locally administered unicast address from 40 bits of randomness. EC2's own begin with 02, 06, 0a, 0e, 12 or 16.
    pub fn from_random(random: u64) -> Self {
        let r = random.to_be_bytes();
        Self([0x06, r[3], r[4], r[5], r[6], r[7]])
    }

    pub fn is_multicast(self) -> bool {
        self.0[0] & 1 == 1
    }
}

impl fmt::Display for MacAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl fmt::Debug for MacAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for MacAddr {
    type Err = ParseNetError;
    fn from_str(s: &str) -> Result<Self, ParseNetError> {
        let err = || ParseNetError::Mac(s.chars().take(64).collect());
        let mut bytes = [0u8; 6];
        let mut parts = s.split(':');
        for b in &mut bytes {
            let part = parts.next().filter(|p| p.len() == 2).ok_or_else(err)?;
            *b = u8::from_str_radix(part, 16).map_err(|_| err())?;
        }
        if parts.next().is_some() { Err(err()) } else { Ok(Self(bytes)) }
    }
}

macro_rules! serde_as_string {
    ($($t:ty),*) => {$(
        impl Serialize for $t {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> { s.collect_str(self) }
        }
        impl<'de> Deserialize<'de> for $t {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let s = std::borrow::Cow::<'de, str>::deserialize(d)?;
                s.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}
serde_as_string!(Ipv4Cidr, MacAddr);

/// A VXLAN network identifier (RFC 7348): 24 bits. One a VPC; [`Vni::INTERNET`] carries packets with public addresses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Vni(u32);

impl Vni {
    /// Packets between public addresses, outside every VPC. No tenant's port can send on it directly.
    pub const INTERNET: Vni = Vni(1);
    /// Between cards and directories: who has an address of a large VPC. No tenant's port can send on it.
    pub const DIRECTORY: Vni = Vni(2);
    /// The first VNI that is given to a VPC; those below are the system's.
    pub const FIRST_VPC: Vni = Vni(4096);
    pub const MAX: Vni = Vni(0xff_ffff);

    pub fn get(self) -> u32 {
        self.0
    }
}

impl TryFrom<u32> for Vni {
    type Error = ParseNetError;
    fn try_from(v: u32) -> Result<Self, ParseNetError> {
        if v == 0 || v > Self::MAX.0 { Err(ParseNetError::Vni(v)) } else { Ok(Self(v)) }
    }
}

impl From<Vni> for u32 {
    fn from(v: Vni) -> u32 {
        v.0
    }
}

impl fmt::Display for Vni {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Vni {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "vni {}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cidr_arithmetic() {
        let c: Ipv4Cidr = "10.0.0.0/16".parse().unwrap();
        assert_eq!((c.first(), c.last(), c.size()), ("10.0.0.0".parse().unwrap(), "10.0.255.255".parse().unwrap(), 65536));
        assert!(c.contains("10.0.255.1".parse().unwrap()) && !c.contains("10.1.0.0".parse().unwrap()));
        assert!(c.overlaps("10.0.4.0/24".parse().unwrap()) && !c.overlaps("10.1.0.0/16".parse().unwrap()));
        assert!(Ipv4Cidr::ALL.contains("255.255.255.255".parse().unwrap()));
        assert!(!"10.0.0.1/16".parse::<Ipv4Cidr>().unwrap().is_canonical());
        for bad in ["10.0.0.0", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/", "10.0.0.0/+8", "a/8"] {
            assert!(bad.parse::<Ipv4Cidr>().is_err(), "{bad}");
        }
    }

    #[test]
    fn mac_and_vni() {
        let m: MacAddr = "06:00:00:00:00:0a".parse().unwrap();
        assert_eq!(m.to_string(), "06:00:00:00:00:0a");
        assert!("06:00:00:00:00".parse::<MacAddr>().is_err());
        assert!(Vni::try_from(0).is_err() && Vni::try_from(1 << 24).is_err());
    }
}
