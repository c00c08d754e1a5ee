//! The host's table for people: what `stratocell flows` shows. Reads everything and changes nothing.

use crate::config::{Place, PortTable, VpcTable};
use crate::family::Family;
use crate::flow::{Flow, FlowView, Hop};
use crate::ip::Ip;
use crate::nat_table::NatTable;
use crate::port::PortIndex;
use crate::security::Peer;
use crate::switch::Switch;
use types::{InterfaceId, NatGatewayId};
use wire::net::Direction;
use wire::trace::{
    FLOW_ROWS_MAX, FlowRow, FlowsRequest, HostTable, MemberRow, PolicyPeer, PolicyRow, RouteRow, Target, TranslationRow,
};

impl Switch {
    /// The table in force. `None`: there is no such interface on this host. Lists are cut at the rows that are asked for.
    pub fn host_table(&self, asked: &FlowsRequest) -> Option<HostTable> {
        let fabric = self.fabric();
        let only = match asked.interface {
            None => None,
            Some(id) => Some(self.port(id)?),
        };
        let max = asked.rows_max.min(FLOW_ROWS_MAX) as usize;
        let mut table = HostTable {
            generation: self.generation(),
            flows: Vec::new(),
            flows_total: 0,
            flow_bytes: 0,
            translations: Vec::new(),
            translations_total: 0,
            policies: Vec::new(),
            policies_total: 0,
            members: Vec::new(),
            members_total: 0,
            routes: Vec::new(),
            routes_total: 0,
            arp: Vec::new(),
            drops: self.drops().iter().map(|(reason, n)| (reason.name().to_owned(), n)).collect(),
        };
        for (index, id) in self.ports().filter(|(i, _)| only.is_none_or(|o| o == *i)) {
            let Some(port) = fabric.port(index) else { continue };
            self.add_flows(&mut table, index, id, max);
            if let (Some(gateway), Some(nat)) = (port.nat, self.nat_table(index)) {
                table.translations_total += nat.len() as u64;
                let room = max - table.translations.len();
                table.translations.extend(translations(gateway.id, nat, self.now_ms()).take(room));
            }
            add_policies::<u32>(&mut table, port, max);
            add_policies::<u128>(&mut table, port, max);
        }
        let own = only.and_then(|o| fabric.port(o));
        if let Some(stats) = only.and_then(|o| self.port_stats(o)) {
            table.drops = stats.drops.iter().map(|(reason, n)| (reason.name().to_owned(), n)).collect();
        }
        for vpc in fabric.vpcs.iter().filter(|v| own.is_none_or(|o| o.vni == v.vni)) {
            self.add_members::<u32>(&mut table, vpc, max);
            self.add_members::<u128>(&mut table, vpc, max);
            add_learned(&mut table, vpc, max);
            add_routes::<u32>(&mut table, vpc, own, max);
            add_routes::<u128>(&mut table, vpc, own, max);
            table.arp.push(vpc.vni);
        }
        table.members.sort_by_key(|m| (m.vni, m.address));
        Some(table)
    }

    fn add_flows(&self, table: &mut HostTable, index: PortIndex, id: InterfaceId, max: usize) {
        let Some(state) = self.port_state(index) else { return };
        let (v4, v6) = (&state.v4.flows, &state.v6.flows);
        table.flows_total += (v4.len() + v6.len()) as u64;
        table.flow_bytes += (v4.bytes() + v6.bytes()) as u64;
        let room = max - table.flows.len();
        table.flows.extend(v4.iter().map(|f| self.flow_row(id, f)).chain(v6.iter().map(|f| self.flow_row(id, f))).take(room));
    }

    fn flow_row<A: Ip>(&self, interface: InterfaceId, flow: &Flow<A>) -> FlowRow {
        let view = FlowView::of(flow, self.now_ms());
        let action = &flow.action;
        let target = match action.hop {
            Hop::None => Target::Undecided,
            Hop::Port => self.deliver_to(PortIndex(action.target)),
            Hop::Underlay => Target::Encap { underlay: action.target.into(), vni: action.vni() },
            Hop::Local => Target::Service,
        };
        FlowRow {
            interface,
            protocol: view.protocol,
            local: view.local,
            local_port: view.local_port,
            remote: view.remote,
            remote_port: view.remote_port,
            initiator: view.initiator,
            state: view.state.to_owned(),
            target,
            out_packets: view.out_packets,
            out_bytes: view.out_bytes,
            in_packets: view.in_packets,
            in_bytes: view.in_bytes,
            idle_ms: view.idle_ms.into(),
        }
    }

    fn deliver_to(&self, port: PortIndex) -> Target {
        self.fabric().port(port).map_or(Target::Nowhere, |t| Target::Deliver(t.id))
    }

    fn add_members<A: Family>(&self, table: &mut HostTable, vpc: &VpcTable, max: usize) {
        table.members_total += A::vpc(vpc).member_by_address.len() as u64;
        let room = max - table.members.len();
        table.members.extend(A::vpc(vpc).member_by_address.iter().take(room).map(|(&address, member)| {
            let target = match member.place {
                Place::Here(port) => self.deliver_to(port),
                Place::Host(underlay) => Target::Encap { underlay: underlay.into(), vni: vpc.vni },
                Place::Nowhere => Target::Nowhere,
            };
            MemberRow { vni: vpc.vni, address: address.any(), target }
        }));
    }
}

fn add_learned(table: &mut HostTable, vpc: &VpcTable, max: usize) {
    let Some(learned) = &vpc.learned else { return };
    table.members_total += learned.len() as u64;
    let room = max - table.members.len();
    table.members.extend(learned.list(room).into_iter().map(|(address, place)| {
        let target = match place {
            Place::Host(underlay) => Target::Encap { underlay: underlay.into(), vni: vpc.vni },
            Place::Here(_) | Place::Nowhere => Target::Nowhere,
        };
        MemberRow { vni: vpc.vni, address, target }
    }));
}

fn add_routes<A: Family>(table: &mut HostTable, vpc: &VpcTable, own: Option<&PortTable>, max: usize) {
    let routes = A::vpc(vpc).routes.values().filter(|t| own.is_none_or(|o| A::port(o).routes.id == t.id));
    for (id, route) in routes.flat_map(|t| t.routes().map(|r| (t.id, r))) {
        table.routes_total += 1;
        if table.routes.len() < max {
            table.routes.push(RouteRow { vni: vpc.vni, table: id, route: route.clone() });
        }
    }
}

fn add_policies<A: Family>(table: &mut HostTable, port: &PortTable, max: usize) {
    for direction in [Direction::Egress, Direction::Ingress] {
        for rule in A::port(port).rules(direction).rules() {
            table.policies_total += 1;
            if table.policies.len() < max {
                let peer = match &rule.peer {
                    Peer::Cidr(cidr) => PolicyPeer::Cidr(A::any_cidr(*cidr)),
                    Peer::Members(set) => PolicyPeer::Members(set.len() as u64),
                };
                table.policies.push(PolicyRow { interface: port.id, direction, rule: rule.id, protocol: rule.protocol, peer });
            }
        }
    }
}

fn translations(gateway: NatGatewayId, nat: &NatTable, now_ms: u64) -> impl Iterator<Item = TranslationRow> + '_ {
    nat.used().map(move |e| TranslationRow {
        gateway,
        protocol: e.inside.protocol,
        inside: e.inside.local.into(),
        inside_port: e.inside.local_port,
        outside: e.address.into(),
        outside_port: e.port,
        remote: e.inside.remote.into(),
        remote_port: e.inside.remote_port,
        answered: e.answered(),
        idle_ms: e.idle_ms(now_ms).into(),
    })
}
