//! The action `authenticate-oidc`: read, checked, its client secret sealed; shown without it.
//!
//! What is sealed begins with random bytes of the region's own: nodes make the keys of sessions of the whole, so who knows only the
//! secret (the provider) cannot make sessions.

use super::check::{invalid, validation};
use crate::acm::seal;
use crate::context::{Ctx, OpResult};
use aws_protocol::{AwsError, elbv2 as api};
use wire::balancer::{Action, CLIENT_SECRET_SALT_BYTES, ClientSecret, Oidc, OnUnauthenticated, client_secret_purpose};
use zeroize::Zeroizing;

const TIMEOUT_SECONDS: i64 = 604_800;
const EXTRA_PARAMS_MAX: usize = 10;
const TEXT_CHARS_MAX: usize = 1024;
const URL_CHARS_MAX: usize = 2048;
const NAME_CHARS_MAX: usize = 128;
const WORDS: [(&str, OnUnauthenticated); 3] =
    [("deny", OnUnauthenticated::Deny), ("allow", OnUnauthenticated::Allow), ("authenticate", OnUnauthenticated::Authenticate)];

/// `old`: what the rule or listener did before. `then` comes after it.
pub fn of(ctx: &mut Ctx, config: &api::AuthenticateOidcActionConfig, old: Option<&Action>, then: Action) -> OpResult<Action> {
    let url = |what: &str, given: &Option<String>| {
        let text = required(what, given, URL_CHARS_MAX)?;
        let rest = text.strip_prefix("https://").filter(|r| !r.is_empty() && !r.starts_with('/') && !r.contains('@'));
        match rest {
            Some(rest) if rest.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}#".contains(&b)) => Ok(text),
            _ => Err(validation(format!("{what} '{text}' must be a valid HTTPS URL"))),
        }
    };
    let issuer = url("Issuer", &config.issuer)?;
    let authorization_endpoint = url("AuthorizationEndpoint", &config.authorization_endpoint)?;
    let token_endpoint = url("TokenEndpoint", &config.token_endpoint)?;
    let user_info_endpoint = url("UserInfoEndpoint", &config.user_info_endpoint)?;
    let client_id = required("ClientId", &config.client_id, TEXT_CHARS_MAX)?;
    let session_cookie_name =
        optional("SessionCookieName", &config.session_cookie_name, "AWSELBAuthSessionCookie", NAME_CHARS_MAX)?;
    if !session_cookie_name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)) {
        return Err(validation(format!("SessionCookieName '{session_cookie_name}' is not a valid name of a cookie")).into());
    }
    let seconds = config.session_timeout.unwrap_or(TIMEOUT_SECONDS);
    if !(1..=TIMEOUT_SECONDS).contains(&seconds) {
        return Err(validation(format!("SessionTimeout '{seconds}' must be in the range [1, {TIMEOUT_SECONDS}]")).into());
    }
    let extra_params = config.authentication_request_extra_params.clone().unwrap_or_default();
    if extra_params.len() > EXTRA_PARAMS_MAX {
        return Err(validation(format!("At most {EXTRA_PARAMS_MAX} extra parameters can be specified")).into());
    }
    let on_unauthenticated = match config.on_unauthenticated_request.as_deref() {
        None => OnUnauthenticated::Authenticate,
        Some(word) => {
            let known = WORDS.iter().find(|(w, _)| *w == word).map(|(_, v)| *v);
            known.ok_or_else(|| validation(format!("OnUnauthenticatedRequest '{word}' must be deny, allow or authenticate")))?
        }
    };
    let scope = optional("Scope", &config.scope, "openid", TEXT_CHARS_MAX)?;
    let client_secret = client_secret(ctx, config, old)?;
    let oidc = Oidc {
        issuer,
        authorization_endpoint,
        token_endpoint,
        user_info_endpoint,
        client_id,
        client_secret,
        session_cookie_name,
        scope,
        session_timeout_seconds: u32::try_from(seconds).unwrap_or(u32::MAX),
        extra_params,
        on_unauthenticated,
        authorities_file: None,
    };
    Ok(Action::AuthenticateOidc { oidc: Box::new(oidc), then: Box::new(then) })
}

fn client_secret(ctx: &mut Ctx, config: &api::AuthenticateOidcActionConfig, old: Option<&Action>) -> OpResult<ClientSecret> {
    match (&config.client_secret, config.use_existing_client_secret.unwrap_or(false), old) {
        (Some(_), true, _) => Err(validation("ClientSecret and UseExistingClientSecret cannot be specified together").into()),
        (None, true, Some(Action::AuthenticateOidc { oidc, .. })) => Ok(oidc.client_secret.clone()),
        (None, true, _) => Err(invalid("There is no existing client secret").into()),
        (given, false, _) => {
            let given = Zeroizing::new(required("ClientSecret", given, TEXT_CHARS_MAX)?);
            let id = super::check::new_id(ctx);
            let mut whole = Zeroizing::new(Vec::with_capacity(CLIENT_SECRET_SALT_BYTES + given.len()));
            for _ in 0..CLIENT_SECRET_SALT_BYTES / 8 {
                whole.extend_from_slice(&ctx.rng().u64().to_le_bytes());
            }
            whole.extend_from_slice(given.as_bytes());
            let sealed = seal::ask(ctx, client_secret_purpose(&id), whole)?.into();
            Ok(ClientSecret::Sealed { id, sealed })
        }
    }
}

fn required(what: &str, given: &Option<String>, max: usize) -> Result<String, AwsError> {
    let text = given.clone().unwrap_or_default();
    if text.is_empty() || text.len() > max || text.chars().any(char::is_control) {
        return Err(validation(format!("{what} must have from 1 to {max} characters")));
    }
    Ok(text)
}

fn optional(what: &str, given: &Option<String>, default: &str, max: usize) -> Result<String, AwsError> {
    if given.is_some() { required(what, given, max) } else { Ok(default.to_owned()) }
}

pub fn shown(oidc: &Oidc) -> api::AuthenticateOidcActionConfig {
    let word = WORDS.iter().find(|(_, v)| *v == oidc.on_unauthenticated).map(|(w, _)| (*w).to_owned());
    api::AuthenticateOidcActionConfig {
        authentication_request_extra_params: Some(oidc.extra_params.clone()).filter(|p| !p.is_empty()),
        authorization_endpoint: Some(oidc.authorization_endpoint.clone()),
        client_id: Some(oidc.client_id.clone()),
        client_secret: None,
        issuer: Some(oidc.issuer.clone()),
        on_unauthenticated_request: word,
        scope: Some(oidc.scope.clone()),
        session_cookie_name: Some(oidc.session_cookie_name.clone()),
        session_timeout: Some(oidc.session_timeout_seconds.into()),
        token_endpoint: Some(oidc.token_endpoint.clone()),
        use_existing_client_secret: None,
        user_info_endpoint: Some(oidc.user_info_endpoint.clone()),
    }
}
