//! The leader and its hosts: configs, reports, silence, recovery elsewhere.

use super::{Turn, Want, held, request};
use crate::cell::{Account, HostIx, Pools};
use crate::region::summarise;
use crate::room::Room;
use crate::sim::message::{Claim, HostNo, Message, Node};
use std::sync::Arc;
use types::{InstanceId, TimestampMs};

/// How often the leader looks over its hosts.
const LOOK_MS: u64 = 1_000;

impl Turn<'_, '_> {
    pub(super) fn tick(&mut self) {
        let now = self.around.now;
        for over in self.leader.decider.expire(TimestampMs(now)) {
            self.cell.store.holds.remove(&over);
            self.around.check.count("holds that ended");
        }
        if self.leader.next_look <= now {
            self.leader.next_look = now + LOOK_MS;
            self.look();
        }
        if self.leader.next_summary <= now {
            self.leader.next_summary = now + self.cell.summary_ms;
            let sequence = self.leader.next_generation();
            let (cell, zone, rng) = (&self.cell.id, &self.cell.zone, &mut *self.around.rng);
            let summary = summarise(&self.leader.decider, cell, zone, sequence, TimestampMs(now), rng);
            self.tell_region(Message::Summary(Arc::new(summary)));
        }
    }

    fn look(&mut self) {
        let now = self.around.now;
        for host in self.leader.lagging.clone() {
            self.send_config(host);
        }
        for instance in self.leader.moved.clone() {
            match self.cell.store.wants.get(&instance).copied() {
                Some(want) if want.moved && want.run => {
                    if self.leader.running.contains(&instance) {
                        let (attempt, host) = (want.claim.attempt, want.host);
                        self.tell_region(Message::Running { instance, attempt, host, moved: true });
                    }
                }
                _ => {
                    self.leader.moved.remove(&instance);
                }
            }
        }
        if !self.leader.strange.is_empty() || self.cell.store.partial {
            self.ask();
        }
        // Reports come late by the network's worst and are rarer in large regions.
        let silent_after = self.cell.report_ms * 2 + 1_500;
        for host in 0..self.leader.views.len() as u32 {
            let view = self.leader.views[host as usize];
            let silence = now - view.heard;
            if !view.known && !view.fence.is_off() {
                self.around.out.to(Node::Host(self.cell.no, host), Message::Hello { epoch: self.leader.epoch });
            }
            if silence > silent_after {
                self.leader.decider.set_open(HostIx(host), false);
            }
            if view.fence.is_off() {
                // Those that found no room elsewhere yet.
                self.recover(host);
                let generation = view.fence.ordered().unwrap_or(0);
                self.around.out.to(Node::Host(self.cell.no, host), Message::PowerOn { generation });
            } else if silence > self.cell.dead_after_ms {
                let generation = match view.fence.ordered() {
                    Some(generation) => generation,
                    None => {
                        let generation = self.leader.next_generation();
                        let view = &mut self.leader.views[host as usize];
                        view.known = false;
                        self.around.check.count("hosts given up");
                        view.fence.order(|| generation)
                    }
                };
                self.around.out.to(Node::Host(self.cell.no, host), Message::PowerOff { generation });
            }
        }
    }

    fn ask(&mut self) {
        self.leader.questions += 1;
        let token = self.leader.token();
        self.tell_region(Message::AskRows { token });
    }

    /// A new config for the host, until it says that it has it.
    pub(super) fn push(&mut self, host: HostNo) {
        self.leader.views[host as usize].wanted = self.leader.next_generation();
        self.leader.lagging.insert(host);
        self.send_config(host);
    }

    fn send_config(&mut self, host: HostNo) {
        let view = self.leader.views[host as usize];
        if !view.known {
            return;
        }
        let runs = |i: &InstanceId| match self.cell.store.wants.get(i) {
            Some(want) => want.run && want.host == host,
            None => self.leader.strange.contains_key(i) && !self.leader.ending.contains_key(i),
        };
        let there = self.leader.decider.on_host(HostIx(host)).iter().filter(|i| runs(i));
        let run = there.filter_map(|i| Some((*i, self.leader.decider.held(*i)?.room))).collect();
        let config = Message::Config { generation: view.wanted, run: Arc::new(run) };
        self.around.out.to(Node::Host(self.cell.no, host), config);
    }

    /// The host's next config leaves it out; when a report under that config does not have it, it is gone.
    pub(super) fn end_on(&mut self, instance: InstanceId, host: HostNo) {
        self.leader.running.remove(&instance);
        self.push(host);
        let generation = self.leader.views[host as usize].wanted;
        self.leader.ending.insert(instance, generation);
    }

    pub(super) fn report(&mut self, host: HostNo, sequence: u64, epoch: u64, generation: u64, has: &[(InstanceId, Room, bool)]) {
        let view = &mut self.leader.views[host as usize];
        if epoch != self.leader.epoch || sequence <= view.sequence || !view.fence.admits(generation) {
            return;
        }
        let new = !view.known;
        (view.sequence, view.heard, view.known, view.applied) = (sequence, self.around.now, true, generation);
        view.fence.hear();
        let up_to_date = view.applied == view.wanted;
        self.leader.decider.set_open(HostIx(host), true);
        for (instance, room, runs) in has {
            match self.cell.store.wants.get(instance) {
                Some(want) if want.run && want.host == host => {
                    let (attempt, moved) = (want.claim.attempt, want.moved);
                    if *runs && self.leader.running.insert(*instance) {
                        self.tell_region(Message::Running { instance: *instance, attempt, host, moved });
                    }
                }
                Some(_) => {}
                None => self.strange(*instance, *room, host),
            }
        }
        if new {
            self.push(host);
        } else if up_to_date {
            self.leader.lagging.remove(&host);
        }
        self.finish(host, generation, has);
    }

    /// Of those that should end on the host, the ones that are gone by this report.
    fn finish(&mut self, host: HostNo, generation: u64, has: &[(InstanceId, Room, bool)]) {
        let on: Vec<InstanceId> = self.leader.decider.on_host(HostIx(host)).to_vec();
        for instance in on {
            if has.iter().any(|(i, _, _)| *i == instance) {
                continue;
            }
            match self.cell.store.wants.get(&instance).copied() {
                Some(Want { run: false, claim, .. }) => {
                    match self.leader.ending.get(&instance) {
                        Some(by) if *by <= generation => {}
                        Some(_) => continue,
                        // A leader before this one ended it: this one's first config leaves it out.
                        None => {
                            let by = self.leader.views[host as usize].wanted;
                            self.leader.ending.insert(instance, by);
                            continue;
                        }
                    }
                    if self.commit() {
                        self.cell.store.wants.remove(&instance);
                        self.leader.ending.remove(&instance);
                        self.leader.decider.release(instance);
                        self.tell_region(Message::Gone { instance, attempt: claim.attempt });
                    }
                }
                // It was stopping there already; the config that kept it would start it again, so that it is not gone yet.
                None if self.leader.strange.contains_key(&instance) => match self.leader.ending.get(&instance) {
                    Some(by) if *by <= generation => {
                        self.leader.ending.remove(&instance);
                        self.leader.strange.remove(&instance);
                        self.leader.decider.release(instance);
                    }
                    Some(_) => {}
                    None => self.end_on(instance, host),
                },
                _ => {}
            }
        }
    }

    /// A host has what nobody's books have: counted where it is, and kept, until the region says whose it is.
    fn strange(&mut self, instance: InstanceId, room: Room, host: HostNo) {
        if self.leader.strange.contains_key(&instance) {
            return;
        }
        let claim = Claim { instance, attempt: 0, account: Account(0), size: room, pools: Pools::ANY, group: None };
        self.leader.decider.adopt(instance, held(&claim, host, None));
        self.leader.questions += 1;
        let token = self.leader.token();
        self.leader.strange.insert(instance, (host, token));
        self.tell_region(Message::AskRows { token });
    }

    pub(super) fn powered_off(&mut self, host: HostNo, generation: u64) {
        let view = &mut self.leader.views[host as usize];
        if !view.fence.confirm(generation) {
            return;
        }
        self.leader.lagging.remove(&host);
        self.recover(host);
    }

    /// Starts a switched-off host's instances elsewhere: it cannot run them, and no config that could is on its way.
    fn recover(&mut self, host: HostNo) {
        let on: Vec<InstanceId> = self.leader.decider.on_host(HostIx(host)).to_vec();
        for instance in on {
            let Some(want) = self.cell.store.wants.get(&instance).copied() else { continue };
            if !self.commit() {
                return;
            }
            if !want.run {
                self.cell.store.wants.remove(&instance);
                self.leader.decider.release(instance);
                self.tell_region(Message::Gone { instance, attempt: want.claim.attempt });
                continue;
            }
            let Some(before) = self.leader.decider.release(instance) else { continue };
            match self.leader.decider.decide(instance, &request(&want.claim, None), TimestampMs(self.around.now)) {
                Ok(placement) => {
                    self.leader.running.remove(&instance);
                    self.cell.store.wants.insert(instance, Want { host: placement.host.0, moved: true, ..want });
                    self.leader.moved.insert(instance);
                    self.around.check.count("instances started elsewhere");
                    self.push(placement.host.0);
                }
                Err(_) => self.leader.decider.adopt(instance, before),
            }
        }
    }
}
