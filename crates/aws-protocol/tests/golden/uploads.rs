//! Bodies in aws-chunked encoding and browser forms, as botocore makes them.

use aws_protocol::s3::checksum::Checksum;
use aws_protocol::s3::chunked::{Decoder, State};
use aws_protocol::s3::form_data::File;
use aws_protocol::s3::post_policy::{LengthRange, PostForm, Versions, authorize};
use aws_protocol::sigv4::PayloadKind;
use base64::Engine;
use serde_json::Value;
use types::TimestampMs;

pub fn check_chunked(case: &Value) -> usize {
    let text = |key: &str| case[key].as_str().unwrap();
    let (trailer, length) = (text("trailer"), case["length"].as_u64().unwrap());
    let body = base64::engine::general_purpose::STANDARD.decode(text("body")).unwrap();
    let mut decoder = Decoder::new(PayloadKind::StreamingUnsignedTrailer, None, length, Some(trailer)).unwrap();
    let mut data = Vec::new();
    let state = decoder.feed(&body, &mut |d| data.extend_from_slice(d)).unwrap();
    let checksum = decoder.finish().unwrap().checksum.unwrap();
    assert_eq!((state, checksum.to_base64().as_str(), checksum.algorithm.header()), (State::Done, text("checksum"), trailer));
    assert_eq!((data.len() as u64, Checksum::of(checksum.algorithm, &data)), (length, checksum));
    1
}

pub fn check_post(case: &Value) -> usize {
    let fields: Vec<(String, String)> = serde_json::from_value(case["fields"].clone()).unwrap();
    let now = TimestampMs(case["now_ms"].as_u64().unwrap());
    let secret = |key: &str| (key == "AKIDEXAMPLE").then(|| "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned());
    let file = File { name: Some("me.png".into()), content_type: None };
    let judge = |fields: &[(String, String)]| {
        let form = PostForm::new(fields, &file).unwrap();
        authorize(&form, "bkt", "eu-central-1", now, Versions::OnlyV4, secret)
    };
    let good = judge(&fields).unwrap().unwrap();
    assert_eq!(good.signer.session_token.as_deref(), case["token"].as_str());
    assert_eq!(good.length, LengthRange { min: 1, max: 1000 });
    for i in 0..fields.len() {
        let mut changed = fields.clone();
        changed[i].1.insert(0, 'x');
        assert!(judge(&changed).is_err(), "a changed {} is not noticed", fields[i].0);
    }
    1
}
