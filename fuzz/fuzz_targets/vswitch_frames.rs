//! Frames of guests and datagrams of hosts, at a configured switch.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| vswitch::fuzz::frames(data));
