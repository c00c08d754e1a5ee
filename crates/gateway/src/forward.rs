//! The way to the control plane: one deadline, a short patience for a restart, and an honest word on what may have happened.

use crate::answer::Envelope;
use crate::classify::Class;
use aws_protocol::AwsError;
use platform::rpc::{Client, RpcError};
use std::cell::Cell;
use std::time::{Duration, Instant};
use wire::api::{Api, ApiReply, ApiRequest};

/// From the forwarding to the answer; the client has it within 5 s.
const DEADLINE: Duration = Duration::from_millis(4500);
/// A control plane that restarts is back within this time; one that stays away longer is not waited for.
const PATIENCE: Duration = Duration::from_millis(1500);
const RETRY_EVERY: Duration = Duration::from_millis(25);

pub struct Region {
    client: Client,
    /// Since when nothing could be reached.
    away_since: Cell<Option<Instant>>,
}

impl Region {
    pub fn new(client: Client) -> Self {
        Self { client, away_since: Cell::new(None) }
    }

    pub async fn ask(&self, request: &ApiRequest) -> Result<ApiReply, RpcError> {
        let end = Instant::now() + DEADLINE;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let outcome = self.client.call::<Api>(request, left).await;
            let Err(RpcError::Unreachable { .. } | RpcError::Untrusted { .. }) = &outcome else {
                self.away_since.set(None);
                return outcome;
            };
            // Nothing was sent, so sending it again repeats nothing.
            let since = self.away_since.get().unwrap_or_else(Instant::now);
            self.away_since.set(Some(since));
            if since.elapsed() >= PATIENCE {
                return outcome;
            }
            tokio::time::sleep(RETRY_EVERY).await;
        }
    }
}

/// What the client is told when there is no answer.
pub fn failure(envelope: Envelope, class: Class, error: &RpcError) -> AwsError {
    match error {
        RpcError::Unreachable { .. } | RpcError::Untrusted { .. } => envelope.unavailable(
            "The control plane cannot be reached. Nothing was changed; running instances go on. Try again, or see `stratocell status`.",
        ),
        RpcError::Unknown { .. } if class == Class::Read => {
            envelope.unavailable("The control plane did not answer in time. Running instances go on. Try again, or see `stratocell status`.")
        }
        RpcError::Unknown { .. } => envelope.internal(
            "The control plane did not answer in time: it may have done what was asked. Try again with the same client token, or look before.",
        ),
        RpcError::Remote { .. } => envelope.internal("The control plane failed. The request's id is in its log."),
    }
}
