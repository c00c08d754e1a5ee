//! What decides for a packet, written down: the packet path's own functions, given somewhere to take notes.

use crate::config::{Node, PortTable, VpcTable};
use crate::drop::DropReason;
use crate::egress::{route, to_member};
use crate::family::Layers;
use crate::flow::{Action, FlowKey, Hop, Path};
use crate::ingress::{check_arrival, check_source};
use crate::ip::Ip;
use crate::nat_gateway::{self, PASSES_MAX};
use crate::network_balancer::BalancerTable;
use crate::parse::{ICMP, Packet, Ports, TCP, TCP_ACK, TCP_SYN};
use crate::port::PortIndex;
use crate::switch::Switch;
use std::net::{IpAddr, Ipv4Addr};
use types::{NatGatewayId, Vni};
use wire::net::Direction;
pub use wire::trace::Probe;
use wire::trace::{Connection, Passed, Translation};

pub type Step = wire::trace::Step<DropReason>;

/// Where decisions are written down; `()` takes no notes and costs nothing.
pub(crate) trait Notes {
    fn note(&mut self, step: impl FnOnce() -> Step);
}

impl Notes for () {
    #[inline]
    fn note(&mut self, _: impl FnOnce() -> Step) {}
}

impl Notes for Vec<Step> {
    fn note(&mut self, step: impl FnOnce() -> Step) {
        self.push(step());
    }
}

impl Switch {
    /// What would be decided for a packet that the port's guest sends to begin a connection: the rules, entries and routes in
    /// force, followed as far as this host goes. Nothing is remembered, sent or counted. Empty for a port that is not there.
    pub fn trace(&self, port: PortIndex, probe: &Probe) -> Vec<Step> {
        self.walk(port, probe, None, From::Guest)
    }

    /// The same for the guest's answer to such a packet: the groups of interfaces that it `passed` are not asked, as they track
    /// the connection, and NAT gateways undo what they did.
    pub fn trace_answer(&self, port: PortIndex, probe: &Probe, passed: &Passed) -> Vec<Step> {
        self.walk(port, probe, Some(passed), From::Guest)
    }

    /// The answer of one of the host's services to a packet of the port's guest.
    pub fn trace_service_answer(&self, port: PortIndex, probe: &Probe) -> Vec<Step> {
        let Some(table) = self.fabric().port(port) else { return Vec::new() };
        let connection = Connection { interface: table.id, source: probe.destination, destination: probe.source };
        let (vni, passed) = (table.vni, Passed { connections: vec![connection], ..Passed::default() });
        self.walk(port, probe, Some(&passed), From::Path(Path { vni, underlay: 0 }))
    }

    /// [`Self::trace`] for a packet that comes from another host, as its trace says: [`Step::Sent`].
    pub fn trace_arrival(&self, port: PortIndex, from: Ipv4Addr, vni: u32, probe: &Probe) -> Vec<Step> {
        self.walk(port, probe, None, From::Path(Path { vni, underlay: from.into() }))
    }

    /// [`Self::trace_answer`] for one that comes from another host.
    pub fn trace_answer_arrival(&self, port: PortIndex, from: Ipv4Addr, vni: u32, probe: &Probe, passed: &Passed) -> Vec<Step> {
        self.walk(port, probe, Some(passed), From::Path(Path { vni, underlay: from.into() }))
    }

    /// The port that a public address of this host belongs to.
    pub fn public_port(&self, public: IpAddr) -> Option<PortIndex> {
        match public {
            IpAddr::V4(public) => self.fabric().v4.here.get(&u32::from(public)).map(|(port, _)| *port),
            IpAddr::V6(public) => self.fabric().v6.here.get(&u128::from(public)).map(|(port, _)| *port),
        }
    }

    fn walk(&self, port: PortIndex, probe: &Probe, answer: Option<&Passed>, from: From) -> Vec<Step> {
        if self.fabric().port(port).is_none() {
            return Vec::new();
        }
        let mut walk = Walk { switch: self, steps: Vec::new(), nat_passes: 0, node: None, answer };
        let answers = answer.is_some();
        let walked = match (probe.source, probe.destination) {
            (IpAddr::V4(a), IpAddr::V4(b)) => walk.walk::<u32>(port, from, packet(probe, a, b, answers)),
            (IpAddr::V6(a), IpAddr::V6(b)) => walk.walk::<u128>(port, from, packet(probe, a, b, answers)),
            _ => Err(DropReason::IpMalformed),
        };
        if let Err(reason) = walked {
            walk.steps.push(Step::Dropped(reason));
        }
        walk.steps
    }
}

#[derive(Debug, Clone, Copy)]
enum From {
    Guest,
    Path(Path),
}

fn packet<A: Ip>(probe: &Probe, source: A::Addr, destination: A::Addr, answer: bool) -> Packet<A> {
    let flags = match probe.protocol {
        TCP if answer => TCP_SYN | TCP_ACK,
        TCP => TCP_SYN,
        _ => 0,
    };
    Packet {
        source: A::from(source),
        destination: A::from(destination),
        protocol: probe.protocol,
        total_bytes: 64,
        id: 0,
        dont_fragment: true,
        more_fragments: false,
        fragment_offset: 0,
        ports: Ports { source: probe.source_port, destination: probe.destination_port, flags },
        chain: A::Chain::default(),
    }
}

fn probe_of<A: Ip>(p: &Packet<A>) -> Probe {
    Probe {
        source: p.source.any(),
        destination: p.destination.any(),
        protocol: p.protocol,
        source_port: p.ports.source,
        destination_port: p.ports.destination,
    }
}

pub(crate) struct Walk<'a> {
    switch: &'a Switch,
    steps: Vec<Step>,
    nat_passes: u8,
    /// The load balancer's node that it was last sent by.
    node: Option<u32>,
    /// Set: the packet answers one that was let through.
    answer: Option<&'a Passed>,
}

impl<'a> Walk<'a> {
    /// The load balancer's node by which a packet has come: it passed one here, or no other could have sent it from there.
    fn node<A: Layers>(&self, table: &PortTable, path: Path, packet: &Packet<A>) -> Option<&'a Node> {
        let fabric = self.switch.fabric();
        if path.vni != table.vni || self.node.is_none() && check_source(fabric, table, path, packet.source).is_ok() {
            return None;
        }
        let passed = |n: &&Node| self.node.is_none_or(|address| n.address == address);
        fabric.vpcs[table.vpc].nodes.values().filter(passed).find(|n| n.member.place.is_at(path))
    }
}

impl Walk<'_> {
    fn walk<A: Layers>(&mut self, port: PortIndex, from: From, packet: Packet<A>) -> Result<(), DropReason> {
        match from {
            From::Guest => self.outward(port, packet),
            From::Path(path) if path.underlay == 0 => self.arrive(port, path, packet),
            From::Path(path) => self.enter(port, path, packet),
        }
    }

    /// The interface's groups have let pass what it answers.
    fn is_answer<A: Layers>(&self, table: &PortTable, packet: &Packet<A>) -> bool {
        let (source, destination) = (packet.destination.any(), packet.source.any());
        let connection = Connection { interface: table.id, source, destination };
        self.answer.is_some_and(|passed| passed.connections.contains(&connection))
    }

    fn groups<A: Layers>(&mut self, table: &PortTable, direction: Direction, packet: &Packet<A>) -> bool {
        if self.is_answer(table, packet) {
            return true;
        }
        let key = match direction {
            Direction::Egress => FlowKey::outbound(packet),
            Direction::Ingress => FlowKey::inbound(packet),
        };
        let rule = A::port(table).rules(direction).decide(key.subject(direction));
        self.steps.push(Step::SecurityGroups { interface: table.id, direction, rule });
        rule.is_some()
    }

    /// From another host.
    fn enter<A: Layers>(&mut self, port: PortIndex, path: Path, mut packet: Packet<A>) -> Result<(), DropReason> {
        if path.vni == Vni::INTERNET.get()
            && let Some(&(_, private)) = A::outside(self.switch.fabric()).here.get(&packet.destination)
        {
            A::note_public(private, packet.destination, Direction::Ingress, &mut self.steps);
            packet.destination = private;
        }
        self.arrive(port, path, packet)
    }

    /// From the port's guest.
    fn outward<A: Layers>(&mut self, port: PortIndex, packet: Packet<A>) -> Result<(), DropReason> {
        let fabric = self.switch.fabric();
        let table = fabric.port(port).ok_or(DropReason::UnknownPort)?;
        if A::is_for_host(fabric, table, &packet)? {
            self.steps.push(Step::Service { address: packet.destination.any() });
            return Ok(());
        }
        if !self.groups(table, Direction::Egress, &packet) {
            return Err(if packet.is_icmp_error() { DropReason::IcmpUnrelated } else { DropReason::SecurityGroupEgress });
        }
        let subject = (packet.destination, packet.protocol, packet.ports.destination);
        A::port(table).cross_edge(Direction::Egress, subject, &mut self.steps)?;
        let action = match A::trace_return(self, port, table, &packet) {
            Some(back) => back?,
            None => route(fabric, port, table, &packet, &mut self.steps)?,
        };
        self.follow(action, packet)
    }

    /// At a load balancer's node. `None`: the packet is for the process behind it.
    pub fn balancer(&mut self, port: PortIndex, table: &PortTable, path: Path, p: &Packet) -> Option<Result<(), DropReason>> {
        let balancer = table.balancer.as_ref()?;
        let asked = |t: &Translation| t.interface == table.id && u32::from(t.outside) == p.source;
        let answers = self.answer.is_some_and(|passed| passed.translations.iter().any(asked));
        let back = !table.v4.has_address(p.destination) || answers;
        if back || balancer.takes(p) {
            Some(if back { self.balancer_back(port, table, path, *p) } else { self.balance(port, table, balancer, path, *p) })
        } else {
            None
        }
    }

    fn balance(
        &mut self,
        port: PortIndex,
        table: &PortTable,
        balancer: &BalancerTable,
        path: Path,
        packet: Packet,
    ) -> Result<(), DropReason> {
        self.nat_passes += 1;
        if self.nat_passes > PASSES_MAX {
            return Err(DropReason::NatLoop);
        }
        let fabric = self.switch.fabric();
        check_source(fabric, table, path, packet.source)?;
        let subject = (packet.source, packet.protocol, packet.ports.destination);
        table.v4.cross_edge(Direction::Ingress, subject, &mut self.steps)?;
        if !self.groups(table, Direction::Ingress, &packet) {
            return Err(DropReason::SecurityGroupIngress);
        }
        let (target, to_port) = balancer.chosen(&packet).ok_or(DropReason::BalancerNoTarget)?;
        self.steps.push(Step::Balanced { interface: table.id, target: target.into(), port: to_port });
        if target == packet.source && balancer.keeps_client(&packet) {
            return Err(DropReason::Hairpin);
        }
        let node = packet.destination;
        self.node = Some(node);
        let source = if balancer.keeps_client(&packet) { packet.source } else { node };
        let packet = Packet { source, ..packet };
        let packet = Packet { destination: target, ports: Ports { destination: to_port, ..packet.ports }, ..packet };
        // Whom the node sends to is not what its answers come from.
        let rule = table.v4.egress.decide((target, packet.protocol, to_port));
        self.steps.push(Step::SecurityGroups { interface: table.id, direction: Direction::Egress, rule });
        rule.ok_or(DropReason::SecurityGroupEgress)?;
        table.v4.cross_edge(Direction::Egress, (target, packet.protocol, to_port), &mut self.steps)?;
        let action = route(fabric, port, table, &packet, &mut self.steps)?;
        self.follow(action, packet)
    }

    /// A target's answer comes back to its node.
    fn balancer_back(&mut self, port: PortIndex, table: &PortTable, path: Path, packet: Packet) -> Result<(), DropReason> {
        let fabric = self.switch.fabric();
        check_source(fabric, table, path, packet.source)?;
        let here = |t: &&Translation| t.interface == table.id && u32::from(t.outside) == packet.source;
        let done =
            self.answer.and_then(|passed| passed.translations.iter().rev().find(here)).ok_or(DropReason::BalancerNoEntry)?;
        let (protocol, to_port, node) = (packet.protocol, packet.ports.destination, IpAddr::from(done.inside));
        // A client that the target does not see is the one that the node's groups have let in.
        let let_in = |c: &&Connection| c.interface == table.id && c.destination == node;
        let client = self.answer.and_then(|passed| passed.connections.iter().rev().find(let_in)).map(|c| c.source);
        table.v4.cross_edge(Direction::Ingress, (packet.source, protocol, to_port), &mut self.steps)?;
        let packet = match client {
            Some(IpAddr::V4(client)) if IpAddr::from(Ipv4Addr::from(packet.destination)) == node => {
                Packet { destination: client.into(), ..packet }
            }
            _ => packet,
        };
        self.steps.push(Step::BalancedBack { interface: table.id, source: done.inside, port: done.inside_port });
        let ports = Ports { source: done.inside_port, ..packet.ports };
        let packet = Packet { source: done.inside.into(), ports, ..packet };
        table.v4.cross_edge(Direction::Egress, (packet.destination, protocol, to_port), &mut self.steps)?;
        let action = route(fabric, port, table, &packet, &mut self.steps)?;
        self.follow(action, packet)
    }

    /// The way of an answer back to the load balancer's node that its connection came by.
    pub fn back(&mut self, port: PortIndex, table: &PortTable, packet: &Packet) -> Option<Result<Action, DropReason>> {
        let fabric = self.switch.fabric();
        let vpc = &fabric.vpcs[table.vpc];
        let mine = self.answer?.translations.iter().rev().filter(|t| u32::from(t.outside) == packet.source);
        let nodes = mine.filter_map(|t| vpc.nodes.values().find(|n| n.address == u32::from(t.inside)));
        nodes.map(|n| to_member(fabric, port, table, table.vpc, n.member)).next()
    }

    fn follow<A: Layers>(&mut self, action: Action, mut packet: Packet<A>) -> Result<(), DropReason> {
        A::translated(&action, &mut packet);
        match action.hop {
            Hop::Port => return self.arrive(PortIndex(action.target), Path { vni: action.vni(), underlay: 0 }, packet),
            Hop::Local => self.steps.push(Step::Service { address: packet.destination.any() }),
            Hop::Underlay => {
                let fabric = self.switch.fabric();
                let vpc = fabric.vpc_by_vni.get(&action.vni()).map(|&v| &fabric.vpcs[v]);
                let listed = |v: &VpcTable| v.member_by_id.iter().find(|(_, m)| m.mac.0 == action.mac).map(|(id, _)| *id);
                let interface = vpc.and_then(|v| listed(v).or_else(|| v.learned.as_ref()?.by_mac(action.mac)));
                let underlay = action.target.into();
                self.steps.push(Step::Sent { underlay, vni: action.vni(), interface, packet: probe_of(&packet) });
            }
            Hop::None => {}
        }
        Ok(())
    }

    fn arrive<A: Layers>(&mut self, port: PortIndex, path: Path, packet: Packet<A>) -> Result<(), DropReason> {
        let fabric = self.switch.fabric();
        let table = fabric.port(port).ok_or(DropReason::UnknownPort)?;
        if table.nat.is_some() {
            return A::trace_nat(self, port, table, path, packet);
        }
        if let Some(done) = A::trace_balancer(self, port, table, path, &packet) {
            return done;
        }
        let node = self.node::<A>(table, path, &packet);
        check_arrival(fabric, table, path, node, &packet)?;
        if A::port(table).subnet.is_none() {
            return Err(DropReason::Ipv6);
        }
        let subject = (packet.source, packet.protocol, packet.ports.destination);
        A::port(table).cross_edge(Direction::Ingress, subject, &mut self.steps)?;
        let open = path.vni != Vni::INTERNET.get() || A::is_open(&fabric.vpcs[table.vpc]);
        if !open && !self.is_answer(table, &packet) {
            return Err(DropReason::EgressOnly);
        }
        let by_node = |n: &Node| A::port(table).ingress.decide((A::node_address(n), subject.1, subject.2));
        let rule = node.and_then(by_node).filter(|_| !A::port(table).ingress.allows(subject));
        if rule.is_some() {
            self.steps.push(Step::SecurityGroups { interface: table.id, direction: Direction::Ingress, rule });
        } else if !self.groups(table, Direction::Ingress, &packet) {
            return Err(if packet.is_icmp_error() { DropReason::IcmpUnrelated } else { DropReason::SecurityGroupIngress });
        }
        self.steps.push(Step::Delivered { interface: table.id, packet: probe_of(&packet) });
        Ok(())
    }

    pub fn nat(&mut self, port: PortIndex, table: &PortTable, path: Path, packet: Packet) -> Result<(), DropReason> {
        let fabric = self.switch.fabric();
        let gateway = table.nat.ok_or(DropReason::UnknownPort)?.id;
        let outward = nat_gateway::admits(table, path, &packet, &mut self.nat_passes)?;
        check_source(fabric, table, path, packet.source)?;
        if packet.is_icmp_error() {
            return Err(DropReason::NatNoEntry);
        }
        if !outward {
            return self.nat_back(port, table, gateway, packet);
        }
        // An answer of a connection that did not begin here: the gateway resets it.
        if self.answer.is_some() && packet.protocol == TCP {
            return Err(DropReason::NatNoEntry);
        }
        table.v4.cross_edge(Direction::Ingress, (packet.source, packet.protocol, packet.ports.destination), &mut self.steps)?;
        let chosen = self.switch.nat_table(port).and_then(|nat| nat.choose(&nat_gateway::inside_key(&packet)));
        let source = chosen.ok_or(DropReason::NatPortsExhausted)?;
        self.steps.push(Step::Nat { gateway, interface: table.id, source: source.into() });
        table.v4.cross_edge(
            Direction::Egress,
            (packet.destination, packet.protocol, packet.ports.destination),
            &mut self.steps,
        )?;
        let packet = Packet { source, ..packet };
        let action = route(fabric, port, table, &packet, &mut self.steps)?;
        self.follow(action, packet)
    }

    /// An answer comes back to the gateway.
    fn nat_back(&mut self, port: PortIndex, table: &PortTable, gateway: NatGatewayId, packet: Packet) -> Result<(), DropReason> {
        let here = |t: &&Translation| t.interface == table.id && u32::from(t.outside) == packet.destination;
        let done = self.answer.and_then(|passed| passed.translations.iter().rev().find(here)).ok_or(DropReason::NatNoEntry)?;
        let (protocol, inside) = (packet.protocol, done.inside);
        table.v4.cross_edge(Direction::Ingress, (packet.source, protocol, packet.ports.destination), &mut self.steps)?;
        self.steps.push(Step::NatBack { gateway, interface: table.id, destination: inside });
        let mut packet = Packet { destination: inside.into(), ..packet };
        match protocol {
            ICMP => packet.ports.source = done.inside_port,
            _ => packet.ports.destination = done.inside_port,
        }
        table.v4.cross_edge(Direction::Egress, (inside.into(), protocol, packet.ports.destination), &mut self.steps)?;
        let action = route(self.switch.fabric(), port, table, &packet, &mut self.steps)?;
        self.follow(action, packet)
    }
}
