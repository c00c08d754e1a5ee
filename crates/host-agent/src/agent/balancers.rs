//! Load balancers' nodes: a process each, of its own session, that outlives the agent.
//!
//! ```text
//!  document ──► hosts/<host>/balancers/<interface>/config.json ──► the process (SIGHUP: look again)
//!           ◄── status, asked once a second ───────────────────────┘
//! ```
//! The file is written before a process starts, so one that is started alone serves what it should. A process says in
//! `lb.pid` who it is, and is the only one of its node (it locks the directory). What is not wanted any more is asked to end, killed when it takes too long, and then removed. [`decide`] is pure.

use super::{Agent, balancer_logs};
use crate::hypervisor::qemu::tail;
use platform::process::ProcessId;
use platform::{Clock, disk};
use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use types::InterfaceId;
use wire::balancer::{BalancerConfig, BalancerStatus, CertificateSource};
use wire::host::BalancerReport;

/// Of one host's document.
pub const BALANCERS_MAX: usize = 256;
const LOOK_EVERY: Duration = Duration::from_secs(1);
const ASK_TIMEOUT: Duration = Duration::from_millis(500);
const STATUS_BYTES_MAX: u64 = 8 << 20;
/// From SIGTERM to SIGKILL: more than the process gives its requests.
const STOP_MS_MAX: u64 = DRAIN.as_millis() as u64 + 5_000;
/// Requests under way when a node goes may go on for so long.
pub const DRAIN: Duration = Duration::from_secs(30);
const BACKOFF_MS_MIN: u64 = 200;
const BACKOFF_MS_MAX: u64 = 5_000;
/// A process that ends sooner died young: the next one waits.
const YOUNG_MS: u64 = 10_000;

const CONFIG: &str = "config.json";
const PID: &str = "lb.pid";
const LOG: &str = "lb.log";

/// What is known of one node.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// The document in its file.
    written: Option<BalancerConfig>,
    process: Option<ProcessId>,
    /// Ours to wait for, unless it is adopted.
    child: Option<Child>,
    status: Option<BalancerStatus>,
    problem: Option<String>,
    started_ms: u64,
    /// Runs in a row that died young.
    deaths: u32,
    retry_at_ms: u64,
    kill_at_ms: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Nothing,
    /// Writes the document, and tells the process.
    Write,
    /// It has not looked at the newest document yet.
    Tell,
    Start,
    Ask,
    Kill,
    Remove,
}

/// `held`: the generation that the process said it serves; `None`: it did not answer.
fn decide(wanted: Option<&BalancerConfig>, node: &Node, alive: bool, now_ms: u64) -> Action {
    let Some(wanted) = wanted else {
        return match (alive, node.kill_at_ms) {
            (false, _) => Action::Remove,
            (true, None) => Action::Ask,
            (true, Some(at)) if now_ms >= at => Action::Kill,
            (true, Some(_)) => Action::Nothing,
        };
    };
    if node.written.as_ref() != Some(wanted) {
        return Action::Write;
    }
    match (alive, &node.status) {
        // A clock that was set back must not stretch the wait.
        (false, _) if now_ms < node.retry_at_ms && node.retry_at_ms <= now_ms + BACKOFF_MS_MAX => Action::Nothing,
        (false, _) => Action::Start,
        // Wanted again while it was on its way out: its successor starts when it has ended.
        (true, _) if node.kill_at_ms.is_some_and(|at| now_ms >= at) => Action::Kill,
        (true, _) if node.kill_at_ms.is_some() => Action::Nothing,
        (true, Some(status)) if status.generation != wanted.generation && status.refused.is_none() => Action::Tell,
        _ => Action::Nothing,
    }
}

impl Node {
    /// What a run that ended means for the next.
    fn died(&mut self, now_ms: u64) {
        let young = now_ms.saturating_sub(self.started_ms) < YOUNG_MS;
        self.deaths = if young { self.deaths.saturating_add(1) } else { 0 };
        let pause = (BACKOFF_MS_MIN << self.deaths.min(10)).min(BACKOFF_MS_MAX);
        self.retry_at_ms = now_ms + if young { pause } else { 0 };
        (self.process, self.child, self.status) = (None, None, None);
        self.kill_at_ms = None;
    }

    fn report(&self, interface: InterfaceId) -> BalancerReport {
        let refused = self.status.as_ref().and_then(|s| s.refused.clone());
        let pid = self.process.map(|p| p.pid);
        BalancerReport { interface, status: self.status.clone(), pid, problem: self.problem.clone().or(refused) }
    }

    /// What is worth a report at once.
    fn key(&self) -> (Option<ProcessId>, Option<types::Generation>, Option<String>) {
        (self.process, self.status.as_ref().map(|s| s.generation), self.problem.clone())
    }
}

impl Agent {
    pub(super) fn report_balancers(&self) -> Vec<BalancerReport> {
        let wanted: BTreeSet<InterfaceId> = self.config.borrow().iter().flat_map(|c| &c.balancers).map(|b| b.interface).collect();
        let nodes = self.balancers.borrow();
        nodes.iter().filter(|(id, _)| wanted.contains(id)).map(|(id, n)| n.report(*id)).collect()
    }

    /// Keeps processes as the document says, for ever.
    pub(super) async fn keep_balancers(self: Rc<Self>) {
        if let Err(error) = self.find_balancers() {
            tracing::error!(%error, "the host's load balancers cannot be read");
        }
        loop {
            let known = self.config.borrow().is_some();
            if known {
                self.balancers_round().await;
            }
            let _ = tokio::time::timeout(LOOK_EVERY, self.wake_balancers.notified()).await;
        }
    }

    /// Those that are there already: their files and, if they live, their processes.
    fn find_balancers(&self) -> io::Result<()> {
        let all = self.dir.balancers(&self.host);
        disk::create_private_dir(&all)?;
        disk::create_private_dir(&self.dir.host_run(&self.host))?;
        for entry in std::fs::read_dir(all)? {
            let entry = entry?;
            let Ok(id) = entry.file_name().to_string_lossy().parse::<InterfaceId>() else { continue };
            let written = std::fs::read(entry.path().join(CONFIG)).ok().and_then(|b| serde_json::from_slice(&b).ok());
            let process = ProcessId::read_file(&entry.path().join(PID)).filter(|p| p.is_alive());
            self.balancers.borrow_mut().insert(id, Node { written, process, ..Node::default() });
        }
        Ok(())
    }

    async fn balancers_round(&self) {
        let wanted: Vec<(InterfaceId, BalancerConfig)> =
            self.config.borrow().iter().flat_map(|c| &c.balancers).map(|b| (b.interface, b.config.clone())).collect();
        for (id, _) in &wanted {
            self.balancers.borrow_mut().entry(*id).or_default();
        }
        let ids: Vec<InterfaceId> = self.balancers.borrow().keys().copied().collect();
        for id in ids {
            let wanted = wanted.iter().find(|(w, _)| *w == id).map(|(_, config)| config);
            self.balancer_round(id, wanted).await;
        }
    }

    async fn balancer_round(&self, id: InterfaceId, wanted: Option<&BalancerConfig>) {
        let Some(mut node) = self.balancers.borrow_mut().remove(&id) else { return };
        let before = node.key();
        let now_ms = self.clock.wall().0;
        if let Some(child) = &mut node.child {
            let _ = child.try_wait();
        }
        if node.process.is_some_and(|p| !p.is_alive()) {
            let log = tail(&self.dir.balancer(&self.host, &id).join(LOG));
            tracing::warn!(interface = %id, log, "a load balancer's process has ended");
            node.problem = Some(format!("its process ended: {log}"));
            node.died(now_ms);
        }
        if node.process.is_none() {
            // One that an agent started which was killed at once, and that our own gave way to.
            let other = ProcessId::read_file(&self.dir.balancer(&self.host, &id).join(PID));
            node.process = other.filter(|p| p.is_alive());
        }
        if node.process.is_some() {
            node.status = ask(&self.dir.balancer_control(&self.host, &id)).await;
            if node.status.is_some() {
                node.problem = None;
            }
        }
        let mut removed = false;
        // A document that was written is for a process to be started, or told, in the same round.
        for _ in 0..2 {
            let action = decide(wanted, &node, node.process.is_some(), now_ms);
            match self.do_balancer(id, wanted, &mut node, action, now_ms) {
                Ok(()) => removed = action == Action::Remove,
                Err(error) => {
                    tracing::warn!(interface = %id, ?action, %error, "a load balancer's node");
                    node.problem = Some(format!("{action:?}: {error}"));
                    break;
                }
            }
            if action != Action::Write {
                break;
            }
        }
        if node.key() != before || removed {
            self.wake_report.notify_one();
        }
        if !removed {
            self.balancers.borrow_mut().insert(id, node);
        }
    }

    fn do_balancer(
        &self,
        id: InterfaceId,
        wanted: Option<&BalancerConfig>,
        node: &mut Node,
        action: Action,
        now_ms: u64,
    ) -> io::Result<()> {
        let dir = self.dir.balancer(&self.host, &id);
        let signal = |s| node.process.map_or(Ok(false), |p| p.signal(s)).map(drop);
        match (action, wanted) {
            (Action::Write, Some(wanted)) => {
                disk::create_private_dir(&dir)?;
                disk::write_atomic(&dir.join(CONFIG), &serde_json::to_vec(wanted)?)?;
                signal(libc::SIGHUP)?;
                node.written = Some(wanted.clone());
                Ok(())
            }
            (Action::Tell, _) => signal(libc::SIGHUP),
            (Action::Start, Some(wanted)) => {
                node.started_ms = now_ms;
                let child = self.start_balancer(id, &dir, wanted)?;
                node.process = ProcessId::of(child.id());
                node.child = Some(child);
                Ok(())
            }
            (Action::Ask, _) => {
                node.kill_at_ms = Some(now_ms + STOP_MS_MAX);
                signal(libc::SIGTERM)
            }
            (Action::Kill, _) => signal(libc::SIGKILL),
            (Action::Remove, _) => {
                for socket in [self.dir.balancer_socket(&self.host, &id), self.dir.balancer_control(&self.host, &id)] {
                    disk::remove_file(&socket)?;
                }
                balancer_logs::keep(&dir, &self.dir.balancer_logs(&self.host))?;
                disk::remove_tree(&dir)
            }
            (Action::Nothing | Action::Write | Action::Start, _) => Ok(()),
        }
    }

    /// With nothing of the agent's environment but, where a key must be opened, what opens the root key.
    fn start_balancer(&self, id: InterfaceId, dir: &Path, config: &BalancerConfig) -> io::Result<Child> {
        let log = OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(dir.join(LOG))?;
        let mut command = Command::new(&self.program);
        command.arg("role").arg(format!("balancer-{}-{id}", self.host)).arg("--data-dir").arg(self.dir.root());
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).env_clear();
        let sealed = |c: &wire::balancer::Certificate| matches!(c.source, CertificateSource::Sealed { .. });
        if config.certificates.iter().any(sealed)
            && let Some(passphrase) = std::env::var_os(platform::root_key::PASSPHRASE_VARIABLE)
        {
            command.env(platform::root_key::PASSPHRASE_VARIABLE, passphrase);
        }
        // A session of its own: signals to the agent's process group do not reach it.
        // SAFETY: between fork and exec only setsid is called, which is async-signal-safe.
        unsafe {
            command.pre_exec(|| if libc::setsid() < 0 { Err(io::Error::last_os_error()) } else { Ok(()) });
        }
        command.spawn()
    }
}

/// What the process at a control socket says of itself. `None`: it does not answer in time.
async fn ask(control: &Path) -> Option<BalancerStatus> {
    let asked = async {
        let mut stream = UnixStream::connect(control).await?;
        stream.write_all(b"status\n").await?;
        let mut text = Vec::new();
        stream.take(STATUS_BYTES_MAX).read_to_end(&mut text).await?;
        Ok::<_, io::Error>(serde_json::from_slice(&text)?)
    };
    tokio::time::timeout(ASK_TIMEOUT, asked).await.ok()?.ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::Generation;

    fn config(generation: u64) -> BalancerConfig {
        BalancerConfig {
            format: wire::FORMAT,
            generation: Generation(generation),
            name: "app/a/1".into(),
            zone: None,
            attributes: Default::default(),
            certificates: vec![],
            ticket_keys: vec![],
            listeners: vec![],
            target_groups: vec![],
        }
    }

    fn status(generation: u64, refused: Option<&str>) -> BalancerStatus {
        BalancerStatus {
            name: String::new(),
            generation: Generation(generation),
            listeners: vec![],
            target_groups: vec![],
            connections: 0,
            requests: 0,
            counters: Default::default(),
            refused: refused.map(str::to_owned),
            oidc_keys: Default::default(),
        }
    }

    #[test]
    fn decisions() {
        let (one, two) = (config(1), config(2));
        let node = |written: Option<&BalancerConfig>, status: Option<BalancerStatus>| Node {
            written: written.cloned(),
            status,
            ..Node::default()
        };
        let stopping = |at| Node { kill_at_ms: Some(at), ..node(Some(&one), None) };
        let waiting = |at| Node { retry_at_ms: at, ..node(Some(&one), None) };
        let now = 100_000;
        type Row<'a> = (&'a str, Option<&'a BalancerConfig>, Node, bool, Action);
        let rows: Vec<Row> = vec![
            ("new", Some(&one), node(None, None), false, Action::Write),
            ("written", Some(&one), node(Some(&one), None), false, Action::Start),
            ("started", Some(&one), node(Some(&one), None), true, Action::Nothing),
            ("serves", Some(&one), node(Some(&one), Some(status(1, None))), true, Action::Nothing),
            ("another document", Some(&two), node(Some(&one), Some(status(1, None))), true, Action::Write),
            ("not looked yet", Some(&two), node(Some(&two), Some(status(1, None))), true, Action::Tell),
            ("refused", Some(&two), node(Some(&two), Some(status(1, Some("no")))), true, Action::Nothing),
            ("died young", Some(&one), waiting(now + 200), false, Action::Nothing),
            ("long enough", Some(&one), waiting(now), false, Action::Start),
            ("the clock was set back", Some(&one), waiting(now * 2), false, Action::Start),
            ("not wanted", None, node(Some(&one), None), true, Action::Ask),
            ("asked", None, stopping(now + 1), true, Action::Nothing),
            ("too long", None, stopping(now), true, Action::Kill),
            ("gone", None, stopping(now), false, Action::Remove),
            ("wanted again", Some(&one), stopping(now + 1), true, Action::Nothing),
            ("wanted again, gone", Some(&one), stopping(now + 1), false, Action::Start),
        ];
        for (name, wanted, node, alive, action) in rows {
            assert_eq!(decide(wanted, &node, alive, now), action, "{name}");
        }
    }
}
