//! For tests and benches: an in-process vhost-user front end with guest memory of its own, a guest's TCP/IP stack on
//! top of it, and a network configuration to run them in.

mod driver;
mod front;
mod guest;
mod net;

pub use driver::{DriverRing, GUEST_BASE, Layout, Memory};
pub use front::{Front, FrontError, FrontOptions, pair};
pub use guest::Guest;
pub use net::{TestGuest, net_config};
