//! The keys of identity providers.
//!
//! Nothing here reaches out to a network: a region must start and stay without one, and an address that a user names is not to
//! be asked from inside. The operator gives the keys (`stratocell oidc add-keys ISSUER FILE`), again when the provider
//! rotates them; docs/decisions says more.

use super::rows::OidcKeys;
use crate::db::{Db, system_account};
use ::iam::jwt;
use aws_protocol::AwsError;
use types::TimestampMs;

/// Providers whose keys are held.
const PROVIDERS_MAX: usize = 1000;
const URL_CHARS_MAX: usize = 255;

/// As keys are kept: without the scheme and a last slash.
pub fn plain(issuer: &str) -> &str {
    issuer.strip_prefix("https://").unwrap_or(issuer).trim_end_matches('/')
}

/// Sets the keys of an issuer; none take them away. Answers how many of them can sign.
///
/// # Errors
/// `InvalidInput`, `LimitExceeded`; `NoSuchEntity` for keys to take away that are not there.
pub fn set_keys(db: &mut Db, now: TimestampMs, issuer: &str, jwks: Option<String>) -> Result<usize, AwsError> {
    let url = plain(issuer);
    let fits = !url.is_empty() && url.len() <= URL_CHARS_MAX && url.bytes().all(|b| b.is_ascii_graphic());
    if !fits {
        return Err(AwsError::new("InvalidInput", format!("An issuer is a URL of at most {URL_CHARS_MAX} characters.")));
    }
    let held = db.get::<OidcKeys>(&system_account(), url).is_some();
    let Some(jwks) = jwks else {
        if !held {
            return Err(AwsError::new("NoSuchEntity", format!("There are no keys of {url}.")));
        }
        db.delete::<OidcKeys>(&system_account(), url);
        return Ok(0);
    };
    let usable = jwt::usable_keys(&jwks).filter(|n| *n > 0);
    let usable = usable.ok_or_else(|| {
        AwsError::new("InvalidInput", "It is not a JWK set with an RSA key or one of the curves P-256 and P-384 (RFC 7517).")
    })?;
    if !held && db.all::<OidcKeys>().count() >= PROVIDERS_MAX {
        return Err(AwsError::new("LimitExceeded", format!("Keys of {PROVIDERS_MAX} providers are held already.")));
    }
    db.put(OidcKeys { url: url.to_owned(), jwks, set: now });
    Ok(usable)
}
