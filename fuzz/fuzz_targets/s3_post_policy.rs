//! The policy documents of browser forms.
#![no_main]

libfuzzer_sys::fuzz_target!(|raw: &[u8]| aws_protocol::fuzz::s3_post_policy(raw));
