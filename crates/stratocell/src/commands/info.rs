//! The short commands: `ready`, `env`, `ps`, `doctor`, `account`.

use super::{RPC_TIMEOUT, ask, ask_supervisor, block_on, print, print_json, report};
use crate::cli::AccountCommand;
use crate::error::CliError;
use crate::machine::{self, Level};
use crate::setup::DEFAULT_PORT;
use platform::process::ProcessId;
use platform::rpc::Client;
use platform::settings::{RootCredentials, Settings};
use platform::{Clock, DataDir, SystemClock};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use wire::Empty;
use wire::api::{AccountCredentials, CreateAccount, CreateAccountRequest, GetGatewayStatus};
use wire::supervisor::*;

pub fn ready(dir: &DataDir, timeout_s: u64) -> Result<ExitCode, CliError> {
    let endpoint = until_ready(dir, timeout_s)?;
    eprintln!("ready at {endpoint}");
    Ok(ExitCode::SUCCESS)
}

/// Waits until everything answers; the API's endpoint.
pub fn until_ready(dir: &DataDir, timeout_s: u64) -> Result<String, CliError> {
    let began = Instant::now();
    block_on(async {
        loop {
            let cause = match ask_supervisor::<GetSupervisorStatus>(dir, &Empty {}).await {
                Ok(status) if status.ready => return Ok(status.endpoint),
                Ok(status) => report::unready(&status),
                Err(e) => e.to_string(),
            };
            if began.elapsed() >= Duration::from_secs(timeout_s) {
                return Err(CliError::NotReady { seconds: timeout_s, cause });
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    })
}

pub fn env(dir: &DataDir) -> Result<ExitCode, CliError> {
    let (settings, root) = (Settings::load(dir)?, RootCredentials::load(dir)?);
    let port = machine::gateway_port(dir).unwrap_or(settings.port);
    if port == 0 {
        return Err(CliError::NotRunning(dir.root().to_owned()));
    }
    print(&env_lines(
        Some(&format!("http://127.0.0.1:{port}")),
        settings.region.as_str(),
        &root.access_key,
        &root.secret_key,
        std::env::var_os("AWS_SESSION_TOKEN").is_some(),
    ))
}

/// Shell lines; `endpoint` is left out where only credentials are asked for. A session token that the shell holds for
/// somewhere else would be sent along with these keys, so it is emptied.
fn env_lines(endpoint: Option<&str>, region: &str, access_key: &str, secret_key: &str, stale_token: bool) -> String {
    let mut pairs = Vec::new();
    if let Some(endpoint) = endpoint {
        pairs.push(("AWS_ENDPOINT_URL", endpoint));
    }
    pairs.extend([
        ("AWS_DEFAULT_REGION", region),
        ("AWS_REGION", region),
        ("AWS_ACCESS_KEY_ID", access_key),
        ("AWS_SECRET_ACCESS_KEY", secret_key),
    ]);
    if stale_token {
        pairs.push(("AWS_SESSION_TOKEN", ""));
    }
    pairs.into_iter().map(|(name, value)| format!("export {name}={}\n", shell_quote(value))).collect()
}

/// A word of a POSIX shell.
pub fn shell_quote(value: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_./:+=@,".contains(&b);
    if value.bytes().all(plain) { value.to_owned() } else { format!("'{}'", value.replace('\'', "'\\''")) }
}

pub fn ps(dir: &DataDir, json: bool) -> Result<ExitCode, CliError> {
    let status = block_on(ask_supervisor::<GetSupervisorStatus>(dir, &Empty {}))?;
    if json {
        return print_json(&status.processes);
    }
    let rss_kib = ProcessId::of(status.pid).map_or(0, ProcessId::rss_kib);
    let own = ProcessStatus {
        name: crate::supervisor::NAME.to_owned(),
        pid: Some(status.pid),
        state: ProcessState::Running,
        restarts: 0,
        started_ms: status.started_ms,
        last_exit: None,
        rss_kib,
        version: status.version.clone(),
        program: None,
    };
    let now = SystemClock::new().wall().0;
    let mut out = format!(
        "{:<16} {:>8} {:<9} {:>8} {:>9} {:>8}  {:<18} {}\n",
        "NAME", "PID", "STATE", "RESTARTS", "RSS", "AGE", "VERSION", "LAST EXIT"
    );
    for p in std::iter::once(&own).chain(&status.processes) {
        let age = p.pid.map_or_else(|| "-".to_owned(), |_| age(now.saturating_sub(p.started_ms) / 1000));
        out.push_str(&format!(
            "{:<16} {:>8} {:<9} {:>8} {:>9} {:>8}  {:<18} {}\n",
            p.name,
            p.pid.map_or_else(|| "-".to_owned(), |pid| pid.to_string()),
            state_word(p.state),
            p.restarts,
            format!("{:.1} MiB", p.rss_kib as f64 / 1024.0),
            age,
            program_word(p),
            p.last_exit.as_deref().unwrap_or("")
        ));
    }
    print(&out)
}

/// `0.1.0`, `0.2.0 1a2b3c4d`: a version, and the program's hash where it is not the supervisor's own.
pub fn program_word(p: &ProcessStatus) -> String {
    let print = p.program.iter().map(|sha| format!(" {}", sha.get(..8).unwrap_or(sha)));
    std::iter::once(p.version.clone()).chain(print).collect()
}

fn state_word(state: ProcessState) -> &'static str {
    match state {
        ProcessState::Starting => "starting",
        ProcessState::Running => "running",
        ProcessState::Backoff => "backoff",
        ProcessState::Paused => "paused",
        ProcessState::Down => "down",
    }
}

fn age(seconds: u64) -> String {
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7199 => format!("{} min", seconds / 60),
        7200..=172_799 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86400),
    }
}

pub fn doctor(dir: &DataDir, json: bool) -> Result<ExitCode, CliError> {
    let port = Settings::load(dir).map_or(DEFAULT_PORT, |s| s.port);
    let mut facts = machine::Facts::gather(dir, port).with_user_namespaces();
    // Our own gateway on the port is as it should be.
    if machine::gateway_port(dir) == Some(port) && dir.socket("gateway").exists() {
        facts.port_taken = false;
    }
    let mut findings = machine::judge(&facts);
    if let Ok(settings) = Settings::load(dir) {
        let running = block_on(ask_supervisor::<GetSupervisorStatus>(dir, &Empty {})).ok();
        let frames = running.map_or_else(|| settings.bulk_frames.to_string(), |s| s.transport.bulk_frames);
        let what = format!("between roles: {}", crate::tree::transport_words(&frames));
        findings.push(machine::Finding { level: Level::Ok, what, fix: String::new() });
    }
    let worst = findings.iter().map(|f| f.level).max().unwrap_or(Level::Ok);
    let code = if worst == Level::Missing { ExitCode::from(1) } else { ExitCode::SUCCESS };
    if json {
        print_json(&findings)?;
        return Ok(code);
    }
    let mut out = String::new();
    for (n, f) in findings.iter().enumerate() {
        let mark = match f.level {
            Level::Ok => "ok",
            Level::Degraded => "degraded",
            Level::Missing => "MISSING",
        };
        out.push_str(&format!("{:>2}. {mark:<9} {}\n", n + 1, f.what));
        if !f.fix.is_empty() {
            out.push_str(&format!("    fix:      {}\n", f.fix));
        }
    }
    print(&out)?;
    Ok(code)
}

pub fn account(dir: &DataDir, command: AccountCommand) -> Result<ExitCode, CliError> {
    let AccountCommand::Create { name, account, json } = command;
    let settings = Settings::load(dir)?;
    let client = Client::new(&super::operator(dir)?, dir.socket("control-plane"));
    let request = CreateAccountRequest { name, account };
    let made: AccountCredentials = block_on(async {
        let before = pushed_credentials(dir).await;
        let made = client.call::<CreateAccount>(&request, RPC_TIMEOUT).await?;
        // The gateway knows the key a moment later; whoever reads it here may use it at once.
        let limit = Instant::now() + Duration::from_secs(2);
        while before.is_some() && pushed_credentials(dir).await <= before && Instant::now() < limit {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(made)
    })?;
    if json {
        return print_json(&made);
    }
    eprintln!("account {} ({})", made.account, made.name);
    let endpoint = machine::gateway_port(dir).map(|port| format!("http://127.0.0.1:{port}"));
    print(&env_lines(endpoint.as_deref(), settings.region.as_str(), &made.access_key, &made.secret_key, false))
}

async fn pushed_credentials(dir: &DataDir) -> Option<types::Generation> {
    Some(ask::<GetGatewayStatus>(dir, "gateway", Duration::from_secs(1)).await.ok()?.credentials)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn env_lines_are_safe_for_a_shell() {
        let lines = env_lines(Some("http://127.0.0.1:4566"), "us-east-1", "AKIAX", "a/b+c", false);
        assert_eq!(
            lines,
            "export AWS_ENDPOINT_URL=http://127.0.0.1:4566\nexport AWS_DEFAULT_REGION=us-east-1\nexport AWS_REGION=us-east-1\n\
             export AWS_ACCESS_KEY_ID=AKIAX\nexport AWS_SECRET_ACCESS_KEY=a/b+c\n"
        );
        assert!(env_lines(None, "r", "k", "it's$(x)", true).ends_with("='it'\\''s$(x)'\nexport AWS_SESSION_TOKEN=\n"));
    }

    #[test]
    fn ages_are_short() {
        assert_eq!([age(5), age(600), age(7200), age(200_000)], ["5 s", "10 min", "2 h", "2 d"]);
    }
}
