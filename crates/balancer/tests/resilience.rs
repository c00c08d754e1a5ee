//! Nothing is lost: targets that are drained, killed or sick, documents that change, processes that hand over.

mod common;

use common::*;
use serde_json::json;
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;
use wire::balancer::{BreakerState, TargetState};

#[test]
fn a_target_killed_under_load_costs_no_idempotent_request() {
    run(async {
        let (a, b, c) = (Target::start("a").await, Target::start("b").await, Target::start("c").await);
        let (balancer, address) = start(&document(vec![a.json("1"), b.json("2"), c.json("3")]));
        all_healthy(&balancer).await;
        let stop = Rc::new(Cell::new(false));
        let load = tokio::task::spawn_local(load(address, 8, stop.clone()));
        until("some load", || b.manners.requests.get() > 200).await;
        b.kill();
        let before = a.manners.requests.get();
        until("more load after the kill", || a.manners.requests.get() > before + 500).await;
        until("it is out of use", || targets(&balancer.status())[1].state == TargetState::Unhealthy).await;
        stop.set(true);
        let (good, bad) = load.await.unwrap();
        assert!(good > 1000 && bad.is_empty(), "{good} good, {bad:?}");
        let counters = balancer.status().counters;
        assert!(counters.keys().any(|k| k.starts_with("retries-")), "{counters:?}");
        assert_eq!(counters["targets-demoted"], 1, "by what its requests showed, before any check was due");
    });
}

#[test]
fn a_drained_target_gets_nothing_new_and_ends_what_it_has() {
    run(async {
        let (a, b) = (Target::start("a").await, Target::start("b").await);
        let both = document(vec![a.json("1"), b.json("2")]);
        let (balancer, address) = start(&both);
        all_healthy(&balancer).await;
        b.manners.hold.set(true);
        let mut held = Vec::new();
        for _ in 0..4 {
            held.push(tokio::task::spawn_local(get(address, "/held")));
        }
        until("two requests are at b", || targets(&balancer.status())[1].in_flight == 2).await;
        let mut one = both.clone();
        one["target_groups"][0]["targets"] = json!([a.json("1")]);
        one["listeners"][0]["port"] = json!(0);
        balancer.apply(parse(&one), None).unwrap();
        let at_b = b.manners.requests.get();
        let t = targets(&balancer.status());
        assert_eq!((t.len(), t[1].state, t[1].in_flight), (2, TargetState::Draining, 2));
        for _ in 0..20 {
            assert!(get(address, "/new").await.2.starts_with("a "));
        }
        assert_eq!(b.manners.requests.get(), at_b);
        b.manners.hold.set(false);
        for h in held {
            assert_eq!(h.await.unwrap().0, 200);
        }
        until("it is drained", || targets(&balancer.status()).len() == 1).await;
        assert!(!balancer.status().counters.contains_key("drains-forced"));
    });
}

#[test]
fn a_drain_ends_by_force_when_its_time_is_over() {
    run(async {
        let (a, b) = (Target::start("a").await, Target::start("b").await);
        let mut d = document(vec![b.json("2")]);
        d["target_groups"][0]["deregistration_delay_seconds"] = json!(0);
        let (balancer, address) = start(&d);
        b.manners.hold.set(true);
        let held = tokio::task::spawn_local(ask(address, "POST", "/held", &[], "x"));
        until("it is at b", || targets(&balancer.status())[0].in_flight == 1).await;
        d["target_groups"][0]["targets"] = json!([a.json("1")]);
        balancer.apply(parse(&d), None).unwrap();
        assert_eq!(held.await.unwrap().0, 502, "a POST is not sent twice");
        assert_eq!(balancer.status().counters["drains-forced"], 1);
    });
}

#[test]
fn a_hundred_documents_under_load_cost_nothing() {
    run(async {
        let (a, b, c) = (Target::start("a").await, Target::start("b").await, Target::start("c").await);
        let mut d = document(vec![a.json("1"), b.json("2")]);
        let (balancer, address) = start(&d);
        let stop = Rc::new(Cell::new(false));
        let load = tokio::task::spawn_local(load(address, 8, stop.clone()));
        let sets = [vec![a.json("1"), b.json("2")], vec![b.json("2"), c.json("3")], vec![c.json("3"), a.json("1")]];
        for i in 0..100 {
            d["target_groups"][0]["targets"] = json!(sets[i % 3]);
            d["generation"] = json!(i + 2);
            d["listeners"][0]["rules"] = json!([{"arn": "r", "priority": 1 + i % 7, "conditions": [{"field": "path-pattern", "values": [format!("/{i}")]}],
                "action": {"type": "fixed-response", "status": 404}}]);
            balancer.accept(parse(&d), None).unwrap();
            let seen = balancer.status().requests;
            until("load under each document", || balancer.status().requests > seen + 20).await;
        }
        stop.set(true);
        let (good, bad) = load.await.unwrap();
        assert!(good > 2000 && bad.is_empty(), "{good} good, {bad:?}");
        assert!(balancer.accept(parse(&json!(d)), None).is_ok(), "the same once more is nothing");
        d["generation"] = json!(50);
        assert!(balancer.accept(parse(&d), None).is_err(), "an older one is refused");
    });
}

#[test]
fn a_bad_document_changes_nothing_and_is_told() {
    run(async {
        let a = Target::start("a").await;
        let good = document(vec![a.json("1")]);
        let (balancer, address) = start(&good);
        let occupied = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        for (name, path, value, why) in [
            ("a group that is not there", "/listeners/0/default_action/groups/0/group", json!("none"), "no target group"),
            ("a port that is taken", "/listeners/0/port", json!(occupied.local_addr().unwrap().port()), "cannot listen"),
            ("strictest", "/attributes", json!({"desync_mitigation": "strictest"}), "strictest"),
            ("a network listener", "/listeners/0/protocol", json!("TCP"), "Tcp"),
            ("HTTPS without tls", "/listeners/0/protocol", json!("HTTPS"), "tls"),
            ("an interval too short", "/target_groups/0/health_check/interval_seconds", json!(1), "interval_seconds is 5 to 300"),
            ("a bad matcher", "/target_groups/0/health_check/matcher", json!("2xx"), "matcher"),
            ("slow start for random", "/target_groups/0/slow_start_seconds", json!(10), "slow_start_seconds"),
            ("another format", "/format", json!(9), "format"),
        ] {
            let mut bad = good.clone();
            bad["attributes"] = json!({});
            bad["target_groups"][0]["slow_start_seconds"] = json!(0);
            bad["target_groups"][0]["health_check"]["matcher"] = json!("200");
            *bad.pointer_mut(path).unwrap() = value;
            assert!(balancer.apply(parse(&bad), None).is_err(), "{name}");
            let told = balancer.status().refused.unwrap();
            assert!(told.contains(why), "{name}: {told}");
            assert_eq!(get(address, "/").await.0, 200, "{name}");
        }
        balancer.apply(parse(&good), None).unwrap();
        assert_eq!(balancer.status().refused, None);
    });
}

#[test]
fn sick_targets_are_left_out_and_all_sick_are_used() {
    run(async {
        let (a, b) = (Target::start("a").await, Target::start("b").await);
        b.manners.health.set(503);
        let mut d = document(vec![a.json("1"), b.json("2")]);
        d["target_groups"][0]["health_check"]["passive_failures"] = json!(0);
        let (balancer, address) = start(&d);
        until("a is healthy", || targets(&balancer.status())[0].state == TargetState::Healthy).await;
        for _ in 0..10 {
            assert!(get(address, "/").await.2.starts_with("a "), "b has not passed a check yet");
        }
        until("b is unhealthy", || targets(&balancer.status())[1].state == TargetState::Unhealthy).await;
        let t = targets(&balancer.status()).remove(1);
        assert_eq!(t.reason.as_deref(), Some("Target.ResponseCodeMismatch"));
        assert_eq!(t.description.as_deref(), Some("Health checks failed with these codes: [503]"));
        a.manners.health.set(500);
        until("all are unhealthy", || balancer.status().target_groups[0].fail_open).await;
        let answers = [get(address, "/").await.2, get(address, "/").await.2];
        assert!(answers.iter().any(|a| a.starts_with('a')) && answers.iter().any(|a| a.starts_with('b')), "{answers:?}");
    });
}

#[test]
fn answers_of_503_are_tried_elsewhere_and_open_the_breaker() {
    run(async {
        let (a, b) = (Target::start("a").await, Target::start("b").await);
        let mut d = document(vec![a.json("1"), b.json("2")]);
        d["target_groups"][0]["resilience"] = json!({"backoff_base_ms": 1, "backoff_max_ms": 1, "retry_budget_percent": 100});
        d["target_groups"][0]["health_check"]["passive_failures"] = json!(0);
        let (balancer, address) = start(&d);
        all_healthy(&balancer).await;
        b.manners.status.set(503);
        for _ in 0..60 {
            assert_eq!(get(address, "/").await.0, 200);
            if targets(&balancer.status())[1].breaker == BreakerState::Open {
                break;
            }
        }
        assert_eq!(targets(&balancer.status())[1].breaker, BreakerState::Open);
        let at_b = b.manners.requests.get();
        assert_eq!(at_b, 20, "twenty requests are needed, no more are sent");
        for _ in 0..10 {
            assert!(ask(address, "POST", "/", &[], "x").await.2.starts_with("a "));
        }
        a.manners.status.set(503);
        let mut last = (0, hyper::HeaderMap::new(), String::new());
        for _ in 0..40 {
            last = ask(address, "POST", "/", &[], "x").await;
        }
        assert!(last.0 == 503 && last.1["retry-after"] == "1", "{last:?}: all breakers are open");
        assert!(balancer.status().counters["breakers-open"] > 0 && b.manners.requests.get() == at_b);
    });
}

#[test]
fn a_full_target_makes_a_queue_and_the_queue_has_an_end() {
    run(async {
        let a = Target::start("a").await;
        let mut d = document(vec![a.json("1")]);
        d["target_groups"][0]["resilience"] = json!({"requests_max": 2});
        d["attributes"] =
            json!({"shedding": {"queue_max": 3, "delay_target_ms": 60000, "interval_ms": 500, "retry_after_seconds": 7}});
        let (balancer, address) = start(&d);
        a.manners.hold.set(true);
        let mut waiting = Vec::new();
        for _ in 0..5 {
            waiting.push(tokio::task::spawn_local(get(address, "/")));
        }
        until("two are at the target", || a.manners.requests.get() == 2).await;
        until("five have come", || balancer.status().requests == 5).await;
        let (status, headers, _) = get(address, "/").await;
        assert_eq!((status, headers["retry-after"].to_str().unwrap()), (503, "7"));
        assert_eq!((balancer.status().counters["queue-full"], a.manners.requests.get()), (1, 2));
        a.manners.hold.set(false);
        for w in waiting {
            assert_eq!(w.await.unwrap().0, 200);
        }
    });
}

#[test]
fn a_failing_group_leaves_the_others_alone() {
    run(async {
        let (a, b) = (Target::start("a").await, Target::start("b").await);
        let mut d = document(vec![a.json("1")]);
        d["target_groups"][0]["resilience"] = json!({"requests_max": 1});
        d["attributes"] = json!({"shedding": {"queue_max": 1000}});
        d["target_groups"].as_array_mut().unwrap().push(json!({"arn": "g2", "protocol": "HTTP", "targets": [b.json("2")]}));
        d["listeners"][0]["rules"] = json!([{"arn": "r", "priority": 1, "conditions": [{"field": "path-pattern", "values": ["/b"]}],
            "action": {"type": "forward", "groups": [{"group": "g2"}]}}]);
        let (balancer, address) = start(&d);
        a.manners.hold.set(true);
        let mut stuck = Vec::new();
        for _ in 0..200 {
            stuck.push(tokio::task::spawn_local(get(address, "/")));
        }
        until("they wait", || balancer.status().requests == 200).await;
        for _ in 0..50 {
            assert!(get(address, "/b").await.2.starts_with("b "));
        }
        assert_eq!(a.manners.requests.get(), 1);
        stuck.iter().for_each(|s| s.abort());
    });
}

#[test]
fn draining_the_balancer_loses_no_request() {
    run(async {
        let a = Target::start("a").await;
        let d = document(vec![a.json("1")]);
        let (old, address) = start(&d);
        let stop = Rc::new(Cell::new(false));
        let load = tokio::task::spawn_local(load(address, 8, stop.clone()));
        until("some load", || old.status().requests > 200).await;
        // As another process would: the same socket, by another descriptor.
        let dir = tempfile::tempdir().unwrap();
        let control = dir.path().join("lb.sock");
        let successor = {
            let server = balancer::serve_control(&control, old.clone()).unwrap();
            let (sockets, predecessor) = balancer::take_over(&control).await.unwrap();
            assert_eq!(sockets.len(), 1);
            let new = balancer::Balancer::new();
            new.inherit(sockets);
            new.apply(parse(&d), None).unwrap();
            assert_eq!(new.status().listeners[0].addresses[0], address);
            predecessor.replace();
            old.handed_over().await;
            server.abort();
            new
        };
        old.drain(Duration::from_secs(20)).await;
        assert_eq!(old.status().connections, 0);
        let seen = successor.status().requests;
        until("the new one has the load", || successor.status().requests > seen + 500).await;
        stop.set(true);
        let (good, bad) = load.await.unwrap();
        assert!(good > 700 && bad.is_empty(), "{good} good, {bad:?}");
    });
}

#[test]
fn slow_heads_and_idle_connections_are_ended_and_others_are_not_harmed() {
    run(async {
        let a = Target::start("a").await;
        let mut d = document(vec![a.json("1")]);
        d["attributes"] = json!({"idle_timeout_seconds": 2, "head_timeout_ms": 1000, "connections_max": 300});
        let (balancer, address) = start(&d);
        let mut slow = Vec::new();
        for i in 0..200 {
            let bytes: &[u8] = if i % 2 == 0 { b"GET / HTTP/1.1\r\nHost: a\r\nX: " } else { b"" };
            slow.push(tokio::task::spawn_local(raw(address, bytes, BOUND)));
        }
        let mut kept = Client::connect(address).await;
        assert_eq!(kept.send(request("GET", "/", &[], "")).await.unwrap().0, 200);
        until("all slow ones are there", || balancer.status().connections == 201).await;
        for _ in 0..20 {
            assert_eq!(get(address, "/").await.0, 200);
        }
        for s in slow {
            assert!(s.await.unwrap().is_empty());
        }
        until("the idle one is ended", || balancer.status().connections == 0).await;
        let counters = balancer.status().counters;
        assert_eq!((counters["head-timeout"], counters["idle-timeout"]), (200, 1), "{counters:?}");
    });
}

#[test]
fn a_new_weight_keeps_what_is_known_of_a_target() {
    run(async {
        let (a, b) = (Target::start("a").await, Target::start("b").await);
        let mut d = document(vec![a.json("1"), b.json("2")]);
        let (balancer, address) = start(&d);
        all_healthy(&balancer).await;
        d["target_groups"][0]["targets"][0]["weight"] = json!(3);
        balancer.apply(parse(&d), None).unwrap();
        assert!(targets(&balancer.status()).iter().all(|t| t.state == TargetState::Healthy));
        let before = a.manners.requests.get();
        for _ in 0..40 {
            get(address, "/").await;
        }
        assert_eq!(a.manners.requests.get() - before, 30);
    });
}

#[test]
fn a_listener_that_goes_lets_its_requests_end() {
    run(async {
        let a = Target::start("a").await;
        let mut d = document(vec![a.json("1")]);
        let other = serde_json::json!({"arn": "other", "protocol": "HTTP", "addresses": ["127.0.0.1"], "port": 0,
            "default_action": {"type": "forward", "groups": [{"group": "g"}]}});
        d["listeners"].as_array_mut().unwrap().push(other.clone());
        let (balancer, address) = start(&d);
        all_healthy(&balancer).await;
        a.manners.hold.set(true);
        let under_way = tokio::task::spawn_local(async move { get(address, "/slow").await });
        let mut idle = Client::connect(address).await;
        until("both are there", || balancer.status().connections == 2 && a.manners.requests.get() == 1).await;
        d["generation"] = 2.into();
        d["listeners"] = serde_json::json!([other]);
        balancer.apply(parse(&d), None).unwrap();
        until("the idle one is closed", || balancer.status().connections == 1).await;
        let end = tokio::time::Instant::now() + BOUND;
        while idle.is_open().await {
            assert!(tokio::time::Instant::now() < end, "the client is not told");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert!(tokio::net::TcpStream::connect(address).await.is_err(), "nothing new");
        a.manners.hold.set(false);
        let (status, headers, body) = under_way.await.unwrap();
        assert_eq!((status, body.as_str(), headers["connection"].to_str().unwrap()), (200, "a ", "close"));
        until("none is left", || balancer.status().connections == 0).await;
    });
}

#[test]
fn what_does_not_end_is_ended_with_the_deregistration_delay() {
    run(async {
        let a = Target::start("a").await;
        let mut d = document(vec![a.json("1")]);
        d["target_groups"][0]["deregistration_delay_seconds"] = 1.into();
        let (balancer, address) = start(&d);
        a.manners.hold.set(true);
        let mut client = Client::connect(address).await;
        let under_way = tokio::task::spawn_local(async move { client.send(request("GET", "/never", &[], "")).await });
        until("it is there", || a.manners.requests.get() == 1).await;
        d["generation"] = 2.into();
        (d["listeners"], d["target_groups"]) = (serde_json::json!([]), serde_json::json!([]));
        balancer.apply(parse(&d), None).unwrap();
        until("all have ended", || balancer.status().connections == 0).await;
        let outcome = under_way.await.unwrap();
        assert!(outcome.as_ref().map_or(true, |(status, ..)| *status == 502), "{outcome:?}");
        assert!(balancer.status().counters["drains-forced"] >= 1);
    });
}

#[test]
fn a_target_that_fails_more_than_the_others_gets_less() {
    run(async {
        let (a, b, c) = (Target::start("a").await, Target::start("b").await, Target::start("c").await);
        let mut d = document(vec![a.json("1"), b.json("2"), c.json("3")]);
        let group = &mut d["target_groups"][0];
        (group["algorithm"], group["anomaly_mitigation"]) = (json!("weighted_random"), json!(true));
        // Neither demoted by its requests, nor by checks: it works, but badly.
        group["health_check"]["passive_failures"] = json!(0);
        let (balancer, address) = start(&d);
        all_healthy(&balancer).await;
        c.manners.status.set(500);
        let stop = Rc::new(Cell::new(false));
        let load = tokio::task::spawn_local(load(address, 4, stop.clone()));
        let worst = || targets(&balancer.status()).remove(2);
        until("it stands out", || worst().anomalous && worst().mitigated).await;
        let counts = || [&a, &b, &c].map(|t| t.manners.requests.get());
        let before = counts();
        until("more load", || counts()[0] > before[0] + 400).await;
        let [at_a, _, at_c] = std::array::from_fn(|i| counts()[i] - before[i]);
        assert!(at_c * 10 < at_a * 7, "{at_c} of its requests beside {at_a}");
        assert!(targets(&balancer.status())[..2].iter().all(|t| !t.anomalous && !t.mitigated));
        stop.set(true);
        load.await.unwrap();
        d["target_groups"][0]["algorithm"] = json!("round_robin");
        assert!(balancer.apply(parse(&d), None).is_err(), "of weighted_random only");
    });
}
