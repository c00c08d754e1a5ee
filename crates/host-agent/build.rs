//! Compiles what runs inside of guests or beside them (crates/guest-init, crates/sandbox) statically, with nothing but rustc,
//! so that it can be embedded.

use std::env;
use std::path::PathBuf;
use std::process::Command;

fn main() {
    for program in ["guest-init", "sandbox"] {
        compile(program);
    }
}

fn compile(program: &str) {
    let manifest = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let source = manifest.join("..").join(program).join("src");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it")).join(program);
    println!("cargo::rerun-if-changed={}", source.display());
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let status = Command::new(rustc)
        // Guests are x86-64 whatever the host is; no flags of the surrounding build apply.
        .args(["--edition", "2024", "--crate-name", &program.replace('-', "_"), "--target", "x86_64-unknown-linux-gnu"])
        .args(["-C", "opt-level=s", "-C", "panic=abort", "-C", "target-feature=+crt-static", "-C", "strip=symbols"])
        .args(["-C", "codegen-units=1"])
        .arg(format!("--remap-path-prefix={}={program}", source.display()))
        .arg(source.join("main.rs"))
        .arg("-o")
        .arg(&out)
        .env_remove("RUSTFLAGS")
        .status()
        .expect("rustc can be run");
    assert!(status.success(), "{program} does not compile");
}
