//! Messages to the resolver.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| vswitch::fuzz::dns(data));
