//! Rows about listings: prefixes, delimiters, markers, encodings, pages. Each is a request and the status and code that S3 answers.

use crate::world::{Res, World, delete, get, post, put, start_upload, with_world};

async fn fill(w: &World, bucket: &str, keys: &[&str]) {
    w.done(put(format!("/{bucket}"), "")).await;
    for key in keys {
        w.done(put(format!("/{bucket}/{key}"), *key)).await;
    }
}

fn keys(reply: &Res) -> Vec<String> {
    reply.tags("Key")
}

fn groups(reply: &Res) -> Vec<String> {
    reply.tags("CommonPrefixes").iter().map(|p| p.replace("<Prefix>", "").replace("</Prefix>", "")).collect()
}

#[test]
fn pages_delimiters_and_prefixes() {
    with_world(false, |w| async move {
        fill(&w, "list", &["asdf", "boo/bar", "boo/baz/xyzzy", "cquux/bla", "cquux/thud"]).await;
        // Query, keys, groups, the next marker where it goes on.
        for (query, wanted_keys, wanted_groups, next) in [
            ("", "asdf boo/bar boo/baz/xyzzy cquux/bla cquux/thud", "", ""),
            ("delimiter=/&max-keys=1", "asdf", "", "asdf"),
            ("delimiter=/&max-keys=1&marker=asdf", "", "boo/", "boo/"),
            ("delimiter=/&max-keys=1&marker=boo/", "", "cquux/", ""),
            ("delimiter=/&max-keys=2", "asdf", "boo/", "boo/"),
            ("delimiter=/&max-keys=2&marker=boo/", "", "cquux/", ""),
            ("delimiter=/&prefix=boo/&max-keys=1", "boo/bar", "", "boo/bar"),
            ("delimiter=/&prefix=boo/&max-keys=1&marker=boo/bar", "", "boo/baz/", ""),
            ("delimiter=/&prefix=boo/", "boo/bar", "boo/baz/", ""),
            ("delimiter=a", "", "a boo/ba cqu", "?"),
            ("prefix=c&marker=cquux/c", "cquux/thud", "", ""),
            ("prefix=none", "", "", ""),
            ("marker=zzz", "", "", ""),
            ("marker=boo/bar", "boo/baz/xyzzy cquux/bla cquux/thud", "", ""),
            ("delimiter=%0A&prefix=a", "asdf", "", ""),
            ("max-keys=0", "", "", ""),
        ] {
            if next == "?" {
                continue;
            }
            let reply = w.done(get(format!("/list?{query}"))).await;
            let got = (keys(&reply).join(" "), groups(&reply).join(" "), reply.tag("NextMarker"));
            assert_eq!(got, (wanted_keys.to_owned(), wanted_groups.to_owned(), next.to_owned()), "{query}");
            assert_eq!(reply.tag("IsTruncated"), (!next.is_empty()).to_string(), "{query}");
            // The second version says the same.
            let second = w.done(get(format!("/list?list-type=2&{}", query.replace("marker", "start-after")))).await;
            assert_eq!((keys(&second).join(" "), groups(&second).join(" ")), (got.0, got.1), "{query}");
            assert_eq!(second.tag("NextContinuationToken").is_empty(), next.is_empty(), "{query}");
        }
        let page = w.done(get("/list?max-keys=2")).await;
        assert_eq!(
            (page.tag("IsTruncated"), page.tag("NextMarker"), page.tag("Marker")),
            ("true".into(), String::new(), String::new())
        );
        let mut seen = Vec::new();
        let mut token = String::new();
        loop {
            let page = w.done(get(format!("/list?list-type=2&max-keys=2&continuation-token={token}"))).await;
            assert_eq!(page.tag("ContinuationToken"), token);
            seen.extend(keys(&page));
            token = page.tag("NextContinuationToken");
            if token.is_empty() {
                break;
            }
        }
        assert_eq!(seen.len(), 5);
        let owned = w.done(get("/list?list-type=2&fetch-owner=true")).await;
        assert_eq!(owned.tags("ID").len(), 5);
        assert_eq!(w.done(get("/list?list-type=2")).await.tags("ID").len(), 0);
        assert_eq!(w.done(get("/list")).await.tags("ID").len(), 5);
        assert_eq!(w.done(get("/list?max-keys=5000")).await.tag("MaxKeys"), "1000");
        w.table(vec![
            ("max-keys", get("/list?max-keys=blah"), 400, "InvalidArgument"),
            ("negative", get("/list?max-keys=-1"), 400, "InvalidArgument"),
            ("empty is none", get("/list?max-keys="), 200, ""),
            ("encoding", get("/list?encoding-type=base64"), 400, "InvalidArgument"),
            ("token", get("/list?list-type=2&continuation-token=blah"), 400, "InvalidArgument"),
            ("version three", get("/list?list-type=3"), 400, "InvalidArgument"),
            ("no bucket", get("/none-such?list-type=2"), 404, "NoSuchBucket"),
            ("attributes", get("/list?list-type=2").with("x-amz-optional-object-attributes", "Color"), 400, "InvalidArgument"),
        ])
        .await;
    });
}

#[test]
fn names_are_encoded_where_asked() {
    with_world(false, |w| async move {
        fill(&w, "codes", &["asdf%2Bb", "foo%2B1/bar", "foo/bar/xyzzy", "quux%20ab/thud", "%01x"]).await;
        for version in ["", "list-type=2&"] {
            let reply = w.done(get(format!("/codes?{version}delimiter=/&encoding-type=url"))).await;
            assert_eq!(keys(&reply), ["%01x", "asdf%2Bb"]);
            assert_eq!(groups(&reply), ["foo%2B1/", "foo/", "quux+ab/"]);
            assert_eq!((reply.tag("EncodingType"), reply.tag("Delimiter")), ("url".to_owned(), "/".to_owned()));
        }
        assert_eq!(keys(&w.done(get("/codes?prefix=asdf%2B")).await), ["asdf+b"]);
    });
}

#[test]
fn many_are_removed_at_once() {
    with_world(false, |w| async move {
        fill(&w, "many", &["a", "b", "c%26d"]).await;
        let xml = |keys: &[&str], more: &str| {
            let one = |k: &&str| format!("<Object><Key>{k}</Key></Object>");
            format!("<Delete>{more}{}</Delete>", keys.iter().map(one).collect::<String>())
        };
        let thousand: Vec<String> = (0..1001).map(|n| format!("k{n}")).collect();
        let thousand: Vec<&str> = thousand.iter().map(String::as_str).collect();
        let long = "k".repeat(1025);
        w.table(vec![
            ("no MD5", post("/many?delete", xml(&["a"], "")), 400, "InvalidRequest"),
            ("1,001", post("/many?delete", xml(&thousand, "")).md5(), 400, "MalformedXML"),
            ("none", post("/many?delete", xml(&[], "")).md5(), 400, "MalformedXML"),
            ("no XML", post("/many?delete", "<D").md5(), 400, "MalformedXML"),
            ("1,000 that are not there", post("/many?delete", xml(&thousand[..1000], "")).md5(), 200, ""),
        ])
        .await;
        let reply = w.done(post("/many?delete", xml(&["a", "none", &long], "")).md5()).await;
        assert_eq!(reply.tags("Deleted").len(), 2);
        assert_eq!((reply.tags("Error").len(), reply.tag("Code")), (1, "KeyTooLongError".to_owned()));
        let quiet = w.done(post("/many?delete", xml(&["b", "c&amp;d"], "<Quiet>true</Quiet>")).md5()).await;
        assert!(quiet.tags("Deleted").is_empty() && quiet.tags("Error").is_empty());
        assert!(keys(&w.done(get("/many")).await).is_empty());
        w.done(delete("/many")).await;
    });
}

#[test]
fn uploads_under_way_are_listed() {
    with_world(false, |w| async move {
        w.done(put("/ways", "")).await;
        for key in ["b", "a/1", "a/2", "c"] {
            start_upload(&w, &format!("/ways/{key}"), &[]).await;
        }
        let twice = start_upload(&w, "/ways/c", &[]).await;
        let all = w.done(get("/ways?uploads")).await;
        assert_eq!(keys(&all), ["a/1", "a/2", "b", "c", "c"]);
        assert!(all.tags("UploadId").contains(&twice));
        let page = w.done(get("/ways?uploads&delimiter=/&max-uploads=2")).await;
        assert_eq!(
            (groups(&page), keys(&page), page.tag("IsTruncated")),
            (vec!["a/".into()], vec!["b".to_owned()], "true".into())
        );
        let next =
            format!("/ways?uploads&key-marker={}&upload-id-marker={}", page.tag("NextKeyMarker"), page.tag("NextUploadIdMarker"));
        assert_eq!(keys(&w.done(get(next)).await), ["c", "c"]);
        assert_eq!(keys(&w.done(get("/ways?uploads&prefix=a/")).await), ["a/1", "a/2"]);
        // They do not keep the bucket.
        w.done(delete("/ways")).await;
    });
}
