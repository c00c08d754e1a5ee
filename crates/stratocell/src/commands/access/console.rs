//! `console INSTANCE`: the serial log from the host's disk and, on a terminal, the line itself.

use super::host_on_disk;
use crate::error::CliError;
use platform::DataDir;
use std::io::{IsTerminal, Read, Seek, SeekFrom, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::ExitCode;
use types::InstanceId;

/// Ctrl-], as in telnet.
const LEAVE: u8 = 0x1d;
/// Of the log's end, on a terminal; elsewhere all of it is printed.
const SHOWN_BYTES_MAX: u64 = 64 << 10;

pub fn run(dir: &DataDir, instance: InstanceId) -> Result<ExitCode, CliError> {
    let host = host_on_disk(dir, instance)?;
    let log = dir.instance(&host, &instance).join("console.log");
    let interactive = std::io::stdin().is_terminal();
    show(&log, interactive)?;
    if !interactive {
        return Ok(ExitCode::SUCCESS);
    }
    let Ok(line) = UnixStream::connect(dir.console_socket(&instance)) else {
        eprintln!("[{instance} is not running: this is its log]");
        return Ok(ExitCode::SUCCESS);
    };
    eprintln!("\r\n[{instance} on {host}; Ctrl-] leaves]");
    let terminal = RawTerminal::enter().map_err(CliError::io("set the terminal"))?;
    let outcome = talk(line);
    drop(terminal);
    eprintln!("\r\n[left]");
    outcome.map_err(CliError::io("read the console"))?;
    Ok(ExitCode::SUCCESS)
}

fn show(log: &Path, end_only: bool) -> Result<(), CliError> {
    let read = || -> std::io::Result<()> {
        let mut file = match std::fs::File::open(log) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            opened => opened?,
        };
        let length = file.metadata()?.len();
        if end_only {
            file.seek(SeekFrom::Start(length.saturating_sub(SHOWN_BYTES_MAX)))?;
        }
        let mut out = std::io::stdout().lock();
        // Up to what there was at the beginning: a guest that keeps writing must not keep us.
        std::io::copy(&mut file.take(length), &mut out)?;
        out.flush()
    };
    match read() {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(CliError::io(format!("read {}", log.display()))(e)),
        _ => Ok(()),
    }
}

/// Keys to the guest, its words to the terminal, until Ctrl-] or the guest's end.
fn talk(mut from_guest: UnixStream) -> std::io::Result<()> {
    let mut to_guest = from_guest.try_clone()?;
    // Not joined: a read of standard input cannot be woken, and the process ends after this.
    std::thread::spawn(move || {
        let mut typed = [0u8; 256];
        while let Ok(n @ 1..) = std::io::stdin().read(&mut typed) {
            let leave = typed[..n].iter().position(|b| *b == LEAVE);
            if to_guest.write_all(&typed[..leave.unwrap_or(n)]).is_err() || leave.is_some() {
                break;
            }
        }
        let _ = to_guest.shutdown(Shutdown::Both);
    });
    let mut out = std::io::stdout().lock();
    let mut heard = vec![0u8; 8192];
    loop {
        let n = from_guest.read(&mut heard)?;
        if n == 0 {
            return Ok(());
        }
        out.write_all(&heard[..n])?;
        out.flush()?;
    }
}

/// The terminal in raw mode; as it was when dropped.
struct RawTerminal(libc::termios);

impl RawTerminal {
    fn enter() -> std::io::Result<Self> {
        // SAFETY: termios is plain data for which zeros are a valid value.
        let mut before: libc::termios = unsafe { std::mem::zeroed() };
        // SAFETY: standard input is open and `before` is writable through the call.
        if unsafe { libc::tcgetattr(0, &mut before) } != 0 {
            return Err(std::io::Error::last_os_error());
        }
        let mut raw = before;
        // SAFETY: `raw` was filled by the kernel and is writable.
        unsafe { libc::cfmakeraw(&mut raw) };
        // SAFETY: standard input is open and `raw` is readable through the call.
        if unsafe { libc::tcsetattr(0, libc::TCSANOW, &raw) } != 0 {
            return Err(std::io::Error::last_os_error());
        }
        Ok(Self(before))
    }
}

impl Drop for RawTerminal {
    fn drop(&mut self) {
        // SAFETY: the settings are those that the kernel gave; failing leaves the terminal as it is.
        unsafe { libc::tcsetattr(0, libc::TCSANOW, &self.0) };
    }
}
