//! A network to test with: one VPC 10.0.0.0/16 (or more), guests on hosts, groups that let everything through.

use std::net::Ipv4Addr;
use types::{
    Generation, HostId, InstanceId, InterfaceId, Ipv4Cidr, MacAddr, RouteTableId, SecurityGroupId, SecurityGroupRuleId, SubnetId,
    Vni, VpcId,
};
use wire::net::{
    DhcpConfig, Direction, InterfaceEntry, InternetConfig, MetadataConfig, NetConfig, PeerMatch, PortConfig, ProtocolMatch,
    Route, RouteTableConfig, RouteTarget, SecurityGroupConfig, SecurityRule, VpcConfig,
};

/// A guest of the test network: number `n` of VPC `vpc` has the address 10.0.0.(10 + n), whatever its VPC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TestGuest {
    pub vpc: u32,
    pub n: u8,
    pub underlay: Ipv4Addr,
}

impl TestGuest {
    pub fn ip(&self) -> Ipv4Addr {
        Ipv4Addr::new(10, 0, 0, 10 + self.n)
    }

    pub fn mac(&self) -> MacAddr {
        MacAddr([0x06, 0, 0, 0, self.vpc as u8, self.n])
    }

    pub fn interface(&self) -> InterfaceId {
        InterfaceId::from_random(u128::from(self.vpc) << 8 | u128::from(self.n))
    }

    pub fn instance(&self) -> InstanceId {
        InstanceId::from_random(u128::from(self.vpc) << 8 | u128::from(self.n))
    }
}

/// The configuration of the host at `underlay`: the VPCs that have a guest there, and these guests as ports.
pub fn net_config(host: &HostId, generation: u64, underlay: Ipv4Addr, guests: &[TestGuest]) -> NetConfig {
    let mut vpcs: Vec<u32> = guests.iter().filter(|g| g.underlay == underlay).map(|g| g.vpc).collect();
    vpcs.sort_unstable();
    vpcs.dedup();
    NetConfig {
        format: wire::FORMAT,
        host: host.clone(),
        generation: Generation(generation),
        underlay,
        vpcs: vpcs.into_iter().map(|v| vpc(v, guests)).collect(),
        ports: guests.iter().filter(|g| g.underlay == underlay).map(port).collect(),
        services: Vec::new(),
        names: Vec::new(),
        internet: InternetConfig { addresses6: Vec::new(), pool6: None, pool: None, addresses: Vec::new(), edge: None },
    }
}

fn cidr(len: u8) -> Ipv4Cidr {
    Ipv4Cidr::new(Ipv4Addr::new(10, 0, 0, 0), len).unwrap_or(Ipv4Cidr::ALL)
}

fn vpc(v: u32, guests: &[TestGuest]) -> VpcConfig {
    let id = u128::from(v);
    let rule = |n: u128, direction| SecurityRule {
        id: SecurityGroupRuleId::from_random(id << 8 | n),
        direction,
        protocol: ProtocolMatch::All,
        peer: PeerMatch::Cidr(Ipv4Cidr::ALL),
    };
    VpcConfig {
        cidrs6: Vec::new(),
        open6: false,
        id: VpcId::from_random(id),
        vni: Vni::try_from(Vni::FIRST_VPC.get() + v).unwrap_or(Vni::MAX),
        cidrs: vec![cidr(16)],
        dns_support: true,
        dns_hostnames: true,
        domain: "ec2.internal".to_owned(),
        interfaces: guests
            .iter()
            .filter(|g| g.vpc == v)
            .map(|g| InterfaceEntry {
                ipv6: Vec::new(),
                id: g.interface(),
                mac: g.mac(),
                ipv4: vec![g.ip()],
                groups: vec![SecurityGroupId::from_random(id)],
                underlay: Some(g.underlay),
            })
            .collect(),
        directories: Vec::new(),
        security_groups: vec![SecurityGroupConfig {
            rules6: Vec::new(),
            id: SecurityGroupId::from_random(id),
            rules: vec![rule(1, Direction::Ingress), rule(2, Direction::Egress)],
        }],
        network_acls: Vec::new(),
        prefix_lists: Vec::new(),
        peerings: Vec::new(),
        transit: Vec::new(),
        balancers: Vec::new(),
        endpoints: Vec::new(),
        route_tables: vec![RouteTableConfig {
            routes6: Vec::new(),
            id: RouteTableId::from_random(id),
            routes: vec![Route { destination: cidr(16), target: RouteTarget::Local }],
        }],
    }
}

fn port(g: &TestGuest) -> PortConfig {
    let id = u128::from(g.vpc);
    let hostname = format!("ip-10-0-0-{}", 10 + g.n);
    PortConfig {
        terminator: None,
        ipv6: Vec::new(),
        subnet_cidr6: None,
        id: g.interface(),
        vpc: VpcId::from_random(id),
        subnet: SubnetId::from_random(id),
        subnet_cidr: cidr(24),
        mac: g.mac(),
        ipv4: vec![g.ip()],
        public: Vec::new(),
        groups: vec![SecurityGroupId::from_random(id)],
        route_table: RouteTableId::from_random(id),
        source_dest_check: true,
        network_acl: None,
        nat: None,
        rate: None,
        rate_of: None,
        flow_log_seconds: None,
        mtu: 9001,
        dhcp: DhcpConfig {
            hostname: hostname.clone(),
            domain: "ec2.internal".to_owned(),
            dns_servers: vec![Ipv4Addr::new(10, 0, 0, 2)],
            lease_seconds: 3600,
        },
        metadata: Some(MetadataConfig {
            ipv6: Vec::new(),
            subnet_cidr6: None,
            vpc_cidrs6: Vec::new(),
            instance: g.instance(),
            device_number: 0,
            reservation: "r-0123456789abcdef0".to_owned(),
            account: "123456789012".to_owned(),
            image: "ami-0123456789abcdef0".to_owned(),
            instance_type: "t3.micro".to_owned(),
            region: "us-east-1".to_owned(),
            availability_zone: "us-east-1a".to_owned(),
            availability_zone_id: "use1-az1".to_owned(),
            local_hostname: format!("{hostname}.ec2.internal"),
            public_hostname: None,
            public_ipv4: None,
            launch_index: 0,
            launch_time_ms: 1_767_225_600_000,
            security_groups: vec!["default".to_owned()],
            vpc_cidrs: vec![cidr(16)],
            public_keys: vec![("test".to_owned(), "ssh-ed25519 AAAA test".to_owned())],
            user_data: Some("IyEvYmluL3NoCmVjaG8gaGVsbG8K".to_owned()),
            tokens_required: true,
            hop_limit: 1,
            enabled: true,
            tags: None,
            spot: None,
            profile: None,
        }),
    }
}
