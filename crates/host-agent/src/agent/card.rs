//! The card's configuration: pushed on every change, every few seconds, and when the card comes back. Its status is the
//! other way: which generation it forwards by and how the ports are.

use super::Agent;
use platform::rpc::{Client, RpcError};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;
use tokio::time::Instant;
use types::{Generation, InterfaceId};
use wire::Empty;
use wire::card::PortStatus;
use wire::net::NetConfig;

const CALL_TIMEOUT: Duration = Duration::from_secs(2);
const POLL_EVERY: Duration = Duration::from_millis(500);
const RESEND_EVERY: Duration = Duration::from_secs(5);
/// A card that restarts is no news.
const SILENCE_MAX: Duration = Duration::from_secs(2);

/// What is known of the card.
#[derive(Debug, Default)]
pub struct CardView {
    /// The generation that it said it forwards by.
    pub generation: Generation,
    /// Ports of the last configuration that it took; none while it does not answer.
    pub applied_ports: BTreeSet<InterfaceId>,
    pub ports: BTreeMap<InterfaceId, PortStatus>,
    pub problem: Option<String>,
}

impl CardView {
    pub fn has_ports(&self, interfaces: &[InterfaceId]) -> bool {
        interfaces.iter().all(|i| self.applied_ports.contains(i))
    }
}

/// What the loop remembers between two rounds.
#[derive(Default)]
struct Delivery {
    last: Option<(Generation, Instant)>,
    answered: Option<Instant>,
}

impl Agent {
    pub(super) async fn feed_card(self: Rc<Self>) {
        let client = Client::new(&self.me, self.dir.card_socket(&self.host));
        let mut delivery = Delivery { last: None, answered: Some(Instant::now()) };
        loop {
            self.card_round(&client, &mut delivery).await;
            let _ = tokio::time::timeout(POLL_EVERY, self.wake_card.notified()).await;
        }
    }

    /// Push if there is something to say, then ask how it is.
    async fn card_round(&self, client: &Client, delivery: &mut Delivery) {
        let wanted = self.config.borrow().as_ref().map(|c| c.net.clone());
        let mut refusal = None;
        if let Some(net) = &wanted {
            let fresh = delivery.last.is_some_and(|(g, at)| g == net.generation && at.elapsed() < RESEND_EVERY);
            if !fresh {
                match client.call::<wire::card::PushNetConfig>(net, CALL_TIMEOUT).await {
                    Ok(_) => {
                        delivery.last = Some((net.generation, Instant::now()));
                        self.card_took(net);
                    }
                    Err(e @ RpcError::Remote { .. }) => refusal = Some(format!("the card refused its configuration: {e}")),
                    Err(_) => delivery.last = None,
                }
            }
        }
        let status = client.call::<wire::card::GetCardStatus>(&Empty {}, CALL_TIMEOUT).await;
        let before = self.report_key();
        match status {
            Ok(status) => {
                delivery.answered = Some(Instant::now());
                let other = delivery.last.is_some_and(|(g, _)| g != status.generation);
                if other {
                    // It restarted and has lost what it was told: again, in the next round.
                    delivery.last = None;
                }
                let mut card = self.card.borrow_mut();
                card.generation = status.generation;
                card.ports = status.ports.into_iter().map(|p| (p.id, p)).collect();
                card.problem = refusal;
                if other {
                    card.applied_ports.clear();
                }
            }
            Err(e) => {
                delivery.last = None;
                let silent = delivery.answered.is_none_or(|at| at.elapsed() >= SILENCE_MAX);
                let mut card = self.card.borrow_mut();
                card.applied_ports.clear();
                card.ports.clear();
                if silent {
                    card.problem = Some(format!("the card does not answer ({e}): guests on this host have no network"));
                }
            }
        }
        if self.report_key() != before {
            self.wake_report.notify_one();
        }
    }

    fn card_took(&self, net: &NetConfig) {
        let mut card = self.card.borrow_mut();
        let ports: BTreeSet<InterfaceId> = net.ports.iter().map(|p| p.id).collect();
        let new = ports != card.applied_ports;
        let moved = card.generation != net.generation;
        card.applied_ports = ports;
        card.generation = net.generation;
        drop(card);
        if new {
            self.wake_instances();
        }
        if moved {
            self.wake_report.notify_one();
        }
    }

    /// What of the card's state is worth a report at once.
    fn report_key(&self) -> (Generation, Vec<(InterfaceId, bool, bool)>, Option<String>) {
        let card = self.card.borrow();
        let ports = card.ports.values().map(|p| (p.id, p.link_up, p.guest_configured)).collect();
        (card.generation, ports, card.problem.clone())
    }
}
