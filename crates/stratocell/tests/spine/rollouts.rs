//! Rollouts of two real programs: a good one reaches everything while guests talk, bad ones are taken back by themselves.

use crate::harness::{Cloud, wait_for};
use crate::walk::{BOOT, id, public_vpc};
use serde_json::Value;
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The same program, as another file: a tail that nobody reads.
fn good(c: &Cloud) -> PathBuf {
    let path = c.write("good", "");
    let mut bytes = std::fs::read(env!("CARGO_BIN_EXE_stratocell")).expect("the program");
    bytes.extend_from_slice(b"another build");
    std::fs::write(&path, bytes).expect("written");
    runnable(path)
}

/// A program that is well but for what `case` says of its arguments.
fn bad(c: &Cloud, name: &str, case: &str) -> PathBuf {
    let real = env!("CARGO_BIN_EXE_stratocell");
    let script = format!(
        "#!/bin/sh\ncase \"$1 $2\" in\n--version*) echo stratocell 9-{name};;\n{case};;\n*) exec {real} \"$@\";;\nesac\n"
    );
    runnable(c.write(name, &script))
}

fn runnable(path: PathBuf) -> PathBuf {
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).expect("mode");
    path
}

/// Bakes of some seconds. `start`: how long a process may take; a good one on a busy machine takes long.
fn plan(c: &Cloud, name: &str, start: u32) -> PathBuf {
    let plan = format!(
        "{{\"bake_seconds\": {{\"one_box\": 3, \"canary_cell\": 3, \"production_canary\": 3, \"regional\": 3}}, \
         \"start_seconds\": {start}, \"missing_seconds\": 300}}"
    );
    c.write(name, &plan)
}

fn start(c: &Cloud, binary: &Path, plan: &Path) -> Value {
    let [binary, plan] = [binary, plan].map(|p| p.to_string_lossy().into_owned());
    c.json(&["rollout", "start", "--binary", &binary, "--plan", &plan, "--json"])
}

fn status(c: &Cloud) -> Value {
    c.json(&["rollout", "status", "--json"])["rollout"].clone()
}

fn until(c: &Cloud, phase: &str) -> Value {
    wait_for(phase, BOOT, || {
        let now = status(c);
        if now["phase"] != phase {
            assert!(!now["ended_ms"].is_u64(), "it ended otherwise: {now}\n{}", c.last_logs());
            return None;
        }
        Some(now)
    })
}

/// By process: what it runs.
fn programs(c: &Cloud) -> BTreeMap<String, Value> {
    let ps = c.json(&["ps", "--json"]);
    let all = ps.as_array().expect("a list").iter();
    all.map(|p| (p["name"].as_str().unwrap_or_default().to_owned(), p["program"].clone())).collect()
}

#[test]
fn bad_programs_are_halted_in_the_canary_and_taken_back() {
    let mut c = Cloud::up_with(&["--azs", "1", "--cells-per-az", "2", "--hosts-per-cell", "1"]);
    let (slow, fast) = (plan(&c, "slow.json", 300), plan(&c, "fast.json", 3));
    for (name, case, plan, why, struck) in [
        ("ends", "\"role agent-\"*) exit 1", &slow, "ended by themselves: agent-a2-h1", &["agent-a2-h1"][..]),
        ("hangs", "\"role agent-\"*) exec sleep 1000", &fast, "agent-a2-h1 did not answer", &["agent-a2-h1"]),
        ("no-card", "\"role card-\"*) exit 1", &slow, "card-a2-h1: the new process ended", &["agent-a2-h1"]),
        ("no-cell", "\"role cell-\"*) exit 1", &slow, "ended by themselves: cell-a2", &["agent-a2-h1", "card-a2-h1", "cell-a2"]),
    ] {
        let before = c.pids();
        start(&c, &bad(&c, name, case), plan);
        let ended = until(&c, "rolled-back");
        assert!(ended["reason"].as_str().is_some_and(|r| r.contains(why)), "{name}: {ended}");
        c.ok(&["ready", "--timeout", "60"]);
        let other = |all: BTreeMap<String, u32>| -> BTreeMap<String, u32> {
            all.into_iter().filter(|(p, _)| !struck.contains(&p.as_str())).collect()
        };
        assert_eq!(other(c.pids()), other(before), "{name}: only the canary was touched");
        assert!(programs(&c).values().all(Value::is_null), "{name}: all have the old program");
    }
    let list = c.ok(&["rollout", "list"]);
    assert!(list.lines().count() == 4 && list.contains("9-hangs"), "{list}");
    assert_eq!(std::fs::read_dir(c.dir().join("programs")).expect("programs").count(), 0, "their files are gone");

    // What is no program, and what an operator must not do.
    let refused = |args: &[&str], why: &str| {
        let out = c.run(args);
        let text = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(!out.status.success() && text.contains(why), "{args:?}: {text}");
    };
    refused(&["rollout", "start", "--binary", "/bin/true"], "no stratocell program");
    refused(&["rollout", "start", "--binary", env!("CARGO_BIN_EXE_stratocell")], "what everything runs already");
    refused(&["rollout", "approve"], "no rollout is under way");
    refused(&["rollout", "abort"], "no rollout is under way");

    // A supervisor that is killed in the middle goes on, with both programs.
    let good = good(&c);
    start(&c, &good, &slow);
    wait_for("the first host to have it", BOOT, || status(&c)["updated"].as_array().filter(|u| !u.is_empty()).map(drop));
    let killed = c.json(&["rollout", "status", "--json"]);
    let pid = std::fs::read_to_string(c.dir().join("run/supervisor.pid")).expect("a pid file");
    let pid = serde_json::from_str::<Value>(&pid).expect("JSON")["pid"].as_u64().expect("a pid");
    assert!(std::process::Command::new("kill").args(["-9", &pid.to_string()]).status().expect("kill runs").success());
    c.start(&[]);
    let waits = until(&c, "awaiting");
    assert_eq!((&waits["id"], &waits["program"]), (&killed["rollout"]["id"], &killed["rollout"]["program"]));
    let have = programs(&c).into_values().filter(|p| *p == waits["program"]["sha256"]).count();
    assert_eq!(have, 6, "two hosts and two cells");
    assert!(c.ok(&["status"]).contains(&format!("{}: 6 processes", &waits["program"]["sha256"].as_str().unwrap()[..8])));
    let [again, with] = [&good, &slow].map(|p| p.to_string_lossy().into_owned());
    let out = c.run(&["rollout", "start", "--binary", &again, "--plan", &with]);
    assert!(String::from_utf8_lossy(&out.stderr).contains("is under way"), "{out:?}");
    assert!(!c.run(&["card", "upgrade", "a1-h1"]).status.success(), "not beside a rollout");
    c.ok(&["rollout", "abort"]);
    let ended = until(&c, "rolled-back");
    assert_eq!(ended["reason"], "an operator aborted it");
    assert!(programs(&c).values().all(Value::is_null));
    c.ok(&["ready", "--timeout", "60"]);
}

/// Sends without end over the connection that is made to it.
const SERVER: &str = "#!/bin/sh\n\
    (while :; do { n=0; while echo $n; do n=$((n+1)); usleep 5000; done; } | nc -l -p 80; done) &\n";

fn ask(c: &Cloud, guest: &str, key: &Path, command: &str) -> String {
    wait_for(command, BOOT, || {
        let out = c.ssh(guest, key, command);
        out.status.success().then(|| String::from_utf8_lossy(&out.stdout).trim().to_owned())
    })
}

#[test]
fn a_good_program_reaches_everything_while_guests_talk() {
    let mut c = Cloud::up_with(&["--azs", "1", "--cells-per-az", "2", "--hosts-per-cell", "1"]);
    let (_, subnet, group) = public_vpc(&c, "10.0.0.0/16", "10.0.1.0/24");
    let key = c.must("ec2 create-key-pair --key-name k --key-type ed25519");
    let key = c.write("k.pem", id(&key, "/KeyMaterial"));
    let image = c.must("ec2 describe-images --owners amazon");
    let image = id(&image, "/Images/0/ImageId");
    let script = c.write("server.sh", SERVER);
    let run = c.must(&format!(
        "ec2 run-instances --image-id {image} --instance-type sb1.nano --count 2 --subnet-id {subnet} --security-group-ids {group} \
         --key-name k --user-data file://{}",
        script.display()
    ));
    let of = |n: usize, field: &str| id(&run, &format!("/Instances/{n}/{field}")).to_owned();
    let (client, server) = (of(0, "InstanceId"), of(1, "PrivateIpAddress"));
    let lines = |c: &Cloud| ask(c, &client, &key, "wc -l < /tmp/got").parse::<u64>().expect("a number");
    // As root's own, apart from the session: it goes on when that ends.
    let receive = format!(
        "echo 'tail -f /dev/null | nc {server} 80 > /tmp/got; echo ended > /tmp/ended' > /tmp/receive; \
         rm -f /tmp/ended; setsid sh /tmp/receive < /dev/null > /dev/null 2>&1 & sleep 2; test $(wc -l < /tmp/got) -gt 10"
    );
    ask(&c, &client, &key, &receive);

    start(&c, &good(&c), &plan(&c, "plan.json", 300));
    let waits = until(&c, "awaiting");
    let sha = waits["program"]["sha256"].clone();
    c.ok(&["rollout", "approve"]);
    let done = until(&c, "done");
    assert!(done["reason"].is_null() && done["approved"] == true, "{done}");
    assert!(programs(&c).values().all(|p| *p == sha), "{:?}", programs(&c));
    assert!(c.run(&["rollout", "approve"]).status.code() == Some(1));

    // The same connection, every line once and in order, more than before.
    let before = lines(&c);
    wait_for("the stream", BOOT, || (lines(&c) > before + 50).then_some(()));
    assert_eq!(ask(&c, &client, &key, "ls /tmp/ended 2>/dev/null | wc -l"), "0", "the connection ended");
    assert_eq!(ask(&c, &client, &key, "awk '$1!=NR-1 {print NR, $0; exit}' /tmp/got"), "", "every line comes once, in order");

    // The next start is of the same program, and of another one if that is asked for.
    c.ok(&["down"]);
    c.start(&[]);
    assert!(programs(&c).values().all(|p| *p == sha));
    let kept = c.dir().join("programs").join(sha.as_str().expect("a hash")).join("stratocell");
    std::fs::rename(runnable(c.write("damaged", "#!/bin/sh\nexec sleep 1000\n")), kept).expect("replaced");
    let pid = c.pids()["edge"];
    assert!(std::process::Command::new("kill").args(["-9", &pid.to_string()]).status().expect("kill runs").success());
    wait_for("it to be refused", BOOT, || c.ok(&["ps"]).contains("is not what it was").then_some(()));
}
