//! What the fuzz targets run: each reader of bytes that a guest or a front end wrote, with what must hold for any input.
//!
//! Called by the tests of this crate and by `fuzz/`; nothing else.

use crate::device::NetDevice;
use crate::imds::http::{HEAD_BYTES_MAX, Parsed, parse};
use crate::testing::{Memory, take_frames};
use crate::vhost_user::message::{FDS_MAX, HEADER_BYTES, Header, QUEUES, REGIONS_MAX, RegionSpec, Request, RingAddrs, feature};
use std::io;
use std::os::fd::OwnedFd;
use vmm_sys_util::eventfd::{EFD_NONBLOCK, EventFd};
use vswitch::FrameBuf;

const MEMORY_BYTES: usize = 1 << 16;
const GUEST_BASE: u64 = 0x10000;
const RING_SIZE: u16 = 16;
const RING_BYTES: usize = 0x1000;
const AVAILABLE: usize = 0x400;
const USED: usize = 0x800;

/// A request to the metadata service: what was read lies within what was given, and the next one begins behind it.
pub fn imds_http(bytes: &[u8]) {
    match parse(bytes) {
        Parsed::Request { request, consumed } => {
            assert!(consumed > 0 && consumed <= bytes.len());
            assert!(request.path.starts_with('/'));
            // The same head arriving alone, or with more behind it, is the same request.
            assert!(matches!(parse(&bytes[..consumed]), Parsed::Request { consumed: again, .. } if again == consumed));
        }
        Parsed::Refused(status) => assert!((400..600).contains(&status)),
        Parsed::Incomplete => assert!(bytes.len() < HEAD_BYTES_MAX + 4 + 1024),
    }
}

/// A vhost-user message as a front end may send it, with any number of descriptors beside it: header first, then the body.
pub fn vhost_message(bytes: &[u8], descriptors: usize) {
    let (header, body) = bytes.split_at(bytes.len().min(HEADER_BYTES));
    let Ok(mut header) = Header::parse(header) else { return };
    let _ = Request::parse(header, body, descriptors);
    // As the connection would read it: as much of the body as the header says.
    header.body_bytes = header.body_bytes.min(body.len());
    let Ok(request) = Request::parse(header, &body[..header.body_bytes], descriptors) else { return };
    assert!(descriptors <= FDS_MAX, "a request takes {descriptors} descriptors");
    match request {
        Request::SetMemTable(regions) => assert!(regions.len() <= REGIONS_MAX && regions.len() == descriptors),
        Request::SetVringNum { index, size } => assert!(index < QUEUES && size.is_power_of_two()),
        Request::SetVringAddr(RingAddrs { index, .. }) => assert!(index < QUEUES),
        _ => {}
    }
}

/// Rings with any contents. One byte chooses features; then for each ring, receive first: how far the driver says it is,
/// eight heads, eight descriptors; then raw memory behind the rings, where indirect tables and buffers are. Only the guest's
/// own memory is read or written, no more is taken than the ring holds, and a ring that broke the rules rests.
pub fn ring(bytes: &[u8]) -> io::Result<()> {
    let mut input = bytes.iter().copied();
    let choice = input.next().unwrap_or(0);
    let optional = [feature::EVENT_IDX, feature::MRG_RXBUF, feature::INDIRECT_DESC];
    let chosen = optional.iter().enumerate().filter(|(bit, _)| choice >> bit & 1 == 1).map(|(_, f)| f);
    let memory = Memory::new(MEMORY_BYTES, true)?;
    let Some(mut device) = started(&memory, feature::VERSION_1 | chosen.sum::<u64>())? else { return Ok(()) };
    for ring in 0..QUEUES {
        let at = |offset: usize| ring * RING_BYTES + offset;
        memory.write(at(AVAILABLE + 2), &u16::from(input.next().unwrap_or(0)).to_le_bytes());
        for n in 0..8 {
            memory.write(at(AVAILABLE + 4 + 2 * n), &u16::from(input.next().unwrap_or(0)).to_le_bytes());
        }
        for n in 0..8 {
            memory.write(at(16 * n), &descriptor(&mut input));
        }
    }
    let rest: Vec<u8> = input.take(MEMORY_BYTES - 2 * RING_BYTES).collect();
    memory.write(2 * RING_BYTES, &rest);
    let mut frames: Vec<_> = (0..4).map(|_| FrameBuf::new(9216)).collect();
    for _ in 0..6 {
        let before = device.counters.ring_errors;
        let taken = take_frames(&mut device, &mut frames);
        assert!(taken.frames <= frames.len());
        device.deliver(&[&[1; 40], &[2; 3000]]);
        device.flush();
        assert!(device.counters.ring_errors <= before + 3);
        if device.counters.ring_errors > before {
            assert!(!device.backend.usable(), "a ring that broke the rules rests");
        }
    }
    Ok(())
}

/// Six bytes as a descriptor: its address in (or, with the highest bit of the flags, outside) the guest, length, flags, next.
fn descriptor(input: &mut impl Iterator<Item = u8>) -> [u8; 16] {
    let mut byte = || u128::from(input.next().unwrap_or(0));
    let (low, high, length, scale, flags, next) = (byte(), byte(), byte(), byte(), byte(), byte());
    let base = if flags & 0x80 == 0 { u128::from(GUEST_BASE) } else { u128::from(u64::MAX - 0xffff) };
    let addr = base + (low | high << 8);
    let length = length << (scale % 25);
    (addr | length << 64 | (flags & 0x7) << 96 | next << 112).to_le_bytes()
}

/// A device whose rings are started over empty memory.
fn started(memory: &Memory, features: u64) -> io::Result<Option<NetDevice>> {
    let mut device = NetDevice::default();
    let region =
        RegionSpec { guest_addr: GUEST_BASE, size_bytes: MEMORY_BYTES as u64, user_addr: memory.user_addr(0), file_offset: 0 };
    let mut requests = vec![
        (Request::SetFeatures(features), None),
        (Request::SetMemTable(vec![region]), Some(OwnedFd::from(memory.file.try_clone()?))),
    ];
    for index in 0..QUEUES {
        let at = |offset: usize| memory.user_addr(index * RING_BYTES + offset);
        let addrs = RingAddrs { index, descriptors: at(0), available: at(AVAILABLE), used: at(USED) };
        requests.push((Request::SetVringNum { index, size: RING_SIZE }, None));
        requests.push((Request::SetVringAddr(addrs), None));
        requests.push((Request::SetVringKick { index }, Some(eventfd()?)));
        requests.push((Request::SetVringEnable { index, enable: true }, None));
    }
    for (request, fd) in requests {
        if device.backend.handle(request, fd.into_iter().collect()).is_err() {
            return Ok(None);
        }
    }
    Ok(Some(device))
}

fn eventfd() -> io::Result<OwnedFd> {
    use std::os::fd::{FromRawFd, IntoRawFd};
    let fd = EventFd::new(EFD_NONBLOCK)?.into_raw_fd();
    // SAFETY: into_raw_fd gave the descriptor away; nobody else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}
