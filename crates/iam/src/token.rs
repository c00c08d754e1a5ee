//! Session tokens: temporary credentials that say themselves whose they are, so that any gateway checks them with no state.
//!
//! ```text
//!  token  = base64( version 1 | key id 4 | nonce 12 | AES-256-GCM(claims) | tag 16 )     bound to the access key id
//!  secret = base64( first 30 bytes of HMAC-SHA256(nonce, access key id) )
//! ```
//!
//! All keys are derived from the region's [`SessionKey`]s, which the control plane makes, rotates and pushes. The newest one
//! seals, all of them open. The control plane seals, whoever proves callers opens; both are pure functions. A changed byte
//! anywhere, another access key, another region's key: [`Refused::Invalid`], and nothing tells which.
//!
//! Not here: whether the user or role still exists (the directory knows), and the policies of a role, which are never in its
//! tokens, so that a changed policy bears on old sessions too.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use types::{AccountId, TimestampMs};
use wire::identity::{Principal, PrincipalKind, Session, SessionKey};

/// The first byte of every token; another layout gets another number.
const VERSION: u8 = 1;
const HEAD_BYTES: usize = 1 + 4 + NONCE_LEN;
/// What a token may carry. With the tag and in base64 it stays well below the 8 KiB that S3 takes of headers in all.
pub const CLAIMS_BYTES_MAX: usize = 4096;
const TOKEN_CHARS_MAX: usize = (HEAD_BYTES + CLAIMS_BYTES_MAX + 16).div_ceil(3) * 4;
/// Of a sealed message: 10,240 characters, the bound of `EncodedMessage` (STS API Reference, DecodeAuthorizationMessage).
pub const MESSAGE_CHARS_MAX: usize = 10_240;
/// A clock may be this much behind the one that issued: as far as signatures may be off.
pub const SKEW_MS_MAX: u64 = 15 * 60 * 1000;
/// Instances' credentials are taken for so long after their end while the control plane is out.
pub const GRACE_MS: u64 = 15 * 60 * 1000;
/// Access key ids of temporary credentials begin with it.
pub const PREFIX: &str = "ASIA";
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const SECRET_BYTES: usize = 30;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Not sealed here, or not with this access key; also: not begun yet.
    #[error("the token is not one of this region for this access key")]
    Invalid,
    #[error("the token has expired")]
    Expired,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    #[error("there is no session key yet")]
    NoKey,
    #[error("{bytes} bytes of policies and tags are more than the {CLAIMS_BYTES_MAX} that a token carries")]
    TooLarge { bytes: usize },
}

/// Temporary credentials. Never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    pub access_key: String,
    pub secret_key: String,
    pub token: String,
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sealed").field("access_key", &self.access_key).finish_non_exhaustive()
    }
}

/// What a token says, proven to have been sealed here: not that it is still good.
#[derive(Clone, PartialEq, Eq)]
pub struct Opened {
    pub principal: Principal,
    pub secret_key: String,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened").field("principal", &self.principal).finish_non_exhaustive()
    }
}

struct Derived {
    id: u32,
    token: LessSafeKey,
    secret: hmac::Key,
    message: LessSafeKey,
}

/// The keys in force, newest last.
#[derive(Default)]
pub struct TokenKeys(Vec<Derived>);

impl std::fmt::Debug for TokenKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|k| k.id)).finish()
    }
}

impl Derived {
    fn new(key: &SessionKey) -> Option<Self> {
        let mut bytes = hex::decode(&key.key).ok().filter(|b| b.len() == 32)?;
        let root = hmac::Key::new(hmac::HMAC_SHA256, &bytes);
        bytes.fill(0);
        let of = |purpose: &str| hmac::sign(&root, purpose.as_bytes());
        let cipher = |purpose: &str| UnboundKey::new(&AES_256_GCM, of(purpose).as_ref()).ok().map(LessSafeKey::new);
        Some(Self {
            id: key.id,
            token: cipher("stratocell session token 1")?,
            secret: hmac::Key::new(hmac::HMAC_SHA256, of("stratocell session secret 1").as_ref()),
            message: cipher("stratocell authorization message 1")?,
        })
    }

    fn secret(&self, nonce: &[u8; NONCE_LEN], access_key: &str) -> String {
        let tag = hmac::sign(&self.secret, &[nonce, access_key.as_bytes()].concat());
        STANDARD.encode(&tag.as_ref()[..SECRET_BYTES])
    }
}

impl TokenKeys {
    /// A key that is none is left out: what it sealed cannot be opened.
    pub fn new(keys: &[SessionKey]) -> Self {
        let mut keys: Vec<_> = keys.iter().filter_map(Derived::new).collect();
        keys.sort_by_key(|k| k.id);
        Self(keys)
    }

    /// Credentials for `principal`, which has a session. `random`: unused before, from the kernel.
    ///
    /// # Errors
    /// `NoKey`; `TooLarge`, which the session's policies and tags are to blame for.
    pub fn seal(&self, principal: &Principal, random: [u128; 2]) -> Result<Sealed, SealError> {
        let key = self.0.last().ok_or(SealError::NoKey)?;
        let claims = postcard::to_allocvec(&Claims::of(principal)).map_err(|_| SealError::TooLarge { bytes: usize::MAX })?;
        if claims.len() > CLAIMS_BYTES_MAX {
            return Err(SealError::TooLarge { bytes: claims.len() });
        }
        let access_key = access_key(&principal.account, random[1]);
        let nonce = nonce(random[0]);
        let token = close(&key.token, key.id, &nonce, &access_key, claims);
        Ok(Sealed { secret_key: key.secret(&nonce, &access_key), access_key, token })
    }

    /// Who a token of this access key stands for, and the secret that its requests are signed with.
    ///
    /// # Errors
    /// `Invalid` alone: [`in_time`] judges the rest.
    pub fn open(&self, access_key: &str, token: &str) -> Result<Opened, Refused> {
        if token.len() > TOKEN_CHARS_MAX || !access_key.starts_with(PREFIX) {
            return Err(Refused::Invalid);
        }
        let (key, nonce, mut claims) = self.unseal(token, access_key, |k| &k.token).ok_or(Refused::Invalid)?;
        let principal = decode(&claims).ok_or(Refused::Invalid);
        claims.fill(0);
        let principal = principal?;
        if account_of(access_key).as_ref() != Some(&principal.account) {
            return Err(Refused::Invalid);
        }
        Ok(Opened { principal, secret_key: key.secret(&nonce, access_key) })
    }

    /// A text that only this region reads again, for this account.
    pub fn seal_message(&self, account: &AccountId, text: &str, random: u128) -> Option<String> {
        let key = self.0.last()?;
        let sealed = close(&key.message, key.id, &nonce(random), account.as_str(), text.as_bytes().to_vec());
        (sealed.len() <= MESSAGE_CHARS_MAX).then_some(sealed)
    }

    /// None: it was sealed elsewhere, for another account, or changed.
    pub fn open_message(&self, account: &AccountId, sealed: &str) -> Option<String> {
        let within = sealed.len() <= MESSAGE_CHARS_MAX;
        let (.., text) = within.then(|| self.unseal(sealed, account.as_str(), |k| &k.message))??;
        String::from_utf8(text).ok()
    }

    fn unseal<'a>(
        &'a self,
        sealed: &str,
        bound_to: &str,
        cipher: fn(&Derived) -> &LessSafeKey,
    ) -> Option<(&'a Derived, [u8; NONCE_LEN], Vec<u8>)> {
        // The decoder refuses other spellings of the same bytes.
        let bytes = STANDARD.decode(sealed).ok()?;
        let (head, body) = bytes.split_at_checked(HEAD_BYTES)?;
        let (version, rest) = head.split_first()?;
        let (id, nonce) = rest.split_first_chunk::<4>()?;
        let nonce: [u8; NONCE_LEN] = nonce.try_into().ok()?;
        let key = self.0.iter().find(|k| *version == VERSION && k.id == u32::from_le_bytes(*id))?;
        let mut body = body.to_vec();
        let aad = Aad::from([head, bound_to.as_bytes()].concat());
        let plain = cipher(key).open_in_place(Nonce::assume_unique_for_key(nonce), aad, &mut body).ok()?.len();
        body.truncate(plain);
        Some((key, nonce, body))
    }
}

fn nonce(random: u128) -> [u8; NONCE_LEN] {
    let bytes = random.to_le_bytes();
    std::array::from_fn(|i| bytes[i])
}

#[expect(clippy::expect_used, reason = "a body within the limits above can be sealed")]
fn close(cipher: &LessSafeKey, id: u32, nonce: &[u8; NONCE_LEN], bound_to: &str, mut body: Vec<u8>) -> String {
    let head = [&[VERSION][..], &id.to_le_bytes(), nonce].concat();
    let aad = Aad::from([&head, bound_to.as_bytes()].concat());
    cipher.seal_in_place_append_tag(Nonce::assume_unique_for_key(*nonce), aad, &mut body).expect("a small body");
    STANDARD.encode([head, body].concat())
}

/// Is a session good at this time? `outage`: the control plane, which would have refreshed an instance's credentials, is out.
///
/// # Errors
/// `Expired`; `Invalid` of one that has not begun, and of no session at all.
pub fn in_time(principal: &Principal, now: TimestampMs, outage: bool) -> Result<(), Refused> {
    let session = principal.session.as_ref().ok_or(Refused::Invalid)?;
    let grace = if outage && session.instance.is_some() { GRACE_MS } else { 0 };
    if now.0 >= session.expires.0.saturating_add(grace) {
        return Err(Refused::Expired);
    }
    if session.issued.0 > now.0.saturating_add(SKEW_MS_MAX) {
        return Err(Refused::Invalid);
    }
    Ok(())
}

/// `ASIA` and 80 bits in base 32: 40 of the account's number, 40 random. As with AWS the account can be read from it.
fn access_key(account: &AccountId, random: u128) -> String {
    let bits = u128::from(number(account)) << 40 | random & ((1 << 40) - 1);
    let digits = (0..16).rev().map(|i| char::from(ALPHABET[(bits >> (5 * i)) as usize & 31]));
    PREFIX.chars().chain(digits).collect()
}

/// The account of temporary credentials' access key; `None` when it is none. Says nothing about whether it was ever given out.
pub fn account_of(access_key: &str) -> Option<AccountId> {
    let digits = access_key.strip_prefix(PREFIX).filter(|d| d.len() == 16)?;
    let bits = digits.bytes().try_fold(0u128, |n, d| Some(n << 5 | ALPHABET.iter().position(|a| *a == d)? as u128))?;
    format!("{:012}", bits >> 40).parse().ok()
}

fn number(account: &AccountId) -> u64 {
    account.as_str().parse().unwrap_or_default()
}

/// Version 1 of what a token carries, in postcard: fields are only ever added with a new version.
#[derive(Serialize, Deserialize)]
struct Claims {
    account: u64,
    who: Bearer,
    issued_ms: u64,
    expires_ms: u64,
    policies: Vec<String>,
    tags: BTreeMap<String, String>,
    transitive: Vec<String>,
    mfa_at_ms: Option<u64>,
    source_identity: Option<String>,
    provider: Option<String>,
    chained: bool,
    instance: Option<String>,
}

#[derive(Serialize, Deserialize)]
enum Bearer {
    Root,
    User {
        id: String,
        arn: String,
    },
    Role {
        id: String,
        arn: String,
        session: String,
    },
    Federated {
        id: String,
        arn: String,
        name: String,
    },
    /// Never sealed: nobody's requests have no credentials.
    Nobody,
}

impl Claims {
    fn of(p: &Principal) -> Self {
        let who = match &p.kind {
            PrincipalKind::Root => Bearer::Root,
            PrincipalKind::User { .. } => Bearer::User { id: p.user_id.clone(), arn: p.arn.clone() },
            PrincipalKind::RoleSession { role_arn, session_name } => {
                Bearer::Role { id: p.entity_id().to_owned(), arn: role_arn.clone(), session: session_name.clone() }
            }
            PrincipalKind::FederatedUser { user_arn, user_id } => {
                let name = p.user_id.split_once(':').map_or("", |(_, name)| name);
                Bearer::Federated { id: user_id.clone(), arn: user_arn.clone(), name: name.to_owned() }
            }
            PrincipalKind::Anonymous => Bearer::Nobody,
        };
        let s = p.session.as_deref().cloned().unwrap_or_default();
        Self {
            account: number(&p.account),
            who,
            issued_ms: s.issued.0,
            expires_ms: s.expires.0,
            policies: s.policies,
            tags: s.tags,
            transitive: s.transitive,
            mfa_at_ms: s.mfa_at.map(|t| t.0),
            source_identity: s.source_identity,
            provider: s.provider,
            chained: s.chained,
            instance: s.instance,
        }
    }
}

/// The caller that sealed claims are of. `None`: they are none.
pub(crate) fn decode(bytes: &[u8]) -> Option<Principal> {
    let (c, rest) = postcard::take_from_bytes::<Claims>(bytes).ok()?;
    if !rest.is_empty() {
        return None;
    }
    let account: AccountId = format!("{:012}", c.account).parse().ok()?;
    let session = Session {
        issued: TimestampMs(c.issued_ms),
        expires: TimestampMs(c.expires_ms),
        policies: c.policies,
        tags: c.tags,
        transitive: c.transitive,
        mfa_at: c.mfa_at_ms.map(TimestampMs),
        source_identity: c.source_identity,
        provider: c.provider,
        chained: c.chained,
        instance: c.instance,
    };
    let session = Some(Arc::new(session));
    Some(match c.who {
        Bearer::Root => Principal { session, ..Principal::root(account) },
        Bearer::User { id, arn } => {
            let kind = PrincipalKind::User { name: last(&arn).to_owned() };
            Principal { account, arn, user_id: id, kind, session }
        }
        Bearer::Role { id, arn, session: name } => Principal {
            arn: format!("arn:aws:sts::{account}:assumed-role/{}/{name}", last(&arn)),
            user_id: format!("{id}:{name}"),
            kind: PrincipalKind::RoleSession { role_arn: arn, session_name: name },
            account,
            session,
        },
        Bearer::Federated { id, arn, name } => Principal {
            arn: format!("arn:aws:sts::{account}:federated-user/{name}"),
            user_id: format!("{account}:{name}"),
            kind: PrincipalKind::FederatedUser { user_arn: arn, user_id: id },
            account,
            session,
        },
        Bearer::Nobody => return None,
    })
}

fn last(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or_default()
}

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;
