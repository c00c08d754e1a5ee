//! Policy documents, any text, as each kind.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| iam::fuzz::policy(text));
