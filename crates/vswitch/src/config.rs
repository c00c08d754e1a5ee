//! Compiles a `NetConfig` into the tables that packets are looked up in. Pure: all of it is checked before any of it is used,
//! and a configuration with an error changes nothing.

use crate::ROUTER_MAC;
use crate::parse::IP_BYTES;
use crate::port::PortIndex;
use crate::route::RouteTable;
use crate::security::{Peer, Rule, RuleSet};
use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};
use std::net::Ipv4Addr;
use std::sync::Arc;
use types::{Generation, InterfaceId, Ipv4Cidr, MacAddr, RouteTableId, SecurityGroupId, Vni, VpcId};
use wire::net::{Direction, NetConfig, PeerMatch, PortConfig, RouteTarget, VpcConfig};

/// Why a configuration was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    #[error("format {found} of the network configuration is not known (this is {known})")]
    Format { found: u16, known: u16 },
    #[error("{vpc}: {vni:?} is reserved or used by another VPC")]
    Vni { vpc: VpcId, vni: Vni },
    #[error("{vpc} is listed twice")]
    DuplicateVpc { vpc: VpcId },
    #[error("{vpc} has no CIDR block")]
    NoCidr { vpc: VpcId },
    #[error("{vpc}: {address} belongs to two interfaces")]
    DuplicateAddress { vpc: VpcId, address: Ipv4Addr },
    #[error("{vpc}: {mac} belongs to two interfaces, or is the router's")]
    DuplicateMac { vpc: VpcId, mac: MacAddr },
    #[error("{port} is listed twice")]
    DuplicatePort { port: InterfaceId },
    #[error("{port}: {vpc} is not in the configuration")]
    UnknownVpc { port: InterfaceId, vpc: VpcId },
    #[error("{port}: {table} is not in the configuration")]
    UnknownRouteTable { port: InterfaceId, table: RouteTableId },
    #[error("{port}: {group} is not in the configuration")]
    UnknownGroup { port: InterfaceId, group: SecurityGroupId },
    #[error("{port} has no address inside its subnet {subnet}")]
    NoAddress { port: InterfaceId, subnet: Ipv4Cidr },
    #[error("{port}: an MTU of {mtu} is not within 576..=65000")]
    Mtu { port: InterfaceId, mtu: u16 },
    #[error("{public} is mapped to two addresses, or not to one of its port's")]
    PublicMapping { public: Ipv4Addr },
    #[error("{count} ports are more than the {max} of a host")]
    TooManyPorts { count: usize, max: usize },
}

/// More than any host has; bounds the port table.
const PORTS_MAX: usize = 4096;

pub(crate) type Map<K, V> = HashMap<K, V, FixedState>;
pub(crate) type Set<K> = HashSet<K, FixedState>;

/// All compiled tables of one configuration. Immutable.
pub(crate) struct Fabric {
    pub epoch: u32,
    pub hasher: FixedState,
    pub generation: Generation,
    pub underlay: u32,
    /// By [`PortIndex`].
    pub ports: Vec<Option<PortTable>>,
    pub port_by_id: Map<InterfaceId, PortIndex>,
    pub vpcs: Vec<VpcTable>,
    pub vpc_by_vni: Map<u32, usize>,
    /// This host's ports by VNI and link address: [`vni_mac`].
    pub port_by_vni_mac: Map<(u32, u64), PortIndex>,
    /// Addresses of every host that holds an interface or a public address, and the edge's.
    pub known_underlays: Set<u32>,
    /// Those that may send on `Vni::INTERNET`: the edge and the owners of public addresses.
    pub internet_underlays: Set<u32>,
    /// Public address to port and private address, of this host.
    pub public_here: Map<u32, (PortIndex, u32)>,
    /// Public address to its owner's underlay, of other hosts.
    pub public_elsewhere: Map<u32, u32>,
    pub pool: Option<Ipv4Cidr>,
    pub edge: Option<u32>,
}

pub(crate) struct VpcTable {
    /// The resolver: the VPC's base + 2.
    pub resolver: u32,
    pub cidrs: Vec<Ipv4Cidr>,
    pub dns_support: bool,
    pub domain: Box<str>,
    pub member_by_address: Map<u32, Member>,
    pub member_by_id: Map<InterfaceId, Member>,
    /// Other hosts that hold an interface of the VPC.
    pub underlays: Set<u32>,
    /// Other hosts that hold an interface which a route table sends to: it forwards packets of others' addresses.
    pub router_underlays: Set<u32>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Member {
    pub mac: MacAddr,
    pub place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Here(PortIndex),
    Host(u32),
    /// On no host; or said to be on this one, which has no such port.
    Nowhere,
}

pub(crate) struct PortTable {
    pub id: InterfaceId,
    pub vpc_id: VpcId,
    /// Index into [`Fabric::vpcs`].
    pub vpc: usize,
    pub vni: u32,
    pub mac: MacAddr,
    pub addresses: Vec<u32>,
    pub subnet: Ipv4Cidr,
    pub gateway: u32,
    pub source_dest_check: bool,
    pub mtu: u16,
    /// (private, public)
    pub public: Vec<(u32, u32)>,
    pub egress: RuleSet,
    pub ingress: RuleSet,
    pub routes: Arc<RouteTable>,
    pub hostname: Box<str>,
    pub dhcp_domain: Box<str>,
    pub dns_servers: Vec<Ipv4Addr>,
    pub lease_seconds: u32,
    pub metadata: bool,
}

impl PortTable {
    pub fn has_address(&self, address: u32) -> bool {
        self.addresses.contains(&address)
    }

    pub fn public_of(&self, private: u32) -> Option<u32> {
        self.public.iter().find(|(p, _)| *p == private).map(|(_, public)| *public)
    }

    pub fn rules(&self, direction: Direction) -> &RuleSet {
        match direction {
            Direction::Egress => &self.egress,
            Direction::Ingress => &self.ingress,
        }
    }
}

/// The key of [`Fabric::port_by_vni_mac`].
pub(crate) fn vni_mac(vni: u32, mac: [u8; 6]) -> (u32, u64) {
    let [a, b, c, d, e, f] = mac;
    (vni, u64::from_be_bytes([0, 0, a, b, c, d, e, f]))
}

impl Fabric {
    pub fn empty(hasher: FixedState) -> Self {
        Self {
            epoch: 0,
            hasher: hasher.clone(),
            generation: Generation::default(),
            underlay: 0,
            ports: Vec::new(),
            port_by_id: Map::with_hasher(hasher.clone()),
            vpcs: Vec::new(),
            vpc_by_vni: Map::with_hasher(hasher.clone()),
            port_by_vni_mac: Map::with_hasher(hasher.clone()),
            known_underlays: Set::with_hasher(hasher.clone()),
            internet_underlays: Set::with_hasher(hasher.clone()),
            public_here: Map::with_hasher(hasher.clone()),
            public_elsewhere: Map::with_hasher(hasher.clone()),
            pool: None,
            edge: None,
        }
    }

    /// The tables of `config`. Ports that `previous` has keep their index.
    pub fn compile(config: &NetConfig, previous: &Fabric) -> Result<Self, ConfigError> {
        if config.format != wire::FORMAT {
            return Err(ConfigError::Format { found: config.format, known: wire::FORMAT });
        }
        if config.ports.len() > PORTS_MAX {
            return Err(ConfigError::TooManyPorts { count: config.ports.len(), max: PORTS_MAX });
        }
        let mut fabric = Fabric::empty(previous.hasher.clone());
        // 0 marks a flow that has nothing decided.
        fabric.epoch = previous.epoch.wrapping_add(1).max(1);
        fabric.generation = config.generation;
        fabric.underlay = config.underlay.into();
        fabric.pool = config.internet.pool;
        fabric.edge = config.internet.edge.map(u32::from);
        fabric.assign_ports(config, previous)?;
        for vpc in &config.vpcs {
            fabric.add_vpc(vpc)?;
        }
        fabric.add_ports(config)?;
        fabric.add_internet(config);
        Ok(fabric)
    }

    fn assign_ports(&mut self, config: &NetConfig, previous: &Fabric) -> Result<(), ConfigError> {
        let mut taken = vec![false; previous.ports.len()];
        for port in &config.ports {
            if let Some(&index) = previous.port_by_id.get(&port.id) {
                taken[index.index()] = true;
                self.port_by_id.insert(port.id, index);
            }
        }
        let mut seen = Set::with_hasher(self.hasher.clone());
        for port in &config.ports {
            if !seen.insert(port.id) {
                return Err(ConfigError::DuplicatePort { port: port.id });
            }
            if !self.port_by_id.contains_key(&port.id) {
                let free = taken.iter().position(|t| !t).unwrap_or(taken.len());
                if free == taken.len() {
                    taken.push(true);
                } else {
                    taken[free] = true;
                }
                self.port_by_id.insert(port.id, PortIndex(free as u32));
            }
        }
        self.ports.resize_with(taken.len(), || None);
        Ok(())
    }

    fn add_vpc(&mut self, vpc: &VpcConfig) -> Result<(), ConfigError> {
        let index = self.vpcs.len();
        if vpc.vni < Vni::FIRST_VPC || self.vpc_by_vni.insert(vpc.vni.get(), index).is_some() {
            return Err(ConfigError::Vni { vpc: vpc.id, vni: vpc.vni });
        }
        let base = vpc.cidrs.first().ok_or(ConfigError::NoCidr { vpc: vpc.id })?;
        let mut table = VpcTable {
            resolver: u32::from(base.first()).wrapping_add(2),
            cidrs: vpc.cidrs.clone(),
            dns_support: vpc.dns_support,
            domain: vpc.domain.to_ascii_lowercase().into(),
            member_by_address: Map::with_hasher(self.hasher.clone()),
            member_by_id: Map::with_hasher(self.hasher.clone()),
            underlays: Set::with_hasher(self.hasher.clone()),
            router_underlays: Set::with_hasher(self.hasher.clone()),
        };
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

    fn add_ports(&mut self, config: &NetConfig) -> Result<(), ConfigError> {
        let vpc_index: Map<VpcId, usize> = {
            let mut map = Map::with_hasher(self.hasher.clone());
            for (i, vpc) in config.vpcs.iter().enumerate() {
                if map.insert(vpc.id, i).is_some() {
                    return Err(ConfigError::DuplicateVpc { vpc: vpc.id });
                }
            }
            map
        };
        let mut shared = Shared::new(self.hasher.clone());
        for port in &config.ports {
            let vpc = *vpc_index.get(&port.vpc).ok_or(ConfigError::UnknownVpc { port: port.id, vpc: port.vpc })?;
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
        shared: &mut Shared,
    ) -> Result<PortTable, ConfigError> {
        let routes = shared
            .routes(vpc, config, port.route_table)
            .ok_or(ConfigError::UnknownRouteTable { port: port.id, table: port.route_table })?;
        if !port.ipv4.first().is_some_and(|&a| port.subnet_cidr.contains(a)) {
            return Err(ConfigError::NoAddress { port: port.id, subnet: port.subnet_cidr });
        }
        if port.mac.is_multicast() || port.mac == ROUTER_MAC {
            return Err(ConfigError::DuplicateMac { vpc: port.vpc, mac: port.mac });
        }
        if !(576..=65_000).contains(&port.mtu) {
            return Err(ConfigError::Mtu { port: port.id, mtu: port.mtu });
        }
        let mut sets = [RuleSet::default(), RuleSet::default()];
        for &id in &port.groups {
            let group = config
                .security_groups
                .iter()
                .find(|g| g.id == id)
                .ok_or(ConfigError::UnknownGroup { port: port.id, group: id })?;
            for rule in &group.rules {
                let peers = match &rule.peer {
                    PeerMatch::Cidr(cidr) => vec![Peer::cidr(*cidr)],
                    PeerMatch::Group(peer) => vec![Peer::Members(shared.members(vpc, config, *peer))],
                    PeerMatch::PrefixList(id) => {
                        let lists = config.prefix_lists.iter().filter(|l| l.id == *id);
                        lists.flat_map(|l| &l.entries).map(|c| Peer::cidr(*c)).collect()
                    }
                };
                let set = &mut sets[usize::from(rule.direction == Direction::Egress)].0;
                set.extend(peers.into_iter().map(|peer| Rule { protocol: rule.protocol, peer }));
            }
        }
        let [ingress, egress] = sets;
        Ok(PortTable {
            id: port.id,
            vpc_id: port.vpc,
            vpc,
            vni: config.vni.get(),
            mac: port.mac,
            addresses: port.ipv4.iter().map(|&a| a.into()).collect(),
            subnet: port.subnet_cidr,
            gateway: u32::from(port.subnet_cidr.first()).wrapping_add(1),
            source_dest_check: port.source_dest_check,
            mtu: port.mtu.max(IP_BYTES as u16),
            public: port.public.iter().map(|m| (m.private.into(), m.public.into())).collect(),
            egress,
            ingress,
            routes,
            hostname: port.dhcp.hostname.as_str().into(),
            dhcp_domain: port.dhcp.domain.as_str().into(),
            dns_servers: port.dhcp.dns_servers.clone(),
            lease_seconds: port.dhcp.lease_seconds,
            metadata: port.metadata.is_some(),
        })
    }

    fn add_internet(&mut self, config: &NetConfig) {
        if let Some(edge) = self.edge.filter(|e| *e != self.underlay) {
            self.internet_underlays.insert(edge);
        }
        for owned in &config.internet.addresses {
            let owner = u32::from(owned.underlay);
            if owner != self.underlay {
                self.public_elsewhere.insert(owned.address.into(), owner);
                self.internet_underlays.insert(owner);
            }
        }
        self.known_underlays.extend(self.internet_underlays.iter().copied());
    }

    pub fn port(&self, port: PortIndex) -> Option<&PortTable> {
        self.ports.get(port.index())?.as_ref()
    }
}

/// What several ports of a VPC have in common, compiled once.
struct Shared {
    routes: Map<(usize, RouteTableId), Arc<RouteTable>>,
    members: Map<(usize, SecurityGroupId), Arc<[u32]>>,
}

impl Shared {
    fn new(hasher: FixedState) -> Self {
        Self { routes: Map::with_hasher(hasher.clone()), members: Map::with_hasher(hasher.clone()) }
    }

    fn routes(&mut self, vpc: usize, config: &VpcConfig, id: RouteTableId) -> Option<Arc<RouteTable>> {
        if let Some(known) = self.routes.get(&(vpc, id)) {
            return Some(known.clone());
        }
        let table = config.route_tables.iter().find(|t| t.id == id)?;
        let compiled = Arc::new(RouteTable::compile(&table.routes));
        self.routes.insert((vpc, id), compiled.clone());
        Some(compiled)
    }

    /// The private addresses of a group's members, sorted; none for a group that is gone.
    fn members(&mut self, vpc: usize, config: &VpcConfig, group: SecurityGroupId) -> Arc<[u32]> {
        self.members
            .entry((vpc, group))
            .or_insert_with(|| {
                let members = config.interfaces.iter().filter(|i| i.groups.contains(&group));
                let mut addresses: Vec<u32> = members.flat_map(|i| i.ipv4.iter().map(|&a| a.into())).collect();
                addresses.sort_unstable();
                addresses.into()
            })
            .clone()
    }
}
