//! A host: a ledger, what runs, and a management controller that can switch it off.
//!
//! It does what its newest config says and refuses older ones. It does not check whether things fit: that no host ever holds
//! more than it has is for the deciders to see to, and for [`super::check`] to find out.

use super::check::Checker;
use super::message::{CellNo, HostNo, Message, Node, Out};
use crate::room::Room;
use std::sync::Arc;
use types::InstanceId;

const START_MS: u64 = 300;
const STOP_MS: u64 = 800;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Starting(u64),
    Running,
    Stopping(u64),
}

#[derive(Debug)]
pub(super) struct Host {
    pub cell: CellNo,
    pub no: HostNo,
    pub total: Room,
    /// Has power. Without it nothing runs and nothing is heard.
    pub up: bool,
    /// There is power to be had.
    supplied: bool,
    /// Was switched off from outside: starts nothing from its ledger.
    fenced: bool,
    epoch: u64,
    generation: u64,
    ledger: Arc<Vec<(InstanceId, Room)>>,
    here: Vec<(InstanceId, Room, Phase)>,
    sequence: u64,
    pub next_report: u64,
}

impl Host {
    pub fn new(cell: CellNo, no: HostNo, total: Room, next_report: u64) -> Self {
        let (ledger, here) = (Arc::new(Vec::new()), Vec::new());
        Self {
            cell,
            no,
            total,
            up: true,
            supplied: true,
            fenced: false,
            epoch: 0,
            generation: 0,
            ledger,
            here,
            sequence: 0,
            next_report,
        }
    }

    /// When it wants to be called next.
    pub fn due(&self) -> u64 {
        let phases = self.here.iter().filter_map(|(_, _, p)| match p {
            Phase::Starting(at) | Phase::Stopping(at) => Some(*at),
            Phase::Running => None,
        });
        phases.min().unwrap_or(u64::MAX).min(self.next_report)
    }

    /// Placed there before the run began.
    pub fn preload(&mut self, instance: InstanceId, room: Room, check: &mut Checker) {
        Arc::make_mut(&mut self.ledger).push((instance, room));
        self.here.push((instance, room, Phase::Running));
        check.starts((self.cell, self.no), instance, room, self.total);
    }

    pub fn hear(&mut self, now: u64, message: &Message, check: &mut Checker, out: &mut Out) {
        if let Message::PowerOff { generation } = message {
            if *generation > self.generation {
                (self.epoch, self.generation) = (self.epoch.max(generation >> 32), *generation);
                self.switch_off(check);
                self.fenced = true;
            }
            // The controller has a supply of its own. A repeated order is answered again while it still holds.
            if *generation == self.generation && !self.up {
                out.to(Node::Cell(self.cell), Message::PoweredOff { generation: *generation });
            }
            return;
        }
        if let Message::PowerOn { generation } = message
            && *generation == self.generation
            && self.supplied
        {
            self.switch_on(now, check);
        }
        if !self.up {
            return;
        }
        match message {
            Message::Hello { epoch } if *epoch >= self.epoch => {
                self.epoch = *epoch;
                self.report(out);
            }
            Message::Config { generation, run } if generation >> 32 >= self.epoch && *generation > self.generation => {
                check.applies((self.cell, self.no), *generation);
                (self.epoch, self.generation, self.ledger) = (generation >> 32, *generation, run.clone());
                self.fenced = false;
                self.reconcile(now, check);
                self.report(out);
            }
            _ => {}
        }
    }

    fn reconcile(&mut self, now: u64, check: &mut Checker) {
        for (instance, _, phase) in &mut self.here {
            let wanted = self.ledger.iter().any(|(i, _)| i == instance);
            if !wanted && !matches!(phase, Phase::Stopping(_)) {
                *phase = Phase::Stopping(now + STOP_MS);
            }
        }
        for (instance, room) in self.ledger.iter() {
            if !self.here.iter().any(|(i, _, _)| i == instance) {
                self.here.push((*instance, *room, Phase::Starting(now + START_MS)));
                check.starts((self.cell, self.no), *instance, *room, self.total);
            }
        }
    }

    pub fn tick(&mut self, now: u64, report_ms: u64, check: &mut Checker, out: &mut Out) {
        if !self.up {
            self.next_report = u64::MAX;
            return;
        }
        let mut changed = false;
        let place = (self.cell, self.no);
        for (_, _, phase) in &mut self.here {
            if matches!(phase, Phase::Starting(at) if *at <= now) {
                *phase = Phase::Running;
                changed = true;
            }
        }
        self.here.retain(|(instance, _, phase)| {
            let over = matches!(phase, Phase::Stopping(at) if *at <= now);
            if over {
                check.stops(place, *instance);
                changed = true;
            }
            !over
        });
        if changed {
            // What was stopping and is wanted again.
            self.reconcile(now, check);
        }
        if changed || self.next_report <= now {
            self.next_report = now + report_ms;
            self.report(out);
        }
    }

    fn report(&mut self, out: &mut Out) {
        self.sequence += 1;
        let instances = self.here.iter().map(|(i, r, p)| (*i, *r, *p == Phase::Running)).collect();
        let (sequence, epoch, generation) = (self.sequence, self.epoch, self.generation);
        out.to(Node::Cell(self.cell), Message::Report { sequence, epoch, generation, instances: Arc::new(instances) });
    }

    pub fn lose_power(&mut self, check: &mut Checker) {
        self.supplied = false;
        self.switch_off(check);
    }

    fn switch_off(&mut self, check: &mut Checker) {
        self.up = false;
        for (instance, _, _) in self.here.drain(..) {
            check.loses((self.cell, self.no), instance);
        }
    }

    pub fn gain_power(&mut self, now: u64, check: &mut Checker) {
        self.supplied = true;
        self.switch_on(now, check);
    }

    /// Starts what its ledger says, asking nobody; nothing if it was switched off from outside.
    fn switch_on(&mut self, now: u64, check: &mut Checker) {
        if self.up {
            return;
        }
        self.up = true;
        self.next_report = now + 100;
        if !self.fenced {
            self.reconcile(now, check);
        }
    }
}
