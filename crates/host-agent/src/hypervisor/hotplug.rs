//! Network cards that come to a running guest and go from it, by QMP.
//!
//! Each sits in a PCI Express port of its own, made at the machine's start. What is plugged is asked of QEMU each time, so
//! that an agent that died in the middle of one step makes it again without harm. A guest's kernel takes about 5 seconds to
//! let go of a card: somebody might press the slot's button again.

use super::qemu::QMP_TIMEOUT;
use super::qmp::Qmp;
use super::{HypervisorError, Nic};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};
use types::InterfaceId;

/// Connecting the card is part of `netdev_add`.
const PLUG_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a guest may take to let go of a card.
const LET_GO_MAX: Duration = Duration::from_secs(20);
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// The name of the n-th port for cards that come and go, from 1.
pub fn slot(n: usize) -> String {
    format!("slot{n}")
}

/// What the parts of a card are called in QEMU.
pub struct Names {
    pub device: String,
    pub netdev: String,
    pub chardev: String,
}

impl Names {
    pub fn of(interface: InterfaceId) -> Self {
        Self { device: interface.to_string(), netdev: format!("net-{interface}"), chardev: format!("card-{interface}") }
    }
}

pub fn plug(socket: &Path, nic: &Nic) -> Result<(), HypervisorError> {
    let names = Names::of(nic.interface);
    let mut qmp = Qmp::connect(socket, PLUG_TIMEOUT)?;
    let devices = devices(&mut qmp)?;
    let connected = has_chardev(&mut qmp, &names.chardev)?;
    match (devices.contains(&names.device), connected) {
        (true, true) => return Ok(()),
        (true, false) => return Err(HypervisorError::Control(format!("the guest has not let go of {} yet", names.device))),
        // A step that was not finished.
        (false, true) => disconnect(&mut qmp, &names)?,
        (false, false) => {}
    }
    let slot = free_slot(&mut qmp, &devices)?;
    let address = json!({ "type": "unix", "data": { "path": nic.socket } });
    let backend = json!({ "type": "socket", "data": { "addr": address, "server": false, "reconnect": 1 } });
    qmp.call("chardev-add", json!({ "id": names.chardev, "backend": backend }))?;
    let netdev = json!({ "type": "vhost-user", "id": names.netdev, "chardev": names.chardev });
    let device = json!({
        "driver": "virtio-net-pci", "id": names.device, "bus": slot, "netdev": names.netdev, "mac": nic.mac.to_string(),
        // As on the command line.
        "vectors": 0, "romfile": "",
    });
    let added = qmp.call("netdev_add", netdev).and_then(|_| qmp.call("device_add", device));
    if let Err(e) = added {
        disconnect(&mut qmp, &names)?;
        return Err(e);
    }
    Ok(())
}

pub fn unplug(socket: &Path, interface: InterfaceId) -> Result<(), HypervisorError> {
    let names = Names::of(interface);
    let begun = Instant::now();
    let mut asked = false;
    loop {
        let mut qmp = Qmp::connect(socket, QMP_TIMEOUT)?;
        let here = devices(&mut qmp)?.contains(&names.device);
        if !here || begun.elapsed() > LET_GO_MAX {
            if here {
                tracing::warn!(%interface, "the guest does not let go of a network card: it is disconnected");
            }
            return disconnect(&mut qmp, &names);
        }
        if !std::mem::replace(&mut asked, true)
            && let Err(e) = qmp.call("device_del", json!({ "id": names.device }))
        {
            // Asked by a predecessor, most likely; else it will be disconnected.
            tracing::debug!(%interface, error = %e, "device_del");
        }
        drop(qmp);
        std::thread::sleep(LOOK_AGAIN);
    }
}

/// Names of everything that was plugged or was on the command line with a name.
fn devices(qmp: &mut Qmp) -> Result<Vec<String>, HypervisorError> {
    let list = qmp.call("qom-list", json!({ "path": "/machine/peripheral" }))?;
    Ok(names(&list, "name"))
}

fn names(list: &Value, field: &str) -> Vec<String> {
    let items = list.as_array().into_iter().flatten();
    items.filter_map(|i| i.get(field)?.as_str().map(str::to_owned)).collect()
}

fn has_chardev(qmp: &mut Qmp, name: &str) -> Result<bool, HypervisorError> {
    Ok(names(&qmp.execute("query-chardev")?, "label").iter().any(|l| l == name))
}

fn free_slot(qmp: &mut Qmp, devices: &[String]) -> Result<String, HypervisorError> {
    let mut used = Vec::new();
    for device in devices.iter().filter(|d| d.starts_with(InterfaceId::PREFIX)) {
        let path = format!("/machine/peripheral/{device}");
        let bus = qmp.call("qom-get", json!({ "path": path, "property": "parent_bus" }))?;
        used.extend(bus.as_str().and_then(|b| b.rsplit('/').next()).map(str::to_owned));
    }
    pick_slot(devices, &used)
        .ok_or_else(|| HypervisorError::Control("no slot is free for another network card until the next start".to_owned()))
}

/// The first port on which nothing sits. Buses have their ports' names.
fn pick_slot(devices: &[String], used: &[String]) -> Option<String> {
    let slots = devices.iter().filter(|d| d.starts_with("slot") && !used.contains(d));
    slots.min_by_key(|s| (s.len(), (*s).clone())).cloned()
}

/// Takes the card's connection away. What is not there is not missed.
fn disconnect(qmp: &mut Qmp, names: &Names) -> Result<(), HypervisorError> {
    if !has_chardev(qmp, &names.chardev)? {
        return Ok(());
    }
    // It takes the chardev along. There is none when it failed to be made.
    let netdev = qmp.call("netdev_del", json!({ "id": names.netdev }));
    if has_chardev(qmp, &names.chardev)? {
        qmp.call("chardev-remove", json!({ "id": names.chardev })).map_err(|e| netdev.err().unwrap_or(e))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_taken_in_order() {
        let all = |n: &[&str]| n.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        let devices = all(&["slot10", "slot2", "eni-1", "slot1", "eni-2"]);
        for (used, free) in [
            (&[][..], Some("slot1")),
            (&["slot1"], Some("slot2")),
            (&["slot2", "slot1"], Some("slot10")),
            (&["slot1", "slot2", "slot10"], None),
        ] {
            assert_eq!(pick_slot(&devices, &all(used)).as_deref(), free, "{used:?}");
        }
    }
}
