//! The parser of browser forms; the first byte says how the input is cut. The boundary is `b`.
#![no_main]

libfuzzer_sys::fuzz_target!(|raw: &[u8]| {
    if let [piece, body @ ..] = raw {
        aws_protocol::fuzz::s3_form_data(body, usize::from(*piece));
    }
});
