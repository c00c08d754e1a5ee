//! The edge as a process would see it: real sockets on loopback, the real switch, and for what goes outside a network
//! namespace of the test's own.

mod cloud;
mod guest;
mod inbound;
mod namespace;
mod outbound;
