//! The events of one file, out of the audit trail's chains. Blocking.

use super::select::{wants, wants_data};
use super::state::Positions;
use crate::audit::chain::Kind;
use crate::audit::tail::{self, Position};
use crate::audit::{DATA, MANAGEMENT};
use serde_json::Value;
use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use types::TimestampMs;
use wire::trail::Trail;

/// Of one file; whatever comes first.
const EVENTS_MAX: usize = 5_000;
const EVENTS_BYTES_MAX: usize = 8 << 20;

/// How far to read.
#[derive(Debug, Clone, Copy)]
pub enum Upto {
    /// What is younger may yet be lost to a power cut, and its numbers given anew.
    Time(TimestampMs),
    /// To there and no further.
    Line(Positions),
}

#[derive(Debug, Default)]
pub struct Collected {
    /// JSON texts.
    pub events: Vec<String>,
    bytes: usize,
    /// As the events say it.
    pub oldest: String,
    pub newest: String,
    /// Lines that were gone before they were read.
    pub gone: u64,
    /// There may be more.
    pub is_full: bool,
}

impl Collected {
    fn add(&mut self, event: &Value) {
        let at = event["eventTime"].as_str().unwrap_or_default();
        if self.oldest.is_empty() || at < self.oldest.as_str() {
            at.clone_into(&mut self.oldest);
        }
        if at > self.newest.as_str() {
            at.clone_into(&mut self.newest);
        }
        let text = event.to_string();
        self.bytes += text.len();
        self.events.push(text);
    }

    fn has_room(&self) -> bool {
        self.events.len() < EVENTS_MAX && self.bytes < EVENTS_BYTES_MAX
    }
}

/// Where a trail begins that has never been read. `dir`: the audit trail's.
pub fn begin(dir: &Path, trail: &Trail) -> io::Result<Positions> {
    let from = trail.spans.first().map_or(TimestampMs(u64::MAX), |s| s.from);
    Ok(Positions { management: tail::since(&dir.join(MANAGEMENT), from)?, data: tail::since(&dir.join(DATA), from)? })
}

/// The trail's events from `at` on, and where that ends.
pub fn collect(dir: &Path, trail: &Trail, at: Positions, upto: Upto) -> io::Result<(Collected, Positions)> {
    let mut out = Collected::default();
    let management = chain(&dir.join(MANAGEMENT), trail, at.management, upto, |p| p.management, &mut out)?;
    let data = chain(&dir.join(DATA), trail, at.data, upto, |p| p.data, &mut out)?;
    Ok((out, Positions { management, data }))
}

fn chain(
    dir: &Path,
    trail: &Trail,
    from: Position,
    upto: Upto,
    of: fn(Positions) -> Position,
    out: &mut Collected,
) -> io::Result<Position> {
    let (until, there) = match upto {
        Upto::Time(until) => (until, None),
        Upto::Line(there) => (TimestampMs(u64::MAX), Some(of(there))),
    };
    let objects = wants_data(&trail.selectors);
    let (at, gone) = tail::onwards(dir, from, until, |head, line| {
        if there.is_some_and(|there| head.sequence >= there.next) {
            return ControlFlow::Break(());
        }
        let passed_over = head.kind == Kind::Data && !objects;
        if passed_over || !head.kind.is_event() || head.text("a") != Some(trail.account.as_str()) {
            return ControlFlow::Continue(());
        }
        if there.is_none() && !out.has_room() {
            out.is_full = true;
            return ControlFlow::Break(());
        }
        if trail.covers(TimestampMs(head.at_ms))
            && let Ok(mut line) = serde_json::from_slice::<Value>(line)
        {
            let event = line["e"].take();
            if wants(trail, &event) {
                out.add(&event);
            }
        }
        ControlFlow::Continue(())
    })?;
    out.gone += gone;
    // A file that is written again ends where it ended.
    Ok(there.unwrap_or(at))
}

#[cfg(test)]
mod tests {
    use super::super::file::tests::trail;
    use super::*;
    use crate::audit::segment::{Limits, Segments};
    use wire::trail::{BasicSelector, ReadWrite, Selectors, Span};

    const OTHER: &str = "999900001111";

    struct World {
        dir: tempfile::TempDir,
        chains: [Segments; 2],
        trail: Trail,
    }

    fn world(spans: &[(u64, Option<u64>)], objects: &[&str]) -> World {
        let dir = tempfile::tempdir().unwrap();
        let limits = Limits { segment_bytes_max: 2_000, bytes_max: 1 << 30 };
        let chains = [MANAGEMENT, DATA].map(|name| Segments::open(&dir.path().join(name), limits, 1).unwrap());
        let spans = spans.iter().map(|(from, to)| Span { from: TimestampMs(*from), to: to.map(TimestampMs) }).collect();
        let objects = objects.iter().map(|o| (*o).to_owned()).collect();
        let all = BasicSelector { read_write: ReadWrite::All, management: true, exclude_sources: Vec::new(), objects };
        let trail = Trail { spans, selectors: Selectors::Basic(vec![all]), ..trail("") };
        World { dir, chains, trail }
    }

    impl World {
        fn add(&mut self, data: bool, at: u64, account: &str, name: &str) {
            let resources = if data { ",\"resources\":[{\"ARN\":\"arn:aws:s3:::b/k\"}]" } else { "" };
            let management = !data;
            let line = format!(
                ",\"a\":\"{account}\",\"id\":\"r\",\"e\":{{\"eventName\":\"{name}\",\"eventTime\":\"{at:020}\",\"managementEvent\":{management}{resources}}}"
            );
            let kind = if data { Kind::Data } else { Kind::Management };
            let chain = &mut self.chains[usize::from(data)];
            chain.add(kind, at, &line).unwrap();
            chain.write().unwrap();
            if chain.is_full() {
                chain.follow(at).unwrap();
            }
        }

        fn collect(&self, at: Positions, upto: Upto) -> (Vec<String>, Positions, bool) {
            let (found, upto) = collect(self.dir.path(), &self.trail, at, upto).unwrap();
            let name = |text: &String| serde_json::from_str::<Value>(text).unwrap()["eventName"].as_str().unwrap().to_owned();
            (found.events.iter().map(name).collect(), upto, found.is_full)
        }

        fn begin(&self) -> Positions {
            begin(self.dir.path(), &self.trail).unwrap()
        }
    }

    const ACCOUNT: &str = "123456789012";
    const ALL: Upto = Upto::Time(TimestampMs(u64::MAX));

    #[test]
    fn only_the_accounts_events_of_the_times_of_logging() {
        let mut w = world(&[(20, Some(30)), (40, None)], &[]);
        for at in (10..60).step_by(5) {
            w.add(false, at, ACCOUNT, &format!("m{at}"));
            w.add(false, at, OTHER, "other");
            w.add(true, at, ACCOUNT, "object");
        }
        let (names, _, _) = w.collect(w.begin(), Upto::Time(TimestampMs(50)));
        assert_eq!(names, ["m20", "m25", "m40", "m45"]);
    }

    #[test]
    fn a_file_that_is_written_again_has_the_same_events() {
        let mut w = world(&[(0, None)], &["arn:aws:s3"]);
        for at in 10..20 {
            w.add(false, at, ACCOUNT, &format!("m{at}"));
            w.add(true, at, ACCOUNT, &format!("d{at}"));
        }
        let begin = w.begin();
        let (first, upto, _) = w.collect(begin, ALL);
        assert_eq!(first.len(), 20);
        for at in 20..40 {
            w.add(false, at, ACCOUNT, &format!("m{at}"));
            w.add(true, at, ACCOUNT, &format!("d{at}"));
        }
        assert_eq!(w.collect(begin, Upto::Line(upto)), (first, upto, false));
        assert_eq!(w.collect(upto, ALL).0.len(), 40);
    }

    #[test]
    fn many_events_are_several_files_with_each_event_once() {
        let mut w = world(&[(0, None)], &["arn:aws:s3"]);
        for n in 0..EVENTS_MAX + 10 {
            w.add(true, 5, ACCOUNT, &n.to_string());
        }
        w.add(false, 5, ACCOUNT, "m");
        let (mut all, mut at, mut files) = (Vec::new(), w.begin(), 0);
        loop {
            let (names, upto, more) = w.collect(at, ALL);
            (all, at, files) = ([all, names].concat(), upto, files + 1);
            if !more {
                break;
            }
        }
        let unique: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!((files, all.len(), unique.len()), (2, EVENTS_MAX + 11, EVENTS_MAX + 11));
    }

    #[test]
    fn objects_that_nobody_wanted_are_not_delivered_when_somebody_does() {
        let mut w = world(&[(0, None)], &[]);
        w.add(true, 10, ACCOUNT, "before");
        let (names, upto, _) = w.collect(w.begin(), ALL);
        assert_eq!(names, [] as [&str; 0]);
        let Selectors::Basic(all) = &mut w.trail.selectors else { unreachable!() };
        all[0].objects.push("arn:aws:s3:::b/".into());
        w.add(true, 11, ACCOUNT, "after");
        assert_eq!(w.collect(upto, ALL).0, ["after"]);
    }
}
