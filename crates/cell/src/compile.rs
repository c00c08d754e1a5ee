//! The region's document to one document a host. Pure; the same input gives the same bytes.

use crate::state::Cell;
use std::collections::BTreeSet;
use types::{Generation, HostId, InstanceId, VpcId};
use wire::FORMAT;
use wire::cell::CellInstance;
use wire::host::{BalancerNode, Desired, GuestShutdown, HostConfig, InstanceConfig, MovedDisk};
use wire::net::{InterfaceEntry, NetConfig, PortConfig, TransitTarget, VpcConfig, routers};

/// `None` while the region's document is not known: a host is told nothing rather than less than it has.
pub fn host_config(cell: &Cell, host: &HostId, generation: Generation) -> Option<HostConfig> {
    let config = cell.config()?;
    let settings = cell.settings().hosts.iter().find(|h| h.id == *host)?;
    let here: Vec<_> = config.instances.iter().filter(|i| i.host == *host && !cell.is_ended(i)).collect();
    let is_here = |m: &&MovedDisk| here.iter().any(|i| i.config.id == m.instance);
    let running = here.iter().filter(|i| cell.desired(i) == Desired::Running && !held_back(cell, i));
    let mut ports: Vec<_> = running.flat_map(|i| i.ports.iter().map(|p| cell.port(i, p))).collect();
    ports.extend(config.routers.iter().filter(|r| r.host == *host).map(|r| r.port.clone()));
    let nodes = || config.balancers.iter().filter(|b| b.host == *host);
    ports.extend(nodes().map(|b| b.port.clone()));
    let vpcs = reached(&config.vpcs, ports.iter().map(|p| p.vpc).collect());
    let mut instances: Vec<_> = here.iter().filter_map(|i| instance(cell, i)).collect();
    instances.extend(cell.orphans(host).into_iter().map(terminated));
    instances.sort_by_key(|i| i.id);
    Some(HostConfig {
        balancers: nodes().map(|b| BalancerNode { interface: b.port.id, config: b.config.clone() }).collect(),
        format: FORMAT,
        host: host.clone(),
        cell: cell.settings().id.clone(),
        generation,
        moved_disks: config.moved_disks.iter().filter(is_here).cloned().collect(),
        instances,
        net: NetConfig {
            format: FORMAT,
            host: host.clone(),
            generation,
            underlay: settings.underlay,
            vpcs: config.vpcs.iter().filter(|v| vpcs.contains(&v.id)).map(|v| vpc(v, &ports)).collect(),
            ports,
            internet: config.internet.clone(),
            services: config.services.clone(),
            names: config.names.clone(),
        },
    })
}

/// One that may not start, or not yet.
fn held_back(cell: &Cell, i: &CellInstance) -> bool {
    cell.is_refused(i) || cell.waits(i)
}

/// One that may not start stays as it is: stopped, or never there.
fn instance(cell: &Cell, i: &CellInstance) -> Option<InstanceConfig> {
    match held_back(cell, i) {
        false => Some(InstanceConfig { desired: cell.desired(i), ..i.config.clone() }),
        true => cell.has(i).then(|| InstanceConfig { desired: Desired::Stopped, ..i.config.clone() }),
    }
}

/// Of a large VPC a host is told what its own ports need, and asks for the rest.
fn vpc(v: &VpcConfig, ports: &[PortConfig]) -> VpcConfig {
    if v.directories.is_empty() {
        return v.clone();
    }
    let ports = || ports.iter().filter(|p| p.vpc == v.id);
    let groups: BTreeSet<_> = ports().flat_map(|p| &p.groups).collect();
    let mut interfaces = routers(&v.route_tables);
    interfaces.extend(ports().map(|p| p.id));
    interfaces.extend(v.balancers.iter().map(|b| b.interface));
    let targets = v.balancers.iter().flat_map(|b| &b.listeners).flat_map(|l| &l.targets);
    let targets: BTreeSet<_> = targets.map(|t| t.address).collect();
    let is_named = |i: &InterfaceEntry| interfaces.contains(&i.id) || i.ipv4.iter().any(|a| targets.contains(a));
    VpcConfig {
        interfaces: v.interfaces.iter().filter(|i| is_named(i)).cloned().collect(),
        security_groups: v.security_groups.iter().filter(|g| groups.contains(&g.id)).cloned().collect(),
        ..v.clone()
    }
}

/// The VPCs that have a port, and those that a peering or a transit gateway joins to them, in either direction: a packet may
/// come from where none can go.
fn reached(all: &[VpcConfig], own: BTreeSet<VpcId>) -> BTreeSet<VpcId> {
    let mut reached = own.clone();
    for vpc in all {
        let over_transit = vpc.transit.iter().flat_map(|t| &t.routes).filter_map(|r| match r.target {
            TransitTarget::Vpc { vpc, .. } => Some(vpc),
            TransitTarget::Blackhole => None,
        });
        for other in vpc.peerings.iter().map(|p| p.peer).chain(over_transit) {
            if own.contains(&vpc.id) {
                reached.insert(other);
            }
            if own.contains(&other) {
                reached.insert(vpc.id);
            }
        }
    }
    reached
}

/// The order to remove what nobody wants.
fn terminated(id: InstanceId) -> InstanceConfig {
    InstanceConfig {
        id,
        desired: Desired::Terminated,
        image: String::new(),
        vcpus: 0,
        memory_mib: 0,
        root_disk_gib: 0,
        interfaces: Vec::new(),
        interfaces_max: 0,
        boot: 0,
        reboot: 0,
        on_guest_shutdown: GuestShutdown::Terminate,
        isolation: Default::default(),
    }
}
