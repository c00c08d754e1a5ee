//! Packets of IPv6 and their extension headers.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| vswitch::fuzz::parse6(data));
