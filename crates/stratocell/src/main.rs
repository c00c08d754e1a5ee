//! `stratocell`: the command line, the supervisor of one machine's processes, and the processes themselves.
//!
//! No product logic lives here. `cli` says what can be asked, `commands` answers it, `supervisor` keeps the processes,
//! `roles` is the table of what a process can be, `setup` decides a new data directory's region.

mod balancer_node;
mod balancers;
mod cli;
mod commands;
mod error;
mod faults;
mod machine;
mod plan;
mod procfs;
mod profile;
mod roles;
mod rollout;
mod setup;
mod supervisor;
mod timeline;
mod tree;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<_> = std::env::args_os().collect();
    // A process of the region, in the supervisor's own words: past the command line's parser, whose memory it would keep.
    let outcome = match args.as_slice() {
        [_, role, name, flag, dir] if role == "role" && flag == "--data-dir" => {
            commands::log_to(std::io::stderr);
            roles::run(&name.to_string_lossy(), platform::DataDir::new(dir)).map(|()| ExitCode::SUCCESS)
        }
        _ => commands::run(cli::Cli::parse()),
    };
    match outcome {
        Ok(code) => code,
        Err(e) => {
            eprintln!("error: {}", error::sentence(&e));
            e.exit_code()
        }
    }
}
