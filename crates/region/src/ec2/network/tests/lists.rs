//! Prefix lists in routes and rules, and gateway endpoints.

use super::super::prefix_list::s3_list;
use super::errors::check;
use super::*;
use crate::compile::cell_config;
use crate::ec2::testing::texts;
use types::Generation;
use wire::cell::CellConfig;
use wire::net::{PeerMatch, Route, RouteTarget};

fn config(w: &World) -> CellConfig {
    cell_config(&w.h.db, &w.h.settings, &"a1".parse().unwrap(), Generation(1))
}

/// The routes of the world's table.
fn routes(w: &World) -> Vec<Route> {
    let tables = config(w).vpcs.into_iter().flat_map(|v| v.route_tables);
    tables.filter(|t| t.id.to_string() == w.table).flat_map(|t| t.routes).collect()
}

fn list(w: &mut World, max: u32, cidrs: &[&str]) -> String {
    let entries: String = cidrs.iter().enumerate().map(|(n, c)| format!("&Entry.{}.Cidr={c}", n + 1)).collect();
    let request = format!("PrefixListName=offices&MaxEntries={max}&AddressFamily=IPv4{entries}");
    let xml = w.ok("CreateManagedPrefixList", &request);
    assert_eq!(text(&xml, "state"), "create-in-progress");
    text(&xml, "prefixListId")
}

fn with_instance() -> World {
    let mut w = world();
    let subnet = w.subnet.clone();
    run_instance(&mut w.h, &subnet);
    w
}

#[test]
fn a_list_has_versions() {
    let mut w = world();
    let id = list(&mut w, 3, &["192.0.2.7/24", "198.18.64.0/20"]);
    let named = format!("PrefixListId={id}");
    let entries = |w: &mut World, rest: &str| texts(&w.ok("GetManagedPrefixListEntries", &format!("{named}{rest}")), "cidr");
    assert_eq!(entries(&mut w, ""), ["192.0.2.0/24", "198.18.64.0/20"]);
    w.ok(
        "ModifyManagedPrefixList",
        &format!(
            "{named}&CurrentVersion=1&RemoveEntry.1.Cidr=192.0.2.0/24&AddEntry.1.Cidr=203.0.113.0/24&AddEntry.1.Description=new"
        ),
    );
    assert_eq!(entries(&mut w, ""), ["198.18.64.0/20", "203.0.113.0/24"]);
    assert_eq!(entries(&mut w, "&TargetVersion=1"), ["192.0.2.0/24", "198.18.64.0/20"]);
    let xml = w.ok("DescribeManagedPrefixLists", &format!("PrefixListId.1={id}"));
    assert_eq!((text(&xml, "version"), text(&xml, "state")), ("2".into(), "modify-complete".into()));
    w.ok("RestoreManagedPrefixListVersion", &format!("{named}&PreviousVersion=1&CurrentVersion=2"));
    assert_eq!(entries(&mut w, ""), ["192.0.2.0/24", "198.18.64.0/20"]);
    w.ok("ModifyManagedPrefixList", &format!("{named}&PrefixListName=other&MaxEntries=2"));
    let more = format!("{named}&CurrentVersion=3&AddEntry.1.Cidr=203.0.113.0/24");
    let s3 = format!("PrefixListId={}", s3_list());
    let create = "PrefixListName=a&MaxEntries=1";
    check(
        &mut w,
        &[
            ("ModifyManagedPrefixList", &more, "PrefixListMaxEntriesExceeded"),
            ("ModifyManagedPrefixList", &format!("{named}&MaxEntries=1"), "PrefixListMaxEntriesExceeded"),
            ("ModifyManagedPrefixList", &more.replace("=3", "=2"), "PrefixListVersionMismatch"),
            ("ModifyManagedPrefixList", &format!("{named}&AddEntry.1.Cidr=203.0.113.0/24"), "MissingParameter"),
            ("ModifyManagedPrefixList", &format!("{more}&MaxEntries=9"), "InvalidParameterCombination"),
            (
                "ModifyManagedPrefixList",
                &format!("{named}&CurrentVersion=3&RemoveEntry.1.Cidr=203.0.113.0/24"),
                "InvalidParameterValue",
            ),
            ("ModifyManagedPrefixList", &format!("{s3}&PrefixListName=mine"), "UnauthorizedOperation"),
            ("RestoreManagedPrefixListVersion", &format!("{named}&PreviousVersion=9&CurrentVersion=3"), "InvalidParameterValue"),
            ("DeleteManagedPrefixList", &s3, "UnauthorizedOperation"),
            ("DeleteManagedPrefixList", "PrefixListId=pl-00000000000000000", "InvalidPrefixListID.NotFound"),
            ("DeleteManagedPrefixList", "PrefixListId=x", "InvalidPrefixListId.Malformed"),
            ("CreateManagedPrefixList", create, "MissingParameter"),
            ("CreateManagedPrefixList", &format!("{create}&AddressFamily=IPv5"), "InvalidParameterValue"),
            ("CreateManagedPrefixList", &format!("{create}&AddressFamily=IPv6&Entry.1.Cidr=10.0.0.0/8"), "InvalidParameterValue"),
            (
                "CreateManagedPrefixList",
                &format!("{create}&AddressFamily=IPv4&Entry.1.Cidr=2001:db8::/32"),
                "InvalidParameterValue",
            ),
            (
                "CreateManagedPrefixList",
                "PrefixListName=com.amazonaws.x&MaxEntries=1&AddressFamily=IPv4",
                "InvalidParameterValue",
            ),
            ("CreateManagedPrefixList", "PrefixListName=a&MaxEntries=1001&AddressFamily=IPv4", "InvalidParameterValue"),
            ("CreateManagedPrefixList", &format!("{create}&AddressFamily=IPv4&Entry.1.Cidr=x"), "InvalidParameterValue"),
            (
                "CreateManagedPrefixList",
                &format!("{create}&AddressFamily=IPv4&Entry.1.Cidr=10.0.0.0/8&Entry.2.Cidr=10.1.0.0/8"),
                "InvalidParameterValue",
            ),
            ("DescribePrefixLists", &format!("PrefixListId.1={id}"), "InvalidPrefixListID.NotFound"),
        ],
    );
    w.ok("DeleteManagedPrefixList", &named);
}

#[test]
fn a_route_to_a_list_is_written_out_behind_the_static_ones() {
    let mut w = with_instance();
    let id = list(&mut w, 10, &["192.0.2.0/24", "203.0.113.0/24", "10.0.7.0/24"]);
    let route = format!("RouteTableId={{rtb}}&DestinationPrefixListId={id}");
    w.ok("CreateRoute", &format!("{route}&GatewayId={{igw}}"));
    let nat = text(&w.ok("CreateNatGateway", "SubnetId={subnet}&ConnectivityType=private"), "natGatewayId");
    w.ok("CreateRoute", &format!("RouteTableId={{rtb}}&DestinationCidrBlock=192.0.2.0/24&NatGatewayId={nat}"));
    let to = |w: &World, cidr: &str| {
        let all: Vec<_> = routes(w).into_iter().filter(|r| r.destination.to_string() == cidr).map(|r| r.target).collect();
        assert!(all.len() < 2, "{cidr}: {all:?}");
        all.first().copied()
    };
    assert!(matches!(to(&w, "192.0.2.0/24"), Some(RouteTarget::NatGateway(_))), "the static one wins");
    assert_eq!(to(&w, "203.0.113.0/24"), Some(RouteTarget::InternetGateway));
    assert_eq!(to(&w, "10.0.7.0/24"), None, "the VPC's own block is local");
    let xml = w.ok("DescribeRouteTables", &format!("Filter.1.Name=route.destination-prefix-list-id&Filter.1.Value.1={id}"));
    assert_eq!(text(&xml, "destinationPrefixListId"), id);
    check(
        &mut w,
        &[
            ("CreateRoute", &format!("{route}&GatewayId={{igw}}"), "RouteAlreadyExists"),
            ("CreateRoute", &format!("{route}&DestinationCidrBlock=8.0.0.0/8&GatewayId={{igw}}"), "InvalidParameterCombination"),
            (
                "CreateRoute",
                "RouteTableId={rtb}&DestinationPrefixListId=pl-00000000000000000&GatewayId={igw}",
                "InvalidPrefixListID.NotFound",
            ),
            ("DeleteManagedPrefixList", &format!("PrefixListId={id}"), "DependencyViolation"),
            ("ModifyManagedPrefixList", &format!("PrefixListId={id}&MaxEntries=499"), "PrefixListMaxEntriesExceeded"),
        ],
    );
    w.ok("ReplaceRoute", &format!("{route}&NatGatewayId={nat}"));
    assert!(matches!(to(&w, "203.0.113.0/24"), Some(RouteTarget::NatGateway(_))));
    w.ok("DeleteRoute", &route);
    assert_eq!(to(&w, "203.0.113.0/24"), None);
    check(&mut w, &[("DeleteRoute", &route, "InvalidRoute.NotFound")]);
    // As many as it may hold count, not as many as it holds.
    let large = list(&mut w, 600, &[]);
    let route = format!("RouteTableId={{rtb}}&DestinationPrefixListId={large}&GatewayId={{igw}}");
    check(&mut w, &[("CreateRoute", &route, "RouteLimitExceeded")]);
}

#[test]
fn a_rule_may_name_a_list() {
    let mut w = with_instance();
    let id = list(&mut w, 10, &["192.0.2.0/24"]);
    let rule = format!(
        "GroupId={{sg}}&IpPermissions.1.IpProtocol=-1&IpPermissions.1.PrefixListIds.1.PrefixListId={id}\
         &IpPermissions.1.PrefixListIds.1.Description=offices"
    );
    let xml = w.ok("AuthorizeSecurityGroupIngress", &rule);
    assert_eq!((text(&xml, "prefixListId"), text(&xml, "description")), (id.clone(), "offices".into()));
    let rule_id = text(&xml, "securityGroupRuleId");
    let document = config(&w);
    let rules = document.vpcs[0].security_groups.iter().flat_map(|g| &g.rules);
    assert!(rules.clone().any(|r| r.peer == PeerMatch::PrefixList(id.parse().unwrap())));
    let told = &document.vpcs[0].prefix_lists;
    assert_eq!((told.len(), told[0].entries[0].to_string()), (1, "192.0.2.0/24".into()));
    let by = format!("Filter.1.Name=ip-permission.prefix-list-id&Filter.1.Value.1={id}");
    assert!(w.ok("DescribeSecurityGroups", &by).contains(&w.group));
    let large = list(&mut w, 60, &[]);
    let too_many = format!("GroupId={{sg}}&IpPermissions.1.IpProtocol=-1&IpPermissions.1.PrefixListIds.1.PrefixListId={large}");
    check(
        &mut w,
        &[
            ("AuthorizeSecurityGroupIngress", &rule, "InvalidPermission.Duplicate"),
            ("AuthorizeSecurityGroupIngress", &too_many, "RulesPerSecurityGroupLimitExceeded"),
            ("DeleteManagedPrefixList", &format!("PrefixListId={id}"), "DependencyViolation"),
            ("ModifyManagedPrefixList", &format!("PrefixListId={id}&MaxEntries=61"), "PrefixListMaxEntriesExceeded"),
        ],
    );
    let to = "SecurityGroupRule.1.SecurityGroupRule";
    w.ok(
        "ModifySecurityGroupRules",
        &format!(
            "GroupId={{sg}}&SecurityGroupRule.1.SecurityGroupRuleId={rule_id}&{to}.IpProtocol=-1&{to}.PrefixListId={}",
            s3_list()
        ),
    );
    assert_eq!(config(&w).vpcs[0].prefix_lists[0].entries[0].to_string(), "198.51.100.1/32");
    w.ok("RevokeSecurityGroupIngress", &format!("SecurityGroupRuleId.1={rule_id}&GroupId={{sg}}"));
    assert!(config(&w).vpcs[0].prefix_lists.is_empty());
}

#[test]
fn a_gateway_endpoint_routes_to_s3() {
    let mut w = with_instance();
    assert!(config(&w).services.is_empty());
    let service = "VpcId={vpc}&ServiceName=com.amazonaws.us-east-1.s3";
    let xml = w.ok("CreateVpcEndpoint", &format!("{service}&RouteTableId.1={{rtb}}"));
    let id = text(&xml, "vpcEndpointId");
    for part in ["<state>available</state>", "<vpcEndpointType>Gateway</vpcEndpointType>", &format!("<item>{}</item>", w.table)] {
        assert!(xml.contains(part), "{part} in {xml}");
    }
    let document = config(&w);
    let told = &document.services[0];
    assert_eq!((told.name.as_str(), told.domain.as_str()), ("s3", "s3.us-east-1.amazonaws.com"));
    assert_eq!(
        (document.vpcs[0].endpoints[0].id.to_string(), document.vpcs[0].endpoints[0].service.as_str()),
        (id.clone(), "s3")
    );
    let target = RouteTarget::Endpoint(id.parse().unwrap());
    let addresses: Vec<_> = routes(&w).into_iter().filter(|r| r.target == target).map(|r| r.destination.first()).collect();
    assert_eq!(addresses, told.addresses);
    let xml = w.ok("DescribeRouteTables", "RouteTableId.1={rtb}");
    assert!(
        xml.contains(&format!("<destinationPrefixListId>{}</destinationPrefixListId><gatewayId>{id}</gatewayId>", s3_list())),
        "{xml}"
    );
    let route = format!("RouteTableId={{rtb}}&DestinationPrefixListId={}", s3_list());
    let other = text(&w.ok("CreateVpc", "CidrBlock=10.7.0.0/16"), "vpcId");
    let far = text(&w.ok("CreateRouteTable", &format!("VpcId={other}")), "routeTableId");
    let deny =
        "%7B%22Statement%22:%7B%22Effect%22:%22Deny%22,%22Principal%22:%22*%22,%22Action%22:%22*%22,%22Resource%22:%22*%22%7D%7D";
    let allow = deny.replace("Deny", "Allow");
    let named = format!("VpcEndpointId={id}");
    check(
        &mut w,
        &[
            ("CreateVpcEndpoint", &format!("{service}&RouteTableId.1={{rtb}}"), "RouteAlreadyExists"),
            ("CreateVpcEndpoint", &format!("{service}&RouteTableId.1={far}"), "InvalidParameterValue"),
            ("CreateVpcEndpoint", &format!("{service}&RouteTableId.1=rtb-00000000000000000"), "InvalidRouteTableId.NotFound"),
            ("CreateVpcEndpoint", &format!("{service}&VpcEndpointType=Interface"), "UnsupportedOperation"),
            ("CreateVpcEndpoint", &format!("{service}&VpcEndpointType=odd"), "InvalidParameterValue"),
            ("CreateVpcEndpoint", &format!("{service}&SubnetId.1={{subnet}}"), "UnsupportedOperation"),
            ("CreateVpcEndpoint", &format!("{service}&PrivateDnsEnabled=true"), "InvalidParameterValue"),
            ("CreateVpcEndpoint", &format!("{service}&PolicyDocument=x"), "InvalidPolicyDocument"),
            ("CreateVpcEndpoint", "VpcId={vpc}&ServiceName=com.amazonaws.us-east-1.dynamodb", "InvalidServiceName"),
            ("CreateVpcEndpoint", "VpcId={vpc}", "MissingParameter"),
            ("DescribeVpcEndpointServices", "ServiceName.1=odd", "InvalidServiceName"),
            ("DescribeVpcEndpoints", "VpcEndpointId.1=vpce-00000000000000000", "InvalidVpcEndpointId.NotFound"),
            ("DescribeVpcEndpoints", "VpcEndpointId.1=x", "InvalidVpcEndpointId.Malformed"),
            ("DeleteRoute", &route, "InvalidParameterValue"),
            ("ReplaceRoute", &format!("{route}&GatewayId={{igw}}"), "InvalidParameterValue"),
            ("ModifyVpcEndpoint", &format!("{named}&AddRouteTableId.1={far}"), "InvalidParameterValue"),
            ("ModifyVpcEndpoint", &format!("{named}&PolicyDocument={allow}&ResetPolicy=true"), "InvalidParameterCombination"),
            ("CreateVpc", "CidrBlock=198.51.100.0/24", "InvalidVpc.Range"),
        ],
    );
    w.ok("ModifyVpcEndpoint", &format!("{named}&PolicyDocument={deny}&RemoveRouteTableId.1={{rtb}}"));
    assert!(!routes(&w).iter().any(|r| r.target == target));
    let policy = |w: &mut World| config(w).vpcs[0].endpoints[0].policy.clone();
    assert!(policy(&mut w).is_some_and(|p| p.contains("Deny")));
    assert!(w.ok("DescribeVpcEndpoints", "").contains("Deny"), "as it was given");
    w.ok("ModifyVpcEndpoint", &format!("{named}&AddRouteTableId.1={{rtb}}&ResetPolicy=true"));
    assert_eq!(policy(&mut w), None);
    assert_eq!(
        texts(&w.ok("DescribeVpcEndpoints", "Filter.1.Name=vpc-id&Filter.1.Value.1={vpc}"), "vpcEndpointId"),
        std::slice::from_ref(&id)
    );
    assert!(w.ok("DescribeVpcEndpointServices", "").contains("<serviceType>Gateway</serviceType>"));
    let xml = w.ok("DescribePrefixLists", "");
    assert!(
        xml.contains("<prefixListName>com.amazonaws.us-east-1.s3</prefixListName>") && xml.contains("198.51.100.1/32"),
        "{xml}"
    );
    let xml = w.ok("DeleteVpcEndpoints", &format!("VpcEndpointId.1={id}&VpcEndpointId.2=vpce-00000000000000000"));
    assert_eq!((texts(&xml, "resourceId").len(), text(&xml, "code")), (1, "InvalidVpcEndpoint.NotFound".into()));
    assert!(config(&w).services.is_empty() && !routes(&w).iter().any(|r| r.target == target));
}
