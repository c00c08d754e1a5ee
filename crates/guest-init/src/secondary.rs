//! What EC2 gives beyond one address on one card: network cards that come and go, and secondary private addresses.
//!
//! DHCP tells one address a card. The others are in the metadata, which is read again now and then, as the network scripts of
//! Amazon Linux do. A card beside the primary one has a routing table of its own, so that what is answered leaves by the card
//! to which it came: the switch drops what has another card's source address.

use crate::imds::Imds;
use crate::network::{self, INTERFACE, Link};
use crate::{dhcp::Lease, say, sys};
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::process::{Command, Stdio};
use std::time::Duration;

pub const REFRESH_EVERY: Duration = Duration::from_secs(20);
/// The kernel tells of cards; a child that ended is seen no later than this.
const LOOK_EVERY_MS: i32 = 10_000;
/// Table 100 + n for the card ethn.
const TABLE_FIRST: u32 = 100;
/// A card has at most 50 addresses.
const RULES_MAX: usize = 64;

/// Runs `ip` of busybox. `false`: it did not work.
pub fn ip(args: &[&str]) -> bool {
    let status = Command::new("/bin/busybox").arg("ip").args(args).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|s| s.success())
}

/// The number of a card that is not the primary one.
fn number(name: &str) -> Option<u32> {
    name.strip_prefix("eth")?.parse().ok().filter(|n| *n > 0)
}

/// A card's routing table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    number: u32,
    device: String,
}

impl Table {
    /// `None`: the card uses the main one.
    pub fn of(device: &str) -> Option<Self> {
        Some(Self { number: TABLE_FIRST + number(device)?, device: device.to_owned() })
    }

    pub fn apply(&self, lease: &Lease) {
        let table = self.number.to_string();
        let network = Ipv4Addr::from(u32::from(lease.address) & u32::from(lease.mask));
        let network = format!("{network}/{}", lease.prefix_len());
        let source = lease.address.to_string();
        let mut done = ip(&["route", "replace", &network, "dev", &self.device, "src", &source, "table", &table]);
        if let Some(router) = lease.router {
            done &= ip(&["route", "replace", "default", "via", &router.to_string(), "dev", &self.device, "table", &table]);
        }
        // One that is there already would be there twice.
        self.rule("del", lease.address);
        done &= self.rule("add", lease.address);
        if !done {
            say(format_args!("{}: its routes are not complete", self.device));
        }
    }

    fn rule(&self, verb: &str, source: Ipv4Addr) -> bool {
        ip(&["rule", verb, "from", &source.to_string(), "table", &self.number.to_string()])
    }

    /// No rule leads here any more.
    fn forget(&self) {
        let table = self.number.to_string();
        for _ in 0..RULES_MAX {
            if !ip(&["rule", "del", "table", &table]) {
                return;
            }
        }
    }
}

/// A card's secondary addresses.
pub struct Addresses {
    device: String,
    mac: [u8; 6],
    table: Option<Table>,
    set: BTreeSet<Ipv4Addr>,
}

impl Addresses {
    pub fn new(device: &str, mac: [u8; 6], table: Option<Table>) -> Self {
        Self { device: device.to_owned(), mac, table, set: BTreeSet::new() }
    }

    /// Makes them those that the metadata says. Without an answer they stay.
    pub fn refresh(&mut self) {
        let Ok(imds) = Imds::connect(Duration::ZERO) else { return };
        let mac = self.mac.map(|b| format!("{b:02x}")).join(":");
        let Some(text) = imds.get_text(&format!("meta-data/network/interfaces/macs/{mac}/local-ipv4s")) else { return };
        let wanted = secondary(&text);
        for gone in self.set.difference(&wanted).copied().collect::<Vec<_>>() {
            ip(&["addr", "del", &format!("{gone}/32"), "dev", &self.device]);
            if let Some(table) = &self.table {
                table.rule("del", gone);
            }
            self.set.remove(&gone);
        }
        for new in wanted.difference(&self.set.clone()) {
            let done = ip(&["addr", "add", &format!("{new}/32"), "dev", &self.device]);
            if done && self.table.as_ref().is_none_or(|t| t.rule("add", *new)) {
                say(format_args!("network {new} on {}", self.device));
                self.set.insert(*new);
            }
        }
    }
}

/// The first address is the primary one, which DHCP tells.
fn secondary(local_ipv4s: &str) -> BTreeSet<Ipv4Addr> {
    local_ipv4s.lines().skip(1).filter_map(|l| l.trim().parse().ok()).collect()
}

/// Never returns: a child for each card beside the primary one, as they come and go.
pub fn watch() {
    let events = sys::LinkEvents::open();
    let mut children: BTreeMap<String, i32> = BTreeMap::new();
    loop {
        while let Ok(Some(pid)) = sys::reap() {
            children.retain(|_, child| *child != pid);
        }
        let present = cards();
        children.retain(|name, pid| {
            let stays = present.contains(name);
            if !stays {
                sys::send_signal(*pid, sys::SIGKILL);
                Table::of(name).iter().for_each(Table::forget);
                say(format_args!("network card {name} is gone"));
            }
            stays
        });
        for name in present {
            if !children.contains_key(&name)
                && let Ok(pid) = sys::fork_into(|| serve(&name))
            {
                children.insert(name, pid);
            }
        }
        match &events {
            Ok(events) => events.wait(LOOK_EVERY_MS),
            Err(_) => std::thread::sleep(Duration::from_secs(1)),
        }
    }
}

fn cards() -> Vec<String> {
    let names = std::fs::read_dir("/sys/class/net").into_iter().flatten().flatten();
    let names = names.filter_map(|e| e.file_name().into_string().ok());
    names.filter(|n| n != INTERFACE && number(n).is_some()).collect()
}

/// One card's life.
fn serve(name: &str) {
    let lease = Link::open(name).and_then(|link| Ok((network::acquire(&link, u32::MAX)?, link)));
    match lease {
        Ok((mut lease, mut link)) => {
            network::apply(&link, &lease, None);
            say(format_args!("network {}/{} on {name}", lease.address, lease.prefix_len()));
            loop {
                lease = network::keep(&mut link, lease);
            }
        }
        // The parent tries again.
        Err(e) => say(format_args!("{name}: {e}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_of_the_cards_beside_the_primary_one() {
        assert_eq!(Table::of("eth0"), None);
        assert_eq!(Table::of("lo"), None);
        assert_eq!(Table::of("eth12").map(|t| t.number), Some(112));
    }

    #[test]
    fn the_first_address_is_not_secondary() {
        assert!(secondary("10.0.0.5\n").is_empty());
        let two = secondary("10.0.0.5\n10.0.0.7\nx\n10.0.0.6");
        assert_eq!(two.into_iter().map(|a| a.octets()[3]).collect::<Vec<_>>(), [6, 7]);
    }
}
