//! What the card tells of itself: counters of the switch, of ports and of what is around them, by name.

use super::Worker;
use std::collections::BTreeMap;
use wire::card::{CardStatus, PortStatus};

impl Worker {
    pub(super) fn status(&self) -> CardStatus {
        let now_ms = self.now_ms();
        let mut drops: BTreeMap<String, u64> = self.switch.drops().iter().map(|(r, n)| (r.name().to_owned(), n)).collect();
        let mut add = |name: &str, n: u64| {
            if n > 0 {
                *drops.entry(name.to_owned()).or_default() += n;
            }
        };
        add("underlay-down", self.out.underlay_down);
        add("underlay-send", self.out.underlay.as_ref().map_or(0, |u| u.send_drops));
        add("link-fault", self.out.underlay.as_ref().map_or(0, |u| u.fault_drops));
        add("underlay-truncated", self.inbox.truncated);
        add("forward-refused", self.forward_refused);
        add("flow-records-unqueued", self.flows.skipped);
        add("flows-not-kept", self.switch.not_kept());
        add("not-kept", self.options.keeping.failed);
        add("endpoint-refused", self.endpoint_refused);
        let services = self.out.slots.iter().flatten().filter_map(|s| s.services.as_ref());
        add("endpoint-full", services.map(|s| s.doors.full).sum());
        let mut ports = Vec::new();
        for (index, id) in self.switch.ports() {
            let Some(stats) = self.switch.port_stats(index) else { continue };
            let slot = self.out.slots.get(index.0 as usize).and_then(Option::as_ref);
            let mut drops: BTreeMap<String, u64> = stats.drops.iter().map(|(r, n)| (r.name().to_owned(), n)).collect();
            for (name, n) in slot.map(|s| s.attachment.device.counters.drops()).into_iter().flatten() {
                if n > 0 {
                    add(name, n);
                    drops.insert(name.to_owned(), n);
                }
            }
            for (name, n) in self.out.terminators.drops(index) {
                add(name, n);
                drops.insert(name.to_owned(), n);
            }
            // What an earlier guest did on this port says nothing about the present one.
            let seen_ms = stats.guest_seen_ms.filter(|_| slot.is_none_or(|s| stats.tx_frames > s.frames_before));
            let errors = slot.map_or(0, |s| s.attachment.protocol_errors);
            if errors > 0 {
                drops.insert("vhost-user-protocol-error".to_owned(), errors);
            }
            let nat = self.switch.nat_stats(index);
            ports.push(PortStatus {
                id,
                link_up: nat.is_some() || self.out.terminators.has(index) || slot.is_some_and(|s| s.attachment.device.usable()),
                tx_frames: stats.tx_frames,
                tx_bytes: stats.tx_bytes,
                rx_frames: stats.rx_frames,
                rx_bytes: stats.rx_bytes,
                drops,
                guest_seen_ms_ago: seen_ms.map(|at| now_ms.saturating_sub(at)),
                guest_configured: stats.guest_configured && seen_ms.is_some(),
                metadata_requests: slot.and_then(|s| s.services.as_ref()).map_or(0, |s| s.imds.requests),
                nat: nat.iter().flat_map(|n| n.iter()).map(|(name, n)| (name.to_owned(), n)).collect(),
            });
        }
        let resolver = self.switch.resolve_stats().iter().filter(|(_, n)| *n > 0).map(|(name, n)| (name.to_owned(), n)).collect();
        CardStatus { generation: self.switch.generation(), flows: self.switch.flows(), ports, drops, resolver }
    }
}
