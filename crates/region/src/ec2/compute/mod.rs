//! Instances and what they are made of: types, images, key pairs; the region's catalogue; tags.

use crate::dispatch::Table;

pub fn register(_table: &mut Table) {}
