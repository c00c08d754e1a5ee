//! The module through the real dispatcher.

mod catalogue;
mod launch;
mod lifecycle;
mod random;
