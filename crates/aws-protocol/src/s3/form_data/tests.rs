//! Forms as browsers and libraries write them, in pieces of any size.

use super::*;
use proptest::prelude::*;

type Read = (Vec<(String, String)>, File, Vec<u8>);

fn read(content_type: &str, body: &[u8], piece: usize) -> Result<Read, FormError> {
    let mut parser = Parser::new(content_type).map_err(|_| FormError::Malformed("content type"))?;
    let (mut data, mut begun) = (Vec::new(), 0);
    for piece in body.chunks(piece.max(1)) {
        let mut rest = piece;
        while !rest.is_empty() {
            let before = data.len();
            let (state, used) = parser.feed(rest, &mut |d| data.extend_from_slice(d))?;
            rest = &rest[used..];
            if state == State::FileBegins {
                begun += 1;
                assert_eq!(data.len(), before, "data before the caller has judged the fields");
            } else {
                assert!(rest.is_empty());
            }
        }
    }
    let (fields, file) = (parser.fields().to_vec(), parser.file().clone());
    parser.finish()?;
    assert_eq!(begun, 1);
    Ok((fields, file, data))
}

const TYPE: &str = "multipart/form-data; boundary=xYzZY";

fn form(parts: &[(&str, &str)]) -> String {
    let mut body = String::new();
    for (disposition, value) in parts {
        body.push_str(&format!("--xYzZY\r\nContent-Disposition: form-data; {disposition}\r\n\r\n{value}\r\n"));
    }
    body + "--xYzZY--\r\n"
}

#[test]
fn a_form_is_read() {
    let file = "\r\n--xYzZ not a boundary\r\r\n--xYz\0\r\n";
    let body = form(&[
        ("name=\"key\"", "a/${filename}"),
        ("name=empty", ""),
        ("NAME=\"Content-Type\"; x=y", "text/plain\r\nsecond line é"),
        ("name=\"file\"; filename=\"C:\\dir\\my \\\"file\\\".txt\"\r\nContent-Type: image/png", file),
        ("name=\"after\"", "ignored"),
    ]);
    for piece in [1, 2, 3, 5, 8, 13, 100, 10_000] {
        let (fields, described, data) = read(TYPE, body.as_bytes(), piece).unwrap();
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(fields, [("key", "a/${filename}"), ("empty", ""), ("Content-Type", "text/plain\r\nsecond line é")]);
        assert_eq!(described, File { name: Some("my \"file\".txt".into()), content_type: Some("image/png".into()) });
        assert_eq!(String::from_utf8(data).unwrap(), file, "{piece}");
    }
    let with_preamble = format!("preamble\r\nmore\r\n{}", form(&[("name=\"file\"", "")]));
    let (fields, described, data) =
        read("Multipart/Form-Data; charset=utf-8; Boundary=\"xYzZY\"", with_preamble.as_bytes(), 7).unwrap();
    assert!(fields.is_empty() && described == File::default() && data.is_empty());
    let unended = "--xYzZY\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx\r\n--xYzZY";
    assert_eq!(read(TYPE, unended.as_bytes(), 4).unwrap().2, b"x");
}

#[test]
fn refusals() {
    let long = "x".repeat(FIELDS_BYTES_MAX);
    let disposition = "--xYzZY\r\nContent-Disposition: form-data; name=\"";
    for (body, wanted) in [
        (form(&[("name=\"key\"", "a")]), FormError::NoFile),
        ("--xYzZY--\r\n".to_owned(), FormError::NoFile),
        (form(&[("name=\"key\"", "a"), ("name=\"KEY\"", "b"), ("name=\"file\"", "c")]), FormError::Duplicate("KEY".into())),
        (form(&[("name=\"key\"", &long), ("name=\"file\"", "c")]), FormError::TooLong),
        (format!("{long}x"), FormError::TooLong),
        (format!("--xYzZY{long}"), FormError::TooLong),
        (format!("{disposition}{long}"), FormError::TooLong),
        (form(&[("filename=\"key\"", "a")]), FormError::Malformed("a part has no name")),
        (form(&[("name=\"key", "a")]), FormError::Malformed("a part has no name")),
        ("--xYzZY\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\n".into(), FormError::Malformed("a part is no form-data")),
        ("--xYzZY\r\nnonsense\r\n\r\n".into(), FormError::Malformed("a part's header has no colon")),
        ("--xYzZYZ\r\n".into(), FormError::Malformed("there is something behind a boundary")),
        (String::new(), FormError::Malformed("it ends early")),
        (format!("{disposition}file\"\r\n\r\ndata\r\n--xYzZ"), FormError::Malformed("it ends early")),
        (format!("{disposition}key\"\r\n\r\ndata"), FormError::Malformed("it ends early")),
    ] {
        for piece in [1, 9, 1 << 20] {
            assert_eq!(read(TYPE, body.as_bytes(), piece).unwrap_err(), wanted, "{}", &body[..body.len().min(80)]);
        }
    }
    let not_text = [form(&[("name=\"key\"", "a")]).as_bytes()[..60].to_vec(), b"\xff\r\n--xYzZY\r\n".to_vec()].concat();
    assert!(matches!(read(TYPE, &not_text, 4), Err(FormError::Malformed(_))));
    // A file may be of any length.
    let big = form(&[("name=\"file\"", &"x".repeat(10 * FIELDS_BYTES_MAX))]);
    assert_eq!(read(TYPE, big.as_bytes(), 4096).unwrap().2.len(), 10 * FIELDS_BYTES_MAX);
    for e in [FormError::NoFile, FormError::TooLong, FormError::Malformed(""), FormError::Duplicate("k".into())] {
        assert_eq!(e.to_aws().status, 400);
    }
}

#[test]
fn content_types() {
    let long = format!("multipart/form-data; boundary={}", "b".repeat(71));
    for (content_type, good) in [
        ("multipart/form-data; boundary=x", true),
        ("multipart/form-data;boundary=\"a b\"", true),
        ("multipart/form-data", false),
        ("multipart/form-data; boundary=", false),
        ("multipart/form-data; boundary=\"x", false),
        ("multipart/mixed; boundary=x", false),
        ("text/plain", false),
        ("", false),
        (&long, false),
    ] {
        assert_eq!(Parser::new(content_type).is_ok(), good, "{content_type}");
    }
}

proptest! {
    #[test]
    fn any_data_comes_through(
        values in proptest::collection::vec("([a-z]|\r\n|--|\r|xYzZ){0,20}", 0..4),
        file in proptest::collection::vec(prop_oneof![Just(b'\r'), Just(b'\n'), Just(b'-'), any::<u8>()], 0..300),
        piece in 1usize..400,
    ) {
        let mut body = Vec::new();
        for (i, value) in values.iter().enumerate() {
            body.extend(format!("--xYzZY\r\nContent-Disposition: form-data; name=\"f{i}\"\r\n\r\n{value}\r\n").into_bytes());
        }
        body.extend(b"--xYzZY\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n");
        body.extend(&file);
        body.extend(b"\r\n--xYzZY--");
        let (fields, _, data) = read(TYPE, &body, piece).unwrap();
        prop_assert_eq!(fields.into_iter().map(|(_, v)| v).collect::<Vec<_>>(), values);
        prop_assert_eq!(data, file);
    }
}
