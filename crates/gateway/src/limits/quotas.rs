//! The pushed service quotas: on disk in a ledger; before the first push the defaults.

use platform::rpc::RpcError;
use platform::{DataDir, Ledger, LedgerError};
use std::cell::{Ref, RefCell};
use wire::Applied;
use wire::quota::QuotaSnapshot;

/// More accounts than this are refused whole.
const ACCOUNTS_MAX: usize = 100_000;

pub struct Quotas {
    ledger: RefCell<Ledger<QuotaSnapshot>>,
    held: RefCell<QuotaSnapshot>,
}

impl Quotas {
    pub fn open(dir: &DataDir) -> Result<Self, LedgerError> {
        let (ledger, held) = Ledger::open(&dir.quota_ledger())?;
        if let Some(problem) = &ledger.problem {
            tracing::error!(problem, "the quotas must be pushed again");
        }
        Ok(Self { ledger: RefCell::new(ledger), held: RefCell::new(held.unwrap_or_default()) })
    }

    pub fn accept(&self, snapshot: QuotaSnapshot) -> Result<Applied, RpcError> {
        if snapshot.format != wire::FORMAT {
            return Err(RpcError::remote("format", format!("format {} is not known here", snapshot.format)));
        }
        if snapshot.accounts.len() > ACCOUNTS_MAX {
            return Err(RpcError::remote("too-many-accounts", format!("more than {ACCOUNTS_MAX} accounts")));
        }
        let generation = snapshot.generation;
        self.ledger.borrow_mut().accept(generation, &snapshot)?;
        *self.held.borrow_mut() = snapshot;
        Ok(Applied { generation })
    }

    pub fn held(&self) -> Ref<'_, QuotaSnapshot> {
        self.held.borrow()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::Generation;
    use wire::quota::S3_BUCKETS;

    #[test]
    fn what_was_pushed_outlives_the_process() {
        let temp = tempfile::tempdir().unwrap();
        let dir = DataDir::new(temp.path());
        let account = "123456789012".parse().unwrap();
        let quotas = Quotas::open(&dir).unwrap();
        assert_eq!(quotas.held().value(&account, S3_BUCKETS), 10_000);
        let mut push = QuotaSnapshot { format: wire::FORMAT, generation: Generation(3), ..Default::default() };
        push.defaults.insert(S3_BUCKETS.0.into(), 7);
        assert_eq!(quotas.accept(push.clone()).unwrap().generation, Generation(3));
        let older = QuotaSnapshot { generation: Generation(2), ..push.clone() };
        assert_eq!(quotas.accept(older).unwrap_err().code(), "stale-generation");
        assert_eq!(quotas.accept(QuotaSnapshot { format: 9, ..push }).unwrap_err().code(), "format");
        assert_eq!(Quotas::open(&dir).unwrap().held().value(&account, S3_BUCKETS), 7);
    }
}
