//! Tenants never meet: random VPCs that all use the same CIDR and the same addresses, random interfaces and frames, forged
//! ones among them, from guests and from the underlay.

mod common;
use common::*;
use proptest::prelude::*;
use std::net::Ipv4Addr;
use types::{MacAddr, Vni};
use vswitch::ROUTER_MAC;
use wire::net::*;

const VPCS: usize = 3;
const NAMES: [&str; 9] = ["n0", "n1", "n2", "n3", "n4", "n5", "n6", "n7", "n8"];
const PRIVATE: [&str; 5] = ["10.0.1.5", "10.0.1.6", "10.0.1.7", "10.0.2.7", "10.0.2.8"];

#[derive(Debug, Clone)]
struct NicPlan {
    vpc: usize,
    host: bool,
    address: usize,
    public: bool,
    groups: Vec<u128>,
    check: bool,
    routed: bool,
}

fn plan() -> impl Strategy<Value = Vec<NicPlan>> {
    let nic = (
        0..VPCS,
        any::<bool>(),
        0..PRIVATE.len(),
        any::<bool>(),
        prop::collection::vec(1u128..6, 0..3),
        prop::bool::weighted(0.8),
        prop::bool::weighted(0.2),
    )
        .prop_map(|(vpc, host, address, public, mut groups, check, routed)| {
            // Mostly open groups: isolation must not depend on them.
            groups.push(1);
            groups.dedup();
            NicPlan { vpc, host, address, public, groups, check, routed }
        });
    prop::collection::vec(nic, 2..NAMES.len())
}

fn world(plan: &[NicPlan]) -> World {
    let mut n = Net { nics: vec![], vpcs: (0..VPCS).map(|i| vpc(i, 5000 + i as u32)).collect(), ..net() };
    for (i, p) in plan.iter().enumerate() {
        let address = PRIVATE[p.address];
        if n.nics.iter().any(|o| o.vpc == p.vpc && o.ip() == ip(address)) {
            continue;
        }
        let mut made = nic(NAMES[i], if p.host { HOST1 } else { HOST2 }, p.vpc, address, &p.groups);
        made.public = p.public.then(|| Ipv4Addr::new(198, 18, 0, i as u8));
        made.check = p.check;
        if p.routed && !p.check {
            n.vpcs[p.vpc].route_tables[0]
                .routes
                .push(Route { destination: cidr("172.16.0.0/12"), target: RouteTarget::Interface(made.id()) });
        }
        n.nics.push(made);
    }
    World::new(n)
}

#[derive(Debug, Clone)]
struct Forged {
    sender: prop::sample::Index,
    /// Link address: its own, or any of the interfaces'.
    own_mac: bool,
    mac_of: prop::sample::Index,
    source: prop::sample::Index,
    own_source: bool,
    destination: prop::sample::Index,
    kind: u8,
    ports: (u16, u16),
    /// Sent on the underlay instead: (source, VNI).
    underlay: Option<(u8, u32)>,
    to_mac: prop::sample::Index,
    reconfigure: bool,
}

fn forged() -> impl Strategy<Value = Forged> {
    let index = any::<prop::sample::Index>;
    let underlay = prop::option::weighted(0.4, (0u8..4, prop_oneof![Just(1u32), 5000u32..5004, Just(6000)]));
    (
        (index(), prop::bool::weighted(0.9), index(), index(), prop::bool::weighted(0.6), index()),
        (0u8..5, (0u16..4, prop_oneof![Just(80u16), Just(443), 0u16..4]), underlay, index(), prop::bool::weighted(0.05)),
    )
        .prop_map(
            |((sender, own_mac, mac_of, source, own_source, destination), (kind, ports, underlay, to_mac, reconfigure))| Forged {
                sender,
                own_mac,
                mac_of,
                source,
                own_source,
                destination,
                kind,
                ports,
                underlay,
                to_mac,
                reconfigure,
            },
        )
}

fn frame(w: &World, f: &Forged, all: &[Ipv4Addr]) -> (usize, Vec<u8>) {
    let nics = &w.net.nics;
    let i = f.sender.index(nics.len());
    let mac = if f.own_mac { nics[i].mac } else { nics[f.mac_of.index(nics.len())].mac };
    let source = if f.own_source { nics[i].ip() } else { all[f.source.index(all.len())] };
    let destination = all[f.destination.index(all.len())];
    let bytes = match f.kind {
        0 => tcp(mac, source, destination, f.ports, "S"),
        1 => tcp(mac, source, destination, f.ports, "SA"),
        2 => udp(mac, source, destination, f.ports, b"secret"),
        3 => ping(mac, source, destination, f.ports.0),
        _ => arp(mac, 1 + f.ports.0 % 2, mac, &source.to_string(), &destination.to_string()),
    };
    (i, bytes)
}

/// Where a frame that an interface of `vpc` at `sender` made may end.
fn check_guest(w: &World, sender: usize, sent: &[u8], out: &Out) -> Result<(), TestCaseError> {
    let from = &w.net.nics[sender];
    match out {
        Out::Dropped(..) => {}
        Out::Local(name, _) => prop_assert_eq!(*name, from.name),
        Out::Sent(to, datagram) => {
            prop_assert_eq!(*to, EDGE);
            prop_assert_eq!(&datagram[..8], &vswitch::vxlan::header(Vni::INTERNET)[..]);
            prop_assert_eq!(Some(addresses(&datagram[8..]).0), from.public, "outside sees its public address only");
        }
        Out::Delivered(name, got) => {
            let to = w.net.nic(name);
            prop_assert_eq!(link(got), (ROUTER_MAC.0, to.mac.0));
            if to.name == from.name && got[12..14] == [8, 6] {
                return Ok(());
            }
            let (seen_source, seen_destination) = addresses(got);
            let (_, wanted) = addresses(sent);
            let by_public = to.public == Some(wanted) && from.public == Some(seen_source);
            let within = to.vpc == from.vpc;
            prop_assert!(by_public || within, "{} of VPC {} reached {} of VPC {}", from.name, from.vpc, to.name, to.vpc);
            let reply = to.name == from.name;
            prop_assert!(reply || !to.check || seen_destination == to.ip());
            if within && !by_public && from.check && !reply {
                prop_assert_eq!(seen_source, from.ip(), "no source but its own");
            }
        }
    }
    Ok(())
}

/// Where a datagram from `source` on `vni` may end.
fn check_underlay(w: &World, host: Ipv4Addr, source: Ipv4Addr, vni: u32, out: &Out) -> Result<(), TestCaseError> {
    match out {
        Out::Dropped(..) => Ok(()),
        Out::Delivered(name, got) => {
            let to = w.net.nic(name);
            prop_assert_eq!(to.host, host);
            let (inner, _) = addresses(got);
            if vni == 1 {
                prop_assert!(to.public.is_some() && source != STRANGER);
                let owner = w.net.nics.iter().find(|n| n.public == Some(inner));
                prop_assert!(owner.map_or(source == EDGE, |o| o.host == source), "a public source comes from its owner");
            } else {
                prop_assert_eq!(5000 + to.vpc as u32, vni, "the VNI is the VPC's");
                let genuine = w.net.nics.iter().any(|n| n.vpc == to.vpc && n.host == source && (n.ip() == inner || !n.check));
                prop_assert!(genuine, "{} sent from {}", inner, source);
            }
            Ok(())
        }
        other => Err(TestCaseError::fail(format!("a datagram came out as {other:?}"))),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn tenants_with_the_same_addresses_never_meet(plan in plan(), frames in prop::collection::vec(forged(), 1..60)) {
        let mut w = world(&plan);
        let mut all: Vec<Ipv4Addr> = PRIVATE.iter().map(|a| ip(a)).collect();
        all.extend(w.net.nics.iter().filter_map(|n| n.public));
        all.extend(["203.0.113.9", "10.0.0.2", "10.0.1.1", "169.254.169.254", "172.16.0.9", "127.0.1.1", "198.18.7.7", "255.255.255.255"].map(ip));
        for f in &frames {
            if f.reconfigure {
                w.apply();
            }
            let (sender, bytes) = frame(&w, f, &all);
            match f.underlay {
                None => {
                    let name = w.net.nics[sender].name;
                    let out = w.send(name, &bytes);
                    check_guest(&w, sender, &bytes, &out)?;
                }
                Some((source, vni)) => {
                    let source = [HOST1, HOST2, EDGE, STRANGER][usize::from(source)];
                    let host = w.net.nics[sender].host;
                    let mac = w.net.nics[f.to_mac.index(w.net.nics.len())].mac;
                    let out = w.receive(host, source, &encapsulate(vni, mac, &bytes));
                    check_underlay(&w, host, source, vni, &out)?;
                }
            }
        }
    }

    #[test]
    fn random_bytes_have_one_end(bytes in prop::collection::vec(any::<u8>(), 0..200), underlay in any::<bool>()) {
        let mut w = World::new(net());
        if underlay { w.receive(HOST2, HOST1, &bytes) } else { w.send("a", &bytes) };
    }

    /// Random bytes behind a good link header, and good packets with some bytes changed or cut.
    #[test]
    fn nearly_good_frames_have_one_end(
        which in 0usize..8,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
        tail in prop::collection::vec(any::<u8>(), 0..120),
    ) {
        let mut w = World::new(net());
        let mac = w.net.nic("a").mac;
        let mut f = match which {
            0 => w.tcp("a", "10.0.2.8", (1, 2), "S"),
            1 => w.udp("a", "10.0.0.2", (1, 53), &tail),
            2 => w.udp("a", "10.0.1.1", (68, 67), &dhcp_with(mac, &tail)),
            3 => arp(mac, 1, mac, "10.0.1.5", "10.0.1.1"),
            4 => w.udp("a", OUTSIDE, (1, 2), &tail),
            5 => w.ping("a", "10.0.1.1", 1),
            6 => { let mut f = w.ping("a", OUTSIDE, 1); f[34] = 3; f.extend_from_slice(&tail); f }
            _ => { let mut f = vec![0; 14]; f[6..12].copy_from_slice(&mac.0); f[12] = 8; f.extend_from_slice(&tail); f }
        };
        for (at, value) in &changes {
            let at = at.index(f.len());
            f[at] = *value;
        }
        if let Some(cut) = cut {
            f.truncate(cut.index(f.len()));
        }
        // The link source stays right, so that most of them get past the first check.
        if f.len() >= 12 {
            f[6..12].copy_from_slice(&mac.0);
        }
        w.send("a", &f);
        w.send("a", &f);
        w.receive(HOST2, HOST1, &encapsulate_raw(5000, w.net.nic("d").mac, &f));
        w.receive(HOST2, EDGE, &encapsulate_raw(1, ROUTER_MAC, &f));
    }
}

fn dhcp_with(mac: MacAddr, options: &[u8]) -> Vec<u8> {
    let mut m = vec![0; 240];
    m[..3].copy_from_slice(&[1, 1, 6]);
    m[28..34].copy_from_slice(&mac.0);
    m[236..].copy_from_slice(&[99, 130, 83, 99]);
    m.extend_from_slice(options);
    m
}

fn encapsulate_raw(vni: u32, to: MacAddr, frame: &[u8]) -> Vec<u8> {
    if frame.len() >= 6 {
        return encapsulate(vni, to, frame);
    }
    vswitch::vxlan::header(Vni::try_from(vni).unwrap()).to_vec()
}
