//! One kept process: started, watched, started again.
//!
//! ```text
//!            spawn            answers Status
//!  Backoff ────────► Starting ─────────────► Running
//!     ▲                  │  exit                │ exit
//!     └──────────────────┴──────────────────────┘         a hold (fault) at any time: Paused or Down,
//!                                                         until it is lifted
//! ```
//!
//! A process that lived 10 s starts again after 50 ms; one that keeps dying waits twice as long each time, up to 5 s; up to
//! half a second if it answered.

use super::programs::{Choice, Programs};
use crate::faults::Hold;
use crate::procfs::{self, Found};
use crate::roles::Kind;
use platform::keeper::Keeper;
use platform::process::ProcessId;
use platform::{Clock, DataDir, Identity, SystemClock, disk};
use std::cell::{OnceCell, RefCell};
use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use wire::supervisor::{ProcessState, ProcessStatus, Upgraded};

/// The roles that open KMS's root key; no other gets its passphrase.
const USES_KEYS: [&str; 3] = ["control-plane", "gateway", "s3-worker"];
const BACKOFF_MIN: Duration = Duration::from_millis(50);
const BACKOFF_MAX: Duration = Duration::from_secs(5);
/// Of one that answered: whoever needs it waits, and it may have been killed.
const BACKOFF_ANSWERED_MAX: Duration = Duration::from_millis(500);
/// Lives in a row that never answered, after which nothing that the last one laid down is given to the next: it may be the cause.
const LEFT_AFTER: u32 = 3;
/// What a process has said is read within this time of its end.
const LAST_WORDS_MAX: Duration = Duration::from_secs(1);
/// Deaths in a row (1.6 s and more) of a process that never answered, after which `up` gives up.
const HOPELESS_AFTER: u32 = 6;
/// A life this long ends the run of failures.
const STABLE_AFTER: Duration = Duration::from_secs(10);
/// How long a successor may take until it has the place of the process.
const SUCCEED_MAX: Duration = Duration::from_secs(25);
/// How long a process that is to be replaced may take to end when asked.
const REPLACE_GRACE: Duration = Duration::from_secs(3);
/// A log longer than this at start, or at the regular look, becomes `<name>.log.1`.
pub const LOG_BYTES_MAX: u64 = 8 << 20;

pub struct Child {
    pub name: String,
    pub kind: &'static Kind,
    dir: DataDir,
    /// The supervisor's.
    me: Identity,
    view: RefCell<View>,
    /// The hold or the stopping flag changed.
    changed: Notify,
    /// What outlives the process, made at the first start.
    keeper: OnceCell<Arc<Keeper>>,
    /// What starts as it.
    program: RefCell<Source>,
    programs: Rc<Programs>,
    order: RefCell<Option<Order>>,
    ordered: Notify,
}

/// A process, and what takes down what is to outlive it.
struct Running {
    process: tokio::process::Child,
    attending: Option<JoinHandle<()>>,
}

/// What a process starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A program of the store, or the supervisor's own.
    Kept(Choice),
    /// A file that an operator named, with its version: until the supervisor ends.
    File(PathBuf, String),
}

impl Source {
    fn version(&self) -> &str {
        match self {
            Self::Kept(None) => env!("CARGO_PKG_VERSION"),
            Self::Kept(Some(program)) => &program.version,
            Self::File(_, version) => version,
        }
    }
}

/// A successor that is to take the process's place.
struct Order {
    program: Source,
    outcome: oneshot::Sender<Result<Upgraded, String>>,
}

#[derive(Default)]
struct View {
    alive: Option<ProcessId>,
    answers: bool,
    backoff: bool,
    hold: Option<Hold>,
    stopping: bool,
    restarts: u32,
    failures: u32,
    /// Lives in a row.
    unanswered: u32,
    ever_ready: bool,
    started_ms: u64,
    last_exit: Option<String>,
    /// It ends to be started from another program.
    replacing: bool,
    /// Ends of its own with the present program.
    deaths: u32,
}

impl Child {
    pub fn new(
        name: String,
        kind: &'static Kind,
        me: Identity,
        hold: Option<Hold>,
        programs: &Rc<Programs>,
        program: Choice,
    ) -> Rc<Self> {
        let view = RefCell::new(View { hold, ..View::default() });
        Rc::new(Self {
            name,
            kind,
            dir: me.dir().clone(),
            me,
            view,
            changed: Notify::new(),
            keeper: OnceCell::new(),
            program: RefCell::new(Source::Kept(program)),
            programs: programs.clone(),
            order: RefCell::new(None),
            ordered: Notify::new(),
        })
    }

    pub fn status(&self) -> ProcessStatus {
        let v = self.view.borrow();
        let source = self.program.borrow();
        ProcessStatus {
            name: self.name.clone(),
            pid: v.alive.map(|id| id.pid),
            state: v.state(),
            restarts: v.restarts,
            started_ms: v.started_ms,
            last_exit: v.last_exit.clone(),
            rss_kib: v.alive.map_or(0, ProcessId::rss_kib),
            version: source.version().to_owned(),
            program: match &*source {
                Source::Kept(kept) => kept.as_ref().map(|p| p.sha256.clone()),
                Source::File(path, _) => Some(path.display().to_string()),
            },
        }
    }

    /// How often it ended by itself with the program that it runs.
    pub fn deaths(&self) -> u32 {
        self.view.borrow().deaths
    }

    /// How long it takes to answer now; `None`: it does not.
    pub async fn ask(&self) -> Option<Duration> {
        let began = Instant::now();
        let asked = self.id().is_some() && self.kind.answers(&self.me, &self.name).await;
        asked.then(|| began.elapsed())
    }

    /// Answers, or is held by a fault.
    pub fn settled(&self) -> bool {
        let v = self.view.borrow();
        v.hold.is_some() || (v.alive.is_some() && v.answers)
    }

    pub fn held(&self) -> bool {
        self.view.borrow().hold.is_some()
    }

    /// Dies again and again without ever having answered: (deaths, the last cause).
    pub fn hopeless(&self) -> Option<(u32, String)> {
        let v = self.view.borrow();
        (!v.ever_ready && v.failures >= HOPELESS_AFTER).then(|| (v.failures, v.last_exit.clone().unwrap_or_default()))
    }

    pub fn id(&self) -> Option<ProcessId> {
        self.view.borrow().alive
    }

    /// Puts a hold on, changes it, or lifts it.
    pub fn set_hold(&self, hold: Option<Hold>) {
        let (before, alive) = {
            let mut v = self.view.borrow_mut();
            let before = std::mem::replace(&mut v.hold, hold);
            if before != hold {
                v.failures = 0;
            }
            (before, v.alive)
        };
        let signal = match hold {
            _ if before == hold => None,
            Some(Hold::Kill) => Some(libc::SIGKILL),
            Some(Hold::Pause) => Some(libc::SIGSTOP),
            None if before == Some(Hold::Pause) => Some(libc::SIGCONT),
            None => None,
        };
        if let (Some(signal), Some(id)) = (signal, alive)
            && let Err(e) = id.signal(signal)
        {
            tracing::warn!(process = self.name, signal, error = %e, "signal failed");
        }
        self.changed.notify_one();
    }

    /// No further starts; the caller ends the process.
    pub fn stop(&self) {
        self.view.borrow_mut().stopping = true;
        self.changed.notify_one();
    }

    /// Starts `program` beside the running process, which is to leave its place to it. After an error, the sentence of which
    /// is returned, it goes on. One at a time: the caller sees to it.
    pub async fn upgrade(&self, program: Source) -> Result<Upgraded, String> {
        {
            let v = self.view.borrow();
            if v.hold.is_some() || v.stopping || v.alive.is_none() || !v.answers {
                return Err(format!("{} does not run: see `stratocell ps`", self.name));
            }
        }
        let (outcome, told) = oneshot::channel();
        *self.order.borrow_mut() = Some(Order { program, outcome });
        self.ordered.notify_one();
        told.await.unwrap_or_else(|_| Err(format!("{} ended meanwhile", self.name)))
    }

    /// Ends the process, if there is one, and starts it from `program`. Returns when the old one has gone.
    pub async fn replace(&self, program: Choice) {
        *self.program.borrow_mut() = Source::Kept(program);
        let alive = {
            let mut v = self.view.borrow_mut();
            (v.replacing, v.deaths, v.failures) = (true, 0, 0);
            v.alive
        };
        if let Some(id) = alive {
            procfs::end(&[Found { name: self.name.clone(), id }], libc::SIGTERM, REPLACE_GRACE).await;
        }
        self.changed.notify_one();
    }

    /// Gives a running process another program: by hand-over where it can, else by ending it.
    ///
    /// # Errors
    /// The new process did not take over; the old one goes on.
    pub async fn reprogram(&self, program: Choice) -> Result<(), String> {
        // A successor that did not take over has left it as it was.
        if self.id().is_some() && *self.program.borrow() == Source::Kept(program.clone()) {
            return Ok(());
        }
        let serves = self.view.borrow().answers && !self.held();
        if self.kind.keeps > 0 && serves {
            return self.upgrade(Source::Kept(program)).await.map(drop);
        }
        self.replace(program).await;
        Ok(())
    }

    /// Runs for the life of the supervisor.
    pub async fn keep(self: Rc<Self>) {
        loop {
            let (stopping, hold) = {
                let v = self.view.borrow();
                (v.stopping, v.hold)
            };
            if stopping {
                return;
            }
            if hold.is_some() {
                self.changed.notified().await;
                continue;
            }
            let began = Instant::now();
            self.order.borrow_mut().take();
            self.view.borrow_mut().replacing = false;
            let program = self.program.borrow().clone();
            let path = self.path(&program).await;
            // Looking at the file takes a while.
            if self.view.borrow().stopping || self.view.borrow().hold.is_some() || *self.program.borrow() != program {
                continue;
            }
            let cause = match path.and_then(|path| self.spawn(&path)) {
                Ok(running) => {
                    self.is_running(&running.process);
                    self.watch(running).await
                }
                Err(e) => format!("cannot be started: {e}"),
            };
            let pause = {
                let mut v = self.view.borrow_mut();
                v.alive = None;
                let answered = std::mem::replace(&mut v.answers, false);
                v.unanswered = if answered { 0 } else { v.unanswered + 1 };
                v.last_exit = Some(cause.clone());
                let held = v.stopping || v.hold.is_some();
                // Whoever is at the other end is not to wait for nobody.
                if let Some(keeper) = self.keeper.get().filter(|_| held || v.unanswered >= LEFT_AFTER) {
                    keeper.clear();
                }
                if held || v.replacing {
                    continue;
                }
                v.restarts += 1;
                v.deaths += 1;
                v.failures = if began.elapsed() >= STABLE_AFTER { 1 } else { v.failures + 1 };
                v.backoff = true;
                backoff(v.failures, answered)
            };
            tracing::warn!(process = self.name, cause, again_in = ?pause, "ended");
            let resume = Instant::now() + pause;
            let waits = |v: &View| !v.stopping && !v.replacing && v.hold.is_none();
            while waits(&self.view.borrow()) {
                tokio::select! {
                    _ = tokio::time::sleep_until(resume.into()) => break,
                    _ = self.changed.notified() => {}
                }
            }
            self.view.borrow_mut().backoff = false;
        }
    }

    async fn path(&self, program: &Source) -> io::Result<PathBuf> {
        match program {
            Source::Kept(choice) => self.programs.ready(choice).await,
            Source::File(path, _) => Ok(path.clone()),
        }
    }

    fn spawn(&self, program: &Path) -> io::Result<Running> {
        let log = self.dir.log(&self.name);
        rotate(&log)?;
        let log = OpenOptions::new().create(true).append(true).mode(0o600).open(&log)?;
        let (stdin, attending) = match self.kind.keeps {
            0 => (Stdio::null(), None),
            bytes => {
                let (theirs, life) = self.keeper(bytes)?.begin()?;
                (theirs.into(), Some(tokio::spawn(life.attend())))
            }
        };
        let mut command = tokio::process::Command::new(program);
        if !USES_KEYS.contains(&self.name.as_str()) {
            command.env_remove(platform::root_key::PASSPHRASE_VARIABLE);
        }
        let process = command
            .arg0("stratocell")
            .args(["role", &self.name, "--data-dir"])
            .arg(self.dir.root())
            .stdin(stdin)
            .stdout(log.try_clone()?)
            .stderr(log)
            .env_remove("STRATOCELL_SECRET_KEY")
            // Its own group: a Ctrl-C on the terminal is for the supervisor, which stops the roles in order.
            .process_group(0)
            .spawn()?;
        Ok(Running { process, attending })
    }

    fn keeper(&self, bytes: usize) -> io::Result<&Arc<Keeper>> {
        if self.keeper.get().is_none() {
            let _ = self.keeper.set(Keeper::new(bytes)?);
        }
        Ok(self.keeper.get().ok_or(io::ErrorKind::NotFound)?)
    }

    fn is_running(&self, child: &tokio::process::Child) {
        let id = child.id().and_then(ProcessId::of);
        let mut v = self.view.borrow_mut();
        v.alive = id;
        v.started_ms = SystemClock::new().wall().0;
        drop(v);
        if let Some(id) = id
            && let Err(e) = id.write_file(&self.dir.pid_file(&self.name))
        {
            tracing::warn!(process = self.name, error = %e, "pid file not written");
        }
    }

    /// Waits for the end, probing until it answers; says how it ended.
    async fn watch(&self, mut running: Running) -> String {
        let probe = async {
            let mut pause = Duration::from_millis(4);
            while !self.kind.answers(&self.me, &self.name).await {
                tokio::time::sleep(pause).await;
                pause = (pause * 3 / 2).min(Duration::from_millis(100));
            }
            let mut v = self.view.borrow_mut();
            v.answers = true;
            v.ever_ready = true;
        };
        let mut probe = std::pin::pin!(async {
            probe.await;
            std::future::pending().await
        });
        let status = loop {
            tokio::select! {
                status = running.process.wait() => break status,
                () = &mut probe => {}
                () = self.ordered.notified() => {
                    let Some(order) = self.order.borrow_mut().take() else { continue };
                    let outcome;
                    (running, outcome) = self.succeed(running, order.program).await;
                    let _ = order.outcome.send(outcome);
                }
            }
        };
        if let Some(attending) = running.attending
            && tokio::time::timeout(LAST_WORDS_MAX, attending).await.is_err()
        {
            tracing::warn!(process = self.name, "what it laid down last may be missing");
        }
        let _ = disk::remove_file(&self.dir.pid_file(&self.name));
        match status {
            Ok(status) => ending(status),
            Err(e) => format!("lost: {e}"),
        }
    }

    /// Until the successor has the place of the process, or has not: which of the two goes on.
    async fn succeed(&self, mut old: Running, program: Source) -> (Running, Result<Upgraded, String>) {
        let mut new = match self.path(&program).await.and_then(|path| self.spawn(&path)) {
            Ok(new) => new,
            Err(e) => return (old, Err(format!("the new program cannot be started: {e}"))),
        };
        let log = self.dir.log(&self.name);
        let failed = tokio::select! {
            status = old.process.wait() => match (status, old_pid(self), new.process.id()) {
                (Ok(status), Some(old_pid), Some(new_pid)) if status.success() => {
                    *self.program.borrow_mut() = program;
                    self.view.borrow_mut().deaths = 0;
                    self.is_running(&new.process);
                    tracing::info!(process = self.name, old_pid, new_pid, "upgraded");
                    return (new, Ok(Upgraded { old_pid, new_pid }));
                }
                (status, ..) => format!("{} ended meanwhile ({})", self.name, status.map_or_else(|e| e.to_string(), ending)),
            },
            status = new.process.wait() => {
                let cause = status.map_or_else(|e| e.to_string(), ending);
                format!("the new process ended ({cause}), the old one goes on: see {}", log.display())
            }
            () = tokio::time::sleep(SUCCEED_MAX) => {
                format!("the new process took longer than {} s, the old one goes on", SUCCEED_MAX.as_secs())
            }
        };
        if let Err(e) = new.process.kill().await {
            tracing::warn!(process = self.name, error = %e, "the successor cannot be ended");
        }
        (old, Err(failed))
    }
}

fn old_pid(child: &Child) -> Option<u32> {
    child.id().map(|id| id.pid)
}

impl View {
    fn state(&self) -> ProcessState {
        match (self.hold, self.alive) {
            (Some(Hold::Kill), _) => ProcessState::Down,
            (Some(Hold::Pause), _) => ProcessState::Paused,
            (None, Some(_)) if self.answers => ProcessState::Running,
            (None, None) if self.backoff => ProcessState::Backoff,
            (None, _) => ProcessState::Starting,
        }
    }
}

fn backoff(failures: u32, answered: bool) -> Duration {
    let max = if answered { BACKOFF_ANSWERED_MAX } else { BACKOFF_MAX };
    BACKOFF_MIN.saturating_mul(1 << (failures.max(1) - 1).min(10)).min(max)
}

fn ending(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(libc::SIGKILL)) => "killed (signal 9)".to_owned(),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "unknown".to_owned(),
    }
}

/// Sets a log aside that has grown too long. The writer may go on: it appends, and the file is emptied, not replaced.
pub fn rotate(log: &std::path::Path) -> io::Result<()> {
    if std::fs::metadata(log).is_ok_and(|m| m.len() > LOG_BYTES_MAX) {
        let mut aside = log.as_os_str().to_owned();
        aside.push(".1");
        std::fs::copy(log, aside)?;
        OpenOptions::new().write(true).open(log)?.set_len(0)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backoff_doubles_up_to_its_limit() {
        let ms: Vec<_> = (0..10).map(|n| backoff(n, false).as_millis()).collect();
        assert_eq!(ms, [50, 50, 100, 200, 400, 800, 1600, 3200, 5000, 5000]);
        assert_eq!([backoff(4, true), backoff(u32::MAX, true)], [BACKOFF_MIN * 8, BACKOFF_ANSWERED_MAX]);
        assert_eq!(backoff(u32::MAX, false), BACKOFF_MAX);
    }

    #[test]
    fn a_long_log_is_set_aside_under_a_writer_that_goes_on() {
        use std::io::Write;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.log");
        let mut writer = OpenOptions::new().create(true).append(true).open(&path).unwrap();
        writer.write_all(&vec![b'x'; LOG_BYTES_MAX as usize + 1]).unwrap();
        rotate(&path).unwrap();
        writer.write_all(b"new").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(std::fs::metadata(dir.path().join("x.log.1")).unwrap().len(), LOG_BYTES_MAX + 1);
    }
}
