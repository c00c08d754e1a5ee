//! The audit trail read from its files, so with the control plane dead too: `explain` tells how one request was decided,
//! `audit verify` whether the trail is as it was written.

use super::{ask, block_on, print};
use crate::cli::AuditCommand;
use crate::error::CliError;
use gateway::audit::search::{Found, Search, by_request};
use gateway::audit::{Summary, verify};
use platform::DataDir;
use serde_json::Value;
use std::fmt::Write;
use std::process::ExitCode;
use std::time::Duration;
use wire::audit::{AuditHeads, GetAuditHeads};

/// How long the control plane's heads are waited for.
const HEADS_TIMEOUT: Duration = Duration::from_secs(2);

pub fn explain(dir: &DataDir, request_id: &str) -> Result<ExitCode, CliError> {
    match by_request(&dir.audit(), request_id).map_err(CliError::io("read the audit trail"))? {
        Search::Found(found) => print(&story(&found)),
        Search::NotFound { since_ms, objects_since_ms } => {
            let since = |ms: Option<u64>| ms.map_or_else(|| "is empty".to_owned(), |ms| format!("goes back to {}", time(ms)));
            let (calls, objects) = (since(since_ms), since(objects_since_ms));
            eprintln!(
                "error: no call of the id {request_id} is in the audit trail, which {calls}; that of calls on objects {objects}"
            );
            Ok(ExitCode::FAILURE)
        }
    }
}

pub fn run(dir: &DataDir, command: &AuditCommand) -> Result<ExitCode, CliError> {
    match command {
        AuditCommand::Verify => check(dir),
    }
}

fn check(dir: &DataDir) -> Result<ExitCode, CliError> {
    let heads = block_on(async { Ok(ask::<GetAuditHeads>(dir, "control-plane", HEADS_TIMEOUT).await) })?;
    if let Err(e) = &heads {
        eprintln!("! the control plane's record of the trail cannot be read ({e}): a cut end or a new trail would not show");
    }
    let told: AuditHeads = heads.unwrap_or_default();
    match verify(&dir.audit(), &told.heads).map_err(CliError::io("read the audit trail"))? {
        Ok(whole) => print(&format!(
            "the audit trail is whole\n\nmanagement events: {}\ndata events: {}",
            sentences(&whole.management, "the control plane"),
            sentences(&whole.data, "the chain of management events")
        )),
        Err(finding) => {
            eprintln!("error: the audit trail is not as it was written: {finding}");
            Ok(ExitCode::FAILURE)
        }
    }
}

/// `keeper`: who was told of heads.
fn sentences(s: &Summary, keeper: &str) -> String {
    if s.lines == 0 {
        return "none\n".to_owned();
    }
    let mut out = format!(
        "{} in {} segments, lines {} to {}, since {}\nhead {}\n",
        s.events,
        s.segments,
        s.first,
        s.last,
        time(s.since_ms),
        s.head
    );
    let _ = writeln!(out, "{} heads that {keeper} was told of were met", s.heads);
    if s.first > 1 {
        let _ = writeln!(out, "older lines were retired, and the trail says so");
    }
    if s.repaired > 0 {
        let _ = writeln!(out, "{} ends torn by a crash were cut off", s.repaired);
    }
    if s.lost > 0 {
        let _ = writeln!(out, "! {} events are missing: the disk took none", s.lost);
    }
    out
}

/// In plain words: who, what, from where, what came of it, and why.
fn story(found: &Found) -> String {
    let e = &found.event;
    let text = |pointer: &str| e.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let mut out = String::new();
    let service = text("/eventSource").split('.').next().unwrap_or_default();
    let _ = writeln!(out, "request  {}", text("/requestID"));
    let _ = writeln!(out, "when     {}", text("/eventTime"));
    let _ = writeln!(out, "who      {}", who(&e["userIdentity"]));
    let _ = writeln!(out, "what     {service}:{} in {}", text("/eventName"), text("/awsRegion"));
    let _ = writeln!(out, "from     {}, {}", text("/sourceIPAddress"), text("/userAgent"));
    match e["errorCode"].as_str() {
        Some(code) => {
            // What follows is sealed, for DecodeAuthorizationMessage; here it is in the clear below.
            let sentence = text("/errorMessage").split(" Encoded authorization failure message:").next().unwrap_or_default();
            let _ = writeln!(out, "outcome  refused, {code}: {sentence}");
        }
        None => out.push_str("outcome  done\n"),
    }
    out.push('\n');
    if found.traces.is_empty() {
        out.push_str(if text("/userIdentity/type") == "Unknown" {
            "No permission was looked for: the caller was not proven.\n"
        } else {
            "No permission was looked for: the request needs none, or it was refused before.\n"
        });
    }
    for t in &found.traces {
        let verdict = if t.allowed { "allowed" } else { "denied " };
        let _ = writeln!(out, "{verdict}  {} on {}\n         {}", t.action, t.resource, t.because);
    }
    out
}

fn who(identity: &Value) -> String {
    let text = |name: &str| identity[name].as_str().unwrap_or_default();
    let key = match text("accessKeyId") {
        "" => String::new(),
        key => format!(", access key {key}"),
    };
    match text("type") {
        "AWSAccount" => "nobody: the request was not signed".to_owned(),
        "WebIdentityUser" => "a user of an identity provider, by its token".to_owned(),
        "SAMLUser" => "a user of an identity provider, by its assertion".to_owned(),
        "Unknown" => format!("somebody who was not proven{}", key.replace(", access key", ", who named the access key")),
        kind => {
            let what = match kind {
                "Root" => "the root user",
                "IAMUser" => "a user",
                "AssumedRole" => "a session of a role",
                "FederatedUser" => "a federated user",
                other => other,
            };
            let mfa = identity.pointer("/sessionContext/attributes/mfaAuthenticated").is_some_and(|m| m == "true");
            let mfa = if mfa { ", with MFA" } else { "" };
            format!("{what} of account {}: {}{key}{mfa}", text("accountId"), text("arn"))
        }
    }
}

fn time(ms: u64) -> String {
    let mut out = String::new();
    aws_protocol::write_timestamp(types::TimestampMs(ms), &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::identity::Trace;

    #[test]
    fn a_story_says_who_what_and_why() {
        let found = Found {
            event: serde_json::json!({
                "requestID": "r-1", "eventTime": "2023-11-14T22:13:20Z", "eventSource": "ec2.amazonaws.com",
                "eventName": "RunInstances", "awsRegion": "us-east-1", "sourceIPAddress": "127.0.0.1", "userAgent": "cli",
                "errorCode": "UnauthorizedOperation", "errorMessage": "no Encoded authorization failure message: AQEA",
                "userIdentity": {"type": "AssumedRole", "accountId": "1", "arn": "arn:role", "accessKeyId": "ASIA",
                    "sessionContext": {"attributes": {"mfaAuthenticated": "true"}}}
            }),
            traces: vec![Trace {
                action: "ec2:RunInstances".into(),
                resource: "*".into(),
                allowed: false,
                because: "explicit deny in identity-based policy p, statement 2".into(),
            }],
            at_ms: 0,
        };
        let story = story(&found);
        for wanted in [
            "who      a session of a role of account 1: arn:role, access key ASIA, with MFA\n",
            "what     ec2:RunInstances in us-east-1\n",
            "outcome  refused, UnauthorizedOperation: no\n",
            "denied   ec2:RunInstances on *\n         explicit deny in identity-based policy p, statement 2\n",
        ] {
            assert!(story.contains(wanted), "{story}");
        }
        let nobody = Found { event: serde_json::json!({"userIdentity": {"type": "Unknown"}}), traces: Vec::new(), at_ms: 0 };
        assert!(super::story(&nobody).contains("the caller was not proven"));
    }
}
