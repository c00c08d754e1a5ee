//! Messages to the DHCP server.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| vswitch::fuzz::dhcp(data));
