//! Gateway endpoints: a route from chosen tables to S3's addresses, which each card hands on without leaving the VPC.
//!
//! The gateway judges what comes through one by its policy. Interface endpoints are refused by name.
//! Source: "Gateway endpoints" in the AWS PrivateLink guide.

use super::lookup::{IdCodes, Listing, Resource, find, many, one, required};
use super::prefix_list;
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::rows::{PrefixRoute, RouteRowTarget, RouteTable, Vpc, VpcEndpoint};
use crate::tags;
use aws_protocol::{AwsError, ec2};
use iam::{Policy, PolicyKind};
use platform::Settings;
use std::net::Ipv4Addr;
use std::rc::Rc;
use types::{RouteTableId, VpcEndpointId};
use wire::net::ServiceConfig;

const S3: &str = "s3";
/// "Amazon VPC quotas" in the VPC user guide.
const ENDPOINTS_PER_REGION_MAX: usize = 20;
/// Of documentation (TEST-NET-2, RFC 5737), so of nobody; no VPC may have them.
pub const S3_ADDRESSES: [Ipv4Addr; 1] = [Ipv4Addr::new(198, 51, 100, 1)];
/// "Endpoint policies for gateway endpoints", PrivateLink guide: 20,480 characters, white space included.
const POLICY_BYTES_MAX: usize = 20_480;
/// What a gateway endpoint without a policy shows.
const ALLOW_ALL: &str =
    r#"{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;

/// Of endpoint operations, which have a code of their own.
const TABLE_CODES: IdCodes = IdCodes {
    prefix: RouteTableId::PREFIX,
    noun: "route table ID",
    not_found: "InvalidRouteTableId.NotFound",
    malformed: Some("InvalidRouteTableId.Malformed"),
};

pub fn register(table: &mut Table) {
    table.op::<ec2::CreateVpcEndpointRequest>(
        &["VpcId", "ServiceName", "VpcEndpointType", "RouteTableId.N", "PolicyDocument", "PrivateDnsEnabled", "IpAddressType"],
        &["vpc-endpoint"],
        create,
    );
    table.op::<ec2::ModifyVpcEndpointRequest>(
        &["VpcEndpointId", "AddRouteTableId.N", "RemoveRouteTableId.N", "PolicyDocument", "ResetPolicy"],
        &[],
        modify,
    );
    table.op::<ec2::DeleteVpcEndpointsRequest>(&["VpcEndpointId.N"], &[], delete);
    table.op::<ec2::DescribeVpcEndpointsRequest>(&["VpcEndpointId.N"], &[], describe);
    table.op::<ec2::DescribeVpcEndpointServicesRequest>(&["ServiceName.N"], &[], describe_services);
}

/// `com.amazonaws.us-east-1.s3`
pub fn service_name(settings: &Settings) -> String {
    format!("com.amazonaws.{}.{S3}", settings.region)
}

/// What endpoints lead to, for the switch.
pub fn services_to_wire(settings: &Settings) -> Vec<ServiceConfig> {
    vec![ServiceConfig {
        name: S3.to_owned(),
        domain: format!("{S3}.{}.amazonaws.com", settings.region),
        addresses: S3_ADDRESSES.to_vec(),
    }]
}

fn no_such_service(name: &str) -> AwsError {
    let shown: String = name.chars().take(128).collect();
    AwsError::new("InvalidServiceName", format!("The Vpc Endpoint Service '{shown}' does not exist"))
}

/// A policy that the gateway can judge by; empty is none.
fn policy_of(given: &Option<String>) -> Result<Option<String>, AwsError> {
    let Some(text) = given.as_deref().filter(|t| !t.is_empty()) else { return Ok(None) };
    let invalid = |e: iam::PolicyError| AwsError::new("InvalidPolicyDocument", format!("The policy document is not valid: {e}"));
    Policy::parse_within(text, PolicyKind::Resource, POLICY_BYTES_MAX).map_err(invalid)?;
    Ok(Some(text.to_owned()))
}

fn create(ctx: &mut Ctx, req: Authorized<ec2::CreateVpcEndpointRequest>) -> OpResult<ec2::CreateVpcEndpointResult> {
    let vpc = find::<Vpc>(ctx, required(&req.vpc_id, "VpcId")?)?;
    match req.vpc_endpoint_type.as_deref() {
        None | Some("Gateway") => {}
        Some(kind @ ("Interface" | "GatewayLoadBalancer" | "Resource" | "ServiceNetwork")) => {
            let message =
                format!("Endpoints of the type {kind} are not supported by this region: VpcEndpointType must be Gateway.");
            return Err(AwsError::unsupported_operation(message).into());
        }
        Some(other) => return Err(AwsError::invalid_value("vpcEndpointType", other, "Expected Gateway.").into()),
    }
    if req.private_dns_enabled == Some(true) {
        let message = "Private DNS can't be enabled for a gateway endpoint.";
        return Err(AwsError::invalid_parameter_value(message).into());
    }
    if let Some(kind) = req.ip_address_type.as_deref().filter(|k| *k != "ipv4") {
        let message = format!("IpAddressType {} is not supported by this region.", kind.chars().take(32).collect::<String>());
        return Err(AwsError::unsupported_operation(message).into());
    }
    let name = required(&req.service_name, "ServiceName")?;
    if name != service_name(ctx.settings) {
        return Err(no_such_service(name).into());
    }
    let policy = policy_of(&req.policy_document)?;
    if ctx.db.list::<VpcEndpoint>(&vpc.account).count() >= ENDPOINTS_PER_REGION_MAX {
        let message = "The maximum number of VPC endpoints has been reached.";
        return Err(AwsError::new("VpcEndpointLimitExceeded", message).into());
    }
    let mut endpoint = VpcEndpoint {
        account: vpc.account.clone(),
        id: ctx.new_id(VpcEndpointId::from_random),
        vpc: vpc.id,
        service: S3.to_owned(),
        route_tables: Vec::new(),
        created: ctx.now,
        policy,
    };
    add_routes(ctx, &mut endpoint, &req.route_table_ids)?;
    ctx.tag(endpoint.id, tags::specified(&req.tag_specifications, "vpc-endpoint")?)?;
    ctx.db.put(endpoint.clone());
    let vpc_endpoint = Some(to_ec2_endpoint(ctx, &endpoint));
    Ok(ec2::CreateVpcEndpointResult { client_token: req.client_token.clone(), vpc_endpoint })
}

fn table_of(ctx: &Ctx, endpoint: &VpcEndpoint, id: &str) -> Result<Rc<RouteTable>, AwsError> {
    let parsed: RouteTableId = TABLE_CODES.parse(id)?;
    let table = ctx.db.get::<RouteTable>(&endpoint.account, parsed).ok_or_else(|| TABLE_CODES.not_found(id))?;
    if table.vpc != endpoint.vpc {
        let message = format!("Route table {id} and network {} belong to different networks", endpoint.vpc);
        return Err(AwsError::invalid_parameter_value(message));
    }
    Ok(table)
}

fn add_routes(ctx: &mut Ctx, endpoint: &mut VpcEndpoint, tables: &Option<Vec<String>>) -> Result<(), AwsError> {
    for id in tables.iter().flatten() {
        let table = table_of(ctx, endpoint, id)?;
        let list = prefix_list::s3_list();
        if table.prefix_routes.iter().any(|r| r.list == list) {
            let message = format!("route table {id} already has a route with destination-prefix-list-id {list}");
            return Err(AwsError::new("RouteAlreadyExists", message));
        }
        let route = PrefixRoute { list, target: RouteRowTarget::Endpoint(endpoint.id) };
        ctx.db.update::<RouteTable>(&table.account, table.id, |t| t.prefix_routes.push(route));
        endpoint.route_tables.push(table.id);
    }
    Ok(())
}

fn drop_route(ctx: &mut Ctx, endpoint: &VpcEndpoint, table: RouteTableId) {
    let target = RouteRowTarget::Endpoint(endpoint.id);
    ctx.db.update::<RouteTable>(&endpoint.account, table, |t| t.prefix_routes.retain(|r| r.target != target));
}

fn modify(ctx: &mut Ctx, req: Authorized<ec2::ModifyVpcEndpointRequest>) -> OpResult<ec2::ModifyVpcEndpointResult> {
    let endpoint = find::<VpcEndpoint>(ctx, required(&req.vpc_endpoint_id, "VpcEndpointId")?)?;
    let mut endpoint = (*endpoint).clone();
    if req.reset_policy == Some(true) && req.policy_document.is_some() {
        let message = "PolicyDocument and ResetPolicy cannot be used together.";
        return Err(AwsError::invalid_parameter_combination(message).into());
    }
    if req.reset_policy == Some(true) {
        endpoint.policy = None;
    } else if req.policy_document.is_some() {
        endpoint.policy = policy_of(&req.policy_document)?;
    }
    for id in req.remove_route_table_ids.iter().flatten() {
        let table = table_of(ctx, &endpoint, id)?;
        if !endpoint.route_tables.contains(&table.id) {
            let message = format!("Route table {id} is not associated with the endpoint {}.", endpoint.id);
            return Err(AwsError::invalid_parameter_value(message).into());
        }
        drop_route(ctx, &endpoint, table.id);
        endpoint.route_tables.retain(|t| *t != table.id);
    }
    add_routes(ctx, &mut endpoint, &req.add_route_table_ids)?;
    ctx.db.put(endpoint);
    Ok(ec2::ModifyVpcEndpointResult { r#return: Some(true) })
}

/// Deletes those that there are, and says which there are not.
fn delete(ctx: &mut Ctx, req: Authorized<ec2::DeleteVpcEndpointsRequest>) -> OpResult<ec2::DeleteVpcEndpointsResult> {
    let ids = req.vpc_endpoint_ids.clone().unwrap_or_default();
    if ids.is_empty() {
        return Err(AwsError::missing_parameter("VpcEndpointId").into());
    }
    let mut unsuccessful = Vec::new();
    for id in ids {
        match find::<VpcEndpoint>(ctx, &id) {
            Ok(endpoint) => {
                for table in &endpoint.route_tables {
                    drop_route(ctx, &endpoint, *table);
                }
                ctx.untag(endpoint.id);
                ctx.db.delete::<VpcEndpoint>(&endpoint.account, endpoint.id);
            }
            Err(e) if e.is(VpcEndpoint::CODES.not_found) => unsuccessful.push(ec2::UnsuccessfulItem {
                error: Some(ec2::UnsuccessfulItemError {
                    code: Some("InvalidVpcEndpoint.NotFound".to_owned()),
                    message: Some(e.message.clone()),
                }),
                resource_id: Some(id),
            }),
            Err(e) => return Err(e.into()),
        }
    }
    Ok(ec2::DeleteVpcEndpointsResult { unsuccessful: Some(unsuccessful) })
}

const FILTERS: &[&str] = &[
    "ip-address-type",
    "service-name",
    "service-region",
    "vpc-endpoint-id",
    "vpc-endpoint-state",
    "vpc-endpoint-type",
    "vpc-id",
];

fn describe(ctx: &mut Ctx, req: Authorized<ec2::DescribeVpcEndpointsRequest>) -> OpResult<ec2::DescribeVpcEndpointsResult> {
    let listing =
        Listing { ids: &req.vpc_endpoint_ids, filters: &req.filters, max_results: req.max_results, next_token: &req.next_token };
    let (rows, next_token) = listing.rows::<VpcEndpoint>(ctx, FILTERS, |e, name| match name {
        "ip-address-type" => one("ipv4"),
        "service-name" => one(service_name(ctx.settings)),
        "service-region" => one(&ctx.settings.region),
        "vpc-endpoint-id" => one(e.id),
        "vpc-endpoint-state" => one("available"),
        "vpc-endpoint-type" => one("Gateway"),
        "vpc-id" => one(e.vpc),
        name if FILTERS.contains(&name) => many::<String>([]),
        _ => None,
    })?;
    let vpc_endpoints = Some(rows.iter().map(|e| to_ec2_endpoint(ctx, e)).collect());
    Ok(ec2::DescribeVpcEndpointsResult { vpc_endpoints, next_token })
}

fn to_ec2_endpoint(ctx: &Ctx, e: &VpcEndpoint) -> ec2::VpcEndpoint {
    ec2::VpcEndpoint {
        creation_timestamp: Some(e.created),
        dns_entries: Some(Vec::new()),
        groups: Some(Vec::new()),
        network_interface_ids: Some(Vec::new()),
        owner_id: Some(e.account.to_string()),
        policy_document: Some(e.policy.clone().unwrap_or_else(|| ALLOW_ALL.to_owned())),
        private_dns_enabled: Some(false),
        requester_managed: Some(false),
        route_table_ids: Some(e.route_tables.iter().map(|t| t.to_string()).collect()),
        service_name: Some(service_name(ctx.settings)),
        service_region: Some(ctx.settings.region.to_string()),
        state: Some("available".to_owned()),
        subnet_ids: Some(Vec::new()),
        tags: ctx.tag_list(e.id),
        vpc_endpoint_id: Some(e.id.to_string()),
        vpc_endpoint_type: Some("Gateway".to_owned()),
        vpc_id: Some(e.vpc.to_string()),
        ..Default::default()
    }
}

fn describe_services(
    ctx: &mut Ctx,
    req: Authorized<ec2::DescribeVpcEndpointServicesRequest>,
) -> OpResult<ec2::DescribeVpcEndpointServicesResult> {
    let name = service_name(ctx.settings);
    if let Some(other) = req.service_names.iter().flatten().find(|n| **n != name) {
        return Err(no_such_service(other).into());
    }
    let listing = Listing { ids: &None, filters: &req.filters, max_results: req.max_results, next_token: &req.next_token };
    let names = &["owner", "service-name", "service-region", "service-type", "supported-ip-address-types"];
    let field = |_: &String, filter: &str| match filter {
        "owner" => one("amazon"),
        "service-name" => one(&name),
        "service-region" => one(&ctx.settings.region),
        "service-type" => one("Gateway"),
        "supported-ip-address-types" => one("ipv4"),
        _ => None,
    };
    let (shown, next_token) = listing.select(vec![name.clone()], |_| Default::default(), names, field, |name| name.clone())?;
    let details = shown.iter().map(|name| ec2::ServiceDetail {
        acceptance_required: Some(false),
        availability_zones: Some(ctx.settings.zones().iter().map(|z| z.to_string()).collect()),
        base_endpoint_dns_names: Some(vec![format!("{S3}.{}.amazonaws.com", ctx.settings.region)]),
        manages_vpc_endpoints: Some(false),
        owner: Some("amazon".to_owned()),
        service_id: Some("vpce-svc-00000000000000000".to_owned()),
        service_name: Some(name.clone()),
        service_region: Some(ctx.settings.region.to_string()),
        service_type: Some(vec![ec2::ServiceTypeDetail { service_type: Some("Gateway".to_owned()) }]),
        supported_ip_address_types: Some(vec!["ipv4".to_owned()]),
        tags: Some(Vec::new()),
        // Only the one that allows everything is taken.
        vpc_endpoint_policy_supported: Some(false),
        ..Default::default()
    });
    let service_details = Some(details.collect());
    Ok(ec2::DescribeVpcEndpointServicesResult { next_token, service_details, service_names: Some(shown) })
}
