//! Who has an address of a large VPC: what cards ask directories ([`Message`], a datagram each), and what the region pushes to
//! directories ([`DirectoryPush`], in parts).
//!
//! A datagram is a VXLAN header with [`types::Vni::DIRECTORY`] and a [`Message`]. UDP may lose it: a card asks again, and an
//! answer that a directory sends unasked (the address has changed hands) is backed by the lease of the one before.

use crate::{FORMAT, method};
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv4Addr};
use types::{Generation, InterfaceId, MacAddr, SecurityGroupId, Vni};

/// Parts that a VPC may be cut into.
pub const PARTS_MAX: u16 = 1024;
/// Groups of one interface (EC2's highest quota is 16).
pub const GROUPS_MAX: usize = 16;
/// The version of [`Message`]'s encoding.
const VERSION: u8 = 1;
/// A VXLAN payload is never shorter than an Ethernet header.
const BYTES_MIN: usize = 14;

/// How many parts a VPC of so many addresses is cut into: parts and their list stay small alike.
pub fn parts_of(addresses: usize) -> u16 {
    (addresses / 256).next_power_of_two().min(PARTS_MAX.into()) as u16
}

/// Which of `of` parts (a power of two) holds an address: FNV-1a of its bytes, so that neighbours are spread.
pub fn part_of(address: IpAddr, of: u16) -> u16 {
    let fold = |bytes: &[u8]| bytes.iter().fold(0x811c_9dc5_u32, |h, b| (h ^ u32::from(*b)).wrapping_mul(0x0100_0193));
    let h = match address {
        IpAddr::V4(a) => fold(&a.octets()),
        IpAddr::V6(a) => fold(&a.octets()),
    };
    (h >> 16 ^ h) as u16 & (of - 1)
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// Card to directory.
    Query { vni: Vni, address: IpAddr },
    /// Directory to card, asked or unasked.
    Answer(Answer),
    /// Card to card: what you sent for this address came to a host that does not have it. Says nothing but "ask again".
    Moved { vni: Vni, address: IpAddr },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub vni: Vni,
    pub address: IpAddr,
    /// Of the push that said so. A card never goes back to an older one.
    pub version: Generation,
    /// How long it may be used without being asked again.
    pub lease_ms: u32,
    /// `None`: nobody has the address.
    pub holder: Option<Holder>,
}

/// The interface that has an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    pub interface: InterfaceId,
    pub mac: MacAddr,
    /// The VXLAN address of its host; `None`: it is on none.
    pub underlay: Option<Ipv4Addr>,
    pub groups: Vec<SecurityGroupId>,
}

const QUERY: u8 = 1;
const ANSWER: u8 = 2;
const MOVED: u8 = 3;
/// The holder's digits of `eni-…`, its host and groups follow.
const HELD: u8 = 1;

impl Message {
    pub fn encode(&self) -> Vec<u8> {
        let (kind, vni, address) = match self {
            Self::Query { vni, address } => (QUERY, vni, address),
            Self::Answer(a) => (ANSWER, &a.vni, &a.address),
            Self::Moved { vni, address } => (MOVED, vni, address),
        };
        let mut out = Vec::with_capacity(96);
        out.extend_from_slice(&[VERSION, kind]);
        out.extend_from_slice(&vni.get().to_be_bytes());
        match address {
            IpAddr::V4(a) => {
                out.push(4);
                out.extend_from_slice(&a.octets());
            }
            IpAddr::V6(a) => {
                out.push(6);
                out.extend_from_slice(&a.octets());
            }
        }
        if let Self::Answer(a) = self {
            out.extend_from_slice(&a.version.0.to_be_bytes());
            out.extend_from_slice(&a.lease_ms.to_be_bytes());
            out.push(if a.holder.is_some() { HELD } else { 0 });
            if let Some(h) = &a.holder {
                out.extend_from_slice(&h.interface.digits());
                out.extend_from_slice(&h.mac.0);
                out.extend_from_slice(&h.underlay.unwrap_or(Ipv4Addr::UNSPECIFIED).octets());
                let groups = &h.groups[..h.groups.len().min(GROUPS_MAX)];
                out.push(groups.len() as u8);
                groups.iter().for_each(|g| out.extend_from_slice(&g.digits()));
            }
        }
        out.resize(out.len().max(BYTES_MIN), 0);
        out
    }

    /// `None`: not a message of this version. Bytes that follow it are ignored.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut r = Reader(bytes);
        let [version, kind] = r.take()?;
        if version != VERSION {
            return None;
        }
        let vni = Vni::try_from(u32::from_be_bytes(r.take()?)).ok()?;
        let address = match r.take()? {
            [4] => IpAddr::from(r.take::<4>()?),
            [6] => IpAddr::from(r.take::<16>()?),
            _ => return None,
        };
        match kind {
            QUERY => Some(Self::Query { vni, address }),
            MOVED => Some(Self::Moved { vni, address }),
            ANSWER => {
                let version = Generation(u64::from_be_bytes(r.take()?));
                let lease_ms = u32::from_be_bytes(r.take()?);
                let holder = match r.take()? {
                    [0] => None,
                    [HELD] => Some(r.holder()?),
                    _ => return None,
                };
                Some(Self::Answer(Answer { vni, address, version, lease_ms, holder }))
            }
            _ => None,
        }
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*head)
    }

    fn holder(&mut self) -> Option<Holder> {
        let interface = InterfaceId::from_digits(self.take()?)?;
        let mac = MacAddr(self.take()?);
        let underlay = Some(Ipv4Addr::from(self.take::<4>()?)).filter(|a| !a.is_unspecified());
        let [count] = self.take()?;
        if usize::from(count) > GROUPS_MAX {
            return None;
        }
        let groups = (0..count).map(|_| SecurityGroupId::from_digits(self.take()?)).collect::<Option<_>>()?;
        Some(Holder { interface, mac, underlay, groups })
    }
}

/// The interfaces of a VPC that have an address in one part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryPart {
    pub vni: Vni,
    pub part: u16,
    /// How many parts the VPC has.
    pub of: u16,
    /// Ascending.
    pub entries: Vec<(IpAddr, Holder)>,
}

/// A part by its place and contents.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PartName {
    pub vni: Vni,
    pub part: u16,
    pub of: u16,
    /// SHA-256 of the part's JSON, the first 16 bytes, hex.
    pub digest: String,
}

/// All parts there are, and those of them that the receiver should lack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryPush {
    pub format: u16,
    pub generation: Generation,
    /// All parts of each VPC that is named, sorted. Of other VPCs nobody is told anything.
    pub names: Vec<PartName>,
    pub parts: Vec<DirectoryPart>,
}

impl DirectoryPush {
    pub fn new(generation: Generation, names: Vec<PartName>, parts: Vec<DirectoryPart>) -> Self {
        Self { format: FORMAT, generation, names, parts }
    }
}

/// `missing`: named and not held; the parts that came are kept and nothing else was changed. Empty: all of it is in force, durably.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryApplied {
    pub generation: Generation,
    pub missing: Vec<PartName>,
}

method!(
    /// To a directory.
    PushDirectory, "directory/Push", DirectoryPush => DirectoryApplied
);

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryStatus {
    pub generation: Generation,
    pub vpcs: u64,
    pub entries: u64,
    /// (address, host) pairs that are told of changes.
    pub followers: u64,
    pub queries: u64,
    /// Of them: nobody has the address.
    pub negative: u64,
    /// Of a VPC that is not known here, or of no host: not answered.
    pub refused: u64,
    /// Datagrams sent unasked.
    pub told: u64,
    /// Followers that were forgotten for want of room before their lease ended.
    pub followers_dropped: u64,
    pub problems: Vec<String>,
}

method!(GetDirectoryStatus, "directory/Status", crate::Empty => DirectoryStatus);

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(groups: usize, underlay: Option<Ipv4Addr>) -> Message {
        let groups = (0..groups).map(|n| SecurityGroupId::from_random(n as u128)).collect();
        let holder = Holder { interface: InterfaceId::from_random(7), mac: MacAddr([2, 0, 0, 0, 0, 1]), underlay, groups };
        Message::Answer(Answer {
            vni: Vni::FIRST_VPC,
            address: Ipv4Addr::new(10, 0, 0, 4).into(),
            version: Generation(1 << 40),
            lease_ms: 60_000,
            holder: Some(holder),
        })
    }

    fn all() -> Vec<Message> {
        let address: IpAddr = "2001:db8::5".parse().unwrap();
        let nobody = Answer { vni: Vni::MAX, address, version: Generation(3), lease_ms: 2000, holder: None };
        vec![
            Message::Query { vni: Vni::FIRST_VPC, address },
            Message::Moved { vni: Vni::FIRST_VPC, address: Ipv4Addr::new(10, 0, 0, 4).into() },
            Message::Answer(nobody),
            answer(0, None),
            answer(GROUPS_MAX, Some(Ipv4Addr::new(127, 0, 0, 5))),
        ]
    }

    #[test]
    fn messages_come_back_as_they_were() {
        for message in all() {
            let bytes = message.encode();
            assert!(bytes.len() >= BYTES_MIN);
            assert_eq!(Message::decode(&bytes), Some(message.clone()));
            let mut longer = bytes.clone();
            longer.extend_from_slice(&[9; 40]);
            assert_eq!(Message::decode(&longer), Some(message));
        }
    }

    #[test]
    fn what_is_cut_or_changed_is_refused_or_another_message_and_never_a_panic() {
        for message in all() {
            let bytes = message.encode();
            for n in 0..bytes.len() {
                let mut changed = bytes.clone();
                for value in [0, 1, 4, 6, 17, 0xff] {
                    changed[n] = value;
                    let _ = Message::decode(&changed);
                }
                if let Message::Answer(_) = message {
                    assert_eq!(Message::decode(&bytes[..n]), None, "{n}");
                }
            }
        }
        let Message::Answer(mut many) = answer(1, None) else { panic!() };
        many.holder.as_mut().unwrap().groups = vec![SecurityGroupId::from_random(1); 40];
        let Some(Message::Answer(back)) = Message::decode(&Message::Answer(many).encode()) else { panic!() };
        assert_eq!(back.holder.unwrap().groups.len(), GROUPS_MAX);
    }

    #[test]
    fn a_subnet_is_spread_over_the_parts() {
        for (addresses, of) in [(0, 1), (256, 1), (1000, 4), (65_536, 256), (1 << 20, 1024)] {
            assert_eq!(parts_of(addresses), of);
            let mut counts = vec![0; usize::from(of)];
            for n in 0..addresses as u32 {
                counts[usize::from(part_of(Ipv4Addr::from(0x0a00_0000 + n).into(), of))] += 1;
            }
            let even = addresses / usize::from(of);
            assert!(counts.iter().all(|&c| c >= even / 2 && c <= 2 * even), "{addresses}: {counts:?}");
        }
    }
}
