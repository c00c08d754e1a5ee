//! A small client of QEMU's machine protocol (QMP): JSON objects, one a line, over a unix socket that serves one client at
//! a time. So every use connects, says what it has to say, and leaves; nothing blocks longer than the given time.

use super::HypervisorError;
use serde_json::{Value, json};
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// Longer lines than this do not occur among the commands used here.
const LINE_BYTES_MAX: u64 = 1 << 20;
/// Events may come between a command and its answer.
const EVENTS_MAX: usize = 256;

pub struct Qmp {
    reader: BufReader<UnixStream>,
}

/// `query-status`: the states of QEMU's run state machine that make a difference here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunState {
    Running,
    /// The guest switched itself off (`-no-shutdown` keeps the process).
    Shutdown,
    /// Not begun, or on its way.
    Transient,
    /// I/O or internal error, guest panic.
    Error,
}

impl Qmp {
    pub fn connect(socket: &Path, timeout: Duration) -> Result<Self, HypervisorError> {
        let stream = UnixStream::connect(socket).map_err(control)?;
        stream.set_read_timeout(Some(timeout)).map_err(control)?;
        stream.set_write_timeout(Some(timeout)).map_err(control)?;
        let mut qmp = Self { reader: BufReader::new(stream) };
        let greeting = qmp.line()?;
        if greeting.get("QMP").is_none() {
            return Err(HypervisorError::Control("no greeting".to_owned()));
        }
        qmp.execute("qmp_capabilities")?;
        Ok(qmp)
    }

    pub fn execute(&mut self, command: &str) -> Result<Value, HypervisorError> {
        self.call(command, json!({}))
    }

    pub fn call(&mut self, command: &str, arguments: Value) -> Result<Value, HypervisorError> {
        let mut line = json!({ "execute": command, "arguments": arguments }).to_string();
        line.push('\n');
        self.reader.get_mut().write_all(line.as_bytes()).map_err(control)?;
        for _ in 0..EVENTS_MAX {
            let mut answer = self.line()?;
            if let Some(value) = answer.get_mut("return") {
                return Ok(value.take());
            }
            if let Some(error) = answer.get("error") {
                let text = error.get("desc").and_then(Value::as_str).unwrap_or("unnamed error");
                return Err(HypervisorError::Control(format!("{command}: {text}")));
            }
        }
        Err(HypervisorError::Control(format!("{command}: no answer among {EVENTS_MAX} events")))
    }

    pub fn status(&mut self) -> Result<RunState, HypervisorError> {
        let answer = self.execute("query-status")?;
        let word = answer.get("status").and_then(Value::as_str).unwrap_or_default();
        run_state(word).ok_or_else(|| HypervisorError::Control(format!("unknown status {word:?}")))
    }

    fn line(&mut self) -> Result<Value, HypervisorError> {
        let mut line = String::new();
        let len = io::Read::take(&mut self.reader, LINE_BYTES_MAX).read_line(&mut line).map_err(control)?;
        if len == 0 {
            return Err(HypervisorError::Control("closed by the VMM".to_owned()));
        }
        serde_json::from_str(&line).map_err(|e| HypervisorError::Control(e.to_string()))
    }
}

fn control(e: io::Error) -> HypervisorError {
    HypervisorError::Control(e.to_string())
}

/// QEMU's `RunState` (qapi/run-state.json).
fn run_state(word: &str) -> Option<RunState> {
    Some(match word {
        "running" => RunState::Running,
        "shutdown" => RunState::Shutdown,
        "prelaunch" | "inmigrate" | "postmigrate" | "finish-migrate" | "restore-vm" | "save-vm" | "suspended" | "watchdog"
        | "paused" | "debug" | "colo" | "preconfig" => RunState::Transient,
        "internal-error" | "io-error" | "guest-panicked" => RunState::Error,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixListener;

    #[test]
    fn talks_past_events_and_reads_errors() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("q");
        let listener = UnixListener::bind(&path).unwrap();
        let server = std::thread::spawn(move || {
            let (mut s, _) = listener.accept().unwrap();
            let mut lines = BufReader::new(s.try_clone().unwrap()).lines();
            s.write_all(b"{\"QMP\": {\"version\": {}}}\r\n").unwrap();
            for answer in [
                "{\"return\": {}}\r\n",
                "{\"event\": \"POWERDOWN\"}\r\n{\"return\": {\"status\": \"shutdown\", \"running\": false}}\r\n",
                "{\"error\": {\"class\": \"GenericError\", \"desc\": \"not now\"}}\r\n",
            ] {
                lines.next().unwrap().unwrap();
                s.write_all(answer.as_bytes()).unwrap();
            }
        });
        let mut qmp = Qmp::connect(&path, Duration::from_secs(5)).unwrap();
        assert_eq!(qmp.status().unwrap(), RunState::Shutdown);
        assert!(qmp.execute("system_reset").unwrap_err().to_string().contains("not now"));
        server.join().unwrap();
        assert!(qmp.execute("quit").is_err());
    }
}
