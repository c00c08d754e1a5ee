//! S3's XML decoder, on any body.
#![no_main]

libfuzzer_sys::fuzz_target!(|raw: &[u8]| aws_protocol::fuzz::s3_xml(raw));
