//! Storage nodes and index processes, asked directly as the gateway does.

use crate::harness::Region;
use objectstore::message::{IndexFrame, NodeAnswer, NodeCall, NodeStat, Pong, pack, unpack};
use platform::Settings;
use platform::bulk::BulkClient;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_millis(500);

fn ask<Q: serde::Serialize, A: serde::de::DeserializeOwned>(socket: PathBuf, question: &Q) -> Option<A> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
    let call = pack(question, Default::default()).ok()?;
    let local = tokio::task::LocalSet::new();
    let answer = local.block_on(&runtime, async { BulkClient::new(socket).call(call, TIMEOUT).await }).ok()?;
    unpack(&answer).ok()
}

/// Of each node that answers, by its id.
pub fn stats(region: &Region) -> BTreeMap<String, NodeStat> {
    let dir = region.dir();
    let settings = Settings::load(&dir).expect("settings");
    let one = |id: &types::StorageId| match ask(dir.storage_socket(id), &NodeCall::Stat)? {
        NodeAnswer::Stat(stat) => Some((id.to_string(), stat)),
        _ => None,
    };
    settings.storage.iter().filter_map(|s| one(&s.id)).collect()
}

/// The name of the index process that leads, such as `index-a`.
pub fn leader(region: &Region) -> Option<String> {
    let dir = region.dir();
    let settings = Settings::load(&dir).expect("settings");
    let leads = |name: &str| ask::<_, Pong>(dir.index_socket(name), &IndexFrame::Ping).is_some_and(|pong| pong.leader);
    settings.index_nodes().into_iter().find(|(name, _)| leads(name)).map(|(name, _)| format!("index-{name}"))
}
