//! The region's HTTP front.
mod server;
pub use server::{GatewayError, run};
