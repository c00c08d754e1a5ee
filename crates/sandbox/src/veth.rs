//! Where TAPs cannot be had: a pair of virtual cards in the sandbox, and a packet socket on the far one.
//!
//! The far one (`host-eth0`) is seen from inside: who brings it down takes down what is his own.

use crate::card::{index, request, up};
use crate::sys;
use std::io;
use std::os::fd::OwnedFd;

const AF_PACKET: i32 = 17;
const ETH_P_ALL: u16 = 3;
const SOL_PACKET: i32 = 263;
const PACKET_IGNORE_OUTGOING: i32 = 23;
const SIOCETHTOOL: u64 = 0x8946;
const ETHTOOL_STXCSUM: u32 = 0x17;

pub fn make(name: &str) -> io::Result<OwnedFd> {
    let far = format!("host-{name}");
    // AF_NETLINK, SOCK_RAW, NETLINK_ROUTE. The kernel answers before send returns.
    let netlink = sys::open_socket(16, 3, 0)?;
    let mut answer = [0; 1024];
    let n = sys::exchange(&netlink, &new_pair(name, &far), &mut answer)?;
    // An nlmsgerr: the header (16 bytes), then the negative error, 0 for an acknowledgement.
    match answer[..n].get(16..20).map(|b| i32::from_ne_bytes([b[0], b[1], b[2], b[3]])) {
        Some(0) => {}
        Some(e) => return Err(io::Error::from_raw_os_error(-e)),
        None => return Err(io::ErrorKind::UnexpectedEof.into()),
    }
    let control = sys::open_socket(2, 2, 0)?;
    // What leaves has its checksum: nobody adds it later. Without it there is no segmentation offload either.
    for card in [name, &far] {
        let mut value = [ETHTOOL_STXCSUM, 0];
        let mut r = request(card, &(value.as_mut_ptr() as u64).to_ne_bytes());
        sys::control(&control, SIOCETHTOOL, &mut r)?;
    }
    up(&control, &far)?;
    let socket = sys::open_socket(AF_PACKET, 3, 0)?;
    sys::set_option(&socket, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)?;
    // struct sockaddr_ll: family, protocol, index, and what is not needed to bind.
    let mut ll = [0; 20];
    ll[..2].copy_from_slice(&(AF_PACKET as u16).to_ne_bytes());
    ll[2..4].copy_from_slice(&ETH_P_ALL.to_be_bytes());
    ll[4..8].copy_from_slice(&index(&control, &far)?.to_ne_bytes());
    sys::bind_to(&socket, &ll)?;
    Ok(socket)
}

/// RTM_NEWLINK of kind veth (rtnetlink(7), linux/veth.h).
fn new_pair(near: &str, far: &str) -> Vec<u8> {
    const IFLA_IFNAME: u16 = 3;
    const IFLA_LINKINFO: u16 = 18;
    const INFO_KIND: u16 = 1;
    const INFO_DATA: u16 = 2;
    const VETH_INFO_PEER: u16 = 1;
    let any = [0; 16];
    let name = |n: &str| attribute(IFLA_IFNAME, &[n.as_bytes(), &[0]].concat());
    let peer = attribute(VETH_INFO_PEER, &[&any[..], &name(far)].concat());
    let info = [attribute(INFO_KIND, b"veth\0"), attribute(INFO_DATA, &peer)].concat();
    let body = [&any[..], &name(near), &attribute(IFLA_LINKINFO, &info)].concat();
    let mut message = ((16 + body.len()) as u32).to_ne_bytes().to_vec();
    message.extend(16u16.to_ne_bytes());
    // NLM_F_REQUEST | NLM_F_ACK | NLM_F_EXCL | NLM_F_CREATE
    message.extend(0x605u16.to_ne_bytes());
    message.extend([1, 0, 0, 0, 0, 0, 0, 0]);
    message.extend(body);
    message
}

fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
    let mut a = ((4 + value.len()) as u16).to_ne_bytes().to_vec();
    a.extend(kind.to_ne_bytes());
    a.extend(value);
    a.resize(a.len().next_multiple_of(4), 0);
    a
}
