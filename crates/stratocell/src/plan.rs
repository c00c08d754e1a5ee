//! What a fault would strike, said before it does: processes, hosts and disks by the settings; instances, volumes, load
//! balancers and NAT gateways by what the region knows. Pure.

use crate::faults::{Blast, Hold, Kind, Link};
use platform::links::LinkFault;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use types::{AccountId, HostId, InstanceId, StorageId, VolumeId};
use wire::api::RegionStatus;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Plan {
    pub processes: BTreeSet<String>,
    pub hosts: BTreeSet<HostId>,
    pub storage_nodes: BTreeSet<StorageId>,
    /// `false`: the control plane did not answer, and the rest is empty.
    pub region_known: bool,
    /// Accounts that have something there.
    pub accounts: BTreeSet<AccountId>,
    /// Killed or standing still.
    pub instances: BTreeSet<InstanceId>,
    /// Running on, cut off from their networks: their card is struck and they are not.
    pub cut_off: BTreeSet<InstanceId>,
    /// Root volumes of instances there, also of stopped ones; they are on the hosts' disks.
    pub volumes: BTreeSet<VolumeId>,
    /// Of a link between hosts: the instances that lose those on the other host, by their own.
    pub separated: BTreeMap<HostId, BTreeSet<InstanceId>>,
    /// Load balancers' nodes and NAT gateways.
    pub routers: BTreeSet<String>,
    /// One sentence each.
    pub notes: Vec<String>,
}

pub fn plan(kind: Kind, blast: &Blast, region: Option<&RegionStatus>) -> Plan {
    let holds = matches!(kind, Kind::Hold(_));
    // A fault of disks strikes no process and no host.
    let processes = if holds { blast.processes.clone() } else { BTreeSet::new() };
    let hosts = if holds { blast.vm_hosts.clone() } else { BTreeSet::new() };
    let mut plan = Plan {
        storage_nodes: blast.disks.clone(),
        region_known: region.is_some(),
        accounts: BTreeSet::new(),
        instances: BTreeSet::new(),
        cut_off: BTreeSet::new(),
        volumes: BTreeSet::new(),
        routers: BTreeSet::new(),
        separated: BTreeMap::new(),
        notes: notes(kind, &processes, blast.link.as_ref()),
        processes,
        hosts,
    };
    let carded = |host: &HostId| plan.processes.contains(&format!("card-{host}"));
    for i in region.iter().flat_map(|r| &r.instances) {
        let Some(host) = i.host.as_ref().filter(|_| i.state != "terminated") else { continue };
        let (struck, up) = (plan.hosts.contains(host), i.state != "stopped");
        if let Some(Link::Hosts(ends)) = &blast.link
            && up
            && ends.iter().any(|(end, _)| end == host)
        {
            plan.separated.entry(host.clone()).or_default().insert(i.instance);
            plan.accounts.insert(i.account.clone());
        }
        if struck {
            plan.volumes.extend(i.volume);
        }
        match (struck, up) {
            (true, true) => drop(plan.instances.insert(i.instance)),
            (false, true) if carded(host) => drop(plan.cut_off.insert(i.instance)),
            (true, false) => {}
            (false, _) => continue,
        }
        plan.accounts.insert(i.account.clone());
    }
    for r in region.iter().flat_map(|r| &r.routers).filter(|r| carded(&r.host)) {
        plan.routers.insert(format!("{} on {}", r.name, r.host));
        plan.accounts.insert(r.account.clone());
    }
    plan
}

fn notes(kind: Kind, processes: &BTreeSet<String>, link: Option<&Link>) -> Vec<String> {
    let mut notes = Vec::new();
    match link {
        Some(Link::Hosts(_)) => notes.push("Instances there reach all others, and are reached, as before."),
        Some(Link::Host(..)) => {
            notes.push(
                "Instances of the host go on, their network too; none starts or stops there, and nothing changes for them.",
            );
        }
        Some(Link::Cell(_)) => {
            notes.push("What runs in the cell goes on. It takes no launches and no changes; launches that leave the zone open go to others.");
        }
        None => {}
    }
    let any = |prefix: &str| processes.iter().any(|p| p.starts_with(prefix));
    if any("gateway") {
        notes.push("No API request is answered, S3's included.");
    }
    if any("control-plane") {
        notes.push("Nothing can be made, changed or described; what runs goes on, S3 too.");
    }
    if any("cell-") {
        notes.push("The struck cells take no launches and no changes; launches that leave the zone open go to others.");
    }
    if any("agent-") && !any("card-") {
        notes.push("Instances there go on, and none starts or stops.");
    }
    if any("edge") {
        notes.push("Public addresses are not reached.");
    }
    match kind {
        Kind::Hold(Hold::Kill) if any("card-") => notes.push("Killed instances start on other hosts of their zones after some seconds, where there is room, or on their own after the heal."),
        Kind::Hold(Hold::Pause) if any("card-") => notes.push("Packets through the struck cards stand still until the heal."),
        Kind::DiskFull => notes.push("What is stored stays readable; the nodes take nothing new."),
        Kind::Corrupt => notes.push("Healing it does not bring the bits back; the object store's repair does."),
        Kind::Link(LinkFault::Slow) => notes.push("Slow: what passes comes 200 ms later, and of packets one of 20 is lost."),
        Kind::Hold(_) | Kind::Link(LinkFault::Partition) => {}
    }
    notes.into_iter().map(str::to_owned).collect()
}

pub fn draw(plan: &Plan) -> String {
    let mut out = String::new();
    let mut line = |what: &str, names: Vec<String>| {
        let names_list = if names.is_empty() { String::new() } else { format!(": {}", names.join(", ")) };
        // Writing to a string cannot fail.
        let _ = writeln!(out, "  {:>3} {what}{names_list}", names.len());
    };
    line("processes", names(&plan.processes));
    line("hosts", names(&plan.hosts));
    line("storage nodes' disks", names(&plan.storage_nodes));
    if plan.region_known {
        line("instances", names(&plan.instances));
        line("instances without their network", names(&plan.cut_off));
        for (host, instances) in &plan.separated {
            line(&format!("instances on {host} that lose those of the other host"), names(instances));
        }
        line("volumes", names(&plan.volumes));
        line("load balancers' nodes and NAT gateways", names(&plan.routers));
        line("accounts", names(&plan.accounts));
    }
    for note in &plan.notes {
        let _ = writeln!(out, "{note}");
    }
    out
}

fn names<T: ToString>(of: &BTreeSet<T>) -> Vec<String> {
    of.iter().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::check;
    use crate::setup::tests::example;
    use wire::api::{InstanceSummary, RouterSummary};

    #[test]
    fn what_stands_on_the_struck_hosts_is_struck() {
        let settings = example(2, 1, 2);
        let names: Vec<String> = crate::roles::processes(&settings).into_iter().map(|(n, _)| n).collect();
        let instance = |n: u8, host: &str, state: &str| InstanceSummary {
            account: format!("12345678901{n}").parse().unwrap(),
            instance: format!("i-0123456789abcde{n:02x}").parse().unwrap(),
            interface: None,
            state: state.into(),
            host: Some(host.parse().unwrap()),
            private_ip: None,
            public_ip: None,
            name: None,
            volume: Some(format!("vol-0123456789abcde{n:02x}").parse().unwrap()),
            cell_why: String::new(),
            placed_why: String::new(),
            interrupted: None,
        };
        let region = RegionStatus {
            accounts: vec![],
            cells: vec![],
            instances: vec![
                instance(1, "a1-h1", "running"),
                instance(2, "a1-h1", "stopped"),
                instance(3, "a1-h2", "running"),
                instance(4, "b1-h1", "running"),
                instance(5, "a1-h1", "terminated"),
            ],
            impaired: vec![],
            impaired_cells: vec![],
            routers: vec![RouterSummary {
                account: "123456789012".parse().unwrap(),
                name: "load balancer web".into(),
                host: "a1-h2".parse().unwrap(),
            }],
            balancers: vec![],
        };
        // Instances struck, cut off, volumes, routers, accounts.
        for (target, kind, wanted) in [
            ("host/a1-h1", "kill", [1, 0, 2, 0, 2]),
            ("process/card-a1-h2", "pause", [0, 1, 0, 1, 2]),
            ("process/agent-a1-h1", "kill", [0, 0, 0, 0, 0]),
            ("cell/a1", "kill", [0, 0, 0, 0, 0]),
            ("az/us-east-1a", "kill", [2, 0, 3, 1, 3]),
            ("az/us-east-1a", "disk-full", [0, 0, 0, 0, 0]),
            ("link/a1-h1~a1", "partition", [0, 0, 0, 0, 0]),
            ("link/a1~region", "slow", [0, 0, 0, 0, 0]),
            ("link/a1-h1~b1-h1", "partition", [0, 0, 0, 0, 2]),
        ] {
            let (parsed, blast) = check(target, kind, &settings, &names).unwrap();
            let p = plan(parsed, &blast, Some(&region));
            let got = [p.instances.len(), p.cut_off.len(), p.volumes.len(), p.routers.len(), p.accounts.len()];
            assert_eq!(got, wanted, "{target} {kind}");
            assert!(!p.notes.is_empty() && draw(&p).contains(&p.notes[0]), "{target} {kind}");
            let separated: Vec<_> = p.separated.values().map(BTreeSet::len).collect();
            assert_eq!(separated, if target.ends_with("b1-h1") { vec![1, 1] } else { vec![] }, "{target}");
            let unknown = plan(parsed, &blast, None);
            assert!(!unknown.region_known && unknown.instances.is_empty() && unknown.processes == p.processes);
            assert!(!draw(&unknown).contains("volumes"));
        }
    }
}
