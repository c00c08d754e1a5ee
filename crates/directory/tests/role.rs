//! The role: pushed over RPC, asked over UDP by a card's switch, started again from its disk.

use platform::rpc::{Client, RpcError};
use platform::settings::{DirectorySettings, LargeVpcSettings};
use platform::tls::{Identity, testing};
use platform::{DataDir, Rng, Settings, SystemRng};
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Duration;
use types::{Generation, InterfaceId, MacAddr, Vni};
use vswitch::vxlan;
use wire::directory::*;

const LIMIT: Duration = Duration::from_secs(20);
const VNI: Vni = Vni::FIRST_VPC;

fn address(n: u8) -> IpAddr {
    Ipv4Addr::new(10, 0, 0, n).into()
}

fn part(entries: &[(u8, u8)]) -> DirectoryPart {
    let holder = |host| Holder {
        interface: InterfaceId::from_random(1),
        mac: MacAddr([2, 0, 0, 0, 0, 1]),
        underlay: Some(Ipv4Addr::new(127, 1, 1, host)),
        groups: Vec::new(),
    };
    DirectoryPart { vni: VNI, part: 0, of: 1, entries: entries.iter().map(|&(n, host)| (address(n), holder(host))).collect() }
}

struct World {
    home: tempfile::TempDir,
    directory: Ipv4Addr,
    card: UdpSocket,
    running: Option<(tokio::sync::oneshot::Sender<()>, std::thread::JoinHandle<()>)>,
    runtime: tokio::runtime::Runtime,
}

impl World {
    fn new() -> Self {
        let home = tempfile::Builder::new().prefix("directory").tempdir().unwrap();
        let base = 0x7f60_0000 | (SystemRng::new().below(1 << 12) as u32) << 8;
        let (directory, host) = (Ipv4Addr::from(base + 1), Ipv4Addr::from(base + 2));
        let dir = DataDir::new(home.path());
        platform::disk::create_private_dir(&dir.run()).unwrap();
        let az = "us-east-1a";
        let text = serde_json::json!({
            "format": 1, "region": "us-east-1", "port": 0, "edge_underlay": "127.64.0.1", "public_pool": "198.18.0.0/24",
            "account": "123456789012",
            "cells": [{"id": "a1", "az": az, "hosts": [
                {"id": "a1-h1", "underlay": host, "vcpus": 1, "memory_mib": 1, "disk_gib": 1}]}],
        });
        let settings: Settings = serde_json::from_value(text).unwrap();
        let directories = vec![DirectorySettings { id: "a".into(), az: az.parse().unwrap(), underlay: directory }];
        Settings { large_vpcs: LargeVpcSettings { directories, ..Default::default() }, ..settings }.save(&dir).unwrap();
        testing::issue(&dir, ["directory-a", "control-plane", "operator", "card-a1-h1"]);
        let card = UdpSocket::bind((host, vxlan::UDP_PORT)).unwrap();
        card.set_read_timeout(Some(LIMIT)).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut world = Self { home, directory, card, running: None, runtime };
        world.run();
        world
    }

    fn dir(&self) -> DataDir {
        DataDir::new(self.home.path())
    }

    fn run(&mut self) {
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let dir = self.dir();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            tokio::task::LocalSet::new().block_on(&runtime, async move {
                tokio::select! {
                    ended = directory::run(dir, "a".into()) => panic!("the directory ended: {ended:?}"),
                    _ = stopped => {}
                }
            });
        });
        self.running = Some((stop, thread));
        let start = std::time::Instant::now();
        while self.status().is_err() {
            assert!(start.elapsed() < LIMIT, "it does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn stop(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            let _ = stop.send(());
            thread.join().unwrap();
        }
    }

    fn call<M: wire::Method>(&self, caller: &str, request: &M::Request) -> Result<M::Reply, RpcError> {
        let me = Identity::open(&self.dir(), caller).unwrap();
        self.runtime.block_on(async { Client::new(&me, self.dir().socket("directory-a")).call::<M>(request, LIMIT).await })
    }

    fn status(&self) -> Result<DirectoryStatus, RpcError> {
        self.call::<GetDirectoryStatus>("operator", &wire::Empty {})
    }

    /// Pushes the part as a control plane does: the name first, then what is missing.
    fn push(&self, generation: u64, part: DirectoryPart) {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &serde_json::to_vec(&part).unwrap());
        let digest = digest.as_ref()[..16].iter().map(|b| format!("{b:02x}")).collect();
        let names = vec![PartName { vni: VNI, part: 0, of: 1, digest }];
        let push = |parts| DirectoryPush::new(Generation(generation), names.clone(), parts);
        let first = self.call::<PushDirectory>("control-plane", &push(vec![])).unwrap();
        assert_eq!(first.missing, names);
        let second = self.call::<PushDirectory>("control-plane", &push(vec![part])).unwrap();
        assert_eq!((second.generation, second.missing), (Generation(generation), vec![]));
    }

    fn ask(&self, n: u8) {
        self.send(&[&vxlan::header(Vni::DIRECTORY)[..], &Message::Query { vni: VNI, address: address(n) }.encode()].concat());
    }

    fn send(&self, datagram: &[u8]) {
        self.card.send_to(datagram, SocketAddr::from((self.directory, vxlan::UDP_PORT))).unwrap();
    }

    /// (address, version, host's last number)
    fn hear(&self) -> (IpAddr, u64, Option<u8>) {
        let mut buffer = [0; 2048];
        let (len, from) = self.card.recv_from(&mut buffer).expect("an answer");
        assert_eq!(from.ip(), IpAddr::from(self.directory));
        assert_eq!(vxlan::parse(&buffer[..len]), Some(Vni::DIRECTORY));
        let Some(Message::Answer(a)) = Message::decode(&buffer[vxlan::HEADER_BYTES..len]) else { panic!("no answer") };
        (a.address, a.version.0, a.holder.and_then(|h| h.underlay).map(|u| u.octets()[3]))
    }
}

#[test]
fn pushed_asked_told_and_back_from_its_disk() {
    let mut w = World::new();
    w.push(5, part(&[(1, 1), (2, 2)]));
    w.ask(1);
    assert_eq!(w.hear(), (address(1), 5, Some(1)));
    w.ask(9);
    assert_eq!(w.hear(), (address(9), 5, None));
    // 1 moves, 9 comes to be: who asked hears it, of 2 nobody does.
    w.push(7, part(&[(1, 3), (2, 4), (9, 9)]));
    assert_eq!(BTreeSet::from([w.hear(), w.hear()]), BTreeSet::from([(address(1), 7, Some(3)), (address(9), 7, Some(9))]));
    // What is no question is not answered, and does not end it.
    w.send(b"x");
    w.send(&[0xff; 600]);
    w.send(&[&vxlan::header(Vni::DIRECTORY)[..], &[1; 30]].concat());
    w.ask(2);
    assert_eq!(w.hear(), (address(2), 7, Some(4)));
    let status = w.status().unwrap();
    assert_eq!((status.vpcs, status.entries, status.queries, status.negative, status.told, status.followers), (1, 3, 3, 1, 2, 3));
    // Nobody is there to push, and it answers.
    w.stop();
    w.run();
    w.ask(1);
    assert_eq!(w.hear(), (address(1), 7, Some(3)));
    assert!(w.call::<PushDirectory>("control-plane", &DirectoryPush::new(Generation(6), vec![], vec![])).is_err(), "older");
    for stranger in ["card-a1-h1", "operator"] {
        let refused = w.call::<PushDirectory>(stranger, &DirectoryPush::new(Generation(9), vec![], vec![]));
        assert!(refused.is_err(), "{stranger} may not push");
    }
    w.stop();
}
