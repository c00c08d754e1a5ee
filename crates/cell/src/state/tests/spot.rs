//! Spot instances leave for on-demand ones: two hosts of four vCPUs, instances of two. The clock is the test's.

use super::*;
use scheduler::cell::NOTICE_MS;
use wire::cell::{CellSpot, SpotCause, SpotEnd};
use wire::host::HostConfig;
use wire::net::PortConfig;

const SPOT: ClaimMarket = ClaimMarket::Spot { price_max: 1000 };

/// What the store and the ledger have, so that a controller can be started anew in the middle.
#[derive(Default)]
struct Durable {
    config: Option<CellConfig>,
    holds: BTreeMap<InstanceId, Hold>,
    notices: BTreeMap<InstanceId, Notice>,
    prices: BTreeMap<u8, Price>,
}

struct World {
    cell: Cell,
    durable: Durable,
    now: TimestampMs,
    sequence: u64,
}

impl World {
    /// Four spot instances, which fill the cell, run.
    fn full(end: SpotEnd) -> Self {
        let mut w = Self {
            cell: Cell::new(settings(), Some(config(&[])), Kept::default(), 100),
            durable: Durable::default(),
            now: NOW,
            sequence: 0,
        };
        w.report(&[]);
        let reply = w.claim(&[1, 2, 3, 4], SPOT);
        w.configure(|c| {
            for p in placed(reply.clone()) {
                c.instances.push(instance(&p, Some(end)));
            }
        });
        let all: Vec<(u64, u8, VmState)> = (1..=4).map(|n| (n, w.host_of(n), VmState::Running)).collect();
        w.report(&all);
        w
    }

    fn host_of(&self, n: u64) -> u8 {
        self.cell.host_of(id(n)).unwrap().as_str().trim_start_matches("a1-h").parse().unwrap()
    }

    fn keep(&mut self, change: Change) {
        let d = &mut self.durable;
        change.over.iter().for_each(|i| drop(d.holds.remove(i)));
        d.holds.extend(change.held.into_iter().map(|h| (h.instance, h)));
        d.notices.retain(|i, _| !change.notices_over.contains(i));
        d.notices.extend(change.notices.into_iter().map(|n| (n.instance, n)));
        d.prices.extend(change.prices.into_iter().map(|p| (p.class, p)));
    }

    fn claim(&mut self, ids: &[u64], market: ClaimMarket) -> ClaimReply {
        let request = ClaimRequest { market, ..claim(ids, ids.len() as u32) };
        let (reply, change) = self.cell.claim(&request, self.now).unwrap();
        self.keep(change);
        reply
    }

    fn configure(&mut self, edit: impl Fn(&mut CellConfig)) {
        let mut config = self.cell.config().unwrap().clone();
        config.generation = config.generation.next();
        edit(&mut config);
        let refused = self.cell.review(&config, self.now);
        assert_eq!(refused, Change::default());
        let over = self.cell.configure(config.clone(), self.now);
        self.durable.config = Some(config);
        self.keep(over);
    }

    fn tick(&mut self, ms: u64) -> Vec<InstanceId> {
        self.now = TimestampMs(self.now.0 + ms);
        let (change, told) = self.cell.tick(self.now);
        self.keep(change);
        told
    }

    /// Both hosts say what they have.
    fn report(&mut self, all: &[(u64, u8, VmState)]) {
        self.sequence += 1;
        for h in [1, 2] {
            let here = all.iter().filter(|(_, at, _)| *at == h).map(|(n, _, state)| seen(*n, state.clone())).collect();
            assert!(self.cell.hear(report(h, self.sequence, here), self.now));
        }
    }

    /// The controller is killed, and another one starts from what was durable.
    fn restart(&mut self) {
        let kept = Kept {
            holds: self.durable.holds.values().cloned().collect(),
            notices: self.durable.notices.values().cloned().collect(),
            prices: self.durable.prices.values().cloned().collect(),
            ..Kept::default()
        };
        self.cell = Cell::new(settings(), self.durable.config.clone(), kept, 5000);
    }

    fn order(&self, n: u64) -> Option<Desired> {
        let document = self.document(self.host_of(n));
        document.instances.iter().find(|i| i.id == id(n)).map(|i| i.desired)
    }

    fn document(&self, h: u8) -> HostConfig {
        crate::compile::host_config(&self.cell, &host(h), Generation(1)).unwrap()
    }

    /// As its metadata service says it.
    fn life(&self, n: u64) -> Option<(String, u64)> {
        let document = self.document(self.host_of(n));
        let port = document.net.ports.iter().find_map(|p| p.metadata.as_ref().filter(|m| m.instance == id(n)));
        port?.spot.as_ref()?.notice.clone()
    }

    fn told(&self) -> Vec<u64> {
        (1..=4).filter(|n| self.durable.notices.contains_key(&id(*n))).collect()
    }
}

fn instance(p: &Placement, end: Option<SpotEnd>) -> CellInstance {
    let mut made = config(&[(0, 1, Desired::Running)]).instances.remove(0);
    made.config.id = p.instance;
    (made.host, made.hold) = (p.host.clone(), p.hold);
    made.spot = end.map(|on_interruption| CellSpot { price_max: 1000, on_interruption, notice: None });
    made.ports = vec![port(p.instance)];
    made
}

fn port(instance: InstanceId) -> PortConfig {
    let (cidr, ip) = ("10.0.0.0/24", "10.0.0.5");
    let port = serde_json::json!({
        "id": "eni-0123456789abcdef0", "vpc": "vpc-0123456789abcdef0", "subnet": "subnet-0123456789abcdef0", "subnet_cidr": cidr,
        "mac": "06:00:00:00:00:01", "ipv4": [ip], "public": [], "groups": [], "route_table": "rtb-0123456789abcdef0",
        "source_dest_check": true, "mtu": 9001,
        "dhcp": { "hostname": "ip-10-0-0-5", "domain": "ec2.internal", "dns_servers": [], "lease_seconds": 3600 },
        "metadata": {
            "instance": instance, "reservation": "r-1", "account": "123456789012", "image": "ami-1", "instance_type": "t3.micro",
            "region": "us-east-1", "availability_zone": "us-east-1a", "availability_zone_id": "use1-az1",
            "local_hostname": "ip-10-0-0-5.ec2.internal", "launch_index": 0, "launch_time_ms": 1, "security_groups": [],
            "vpc_cidrs": [cidr], "public_keys": [], "tokens_required": true, "hop_limit": 1, "enabled": true, "spot": {}
        }
    });
    serde_json::from_value(port).unwrap()
}

#[test]
fn on_demand_waits_until_spot_has_gone() {
    let mut w = World::full(SpotEnd::Terminate);
    assert!(matches!(w.claim(&[9], ClaimMarket::OnDemand), ClaimReply::Insufficient { .. }), "nobody goes unasked");
    assert_eq!(w.told(), [0u64; 0]);
    let p = placed(w.claim(&[9], ClaimMarket::OnDemandPreempt)).remove(0);
    let [victim] = w.told()[..] else { panic!("{:?}", w.told()) };
    let at = NOW.0 + NOTICE_MS;
    assert_eq!(p.not_before_ms, Some(at));
    assert!(p.why.contains("1 spot instances there were told to leave"), "{}", p.why);
    assert_eq!(w.life(victim), Some(("terminate".into(), at)));
    assert_eq!((1..=4).filter(|n| w.life(*n).is_some()).count(), 1, "nobody else is told");
    let again = placed(w.claim(&[9], ClaimMarket::OnDemandPreempt)).remove(0);
    assert_eq!((again.hold, again.not_before_ms, w.told().len()), (p.hold, Some(at), 1), "the same question again");
    w.configure(|c| c.instances.push(instance(&p, None)));
    assert_eq!((w.order(9), w.order(victim)), (None, Some(Desired::Running)), "its room is not there yet");
    // Nothing else takes the room either, and one who dies and comes back knows all that.
    for restarted in [false, true] {
        assert!(matches!(w.claim(&[10], SPOT), ClaimReply::Insufficient { .. }), "{restarted}");
        w.tick(NOTICE_MS / 2 - 1);
        assert_eq!((w.order(9), w.order(victim)), (None, Some(Desired::Running)), "{restarted}");
        assert_eq!(w.life(victim), Some(("terminate".into(), at)));
        if !restarted {
            w.restart();
            let all: Vec<(u64, u8, VmState)> = (1..=4).map(|n| (n, w.host_of(n), VmState::Running)).collect();
            w.report(&all);
        }
    }
    let told = w.tick(2);
    assert_eq!(
        (told, w.order(victim)),
        (vec![id(victim)], Some(Desired::Terminated)),
        "its time is over, whatever the region says"
    );
    assert_eq!(w.order(9), None, "but it is still there");
    assert_eq!(w.cell.report(w.now).notices.iter().map(|(i, n)| (*i, n.ended)).collect::<Vec<_>>(), [(id(victim), true)]);
    let host = w.host_of(victim);
    let rest = |victim_is: VmState| {
        let of = |n: u64| if n == victim { victim_is.clone() } else { VmState::Running };
        (1..=4).map(|n| (n, w.host_of(n), of(n))).collect::<Vec<_>>()
    };
    let (stopping, gone) = (rest(VmState::Stopping), rest(VmState::Gone));
    w.report(&stopping);
    assert_eq!(w.order(9), None);
    w.report(&gone);
    assert_eq!((w.order(9), w.host_of(9)), (Some(Desired::Running), host));
    // The notice stands until the region has understood: else the instance would be started again.
    w.tick(1);
    assert_eq!((w.order(victim), w.told()), (Some(Desired::Terminated), vec![victim]));
    w.configure(|c| {
        let row = c.instances.iter_mut().find(|i| i.config.id == id(victim)).unwrap();
        row.config.desired = Desired::Terminated;
    });
    w.tick(1);
    assert_eq!((w.told(), w.order(9)), (vec![], Some(Desired::Running)));
}

#[test]
fn one_that_is_stopped_keeps_its_disk_and_may_be_started_again() {
    let mut w = World::full(SpotEnd::Stop);
    let p = placed(w.claim(&[9], ClaimMarket::OnDemandPreempt)).remove(0);
    w.configure(|c| c.instances.push(instance(&p, None)));
    let victim = w.told()[0];
    assert_eq!(w.life(victim), Some(("stop".into(), NOW.0 + NOTICE_MS)));
    w.tick(NOTICE_MS);
    assert_eq!(w.order(victim), Some(Desired::Stopped));
    let stopped: Vec<_> = (1..=4)
        .map(|n| (n, w.host_of(n), if n == victim { VmState::Stopped { by_guest: false } } else { VmState::Running }))
        .collect();
    w.report(&stopped);
    assert_eq!((w.order(9), w.cell.free(&host(w.host_of(9))).vcpus), (Some(Desired::Running), 0));
    w.configure(|c| c.instances.iter_mut().find(|i| i.config.id == id(victim)).unwrap().config.desired = Desired::Stopped);
    w.tick(1);
    assert_eq!(w.told(), [0u64; 0]);
    // Room again: the run that begins has no notice.
    w.configure(|c| c.instances.retain(|i| i.config.id != id(9)));
    let on_host = Some(host(w.host_of(victim)));
    let (reply, change) = w.cell.claim(&ClaimRequest { market: SPOT, on_host, ..claim(&[victim], 1) }, w.now).unwrap();
    w.keep(change);
    let again = placed(reply).remove(0);
    w.configure(|c| {
        let row = c.instances.iter_mut().find(|i| i.config.id == id(victim)).unwrap();
        (row.config.desired, row.hold) = (Desired::Running, again.hold);
    });
    assert_eq!((w.order(victim), w.life(victim)), (Some(Desired::Running), None));
}

#[test]
fn a_cell_that_lost_its_store_knows_from_the_region_what_was_told() {
    let mut w = World::full(SpotEnd::Terminate);
    let p = placed(w.claim(&[9], ClaimMarket::OnDemandPreempt)).remove(0);
    w.configure(|c| c.instances.push(instance(&p, None)));
    let (victim, notice) = w.cell.report(w.now).notices[0];
    w.configure(|c| {
        let row = c.instances.iter_mut().find(|i| i.config.id == victim).unwrap();
        row.spot.as_mut().unwrap().notice = Some(notice);
    });
    let before = w.durable.notices.clone();
    w.durable.notices.clear();
    w.cell = Cell::new(settings(), None, Kept { new_at: Some(w.now), ..Kept::default() }, 9000);
    let config = w.durable.config.clone().unwrap();
    let change = w.cell.configure(config, w.now);
    w.keep(change);
    assert_eq!((&w.durable.notices, w.order(9)), (&before, None));
    w.tick(NOTICE_MS);
    assert!(w.durable.notices[&victim].told.ended);
}

#[test]
fn a_launch_that_is_given_up_leaves_the_notice_and_nothing_waits() {
    let mut w = World::full(SpotEnd::Terminate);
    let p = placed(w.claim(&[9], ClaimMarket::OnDemandPreempt)).remove(0);
    let over = w.cell.unclaim(&[HoldRef { instance: id(9), hold: p.hold }]);
    w.keep(Change { over, ..Change::default() });
    let victim = w.told()[0];
    // The next one takes the same promise: one notice, one time.
    w.tick(1000);
    let p = placed(w.claim(&[10], ClaimMarket::OnDemandPreempt)).remove(0);
    assert_eq!((w.told(), p.not_before_ms), (vec![victim], Some(NOW.0 + NOTICE_MS)));
}

#[test]
fn the_price_rises_with_load_and_ends_who_does_not_pay_it() {
    let mut w = World::full(SpotEnd::Terminate);
    let price = |w: &World| w.cell.report(w.now).spot_price.unwrap();
    assert_eq!(w.tick(PRICE_EVERY_MS), [], "spot itself does not make it dear");
    assert_eq!(price(&w), 100);
    let mut w = World { cell: Cell::new(settings(), Some(config(&[])), Kept::default(), 7), ..w };
    w.durable = Durable::default();
    w.report(&[]);
    assert_eq!(w.claim(&[1], ClaimMarket::Spot { price_max: 99 }), ClaimReply::PriceTooLow { now: 100 });
    let cheap = placed(w.claim(&[1], ClaimMarket::Spot { price_max: 300 })).remove(0);
    let rest = placed(w.claim(&[2, 3, 4], ClaimMarket::OnDemand));
    w.configure(|c| {
        c.instances.push(CellInstance {
            spot: Some(CellSpot { price_max: 300, on_interruption: SpotEnd::Terminate, notice: None }),
            ..instance(&cheap, None)
        });
        c.instances.extend(rest.iter().map(|p| instance(p, None)));
    });
    let (mut before, mut told, mut hours) = (100, Vec::new(), 0);
    while told.is_empty() && hours < 100 {
        let running: Vec<_> = (1..=4).map(|n| (n, w.host_of(n), VmState::Running)).collect();
        w.report(&running);
        told = w.tick(3_600_000);
        assert!(price(&w) >= before);
        before = price(&w);
        hours += 1;
        if hours == 1 {
            w.restart();
            assert_eq!(price(&w), before, "it is not forgotten");
        }
    }
    assert_eq!(told, [id(1)]);
    let notice = w.durable.notices[&id(1)].clone();
    assert_eq!(notice.told.cause, SpotCause::Price { now: before, max: 300 });
    assert_eq!((notice.told.at_ms, notice.waits), (w.now.0 + NOTICE_MS, None));
    assert_eq!(w.order(1), Some(Desired::Running));
    w.tick(NOTICE_MS);
    assert_eq!(w.order(1), Some(Desired::Terminated));
}
