//! What the fuzz targets run: each parser of untrusted bytes, with the properties that must hold for any input.
//!
//! Called by the property tests of this crate and by `fuzz/`; nothing else.

use crate::s3::form_data::{File, Parser};
use crate::s3::post_policy::{self, Policy, PostForm, Versions};
use crate::sigv4::{AuthError, BodyHash, ChunkSigner, Claim, HttpRequest, PayloadKind};
use crate::{Form, FormDecoder, Shape, ec2, s3};
use base64::Engine;
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

/// What the decoder accepts, the encoder writes so that it is read as the same again.
pub fn s3_xml(raw: &[u8]) {
    fn one<T: Shape + PartialEq + std::fmt::Debug>(root: &str, raw: &[u8]) {
        if let Ok(value) = s3::decode_xml::<T>(&[root], raw) {
            let again = s3::decode_xml::<T>(&[root], s3::encode_xml(root, &value).as_bytes());
            assert_eq!(again.as_ref(), Ok(&value));
        }
    }
    one::<s3::Delete>("Delete", raw);
    one::<s3::Tagging>("Tagging", raw);
    one::<s3::AccessControlPolicy>("AccessControlPolicy", raw);
    one::<s3::BucketLifecycleConfiguration>("LifecycleConfiguration", raw);
    one::<s3::CompletedMultipartUpload>("CompleteMultipartUpload", raw);
    one::<s3::WebsiteConfiguration>("WebsiteConfiguration", raw);
    one::<s3::ReplicationConfiguration>("ReplicationConfiguration", raw);
    one::<s3::ObjectLockRetention>("Retention", raw);
}

/// What is routed has a valid bucket and a key that is the end of the decoded path, unchanged.
pub fn s3_route(method: &str, host: &str, path: &str, query: &str) {
    let r = HttpRequest { method, path, query, headers: &[] };
    let Ok(route) = s3::route(&r, Some(host), s3::DEFAULT_BASE_HOSTS) else { return };
    let Some(bucket) = &route.bucket else {
        assert!(route.key.is_none());
        return;
    };
    assert!(s3::validate_bucket_name(bucket).is_ok());
    let Some(key) = &route.key else { return };
    assert!(key.len() <= s3::KEY_BYTES_MAX && (route.website || !key.is_empty()));
    let decoded =
        s3::Params::parse(&path.replace('+', "%2B").replace('&', "%26").replace('=', "%3D")).expect("it was decoded before");
    let whole: String = decoded.iter().map(|(name, _)| name).collect();
    let before = if route.virtual_hosted { "/".to_owned() } else { format!("/{bucket}/") };
    assert_eq!(whole, before + key);
}

/// The same comes out however the input is cut, never more than was announced; and nothing signed with another key is complete.
pub fn s3_chunked(raw: &[u8], decoded_len_bytes: u64, piece_bytes: usize) {
    let run = |kind: PayloadKind, signer: Option<ChunkSigner>, piece: usize| {
        let trailer = Some("x-amz-checksum-crc32");
        let mut decoder = s3::chunked::Decoder::new(kind, signer, decoded_len_bytes, trailer).expect("a kind with trailers");
        let mut out = Vec::new();
        for piece in raw.chunks(piece.max(1)) {
            if decoder.feed(piece, &mut |data| out.extend_from_slice(data)).is_err() {
                break;
            }
        }
        assert!(out.len() as u64 <= decoded_len_bytes);
        let finished = decoder.finish();
        assert!(finished.is_err() || out.len() as u64 == decoded_len_bytes);
        (out, finished)
    };
    let plain = PayloadKind::StreamingUnsignedTrailer;
    assert_eq!(run(plain, None, raw.len()), run(plain, None, piece_bytes));
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, b"nobody knows this secret");
    let signer = ChunkSigner::new(key, "20150830T123600Z".into(), "scope".into(), "seed".into());
    let (_, finished) = run(PayloadKind::StreamingSigned { trailer: true }, Some(signer), piece_bytes);
    assert!(finished.is_err(), "an unsigned body was let through");
}

/// The same is read however the input is cut, and the fields stay within their limit.
pub fn s3_form_data(raw: &[u8], piece_bytes: usize) {
    let run = |piece: usize| {
        let mut parser = Parser::new("multipart/form-data; boundary=b").expect("a good content type");
        let mut data = Vec::new();
        'all: for mut rest in raw.chunks(piece.max(1)) {
            while !rest.is_empty() {
                match parser.feed(rest, &mut |d| data.extend_from_slice(d)) {
                    Ok((_, used)) => rest = &rest[used..],
                    Err(_) => break 'all,
                }
            }
        }
        let (fields, file) = (parser.fields().to_vec(), parser.file().clone());
        assert!(fields.iter().map(|(n, v)| n.len() + v.len()).sum::<usize>() <= s3::form_data::FIELDS_BYTES_MAX);
        (parser.finish(), fields, file, data)
    };
    assert_eq!(run(raw.len()), run(piece_bytes));
}

/// No policy document makes the reader panic, and none is good that was not signed with the secret.
pub fn s3_post_policy(raw: &[u8]) {
    let encoded = base64::engine::general_purpose::STANDARD.encode(raw);
    let _ = Policy::parse(&encoded);
    let now = TimestampMs(1_440_938_160_000);
    let secret = |_: &str| Some("nobody knows this secret".to_owned());
    let v4 = [
        ("x-amz-algorithm", "AWS4-HMAC-SHA256"),
        ("x-amz-credential", "K/20150830/us-east-1/s3/aws4_request"),
        ("x-amz-date", "20150830T123600Z"),
        ("x-amz-signature", "00"),
    ];
    for signed in [&v4[..], &[("awsaccesskeyid", "K"), ("signature", "c2ln")]] {
        let fields = [&[("key", "k"), ("policy", encoded.as_str())], signed].concat();
        let fields: Vec<_> = fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let form = PostForm::new(&fields, &File::default()).expect("it has a key");
        let outcome = post_policy::authorize(&form, "bkt", "us-east-1", now, Versions::V2AndV4, secret);
        assert!(outcome.is_err_and(|e| e.is("SignatureDoesNotMatch")), "an unsigned form was let through");
    }
}
