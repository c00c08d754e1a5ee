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
mod verdict;

use compare::{Counts, Failure, Plan, run};
use generate::Features;
use verdict::{Mutation, Why};

/// What the engine does already.
const FEATURES: Features = Features { acls: true, nat: true, peering: true, transit: true, endpoints: true };

const NETWORKS: u64 = 1000;

fn check(seed: u64) -> Counts {
    let plan = Plan::new(seed, FEATURES);
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
        all.add(&check(seed));
    }
    println!("{networks} networks: {all:#?}");
    if networks < NETWORKS {
        return;
    }
    // Nothing that the test is about is missing from what it saw.
    assert!(all.probes > 50 * networks, "{all:?}");
    assert!(all.delivered > 10 * networks && all.answered > 5 * networks && all.outside > networks, "{all:?}");
    assert!(all.services > networks / 4 && all.went_on > 2 * networks && all.ended_by_change > networks / 10, "{all:?}");
    assert!(all.unsure * 200 < all.probes, "the model decides: {all:?}");
    let mut seen = vec![
        Why::SourceCheck,
        Why::GroupEgress,
        Why::GroupIngress,
        Why::NoRoute,
        Why::Blackhole,
        Why::Hairpin,
        Why::NoSuchDestination,
        Why::NotPlaced,
        Why::DestinationCheck,
        Why::NoPublicAddress,
        Why::PublicUnowned,
        Why::Service,
        Why::TtlExpired,
    ];
    if FEATURES.acls {
        seen.extend([Why::AclEgress, Why::AclIngress]);
    }
    if FEATURES.nat {
        seen.extend([Why::NatUnasked, Why::NatProtocol]);
    }
    if FEATURES.transit {
        seen.push(Why::Beyond);
    }
    for why in seen {
        assert!(all.dropped.get(&why).is_some_and(|n| *n >= 5), "{why:?}: {all:?}");
    }
}

#[test]
fn every_mutation_is_caught() {
    use Mutation::*;
    // (what, whether the engine has what it is about)
    let rows = [
        (AclHighestFirst, FEATURES.acls),
        (AclDefaultAllow, FEATURES.acls),
        (AclWithinSubnet, FEATURES.acls),
        (AclStateful, FEATURES.acls),
        (AclIngressByDestination, FEATURES.acls),
        (ShortestPrefix, true),
        (BlackholeIgnored, true),
        (RepliesNotTracked, true),
        (TrackedEndsWithItsRule, true),
        (GroupEgressOpen, true),
        (PortRangeExclusive, true),
        (IcmpTypeIgnored, true),
        (GroupMeansNobody, true),
        (PrefixListMeansAll, true),
        (NoDestinationCheck, true),
        (NoSourceCheck, true),
        (PublicSeenAsPrivate, true),
        (UnplacedReached, true),
        (NatKeepsSource, FEATURES.nat),
        (NatOpenFromOutside, FEATURES.nat),
        (NatReturnNotJudged, FEATURES.nat && FEATURES.acls),
        (PeeringTransitive, FEATURES.peering),
        (PeersGroupsUnknown, FEATURES.peering),
        (TransitIgnoresFarTable, FEATURES.transit),
        (EndpointIsInternet, FEATURES.endpoints),
    ];
    for (wrong, _) in rows.into_iter().filter(|(_, applies)| *applies) {
        let caught = (0..NETWORKS).find(|&seed| {
            let plan = Plan::new(seed, FEATURES);
            matches!(run(&plan, Some(wrong)), Err(Failure::Mismatch(_))) && run(&plan, None).is_ok()
        });
        println!("{wrong:?}: seed {caught:?}");
        assert!(caught.is_some(), "{wrong:?} goes unnoticed");
    }
}
