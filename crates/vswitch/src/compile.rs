//! VPCs and ports of a configuration, compiled into the [`Fabric`]'s tables.

use crate::ROUTER_MAC;
use crate::acl::Acl;
use crate::config::{ConfigError, Fabric, Map, Member, Place, PortTable, ServiceTable, Set, VpcTable, vni_mac};
use crate::parse::IP_BYTES;
use crate::peers::{Members, Peers};
use crate::route::{Names, RouteTable, TransitTable};
use crate::security::{Peer, Rule, RuleSet};
use foldhash::fast::FixedState;
use std::sync::Arc;
use types::{NetworkAclId, PeeringId, SecurityGroupId, TransitGatewayId, Vni, VpcEndpointId, VpcId};
use wire::net::{
    Direction, NetConfig, PeerMatch, PortConfig, RouteTarget, SecurityGroupConfig, ServiceConfig, TransitTarget, VpcConfig,
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
            let far = vpc.transit.iter().flat_map(|t| &t.routes).filter_map(|r| match r.target {
                TransitTarget::Vpc { vpc, .. } => at(vpc),
                TransitTarget::Blackhole => None,
            });
            for other in peers.chain(far).filter(|&o| o != i) {
                self.connect(i, other);
                self.connect(other, i);
            }
            let names = VpcNames { vpc, services: &config.services, at: &at };
            let hasher = self.hasher.clone();
            let table = &mut self.vpcs[i];
            table.transit = vpc.transit.iter().map(|t| TransitTable::compile(t, at)).collect();
            table.routes = Map::with_hasher(hasher);
            for t in &vpc.route_tables {
                table.routes.insert(t.id, Arc::new(RouteTable::compile(t.id, &t.routes, &names)));
            }
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
            cidrs: vpc.cidrs.clone(),
            dns_support: vpc.dns_support,
            domain: vpc.domain.to_ascii_lowercase().into(),
            member_by_address: Map::with_hasher(self.hasher.clone()),
            member_by_id: Map::with_hasher(self.hasher.clone()),
            underlays: Set::with_hasher(self.hasher.clone()),
            router_underlays: Set::with_hasher(self.hasher.clone()),
            routes: Map::with_hasher(self.hasher.clone()),
            transit: Vec::new(),
            connected: Vec::new(),
            learned: None,
            directories: vpc.directories.iter().map(|&a| a.into()).collect(),
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
            for &address in &entry.ipv4 {
                if table.member_by_address.insert(address.into(), member).is_some() {
                    return Err(ConfigError::DuplicateAddress { vpc: vpc.id, address });
                }
            }
        }
        let targets = vpc.route_tables.iter().flat_map(|t| &t.routes);
        for route in targets {
            if let RouteTarget::Interface(id) | RouteTarget::NatGateway(id) = route.target
                && let Some(Member { place: Place::Host(host), .. }) = table.member_by_id.get(&id)
            {
                table.router_underlays.insert(*host);
            }
        }
        self.vpcs.push(table);
        Ok(())
    }

    pub(crate) fn add_ports(&mut self, config: &NetConfig) -> Result<(), ConfigError> {
        let indices = vpc_indices(config, &self.hasher)?;
        let mut shared = Shared::new(config, &self.hasher);
        for port in &config.ports {
            let vpc = *indices.get(&port.vpc).ok_or(ConfigError::UnknownVpc { port: port.id, vpc: port.vpc })?;
            let table = self.port_table(port, vpc, &config.vpcs[vpc], &mut shared)?;
            let index = self.port_by_id[&port.id];
            if self.port_by_vni_mac.insert(vni_mac(table.vni, port.mac.0), index).is_some() {
                return Err(ConfigError::DuplicateMac { vpc: port.vpc, mac: port.mac });
            }
            for &(private, public) in &table.public {
                if !table.has_address(private) || self.public_here.insert(public, (index, private)).is_some() {
                    return Err(ConfigError::PublicMapping { public: public.into() });
                }
            }
            self.ports[index.index()] = Some(table);
        }
        Ok(())
    }

    fn port_table(
        &self,
        port: &PortConfig,
        vpc: usize,
        config: &VpcConfig,
        shared: &mut Shared<'_>,
    ) -> Result<PortTable, ConfigError> {
        let routes = self.vpcs[vpc].routes.get(&port.route_table);
        let routes = routes.ok_or(ConfigError::UnknownRouteTable { port: port.id, table: port.route_table })?.clone();
        if !port.ipv4.first().is_some_and(|&a| port.subnet_cidr.contains(a)) {
            return Err(ConfigError::NoAddress { port: port.id, subnet: port.subnet_cidr });
        }
        if port.mac.is_multicast() || port.mac == ROUTER_MAC {
            return Err(ConfigError::DuplicateMac { vpc: port.vpc, mac: port.mac });
        }
        if !(576..=65_000).contains(&port.mtu) {
            return Err(ConfigError::Mtu { port: port.id, mtu: port.mtu });
        }
        if port.nat.is_some() && !(port.groups.is_empty() && port.metadata.is_none() && port.terminator.is_none()) {
            return Err(ConfigError::NatPort { port: port.id });
        }
        if let Some(seconds) = port.flow_log_seconds.filter(|s| !matches!(s, 60 | 600)) {
            return Err(ConfigError::FlowLogInterval { port: port.id, seconds });
        }
        let acl = match port.network_acl {
            None => None,
            Some(acl) => Some(shared.acl(vpc, acl).ok_or(ConfigError::UnknownNetworkAcl { port: port.id, acl })?),
        };
        let [ingress, egress] = shared.rules(self, port, vpc)?;
        let addresses: Vec<u32> = port.ipv4.iter().map(|&a| a.into()).collect();
        let public: Vec<(u32, u32)> = port.public.iter().map(|m| (m.private.into(), m.public.into())).collect();
        let nat_addresses = match port.nat {
            None => Vec::new(),
            Some(nat) if nat.private => addresses.clone(),
            Some(_) => addresses.iter().copied().filter(|a| public.iter().any(|(p, _)| p == a)).collect(),
        };
        Ok(PortTable {
            id: port.id,
            vpc_id: port.vpc,
            vpc,
            vni: config.vni.get(),
            mac: port.mac,
            addresses,
            subnet: port.subnet_cidr,
            gateway: u32::from(port.subnet_cidr.first()).wrapping_add(1),
            source_dest_check: port.source_dest_check,
            mtu: port.mtu.max(IP_BYTES as u16),
            public,
            egress,
            ingress,
            acl,
            routes,
            nat: port.nat,
            nat_addresses,
            rate: port.rate,
            log_interval_ms: port.flow_log_seconds.map(|s| u64::from(s) * 1000),
            hostname: port.dhcp.hostname.as_str().into(),
            dhcp_domain: port.dhcp.domain.as_str().into(),
            dns_servers: port.dhcp.dns_servers.clone(),
            lease_seconds: port.dhcp.lease_seconds,
            metadata: port.metadata.is_some(),
        })
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
    config: &'a NetConfig,
    rules: Map<(usize, Vec<SecurityGroupId>), [Arc<RuleSet>; 2]>,
    acls: Map<(usize, NetworkAclId), Arc<Acl>>,
    /// A VPC's groups, and its interfaces' addresses by group.
    groups: Map<usize, Map<SecurityGroupId, &'a SecurityGroupConfig>>,
    addresses: Map<usize, Map<SecurityGroupId, Vec<u32>>>,
    members: Map<(usize, SecurityGroupId), Arc<Members>>,
}

impl<'a> Shared<'a> {
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

    fn acl(&mut self, vpc: usize, id: NetworkAclId) -> Option<Arc<Acl>> {
        if let Some(known) = self.acls.get(&(vpc, id)) {
            return Some(known.clone());
        }
        let acl = Arc::new(Acl::compile(self.config.vpcs[vpc].network_acls.iter().find(|a| a.id == id)?));
        self.acls.insert((vpc, id), acl.clone());
        Some(acl)
    }

    /// (ingress, egress) of a port in these groups.
    fn rules(&mut self, fabric: &Fabric, port: &PortConfig, vpc: usize) -> Result<[Arc<RuleSet>; 2], ConfigError> {
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
        for rule in found.iter().flat_map(|g| &g.rules) {
            let peers = match &rule.peer {
                PeerMatch::Cidr(cidr) => vec![Peer::Cidr(*cidr)],
                PeerMatch::Group(peer) => vec![Peer::Members(self.members(fabric, vpc, *peer))],
                PeerMatch::PrefixList(id) => {
                    let lists = config.prefix_lists.iter().filter(|l| l.id == *id);
                    lists.flat_map(|l| &l.entries).map(|c| Peer::Cidr(*c)).collect()
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
    fn members(&mut self, fabric: &Fabric, vpc: usize, group: SecurityGroupId) -> Arc<Members> {
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

    fn by_group(&mut self, fabric: &Fabric, vpc: usize) -> &Map<SecurityGroupId, Vec<u32>> {
        let interfaces = &self.config.vpcs[vpc].interfaces;
        self.addresses.entry(vpc).or_insert_with(|| {
            let mut map: Map<SecurityGroupId, Vec<u32>> = Map::with_hasher(fabric.hasher.clone());
            for interface in interfaces {
                for group in &interface.groups {
                    map.entry(*group).or_default().extend(interface.ipv4.iter().map(|&a| u32::from(a)));
                }
            }
            map
        })
    }
}
