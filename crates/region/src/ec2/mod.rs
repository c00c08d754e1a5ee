//! EC2: one module a resource. Each has its operations and a `register` that says which parameters have their effect.

use crate::dispatch::Table;

pub mod compute;
pub mod network;
#[cfg(test)]
pub(crate) mod testing;

pub fn register(table: &mut Table) {
    network::register(table);
    compute::register(table);
}
