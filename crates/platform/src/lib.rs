//! The seams to the world: clock, randomness, durable files, processes, and the RPC between roles.
//!
//! Everything else in the product decides; this crate touches. What the simulator must replace stands behind a trait
//! ([`Clock`], [`Rng`]); the rest is plain functions.

pub mod bulk;
pub mod clock;
pub mod descriptors;
pub mod disk;
pub mod handover;
pub mod keeper;
pub mod layout;
pub mod ledger;
pub mod links;
pub mod memory;
pub mod process;
mod quiet;
pub mod rng;
pub mod root_key;
pub mod rpc;
pub mod settings;
pub mod shared;
pub mod tls;
pub mod tpm;

pub use clock::{Clock, SimClock, SystemClock};
pub use layout::DataDir;
pub use ledger::{Ledger, LedgerError};
pub use rng::{Rng, SeededRng, SystemRng};
pub use settings::Settings;
pub use tls::Identity;
