//! Listening sockets on the loopback aliases, kept equal to what the configuration wants.

use crate::edge::Edge;
use crate::flows::Flow;
use crate::table::{Service, Transport, alias};
use crate::{tcp, udp};
use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
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
    no_alias: Vec<Ipv4Addr>,
}

enum Slot {
    Listening {
        port: u16,
        task: JoinHandle<()>,
    },
    /// Tried again at the next call.
    Failed(io::Error),
}

/// Opens what is wanted and is not open; closes what is not wanted. Returns whether all that is wanted is open.
pub fn reconcile(edge: &Rc<Edge>) -> bool {
    let wanted = edge.table.borrow().services.clone();
    let mut listeners = edge.listeners.borrow_mut();
    listeners.no_alias = edge.table.borrow().publics().filter(|p| alias(*p).is_none()).collect();
    let closed: Vec<Service> = listeners.slots.keys().filter(|s| !wanted.contains(s)).copied().collect();
    for service in &closed {
        if let Some(Slot::Listening { task, .. }) = listeners.slots.remove(service) {
            task.abort();
        }
    }
    if !closed.is_empty() {
        // A UDP flow lives on its alias's socket; connections have their own.
        edge.flows.borrow_mut().retain(|_, f| !matches!(f, Flow::UdpIn(u) if closed.contains(&u.service)));
    }
    for service in wanted {
        if matches!(listeners.slots.get(&service), Some(Slot::Listening { .. })) {
            continue;
        }
        let Some(address) = alias(service.public) else { continue };
        let slot = match open(edge, service, address) {
            Ok((port, task)) => Slot::Listening { port, task },
            Err(e) => Slot::Failed(e),
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
    pub fn report(&self) -> Vec<AliasStatus> {
        let mut out: Vec<AliasStatus> = Vec::new();
        for (service, slot) in &self.slots {
            let (Slot::Listening { port, .. }, Some(alias)) = (slot, alias(service.public)) else { continue };
            if out.last().is_none_or(|a| a.public != service.public) {
                out.push(AliasStatus { public: service.public, alias, tcp: Vec::new(), udp: Vec::new() });
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
            Slot::Listening { port, .. } if *port != s.port => Some((s, *port)),
            _ => None,
        });
        if let Some((service, port)) = moved
            && let Some(alias) = alias(service.public)
        {
            out.push(format!(
                "the system keeps low ports for root, so they are {SHIFT} higher on the aliases: {}:{} is at {alias}:{port} \
                 (sysctl net.ipv4.ip_unprivileged_port_start={} would allow them)",
                service.public, service.port, service.port
            ));
        }
        for (service, slot) in &self.slots {
            if let (Slot::Failed(e), Some(alias)) = (slot, alias(service.public)) {
                out.push(format!("{alias}:{} cannot be listened on for {}: {e}", service.port, service.public));
            }
        }
        for public in &self.no_alias {
            out.push(format!("{public} is outside 198.18.0.0/15 and has no loopback alias"));
        }
        out
    }
}
