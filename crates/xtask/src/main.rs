//! Chores of the repository that are not part of the product. `cargo run -p xtask -- help` lists them.

mod codegen;
mod tidy;

use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "usage: xtask codegen [--models DIR]   write the AWS shapes from the published model package
       xtask tidy                     check the repository's own rules";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let root = workspace_root();
    let outcome = match args.as_slice() {
        ["codegen"] => codegen::run(root, None),
        ["codegen", "--models", dir] => codegen::run(root, Some(Path::new(dir))),
        ["tidy"] => tidy::run(root),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("xtask: {e}");
            ExitCode::FAILURE
        }
    }
}

fn workspace_root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here)
}
