//! The region's control plane: resources, their rules, and the documents that make cells and the edge act on them.
//!
//! ```text
//!  gateway ──Api──► service ──► dispatch ──► ec2::*, elb, … ──► Db ──commit──► store
//!                      │                                          │
//!            asks cells (room, console)                  compile ─┴─► push: cells, edge, gateway
//!  cells ──CellReport──► observe ──► Db
//! ```
//! Operations are synchronous functions over the rows; [`service`] is the only place that waits.

pub mod account;
pub mod acm;
pub mod audit;
pub mod authz;
mod cells;
pub mod compile;
pub mod context;
pub mod db;
pub mod directory;
pub mod dispatch;
pub mod ec2;
pub mod elb;
pub mod filter;
pub mod iam;
pub mod kms;
pub mod observe;
pub mod page;
mod placed;
mod places;
pub mod push;
pub mod quota;
pub mod rows;
mod saml;
mod sealed;
pub mod service;
pub mod ssm;
pub mod sts;
pub mod tags;
pub mod trail;
mod zones;

pub use service::{RunError, run};

/// Every operation that is served.
pub fn operations() -> dispatch::Table {
    let mut table = dispatch::Table::default();
    acm::register(&mut table);
    ec2::register(&mut table);
    elb::register(&mut table);
    iam::register(&mut table);
    kms::register(&mut table);
    quota::register(&mut table);
    ssm::register(&mut table);
    sts::register(&mut table);
    trail::register(&mut table);
    table
}
