//! Route tables: longest prefix first.

use types::{InterfaceId, Ipv4Cidr};
use wire::net::{Route, RouteTarget};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    Local,
    InternetGateway,
    Blackhole,
    Interface(InterfaceId),
}

#[derive(Debug, Default)]
pub(crate) struct RouteTable(Vec<(u32, u32, Target)>);

impl RouteTable {
    pub fn compile(routes: &[Route]) -> Self {
        let mut sorted: Vec<(Ipv4Cidr, Target)> = routes
            .iter()
            .map(|r| {
                let target = match r.target {
                    RouteTarget::Local => Target::Local,
                    RouteTarget::InternetGateway => Target::InternetGateway,
                    RouteTarget::Blackhole => Target::Blackhole,
                    RouteTarget::Interface(id) | RouteTarget::NatGateway(id) => Target::Interface(id),
                    RouteTarget::Peering(_) | RouteTarget::TransitGateway(_) | RouteTarget::Endpoint(_) => Target::Blackhole,
                };
                (r.destination, target)
            })
            .collect();
        sorted.sort_by_key(|(c, _)| std::cmp::Reverse(c.prefix_len()));
        Self(sorted.into_iter().map(|(c, t)| (c.first().into(), c.mask(), t)).collect())
    }

    /// Walks the list: tables are short (EC2 allows 1,000 routes at most) and only a flow's first packet asks.
    pub fn lookup(&self, destination: u32) -> Option<Target> {
        self.0.iter().find(|(network, mask, _)| destination & mask == *network).map(|(_, _, t)| *t)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_prefix_wins_in_any_order() {
        let route = |c: &str, target| Route { destination: c.parse().unwrap(), target };
        let table = RouteTable::compile(&[
            route("0.0.0.0/0", RouteTarget::InternetGateway),
            route("10.0.1.0/24", RouteTarget::Blackhole),
            route("10.0.0.0/16", RouteTarget::Local),
        ]);
        let at = |a: &str| table.lookup(a.parse::<std::net::Ipv4Addr>().unwrap().into());
        assert_eq!(at("10.0.1.9"), Some(Target::Blackhole));
        assert_eq!(at("10.0.2.9"), Some(Target::Local));
        assert_eq!(at("8.8.8.8"), Some(Target::InternetGateway));
        assert_eq!(RouteTable::compile(&[]).lookup(1), None);
    }
}
