//! `stratocell`: the command line, the supervisor of one machine's processes, and the processes themselves.
//!
//! No product logic lives here. `cli` says what can be asked, `commands` answers it, `supervisor` keeps the processes,
//! `roles` is the table of what a process can be, `setup` decides a new data directory's region.

mod cli;
mod commands;
mod error;
mod faults;
mod machine;
mod procfs;
mod profile;
mod roles;
mod setup;
mod supervisor;
mod tree;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args = cli::Cli::parse();
    match commands::run(args) {
        Ok(code) => code,
        Err(e) => {
            eprintln!("error: {}", error::sentence(&e));
            e.exit_code()
        }
    }
}
