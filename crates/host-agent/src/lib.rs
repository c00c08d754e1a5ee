//! The host agent: keeps the virtual machines of one host as its ledger says, with or without the controllers above it.
//!
//! * [`image`] makes the built-in machine image from the distribution's kernel and busybox;
//! * [`hypervisor`] runs guests under QEMU; [`accel`] finds out whether the processor can help;
//! * [`agent`] is the role: RPC, ledger, what to do from what is wanted and what is seen, reports.
//!
//! It never talks to the region. It outlives no guest and no guest dies with it.

pub mod accel;
pub mod agent;
pub mod disk;
pub mod hypervisor;
pub mod image;
