#![no_main]
//! Requests to the metadata service. What is parsed must lie within what was given.

use card::imds::http::{Parsed, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Parsed::Request { consumed, .. } = parse(data) {
        assert!(consumed <= data.len());
    }
});
