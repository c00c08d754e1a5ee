//! What the fuzz targets run: each parser of untrusted bytes, with the properties that must hold for any input.
//!
//! Called by the property tests of this crate and by `fuzz/`; nothing else.

use crate::sigv4::{AuthError, BodyHash, Claim, HttpRequest};
use crate::{Form, FormDecoder, Shape, ec2};
use types::TimestampMs;

/// No head that was not signed with the secret is let through.
pub fn sigv4(authorization: &str, date: &str, path: &str, query: &str) {
    let headers = [("host", "h"), ("x-amz-date", date), ("authorization", authorization)];
    for headers in [&headers[..], &headers[..2]] {
        let r = HttpRequest { method: "GET", path, query, headers };
        let now = TimestampMs(1_440_938_160_000);
        let outcome =
            Claim::parse(&r).and_then(|c| c.verify(&r, BodyHash::of(b""), now, |_| Some("nobody knows this secret".into())));
        let error = outcome.expect_err("an unsigned request was let through");
        assert!(!matches!(error, AuthError::BodyMismatch));
    }
}

/// A form that parses has every parameter in its list, under a name that finds it again.
pub fn form(raw: &[u8]) {
    let Ok(form) = Form::parse(raw) else { return };
    for (path, _, value) in form.parameters() {
        assert_eq!(form.text(&path), Some(value));
    }
    let _ = form.unknown_parameter(&ec2::RUN_INSTANCES);
    let _ = ec2::RunInstancesRequest::decode(&mut FormDecoder::new(&form));
}
