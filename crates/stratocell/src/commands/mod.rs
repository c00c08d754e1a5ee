//! The commands, a file each. Data goes to standard output, messages to standard error.

mod access;
mod audit;
mod az;
mod card;
mod down;
mod fault;
mod flows;
mod info;
mod lb;
mod logs;
mod objects;
mod oidc;
mod placed;
mod reach;
mod report;
mod rollout;
mod simulate;
mod status;
mod up;

pub use info::program_word;

use crate::cli::{Cli, Command};
use crate::error::{CliError, sentence};
use crate::supervisor;
use platform::rpc::{Client, RpcError};
use platform::tls::Role;
use platform::{DataDir, Identity};
use std::future::Future;
use std::process::ExitCode;
use std::time::Duration;
use wire::{Empty, Method};

/// How long a command waits for a role's answer.
pub const RPC_TIMEOUT: Duration = Duration::from_secs(10);

pub fn run(cli: Cli) -> Result<ExitCode, CliError> {
    let dir = cli.data_dir().map_err(CliError::io("find the data directory"))?;
    match cli.command {
        Command::Up(args) => up::run(dir, args),
        Command::Ready { timeout } => info::ready(&dir, timeout),
        Command::Env => info::env(&dir),
        Command::Status { json } => status::run(&dir, json),
        Command::Ps { json } => info::ps(&dir, json),
        Command::Logs { flows: Some(host), lines, .. } => logs::flows(&dir, &host, lines),
        Command::Logs { role, follow, lines, flows: None } => logs::run(&dir, role.as_deref(), follow, lines),
        Command::Down { purge } => down::run(&dir, purge),
        Command::Doctor { json } => info::doctor(&dir, json),
        Command::Console { instance } => access::console::run(&dir, instance),
        Command::Ssh { instance, identity, login, command } => {
            access::ssh::run(&dir, instance, identity.as_deref(), &login, &command)
        }
        Command::Forward { target, local, stdio } => access::forward::run(&dir, &target, local, stdio),
        Command::Reach(args) => reach::run(&dir, &args),
        Command::Flows(args) => flows::run(&dir, &args),
        Command::Lb(args) => lb::run(&dir, args),
        Command::Durability(args) => objects::durability(&dir, &args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Oidc(command) => oidc::run(&dir, command),
        Command::Explain { subject } => match subject.parse() {
            Ok(instance) => placed::explain(&dir, instance),
            Err(_) => audit::explain(&dir, &subject),
        },
        Command::Audit(command) => audit::run(&dir, &command),
        Command::Account(command) => info::account(&dir, command),
        Command::Card(command) => card::run(&dir, command),
        Command::Az(command) => az::run(&dir, command),
        Command::Fault(command) => fault::run(&dir, command),
        Command::Rollout(command) => rollout::run(&dir, command),
    }
}

/// Runs a command's waiting.
fn block_on<T>(future: impl Future<Output = Result<T, CliError>>) -> Result<T, CliError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(4)
        .build()
        .map_err(CliError::io("start the runtime"))?;
    tokio::task::LocalSet::new().block_on(&runtime, future)
}

/// Who the command line is to the region's processes.
fn operator(dir: &DataDir) -> Result<Identity, CliError> {
    Identity::open(dir, Role::Operator.name()).map_err(|e| match e {
        e if e.is_missing() => CliError::NotRunning(dir.root().to_owned()),
        e => CliError::Role(sentence(&e)),
    })
}

/// One call to the supervisor; its absence is said in words.
async fn ask_supervisor<M: Method>(dir: &DataDir, request: &M::Request) -> Result<M::Reply, CliError> {
    ask_supervisor_for::<M>(dir, request, RPC_TIMEOUT).await
}

/// The same, for what may take longer.
async fn ask_supervisor_for<M: Method>(dir: &DataDir, request: &M::Request, timeout: Duration) -> Result<M::Reply, CliError> {
    Client::new(&operator(dir)?, dir.socket(supervisor::NAME)).call::<M>(request, timeout).await.map_err(|e| match e {
        RpcError::Unreachable { .. } => CliError::NotRunning(dir.root().to_owned()),
        other => other.into(),
    })
}

async fn ask<M: Method<Request = Empty>>(dir: &DataDir, process: &str, timeout: Duration) -> Result<M::Reply, RpcError> {
    match operator(dir) {
        Ok(me) => Client::new(&me, dir.socket(process)).call::<M>(&Empty {}, timeout).await,
        Err(e) => Err(RpcError::Untrusted { role: process.to_owned(), cause: e.to_string() }),
    }
}

fn print_json(value: &impl serde::Serialize) -> Result<ExitCode, CliError> {
    let text = serde_json::to_string_pretty(value).map_err(|e| CliError::io("write JSON")(e.into()))?;
    print(&format!("{text}\n"))
}

/// Writes to standard output; a reader that went away (`| head`) is no error.
fn print(text: &str) -> Result<ExitCode, CliError> {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(CliError::io("write to standard output")(e)),
        _ => Ok(ExitCode::SUCCESS),
    }
}

/// Sends this process's own log (`STRATOCELL_LOG`: `info`, or `warn,region=debug`) to a writer.
pub fn log_to<W>(writer: W)
where
    W: for<'a> tracing_subscriber::fmt::MakeWriter<'a> + Send + Sync + 'static,
{
    log_to_and_tell(writer, false);
}

/// The same; with `tell`, whoever looks at the terminal sees the warnings too.
fn log_to_and_tell<W>(writer: W, tell: bool)
where
    W: for<'a> tracing_subscriber::fmt::MakeWriter<'a> + Send + Sync + 'static,
{
    use tracing::level_filters::LevelFilter;
    use tracing_subscriber::layer::{Layer, SubscriberExt};
    use tracing_subscriber::util::SubscriberInitExt;
    // Targets, not the environment filter: that one's regular expressions cost each of the many processes a megabyte.
    let usual = || tracing_subscriber::filter::Targets::new().with_default(tracing::Level::INFO);
    let filter = std::env::var("STRATOCELL_LOG").ok().and_then(|text| text.parse().ok()).unwrap_or_else(usual);
    let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_target(false);
    let told = tell.then(|| {
        let plain = tracing_subscriber::fmt::layer().with_ansi(false).with_target(false).without_time();
        plain.with_writer(std::io::stderr).with_filter(LevelFilter::WARN)
    });
    tracing_subscriber::registry().with(lines.with_writer(writer).with_filter(filter)).with(told).init();
}
