//! Link and network addresses: MAC, IP prefixes, VXLAN network identifiers.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseNetError {
    #[error("\"{0}\" is not a CIDR block such as 10.0.0.0/16 or 2001:db8::/56")]
    Cidr(String),
    #[error("\"{0}\" is not a MAC address such as 06:00:00:00:00:01")]
    Mac(String),
    #[error("{0} is not a VNI: it has 24 bits and 0 is not used")]
    Vni(u32),
}

/// What an IP address of either family can do for a prefix.
pub trait IpBits: Copy + Ord + std::hash::Hash + fmt::Display + FromStr + Send + Sync + 'static {
    const BITS: u8;
    const ZERO: Self;
    /// The address in the lowest [`Self::BITS`] bits.
    fn to_bits(self) -> u128;
    /// The higher bits must be 0.
    fn from_bits(bits: u128) -> Self;
}

impl IpBits for Ipv4Addr {
    const BITS: u8 = 32;
    const ZERO: Self = Ipv4Addr::UNSPECIFIED;
    fn to_bits(self) -> u128 {
        u32::from(self).into()
    }
    fn from_bits(bits: u128) -> Self {
        Ipv4Addr::from(bits as u32)
    }
}

impl IpBits for Ipv6Addr {
    const BITS: u8 = 128;
    const ZERO: Self = Ipv6Addr::UNSPECIFIED;
    fn to_bits(self) -> u128 {
        self.into()
    }
    fn from_bits(bits: u128) -> Self {
        bits.into()
    }
}

/// An IP prefix. The host bits are kept as given (`canonical` clears them), as AWS's own answers distinguish the two.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cidr<A> {
    addr: A,
    len: u8,
}

pub type Ipv4Cidr = Cidr<Ipv4Addr>;
pub type Ipv6Cidr = Cidr<Ipv6Addr>;

impl<A: IpBits> Cidr<A> {
    /// Every address.
    pub const ALL: Self = Self { addr: A::ZERO, len: 0 };

    /// `None` when `len` is over the address's bits.
    pub fn new(addr: A, len: u8) -> Option<Self> {
        (len <= A::BITS).then_some(Self { addr, len })
    }

    /// The prefix that holds this address alone.
    pub fn host(addr: A) -> Self {
        Self { addr, len: A::BITS }
    }

    pub fn addr(self) -> A {
        self.addr
    }

    pub fn prefix_len(self) -> u8 {
        self.len
    }

    /// Ones where the host part is.
    fn host_bits(self) -> u128 {
        match A::BITS - self.len {
            128 => u128::MAX,
            bits => (1u128 << bits) - 1,
        }
    }

    pub fn canonical(self) -> Self {
        Self { addr: self.first(), len: self.len }
    }

    pub fn is_canonical(self) -> bool {
        self == self.canonical()
    }

    /// The network address.
    pub fn first(self) -> A {
        A::from_bits(self.addr.to_bits() & !self.host_bits())
    }

    /// The last address: of IPv4 the broadcast address.
    pub fn last(self) -> A {
        A::from_bits(self.addr.to_bits() | self.host_bits())
    }

    pub fn contains(self, ip: A) -> bool {
        (ip.to_bits() ^ self.addr.to_bits()) & !self.host_bits() == 0
    }

    pub fn contains_cidr(self, other: Self) -> bool {
        self.len <= other.len && self.contains(other.addr)
    }

    pub fn overlaps(self, other: Self) -> bool {
        self.contains(other.first()) || other.contains(self.first())
    }
}

impl Ipv4Cidr {
    pub fn mask(self) -> u32 {
        !(self.host_bits() as u32)
    }

    pub fn netmask(self) -> Ipv4Addr {
        Ipv4Addr::from(self.mask())
    }

    /// How many addresses the prefix holds.
    pub fn size(self) -> u64 {
        1u64 << (32 - self.len)
    }

    /// The address at `offset` from the network address; `None` outside the prefix.
    pub fn nth(self, offset: u64) -> Option<Ipv4Addr> {
        (offset < self.size()).then(|| Ipv4Addr::from(u32::from(self.first()) + offset as u32))
    }
}

impl Ipv6Cidr {
    /// The `index`th prefix of `len` bits inside this one; `None` outside of it.
    pub fn subnet(self, len: u8, index: u128) -> Option<Self> {
        let more = len.checked_sub(self.len).filter(|_| len <= 128)?;
        if more < 128 && index >> more != 0 {
            return None;
        }
        let shift = u32::from(128 - len);
        let offset = if shift == 128 { 0 } else { index << shift };
        Some(Self { addr: Ipv6Addr::from(self.first().to_bits() | offset), len })
    }
}

/// A prefix of either family, where both stand in one place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IpCidr {
    V4(Ipv4Cidr),
    V6(Ipv6Cidr),
}

impl fmt::Display for IpCidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V4(c) => c.fmt(f),
            Self::V6(c) => c.fmt(f),
        }
    }
}

impl fmt::Debug for IpCidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for IpCidr {
    type Err = ParseNetError;
    fn from_str(s: &str) -> Result<Self, ParseNetError> {
        if s.contains(':') { s.parse().map(Self::V6) } else { s.parse().map(Self::V4) }
    }
}

impl From<Ipv4Cidr> for IpCidr {
    fn from(c: Ipv4Cidr) -> Self {
        Self::V4(c)
    }
}

impl From<Ipv6Cidr> for IpCidr {
    fn from(c: Ipv6Cidr) -> Self {
        Self::V6(c)
    }
}

impl<A: fmt::Display> fmt::Display for Cidr<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.addr, self.len)
    }
}

impl<A: fmt::Display> fmt::Debug for Cidr<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<A: IpBits> FromStr for Cidr<A> {
    type Err = ParseNetError;
    fn from_str(s: &str) -> Result<Self, ParseNetError> {
        let err = || ParseNetError::Cidr(s.chars().take(64).collect());
        let (addr, len) = s.split_once('/').ok_or_else(err)?;
        if len.is_empty() || len.len() > 3 || !len.bytes().all(|b| b.is_ascii_digit()) {
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
serde_as_string!(Ipv4Cidr, Ipv6Cidr, IpCidr, MacAddr);

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
    fn cidr_of_ipv6() {
        let c: Ipv6Cidr = "2001:db8:1:2::/56".parse().unwrap();
        assert_eq!(c.canonical().to_string(), "2001:db8:1::/56");
        assert_eq!(c.subnet(64, 0xff).unwrap().to_string(), "2001:db8:1:ff::/64");
        assert_eq!((c.subnet(64, 0x100), c.subnet(55, 0), c.subnet(129, 0)), (None, None, None));
        assert_eq!(Ipv6Cidr::ALL.subnet(128, u128::MAX).unwrap().first(), Ipv6Addr::from(u128::MAX));
        assert!(Ipv6Cidr::ALL.contains(Ipv6Addr::LOCALHOST) && !c.contains(Ipv6Addr::LOCALHOST));
        assert!(c.contains_cidr("2001:db8:1:ff::/64".parse().unwrap()) && !c.overlaps("2001:db8:2::/48".parse().unwrap()));
        for bad in ["2001:db8::", "2001:db8::/129", "::/", "10.0.0.0/8", "::/0000"] {
            assert!(bad.parse::<Ipv6Cidr>().is_err(), "{bad}");
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
