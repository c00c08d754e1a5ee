//! What an operation gets: the rows, who calls, the time, randomness, and questions to other roles.
//!
//! Operations are synchronous functions. One that needs an answer from a cell (room for instances, a console log) asks
//! through [`Ctx::ask`]; when the answer is not there yet the operation ends with [`OpError::Ask`], is rolled back, and is
//! run again from the start once the answer has come. The same request draws the same randomness each time, so the
//! second run makes the same ids; if the rows changed in between and the question differs, the old answer is given back.

use crate::db::Db;
use crate::iam::login::HashRequest;
use crate::kms::material::{MaterialAnswer, MaterialRequest};
use ::iam::Bundle;
use ::iam::caller::Circumstances;
use aws_protocol::{AwsError, Protocol};
use platform::{Rng, Settings};
use types::{CellId, TimestampMs};
use wire::api::Principal;
use wire::cell::{AllocateReply, AllocateRequest, ClaimReply, ClaimRequest, ReserveReply, ReserveRequest, RunRef};
use wire::host::{ConsoleReply, ConsoleRequest};
use wire::identity::Trace;

/// A request whose caller may make it. Only [`crate::dispatch`] makes one, after authorisation: a handler cannot be
/// called without it.
#[derive(Debug, Clone)]
pub struct Authorized<T>(T);

impl<T> Authorized<T> {
    pub(crate) fn new(request: T) -> Self {
        Self(request)
    }

    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> std::ops::Deref for Authorized<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

/// A question to another role.
#[derive(Debug, Clone, PartialEq)]
pub enum Question {
    Claim {
        cell: CellId,
        request: ClaimRequest,
    },
    Reserve {
        cell: CellId,
        request: ReserveRequest,
    },
    /// See [`wire::cell::EndRun`].
    EndRun {
        cell: CellId,
        run: RunRef,
    },
    Allocate {
        cell: CellId,
        request: AllocateRequest,
    },
    Console {
        cell: CellId,
        request: ConsoleRequest,
    },
    /// To this process's own memory of what cells told. A question, so that a request that is run again gets the same answer.
    Cells(crate::cells::Wanted),
    /// To this process's own thread with the root key.
    Material(MaterialRequest),
    /// To whoever of this process holds the root key.
    Seal(crate::acm::seal::SealRequest),
    /// To a thread of this process.
    PasswordHash(HashRequest),
    /// The next three to whoever delivers trails.
    TrailBucket(wire::trail::BucketQuestion),
    TrailStatus(String),
    DigestKey,
    /// The next two to whoever delivers flow logs.
    FlowLogBucket(wire::trail::BucketQuestion),
    FlowLogErrors(Vec<types::FlowLogId>),
    /// To whoever delivers load balancers' logs.
    BalancerLogBucket(wire::balancer::LogBucketQuestion),
    /// To the gateway.
    Object(wire::api::ObjectQuestion),
}

#[derive(Debug, Clone)]
pub enum Answer {
    Cells(Vec<crate::cells::Candidate>),
    Claim(ClaimReply),
    Reserve(ReserveReply),
    Ended,
    Allocate(AllocateReply),
    Console(ConsoleReply),
    Material(MaterialAnswer),
    Sealed(Vec<u8>),
    PasswordHash(String),
    TrailBucket(wire::trail::BucketVerdict),
    TrailStatus(wire::trail::TrailStatus),
    DigestKey(wire::trail::DigestKey),
    FlowLogBucket(wire::trail::BucketVerdict),
    FlowLogErrors(std::collections::BTreeMap<types::FlowLogId, String>),
    BalancerLogBucket(wire::trail::BucketVerdict),
    Object(wire::api::ObjectAnswer),
    /// There was no answer in time; the sentence says why.
    Unavailable(String),
}

#[derive(Debug)]
pub enum OpError {
    Aws(AwsError),
    Ask(Box<Question>),
}

impl From<AwsError> for OpError {
    fn from(e: AwsError) -> Self {
        Self::Aws(e)
    }
}

pub type OpResult<T> = Result<T, OpError>;

/// Who asks, from where, and every document that bears on it.
#[derive(Clone, Copy)]
pub struct Who<'a> {
    pub caller: &'a Principal,
    pub bundle: &'a Bundle,
    pub at: Circumstances<'a>,
}

pub struct Ctx<'a> {
    pub db: &'a mut Db,
    pub caller: &'a Principal,
    pub who: Who<'a>,
    /// How each question of authorisation was decided.
    pub traces: Vec<Trace>,
    /// Of the operation under way, set by the dispatcher: how refusals are worded.
    pub(crate) protocol: Option<Protocol>,
    pub now: TimestampMs,
    pub settings: &'a Settings,
    pub request_id: &'a str,
    rng: &'a mut ReplayRng,
    answers: &'a [(Question, Answer)],
}

impl<'a> Ctx<'a> {
    pub(crate) fn new(
        db: &'a mut Db,
        who: Who<'a>,
        now: TimestampMs,
        settings: &'a Settings,
        request_id: &'a str,
        rng: &'a mut ReplayRng,
        answers: &'a [(Question, Answer)],
    ) -> Self {
        Self { db, caller: who.caller, who, traces: Vec::new(), protocol: None, now, settings, request_id, rng, answers }
    }

    /// The answer to `question`, or the demand to fetch it.
    pub fn ask(&self, question: Question) -> OpResult<Answer> {
        match self.answers.iter().find(|(q, _)| *q == question) {
            Some((_, answer)) => Ok(answer.clone()),
            None => Err(OpError::Ask(Box::new(question))),
        }
    }

    pub fn random(&mut self) -> u128 {
        self.rng.u128()
    }

    pub fn rng(&mut self) -> &mut dyn Rng {
        self.rng
    }

    /// The cells that a launch may try, in this order.
    pub fn cells_for(&self, wanted: crate::cells::Wanted) -> OpResult<Vec<crate::cells::Candidate>> {
        match self.ask(Question::Cells(wanted))? {
            Answer::Cells(order) => Ok(order),
            _ => Err(AwsError::internal("This is no answer to where a launch may go.").into()),
        }
    }

    /// `vpc-…`: `ctx.new_id(VpcId::from_random)`
    pub fn new_id<T>(&mut self, from_random: fn(u128) -> T) -> T {
        from_random(self.random())
    }

    /// `instance/i-0123…` as an ARN of the caller's account.
    pub fn arn(&self, resource: &str) -> String {
        format!("arn:aws:ec2:{}:{}:{resource}", self.settings.region, self.caller.account)
    }
}

/// The kernel's randomness, remembered, so that a request that is run again draws the same numbers.
pub(crate) struct ReplayRng {
    source: Source,
    drawn: Vec<u64>,
    next: usize,
}

impl ReplayRng {
    pub(crate) fn new() -> Self {
        Self { source: source(), drawn: Vec::new(), next: 0 }
    }

    pub(crate) fn rewind(&mut self) {
        self.next = 0;
    }
}

impl Rng for ReplayRng {
    fn u64(&mut self) -> u64 {
        if self.next == self.drawn.len() {
            self.drawn.push(self.source.u64());
        }
        self.next += 1;
        self.drawn[self.next - 1]
    }
}

#[cfg(not(test))]
type Source = platform::SystemRng;
#[cfg(test)]
type Source = platform::SeededRng;

#[cfg(not(test))]
fn source() -> Source {
    platform::SystemRng::new()
}

/// Seeded by its turn in the test's thread: a test draws the same ids and addresses in every run.
#[cfg(test)]
fn source() -> Source {
    thread_local!(static TURN: std::cell::Cell<u64> = const { std::cell::Cell::new(0) });
    TURN.set(TURN.get() + 1);
    platform::SeededRng::new(TURN.get() << 32)
}

#[cfg(test)]
pub mod testing {
    use super::*;

    /// A caller on this machine in 1970.
    pub fn who<'a>(caller: &'a Principal, bundle: &'a Bundle) -> Who<'a> {
        let at =
            Circumstances { now: TimestampMs(0), source_ip: "127.0.0.1", user_agent: "", region: "us-east-1", through: None };
        Who { caller, bundle, at }
    }
}
