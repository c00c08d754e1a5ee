//! One task an instance: look, decide, write what is intended, act, write what came of it, look again.

use super::decide::{self, Action};
use super::state::{self, Persisted};
use super::vmm::{Nic, Place, Seen, VmSpec, Vmm, VmmError};
use super::{Agent, console, is_gone};
use platform::Clock;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use types::{HostId, InstanceId};
use wire::host::InstanceConfig;

/// A process that died is noticed within this time (a look into /proc).
const ALIVE_EVERY: Duration = Duration::from_millis(250);
/// The VMM is asked how its guest is.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Where there is no process, nothing happens by itself.
const IDLE_EVERY: Duration = Duration::from_secs(5);
/// After an action that failed and that the state file does not count.
const AGAIN_AFTER: Duration = Duration::from_millis(500);

impl Agent {
    /// Ends when nothing of the instance is left and nothing is wanted.
    pub(super) async fn drive(self: Rc<Self>, id: InstanceId) {
        let Some(wake) = self.instances.borrow().get(&id).map(|i| i.wake.clone()) else { return };
        loop {
            let seen = self.look(id).await;
            let failed = match self.next(id) {
                Action::Nothing | Action::WaitUntil(_) if self.forget(id) => return,
                Action::Nothing => {
                    self.rest(seen, &wake, None).await;
                    false
                }
                Action::WaitUntil(at_ms) => {
                    let pause = Duration::from_millis(at_ms.saturating_sub(self.clock.wall().0));
                    self.rest(seen, &wake, Some(pause)).await;
                    false
                }
                action @ (Action::Prepare | Action::Start) => {
                    // Never closed.
                    let Ok(_slot) = self.starts.acquire().await else { return };
                    // The wait may have been long: only if it is still the thing to do.
                    self.next(id) == action && !self.act(id, action).await
                }
                action => !self.act(id, action).await,
            };
            if failed {
                let _ = tokio::time::timeout(AGAIN_AFTER, wake.notified()).await;
            }
        }
    }

    fn next(&self, id: InstanceId) -> Action {
        let desired = self.desired_of(id);
        let instances = self.instances.borrow();
        let Some(i) = instances.get(&id) else { return Action::Nothing };
        let awaited = self.moved_from(id).is_some();
        let ready = desired.as_ref().is_some_and(|d| self.card.borrow().has_ports(&d.interfaces));
        let seen = i.seen.unwrap_or(Seen::NotRunning);
        decide::decide(desired.as_ref(), i.persisted.as_ref(), seen, awaited, ready, self.clock.wall().0)
    }

    /// Nothing is here and nothing is wanted here.
    fn forget(&self, id: InstanceId) -> bool {
        let wanted = self.desired_of(id).is_some();
        let mut instances = self.instances.borrow_mut();
        let over = !wanted && instances.get(&id).is_none_or(|i| i.persisted.is_none());
        if over {
            instances.remove(&id);
            self.wake_report.notify_one();
        }
        over
    }

    async fn look(&self, id: InstanceId) -> Seen {
        let (vmm, place) = (self.vmm.clone(), self.place(id));
        let has_dir = self.instances.borrow().get(&id).is_some_and(|i| i.persisted.is_some());
        let seen = if has_dir {
            let _turn = self.looks.acquire().await;
            // A look that panicked is one that says nothing new.
            let before = self.instances.borrow().get(&id).and_then(|i| i.seen);
            let looked = tokio::task::spawn_blocking(move || (vmm.observe(&place), state::is_there(&place.dir))).await;
            let (seen, there) = looked.ok().or(before.map(|b| (b, true))).unwrap_or((Seen::NotRunning, true));
            if !there && seen == Seen::NotRunning {
                self.lose(id);
            }
            seen
        } else {
            Seen::NotRunning
        };
        if let Some(i) = self.instances.borrow_mut().get_mut(&id)
            && i.seen != Some(seen)
        {
            tracing::debug!(instance = %id, ?seen, "seen");
            i.seen = Some(seen);
            self.wake_report.notify_one();
        }
        seen
    }

    /// Another host has taken its directory over.
    fn lose(&self, id: InstanceId) {
        tracing::info!(instance = %id, "its directory is not here any more");
        if let Some(i) = self.instances.borrow_mut().get_mut(&id) {
            i.persisted = None;
        }
        self.wake_report.notify_one();
    }

    /// The hosts one of which has what it has on a disk.
    fn moved_from(&self, id: InstanceId) -> Option<Vec<HostId>> {
        let config = self.config.borrow();
        let moved = config.iter().flat_map(|c| &c.moved_disks).find(|m| m.instance == id)?;
        Some(moved.from.iter().filter(|h| **h != self.host).cloned().collect())
    }

    async fn take_over(&self, id: InstanceId) -> Result<(), VmmError> {
        let (dir, host, from) = (self.dir.clone(), self.host.clone(), self.moved_from(id).unwrap_or_default());
        let taken = tokio::task::spawn_blocking(move || state::take_over(&dir, &host, id, &from)).await;
        let taken = taken.map_err(|e| VmmError::Unknown(e.to_string()))?;
        let persisted = taken.map_err(|e| VmmError::Unknown(format!("what it has on a disk is not to be had: {e}")))?;
        if let Some(i) = self.instances.borrow_mut().get_mut(&id) {
            i.persisted = Some(persisted);
        }
        Ok(())
    }

    /// Until it is woken, the process dies, the time has come, or it is time for another look.
    async fn rest(&self, seen: Seen, wake: &tokio::sync::Notify, at_most: Option<Duration>) {
        let process = seen.process().map(|(p, _)| p);
        let usual = if process.is_some() { LOOK_EVERY } else { IDLE_EVERY };
        let end = Instant::now() + at_most.unwrap_or(usual).min(usual);
        while !is_gone(process) {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || tokio::time::timeout(left.min(ALIVE_EVERY), wake.notified()).await.is_ok() {
                return;
            }
        }
    }

    /// `false`: something failed that the state file does not count.
    async fn act(&self, id: InstanceId, action: Action) -> bool {
        let desired = self.desired_of(id);
        let old = self.instances.borrow().get(&id).and_then(|i| i.persisted.clone()).unwrap_or_else(|| Persisted::new(id));
        tracing::info!(instance = %id, ?action, phase = ?old.phase, "next");
        if action == Action::TakeOver {
            let outcome = self.take_over(id).await;
            self.note(id, &action, &outcome);
            return outcome.is_ok();
        }
        let intended = decide::before(&action, desired.as_ref(), &old, self.clock.wall().0);
        let current = match intended {
            Some(next) => {
                if !self.write(id, next.clone()).await {
                    return false;
                }
                next
            }
            None if action == Action::Create && !self.write(id, old.clone()).await => return false,
            None => old,
        };
        let spec = self.spec(desired.as_ref());
        let (vmm, place, doing) = (self.vmm.clone(), self.place(id), action.clone());
        let done = tokio::task::spawn_blocking(move || effect(&vmm, &place, &doing, &spec)).await;
        let mut outcome = done.unwrap_or_else(|e| Err(VmmError::Unknown(e.to_string())));
        if action == Action::Destroy && outcome.is_ok() {
            outcome = self.remove(id).await;
        }
        self.note(id, &action, &outcome);
        if action == Action::Destroy {
            return outcome.is_ok();
        }
        let serial = match &outcome {
            Err(_) => console::last_lines(&self.place(id).dir),
            Ok(()) => String::new(),
        };
        let result = outcome.as_ref().copied();
        match decide::after(&action, desired.as_ref(), &current, result, &serial, self.clock.wall().0) {
            Some(next) => self.write(id, next).await,
            None => result.is_ok(),
        }
    }

    fn note(&self, id: InstanceId, action: &Action, outcome: &Result<(), VmmError>) {
        match outcome {
            Ok(()) => {
                if let Some(i) = self.instances.borrow_mut().get_mut(&id) {
                    i.problem = None;
                }
                if matches!(action, Action::Prepare | Action::Start) {
                    self.problems.borrow_mut().remove("image");
                }
            }
            Err(e) => {
                tracing::warn!(instance = %id, ?action, error = %e, "did not work");
                match e {
                    VmmError::Image(text) => drop(self.problems.borrow_mut().insert("image", text.clone())),
                    VmmError::Definite(text) | VmmError::Unknown(text) => {
                        if let Some(i) = self.instances.borrow_mut().get_mut(&id) {
                            i.problem = Some(text.clone());
                        }
                    }
                }
            }
        }
        self.wake_report.notify_one();
    }

    /// Durably, then in memory.
    async fn write(&self, id: InstanceId, next: Persisted) -> bool {
        let (dir, copy) = (self.place(id).dir, next.clone());
        let written = tokio::task::spawn_blocking(move || copy.save(&dir)).await;
        let problem = match written {
            Ok(Ok(())) => None,
            Ok(Err(e)) => Some(format!("its state cannot be written: {e}")),
            Err(e) => Some(format!("its state cannot be written: {e}")),
        };
        let ok = problem.is_none();
        if let Some(i) = self.instances.borrow_mut().get_mut(&id) {
            if ok {
                i.persisted = Some(next);
            } else {
                i.problem = problem;
            }
        }
        self.wake_report.notify_one();
        ok
    }

    async fn remove(&self, id: InstanceId) -> Result<(), VmmError> {
        let (dir, host) = (self.dir.clone(), self.host.clone());
        let removed = tokio::task::spawn_blocking(move || state::remove(&dir, &host, id)).await;
        match removed {
            Ok(Ok(())) => {
                if let Some(i) = self.instances.borrow_mut().get_mut(&id) {
                    (i.persisted, i.seen) = (None, Some(Seen::NotRunning));
                }
                Ok(())
            }
            Ok(Err(e)) => Err(VmmError::Unknown(format!("its directory cannot be removed: {e}"))),
            Err(e) => Err(VmmError::Unknown(e.to_string())),
        }
    }

    fn spec(&self, desired: Option<&InstanceConfig>) -> Result<VmSpec, VmmError> {
        let Some(d) = desired else { return Err(VmmError::Unknown("it is not configured any more".to_owned())) };
        let config = self.config.borrow();
        let ports = || config.iter().flat_map(|c| &c.net.ports);
        let nic = |interface: &types::InterfaceId| {
            let port = ports().find(|p| p.id == *interface)?;
            Some(Nic { interface: *interface, mac: port.mac, mtu: port.mtu, socket: self.dir.port_socket(interface) })
        };
        let primary = d.interfaces.first().and_then(|i| ports().find(|p| p.id == *i));
        let hostname = primary.map(|p| p.metadata.as_ref().map_or(&p.dhcp.hostname, |m| &m.local_hostname).clone());
        Ok(VmSpec {
            isolation: d.isolation,
            hostname: hostname.unwrap_or_default(),
            image: d.image.clone(),
            vcpus: d.vcpus,
            memory_mib: d.memory_mib,
            root_disk_gib: d.root_disk_gib,
            nics: d.interfaces.iter().filter_map(nic).collect(),
            nics_max: d.interfaces_max,
        })
    }
}

/// The outside part of an action; blocks.
fn effect(vmm: &Arc<dyn Vmm>, place: &Place, action: &Action, spec: &Result<VmSpec, VmmError>) -> Result<(), VmmError> {
    let spec = || spec.as_ref().map_err(Clone::clone);
    match action {
        Action::Nothing | Action::WaitUntil(_) | Action::Record(_) | Action::Create | Action::TakeOver => Ok(()),
        Action::Prepare => vmm.prepare(place, spec()?),
        Action::Start => vmm.start(place, spec()?).map(drop),
        Action::AskShutdown => vmm.request_shutdown(place),
        Action::Kill => vmm.kill(place),
        Action::Reset => vmm.reset(place),
        Action::Plug(interface) => {
            let nic = spec()?.nics.iter().find(|n| n.interface == *interface);
            vmm.plug(place, nic.ok_or_else(|| VmmError::Unknown(format!("{interface} is not configured any more")))?)
        }
        Action::Unplug(interface) => vmm.unplug(place, *interface),
        Action::Destroy => {
            vmm.kill(place)?;
            vmm.remove(place)
        }
    }
}
