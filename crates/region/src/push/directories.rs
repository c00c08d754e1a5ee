//! To a directory: the names of all parts, and the parts that it lacks.

use super::{CALL_TIMEOUT, GATHER, PARTS_BYTES_MAX, RESEND_EVERY, RETRY_EVERY};
use crate::service::Service;
use platform::rpc::{Client, RpcError};
use std::collections::HashSet;
use std::rc::Rc;
use types::Generation;
use wire::directory::{DirectoryPart, DirectoryPush, PartName, PushDirectory};

struct Target {
    client: Client,
    name: String,
    /// What it was last sent.
    sent: Option<(Vec<PartName>, Generation)>,
    delivered: bool,
}

pub fn spawn(service: Rc<Service>, id: &str) -> Rc<tokio::sync::Notify> {
    let waker = Rc::new(tokio::sync::Notify::new());
    let wake = waker.clone();
    let name = format!("directory-{id}");
    let client = Client::new(&service.me, service.dir.socket(&name));
    let mut target = Target { client, name, sent: None, delivered: false };
    tokio::task::spawn_local(async move {
        loop {
            if let Err(e) = target.push(&service).await {
                if target.delivered {
                    tracing::warn!(to = target.name, error = %e, "a directory was not reached; trying again");
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

impl Target {
    async fn push(&mut self, service: &Service) -> Result<(), RpcError> {
        // No await between naming and asking for the version: nothing can be submitted in between.
        let names = {
            let mut cut = service.directory.borrow_mut();
            cut.refresh(&mut service.db.borrow_mut());
            cut.names()
        };
        let Ok(ticket) = service.committer.read(|s| s.version()) else { return Ok(()) };
        let Ok(version) = ticket.await else { return Ok(()) };
        let generation = match &self.sent {
            Some((sent, generation)) if *sent == names => *generation,
            _ => Generation(version.0),
        };
        let held: HashSet<&PartName> = self.sent.iter().filter(|_| self.delivered).flat_map(|(sent, _)| sent).collect();
        let new: Vec<PartName> = names.iter().filter(|n| !held.contains(n)).cloned().collect();
        // A directory that holds nothing of what is named says what it lacks, which may be little.
        let mut parts = if self.delivered { some(service, &new).unwrap_or_default() } else { Vec::new() };
        self.sent = Some((names.clone(), generation));
        loop {
            let push = DirectoryPush::new(generation, names.clone(), parts);
            let reply = self.client.call::<PushDirectory>(&push, CALL_TIMEOUT).await?;
            if reply.missing.is_empty() {
                self.delivered = true;
                return Ok(());
            }
            // Some have changed in between: the next push has the new ones.
            let Some(more) = some(service, &reply.missing).filter(|p| !p.is_empty()) else { return Ok(()) };
            parts = more;
        }
    }
}

/// As many as fit into a call; None when one of them is gone.
fn some(service: &Service, names: &[PartName]) -> Option<Vec<DirectoryPart>> {
    let cut = service.directory.borrow();
    let (mut parts, mut bytes) = (Vec::new(), 0);
    for name in names {
        parts.push(cut.part(name)?);
        bytes += cut.part_bytes(name);
        if bytes > PARTS_BYTES_MAX {
            break;
        }
    }
    Some(parts)
}
