//! Rows to documents: pure functions of (rows, settings). Sorted, so that the same rows give the same bytes.

use crate::db::Db;
use crate::ec2::compute::{capacity, hosts, images, names, placement, spot, types};
use crate::ec2::network::{
    address, dhcp_options, endpoint, flow_log, network_acl, peering, prefix_list, route_table, route_table::Outside6,
    security_group, transit_attachment, transit_route,
};
use crate::elb::{self, rows::NodeState};
use crate::filter::tags_of;
use crate::rows::{
    AttachmentStatus, BalancerNode, Instance, InstanceState, Interface, InternetGateway, KeyPair, NatGateway, RouteTable,
    RulePeer, SecurityGroup, Subnet, TransitAttachment, Vpc, VpcEndpoint,
};
use ::types::{AccountId, CellId, Generation, HostId, InterfaceId, PrefixListId, SubnetId, VpcId};
use platform::Settings;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;
use wire::FORMAT;
use wire::cell::{CellBalancer, CellConfig, CellInstance, CellRouter};
use wire::edge::{ALIAS_PORTS_MAX, EdgeAddress, EdgeConfig, OUTSIDE, OUTSIDE6};
use wire::host::{Desired, GuestShutdown, InstanceConfig, Isolation, MovedDisk};
use wire::net::{
    DhcpConfig, EndpointConfig, InterfaceEntry, InternetConfig, MetadataConfig, NatConfig, PeeringConfig, PortConfig,
    PrefixListConfig, PublicAddress, PublicMapping, RouteTableConfig, TerminatorConfig, VpcConfig,
};

/// What EC2 uses inside a VPC ("Network MTU" in the user guide).
pub const VPC_MTU: u16 = 9001;
/// EC2's DHCP leases last an hour.
const LEASE_SECONDS: u32 = 3600;

pub fn cell_config(db: &Db, settings: &Settings, cell: &CellId, generation: Generation) -> CellConfig {
    let placed = placements(db);
    let mut vpcs = BTreeSet::new();
    let mut own = BTreeSet::new();
    let mut instances = Vec::new();
    for i in db.all::<Instance>().filter(|i| i.cell == *cell) {
        let Some(desired) = desired(i.state) else { continue };
        let interfaces = plugged(db, &i);
        vpcs.extend(interfaces.iter().map(|n| (i.account.clone(), n.vpc)));
        own.extend(interfaces.iter().map(|n| n.id));
        let ports = interfaces.iter().filter_map(|n| port(db, settings, &i, n)).collect();
        let config = instance_config(&i, desired, &interfaces);
        let (hold, reservation, tenancy) = (i.hold, i.slot_of, placement::to_wire(&i));
        let spot = i.spot.as_ref().map(spot::to_wire);
        instances.push(CellInstance { host: i.host.clone(), config, ports, hold, reservation, tenancy, spot });
    }
    let here = |g: &NatGateway| g.state.is_wanted() && g.place.as_ref().is_some_and(|p| p.cell == *cell);
    let mut routers = Vec::new();
    for g in db.all::<NatGateway>().filter(|g| here(g)) {
        vpcs.insert((g.account.clone(), g.vpc));
        own.extend(g.interface);
        routers.extend(router(db, settings, &g));
    }
    let mut balancers = Vec::new();
    for node in elb::compile::placed_in(db, cell) {
        let Some(made) = balancer(db, settings, &node) else { continue };
        vpcs.insert((node.account.clone(), made.port.vpc));
        own.insert(node.interface);
        balancers.push(made);
    }
    reach(db, &mut vpcs);
    let ids: BTreeSet<VpcId> = vpcs.iter().map(|(_, id)| *id).collect();
    let rows = vpcs.iter().filter_map(|(account, id)| db.get::<Vpc>(account, id));
    let around = Around { placed: &placed, known: &ids, own: &own, directories: &directories(settings, cell) };
    let vpcs: Vec<VpcConfig> = rows.map(|v| vpc(db, settings, &around, &v)).collect();
    let has_endpoint = vpcs.iter().any(|v| !v.endpoints.is_empty());
    CellConfig {
        balancers,
        format: FORMAT,
        cell: cell.clone(),
        az: settings.cell(cell).map(|c| c.az.clone()).unwrap_or_else(|| settings.cells[0].az.clone()),
        generation,
        vpcs,
        instances,
        routers,
        services: if has_endpoint { endpoint::services_to_wire(settings) } else { Vec::new() },
        names: elb::names::names(db, settings, &ids),
        internet: internet(db, settings, &placed),
        reservations: capacity::documents(db, cell),
        moved_disks: moved_disks(db, settings, cell),
        dedicated_hosts: hosts::documents(db, cell),
    }
}

/// Adds what peerings and transit gateways join to the VPCs. Whoever is attached to the same gateway may send here, also where
/// nothing can be sent back.
fn reach(db: &Db, vpcs: &mut BTreeSet<(AccountId, VpcId)>) {
    for (account, vpc) in vpcs.clone() {
        vpcs.extend(peering::active_of(db, vpc).map(|(_, peer)| (peer.account, peer.vpc)));
        // Attachments are of VPCs of the gateway's account.
        let attached = |a: &Rc<TransitAttachment>| transit_attachment::of_vpc(db, &account, vpc, a.gateway).is_some();
        vpcs.extend(db.list::<TransitAttachment>(&account).filter(attached).map(|a| (account.clone(), a.vpc)));
    }
}

fn moved_disks(db: &Db, settings: &Settings, cell: &CellId) -> Vec<MovedDisk> {
    let here = |h: &HostId| settings.host(h).is_some_and(|(c, _)| c.id == *cell);
    let concerns = |i: &Instance| i.cell == *cell || i.disk_on.iter().any(here);
    let moved = db.all::<Instance>().filter(|i| !i.disk_on.is_empty() && desired(i.state).is_some() && concerns(i));
    moved.map(|i| MovedDisk { instance: i.id, from: i.disk_on.clone() }).collect()
}

fn desired(state: InstanceState) -> Option<Desired> {
    match state {
        InstanceState::Pending | InstanceState::Running => Some(Desired::Running),
        InstanceState::Stopping | InstanceState::Stopped => Some(Desired::Stopped),
        InstanceState::ShuttingDown => Some(Desired::Terminated),
        InstanceState::Terminated => None,
    }
}

/// The interfaces that its machine should have, by device index.
fn plugged(db: &Db, i: &Instance) -> Vec<Rc<Interface>> {
    let stays = |n: &Rc<Interface>| n.attachment.as_ref().is_none_or(|a| a.status != AttachmentStatus::Detaching);
    i.interfaces.iter().filter_map(|id| db.get::<Interface>(&i.account, id)).filter(stays).collect()
}

fn instance_config(i: &Instance, desired: Desired, interfaces: &[Rc<Interface>]) -> InstanceConfig {
    // RunInstances takes no other types, and the catalogue never loses one.
    let size = types::find(&i.instance_type);
    let (vcpus, memory_mib) = size.map_or((1, 512), |(_, s)| (s.vcpus, s.memory_mib));
    let interfaces_max = size.map_or(1, |(_, s)| s.interfaces_max as u32);
    InstanceConfig {
        id: i.id,
        desired,
        image: images::by_id(&i.image).map_or_else(String::new, |image| image.host_image.to_owned()),
        vcpus,
        memory_mib,
        root_disk_gib: i.root_disk_gib,
        interfaces: interfaces.iter().map(|n| n.id).collect(),
        interfaces_max,
        boot: i.boot,
        reboot: i.reboot,
        on_guest_shutdown: if i.shutdown_behavior == "terminate" { GuestShutdown::Terminate } else { GuestShutdown::Stop },
        isolation: size.map_or(Isolation::Machine, |(family, _)| family.isolation()),
    }
}

/// The hosts of interfaces whose instance, NAT gateway or load balancer is on one now.
fn placements(db: &Db) -> BTreeMap<InterfaceId, Ipv4Addr> {
    let on_host = |s: InstanceState| !matches!(s, InstanceState::Stopped | InstanceState::Terminated);
    let instances = db.all::<Instance>().filter(|i| on_host(i.state));
    let routers = db.all::<NatGateway>().filter(|g| g.state.is_wanted());
    let nodes = db.all::<BalancerNode>().filter(|n| n.state != NodeState::Ending);
    instances
        .flat_map(|i| plugged(db, &i).into_iter().map(move |n| (n.id, i.underlay)))
        .chain(routers.filter_map(|g| Some((g.interface?, g.place.as_ref()?.underlay))))
        .chain(nodes.filter_map(|n| Some((n.interface, n.place.as_ref()?.underlay))))
        .collect()
}

fn internet(db: &Db, settings: &Settings, placed: &BTreeMap<InterfaceId, Ipv4Addr>) -> InternetConfig {
    let addresses = db
        .all::<Interface>()
        .filter(|n| has_internet_gateway(db, &n.account, n.vpc))
        .filter_map(|n| {
            let underlay = *placed.get(&n.id)?;
            Some(public_mappings(db, &n).into_iter().map(move |(_, public)| PublicAddress { address: public, underlay }))
        })
        .flatten()
        .collect();
    InternetConfig {
        pool: Some(settings.public_pool),
        addresses,
        pool6: Some(settings.ipv6_pool),
        addresses6: outside6(db, placed)
            .flat_map(|(n, underlay, _)| n.ipv6.clone().into_iter().map(move |address| PublicAddress { address, underlay }))
            .collect(),
        edge: Some(settings.edge_underlay),
    }
}

/// The interfaces whose IPv6 addresses, which need no translation, a route leads outside from; their hosts, and the way.
fn outside6<'a>(
    db: &'a Db,
    placed: &'a BTreeMap<InterfaceId, Ipv4Addr>,
) -> impl Iterator<Item = (Rc<Interface>, Ipv4Addr, Outside6)> + 'a {
    let mut ways: BTreeMap<SubnetId, Option<Outside6>> = BTreeMap::new();
    db.all::<Interface>().filter(|n| !n.ipv6.is_empty()).filter_map(move |n| {
        let underlay = *placed.get(&n.id)?;
        let way = *ways.entry(n.subnet).or_insert_with(|| {
            let subnet = db.get::<Subnet>(&n.account, n.subnet)?;
            route_table::leads_outside6(db, &route_table::route_table_of(db, &subnet))
        });
        Some((n, underlay, way?))
    })
}

/// (private, public) of every address of the interface that has a public one.
fn public_mappings(db: &Db, n: &Interface) -> Vec<(Ipv4Addr, Ipv4Addr)> {
    n.ipv4.iter().filter_map(|private| Some((*private, address::associated(db, n, *private)?.public_ip))).collect()
}

fn has_internet_gateway(db: &Db, account: &AccountId, vpc: VpcId) -> bool {
    db.list::<InternetGateway>(account).any(|g| g.vpc == Some(vpc))
}

fn domain(settings: &Settings) -> String {
    match settings.region.as_str() {
        "us-east-1" => "ec2.internal".to_owned(),
        region => format!("{region}.compute.internal"),
    }
}

fn dashed(ip: Ipv4Addr) -> String {
    ip.to_string().replace('.', "-")
}

/// What a VPC's description depends on beside its rows.
struct Around<'a> {
    placed: &'a BTreeMap<InterfaceId, Ipv4Addr>,
    /// The VPCs of the document.
    known: &'a BTreeSet<VpcId>,
    /// The interfaces that have a port in the cell.
    own: &'a BTreeSet<InterfaceId>,
    directories: &'a [Ipv4Addr],
}

/// Those that hosts of a cell ask: their own zone's first.
fn directories(settings: &Settings, cell: &CellId) -> Vec<Ipv4Addr> {
    let az = settings.cell(cell).map(|c| &c.az);
    let mut all: Vec<_> = settings.large_vpcs.directories.iter().collect();
    all.sort_by_key(|d| Some(&d.az) != az);
    all.into_iter().map(|d| d.underlay).collect()
}

fn vpc(db: &Db, settings: &Settings, around: &Around<'_>, v: &Vpc) -> VpcConfig {
    let in_vpc = |id: VpcId| id == v.id;
    let route_tables: Vec<RouteTableConfig> =
        db.list::<RouteTable>(&v.account).filter(|t| in_vpc(t.vpc)).map(|t| route_table::to_wire(db, &t)).collect();
    let interfaces = || db.list::<Interface>(&v.account).filter(|n| in_vpc(n.vpc));
    let large = !around.directories.is_empty() && interfaces().nth(settings.large_vpcs.whole_max as usize).is_some();
    let balancers = elb::network::nodes_of(db, v);
    let mut named = wire::net::routers(&route_tables);
    named.extend(balancers.iter().map(|b| b.interface));
    let targets = elb::network::addresses(&balancers);
    let is_named = |n: &Interface| named.contains(&n.id) || n.ipv4.iter().any(|a| targets.contains(a));
    VpcConfig {
        id: v.id,
        vni: v.vni,
        cidrs: v.cidrs(),
        cidrs6: v.cidrs6(),
        open6: has_internet_gateway(db, &v.account, v.id),
        dns_support: v.dns_support,
        dns_hostnames: v.dns_hostnames,
        domain: domain(settings),
        interfaces: interfaces()
            .filter(|n| !large || around.own.contains(&n.id) || is_named(n))
            .map(|n| InterfaceEntry {
                id: n.id,
                mac: n.mac,
                ipv4: n.ipv4.clone(),
                ipv6: n.ipv6.clone(),
                groups: n.groups.clone(),
                underlay: around.placed.get(&n.id).copied(),
            })
            .collect(),
        directories: if large { around.directories.to_vec() } else { Vec::new() },
        security_groups: db
            .list::<SecurityGroup>(&v.account)
            .filter(|g| in_vpc(g.vpc))
            .map(|g| security_group::to_wire(db, &g))
            .collect(),
        network_acls: network_acl::acls_to_wire(db, &v.account, v.id),
        prefix_lists: named_lists(db, v),
        peerings: peering::active_of(db, v.id)
            .filter(|(_, peer)| around.known.contains(&peer.vpc))
            .map(|(id, peer)| PeeringConfig { id, peer: peer.vpc })
            .collect(),
        transit: transit_route::to_wire(db, &v.account, v.id),
        endpoints: db
            .list::<VpcEndpoint>(&v.account)
            .filter(|e| in_vpc(e.vpc))
            .map(|e| EndpointConfig { id: e.id, service: e.service.clone(), policy: e.policy.clone() })
            .collect(),
        route_tables,
        balancers,
    }
}

/// The prefix lists that the rules of a VPC's groups name.
fn named_lists(db: &Db, v: &Vpc) -> Vec<PrefixListConfig> {
    let groups = db.list::<SecurityGroup>(&v.account).filter(|g| g.vpc == v.id);
    let named: BTreeSet<PrefixListId> = groups
        .flat_map(|g| g.rules.clone())
        .filter_map(|r| if let RulePeer::PrefixList(id) = r.peer { Some(id) } else { None })
        .collect();
    named
        .into_iter()
        .map(|id| {
            let blocks = prefix_list::cidrs(db, &v.account, id);
            let (entries, entries6) = (blocks.iter().filter_map(|b| b.v4()), blocks.iter().filter_map(|b| b.v6()));
            PrefixListConfig { id, entries: entries.collect(), entries6: entries6.collect() }
        })
        .collect()
}

/// An interface as a port, without what only instances have.
fn bare_port(db: &Db, settings: &Settings, n: &Interface) -> Option<(Rc<Vpc>, PortConfig)> {
    let v = db.get::<Vpc>(&n.account, n.vpc)?;
    let subnet = db.get::<Subnet>(&n.account, n.subnet)?;
    let primary = *n.ipv4.first()?;
    let public = if has_internet_gateway(db, &n.account, n.vpc) { public_mappings(db, n) } else { Vec::new() };
    let (domain, dns_servers) = dhcp_options::of_vpc(db, settings, &v);
    let port = PortConfig {
        terminator: None,
        id: n.id,
        vpc: v.id,
        subnet: subnet.id,
        subnet_cidr: subnet.cidr,
        subnet_cidr6: subnet.ipv6.as_ref().map(|c| c.cidr),
        mac: n.mac,
        ipv4: n.ipv4.clone(),
        ipv6: n.ipv6.clone(),
        public: public.iter().map(|&(private, public)| PublicMapping { private, public }).collect(),
        groups: n.groups.clone(),
        route_table: route_table::route_table_of(db, &subnet).id,
        source_dest_check: n.source_dest_check,
        network_acl: network_acl::acl_of(db, &subnet),
        nat: None,
        rate: None,
        rate_of: None,
        flow_log_seconds: flow_log::seconds(db, n),
        mtu: VPC_MTU,
        dhcp: DhcpConfig { hostname: format!("ip-{}", dashed(primary)), domain, dns_servers, lease_seconds: LEASE_SECONDS },
        metadata: None,
    };
    Some((v, port))
}

fn port(db: &Db, settings: &Settings, i: &Instance, n: &Interface) -> Option<PortConfig> {
    let (v, port) = bare_port(db, settings, n)?;
    let metadata = metadata(db, settings, i, &v, n, &port);
    let rate = types::find(&i.instance_type).map(|(family, size)| types::rate(family, size));
    Some(PortConfig { rate, rate_of: Some(i.id), metadata: Some(metadata), ..port })
}

fn router(db: &Db, settings: &Settings, g: &NatGateway) -> Option<CellRouter> {
    let interface = db.get::<Interface>(&g.account, g.interface?)?;
    let (_, port) = bare_port(db, settings, &interface)?;
    let nat = Some(NatConfig { id: g.id, private: g.private });
    Some(CellRouter { host: g.place.as_ref()?.host.clone(), port: PortConfig { nat, ..port } })
}

fn balancer(db: &Db, settings: &Settings, node: &BalancerNode) -> Option<CellBalancer> {
    let interface = db.get::<Interface>(&node.account, node.interface)?;
    let (_, port) = bare_port(db, settings, &interface)?;
    let (listen, config) = elb::compile::document(db, settings, node)?;
    let terminator = Some(TerminatorConfig { listen });
    Some(CellBalancer { host: node.place.as_ref()?.host.clone(), port: PortConfig { terminator, ..port }, config })
}

fn metadata(db: &Db, settings: &Settings, i: &Instance, v: &Vpc, n: &Interface, port: &PortConfig) -> MetadataConfig {
    let (hostname, public_ipv4) = (&port.dhcp.hostname, port.public.first().map(|p| p.public));
    let key = i.key_name.as_ref().and_then(|name| db.list::<KeyPair>(&i.account).find(|k| k.name == *name));
    let groups = n.groups.iter().filter_map(|g| db.get::<SecurityGroup>(&n.account, g)).map(|g| g.name.clone()).collect();
    let public_hostname = public_ipv4.filter(|_| v.dns_hostnames).map(|ip| names::public_dns(settings, ip));
    MetadataConfig {
        instance: i.id,
        device_number: n.attachment.as_ref().map_or(0, |a| a.device_index),
        reservation: i.reservation.to_string(),
        account: i.account.to_string(),
        image: i.image.clone(),
        instance_type: i.instance_type.clone(),
        region: settings.region.to_string(),
        availability_zone: i.az.to_string(),
        availability_zone_id: crate::ec2::network::zone::zone_id(settings, &i.az),
        local_hostname: format!("{hostname}.{}", domain(settings)),
        public_hostname,
        public_ipv4,
        launch_index: i.launch_index,
        launch_time_ms: i.launched.0,
        security_groups: groups,
        vpc_cidrs: v.cidrs(),
        ipv6: port.ipv6.clone(),
        subnet_cidr6: port.subnet_cidr6,
        vpc_cidrs6: v.cidrs6(),
        public_keys: key.iter().map(|k| (k.name.clone(), format!("{} {}", k.public_key, k.name))).collect(),
        user_data: i.user_data.clone(),
        tokens_required: i.metadata.tokens_required,
        hop_limit: i.metadata.hop_limit,
        enabled: i.metadata.enabled,
        tags: i.metadata.instance_tags.then(|| tags_of(db, &i.account, &i.id.to_string()).into_iter().collect()),
        profile: crate::sts::instance::to_wire(db, i),
        spot: i.spot.is_some().then(Default::default),
    }
}

pub fn edge_config(db: &Db, settings: &Settings, generation: Generation) -> EdgeConfig {
    let placed = placements(db);
    let mut addresses = Vec::new();
    for n in db.all::<Interface>().filter(|n| has_internet_gateway(db, &n.account, n.vpc)) {
        let Some(&underlay) = placed.get(&n.id) else { continue };
        let (tcp, udp) = open_ports(db, &n, OUTSIDE.into());
        for (_, public) in public_mappings(db, &n) {
            addresses.push(EdgeAddress {
                public,
                underlay,
                instance: n.attachment.as_ref().map(|a| a.instance),
                tcp_ports: tcp.clone(),
                udp_ports: udp.clone(),
            });
        }
    }
    let mut addresses6 = Vec::new();
    for (n, underlay, way) in outside6(db, &placed) {
        let (tcp, udp) = match way {
            Outside6::BothWays => open_ports(db, &n, OUTSIDE6.into()),
            Outside6::Outward => Default::default(),
        };
        addresses6.extend(n.ipv6.iter().map(|public| EdgeAddress {
            public: *public,
            underlay,
            instance: n.attachment.as_ref().map(|a| a.instance),
            tcp_ports: tcp.clone(),
            udp_ports: udp.clone(),
        }));
    }
    let hosts = settings.cells.iter().flat_map(|c| c.hosts.iter().map(|h| h.underlay)).collect();
    let (pool, pool6) = (settings.public_pool, Some(settings.ipv6_pool));
    EdgeConfig { format: FORMAT, generation, pool, addresses, pool6, addresses6, hosts }
}

/// The ports that an interface's groups open to `outside`, TCP and UDP; wide ranges are left out. Of a network load balancer
/// without groups those of its listeners.
fn open_ports(db: &Db, n: &Interface, outside: IpAddr) -> (Vec<u16>, Vec<u16>) {
    let (mut tcp, mut udp) = if n.groups.is_empty() { elb::network::ports(db, n) } else { Default::default() };
    let groups = n.groups.iter().filter_map(|g| db.get::<SecurityGroup>(&n.account, g));
    for rule in groups.flat_map(|g| g.rules.clone()).filter(|r| !r.egress) {
        let opens = match (&rule.peer, outside) {
            (RulePeer::Ipv4(cidr), IpAddr::V4(outside)) => cidr.contains(outside),
            (RulePeer::Ipv6(cidr), IpAddr::V6(outside)) => cidr.contains(outside),
            _ => false,
        };
        let (Ok(from), Ok(to)) = (u16::try_from(rule.from_port), u16::try_from(rule.to_port)) else { continue };
        if !opens || usize::from(to - from.min(to)) >= ALIAS_PORTS_MAX {
            continue;
        }
        match rule.protocol.as_str() {
            "tcp" => tcp.extend(from..=to),
            "udp" => udp.extend(from..=to),
            _ => {}
        }
    }
    let first = |ports: BTreeSet<u16>| ports.into_iter().take(ALIAS_PORTS_MAX).collect();
    (first(tcp), first(udp))
}
