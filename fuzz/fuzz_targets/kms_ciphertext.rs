//! Ciphertexts, any bytes, as Decrypt has them from anybody.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| kms::fuzz::ciphertext(bytes));
