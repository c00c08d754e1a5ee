//! Storage nodes as processes: the real core over a disk in memory. They are killed, lose power, lose their disk, and start again.

use super::net::{Endpoint, Letter, Place, SimNodes, VirtualClock};
use super::world::World;
use objectstore::ShardId;
use objectstore::node::digest::{Digests, Placement};
use objectstore::node::format::Key;
use objectstore::node::log::{Log, LogError, LogOptions};
use objectstore::node::repair::{Repair, RepairPace};
use objectstore::node::scrub::{ScrubPace, compact, scrub};
use objectstore::node::service::Service;
use objectstore::node::sim::{SimDisk, SimFaults};
use objectstore::node::state::Place as Record;
use objectstore::offload::Offload;
use platform::Rng;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{LocalSet, spawn_local};

pub const CAPACITY_BYTES: u64 = 256 << 20;
const SEGMENT_BYTES: u64 = 512 << 10;
const RESERVE_BYTES: u64 = 64 << 10;
const AHEAD_BYTES: u64 = 24 << 10;

pub struct Node {
    pub disk: SimDisk,
    pub salt: u64,
    /// Of the process that runs, or of the last that did.
    pub log: Option<Arc<Log>>,
    running: Option<Running>,
    /// The power is to fail at some operation.
    pub power_fails: bool,
    /// Not to be started again for now.
    pub held: bool,
    /// How often a process was begun.
    lives: u64,
}

struct Running {
    life: u64,
    kill: oneshot::Sender<()>,
    endpoint: Endpoint,
}

pub fn pace() -> (ScrubPace, RepairPace) {
    (ScrubPace { period: Duration::from_secs(15), ..ScrubPace::default() }, RepairPace::default())
}

impl Node {
    pub fn new(rng: &mut dyn Rng) -> Self {
        let disk = SimDisk::new(rng.u64(), CAPACITY_BYTES);
        Self { disk, salt: rng.u64(), log: None, running: None, power_fails: false, held: false, lives: 0 }
    }

    pub fn is_up(&self) -> bool {
        self.running.is_some()
    }

    /// What it holds, or held when its process ended.
    pub fn live(&self) -> BTreeMap<Key, Record> {
        self.log.as_ref().map(|log| log.state().live.clone()).unwrap_or_default()
    }
}

/// Begins a process, if it is not running. One whose disk fails while it is opened tries again later.
pub fn start(world: &Rc<World>, n: usize) {
    let mut nodes = world.nodes.borrow_mut();
    let node = &mut nodes[n];
    if node.is_up() {
        return;
    }
    let (segment_bytes, reserve_bytes, ahead_bytes) = (SEGMENT_BYTES, RESERVE_BYTES, AHEAD_BYTES);
    let options = LogOptions { salt: node.salt, segment_bytes, reserve_bytes, ahead_bytes };
    let placement = Placement { topology: world.topology.clone(), me: n };
    let before = node.live();
    let opened = Log::open(Arc::new(node.disk.clone()), options, Digests::new(placement.clone()));
    let log = match opened {
        Ok(log) => Arc::new(log),
        Err(e) => {
            world.net.note(&format!("node {n} does not start: {e}"));
            if std::mem::take(&mut node.power_fails) {
                node.disk.crash();
            }
            return;
        }
    };
    node.lives += 1;
    node.log = Some(log.clone());
    world.net.note(&format!("node {n} starts with {} shards", log.state().live.len()));
    world.audit.borrow().recovered(world, n, &before, &log);
    let (endpoint, inbox) = world.net.listen(Place::Node(n));
    let (kill, killed) = oneshot::channel();
    node.running = Some(Running { life: node.lives, kill, endpoint: endpoint.clone() });
    let life = node.lives;
    let clock = Arc::new(VirtualClock { start: world.net.start, ahead_ms: world.ahead_ms(Place::Node(n)) });
    let world = world.clone();
    spawn_local(async move {
        let process = LocalSet::new();
        let ended = process.run_until(run(log, clock, placement, endpoint, inbox, killed)).await;
        // Its tasks go with it, between two steps of theirs.
        drop(process);
        if let Some(e) = ended {
            world.net.note(&format!("node {n} ends: {e}"));
            world.count("node deaths by disk");
            this_ended(&world, n, life);
        }
    });
}

/// Until it is killed (none) or its disk fails.
async fn run(
    log: Arc<Log>,
    clock: Arc<VirtualClock>,
    placement: Placement,
    endpoint: Endpoint,
    inbox: mpsc::Receiver<Letter>,
    killed: oneshot::Receiver<()>,
) -> Option<LogError> {
    let (service, writing) = Service::over(log, clock, Offload::Inline);
    spawn_local(writing.run());
    let (scrub_pace, repair_pace) = pace();
    let repair = Repair::new(service.clone(), placement, SimNodes(endpoint), repair_pace);
    tokio::select! {
        biased;
        _ = killed => None,
        e = service.failure() => Some(e),
        e = compact(service.clone(), scrub_pace) => Some(e),
        () = serve(service.clone(), inbox) => None,
        () = repair.run() => None,
        () = scrub(service.clone(), scrub_pace) => None,
    }
}

async fn serve(service: Service, mut inbox: mpsc::Receiver<Letter>) {
    while let Some(Letter { parcel, answer }) = inbox.recv().await {
        let service = service.clone();
        // Whoever asked may be gone.
        spawn_local(async move { drop(answer.send(service.answer(parcel).await)) });
    }
    std::future::pending().await
}

fn this_ended(world: &World, n: usize, life: u64) {
    let mut nodes = world.nodes.borrow_mut();
    let node = &mut nodes[n];
    if node.running.as_ref().is_some_and(|r| r.life == life)
        && let Some(running) = node.running.take()
    {
        running.endpoint.close();
        if std::mem::take(&mut node.power_fails) {
            node.disk.crash();
        }
    }
}

/// Ends the process at once. `power`: what was not synced is lost, in part.
pub fn kill(world: &World, n: usize, power: bool) {
    let mut nodes = world.nodes.borrow_mut();
    let node = &mut nodes[n];
    world.net.note(&format!("node {n} is killed, power {power}"));
    if let Some(running) = node.running.take() {
        running.endpoint.close();
        // It may have ended by itself meanwhile.
        let _ = running.kill.send(());
    }
    if power || node.power_fails {
        node.disk.crash();
        node.power_fails = false;
    }
}

/// A new, empty disk. The process is gone.
pub fn wipe(world: &World, n: usize) {
    kill(world, n, true);
    let lost = world.nodes.borrow()[n].live();
    world.audit.borrow_mut().destroyed_all(n, lost.keys().map(|k| ShardId::from_bytes(*k)));
    let mut rng = world.rng.borrow_mut();
    let lives = world.nodes.borrow()[n].lives;
    let held = world.nodes.borrow()[n].held;
    world.nodes.borrow_mut()[n] = Node { lives, held, ..Node::new(&mut *rng) };
    world.net.note(&format!("node {n} loses its disk with {} shards", lost.len()));
}

/// Flips a bit on the disk. What it hit counts as destroyed.
pub fn rot(world: &World, n: usize) {
    let nodes = world.nodes.borrow();
    let Some((file, at)) = nodes[n].disk.rot() else { return };
    world.net.note(&format!("node {n} rots in {file} at {at}"));
    let Some(segment) = file.strip_prefix("seg-").and_then(|s| s.parse::<u32>().ok()) else { return };
    let hit = |p: &Record| p.segment == segment && (p.offset()..p.offset() + p.record_bytes()).contains(&at);
    for (key, place) in nodes[n].live().iter().filter(|(_, p)| hit(p)) {
        world.count("shards rotted");
        world.audit.borrow_mut().rotted(n, ShardId::from_bytes(*key), *place);
    }
}

pub fn fail_at(world: &World, n: usize, faults: SimFaults) {
    let mut nodes = world.nodes.borrow_mut();
    if nodes[n].is_up() {
        world.net.note(&format!("node {n}: {faults:?}"));
        nodes[n].power_fails = faults.power_off_in.is_some();
        nodes[n].disk.set_faults(faults);
    }
}
