//! `status`: asks everybody at once and draws the tree of what answered.

use super::access::host_config;
use super::objects::{index_leads, node_stat};
use super::{ask, block_on, print, print_json};
use crate::error::CliError;
use crate::supervisor;
use crate::tree::{self, Answers};
use platform::rpc::RpcError;
use platform::{DataDir, Settings};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Duration;
use wire::api::GetRegionStatus;
use wire::cell::GetCellStatus;
use wire::edge::GetEdgeStatus;
use wire::host::GetAgentStatus;
use wire::supervisor::{GetRefusals, GetSupervisorStatus, ProcessStatus};

/// A role that is paused answers nothing: nobody waits for it longer than this.
const ASK_TIMEOUT: Duration = Duration::from_millis(700);

pub fn run(dir: &DataDir, json: bool) -> Result<ExitCode, CliError> {
    let settings = Settings::load(dir)?;
    let answers = block_on(async { Ok(gather(dir, &settings).await) })?;
    let tree = tree::build(&settings, &answers);
    if json {
        return print_json(&tree);
    }
    print(&tree::draw(&tree))
}

async fn gather(dir: &DataDir, settings: &Settings) -> Answers {
    let cells = settings.cells.iter().map(|c| {
        let (dir, id) = (dir.clone(), c.id.clone());
        tokio::task::spawn_local(async move {
            let answer = ask::<GetCellStatus>(&dir, &format!("cell-{id}"), ASK_TIMEOUT).await;
            (id, answer.map_err(word))
        })
    });
    let cells: Vec<_> = cells.collect();
    let agents = settings.cells.iter().flat_map(|c| &c.hosts).map(|h| {
        let (dir, id) = (dir.clone(), h.id.clone());
        tokio::task::spawn_local(async move {
            let answer = ask::<GetAgentStatus>(&dir, &format!("agent-{id}"), ASK_TIMEOUT).await;
            (id, answer.map_err(word))
        })
    });
    let agents: Vec<_> = agents.collect();
    let nodes = settings.storage.iter().map(|s| {
        let (dir, id) = (dir.clone(), s.id.clone());
        tokio::task::spawn_local(async move { (id.clone(), node_stat(&dir, &id, ASK_TIMEOUT).await) })
    });
    let nodes: Vec<_> = nodes.collect();
    let index = settings.index_nodes().into_iter().map(|(n, _)| {
        let dir = dir.clone();
        tokio::task::spawn_local(async move { (n.clone(), index_leads(&dir, &n, ASK_TIMEOUT).await) })
    });
    let index: Vec<_> = index.collect();
    let (supervisor, region, edge) = tokio::join!(
        ask::<GetSupervisorStatus>(dir, supervisor::NAME, ASK_TIMEOUT),
        ask::<GetRegionStatus>(dir, "control-plane", ASK_TIMEOUT),
        ask::<GetEdgeStatus>(dir, "edge", ASK_TIMEOUT),
    );
    let called = |p: &&ProcessStatus| !p.name.starts_with("storage-") && !p.name.starts_with("index-");
    let processes = supervisor.iter().flat_map(|s| s.processes.iter().filter(called).map(|p| p.name.clone()));
    let processes = processes.chain(std::iter::once(supervisor::NAME.to_owned()));
    let refusals = processes.map(|name| {
        let dir = dir.clone();
        tokio::task::spawn_local(async move {
            let counts = ask::<GetRefusals>(&dir, &name, ASK_TIMEOUT).await.ok();
            counts.map(|counts| (name, counts))
        })
    });
    let refusals: Vec<_> = refusals.collect();
    let mut answers = Answers {
        supervisor: supervisor.map_err(word),
        region: region.map_err(word),
        edge: edge.map_err(word),
        cells: BTreeMap::new(),
        agents: BTreeMap::new(),
        ledgers: BTreeMap::new(),
        storage: BTreeMap::new(),
        index: BTreeMap::new(),
        refusals: BTreeMap::new(),
        root_key: platform::root_key::kept(dir, settings.kms_passphrase_file.as_deref()),
    };
    for task in refusals {
        answers.refusals.extend(task.await.ok().flatten());
    }
    for task in nodes {
        answers.storage.extend(task.await.ok());
    }
    for task in index {
        answers.index.extend(task.await.ok());
    }
    for task in cells {
        answers.cells.extend(task.await.ok());
    }
    for task in agents {
        answers.agents.extend(task.await.ok());
    }
    if answers.region.is_err() {
        let hosts = settings.cells.iter().flat_map(|c| &c.hosts);
        answers.ledgers = hosts.filter_map(|h| Some((h.id.clone(), host_config(dir, &h.id)?))).collect();
    }
    answers
}

/// Why a role does not answer, short.
pub(super) fn word(e: RpcError) -> String {
    word_of(&e)
}

pub(super) fn word_of(e: &RpcError) -> String {
    match e {
        RpcError::Unreachable { .. } => "not running".to_owned(),
        RpcError::Untrusted { cause, .. } => format!("not trusted: {cause}"),
        RpcError::Unknown { .. } => "no answer in time".to_owned(),
        RpcError::Remote { message, .. } => message.clone(),
    }
}
