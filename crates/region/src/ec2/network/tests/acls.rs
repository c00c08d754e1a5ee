//! Network ACLs: what they show, refuse, and become on the wire.

use super::errors::check;
use super::*;
use crate::compile::cell_config;
use crate::ec2::testing::texts;
use types::Generation;
use wire::net::{Direction, ProtocolMatch};

fn acl(w: &mut World) -> String {
    text(&w.ok("CreateNetworkAcl", "VpcId={vpc}"), "networkAclId")
}

fn default_of(w: &mut World) -> String {
    let of = "Filter.1.Name=vpc-id&Filter.1.Value.1={vpc}&Filter.2.Name=default&Filter.2.Value.1=true";
    text(&w.ok("DescribeNetworkAcls", of), "networkAclId")
}

fn association(w: &mut World) -> String {
    let of = "Filter.1.Name=association.subnet-id&Filter.1.Value.1={subnet}";
    text(&w.ok("DescribeNetworkAcls", of), "networkAclAssociationId")
}

const ALLOW: &str = "Protocol=-1&RuleAction=allow&Egress=false&CidrBlock=0.0.0.0/0";

#[test]
fn entries_are_kept_in_order_and_shown_with_the_last_one() {
    let mut w = world();
    let id = acl(&mut w);
    let entry = |rest: &str| format!("NetworkAclId={id}&{rest}");
    w.ok("CreateNetworkAclEntry", &entry(&format!("RuleNumber=200&{ALLOW}")));
    w.ok(
        "CreateNetworkAclEntry",
        &entry(
            "RuleNumber=100&Protocol=tcp&RuleAction=deny&Egress=false&CidrBlock=10.9.8.7/16&PortRange.From=22&PortRange.To=23",
        ),
    );
    w.ok(
        "CreateNetworkAclEntry",
        &entry("RuleNumber=100&Protocol=1&RuleAction=allow&Egress=true&CidrBlock=0.0.0.0/0&Icmp.Type=8&Icmp.Code=-1"),
    );
    let xml = w.ok("DescribeNetworkAcls", &format!("NetworkAclId.1={id}"));
    assert_eq!(texts(&xml, "ruleNumber"), ["100", "32767", "100", "200", "32767"]);
    assert_eq!(texts(&xml, "egress"), ["true", "true", "false", "false", "false"]);
    assert_eq!(texts(&xml, "protocol"), ["1", "-1", "6", "-1", "-1"]);
    assert!(xml.contains("<cidrBlock>10.9.0.0/16</cidrBlock>") && xml.contains("<from>22</from><to>23</to>"), "{xml}");
    assert!(xml.contains("<code>-1</code><type>8</type>") && xml.contains("<default>false</default>"), "{xml}");
    w.ok(
        "ReplaceNetworkAclEntry",
        &entry("RuleNumber=200&Protocol=17&RuleAction=deny&Egress=false&CidrBlock=0.0.0.0/0&PortRange.From=53&PortRange.To=53"),
    );
    let by = format!("NetworkAclId.1={id}&Filter.1.Name=entry.port-range.from&Filter.1.Value.1=53");
    assert_eq!(texts(&w.ok("DescribeNetworkAcls", &by), "networkAclId")[0], id);
    w.ok("DeleteNetworkAclEntry", &entry("RuleNumber=200&Egress=false"));
    assert!(!w.ok("DescribeNetworkAcls", &by).contains(&id));
    check(&mut w, &[("DeleteNetworkAclEntry", &entry("RuleNumber=200&Egress=false"), "InvalidNetworkAclEntry.NotFound")]);
}

#[test]
fn a_subnet_uses_one_and_the_cells_are_told() {
    let mut w = world();
    let subnet = w.subnet.clone();
    run_instance(&mut w.h, &subnet);
    let config = |w: &World| cell_config(&w.h.db, &w.h.settings, &"a1".parse().unwrap(), Generation(1));
    let before = config(&w);
    let default = default_of(&mut w);
    assert_eq!(before.instances[0].ports[0].network_acl.unwrap().to_string(), default);
    let told = &before.vpcs[0].network_acls[0];
    assert_eq!(told.entries.len(), 2);
    assert!(told.entries.iter().all(|e| e.number == 100 && e.allow && e.protocol == ProtocolMatch::All));
    // The default one can be edited.
    w.ok("DeleteNetworkAclEntry", &format!("NetworkAclId={default}&RuleNumber=100&Egress=true"));
    assert!(config(&w).vpcs[0].network_acls[0].entries.iter().all(|e| e.direction == Direction::Ingress));
    let id = acl(&mut w);
    w.ok("CreateNetworkAclEntry", &format!("NetworkAclId={id}&RuleNumber=5&Protocol=icmp&RuleAction=allow&Egress=true&CidrBlock=10.0.0.0/8&Icmp.Type=-1&Icmp.Code=-1"));
    let old = association(&mut w);
    let xml = w.ok("ReplaceNetworkAclAssociation", &format!("AssociationId={old}&NetworkAclId={id}"));
    let new = text(&xml, "newAssociationId");
    assert_ne!(old, new);
    assert_eq!(association(&mut w), new);
    let after = config(&w);
    assert_eq!(after.instances[0].ports[0].network_acl.unwrap().to_string(), id);
    let told = after.vpcs[0].network_acls.iter().find(|a| a.id.to_string() == id).unwrap();
    assert_eq!(told.entries[0].protocol, ProtocolMatch::Icmp { kind: None, code: None });
    assert_eq!((told.entries[0].number, told.entries[0].direction), (5, Direction::Egress));
    check(
        &mut w,
        &[
            ("DeleteNetworkAcl", &format!("NetworkAclId={id}"), "DependencyViolation"),
            ("ReplaceNetworkAclAssociation", &format!("AssociationId={old}&NetworkAclId={id}"), "InvalidAssociationID.NotFound"),
        ],
    );
    w.ok("ReplaceNetworkAclAssociation", &format!("AssociationId={new}&NetworkAclId={default}"));
    w.ok("DeleteNetworkAcl", &format!("NetworkAclId={id}"));
}

#[test]
fn vpcs_of_before_have_their_default_one_again() {
    let mut w = world();
    let default = default_of(&mut w);
    let account = w.h.caller.account.clone();
    w.h.db.delete::<crate::rows::NetworkAcl>(&account, &default);
    super::super::network_acl::ensure_default_acls(&mut w.h.db);
    assert_eq!(default_of(&mut w), default);
}

#[test]
fn misuse() {
    let mut w = world();
    let id = acl(&mut w);
    let default = default_of(&mut w);
    let other = text(&w.ok("CreateVpc", "CidrBlock=10.7.0.0/16"), "vpcId");
    let far = text(&w.ok("CreateNetworkAcl", &format!("VpcId={other}")), "networkAclId");
    let association = association(&mut w);
    let with = |rest: &str| format!("NetworkAclId={id}&{rest}");
    w.ok("CreateNetworkAclEntry", &with(&format!("RuleNumber=1&{ALLOW}")));
    let tcp = "RuleNumber=2&Protocol=6&RuleAction=allow&Egress=false&CidrBlock=0.0.0.0/0";
    let icmp = "RuleNumber=2&Protocol=1&RuleAction=allow&Egress=false&CidrBlock=0.0.0.0/0";
    let create = "CreateNetworkAclEntry";
    let rows: Vec<(&str, String, &str)> = vec![
        ("CreateNetworkAcl", "VpcId=vpc-00000000000000000".into(), "InvalidVpcID.NotFound"),
        ("CreateNetworkAcl", "".into(), "MissingParameter"),
        ("DeleteNetworkAcl", format!("NetworkAclId={default}"), "InvalidParameterValue"),
        ("DeleteNetworkAcl", "NetworkAclId=acl-00000000000000000".into(), "InvalidNetworkAclID.NotFound"),
        ("DeleteVpc", format!("VpcId={other}"), "DependencyViolation"),
        (create, with(&format!("RuleNumber=1&{ALLOW}")), "NetworkAclEntryAlreadyExists"),
        (create, with(&format!("RuleNumber=0&{ALLOW}")), "InvalidParameterValue"),
        (create, with(&format!("RuleNumber=32767&{ALLOW}")), "InvalidParameterValue"),
        (create, with(ALLOW), "MissingParameter"),
        (create, with("RuleNumber=2&RuleAction=allow&Egress=false&CidrBlock=0.0.0.0/0"), "MissingParameter"),
        (create, with("RuleNumber=2&Protocol=-1&RuleAction=odd&Egress=false&CidrBlock=0.0.0.0/0"), "InvalidParameterValue"),
        (create, with("RuleNumber=2&Protocol=-1&RuleAction=allow&CidrBlock=0.0.0.0/0"), "MissingParameter"),
        (create, with("RuleNumber=2&Protocol=-1&RuleAction=allow&Egress=false"), "MissingParameter"),
        (create, with("RuleNumber=2&Protocol=-1&RuleAction=allow&Egress=false&CidrBlock=ten"), "InvalidParameterValue"),
        (create, with("RuleNumber=2&Protocol=256&RuleAction=allow&Egress=false&CidrBlock=0.0.0.0/0"), "InvalidParameterValue"),
        (create, with(&format!("RuleNumber=2&{ALLOW}&Ipv6CidrBlock=::/0")), "InvalidParameterCombination"),
        (create, with("RuleNumber=2&Protocol=-1&RuleAction=allow&Egress=false&Ipv6CidrBlock=ten"), "InvalidParameterValue"),
        (create, with("RuleNumber=2&Protocol=58&RuleAction=allow&Egress=false&Ipv6CidrBlock=::/0"), "MissingParameter"),
        (create, with(tcp), "MissingParameter"),
        (create, with(&format!("{tcp}&PortRange.From=1")), "MissingParameter"),
        (create, with(&format!("{tcp}&PortRange.From=2&PortRange.To=1")), "InvalidParameterValue"),
        (create, with(&format!("{tcp}&PortRange.From=0&PortRange.To=65536")), "InvalidParameterValue"),
        (create, with(icmp), "MissingParameter"),
        (create, with(&format!("{icmp}&Icmp.Type=256&Icmp.Code=0")), "InvalidParameterValue"),
        (create, with(&format!("{icmp}&Icmp.Type=-1&Icmp.Code=3")), "InvalidParameterValue"),
        ("ReplaceNetworkAclEntry", with(&format!("RuleNumber=7&{ALLOW}")), "InvalidNetworkAclEntry.NotFound"),
        ("ReplaceNetworkAclAssociation", format!("AssociationId={association}&NetworkAclId={far}"), "InvalidParameterValue"),
        (
            "ReplaceNetworkAclAssociation",
            format!("AssociationId=aclassoc-00000000000000000&NetworkAclId={id}"),
            "InvalidAssociationID.NotFound",
        ),
    ];
    let rows: Vec<_> = rows.iter().map(|(a, p, c)| (*a, p.as_str(), *c)).collect();
    check(&mut w, &rows);
    for n in 2..=20 {
        w.ok(create, &with(&format!("RuleNumber={n}&{ALLOW}")));
    }
    check(&mut w, &[(create, &with(&format!("RuleNumber=21&{ALLOW}")), "NetworkAclEntryLimitExceeded")]);
}
