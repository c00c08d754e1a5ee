//! A session token: its access key, its text, and claims as they would be once opened, a line each.
#![no_main]

libfuzzer_sys::fuzz_target!(|parts: (&str, &str, &[u8])| iam::fuzz::token(parts.0, parts.1, parts.2));
