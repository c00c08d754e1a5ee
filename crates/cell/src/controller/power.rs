//! Asks whoever can switch hosts off about those that are not heard.

use super::{Controller, Issued, put};
use platform::Clock;
use platform::rpc::Client;
use std::rc::Rc;
use std::time::Duration;
use types::{Generation, HostId};
use wire::supervisor::{ConfirmOff, HostPower, PowerQuestion};

const LOOK_EVERY: Duration = Duration::from_millis(500);
/// The supervisor makes sure before it answers.
const ASK_TIMEOUT: Duration = Duration::from_secs(6);

impl Controller {
    pub(super) async fn watch_hosts(self: Rc<Self>) {
        let supervisor = Client::new(&self.me, self.dir.socket("supervisor"));
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let failed = self.cell.borrow_mut().failed(self.clock.wall());
            for host in failed {
                self.ask(&supervisor, host).await;
            }
        }
    }

    async fn ask(&self, supervisor: &Client, host: HostId) {
        let given_up = self.cell.borrow().is_given_up(&host);
        let number = if given_up { None } else { Some(self.number_after(&host, Generation(0))) };
        // Given up before the number is durable: no document is made meanwhile.
        let number = self.cell.borrow_mut().give_up(&host, number.unwrap_or_default());
        let Some(number) = number else { return };
        if !given_up {
            tracing::warn!(%host, %number, "the host is not heard: asking whether it is off");
            self.keep_issued(&host).await;
        }
        match supervisor.call::<ConfirmOff>(&PowerQuestion { host: host.clone(), number }, ASK_TIMEOUT).await {
            Ok(HostPower::Off) => {
                if self.cell.borrow_mut().confirm_off(&host, number) {
                    tracing::warn!(%host, %number, "the host is off: what ran there may be placed again");
                    self.wake_report.notify_one();
                }
            }
            Ok(HostPower::On(why)) => tracing::debug!(%host, why, "the host is not off"),
            Ok(HostPower::Newer(held)) => {
                self.number_after(&host, held);
                self.keep_issued(&host).await;
                self.cell.borrow_mut().withdraw(&host);
            }
            Err(e) => tracing::debug!(%host, error = %e, "nobody says whether the host is off"),
        }
    }

    /// The next number of the host's, greater than `held` too; no document has it. [`Self::keep_issued`] makes it durable.
    fn number_after(&self, host: &HostId, held: Generation) -> Generation {
        let mut issued = self.issued.borrow_mut();
        let before = issued.get(host).map(|i| i.generation).unwrap_or_default();
        let generation = before.max(held).max(self.cell.borrow().newest_held(host)).next();
        issued.insert(host.clone(), Issued { generation, digest: String::new() });
        generation
    }

    async fn keep_issued(&self, host: &HostId) {
        let issued = self.issued.borrow().get(host).cloned();
        if let Some(issued) = issued {
            self.commit(vec![put(format!("issued/{host}"), &issued)]).await;
        }
    }
}
