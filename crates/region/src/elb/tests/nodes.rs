//! Nodes and their load balancers' names: which addresses a name gives, how a node ends, where its logs go.

use super::documents::{Cells, cell, report, seen, state, status};
use super::*;
use crate::context::{Answer, Question};
use crate::elb::rows::Kind;
use crate::rows::{BalancerNode, Interface};
use types::{InterfaceId, TimestampMs};
use wire::balancer::{BalancerStatus, TargetState};
use wire::cell::HostHealth;
use wire::trail::BucketVerdict;

/// The name of `web` in a cell's document.
fn name_of_web(cells: &Cells, w: &World) -> Option<wire::net::NameConfig> {
    cells.config(w, 'a').names.into_iter().find(|n| n.name.starts_with("web-"))
}

#[test]
fn a_name_gives_the_zones_that_serve() {
    let mut w = world().with_balancers();
    let mut cells = Cells::default();
    let tg = w.names["tg"].clone();
    w.instance("i", "{a}");
    w.ok("RegisterTargets", "TargetGroupArn={tg}&Targets.member.1.Id={i}");
    let i = w.names["i"].clone();
    let nodes = |w: &World| {
        let public = |n: &std::rc::Rc<BalancerNode>| {
            let interface = w.h.db.get::<Interface>(&n.account, n.interface)?;
            Some((n.interface, crate::ec2::network::public_ip_of(&w.h.db, &interface)?))
        };
        let mut nodes: Vec<_> = w.h.db.all::<BalancerNode>().collect();
        nodes.sort_by(|a, b| a.az.cmp(&b.az));
        nodes.iter().filter_map(public).collect::<Vec<_>>()
    };
    let [(node_a, a), (_, b)] = nodes(&w)[..] else { panic!("an address a zone") };
    let sorted = |mut v: Vec<std::net::Ipv4Addr>| {
        v.sort();
        v
    };
    let told = |cells: &Cells, w: &World| name_of_web(cells, w).unwrap().addresses;
    // Before there is a node all are told, by the name that the API gives.
    let shown = text(&w.ok("DescribeLoadBalancers", "Names.member.1=web"), "DNSName");
    assert_eq!(name_of_web(&cells, &w).unwrap().name, shown);
    assert_eq!(told(&cells, &w), sorted(vec![a, b]));
    let say = |state_a: TargetState, state_b: TargetState| {
        let (tg, i) = (tg.clone(), i.clone());
        move |n: InterfaceId, _: &World| {
            let state = if n == node_a { state_a } else { state_b };
            let mut group = seen(&tg, &i, state, None);
            group.fail_open = state != TargetState::Healthy;
            Some(status(vec![group]))
        }
    };
    let (good, bad) = (TargetState::Healthy, TargetState::Unhealthy);
    cells.settle(&mut w, |_, _| None);
    cells.settle(&mut w, say(good, good));
    assert_eq!(told(&cells, &w), sorted(vec![a, b]));
    cells.settle(&mut w, say(bad, good));
    assert_eq!(told(&cells, &w), [b], "the other zone has a target that works");
    cells.settle(&mut w, say(bad, bad));
    assert_eq!(told(&cells, &w), sorted(vec![a, b]), "none has: both may try");
    cells.settle(&mut w, say(good, good));
    // A node that is not heard of: one report without it means nothing, three do.
    let quiet = |w: &World| report('a', w.h.now.0, HostHealth::Healthy, Vec::new());
    for (n, wanted) in [(1, sorted(vec![a, b])), (2, sorted(vec![a, b])), (3, vec![b])] {
        let report = quiet(&w);
        w.h.db.balancers.hear(&report);
        assert_eq!(told(&cells, &w), wanted, "after {n}");
    }
    cells.settle(&mut w, say(good, good));
    assert_eq!(told(&cells, &w), sorted(vec![a, b]));
    // A zone whose cell is silent.
    w.h.db.balancers.silent(&[cell('b')]);
    assert_eq!(told(&cells, &w), [a]);
    let summary = crate::elb::names::summaries(&w.h.db, &w.h.settings);
    let web = summary.iter().find(|b| b.name.starts_with("app/web/")).unwrap();
    assert_eq!((web.dns_name.as_str(), web.state.as_str()), (shown.as_str(), "active"));
    assert_eq!(web.nodes.iter().map(|n| (n.public_ip, n.named)).collect::<Vec<_>>(), [(Some(a), true), (Some(b), false)]);
    // An internal one by its private addresses, where its VPC is.
    let internal = "Name=inside&Scheme=internal&Subnets.member.1={a}&Subnets.member.2={b}";
    let shown = text(&w.ok("CreateLoadBalancer", internal), "DNSName");
    let inside = cells.config(&w, 'a').names.into_iter().find(|n| n.name == shown).unwrap();
    assert!(inside.addresses.len() == 2 && inside.addresses.iter().all(|a| a.is_private()), "{inside:?}");
    w.ok("DeleteLoadBalancer", "LoadBalancerArn={lb}");
    assert_eq!(name_of_web(&cells, &w), None);
}

#[test]
fn a_node_drains_before_its_port_goes() {
    let mut w = world().with_balancers();
    let mut cells = Cells::default();
    w.ok(
        "ModifyTargetGroupAttributes",
        "TargetGroupArn={tg}&Attributes.member.1.Key=deregistration_delay.timeout_seconds&Attributes.member.1.Value=100",
    );
    cells.hear(&mut w, report('a', 0, HostHealth::Healthy, Vec::new()));
    cells.hear(&mut w, report('b', 0, HostHealth::Healthy, Vec::new()));
    // As a process says it: the listeners of its document, and connections while it has any.
    let busy = |connections: u64, listeners: usize| {
        let listener = wire::balancer::ListenerStatus { arn: "l".into(), addresses: Vec::new(), problem: None };
        Some(BalancerStatus { connections, listeners: vec![listener; listeners], ..status(Vec::new()) })
    };
    let nodes = |w: &World, kind: Kind| w.h.db.all::<BalancerNode>().filter(|n| n.kind == kind).collect::<Vec<_>>();
    cells.settle(&mut w, |_, _| busy(0, 1));
    assert_eq!(state(&mut w), "active");
    w.ok("DeleteLoadBalancer", "LoadBalancerArn={lb}");
    let draining = |cells: &Cells, w: &World| {
        let document = cells.config(w, 'a');
        assert!(document.names.iter().all(|n| !n.name.starts_with("web-")), "its name is gone at once");
        document.balancers.iter().find(|b| b.config.name.starts_with("app/")).map(|b| {
            assert!(b.config.listeners.is_empty() && b.config.target_groups.is_empty() && b.config.name.starts_with("app/web/"));
            assert!(b.port.terminator.as_ref().unwrap().listen.is_empty(), "nothing new");
            let entry = document.vpcs[0].interfaces.iter().find(|i| i.id == b.port.id).unwrap();
            assert!(entry.underlay.is_some(), "its targets still reach it");
        })
    };
    assert!(draining(&cells, &w).is_some());
    // It was asked to end; what was said before that does not count.
    cells.settle(&mut w, |_, _| busy(0, 1));
    assert!(draining(&cells, &w).is_some());
    cells.settle(&mut w, |_, _| busy(1, 0));
    assert!(draining(&cells, &w).is_some());
    w.h.now = TimestampMs(w.h.now.0 + 99_000);
    cells.settle(&mut w, |_, _| busy(1, 0));
    assert!(draining(&cells, &w).is_some());
    // Zone b has nothing left; zone a's time is over.
    let b = nodes(&w, Kind::Application).iter().find(|n| n.az.as_str() == "us-east-1b").unwrap().interface;
    cells.settle(&mut w, |n, _| busy(u64::from(n != b), 0));
    assert!(cells.config(&w, 'b').balancers.is_empty() && draining(&cells, &w).is_some());
    w.h.now = TimestampMs(w.h.now.0 + 1_000);
    cells.settle(&mut w, |_, _| busy(1, 0));
    assert!(draining(&cells, &w).is_none());
    cells.settle(&mut w, |_, _| None);
    assert!(nodes(&w, Kind::Application).is_empty());
    let left = w.h.db.all::<Interface>().filter(|i| i.load_balancer.as_ref().is_some_and(|p| p.starts_with("app/"))).count();
    assert_eq!(left, 0);
}

#[test]
fn logs_go_where_their_bucket_lets_them() {
    let mut w = world().with_balancers();
    let mut cells = Cells::default();
    cells.settle(&mut w, |_, _| None);
    let row = w.h.db.all::<crate::rows::LoadBalancer>().find(|b| b.name == "web").unwrap();
    let ask = |w: &mut World, bucket: &str, verdict| {
        let key = format!("p/AWSLogs/{}/ELBAccessLogTestFile", row.account);
        let arn = w.names["lb"].clone();
        let head = wire::balancer::LogHead { account: row.account.clone(), arn, bucket: bucket.into(), key };
        let text = format!("Enable AccessLog for ELB: {}\n", row.path());
        let question = Question::BalancerLogBucket(wire::balancer::LogBucketQuestion { head, text });
        w.h.answers = vec![(question, Answer::BalancerLogBucket(verdict))];
    };
    let to = |bucket: &str, prefix: &str| {
        let pairs = [("enabled", "true"), ("bucket", bucket), ("prefix", prefix)];
        let one = |(n, (key, value)): (usize, &(&str, &str))| {
            format!("Attributes.member.{0}.Key=access_logs.s3.{key}&Attributes.member.{0}.Value={value}", n + 1)
        };
        format!("LoadBalancerArn={{lb}}&{}", pairs.iter().enumerate().map(one).collect::<Vec<_>>().join("&"))
    };
    let action = "ModifyLoadBalancerAttributes";
    for (verdict, code) in [
        (BucketVerdict::NoSuchBucket, "InvalidConfigurationRequest"),
        (BucketVerdict::Denied, "InvalidConfigurationRequest"),
        (BucketVerdict::Unknown, "Unavailable"),
    ] {
        ask(&mut w, "logs", verdict);
        assert_eq!(w.code(action, &to("logs", "p")), code);
    }
    for prefix in ["/p", "p/", "x/AWSLogs"] {
        assert_eq!(w.code(action, &to("logs", prefix)), "ValidationError");
    }
    ask(&mut w, "logs", BucketVerdict::Writable);
    w.ok(action, &to("logs", "p"));
    // What is on already is not asked for again.
    w.h.answers.clear();
    w.ok(action, &to("logs", "p"));
    let node = cells.web(&w, 'a');
    let delivery = node.config.attributes.log_delivery.unwrap();
    let wanted = wire::balancer::LogBucket { bucket: "logs".into(), prefix: "p".into() };
    assert_eq!((delivery.access, delivery.connection, delivery.interval_seconds), (Some(wanted), None, 300));
    assert_eq!(delivery.address, std::net::IpAddr::from(node.port.public[0].public));
    w.ok(action, "LoadBalancerArn={lb}&Attributes.member.1.Key=access_logs.s3.enabled&Attributes.member.1.Value=false");
    assert_eq!(cells.web(&w, 'a').config.attributes.log_delivery, None);
}
