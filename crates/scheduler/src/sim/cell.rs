//! A cell: two controllers, of which one leads while it holds the lease in the cell's store; the leader has the decider.
//!
//! Everything it answers is committed first, under its epoch: a controller that was paused and lost the lease finds its
//! commits refused and steps down. A new leader builds its decider from the store and trusts a host with new instances only
//! after that host has promised it, by a report under the new epoch, to obey no older leader. When the store is lost, what
//! hosts report is kept as it is until the region has said whose it is.

mod hosts;

use super::check::Checker;
use super::message::{CellNo, Claim, HostNo, Message, Node, Out};
use super::settings::Settings;
use crate::cell::{Decider, Fence, HostIx, HostSpec, Membership, Request, Strategy, Weights};
use crate::rng::Rng;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use types::{AzName, CellId, InstanceId, TimestampMs};

const LEASE_MS: u64 = 3_000;
const HOLD_MS: u64 = 30_000;

#[derive(Debug, Clone, Copy)]
pub(super) struct Want {
    pub claim: Claim,
    pub host: HostNo,
    /// False: it is to be ended.
    pub run: bool,
    /// It was started elsewhere, and the region has not said that it knows.
    pub moved: bool,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Hold {
    claim: Claim,
    host: HostNo,
    until: u64,
    /// Never the same twice in a cell.
    number: u64,
}

/// What survives the controllers.
#[derive(Debug, Default)]
pub(super) struct Store {
    epoch: u64,
    holder: u8,
    until: u64,
    pub wants: BTreeMap<InstanceId, Want>,
    holds: BTreeMap<InstanceId, Hold>,
    /// It was lost and is not whole again: that something is not in it says nothing.
    partial: bool,
}

impl Store {
    fn commit(&mut self, cell: CellNo, epoch: u64, who: u8, check: &mut Checker) -> bool {
        let fenced = self.epoch != epoch;
        if !fenced {
            check.commits(cell, epoch, who);
        }
        !fenced
    }
}

/// What a leader knows of a host.
#[derive(Debug, Clone, Copy, Default)]
struct View {
    heard: u64,
    sequence: u64,
    /// It has reported under this epoch.
    known: bool,
    wanted: u64,
    applied: u64,
    fence: Fence,
}

struct Leader {
    epoch: u64,
    counter: u64,
    decider: Decider,
    views: Vec<View>,
    /// Hosts that have not applied what they should.
    lagging: BTreeSet<HostNo>,
    /// Run on a host and are in nobody's books yet; since which question to the region.
    strange: BTreeMap<InstanceId, (HostNo, u64)>,
    /// Ended by which config.
    ending: BTreeMap<InstanceId, u64>,
    running: BTreeSet<InstanceId>,
    /// As [`Want::moved`].
    moved: BTreeSet<InstanceId>,
    questions: u64,
    next_summary: u64,
    next_look: u64,
}

struct Controller {
    up: bool,
    paused: bool,
    leader: Option<Leader>,
}

pub(super) struct Cell {
    pub no: CellNo,
    pub id: CellId,
    pub zone: AzName,
    specs: Arc<Vec<HostSpec>>,
    pub store: Store,
    controllers: [Controller; 2],
    summary_ms: u64,
    report_ms: u64,
    dead_after_ms: u64,
    /// Since when it has had no leader.
    pub leaderless_since: Option<u64>,
}

/// What a step may use beside the cell.
pub(super) struct Around<'a> {
    pub now: u64,
    pub rng: &'a mut Rng,
    pub check: &'a mut Checker,
    pub out: &'a mut Out,
}

impl Cell {
    pub fn new(no: CellNo, id: CellId, zone: AzName, specs: Vec<HostSpec>, settings: &Settings) -> Self {
        let controller = || Controller { up: true, paused: false, leader: None };
        Self {
            no,
            id,
            zone,
            specs: Arc::new(specs),
            store: Store::default(),
            controllers: [controller(), controller()],
            summary_ms: settings.summary_ms,
            report_ms: settings.report_ms,
            dead_after_ms: settings.dead_after_ms,
            leaderless_since: Some(0),
        }
    }

    pub fn specs(&self) -> &[HostSpec] {
        &self.specs
    }

    /// Both controllers hear what is sent to the cell; one that does not lead ignores it.
    pub fn hear(&mut self, from: Node, message: &Message, around: &mut Around) {
        for who in 0..2 {
            self.as_leader(who, around, |turn| turn.hear(from, message));
        }
    }

    pub fn tick(&mut self, around: &mut Around) {
        for who in 0..2u8 {
            let controller = &mut self.controllers[usize::from(who)];
            if !controller.up || controller.paused {
                continue;
            }
            let leads = controller.leader.as_ref().is_some_and(|l| l.epoch == self.store.epoch);
            if leads {
                self.store.until = around.now + LEASE_MS;
            } else if controller.leader.is_some() {
                controller.leader = None;
            } else if self.store.until < around.now {
                self.lead(who, around);
            }
            self.as_leader(who, around, |turn| turn.tick());
        }
    }

    fn lead(&mut self, who: u8, around: &mut Around) {
        self.store.epoch += 1;
        (self.store.holder, self.store.until) = (who, around.now + LEASE_MS);
        around.check.leads(self.no, self.store.epoch, who);
        if let Some(since) = self.leaderless_since.take() {
            around.check.recovered("a controller takes over", around.now - since);
        }
        let mut decider = Decider::new(Weights::default());
        for spec in self.specs.iter() {
            let ix = decider.add_host(spec.clone());
            decider.set_open(ix, false);
        }
        let mut leader = Leader {
            epoch: self.store.epoch,
            counter: 0,
            views: vec![View { heard: around.now, ..View::default() }; self.specs.len()],
            lagging: BTreeSet::new(),
            strange: BTreeMap::new(),
            ending: BTreeMap::new(),
            running: BTreeSet::new(),
            moved: self.store.wants.iter().filter(|(_, w)| w.moved).map(|(i, _)| *i).collect(),
            questions: 1,
            next_summary: around.now,
            next_look: around.now + 1,
            decider,
        };
        for (instance, want) in &self.store.wants {
            leader.decider.adopt(*instance, held(&want.claim, want.host, None));
        }
        for (instance, hold) in &self.store.holds {
            leader.decider.adopt(*instance, held(&hold.claim, hold.host, Some(hold.until)));
        }
        for host in 0..self.specs.len() as u32 {
            around.out.to(Node::Host(self.no, host), Message::Hello { epoch: leader.epoch });
        }
        around.out.to(Node::Region, Message::AskRows { token: leader.token() });
        self.controllers[usize::from(who)].leader = Some(leader);
    }

    fn as_leader(&mut self, who: u8, around: &mut Around, f: impl FnOnce(&mut Turn)) {
        let controller = &mut self.controllers[usize::from(who)];
        if !controller.up || controller.paused {
            return;
        }
        let Some(mut leader) = controller.leader.take() else { return };
        let mut turn = Turn { cell: self, leader: &mut leader, who, fenced: false, around };
        f(&mut turn);
        if !turn.fenced {
            self.controllers[usize::from(who)].leader = Some(leader);
        }
    }

    /// Kills the leader's process, or lets a killed one start again.
    pub fn crash_leader(&mut self, now: u64) -> u8 {
        let who = self.store.holder;
        self.controllers[usize::from(who)] = Controller { up: false, paused: false, leader: None };
        self.leaderless_since.get_or_insert(now);
        who
    }

    pub fn crash_all(&mut self, now: u64) -> impl Iterator<Item = u8> + use<> {
        for controller in &mut self.controllers {
            *controller = Controller { up: false, paused: false, leader: None };
        }
        self.leaderless_since.get_or_insert(now);
        0..2
    }

    pub fn pause_leader(&mut self, now: u64) -> u8 {
        let who = self.store.holder;
        self.controllers[usize::from(who)].paused = true;
        self.leaderless_since.get_or_insert(now);
        who
    }

    pub fn revive(&mut self, who: u8) {
        let controller = &mut self.controllers[usize::from(who)];
        (controller.up, controller.paused) = (true, false);
    }

    /// The store's contents are gone; its lease service is not (an epoch never comes twice). The leader notices nothing
    /// until it is killed, so it is.
    pub fn lose_store(&mut self, now: u64) -> u8 {
        self.store.wants.clear();
        self.store.holds.clear();
        self.store.partial = true;
        for controller in &mut self.controllers {
            controller.leader = None;
        }
        self.store.until = 0;
        self.leaderless_since.get_or_insert(now);
        self.store.holder
    }

    pub fn preload(&mut self, claim: Claim, host: HostNo) {
        self.store.wants.insert(claim.instance, Want { claim, host, run: true, moved: false });
    }

    /// The decider of whoever leads, for figures.
    pub fn decider(&self) -> Option<&Decider> {
        self.controllers.iter().filter(|c| c.up && !c.paused).find_map(|c| c.leader.as_ref()).map(|l| &l.decider)
    }
}

impl Leader {
    fn token(&self) -> u64 {
        (self.epoch << 32) | self.questions
    }

    fn next_generation(&mut self) -> u64 {
        self.counter += 1;
        (self.epoch << 32) | self.counter
    }
}

fn request(claim: &Claim, until: Option<u64>) -> Request {
    let group = claim.group.map(|group| Membership { group, strategy: Strategy::SpreadRack, partition: None });
    let hold_until = until.map(TimestampMs);
    Request { pools: claim.pools, group, hold_until, ..Request::new(claim.account, claim.size) }
}

fn held(claim: &Claim, host: HostNo, until: Option<u64>) -> crate::cell::Held {
    crate::cell::Held::of(&request(claim, until), HostIx(host))
}

/// One step of a leader.
struct Turn<'a, 'b> {
    cell: &'a mut Cell,
    leader: &'a mut Leader,
    who: u8,
    fenced: bool,
    around: &'a mut Around<'b>,
}

impl Turn<'_, '_> {
    /// False: another leads; nothing may be answered.
    fn commit(&mut self) -> bool {
        let ok = self.cell.store.commit(self.cell.no, self.leader.epoch, self.who, self.around.check);
        self.fenced |= !ok;
        ok
    }

    fn tell_region(&mut self, message: Message) {
        self.around.out.to(Node::Region, message);
    }

    fn hear(&mut self, from: Node, message: &Message) {
        match message {
            Message::Claim(claim) => self.claim(claim),
            Message::Run { instance, attempt, host, hold } => self.run(*instance, *attempt, *host, *hold),
            Message::End { instance, attempt } => self.end(*instance, *attempt),
            Message::Rows { token, rows } => self.rows(*token, rows),
            Message::Report { sequence, epoch, generation, instances } => {
                if let Node::Host(_, host) = from {
                    self.report(host, *sequence, *epoch, *generation, instances);
                }
            }
            Message::PoweredOff { generation } => {
                if let Node::Host(_, host) = from {
                    self.powered_off(host, *generation);
                }
            }
            _ => {}
        }
    }

    fn claim(&mut self, claim: &Claim) {
        let (instance, attempt) = (claim.instance, claim.attempt);
        if self.cell.store.wants.contains_key(&instance) {
            return;
        }
        match self.cell.store.holds.get(&instance).copied() {
            Some(Hold { claim, host, number: hold, .. }) if claim.attempt == attempt => {
                return self.tell_region(Message::Placed { instance, attempt, host, hold });
            }
            Some(Hold { claim, .. }) if claim.attempt > attempt => return,
            // A hold of an earlier try makes room for this one.
            Some(_) => {
                if !self.commit() {
                    return;
                }
                self.cell.store.holds.remove(&instance);
                self.leader.decider.release(instance);
            }
            None => {}
        }
        if self.leader.strange.contains_key(&instance) {
            return;
        }
        // Whose group is on which rack, the region has not said again yet.
        if self.cell.store.partial && claim.group.is_some() {
            return self.tell_region(Message::Short { instance, attempt });
        }
        let until = self.around.now + HOLD_MS;
        match self.leader.decider.decide(instance, &request(claim, Some(until)), TimestampMs(self.around.now)) {
            Ok(placement) => {
                if self.commit() {
                    let host = placement.host.0;
                    let number = self.leader.next_generation();
                    self.cell.store.holds.insert(instance, Hold { claim: *claim, host, until, number });
                    self.tell_region(Message::Placed { instance, attempt, host, hold: number });
                }
            }
            Err(_) => self.tell_region(Message::Short { instance, attempt }),
        }
    }

    fn run(&mut self, instance: InstanceId, attempt: u32, at: HostNo, number: u64) {
        if let Some(want) = self.cell.store.wants.get(&instance).copied() {
            let (same, host) = (want.claim.attempt == attempt && want.run, want.host);
            if same && want.moved && want.host == at && self.commit() {
                if let Some(want) = self.cell.store.wants.get_mut(&instance) {
                    want.moved = false;
                }
                self.leader.moved.remove(&instance);
            } else if same && self.leader.running.contains(&instance) {
                self.tell_region(Message::Running { instance, attempt, host, moved: want.moved });
            }
            return;
        }
        match self.cell.store.holds.get(&instance).copied() {
            Some(hold) if hold.number == number => {
                let Hold { claim, host, .. } = hold;
                if self.leader.decider.confirm(instance) && self.commit() {
                    self.cell.store.holds.remove(&instance);
                    self.cell.store.wants.insert(instance, Want { claim, host, run: true, moved: false });
                    self.push(host);
                }
            }
            Some(hold) if hold.claim.attempt > attempt => {}
            _ if !self.cell.store.partial && !self.leader.strange.contains_key(&instance) => {
                self.around.check.count("refused: the hold had ended");
                self.tell_region(Message::Refused { instance, attempt });
            }
            _ => {}
        }
    }

    fn end(&mut self, instance: InstanceId, attempt: u32) {
        match self.cell.store.wants.get(&instance).copied() {
            Some(want) if want.claim.attempt == attempt => {
                if want.run && self.commit() {
                    self.cell.store.wants.insert(instance, Want { run: false, ..want });
                    self.end_on(instance, want.host);
                }
            }
            Some(_) => {}
            None => match self.cell.store.holds.get(&instance) {
                Some(hold) if hold.claim.attempt > attempt => {}
                Some(_) => self.give_back(instance, attempt),
                None if !self.cell.store.partial && !self.leader.strange.contains_key(&instance) => {
                    self.tell_region(Message::Gone { instance, attempt });
                }
                None => {}
            },
        }
    }

    fn give_back(&mut self, instance: InstanceId, attempt: u32) {
        if self.commit() {
            self.cell.store.holds.remove(&instance);
            self.leader.decider.release(instance);
            self.tell_region(Message::Gone { instance, attempt });
        }
    }

    /// The region's rows settle what is strange.
    fn rows(&mut self, token: u64, rows: &[(Claim, HostNo, bool)]) {
        if token >> 32 != self.leader.epoch || !self.commit() {
            return;
        }
        let by_id: BTreeMap<InstanceId, &(Claim, HostNo, bool)> = rows.iter().map(|r| (r.0.instance, r)).collect();
        let due: Vec<(InstanceId, HostNo)> =
            self.leader.strange.iter().filter(|(_, (_, asked))| *asked <= token).map(|(i, (h, _))| (*i, *h)).collect();
        for (instance, host) in due {
            self.leader.strange.remove(&instance);
            let was_ending = self.leader.ending.remove(&instance).is_some();
            match by_id.get(&instance) {
                Some((claim, _, run)) => {
                    self.cell.store.wants.insert(instance, Want { claim: *claim, host, run: *run, moved: true });
                    self.leader.decider.adopt(instance, held(claim, host, None));
                    self.leader.moved.insert(instance);
                    if !run {
                        self.end_on(instance, host);
                    } else if was_ending {
                        // The host's config leaves it out.
                        self.push(host);
                    }
                }
                None => {
                    let Some(size) = self.leader.decider.held(instance).map(|h| h.room) else { continue };
                    let (account, pools) = (crate::cell::Account(0), crate::cell::Pools::ANY);
                    let claim = Claim { instance, attempt: 0, account, size, pools, group: None };
                    self.cell.store.wants.insert(instance, Want { claim, host, run: false, moved: false });
                    self.around.check.count("instances that nobody wanted were ended");
                    self.end_on(instance, host);
                }
            }
        }
        let complete = self.leader.strange.is_empty() && self.leader.views.iter().all(|v| v.known || v.fence.is_off());
        if self.cell.store.partial && complete {
            // Every host has said what it has: what is nowhere was lost with the store, or with a host since.
            let lost = rows.iter().filter(|(claim, _, _)| {
                let (i, store) = (&claim.instance, &self.cell.store);
                !store.wants.contains_key(i) && !store.holds.contains_key(i)
            });
            let lost: Vec<Message> = lost
                .map(|(claim, _, run)| {
                    let (instance, attempt) = (claim.instance, claim.attempt);
                    if *run { Message::Refused { instance, attempt } } else { Message::Gone { instance, attempt } }
                })
                .collect();
            // Asked again until the region's rows have none of them.
            self.cell.store.partial = !lost.is_empty();
            lost.into_iter().for_each(|message| self.tell_region(message));
        }
    }
}
