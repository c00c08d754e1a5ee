//! What a switch knows, as bytes: for the process that takes its place. Written and read within one turn of the owner, so it
//! holds whatever a successor needs to give the same verdicts and to count on.
//!
//! What can be decided again is left out (actions, paths): each flow's next packet walks the layers, under the configuration
//! that goes with the state. Fragments on their way are left out too. All numbers are little-endian; lists begin with their
//! length in 32 bits, texts in 8.

use crate::config::Map;
use crate::conntrack::FlowTable;
use crate::drop::{DropCounts, DropReason};
use crate::flow::{Flow, FlowKey, Seen};
use crate::flow_log::{Both, FlowLog, Sums};
use crate::kept::{Keeps, Record};
use crate::nat_table::{NatStats, NatTable, Role};
use crate::port::{PortState, PortStats};
use crate::rate::{Bucket, Rate};
use crate::switch::Switch;
use wire::net::{Direction, RateLimit};

const MAGIC: [u8; 4] = *b"SCVS";
/// A reader takes its own format only: a card of another one begins as after a kill.
pub const STATE_FORMAT: u16 = 3;

/// Why a state was refused. Nothing of it is in force.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    #[error("it is not the state of a switch")]
    Magic,
    #[error("its format is {found}, known is {known}")]
    Format { found: u16, known: u16 },
    #[error("it ends too early")]
    Truncated,
    #[error("it goes on after its end")]
    TooLong,
    #[error("{0} does not make sense")]
    Value(&'static str),
}

impl Switch {
    /// All that a successor needs, but the configuration. Records of ports that are gone must have been drained.
    pub fn export(&self) -> Vec<u8> {
        let mut out = Out(Vec::with_capacity(1024 + self.flows() as usize * 56));
        out.0.extend_from_slice(&MAGIC);
        out.0.extend_from_slice(&STATE_FORMAT.to_le_bytes());
        out.u64(self.seed());
        out.u64(self.generation().0);
        out.u64(self.now_ms());
        out.drops(self.drops());
        let ports: Vec<_> = self.ports_with_state().collect();
        out.u32(ports.len() as u32);
        for (id, state) in ports {
            out.text(&id.to_string());
            out.port(state);
        }
        out.u32(self.rates().len() as u32);
        for rate in self.rates() {
            out.text(&rate.owner);
            out.bucket(&rate.inward);
            out.bucket(&rate.outward);
        }
        out.0
    }

    /// Goes on where the exporting one stood: for a new switch with its seed and configuration.
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn import(mut self, state: &[u8]) -> Result<Self, StateError> {
        let mut input = In(state);
        if input.bytes::<4>()? != MAGIC {
            return Err(StateError::Magic);
        }
        let found = u16::from_le_bytes(input.bytes()?);
        if found != STATE_FORMAT {
            return Err(StateError::Format { found, known: STATE_FORMAT });
        }
        // The seed chooses addresses and ports of NAT gateways.
        if input.u64()? != self.seed() {
            return Err(StateError::Value("its seed"));
        }
        if input.u64()? != self.generation().0 {
            return Err(StateError::Value("the generation of its configuration"));
        }
        self.set_now(input.u64()?);
        *self.drops_mut() = input.drops()?;
        for _ in 0..input.u32()? {
            let id = input.text()?.parse().map_err(|_| StateError::Value("an interface's id"))?;
            let index = self.port(id).ok_or(StateError::Value("a port that is not in the configuration"))?;
            let hasher = self.fabric().hasher.clone();
            let state = self.state_mut(index).ok_or(StateError::Value("a port without state"))?;
            input.port(state, &hasher)?;
        }
        // The configuration is the same, and so is their order.
        for at in 0..input.u32()? as usize {
            let old = Rate { owner: input.text()?.into(), inward: input.bucket()?, outward: input.bucket()? };
            self.rates_mut().get_mut(at).ok_or(StateError::Value("a rate that is not in the configuration"))?.follow(&old);
        }
        if !input.0.is_empty() {
            return Err(StateError::TooLong);
        }
        self.count_flows();
        Ok(self)
    }
}

/// An address in as many bytes as it has.
trait Width: Keeps {
    fn write(self, out: &mut Out);
    fn read(input: &mut In<'_>) -> Result<Self, StateError>;
}

impl Width for u32 {
    fn write(self, out: &mut Out) {
        out.u32(self);
    }
    fn read(input: &mut In<'_>) -> Result<Self, StateError> {
        input.u32()
    }
}

impl Width for u128 {
    fn write(self, out: &mut Out) {
        out.0.extend_from_slice(&self.to_le_bytes());
    }
    fn read(input: &mut In<'_>) -> Result<Self, StateError> {
        Ok(u128::from_le_bytes(input.bytes()?))
    }
}

struct Out(Vec<u8>);

impl Out {
    fn u8(&mut self, v: u8) {
        self.0.push(v);
    }

    fn u16(&mut self, v: u16) {
        self.0.extend_from_slice(&v.to_le_bytes());
    }

    fn u32(&mut self, v: u32) {
        self.0.extend_from_slice(&v.to_le_bytes());
    }

    fn u64(&mut self, v: u64) {
        self.0.extend_from_slice(&v.to_le_bytes());
    }

    fn some_u64(&mut self, v: Option<u64>) {
        self.u8(v.is_some().into());
        self.u64(v.unwrap_or_default());
    }

    /// Ids and names: under 256 bytes.
    fn text(&mut self, text: &str) {
        let bytes = &text.as_bytes()[..text.len().min(255)];
        self.u8(bytes.len() as u8);
        self.0.extend_from_slice(bytes);
    }

    fn drops(&mut self, drops: &DropCounts) {
        let all: Vec<_> = drops.iter().collect();
        self.u32(all.len() as u32);
        for (reason, n) in all {
            self.text(reason.name());
            self.u64(n);
        }
    }

    fn port(&mut self, state: &PortState) {
        self.u64(state.v4.flows.guest());
        let s = &state.stats;
        for n in counters(s) {
            self.u64(n);
        }
        self.some_u64(s.guest_seen_ms);
        self.u8(s.guest_configured.into());
        self.drops(&s.drops);
        self.flows(&state.v4.flows);
        self.flows(&state.v6.flows);
        self.some_u64(state.advertised_ms);
        self.u8(state.nat.is_some().into());
        if let Some(nat) = &state.nat {
            self.nat(nat);
        }
    }

    fn flows<A: Width>(&mut self, flows: &FlowTable<A>) {
        let log = flows.log.as_deref();
        self.u8(log.is_some().into());
        if let Some(log) = log {
            self.log(log);
        }
        self.u32(flows.len() as u32);
        for (slot, flow) in flows.iter_slots() {
            self.key(&flow.key);
            self.u8(flow.bits());
            self.u32(flow.seen.0);
            for n in [flow.out_packets, flow.out_bytes, flow.in_packets, flow.in_bytes] {
                self.u64(n);
            }
            if let Some(log) = log {
                self.both(&log.sums_at(slot));
            }
        }
    }

    fn key<A: Width>(&mut self, k: &FlowKey<A>) {
        k.local.write(self);
        k.remote.write(self);
        self.u16(k.local_port);
        self.u16(k.remote_port);
        self.u8(k.protocol);
    }

    fn bucket(&mut self, bucket: &Bucket) {
        let l = bucket.limit();
        for n in [l.bytes_per_second, l.burst_bytes, l.packets_per_second, l.burst_packets] {
            self.u64(n);
        }
        let (bytes, packets, filled_ms) = bucket.level();
        for n in [bytes, packets, filled_ms] {
            self.u64(n);
        }
    }

    fn both(&mut self, both: &Both) {
        for s in both {
            for n in [s.packets, s.bytes, s.first_ms, s.last_ms] {
                self.u64(n);
            }
            self.u8(s.flags);
        }
    }

    fn log<A: Width>(&mut self, log: &FlowLog<A>) {
        self.some_u64(log.swept_ms);
        self.some_u64(log.rejects_ms);
        self.u64(log.skipped);
        self.u32(log.ended.len() as u32);
        for (key, initiator, both) in &log.ended {
            self.key(key);
            self.u8((*initiator == Direction::Egress).into());
            self.both(both);
        }
        self.u32(log.rejects.len() as u32);
        for ((key, outward), sums) in &log.rejects {
            self.key(key);
            self.u8((*outward).into());
            self.both(&[*sums, Sums::default()]);
        }
    }

    fn nat(&mut self, nat: &NatTable) {
        for n in nat_counters(&nat.stats) {
            self.u64(n);
        }
        self.u32(nat.len() as u32);
        for entry in nat.used() {
            let r = entry.record();
            self.key(&r.key);
            self.u8(r.bits);
            self.u32(r.outside.0);
            self.u16(r.outside.1);
            if nat.role() == Role::Node {
                self.u16(r.alias);
            }
            self.u32(entry.seen().0);
        }
    }
}

struct In<'a>(&'a [u8]);

impl In<'_> {
    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], StateError> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or(StateError::Truncated)?;
        self.0 = rest;
        Ok(*bytes)
    }

    fn u8(&mut self) -> Result<u8, StateError> {
        Ok(u8::from_le_bytes(self.bytes()?))
    }

    fn flag(&mut self) -> Result<bool, StateError> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(StateError::Value("a flag")),
        }
    }

    fn u16(&mut self) -> Result<u16, StateError> {
        Ok(u16::from_le_bytes(self.bytes()?))
    }

    fn u32(&mut self) -> Result<u32, StateError> {
        Ok(u32::from_le_bytes(self.bytes()?))
    }

    fn u64(&mut self) -> Result<u64, StateError> {
        Ok(u64::from_le_bytes(self.bytes()?))
    }

    fn some_u64(&mut self) -> Result<Option<u64>, StateError> {
        let some = self.flag()?;
        let v = self.u64()?;
        Ok(some.then_some(v))
    }

    fn text(&mut self) -> Result<String, StateError> {
        let n = usize::from(self.u8()?);
        let (text, rest) = self.0.split_at_checked(n).ok_or(StateError::Truncated)?;
        self.0 = rest;
        String::from_utf8(text.to_vec()).map_err(|_| StateError::Value("a text"))
    }

    /// Reasons that are not known any more are not counted on.
    fn drops(&mut self) -> Result<DropCounts, StateError> {
        let mut drops = DropCounts::default();
        for _ in 0..self.u32()? {
            let (name, n) = (self.text()?, self.u64()?);
            if let Some(reason) = DropReason::ALL.iter().find(|r| r.name() == name) {
                drops.set(*reason, n);
            }
        }
        Ok(drops)
    }

    fn port(&mut self, state: &mut PortState, hasher: &foldhash::fast::FixedState) -> Result<(), StateError> {
        state.set_guest(self.u64()?);
        for n in counters_mut(&mut state.stats) {
            *n = self.u64()?;
        }
        state.stats.guest_seen_ms = self.some_u64()?;
        state.stats.guest_configured = self.flag()?;
        state.stats.drops = self.drops()?;
        self.flows(&mut state.v4.flows, hasher)?;
        self.flows(&mut state.v6.flows, hasher)?;
        state.advertised_ms = self.some_u64()?;
        if self.flag()? {
            self.nat(state.returns(hasher))?;
        }
        Ok(())
    }

    fn flows<A: Width>(&mut self, flows: &mut FlowTable<A>, hasher: &foldhash::fast::FixedState) -> Result<(), StateError> {
        let logged = self.flag()?;
        if logged {
            let mut log = FlowLog::new(0, hasher.clone());
            self.log(&mut log)?;
            if let Some(own) = &mut flows.log {
                log.interval_ms = own.interval_ms;
                **own = log;
            }
        }
        for _ in 0..self.u32()? {
            let key = self.key()?;
            let (bits, seen) = (self.u8()?, Seen(self.u32()?));
            let mut flow = Flow::restored(key, bits, 0).ok_or(StateError::Value("a flow's state"))?;
            flow.seen = seen;
            for n in [&mut flow.out_packets, &mut flow.out_bytes, &mut flow.in_packets, &mut flow.in_bytes] {
                *n = self.u64()?;
            }
            let both = if logged { Some(self.both()?) } else { None };
            let slot = flows.restore(hasher, flow).ok_or(StateError::Value("a flow that is there twice"))?;
            if let (Some(both), Some(log)) = (both, &mut flows.log) {
                log.set_sums(slot, both);
            }
        }
        Ok(())
    }

    fn key<A: Width>(&mut self) -> Result<FlowKey<A>, StateError> {
        Ok(FlowKey {
            local: A::read(self)?,
            remote: A::read(self)?,
            local_port: self.u16()?,
            remote_port: self.u16()?,
            protocol: self.u8()?,
        })
    }

    fn bucket(&mut self) -> Result<Bucket, StateError> {
        let limit = RateLimit {
            bytes_per_second: self.u64()?,
            burst_bytes: self.u64()?,
            packets_per_second: self.u64()?,
            burst_packets: self.u64()?,
        };
        Ok(Bucket::at_level(limit, (self.u64()?, self.u64()?, self.u64()?)))
    }

    fn sums(&mut self) -> Result<Sums, StateError> {
        let [packets, bytes, first_ms, last_ms] = [self.u64()?, self.u64()?, self.u64()?, self.u64()?];
        Ok(Sums { packets, bytes, first_ms, last_ms, flags: self.u8()? })
    }

    fn both(&mut self) -> Result<Both, StateError> {
        Ok([self.sums()?, self.sums()?])
    }

    fn log<A: Width>(&mut self, log: &mut FlowLog<A>) -> Result<(), StateError> {
        log.swept_ms = self.some_u64()?;
        log.rejects_ms = self.some_u64()?;
        log.skipped = self.u64()?;
        for _ in 0..self.u32()? {
            let key = self.key()?;
            let initiator = if self.flag()? { Direction::Egress } else { Direction::Ingress };
            log.ended.push((key, initiator, self.both()?));
        }
        let mut rejects = Map::with_hasher(log.rejects.hasher().clone());
        for _ in 0..self.u32()? {
            let key = (self.key()?, self.flag()?);
            rejects.insert(key, self.both()?[0]);
        }
        log.rejects = rejects;
        Ok(())
    }

    fn nat(&mut self, nat: &mut NatTable) -> Result<(), StateError> {
        let mut stats = NatStats::default();
        for n in nat_counters_mut(&mut stats) {
            *n = self.u64()?;
        }
        for _ in 0..self.u32()? {
            let (key, bits) = (self.key()?, self.u8()?);
            let outside = (self.u32()?, self.u16()?);
            let alias = if nat.role() == Role::Node { self.u16()? } else { 0 };
            let record = Record { key, bits, outside, alias };
            if !nat.restore(record, Seen(self.u32()?)) {
                return Err(StateError::Value("a translation"));
            }
        }
        let active_connection_count = nat.stats.active_connection_count;
        nat.stats = NatStats { active_connection_count, ..stats };
        Ok(())
    }
}

/// In the order of the format.
fn counters_mut(s: &mut PortStats) -> [&mut u64; 16] {
    [
        &mut s.tx_frames,
        &mut s.tx_bytes,
        &mut s.rx_frames,
        &mut s.rx_bytes,
        &mut s.arp_replies,
        &mut s.dhcp_replies,
        &mut s.dhcp_naks,
        &mut s.dns_answers,
        &mut s.dns_refused,
        &mut s.echo_replies,
        &mut s.too_big_replies,
        &mut s.flows_evicted,
        &mut s.nat_resets,
        &mut s.flow_records_skipped,
        &mut s.neighbor_replies,
        &mut s.router_advertisements,
    ]
}

fn counters(s: &PortStats) -> [u64; 16] {
    counters_mut(&mut s.clone()).map(|n| *n)
}

/// In the order of the format; not the gauges, which are the tables'.
fn nat_counters_mut(s: &mut NatStats) -> [&mut u64; 12] {
    [
        &mut s.bytes_in_from_destination,
        &mut s.bytes_in_from_source,
        &mut s.bytes_out_to_destination,
        &mut s.bytes_out_to_source,
        &mut s.connection_attempt_count,
        &mut s.connection_established_count,
        &mut s.error_port_allocation,
        &mut s.idle_timeout_count,
        &mut s.packets_in_from_destination,
        &mut s.packets_in_from_source,
        &mut s.packets_out_to_destination,
        &mut s.packets_out_to_source,
    ]
}

fn nat_counters(s: &NatStats) -> [u64; 12] {
    nat_counters_mut(&mut s.clone()).map(|n| *n)
}
