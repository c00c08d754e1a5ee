//! Rows about who may: bucket policies, ACLs, ownership controls, public access blocks, signatures. Each is a request and the status and code that S3 answers.

use crate::world::{ALT_ACCOUNT, Req, Res, Who, World, delete, get, head, options, post, put, with_world};
use objectstore::message::{IndexAnswer, IndexCall};

async fn canonical(w: &World, who: Who) -> String {
    w.done(get("/").by(who)).await.tag("ID")
}

fn acl_xml(owner: &str, grants: &[(&str, &str)]) -> String {
    let one = |(id, permission): &(&str, &str)| {
        format!(
            "<Grant><Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"CanonicalUser\"><ID>{id}</ID></Grantee><Permission>{permission}</Permission></Grant>"
        )
    };
    let grants: String = grants.iter().map(one).collect();
    format!(
        "<AccessControlPolicy><Owner><ID>{owner}</ID></Owner><AccessControlList>{grants}</AccessControlList></AccessControlPolicy>"
    )
}

fn permissions(reply: &Res) -> Vec<String> {
    let mut all = reply.tags("Permission");
    all.sort();
    all
}

#[test]
fn canned_lists_let_in_whom_they_name() {
    with_world(false, |w| async move {
        let (nobody, alt) = (Who::Nobody, Who::Alt);
        w.done(put("/private-one", "")).await;
        w.done(put("/public-one", "").with("x-amz-acl", "public-read-write")).await;
        w.done(put("/authed-one", "").with("x-amz-acl", "authenticated-read")).await;
        for bucket in ["private-one", "public-one", "authed-one"] {
            w.done(put(format!("/{bucket}/private"), "x")).await;
            w.done(put(format!("/{bucket}/public"), "x").with("x-amz-acl", "public-read")).await;
        }
        let denied = "AccessDenied";
        w.table(vec![
            ("list private", get("/private-one").by(alt), 403, denied),
            ("list public, nobody", get("/public-one").by(nobody), 200, ""),
            ("list authenticated, nobody", get("/authed-one").by(nobody), 403, denied),
            ("list authenticated", get("/authed-one").by(alt), 200, ""),
            ("head authenticated", head("/authed-one").by(alt), 200, ""),
            ("private object of a public bucket", get("/public-one/private").by(alt), 403, denied),
            ("public object of a private bucket", get("/private-one/public").by(nobody), 200, ""),
            ("no object of a private bucket", get("/private-one/none").by(alt), 403, denied),
            ("no object of a public bucket", get("/public-one/none").by(nobody), 404, "NoSuchKey"),
            ("write private", put("/private-one/new", "x").by(alt), 403, denied),
            ("write public", put("/public-one/new", "x").by(alt), 200, ""),
            ("write public, nobody", put("/public-one/anonymous", "x").by(nobody), 200, ""),
            ("another's object is not the bucket owner's", get("/public-one/new"), 403, denied),
            ("its writer's", get("/public-one/new").by(alt), 200, ""),
            ("with full control", put("/public-one/given", "x").by(alt).with("x-amz-acl", "bucket-owner-full-control"), 200, ""),
            ("given", get("/public-one/given"), 200, ""),
            ("delete private", delete("/private-one/public").by(alt), 403, denied),
            ("delete public", delete("/public-one/public").by(alt), 204, ""),
            ("ACL of another's", get("/public-one?acl").by(alt), 403, denied),
            ("location of another's", get("/private-one?location").by(alt), 403, denied),
            ("policy by an ACL", get("/public-one?policy").by(alt), 403, denied),
            (
                "ACL and grants",
                put("/private-one?acl", "").with("x-amz-acl", "private").with("x-amz-grant-read", "uri=\"x\""),
                400,
                "InvalidArgument",
            ),
            ("ACL and body", put("/private-one?acl", acl_xml("x", &[])).with("x-amz-acl", "private"), 400, "UnexpectedContent"),
            ("neither", put("/private-one?acl", ""), 400, "MissingSecurityHeader"),
            ("bad XML", put("/private-one?acl", "<AccessControlPolicy/>"), 400, "MalformedACLError"),
            ("another owner", put("/private-one?acl", acl_xml("x", &[])), 403, denied),
            (
                "mail",
                put("/private-one?acl", "").with("x-amz-grant-read", "emailAddress=\"a@b.c\""),
                400,
                "UnresolvableGrantByEmailAddress",
            ),
            ("no such user", put("/private-one?acl", "").with("x-amz-grant-read", "id=\"_foo\""), 400, "InvalidArgument"),
            ("no such group", put("/private-one?acl", "").with("x-amz-grant-read", "uri=\"http://x\""), 400, "InvalidArgument"),
        ])
        .await;
    });
}

#[test]
fn grants_by_name() {
    with_world(false, |w| async move {
        let (main, alt) = (canonical(&w, Who::Main).await, canonical(&w, Who::Alt).await);
        w.done(put("/grants", "")).await;
        w.done(put("/grants/k", "x")).await;
        for (permission, read, write, read_acl, write_acl) in [
            ("READ", 200, 403, 403, 403),
            ("WRITE", 403, 200, 403, 403),
            ("READ_ACP", 403, 403, 200, 403),
            ("WRITE_ACP", 403, 403, 403, 200),
            ("FULL_CONTROL", 200, 200, 200, 200),
        ] {
            let xml = acl_xml(&main, &[(&main, "FULL_CONTROL"), (&alt, permission)]);
            w.done(put("/grants?acl", xml.as_str())).await;
            let of = |status| if status == 403 { "AccessDenied" } else { "" };
            let acl = w.done(get("/grants?acl")).await;
            assert_eq!((permissions(&acl).len(), acl.tags("ID").len()), (2, 3));
            w.table(vec![
                (permission, get("/grants").by(Who::Alt), read, of(read)),
                (permission, put("/grants/by-alt", "x").by(Who::Alt), write, of(write)),
                (permission, get("/grants?acl").by(Who::Alt), read_acl, of(read_acl)),
                (permission, put("/grants?acl", xml.as_str()).by(Who::Alt), write_acl, of(write_acl)),
            ])
            .await;
            w.done(put("/grants/k?acl", xml)).await;
            let object_read = if permission == "READ" || permission == "FULL_CONTROL" { 200 } else { 403 };
            w.table(vec![(permission, get("/grants/k").by(Who::Alt), object_read, of(object_read))]).await;
        }
        let all = ["read", "write", "read-acp", "write-acp", "full-control"];
        let granting = |r: Req| all.iter().fold(r, |r, n| r.with(&format!("x-amz-grant-{n}"), format!("id={alt}")));
        w.done(granting(put("/grants/h", "x"))).await;
        let in_order = ["READ", "WRITE", "READ_ACP", "WRITE_ACP", "FULL_CONTROL"];
        assert_eq!(w.done(get("/grants/h?acl")).await.tags("Permission"), in_order);
        // Groups first.
        w.done(put("/grants/h?acl", "").with("x-amz-acl", "public-read-write")).await;
        assert_eq!(w.done(get("/grants/h?acl")).await.tags("Permission"), ["READ", "WRITE", "FULL_CONTROL"]);
        // Nothing is left to anybody, and its owner can still put that right.
        w.done(put("/grants?acl", acl_xml(&main, &[]))).await;
        assert!(permissions(&w.done(get("/grants?acl")).await).is_empty());
        w.done(put("/grants?acl", "").with("x-amz-acl", "private")).await;
    });
}

#[test]
fn ownership_and_public_access_blocks() {
    with_world(true, |w| async move {
        let (nobody, main) = (Who::Nobody, canonical(&w, Who::Main).await);
        let own = |o: &str| format!("<OwnershipControls><Rule><ObjectOwnership>{o}</ObjectOwnership></Rule></OwnershipControls>");
        w.done(put("/modern", "")).await;
        assert_eq!(w.done(get("/modern?ownershipControls")).await.tag("ObjectOwnership"), "BucketOwnerEnforced");
        assert_eq!(w.done(get("/modern?publicAccessBlock")).await.tag("BlockPublicAcls"), "true");
        let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::modern/*"}}"#;
        let block = |acls: bool, ignore: bool, policy: bool, restrict: bool| {
            format!(
                "<PublicAccessBlockConfiguration><BlockPublicAcls>{acls}</BlockPublicAcls><IgnorePublicAcls>{ignore}</IgnorePublicAcls><BlockPublicPolicy>{policy}</BlockPublicPolicy><RestrictPublicBuckets>{restrict}</RestrictPublicBuckets></PublicAccessBlockConfiguration>"
            )
        };
        let denied = "AccessDenied";
        w.table(vec![
            ("ACLs are off", put("/modern?acl", "").with("x-amz-acl", "public-read"), 400, "AccessControlListNotSupported"),
            ("and of objects", put("/modern/k", "").with("x-amz-acl", "public-read"), 400, "AccessControlListNotSupported"),
            ("also the owner's", put("/modern?acl", "").with("x-amz-acl", "private"), 400, "AccessControlListNotSupported"),
            ("and on an object", put("/modern/k", "").with("x-amz-acl", "private"), 400, "AccessControlListNotSupported"),
            ("but for this", put("/modern/k", "").with("x-amz-acl", "bucket-owner-full-control"), 200, ""),
            ("and here", put("/modern/k?acl", "").with("x-amz-acl", "bucket-owner-full-control"), 200, ""),
            ("or as a document", put("/modern?acl", acl_xml(&main, &[(&main, "FULL_CONTROL")])), 200, ""),
            ("public policy", put("/modern?policy", policy), 403, denied),
            ("ownership", put("/modern?ownershipControls", own("Mine")), 400, "MalformedXML"),
            ("ACLs on", put("/modern?ownershipControls", own("ObjectWriter")), 200, ""),
            ("blocked", put("/modern?acl", "").with("x-amz-acl", "public-read"), 403, denied),
            ("blocked object", put("/modern/k", "").with("x-amz-acl", "authenticated-read"), 403, denied),
            ("not blocked", put("/modern?publicAccessBlock", block(false, false, false, false)), 200, ""),
            ("public ACL", put("/modern?acl", "").with("x-amz-acl", "public-read"), 200, ""),
            (
                "enforced against an ACL",
                put("/modern?ownershipControls", own("BucketOwnerEnforced")),
                400,
                "InvalidBucketAclWithObjectOwnership",
            ),
            ("public object", put("/modern/k", "").with("x-amz-acl", "public-read"), 200, ""),
            ("seen", get("/modern/k").by(nobody), 200, ""),
            ("ignored", put("/modern?publicAccessBlock", block(false, true, false, false)), 200, ""),
            ("unseen", get("/modern/k").by(nobody), 403, denied),
            ("unlisted", get("/modern").by(nobody), 403, denied),
            ("public policy now", put("/modern?policy", policy), 204, ""),
            ("seen by policy", get("/modern/k").by(nobody), 200, ""),
            ("restricted", put("/modern?publicAccessBlock", block(false, false, false, true)), 200, ""),
            ("unseen by policy", get("/modern/k").by(nobody), 403, denied),
            ("but by the owner", get("/modern/k"), 200, ""),
            ("no block", delete("/modern?publicAccessBlock"), 204, ""),
            ("none", get("/modern?publicAccessBlock"), 404, "NoSuchPublicAccessBlockConfiguration"),
            ("no controls", delete("/modern?ownershipControls"), 204, ""),
            ("no controls there", get("/modern?ownershipControls"), 404, "OwnershipControlsNotFoundError"),
            ("private", put("/modern?acl", "").with("x-amz-acl", "private"), 200, ""),
            ("enforced", put("/modern?ownershipControls", own("BucketOwnerEnforced")), 200, ""),
        ])
        .await;
        let acl = w.done(get("/modern/k?acl")).await;
        assert_eq!((acl.tags("ID"), permissions(&acl)), (vec![main.clone(), main], vec!["FULL_CONTROL".to_owned()]));
        assert_eq!(w.done(get("/modern?policyStatus")).await.tag("IsPublic"), "true");
    });
}

#[test]
fn policies_decide() {
    with_world(false, |w| async move {
        w.done(put("/pol", "")).await;
        let (public, private) = ("public-tag", "private-tag");
        w.done(put("/pol/public", "x").with("x-amz-tagging", "security=public")).await;
        w.done(put("/pol/private", "x").with("x-amz-tagging", "security=private")).await;
        let statement = |effect: &str, who: &str, action: &str, condition: &str| {
            format!(
                r#"{{"Effect":"{effect}","Principal":{who},"Action":{action},"Resource":["arn:aws:s3:::pol","arn:aws:s3:::pol/*"]{condition}}}"#
            )
        };
        let policy = |s: &[String]| format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, s.join(","));
        let alt = format!(r#"{{"AWS":"arn:aws:iam::{ALT_ACCOUNT}:root"}}"#);
        let tagged = |key: &str, v: &str| format!(r#","Condition":{{"StringEquals":{{"s3:{key}/security":"{v}"}}}}"#);
        let bad = "MalformedPolicy";
        w.table(vec![
            ("none", get("/pol?policy"), 404, "NoSuchBucketPolicy"),
            ("no JSON", put("/pol?policy", "{"), 400, bad),
            ("no statement", put("/pol?policy", r#"{"Version":"2012-10-17"}"#), 400, bad),
            (
                "another bucket",
                put("/pol?policy", policy(&[statement("Allow", "\"*\"", "\"s3:*\"", "").replace(":pol", ":other")])),
                400,
                bad,
            ),
            ("another service", put("/pol?policy", policy(&[statement("Allow", "\"*\"", "\"ec2:*\"", "")])), 400, bad),
            (
                "no principal",
                put("/pol?policy", policy(&[statement("Allow", "\"*\"", "\"s3:*\"", "").replace("\"Principal\":\"*\",", "")])),
                400,
                bad,
            ),
            ("before", get("/pol/public").by(Who::Alt), 403, "AccessDenied"),
            (
                "reading what is tagged so",
                put(
                    "/pol?policy",
                    policy(&[
                        statement(
                            "Allow",
                            &alt,
                            r#"["s3:GetObject","s3:GetObjectTagging","s3:PutObjectTagging"]"#,
                            &tagged("ExistingObjectTag", "public"),
                        ),
                        statement("Allow", &alt, r#""s3:PutObject""#, &tagged("RequestObjectTag", "public")),
                        statement("Deny", "\"*\"", r#""s3:DeleteObject""#, ""),
                    ]),
                ),
                204,
                "",
            ),
            (public, get("/pol/public").by(Who::Alt), 200, ""),
            (private, get("/pol/private").by(Who::Alt), 403, "AccessDenied"),
            (public, get("/pol/public?tagging").by(Who::Alt), 200, ""),
            (private, get("/pol/private?tagging").by(Who::Alt), 403, "AccessDenied"),
            (private, put("/pol/private?tagging", "<Tagging><TagSet/></Tagging>").by(Who::Alt), 403, "AccessDenied"),
            (
                public,
                put(
                    "/pol/public?tagging",
                    "<Tagging><TagSet><Tag><Key>security</Key><Value>public</Value></Tag></TagSet></Tagging>",
                )
                .by(Who::Alt),
                200,
                "",
            ),
            ("nobody", get("/pol/public").by(Who::Nobody), 403, "AccessDenied"),
            ("put, tagged", put("/pol/new", "x").by(Who::Alt).with("x-amz-tagging", "security=private"), 403, "AccessDenied"),
            ("put, untagged", put("/pol/new", "x").by(Who::Alt), 403, "AccessDenied"),
            ("list", get("/pol").by(Who::Alt), 403, "AccessDenied"),
            ("deny wins over the owner", delete("/pol/public"), 403, "AccessDenied"),
            (
                "many, denied",
                post("/pol?delete", "<Delete><Object><Key>public</Key></Object></Delete>").md5(),
                200,
                "AccessDenied",
            ),
            ("status", get("/pol?policyStatus"), 200, ""),
            ("denying everything", put("/pol?policy", policy(&[statement("Deny", "\"*\"", "\"s3:*\"", "")])), 204, ""),
            ("the owner too", get("/pol/public"), 403, "AccessDenied"),
            ("but not from the policy", get("/pol?policy"), 200, ""),
            ("which he can remove", delete("/pol?policy"), 204, ""),
            ("removed", get("/pol?policy"), 404, "NoSuchBucketPolicy"),
            ("again his", get("/pol/public"), 200, ""),
        ])
        .await;
        // Tags that come in the body count as asked for.
        let tags_only = policy(&[statement("Allow", &alt, r#""s3:PutObjectTagging""#, &tagged("RequestObjectTag", "low"))]);
        w.done(put("/pol?policy", tags_only)).await;
        let tag = |v: &str| {
            put(
                "/pol/public?tagging",
                format!("<Tagging><TagSet><Tag><Key>security</Key><Value>{v}</Value></Tag></TagSet></Tagging>"),
            )
        };
        w.table(vec![("low", tag("low").by(Who::Alt), 200, ""), ("high", tag("high").by(Who::Alt), 403, "AccessDenied")]).await;
        // Who may list a key is told that it is not there.
        let listing = statement("Allow", &alt, r#""s3:ListBucket""#, r#","Condition":{"StringLike":{"s3:prefix":"seen/*"}}"#);
        w.done(put("/pol?policy", policy(&[listing]))).await;
        w.table(vec![
            ("listed", get("/pol/seen/none").by(Who::Alt), 404, "NoSuchKey"),
            ("its head", head("/pol/seen/none").by(Who::Alt), 404, ""),
            ("not listed", get("/pol/unseen/none").by(Who::Alt), 403, "AccessDenied"),
            ("there", get("/pol/public").by(Who::Alt), 403, "AccessDenied"),
            ("a listing", get("/pol?prefix=seen/").by(Who::Alt), 200, ""),
            ("another", get("/pol?prefix=unseen/").by(Who::Alt), 403, "AccessDenied"),
        ])
        .await;
    });
}

#[test]
fn origins_and_payers() {
    with_world(false, |w| async move {
        w.done(put("/cross", "").with("x-amz-acl", "public-read")).await;
        w.done(put("/cross/k", "x").with("x-amz-acl", "public-read")).await;
        let ask = |origin: &str, method: &str| {
            options("/cross/k").by(Who::Nobody).with("origin", origin).with("access-control-request-method", method)
        };
        w.table(vec![
            ("no rules", get("/cross?cors"), 404, "NoSuchCORSConfiguration"),
            ("preflight without rules", ask("http://a.com", "GET"), 403, "AccessForbidden"),
            ("no origin", options("/cross/k").by(Who::Nobody), 400, "BadRequest"),
            ("method", put("/cross?cors", "<CORSConfiguration><CORSRule><AllowedMethod>PATCH</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule></CORSConfiguration>"), 400, "InvalidRequest"),
            ("empty", put("/cross?cors", "<CORSConfiguration/>"), 400, "MalformedXML"),
        ])
        .await;
        let rules = "<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*suffix</AllowedOrigin></CORSRule><CORSRule><AllowedMethod>PUT</AllowedMethod><AllowedOrigin>start*end</AllowedOrigin><AllowedHeader>x-amz-*</AllowedHeader><ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>30</MaxAgeSeconds></CORSRule></CORSConfiguration>";
        w.done(put("/cross?cors", rules)).await;
        w.table(vec![
            ("fits", ask("foo.suffix", "GET"), 200, ""),
            ("other method", ask("foo.suffix", "DELETE"), 403, "AccessForbidden"),
            ("other origin", ask("foo.bar", "GET"), 403, "AccessForbidden"),
            ("header", ask("start-end", "PUT").with("access-control-request-headers", "X-Amz-Meta-A"), 200, ""),
            ("other header", ask("start-end", "PUT").with("access-control-request-headers", "x-other"), 403, "AccessForbidden"),
            ("no method", options("/cross/k").by(Who::Nobody).with("origin", "foo.suffix"), 400, "BadRequest"),
            ("no origin, presigned", options("/cross/k").presigned(60), 400, "BadRequest"),
            // What is asked about carries the signature of another method.
            ("presigned by a forger", ask("foo.suffix", "GET").presigned(60).by(Who::Forger), 200, ""),
        ])
        .await;
        let reply = w.done(get("/cross/k").by(Who::Nobody).with("origin", "foo.suffix")).await;
        assert_eq!(
            (reply.header("access-control-allow-origin"), reply.header("access-control-allow-methods")),
            ("foo.suffix", "GET")
        );
        assert_eq!(
            w.done(get("/cross/k").by(Who::Nobody).with("origin", "foo.bar")).await.header("access-control-allow-origin"),
            ""
        );
        // Also where the request itself is refused, so that the page learns why.
        let refused = w.ask(put("/cross/k", "").by(Who::Nobody).with("origin", "start1end")).await;
        assert_eq!((refused.status, refused.header("access-control-allow-origin")), (403, "start1end"));
        assert_eq!(refused.header("access-control-expose-headers"), "ETag");
        let unasked = w.ask(ask("start-end", "PUT").with("access-control-request-headers", "x-other")).await;
        assert_eq!(unasked.header("access-control-allow-origin"), "");
        let other = put("/cross/k", "").by(Who::Nobody).with("origin", "foo.suffix").with("access-control-request-method", "GET");
        assert_eq!(w.ask(other).await.header("access-control-allow-methods"), "GET");
        w.done(put(
            "/cross?requestPayment",
            "<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>",
        ))
        .await;
        w.table(vec![
            ("nobody pays", get("/cross/k").by(Who::Nobody), 403, "AccessDenied"),
            ("he does not", get("/cross/k").by(Who::Alt), 403, "AccessDenied"),
            ("the owner need not say so", get("/cross/k"), 200, ""),
            (
                "payer",
                put("/cross?requestPayment", "<RequestPaymentConfiguration><Payer>Me</Payer></RequestPaymentConfiguration>"),
                400,
                "MalformedXML",
            ),
        ])
        .await;
        let paid = w.done(get("/cross/k").by(Who::Alt).with("x-amz-request-payer", "requester")).await;
        assert_eq!(paid.header("x-amz-request-charged"), "requester");
    });
}

#[test]
fn a_policy_that_cannot_be_read_lets_nobody_in() {
    with_world(false, |w| async move {
        w.done(put("/damaged", "").with("x-amz-acl", "public-read")).await;
        w.done(put("/damaged/k", "x").with("x-amz-acl", "public-read")).await;
        w.done(get("/damaged/k").by(Who::Nobody)).await;
        let index = objectstore::index::IndexClient::new(&w.identity("gateway"), [w.dir.index_socket("a")]);
        let found = index.call(IndexCall::GetBucket { name: "damaged".to_owned() }).await.unwrap();
        let IndexAnswer::Bucket(mut found) = found else { panic!("{found:?}") };
        found.bucket.documents.insert("policy".to_owned(), "{\"Statement\": 7}".to_owned());
        index.call(IndexCall::UpdateBucket { version: found.version, bucket: found.bucket }).await.unwrap();
        w.table(vec![
            ("nobody", get("/damaged/k").by(Who::Nobody), 403, "AccessDenied"),
            ("another", get("/damaged/k").by(Who::Alt), 403, "AccessDenied"),
            ("another's list", get("/damaged").by(Who::Alt), 403, "AccessDenied"),
            ("the root user", get("/damaged/k"), 200, ""),
            ("who removes it", delete("/damaged?policy"), 204, ""),
            ("as before", get("/damaged/k").by(Who::Nobody), 200, ""),
        ])
        .await;
    });
}
