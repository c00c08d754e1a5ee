//! The host agent as a process: launch, stop, start, reboot, terminate; killed at every step; alone; with a card that
//! restarts; with documents that are wrong.

mod balancer;
mod fake;
mod world;

use host_agent::agent::{AgentOptions, run_with};
use platform::DataDir;
use std::sync::Arc;
use std::time::Duration;
use types::Generation;
use wire::host::{ConsoleRequest, Desired, Reachability, VmState};
use world::World;

const STOPPED: VmState = VmState::Stopped { by_guest: false };

/// Not a test of its own: the agent's process, when the variable says so.
#[test]
fn agent_process() {
    let Some(root) = std::env::var_os(world::DIR_VARIABLE) else { return };
    let options = AgentOptions {
        dir: DataDir::new(&root),
        host: "a1-h1".parse().unwrap(),
        program: std::path::Path::new(&root).join("program"),
    };
    let vmm = Arc::new(fake::SleepVmm { root: root.into() });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, run_with(options, vmm)).unwrap();
}

async fn local<F: Future>(test: F) -> F::Output {
    tokio::task::LocalSet::new().run_until(test).await
}

#[tokio::test]
async fn the_life_of_an_instance() {
    local(async {
        let mut w = World::new();
        let id = w.add();
        w.push().await;
        w.until("running", |w| w.is(id, &VmState::Running)).await;
        let r = w.report(id).unwrap();
        assert_eq!((r.boot, r.reboot, r.size), (1, 0, World::size()));
        assert_eq!(r.pid, Some(w.processes()[0].pid));
        w.until("initializing", |w| w.report(id).unwrap().reachability == Reachability::Initializing).await;
        w.card.borrow_mut().configured = true;
        w.until("ok", |w| w.report(id).unwrap().reachability == Reachability::Ok).await;
        w.until("the card's generation", |w| w.heard.borrow().last.as_ref().unwrap().card_applied == Generation(1)).await;

        let second = Duration::from_secs(1);
        let ask = ConsoleRequest { instance: id, bytes_max: 6 };
        let console = w.client().call::<wire::host::Console>(&ask, second).await.unwrap();
        assert_eq!(console.text, "guest\n");
        let other = ConsoleRequest { instance: types::InstanceId::from_random(5), bytes_max: 6 };
        let refused = w.client().call::<wire::host::Console>(&other, second).await.unwrap_err();
        assert_eq!(refused.code(), "no-such-instance");

        // It dies: it is started again.
        let first = w.processes()[0];
        first.signal(libc::SIGKILL).unwrap();
        w.until("another process", |w| w.is(id, &VmState::Running) && w.processes().iter().any(|p| *p != first)).await;

        w.want(id).reboot = 1;
        w.push().await;
        w.until("rebooted", |w| w.report(id).unwrap().reboot == 1).await;
        assert_eq!((w.count("reset", id), w.count("start", id)), (1, 2));

        w.want(id).desired = Desired::Stopped;
        w.push().await;
        w.until("stopped", |w| w.is(id, &STOPPED)).await;
        assert!(w.processes().is_empty() && w.file(id, "root.img").exists());
        assert_eq!(w.report(id).unwrap().reachability, Reachability::NotApplicable);

        // Wanted, but not started by the user: stays.
        w.want(id).desired = Desired::Running;
        w.push().await;
        w.until("applied", |w| w.heard.borrow().last.as_ref().unwrap().applied == w.config.generation).await;
        assert!(w.is(id, &STOPPED));
        w.want(id).boot = 2;
        w.push().await;
        w.until("running again", |w| w.is(id, &VmState::Running) && w.report(id).unwrap().boot == 2).await;

        std::fs::write(w.file(id, "off"), b"").unwrap();
        w.until("off", |w| w.is(id, &VmState::Stopped { by_guest: true }) && w.processes().is_empty()).await;
        assert_eq!(w.count("start", id), 3);
        w.want(id).boot = 3;
        w.push().await;
        w.until("running once more", |w| w.is(id, &VmState::Running)).await;

        w.want(id).desired = Desired::Terminated;
        w.push().await;
        w.until("gone", |w| w.is(id, &VmState::Gone)).await;
        assert!(w.processes().is_empty() && w.directories().is_empty());
        assert_eq!(w.count("prepare", id), 1);
        w.config.instances.clear();
        w.push().await;
        w.until("forgotten", |w| w.report(id).is_none()).await;
    })
    .await;
}

/// The agent is killed in each outside effect, before it and after it; another one brings everything to its end.
#[tokio::test]
async fn killed_at_every_step() {
    local(async {
        let mut w = World::new();
        for (step, when) in ["prepare", "start", "reset", "plug", "unplug", "shutdown", "kill", "remove"]
            .into_iter()
            .flat_map(|step| [(step, "before"), (step, "after")])
        {
            let point = format!("{when} {step}");
            let id = w.add();
            let spare = types::InterfaceId::from_random(9);
            if step == "unplug" {
                w.want(id).interfaces.push(spare);
            }
            if !matches!(step, "prepare" | "start") {
                w.push().await;
                w.until("running", |w| w.is(id, &VmState::Running)).await;
            }
            w.hang(Some(&point));
            match step {
                "reset" => w.want(id).reboot = 1,
                "plug" => w.want(id).interfaces.push(spare),
                "unplug" => w.want(id).interfaces.retain(|i| *i != spare),
                "shutdown" => w.want(id).desired = Desired::Stopped,
                "kill" | "remove" => w.want(id).desired = Desired::Terminated,
                _ => {}
            }
            w.push().await;
            w.until(&point, World::hangs).await;
            w.kill_agent();
            w.hang(None);
            w.start_agent();
            let end = match step {
                "shutdown" => STOPPED,
                "kill" | "remove" => VmState::Gone,
                _ => VmState::Running,
            };
            w.until(&point, |w| w.is(id, &end)).await;
            if step == "reset" {
                w.until("rebooted", |w| w.report(id).unwrap().reboot == 1).await;
            }
            let wanted = w.want(id).interfaces.clone();
            w.until("its cards", |w| end == VmState::Gone || w.report(id).unwrap().interfaces == wanted).await;
            assert_eq!(w.processes().len(), usize::from(end == VmState::Running), "{point}");
            assert!(w.count("start", id) <= 1, "{point}: {}", w.journal());
            w.want(id).desired = Desired::Terminated;
            w.push().await;
            w.until("gone", |w| w.is(id, &VmState::Gone)).await;
            assert!(w.processes().is_empty() && w.directories().is_empty(), "{point}: {:?}", w.directories());
            w.config.instances.clear();
            w.push().await;
        }
    })
    .await;
}

/// Everything dies at once, and nobody but the card comes back.
#[tokio::test]
async fn comes_back_from_its_own_disk() {
    local(async {
        let mut w = World::new();
        let (runs, stopped) = (w.add(), w.add());
        w.push().await;
        w.until("running", |w| [runs, stopped].iter().all(|i| w.is(*i, &VmState::Running))).await;
        w.want(stopped).desired = Desired::Stopped;
        w.push().await;
        // What is left of its process goes after that is said.
        w.until("stopped", |w| w.is(stopped, &STOPPED) && w.processes().len() == 1).await;

        // The agent alone: the guest is adopted.
        w.kill_agent();
        w.kill_cell();
        let guest = w.processes();
        w.start_agent();
        let report = w.status().await.report;
        assert_eq!(report.instances.len(), 2);
        assert_eq!(guest, w.processes());

        w.kill_agent();
        guest[0].signal(libc::SIGKILL).unwrap();
        w.kill_card();
        w.start_agent();
        w.start_card();
        w.until("a new process", |w| w.processes().len() == 1 && w.processes() != guest).await;
        assert_eq!(w.card.borrow().net.as_ref().map(|n| n.generation), Some(w.config.generation));
        assert_eq!((w.count("start", runs), w.count("start", stopped)), (2, 1));
        let status = w.status().await;
        assert!(!status.cell_reachable);

        w.start_cell();
        w.until("reports", |w| w.is(runs, &VmState::Running) && w.is(stopped, &STOPPED)).await;
        assert!(w.status().await.cell_reachable);
        assert!(w.heard.borrow().incarnations.len() >= 2);
    })
    .await;
}

#[tokio::test]
async fn waits_for_its_card_and_tells_it_again() {
    local(async {
        let mut w = World::new();
        w.kill_card();
        let id = w.add();
        w.push().await;
        w.until("the disk", |w| w.file(id, "root.img").exists() && w.is(id, &VmState::Starting)).await;
        w.until("the problem", |w| {
            w.heard.borrow().last.iter().any(|r| r.problems.iter().any(|p| p.contains("the card does not answer")))
        })
        .await;
        assert!(w.processes().is_empty() && w.is(id, &VmState::Starting));
        w.start_card();
        w.until("running", |w| w.is(id, &VmState::Running)).await;
        assert!(w.heard.borrow().last.iter().all(|r| r.problems.is_empty()));

        // The card restarts, with nothing in its memory, while the guest runs on.
        w.kill_card();
        w.start_card();
        w.until("pushed again", |w| w.card.borrow().pushes >= 1).await;
        w.until("pushed again without a change", |w| w.card.borrow().pushes >= 2).await;
        assert_eq!(w.count("start", id), 1);
    })
    .await;
}

#[tokio::test]
async fn wrong_documents_are_refused() {
    local(async {
        let mut w = World::new();
        let id = w.add();
        w.push().await;
        w.until("running", |w| w.is(id, &VmState::Running)).await;
        assert_eq!(w.push_same().await.unwrap().generation, Generation(1));
        let good = w.config.clone();
        w.want(id).desired = Desired::Terminated;
        let conflict = w.push_same().await.unwrap_err();
        w.push().await;
        w.until("gone", |w| w.is(id, &VmState::Gone)).await;
        w.config = good;
        let stale = w.push_same().await.unwrap_err();
        assert_eq!((conflict.code(), stale.code()), ("conflicting-generation", "stale-generation"));
        w.config.format = 9;
        assert_eq!(w.push_same().await.unwrap_err().code(), "format");
        w.config.format = wire::FORMAT;
        w.config.host = "a1-h2".parse().unwrap();
        assert_eq!(w.push_same().await.unwrap_err().code(), "bad-config");
        assert!(w.is(id, &VmState::Gone));
    })
    .await;
}

#[tokio::test]
async fn what_a_document_does_not_name_is_left_alone() {
    local(async {
        let mut w = World::new();
        let (kept, stopped) = (w.add(), w.add());
        w.push().await;
        w.until("running", |w| [kept, stopped].iter().all(|i| w.is(*i, &VmState::Running))).await;
        w.want(stopped).desired = Desired::Stopped;
        w.push().await;
        w.until("stopped", |w| w.is(stopped, &STOPPED)).await;
        let before = w.processes();
        w.config.instances.clear();
        w.push().await;
        for _ in 0..2 {
            w.until("applied", |w| w.heard.borrow().last.as_ref().is_some_and(|r| r.applied == w.config.generation)).await;
            // An agent that has just started may still be looking for them.
            w.until("found", |w| w.is(kept, &VmState::Running) && w.is(stopped, &STOPPED)).await;
            assert_eq!(w.report(stopped).unwrap().size, World::size());
            assert!(w.processes() == before && w.file(stopped, "root.img").exists());
            w.kill_agent();
            w.start_agent();
        }
        // Without any document at all, too.
        w.kill_agent();
        std::fs::write(w.dir.host_ledger(&w.host), b"garbage").unwrap();
        w.start_agent();
        w.until("reports", |w| w.is(kept, &VmState::Running) && w.is(stopped, &STOPPED)).await;
        assert!(w.heard.borrow().last.iter().any(|r| r.problems.iter().any(|p| p.contains("checksum"))));
        assert!(w.processes() == before && w.file(stopped, "root.img").exists());
    })
    .await;
}

#[tokio::test]
async fn a_start_that_fails_is_given_up_with_the_reason() {
    local(async {
        let mut w = World::new();
        let broken = w.dir.root().join("broken");
        std::fs::write(&broken, b"").unwrap();
        let id = w.add();
        w.push().await;
        let failed = |w: &World| match w.report(id).map(|r| r.state) {
            Some(VmState::Failed { reason }) => Some(reason),
            _ => None,
        };
        w.until("failed", |w| failed(w).is_some()).await;
        let reason = failed(&w).unwrap();
        assert!(reason.contains("it is broken") && reason.contains("hello from the guest"), "{reason}");
        std::fs::remove_file(&broken).unwrap();
        w.want(id).boot = 2;
        w.push().await;
        w.until("running", |w| w.is(id, &VmState::Running)).await;
    })
    .await;
}

/// A guest that does not listen is cut off when its time is over.
#[tokio::test]
async fn a_deaf_guest_is_stopped_all_the_same() {
    local(async {
        let mut w = World::new();
        let id = w.add();
        w.push().await;
        w.until("running", |w| w.is(id, &VmState::Running)).await;
        std::fs::write(w.file(id, "deaf"), b"").unwrap();
        w.want(id).desired = Desired::Stopped;
        w.push().await;
        w.until("stopping", |w| w.is(id, &VmState::Stopping)).await;
        assert_eq!(w.processes().len(), 1);
        w.until("stopped", |w| w.is(id, &STOPPED)).await;
        assert!(w.processes().is_empty());
    })
    .await;
}
