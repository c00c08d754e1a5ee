//! The module through the real dispatcher.

mod catalogue;
mod interfaces;
mod launch;
mod lifecycle;
mod random;
