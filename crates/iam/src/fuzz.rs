//! What the fuzz targets run: each parser of untrusted text, with the properties that must hold for any input.
//!
//! Called by the property tests of this crate and by `fuzz/`; nothing else.

use crate::{Context, DOCUMENT_BYTES_MAX, Policy, PolicyKind, Principal, PrincipalName, Request, arn};

/// A document is refused or compiled; one that is compiled can be asked, gives the same answer twice, and asks nobody's
/// access to be wider than it says: with only Deny statements it allows nothing.
pub fn policy(text: &str) {
    for kind in [PolicyKind::Identity, PolicyKind::Resource, PolicyKind::Trust] {
        let Ok(policy) = Policy::parse(text, kind) else { continue };
        assert!(text.len() <= DOCUMENT_BYTES_MAX && policy.statements().len() > 0);
        let principal = Principal::anonymous();
        let mut context = Context::of(&principal);
        context.set("aws:SourceIp", "203.0.113.9");
        context.set_many("aws:TagKeys", ["a", "", "ü"]);
        let request = Request {
            principal: &principal,
            action: "s3:GetObject",
            resource: "arn:aws:s3:::bucket/a:b/ü",
            resource_account: None,
            context: &context,
        };
        let effect = policy.decide(&request);
        assert_eq!(effect, policy.decide(&request));
        let allows = policy.statements().any(|s| s.effect() == crate::StatementEffect::Allow);
        assert!(allows || !matches!(effect, crate::Effect::Allow(_)));
        assert!(allows || !policy.is_public());
        let for_all = policy.statements().any(|s| {
            let (not, mut names) = s.principals();
            not || names.any(|n| n == PrincipalName::Everybody)
        });
        assert!(kind == PolicyKind::Identity || for_all || effect == crate::Effect::Silent);
    }
}

/// A pattern that an ARN matches as written, matches it with stars for its parts as well; one without wildcards matches only
/// itself.
pub fn arn(pattern: &str, text: &str) {
    let matched = arn::matches(pattern, text);
    if !pattern.contains(['*', '?']) {
        assert!(!matched || pattern == text);
    }
    if matched && pattern.contains(':') {
        assert!(arn::matches("arn:*:*:*:*:*", text) && text.starts_with("arn:"));
    }
    assert!(arn::matches("*", text));
}

/// A session token of any text is refused, and claims of any bytes are refused or are a caller.
pub fn token(access_key: &str, token: &str, claims: &[u8]) {
    let key = wire::identity::SessionKey { id: 1, key: "07".repeat(32), created: types::TimestampMs(0), ..Default::default() };
    let keys = crate::token::TokenKeys::new(&[key]);
    assert!(keys.open(access_key, token).is_err());
    if let Some(caller) = crate::token::decode(claims) {
        assert!(caller.session.is_some());
    }
    if let Some(account) = crate::token::account_of(access_key) {
        assert_eq!(account.as_str().len(), 12);
    }
}

/// A web identity's token and key set of any text: taken apart or refused, and never proven by keys that signed nothing.
pub fn jwt(token: &str, jwks: &str) {
    if let Ok(unproven) = crate::jwt::Unproven::parse(token) {
        assert!(unproven.prove(jwks, types::TimestampMs(1_800_000_000_000)).is_err());
    }
}
