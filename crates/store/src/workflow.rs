//! The journal of operations that need an order or an undo, and the machine that walks through them.
//!
//! Prefer a reconciler. A workflow is for the few operations whose steps must happen in order and be taken back in reverse
//! (an instance start claims a host, an address, a volume). Its row and the outcomes of its steps are ordinary keys of the
//! shard, written by the shard's only writer in the same commits as the resources, and fenced with them.
//!
//! ```text
//!            Done (not the last)                    Done, more to undo
//!             ┌───────┐                              ┌────────┐
//!   start ──► running ┼── FailedDefinitely ────► undoing ─────┼── Done, nothing left ──► failed
//!             │ ▲     │                            │ ▲  ▲
//!     RetryAt └─┘     └── Done (last) ──► done     └─┘  └─ unstick ── stuck ◄── too many attempts (from undoing)
//! ```
//!
//! * A step in the store: its rows and its outcome are one commit, so it happens exactly once.
//! * A step outside: the commit that makes a step the current one is its intent, and comes before the effect. After a crash
//!   the effect is repeated with the same [`Call::effect_key`], so it must be idempotent by that key. Randomness that the
//!   effect needs (an id, a secret) is drawn by a step in the store before it.
//! * `FailedDefinitely` alone starts the undo. A failed outside step is undone too, since an earlier attempt of it may have
//!   had an effect: an undo must accept that there is nothing to undo. Undo cannot fail; it retries, then parks as `stuck`.
//!
//! The machine has no clock, no threads and no store: the owner asks [`Executor::next`], does the call, gives the result to
//! [`Executor::report`], commits what that returns, and says how that went with [`Executor::committed`].

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use types::TimestampMs;

use crate::{Entry, Epoch, Error, Key, Mutation, Outcome, Precondition, StoreRead, Submission, Version, for_prefix};

mod journal;
#[cfg(test)]
mod tests;

pub use journal::{State, Workflow, prune};
use journal::{StepRow, step_key, step_prefix, workflow_key};

pub const STEPS_MAX: usize = 64;
/// An input or an output, as JSON text.
pub const PAYLOAD_BYTES_MAX: usize = 64 << 10;

/// Given by the caller, from its randomness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct WorkflowId(pub u128);

impl fmt::Display for WorkflowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl From<WorkflowId> for String {
    fn from(id: WorkflowId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for WorkflowId {
    type Error = std::num::ParseIntError;

    fn try_from(hex: String) -> Result<Self, Self::Error> {
        u128::from_str_radix(&hex, 16).map(Self)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Only rows of this shard.
    Store,
    /// Anything else: another shard, a cell, a host.
    Outside,
}

#[derive(Clone, Copy, Debug)]
pub struct Step {
    pub name: &'static str,
    pub place: Place,
    /// Has the step an undo?
    pub undo: bool,
}

/// The steps of a kind. A change of them is a new version; the old one stays until its last workflow has ended.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub kind: &'static str,
    pub version: u32,
    pub steps: &'static [Step],
}

#[derive(Clone, Debug, PartialEq)]
pub enum StepResult {
    /// What later steps need of it (JSON null when nothing).
    Done(Json),
    RetryAt(TimestampMs),
    /// The step has no effect and will have none. The text is for the resource's state reason.
    FailedDefinitely(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Forward,
    Undo,
}

/// A step to perform now.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    pub id: WorkflowId,
    pub kind: &'static str,
    pub version: u32,
    pub step: u16,
    pub name: &'static str,
    pub place: Place,
    pub direction: Direction,
    /// Retries asked for so far; a repetition after a crash is not counted.
    pub attempt: u32,
    pub input: Json,
    /// Of the steps before, by step.
    pub outputs: Vec<Json>,
}

impl Call {
    /// The same for every repetition of this step of this workflow.
    pub fn effect_key(&self) -> String {
        let direction = if self.direction == Direction::Forward { "do" } else { "undo" };
        format!("{}/{}/{direction}", self.id, self.step)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    Perform(Box<Call>),
    /// Nothing before then, unless a report or a start comes.
    SleepUntil(TimestampMs),
    /// Nothing to do until a report, a commit or a start.
    Idle,
}

#[derive(Clone, Debug)]
pub struct ExecutorLimits {
    /// Unfinished workflows; more are refused.
    pub workflows_max: usize,
    /// Calls that are out at the same time.
    pub calls_max: usize,
    /// Attempts of one undo before the workflow is stuck.
    pub undo_attempts_max: u32,
    /// Before a refused commit is tried again, and the first wait between attempts of an undo (it doubles up to 64 times).
    pub retry_ms: u64,
}

impl ExecutorLimits {
    pub fn usual() -> Self {
        Self { workflows_max: 100_000, calls_max: 256, undo_attempts_max: 20, retry_ms: 500 }
    }
}

/// Since the executor was loaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExecutorStats {
    pub started: u64,
    pub done: u64,
    pub failed: u64,
    pub stuck: u64,
    pub retries: u64,
    /// Commits that were refused, by a precondition of the step or a full disk.
    pub refused: u64,
}

#[derive(Clone, Debug, thiserror::Error)]
pub enum WorkflowError {
    #[error("no plan for {kind} version {version}")]
    UnknownPlan { kind: String, version: u32 },
    #[error("{max} workflows are unfinished")]
    Full { max: usize },
    #[error("workflow {id} {problem}")]
    Misuse { id: WorkflowId, problem: &'static str },
    #[error("the payload has {bytes} bytes, at most {PAYLOAD_BYTES_MAX} are allowed")]
    PayloadTooLarge { bytes: usize },
    #[error("the journal cannot be read")]
    Store(#[from] Error),
}

/// All unfinished workflows of a shard.
pub struct Executor {
    plans: Vec<Plan>,
    epoch: Epoch,
    limits: ExecutorLimits,
    flows: BTreeMap<WorkflowId, Flow>,
    /// The flows in [`Phase::Waiting`], by the time of their next call.
    due: BTreeSet<(TimestampMs, WorkflowId)>,
    calls: usize,
    /// Rows whose plan this program does not know. They are left alone.
    unknown: Vec<Workflow>,
    stats: ExecutorStats,
}

struct Flow {
    plan: Plan,
    row: Workflow,
    /// None before its first commit.
    row_version: Option<Version>,
    outputs: Vec<Json>,
    phase: Phase,
}

enum Phase {
    Waiting,
    Called,
    /// What is true when the commit has succeeded.
    Committing(Box<Workflow>, Option<Json>),
    Stuck,
}

impl Executor {
    /// Reads the unfinished workflows; every call that was out when the last owner ended is made again.
    pub fn load(store: &dyn StoreRead, epoch: Epoch, plans: &[Plan], limits: ExecutorLimits) -> Result<Self, WorkflowError> {
        for plan in plans {
            assert!(!plan.steps.is_empty() && plan.steps.len() <= STEPS_MAX, "{}: a plan has 1 to {STEPS_MAX} steps", plan.kind);
        }
        let mut executor = Self {
            plans: plans.to_vec(),
            epoch,
            limits,
            flows: BTreeMap::new(),
            due: BTreeSet::new(),
            calls: 0,
            unknown: Vec::new(),
            stats: ExecutorStats::default(),
        };
        let mut rows = Vec::new();
        for_prefix(store, journal::WORKFLOWS, |entry| rows.push(entry))?;
        for entry in rows {
            executor.load_row(store, entry)?;
        }
        Ok(executor)
    }

    fn load_row(&mut self, store: &dyn StoreRead, entry: Entry) -> Result<(), WorkflowError> {
        let row = Workflow::decode(&entry.value)?;
        if row.owner_epoch > self.epoch.0 {
            return Err(Error::Fenced { held: self.epoch, current: Epoch(row.owner_epoch) }.into());
        }
        if matches!(row.state, State::Done | State::Failed) {
            return Ok(());
        }
        let Some(plan) = self.plan(&row.kind, row.version).filter(|plan| usize::from(row.step) < plan.steps.len()) else {
            tracing::error!(id = %row.id, kind = row.kind, version = row.version, "no plan for an unfinished workflow");
            self.unknown.push(row);
            return Ok(());
        };
        let mut outcomes = Vec::new();
        for_prefix(store, &step_prefix(row.id), |entry| outcomes.push(entry))?;
        let mut outputs = Vec::new();
        for outcome in outcomes {
            if let StepRow::Done { output } | StepRow::Undone { output } = StepRow::decode(&outcome.value)? {
                outputs.push(output);
            }
        }
        let (id, wake_at, stuck) = (row.id, row.wake_at, row.state == State::Stuck);
        let flow = Flow { plan, row, row_version: Some(entry.version), outputs, phase: Phase::Stuck };
        self.flows.insert(id, flow);
        if !stuck {
            self.wait(id, wake_at);
        }
        Ok(())
    }

    /// The commit that starts a workflow; the caller adds the rows of the resource. It is also the intent of the first step.
    pub fn start(
        &mut self,
        now: TimestampMs,
        id: WorkflowId,
        kind: &str,
        version: u32,
        input: Json,
    ) -> Result<Submission, WorkflowError> {
        let plan = self.plan(kind, version).ok_or_else(|| WorkflowError::UnknownPlan { kind: kind.into(), version })?;
        if self.flows.len() >= self.limits.workflows_max {
            return Err(WorkflowError::Full { max: self.limits.workflows_max });
        }
        if self.flows.contains_key(&id) {
            return Err(WorkflowError::Misuse { id, problem: "exists" });
        }
        check_payload(&input)?;
        let row = Workflow {
            id,
            kind: kind.into(),
            version,
            input,
            state: State::Running,
            step: 0,
            attempt: 0,
            owner_epoch: self.epoch.0,
            wake_at: now,
            reason: None,
        };
        let commit = Submission {
            pre: vec![Precondition::Absent { key: workflow_key(id) }],
            muts: vec![Mutation::put(workflow_key(id), row.encode())],
        };
        let phase = Phase::Committing(Box::new(row.clone()), None);
        self.flows.insert(id, Flow { plan, row, row_version: None, outputs: Vec::new(), phase });
        Ok(commit)
    }

    /// What to do now.
    pub fn next(&mut self, now: TimestampMs) -> Next {
        let Some((wake_at, id)) = self.due.first().copied() else { return Next::Idle };
        if self.calls >= self.limits.calls_max {
            return Next::Idle;
        }
        if wake_at > now {
            return Next::SleepUntil(wake_at);
        }
        self.due.remove(&(wake_at, id));
        let Some(flow) = self.flows.get_mut(&id) else { return Next::Idle };
        flow.phase = Phase::Called;
        self.calls += 1;
        let step = flow.plan.steps[usize::from(flow.row.step)];
        Next::Perform(Box::new(Call {
            id,
            kind: flow.plan.kind,
            version: flow.plan.version,
            step: flow.row.step,
            name: step.name,
            place: step.place,
            direction: if flow.row.state == State::Running { Direction::Forward } else { Direction::Undo },
            attempt: flow.row.attempt,
            input: flow.row.input.clone(),
            outputs: flow.outputs.clone(),
        }))
    }

    /// The commit that records a call's result, with the rows that belong to it.
    pub fn report(
        &mut self,
        now: TimestampMs,
        id: WorkflowId,
        result: StepResult,
        mut rows: Submission,
    ) -> Result<Submission, WorkflowError> {
        let flow = self.flows.get_mut(&id).ok_or(WorkflowError::Misuse { id, problem: "is not known" })?;
        if !matches!(flow.phase, Phase::Called) {
            return Err(WorkflowError::Misuse { id, problem: "has no call out" });
        }
        if let StepResult::Done(output) = &result {
            check_payload(output)?;
        }
        let mut after = journal::transition(&flow.row, flow.plan.steps, &result, now, &self.limits);
        after.owner_epoch = self.epoch.0;
        let outcome = StepRow::of(&flow.row, &result, flow.outputs.get(usize::from(flow.row.step)));
        let output = match (&result, flow.row.state) {
            (StepResult::Done(output), State::Running) => Some(output.clone()),
            _ => None,
        };
        rows.pre.push(flow.row_precondition());
        rows.muts.push(Mutation::put(workflow_key(id), after.encode()));
        if let Some(outcome) = outcome {
            rows.muts.push(Mutation::put(step_key(id, flow.row.step), outcome.encode()));
        }
        self.stats.retries += u64::from(after.attempt > flow.row.attempt);
        flow.phase = Phase::Committing(Box::new(after), output);
        self.calls -= 1;
        Ok(rows)
    }

    /// How the commit of [`Executor::start`], [`Executor::report`] or [`Executor::unstick`] went. After a definite error
    /// a call is made again (a start is forgotten); after an unknown outcome the owner ends and loads again.
    pub fn committed(&mut self, now: TimestampMs, id: WorkflowId, result: &crate::Result<Version>) {
        let Some(flow) = self.flows.get_mut(&id) else { return };
        if !matches!(flow.phase, Phase::Committing(..)) {
            return;
        }
        match result {
            Err(error) if error.outcome() == Outcome::Unknown => {}
            Err(_) => {
                self.stats.refused += 1;
                match (flow.row_version, flow.row.state) {
                    (None, _) => drop(self.flows.remove(&id)),
                    (Some(_), State::Stuck) => flow.phase = Phase::Stuck,
                    (Some(_), _) => self.wait(id, TimestampMs(now.0 + self.limits.retry_ms)),
                }
            }
            Ok(version) => {
                let Phase::Committing(after, output) = std::mem::replace(&mut flow.phase, Phase::Stuck) else { return };
                self.stats.started += u64::from(flow.row_version.is_none());
                flow.row = *after;
                flow.row_version = Some(*version);
                flow.outputs.extend(output);
                match flow.row.state {
                    State::Running | State::Undoing => {
                        let wake_at = flow.row.wake_at;
                        self.wait(id, wake_at);
                    }
                    State::Stuck => {
                        self.stats.stuck += 1;
                        tracing::error!(%id, kind = flow.row.kind, step = flow.row.step, "an undo does not succeed; the workflow is stuck");
                    }
                    State::Done | State::Failed => {
                        let counter = if flow.row.state == State::Done { &mut self.stats.done } else { &mut self.stats.failed };
                        *counter += 1;
                        self.flows.remove(&id);
                    }
                }
            }
        }
    }

    /// The commit by which an operator lets a stuck workflow try its undo again.
    pub fn unstick(&mut self, now: TimestampMs, id: WorkflowId) -> Result<Submission, WorkflowError> {
        let flow = self.flows.get_mut(&id).ok_or(WorkflowError::Misuse { id, problem: "is not known" })?;
        if !matches!(flow.phase, Phase::Stuck) {
            return Err(WorkflowError::Misuse { id, problem: "is not stuck" });
        }
        let after = Workflow { state: State::Undoing, attempt: 0, wake_at: now, owner_epoch: self.epoch.0, ..flow.row.clone() };
        let commit =
            Submission { pre: vec![flow.row_precondition()], muts: vec![Mutation::put(workflow_key(id), after.encode())] };
        flow.phase = Phase::Committing(Box::new(after), None);
        Ok(commit)
    }

    pub fn get(&self, id: WorkflowId) -> Option<&Workflow> {
        self.flows.get(&id).map(|flow| &flow.row)
    }

    /// For the alarm.
    pub fn stuck(&self) -> impl Iterator<Item = &Workflow> {
        self.flows.values().map(|flow| &flow.row).filter(|row| row.state == State::Stuck)
    }

    /// Unfinished workflows whose plan is not known here (written by a newer program).
    pub fn unknown(&self) -> &[Workflow] {
        &self.unknown
    }

    pub fn stats(&self) -> ExecutorStats {
        self.stats
    }

    fn plan(&self, kind: &str, version: u32) -> Option<Plan> {
        self.plans.iter().find(|plan| plan.kind == kind && plan.version == version).copied()
    }

    fn wait(&mut self, id: WorkflowId, wake_at: TimestampMs) {
        if let Some(flow) = self.flows.get_mut(&id) {
            flow.phase = Phase::Waiting;
            self.due.insert((wake_at, id));
        }
    }
}

impl Flow {
    /// Besides the fence: the row is as this executor wrote it.
    fn row_precondition(&self) -> Precondition {
        let key: Key = workflow_key(self.row.id);
        match self.row_version {
            Some(version) => Precondition::Version { key, version },
            None => Precondition::Absent { key },
        }
    }
}

fn check_payload(payload: &Json) -> Result<(), WorkflowError> {
    let bytes = payload.to_string().len();
    if bytes <= PAYLOAD_BYTES_MAX { Ok(()) } else { Err(WorkflowError::PayloadTooLarge { bytes }) }
}
