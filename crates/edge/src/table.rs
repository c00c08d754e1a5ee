//! The configuration in force, as the packet path asks it: who owns an address, who may send, where packets may go. Pure.

use crate::drops::Drop;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use types::{Generation, InstanceId, Ipv4Cidr, Ipv6Cidr};
use wire::edge::{EdgeAddress, EdgeConfig, HOST_ROUTE, HOST_ROUTE6, OUTSIDE, OUTSIDE6};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    Tcp,
    Udp,
}

/// A port of a public address that the alias listens on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Service {
    pub public: IpAddr,
    pub transport: Transport,
    pub port: u16,
}

#[derive(Debug)]
pub struct Table {
    pub generation: Generation,
    pool: Ipv4Cidr,
    pool6: Option<Ipv6Cidr>,
    owners: HashMap<IpAddr, Owner>,
    hosts: HashSet<Ipv4Addr>,
    own_underlay: Ipv4Addr,
    pub services: BTreeSet<Service>,
    /// The loopback addresses that stand for those of IPv6 with services.
    aliases6: BTreeMap<Ipv6Addr, Ipv4Addr>,
}

#[derive(Debug, Clone, Copy)]
struct Owner {
    underlay: Ipv4Addr,
    instance: Option<InstanceId>,
}

impl Table {
    /// Before the first configuration: nobody owns anything.
    pub fn empty(pool: Ipv4Cidr, pool6: Ipv6Cidr, own_underlay: Ipv4Addr) -> Self {
        Self {
            generation: Generation(0),
            pool,
            pool6: Some(pool6),
            owners: HashMap::new(),
            hosts: HashSet::new(),
            own_underlay,
            services: BTreeSet::new(),
            aliases6: BTreeMap::new(),
        }
    }

    /// `before`: aliases of IPv6 addresses that had one stay as they are.
    pub fn compile(config: &EdgeConfig, own_underlay: Ipv4Addr, before: Option<&Self>) -> Self {
        let mut table = Self {
            generation: config.generation,
            pool: config.pool,
            pool6: config.pool6,
            owners: HashMap::new(),
            hosts: config.hosts.iter().copied().collect(),
            own_underlay,
            services: BTreeSet::new(),
            aliases6: BTreeMap::new(),
        };
        config.addresses.iter().for_each(|a| table.add(a));
        config.addresses6.iter().for_each(|a| table.add(a));
        let serving = table.services.iter().filter_map(|s| match s.public {
            IpAddr::V6(a) => Some(a),
            IpAddr::V4(_) => None,
        });
        table.aliases6 = aliases6(config.pool, &serving.collect(), before.map(|t| &t.aliases6));
        table
    }

    fn add<A: Copy + Into<IpAddr>>(&mut self, a: &EdgeAddress<A>) {
        let public = a.public.into();
        self.owners.insert(public, Owner { underlay: a.underlay, instance: a.instance });
        for (transport, ports) in [(Transport::Tcp, &a.tcp_ports), (Transport::Udp, &a.udp_ports)] {
            self.services.extend(ports.iter().filter(|p| **p != 0).map(|&port| Service { public, transport, port }));
        }
    }

    pub fn is_host(&self, underlay: Ipv4Addr) -> bool {
        self.hosts.contains(&underlay)
    }

    /// The underlay of the host that owns a public address.
    pub fn owner(&self, public: IpAddr) -> Option<Ipv4Addr> {
        Some(self.owners.get(&public)?.underlay)
    }

    /// Whether two public addresses are one instance's.
    pub fn same_owner(&self, a: IpAddr, b: IpAddr) -> bool {
        a == b || self.instance(a).is_some_and(|i| self.instance(b) == Some(i))
    }

    pub fn instance(&self, public: IpAddr) -> Option<InstanceId> {
        self.owners.get(&public)?.instance
    }

    /// The loopback alias of a public address that there are services at: 127.18.x.y for 198.18.x.y, 127.19.x.y for
    /// 198.19.x.y; others of IPv4 have none, of IPv6 those for which there was room.
    pub fn alias(&self, public: IpAddr) -> Option<Ipv4Addr> {
        match public {
            IpAddr::V4(a) => alias(a),
            IpAddr::V6(a) => self.aliases6.get(&a).copied(),
        }
    }

    /// Those that should have an alias and have none.
    pub fn without_alias(&self) -> BTreeSet<IpAddr> {
        let four = self.owners.keys().filter(|a| a.is_ipv4());
        let six = self.services.iter().map(|s| &s.public).filter(|a| a.is_ipv6());
        four.chain(six).filter(|a| self.alias(**a).is_none()).copied().collect()
    }

    /// Whether a guest may reach `to` through the edge, which connects in its stead from this machine: nothing that is
    /// the machine's own or the cloud's own.
    pub fn outbound(&self, to: IpAddr) -> Result<(), Drop> {
        match to {
            IpAddr::V4(to) => self.outbound4(to),
            IpAddr::V6(to) => self.outbound6(to),
        }
    }

    fn outbound4(&self, to: Ipv4Addr) -> Result<(), Drop> {
        let [first, second, ..] = to.octets();
        match (first, second) {
            (0 | 127, _) | (169, 254) => Err(Drop::ToLocal),
            (224..=239, _) => Err(Drop::ToMulticast),
            (240.., _) => Err(Drop::ToReserved),
            _ if self.pool.contains(to) => Err(Drop::ToPool),
            _ if to == OUTSIDE => Err(Drop::NoFlow),
            _ if to == HOST_ROUTE => Err(Drop::NoHostRoute),
            _ if to == self.own_underlay || self.hosts.contains(&to) => Err(Drop::ToUnderlay),
            _ => Ok(()),
        }
    }

    /// The same of IPv6. Of ::/8 some stand for IPv4 addresses, this machine's among them (RFC 4291, section 2.5; RFC 6052),
    /// as do 6to4's (RFC 3056) and ISATAP's (RFC 5214); fec0::/10 is not unicast any more (RFC 3879).
    fn outbound6(&self, to: Ipv6Addr) -> Result<(), Drop> {
        let words = to.segments();
        match words[..2] {
            [0, _] if to.is_loopback() || to.is_unspecified() => Err(Drop::ToLocal),
            [0xfe80..=0xfebf, _] | [0xfd00, 0xec2] => Err(Drop::ToLocal),
            [0xff00..=0xffff, _] => Err(Drop::ToMulticast),
            [0..=0xff | 0x2002 | 0xfec0..=0xfeff, _] => Err(Drop::ToReserved),
            _ if matches!(words[4..6], [0 | 0x200, 0x5efe]) => Err(Drop::ToReserved),
            _ if self.pool6.is_some_and(|p| p.contains(to)) => Err(Drop::ToPool),
            _ if to == OUTSIDE6 => Err(Drop::NoFlow),
            _ if to == HOST_ROUTE6 => Err(Drop::NoHostRoute),
            _ => Ok(()),
        }
    }
}

fn alias(public: Ipv4Addr) -> Option<Ipv4Addr> {
    match public.octets() {
        [198, b @ 18..=19, c, d] => Some(Ipv4Addr::new(127, b, c, d)),
        _ => None,
    }
}

/// Loopback addresses for those of IPv6, of which there is no loopback but ::1: of 127.20.0.0/15, what lies in it as the pool
/// lies in 198.18.0.0/15, so that no two regions of a machine have the same. An address keeps what it had; a new one begins
/// to look at a place that it names itself, so that mostly it has the same again.
fn aliases6(
    pool: Ipv4Cidr,
    publics: &BTreeSet<Ipv6Addr>,
    before: Option<&BTreeMap<Ipv6Addr, Ipv4Addr>>,
) -> BTreeMap<Ipv6Addr, Ipv4Addr> {
    let mut out = BTreeMap::new();
    let (Some(first), Some(last)) = (alias(pool.first()), alias(pool.last())) else { return out };
    // The first and the last are left alone, as in the pool.
    let (base, count) = (u32::from(first) + 0x0002_0001, (u32::from(last) - u32::from(first)).saturating_sub(1));
    let kept = |a: &Ipv6Addr| before?.get(a).filter(|n| (base..base + count).contains(&u32::from(**n)));
    out.extend(publics.iter().filter_map(|a| Some((*a, *kept(a)?))));
    let mut taken: HashSet<Ipv4Addr> = out.values().copied().collect();
    for public in publics {
        if out.contains_key(public) || taken.len() >= count as usize {
            continue;
        }
        let begin = (u128::from(*public) % u128::from(count)) as u32;
        let free = (0..count).map(|n| Ipv4Addr::from(base + (begin + n) % count)).find(|a| taken.insert(*a));
        out.extend(free.map(|a| (*public, a)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(addresses6: Vec<EdgeAddress<Ipv6Addr>>) -> EdgeConfig {
        EdgeConfig {
            format: wire::FORMAT,
            generation: Generation(1),
            pool: "198.18.7.0/24".parse().unwrap(),
            addresses: Vec::new(),
            pool6: Some("2001:db8:5c00::/40".parse().unwrap()),
            addresses6,
            hosts: vec!["10.9.8.7".parse().unwrap()],
        }
    }

    #[test]
    fn only_the_outside_is_reached_from_within() {
        let table = Table::compile(&config(Vec::new()), "10.9.8.1".parse().unwrap(), None);
        for (to, verdict) in [
            ("203.0.113.10", Ok(())),
            ("8.8.8.8", Ok(())),
            ("127.0.0.1", Err(Drop::ToLocal)),
            ("0.1.2.3", Err(Drop::ToLocal)),
            ("169.254.169.254", Err(Drop::ToLocal)),
            ("224.0.0.1", Err(Drop::ToMulticast)),
            ("239.255.255.255", Err(Drop::ToMulticast)),
            ("240.0.0.1", Err(Drop::ToReserved)),
            ("255.255.255.255", Err(Drop::ToReserved)),
            ("198.18.7.9", Err(Drop::ToPool)),
            ("198.18.8.9", Ok(())),
            ("198.51.100.1", Err(Drop::NoFlow)),
            ("198.51.100.2", Err(Drop::NoHostRoute)),
            ("10.9.8.7", Err(Drop::ToUnderlay)),
            ("10.9.8.1", Err(Drop::ToUnderlay)),
            ("2001:db8:ffff::9", Ok(())),
            ("fd12:3456::1", Ok(())),
            ("::", Err(Drop::ToLocal)),
            ("::1", Err(Drop::ToLocal)),
            ("fe80::1", Err(Drop::ToLocal)),
            ("febf::1", Err(Drop::ToLocal)),
            ("fd00:ec2::254", Err(Drop::ToLocal)),
            ("::ffff:127.0.0.1", Err(Drop::ToReserved)),
            ("::ffff:203.0.113.10", Err(Drop::ToReserved)),
            ("::127.0.0.1", Err(Drop::ToReserved)),
            ("64:ff9b::127.0.0.1", Err(Drop::ToReserved)),
            ("2002:7f00:1::1", Err(Drop::ToReserved)),
            ("2001:db8:ffff::5efe:127.0.0.1", Err(Drop::ToReserved)),
            ("2001:db8:ffff::200:5efe:127.0.0.1", Err(Drop::ToReserved)),
            ("fec0::1", Err(Drop::ToReserved)),
            ("ff02::1", Err(Drop::ToMulticast)),
            ("2001:db8:5c00::1", Err(Drop::ToPool)),
            ("2001:db8:5cff:ffff::1", Err(Drop::ToPool)),
            ("2001:db8:5d00::1", Ok(())),
            ("3fff:fff::1", Err(Drop::NoFlow)),
            ("3fff:fff::2", Err(Drop::NoHostRoute)),
        ] {
            assert_eq!(table.outbound(to.parse().unwrap()), verdict, "{to}");
        }
    }

    #[test]
    fn aliases() {
        for (public, wanted) in [("198.18.3.4", Some("127.18.3.4")), ("198.19.0.1", Some("127.19.0.1")), ("198.20.0.1", None)] {
            assert_eq!(alias(public.parse().unwrap()), wanted.map(|w| w.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn addresses_of_one_instance_have_one_owner() {
        let address = |last: u16, instance: Option<&str>| EdgeAddress {
            public: Ipv6Addr::new(0x2001, 0xdb8, 0x5c00, 0, 0, 0, 0, last),
            underlay: "10.9.8.7".parse().unwrap(),
            instance: instance.map(|i| i.parse().unwrap()),
            tcp_ports: Vec::new(),
            udp_ports: Vec::new(),
        };
        let (one, two) = ("i-0123456789abcdef0", "i-0123456789abcdef1");
        let all = vec![address(1, Some(one)), address(2, Some(one)), address(3, Some(two)), address(4, None), address(5, None)];
        let table = Table::compile(&config(all.clone()), Ipv4Addr::LOCALHOST, None);
        for (a, b, same) in [(1, 2, true), (1, 3, false), (1, 4, false), (4, 5, false), (4, 4, true)] {
            assert_eq!(table.same_owner(all[a - 1].public.into(), all[b - 1].public.into()), same, "{a} {b}");
        }
    }

    #[test]
    fn aliases_of_ipv6_are_the_regions_own_and_stay() {
        let address = |n: u128| Ipv6Addr::from(0x2001_0db8_5c00 << 80 | n);
        let serving = |n: u128, port: u16| EdgeAddress {
            public: address(n),
            underlay: "10.9.8.7".parse().unwrap(),
            instance: None,
            tcp_ports: vec![port],
            udp_ports: Vec::new(),
        };
        let of = |addresses: Vec<_>, before: Option<&Table>| Table::compile(&config(addresses), Ipv4Addr::LOCALHOST, before);
        // The second one's own place is the first one's.
        let one = of(vec![serving(300, 80)], None);
        let alias = |t: &Table, n| t.alias(address(n).into());
        let first = alias(&one, 300).unwrap();
        assert_eq!(first.octets()[..3], [127, 20, 7]);
        let two = of(vec![serving(300 - 254, 80), serving(300, 80)], Some(&one));
        assert_eq!(alias(&two, 300), Some(first));
        assert_eq!(alias(&two, 300 - 254).map(u32::from), Some(u32::from(first) + 1));
        assert!(alias(&of(vec![serving(300, 0)], Some(&two)), 300).is_none(), "it serves nothing");
        // All that there are, and one more.
        let many = of((1..=255).map(|n| serving(n, 80)).collect(), Some(&two));
        let taken: BTreeSet<Ipv4Addr> = (1..=255).filter_map(|n| alias(&many, n)).collect();
        assert_eq!((taken.len(), many.without_alias().len()), (254, 1));
        assert_eq!(taken.first().zip(taken.last()), Some((&Ipv4Addr::new(127, 20, 7, 1), &Ipv4Addr::new(127, 20, 7, 254))));
        let elsewhere = EdgeConfig { pool: "10.0.0.0/24".parse().unwrap(), ..config(vec![serving(1, 80)]) };
        assert_eq!(Table::compile(&elsewhere, Ipv4Addr::LOCALHOST, None).without_alias().len(), 1);
    }
}
