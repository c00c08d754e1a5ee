//! The region's scheduler: which cell of a zone gets a launch.
//!
//! It knows cells by the summaries that they push, a little late and a little low on purpose; it never asks. An account's
//! launches go to the cells of its shuffle shard only ([`shard`]).

mod pick;
mod shard;
mod summary;

pub use pick::{CellHealth, Choice, HealthChange, IMPAIRED_AFTER_MS, Launch, NoCell, Pick, Picker, Standing};
pub use shard::{Shard, ShardSettings, Shards, overlap_probability, same_probability};
pub use summary::{LADDER, Rung, Slots, Summary, rungs, summarise};

#[cfg(test)]
mod tests;
