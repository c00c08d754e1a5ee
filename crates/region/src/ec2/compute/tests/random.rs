//! Random lives: whatever is asked and reported in whatever order, the rules hold and nothing is left in the end.

use super::super::state::{Event, transition};
use super::super::testing::{World, texts};
use super::super::types;
use crate::context::Question;
use crate::rows::{Instance, InstanceState, Interface, PublicIp, TagSet};
use proptest::prelude::*;
use std::collections::BTreeMap;
use types_crate::InstanceId;
use wire::host::{Reachability, VmState};

use ::types as types_crate;

#[derive(Debug, Clone)]
enum Step {
    Run(u32),
    Call(&'static str, usize),
    /// Which instance, what of it, and how many boots ago.
    Report(usize, VmState, u64),
}

fn step() -> impl Strategy<Value = Step> {
    let state = prop_oneof![
        1 => Just(VmState::Starting),
        3 => Just(VmState::Running),
        1 => Just(VmState::Stopping),
        2 => Just(VmState::Stopped { by_guest: false }),
        1 => Just(VmState::Stopped { by_guest: true }),
        2 => Just(VmState::Gone),
        1 => Just(VmState::Failed { reason: "broken".into() }),
    ];
    let verb = prop_oneof![Just("StartInstances"), Just("StopInstances"), Just("RebootInstances"), Just("TerminateInstances")];
    prop_oneof![
        2 => (1u32..4).prop_map(Step::Run),
        4 => (verb, 0usize..12).prop_map(|(v, i)| Step::Call(v, i)),
        8 => (0usize..12, state, prop_oneof![4 => Just(0u64), 1 => Just(1u64)]).prop_map(|(i, s, b)| Step::Report(i, s, b)),
    ]
}

fn rows(w: &World) -> BTreeMap<InstanceId, Instance> {
    w.db.all::<Instance>().map(|i| (i.id, (*i).clone())).collect()
}

fn reachable(from: InstanceState, to: InstanceState) -> bool {
    from == to || Event::ALL.iter().any(|e| transition(from, *e) == Ok(to))
}

fn check(w: &World, before: &BTreeMap<InstanceId, Instance>) {
    let after = rows(w);
    for (id, row) in &after {
        match before.get(id) {
            None => assert_eq!(row.state, InstanceState::Pending),
            Some(old) => {
                assert!(reachable(old.state, row.state), "{:?} -> {:?}", old.state, row.state);
                assert!(row.boot >= old.boot && row.reboot >= old.reboot && row.host == old.host);
            }
        }
        let interfaces: Vec<_> =
            w.db.all::<Interface>().filter(|i| i.attachment.as_ref().is_some_and(|a| a.instance == *id)).collect();
        if row.state == InstanceState::Terminated {
            assert!(interfaces.is_empty() && row.interfaces.is_empty() && row.terminated.is_some());
            continue;
        }
        assert_eq!(interfaces.iter().map(|i| i.id).collect::<Vec<_>>(), row.interfaces);
        // The default subnets give public addresses: one while it is up, none while it is stopped.
        let public = interfaces[0].auto_public_ip.is_some();
        match row.state {
            InstanceState::Pending | InstanceState::Running | InstanceState::Stopping => assert!(public),
            InstanceState::Stopped => assert!(!public),
            InstanceState::ShuttingDown | InstanceState::Terminated => {}
        }
    }
    let held = w.db.all::<Interface>().filter(|i| i.auto_public_ip.is_some()).count();
    assert_eq!(w.db.all::<PublicIp>().count(), held);
    let addresses: std::collections::BTreeSet<_> = w.db.all::<Interface>().map(|i| i.ipv4[0]).collect();
    assert_eq!(addresses.len(), w.db.all::<Interface>().count());
    for question in &w.asked {
        let Question::Claim { cell, request } = question else { panic!("{question:?}") };
        let Some(row) = request.instances.first().and_then(|id| after.get(id)) else { continue };
        let (_, size) = types::find(&row.instance_type).unwrap();
        assert_eq!(
            (request.size.vcpus, request.size.memory_mib, request.size.disk_gib),
            (size.vcpus, size.memory_mib, row.root_disk_gib)
        );
        assert!(request.on_host.as_ref().is_none_or(|h| *h == row.host && *cell == row.cell));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]
    #[test]
    fn random_lives_keep_the_rules(steps in proptest::collection::vec(step(), 1..60)) {
        let mut w = World::new();
        let (mut ids, tagged) = (Vec::<String>::new(), "TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=a&TagSpecification.1.Tag.1.Value=b");
        for s in steps {
            let before = rows(&w);
            w.asked.clear();
            w.now.0 += 1000;
            match s {
                Step::Run(count) => {
                    let p = format!("ImageId=ami-micro&InstanceType=t3.micro&MinCount=1&MaxCount={count}&{tagged}");
                    match w.call("RunInstances", &p) {
                        Ok(reply) => {
                            let mut new = texts(&reply, "instanceId");
                            new.dedup();
                            ids.extend(new);
                        }
                        Err(e) => prop_assert!(e.is("InsufficientInstanceCapacity"), "{e}"),
                    }
                }
                Step::Call(verb, i) if !ids.is_empty() => {
                    let id = ids[i % ids.len()].clone();
                    if let Err(e) = w.call(verb, &format!("InstanceId.1={id}")) {
                        prop_assert!(e.is("IncorrectInstanceState") || e.is("InsufficientInstanceCapacity"), "{e}");
                        prop_assert_eq!(&rows(&w), &before);
                    }
                }
                Step::Report(i, state, ago) if !ids.is_empty() => {
                    let mut report = w.report(&ids[i % ids.len()].clone(), state);
                    report.boot = report.boot.saturating_sub(ago);
                    report.reachability = Reachability::Ok;
                    w.observe(&report);
                    let once = rows(&w);
                    w.observe(&report);
                    prop_assert_eq!(&rows(&w), &once, "a report twice");
                }
                Step::Call(..) | Step::Report(..) => {}
            }
            check(&w, &before);
        }
        for id in &ids {
            w.ok("TerminateInstances", &format!("InstanceId.1={id}"));
            w.see(id, VmState::Gone);
        }
        prop_assert_eq!(w.db.all::<Interface>().count() + w.db.all::<PublicIp>().count(), 0);
        w.now.0 += 3_600_000;
        super::super::forget_terminated(&mut w.db, w.now);
        prop_assert_eq!(w.db.all::<Instance>().count() + w.db.all::<TagSet>().count(), 0);
    }
}
