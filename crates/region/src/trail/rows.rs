//! What the region remembers of trails.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use types::{AccountId, TimestampMs};
use wire::trail::{Selectors, Span};

/// Times of logging that are kept; older ones are delivered long since.
const SPANS_MAX: usize = 16;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trail {
    pub account: AccountId,
    /// 32 hexadecimal digits.
    pub id: String,
    pub name: String,
    pub bucket: String,
    /// Empty, or without a slash at its end.
    pub prefix: String,
    pub validation: bool,
    pub global_events: bool,
    /// Shown; there is one region.
    pub multi_region: bool,
    /// None: all management events.
    pub selectors: Option<Selectors>,
    pub spans: Vec<Span>,
    pub tags: BTreeMap<String, String>,
}

impl Trail {
    pub fn is_logging(&self) -> bool {
        self.spans.last().is_some_and(|s| s.to.is_none())
    }

    pub fn start(&mut self, now: TimestampMs) {
        if !self.is_logging() {
            self.spans.push(Span { from: now, to: None });
            let over = self.spans.len().saturating_sub(SPANS_MAX);
            self.spans.drain(..over);
        }
    }

    pub fn stop(&mut self, now: TimestampMs) {
        if let Some(span) = self.spans.last_mut().filter(|s| s.to.is_none()) {
            span.to = Some(now);
        }
    }
}
