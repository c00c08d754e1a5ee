//! The monitor of one sandbox: what QEMU is to a virtual machine, but the guest shares the host's kernel.
//!
//! Not a crate like the others: it has no dependencies, and host-agent's build script also compiles this file alone,
//! statically, with `rustc`. One process a sandbox, outside of it; it outlives the agent and the card.
//!
//! ```text
//!  host agent ── control socket ──► monitor ── clone(user, mount, pid, net, uts, ipc, cgroup) ──► jail ── exec ──► PID 1
//!  `console`  ── console socket ──►    │ ◄── pty ──────────────────────────────────────────────────────────────────┘
//!                console.log ◄─────────┤
//!  card ◄── a TAP's descriptor ────────┘  (again whenever the card has come back)
//! ```
//! What isolates a sandbox: namespaces, a user namespace without root of the host, a system call filter, no capability that
//! reaches beyond it, limits. Not a processor's mode: a fault of the host's kernel is a way out, which it is not for a VM.

mod card;
mod disk;
mod filter;
mod jail;
mod monitor;
mod spec;
mod sys;
mod veth;

use std::process::ExitCode;

fn main() -> ExitCode {
    let ended = spec::parse(std::env::args().skip(1)).and_then(monitor::run);
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            // The standard error is the agent's log of this monitor.
            eprintln!("{e}");
            ExitCode::FAILURE
        }
    }
}
