//! A storage node: keeps shards durably, checks them, repairs them with its peers.
//!
//! [`role`] is the process; [`service`] answers calls; [`log`] keeps the bytes in segment files ([`format`]), synchronously,
//! over a [`disk`].

pub mod batch;
pub mod compact;
pub mod digest;
pub mod disk;
pub mod format;
pub mod log;
mod read;
pub mod recover;
pub mod repair;
pub mod role;
pub mod scrub;
pub mod service;
pub mod sim;
pub mod state;
mod sys;
pub mod write;

pub use repair::RepairPace;
pub use role::{NodeError, NodeOptions, run_with};
pub use scrub::ScrubPace;
