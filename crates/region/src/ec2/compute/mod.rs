//! Instances and what they are made of: types, images, key pairs; the region's catalogue; tags.
//!
//! ```text
//!  RunInstances ─ launch_options ─► launch ─ room ─► rows (pending) ◄─ observe ─ cells' reports
//!  Start/Stop/Reboot/Terminate ─► lifecycle ─ state ─► rows           (state: the one table of transitions)
//!  Describe* ◄─ describe, view, status, volumes ─ rows
//! ```

use crate::dispatch::Table;

pub mod attributes;
pub mod capacity;
pub mod catalogue;
pub mod console;
pub mod describe;
pub mod describe_types;
pub mod groups;
pub mod hosts;
pub mod images;
pub mod keys;
pub mod launch;
pub mod launch_interfaces;
pub mod launch_options;
pub mod lifecycle;
pub mod lists;
pub mod maintenance;
pub mod metadata;
pub mod names;
pub mod observe;
pub mod placement;
pub mod profile;
pub mod recover;
pub mod room;
pub mod rows;
pub mod spot;
pub mod state;
pub mod status;
pub mod tagging;
pub mod templates;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
pub mod topology;
pub mod types;
pub mod view;
pub mod volumes;

pub use observe::{forget_terminated, observe};

pub fn register(table: &mut Table) {
    attributes::register(table);
    capacity::register(table);
    catalogue::register(table);
    console::register(table);
    describe::register(table);
    describe_types::register(table);
    groups::register(table);
    hosts::register(table);
    images::register(table);
    keys::register(table);
    launch::register(table);
    lifecycle::register(table);
    maintenance::register(table);
    metadata::register(table);
    placement::register(table);
    profile::register(table);
    spot::register(table);
    status::register(table);
    tagging::register(table);
    templates::register(table);
    topology::register(table);
    volumes::register(table);
}
