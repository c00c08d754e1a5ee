//! Elastic Load Balancing, version 2: application and network load balancers, their listeners, rules and target groups.
//!
//! ```text
//!  CreateLoadBalancer ─► row, an interface and a node a zone ─► place: a host ─► compile: its document ─► push: cell, host, process
//!  reports of processes ─► place: nodes up, `active` · health: what DescribeTargetHealth says
//! ```
//! A node outlives its load balancer until its host holds it no more; then its interface goes. What would have no effect here
//! is refused by name when it is set to anything but AWS's default. Sources: ELBv2 API Reference, the user guides of Application
//! and Network Load Balancers.

mod account;
mod action;
mod arn;
mod attributes;
mod balancer;
mod certificate;
mod change;
mod check;
pub mod compile;
mod condition;
mod group;
pub mod health;
mod health_check;
mod listener;
mod logs;
pub mod names;
pub mod network;
mod nodes;
pub mod place;
mod policy;
pub mod rows;
mod rule;
mod sign_in;
pub mod tags;
mod target;
#[cfg(test)]
mod tests;
mod tickets;
mod trust_store;
mod usage;

pub use certificate::users as users_of_certificate;
pub use target::settle as settle_targets;
pub use tickets::turn as turn_ticket_keys;

use crate::context::Ctx;
use crate::dispatch::Table;
use crate::rows::LoadBalancer;

pub fn register(table: &mut Table) {
    balancer::register(table);
    change::register(table);
    attributes::register(table);
    group::register(table);
    target::register(table);
    health::register(table);
    listener::register(table);
    certificate::register(table);
    rule::register(table);
    tags::register(table);
    policy::register(table);
    trust_store::register(table);
    account::register(table);
}

/// The ARNs of the caller's load balancers.
pub fn balancers(ctx: &Ctx) -> Vec<String> {
    ctx.db.list::<LoadBalancer>(&ctx.caller.account).map(|b| arn::balancer(ctx.settings, &b)).collect()
}
