//! The region's HTTP front: proves who asks, limits how much, and hands the request to the control plane.
//!
//! It holds no state but the pushed identities (ledgers, so it goes on when the control plane is dead) and decides
//! nothing about resources. Not here: what an operation means (region), shapes and signatures (aws-protocol).
//!
//! ```text
//!  connection ── head limits ── /healthz, /readyz
//!      │
//!      ├─ admit      requests in flight (503 at once when full)
//!      ├─ body       1 MiB, in time
//!      ├─ verify     SigV4 against the pushed keys, our region in the scope
//!      ├─ classify   service, protocol, action; form from body and query
//!      ├─ throttle   token bucket an account and class
//!      ├─ kms        what is done with keys, from the pushed ones
//!      └─ forward    region/Api within the deadline, or the AWS error that makes a client try again
//! ```

mod answer;
pub mod audit;
mod body;
mod classify;
mod forward;
mod handle;
pub mod identity;
mod kms;
mod s3;
mod server;
mod throttle;

#[cfg(test)]
mod tests;

pub use s3::topology as object_topology;
pub use s3::worker;
pub use server::{GatewayError, run};
