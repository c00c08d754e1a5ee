//! Kills and pauses processes of the object store at random moments, one or two at a time, until it is told to stop.

use crate::harness::{Random, Region, is_object_store};
use crate::nodes::{leader, split};
use platform::process::ProcessId;
use std::sync::atomic::{AtomicBool, Ordering};

#[derive(Debug, Default, Clone, Copy)]
pub struct Deeds {
    pub kills: u32,
    pub pauses: u32,
    pub leaders: u32,
    pub gateways: u32,
    pub faults: u32,
    pub splits: u32,
}

impl Deeds {
    pub fn all(&self) -> u32 {
        self.kills + self.pauses + self.faults
    }
}

/// Strikes until `stop`. Nothing is paused or held down when it returns.
/// `key`: one of the bucket's, where the index may be split.
pub fn run(region: &Region, seed: u64, stop: &AtomicBool, bucket: &str, key: impl Fn(u64) -> String) -> Deeds {
    let mut random = Random(seed);
    let mut deeds = Deeds::default();
    while !stop.load(Ordering::Relaxed) {
        std::thread::sleep(random.ms(50, 500));
        if random.below(2) == 0 {
            deeds.splits += u32::from(split(region, bucket, &key(random.next())));
        }
        let victims = victims(region, &mut random, &mut deeds);
        match random.below(6) {
            0..=2 => {
                for (_, process) in &victims {
                    let _ = process.signal(libc::SIGKILL);
                    deeds.kills += 1;
                }
            }
            3 | 4 => {
                for (_, process) in &victims {
                    let _ = process.signal(libc::SIGSTOP);
                    deeds.pauses += 1;
                }
                // A third is paused for longer than a take-over and the gateway's patience with a node.
                let pause = if random.below(3) == 0 { random.ms(1500, 3000) } else { random.ms(200, 900) };
                std::thread::sleep(pause);
                for (_, process) in &victims {
                    let _ = process.signal(libc::SIGCONT);
                }
            }
            _ => {
                // Through the supervisor, which keeps it down.
                let Some((name, _)) = victims.first() else { continue };
                let target = format!("process/{name}");
                region.ok(&["fault", "inject", &target, "kill"]);
                deeds.faults += 1;
                std::thread::sleep(random.ms(200, 1500));
                region.ok(&["fault", "heal", &target]);
            }
        }
    }
    deeds
}

fn victims(region: &Region, random: &mut Random, deeds: &mut Deeds) -> Vec<(String, ProcessId)> {
    let all: Vec<_> = region.processes().into_iter().filter(|(name, _)| is_object_store(name)).collect();
    let mut chosen: Vec<(String, ProcessId)> = Vec::new();
    for _ in 0..=random.below(2) {
        let pool: Vec<_> = match random.below(4) {
            0 => {
                let leads = leader(region);
                all.iter().filter(|(n, _)| leads.as_ref() == Some(n)).cloned().collect()
            }
            1 => all.iter().filter(|(n, _)| n.starts_with("index-")).cloned().collect(),
            2 => all.iter().filter(|(n, _)| n.starts_with("storage-")).cloned().collect(),
            _ => all.iter().filter(|(n, _)| n == "gateway").cloned().collect(),
        };
        if pool.is_empty() {
            continue;
        }
        let one = random.pick(&pool).clone();
        if !chosen.contains(&one) {
            chosen.push(one);
        }
    }
    let leads = leader(region);
    deeds.leaders += chosen.iter().filter(|(n, _)| leads.as_ref() == Some(n)).count() as u32;
    deeds.gateways += chosen.iter().filter(|(n, _)| n == "gateway").count() as u32;
    chosen
}
