//! The loop: one queue of events in order of time, everything else is called from here.

mod break_heal;

use super::cell::{Around, Cell};
use super::check::Checker;
use super::host::Host;
use super::message::{CellNo, Claim, HostNo, Message, Node, Out};
use super::net::Cuts;
use super::region::{Phase, Region};
use super::report::{Report, Sample};
use super::settings::{Load, Settings};
use crate::cell::{Account, Decider, Group, Request};
use crate::load::{Arrivals, lifetime_ms};
use crate::rng::Rng;
use crate::room::{Dimension, Room};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use types::{AzName, CellId, InstanceId, TimestampMs};

const TICK_MS: u64 = 500;
const SAMPLES: u64 = 60;
/// AWS allows seven running instances a zone in a rack-level spread group.
const SPREAD_MEMBERS_MAX: u64 = 7;

#[derive(Debug)]
enum Event {
    Deliver(Node, Node, Message),
    Cell(CellNo),
    Region,
    Host(CellNo, HostNo),
    Arrive,
    Leave(InstanceId),
    Break(usize),
    Heal(usize),
    /// All hosts have power, all controllers run.
    Repair,
    Sample,
}

#[derive(Debug)]
struct At(u64, u64, Event);

impl PartialEq for At {
    fn eq(&self, other: &Self) -> bool {
        (self.0, self.1) == (other.0, other.1)
    }
}
impl Eq for At {}
impl PartialOrd for At {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for At {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.0, self.1).cmp(&(other.0, other.1))
    }
}

pub(super) struct World<'a> {
    settings: &'a Settings,
    clock: &'a dyn Fn() -> u64,
    now: u64,
    queue: BinaryHeap<Reverse<At>>,
    queued: u64,
    region: Region,
    cells: Vec<Cell>,
    hosts: Vec<Vec<Host>>,
    /// When each host is called next.
    calls: Vec<Vec<u64>>,
    cuts: Cuts,
    net_rng: Rng,
    rng: Rng,
    load_rng: Rng,
    arrivals: Source,
    check: Checker,
    trace: u64,
    events: u64,
    messages: [u64; Message::KINDS.len()],
    instances: u64,
    /// Controllers that a fault took, to be revived by its end.
    taken: BTreeMap<usize, Vec<(CellNo, u8)>>,
    /// How many faults have a host off.
    off: BTreeMap<(CellNo, HostNo), u32>,
    report: Report,
}

enum Source {
    Mix(Box<Arrivals>),
    Trace(usize),
}

/// Runs the settings to their end. `clock`: nanoseconds of real time, for the figures of pick and decision only; a function
/// that returns 0 for none. Nothing else depends on it.
pub fn run(settings: &Settings, clock: &dyn Fn() -> u64) -> Report {
    let mut world = World::new(settings, clock);
    world.preload();
    world.start();
    while let Some(Reverse(At(at, _, event))) = world.queue.pop() {
        if at > settings.run_ms + settings.settle_ms {
            break;
        }
        world.now = at;
        world.check.now = at;
        world.events += 1;
        world.step(event);
    }
    world.finish()
}

fn cell_id(n: u32) -> CellId {
    match format!("c{n}").parse() {
        Ok(id) => id,
        Err(_) => unreachable!("a letter and a number make a cell id"),
    }
}

/// `us-sim-1a`, …, `us-sim-1z`, `us-sim-1aa`, …
fn zone_name(n: u32) -> AzName {
    let letter = |n: u32| char::from(b'a' + (n % 26) as u8);
    let prefix = if n < 26 { String::new() } else { letter(n / 26 - 1).to_string() };
    match format!("us-sim-1{prefix}{}", letter(n)).parse() {
        Ok(name) => name,
        Err(_) => unreachable!("a region's name and a letter make a zone's name"),
    }
}

impl<'a> World<'a> {
    fn new(settings: &'a Settings, clock: &'a dyn Fn() -> u64) -> Self {
        let mut rng = Rng::new(settings.seed);
        let zones: Vec<AzName> = (0..settings.zones).map(zone_name).collect();
        let cell_count = settings.zones * settings.cells_a_zone;
        let places: Vec<(CellId, usize)> = (0..cell_count).map(|c| (cell_id(c), (c / settings.cells_a_zone) as usize)).collect();
        let mut cells = Vec::new();
        let mut hosts = Vec::new();
        for (c, (id, zone)) in places.iter().enumerate() {
            let specs: Vec<_> = (0..settings.hosts_a_cell)
                .map(|h| {
                    let mut spec = settings.fleet.host(id.as_str(), h, settings.hosts_a_cell);
                    spec.rack = h / settings.hosts_a_rack;
                    spec.block = spec.rack / 16;
                    spec
                })
                .collect();
            let c = c as CellNo;
            hosts.push(
                specs
                    .iter()
                    .enumerate()
                    .map(|(h, s)| Host::new(c, h as HostNo, s.total, rng.below(settings.report_ms)))
                    .collect(),
            );
            cells.push(Cell::new(c, id.clone(), zones[*zone].clone(), specs, settings));
        }
        let arrivals = match &settings.load {
            Load::Mix { mix, a_second, .. } => Source::Mix(Box::new(Arrivals::new(*mix, *a_second, rng.u64()))),
            Load::Trace(_) => Source::Trace(0),
        };
        Self {
            settings,
            clock,
            now: 0,
            queue: BinaryHeap::new(),
            queued: 0,
            region: Region::new(settings, zones, places),
            calls: vec![vec![u64::MAX; settings.hosts_a_cell as usize]; cells.len()],
            cells,
            hosts,
            cuts: Cuts::default(),
            net_rng: rng.fork(),
            load_rng: rng.fork(),
            rng,
            arrivals,
            check: Checker::default(),
            trace: 0,
            events: 0,
            messages: [0; Message::KINDS.len()],
            instances: 0,
            taken: BTreeMap::new(),
            off: BTreeMap::new(),
            report: Report { seed: settings.seed, ..Report::default() },
        }
    }

    fn put(&mut self, at: u64, event: Event) {
        self.queued += 1;
        self.queue.push(Reverse(At(at, self.queued, event)));
    }

    fn next_instance(&mut self) -> InstanceId {
        self.instances += 1;
        InstanceId::from_random(u128::from(self.instances))
    }

    /// Fills the hosts before time begins, by a decider a cell that is thrown away.
    fn preload(&mut self) {
        let Load::Mix { mix, .. } = self.settings.load else { return };
        if self.settings.filled_permille == 0 {
            return;
        }
        let mut accounts: BTreeMap<CellNo, Vec<Account>> = BTreeMap::new();
        for account in (1..=self.settings.accounts).map(Account) {
            self.region.shard(account).into_iter().for_each(|c| accounts.entry(c).or_default().push(account));
        }
        for c in 0..self.cells.len() as CellNo {
            let Some(owners) = accounts.get(&c) else { continue };
            let mut decider = Decider::default();
            self.cells[c as usize].specs().to_vec().into_iter().for_each(|s| {
                decider.add_host(s);
            });
            let mut refused = 0;
            while used(&decider, Dimension::Vcpus) < self.settings.filled_permille && refused < 100 {
                let shape = mix.draw(&mut self.load_rng);
                let account = owners[self.load_rng.below(owners.len() as u64) as usize];
                let instance = self.next_instance();
                let request = Request { pools: shape.pools, ..Request::new(account, shape.size) };
                let Ok(placement) = decider.decide(instance, &request, TimestampMs(0)) else {
                    refused += 1;
                    continue;
                };
                let host = placement.host.0;
                let claim = Claim { instance, attempt: 1, account, size: shape.size, pools: shape.pools, group: None };
                self.region.preload(claim, c, host);
                self.cells[c as usize].preload(claim, host);
                self.hosts[c as usize][host as usize].preload(instance, shape.size, &mut self.check);
                let leaves = lifetime_ms(&mut self.load_rng);
                if leaves < self.settings.run_ms {
                    self.put(leaves, Event::Leave(instance));
                }
            }
        }
    }

    fn start(&mut self) {
        self.put(0, Event::Region);
        for c in 0..self.cells.len() as CellNo {
            let at = self.rng.below(TICK_MS);
            self.put(at, Event::Cell(c));
            for h in 0..self.settings.hosts_a_cell {
                self.call(c, h);
            }
        }
        for (i, planned) in self.settings.script.0.iter().enumerate() {
            self.put(planned.from_ms, Event::Break(i));
            self.put(planned.to_ms.min(self.settings.run_ms), Event::Heal(i));
        }
        let every = ((self.settings.run_ms + self.settings.settle_ms) / SAMPLES).max(1);
        (1..=SAMPLES).for_each(|i| self.put(i * every, Event::Sample));
        self.put(self.settings.run_ms, Event::Repair);
        // Time for the first leaders.
        self.put(3_000, Event::Arrive);
    }

    /// Sees to it that the host is called when it wants to be.
    fn call(&mut self, c: CellNo, h: HostNo) {
        let due = self.hosts[c as usize][h as usize].due();
        let planned = &mut self.calls[c as usize][h as usize];
        if due < *planned {
            *planned = due;
            self.put(due.max(self.now), Event::Host(c, h));
        }
    }

    fn fold(&mut self, value: u64) {
        self.trace = crate::rng::mix(self.trace.rotate_left(5) ^ value ^ self.now);
    }

    /// Sends what a step wants sent.
    fn flush(&mut self, from: Node, out: Out) {
        for (to, message) in out.send {
            self.messages[usize::from(message.kind())] += 1;
            if self.cuts.cut(from, to) {
                continue;
            }
            let delays: Vec<u64> = self.settings.network.deliveries(&mut self.net_rng).collect();
            for delay in delays {
                self.put(self.now + delay, Event::Deliver(from, to, message.clone()));
            }
        }
    }

    /// A step of the region or of a cell.
    fn act(&mut self, node: Node, f: impl FnOnce(&mut Region, &mut [Cell], &mut Around)) {
        let mut out = Out::default();
        let mut around = Around { now: self.now, rng: &mut self.rng, check: &mut self.check, out: &mut out };
        f(&mut self.region, &mut self.cells, &mut around);
        self.flush(node, out);
    }

    fn step(&mut self, event: Event) {
        match event {
            Event::Deliver(from, to, message) => self.deliver(from, to, message),
            Event::Cell(c) => {
                self.fold(1 << 32 | u64::from(c));
                self.act(Node::Cell(c), |_, cells, around| cells[c as usize].tick(around));
                self.put(self.now + TICK_MS, Event::Cell(c));
            }
            Event::Region => {
                self.act(Node::Region, |region, _, around| region.tick(around));
                self.put(self.now + TICK_MS, Event::Region);
            }
            Event::Host(c, h) => {
                self.calls[c as usize][h as usize] = u64::MAX;
                self.fold(2 << 32 | u64::from(c) << 16 | u64::from(h));
                let mut out = Out::default();
                self.hosts[c as usize][h as usize].tick(self.now, self.settings.report_ms, &mut self.check, &mut out);
                self.flush(Node::Host(c, h), out);
                self.call(c, h);
            }
            Event::Arrive => self.arrive(),
            Event::Leave(instance) => self.act(Node::Region, |region, _, around| region.end(instance, around)),
            Event::Break(i) => self.begin(i),
            Event::Heal(i) => self.heal(i),
            Event::Repair => self.repair(),
            Event::Sample => self.sample(),
        }
    }

    fn deliver(&mut self, from: Node, to: Node, message: Message) {
        // A link that was cut while the message was on its way.
        if self.cuts.cut(from, to) {
            return;
        }
        self.fold(3 << 32 | u64::from(message.kind()));
        match to {
            Node::Region => {
                if let Node::Cell(c) = from {
                    self.act(to, |region, _, around| region.hear(c, &message, around));
                }
            }
            Node::Cell(c) => {
                let began = matches!(message, Message::Claim(_)).then(|| (self.clock)());
                self.act(to, |_, cells, around| cells[c as usize].hear(from, &message, around));
                if let Some(began) = began {
                    self.report.decide_ns.push(((self.clock)() - began) as u32);
                }
            }
            Node::Host(c, h) => {
                let mut out = Out::default();
                self.hosts[c as usize][h as usize].hear(self.now, &message, &mut self.check, &mut out);
                self.flush(to, out);
                self.call(c, h);
            }
        }
    }

    fn arrive(&mut self) {
        let settings = self.settings;
        let (shape, lifetime, next) = match (&mut self.arrivals, &settings.load) {
            (Source::Mix(arrivals), Load::Mix { a_second, storm, .. }) => {
                let times = storm.filter(|(from, to, _)| (*from..*to).contains(&self.now)).map_or(1.0, |(_, _, t)| t);
                arrivals.set_rate(a_second * times);
                let Some(arrival) = arrivals.next() else { return };
                let gap = self.load_rng.exponential(1000.0 / (a_second * times));
                (arrival.shape, arrival.lifetime_ms, Some(self.now + gap as u64))
            }
            (Source::Trace(at), Load::Trace(all)) => {
                let Some(arrival) = all.get(*at) else { return };
                *at += 1;
                (arrival.shape, arrival.lifetime_ms, all.get(*at).map(|a| (a.at_ms + 3_000).max(self.now)))
            }
            _ => return,
        };
        let instance = self.next_instance();
        let account = Account(1 + self.load_rng.below(settings.accounts));
        let zone = self.load_rng.below(u64::from(settings.zones)) as usize;
        let grouped = self.load_rng.chance(settings.grouped_permille);
        let group = grouped.then(|| Group(account.0 * 1_000_000 + self.instances / (SPREAD_MEMBERS_MAX * 10)));
        self.fold(instance_bits(self.instances, shape.size));
        let began = (self.clock)();
        self.act(Node::Region, |region, _, around| region.launch(instance, account, zone, shape, group, around));
        if let Some(took) = (self.clock)().checked_sub(began).filter(|t| *t > 0) {
            self.report.pick_ns.push(took as u32);
        }
        if self.now + lifetime < settings.run_ms {
            self.put(self.now + lifetime, Event::Leave(instance));
        }
        if let Some(next) = next.filter(|n| *n < settings.run_ms) {
            self.put(next, Event::Arrive);
        }
    }

    fn sample(&mut self) {
        let mut sample = Sample { at_ms: self.now, instances: self.check.runs() as u64, ..Sample::default() };
        let (mut total, mut free, mut stranded) = ([0u64; 2], [0u64; 2], [0u64; 2]);
        for decider in self.cells.iter().filter_map(Cell::decider) {
            for ix in decider.hosts() {
                let (t, f) = (decider.total(ix), decider.free(ix));
                total = [total[0] + u64::from(t.vcpus), total[1] + u64::from(t.memory_mib)];
                free = [free[0] + u64::from(f.vcpus), free[1] + u64::from(f.memory_mib)];
                stranded[0] += u64::from(f.vcpus - f.vcpus.min(f.memory_mib / 2048));
                stranded[1] += u64::from(f.memory_mib.saturating_sub(f.vcpus.saturating_mul(8192)));
            }
        }
        let share = |part: u64, d: usize| (part * 1000).checked_div(total[d]).unwrap_or(0) as u32;
        (sample.vcpus_used, sample.memory_used) = (share(total[0] - free[0], 0), share(total[1] - free[1], 1));
        (sample.vcpus_stranded, sample.memory_stranded) = (share(stranded[0], 0), share(stranded[1], 1));
        (sample.launched, sample.failed) = (self.region.counts.launched, self.region.counts.failed.values().sum());
        self.report.samples.push(sample);
    }

    /// At rest: the last rules, and the report.
    fn finish(mut self) -> Report {
        let mut promised = BTreeMap::new();
        let mut groups: BTreeMap<(u64, usize), Vec<(CellNo, u32)>> = BTreeMap::new();
        for (instance, row) in &self.region.rows {
            let rests = row.phase == Phase::Running;
            let (phase, claim) = (row.phase, row.claim);
            self.check.rest("all is at rest", rests, || format!("{instance} is {phase:?}, attempt {}", claim.attempt));
            if matches!(row.phase, Phase::Running | Phase::Starting) {
                promised.insert(*instance, Some((row.cell, row.host)));
                if let Some(group) = row.claim.group {
                    let rack = row.host / self.settings.hosts_a_rack;
                    groups.entry((group.0, row.zone)).or_default().push((row.cell, rack));
                }
            }
        }
        self.check.at_rest(&promised);
        groups.iter().for_each(|((group, _), racks)| self.check.spread(racks, *group));
        self.check_shards();
        let counts = std::mem::take(&mut self.region.counts);
        let mut report = std::mem::take(&mut self.report);
        (report.trace, report.events, report.virtual_ms) = (self.trace, self.events, self.settings.run_ms);
        report.hosts = u64::from(self.settings.hosts_a_cell) * self.cells.len() as u64;
        (report.accounts, report.crowded) = (self.settings.accounts, self.region.picker.shards.crowded() as u64);
        (report.launched, report.running, report.ended) = (counts.launched, counts.running, counts.ended);
        (report.failed, report.conflicts, report.picks, report.took) =
            (counts.failed, counts.refused_by_cells, counts.picks, counts.took);
        report.took.sort_unstable();
        report.pick_ns.sort_unstable();
        report.decide_ns.sort_unstable();
        report.back = std::mem::take(&mut self.check.back);
        report.back.values_mut().for_each(|v| v.sort_unstable());
        report.counted = std::mem::take(&mut self.check.counted);
        report.messages = Message::KINDS.into_iter().zip(self.messages).collect();
        (report.looked, report.broken) = (std::mem::take(&mut self.check.looked), self.check.broken);
        report.violations = std::mem::take(&mut self.check.violations);
        report
    }

    /// By where instances were placed: not more cells of a zone than the shard's size, and no two accounts with more in
    /// common than the bound, where it could be kept.
    fn check_shards(&mut self) {
        let cells_of: Vec<_> = self.check.cells_of().iter().map(|(a, c)| (*a, c.clone())).collect();
        for (i, (account, cells)) in cells_of.iter().enumerate() {
            for zone in 0..self.settings.zones as usize {
                let in_zone = |c: &&CellNo| self.region.zone_of(**c) == zone;
                let own = cells.iter().filter(in_zone).count();
                let size = self.settings.shards.size;
                self.check.rest("shards are bounded", own <= size, || format!("account {}: {own} cells of a zone", account.0));
                let crowded = |a: &Account| self.region.picker.shards.of(*a).is_none_or(|s| s.crowded);
                for (other, theirs) in cells_of[..i].iter().filter(|(o, _)| !crowded(account) && !crowded(o)) {
                    let common = cells.intersection(theirs).filter(in_zone).count();
                    let holds = common <= self.settings.shards.overlap_max || self.settings.cells_a_zone as usize <= size;
                    self.check.rest("shards are bounded", holds, || format!("{} and {}: {common} cells", account.0, other.0));
                }
            }
        }
    }
}

fn instance_bits(n: u64, size: Room) -> u64 {
    n ^ u64::from(size.vcpus) << 48
}

pub(super) fn used(decider: &Decider, dimension: Dimension) -> u32 {
    let (mut total, mut free) = (0u64, 0u64);
    for class in decider.classes() {
        let load = decider.load(class);
        total += load.total[dimension as usize];
        free += load.free[dimension as usize];
    }
    ((total - free) * 1000).checked_div(total).unwrap_or(0) as u32
}
