//! Guest memory with any contents under both rings.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| card::fuzz::ring(data).expect("memory and notifications for the ring"));
