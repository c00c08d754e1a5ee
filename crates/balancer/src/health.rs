//! What is known of a target's health. Pure: (state, result, now, rng) -> state; probes are made elsewhere.
//!
//! ```text
//!            one check passed                 unhealthy_threshold failed in a row
//!  Initial ────────────────────► Healthy ───────────────────────────────────────► Unhealthy
//!     │                          │     ▲ ▲                                          │  ▲  ▲
//!     │       passive_failures   ▼     │ └──────── healthy_threshold passed ────────┘  │  │
//!     │                        Demoted ┘ a check passed; after a second demotion       │  │
//!     │                          │        healthy_threshold of them                    │  │
//!     │                          └───────────────── a check failed ────────────────────┘  │
//!     └──────────────────────── unhealthy_threshold failed ───────────────────────────────┘
//! ```
//! Nothing but a result changes a state: when the checker dies, all stays as it was. Demotion needs the caller's leave,
//! who counts how many of the group are out already.

use platform::Rng;
use wire::balancer::HealthCheck;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Initial,
    Healthy,
    /// Real requests failed; a check is due at once.
    Demoted,
    Unhealthy,
}

/// Why a check failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    Timeout,
    /// No connection, or what came back was no answer.
    Connection(String),
    /// HTTP status.
    Status(u16),
    /// gRPC status.
    Grpc(u32),
    /// Demoted by real requests.
    Requests,
}

impl Reason {
    /// AWS's TargetHealthReasonEnum.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Timeout => "Target.Timeout",
            Self::Connection(_) | Self::Requests => "Target.FailedHealthChecks",
            Self::Status(_) | Self::Grpc(_) => "Target.ResponseCodeMismatch",
        }
    }

    pub fn sentence(&self) -> String {
        match self {
            Self::Timeout => "Request timed out".to_owned(),
            Self::Connection(cause) => format!("Health checks failed: {cause}"),
            Self::Status(code) => format!("Health checks failed with these codes: [{code}]"),
            Self::Grpc(code) => format!("Health checks failed with these codes: [{code}]"),
            Self::Requests => "Requests failed; a health check will tell".to_owned(),
        }
    }
}

/// A second demotion within so many intervals is taken as a sign that checks do not see what requests see.
const RELAPSE_INTERVALS: u64 = 10;

#[derive(Debug, Clone)]
pub struct Health {
    pub standing: Standing,
    pub reason: Option<Reason>,
    pub since_unix_ms: u64,
    /// When the next check is due.
    pub due_us: u64,
    passed: u32,
    failed: u32,
    /// Failures of real requests in a row.
    failed_requests: u32,
    demoted_us: Option<u64>,
    relapsed: bool,
    /// When it last became healthy, for the slow start.
    pub healthy_us: Option<u64>,
}

impl Health {
    /// The first check is due at once.
    pub fn new(now_us: u64, unix_ms: u64) -> Self {
        Self {
            standing: Standing::Initial,
            reason: None,
            since_unix_ms: unix_ms,
            due_us: now_us,
            passed: 0,
            failed: 0,
            failed_requests: 0,
            demoted_us: None,
            relapsed: false,
            healthy_us: None,
        }
    }

    /// A check has ended. True: the standing changed.
    pub fn checked(
        &mut self,
        result: Result<(), Reason>,
        spec: &HealthCheck,
        now_us: u64,
        unix_ms: u64,
        rng: &mut dyn Rng,
    ) -> bool {
        let interval = u64::from(spec.interval_seconds) * 1_000_000;
        self.due_us = now_us + interval + rng.below(interval / 5 + 1);
        let next = match &result {
            Ok(()) => {
                (self.passed, self.failed) = (self.passed.saturating_add(1), 0);
                let needed = match self.standing {
                    Standing::Unhealthy => spec.healthy_threshold,
                    Standing::Demoted if self.relapsed => spec.healthy_threshold,
                    Standing::Initial | Standing::Demoted | Standing::Healthy => 1,
                };
                (self.passed >= needed).then_some(Standing::Healthy)
            }
            Err(_) => {
                (self.passed, self.failed) = (0, self.failed.saturating_add(1));
                let needed = if self.standing == Standing::Demoted { 1 } else { spec.unhealthy_threshold };
                (self.failed >= needed).then_some(Standing::Unhealthy)
            }
        };
        if let Err(reason) = result {
            self.reason = Some(reason);
        }
        next.is_some_and(|next| self.turn(next, now_us, unix_ms))
    }

    /// A real request has ended; `allowed`: one more of the group may be demoted. True: it was.
    pub fn observed(&mut self, failed: bool, allowed: bool, spec: &HealthCheck, now_us: u64, unix_ms: u64) -> bool {
        if !failed {
            self.failed_requests = 0;
            return false;
        }
        self.failed_requests = self.failed_requests.saturating_add(1);
        let enough = spec.enabled && spec.passive_failures > 0 && self.failed_requests >= spec.passive_failures;
        if !enough || !allowed || self.standing != Standing::Healthy {
            return false;
        }
        let recent = RELAPSE_INTERVALS * u64::from(spec.interval_seconds) * 1_000_000;
        self.relapsed = self.demoted_us.is_some_and(|at| now_us.saturating_sub(at) < recent);
        self.demoted_us = Some(now_us);
        self.due_us = now_us;
        self.reason = Some(Reason::Requests);
        self.passed = 0;
        self.turn(Standing::Demoted, now_us, unix_ms)
    }

    fn turn(&mut self, next: Standing, now_us: u64, unix_ms: u64) -> bool {
        if next == Standing::Healthy {
            self.reason = None;
        }
        if next == self.standing {
            return false;
        }
        if next == Standing::Healthy {
            self.failed_requests = 0;
            self.healthy_us = Some(now_us);
        }
        self.standing = next;
        self.since_unix_ms = unix_ms;
        true
    }
}

/// `200`, `200-299`, `200,202`: the codes that pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matcher(Vec<(u32, u32)>);

impl Matcher {
    pub fn parse(text: &str, low: u32, high: u32) -> Option<Self> {
        let range = |part: &str| {
            let (from, to) = part.split_once('-').unwrap_or((part, part));
            let (from, to) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
            (low <= from && from <= to && to <= high).then_some((from, to))
        };
        text.split(',').map(range).collect::<Option<Vec<_>>>().map(Self)
    }

    pub fn passes(&self, code: u32) -> bool {
        self.0.iter().any(|(from, to)| (*from..=*to).contains(&code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use platform::SeededRng;
    use proptest::prelude::*;

    const BAD: Result<(), Reason> = Err(Reason::Timeout);

    fn spec() -> HealthCheck {
        HealthCheck { interval_seconds: 5, healthy_threshold: 3, unhealthy_threshold: 3, ..HealthCheck::default() }
    }

    fn after(steps: &[Result<(), Reason>]) -> Health {
        let mut h = Health::new(0, 0);
        for (i, step) in steps.iter().enumerate() {
            h.checked(step.clone(), &spec(), i as u64, i as u64, &mut SeededRng::new(1));
        }
        h
    }

    #[test]
    fn both_thresholds() {
        use Standing::*;
        let ok = || Ok(());
        for (name, steps, expected) in [
            ("new", vec![], Initial),
            ("one check makes it healthy", vec![ok()], Healthy),
            ("a new one is not unhealthy at once", vec![BAD, BAD], Initial),
            ("a new one that never passed", vec![BAD, BAD, BAD], Unhealthy),
            ("two failures are too few", vec![ok(), BAD, BAD], Healthy),
            ("three are enough", vec![ok(), BAD, BAD, BAD], Unhealthy),
            ("a pass in between begins anew", vec![ok(), BAD, BAD, ok(), BAD, BAD], Healthy),
            ("two passes are too few", vec![BAD, BAD, BAD, ok(), ok()], Unhealthy),
            ("three bring it back", vec![BAD, BAD, BAD, ok(), ok(), ok()], Healthy),
        ] {
            assert_eq!(after(&steps).standing, expected, "{name}");
        }
    }

    #[test]
    fn passive_demotion_is_confirmed_or_cleared_by_checks() {
        let (spec, rng) = (spec(), &mut SeededRng::new(1));
        let mut h = after(&[Ok(())]);
        let fail = |h: &mut Health, times: u32, now| (0..times).fold(false, |_, _| h.observed(true, true, &spec, now, 0));
        assert!(!fail(&mut h, 4, 10) && h.standing == Standing::Healthy);
        h.observed(false, true, &spec, 10, 0);
        assert!(!fail(&mut h, 4, 10), "a good one in between begins anew");
        assert!(fail(&mut h, 1, 10) && h.standing == Standing::Demoted && h.due_us == 10, "checked at once");
        h.checked(Ok(()), &spec, 11, 0, rng);
        assert_eq!(h.standing, Standing::Healthy, "the check clears it");
        assert!(fail(&mut h, 5, 12));
        h.checked(Ok(()), &spec, 13, 0, rng);
        assert_eq!(h.standing, Standing::Demoted, "a relapse needs the whole threshold");
        h.checked(BAD, &spec, 14, 0, rng);
        assert_eq!(h.standing, Standing::Unhealthy, "confirmed by one check");
        let mut kept = after(&[Ok(())]);
        (0..9).for_each(|_| assert!(!kept.observed(true, false, &spec, 0, 0), "no leave, no demotion"));
    }

    #[test]
    fn matchers() {
        let m = Matcher::parse("200,202, 300-302", 200, 499).unwrap();
        assert!([200, 202, 301].iter().all(|c| m.passes(*c)) && ![201, 303, 199].iter().any(|c| m.passes(*c)));
        for bad in ["", "100", "200-", "300-200", "x", "200,,201", "500"] {
            assert!(Matcher::parse(bad, 200, 499).is_none(), "{bad}");
        }
    }

    proptest! {
        /// The next check comes after the interval and at most a fifth more, whatever happened.
        #[test]
        fn jitter_is_bounded(seed: u64, results in proptest::collection::vec(any::<bool>(), 1..50)) {
            let (spec, mut h, mut rng) = (spec(), Health::new(0, 0), SeededRng::new(seed));
            let mut now = 0;
            for ok in results {
                h.checked(if ok { Ok(()) } else { BAD }, &spec, now, 0, &mut rng);
                let wait = h.due_us - now;
                prop_assert!((5_000_000..=6_000_000).contains(&wait));
                now = h.due_us;
            }
        }

        /// Between two changes by checks there are always as many equal results as the threshold says: no flapping.
        #[test]
        fn no_flapping(results in proptest::collection::vec(any::<bool>(), 1..200)) {
            let (spec, mut h, mut rng) = (spec(), Health::new(0, 0), SeededRng::new(1));
            h.checked(Ok(()), &spec, 0, 0, &mut rng);
            let mut last = 0;
            for (i, ok) in results.iter().enumerate() {
                if h.checked(if *ok { Ok(()) } else { BAD }, &spec, 0, 0, &mut rng) {
                    let run = results[..=i].iter().rev().take_while(|r| *r == ok).count();
                    prop_assert!(run >= 3 && i + 1 - last >= 3);
                    last = i + 1;
                }
            }
        }
    }
}
