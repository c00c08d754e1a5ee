//! The region as a tree, built from whatever answered. Pure: `commands::status` asks, this arranges and draws.
//!
//! The cells are asked for hosts and instances, the region for names and addresses. Where one is dead the next source
//! down is used: a silent cell is replaced by its hosts' agents, a silent region by the hosts' ledgers.

use crate::balancers::{self, Balancer};
use objectstore::message::NodeStat;
use platform::Settings;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use types::{AzName, CellId, HostId, InstanceId, StorageId};
use wire::api::RegionStatus;
use wire::cell::{CellReport, HostHealth};
use wire::edge::{AliasStatus, EdgeStatus};
use wire::host::{AgentStatus, HostConfig, Reachability, VmState};
use wire::supervisor::{SupervisorStatus, Transport};

/// What was asked and what came back; `Err` holds the sentence why not.
pub struct Answers {
    pub supervisor: Result<SupervisorStatus, String>,
    pub region: Result<RegionStatus, String>,
    pub edge: Result<EdgeStatus, String>,
    pub cells: BTreeMap<CellId, Result<CellReport, String>>,
    pub agents: BTreeMap<HostId, Result<AgentStatus, String>>,
    /// The hosts' ledgers, as far as they can be read.
    pub ledgers: BTreeMap<HostId, HostConfig>,
    pub storage: BTreeMap<StorageId, Result<NodeStat, String>>,
    /// By the zone's letter: does it lead?
    pub index: BTreeMap<String, Result<bool, String>>,
    /// By process: what it refused of others, by reason.
    pub refusals: BTreeMap<String, BTreeMap<String, u64>>,
    /// How KMS's root key is kept.
    pub root_key: String,
}

#[derive(Debug, Serialize)]
pub struct Tree {
    pub region: String,
    pub endpoint: Option<String>,
    pub ready: bool,
    /// Sentences: what does not answer, and where the data below comes from instead.
    pub notes: Vec<String>,
    pub faults: Vec<wire::supervisor::FaultStatus>,
    /// The processes by what they run: version, and the program's hash where it is not the supervisor's own.
    pub programs: BTreeMap<String, Vec<String>>,
    /// What is between the roles; none while the supervisor does not answer.
    pub transport: Option<Transport>,
    /// By process, those that refused a connection or a call: how often, by reason (decision 0010).
    pub refusals: BTreeMap<String, BTreeMap<String, u64>>,
    /// How KMS's root key is kept: a sentence.
    pub root_key: String,
    /// The edge's own word: aliases, counters.
    pub edge: Option<EdgeStatus>,
    pub zones: Vec<Zone>,
    /// None while the control plane does not answer.
    pub balancers: Vec<Balancer>,
}

#[derive(Debug, Serialize)]
pub struct Zone {
    pub name: AzName,
    /// An operator keeps new launches out of it.
    pub impaired: bool,
    pub cells: Vec<Cell>,
    /// Sentences: the object index's process here, and the storage nodes.
    pub objects: Vec<Objects>,
}

/// A part of the object store.
#[derive(Debug, Serialize)]
pub struct Objects {
    /// `index-a`, `storage-a1`
    pub name: String,
    /// `healthy`, `leads`, `stands by`, or why not.
    pub state: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shards: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub live_bytes: Option<u64>,
    /// Shards that are known to be missing and being copied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repair_backlog: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quarantined: Option<u64>,
}

#[derive(Debug, Serialize)]
pub struct Cell {
    pub id: CellId,
    /// `running`, or why not.
    pub state: String,
    /// The region does not hear of it: launches go to others first.
    pub impaired: bool,
    pub applied: Option<u64>,
    pub hosts: Vec<Host>,
}

#[derive(Debug, Serialize)]
pub struct Host {
    pub id: HostId,
    pub underlay: Ipv4Addr,
    pub health: String,
    /// Generations: wanted by the cell, applied by the agent, forwarded by the card.
    pub wanted: Option<u64>,
    pub applied: Option<u64>,
    pub card_applied: Option<u64>,
    pub vcpus_free: Option<u32>,
    pub memory_mib_free: Option<u32>,
    pub acceleration: Option<String>,
    pub problems: Vec<String>,
    pub instances: Vec<Instance>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Instance {
    pub id: InstanceId,
    pub account: Option<String>,
    pub name: Option<String>,
    pub state: String,
    pub check: Option<String>,
    pub private_ip: Option<Ipv4Addr>,
    pub public_ip: Option<Ipv4Addr>,
    /// The loopback address that stands for the public one.
    pub alias: Option<Ipv4Addr>,
    /// `80`, or `22 at 10022` where another port listens.
    pub alias_ports: Vec<String>,
    /// The same of its IPv6 addresses that are reached from outside.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases6: Vec<Alias6>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Alias6 {
    pub public: Ipv6Addr,
    pub alias: Ipv4Addr,
    pub ports: Vec<String>,
}

pub fn build(settings: &Settings, a: &Answers) -> Tree {
    let mut notes = Vec::new();
    let mut faults = Vec::new();
    let (mut endpoint, mut ready) = (None, false);
    match &a.supervisor {
        Ok(s) => {
            (endpoint, ready) = (Some(s.endpoint.clone()), s.ready);
            faults.clone_from(&s.faults);
            notes.extend(s.degraded.iter().take(4).cloned());
        }
        Err(e) => notes.push(format!("the supervisor does not answer ({e}): nothing is restarted")),
    }
    if let Err(e) = &a.region {
        notes.push(format!(
            "the control plane does not answer ({e}): addresses are read from the hosts' ledgers; instances go on"
        ));
    }
    match &a.edge {
        Ok(edge) => notes.extend(edge.problems.iter().cloned()),
        Err(e) => notes.push(format!("the edge does not answer ({e}): no loopback aliases")),
    }
    let mut programs: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for p in a.supervisor.iter().flat_map(|s| &s.processes) {
        programs.entry(crate::commands::program_word(p)).or_default().push(p.name.clone());
    }
    let zones = settings
        .zones()
        .into_iter()
        .map(|az| Zone {
            name: az.clone(),
            impaired: a.region.as_ref().is_ok_and(|r| r.impaired.contains(az)),
            cells: settings.cells.iter().filter(|c| c.az == *az).map(|c| cell(c, a, &mut notes)).collect(),
            objects: objects(settings, az, a),
        })
        .collect();
    let transport = a.supervisor.as_ref().ok().map(|s| s.transport.clone());
    Tree {
        transport,
        root_key: a.root_key.clone(),
        refusals: a.refusals.iter().filter(|(_, counts)| !counts.is_empty()).map(|(k, v)| (k.clone(), v.clone())).collect(),
        region: settings.region.to_string(),
        endpoint,
        ready,
        notes,
        faults,
        programs,
        balancers: a.region.as_ref().map(|r| balancers::rows(r, a.edge.as_ref().ok())).unwrap_or_default(),
        edge: a.edge.as_ref().ok().cloned(),
        zones,
    }
}

fn objects(settings: &Settings, az: &AzName, a: &Answers) -> Vec<Objects> {
    let blank = |name, state| Objects { name, state, shards: None, live_bytes: None, repair_backlog: None, quarantined: None };
    let index = settings.index_nodes().into_iter().filter(|(_, zone)| *zone == az).map(|(n, _)| {
        let state = match a.index.get(&n) {
            Some(Ok(true)) => "leads".to_owned(),
            Some(Ok(false)) => "stands by".to_owned(),
            Some(Err(e)) => e.clone(),
            None => "unknown".to_owned(),
        };
        blank(format!("index-{n}"), state)
    });
    let nodes = settings.storage.iter().filter(|s| s.az == *az).map(|s| {
        let name = format!("storage-{}", s.id);
        match a.storage.get(&s.id) {
            Some(Ok(stat)) => Objects {
                name,
                state: if stat.full { "full" } else { "healthy" }.to_owned(),
                shards: Some(stat.shards),
                live_bytes: Some(stat.live_bytes),
                repair_backlog: Some(stat.repair_backlog),
                quarantined: Some(stat.quarantined),
            },
            Some(Err(e)) => blank(name, e.clone()),
            None => blank(name, "unknown".to_owned()),
        }
    });
    index.chain(nodes).collect()
}

fn objects_line(o: &Objects) -> String {
    let mut line = format!("{}  {}", o.name, o.state);
    if let (Some(shards), Some(bytes)) = (o.shards, o.live_bytes) {
        let plural = if shards == 1 { "" } else { "s" };
        let _ = write!(line, "  {shards} shard{plural}, {:.1} MiB", bytes as f64 / f64::from(1 << 20));
    }
    if let Some(backlog) = o.repair_backlog.filter(|b| *b > 0) {
        let _ = write!(line, "  repairing {backlog}");
    }
    if let Some(broken) = o.quarantined.filter(|q| *q > 0) {
        let _ = write!(line, "  ! {broken} broken and not repaired");
    }
    line
}

fn cell(c: &platform::settings::CellSettings, a: &Answers, notes: &mut Vec<String>) -> Cell {
    let report = match a.cells.get(&c.id) {
        Some(Ok(report)) => Some(report),
        Some(Err(e)) => {
            notes.push(format!("cell {} does not answer ({e}): its hosts were asked themselves", c.id));
            None
        }
        None => None,
    };
    Cell {
        id: c.id.clone(),
        state: if report.is_some() { "running" } else { "silent" }.to_owned(),
        impaired: a.region.as_ref().is_ok_and(|r| r.impaired_cells.contains(&c.id)),
        applied: report.map(|r| r.applied.0),
        hosts: c.hosts.iter().map(|h| host(h, report, a)).collect(),
    }
}

fn host(h: &platform::settings::HostSettings, cell: Option<&CellReport>, a: &Answers) -> Host {
    let summary = cell.and_then(|c| c.hosts.iter().find(|s| s.host == h.id));
    let agent = a.agents.get(&h.id).and_then(|r| r.as_ref().ok()).map(|s| &s.report);
    let health = match (summary.map(|s| s.health), agent) {
        (Some(HostHealth::Healthy), _) => "healthy",
        (_, Some(_)) => "healthy",
        (Some(HostHealth::Silent), None) => "silent",
        (Some(HostHealth::Unknown) | None, None) => "silent",
    };
    let mut out = Host {
        id: h.id.clone(),
        underlay: h.underlay,
        health: health.to_owned(),
        wanted: summary.map(|s| s.wanted.0),
        applied: summary.map(|s| s.applied.0).or(agent.map(|r| r.applied.0)),
        card_applied: summary.map(|s| s.card_applied.0).or(agent.map(|r| r.card_applied.0)),
        vcpus_free: summary.map(|s| s.free.vcpus),
        memory_mib_free: summary.map(|s| s.free.memory_mib),
        acceleration: summary.map(|s| s.acceleration.clone()).or(agent.map(|r| r.acceleration.clone())).filter(|s| !s.is_empty()),
        problems: summary.map(|s| s.problems.clone()).or(agent.map(|r| r.problems.clone())).unwrap_or_default(),
        instances: Vec::new(),
    };
    let mut seen: BTreeMap<InstanceId, Instance> = BTreeMap::new();
    let blank = |id: InstanceId, state: String| Instance {
        id,
        account: None,
        name: None,
        state,
        check: None,
        private_ip: None,
        public_ip: None,
        alias: None,
        alias_ports: Vec::new(),
        aliases6: Vec::new(),
    };
    // From the surest word on what runs to the surest on what it is called.
    if let Some(report) = agent {
        for i in report.instances.iter().filter(|i| i.state != VmState::Gone) {
            let mut row = blank(i.id, vm_word(&i.state));
            row.check = check_word(i.reachability);
            seen.insert(i.id, row);
        }
    } else if let Some(report) = cell {
        for i in report.instances.iter().filter(|i| i.host == h.id && i.state != VmState::Gone) {
            let stale = if i.current { "" } else { " (last known)" };
            let mut row = blank(i.id, format!("{}{stale}", vm_word(&i.state)));
            row.check = check_word(i.reachability);
            seen.insert(i.id, row);
        }
    }
    if let Ok(region) = &a.region {
        for i in region.instances.iter().filter(|i| i.host.as_ref() == Some(&h.id) && i.state != "terminated") {
            let row = seen.entry(i.instance).or_insert_with(|| blank(i.instance, i.state.clone()));
            row.account = Some(i.account.to_string());
            row.name.clone_from(&i.name);
            (row.private_ip, row.public_ip) = (i.private_ip, i.public_ip);
            // The region's word counts where it says what is being asked for.
            if matches!(i.state.as_str(), "pending" | "stopping" | "shutting-down") {
                row.state.clone_from(&i.state);
            }
        }
    } else if let Some(config) = a.ledgers.get(&h.id) {
        for i in &config.instances {
            let row = seen.entry(i.id).or_insert_with(|| blank(i.id, "unknown".to_owned()));
            if let Some(port) = i.interfaces.first().and_then(|id| config.net.ports.iter().find(|p| p.id == *id)) {
                row.private_ip = port.ipv4.first().copied();
                row.public_ip = port.public.first().map(|m| m.public);
                row.account = port.metadata.as_ref().map(|m| m.account.clone());
            }
        }
    }
    for row in seen.values_mut() {
        for alias in a.edge.iter().flat_map(|e| &e.aliases) {
            match alias.public {
                IpAddr::V4(public) if row.public_ip == Some(public) => {
                    row.alias = Some(alias.alias);
                    row.alias_ports = alias_ports(alias);
                }
                IpAddr::V6(public) if alias.instance == Some(row.id) => {
                    row.aliases6.push(Alias6 { public, alias: alias.alias, ports: alias_ports(alias) });
                }
                _ => {}
            }
        }
    }
    out.instances = seen.into_values().collect();
    out
}

pub fn alias_ports(alias: &AliasStatus) -> Vec<String> {
    let word = |(port, listens): &(u16, u16), suffix: &str| {
        if port == listens { format!("{port}{suffix}") } else { format!("{port}{suffix} at {listens}") }
    };
    alias.tcp.iter().map(|p| word(p, "")).chain(alias.udp.iter().map(|p| word(p, "/udp"))).collect()
}

fn vm_word(state: &VmState) -> String {
    match state {
        VmState::Starting => "starting".to_owned(),
        VmState::Running => "running".to_owned(),
        VmState::Stopping => "stopping".to_owned(),
        VmState::Stopped { .. } => "stopped".to_owned(),
        VmState::Gone => "gone".to_owned(),
        VmState::Failed { reason } => format!("failed: {reason}"),
    }
}

fn check_word(r: Reachability) -> Option<String> {
    match r {
        Reachability::Initializing => Some("initializing".to_owned()),
        Reachability::Ok => Some("ok".to_owned()),
        Reachability::Impaired => Some("impaired".to_owned()),
        Reachability::NotApplicable => None,
    }
}

// ---------------------------------------------------------------------------------------------------------- drawing

/// What protects the traffic between the roles.
pub fn transport_words(bulk_frames: &str) -> &'static str {
    match bulk_frames {
        "tls" => "TLS 1.3, both sides certified; object data too",
        _ => "TLS 1.3, both sides certified; object data behind that handshake over unix sockets (0600), sealed by the gateway",
    }
}

/// The lines below the region's, each with the rails of its depth.
/// Processes of one program that are named when there is another one, too.
const PROCESSES_NAMED: usize = 8;

pub fn draw(tree: &Tree) -> String {
    let mut out = String::new();
    let ready = if tree.ready { "ready" } else { "not ready" };
    let _ = writeln!(out, "{}  {ready}  {}", tree.region, tree.endpoint.as_deref().unwrap_or(""));
    for note in &tree.notes {
        let _ = writeln!(out, "! {note}");
    }
    for f in &tree.faults {
        let _ = writeln!(out, "! fault in force: {} {}", f.target, f.kind);
    }
    // The few that differ by name, the others by number.
    let most = tree.programs.values().map(Vec::len).max();
    for (program, processes) in &tree.programs {
        let named = Some(processes.len()) != most || tree.programs.len() > 1 && processes.len() < PROCESSES_NAMED;
        let names = if named { format!(": {}", processes.join(", ")) } else { String::new() };
        let _ = writeln!(out, "stratocell {program}: {} processes{names}", processes.len());
    }
    if let Some(t) = &tree.transport {
        let print = t.authority.get(..16).unwrap_or_default();
        let _ = writeln!(out, "between roles: {}; authority {print}", transport_words(&t.bulk_frames));
        let _ = writeln!(out, "KMS's root key: {}", tree.root_key);
    }
    for (process, counts) in &tree.refusals {
        let counts: Vec<_> = counts.iter().map(|(why, n)| format!("{why} {n}")).collect();
        let _ = writeln!(out, "! {process} refused others: {}", counts.join(", "));
    }
    let common = common_problems(tree);
    for problem in &common {
        let _ = writeln!(out, "! every host: {problem}");
    }
    each(&tree.zones, "", &mut out, |zone, rails, out| {
        let impaired = if zone.impaired { "  impaired: takes no new instances" } else { "" };
        let _ = writeln!(out, "{}{impaired}", zone.name);
        for (n, part) in zone.objects.iter().enumerate() {
            let last = zone.cells.is_empty() && n + 1 == zone.objects.len();
            let _ = writeln!(out, "{rails}{}{}", if last { "└─ " } else { "├─ " }, objects_line(part));
        }
        each(&zone.cells, rails, out, |cell, rails, out| {
            let generation = cell.applied.map(|g| format!("  generation {g}")).unwrap_or_default();
            let impaired = if cell.impaired { "  impaired: launches go elsewhere" } else { "" };
            let _ = writeln!(out, "cell {}  {}{generation}{impaired}", cell.id, cell.state);
            each(&cell.hosts, rails, out, |host, rails, out| {
                let _ = writeln!(out, "{}", host_line(host, &common));
                each(&host.instances, rails, out, |i, _, out| {
                    let _ = writeln!(out, "{}", instance_line(i));
                });
            });
        });
    });
    for b in &tree.balancers {
        let _ = writeln!(out, "{}", balancers::line(b));
        each(&b.nodes, "", &mut out, |n, _, out| {
            let _ = writeln!(out, "{}", balancers::node_line(n));
        });
    }
    out
}

fn each<T>(items: &[T], rails: &str, out: &mut String, draw: impl Fn(&T, &str, &mut String)) {
    for (n, item) in items.iter().enumerate() {
        let last = n + 1 == items.len();
        let _ = write!(out, "{rails}{}", if last { "└─ " } else { "├─ " });
        draw(item, &format!("{rails}{}", if last { "   " } else { "│  " }), out);
    }
}

/// What all hosts complain of is said once: they are of one machine.
fn common_problems(tree: &Tree) -> Vec<String> {
    let mut hosts = tree.zones.iter().flat_map(|z| &z.cells).flat_map(|c| &c.hosts);
    let Some(first) = hosts.next() else { return Vec::new() };
    let rest: Vec<&Host> = hosts.collect();
    if rest.is_empty() {
        return Vec::new();
    }
    first.problems.iter().filter(|p| rest.iter().all(|h| h.problems.contains(p))).cloned().collect()
}

fn host_line(h: &Host, common: &[String]) -> String {
    let mut line = format!("host {}  {}  {}", h.id, h.health, h.underlay);
    let g = |g: Option<u64>| g.map_or_else(|| "?".to_owned(), |g| g.to_string());
    if h.applied.is_some() || h.wanted.is_some() {
        let _ = write!(line, "  generation {} of {} (card {})", g(h.applied), g(h.wanted), g(h.card_applied));
    }
    if let (Some(vcpus), Some(memory)) = (h.vcpus_free, h.memory_mib_free) {
        let _ = write!(line, "  free {vcpus} vCPUs, {memory} MiB");
    }
    if let Some(a) = &h.acceleration {
        let _ = write!(line, "  {a}");
    }
    for problem in h.problems.iter().filter(|p| !common.contains(p)) {
        let _ = write!(line, "  ! {problem}");
    }
    line
}

fn instance_line(i: &Instance) -> String {
    let mut line = format!("{}  {}", i.id, i.state);
    if let Some(check) = i.check.as_ref().filter(|_| i.state == "running") {
        let _ = write!(line, " ({check})");
    }
    for ip in [i.private_ip, i.public_ip].into_iter().flatten() {
        let _ = write!(line, "  {ip}");
    }
    if let Some(alias) = i.alias {
        let ports =
            if i.alias_ports.is_empty() { "no open ports".to_owned() } else { format!("ports {}", i.alias_ports.join(", ")) };
        let _ = write!(line, "  alias {alias} ({ports})");
    }
    for a in &i.aliases6 {
        let _ = write!(line, "  {}  alias {} (ports {})", a.public, a.alias, a.ports.join(", "));
    }
    if let Some(name) = &i.name {
        let _ = write!(line, "  {name}");
    }
    line
}

#[cfg(test)]
#[path = "tree_tests.rs"]
mod tests;
