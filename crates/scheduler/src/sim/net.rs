//! The network: how long a message takes, whether it arrives, how often.

use super::message::{CellNo, HostNo, Node};
use crate::rng::Rng;
use std::collections::BTreeSet;

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Network {
    pub delay_ms: u64,
    /// Of a thousand messages, how many take up to a hundred times as long, are lost, come twice.
    pub slow_permille: u32,
    pub lost_permille: u32,
    pub doubled_permille: u32,
}

impl Network {
    pub fn good() -> Self {
        Self { delay_ms: 2, slow_permille: 1, lost_permille: 0, doubled_permille: 0 }
    }

    pub fn chaotic() -> Self {
        Self { delay_ms: 5, slow_permille: 30, lost_permille: 30, doubled_permille: 30 }
    }
}

/// Which links are cut, both ways.
#[derive(Debug, Clone, Default)]
pub(super) struct Cuts {
    pub region_cell: BTreeSet<CellNo>,
    pub cell_host: BTreeSet<(CellNo, HostNo)>,
}

impl Cuts {
    pub fn cut(&self, from: Node, to: Node) -> bool {
        match (from, to) {
            (Node::Region, Node::Cell(c)) | (Node::Cell(c), Node::Region) => self.region_cell.contains(&c),
            (Node::Cell(_), Node::Host(c, h)) | (Node::Host(c, h), Node::Cell(_)) => self.cell_host.contains(&(c, h)),
            _ => false,
        }
    }
}

impl Network {
    /// The delays of the copies that arrive: none, one or two.
    pub fn deliveries(&self, rng: &mut Rng) -> impl Iterator<Item = u64> + use<> {
        let copies = if rng.chance(self.lost_permille) { 0 } else { 1 + usize::from(rng.chance(self.doubled_permille)) };
        let mut delays = [0u64; 2];
        for delay in &mut delays[..copies] {
            let most = if rng.chance(self.slow_permille) { self.delay_ms * 100 } else { self.delay_ms };
            *delay = 1 + rng.below(most.max(1) * 2);
        }
        delays.into_iter().take(copies)
    }
}
