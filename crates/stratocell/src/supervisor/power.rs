//! The switch of this machine's hosts: says for certain that one is off, after a fault has killed it and holds it down.
//!
//! It switches nothing off by itself. Before it says so, it makes the host's ledger an empty document: when the fault is
//! healed the host comes back with nothing to start, until its cell, which knows what was placed elsewhere, tells it more.

use super::Supervisor;
use crate::faults::{self, Hold};
use crate::procfs;
use platform::rpc::RpcError;
use platform::{Ledger, LedgerError};
use std::time::Duration;
use wire::host::HostConfig;
use wire::supervisor::{HostPower, PowerQuestion};

/// What was killed is gone in less.
const ENDS_MAX: Duration = Duration::from_secs(3);

impl Supervisor {
    /// `cell` asks about one of its hosts.
    pub(super) async fn confirm_off(&self, cell: &str, question: PowerQuestion) -> Result<HostPower, RpcError> {
        let PowerQuestion { host, number } = question;
        let found = self.settings.host(&host).filter(|(c, _)| c.id.as_str() == cell);
        let Some((cell, own)) = found else {
            return Err(RpcError::remote("not-permitted", format!("host {host} is not of cell {cell}")));
        };
        // No heal in between.
        let _changing = self.changing.lock().await;
        let held = faults::holds(&self.faults.borrow(), &self.settings, &self.names);
        if held.vm_hosts.get(&host) != Some(&Hold::Kill) {
            return Ok(HostPower::On("no fault keeps it killed".to_owned()));
        }
        let left = procfs::of_host(&self.dir, &host);
        procfs::end(&left, libc::SIGKILL, ENDS_MAX).await;
        // A start that was under way when they were killed.
        if let Some(left) = procfs::of_host(&self.dir, &host).first() {
            return Ok(HostPower::On(format!("{} (pid {}) is left of it", left.name, left.id.pid)));
        }
        let empty = HostConfig::empty(host.clone(), cell.id.clone(), own.underlay, number);
        let power = empty_ledger(&self.dir.host_ledger(&host), &empty)
            .map_err(|e| RpcError::remote("ledger", format!("host {host}: {e}")))?;
        tracing::warn!(%host, %number, ?power, "nothing of the host is left");
        Ok(power)
    }
}

/// What the host comes back with.
fn empty_ledger(path: &std::path::Path, empty: &HostConfig) -> Result<HostPower, LedgerError> {
    let (mut ledger, _) = Ledger::<HostConfig>::open(path)?;
    match ledger.accept(empty.generation, empty) {
        Ok(_) => Ok(HostPower::Off),
        Err(LedgerError::Stale { held, .. }) => Ok(HostPower::Newer(held)),
        Err(LedgerError::Conflict(held)) => Ok(HostPower::Newer(held)),
        Err(e) => Err(e),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::{CellId, Generation, HostId};

    #[test]
    fn a_host_comes_back_with_nothing_and_refuses_what_is_older() {
        let tmp = tempfile::tempdir().unwrap();
        let path = tmp.path().join("agent.ledger");
        let (host, cell): (HostId, CellId) = ("a1-h1".parse().unwrap(), "a1".parse().unwrap());
        let empty = |n| HostConfig::empty(host.clone(), cell.clone(), [127, 0, 0, 1].into(), Generation(n));
        let mut before = empty(5);
        before.moved_disks.push(wire::host::MovedDisk { instance: types::InstanceId::from_random(1), from: vec![] });
        Ledger::open(&path).unwrap().0.accept(Generation(5), &before).unwrap();
        assert_eq!(empty_ledger(&path, &empty(4)).unwrap(), HostPower::Newer(Generation(5)));
        assert_eq!(empty_ledger(&path, &empty(5)).unwrap(), HostPower::Newer(Generation(5)), "other contents");
        assert_eq!(empty_ledger(&path, &empty(6)).unwrap(), HostPower::Off);
        assert_eq!(empty_ledger(&path, &empty(6)).unwrap(), HostPower::Off, "asked again");
        let (mut ledger, held) = Ledger::<HostConfig>::open(&path).unwrap();
        assert_eq!(held, Some(empty(6)));
        assert!(matches!(ledger.accept(Generation(5), &before), Err(LedgerError::Stale { .. })));
    }
}
