//! Instances and what they are made of: types, images, key pairs; the region's catalogue; tags.

use crate::dispatch::Table;

pub mod catalogue;
pub mod describe_types;
pub mod images;
pub mod keys;
pub mod lists;
pub mod names;
pub mod state;
pub mod tagging;
pub mod types;

pub mod launch { pub const INSTANCES_PER_ACCOUNT_MAX: usize = 2000; }
pub mod volumes { pub fn exists(_: &crate::rows::Instance) -> bool { true } }

pub fn register(table: &mut Table) {
    catalogue::register(table);
    describe_types::register(table);
    images::register(table);
    keys::register(table);
    tagging::register(table);
}
