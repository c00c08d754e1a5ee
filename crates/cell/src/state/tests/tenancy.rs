//! Whose hosts are whose: two accounts, dedicated instances, allocated hosts; over restarts and lost stores.

use super::*;
use platform::Rng;
use types::AccountId;
use wire::cell::{AllocateReply, AllocateRequest, CellDedicatedHost, HostAllocation};

const ACCOUNTS: [&str; 2] = ["111111111111", "222222222222"];

fn account(n: usize) -> AccountId {
    ACCOUNTS[n].parse().unwrap()
}

fn dh(n: u64) -> DedicatedHostId {
    DedicatedHostId::from_random(n.into())
}

fn hosts(count: u8) -> CellSettings {
    let one = settings().hosts.remove(0);
    let host = |n: u8| HostSettings { id: host(n), underlay: [127, 64, 0, n].into(), ..one.clone() };
    CellSettings { hosts: (1..=count).map(host).collect(), ..settings() }
}

fn allocate(n: u64, of: usize) -> AllocateRequest {
    AllocateRequest { ids: vec![dh(n)], account: account(of), size: SMALL, hold_ms: 10_000 }
}

fn allocated(reply: AllocateReply) -> Vec<HostAllocation> {
    match reply {
        AllocateReply::Allocated(places) => places,
        other => panic!("{other:?}"),
    }
}

fn kept(place: &HostAllocation, of: usize) -> CellDedicatedHost {
    CellDedicatedHost { id: place.id, account: account(of), host: place.host.clone(), hold: place.hold }
}

fn of(tenancy: Tenancy, claim: ClaimRequest) -> ClaimRequest {
    ClaimRequest { tenancy, ..claim }
}

fn short(reply: ClaimReply) -> String {
    match reply {
        ClaimReply::Insufficient { short_of, .. } => short_of,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_allocated_host_is_its_accounts_alone_from_the_promise_on() {
    let mut cell = cell();
    let (reply, change) = cell.allocate(&allocate(1, 0), NOW).unwrap();
    let place = allocated(reply).remove(0);
    assert_eq!((change.hosts.len(), cell.allocate(&allocate(1, 0), NOW).unwrap().1), (1, Change::default()), "the same again");
    let other = if place.host == host(1) { host(2) } else { host(1) };
    // Everybody else goes elsewhere, and then nowhere.
    let shared = placed(ask(&mut cell, &claim(&[1, 2, 3], 1), NOW).0);
    assert!(shared.len() == 2 && shared.iter().all(|p| p.host == other), "{shared:?}");
    let why = short(ask(&mut cell, &of(Tenancy::Dedicated(account(0)), claim(&[4], 1)), NOW).0);
    assert!(why.contains("dedicated tenancy; 2 kept for other tenancy"), "{why}");
    let on = |a, n| ClaimRequest { dedicated_hosts: vec![place.host.clone()], ..of(Tenancy::Host(account(a)), claim(&[n], 1)) };
    let why = short(ask(&mut cell, &on(1, 5), NOW).0);
    assert!(why.contains("its account's dedicated hosts; 2 kept for other tenancy"), "{why}");
    let mine = placed(ask(&mut cell, &on(0, 6), NOW).0).remove(0);
    assert!(mine.host == place.host && mine.why.starts_with(&format!("on dedicated host {}: ", dh(1))), "{}", mine.why);
    // None is empty: nothing is held by the attempt.
    assert!(matches!(cell.allocate(&allocate(2, 1), NOW).unwrap().0, AllocateReply::Insufficient { placeable: 0, .. }));
    // The document keeps it; when it names it no more, others may come beside what is left.
    let mut document = with_holds(config(&[(6, if mine.host == host(1) { 1 } else { 2 }, Desired::Running)]), &[(6, mine.hold)]);
    document.instances[0].tenancy = Tenancy::Host(account(0));
    document.dedicated_hosts = vec![kept(&place, 0)];
    assert_eq!(cell.review(&document, NOW), Change::default());
    assert_eq!(cell.configure(document.clone(), NOW).hosts_over, [dh(1)]);
    assert!(matches!(ask(&mut cell, &claim(&[7], 1), later(11_000)).0, ClaimReply::Insufficient { .. }));
    (1..=2).for_each(|n| assert!(cell.hear(report(n, 2, vec![]), later(11_000))));
    let shared = placed(ask(&mut cell, &claim(&[7], 1), later(11_000)).0);
    assert_eq!(shared[0].host, other, "the holds of those there have ended");
    document.dedicated_hosts.clear();
    document.instances.clear();
    cell.configure(document, later(11_000));
    let shared = placed(ask(&mut cell, &claim(&[8, 9, 10], 3), later(11_000)).0);
    assert!(shared.iter().any(|p| p.host == place.host));
}

#[test]
fn a_controller_that_starts_anew_knows_whose_hosts_are_whose_before_it_places() {
    let mut before = cell();
    let (reply, change) = before.allocate(&allocate(1, 0), NOW).unwrap();
    let place = allocated(reply).remove(0);
    let two = of(Tenancy::Dedicated(account(1)), claim(&[1], 1));
    let (reply, claimed) = ask(&mut before, &two, NOW);
    let dedicated = placed(reply).remove(0);
    assert_ne!(dedicated.host, place.host);
    let mut document = config(&[(1, if dedicated.host == host(1) { 1 } else { 2 }, Desired::Running)]);
    document.instances[0].tenancy = Tenancy::Dedicated(account(1));
    document.dedicated_hosts = vec![kept(&place, 0)];
    // By its store, by its document, by the document alone: an instance that is stopped keeps its host too.
    let stored = Kept { hosts: change.hosts, holds: claimed, ..Kept::default() };
    let mut stopped = document.clone();
    stopped.instances[0].config.desired = Desired::Stopped;
    for (config, kept) in [(config(&[]), stored), (document, Kept::default()), (stopped, Kept::default())] {
        let mut next = Cell::new(settings(), Some(config), kept, 900);
        let there = |n: u8| if host(n) == dedicated.host { vec![seen(1, VmState::Running)] } else { vec![] };
        (1..=2).for_each(|n| assert!(next.hear(report(n, 1, there(n)), NOW)));
        assert!(matches!(ask(&mut next, &claim(&[8], 1), NOW).0, ClaimReply::Insufficient { .. }));
        let others = of(Tenancy::Dedicated(account(0)), claim(&[8], 1));
        assert!(matches!(ask(&mut next, &others, NOW).0, ClaimReply::Insufficient { .. }));
        let own = of(Tenancy::Dedicated(account(1)), claim(&[8], 1));
        assert_eq!(placed(ask(&mut next, &own, NOW).0)[0].host, dedicated.host);
    }
    // Nothing at all: it does not place.
    let mut lost = Cell::new(settings(), None, Kept { new_at: Some(NOW), ..Kept::default() }, 900);
    assert_eq!(lost.allocate(&allocate(9, 0), NOW).unwrap_err(), NotReady::NoDocument);
}

#[test]
fn a_promise_that_had_ended_is_kept_if_the_host_is_empty_still_and_refused_if_not() {
    let mut cell = cell();
    let place = allocated(cell.allocate(&allocate(1, 0), NOW).unwrap().0).remove(0);
    let mut document = config(&[]);
    document.dedicated_hosts = vec![kept(&place, 0)];
    let late = later(11_000);
    (1..=2).for_each(|n| assert!(cell.hear(report(n, 2, vec![]), late)));
    // Somebody else has come to both hosts.
    assert_eq!(placed(ask(&mut cell, &claim(&[1, 2, 3, 4], 4), late).0).len(), 4);
    let change = cell.review(&document, late);
    assert_eq!(change.hosts_refused, [RefusedHost { id: dh(1), hold: place.hold }]);
    cell.configure(document.clone(), late);
    assert_eq!(cell.report(late).dedicated_hosts_refused, [dh(1)]);
    // A controller that starts anew refuses it still.
    let kept_rows = Kept { hosts_refused: change.hosts_refused, ..Kept::default() };
    let mut next = Cell::new(settings(), Some(document.clone()), kept_rows, 900);
    (1..=2).for_each(|n| assert!(next.hear(report(n, 3, vec![]), late)));
    assert_eq!(next.report(late).dedicated_hosts_refused, [dh(1)]);
    placed(ask(&mut next, &claim(&[1, 2, 3, 4], 4), late).0);
    assert_eq!(next.configure(config(&[]), late).hosts_settled, [dh(1)]);
    assert!(next.report(late).dedicated_hosts_refused.is_empty());
    // Empty still.
    let mut cell = super::cell();
    assert_eq!(cell.review(&document, NOW), Change::default());
    cell.configure(document, NOW);
    assert!(matches!(
        cell.allocate(&AllocateRequest { ids: vec![dh(2), dh(3)], ..allocate(2, 1) }, NOW).unwrap().0,
        AllocateReply::Insufficient { placeable: 1, .. }
    ));
}

/// An instance whose hold had ended may not come beside those who have its host for themselves now, room or not.
#[test]
fn an_instance_that_comes_late_is_refused_where_the_host_is_kept_for_others() {
    for (late, early) in [
        (Tenancy::Shared, Tenancy::Dedicated(account(1))),
        (Tenancy::Dedicated(account(0)), Tenancy::Shared),
        (Tenancy::Dedicated(account(0)), Tenancy::Dedicated(account(1))),
    ] {
        let mut cell = cell();
        let first = placed(ask(&mut cell, &of(late.clone(), claim(&[1], 1)), NOW).0).remove(0);
        let (at, now) = (if first.host == host(1) { 1 } else { 2 }, later(11_000));
        (1..=2).for_each(|n| assert!(cell.hear(report(n, 2, vec![]), now)));
        placed(ask(&mut cell, &of(early.clone(), claim(&[2, 3], 2)), now).0);
        let others = of(early.clone(), ClaimRequest { on_host: Some(first.host.clone()), ..claim(&[4], 1) });
        let there = placed(ask(&mut cell, &others, now).0);
        assert_eq!(there[0].host, first.host);
        let mut document = with_holds(config(&[(1, at, Desired::Running)]), &[(1, first.hold)]);
        document.instances[0].tenancy = late.clone();
        let refused = cell.review(&document, now).refused;
        assert!(refused.len() == 1 && refused[0].why.contains("kept for others"), "{late:?} {early:?} {refused:?}");
    }
}

/// What the region has committed, as its rows would say.
#[derive(Default)]
struct Rows {
    instances: BTreeMap<u64, (Placement, Tenancy, Desired)>,
    hosts: BTreeMap<DedicatedHostId, CellDedicatedHost>,
    now: u64,
}

impl Rows {
    fn document(&self) -> CellConfig {
        let number = |p: &Placement| p.host.as_str().trim_start_matches("a1-h").parse().unwrap();
        let instances: Vec<_> = self.instances.iter().map(|(n, (p, _, desired))| (*n, number(p), *desired)).collect();
        let holds: Vec<_> = self.instances.iter().map(|(n, (p, ..))| (*n, p.hold)).collect();
        let mut document = with_holds(config(&instances), &holds);
        for (i, (_, tenancy, _)) in document.instances.iter_mut().zip(self.instances.values()) {
            i.tenancy = tenancy.clone();
        }
        document.dedicated_hosts = self.hosts.values().cloned().collect();
        document
    }

    /// As the region looks before it commits (`placement::check_neighbours`): whether its rows allow it.
    fn allow(&self, host: &HostId, tenancy: &Tenancy) -> bool {
        let owner = self.hosts.values().find(|h| h.host == *host).map(|h| Tenancy::Host(h.account.clone()));
        let beside = self.instances.values().filter(|(p, ..)| p.host == *host);
        match (owner, tenancy) {
            (Some(owner), tenancy) => owner == *tenancy,
            (None, Tenancy::Host(_)) => false,
            (None, tenancy) => beside.clone().all(|(_, t, _)| {
                t == tenancy || !matches!((t, tenancy), (Tenancy::Dedicated(_), _) | (_, Tenancy::Dedicated(_)))
            }),
        }
    }

    fn allow_host(&self, host: &HostId) -> bool {
        self.hosts.values().all(|h| h.host != *host) && self.instances.values().all(|(p, ..)| p.host != *host)
    }

    /// Who runs on each host, as far as the cell lets them.
    fn check(&self, cell: &Cell) {
        let refused = cell.report(later(self.now)).dedicated_hosts_refused;
        let known: Vec<_> = cell.config().iter().flat_map(|c| c.dedicated_hosts.clone()).collect();
        let mut on: BTreeMap<&HostId, Vec<&Tenancy>> = BTreeMap::new();
        let runs = |i: &&CellInstance| i.config.desired == Desired::Running && !cell.is_refused(i);
        for i in cell.config().iter().flat_map(|c| &c.instances).filter(runs) {
            on.entry(&i.host).or_default().push(&i.tenancy);
        }
        for (host, there) in &on {
            let owner = known.iter().find(|h| h.host == **host && !refused.contains(&h.id)).map(|h| &h.account);
            for tenancy in there {
                match (owner, tenancy) {
                    (Some(owner), Tenancy::Host(of)) => assert_eq!(owner, of, "{host}"),
                    (None, Tenancy::Shared) => {}
                    (None, Tenancy::Dedicated(_)) => assert!(there.iter().all(|t| t == tenancy), "{host}: {there:?}"),
                    (owner, tenancy) => panic!("{host} of {owner:?} has {tenancy:?}"),
                }
            }
        }
        let mut hosts: Vec<_> = known.iter().filter(|h| !refused.contains(&h.id)).map(|h| &h.host).collect();
        hosts.sort();
        assert!(hosts.windows(2).all(|w| w[0] != w[1]), "a host was allocated twice");
    }
}

/// A region that commits sometimes late or never, documents that come late, controllers that are killed with and without their
/// stores: nobody is ever beside whom he may not be beside.
#[test]
fn nobody_is_beside_whom_he_may_not_be_beside_whatever_fails() {
    let (mut placed_all, mut allocated_all, mut restarts, mut refusals) = (0, 0, 0, 0);
    for seed in 0..200 {
        let mut rng = platform::SeededRng::new(seed);
        let mut below = |n: u64| rng.u64() % n;
        let (mut rows, mut stored, mut next_id, mut sequence) = (Rows::default(), Kept::default(), 1, 1);
        let mut cell = Cell::new(hosts(4), Some(config(&[])), Kept::default(), 100);
        let hear = |cell: &mut Cell, rows: &Rows, sequence: &mut u64| {
            *sequence += 1;
            for n in 1..=4 {
                let runs = |i: &&CellInstance| i.host == host(n) && !cell.is_refused(i);
                let state = |i: &CellInstance| match i.config.desired {
                    Desired::Running => VmState::Running,
                    Desired::Stopped => VmState::Stopped { by_guest: false },
                    Desired::Terminated => VmState::Gone,
                };
                let seen = |i: &CellInstance| InstanceReport { id: i.config.id, ..seen(0, state(i)) };
                let there = cell.config().iter().flat_map(|c| &c.instances).filter(runs).map(seen).collect();
                assert!(cell.hear(report(n, *sequence, there), later(rows.now)));
            }
        };
        let keep = |stored: &mut Kept, change: Change| {
            stored.holds.retain(|h| !change.over.contains(&h.instance) && !change.held.iter().any(|c| c.instance == h.instance));
            stored.holds.extend(change.held);
            stored.hosts.retain(|h| !change.hosts_over.contains(&h.id) && !change.hosts.iter().any(|c| c.id == h.id));
            stored.hosts.extend(change.hosts);
            stored.refused.retain(|r| !change.settled.contains(&r.instance));
            stored.refused.extend(change.refused);
            stored.hosts_refused.retain(|r| !change.hosts_settled.contains(&r.id));
            stored.hosts_refused.extend(change.hosts_refused);
        };
        hear(&mut cell, &rows, &mut sequence);
        for _ in 0..60 {
            let of = below(2) as usize;
            match below(8) {
                0 | 1 => {
                    let tenancy = match below(3) {
                        0 => Tenancy::Shared,
                        1 => Tenancy::Dedicated(account(of)),
                        _ => Tenancy::Host(account(of)),
                    };
                    let own = rows.hosts.values().filter(|h| h.account == account(of)).map(|h| h.host.clone()).collect();
                    let ids: Vec<u64> = (next_id..next_id + 1 + below(2)).collect();
                    next_id += 2;
                    let request = ClaimRequest { dedicated_hosts: own, ..super::tenancy::of(tenancy.clone(), claim(&ids, 1)) };
                    if let Ok((ClaimReply::Placed(places), change)) = cell.claim(&request, later(rows.now)) {
                        keep(&mut stored, change);
                        let commits = below(8) > 0;
                        for (p, n) in places.into_iter().filter(|_| commits).flat_map(|p| {
                            let n = ids.iter().find(|n| id(**n) == p.instance).copied();
                            n.map(|n| (p, n))
                        }) {
                            if rows.allow(&p.host, &tenancy) {
                                placed_all += 1;
                                rows.instances.insert(n, (p, tenancy.clone(), Desired::Running));
                            }
                        }
                    }
                }
                2 => {
                    let request = allocate(next_id, of);
                    next_id += 1;
                    if let Ok((AllocateReply::Allocated(places), change)) = cell.allocate(&request, later(rows.now)) {
                        keep(&mut stored, change);
                        allocated_all += 1;
                        if below(8) > 0 && rows.allow_host(&places[0].host) {
                            rows.hosts.insert(places[0].id, kept(&places[0], of));
                        }
                    }
                }
                3 => {
                    // A region takes away only what nobody is on.
                    let used = |h: &CellDedicatedHost| rows.instances.values().any(|(p, ..)| p.host == h.host);
                    let free: Vec<_> = rows.hosts.values().filter(|h| !used(h)).map(|h| h.id).collect();
                    free.iter().take(1).for_each(|id| drop(rows.hosts.remove(id)));
                }
                4 => {
                    let nth = below(rows.instances.len().max(1) as u64) as usize;
                    if let Some(n) = rows.instances.keys().nth(nth).copied() {
                        match below(3) {
                            0 => drop(rows.instances.remove(&n)),
                            1 => rows.instances.get_mut(&n).unwrap().2 = Desired::Stopped,
                            _ => {
                                let (place, tenancy, desired) = rows.instances[&n].clone();
                                let own = vec![place.host.clone()];
                                let start = super::tenancy::of(tenancy.clone(), claim(&[n], 1));
                                let start = ClaimRequest { on_host: Some(place.host), dedicated_hosts: own, ..start };
                                let stopped = desired == Desired::Stopped;
                                if stopped && let Ok((ClaimReply::Placed(p), change)) = cell.claim(&start, later(rows.now)) {
                                    keep(&mut stored, change);
                                    if rows.allow(&p[0].host, &tenancy) {
                                        rows.instances.insert(n, (p[0].clone(), tenancy, Desired::Running));
                                    }
                                }
                            }
                        }
                    }
                }
                5 => {
                    rows.now += below(15_000);
                    hear(&mut cell, &rows, &mut sequence);
                }
                6 => {
                    let document = rows.document();
                    let change = cell.review(&document, later(rows.now));
                    refusals += change.refused.len() + change.hosts_refused.len();
                    keep(&mut stored, change);
                    let change = cell.configure(document, later(rows.now));
                    keep(&mut stored, change);
                    // The region hears of it: what was refused is the accounts' no more.
                    let refused = cell.report(later(rows.now)).dedicated_hosts_refused;
                    rows.hosts.retain(|id, _| !refused.contains(id));
                    let over: Vec<u64> = rows.instances.keys().copied().collect();
                    for n in over {
                        if cell.config().unwrap().instances.iter().any(|i| i.config.id == id(n) && cell.is_refused(i)) {
                            rows.instances.remove(&n);
                        }
                    }
                    hear(&mut cell, &rows, &mut sequence);
                }
                _ => {
                    restarts += 1;
                    let lost = below(2) == 0;
                    let ledger = (!lost || below(2) == 0).then(|| cell.config().cloned()).flatten();
                    if lost {
                        stored = Kept { new_at: Some(later(rows.now)), ..Kept::default() };
                    }
                    let kept = Kept {
                        holds: stored.holds.clone(),
                        refused: stored.refused.clone(),
                        hosts: stored.hosts.clone(),
                        hosts_refused: stored.hosts_refused.clone(),
                        new_at: stored.new_at,
                        ..Kept::default()
                    };
                    cell = Cell::new(hosts(4), ledger, kept, 1_000_000 * (1 + restarts));
                    // Hosts run what they were told; the newest that the region gave comes again before anything is placed.
                    if cell.config().is_none() {
                        rows.now += 31_000;
                        cell.configure(rows.document(), later(rows.now));
                    }
                    rows.now += if lost { 31_000 } else { 0 };
                    stored.new_at = None;
                    hear(&mut cell, &rows, &mut sequence);
                }
            }
            rows.check(&cell);
        }
    }
    let counts = (placed_all, allocated_all, restarts, refusals);
    assert!(placed_all > 1000 && allocated_all > 200 && restarts > 500 && refusals > 20, "{counts:?}");
}
