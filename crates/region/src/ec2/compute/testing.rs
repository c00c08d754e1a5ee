//! For tests: a region driven with form text through the real dispatcher, with cells that are only arithmetic.

use crate::context::{Answer, Ctx, OpError, OpResult, Question, ReplayRng};
use crate::db::Db;
use crate::dispatch::{self, Table};
use crate::rows::{AttachmentStatus, Instance, Interface};
use aws_protocol::{AwsError, Form, HttpReply};
use platform::Settings;
use platform::settings::{CellSettings, HostSettings};
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::rc::Rc;
use types::{CapacityReservationId, DedicatedHostId, HostId, InstanceId, TimestampMs};
use wire::api::Principal;
use wire::cell::{
    AllocateReply, AllocateRequest, CellInstanceReport, ClaimMarket, ClaimReply, ClaimRequest, GroupStrategy, HostAllocation,
    Placement, ReserveReply, ReserveRequest, Tenancy,
};
use wire::host::{Capacity, ConsoleReply, Reachability, VmState};

/// No request needs to ask more often than this.
const ASKS_MAX: usize = 64;

pub struct World {
    pub db: Db,
    pub settings: Settings,
    pub caller: Principal,
    pub now: TimestampMs,
    pub asked: Vec<Question>,
    /// The cells do not answer.
    pub silent: bool,
    /// The cells of this zone do not.
    pub silent_zone: Option<&'static str>,
    pub console: String,
    /// In thousandths of the on-demand price, everywhere.
    pub spot_price: u32,
    /// What the cells have promised.
    pub claims: BTreeMap<InstanceId, (HostId, Capacity)>,
    /// Of those that are not shared.
    pub tenants: BTreeMap<InstanceId, Tenancy>,
    /// Allocated hosts.
    pub kept: BTreeMap<HostId, DedicatedHostId>,
    /// Free slots of capacity reservations.
    pub slots: BTreeMap<CapacityReservationId, Vec<(HostId, Capacity)>>,
    /// Hosts that are confirmed off.
    pub off: BTreeSet<HostId>,
    table: Table,
}

/// The account's root user, whom nothing limits.
pub fn principal(account: &str) -> Principal {
    Principal::root(account.parse().unwrap())
}

impl World {
    /// Zone us-east-1a with cells a1 (one host of 8 vCPUs) and a2 (two of them), us-east-1b with b1; the default VPC.
    pub fn new() -> Self {
        let cell = |id: &str, az: &str, hosts: u8| CellSettings {
            id: id.parse().unwrap(),
            az: az.parse().unwrap(),
            hosts: (1..=hosts)
                .map(|n| HostSettings {
                    id: format!("{id}-h{n}").parse().unwrap(),
                    underlay: Ipv4Addr::new(127, 1, 0, n),
                    vcpus: 8,
                    memory_mib: 16_384,
                    disk_gib: 100,
                    rack: None,
                })
                .collect(),
        };
        let settings = Settings {
            storage: Vec::new(),
            large_vpcs: Default::default(),
            shards: Default::default(),
            s3: Default::default(),
            audit: Default::default(),
            format: 1,
            region: "us-east-1".parse().unwrap(),
            port: 0,
            cells: vec![cell("a1", "us-east-1a", 1), cell("a2", "us-east-1a", 2), cell("b1", "us-east-1b", 1)],
            edge_underlay: Ipv4Addr::new(127, 1, 0, 1),
            public_pool: "198.18.0.0/24".parse().unwrap(),
            ipv6_pool: "2001:db8:5c00::/40".parse().unwrap(),
            account: "123456789012".parse().unwrap(),
            host_route: false,
            bulk_frames: Default::default(),
            kms_passphrase_file: None,
            limits: Default::default(),
        };
        let mut world = Self {
            db: Db::default(),
            settings,
            caller: principal("123456789012"),
            now: TimestampMs(1_767_225_600_000),
            asked: Vec::new(),
            silent: false,
            silent_zone: None,
            spot_price: 100,
            console: "booted\n".to_owned(),
            claims: BTreeMap::new(),
            tenants: BTreeMap::new(),
            kept: BTreeMap::new(),
            slots: BTreeMap::new(),
            off: BTreeSet::new(),
            table: crate::operations(),
        };
        world.db.cells = crate::cells::Cells::of(&world.settings, 1);
        world.db.cells.assign(&world.caller.account, 0);
        world.ok("CreateDefaultVpc", "");
        world
    }

    fn run(&mut self, f: impl Fn(&Table, &mut Ctx) -> OpResult<HttpReply>) -> Result<String, AwsError> {
        self.asking(f).map(|reply| reply.body)
    }

    /// What the service does of itself, in the caller's name.
    pub fn operate(&mut self, f: impl Fn(&mut Ctx) -> OpResult<()>) {
        self.try_operate(f).unwrap();
    }

    pub fn try_operate(&mut self, f: impl Fn(&mut Ctx) -> OpResult<()>) -> Result<(), AwsError> {
        self.asking(|_, ctx| f(ctx))
    }

    fn asking<T>(&mut self, f: impl Fn(&Table, &mut Ctx) -> OpResult<T>) -> Result<T, AwsError> {
        let mut rng = ReplayRng::new();
        let mut answers: Vec<(Question, Answer)> = Vec::new();
        for _ in 0..ASKS_MAX {
            rng.rewind();
            let bundle = ::iam::Bundle::of(::iam::caller::principal(&self.caller));
            let mut ctx = Ctx::new(
                &mut self.db,
                crate::context::testing::who(&self.caller, &bundle),
                self.now,
                &self.settings,
                "req-1",
                &mut rng,
                &answers,
            );
            match f(&self.table, &mut ctx) {
                Ok(reply) => {
                    self.db.take_mutations();
                    return Ok(reply);
                }
                Err(OpError::Aws(e)) => {
                    self.db.rollback();
                    return Err(e);
                }
                Err(OpError::Ask(question)) => {
                    self.db.rollback();
                    let answer = self.answer(&question);
                    // The region's own memory is nobody else.
                    if !matches!(*question, Question::Cells(_)) {
                        self.asked.push((*question).clone());
                    }
                    answers.push((*question, answer));
                }
            }
        }
        panic!("the request goes on asking: {:?}", self.asked.last());
    }

    fn answer(&mut self, question: &Question) -> Answer {
        match question {
            Question::Cells(wanted) => Answer::Cells(self.db.cells.order(wanted, self.now)),
            _ if self.silent => Answer::Unavailable("it does not answer".to_owned()),
            Question::Claim { cell, .. } if self.settings.cell(cell).map(|c| c.az.as_str()) == self.silent_zone => {
                Answer::Unavailable("its zone is dark".to_owned())
            }
            Question::Claim { request, .. } if matches!(request.market, ClaimMarket::Spot { price_max } if price_max < self.spot_price) => {
                Answer::Claim(ClaimReply::PriceTooLow { now: self.spot_price })
            }
            Question::Claim { cell, request } => {
                let hosts = self.settings.cell(cell).unwrap().hosts.clone();
                Answer::Claim(self.claim(&hosts, request))
            }
            Question::Reserve { cell, request } => {
                let hosts = self.settings.cell(cell).unwrap().hosts.clone();
                Answer::Reserve(self.reserve(&hosts, request))
            }
            Question::EndRun { run, .. } if self.off.contains(&run.host) => Answer::Ended,
            Question::EndRun { run, .. } => Answer::Unavailable(format!("{} is not confirmed off", run.host)),
            Question::Allocate { cell, request } => {
                let hosts = self.settings.cell(cell).unwrap().hosts.clone();
                Answer::Allocate(self.allocate(&hosts, request))
            }
            Question::Console { .. } => Answer::Console(ConsoleReply { text: self.console.clone(), updated_ms: 5 }),
            _ => panic!("a launch asks {question:?}"),
        }
    }

    fn used(&self, h: &HostSettings, pick: fn(&Capacity) -> u32) -> u32 {
        let claimed = self.claims.values().chain(self.slots.values().flatten());
        claimed.filter(|(at, _)| *at == h.id).map(|(_, c)| pick(c)).sum()
    }

    fn reserve(&mut self, hosts: &[HostSettings], request: &ReserveRequest) -> ReserveReply {
        let room = |h: &HostSettings| (h.vcpus - self.used(h, |c| c.vcpus)) / request.size.vcpus;
        let free = hosts.iter().flat_map(|h| std::iter::repeat_n(h.id.clone(), room(h) as usize));
        let slots: Vec<HostId> = free.take(request.count as usize).collect();
        if slots.len() < request.count as usize {
            return ReserveReply::Insufficient { short_of: "vCPUs".into(), placeable: slots.len() as u32 };
        }
        let new = slots.iter().map(|h| (h.clone(), request.size));
        self.slots.entry(request.id).or_default().extend(new);
        ReserveReply::Reserved { slots, hold: 1 + self.asked.len() as u64 }
    }

    fn is_empty(&self, h: &HostId) -> bool {
        !self.kept.contains_key(h) && !self.claims.values().chain(self.slots.values().flatten()).any(|(at, _)| at == h)
    }

    fn allocate(&mut self, hosts: &[HostSettings], request: &AllocateRequest) -> AllocateReply {
        let empty: Vec<HostId> = hosts.iter().filter(|h| self.is_empty(&h.id)).map(|h| h.id.clone()).collect();
        if empty.len() < request.ids.len() {
            return AllocateReply::Insufficient { short_of: "empty hosts".into(), placeable: empty.len() as u32 };
        }
        let hold = 1 + self.asked.len() as u64;
        let places = request.ids.iter().zip(empty).map(|(id, host)| HostAllocation { id: *id, host, hold });
        let places: Vec<_> = places.collect();
        self.kept.extend(places.iter().map(|p| (p.host.clone(), p.id)));
        AllocateReply::Allocated(places)
    }

    /// Whether the claim may be on the host at all.
    fn admits(&self, host: &HostId, request: &ClaimRequest) -> bool {
        let there = self.claims.iter().filter(|(i, (h, _))| h == host && !request.instances.contains(i)).map(|(i, _)| i);
        match &request.tenancy {
            Tenancy::Host(_) => self.kept.contains_key(host) && request.dedicated_hosts.contains(host),
            _ if self.kept.contains_key(host) => false,
            Tenancy::Shared => there.into_iter().all(|i| !self.tenants.contains_key(i)),
            own @ Tenancy::Dedicated(_) => there.into_iter().all(|i| self.tenants.get(i) == Some(own)),
        }
    }

    fn claim(&mut self, hosts: &[HostSettings], request: &ClaimRequest) -> ClaimReply {
        let (mut claims, mut slots) = (self.claims.clone(), self.slots.clone());
        let mut placed = Vec::new();
        for id in &request.instances {
            let in_cell = |h: &HostId| hosts.iter().find(|x| x.id == *h && request.on_host.as_ref().is_none_or(|o| *o == x.id));
            let slot = request.reservations.iter().find_map(|r| {
                let free = slots.get_mut(r)?;
                let at = free.iter().position(|(h, _)| in_cell(h).is_some())?;
                Some((*r, free.remove(at)))
            });
            if let Some((reservation, (host, size))) = slot {
                claims.insert(*id, (host.clone(), size));
                let underlay = in_cell(&host).unwrap().underlay;
                let hold = 1 + self.asked.len() as u64;
                let why = "a free slot".to_owned();
                placed.push(Placement {
                    instance: *id,
                    host,
                    underlay,
                    partition: None,
                    hold,
                    why,
                    reservation: Some(reservation),
                    not_before_ms: None,
                });
                continue;
            }
            if request.reserved_only {
                break;
            }
            let used = |h: &HostSettings, pick: fn(&Capacity) -> u32| -> u32 {
                let others = claims.iter().filter(|(i, _)| *i != id).map(|(_, c)| c).chain(slots.values().flatten());
                others.filter(|(at, _)| *at == h.id).map(|(_, c)| pick(c)).sum()
            };
            // Of a group's strategies the simplest one is enough here: the cell's own tests have the others.
            let group = request.group.as_ref().filter(|g| g.strategy == GroupStrategy::SpreadRack);
            let taken = |h: &HostSettings| {
                group.is_some_and(|g| {
                    g.members.iter().any(|m| m.rack == h.rack()) || placed.iter().any(|p: &Placement| p.host == h.id)
                })
            };
            let allowed = |h: &&HostSettings| {
                request.on_host.as_ref().is_none_or(|only| *only == h.id) && !taken(h) && self.admits(&h.id, request)
            };
            let host = hosts.iter().filter(allowed).find(|h| {
                used(h, |c| c.vcpus) + request.size.vcpus <= h.vcpus
                    && used(h, |c| c.memory_mib) + request.size.memory_mib <= h.memory_mib
                    && used(h, |c| c.disk_gib) + request.size.disk_gib <= h.disk_gib
            });
            let Some(host) = host else { break };
            claims.insert(*id, (host.id.clone(), request.size));
            placed.push(Placement {
                instance: *id,
                host: host.id.clone(),
                underlay: host.underlay,
                partition: request.group.as_ref().and_then(|g| g.partition),
                hold: 1 + self.asked.len() as u64,
                reservation: None,
                not_before_ms: None,
                why: format!("{} is the first with room", host.id),
            });
        }
        if placed.len() < request.count_min as usize {
            return ClaimReply::Insufficient { short_of: "vCPUs".into(), placeable: placed.len() as u32 };
        }
        (self.claims, self.slots) = (claims, slots);
        if request.tenancy != Tenancy::Shared {
            self.tenants.extend(placed.iter().map(|p| (p.instance, request.tenancy.clone())));
        }
        ClaimReply::Placed(placed)
    }

    /// `Action=action&parameters`. What it changed is kept if it succeeded, else taken back.
    pub fn call(&mut self, action: &str, parameters: &str) -> Result<String, AwsError> {
        let form = Form::parse(format!("Action={action}&Version=2016-11-15&{parameters}").as_bytes())?;
        let service = if action == "GetCallerIdentity" { "sts" } else { "ec2" };
        self.run(|table, ctx| dispatch::run_form(table, ctx, service, &form))
    }

    pub fn json(&mut self, target: &str, body: &str) -> Result<String, AwsError> {
        self.run(|table, ctx| dispatch::run_json(table, ctx, "ssm", target, body.as_bytes()))
    }

    #[track_caller]
    pub fn ok(&mut self, action: &str, parameters: &str) -> String {
        self.call(action, parameters).unwrap_or_else(|e| panic!("{action} {parameters}: {e}"))
    }

    /// The code of the error that the call must end with.
    #[track_caller]
    pub fn code(&mut self, action: &str, parameters: &str) -> String {
        match self.call(action, parameters) {
            Ok(reply) => panic!("{action} {parameters} succeeded: {reply}"),
            Err(e) => e.code.into_owned(),
        }
    }

    /// Launches instances of the micro image; their ids.
    #[track_caller]
    pub fn launch(&mut self, count: u32, more: &str) -> Vec<String> {
        let parameters = format!("ImageId=ami-micro&InstanceType=t3.micro&MinCount={count}&MaxCount={count}&{more}");
        texts(&self.ok("RunInstances", &parameters), "instanceId")
            .into_iter()
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect()
    }

    pub fn row(&self, id: &str) -> Rc<Instance> {
        self.db.get::<Instance>(&self.caller.account, id).unwrap()
    }

    /// What the machine of an instance has when its host has caught up.
    fn plugged(&self, id: &str) -> Vec<types::InterfaceId> {
        let status = |i: &types::InterfaceId| {
            let row = self.db.get::<Interface>(&self.caller.account, i)?;
            row.attachment.as_ref().map(|a| a.status)
        };
        let row = self.row(id);
        row.interfaces.iter().copied().filter(|i| status(i) != Some(AttachmentStatus::Detaching)).collect()
    }

    /// A report of the row's present run.
    pub fn report(&self, id: &str, state: VmState) -> CellInstanceReport {
        let row = self.row(id);
        CellInstanceReport {
            id: row.id,
            host: row.host.clone(),
            state,
            boot: row.boot,
            reboot: row.reboot,
            reachability: Reachability::Initializing,
            started_ms: 1,
            current: true,
            no_room: false,
            interfaces: self.plugged(id),
        }
    }

    pub fn observe(&mut self, report: &CellInstanceReport) {
        super::observe(&mut self.db, self.now, report);
        // The cell's arithmetic, as a real cell's: room comes back when a machine is down or gone.
        if matches!(report.state, VmState::Gone | VmState::Stopped { .. }) {
            self.claims.remove(&report.id);
        }
        self.db.take_mutations();
    }

    pub fn see(&mut self, id: &str, state: VmState) {
        let report = self.report(id, state);
        self.observe(&report);
    }

    pub fn state(&self, id: &str) -> &'static str {
        self.row(id).state.name()
    }
}

/// The text of the first element of that name.
#[track_caller]
pub fn text(xml: &str, element: &str) -> String {
    texts(xml, element).into_iter().next().unwrap_or_else(|| panic!("no <{element}> in {xml}"))
}

pub fn texts(xml: &str, element: &str) -> Vec<String> {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    xml.split(&open).skip(1).filter_map(|rest| rest.split_once(&close)).map(|(value, _)| value.to_owned()).collect()
}
