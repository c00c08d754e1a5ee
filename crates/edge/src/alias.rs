//! Listening sockets on the loopback aliases, kept equal to what the configuration wants.

use crate::edge::Edge;
use crate::flows::Flow;
use crate::table::{Service, Table, Transport};
use crate::{tcp, udp};
use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;
use tokio::net::{TcpListener, TcpSocket, UdpSocket};
use tokio::task::JoinHandle;
use wire::edge::AliasStatus;

/// Added to ports that the system keeps for root.
const SHIFT: u16 = 10_000;
const BACKLOG: u32 = 1024;

#[derive(Default)]
pub struct Listeners {
    slots: BTreeMap<Service, Slot>,
    no_alias: Vec<IpAddr>,
}

enum Slot {
    Listening {
        at: Ipv4Addr,
        port: u16,
        task: JoinHandle<()>,
    },
    /// Tried again at the next call.
    Failed {
        at: Ipv4Addr,
        error: io::Error,
    },
}

/// Opens what is wanted and is not open; closes what is not wanted. Returns whether all that is wanted is open.
pub fn reconcile(edge: &Rc<Edge>) -> bool {
    let table = edge.table.borrow();
    let mut listeners = edge.listeners.borrow_mut();
    listeners.no_alias = table.without_alias().into_iter().collect();
    let alias = |s: &Service| table.services.get(s).and_then(|s| table.alias(s.public));
    // An address of IPv6 that was gone for a while may have come back to another alias.
    let moved = |slot: &Slot, to: Option<Ipv4Addr>| matches!(slot, Slot::Listening { at, .. } if Some(*at) != to);
    let closed = listeners.slots.iter().filter(|(s, slot)| alias(s).is_none() || moved(slot, alias(s))).map(|(s, _)| *s);
    let closed: Vec<Service> = closed.collect();
    for service in &closed {
        if let Some(Slot::Listening { task, .. }) = listeners.slots.remove(service) {
            task.abort();
        }
    }
    if !closed.is_empty() {
        // A UDP flow lives on its alias's socket; connections have their own.
        edge.flows.borrow_mut().retain(|_, f| !matches!(f, Flow::UdpIn(u) if closed.contains(&u.service)));
    }
    for &service in &table.services {
        if matches!(listeners.slots.get(&service), Some(Slot::Listening { .. })) {
            continue;
        }
        let Some(at) = alias(&service) else { continue };
        let slot = match open(edge, service, at) {
            Ok((port, task)) => Slot::Listening { at, port, task },
            Err(error) => Slot::Failed { at, error },
        };
        listeners.slots.insert(service, slot);
    }
    listeners.slots.values().all(|s| matches!(s, Slot::Listening { .. }))
}

fn open(edge: &Rc<Edge>, service: Service, address: Ipv4Addr) -> io::Result<(u16, JoinHandle<()>)> {
    let shifted = service.port.checked_add(SHIFT);
    match (open_at(edge, service, (address, service.port).into()), shifted) {
        (Err(e), Some(port)) if e.kind() == io::ErrorKind::PermissionDenied => {
            Ok((port, open_at(edge, service, (address, port).into())?))
        }
        (opened, _) => Ok((service.port, opened?)),
    }
}

fn open_at(edge: &Rc<Edge>, service: Service, at: SocketAddr) -> io::Result<JoinHandle<()>> {
    let edge = edge.clone();
    Ok(match service.transport {
        Transport::Tcp => {
            let listener = tcp_listener(at)?;
            tokio::task::spawn_local(tcp::listen(edge, service, listener))
        }
        Transport::Udp => {
            let socket = std::net::UdpSocket::bind(at)?;
            socket.set_nonblocking(true)?;
            tokio::task::spawn_local(udp::listen(edge, service, Rc::new(UdpSocket::from_std(socket)?)))
        }
    })
}

fn tcp_listener(at: SocketAddr) -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    // A predecessor's connections in TIME-WAIT must not keep the port.
    socket.set_reuseaddr(true)?;
    socket.bind(at)?;
    socket.listen(BACKLOG)
}

impl Listeners {
    pub fn report(&self, table: &Table) -> Vec<AliasStatus> {
        let mut out: Vec<AliasStatus> = Vec::new();
        for (service, slot) in &self.slots {
            let (Slot::Listening { at, port, .. }, public) = (slot, service.public) else { continue };
            if out.last().is_none_or(|a| a.public != public) {
                let instance = table.instance(public);
                out.push(AliasStatus { public, instance, alias: *at, tcp: Vec::new(), udp: Vec::new() });
            }
            if let Some(last) = out.last_mut() {
                let list = match service.transport {
                    Transport::Tcp => &mut last.tcp,
                    Transport::Udp => &mut last.udp,
                };
                list.push((service.port, *port));
            }
        }
        out
    }

    /// Sentences about what cannot be listened on as wanted.
    pub fn problems(&self) -> Vec<String> {
        let mut out = Vec::new();
        let moved = self.slots.iter().find_map(|(s, slot)| match slot {
            Slot::Listening { at, port, .. } if *port != s.port => Some((s, *at, *port)),
            _ => None,
        });
        if let Some((service, at, port)) = moved {
            out.push(format!(
                "the system keeps low ports for root, so they are {SHIFT} higher on the aliases: {} is at {at}:{port} \
                 (sysctl net.ipv4.ip_unprivileged_port_start={} would allow them)",
                SocketAddr::from((service.public, service.port)),
                service.port
            ));
        }
        for (service, slot) in &self.slots {
            if let Slot::Failed { at, error } = slot {
                out.push(format!("{at}:{} cannot be listened on for {}: {error}", service.port, service.public));
            }
        }
        for public in self.no_alias.iter().filter(|p| p.is_ipv4()) {
            out.push(format!("{public} is outside 198.18.0.0/15 and has no loopback alias"));
        }
        let mut six = self.no_alias.iter().filter(|p| p.is_ipv6());
        if let Some(first) = six.next() {
            let more = six.count();
            out.push(format!(
                "{first} and {more} more addresses of IPv6 have no loopback alias: all that the public pool has room for are in \
                 use (up --host-route reaches them as they are)"
            ));
        }
        out
    }
}
