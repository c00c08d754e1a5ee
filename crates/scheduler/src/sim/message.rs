//! What the actors say to each other.

use crate::cell::{Account, Group, Pools};
use crate::region::Summary;
use crate::room::Room;
use std::sync::Arc;
use types::InstanceId;

/// A cell's number in the region, a host's within its cell.
pub(super) type CellNo = u32;
pub(super) type HostNo = u32;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Node {
    Region,
    Cell(CellNo),
    Host(CellNo, HostNo),
}

/// An instance as it is wanted of a cell. `attempt` grows with each cell that is tried: an old message about an earlier try
/// is known by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Claim {
    pub instance: InstanceId,
    pub attempt: u32,
    pub account: Account,
    pub size: Room,
    pub pools: Pools,
    pub group: Option<Group>,
}

#[derive(Debug, Clone)]
pub(super) enum Message {
    /// Region to cell.
    Claim(Claim),
    /// The claim became a row of the region: run it. Repeated until it is seen. `hold`: which one it turns into a row; an
    /// old message must not confirm a hold that an old claim made anew.
    Run {
        instance: InstanceId,
        attempt: u32,
        host: HostNo,
        hold: u64,
    },
    /// Repeated until it is seen to be gone.
    End {
        instance: InstanceId,
        attempt: u32,
    },
    /// All rows that the region has for the cell, as of the question's token.
    Rows {
        token: u64,
        rows: Vec<(Claim, HostNo, bool)>,
    },

    /// Cell to region.
    Placed {
        instance: InstanceId,
        attempt: u32,
        host: HostNo,
        hold: u64,
    },
    Short {
        instance: InstanceId,
        attempt: u32,
    },
    /// There is no hold for what should run: it ran out, or was lost with the cell's store.
    Refused {
        instance: InstanceId,
        attempt: u32,
    },
    /// `moved`: elsewhere than the region said; repeated until it says the new place.
    Running {
        instance: InstanceId,
        attempt: u32,
        host: HostNo,
        moved: bool,
    },
    Gone {
        instance: InstanceId,
        attempt: u32,
    },
    Summary(Arc<Summary>),
    AskRows {
        token: u64,
    },

    /// Cell to host.
    Hello {
        epoch: u64,
    },
    Config {
        generation: u64,
        run: Arc<Vec<(InstanceId, Room)>>,
    },
    /// To the host's management controller. No config up to this generation may start anything there afterwards.
    PowerOff {
        generation: u64,
    },
    /// To the same, when what ran there has been seen to: it comes back empty, if it has a supply.
    PowerOn {
        generation: u64,
    },

    /// Host to cell; the last of each instance: it runs (not: is being started or stopped).
    Report {
        sequence: u64,
        epoch: u64,
        generation: u64,
        instances: Arc<Vec<(InstanceId, Room, bool)>>,
    },
    PoweredOff {
        generation: u64,
    },
}

impl Message {
    /// For the trace and for counting.
    pub fn kind(&self) -> u8 {
        match self {
            Self::Claim(_) => 0,
            Self::Run { .. } => 1,
            Self::End { .. } => 2,
            Self::Rows { .. } => 3,
            Self::Placed { .. } => 4,
            Self::Short { .. } => 5,
            Self::Refused { .. } => 6,
            Self::Running { .. } => 7,
            Self::Gone { .. } => 8,
            Self::Summary(_) => 9,
            Self::AskRows { .. } => 10,
            Self::Hello { .. } => 11,
            Self::Config { .. } => 12,
            Self::PowerOff { .. } => 13,
            Self::Report { .. } => 14,
            Self::PoweredOff { .. } => 15,
            Self::PowerOn { .. } => 16,
        }
    }

    pub const KINDS: [&'static str; 17] = [
        "claim",
        "run",
        "end",
        "rows",
        "placed",
        "short",
        "refused",
        "running",
        "gone",
        "summary",
        "ask rows",
        "hello",
        "config",
        "power off",
        "report",
        "powered off",
        "power on",
    ];
}

/// What an actor wants done. Nothing else comes out of a step.
#[derive(Debug, Default)]
pub(super) struct Out {
    pub send: Vec<(Node, Message)>,
}

impl Out {
    pub fn to(&mut self, node: Node, message: Message) {
        self.send.push((node, message));
    }
}
