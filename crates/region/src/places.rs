//! Which interfaces an operator means, and the hosts that they are on: of all accounts, so never for the API.

use crate::db::Db;
use crate::ec2::network::{address, endpoint};
use crate::rows::{BalancerNode, Instance, InstanceState, Interface, NatGateway};
use platform::Settings;
use std::net::IpAddr;
use wire::trace::{Place, PlaceQuery, Places};

/// Of addresses that many VPCs have: what is not shown could not be told apart either.
const PLACES_MAX: usize = 100;

pub fn find(db: &Db, settings: &Settings, query: &PlaceQuery) -> Places {
    let mut found = Places { places: Vec::new(), service: None };
    let interfaces = || db.all::<Interface>();
    found.places = match query {
        PlaceQuery::Instance(id) => {
            let instance = db.all::<Instance>().find(|i| i.id == *id);
            let of = instance.iter().flat_map(|i| i.interfaces.iter().filter_map(|n| db.get::<Interface>(&i.account, n)));
            of.map(|n| place(db, &n)).collect()
        }
        PlaceQuery::Interface(id) => interfaces().filter(|n| n.id == *id).map(|n| place(db, &n)).collect(),
        PlaceQuery::Address { address: wanted, vpc } => interfaces()
            .filter(|n| vpc.is_none_or(|v| v == n.vpc))
            .filter(|n| {
                let public = |p| address::associated(db, n, p).is_some_and(|a| IpAddr::from(a.public_ip) == *wanted);
                addresses(n).any(|a| a == *wanted) || wanted.is_ipv4() && n.ipv4.iter().any(|p| public(*p))
            })
            .take(PLACES_MAX)
            .map(|n| place(db, &n))
            .collect(),
        PlaceQuery::Service(name) => {
            let name = name.to_ascii_lowercase();
            let is = |s: &wire::net::ServiceConfig| {
                name == s.name || name == s.domain || name.strip_suffix(&s.domain).is_some_and(|rest| rest.ends_with('.'))
            };
            found.service = endpoint::services_to_wire(settings).into_iter().find(is);
            Vec::new()
        }
    };
    found
}

fn place(db: &Db, n: &Interface) -> Place {
    let instance = n.attachment.as_ref().map(|a| a.instance);
    let on_host = |s: InstanceState| !matches!(s, InstanceState::Stopped | InstanceState::Terminated);
    let of_instance = instance.and_then(|id| db.all::<Instance>().find(|i| i.id == id && on_host(i.state)));
    let gateway = || db.all::<NatGateway>().find(|g| g.interface == Some(n.id) && g.state.is_wanted());
    let node = || db.get::<BalancerNode>(&n.account, n.id);
    let router = || gateway().and_then(|g| g.place.clone()).or_else(|| node()?.place.clone());
    let host = match of_instance {
        Some(i) => Some(i.host.clone()),
        None => router().map(|p| p.host),
    };
    Place { account: n.account.clone(), interface: n.id, vpc: n.vpc, addresses: addresses(n).collect(), instance, host }
}

fn addresses(n: &Interface) -> impl Iterator<Item = IpAddr> + '_ {
    n.ipv4.iter().map(|a| IpAddr::from(*a)).chain(n.ipv6.iter().map(|a| IpAddr::from(*a)))
}
