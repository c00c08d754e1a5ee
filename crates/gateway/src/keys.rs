//! The pushed credentials: in memory by access key, on disk in a ledger.

use platform::rpc::RpcError;
use platform::{DataDir, Ledger, LedgerError};
use std::collections::HashMap;
use types::Generation;
use wire::Applied;
use wire::api::{Credential, CredentialSnapshot};

/// More keys than this are refused whole: the table is held in memory.
const KEYS_MAX: usize = 1_000_000;

pub struct Keys {
    ledger: Ledger<CredentialSnapshot>,
    by_access_key: HashMap<String, Credential>,
}

impl Keys {
    pub fn open(dir: &DataDir) -> Result<Self, LedgerError> {
        let (ledger, held) = Ledger::open(&dir.gateway_ledger())?;
        if let Some(problem) = &ledger.problem {
            tracing::error!(problem, "the credentials must be pushed again");
        }
        let by_access_key = held.map(index).unwrap_or_default();
        Ok(Self { ledger, by_access_key })
    }

    pub fn accept(&mut self, snapshot: CredentialSnapshot) -> Result<Applied, RpcError> {
        if snapshot.format != wire::FORMAT {
            return Err(RpcError::remote("format", format!("format {} is not known here", snapshot.format)));
        }
        if snapshot.keys.len() > KEYS_MAX {
            return Err(RpcError::remote("too-many-keys", format!("more than {KEYS_MAX} keys")));
        }
        let generation = snapshot.generation;
        match self.ledger.accept(generation, &snapshot) {
            Ok(_) => {
                self.by_access_key = index(snapshot);
                Ok(Applied { generation })
            }
            Err(e @ LedgerError::Stale { .. }) => Err(RpcError::remote("stale-generation", e.to_string())),
            Err(e @ LedgerError::Conflict(_)) => Err(RpcError::remote("conflicting-generation", e.to_string())),
            Err(e) => Err(RpcError::remote("ledger", e.to_string())),
        }
    }

    pub fn find(&self, access_key: &str) -> Option<&Credential> {
        self.by_access_key.get(access_key)
    }

    /// Of every key; an account may come more than once.
    pub fn accounts(&self) -> impl Iterator<Item = &types::AccountId> {
        self.by_access_key.values().map(|c| &c.principal.account)
    }

    /// `None`: nothing was ever pushed.
    pub fn generation(&self) -> Option<Generation> {
        self.ledger.generation()
    }
}

fn index(snapshot: CredentialSnapshot) -> HashMap<String, Credential> {
    snapshot.keys.into_iter().map(|k| (k.access_key.clone(), k)).collect()
}
