//! VPCs and ports of a configuration, compiled into the [`Fabric`]'s tables.

use crate::ROUTER_MAC;
use crate::acl::Acl;
use crate::config::{
    ConfigError, Fabric, Map, Member, Node, Place, PortNet, PortTable, ServiceTable, Set, VpcNet, VpcTable, mac_number, vni_mac,
};
use crate::family::Family;
use crate::ip::Ip;
use crate::network_balancer::BalancerTable;
use crate::parse::IP_BYTES;
use crate::peers::{Members, Peers};
use crate::route::{Names, RouteTable, TransitTable};
use crate::security::{Peer, Rule, RuleSet};
use foldhash::fast::FixedState;
use std::sync::Arc;
use types::{InterfaceId, NetworkAclId, PeeringId, SecurityGroupId, TransitGatewayId, Vni, VpcEndpointId, VpcId};
use wire::net::{
    Direction, InterfaceEntry, NetConfig, PeerMatch, PortConfig, RouteTarget, SecurityGroupConfig, ServiceConfig, TransitConfig,
    TransitTarget, VpcConfig,
};

impl Fabric {
    pub(crate) fn add_services(&mut self, config: &NetConfig) -> Result<(), ConfigError> {
        for service in &config.services {
            let taken = |a: &&std::net::Ipv4Addr| config.vpcs.iter().any(|v| v.cidrs.iter().any(|c| c.contains(**a)));
            if let Some(&address) = service.addresses.iter().find(taken) {
                return Err(ConfigError::ServiceAddress { service: service.name.clone(), address });
            }
            self.services.push(ServiceTable {
                domain: service.domain.to_ascii_lowercase().into(),
                addresses: service.addresses.iter().map(|&a| a.into()).collect(),
            });
        }
        for name in &config.names {
            self.names.insert(name.name.to_ascii_lowercase().into(), name.addresses.as_slice().into());
        }
        Ok(())
    }

    pub(crate) fn add_vpcs(&mut self, config: &NetConfig, previous: &Fabric) -> Result<(), ConfigError> {
        for vpc in &config.vpcs {
            self.add_vpc(vpc, previous)?;
        }
        self.asks = self.vpcs.iter().any(|v| v.learned.is_some());
        let indices = vpc_indices(config, &self.hasher)?;
        let at = |id: VpcId| indices.get(&id).copied();
        for (i, vpc) in config.vpcs.iter().enumerate() {
            let peers = vpc.peerings.iter().filter_map(|p| at(p.peer));
            let targets = |t: &TransitConfig| -> Vec<TransitTarget> {
                t.routes.iter().map(|r| r.target).chain(t.routes6.iter().map(|r| r.target)).collect()
            };
            let far = vpc.transit.iter().flat_map(targets).filter_map(|t| match t {
                TransitTarget::Vpc { vpc, .. } => at(vpc),
                TransitTarget::Blackhole => None,
            });
            for other in peers.chain(far).filter(|&o| o != i) {
                self.connect(i, other);
                self.connect(other, i);
            }
            let names = VpcNames { vpc, services: &config.services, at: &at };
            self.vpcs[i].v4.add_routes(&names);
            self.vpcs[i].v6.add_routes(&names);
        }
        Ok(())
    }

    fn connect(&mut self, a: usize, b: usize) {
        let connected = &mut self.vpcs[a].connected;
        if !connected.contains(&b) {
            connected.push(b);
        }
    }

    fn add_vpc(&mut self, vpc: &VpcConfig, previous: &Fabric) -> Result<(), ConfigError> {
        let index = self.vpcs.len();
        if vpc.vni < Vni::FIRST_VPC || self.vpc_by_vni.insert(vpc.vni.get(), index).is_some() {
            return Err(ConfigError::Vni { vpc: vpc.id, vni: vpc.vni });
        }
        let base = vpc.cidrs.first().ok_or(ConfigError::NoCidr { vpc: vpc.id })?;
        let mut table = VpcTable {
            id: vpc.id,
            resolver: u32::from(base.first()).wrapping_add(2),
            vni: vpc.vni.get(),
            v4: VpcNet::new(vpc, &self.hasher),
            v6: VpcNet::new(vpc, &self.hasher),
            open6: vpc.open6,
            ipv6_of: Map::with_hasher(self.hasher.clone()),
            dns_support: vpc.dns_support,
            domain: vpc.domain.to_ascii_lowercase().into(),
            member_by_id: Map::with_hasher(self.hasher.clone()),
            underlays: Set::with_hasher(self.hasher.clone()),
            connected: Vec::new(),
            learned: None,
            directories: vpc.directories.iter().map(|&a| a.into()).collect(),
            nodes: Map::with_hasher(self.hasher.clone()),
        };
        if !table.directories.is_empty() {
            let before = previous.vpc_by_vni.get(&table.vni).map(|&v| &previous.vpcs[v]).filter(|v| v.id == vpc.id);
            let kept = before.and_then(|v| v.learned.as_ref()).filter(|p| p.is_of(self.underlay)).cloned();
            table.learned = Some(kept.unwrap_or_else(|| Arc::new(Peers::new(self.underlay, &self.hasher))));
        }
        let mut macs = Set::with_hasher(self.hasher.clone());
        macs.insert(ROUTER_MAC);
        for entry in &vpc.interfaces {
            if !macs.insert(entry.mac) || entry.mac.is_multicast() {
                return Err(ConfigError::DuplicateMac { vpc: vpc.id, mac: entry.mac });
            }
            let place = match entry.underlay.map(u32::from) {
                Some(host) if host != self.underlay => Place::Host(host),
                Some(_) => self.port_by_id.get(&entry.id).map_or(Place::Nowhere, |&p| Place::Here(p)),
                None => Place::Nowhere,
            };
            if let Place::Host(host) = place {
                table.underlays.insert(host);
                self.known_underlays.insert(host);
            }
            let member = Member { mac: entry.mac, place };
            table.member_by_id.insert(entry.id, member);
            table.v4.add(vpc.id, entry, member)?;
            table.v6.add(vpc.id, entry, member)?;
            if let (Some(&v4), Some(&v6)) = (entry.ipv4.first(), entry.ipv6.first()) {
                table.ipv6_of.insert(v4.into(), v6.into());
            }
        }
        for balancer in &vpc.balancers {
            let interface = balancer.interface;
            let entry = vpc.interfaces.iter().find(|e| e.id == interface);
            let node = entry.and_then(|e| Some((e, u32::from(*e.ipv4.first()?), *table.member_by_id.get(&interface)?)));
            let (entry, address, member) = node.ok_or(ConfigError::Balancer { interface })?;
            table.nodes.insert(mac_number(entry.mac.0), Node { address, member });
        }
        table.v4.add_routers(vpc, &table.member_by_id);
        table.v6.add_routers(vpc, &table.member_by_id);
        self.vpcs.push(table);
        Ok(())
    }

    pub(crate) fn add_ports(&mut self, config: &NetConfig) -> Result<(), ConfigError> {
        let indices = vpc_indices(config, &self.hasher)?;
        let mut shared = Shared::new(config, &self.hasher);
        let mut rates = Map::with_hasher(self.hasher.clone());
        for port in &config.ports {
            let vpc = *indices.get(&port.vpc).ok_or(ConfigError::UnknownVpc { port: port.id, vpc: port.vpc })?;
            let rate = self.add_rate(port, &mut rates)?;
            let table = PortTable { rate, ..self.port_table(port, vpc, &config.vpcs[vpc], &mut shared)? };
            let index = self.port_by_id[&port.id];
            if self.port_by_vni_mac.insert(vni_mac(table.vni, port.mac.0), index).is_some() {
                return Err(ConfigError::DuplicateMac { vpc: port.vpc, mac: port.mac });
            }
            for &(private, public) in &table.public {
                if !table.v4.has_address(private) || self.v4.here.insert(public, (index, private)).is_some() {
                    return Err(ConfigError::PublicMapping { public: public.into() });
                }
            }
            self.ports[index.index()] = Some(table);
        }
        Ok(())
    }

    fn add_rate(&mut self, port: &PortConfig, rates: &mut Map<Box<str>, usize>) -> Result<Option<usize>, ConfigError> {
        let Some(limit) = port.rate else { return Ok(None) };
        let owner = port.rate_of.map_or_else(|| port.id.to_string(), |instance| instance.to_string()).into_boxed_str();
        let at = *rates.entry(owner.clone()).or_insert(self.rates.len());
        match self.rates.get(at) {
            Some((_, other)) if *other != limit => return Err(ConfigError::RateOfInstance { port: port.id }),
            Some(_) => {}
            None => self.rates.push((owner, limit)),
        }
        Ok(Some(at))
    }

    fn port_table(
        &self,
        port: &PortConfig,
        vpc: usize,
        config: &VpcConfig,
        shared: &mut Shared<'_>,
    ) -> Result<PortTable, ConfigError> {
        if !port.ipv4.first().is_some_and(|&a| port.subnet_cidr.contains(a)) {
            return Err(ConfigError::NoAddress { port: port.id, subnet: port.subnet_cidr });
        }
        if port.mac.is_multicast() || port.mac == ROUTER_MAC {
            return Err(ConfigError::DuplicateMac { vpc: port.vpc, mac: port.mac });
        }
        if !(576..=65_000).contains(&port.mtu) {
            return Err(ConfigError::Mtu { port: port.id, mtu: port.mtu });
        }
        if port.nat.is_some() && config.balancers.iter().any(|b| b.interface == port.id) {
            return Err(ConfigError::Balancer { interface: port.id });
        }
        if port.nat.is_some() && !(port.groups.is_empty() && port.metadata.is_none() && port.terminator.is_none()) {
            return Err(ConfigError::NatPort { port: port.id });
        }
        if let Some(seconds) = port.flow_log_seconds.filter(|s| !matches!(s, 60 | 600)) {
            return Err(ConfigError::FlowLogInterval { port: port.id, seconds });
        }
        check_ipv6(port)?;
        let balancer = config.balancers.iter().find(|b| b.interface == port.id);
        let balancer = balancer.map(|b| BalancerTable::compile(b, &self.tables, &self.hasher)).transpose()?;
        let v4 = shared.v4.port(self, port, vpc)?;
        let v6 = shared.v6.port(self, port, vpc)?;
        let public: Vec<(u32, u32)> = port.public.iter().map(|m| (m.private.into(), m.public.into())).collect();
        let nat_addresses = match port.nat {
            None => Vec::new(),
            Some(nat) if nat.private => v4.addresses.clone(),
            Some(_) => v4.addresses.iter().copied().filter(|a| public.iter().any(|(p, _)| p == a)).collect(),
        };
        Ok(PortTable {
            id: port.id,
            vpc_id: port.vpc,
            vpc,
            vni: config.vni.get(),
            mac: port.mac,
            v4,
            v6,
            subnet: port.subnet_cidr,
            gateway: u32::from(port.subnet_cidr.first()).wrapping_add(1),
            source_dest_check: port.source_dest_check,
            mtu: port.mtu.max(IP_BYTES as u16),
            public,
            nat: port.nat,
            balancer: balancer.map(Arc::new),
            nat_addresses,
            rate: None,
            log_interval_ms: port.flow_log_seconds.map(|s| u64::from(s) * 1000),
            hostname: port.dhcp.hostname.as_str().into(),
            dhcp_domain: port.dhcp.domain.as_str().into(),
            dns_servers: port.dhcp.dns_servers.clone(),
            lease_seconds: port.dhcp.lease_seconds,
            metadata: port.metadata.is_some(),
        })
    }
}

/// RFC 8200, section 5.
const MTU6_MIN: u16 = 1280;

/// Addresses are a host's within the subnet: not the router's, which is the first.
fn check_ipv6(port: &PortConfig) -> Result<(), ConfigError> {
    let subnet = port.subnet_cidr6.filter(|s| s.prefix_len() == 64 && !u128::from(s.first()).is_martian());
    let bad = |a: &&std::net::Ipv6Addr| !subnet.is_some_and(|s| s.contains(**a) && s.first() != **a);
    if let Some(&address) = port.ipv6.iter().find(bad) {
        return Err(ConfigError::Address6 { port: port.id, address });
    }
    match port.subnet_cidr6 {
        Some(s) if subnet.is_none() => Err(ConfigError::Address6 { port: port.id, address: s.first() }),
        Some(_) if port.mtu < MTU6_MIN => Err(ConfigError::Mtu6 { port: port.id, mtu: port.mtu }),
        _ => Ok(()),
    }
}

impl<A: Family> VpcNet<A> {
    fn new(vpc: &VpcConfig, hasher: &FixedState) -> Self {
        Self {
            cidrs: A::cidrs(vpc).to_vec(),
            member_by_address: Map::with_hasher(hasher.clone()),
            router_underlays: Set::with_hasher(hasher.clone()),
            routes: Map::with_hasher(hasher.clone()),
            transit: Vec::new(),
        }
    }

    fn add(&mut self, vpc: VpcId, entry: &InterfaceEntry, member: Member) -> Result<(), ConfigError> {
        for &address in A::addresses(entry) {
            if self.member_by_address.insert(A::from(address), member).is_some() {
                return Err(ConfigError::DuplicateAddress { vpc, address: address.into() });
            }
        }
        Ok(())
    }

    fn add_routers(&mut self, vpc: &VpcConfig, members: &Map<InterfaceId, Member>) {
        for route in vpc.route_tables.iter().flat_map(A::routes) {
            if let RouteTarget::Interface(id) | RouteTarget::NatGateway(id) = route.target
                && let Some(Member { place: Place::Host(host), .. }) = members.get(&id)
            {
                self.router_underlays.insert(*host);
            }
        }
    }

    fn add_routes<F: Fn(VpcId) -> Option<usize>>(&mut self, names: &VpcNames<'_, F>) {
        let transit = names.vpc.transit.iter();
        self.transit = transit.map(|t| TransitTable::compile(t.id, A::transit_routes(t), names.at)).collect();
        for t in &names.vpc.route_tables {
            self.routes.insert(t.id, Arc::new(RouteTable::compile(t.id, A::routes(t), names)));
        }
    }
}

fn vpc_indices(config: &NetConfig, hasher: &FixedState) -> Result<Map<VpcId, usize>, ConfigError> {
    let mut map = Map::with_hasher(hasher.clone());
    for (i, vpc) in config.vpcs.iter().enumerate() {
        if map.insert(vpc.id, i).is_some() {
            return Err(ConfigError::DuplicateVpc { vpc: vpc.id });
        }
    }
    Ok(map)
}

struct VpcNames<'a, F> {
    vpc: &'a VpcConfig,
    services: &'a [ServiceConfig],
    at: &'a F,
}

impl<F: Fn(VpcId) -> Option<usize>> Names for VpcNames<'_, F> {
    fn peer(&self, id: PeeringId) -> Option<usize> {
        (self.at)(self.vpc.peerings.iter().find(|p| p.id == id)?.peer)
    }

    fn transit(&self, id: TransitGatewayId) -> Option<usize> {
        self.vpc.transit.iter().position(|t| t.id == id)
    }

    fn service(&self, id: VpcEndpointId) -> Option<usize> {
        let endpoint = self.vpc.endpoints.iter().find(|e| e.id == id)?;
        self.services.iter().position(|s| s.name == endpoint.service)
    }
}

/// What several ports of a VPC have in common, compiled once.
struct Shared<'a> {
    v4: SharedNet<'a, u32>,
    v6: SharedNet<'a, u128>,
}

impl<'a> Shared<'a> {
    fn new(config: &'a NetConfig, hasher: &FixedState) -> Self {
        Self { v4: SharedNet::new(config, hasher), v6: SharedNet::new(config, hasher) }
    }
}

/// (ingress, egress)
type BothWays<A> = [Arc<RuleSet<A>>; 2];

struct SharedNet<'a, A: Ip> {
    config: &'a NetConfig,
    rules: Map<(usize, Vec<SecurityGroupId>), BothWays<A>>,
    acls: Map<(usize, NetworkAclId), Arc<Acl<A>>>,
    /// A VPC's groups, and its interfaces' addresses by group.
    groups: Map<usize, Map<SecurityGroupId, &'a SecurityGroupConfig>>,
    addresses: Map<usize, Map<SecurityGroupId, Vec<A>>>,
    members: Map<(usize, SecurityGroupId), Arc<Members<A>>>,
}

impl<'a, A: Family> SharedNet<'a, A> {
    fn new(config: &'a NetConfig, hasher: &FixedState) -> Self {
        let map = hasher.clone();
        Self {
            config,
            rules: Map::with_hasher(map.clone()),
            acls: Map::with_hasher(map.clone()),
            groups: Map::with_hasher(map.clone()),
            addresses: Map::with_hasher(map.clone()),
            members: Map::with_hasher(map),
        }
    }

    fn port(&mut self, fabric: &Fabric, port: &PortConfig, vpc: usize) -> Result<PortNet<A>, ConfigError> {
        let routes = A::vpc(&fabric.vpcs[vpc]).routes.get(&port.route_table);
        let acl = match port.network_acl {
            None => None,
            Some(acl) => Some(self.acl(vpc, acl).ok_or(ConfigError::UnknownNetworkAcl { port: port.id, acl })?),
        };
        let [ingress, egress] = self.rules(fabric, port, vpc)?;
        Ok(PortNet {
            interface: port.id,
            addresses: A::own_addresses(port).iter().map(|&a| A::from(a)).collect(),
            subnet: A::subnet(port),
            egress,
            ingress,
            acl,
            routes: routes.ok_or(ConfigError::UnknownRouteTable { port: port.id, table: port.route_table })?.clone(),
        })
    }

    fn acl(&mut self, vpc: usize, id: NetworkAclId) -> Option<Arc<Acl<A>>> {
        if let Some(known) = self.acls.get(&(vpc, id)) {
            return Some(known.clone());
        }
        let config = self.config.vpcs[vpc].network_acls.iter().find(|a| a.id == id)?;
        let acl = Arc::new(Acl::compile(id, A::entries(config)));
        self.acls.insert((vpc, id), acl.clone());
        Some(acl)
    }

    /// Of a port in these groups.
    fn rules(&mut self, fabric: &Fabric, port: &PortConfig, vpc: usize) -> Result<BothWays<A>, ConfigError> {
        // A load balancer that was made without groups has none.
        if port.groups.is_empty() && self.config.vpcs[vpc].balancers.iter().any(|b| b.interface == port.id) {
            return Ok([Arc::new(RuleSet::open()), Arc::new(RuleSet::open())]);
        }
        let key = (vpc, port.groups.clone());
        if let Some(known) = self.rules.get(&key) {
            return Ok(known.clone());
        }
        let config = &self.config.vpcs[vpc];
        let hasher = &fabric.hasher;
        let groups = self.groups.entry(vpc).or_insert_with(|| {
            let mut map = Map::with_hasher(hasher.clone());
            map.extend(config.security_groups.iter().map(|g| (g.id, g)));
            map
        });
        let mut found = Vec::new();
        for id in &port.groups {
            found.push(*groups.get(id).ok_or(ConfigError::UnknownGroup { port: port.id, group: *id })?);
        }
        let mut sets = [Vec::new(), Vec::new()];
        for rule in found.iter().flat_map(|g| A::rules(g)) {
            let peers = match &rule.peer {
                PeerMatch::Cidr(cidr) => vec![Peer::Cidr(*cidr)],
                PeerMatch::Group(peer) => vec![Peer::Members(self.members(fabric, vpc, *peer))],
                PeerMatch::PrefixList(id) => {
                    let lists = config.prefix_lists.iter().filter(|l| l.id == *id);
                    lists.flat_map(A::prefixes).map(|c| Peer::Cidr(*c)).collect()
                }
            };
            let set = &mut sets[usize::from(rule.direction == Direction::Egress)];
            set.extend(peers.into_iter().map(|peer| Rule { id: rule.id, protocol: rule.protocol, peer }));
        }
        let sets = sets.map(|rules| Arc::new(RuleSet::compile(rules)));
        self.rules.insert(key, sets.clone());
        Ok(sets)
    }

    /// The private addresses of a group's members in the VPC and in its peers; none for a group that is gone.
    fn members(&mut self, fabric: &Fabric, vpc: usize, group: SecurityGroupId) -> Arc<Members<A>> {
        if let Some(known) = self.members.get(&(vpc, group)) {
            return known.clone();
        }
        let peers = self.config.vpcs[vpc]
            .peerings
            .iter()
            .filter_map(|p| fabric.vpcs[vpc].connected.iter().copied().find(|&c| self.config.vpcs[c].id == p.peer));
        let (mut addresses, mut learned) = (Vec::new(), Vec::new());
        for of in peers.chain([vpc]).collect::<Vec<_>>() {
            addresses.extend_from_slice(self.by_group(fabric, of).get(&group).map_or(&[], Vec::as_slice));
            learned.extend(fabric.vpcs[of].learned.clone());
        }
        let members = Arc::new(Members::new(addresses, group, learned));
        self.members.insert((vpc, group), members.clone());
        members
    }

    fn by_group(&mut self, fabric: &Fabric, vpc: usize) -> &Map<SecurityGroupId, Vec<A>> {
        let interfaces = &self.config.vpcs[vpc].interfaces;
        self.addresses.entry(vpc).or_insert_with(|| {
            let mut map: Map<SecurityGroupId, Vec<A>> = Map::with_hasher(fabric.hasher.clone());
            for interface in interfaces {
                for group in &interface.groups {
                    map.entry(*group).or_default().extend(A::addresses(interface).iter().map(|&a| A::from(a)));
                }
            }
            map
        })
    }
}
