//! A region's processes from first `up` to `down --purge`: kept alive, held by faults, resumed, refused, and gone.

use crate::harness::{Cloud, processes_naming, wait_for};
use serde_json::Value;
use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(20);

fn signal(pid: u32, name: &str) {
    assert!(Command::new("kill").args([name, &pid.to_string()]).status().expect("kill runs").success());
}

fn supervisor(c: &Cloud) -> u32 {
    let text = std::fs::read_to_string(c.dir().join("run/supervisor.pid")).expect("a pid file");
    serde_json::from_str::<Value>(&text).expect("JSON")["pid"].as_u64().expect("a pid") as u32
}

fn states(c: &Cloud) -> BTreeMap<String, String> {
    let ps = c.json(&["ps", "--json"]);
    let text = |v: &Value| v.as_str().expect("text").to_owned();
    ps.as_array().expect("a list").iter().map(|p| (text(&p["name"]), text(&p["state"]))).collect()
}

fn healthy(c: &Cloud) -> bool {
    let address = c.env("AWS_ENDPOINT_URL").trim_start_matches("http://").to_owned();
    http_status(&address, "/healthz") == Some(200)
}

pub fn http_status(address: &str, path: &str) -> Option<u16> {
    use std::io::{Read, Write};
    let mut s = std::net::TcpStream::connect(address).ok()?;
    s.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    write!(s, "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").ok()?;
    let mut text = String::new();
    s.read_to_string(&mut text).ok()?;
    text.split(' ').nth(1)?.parse().ok()
}

fn refused(c: &Cloud, args: &[&str], code: i32, word: &str) {
    let out = c.run(args);
    let err = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(code), "{args:?}: {err}");
    assert!(err.contains(word), "{args:?}: {err}");
}

fn alive(pid: u32) -> bool {
    // A zombie is none: nobody may be there to reap an orphan in a container.
    std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|s| s.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z')))
}

#[test]
fn every_process_comes_back_when_it_is_killed() {
    let c = Cloud::up_with(&["--azs", "2", "--hosts-per-cell", "1"]);
    let before = c.pids();
    assert!(states(&c).values().all(|s| s == "running"), "{:?}", states(&c));
    for pid in before.values() {
        signal(*pid, "-KILL");
    }
    wait_for("all to be back", SOON, || {
        let now = c.pids();
        let back = before.iter().all(|(name, old)| now.get(name).is_some_and(|new| new != old));
        (back && states(&c).values().all(|s| s == "running")).then_some(())
    });
    c.ok(&["ready", "--timeout", "20"]);
    assert!(healthy(&c), "the gateway is back on its port");
    let ps = c.json(&["ps", "--json"]);
    assert!(ps.as_array().expect("a list").iter().all(|p| p["restarts"] == 1 && p["last_exit"] == "killed (signal 9)"), "{ps}");
}

#[test]
fn faults_hold_until_they_are_healed_and_outlive_the_supervisor() {
    let mut c = Cloud::up_with(&["--azs", "2"]);
    c.ok(&["fault", "inject", "gateway", "kill"]);
    assert_eq!(states(&c)["gateway"], "down");
    assert!(!healthy(&c));
    c.ok(&["fault", "inject", "az/us-east-1a", "pause"]);
    assert_eq!(states(&c)["cell-a1"], "paused");
    assert_eq!(states(&c)["cell-b1"], "running");
    let paused = c.pids()["cell-a1"];
    let stat = std::fs::read_to_string(format!("/proc/{paused}/stat")).expect("alive");
    assert!(stat.contains(") T "), "{stat}");
    assert_eq!(c.json(&["fault", "list", "--json"]).as_array().map(Vec::len), Some(2));
    // What it killed itself stays down, also in the next life of the supervisor.
    signal(paused, "-KILL");
    signal(supervisor(&c), "-KILL");
    wait_for("the supervisor's end", SOON, || (!c.run(&["ps"]).status.success()).then_some(()));
    assert_eq!(c.json(&["fault", "list", "--json"]).as_array().map(Vec::len), Some(2), "read from the disk");
    c.start(&[]);
    let now = states(&c);
    assert_eq!((now["gateway"].as_str(), now["cell-a1"].as_str(), now["cell-b1"].as_str()), ("down", "paused", "running"));
    c.ok(&["fault", "heal", "gateway"]);
    c.ok(&["ready", "--timeout", "20"]);
    assert_eq!(states(&c)["cell-a1"], "paused");
    c.ok(&["fault", "heal"]);
    c.ok(&["ready", "--timeout", "20"]);
    assert!(states(&c).values().all(|s| s == "running"), "{:?}", states(&c));
    assert_eq!(c.json(&["fault", "list", "--json"]).as_array().map(Vec::len), Some(0));

    refused(&c, &["fault", "heal", "gateway"], 1, "no fault on gateway");
    refused(&c, &["fault", "inject", "rack/1", "kill"], 1, "a1-h1, a1-h2");
    refused(&c, &["fault", "inject", "cell/z1", "kill"], 1, "a1, b1");
    refused(&c, &["fault", "inject", "gateway", "partition"], 1, "partition is a fault of links");
}

#[test]
fn a_killed_supervisor_is_succeeded_by_the_next_up() {
    let mut c = Cloud::up_with(&["--azs", "1"]);
    let (before, env) =
        (c.pids(), ["AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"].map(|n| c.env(n).to_owned()));
    signal(supervisor(&c), "-KILL");
    wait_for("the supervisor's end", SOON, || (!c.run(&["ps"]).status.success()).then_some(()));
    assert!(before.values().all(|pid| alive(*pid)), "the others go on without it");
    assert!(healthy(&c));
    refused(&c, &["ready", "--timeout", "0"], 3, "nothing is running");
    c.start(&[]);
    assert!(before.values().all(|pid| !alive(*pid)), "the predecessor's processes are ended");
    assert_eq!(env, ["AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"].map(|n| c.env(n).to_owned()));
    assert!(healthy(&c));
    // And down, then up again.
    c.ok(&["down"]);
    assert!(processes_naming(&c.dir().to_string_lossy()).is_empty());
    c.start(&[]);
    assert_eq!(env[1], c.env("AWS_ACCESS_KEY_ID"));
}

#[test]
fn one_supervisor_a_directory_and_no_contradictions() {
    let c = Cloud::up_with(&["--azs", "1", "--access-key", "AKIATESTTESTTESTTEST", "--secret-key", "s3cr3t/+"]);
    assert_eq!((c.env("AWS_ACCESS_KEY_ID"), c.env("AWS_SECRET_ACCESS_KEY")), ("AKIATESTTESTTESTTEST", "s3cr3t/+"));
    refused(&c, &["up", "--detach", "--no-profile"], 2, "is up already at http://127.0.0.1:");
    c.ok(&["down"]);
    refused(&c, &["up", "--detach", "--no-profile", "--azs", "2"], 2, "--azs 1, not 2");
    refused(&c, &["up", "--detach", "--no-profile", "--ephemeral"], 2, "--ephemeral");
    refused(&c, &["up", "--azs", "9"], 2, "--azs");
    refused(&c, &["statsu"], 2, "status");
    // A taken port is said, and nothing is left behind.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    refused(&c, &["up", "--detach", "--no-profile", "--port", &port], 1, &format!("port {port}"));
    assert!(processes_naming(&c.dir().to_string_lossy()).is_empty());
    let logs = std::fs::read_dir(c.dir().join("logs")).expect("logs").flatten();
    let (mut files, secret) = (0, "s3cr3t/+");
    for log in logs {
        files += 1;
        assert!(!std::fs::read_to_string(log.path()).expect("text").contains(secret), "{:?}", log.path());
    }
    assert!(files > 1);
}

#[test]
fn purge_leaves_nothing_and_touches_nothing_else() {
    let c = Cloud::up_with(&["--azs", "1"]);
    c.ok(&["down", "--purge"]);
    assert_eq!(std::fs::read_dir(c.dir()).expect("the directory").count(), 0);
    assert!(processes_naming(&c.dir().to_string_lossy()).is_empty());
    c.ok(&["down", "--purge"]);

    // With a dead supervisor, and with one that hangs.
    for how in ["-KILL", "-STOP"] {
        c.ok(&["up", "--detach", "--port", "0", "--no-profile", "--azs", "1"]);
        signal(supervisor(&c), how);
        c.ok(&["down", "--purge"]);
        assert_eq!(std::fs::read_dir(c.dir()).expect("the directory").count(), 0, "{how}");
        assert!(processes_naming(&c.dir().to_string_lossy()).is_empty(), "{how}");
    }

    std::fs::write(c.dir().join("thesis.txt"), "years of work").expect("written");
    refused(&c, &["down", "--purge"], 2, "no settings.json");
    refused(&c, &["up", "--detach", "--no-profile", "--port", "0"], 2, "thesis.txt");
    assert_eq!(std::fs::read_dir(c.dir()).expect("the directory").count(), 1);
}

#[test]
fn in_the_foreground_an_interrupt_ends_it_and_ephemeral_leaves_nothing() {
    let temp = tempfile::Builder::new().prefix("sc-").tempdir_in("/tmp").expect("a directory");
    let (dir, home) = (temp.path().join("d"), temp.path().join("home"));
    let stratocell = |args: &[&str]| {
        let mut c = Command::new(env!("CARGO_BIN_EXE_stratocell"));
        c.args(args).arg("--data-dir").arg(&dir).env("HOME", &home).stdin(Stdio::null());
        c
    };
    let mut up = stratocell(&["up", "--port", "0", "--azs", "1", "--ephemeral"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    wait_for("ready", SOON, || stratocell(&["ready", "--timeout", "1"]).output().ok()?.status.success().then_some(()));
    wait_for("the profile", SOON, || {
        std::fs::read_to_string(home.join(".aws/config")).ok()?.contains("[profile stratocell]").then_some(())
    });
    signal(up.id(), "-INT");
    let status = wait_for("the end", SOON, || up.try_wait().expect("a child"));
    assert!(status.success() && status.signal().is_none(), "{status}");
    let mut said = String::new();
    std::io::Read::read_to_string(&mut up.stdout.take().expect("piped"), &mut said).expect("text");
    assert!(said.contains("ready in") && said.lines().count() <= 20, "{said}");
    assert_eq!(std::fs::read_dir(&dir).expect("the directory").count(), 0);
    assert!(processes_naming(&dir.to_string_lossy()).is_empty());
    let config = std::fs::read_to_string(home.join(".aws/config")).expect("the file stays");
    assert!(!config.contains("stratocell"), "{config}");
}

/// A process that stands for a VM of a host, with the pid file that its agent would have written.
fn stand_in(c: &Cloud, host: &str) -> std::process::Child {
    let child = Command::new("sleep").arg("600").stdin(Stdio::null()).spawn().expect("sleep runs");
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).expect("it lives");
    let ticks = stat.rsplit_once(") ").expect("fields").1.split(' ').nth(19).expect("field 22").to_owned();
    let dir = c.dir().join("hosts").join(host).join("instances/i-0123456789abcdef0");
    std::fs::create_dir_all(&dir).expect("a directory");
    std::fs::write(dir.join("qemu.pid"), format!("{{\"pid\":{},\"start_ticks\":{ticks}}}", child.id())).expect("written");
    child
}

#[test]
fn a_hosts_faults_strike_its_vms_and_no_others() {
    let c = Cloud::up_with(&["--azs", "1"]);
    let (mut here, mut there) = (stand_in(&c, "a1-h1"), stand_in(&c, "a1-h2"));
    let state = |pid: u32| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("it lives");
        stat.rsplit_once(") ").expect("fields").1.chars().next().expect("a state")
    };
    c.ok(&["fault", "inject", "host/a1-h1", "pause"]);
    assert_eq!(state(here.id()), 'T');
    assert_ne!(state(there.id()), 'T');
    c.ok(&["fault", "heal", "host/a1-h1"]);
    wait_for("the VM to go on", SOON, || (state(here.id()) != 'T').then_some(()));
    c.ok(&["fault", "inject", "host/a1-h1", "kill"]);
    assert_eq!(here.wait().expect("a child").signal(), Some(9));
    assert!(alive(there.id()));
    assert!(states(&c).iter().all(|(name, state)| (state == "down") == name.ends_with("-a1-h1")), "{:?}", states(&c));
    // A stop takes the VMs along.
    c.ok(&["down"]);
    assert_eq!(there.wait().expect("a child").signal(), Some(15));
}

#[test]
fn what_is_left_without_controllers_is_shown() {
    let c = Cloud::up_with(&["--azs", "1"]);
    c.ok(&["fault", "inject", "control-plane", "kill"]);
    c.ok(&["fault", "inject", "cell/a1", "kill"]);
    let text = c.ok(&["status"]);
    assert!(text.contains("control plane does not answer") && text.contains("cell a1  silent"), "{text}");
    let tree = c.json(&["status", "--json"]);
    assert_eq!(tree.pointer("/zones/0/cells/0/hosts/1/id").and_then(Value::as_str), Some("a1-h2"));
    assert_eq!(tree.pointer("/faults/0/target").and_then(Value::as_str), Some("control-plane"));
    refused(&c, &["console", "i-0123456789abcdef0"], 2, "no host has");
    refused(&c, &["forward", "i-0123456789abcdef0:80", "0"], 2, "is on no host");
    let log = c.ok(&["logs", "gateway", "-n", "5"]);
    assert!(log.contains("started"), "{log}");
    refused(&c, &["logs", "gatway"], 2, "there are agent-a1-h1");
}
