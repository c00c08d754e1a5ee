//! Lifecycle rules as tables: filters, times, and what a sweep over versions finds.

use super::*;
use aws_protocol::s3::decode_xml;
use objectstore::record::{Data, Encryption, VersionId};

const DAY_MS: u64 = 86_400_000;
const BIG: u64 = 1 << 20;

fn version(bytes: u64, tags: &[(&str, &str)], class: &str) -> VersionRecord {
    VersionRecord {
        id: VersionId::Null,
        seq: 1,
        modified: TimestampMs(10 * DAY_MS + 5),
        delete_marker: false,
        object: NewVersion {
            data: Data::None,
            bytes,
            etag: String::new(),
            owner: "123456789012".parse().unwrap(),
            headers: vec![],
            metadata: vec![],
            tags: tags.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
            acl: None,
            checksum: None,
            storage_class: class.to_owned(),
            encryption: Encryption::S3,
            retention: None,
            legal_hold: false,
            website_redirect: None,
            replication: None,
            restore: None,
        },
    }
}

fn rules_of(text: &str) -> Vec<LifecycleRule> {
    let body = format!("<LifecycleConfiguration>{text}</LifecycleConfiguration>");
    decode_xml::<BucketLifecycleConfiguration>(&["LifecycleConfiguration"], body.as_bytes()).unwrap().rules.unwrap()
}

fn rule(inside: &str) -> String {
    format!("<Rule><ID>r</ID><Status>Enabled</Status>{inside}</Rule>")
}

#[test]
fn filters() {
    let v = version(100, &[("a", "b")], "STANDARD");
    for (filter, wanted) in [
        ("<Prefix>logs/</Prefix>", true),
        ("<Prefix>x</Prefix>", false),
        ("<Filter/>", true),
        ("<Filter><Tag><Key>a</Key><Value>b</Value></Tag></Filter>", true),
        ("<Filter><Tag><Key>a</Key><Value>c</Value></Tag></Filter>", false),
        ("<Filter><ObjectSizeGreaterThan>99</ObjectSizeGreaterThan></Filter>", true),
        ("<Filter><ObjectSizeLessThan>100</ObjectSizeLessThan></Filter>", false),
        ("<Filter><And><Prefix>logs/</Prefix><Tag><Key>a</Key><Value>b</Value></Tag></And></Filter>", true),
        ("<Filter><And><Prefix>nope</Prefix><Tag><Key>a</Key><Value>b</Value></Tag></And></Filter>", false),
    ] {
        let rules = rules_of(&rule(&format!("{filter}<Expiration><Days>1</Days></Expiration>")));
        assert_eq!(applies(&rules[0], "logs/1", &v.object), wanted, "{filter}");
    }
}

#[test]
fn times_are_midnights_and_the_coldest_due_class_wins() {
    let rules = rules_of(&rule(
        "<Filter/><Transition><Days>30</Days><StorageClass>STANDARD_IA</StorageClass></Transition><Transition><Days>60</Days><StorageClass>GLACIER</StorageClass></Transition><Expiration><Days>90</Days></Expiration>",
    ));
    let v = version(BIG, &[], "STANDARD");
    let expires = expires_at(&rules, "k", &v.object, v.modified, DAY_MS);
    assert_eq!(expires, Some((TimestampMs(101 * DAY_MS), "r".to_owned())));
    let at = |day: u64, v: &VersionRecord| class_at(&rules, "k", v, TimestampMs(day * DAY_MS), DAY_MS);
    for (day, class, wanted) in [
        (40, "STANDARD", None),
        (41, "STANDARD", Some("STANDARD_IA")),
        (71, "STANDARD", Some("GLACIER")),
        (45, "STANDARD_IA", None),
        (71, "DEEP_ARCHIVE", None),
    ] {
        assert_eq!(at(day, &version(BIG, &[], class)).as_deref(), wanted, "{day} {class}");
    }
    // Small objects stay, unless the rule speaks of sizes.
    assert_eq!(at(71, &version(TRANSITION_BYTES_MIN - 1, &[], "STANDARD")), None);
    let sized = rules_of(&rule(
        "<Filter><ObjectSizeGreaterThan>5</ObjectSizeGreaterThan></Filter><Transition><Days>0</Days><StorageClass>GLACIER</StorageClass></Transition>",
    ));
    assert_eq!(class_at(&sized, "k", &version(6, &[], "STANDARD"), TimestampMs(11 * DAY_MS), DAY_MS).as_deref(), Some("GLACIER"));
    // A shorter day is rounded by itself.
    assert_eq!(due(TimestampMs(10_500), 2, 1000), TimestampMs(13_000));
    assert_eq!(due(TimestampMs(10_000), 1, 1000), TimestampMs(11_000));
}

#[test]
fn uploads_are_aborted() {
    let abort = "<AbortIncompleteMultipartUpload><DaysAfterInitiation>2</DaysAfterInitiation></AbortIncompleteMultipartUpload>";
    let rules = rules_of(&rule(&format!("<Filter><Prefix>a/</Prefix></Filter>{abort}")));
    assert_eq!(aborts_at(&rules, "a/x", TimestampMs(1), DAY_MS), Some((TimestampMs(3 * DAY_MS), "r".to_owned())));
    assert_eq!(aborts_at(&rules, "b/x", TimestampMs(1), DAY_MS), None);
}

/// Versions as `key age-in-days kind`, newest of a key first: `o` object, `m` marker; upper case: current.
fn swept(rules: &str, versions: &[(&str, u64, char)]) -> Vec<String> {
    let rules = rules_of(rules);
    let now = 1000 * DAY_MS;
    let mut sweep = Sweep::new(&rules, TimestampMs(now), DAY_MS);
    let mut deeds = Vec::new();
    for (n, (key, age, kind)) in versions.iter().enumerate() {
        let mut record = version(if kind.eq_ignore_ascii_case(&'m') { 0 } else { BIG }, &[], "STANDARD");
        record.id = VersionId::Named { seq: n as u64, salt: 0 };
        record.modified = TimestampMs(now - age * DAY_MS);
        record.delete_marker = kind.eq_ignore_ascii_case(&'m');
        sweep.see((*key).to_owned(), kind.is_ascii_uppercase(), record, &mut deeds);
    }
    sweep.end(&mut deeds);
    let name = |d: &Deed| match d.record.id {
        VersionId::Named { seq, .. } => format!("{seq} {:?}", d.act),
        VersionId::Null => String::new(),
    };
    deeds.iter().map(name).collect()
}

/// Name, rules, versions, deeds.
type Row<'a> = (&'a str, String, &'a [(&'a str, u64, char)], &'a [&'a str]);

#[test]
fn sweeps() {
    let days = |n| rule(&format!("<Filter/><Expiration><Days>{n}</Days></Expiration>"));
    let markers = rule("<Filter/><Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>");
    let noncurrent = |days, keep: &str| {
        rule(&format!(
            "<Filter/><NoncurrentVersionExpiration><NoncurrentDays>{days}</NoncurrentDays>{keep}</NoncurrentVersionExpiration>"
        ))
    };
    let keep_two = "<NewerNoncurrentVersions>2</NewerNoncurrentVersions>";
    let cold = rule(
        "<Filter/><NoncurrentVersionTransition><NoncurrentDays>5</NoncurrentDays><StorageClass>GLACIER</StorageClass></NoncurrentVersionTransition>",
    );
    let three = [("a", 1, 'O'), ("a", 9, 'o'), ("a", 20, 'o'), ("a", 30, 'o')];
    let table: [Row<'_>; 9] = [
        ("young objects stay", days(5), &[("a", 4, 'O'), ("b", 5, 'O')], &["1 Expire"]),
        ("a marker hides nothing: it goes when it is old", days(5), &[("a", 4, 'M'), ("b", 5, 'M')], &["1 RemoveMarker"]),
        ("older versions are no matter of expiration", days(5), &[("a", 1, 'O'), ("a", 50, 'o')], &[]),
        ("a marker with something under it stays", markers.clone(), &[("a", 9, 'M'), ("a", 10, 'o')], &[]),
        (
            "markers alone go",
            markers,
            &[("a", 0, 'M'), ("b", 0, 'M'), ("b", 1, 'm'), ("c", 0, 'M')],
            &["0 RemoveMarker", "3 RemoveMarker"],
        ),
        ("the time is the successor's", noncurrent(5, ""), &three, &["2 RemoveNoncurrent", "3 RemoveNoncurrent"]),
        ("the newest are kept", noncurrent(1, keep_two), &three, &["3 RemoveNoncurrent"]),
        ("markers are versions", noncurrent(5, ""), &[("a", 6, 'O'), ("a", 7, 'm')], &["1 RemoveNoncurrent"]),
        ("colder", cold, &three, &["2 Move(\"GLACIER\")", "3 Move(\"GLACIER\")"]),
    ];
    for (name, rules, versions, wanted) in table {
        assert_eq!(swept(&rules, versions), wanted, "{name}");
    }
}
