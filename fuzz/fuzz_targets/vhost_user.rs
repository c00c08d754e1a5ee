#![no_main]
//! vhost-user messages as a hostile front end may send them: header, body, any number of descriptors.

use card::vhost_user::message::{Header, Request};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: (&[u8], &[u8], u8)| {
    let (header, body, fds) = data;
    if let Ok(header) = Header::parse(header) {
        let _ = Request::parse(header, body, usize::from(fds));
    }
});
