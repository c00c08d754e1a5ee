//! A smaller network that still fails: parts are left out one by one, as long as the mismatch stays.

use crate::compare::{Failure, Mismatch, Plan, run};
use crate::generate::Network;
use crate::verdict::End;
use crate::views;
use types::*;
use wire::net::*;

#[derive(Debug, Clone, Copy)]
enum Part {
    Before(usize),
    After(usize),
    Change,
    Vpc(VpcId),
    Port(InterfaceId),
    Rule(SecurityGroupRuleId),
    Route(RouteTableId, IpCidr),
    Acl(NetworkAclId),
    AclEntry(NetworkAclId, u16, Direction),
    Peering(PeeringId),
    TransitRoute(VpcId, IpCidr),
    Endpoint(VpcEndpointId),
    Public(std::net::Ipv4Addr),
    Membership(InterfaceId, SecurityGroupId),
    /// Moves an interface to the first host.
    Elsewhere(InterfaceId),
}

fn rules_of(g: &SecurityGroupConfig) -> Vec<SecurityGroupRuleId> {
    g.rules.iter().map(|r| r.id).chain(g.rules6.iter().map(|r| r.id)).collect()
}

const TRIES_MAX: usize = 20_000;

pub fn shrink(mut plan: Plan, mut mismatch: Mismatch) -> (Plan, Mismatch) {
    let mut tries = 0;
    loop {
        let before = tries;
        let mut smaller = false;
        for part in parts(&plan).into_iter().rev() {
            let candidate = without(&plan, part);
            tries += 1;
            if let Some(candidate) = candidate
                && let Err(Failure::Mismatch(m)) = run(&candidate, None)
                && alike(&m, &mismatch)
            {
                (plan, mismatch, smaller) = (candidate, *m, true);
            }
            if tries - before > TRIES_MAX {
                return (plan, mismatch);
            }
        }
        if !smaller || tries > TRIES_MAX {
            return (plan, mismatch);
        }
    }
}

/// Still the same disagreement, not another.
fn alike(a: &Mismatch, b: &Mismatch) -> bool {
    let kind = |end: &Result<End, String>| match end {
        Ok(End::Dropped(why)) => Some(why.iter().map(|(w, _)| *w).collect::<Vec<_>>()),
        Ok(_) => Some(vec![]),
        Err(_) => None,
    };
    a.step == b.step && kind(&a.lab) == kind(&b.lab) && kind(&Ok(a.model.clone())) == kind(&Ok(b.model.clone()))
}

fn parts(plan: &Plan) -> Vec<Part> {
    let mut parts: Vec<Part> = (0..plan.after.len()).map(Part::After).collect();
    let networks = || std::iter::once(&plan.net).chain(&plan.changed);
    for net in networks() {
        for i in &net.ports {
            let id = i.port.id;
            parts.extend(i.port.groups.iter().map(|g| Part::Membership(id, *g)));
            parts.extend(i.port.public.iter().map(|m| Part::Public(m.public)));
            parts.extend((i.host.is_some_and(|h| h > 0)).then_some(Part::Elsewhere(id)));
        }
        for v in &net.vpcs {
            parts.extend(v.security_groups.iter().flat_map(rules_of).map(Part::Rule));
            parts.extend(
                v.route_tables.iter().flat_map(|t| views::routes(t).into_iter().map(|r| Part::Route(t.id, r.destination))),
            );
            parts.extend(
                v.network_acls
                    .iter()
                    .flat_map(|a| views::entries(a).into_iter().map(|e| Part::AclEntry(a.id, e.number, e.direction))),
            );
            parts.extend(v.network_acls.iter().map(|a| Part::Acl(a.id)));
            parts.extend(v.peerings.iter().map(|p| Part::Peering(p.id)));
            parts.extend(
                v.transit
                    .iter()
                    .flat_map(|t| views::transit_routes(t).into_iter().map(|r| Part::TransitRoute(v.id, r.destination))),
            );
            parts.extend(v.endpoints.iter().map(|e| Part::Endpoint(e.id)));
        }
    }
    parts.extend(plan.net.ports.iter().map(|i| Part::Port(i.port.id)));
    parts.extend(plan.net.vpcs.iter().map(|v| Part::Vpc(v.id)));
    parts.extend((0..plan.before.len()).map(Part::Before));
    parts.extend(plan.changed.is_some().then_some(Part::Change));
    parts
}

fn without(plan: &Plan, part: Part) -> Option<Plan> {
    let mut plan = plan.clone();
    match part {
        Part::Before(i) if i < plan.before.len() => drop(plan.before.remove(i)),
        Part::After(i) if i < plan.after.len() => drop(plan.after.remove(i)),
        Part::Before(_) | Part::After(_) => return None,
        Part::Change => plan.changed = None,
        _ => {
            cut(&mut plan.net, part);
            plan.changed.iter_mut().for_each(|n| cut(n, part));
        }
    }
    let alive = |p: &crate::probe::Probe| p.from.is_none_or(|of| plan.net.ports.iter().any(|i| i.port.id == of));
    let all = plan.before.iter().chain(&plan.after).all(alive);
    (all && !(plan.before.is_empty() && plan.after.is_empty())).then_some(plan)
}

fn cut(net: &mut Network, part: Part) {
    match part {
        Part::Vpc(id) => {
            net.vpcs.retain(|v| v.id != id);
            net.ports.retain(|i| i.port.vpc != id);
            for v in &mut net.vpcs {
                v.peerings.retain(|p| p.peer != id);
                let leads = |t: TransitTarget| matches!(t, TransitTarget::Vpc { vpc, .. } if vpc == id);
                v.transit.iter_mut().for_each(|t| {
                    t.routes.retain(|r| !leads(r.target));
                    t.routes6.retain(|r| !leads(r.target));
                });
            }
        }
        Part::Port(id) => net.ports.retain(|i| i.port.id != id),
        Part::Public(address) => net.ports.iter_mut().for_each(|i| i.port.public.retain(|m| m.public != address)),
        Part::Membership(id, group) => {
            net.ports.iter_mut().filter(|i| i.port.id == id).for_each(|i| i.port.groups.retain(|g| *g != group));
        }
        Part::Elsewhere(id) => net.ports.iter_mut().filter(|i| i.port.id == id).for_each(|i| i.host = Some(0)),
        Part::Acl(id) => {
            for i in net.ports.iter_mut().filter(|i| i.port.network_acl == Some(id)) {
                i.port.network_acl = None;
            }
            net.vpcs.iter_mut().for_each(|v| v.network_acls.retain(|a| a.id != id));
        }
        Part::Before(_) | Part::After(_) | Part::Change => {}
        _ => net.vpcs.iter_mut().for_each(|v| cut_vpc(v, part)),
    }
}

fn cut_vpc(v: &mut VpcConfig, part: Part) {
    match part {
        Part::Rule(id) => v.security_groups.iter_mut().for_each(|g| {
            g.rules.retain(|r| r.id != id);
            g.rules6.retain(|r| r.id != id);
        }),
        Part::Route(table, destination) => {
            for t in v.route_tables.iter_mut().filter(|t| t.id == table) {
                t.routes.retain(|r| destination != r.destination.into() || r.target == RouteTarget::Local);
                t.routes6.retain(|r| destination != r.destination.into() || r.target == RouteTarget::Local);
            }
        }
        Part::AclEntry(acl, number, direction) => {
            for a in v.network_acls.iter_mut().filter(|a| a.id == acl) {
                a.entries.retain(|e| (e.number, e.direction) != (number, direction));
                a.entries6.retain(|e| (e.number, e.direction) != (number, direction));
            }
        }
        Part::Peering(id) => {
            v.peerings.retain(|p| p.id != id);
            v.route_tables.iter_mut().for_each(|t| {
                t.routes.retain(|r| r.target != RouteTarget::Peering(id));
                t.routes6.retain(|r| r.target != RouteTarget::Peering(id));
            });
        }
        Part::TransitRoute(vpc, destination) if vpc == v.id => {
            v.transit.iter_mut().for_each(|t| {
                t.routes.retain(|r| destination != r.destination.into());
                t.routes6.retain(|r| destination != r.destination.into());
            });
        }
        Part::Endpoint(id) => {
            v.endpoints.retain(|e| e.id != id);
            v.route_tables.iter_mut().for_each(|t| t.routes.retain(|r| r.target != RouteTarget::Endpoint(id)));
        }
        _ => {}
    }
}

/// The network on a page: what a person needs to follow the packet.
pub fn describe(plan: &Plan) -> String {
    let mut lines = vec![];
    for (when, net) in std::iter::once(("before", &plan.net)).chain(plan.changed.iter().map(|n| ("after the change", n))) {
        lines.push(format!("network, {when}:"));
        for v in &net.vpcs {
            lines.push(format!(
                "  {} {:?} {:?} open {} peerings {:?} transit {:?}",
                v.id, v.cidrs, v.cidrs6, v.open6, v.peerings, v.transit
            ));
            for t in &v.route_tables {
                lines.push(format!("    {}", t.id));
                lines.extend(views::routes(t).iter().map(|r| format!("      {} -> {:?}", r.destination, r.target)));
            }
            for g in &v.security_groups {
                lines.push(format!("    {}", g.id));
                lines.extend(g.rules.iter().map(|r| format!("      {:?} {:?} {:?}", r.direction, r.protocol, r.peer)));
                lines.extend(g.rules6.iter().map(|r| format!("      6: {:?} {:?} {:?}", r.direction, r.protocol, r.peer)));
            }
            for a in &v.network_acls {
                lines.push(format!("    {}", a.id));
                lines.extend(views::entries(a).iter().map(|e| format!("      {e:?}")));
            }
            lines.extend(v.prefix_lists.iter().map(|l| format!("    {} {:?} {:?}", l.id, l.entries, l.entries6)));
            lines.extend(v.endpoints.iter().map(|e| format!("    {e:?}")));
        }
        for i in &net.ports {
            let p = &i.port;
            lines.push(format!(
                "  {} of {} in {} {:?} on {:?}: {:?} {:?} public {:?} groups {:?} {} {:?} check {} {:?}",
                p.id,
                p.vpc,
                p.subnet_cidr,
                p.subnet_cidr6,
                i.host,
                p.ipv4,
                p.ipv6,
                p.public,
                p.groups,
                p.route_table,
                p.network_acl,
                p.source_dest_check,
                p.nat
            ));
        }
    }
    lines.extend(plan.before.iter().map(|p| format!("  before: {p:?}")));
    lines.extend(plan.after.iter().map(|p| format!("  after: {p:?}")));
    lines.join("\n")
}
