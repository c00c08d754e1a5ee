//! The schedulers as pure cores: which host of a cell ([`cell`]), which cell of a region ([`region`]); a study of how well
//! they pack ([`pack`]) and a simulator that breaks them ([`sim`]).
//!
//! No I/O, no clock, no threads: each call is a function of state, input and time, and the same calls give the same answers.
//! The cell controller and the region make durable what the methods return before they act on it.

pub mod cell;
pub mod load;
pub mod pack;
pub mod region;
pub mod rng;
pub mod room;
pub mod sim;
pub mod svg;

pub use rng::Rng;
pub use room::{Dimension, Room};
