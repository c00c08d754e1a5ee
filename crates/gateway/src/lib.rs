//! The region's HTTP front: proves who asks, limits how much, and hands the request to the control plane.
//!
//! It holds no state but the pushed identities (ledgers, so it goes on when the control plane is dead) and decides
//! nothing about resources. Not here: what an operation means (region), shapes and signatures (aws-protocol).
//!
//! ```text
//!  connection ── seats, head limits ── /healthz, /readyz
//!      │
//!      │  from cards: the same for S3 alone, through a VPC's endpoint (`through`)
//!      │
//!      ├─ body       1 MiB, in time, in a place of the account that the request claims
//!      ├─ verify     SigV4 against the pushed keys, our region in the scope
//!      ├─ classify   service, protocol, action; form from body and query
//!      ├─ throttle   AWS's token buckets, an account each
//!      ├─ admit      a place of the account among the requests in flight, or its queue
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
mod limits;
mod s3;
mod server;
mod through;

#[cfg(test)]
mod tests;

pub use s3::topology as object_topology;
pub use s3::worker;
pub use server::{GatewayError, run};
