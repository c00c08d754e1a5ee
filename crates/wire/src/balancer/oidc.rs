//! Users who prove to a provider (OpenID Connect) who they are before a rule's other action is done.

use crate::kms::Hex;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// `authenticate-oidc`. Endpoints are `https://…`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Oidc {
    pub issuer: String,
    pub authorization_endpoint: String,
    pub token_endpoint: String,
    pub user_info_endpoint: String,
    pub client_id: String,
    pub client_secret: ClientSecret,
    #[serde(default = "session_cookie_name")]
    pub session_cookie_name: String,
    #[serde(default = "scope")]
    pub scope: String,
    /// 1 to 604,800 seconds.
    #[serde(default = "session_timeout_seconds")]
    pub session_timeout_seconds: u32,
    /// Further query parameters of the authorization endpoint, at most 10.
    #[serde(default)]
    pub extra_params: BTreeMap<String, String>,
    #[serde(default)]
    pub on_unauthenticated: OnUnauthenticated,
    /// PEM: who may vouch for the provider. None: the authorities of the machine.
    #[serde(default)]
    pub authorities_file: Option<PathBuf>,
}

fn session_cookie_name() -> String {
    "AWSELBAuthSessionCookie".to_owned()
}

fn scope() -> String {
    "openid".to_owned()
}

fn session_timeout_seconds() -> u32 {
    604_800
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnUnauthenticated {
    /// 401
    Deny,
    /// The other action is done, and targets are told of nobody.
    Allow,
    /// To the provider.
    #[default]
    Authenticate,
}

/// Bytes of the region's own before the secret in what is sealed: sessions are sealed under keys made of the whole.
pub const CLIENT_SECRET_SALT_BYTES: usize = 32;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum ClientSecret {
    /// From the region: [`CLIENT_SECRET_SALT_BYTES`], then the secret.
    Sealed { id: String, sealed: Hex },
    /// For a balancer on its own: the secret alone. Several nodes with the same file know each other's sessions.
    File { secret_file: PathBuf },
}

/// What a client secret is sealed for, by its id.
pub fn client_secret_purpose(id: &str) -> String {
    format!("balancer client secret {id}")
}
