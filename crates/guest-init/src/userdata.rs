//! User data: a script that begins with `#!` runs as root, once in the life of an instance.

use crate::services::environment;
use crate::{say, sys};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

/// Runs the script in a child process of its own, so that a script that never ends stops nothing else.
pub fn start(instance_id: &str, data: &[u8]) {
    if !data.starts_with(b"#!") {
        if !data.is_empty() {
            say(format_args!("user data does not begin with #!: it is not run"));
        }
        return;
    }
    let safe = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    let dir = PathBuf::from("/var/lib/stratocell/instances").join(instance_id.chars().map(safe).collect::<String>());
    let marker = dir.join("user-data.started");
    if marker.exists() {
        return;
    }
    let script = dir.join("user-data");
    if let Err(e) = install(&dir, &script, &marker, data) {
        say(format_args!("user data: {e}"));
        return;
    }
    let run = move || match run(&script) {
        Ok(line) => say(format_args!("user data {line}")),
        Err(e) => say(format_args!("user data: {e}")),
    };
    if let Err(e) = sys::fork_into(run) {
        say(format_args!("user data: {e}"));
    }
}

/// The marker is durable before the script begins, as with cloud-init: a script that was cut short is not run a second time.
fn install(dir: &PathBuf, script: &PathBuf, marker: &PathBuf, data: &[u8]) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    fs::write(script, data)?;
    fs::set_permissions(script, fs::Permissions::from_mode(0o700))?;
    File::open(script)?.sync_all()?;
    File::create(marker)?.sync_all()?;
    File::open(dir)?.sync_all()
}

/// Runs the script; its output goes to the log and to the console as it comes.
fn run(script: &PathBuf) -> io::Result<String> {
    let started = Instant::now();
    let mut log = OpenOptions::new().create(true).append(true).open("/var/log/user-data.log")?;
    let (mut reader, writer) = io::pipe()?;
    let mut command = Command::new(script);
    command.current_dir("/").stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    environment(&mut command);
    sys::in_new_session(&mut command, false);
    let mut child = command.spawn()?;
    // The command holds the parent's copies of the pipe's write end.
    drop(command);
    let mut console = io::stdout();
    let mut chunk = [0; 4096];
    loop {
        let len = reader.read(&mut chunk)?;
        if len == 0 {
            break;
        }
        log.write_all(&chunk[..len])?;
        console.write_all(&chunk[..len])?;
        console.flush()?;
    }
    let status = child.wait()?;
    let seconds = started.elapsed().as_secs_f32();
    Ok(match status.code() {
        Some(code) => format!("ended with status {code} after {seconds:.1} s"),
        None => format!("was ended by a signal after {seconds:.1} s"),
    })
}
