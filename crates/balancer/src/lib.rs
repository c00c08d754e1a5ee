//! The application load balancer's data plane: HTTP in, rules, targets, HTTP out. Useful alone: `stratocell lb --config FILE`.
//!
//! Not here: what a balancer should be (region, ELBv2), network load balancers (the switch), names (DNS).
//!
//! ```text
//!  document (wire::balancer) ── compile ──► snapshot, swapped whole; a bad one is refused whole, the old one stays
//!                                              │
//!  client ── server (TLS by SNI, h1, h2) ── proxy ── inspect (limits, desync) ── rules ── reply (redirect, fixed)
//!              │ conn: the sweeper's verdicts   │
//!              │                             forward ── target (choice, queue, breaker) ── pool ── target's h1, h2, gRPC
//!              │                                │            ▲
//!              └─ tunnel (101)               retry          probe ── health
//!                                                          (and what requests show)
//!  admin (unix socket): status, documents, handing over the listening sockets; log, logs, spool: AWS's logs
//! ```
//! One thread and one process: more cores are more processes. What decides is pure (`rules`, `inspect`, `select`, `health`,
//! `breaker`, `retry`, `shed`, `conn`'s verdicts); what waits is `server`, `forward`, `probe`.
//! Limits: connections, streams, heads, header sizes, queue, retries, bodies that are kept, connections a target, log lines;
//! each has a counter in the status.

mod admin;
mod anomaly;
mod body;
mod breaker;
mod clock;
mod compile;
mod conn;
mod forward;
mod headers;
mod health;
mod histogram;
mod inspect;
mod log;
mod logs;
mod mutual;
mod node;
mod oidc;
mod pattern;
mod pool;
mod probe;
mod proxy;
mod reply;
mod retry;
mod rules;
mod run;
mod select;
mod server;
mod shed;
mod spool;
mod state;
mod sticky;
mod stream;
mod target;
mod ticket;
mod tls;
mod transport;
mod tunnel;
mod x509;

pub use admin::{AdminError, Predecessor, ask_status, serve_control, take_over};
pub use compile::ConfigError;
pub use node::{LOGS, NodeOptions, run_node};
pub use run::{Balancer, BalancerError, Options, run};
pub use spool::Spool;
pub use tls::Unseal;
pub use transport::Dialer;
