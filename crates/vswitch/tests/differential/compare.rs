//! One network: every probe goes through the lab and through the model, and both must say the same.

use crate::generate::{self, Network, OUTSIDE, SERVICE};
use crate::lab::Lab;
use crate::model::Model;
use crate::probe::{Probe, probes};
use crate::trace;
use crate::verdict::{End, L4, Mutation, Packet, Tcp, Why};
use crate::{rules, six};
use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

/// What is done to a network: probes, then a change of it, then the connections that are established go on, then new ones.
#[derive(Debug, Clone)]
pub struct Plan {
    pub net: Network,
    pub before: Vec<Probe>,
    pub changed: Option<Network>,
    pub after: Vec<Probe>,
    /// Hosts ask for what they need to know instead of being told all of it.
    pub asks: bool,
}

impl Plan {
    pub fn new(seed: u64) -> Self {
        let net = generate::network(seed);
        let mut all = probes(&net, seed ^ 0xbeef, 70);
        let mut after = all.split_off(all.len() * 5 / 7);
        let mut sixes = six::probes(&net, seed, 40);
        after.extend(sixes.split_off(sixes.len() * 5 / 7));
        all.extend(sixes);
        let mut changed = rules::changed(&net, seed ^ 0xcafe);
        six::change(&mut changed, seed);
        let changed = Some(changed);
        Self { net, before: all, changed, after, asks: false }
    }
}

/// What was seen: a test that only ever sees drops proves little.
#[derive(Debug, Default, Clone)]
pub struct Counts {
    pub packets: u64,
    pub delivered: u64,
    pub outside: u64,
    pub services: u64,
    pub answered: u64,
    pub went_on: u64,
    pub ended_by_change: u64,
    /// Packets whose end `Switch::trace` said before they were sent.
    pub foretold: u64,
    pub unsure: u64,
    /// Of IPv6.
    pub six: u64,
    pub six_delivered: u64,
    pub six_outside: u64,
    /// Answers of directories, and queries that none answered.
    pub asked: u64,
    pub silent: u64,
    pub dropped: BTreeMap<Why, u64>,
}

impl Counts {
    pub fn add(&mut self, o: &Counts) {
        self.packets += o.packets;
        self.delivered += o.delivered;
        self.outside += o.outside;
        self.services += o.services;
        self.answered += o.answered;
        self.went_on += o.went_on;
        self.ended_by_change += o.ended_by_change;
        self.foretold += o.foretold;
        self.unsure += o.unsure;
        self.six += o.six;
        self.six_delivered += o.six_delivered;
        self.six_outside += o.six_outside;
        self.asked += o.asked;
        self.silent += o.silent;
        for (why, n) in &o.dropped {
            *self.dropped.entry(*why).or_default() += n;
        }
    }

    fn count(&mut self, end: &End, six: bool) {
        self.packets += 1;
        if six {
            self.six += 1;
            self.six_delivered += u64::from(matches!(end, End::Delivered { .. }));
            self.six_outside += u64::from(matches!(end, End::Outside(_)));
        }
        match end {
            End::Delivered { .. } => self.delivered += 1,
            End::Outside(_) => self.outside += 1,
            End::Service { .. } => self.services += 1,
            End::Unsure(_) => self.unsure += 1,
            End::Dropped(why) => why.iter().for_each(|(w, _)| *self.dropped.entry(*w).or_default() += 1),
        }
    }
}

#[derive(Debug, Clone)]
pub struct Mismatch {
    pub step: &'static str,
    pub probe: Probe,
    pub lab: Result<End, String>,
    pub model: End,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {:?}", self.step, self.probe)?;
        writeln!(f, "  packets say {:?}", self.lab)?;
        write!(f, "  the model says {:?}", self.model)
    }
}

#[derive(Debug)]
pub enum Failure {
    /// The network is not a valid one: only a shrunk one.
    Refused(String),
    Mismatch(Box<Mismatch>),
}

/// Somebody out there has the address.
fn answers(outside: IpAddr) -> bool {
    match outside {
        IpAddr::V4(a) => OUTSIDE.contains(&a),
        IpAddr::V6(a) => six::OUTSIDE6.contains(&a),
    }
}

struct Both {
    asks: bool,
    lab: Lab,
    model: Model,
    counts: Counts,
    /// What the request that was just foretold left behind.
    foretold: Option<wire::trace::Passed>,
}

pub fn run(plan: &Plan, wrong: Option<Mutation>) -> Result<Counts, Failure> {
    let refused = |e: vswitch::ConfigError| Failure::Refused(e.to_string());
    let lab = Lab::new(plan.net.clone(), plan.asks).map_err(refused)?;
    let mut b =
        Both { asks: plan.asks, lab, model: Model::new(plan.net.clone(), wrong), counts: Counts::default(), foretold: None };
    let mut established = vec![];
    for probe in &plan.before {
        if let Some(far) = b.exchange("request", *probe)? {
            established.push((*probe, far));
        }
    }
    if let Some(changed) = &plan.changed {
        b.lab.change(changed.clone()).map_err(refused)?;
        b.model.net = changed.clone();
        for (i, (near, far)) in established.iter().enumerate() {
            // Either side may be the first to speak after the change.
            let mut first = if i % 2 == 0 { *near } else { *far };
            if let L4::Tcp { tcp, .. } = &mut first.packet.l4 {
                *tcp = Tcp::Ack;
            }
            match b.exchange("established, after the change", first)? {
                Some(_) => b.counts.went_on += 1,
                None => b.counts.ended_by_change += 1,
            }
        }
    }
    for probe in &plan.after {
        b.exchange("new, after the change", *probe)?;
    }
    if let Err(ports) = b.model.ports_in_order() {
        let probe = *plan.before.first().unwrap_or(&plan.after[0]);
        let model = End::Unsure("ports of a NAT gateway");
        return Err(Failure::Mismatch(Box::new(Mismatch { step: "ports", probe, lab: Err(ports), model })));
    }
    for stats in b.lab.switches.iter().map(|s| s.resolve_stats()) {
        b.counts.asked += stats.answers;
        b.counts.silent += stats.queries.saturating_sub(stats.answers - stats.unasked);
    }
    Ok(b.counts)
}

impl Both {
    /// A request, and what its receiver answers. When both get through: what the far end would send next.
    fn exchange(&mut self, step: &'static str, probe: Probe) -> Result<Option<Probe>, Failure> {
        let far = match self.one(step, probe)? {
            // An endpoint's service answers by the card; the others answer for themselves.
            Some(End::Service { of }) if probe.packet.dst == IpAddr::V4(SERVICE) => {
                let packet = probe.packet.reply();
                let lab = self.lab.service_sends(of, packet);
                let model = self.model.service_sends(of, packet);
                let probe = Probe { from: None, packet };
                self.same("a service's answer", probe, lab, model)?;
                return Ok(None);
            }
            // Nobody answers a reset.
            Some(End::Delivered { packet: Packet { l4: L4::Tcp { tcp: Tcp::Reset, .. }, .. }, .. }) => return Ok(None),
            Some(End::Delivered { to, packet }) => Probe { from: Some(to), packet: packet.reply() },
            // Nobody out there has a private address.
            Some(End::Outside(packet)) if answers(packet.dst) || probe.from.is_none() => {
                Probe { from: None, packet: packet.reply() }
            }
            _ => return Ok(None),
        };
        let back: Option<Packet> = match self.one("reply", far)? {
            Some(End::Delivered { to, packet }) if Some(to) == probe.from => Some(packet),
            Some(End::Outside(packet)) if probe.from.is_none() => Some(packet),
            _ => None,
        };
        // Whoever asked sees the answer come from whom it asked.
        let answered = back.is_some_and(|p| p.reply().same_connection(probe.packet));
        self.counts.answered += u64::from(answered);
        Ok(answered.then_some(far))
    }

    fn one(&mut self, step: &'static str, probe: Probe) -> Result<Option<End>, Failure> {
        // Only what begins a connection can be foretold.
        let begins = matches!(step, "request" | "new, after the change") && !self.model.may_know(probe.packet);
        let of = probe.from.filter(|_| begins);
        let (net, switches) = (&self.lab.net, &self.lab.switches);
        let done = self.foretold.take().filter(|done| step == "reply" && done.translations.len() <= 1);
        let foretold = match (of, done) {
            // Who looks without waiting for an answer does not know everything.
            _ if self.asks => None,
            (Some(of), _) => trace::foretell(net, switches, of, probe.packet),
            // What a foretold request did on its way, the answer undoes.
            (None, Some(done)) => trace::foretell_answer(net, switches, probe.from, probe.packet, &done),
            (None, None) => None,
        };
        let lab = match probe.from {
            Some(of) => self.lab.guest_sends(of, probe.packet),
            None => self.lab.outside_sends(probe.packet),
        };
        let seen = match &lab {
            Ok(End::Delivered { packet, .. } | End::Outside(packet)) => Some(*packet),
            _ => None,
        };
        let model = match probe.from {
            Some(of) => self.model.guest_sends(of, probe.packet, seen),
            None => self.model.outside_sends(probe.packet, seen),
        };
        if let (Some(foretold), Ok(end)) = (foretold, &lab) {
            self.counts.foretold += 1;
            if !foretold.came_true(end) {
                let model = foretold.end();
                return Err(Failure::Mismatch(Box::new(Mismatch { step: "trace (as the model)", probe, lab, model })));
            }
            self.foretold = Some(foretold.passed);
        }
        self.same(step, probe, lab, model)
    }

    fn same(&mut self, step: &'static str, probe: Probe, lab: Result<End, String>, model: End) -> Result<Option<End>, Failure> {
        self.counts.count(&model, probe.packet.is_six());
        let same = match (&lab, &model) {
            (_, End::Unsure(_)) => return Ok(None),
            (Ok(End::Dropped(found)), End::Dropped(possible)) => found.is_subset(possible),
            (Ok(found), expected) => found == expected,
            (Err(_), _) => false,
        };
        if same { Ok(Some(model)) } else { Err(Failure::Mismatch(Box::new(Mismatch { step, probe, lab, model }))) }
    }
}
