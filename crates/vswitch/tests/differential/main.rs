//! Generated networks: an independent model and real packets through several switches decide the same.
//!
//! `STRATOCELL_SOAK=n` adds n x 100 seeds to the fixed ones; `STRATOCELL_SEED=S` runs one and says what it did. A mismatch is shrunk
//! and printed with its seed.

mod compare;
mod generate;
mod lab;
mod model;
mod probe;
mod rules;
mod shrink;
mod six;
mod trace;
mod verdict;
mod views;

use compare::{Counts, Failure, Plan, run};
use verdict::{Mutation, Why};

const NETWORKS: u64 = 1000;

fn check(seed: u64, asks: bool) -> Counts {
    let plan = Plan { asks, ..Plan::new(seed) };
    match run(&plan, None) {
        Ok(counts) => counts,
        Err(Failure::Refused(e)) => panic!("seed {seed}: {e}"),
        Err(Failure::Mismatch(m)) => {
            let (plan, smaller) = shrink::shrink(plan, *m.clone());
            panic!("seed {seed}: {m}\nshrunk to {smaller}\nin\n{}\nseed {seed}: {smaller}", shrink::describe(&plan));
        }
    }
}

#[test]
fn packets_go_where_the_model_says() {
    let seeds: Vec<u64> = match std::env::var("STRATOCELL_SEED") {
        Ok(one) => vec![one.parse().unwrap()],
        Err(_) => {
            let more: u64 = std::env::var("STRATOCELL_SOAK").ok().and_then(|n| n.parse().ok()).unwrap_or(0);
            (0..NETWORKS + 100 * more).collect()
        }
    };
    let mut all = Counts::default();
    let networks = seeds.len() as u64;
    for seed in seeds {
        all.add(&check(seed, false));
    }
    println!("{networks} networks: {all:#?}");
    if networks < NETWORKS {
        return;
    }
    // Nothing that the test is about is missing from what it saw.
    assert!(all.packets > 50 * networks, "{all:?}");
    assert!(all.delivered > 10 * networks && all.answered > 5 * networks && all.outside > networks, "{all:?}");
    assert!(all.services > networks / 4 && all.went_on > 2 * networks && all.ended_by_change > networks / 10, "{all:?}");
    assert!(all.six > 15 * networks && all.six_delivered > 4 * networks && all.six_outside > networks / 2, "{all:?}");
    assert!(all.foretold > 30 * networks && all.unsure * 200 < all.packets, "the model decides: {all:?}");
    let seen = [
        Why::SourceCheck,
        Why::GroupEgress,
        Why::GroupIngress,
        Why::AclEgress,
        Why::AclIngress,
        Why::NoRoute,
        Why::Blackhole,
        Why::Hairpin,
        Why::NoSuchDestination,
        Why::NotPlaced,
        Why::DestinationCheck,
        Why::NoPublicAddress,
        Why::PublicUnowned,
        Why::NatUnasked,
        Why::NatProtocol,
        Why::Beyond,
        Why::Service,
        Why::TtlExpired,
        Why::EgressOnly,
        Why::NoIpv6,
    ];
    for why in seen {
        assert!(all.dropped.get(&why).is_some_and(|n| *n >= 5), "{why:?}: {all:?}");
    }
}

/// The same networks, where every VPC is a large one: hosts know their own interfaces and ask for all others.
#[test]
fn what_is_asked_for_is_decided_as_what_is_pushed() {
    let mut all = Counts::default();
    for seed in 0..NETWORKS {
        all.add(&check(seed, true));
    }
    println!("{all:#?}");
    assert!(all.packets > 50 * NETWORKS && all.unsure * 200 < all.packets, "{all:?}");
    assert!(all.delivered > 10 * NETWORKS && all.answered > 5 * NETWORKS && all.went_on > 2 * NETWORKS, "{all:?}");
    assert!(all.six > 15 * NETWORKS && all.six_delivered > 4 * NETWORKS, "{all:?}");
    assert!(all.asked > 5 * NETWORKS && all.silent > NETWORKS / 2, "{all:?}");
    for why in [Why::GroupEgress, Why::GroupIngress, Why::NoSuchDestination, Why::NotPlaced, Why::Hairpin, Why::NatUnasked] {
        assert!(all.dropped.get(&why).is_some_and(|n| *n >= 5), "{why:?}: {all:?}");
    }
}

#[test]
fn every_mutation_is_caught() {
    use Mutation::*;
    let all = [
        AclHighestFirst,
        AclDefaultAllow,
        AclWithinSubnet,
        AclStateful,
        AclIngressByDestination,
        ShortestPrefix,
        BlackholeIgnored,
        RepliesNotTracked,
        TrackedEndsWithItsRule,
        GroupEgressOpen,
        PortRangeExclusive,
        IcmpTypeIgnored,
        GroupMeansNobody,
        PrefixListMeansAll,
        NoDestinationCheck,
        NoSourceCheck,
        PublicSeenAsPrivate,
        UnplacedReached,
        NatKeepsSource,
        NatOpenFromOutside,
        NatReturnNotJudged,
        PeeringTransitive,
        PeersGroupsUnknown,
        TransitIgnoresFarTable,
        EndpointIsInternet,
        EgressOnlyIsOpen,
        EchoOfIpv4,
        RulesOfIpv4,
        OutsideSeenAsNobody,
    ];
    for wrong in all {
        let caught = (0..NETWORKS).find(|&seed| {
            let plan = Plan::new(seed);
            matches!(run(&plan, Some(wrong)), Err(Failure::Mismatch(_))) && run(&plan, None).is_ok()
        });
        println!("{wrong:?}: seed {caught:?}");
        assert!(caught.is_some(), "{wrong:?} goes unnoticed");
    }
}
