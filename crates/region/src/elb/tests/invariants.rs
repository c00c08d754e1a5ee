//! What holds whatever is done: random requests, then everything is taken down.

use super::*;
use crate::db::Row;
use crate::elb::rows::NodeState;
use crate::elb::{place, settle_targets};
use crate::rows::{BalancerNode, Interface, Listener, LoadBalancer, PublicIp, RouterPlace, Rule, Target, TargetGroup};
use proptest::prelude::*;
use std::collections::BTreeSet;
use types::TimestampMs;
use wire::balancer::Action;

/// An operation; the numbers pick among what there is, or say names and ports.
#[derive(Debug, Clone)]
enum Step {
    CreateBalancer(u8),
    DeleteBalancer(u8),
    SetSubnets(u8, u8),
    CreateGroup(u8),
    DeleteGroup(u8),
    CreateListener(u8, u8, u8),
    ModifyListener(u8, u8),
    DeleteListener(u8),
    CreateRule(u8, u8, u8),
    ModifyRule(u8, u8),
    DeleteRule(u8),
    SwapRules(u8, u8),
    Register(u8, u8),
    Deregister(u8, u8),
    /// Every node gets a host.
    Place,
    /// What is ending has ended.
    Ended,
    Later,
}

fn step() -> impl Strategy<Value = Step> {
    let n = any::<u8>();
    prop_oneof![
        3 => n.prop_map(Step::CreateBalancer),
        1 => n.prop_map(Step::DeleteBalancer),
        2 => (n, n).prop_map(|(a, b)| Step::SetSubnets(a, b)),
        4 => n.prop_map(Step::CreateGroup),
        1 => n.prop_map(Step::DeleteGroup),
        6 => (n, n, n).prop_map(|(a, b, c)| Step::CreateListener(a, b, c)),
        2 => (n, n).prop_map(|(a, b)| Step::ModifyListener(a, b)),
        1 => n.prop_map(Step::DeleteListener),
        5 => (n, n, n).prop_map(|(a, b, c)| Step::CreateRule(a, b, c)),
        2 => (n, n).prop_map(|(a, b)| Step::ModifyRule(a, b)),
        1 => n.prop_map(Step::DeleteRule),
        2 => (n, n).prop_map(|(a, b)| Step::SwapRules(a, b)),
        4 => (n, n).prop_map(|(a, b)| Step::Register(a, b)),
        2 => (n, n).prop_map(|(a, b)| Step::Deregister(a, b)),
        2 => Just(Step::Place),
        1 => Just(Step::Ended),
        1 => Just(Step::Later),
    ]
}

/// The ARN of some row of a kind, as replies show it.
fn pick(w: &mut World, what: &str, n: u8) -> String {
    let (action, element) = match what {
        "balancer" => ("DescribeLoadBalancers", "LoadBalancerArn"),
        _ => ("DescribeTargetGroups", "TargetGroupArn"),
    };
    let all = texts(&w.ok(action, ""), element);
    if all.is_empty() { "none".to_owned() } else { all[n as usize % all.len()].clone() }
}

fn listeners(w: &mut World) -> Vec<String> {
    let balancers = texts(&w.ok("DescribeLoadBalancers", ""), "LoadBalancerArn");
    balancers.iter().flat_map(|b| texts(&w.ok("DescribeListeners", &format!("LoadBalancerArn={b}")), "ListenerArn")).collect()
}

fn rules(w: &mut World) -> Vec<String> {
    let all = listeners(w);
    all.iter().flat_map(|l| texts(&w.ok("DescribeRules", &format!("ListenerArn={l}")), "RuleArn")).collect()
}

fn nth(all: &[String], n: u8) -> String {
    if all.is_empty() { "none".to_owned() } else { all[n as usize % all.len()].clone() }
}

/// Errors are part of the game, the invariants are not.
fn apply(w: &mut World, step: &Step) {
    let forward = |list: &str, group: &str| format!("{list}.member.1.Type=forward&{list}.member.1.TargetGroupArn={group}");
    let (action, parameters) = match *step {
        Step::CreateBalancer(n) => {
            let kind = if n % 4 == 0 { "&Type=network&Scheme=internal" } else { "" };
            ("CreateLoadBalancer", format!("Name=b{}&Subnets.member.1={{a}}&Subnets.member.2={{b}}{kind}", n % 3))
        }
        Step::DeleteBalancer(n) => ("DeleteLoadBalancer", format!("LoadBalancerArn={}", pick(w, "balancer", n))),
        Step::SetSubnets(n, m) => {
            let first = if m % 2 == 0 { "{a}" } else { "{a2}" };
            let arn = pick(w, "balancer", n);
            ("SetSubnets", format!("LoadBalancerArn={arn}&Subnets.member.1={first}&Subnets.member.2={{b}}"))
        }
        Step::CreateGroup(n) => {
            let protocol = if n % 3 == 0 { "TCP" } else { "HTTP" };
            ("CreateTargetGroup", format!("Name=g{}&TargetType=ip&Protocol={protocol}&Port=80&VpcId={{vpc}}", n % 5))
        }
        Step::DeleteGroup(n) => ("DeleteTargetGroup", format!("TargetGroupArn={}", pick(w, "group", n))),
        Step::CreateListener(n, g, port) => {
            let (b, g) = (pick(w, "balancer", n), pick(w, "group", g));
            let protocol = if b.contains("/net/") { "TCP" } else { "HTTP" };
            let port = 80 + u16::from(port % 3);
            ("CreateListener", format!("LoadBalancerArn={b}&Protocol={protocol}&Port={port}&{}", forward("DefaultActions", &g)))
        }
        Step::ModifyListener(n, g) => {
            let (l, g) = (nth(&listeners(w), n), pick(w, "group", g));
            ("ModifyListener", format!("ListenerArn={l}&{}", forward("DefaultActions", &g)))
        }
        Step::DeleteListener(n) => ("DeleteListener", format!("ListenerArn={}", nth(&listeners(w), n))),
        Step::CreateRule(n, g, priority) => {
            let (l, g) = (nth(&listeners(w), n), pick(w, "group", g));
            let condition = "Conditions.member.1.Field=path-pattern&Conditions.member.1.Values.member.1=/x";
            ("CreateRule", format!("ListenerArn={l}&Priority={}&{condition}&{}", 1 + priority % 5, forward("Actions", &g)))
        }
        Step::ModifyRule(n, g) => {
            let (r, g) = (nth(&rules(w), n), pick(w, "group", g));
            ("ModifyRule", format!("RuleArn={r}&{}", forward("Actions", &g)))
        }
        Step::DeleteRule(n) => ("DeleteRule", format!("RuleArn={}", nth(&rules(w), n))),
        Step::SwapRules(n, m) => {
            let all = rules(w);
            let pair = |i: u8, n: u8| {
                format!("RulePriorities.member.{i}.RuleArn={}&RulePriorities.member.{i}.Priority={}", nth(&all, n), 1 + n % 5)
            };
            ("SetRulePriorities", format!("{}&{}", pair(1, n), pair(2, m)))
        }
        Step::Register(g, n) => {
            ("RegisterTargets", format!("TargetGroupArn={}&Targets.member.1.Id=10.0.1.{}", pick(w, "group", g), 10 + n % 5))
        }
        Step::Deregister(g, n) => {
            ("DeregisterTargets", format!("TargetGroupArn={}&Targets.member.1.Id=10.0.1.{}", pick(w, "group", g), 10 + n % 5))
        }
        Step::Place => {
            let place = RouterPlace {
                cell: "a1".parse().unwrap(),
                host: "a1-h1".parse().unwrap(),
                underlay: "127.1.1.1".parse().unwrap(),
            };
            for n in w.h.db.all::<BalancerNode>().filter(|n| n.state == NodeState::Pending).collect::<Vec<_>>() {
                w.h.db.update::<BalancerNode>(&n.account, n.interface, |n| n.place = Some(place.clone()));
            }
            return;
        }
        Step::Ended => {
            // The cell has its host no more: what ends on it has ended.
            let report = wire::cell::CellReport {
                dedicated_hosts_refused: Vec::new(),
                spot_price: None,
                notices: Vec::new(),
                format: wire::FORMAT,
                cell: "a1".parse().unwrap(),
                az: "us-east-1a".parse().unwrap(),
                applied: types::Generation(1),
                hosts: Vec::new(),
                instances: Vec::new(),
                balancers: Vec::new(),
                ended_runs: Vec::new(),
                room: None,
            };
            place::settle(&mut w.h.db, w.h.now, &report, &Default::default());
            return;
        }
        Step::Later => {
            w.h.now = TimestampMs(w.h.now.0 + 200_000);
            settle_targets(&mut w.h.db, w.h.now);
            return;
        }
    };
    let parameters = w.fill(&parameters);
    let _ = elb(&mut w.h, action, &parameters);
}

fn groups_in(action: &Action) -> Vec<String> {
    let Action::Forward { groups, .. } = action else { return Vec::new() };
    groups.iter().map(|g| g.group.rsplit('/').next().unwrap().to_owned()).collect()
}

fn check(w: &World) {
    let db = &w.h.db;
    let account = &w.h.caller.account;
    let mut owner: BTreeMap<String, String> = BTreeMap::new();
    let mut uses = |action: &Action, balancer: &str| {
        for group in groups_in(action) {
            assert!(db.get::<TargetGroup>(account, &group).is_some(), "an action names a group that is gone");
            let before = owner.insert(group, balancer.to_owned());
            assert!(before.is_none_or(|b| b == balancer), "a group is with two load balancers");
        }
    };
    let mut ports = BTreeSet::new();
    for l in db.all::<Listener>() {
        assert!(db.get::<LoadBalancer>(account, &l.balancer).is_some(), "a listener of nothing");
        assert!(ports.insert((l.balancer.clone(), l.port)), "two listeners at a port");
        uses(&l.action.action, &l.balancer);
    }
    let mut priorities = BTreeSet::new();
    for r in db.all::<Rule>() {
        let l = db.get::<Listener>(account, &r.listener).expect("a rule of nothing");
        assert!(priorities.insert((r.listener.clone(), r.priority)), "two rules of a number");
        uses(&r.action.action, &l.balancer);
    }
    for t in db.all::<Target>() {
        assert!(db.get::<TargetGroup>(account, &t.group).is_some(), "a target of nothing");
    }
    let names: Vec<_> = db.all::<LoadBalancer>().map(|b| b.name.clone()).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "two load balancers of a name");
    let mut interfaces = BTreeSet::new();
    for n in db.all::<BalancerNode>() {
        interfaces.insert(n.interface);
        assert!(db.get::<Interface>(account, n.interface).is_some_and(|i| i.load_balancer.is_some()), "a node of nothing");
        let alive = db.get::<LoadBalancer>(account, &n.balancer).is_some();
        assert!(alive || !n.state.is_wanted(), "a node that nobody wants");
    }
    for b in db.all::<LoadBalancer>() {
        let nodes = db.all::<BalancerNode>().filter(|n| n.balancer == b.id && n.state.is_wanted());
        assert_eq!(nodes.map(|n| n.az.clone()).collect::<BTreeSet<_>>().len(), 2, "a node a zone");
    }
    let kept: BTreeSet<_> = db.all::<Interface>().filter(|i| i.load_balancer.is_some()).map(|i| i.id).collect();
    assert_eq!(kept, interfaces, "an interface without a node");
    // A document can always be made.
    for cell in ["a1", "b1"] {
        crate::compile::cell_config(db, &w.h.settings, &cell.parse().unwrap(), types::Generation(1));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn nothing_dangles(steps in prop::collection::vec(step(), 1..60)) {
        let mut w = world();
        for step in &steps {
            apply(&mut w, step);
            check(&w);
        }
        for arn in texts(&w.ok("DescribeLoadBalancers", ""), "LoadBalancerArn") {
            w.ok("DeleteLoadBalancer", &format!("LoadBalancerArn={arn}"));
        }
        for arn in texts(&w.ok("DescribeTargetGroups", ""), "TargetGroupArn") {
            w.ok("DeleteTargetGroup", &format!("TargetGroupArn={arn}"));
        }
        apply(&mut w, &Step::Ended);
        check(&w);
        let left = [w.h.db.all::<Listener>().count(), w.h.db.all::<Rule>().count(), w.h.db.all::<Target>().count(),
            w.h.db.all::<BalancerNode>().count(), w.h.db.all::<PublicIp>().count()];
        prop_assert_eq!(left, [0; 5]);
        prop_assert!(w.h.db.all::<Interface>().all(|i| i.id().is_empty()), "interfaces are left");
    }
}
