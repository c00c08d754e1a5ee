//! What `up` says when it is ready: at most 20 lines, or one JSON object.

use super::ask;
use platform::DataDir;
use platform::settings::{RootCredentials, Settings};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;
use wire::edge::GetEdgeStatus;
use wire::host::GetAgentStatus;
use wire::supervisor::{ProcessState, SupervisorStatus};

/// Degraded lines shown; the rest is left to `doctor`.
const DEGRADED_MAX: usize = 4;

pub struct Facts<'a> {
    pub dir: &'a DataDir,
    pub settings: &'a Settings,
    pub root: &'a RootCredentials,
    pub resumed: bool,
    pub ephemeral: bool,
}

pub enum Profile {
    Written(PathBuf),
    Failed(String),
    /// `--no-profile`.
    Left,
}

/// Why a region is not ready: the processes that do not answer.
pub fn unready(status: &SupervisorStatus) -> String {
    let waiting: Vec<String> = status
        .processes
        .iter()
        .filter(|p| matches!(p.state, ProcessState::Starting | ProcessState::Backoff))
        .map(|p| match &p.last_exit {
            Some(cause) => format!("{} (ended: {cause})", p.name),
            None => p.name.clone(),
        })
        .collect();
    if waiting.is_empty() { "the API does not answer".to_owned() } else { format!("no answer from {}", waiting.join(", ")) }
}

/// What the running processes know better than a look at the machine from outside.
#[derive(Debug, Default)]
pub struct Live {
    /// What guests run under, if a host's agent knows it by now.
    pub acceleration: Option<String>,
    pub problems: Vec<String>,
}

/// Asks one host and the edge: all hosts are of this machine.
pub async fn live(facts: &Facts<'_>) -> Live {
    const TIMEOUT: Duration = Duration::from_millis(200);
    let mut live = Live::default();
    if let Some(host) = facts.settings.cells.first().and_then(|c| c.hosts.first())
        && let Ok(status) = ask::<GetAgentStatus>(facts.dir, &format!("agent-{}", host.id), TIMEOUT).await
    {
        live.acceleration = Some(status.report.acceleration).filter(|a| !a.is_empty());
        live.problems = status.report.problems;
    }
    if let Ok(status) = ask::<GetEdgeStatus>(facts.dir, "edge", TIMEOUT).await {
        live.problems.extend(status.problems);
    }
    live
}

pub fn ready_json(facts: &Facts<'_>, status: &SupervisorStatus, took: Duration) -> serde_json::Value {
    serde_json::json!({
        "event": "ready",
        "version": status.version,
        "ready_ms": took.as_millis() as u64,
        "pid": status.pid,
        "endpoint": status.endpoint,
        "region": facts.settings.region,
        "zones": facts.settings.zones(),
        "account": facts.settings.account,
        "access_key": facts.root.access_key,
        "credentials": facts.dir.root_credentials(),
        "data_dir": facts.dir.root(),
        "resumed": facts.resumed,
        "processes": status.processes.len(),
        "faults": status.faults,
        "degraded": status.degraded,
    })
}

pub fn ready_text(facts: &Facts<'_>, status: &SupervisorStatus, profile: &Profile, live: &Live, took: Duration) -> String {
    let s = facts.settings;
    let mut out = String::new();
    let mut line = |text: String| {
        let _ = writeln!(out, "{}", if text.is_empty() { text } else { format!("  {text}") });
    };
    let kept = match (facts.ephemeral, facts.resumed) {
        (true, _) => "deleted at the end",
        (false, true) => "resumed",
        (false, false) => "kept until `stratocell down --purge`",
    };
    line(format!(
        "stratocell {}  ready in {} ms     (data in {}, {kept})",
        status.version,
        took.as_millis(),
        home(facts.dir.root())
    ));
    line(String::new());
    let zones: Vec<String> = s.zones().iter().map(|z| z.as_str().trim_start_matches(s.region.as_str()).to_owned()).collect();
    let hosts: usize = s.cells.iter().map(|c| c.hosts.len()).sum();
    line(format!(
        "API       {}       region {}, zones {} ({}, {})",
        status.endpoint,
        s.region,
        zones.join(" "),
        count(s.cells.len(), "cell"),
        count(hosts, "host")
    ));
    line(format!("Keys      access key {}       secret key in {}", facts.root.access_key, home(&facts.dir.root_credentials())));
    match profile {
        Profile::Written(path) => line(format!("Profile   [stratocell] written to {}", home(path))),
        Profile::Failed(cause) => line(format!("! no AWS profile: {cause}; use `eval \"$(stratocell env)\"`")),
        Profile::Left => {}
    }
    let vms = match live.acceleration.as_deref() {
        Some("kvm") => "KVM".to_owned(),
        Some("none") => "none can start".to_owned(),
        Some("tcg") => "software emulation (no usable KVM)".to_owned(),
        Some(other) => other.to_owned(),
        None => "hardware acceleration is tried at the first launch".to_owned(),
    };
    line(format!("VMs       {vms}       network {}", if s.host_route { "with a host route (root)" } else { "rootless" }));
    // Where an agent has looked, its word on guests replaces the guess from outside.
    let guessed = |text: &str| ["guest kernel", "QEMU", "busybox", "no hardware"].iter().any(|w| text.starts_with(w));
    let outside = status.degraded.iter().filter(|d| live.acceleration.is_none() || !guessed(d));
    let degraded: Vec<&String> = live.problems.iter().chain(outside).collect();
    for text in degraded.iter().take(DEGRADED_MAX) {
        line(format!("! {text}"));
    }
    if degraded.len() > DEGRADED_MAX {
        line(format!("! {} more: stratocell doctor", degraded.len() - DEGRADED_MAX));
    }
    for fault in status.faults.iter().take(2) {
        line(format!("! fault in force: {} {}   heal: stratocell fault heal {}", fault.target, fault.kind, fault.target));
    }
    line(String::new());
    match profile {
        Profile::Written(_) => line("Try       export AWS_PROFILE=stratocell".to_owned()),
        _ => line("Try       eval \"$(stratocell env)\"".to_owned()),
    }
    line("          aws ec2 run-instances --image-id ami-micro --instance-type t3.nano".to_owned());
    line("          stratocell status".to_owned());
    if let Some(zone) = s.zones().first() {
        line(format!("          stratocell fault inject az/{zone} kill"));
    }
    out
}

fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// A path as its owner writes it.
fn home(path: &Path) -> String {
    let below = std::env::var_os("HOME").and_then(|h| path.strip_prefix(h).ok().map(|p| format!("~/{}", p.display())));
    below.unwrap_or_else(|| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setup::tests::example;
    use wire::supervisor::FaultStatus;

    #[test]
    fn never_more_than_twenty_lines_and_never_the_secret() {
        let settings = example(3, 1, 2);
        let root =
            RootCredentials { account: settings.account.clone(), access_key: "AKIAX".into(), secret_key: "very-secret".into() };
        let dir = DataDir::new("/d");
        let fault = FaultStatus { target: "gateway".into(), kind: "kill".into(), since_ms: 0, until_ms: None };
        let status = SupervisorStatus {
            transport: wire::supervisor::Transport {
                authority: "0".repeat(64),
                leaf_life_s: 86_400,
                bulk_frames: "kernel".into(),
            },
            version: "0.1.0".into(),
            pid: 1,
            started_ms: 0,
            ready: true,
            endpoint: "http://127.0.0.1:4566".into(),
            processes: Vec::new(),
            faults: vec![fault; 9],
            degraded: vec!["x".into(); 30],
        };
        let facts = Facts { dir: &dir, settings: &settings, root: &root, resumed: false, ephemeral: false };
        let took = Duration::from_millis(412);
        let text = ready_text(&facts, &status, &Profile::Failed("x".into()), &Live::default(), took);
        assert!(text.lines().count() <= 20, "{text}");
        assert!(text.contains("ready in 412 ms") && text.contains("AKIAX") && !text.contains("very-secret"), "{text}");
        let json = ready_json(&facts, &status, took).to_string();
        assert!(json.contains("\"ready_ms\":412") && !json.contains("very-secret"));
    }
}
