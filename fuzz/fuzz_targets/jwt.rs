//! A web identity's token and a provider's key set, a line each.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    let (token, jwks) = text.split_once('\n').unwrap_or((text, "{}"));
    iam::fuzz::jwt(token, jwks);
});
