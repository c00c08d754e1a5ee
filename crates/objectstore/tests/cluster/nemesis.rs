//! What goes wrong, and when: drawn from the seed. And who starts again what has died.

use super::net::{Place, Weather};
use super::node::CAPACITY_BYTES;
use super::world::{GATEWAYS, INDEXES, World};
use super::{gateway, index, node};
use objectstore::node::disk::Disk;
use objectstore::node::sim::SimFaults;
use platform::{Rng, SeededRng};
use std::rc::Rc;
use std::time::Duration;
use store::sim::SimFaults as StoreFaults;
use tokio::task::spawn_local;
use tokio::time::{Instant, sleep};

/// How bad it is to be.
#[derive(Clone, Copy, Debug)]
pub struct Profile {
    pub nodes_per_zone: u8,
    /// Disks are lost and rot only while everything is whole, and never more of them than a zone and a node: nothing may
    /// be lost then.
    pub gentle: bool,
    pause_ms: u64,
    weather: Weather,
    store_faults_permille: u16,
    pub first_shards: u32,
}

impl Profile {
    pub fn draw(rng: &mut SeededRng) -> Self {
        let bad = |rng: &mut SeededRng, max: u64| if rng.below(2) == 0 { 0 } else { rng.below(max) };
        Self {
            nodes_per_zone: 2 + (rng.below(4) / 3) as u8,
            gentle: rng.below(3) > 0,
            pause_ms: 400 + rng.below(3000),
            weather: Weather { lost: bad(rng, 40), answer_lost: bad(rng, 40), twice: bad(rng, 60), late: bad(rng, 40) },
            store_faults_permille: bad(rng, 30) as u16,
            first_shards: 1 + rng.below(4) as u32,
        }
    }
}

/// Starts again what is down, after a while.
pub async fn tend(world: Rc<World>) {
    loop {
        sleep(Duration::from_millis(100)).await;
        for n in 0..world.topology.nodes().len() {
            let down = { world.nodes.borrow().get(n).is_some_and(|node| !node.is_up() && !node.held) };
            if down && world.below(8) == 0 {
                node::start(&world, n);
            }
        }
        for n in 0..INDEXES {
            if !world.index.borrow()[n].is_up() && world.below(10) == 0 {
                index::start(&world, n);
            }
        }
        for n in 0..GATEWAYS {
            if !world.gateways.borrow()[n].is_busy() && world.below(10) == 0 {
                gateway::start(&world, n);
            }
        }
    }
}

/// No further harm, and all that hinders is taken away.
pub fn heal(world: &World) {
    world.net.heal();
    world.set_disk_faults(store_faults(0));
    for node in world.nodes.borrow_mut().iter_mut() {
        node.held = false;
        node.disk.set_capacity(CAPACITY_BYTES);
        if !node.power_fails {
            node.disk.set_faults(SimFaults::default());
        }
    }
    world.net.note("healed");
}

fn store_faults(permille: u16) -> StoreFaults {
    StoreFaults {
        crash_before_permille: permille,
        crash_after_permille: permille,
        io_error_permille: permille,
        disk_full_permille: permille,
        ..StoreFaults::default()
    }
}

pub async fn storm(world: Rc<World>) {
    world.net.note(&format!("{:?}", world.profile));
    world.net.set_weather(world.profile.weather);
    world.set_disk_faults(store_faults(world.profile.store_faults_permille));
    loop {
        sleep(Duration::from_millis(world.below(2 * world.profile.pause_ms))).await;
        strike(&world);
    }
}

fn strike(world: &Rc<World>) {
    let nodes = world.topology.nodes().len() as u64;
    let n = world.below(nodes) as usize;
    match world.below(100) {
        0..16 => {
            world.count("nodes killed");
            node::kill(world, n, world.below(3) > 0);
        }
        16..28 => {
            world.count("power cuts within an operation");
            node::fail_at(world, n, SimFaults { power_off_in: Some(world.below(20) as u32), ..SimFaults::default() });
            // At the latest when it did not write so much.
            later(world, move |world| {
                let waits = { world.nodes.borrow()[n].power_fails };
                if waits {
                    node::kill(world, n, true);
                }
            });
        }
        28..34 => {
            world.count("failing fsyncs");
            node::fail_at(world, n, SimFaults { sync_fails_in: Some(world.below(4) as u32), ..SimFaults::default() });
        }
        34..38 => zone_goes(world),
        38..43 => wipe(world, n),
        43..53 => rot(world, n),
        53..60 => full(world, n),
        60..67 => {
            let ms = 20 + world.below(world.below(3000) + 1);
            world.net.note(&format!("node {n} is slow by {ms}"));
            world.net.set_slow(Place::Node(n), ms);
            later(world, move |world| world.net.set_slow(Place::Node(n), 0));
        }
        67..77 => partition(world),
        77..82 => {
            world.count("index processes killed");
            index::kill(world, world.below(INDEXES as u64) as usize);
        }
        82..88 => {
            let (index, ms) = (world.below(INDEXES as u64) as usize, 100 + world.below(5000));
            world.count("index processes paused");
            world.net.note(&format!("index {index} is paused for {ms}"));
            world.index.borrow()[index].frozen.set(Instant::now() + Duration::from_millis(ms));
        }
        88..96 => {
            world.count("splits asked for");
            gateway::split(world);
        }
        _ => {
            world.count("gateways killed");
            gateway::kill(world, world.below(GATEWAYS as u64) as usize);
        }
    }
}

/// After some seconds, whatever else happens.
fn later(world: &Rc<World>, undo: impl FnOnce(&Rc<World>) + 'static) {
    let (world, ms) = (world.clone(), 1000 + world.below(7000));
    spawn_local(async move {
        sleep(Duration::from_millis(ms)).await;
        undo(&world);
    });
}

fn zone_of(world: &World, zone: usize) -> Vec<usize> {
    (0..world.topology.nodes().len()).filter(|n| world.topology.zone_of(*n) == zone).collect()
}

fn zone_goes(world: &Rc<World>) {
    let zone = world.below(world.topology.zones() as u64) as usize;
    world.count("zones down");
    for n in zone_of(world, zone) {
        world.nodes.borrow_mut()[n].held = true;
        node::kill(world, n, true);
    }
    later(world, move |world| zone_of(world, zone).into_iter().for_each(|n| world.nodes.borrow_mut()[n].held = false));
}

/// May a disk be harmed? In a gentle world only when nothing is missing.
fn may_harm(world: &World) -> bool {
    super::audit::look(world);
    !world.profile.gentle || world.audit.borrow().calm
}

fn wipe(world: &Rc<World>, n: usize) {
    if !may_harm(world) {
        return;
    }
    world.count("disks lost");
    node::wipe(world, n);
    if world.below(3) == 0 {
        // The worst that is to be borne: a zone with it.
        let zone = world.below(world.topology.zones() as u64) as usize;
        world.count("zones lost");
        zone_of(world, zone).into_iter().for_each(|n| node::wipe(world, n));
    }
}

fn rot(world: &Rc<World>, n: usize) {
    if !may_harm(world) {
        return;
    }
    world.count("disks that rot");
    for _ in 0..=world.below(4) {
        node::rot(world, n);
    }
}

fn full(world: &Rc<World>, n: usize) {
    world.count("disks full");
    let disk = { world.nodes.borrow()[n].disk.clone() };
    if world.below(2) == 0 {
        node::fail_at(world, n, SimFaults { no_space_in: Some(world.below(6) as u32), ..SimFaults::default() });
        return;
    }
    let used = CAPACITY_BYTES - disk.free_bytes().unwrap_or(CAPACITY_BYTES);
    disk.set_capacity(used + world.below(400_000));
    world.net.note(&format!("node {n} is nearly full"));
    later(world, move |_| disk.set_capacity(CAPACITY_BYTES));
}

fn partition(world: &Rc<World>) {
    let nodes = world.topology.nodes().len();
    let all: Vec<Place> =
        (0..nodes).map(Place::Node).chain((0..INDEXES).map(Place::Index)).chain((0..GATEWAYS).map(Place::Gateway)).collect();
    let one_way = world.below(4) == 0;
    let apart: Vec<Place> = match world.below(3) {
        0 => vec![all[world.below(all.len() as u64) as usize]],
        1 => vec![Place::Index(world.below(INDEXES as u64) as usize)],
        _ => {
            // What stands in one zone.
            let zone = world.below(world.topology.zones() as u64) as usize;
            let nodes = zone_of(world, zone).into_iter().map(Place::Node);
            nodes.chain([Place::Index(zone % INDEXES)]).collect()
        }
    };
    world.count("partitions");
    world.net.note(&format!("{apart:?} cut off, one way {one_way}"));
    for a in &apart {
        for b in all.iter().filter(|b| !apart.contains(b)) {
            world.net.cut(*a, *b);
            if !one_way {
                world.net.cut(*b, *a);
            }
        }
    }
    later(world, move |world| world.net.mend(|a, b| apart.contains(&a) || apart.contains(&b)));
}
