//! The network child: gets an address, reads the metadata, prepares the instance with it, then renews the lease for ever.
//! A child of its own sees to the other cards ([`crate::secondary`]), with the same code from the lease on.

use crate::boot::USER;
use crate::dhcp::{self, Lease, Reply};
use crate::imds::Imds;
use crate::secondary::{self, Addresses, Table};
use crate::supervise::{ALL_READY, KEYS_READY};
use crate::sys::{self, Interface, PacketSocket};
use crate::{network6, say, uptime, userdata};
use std::fs;
use std::io::{self, PipeWriter, Write};
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::os::unix::fs::{PermissionsExt, lchown};
use std::path::Path;
use std::time::{Duration, Instant};

pub const INTERFACE: &str = "eth0";

/// How long the metadata service may be silent before the instance starts without it.
const IMDS_PATIENCE: Duration = Duration::from_secs(30);

pub fn run(mut to_init: PipeWriter) {
    loopback();
    let mut link = match wait_for_link() {
        Some(link) => link,
        None => {
            say(format_args!("no network card"));
            ready(&mut to_init);
            // PID 1 reports a network process that ends; there is nothing to report here.
            loop {
                std::thread::sleep(Duration::from_secs(3600));
            }
        }
    };
    let mut lease = match acquire(&link, u32::MAX) {
        Ok(lease) => lease,
        Err(e) => {
            say(format_args!("network: {e}"));
            return ready(&mut to_init);
        }
    };
    apply(&link, &lease, None);
    say(format_args!("network {}/{}", lease.address, lease.prefix_len()));
    if let Err(e) = sys::fork_into(secondary::watch) {
        say(format_args!("fork: {e}"));
    }
    let (index, mac) = (link.index as u32, link.mac);
    if let Err(e) = sys::fork_into(|| network6::run(INTERFACE, index, mac, random)) {
        say(format_args!("fork: {e}"));
    }
    match Imds::connect(IMDS_PATIENCE) {
        Ok(imds) => prepare(&imds, &mut to_init),
        Err(e) => say(format_args!("metadata: {e}")),
    }
    ready(&mut to_init);
    drop(to_init);
    loop {
        lease = keep(&mut link, lease);
    }
}

fn ready(to_init: &mut PipeWriter) {
    // The line comes first: the shell's prompt follows it.
    say(format_args!("ready in {:.2} s", uptime()));
    let _ = to_init.write_all(&[KEYS_READY, ALL_READY]);
}

fn loopback() {
    let up = || {
        let lo = Interface::open("lo")?;
        lo.set_address(Ipv4Addr::LOCALHOST, Ipv4Addr::new(255, 0, 0, 0))?;
        lo.up()
    };
    if let Err(e) = up() {
        say(format_args!("lo: {e}"));
    }
}

pub struct Link {
    interface: Interface,
    index: i32,
    mac: [u8; 6],
    /// `None`: the primary card, which has the default route and names the instance.
    table: Option<Table>,
    pub addresses: Addresses,
}

impl Link {
    pub fn open(name: &str) -> io::Result<Self> {
        let interface = Interface::open(name)?;
        let (index, mac) = (interface.index()?, interface.mac()?);
        interface.up()?;
        let table = Table::of(name);
        Ok(Self { interface, index, mac, addresses: Addresses::new(name, mac, table.clone()), table })
    }
}

/// The card is probed in the background after its module was loaded, so it may appear a little later than we do.
fn wait_for_link() -> Option<Link> {
    let deadline = Instant::now() + Duration::from_secs(1);
    loop {
        match Link::open(INTERFACE) {
            Ok(link) => return Some(link),
            Err(_) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(10)),
            Err(_) => return None,
        }
    }
}

/// A transaction id. The kernel's generator is trusted and never blocks this late in the boot.
fn random() -> u32 {
    let mut bytes = [0; 4];
    let _ = fs::File::open("/dev/urandom").and_then(|mut f| io::Read::read_exact(&mut f, &mut bytes));
    u32::from_ne_bytes(bytes)
}

/// Discover and request, at most `rounds` times; each round waits longer, up to 8 s (RFC 2131 4.1, without the jitter that only
/// matters on shared wires).
pub fn acquire(link: &Link, rounds: u32) -> io::Result<Lease> {
    let socket = PacketSocket::open(link.index)?;
    // The first packet may be lost while the card still learns of this port, so the first wait is short.
    let mut wait = Duration::from_millis(100);
    for round in 0..rounds {
        let xid = random();
        let discover = dhcp::message(link.mac, xid, None, false);
        let result = match exchange(&socket, link.mac, xid, &discover, wait)? {
            Some((Reply::Offer, offer)) => {
                let request = dhcp::message(link.mac, xid, Some(&offer), false);
                exchange(&socket, link.mac, xid, &request, wait)?
            }
            other => other,
        };
        if let Some((Reply::Ack, lease)) = result {
            return Ok(lease);
        }
        if round == 8 {
            say(format_args!("network: no DHCP server answers, still trying"));
        }
        wait = (wait * 2).min(Duration::from_secs(8));
    }
    Err(io::ErrorKind::TimedOut.into())
}

fn exchange(socket: &PacketSocket, mac: [u8; 6], xid: u32, message: &[u8], wait: Duration) -> io::Result<Option<(Reply, Lease)>> {
    // A link that is not up yet refuses to send; that is as good as a lost packet.
    let _ = socket.broadcast(&dhcp::ip_packet(message));
    let deadline = Instant::now() + wait;
    let mut buf = [0; 2048];
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        match socket.receive(&mut buf, left.as_millis() as i32) {
            Ok(Some(packet)) => {
                if let Some(answer) = dhcp::udp_payload(packet).and_then(|m| dhcp::parse(m, mac, xid)) {
                    return Ok(Some(answer));
                }
            }
            Ok(None) if left.is_zero() => return Ok(None),
            Ok(None) => {}
            // "Network is down", as above.
            Err(_) => std::thread::sleep(Duration::from_millis(20).min(left)),
        }
        if left.is_zero() {
            return Ok(None);
        }
    }
}

/// Puts a lease into effect. `before` is the lease that it replaces: only differences are applied.
pub fn apply(link: &Link, lease: &Lease, before: Option<&Lease>) {
    let complain = |what: &str, result: io::Result<()>| {
        if let Err(e) = result {
            say(format_args!("{what}: {e}"));
        }
    };
    if before.is_none_or(|b| b.mtu != lease.mtu)
        && let Some(mtu) = lease.mtu
    {
        complain("mtu", link.interface.set_mtu(mtu));
    }
    if before.is_none_or(|b| (b.address, b.mask, b.router) != (lease.address, lease.mask, lease.router)) {
        complain("address", link.interface.set_address(lease.address, lease.mask));
        match (&link.table, lease.router) {
            (Some(table), _) => table.apply(lease),
            (None, Some(router)) => complain("default route", link.interface.set_default_route(router)),
            (None, None) => {}
        }
    }
    if link.table.is_some() {
        return;
    }
    if before.is_none_or(|b| (&b.dns, &b.domain) != (&lease.dns, &lease.domain)) {
        let mut text = lease.domain.iter().map(|d| format!("search {d}\n")).collect::<String>();
        text.extend(lease.dns.iter().map(|ip| format!("nameserver {ip}\n")));
        complain("resolv.conf", fs::write("/etc/resolv.conf", text));
    }
    if before.is_none_or(|b| b.hostname != lease.hostname)
        && let Some(name) = &lease.hostname
    {
        set_hostname(name);
    }
}

fn set_hostname(name: &str) {
    let short = name.split('.').next().unwrap_or(name);
    let _ = sys::set_hostname(name);
    let _ = fs::write("/etc/hostname", format!("{name}\n"));
    let _ = fs::write("/etc/hosts", format!("127.0.0.1 localhost\n127.0.1.1 {name} {short}\n"));
}

/// Sees to the secondary addresses until T1, renews by unicast, from T2 on by broadcast, and starts over when the lease has run out.
pub fn keep(link: &mut Link, lease: Lease) -> Lease {
    let granted = Instant::now();
    loop {
        link.addresses.refresh();
        let left = lease.t1.saturating_sub(granted.elapsed());
        if left.is_zero() {
            break;
        }
        std::thread::sleep(left.min(secondary::REFRESH_EVERY));
    }
    while granted.elapsed() < lease.t2 {
        if let Ok(fresh) = renew(link, &lease) {
            apply(link, &fresh, Some(&lease));
            return fresh;
        }
        // RFC 2131 4.4.5: half of the time that is left, but not less than a minute (here: 5 s, our server is the host itself).
        std::thread::sleep(
            (lease.t2.saturating_sub(granted.elapsed()) / 2).clamp(Duration::from_secs(1), Duration::from_secs(5)),
        );
    }
    loop {
        if let Ok(fresh) = acquire(link, 3) {
            apply(link, &fresh, Some(&lease));
            return fresh;
        }
        // The address is kept beyond the lease's end on purpose: only this host's card can give it to somebody else, and it
        // knows that we are here. An outage of the card must not become an outage of the guest.
        std::thread::sleep(Duration::from_secs(5));
    }
}

fn renew(link: &Link, lease: &Lease) -> io::Result<Lease> {
    let socket = UdpSocket::bind(SocketAddrV4::new(lease.address, 68))?;
    socket.set_read_timeout(Some(Duration::from_secs(2)))?;
    let xid = random();
    socket.send_to(&dhcp::message(link.mac, xid, Some(lease), true), SocketAddrV4::new(lease.server, 67))?;
    let mut buf = [0; 2048];
    let (len, _) = socket.recv_from(&mut buf)?;
    match dhcp::parse(&buf[..len], link.mac, xid) {
        Some((Reply::Ack, fresh)) => Ok(fresh),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

/// What the metadata says about this instance: name, keys, user data.
fn prepare(imds: &Imds, to_init: &mut PipeWriter) {
    let id = imds.get_text("meta-data/instance-id").unwrap_or_else(|| "unknown".to_owned());
    if let Some(name) = imds.get_text("meta-data/local-hostname").or_else(|| imds.get_text("meta-data/hostname"))
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
    {
        set_hostname(&name);
    }
    if let Some(key) = imds.get_text("meta-data/public-keys/0/openssh-key") {
        for (home, owner) in [("/root".to_owned(), 0), (format!("/home/{}", USER.0), USER.1)] {
            if let Err(e) = authorize(Path::new(&home), owner, &key) {
                say(format_args!("authorized_keys of {home}: {e}"));
            }
        }
    }
    let _ = to_init.write_all(&[KEYS_READY]);
    match imds.get("user-data") {
        Ok(Some(data)) => userdata::start(&id, &data),
        Ok(None) => {}
        Err(e) => say(format_args!("user data: {e}")),
    }
}

/// Adds `key` to the user's authorized keys if it is not there.
fn authorize(home: &Path, owner: u32, key: &str) -> io::Result<()> {
    let dir = home.join(".ssh");
    let file = dir.join("authorized_keys");
    let present = fs::read_to_string(&file).unwrap_or_default();
    if present.lines().any(|l| l.trim() == key) {
        return Ok(());
    }
    fs::create_dir_all(&dir)?;
    let separator = if present.is_empty() || present.ends_with('\n') { "" } else { "\n" };
    fs::write(&file, format!("{present}{separator}{key}\n"))?;
    for (path, mode) in [(&dir, 0o700), (&file, 0o600)] {
        fs::set_permissions(path, fs::Permissions::from_mode(mode))?;
        lchown(path, Some(owner), Some(owner))?;
    }
    Ok(())
}
