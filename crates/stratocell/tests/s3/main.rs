//! The object store under concurrency, crashes, lost zones and bad input, as its clients see it: see each module's name.

mod bodies;
mod client;
mod crashes;
mod harness;
mod history;
mod linear;
mod nemesis;
mod nodes;
mod refusals;
mod stale;
mod zones;
