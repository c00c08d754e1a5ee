//! Network load balancers as packet engines get them.

use super::documents::{Cells, seen, status};
use super::*;
use crate::compile::edge_config;
use crate::elb::settle_targets;
use crate::rows::Target;
use types::{Generation, InterfaceId, TimestampMs};
use wire::balancer::TargetState as Told;
use wire::net::{NetworkBalancer, NetworkListener, TargetState, Transport};

/// A listener of TCP at 80 and one of both at 53, two instances in two zones.
fn with_network(w: &mut World) {
    w.ok("SetSubnets", "LoadBalancerArn={nlb}&Subnets.member.1={a}&Subnets.member.2={b}");
    w.keep("tg1", "TargetGroupArn", "CreateTargetGroup", "Name=tg1&Protocol=TCP&Port=8080&VpcId={vpc}");
    w.keep("both", "TargetGroupArn", "CreateTargetGroup", "Name=both&Protocol=TCP_UDP&Port=53&VpcId={vpc}");
    for (name, protocol, port, group) in [("l1", "TCP", 80, "{tg1}"), ("l2", "TCP_UDP", 53, "{both}")] {
        let forward = format!("DefaultActions.member.1.Type=forward&DefaultActions.member.1.TargetGroupArn={group}");
        w.keep(
            name,
            "ListenerArn",
            "CreateListener",
            &format!("LoadBalancerArn={{nlb}}&Protocol={protocol}&Port={port}&{forward}"),
        );
    }
    w.instance("i", "{a}");
    w.instance("j", "{b}");
    w.ok("RegisterTargets", "TargetGroupArn={tg1}&Targets.member.1.Id={i}&Targets.member.2.Id={j}&Targets.member.2.Port=9");
}

fn nodes(cells: &Cells, w: &World, letter: char) -> Vec<NetworkBalancer> {
    cells.config(w, letter).vpcs.into_iter().flat_map(|v| v.balancers).collect()
}

/// The listener at port 80 of the node in zone a.
fn web(cells: &Cells, w: &World) -> NetworkListener {
    let own = |b: &NetworkBalancer| cells.config(w, 'a').balancers.iter().any(|n| n.port.id == b.interface);
    let node = nodes(cells, w, 'a').into_iter().find(own).expect("a node");
    node.listeners.into_iter().find(|l| l.port == 80).expect("a listener")
}

fn states(l: &NetworkListener) -> Vec<(u16, TargetState)> {
    l.targets.iter().map(|t| (t.port, t.state)).collect()
}

fn set(w: &mut World, action: &str, arn: &str, pairs: &[(&str, &str)]) {
    let each =
        |(n, (k, v)): (usize, &(&str, &str))| format!("&Attributes.member.{0}.Key={k}&Attributes.member.{0}.Value={v}", n + 1);
    w.ok(action, &format!("{arn}{}", pairs.iter().enumerate().map(each).collect::<String>()));
}

#[test]
fn every_cell_of_the_vpc_knows_the_nodes() {
    let mut w = world().with_balancers();
    let mut cells = Cells::default();
    with_network(&mut w);
    assert!(nodes(&cells, &w, 'a').is_empty(), "no node has a host yet");
    cells.settle(&mut w, |_, _| None);
    for letter in ['a', 'b'] {
        let all = nodes(&cells, &w, letter);
        assert_eq!(all.len(), 2, "those of both zones");
        assert_eq!(all[0].seed, all[1].seed, "of one load balancer");
        assert_ne!(all[0].seed, [0, 0]);
        let document = cells.config(&w, letter);
        let node = document.balancers.iter().find(|b| b.config.name.starts_with("net/net/")).unwrap();
        assert_eq!(node.port.terminator.as_ref().unwrap().listen, [0u16; 0], "the process only checks");
        assert!(node.config.listeners.is_empty() && node.port.groups.is_empty());
        let checked = node.config.target_groups.iter().filter(|g| g.network.checked).count();
        assert_eq!((checked, node.config.target_groups.len()), (2, 2));
        let of: Vec<_> = all[0].listeners.iter().map(|l| (l.port, l.protocol, l.idle_seconds)).collect();
        for wanted in [(80, Transport::Tcp, 350), (53, Transport::Tcp, 350), (53, Transport::Udp, 120)] {
            assert!(of.contains(&wanted), "{of:?}");
        }
    }
    // Its addresses are inside only; a public one's alias listens at the listeners' ports.
    assert!(edge_config(&w.h.db, &w.h.settings, Generation(1)).addresses.iter().all(|a| !a.tcp_ports.contains(&53)));
    w.keep("pub", "LoadBalancerArn", "CreateLoadBalancer", "Name=pub&Type=network&Subnets.member.1={a}");
    w.keep("tg3", "TargetGroupArn", "CreateTargetGroup", "Name=tg3&Protocol=TCP_UDP&Port=53&VpcId={vpc}");
    w.ok("CreateListener", "LoadBalancerArn={pub}&Protocol=TCP_UDP&Port=53&DefaultActions.member.1.Type=forward&DefaultActions.member.1.TargetGroupArn={tg3}");
    cells.settle(&mut w, |_, _| None);
    let edge = edge_config(&w.h.db, &w.h.settings, Generation(1));
    assert!(edge.addresses.iter().any(|a| (a.tcp_ports.as_slice(), a.udp_ports.as_slice()) == (&[53], &[53])), "{edge:?}");
}

#[test]
fn health_and_deregistration_reach_the_document() {
    use TargetState::{Draining, Healthy, Unhealthy};
    let mut w = world().with_balancers();
    let mut cells = Cells::default();
    with_network(&mut w);
    cells.settle(&mut w, |_, _| None);
    assert_eq!(states(&web(&cells, &w)), [(8080, Unhealthy)], "zones are not crossed by default; nobody has said anything");
    set(&mut w, "ModifyLoadBalancerAttributes", "LoadBalancerArn={nlb}", &[("load_balancing.cross_zone.enabled", "true")]);
    assert_eq!(web(&cells, &w).targets.len(), 2);
    let (tg, i) = (w.names["tg1"].clone(), w.names["i"].clone());
    let say = |state: Told| {
        let (tg, i) = (tg.clone(), i.clone());
        move |_: InterfaceId, _: &World| Some(status(vec![seen(&tg, &i, state, None)]))
    };
    cells.settle(&mut w, say(Told::Initial));
    assert!(states(&web(&cells, &w)).contains(&(8080, Unhealthy)));
    cells.settle(&mut w, say(Told::Healthy));
    assert!(states(&web(&cells, &w)).contains(&(8080, Healthy)));
    // The control plane starts anew: until all nodes were heard nothing is worse than it was.
    w.h.db.balancers = Default::default();
    cells.settle(&mut w, |_, _| None);
    assert!(states(&web(&cells, &w)).contains(&(8080, Healthy)));
    // To register it again changes nothing.
    w.ok("RegisterTargets", "TargetGroupArn={tg1}&Targets.member.1.Id={i}");
    assert!(states(&web(&cells, &w)).contains(&(8080, Healthy)));
    cells.settle(&mut w, say(Told::Unhealthy));
    assert!(states(&web(&cells, &w)).contains(&(8080, Unhealthy)));
    cells.settle(&mut w, say(Told::Unavailable));
    assert!(states(&web(&cells, &w)).contains(&(8080, Healthy)), "not checked");
    w.ok("DeregisterTargets", "TargetGroupArn={tg1}&Targets.member.1.Id={i}");
    assert!(states(&web(&cells, &w)).contains(&(8080, Draining)));
    settle_targets(&mut w.h.db, TimestampMs(w.h.now.0 + 300_000));
    assert_eq!(states(&web(&cells, &w)).len(), 1);
    assert!(w.h.db.all::<Target>().all(|t| t.port == 9));
}

#[test]
fn attributes_reach_the_document_or_are_refused_by_name() {
    let mut w = world().with_balancers();
    let mut cells = Cells::default();
    with_network(&mut w);
    cells.settle(&mut w, |_, _| None);
    let l = web(&cells, &w);
    assert_eq!((l.by_client, l.keeps_client, l.ends_removed, l.ends_unhealthy), (false, true, false, true), "AWS's defaults");
    let pairs = [
        ("stickiness.enabled", "true"),
        ("stickiness.type", "source_ip"),
        ("preserve_client_ip.enabled", "false"),
        ("deregistration_delay.connection_termination.enabled", "true"),
        ("target_health_state.unhealthy.connection_termination.enabled", "false"),
    ];
    set(&mut w, "ModifyTargetGroupAttributes", "TargetGroupArn={tg1}", &pairs);
    set(&mut w, "ModifyListenerAttributes", "ListenerArn={l1}", &[("tcp.idle_timeout.seconds", "6000")]);
    let l = web(&cells, &w);
    assert_eq!((l.by_client, l.keeps_client, l.ends_removed, l.ends_unhealthy), (true, false, true, false));
    assert_eq!(l.idle_seconds, 6000);
    let rows = [
        (
            "ModifyTargetGroupAttributes",
            "TargetGroupArn={tg1}&Attributes.member.1.Key=proxy_protocol_v2.enabled&Attributes.member.1.Value=true",
        ),
        (
            "CreateListener",
            "LoadBalancerArn={nlb}&Protocol=TLS&Port=443&DefaultActions.member.1.Type=forward&DefaultActions.member.1.TargetGroupArn={tcp}",
        ),
        ("RegisterTargets", "TargetGroupArn={tcp}&Targets.member.1.Id=192.168.7.7&Targets.member.1.AvailabilityZone=all"),
    ];
    for (action, parameters) in rows {
        assert_eq!(w.code(action, parameters), "UnsupportedOperation", "{action}");
    }
}
