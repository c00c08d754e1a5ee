//! The two calls to a provider: a code for tokens, a token for claims. To the configured endpoints only, over TLS, each answer bounded.

use super::Oidc;
use crate::transport::Dialer;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue};
use hyper::{Method, Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use serde_json::Value;
use std::time::Duration;
use tokio_rustls::TlsConnector;
use zeroize::Zeroizing;

/// Both calls together.
const TIMEOUT: Duration = Duration::from_secs(10);
const ANSWER_BYTES_MAX: usize = 64 << 10;

/// Why nobody was signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// No connection, no TLS, no answer in time, or none that can be understood.
    Unreachable,
    /// It says no, or what it says is not for this client and this sign-in.
    Refused,
}

/// Who a user is.
#[derive(Debug)]
pub struct Claims {
    pub access_token: String,
    pub subject: String,
    pub claims: Value,
}

#[derive(Debug)]
pub struct Endpoint {
    uri: Uri,
    host: String,
}

impl Endpoint {
    /// # Errors
    /// It is no `https://` address.
    pub fn parse(text: &str) -> Result<Self, String> {
        let bad = || format!("\"{text}\" is no https address");
        let uri: Uri = text.parse().map_err(|_| bad())?;
        let host = uri.host().map(|h| h.trim_matches(['[', ']']).to_owned()).filter(|h| !h.is_empty()).ok_or_else(bad)?;
        let plain = uri.scheme_str() == Some("https") && !uri.authority().is_some_and(|a| a.as_str().contains('@'));
        if plain { Ok(Self { uri, host }) } else { Err(bad()) }
    }
}

/// `redirect_uri`: as it was said to the authorization endpoint; `nonce`: what the ID token must hold.
pub async fn claims(
    oidc: &Oidc,
    dialer: &Dialer,
    code: &str,
    redirect_uri: &str,
    nonce: &str,
    now_s: u64,
) -> Result<Claims, Failure> {
    let work = async {
        let form = Zeroizing::new(format!(
            "grant_type=authorization_code&code={}&redirect_uri={}&client_id={}",
            super::encoded(code),
            super::encoded(redirect_uri),
            super::encoded(&oidc.spec.client_id)
        ));
        // RFC 6749 2.3.1: form-encoded, then Basic.
        let pair = Zeroizing::new(format!("{}:{}", super::encoded(&oidc.spec.client_id), super::encoded(&oidc.secret)));
        let basic = Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())));
        let tokens = call(oidc, dialer, &oidc.token, &basic, Some(&form)).await?;
        let text = |v: &Value, key: &str| v.get(key).and_then(Value::as_str).map(str::to_owned);
        let access_token = text(&tokens, "access_token").filter(|t| !t.is_empty()).ok_or(Failure::Refused)?;
        let id_token = text(&tokens, "id_token").ok_or(Failure::Refused)?;
        let subject = subject(&id_token, oidc, nonce, now_s).ok_or(Failure::Refused)?;
        let bearer = Zeroizing::new(format!("Bearer {access_token}"));
        let claims = call(oidc, dialer, &oidc.user_info, &bearer, None).await?;
        // OpenID Connect Core 5.3.2: they must be the same.
        if text(&claims, "sub").as_deref() != Some(&subject) {
            return Err(Failure::Refused);
        }
        Ok(Claims { access_token, subject, claims })
    };
    tokio::time::timeout(TIMEOUT, work).await.unwrap_or(Err(Failure::Unreachable))
}

/// The subject of an ID token that came from the token endpoint itself: TLS stands for its signature (OpenID Connect Core
/// 3.1.3.7, 6).
fn subject(id_token: &str, oidc: &Oidc, nonce: &str, now_s: u64) -> Option<String> {
    let payload = id_token.split('.').nth(1)?;
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?).ok()?;
    let client = oidc.spec.client_id.as_str();
    let audience = match &claims["aud"] {
        Value::String(one) => one == client,
        Value::Array(many) => many.iter().any(|a| a == client),
        _ => false,
    };
    let holds = audience
        && claims["iss"] == oidc.spec.issuer.as_str()
        && claims["nonce"] == nonce
        && claims["exp"].as_u64().is_some_and(|e| e > now_s);
    holds.then(|| claims["sub"].as_str().map(str::to_owned)).flatten().filter(|s| !s.is_empty())
}

/// A form: POST; none: GET. The answer is JSON.
async fn call(
    oidc: &Oidc,
    dialer: &Dialer,
    to: &Endpoint,
    authorization: &str,
    form: Option<&Zeroizing<String>>,
) -> Result<Value, Failure> {
    let gone = |error: &dyn std::fmt::Display| {
        tracing::warn!(host = to.host, %error, "an identity provider cannot be reached");
        Failure::Unreachable
    };
    let port = to.uri.port_u16().unwrap_or(443);
    let mut addresses = tokio::net::lookup_host((to.host.as_str(), port)).await.map_err(|e| gone(&e))?;
    let address = addresses.next().ok_or_else(|| gone(&"its name has no address"))?;
    let plain = dialer.dial(address).await.map_err(|e| gone(&e))?;
    let name = ServerName::try_from(to.host.clone()).map_err(|e| gone(&e))?;
    let stream = TlsConnector::from(oidc.tls.clone()).connect(name, plain).await.map_err(|e| gone(&e))?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|e| gone(&e))?;
    let carrier = tokio::task::spawn_local(connection);
    let path = to.uri.path_and_query().map_or("/", |p| p.as_str());
    let host = to.uri.authority().map_or(to.host.as_str(), |a| a.as_str());
    let mut authorization = HeaderValue::from_str(authorization).map_err(|e| gone(&e))?;
    authorization.set_sensitive(true);
    let request = Request::builder().uri(path).header(HOST, host).header(AUTHORIZATION, authorization);
    let request = request.header(ACCEPT, "application/json");
    let request = match form {
        Some(form) => request
            .method(Method::POST)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Full::new(Bytes::copy_from_slice(form.as_bytes()))),
        None => request.body(Full::default()),
    };
    let answer = sender.send_request(request.map_err(|e| gone(&e))?).await.map_err(|e| gone(&e))?;
    let status = answer.status();
    let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await;
    carrier.abort();
    if status != StatusCode::OK {
        tracing::warn!(host = to.host, %status, "an identity provider refuses");
        return Err(if status.is_server_error() { Failure::Unreachable } else { Failure::Refused });
    }
    let bytes = body.map_err(|e| gone(&e))?.to_bytes();
    serde_json::from_slice::<Value>(&bytes).ok().filter(Value::is_object).ok_or_else(|| gone(&"its answer is no JSON object"))
}
