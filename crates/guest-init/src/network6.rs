//! IPv6 of the primary card, in a child of its own. The kernel makes the link-local address and learns the router and the
//! subnet from its advertisements; addresses come by DHCPv6 once there is a router. A subnet without IPv6 has none, and then
//! nothing is asked for.

use crate::dhcp6::{self, Answer, Kind, Lease};
use crate::say;
use crate::secondary::ip;
use std::fs;
use std::io;
use std::net::{Ipv6Addr, SocketAddrV6, UdpSocket};
use std::time::{Duration, Instant};

/// All DHCPv6 servers of the link.
const SERVERS: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 1, 2);
const CLIENT_PORT: u16 = 546;
const SERVER_PORT: u16 = 547;

/// Never returns.
pub fn run(device: &str, index: u32, mac: [u8; 6], random: fn() -> u32) {
    // The host has no other owner of the address, and says so faster than the kernel waits to hear it.
    let _ = fs::write(format!("/proc/sys/net/ipv6/conf/{device}/accept_dad"), "0");
    let card = Card { device: device.to_owned(), index, mac, random };
    let mut held: Option<Lease> = None;
    loop {
        wait_for_router(device);
        let lease = card.acquire();
        card.apply(&lease, held.as_ref());
        held = Some(card.keep(lease));
    }
}

/// Until the kernel has a default route by the card: quickly at first, then now and then, as a block may be given to the subnet
/// at any time.
fn wait_for_router(device: &str) {
    let begun = Instant::now();
    loop {
        let table = fs::read_to_string("/proc/net/ipv6_route").unwrap_or_default();
        if has_default_route(&table, device) {
            return;
        }
        let quick = begun.elapsed() < Duration::from_secs(10);
        std::thread::sleep(if quick { Duration::from_millis(100) } else { Duration::from_secs(5) });
    }
}

/// Destination and its length first, then source, gateway, ...; the device last.
fn has_default_route(table: &str, device: &str) -> bool {
    table.lines().map(|l| l.split_whitespace().collect::<Vec<_>>()).any(|words| {
        let is_zero = |w: Option<&&str>| w.is_some_and(|w| w.bytes().all(|b| b == b'0'));
        is_zero(words.first()) && words.get(1) == Some(&"00") && !is_zero(words.get(4)) && words.last() == Some(&device)
    })
}

struct Card {
    device: String,
    index: u32,
    mac: [u8; 6],
    random: fn() -> u32,
}

impl Card {
    /// The address that EUI-64 makes of the card's (RFC 4291, appendix A), as the kernel does.
    fn link_local(&self) -> Ipv6Addr {
        let [a, b, c, d, e, f] = self.mac;
        [0xfe, 0x80, 0, 0, 0, 0, 0, 0, a ^ 2, b, c, 0xff, 0xfe, d, e, f].into()
    }

    /// Solicit with rapid commit, and a request where the server does not know that; each round waits longer, up to 60 s.
    fn acquire(&self) -> Lease {
        let mut wait = Duration::from_millis(500);
        loop {
            let granted = match self.exchange(Kind::Solicit, None, wait) {
                Ok(Some((Answer::Advertise, offer))) => self.exchange(Kind::Request, Some(&offer), wait),
                other => other,
            };
            if let Ok(Some((Answer::Reply, lease))) = granted {
                return lease;
            }
            if granted.is_err() {
                std::thread::sleep(wait);
            }
            wait = (wait * 2).min(Duration::from_secs(60));
        }
    }

    fn exchange(&self, kind: Kind, lease: Option<&Lease>, wait: Duration) -> io::Result<Option<(Answer, Lease)>> {
        let socket = UdpSocket::bind(SocketAddrV6::new(self.link_local(), CLIENT_PORT, 0, self.index))?;
        let xid = (self.random)();
        let message = dhcp6::message(kind, self.mac, xid, lease);
        socket.send_to(&message, SocketAddrV6::new(SERVERS, SERVER_PORT, 0, self.index))?;
        let deadline = Instant::now() + wait;
        let mut buf = [0; 2048];
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            socket.set_read_timeout(Some(left))?;
            match socket.recv_from(&mut buf) {
                Ok((len, _)) => {
                    if let Some(answer) = dhcp6::parse(&buf[..len], self.mac, xid) {
                        return Ok(Some(answer));
                    }
                }
                Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => return Ok(None),
                Err(e) => return Err(e),
            }
        }
    }

    /// Puts a lease into effect: differences to the one that it replaces.
    fn apply(&self, lease: &Lease, before: Option<&Lease>) {
        let had = before.map_or(&[][..], |b| &b.addresses);
        for gone in had.iter().filter(|a| !lease.addresses.contains(a)) {
            ip(&["-6", "addr", "del", &format!("{gone}/128"), "dev", &self.device]);
        }
        for new in lease.addresses.iter().filter(|a| !had.contains(a)) {
            if ip(&["-6", "addr", "add", &format!("{new}/128"), "dev", &self.device]) {
                say(format_args!("network {new}/128"));
            } else {
                say(format_args!("network: {new} cannot be used"));
            }
        }
        // Beside the resolver that DHCP told, which stays the first.
        let mut text = fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
        let missing: Vec<String> =
            lease.dns.iter().map(|d| format!("nameserver {d}\n")).filter(|line| !text.contains(line.as_str())).collect();
        if !missing.is_empty() {
            text.extend(missing);
            if let Err(e) = fs::write("/etc/resolv.conf", text) {
                say(format_args!("resolv.conf: {e}"));
            }
        }
    }

    /// Renews at T1, rebinds from T2 on. Returns what is held when it has run out: it stays in effect until there is another,
    /// as with DHCP of IPv4.
    fn keep(&self, mut lease: Lease) -> Lease {
        let mut granted = Instant::now();
        loop {
            std::thread::sleep(lease.t1.saturating_sub(granted.elapsed()));
            let kind = if granted.elapsed() < lease.t2 { Kind::Renew } else { Kind::Rebind };
            match self.exchange(kind, Some(&lease), Duration::from_secs(2)) {
                Ok(Some((Answer::Reply, fresh))) => {
                    self.apply(&fresh, Some(&lease));
                    (lease, granted) = (fresh, Instant::now());
                }
                _ if granted.elapsed() >= lease.duration => return lease,
                _ => std::thread::sleep(Duration::from_secs(5)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_router_is_a_default_route_with_a_gateway() {
        let zero = "00000000000000000000000000000000";
        let line = |to: &str, len: &str, by: &str, device: &str| {
            format!("{to} {len} {zero} 00 {by} 00000400 00000001 00000000 00450003     {device}\n")
        };
        let by = "fe80000000000000005354fffe520001";
        // The kernel's own "unreachable" of lo, a route without a gateway, one of another card, and the router's.
        let others = [line(zero, "00", zero, "lo"), line(zero, "00", zero, "eth0"), line(zero, "00", by, "eth1")].concat();
        assert!(!has_default_route(&others, "eth0") && !has_default_route("", "eth0"));
        assert!(!has_default_route(&line("20010db8000000000000000000000000", "40", by, "eth0"), "eth0"));
        assert!(has_default_route(&(others + &line(zero, "00", by, "eth0")), "eth0"));
    }
}
