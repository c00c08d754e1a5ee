//! Finding rows by the ids that requests name, with the error codes that EC2 has for each kind.
//!
//! The codes are spelled irregularly (`InvalidVpcID.Malformed`, but `InvalidGroupId.Malformed`); they are copied from the
//! EC2 API reference, "Error codes". Rows of other accounts do not exist here.

use crate::context::Ctx;
use crate::db::Row;
use crate::filter::Filters;
use crate::page::page;
use crate::rows::{
    Address, CapacityReservation, DedicatedHost, DhcpOptions, EgressOnlyGateway, FlowLog, Instance, Interface, InternetGateway,
    LaunchTemplate, NatGateway, NetworkAcl, PlacementGroup, PrefixList, RouteTable, SecurityGroup, SpotRequest, Subnet,
    TransitAttachment, TransitGateway, TransitRouteTable, Vpc, VpcEndpoint,
};
use aws_protocol::{AwsError, ec2};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::rc::Rc;
use std::str::FromStr;
use types::{
    AllocationId, CapacityReservationId, DedicatedHostId, DhcpOptionsId, EgressOnlyInternetGatewayId, FlowLogId, InstanceId,
    InterfaceId, InternetGatewayId, LaunchTemplateId, NatGatewayId, NetworkAclId, PeeringId, PlacementGroupId, PrefixListId,
    RouteTableId, SecurityGroupId, SpotRequestId, SubnetId, TransitAttachmentId, TransitGatewayId, TransitRouteTableId,
    VpcEndpointId, VpcId,
};

/// The error codes of a kind of id.
#[derive(Debug, Clone, Copy)]
pub struct IdCodes {
    pub prefix: &'static str,
    /// "vpc ID" in "The vpc ID 'vpc-1' does not exist".
    pub noun: &'static str,
    pub not_found: &'static str,
    /// `None`: EC2 has no such code, an id that cannot be is one that is not found.
    pub malformed: Option<&'static str>,
}

impl IdCodes {
    pub fn not_found(&self, id: &str) -> AwsError {
        AwsError::not_found(self.not_found, self.noun, id)
    }

    pub fn parse<T: FromStr>(&self, id: &str) -> Result<T, AwsError> {
        id.parse().map_err(|_| match self.malformed {
            None => self.not_found(id),
            Some(code) => {
                let mut e = AwsError::malformed_id(code, id);
                e.message.push_str(&format!(" (expecting \"{}-...\")", self.prefix));
                e
            }
        })
    }
}

/// A row that requests name by id.
pub trait Resource: Row {
    type Id: FromStr + Display + Copy;
    const CODES: IdCodes;
}

macro_rules! resources {
    ($($row:ident $id:ident $noun:literal, $not_found:literal, $malformed:expr;)*) => {$(
        impl Resource for $row {
            type Id = $id;
            const CODES: IdCodes =
                IdCodes { prefix: $id::PREFIX, noun: $noun, not_found: $not_found, malformed: $malformed };
        }
    )*};
}

resources! {
    Vpc VpcId "vpc ID", "InvalidVpcID.NotFound", Some("InvalidVpcID.Malformed");
    Subnet SubnetId "subnet ID", "InvalidSubnetID.NotFound", Some("InvalidSubnetID.Malformed");
    SecurityGroup SecurityGroupId "security group", "InvalidGroup.NotFound", Some("InvalidGroupId.Malformed");
    NetworkAcl NetworkAclId "networkAcl ID", "InvalidNetworkAclID.NotFound", Some("InvalidNetworkAclId.Malformed");
    NatGateway NatGatewayId "NAT gateway", "NatGatewayNotFound", Some("NatGatewayMalformed");
    DhcpOptions DhcpOptionsId "dhcpOption ID", "InvalidDhcpOptionID.NotFound", Some("InvalidDhcpOptionsId.Malformed");
    PrefixList PrefixListId "prefix list ID", "InvalidPrefixListID.NotFound", Some("InvalidPrefixListId.Malformed");
    FlowLog FlowLogId "flow log ID", "InvalidFlowLogId.NotFound", Some("InvalidFlowLogId.Malformed");
    VpcEndpoint VpcEndpointId "Vpc Endpoint Id", "InvalidVpcEndpointId.NotFound", Some("InvalidVpcEndpointId.Malformed");
    TransitGateway TransitGatewayId "transitGateway ID",
        "InvalidTransitGatewayID.NotFound", Some("InvalidTransitGatewayID.Malformed");
    TransitAttachment TransitAttachmentId "transitGatewayAttachment ID",
        "InvalidTransitGatewayAttachmentID.NotFound", Some("InvalidTransitGatewayAttachmentID.Malformed");
    TransitRouteTable TransitRouteTableId "transitGatewayRouteTable ID",
        "InvalidRouteTableID.NotFound", Some("InvalidRouteTableId.Malformed");
    RouteTable RouteTableId "routeTable ID", "InvalidRouteTableID.NotFound", Some("InvalidRouteTableId.Malformed");
    InternetGateway InternetGatewayId "internetGateway ID",
        "InvalidInternetGatewayID.NotFound", Some("InvalidInternetGatewayId.Malformed");
    EgressOnlyGateway EgressOnlyInternetGatewayId "egressOnlyInternetGateway ID",
        "InvalidEgressOnlyInternetGatewayId.NotFound", Some("InvalidEgressOnlyInternetGatewayId.Malformed");
    Interface InterfaceId "networkInterface ID",
        "InvalidNetworkInterfaceID.NotFound", Some("InvalidNetworkInterfaceId.Malformed");
    Address AllocationId "allocation ID", "InvalidAllocationID.NotFound", None;
    LaunchTemplate LaunchTemplateId "launch template ID",
        "InvalidLaunchTemplateId.NotFound", Some("InvalidLaunchTemplateId.Malformed");
    PlacementGroup PlacementGroupId "placement group ID",
        "InvalidPlacementGroup.Unknown", Some("InvalidPlacementGroupId.Malformed");
    CapacityReservation CapacityReservationId "Capacity Reservation ID",
        "InvalidCapacityReservationId.NotFound", Some("InvalidCapacityReservationId.Malformed");
    DedicatedHost DedicatedHostId "host ID", "InvalidHostID.NotFound", Some("InvalidHostID.Malformed");
    SpotRequest SpotRequestId "spot instance request ID",
        "InvalidSpotInstanceRequestID.NotFound", Some("InvalidSpotInstanceRequestID.Malformed");
    Instance InstanceId "instance ID", "InvalidInstanceID.NotFound", Some("InvalidInstanceID.Malformed");
}

pub const RULE_CODES: IdCodes = IdCodes {
    prefix: "sgr",
    noun: "security group rule ID",
    not_found: "InvalidSecurityGroupRuleId.NotFound",
    malformed: Some("InvalidSecurityGroupRuleId.Malformed"),
};
/// Of route tables and of addresses.
pub const ASSOCIATION_CODES: IdCodes =
    IdCodes { prefix: "", noun: "association ID", not_found: "InvalidAssociationID.NotFound", malformed: None };
pub const PEERING_CODES: IdCodes = IdCodes {
    prefix: PeeringId::PREFIX,
    noun: "vpcPeeringConnection ID",
    not_found: "InvalidVpcPeeringConnectionID.NotFound",
    malformed: Some("InvalidVpcPeeringConnectionId.Malformed"),
};

/// The caller's row of that id.
pub fn find<R: Resource>(ctx: &Ctx, id: &str) -> Result<Rc<R>, AwsError> {
    let parsed: R::Id = R::CODES.parse(id)?;
    ctx.db.get::<R>(&ctx.caller.account, parsed).ok_or_else(|| R::CODES.not_found(id))
}

/// A parameter that the operation cannot do without.
pub fn required<'a>(value: &'a Option<String>, wire_name: &str) -> Result<&'a str, AwsError> {
    value.as_deref().filter(|v| !v.is_empty()).ok_or_else(|| AwsError::missing_parameter(wire_name))
}

/// What a Describe asks for, besides which fields its filters know.
pub struct Listing<'a> {
    pub ids: &'a Option<Vec<String>>,
    pub filters: &'a Option<Vec<ec2::Filter>>,
    pub max_results: Option<i32>,
    pub next_token: &'a Option<String>,
}

impl Listing<'_> {
    pub fn names_ids(&self) -> bool {
        self.ids.as_ref().is_some_and(|ids| !ids.is_empty())
    }

    /// The caller's rows that are asked for, and the token of the next page.
    pub fn rows<R: Resource>(
        &self,
        ctx: &Ctx,
        names: &[&str],
        field: impl Fn(&R, &str) -> Option<Vec<String>>,
    ) -> Result<(Vec<Rc<R>>, Option<String>), AwsError> {
        let rows: Vec<Rc<R>> = if self.names_ids() {
            let mut named = BTreeMap::new();
            for id in self.ids.iter().flatten() {
                let row = find::<R>(ctx, id)?;
                named.insert(row.id(), row);
            }
            named.into_values().collect()
        } else {
            ctx.db.list::<R>(&ctx.caller.account).collect()
        };
        self.select(rows, |r| ctx.tags(r.id()), names, |r, name| field(r, name), |r| r.id())
    }

    /// The same for items that are not rows; they come sorted by `key`.
    pub fn select<T>(
        &self,
        items: Vec<T>,
        tags: impl Fn(&T) -> BTreeMap<String, String>,
        names: &[&str],
        field: impl Fn(&T, &str) -> Option<Vec<String>>,
        key: impl Fn(&T) -> String,
    ) -> Result<(Vec<T>, Option<String>), AwsError> {
        let items = Filters::new(self.filters)?.select(items, tags, field, names)?;
        page(items, self.max_results, self.next_token, self.names_ids(), key)
    }
}

/// A filter field with one value.
pub fn one(value: impl ToString) -> Option<Vec<String>> {
    Some(vec![value.to_string()])
}

/// A filter field with any number of values.
pub fn many<T: ToString>(values: impl IntoIterator<Item = T>) -> Option<Vec<String>> {
    Some(values.into_iter().map(|v| v.to_string()).collect())
}
