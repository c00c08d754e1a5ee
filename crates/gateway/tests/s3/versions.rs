//! Rows about versions, delete markers and object lock. Each is a request and the status and code that S3 answers.

use crate::world::{World, delete, get, head, post, put, with_world};

const ON: &str = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
const OFF: &str = "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>";

async fn versioned(w: &World, bucket: &str) {
    w.done(put(format!("/{bucket}"), "")).await;
    w.done(put(format!("/{bucket}?versioning"), ON)).await;
}

#[test]
fn versions_and_delete_markers() {
    with_world(false, |w| async move {
        w.done(put("/vers", "")).await;
        assert_eq!(w.done(get("/vers?versioning")).await.tag("Status"), "");
        w.table(vec![
            ("no status", put("/vers?versioning", "<VersioningConfiguration/>"), 400, "IllegalVersioningConfigurationException"),
            ("wrong status", put("/vers?versioning", ON.replace("Enabled", "enabled")), 400, "MalformedXML"),
            ("no XML", put("/vers?versioning", "x"), 400, "MalformedXML"),
        ])
        .await;
        let plain = w.done(put("/vers/k", "null")).await;
        assert_eq!(plain.header("x-amz-version-id"), "");
        w.done(put("/vers?versioning", ON)).await;
        assert_eq!(w.done(get("/vers?versioning")).await.tag("Status"), "Enabled");
        let one = w.done(put("/vers/k", "one")).await.header("x-amz-version-id").to_owned();
        let two = w.done(put("/vers/k", "two")).await.header("x-amz-version-id").to_owned();
        for (version, text) in [("null", "null"), (&one, "one"), (&two, "two")] {
            let reply = w.done(get(format!("/vers/k?versionId={version}"))).await;
            assert_eq!((reply.text(), reply.header("x-amz-version-id")), (text.to_owned(), version));
        }
        let marker = w.done(delete("/vers/k")).await;
        assert_eq!(marker.header("x-amz-delete-marker"), "true");
        let marker = marker.header("x-amz-version-id").to_owned();
        let gone = w.ask(get("/vers/k")).await;
        assert_eq!((gone.status, gone.code(), gone.header("x-amz-delete-marker")), (404, "NoSuchKey".to_owned(), "true"));
        assert_eq!(gone.header("x-amz-version-id"), marker);
        let named = w.ask(get(format!("/vers/k?versionId={marker}"))).await;
        let told = (named.status, named.code(), named.header("x-amz-delete-marker"), named.header("allow"));
        assert_eq!(told, (405, "MethodNotAllowed".to_owned(), "true", "DELETE"));
        assert_eq!(w.ask(head(format!("/vers/k?versionId={marker}"))).await.status, 405);
        assert!(w.done(get("/vers")).await.tags("Key").is_empty());
        let list = w.done(get("/vers?versions")).await;
        assert_eq!(list.tags("VersionId"), [marker.as_str(), &two, &one, "null"].map(str::to_owned));
        assert_eq!(list.tags("IsLatest"), ["true", "false", "false", "false"]);
        let page = w.done(get("/vers?versions&max-keys=2")).await;
        assert_eq!((page.tag("NextKeyMarker"), page.tag("NextVersionIdMarker")), ("k".to_owned(), two.clone()));
        let rest = w.done(get(format!("/vers?versions&key-marker=k&version-id-marker={two}"))).await;
        assert_eq!(rest.tags("VersionId"), [one.as_str(), "null"].map(str::to_owned));
        w.table(vec![
            ("marker without key", get("/vers?versions&version-id-marker=null"), 400, "InvalidArgument"),
            ("wrong marker", get("/vers?versions&key-marker=k&version-id-marker=x"), 400, "InvalidArgument"),
            ("empty marker", get("/vers?versions&key-marker=k&version-id-marker="), 400, "InvalidArgument"),
            ("empty markers", get("/vers?versions&key-marker=&version-id-marker="), 200, ""),
            ("zero", get("/vers?versions&max-keys=0"), 200, ""),
            ("versions keep a bucket", delete("/vers"), 409, "BucketNotEmpty"),
            ("tags of a marker", get(format!("/vers/k?tagging&versionId={marker}")), 405, "MethodNotAllowed"),
            (
                "copy of a marker",
                put("/vers/c", "").with("x-amz-copy-source", format!("/vers/k?versionId={marker}")),
                400,
                "InvalidRequest",
            ),
            ("copy of what is deleted", put("/vers/c", "").with("x-amz-copy-source", "/vers/k"), 404, "NoSuchKey"),
        ])
        .await;
        let copy = w.done(put("/vers/k", "").with("x-amz-copy-source", format!("/vers/k?versionId={one}"))).await;
        assert_eq!(copy.header("x-amz-copy-source-version-id"), one);
        let third = copy.header("x-amz-version-id").to_owned();
        assert_eq!(w.done(get("/vers/k")).await.text(), "one");
        w.done(delete(format!("/vers/k?versionId={third}"))).await;
        assert_eq!(w.ask(get("/vers/k")).await.status, 404);
        let unmarked = w.done(delete(format!("/vers/k?versionId={marker}"))).await;
        assert_eq!((unmarked.header("x-amz-delete-marker"), unmarked.header("x-amz-version-id")), ("true", marker.as_str()));
        assert_eq!(w.done(get("/vers/k")).await.text(), "two");
        // Suspended, the null version is written over; the others stay.
        w.done(put("/vers?versioning", OFF)).await;
        let null = w.done(put("/vers/k", "null again")).await;
        assert_eq!(null.header("x-amz-version-id"), "");
        assert_eq!(w.done(head("/vers/k")).await.header("x-amz-version-id"), "null");
        assert_eq!(w.done(delete("/vers/k")).await.header("x-amz-version-id"), "null");
        assert_eq!(w.done(get("/vers?versions")).await.tags("VersionId"), ["null", &two, &one].map(str::to_owned));
        let all: String =
            ["null", &two, &one].iter().map(|v| format!("<Object><Key>k</Key><VersionId>{v}</VersionId></Object>")).collect();
        let swept = w.done(post("/vers?delete", format!("<Delete>{all}</Delete>")).md5()).await;
        assert_eq!((swept.tags("Deleted").len(), swept.tags("DeleteMarker").len(), swept.tags("Error").len()), (3, 1, 0));
        w.done(delete("/vers")).await;
    });
}

#[test]
fn locks() {
    with_world(false, |w| async move {
        w.done(put("/locked", "").with("x-amz-bucket-object-lock-enabled", "true")).await;
        assert_eq!(w.done(get("/locked?versioning")).await.tag("Status"), "Enabled");
        versioned(&w, "plain-one").await;
        w.done(put("/unversioned", "")).await;
        let config = |inner: &str| {
            let rule = if inner.is_empty() {
                String::new()
            } else {
                format!("<Rule><DefaultRetention>{inner}</DefaultRetention></Rule>")
            };
            format!("<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>{rule}</ObjectLockConfiguration>")
        };
        let until = |y: u32| format!("{y}-01-01T00:00:00Z");
        let retain = |mode: &str, y: u32| {
            format!("<Retention><Mode>{mode}</Mode><RetainUntilDate>{}</RetainUntilDate></Retention>", until(y))
        };
        w.done(put("/plain-one/k", "x")).await;
        let v = w.done(put("/locked/k", "x")).await.header("x-amz-version-id").to_owned();
        let k = |sub: &str| format!("/locked/k?{sub}versionId={v}");
        w.table(vec![
            ("not versioned", put("/unversioned?object-lock", config("")), 409, "InvalidBucketState"),
            ("none", get("/unversioned?object-lock"), 404, "ObjectLockConfigurationNotFoundError"),
            (
                "days and years",
                put("/locked?object-lock", config("<Mode>GOVERNANCE</Mode><Days>1</Days><Years>1</Years>")),
                400,
                "MalformedXML",
            ),
            (
                "no days",
                put("/locked?object-lock", config("<Mode>GOVERNANCE</Mode><Days>0</Days>")),
                400,
                "InvalidRetentionPeriod",
            ),
            ("mode", put("/locked?object-lock", config("<Mode>governance</Mode><Days>1</Days>")), 400, "MalformedXML"),
            ("disabled", put("/locked?object-lock", config("").replace(">Enabled", ">Disabled")), 400, "MalformedXML"),
            ("suspend", put("/locked?versioning", OFF), 409, "InvalidBucketState"),
            ("of an unlocked bucket", put("/plain-one/k?retention", retain("GOVERNANCE", 2100)), 400, "InvalidRequest"),
            (
                "hold of an unlocked bucket",
                put("/plain-one/k?legal-hold", "<LegalHold><Status>ON</Status></LegalHold>"),
                400,
                "InvalidRequest",
            ),
            ("no retention yet", get("/locked/k?retention"), 404, "NoSuchObjectLockConfiguration"),
            ("retention's mode", put("/locked/k?retention", retain("governance", 2100)), 400, "MalformedXML"),
            ("retention's date", put("/locked/k?retention", retain("GOVERNANCE", 2001)), 400, "InvalidArgument"),
            ("retention", put("/locked/k?retention", retain("GOVERNANCE", 2100)), 200, ""),
            ("longer", put("/locked/k?retention", retain("GOVERNANCE", 2101)), 200, ""),
            ("shorter", put("/locked/k?retention", retain("GOVERNANCE", 2099)), 403, "AccessDenied"),
            (
                "shorter, bypassed",
                put("/locked/k?retention", retain("GOVERNANCE", 2099)).with("x-amz-bypass-governance-retention", "true"),
                200,
                "",
            ),
            ("delete", delete(k("")), 403, "AccessDenied"),
            ("a marker is no loss", delete("/locked/k"), 204, ""),
            ("delete, bypassed", delete(k("")).with("x-amz-bypass-governance-retention", "true"), 204, ""),
            ("half a lock", put("/locked/h", "").with("x-amz-object-lock-mode", "GOVERNANCE"), 400, "InvalidArgument"),
            (
                "unknown mode",
                put("/locked/h", "").with("x-amz-object-lock-mode", "X").with("x-amz-object-lock-retain-until-date", until(2100)),
                400,
                "InvalidArgument",
            ),
            ("unknown hold", put("/locked/h", "").with("x-amz-object-lock-legal-hold", "on"), 400, "InvalidArgument"),
            (
                "a lock for a bucket that exists",
                put("/plain-one?object-lock", config("<Mode>COMPLIANCE</Mode><Years>1</Years>")),
                200,
                "",
            ),
        ])
        .await;
        let made = put("/locked/c", "x")
            .with("x-amz-object-lock-mode", "COMPLIANCE")
            .with("x-amz-object-lock-retain-until-date", until(2100));
        let made = w.done(made.with("x-amz-object-lock-legal-hold", "ON")).await.header("x-amz-version-id").to_owned();
        let reply = w.done(head("/locked/c")).await;
        let kept =
            ["mode", "retain-until-date", "legal-hold"].map(|n| reply.header(&format!("x-amz-object-lock-{n}")).to_owned());
        assert_eq!((kept[0].as_str(), &kept[1][..10], kept[2].as_str()), ("COMPLIANCE", "2100-01-01", "ON"));
        let bypass = "x-amz-bypass-governance-retention";
        w.table(vec![
            ("compliance", delete(format!("/locked/c?versionId={made}")).with(bypass, "true"), 403, "AccessDenied"),
            ("to governance", put("/locked/c?retention", retain("GOVERNANCE", 2101)).with(bypass, "true"), 403, "AccessDenied"),
            ("compliance, longer", put("/locked/c?retention", retain("COMPLIANCE", 2101)), 200, ""),
            (
                "compliance, shorter",
                put("/locked/c?retention", retain("COMPLIANCE", 2100)).with(bypass, "true"),
                403,
                "AccessDenied",
            ),
            ("hold", get("/locked/c?legal-hold"), 200, ""),
            ("hold's status", put("/locked/c?legal-hold", "<LegalHold><Status>abc</Status></LegalHold>"), 400, "MalformedXML"),
            ("unheld", put("/locked/c?legal-hold", "<LegalHold><Status>OFF</Status></LegalHold>"), 200, ""),
        ])
        .await;
        // The default of a bucket, and many at once with and without the bypass.
        w.done(put("/locked?object-lock", config("<Mode>GOVERNANCE</Mode><Days>1</Days>"))).await;
        let v = w.done(put("/locked/d", "x")).await.header("x-amz-version-id").to_owned();
        assert_eq!(w.done(get("/locked/d?retention")).await.tag("Mode"), "GOVERNANCE");
        let xml = format!("<Delete><Object><Key>d</Key><VersionId>{v}</VersionId></Object></Delete>");
        let kept = w.done(post("/locked?delete", xml.clone()).md5()).await;
        assert_eq!((kept.tags("Error").len(), kept.tag("Code")), (1, "AccessDenied".to_owned()));
        let swept = w.done(post("/locked?delete", xml).md5().with(bypass, "true")).await;
        assert_eq!((swept.tags("Error").len(), swept.tags("Deleted").len()), (0, 1));
        let v = w.done(put("/plain-one/later", "x")).await.header("x-amz-version-id").to_owned();
        let late = delete(format!("/plain-one/later?versionId={v}")).with(bypass, "true");
        w.table(vec![("locked by the later default", late, 403, "AccessDenied")]).await;
    });
}
