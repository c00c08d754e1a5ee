//! A dual-stack VPC with real guests: their addresses, what rules let through between two zones, and an egress-only gateway
//! towards a VPC with an internet gateway. Then beyond the VPCs: guests reach a server of this machine, and a program of it
//! reaches a guest. That server's address is one in a network namespace of the test's own, so that nothing leaves the machine.

use crate::harness::{Cloud, wait_for};
use crate::namespace;
use crate::reach;
use crate::walk::{BOOT, SECOND, id};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;

/// Outside of the cloud's pool (RFC 3849).
const OUTSIDE: &str = "2001:db8:ffff::9";

const USER_DATA: &str = "#!/bin/sh\nmkdir -p /www\necho \"hello from $(hostname)\" > /www/index.html\nhttpd -p [::]:80 -h /www\n";

struct Vpc {
    id: String,
    /// Subnets, one a zone.
    subnets: Vec<String>,
    group: String,
}

/// SSH by IPv4 is let in, nothing else.
fn vpc(c: &Cloud, number: u8, zones: &[&str]) -> Vpc {
    let made = c.must(&format!("ec2 create-vpc --cidr-block 10.{number}.0.0/16 --amazon-provided-ipv6-cidr-block"));
    let vpc = id(&made, "/Vpc/VpcId").to_owned();
    let described = c.must(&format!("ec2 describe-vpcs --vpc-ids {vpc}"));
    let block = id(&described, "/Vpcs/0/Ipv6CidrBlockAssociationSet/0/Ipv6CidrBlock").to_owned();
    let base: Ipv6Addr = block.strip_suffix("/56").and_then(|b| b.parse().ok()).unwrap_or_else(|| panic!("{block}"));
    let subnet = |(n, zone): (usize, &&str)| {
        let six = Ipv6Addr::from(u128::from(base) | (n as u128 + 1) << 64);
        let made = c.must(&format!(
            "ec2 create-subnet --vpc-id {vpc} --availability-zone {zone} --cidr-block 10.{number}.{n}.0/24 --ipv6-cidr-block {six}/64"
        ));
        id(&made, "/Subnet/SubnetId").to_owned()
    };
    let subnets = zones.iter().enumerate().map(subnet).collect();
    let made = c.must(&format!("ec2 create-security-group --group-name six --description six --vpc-id {vpc}"));
    let group = id(&made, "/GroupId").to_owned();
    c.must(&format!("ec2 authorize-security-group-ingress --group-id {group} --protocol tcp --port 22 --cidr 0.0.0.0/0"));
    Vpc { id: vpc, subnets, group }
}

/// (instance, its address)
fn launch(c: &Cloud, subnet: &str, group: &str) -> (String, String) {
    let script = c.write("user-data.sh", USER_DATA);
    let run = c.must(&format!(
        "ec2 run-instances --image-id ami-micro --instance-type t3.nano --subnet-id {subnet} --security-group-ids {group} \
         --key-name k --ipv6-address-count 1 --user-data file://{}",
        script.display()
    ));
    let address = id(&run, "/Instances/0/NetworkInterfaces/0/Ipv6Addresses/0/Ipv6Address");
    (id(&run, "/Instances/0/InstanceId").to_owned(), address.to_owned())
}

fn page(c: &Cloud, key: &Path, from: &str, address: &str) -> Option<String> {
    let command = format!(r"printf 'GET / HTTP/1.0\r\n\r\n' | nc -w 3 {address} 80 | grep '^hello from '");
    let out = c.ssh(from, key, &command);
    out.status.success().then(|| String::from_utf8_lossy(&out.stdout).into_owned())
}

fn expect_page(c: &Cloud, key: &Path, from: &str, address: &str) {
    let text = wait_for("a page", BOOT, || page(c, key, from, address));
    assert!(text.starts_with("hello from "), "{text}");
}

fn route_out(c: &Cloud, vpc: &str, gateway: &str) {
    let tables = c.must(&format!("ec2 describe-route-tables --filters Name=vpc-id,Values={vpc}"));
    let table = id(&tables, "/RouteTables/0/RouteTableId");
    c.must(&format!("ec2 create-route --route-table-id {table} --destination-ipv6-cidr-block ::/0 {gateway}"));
}

/// A server that says hello to everybody who has asked, as long as the test runs.
fn serve(at: &str) {
    // Without a look for others who have it: until that is over nobody may listen there.
    namespace::ip(&format!("addr add {at}/128 dev lo nodad"));
    let listener = TcpListener::bind((at, 80)).expect("a listener");
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            // A client that breaks off has its own test to fail.
            let _ = stream.read(&mut [0; 1000]).and_then(|_| stream.write_all(b"HTTP/1.0 200 OK\r\n\r\nhello from outside\n"));
        }
    });
}

/// Where this machine reaches TCP port 80 of an instance's IPv6 address.
fn alias(c: &Cloud, public: &str) -> Option<SocketAddr> {
    let status = c.json(&["status", "--json"]);
    let all = status["edge"]["aliases"].as_array()?;
    let of = all.iter().find(|a| a["public"] == public)?;
    let port = of["tcp"].as_array()?.iter().find(|p| p[0] == 80)?;
    Some(SocketAddr::new(of["alias"].as_str()?.parse().ok()?, u16::try_from(port[1].as_u64()?).ok()?))
}

fn page_at(to: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&to, 5 * SECOND)?;
    stream.set_read_timeout(Some(5 * SECOND))?;
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n")?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    Ok(text)
}

#[test]
fn guest_ipv6_between_zones_and_out_of_vpcs() {
    namespace::run("ipv6::guest_ipv6_between_zones_and_out_of_vpcs", between_zones_and_out_of_vpcs);
}

fn between_zones_and_out_of_vpcs() {
    serve(OUTSIDE);
    let c = Cloud::up_with(&["--azs", "2", "--hosts-per-cell", "1"]);
    let zones = c.must("ec2 describe-availability-zones");
    let zones: Vec<&str> =
        (0..2).map(|n| id(&zones, ["/AvailabilityZones/0/ZoneName", "/AvailabilityZones/1/ZoneName"][n])).collect();
    let key = c.must("ec2 create-key-pair --key-name k --key-type ed25519");
    let key = c.write("k.pem", id(&key, "/KeyMaterial"));
    let (inner, open) = (vpc(&c, 1, &zones), vpc(&c, 2, &zones[..1]));
    let gateway = c.must(&format!("ec2 create-egress-only-internet-gateway --vpc-id {}", inner.id));
    let gateway = id(&gateway, "/EgressOnlyInternetGateway/EgressOnlyInternetGatewayId");
    route_out(&c, &inner.id, &format!("--egress-only-internet-gateway-id {gateway}"));
    let internet = c.must("ec2 create-internet-gateway");
    let internet = id(&internet, "/InternetGateway/InternetGatewayId");
    c.must(&format!("ec2 attach-internet-gateway --internet-gateway-id {internet} --vpc-id {}", open.id));
    route_out(&c, &open.id, &format!("--gateway-id {internet}"));
    let (a, a6) = launch(&c, &inner.subnets[0], &inner.group);
    let (b, b6) = launch(&c, &inner.subnets[1], &inner.group);
    let (far, far6) = launch(&c, &open.subnets[0], &open.group);

    // Each has its address from the host's DHCPv6, and says so.
    for (instance, address) in [(&a, &a6), (&b, &b6), (&far, &far6)] {
        let line = format!("network {address}/128");
        wait_for("an address by DHCPv6", BOOT, || c.console(instance).contains(&line).then_some(()));
    }

    // Between the zones: nobody is let in, then anyone, then nobody, then members of the group.
    let (to_a, to_a_by_name) = (format!("[{a6}]:80"), format!("{a}:80"));
    wait_for("ssh", BOOT, || c.ssh(&b, &key, "true").status.success().then_some(()));
    assert_eq!(page(&c, &key, &b, &a6), None, "no rule lets it in");
    reach::expect(&c, &[&b6, &to_a], false, &["no security group rule lets it in", "(security-group-ingress)"]);
    let anyone = "IpProtocol=tcp,FromPort=80,ToPort=80,Ipv6Ranges=[{CidrIpv6=::/0}]";
    c.must(&format!("ec2 authorize-security-group-ingress --group-id {} --ip-permissions {anyone}", inner.group));
    expect_page(&c, &key, &b, &a6);
    reach::expect(&c, &[&b6, &to_a], true, &["security group rule sgr-", "/56", "local", "to the guest of eni-"]);
    // IPv4 has rules of its own, and an instance that has both is asked by it first.
    reach::expect(&c, &[&b, &to_a_by_name], false, &["tcp 10.1.1.", "(security-group-ingress)"]);
    c.must(&format!("ec2 revoke-security-group-ingress --group-id {} --ip-permissions {anyone}", inner.group));
    wait_for("the rule to be gone", 20 * SECOND, || page(&c, &key, &b, &a6).is_none().then_some(()));
    let members = format!("IpProtocol=-1,UserIdGroupPairs=[{{GroupId={}}}]", inner.group);
    c.must(&format!("ec2 authorize-security-group-ingress --group-id {} --ip-permissions {members}", inner.group));
    expect_page(&c, &key, &b, &a6);
    let ping = c.ssh(&b, &key, &format!("ping6 -c 2 -W 2 {a6}"));
    assert!(ping.status.success(), "{}", String::from_utf8_lossy(&ping.stdout));
    reach::expect(&c, &[&b6, &a6], true, &["icmp echo ", "icmp echo reply "]);
    let tables = ["a1-h1", "b1-h1"].map(|h| c.ok(&["flows", h])).concat();
    assert!(tables.contains(&format!("tcp [{a6}]:80 from [{b6}]:")), "{tables}");

    // Out through the egress-only gateway, to a VPC that is open; from there nothing begins.
    for group in [&inner.group, &open.group] {
        let _: Value = c.must(&format!("ec2 authorize-security-group-ingress --group-id {group} --ip-permissions {anyone}"));
    }
    expect_page(&c, &key, &a, &far6);
    reach::expect(&c, &[&a6, &format!("[{far6}]:80")], true, &["egress-only internet gateway", "internet gateway"]);
    assert_eq!(page(&c, &key, &far, &a6), None, "an egress-only gateway lets nobody in");
    reach::expect(&c, &[&far6, &to_a], false, &["not reachable: egress-only"]);

    // To a server of this machine, by either gateway; and from this machine, by the one that lets somebody in.
    let outside = format!("[{OUTSIDE}]:80");
    for (guest, address, gateway) in [(&a, &a6, "egress-only internet gateway"), (&far, &far6, "internet gateway")] {
        let text = wait_for("a page from outside", BOOT, || page(&c, &key, guest, OUTSIDE));
        assert_eq!(text, "hello from outside\n");
        let ping = c.ssh(guest, &key, &format!("ping6 -c 2 -W 2 {OUTSIDE}"));
        assert!(ping.status.success(), "{}", String::from_utf8_lossy(&ping.stdout));
        reach::expect(&c, &[address, &outside], true, &[gateway, "::/0"]);
    }
    let at = wait_for("an alias", 20 * SECOND, || alias(&c, &far6));
    let text = wait_for("the guest's page", BOOT, || page_at(at).ok().filter(|t| !t.is_empty()));
    assert!(text.contains("hello from "), "{text}");
    let tables = ["a1-h1", "b1-h1"].map(|h| c.ok(&["flows", h])).concat();
    for words in [format!("tcp [{far6}]:80 from [{}]:", wire::edge::OUTSIDE6), format!("to {outside}")] {
        assert!(tables.contains(&words), "{words} in\n{tables}");
    }
    let drawn = c.ok(&["status"]);
    assert!(drawn.contains(&format!("{far6}  alias {} (ports 80)", at.ip())), "{drawn}");
    assert_eq!(alias(&c, &a6), None, "nobody comes in through an egress-only gateway: nothing listens");
    let mixed = c.run(&["reach", &a6, "10.1.1.4:80"]);
    assert!(String::from_utf8_lossy(&mixed.stderr).contains("no address of the family of 10.1.1.4"), "{mixed:?}");
}
