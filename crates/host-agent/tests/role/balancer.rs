//! Processes of load balancers' nodes, with a script in the place of the process.

use crate::local;
use crate::world::World;
use platform::process::ProcessId;
use std::os::unix::fs::PermissionsExt;
use types::{Generation, InterfaceId};
use wire::balancer::BalancerConfig;
use wire::host::{BalancerNode, BalancerReport};

/// Says who it is as the process does, notes what it is told, ends when it is asked.
const PROGRAM: &str = r#"#!/bin/sh
PATH=/usr/bin:/bin
node=${2#balancer-a1-h1-}
dir="$4/hosts/a1-h1/balancers/$node"
printf '{"pid":%d,"start_ticks":%d}' $$ "$(cut -d' ' -f22 /proc/$$/stat)" >"$dir/lb.new"
mv "$dir/lb.new" "$dir/lb.pid"
trap 'echo hup >>"$4/told"' HUP
trap 'echo term >>"$4/told"; exit 0' TERM
echo started >>"$4/told"
while :; do sleep 0.05; done
"#;

fn node(generation: u64) -> BalancerNode {
    let config = BalancerConfig {
        format: wire::FORMAT,
        generation: Generation(generation),
        name: "app/a/1".into(),
        zone: None,
        attributes: Default::default(),
        certificates: vec![],
        ticket_keys: vec![],
        listeners: vec![],
        target_groups: vec![],
    };
    BalancerNode { interface: InterfaceId::from_random(9), config }
}

fn reported(w: &World) -> Option<BalancerReport> {
    w.heard.borrow().last.as_ref()?.balancers.first().cloned()
}

fn told(w: &World, word: &str) -> usize {
    let told = std::fs::read_to_string(w.dir.root().join("told")).unwrap_or_default();
    told.lines().filter(|l| l.starts_with(word)).count()
}

#[tokio::test]
async fn the_life_of_a_node() {
    local(async {
        let mut w = World::new();
        let program = w.dir.root().join("program");
        std::fs::write(&program, PROGRAM).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
        w.config.balancers.push(node(1));
        w.push().await;
        w.until("a process", |w| reported(w).is_some_and(|r| r.pid.is_some()) && told(w, "started") == 1).await;
        let first = reported(&w).unwrap();
        assert_eq!((first.interface, first.status), (node(1).interface, None));
        let dir = w.dir.balancer(&w.host, &first.interface);
        let mode = |name| std::fs::metadata(dir.join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("config.json"), mode("lb.log")), (0o600, 0o600));
        // A new document: written, and told.
        w.config.balancers = vec![node(2)];
        w.push().await;
        w.until("a look", |w| told(w, "hup") == 1).await;
        let held: BalancerConfig = serde_json::from_slice(&std::fs::read(dir.join("config.json")).unwrap()).unwrap();
        assert_eq!(held.generation, Generation(2));
        // The agent goes; the process stays, and is the next one's.
        w.kill_agent();
        w.start_agent();
        w.until("adopted", |w| reported(w).is_some_and(|r| r.pid.is_some())).await;
        let adopted = reported(&w).unwrap();
        assert_eq!((adopted.pid, told(&w, "started")), (first.pid, 1));
        // It dies: another one is started.
        ProcessId::of(adopted.pid.unwrap()).unwrap().signal(libc::SIGKILL).unwrap();
        w.until("another process", |w| {
            reported(w).is_some_and(|r| r.pid.is_some() && r.pid != adopted.pid) && told(w, "started") == 2
        })
        .await;
        // The node goes: its process is asked to end, and nothing of it is left.
        w.config.balancers.clear();
        w.push().await;
        w.until("the end", |w| told(w, "term") == 1 && !dir.exists()).await;
        w.until("no report", |w| reported(w).is_none()).await;
    })
    .await;
}
