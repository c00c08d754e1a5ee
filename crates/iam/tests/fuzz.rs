//! The fuzz targets, with bounded random inputs.

use iam::fuzz;
use proptest::prelude::*;

/// JSON-like text: tokens of policies in any order.
fn tokens() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"Version\"",
        "\"2012-10-17\"",
        "\"Statement\"",
        "\"Effect\"",
        "\"Allow\"",
        "\"Deny\"",
        "\"Action\"",
        "\"NotAction\"",
        "\"s3:*\"",
        "\"Resource\"",
        "\"*\"",
        "\"arn:aws:s3:::b/${aws:username}\"",
        "\"Principal\"",
        "\"AWS\"",
        "\"Condition\"",
        "\"StringLike\"",
        "1",
        "1e999",
        "true",
        "null",
        "\"\\u0000\"",
        "\"\\ud800\"",
        "\u{feff}",
        " ",
    ]);
    prop::collection::vec(words, 0..40).prop_map(|w| w.concat())
}

fn name() -> impl Strategy<Value = String> {
    "[a-c:*?/${}',. ü]{0,12}"
}

/// Text with wildcards and variables that are mostly well formed.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => "[a-c:/. ü*?]{0,6}",
        2 => prop::sample::select(vec!["${aws:userid}", "${no:such}", "${no:such, 'a*'}", "${*}", "${$}"]).prop_map(str::to_owned),
        1 => name(),
    ];
    prop::collection::vec(piece, 0..3).prop_map(|p| p.concat())
}

/// An operator and a value that mostly suits it.
fn test() -> impl Strategy<Value = (&'static str, String)> {
    let strings = prop::sample::select(vec![
        "StringEquals",
        "StringNotLike",
        "ForAnyValue:StringLike",
        "ForAllValues:StringEqualsIgnoreCase",
    ]);
    let dates = prop_oneof![Just("2020-01-01T00:00:00Z".to_owned()), "[0-9]{1,10}", "[0-9T:.+Z-]{0,26}"];
    let ranges = prop_oneof![Just("203.0.113.0/24".to_owned()), "[0-9]{1,3}.1.2.3/[0-9]{1,2}", "[0-9a-f:.]{0,16}/[0-9]{1,3}"];
    prop_oneof![
        4 => (strings, text()),
        1 => (Just("NumericLessThanIfExists"), "-?[0-9]{1,4}(\\.[0-9]{1,2})?"),
        1 => (Just("DateGreaterThan"), dates),
        1 => (Just("NotIpAddress"), ranges),
        1 => (Just("ArnLike"), text().prop_map(|t| format!("arn:aws:s3:::{t}"))),
        1 => (prop::sample::select(vec!["Bool", "Null"]), prop::sample::select(vec!["true", "False", "${no:such}"]).prop_map(str::to_owned)),
        1 => (Just("BinaryEquals"), "[a-d]{4}|[a-d]{2}=?="),
        1 => (Just("Nothing"), text()),
    ]
}

/// A document that is nearly right.
fn document() -> impl Strategy<Value = String> {
    let principal = prop_oneof![
        Just(String::new()),
        Just(r#","Principal":"*""#.to_owned()),
        name().prop_map(|n| format!(r#","Principal":{{"AWS":["123456789012","{n}"]}}"#)),
        Just(r#","Principal":{"AWS":"123456789012"}"#.to_owned()),
        Just(r#","NotPrincipal":{"AWS":"123456789012"}"#.to_owned()),
    ];
    let version = prop::sample::select(vec!["2012-10-17", "2008-10-17"]);
    let effect = prop::sample::select(vec!["Allow", "Deny"]);
    let resource = prop_oneof![
        1 => Just(String::new()),
        2 => Just(r#","Resource":"*""#.to_owned()),
        4 => text().prop_map(|n| format!(r#","Resource":"arn:aws:s3:::{n}""#)),
        4 => text().prop_map(|n| format!(r#","NotResource":["arn:aws:*:{n}:::","arn:aws:s3:::b"]"#)),
    ];
    let action = prop_oneof![4 => "[A-Za-z*?]{1,8}", 1 => name()];
    let key = prop_oneof![
        4 => prop::sample::select(vec!["aws:SourceIp", "aws:TagKeys", "aws:userid", "s3:prefix"]).prop_map(str::to_owned),
        1 => name(),
    ];
    (version, effect, principal, resource, action, test(), key).prop_map(|(v, e, p, r, action, (o, c), k)| {
        format!(
            r#"{{"Version":"{v}","Statement":{{"Effect":"{e}"{p}{r},"Action":["s3:{action}","s3:Get*"],"Condition":{{"{o}":{{"{k}":"{c}"}}}}}}}}"#
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn any_document(any in ".{0,80}", tokens in tokens(), near in document()) {
        fuzz::policy(&any);
        fuzz::policy(&tokens);
        fuzz::policy(&near);
    }

    #[test]
    fn any_arn(pattern in "(arn:)?[a-c:*?ü]{0,14}", text in "(arn:)?[a-c:ü]{0,14}") {
        fuzz::arn(&pattern, &text);
        fuzz::arn(&pattern, &pattern);
    }

    #[test]
    fn any_token(
        key in "(ASIA)?[A-Z2-7]{0,18}",
        text in "(AQEAAAA)?[A-Za-z0-9+/=.]{0,80}",
        claims in prop::collection::vec(any::<u8>(), 0..80),
        json in "\\{(\"(alg|iss|exp|kid|keys)\":(1|\"RS256\"|\\[\\{\\}\\]),?){0,4}\\}",
    ) {
        use base64::Engine;
        fuzz::token(&key, &text, &claims);
        fuzz::jwt(&text, &json);
        let part = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&json);
        fuzz::jwt(&format!("{part}.{part}.{text}"), &json);
        fuzz::jwt("eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.AAAA", &format!(r#"{{"keys":[{{"kty":"RSA","n":"{text}","e":"AQAB"}},{json}]}}"#));
    }
}
