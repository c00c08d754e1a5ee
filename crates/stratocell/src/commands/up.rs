//! `up`: makes or loads the region's settings, keeps its processes, and says when it is ready.
//!
//! In the foreground this process is the supervisor. With `--detach` it prepares everything, starts itself again as the
//! supervisor in a session of its own (`--supervised`), waits until that is ready, prints, and leaves.

use super::{block_on, down, log_to_and_tell, print, report};
use crate::cli::UpArgs;
use crate::error::CliError;
use crate::setup::{self, PoolClaim};
use crate::supervisor::{self, DirLock, Supervisor};
use crate::{machine, procfs, profile};
use platform::process::ProcessId;
use platform::rpc::Client;
use platform::settings::{RootCredentials, Settings};
use platform::{DataDir, SystemRng, disk};
use std::fs::OpenOptions;
use std::io::IsTerminal;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};
use std::time::{Duration, Instant};
use tokio::signal::unix::{SignalKind, signal};
use wire::Empty;
use wire::supervisor::{GetSupervisorStatus, SupervisorStatus};

/// The longest time from start to ready before `up` gives up.
const READY_TIMEOUT: Duration = Duration::from_secs(30);

pub struct Prepared {
    pub dir: DataDir,
    pub settings: Settings,
    pub root: RootCredentials,
    pub resumed: bool,
    held: (DirLock, PoolClaim),
}

pub fn run(dir: DataDir, args: UpArgs) -> Result<ExitCode, CliError> {
    let began = Instant::now();
    let prepared = prepare(dir, &args)?;
    if args.supervised {
        become_session_leader();
        return supervise(prepared, &args, began);
    }
    if args.detach { detach(prepared, &args, began) } else { supervise(prepared, &args, began) }
}

/// Takes the directory and loads or makes its settings.
fn prepare(dir: DataDir, args: &UpArgs) -> Result<Prepared, CliError> {
    disk::create_private_dir(dir.root()).map_err(CliError::io(format!("make {}", dir.root().display())))?;
    let dir = DataDir::new(dir.root().canonicalize().map_err(CliError::io("read the data directory's path"))?);
    if !dir.fits_sockets() {
        return Err(CliError::refused(format!(
            "the data directory's path is longer than {} bytes, too long for unix sockets below it: {}",
            platform::layout::DATA_DIR_BYTES_MAX,
            dir.root().display()
        )));
    }
    let Some(lock) = take_lock(&dir)? else {
        let at = machine::gateway_port(&dir).map(|p| format!(" at http://127.0.0.1:{p}")).unwrap_or_default();
        return Err(CliError::refused(format!("{} is up already{at}: see `stratocell ps`", dir.root().display())));
    };
    let resumed = dir.settings().exists();
    if !resumed {
        refuse_foreign_contents(&dir)?;
    }
    for part in [dir.run(), dir.logs()] {
        disk::create_private_dir(&part).map_err(CliError::io(format!("make {}", part.display())))?;
    }
    let passphrase_file = args.kms_passphrase_file.as_ref();
    let passphrase_file = passphrase_file
        .map(|f| f.canonicalize())
        .transpose()
        .map_err(CliError::io("read the file of the passphrase of KMS's root key"))?;
    let chip = args.tpm.as_ref().map(|device| platform::root_key::under_chip(&dir, device));
    let passphrase_file = passphrase_file.or(chip.transpose().map_err(CliError::io("use the TPM"))?);
    if !resumed {
        let sizes = machine::sizes(dir.root());
        let (settings, claim) = setup::create(&dir, sizes, args, passphrase_file, &mut SystemRng::new())?;
        let root = RootCredentials::load(&dir)?;
        return Ok(Prepared { dir, settings, root, resumed, held: (lock, claim) });
    }
    if args.ephemeral && !args.supervised {
        return Err(CliError::refused(
            "--ephemeral deletes the data directory at the end, and this one is in use: name a new one",
        ));
    }
    let mut settings = Settings::load(&dir)?;
    let root = RootCredentials::load(&dir)?;
    setup::check_against(&settings, &root, args)?;
    let mut wanted = Settings { port: args.port.unwrap_or(settings.port), host_route: args.host_route, ..settings.clone() };
    wanted.kms_passphrase_file = passphrase_file.or(wanted.kms_passphrase_file);
    setup::root_key(&dir, &wanted)?;
    if wanted.storage.is_empty() {
        let per_az = args.storage_per_az.unwrap_or(setup::default_storage_per_az(settings.zones().len() as u8));
        wanted.storage = setup::storage_nodes(settings.zones().into_iter(), per_az);
    }
    if wanted != settings {
        settings = wanted;
        settings.save(&dir).map_err(CliError::io("write the settings"))?;
    }
    let claim = claim_again(&settings)?;
    Ok(Prepared { dir, settings, root, resumed, held: (lock, claim) })
}

/// The lock, with some patience for a holder that is on its way out.
fn take_lock(dir: &DataDir) -> Result<Option<DirLock>, CliError> {
    let limit = Instant::now() + Duration::from_millis(500);
    loop {
        let lock = DirLock::try_take(dir.root()).map_err(CliError::io("lock the data directory"))?;
        if lock.is_some() || Instant::now() > limit {
            return Ok(lock);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// `down --purge` deletes everything in a data directory, so one never adopts a directory with something in it.
fn refuse_foreign_contents(dir: &DataDir) -> Result<(), CliError> {
    let entries = std::fs::read_dir(dir.root()).map_err(CliError::io("read the data directory"))?;
    // What an `up` that was killed before it wrote the settings may have left.
    let own = |name: &str| {
        matches!(name, "run" | "logs" | "credentials.json" | "kms.key" | "kms.tpm")
            || (name.starts_with('.') && name.contains(".tmp"))
    };
    match entries.flatten().find(|e| !own(&e.file_name().to_string_lossy())) {
        None => Ok(()),
        Some(e) => Err(CliError::refused(format!(
            "{} is not empty and is no data directory (it has {}): name a new or empty one",
            dir.root().display(),
            e.file_name().to_string_lossy()
        ))),
    }
}

fn claim_again(settings: &Settings) -> Result<PoolClaim, CliError> {
    let limit = Instant::now() + Duration::from_secs(2);
    loop {
        match setup::claim_pool(settings.public_pool) {
            Ok(claim) => return Ok(claim),
            Err(_) if Instant::now() < limit => std::thread::sleep(Duration::from_millis(20)),
            Err(source) => {
                let pool = settings.public_pool;
                return Err(CliError::io(format!("take the public addresses {pool}: another region on this machine has them"))(
                    source,
                ));
            }
        }
    }
}

/// A session of its own, so that the end of the terminal is not ours.
fn become_session_leader() {
    // SAFETY: setsid touches no memory; it fails harmlessly when this process leads its group already.
    unsafe { libc::setsid() };
}

// ------------------------------------------------------------------------------------------------------- foreground

fn supervise(prepared: Prepared, args: &UpArgs, began: Instant) -> Result<ExitCode, CliError> {
    let dir = prepared.dir.clone();
    let log_path = dir.log(supervisor::NAME);
    let log = supervisor::rotate(&log_path)
        .and_then(|()| OpenOptions::new().create(true).append(true).mode(0o600).open(&log_path))
        .map_err(CliError::io("open the supervisor's log"))?;
    let watched = !args.supervised && std::io::stderr().is_terminal();
    log_to_and_tell(std::sync::Mutex::new(log), watched);
    let code = block_on(keep(&prepared, args, began))?;
    if args.ephemeral {
        down::purge(&dir, &prepared.root)?;
    }
    drop(prepared.held);
    Ok(code)
}

async fn keep(prepared: &Prepared, args: &UpArgs, began: Instant) -> Result<ExitCode, CliError> {
    let dir = &prepared.dir;
    let on = |kind| signal(kind).map_err(CliError::io("listen for signals"));
    let (mut interrupt, mut terminate, mut hangup) =
        (on(SignalKind::interrupt())?, on(SignalKind::terminate())?, on(SignalKind::hangup())?);
    let stop_asked = async move {
        tokio::select! { _ = interrupt.recv() => {} _ = terminate.recv() => {} _ = hangup.recv() => {} }
        (interrupt, terminate)
    };
    tokio::pin!(stop_asked);

    procfs::end(&procfs::roles(dir), libc::SIGKILL, Duration::from_secs(2)).await;
    let port = prepared.settings.port;
    if port != 0
        && let Err(source) = std::net::TcpListener::bind(("127.0.0.1", port))
    {
        return Err(CliError::io(format!("listen on port {port}: choose another with --port, or --port 0 for any"))(source));
    }
    let own = ProcessId::own().ok_or_else(|| CliError::Role("/proc is not mounted".to_owned()))?;
    own.write_file(&dir.pid_file(supervisor::NAME)).map_err(CliError::io("write the pid file"))?;
    let supervisor =
        Supervisor::start(dir.clone(), prepared.settings.clone()).await.map_err(CliError::io("start the supervisor"))?;

    let outcome = tokio::select! {
        ready = until_ready(&supervisor, began) => ready,
        _ = &mut stop_asked => {
            supervisor.stop().await;
            clear_run(dir);
            return Ok(ExitCode::from(130));
        }
    };
    match outcome {
        Ok(status) if !args.supervised => announce(prepared, args, &status, began.elapsed()).await?,
        Ok(_) => {}
        Err(e) => {
            supervisor.stop().await;
            clear_run(dir);
            return Err(e);
        }
    }
    let signals = tokio::select! {
        () = supervisor.asked_to_stop() => None,
        signals = &mut stop_asked => Some(signals),
    };
    if !args.supervised {
        eprintln!(
            "stopping; {}",
            if args.ephemeral { "the data is deleted" } else { "instances come back at the next `stratocell up`" }
        );
    }
    if let Some((mut interrupt, mut terminate)) = signals {
        tokio::select! {
            () = supervisor.stop() => {}
            // The second time means now; what is left is found by the next `up` or `down`.
            _ = interrupt.recv() => return Ok(ExitCode::from(130)),
            _ = terminate.recv() => return Ok(ExitCode::from(143)),
        }
    } else {
        supervisor.stop().await;
    }
    clear_run(dir);
    Ok(ExitCode::SUCCESS)
}

/// Sockets and pid files say nothing once all is stopped. The gateway's port stays: the next `up` prefers it.
fn clear_run(dir: &DataDir) {
    for entry in std::fs::read_dir(dir.run()).into_iter().flatten().flatten() {
        if entry.file_name() != "gateway.port" {
            let _ = disk::remove_file(&entry.path());
        }
    }
}

async fn until_ready(supervisor: &Supervisor, began: Instant) -> Result<SupervisorStatus, CliError> {
    loop {
        let status = supervisor.status().await;
        if status.ready {
            return Ok(status);
        }
        if let Some((name, sentence)) = supervisor.hopeless() {
            return Err(CliError::Role(format!("{sentence}; its last words:\n{}", tail(&supervisor.log_of(&name), 12))));
        }
        if began.elapsed() > READY_TIMEOUT {
            return Err(CliError::NotReady { seconds: READY_TIMEOUT.as_secs(), cause: report::unready(&status) });
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

// --------------------------------------------------------------------------------------------------------- detached

fn detach(prepared: Prepared, args: &UpArgs, began: Instant) -> Result<ExitCode, CliError> {
    let Prepared { dir, settings, root, resumed, held } = prepared;
    let log_path = dir.log(supervisor::NAME);
    let log = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(&log_path)
        .map_err(CliError::io("open the supervisor's log"))?;
    let words_from = log.metadata().map_or(0, |m| m.len());
    let mut command = std::process::Command::new(supervisor::OWN_PROGRAM);
    command.arg0("stratocell").args(["up", "--supervised", "--port", &settings.port.to_string(), "--data-dir"]).arg(dir.root());
    for (flag, given) in [("--host-route", args.host_route), ("--ephemeral", args.ephemeral)] {
        if given {
            command.arg(flag);
        }
    }
    command.env_remove("STRATOCELL_SECRET_KEY").env_remove("STRATOCELL_DATA_DIR").current_dir("/");
    let out = log.try_clone().map_err(CliError::io("open the supervisor's log"))?;
    command.stdin(Stdio::null()).stdout(out).stderr(log);
    // The lock and the addresses go over to the child.
    drop(held);
    let mut child = command.spawn().map_err(CliError::io("start the supervisor"))?;
    let id = ProcessId::of(child.id());
    let words = move || {
        let text = std::fs::read(&log_path).unwrap_or_default();
        let new = String::from_utf8_lossy(text.get(words_from as usize..).unwrap_or_default()).into_owned();
        let lines: Vec<&str> = new.lines().collect();
        lines[lines.len().saturating_sub(14)..].join("\n")
    };
    let status = block_on(async {
        let mut asking = None;
        loop {
            let answer = ask_again(&dir, &mut asking).await;
            match answer {
                Ok(status) if status.ready && Some(status.pid) == id.map(|i| i.pid) => return Ok(status),
                answer => {
                    if let Ok(Some(_)) = child.try_wait() {
                        return Err(CliError::Role(format!("the supervisor ended:\n{}", words())));
                    }
                    if began.elapsed() > READY_TIMEOUT + Duration::from_secs(2) {
                        if let Some(id) = id {
                            let _ = id.signal(libc::SIGTERM);
                        }
                        let cause = answer.map_or_else(|e| e.to_string(), |s| report::unready(&s));
                        return Err(CliError::NotReady { seconds: began.elapsed().as_secs(), cause });
                    }
                }
            }
            tokio::time::sleep(Duration::from_millis(8)).await;
        }
    })?;
    // A new claim and lock are the child's; only the words are still to be said.
    block_on(async {
        let facts = report::Facts { dir: &dir, settings: &settings, root: &root, resumed, ephemeral: args.ephemeral };
        say(&facts, args, &status, began.elapsed()).await
    })
}

/// Asks how the supervisor is, over one connection as long as that is good.
async fn ask_again(dir: &DataDir, kept: &mut Option<Client>) -> Result<SupervisorStatus, CliError> {
    let client = match kept.take() {
        Some(client) => client,
        None => Client::new(&super::operator(dir)?, dir.socket(supervisor::NAME)),
    };
    let status = client.call::<GetSupervisorStatus>(&Empty {}, super::RPC_TIMEOUT).await?;
    *kept = Some(client);
    Ok(status)
}

// -------------------------------------------------------------------------------------------------------- the words

async fn announce(prepared: &Prepared, args: &UpArgs, status: &SupervisorStatus, took: Duration) -> Result<(), CliError> {
    let Prepared { dir, settings, root, resumed, .. } = prepared;
    let facts = report::Facts { dir, settings, root, resumed: *resumed, ephemeral: args.ephemeral };
    say(&facts, args, status, took).await.map(|_| ())
}

async fn say(facts: &report::Facts<'_>, args: &UpArgs, status: &SupervisorStatus, took: Duration) -> Result<ExitCode, CliError> {
    let profile = if args.no_profile { report::Profile::Left } else { write_profile(facts, &status.endpoint) };
    let live = report::live(facts).await;
    if args.json {
        return print(&format!("{}\n", report::ready_json(facts, status, took)));
    }
    print(&report::ready_text(facts, status, &profile, &live, took))
}

fn write_profile(facts: &report::Facts<'_>, endpoint: &str) -> report::Profile {
    let env = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let Some(files) = profile::Files::of_user(env) else {
        return report::Profile::Failed("HOME is not set".to_owned());
    };
    match files.write(endpoint, facts.settings.region.as_str(), &facts.root.access_key, &facts.root.secret_key) {
        Ok(()) => report::Profile::Written(files.config),
        Err(e) => report::Profile::Failed(format!("{}: {e}", files.config.display())),
    }
}

/// The last lines of a file.
fn tail(path: &Path, lines: usize) -> String {
    let text = std::fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}
