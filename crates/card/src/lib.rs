//! The card: one unprivileged process a host that carries its guests' packets.
//!
//! VMs attach by shared memory (vhost-user over a unix socket a port, the VMM is the client), sandboxes by a TAP's descriptor
//! over the same socket; other hosts are reached
//! by VXLAN over UDP; what happens to a packet is decided by the `vswitch` crate. One thread ([`worker`]) does all of
//! that; the async side ([`role`]) takes configurations, answers questions and hands guests' connections to services on.
//!
//! ```text
//!            vhost-user            ┌──────────── worker thread ────────────┐
//!  guest ── rings ── device ── port┤ epoll ─ vswitch::Switch ─ underlay UDP├── other hosts' cards
//!                                  │            └ stack: imds, forward     │
//!  load balancer's process ────────┤ terminator: a thread and a stack a port│
//!  host agent ── RPC ── role ──────┤ commands        └ card-<host>.fwd ────┼── ssh, forward, edge
//!                                  └───────────────────────────────────────┘
//! ```

pub mod device;
pub mod endpoint;
pub mod flow_spool;
pub mod forward;
pub mod frames;
pub mod fuzz;
pub mod heir;
pub mod imds;
pub mod keeping;
pub mod poller;
pub mod port;
pub mod role;
pub mod share;
mod slot;
pub mod stack;
pub mod terminator;
pub mod testing;
pub mod underlay;
pub mod vhost_user;
pub mod worker;

pub use role::{CardError, CardOptions, KEPT_BYTES, run};
