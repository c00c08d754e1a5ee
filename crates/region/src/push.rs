//! Sends every document to the role that acts on it: on each change, and again on a slow timer (constant work).
//!
//! A document's generation is the store's version behind everything it was compiled from, so that a newer state never
//! carries an older number, and the same number never other contents. What was compiled is only sent once it is durable.

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
        };
        wakers.push(spawn(service.clone(), target));
    }
    wakers.push(spawn(
        service.clone(),
        Target::<wire::edge::PushEdgeConfig> {
            client: Client::new(service.dir.socket("edge")),
            name: "edge".into(),
            compile: Box::new(|s, g| compile::edge_config(&s.db.borrow(), &s.settings, g)),
            sent: None,
            delivered: false,
        },
    ));
    wakers.push(spawn(
        service.clone(),
        Target::<wire::api::PushCredentials> {
            client: Client::new(service.dir.socket("gateway")),
            name: "gateway".into(),
            compile: Box::new(|s, g| compile::credentials(&s.db.borrow(), g)),
            sent: None,
            delivered: false,
        },
    ));
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
            Ok(_) => {}
            Err(RpcError::Remote { code, message }) => tracing::warn!(to = self.name, code, message, "a document was refused"),
            Err(e) if was => tracing::warn!(to = self.name, error = %e, "a document was not delivered; trying again"),
            Err(_) => {}
        }
    }
}

fn json(document: &impl Serialize) -> String {
    serde_json::to_string(document).unwrap_or_default()
}

fn with_generation<T: serde::de::DeserializeOwned>(contents: &str, generation: Generation) -> Option<T> {
    let mut value: serde_json::Value = serde_json::from_str(contents).ok()?;
    value.as_object_mut()?.insert("generation".into(), generation.0.into());
    serde_json::from_value(value).ok()
}
