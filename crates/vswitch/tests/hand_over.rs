//! A switch whose state another one takes over, in whole (`export`, `import`) or as far as it outlives a kill (`keep_in`,
//! `recover`): the same packets get the same verdicts.

mod common;
use Verdict::*;
use common::*;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use types::*;
use vswitch::DropReason as R;
use vswitch::*;
use wire::net::*;

const PUBLIC: &str = "198.18.0.99";

/// `net()` with a NAT gateway n on host 1 by which b and d go out; a's group lets nothing in; b has a flow log, a a rate.
fn world() -> World {
    let mut n = net();
    n.nics.push(in_subnet(nat_gateway("n", HOST1, 0, "10.0.3.9", Some(PUBLIC), 1), "10.0.3.0/24"));
    let to = RouteTarget::NatGateway(n.nic("n").id());
    n.vpcs[0].route_tables.push(table(3, &[("10.0.0.0/16", RouteTarget::Local), ("0.0.0.0/0", to)]));
    for name in ["b", "d"] {
        n.nic_mut(name).table = 3;
    }
    n.nic_mut("b").groups = vec![group(2)];
    n.nic_mut("b").log_seconds = Some(60);
    n.nic_mut("a").groups = vec![group(6)];
    let rate = RateLimit { bytes_per_second: 4000, burst_bytes: 1500, packets_per_second: 100, burst_packets: 20 };
    n.nic_mut("a").rate = Some(rate);
    let out = rule(Direction::Egress, ProtocolMatch::All, anywhere());
    n.vpcs[0].security_groups.push(SecurityGroupConfig { rules6: Vec::new(), id: group(6), rules: vec![out] });
    World::new(n)
}

fn options() -> Options {
    Options::new(7)
}

fn import(config: &NetConfig, state: &[u8]) -> Result<Switch, StateError> {
    let mut next = Switch::new(options());
    next.configure(config, 1).unwrap();
    next.import(state)
}

fn take_over(w: &mut World, host: Ipv4Addr) {
    let state = w.switches[&host].export();
    let config = w.net.config(host);
    let next = import(&config, &state).expect("the state is taken");
    assert_eq!(next.export().len(), state.len(), "all of it");
    w.switches.insert(host, next);
}

fn words(chunks: usize) -> KeptWords {
    let words: Vec<AtomicU64> = (0..kept_bytes(chunks) / 8).map(|_| AtomicU64::new(0)).collect();
    Arc::new(words)
}

#[derive(Debug, Clone, Copy)]
enum Step {
    /// (from b, b's port, flags): a and b, of one host.
    Tcp(bool, u16, &'static str),
    /// a to d, of another host, and back.
    Far(bool, u16, &'static str),
    /// b through the gateway, or what comes back to this port of it.
    Out(u16, &'static str),
    Back(u16, &'static str),
    Udp(bool, u16),
    Ping(bool, u16),
    Pause(u64),
    /// a's group lets b in, or not.
    Open(bool),
    Expire,
}

fn step() -> impl Strategy<Value = Step> {
    let flags = || prop_oneof![Just("S"), Just("SA"), Just("A"), Just("FA"), Just("R")];
    prop_oneof![
        6 => (any::<bool>(), 0u16..3, flags()).prop_map(|(b, p, f)| Step::Tcp(b, p, f)),
        4 => (any::<bool>(), 0u16..3, flags()).prop_map(|(b, p, f)| Step::Far(b, p, f)),
        4 => (0u16..3, flags()).prop_map(|(p, f)| Step::Out(p, f)),
        4 => (0u16..3, flags()).prop_map(|(p, f)| Step::Back(p, f)),
        2 => (any::<bool>(), 0u16..3).prop_map(|(b, p)| Step::Udp(b, p)),
        1 => (any::<bool>(), 0u16..3).prop_map(|(b, p)| Step::Ping(b, p)),
        2 => prop_oneof![Just(1u64), Just(5), Just(31), Just(61), Just(181), Just(351)].prop_map(Step::Pause),
        2 => any::<bool>().prop_map(Step::Open),
        1 => Just(Step::Expire),
    ]
}

/// A world and which ports its gateway has given out.
struct Run {
    w: World,
    ports: Vec<u16>,
    /// What flow records have counted, in whichever pieces: (packets, bytes).
    counted: BTreeMap<String, (u64, u64)>,
}

impl Run {
    fn new() -> Self {
        Self { w: world(), ports: vec![0; 3], counted: BTreeMap::new() }
    }

    /// What becomes of it, with all bytes that leave.
    fn step(&mut self, step: Step) -> String {
        let w = &mut self.w;
        let between = |w: &mut World,
                       first: bool,
                       ends: (&'static str, &'static str),
                       make: &dyn Fn(&World, &'static str, &str) -> Vec<u8>| {
            let (from, to) = if first { ends } else { (ends.1, ends.0) };
            let to = w.net.nic(to).ip().to_string();
            let frame = make(w, from, &to);
            format!("{:?}", w.send(from, &frame))
        };
        match step {
            Step::Tcp(b, p, f) => {
                between(w, b, ("b", "a"), &|w, from, to| w.tcp(from, to, if b { (4000 + p, 80) } else { (80, 4000 + p) }, f))
            }
            Step::Far(a, p, f) => {
                between(w, a, ("a", "d"), &|w, from, to| w.tcp(from, to, if a { (4000 + p, 80) } else { (80, 4000 + p) }, f))
            }
            Step::Udp(a, p) => between(w, a, ("a", "b"), &|w, from, to| w.udp(from, to, if a { (p, 53) } else { (53, p) }, b"x")),
            Step::Ping(a, n) => between(w, a, ("a", "d"), &|w, from, to| w.ping(from, to, n)),
            Step::Out(p, f) => {
                let out = w.send("b", &w.tcp("b", OUTSIDE, (5000 + p, 443), f));
                if let Sent(EDGE, 1) = out.verdict() {
                    let at = out.frame()[8 + 34..].first_chunk::<2>().unwrap();
                    self.ports[usize::from(p)] = u16::from_be_bytes(*at);
                }
                format!("{out:?}")
            }
            Step::Back(p, f) => {
                let to = self.ports[usize::from(p)];
                let frame = tcp(MacAddr([2, 9, 9, 9, 9, 9]), ip(OUTSIDE), ip(PUBLIC), (443, to), f);
                format!("{:?}", w.receive(HOST1, EDGE, &encapsulate(1, ROUTER_MAC, &frame)))
            }
            Step::Pause(s) => {
                w.now_ms += s * 1000;
                String::new()
            }
            Step::Open(open) => {
                let rules = &mut w.net.vpcs[0].security_groups.iter_mut().find(|g| g.id == group(6)).unwrap().rules;
                rules.truncate(1);
                if open {
                    rules.push(rule(Direction::Ingress, ProtocolMatch::All, anywhere()));
                }
                w.apply();
                String::new()
            }
            Step::Expire => {
                let now = w.now_ms;
                let s = w.switches.get_mut(&HOST1).unwrap();
                s.expire(now, 1000);
                // When a record is written, and with which rule, depends on where the sweep is.
                s.drain_flow_records(now, &mut |r| {
                    let ends = (r.source, r.source_port, r.destination, r.destination_port);
                    let sums = self.counted.entry(format!("{ends:?} {} {}", r.protocol, r.accepted)).or_default();
                    *sums = (sums.0 + r.packets, sums.1 + r.bytes);
                });
                String::new()
            }
        }
    }

    fn counts(&self) -> String {
        let s = &self.w.switches[&HOST1];
        let ports: Vec<_> =
            ["a", "b", "n"].iter().map(|n| (s.port_stats(self.w.index(n)), s.nat_stats(self.w.index(n)))).collect();
        format!("{ports:?} {:?} {}", s.drops(), s.flows())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Every verdict, byte and counter after it is what it would have been, and flow records count the same.
    #[test]
    fn a_successor_does_what_the_original_would(steps in prop::collection::vec(step(), 1..60), at in prop::collection::vec(0usize..60, 1..4)) {
        let (mut original, mut heir) = (Run::new(), Run::new());
        for (n, s) in steps.into_iter().enumerate() {
            if at.contains(&n) {
                take_over(&mut heir.w, HOST1);
            }
            prop_assert_eq!(original.step(s), heir.step(s), "step {}: {:?}", n, s);
            prop_assert_eq!(original.counts(), heir.counts(), "after step {}: {:?}", n, s);
        }
        for run in [&mut original, &mut heir] {
            for s in [Step::Pause(61), Step::Expire, Step::Pause(61), Step::Expire] {
                run.step(s);
            }
        }
        prop_assert_eq!(original.counted, heir.counted);
    }

    /// A killed one's successor lets pass what the original would; only idle times begin anew, so nothing is idle here.
    #[test]
    fn what_outlives_a_kill_gives_the_same_verdicts(steps in prop::collection::vec(step(), 1..60), at in 0usize..60) {
        let (mut original, mut heir) = (Run::new(), Run::new());
        let kept = words(64);
        for w in [&mut original.w, &mut heir.w] {
            w.net.nic_mut("a").rate = None;
            w.apply();
        }
        heir.w.switches.get_mut(&HOST1).unwrap().keep_in(kept.clone());
        for (n, s) in steps.into_iter().filter(|s| !matches!(s, Step::Pause(_) | Step::Expire)).enumerate() {
            if n == at {
                let config = heir.w.net.config(HOST1);
                // The same seed, so that ports are chosen alike.
                let mut next = Switch::new(options());
                next.configure(&config, heir.w.now_ms).unwrap();
                let taken = next.recover(&kept, heir.w.now_ms);
                prop_assert_eq!(taken, heir.w.switches[&HOST1].entries());
                next.keep_in(kept.clone());
                heir.w.switches.insert(HOST1, next);
            }
            prop_assert_eq!(original.step(s), heir.step(s), "step {}: {:?}", n, s);
        }
    }

    /// Bytes that are not a state are refused, or are one of another state; nothing worse.
    #[test]
    fn any_bytes_are_refused_or_taken(at in any::<prop::sample::Index>(), bit in 0u8..8, cut in any::<prop::sample::Index>()) {
        let mut run = Run::new();
        for p in 0..3 {
            run.step(Step::Tcp(true, p, "S"));
            run.step(Step::Out(p, "S"));
        }
        let state = run.w.switches[&HOST1].export();
        let config = run.w.net.config(HOST1);
        let cut = &state[..cut.index(state.len())];
        prop_assert!(import(&config, cut).is_err());
        let mut flipped = state.clone();
        flipped[at.index(state.len())] ^= 1 << bit;
        let _ = import(&config, &flipped);
    }
}

#[test]
fn another_format_or_network_is_refused_by_name() {
    let run = Run::new();
    let (state, config) = (run.w.switches[&HOST1].export(), run.w.net.config(HOST1));
    let refused = |state: &[u8], config: &NetConfig| import(config, state).err();
    assert_eq!(refused(&state, &config), None);
    let mut older = state.clone();
    older[4] = 0;
    assert_eq!(refused(&older, &config), Some(StateError::Format { found: 0, known: STATE_FORMAT }));
    assert_eq!(refused(b"SCVX\x01\x00", &config), Some(StateError::Magic));
    assert_eq!(refused(&[&state[..], &[0]].concat(), &config), Some(StateError::TooLong));
    assert!(matches!(refused(&state, &run.w.net.config(HOST2)), Some(StateError::Value(_))));
    let mut later = config.clone();
    later.generation.0 += 1;
    assert_eq!(refused(&state, &later), Some(StateError::Value("the generation of its configuration")));
    let mut other = Switch::new(Options::new(8));
    other.configure(&config, 1).unwrap();
    assert_eq!(other.import(&state).err(), Some(StateError::Value("its seed")));
}

/// Golden: the format does not change without its number.
#[test]
fn the_format_is_what_it_was() {
    let mut run = Run::new();
    run.step(Step::Tcp(true, 0, "S"));
    run.step(Step::Out(1, "S"));
    let state = run.w.switches[&HOST1].export();
    let hex: String = state.iter().map(|b| format!("{b:02x}")).collect();
    let golden = include_str!("golden/state-3.hex").trim();
    assert!(hex == golden, "format {STATE_FORMAT} is not as it was:\n{hex}");
}

#[test]
fn a_guest_keeps_its_flows_and_another_does_not() {
    let mut w = world();
    let kept = words(16);
    let (b, now) = (w.index("b"), w.now_ms);
    let s = w.switches.get_mut(&HOST1).unwrap();
    s.keep_in(kept.clone());
    s.attach(b, 77);
    let frame = w.tcp("b", "10.0.1.5", (4000, 80), "S");
    w.send("b", &frame);
    for (guest, flows) in [(77, 1), (78, 0)] {
        let mut next = Switch::new(options());
        next.configure(&w.net.config(HOST1), now).unwrap();
        assert!(next.recover(&kept, now) > 0);
        next.attach(b, guest);
        assert_eq!(next.port_flows(b).count(), flows, "{guest}");
    }
    // What is left when the port is gone: nothing of it.
    let mut without = w.net.clone();
    without.nics.retain(|n| n.name != "b");
    without.generation += 1;
    w.switches.get_mut(&HOST1).unwrap().configure(&without.config(HOST1), now).unwrap();
    let mut next = Switch::new(options());
    next.configure(&w.net.config(HOST1), now).unwrap();
    next.recover(&kept, now);
    assert_eq!(next.port_flows(b).count(), 0);
}

/// A kill between any two stores: simulated by taking back the last ones. What is there is whole, and nothing else is lost.
#[test]
fn a_torn_record_is_left_out() {
    let mut w = world();
    let kept = words(16);
    w.switches.get_mut(&HOST1).unwrap().keep_in(kept.clone());
    for p in 0..20 {
        let frame = w.tcp("b", "10.0.1.5", (4000 + p, 80), "S");
        w.send("b", &frame);
    }
    let config = w.net.config(HOST1);
    let recovered = |kept: &KeptWords| {
        let mut next = Switch::new(options());
        next.configure(&config, w.now_ms).unwrap();
        next.recover(kept, w.now_ms)
    };
    let whole = recovered(&kept);
    assert_eq!(whole, w.switches[&HOST1].entries());
    // Behind the header, of which only the format is needed.
    for word in (*kept).as_ref().iter().enumerate().filter(|(at, _)| *at == 0 || *at >= 8).map(|(_, word)| word) {
        let was = word.load(Ordering::SeqCst);
        if was != 0 {
            word.store(was ^ (1 << 35), Ordering::SeqCst);
            let now = recovered(&kept);
            assert!(now < whole, "one record, a chunk or all");
            word.store(was, Ordering::SeqCst);
        }
    }
}

#[test]
fn a_connection_that_only_one_side_may_begin_survives_a_kill() {
    for keep in [false, true] {
        let mut w = world();
        let kept = words(16);
        if keep {
            w.switches.get_mut(&HOST1).unwrap().keep_in(kept.clone());
        }
        // a may be reached by nobody and talks to b, whose group lets port 80 in.
        w.expect("open", "a", &w.tcp("a", "10.0.1.6", (4000, 80), "S"), Deliver("b"));
        w.expect("answer", "b", &w.tcp("b", "10.0.1.5", (80, 4000), "SA"), Deliver("a"));
        let mut next = Switch::new(options());
        next.configure(&w.net.config(HOST1), w.now_ms).unwrap();
        next.recover(&kept, w.now_ms);
        w.switches.insert(HOST1, next);
        let wanted = if keep { Deliver("a") } else { Drop(R::SecurityGroupIngress) };
        w.expect("b goes on", "b", &w.tcp("b", "10.0.1.5", (80, 4000), "A"), wanted);
    }
}

/// Connections of IPv6 too: what went out of a VPC that only goes out is answered after either, and nothing else comes in.
#[test]
fn ipv6_goes_on() {
    use common::six::*;
    let outside = ip6(OUTSIDE6);
    for killed in [false, true] {
        let mut n = net6();
        n.nic_mut("x").log_seconds = Some(60);
        let mut w = World::new(n);
        let (kept, x) = (words(64), w.ip6("x"));
        w.switches.get_mut(&HOST1).unwrap().keep_in(kept.clone());
        for port in 1..=150 {
            w.expect("out", "x", &w.tcp6("x", outside, (port, 443), "S"), Sent(EDGE, 1));
        }
        w.expect("IPv4 beside it", "x", &w.tcp("x", OUTSIDE, (1, 443), "S"), Sent(EDGE, 1));
        let next = if killed {
            let mut next = Switch::new(options());
            next.configure(&w.net.config(HOST1), w.now_ms).unwrap();
            assert_eq!(next.recover(&kept, w.now_ms), 151);
            next
        } else {
            import(&w.net.config(HOST1), &w.switches[&HOST1].export()).unwrap()
        };
        assert_eq!(next.flows(), 151);
        w.switches.insert(HOST1, next);
        let back = |ports, flags| encapsulate(1, ROUTER_MAC, &tcp6(ROUTER_MAC, outside, x, ports, flags));
        for port in 1..=150 {
            assert_eq!(w.receive(HOST1, EDGE, &back((443, port), "SA")).verdict(), Deliver("x"), "{port}");
        }
        assert_eq!(w.receive(HOST1, EDGE, &back((443, 151), "SA")).verdict(), Drop(R::EgressOnly));
    }
}
