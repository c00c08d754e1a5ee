//! Network interfaces as guests see them: several at boot, one more while it runs, and away again.

use crate::harness::{Cloud, wait_for};
use crate::walk::{BOOT, SECOND, alias_port, id, public_vpc};
use std::io::Read;
use std::net::TcpStream;
use std::path::Path;

/// What a command says in a guest, once it succeeds.
fn says(c: &Cloud, what: &str, instance: &str, key: &Path, command: &str) -> String {
    wait_for(what, BOOT, || {
        let out = c.ssh(instance, key, command);
        out.status.success().then(|| String::from_utf8_lossy(&out.stdout).into_owned())
    })
}

/// The first words of whoever listens at an address.
fn banner(address: &str) -> Option<String> {
    let mut stream = TcpStream::connect_timeout(&address.parse().ok()?, SECOND).ok()?;
    stream.set_read_timeout(Some(3 * SECOND)).ok()?;
    let mut bytes = [0; 64];
    let len = stream.read(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes[..len]).into_owned())
}

#[test]
fn guest_interfaces_come_and_go() {
    let c = Cloud::up();
    let (vpc, front, group) = public_vpc(&c, "10.0.0.0/16", "10.0.1.0/24");
    let zone = c.must(&format!("ec2 describe-subnets --subnet-ids {front}"));
    let zone = id(&zone, "/Subnets/0/AvailabilityZone");
    let back = c.must(&format!("ec2 create-subnet --vpc-id {vpc} --cidr-block 10.0.2.0/24 --availability-zone {zone}"));
    let back = id(&back, "/Subnet/SubnetId");
    let key = c.must("ec2 create-key-pair --key-name k --key-type ed25519");
    let key = c.write("k.pem", id(&key, "/KeyMaterial"));
    let run = "ec2 run-instances --image-id ami-micro --instance-type t3.nano --key-name k --network-interfaces";
    let two = c.must(&format!(
        "{run} DeviceIndex=0,SubnetId={front},Groups={group} \
         DeviceIndex=1,SubnetId={back},Groups={group},SecondaryPrivateIpAddressCount=1"
    ));
    let one = c.must(&format!("{run} DeviceIndex=0,SubnetId={front},Groups={group}"));
    let (two_id, one_id) = (id(&two, "/Instances/0/InstanceId"), id(&one, "/Instances/0/InstanceId"));
    let second = "/Instances/0/NetworkInterfaces/1";
    let address = |n: usize| id(&two, &format!("{second}/PrivateIpAddresses/{n}/PrivateIpAddress")).to_owned();

    // Both cards of the first guest have their addresses, and its answers leave by the card that was asked.
    says(&c, "the second card", two_id, &key, &format!("ip addr show eth1 | grep -q {}/24", address(0)));
    says(&c, "the secondary address", two_id, &key, &format!("ip addr show eth1 | grep -q {}/32", address(1)));
    for target in [id(&two, "/Instances/0/PrivateIpAddress").to_owned(), address(0), address(1)] {
        says(&c, "an answer", one_id, &key, &format!("ping -c 2 -W 2 {target}"));
        says(&c, "a connection", one_id, &key, &format!("nc -w 3 {target} 22 </dev/null | grep -q SSH"));
    }
    let asks = r#"T=$(printf 'PUT /latest/api/token HTTP/1.0\r\nHost: m\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\n\r\n' | nc -w 3 169.254.169.254 80 | tail -n 1);
        wget -q -O - --header "X-aws-ec2-metadata-token: $T" http://169.254.169.254/latest/meta-data/network/interfaces/macs/"#;
    let macs = says(&c, "metadata", two_id, &key, asks);
    assert_eq!(macs.lines().count(), 2, "{macs}");
    assert!(macs.contains(id(&two, &format!("{second}/MacAddress"))), "{macs}");

    // The outside reaches the secondary address of the second card.
    let elastic = c.must("ec2 allocate-address");
    let (eni, allocation, public) =
        (id(&two, &format!("{second}/NetworkInterfaceId")), id(&elastic, "/AllocationId"), id(&elastic, "/PublicIp"));
    c.must(&format!(
        "ec2 associate-address --allocation-id {allocation} --network-interface-id {eni} --private-ip-address {}",
        address(1)
    ));
    let alias = format!("{}:{}", public.replacen("198.", "127.", 1), alias_port(&c, public, 22));
    let hello = wait_for("the alias of the secondary address", 20 * SECOND, || banner(&alias));
    assert!(hello.starts_with("SSH"), "{hello}");

    // A card for the running second guest. Twice: its place is free again when it is gone.
    let spare = c.must(&format!("ec2 create-network-interface --subnet-id {back} --groups {group}"));
    let (spare_id, spare_ip) =
        (id(&spare, "/NetworkInterface/NetworkInterfaceId"), id(&spare, "/NetworkInterface/PrivateIpAddress"));
    for _ in 0..2 {
        let attached = c.must(&format!(
            "ec2 attach-network-interface --network-interface-id {spare_id} --instance-id {one_id} --device-index 1"
        ));
        let status = || c.must(&format!("ec2 describe-network-interfaces --network-interface-ids {spare_id}"));
        wait_for("attached", 30 * SECOND, || {
            (id(&status(), "/NetworkInterfaces/0/Attachment/Status") == "attached").then_some(())
        });
        says(&c, "the new card", one_id, &key, &format!("ip addr show eth1 | grep -q {spare_ip}/24"));
        says(&c, "an answer of the new card", two_id, &key, &format!("ping -c 2 -W 2 {spare_ip}"));
        let e = c.aws(&format!("ec2 delete-network-interface --network-interface-id {spare_id}"));
        assert_eq!(e.expect_err("it is in use").code, "InvalidParameterValue");

        c.must(&format!("ec2 detach-network-interface --attachment-id {}", id(&attached, "/AttachmentId")));
        c.must(&format!("ec2 wait network-interface-available --network-interface-ids {spare_id}"));
        says(&c, "the card to be gone", one_id, &key, "test ! -e /sys/class/net/eth1");
        let out = c.ssh(two_id, &key, &format!("ping -c 1 -W 2 {spare_ip}"));
        assert!(!out.status.success(), "{}", String::from_utf8_lossy(&out.stdout));
    }

    // What goes with its instance, and what stays.
    c.must(&format!("ec2 terminate-instances --instance-ids {two_id} {one_id}"));
    c.must(&format!("ec2 wait instance-terminated --instance-ids {two_id} {one_id}"));
    let left = c.must("ec2 describe-network-interfaces");
    let left: Vec<&str> =
        left["NetworkInterfaces"].as_array().expect("a list").iter().map(|n| id(n, "/NetworkInterfaceId")).collect();
    assert_eq!(left, [spare_id]);
    assert!(c.guests().is_empty(), "no guest process is left");
}
