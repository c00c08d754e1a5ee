//! Identities for tests and benchmarks, where no supervisor issues any.

use super::{Authority, Frames, Identity, LEAF_LIFE};
use crate::{DataDir, SystemClock};
use std::path::Path;
use std::sync::Arc;

pub const REGION: &str = "us-east-1";

/// Leaves for the processes of a directory, which gets an authority if it has none.
pub fn issue<'a>(dir: &DataDir, processes: impl IntoIterator<Item = &'a str>) {
    let authority = Authority::open(dir, REGION, LEAF_LIFE, Arc::new(SystemClock::new())).expect("an authority");
    authority.issue(processes).expect("leaves");
}

/// The identity of a process of the directory, issued now.
pub fn identity(dir: impl AsRef<Path>, process: &str) -> Identity {
    let dir = DataDir::new(dir.as_ref());
    issue(&dir, [process]);
    Identity::open_with(&dir, process, Frames::default(), Arc::new(SystemClock::new())).expect("an identity")
}
