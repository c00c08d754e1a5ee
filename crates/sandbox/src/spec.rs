//! What to run: the command line, `name=value` a word. Made by the host agent only, so mistakes are named and fatal.

use std::path::PathBuf;

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Spec {
    /// The instance's id: how a lost monitor is found again.
    pub guest: String,
    pub control: PathBuf,
    pub console: PathBuf,
    pub log: PathBuf,
    /// Where PID 1's identity on the host is written.
    pub pid_file: PathBuf,
    /// The image's files, shared with other sandboxes, never written to.
    pub image: PathBuf,
    /// Holds `upper`, `work`, `lower`, `merged`: the sandbox's own root.
    pub root: PathBuf,
    pub hostname: String,
    pub memory_mib: u64,
    pub disk_mib: u64,
    pub processes_max: u64,
    /// No control group counts memory: a process's address space is limited instead.
    pub limit_address_space: bool,
    /// The host's user that is root in there, and how many follow. `None`: only our own.
    pub users: Option<(u32, u32)>,
    /// `cgroup.procs` files to put PID 1 into.
    pub cgroups: Vec<PathBuf>,
    /// Not a TAP but a pair of veths and a packet socket.
    pub packet_socket: bool,
    pub cards: Vec<CardSpec>,
    /// PID 1 and its arguments.
    pub argv: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardSpec {
    pub interface: String,
    pub mac: [u8; 6],
    pub mtu: u16,
    pub socket: PathBuf,
}

pub fn parse(words: impl Iterator<Item = String>) -> Result<Spec, String> {
    let mut spec = Spec::default();
    for word in words {
        let (name, value) = word.split_once('=').ok_or_else(|| format!("{word:?} is not name=value"))?;
        let number = || value.parse::<u64>().map_err(|_| format!("{word:?}: not a number"));
        match name {
            "guest" => spec.guest = value.to_owned(),
            "control" => spec.control = value.into(),
            "console" => spec.console = value.into(),
            "log" => spec.log = value.into(),
            "pid-file" => spec.pid_file = value.into(),
            "image" => spec.image = value.into(),
            "root" => spec.root = value.into(),
            "hostname" => spec.hostname = value.to_owned(),
            "memory-mib" => spec.memory_mib = number()?,
            "disk-mib" => spec.disk_mib = number()?,
            "processes-max" => spec.processes_max = number()?,
            "limit-address-space" => spec.limit_address_space = value == "yes",
            "users" => {
                let (first, count) = value.split_once('+').ok_or("users=FIRST+COUNT")?;
                let parsed = first.parse().ok().zip(count.parse().ok());
                spec.users = Some(parsed.ok_or("users=FIRST+COUNT")?);
            }
            "cgroup" => spec.cgroups.push(value.into()),
            "packet-socket" => spec.packet_socket = value == "yes",
            "card" => spec.cards.push(card(value)?),
            "argv" => spec.argv.push(value.to_owned()),
            _ => return Err(format!("{name:?} is not known")),
        }
    }
    let missing = |path: &PathBuf| path.as_os_str().is_empty();
    if [&spec.control, &spec.console, &spec.log, &spec.pid_file, &spec.image, &spec.root].into_iter().any(missing)
        || spec.argv.is_empty()
        || [spec.memory_mib, spec.disk_mib, spec.processes_max].contains(&0)
    {
        return Err("the command line is not whole".to_owned());
    }
    Ok(spec)
}

/// `eni-…,06:…,9001,/run/…`
pub fn card(text: &str) -> Result<CardSpec, String> {
    let bad = || format!("{text:?} is not INTERFACE,MAC,MTU,SOCKET");
    let mut parts = text.splitn(4, ',');
    let mut part = || parts.next().ok_or_else(bad);
    let (interface, mac, mtu, socket) = (part()?, part()?, part()?, part()?);
    let bytes: Vec<u8> = mac.split(':').filter_map(|b| u8::from_str_radix(b, 16).ok()).collect();
    Ok(CardSpec {
        interface: interface.to_owned(),
        mac: bytes.try_into().map_err(|_| bad())?,
        mtu: mtu.parse().map_err(|_| bad())?,
        socket: socket.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line() {
        let words = |extra: &[&str]| {
            let usual = "guest=i-1 control=/c console=/t log=/l pid-file=/p image=/i root=/r memory-mib=16 disk-mib=99 \
                         processes-max=7 argv=/sbin/init argv=a=b users=5+6 card=eni-1,06:00:0a:00:00:ff,9001,/run/a,b";
            let all: Vec<String> = usual.split_whitespace().chain(extra.iter().copied()).map(str::to_owned).collect();
            parse(all.into_iter())
        };
        let spec = words(&["packet-socket=yes"]).unwrap();
        assert_eq!((spec.users, spec.packet_socket, spec.limit_address_space), (Some((5, 6)), true, false));
        assert_eq!(spec.argv, ["/sbin/init", "a=b"]);
        let socket = PathBuf::from("/run/a,b");
        assert_eq!(spec.cards, [CardSpec { interface: "eni-1".into(), mac: [6, 0, 10, 0, 0, 255], mtu: 9001, socket }]);
        for (bad, why) in [("colour=red", "known"), ("root", "name=value"), ("root=", "whole"), ("card=eni,0,1", "MAC")] {
            assert!(words(&[bad]).unwrap_err().contains(why), "{bad}");
        }
    }
}
