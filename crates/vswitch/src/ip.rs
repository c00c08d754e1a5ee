//! What depends on the IP family: the width of an address, and what the numbers of its ICMP mean.
//!
//! The layers are written once over [`Ip`] and compiled for `u32` (IPv4) and `u128` (IPv6): addresses as host-order numbers.
//! What the tables hold of each family and what only one of them has is [`crate::family::Family`].

use crate::parse6::Chain;
use std::fmt::Debug;
use std::hash::{Hash, Hasher};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::{BitAnd, BitXor, Not};
use types::{IpBits, IpCidr};

/// What a type of ICMP message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IcmpKind {
    Query,
    /// To a query of this type.
    Answer(u8),
    /// It belongs to the flow it quotes.
    Error,
    Other,
}

pub trait Ip:
    Copy
    + Ord
    + Hash
    + Debug
    + Default
    + From<Self::Addr>
    + BitAnd<Output = Self>
    + BitXor<Output = Self>
    + Not<Output = Self>
    + 'static
{
    type Addr: IpBits + Debug + From<Self> + Into<IpAddr>;

    /// Where the parts of a packet begin.
    type Chain: Copy + Eq + Debug + Default;

    /// The protocol's number.
    const ICMP: u8;
    /// Everyone has addresses of its own: nothing is translated, and who is outside is known by them.
    const UNIQUE: bool;
    /// What tells the datagrams of fragments apart: their protocol too (RFC 791), or not (RFC 8200, section 4.5).
    const FRAGMENTS_BY_PROTOCOL: bool;

    fn unfragmented_bytes(chain: Self::Chain) -> u16;

    fn icmp_kind(kind: u8) -> IcmpKind;
    /// The type of the answer to a query.
    fn icmp_answer(query: u8) -> u8;
    fn hash_pair<H: Hasher>(self, other: Self, h: &mut H);
    fn is_multicast(self) -> bool;
    /// On no wire, beyond no router.
    fn is_martian(self) -> bool;
    /// Of one link, or of a host's own services.
    fn is_link_local(self) -> bool;
    fn any_cidr(cidr: CidrOf<Self>) -> IpCidr;

    fn addr(self) -> Self::Addr {
        self.into()
    }

    fn any(self) -> IpAddr {
        self.addr().into()
    }
}

/// A prefix of the family.
pub type CidrOf<A> = types::Cidr<<A as Ip>::Addr>;

/// (network, mask)
pub(crate) fn network<A: Ip>(cidr: CidrOf<A>) -> (A, A) {
    let (first, last) = (A::from(cidr.first()), A::from(cidr.last()));
    (first, !(first ^ last))
}

impl Ip for u32 {
    type Addr = Ipv4Addr;
    type Chain = ();
    const ICMP: u8 = 1;
    const UNIQUE: bool = false;
    const FRAGMENTS_BY_PROTOCOL: bool = true;

    #[inline(always)]
    fn unfragmented_bytes((): ()) -> u16 {
        crate::parse::IP_BYTES as u16
    }

    /// Errors are destination unreachable, source quench, time exceeded, parameter problem. A redirect is not, since no router
    /// but the switch is on the link.
    #[inline(always)]
    fn icmp_kind(kind: u8) -> IcmpKind {
        match kind {
            8 | 13 | 15 | 17 => IcmpKind::Query,
            0 => IcmpKind::Answer(8),
            14 | 16 | 18 => IcmpKind::Answer(kind - 1),
            3 | 4 | 11 | 12 => IcmpKind::Error,
            _ => IcmpKind::Other,
        }
    }

    fn icmp_answer(query: u8) -> u8 {
        if query == 8 { 0 } else { query + 1 }
    }

    #[inline(always)]
    fn hash_pair<H: Hasher>(self, other: Self, h: &mut H) {
        h.write_u64(u64::from(self) << 32 | u64::from(other));
    }

    fn is_multicast(self) -> bool {
        self >> 28 == 0xe
    }

    /// "This network", loopback, class E and broadcast.
    fn is_martian(self) -> bool {
        matches!(self >> 24, 0 | 127 | 240..)
    }

    fn is_link_local(self) -> bool {
        self >> 16 == 0xa9fe
    }

    fn any_cidr(cidr: CidrOf<Self>) -> IpCidr {
        IpCidr::V4(cidr)
    }
}

impl Ip for u128 {
    type Addr = Ipv6Addr;
    type Chain = Chain;
    const ICMP: u8 = crate::parse::ICMP6;
    const UNIQUE: bool = true;
    const FRAGMENTS_BY_PROTOCOL: bool = false;

    fn unfragmented_bytes(chain: Chain) -> u16 {
        chain.part.saturating_sub(crate::parse::ETHERNET_BYTES as u16)
    }

    /// RFC 4443: destination unreachable, packet too big, time exceeded, parameter problem; echo.
    #[inline(always)]
    fn icmp_kind(kind: u8) -> IcmpKind {
        match kind {
            128 => IcmpKind::Query,
            129 => IcmpKind::Answer(128),
            1..=4 => IcmpKind::Error,
            _ => IcmpKind::Other,
        }
    }

    fn icmp_answer(query: u8) -> u8 {
        query + 1
    }

    #[inline(always)]
    fn hash_pair<H: Hasher>(self, other: Self, h: &mut H) {
        h.write_u64(self as u64);
        h.write_u64((self >> 64) as u64);
        h.write_u64(other as u64);
        h.write_u64((other >> 64) as u64);
    }

    fn is_multicast(self) -> bool {
        self >> 120 == 0xff
    }

    /// ::/8 holds what stands for nothing on a wire: unspecified, loopback, IPv4 in IPv6's clothes (RFC 4291, section 2.5).
    fn is_martian(self) -> bool {
        self >> 120 == 0
    }

    fn is_link_local(self) -> bool {
        self >> 118 == 0xfe80 >> 6 || self >> 96 == 0xfd00_0ec2
    }

    fn any_cidr(cidr: CidrOf<Self>) -> IpCidr {
        IpCidr::V6(cidr)
    }
}
