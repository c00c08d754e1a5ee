//! The TCP connections of one port: found by their ends, each with a socket of smoltcp's of its own.
//!
//! One interface serves all; each connection is polled alone, when something came for it or is due, so that ten thousand
//! idle ones cost nothing. Bytes wait in buffers of [`BUFFER_BYTES`] a direction, which the system fills with memory as they
//! are used; a full one closes the window of whoever sends.

use smoltcp::iface::{Config, Interface, SocketHandle, SocketSet};
use smoltcp::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::socket::tcp;
use smoltcp::time::{Duration, Instant};
use smoltcp::wire::{HardwareAddress, IpAddress, IpCidr};
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::net::Ipv4Addr;
use types::MacAddr;

/// Window and unsent bytes, a direction of a connection. Of this size the allocator maps them: memory comes with use.
pub const BUFFER_BYTES: usize = 128 << 10;
/// Frames that wait for the switch before the stack stops making more.
const OUTPUT_FRAMES_MAX: usize = 512;
/// A peer from which nothing comes is asked after this time,
const KEEP_ALIVE: Duration = Duration::from_secs(30);
/// and given up after this.
const SILENCE: Duration = Duration::from_secs(75);

const ETHERNET_BYTES: usize = 14;
const TCP: u8 = 6;
const FIRST_PORT: u16 = 32_768;
const SYN: u8 = 2;
const RST: u8 = 4;
const ACK: u8 = 16;

/// A connection's ends: (remote, local).
pub type Ends = ((Ipv4Addr, u16), (Ipv4Addr, u16));

/// A connection as the network sees it. What is behind it, `T`, is the owner's.
pub struct Entry<T> {
    pub ends: Ends,
    sockets: SocketSet<'static>,
    handle: SocketHandle,
    input: VecDeque<Vec<u8>>,
    due_ms: Option<u64>,
    ready: bool,
    pub of: T,
}

impl<T> Entry<T> {
    pub fn socket(&mut self) -> &mut tcp::Socket<'static> {
        self.sockets.get_mut(self.handle)
    }

    pub fn both(&mut self) -> (&mut tcp::Socket<'static>, &mut T) {
        (self.sockets.get_mut(self.handle), &mut self.of)
    }
}

/// What is asked of the owner when a connection wants to begin.
pub enum Verdict<T> {
    Open(T),
    /// Answered with a reset.
    Refuse,
    /// As if it had been lost on the way: the peer tries again.
    Ignore,
}

pub struct Table<T> {
    interface: Interface,
    wire: Wire,
    nobody: SocketSet<'static>,
    entries: Vec<Option<Entry<T>>>,
    free: Vec<u32>,
    by_ends: HashMap<Ends, u32>,
    timers: BTreeSet<(u64, u32)>,
    ready: VecDeque<u32>,
    next_port: u16,
}

/// Frames in and out of the one connection that is polled.
struct Wire {
    input: VecDeque<Vec<u8>>,
    output: VecDeque<Vec<u8>>,
    header: [u8; ETHERNET_BYTES],
    mtu: usize,
}

impl<T> Table<T> {
    /// `mac`: the port's own, in front of what it sends.
    pub fn new(address: Ipv4Addr, mac: MacAddr, mtu: u16, seed: u64) -> Self {
        let mut header = [0; ETHERNET_BYTES];
        header[..6].copy_from_slice(&vswitch::ROUTER_MAC.0);
        header[6..12].copy_from_slice(&mac.0);
        header[12..].copy_from_slice(&[0x08, 0x00]);
        let mut wire = Wire { input: VecDeque::new(), output: VecDeque::new(), header, mtu: usize::from(mtu) };
        let mut config = Config::new(HardwareAddress::Ip);
        config.random_seed = seed;
        let mut interface = Interface::new(config, &mut wire, Instant::ZERO);
        interface.update_ip_addrs(|addresses| {
            // The list has room for two; it was empty.
            let _ = addresses.push(IpCidr::new(IpAddress::Ipv4(address), 32));
        });
        let _ = interface.routes_mut().add_default_ipv4_route(address);
        // Which addresses are the port's is the switch's affair.
        interface.set_any_ip(true);
        Self {
            interface,
            wire,
            nobody: SocketSet::new(Vec::new()),
            entries: Vec::new(),
            free: Vec::new(),
            by_ends: HashMap::new(),
            timers: BTreeSet::new(),
            ready: VecDeque::new(),
            next_port: FIRST_PORT + (seed % u64::from(u16::MAX - FIRST_PORT)) as u16,
        }
    }

    pub fn len(&self) -> usize {
        self.by_ends.len()
    }

    pub fn get(&mut self, n: u32) -> Option<&mut Entry<T>> {
        self.entries.get_mut(n as usize)?.as_mut()
    }

    /// A frame that the switch delivered. `judge` says what becomes of a connection that is new; where it stands is returned.
    pub fn input(&mut self, frame: Vec<u8>, now_ms: u64, judge: &mut dyn FnMut(&Ends) -> Verdict<T>) -> Option<u32> {
        let (ends, flags) = parse(&frame)?;
        let mut new = None;
        let n = match self.by_ends.get(&ends) {
            Some(&n) => n,
            None if flags & (SYN | ACK | RST) == SYN => match judge(&ends) {
                Verdict::Open(of) => {
                    let mut socket = new_socket();
                    // Fails only for port 0 or an open socket.
                    let _ = socket.listen(ends.1);
                    *new.insert(self.add(ends, socket, of))
                }
                Verdict::Refuse => return self.reject(frame, now_ms),
                Verdict::Ignore => return None,
            },
            None => return self.reject(frame, now_ms),
        };
        if let Some(entry) = self.get(n) {
            entry.input.push_back(frame);
        }
        self.wake(n);
        new
    }

    /// Answered with a reset, where that is the answer.
    fn reject(&mut self, frame: Vec<u8>, now_ms: u64) -> Option<u32> {
        if self.wire.output.len() < OUTPUT_FRAMES_MAX {
            self.wire.input.push_back(frame);
            self.interface.poll(Instant::from_millis(now_ms as i64), &mut self.wire, &mut self.nobody);
        }
        None
    }

    /// Begins a connection from `from`. `Err`: no local port is free towards that address, or it is none to connect to.
    pub fn connect(&mut self, from: Ipv4Addr, to: (Ipv4Addr, u16), of: T) -> Result<u32, T> {
        let free = (0..=u16::MAX - FIRST_PORT).find_map(|_| {
            self.next_port = self.next_port.checked_add(1).unwrap_or(FIRST_PORT);
            let ends = (to, (from, self.next_port));
            (!self.by_ends.contains_key(&ends)).then_some(ends)
        });
        let Some(ends) = free else { return Err(of) };
        let mut socket = new_socket();
        if socket.connect(self.interface.context(), to, ends.1).is_err() {
            return Err(of);
        }
        let n = self.add(ends, socket, of);
        self.wake(n);
        Ok(n)
    }

    fn add(&mut self, ends: Ends, socket: tcp::Socket<'static>, of: T) -> u32 {
        let mut sockets = SocketSet::new(Vec::with_capacity(1));
        let handle = sockets.add(socket);
        let entry = Entry { ends, sockets, handle, input: VecDeque::new(), due_ms: None, ready: false, of };
        let n = self.free.pop().unwrap_or(self.entries.len() as u32);
        if n as usize == self.entries.len() {
            self.entries.push(None);
        }
        self.entries[n as usize] = Some(entry);
        self.by_ends.insert(ends, n);
        n
    }

    /// Forgets a connection; what its peer still sends is answered with a reset.
    pub fn remove(&mut self, n: u32) -> Option<T> {
        let entry = self.entries.get_mut(n as usize)?.take()?;
        if let Some(due) = entry.due_ms {
            self.timers.remove(&(due, n));
        }
        self.by_ends.remove(&entry.ends);
        self.free.push(n);
        Some(entry.of)
    }

    /// Those of which that is true.
    pub fn late(&self, is_late: impl Fn(&T) -> bool) -> Vec<u32> {
        let all = self.entries.iter().enumerate().filter_map(|(n, e)| Some((n as u32, e.as_ref()?)));
        all.filter(|(_, e)| is_late(&e.of)).map(|(n, _)| n).collect()
    }

    /// It is polled in this turn.
    pub fn wake(&mut self, n: u32) {
        if let Some(entry) = self.entries.get_mut(n as usize).and_then(Option::as_mut)
            && !std::mem::replace(&mut entry.ready, true)
        {
            self.ready.push_back(n);
        }
    }

    /// Those that are due, too.
    pub fn wake_due(&mut self, now_ms: u64) {
        while let Some(&(due, n)) = self.timers.first()
            && due <= now_ms
        {
            self.timers.pop_first();
            if let Some(entry) = self.get(n) {
                entry.due_ms = None;
            }
            self.wake(n);
        }
    }

    /// The next one to be polled. `None`: there is none, or frames must leave first.
    pub fn next_ready(&mut self) -> Option<u32> {
        if self.wire.output.len() >= OUTPUT_FRAMES_MAX {
            return None;
        }
        loop {
            let n = self.ready.pop_front()?;
            if let Some(entry) = self.get(n)
                && std::mem::take(&mut entry.ready)
            {
                return Some(n);
            }
        }
    }

    pub fn has_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// Takes in what came for it and makes what it has to send.
    pub fn poll(&mut self, n: u32, now_ms: u64) {
        let Some(entry) = self.entries.get_mut(n as usize).and_then(Option::as_mut) else { return };
        std::mem::swap(&mut self.wire.input, &mut entry.input);
        let now = Instant::from_millis(now_ms as i64);
        self.interface.poll(now, &mut self.wire, &mut entry.sockets);
        std::mem::swap(&mut self.wire.input, &mut entry.input);
        let blocked = self.wire.output.len() >= OUTPUT_FRAMES_MAX;
        let at = self.interface.poll_at(now, &entry.sockets);
        // What is due at once had no room; else it is at least a turn away.
        let due = at.map(|at| (at.total_millis().max(0) as u64).max(now_ms + 1));
        if entry.due_ms != due {
            if let Some(old) = std::mem::replace(&mut entry.due_ms, due) {
                self.timers.remove(&(old, n));
            }
            self.timers.extend(due.map(|at| (at, n)));
        }
        if blocked {
            self.wake(n);
        }
    }

    /// When [`Table::wake_due`] has something to do.
    pub fn due_ms(&self) -> Option<u64> {
        self.timers.first().map(|t| t.0)
    }

    /// Frames for the switch.
    pub fn output(&mut self) -> &mut VecDeque<Vec<u8>> {
        &mut self.wire.output
    }
}

fn new_socket() -> tcp::Socket<'static> {
    let buffer = || tcp::SocketBuffer::new(vec![0; BUFFER_BYTES]);
    let mut socket = tcp::Socket::new(buffer(), buffer());
    socket.set_timeout(Some(SILENCE));
    socket.set_keep_alive(Some(KEEP_ALIVE));
    socket.set_nagle_enabled(false);
    socket.set_ack_delay(None);
    socket
}

/// A TCP segment's ends and flags; the switch has checked the rest.
fn parse(frame: &[u8]) -> Option<(Ends, u8)> {
    let packet = frame.get(ETHERNET_BYTES..)?;
    let head = packet.first_chunk::<20>()?;
    let segment = packet.get(usize::from(head[0] & 15) * 4..)?.first_chunk::<14>()?;
    if head[0] >> 4 != 4 || head[9] != TCP {
        return None;
    }
    let address = |at: usize| Ipv4Addr::new(head[at], head[at + 1], head[at + 2], head[at + 3]);
    let port = |at: usize| u16::from_be_bytes([segment[at], segment[at + 1]]);
    Some((((address(12), port(0)), (address(16), port(2))), segment[13]))
}

struct Incoming(Vec<u8>);
struct Outgoing<'a>(&'a mut VecDeque<Vec<u8>>, [u8; ETHERNET_BYTES]);

impl RxToken for Incoming {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        f(&self.0[ETHERNET_BYTES..])
    }
}

impl TxToken for Outgoing<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, f: F) -> R {
        let mut frame = vec![0; ETHERNET_BYTES + len];
        frame[..ETHERNET_BYTES].copy_from_slice(&self.1);
        let result = f(&mut frame[ETHERNET_BYTES..]);
        self.0.push_back(frame);
        result
    }
}

impl Device for Wire {
    type RxToken<'a> = Incoming;
    type TxToken<'a> = Outgoing<'a>;

    fn receive(&mut self, _: Instant) -> Option<(Incoming, Outgoing<'_>)> {
        if self.output.len() >= OUTPUT_FRAMES_MAX {
            return None;
        }
        Some((Incoming(self.input.pop_front()?), Outgoing(&mut self.output, self.header)))
    }

    fn transmit(&mut self, _: Instant) -> Option<Outgoing<'_>> {
        (self.output.len() < OUTPUT_FRAMES_MAX).then_some(Outgoing(&mut self.output, self.header))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut c = DeviceCapabilities::default();
        c.medium = Medium::Ip;
        c.max_transmission_unit = self.mtu;
        c
    }
}
