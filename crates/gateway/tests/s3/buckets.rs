use crate::world::{Who, delete, get, head, post, put, with_world};

#[test]
fn buckets_are_made_and_removed() {
    with_world(false, |w| async move {
        let location = |c: &str| {
            format!("<CreateBucketConfiguration><LocationConstraint>{c}</LocationConstraint></CreateBucketConfiguration>")
        };
        w.table(vec![
            ("made", put("/bucket-one", ""), 200, ""),
            ("again in us-east-1", put("/bucket-one", ""), 200, ""),
            ("another's", put("/bucket-one", "").by(Who::Alt), 409, "BucketAlreadyExists"),
            ("by nobody", put("/bucket-two", "").by(Who::Nobody), 403, "AccessDenied"),
            ("by a stranger", put("/bucket-two", "").by(Who::Stranger), 403, "InvalidAccessKeyId"),
            ("by a forger", put("/bucket-two", "").by(Who::Forger), 403, "SignatureDoesNotMatch"),
            ("head", head("/bucket-one"), 200, ""),
            ("head of none", head("/bucket-none"), 404, ""),
            ("head of another's", head("/bucket-one").by(Who::Alt), 403, ""),
            ("list of none", get("/bucket-none"), 404, "NoSuchBucket"),
            ("location", get("/bucket-one?location"), 200, ""),
            ("short name", put("/ab", ""), 400, "InvalidBucketName"),
            ("long name", put(format!("/{}", "a".repeat(64)), ""), 400, "InvalidBucketName"),
            ("upper case", put("/Bucket", ""), 400, "InvalidBucketName"),
            ("underscore", put("/buck_et", ""), 400, "InvalidBucketName"),
            ("an address", put("/192.168.5.123", ""), 400, "InvalidBucketName"),
            ("two dots", put("/buck..et", ""), 400, "InvalidBucketName"),
            ("dash at the end", put("/bucket-", ""), 400, "InvalidBucketName"),
            ("foreign region", put("/bucket-two", location("eu-west-1")), 400, "IllegalLocationConstraintException"),
            ("no region", put("/bucket-two", location("mars-1")), 400, "InvalidLocationConstraint"),
            ("no XML", put("/bucket-two", "<x"), 400, "MalformedXML"),
            ("canned ACL", put("/bucket-acl", "").with("x-amz-acl", "public-read"), 200, ""),
            ("no such ACL", put("/bucket-two", "").with("x-amz-acl", "public"), 400, "InvalidArgument"),
            ("ownership", put("/bucket-own", "").with("x-amz-object-ownership", "BucketOwnerEnforced"), 200, ""),
            ("no such ownership", put("/bucket-two", "").with("x-amz-object-ownership", "Mine"), 400, "InvalidArgument"),
            (
                "ACL against ownership",
                put("/bucket-two", "").with("x-amz-object-ownership", "BucketOwnerEnforced").with("x-amz-acl", "public-read"),
                400,
                "InvalidBucketAclWithObjectOwnership",
            ),
            ("object", put("/bucket-one/k", "x"), 200, ""),
            ("not empty", delete("/bucket-one"), 409, "BucketNotEmpty"),
            ("another's", delete("/bucket-one").by(Who::Alt), 403, "AccessDenied"),
            ("object gone", delete("/bucket-one/k"), 204, ""),
            ("gone", delete("/bucket-one"), 204, ""),
            ("gone before", delete("/bucket-one"), 404, "NoSuchBucket"),
            ("no method", post("/bucket-own?acl", ""), 405, "MethodNotAllowed"),
        ])
        .await;
        let list = w.done(get("/")).await;
        assert_eq!(list.tags("Name"), ["bucket-acl", "bucket-own"]);
        assert_eq!(w.ask(get("/").by(Who::Alt)).await.tags("Name").len(), 0);
        assert_eq!(w.done(get("/?prefix=bucket-a")).await.tags("Name"), ["bucket-acl"]);
        let page = w.done(get("/?max-buckets=1")).await;
        assert_eq!(page.tags("Name"), ["bucket-acl"]);
        let rest = w.done(get(format!("/?max-buckets=1&continuation-token={}", page.tag("ContinuationToken")))).await;
        assert_eq!((rest.tags("Name"), rest.tag("ContinuationToken")), (vec!["bucket-own".to_owned()], String::new()));
        let missing = w.ask(head("/bucket-none")).await;
        assert_eq!((missing.header("x-amz-bucket-region"), missing.body.len()), ("us-east-1", 0));
    });
}

#[test]
fn a_bucket_belongs_to_whom_the_request_says_or_nothing_happens() {
    with_world(false, |w| async move {
        w.done(put("/owned-bucket", "")).await;
        w.done(put("/owned-bucket/k", "x")).await;
        let right = crate::world::MAIN_ACCOUNT;
        w.table(vec![
            ("right", get("/owned-bucket/k").with("x-amz-expected-bucket-owner", right), 200, ""),
            ("wrong", get("/owned-bucket/k").with("x-amz-expected-bucket-owner", "111111111111"), 403, "AccessDenied"),
            (
                "no account",
                get("/owned-bucket/k").with("x-amz-expected-bucket-owner", "me"),
                400,
                "InvalidBucketOwnerAWSAccountID",
            ),
            ("put", put("/owned-bucket/k", "y").with("x-amz-expected-bucket-owner", "111111111111"), 403, "AccessDenied"),
            (
                "source",
                put("/owned-bucket/c", "")
                    .with("x-amz-copy-source", "/owned-bucket/k")
                    .with("x-amz-source-expected-bucket-owner", "111111111111"),
                403,
                "AccessDenied",
            ),
            (
                "right source",
                put("/owned-bucket/c", "")
                    .with("x-amz-copy-source", "/owned-bucket/k")
                    .with("x-amz-source-expected-bucket-owner", right),
                200,
                "",
            ),
        ])
        .await;
        assert_eq!(w.done(get("/owned-bucket/k")).await.text(), "x");
    });
}
