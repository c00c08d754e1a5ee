//! Requests to the metadata service.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| card::fuzz::imds_http(data));
