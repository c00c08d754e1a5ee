//! For tests and benches: an in-process vhost-user front end with guest memory of its own, a guest's TCP/IP stack on
//! top of it, and a network configuration to run them in.

mod driver;
mod front;
mod guest;
mod net;

use crate::device::{Limits, NetDevice, Taken};
use crate::share::Share;
pub use driver::{DriverRing, GUEST_BASE, Layout, Memory};
pub use front::{Front, FrontError, FrontOptions, pair};
pub use guest::Guest;
pub use net::{TestGuest, net_config};
use vswitch::FrameBuf;

/// One visit to a device's transmit ring, with a turn's share and no rate.
pub fn take_frames(device: &mut NetDevice, frames: &mut [FrameBuf]) -> Taken {
    let mut share = Share::default();
    share.begin();
    device.take_frames(frames, Limits { share: &mut share, rate: None })
}
