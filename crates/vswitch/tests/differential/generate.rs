//! Networks from a seed: VPCs that are connected and VPCs that overlap, every kind of route, rule and gateway.

use crate::{six, views};
use std::net::Ipv4Addr;
use types::*;
use wire::net::*;

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers everywhere and for ever.
#[derive(Debug, Clone)]
pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// `0..n`
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    pub fn range(&mut self, from: usize, to: usize) -> usize {
        from + self.below(to - from + 1)
    }

    /// With a probability of `percent`.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        if from.is_empty() { None } else { Some(from[self.below(from.len())].clone()) }
    }
}

/// What the whole region is; a host's configuration is a part of it ([`Network::config`]).
#[derive(Debug, Clone)]
pub struct Network {
    pub hosts: usize,
    /// `interfaces` is empty here: [`Network::ports`] has them.
    pub vpcs: Vec<VpcConfig>,
    pub ports: Vec<Iface>,
    pub services: Vec<ServiceConfig>,
}

#[derive(Debug, Clone)]
pub struct Iface {
    pub port: PortConfig,
    pub host: Option<usize>,
}

pub fn pool() -> Ipv4Cidr {
    cidr([198, 18, 0, 0], 15)
}

pub const EDGE: Ipv4Addr = Ipv4Addr::new(127, 0, 9, 9);
pub const SERVICE: Ipv4Addr = Ipv4Addr::new(52, 216, 0, 10);
pub const OUTSIDE: [Ipv4Addr; 4] =
    [Ipv4Addr::new(203, 0, 113, 9), Ipv4Addr::new(203, 0, 113, 200), Ipv4Addr::new(192, 0, 2, 77), Ipv4Addr::new(8, 8, 4, 4)];

pub fn underlay(host: usize) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 1, 1 + host as u8)
}

pub fn cidr(a: [u8; 4], len: u8) -> Ipv4Cidr {
    Ipv4Cidr::new(a.into(), len).unwrap().canonical()
}

pub fn host_cidr(a: Ipv4Addr) -> Ipv4Cidr {
    Ipv4Cidr::new(a, 32).unwrap()
}

impl Network {
    /// What the control plane pushes to `host`: the VPCs that have a port there and those that these reach.
    pub fn config(&self, host: usize, generation: u64) -> NetConfig {
        let here: Vec<VpcId> = self.ports.iter().filter(|i| i.host == Some(host)).map(|i| i.port.vpc).collect();
        let mut wanted = here.clone();
        for v in self.vpcs.iter().filter(|v| here.contains(&v.id)) {
            wanted.extend(v.peerings.iter().map(|p| p.peer));
            wanted.extend(v.transit.iter().flat_map(views::transit_routes).filter_map(|r| match r.target {
                TransitTarget::Vpc { vpc, .. } => Some(vpc),
                TransitTarget::Blackhole => None,
            }));
            // Those that reach it: packets come from there.
            wanted.extend(self.vpcs.iter().filter(|o| leads_to(o, v.id)).map(|o| o.id));
        }
        let vpcs = self.vpcs.iter().filter(|v| wanted.contains(&v.id)).map(|v| self.with_interfaces(v)).collect();
        let placed = self.ports.iter().filter_map(|i| Some((i, underlay(i.host?))));
        let addresses =
            placed.flat_map(|(i, u)| i.port.public.iter().map(move |m| PublicAddress { address: m.public, underlay: u }));
        NetConfig {
            format: wire::FORMAT,
            host: "host-1".parse().unwrap(),
            generation: Generation(generation),
            underlay: underlay(host),
            vpcs,
            ports: self.ports.iter().filter(|i| i.host == Some(host)).map(|i| i.port.clone()).collect(),
            internet: InternetConfig {
                addresses6: six::outside(self)
                    .into_iter()
                    .map(|(_, address, host)| PublicAddress { address, underlay: underlay(host) })
                    .collect(),
                pool6: Some(six::pool6()),
                pool: Some(pool()),
                addresses: addresses.collect(),
                edge: Some(EDGE),
            },
            services: self.services.clone(),
            names: vec![],
        }
    }

    fn with_interfaces(&self, v: &VpcConfig) -> VpcConfig {
        let entry = |i: &Iface| InterfaceEntry {
            ipv6: i.port.ipv6.clone(),
            id: i.port.id,
            mac: i.port.mac,
            ipv4: i.port.ipv4.clone(),
            groups: i.port.groups.clone(),
            underlay: i.host.map(underlay),
        };
        let interfaces = self.ports.iter().filter(|i| i.port.vpc == v.id).map(entry).collect();
        VpcConfig { interfaces, ..v.clone() }
    }
}

fn leads_to(from: &VpcConfig, to: VpcId) -> bool {
    let routes = from.transit.iter().flat_map(views::transit_routes);
    routes.into_iter().any(|r| matches!(r.target, TransitTarget::Vpc { vpc, .. } if vpc == to))
}

pub struct Maker {
    pub rng: Rng,
    pub ids: u128,
    pub publics: u16,
    /// VPCs that reach each other have the same number: their CIDRs do not overlap; others' may.
    pub component: Vec<usize>,
}

pub fn network(seed: u64) -> Network {
    let mut m = Maker { rng: Rng(seed), ids: 0, publics: 0, component: vec![] };
    let hosts = m.rng.range(1, 4);
    let vpcs = m.rng.range(1, 4);
    m.component = (0..vpcs).collect();
    let peerings = m.pairs(vpcs, 45);
    let attached: Vec<usize> = if m.rng.chance(50) { (0..vpcs).filter(|_| m.rng.chance(75)).collect() } else { vec![] };
    for w in attached.windows(2) {
        m.join(w[0], w[1]);
    }
    let mut used = vec![0u8; vpcs];
    let mut net = Network { hosts, vpcs: vec![], ports: vec![], services: vec![] };
    let addresses = vec![SERVICE, Ipv4Addr::new(52, 216, 0, 11)];
    net.services.push(ServiceConfig { name: "s3".into(), domain: "s3.us-east-1.amazonaws.com".into(), addresses });
    for v in 0..vpcs {
        let c = m.component[v];
        let cidrs = (0..m.rng.range(1, 3)).map(|_| m.vpc_cidr(&mut used[c])).collect();
        let vpc = m.vpc(v, cidrs);
        net.vpcs.push(vpc);
    }
    for (a, b) in peerings {
        let id = PeeringId::from_random(m.id());
        let (x, y) = (net.vpcs[a].id, net.vpcs[b].id);
        net.vpcs[a].peerings.push(PeeringConfig { id, peer: y });
        net.vpcs[b].peerings.push(PeeringConfig { id, peer: x });
    }
    for v in 0..vpcs {
        m.interfaces(&mut net, v);
    }
    m.transit(&mut net, &attached);
    for v in 0..vpcs {
        m.groups(&mut net, v);
        m.acls(&mut net, v);
        m.routes(&mut net, v);
    }
    six::add(&mut net, seed);
    net
}

impl Maker {
    pub fn id(&mut self) -> u128 {
        self.ids += 1;
        self.ids
    }

    fn pairs(&mut self, n: usize, percent: usize) -> Vec<(usize, usize)> {
        let mut pairs = vec![];
        for a in 0..n {
            for b in a + 1..n {
                if self.rng.chance(percent) {
                    pairs.push((a, b));
                    self.join(a, b);
                }
            }
        }
        pairs
    }

    fn join(&mut self, a: usize, b: usize) {
        let (from, to) = (self.component[b], self.component[a]);
        for c in self.component.iter_mut().filter(|c| **c == from) {
            *c = to;
        }
    }

    fn vpc_cidr(&mut self, used: &mut u8) -> Ipv4Cidr {
        let n = *used;
        *used += 1;
        match self.rng.below(3) {
            0 => cidr([10, n, 0, 0], 16),
            1 => cidr([172, 16, 16 * n, 0], 22),
            _ => cidr([100, 64, n, 0], 24),
        }
    }

    fn vpc(&mut self, v: usize, cidrs: Vec<Ipv4Cidr>) -> VpcConfig {
        let mut tables = vec![];
        for _ in 0..self.rng.range(1, 3) {
            tables.push(RouteTableConfig { routes6: Vec::new(), id: RouteTableId::from_random(self.id()), routes: vec![] });
        }
        let mut groups = vec![];
        for _ in 0..self.rng.range(2, 4) {
            groups.push(SecurityGroupConfig { rules6: Vec::new(), id: SecurityGroupId::from_random(self.id()), rules: vec![] });
        }
        let mut acls = vec![];
        for _ in 0..self.rng.range(0, 2) {
            acls.push(NetworkAclConfig { entries6: Vec::new(), id: NetworkAclId::from_random(self.id()), entries: vec![] });
        }
        let mut endpoints = vec![];
        if self.rng.chance(60) {
            endpoints.push(EndpointConfig { id: VpcEndpointId::from_random(self.id()), service: "s3".into(), policy: None });
        }
        VpcConfig {
            cidrs6: Vec::new(),
            open6: false,
            id: VpcId::from_random(self.id()),
            vni: Vni::try_from(5000 + v as u32).unwrap(),
            cidrs,
            dns_support: self.rng.chance(85),
            dns_hostnames: true,
            domain: "ec2.internal".into(),
            interfaces: vec![],
            directories: Vec::new(),
            security_groups: groups,
            route_tables: tables,
            network_acls: acls,
            prefix_lists: vec![],
            peerings: vec![],
            transit: vec![],
            endpoints,
            balancers: Vec::new(),
        }
    }

    fn interfaces(&mut self, net: &mut Network, v: usize) {
        let mut subnets: Vec<Ipv4Cidr> = vec![];
        for _ in 0..self.rng.range(1, 5) {
            let Some(whole) = self.rng.pick(&net.vpcs[v].cidrs) else { break };
            let [a, b, c, d] = whole.first().octets();
            let n = self.rng.below(4) as u8;
            let subnet = if whole.prefix_len() < 24 { cidr([a, b, c + n, d], 24) } else { cidr([a, b, c, 64 * n], 26) };
            if !subnets.contains(&subnet) {
                subnets.push(subnet);
            }
        }
        let internet = self.rng.chance(75);
        for subnet_cidr in subnets {
            let subnet = SubnetId::from_random(self.id());
            let route_table = self.rng.pick(&net.vpcs[v].route_tables).unwrap().id;
            let acl = self.rng.pick(&net.vpcs[v].network_acls).map(|a| a.id).filter(|_| self.rng.chance(75));
            let mut offset = 4;
            for i in 0..self.rng.range(1, 4) {
                let mut ipv4 = vec![];
                for _ in 0..if self.rng.chance(20) { 2 } else { 1 } {
                    ipv4.push(subnet_cidr.nth(offset).unwrap());
                    offset += 1;
                }
                let nat = i > 0 && self.rng.chance(25);
                let n = self.id();
                let mut public = vec![];
                let private_nat = self.rng.chance(30);
                for &private in ipv4.iter().filter(|_| internet) {
                    if if nat { !private_nat } else { self.rng.chance(55) } {
                        self.publics += 1;
                        let [hi, lo] = self.publics.to_be_bytes();
                        public.push(PublicMapping { private, public: Ipv4Addr::new(198, 18, hi, lo) });
                    }
                }
                let private_nat = public.is_empty();
                let groups = net.vpcs[v].security_groups.iter().map(|g| g.id).filter(|_| self.rng.chance(60)).collect();
                let port = PortConfig {
                    terminator: None,
                    ipv6: Vec::new(),
                    subnet_cidr6: None,
                    id: InterfaceId::from_random(n),
                    vpc: net.vpcs[v].id,
                    subnet,
                    subnet_cidr,
                    mac: MacAddr([6, v as u8, 0, 0, 0, n as u8]),
                    ipv4,
                    public,
                    groups: if nat { vec![] } else { groups },
                    route_table,
                    network_acl: acl,
                    source_dest_check: nat || !self.rng.chance(28),
                    mtu: 9001,
                    dhcp: DhcpConfig {
                        hostname: format!("ip-{n}"),
                        domain: "ec2.internal".into(),
                        dns_servers: vec![],
                        lease_seconds: 3600,
                    },
                    metadata: (!nat && self.rng.chance(70)).then(metadata),
                    nat: nat.then(|| NatConfig { id: NatGatewayId::from_random(n), private: private_nat }),
                    rate: None,
                    rate_of: None,
                    flow_log_seconds: None,
                };
                let host = (nat || !self.rng.chance(7)).then(|| self.rng.below(net.hosts));
                net.ports.push(Iface { port, host });
            }
        }
    }

    fn transit(&mut self, net: &mut Network, attached: &[usize]) {
        if attached.len() < 2 {
            return;
        }
        let id = TransitGatewayId::from_random(self.id());
        let mut into = vec![];
        for &v in attached {
            into.push(TransitTarget::Vpc { vpc: net.vpcs[v].id, table: self.rng.pick(&net.vpcs[v].route_tables).unwrap().id });
        }
        for &v in attached {
            let mut routes: Vec<TransitRoute> = vec![];
            for (&w, &target) in attached.iter().zip(&into).filter(|(w, _)| **w != v) {
                for destination in net.vpcs[w].cidrs.clone() {
                    if self.rng.chance(90) {
                        let target = if self.rng.chance(6) { TransitTarget::Blackhole } else { target };
                        routes.push(TransitRoute { destination, target });
                    }
                    if self.rng.chance(15) {
                        let part = Ipv4Cidr::new(destination.first(), destination.prefix_len() + 2).unwrap();
                        routes.push(TransitRoute { destination: part, target: TransitTarget::Blackhole });
                    }
                }
            }
            if self.rng.chance(50)
                && let Some((_, &target)) = attached.iter().zip(&into).rfind(|(w, _)| **w != v)
            {
                routes.push(TransitRoute { destination: Ipv4Cidr::ALL, target });
            }
            net.vpcs[v].transit.push(TransitConfig { routes6: Vec::new(), id, routes });
        }
    }
}

fn metadata() -> MetadataConfig {
    MetadataConfig {
        ipv6: Vec::new(),
        subnet_cidr6: None,
        vpc_cidrs6: Vec::new(),
        instance: InstanceId::from_random(1),
        device_number: 0,
        reservation: "r-1".into(),
        account: "123456789012".into(),
        image: "ami-1".into(),
        instance_type: "t3.micro".into(),
        region: "us-east-1".into(),
        availability_zone: "us-east-1a".into(),
        availability_zone_id: "use1-az1".into(),
        local_hostname: "ip-10-0-1-5.ec2.internal".into(),
        public_hostname: None,
        public_ipv4: None,
        launch_index: 0,
        launch_time_ms: 0,
        security_groups: vec![],
        vpc_cidrs: vec![],
        public_keys: vec![],
        user_data: None,
        tokens_required: true,
        hop_limit: 1,
        enabled: true,
        tags: None,
        spot: None,
        profile: None,
    }
}
