//! Carries rollouts out: looks at the region about once a second, asks [`rollout::next`] what to do, writes that down
//! (`rollouts.json`) and does it. A supervisor that was killed goes on with what it finds written.

use super::Supervisor;
use super::programs::{self, Choice, Programs};
use crate::rollout::{self, Api, Book, Look, Metrics, Seen, Step};
use platform::rpc::{Client, RpcError};
use platform::{Clock, DataDir, SystemClock, disk};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::sync::{Notify, Semaphore};
use types::HostId;
use wire::Empty;
use wire::api::{GatewayStatus, GetGatewayStatus};
use wire::host::GetAgentStatus;
use wire::rollout::{Phase, Rollout, RolloutRequest, Rollouts};

/// A look counts as a second.
const LOOK_EVERY: Duration = Duration::from_secs(1);
const LOOK_TIMEOUT: Duration = Duration::from_millis(500);
const ASKED_AT_ONCE: usize = 2;
/// Between two looks whether a process that was given its program answers.
const SETTLE_LOOK: Duration = Duration::from_millis(20);

/// What the supervisor has in hand.
pub struct Rolling {
    pub programs: Rc<Programs>,
    /// `None`: there was no rollout yet in this data directory.
    book: RefCell<Option<Book>>,
    metrics: RefCell<Metrics>,
    /// A rollout began, was approved or is to end.
    changed: Notify,
}

/// The book of a data directory, without its supervisor.
pub fn read(dir: &DataDir) -> io::Result<Option<Book>> {
    let bytes = match std::fs::read(dir.rollouts()) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        bytes => bytes?,
    };
    let book: Book = serde_json::from_slice(&bytes)?;
    match book.format {
        Book::FORMAT => Ok(Some(book)),
        other => Err(io::Error::other(format!("its format is {other}, and this program knows {}", Book::FORMAT))),
    }
}

impl Rolling {
    /// Goes on with what a predecessor began.
    ///
    /// # Errors
    /// What is written cannot be read: which programs are meant is not known, and nothing is started from a wrong one.
    pub async fn resume(dir: &DataDir, now_ms: u64) -> io::Result<Self> {
        let unread =
            |e| io::Error::other(format!("{}: {e}; without it everything starts from this program", dir.rollouts().display()));
        let mut book = read(dir).map_err(unread)?;
        if let Some(book) = &mut book {
            book.resume(&programs::own().await?, now_ms);
            save(dir, book)?;
        }
        let programs = Programs::new(dir);
        Ok(Self { programs, book: RefCell::new(book), metrics: RefCell::default(), changed: Notify::new() })
    }

    pub fn program_of(&self, process: &str) -> Choice {
        self.book.borrow().as_ref().and_then(|b| b.program_of(process)).cloned()
    }

    /// Runs the program of the rollout that is under way.
    pub fn is_updated(&self, process: &str) -> bool {
        self.active().is_some_and(|r| r.updated.iter().any(|p| p == process))
    }

    pub fn is_active(&self) -> bool {
        self.active().is_some()
    }

    fn active(&self) -> Option<Rollout> {
        self.book.borrow().as_ref().and_then(Book::active).cloned()
    }

    /// Changes the book: on disk first.
    fn write<T>(&self, dir: &DataDir, change: impl FnOnce(&mut Book) -> T) -> io::Result<Option<T>> {
        let Some(mut book) = self.book.borrow().clone() else { return Ok(None) };
        let outcome = change(&mut book);
        save(dir, &book)?;
        *self.book.borrow_mut() = Some(book);
        Ok(Some(outcome))
    }
}

fn save(dir: &DataDir, book: &Book) -> io::Result<()> {
    disk::write_atomic(&dir.rollouts(), &serde_json::to_vec_pretty(book)?)
}

fn refused(code: &str) -> impl FnOnce(String) -> RpcError {
    move |sentence| RpcError::remote(code, sentence)
}

fn unwritten(e: io::Error) -> RpcError {
    RpcError::remote("disk", format!("the rollout cannot be written down: {e}"))
}

impl Supervisor {
    pub(super) fn rollouts(&self) -> Rollouts {
        let rollouts = self.rolling.book.borrow().as_ref().map(|b| b.rollouts.clone()).unwrap_or_default();
        let figures = if self.rolling.is_active() { self.rolling.metrics.borrow().figures() } else { Vec::new() };
        Rollouts { rollouts, figures }
    }

    /// Takes a program in and begins with the first wave.
    pub(super) async fn start_rollout(self: Rc<Self>, request: RolloutRequest) -> Result<Rollout, RpcError> {
        let _changing = self.changing.lock().await;
        if let Some(active) = self.rolling.active() {
            return Err(refused("rollout")(format!(
                "rollout {} is under way: see `stratocell rollout status`, or end it with `stratocell rollout abort`",
                active.id
            )));
        }
        if !self.faults.borrow().is_empty() || !self.status().await.ready {
            return Err(refused("not-ready")(
                "the region is not well, so nothing could be told of a new program: see `stratocell status` and `fault list`"
                    .to_owned(),
            ));
        }
        let given = request.program.display().to_string();
        let taken = self.rolling.programs.import(request.program).await;
        let program = taken.map_err(|e| refused("program")(format!("{given} cannot be used: {e}")))?;
        let own = programs::own().await.map_err(unwritten)?;
        let mut book = self.rolling.book.borrow().clone().unwrap_or_else(|| Book::new(own.clone()));
        let runs = book.base.as_ref().map_or(&own, |b| &b.sha256);
        if *runs == program.sha256 {
            return Err(refused("program")(format!("{given} is what everything runs already")));
        }
        let mut instances: BTreeMap<HostId, usize> = BTreeMap::new();
        for i in self.look_at_cells().await.iter().flatten().flat_map(|c| &c.instances) {
            *instances.entry(i.host.clone()).or_default() += 1;
        }
        let waves = rollout::waves(&self.settings, &request.plan, &instances).map_err(|e| refused("plan")(e.to_string()))?;
        let now_ms = SystemClock::new().wall().0;
        let rollout = Rollout {
            id: book.rollouts.last().map_or(1, |r| r.id + 1),
            program,
            before: book.base.clone(),
            plan: request.plan,
            waves,
            phase: Phase::Updating { wave: 0, since_ms: now_ms },
            updated: Vec::new(),
            approved: request.approved,
            started_ms: now_ms,
            ended_ms: None,
            reason: None,
        };
        tracing::info!(
            rollout = rollout.id,
            sha256 = rollout.program.sha256,
            version = rollout.program.version,
            "a rollout begins"
        );
        book.begin(rollout.clone());
        save(&self.dir, &book).map_err(unwritten)?;
        *self.rolling.book.borrow_mut() = Some(book);
        *self.rolling.metrics.borrow_mut() = Metrics::default();
        self.rolling.changed.notify_one();
        Ok(rollout)
    }

    pub(super) fn approve_rollout(&self) -> Result<Rollout, RpcError> {
        match self.rolling.active() {
            Some(r) if r.approved => Err(refused("rollout")(format!("rollout {} is approved already", r.id))),
            Some(Rollout { phase: Phase::Awaiting { .. }, .. }) => self.change_rollout(|r| r.approved = true),
            Some(r) => Err(refused("rollout")(format!(
                "rollout {} has not come to where an approval is asked for: see `stratocell rollout status`",
                r.id
            ))),
            None => Err(refused("rollout")("no rollout is under way".to_owned())),
        }
    }

    pub(super) fn abort_rollout(&self) -> Result<Rollout, RpcError> {
        match self.rolling.active().map(|r| r.phase) {
            Some(Phase::RollingBack { .. }) => Err(refused("rollout")("it is being rolled back already".to_owned())),
            Some(_) => {
                let step = Step::Halt("an operator aborted it".to_owned());
                self.change_rollout(|r| rollout::apply(r, &step, SystemClock::new().wall().0))
            }
            None => Err(refused("rollout")("no rollout is under way".to_owned())),
        }
    }

    fn change_rollout(&self, change: impl FnOnce(&mut Rollout)) -> Result<Rollout, RpcError> {
        let changed = self.rolling.write(&self.dir, |book| {
            book.active_mut().map(|r| {
                change(r);
                r.clone()
            })
        });
        self.rolling.changed.notify_one();
        let changed = changed.map_err(unwritten)?.flatten();
        changed.ok_or_else(|| refused("rollout")("no rollout is under way".to_owned()))
    }

    /// For the life of the supervisor.
    pub(super) async fn keep_rollouts(self: Rc<Self>) {
        let mut counted = Instant::now();
        loop {
            let Some(active) = self.rolling.active() else {
                self.rolling.changed.notified().await;
                continue;
            };
            let look = self.look().await;
            let paced = counted.elapsed() >= LOOK_EVERY;
            if paced {
                counted = Instant::now();
            }
            self.rolling.metrics.borrow_mut().take(&active, look, paced);
            // An operator's word may have come meanwhile.
            let Some(active) = self.rolling.active() else { continue };
            let step = rollout::next(&active, &self.rolling.metrics.borrow(), SystemClock::new().wall().0);
            if step == Step::Wait {
                tokio::select! {
                    () = tokio::time::sleep(LOOK_EVERY.saturating_sub(counted.elapsed())) => {}
                    () = self.rolling.changed.notified() => {}
                }
                continue;
            }
            if let Err(error) = self.take_step(&active, step).await {
                tracing::error!(%error, rollout = active.id, "the rollout cannot be written down: it stands still");
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
    }

    async fn take_step(&self, active: &Rollout, step: Step) -> io::Result<()> {
        // Faults and upgrades by hand do not change what runs meanwhile.
        let _changing = self.changing.lock().await;
        tracing::info!(rollout = active.id, ?step, "rollout");
        self.rolling.write(&self.dir, |book| book.take(&step, SystemClock::new().wall().0))?;
        match step {
            Step::Update(name) => {
                self.rolling.metrics.borrow_mut().replaced(&name, false);
                if let Err(why) = self.give(&name, Some(active.program.clone())).await {
                    let step = Step::Halt(why);
                    self.rolling.write(&self.dir, |book| book.take(&step, SystemClock::new().wall().0))?;
                }
            }
            Step::Restore(name) => {
                self.rolling.metrics.borrow_mut().replaced(&name, true);
                if let Err(why) = self.give(&name, active.before.clone()).await
                    && let Some(child) = self.children.iter().find(|c| c.name == name)
                {
                    tracing::warn!(process = name, why, "no hand-over back: it is started anew");
                    child.replace(active.before.clone()).await;
                }
            }
            Step::Advance => self.rolling.metrics.borrow_mut().begin_wave(),
            Step::Finish | Step::Restored => {
                let book = self.rolling.book.borrow();
                let base = book.iter().filter_map(|b| b.base.as_ref()).map(|p| p.sha256.as_str());
                self.rolling.programs.keep_only(&base.collect::<Vec<_>>());
            }
            Step::Wait | Step::Bake | Step::Ask | Step::Halt(_) => {}
        }
        Ok(())
    }

    /// Starts a process from `program`, and waits a while until it answers.
    async fn give(&self, name: &str, program: Choice) -> Result<(), String> {
        let Some(child) = self.children.iter().find(|c| c.name == name) else { return Ok(()) };
        child.reprogram(program).await.map_err(|e| format!("{name}: {e}"))?;
        let limit = Instant::now() + LOOK_EVERY;
        while !child.settled() && Instant::now() < limit {
            tokio::time::sleep(SETTLE_LOOK).await;
        }
        Ok(())
    }

    /// Asks everybody, a few at a time: how long they take to answer is measured, not how long we take to ask.
    async fn look(&self) -> Look {
        let turns = Rc::new(Semaphore::new(ASKED_AT_ONCE));
        let asked = self.children.iter().map(|child| {
            let (child, turns) = (child.clone(), turns.clone());
            tokio::task::spawn_local(async move {
                let _turn = turns.acquire().await;
                let took = child.ask().await;
                let seen = Seen {
                    program: child.status().program,
                    answered_us: took.map(|t| t.as_micros() as u64),
                    deaths: child.deaths(),
                };
                (child.name.clone(), seen)
            })
        });
        let asked: Vec<_> = asked.collect();
        let agents =
            self.settings.cells.iter().flat_map(|c| c.hosts.iter().map(|h| (c.id.clone(), h.id.clone()))).map(|(cell, host)| {
                let (client, turns) = (Client::new(&self.me, self.dir.agent_socket(&host)), turns.clone());
                tokio::task::spawn_local(async move {
                    let _turn = turns.acquire().await;
                    let status = client.call::<GetAgentStatus>(&Empty {}, LOOK_TIMEOUT).await.ok()?;
                    (!status.cell_reachable).then_some((cell, host))
                })
            });
        let agents: Vec<_> = agents.collect();
        let (cells, api) = tokio::join!(self.look_at_cells(), self.look_at_gateway());
        let mut look = Look { cells, api, ..Look::default() };
        for task in asked {
            look.processes.extend(task.await.ok());
        }
        for task in agents {
            let Ok(Some((cell, host))) = task.await else { continue };
            if look.cells.iter().flatten().any(|c| c.cell == cell) {
                look.unreported.push(host);
            }
        }
        look
    }

    async fn look_at_gateway(&self) -> Option<Api> {
        let client = Client::new(&self.me, self.dir.socket("gateway"));
        let status = client.call::<GetGatewayStatus>(&Empty {}, LOOK_TIMEOUT).await.ok()?;
        Some(api(&status))
    }
}

/// What nobody answered, and what failed inside the object store; not what was refused for a reason of the caller's.
fn api(status: &GatewayStatus) -> Api {
    let failed = ["s3/InternalError", "s3/ServiceUnavailable"].iter().filter_map(|r| status.refused.get(*r)).sum::<u64>();
    Api { requests: status.requests, errors: status.region_unreachable + failed }
}
