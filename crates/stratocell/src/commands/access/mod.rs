//! Ways to an instance that need neither the control plane nor its security groups: serial console, port forward, ssh.

pub mod console;
pub mod forward;
pub mod ssh;

use super::ask;
use crate::error::CliError;
use platform::{DataDir, Settings};
use std::time::Duration;
use types::{HostId, InstanceId, InterfaceId};
use wire::api::GetRegionStatus;
use wire::host::HostConfig;

/// Where an instance's first interface is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub host: HostId,
    pub interface: InterfaceId,
}

/// Asks the region; without one, the hosts' own ledgers tell.
pub async fn find(dir: &DataDir, instance: InstanceId) -> Result<Place, CliError> {
    let settings = Settings::load(dir)?;
    if let Ok(region) = ask::<GetRegionStatus>(dir, "control-plane", Duration::from_secs(1)).await
        && let Some(i) = region.instances.into_iter().find(|i| i.instance == instance)
        && let (Some(host), Some(interface)) = (i.host, i.interface)
    {
        return Ok(Place { host, interface });
    }
    settings
        .cells
        .iter()
        .flat_map(|c| &c.hosts)
        .find_map(|h| {
            let config = host_config(dir, &h.id)?;
            let interface = config.instances.iter().find(|i| i.id == instance)?.interfaces.first().copied()?;
            Some(Place { host: h.id.clone(), interface })
        })
        .ok_or_else(|| CliError::refused(format!("{instance} is on no host: see `stratocell status`")))
}

/// What a host holds, read without touching its ledger (its agent may be writing it: the file is replaced whole).
pub fn host_config(dir: &DataDir, host: &HostId) -> Option<HostConfig> {
    let text = std::fs::read_to_string(dir.host_ledger(host)).ok()?;
    let (_, document) = text.split_once('\n')?;
    serde_json::from_str(document).ok()
}

/// The host whose disk has the instance.
pub fn host_on_disk(dir: &DataDir, instance: InstanceId) -> Result<HostId, CliError> {
    let settings = Settings::load(dir)?;
    settings
        .cells
        .into_iter()
        .flat_map(|c| c.hosts)
        .map(|h| h.id)
        .find(|h| dir.instance(h, &instance).is_dir())
        .ok_or_else(|| CliError::refused(format!("no host has {instance} on its disk: see `stratocell status`")))
}
