//! A network load balancer made by the AWS CLI: traffic of this machine and of a guest in the VPC reaches its targets, instances
//! and addresses; one that fails its checks gets nothing, nor does one that is deregistered.

use crate::harness::{Cloud, http_get, wait_for};
use crate::walk::{BOOT, SECOND, alias_port, alias_port_of, id, public_vpc};
use std::collections::BTreeSet;
use std::path::Path;

/// Three servers on one guest, so that one boot stands for three targets.
const SERVER: &str = "#!/bin/sh
for port in 81 82 83; do
  mkdir -p /www$port/cgi-bin
  printf '#!/bin/sh\\necho; echo \"%s for $REMOTE_ADDR\"\\n' $port > /www$port/cgi-bin/index.cgi
  chmod 755 /www$port/cgi-bin/index.cgi
  httpd -p 0.0.0.0:$port -h /www$port
done
echo servers-run > /dev/console
";

fn launch(c: &Cloud, subnet: &str, group: &str, script: &Path, key: &str) -> (String, String) {
    let image = c.must("ec2 describe-images --owners amazon");
    let image = id(&image, "/Images/0/ImageId");
    let run = c.must(&format!(
        "ec2 run-instances --image-id {image} --instance-type t3.nano --subnet-id {subnet} --security-group-ids {group} \
         --associate-public-ip-address --key-name {key} --user-data file://{}",
        script.display()
    ));
    (id(&run, "/Instances/0/InstanceId").to_owned(), id(&run, "/Instances/0/PrivateIpAddress").to_owned())
}

fn states(c: &Cloud, group: &str) -> Vec<(String, String)> {
    let health = c.must(&format!("elbv2 describe-target-health --target-group-arn {group}"));
    let targets = health["TargetHealthDescriptions"].as_array().expect("a list").clone();
    targets.iter().map(|t| (t["Target"]["Port"].to_string(), id(t, "/TargetHealth/State").to_owned())).collect()
}

fn healthy(c: &Cloud, group: &str, ports: &[&str]) {
    wait_for("health", 90 * SECOND, || {
        let now = states(c, group);
        let healthy: Vec<&str> = now.iter().filter(|(_, s)| s == "healthy").map(|(p, _)| p.as_str()).collect();
        (healthy == ports).then_some(())
    });
}

/// The pages that so many fetches of this machine see.
fn pages(address: &str, fetches: usize) -> BTreeSet<String> {
    let page = |_| wait_for("a page", 20 * SECOND, || http_get(address)).lines().last().unwrap_or_default().to_owned();
    (0..fetches).map(page).collect()
}

#[test]
fn network_load_balancer_by_the_aws_cli() {
    let c = Cloud::up_with(&["--azs", "1", "--hosts-per-cell", "2"]);
    let (vpc, subnet, group) = public_vpc(&c, "10.0.0.0/16", "10.0.1.0/24");
    c.must(&format!("ec2 authorize-security-group-ingress --group-id {group} --protocol -1 --cidr 0.0.0.0/0"));
    let key = c.must("ec2 create-key-pair --key-name k");
    let pem = c.write("key.pem", id(&key, "/KeyMaterial"));
    let server = c.write("server.sh", SERVER);
    let client = c.write("client.sh", "#!/bin/sh\necho client-runs > /dev/console\n");
    let (instance, address) = launch(&c, &subnet, &group, &server, "k");
    let (other, client_address) = launch(&c, &subnet, &group, &client, "k");

    // A public one with a group of instance targets, and an internal one with address targets, made while guests boot.
    let make = |name: &str, scheme: &str, kind: &str| {
        let lb = c.must(&format!("elbv2 create-load-balancer --name {name} --type network --scheme {scheme} --subnets {subnet}"));
        let arn = id(&lb, "/LoadBalancers/0/LoadBalancerArn").to_owned();
        let tg = c.must(&format!(
            "elbv2 create-target-group --name {name} --protocol TCP --port 81 --vpc-id {vpc} --target-type {kind} \
             --health-check-interval-seconds 5 --health-check-timeout-seconds 2 --healthy-threshold-count 2 \
             --unhealthy-threshold-count 2"
        ));
        let tg = id(&tg, "/TargetGroups/0/TargetGroupArn").to_owned();
        c.must(&format!(
            "elbv2 create-listener --load-balancer-arn {arn} --protocol TCP --port 8080 \
             --default-actions Type=forward,TargetGroupArn={tg}"
        ));
        (arn, tg)
    };
    let (front, front_group) = make("front", "internet-facing", "instance");
    let (inner, inner_group) = make("inner", "internal", "ip");
    c.must(&format!(
        "elbv2 register-targets --target-group-arn {front_group} --targets Id={instance},Port=81 Id={instance},Port=82"
    ));
    c.must(&format!(
        "elbv2 register-targets --target-group-arn {inner_group} --targets Id={address},Port=81 Id={address},Port=82"
    ));
    for arn in [&front, &inner] {
        c.must(&format!("elbv2 wait load-balancer-available --load-balancer-arns {arn}"));
    }
    wait_for("the servers", BOOT, || c.console(&instance).contains("servers-run").then_some(()));
    wait_for("the client", BOOT, || c.console(&other).contains("client-runs").then_some(()));
    healthy(&c, &front_group, &["81", "82"]);
    healthy(&c, &inner_group, &["81", "82"]);

    // From this machine, by the node's public address.
    let node = |name: &str| {
        let found = c.must(&format!("ec2 describe-network-interfaces --filters Name=description,Values=ELB*net/{name}/*"));
        found.pointer("/NetworkInterfaces/0").expect("an interface").clone()
    };
    let public = id(&node("front"), "/Association/PublicIp").to_owned();
    let alias = format!("{}:{}", public.replacen("198.", "127.", 1), alias_port(&c, &public, 8080));
    // The targets see who the client is.
    let seen = |ports: &[u16]| ports.iter().map(|p| format!("{p} for 198.51.100.1")).collect::<BTreeSet<_>>();
    let fetches = |ports: &[u16]| wait_for("those targets", 30 * SECOND, || (pages(&alias, 40) == seen(ports)).then_some(()));
    fetches(&[81, 82]);

    // From a guest in the VPC, on another host or the same, by both.
    for name in ["front", "inner"] {
        let private = id(&node(name), "/PrivateIpAddress").to_owned();
        // Groups of addresses do not keep the client's, as with AWS.
        let client = if name == "front" { client_address.clone() } else { private.clone() };
        let ask = format!("for i in $(seq 40); do timeout 5 wget -q -O - http://{private}:8080/; done | sort -u");
        let out = c.ssh(&other, &pem, &ask);
        assert_eq!(String::from_utf8_lossy(&out.stdout), format!("81 for {client}\n82 for {client}\n"), "{name}: {out:?}");
        crate::reach::expect(
            &c,
            &[&other, &format!("{private}:8080")],
            true,
            &["the load balancer's node eni-", "sends it on to"],
        );
    }

    // A target that fails its checks gets nothing; it has not failed for those that it served.
    let out = c.ssh(&instance, &pem, "for p in $(pidof httpd); do grep -q ':82' /proc/$p/cmdline && kill $p; done; true");
    assert!(out.status.success(), "{out:?}");
    healthy(&c, &front_group, &["81"]);
    fetches(&[81]);
    // One more, and one less.
    c.must(&format!("elbv2 register-targets --target-group-arn {front_group} --targets Id={instance},Port=83"));
    healthy(&c, &front_group, &["81", "83"]);
    c.must(&format!("elbv2 deregister-targets --target-group-arn {front_group} --targets Id={instance},Port=81"));
    fetches(&[83]);
    assert!(states(&c, &front_group).contains(&("81".to_owned(), "draining".to_owned())));

    // Datagrams.
    let udp = c.must(&format!(
        "elbv2 create-target-group --name udp --protocol UDP --port 5300 --vpc-id {vpc} --health-check-protocol TCP \
         --health-check-port 83 --health-check-interval-seconds 5 --health-check-timeout-seconds 2 --healthy-threshold-count 2 \
         --unhealthy-threshold-count 2"
    ));
    let udp = id(&udp, "/TargetGroups/0/TargetGroupArn").to_owned();
    c.must(&format!(
        "elbv2 create-listener --load-balancer-arn {front} --protocol UDP --port 5353 \
         --default-actions Type=forward,TargetGroupArn={udp}"
    ));
    c.must(&format!("elbv2 register-targets --target-group-arn {udp} --targets Id={instance}"));
    healthy(&c, &udp, &["5300"]);
    // From here: the guest, where nobody listens, counts them. From the other guest: what it says of that comes back by the node.
    let port = alias_port_of(&c, &public, "udp", 5353);
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let to = format!("{}:{port}", public.replacen("198.", "127.", 1));
    wait_for("a datagram at the target", 30 * SECOND, || {
        socket.send_to(b"echo", &to).ok()?;
        let out = c.ssh(&instance, &pem, "grep Udp: /proc/net/snmp | tail -n 1 | cut -d ' ' -f 3");
        (String::from_utf8_lossy(&out.stdout).trim().parse::<u32>().ok()? > 0).then_some(())
    });
    let private = id(&node("front"), "/PrivateIpAddress").to_owned();
    // Its first probe goes to the port after the one that is named.
    let probe = format!("timeout 20 traceroute -n -q 1 -m 1 -p 5352 {private}");
    wait_for("the target's answer by the node", 30 * SECOND, || {
        let out = c.ssh(&other, &pem, &probe);
        String::from_utf8_lossy(&out.stdout).contains(&format!(" 1  {private}  ")).then_some(())
    });

    // It goes with its interfaces.
    for arn in [&front, &inner] {
        c.must(&format!("elbv2 delete-load-balancer --load-balancer-arn {arn}"));
    }
    wait_for("the interfaces to go", 60 * SECOND, || {
        let left = c.must("ec2 describe-network-interfaces --filters Name=requester-id,Values=amazon-elb");
        left["NetworkInterfaces"].as_array().is_some_and(Vec::is_empty).then_some(())
    });
}
