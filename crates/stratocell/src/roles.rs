//! What a process of the region can be. The table is the only place that knows all roles.
//!
//! To add a role: one row in [`KINDS`], at its place in the order of start (the reverse is the order of stop).

use crate::balancer_node;
use crate::error::CliError;
use objectstore::data::budget::BUFFER_BYTES_MIN;
use objectstore::data::{BulkNodes, DataClient, DataOptions};
use objectstore::message::{IndexFrame, NodeCall, pack};
use platform::bulk::BulkClient;
use platform::rpc::Client;
use platform::tls::{Identity, TlsError};
use platform::{DataDir, Settings};
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use types::StorageId;
use wire::{Empty, Method};

type Failure = Box<dyn std::error::Error>;
type RunFuture = Pin<Box<dyn Future<Output = Result<(), Failure>>>>;
type ProbeFuture = Pin<Box<dyn Future<Output = bool>>>;

/// How many of a role there are, and what their names end in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    Region,
    Zone,
    Cell,
    Host,
    /// Storage nodes.
    Storage,
    /// Processes of the object index.
    Index,
}

pub struct Kind {
    /// `gateway`, or the first part of `card-a1-h1`.
    pub name: &'static str,
    pub per: Per,
    /// Bytes of memory that outlive a process of it, beside what it lays down itself: its parent gives both to the next, on
    /// standard input ([`platform::keeper`]). A running process also leaves its place to the next, and ends with success. 0:
    /// none of it.
    pub keeps: usize,
    /// Runs the role until it fails. The second argument is the cell or host (empty: the region's).
    run: fn(DataDir, String) -> RunFuture,
    /// Whether the role answers.
    probe: fn(Identity, PathBuf) -> ProbeFuture,
}

/// In the order of start.
pub static KINDS: &[Kind] = &[
    Kind {
        name: "card",
        per: Per::Host,
        keeps: card::KEPT_BYTES,
        run: |dir, host| {
            Box::pin(async move {
                let kept = platform::keeper::Kept::of_stdin()?;
                Ok(card::run(card::CardOptions { data_dir: dir, host: host.parse()?, kept }).await?)
            })
        },
        probe: |me, c| Box::pin(answers::<wire::card::GetCardStatus>(me, c)),
    },
    Kind {
        name: "edge",
        per: Per::Region,
        keeps: 0,
        run: |dir, _| Box::pin(async { Ok(edge::run(dir).await?) }),
        probe: |me, c| Box::pin(answers::<wire::edge::GetEdgeStatus>(me, c)),
    },
    Kind {
        name: "directory",
        per: Per::Zone,
        keeps: 0,
        run: |dir, id| Box::pin(async { Ok(directory::run(dir, id).await?) }),
        probe: |me, c| Box::pin(answers::<wire::directory::GetDirectoryStatus>(me, c)),
    },
    Kind {
        name: "agent",
        per: Per::Host,
        keeps: 0,
        run: |dir, host| Box::pin(async move { Ok(host_agent::agent::run(agent_options(dir, &host)?).await?) }),
        probe: |me, c| Box::pin(answers::<wire::host::GetAgentStatus>(me, c)),
    },
    Kind {
        name: "cell",
        per: Per::Cell,
        keeps: 0,
        run: |dir, cell| Box::pin(async move { Ok(cell::run(dir, cell.parse()?).await?) }),
        probe: |me, c| Box::pin(answers::<wire::cell::GetCellStatus>(me, c)),
    },
    Kind {
        name: "control-plane",
        per: Per::Region,
        keeps: 0,
        run: |dir, _| Box::pin(async { Ok(region::run(dir).await?) }),
        probe: |me, c| Box::pin(answers::<wire::api::GetRegionStatus>(me, c)),
    },
    Kind {
        name: "storage",
        per: Per::Storage,
        keeps: 0,
        run: |dir, id| {
            Box::pin(async move {
                let settings = Settings::load(&dir)?;
                Ok(objectstore::node::run_with(node_options(&dir, &settings, &id.parse()?)?).await?)
            })
        },
        probe: |me, socket| Box::pin(node_answers(me, socket)),
    },
    Kind {
        name: "index",
        per: Per::Index,
        keeps: 0,
        run: |dir, node| {
            Box::pin(async move {
                let settings = Settings::load(&dir)?;
                let topology = Arc::new(gateway::object_topology(&settings));
                let sockets = topology.nodes().iter().map(|n| dir.storage_socket(&n.id)).collect();
                // It moves no objects, so it buffers nothing.
                let data = DataOptions { buffer_bytes_max: BUFFER_BYTES_MIN, ..DataOptions::default() };
                let options = index_options(&dir, &settings, &node)?;
                let nodes = DataClient::new(topology, BulkNodes::new(&options.identity, sockets), data);
                Ok(objectstore::index::run(options, nodes).await?)
            })
        },
        probe: |me, socket| Box::pin(index_answers(me, socket)),
    },
    Kind {
        name: "s3-worker",
        per: Per::Region,
        keeps: 0,
        run: |dir, _| Box::pin(async { Ok(gateway::worker::run(dir).await?) }),
        probe: |me, c| Box::pin(answers::<wire::api::GetS3WorkerStatus>(me, c)),
    },
    Kind {
        name: "gateway",
        per: Per::Region,
        keeps: 0,
        run: |dir, _| Box::pin(async { Ok(gateway::run(dir).await?) }),
        probe: |me, c| Box::pin(answers::<wire::api::GetGatewayStatus>(me, c)),
    },
];

/// The agent starts load balancers' nodes by this program.
fn agent_options(dir: DataDir, host: &str) -> Result<host_agent::agent::AgentOptions, Failure> {
    Ok(host_agent::agent::AgentOptions { dir, host: host.parse()?, program: std::env::current_exe()? })
}

/// The longest that a role may take to answer its Status before the probe is repeated.
const PROBE_TIMEOUT: Duration = Duration::from_millis(500);

async fn answers<M: Method<Request = Empty>>(me: Identity, socket: PathBuf) -> bool {
    Client::new(&me, socket).call::<M>(&Empty {}, PROBE_TIMEOUT).await.is_ok()
}

fn node_options(dir: &DataDir, settings: &Settings, id: &StorageId) -> Result<objectstore::node::NodeOptions, TlsError> {
    let others = settings.storage.iter().filter(|s| s.id != *id);
    Ok(objectstore::node::NodeOptions {
        identity: Identity::open(dir, &format!("storage-{id}"))?,
        dir: dir.storage(id),
        socket: dir.storage_socket(id),
        id: id.clone(),
        topology: gateway::object_topology(settings),
        peers: others.map(|s| (s.id.clone(), dir.storage_socket(&s.id))).collect(),
        limit_bytes: None,
        scrub: Default::default(),
        repair: Default::default(),
    })
}

fn index_options(dir: &DataDir, settings: &Settings, node: &str) -> Result<objectstore::index::IndexOptions, TlsError> {
    let nodes = settings.index_nodes();
    Ok(objectstore::index::IndexOptions {
        identity: Identity::open(dir, &format!("index-{node}"))?,
        position: nodes.iter().position(|(n, _)| n == node).unwrap_or(usize::MAX),
        sockets: nodes.iter().map(|(n, _)| dir.index_socket(n)).collect(),
        store: objectstore::index::StoreFile { path: dir.store("index"), fsync: true },
        collector: objectstore::index::collector::CollectorOptions::usual(),
        split: objectstore::index::SplitOptions {
            bytes_max: settings.s3.index_shard_bytes,
            ..objectstore::index::SplitOptions::usual()
        },
    })
}

async fn node_answers(me: Identity, socket: PathBuf) -> bool {
    let Ok(call) = pack(&NodeCall::Stat, Default::default()) else { return false };
    BulkClient::new(&me, socket).call(call, PROBE_TIMEOUT).await.is_ok()
}

/// A standby answers too.
async fn index_answers(me: Identity, socket: PathBuf) -> bool {
    let Ok(ping) = pack(&IndexFrame::Ping, Default::default()) else { return false };
    BulkClient::new(&me, socket).call(ping, PROBE_TIMEOUT).await.is_ok()
}

impl Kind {
    /// Asked by the supervisor.
    pub async fn answers(&self, me: &Identity, process: &str) -> bool {
        (self.probe)(me.clone(), me.dir().socket(process)).await
    }
}

/// The processes of a region by name, in the order of start.
pub fn processes(settings: &Settings) -> Vec<(String, &'static Kind)> {
    let mut all = Vec::new();
    for kind in KINDS {
        match kind.per {
            Per::Region => all.push((kind.name.to_owned(), kind)),
            Per::Zone => {
                all.extend(settings.large_vpcs.directories.iter().map(|d| (format!("{}-{}", kind.name, d.id), kind)));
            }
            Per::Cell => all.extend(settings.cells.iter().map(|c| (format!("{}-{}", kind.name, c.id), kind))),
            Per::Storage => all.extend(settings.storage.iter().map(|s| (format!("{}-{}", kind.name, s.id), kind))),
            Per::Index => all.extend(settings.index_nodes().into_iter().map(|(n, _)| (format!("{}-{n}", kind.name), kind))),
            Per::Host => {
                all.extend(settings.cells.iter().flat_map(|c| &c.hosts).map(|h| (format!("{}-{}", kind.name, h.id), kind)));
            }
        }
    }
    all
}

/// Runs one process: the body of `stratocell role NAME`. Returns by failing, or when another process has taken its place.
pub fn run(name: &str, dir: DataDir) -> Result<(), CliError> {
    keep_memory_small(kind_moves_objects(name));
    allow_many_files();
    let settings = Settings::load(&dir)?;
    if let Some(node) = name.strip_prefix(balancer_node::PREFIX) {
        return balancer_node::run(node, &dir, &settings);
    }
    let (_, kind) = processes(&settings)
        .into_iter()
        .find(|(process, _)| process == name)
        .ok_or_else(|| CliError::refused(format!("there is no process \"{name}\" in this region")))?;
    let at = name.strip_prefix(kind.name).unwrap_or("").trim_start_matches('-').to_owned();
    let runtime = runtime()?;
    tracing::info!(process = name, pid = std::process::id(), "started");
    let outcome = tokio::task::LocalSet::new().block_on(&runtime, (kind.run)(dir, at));
    match outcome {
        Ok(()) if kind.keeps > 0 => {
            tracing::info!(process = name, "another process has taken its place");
            Ok(())
        }
        Ok(()) => Err(CliError::Role(format!("{name} ended without a reason"))),
        Err(e) => Err(CliError::Role(format!("{name}: {}", crate::error::sentence(e.as_ref())))),
    }
}

pub fn runtime() -> Result<tokio::runtime::Runtime, CliError> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(4)
        .thread_stack_size(512 << 10)
        .build()
        .map_err(CliError::io("start the runtime"))
}

/// Each connection is a descriptor, and the usual limit of 1,024 is less than a role's own limits want.
pub fn allow_many_files() {
    const WANTED: libc::rlim_t = 16_384;
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: getrlimit writes the one `rlimit` that is given.
    if unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) } == 0 && limit.rlim_cur < WANTED {
        limit.rlim_cur = WANTED.min(limit.rlim_max);
        // SAFETY: setrlimit reads the one `rlimit` that is given; refused, the limit stays as it was.
        unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &limit) };
    }
}

/// Object data moves in buffers of a MiB. With a small threshold each of them is mapped, zeroed and unmapped by the kernel,
/// which costs more than everything else that happens to it (measured: 540 us of CPU a MiB written instead of 83).
fn kind_moves_objects(name: &str) -> bool {
    ["gateway", "index-", "storage-", "s3-worker"].iter().any(|k| name.starts_with(k))
}

/// One malloc arena and early return of freed memory: a role has one busy thread, and there are many roles.
fn keep_memory_small(moves_objects: bool) {
    #[cfg(target_env = "gnu")]
    // SAFETY: mallopt only sets parameters of the allocator; no other thread runs yet.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 1);
        if moves_objects {
            libc::mallopt(libc::M_MMAP_THRESHOLD, 32 << 20);
            libc::mallopt(libc::M_TRIM_THRESHOLD, 64 << 20);
        } else {
            libc::mallopt(libc::M_TRIM_THRESHOLD, 256 << 10);
        }
    }
}
