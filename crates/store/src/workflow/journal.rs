//! The rows of the journal, and the one function that says what follows from a step's result.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use types::TimestampMs;

use super::{ExecutorLimits, Place, STEPS_MAX, Step, StepResult, WorkflowId};
use crate::{Error, Key, MUTATIONS_MAX, Mutation, Precondition, Result, StoreRead, Submission, for_prefix};

pub(super) const WORKFLOWS: &[u8] = b"workflow/row/";

pub(super) fn workflow_key(id: WorkflowId) -> Key {
    format!("workflow/row/{id}").into_bytes()
}

pub(super) fn step_prefix(id: WorkflowId) -> Key {
    format!("workflow/step/{id}/").into_bytes()
}

pub(super) fn step_key(id: WorkflowId, step: u16) -> Key {
    format!("workflow/step/{id}/{step:04}").into_bytes()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Running,
    Undoing,
    Done,
    /// Everything has been undone.
    Failed,
    /// An undo does not succeed; waits for an operator.
    Stuck,
}

/// A workflow's row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Workflow {
    pub id: WorkflowId,
    pub kind: String,
    /// Of the plan.
    pub version: u32,
    pub input: Json,
    pub state: State,
    /// The current step; the row that names it is its intent.
    pub step: u16,
    pub attempt: u32,
    /// Of the writer that wrote the row last.
    pub owner_epoch: u64,
    /// Of the next attempt; when finished, the time of the end.
    pub wake_at: TimestampMs,
    /// Of the failure that started the undo.
    pub reason: Option<String>,
}

/// What became of a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "lowercase")]
pub(super) enum StepRow {
    Done {
        output: Json,
    },
    Failed {
        reason: String,
    },
    /// The output is kept: the undo of the steps before may need it.
    Undone {
        output: Json,
    },
}

/// The stored form of a row; its tag is the version of the format.
#[derive(Serialize, Deserialize)]
#[serde(tag = "format")]
enum Stored<T> {
    #[serde(rename = "1")]
    V1(T),
}

fn encode<T: Serialize>(row: &T) -> Vec<u8> {
    // Strings, numbers and JSON values: nothing here has a serialisation that can fail.
    serde_json::to_vec(&Stored::V1(row)).expect("journal rows are plain JSON")
}

fn decode<T: for<'de> Deserialize<'de>>(bytes: &[u8]) -> Result<T> {
    let Stored::V1(row) = serde_json::from_slice(bytes).map_err(|e| Error::Corrupt { detail: format!("journal row: {e}") })?;
    Ok(row)
}

impl Workflow {
    pub(super) fn encode(&self) -> Vec<u8> {
        encode(self)
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self> {
        decode(bytes)
    }
}

impl StepRow {
    pub(super) fn encode(&self) -> Vec<u8> {
        encode(self)
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self> {
        decode(bytes)
    }

    /// None: nothing to record (a retry, or an undo that has not succeeded).
    pub(super) fn of(row: &Workflow, result: &StepResult, output: Option<&Json>) -> Option<Self> {
        match (row.state, result) {
            (State::Running, StepResult::Done(output)) => Some(StepRow::Done { output: output.clone() }),
            (State::Running, StepResult::FailedDefinitely(reason)) => Some(StepRow::Failed { reason: reason.clone() }),
            // A step that failed itself keeps its reason.
            (State::Undoing, StepResult::Done(_)) => output.map(|output| StepRow::Undone { output: output.clone() }),
            _ => None,
        }
    }
}

/// The row after a step's result. Only the states that make calls can be asked; the others stay as they are.
pub(super) fn transition(
    row: &Workflow,
    steps: &[Step],
    result: &StepResult,
    now: TimestampMs,
    limits: &ExecutorLimits,
) -> Workflow {
    let to = |state, step| Workflow { state, step, attempt: 0, wake_at: now, ..row.clone() };
    // Backwards from (and with) `step`, to the next step that has an undo.
    let undo_from = |below: u16| match (0..below).rev().find(|i| steps[usize::from(*i)].undo) {
        Some(step) => to(State::Undoing, step),
        None => to(State::Failed, row.step),
    };
    let again = |at: TimestampMs| {
        // Never in the same instant: a step that always asks for "now" must not starve the others.
        Workflow { attempt: row.attempt + 1, wake_at: at.max(TimestampMs(now.0 + 1)), ..row.clone() }
    };
    match (row.state, result) {
        (State::Running, StepResult::Done(_)) if usize::from(row.step) + 1 == steps.len() => to(State::Done, row.step),
        (State::Running, StepResult::Done(_)) => to(State::Running, row.step + 1),
        (State::Running, StepResult::RetryAt(at)) => again(*at),
        (State::Running, StepResult::FailedDefinitely(reason)) => {
            let with_itself = steps[usize::from(row.step)].place == Place::Outside;
            Workflow { reason: Some(reason.clone()), ..undo_from(row.step + u16::from(with_itself)) }
        }
        (State::Undoing, StepResult::Done(_)) => undo_from(row.step),
        (State::Undoing, StepResult::RetryAt(_) | StepResult::FailedDefinitely(_))
            if row.attempt + 1 >= limits.undo_attempts_max =>
        {
            Workflow { state: State::Stuck, attempt: row.attempt + 1, wake_at: now, ..row.clone() }
        }
        (State::Undoing, StepResult::RetryAt(at)) => again(*at),
        (State::Undoing, StepResult::FailedDefinitely(_)) => again(TimestampMs(now.0 + (limits.retry_ms << row.attempt.min(6)))),
        (State::Done | State::Failed | State::Stuck, _) => row.clone(),
    }
}

/// The commit that deletes up to `limit` workflows that ended before `before`, with their steps. Empty: nothing to do.
pub fn prune(store: &dyn StoreRead, before: TimestampMs, limit: usize) -> Result<Submission> {
    let mut rows = Vec::new();
    for_prefix(store, WORKFLOWS, |entry| rows.push(entry))?;
    let mut commit = Submission::default();
    let mut pruned = 0;
    for entry in rows {
        let row = Workflow::decode(&entry.value)?;
        if pruned == limit.min(MUTATIONS_MAX / (STEPS_MAX + 1)) {
            break;
        }
        if !matches!(row.state, State::Done | State::Failed) || row.wake_at >= before {
            continue;
        }
        pruned += 1;
        commit.pre.push(Precondition::Version { key: entry.key.clone(), version: entry.version });
        commit.muts.push(Mutation::delete(entry.key));
        for_prefix(store, &step_prefix(row.id), |step| commit.muts.push(Mutation::delete(step.key)))?;
    }
    Ok(commit)
}
