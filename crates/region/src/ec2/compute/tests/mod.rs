//! The module through the real dispatcher.

mod capacity;
mod catalogue;
mod groups;
mod hosts;
mod interfaces;
mod ipv6;
mod launch;
mod lifecycle;
mod random;
mod recovery;
mod spot;
mod templates;
