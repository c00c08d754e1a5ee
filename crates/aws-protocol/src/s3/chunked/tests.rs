//! AWS's own examples, every way to be wrong, and any split of the input.

use super::*;
use crate::sigv4::{Claim, HttpRequest};
use proptest::prelude::*;
use types::TimestampMs;

const AT: TimestampMs = TimestampMs(1_369_353_600_000); // 20130524T000000Z
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// The head of the documentation's examples: 66,560 times `a`.
fn head(trailer: Option<&str>) -> (PayloadKind, ChunkSigner) {
    let (payload, signed, seed) = match trailer {
        None => (
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
            "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class",
            "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
        ),
        Some(_) => (
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
            "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;x-amz-trailer",
            "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
        ),
    };
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders={signed},Signature={seed}"
    );
    let mut headers = vec![
        ("Host", "s3.amazonaws.com"),
        ("x-amz-date", "20130524T000000Z"),
        ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        ("x-amz-content-sha256", payload),
        ("Content-Encoding", "aws-chunked"),
        ("x-amz-decoded-content-length", "66560"),
        ("Content-Length", "66824"),
        ("Authorization", &authorization),
    ];
    headers.extend(trailer.map(|t| ("x-amz-trailer", t)));
    let r = HttpRequest { method: "PUT", path: "/examplebucket/chunkObject.txt", query: "", headers: &headers };
    let head = Claim::parse(&r).unwrap().verify_head(&r, "us-east-1", AT, |_| Some(SECRET.into())).unwrap();
    assert_eq!(head.signer.access_key, "AKIAIOSFODNN7EXAMPLE");
    (head.payload, head.chain)
}

const SIGNED: [&str; 3] = [
    "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
    "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
    "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
];
const TRAILED: [&str; 4] = [
    "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
    "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
    "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
    "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435",
];

fn example(signatures: &[&str], end: &str) -> Vec<u8> {
    let chunk = |size: usize, s: &str| format!("{size:x};chunk-signature={s}\r\n{}\r\n", "a".repeat(size));
    let last = format!("0;chunk-signature={}\r\n{end}", signatures[2]);
    [chunk(65536, signatures[0]), chunk(1024, signatures[1]), last].concat().into_bytes()
}

/// Feeds pieces of so many bytes.
fn decode(mut d: Decoder, body: &[u8], piece: usize) -> Result<(Vec<u8>, Finished), ChunkError> {
    let mut out = Vec::new();
    for piece in body.chunks(piece.max(1)) {
        d.feed(piece, &mut |data| out.extend_from_slice(data))?;
    }
    d.finish().map(|f| (out, f))
}

#[test]
fn documented_examples() {
    let checksum = "x-amz-checksum-crc32c";
    let sent = format!("{checksum}:sOO8/Q==\r\nx-amz-trailer-signature:{}\r\n\r\n", TRAILED[3]);
    let sent_so = format!("{checksum}:sOO8/Q==\n\r\nx-amz-trailer-signature:{}\r\n\r\n", TRAILED[3]);
    for piece in [1, 7, 1000, 1 << 20] {
        let (kind, signer) = head(None);
        let d = Decoder::new(kind, Some(signer), 66560, None).unwrap();
        let (data, finished) = decode(d, &example(&SIGNED, "\r\n"), piece).unwrap();
        assert!(data == vec![b'a'; 66560] && finished.checksum.is_none());
        for trailers in [&sent, &sent_so] {
            let (kind, signer) = head(Some(checksum));
            let d = Decoder::new(kind, Some(signer), 66560, Some(checksum)).unwrap();
            let (data, finished) = decode(d, &example(&TRAILED, trailers), piece).unwrap();
            assert_eq!((data.len(), finished.checksum.unwrap().to_base64().as_str()), (66560, "sOO8/Q=="));
        }
    }
}

#[test]
fn signed_bodies_that_are_refused() {
    let check = |body: Vec<u8>, len: u64| {
        let (kind, signer) = head(None);
        decode(Decoder::new(kind, Some(signer), len, None).unwrap(), &body, 4096).map(|_| ()).unwrap_err()
    };
    let good = example(&SIGNED, "\r\n");
    let text = String::from_utf8(good.clone()).unwrap();
    let other = "0".repeat(64);
    assert_eq!(
        check(text.replacen('a', "b", 1).into_bytes(), 66560),
        ChunkError::Malformed("a chunk has no signature"),
        "in the head"
    );
    let mut flipped = good.clone();
    flipped[100] = b'b';
    assert_eq!(check(flipped, 66560), ChunkError::Signature { chunk: 1 });
    assert_eq!(check(text.replace(SIGNED[0], &other).into_bytes(), 66560), ChunkError::Signature { chunk: 1 });
    assert_eq!(check(text.replace(SIGNED[1], &other).into_bytes(), 66560), ChunkError::Signature { chunk: 2 });
    assert_eq!(check(text.replace(SIGNED[2], &other).into_bytes(), 66560), ChunkError::Signature { chunk: 3 });
    assert_eq!(check(text.replace(SIGNED[0], SIGNED[1]).into_bytes(), 66560), ChunkError::Signature { chunk: 1 });
    assert_eq!(check(good.clone(), 66559), ChunkError::Length);
    assert_eq!(check(good.clone(), 66561), ChunkError::Length);
    assert_eq!(check([&good[..], b"x"].concat(), 66560), ChunkError::Malformed("there is more after its end"));
    assert_eq!(
        check(example(&SIGNED, "x-amz-checksum-crc32:AAAAAA==\r\n\r\n"), 66560),
        ChunkError::Malformed("there is more after the last chunk")
    );
    for cut in [0, 1, 50, 86, 87, 60000, 65623, 65625, good.len() - 100, good.len() - 2, good.len() - 1] {
        assert_eq!(check(good[..cut].to_vec(), 66560), ChunkError::Length, "{cut}");
    }
    let (kind, signer) = head(Some("x-amz-checksum-crc32c"));
    let body = example(&TRAILED, "x-amz-checksum-crc32c:sOO8/Q==\r\n\r\n");
    let d = Decoder::new(kind, Some(signer), 66560, Some("x-amz-checksum-crc32c")).unwrap();
    assert_eq!(decode(d, &body, 4096).unwrap_err(), ChunkError::Trailer("they are not signed"));
}

#[test]
fn small_signed_chunks() {
    let (_, mut signer) = head(None);
    let first = format!("5;chunk-signature={}\r\nhello\r\n", signer.chunk(BodyHash::of(b"hello").0));
    let second = format!("1;chunk-signature={}\r\n!\r\n", signer.chunk(BodyHash::of(b"!").0));
    let (kind, signer) = head(None);
    let d = Decoder::new(kind, Some(signer), 6, None).unwrap();
    let e = decode(d, [first, second].concat().as_bytes(), 9).unwrap_err();
    assert_eq!(e, ChunkError::TooSmall { chunk: 1, size_bytes: 5 });
    assert_eq!((e.to_aws().code.as_ref(), e.to_aws().status), ("InvalidChunkSizeError", 403));
}

fn unsigned(body: &str, len: u64, trailer: Option<&str>) -> Result<Vec<u8>, ChunkError> {
    let d = Decoder::new(PayloadKind::StreamingUnsignedTrailer, None, len, trailer).unwrap();
    decode(d, body.as_bytes(), 3).map(|(data, _)| data)
}

#[test]
fn unsigned_bodies() {
    let crc = Some("x-amz-checksum-crc32");
    let long = "0".repeat(300);
    for (body, len, trailer, wanted) in [
        ("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n", 5, crc, None),
        ("5\r\nhello\r\n0\r\nX-Amz-Checksum-CRC32: NhCmhg== \r\n\r\n", 5, crc, None),
        ("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\n\r\n\r\n", 5, crc, None),
        ("2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", 5, None, None),
        ("0005;a=b\r\nhello\r\n0\r\n\r\n", 5, None, None),
        ("0\r\n\r\n", 0, None, None),
        ("0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", 0, crc, None),
        ("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", 5, crc, Some("BadDigest")),
        ("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAA\r\n\r\n", 5, crc, Some("InvalidRequest")),
        ("5\r\nhello\r\n0\r\n\r\n", 5, crc, Some("MalformedTrailerError")),
        ("5\r\nhello\r\n0\r\nx-amz-checksum-crc32c:NhCmhg==\r\n\r\n", 5, crc, Some("MalformedTrailerError")),
        (
            "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n",
            5,
            crc,
            Some("MalformedTrailerError"),
        ),
        ("5\r\nhello\r\n0\r\nx-amz-checksum-crc32\r\n\r\n", 5, crc, Some("MalformedTrailerError")),
        ("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n", 5, None, Some("MalformedTrailerError")),
        ("5\r\nhello\r\n0\r\n\r\n", 4, None, Some("IncompleteBody")),
        ("5\r\nhello\r\n0\r\n\r\n", 6, None, Some("IncompleteBody")),
        ("5\r\nhello\r\n0\r\n", 5, None, Some("IncompleteBody")),
        ("5\r\nhel", 5, None, Some("IncompleteBody")),
        ("5\r\nhelloo\r\n", 6, None, Some("InvalidRequest")),
        ("5\nhello\n", 5, None, Some("IncompleteBody")),
        ("-5\r\n", 5, None, Some("InvalidRequest")),
        ("+5\r\n", 5, None, Some("InvalidRequest")),
        ("\r\n", 5, None, Some("InvalidRequest")),
        ("g\r\n", 5, None, Some("InvalidRequest")),
        ("00000000000000005\r\n", 5, None, Some("InvalidRequest")),
        ("ffffffffffffffff\r\n", 5, None, Some("IncompleteBody")),
        (&long, 5, None, Some("InvalidRequest")),
        ("hello", 5, None, Some("IncompleteBody")),
    ] {
        let got = unsigned(body, len, trailer);
        let code = got.as_ref().err().map(|e| e.to_aws().code.into_owned());
        assert_eq!(code.as_deref(), wanted, "{body:?} {got:?}");
        if let Ok(data) = got {
            assert_eq!(data.len() as u64, len);
        }
    }
    let endless = format!("0\r\n{}", "x".repeat(TRAILERS_BYTES_MAX + 1));
    assert_eq!(unsigned(&endless, 0, None), Err(ChunkError::Trailer("they are too long")));
}

#[test]
fn an_error_stays() {
    let mut d = Decoder::new(PayloadKind::StreamingUnsignedTrailer, None, 5, None).unwrap();
    let e = d.feed(b"x\r\n", &mut |_| ()).unwrap_err();
    assert_eq!(d.feed(b"5\r\nhello\r\n0\r\n\r\n", &mut |_| ()).unwrap_err(), e);
    assert_eq!(d.finish().unwrap_err(), e);
}

#[test]
fn what_cannot_be_decoded() {
    let (signed, signer) = head(None);
    let plain = PayloadKind::StreamingUnsignedTrailer;
    for (kind, with, trailer, code) in [
        (PayloadKind::Unsigned, None, None, "InvalidRequest"),
        (PayloadKind::Sha256([0; 32]), None, None, "InvalidRequest"),
        (signed, None, None, "AccessDenied"),
        (signed, Some(signer), Some("x-amz-checksum-crc32"), "InvalidRequest"),
        (plain, None, Some("x-amz-meta-a"), "InvalidRequest"),
        (plain, None, Some("x-amz-checksum-crc32,x-amz-checksum-sha1"), "InvalidRequest"),
    ] {
        assert!(Decoder::new(kind, with, 1, trailer).unwrap_err().is(code), "{kind:?} {trailer:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any data in any chunks, cut anywhere, comes out again; any flipped bit is noticed.
    #[test]
    fn round_trip(
        sizes in proptest::collection::vec(8192usize..9000, 0..3), last in 1usize..100, piece in 1usize..20_000,
        flip in any::<(usize, u8)>(), fill in any::<u8>(),
    ) {
        let (_, mut signer) = head(Some("x-amz-checksum-crc32c"));
        let (mut data, mut body) = (Vec::new(), Vec::new());
        for size in sizes.into_iter().chain([last, 0]) {
            let chunk: Vec<u8> = (0..size).map(|i| fill.wrapping_add((i % 251) as u8)).collect();
            let signature = signer.chunk(BodyHash::of(&chunk).0).to_owned();
            body.extend(format!("{size:x};chunk-signature={signature}\r\n").into_bytes());
            body.extend(&chunk);
            body.extend(if size > 0 { &b"\r\n"[..] } else { b"" });
            data.extend(chunk);
        }
        let line = format!("x-amz-checksum-crc32c:{}\n", Checksum::of(Algorithm::Crc32c, &data).to_base64());
        let signature = signer.trailer(BodyHash::of(line.as_bytes()).0);
        body.extend(format!("{}\r\nx-amz-trailer-signature:{signature}\r\n\r\n", line.trim_end()).into_bytes());
        let decoder = || {
            let (kind, signer) = head(Some("x-amz-checksum-crc32c"));
            Decoder::new(kind, Some(signer), data.len() as u64, Some("x-amz-checksum-crc32c")).unwrap()
        };
        let (out, _) = decode(decoder(), &body, piece).unwrap();
        prop_assert_eq!(&out, &data);
        let at = flip.0 % body.len();
        let bit = 1 << (flip.1 % 8);
        body[at] ^= bit;
        // The case of hexadecimal sizes and header names is free, and so are spaces after a trailer, in place of its CR.
        let free = bit == 0x20 || char::from(body[at]).is_whitespace();
        if let Ok((out, _)) = decode(decoder(), &body, piece) {
            prop_assert!(free && out == data, "a flip at {} went unnoticed", at);
        }
    }
}
