//! What is true on this host, told to the cell controller on every change and about once a second.

use super::vmm::Seen;
use super::{Agent, Instance, decide};
use platform::Clock;
use platform::rpc::Client;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;
use types::{Generation, InstanceId, InterfaceId};
use wire::card::PortStatus;
use wire::host::{HostReport, InstanceConfig, InstanceReport, Reachability, VmState};

const REPORT_EVERY: Duration = Duration::from_secs(1);
/// The first pause after a report that did not arrive; it doubles. Short: at `up` the controller is a few milliseconds behind.
const RETRY_MIN: Duration = Duration::from_millis(25);
/// While nobody listens.
const RETRY_MAX: Duration = Duration::from_secs(2);
const CALL_TIMEOUT: Duration = Duration::from_secs(2);
/// Changes within this time go out together.
const GATHER: Duration = Duration::from_millis(3);
/// Instances that are there already are looked at before the first report, but no longer than this.
const ADOPT_MAX: Duration = Duration::from_secs(5);
/// A guest without a working network for longer than this is impaired.
const CONFIGURE_MS_MAX: u64 = 120_000;
const PROBLEMS_MAX: usize = 20;

/// The status check. `since_ms`: when the run began or it was last well, whichever is later.
pub fn reachability(
    running: bool,
    interfaces: &[InterfaceId],
    ports: &BTreeMap<InterfaceId, PortStatus>,
    since_ms: u64,
    now_ms: u64,
) -> Reachability {
    if !running {
        return Reachability::NotApplicable;
    }
    let well = |i| ports.get(i).is_some_and(|p| p.link_up && p.guest_configured);
    if !interfaces.is_empty() && interfaces.iter().all(well) {
        Reachability::Ok
    } else if now_ms.saturating_sub(since_ms) < CONFIGURE_MS_MAX {
        Reachability::Initializing
    } else {
        Reachability::Impaired
    }
}

impl Agent {
    /// `None`: nothing of it is here and nothing is wanted.
    fn report_instance(
        &self,
        id: InstanceId,
        desired: Option<&InstanceConfig>,
        instance: Option<&Instance>,
        now_ms: u64,
    ) -> Option<InstanceReport> {
        let persisted = instance.and_then(|i| i.persisted.as_ref());
        let seen = instance.and_then(|i| i.seen);
        let state = decide::view(desired, persisted, seen)?;
        let process = seen.and_then(Seen::process);
        let size = persisted.map(|p| p.size).filter(|s| s.memory_mib > 0);
        let wanted_size = || desired.map(InstanceConfig::size);
        // Its primary interface is what an instance must answer on; what it does with others is its own affair.
        let interfaces = desired.map(|d| &d.interfaces).or(persisted.map(|p| &p.interfaces));
        let primary = interfaces.map_or(&[][..], |i| &i[..i.len().min(1)]);
        let running = state == VmState::Running;
        let since = process.map_or(0, |(_, s)| s).max(instance.map_or(0, |i| i.well_ms)).max(self.started_ms);
        Some(InstanceReport {
            id,
            reachability: reachability(running, primary, &self.card.borrow().ports, since, now_ms),
            started_ms: process.map_or(0, |(_, s)| s),
            pid: process.map(|(p, _)| p.pid),
            size: if state == VmState::Gone { Default::default() } else { size.or_else(wanted_size).unwrap_or_default() },
            boot: persisted.map_or(0, |p| p.boot),
            reboot: persisted.map_or(0, |p| p.reboot),
            interfaces: persisted.map_or_else(Vec::new, |p| p.interfaces.clone()),
            state,
        })
    }

    pub(super) fn report_instances(&self) -> Vec<InstanceReport> {
        let now = self.clock.wall().0;
        let instances = self.instances.borrow();
        let desired = self.desired();
        let ids: BTreeSet<InstanceId> = instances.keys().chain(desired.keys()).copied().collect();
        let reports: Vec<InstanceReport> =
            ids.into_iter().filter_map(|id| self.report_instance(id, desired.get(&id), instances.get(&id), now)).collect();
        drop(instances);
        for r in reports.iter().filter(|r| r.reachability == Reachability::Ok) {
            if let Some(i) = self.instances.borrow_mut().get_mut(&r.id) {
                i.well_ms = now;
            }
        }
        reports
    }

    fn problems(&self) -> Vec<String> {
        let mut problems: BTreeSet<String> = self.problems.borrow().values().cloned().collect();
        problems.extend(self.degraded.borrow().iter().cloned());
        problems.extend(self.card.borrow().problem.clone());
        for (id, i) in self.instances.borrow().iter() {
            problems.extend(i.problem.as_ref().map(|p| format!("{id}: {p}")));
            if let Some(p) = i.persisted.as_ref().filter(|p| p.deaths >= 3) {
                problems.insert(format!("{id} has died {} times in a row soon after its start", p.deaths));
            }
        }
        problems.into_iter().take(PROBLEMS_MAX).collect()
    }

    pub(super) fn report(&self, sequence: u64) -> HostReport {
        HostReport {
            balancers: self.report_balancers(),
            format: wire::FORMAT,
            host: self.host.clone(),
            incarnation: self.incarnation,
            sequence,
            applied: self.ledger.borrow().generation().unwrap_or(Generation(0)),
            card_applied: self.card.borrow().generation,
            capacity: self.capacity,
            instances: self.report_instances(),
            acceleration: self.acceleration.borrow().clone(),
            problems: self.problems(),
        }
    }

    /// Instances that were there when the agent started have been looked at.
    async fn adopted(&self) {
        let all_seen = async {
            while self.instances.borrow().values().any(|i| i.seen.is_none()) {
                tokio::time::sleep(GATHER).await;
            }
        };
        if tokio::time::timeout(ADOPT_MAX, all_seen).await.is_err() {
            tracing::warn!("some instances could not be looked at yet: reported as remembered");
        }
    }

    pub(super) async fn feed_cell(self: Rc<Self>) {
        let client = Client::new(&self.me, self.dir.cell_socket(&self.cell));
        let mut retry = RETRY_MIN;
        self.adopted().await;
        loop {
            self.sequence.set(self.sequence.get() + 1);
            let report = self.report(self.sequence.get());
            match client.call::<wire::cell::ReportHost>(&report, CALL_TIMEOUT).await {
                Ok(_) => {
                    self.cell_reachable.set(true);
                    retry = RETRY_MIN;
                    if tokio::time::timeout(REPORT_EVERY, self.wake_report.notified()).await.is_ok() {
                        tokio::time::sleep(GATHER).await;
                    }
                }
                Err(e) => {
                    if self.cell_reachable.replace(false) {
                        tracing::info!(error = %e, "the cell controller cannot be reached; going on without it");
                    }
                    // Changes wait too: nobody hears them.
                    tokio::time::sleep(retry).await;
                    retry = (retry * 2).min(RETRY_MAX);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reachability_table() {
        let (a, b) = (InterfaceId::from_random(1), InterfaceId::from_random(2));
        let port = |id, link_up, guest_configured| PortStatus {
            id,
            link_up,
            tx_frames: 0,
            tx_bytes: 0,
            rx_frames: 0,
            rx_bytes: 0,
            drops: BTreeMap::new(),
            guest_seen_ms_ago: None,
            guest_configured,
            metadata_requests: 0,
            nat: Default::default(),
        };
        let since = 1_000;
        let (soon, late) = (since + 5_000, since + CONFIGURE_MS_MAX);
        use Reachability::*;
        type Row<'a> = (&'a str, bool, Vec<PortStatus>, u64, Reachability);
        let rows: Vec<Row> = vec![
            ("not running", false, vec![port(a, true, true), port(b, true, true)], soon, NotApplicable),
            ("well", true, vec![port(a, true, true), port(b, true, true)], late, Ok),
            ("one of two", true, vec![port(a, true, true), port(b, true, false)], soon, Initializing),
            ("no address yet", true, vec![port(a, true, false), port(b, true, false)], soon, Initializing),
            ("no address for long", true, vec![port(a, true, false), port(b, true, false)], late, Impaired),
            ("no link", true, vec![port(a, false, true), port(b, true, true)], soon, Initializing),
            ("the card says nothing", true, vec![], late, Impaired),
        ];
        for (name, running, ports, now, wanted) in rows {
            let ports = ports.into_iter().map(|p| (p.id, p)).collect();
            assert_eq!(reachability(running, &[a, b], &ports, since, now), wanted, "{name}");
        }
    }
}
