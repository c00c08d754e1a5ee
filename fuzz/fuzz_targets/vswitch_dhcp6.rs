//! Messages to the DHCPv6 server.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| vswitch::fuzz::dhcp6(data));
