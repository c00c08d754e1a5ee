//! vhost-user messages as a hostile front end may send them: header, body, any number of descriptors.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: (u8, &[u8])| card::fuzz::vhost_message(data.1, usize::from(data.0 % 16)));
