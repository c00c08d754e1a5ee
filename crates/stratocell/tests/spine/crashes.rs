//! kill -9 of everything at once, at random moments of launches and terminations; then `up` again, and nothing is false.

use crate::harness::{Cloud, processes_naming, wait_for};
use crate::walk::{BOOT, SECOND, id};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// SplitMix64: the moments are the same in each run of a seed.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (z ^ (z >> 27)) % n
    }
}

fn instances(c: &Cloud) -> Vec<Value> {
    let all = c.must("ec2 describe-instances");
    let reservations = all["Reservations"].as_array().cloned().unwrap_or_default();
    reservations.iter().flat_map(|r| r["Instances"].as_array().cloned().unwrap_or_default()).collect()
}

fn states(c: &Cloud) -> BTreeMap<String, String> {
    instances(c).iter().map(|i| (id(i, "/InstanceId").to_owned(), id(i, "/State/Name").to_owned())).collect()
}

fn kill_everything(c: &Cloud) {
    let dir = c.dir().to_string_lossy().into_owned();
    for _ in 0..3 {
        for (pid, _) in processes_naming(&dir) {
            let _ =
                std::process::Command::new("kill").args(["-9", &pid.to_string()]).stderr(std::process::Stdio::null()).status();
        }
    }
    wait_for("all processes to be gone", 5 * SECOND, || processes_naming(&dir).is_empty().then_some(()));
}

/// Every instance is settled and the world agrees with what the API says.
fn check_truth(c: &Cloud) {
    let settled = wait_for("every instance to settle", BOOT, || {
        let states = states(c);
        states.values().all(|s| ["running", "stopped", "terminated"].contains(&s.as_str())).then_some(states)
    });
    let running: BTreeSet<_> = settled.iter().filter(|(_, s)| *s == "running").map(|(i, _)| i.clone()).collect();
    // One guest process for each running instance, none else.
    let guests = wait_for("guests to match", 20 * SECOND, || {
        let lines: Vec<_> =
            processes_naming(&c.dir().to_string_lossy()).into_iter().filter(|(_, l)| l.contains("qemu")).collect();
        let named: BTreeSet<_> =
            running.iter().filter(|i| lines.iter().filter(|(_, l)| l.contains(i.as_str())).count() == 1).cloned().collect();
        (named == running && lines.len() == running.len()).then_some(named)
    });
    assert_eq!(guests, running);
    // An address and a directory for each instance that is not gone.
    let live = settled.iter().filter(|(_, s)| *s != "terminated").count();
    let nics = c.must("ec2 describe-network-interfaces");
    assert_eq!(nics["NetworkInterfaces"].as_array().map_or(0, Vec::len), live, "no leaked address");
    wait_for("directories to match", 10 * SECOND, || {
        let hosts = std::fs::read_dir(c.dir().join("hosts")).ok()?.flatten();
        let dirs = hosts
            .filter_map(|h| std::fs::read_dir(h.path().join("instances")).ok())
            .flatten()
            .flatten()
            .filter(|d| d.file_name().to_string_lossy().starts_with("i-"))
            .count();
        (dirs == live).then_some(())
    });
}

#[test]
fn guest_kill_everything_at_random_moments() {
    let rounds = std::env::var("STRATOCELL_SOAK").ok().and_then(|n| n.parse().ok()).unwrap_or(3u64);
    let mut random = Random(7);
    let mut c = Cloud::up();
    let image = "ec2 run-instances --image-id ami-micro --instance-type t3.nano";
    for round in 0..rounds {
        // Something is always under way when the axe falls.
        let mut running: Vec<_> = states(&c).into_iter().filter(|(_, s)| s == "running").map(|(i, _)| i).collect();
        while running.len() > 1 {
            let victim = running.swap_remove(random.below(running.len() as u64) as usize);
            let _ = c.aws(&format!("ec2 terminate-instances --instance-ids {victim}"));
        }
        let token = format!("round-{round}");
        let launched = c.aws(&format!("{image} --count {} --client-token {token}", 1 + random.below(2)));
        std::thread::sleep(Duration::from_millis(random.below(2500)));
        kill_everything(&c);
        c.start(&[]);
        if let Ok(launched) = launched {
            // Acknowledged: it is there.
            let i = id(&launched, "/Instances/0/InstanceId");
            assert!(states(&c).contains_key(i), "round {round}: {i} was acknowledged and is lost");
        }
        check_truth(&c);
    }
    // All capacity comes back.
    let live: Vec<_> = states(&c).into_iter().filter(|(_, s)| s != "terminated").map(|(i, _)| i).collect();
    c.must(&format!("ec2 terminate-instances --instance-ids {}", live.join(" ")));
    c.must(&format!("ec2 wait instance-terminated --instance-ids {}", live.join(" ")));
    check_truth(&c);
}
