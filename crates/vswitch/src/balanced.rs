//! At a load balancer's target: by which node a connection came, and so where its answers go.

use crate::config::{Fabric, Node, PortTable, mac_number};
use crate::drop::DropReason;
use crate::egress::to_member;
use crate::flow::{Action, FlowKey, Path};
use crate::nat_table::FOREVER;
use crate::network_balancer::begins;
use crate::parse::Packet;
use crate::port::PortIndex;
use crate::switch::Engine;
use std::hash::BuildHasher;

impl Engine<'_> {
    /// Whether a connection's way back changes with this packet. `node`: it came by that one; `None`: from
    /// the client itself. Two ways at once cannot be: the target would not tell them apart.
    pub fn node_changes(&mut self, port: PortIndex, packet: &Packet, node: Option<&Node>) -> Result<bool, DropReason> {
        let state = self.states[port.index()].as_ref().ok_or(DropReason::UnknownPort)?;
        if node.is_none() && state.nat.is_none() {
            return Ok(false);
        }
        let key = FlowKey::inbound(packet);
        if state.nat.as_ref().and_then(|nat| nat.outside_of(&key)) == node.map(|n| n.address) {
            return Ok(false);
        }
        let flow = state.v4.flows.get(&self.fabric.hasher, &key).filter(|f| !f.is_expired(self.now_ms) && f.in_epoch != 0);
        if flow.is_some_and(|f| !(f.is_over() && begins(packet))) { Err(DropReason::BalancerCollision) } else { Ok(true) }
    }

    /// From now on the connection's answers go back to `node`; `None`: to where the routes lead.
    pub fn remember_node(&mut self, port: PortIndex, packet: &Packet, node: Option<&Node>) -> Result<(), DropReason> {
        let (hasher, key) = (&self.fabric.hasher, FlowKey::inbound(packet));
        let state = self.states[port.index()].as_mut().ok_or(DropReason::UnknownPort)?;
        let nat = state.returns(hasher);
        if let Some(slot) = nat.find_inside(&key, self.now_ms) {
            nat.remove(slot);
        }
        if let Some(node) = node {
            let outside = (node.address, key.local_port);
            nat.claim(key, outside, 0, FOREVER, self.now_ms).ok_or(DropReason::BalancerTableFull)?;
        }
        if let Some(slot) = state.v4.flows.find(hasher.hash_one(key), &key) {
            state.v4.flows.at(slot).out_epoch = 0;
        }
        Ok(())
    }
}

/// The node that a packet came by, when it came from where the node is.
pub(crate) fn node_of<'a>(fabric: &'a Fabric, table: &PortTable, path: Path, frame: &[u8], source: u32) -> Option<&'a Node> {
    let vpc = &fabric.vpcs[table.vpc];
    if vpc.nodes.is_empty() || path.vni != table.vni {
        return None;
    }
    let mac = frame.get(6..)?.first_chunk::<6>()?;
    // What the process behind the node sends is the node's own.
    vpc.nodes.get(&mac_number(*mac)).filter(|n| n.member.place.is_at(path) && n.address != source)
}

/// The way back to the node with this address.
pub(crate) fn back_to_node(fabric: &Fabric, port: PortIndex, table: &PortTable, address: u32) -> Result<Action, DropReason> {
    let vpc = &fabric.vpcs[table.vpc];
    let node = vpc.nodes.values().find(|n| n.address == address).ok_or(DropReason::BalancerNoEntry)?;
    to_member(fabric, port, table, table.vpc, node.member)
}
