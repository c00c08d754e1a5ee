//! `authenticate-oidc`: users sign in at a provider (OpenID Connect, code flow) before a rule's other action is done.
//!
//! ```text
//!  no session ──► 302 to the provider (state sealed, nonce in a cookie) ──► user signs in ──► /oauth2/idpresponse?code&state
//!                                                                                             │ exchange: tokens, claims
//!  session (cookies, sealed) ◄── 302 to where the user wanted to go ◄─────────────────────────┘
//! ```
//! Nothing of a session is kept here: every node with the same secret reads it, also after a restart. What targets are told
//! (`x-amzn-oidc-*`) is said by nobody else. Statuses are AWS's: 401 nobody, 561 the provider refuses, 500 it cannot be reached.
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html>

mod cookie;
mod exchange;

use crate::compile::Act;
use crate::headers;
use crate::reply;
use crate::state::Shared;
use crate::tls::Unseal;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use aws_lc_rs::{digest, hkdf, rand};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use bytes::Bytes;
use cookie::Sealer;
use exchange::{Endpoint, Failure};
use hyper::header::{CACHE_CONTROL, HeaderMap, HeaderName, HeaderValue, LOCATION, SET_COOKIE};
use hyper::{Response, StatusCode};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use wire::balancer::{CLIENT_SECRET_SALT_BYTES, ClientSecret, OnUnauthenticated, client_secret_purpose};
use zeroize::Zeroizing;

/// Where providers send users back to.
pub const CALLBACK: &str = "/oauth2/idpresponse";
const NONCE_COOKIE: &str = "AWSALBAuthNonce";
/// AWS: "client login timeout", 15 minutes.
const SIGN_IN_SECONDS: u64 = 900;
/// A longer way back leads to `/`.
const WAY_BACK_CHARS_MAX: usize = 2048;
/// Sign-ins whose provider is being asked, in the whole process.
const SIGN_INS_MAX: u32 = 64;
const NONCE_BYTES: usize = 16;
/// What Debian's and its descendants' `ca-certificates` makes.
const AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";

const TOLD: [HeaderName; 3] = [
    HeaderName::from_static("x-amzn-oidc-data"),
    HeaderName::from_static("x-amzn-oidc-identity"),
    HeaderName::from_static("x-amzn-oidc-accesstoken"),
];

#[derive(Debug)]
pub struct Oidc {
    spec: wire::balancer::Oidc,
    secret: Zeroizing<String>,
    sealer: Sealer,
    signer: EcdsaKeyPair,
    /// Names the signer's key to targets.
    key_id: String,
    token: Endpoint,
    user_info: Endpoint,
    tls: Arc<ClientConfig>,
    pub then: Box<Act>,
}

/// In a user's cookies.
#[derive(Debug, Serialize, Deserialize)]
pub struct Session {
    subject: String,
    claims: Value,
    access_token: String,
    /// Unix seconds.
    until: u64,
}

/// On its way to the provider and back.
#[derive(Debug, Serialize, Deserialize)]
struct SignIn {
    way_back: String,
    redirect_uri: String,
    nonce: String,
    until: u64,
}

pub enum Verdict {
    /// None: nobody is signed in, and need not be.
    Go(Option<Box<Session>>),
    Answer(Response<Bytes>, &'static str),
}

impl Oidc {
    /// # Errors
    /// What is wrong with it, as a sentence.
    pub fn compile(spec: &wire::balancer::Oidc, unseal: Unseal<'_>, then: Act) -> Result<Self, String> {
        let bounded = |what: &str, text: &str, max: usize| match text.len() {
            n if n == 0 || n > max || text.bytes().any(|b| b.is_ascii_control()) => {
                Err(format!("{what} has 1 to {max} characters"))
            }
            _ => Ok(()),
        };
        bounded("client_id", &spec.client_id, 1024)?;
        bounded("scope", &spec.scope, 1024)?;
        bounded("issuer", &spec.issuer, 2048)?;
        bounded("session_cookie_name", &spec.session_cookie_name, 128)?;
        if HeaderName::from_bytes(spec.session_cookie_name.as_bytes()).is_err() {
            return Err(format!("\"{}\" is no name for a cookie", spec.session_cookie_name));
        }
        if !(1..=604_800).contains(&spec.session_timeout_seconds) {
            return Err(format!("session_timeout_seconds is 1 to 604800, not {}", spec.session_timeout_seconds));
        }
        if spec.extra_params.len() > 10 {
            return Err(format!("{} extra parameters, at most 10", spec.extra_params.len()));
        }
        Endpoint::parse(&spec.authorization_endpoint)?;
        HeaderValue::from_str(&spec.authorization_endpoint).map_err(|e| e.to_string())?;
        let (material, secret) = secret(&spec.client_secret, unseal)?;
        let sealer = Sealer::new(&*derived(&material, "session", 0)).ok_or("its session key cannot be made")?;
        let signer = signer(&material).ok_or("its signing key cannot be made")?;
        let key_id = hex(&digest::digest(&digest::SHA256, signer.public_key().as_ref()).as_ref()[..16]);
        Ok(Self {
            secret,
            sealer,
            signer,
            key_id,
            token: Endpoint::parse(&spec.token_endpoint)?,
            user_info: Endpoint::parse(&spec.user_info_endpoint)?,
            tls: authorities(spec.authorities_file.as_deref())?,
            spec: spec.clone(),
            then: Box::new(then),
        })
    }

    /// The key that `x-amzn-oidc-data` is signed by: its id, and PEM.
    pub fn public_key(&self) -> (String, String) {
        // SubjectPublicKeyInfo of a point on P-256 (RFC 5480).
        let head = [
            0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
            0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
        ];
        let text = STANDARD.encode([&head[..], self.signer.public_key().as_ref()].concat());
        let lines: Vec<&str> = text.as_bytes().chunks(64).filter_map(|l| std::str::from_utf8(l).ok()).collect();
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"));
        (self.key_id.clone(), pem)
    }

    fn purpose(&self, what: &str) -> String {
        format!("{what}\n{}\n{}\n{}", self.spec.session_cookie_name, self.spec.client_id, self.spec.issuer)
    }

    /// Of a request to `https://<host><target>`.
    pub fn judge(&self, headers: &HeaderMap, host: &str, target: &str, now_s: u64) -> Verdict {
        let session = cookie::shards(&self.spec.session_cookie_name, headers)
            .and_then(|text| self.sealer.open(&self.purpose("session"), &text))
            .and_then(|plain| serde_json::from_slice::<Session>(&plain).ok())
            .filter(|s| s.until > now_s);
        match (session, self.spec.on_unauthenticated) {
            (Some(session), _) => Verdict::Go(Some(Box::new(session))),
            (None, OnUnauthenticated::Allow) => Verdict::Go(None),
            (None, OnUnauthenticated::Deny) => Verdict::Answer(reply::page(StatusCode::UNAUTHORIZED), "oidc-denied"),
            (None, OnUnauthenticated::Authenticate) => match self.send_away(headers, host, target, now_s) {
                Some(answer) => Verdict::Answer(answer, "oidc-sent-to-provider"),
                None => Verdict::Answer(reply::page(StatusCode::INTERNAL_SERVER_ERROR), "oidc-no-randomness"),
            },
        }
    }

    fn send_away(&self, headers: &HeaderMap, host: &str, target: &str, now_s: u64) -> Option<Response<Bytes>> {
        // Several pages that are opened at once share one nonce.
        let nonce = match headers::cookie(headers, NONCE_COOKIE).filter(|n| is_nonce(n)) {
            Some(nonce) => nonce.to_owned(),
            None => {
                let mut bytes = [0; NONCE_BYTES];
                rand::fill(&mut bytes).ok()?;
                URL_SAFE_NO_PAD.encode(bytes)
            }
        };
        let target = if target.len() > WAY_BACK_CHARS_MAX { "/" } else { target };
        let redirect_uri = format!("https://{host}{CALLBACK}");
        let sign_in = SignIn {
            way_back: format!("https://{host}{target}"),
            redirect_uri: redirect_uri.clone(),
            nonce: nonce.clone(),
            until: now_s + SIGN_IN_SECONDS,
        };
        let state = self.sealer.seal(&self.purpose("state"), serde_json::to_vec(&sign_in).ok()?)?;
        let mut location = self.spec.authorization_endpoint.clone();
        let mut mark = if location.contains('?') { '&' } else { '?' };
        let own = [
            ("client_id", self.spec.client_id.as_str()),
            ("response_type", "code"),
            ("scope", &self.spec.scope),
            ("redirect_uri", &redirect_uri),
            ("state", &state),
            ("nonce", &digested(&nonce)),
        ];
        let extra = self.spec.extra_params.iter().map(|(k, v)| (k.as_str(), v.as_str()));
        for (key, value) in own.into_iter().chain(extra.filter(|(k, _)| own.iter().all(|(o, _)| o != k))) {
            location.push(mark);
            location.push_str(&format!("{}={}", encoded(key), encoded(value)));
            mark = '&';
        }
        let mut answer = found(&location)?;
        let cookie = format!("{NONCE_COOKIE}={nonce}; Max-Age={SIGN_IN_SECONDS}; Path=/; Secure; HttpOnly");
        answer.headers_mut().append(SET_COOKIE, HeaderValue::from_str(&cookie).ok()?);
        Some(answer)
    }

    /// The sign-in that a state stands for, if it is this action's.
    fn sign_in(&self, state: &str) -> Option<SignIn> {
        serde_json::from_slice(&self.sealer.open(&self.purpose("state"), state)?).ok()
    }

    fn signed_in(&self, sign_in: &SignIn, who: exchange::Claims, now_s: u64) -> Option<Response<Bytes>> {
        let seconds = self.spec.session_timeout_seconds;
        let until = now_s + u64::from(seconds);
        let session = Session { subject: who.subject, claims: who.claims, access_token: who.access_token, until };
        let text = self.sealer.seal(&self.purpose("session"), serde_json::to_vec(&session).ok()?)?;
        let mut answer = found(&sign_in.way_back)?;
        cookie::set_shards(&self.spec.session_cookie_name, &text, seconds, answer.headers_mut())?;
        let gone = HeaderValue::from_static("AWSALBAuthNonce=; Max-Age=0; Path=/; Secure; HttpOnly");
        answer.headers_mut().append(SET_COOKIE, gone);
        Some(answer)
    }

    /// Tells a target who it is; nobody: that nobody is.
    pub fn tell(&self, session: Option<&Session>, balancer: &str, headers: &mut HeaderMap) {
        strip(headers);
        let Some(session) = session else { return };
        let [data, identity, token] = TOLD;
        let head = json!({"typ": "JWT", "kid": self.key_id, "alg": "ES256", "iss": self.spec.issuer, "client": self.spec.client_id,
            "signer": balancer, "exp": session.until});
        // AWS pads, against RFC 7515; libraries that take its tokens take these.
        let signed = format!("{}.{}", URL_SAFE.encode(head.to_string()), URL_SAFE.encode(session.claims.to_string()));
        let signature = self.signer.sign(&aws_lc_rs::rand::SystemRandom::new(), signed.as_bytes());
        let jwt = signature.ok().map(|s| format!("{signed}.{}", URL_SAFE.encode(s.as_ref())));
        let told = [(data, jwt), (identity, Some(session.subject.clone())), (token, Some(session.access_token.clone()))];
        for (name, value) in told {
            if let Some(value) = value.and_then(|v| HeaderValue::from_str(&v).ok()) {
                headers.insert(name, value);
            }
        }
    }
}

/// Only the balancer says these.
pub fn strip(headers: &mut HeaderMap) {
    for name in &TOLD {
        headers.remove(name);
    }
}

/// A user comes back from a provider: from one of `all`, by the state.
pub async fn callback(
    shared: &Shared,
    all: &[&Oidc],
    headers: &HeaderMap,
    query: &str,
    now_s: u64,
) -> (Response<Bytes>, &'static str) {
    let page = |status: u16| reply::page(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
    let state = parameter(query, "state").unwrap_or_default();
    let Some((oidc, sign_in)) = all.iter().find_map(|o| Some((*o, o.sign_in(&state)?))) else {
        return (page(401), "oidc-state-refused");
    };
    let brought = headers::cookie(headers, NONCE_COOKIE).unwrap_or_default();
    let same = verify_slices_are_equal(brought.as_bytes(), sign_in.nonce.as_bytes()).is_ok();
    if !same || sign_in.until <= now_s {
        return (page(401), "oidc-state-refused");
    }
    let Some(code) = parameter(query, "code").filter(|_| parameter(query, "error").is_none()) else {
        return (page(561), "oidc-provider-refused");
    };
    let Some(_place) = Place::take(shared) else { return (reply::busy(1), "oidc-busy") };
    let nonce = digested(&sign_in.nonce);
    match exchange::claims(oidc, &shared.dialer, &code, &sign_in.redirect_uri, &nonce, now_s).await {
        Ok(who) => match oidc.signed_in(&sign_in, who, now_s) {
            Some(answer) => (answer, "oidc-signed-in"),
            None => (page(500), "oidc-claims-too-long"),
        },
        Err(Failure::Refused) => (page(561), "oidc-provider-refused"),
        Err(Failure::Unreachable) => (page(500), "oidc-provider-unreachable"),
    }
}

/// Of [`SIGN_INS_MAX`].
struct Place<'a>(&'a Shared);

impl<'a> Place<'a> {
    fn take(shared: &'a Shared) -> Option<Self> {
        let now = shared.sign_ins.get();
        (now < SIGN_INS_MAX).then(|| {
            shared.sign_ins.set(now + 1);
            Self(shared)
        })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.sign_ins.set(self.0.sign_ins.get() - 1);
    }
}

/// The whole that keys are made of, and the secret in it.
fn secret(secret: &ClientSecret, unseal: Unseal<'_>) -> Result<(Zeroizing<Vec<u8>>, Zeroizing<String>), String> {
    let (material, from) = match secret {
        ClientSecret::Sealed { id, sealed } => {
            let unseal = unseal.ok_or("this balancer cannot open sealed secrets")?;
            let material = unseal(&client_secret_purpose(id), sealed).ok_or("its client secret cannot be opened")?;
            (material, CLIENT_SECRET_SALT_BYTES)
        }
        ClientSecret::File { secret_file } => {
            let read = std::fs::read(secret_file).map_err(|e| format!("cannot read {}: {e}", secret_file.display()))?;
            (Zeroizing::new(read.trim_ascii_end().to_vec()), 0)
        }
    };
    let text = material.get(from..).and_then(|s| std::str::from_utf8(s).ok()).filter(|s| !s.is_empty());
    let text = Zeroizing::new(text.ok_or("its client secret is empty or no text")?.to_owned());
    Ok((material, text))
}

fn derived(material: &[u8], what: &str, turn: u8) -> Zeroizing<[u8; 32]> {
    let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"stratocell oidc");
    let mut out = Zeroizing::new([0; 32]);
    let info = [what.as_bytes(), &[turn]];
    // Thirty-two bytes of SHA-256 are there.
    let _ = salt.extract(material).expand(&info, hkdf::HKDF_SHA256).and_then(|okm| okm.fill(&mut out[..]));
    out
}

fn signer(material: &[u8]) -> Option<EcdsaKeyPair> {
    (0..8).find_map(|turn| {
        let scalar = derived(material, "signer", turn);
        // ECPrivateKey (RFC 5915) on P-256.
        let mut der = Zeroizing::new(vec![0x30, 0x31, 0x02, 0x01, 0x01, 0x04, 0x20]);
        der.extend_from_slice(&*scalar);
        der.extend_from_slice(&[0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]);
        EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_FIXED_SIGNING, &der).ok()
    })
}

/// Of a provider's certificate. A machine without authorities trusts no provider; a file that was named must be there.
fn authorities(file: Option<&std::path::Path>) -> Result<Arc<ClientConfig>, String> {
    let mut roots = RootCertStore::empty();
    let path = file.unwrap_or(AUTHORITIES.as_ref());
    match CertificateDer::pem_file_iter(path) {
        Ok(found) => {
            roots.add_parsable_certificates(found.filter_map(Result::ok));
        }
        Err(e) if file.is_some() => return Err(format!("cannot read {}: {e}", path.display())),
        Err(error) => tracing::warn!(path = %path.display(), %error, "no authorities: no identity provider is trusted"),
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(|e| e.to_string())?;
    Ok(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()))
}

fn found(location: &str) -> Option<Response<Bytes>> {
    let mut answer = reply::page(StatusCode::FOUND);
    answer.headers_mut().insert(LOCATION, HeaderValue::from_str(location).ok()?);
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Some(answer)
}

fn digested(nonce: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, nonce.as_bytes()))
}

fn is_nonce(text: &str) -> bool {
    URL_SAFE_NO_PAD.decode(text).is_ok_and(|b| b.len() == NONCE_BYTES)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// For a query or a form (RFC 3986 2.3).
fn encoded(text: &str) -> String {
    let one = |b: u8| match b {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(b).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(one).collect()
}

/// The first of this name in a query, decoded. None: it is not there, or not text.
fn parameter(query: &str, name: &str) -> Option<String> {
    let value = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        match first {
            b'%' => {
                let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
                out.push(u8::from_str_radix(digits, 16).ok()?);
                rest = &rest[2..];
            }
            b'+' => out.push(b' '),
            other => out.push(*other),
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries() {
        for (query, name, value) in [
            ("code=a%20b+c&state=x", "code", Some("a b c")),
            ("code=a&state=x", "state", Some("x")),
            ("xcode=a", "code", None),
            ("code", "code", None),
            ("code=%4", "code", None),
            ("code=%ff", "code", None),
            ("code=", "code", Some("")),
        ] {
            assert_eq!(parameter(query, name).as_deref(), value, "{query}");
        }
        let odd = "a b&c=/ü%";
        assert_eq!(parameter(&format!("k={}", encoded(odd)), "k").as_deref(), Some(odd));
    }
}
