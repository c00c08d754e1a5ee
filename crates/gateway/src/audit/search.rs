//! Reads the trail from its newest line back. Blocking; needs nobody but the files.

use super::chain::Head;
use super::{DATA, MANAGEMENT, segment};
use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use types::TimestampMs;

/// Visits the lines below number `below`, newest first, until `visit` has enough. Lines older than `since` may be left out
/// by the segment.
pub fn newest_first(
    dir: &Path,
    below: u64,
    since: Option<TimestampMs>,
    mut visit: impl FnMut(&Head, &[u8]) -> ControlFlow<()>,
) -> io::Result<()> {
    let segments = segment::list(dir)?;
    for segment in segments.iter().rev().filter(|s| s.first < below) {
        let text = match std::fs::read(&segment.path) {
            Ok(text) => text,
            // Retired since the list was made.
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            Err(e) => return Err(e),
        };
        for line in text.split(|b| *b == b'\n').rev() {
            // What is being written at this moment, or torn, is no line yet.
            let Some(head) = Head::parse(line) else { continue };
            if head.sequence < below && visit(&head, line).is_break() {
                return Ok(());
            }
        }
        // The segments before end where this one begins.
        let begun = text.split(|b| *b == b'\n').next().and_then(Head::parse).map(|h| h.at_ms);
        if begun.zip(since).is_some_and(|(begun, since)| begun < since.0) {
            break;
        }
    }
    Ok(())
}

/// A line with its decisions.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub event: serde_json::Value,
    pub traces: Vec<wire::identity::Trace>,
    /// When it was written, milliseconds since 1970.
    pub at_ms: u64,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Search {
    Found(Box<Found>),
    /// Management and data events go back to these times, milliseconds since 1970; none: there are none.
    NotFound {
        since_ms: Option<u64>,
        objects_since_ms: Option<u64>,
    },
}

/// The event of a request, by the id that its client was given. `dir`: the trail's.
pub fn by_request(dir: &Path, request_id: &str) -> io::Result<Search> {
    let mut since = [None; 2];
    for (name, since_ms) in [MANAGEMENT, DATA].into_iter().zip(&mut since) {
        if let Some(found) = in_chain(&dir.join(name), request_id, since_ms)? {
            return Ok(Search::Found(Box::new(found)));
        }
    }
    Ok(Search::NotFound { since_ms: since[0], objects_since_ms: since[1] })
}

fn in_chain(dir: &Path, request_id: &str, since_ms: &mut Option<u64>) -> io::Result<Option<Found>> {
    let mut found = None;
    newest_first(dir, u64::MAX, None, |head, line| {
        *since_ms = Some(head.at_ms);
        if head.kind.is_event() && head.text("id").is_some_and(|id| id.eq_ignore_ascii_case(request_id)) {
            found = serde_json::from_slice::<serde_json::Value>(line).ok().map(|mut line| Found {
                event: line["e"].take(),
                traces: serde_json::from_value(line["d"].take()).unwrap_or_default(),
                at_ms: head.at_ms,
            });
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    })?;
    Ok(found)
}
