//! A load balancer's node on a host: the document is a file that the host agent writes, connections come from and go through
//! the host's card.
//!
//! ```text
//!  agent ── config.json, SIGHUP ──► this process ◄── connections ── card (run/<host>/<interface>.lb)
//!        ◄── status (run/<host>/<interface>.lc)  ── dials ────────► card (run/card-<host>.fwd)
//! ```
//! It needs nobody but the card: started with the agent and all controllers dead, it serves what its file says. Once it has
//! what it needs it gives up what it does not ([`give_up`]).

use crate::admin;
use crate::run::{Balancer, BalancerError, read};
use crate::spool::Spool;
use crate::tls::Unseal;
use crate::transport::Dialer;
use platform::process::ProcessId;
use platform::{handover, rpc};
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use types::InterfaceId;
use wire::card::Entered;

/// Of the node's directory: files on their way into buckets.
pub const LOGS: &str = "logs";
/// Client and target connections, and some more.
const FILES_MAX: libc::rlim_t = 16_384;
/// Address space; what a process of a bulkhead may take at most.
const MEMORY_BYTES_MAX: libc::rlim_t = 4 << 30;

#[derive(Debug, Clone)]
pub struct NodeOptions {
    pub interface: InterfaceId,
    /// Its own: `config.json` is the document; a bad one is refused whole at a reload, and told in the status. `lb.pid` says
    /// who serves.
    pub dir: PathBuf,
    /// Where the card passes connections.
    pub door: PathBuf,
    pub control: PathBuf,
    /// The card's.
    pub forward: PathBuf,
    /// Requests under way at the end may go on for so long.
    pub drain: Duration,
}

/// Runs until SIGTERM, then drains. SIGHUP reads the document again. Needs a `LocalSet`.
///
/// # Errors
/// There is no document that can be used, or the sockets cannot be made.
pub async fn run_node(options: NodeOptions, unseal: Unseal<'_>) -> Result<(), BalancerError> {
    give_up();
    let only = File::open(&options.dir).map_err(BalancerError::Control)?;
    only.try_lock().map_err(|_| BalancerError::Served)?;
    let own = ProcessId::own().ok_or_else(|| BalancerError::Control(io::ErrorKind::NotFound.into()))?;
    own.write_file(&options.dir.join("lb.pid")).map_err(BalancerError::Control)?;
    // Before anything that may fail: a reload must not end the process.
    let signals = |kind| signal(kind).map_err(BalancerError::Signals);
    let (mut term, mut hup) = (signals(SignalKind::terminate())?, signals(SignalKind::hangup())?);
    let spool = Spool::open(&options.dir.join(LOGS), &options.interface.to_string()).map_err(BalancerError::Control)?;
    let dialer = Dialer::Card { socket: options.forward.into(), interface: options.interface };
    let balancer = Balancer::with(dialer, Some(spool));
    let load = || read(&options.dir.join("config.json")).and_then(|config| balancer.apply(config, unseal));
    load()?;
    let control = admin::serve_control(&options.control, balancer.clone()).map_err(BalancerError::Control)?;
    let listener = rpc::bind(&options.door).map_err(BalancerError::Control)?;
    let (entered, own) = (balancer.clone(), options.interface);
    let doors = tokio::task::spawn_local(handover::serve_passed(listener, move |word: Entered, stream| {
        if word.interface == own {
            entered.enter(stream, word.remote, word.local);
        }
    }));
    tracing::info!(interface = %options.interface, "load balancer's node ready");
    loop {
        tokio::select! {
            _ = term.recv() => break,
            _ = hup.recv() => if let Err(error) = load() {
                tracing::error!(%error, "the document is refused; the old one holds");
            },
        }
    }
    // The card finds nobody and resets what is new; what is here goes on for a while.
    doors.abort();
    let _ = platform::disk::remove_file(&options.door);
    balancer.drain(options.drain).await;
    control.abort();
    drop(only);
    let _ = platform::disk::remove_file(&options.control);
    Ok(())
}

/// No privileges by programs, no core with keys in it, bounded files and memory. A limit that is refused stays as it was.
fn give_up() {
    let limit = |what, most: libc::rlim_t| {
        let mut now = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: getrlimit writes the one live `rlimit`, setrlimit reads it.
        unsafe {
            if libc::getrlimit(what, &mut now) == 0 {
                let most = most.min(now.rlim_max);
                now = libc::rlimit { rlim_cur: most, rlim_max: most };
                libc::setrlimit(what, &now);
            }
        }
    };
    limit(libc::RLIMIT_NOFILE, FILES_MAX);
    limit(libc::RLIMIT_AS, MEMORY_BYTES_MAX);
    limit(libc::RLIMIT_CORE, 0);
    // SAFETY: takes integers only.
    unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
}
