//! The card: one unprivileged process a host that carries its guests' packets.

pub mod device;
pub mod poller;
pub mod port;
pub mod testing;
pub mod vhost_user;
