//! S3's routing, on any head: four fields separated by NUL.
#![no_main]

libfuzzer_sys::fuzz_target!(|raw: &[u8]| {
    let text = String::from_utf8_lossy(raw);
    let mut fields = text.splitn(4, '\0');
    let mut next = || fields.next().unwrap_or_default();
    aws_protocol::fuzz::s3_route(next(), next(), next(), next());
});
