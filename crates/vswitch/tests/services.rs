//! What the host answers itself: ARP, DHCP, DNS, echo to the gateway, metadata.

mod common;
use common::*;
use std::net::Ipv4Addr;
use vswitch::{DropReason, ROUTER_MAC};

use Verdict::*;

#[test]
fn arp() {
    let mut w = World::new(net());
    let (mac, _) = w.eth("a");
    let own = "10.0.1.5";
    // (row, target, answered)
    let rows = [
        ("gateway", "10.0.1.1", true),
        ("a peer on the same host", "10.0.1.6", true),
        ("an address nobody has", "10.0.1.99", true),
        ("metadata", "169.254.169.254", true),
        ("resolver, link-local", "169.254.169.253", true),
        ("resolver, base + 2", "10.0.0.2", true),
        ("another subnet", "10.0.2.7", false),
        ("network address", "10.0.1.0", false),
        ("broadcast address", "10.0.1.255", false),
        ("outside", "8.8.8.8", false),
        ("its own address", own, false),
    ];
    for (row, target, answered) in rows {
        for sender in [own, "0.0.0.0"] {
            let verdict = if answered { Deliver("a") } else { Drop(DropReason::ArpIgnored) };
            let out = w.expect(row, "a", &common::arp(mac, 1, mac, sender, target), verdict);
            if answered {
                let f = out.frame();
                assert_eq!(link(f), (ROUTER_MAC.0, mac.0));
                assert_eq!(f[12..22], [8, 6, 0, 1, 8, 0, 6, 4, 0, 2]);
                assert_eq!((&f[22..28], &f[28..32]), (&ROUTER_MAC.0[..], &ip(target).octets()[..]), "{row}");
                assert_eq!((&f[32..38], &f[38..42]), (&mac.0[..], &ip(sender).octets()[..]), "{row}");
            }
        }
    }
    w.expect("a reply is taken note of", "a", &common::arp(mac, 2, mac, own, "10.0.1.1"), Drop(DropReason::ArpIgnored));
    assert!(w.stats("a").guest_configured);
    assert!(!w.stats("b").guest_configured);
    w.expect("cut", "a", &common::arp(mac, 1, mac, own, "10.0.1.1")[..40], Drop(DropReason::ArpMalformed));
    let mut odd = common::arp(mac, 1, mac, own, "10.0.1.1");
    odd[15] = 6;
    w.expect("not Ethernet and IPv4", "a", &odd, Drop(DropReason::ArpMalformed));
}

struct Dhcp {
    kind: u8,
    options: Vec<(u8, Vec<u8>)>,
    ciaddr: Ipv4Addr,
    broadcast: bool,
}

impl Dhcp {
    fn message(&self, mac: &[u8; 6]) -> Vec<u8> {
        let mut m = vec![0; 236];
        m[..4].copy_from_slice(&[1, 1, 6, 0]);
        m[4..8].copy_from_slice(&[0xde, 0xad, 0xbe, 0xef]);
        m[10] = if self.broadcast { 0x80 } else { 0 };
        m[12..16].copy_from_slice(&self.ciaddr.octets());
        m[28..34].copy_from_slice(mac);
        m.extend_from_slice(&[99, 130, 83, 99, 53, 1, self.kind]);
        for (code, value) in &self.options {
            m.push(*code);
            m.push(value.len() as u8);
            m.extend_from_slice(value);
        }
        m.push(255);
        m
    }
}

fn dhcp_frame(w: &World, from: &str, src: &str, dst: &str, d: &Dhcp) -> Vec<u8> {
    let (mac, _) = w.eth(from);
    let mut f = udp(mac, ip(src), ip(dst), (68, 67), &d.message(&mac.0));
    if dst == "255.255.255.255" {
        f[..6].fill(0xff);
    }
    f
}

/// (code, value) of a reply, and yiaddr.
fn reply(f: &[u8]) -> (Vec<(u8, Vec<u8>)>, Ipv4Addr) {
    assert_checksums(f);
    let m = &f[42..];
    assert_eq!((m[0], &m[4..8], &m[236..240]), (2, &[0xde, 0xad, 0xbe, 0xef][..], &[99, 130, 83, 99][..]));
    let mut options = vec![];
    let mut at = 240;
    while m[at] != 255 {
        let len = m[at + 1] as usize;
        options.push((m[at], m[at + 2..at + 2 + len].to_vec()));
        at += 2 + len;
    }
    (options, Ipv4Addr::new(m[16], m[17], m[18], m[19]))
}

#[test]
fn dhcp() {
    let mut w = World::new(net());
    // Groups do not matter to it.
    w.net.nic_mut("a").groups = vec![group(5)];
    w.apply();
    const ALL: &str = "255.255.255.255";
    let zero = ip("0.0.0.0");
    let own = vec![10, 0, 1, 5];
    let other = vec![10, 0, 1, 6];
    let server = vec![10, 0, 1, 1];
    let d = |kind, options: &[(u8, &Vec<u8>)], ciaddr| Dhcp {
        kind,
        options: options.iter().map(|(c, v)| (*c, (*v).clone())).collect(),
        ciaddr,
        broadcast: false,
    };
    let me = ip("10.0.1.5");
    // (row, source, destination, message, kind of the answer or the reason)
    let rows = [
        ("discover", "0.0.0.0", ALL, d(1, &[], zero), Ok(2)),
        ("discover that wishes for another", "0.0.0.0", ALL, d(1, &[(50, &other)], zero), Ok(2)),
        ("selecting", "0.0.0.0", ALL, d(3, &[(54, &server), (50, &own)], zero), Ok(5)),
        ("selecting another's address", "0.0.0.0", ALL, d(3, &[(54, &server), (50, &other)], zero), Ok(6)),
        ("selecting another server", "0.0.0.0", ALL, d(3, &[(54, &other), (50, &own)], zero), Err(DropReason::DhcpIgnored)),
        ("rebooting", "0.0.0.0", ALL, d(3, &[(50, &own)], zero), Ok(5)),
        ("rebooting with another's", "0.0.0.0", ALL, d(3, &[(50, &other)], zero), Ok(6)),
        ("renewing", "10.0.1.5", GATEWAY, d(3, &[], me), Ok(5)),
        ("rebinding", "10.0.1.5", ALL, d(3, &[], me), Ok(5)),
        ("renewing another's", "10.0.1.5", GATEWAY, d(3, &[], ip("10.0.1.6")), Ok(6)),
        ("inform", "10.0.1.5", ALL, d(8, &[], me), Ok(5)),
        ("decline", "0.0.0.0", ALL, d(4, &[(54, &server), (50, &own)], zero), Err(DropReason::DhcpIgnored)),
        ("release", "10.0.1.5", GATEWAY, d(7, &[(54, &server)], me), Err(DropReason::DhcpIgnored)),
        ("no type", "0.0.0.0", ALL, d(0, &[], zero), Err(DropReason::DhcpIgnored)),
        ("an option of a wrong length", "0.0.0.0", ALL, d(3, &[(50, &vec![1, 2, 3])], zero), Err(DropReason::DhcpMalformed)),
        ("from another's address", "10.0.1.6", ALL, d(1, &[], zero), Err(DropReason::SourceIpSpoofed)),
    ];
    for (row, src, dst, message, expected) in rows {
        let frame = dhcp_frame(&w, "a", src, dst, &message);
        match expected {
            Err(reason) => {
                w.expect(row, "a", &frame, Drop(reason));
            }
            Ok(kind) => {
                let out = w.expect(row, "a", &frame, Deliver("a"));
                let (options, yiaddr) = reply(out.frame());
                let get = |code: u8| options.iter().find(|(c, _)| *c == code).map(|(_, v)| v.clone());
                assert_eq!(get(53), Some(vec![kind]), "{row}");
                assert_eq!(get(54), Some(server.clone()), "{row}");
                assert_eq!(addresses(out.frame()).0, ip(GATEWAY));
                let inform = message.kind == 8;
                if kind == 6 {
                    assert_eq!((options.len(), yiaddr, addresses(out.frame()).1), (2, zero, ip(ALL)), "{row}");
                    continue;
                }
                assert_eq!(yiaddr, if inform { zero } else { me }, "{row}");
                assert_eq!(get(51).is_some(), !inform, "{row}");
                assert_eq!(get(1), Some(vec![255, 255, 255, 0]));
                assert_eq!(get(3), Some(server.clone()));
                assert_eq!(get(6), Some(vec![10, 0, 0, 2]));
                assert_eq!(get(12), Some(b"ip-10-0-1-5".to_vec()));
                assert_eq!(get(15), Some(b"ec2.internal".to_vec()));
                assert_eq!(get(26), Some(9001u16.to_be_bytes().to_vec()));
                if !inform {
                    assert_eq!(get(51), Some(3600u32.to_be_bytes().to_vec()));
                    assert_eq!((get(58), get(59)), (Some(1800u32.to_be_bytes().to_vec()), Some(3150u32.to_be_bytes().to_vec())));
                }
            }
        }
    }
    assert!(w.stats("a").guest_configured);
    assert_eq!(w.stats("a").dhcp_naks, 3);
    let mut flagged = d(1, &[], zero);
    flagged.broadcast = true;
    let frame = dhcp_frame(&w, "a", "0.0.0.0", ALL, &flagged);
    let out = w.expect("broadcast flag", "a", &frame, Deliver("a"));
    assert_eq!((link(out.frame()).1, addresses(out.frame()).1), ([0xff; 6], ip(ALL)));
    let mut others = dhcp_frame(&w, "a", "0.0.0.0", ALL, &d(1, &[], zero));
    others[42 + 33] ^= 1;
    w.expect("for another card", "a", &others, Drop(DropReason::DhcpMalformed));
}

fn query(id: u16, name: &str, kind: u16) -> Vec<u8> {
    let mut q = id.to_be_bytes().to_vec();
    q.extend_from_slice(&[1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    for label in name.split('.') {
        q.push(label.len() as u8);
        q.extend_from_slice(label.as_bytes());
    }
    q.push(0);
    q.extend_from_slice(&kind.to_be_bytes());
    q.extend_from_slice(&[0, 1]);
    q
}

#[test]
fn dns() {
    let mut w = World::new(net());
    w.net.nic_mut("a").groups = vec![group(5)];
    w.apply();
    const A: u16 = 1;
    const PTR: u16 = 12;
    const AAAA: u16 = 28;
    let ptr = b"\x0bip-10-0-2-7\x03ec2\x08internal\x00".to_vec();
    // (name, type, response code, answer)
    let rows: &[(&str, u16, u8, Option<Vec<u8>>)] = &[
        ("ip-10-0-1-5.ec2.internal", A, 0, Some(vec![10, 0, 1, 5])),
        ("IP-10-0-2-7.EC2.Internal", A, 0, Some(vec![10, 0, 2, 7])),
        ("ip-10-0-2-7.ec2.internal", AAAA, 0, None),
        ("ip-10-0-2-77.ec2.internal", A, 3, None),
        ("nonsense.ec2.internal", A, 3, None),
        ("instance-data.ec2.internal", A, 0, Some(vec![169, 254, 169, 254])),
        ("7.2.0.10.in-addr.arpa", PTR, 0, Some(ptr)),
        ("9.9.0.10.in-addr.arpa", PTR, 3, None),
        ("8.8.8.8.in-addr.arpa", PTR, 2, None),
        ("x.in-addr.arpa", PTR, 2, None),
        ("example.com", A, 2, None),
        ("fakeec2.internal", A, 2, None),
    ];
    for server in ["10.0.0.2", "169.254.169.253"] {
        for (name, kind, code, answer) in rows {
            let q = query(0x1234, name, *kind);
            let out = w.expect(name, "a", &w.udp("a", server, (3333, 53), &q), Deliver("a"));
            assert_checksums(out.frame());
            assert_eq!(addresses(out.frame()), (ip(server), ip("10.0.1.5")));
            let m = &out.frame()[42..];
            assert_eq!((&m[..2], m[2] & 0x80, m[3] & 15), (&[0x12, 0x34][..], 0x80, *code), "{name}");
            assert_eq!(m[12..q.len()], q[12..], "{name}: the question is repeated as asked");
            assert_eq!(m[7], u8::from(answer.is_some()), "{name}");
            if let Some(data) = answer {
                assert!(m.ends_with(data), "{name}: {m:?}");
                assert_eq!(m.len(), q.len() + 12 + data.len());
            }
        }
    }
    assert_eq!((w.stats("a").dns_answers, w.stats("a").dns_refused), (24, 8));
    let ask = |w: &World, m: &[u8]| w.udp("a", "10.0.0.2", (3333, 53), m);
    let good = query(1, "ip-10-0-1-5.ec2.internal", A);
    for cut in 0..good.len() {
        w.expect("cut", "a", &ask(&w, &good[..cut]), Drop(DropReason::DnsMalformed));
    }
    let mut response = good.clone();
    response[2] |= 0x80;
    w.expect("a response", "a", &ask(&w, &response), Drop(DropReason::DnsMalformed));
    let mut pointer = good.clone();
    pointer[12] = 0xc0;
    w.expect("a compressed question", "a", &ask(&w, &pointer), Drop(DropReason::DnsMalformed));
    w.expect("tcp", "a", &w.tcp("a", "10.0.0.2", (1, 53), "S"), Drop(DropReason::ToResolver));
    w.expect("ping", "a", &w.ping("a", "169.254.169.253", 1), Drop(DropReason::ToResolver));
    // A load balancer's name: all its addresses, first this one, then that.
    let name = "web-1.us-east-1.elb.amazonaws.com".to_owned();
    w.net.names.push(wire::net::NameConfig { name, addresses: vec![ip("198.18.0.5"), ip("10.0.1.9")] });
    w.apply();
    let resolve = |w: &mut World, id: u16, name: &str, kind: u16| {
        let out = w.expect(name, "a", &ask(w, &query(id, name, kind)), Deliver("a"));
        let message = &out.frame()[42..];
        let records = message[12 + name.len() + 6..].chunks(16);
        assert_eq!(usize::from(message[7]), records.len());
        let one = |r: &[u8]| {
            assert_eq!(r[2..12], [0, 1, 0, 1, 0, 0, 0, 60, 0, 4], "A, IN, 60 seconds, 4 bytes");
            Ipv4Addr::new(r[12], r[13], r[14], r[15]).to_string()
        };
        (message[3] & 0x0f, records.map(one).collect::<Vec<_>>())
    };
    let full = "WEB-1.us-east-1.elb.amazonaws.com";
    assert_eq!(resolve(&mut w, 2, full, A), (0, vec!["198.18.0.5".into(), "10.0.1.9".into()]));
    assert_eq!(resolve(&mut w, 3, full, A), (0, vec!["10.0.1.9".into(), "198.18.0.5".into()]));
    assert_eq!(resolve(&mut w, 2, full, AAAA), (0, vec![]), "there, without an address of this family");
    assert_eq!(resolve(&mut w, 2, "a.web-1.us-east-1.elb.amazonaws.com", A).0, 2, "not a zone");
    w.net.vpcs[0].dns_support = false;
    w.apply();
    w.expect("disabled", "a", &ask(&w, &good), Drop(DropReason::DnsDisabled));
}

#[test]
fn gateway_and_metadata() {
    let mut w = World::new(net());
    w.net.nic_mut("a").groups = vec![group(5)];
    w.apply();
    let out = w.expect("echo to the gateway", "a", &w.ping("a", GATEWAY, 5), Deliver("a"));
    assert_checksums(out.frame());
    assert_eq!(addresses(out.frame()), (ip(GATEWAY), ip("10.0.1.5")));
    assert_eq!((out.frame()[34], &out.frame()[42..]), (0, &b"ping"[..]));
    w.expect("gateway, other", "a", &w.udp("a", GATEWAY, (1, 2), b""), Drop(DropReason::ToGateway));
    let get = w.tcp("a", "169.254.169.254", (4000, 80), "S");
    let out = w.expect("metadata", "a", &get, Local("a"));
    assert_eq!(out.frame(), get, "as it was sent");
    w.expect("an answer to the host's own connection", "a", &w.tcp("a", "169.254.169.254", (22, 5000), "SA"), Local("a"));
    w.expect("not TCP", "a", &w.udp("a", "169.254.169.254", (1, 80), b""), Drop(DropReason::LinkLocal));
    w.expect("other link-local", "a", &w.udp("a", "169.254.169.123", (1, 123), b""), Drop(DropReason::LinkLocal));
    w.expect("other link-local", "a", &w.tcp("a", "169.254.1.1", (1, 80), "S"), Drop(DropReason::LinkLocal));
    w.net.nic_mut("a").metadata = false;
    w.apply();
    w.expect("none", "a", &get, Drop(DropReason::MetadataDisabled));
}

#[test]
fn a_service_answers_through_the_switch() {
    let mut w = World::new(net());
    let (port, mac) = (w.index("a"), w.eth("a").0);
    let mut sink = Recorder::default();
    let frame = tcp(types::MacAddr([0; 6]), ip("169.254.169.254"), ip("10.0.1.5"), (80, 4000), "SA");
    let switch = w.switches.get_mut(&HOST1).unwrap();
    switch.from_service(port, &mut vswitch::FrameBuf::from_slice(&frame), 0, &mut sink);
    let (to, got) = &sink.delivered[0];
    assert_eq!((*to, link(got)), (port, (ROUTER_MAC.0, mac.0)));
    assert_eq!(w.stats("a").rx_frames, 1);
}
