//! Sends every document to the role that acts on it: on each change, and again on a slow timer (constant work).
//!
//! A document's generation is the store's version behind everything it was compiled from, so that a newer state never
//! carries an older number, and the same number never other contents. What was compiled is only sent once it is durable.

mod directories;

use crate::compile;
use crate::service::Service;
use platform::rpc::{Client, RpcError};
use serde::Serialize;
use std::rc::Rc;
use std::time::Duration;
use types::Generation;

/// Unchanged documents are sent again after this time: a receiver that lost its memory has them back by then.
const RESEND_EVERY: Duration = Duration::from_secs(5);
/// A receiver that does not answer is tried again after this time.
const RETRY_EVERY: Duration = Duration::from_millis(250);
/// Changes within this time go out together.
const GATHER: Duration = Duration::from_millis(3);
const CALL_TIMEOUT: Duration = Duration::from_secs(2);

type Compile<T> = Box<dyn Fn(&Service, Generation) -> T>;

/// One receiver, and what it has.
struct Target<M: wire::Method> {
    client: Client,
    name: String,
    compile: Compile<M::Request>,
    /// The contents last sent (as JSON, generation 0) and the generation they were sent with.
    sent: Option<(String, Generation)>,
    delivered: bool,
    /// Told the document that the receiver has taken, and the store's version that it has caught up with.
    on_delivered: fn(&Service, &M::Request, u64),
}

pub async fn run(service: Rc<Service>) {
    // One task a receiver: a slow one delays only itself.
    let mut wakers = Vec::new();
    for cell in &service.settings.cells {
        let id = cell.id.clone();
        let target = Target::<wire::cell::PushCellConfig> {
            client: service.cells[&id].clone(),
            name: format!("cell-{id}"),
            compile: Box::new(move |s, g| compile::cell_config(&s.db.borrow(), &s.settings, &id, g)),
            sent: None,
            delivered: false,
            on_delivered: |s, document, _| {
                s.delivered.borrow_mut().entry(document.cell.clone()).or_default().note(document);
            },
        };
        wakers.push(spawn(service.clone(), target));
    }
    wakers.push(spawn(
        service.clone(),
        Target::<wire::edge::PushEdgeConfig> {
            client: Client::new(&service.me, service.dir.socket("edge")),
            name: "edge".into(),
            compile: Box::new(|s, g| compile::edge_config(&s.db.borrow(), &s.settings, g)),
            sent: None,
            delivered: false,
            on_delivered: |_, _, _| {},
        },
    ));
    for process in ["gateway", "s3-worker"] {
        wakers.push(spawn(
            service.clone(),
            Target::<wire::kms::PushKeys> {
                client: Client::new(&service.me, service.dir.socket(process)),
                name: format!("{process}, keys"),
                compile: Box::new(|s, g| crate::kms::snapshot::compile(&s.db.borrow(), g)),
                sent: None,
                delivered: false,
                on_delivered: if process == "gateway" {
                    |s, _, version| {
                        s.keys_delivered.send_replace(version);
                    }
                } else {
                    |_, _, _| {}
                },
            },
        ));
    }
    wakers.push(spawn(
        service.clone(),
        Target::<wire::trail::PushTrails> {
            client: Client::new(&service.me, service.dir.socket("s3-worker")),
            name: "s3-worker, trails".into(),
            compile: Box::new(|s, g| crate::trail::compile(&s.db.borrow(), &s.settings, g)),
            sent: None,
            delivered: false,
            on_delivered: |_, _, _| {},
        },
    ));
    wakers.push(spawn(
        service.clone(),
        Target::<wire::flow::PushFlowLogs> {
            client: Client::new(&service.me, service.dir.socket("s3-worker")),
            name: "s3-worker, flow logs".into(),
            compile: Box::new(|s, g| crate::ec2::network::flow_log::compile(&s.db.borrow(), &s.settings, g)),
            sent: None,
            delivered: false,
            on_delivered: |_, _, _| {},
        },
    ));
    wakers.push(spawn(
        service.clone(),
        Target::<wire::quota::PushQuotas> {
            client: Client::new(&service.me, service.dir.socket("gateway")),
            name: "gateway, quotas".into(),
            compile: Box::new(|s, g| crate::quota::snapshot(&s.db.borrow(), &s.settings, g)),
            sent: None,
            delivered: false,
            on_delivered: |_, _, _| {},
        },
    ));
    wakers.push(spawn_identity(service.clone()));
    wakers.extend(service.settings.large_vpcs.directories.iter().map(|d| directories::spawn(service.clone(), &d.id)));
    loop {
        service.changed.notified().await;
        wakers.iter().for_each(|w| w.notify_one());
    }
}

fn spawn<M: wire::Method<Reply = wire::Applied> + 'static>(
    service: Rc<Service>,
    mut target: Target<M>,
) -> Rc<tokio::sync::Notify> {
    let waker = Rc::new(tokio::sync::Notify::new());
    let wake = waker.clone();
    tokio::task::spawn_local(async move {
        loop {
            target.push(&service).await;
            let pause = if target.delivered { RESEND_EVERY } else { RETRY_EVERY };
            if tokio::time::timeout(pause, wake.notified()).await.is_ok() {
                tokio::time::sleep(GATHER).await;
            }
        }
    });
    waker
}

impl<M: wire::Method<Reply = wire::Applied>> Target<M> {
    async fn push(&mut self, service: &Service) {
        // No await between compiling and asking for the version: nothing can be submitted in between.
        let contents = json(&(self.compile)(service, Generation(0)));
        let barrier = service.committer.read(|s| s.version());
        let version = match barrier {
            Ok(ticket) => ticket.await,
            Err(e) => Err(e),
        };
        let Ok(version) = version else { return };
        let generation = match &self.sent {
            Some((sent, generation)) if *sent == contents => *generation,
            _ => Generation(version.0),
        };
        // The same bytes with the generation filled in; compiling again could see newer rows.
        let Some(document) = with_generation::<M::Request>(&contents, generation) else {
            tracing::error!(to = self.name, "a document does not survive its own encoding");
            return;
        };
        self.sent = Some((contents, generation));
        let was = self.delivered;
        let outcome = self.client.call::<M>(&document, CALL_TIMEOUT).await;
        self.delivered = outcome.is_ok();
        match outcome {
            Ok(_) => {
                (self.on_delivered)(service, &document, version.0);
            }
            Err(RpcError::Remote { code, message }) => tracing::warn!(to = self.name, code, message, "a document was refused"),
            Err(e) if was => tracing::warn!(to = self.name, error = %e, "a document was not delivered; trying again"),
            Err(_) => {}
        }
    }
}

/// Parts of one push, in bytes of JSON, about: well below what a call may carry.
const PARTS_BYTES_MAX: usize = 16 << 20;

/// The gateway's directory: parts that it lacks are sent first, then the head puts them in force.
struct IdentityTarget {
    client: Client,
    /// The head last delivered, without its generation, and the generation.
    sent: Option<(wire::identity::IdentityHead, Generation)>,
    delivered: bool,
}

fn spawn_identity(service: Rc<Service>) -> Rc<tokio::sync::Notify> {
    let waker = Rc::new(tokio::sync::Notify::new());
    let wake = waker.clone();
    let mut target =
        IdentityTarget { client: Client::new(&service.me, service.dir.socket("gateway")), sent: None, delivered: false };
    tokio::task::spawn_local(async move {
        loop {
            if let Err(e) = target.push(&service).await {
                if target.delivered {
                    tracing::warn!(error = %e, "identities were not delivered to the gateway; trying again");
                }
                target.delivered = false;
            }
            let pause = if target.delivered { RESEND_EVERY } else { RETRY_EVERY };
            if tokio::time::timeout(pause, wake.notified()).await.is_ok() {
                tokio::time::sleep(GATHER).await;
            }
        }
    });
    waker
}

impl IdentityTarget {
    async fn push(&mut self, service: &Service) -> Result<(), RpcError> {
        // No await between compiling and asking for the version: nothing can be submitted in between.
        let head = {
            let mut identities = service.identities.borrow_mut();
            identities.refresh(&mut service.db.borrow_mut());
            identities.head(&service.db.borrow())
        };
        let Ok(ticket) = service.committer.read(|s| s.version()) else { return Ok(()) };
        let Ok(version) = ticket.await else { return Ok(()) };
        let generation = match &self.sent {
            Some((sent, generation)) if *sent == head => *generation,
            _ => Generation(version.0),
        };
        let mut parts = self.changed(service, &head);
        self.sent = Some((head.clone(), generation));
        loop {
            let push = wire::identity::IdentityPush { head: wire::identity::IdentityHead { generation, ..head.clone() }, parts };
            let reply = self.client.call::<wire::identity::PushIdentity>(&push, CALL_TIMEOUT).await?;
            if reply.missing.is_empty() {
                self.delivered = true;
                return Ok(());
            }
            let Some(more) = some_parts(service, reply.missing.iter().map(String::as_str)).filter(|p| !p.is_empty()) else {
                // They have changed in between: the next push has the new ones.
                return Ok(());
            };
            parts = more;
        }
    }

    /// What the gateway will lack, if it holds what was delivered before.
    fn changed(&self, service: &Service, head: &wire::identity::IdentityHead) -> Vec<wire::identity::Part> {
        let Some((before, _)) = self.sent.as_ref().filter(|_| self.delivered) else { return Vec::new() };
        let old: std::collections::HashSet<_> = before.parts.iter().map(|p| (&p.name, &p.digest)).collect();
        let names = head.parts.iter().filter(|p| !old.contains(&(&p.name, &p.digest))).map(|p| p.name.as_str());
        some_parts(service, names).unwrap_or_default()
    }
}

/// As many as fit into a call; None when one of them is gone.
fn some_parts<'a>(service: &Service, names: impl Iterator<Item = &'a str>) -> Option<Vec<wire::identity::Part>> {
    let identities = service.identities.borrow();
    let (mut parts, mut bytes) = (Vec::new(), 0);
    for name in names {
        let part = identities.part(name)?;
        bytes += part.documents.iter().map(|d| d.len()).sum::<usize>() + 512 * part.entities.len();
        parts.push((*part).clone());
        if bytes > PARTS_BYTES_MAX {
            break;
        }
    }
    Some(parts)
}

fn json(document: &impl Serialize) -> String {
    serde_json::to_string(document).unwrap_or_default()
}

fn with_generation<T: serde::de::DeserializeOwned>(contents: &str, generation: Generation) -> Option<T> {
    let mut value: serde_json::Value = serde_json::from_str(contents).ok()?;
    value.as_object_mut()?.insert("generation".into(), generation.0.into());
    // A cell's document holds documents of balancers, which are judged by their own.
    for balancer in value.get_mut("balancers").and_then(|b| b.as_array_mut()).into_iter().flatten() {
        balancer.get_mut("config")?.as_object_mut()?.insert("generation".into(), generation.0.into());
    }
    serde_json::from_value(value).ok()
}
