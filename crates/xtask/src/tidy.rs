//! The repository's own rules, checked: crate edges, file headers, sizes, placeholders, where SQL and tokio may be.
//!
//! Reads files as text; builds nothing. Each rule says why it is there in its message. `cargo run -p xtask -- tidy`.

use std::fs;
use std::path::{Path, PathBuf};

/// Which workspace crates each crate may use (beside itself). A new edge is a decision: change this table with it.
const EDGES: &[(&str, &[&str])] = &[
    ("types", &[]),
    ("wire", &["types"]),
    ("platform", &["types", "wire"]),
    ("aws-protocol", &["types"]),
    ("iam", &["types", "wire"]),
    ("kms", &["types", "wire", "iam"]),
    ("store", &["types", "platform"]),
    ("objectstore", &["types", "platform", "wire", "store"]),
    ("vswitch", &["types", "wire"]),
    ("card", &["types", "platform", "wire", "vswitch"]),
    ("edge", &["types", "platform", "wire", "vswitch"]),
    ("directory", &["types", "platform", "wire", "vswitch"]),
    ("balancer", &["types", "platform", "wire"]),
    ("guest-init", &[]),
    ("sandbox", &[]),
    ("host-agent", &["types", "platform", "wire"]),
    ("scheduler", &["types"]),
    ("cell", &["types", "platform", "wire", "store", "scheduler"]),
    ("region", &["types", "platform", "wire", "store", "aws-protocol", "iam", "kms", "scheduler"]),
    ("gateway", &["types", "platform", "wire", "aws-protocol", "iam", "kms", "objectstore"]),
    (
        "stratocell",
        &[
            "types",
            "platform",
            "wire",
            "store",
            "aws-protocol",
            "iam",
            "kms",
            "vswitch",
            "card",
            "edge",
            "directory",
            "balancer",
            "host-agent",
            "cell",
            "region",
            "gateway",
            "objectstore",
            "scheduler",
        ],
    ),
    ("testkit", &["types", "platform", "wire", "store", "vswitch", "iam", "objectstore"]),
    ("xtask", &[]),
];

/// Crates that only decide: no runtime, no I/O.
const PURE: &[&str] = &["types", "wire", "aws-protocol", "iam", "kms", "vswitch", "scheduler"];

const LINES_MAX: usize = 1000;
const HEADER_FROM_LINES: usize = 100;
/// `Cargo.lock` entries; every dependency is somebody's code in ours.
const LOCKED_MAX: usize = 300;

pub fn run(root: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let mut findings = Vec::new();
    edges(root, &mut findings)?;
    let lock = fs::read_to_string(root.join("Cargo.lock"))?;
    let locked = lock.matches("[[package]]").count();
    if locked > LOCKED_MAX {
        findings.push(format!("Cargo.lock: {locked} packages, at most {LOCKED_MAX}"));
    }
    for file in sources(&root.join("crates"))? {
        let name = file.strip_prefix(root).unwrap_or(&file).display().to_string();
        source(&name, &fs::read_to_string(&file)?, &mut findings);
    }
    if findings.is_empty() {
        return Ok(());
    }
    findings.iter().for_each(|f| eprintln!("{f}"));
    Err(format!("{} findings", findings.len()).into())
}

fn edges(root: &Path, findings: &mut Vec<String>) -> Result<(), Box<dyn std::error::Error>> {
    for entry in fs::read_dir(root.join("crates"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let manifest = fs::read_to_string(root.join("crates").join(&name).join("Cargo.toml"))?;
        let Some((_, allowed)) = EDGES.iter().find(|(c, _)| *c == name) else {
            findings.push(format!("crates/{name}: not in tidy's table of crates"));
            continue;
        };
        // Development dependencies may be anything.
        let manifest = manifest.split("[dev-dependencies]").next().unwrap_or_default();
        for used in manifest.lines().filter_map(dependency) {
            let ours = EDGES.iter().any(|(c, _)| *c == used);
            if ours && !allowed.contains(&used) {
                findings.push(format!("crates/{name}: may not use {used} (the table of edges in xtask/src/tidy.rs)"));
            }
            if used == "tokio" && PURE.contains(&name.as_str()) {
                findings.push(format!("crates/{name}: is pure and may not use tokio"));
            }
            if used == "rusqlite" && name != "store" {
                findings.push(format!("crates/{name}: only store may speak SQL"));
            }
        }
    }
    Ok(())
}

/// `name.workspace = true` or `name = …` in a manifest.
fn dependency(line: &str) -> Option<&str> {
    let name = line.split(['=', ' ']).next()?.trim();
    let name = name.strip_suffix(".workspace").unwrap_or(name);
    (!name.is_empty() && !name.starts_with(['[', '#'])).then_some(name)
}

fn sources(dir: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            out.extend(sources(&path)?);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
    out.sort();
    Ok(out)
}

fn source(name: &str, text: &str, findings: &mut Vec<String>) {
    let lines = text.lines().count();
    if name.contains("/generated/") || name.ends_with("xtask/src/tidy.rs") {
        return;
    }
    if lines > LINES_MAX {
        findings.push(format!("{name}: {lines} lines; divide it by meaning (at most {LINES_MAX})"));
    }
    if lines > HEADER_FROM_LINES && !text.lines().take(5).any(|l| l.starts_with("//!")) {
        findings.push(format!("{name}: needs a //! header that says what it is, what it is not, who calls it"));
    }
    for (i, line) in text.lines().enumerate() {
        for (bad, why) in [
            ("todo!(", "an unfinished place"),
            ("unimplemented!(", "an unfinished place"),
            ("FIXME", "mend it or file it"),
            ("dbg!(", "left from debugging"),
            ("#[ignore", "a test that does not run proves nothing"),
            ("allow(dead_code)", "delete what is not used"),
        ] {
            // What several test programs share, each uses in part.
            let shared = bad == "allow(dead_code)" && name.ends_with("tests/common/mod.rs");
            if line.contains(bad) && !shared {
                findings.push(format!("{name}:{}: {bad} ({why})", i + 1));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, text: &str) -> Vec<String> {
        let mut findings = Vec::new();
        source(name, text, &mut findings);
        findings
    }

    #[test]
    fn rules_find_what_they_are_for() {
        assert_eq!(check("a.rs", "fn f() { todo!() }").len(), 1);
        assert_eq!(check("a.rs", &"x\n".repeat(101)).len(), 1);
        assert!(check("a.rs", &format!("//! what\n{}", "x\n".repeat(101))).is_empty());
        assert_eq!(check("a.rs", &format!("//! what\n{}", "x\n".repeat(1000))).len(), 1);
        assert!(check("a/generated/b.rs", &"x\n".repeat(5000)).is_empty());
        assert_eq!(dependency("types.workspace = true"), Some("types"));
        assert_eq!(dependency("foo = { path = \"x\" }"), Some("foo"));
        assert_eq!(dependency("[dependencies]"), None);
    }

    #[test]
    fn the_table_has_no_cycles() {
        fn reaches(from: &str, to: &str, depth: usize) -> bool {
            depth < 20 && EDGES.iter().any(|(c, uses)| *c == from && uses.iter().any(|u| *u == to || reaches(u, to, depth + 1)))
        }
        for (name, _) in EDGES {
            assert!(!reaches(name, name, 0), "{name} uses itself");
        }
    }
}
