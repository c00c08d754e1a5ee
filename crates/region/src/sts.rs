//! sts

use crate::dispatch::Table;

pub fn register(_table: &mut Table) {}
