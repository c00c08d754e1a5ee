//! What directories are pushed: who has which address of the VPCs that are large, or becoming so, cut into parts.
//!
//! Follows the rows that change: one interface more costs its part, not its VPC. A part's name says its contents, so a control
//! plane that starts again makes the same ones, and nothing is sent.

use crate::db::{Db, Row};
use crate::elb::rows::{BalancerNode, NodeState};
use crate::rows::{AttachmentStatus, Instance, InstanceState, Interface, NatGateway, Vpc};
use aws_lc_rs::digest::{SHA256, digest};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::{IpAddr, Ipv4Addr};
use types::{AccountId, InterfaceId, Vni, VpcId};
use wire::directory::{DirectoryPart, Holder, PartName, part_of, parts_of};

/// Directories know a VPC before its hosts ask: from this share of a large one's interfaces on.
const AHEAD: usize = 2;

#[derive(Default)]
pub struct Cut {
    vpcs: BTreeMap<Vni, VpcCut>,
    /// Where what was said of an interface stands.
    said: HashMap<InterfaceId, (Vni, Vec<IpAddr>)>,
    /// A VPC with more addresses than this is cut.
    whole_max: usize,
}

struct VpcCut {
    addresses: usize,
    /// A power of two.
    parts: Vec<PartCut>,
}

#[derive(Default)]
struct PartCut {
    entries: BTreeMap<IpAddr, Holder>,
    /// `None`: it has changed since.
    name: Option<PartName>,
}

impl Cut {
    /// `whole_max`: of `LargeVpcSettings`.
    pub fn new(whole_max: u32) -> Self {
        Self { whole_max: whole_max as usize / AHEAD, ..Self::default() }
    }

    /// Takes in what has changed since the last call.
    pub fn refresh(&mut self, db: &mut Db) {
        let mut touched: BTreeSet<(AccountId, InterfaceId)> = BTreeSet::new();
        for (kind, account, id) in db.take_changed_placements() {
            match kind {
                // A node's row has the id of its interface.
                Interface::KIND | BalancerNode::KIND => touched.extend(id.parse().ok().map(|id| (account, id))),
                Instance::KIND => {
                    let of = db.get::<Instance>(&account, id).map(|i| i.interfaces.clone()).unwrap_or_default();
                    touched.extend(of.into_iter().map(|n| (account.clone(), n)));
                }
                _ => touched.extend(db.get::<NatGateway>(&account, id).and_then(|g| g.interface).map(|n| (account, n))),
            }
        }
        let mut vnis: HashMap<VpcId, Option<Vni>> = HashMap::new();
        for (account, id) in touched {
            let now = db.get::<Interface>(&account, id).and_then(|n| {
                let vni = *vnis.entry(n.vpc).or_insert_with(|| db.get::<Vpc>(&account, n.vpc).map(|v| v.vni));
                let holder = Holder { interface: n.id, mac: n.mac, underlay: placed(db, &n), groups: n.groups.clone() };
                let addresses = n.ipv4.iter().map(|a| IpAddr::from(*a)).chain(n.ipv6.iter().map(|a| IpAddr::from(*a)));
                Some((vni?, addresses.collect(), holder))
            });
            self.say(id, now);
        }
    }

    /// What is so of an interface now; `None`: it is gone.
    pub fn say(&mut self, id: InterfaceId, now: Option<(Vni, Vec<IpAddr>, Holder)>) {
        let addresses: Vec<IpAddr> = now.iter().flat_map(|(_, addresses, _)| addresses).copied().collect();
        if let Some((vni, before)) = self.said.remove(&id) {
            let same = now.as_ref().is_some_and(|n| n.0 == vni);
            before.iter().filter(|a| !(same && addresses.contains(a))).for_each(|a| {
                if let Some(vpc) = self.vpcs.get_mut(&vni) {
                    vpc.remove(*a, id);
                }
            });
        }
        if let Some((vni, _, holder)) = now {
            let vpc = self.vpcs.entry(vni).or_insert_with(|| VpcCut { addresses: 0, parts: vec![PartCut::default()] });
            addresses.iter().for_each(|a| vpc.insert(*a, &holder));
            self.said.insert(id, (vni, addresses));
        }
    }

    /// The names of all parts there are, sorted.
    pub fn names(&mut self) -> Vec<PartName> {
        let mut names = Vec::new();
        self.vpcs.retain(|_, v| v.addresses > 0);
        for (vni, vpc) in self.vpcs.iter_mut().filter(|(_, v)| v.addresses > self.whole_max) {
            let of = vpc.parts.len() as u16;
            names.extend((0..of).map(|part| vpc.name(*vni, part, of)));
        }
        names.sort();
        names
    }

    /// `None`: it has changed since it was named.
    pub fn part(&self, name: &PartName) -> Option<DirectoryPart> {
        let vpc = self.vpcs.get(&name.vni)?;
        let part = vpc.parts.get(usize::from(name.part)).filter(|p| p.name.as_ref() == Some(name))?;
        Some(part.to_wire(name.vni, name.part, name.of))
    }

    /// About the JSON of a part, bytes.
    pub fn part_bytes(&self, name: &PartName) -> usize {
        let vpc = self.vpcs.get(&name.vni);
        vpc.and_then(|v| v.parts.get(usize::from(name.part))).map_or(0, |p| 256 + 200 * p.entries.len())
    }
}

impl VpcCut {
    fn at(&mut self, address: IpAddr) -> &mut PartCut {
        let of = self.parts.len() as u16;
        &mut self.parts[usize::from(part_of(address, of))]
    }

    fn insert(&mut self, address: IpAddr, holder: &Holder) {
        let part = self.at(address);
        match part.entries.insert(address, holder.clone()) {
            Some(before) if before == *holder => {}
            before => {
                part.name = None;
                self.addresses += usize::from(before.is_none());
            }
        }
        self.cut();
    }

    /// Unless somebody else has the address by now.
    fn remove(&mut self, address: IpAddr, of: InterfaceId) {
        let part = self.at(address);
        if part.entries.get(&address).is_some_and(|h| h.interface == of) {
            part.entries.remove(&address);
            part.name = None;
            self.addresses -= 1;
        }
        self.cut();
    }

    /// Cuts anew when there are twice as many addresses as the parts are for, or a quarter.
    fn cut(&mut self) {
        let (want, have) = (usize::from(parts_of(self.addresses)), self.parts.len());
        if want <= have && want * 4 > have {
            return;
        }
        let old = std::mem::take(&mut self.parts);
        self.parts.resize_with(want, PartCut::default);
        for (address, holder) in old.into_iter().flat_map(|p| p.entries) {
            self.at(address).entries.insert(address, holder);
        }
    }

    fn name(&mut self, vni: Vni, part: u16, of: u16) -> PartName {
        let cut = &mut self.parts[usize::from(part)];
        if cut.name.is_none() {
            let text = serde_json::to_vec(&cut.to_wire(vni, part, of)).unwrap_or_default();
            cut.name = Some(PartName { vni, part, of, digest: hex::encode(&digest(&SHA256, &text).as_ref()[..16]) });
        }
        cut.name.clone().unwrap_or(PartName { vni, part, of, digest: String::new() })
    }
}

impl PartCut {
    fn to_wire(&self, vni: Vni, part: u16, of: u16) -> DirectoryPart {
        DirectoryPart { vni, part, of, entries: self.entries.iter().map(|(a, h)| (*a, h.clone())).collect() }
    }
}

/// The host of an interface whose instance, or NAT gateway, is on one now.
pub fn placed(db: &Db, n: &Interface) -> Option<Ipv4Addr> {
    if let Some(id) = n.nat_gateway {
        let gateway = db.get::<NatGateway>(&n.account, id)?;
        return gateway.place.as_ref().filter(|_| gateway.state.is_wanted()).map(|p| p.underlay);
    }
    if n.load_balancer.is_some() {
        let node = db.get::<BalancerNode>(&n.account, n.id)?;
        return node.place.as_ref().filter(|_| node.state != NodeState::Ending).map(|p| p.underlay);
    }
    let attachment = n.attachment.as_ref().filter(|a| a.status != AttachmentStatus::Detaching)?;
    let instance = db.get::<Instance>(&n.account, attachment.instance)?;
    let on_host = !matches!(instance.state, InstanceState::Stopped | InstanceState::Terminated);
    (on_host && instance.interfaces.contains(&n.id)).then_some(instance.underlay)
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::MacAddr;

    fn holder(n: u32, host: u8) -> Holder {
        let underlay = Some(Ipv4Addr::new(127, 0, 1, host));
        Holder { interface: InterfaceId::from_random(n.into()), mac: MacAddr([2, 0, 0, 0, 0, 1]), underlay, groups: vec![] }
    }

    fn set(cut: &mut Cut, n: u32, host: Option<u8>) {
        let now = host.map(|h| (Vni::FIRST_VPC, vec![Ipv4Addr::from(0x0a00_0000 + n).into()], holder(n, h)));
        cut.say(InterfaceId::from_random(n.into()), now);
    }

    #[test]
    fn a_change_costs_its_part_and_a_small_vpc_nothing() {
        let mut cut = Cut::new(2000);
        (0..1000).for_each(|n| set(&mut cut, n, Some(1)));
        assert_eq!(cut.names(), []);
        (1000..5000).for_each(|n| set(&mut cut, n, Some(1)));
        let before = cut.names();
        assert_eq!(before.len(), usize::from(parts_of(5000)));
        let entries = |cut: &Cut, names: &[PartName]| -> usize { names.iter().map(|n| cut.part(n).unwrap().entries.len()).sum() };
        assert_eq!(entries(&cut, &before), 5000);
        set(&mut cut, 77, Some(2));
        let after = cut.names();
        let changed: Vec<_> = after.iter().filter(|n| !before.contains(n)).collect();
        assert_eq!((changed.len(), after.len()), (1, before.len()));
        assert!(cut.part(changed[0]).unwrap().entries.contains(&(Ipv4Addr::new(10, 0, 0, 77).into(), holder(77, 2))));
        assert!(before.iter().filter(|n| cut.part(n).is_none()).count() == 1, "the part that was");
        // As it was is as it was; and the same rows make the same parts in any order.
        set(&mut cut, 77, Some(1));
        assert_eq!(cut.names(), before);
        let mut again = Cut::new(2000);
        (0..5000).rev().for_each(|n| set(&mut again, n, Some(1)));
        assert_eq!(again.names(), before);
        // It shrinks: cut anew only when it is much smaller, and forgotten when it is small.
        (1500..5000).for_each(|n| set(&mut cut, n, None));
        assert_eq!(
            (
                cut.names().len(),
                entries(&cut, &cut.vpcs[&Vni::FIRST_VPC].parts.iter().map(|p| p.name.clone().unwrap()).collect::<Vec<_>>())
            ),
            (8, 1500)
        );
        (0..1500).for_each(|n| set(&mut cut, n, None));
        assert!(cut.names().is_empty() && cut.vpcs.is_empty() && cut.said.is_empty());
    }

    #[test]
    fn an_address_that_changes_hands_is_the_new_ones() {
        let mut cut = Cut::new(0);
        let address = vec![IpAddr::from([10, 0, 0, 1])];
        let say = |cut: &mut Cut, n: u32, here: bool| {
            cut.say(InterfaceId::from_random(n.into()), here.then(|| (Vni::FIRST_VPC, address.clone(), holder(n, 1))));
        };
        say(&mut cut, 1, true);
        say(&mut cut, 2, true);
        say(&mut cut, 1, false);
        let names = cut.names();
        assert_eq!(cut.part(&names[0]).unwrap().entries, [(address[0], holder(2, 1))]);
    }
}
