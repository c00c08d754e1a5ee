//! The form decoder, on any bytes.
#![no_main]

libfuzzer_sys::fuzz_target!(|raw: &[u8]| aws_protocol::fuzz::form(raw));
