//! `up --host-route`: a TUN device and a route, so that every program of this machine reaches the pool's addresses as they are.
//!
//! The device belongs to the process: it goes away with it, and its route too. Needs root (CAP_NET_ADMIN); without, the
//! aliases still work.

use crate::drops::Drop;
use crate::edge::Edge;
use crate::inner;
use crate::stack::HEADROOM;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::net::IpAddr;
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::process::Stdio;
use std::rc::Rc;
use tokio::io::unix::AsyncFd;
use types::{Ipv4Cidr, Ipv6Cidr};
use vswitch::{INTERNET_MTU, vxlan};
use wire::edge::{HOST_ROUTE, HOST_ROUTE6};

/// Packets that are taken in before others get their turn.
const BATCH_MAX: usize = 64;

#[derive(Debug, thiserror::Error)]
pub enum TunError {
    #[error("/dev/net/tun cannot be opened ({0})")]
    Open(#[source] io::Error),
    #[error("no TUN device could be made ({0})")]
    Create(#[source] io::Error),
    #[error("`ip` of iproute2 cannot be run ({0})")]
    NoIp(#[source] io::Error),
    #[error("`ip {command}` failed: {message}")]
    Ip { command: String, message: String },
}

pub struct Tun {
    pub name: String,
    device: AsyncFd<File>,
}

/// Makes the device, gives it its address and the pool's route.
pub async fn create(pool: Ipv4Cidr) -> Result<Tun, TunError> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(libc::O_NONBLOCK | libc::O_CLOEXEC)
        .open("/dev/net/tun")
        .map_err(TunError::Open)?;
    let name = attach(&file).map_err(TunError::Create)?;
    // SAFETY: a `File` keeps its descriptor open, and the same, until it is dropped, which `AsyncFd` does after deregistering.
    let device = unsafe { AsyncFd::register(file) }.map_err(|e| TunError::Create(io::Error::from(e)))?;
    let address = format!("{HOST_ROUTE}/32");
    let (mtu, pool, source) = (INTERNET_MTU.to_string(), pool.canonical().to_string(), HOST_ROUTE.to_string());
    ip(&["addr", "add", &address, "dev", &name]).await?;
    ip(&["link", "set", "dev", &name, "mtu", &mtu, "up"]).await?;
    ip(&["route", "add", &pool, "dev", &name, "src", &source]).await?;
    Ok(Tun { name, device })
}

/// Asks for the next free device called `strato<n>`; returns its name.
fn attach(file: &File) -> io::Result<String> {
    // SAFETY: `ifreq` is plain data, for which zero is a valid value.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    for (to, from) in request.ifr_name.iter_mut().zip(b"strato%d") {
        *to = *from as libc::c_char;
    }
    request.ifr_ifru.ifru_flags = (libc::IFF_TUN | libc::IFF_NO_PI) as libc::c_short;
    // SAFETY: TUNSETIFF reads and writes one `ifreq`, which `request` is, and lives through the call.
    if unsafe { libc::ioctl(file.as_raw_fd(), libc::TUNSETIFF as _, &mut request) } < 0 {
        return Err(io::Error::last_os_error());
    }
    let name = request.ifr_name.iter().take_while(|c| **c != 0).map(|c| *c as u8).collect();
    String::from_utf8(name).map_err(io::Error::other)
}

async fn ip(arguments: &[&str]) -> Result<(), TunError> {
    let mut missing = io::Error::from(io::ErrorKind::NotFound);
    // Its directory is not in every user's path.
    for program in ["ip", "/usr/sbin/ip", "/sbin/ip"] {
        match tokio::process::Command::new(program).args(arguments).stdin(Stdio::null()).output().await {
            Ok(out) if out.status.success() => return Ok(()),
            Ok(out) => {
                let message = String::from_utf8_lossy(&out.stderr).trim().to_owned();
                return Err(TunError::Ip { command: arguments.join(" "), message });
            }
            Err(e) => missing = e,
        }
    }
    Err(TunError::NoIp(missing))
}

impl Tun {
    /// The same of IPv6: a machine may have none, and another region the route.
    pub async fn add_ipv6(&self, pool: Ipv6Cidr) -> Result<(), TunError> {
        let (pool, source) = (pool.canonical().to_string(), HOST_ROUTE6.to_string());
        ip(&["-6", "addr", "add", &format!("{source}/128"), "dev", &self.name, "nodad"]).await?;
        ip(&["-6", "route", "add", &pool, "dev", &self.name, "src", &source]).await
    }

    /// A packet for the machine.
    pub fn write(&self, ip: &[u8]) -> Result<(), Drop> {
        self.device.get_ref().write(ip).map(drop).map_err(|_| Drop::SendFailed)
    }
}

/// Takes packets of the machine to their hosts until the device fails.
pub async fn serve(edge: Rc<Edge>) {
    let Some(tun) = edge.tun.get() else { return };
    let mut buffer = vec![0; HEADROOM + usize::from(INTERNET_MTU)];
    loop {
        let Ok(mut ready) = tun.device.readable().await else { return };
        for _ in 0..BATCH_MAX {
            match ready.try_io(|d| d.get_ref().read(&mut buffer[HEADROOM..])) {
                Ok(Ok(len)) => {
                    if let Err(reason) = forward(&edge, &mut buffer[..HEADROOM + len]) {
                        edge.drops.count(reason);
                    }
                }
                Ok(Err(e)) => return edge.problem(format!("the device {} failed: {e}", tun.name)),
                Err(_) => break,
            }
        }
        std::mem::drop(ready);
        tokio::task::yield_now().await;
    }
}

fn forward(edge: &Edge, datagram: &mut [u8]) -> Result<(), Drop> {
    let frame = &mut datagram[vxlan::HEADER_BYTES..];
    inner::set_ethertype(frame);
    let packet = inner::read(frame)?;
    // Others are the kernel's own chatter (router solicitations, from the device's link-local address).
    if ![IpAddr::from(HOST_ROUTE), HOST_ROUTE6.into()].contains(&packet.source) {
        return Err(Drop::HostRouteAddress);
    }
    edge.send(datagram);
    Ok(())
}
