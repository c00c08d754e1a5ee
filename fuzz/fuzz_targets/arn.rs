//! A pattern and an ARN, a line each.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    let (pattern, arn) = text.split_once('\n').unwrap_or((text, text));
    iam::fuzz::arn(pattern, arn);
});
