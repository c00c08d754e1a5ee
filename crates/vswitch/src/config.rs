//! The tables that packets are looked up in, compiled from a `NetConfig`. Pure: all of it is checked before any of it is used,
//! and a configuration with an error changes nothing. `compile.rs` does the parts of VPCs and ports.

use crate::acl::{Acl, Judgement};
use crate::drop::DropReason;
use crate::family::Family;
use crate::flow::Path;
use crate::ip::{CidrOf, Ip};
use crate::maglev::Tables;
use crate::network_balancer::BalancerTable;
use crate::peers::Peers;
use crate::port::PortIndex;
use crate::route::{RouteTable, TransitTable};
use crate::security::RuleSet;
use crate::trace::{Notes, Step};
use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use types::{Generation, InterfaceId, Ipv4Cidr, MacAddr, NetworkAclId, RouteTableId, SecurityGroupId, Vni, VpcId};
use wire::net::{Direction, NatConfig, NetConfig, RateLimit};

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
    DuplicateAddress { vpc: VpcId, address: IpAddr },
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
    #[error("{port}: {address} is not a host's within its subnet, or the subnet is not a /64")]
    Address6 { port: InterfaceId, address: Ipv6Addr },
    #[error("{port}: an MTU of {mtu} is less than IPv6's 1280")]
    Mtu6 { port: InterfaceId, mtu: u16 },
    #[error("{port}: an MTU of {mtu} is not within 576..=65000")]
    Mtu { port: InterfaceId, mtu: u16 },
    #[error("{public} is mapped to two addresses, or not to one of its port's")]
    PublicMapping { public: Ipv4Addr },
    #[error("{port}: {acl} is not in the configuration")]
    UnknownNetworkAcl { port: InterfaceId, acl: NetworkAclId },
    #[error("{port}: the interface of a NAT gateway has security groups, a metadata service or a process behind it")]
    NatPort { port: InterfaceId },
    #[error("{interface}: of a load balancer's node there is no address or no interface, or two listeners of it are the same")]
    Balancer { interface: InterfaceId },
    #[error("{port}: its instance has another rate at another port")]
    RateOfInstance { port: InterfaceId },
    #[error("{port}: flow logs aggregate over 60 or 600 seconds, not {seconds}")]
    FlowLogInterval { port: InterfaceId, seconds: u16 },
    #[error("{address} of the service {service} is in a VPC's CIDR block")]
    ServiceAddress { service: String, address: Ipv4Addr },
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
    pub v4: Outside<u32>,
    /// Its public addresses are the private ones.
    pub v6: Outside<u128>,
    pub edge: Option<u32>,
    pub services: Vec<ServiceTable>,
    /// Names of the outside that the resolver knows, in lower case.
    pub names: Map<Box<str>, Box<[Ipv4Addr]>>,
    /// Whose they are, an instance's or an interface's.
    pub rates: Vec<(Box<str>, RateLimit)>,
    /// There is a large VPC.
    pub asks: bool,
    /// Of the load balancers' nodes of this host.
    pub tables: Tables,
}

/// Addresses that the outside sees.
pub(crate) struct Outside<A: Ip> {
    /// Public address to port and private address, of this host.
    pub here: Map<A, (PortIndex, A)>,
    /// Public address to its owner's underlay, of other hosts.
    pub elsewhere: Map<A, u32>,
    pub pool: Option<CidrOf<A>>,
}

impl<A: Ip> Outside<A> {
    fn empty(hasher: &FixedState) -> Self {
        Self { here: Map::with_hasher(hasher.clone()), elsewhere: Map::with_hasher(hasher.clone()), pool: None }
    }
}

/// A service of the region: what the resolver answers and where endpoints lead to.
pub(crate) struct ServiceTable {
    pub domain: Box<str>,
    pub addresses: Vec<u32>,
}

impl ServiceTable {
    pub fn has(&self, address: IpAddr) -> bool {
        matches!(address, IpAddr::V4(a) if self.addresses.contains(&a.into()))
    }
}

/// One IP family of a VPC.
pub(crate) struct VpcNet<A: Ip> {
    pub cidrs: Vec<CidrOf<A>>,
    pub member_by_address: Map<A, Member>,
    /// Other hosts that hold an interface which a route table sends to: it forwards packets of others' addresses.
    pub router_underlays: Set<u32>,
    pub routes: Map<RouteTableId, Arc<RouteTable<A>>>,
    pub transit: Vec<TransitTable<A>>,
}

impl<A: Ip> VpcNet<A> {
    /// The address is within the VPC's CIDR blocks.
    pub fn holds(&self, address: A) -> bool {
        self.cidrs.iter().any(|c| c.contains(address.addr()))
    }
}

pub(crate) struct VpcTable {
    pub id: VpcId,
    /// The resolver: the VPC's base + 2.
    pub resolver: u32,
    pub vni: u32,
    pub v4: VpcNet<u32>,
    pub v6: VpcNet<u128>,
    /// Who is outside may begin connections to its IPv6 addresses.
    pub open6: bool,
    /// The first IPv6 address of each interface that has one, by its first of IPv4.
    pub ipv6_of: Map<u32, u128>,
    pub dns_support: bool,
    pub domain: Box<str>,
    pub member_by_id: Map<InterfaceId, Member>,
    /// Other hosts that hold an interface of the VPC.
    pub underlays: Set<u32>,
    /// VPCs that exchange packets with this one, by a peering or a transit gateway. Index into [`Fabric::vpcs`].
    pub connected: Vec<usize>,
    /// Of a large VPC: what was learned of its other interfaces, and whom to ask.
    pub learned: Option<Arc<Peers>>,
    pub directories: Vec<u32>,
    /// Load balancers' nodes, by the link address that their packets come with.
    pub nodes: Map<u64, Node>,
}

/// A network load balancer's node as the hosts of its targets know it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node {
    pub address: u32,
    pub member: Member,
}

impl VpcTable {
    /// Who has an address: by the configuration, or as a directory answered.
    pub fn member<A: Family>(&self, address: A) -> Option<Member> {
        let listed = A::vpc(self).member_by_address.get(&address).copied();
        listed.or_else(|| self.learned.as_ref()?.member(address.any()))
    }

    /// The host is known to hold an interface of the VPC.
    pub fn is_at(&self, host: u32) -> bool {
        self.underlays.contains(&host) || self.learned.as_ref().is_some_and(|l| l.is_at(host))
    }

    /// The address is one of this VPC that the configuration does not list: a directory has to say who has it.
    pub fn is_asked<A: Family>(&self, address: A) -> bool {
        let net = A::vpc(self);
        self.learned.is_some() && net.holds(address) && !net.member_by_address.contains_key(&address)
    }

    /// An address of this VPC that nothing is known of: a directory would have to say.
    pub fn is_unasked<A: Family>(&self, address: A) -> bool {
        self.is_asked(address) && !self.learned.as_ref().is_some_and(|l| l.has(address.any()))
    }
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

impl Place {
    /// What comes by that path may be from there.
    pub fn is_at(self, path: Path) -> bool {
        match self {
            Self::Here(_) => path.underlay == 0,
            Self::Host(host) => path.underlay == host,
            Self::Nowhere => false,
        }
    }
}

/// One IP family of a port.
pub(crate) struct PortNet<A: Ip> {
    pub interface: InterfaceId,
    pub addresses: Vec<A>,
    pub subnet: Option<CidrOf<A>>,
    pub egress: Arc<RuleSet<A>>,
    pub ingress: Arc<RuleSet<A>>,
    /// Of its subnet.
    pub acl: Option<Arc<Acl<A>>>,
    pub routes: Arc<RouteTable<A>>,
}

pub(crate) struct PortTable {
    pub id: InterfaceId,
    pub vpc_id: VpcId,
    /// Index into [`Fabric::vpcs`].
    pub vpc: usize,
    pub vni: u32,
    pub mac: MacAddr,
    pub v4: PortNet<u32>,
    pub v6: PortNet<u128>,
    pub subnet: Ipv4Cidr,
    pub gateway: u32,
    pub source_dest_check: bool,
    pub mtu: u16,
    /// (private, public)
    pub public: Vec<(u32, u32)>,
    pub nat: Option<NatConfig>,
    /// Set: a network load balancer's node.
    pub balancer: Option<Arc<BalancerTable>>,
    /// What a NAT gateway may put in place of sources.
    pub nat_addresses: Vec<u32>,
    /// Index into [`Fabric::rates`].
    pub rate: Option<usize>,
    pub log_interval_ms: Option<u64>,
    pub hostname: Box<str>,
    pub dhcp_domain: Box<str>,
    pub dns_servers: Vec<Ipv4Addr>,
    pub lease_seconds: u32,
    pub metadata: bool,
}

impl PortTable {
    pub fn public_of(&self, private: u32) -> Option<u32> {
        self.public.iter().find(|(p, _)| *p == private).map(|(_, public)| *public)
    }
}

impl PortTable {
    pub fn link_local(&self) -> u128 {
        crate::link_local(self.mac).into()
    }

    /// One of its addresses of IPv6 (not: unspecified), the link-local one too.
    pub fn has_link_address(&self, address: u128) -> bool {
        self.v6.has_address(address) || address == self.link_local()
    }

    /// Its subnet has a block of IPv6 addresses.
    pub fn has_ipv6(&self) -> bool {
        self.v6.subnet.is_some()
    }
}

impl<A: Ip> PortNet<A> {
    pub fn has_address(&self, address: A) -> bool {
        self.addresses.contains(&address)
    }

    pub fn rules(&self, direction: Direction) -> &RuleSet<A> {
        match direction {
            Direction::Egress => &self.egress,
            Direction::Ingress => &self.ingress,
        }
    }

    /// What the ACL at the subnet's edge says; `None`: there is none, or the packet stays within the subnet.
    pub fn judge(&self, direction: Direction, subject: (A, u8, u16)) -> Option<(NetworkAclId, Judgement)> {
        let acl = self.acl.as_ref().filter(|_| !self.subnet.is_some_and(|s| s.contains(subject.0.addr())))?;
        Some((acl.id, acl.judge(direction, subject)))
    }

    /// [`Self::judge`], as a verdict.
    pub fn cross_edge(&self, direction: Direction, subject: (A, u8, u16), notes: &mut impl Notes) -> Result<(), DropReason> {
        let Some((acl, judgement)) = self.judge(direction, subject) else { return Ok(()) };
        let Judgement { entry, allow } = judgement;
        notes.note(|| Step::NetworkAcl { interface: self.interface, acl, direction, entry, allow });
        match (allow, direction) {
            (true, _) => Ok(()),
            (false, Direction::Ingress) => Err(DropReason::NetworkAclIngress),
            (false, Direction::Egress) => Err(DropReason::NetworkAclEgress),
        }
    }
}

/// The key of [`Fabric::port_by_vni_mac`].
pub(crate) fn vni_mac(vni: u32, mac: [u8; 6]) -> (u32, u64) {
    (vni, mac_number(mac))
}

pub(crate) fn mac_number([a, b, c, d, e, f]: [u8; 6]) -> u64 {
    u64::from_be_bytes([0, 0, a, b, c, d, e, f])
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
            v4: Outside::empty(&hasher),
            v6: Outside::empty(&hasher),
            edge: None,
            services: Vec::new(),
            names: Map::with_hasher(hasher.clone()),
            rates: Vec::new(),
            asks: false,
            tables: Tables::default(),
        }
    }

    /// The tables of `config`. Ports that `previous` has keep their index. `tables`: prepared for it.
    pub fn compile(config: &NetConfig, previous: &Fabric, tables: Tables) -> Result<Self, ConfigError> {
        if config.format != wire::FORMAT {
            return Err(ConfigError::Format { found: config.format, known: wire::FORMAT });
        }
        if config.ports.len() > PORTS_MAX {
            return Err(ConfigError::TooManyPorts { count: config.ports.len(), max: PORTS_MAX });
        }
        let mut fabric = Fabric::empty(previous.hasher.clone());
        // 0 marks a flow that has nothing decided.
        fabric.tables = tables;
        fabric.epoch = previous.epoch.wrapping_add(1).max(1);
        fabric.generation = config.generation;
        fabric.underlay = config.underlay.into();
        fabric.v4.pool = config.internet.pool;
        fabric.v6.pool = config.internet.pool6;
        fabric.edge = config.internet.edge.map(u32::from);
        fabric.assign_ports(config, previous)?;
        fabric.add_services(config)?;
        fabric.add_vpcs(config, previous)?;
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

    fn add_internet(&mut self, config: &NetConfig) {
        if let Some(edge) = self.edge.filter(|e| *e != self.underlay) {
            self.internet_underlays.insert(edge);
        }
        for owned in &config.internet.addresses {
            let owner = u32::from(owned.underlay);
            if owner != self.underlay {
                self.v4.elsewhere.insert(owned.address.into(), owner);
                self.internet_underlays.insert(owner);
            }
        }
        for owned in &config.internet.addresses6 {
            let (address, owner) = (u128::from(owned.address), u32::from(owned.underlay));
            if owner != self.underlay {
                self.v6.elsewhere.insert(address, owner);
                self.internet_underlays.insert(owner);
            } else if let Some(port) = self.port_with(address) {
                self.v6.here.insert(address, (port, address));
            }
        }
        self.known_underlays.extend(self.internet_underlays.iter().copied());
    }

    fn port_with(&self, address: u128) -> Option<PortIndex> {
        let mut vpcs = self.vpcs.iter().filter(|v| v.v6.holds(address));
        vpcs.find_map(|v| match v.v6.member_by_address.get(&address)?.place {
            Place::Here(port) => Some(port),
            Place::Host(_) | Place::Nowhere => None,
        })
    }

    pub fn port(&self, port: PortIndex) -> Option<&PortTable> {
        self.ports.get(port.index())?.as_ref()
    }
}
