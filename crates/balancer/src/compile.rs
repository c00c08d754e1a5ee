//! From a document to what requests are decided by. A bad document is refused whole, with the place and the reason.
//!
//! Pure, but for certificates' files. AWS's quotas bind here: 50 listeners, 100 rules and 25 further certificates a
//! listener, 5 values and 6 wildcards a rule, 5 groups an action, 100 groups, 1000 targets a group.

use crate::health::Matcher;
use crate::oidc::Oidc;
use crate::reply::{Fixed, Redirect};
use crate::rules::{Facts, Test};
use crate::tls::{self, Unseal};
use hyper::header::HeaderName;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;
use wire::balancer as wb;
use wire::balancer::{Action, BalancerConfig, DesyncMitigation, ListenerProtocol, ProtocolVersion, TargetProtocol};

/// Why a document was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {what}")]
pub struct ConfigError {
    /// `listener arn:…/7, rule 12`
    pub at: String,
    pub what: String,
}

fn refuse<T>(at: impl Into<String>, what: impl Into<String>) -> Result<T, ConfigError> {
    Err(ConfigError { at: at.into(), what: what.into() })
}

#[derive(Debug)]
pub struct Compiled {
    pub listeners: Vec<Rc<Listener>>,
    /// By index in the document.
    pub groups: Vec<Rc<GroupSpec>>,
}

#[derive(Debug)]
pub struct Listener {
    pub spec: wb::Listener,
    pub rules: Vec<Rule>,
    pub default: Act,
    pub tls: Option<Arc<tls::ListenerTls>>,
}

#[derive(Debug)]
pub struct Rule {
    pub priority: u32,
    pub tests: Vec<Test>,
    pub act: Act,
}

impl Listener {
    /// The actions by which users sign in.
    pub fn sign_ins(&self) -> impl Iterator<Item = &Oidc> {
        let acts = self.rules.iter().map(|r| &r.act).chain([&self.default]);
        acts.filter_map(|a| if let Act::Oidc(oidc) = a { Some(&**oidc) } else { None })
    }

    /// What is done with a request, and by which rule (None: the default).
    pub fn decide(&self, facts: &Facts<'_>) -> (&Act, Option<u32>) {
        let rule = self.rules.iter().find(|r| r.tests.iter().all(|t| t.holds(facts)));
        rule.map_or((&self.default, None), |r| (&r.act, Some(r.priority)))
    }
}

#[derive(Debug)]
pub enum Act {
    Oidc(Box<Oidc>),
    Forward(Forward),
    Redirect(Redirect),
    Fixed(Fixed),
}

#[derive(Debug)]
pub struct Forward {
    /// (index of the group, weight)
    pub groups: Vec<(usize, u32)>,
    pub stickiness_seconds: Option<u32>,
}

#[derive(Debug)]
pub struct GroupSpec {
    pub spec: wb::TargetGroup,
    pub matcher: Matcher,
    /// Some listener forwards to it.
    pub used: bool,
    pub app_cookie: Option<String>,
    /// Towards HTTPS targets.
    pub tls: Option<Arc<rustls::ClientConfig>>,
    /// What a group-stickiness cookie says for it.
    pub token: String,
}

/// Checks a document and compiles it. `old`: what is kept of the listeners' TLS (ticket keys).
///
/// # Errors
/// The first thing that is wrong with it.
pub fn compile(config: &BalancerConfig, unseal: Unseal<'_>, old: &[Rc<Listener>]) -> Result<Compiled, ConfigError> {
    if config.format != wire::FORMAT {
        return refuse("format", format!("{} is not the {} that this balancer reads", config.format, wire::FORMAT));
    }
    attributes(&config.attributes)?;
    unique("listeners", config.listeners.iter().map(|l| l.arn.as_str()), 50)?;
    unique("certificates", config.certificates.iter().map(|c| c.arn.as_str()), 50 * 26)?;
    unique("target groups", config.target_groups.iter().map(|g| g.arn.as_str()), 100)?;
    let index: BTreeMap<&str, usize> = config.target_groups.iter().enumerate().map(|(i, g)| (g.arn.as_str(), i)).collect();
    let certificates = tls::load(&config.certificates, unseal).map_err(|(arn, what)| ConfigError { at: arn, what })?;
    let ticket_keys = tls::load_ticket_keys(&config.ticket_keys, unseal);
    let ticket_keys = ticket_keys.map_err(|what| ConfigError { at: "ticket keys".to_owned(), what })?;
    let store = tls::Store { certificates, ticket_keys };
    let mut used = BTreeSet::new();
    let mut listeners = Vec::with_capacity(config.listeners.len());
    let mut ports = BTreeSet::new();
    for l in &config.listeners {
        if l.port != 0 && !ports.insert((l.addresses.clone(), l.port)) {
            return refuse(&l.arn, format!("port {} is another listener's", l.port));
        }
        listeners.push(Rc::new(listener(config, l, &index, &mut used, &store, unseal, old)?));
    }
    let groups = config.target_groups.iter().enumerate();
    let groups = groups.map(|(i, g)| group(g, used.contains(&i)).map(Rc::new)).collect::<Result<_, _>>()?;
    Ok(Compiled { listeners, groups })
}

fn unique<'a>(what: &str, arns: impl Iterator<Item = &'a str>, max: usize) -> Result<(), ConfigError> {
    let mut seen = BTreeSet::new();
    for arn in arns {
        if arn.is_empty() || !seen.insert(arn) {
            return refuse(what, format!("\"{arn}\" is there twice, or empty"));
        }
    }
    if seen.len() > max { refuse(what, format!("{} of them, at most {max}", seen.len())) } else { Ok(()) }
}

fn within(at: &str, name: &str, value: u32, low: u32, high: u32) -> Result<(), ConfigError> {
    if (low..=high).contains(&value) { Ok(()) } else { refuse(at, format!("{name} is {low} to {high}, not {value}")) }
}

fn attributes(a: &wb::Attributes) -> Result<(), ConfigError> {
    let at = "attributes";
    within(at, "idle_timeout_seconds", a.idle_timeout_seconds, 1, 4000)?;
    within(at, "client_keep_alive_seconds", a.client_keep_alive_seconds, 60, 604_800)?;
    within(at, "head_timeout_ms", a.head_timeout_ms, 1000, 600_000)?;
    within(at, "connections_max", a.connections_max, 1, 1_000_000)?;
    within(at, "http2_streams_max", a.http2_streams_max, 1, 1000)?;
    within(at, "replay_bytes_max", a.replay_bytes_max, 0, 16 << 20)?;
    within(at, "shedding.queue_max", a.shedding.queue_max, 0, 100_000)?;
    within(at, "shedding.delay_target_ms", a.shedding.delay_target_ms, 1, 60_000)?;
    within(at, "shedding.interval_ms", a.shedding.interval_ms, 1, 60_000)?;
    if a.desync_mitigation == DesyncMitigation::Strictest {
        return refuse(at, "desync_mitigation strictest is not built: the parser joins lengths that it would have to see apart");
    }
    Ok(())
}

fn listener(
    config: &BalancerConfig,
    l: &wb::Listener,
    index: &BTreeMap<&str, usize>,
    used: &mut BTreeSet<usize>,
    store: &tls::Store,
    unseal: Unseal<'_>,
    old: &[Rc<Listener>],
) -> Result<Listener, ConfigError> {
    let secure = match l.protocol {
        ListenerProtocol::Http => false,
        ListenerProtocol::Https => true,
        other => return refuse(&l.arn, format!("{other:?} listeners are the switch's, not this balancer's")),
    };
    if secure != l.tls.is_some() {
        return refuse(&l.arn, "tls is for HTTPS listeners, and they have it");
    }
    if l.rules.len() > 100 {
        return refuse(&l.arn, format!("{} rules, at most 100", l.rules.len()));
    }
    let tls = match &l.tls {
        Some(spec) => {
            let before = old.iter().find(|o| o.spec.arn == l.arn).and_then(|o| o.tls.clone());
            let made = tls::listener(&l.arn, spec, config.attributes.http2, store, before.as_deref());
            Some(Arc::new(made.map_err(|what| ConfigError { at: l.arn.clone(), what })?))
        }
        None => None,
    };
    let mut rules = Vec::with_capacity(l.rules.len());
    for r in &l.rules {
        rules.push(rule(l, r, config, index, used, unseal)?);
    }
    rules.sort_by_key(|r: &Rule| r.priority);
    if let Some(w) = rules.windows(2).find(|w| w[0].priority == w[1].priority) {
        return refuse(&l.arn, format!("two rules have priority {}", w[0].priority));
    }
    let default = act(&format!("listener {}, default action", l.arn), &l.default_action, config, index, used, unseal, secure)?;
    Ok(Listener { spec: l.clone(), rules, default, tls })
}

fn rule(
    l: &wb::Listener,
    r: &wb::Rule,
    config: &BalancerConfig,
    index: &BTreeMap<&str, usize>,
    used: &mut BTreeSet<usize>,
    unseal: Unseal<'_>,
) -> Result<Rule, ConfigError> {
    let at = format!("listener {}, rule {}", l.arn, r.priority);
    within(&at, "priority", r.priority, 1, 50_000)?;
    if r.conditions.is_empty() {
        return refuse(at, "a rule has conditions");
    }
    let mut tests = Vec::with_capacity(r.conditions.len());
    for c in &r.conditions {
        let test = Test::compile(c).map_err(|what| ConfigError { at: at.clone(), what })?;
        if test.values() == 0 {
            return refuse(at, "a condition has values");
        }
        tests.push(test);
    }
    let kinds = |f: fn(&Test) -> bool| tests.iter().filter(|t| f(t)).count();
    for (name, count) in [
        ("host-header", kinds(|t| matches!(t, Test::Host(_)))),
        ("path-pattern", kinds(|t| matches!(t, Test::Path(_)))),
        ("http-request-method", kinds(|t| matches!(t, Test::Method(_)))),
        ("source-ip", kinds(|t| matches!(t, Test::Source(_)))),
    ] {
        if count > 1 {
            return refuse(at, format!("{name} is there {count} times, at most once a rule"));
        }
    }
    if tests.iter().map(Test::values).sum::<usize>() > 5 {
        return refuse(at, "at most 5 values a rule");
    }
    if tests.iter().map(Test::wildcards).sum::<usize>() > 6 {
        return refuse(at, "at most 6 wildcards a rule");
    }
    let act = act(&at, &r.action, config, index, used, unseal, l.tls.is_some())?;
    Ok(Rule { priority: r.priority, tests, act })
}

fn act(
    at: &str,
    action: &Action,
    config: &BalancerConfig,
    index: &BTreeMap<&str, usize>,
    used: &mut BTreeSet<usize>,
    unseal: Unseal<'_>,
    secure: bool,
) -> Result<Act, ConfigError> {
    let bad = |what: String| ConfigError { at: at.to_owned(), what };
    Ok(match action {
        Action::AuthenticateOidc { oidc, then } => {
            if !secure {
                return refuse(at, "users sign in at HTTPS listeners only");
            }
            if matches!(**then, Action::AuthenticateOidc { .. }) {
                return refuse(at, "users sign in once");
            }
            let then = act(at, then, config, index, used, unseal, secure)?;
            Act::Oidc(Box::new(Oidc::compile(oidc, unseal, then).map_err(bad)?))
        }
        Action::Forward { groups, stickiness_seconds } => {
            if groups.is_empty() || groups.len() > 5 {
                return refuse(at, format!("forwards to 1 to 5 target groups, not {}", groups.len()));
            }
            if let Some(seconds) = stickiness_seconds {
                within(at, "stickiness_seconds", *seconds, 1, 604_800)?;
            }
            let mut compiled: Vec<(usize, u32)> = Vec::new();
            for g in groups {
                let Some(&i) = index.get(g.group.as_str()) else {
                    return refuse(at, format!("there is no target group \"{}\"", g.group));
                };
                if !matches!(config.target_groups[i].protocol, TargetProtocol::Http | TargetProtocol::Https) {
                    return refuse(at, format!("target group \"{}\" is a network group", g.group));
                }
                within(at, "weight", g.weight, 0, 999)?;
                if compiled.iter().any(|(seen, _)| *seen == i) {
                    return refuse(at, format!("target group \"{}\" is there twice", g.group));
                }
                used.insert(i);
                compiled.push((i, g.weight));
            }
            Act::Forward(Forward { groups: compiled, stickiness_seconds: *stickiness_seconds })
        }
        Action::Redirect { protocol, host, port, path, query, status } => {
            Act::Redirect(Redirect::compile([protocol, host, port, path, query].map(|p| p.as_deref()), *status).map_err(bad)?)
        }
        Action::FixedResponse { status, content_type, body } => {
            Act::Fixed(Fixed::compile(*status, content_type.as_deref(), body.as_deref()).map_err(bad)?)
        }
    })
}

fn group(g: &wb::TargetGroup, used: bool) -> Result<GroupSpec, ConfigError> {
    let at = g.arn.as_str();
    if !matches!(g.protocol, TargetProtocol::Http | TargetProtocol::Https) {
        // The packet engine forwards to it; what is done here is to check its targets.
        unique_targets(g)?;
        let matcher = health_check(at, &g.health_check)?;
        let used = g.network.checked;
        return Ok(GroupSpec { spec: g.clone(), matcher, used, app_cookie: None, tls: None, token: String::new() });
    }
    unique_targets(g)?;
    let matcher = health_check(at, &g.health_check)?;
    within(at, "deregistration_delay_seconds", g.deregistration_delay_seconds, 0, 3600)?;
    if g.slow_start_seconds != 0 {
        within(at, "slow_start_seconds", g.slow_start_seconds, 30, 900)?;
        if g.algorithm != wb::Algorithm::RoundRobin {
            return refuse(at, "slow start is for round_robin only");
        }
    }
    if g.anomaly_mitigation && g.algorithm != wb::Algorithm::WeightedRandom {
        return refuse(at, "anomaly mitigation is for weighted_random only");
    }
    let mut app_cookie = None;
    match &g.stickiness {
        Some(wb::Stickiness::LbCookie { duration_seconds }) => {
            within(at, "stickiness.duration_seconds", *duration_seconds, 1, 604_800)?;
        }
        Some(wb::Stickiness::AppCookie { name, duration_seconds }) => {
            within(at, "stickiness.duration_seconds", *duration_seconds, 1, 604_800)?;
            let token = HeaderName::from_bytes(name.as_bytes()).is_ok() && name.len() <= 256;
            if !token || ["AWSALB", "AWSALBAPP", "AWSALBTG"].iter().any(|own| name.starts_with(own)) {
                return refuse(at, format!("\"{name}\" is no name for an application's cookie"));
            }
            app_cookie = Some(name.clone());
        }
        Some(wb::Stickiness::SourceIp) => return refuse(at, "source_ip stickiness is for network groups"),
        None => {}
    }
    resilience(at, &g.resilience)?;
    let tls = match g.protocol {
        TargetProtocol::Https => {
            let made = tls::client(g.version != ProtocolVersion::Http1);
            Some(made.map_err(|e| ConfigError { at: at.to_owned(), what: e.to_string() })?)
        }
        _ => None,
    };
    Ok(GroupSpec { spec: g.clone(), matcher, used, app_cookie, tls, token: token(at) })
}

/// Checks how a group's targets are checked; what an answer has to be.
fn health_check(at: &str, h: &wb::HealthCheck) -> Result<Matcher, ConfigError> {
    within(at, "health_check.interval_seconds", h.interval_seconds, 5, 300)?;
    within(at, "health_check.timeout_seconds", h.timeout_seconds, 2, 120)?;
    within(at, "health_check.healthy_threshold", h.healthy_threshold, 2, 10)?;
    within(at, "health_check.unhealthy_threshold", h.unhealthy_threshold, 2, 10)?;
    within(at, "health_check.passive_share_max_percent", h.passive_share_max_percent, 0, 100)?;
    let grpc = h.protocol == wb::HealthProtocol::Grpc;
    let (low, high) = if grpc { (0, 99) } else { (200, 499) };
    // A connection is all that a TCP check wants.
    let codes = if h.protocol == wb::HealthProtocol::Tcp { "200-399" } else { &h.matcher };
    let Some(matcher) = Matcher::parse(codes, low, high) else {
        return refuse(at, format!("health_check.matcher \"{}\" is not codes from {low} to {high}", h.matcher));
    };
    let path_ok = h.path.starts_with('/') && h.path.len() <= 1024 && h.path.parse::<hyper::Uri>().is_ok();
    if h.protocol != wb::HealthProtocol::Tcp && !path_ok {
        return refuse(at, format!("health_check.path \"{}\" is no path", h.path));
    }
    Ok(matcher)
}

fn unique_targets(g: &wb::TargetGroup) -> Result<(), ConfigError> {
    if g.targets.len() > 1000 {
        return refuse(&g.arn, format!("{} targets, at most 1000", g.targets.len()));
    }
    let mut seen = BTreeSet::new();
    for t in &g.targets {
        if t.port == 0 || t.id.is_empty() {
            return refuse(&g.arn, format!("target \"{}\": it has an id and a port", t.id));
        }
        within(&g.arn, "weight", t.weight, 1, 999)?;
        if !seen.insert((t.id.as_str(), t.port)) {
            return refuse(&g.arn, format!("target {}:{} is there twice", t.id, t.port));
        }
    }
    Ok(())
}

fn resilience(at: &str, r: &wb::Resilience) -> Result<(), ConfigError> {
    within(at, "breaker_error_percent", r.breaker_error_percent, 1, 100)?;
    within(at, "breaker_probes", r.breaker_probes, 1, 1000)?;
    within(at, "connect_retries", r.connect_retries, 0, 10)?;
    within(at, "response_retries", r.response_retries, 0, 10)?;
    within(at, "timeout_retries", r.timeout_retries, 0, 10)?;
    within(at, "retry_budget_percent", r.retry_budget_percent, 0, 100)?;
    within(at, "connect_timeout_ms", r.connect_timeout_ms, 1, 600_000)?;
    within(at, "connections_max", r.connections_max, 1, 65_000)?;
    within(at, "requests_max", r.requests_max, 1, 1_000_000)?;
    match r.response_timeout_ms {
        Some(ms) => within(at, "response_timeout_ms", ms, 1, 4_000_000),
        None => Ok(()),
    }
}

/// An opaque word for a name: the same on every node, telling nobody what stands behind it.
pub fn token(name: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, name.as_bytes());
    digest.as_ref()[..12].iter().map(|b| format!("{b:02x}")).collect()
}
