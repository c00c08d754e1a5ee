//! Responses signed by independent tools (`tests/data/make.py`), what attackers make of them, and what one signed may say.

use super::testing::{ISSUER, assertion, attribute, instant, response};
use super::*;
use proptest::prelude::*;

const METADATA: &str = include_str!("tests/data/metadata.xml");
/// 2026-11-25T12:01:00Z
const NOW: TimestampMs = TimestampMs(1_795_608_060_000);
const ASSERTION: &str = include_str!("tests/data/good-assertion.xml");
const RESPONSE: &str = include_str!("tests/data/good-response.xml");
const BOTH: &str = include_str!("tests/data/good-both.xml");
const GOOD: [(&str, &str); 7] = [
    ("assertion", ASSERTION),
    ("response", RESPONSE),
    ("both", BOTH),
    ("plain names", include_str!("tests/data/good-plain-names.xml")),
    ("inclusive prefixes", include_str!("tests/data/good-inclusive-prefixes.xml")),
    ("SHA-384", include_str!("tests/data/good-sha384.xml")),
    ("SHA-512", include_str!("tests/data/good-sha512.xml")),
];
const BAD: [(&str, &str); 6] = [
    ("another key", include_str!("tests/data/bad-other-key.xml")),
    ("RSA-SHA1", include_str!("tests/data/bad-sha1-signature.xml")),
    ("a SHA-1 digest", include_str!("tests/data/bad-sha1-digest.xml")),
    ("RSA-PSS", include_str!("tests/data/bad-pss.xml")),
    ("inclusive form", include_str!("tests/data/bad-inclusive-c14n.xml")),
    ("form with comments", include_str!("tests/data/bad-c14n-with-comments.xml")),
];
const FORGED: SamlError = SamlError::Invalid("Response signature invalid");

fn provider() -> Metadata {
    metadata::parse(METADATA).unwrap()
}

fn read(text: &str) -> Result<Claims, SamlError> {
    prove_text(text, &provider(), NOW)
}

#[test]
fn canonical_forms_as_libxml2_writes_them() {
    let lines: Vec<_> = include_str!("tests/data/c14n.txt").lines().map(|l| STANDARD.decode(l).unwrap()).collect();
    let text = |line: &Vec<u8>| String::from_utf8(line.clone()).unwrap();
    assert_eq!(lines.len(), 24);
    for vector in lines.chunks(3) {
        let (given, inclusive, want) = (text(&vector[0]), text(&vector[1]), text(&vector[2]));
        let inclusive: Vec<_> = inclusive.split_ascii_whitespace().collect();
        assert_eq!(xml::parse(&given, LIMITS).unwrap().canonical(&inclusive, None), want, "{given}");
        // A canonical form is its own.
        assert_eq!(xml::parse(&want, LIMITS).unwrap().canonical(&inclusive, None), want, "{given}");
    }
}

#[test]
fn responses_signed_by_other_tools() {
    let mut said = Vec::new();
    for (what, text) in GOOD {
        let claims = read(text).unwrap_or_else(|e| panic!("{what}: {e}"));
        assert_eq!(prove(&STANDARD.encode(text), &provider(), NOW).as_ref(), Ok(&claims), "{what}");
        said.push(claims);
    }
    said.dedup();
    let [claims] = &said[..] else { panic!("they say the same: {said:?}") };
    // A comment does not end a text.
    assert_eq!((claims.subject.as_str(), claims.subject_type.as_str()), ("ann@example.com.evil", "persistent"));
    assert_eq!((claims.issuer.as_str(), claims.session_name.as_str()), (ISSUER, "ann"));
    assert_eq!(claims.session_ends, metadata::instant("2026-11-25T20:00:00Z"));
    assert_eq!(claims.tags, [("team".to_owned(), "blue".to_owned())]);
    let (role, provider) = ("arn:aws:iam::111111111111:role/app", "arn:aws:iam::111111111111:saml-provider/corp");
    assert_eq!(claims.roles, [(role.to_owned(), provider.to_owned())]);
    assert_eq!(claims.keys["saml:edupersonaffiliation"], ["staff > \r all", "member"]);
    for (what, text) in BAD {
        assert_eq!(read(text), Err(FORGED), "{what}");
    }
    assert!(prove(&"A".repeat(CHARS_MAX + 4), &super::tests::provider(), NOW).is_err());
    assert!(prove("%%%%", &super::tests::provider(), NOW).is_err());
}

/// From `<tag` to `</tag>`, both within.
fn part<'a>(text: &'a str, tag: &str) -> &'a str {
    let (from, end) = (text.find(&format!("<{tag}")).unwrap(), format!("</{tag}>"));
    &text[from..from + text[from..].find(&end).unwrap() + end.len()]
}

/// Signature wrapping: "On Breaking SAML: Be Whoever You Want to Be" (USENIX Security 2012), its eight shapes and some more.
#[test]
fn wrapped_signatures() {
    let signed = part(ASSERTION, "saml:Assertion");
    let signature = part(signed, "ds:Signature");
    let bare = signed.replace(signature, "");
    let evil = bare.replace(">ann<", ">root<").replace("\"_a\"", "\"_e\"");
    let same_id = bare.replace(">ann<", ">root<");
    let after = |text: &str, place: &str, more: &str| text.replacen(place, &format!("{place}{more}"), 1);
    let object = |what: &str| signature.replace("</ds:Signature>", &format!("<ds:Object>{what}</ds:Object></ds:Signature>"));
    let in_response = |what: &str| ASSERTION.replace(signed, what);
    let of_response = part(RESPONSE, "ds:Signature");
    let bare_response = RESPONSE.replace(of_response, "");
    let start = &bare_response[bare_response.find("<samlp:Response").unwrap()..];
    let evil_response = start.replace(">ann<", ">root<").replace("\"_r\"", "\"_q\"");
    let whole = |what: &str| of_response.replace("</ds:Signature>", &format!("<ds:Object>{what}</ds:Object></ds:Signature>"));
    let issuer = "</saml:Issuer>";
    let rows = [
        ("not signed at all", in_response(&bare)),
        ("the evil one beside the signed", in_response(&format!("{evil}{signed}"))),
        ("and after it", in_response(&format!("{signed}{evil}"))),
        ("the signed within the evil one", in_response(&after(&evil, issuer, signed))),
        ("the same with one ID", in_response(&after(&same_id, issuer, signed))),
        ("the signature in the evil one, the signed beside", in_response(&format!("{}{bare}", after(&evil, issuer, signature)))),
        ("the signed in the signature of the evil one", in_response(&after(&evil, issuer, &object(&bare)))),
        ("the same with one ID", in_response(&after(&same_id, issuer, &object(&bare)))),
        ("the evil one in the signature", in_response(&after(&bare, issuer, &object(&evil)))),
        ("the signed in extensions", in_response(&format!("<samlp:Extensions>{signed}</samlp:Extensions>{evil}"))),
        (
            "its signature on the response",
            in_response(&evil).replacen("<samlp:Status>", &format!("{signature}<samlp:Status>"), 1),
        ),
        ("both signatures on the assertion", in_response(&signed.replace(signature, &signature.repeat(2)))),
        ("a response around the response", after(&evil_response, "</Issuer>", &whole(start))),
        ("the evil response within", after(start, "</Issuer>", &whole(&evil_response))),
        ("the signed response in extensions", {
            let inner = &RESPONSE[RESPONSE.find("<samlp:Response").unwrap()..];
            after(&evil_response, "</Issuer>", &format!("<samlp:Extensions>{inner}</samlp:Extensions>"))
        }),
        ("signed assertion, evil response signature kept", BOTH.replacen("Version=\"2.0\"", "Version=\"2.0\" Consent=\"x\"", 1)),
        ("another namespace's assertion", in_response(&format!("<Assertion xmlns=\"urn:x\" ID=\"_a2\"/>{signed}"))),
        ("encrypted", in_response(&format!("{signed}<saml:EncryptedAssertion/>"))),
        ("no reference", ASSERTION.replace("URI=\"#_a\"", "URI=\"\"")),
        ("a document type", ASSERTION.replacen("<samlp:Response", "<!DOCTYPE x [<!ENTITY e \"ann\">]><samlp:Response", 1)),
        ("an entity", ASSERTION.replace(">ann<", ">&e;<")),
        ("an instruction", ASSERTION.replacen("<samlp:Status>", "<?x y?><samlp:Status>", 1)),
    ];
    for (what, text) in rows {
        assert!(text != ASSERTION && text != RESPONSE && text != BOTH, "{what}: nothing was changed");
        assert!(matches!(read(&text), Err(SamlError::Invalid(_))), "{what}: {:?}\n{text}", read(&text));
    }
    // What is not signed may change, and changes nothing: comments, space in tags, a CDATA section.
    let harmless = ASSERTION.replace(">ann<", "><!-- b -->a<![CDATA[n]]><!-- c -->n<").replace("\n  <samlp", "\n<samlp");
    assert_eq!(read(&harmless), read(ASSERTION));
}

#[test]
fn a_flipped_bit_anywhere() {
    let honest = [ASSERTION, RESPONSE].map(|text| (text, read(text).unwrap()));
    let mut unnoticed = 0;
    for (text, claims) in &honest {
        for at in 0..text.len() {
            let mut bytes = text.as_bytes().to_vec();
            bytes[at] ^= 1 << (at % 7);
            let Ok(flipped) = String::from_utf8(bytes) else { continue };
            if let Ok(said) = read(&flipped) {
                unnoticed += 1;
                assert_eq!(&said, claims, "at {at}: {flipped}");
            }
        }
    }
    // KeyInfo, comments, and in the one case what is around the assertion.
    assert!(unnoticed > 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Cut, doubled, moved and changed parts: refused, or the same is said.
    #[test]
    fn mutated_responses_never_say_something_else(
        which in 0..GOOD.len(),
        edits in proptest::collection::vec((0..4_u8, 0_usize..6500, 0_usize..400, 0_usize..6500, "[<>/a-z\"=&;#\\[\\]!: -]{0,12}"), 1..4),
    ) {
        let honest = GOOD[which].1;
        let mut text: Vec<char> = honest.chars().collect();
        for (kind, at, len, to, new) in edits {
            let at = at.min(text.len());
            let piece: Vec<char> = text[at..(at + len).min(text.len())].to_vec();
            match kind {
                0 => drop(text.drain(at..at + piece.len())),
                1 => drop(text.splice(at..at + piece.len().min(new.len()), new.chars())),
                2 => { let to = to.min(text.len()); drop(text.splice(to..to, piece)) }
                _ => {
                    text.drain(at..at + piece.len());
                    let to = to.min(text.len());
                    drop(text.splice(to..to, piece));
                }
            }
        }
        let text: String = text.into_iter().collect();
        if let Ok(claims) = read(&text) {
            prop_assert_eq!(claims, read(honest).unwrap());
        }
    }

    /// Whatever is sent is refused; what is read is its own canonical form.
    #[test]
    fn nothing_panics(text in ".{0,200}", tags in "[<>/a:b \"='!\\[?&;#x-]{0,80}", inner in "(<[ab] ?(xmlns(:[ab])?='[uv]')?>|</[ab]>|x|&lt;|<!--y-->){0,12}") {
        for text in [text, tags, format!("<a>{inner}</a>")] {
            prop_assert!(prove(&text, &provider(), NOW).is_err() && read(&text).is_err());
            metadata::parse(&text);
            if let Some(tree) = xml::parse(&text, LIMITS) {
                let form = tree.canonical(&[], None);
                prop_assert_eq!(xml::parse(&form, CANONICAL).unwrap().canonical(&[], None), form);
            }
        }
    }
}

#[test]
fn what_is_no_xml_here() {
    let deep = |n: usize| format!("{}{}", "<a>".repeat(n), "</a>".repeat(n));
    for (text, good) in [
        ("<a/>", true),
        ("\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<a/>\n<!-- x -->\n", true),
        ("<a b='1' b='2'/>", false),
        ("<a xmlns:p='urn:u' xmlns:q='urn:u' p:b='1' q:b='2'/>", false),
        ("<p:a/>", false),
        ("<a p:b='1'/>", false),
        ("<a xmlns:p=''/>", false),
        ("<a xmlns:xml='urn:u'/>", false),
        ("<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>", false),
        ("<a xmlns='http://www.w3.org/2000/xmlns/'/>", false),
        ("<a b='<'/>", false),
        ("<a b='&e;'/>", false),
        ("<a b='&#0;'/>", false),
        ("<a>&#1;</a>", false),
        ("<a>\u{1}</a>", false),
        ("<a>]]></a>", false),
        ("<a><b></a></b>", false),
        ("<a>", false),
        ("<a/><b/>", false),
        ("<a/>x", false),
        ("x<a/>", false),
        ("<1a/>", false),
        ("<a:b:c xmlns:a='urn:u'/>", false),
        ("<a><!-- -- --></a>", false),
        (" <?xml version=\"1.0\"?><a/>", false),
        ("<?xml version=\"1.1\"?><a/>", false),
        ("<?xml version=\"1.0\" encoding=\"latin1\"?><a/>", false),
        (&deep(32), true),
        (&deep(34), false),
        (&format!("<a>{}</a>", "<b/>".repeat(4999)), true),
        (&format!("<a>{}</a>", "<b/>".repeat(5000)), false),
    ] {
        assert_eq!(xml::parse(text, LIMITS).is_some(), good, "{}", text.chars().take(80).collect::<String>());
    }
}

#[test]
fn metadata_of_providers() {
    let m = provider();
    assert_eq!((m.entity_id.as_str(), m.keys.len()), (ISSUER, 1));
    assert_eq!(m.valid_until, metadata::instant("2036-01-01T00:00:00Z"));
    let two =
        METADATA.replace("<md:SingleSignOnService", &format!("{}<md:SingleSignOnService", part(METADATA, "md:KeyDescriptor")));
    assert_eq!(metadata::parse(&two).unwrap(), m, "the same key twice is one");
    for (what, text) in [
        ("for encryption only", METADATA.replace("use=\"signing\"", "use=\"encryption\"")),
        ("a service provider's", METADATA.replace("IDPSSODescriptor", "SPSSODescriptor")),
        ("without an id", METADATA.replace("entityID", "id")),
        ("a torn certificate", METADATA.replace("MII", "AII")),
        ("no time", METADATA.replace("2036-01-01T", "2036-13-01T")),
        ("a document type", METADATA.replacen("<md:", "<!DOCTYPE x><md:", 1)),
    ] {
        assert!(metadata::parse(&text).is_none(), "{what}");
    }
}

#[test]
fn what_an_assertion_must_say() {
    let provider = metadata::parse(&testing::metadata()).unwrap();
    let names = attribute("RoleSessionName", &["ann"]);
    let plain = assertion(NOW, &names);
    let with = |more: &str| assertion(NOW, &format!("{names}{more}"));
    let said = |text: &str| prove_text(&response(text), &provider, NOW);
    assert!(said(&plain).is_ok());
    let at = |ms: u64| instant(ms);
    let end = at(NOW.0 + 300_000);
    let audience = "<Audience>urn:amazon:webservices</Audience>";
    let invalid = "invalid";
    let expired = "expired";
    let rows = [
        ("another issuer", plain.replace(ISSUER, "https://evil.example.com"), invalid),
        ("another version", plain.replace("Version=\"2.0\"", "Version=\"1.1\""), invalid),
        (
            "too old",
            plain.replace(&format!("IssueInstant=\"{}", at(NOW.0)), &format!("IssueInstant=\"{}", at(NOW.0 - 300_001))),
            expired,
        ),
        (
            "of the future",
            plain.replace(&format!("IssueInstant=\"{}", at(NOW.0)), &format!("IssueInstant=\"{}", at(NOW.0 + 300_001))),
            invalid,
        ),
        ("its end is now", plain.replace(&end, &at(NOW.0)), expired),
        (
            "only the conditions end",
            plain.replace(&format!("NotOnOrAfter=\"{end}\"><Aud"), &format!("NotOnOrAfter=\"{}\"><Aud", at(NOW.0))),
            expired,
        ),
        ("not begun", plain.replace(&at(NOW.0 - 60_000), &at(NOW.0 + 300_001)), invalid),
        ("no time", plain.replace(&end, "tomorrow"), invalid),
        ("another audience", plain.replace("urn:amazon:webservices", "urn:other"), invalid),
        ("no audience", plain.replace(audience, ""), invalid),
        (
            "a second restriction",
            plain.replace(
                "</AudienceRestriction>",
                "</AudienceRestriction><AudienceRestriction><Audience>urn:x</Audience></AudienceRestriction>",
            ),
            invalid,
        ),
        ("an unknown condition", plain.replace("</Conditions>", "<Condition></Condition></Conditions>"), invalid),
        ("another recipient", plain.replace("signin.aws", "signin.example"), invalid),
        ("a longer recipient", plain.replace("https://signin", "https://evil.example/.signin"), invalid),
        ("not a bearer's", plain.replace("cm:bearer", "cm:holder-of-key"), invalid),
        ("two confirmations", plain.replace("</NameID>", "</NameID><SubjectConfirmation></SubjectConfirmation>"), invalid),
        ("a confirmation without an end", plain.replace(&format!(" NotOnOrAfter=\"{end}\"></S"), "></S"), invalid),
        ("no subject", plain.replace("ann@example.com", " "), invalid),
        ("a subject of elements", plain.replace("ann@example.com", "ann<b></b>"), invalid),
        (
            "an ended session",
            plain.replace("<AuthnStatement", &format!("<AuthnStatement SessionNotOnOrAfter=\"{}\"", at(NOW.0))),
            expired,
        ),
        ("no session name", assertion(NOW, ""), invalid),
        ("two session names", with(&names), invalid),
        ("a session name of elements", assertion(NOW, &attribute("RoleSessionName", &["ann<b></b>"])), invalid),
        ("a role without a provider", with(&attribute("Role", &["arn:aws:iam::1:role/a"])), invalid),
        ("a short session", with(&attribute("SessionDuration", &["899"])), invalid),
        ("a tag twice", with(&attribute("PrincipalTag:a", &["x", "y"])), invalid),
    ];
    for (what, text, want) in rows {
        assert_ne!(text, plain, "{what}: nothing was changed");
        let got = match said(&text) {
            Err(SamlError::Invalid(_)) => invalid,
            Err(SamlError::Expired(_)) => expired,
            other => panic!("{what}: {other:?}"),
        };
        assert_eq!(got, want, "{what}: {:?}", said(&text));
    }
    for (what, text) in [
        ("a region's sign-in", plain.replace("https://signin", "https://eu-west-1.signin")),
        ("the older sign-in", plain.replace("com/saml\" Not", "com/static/saml\" Not")),
        ("the other audience", plain.replace("urn:amazon:webservices", "https://signin.aws.amazon.com/saml")),
        ("one of two audiences", plain.replace(audience, &format!("<Audience>urn:x</Audience>{audience}"))),
        ("used once", plain.replace("</Conditions>", "<OneTimeUse></OneTimeUse></Conditions>")),
    ] {
        assert_ne!(text, plain, "{what}: nothing was changed");
        assert!(said(&text).is_ok(), "{what}: {:?}", said(&text));
    }
    // The status is not signed here; it can only refuse.
    let refused = response(&plain).replace("status:Success", "status:Responder");
    assert_eq!(prove_text(&refused, &provider, NOW), Err(SamlError::Rejected));
    let more = [
        attribute("Role", &["arn:aws:iam::1:saml-provider/p , arn:aws:iam::1:role/a"]),
        attribute("SessionDuration", &["900"]),
        attribute("SourceIdentity", &["Ann"]),
        attribute("PrincipalTag:a", &["x"]),
        attribute("TransitiveTagKeys", &["a", "b"]),
    ];
    let claims = said(&with(&more.concat())).unwrap();
    assert_eq!(claims.roles, [("arn:aws:iam::1:role/a".to_owned(), "arn:aws:iam::1:saml-provider/p".to_owned())]);
    assert_eq!((claims.session_s, claims.source_identity.as_deref()), (Some(900), Some("Ann")));
    assert_eq!((claims.tags.len(), claims.transitive), (1, vec!["a".to_owned(), "b".to_owned()]));
}
