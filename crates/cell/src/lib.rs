//! The cell controller: which host, what each host should do, and what is true on them.
//!
//! ```text
//!  region ──Claim──────► books ──► hold (store, durable)
//!  region ──CellConfig─► ledger ─► compile ─► one HostConfig a host ─► push
//!  hosts  ──HostReport─► state ──► CellReport ─► region
//! ```
//! Decisions are pure functions of [`state::Cell`]; [`controller`] waits and sends. The store keeps what must survive: holds
//! that the region has not confirmed yet, and each host's generation. Everything else comes back from the region's document
//! (the ledger has the last one) and from the hosts' reports.

mod books;
pub mod compile;
pub mod controller;
pub mod state;

pub use controller::{RunError, run};
