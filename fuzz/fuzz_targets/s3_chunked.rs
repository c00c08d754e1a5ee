//! S3's aws-chunked decoder: two bytes say how long the data should be and how the input is cut.
#![no_main]

libfuzzer_sys::fuzz_target!(|raw: &[u8]| {
    if let [len, piece, body @ ..] = raw {
        aws_protocol::fuzz::s3_chunked(body, u64::from(*len), usize::from(*piece));
    }
});
