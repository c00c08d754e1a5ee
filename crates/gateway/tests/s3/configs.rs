//! Rows about a bucket's documents: what is refused, what absent ones answer, what comes back. Each is a request and the status and code that S3 answers.

use crate::world::{delete, get, put, with_world};

/// Sub-resource, a document that is right, documents that are wrong and why, the code when there is none (empty: a default).
type Case = (&'static str, &'static str, &'static [(&'static str, &'static str)], &'static str, bool);

const CASES: &[Case] = &[
    (
        "tagging",
        "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>",
        &[
            ("<Tagging/>", "MalformedXML"),
            ("<Tagging><TagSet><Tag><Key>aws:a</Key><Value>b</Value></Tag></TagSet></Tagging>", "InvalidTag"),
            ("<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>", "MalformedXML"),
        ],
        "NoSuchTagSet",
        true,
    ),
    (
        "lifecycle",
        "<LifecycleConfiguration><Rule><ID>r</ID><Filter><Prefix>a/</Prefix></Filter><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>",
        &[
            ("<LifecycleConfiguration/>", "MalformedXML"),
            (
                "<LifecycleConfiguration><Rule><Filter/><Status>enabled</Status><Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>",
                "MalformedXML",
            ),
            (
                "<LifecycleConfiguration><Rule><Filter/><Status>Enabled</Status><Expiration><Days>0</Days></Expiration></Rule></LifecycleConfiguration>",
                "InvalidArgument",
            ),
            (
                "<LifecycleConfiguration><Rule><Filter/><Status>Enabled</Status><Expiration><Date>20200101</Date></Expiration></Rule></LifecycleConfiguration>",
                "MalformedXML",
            ),
            ("<LifecycleConfiguration><Rule><Filter/><Status>Enabled</Status></Rule></LifecycleConfiguration>", "InvalidRequest"),
        ],
        "NoSuchLifecycleConfiguration",
        true,
    ),
    (
        "website",
        "<WebsiteConfiguration><IndexDocument><Suffix>i.html</Suffix></IndexDocument></WebsiteConfiguration>",
        &[
            ("<WebsiteConfiguration/>", "InvalidArgument"),
            (
                "<WebsiteConfiguration><IndexDocument><Suffix>a/b</Suffix></IndexDocument></WebsiteConfiguration>",
                "InvalidArgument",
            ),
        ],
        "NoSuchWebsiteConfiguration",
        true,
    ),
    (
        "encryption",
        "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>",
        &[
            ("<ServerSideEncryptionConfiguration/>", "MalformedXML"),
            (
                "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>ROT13</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>",
                "MalformedXML",
            ),
            (
                "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm><KMSMasterKeyID>k</KMSMasterKeyID></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>",
                "InvalidArgument",
            ),
        ],
        "",
        true,
    ),
    (
        "publicAccessBlock",
        "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>",
        &[(
            "<PublicAccessBlockConfiguration><BlockPublicAcls>maybe</BlockPublicAcls></PublicAccessBlockConfiguration>",
            "MalformedXML",
        )],
        "NoSuchPublicAccessBlockConfiguration",
        true,
    ),
    (
        "ownershipControls",
        "<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule></OwnershipControls>",
        &[("<OwnershipControls/>", "MalformedXML")],
        "OwnershipControlsNotFoundError",
        true,
    ),
    (
        "logging",
        "<BucketLoggingStatus><LoggingEnabled><TargetBucket>docs</TargetBucket><TargetPrefix>log/</TargetPrefix></LoggingEnabled></BucketLoggingStatus>",
        &[(
            "<BucketLoggingStatus><LoggingEnabled><TargetBucket>none-such</TargetBucket><TargetPrefix/></LoggingEnabled></BucketLoggingStatus>",
            "InvalidTargetBucketForLogging",
        )],
        "",
        false,
    ),
    (
        "requestPayment",
        "<RequestPaymentConfiguration><Payer>BucketOwner</Payer></RequestPaymentConfiguration>",
        &[("<RequestPaymentConfiguration/>", "MalformedXML")],
        "",
        false,
    ),
    (
        "accelerate",
        "<AccelerateConfiguration><Status>Suspended</Status></AccelerateConfiguration>",
        &[("<AccelerateConfiguration><Status>On</Status></AccelerateConfiguration>", "MalformedXML")],
        "",
        false,
    ),
    (
        "notification",
        "<NotificationConfiguration/>",
        &[(
            "<NotificationConfiguration><QueueConfiguration><Queue>arn:nonsense</Queue><Event>s3:ObjectCreated:*</Event></QueueConfiguration></NotificationConfiguration>",
            "InvalidArgument",
        )],
        "",
        false,
    ),
    (
        "replication",
        "",
        &[
            ("<ReplicationConfiguration><Role>r</Role></ReplicationConfiguration>", "MalformedXML"),
            (
                "<ReplicationConfiguration><Role>r</Role><Rule><Status>Enabled</Status><Destination><Bucket>arn:aws:s3:::docs</Bucket></Destination></Rule></ReplicationConfiguration>",
                "InvalidRequest",
            ),
        ],
        "ReplicationConfigurationNotFoundError",
        true,
    ),
];

#[test]
fn documents_of_a_bucket() {
    with_world(false, |w| async move {
        w.done(put("/docs", "")).await;
        for (sub, right, wrong, absent, removable) in CASES {
            let target = || format!("/docs?{sub}");
            let status = if absent.is_empty() { 200 } else { 404 };
            let mut rows = vec![(*sub, get(target()), status, *absent)];
            for (document, code) in *wrong {
                rows.push((*document, put(target(), *document), 400, *code));
            }
            rows.push((*sub, put(target(), "<"), 400, "MalformedXML"));
            rows.push((*sub, put(target(), ""), 400, "MissingRequestBodyError"));
            w.table(rows).await;
            if right.is_empty() {
                continue;
            }
            w.done(put(target(), *right)).await;
            let stored = w.done(get(target())).await.text();
            // The same elements, if in the order of the model.
            for element in right.split('<').skip(2).filter(|e| !e.is_empty()) {
                assert!(stored.contains(&format!("<{element}")), "{element} of {sub} is not in {stored}");
            }
            if *removable {
                let twice = [delete(target()), delete(target())].map(|r| (*sub, r, 204, ""));
                w.table(twice.to_vec()).await;
                w.table(vec![(*sub, get(target()), status, *absent)]).await;
            }
        }
        // Rules without a name get one.
        let nameless = CASES[1].1.replace("<ID>r</ID>", "");
        w.done(put("/docs?lifecycle", nameless)).await;
        assert!(w.done(get("/docs?lifecycle")).await.tag("ID").len() > 10);
        for reply in [w.done(put("/docs/a/k", "x")).await, w.done(get("/docs/a/k")).await] {
            assert!(reply.header("x-amz-expiration").starts_with("expiry-date=\""), "{reply:?}");
        }
        assert_eq!(w.done(put("/docs/b", "x")).await.header("x-amz-expiration"), "");
        w.table(vec![
            ("analytics", get("/docs?analytics&id=x"), 501, "NotImplemented"),
            ("metrics", get("/docs?metrics&id=x"), 501, "NotImplemented"),
            ("tiering", get("/docs?intelligent-tiering&id=x"), 501, "NotImplemented"),
            ("inventory", get("/docs?inventory&id=x"), 404, "NoSuchConfiguration"),
            ("policy status", get("/docs?policyStatus"), 404, "NoSuchBucketPolicy"),
            ("no bucket", get("/none-such?tagging"), 404, "NoSuchBucket"),
        ])
        .await;
    });
}

#[test]
fn tags_of_objects() {
    with_world(false, |w| async move {
        w.done(put("/tagged", "")).await;
        w.done(put("/tagged/k", "x")).await;
        let xml = |tags: &[(&str, &str)]| {
            let one = |(k, v): &(&str, &str)| format!("<Tag><Key>{k}</Key><Value>{v}</Value></Tag>");
            format!("<Tagging><TagSet>{}</TagSet></Tagging>", tags.iter().map(one).collect::<String>())
        };
        let names: Vec<String> = (0..11).map(|n| format!("k{n}")).collect();
        let eleven: Vec<(&str, &str)> = names.iter().map(|n| (n.as_str(), "v")).collect();
        let (long_key, long_value) = ("k".repeat(128), "v".repeat(256));
        let tags = |body: String| put("/tagged/k?tagging", body);
        w.table(vec![
            ("none", get("/tagged/k?tagging"), 200, ""),
            ("ten", tags(xml(&eleven[..10])), 200, ""),
            ("eleven", tags(xml(&eleven)), 400, "BadRequest"),
            ("longest", tags(xml(&[(&long_key, &long_value)])), 200, ""),
            ("key too long", tags(xml(&[(&format!("{long_key}k"), "v")])), 400, "InvalidTag"),
            ("value too long", tags(xml(&[("k", &format!("{long_value}v"))])), 400, "InvalidTag"),
            ("twice", tags(xml(&[("k", "1"), ("k", "2")])), 400, "InvalidTag"),
            ("reserved", tags(xml(&[("aws:k", "1")])), 400, "InvalidTag"),
            ("bad XML", tags("<Tagging/>".to_owned()), 400, "MalformedXML"),
            ("no key", put("/tagged/none?tagging", xml(&[("a", "b")])), 404, "NoSuchKey"),
            ("get of no key", get("/tagged/none?tagging"), 404, "NoSuchKey"),
            ("set, told in order", tags(xml(&[("c", ""), ("a", "b")])), 200, ""),
        ])
        .await;
        let set = w.done(get("/tagged/k?tagging")).await;
        assert_eq!((set.tags("Key"), set.tags("Value")), (vec!["a".into(), "c".into()], vec!["b".to_owned()]));
        assert!(set.text().contains("<Key>c</Key><Value/>"));
        w.done(delete("/tagged/k?tagging")).await;
        assert!(w.done(get("/tagged/k?tagging")).await.tags("Key").is_empty());
        let fifty: Vec<String> = (0..51).map(|n| format!("k{n}")).collect();
        let fifty: Vec<(&str, &str)> = fifty.iter().map(|n| (n.as_str(), "v")).collect();
        w.table(vec![
            ("bucket, 50", put("/tagged?tagging", xml(&fifty[..50])), 200, ""),
            ("bucket, 51", put("/tagged?tagging", xml(&fifty)), 400, "BadRequest"),
        ])
        .await;
    });
}
