//! The VXLAN header (RFC 7348, section 5): 8 bytes before the inner Ethernet frame, carried in UDP to port 4789.

use types::Vni;

/// The destination port of every outer datagram.
pub const UDP_PORT: u16 = 4789;
pub const HEADER_BYTES: usize = 8;

/// "The I flag MUST be set to 1"; all other bits are reserved, zero when sent and ignored when received.
const FLAG_VNI: u8 = 0x08;

/// The header for `vni`.
pub fn header(vni: Vni) -> [u8; HEADER_BYTES] {
    let [_, a, b, c] = vni.get().to_be_bytes();
    [FLAG_VNI, 0, 0, 0, a, b, c, 0]
}

/// The VNI of a datagram; `None` when it is too short, has no valid VNI, or carries less than an Ethernet header.
pub fn parse(datagram: &[u8]) -> Option<Vni> {
    let h: &[u8; HEADER_BYTES] = datagram.first_chunk()?;
    if h[0] & FLAG_VNI == 0 || datagram.len() < HEADER_BYTES + 14 {
        return None;
    }
    Vni::try_from(u32::from_be_bytes([0, h[4], h[5], h[6]])).ok()
}
