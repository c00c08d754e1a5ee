//! The object store's nodes and index, asked themselves: for `status` and `durability`.

use super::{block_on, print};
use crate::cli::DurabilityArgs;
use crate::error::CliError;
use objectstore::Layout;
use objectstore::durability::{Inputs, report};
use objectstore::message::{IndexFrame, NodeAnswer, NodeCall, NodeStat, Pong, pack, unpack};
use platform::bulk::{BulkClient, Parcel};
use platform::{DataDir, Settings};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use types::StorageId;

const HOUR_MS: f64 = 3_600_000.0;
/// Assumed where nothing was ever repaired.
const REPAIR_HOURS: f64 = 24.0;
const ASK_TIMEOUT: Duration = Duration::from_millis(700);

pub async fn node_stat(dir: &DataDir, node: &StorageId, timeout: Duration) -> Result<NodeStat, String> {
    let call = pack(&NodeCall::Stat, Default::default()).map_err(|e| e.to_string())?;
    let answer = ask(dir, dir.storage_socket(node), call, timeout).await?;
    match unpack(&answer) {
        Ok(NodeAnswer::Stat(stat)) => Ok(stat),
        Ok(other) => Err(format!("it answered {other:?}")),
        Err(e) => Err(e.to_string()),
    }
}

async fn ask(dir: &DataDir, socket: PathBuf, call: Parcel, timeout: Duration) -> Result<Parcel, String> {
    let me = super::operator(dir).map_err(|e| e.to_string())?;
    BulkClient::new(&me, socket).call(call, timeout).await.map_err(super::status::word)
}

/// Does this process lead the index?
pub async fn index_leads(dir: &DataDir, node: &str, timeout: Duration) -> Result<bool, String> {
    let ping = pack(&IndexFrame::Ping, Default::default()).map_err(|e| e.to_string())?;
    let answer = ask(dir, dir.index_socket(node), ping, timeout).await?;
    unpack::<Pong>(&answer).map(|p| p.leader).map_err(|e| e.to_string())
}

/// Nines a class, with what they are computed from. Needs no running region, but a repair time measured there is better.
pub fn durability(dir: &DataDir, args: &DurabilityArgs) -> Result<ExitCode, CliError> {
    if !(0.0..1.0).contains(&args.afr) || args.repair_hours.is_some_and(|h| h <= 0.0) || args.zone_losses < 0.0 {
        return Err(CliError::refused("--afr is a share below 1, hours are above 0, rates are not negative"));
    }
    let settings = Settings::load(dir)?;
    let topology = gateway::object_topology(&settings);
    let measured = block_on(async {
        let mut longest = 0;
        for node in topology.nodes() {
            if let Ok(stat) = node_stat(dir, &node.id, ASK_TIMEOUT).await {
                longest = longest.max(stat.last_repair_ms);
            }
        }
        Ok(longest)
    })?;
    let (repair_hours, origin) = match args.repair_hours {
        Some(hours) => (hours, "as given".to_owned()),
        None if measured > 0 => {
            // The model counts from the loss, the nodes from when they notice: a round of their digests earlier.
            (measured as f64 / HOUR_MS, format!("the nodes' longest last repair: {measured} ms"))
        }
        None => (REPAIR_HOURS, "assumed: nothing was repaired here yet".to_owned()),
    };
    let inputs = Inputs {
        annual_failure_rate: args.afr,
        repair_hours,
        zones: topology.zones() as u32,
        zone_losses_per_year: args.zone_losses,
        zone_repair_hours: args.zone_repair_hours,
    };
    let coded = Layout::erasure(&topology);
    let classes = [
        ("STANDARD", Layout::REPLICATED),
        ("STANDARD_IA", coded),
        ("GLACIER_IR", coded),
        ("GLACIER", coded),
        ("DEEP_ARCHIVE", coded),
    ];
    let text = report(&classes, &inputs);
    print(&format!(
        "{text}repair time: {origin}\nA model, not a promise: software faults, operators and disasters are not in it, and all zones of this\n\
         region are on one machine.\n"
    ))
}
