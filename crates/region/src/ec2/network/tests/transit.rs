//! Transit gateways: attachments, tables, and the routes that VPCs find.

use super::errors::check;
use super::*;
use crate::compile::cell_config;
use crate::ec2::testing::texts;
use types::Generation;
use wire::cell::CellConfig;
use wire::net::{RouteTarget, TransitTarget, VpcConfig};

fn config(w: &World) -> CellConfig {
    cell_config(&w.h.db, &w.h.settings, &"a1".parse().unwrap(), Generation(1))
}

fn own(w: &World) -> VpcConfig {
    config(w).vpcs.into_iter().find(|v| v.id.to_string() == w.vpc).unwrap()
}

/// Destinations and targets of the world's VPC at its one gateway.
fn found(w: &World) -> Vec<(String, TransitTarget)> {
    let transit = own(w).transit;
    assert_eq!(transit.len(), 1);
    transit[0].routes.iter().map(|r| (r.destination.to_string(), r.target)).collect()
}

/// An instance, a second VPC, a gateway, both attached.
struct Hub {
    w: World,
    other: String,
    gateway: String,
    table: String,
    ours: String,
    theirs: String,
}

fn attach(w: &mut World, gateway: &str, vpc: &str, subnet: &str) -> String {
    let request = format!("TransitGatewayId={gateway}&VpcId={vpc}&SubnetIds.1={subnet}");
    let xml = w.ok("CreateTransitGatewayVpcAttachment", &request);
    assert_eq!(text(&xml, "state"), "pending");
    text(&xml, "transitGatewayAttachmentId")
}

fn hub() -> Hub {
    let mut w = world();
    let subnet = w.subnet.clone();
    run_instance(&mut w.h, &subnet);
    let other = text(&w.ok("CreateVpc", "CidrBlock=10.7.0.0/16"), "vpcId");
    let far = w.ok("CreateSubnet", &format!("VpcId={other}&CidrBlock=10.7.1.0/24&AvailabilityZone=us-east-1a"));
    let far = text(&far, "subnetId");
    let xml = w.ok("CreateTransitGateway", "Description=hub&Options.AmazonSideAsn=64600");
    let (gateway, table) = (text(&xml, "transitGatewayId"), text(&xml, "associationDefaultRouteTableId"));
    assert_eq!(text(&xml, "propagationDefaultRouteTableId"), table);
    let (vpc, subnet) = (w.vpc.clone(), w.subnet.clone());
    let ours = attach(&mut w, &gateway, &vpc, &subnet);
    let theirs = attach(&mut w, &gateway, &other, &far);
    Hub { w, other, gateway, table, ours, theirs }
}

#[test]
fn attached_vpcs_reach_each_other_by_the_default_table() {
    let mut h = hub();
    let w = &mut h.w;
    w.ok("CreateRoute", &format!("RouteTableId={{rtb}}&DestinationCidrBlock=10.0.0.0/8&TransitGatewayId={}", h.gateway));
    let document = config(w);
    assert_eq!(document.vpcs.len(), 2, "the VPC that is reached is told");
    let gateway = h.gateway.parse().unwrap();
    let vpc = own(w);
    assert!(vpc.route_tables.iter().flat_map(|t| &t.routes).any(|r| r.target == RouteTarget::TransitGateway(gateway)));
    let found = found(w);
    assert_eq!(found.iter().map(|f| f.0.as_str()).collect::<Vec<_>>(), ["10.0.0.0/16", "10.7.0.0/16"]);
    let main = w.ok("DescribeRouteTables", &format!("Filter.1.Name=vpc-id&Filter.1.Value.1={}", h.other));
    let target = TransitTarget::Vpc { vpc: h.other.parse().unwrap(), table: text(&main, "routeTableId").parse().unwrap() };
    assert_eq!(found[1].1, target);
    let xml = w.ok("DescribeTransitGatewayAttachments", &format!("Filter.1.Name=resource-id&Filter.1.Value.1={}", h.other));
    assert_eq!(
        (text(&xml, "transitGatewayAttachmentId"), text(&xml, "transitGatewayRouteTableId")),
        (h.theirs.clone(), h.table.clone())
    );
    let of = format!("TransitGatewayRouteTableId={}", h.table);
    assert_eq!(texts(&w.ok("GetTransitGatewayRouteTableAssociations", &of), "resourceId").len(), 2);
    assert_eq!(texts(&w.ok("GetTransitGatewayRouteTablePropagations", &of), "resourceId").len(), 2);
    let xml = w.ok("GetTransitGatewayAttachmentPropagations", &format!("TransitGatewayAttachmentId={}", h.ours));
    assert_eq!(text(&xml, "transitGatewayRouteTableId"), h.table);
    check(
        w,
        &[
            ("DeleteSubnet", "SubnetId={subnet}", "DependencyViolation"),
            ("DeleteVpc", &format!("VpcId={}", h.other), "DependencyViolation"),
            ("DeleteTransitGateway", &format!("TransitGatewayId={}", h.gateway), "IncorrectState"),
            ("DeleteTransitGatewayRouteTable", &of, "IncorrectState"),
        ],
    );
    w.ok("DeleteTransitGatewayVpcAttachment", &format!("TransitGatewayAttachmentId={}", h.ours));
    assert!(w.ok("DescribeRouteTables", "RouteTableId.1={rtb}").contains("<state>blackhole</state>"));
    assert!(own(w).transit.is_empty());
    w.ok("DeleteTransitGatewayVpcAttachment", &format!("TransitGatewayAttachmentId={}", h.theirs));
    w.ok("DeleteTransitGateway", &format!("TransitGatewayId={}", h.gateway));
    assert_eq!(w.h.db.all::<crate::rows::TransitRouteTable>().count(), 0);
}

#[test]
fn static_routes_win_and_tables_can_be_told_apart() {
    let mut h = hub();
    let w = &mut h.w;
    let of = |table: &str| format!("TransitGatewayRouteTableId={table}");
    let blackhole = format!("{}&DestinationCidrBlock=10.7.0.0/16", of(&h.table));
    let xml = w.ok("CreateTransitGatewayRoute", &format!("{blackhole}&Blackhole=true"));
    assert_eq!((text(&xml, "state"), text(&xml, "type")), ("blackhole".into(), "static".into()));
    assert_eq!(found(w)[1], ("10.7.0.0/16".into(), TransitTarget::Blackhole));
    w.ok("ReplaceTransitGatewayRoute", &format!("{blackhole}&TransitGatewayAttachmentId={}", h.theirs));
    assert!(matches!(found(w)[1].1, TransitTarget::Vpc { .. }));
    w.ok("DeleteTransitGatewayRoute", &blackhole);
    assert!(matches!(found(w)[1].1, TransitTarget::Vpc { .. }), "the propagated one is back");
    // Another table, from which only a default route leads on.
    let second = text(&w.ok("CreateTransitGatewayRouteTable", &format!("TransitGatewayId={}&TagSpecifications.1.ResourceType=transit-gateway-route-table&TagSpecifications.1.Tag.1.Key=a&TagSpecifications.1.Tag.1.Value=b", h.gateway)), "transitGatewayRouteTableId");
    assert!(w.ok("DescribeTransitGatewayRouteTables", "Filter.1.Name=tag:a&Filter.1.Value.1=b").contains(&second));
    let pair = |table: &str, attachment: &str| format!("{}&TransitGatewayAttachmentId={attachment}", of(table));
    check(w, &[("AssociateTransitGatewayRouteTable", &pair(&second, &h.ours), "Resource.AlreadyAssociated")]);
    w.ok("DisassociateTransitGatewayRouteTable", &pair(&h.table, &h.ours));
    assert!(found(w).is_empty());
    w.ok("AssociateTransitGatewayRouteTable", &pair(&second, &h.ours));
    w.ok(
        "CreateTransitGatewayRoute",
        &format!("{}&DestinationCidrBlock=0.0.0.0/0&TransitGatewayAttachmentId={}", of(&second), h.theirs),
    );
    assert_eq!(found(w).len(), 1);
    w.ok("EnableTransitGatewayRouteTablePropagation", &pair(&second, &h.theirs));
    assert_eq!(found(w).len(), 2);
    check(
        w,
        &[
            (
                "EnableTransitGatewayRouteTablePropagation",
                &pair(&second, &h.theirs),
                "TransitGatewayRouteTablePropagation.Duplicate",
            ),
            (
                "DisableTransitGatewayRouteTablePropagation",
                &pair(&second, &h.ours),
                "TransitGatewayRouteTablePropagation.NotFound",
            ),
            ("DisassociateTransitGatewayRouteTable", &pair(&h.table, &h.ours), "InvalidAssociation.NotFound"),
            ("DeleteTransitGatewayRouteTable", &of(&second), "IncorrectState"),
        ],
    );
    let search = |w: &mut World, filter: &str, value: &str| {
        let xml = w.ok("SearchTransitGatewayRoutes", &format!("{}&Filter.1.Name={filter}&Filter.1.Value.1={value}", of(&second)));
        texts(&xml, "destinationCidrBlock")
    };
    assert_eq!(search(w, "type", "static"), ["0.0.0.0/0"]);
    assert_eq!(search(w, "state", "active"), ["0.0.0.0/0", "10.7.0.0/16"]);
    assert_eq!(search(w, "route-search.longest-prefix-match", "10.7.9.9/32"), ["10.7.0.0/16"]);
    assert_eq!(search(w, "route-search.longest-prefix-match", "10.9.9.9/32"), ["0.0.0.0/0"]);
    assert_eq!(search(w, "route-search.supernet-of-match", "10.7.0.0/24"), ["0.0.0.0/0", "10.7.0.0/16"]);
    assert_eq!(search(w, "route-search.subnet-of-match", "10.0.0.0/8"), ["10.7.0.0/16"]);
    assert_eq!(search(w, "route-search.exact-match", "0.0.0.0/0"), ["0.0.0.0/0"]);
    check(
        w,
        &[
            ("SearchTransitGatewayRoutes", &of(&second), "MissingParameter"),
            (
                "SearchTransitGatewayRoutes",
                &format!("{}&Filter.1.Name=route-search.odd&Filter.1.Value.1=10.0.0.0/8", of(&second)),
                "InvalidParameterValue",
            ),
        ],
    );
    w.ok("DisableTransitGatewayRouteTablePropagation", &pair(&second, &h.theirs));
    assert_eq!(found(w).len(), 1);
    // A static route to an attachment that is gone is a blackhole.
    w.ok("DeleteTransitGatewayVpcAttachment", &format!("TransitGatewayAttachmentId={}", h.theirs));
    assert_eq!(found(w), [("0.0.0.0/0".into(), TransitTarget::Blackhole)]);
}

#[test]
fn gateways_and_attachments_are_modified() {
    let mut h = hub();
    let w = &mut h.w;
    let gateway = format!("TransitGatewayId={}", h.gateway);
    let second = text(&w.ok("CreateTransitGatewayRouteTable", &gateway), "transitGatewayRouteTableId");
    w.ok(
        "ModifyTransitGateway",
        &format!("{gateway}&Description=new&Options.PropagationDefaultRouteTableId={second}&Options.DefaultRouteTableAssociation=disable"),
    );
    let xml = w.ok("DescribeTransitGateways", &format!("TransitGatewayIds.1={}", h.gateway));
    for part in [
        "<description>new</description>",
        "<amazonSideAsn>64600</amazonSideAsn>",
        "<defaultRouteTableAssociation>disable</defaultRouteTableAssociation>",
        &format!("<propagationDefaultRouteTableId>{second}</propagationDefaultRouteTableId>"),
        "<state>available</state>",
    ] {
        assert!(xml.contains(part), "{part} in {xml}");
    }
    let more = w.ok("CreateSubnet", "VpcId={vpc}&CidrBlock=10.0.2.0/24&AvailabilityZone=us-east-1b");
    let more = text(&more, "subnetId");
    let attachment = format!("TransitGatewayAttachmentId={}", h.ours);
    w.ok("ModifyTransitGatewayVpcAttachment", &format!("{attachment}&AddSubnetIds.1={more}"));
    w.ok("ModifyTransitGatewayVpcAttachment", &format!("{attachment}&RemoveSubnetIds.1={{subnet}}"));
    let xml = w.ok("DescribeTransitGatewayVpcAttachments", &format!("TransitGatewayAttachmentIds.1={}", h.ours));
    assert!(xml.contains(&format!("<subnetIds><item>{more}</item></subnetIds>")), "{xml}");
    let same = w.ok("CreateSubnet", "VpcId={vpc}&CidrBlock=10.0.3.0/24&AvailabilityZone=us-east-1b");
    let same = text(&same, "subnetId");
    let attach = format!("{gateway}&VpcId={{vpc}}");
    let create = "CreateTransitGatewayVpcAttachment";
    let route = format!("TransitGatewayRouteTableId={second}&DestinationCidrBlock=10.0.0.0/8");
    w.ok("CreateTransitGatewayRoute", &format!("{route}&Blackhole=true"));
    check(
        w,
        &[
            ("ModifyTransitGatewayVpcAttachment", &format!("{attachment}&AddSubnetIds.1={same}"), "DuplicateSubnetsInSameZone"),
            (
                "ModifyTransitGatewayVpcAttachment",
                &format!("{attachment}&RemoveSubnetIds.1={more}"),
                "InsufficientSubnetsException",
            ),
            (
                "ModifyTransitGatewayVpcAttachment",
                &format!("{attachment}&Options.ApplianceModeSupport=enable"),
                "UnsupportedOperation",
            ),
            ("ModifyTransitGateway", &format!("{gateway}&Options.DefaultRouteTableAssociation=enable"), "MissingParameter"),
            ("ModifyTransitGateway", &format!("{gateway}&Options.AutoAcceptSharedAttachments=enable"), "UnsupportedOperation"),
            (
                "ModifyTransitGateway",
                &format!("{gateway}&Options.AddTransitGatewayCidrBlocks.1=10.0.0.0/24"),
                "UnsupportedOperation",
            ),
            ("CreateTransitGateway", "Options.MulticastSupport=enable", "UnsupportedOperation"),
            ("CreateTransitGateway", "Options.DnsSupport=odd", "InvalidParameterValue"),
            ("CreateTransitGateway", "Options.AmazonSideAsn=65535", "InvalidParameterValue"),
            (create, &attach, "MissingParameter"),
            (create, &format!("{attach}&SubnetIds.1={same}"), "DuplicateTransitGatewayAttachment"),
            (create, &format!("{attach}&SubnetIds.1={same}&SubnetIds.2={more}"), "DuplicateSubnetsInSameZone"),
            (create, &format!("{gateway}&VpcId={}&SubnetIds.1={same}", h.other), "InvalidParameterValue"),
            (
                create,
                "TransitGatewayId=tgw-00000000000000000&VpcId={vpc}&SubnetIds.1={subnet}",
                "InvalidTransitGatewayID.NotFound",
            ),
            ("CreateTransitGatewayRoute", &format!("{route}&Blackhole=true"), "RouteAlreadyExists"),
            ("CreateTransitGatewayRoute", &route, "MissingParameter"),
            (
                "CreateTransitGatewayRoute",
                &format!("{route}&Blackhole=true&TransitGatewayAttachmentId={}", h.ours),
                "InvalidParameterCombination",
            ),
            (
                "DeleteTransitGatewayRoute",
                &format!("TransitGatewayRouteTableId={second}&DestinationCidrBlock=11.0.0.0/8"),
                "InvalidRoute.NotFound",
            ),
            (
                "DeleteTransitGatewayRouteTable",
                "TransitGatewayRouteTableId=tgw-rtb-00000000000000000",
                "InvalidRouteTableID.NotFound",
            ),
            (
                "DeleteTransitGatewayVpcAttachment",
                "TransitGatewayAttachmentId=tgw-attach-00000000000000000",
                "InvalidTransitGatewayAttachmentID.NotFound",
            ),
        ],
    );
    // No route to a gateway that the VPC is not attached to.
    let alone = text(&w.ok("CreateTransitGateway", ""), "transitGatewayId");
    let route = format!("RouteTableId={{rtb}}&DestinationCidrBlock=10.0.0.0/8&TransitGatewayId={alone}");
    check(w, &[("CreateRoute", &route, "InvalidTransitGatewayID.NotFound")]);
}
