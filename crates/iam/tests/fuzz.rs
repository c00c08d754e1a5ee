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

/// A document that is nearly right.
fn document() -> impl Strategy<Value = String> {
    let operator = prop::sample::select(vec![
        "StringEquals",
        "StringNotLike",
        "ForAnyValue:StringLike",
        "NumericLessThanIfExists",
        "DateGreaterThan",
        "Bool",
        "BinaryEquals",
        "NotIpAddress",
        "ArnLike",
        "Null",
        "ForAllValues:StringEqualsIgnoreCase",
        "Nothing",
    ]);
    let value = prop_oneof![
        name(),
        "[0-9T:.+Z-]{0,26}",
        "[0-9a-f:.]{0,16}/[0-9]{1,3}",
        Just("true".to_owned()),
        Just("arn:aws:s3:::*".to_owned()),
    ];
    let principal = prop_oneof![
        Just(String::new()),
        Just(r#","Principal":"*""#.to_owned()),
        name().prop_map(|n| format!(r#","Principal":{{"AWS":["123456789012","{n}"]}}"#)),
        Just(r#","NotPrincipal":{"AWS":"123456789012"}"#.to_owned()),
    ];
    let version = prop::sample::select(vec!["2012-10-17", "2008-10-17"]);
    let effect = prop::sample::select(vec!["Allow", "Deny"]);
    let resource = prop_oneof![
        Just(String::new()),
        Just(r#","Resource":"*""#.to_owned()),
        name().prop_map(|n| format!(r#","Resource":"arn:aws:s3:::{n}""#)),
        name().prop_map(|n| format!(r#","NotResource":"{n}""#)),
    ];
    (version, effect, principal, resource, name(), operator, name(), value).prop_map(|(v, e, p, r, action, o, k, c)| {
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
}
