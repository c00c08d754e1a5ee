//! Storage nodes and index processes, asked directly as the gateway does.

use crate::harness::Region;
use objectstore::index::IndexClient;
use objectstore::index::map::Spot;
use objectstore::message::{IndexAnswer, IndexCall, IndexFrame, NodeAnswer, NodeCall, NodeStat, Pong, pack, unpack};
use platform::bulk::BulkClient;
use platform::{DataDir, Identity, Settings};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_millis(500);

fn ask<Q: serde::Serialize, A: serde::de::DeserializeOwned>(dir: &DataDir, socket: PathBuf, question: &Q) -> Option<A> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
    let call = pack(question, Default::default()).ok()?;
    let local = tokio::task::LocalSet::new();
    let me = Identity::open(dir, "operator").ok()?;
    let answer = local.block_on(&runtime, async { BulkClient::new(&me, socket).call(call, TIMEOUT).await }).ok()?;
    unpack(&answer).ok()
}

/// Of each node that answers, by its id.
pub fn stats(region: &Region) -> BTreeMap<String, NodeStat> {
    let dir = region.dir();
    let settings = Settings::load(&dir).expect("settings");
    let one = |id: &types::StorageId| match ask(&dir, dir.storage_socket(id), &NodeCall::Stat)? {
        NodeAnswer::Stat(stat) => Some((id.to_string(), stat)),
        _ => None,
    };
    settings.storage.iter().filter_map(|s| one(&s.id)).collect()
}

/// One call of the index, as another process than the gateway makes it.
pub fn index(region: &Region, call: IndexCall) -> IndexAnswer {
    let dir = region.dir();
    let settings = Settings::load(&dir).expect("settings");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let me = Identity::open(&dir, "index-a").expect("an identity");
    let client = IndexClient::new(&me, settings.index_nodes().into_iter().map(|(name, _)| dir.index_socket(&name)));
    runtime.block_on(client.call(call)).expect("an answer")
}

/// Splits the shard of the index that has this key, at this key. False: not now.
pub fn split(region: &Region, bucket: &str, key: &str) -> bool {
    let dir = region.dir();
    let settings = Settings::load(&dir).expect("settings");
    let names: Vec<String> = settings.index_nodes().into_iter().map(|(name, _)| name).collect();
    let at = Spot::of(bucket, key);
    let pongs: Vec<Pong> = names.iter().filter_map(|name| ask(&dir, dir.index_socket(name), &IndexFrame::Ping)).collect();
    let leads = pongs.iter().flat_map(|pong| &pong.leads);
    let having = leads.filter(|led| led.extent.has(&at)).max_by_key(|led| led.extent.start.clone());
    let Some(shard) = having.map(|led| led.extent.number) else { return false };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    // Splitting is for the index's own processes.
    let me = Identity::open(&dir, "index-a").expect("an identity");
    let client = IndexClient::new(&me, names.iter().map(|name| dir.index_socket(name)));
    let call = IndexCall::Split { shard, at: Some(at) };
    runtime.block_on(async { client.call(call).await.is_ok() })
}

/// The name of the index process that leads, such as `index-a`.
pub fn leader(region: &Region) -> Option<String> {
    let dir = region.dir();
    let settings = Settings::load(&dir).expect("settings");
    let leads = |name: &str| ask::<_, Pong>(&dir, dir.index_socket(name), &IndexFrame::Ping).is_some_and(|pong| pong.leader);
    settings.index_nodes().into_iter().find(|(name, _)| leads(name)).map(|(name, _)| format!("index-{name}"))
}
