//! `codegen`: writes `crates/aws-protocol/src/generated/`, and the golden tests' list of operations, from the model package that botocore publishes.
//!
//! `crates/aws-protocol/models.txt` names the package's version and the operations. Only names and shapes are taken, no
//! documentation. A test regenerates and compares, so the checked-in files cannot drift from list or generator.

mod emit;
mod model;

use model::{Model, Whitelist};
use std::path::{Path, PathBuf};
use std::process::Command;

pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Prints one service's model and paginators, without documentation. Arguments: models directory or "", service, version,
/// the botocore version wanted.
const READ_MODEL: &str = r#"
import gzip, json, os, sys
models, service, version, wanted = sys.argv[1:]
if not models:
    import botocore
    if botocore.__version__ != wanted:
        sys.exit(f"botocore {wanted} is wanted, {botocore.__version__} is installed ({botocore.__file__})")
    models = os.path.join(os.path.dirname(botocore.__file__), "data")
def read(name):
    path = os.path.join(models, service, version, name)
    if os.path.exists(path + ".gz"):
        return json.loads(gzip.open(path + ".gz").read())
    return json.load(open(path)) if os.path.exists(path) else {}
def strip(v):
    if isinstance(v, dict):
        return {k: strip(x) for k, x in v.items() if not (k == "documentation" and isinstance(x, str))}
    return [strip(x) for x in v] if isinstance(v, list) else v
def order(model):
    for shape in model["shapes"].values():
        if "members" in shape:
            shape["memberOrder"] = list(shape["members"])
    return model
json.dump({"model": order(strip(read("service-2.json"))), "paginators": read("paginators-1.json")}, sys.stdout)
"#;

/// Writes the generated files that changed.
pub fn run(root: &Path, models: Option<&Path>) -> Result<()> {
    for (path, text) in generate(root, models)? {
        if std::fs::read_to_string(&path).ok().as_deref() != Some(&text) {
            std::fs::write(&path, text)?;
            println!("wrote {}", path.display());
        }
    }
    Ok(())
}

/// The files that should be there, and their text.
pub fn generate(root: &Path, models: Option<&Path>) -> Result<Vec<(PathBuf, String)>> {
    let protocol = root.join("crates/aws-protocol");
    let list = Whitelist::parse(&std::fs::read_to_string(protocol.join("models.txt"))?)?;
    let (mut files, mut models_read) = (Vec::new(), Vec::new());
    for wanted in &list.services {
        let json = read_model(root, models, &wanted.name, &wanted.version, &list.botocore)?;
        let model = Model::parse(&json, wanted)?;
        let folder = protocol.join("src/generated");
        files.push((folder.join(format!("{}_shapes.rs", wanted.module)), emit::shapes(&model)?));
        if model.protocol == model::Protocol::RestXml {
            files.push((protocol.join(format!("tests/golden/{}_bodies.rs", wanted.module)), emit::golden_bodies(&model)));
            continue;
        }
        files.push((folder.join(format!("{}_operations.rs", wanted.module)), emit::operations(&model)?));
        models_read.push(model);
    }
    files.push((protocol.join("tests/golden/operations.rs"), emit::golden(&models_read)));
    Ok(files)
}

fn read_model(root: &Path, models: Option<&Path>, service: &str, version: &str, botocore: &str) -> Result<serde_json::Value> {
    let venv = root.join(".venv/bin/python3");
    let python = if venv.exists() { venv } else { "python3".into() };
    let dir = models.map_or(String::new(), |p| p.display().to_string());
    let out = Command::new(&python).args(["-c", READ_MODEL, &dir, service, version, botocore]).output()?;
    if !out.status.success() {
        let why = String::from_utf8_lossy(&out.stderr);
        return Err(format!("{}: cannot read the model of {service}: {}", python.display(), why.trim()).into());
    }
    Ok(serde_json::from_slice(&out.stdout)?)
}

#[cfg(test)]
mod tests {
    #[test]
    fn checked_in_files_are_what_the_generator_writes() {
        let files = super::generate(crate::workspace_root(), None).unwrap();
        assert_eq!(files.len(), 21);
        for (path, text) in files {
            let there = std::fs::read_to_string(&path).unwrap();
            assert!(there == text, "{} is stale: run `cargo run -p xtask -- codegen`", path.display());
        }
    }
}
