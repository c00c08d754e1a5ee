//! The switch as its owner sees it: configure, frames in, statistics out.

use crate::config::{ConfigError, Fabric};
use crate::drop::{DropCounts, DropReason};
use crate::flow::{Flow, FlowView, Seen};
use crate::flow_log::{self, FlowRecord};
use crate::frame::FrameBuf;
use crate::kept::{Found, KeptWords, Region};
use crate::maglev::Tables;
use crate::nat_table::{NatStats, NatTable, Role};
use crate::port::{PortIndex, PortState, PortStats};
use crate::rate::Rate;
use crate::resolve::{ResolveStats, Resolver};
use crate::services;
use foldhash::fast::FixedState;
use std::collections::HashMap;
use std::net::Ipv4Addr;
use types::{Generation, InterfaceId};
use wire::net::NetConfig;

/// Where packets go. Called synchronously, within the call that brought the packet in.
pub trait Sink {
    /// A frame for the guest (no virtio header).
    fn deliver(&mut self, port: PortIndex, frame: &[u8]);
    /// The payload of a UDP datagram to port 4789 of another host, VXLAN header included. Packets of one flow have the same
    /// `entropy`, for the choice of the outer source port (RFC 7348: 49152..=65535).
    fn underlay(&mut self, to: Ipv4Addr, datagram: &[u8], entropy: u16);
    /// A frame from the guest for the card's own services: TCP to [`crate::METADATA_ADDRESS`], or to an address of
    /// [`wire::net::ServiceConfig`] that a route leads to. Its source is checked.
    fn local(&mut self, port: PortIndex, frame: &[u8]);
}

#[derive(Debug, Clone)]
pub struct Options {
    /// From the system's randomness: keys the flow tables, so that guests cannot aim at one bucket.
    pub seed: u64,
    /// Per port. A flow takes up to [`crate::FLOW_BYTES`] and its share of the index.
    pub flows_per_port_max: usize,
    /// All ports together: the memory of the card. When it is reached, ports with more than an equal share give way.
    pub flows_max: usize,
    /// Interfaces of large VPCs that are known at a time, all VPCs together; the longest unused give way.
    pub peers_max: usize,
    /// Per NAT gateway. An entry takes up to [`crate::NAT_ENTRY_BYTES`] and its share of the indices.
    pub nat_entries_max: usize,
}

impl Options {
    pub fn new(seed: u64) -> Self {
        Self { seed, flows_per_port_max: 65_536, flows_max: 1 << 20, peers_max: 65_536, nat_entries_max: 262_144 }
    }
}

pub struct Switch {
    options: Options,
    fabric: Fabric,
    /// By [`PortIndex`], as `fabric.ports`.
    states: Vec<Option<PortState>>,
    /// As `fabric.rates`.
    rates: Vec<Rate>,
    /// Frames of guests that the flow cache did not answer.
    slow: u64,
    drops: DropCounts,
    scratch: Vec<u8>,
    /// The port whose flows `expire` looks at next.
    expire_port: usize,
    /// All ports together.
    flows: usize,
    /// The port that last gave way for others.
    crowded: usize,
    /// The latest time that was told.
    now_ms: u64,
    /// Flow records of ports that are gone, until they are drained; as many as these had flows.
    parting: Vec<FlowRecord>,
    resolver: Resolver,
    /// Where connections outlive the process.
    region: Option<Region>,
}

/// What the layers work on: the tables to read and the state to change, for one packet.
pub(crate) struct Engine<'a> {
    pub fabric: &'a Fabric,
    pub states: &'a mut [Option<PortState>],
    pub rates: &'a mut [Rate],
    pub slow: &'a mut u64,
    pub drops: &'a mut DropCounts,
    pub scratch: &'a mut Vec<u8>,
    /// Of all ports, and how many they may be.
    pub flows: &'a mut usize,
    pub flows_max: usize,
    pub crowded: &'a mut usize,
    pub resolver: &'a mut Resolver,
    /// NAT gateways that this packet has passed.
    pub nat_passes: u8,
    pub now_ms: u64,
}

impl Switch {
    pub fn new(options: Options) -> Self {
        let fabric = Fabric::empty(FixedState::with_seed(options.seed));
        Self {
            resolver: Resolver::new(options.peers_max, &fabric.hasher),
            options,
            fabric,
            states: Vec::new(),
            rates: Vec::new(),
            slow: 0,
            drops: DropCounts::default(),
            scratch: Vec::with_capacity(2048),
            expire_port: 0,
            flows: 0,
            crowded: 0,
            now_ms: 0,
            parting: Vec::new(),
            region: None,
        }
    }

    /// Compiles and takes a configuration; after an error the old one stays. Ports that stay keep their index, their counters
    /// and their tracked connections. The caller refuses stale generations.
    pub fn configure(&mut self, config: &NetConfig, now_ms: u64) -> Result<(), ConfigError> {
        let tables = Tables::prepare(config, &self.fabric.tables);
        self.configure_with(config, tables, now_ms)
    }

    /// The same with tables of load balancers that were prepared elsewhere, so that packets do not wait for them.
    pub fn configure_with(&mut self, config: &NetConfig, tables: Tables, now_ms: u64) -> Result<(), ConfigError> {
        let fabric = Fabric::compile(config, &self.fabric, tables)?;
        let mut old: Vec<Option<PortState>> = std::mem::take(&mut self.states);
        old.resize_with(fabric.ports.len().max(old.len()), || None);
        self.states = (0..fabric.ports.len())
            .map(|i| {
                let new = fabric.ports[i].as_ref()?;
                let same =
                    self.fabric.ports.get(i).and_then(Option::as_ref).is_some_and(|p| p.id == new.id && p.vpc_id == new.vpc_id);
                let kept = if same { old[i].take() } else { None };
                let mut state = kept.unwrap_or_else(|| PortState::new(&self.options));
                state.configure(new, &self.options, &fabric.hasher);
                if let Some(region) = &self.region {
                    state.keep_in(region, new.id);
                }
                Some(state)
            })
            .collect();
        let mut rates: Vec<Rate> = fabric.rates.iter().map(|(owner, limit)| Rate::new(owner.clone(), *limit)).collect();
        self.inherit_rates(&mut rates);
        self.rates = rates;
        for (table, state) in self.fabric.ports.iter().zip(&mut old) {
            if let (Some(table), Some(state)) = (table, state) {
                flow_log::finish(table, &mut state.v4.flows, &mut |record| self.parting.push(record));
                flow_log::finish(table, &mut state.v6.flows, &mut |record| self.parting.push(record));
                state.give_back();
            }
        }
        for _ in 0..self.resolver.follow(&self.fabric, &fabric, now_ms) {
            self.drops.count(DropReason::Unresolved);
        }
        self.fabric = fabric;
        self.count_flows();
        Ok(())
    }

    /// Buckets go on as they are while their owner's limits stay.
    fn inherit_rates(&self, rates: &mut [Rate]) {
        let old: HashMap<&str, &Rate> = self.rates.iter().map(|r| (&*r.owner, r)).collect();
        for rate in rates {
            if let Some(old) = old.get(&*rate.owner) {
                rate.follow(old);
            }
        }
    }

    /// What keys its tables and chooses the ports of its NAT gateways: a successor's must be the same.
    pub fn seed(&self) -> u64 {
        self.options.seed
    }

    /// The generation of the configuration in force; 0 before the first.
    pub fn generation(&self) -> Generation {
        self.fabric.generation
    }

    pub fn port(&self, id: InterfaceId) -> Option<PortIndex> {
        self.fabric.port_by_id.get(&id).copied()
    }

    pub fn ports(&self) -> impl Iterator<Item = (PortIndex, InterfaceId)> + '_ {
        self.fabric.ports.iter().enumerate().filter_map(|(i, p)| p.as_ref().map(|p| (PortIndex(i as u32), p.id)))
    }

    /// A frame that a guest sent, from its Ethernet header on, checksums complete. The buffer's contents are used up.
    pub fn from_port(&mut self, port: PortIndex, frame: &mut FrameBuf, now_ms: u64, out: &mut (impl Sink + ?Sized)) {
        let mut engine = self.engine(now_ms);
        if let Err(reason) = engine.guest_frame(port, frame, out) {
            engine.count_drop(Some(port), reason);
        }
    }

    /// How many frames, and of how many bytes in all, the guest's rate lets through now. `None`: it is not limited.
    pub fn allowance(&mut self, port: PortIndex, now_ms: u64) -> Option<(u64, u64)> {
        let at = self.fabric.port(port)?.rate?;
        self.rates.get_mut(at).map(|rate| rate.outward.holds(now_ms))
    }

    /// When the guest's rate lets a frame of so many bytes through (milliseconds of the caller's clock). `None`: never.
    pub fn allowed_ms(&self, port: PortIndex, bytes: usize, now_ms: u64) -> Option<u64> {
        match self.fabric.port(port).and_then(|table| self.rates.get(table.rate?)) {
            Some(rate) => rate.outward.due_ms(bytes, now_ms),
            None => Some(now_ms),
        }
    }

    /// Frames of guests so far that took the long way: layers, answers of the switch itself. What a caller may charge for.
    pub fn slow_frames(&self) -> u64 {
        self.slow
    }

    /// The payload of a UDP datagram that came to port 4789 from `source`.
    pub fn from_underlay(&mut self, source: Ipv4Addr, datagram: &mut FrameBuf, now_ms: u64, out: &mut (impl Sink + ?Sized)) {
        let mut engine = self.engine(now_ms);
        if let Err(reason) = engine.host_datagram(source.into(), datagram, out) {
            engine.count_drop(None, reason);
        }
        self.decide_anew(now_ms);
    }

    /// Asks again for what was not answered, renews leases that end, gives up. Call it when [`Self::resolve_due_ms`] says.
    pub fn resolve_due(&mut self, now_ms: u64, out: &mut (impl Sink + ?Sized)) {
        self.engine(now_ms).resolve_due(out);
        self.decide_anew(now_ms);
    }

    /// When [`Self::resolve_due`] has something to do (milliseconds of the caller's clock).
    pub fn resolve_due_ms(&self) -> Option<u64> {
        self.resolver.due_ms()
    }

    pub fn resolve_stats(&self) -> ResolveStats {
        self.resolver.stats(&self.fabric)
    }

    /// What was decided by what is no longer so is decided anew: as after a change of the configuration.
    fn decide_anew(&mut self, now_ms: u64) {
        if self.resolver.take_changed(now_ms) {
            self.fabric.epoch = self.fabric.epoch.wrapping_add(1).max(1);
        }
    }

    /// A frame that the host's own services made for the guest; its link addresses are filled in here (`frame` begins with
    /// an Ethernet header whose addresses do not matter). From [`crate::METADATA_ADDRESS`], not subject to any rules; or from
    /// an address of [`wire::net::ServiceConfig`], as an answer to a connection of the guest.
    pub fn from_service(&mut self, port: PortIndex, frame: &mut FrameBuf, now_ms: u64, out: &mut (impl Sink + ?Sized)) {
        let mut engine = self.engine(now_ms);
        if let Err(reason) = engine.service_frame(port, frame, out) {
            engine.count_drop(Some(port), reason);
        }
    }

    /// Advertises the router to guests with IPv6, each ten minutes from the first sign of it on: what it knows of the router
    /// lasts half an hour. Call it every second or so.
    pub fn advertise(&mut self, now_ms: u64, out: &mut (impl Sink + ?Sized)) {
        for index in 0..self.states.len() {
            let due = |s: &PortState| {
                s.stats.guest_seen_ms.is_some()
                    && s.advertised_ms.is_none_or(|at| now_ms.saturating_sub(at) >= services::nd::ADVERTISE_MS)
            };
            let has_ipv6 = self.fabric.ports[index].as_ref().is_some_and(|t| t.has_ipv6() && t.nat.is_none());
            if has_ipv6 && self.states[index].as_ref().is_some_and(due) {
                let port = PortIndex(index as u32);
                let mut engine = self.engine(now_ms);
                if let Err(reason) = engine.advertise(port, out) {
                    engine.count_drop(Some(port), reason);
                }
            }
        }
    }

    /// Forgets idle flows: looks at up to `budget` entries, going on where the last call ended. Call it every second or so
    /// with about a tenth of the flows. Returns how many it looked at.
    pub fn expire(&mut self, now_ms: u64, budget: usize) -> usize {
        let mut looked_at = 0;
        for _ in 0..self.states.len() {
            self.expire_port = (self.expire_port + 1) % self.states.len();
            let (fabric, index) = (&self.fabric, self.expire_port);
            if let (Some(state), Some(table)) = (&mut self.states[index], &fabric.ports[index]) {
                let used_ms = |idle_ms: u32| now_ms.saturating_sub(idle_ms.into());
                looked_at += state.v4.flows.expire(&fabric.hasher, now_ms, budget - looked_at, |f| {
                    fabric.mark(table.vpc, &f.key, used_ms(f.seen.idle_ms(now_ms)));
                });
                looked_at += state.v6.flows.expire(&fabric.hasher, now_ms, budget - looked_at, |f| {
                    fabric.mark(table.vpc, &f.key, used_ms(f.seen.idle_ms(now_ms)));
                });
                if let Some(nat) = &mut state.nat {
                    let (role, flows) = (nat.role(), &state.v4.flows);
                    looked_at += nat.expire(now_ms, budget - looked_at, |e| {
                        if role == Role::Guest {
                            return flows.get(&fabric.hasher, &e.inside).is_some();
                        }
                        fabric.mark(table.vpc, &e.inside, used_ms(e.idle_ms(now_ms)));
                        true
                    });
                }
            }
            if looked_at >= budget {
                break;
            }
        }
        self.count_flows();
        looked_at
    }

    /// From now on connections and translations are in `words` too, whatever was there before. Too few words keep nothing.
    pub fn keep_in(&mut self, words: KeptWords) {
        let Some(region) = Region::new(words) else { return };
        region.format();
        for (table, state) in self.fabric.ports.iter().zip(&mut self.states) {
            if let (Some(table), Some(state)) = (table, state) {
                state.forget_where_kept();
                state.keep_in(&region, table.id);
            }
        }
        self.region = Some(region);
    }

    /// Takes what an earlier process kept in `words`, of ports that the configuration in force has. Each flow begins a new
    /// idle time; what rules or addresses do not allow any more ends as at any change. Returns how many there are.
    pub fn recover(&mut self, words: &KeptWords, now_ms: u64) -> usize {
        let Some(region) = Region::new(words.clone()) else { return 0 };
        let (fabric, states, mut taken, mut flows) = (&self.fabric, &mut self.states, 0, self.flows);
        region.read(&mut |id, guest, found| {
            let Some(index) = fabric.port_by_id.get(&id) else { return };
            let Some(Some(state)) = states.get_mut(index.index()) else { return };
            let room = flows < self.options.flows_max;
            let done = match found {
                Found::Flow(_) | Found::Flow6(..) if !room => false,
                Found::Flow(record) => {
                    state.set_guest(guest);
                    let flow = Flow::restored(record.key, record.bits, now_ms);
                    flow.and_then(|f| state.v4.flows.restore(&fabric.hasher, f)).is_some()
                }
                Found::Flow6(key, bits) => {
                    state.set_guest(guest);
                    let flow = Flow::restored(key, bits, now_ms);
                    flow.and_then(|f| state.v6.flows.restore(&fabric.hasher, f)).is_some()
                }
                Found::Translation(record) => state.returns(&fabric.hasher).restore(record, Seen::at(now_ms)),
            };
            flows += usize::from(done && !matches!(found, Found::Translation(_)));
            taken += usize::from(done);
        });
        self.count_flows();
        taken
    }

    /// Connections and translations that found no room in what outlives the process, since the ports that are there began.
    pub fn not_kept(&self) -> u64 {
        self.states
            .iter()
            .flatten()
            .map(|s| s.v4.flows.left_out() + s.v6.flows.left_out() + s.nat.as_ref().map_or(0, |n| n.left_out()))
            .sum()
    }

    pub(crate) fn count_flows(&mut self) {
        self.flows = self.states.iter().flatten().map(PortState::flows).sum();
    }

    /// Writes the flow records that are due, of ports with flow logs. Call it every second or so: each call visits a part of
    /// the flows, so that each is visited once in the port's interval. Ports that are gone come first, once.
    pub fn drain_flow_records(&mut self, now_ms: u64, emit: &mut impl FnMut(FlowRecord)) {
        std::mem::take(&mut self.parting).into_iter().for_each(&mut *emit);
        for (table, state) in self.fabric.ports.iter().zip(&mut self.states) {
            if let (Some(table), Some(state)) = (table, state) {
                flow_log::drain(table, &mut state.v4.flows, now_ms, emit);
                flow_log::drain(table, &mut state.v6.flows, now_ms, emit);
                let (v4, v6) = (&state.v4.flows.log, &state.v6.flows.log);
                state.stats.flow_records_skipped = v4.as_ref().map_or(0, |l| l.skipped) + v6.as_ref().map_or(0, |l| l.skipped);
            }
        }
    }

    /// Says who is behind the port, by a number that is not 0. Another one begins without the connections of the last.
    pub fn attach(&mut self, port: PortIndex, guest: u64) {
        let Some(Some(state)) = self.states.get_mut(port.index()) else { return };
        if state.v4.flows.guest() != guest {
            state.set_guest(guest);
            self.forget_flows(port);
        }
    }

    /// Forgets the port's tracked connections.
    pub fn forget_flows(&mut self, port: PortIndex) {
        if let Some(Some(state)) = self.states.get_mut(port.index()) {
            self.flows -= state.flows();
            state.v4.flows.clear();
            state.v6.flows.clear();
            state.advertised_ms = None;
        }
    }

    pub fn port_stats(&self, port: PortIndex) -> Option<&PortStats> {
        self.states.get(port.index())?.as_ref().map(|s| &s.stats)
    }

    /// The metrics of a NAT gateway; `None`: the port is neither that nor a load balancer's node, whose clients are the sources.
    pub fn nat_stats(&self, port: PortIndex) -> Option<NatStats> {
        let state = self.states.get(port.index())?.as_ref()?;
        let nat = state.nat.as_ref().filter(|n| n.role() != Role::Guest)?;
        let packets_drop_count = state.stats.drops.total();
        Some(NatStats { translations: nat.len() as u64, packets_drop_count, ..nat.stats.clone() })
    }

    /// All drops of the switch, those of ports included.
    pub fn drops(&self) -> &DropCounts {
        &self.drops
    }

    /// How many flows are tracked, all ports together.
    pub fn flows(&self) -> u64 {
        self.flows as u64
    }

    /// Flows and translations of NAT gateways: what [`Switch::expire`] has to look at.
    pub fn entries(&self) -> usize {
        self.flows + self.states.iter().flatten().filter_map(|s| s.nat.as_ref()).map(|n| n.len()).sum::<usize>()
    }

    /// Bytes that the flow tables have allocated for flows and their index, all ports together.
    pub fn flow_bytes(&self) -> usize {
        self.states.iter().flatten().map(|s| s.v4.flows.bytes() + s.v6.flows.bytes()).sum()
    }

    /// The flows of a port, in no order.
    pub fn port_flows(&self, port: PortIndex) -> impl Iterator<Item = FlowView> + '_ {
        let state = self.port_state(port).into_iter();
        state.flat_map(|s| {
            let v4 = s.v4.flows.iter().map(|f| FlowView::of(f, self.now_ms));
            v4.chain(s.v6.flows.iter().map(|f| FlowView::of(f, self.now_ms)))
        })
    }

    pub(crate) fn set_now(&mut self, now_ms: u64) {
        self.now_ms = now_ms;
    }

    pub(crate) fn drops_mut(&mut self) -> &mut DropCounts {
        &mut self.drops
    }

    pub(crate) fn state_mut(&mut self, port: PortIndex) -> Option<&mut PortState> {
        self.states.get_mut(port.index())?.as_mut()
    }

    pub(crate) fn ports_with_state(&self) -> impl Iterator<Item = (InterfaceId, &PortState)> {
        self.fabric.ports.iter().zip(&self.states).filter_map(|(p, s)| Some((p.as_ref()?.id, s.as_ref()?)))
    }

    pub(crate) fn rates(&self) -> &[Rate] {
        &self.rates
    }

    pub(crate) fn rates_mut(&mut self) -> &mut [Rate] {
        &mut self.rates
    }

    pub(crate) fn fabric(&self) -> &Fabric {
        &self.fabric
    }

    /// Milliseconds, the latest time that was told.
    pub fn now_ms(&self) -> u64 {
        self.now_ms
    }

    pub(crate) fn port_state(&self, port: PortIndex) -> Option<&PortState> {
        self.states.get(port.index())?.as_ref()
    }

    pub(crate) fn nat_table(&self, port: PortIndex) -> Option<&NatTable> {
        self.states.get(port.index())?.as_ref()?.nat.as_deref()
    }

    fn engine(&mut self, now_ms: u64) -> Engine<'_> {
        self.now_ms = now_ms;
        Engine {
            fabric: &self.fabric,
            states: &mut self.states,
            rates: &mut self.rates,
            slow: &mut self.slow,
            drops: &mut self.drops,
            scratch: &mut self.scratch,
            flows: &mut self.flows,
            flows_max: self.options.flows_max,
            crowded: &mut self.crowded,
            resolver: &mut self.resolver,
            nat_passes: 0,
            now_ms,
        }
    }
}

impl Engine<'_> {
    #[cold]
    pub fn count_drop(&mut self, port: Option<PortIndex>, reason: DropReason) {
        self.drops.count(reason);
        if let Some(state) = port.and_then(|p| self.states.get_mut(p.index())?.as_mut()) {
            state.stats.drops.count(reason);
        }
    }
}
