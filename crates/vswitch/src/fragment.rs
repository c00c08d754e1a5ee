//! Fragments of one port: what the first fragment said of ports is remembered for the later ones.
//!
//! Nothing is reassembled. A later fragment passes only when its first one did, and only when it overlaps nothing that
//! passed before (RFC 5722's rule for IPv6, taken for IPv4): a datagram with an overlap is dropped from there on.

use crate::drop::DropReason;
use crate::ip::Ip;
use crate::parse::{Packet, Ports};
use wire::net::Direction;

/// Datagrams in pieces at one time at one port, both directions.
const DATAGRAMS_MAX: usize = 64;
/// Pieces of one datagram: 65,535 bytes in pieces of about 1,480, with room for smaller ones.
const PIECES_MAX: usize = 64;
/// RFC 791 suggests 15 s; RFC 1122 asks for 60 to 120 s of a host. Between both.
const LIFETIME_MS: u64 = 30_000;

struct Datagram<A> {
    direction: Direction,
    source: A,
    destination: A,
    id: u32,
    protocol: u8,
    ports: Ports,
    begun_ms: u64,
    poisoned: bool,
    /// (first unit, last unit) of 8 bytes.
    pieces: Vec<(u16, u16)>,
}

pub(crate) struct FragmentTable<A = u32> {
    datagrams: Vec<Datagram<A>>,
}

impl<A> Default for FragmentTable<A> {
    fn default() -> Self {
        Self { datagrams: Vec::new() }
    }
}

impl<A: Ip> FragmentTable<A> {
    /// Accepts a fragment and completes `packet.ports` of a later one; or says why not.
    pub fn admit(&mut self, direction: Direction, packet: &mut Packet<A>, now_ms: u64) -> Result<(), DropReason> {
        self.datagrams.retain(|d| now_ms.saturating_sub(d.begun_ms) < LIFETIME_MS);
        let payload = packet.total_bytes.saturating_sub(packet.unfragmented_bytes());
        let piece = (packet.fragment_offset, packet.fragment_offset + payload.div_ceil(8).max(1) - 1);
        let known = self.datagrams.iter_mut().find(|d| {
            (d.direction, d.source, d.destination, d.id) == (direction, packet.source, packet.destination, packet.id)
                && (!A::FRAGMENTS_BY_PROTOCOL || d.protocol == packet.protocol)
        });
        let Some(datagram) = known else {
            if !packet.is_first() {
                return Err(DropReason::FragmentUnknown);
            }
            if self.datagrams.len() >= DATAGRAMS_MAX {
                self.datagrams.remove(0);
            }
            self.datagrams.push(Datagram {
                direction,
                source: packet.source,
                destination: packet.destination,
                id: packet.id,
                protocol: packet.protocol,
                ports: packet.ports,
                begun_ms: now_ms,
                poisoned: false,
                pieces: vec![piece],
            });
            return Ok(());
        };
        let overlaps = datagram.pieces.iter().any(|&(first, last)| piece.0 <= last && first <= piece.1);
        if overlaps || datagram.poisoned || datagram.pieces.len() >= PIECES_MAX {
            datagram.poisoned = true;
            return Err(DropReason::FragmentOverlap);
        }
        datagram.pieces.push(piece);
        packet.protocol = datagram.protocol;
        packet.ports = Ports { flags: 0, ..datagram.ports };
        Ok(())
    }
}
