//! Connection tracking against a model: a plain list of connections, and rules written out as the answer to "may this
//! packet pass", over random sequences of packets, pauses and changes of rules.

mod common;
use common::*;
use proptest::prelude::*;
use std::collections::HashMap;
use wire::net::*;

#[derive(Debug, Clone, Copy)]
enum Step {
    /// (from a, client port, flags)
    Tcp(bool, u16, &'static str),
    /// (from a, a's port)
    Udp(bool, u16),
    Pause(u64),
    /// d's group lets a in, or not.
    Open(bool),
    Expire,
}

fn step() -> impl Strategy<Value = Step> {
    let flags = prop_oneof![Just("S"), Just("SA"), Just("A"), Just("FA"), Just("RA"), Just("R")];
    prop_oneof![
        8 => (any::<bool>(), 0u16..3, flags).prop_map(|(a, p, f)| Step::Tcp(a, p, f)),
        3 => (any::<bool>(), 0u16..3).prop_map(|(a, p)| Step::Udp(a, p)),
        2 => prop_oneof![Just(5u64), Just(11), Just(31), Just(61), Just(121), Just(181), Just(432_001)].prop_map(Step::Pause),
        2 => any::<bool>().prop_map(Step::Open),
        1 => Just(Step::Expire),
    ]
}

/// One connection as one of the two ports sees it.
#[derive(Debug, Clone, Copy)]
struct Conn {
    begun_outward: bool,
    answered: bool,
    /// FIN seen (outward, inward), RST seen.
    fin: (bool, bool),
    reset: bool,
    seen: u64,
    /// The rules under which the direction (outward, inward) last passed by the slow way.
    version: u64,
}

impl Conn {
    fn idle_max(&self, tcp: bool) -> u64 {
        let both = self.fin.0 && self.fin.1;
        match (tcp, self.answered) {
            (true, _) if self.reset => 10,
            (true, false) => 60,
            (true, true) if both => 60,
            (true, true) if self.fin.0 || self.fin.1 => 120,
            (true, true) => 432_000,
            (false, false) => 30,
            (false, true) => 180,
        }
    }
}

/// A port's filter: outward always allowed; inward by `open`.
#[derive(Default)]
struct Model {
    conns: HashMap<(bool, u16), Conn>,
    open: bool,
    version: u64,
}

impl Model {
    fn packet(&mut self, tcp: bool, port: u16, outward: bool, flags: &str, now: u64) -> bool {
        let allowed = |o: bool| o || self.open;
        let key = (tcp, port);
        let mut conn = self.conns.get(&key).copied().filter(|c| now - c.seen <= c.idle_max(tcp));
        if conn.is_some_and(|c| !c.answered && c.version != self.version && !allowed(c.begun_outward)) {
            conn = None;
        }
        if let Some(c) = conn {
            let over = c.reset || c.answered && c.fin.0 && c.fin.1;
            let begins = tcp && flags == "S" && (over || !c.answered && c.begun_outward != outward);
            if begins {
                if !allowed(outward) {
                    return false;
                }
                conn = None;
            }
        } else {
            self.conns.remove(&key);
            if !allowed(outward) {
                return false;
            }
        }
        let c = conn.unwrap_or(Conn {
            begun_outward: outward,
            answered: false,
            fin: (false, false),
            reset: false,
            seen: now,
            version: self.version,
        });
        let mut c = Conn { seen: now, ..c };
        c.answered |= c.begun_outward != outward;
        // A first direction that is renewed under the rules of now; an answered one does not ask any more.
        c.version = self.version;
        if tcp {
            c.reset |= flags.contains('R');
            if flags.contains('F') && !c.reset {
                if outward { c.fin.0 = true } else { c.fin.1 = true }
            }
        }
        self.conns.insert(key, c);
        true
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn tracking_agrees_with_the_model(steps in prop::collection::vec(step(), 1..80)) {
        let mut n = net();
        n.nics.retain(|n| n.name == "a" || n.name == "d");
        let mut w = World::new(n);
        let mut model = Model { open: true, ..Model::default() };
        for (i, step) in steps.iter().enumerate() {
            let now = w.now_ms / 1000;
            match *step {
                Step::Tcp(from_a, port, flags) => {
                    let frame = if from_a { w.tcp("a", "10.0.2.8", (port, 80), flags) } else { w.tcp("d", "10.0.1.5", (80, port), flags) };
                    check(&mut w, &mut model, i, true, from_a, port, flags, now, &frame)?;
                }
                Step::Udp(from_a, port) => {
                    let frame = if from_a { w.udp("a", "10.0.2.8", (port, 53), b"") } else { w.udp("d", "10.0.1.5", (53, port), b"") };
                    check(&mut w, &mut model, i, false, from_a, port, "", now, &frame)?;
                }
                Step::Pause(seconds) => w.now_ms += seconds * 1000,
                Step::Open(open) => {
                    let rules = &mut w.net.vpcs[0].security_groups[4].rules;
                    rules.clear();
                    rules.push(rule(Direction::Egress, ProtocolMatch::All, anywhere()));
                    if open {
                        rules.push(rule(Direction::Ingress, ProtocolMatch::All, anywhere()));
                    }
                    w.net.nic_mut("d").groups = vec![group(5)];
                    w.apply();
                    model.open = open;
                    model.version += 1;
                }
                Step::Expire => {
                    let now = w.now_ms;
                    for s in w.switches.values_mut() {
                        s.expire(now, 10_000);
                    }
                }
            }
        }
    }
}

/// d's filter is what is modelled: a's group lets everything through.
#[allow(clippy::too_many_arguments)]
fn check(
    w: &mut World,
    model: &mut Model,
    step: usize,
    tcp: bool,
    from_a: bool,
    port: u16,
    flags: &str,
    now: u64,
    frame: &[u8],
) -> Result<(), TestCaseError> {
    let out = w.send(if from_a { "a" } else { "d" }, frame);
    let passed = !matches!(out, Out::Dropped(..));
    let expected = model.packet(tcp, port, !from_a, flags, now);
    prop_assert_eq!(passed, expected, "step {}: {:?}", step, out.verdict());
    Ok(())
}
