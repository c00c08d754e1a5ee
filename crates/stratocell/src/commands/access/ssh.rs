//! `ssh INSTANCE`: the system's ssh, carried by a forward of its own.
//!
//! The forward is ssh's ProxyCommand, so no port is opened on this machine that another user could connect to.

use super::super::block_on;
use super::super::info::shell_quote;
use super::find;
use crate::error::CliError;
use platform::DataDir;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};
use types::InstanceId;

const SSH_PORT: u16 = 22;

pub fn run(
    dir: &DataDir,
    instance: InstanceId,
    identity: Option<&Path>,
    login: &str,
    command: &[String],
) -> Result<ExitCode, CliError> {
    // An unknown instance is said here, in one sentence, rather than by ssh.
    block_on(find(dir, instance))?;
    let program = std::env::current_exe().map_err(CliError::io("find this program"))?;
    let args = arguments(dir, &program, instance, identity, login, command);
    let e = Command::new("ssh").args(args).exec();
    Err(CliError::io("run ssh (is openssh-client installed?)")(e))
}

fn arguments(
    dir: &DataDir,
    program: &Path,
    instance: InstanceId,
    identity: Option<&Path>,
    login: &str,
    command: &[String],
) -> Vec<String> {
    let text = |p: &Path| p.to_string_lossy().into_owned();
    let proxy: Vec<String> =
        [&text(program), "forward", "--stdio", &format!("{instance}:{SSH_PORT}"), "--data-dir", &text(dir.root())]
            .iter()
            // ssh expands % in it and gives it to a shell, with an exec of its own in front.
            .map(|word| shell_quote(word).replace('%', "%%"))
            .collect();
    let known_hosts = text(&dir.root().join("known_hosts")).replace('%', "%%");
    let mut args = vec![
        "-o".to_owned(),
        format!("ProxyCommand={}", proxy.join(" ")),
        "-o".to_owned(),
        format!("HostKeyAlias={instance}"),
        "-o".to_owned(),
        format!("UserKnownHostsFile=\"{known_hosts}\""),
        "-o".to_owned(),
        "StrictHostKeyChecking=accept-new".to_owned(),
        // The first visit's "permanently added" is no news.
        "-o".to_owned(),
        "LogLevel=ERROR".to_owned(),
    ];
    if let Some(identity) = identity {
        args.extend(["-o".to_owned(), "IdentitiesOnly=yes".to_owned(), "-i".to_owned(), text(identity)]);
    }
    args.push(format!("{login}@{instance}"));
    if !command.is_empty() {
        args.push("--".to_owned());
        args.extend(command.iter().cloned());
    }
    args
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_with_odd_letters_stay_one_word() {
        let dir = DataDir::new("/tmp/it's 100%");
        let id: InstanceId = "i-0123456789abcdef0".parse().unwrap();
        let command = ["uname".to_owned(), "-a".to_owned()];
        let args = arguments(&dir, Path::new("/bin/stratocell"), id, Some(Path::new("/k")), "root", &command);
        assert_eq!(
            args[1],
            "ProxyCommand=/bin/stratocell forward --stdio i-0123456789abcdef0:22 --data-dir '/tmp/it'\\''s 100%%'"
        );
        let tail: Vec<&str> = args[10..].iter().map(String::as_str).collect();
        assert_eq!(tail, ["-o", "IdentitiesOnly=yes", "-i", "/k", "root@i-0123456789abcdef0", "--", "uname", "-a"]);
    }
}
