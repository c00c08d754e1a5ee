//! Guests and front ends that mean harm: any contents of the rings, any order of requests. Nothing may panic, hang or
//! reach outside the guest's own memory. The messages themselves: `fuzz/fuzz_targets/vhost_user.rs`.

use card::device::NetDevice;
use card::poller::Poller;
use card::port::Attachment;
use card::testing::{Memory, take_frames};
use card::vhost_user::message::{ATTACH_FRAMES, RegionSpec, Request, RingAddrs, feature};
use platform::descriptors;
use proptest::prelude::*;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use vmm_sys_util::eventfd::{EFD_NONBLOCK, EventFd};
use vswitch::FrameBuf;

const MEMORY_BYTES: usize = 1 << 16;
const BASE: u64 = 0x10000;
const SIZE: u16 = 16;

fn eventfd() -> OwnedFd {
    // SAFETY: an EventFd owns its descriptor; into_raw_fd gives it away.
    unsafe { std::os::fd::FromRawFd::from_raw_fd(std::os::fd::IntoRawFd::into_raw_fd(EventFd::new(EFD_NONBLOCK).unwrap())) }
}

fn set_memory(device: &mut NetDevice, memory: &Memory) {
    let region = RegionSpec { guest_addr: BASE, size_bytes: MEMORY_BYTES as u64, user_addr: memory.user_addr(0), file_offset: 0 };
    let fd = OwnedFd::from(memory.file.try_clone().unwrap());
    device.backend.handle(Request::SetMemTable(vec![region]), vec![fd]).unwrap();
}

/// A device whose two rings lie at the beginning of the memory: RX at 0, TX at 0x1000.
fn started(memory: &Memory, features: u64) -> NetDevice {
    let mut device = NetDevice::default();
    device.backend.handle(Request::SetFeatures(features), vec![]).unwrap();
    set_memory(&mut device, memory);
    for index in 0..2 {
        let at = |offset: usize| memory.user_addr(index * 0x1000 + offset);
        let addrs = RingAddrs { index, descriptors: at(0), available: at(0x400), used: at(0x800) };
        for request in [Request::SetVringNum { index, size: SIZE }, Request::SetVringAddr(addrs)] {
            device.backend.handle(request, vec![]).unwrap();
        }
        device.backend.handle(Request::SetVringKick { index }, vec![eventfd()]).unwrap();
        device.backend.handle(Request::SetVringEnable { index, enable: true }, vec![]).unwrap();
    }
    assert!(device.backend.usable());
    device
}

/// Descriptors that are often nearly right: addresses in and around memory, small indexes, all flags.
fn descriptor() -> impl Strategy<Value = [u8; 16]> {
    let addr = prop_oneof![BASE..BASE + MEMORY_BYTES as u64 + 64, any::<u64>(), Just(BASE), Just(u64::MAX)];
    let bytes = prop_oneof![0u32..100, Just(16u32), Just(32u32), any::<u32>()];
    (addr, bytes, 0u16..8, 0u16..20)
        .prop_map(|(a, b, f, n)| (u128::from(a) | u128::from(b) << 64 | u128::from(f) << 96 | u128::from(n) << 112).to_le_bytes())
}

fn request() -> impl Strategy<Value = Request> {
    let index = 0usize..2;
    prop_oneof![
        Just(Request::GetFeatures),
        prop_oneof![Just(feature::OFFERED), Just(feature::VERSION_1), any::<u64>()].prop_map(Request::SetFeatures),
        Just(Request::SetOwner),
        Just(Request::ResetOwner),
        (index.clone(), 0u32..16).prop_map(|(index, p)| Request::SetVringNum { index, size: 1 << p }),
        (index.clone(), any::<u16>()).prop_map(|(index, base)| Request::SetVringBase { index, base }),
        index.clone().prop_map(|index| Request::GetVringBase { index }),
        (index.clone(), any::<bool>()).prop_map(|(index, enable)| Request::SetVringEnable { index, enable }),
        index.clone().prop_map(|index| Request::SetVringKick { index }),
        index.clone().prop_map(|index| Request::SetVringCall { index, has_fd: true }),
        (index, 0usize..MEMORY_BYTES + 64, 0usize..MEMORY_BYTES, any::<u16>()).prop_map(|(index, d, a, u)| {
            // Offsets; made into addresses of the memory by the test.
            Request::SetVringAddr(RingAddrs { index, descriptors: d as u64, available: a as u64, used: u64::from(u) })
        }),
        Just(Request::SetMemTable(Vec::new())),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_ring_contents(
        tables in prop::collection::vec(prop::collection::vec(descriptor(), 16), 2),
        indirect in prop::collection::vec(descriptor(), 8),
        heads in prop::collection::vec(0u16..18, 32),
        available in 0u16..20,
        event_idx in any::<bool>(),
        mergeable in any::<bool>(),
    ) {
        let memory = Memory::new(MEMORY_BYTES, true).unwrap();
        let features = feature::VERSION_1 | feature::INDIRECT_DESC
            | if event_idx { feature::EVENT_IDX } else { 0 } | if mergeable { feature::MRG_RXBUF } else { 0 };
        let mut device = started(&memory, features);
        memory.write(0x3000, &indirect.concat());
        for ring in 0..2 {
            let base = ring * 0x1000;
            memory.write(base, &tables[ring].concat());
            let slots: Vec<u8> = heads[ring * 16..][..16].iter().flat_map(|h| h.to_le_bytes()).collect();
            memory.write(base + 0x404, &slots);
            memory.write(base + 0x402, &available.to_le_bytes());
        }
        let mut frames: Vec<_> = (0..8).map(|_| FrameBuf::new(9216)).collect();
        for _ in 0..6 {
            let taken = take_frames(&mut device, &mut frames);
            prop_assert!(taken.frames <= frames.len());
            device.deliver(&[&[1; 40], &[2; 3000]]);
            device.flush();
        }
    }

    #[test]
    fn any_order_of_requests(requests in prop::collection::vec(request(), 1..60), junk in prop::collection::vec(any::<u8>(), 2048)) {
        let memory = Memory::new(MEMORY_BYTES, true).unwrap();
        memory.write(0, &junk);
        let mut device = NetDevice::default();
        let mut frames: Vec<_> = (0..4).map(|_| FrameBuf::new(9216)).collect();
        for request in requests {
            let (request, fds) = match request {
                Request::SetMemTable(_) => {
                    set_memory(&mut device, &memory);
                    continue;
                }
                Request::SetVringAddr(mut a) => {
                    for field in [&mut a.descriptors, &mut a.available, &mut a.used] {
                        *field += memory.user_addr(0);
                    }
                    (Request::SetVringAddr(a), vec![])
                }
                r @ (Request::SetVringKick { .. } | Request::SetVringCall { .. }) => (r, vec![eventfd()]),
                r => (r, vec![]),
            };
            let _ = device.backend.handle(request, fds);
            take_frames(&mut device, &mut frames);
            device.deliver(&[&[3; 60]]);
            device.flush();
        }
    }
}

#[test]
fn a_monitor_that_passes_something_else_is_disconnected() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("port");
    let poller = Poller::new().unwrap();
    let mut port = Attachment::listen(0, &path, &poller).unwrap();
    let header = |size: u32| [ATTACH_FRAMES, 1, size].map(u32::to_le_bytes).concat();
    let null = std::fs::File::open("/dev/null").unwrap();
    for (bytes, fds) in [(header(0), vec![null.as_raw_fd()]), (header(0), vec![]), (header(0), vec![null.as_raw_fd(); 2])] {
        let errors = port.protocol_errors;
        let stream = UnixStream::connect(&path).unwrap();
        descriptors::send(stream.as_raw_fd(), &bytes, &fds).unwrap();
        assert!(port.accept(&poller).is_some());
        assert!(!port.serve(&poller));
        assert_eq!(port.protocol_errors, errors + 1, "{fds:?}");
        assert!(!port.device.usable());
        assert_eq!(std::io::Read::read(&mut &stream, &mut [0]).unwrap(), 0, "closed");
    }
}
