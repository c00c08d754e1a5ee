//! The index from outside: its behaviour call by call, against a model, through crashes, and over its sockets.

mod background;
mod behaviour;
mod collecting;
mod fencing;
mod listing;
mod model;
mod processes;
mod programs;
mod role;
mod sharded;
mod splitting;
mod support;
