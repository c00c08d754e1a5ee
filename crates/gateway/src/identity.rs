//! The pushed directory of identities: in memory by access key, on disk in one file a part and a ledger for the head.
//!
//! A part is written under the name of its contents before the head that names it is in force, so a crash at any instant
//! leaves the old head with the old parts or the new with the new.

use ::kms::RootKey;
use aws_protocol::sigv4::AuthError;
use iam::token::{self, Refused, TokenKeys};
use iam::{Bundle, Directory};
use platform::rpc::RpcError;
use platform::{DataDir, Ledger, LedgerError, disk};
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::rc::Rc;
use types::{AccountId, Generation, TimestampMs};
use wire::identity::{IdentityApplied, IdentityHead, IdentityPush, Key, Part, PartHead, Principal, SessionKey};

/// More parts than this are refused whole: about a million users and roles, held in memory.
const PARTS_MAX: usize = 8192;

/// The control plane pushes at least every 5 s: unheard of for longer than this, it is out.
const OUTAGE_US: u64 = 15_000_000;

/// When something is judged.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    pub wall: TimestampMs,
    pub monotonic_us: u64,
}

/// The secret that an access key's requests are signed with, and what is told to whom has it: who it is, or why not.
pub type Found<T> = Option<(String, Result<T, AuthError>)>;

/// Finds it by the access key and the session token, where there is one.
pub type Find<'a, T> = &'a dyn Fn(&str, Option<&str>) -> Found<T>;

/// One look-up while a signature is checked, which needs the secret first and says only then whether to believe the rest.
pub struct Lookup<'a, T> {
    find: Find<'a, T>,
    token: Option<String>,
    outcome: Option<Result<T, AuthError>>,
}

impl<'a, T> Lookup<'a, T> {
    pub fn new(find: Find<'a, T>, token: Option<String>) -> Self {
        // Some clients send the header empty with a long-lived key.
        Self { find, token: token.filter(|t| !t.is_empty()), outcome: None }
    }

    pub fn secret(&mut self, access_key: &str) -> Option<String> {
        let (secret, outcome) = (self.find)(access_key, self.token.as_deref())?;
        self.outcome = Some(outcome);
        Some(secret)
    }

    pub fn has_token(&self) -> bool {
        self.token.is_some()
    }

    /// Whose signature it is, once it has been checked.
    pub fn whose<V>(self, verified: Result<V, AuthError>) -> Result<(V, T), AuthError> {
        match verified {
            Ok(v) => Ok((v, self.outcome.unwrap_or(Err(AuthError::UnknownKey))?)),
            Err(AuthError::UnknownKey) if self.token.is_some() => Err(AuthError::TokenInvalid),
            Err(e) => Err(e),
        }
    }
}

pub struct Identities {
    ledger: Ledger<IdentityHead>,
    folder: PathBuf,
    head: Option<IdentityHead>,
    directory: Directory,
    /// Digest by name, of the parts that are in the directory.
    held: HashMap<String, String>,
    /// Parts that a head will name, by name: on disk, not yet in force.
    staged: HashMap<String, (String, Part)>,
    tokens: TokenKeys,
    /// Opens what is sealed; none: it cannot be had, and nobody is known.
    root: Option<Rc<RootKey>>,
    /// When the control plane last pushed anything, microseconds; the start, before it did.
    heard_us: u64,
}

impl Identities {
    pub fn open(dir: &DataDir, root: Option<Rc<RootKey>>, monotonic_us: u64) -> Result<Self, LedgerError> {
        let (ledger, head) = Ledger::open(&dir.gateway_ledger())?;
        if let Some(problem) = &ledger.problem {
            tracing::error!(problem, "the identities must be pushed again");
        }
        let folder = dir.gateway_identities();
        disk::create_private_dir(&folder).map_err(|source| LedgerError::Write { path: folder.clone(), source })?;
        let mut out = Self {
            ledger,
            folder,
            tokens: token_keys(root.as_deref(), head.as_ref().map_or(&[], |h| &h.session_keys)),
            root,
            head: None,
            directory: Directory::default(),
            held: HashMap::new(),
            staged: HashMap::new(),
            heard_us: monotonic_us,
        };
        for head in head.iter().flat_map(|h| &h.parts) {
            match out.load(head) {
                Some(part) => {
                    out.held.insert(head.name.clone(), head.digest.clone());
                    out.directory.put(part);
                }
                None => tracing::error!(part = head.name, "a part of the identities is damaged: it must be pushed again"),
            }
        }
        out.head = head;
        Ok(out)
    }

    fn file(&self, head: &PartHead) -> PathBuf {
        self.folder.join(format!("{}.{}", head.name, &head.digest[..32]))
    }

    fn load(&self, head: &PartHead) -> Option<Part> {
        if !well_formed(head) {
            return None;
        }
        let text = std::fs::read(self.file(head)).ok()?;
        (digest(&text) == head.digest).then(|| serde_json::from_slice(&text).ok())?
    }

    pub fn accept(&mut self, push: IdentityPush, monotonic_us: u64) -> Result<IdentityApplied, RpcError> {
        self.heard_us = monotonic_us;
        let IdentityPush { head, parts } = push;
        let generation = head.generation;
        if head.format != wire::FORMAT {
            return Err(RpcError::remote("format", format!("format {} is not known here", head.format)));
        }
        if head.parts.len() > PARTS_MAX || !head.parts.iter().all(well_formed) {
            return Err(RpcError::remote("too-many-parts", format!("more than {PARTS_MAX} parts, or one of a strange name")));
        }
        if let Some(held) = self.generation().filter(|held| *held > generation) {
            return Err(LedgerError::Stale { offered: generation, held }.into());
        }
        self.stage(&head, parts)?;
        let missing: Vec<String> = head
            .parts
            .iter()
            .filter(|p| self.held.get(&p.name) != Some(&p.digest) && self.staged.get(&p.name).is_none_or(|(d, _)| *d != p.digest))
            .map(|p| p.name.clone())
            .collect();
        if !missing.is_empty() {
            return Ok(IdentityApplied { generation, missing });
        }
        self.ledger.accept(generation, &head)?;
        self.put_in_force(head);
        Ok(IdentityApplied { generation, missing })
    }

    /// Writes down the parts that the head names and that are what it says.
    fn stage(&mut self, head: &IdentityHead, parts: Vec<Part>) -> Result<(), RpcError> {
        self.staged.retain(|name, (digest, _)| head.parts.iter().any(|p| p.name == *name && p.digest == *digest));
        for part in parts {
            let text = serde_json::to_vec(&part).unwrap_or_default();
            let Some(named) = head.parts.iter().find(|p| p.name == part.name) else { continue };
            if digest(&text) != named.digest {
                return Err(RpcError::remote("digest", format!("part {} is not what the head says", part.name)));
            }
            disk::write_atomic(&self.file(named), &text).map_err(|e| RpcError::remote("ledger", e.to_string()))?;
            self.staged.insert(part.name.clone(), (named.digest.clone(), part));
        }
        Ok(())
    }

    fn put_in_force(&mut self, head: IdentityHead) {
        for (name, (digest, part)) in std::mem::take(&mut self.staged) {
            self.directory.put(part);
            self.held.insert(name, digest);
        }
        let names: HashSet<&str> = head.parts.iter().map(|p| p.name.as_str()).collect();
        self.directory.keep(&names);
        self.held.retain(|name, _| names.contains(name.as_str()));
        let files: HashSet<_> = head.parts.iter().map(|p| self.file(p)).collect();
        for entry in std::fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            if !files.contains(&entry.path()) {
                // What stays is taken away the next time.
                let _ = std::fs::remove_file(entry.path());
            }
        }
        self.tokens = token_keys(self.root.as_deref(), &head.session_keys);
        self.head = Some(head);
    }

    /// A long-lived key in use goes without a token, temporary credentials only with theirs.
    pub fn find(&self, access_key: &str, token: Option<&str>, at: Moment) -> Found<Principal> {
        let Some(token) = token else {
            let (identity, key) = self.directory.key(access_key).filter(|(_, key)| key.active)?;
            return Some((self.secret(key)?, Ok(identity.caller()?)));
        };
        let opened = self.tokens.open(access_key, token).ok()?;
        let outage = at.monotonic_us.saturating_sub(self.heard_us) > OUTAGE_US;
        let outcome = match token::in_time(&opened.principal, at.wall, outage) {
            Ok(()) => self.directory.current(opened.principal).ok_or(AuthError::TokenInvalid),
            Err(Refused::Expired) => Err(AuthError::TokenExpired),
            Err(Refused::Invalid) => Err(AuthError::TokenInvalid),
        };
        Some((opened.secret_key, outcome))
    }

    fn secret(&self, key: &Key) -> Option<String> {
        if key.sealed.is_empty() {
            return Some(key.secret_key.clone());
        }
        unsealed(self.root.as_deref(), &Key::purpose(&key.access_key), &key.sealed)
    }

    /// What bears on a caller. None: whoever it was is gone.
    pub fn bundle(&self, caller: &Principal) -> Option<Bundle> {
        self.directory.bundle(caller)
    }

    /// Of every user and role; an account may come more than once.
    pub fn accounts(&self) -> impl Iterator<Item = &AccountId> {
        self.directory.accounts()
    }

    /// `None`: nothing was ever pushed.
    pub fn generation(&self) -> Option<Generation> {
        self.ledger.generation()
    }
}

/// A text that the control plane sealed.
fn unsealed(root: Option<&RootKey>, purpose: &str, sealed: &[u8]) -> Option<String> {
    let text = root.and_then(|r| r.open(purpose, sealed)).and_then(|s| String::from_utf8(s.to_vec()).ok());
    if text.is_none() {
        tracing::error!(purpose, "a secret cannot be unsealed");
    }
    text
}

fn token_keys(root: Option<&RootKey>, sealed: &[SessionKey]) -> TokenKeys {
    let opened = |k: &SessionKey| {
        let key = if k.sealed.is_empty() { Some(k.key.clone()) } else { unsealed(root, &SessionKey::purpose(k.id), &k.sealed) };
        Some(SessionKey { key: key?, ..k.clone() })
    };
    TokenKeys::new(&sealed.iter().filter_map(opened).collect::<Vec<_>>())
}

/// The names of files are made of it.
fn well_formed(head: &PartHead) -> bool {
    let plain = |s: &str, more: &[u8]| s.bytes().all(|b| b.is_ascii_alphanumeric() || more.contains(&b));
    head.name.len() <= 64
        && plain(&head.name, b".")
        && !head.name.starts_with('.')
        && head.digest.len() == 64
        && plain(&head.digest, b"")
}

fn digest(text: &[u8]) -> String {
    hex::encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text))
}

/// A push of one part with a user, or the root user where there is no name, for each key. For tests and benches.
#[doc(hidden)]
pub mod testing {
    use super::*;
    use wire::identity::{Attached, Entity, EntityKind};

    /// (account, user or "", access key, secret key, document or "")
    pub type Row<'a> = (&'a str, &'a str, &'a str, &'a str, &'a str);

    pub fn push(generation: u64, rows: &[Row]) -> IdentityPush {
        let mut parts: Vec<Part> = Vec::new();
        for (account, user, access_key, secret_key, document) in rows {
            let account: AccountId = account.parse().expect("an account");
            let name = format!("{account}.0");
            if parts.iter().all(|p| p.name != name) {
                parts.push(Part { name: name.clone(), account: account.clone(), entities: Vec::new(), documents: Vec::new() });
            }
            let part = parts.iter_mut().find(|p| p.name == name).expect("just made");
            let mut policies = Vec::new();
            if !document.is_empty() {
                policies.push(Attached { name: format!("test of user/{user}"), document: part.documents.len() });
                part.documents.push((*document).into());
            }
            let root = user.is_empty();
            part.entities.push(Entity {
                id: if root { account.to_string() } else { format!("AIDA{}", user.to_uppercase()) },
                arn: if root { format!("arn:aws:iam::{account}:root") } else { format!("arn:aws:iam::{account}:user/{user}") },
                name: (*user).into(),
                kind: if root { EntityKind::Root } else { EntityKind::User },
                tags: Default::default(),
                policies,
                boundary: None,
                keys: vec![Key {
                    access_key: (*access_key).into(),
                    secret_key: (*secret_key).into(),
                    active: true,
                    ..Key::default()
                }],
                devices: Vec::new(),
            });
        }
        sealed(generation, Vec::new(), parts)
    }

    /// A push of whole parts, with the keys of session tokens.
    pub fn sealed(generation: u64, session_keys: Vec<SessionKey>, parts: Vec<Part>) -> IdentityPush {
        let heads =
            parts.iter().map(|p| PartHead { name: p.name.clone(), digest: digest(&serde_json::to_vec(p).unwrap_or_default()) });
        let mut head = IdentityHead::new(session_keys, heads.collect());
        head.generation = Generation(generation);
        IdentityPush { head, parts }
    }
}
