//! A VPC that is asked for: what is held, for how long, what an answer is worth, and that nothing passes without one.

mod common;
use common::six::*;
use common::*;
use std::net::{IpAddr, Ipv4Addr};
use types::*;
use vswitch::{DropReason as R, *};
use wire::directory::{Answer, Holder, Message};

const NEAR: Ipv4Addr = Ipv4Addr::new(127, 0, 8, 1);
const FAR: Ipv4Addr = Ipv4Addr::new(127, 0, 8, 2);
const VNI: u32 = 5000;

/// Host 1 alone, with a, b, x; VPC 0 is large.
struct Host {
    world: World,
    switch: Switch,
    now_ms: u64,
    out: Recorder,
}

impl Host {
    fn new(groups: &[u128]) -> Self {
        Self::of(net(), groups)
    }

    fn of(mut net: Net, groups: &[u128]) -> Self {
        net.nic_mut("a").groups = groups.iter().map(|g| group(*g)).collect();
        let mut h = Self { world: World::new(net), switch: Switch::new(Options::new(3)), now_ms: 1000, out: Recorder::default() };
        h.configure();
        h
    }

    fn configure(&mut self) {
        self.world.net.generation += 1;
        let mut config = self.world.net.config(HOST1);
        let large = &mut config.vpcs[0];
        large.directories = vec![NEAR, FAR];
        large.interfaces.retain(|i| i.underlay == Some(HOST1));
        self.switch.configure(&config, self.now_ms).unwrap();
    }

    fn drops(&self, reason: R) -> u64 {
        self.switch.drops().get(reason)
    }

    fn send(&mut self, from: &str, frame: &[u8]) {
        let port = self.switch.port(self.world.net.nic(from).id()).unwrap();
        self.switch.from_port(port, &mut FrameBuf::from_slice(frame), self.now_ms, &mut self.out);
    }

    fn syn(&mut self, to: &str, port: u16) {
        let frame = self.world.tcp("a", to, (port, 80), "S");
        self.send("a", &frame);
    }

    fn receive(&mut self, source: Ipv4Addr, datagram: &[u8]) {
        self.switch.from_underlay(source, &mut FrameBuf::from_slice(datagram), self.now_ms, &mut self.out);
    }

    /// A SYN to a's port 80, as the host `from` sends it for `source`.
    fn arrive(&mut self, from: Ipv4Addr, source: &str, port: u16) {
        let (mac, to) = self.world.eth("a");
        let frame = tcp(MacAddr([6, 9, 9, 9, 9, 9]), ip(source), to, (port, 80), "S");
        self.receive(from, &encapsulate(VNI, mac, &frame));
    }

    fn tell(&mut self, from: Ipv4Addr, message: Message) {
        let mut datagram = vxlan::header(Vni::DIRECTORY).to_vec();
        datagram.extend(message.encode());
        self.receive(from, &datagram);
    }

    fn answer(&mut self, address: &str, version: u64, held: Option<(Ipv4Addr, u128)>) {
        self.tell(FAR, answer(address, version, held));
    }

    /// What was asked of whom, since the last time; and what else was sent.
    fn queries(&mut self) -> Vec<(Ipv4Addr, IpAddr)> {
        let is_query = |d: &[u8]| match vxlan::parse(d) {
            Some(Vni::DIRECTORY) => Message::decode(&d[vxlan::HEADER_BYTES..]),
            _ => None,
        };
        let mut found = vec![];
        self.out.underlay.retain(|(to, d, _)| match is_query(d) {
            Some(Message::Query { address, .. }) => {
                found.push((*to, address));
                false
            }
            _ => true,
        });
        found
    }

    /// Lets time pass to the next thing that is due, and does it.
    fn wait(&mut self) {
        self.now_ms = self.switch.resolve_due_ms().expect("something is due").max(self.now_ms);
        self.switch.resolve_due(self.now_ms, &mut self.out);
    }
}

fn answer(address: &str, version: u64, held: Option<(Ipv4Addr, u128)>) -> Message {
    let address: IpAddr = address.parse().unwrap();
    let (c, d) = match address {
        IpAddr::V4(a) => (a.octets()[2], a.octets()[3]),
        IpAddr::V6(a) => (a.octets()[13], a.octets()[15]),
    };
    let holder = held.map(|(host, g)| Holder {
        interface: InterfaceId::from_random(u128::from(d)),
        mac: MacAddr([6, 7, 7, 7, c, d]),
        underlay: Some(host),
        groups: vec![group(g)],
    });
    let lease_ms = if holder.is_some() { 60_000 } else { 2000 };
    Message::Answer(Answer { vni: Vni::try_from(VNI).unwrap(), address, version: Generation(version), lease_ms, holder })
}

#[test]
fn the_first_packet_waits_for_the_answer_and_the_second_does_not() {
    let mut h = Host::new(&[1]);
    h.syn("10.0.2.8", 1);
    assert_eq!(h.queries(), [(NEAR, ip("10.0.2.8").into())]);
    assert!(h.out.underlay.is_empty(), "nothing leaves before the answer");
    // One packet an address.
    h.syn("10.0.2.8", 2);
    assert_eq!((h.queries().len(), h.drops(R::Unresolved)), (0, 1));
    h.answer("10.0.2.8", 1, Some((HOST2, 1)));
    let (to, datagram, _) = h.out.underlay.pop().unwrap();
    assert_eq!((to, vxlan::parse(&datagram).unwrap().get(), &datagram[8..14]), (HOST2, VNI, &[6, 7, 7, 7, 2, 8][..]));
    h.syn("10.0.2.8", 2);
    assert_eq!((h.queries().len(), h.out.underlay.len()), (0, 1));
    let stats = h.switch.resolve_stats();
    assert_eq!((stats.entries, stats.pending, stats.held, stats.released, stats.queries), (1, 0, 1, 1, 1));
    // What the host has itself, and the small VPC, are not asked for.
    h.syn("10.0.1.6", 3);
    let small = h.world.tcp("x", "10.0.2.7", (4, 80), "S");
    h.send("x", &small);
    assert_eq!(h.queries(), []);
}

#[test]
fn nobody_has_the_address() {
    let mut h = Host::new(&[1]);
    h.syn("10.0.3.3", 1);
    h.answer("10.0.3.3", 1, None);
    assert_eq!(h.drops(R::NoSuchDestination), 1);
    h.queries();
    h.syn("10.0.3.3", 1);
    assert_eq!((h.queries().len(), h.drops(R::NoSuchDestination)), (0, 2), "remembered");
    h.now_ms += 2000;
    h.syn("10.0.3.3", 1);
    assert_eq!(h.queries().len(), 1, "and forgotten");
    // Somebody gets it while the question stands: told, so known.
    h.answer("10.0.3.3", 2, Some((HOST2, 1)));
    assert_eq!(h.out.underlay.len(), 1);
}

#[test]
fn without_an_answer_nothing_passes() {
    let mut h = Host::new(&[1]);
    h.syn("10.0.2.8", 1);
    h.arrive(HOST2, "10.0.2.9", 1);
    // No host, no stranger and no directory of another VPC answers for them.
    for liar in [HOST2, STRANGER, EDGE] {
        h.tell(liar, answer("10.0.2.8", 9, Some((liar, 1))));
    }
    assert_eq!((h.drops(R::DirectoryMessage), h.switch.resolve_stats().entries), (3, 0));
    let mut asked = vec![];
    while h.switch.resolve_stats().pending > 0 {
        asked.extend(h.queries().into_iter().map(|(to, _)| to));
        h.wait();
    }
    assert!(asked.contains(&NEAR) && asked.contains(&FAR) && asked.len() == 10, "{asked:?}");
    assert_eq!((h.drops(R::Unresolved), h.switch.resolve_stats().unanswered), (2, 2));
    assert!(h.out.underlay.is_empty() && h.out.delivered.is_empty());
    assert!(h.now_ms < 2000, "given up within a second: {}", h.now_ms);
}

#[test]
fn one_port_that_scans_leaves_room_and_is_limited() {
    let mut h = Host::new(&[1]);
    for n in 0..500u32 {
        h.syn(&Ipv4Addr::from(0x0a00_2000 + n).to_string(), 1);
    }
    assert_eq!((h.switch.resolve_stats().pending, h.queries().len(), h.drops(R::ResolveLimit)), (64, 64, 436));
    let frame = h.world.tcp("b", "10.0.2.8", (1, 80), "S");
    h.send("b", &frame);
    assert_eq!(h.queries().len(), 1, "another port is not hindered");
    // With every answer at once it is the rate that holds.
    let mut passed = 0;
    for n in 0..2000u32 {
        let address = Ipv4Addr::from(0x0a00_4000 + n).to_string();
        h.syn(&address, 1);
        passed += h.queries().len();
        h.answer(&address, 1, None);
    }
    assert!(passed <= 256, "{passed}");
}

#[test]
fn groups_are_judged_by_the_members_own_list() {
    // Members of group 3 let each other in.
    let mut h = Host::new(&[3]);
    for (address, of, passes) in [("10.0.2.8", 3, true), ("10.0.2.9", 1, false)] {
        h.arrive(HOST2, address, 1);
        assert_eq!(h.queries(), [(NEAR, ip(address).into())]);
        assert!(h.out.delivered.is_empty());
        h.tell(NEAR, answer(address, 1, Some((HOST2, of))));
        assert_eq!(h.out.delivered.drain(..).count(), usize::from(passes), "{address}");
    }
    assert_eq!(h.drops(R::SecurityGroupIngress), 1);
    // It leaves the group, and what was not answered ends.
    h.answer("10.0.2.8", 2, Some((HOST2, 1)));
    h.arrive(HOST2, "10.0.2.8", 1);
    assert_eq!((h.out.delivered.len(), h.drops(R::SecurityGroupIngress)), (0, 2));
}

#[test]
fn a_host_speaks_for_its_own_interfaces_only() {
    let mut h = Host::new(&[1]);
    let other = Ipv4Addr::new(127, 0, 1, 3);
    h.arrive(other, "10.0.2.8", 1);
    h.tell(NEAR, answer("10.0.2.8", 1, Some((HOST2, 1))));
    assert_eq!((h.out.delivered.len(), h.queries().len()), (0, 1));
    let wrong = |h: &Host| h.drops(R::InnerSourceSpoofed) + h.drops(R::UnknownUnderlaySource);
    assert_eq!(wrong(&h), 1);
    // An old answer that a packet contradicts is asked for again: the interface may have moved there.
    h.now_ms += 1500;
    h.arrive(other, "10.0.2.8", 1);
    assert_eq!((h.out.delivered.len(), h.queries().len(), wrong(&h)), (0, 1, 1));
    h.tell(NEAR, answer("10.0.2.8", 2, Some((other, 1))));
    assert_eq!(h.out.delivered.len(), 1);
}

#[test]
fn an_interface_that_moves_is_found_at_once() {
    let mut h = Host::new(&[1]);
    let other = Ipv4Addr::new(127, 0, 1, 3);
    let moved = Message::Moved { vni: Vni::try_from(VNI).unwrap(), address: ip("10.0.2.8").into() };
    h.syn("10.0.2.8", 1);
    h.answer("10.0.2.8", 1, Some((HOST2, 1)));
    let to = |h: &mut Host| {
        h.syn("10.0.2.8", 1);
        h.queries();
        h.out.underlay.drain(..).map(|(to, ..)| to).next_back()
    };
    assert_eq!(to(&mut h), Some(HOST2));
    // A directory says so unasked.
    h.answer("10.0.2.8", 2, Some((other, 1)));
    assert_eq!(to(&mut h), Some(other), "the established flow too");
    // An answer that was under way is older.
    h.tell(NEAR, answer("10.0.2.8", 1, Some((HOST2, 1))));
    assert_eq!(to(&mut h), Some(other));
    // Its loss is made good by the host that no longer has it; nobody else is believed.
    h.now_ms += 500;
    h.tell(HOST2, moved.clone());
    assert_eq!(to(&mut h), Some(other));
    h.tell(other, moved.clone());
    assert_eq!(to(&mut h), None, "held");
    h.answer("10.0.2.8", 3, Some((HOST2, 1)));
    assert_eq!(h.out.underlay.pop().map(|(to, ..)| to), Some(HOST2));
    let stats = h.switch.resolve_stats();
    assert_eq!((stats.doubted, stats.unasked, stats.outdated), (1, 2, 1));
}

#[test]
fn what_is_no_longer_here_is_said_to_have_moved() {
    let mut h = Host::new(&[1]);
    let told = |h: &mut Host| h.out.underlay.drain(..).filter(|(to, ..)| *to == HOST2).count();
    let frame = tcp(MacAddr([6, 9, 9, 9, 9, 9]), ip("10.0.2.8"), ip("10.0.1.77"), (1, 80), "S");
    let datagram = encapsulate(VNI, MacAddr([6, 1, 1, 1, 1, 1]), &frame);
    h.receive(HOST2, &datagram);
    assert_eq!((told(&mut h), h.out.delivered.len()), (1, 0));
    for _ in 0..200 {
        h.receive(HOST2, &datagram);
    }
    assert_eq!(told(&mut h), 49, "a burst of them, then by their rate");
    // The same when the host has left the VPC altogether, not of a VPC that it never knew.
    h.world.net.nics.retain(|n| n.vpc != 0 || n.host != HOST1);
    h.world.net.generation += 1;
    let config = h.world.net.config(HOST1);
    h.now_ms += 1000;
    h.switch.configure(&config, h.now_ms).unwrap();
    h.receive(HOST2, &datagram);
    assert_eq!(told(&mut h), 1);
    h.receive(HOST2, &encapsulate(7777, MacAddr([6, 1, 1, 1, 1, 1]), &frame));
    assert_eq!(told(&mut h), 0);
}

#[test]
fn who_talks_stays_known_and_who_does_not_is_forgotten() {
    let mut h = Host::new(&[1]);
    for address in ["10.0.2.8", "10.0.2.9"] {
        h.syn(address, 1);
        h.answer(address, 1, Some((HOST2, 1)));
    }
    let (mac, _) = h.world.eth("a");
    let reply = tcp(MacAddr([6, 7, 7, 7, 2, 8]), ip("10.0.2.8"), ip("10.0.1.5"), (80, 1), "SA");
    h.receive(HOST2, &encapsulate(VNI, mac, &reply));
    assert_eq!(h.out.delivered.len(), 1);
    h.queries();
    h.out.underlay.clear();
    let start = h.now_ms;
    let mut renewed = vec![];
    while h.now_ms < start + 100_000 {
        h.now_ms += 1000;
        let frame = h.world.tcp("a", "10.0.2.8", (1, 80), "A");
        h.send("a", &frame);
        assert_eq!(h.out.underlay.drain(..).filter(|(to, ..)| *to == HOST2).count(), 1, "at {}", h.now_ms);
        h.switch.expire(h.now_ms, 1000);
        h.switch.resolve_due(h.now_ms, &mut h.out);
        for (_, address) in h.queries() {
            assert_eq!(address, IpAddr::from(ip("10.0.2.8")));
            renewed.push(h.now_ms - start);
            h.tell(NEAR, answer("10.0.2.8", 1, Some((HOST2, 1))));
        }
    }
    let stats = h.switch.resolve_stats();
    assert_eq!((renewed, stats.entries, stats.dropped), (vec![45_000, 90_000], 1, 1));
    // The directories fall silent: what is known goes on, and what is not stays unknown.
    while h.now_ms < start + 300_000 {
        h.now_ms += 100;
        let frame = h.world.tcp("a", "10.0.2.8", (1, 80), "A");
        h.send("a", &frame);
        h.switch.expire(h.now_ms, 1000);
        h.switch.resolve_due(h.now_ms, &mut h.out);
        h.queries();
        assert_eq!(h.out.underlay.drain(..).filter(|(to, ..)| *to == HOST2).count(), 1, "at {}", h.now_ms);
    }
    assert!(h.switch.resolve_stats().gone_on > 10);
    h.syn("10.0.2.9", 2);
    assert_eq!(h.queries().len(), 1);
}

#[test]
fn a_new_configuration_keeps_what_was_learned_but_not_of_another_vpc() {
    let mut h = Host::new(&[1]);
    h.syn("10.0.2.8", 1);
    h.queries();
    h.answer("10.0.2.8", 1, Some((HOST2, 1)));
    h.configure();
    h.syn("10.0.2.8", 2);
    assert_eq!((h.queries().len(), h.out.underlay.len()), (0, 2));
    // The VNI is another VPC's now, and a packet is held while that happens.
    h.syn("10.0.2.10", 3);
    let id = VpcId::from_random(99);
    h.world.net.vpcs[0].id = id;
    h.configure();
    assert_eq!(h.switch.resolve_stats().entries, 0);
    h.answer("10.0.2.10", 1, Some((HOST2, 1)));
    h.queries();
    assert_eq!(h.out.underlay.len(), 2, "the old VPC's packet does not leave in the new one");
}

#[test]
fn ipv6_is_asked_for_as_ipv4_is() {
    // Members of group 3 let each other in.
    let mut h = Host::of(net6(), &[3]);
    let member = "2001:db8:0:102::2:8";
    let frame = h.world.tcp6("a", ip6(member), (1, 80), "S");
    h.send("a", &frame);
    assert_eq!((h.queries(), h.out.underlay.len()), (vec![(NEAR, ip6(member).into())], 0));
    h.answer(member, 1, Some((HOST2, 3)));
    let (to, datagram, _) = h.out.underlay.pop().unwrap();
    assert_eq!((to, &datagram[8..14]), (HOST2, &[6, 7, 7, 7, 2, 8][..]));
    assert_eq!(check6(&datagram[8..]), (h.world.ip6("a"), ip6(member)));
    // What arrives is asked for too; who is in no such group does not get in, nor who speaks for another.
    let (mac, a) = (h.world.eth("a").0, h.world.ip6("a"));
    let from = |source: &str, port| encapsulate(VNI, mac, &tcp6(MacAddr([6, 9, 9, 9, 9, 9]), ip6(source), a, (port, 80), "S"));
    h.receive(HOST2, &from(member, 2));
    assert_eq!((h.queries().len(), h.out.delivered.drain(..).count()), (0, 1));
    let stranger = "2001:db8:0:102::2:9";
    h.receive(HOST2, &from(stranger, 3));
    assert_eq!((h.queries(), h.out.delivered.len()), (vec![(FAR, ip6(stranger).into())], 0));
    h.answer(stranger, 1, Some((HOST2, 1)));
    assert_eq!((h.out.delivered.len(), h.drops(R::SecurityGroupIngress)), (0, 1));
    h.receive(EDGE, &from(member, 4));
    assert_eq!(h.out.delivered.len(), 0);
    // It moves, and the flow goes after it.
    h.answer(member, 2, Some((Ipv4Addr::new(127, 0, 1, 3), 3)));
    h.send("a", &frame);
    assert_eq!(h.out.underlay.pop().map(|(to, ..)| to), Some(Ipv4Addr::new(127, 0, 1, 3)));
    // A name is asked for over either family, and both families' addresses are kept apart.
    let name = b"\x0bip-10-0-2-8\x03ec2\x08internal\0";
    let query = [b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0".as_slice(), name, &[0, 1, 0, 1]].concat();
    let query = h.world.udp6("a", vswitch::RESOLVER_ADDRESS6, (5, 53), &query);
    h.send("a", &query);
    assert_eq!((h.queries(), h.out.delivered.len()), (vec![(FAR, ip("10.0.2.8").into())], 0));
    h.answer("10.0.2.8", 2, Some((HOST2, 3)));
    let (_, reply) = h.out.delivered.pop().unwrap();
    assert!(reply.ends_with(&[10, 0, 2, 8]), "{reply:?}");
    assert_eq!(h.switch.resolve_stats().entries, 3);
}
