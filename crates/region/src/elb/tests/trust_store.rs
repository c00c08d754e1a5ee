//! Trust stores: what is read in the caller's name, what is taken of it, and the documents that come of it.

use super::documents::Cells;
use super::*;
use crate::context::{Answer, Question};
use wire::api::{ObjectAnswer, ObjectQuestion};
use wire::balancer::MutualAuthentication;

const AUTHORITY: &str = include_str!("data/authority.pem");
/// Two are revoked.
const REVOKED: &str = include_str!("data/revoked.pem");

/// What is in the bucket `b`.
fn objects(w: &mut World, objects: &[(&str, Option<&str>, ObjectAnswer)]) {
    let one = |(key, version, answer): &(&str, Option<&str>, ObjectAnswer)| {
        let question = ObjectQuestion {
            caller: w.h.caller.clone(),
            source_ip: "127.0.0.1".into(),
            user_agent: String::new(),
            bucket: "b".into(),
            key: (*key).to_owned(),
            version: version.map(str::to_owned),
            bytes_max: if key.starts_with("crl") { 512 << 10 } else { 128 << 10 },
        };
        (Question::Object(question), Answer::Object(answer.clone()))
    };
    w.h.answers = objects.iter().map(one).collect();
}

fn read(text: &str) -> ObjectAnswer {
    ObjectAnswer::Read(text.as_bytes().to_vec().into())
}

fn refused(code: &str) -> ObjectAnswer {
    ObjectAnswer::Refused { code: code.into(), message: "no".into() }
}

fn bundle(key: &str) -> String {
    format!("CaCertificatesBundleS3Bucket=b&CaCertificatesBundleS3Key={key}")
}

fn list(key: &str) -> String {
    format!("TrustStoreArn={{ts}}&RevocationContents.member.1.S3Bucket=b&RevocationContents.member.1.S3Key={key}")
}

/// With an HTTPS listener `s` and the trust store `ts`.
fn with_store() -> World {
    let mut w = world().with_balancers();
    w.listen_by_tls();
    objects(
        &mut w,
        &[
            ("ca", None, read(AUTHORITY)),
            ("ca", Some("v2"), read(&format!("{AUTHORITY}{AUTHORITY}"))),
            ("crl", None, read(REVOKED)),
            ("crl-as-ca", None, read(AUTHORITY)),
            ("crl-two", None, read(&format!("{REVOKED}{REVOKED}"))),
            ("crl-none", None, refused("NoSuchKey")),
            ("text", None, read("nonsense")),
            ("empty", None, read("")),
            ("list", None, read(REVOKED)),
            ("broken", None, read("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")),
            ("many", None, read(&AUTHORITY.repeat(26))),
            ("denied", None, refused("AccessDenied")),
            ("large", None, refused("EntityTooLarge")),
            ("bytes", None, ObjectAnswer::Read(vec![0xff].into())),
        ],
    );
    w.keep("ts", "TrustStoreArn", "CreateTrustStore", &format!("Name=clients&{}", bundle("ca")));
    w
}

fn mutual(cells: &Cells, w: &World) -> Option<MutualAuthentication> {
    cells.web(w, 'a').config.listeners.into_iter().find_map(|l| l.tls).unwrap().mutual_authentication
}

#[test]
fn a_trust_store_and_its_lists_reach_the_nodes() {
    let mut w = with_store();
    let mut cells = Cells::default();
    cells.settle(&mut w, |_, _| None);
    assert_eq!(mutual(&cells, &w), None);
    let verify = "ListenerArn={s}&MutualAuthentication.Mode=verify&MutualAuthentication.TrustStoreArn={ts}";
    let reply = w.ok("ModifyListener", &format!("{verify}&MutualAuthentication.AdvertiseTrustStoreCaNames=on"));
    let shown = |element: &str| text(&reply, element);
    assert_eq!((shown("Mode"), shown("TrustStoreArn")), ("verify".into(), w.names["ts"].clone()));
    assert_eq!((shown("IgnoreClientCertificateExpiry"), shown("AdvertiseTrustStoreCaNames")), ("false".into(), "on".into()));
    let document = |ignore_expiry, advertise, lists: &[&str]| {
        Some(MutualAuthentication::Verify {
            authorities_pem: AUTHORITY.into(),
            ignore_expiry,
            advertise,
            revocations_pem: lists.iter().map(|l| (*l).to_owned()).collect(),
        })
    };
    assert_eq!(mutual(&cells, &w), document(false, true, &[]));
    w.ok("ModifyListener", &format!("{verify}&MutualAuthentication.IgnoreClientCertificateExpiry=true"));
    assert_eq!(mutual(&cells, &w), document(true, false, &[]));
    // What is not said stays.
    w.ok("ModifyListener", "ListenerArn={s}&Port=444");
    assert_eq!(mutual(&cells, &w), document(true, false, &[]));
    // Lists come and go; a number is not used again.
    let added = w.ok("AddTrustStoreRevocations", &list("crl"));
    assert_eq!((text(&added, "RevocationId"), text(&added, "NumberOfRevokedEntries")), ("1".into(), "2".into()));
    assert_eq!(mutual(&cells, &w), document(true, false, &[REVOKED]));
    assert_eq!(text(&w.ok("DescribeTrustStores", ""), "TotalRevokedEntries"), "2");
    w.ok("AddTrustStoreRevocations", &list("crl"));
    w.ok("RemoveTrustStoreRevocations", "TrustStoreArn={ts}&RevocationIds.member.1=2");
    let added = w.ok("AddTrustStoreRevocations", &list("crl"));
    assert_eq!(text(&added, "RevocationId"), "3");
    let listed = w.ok("DescribeTrustStoreRevocations", "TrustStoreArn={ts}");
    assert_eq!(texts(&listed, "RevocationId"), ["1", "3"]);
    let page = w.ok("DescribeTrustStoreRevocations", "TrustStoreArn={ts}&PageSize=1");
    assert_eq!((texts(&page, "RevocationId").len(), count(&page, "NextMarker")), (1, 1));
    w.ok("RemoveTrustStoreRevocations", "TrustStoreArn={ts}&RevocationIds.member.1=1&RevocationIds.member.2=3");
    assert_eq!(mutual(&cells, &w), document(true, false, &[]));
    // Other authorities, of another version of the object.
    let other = format!("TrustStoreArn={{ts}}&{}&CaCertificatesBundleS3ObjectVersion=v2", bundle("ca"));
    assert_eq!(text(&w.ok("ModifyTrustStore", &other), "NumberOfCaCertificates"), "2");
    let Some(MutualAuthentication::Verify { authorities_pem, .. }) = mutual(&cells, &w) else { panic!("not verified") };
    assert_eq!(authorities_pem, format!("{AUTHORITY}{AUTHORITY}"));
    // It is in use.
    let users = w.ok("DescribeTrustStoreAssociations", "TrustStoreArn={ts}");
    assert_eq!(texts(&users, "ResourceArn"), [w.names["lb"].clone()]);
    assert_eq!(w.code("DeleteTrustStore", "TrustStoreArn={ts}"), "TrustStoreInUse");
    w.ok("ModifyListener", "ListenerArn={s}&MutualAuthentication.Mode=off");
    assert_eq!(mutual(&cells, &w), None);
    w.ok("DeleteTrustStore", "TrustStoreArn={ts}");
    assert_eq!(w.code("DescribeTrustStores", "TrustStoreArns.member.1={ts}"), "TrustStoreNotFound");
}

#[test]
fn what_is_kept_comes_back() {
    use base64::Engine;
    let mut w = with_store();
    let decoded = |reply: &str| {
        let location = text(reply, "Location");
        let data = location.strip_prefix("data:application/x-pem-file;base64,").expect("a data URL").to_owned();
        String::from_utf8(base64::engine::general_purpose::STANDARD.decode(data).unwrap()).unwrap()
    };
    assert_eq!(decoded(&w.ok("GetTrustStoreCaCertificatesBundle", "TrustStoreArn={ts}")), AUTHORITY);
    w.ok("AddTrustStoreRevocations", &list("crl"));
    assert_eq!(decoded(&w.ok("GetTrustStoreRevocationContent", "TrustStoreArn={ts}&RevocationId=1")), REVOKED);
    w.ok("AddTags", "ResourceArns.member.1={ts}&Tags.member.1.Key=a&Tags.member.1.Value=1");
    assert_eq!(texts(&w.ok("DescribeTags", "ResourceArns.member.1={ts}"), "Key"), ["a"]);
    let shown = w.ok("DescribeTrustStores", "Names.member.1=clients");
    assert_eq!((text(&shown, "Status"), text(&shown, "NumberOfCaCertificates")), ("ACTIVE".into(), "1".into()));
}

#[test]
fn refusals() {
    let mut w = with_store();
    let create = |key: &str| format!("Name=other&{}", bundle(key));
    for (action, parameters, code) in [
        ("CreateTrustStore", format!("Name=clients&{}", bundle("ca")), "DuplicateTrustStoreName"),
        ("CreateTrustStore", format!("Name=a_b&{}", bundle("ca")), "ValidationError"),
        ("CreateTrustStore", "Name=other&CaCertificatesBundleS3Bucket=b".into(), "ValidationError"),
        ("CreateTrustStore", create("text"), "InvalidCaCertificatesBundle"),
        ("CreateTrustStore", create("empty"), "InvalidCaCertificatesBundle"),
        ("CreateTrustStore", create("list"), "InvalidCaCertificatesBundle"),
        ("CreateTrustStore", create("broken"), "InvalidCaCertificatesBundle"),
        ("CreateTrustStore", create("many"), "InvalidCaCertificatesBundle"),
        ("CreateTrustStore", create("bytes"), "InvalidCaCertificatesBundle"),
        ("CreateTrustStore", create("large"), "InvalidCaCertificatesBundle"),
        ("CreateTrustStore", create("denied"), "CaCertificatesBundleNotFound"),
        ("ModifyTrustStore", format!("TrustStoreArn={{ts}}&{}", bundle("denied")), "CaCertificatesBundleNotFound"),
        ("ModifyTrustStore", format!("TrustStoreArn={{ts}}0&{}", bundle("ca")), "TrustStoreNotFound"),
        ("ModifyTrustStore", format!("TrustStoreArn={{lb}}&{}", bundle("ca")), "ValidationError"),
        ("AddTrustStoreRevocations", "TrustStoreArn={ts}".into(), "ValidationError"),
        ("AddTrustStoreRevocations", list("crl-none"), "RevocationContentNotFound"),
        ("AddTrustStoreRevocations", list("crl-as-ca"), "InvalidRevocationContent"),
        ("AddTrustStoreRevocations", list("crl-two"), "InvalidRevocationContent"),
        (
            "AddTrustStoreRevocations",
            format!("{}&RevocationContents.member.1.RevocationType=OCSP", list("crl")),
            "ValidationError",
        ),
        ("RemoveTrustStoreRevocations", "TrustStoreArn={ts}&RevocationIds.member.1=1".into(), "RevocationIdNotFound"),
        ("RemoveTrustStoreRevocations", "TrustStoreArn={ts}".into(), "ValidationError"),
        ("DescribeTrustStoreRevocations", "TrustStoreArn={ts}&RevocationIds.member.1=9".into(), "RevocationIdNotFound"),
        ("GetTrustStoreRevocationContent", "TrustStoreArn={ts}&RevocationId=9".into(), "RevocationIdNotFound"),
        ("DescribeTrustStores", "Names.member.1=x".into(), "TrustStoreNotFound"),
        ("DescribeTrustStores", "Names.member.1=x&TrustStoreArns.member.1={ts}".into(), "ValidationError"),
        ("ModifyListener", "ListenerArn={s}&MutualAuthentication.Mode=verify".into(), "ValidationError"),
        ("ModifyListener", "ListenerArn={s}&MutualAuthentication.TrustStoreArn={ts}".into(), "ValidationError"),
        (
            "ModifyListener",
            "ListenerArn={s}&MutualAuthentication.Mode=passthrough&MutualAuthentication.TrustStoreArn={ts}".into(),
            "ValidationError",
        ),
        (
            "ModifyListener",
            "ListenerArn={s}&MutualAuthentication.Mode=verify&MutualAuthentication.TrustStoreArn={ts}0".into(),
            "TrustStoreNotFound",
        ),
        (
            "ModifyListener",
            "ListenerArn={l}&MutualAuthentication.Mode=verify&MutualAuthentication.TrustStoreArn={ts}".into(),
            "InvalidConfigurationRequest",
        ),
    ] {
        assert_eq!(w.code(action, &parameters), code, "{action} {parameters}");
    }
    // Two listeners of a load balancer, no more.
    let listener = |port: u16| {
        format!(
            "LoadBalancerArn={{lb}}&Protocol=HTTPS&Port={port}&Certificates.member.1.CertificateArn={{cert}}&DefaultActions.member.1.Type=forward&DefaultActions.member.1.TargetGroupArn={{tg}}&MutualAuthentication.Mode=verify&MutualAuthentication.TrustStoreArn={{ts}}"
        )
    };
    w.ok("CreateListener", &listener(8443));
    w.ok("CreateListener", &listener(8444));
    assert_eq!(w.code("CreateListener", &listener(8445)), "TooManyListeners");
    // Lists beyond their number.
    for _ in 0..30 {
        w.ok("AddTrustStoreRevocations", &list("crl"));
    }
    assert_eq!(w.code("AddTrustStoreRevocations", &list("crl")), "TooManyTrustStoreRevocationEntries");
    // Of another account there is nothing.
    w.h.caller = crate::ec2::testing::principal("999900001111");
    assert_eq!(w.code("GetTrustStoreCaCertificatesBundle", "TrustStoreArn={ts}"), "TrustStoreNotFound");
}
