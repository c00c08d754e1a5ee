//! The document that data planes hold: every key, sealed, with its policy, grants and aliases.

use super::rows::{KmsAlias, KmsGrant, KmsKey};
use crate::db::Db;
use types::{AccountId, Generation, TimestampMs};
use wire::kms::{Alias, Grant, Key, KeySnapshot, KeyState, SealedMaterial};

pub fn compile(db: &Db, generation: Generation) -> KeySnapshot {
    let mut keys: Vec<Key> = db.all::<KmsKey>().map(|k| bare(&k, None)).collect();
    keys.sort_by(|a, b| (&a.account, &a.id).cmp(&(&b.account, &b.id)));
    for grant in db.all::<KmsGrant>() {
        if let Ok(at) = keys.binary_search_by(|k| (&k.account, &k.id).cmp(&(&grant.account, &grant.key))) {
            keys[at].grants.push(grant.grant.clone());
        }
    }
    let aliases = db.all::<KmsAlias>().map(|a| Alias { account: a.account.clone(), name: a.name.clone(), key: a.key.clone() });
    KeySnapshot { format: wire::FORMAT, generation, keys, aliases: aliases.collect() }
}

/// One key with its grants, for authorisation here.
pub fn key(db: &Db, row: &KmsKey, now: TimestampMs) -> Key {
    Key { grants: grants_of(db, &row.account, &row.id), ..bare(row, Some(now)) }
}

/// The time is left out of pushed documents: they must not change by themselves; receivers look at `valid_to`.
fn bare(row: &KmsKey, now: Option<TimestampMs>) -> Key {
    let state = row.state(now.unwrap_or(TimestampMs(0)));
    let gone = state == KeyState::PendingImport;
    let material = |m: &super::rows::KmsMaterial| SealedMaterial {
        generation: m.generation,
        id: m.id.clone(),
        sealed: m.sealed.clone(),
        public: m.public.clone(),
    };
    Key {
        account: row.account.clone(),
        id: row.id.clone(),
        arn: row.arn.clone(),
        spec: row.spec,
        usage: row.usage,
        state,
        origin: row.origin().to_owned(),
        policy: row.policy.clone(),
        tags: row.tags.clone(),
        current: row.generation(),
        materials: if gone { Vec::new() } else { row.materials.iter().map(material).collect() },
        valid_to: row.valid_to,
        grants: Vec::new(),
    }
}

pub fn grants_of(db: &Db, account: &AccountId, key: &str) -> Vec<Grant> {
    db.list::<KmsGrant>(account).filter(|g| g.key == key).map(|g| g.grant.clone()).collect()
}

pub fn aliases_of(db: &Db, account: &AccountId, key: &str) -> Vec<String> {
    db.list::<KmsAlias>(account).filter(|a| a.key == key).map(|a| a.name.clone()).collect()
}
