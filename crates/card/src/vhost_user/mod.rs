//! The back-end half of vhost-user (QEMU's docs/interop/vhost-user.rst) for virtio-net: the VMM is the client.
//!
//! Written here, not taken from a crate, because QEMU 7.2 sends SET_VRING_ENABLE before SET_FEATURES, which the crates
//! refuse, and because one thread must serve many ports. [`message`] parses bytes (pure, fuzzed), [`socket`] moves
//! messages and file descriptors, [`memory`] maps the guest, [`ring`] walks split virtqueues, [`backend`] is the state
//! machine that puts them together. What a front end sends can only cost it its own connection.

pub mod backend;
pub mod memory;
pub mod message;
pub mod ring;
pub mod socket;
