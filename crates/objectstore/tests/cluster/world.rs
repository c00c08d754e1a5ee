//! One simulated region: its processes, what they may hold, what is known to have gone wrong, and the order of a run.

use super::audit::{self, Audit};
use super::gateway;
use super::history::History;
use super::index;
use super::nemesis::{self, Profile};
use super::net::{Net, Place, Trace};
use super::node::{self, Node};
use objectstore::Topology;
use objectstore::index::core;
use objectstore::index::map::Number;
use objectstore::layout;
use objectstore::record::VersionId;
use platform::{Rng, SeededRng};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use store::sim::{SimDisk, SimFaults, SimStore};
use tokio::task::{LocalSet, spawn_local};
use tokio::time::sleep;

pub const INDEXES: usize = 3;
pub const GATEWAYS: usize = 3;
/// How long clients work while things go wrong.
const STORM: Duration = Duration::from_secs(30);
/// How long it may take until all is whole again: the grace of garbage, and a few rounds of everything.
const CALM_MS_MAX: u64 = 600_000;
const LOOK: Duration = Duration::from_millis(500);

pub struct World {
    pub seed: u64,
    pub rng: RefCell<SeededRng>,
    pub net: Net,
    pub topology: Arc<Topology>,
    pub profile: Profile,
    pub nodes: RefCell<Vec<Node>>,
    pub index: RefCell<Vec<index::Slot>>,
    pub gateways: RefCell<Vec<gateway::Slot>>,
    /// By shard.
    disks: RefCell<BTreeMap<Number, SimDisk>>,
    disk_faults: RefCell<SimFaults>,
    /// Of the document that counts a bucket's changes: what was acknowledged, and what was tried.
    pub changes: Cell<(u64, u64)>,
    pub history: RefCell<History>,
    pub audit: RefCell<Audit>,
    /// What an object is made of: names of pieces and their lengths.
    pub contents: RefCell<BTreeMap<u64, Vec<(String, usize)>>>,
    /// Versions that were acknowledged in the versioned bucket and never deleted.
    pub versions: RefCell<Vec<(String, VersionId, u64)>>,
    pub counts: RefCell<BTreeMap<&'static str, u64>>,
    pub violations: RefCell<Vec<String>>,
    /// Clients are to end.
    pub stopping: Cell<bool>,
}

/// What a run came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub trace: Trace,
    pub store_hash: u64,
    pub counts: BTreeMap<&'static str, u64>,
    pub violations: Vec<String>,
}

pub fn run(seed: u64) -> Report {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    LocalSet::new().block_on(&runtime, async {
        let world = World::new(seed);
        live(&world).await;
        world.report()
    })
}

impl World {
    fn new(seed: u64) -> Rc<Self> {
        let mut rng = SeededRng::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d);
        let profile = Profile::draw(&mut rng);
        let topology = Arc::new(topology(3, profile.nodes_per_zone));
        let net = Net::new(SeededRng::new(rng.u64()));
        let nodes = (0..topology.nodes().len()).map(|_| Node::new(&mut rng)).collect();
        let store = SimDisk::new(SimFaults { seed: rng.u64(), ..SimFaults::default() });
        Rc::new(Self {
            seed,
            net,
            topology,
            nodes: RefCell::new(nodes),
            index: RefCell::new((0..INDEXES).map(|_| index::Slot::new()).collect()),
            gateways: RefCell::new((0..GATEWAYS + 1).map(|_| gateway::Slot::default()).collect()),
            disks: RefCell::new([(0, store)].into()),
            disk_faults: RefCell::default(),
            changes: Cell::default(),
            profile,
            history: RefCell::default(),
            audit: RefCell::default(),
            contents: RefCell::default(),
            versions: RefCell::default(),
            counts: RefCell::default(),
            violations: RefCell::default(),
            stopping: Cell::new(false),
            rng: RefCell::new(rng),
        })
    }

    pub fn count(&self, what: &'static str) {
        *self.counts.borrow_mut().entry(what).or_default() += 1;
    }

    pub fn count_many(&self, what: &'static str, n: u64) {
        *self.counts.borrow_mut().entry(what).or_default() += n;
    }

    pub fn disk(&self, shard: Number) -> Option<SimDisk> {
        self.disks.borrow().get(&shard).cloned()
    }

    pub fn new_disk(&self) -> (Number, SimDisk) {
        let mut disks = self.disks.borrow_mut();
        let number = (1..).find(|n| !disks.contains_key(n)).unwrap();
        let disk = SimDisk::new(SimFaults { seed: self.rng.borrow_mut().u64(), ..SimFaults::default() });
        disk.set_faults(self.disk_faults.borrow().clone());
        disks.insert(number, disk.clone());
        (number, disk)
    }

    pub fn remove_disk(&self, shard: Number) {
        self.disks.borrow_mut().remove(&shard);
    }

    pub fn set_disk_faults(&self, faults: SimFaults) {
        self.disks.borrow().values().for_each(|d| d.set_faults(faults.clone()));
        *self.disk_faults.borrow_mut() = faults;
    }

    /// Shards that have places, by way of their parents.
    pub fn shards(&self) -> Vec<SimStore> {
        let (mut out, mut next) = (Vec::new(), vec![0]);
        while let Some(number) = next.pop() {
            let store = self.disk(number).expect("a shard that was given something is there").open();
            let children = core::children(&store).unwrap().into_iter().filter(|c| c.given.is_some());
            next.extend(children.map(|c| c.extent.number));
            out.push(store);
        }
        out
    }

    pub fn below(&self, n: u64) -> u64 {
        self.rng.borrow_mut().below(n)
    }

    /// Something that must never be.
    pub fn violate(&self, what: String) {
        self.net.note(&format!("VIOLATION {what}"));
        self.violations.borrow_mut().push(what);
    }

    /// How wrong a process's clock is: up to two seconds, always the same.
    pub fn ahead_ms(&self, place: Place) -> u64 {
        let number = match place {
            Place::Node(n) => n as u64,
            Place::Index(n) => 100 + n as u64,
            Place::Gateway(n) => 200 + n as u64,
        };
        SeededRng::new(self.seed ^ (number << 32)).below(2000)
    }

    fn report(&self) -> Report {
        Report {
            trace: self.net.trace(),
            store_hash: self.disks.borrow().values().fold(0, |h: u64, d| h.rotate_left(7) ^ d.trace_hash()),
            counts: self.counts.borrow().clone(),
            violations: self.violations.borrow().clone(),
        }
    }
}

fn topology(zones: u8, per_zone: u8) -> Topology {
    let node = |z: u8, n: u8| {
        let letter = char::from(b'a' + z);
        layout::Node { id: format!("{letter}{n}").parse().unwrap(), az: format!("us-east-1{letter}").parse().unwrap() }
    };
    Topology::new((0..zones).flat_map(|z| (1..=per_zone).map(move |n| node(z, n))).collect())
}

/// A storm, then calm, then the reckoning.
async fn live(world: &Rc<World>) {
    (0..world.topology.nodes().len()).for_each(|n| node::start(world, n));
    (0..INDEXES).for_each(|n| index::start(world, n));
    gateway::make_buckets(world).await;
    (0..GATEWAYS).for_each(|n| gateway::start(world, n));
    let storm = spawn_local(nemesis::storm(world.clone()));
    let tended = spawn_local(nemesis::tend(world.clone()));
    let begun = world.net.now_ms();
    while world.net.now_ms() - begun < STORM.as_millis() as u64 {
        sleep(LOOK).await;
        audit::look(world);
    }
    storm.abort();
    nemesis::heal(world);
    world.stopping.set(true);
    while world.gateways.borrow().iter().any(|g| g.is_busy()) {
        sleep(LOOK).await;
        audit::look(world);
    }
    world.net.note("calm");
    gateway::tidy_up(world).await;
    let calm = world.net.now_ms();
    loop {
        sleep(Duration::from_secs(5)).await;
        audit::look(world);
        let unrest = audit::unrest(world);
        let Some(why) = unrest else { break };
        if world.net.now_ms() - calm > CALM_MS_MAX {
            world.violate(format!("no rest: {why}"));
            break;
        }
    }
    world.net.note("rest");
    gateway::read_all(world).await;
    audit::look(world);
    audit::check_disks(world);
    let impossible = world.history.borrow().check();
    impossible.into_iter().for_each(|v| world.violate(v));
    tended.abort();
}
