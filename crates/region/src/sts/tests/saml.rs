//! AssumeRoleWithSAML, with the assertions of a provider for tests; `crate::saml::tests` has what is no assertion.

use super::*;
use crate::iam::rows::SamlProvider;
use crate::saml::testing::{ISSUER, assertion, attribute, metadata, response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const OPERATION: &str = "AssumeRoleWithSAML";
const PROVIDER: &str = "arn:aws:iam::111111111111:saml-provider/corp";
const ROLE: &str = "arn:aws:iam::111111111111:role/deploy";

fn trust_in(provider: &str, condition: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"Federated":"{provider}"}},"Action":["sts:AssumeRoleWithSAML","sts:TagSession","sts:SetSourceIdentity"],"Condition":{condition}}}}}"#
    )
}

/// The role's attributes, and more.
fn said(w: &World, more: &str) -> String {
    let role = attribute("Role", &[&format!("{ROLE},{PROVIDER}")]);
    response(&assertion(w.h.now, &format!("{role}{more}")))
}

fn named(w: &World, more: &str) -> String {
    said(w, &format!("{}{more}", attribute("RoleSessionName", &["ann"])))
}

fn request(response: &str, more: &str) -> String {
    let encoded = STANDARD.encode(response).replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    format!("RoleArn={ROLE}&PrincipalArn={PROVIDER}&SAMLAssertion={encoded}{more}")
}

fn world(condition: &str) -> (World, Principal) {
    let mut w = World::new();
    // The certificate of tests is of 2026; its dates do not count.
    w.h.now = TimestampMs(1_800_000_000_000);
    rotate_session_keys(&mut w.h.db, w.h.now, &mut SeededRng::new(2));
    w.h.db.put(SamlProvider {
        account: account(A),
        id: "SAML1".into(),
        name: "corp".into(),
        metadata: metadata(),
        created: w.h.now,
        valid_until: TimestampMs(w.h.now.0 + 10_000_000),
        tags: Default::default(),
    });
    w.role(A, "deploy", &trust_in(PROVIDER, condition), &allow("\"ec2:*\"", "*"));
    (w, Principal::anonymous(account("000000000000")))
}

#[test]
fn the_bearer_of_an_assertion() {
    // BASE64(SHA1("https://idp.example.com/saml" + "111111111111" + "/corp")), by openssl.
    let condition = r#"{"StringEquals":{"saml:aud":"https://signin.aws.amazon.com/saml","saml:iss":"https://idp.example.com/saml","saml:sub":"ann@example.com","saml:sub_type":"persistent","saml:namequalifier":"QUALIFIER","saml:doc":"111111111111/corp","aws:RequestTag/team":"blue","sts:RoleSessionName":"ann","sts:SourceIdentity":"Ann"}}"#;
    let condition = condition.replace("QUALIFIER", "gu9jdXVbQN96MYRhhHwsO4ko9vc=");
    let (mut w, nobody) = world(&condition);
    let more = [
        attribute("SourceIdentity", &["Ann"]),
        attribute("PrincipalTag:team", &["blue"]),
        attribute("TransitiveTagKeys", &["team"]),
        attribute("SessionDuration", &["1800"]),
    ];
    let more = more.concat();
    let xml = w.sts(&nobody, OPERATION, &request(&named(&w, &more), "&DurationSeconds=3600")).unwrap();
    for (name, want) in [
        ("Audience", "https://signin.aws.amazon.com/saml"),
        ("Issuer", ISSUER),
        ("Subject", "ann@example.com"),
        ("SubjectType", "persistent"),
        ("NameQualifier", "gu9jdXVbQN96MYRhhHwsO4ko9vc="),
        ("SourceIdentity", "Ann"),
        ("Arn", "arn:aws:sts::111111111111:assumed-role/deploy/ann"),
    ] {
        assert_eq!(text(&xml, name), want, "{name}");
    }
    let caller = w.open(&xml);
    let session = caller.session.clone().unwrap();
    assert_eq!((session.provider.as_deref(), session.tags["team"].as_str()), (Some(PROVIDER), "blue"));
    assert_eq!((session.transitive.as_slice(), session.source_identity.as_deref()), (&["team".to_owned()][..], Some("Ann")));
    assert_eq!(session.expires.0 - session.issued.0, 1_800_000, "the provider's word bounds the caller's");
    assert!(w.call(&caller, "ec2", "DescribeVpcs", "").is_ok());
    // Each of the conditions holds somebody off.
    for other in [
        more.replace("Ann", "Bob"),
        more.replace("blue", "red"),
        more.replace("PrincipalTag:team", "PrincipalTag:crew").replace(">team<", ">crew<"),
    ] {
        let e = w.sts(&nobody, OPERATION, &request(&named(&w, &other), "")).unwrap_err();
        assert_eq!((e.code.as_ref(), e.status), ("AccessDenied", 403), "{e}");
    }
}

#[test]
fn whom_an_assertion_does_not_let_in() {
    let (mut w, nobody) = world(r#"{"ForAnyValue:StringEquals":{"saml:edupersonaffiliation":"staff"}}"#);
    let affiliation = |value: &str| {
        format!(
            "<Attribute Name=\"urn:oid:1.3.6.1.4.1.5923.1.1.1.1\"><AttributeValue>all</AttributeValue><AttributeValue>{value}</AttributeValue></Attribute>"
        )
    };
    let staff = affiliation("staff");
    let good = request(&named(&w, &staff), "");
    assert!(w.sts(&nobody, OPERATION, &good).is_ok());
    let ends = |w: &World, ms: u64| {
        let end = crate::saml::testing::instant(w.h.now.0 + ms);
        let names = [attribute("Role", &[&format!("{ROLE},{PROVIDER}")]), attribute("RoleSessionName", &["ann"]), staff.clone()];
        let text = assertion(w.h.now, &names.concat());
        response(&text.replace("<AuthnStatement", &format!("<AuthnStatement SessionNotOnOrAfter=\"{end}\"")))
    };
    let xml = w.sts(&nobody, OPERATION, &request(&ends(&w, 1_000_000), "")).unwrap();
    let session = w.open(&xml).session.unwrap();
    assert_eq!(session.expires.0 - session.issued.0, 1_000_000, "no longer than the provider's session");
    let big = format!("&Policy={}", allow("\"ec2:*\"", &format!("arn:aws:s3:::{}", "x".repeat(1800))));
    let many: String = (0..20).map(|i| attribute(&format!("PrincipalTag:t{i}"), &[&"v".repeat(250)])).collect();
    let old = response(&assertion(TimestampMs(w.h.now.0 - 400_000), ""));
    let short = |s: &str| request(s, "");
    let rows = [
        ("another affiliation", short(&named(&w, &affiliation("guest"))), "AccessDenied", 403),
        ("another role", good.replace(ROLE, "arn:aws:iam::111111111111:role/other"), "AccessDenied", 403),
        ("no such provider", good.replace(PROVIDER, &PROVIDER.replace("corp", "none")), "InvalidIdentityToken", 400),
        ("another account's provider", good.replace(PROVIDER, &PROVIDER.replace('1', "2")), "InvalidIdentityToken", 400),
        ("no session name", short(&said(&w, &staff)), "InvalidIdentityToken", 400),
        (
            "a bad session name",
            short(&said(&w, &format!("{staff}{}", attribute("RoleSessionName", &["a b"])))),
            "InvalidIdentityToken",
            400,
        ),
        (
            "a bad source identity",
            short(&named(&w, &format!("{staff}{}", attribute("SourceIdentity", &["aws:x"])))),
            "InvalidIdentityToken",
            400,
        ),
        ("old", short(&old), "ExpiredTokenException", 400),
        ("the provider's session ends", short(&ends(&w, 899_000)), "ExpiredTokenException", 400),
        (
            "refused by the provider",
            short(&named(&w, &staff).replace("status:Success", "status:Responder")),
            "IDPRejectedClaim",
            403,
        ),
        ("changed", short(&named(&w, &staff).replace("ann@", "bob@")), "InvalidIdentityToken", 400),
        (
            "no base64",
            "RoleArn=ROLE&PrincipalArn=PROVIDER&SAMLAssertion=....".replace("ROLE", ROLE).replace("PROVIDER", PROVIDER),
            "InvalidIdentityToken",
            400,
        ),
        ("too long", request(&"x".repeat(75_001), ""), "ValidationError", 400),
        ("too short a session", format!("{good}&DurationSeconds=899"), "ValidationError", 400),
        ("longer than the role allows", format!("{good}&DurationSeconds=7201"), "ValidationError", 400),
        ("a policy and tags too large", request(&named(&w, &format!("{staff}{many}")), &big), "PackedPolicyTooLarge", 400),
        (
            "tags twice",
            short(&named(&w, &format!("{staff}{}{}", attribute("PrincipalTag:a", &["x"]), attribute("PrincipalTag:A", &["x"])))),
            "InvalidParameterValue",
            400,
        ),
    ];
    for (what, parameters, code, status) in rows {
        let e = w.sts(&nobody, OPERATION, &parameters).map(|_| what).unwrap_err();
        assert_eq!((e.code.as_ref(), e.status), (code, status), "{what}: {e}");
        assert!(!e.message.contains("PHNhbWxw"), "{what}: the assertion is not repeated: {e}");
    }
    // The provider's metadata is over, then changed, then gone.
    let now = w.h.now;
    w.h.now = TimestampMs(now.0 + 10_000_000);
    let late = request(&named(&w, &staff), "");
    assert!(w.sts(&nobody, OPERATION, &late).unwrap_err().message.contains("no longer valid"));
    w.h.now = now;
    w.h.db.delete::<SamlProvider>(&account(A), "corp");
    assert!(w.sts(&nobody, OPERATION, &good).unwrap_err().is("InvalidIdentityToken"));
}
