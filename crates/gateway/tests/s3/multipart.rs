//! Rows about multipart uploads: order, sizes, checksums, copies of parts, what is refused. Each is a request and the status and code that S3 answers.

use crate::world::{complete_xml, delete, get, head, post, put, start_upload, with_world};

const MIN: usize = 5 << 20;

#[test]
fn uploads_by_parts() {
    with_world(false, |w| async move {
        w.done(put("/parts", "")).await;
        let id = start_upload(&w, "/parts/k", &[("x-amz-meta-a", "1"), ("content-type", "a/b")]).await;
        let part = |n: u32, id: &str, body: Vec<u8>| put(format!("/parts/k?partNumber={n}&uploadId={id}"), body);
        let one = w.done(part(2, &id, vec![b'a'; MIN])).await.header("etag").to_owned();
        let two = w.done(part(7, &id, b"tail".to_vec())).await.header("etag").to_owned();
        let small = w.done(part(9, &id, b"end".to_vec())).await.header("etag").to_owned();
        let finish = |id: &str, parts: &[(u32, &str)]| post(format!("/parts/k?uploadId={id}"), complete_xml(parts));
        let none = "0123456789abcdef0123456789abcdef";
        let many: Vec<(u32, &str)> = (1..=10_001).map(|n| (n, "\"x\"")).collect();
        w.table(vec![
            ("not yet there", get("/parts/k"), 404, "NoSuchKey"),
            ("part zero", part(0, &id, vec![]), 400, "InvalidArgument"),
            ("part 10,001", part(10_001, &id, vec![]), 400, "InvalidArgument"),
            ("no such upload", part(1, none, vec![]), 404, "NoSuchUpload"),
            ("no upload at all", part(1, "x", vec![]), 404, "NoSuchUpload"),
            ("no parts", finish(&id, &[]), 400, "MalformedXML"),
            ("10,001 parts", finish(&id, &many), 400, "MalformedXML"),
            ("empty body", post(format!("/parts/k?uploadId={id}"), ""), 400, "MalformedXML"),
            ("not XML", post(format!("/parts/k?uploadId={id}"), "<x"), 400, "MalformedXML"),
            ("wrong order", finish(&id, &[(7, &two), (2, &one)]), 400, "InvalidPartOrder"),
            ("twice", finish(&id, &[(2, &one), (2, &one)]), 400, "InvalidPartOrder"),
            ("missing part", finish(&id, &[(3, &one)]), 400, "InvalidPart"),
            ("wrong tag", finish(&id, &[(2, "\"ffffffffffffffffffffffffffffffff\"")]), 400, "InvalidPart"),
            ("too small", finish(&id, &[(7, &two), (9, &small)]), 400, "EntityTooSmall"),
            ("other key", post(format!("/parts/other?uploadId={id}"), complete_xml(&[(2, &one)])), 404, "NoSuchUpload"),
            ("size", finish(&id, &[(2, &one), (7, &two)]).with("x-amz-mp-object-size", "5"), 400, "InvalidRequest"),
            ("complete of none", finish(none, &[(2, &one)]), 404, "NoSuchUpload"),
            ("abort of none", delete(format!("/parts/k?uploadId={none}")), 404, "NoSuchUpload"),
            ("list of none", get(format!("/parts/k?uploadId={none}")), 404, "NoSuchUpload"),
            ("no type alone", post("/parts/k?uploads", "").with("x-amz-checksum-type", "COMPOSITE"), 400, "InvalidRequest"),
            (
                "impossible type",
                post("/parts/k?uploads", "")
                    .with("x-amz-checksum-type", "FULL_OBJECT")
                    .with("x-amz-checksum-algorithm", "SHA256"),
                400,
                "InvalidRequest",
            ),
        ])
        .await;
        let list = w.done(get(format!("/parts/k?uploadId={id}"))).await;
        assert_eq!(
            (list.tags("PartNumber"), list.tag("IsTruncated")),
            (vec!["2".into(), "7".into(), "9".into()], "false".into())
        );
        let page = w.done(get(format!("/parts/k?uploadId={id}&max-parts=1&part-number-marker=2"))).await;
        let next = (page.tags("PartNumber"), page.tag("NextPartNumberMarker"), page.tag("IsTruncated"));
        assert_eq!(next, (vec!["7".to_owned()], "7".into(), "true".into()));
        let uploads = w.done(get("/parts?uploads")).await;
        assert_eq!((uploads.tags("UploadId"), uploads.tag("StorageClass")), (vec![id.clone()], "STANDARD".to_owned()));
        let done = w.done(finish(&id, &[(2, &one), (7, &two)])).await;
        assert!(done.tag("ETag").ends_with("-2&quot;") && done.tag("Location").ends_with("/parts/k"));
        // Not heard and asked again: the same answer.
        assert_eq!(w.done(finish(&id, &[(2, &one), (7, &two)])).await.tag("ETag"), done.tag("ETag"));
        let reply = w.done(head("/parts/k")).await;
        let got = ["content-length", "x-amz-meta-a", "content-type"].map(|h| reply.header(h).to_owned());
        assert_eq!(got, [(MIN + 4).to_string(), "1".to_owned(), "a/b".to_owned()]);
        let part = w.done(get("/parts/k?partNumber=2")).await;
        assert_eq!((part.status, part.text(), part.header("x-amz-mp-parts-count")), (206, "tail".to_owned(), "2"));
        let across = w.done(get("/parts/k").with("range", format!("bytes={}-{}", MIN - 2, MIN + 1))).await;
        assert_eq!(across.text(), "aata");
        w.table(vec![
            ("third part", get("/parts/k?partNumber=3"), 416, "InvalidPartNumber"),
            ("abort afterwards", delete(format!("/parts/k?uploadId={id}")), 404, "NoSuchUpload"),
        ])
        .await;
        assert!(w.done(get("/parts?uploads")).await.tags("UploadId").is_empty());
        let attributes =
            w.done(get("/parts/k?attributes").with("x-amz-object-attributes", "ObjectParts,ObjectSize,StorageClass")).await;
        assert_eq!((attributes.tag("PartsCount"), attributes.tag("ObjectSize")), ("2".into(), (MIN + 4).to_string()));
    });
}

#[test]
fn parts_that_are_copied_and_conditions() {
    with_world(false, |w| async move {
        w.done(put("/pieces", "")).await;
        w.done(put("/pieces/source", "0123456789")).await;
        let id = start_upload(&w, "/pieces/k", &[]).await;
        let copy = |range: &str| {
            let request = put(format!("/pieces/k?partNumber=1&uploadId={id}"), "").with("x-amz-copy-source", "/pieces/source");
            if range.is_empty() { request } else { request.with("x-amz-copy-source-range", range) }
        };
        w.table(vec![
            ("behind", copy("bytes=0-21"), 400, "InvalidArgument"),
            ("open", copy("bytes=0-"), 400, "InvalidArgument"),
            ("backwards", copy("bytes=5-2"), 400, "InvalidArgument"),
            ("words", copy("bytes=hello-world"), 400, "InvalidArgument"),
            ("no unit", copy("0-2"), 400, "InvalidArgument"),
            ("list", copy("bytes=0-2,3-5"), 400, "InvalidArgument"),
            ("condition", copy("").with("x-amz-copy-source-if-match", "\"a\""), 412, "PreconditionFailed"),
            (
                "no source",
                put(format!("/pieces/k?partNumber=1&uploadId={id}"), "").with("x-amz-copy-source", "/pieces/x"),
                404,
                "NoSuchKey",
            ),
            ("whole", copy(""), 200, ""),
        ])
        .await;
        let etag = w.done(copy("bytes=2-4")).await.tag("ETag").replace("&quot;", "\"");
        let finish = |with: &[(&str, &str)]| {
            let mut r = post(format!("/pieces/k?uploadId={id}"), complete_xml(&[(1, &etag)]));
            for (n, v) in with {
                r = r.with(n, *v);
            }
            r
        };
        w.done(put("/pieces/k", "there")).await;
        w.table(vec![
            ("there", finish(&[("if-none-match", "*")]), 412, "PreconditionFailed"),
            ("another", finish(&[("if-match", "\"a\"")]), 412, "PreconditionFailed"),
        ])
        .await;
        w.done(delete("/pieces/k")).await;
        w.table(vec![("gone", finish(&[("if-match", "\"a\"")]), 404, "NoSuchKey")]).await;
        w.done(finish(&[("if-none-match", "*")])).await;
        assert_eq!(w.done(get("/pieces/k")).await.text(), "234");
        let id = start_upload(&w, "/pieces/a", &[]).await;
        w.done(put(format!("/pieces/a?partNumber=1&uploadId={id}"), "x")).await;
        w.done(delete(format!("/pieces/a?uploadId={id}"))).await;
        w.table(vec![
            ("part of an aborted upload", put(format!("/pieces/a?partNumber=1&uploadId={id}"), "x"), 404, "NoSuchUpload"),
            ("aborted", get("/pieces/a"), 404, "NoSuchKey"),
        ])
        .await;
    });
}

#[test]
fn checksums_of_parts() {
    with_world(false, |w| async move {
        w.done(put("/sums", "")).await;
        let id = start_upload(&w, "/sums/k", &[("x-amz-checksum-algorithm", "SHA256")]).await;
        let part = put(format!("/sums/k?partNumber=1&uploadId={id}"), "hello");
        let sum = "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=";
        let other = part.clone().with("x-amz-checksum-crc32", "NhCmhg==");
        let reply = w.done(part.with("x-amz-checksum-sha256", sum)).await;
        assert_eq!(reply.header("x-amz-checksum-sha256"), sum);
        let etag = reply.header("etag").to_owned();
        let xml = |sum: &str| {
            format!(
                "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag>{sum}</Part></CompleteMultipartUpload>"
            )
        };
        let finish = |sum: &str| post(format!("/sums/k?uploadId={id}"), xml(sum));
        w.table(vec![
            ("another algorithm", other, 400, "InvalidRequest"),
            ("without", finish(""), 400, "InvalidRequest"),
            (
                "wrong",
                finish("<ChecksumSHA256>AAAAul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=</ChecksumSHA256>"),
                400,
                "InvalidPart",
            ),
        ])
        .await;
        let done = w.done(finish(&format!("<ChecksumSHA256>{sum}</ChecksumSHA256>"))).await;
        assert!(done.tag("ChecksumSHA256").ends_with("-1") && done.tag("ChecksumType") == "COMPOSITE");
        let reply = w.done(head("/sums/k").with("x-amz-checksum-mode", "ENABLED")).await;
        assert_eq!(reply.header("x-amz-checksum-type"), "COMPOSITE");
        // A part has its own; a range has none.
        let reply = w.done(get("/sums/k?partNumber=1").with("x-amz-checksum-mode", "ENABLED")).await;
        assert_eq!((reply.header("x-amz-checksum-sha256"), reply.header("x-amz-checksum-type")), (sum, "COMPOSITE"));
        let reply = w.done(get("/sums/k").with("range", "bytes=0-1").with("x-amz-checksum-mode", "ENABLED")).await;
        assert_eq!((reply.header("x-amz-checksum-sha256"), reply.header("x-amz-checksum-type")), ("", ""));
        let id =
            start_upload(&w, "/sums/f", &[("x-amz-checksum-algorithm", "CRC32"), ("x-amz-checksum-type", "FULL_OBJECT")]).await;
        let etag =
            w.done(put(format!("/sums/f?partNumber=1&uploadId={id}"), "hello").with("x-amz-checksum-crc32", "NhCmhg==")).await;
        let finish = post(format!("/sums/f?uploadId={id}"), complete_xml(&[(1, etag.header("etag"))]));
        let wrong = finish.clone().with("x-amz-checksum-crc32", "AAAAAA==").with("x-amz-checksum-type", "FULL_OBJECT");
        w.table(vec![("whole, wrong", wrong, 400, "BadDigest")]).await;
        let done = w.done(finish.with("x-amz-checksum-crc32", "NhCmhg==").with("x-amz-checksum-type", "FULL_OBJECT")).await;
        assert_eq!((done.tag("ChecksumCRC32"), done.tag("ChecksumType")), ("NhCmhg==".to_owned(), "FULL_OBJECT".to_owned()));
    });
}
