//! From rows over hosts and reports to documents, states and health, and back to nothing.

use super::*;
use crate::compile::{cell_config, edge_config};
use crate::elb::{network, place, settle_targets};
use crate::placed::Delivered;
use crate::rows::{BalancerNode, Instance, InstanceState, Interface, Target};
use types::{CellId, Generation, InterfaceId, TimestampMs};
use wire::balancer::{
    BalancerStatus, BreakerState, Condition, HealthProtocol, Stickiness, TargetGroupStatus, TargetState, TargetStatus,
};
use wire::cell::{CellBalancer, CellConfig, CellReport, HostHealth, HostSummary};
use wire::host::{BalancerReport, Capacity};

pub(super) fn cell(letter: char) -> CellId {
    format!("{letter}1").parse().unwrap()
}

/// Its one host holds what it was given last.
pub(super) fn report(letter: char, generation: u64, health: HostHealth, balancers: Vec<BalancerReport>) -> CellReport {
    let capacity = Capacity { vcpus: 8, memory_mib: 8192, disk_gib: 100 };
    let n = if letter == 'a' { 1 } else { 2 };
    let generation = Generation(generation);
    let host = HostSummary {
        host: format!("{letter}1-h1").parse().unwrap(),
        underlay: format!("127.1.{n}.1").parse().unwrap(),
        health,
        capacity,
        free: capacity,
        applied: generation,
        card_applied: generation,
        wanted: generation,
        acceleration: "tcg".into(),
        problems: Vec::new(),
        off: false,
    };
    CellReport {
        dedicated_hosts_refused: Vec::new(),
        spot_price: None,
        notices: Vec::new(),
        format: wire::FORMAT,
        cell: cell(letter),
        az: format!("us-east-1{letter}").parse().unwrap(),
        applied: generation,
        hosts: vec![host],
        instances: Vec::new(),
        balancers,
        ended_runs: Vec::new(),
        room: None,
    }
}

#[derive(Default)]
pub(super) struct Cells {
    delivered: BTreeMap<CellId, Delivered>,
    reports: BTreeMap<CellId, CellReport>,
    generation: u64,
}

impl Cells {
    pub fn config(&self, w: &World, letter: char) -> CellConfig {
        cell_config(&w.h.db, &w.h.settings, &cell(letter), Generation(self.generation))
    }

    /// The node of the application load balancer.
    pub fn web(&self, w: &World, letter: char) -> CellBalancer {
        let all = self.config(w, letter).balancers;
        all.into_iter().find(|b| b.config.name.starts_with("app/web/")).expect("a node")
    }

    /// What the service does with a report.
    pub fn hear(&mut self, w: &mut World, report: CellReport) {
        let delivered = self.delivered.entry(report.cell.clone()).or_default();
        delivered.hear(&report);
        w.h.db.balancers.hear(&report);
        place::settle(&mut w.h.db, w.h.now, &report, delivered);
        network::settle(&mut w.h.db, &w.h.settings);
        settle_targets(&mut w.h.db, w.h.now);
        self.reports.insert(report.cell.clone(), report);
        place::place(&mut w.h.db, &w.h.settings, &self.reports);
        w.h.db.take_mutations();
    }

    /// Both cells take their documents and report twice, with what `say` makes of a node.
    pub fn settle(&mut self, w: &mut World, say: impl Fn(InterfaceId, &World) -> Option<BalancerStatus>) {
        self.generation += 1;
        for letter in ['a', 'b'] {
            let document = self.config(w, letter);
            self.delivered.entry(cell(letter)).or_default().note(&document);
            for _ in 0..2 {
                let balancer = |b: &CellBalancer| BalancerReport {
                    interface: b.port.id,
                    status: say(b.port.id, w),
                    pid: Some(1),
                    problem: None,
                };
                let balancers = document.balancers.iter().map(balancer).collect();
                self.hear(w, report(letter, self.generation, HostHealth::Healthy, balancers));
            }
        }
    }
}

pub(super) fn status(groups: Vec<TargetGroupStatus>) -> BalancerStatus {
    BalancerStatus {
        name: "app/web/1".into(),
        generation: Generation(1),
        listeners: Vec::new(),
        target_groups: groups,
        connections: 0,
        requests: 0,
        counters: BTreeMap::new(),
        refused: None,
        oidc_keys: Default::default(),
    }
}

pub(super) fn seen(arn: &str, id: &str, state: TargetState, reason: Option<&str>) -> TargetGroupStatus {
    let target = TargetStatus {
        id: id.into(),
        address: "10.0.1.4".parse().unwrap(),
        port: 8080,
        zone: None,
        state,
        reason: reason.map(str::to_owned),
        description: reason.map(|_| "Health checks failed with these codes: [503]".to_owned()),
        since_unix_ms: 0,
        in_flight: 0,
        requests: 0,
        p50_us: 0,
        p99_us: 0,
        breaker: BreakerState::Closed,
        anomalous: state == TargetState::Unhealthy,
        mitigated: false,
    };
    TargetGroupStatus { arn: arn.into(), fail_open: false, targets: vec![target] }
}

pub(super) fn state(w: &mut World) -> String {
    text(&w.ok("DescribeLoadBalancers", "Names.member.1=web"), "Code")
}

fn health(w: &mut World) -> (String, String) {
    let reply = w.ok("DescribeTargetHealth", "TargetGroupArn={tg}");
    (text(&reply, "State"), texts(&reply, "Reason").pop().unwrap_or_default())
}

#[test]
fn from_provisioning_to_nothing() {
    let mut w = world().with_balancers();
    let mut cells = Cells::default();
    assert!(cells.config(&w, 'a').balancers.is_empty(), "no node has a host yet");
    cells.hear(&mut w, report('a', 0, HostHealth::Silent, Vec::new()));
    assert!(cells.config(&w, 'a').balancers.is_empty());
    cells.hear(&mut w, report('a', 0, HostHealth::Healthy, Vec::new()));
    cells.hear(&mut w, report('b', 0, HostHealth::Healthy, Vec::new()));
    for letter in ['a', 'b'] {
        let document = cells.config(&w, letter);
        let node = cells.web(&w, letter);
        assert_eq!(node.host.as_str(), format!("{letter}1-h1"));
        assert_eq!(node.port.terminator.as_ref().unwrap().listen, [80]);
        assert!(node.config.name.starts_with("app/web/") && node.config.zone == Some(format!("us-east-1{letter}")));
        assert_eq!((node.port.groups.len(), node.port.public.len()), (1, 1), "its group is the VPC's own; it faces the internet");
        assert!(node.port.nat.is_none() && node.port.metadata.is_none());
        assert_eq!((node.config.listeners.len(), node.config.target_groups.len()), (1, 1));
        let entry = document.vpcs[0].interfaces.iter().find(|i| i.id == node.port.id).unwrap();
        assert!(entry.underlay.is_some());
    }
    assert_eq!(edge_config(&w.h.db, &w.h.settings, Generation(1)).addresses.len(), 2);
    // Its processes must answer, too.
    cells.settle(&mut w, |_, _| None);
    assert_eq!(state(&mut w), "provisioning");
    cells.settle(&mut w, |_, _| Some(status(Vec::new())));
    assert_eq!(state(&mut w), "active");
    assert_eq!(text(&w.ok("DescribeLoadBalancers", "Names.member.1=net"), "Code"), "active");
    // A subnet less: out of the document at once, its interface stays until the card has dropped it.
    w.ok("SetSubnets", "LoadBalancerArn={lb}&Subnets.member.1={a2}&Subnets.member.2={b}");
    assert_eq!(state(&mut w), "active");
    let interfaces =
        |w: &World| w.h.db.all::<Interface>().filter(|i| i.load_balancer.as_ref().is_some_and(|p| p.starts_with("app/"))).count();
    assert_eq!(interfaces(&w), 3);
    // It has no connections: it drains in one round, and is gone in the next.
    cells.settle(&mut w, |_, _| Some(status(Vec::new())));
    assert_eq!(interfaces(&w), 3);
    cells.settle(&mut w, |_, _| Some(status(Vec::new())));
    assert_eq!(interfaces(&w), 2);
    w.ok("DeleteLoadBalancer", "LoadBalancerArn={lb}");
    cells.settle(&mut w, |_, _| Some(status(Vec::new())));
    cells.settle(&mut w, |_, _| None);
    assert_eq!(interfaces(&w), 0);
    assert_eq!(w.h.db.all::<BalancerNode>().count(), 1, "what is left is the network load balancer's");
    w.ec2("DeleteSubnet", "SubnetId={b}");
}

#[test]
fn health_follows_from_rows_and_reports() {
    let mut w = world().with_balancers();
    let mut cells = Cells::default();
    w.instance("i", "{a}");
    w.ok("RegisterTargets", "TargetGroupArn={tg}&Targets.member.1.Id={i}");
    cells.settle(&mut w, |_, _| None);
    assert_eq!(health(&mut w), ("initial".into(), "Elb.RegistrationInProgress".into()));
    let (tg, i) = (w.names["tg"].clone(), w.names["i"].clone());
    let say = |state: TargetState, reason: Option<&'static str>| {
        let (tg, i) = (tg.clone(), i.clone());
        move |_: InterfaceId, _: &World| Some(status(vec![seen(&tg, &i, state, reason)]))
    };
    cells.settle(&mut w, say(TargetState::Initial, None));
    assert_eq!(health(&mut w), ("initial".into(), "Elb.InitialHealthChecking".into()));
    cells.settle(&mut w, say(TargetState::Unhealthy, Some("Target.ResponseCodeMismatch")));
    assert_eq!(health(&mut w), ("unhealthy".into(), "Target.ResponseCodeMismatch".into()));
    let detected = w.ok("DescribeTargetHealth", "TargetGroupArn={tg}&Include.member.1=AnomalyDetection");
    assert_eq!((text(&detected, "Result"), text(&detected, "MitigationInEffect")), ("anomalous".into(), "no".into()));
    cells.settle(&mut w, say(TargetState::Healthy, None));
    assert_eq!(health(&mut w), ("healthy".into(), String::new()));
    // One of the nodes gets answers: that is enough. What is not heard changes nothing.
    let node_b = w.h.db.all::<BalancerNode>().find(|n| n.az.as_str() == "us-east-1b").unwrap().interface;
    let (tg2, i2) = (tg.clone(), i.clone());
    cells.settle(&mut w, move |n, _| {
        let state = if n == node_b { TargetState::Healthy } else { TargetState::Unhealthy };
        Some(status(vec![seen(&tg2, &i2, state, Some("Target.Timeout"))]))
    });
    assert_eq!(health(&mut w).0, "healthy");
    cells.settle(&mut w, |_, _| None);
    assert_eq!(health(&mut w).0, "healthy");
    // This process has just started.
    w.h.db.balancers = Default::default();
    assert_eq!(health(&mut w), ("unavailable".into(), "Elb.InternalError".into()));
    cells.settle(&mut w, say(TargetState::Healthy, None));
    let set = |w: &mut World, state: InstanceState| {
        let account = w.h.caller.account.clone();
        let id = w.names["i"].clone();
        w.h.db.update::<Instance>(&account, id, |i| i.state = state);
        w.h.db.take_mutations();
    };
    let targets = |cells: &Cells, w: &World| cells.web(w, 'a').config.target_groups[0].targets.len();
    assert_eq!(targets(&cells, &w), 1);
    set(&mut w, InstanceState::Stopped);
    assert_eq!(health(&mut w), ("unused".into(), "Target.InvalidState".into()));
    assert_eq!(targets(&cells, &w), 0);
    set(&mut w, InstanceState::Running);
    assert_eq!(health(&mut w).0, "healthy");
    // A terminated one is deregistered by itself, and gone after the delay.
    set(&mut w, InstanceState::Terminated);
    settle_targets(&mut w.h.db, w.h.now);
    assert_eq!(health(&mut w), ("draining".into(), "Target.DeregistrationInProgress".into()));
    settle_targets(&mut w.h.db, TimestampMs(w.h.now.0 + 299_999));
    assert_eq!(w.h.db.all::<Target>().count(), 1);
    settle_targets(&mut w.h.db, TimestampMs(w.h.now.0 + 300_000));
    assert_eq!(w.h.db.all::<Target>().count(), 0);
    // A group that nobody forwards to.
    w.instance("j", "{b}");
    w.ok("RegisterTargets", "TargetGroupArn={tg}&Targets.member.1.Id={j}");
    w.ok("DeleteListener", "ListenerArn={l}");
    assert_eq!(health(&mut w), ("unused".into(), "Target.NotInUse".into()));
    w.ok("DeregisterTargets", "TargetGroupArn={tg}&Targets.member.1.Id={j}");
    assert_eq!(w.h.db.all::<Target>().count(), 0);
    let unknown = w.ok("DescribeTargetHealth", "TargetGroupArn={tg}&Targets.member.1.Id={j}");
    assert!(unknown.contains("Target.NotRegistered"), "{unknown}");
}

#[test]
fn what_is_set_reaches_the_document() {
    let mut w = world().with_balancers();
    let mut cells = Cells::default();
    cells.settle(&mut w, |_, _| None);
    w.instance("i", "{a}");
    w.instance("j", "{b}");
    w.ok("RegisterTargets", "TargetGroupArn={tg}&Targets.member.1.Id={i}&Targets.member.2.Id={j}&Targets.member.2.Port=9");
    let modify = |w: &mut World, action: &str, arn: &str, pairs: &[(&str, &str)]| {
        let each = pairs
            .iter()
            .enumerate()
            .map(|(n, (k, v))| format!("Attributes.member.{0}.Key={k}&Attributes.member.{0}.Value={v}", n + 1));
        w.ok(action, &format!("{arn}&{}", each.collect::<Vec<_>>().join("&")));
    };
    modify(
        &mut w,
        "ModifyLoadBalancerAttributes",
        "LoadBalancerArn={lb}",
        &[
            ("idle_timeout.timeout_seconds", "7"),
            ("routing.http.xff_header_processing.mode", "remove"),
            ("routing.http2.enabled", "false"),
        ],
    );
    modify(
        &mut w,
        "ModifyTargetGroupAttributes",
        "TargetGroupArn={tg}",
        &[
            ("stickiness.enabled", "true"),
            ("stickiness.type", "app_cookie"),
            ("stickiness.app_cookie.cookie_name", "SID"),
            ("slow_start.duration_seconds", "40"),
        ],
    );
    w.ok(
        "ModifyTargetGroup",
        "TargetGroupArn={tg}&HealthCheckPort=99&HealthCheckPath=/h&UnhealthyThresholdCount=3&Matcher.HttpCode=204",
    );
    w.ok("CreateRule", "ListenerArn={l}&Priority=5&Conditions.member.1.Field=source-ip&Conditions.member.1.SourceIpConfig.Values.member.1=10.0.0.0/8&Actions.member.1.Type=forward&Actions.member.1.ForwardConfig.TargetGroups.member.1.TargetGroupArn={tg}&Actions.member.1.ForwardConfig.TargetGroups.member.1.Weight=3&Actions.member.1.ForwardConfig.TargetGroupStickinessConfig.Enabled=true&Actions.member.1.ForwardConfig.TargetGroupStickinessConfig.DurationSeconds=60");
    let config = cells.web(&w, 'a').config;
    let a = &config.attributes;
    assert_eq!((a.idle_timeout_seconds, a.xff_header_processing, a.http2), (7, wire::balancer::XffMode::Remove, false));
    let g = &config.target_groups[0];
    assert_eq!(g.stickiness, Some(Stickiness::AppCookie { name: "SID".into(), duration_seconds: 86_400 }));
    let c = &g.health_check;
    assert_eq!((c.protocol, c.port, c.path.as_str(), c.matcher.as_str()), (HealthProtocol::Http, Some(99), "/h", "204"));
    assert_eq!((c.unhealthy_threshold, g.slow_start_seconds), (3, 40));
    let mut ports: Vec<_> = g.targets.iter().map(|t| (t.port, t.zone.clone().unwrap())).collect();
    ports.sort();
    assert_eq!(ports, [(9, "us-east-1b".to_owned()), (8080, "us-east-1a".to_owned())]);
    let rule = &config.listeners[0].rules[0];
    assert_eq!(rule.conditions, [Condition::SourceIp { values: vec!["10.0.0.0/8".into()] }]);
    assert!(
        matches!(&rule.action, wire::balancer::Action::Forward { groups, stickiness_seconds: Some(60) } if groups[0].weight == 3)
    );
    // The document is one that a balancer reads.
    let text = serde_json::to_string(&config).unwrap();
    assert_eq!(serde_json::from_str::<wire::balancer::BalancerConfig>(&text).unwrap(), config);
    // Without crossing zones a node has the targets of its own.
    modify(
        &mut w,
        "ModifyTargetGroupAttributes",
        "TargetGroupArn={tg}",
        &[("stickiness.enabled", "false"), ("load_balancing.cross_zone.enabled", "false")],
    );
    for (letter, port) in [('a', 8080), ('b', 9)] {
        let config = cells.web(&w, letter).config;
        assert_eq!(config.target_groups[0].targets.iter().map(|t| t.port).collect::<Vec<_>>(), [port]);
    }
}

#[test]
fn a_certificate_reaches_the_document_sealed() {
    let mut w = world().with_balancers();
    let mut cells = Cells::default();
    cells.settle(&mut w, |_, _| None);
    let put = |w: &mut World, name: &str| {
        let row = crate::rows::AcmCertificate {
            account: w.h.caller.account.clone(),
            id: name.to_owned(),
            body: "BODY".into(),
            chain: Some("CHAIN".into()),
            sealed_key: vec![1, 2, 3].into(),
            imported: w.h.now,
            created: w.h.now,
            tags: Default::default(),
        };
        w.names.insert(name.to_owned(), row.arn(&w.h.settings));
        w.h.db.put(row);
        w.h.db.take_mutations();
    };
    put(&mut w, "one");
    put(&mut w, "two");
    let listener = "LoadBalancerArn={lb}&Protocol=HTTPS&Port=443&Certificates.member.1.CertificateArn={one}&DefaultActions.member.1.Type=forward&DefaultActions.member.1.TargetGroupArn={tg}";
    let reply = w.keep("s", "ListenerArn", "CreateListener", listener);
    assert!(
        reply.contains("<SslPolicy>ELBSecurityPolicy-TLS13-1-2-Res-2021-06</SslPolicy>") && reply.contains("<Mode>off</Mode>"),
        "{reply}"
    );
    w.ok("AddListenerCertificates", "ListenerArn={s}&Certificates.member.1.CertificateArn={two}");
    let listed = w.ok("DescribeListenerCertificates", "ListenerArn={s}");
    assert_eq!(texts(&listed, "IsDefault"), ["true", "false"]);
    let config = cells.web(&w, 'a').config;
    assert_eq!(config.certificates.len(), 2);
    let tls = config.listeners.iter().find_map(|l| l.tls.clone()).unwrap();
    assert_eq!((tls.default_certificate, tls.certificates), (w.names["one"].clone(), vec![w.names["two"].clone()]));
    assert!(config.certificates.iter().all(|c| matches!(&c.source,
        wire::balancer::CertificateSource::Sealed { chain_pem, sealed_key } if chain_pem == "BODY\nCHAIN" && sealed_key.0 == [1, 2, 3])));
    assert_eq!(
        w.code("RemoveListenerCertificates", "ListenerArn={s}&Certificates.member.1.CertificateArn={one}"),
        "OperationNotPermitted"
    );
    let users = crate::elb::users_of_certificate(&w.h.db, &w.h.settings, &w.h.caller.account, &w.names["two"]);
    assert_eq!(users, [w.names["lb"].clone()]);
    w.ok("RemoveListenerCertificates", "ListenerArn={s}&Certificates.member.1.CertificateArn={two}");
    // Another default one, and a listener that speaks plainly again.
    w.ok(
        "ModifyListener",
        "ListenerArn={s}&Certificates.member.1.CertificateArn={two}&SslPolicy=ELBSecurityPolicy-TLS13-1-3-2021-06",
    );
    // Clients' certificates for the targets to see.
    let mutual = |cells: &Cells, w: &World| {
        let config = cells.web(w, 'a').config;
        config.listeners.into_iter().find_map(|l| l.tls).unwrap().mutual_authentication
    };
    assert_eq!(mutual(&cells, &w), None);
    let shown = w.ok("ModifyListener", "ListenerArn={s}&MutualAuthentication.Mode=passthrough");
    assert!(shown.contains("<Mode>passthrough</Mode>"), "{shown}");
    w.ok("ModifyListener", "ListenerArn={s}&Port=444");
    assert_eq!(mutual(&cells, &w), Some(wire::balancer::MutualAuthentication::Passthrough));
    w.ok("ModifyListener", "ListenerArn={s}&Port=443&MutualAuthentication.Mode=off");
    assert_eq!(mutual(&cells, &w), None);
    assert_eq!(w.code("ModifyListener", "ListenerArn={s}&MutualAuthentication.Mode=verify"), "ValidationError");
    assert_eq!(w.code("ModifyListener", "ListenerArn={l}&MutualAuthentication.Mode=passthrough"), "InvalidConfigurationRequest");
    w.ok("ModifyListener", "ListenerArn={s}&Protocol=HTTP");
    assert!(cells.web(&w, 'a').config.certificates.is_empty());
    assert_eq!(cells.web(&w, 'a').port.terminator.as_ref().unwrap().listen, [80, 443]);
}
