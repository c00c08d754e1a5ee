//! A region under virtual time: the schedulers of this crate, with simulated hosts, network, stores and faults.
//!
//! One thread, one seed: the same seed gives the same trace, event by event ([`Report::trace`]). The actors ([`region`],
//! [`cell`], [`host`]) are functions from a message or the time to messages; the network between them delays, loses, doubles
//! and cuts ([`net`]). What must hold is checked by [`check`], which looks at what hosts run and what the region promised,
//! never at the schedulers' own books. Regions share nothing, so several are several runs.

mod cell;
mod check;
mod faults;
mod host;
mod message;
mod net;
mod region;
mod report;
mod settings;
mod world;

pub use check::Violation;
pub use faults::{Fault, Script};
pub use net::Network;
pub use report::{Blast, Report, Sample};
pub use settings::{Load, Settings};
pub use world::run;
