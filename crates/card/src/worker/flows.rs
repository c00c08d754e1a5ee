//! Flow records out of the switch: what each port did in its interval, with the names and the time that go into a flow log.
//!
//! A port without a record in an interval has a line NODATA, one with records that found no room a line SKIPDATA. The thread never
//! waits for a disk: batches go to who writes them, and what finds that queue full counts as skipped.

use super::Worker;
use platform::Clock;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::mpsc::SyncSender;
use types::{Cidr, InstanceId, InterfaceId, IpBits, SubnetId, VpcId};
use vswitch::FlowRecord;
use wire::flow::{FlowLine, FlowSums, FlowWhat};
use wire::net::{Direction, NetConfig, Route, RouteTarget};

/// Lines that are handed over at once.
const BATCH_LINES_MAX: usize = 4096;
/// Batches that may wait to be written.
pub const BATCHES_MAX: usize = 32;

/// Of one port with a flow log.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub(super) struct Window {
    vpc: VpcId,
    subnet: SubnetId,
    instance: Option<InstanceId>,
    address: Ipv4Addr,
    interval_ms: u64,
    since_ms: u64,
    has_lines: bool,
    /// Lines that found no room since then.
    skipped: u64,
    /// What the switch had skipped at the last look.
    switch_skipped: u64,
}

pub(super) struct Flows {
    out: SyncSender<Vec<FlowLine>>,
    pub windows: HashMap<InterfaceId, Window>,
    /// Lines that the queue had no room for.
    pub skipped: u64,
}

impl Flows {
    pub fn new(out: SyncSender<Vec<FlowLine>>) -> Self {
        Self { out, windows: HashMap::new(), skipped: 0 }
    }

    fn hand_over(&mut self, lines: Vec<FlowLine>) {
        if lines.is_empty() {
            return;
        }
        let failed = self.out.try_send(lines).err().map(|e| match e {
            std::sync::mpsc::TrySendError::Full(lines) | std::sync::mpsc::TrySendError::Disconnected(lines) => lines,
        });
        for line in failed.into_iter().flatten() {
            self.skipped += 1;
            if let Some(window) = self.windows.get_mut(&line.interface) {
                window.skipped += 1;
            }
        }
    }

    /// Each port with a flow log has a window, each other none.
    pub fn follow(&mut self, config: &NetConfig, now_ms: u64) {
        let mut old = std::mem::take(&mut self.windows);
        for p in &config.ports {
            let (Some(seconds), Some(address)) = (p.flow_log_seconds, p.ipv4.first()) else { continue };
            let window = old.remove(&p.id).unwrap_or(Window {
                vpc: p.vpc,
                subnet: p.subnet,
                instance: None,
                address: *address,
                interval_ms: 0,
                since_ms: now_ms,
                has_lines: false,
                skipped: 0,
                switch_skipped: 0,
            });
            let instance = p.metadata.as_ref().map(|m| m.instance);
            self.windows.insert(p.id, Window { instance, interval_ms: u64::from(seconds) * 1000, ..window });
        }
    }
}

impl Window {
    /// What is to be said of an interval that is over, apart from its records. `skipped`: by the switch, so far.
    fn look(&mut self, skipped: u64, now_ms: u64) -> Option<FlowWhat> {
        // A log that was begun anew counts from 0.
        self.skipped += skipped.checked_sub(self.switch_skipped).unwrap_or(skipped);
        self.switch_skipped = skipped;
        if now_ms.saturating_sub(self.since_ms) < self.interval_ms {
            return None;
        }
        let (had_lines, skipped) = (std::mem::take(&mut self.has_lines), std::mem::take(&mut self.skipped));
        self.since_ms = now_ms;
        match (skipped, had_lines) {
            (1.., _) => Some(FlowWhat::SkipData),
            (0, false) => Some(FlowWhat::NoData),
            (0, true) => None,
        }
    }

    fn line(&self, interface: InterfaceId, first_ms: u64, last_ms: u64, what: FlowWhat) -> FlowLine {
        let Self { vpc, subnet, instance, address, .. } = *self;
        FlowLine { interface, vpc, subnet, instance, address: address.into(), first_ms, last_ms, what }
    }
}

impl Worker {
    /// Hands over what is due. Before a new configuration takes the names of ports away, too.
    pub(super) fn log_flows(&mut self, now_ms: u64) {
        let Some(config) = self.config.clone() else { return };
        if self.flows.windows.is_empty() {
            return;
        }
        // The switch's clock has begun with the machine.
        let began = self.clock.wall().0.saturating_sub(now_ms);
        let mut lines = Vec::new();
        let flows = &mut self.flows;
        self.switch.drain_flow_records(now_ms, &mut |record| {
            let Some(window) = flows.windows.get_mut(&record.interface) else { return };
            window.has_lines = true;
            let path = path(&config, &record);
            lines.push(window.line(
                record.interface,
                began + record.first_ms,
                began + record.last_ms,
                FlowWhat::Flow(sums(record, path)),
            ));
            if lines.len() >= BATCH_LINES_MAX {
                flows.hand_over(std::mem::take(&mut lines));
            }
        });
        for (index, id) in self.switch.ports() {
            let Some(window) = self.flows.windows.get_mut(&id) else { continue };
            let total = self.switch.port_stats(index).map_or(0, |s| s.flow_records_skipped);
            let from = began + window.since_ms;
            if let Some(what) = window.look(total, now_ms) {
                lines.push(window.line(id, from, began + now_ms, what));
            }
        }
        self.flows.hand_over(lines);
    }
}

fn sums(r: FlowRecord, path: Option<u8>) -> FlowSums {
    FlowSums {
        accepted: r.accepted,
        direction: r.direction,
        source: r.source,
        source_port: r.source_port,
        destination: r.destination,
        destination_port: r.destination_port,
        protocol: r.protocol,
        packets: r.packets,
        bytes: r.bytes,
        tcp_flags: r.tcp_flags,
        path,
        rule: r.rule,
        acl: r.acl,
    }
}

/// The way out that the port's route table has now, as EC2 numbers it ("traffic-path", VPC User Guide, "Flow log records").
fn path(config: &NetConfig, r: &FlowRecord) -> Option<u8> {
    if r.direction == Direction::Ingress || !r.accepted {
        return None;
    }
    let port = config.ports.iter().find(|p| p.id == r.interface)?;
    let vpc = config.vpcs.iter().find(|v| v.id == port.vpc)?;
    let table = vpc.route_tables.iter().find(|t| t.id == port.route_table)?;
    let target = match r.destination {
        IpAddr::V4(to) => longest(&table.routes, to),
        IpAddr::V6(to) => longest(&table.routes6, to),
    };
    match target? {
        RouteTarget::Local | RouteTarget::Interface(_) | RouteTarget::NatGateway(_) | RouteTarget::TransitGateway(_) => Some(1),
        RouteTarget::Peering(_) => Some(4),
        RouteTarget::Endpoint(_) => Some(7),
        RouteTarget::InternetGateway => Some(8),
        RouteTarget::EgressOnlyInternetGateway | RouteTarget::Blackhole => None,
    }
}

fn longest<A: IpBits>(routes: &[Route<Cidr<A>>], to: A) -> Option<RouteTarget> {
    let fits = routes.iter().filter(|route| route.destination.contains(to));
    fits.max_by_key(|route| route.destination.prefix_len()).map(|route| route.target)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window() -> Window {
        Window {
            vpc: VpcId::from_random(1),
            subnet: SubnetId::from_random(2),
            instance: None,
            address: Ipv4Addr::new(10, 0, 0, 5),
            interval_ms: 60_000,
            since_ms: 1000,
            has_lines: false,
            skipped: 0,
            switch_skipped: 0,
        }
    }

    #[test]
    fn an_interval_without_records_and_one_with_too_many() {
        let mut w = window();
        assert_eq!((w.look(0, 60_999), w.look(0, 61_000)), (None, Some(FlowWhat::NoData)));
        w.has_lines = true;
        assert_eq!((w.look(0, 90_000), w.look(0, 121_000)), (None, None));
        w.has_lines = true;
        assert_eq!((w.look(5, 130_000), w.look(5, 181_000)), (None, Some(FlowWhat::SkipData)));
        assert_eq!(w.look(5, 241_000), Some(FlowWhat::NoData), "told once");
        w.look(2, 250_000);
        assert_eq!(w.look(2, 301_000), Some(FlowWhat::SkipData), "counted anew from 0");
    }

    #[test]
    fn what_the_queue_has_no_room_for_is_told_in_the_next_interval() {
        let (out, batches) = std::sync::mpsc::sync_channel(1);
        let mut flows = Flows::new(out);
        let id = InterfaceId::from_random(1);
        let line = window().line(id, 0, 1, FlowWhat::NoData);
        flows.windows.insert(id, window());
        flows.hand_over(vec![line.clone()]);
        flows.hand_over(vec![line.clone(), line.clone()]);
        assert_eq!((batches.try_iter().count(), flows.skipped), (1, 2));
        assert_eq!(flows.windows.get_mut(&id).unwrap().look(0, 61_000), Some(FlowWhat::SkipData));
    }
}
