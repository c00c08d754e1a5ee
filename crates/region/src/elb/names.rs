//! Names of load balancers, and the addresses that stand behind them.
//!
//! As on AWS a name is the region's, not a VPC's, and gives the addresses of the zones that can serve. A zone cannot where its
//! node is not there, is lost, or has no target that works in a group for which another zone's node has one; when no zone is
//! left all are told. Who resolves: the VPCs' resolvers ([`wire::net::NameConfig`]).

use super::nodes;
use super::rows::{BalancerNode, Kind, LoadBalancer, NodeState};
use crate::db::Db;
use crate::ec2::network::public_ip_of;
use crate::rows::Interface;
use platform::Settings;
use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::rc::Rc;
use types::VpcId;
use wire::api::{BalancerNodeSummary, BalancerSummary};
use wire::net::NameConfig;

/// As AWS makes them: of application load balancers with a number, of network load balancers with the id.
pub fn dns_name(settings: &Settings, b: &LoadBalancer) -> String {
    let region = &settings.region;
    match b.kind {
        Kind::Application => {
            let number = u64::from_str_radix(&b.id, 16).unwrap_or_default() % 10_000_000_000;
            let internal = if b.internet_facing { "" } else { "internal-" };
            format!("{internal}{}-{number}.{region}.elb.amazonaws.com", b.name)
        }
        Kind::Network => format!("{}-{}.elb.{region}.amazonaws.com", b.name, b.id),
    }
}

/// What hosts with these VPCs are told: those that face the internet, and the VPCs' own.
pub fn names(db: &Db, settings: &Settings, vpcs: &BTreeSet<VpcId>) -> Vec<NameConfig> {
    let told = db.all::<LoadBalancer>().filter(|b| b.internet_facing || vpcs.contains(&b.vpc));
    let named = told.map(|b| NameConfig { name: dns_name(settings, &b).to_ascii_lowercase(), addresses: addresses(db, &b) });
    let mut names: Vec<_> = named.collect();
    names.sort_by(|a, b| a.name.cmp(&b.name));
    names
}

fn addresses(db: &Db, b: &LoadBalancer) -> Vec<Ipv4Addr> {
    let nodes = nodes::of(db, b);
    let mut told: Vec<_> = serving(db, &nodes).iter().filter_map(|n| address(db, b, n)).collect();
    told.sort_unstable();
    told
}

fn address(db: &Db, b: &LoadBalancer, n: &BalancerNode) -> Option<Ipv4Addr> {
    let interface = db.get::<Interface>(&n.account, n.interface)?;
    if b.internet_facing { public_ip_of(db, &interface) } else { interface.ipv4.first().copied() }
}

/// Those whose addresses are told.
fn serving(db: &Db, nodes: &[Rc<BalancerNode>]) -> Vec<Rc<BalancerNode>> {
    let there = |n: &&Rc<BalancerNode>| n.state == NodeState::Up && !db.balancers.is_lost(n.interface);
    let there: Vec<_> = nodes.iter().filter(there).cloned().collect();
    let groups = |n: &Rc<BalancerNode>| db.balancers.status(n.interface).into_iter().flat_map(|s| &s.target_groups);
    let fails = |g: &wire::balancer::TargetGroupStatus| g.fail_open || g.targets.is_empty();
    let working: BTreeSet<&str> = there.iter().flat_map(groups).filter(|g| !fails(g)).map(|g| g.arn.as_str()).collect();
    let whole = |n: &&Rc<BalancerNode>| !groups(n).any(|g| fails(g) && working.contains(g.arn.as_str()));
    let whole: Vec<_> = there.iter().filter(whole).cloned().collect();
    [whole, there].into_iter().find(|some| !some.is_empty()).unwrap_or_else(|| nodes.to_vec())
}

/// For the operator, of all accounts.
pub fn summaries(db: &Db, settings: &Settings) -> Vec<BalancerSummary> {
    let one = |b: Rc<LoadBalancer>| {
        let nodes = nodes::of(db, &b);
        let told: BTreeSet<_> = serving(db, &nodes).iter().map(|n| n.interface).collect();
        let node = |n: &Rc<BalancerNode>| {
            let interface = db.get::<Interface>(&n.account, n.interface)?;
            Some(BalancerNodeSummary {
                zone: n.az.clone(),
                interface: n.interface,
                host: n.place.as_ref().map(|p| p.host.clone()),
                private_ip: *interface.ipv4.first()?,
                public_ip: public_ip_of(db, &interface),
                named: told.contains(&n.interface),
            })
        };
        BalancerSummary {
            account: b.account.clone(),
            name: b.path(),
            dns_name: dns_name(settings, &b),
            state: b.state.word().to_owned(),
            nodes: nodes.iter().filter_map(node).collect(),
        }
    };
    db.all::<LoadBalancer>().map(one).collect()
}
