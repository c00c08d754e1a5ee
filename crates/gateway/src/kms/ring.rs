//! The pushed keys: on disk in a ledger, in memory by id and alias; their material unsealed when first used and kept a while.

use ::kms::name::KeyName;
use ::kms::{RootKey, Usable};
use aws_protocol::{AwsError, kms_errors};
use iam::{Policy, PolicyKind};
use platform::ledger::Accepted;
use platform::rpc::RpcError;
use platform::{DataDir, Ledger, LedgerError, Settings, root_key};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use types::{AccountId, Generation, TimestampMs};
use wire::Applied;
use wire::kms::{Key, KeySnapshot, KeyState};

/// More keys than this are refused whole: they are held in memory.
const KEYS_MAX: usize = 1_000_000;
/// Unsealed material is kept for this long, and for so many generations of keys at once.
const UNSEALED_LIFE: Duration = Duration::from_secs(300);
const UNSEALED_MAX: usize = 4096;

/// A key with what is asked of it at each use.
pub struct Entry {
    pub key: Key,
    /// None: it cannot be read, so nothing is allowed.
    pub policy: Option<Arc<Policy>>,
    pub aliases: Vec<String>,
}

/// What is held of the last snapshot.
#[derive(Default)]
struct Index {
    /// By id.
    keys: HashMap<String, Rc<Entry>>,
    aliases: HashMap<(AccountId, String), String>,
    /// Tokens of grants.
    tokens: std::collections::HashSet<String>,
}

struct Unsealed {
    key: Arc<Usable>,
    since: Instant,
}

pub struct Keys {
    region: String,
    /// The reason when the root key cannot be had: then everything goes on but the use of keys.
    root: Result<Rc<RootKey>, String>,
    ledger: RefCell<Ledger<KeySnapshot>>,
    index: RefCell<Index>,
    unsealed: RefCell<HashMap<(String, u32), Unsealed>>,
    pub(super) bucket_keys: super::envelope::BucketKeys,
    /// Materials unsealed so far.
    unsealings: Cell<u64>,
    arrived: Notify,
}

impl Keys {
    /// `process`: whose ledger it is.
    pub fn open(dir: &DataDir, settings: &Settings, process: &str) -> Result<Self, LedgerError> {
        let named = |e: root_key::OpenError| format!("{}: {e}", dir.kms_key().display());
        let root = root_key::open(dir, settings, RootKey::parse).map(Rc::new).map_err(named);
        if let Err(reason) = &root {
            tracing::error!(reason, "KMS's root key cannot be had: no key can be used");
        }
        let (ledger, held) = Ledger::open(&dir.kms_ledger(process))?;
        if let Some(problem) = &ledger.problem {
            tracing::error!(problem, "the keys must be pushed again");
        }
        let keys = Self {
            region: settings.region.to_string(),
            root,
            ledger: RefCell::new(ledger),
            index: RefCell::default(),
            unsealed: RefCell::default(),
            bucket_keys: Default::default(),
            unsealings: Cell::new(0),
            arrived: Notify::new(),
        };
        if let Some(held) = held {
            keys.put_in_force(held);
        }
        Ok(keys)
    }

    pub fn accept(&self, snapshot: KeySnapshot) -> Result<Applied, RpcError> {
        if snapshot.format != wire::FORMAT {
            return Err(RpcError::remote("format", format!("format {} is not known here", snapshot.format)));
        }
        if snapshot.keys.len() > KEYS_MAX {
            return Err(RpcError::remote("too-many-keys", format!("more than {KEYS_MAX} keys")));
        }
        let generation = snapshot.generation;
        if self.ledger.borrow_mut().accept(generation, &snapshot)? == Accepted::Same {
            return Ok(Applied { generation });
        }
        self.put_in_force(snapshot);
        Ok(Applied { generation })
    }

    fn put_in_force(&self, snapshot: KeySnapshot) {
        let mut fresh = Index::default();
        let before = self.index.take();
        let mut aliases: HashMap<String, Vec<String>> = HashMap::new();
        for alias in snapshot.aliases {
            aliases.entry(alias.key.clone()).or_default().push(alias.name.clone());
            fresh.aliases.insert((alias.account, alias.name), alias.key);
        }
        for key in snapshot.keys {
            fresh.tokens.extend(key.grants.iter().map(|g| g.token.clone()));
            let known = before.keys.get(&key.id).filter(|k| k.key.policy == key.policy).map(|k| k.policy.clone());
            let policy = known.unwrap_or_else(|| Policy::parse(&key.policy, PolicyKind::Resource).ok().map(Arc::new));
            let aliases = aliases.remove(&key.id).unwrap_or_default();
            fresh.keys.insert(key.id.clone(), Rc::new(Entry { key, policy, aliases }));
        }
        // What is gone from the snapshot is gone from memory.
        let has = |id: &String, g: &u32| fresh.keys.get(id).is_some_and(|e| e.key.materials.iter().any(|m| m.generation == *g));
        self.unsealed.borrow_mut().retain(|(id, generation), _| has(id, generation));
        self.bucket_keys.keep(|id| fresh.keys.contains_key(id));
        self.index.replace(fresh);
        self.arrived.notify_waiters();
    }

    /// Ends when the next snapshot is in force. One that comes between this call and the first poll counts.
    pub fn news(&self) -> impl Future<Output = ()> + '_ {
        self.arrived.notified()
    }

    /// None: nothing was ever pushed.
    pub fn generation(&self) -> Option<Generation> {
        self.ledger.borrow().generation()
    }

    /// Whether a grant has this token.
    pub fn knows_token(&self, token: &str) -> bool {
        self.index.borrow().tokens.contains(token)
    }

    pub fn by_id(&self, id: &str) -> Option<Rc<Entry>> {
        self.index.borrow().keys.get(id).cloned()
    }

    pub fn by_alias(&self, account: &AccountId, alias: &str) -> Option<Rc<Entry>> {
        let index = self.index.borrow();
        index.keys.get(index.aliases.get(&(account.clone(), alias.to_owned()))?).cloned()
    }

    /// The key that a KeyId means when `account` says it.
    pub fn find(&self, account: &AccountId, asked: &str) -> Result<Rc<Entry>, Missing> {
        let Some(name) = KeyName::parse(asked) else {
            return Err(Missing::Sure(if asked.starts_with("arn:") {
                kms_errors::invalid_arn(asked)
            } else {
                kms_errors::invalid_key_id(asked)
            }));
        };
        if name.region().is_some_and(|r| r != self.region) {
            return Err(Missing::Sure(kms_errors::invalid_arn(asked)));
        }
        let owner = name.account(account);
        let found = match &name {
            KeyName::Id(id) | KeyName::KeyArn { id, .. } => self.by_id(id).filter(|e| e.key.account == *owner),
            KeyName::Alias(alias) | KeyName::AliasArn { name: alias, .. } => self.by_alias(owner, alias),
        };
        found.ok_or_else(|| {
            if owner != account {
                return Missing::Hidden;
            }
            let (region, alias) = (&self.region, name.is_alias());
            let arn = match &name {
                KeyName::Alias(alias) => format!("arn:aws:kms:{region}:{owner}:{alias}"),
                KeyName::Id(id) => format!("arn:aws:kms:{region}:{owner}:key/{id}"),
                full => full.to_string(),
            };
            Missing::Sure(if alias { kms_errors::no_such_alias(&arn) } else { kms_errors::no_such_key(&arn) })
        })
    }

    /// A generation of the key, ready for use. The caller has been allowed and the state looked at.
    pub fn usable(&self, key: &Key, generation: u32) -> Result<Arc<Usable>, AwsError> {
        let place = (key.id.clone(), generation);
        let mut unsealed = self.unsealed.borrow_mut();
        if let Some(known) = unsealed.get(&place).filter(|u| u.since.elapsed() < UNSEALED_LIFE) {
            return Ok(known.key.clone());
        }
        let root = self.root.as_ref().map_err(|_| kms_errors::internal("The region's root key cannot be had."))?;
        let material = key.materials.iter().find(|m| m.generation == generation);
        let material = material.ok_or_else(kms_errors::invalid_ciphertext)?;
        let broken = || {
            tracing::error!(key = key.arn, generation, "key material cannot be unsealed");
            kms_errors::internal("The key material cannot be unsealed.")
        };
        let opened = root.open_material(&key.arn, generation, key.spec, &material.sealed).ok_or_else(broken)?;
        let usable = Arc::new(Usable::new(&opened).map_err(|_| broken())?);
        if unsealed.len() >= UNSEALED_MAX {
            unsealed.retain(|_, u| u.since.elapsed() < UNSEALED_LIFE);
        }
        if unsealed.len() >= UNSEALED_MAX {
            unsealed.clear();
        }
        unsealed.insert(place, Unsealed { key: usable.clone(), since: Instant::now() });
        self.unsealings.set(self.unsealings.get() + 1);
        Ok(usable)
    }

    /// None: it cannot be had.
    pub fn root(&self) -> Option<Rc<RootKey>> {
        self.root.as_ref().ok().cloned()
    }

    /// Seals what is no key of KMS's under the root key; see [`RootKey::seal`]. None: that cannot be had.
    pub fn seal(&self, purpose: &str, bytes: &[u8]) -> Option<Vec<u8>> {
        self.root.as_ref().ok()?.seal(purpose, bytes).ok()
    }

    pub fn unseal(&self, purpose: &str, sealed: &[u8]) -> Option<::kms::Secret> {
        self.root.as_ref().ok()?.open(purpose, sealed)
    }

    /// Materials that were unsealed since the start.
    pub fn unsealings(&self) -> u64 {
        self.unsealings.get()
    }
}

/// Why there is no key.
#[derive(Debug)]
pub enum Missing {
    /// The caller may know it.
    Sure(AwsError),
    /// Another account's, whether it is there or not.
    Hidden,
}

/// The state now: imported material ends by itself.
pub fn state(key: &Key, now: TimestampMs) -> KeyState {
    match key.state {
        KeyState::Enabled | KeyState::Disabled if key.valid_to.is_some_and(|t| t <= now) => KeyState::PendingImport,
        state => state,
    }
}
