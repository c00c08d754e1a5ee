//! Reference models and checkers for the tests of the other crates.

pub mod model;
pub mod register;
