//! Readers and writers against nodes in memory that fail in every way a node can. Time is simulated: no test waits.

mod coded;
mod fake;
mod limits;
mod random;
mod real;
mod replicated;
mod sockets;

use crate::layout::{Node, Topology};

pub(super) fn topology(zones: u8, per_zone: u8) -> Topology {
    let node = |z: u8, n| {
        let letter = char::from(b'a' + z);
        Node { id: format!("{letter}{n}").parse().unwrap(), az: format!("us-east-1{letter}").parse().unwrap() }
    };
    Topology::new((0..zones).flat_map(|z| (1..=per_zone).map(move |n| node(z, n))).collect())
}
