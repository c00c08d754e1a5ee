//! Rows about single objects: headers, ranges, conditions, checksums, keys of every kind, copies. Each is a request and the status and code that S3 answers.

use crate::world::{Who, delete, get, head, post, put, with_world};

#[test]
fn objects_are_kept_as_they_were_sent() {
    with_world(false, |w| async move {
        w.done(put("/keep", "")).await;
        for key in
            ["a", "a/../b", "a//b", "/lead", "trail/", "..", "%C3%A9%F0%9F%98%80", "sp%20ace%2Bplus+", "%26%3C%3E%22'", "%0A%01"]
        {
            let reply = w.done(put(format!("/keep/{key}"), key.as_bytes())).await;
            assert!(reply.header("etag").len() == 34 && reply.header("x-amz-version-id").is_empty(), "{key}");
            assert_eq!(w.done(get(format!("/keep/{key}"))).await.text(), key);
        }
        assert_eq!(w.done(get("/keep?list-type=2")).await.tag("KeyCount"), "10");
        let sent = put("/keep/head", "12345")
            .with("content-type", "text/x")
            .with("cache-control", "no-cache")
            .with("content-disposition", "attachment; filename=\"é\"")
            .with("content-encoding", "aws-chunked, gzip")
            .with("content-language", "de, en")
            .with("expires", "Wed, 21 Oct 2105 07:28:00 GMT")
            .with("x-amz-meta-a", "1")
            .with("x-amz-meta-b", "")
            .with("x-amz-storage-class", "STANDARD_IA")
            .with("x-amz-tagging", "k=v&l=w")
            .with("x-amz-website-redirect-location", "/elsewhere")
            .with("x-amz-checksum-crc32c", "MuGz9w==");
        let wrong = w.ask(sent.clone()).await;
        assert_eq!((wrong.status, wrong.code()), (400, "BadDigest".to_owned()));
        let sent = Req { headers: sent.headers.into_iter().filter(|(n, _)| n != "x-amz-checksum-crc32c").collect(), ..sent };
        w.done(sent).await;
        let reply = w.done(head("/keep/head").with("x-amz-checksum-mode", "ENABLED")).await;
        for (name, value) in [
            ("content-type", "text/x"),
            ("content-length", "5"),
            ("cache-control", "no-cache"),
            ("content-encoding", "gzip"),
            ("content-language", "de, en"),
            ("expires", "Wed, 21 Oct 2105 07:28:00 GMT"),
            ("x-amz-meta-a", "1"),
            ("x-amz-meta-b", ""),
            ("x-amz-storage-class", "STANDARD_IA"),
            ("x-amz-tagging-count", "2"),
            ("x-amz-website-redirect-location", "/elsewhere"),
            ("x-amz-server-side-encryption", "AES256"),
            ("x-amz-checksum-type", "FULL_OBJECT"),
            ("accept-ranges", "bytes"),
            ("etag", "\"827ccb0eea8a706c4c34a16891f84e7b\""),
        ] {
            assert_eq!(reply.header(name), value, "{name}");
        }
        assert!(reply.body.is_empty() && !reply.header("x-amz-checksum-crc64nvme").is_empty());
        assert!(w.done(head("/keep/head")).await.header("x-amz-checksum-crc64nvme").is_empty());
        assert_eq!(w.done(head("/keep/a")).await.header("content-type"), "binary/octet-stream");
        w.done(put("/keep/twice", "1").with("content-encoding", "deflate, gzip")).await;
        assert_eq!(w.done(head("/keep/twice")).await.header("content-encoding"), "deflate, gzip");
        // Overwritten, everything of the old one is gone.
        w.done(put("/keep/head", "1")).await;
        let reply = w.done(get("/keep/head")).await;
        assert_eq!((reply.header("x-amz-meta-a"), reply.header("x-amz-tagging-count"), reply.text()), ("", "", "1".to_owned()));
    });
}

use crate::world::Req;

#[test]
fn bad_requests_for_objects_have_their_codes() {
    with_world(false, |w| async move {
        w.done(put("/codes", "")).await;
        let md5 = |v: &str| put("/codes/k", "hello").with("content-md5", v);
        let crc = |name: &str, v: &str| put("/codes/k", "hello").with(name, v);
        let meta = "m".repeat(2049);
        w.table(vec![
            ("no bucket", put("/none-such/k", "x"), 404, "NoSuchBucket"),
            ("no key", get("/codes/none"), 404, "NoSuchKey"),
            ("no key, head", head("/codes/none"), 404, ""),
            ("no key, stranger's eyes", get("/codes/none").by(Who::Nobody), 403, "AccessDenied"),
            ("deleting nothing", delete("/codes/none"), 204, ""),
            ("1,024 bytes", put(format!("/codes/{}", "k".repeat(1024)), ""), 200, ""),
            ("1,025 bytes", put(format!("/codes/{}", "k".repeat(1025)), ""), 400, "KeyTooLongError"),
            ("not UTF-8", put("/codes/%FF", ""), 400, "InvalidURI"),
            ("broken escape", put("/codes/%4", ""), 400, "InvalidURI"),
            ("short MD5", md5("YWJyYWNhZGFicmE="), 400, "InvalidDigest"),
            ("empty MD5", md5(""), 400, "InvalidDigest"),
            ("no base64", md5("!"), 400, "InvalidDigest"),
            ("other MD5", md5("rL0Y20xC+Fzt72VPzMSk2A=="), 400, "BadDigest"),
            ("right MD5", put("/codes/k", "hello").md5(), 200, ""),
            ("right CRC-32", crc("x-amz-checksum-crc32", "NhCmhg=="), 200, ""),
            ("other CRC-32", crc("x-amz-checksum-crc32", "AAAAAA=="), 400, "BadDigest"),
            ("long CRC-32", crc("x-amz-checksum-crc32", "AAAAAAAAAA=="), 400, "InvalidRequest"),
            ("no such checksum", crc("x-amz-checksum-xxh3", "AAAAAAAAAA=="), 501, "NotImplemented"),
            (
                "two checksums",
                crc("x-amz-checksum-crc32", "NhCmhg==").with("x-amz-checksum-sha1", "qvTGHdzF6KLavt4PO0gs2a6pQ00="),
                400,
                "InvalidRequest",
            ),
            (
                "named and another",
                crc("x-amz-checksum-crc32", "NhCmhg==").with("x-amz-sdk-checksum-algorithm", "SHA1"),
                400,
                "InvalidRequest",
            ),
            ("no such algorithm", put("/codes/k", "").with("x-amz-sdk-checksum-algorithm", "MD4"), 400, "InvalidRequest"),
            ("metadata", put("/codes/k", "").with("x-amz-meta-a", &meta[..2047]), 200, ""),
            ("too much metadata", put("/codes/k", "").with("x-amz-meta-a", meta.as_str()), 400, "MetadataTooLarge"),
            ("class", put("/codes/k", "").with("x-amz-storage-class", "COLD"), 400, "InvalidStorageClass"),
            ("ACL", put("/codes/k", "").with("x-amz-acl", "open"), 400, "InvalidArgument"),
            ("11 tags", put("/codes/k", "").with("x-amz-tagging", "a=&b=&c=&d=&e=&f=&g=&h=&i=&j=&k="), 400, "BadRequest"),
            ("tag twice", put("/codes/k", "").with("x-amz-tagging", "a=1&a=2"), 400, "InvalidArgument"),
            ("encryption", put("/codes/k", "").with("x-amz-server-side-encryption", "ROT13"), 400, "InvalidArgument"),
            (
                "key without KMS",
                put("/codes/k", "").with("x-amz-server-side-encryption-aws-kms-key-id", "k"),
                400,
                "InvalidArgument",
            ),
            (
                "unknown KMS key",
                put("/codes/k", "")
                    .with("x-amz-server-side-encryption", "aws:kms")
                    .with("x-amz-server-side-encryption-aws-kms-key-id", "k"),
                400,
                "KMS.NotFoundException",
            ),
            ("appending", put("/codes/k", "x").with("x-amz-write-offset-bytes", "0"), 501, "NotImplemented"),
            ("redirect", put("/codes/k", "").with("x-amz-website-redirect-location", "ftp://x"), 400, "InvalidArgument"),
            ("lock without a lock", put("/codes/k", "").with("x-amz-object-lock-legal-hold", "ON"), 400, "InvalidRequest"),
            (
                "half of SSE-C",
                put("/codes/k", "").with("x-amz-server-side-encryption-customer-algorithm", "AES256"),
                400,
                "InvalidArgument",
            ),
            ("torrent", get("/codes/k?torrent"), 501, "NotImplemented"),
            ("select", post("/codes/k?select&select-type=2", "<a/>"), 501, "NotImplemented"),
            ("bucket's sub-resource of a key", put("/codes/k?policy", "{}"), 400, "InvalidArgument"),
            ("conflicting", get("/codes/k?acl&tagging"), 400, "InvalidArgument"),
            ("no such version", get("/codes/k?versionId=00000000000000000000000000000000"), 404, "NoSuchVersion"),
            ("no version", get("/codes/k?versionId=abc"), 400, "InvalidArgument"),
            ("empty version", get("/codes/k?versionId="), 400, "InvalidArgument"),
            ("the null version", get("/codes/k?versionId=null"), 200, ""),
            ("half a part", put("/codes/k?partNumber=1", "x"), 400, "InvalidArgument"),
            ("post to a key", post("/codes/k", "x"), 405, "MethodNotAllowed"),
            ("post to a bucket", post("/codes", "x"), 412, "PreconditionFailed"),
            ("attributes", get("/codes/k?attributes"), 400, "InvalidRequest"),
            ("no attribute", get("/codes/k?attributes").with("x-amz-object-attributes", "ETag,Size"), 400, "InvalidArgument"),
            ("attribute", get("/codes/k?attributes").with("x-amz-object-attributes", "ETag,ObjectSize"), 200, ""),
        ])
        .await;
    });
}

#[test]
fn ranges_conditions_and_overrides() {
    with_world(false, |w| async move {
        w.done(put("/cond", "")).await;
        let etag = w.done(put("/cond/k", "0123456789")).await.header("etag").to_owned();
        w.done(put("/cond/empty", "")).await;
        let (old, late) = ("Sat, 29 Oct 1994 19:43:31 GMT", "Sat, 29 Oct 2101 19:43:31 GMT");
        let ranged = |r: &str| get("/cond/k").with("range", r);
        w.table(vec![
            ("range", ranged("bytes=4-7"), 206, ""),
            ("open range", ranged("bytes=4-"), 206, ""),
            ("suffix", ranged("bytes=-7"), 206, ""),
            ("behind", ranged("bytes=40-50"), 416, "InvalidRange"),
            ("of nothing", get("/cond/empty").with("range", "bytes=40-50"), 416, "InvalidRange"),
            ("no range", ranged("bytes=a"), 200, ""),
            ("two ranges", ranged("bytes=0-1,3-4"), 200, ""),
            ("match", get("/cond/k").with("if-match", etag.as_str()), 200, ""),
            ("no match", get("/cond/k").with("if-match", "\"ABCORZ\""), 412, "PreconditionFailed"),
            ("none match", get("/cond/k").with("if-none-match", "ABCORZ"), 200, ""),
            ("a match", get("/cond/k").with("if-none-match", etag.as_str()), 304, ""),
            ("modified", get("/cond/k").with("if-modified-since", old), 200, ""),
            ("not modified", get("/cond/k").with("if-modified-since", late), 304, ""),
            ("unmodified", get("/cond/k").with("if-unmodified-since", late), 200, ""),
            ("not unmodified", get("/cond/k").with("if-unmodified-since", old), 412, "PreconditionFailed"),
            ("match wins", get("/cond/k").with("if-match", etag.as_str()).with("if-unmodified-since", old), 200, ""),
            ("none-match wins", get("/cond/k").with("if-none-match", etag.as_str()).with("if-modified-since", old), 304, ""),
            ("put if absent", put("/cond/k", "x").with("if-none-match", "*"), 412, "PreconditionFailed"),
            ("put if absent, absent", put("/cond/new", "x").with("if-none-match", "*"), 200, ""),
            ("put if it matches", put("/cond/new", "y").with("if-match", "\"9dd4e461268c8034f5c8564e155c67a6\""), 200, ""),
            (
                "put if another matches",
                put("/cond/new", "z").with("if-match", "\"9dd4e461268c8034f5c8564e155c67a6\""),
                412,
                "PreconditionFailed",
            ),
            (
                "put if it matches, absent",
                put("/cond/none", "z").with("if-match", "\"9dd4e461268c8034f5c8564e155c67a6\""),
                404,
                "NoSuchKey",
            ),
            ("put if no tag", put("/cond/new", "z").with("if-none-match", "\"a\""), 501, "NotImplemented"),
            ("delete if another matches", delete("/cond/new").with("if-match", "\"a\""), 412, "PreconditionFailed"),
            ("delete if anything", delete("/cond/new").with("if-match", "*"), 204, ""),
            ("delete if anything, absent", delete("/cond/new").with("if-match", "*"), 404, "NoSuchKey"),
            ("delete if it matches, absent", delete("/cond/new").with("if-match", "\"a\""), 404, "NoSuchKey"),
            ("delete whatever", delete("/cond/new"), 204, ""),
            ("a reader's encryption", get("/cond/k").with("x-amz-server-side-encryption", "AES256"), 400, "InvalidArgument"),
            ("a reader's key", head("/cond/k").with("x-amz-server-side-encryption-aws-kms-key-id", "k"), 400, "InvalidArgument"),
            ("part of one", get("/cond/k?partNumber=1"), 206, ""),
            ("part behind", get("/cond/k?partNumber=2"), 416, "InvalidPartNumber"),
            ("part zero", get("/cond/k?partNumber=0"), 400, "InvalidArgument"),
            ("part and range", ranged("bytes=0-1").with("x-unrelated", "1"), 206, ""),
            ("overrides of nobody", get("/cond/k?response-content-type=a/b").by(Who::Nobody), 403, "AccessDenied"),
        ])
        .await;
        let part = w.done(ranged("bytes=4-7")).await;
        assert_eq!(
            (part.text(), part.header("content-range"), part.header("content-length")),
            ("4567".into(), "bytes 4-7/10", "4")
        );
        assert_eq!(w.ask(ranged("bytes=99-")).await.header("content-range"), "bytes */10");
        let unchanged = w.ask(get("/cond/k").with("if-none-match", etag.as_str())).await;
        assert_eq!((unchanged.header("etag"), unchanged.body.len()), (etag.as_str(), 0));
        let ranged = w.done(head("/cond/k").with("range", "bytes=0-1")).await;
        assert_eq!((ranged.status, ranged.header("content-length")), (206, "2"));
        let over = get(
            "/cond/k?response-cache-control=no-cache&response-content-disposition=bla&response-content-encoding=aaa&response-content-language=eo&response-content-type=foo%2Fbar&response-expires=123",
        );
        for request in [over.clone(), over.presigned(60)] {
            let reply = w.done(request).await;
            let all = ["cache-control", "content-disposition", "content-encoding", "content-language", "content-type", "expires"];
            assert_eq!(all.map(|h| reply.header(h)), ["no-cache", "bla", "aaa", "eo", "foo/bar", "123"]);
        }
    });
}

#[test]
fn copies() {
    with_world(false, |w| async move {
        w.done(put("/from", "")).await;
        w.done(put("/to-here", "")).await;
        let etag = w
            .done(
                put("/from/a%20b%3F%2B", "text")
                    .with("x-amz-meta-m", "1")
                    .with("content-type", "a/b")
                    .with("x-amz-tagging", "t=1"),
            )
            .await
            .header("etag")
            .to_owned();
        let copy = |to: &str| put(to, "").with("x-amz-copy-source", "from/a%20b%3F%2B");
        let illegal = "InvalidRequest";
        w.table(vec![
            ("copy", copy("/to-here/x"), 200, ""),
            ("slash before", put("/to-here/x", "").with("x-amz-copy-source", "/from/a%20b%3F%2B"), 200, ""),
            ("no key", put("/to-here/x", "").with("x-amz-copy-source", "/from/none"), 404, "NoSuchKey"),
            ("no bucket", put("/to-here/x", "").with("x-amz-copy-source", "/none-such/k"), 404, "NoSuchBucket"),
            ("no source", put("/to-here/x", "").with("x-amz-copy-source", "nonsense"), 400, "InvalidArgument"),
            ("no version", put("/to-here/x", "").with("x-amz-copy-source", "/from/a?versionId=x"), 400, "InvalidArgument"),
            ("onto itself", copy("/from/a%20b%3F%2B"), 400, illegal),
            (
                "onto itself, other metadata",
                copy("/from/a%20b%3F%2B")
                    .with("x-amz-metadata-directive", "REPLACE")
                    .with("x-amz-meta-m", "1")
                    .with("content-type", "a/b")
                    .with("x-amz-tagging-directive", "COPY"),
                200,
                "",
            ),
            ("onto itself, other class", copy("/from/a%20b%3F%2B").with("x-amz-storage-class", "STANDARD_IA"), 200, ""),
            ("directive", copy("/to-here/x").with("x-amz-metadata-directive", "MERGE"), 400, "InvalidArgument"),
            ("match", copy("/to-here/x").with("x-amz-copy-source-if-match", etag.as_str()), 200, ""),
            ("no match", copy("/to-here/x").with("x-amz-copy-source-if-match", "\"ABC\""), 412, "PreconditionFailed"),
            ("none match", copy("/to-here/x").with("x-amz-copy-source-if-none-match", etag.as_str()), 412, "PreconditionFailed"),
            (
                "old",
                copy("/to-here/x").with("x-amz-copy-source-if-unmodified-since", "Sat, 29 Oct 1994 19:43:31 GMT"),
                412,
                "PreconditionFailed",
            ),
            ("target there", copy("/to-here/x").with("if-none-match", "*"), 412, "PreconditionFailed"),
            ("another's source", copy("/to-here/y").by(Who::Alt), 403, "AccessDenied"),
            ("with an algorithm", copy("/to-here/sum").with("x-amz-checksum-algorithm", "SHA256"), 200, ""),
        ])
        .await;
        let reply = w.done(get("/to-here/x")).await;
        let copied = ["x-amz-meta-m", "content-type", "x-amz-tagging-count"].map(|h| reply.header(h).to_owned());
        assert_eq!((copied, reply.text()), (["1", "a/b", "1"].map(str::to_owned), "text".to_owned()));
        let replaced = copy("/to-here/r").with("x-amz-metadata-directive", "REPLACE").with("x-amz-meta-n", "2");
        let replaced = w.done(replaced.with("x-amz-tagging-directive", "REPLACE").with("x-amz-tagging", "u=1&v=2")).await;
        assert_eq!(replaced.tag("ETag").replace("&quot;", "\""), etag);
        let reply = w.done(head("/to-here/r")).await;
        let now = ["x-amz-meta-m", "x-amz-meta-n", "content-type", "x-amz-tagging-count"].map(|h| reply.header(h));
        assert_eq!(now, ["", "2", "binary/octet-stream", "2"]);
    });
}

#[test]
fn customers_keys() {
    with_world(false, |w| async move {
        w.done(put("/sealed", "")).await;
        let with = |r: Req, prefix: &str, key: &str, md5: &str| {
            r.with(&format!("{prefix}-algorithm"), "AES256")
                .with(&format!("{prefix}-key"), key)
                .with(&format!("{prefix}-key-md5"), md5)
        };
        let (key, md5) = ("pO3upElrwuEXSoFwCfnZPdSsmt/xWeFa0N9KgDijwVs=", "DWygnHRtgiJ77HCm+1rvHw==");
        let (other, other_md5) = ("6b+WOZ1T3cqZMxgThRcXAQBrS5mXKdDUphvpxptl9/4=", "arxBvwY2V4SiOne6yppVPQ==");
        let own = "x-amz-server-side-encryption-customer";
        let source = "x-amz-copy-source-server-side-encryption-customer";
        let reply = w.done(with(put("/sealed/k", "secret"), own, key, md5)).await;
        assert_eq!(reply.header("x-amz-server-side-encryption-customer-key-md5"), md5);
        w.table(vec![
            ("with it", with(get("/sealed/k"), own, key, md5), 200, ""),
            ("without", get("/sealed/k"), 400, "InvalidRequest"),
            ("head without", head("/sealed/k"), 400, ""),
            ("head", with(head("/sealed/k"), own, key, md5), 200, ""),
            ("another", with(get("/sealed/k"), own, other, other_md5), 403, "AccessDenied"),
            ("wrong MD5", with(put("/sealed/x", ""), own, key, other_md5), 400, "InvalidArgument"),
            (
                "no algorithm",
                put("/sealed/x", "").with(&format!("{own}-key"), key).with(&format!("{own}-key-md5"), md5),
                400,
                "InvalidArgument",
            ),
            ("copy without", put("/sealed/c", "").with("x-amz-copy-source", "/sealed/k"), 400, "InvalidRequest"),
            (
                "copy",
                with(with(put("/sealed/c", "").with("x-amz-copy-source", "/sealed/k"), source, key, md5), own, other, other_md5),
                200,
                "",
            ),
            ("the copy", with(get("/sealed/c"), own, other, other_md5), 200, ""),
        ])
        .await;
        assert_eq!(w.done(with(get("/sealed/c").with("range", "bytes=2-3"), own, other, other_md5)).await.text(), "cr");
        w.done(put("/sealed/plain", "x")).await;
        w.table(vec![("not sealed", with(get("/sealed/plain"), own, key, md5), 400, "InvalidRequest")]).await;
        let id = w.done(with(post("/sealed/parts?uploads", ""), own, key, md5)).await.tag("UploadId");
        let part = w.done(with(put(format!("/sealed/parts?partNumber=1&uploadId={id}"), "x"), own, key, md5)).await;
        let finish = post(
            format!("/sealed/parts?uploadId={id}"),
            format!(
                "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{}</ETag></Part></CompleteMultipartUpload>",
                part.header("etag")
            ),
        );
        let block = |kind: &str| {
            put(
                "/sealed?encryption",
                format!("<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault><BlockedEncryptionTypes><EncryptionType>{kind}</EncryptionType></BlockedEncryptionTypes></Rule></ServerSideEncryptionConfiguration>"),
            )
            .md5()
        };
        w.table(vec![
            ("completed with another", with(finish.clone(), own, other, other_md5), 400, "InvalidRequest"),
            ("completed without", finish, 200, ""),
            ("no more of them", block("SSE-C"), 200, ""),
            ("one more", with(put("/sealed/y", "x"), own, key, md5), 403, "AccessDenied"),
            ("an upload", with(post("/sealed/y?uploads", ""), own, key, md5), 403, "AccessDenied"),
            ("old ones", with(get("/sealed/k"), own, key, md5), 200, ""),
            ("others", put("/sealed/y", "x"), 200, ""),
            ("again", block("NONE"), 200, ""),
            ("one more", with(put("/sealed/y", "x"), own, key, md5), 200, ""),
        ])
        .await;
    });
}
