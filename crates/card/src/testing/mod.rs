//! For tests and benches: an in-process vhost-user front end with guest memory of its own.

mod driver;
mod front;

pub use driver::{DriverRing, GUEST_BASE, Layout, Memory};
pub use front::{Front, FrontError, FrontOptions, pair};
