//! Operations of ec2.
// Written by `cargo run -p xtask -- codegen` from the published service model; do not edit.

use super::ec2_shapes::*;
use crate::{Operation, Paginator, Protocol, Request, Service};

pub static SERVICE: Service = Service {
    name: "ec2",
    protocol: Protocol::Ec2,
    version: "2016-11-15",
    xml_namespace: "http://ec2.amazonaws.com/doc/2016-11-15/",
    target_prefix: "",
    operations: OPERATIONS,
};

pub static OPERATIONS: &[&Operation] = &[
    &DESCRIBE_REGIONS,
    &DESCRIBE_AVAILABILITY_ZONES,
    &DESCRIBE_ACCOUNT_ATTRIBUTES,
    &DESCRIBE_INSTANCE_TYPES,
    &DESCRIBE_INSTANCE_TYPE_OFFERINGS,
    &CREATE_TAGS,
    &DELETE_TAGS,
    &DESCRIBE_TAGS,
    &CREATE_VPC,
    &DELETE_VPC,
    &DESCRIBE_VPCS,
    &DESCRIBE_VPC_ATTRIBUTE,
    &MODIFY_VPC_ATTRIBUTE,
    &MODIFY_VPC_TENANCY,
    &CREATE_DEFAULT_VPC,
    &DESCRIBE_VPC_CLASSIC_LINK,
    &ASSOCIATE_VPC_CIDR_BLOCK,
    &DISASSOCIATE_VPC_CIDR_BLOCK,
    &DESCRIBE_VPC_CLASSIC_LINK_DNS_SUPPORT,
    &DESCRIBE_DHCP_OPTIONS,
    &CREATE_DHCP_OPTIONS,
    &ASSOCIATE_DHCP_OPTIONS,
    &DELETE_DHCP_OPTIONS,
    &CREATE_NETWORK_ACL,
    &DELETE_NETWORK_ACL,
    &DESCRIBE_NETWORK_ACLS,
    &CREATE_NETWORK_ACL_ENTRY,
    &REPLACE_NETWORK_ACL_ENTRY,
    &DELETE_NETWORK_ACL_ENTRY,
    &REPLACE_NETWORK_ACL_ASSOCIATION,
    &CREATE_SUBNET,
    &DELETE_SUBNET,
    &DESCRIBE_SUBNETS,
    &MODIFY_SUBNET_ATTRIBUTE,
    &CREATE_DEFAULT_SUBNET,
    &ASSOCIATE_SUBNET_CIDR_BLOCK,
    &DISASSOCIATE_SUBNET_CIDR_BLOCK,
    &CREATE_SECURITY_GROUP,
    &DELETE_SECURITY_GROUP,
    &DESCRIBE_SECURITY_GROUPS,
    &DESCRIBE_SECURITY_GROUP_RULES,
    &AUTHORIZE_SECURITY_GROUP_INGRESS,
    &AUTHORIZE_SECURITY_GROUP_EGRESS,
    &REVOKE_SECURITY_GROUP_INGRESS,
    &REVOKE_SECURITY_GROUP_EGRESS,
    &GET_SECURITY_GROUPS_FOR_VPC,
    &DESCRIBE_STALE_SECURITY_GROUPS,
    &DESCRIBE_SECURITY_GROUP_REFERENCES,
    &MODIFY_SECURITY_GROUP_RULES,
    &UPDATE_SECURITY_GROUP_RULE_DESCRIPTIONS_INGRESS,
    &UPDATE_SECURITY_GROUP_RULE_DESCRIPTIONS_EGRESS,
    &CREATE_ROUTE_TABLE,
    &DELETE_ROUTE_TABLE,
    &DESCRIBE_ROUTE_TABLES,
    &CREATE_ROUTE,
    &REPLACE_ROUTE,
    &DELETE_ROUTE,
    &ASSOCIATE_ROUTE_TABLE,
    &DISASSOCIATE_ROUTE_TABLE,
    &REPLACE_ROUTE_TABLE_ASSOCIATION,
    &CREATE_INTERNET_GATEWAY,
    &DELETE_INTERNET_GATEWAY,
    &DESCRIBE_INTERNET_GATEWAYS,
    &ATTACH_INTERNET_GATEWAY,
    &DETACH_INTERNET_GATEWAY,
    &CREATE_EGRESS_ONLY_INTERNET_GATEWAY,
    &DELETE_EGRESS_ONLY_INTERNET_GATEWAY,
    &DESCRIBE_EGRESS_ONLY_INTERNET_GATEWAYS,
    &CREATE_NAT_GATEWAY,
    &DELETE_NAT_GATEWAY,
    &DESCRIBE_NAT_GATEWAYS,
    &CREATE_VPC_PEERING_CONNECTION,
    &ACCEPT_VPC_PEERING_CONNECTION,
    &REJECT_VPC_PEERING_CONNECTION,
    &DELETE_VPC_PEERING_CONNECTION,
    &DESCRIBE_VPC_PEERING_CONNECTIONS,
    &MODIFY_VPC_PEERING_CONNECTION_OPTIONS,
    &CREATE_VPC_ENDPOINT,
    &DELETE_VPC_ENDPOINTS,
    &DESCRIBE_VPC_ENDPOINTS,
    &MODIFY_VPC_ENDPOINT,
    &DESCRIBE_VPC_ENDPOINT_SERVICES,
    &DESCRIBE_PREFIX_LISTS,
    &CREATE_MANAGED_PREFIX_LIST,
    &DELETE_MANAGED_PREFIX_LIST,
    &DESCRIBE_MANAGED_PREFIX_LISTS,
    &MODIFY_MANAGED_PREFIX_LIST,
    &GET_MANAGED_PREFIX_LIST_ENTRIES,
    &RESTORE_MANAGED_PREFIX_LIST_VERSION,
    &CREATE_FLOW_LOGS,
    &DESCRIBE_FLOW_LOGS,
    &DELETE_FLOW_LOGS,
    &CREATE_TRANSIT_GATEWAY,
    &DELETE_TRANSIT_GATEWAY,
    &DESCRIBE_TRANSIT_GATEWAYS,
    &MODIFY_TRANSIT_GATEWAY,
    &CREATE_TRANSIT_GATEWAY_VPC_ATTACHMENT,
    &DELETE_TRANSIT_GATEWAY_VPC_ATTACHMENT,
    &DESCRIBE_TRANSIT_GATEWAY_VPC_ATTACHMENTS,
    &MODIFY_TRANSIT_GATEWAY_VPC_ATTACHMENT,
    &DESCRIBE_TRANSIT_GATEWAY_ATTACHMENTS,
    &CREATE_TRANSIT_GATEWAY_ROUTE_TABLE,
    &DELETE_TRANSIT_GATEWAY_ROUTE_TABLE,
    &DESCRIBE_TRANSIT_GATEWAY_ROUTE_TABLES,
    &CREATE_TRANSIT_GATEWAY_ROUTE,
    &DELETE_TRANSIT_GATEWAY_ROUTE,
    &REPLACE_TRANSIT_GATEWAY_ROUTE,
    &SEARCH_TRANSIT_GATEWAY_ROUTES,
    &ASSOCIATE_TRANSIT_GATEWAY_ROUTE_TABLE,
    &DISASSOCIATE_TRANSIT_GATEWAY_ROUTE_TABLE,
    &GET_TRANSIT_GATEWAY_ROUTE_TABLE_ASSOCIATIONS,
    &ENABLE_TRANSIT_GATEWAY_ROUTE_TABLE_PROPAGATION,
    &DISABLE_TRANSIT_GATEWAY_ROUTE_TABLE_PROPAGATION,
    &GET_TRANSIT_GATEWAY_ROUTE_TABLE_PROPAGATIONS,
    &GET_TRANSIT_GATEWAY_ATTACHMENT_PROPAGATIONS,
    &CREATE_KEY_PAIR,
    &IMPORT_KEY_PAIR,
    &DESCRIBE_KEY_PAIRS,
    &DELETE_KEY_PAIR,
    &DESCRIBE_IMAGES,
    &RUN_INSTANCES,
    &DESCRIBE_INSTANCES,
    &DESCRIBE_INSTANCE_STATUS,
    &DESCRIBE_INSTANCE_ATTRIBUTE,
    &MODIFY_INSTANCE_ATTRIBUTE,
    &START_INSTANCES,
    &STOP_INSTANCES,
    &REBOOT_INSTANCES,
    &TERMINATE_INSTANCES,
    &GET_CONSOLE_OUTPUT,
    &DESCRIBE_INSTANCE_CREDIT_SPECIFICATIONS,
    &MODIFY_INSTANCE_METADATA_OPTIONS,
    &MODIFY_INSTANCE_MAINTENANCE_OPTIONS,
    &CREATE_LAUNCH_TEMPLATE,
    &DELETE_LAUNCH_TEMPLATE,
    &DESCRIBE_LAUNCH_TEMPLATES,
    &MODIFY_LAUNCH_TEMPLATE,
    &GET_LAUNCH_TEMPLATE_DATA,
    &CREATE_LAUNCH_TEMPLATE_VERSION,
    &DELETE_LAUNCH_TEMPLATE_VERSIONS,
    &DESCRIBE_LAUNCH_TEMPLATE_VERSIONS,
    &CREATE_PLACEMENT_GROUP,
    &DELETE_PLACEMENT_GROUP,
    &DESCRIBE_PLACEMENT_GROUPS,
    &DESCRIBE_INSTANCE_TOPOLOGY,
    &CREATE_FLEET,
    &REQUEST_SPOT_INSTANCES,
    &DESCRIBE_SPOT_INSTANCE_REQUESTS,
    &CANCEL_SPOT_INSTANCE_REQUESTS,
    &DESCRIBE_SPOT_PRICE_HISTORY,
    &CREATE_CAPACITY_RESERVATION,
    &CANCEL_CAPACITY_RESERVATION,
    &MODIFY_CAPACITY_RESERVATION,
    &DESCRIBE_CAPACITY_RESERVATIONS,
    &GET_CAPACITY_RESERVATION_USAGE,
    &ALLOCATE_HOSTS,
    &DESCRIBE_HOSTS,
    &MODIFY_HOSTS,
    &RELEASE_HOSTS,
    &MODIFY_INSTANCE_PLACEMENT,
    &CREATE_NETWORK_INTERFACE,
    &DELETE_NETWORK_INTERFACE,
    &DESCRIBE_NETWORK_INTERFACES,
    &ATTACH_NETWORK_INTERFACE,
    &DETACH_NETWORK_INTERFACE,
    &MODIFY_NETWORK_INTERFACE_ATTRIBUTE,
    &DESCRIBE_NETWORK_INTERFACE_ATTRIBUTE,
    &RESET_NETWORK_INTERFACE_ATTRIBUTE,
    &ASSIGN_PRIVATE_IP_ADDRESSES,
    &UNASSIGN_PRIVATE_IP_ADDRESSES,
    &ASSIGN_IPV6_ADDRESSES,
    &UNASSIGN_IPV6_ADDRESSES,
    &DESCRIBE_VOLUMES,
    &ASSOCIATE_IAM_INSTANCE_PROFILE,
    &DISASSOCIATE_IAM_INSTANCE_PROFILE,
    &REPLACE_IAM_INSTANCE_PROFILE_ASSOCIATION,
    &DESCRIBE_IAM_INSTANCE_PROFILE_ASSOCIATIONS,
    &ALLOCATE_ADDRESS,
    &ASSOCIATE_ADDRESS,
    &DISASSOCIATE_ADDRESS,
    &RELEASE_ADDRESS,
    &DESCRIBE_ADDRESSES,
    &DESCRIBE_ADDRESSES_ATTRIBUTE,
    &MODIFY_ADDRESS_ATTRIBUTE,
    &RESET_ADDRESS_ATTRIBUTE,
];

pub static DESCRIBE_REGIONS: Operation = Operation {
    name: "DescribeRegions",
    service: &SERVICE,
    input: "DescribeRegionsRequest",
    output: Some("DescribeRegionsResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "AllRegions",
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "RegionName.N",
    ],
};

impl Request for DescribeRegionsRequest {
    type Reply = DescribeRegionsResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_REGIONS
    }
}

pub static DESCRIBE_AVAILABILITY_ZONES: Operation = Operation {
    name: "DescribeAvailabilityZones",
    service: &SERVICE,
    input: "DescribeAvailabilityZonesRequest",
    output: Some("DescribeAvailabilityZonesResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "AllAvailabilityZones",
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "ZoneId.N",
        "ZoneName.N",
    ],
};

impl Request for DescribeAvailabilityZonesRequest {
    type Reply = DescribeAvailabilityZonesResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_AVAILABILITY_ZONES
    }
}

pub static DESCRIBE_ACCOUNT_ATTRIBUTES: Operation = Operation {
    name: "DescribeAccountAttributes",
    service: &SERVICE,
    input: "DescribeAccountAttributesRequest",
    output: Some("DescribeAccountAttributesResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "AttributeName.N",
        "DryRun",
    ],
};

impl Request for DescribeAccountAttributesRequest {
    type Reply = DescribeAccountAttributesResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_ACCOUNT_ATTRIBUTES
    }
}

pub static DESCRIBE_INSTANCE_TYPES: Operation = Operation {
    name: "DescribeInstanceTypes",
    service: &SERVICE,
    input: "DescribeInstanceTypesRequest",
    output: Some("DescribeInstanceTypesResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["InstanceTypes"] }),
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "IncludeUnsupportedInRegion",
        "InstanceType.N",
        "MaxResults",
        "NextToken",
    ],
};

impl Request for DescribeInstanceTypesRequest {
    type Reply = DescribeInstanceTypesResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_INSTANCE_TYPES
    }
}

pub static DESCRIBE_INSTANCE_TYPE_OFFERINGS: Operation = Operation {
    name: "DescribeInstanceTypeOfferings",
    service: &SERVICE,
    input: "DescribeInstanceTypeOfferingsRequest",
    output: Some("DescribeInstanceTypeOfferingsResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["InstanceTypeOfferings"] }),
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "LocationType",
        "MaxResults",
        "NextToken",
    ],
};

impl Request for DescribeInstanceTypeOfferingsRequest {
    type Reply = DescribeInstanceTypeOfferingsResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_INSTANCE_TYPE_OFFERINGS
    }
}

pub static CREATE_TAGS: Operation = Operation {
    name: "CreateTags",
    service: &SERVICE,
    input: "CreateTagsRequest",
    output: None,
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["ResourceId", "Tag"],
    members: &[
        "DryRun",
        "ResourceId.N",
        "Tag.N.Key",
        "Tag.N.Value",
    ],
};

impl Request for CreateTagsRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &CREATE_TAGS
    }
}

pub static DELETE_TAGS: Operation = Operation {
    name: "DeleteTags",
    service: &SERVICE,
    input: "DeleteTagsRequest",
    output: None,
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["ResourceId"],
    members: &[
        "DryRun",
        "ResourceId.N",
        "Tag.N.Key",
        "Tag.N.Value",
    ],
};

impl Request for DeleteTagsRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DELETE_TAGS
    }
}

pub static DESCRIBE_TAGS: Operation = Operation {
    name: "DescribeTags",
    service: &SERVICE,
    input: "DescribeTagsRequest",
    output: Some("DescribeTagsResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["Tags"] }),
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "MaxResults",
        "NextToken",
    ],
};

impl Request for DescribeTagsRequest {
    type Reply = DescribeTagsResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_TAGS
    }
}

pub static CREATE_VPC: Operation = Operation {
    name: "CreateVpc",
    service: &SERVICE,
    input: "CreateVpcRequest",
    output: Some("CreateVpcResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: true,
    required: &[],
    members: &[
        "AmazonProvidedIpv6CidrBlock",
        "CidrBlock",
        "DryRun",
        "InstanceTenancy",
        "Ipv4IpamPoolId",
        "Ipv4NetmaskLength",
        "Ipv6CidrBlock",
        "Ipv6CidrBlockNetworkBorderGroup",
        "Ipv6IpamPoolId",
        "Ipv6NetmaskLength",
        "Ipv6Pool",
        "TagSpecification.N.ResourceType",
        "TagSpecification.N.Tag.N.Key",
        "TagSpecification.N.Tag.N.Value",
        "VpcEncryptionControl.EgressOnlyInternetGatewayExclusion",
        "VpcEncryptionControl.ElasticFileSystemExclusion",
        "VpcEncryptionControl.InternetGatewayExclusion",
        "VpcEncryptionControl.LambdaExclusion",
        "VpcEncryptionControl.Mode",
        "VpcEncryptionControl.NatGatewayExclusion",
        "VpcEncryptionControl.VirtualPrivateGatewayExclusion",
        "VpcEncryptionControl.VpcLatticeExclusion",
        "VpcEncryptionControl.VpcPeeringExclusion",
    ],
};

impl Request for CreateVpcRequest {
    type Reply = CreateVpcResult;
    fn operation() -> &'static Operation {
        &CREATE_VPC
    }
}

pub static DELETE_VPC: Operation = Operation {
    name: "DeleteVpc",
    service: &SERVICE,
    input: "DeleteVpcRequest",
    output: None,
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["VpcId"],
    members: &[
        "DryRun",
        "VpcId",
    ],
};

impl Request for DeleteVpcRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DELETE_VPC
    }
}

pub static DESCRIBE_VPCS: Operation = Operation {
    name: "DescribeVpcs",
    service: &SERVICE,
    input: "DescribeVpcsRequest",
    output: Some("DescribeVpcsResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["Vpcs"] }),
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "MaxResults",
        "NextToken",
        "VpcId.N",
    ],
};

impl Request for DescribeVpcsRequest {
    type Reply = DescribeVpcsResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_VPCS
    }
}

pub static DESCRIBE_VPC_ATTRIBUTE: Operation = Operation {
    name: "DescribeVpcAttribute",
    service: &SERVICE,
    input: "DescribeVpcAttributeRequest",
    output: Some("DescribeVpcAttributeResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["Attribute", "VpcId"],
    members: &[
        "Attribute",
        "DryRun",
        "VpcId",
    ],
};

impl Request for DescribeVpcAttributeRequest {
    type Reply = DescribeVpcAttributeResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_VPC_ATTRIBUTE
    }
}

pub static MODIFY_VPC_ATTRIBUTE: Operation = Operation {
    name: "ModifyVpcAttribute",
    service: &SERVICE,
    input: "ModifyVpcAttributeRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["VpcId"],
    members: &[
        "EnableDnsHostnames.Value",
        "EnableDnsSupport.Value",
        "EnableNetworkAddressUsageMetrics.Value",
        "VpcId",
    ],
};

impl Request for ModifyVpcAttributeRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &MODIFY_VPC_ATTRIBUTE
    }
}

pub static MODIFY_VPC_TENANCY: Operation = Operation {
    name: "ModifyVpcTenancy",
    service: &SERVICE,
    input: "ModifyVpcTenancyRequest",
    output: Some("ModifyVpcTenancyResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["InstanceTenancy", "VpcId"],
    members: &[
        "DryRun",
        "InstanceTenancy",
        "VpcId",
    ],
};

impl Request for ModifyVpcTenancyRequest {
    type Reply = ModifyVpcTenancyResult;
    fn operation() -> &'static Operation {
        &MODIFY_VPC_TENANCY
    }
}

pub static CREATE_DEFAULT_VPC: Operation = Operation {
    name: "CreateDefaultVpc",
    service: &SERVICE,
    input: "CreateDefaultVpcRequest",
    output: Some("CreateDefaultVpcResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "DryRun",
    ],
};

impl Request for CreateDefaultVpcRequest {
    type Reply = CreateDefaultVpcResult;
    fn operation() -> &'static Operation {
        &CREATE_DEFAULT_VPC
    }
}

pub static DESCRIBE_VPC_CLASSIC_LINK: Operation = Operation {
    name: "DescribeVpcClassicLink",
    service: &SERVICE,
    input: "DescribeVpcClassicLinkRequest",
    output: Some("DescribeVpcClassicLinkResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "VpcId.N",
    ],
};

impl Request for DescribeVpcClassicLinkRequest {
    type Reply = DescribeVpcClassicLinkResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_VPC_CLASSIC_LINK
    }
}

pub static ASSOCIATE_VPC_CIDR_BLOCK: Operation = Operation {
    name: "AssociateVpcCidrBlock",
    service: &SERVICE,
    input: "AssociateVpcCidrBlockRequest",
    output: Some("AssociateVpcCidrBlockResult"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["VpcId"],
    members: &[
        "AmazonProvidedIpv6CidrBlock",
        "CidrBlock",
        "Ipv4IpamPoolId",
        "Ipv4NetmaskLength",
        "Ipv6CidrBlock",
        "Ipv6CidrBlockNetworkBorderGroup",
        "Ipv6IpamPoolId",
        "Ipv6NetmaskLength",
        "Ipv6Pool",
        "VpcId",
    ],
};

impl Request for AssociateVpcCidrBlockRequest {
    type Reply = AssociateVpcCidrBlockResult;
    fn operation() -> &'static Operation {
        &ASSOCIATE_VPC_CIDR_BLOCK
    }
}

pub static DISASSOCIATE_VPC_CIDR_BLOCK: Operation = Operation {
    name: "DisassociateVpcCidrBlock",
    service: &SERVICE,
    input: "DisassociateVpcCidrBlockRequest",
    output: Some("DisassociateVpcCidrBlockResult"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["AssociationId"],
    members: &[
        "AssociationId",
    ],
};

impl Request for DisassociateVpcCidrBlockRequest {
    type Reply = DisassociateVpcCidrBlockResult;
    fn operation() -> &'static Operation {
        &DISASSOCIATE_VPC_CIDR_BLOCK
    }
}

pub static DESCRIBE_VPC_CLASSIC_LINK_DNS_SUPPORT: Operation = Operation {
    name: "DescribeVpcClassicLinkDnsSupport",
    service: &SERVICE,
    input: "DescribeVpcClassicLinkDnsSupportRequest",
    output: Some("DescribeVpcClassicLinkDnsSupportResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["Vpcs"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "MaxResults",
        "NextToken",
        "VpcIds.N",
    ],
};

impl Request for DescribeVpcClassicLinkDnsSupportRequest {
    type Reply = DescribeVpcClassicLinkDnsSupportResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_VPC_CLASSIC_LINK_DNS_SUPPORT
    }
}

pub static DESCRIBE_DHCP_OPTIONS: Operation = Operation {
    name: "DescribeDhcpOptions",
    service: &SERVICE,
    input: "DescribeDhcpOptionsRequest",
    output: Some("DescribeDhcpOptionsResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["DhcpOptions"] }),
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "DhcpOptionsId.N",
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "MaxResults",
        "NextToken",
    ],
};

impl Request for DescribeDhcpOptionsRequest {
    type Reply = DescribeDhcpOptionsResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_DHCP_OPTIONS
    }
}

pub static CREATE_DHCP_OPTIONS: Operation = Operation {
    name: "CreateDhcpOptions",
    service: &SERVICE,
    input: "CreateDhcpOptionsRequest",
    output: Some("CreateDhcpOptionsResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: true,
    required: &["DhcpConfiguration"],
    members: &[
        "DhcpConfiguration.N.Key",
        "DhcpConfiguration.N.Value.N",
        "DryRun",
        "TagSpecification.N.ResourceType",
        "TagSpecification.N.Tag.N.Key",
        "TagSpecification.N.Tag.N.Value",
    ],
};

impl Request for CreateDhcpOptionsRequest {
    type Reply = CreateDhcpOptionsResult;
    fn operation() -> &'static Operation {
        &CREATE_DHCP_OPTIONS
    }
}

pub static ASSOCIATE_DHCP_OPTIONS: Operation = Operation {
    name: "AssociateDhcpOptions",
    service: &SERVICE,
    input: "AssociateDhcpOptionsRequest",
    output: None,
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["DhcpOptionsId", "VpcId"],
    members: &[
        "DhcpOptionsId",
        "DryRun",
        "VpcId",
    ],
};

impl Request for AssociateDhcpOptionsRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &ASSOCIATE_DHCP_OPTIONS
    }
}

pub static DELETE_DHCP_OPTIONS: Operation = Operation {
    name: "DeleteDhcpOptions",
    service: &SERVICE,
    input: "DeleteDhcpOptionsRequest",
    output: None,
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["DhcpOptionsId"],
    members: &[
        "DhcpOptionsId",
        "DryRun",
    ],
};

impl Request for DeleteDhcpOptionsRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DELETE_DHCP_OPTIONS
    }
}

pub static CREATE_NETWORK_ACL: Operation = Operation {
    name: "CreateNetworkAcl",
    service: &SERVICE,
    input: "CreateNetworkAclRequest",
    output: Some("CreateNetworkAclResult"),
    paginator: None,
    dry_run: true,
    client_token: true,
    filters: false,
    tag_specifications: true,
    required: &["VpcId"],
    members: &[
        "ClientToken",
        "DryRun",
        "TagSpecification.N.ResourceType",
        "TagSpecification.N.Tag.N.Key",
        "TagSpecification.N.Tag.N.Value",
        "VpcId",
    ],
};

impl Request for CreateNetworkAclRequest {
    type Reply = CreateNetworkAclResult;
    fn operation() -> &'static Operation {
        &CREATE_NETWORK_ACL
    }
}

pub static DELETE_NETWORK_ACL: Operation = Operation {
    name: "DeleteNetworkAcl",
    service: &SERVICE,
    input: "DeleteNetworkAclRequest",
    output: None,
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["NetworkAclId"],
    members: &[
        "DryRun",
        "NetworkAclId",
    ],
};

impl Request for DeleteNetworkAclRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DELETE_NETWORK_ACL
    }
}

pub static DESCRIBE_NETWORK_ACLS: Operation = Operation {
    name: "DescribeNetworkAcls",
    service: &SERVICE,
    input: "DescribeNetworkAclsRequest",
    output: Some("DescribeNetworkAclsResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["NetworkAcls"] }),
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "MaxResults",
        "NetworkAclId.N",
        "NextToken",
    ],
};

impl Request for DescribeNetworkAclsRequest {
    type Reply = DescribeNetworkAclsResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_NETWORK_ACLS
    }
}

pub static CREATE_NETWORK_ACL_ENTRY: Operation = Operation {
    name: "CreateNetworkAclEntry",
    service: &SERVICE,
    input: "CreateNetworkAclEntryRequest",
    output: None,
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["Egress", "NetworkAclId", "Protocol", "RuleAction", "RuleNumber"],
    members: &[
        "CidrBlock",
        "DryRun",
        "Egress",
        "Icmp.Code",
        "Icmp.Type",
        "Ipv6CidrBlock",
        "NetworkAclId",
        "PortRange.From",
        "PortRange.To",
        "Protocol",
        "RuleAction",
        "RuleNumber",
    ],
};

impl Request for CreateNetworkAclEntryRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &CREATE_NETWORK_ACL_ENTRY
    }
}

pub static REPLACE_NETWORK_ACL_ENTRY: Operation = Operation {
    name: "ReplaceNetworkAclEntry",
    service: &SERVICE,
    input: "ReplaceNetworkAclEntryRequest",
    output: None,
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["Egress", "NetworkAclId", "Protocol", "RuleAction", "RuleNumber"],
    members: &[
        "CidrBlock",
        "DryRun",
        "Egress",
        "Icmp.Code",
        "Icmp.Type",
        "Ipv6CidrBlock",
        "NetworkAclId",
        "PortRange.From",
        "PortRange.To",
        "Protocol",
        "RuleAction",
        "RuleNumber",
    ],
};

impl Request for ReplaceNetworkAclEntryRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &REPLACE_NETWORK_ACL_ENTRY
    }
}

pub static DELETE_NETWORK_ACL_ENTRY: Operation = Operation {
    name: "DeleteNetworkAclEntry",
    service: &SERVICE,
    input: "DeleteNetworkAclEntryRequest",
    output: None,
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["Egress", "NetworkAclId", "RuleNumber"],
    members: &[
        "DryRun",
        "Egress",
        "NetworkAclId",
        "RuleNumber",
    ],
};

impl Request for DeleteNetworkAclEntryRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DELETE_NETWORK_ACL_ENTRY
    }
}

pub static REPLACE_NETWORK_ACL_ASSOCIATION: Operation = Operation {
    name: "ReplaceNetworkAclAssociation",
    service: &SERVICE,
    input: "ReplaceNetworkAclAssociationRequest",
    output: Some("ReplaceNetworkAclAssociationResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["AssociationId", "NetworkAclId"],
    members: &[
        "AssociationId",
        "DryRun",
        "NetworkAclId",
    ],
};

impl Request for ReplaceNetworkAclAssociationRequest {
    type Reply = ReplaceNetworkAclAssociationResult;
    fn operation() -> &'static Operation {
        &REPLACE_NETWORK_ACL_ASSOCIATION
    }
}

pub static CREATE_SUBNET: Operation = Operation {
    name: "CreateSubnet",
    service: &SERVICE,
    input: "CreateSubnetRequest",
    output: Some("CreateSubnetResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: true,
    required: &["VpcId"],
    members: &[
        "AvailabilityZone",
        "AvailabilityZoneId",
        "CidrBlock",
        "DryRun",
        "Ipv4IpamPoolId",
        "Ipv4NetmaskLength",
        "Ipv6CidrBlock",
        "Ipv6IpamPoolId",
        "Ipv6Native",
        "Ipv6NetmaskLength",
        "OutpostArn",
        "TagSpecification.N.ResourceType",
        "TagSpecification.N.Tag.N.Key",
        "TagSpecification.N.Tag.N.Value",
        "VpcId",
    ],
};

impl Request for CreateSubnetRequest {
    type Reply = CreateSubnetResult;
    fn operation() -> &'static Operation {
        &CREATE_SUBNET
    }
}

pub static DELETE_SUBNET: Operation = Operation {
    name: "DeleteSubnet",
    service: &SERVICE,
    input: "DeleteSubnetRequest",
    output: None,
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["SubnetId"],
    members: &[
        "DryRun",
        "SubnetId",
    ],
};

impl Request for DeleteSubnetRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DELETE_SUBNET
    }
}

pub static DESCRIBE_SUBNETS: Operation = Operation {
    name: "DescribeSubnets",
    service: &SERVICE,
    input: "DescribeSubnetsRequest",
    output: Some("DescribeSubnetsResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["Subnets"] }),
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "MaxResults",
        "NextToken",
        "SubnetId.N",
    ],
};

impl Request for DescribeSubnetsRequest {
    type Reply = DescribeSubnetsResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_SUBNETS
    }
}

pub static MODIFY_SUBNET_ATTRIBUTE: Operation = Operation {
    name: "ModifySubnetAttribute",
    service: &SERVICE,
    input: "ModifySubnetAttributeRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["SubnetId"],
    members: &[
        "AssignIpv6AddressOnCreation.Value",
        "CustomerOwnedIpv4Pool",
        "DisableLniAtDeviceIndex.Value",
        "EnableDns64.Value",
        "EnableLniAtDeviceIndex",
        "EnableResourceNameDnsAAAARecordOnLaunch.Value",
        "EnableResourceNameDnsARecordOnLaunch.Value",
        "MapCustomerOwnedIpOnLaunch.Value",
        "MapPublicIpOnLaunch.Value",
        "PrivateDnsHostnameTypeOnLaunch",
        "SubnetId",
    ],
};

impl Request for ModifySubnetAttributeRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &MODIFY_SUBNET_ATTRIBUTE
    }
}

pub static CREATE_DEFAULT_SUBNET: Operation = Operation {
    name: "CreateDefaultSubnet",
    service: &SERVICE,
    input: "CreateDefaultSubnetRequest",
    output: Some("CreateDefaultSubnetResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "AvailabilityZone",
        "AvailabilityZoneId",
        "DryRun",
        "Ipv6Native",
    ],
};

impl Request for CreateDefaultSubnetRequest {
    type Reply = CreateDefaultSubnetResult;
    fn operation() -> &'static Operation {
        &CREATE_DEFAULT_SUBNET
    }
}

pub static ASSOCIATE_SUBNET_CIDR_BLOCK: Operation = Operation {
    name: "AssociateSubnetCidrBlock",
    service: &SERVICE,
    input: "AssociateSubnetCidrBlockRequest",
    output: Some("AssociateSubnetCidrBlockResult"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["SubnetId"],
    members: &[
        "Ipv6CidrBlock",
        "Ipv6IpamPoolId",
        "Ipv6NetmaskLength",
        "SubnetId",
    ],
};

impl Request for AssociateSubnetCidrBlockRequest {
    type Reply = AssociateSubnetCidrBlockResult;
    fn operation() -> &'static Operation {
        &ASSOCIATE_SUBNET_CIDR_BLOCK
    }
}

pub static DISASSOCIATE_SUBNET_CIDR_BLOCK: Operation = Operation {
    name: "DisassociateSubnetCidrBlock",
    service: &SERVICE,
    input: "DisassociateSubnetCidrBlockRequest",
    output: Some("DisassociateSubnetCidrBlockResult"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["AssociationId"],
    members: &[
        "AssociationId",
    ],
};

impl Request for DisassociateSubnetCidrBlockRequest {
    type Reply = DisassociateSubnetCidrBlockResult;
    fn operation() -> &'static Operation {
        &DISASSOCIATE_SUBNET_CIDR_BLOCK
    }
}

pub static CREATE_SECURITY_GROUP: Operation = Operation {
    name: "CreateSecurityGroup",
    service: &SERVICE,
    input: "CreateSecurityGroupRequest",
    output: Some("CreateSecurityGroupResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: true,
    required: &["GroupDescription", "GroupName"],
    members: &[
        "DryRun",
        "GroupDescription",
        "GroupName",
        "TagSpecification.N.ResourceType",
        "TagSpecification.N.Tag.N.Key",
        "TagSpecification.N.Tag.N.Value",
        "VpcId",
    ],
};

impl Request for CreateSecurityGroupRequest {
    type Reply = CreateSecurityGroupResult;
    fn operation() -> &'static Operation {
        &CREATE_SECURITY_GROUP
    }
}

pub static DELETE_SECURITY_GROUP: Operation = Operation {
    name: "DeleteSecurityGroup",
    service: &SERVICE,
    input: "DeleteSecurityGroupRequest",
    output: Some("DeleteSecurityGroupResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "DryRun",
        "GroupId",
        "GroupName",
    ],
};

impl Request for DeleteSecurityGroupRequest {
    type Reply = DeleteSecurityGroupResult;
    fn operation() -> &'static Operation {
        &DELETE_SECURITY_GROUP
    }
}

pub static DESCRIBE_SECURITY_GROUPS: Operation = Operation {
    name: "DescribeSecurityGroups",
    service: &SERVICE,
    input: "DescribeSecurityGroupsRequest",
    output: Some("DescribeSecurityGroupsResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["SecurityGroups"] }),
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "GroupId.N",
        "GroupName.N",
        "MaxResults",
        "NextToken",
    ],
};

impl Request for DescribeSecurityGroupsRequest {
    type Reply = DescribeSecurityGroupsResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_SECURITY_GROUPS
    }
}

pub static DESCRIBE_SECURITY_GROUP_RULES: Operation = Operation {
    name: "DescribeSecurityGroupRules",
    service: &SERVICE,
    input: "DescribeSecurityGroupRulesRequest",
    output: Some("DescribeSecurityGroupRulesResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["SecurityGroupRules"] }),
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "MaxResults",
        "NextToken",
        "SecurityGroupRuleId.N",
    ],
};

impl Request for DescribeSecurityGroupRulesRequest {
    type Reply = DescribeSecurityGroupRulesResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_SECURITY_GROUP_RULES
    }
}

pub static AUTHORIZE_SECURITY_GROUP_INGRESS: Operation = Operation {
    name: "AuthorizeSecurityGroupIngress",
    service: &SERVICE,
    input: "AuthorizeSecurityGroupIngressRequest",
    output: Some("AuthorizeSecurityGroupIngressResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: true,
    required: &[],
    members: &[
        "CidrIp",
        "DryRun",
        "FromPort",
        "GroupId",
        "GroupName",
        "IpPermissions.N.FromPort",
        "IpPermissions.N.Groups.N.Description",
        "IpPermissions.N.Groups.N.GroupId",
        "IpPermissions.N.Groups.N.GroupName",
        "IpPermissions.N.Groups.N.PeeringStatus",
        "IpPermissions.N.Groups.N.UserId",
        "IpPermissions.N.Groups.N.VpcId",
        "IpPermissions.N.Groups.N.VpcPeeringConnectionId",
        "IpPermissions.N.IpProtocol",
        "IpPermissions.N.IpRanges.N.CidrIp",
        "IpPermissions.N.IpRanges.N.Description",
        "IpPermissions.N.Ipv6Ranges.N.CidrIpv6",
        "IpPermissions.N.Ipv6Ranges.N.Description",
        "IpPermissions.N.PrefixListIds.N.Description",
        "IpPermissions.N.PrefixListIds.N.PrefixListId",
        "IpPermissions.N.ToPort",
        "IpProtocol",
        "SourceSecurityGroupName",
        "SourceSecurityGroupOwnerId",
        "TagSpecification.N.ResourceType",
        "TagSpecification.N.Tag.N.Key",
        "TagSpecification.N.Tag.N.Value",
        "ToPort",
    ],
};

impl Request for AuthorizeSecurityGroupIngressRequest {
    type Reply = AuthorizeSecurityGroupIngressResult;
    fn operation() -> &'static Operation {
        &AUTHORIZE_SECURITY_GROUP_INGRESS
    }
}

pub static AUTHORIZE_SECURITY_GROUP_EGRESS: Operation = Operation {
    name: "AuthorizeSecurityGroupEgress",
    service: &SERVICE,
    input: "AuthorizeSecurityGroupEgressRequest",
    output: Some("AuthorizeSecurityGroupEgressResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: true,
    required: &["GroupId"],
    members: &[
        "CidrIp",
        "DryRun",
        "FromPort",
        "GroupId",
        "IpPermissions.N.FromPort",
        "IpPermissions.N.Groups.N.Description",
        "IpPermissions.N.Groups.N.GroupId",
        "IpPermissions.N.Groups.N.GroupName",
        "IpPermissions.N.Groups.N.PeeringStatus",
        "IpPermissions.N.Groups.N.UserId",
        "IpPermissions.N.Groups.N.VpcId",
        "IpPermissions.N.Groups.N.VpcPeeringConnectionId",
        "IpPermissions.N.IpProtocol",
        "IpPermissions.N.IpRanges.N.CidrIp",
        "IpPermissions.N.IpRanges.N.Description",
        "IpPermissions.N.Ipv6Ranges.N.CidrIpv6",
        "IpPermissions.N.Ipv6Ranges.N.Description",
        "IpPermissions.N.PrefixListIds.N.Description",
        "IpPermissions.N.PrefixListIds.N.PrefixListId",
        "IpPermissions.N.ToPort",
        "IpProtocol",
        "SourceSecurityGroupName",
        "SourceSecurityGroupOwnerId",
        "TagSpecification.N.ResourceType",
        "TagSpecification.N.Tag.N.Key",
        "TagSpecification.N.Tag.N.Value",
        "ToPort",
    ],
};

impl Request for AuthorizeSecurityGroupEgressRequest {
    type Reply = AuthorizeSecurityGroupEgressResult;
    fn operation() -> &'static Operation {
        &AUTHORIZE_SECURITY_GROUP_EGRESS
    }
}

pub static REVOKE_SECURITY_GROUP_INGRESS: Operation = Operation {
    name: "RevokeSecurityGroupIngress",
    service: &SERVICE,
    input: "RevokeSecurityGroupIngressRequest",
    output: Some("RevokeSecurityGroupIngressResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "CidrIp",
        "DryRun",
        "FromPort",
        "GroupId",
        "GroupName",
        "IpPermissions.N.FromPort",
        "IpPermissions.N.Groups.N.Description",
        "IpPermissions.N.Groups.N.GroupId",
        "IpPermissions.N.Groups.N.GroupName",
        "IpPermissions.N.Groups.N.PeeringStatus",
        "IpPermissions.N.Groups.N.UserId",
        "IpPermissions.N.Groups.N.VpcId",
        "IpPermissions.N.Groups.N.VpcPeeringConnectionId",
        "IpPermissions.N.IpProtocol",
        "IpPermissions.N.IpRanges.N.CidrIp",
        "IpPermissions.N.IpRanges.N.Description",
        "IpPermissions.N.Ipv6Ranges.N.CidrIpv6",
        "IpPermissions.N.Ipv6Ranges.N.Description",
        "IpPermissions.N.PrefixListIds.N.Description",
        "IpPermissions.N.PrefixListIds.N.PrefixListId",
        "IpPermissions.N.ToPort",
        "IpProtocol",
        "SecurityGroupRuleId.N",
        "SourceSecurityGroupName",
        "SourceSecurityGroupOwnerId",
        "ToPort",
    ],
};

impl Request for RevokeSecurityGroupIngressRequest {
    type Reply = RevokeSecurityGroupIngressResult;
    fn operation() -> &'static Operation {
        &REVOKE_SECURITY_GROUP_INGRESS
    }
}

pub static REVOKE_SECURITY_GROUP_EGRESS: Operation = Operation {
    name: "RevokeSecurityGroupEgress",
    service: &SERVICE,
    input: "RevokeSecurityGroupEgressRequest",
    output: Some("RevokeSecurityGroupEgressResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["GroupId"],
    members: &[
        "CidrIp",
        "DryRun",
        "FromPort",
        "GroupId",
        "IpPermissions.N.FromPort",
        "IpPermissions.N.Groups.N.Description",
        "IpPermissions.N.Groups.N.GroupId",
        "IpPermissions.N.Groups.N.GroupName",
        "IpPermissions.N.Groups.N.PeeringStatus",
        "IpPermissions.N.Groups.N.UserId",
        "IpPermissions.N.Groups.N.VpcId",
        "IpPermissions.N.Groups.N.VpcPeeringConnectionId",
        "IpPermissions.N.IpProtocol",
        "IpPermissions.N.IpRanges.N.CidrIp",
        "IpPermissions.N.IpRanges.N.Description",
        "IpPermissions.N.Ipv6Ranges.N.CidrIpv6",
        "IpPermissions.N.Ipv6Ranges.N.Description",
        "IpPermissions.N.PrefixListIds.N.Description",
        "IpPermissions.N.PrefixListIds.N.PrefixListId",
        "IpPermissions.N.ToPort",
        "IpProtocol",
        "SecurityGroupRuleId.N",
        "SourceSecurityGroupName",
        "SourceSecurityGroupOwnerId",
        "ToPort",
    ],
};

impl Request for RevokeSecurityGroupEgressRequest {
    type Reply = RevokeSecurityGroupEgressResult;
    fn operation() -> &'static Operation {
        &REVOKE_SECURITY_GROUP_EGRESS
    }
}

pub static GET_SECURITY_GROUPS_FOR_VPC: Operation = Operation {
    name: "GetSecurityGroupsForVpc",
    service: &SERVICE,
    input: "GetSecurityGroupsForVpcRequest",
    output: Some("GetSecurityGroupsForVpcResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["SecurityGroupForVpcs"] }),
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &["VpcId"],
    members: &[
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "MaxResults",
        "NextToken",
        "VpcId",
    ],
};

impl Request for GetSecurityGroupsForVpcRequest {
    type Reply = GetSecurityGroupsForVpcResult;
    fn operation() -> &'static Operation {
        &GET_SECURITY_GROUPS_FOR_VPC
    }
}

pub static DESCRIBE_STALE_SECURITY_GROUPS: Operation = Operation {
    name: "DescribeStaleSecurityGroups",
    service: &SERVICE,
    input: "DescribeStaleSecurityGroupsRequest",
    output: Some("DescribeStaleSecurityGroupsResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["StaleSecurityGroupSet"] }),
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["VpcId"],
    members: &[
        "DryRun",
        "MaxResults",
        "NextToken",
        "VpcId",
    ],
};

impl Request for DescribeStaleSecurityGroupsRequest {
    type Reply = DescribeStaleSecurityGroupsResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_STALE_SECURITY_GROUPS
    }
}

pub static DESCRIBE_SECURITY_GROUP_REFERENCES: Operation = Operation {
    name: "DescribeSecurityGroupReferences",
    service: &SERVICE,
    input: "DescribeSecurityGroupReferencesRequest",
    output: Some("DescribeSecurityGroupReferencesResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["GroupId"],
    members: &[
        "DryRun",
        "GroupId.N",
    ],
};

impl Request for DescribeSecurityGroupReferencesRequest {
    type Reply = DescribeSecurityGroupReferencesResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_SECURITY_GROUP_REFERENCES
    }
}

pub static MODIFY_SECURITY_GROUP_RULES: Operation = Operation {
    name: "ModifySecurityGroupRules",
    service: &SERVICE,
    input: "ModifySecurityGroupRulesRequest",
    output: Some("ModifySecurityGroupRulesResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["GroupId", "SecurityGroupRule"],
    members: &[
        "DryRun",
        "GroupId",
        "SecurityGroupRule.N.SecurityGroupRule.CidrIpv4",
        "SecurityGroupRule.N.SecurityGroupRule.CidrIpv6",
        "SecurityGroupRule.N.SecurityGroupRule.Description",
        "SecurityGroupRule.N.SecurityGroupRule.FromPort",
        "SecurityGroupRule.N.SecurityGroupRule.IpProtocol",
        "SecurityGroupRule.N.SecurityGroupRule.PrefixListId",
        "SecurityGroupRule.N.SecurityGroupRule.ReferencedGroupId",
        "SecurityGroupRule.N.SecurityGroupRule.ToPort",
        "SecurityGroupRule.N.SecurityGroupRuleId",
    ],
};

impl Request for ModifySecurityGroupRulesRequest {
    type Reply = ModifySecurityGroupRulesResult;
    fn operation() -> &'static Operation {
        &MODIFY_SECURITY_GROUP_RULES
    }
}

pub static UPDATE_SECURITY_GROUP_RULE_DESCRIPTIONS_INGRESS: Operation = Operation {
    name: "UpdateSecurityGroupRuleDescriptionsIngress",
    service: &SERVICE,
    input: "UpdateSecurityGroupRuleDescriptionsIngressRequest",
    output: Some("UpdateSecurityGroupRuleDescriptionsIngressResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "DryRun",
        "GroupId",
        "GroupName",
        "IpPermissions.N.FromPort",
        "IpPermissions.N.Groups.N.Description",
        "IpPermissions.N.Groups.N.GroupId",
        "IpPermissions.N.Groups.N.GroupName",
        "IpPermissions.N.Groups.N.PeeringStatus",
        "IpPermissions.N.Groups.N.UserId",
        "IpPermissions.N.Groups.N.VpcId",
        "IpPermissions.N.Groups.N.VpcPeeringConnectionId",
        "IpPermissions.N.IpProtocol",
        "IpPermissions.N.IpRanges.N.CidrIp",
        "IpPermissions.N.IpRanges.N.Description",
        "IpPermissions.N.Ipv6Ranges.N.CidrIpv6",
        "IpPermissions.N.Ipv6Ranges.N.Description",
        "IpPermissions.N.PrefixListIds.N.Description",
        "IpPermissions.N.PrefixListIds.N.PrefixListId",
        "IpPermissions.N.ToPort",
        "SecurityGroupRuleDescription.N.Description",
        "SecurityGroupRuleDescription.N.SecurityGroupRuleId",
    ],
};

impl Request for UpdateSecurityGroupRuleDescriptionsIngressRequest {
    type Reply = UpdateSecurityGroupRuleDescriptionsIngressResult;
    fn operation() -> &'static Operation {
        &UPDATE_SECURITY_GROUP_RULE_DESCRIPTIONS_INGRESS
    }
}

pub static UPDATE_SECURITY_GROUP_RULE_DESCRIPTIONS_EGRESS: Operation = Operation {
    name: "UpdateSecurityGroupRuleDescriptionsEgress",
    service: &SERVICE,
    input: "UpdateSecurityGroupRuleDescriptionsEgressRequest",
    output: Some("UpdateSecurityGroupRuleDescriptionsEgressResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "DryRun",
        "GroupId",
        "GroupName",
        "IpPermissions.N.FromPort",
        "IpPermissions.N.Groups.N.Description",
        "IpPermissions.N.Groups.N.GroupId",
        "IpPermissions.N.Groups.N.GroupName",
        "IpPermissions.N.Groups.N.PeeringStatus",
        "IpPermissions.N.Groups.N.UserId",
        "IpPermissions.N.Groups.N.VpcId",
        "IpPermissions.N.Groups.N.VpcPeeringConnectionId",
        "IpPermissions.N.IpProtocol",
        "IpPermissions.N.IpRanges.N.CidrIp",
        "IpPermissions.N.IpRanges.N.Description",
        "IpPermissions.N.Ipv6Ranges.N.CidrIpv6",
        "IpPermissions.N.Ipv6Ranges.N.Description",
        "IpPermissions.N.PrefixListIds.N.Description",
        "IpPermissions.N.PrefixListIds.N.PrefixListId",
        "IpPermissions.N.ToPort",
        "SecurityGroupRuleDescription.N.Description",
        "SecurityGroupRuleDescription.N.SecurityGroupRuleId",
    ],
};

impl Request for UpdateSecurityGroupRuleDescriptionsEgressRequest {
    type Reply = UpdateSecurityGroupRuleDescriptionsEgressResult;
    fn operation() -> &'static Operation {
        &UPDATE_SECURITY_GROUP_RULE_DESCRIPTIONS_EGRESS
    }
}

pub static CREATE_ROUTE_TABLE: Operation = Operation {
    name: "CreateRouteTable",
    service: &SERVICE,
    input: "CreateRouteTableRequest",
    output: Some("CreateRouteTableResult"),
    paginator: None,
    dry_run: true,
    client_token: true,
    filters: false,
    tag_specifications: true,
    required: &["VpcId"],
    members: &[
        "ClientToken",
        "DryRun",
        "TagSpecification.N.ResourceType",
        "TagSpecification.N.Tag.N.Key",
        "TagSpecification.N.Tag.N.Value",
        "VpcId",
    ],
};

impl Request for CreateRouteTableRequest {
    type Reply = CreateRouteTableResult;
    fn operation() -> &'static Operation {
        &CREATE_ROUTE_TABLE
    }
}

pub static DELETE_ROUTE_TABLE: Operation = Operation {
    name: "DeleteRouteTable",
    service: &SERVICE,
    input: "DeleteRouteTableRequest",
    output: None,
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["RouteTableId"],
    members: &[
        "DryRun",
        "RouteTableId",
    ],
};

impl Request for DeleteRouteTableRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DELETE_ROUTE_TABLE
    }
}

pub static DESCRIBE_ROUTE_TABLES: Operation = Operation {
    name: "DescribeRouteTables",
    service: &SERVICE,
    input: "DescribeRouteTablesRequest",
    output: Some("DescribeRouteTablesResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["RouteTables"] }),
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "MaxResults",
        "NextToken",
        "RouteTableId.N",
    ],
};

impl Request for DescribeRouteTablesRequest {
    type Reply = DescribeRouteTablesResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_ROUTE_TABLES
    }
}

pub static CREATE_ROUTE: Operation = Operation {
    name: "CreateRoute",
    service: &SERVICE,
    input: "CreateRouteRequest",
    output: Some("CreateRouteResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["RouteTableId"],
    members: &[
        "CarrierGatewayId",
        "CoreNetworkArn",
        "DestinationCidrBlock",
        "DestinationIpv6CidrBlock",
        "DestinationPrefixListId",
        "DryRun",
        "EgressOnlyInternetGatewayId",
        "GatewayId",
        "InstanceId",
        "LocalGatewayId",
        "NatGatewayId",
        "NetworkInterfaceId",
        "OdbNetworkArn",
        "RouteTableId",
        "TransitGatewayId",
        "VpcEndpointId",
        "VpcPeeringConnectionId",
    ],
};

impl Request for CreateRouteRequest {
    type Reply = CreateRouteResult;
    fn operation() -> &'static Operation {
        &CREATE_ROUTE
    }
}

pub static REPLACE_ROUTE: Operation = Operation {
    name: "ReplaceRoute",
    service: &SERVICE,
    input: "ReplaceRouteRequest",
    output: None,
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["RouteTableId"],
    members: &[
        "CarrierGatewayId",
        "CoreNetworkArn",
        "DestinationCidrBlock",
        "DestinationIpv6CidrBlock",
        "DestinationPrefixListId",
        "DryRun",
        "EgressOnlyInternetGatewayId",
        "GatewayId",
        "InstanceId",
        "LocalGatewayId",
        "LocalTarget",
        "NatGatewayId",
        "NetworkInterfaceId",
        "OdbNetworkArn",
        "RouteTableId",
        "TransitGatewayId",
        "VpcEndpointId",
        "VpcPeeringConnectionId",
    ],
};

impl Request for ReplaceRouteRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &REPLACE_ROUTE
    }
}

pub static DELETE_ROUTE: Operation = Operation {
    name: "DeleteRoute",
    service: &SERVICE,
    input: "DeleteRouteRequest",
    output: None,
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["RouteTableId"],
    members: &[
        "DestinationCidrBlock",
        "DestinationIpv6CidrBlock",
        "DestinationPrefixListId",
        "DryRun",
        "RouteTableId",
    ],
};

impl Request for DeleteRouteRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DELETE_ROUTE
    }
}

pub static ASSOCIATE_ROUTE_TABLE: Operation = Operation {
    name: "AssociateRouteTable",
    service: &SERVICE,
    input: "AssociateRouteTableRequest",
    output: Some("AssociateRouteTableResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["RouteTableId"],
    members: &[
        "DryRun",
        "GatewayId",
        "PublicIpv4Pool",
        "RouteTableId",
        "SubnetId",
    ],
};

impl Request for AssociateRouteTableRequest {
    type Reply = AssociateRouteTableResult;
    fn operation() -> &'static Operation {
        &ASSOCIATE_ROUTE_TABLE
    }
}

pub static DISASSOCIATE_ROUTE_TABLE: Operation = Operation {
    name: "DisassociateRouteTable",
    service: &SERVICE,
    input: "DisassociateRouteTableRequest",
    output: None,
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["AssociationId"],
    members: &[
        "AssociationId",
        "DryRun",
    ],
};

impl Request for DisassociateRouteTableRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DISASSOCIATE_ROUTE_TABLE
    }
}

pub static REPLACE_ROUTE_TABLE_ASSOCIATION: Operation = Operation {
    name: "ReplaceRouteTableAssociation",
    service: &SERVICE,
    input: "ReplaceRouteTableAssociationRequest",
    output: Some("ReplaceRouteTableAssociationResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["AssociationId", "RouteTableId"],
    members: &[
        "AssociationId",
        "DryRun",
        "RouteTableId",
    ],
};

impl Request for ReplaceRouteTableAssociationRequest {
    type Reply = ReplaceRouteTableAssociationResult;
    fn operation() -> &'static Operation {
        &REPLACE_ROUTE_TABLE_ASSOCIATION
    }
}

pub static CREATE_INTERNET_GATEWAY: Operation = Operation {
    name: "CreateInternetGateway",
    service: &SERVICE,
    input: "CreateInternetGatewayRequest",
    output: Some("CreateInternetGatewayResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: true,
    required: &[],
    members: &[
        "DryRun",
        "TagSpecification.N.ResourceType",
        "TagSpecification.N.Tag.N.Key",
        "TagSpecification.N.Tag.N.Value",
    ],
};

impl Request for CreateInternetGatewayRequest {
    type Reply = CreateInternetGatewayResult;
    fn operation() -> &'static Operation {
        &CREATE_INTERNET_GATEWAY
    }
}

pub static DELETE_INTERNET_GATEWAY: Operation = Operation {
    name: "DeleteInternetGateway",
    service: &SERVICE,
    input: "DeleteInternetGatewayRequest",
    output: None,
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["InternetGatewayId"],
    members: &[
        "DryRun",
        "InternetGatewayId",
    ],
};

impl Request for DeleteInternetGatewayRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DELETE_INTERNET_GATEWAY
    }
}

pub static DESCRIBE_INTERNET_GATEWAYS: Operation = Operation {
    name: "DescribeInternetGateways",
    service: &SERVICE,
    input: "DescribeInternetGatewaysRequest",
    output: Some("DescribeInternetGatewaysResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["InternetGateways"] }),
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "InternetGatewayId.N",
        "MaxResults",
        "NextToken",
    ],
};

impl Request for DescribeInternetGatewaysRequest {
    type Reply = DescribeInternetGatewaysResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_INTERNET_GATEWAYS
    }
}

pub static ATTACH_INTERNET_GATEWAY: Operation = Operation {
    name: "AttachInternetGateway",
    service: &SERVICE,
    input: "AttachInternetGatewayRequest",
    output: None,
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["InternetGatewayId", "VpcId"],
    members: &[
        "DryRun",
        "InternetGatewayId",
        "VpcId",
    ],
};

impl Request for AttachInternetGatewayRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &ATTACH_INTERNET_GATEWAY
    }
}

pub static DETACH_INTERNET_GATEWAY: Operation = Operation {
    name: "DetachInternetGateway",
    service: &SERVICE,
    input: "DetachInternetGatewayRequest",
    output: None,
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["InternetGatewayId", "VpcId"],
    members: &[
        "DryRun",
        "InternetGatewayId",
        "VpcId",
    ],
};

impl Request for DetachInternetGatewayRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DETACH_INTERNET_GATEWAY
    }
}

pub static CREATE_EGRESS_ONLY_INTERNET_GATEWAY: Operation = Operation {
    name: "CreateEgressOnlyInternetGateway",
    service: &SERVICE,
    input: "CreateEgressOnlyInternetGatewayRequest",
    output: Some("CreateEgressOnlyInternetGatewayResult"),
    paginator: None,
    dry_run: true,
    client_token: true,
    filters: false,
    tag_specifications: true,
    required: &["VpcId"],
    members: &[
        "ClientToken",
        "DryRun",
        "TagSpecification.N.ResourceType",
        "TagSpecification.N.Tag.N.Key",
        "TagSpecification.N.Tag.N.Value",
        "VpcId",
    ],
};

impl Request for CreateEgressOnlyInternetGatewayRequest {
    type Reply = CreateEgressOnlyInternetGatewayResult;
    fn operation() -> &'static Operation {
        &CREATE_EGRESS_ONLY_INTERNET_GATEWAY
    }
}

pub static DELETE_EGRESS_ONLY_INTERNET_GATEWAY: Operation = Operation {
    name: "DeleteEgressOnlyInternetGateway",
    service: &SERVICE,
    input: "DeleteEgressOnlyInternetGatewayRequest",
    output: Some("DeleteEgressOnlyInternetGatewayResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["EgressOnlyInternetGatewayId"],
    members: &[
        "DryRun",
        "EgressOnlyInternetGatewayId",
    ],
};

impl Request for DeleteEgressOnlyInternetGatewayRequest {
    type Reply = DeleteEgressOnlyInternetGatewayResult;
    fn operation() -> &'static Operation {
        &DELETE_EGRESS_ONLY_INTERNET_GATEWAY
    }
}

pub static DESCRIBE_EGRESS_ONLY_INTERNET_GATEWAYS: Operation = Operation {
    name: "DescribeEgressOnlyInternetGateways",
    service: &SERVICE,
    input: "DescribeEgressOnlyInternetGatewaysRequest",
    output: Some("DescribeEgressOnlyInternetGatewaysResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["EgressOnlyInternetGateways"] }),
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "DryRun",
        "EgressOnlyInternetGatewayId.N",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "MaxResults",
        "NextToken",
    ],
};

impl Request for DescribeEgressOnlyInternetGatewaysRequest {
    type Reply = DescribeEgressOnlyInternetGatewaysResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_EGRESS_ONLY_INTERNET_GATEWAYS
    }
}

pub static CREATE_NAT_GATEWAY: Operation = Operation {
    name: "CreateNatGateway",
    service: &SERVICE,
    input: "CreateNatGatewayRequest",
    output: Some("CreateNatGatewayResult"),
    paginator: None,
    dry_run: true,
    client_token: true,
    filters: false,
    tag_specifications: true,
    required: &[],
    members: &[
        "AllocationId",
        "AvailabilityMode",
        "AvailabilityZoneAddress.N.AllocationId.N",
        "AvailabilityZoneAddress.N.AvailabilityZone",
        "AvailabilityZoneAddress.N.AvailabilityZoneId",
        "ClientToken",
        "ConnectivityType",
        "DryRun",
        "PrivateIpAddress",
        "SecondaryAllocationId.N",
        "SecondaryPrivateIpAddress.N",
        "SecondaryPrivateIpAddressCount",
        "SubnetId",
        "TagSpecification.N.ResourceType",
        "TagSpecification.N.Tag.N.Key",
        "TagSpecification.N.Tag.N.Value",
        "VpcId",
    ],
};

impl Request for CreateNatGatewayRequest {
    type Reply = CreateNatGatewayResult;
    fn operation() -> &'static Operation {
        &CREATE_NAT_GATEWAY
    }
}

pub static DELETE_NAT_GATEWAY: Operation = Operation {
    name: "DeleteNatGateway",
    service: &SERVICE,
    input: "DeleteNatGatewayRequest",
    output: Some("DeleteNatGatewayResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["NatGatewayId"],
    members: &[
        "DryRun",
        "NatGatewayId",
    ],
};

impl Request for DeleteNatGatewayRequest {
    type Reply = DeleteNatGatewayResult;
    fn operation() -> &'static Operation {
        &DELETE_NAT_GATEWAY
    }
}

pub static DESCRIBE_NAT_GATEWAYS: Operation = Operation {
    name: "DescribeNatGateways",
    service: &SERVICE,
    input: "DescribeNatGatewaysRequest",
    output: Some("DescribeNatGatewaysResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["NatGateways"] }),
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "MaxResults",
        "NatGatewayId.N",
        "NextToken",
    ],
};

impl Request for DescribeNatGatewaysRequest {
    type Reply = DescribeNatGatewaysResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_NAT_GATEWAYS
    }
}

pub static CREATE_VPC_PEERING_CONNECTION: Operation = Operation {
    name: "CreateVpcPeeringConnection",
    service: &SERVICE,
    input: "CreateVpcPeeringConnectionRequest",
    output: Some("CreateVpcPeeringConnectionResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: true,
    required: &["VpcId"],
    members: &[
        "DryRun",
        "PeerOwnerId",
        "PeerRegion",
        "PeerVpcId",
        "TagSpecification.N.ResourceType",
        "TagSpecification.N.Tag.N.Key",
        "TagSpecification.N.Tag.N.Value",
        "VpcId",
    ],
};

impl Request for CreateVpcPeeringConnectionRequest {
    type Reply = CreateVpcPeeringConnectionResult;
    fn operation() -> &'static Operation {
        &CREATE_VPC_PEERING_CONNECTION
    }
}

pub static ACCEPT_VPC_PEERING_CONNECTION: Operation = Operation {
    name: "AcceptVpcPeeringConnection",
    service: &SERVICE,
    input: "AcceptVpcPeeringConnectionRequest",
    output: Some("AcceptVpcPeeringConnectionResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["VpcPeeringConnectionId"],
    members: &[
        "DryRun",
        "VpcPeeringConnectionId",
    ],
};

impl Request for AcceptVpcPeeringConnectionRequest {
    type Reply = AcceptVpcPeeringConnectionResult;
    fn operation() -> &'static Operation {
        &ACCEPT_VPC_PEERING_CONNECTION
    }
}

pub static REJECT_VPC_PEERING_CONNECTION: Operation = Operation {
    name: "RejectVpcPeeringConnection",
    service: &SERVICE,
    input: "RejectVpcPeeringConnectionRequest",
    output: Some("RejectVpcPeeringConnectionResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["VpcPeeringConnectionId"],
    members: &[
        "DryRun",
        "VpcPeeringConnectionId",
    ],
};

impl Request for RejectVpcPeeringConnectionRequest {
    type Reply = RejectVpcPeeringConnectionResult;
    fn operation() -> &'static Operation {
        &REJECT_VPC_PEERING_CONNECTION
    }
}

pub static DELETE_VPC_PEERING_CONNECTION: Operation = Operation {
    name: "DeleteVpcPeeringConnection",
    service: &SERVICE,
    input: "DeleteVpcPeeringConnectionRequest",
    output: Some("DeleteVpcPeeringConnectionResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["VpcPeeringConnectionId"],
    members: &[
        "DryRun",
        "VpcPeeringConnectionId",
    ],
};

impl Request for DeleteVpcPeeringConnectionRequest {
    type Reply = DeleteVpcPeeringConnectionResult;
    fn operation() -> &'static Operation {
        &DELETE_VPC_PEERING_CONNECTION
    }
}

pub static DESCRIBE_VPC_PEERING_CONNECTIONS: Operation = Operation {
    name: "DescribeVpcPeeringConnections",
    service: &SERVICE,
    input: "DescribeVpcPeeringConnectionsRequest",
    output: Some("DescribeVpcPeeringConnectionsResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["VpcPeeringConnections"] }),
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "MaxResults",
        "NextToken",
        "VpcPeeringConnectionId.N",
    ],
};

impl Request for DescribeVpcPeeringConnectionsRequest {
    type Reply = DescribeVpcPeeringConnectionsResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_VPC_PEERING_CONNECTIONS
    }
}

pub static MODIFY_VPC_PEERING_CONNECTION_OPTIONS: Operation = Operation {
    name: "ModifyVpcPeeringConnectionOptions",
    service: &SERVICE,
    input: "ModifyVpcPeeringConnectionOptionsRequest",
    output: Some("ModifyVpcPeeringConnectionOptionsResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["VpcPeeringConnectionId"],
    members: &[
        "AccepterPeeringConnectionOptions.AllowDnsResolutionFromRemoteVpc",
        "AccepterPeeringConnectionOptions.AllowEgressFromLocalClassicLinkToRemoteVpc",
        "AccepterPeeringConnectionOptions.AllowEgressFromLocalVpcToRemoteClassicLink",
        "DryRun",
        "RequesterPeeringConnectionOptions.AllowDnsResolutionFromRemoteVpc",
        "RequesterPeeringConnectionOptions.AllowEgressFromLocalClassicLinkToRemoteVpc",
        "RequesterPeeringConnectionOptions.AllowEgressFromLocalVpcToRemoteClassicLink",
        "VpcPeeringConnectionId",
    ],
};

impl Request for ModifyVpcPeeringConnectionOptionsRequest {
    type Reply = ModifyVpcPeeringConnectionOptionsResult;
    fn operation() -> &'static Operation {
        &MODIFY_VPC_PEERING_CONNECTION_OPTIONS
    }
}

pub static CREATE_VPC_ENDPOINT: Operation = Operation {
    name: "CreateVpcEndpoint",
    service: &SERVICE,
    input: "CreateVpcEndpointRequest",
    output: Some("CreateVpcEndpointResult"),
    paginator: None,
    dry_run: true,
    client_token: true,
    filters: false,
    tag_specifications: true,
    required: &["VpcId"],
    members: &[
        "ClientToken",
        "DnsOptions.DnsRecordIpType",
        "DnsOptions.PrivateDnsOnlyForInboundResolverEndpoint",
        "DnsOptions.PrivateDnsPreference",
        "DnsOptions.PrivateDnsSpecifiedDomain.N",
        "DryRun",
        "IpAddressType",
        "PolicyDocument",
        "PrivateDnsEnabled",
        "ResourceConfigurationArn",
        "RouteTableId.N",
        "SecurityGroupId.N",
        "ServiceName",
        "ServiceNetworkArn",
        "ServiceRegion",
        "SubnetConfiguration.N.Ipv4",
        "SubnetConfiguration.N.Ipv6",
        "SubnetConfiguration.N.SubnetId",
        "SubnetId.N",
        "TagSpecification.N.ResourceType",
        "TagSpecification.N.Tag.N.Key",
        "TagSpecification.N.Tag.N.Value",
        "VpcEndpointType",
        "VpcId",
    ],
};

impl Request for CreateVpcEndpointRequest {
    type Reply = CreateVpcEndpointResult;
    fn operation() -> &'static Operation {
        &CREATE_VPC_ENDPOINT
    }
}

pub static DELETE_VPC_ENDPOINTS: Operation = Operation {
    name: "DeleteVpcEndpoints",
    service: &SERVICE,
    input: "DeleteVpcEndpointsRequest",
    output: Some("DeleteVpcEndpointsResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["VpcEndpointId"],
    members: &[
        "DryRun",
        "VpcEndpointId.N",
    ],
};

impl Request for DeleteVpcEndpointsRequest {
    type Reply = DeleteVpcEndpointsResult;
    fn operation() -> &'static Operation {
        &DELETE_VPC_ENDPOINTS
    }
}

pub static DESCRIBE_VPC_ENDPOINTS: Operation = Operation {
    name: "DescribeVpcEndpoints",
    service: &SERVICE,
    input: "DescribeVpcEndpointsRequest",
    output: Some("DescribeVpcEndpointsResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["VpcEndpoints"] }),
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "MaxResults",
        "NextToken",
        "VpcEndpointId.N",
    ],
};

impl Request for DescribeVpcEndpointsRequest {
    type Reply = DescribeVpcEndpointsResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_VPC_ENDPOINTS
    }
}

pub static MODIFY_VPC_ENDPOINT: Operation = Operation {
    name: "ModifyVpcEndpoint",
    service: &SERVICE,
    input: "ModifyVpcEndpointRequest",
    output: Some("ModifyVpcEndpointResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["VpcEndpointId"],
    members: &[
        "AddRouteTableId.N",
        "AddSecurityGroupId.N",
        "AddSubnetId.N",
        "DnsOptions.DnsRecordIpType",
        "DnsOptions.PrivateDnsOnlyForInboundResolverEndpoint",
        "DnsOptions.PrivateDnsPreference",
        "DnsOptions.PrivateDnsSpecifiedDomain.N",
        "DryRun",
        "IpAddressType",
        "PolicyDocument",
        "PrivateDnsEnabled",
        "RemoveRouteTableId.N",
        "RemoveSecurityGroupId.N",
        "RemoveSubnetId.N",
        "ResetPolicy",
        "SubnetConfiguration.N.Ipv4",
        "SubnetConfiguration.N.Ipv6",
        "SubnetConfiguration.N.SubnetId",
        "VpcEndpointId",
    ],
};

impl Request for ModifyVpcEndpointRequest {
    type Reply = ModifyVpcEndpointResult;
    fn operation() -> &'static Operation {
        &MODIFY_VPC_ENDPOINT
    }
}

pub static DESCRIBE_VPC_ENDPOINT_SERVICES: Operation = Operation {
    name: "DescribeVpcEndpointServices",
    service: &SERVICE,
    input: "DescribeVpcEndpointServicesRequest",
    output: Some("DescribeVpcEndpointServicesResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["ServiceDetails", "ServiceNames"] }),
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "MaxResults",
        "NextToken",
        "ServiceName.N",
        "ServiceRegion.N",
    ],
};

impl Request for DescribeVpcEndpointServicesRequest {
    type Reply = DescribeVpcEndpointServicesResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_VPC_ENDPOINT_SERVICES
    }
}

pub static DESCRIBE_PREFIX_LISTS: Operation = Operation {
    name: "DescribePrefixLists",
    service: &SERVICE,
    input: "DescribePrefixListsRequest",
    output: Some("DescribePrefixListsResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["PrefixLists"] }),
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "MaxResults",
        "NextToken",
        "PrefixListId.N",
    ],
};

impl Request for DescribePrefixListsRequest {
    type Reply = DescribePrefixListsResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_PREFIX_LISTS
    }
}

pub static CREATE_MANAGED_PREFIX_LIST: Operation = Operation {
    name: "CreateManagedPrefixList",
    service: &SERVICE,
    input: "CreateManagedPrefixListRequest",
    output: Some("CreateManagedPrefixListResult"),
    paginator: None,
    dry_run: true,
    client_token: true,
    filters: false,
    tag_specifications: true,
    required: &["AddressFamily", "MaxEntries", "PrefixListName"],
    members: &[
        "AddressFamily",
        "ClientToken",
        "DryRun",
        "Entry.N.Cidr",
        "Entry.N.Description",
        "MaxEntries",
        "PrefixListName",
        "TagSpecification.N.ResourceType",
        "TagSpecification.N.Tag.N.Key",
        "TagSpecification.N.Tag.N.Value",
    ],
};

impl Request for CreateManagedPrefixListRequest {
    type Reply = CreateManagedPrefixListResult;
    fn operation() -> &'static Operation {
        &CREATE_MANAGED_PREFIX_LIST
    }
}

pub static DELETE_MANAGED_PREFIX_LIST: Operation = Operation {
    name: "DeleteManagedPrefixList",
    service: &SERVICE,
    input: "DeleteManagedPrefixListRequest",
    output: Some("DeleteManagedPrefixListResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["PrefixListId"],
    members: &[
        "DryRun",
        "PrefixListId",
    ],
};

impl Request for DeleteManagedPrefixListRequest {
    type Reply = DeleteManagedPrefixListResult;
    fn operation() -> &'static Operation {
        &DELETE_MANAGED_PREFIX_LIST
    }
}

pub static DESCRIBE_MANAGED_PREFIX_LISTS: Operation = Operation {
    name: "DescribeManagedPrefixLists",
    service: &SERVICE,
    input: "DescribeManagedPrefixListsRequest",
    output: Some("DescribeManagedPrefixListsResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["PrefixLists"] }),
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "MaxResults",
        "NextToken",
        "PrefixListId.N",
    ],
};

impl Request for DescribeManagedPrefixListsRequest {
    type Reply = DescribeManagedPrefixListsResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_MANAGED_PREFIX_LISTS
    }
}

pub static MODIFY_MANAGED_PREFIX_LIST: Operation = Operation {
    name: "ModifyManagedPrefixList",
    service: &SERVICE,
    input: "ModifyManagedPrefixListRequest",
    output: Some("ModifyManagedPrefixListResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["PrefixListId"],
    members: &[
        "AddEntry.N.Cidr",
        "AddEntry.N.Description",
        "CurrentVersion",
        "DryRun",
        "IpamPrefixListResolverSyncEnabled",
        "MaxEntries",
        "PrefixListId",
        "PrefixListName",
        "RemoveEntry.N.Cidr",
    ],
};

impl Request for ModifyManagedPrefixListRequest {
    type Reply = ModifyManagedPrefixListResult;
    fn operation() -> &'static Operation {
        &MODIFY_MANAGED_PREFIX_LIST
    }
}

pub static GET_MANAGED_PREFIX_LIST_ENTRIES: Operation = Operation {
    name: "GetManagedPrefixListEntries",
    service: &SERVICE,
    input: "GetManagedPrefixListEntriesRequest",
    output: Some("GetManagedPrefixListEntriesResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["Entries"] }),
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["PrefixListId"],
    members: &[
        "DryRun",
        "MaxResults",
        "NextToken",
        "PrefixListId",
        "TargetVersion",
    ],
};

impl Request for GetManagedPrefixListEntriesRequest {
    type Reply = GetManagedPrefixListEntriesResult;
    fn operation() -> &'static Operation {
        &GET_MANAGED_PREFIX_LIST_ENTRIES
    }
}

pub static RESTORE_MANAGED_PREFIX_LIST_VERSION: Operation = Operation {
    name: "RestoreManagedPrefixListVersion",
    service: &SERVICE,
    input: "RestoreManagedPrefixListVersionRequest",
    output: Some("RestoreManagedPrefixListVersionResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["CurrentVersion", "PrefixListId", "PreviousVersion"],
    members: &[
        "CurrentVersion",
        "DryRun",
        "PrefixListId",
        "PreviousVersion",
    ],
};

impl Request for RestoreManagedPrefixListVersionRequest {
    type Reply = RestoreManagedPrefixListVersionResult;
    fn operation() -> &'static Operation {
        &RESTORE_MANAGED_PREFIX_LIST_VERSION
    }
}

pub static CREATE_FLOW_LOGS: Operation = Operation {
    name: "CreateFlowLogs",
    service: &SERVICE,
    input: "CreateFlowLogsRequest",
    output: Some("CreateFlowLogsResult"),
    paginator: None,
    dry_run: true,
    client_token: true,
    filters: false,
    tag_specifications: true,
    required: &["ResourceId", "ResourceType"],
    members: &[
        "ClientToken",
        "DeliverCrossAccountRole",
        "DeliverLogsPermissionArn",
        "DestinationOptions.FileFormat",
        "DestinationOptions.HiveCompatiblePartitions",
        "DestinationOptions.PerHourPartition",
        "DryRun",
        "LogDestination",
        "LogDestinationType",
        "LogFormat",
        "LogGroupName",
        "MaxAggregationInterval",
        "ResourceId.N",
        "ResourceType",
        "TagSpecification.N.ResourceType",
        "TagSpecification.N.Tag.N.Key",
        "TagSpecification.N.Tag.N.Value",
        "TrafficType",
    ],
};

impl Request for CreateFlowLogsRequest {
    type Reply = CreateFlowLogsResult;
    fn operation() -> &'static Operation {
        &CREATE_FLOW_LOGS
    }
}

pub static DESCRIBE_FLOW_LOGS: Operation = Operation {
    name: "DescribeFlowLogs",
    service: &SERVICE,
    input: "DescribeFlowLogsRequest",
    output: Some("DescribeFlowLogsResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["FlowLogs"] }),
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "FlowLogId.N",
        "MaxResults",
        "NextToken",
    ],
};

impl Request for DescribeFlowLogsRequest {
    type Reply = DescribeFlowLogsResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_FLOW_LOGS
    }
}

pub static DELETE_FLOW_LOGS: Operation = Operation {
    name: "DeleteFlowLogs",
    service: &SERVICE,
    input: "DeleteFlowLogsRequest",
    output: Some("DeleteFlowLogsResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["FlowLogId"],
    members: &[
        "DryRun",
        "FlowLogId.N",
    ],
};

impl Request for DeleteFlowLogsRequest {
    type Reply = DeleteFlowLogsResult;
    fn operation() -> &'static Operation {
        &DELETE_FLOW_LOGS
    }
}

pub static CREATE_TRANSIT_GATEWAY: Operation = Operation {
    name: "CreateTransitGateway",
    service: &SERVICE,
    input: "CreateTransitGatewayRequest",
    output: Some("CreateTransitGatewayResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: true,
    required: &[],
    members: &[
        "Description",
        "DryRun",
        "Options.AmazonSideAsn",
        "Options.AutoAcceptSharedAttachments",
        "Options.DefaultRouteTableAssociation",
        "Options.DefaultRouteTablePropagation",
        "Options.DnsSupport",
        "Options.MulticastSupport",
        "Options.SecurityGroupReferencingSupport",
        "Options.TransitGatewayCidrBlocks.N",
        "Options.VpnEcmpSupport",
        "TagSpecification.N.ResourceType",
        "TagSpecification.N.Tag.N.Key",
        "TagSpecification.N.Tag.N.Value",
    ],
};

impl Request for CreateTransitGatewayRequest {
    type Reply = CreateTransitGatewayResult;
    fn operation() -> &'static Operation {
        &CREATE_TRANSIT_GATEWAY
    }
}

pub static DELETE_TRANSIT_GATEWAY: Operation = Operation {
    name: "DeleteTransitGateway",
    service: &SERVICE,
    input: "DeleteTransitGatewayRequest",
    output: Some("DeleteTransitGatewayResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["TransitGatewayId"],
    members: &[
        "DryRun",
        "TransitGatewayId",
    ],
};

impl Request for DeleteTransitGatewayRequest {
    type Reply = DeleteTransitGatewayResult;
    fn operation() -> &'static Operation {
        &DELETE_TRANSIT_GATEWAY
    }
}

pub static DESCRIBE_TRANSIT_GATEWAYS: Operation = Operation {
    name: "DescribeTransitGateways",
    service: &SERVICE,
    input: "DescribeTransitGatewaysRequest",
    output: Some("DescribeTransitGatewaysResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["TransitGateways"] }),
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "MaxResults",
        "NextToken",
        "TransitGatewayIds.N",
    ],
};

impl Request for DescribeTransitGatewaysRequest {
    type Reply = DescribeTransitGatewaysResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_TRANSIT_GATEWAYS
    }
}

pub static MODIFY_TRANSIT_GATEWAY: Operation = Operation {
    name: "ModifyTransitGateway",
    service: &SERVICE,
    input: "ModifyTransitGatewayRequest",
    output: Some("ModifyTransitGatewayResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["TransitGatewayId"],
    members: &[
        "Description",
        "DryRun",
        "Options.AddTransitGatewayCidrBlocks.N",
        "Options.AmazonSideAsn",
        "Options.AssociationDefaultRouteTableId",
        "Options.AutoAcceptSharedAttachments",
        "Options.DefaultRouteTableAssociation",
        "Options.DefaultRouteTablePropagation",
        "Options.DnsSupport",
        "Options.EncryptionSupport",
        "Options.PropagationDefaultRouteTableId",
        "Options.RemoveTransitGatewayCidrBlocks.N",
        "Options.SecurityGroupReferencingSupport",
        "Options.VpnEcmpSupport",
        "TransitGatewayId",
    ],
};

impl Request for ModifyTransitGatewayRequest {
    type Reply = ModifyTransitGatewayResult;
    fn operation() -> &'static Operation {
        &MODIFY_TRANSIT_GATEWAY
    }
}

pub static CREATE_TRANSIT_GATEWAY_VPC_ATTACHMENT: Operation = Operation {
    name: "CreateTransitGatewayVpcAttachment",
    service: &SERVICE,
    input: "CreateTransitGatewayVpcAttachmentRequest",
    output: Some("CreateTransitGatewayVpcAttachmentResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: true,
    required: &["SubnetIds", "TransitGatewayId", "VpcId"],
    members: &[
        "DryRun",
        "Options.ApplianceModeSupport",
        "Options.DnsSupport",
        "Options.Ipv6Support",
        "Options.SecurityGroupReferencingSupport",
        "SubnetIds.N",
        "TagSpecifications.N.ResourceType",
        "TagSpecifications.N.Tag.N.Key",
        "TagSpecifications.N.Tag.N.Value",
        "TransitGatewayId",
        "VpcId",
    ],
};

impl Request for CreateTransitGatewayVpcAttachmentRequest {
    type Reply = CreateTransitGatewayVpcAttachmentResult;
    fn operation() -> &'static Operation {
        &CREATE_TRANSIT_GATEWAY_VPC_ATTACHMENT
    }
}

pub static DELETE_TRANSIT_GATEWAY_VPC_ATTACHMENT: Operation = Operation {
    name: "DeleteTransitGatewayVpcAttachment",
    service: &SERVICE,
    input: "DeleteTransitGatewayVpcAttachmentRequest",
    output: Some("DeleteTransitGatewayVpcAttachmentResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["TransitGatewayAttachmentId"],
    members: &[
        "DryRun",
        "TransitGatewayAttachmentId",
    ],
};

impl Request for DeleteTransitGatewayVpcAttachmentRequest {
    type Reply = DeleteTransitGatewayVpcAttachmentResult;
    fn operation() -> &'static Operation {
        &DELETE_TRANSIT_GATEWAY_VPC_ATTACHMENT
    }
}

pub static DESCRIBE_TRANSIT_GATEWAY_VPC_ATTACHMENTS: Operation = Operation {
    name: "DescribeTransitGatewayVpcAttachments",
    service: &SERVICE,
    input: "DescribeTransitGatewayVpcAttachmentsRequest",
    output: Some("DescribeTransitGatewayVpcAttachmentsResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["TransitGatewayVpcAttachments"] }),
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "MaxResults",
        "NextToken",
        "TransitGatewayAttachmentIds.N",
    ],
};

impl Request for DescribeTransitGatewayVpcAttachmentsRequest {
    type Reply = DescribeTransitGatewayVpcAttachmentsResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_TRANSIT_GATEWAY_VPC_ATTACHMENTS
    }
}

pub static MODIFY_TRANSIT_GATEWAY_VPC_ATTACHMENT: Operation = Operation {
    name: "ModifyTransitGatewayVpcAttachment",
    service: &SERVICE,
    input: "ModifyTransitGatewayVpcAttachmentRequest",
    output: Some("ModifyTransitGatewayVpcAttachmentResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["TransitGatewayAttachmentId"],
    members: &[
        "AddSubnetIds.N",
        "DryRun",
        "Options.ApplianceModeSupport",
        "Options.DnsSupport",
        "Options.Ipv6Support",
        "Options.SecurityGroupReferencingSupport",
        "RemoveSubnetIds.N",
        "TransitGatewayAttachmentId",
    ],
};

impl Request for ModifyTransitGatewayVpcAttachmentRequest {
    type Reply = ModifyTransitGatewayVpcAttachmentResult;
    fn operation() -> &'static Operation {
        &MODIFY_TRANSIT_GATEWAY_VPC_ATTACHMENT
    }
}

pub static DESCRIBE_TRANSIT_GATEWAY_ATTACHMENTS: Operation = Operation {
    name: "DescribeTransitGatewayAttachments",
    service: &SERVICE,
    input: "DescribeTransitGatewayAttachmentsRequest",
    output: Some("DescribeTransitGatewayAttachmentsResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["TransitGatewayAttachments"] }),
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "MaxResults",
        "NextToken",
        "TransitGatewayAttachmentIds.N",
    ],
};

impl Request for DescribeTransitGatewayAttachmentsRequest {
    type Reply = DescribeTransitGatewayAttachmentsResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_TRANSIT_GATEWAY_ATTACHMENTS
    }
}

pub static CREATE_TRANSIT_GATEWAY_ROUTE_TABLE: Operation = Operation {
    name: "CreateTransitGatewayRouteTable",
    service: &SERVICE,
    input: "CreateTransitGatewayRouteTableRequest",
    output: Some("CreateTransitGatewayRouteTableResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: true,
    required: &["TransitGatewayId"],
    members: &[
        "DryRun",
        "TagSpecifications.N.ResourceType",
        "TagSpecifications.N.Tag.N.Key",
        "TagSpecifications.N.Tag.N.Value",
        "TransitGatewayId",
    ],
};

impl Request for CreateTransitGatewayRouteTableRequest {
    type Reply = CreateTransitGatewayRouteTableResult;
    fn operation() -> &'static Operation {
        &CREATE_TRANSIT_GATEWAY_ROUTE_TABLE
    }
}

pub static DELETE_TRANSIT_GATEWAY_ROUTE_TABLE: Operation = Operation {
    name: "DeleteTransitGatewayRouteTable",
    service: &SERVICE,
    input: "DeleteTransitGatewayRouteTableRequest",
    output: Some("DeleteTransitGatewayRouteTableResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["TransitGatewayRouteTableId"],
    members: &[
        "DryRun",
        "TransitGatewayRouteTableId",
    ],
};

impl Request for DeleteTransitGatewayRouteTableRequest {
    type Reply = DeleteTransitGatewayRouteTableResult;
    fn operation() -> &'static Operation {
        &DELETE_TRANSIT_GATEWAY_ROUTE_TABLE
    }
}

pub static DESCRIBE_TRANSIT_GATEWAY_ROUTE_TABLES: Operation = Operation {
    name: "DescribeTransitGatewayRouteTables",
    service: &SERVICE,
    input: "DescribeTransitGatewayRouteTablesRequest",
    output: Some("DescribeTransitGatewayRouteTablesResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["TransitGatewayRouteTables"] }),
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "MaxResults",
        "NextToken",
        "TransitGatewayRouteTableIds.N",
    ],
};

impl Request for DescribeTransitGatewayRouteTablesRequest {
    type Reply = DescribeTransitGatewayRouteTablesResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_TRANSIT_GATEWAY_ROUTE_TABLES
    }
}

pub static CREATE_TRANSIT_GATEWAY_ROUTE: Operation = Operation {
    name: "CreateTransitGatewayRoute",
    service: &SERVICE,
    input: "CreateTransitGatewayRouteRequest",
    output: Some("CreateTransitGatewayRouteResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["DestinationCidrBlock", "TransitGatewayRouteTableId"],
    members: &[
        "Blackhole",
        "DestinationCidrBlock",
        "DryRun",
        "TransitGatewayAttachmentId",
        "TransitGatewayRouteTableId",
    ],
};

impl Request for CreateTransitGatewayRouteRequest {
    type Reply = CreateTransitGatewayRouteResult;
    fn operation() -> &'static Operation {
        &CREATE_TRANSIT_GATEWAY_ROUTE
    }
}

pub static DELETE_TRANSIT_GATEWAY_ROUTE: Operation = Operation {
    name: "DeleteTransitGatewayRoute",
    service: &SERVICE,
    input: "DeleteTransitGatewayRouteRequest",
    output: Some("DeleteTransitGatewayRouteResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["DestinationCidrBlock", "TransitGatewayRouteTableId"],
    members: &[
        "DestinationCidrBlock",
        "DryRun",
        "TransitGatewayRouteTableId",
    ],
};

impl Request for DeleteTransitGatewayRouteRequest {
    type Reply = DeleteTransitGatewayRouteResult;
    fn operation() -> &'static Operation {
        &DELETE_TRANSIT_GATEWAY_ROUTE
    }
}

pub static REPLACE_TRANSIT_GATEWAY_ROUTE: Operation = Operation {
    name: "ReplaceTransitGatewayRoute",
    service: &SERVICE,
    input: "ReplaceTransitGatewayRouteRequest",
    output: Some("ReplaceTransitGatewayRouteResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["DestinationCidrBlock", "TransitGatewayRouteTableId"],
    members: &[
        "Blackhole",
        "DestinationCidrBlock",
        "DryRun",
        "TransitGatewayAttachmentId",
        "TransitGatewayRouteTableId",
    ],
};

impl Request for ReplaceTransitGatewayRouteRequest {
    type Reply = ReplaceTransitGatewayRouteResult;
    fn operation() -> &'static Operation {
        &REPLACE_TRANSIT_GATEWAY_ROUTE
    }
}

pub static SEARCH_TRANSIT_GATEWAY_ROUTES: Operation = Operation {
    name: "SearchTransitGatewayRoutes",
    service: &SERVICE,
    input: "SearchTransitGatewayRoutesRequest",
    output: Some("SearchTransitGatewayRoutesResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["Routes"] }),
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &["Filter", "TransitGatewayRouteTableId"],
    members: &[
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "MaxResults",
        "NextToken",
        "TransitGatewayRouteTableId",
    ],
};

impl Request for SearchTransitGatewayRoutesRequest {
    type Reply = SearchTransitGatewayRoutesResult;
    fn operation() -> &'static Operation {
        &SEARCH_TRANSIT_GATEWAY_ROUTES
    }
}

pub static ASSOCIATE_TRANSIT_GATEWAY_ROUTE_TABLE: Operation = Operation {
    name: "AssociateTransitGatewayRouteTable",
    service: &SERVICE,
    input: "AssociateTransitGatewayRouteTableRequest",
    output: Some("AssociateTransitGatewayRouteTableResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["TransitGatewayAttachmentId", "TransitGatewayRouteTableId"],
    members: &[
        "DryRun",
        "TransitGatewayAttachmentId",
        "TransitGatewayRouteTableId",
    ],
};

impl Request for AssociateTransitGatewayRouteTableRequest {
    type Reply = AssociateTransitGatewayRouteTableResult;
    fn operation() -> &'static Operation {
        &ASSOCIATE_TRANSIT_GATEWAY_ROUTE_TABLE
    }
}

pub static DISASSOCIATE_TRANSIT_GATEWAY_ROUTE_TABLE: Operation = Operation {
    name: "DisassociateTransitGatewayRouteTable",
    service: &SERVICE,
    input: "DisassociateTransitGatewayRouteTableRequest",
    output: Some("DisassociateTransitGatewayRouteTableResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["TransitGatewayAttachmentId", "TransitGatewayRouteTableId"],
    members: &[
        "DryRun",
        "TransitGatewayAttachmentId",
        "TransitGatewayRouteTableId",
    ],
};

impl Request for DisassociateTransitGatewayRouteTableRequest {
    type Reply = DisassociateTransitGatewayRouteTableResult;
    fn operation() -> &'static Operation {
        &DISASSOCIATE_TRANSIT_GATEWAY_ROUTE_TABLE
    }
}

pub static GET_TRANSIT_GATEWAY_ROUTE_TABLE_ASSOCIATIONS: Operation = Operation {
    name: "GetTransitGatewayRouteTableAssociations",
    service: &SERVICE,
    input: "GetTransitGatewayRouteTableAssociationsRequest",
    output: Some("GetTransitGatewayRouteTableAssociationsResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["Associations"] }),
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &["TransitGatewayRouteTableId"],
    members: &[
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "MaxResults",
        "NextToken",
        "TransitGatewayRouteTableId",
    ],
};

impl Request for GetTransitGatewayRouteTableAssociationsRequest {
    type Reply = GetTransitGatewayRouteTableAssociationsResult;
    fn operation() -> &'static Operation {
        &GET_TRANSIT_GATEWAY_ROUTE_TABLE_ASSOCIATIONS
    }
}

pub static ENABLE_TRANSIT_GATEWAY_ROUTE_TABLE_PROPAGATION: Operation = Operation {
    name: "EnableTransitGatewayRouteTablePropagation",
    service: &SERVICE,
    input: "EnableTransitGatewayRouteTablePropagationRequest",
    output: Some("EnableTransitGatewayRouteTablePropagationResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["TransitGatewayRouteTableId"],
    members: &[
        "DryRun",
        "TransitGatewayAttachmentId",
        "TransitGatewayRouteTableAnnouncementId",
        "TransitGatewayRouteTableId",
    ],
};

impl Request for EnableTransitGatewayRouteTablePropagationRequest {
    type Reply = EnableTransitGatewayRouteTablePropagationResult;
    fn operation() -> &'static Operation {
        &ENABLE_TRANSIT_GATEWAY_ROUTE_TABLE_PROPAGATION
    }
}

pub static DISABLE_TRANSIT_GATEWAY_ROUTE_TABLE_PROPAGATION: Operation = Operation {
    name: "DisableTransitGatewayRouteTablePropagation",
    service: &SERVICE,
    input: "DisableTransitGatewayRouteTablePropagationRequest",
    output: Some("DisableTransitGatewayRouteTablePropagationResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["TransitGatewayRouteTableId"],
    members: &[
        "DryRun",
        "TransitGatewayAttachmentId",
        "TransitGatewayRouteTableAnnouncementId",
        "TransitGatewayRouteTableId",
    ],
};

impl Request for DisableTransitGatewayRouteTablePropagationRequest {
    type Reply = DisableTransitGatewayRouteTablePropagationResult;
    fn operation() -> &'static Operation {
        &DISABLE_TRANSIT_GATEWAY_ROUTE_TABLE_PROPAGATION
    }
}

pub static GET_TRANSIT_GATEWAY_ROUTE_TABLE_PROPAGATIONS: Operation = Operation {
    name: "GetTransitGatewayRouteTablePropagations",
    service: &SERVICE,
    input: "GetTransitGatewayRouteTablePropagationsRequest",
    output: Some("GetTransitGatewayRouteTablePropagationsResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["TransitGatewayRouteTablePropagations"] }),
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &["TransitGatewayRouteTableId"],
    members: &[
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "MaxResults",
        "NextToken",
        "TransitGatewayRouteTableId",
    ],
};

impl Request for GetTransitGatewayRouteTablePropagationsRequest {
    type Reply = GetTransitGatewayRouteTablePropagationsResult;
    fn operation() -> &'static Operation {
        &GET_TRANSIT_GATEWAY_ROUTE_TABLE_PROPAGATIONS
    }
}

pub static GET_TRANSIT_GATEWAY_ATTACHMENT_PROPAGATIONS: Operation = Operation {
    name: "GetTransitGatewayAttachmentPropagations",
    service: &SERVICE,
    input: "GetTransitGatewayAttachmentPropagationsRequest",
    output: Some("GetTransitGatewayAttachmentPropagationsResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["TransitGatewayAttachmentPropagations"] }),
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &["TransitGatewayAttachmentId"],
    members: &[
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "MaxResults",
        "NextToken",
        "TransitGatewayAttachmentId",
    ],
};

impl Request for GetTransitGatewayAttachmentPropagationsRequest {
    type Reply = GetTransitGatewayAttachmentPropagationsResult;
    fn operation() -> &'static Operation {
        &GET_TRANSIT_GATEWAY_ATTACHMENT_PROPAGATIONS
    }
}

pub static CREATE_KEY_PAIR: Operation = Operation {
    name: "CreateKeyPair",
    service: &SERVICE,
    input: "CreateKeyPairRequest",
    output: Some("KeyPair"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: true,
    required: &["KeyName"],
    members: &[
        "DryRun",
        "KeyFormat",
        "KeyName",
        "KeyType",
        "TagSpecification.N.ResourceType",
        "TagSpecification.N.Tag.N.Key",
        "TagSpecification.N.Tag.N.Value",
    ],
};

impl Request for CreateKeyPairRequest {
    type Reply = KeyPair;
    fn operation() -> &'static Operation {
        &CREATE_KEY_PAIR
    }
}

pub static IMPORT_KEY_PAIR: Operation = Operation {
    name: "ImportKeyPair",
    service: &SERVICE,
    input: "ImportKeyPairRequest",
    output: Some("ImportKeyPairResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: true,
    required: &["KeyName", "PublicKeyMaterial"],
    members: &[
        "DryRun",
        "KeyName",
        "PublicKeyMaterial",
        "TagSpecification.N.ResourceType",
        "TagSpecification.N.Tag.N.Key",
        "TagSpecification.N.Tag.N.Value",
    ],
};

impl Request for ImportKeyPairRequest {
    type Reply = ImportKeyPairResult;
    fn operation() -> &'static Operation {
        &IMPORT_KEY_PAIR
    }
}

pub static DESCRIBE_KEY_PAIRS: Operation = Operation {
    name: "DescribeKeyPairs",
    service: &SERVICE,
    input: "DescribeKeyPairsRequest",
    output: Some("DescribeKeyPairsResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "IncludePublicKey",
        "KeyName.N",
        "KeyPairId.N",
    ],
};

impl Request for DescribeKeyPairsRequest {
    type Reply = DescribeKeyPairsResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_KEY_PAIRS
    }
}

pub static DELETE_KEY_PAIR: Operation = Operation {
    name: "DeleteKeyPair",
    service: &SERVICE,
    input: "DeleteKeyPairRequest",
    output: Some("DeleteKeyPairResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "DryRun",
        "KeyName",
        "KeyPairId",
    ],
};

impl Request for DeleteKeyPairRequest {
    type Reply = DeleteKeyPairResult;
    fn operation() -> &'static Operation {
        &DELETE_KEY_PAIR
    }
}

pub static DESCRIBE_IMAGES: Operation = Operation {
    name: "DescribeImages",
    service: &SERVICE,
    input: "DescribeImagesRequest",
    output: Some("DescribeImagesResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["Images"] }),
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "DryRun",
        "ExecutableBy.N",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "ImageId.N",
        "IncludeDeprecated",
        "IncludeDisabled",
        "MaxResults",
        "NextToken",
        "Owner.N",
    ],
};

impl Request for DescribeImagesRequest {
    type Reply = DescribeImagesResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_IMAGES
    }
}

pub static RUN_INSTANCES: Operation = Operation {
    name: "RunInstances",
    service: &SERVICE,
    input: "RunInstancesRequest",
    output: Some("Reservation"),
    paginator: None,
    dry_run: true,
    client_token: true,
    filters: false,
    tag_specifications: true,
    required: &["MaxCount", "MinCount"],
    members: &[
        "AdditionalInfo",
        "BlockDeviceMapping.N.DeviceName",
        "BlockDeviceMapping.N.Ebs.AvailabilityZone",
        "BlockDeviceMapping.N.Ebs.AvailabilityZoneId",
        "BlockDeviceMapping.N.Ebs.DeleteOnTermination",
        "BlockDeviceMapping.N.Ebs.EbsCardIndex",
        "BlockDeviceMapping.N.Ebs.Encrypted",
        "BlockDeviceMapping.N.Ebs.Iops",
        "BlockDeviceMapping.N.Ebs.KmsKeyId",
        "BlockDeviceMapping.N.Ebs.OutpostArn",
        "BlockDeviceMapping.N.Ebs.SnapshotId",
        "BlockDeviceMapping.N.Ebs.Throughput",
        "BlockDeviceMapping.N.Ebs.VolumeInitializationRate",
        "BlockDeviceMapping.N.Ebs.VolumeSize",
        "BlockDeviceMapping.N.Ebs.VolumeType",
        "BlockDeviceMapping.N.NoDevice",
        "BlockDeviceMapping.N.VirtualName",
        "CapacityReservationSpecification.CapacityReservationPreference",
        "CapacityReservationSpecification.CapacityReservationTarget.CapacityReservationId",
        "CapacityReservationSpecification.CapacityReservationTarget.CapacityReservationResourceGroupArn",
        "ClientToken",
        "CpuOptions.AmdSevSnp",
        "CpuOptions.CoreCount",
        "CpuOptions.NestedVirtualization",
        "CpuOptions.ThreadsPerCore",
        "CreditSpecification.CpuCredits",
        "DisableApiStop",
        "DisableApiTermination",
        "DryRun",
        "EbsOptimized",
        "ElasticGpuSpecification.N.Type",
        "ElasticInferenceAccelerator.N.Count",
        "ElasticInferenceAccelerator.N.Type",
        "EnablePrimaryIpv6",
        "EnclaveOptions.Enabled",
        "HibernationOptions.Configured",
        "IamInstanceProfile.Arn",
        "IamInstanceProfile.Name",
        "ImageId",
        "InstanceInitiatedShutdownBehavior",
        "InstanceMarketOptions.MarketType",
        "InstanceMarketOptions.SpotOptions.BlockDurationMinutes",
        "InstanceMarketOptions.SpotOptions.InstanceInterruptionBehavior",
        "InstanceMarketOptions.SpotOptions.MaxPrice",
        "InstanceMarketOptions.SpotOptions.SpotInstanceType",
        "InstanceMarketOptions.SpotOptions.ValidUntil",
        "InstanceType",
        "Ipv6Address.N.Ipv6Address",
        "Ipv6Address.N.IsPrimaryIpv6",
        "Ipv6AddressCount",
        "KernelId",
        "KeyName",
        "LaunchTemplate.LaunchTemplateId",
        "LaunchTemplate.LaunchTemplateName",
        "LaunchTemplate.Version",
        "LicenseSpecification.N.LicenseConfigurationArn",
        "MaintenanceOptions.AutoRecovery",
        "MaxCount",
        "MetadataOptions.HttpEndpoint",
        "MetadataOptions.HttpProtocolIpv6",
        "MetadataOptions.HttpPutResponseHopLimit",
        "MetadataOptions.HttpTokens",
        "MetadataOptions.InstanceMetadataTags",
        "MinCount",
        "Monitoring.Enabled",
        "NetworkInterface.N.AssociateCarrierIpAddress",
        "NetworkInterface.N.AssociatePublicIpAddress",
        "NetworkInterface.N.ConnectionTrackingSpecification.TcpEstablishedTimeout",
        "NetworkInterface.N.ConnectionTrackingSpecification.UdpStreamTimeout",
        "NetworkInterface.N.ConnectionTrackingSpecification.UdpTimeout",
        "NetworkInterface.N.DeleteOnTermination",
        "NetworkInterface.N.Description",
        "NetworkInterface.N.DeviceIndex",
        "NetworkInterface.N.EnaQueueCount",
        "NetworkInterface.N.EnaSrdSpecification.EnaSrdEnabled",
        "NetworkInterface.N.EnaSrdSpecification.EnaSrdUdpSpecification.EnaSrdUdpEnabled",
        "NetworkInterface.N.InterfaceType",
        "NetworkInterface.N.Ipv4Prefix.N.Ipv4Prefix",
        "NetworkInterface.N.Ipv4PrefixCount",
        "NetworkInterface.N.Ipv6AddressCount",
        "NetworkInterface.N.Ipv6Addresses.N.Ipv6Address",
        "NetworkInterface.N.Ipv6Addresses.N.IsPrimaryIpv6",
        "NetworkInterface.N.Ipv6Prefix.N.Ipv6Prefix",
        "NetworkInterface.N.Ipv6PrefixCount",
        "NetworkInterface.N.NetworkCardIndex",
        "NetworkInterface.N.NetworkInterfaceId",
        "NetworkInterface.N.PrimaryIpv6",
        "NetworkInterface.N.PrivateIpAddress",
        "NetworkInterface.N.PrivateIpAddresses.N.Primary",
        "NetworkInterface.N.PrivateIpAddresses.N.PrivateIpAddress",
        "NetworkInterface.N.SecondaryPrivateIpAddressCount",
        "NetworkInterface.N.SecurityGroupId.N",
        "NetworkInterface.N.SubnetId",
        "NetworkPerformanceOptions.BandwidthWeighting",
        "Operator.Principal",
        "Placement.Affinity",
        "Placement.AvailabilityZone",
        "Placement.AvailabilityZoneId",
        "Placement.GroupId",
        "Placement.GroupName",
        "Placement.HostId",
        "Placement.HostResourceGroupArn",
        "Placement.PartitionNumber",
        "Placement.SpreadDomain",
        "Placement.Tenancy",
        "PrivateDnsNameOptions.EnableResourceNameDnsAAAARecord",
        "PrivateDnsNameOptions.EnableResourceNameDnsARecord",
        "PrivateDnsNameOptions.HostnameType",
        "PrivateIpAddress",
        "RamdiskId",
        "SecondaryInterface.N.DeleteOnTermination",
        "SecondaryInterface.N.DeviceIndex",
        "SecondaryInterface.N.InterfaceType",
        "SecondaryInterface.N.NetworkCardIndex",
        "SecondaryInterface.N.PrivateIpAddress.N.PrivateIpAddress",
        "SecondaryInterface.N.PrivateIpAddressCount",
        "SecondaryInterface.N.SecondarySubnetId",
        "SecurityGroup.N",
        "SecurityGroupId.N",
        "SubnetId",
        "TagSpecification.N.ResourceType",
        "TagSpecification.N.Tag.N.Key",
        "TagSpecification.N.Tag.N.Value",
        "UserData",
    ],
};

impl Request for RunInstancesRequest {
    type Reply = Reservation;
    fn operation() -> &'static Operation {
        &RUN_INSTANCES
    }
}

pub static DESCRIBE_INSTANCES: Operation = Operation {
    name: "DescribeInstances",
    service: &SERVICE,
    input: "DescribeInstancesRequest",
    output: Some("DescribeInstancesResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["Reservations"] }),
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "IncludeManagedResources",
        "InstanceId.N",
        "MaxResults",
        "NextToken",
    ],
};

impl Request for DescribeInstancesRequest {
    type Reply = DescribeInstancesResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_INSTANCES
    }
}

pub static DESCRIBE_INSTANCE_STATUS: Operation = Operation {
    name: "DescribeInstanceStatus",
    service: &SERVICE,
    input: "DescribeInstanceStatusRequest",
    output: Some("DescribeInstanceStatusResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["InstanceStatuses"] }),
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "IncludeAllInstances",
        "IncludeManagedResources",
        "InstanceId.N",
        "MaxResults",
        "NextToken",
    ],
};

impl Request for DescribeInstanceStatusRequest {
    type Reply = DescribeInstanceStatusResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_INSTANCE_STATUS
    }
}

pub static DESCRIBE_INSTANCE_ATTRIBUTE: Operation = Operation {
    name: "DescribeInstanceAttribute",
    service: &SERVICE,
    input: "DescribeInstanceAttributeRequest",
    output: Some("InstanceAttribute"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["Attribute", "InstanceId"],
    members: &[
        "Attribute",
        "DryRun",
        "InstanceId",
    ],
};

impl Request for DescribeInstanceAttributeRequest {
    type Reply = InstanceAttribute;
    fn operation() -> &'static Operation {
        &DESCRIBE_INSTANCE_ATTRIBUTE
    }
}

pub static MODIFY_INSTANCE_ATTRIBUTE: Operation = Operation {
    name: "ModifyInstanceAttribute",
    service: &SERVICE,
    input: "ModifyInstanceAttributeRequest",
    output: None,
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["InstanceId"],
    members: &[
        "Attribute",
        "BlockDeviceMapping.N.DeviceName",
        "BlockDeviceMapping.N.Ebs.DeleteOnTermination",
        "BlockDeviceMapping.N.Ebs.VolumeId",
        "BlockDeviceMapping.N.NoDevice",
        "BlockDeviceMapping.N.VirtualName",
        "DisableApiStop.Value",
        "DisableApiTermination.Value",
        "DryRun",
        "EbsOptimized.Value",
        "EnaSupport.Value",
        "GroupId.N",
        "InstanceId",
        "InstanceInitiatedShutdownBehavior.Value",
        "InstanceType.Value",
        "Kernel.Value",
        "Ramdisk.Value",
        "SourceDestCheck.Value",
        "SriovNetSupport.Value",
        "UserData.Value",
        "Value",
    ],
};

impl Request for ModifyInstanceAttributeRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &MODIFY_INSTANCE_ATTRIBUTE
    }
}

pub static START_INSTANCES: Operation = Operation {
    name: "StartInstances",
    service: &SERVICE,
    input: "StartInstancesRequest",
    output: Some("StartInstancesResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["InstanceId"],
    members: &[
        "AdditionalInfo",
        "DryRun",
        "InstanceId.N",
    ],
};

impl Request for StartInstancesRequest {
    type Reply = StartInstancesResult;
    fn operation() -> &'static Operation {
        &START_INSTANCES
    }
}

pub static STOP_INSTANCES: Operation = Operation {
    name: "StopInstances",
    service: &SERVICE,
    input: "StopInstancesRequest",
    output: Some("StopInstancesResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["InstanceId"],
    members: &[
        "DryRun",
        "Force",
        "Hibernate",
        "InstanceId.N",
        "SkipOsShutdown",
    ],
};

impl Request for StopInstancesRequest {
    type Reply = StopInstancesResult;
    fn operation() -> &'static Operation {
        &STOP_INSTANCES
    }
}

pub static REBOOT_INSTANCES: Operation = Operation {
    name: "RebootInstances",
    service: &SERVICE,
    input: "RebootInstancesRequest",
    output: None,
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["InstanceId"],
    members: &[
        "DryRun",
        "InstanceId.N",
    ],
};

impl Request for RebootInstancesRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &REBOOT_INSTANCES
    }
}

pub static TERMINATE_INSTANCES: Operation = Operation {
    name: "TerminateInstances",
    service: &SERVICE,
    input: "TerminateInstancesRequest",
    output: Some("TerminateInstancesResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["InstanceId"],
    members: &[
        "DryRun",
        "Force",
        "InstanceId.N",
        "SkipOsShutdown",
    ],
};

impl Request for TerminateInstancesRequest {
    type Reply = TerminateInstancesResult;
    fn operation() -> &'static Operation {
        &TERMINATE_INSTANCES
    }
}

pub static GET_CONSOLE_OUTPUT: Operation = Operation {
    name: "GetConsoleOutput",
    service: &SERVICE,
    input: "GetConsoleOutputRequest",
    output: Some("GetConsoleOutputResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["InstanceId"],
    members: &[
        "DryRun",
        "InstanceId",
        "Latest",
    ],
};

impl Request for GetConsoleOutputRequest {
    type Reply = GetConsoleOutputResult;
    fn operation() -> &'static Operation {
        &GET_CONSOLE_OUTPUT
    }
}

pub static DESCRIBE_INSTANCE_CREDIT_SPECIFICATIONS: Operation = Operation {
    name: "DescribeInstanceCreditSpecifications",
    service: &SERVICE,
    input: "DescribeInstanceCreditSpecificationsRequest",
    output: Some("DescribeInstanceCreditSpecificationsResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["InstanceCreditSpecifications"] }),
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "InstanceId.N",
        "MaxResults",
        "NextToken",
    ],
};

impl Request for DescribeInstanceCreditSpecificationsRequest {
    type Reply = DescribeInstanceCreditSpecificationsResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_INSTANCE_CREDIT_SPECIFICATIONS
    }
}

pub static MODIFY_INSTANCE_METADATA_OPTIONS: Operation = Operation {
    name: "ModifyInstanceMetadataOptions",
    service: &SERVICE,
    input: "ModifyInstanceMetadataOptionsRequest",
    output: Some("ModifyInstanceMetadataOptionsResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["InstanceId"],
    members: &[
        "DryRun",
        "HttpEndpoint",
        "HttpProtocolIpv6",
        "HttpPutResponseHopLimit",
        "HttpTokens",
        "InstanceId",
        "InstanceMetadataTags",
    ],
};

impl Request for ModifyInstanceMetadataOptionsRequest {
    type Reply = ModifyInstanceMetadataOptionsResult;
    fn operation() -> &'static Operation {
        &MODIFY_INSTANCE_METADATA_OPTIONS
    }
}

pub static MODIFY_INSTANCE_MAINTENANCE_OPTIONS: Operation = Operation {
    name: "ModifyInstanceMaintenanceOptions",
    service: &SERVICE,
    input: "ModifyInstanceMaintenanceOptionsRequest",
    output: Some("ModifyInstanceMaintenanceOptionsResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["InstanceId"],
    members: &[
        "AutoRecovery",
        "DryRun",
        "InstanceId",
        "RebootMigration",
    ],
};

impl Request for ModifyInstanceMaintenanceOptionsRequest {
    type Reply = ModifyInstanceMaintenanceOptionsResult;
    fn operation() -> &'static Operation {
        &MODIFY_INSTANCE_MAINTENANCE_OPTIONS
    }
}

pub static CREATE_LAUNCH_TEMPLATE: Operation = Operation {
    name: "CreateLaunchTemplate",
    service: &SERVICE,
    input: "CreateLaunchTemplateRequest",
    output: Some("CreateLaunchTemplateResult"),
    paginator: None,
    dry_run: true,
    client_token: true,
    filters: false,
    tag_specifications: true,
    required: &["LaunchTemplateData", "LaunchTemplateName"],
    members: &[
        "ClientToken",
        "DryRun",
        "LaunchTemplateData.BlockDeviceMapping.N.DeviceName",
        "LaunchTemplateData.BlockDeviceMapping.N.Ebs.DeleteOnTermination",
        "LaunchTemplateData.BlockDeviceMapping.N.Ebs.EbsCardIndex",
        "LaunchTemplateData.BlockDeviceMapping.N.Ebs.Encrypted",
        "LaunchTemplateData.BlockDeviceMapping.N.Ebs.Iops",
        "LaunchTemplateData.BlockDeviceMapping.N.Ebs.KmsKeyId",
        "LaunchTemplateData.BlockDeviceMapping.N.Ebs.SnapshotId",
        "LaunchTemplateData.BlockDeviceMapping.N.Ebs.Throughput",
        "LaunchTemplateData.BlockDeviceMapping.N.Ebs.VolumeInitializationRate",
        "LaunchTemplateData.BlockDeviceMapping.N.Ebs.VolumeSize",
        "LaunchTemplateData.BlockDeviceMapping.N.Ebs.VolumeType",
        "LaunchTemplateData.BlockDeviceMapping.N.NoDevice",
        "LaunchTemplateData.BlockDeviceMapping.N.VirtualName",
        "LaunchTemplateData.CapacityReservationSpecification.CapacityReservationPreference",
        "LaunchTemplateData.CapacityReservationSpecification.CapacityReservationTarget.CapacityReservationId",
        "LaunchTemplateData.CapacityReservationSpecification.CapacityReservationTarget.CapacityReservationResourceGroupArn",
        "LaunchTemplateData.CpuOptions.AmdSevSnp",
        "LaunchTemplateData.CpuOptions.CoreCount",
        "LaunchTemplateData.CpuOptions.NestedVirtualization",
        "LaunchTemplateData.CpuOptions.ThreadsPerCore",
        "LaunchTemplateData.CreditSpecification.CpuCredits",
        "LaunchTemplateData.DisableApiStop",
        "LaunchTemplateData.DisableApiTermination",
        "LaunchTemplateData.EbsOptimized",
        "LaunchTemplateData.ElasticGpuSpecification.N.Type",
        "LaunchTemplateData.ElasticInferenceAccelerator.N.Count",
        "LaunchTemplateData.ElasticInferenceAccelerator.N.Type",
        "LaunchTemplateData.EnclaveOptions.Enabled",
        "LaunchTemplateData.HibernationOptions.Configured",
        "LaunchTemplateData.IamInstanceProfile.Arn",
        "LaunchTemplateData.IamInstanceProfile.Name",
        "LaunchTemplateData.ImageId",
        "LaunchTemplateData.InstanceInitiatedShutdownBehavior",
        "LaunchTemplateData.InstanceMarketOptions.MarketType",
        "LaunchTemplateData.InstanceMarketOptions.SpotOptions.BlockDurationMinutes",
        "LaunchTemplateData.InstanceMarketOptions.SpotOptions.InstanceInterruptionBehavior",
        "LaunchTemplateData.InstanceMarketOptions.SpotOptions.MaxPrice",
        "LaunchTemplateData.InstanceMarketOptions.SpotOptions.SpotInstanceType",
        "LaunchTemplateData.InstanceMarketOptions.SpotOptions.ValidUntil",
        "LaunchTemplateData.InstanceRequirements.AcceleratorCount.Max",
        "LaunchTemplateData.InstanceRequirements.AcceleratorCount.Min",
        "LaunchTemplateData.InstanceRequirements.AcceleratorManufacturer.N",
        "LaunchTemplateData.InstanceRequirements.AcceleratorName.N",
        "LaunchTemplateData.InstanceRequirements.AcceleratorTotalMemoryMiB.Max",
        "LaunchTemplateData.InstanceRequirements.AcceleratorTotalMemoryMiB.Min",
        "LaunchTemplateData.InstanceRequirements.AcceleratorType.N",
        "LaunchTemplateData.InstanceRequirements.AllowedInstanceType.N",
        "LaunchTemplateData.InstanceRequirements.BareMetal",
        "LaunchTemplateData.InstanceRequirements.BaselineEbsBandwidthMbps.Max",
        "LaunchTemplateData.InstanceRequirements.BaselineEbsBandwidthMbps.Min",
        "LaunchTemplateData.InstanceRequirements.BaselinePerformanceFactors.Cpu.Reference.N.InstanceFamily",
        "LaunchTemplateData.InstanceRequirements.BurstablePerformance",
        "LaunchTemplateData.InstanceRequirements.CpuManufacturer.N",
        "LaunchTemplateData.InstanceRequirements.ExcludedInstanceType.N",
        "LaunchTemplateData.InstanceRequirements.InstanceGeneration.N",
        "LaunchTemplateData.InstanceRequirements.LocalStorage",
        "LaunchTemplateData.InstanceRequirements.LocalStorageType.N",
        "LaunchTemplateData.InstanceRequirements.MaxSpotPriceAsPercentageOfOptimalOnDemandPrice",
        "LaunchTemplateData.InstanceRequirements.MemoryGiBPerVCpu.Max",
        "LaunchTemplateData.InstanceRequirements.MemoryGiBPerVCpu.Min",
        "LaunchTemplateData.InstanceRequirements.MemoryMiB.Max",
        "LaunchTemplateData.InstanceRequirements.MemoryMiB.Min",
        "LaunchTemplateData.InstanceRequirements.NetworkBandwidthGbps.Max",
        "LaunchTemplateData.InstanceRequirements.NetworkBandwidthGbps.Min",
        "LaunchTemplateData.InstanceRequirements.NetworkInterfaceCount.Max",
        "LaunchTemplateData.InstanceRequirements.NetworkInterfaceCount.Min",
        "LaunchTemplateData.InstanceRequirements.OnDemandMaxPricePercentageOverLowestPrice",
        "LaunchTemplateData.InstanceRequirements.RequireEncryptionInTransit",
        "LaunchTemplateData.InstanceRequirements.RequireHibernateSupport",
        "LaunchTemplateData.InstanceRequirements.SpotMaxPricePercentageOverLowestPrice",
        "LaunchTemplateData.InstanceRequirements.TotalLocalStorageGB.Max",
        "LaunchTemplateData.InstanceRequirements.TotalLocalStorageGB.Min",
        "LaunchTemplateData.InstanceRequirements.VCpuCount.Max",
        "LaunchTemplateData.InstanceRequirements.VCpuCount.Min",
        "LaunchTemplateData.InstanceType",
        "LaunchTemplateData.KernelId",
        "LaunchTemplateData.KeyName",
        "LaunchTemplateData.LicenseSpecification.N.LicenseConfigurationArn",
        "LaunchTemplateData.MaintenanceOptions.AutoRecovery",
        "LaunchTemplateData.MetadataOptions.HttpEndpoint",
        "LaunchTemplateData.MetadataOptions.HttpProtocolIpv6",
        "LaunchTemplateData.MetadataOptions.HttpPutResponseHopLimit",
        "LaunchTemplateData.MetadataOptions.HttpTokens",
        "LaunchTemplateData.MetadataOptions.InstanceMetadataTags",
        "LaunchTemplateData.Monitoring.Enabled",
        "LaunchTemplateData.NetworkInterface.N.AssociateCarrierIpAddress",
        "LaunchTemplateData.NetworkInterface.N.AssociatePublicIpAddress",
        "LaunchTemplateData.NetworkInterface.N.ConnectionTrackingSpecification.TcpEstablishedTimeout",
        "LaunchTemplateData.NetworkInterface.N.ConnectionTrackingSpecification.UdpStreamTimeout",
        "LaunchTemplateData.NetworkInterface.N.ConnectionTrackingSpecification.UdpTimeout",
        "LaunchTemplateData.NetworkInterface.N.DeleteOnTermination",
        "LaunchTemplateData.NetworkInterface.N.Description",
        "LaunchTemplateData.NetworkInterface.N.DeviceIndex",
        "LaunchTemplateData.NetworkInterface.N.EnaQueueCount",
        "LaunchTemplateData.NetworkInterface.N.EnaSrdSpecification.EnaSrdEnabled",
        "LaunchTemplateData.NetworkInterface.N.EnaSrdSpecification.EnaSrdUdpSpecification.EnaSrdUdpEnabled",
        "LaunchTemplateData.NetworkInterface.N.InterfaceType",
        "LaunchTemplateData.NetworkInterface.N.Ipv4Prefix.N.Ipv4Prefix",
        "LaunchTemplateData.NetworkInterface.N.Ipv4PrefixCount",
        "LaunchTemplateData.NetworkInterface.N.Ipv6AddressCount",
        "LaunchTemplateData.NetworkInterface.N.Ipv6Addresses.N.Ipv6Address",
        "LaunchTemplateData.NetworkInterface.N.Ipv6Prefix.N.Ipv6Prefix",
        "LaunchTemplateData.NetworkInterface.N.Ipv6PrefixCount",
        "LaunchTemplateData.NetworkInterface.N.NetworkCardIndex",
        "LaunchTemplateData.NetworkInterface.N.NetworkInterfaceId",
        "LaunchTemplateData.NetworkInterface.N.PrimaryIpv6",
        "LaunchTemplateData.NetworkInterface.N.PrivateIpAddress",
        "LaunchTemplateData.NetworkInterface.N.PrivateIpAddresses.N.Primary",
        "LaunchTemplateData.NetworkInterface.N.PrivateIpAddresses.N.PrivateIpAddress",
        "LaunchTemplateData.NetworkInterface.N.SecondaryPrivateIpAddressCount",
        "LaunchTemplateData.NetworkInterface.N.SecurityGroupId.N",
        "LaunchTemplateData.NetworkInterface.N.SubnetId",
        "LaunchTemplateData.NetworkPerformanceOptions.BandwidthWeighting",
        "LaunchTemplateData.Operator.Principal",
        "LaunchTemplateData.Placement.Affinity",
        "LaunchTemplateData.Placement.AvailabilityZone",
        "LaunchTemplateData.Placement.AvailabilityZoneId",
        "LaunchTemplateData.Placement.GroupId",
        "LaunchTemplateData.Placement.GroupName",
        "LaunchTemplateData.Placement.HostId",
        "LaunchTemplateData.Placement.HostResourceGroupArn",
        "LaunchTemplateData.Placement.PartitionNumber",
        "LaunchTemplateData.Placement.SpreadDomain",
        "LaunchTemplateData.Placement.Tenancy",
        "LaunchTemplateData.PrivateDnsNameOptions.EnableResourceNameDnsAAAARecord",
        "LaunchTemplateData.PrivateDnsNameOptions.EnableResourceNameDnsARecord",
        "LaunchTemplateData.PrivateDnsNameOptions.HostnameType",
        "LaunchTemplateData.RamDiskId",
        "LaunchTemplateData.SecondaryInterface.N.DeleteOnTermination",
        "LaunchTemplateData.SecondaryInterface.N.DeviceIndex",
        "LaunchTemplateData.SecondaryInterface.N.InterfaceType",
        "LaunchTemplateData.SecondaryInterface.N.NetworkCardIndex",
        "LaunchTemplateData.SecondaryInterface.N.PrivateIpAddress.N.PrivateIpAddress",
        "LaunchTemplateData.SecondaryInterface.N.PrivateIpAddressCount",
        "LaunchTemplateData.SecondaryInterface.N.SecondarySubnetId",
        "LaunchTemplateData.SecurityGroup.N",
        "LaunchTemplateData.SecurityGroupId.N",
        "LaunchTemplateData.TagSpecification.N.ResourceType",
        "LaunchTemplateData.TagSpecification.N.Tag.N.Key",
        "LaunchTemplateData.TagSpecification.N.Tag.N.Value",
        "LaunchTemplateData.UserData",
        "LaunchTemplateName",
        "Operator.Principal",
        "TagSpecification.N.ResourceType",
        "TagSpecification.N.Tag.N.Key",
        "TagSpecification.N.Tag.N.Value",
        "VersionDescription",
    ],
};

impl Request for CreateLaunchTemplateRequest {
    type Reply = CreateLaunchTemplateResult;
    fn operation() -> &'static Operation {
        &CREATE_LAUNCH_TEMPLATE
    }
}

pub static DELETE_LAUNCH_TEMPLATE: Operation = Operation {
    name: "DeleteLaunchTemplate",
    service: &SERVICE,
    input: "DeleteLaunchTemplateRequest",
    output: Some("DeleteLaunchTemplateResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "DryRun",
        "LaunchTemplateId",
        "LaunchTemplateName",
    ],
};

impl Request for DeleteLaunchTemplateRequest {
    type Reply = DeleteLaunchTemplateResult;
    fn operation() -> &'static Operation {
        &DELETE_LAUNCH_TEMPLATE
    }
}

pub static DESCRIBE_LAUNCH_TEMPLATES: Operation = Operation {
    name: "DescribeLaunchTemplates",
    service: &SERVICE,
    input: "DescribeLaunchTemplatesRequest",
    output: Some("DescribeLaunchTemplatesResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["LaunchTemplates"] }),
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "IncludeManagedResources",
        "LaunchTemplateId.N",
        "LaunchTemplateName.N",
        "MaxResults",
        "NextToken",
    ],
};

impl Request for DescribeLaunchTemplatesRequest {
    type Reply = DescribeLaunchTemplatesResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_LAUNCH_TEMPLATES
    }
}

pub static MODIFY_LAUNCH_TEMPLATE: Operation = Operation {
    name: "ModifyLaunchTemplate",
    service: &SERVICE,
    input: "ModifyLaunchTemplateRequest",
    output: Some("ModifyLaunchTemplateResult"),
    paginator: None,
    dry_run: true,
    client_token: true,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "ClientToken",
        "DryRun",
        "LaunchTemplateId",
        "LaunchTemplateName",
        "SetDefaultVersion",
    ],
};

impl Request for ModifyLaunchTemplateRequest {
    type Reply = ModifyLaunchTemplateResult;
    fn operation() -> &'static Operation {
        &MODIFY_LAUNCH_TEMPLATE
    }
}

pub static GET_LAUNCH_TEMPLATE_DATA: Operation = Operation {
    name: "GetLaunchTemplateData",
    service: &SERVICE,
    input: "GetLaunchTemplateDataRequest",
    output: Some("GetLaunchTemplateDataResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["InstanceId"],
    members: &[
        "DryRun",
        "InstanceId",
    ],
};

impl Request for GetLaunchTemplateDataRequest {
    type Reply = GetLaunchTemplateDataResult;
    fn operation() -> &'static Operation {
        &GET_LAUNCH_TEMPLATE_DATA
    }
}

pub static CREATE_LAUNCH_TEMPLATE_VERSION: Operation = Operation {
    name: "CreateLaunchTemplateVersion",
    service: &SERVICE,
    input: "CreateLaunchTemplateVersionRequest",
    output: Some("CreateLaunchTemplateVersionResult"),
    paginator: None,
    dry_run: true,
    client_token: true,
    filters: false,
    tag_specifications: false,
    required: &["LaunchTemplateData"],
    members: &[
        "ClientToken",
        "DryRun",
        "LaunchTemplateData.BlockDeviceMapping.N.DeviceName",
        "LaunchTemplateData.BlockDeviceMapping.N.Ebs.DeleteOnTermination",
        "LaunchTemplateData.BlockDeviceMapping.N.Ebs.EbsCardIndex",
        "LaunchTemplateData.BlockDeviceMapping.N.Ebs.Encrypted",
        "LaunchTemplateData.BlockDeviceMapping.N.Ebs.Iops",
        "LaunchTemplateData.BlockDeviceMapping.N.Ebs.KmsKeyId",
        "LaunchTemplateData.BlockDeviceMapping.N.Ebs.SnapshotId",
        "LaunchTemplateData.BlockDeviceMapping.N.Ebs.Throughput",
        "LaunchTemplateData.BlockDeviceMapping.N.Ebs.VolumeInitializationRate",
        "LaunchTemplateData.BlockDeviceMapping.N.Ebs.VolumeSize",
        "LaunchTemplateData.BlockDeviceMapping.N.Ebs.VolumeType",
        "LaunchTemplateData.BlockDeviceMapping.N.NoDevice",
        "LaunchTemplateData.BlockDeviceMapping.N.VirtualName",
        "LaunchTemplateData.CapacityReservationSpecification.CapacityReservationPreference",
        "LaunchTemplateData.CapacityReservationSpecification.CapacityReservationTarget.CapacityReservationId",
        "LaunchTemplateData.CapacityReservationSpecification.CapacityReservationTarget.CapacityReservationResourceGroupArn",
        "LaunchTemplateData.CpuOptions.AmdSevSnp",
        "LaunchTemplateData.CpuOptions.CoreCount",
        "LaunchTemplateData.CpuOptions.NestedVirtualization",
        "LaunchTemplateData.CpuOptions.ThreadsPerCore",
        "LaunchTemplateData.CreditSpecification.CpuCredits",
        "LaunchTemplateData.DisableApiStop",
        "LaunchTemplateData.DisableApiTermination",
        "LaunchTemplateData.EbsOptimized",
        "LaunchTemplateData.ElasticGpuSpecification.N.Type",
        "LaunchTemplateData.ElasticInferenceAccelerator.N.Count",
        "LaunchTemplateData.ElasticInferenceAccelerator.N.Type",
        "LaunchTemplateData.EnclaveOptions.Enabled",
        "LaunchTemplateData.HibernationOptions.Configured",
        "LaunchTemplateData.IamInstanceProfile.Arn",
        "LaunchTemplateData.IamInstanceProfile.Name",
        "LaunchTemplateData.ImageId",
        "LaunchTemplateData.InstanceInitiatedShutdownBehavior",
        "LaunchTemplateData.InstanceMarketOptions.MarketType",
        "LaunchTemplateData.InstanceMarketOptions.SpotOptions.BlockDurationMinutes",
        "LaunchTemplateData.InstanceMarketOptions.SpotOptions.InstanceInterruptionBehavior",
        "LaunchTemplateData.InstanceMarketOptions.SpotOptions.MaxPrice",
        "LaunchTemplateData.InstanceMarketOptions.SpotOptions.SpotInstanceType",
        "LaunchTemplateData.InstanceMarketOptions.SpotOptions.ValidUntil",
        "LaunchTemplateData.InstanceRequirements.AcceleratorCount.Max",
        "LaunchTemplateData.InstanceRequirements.AcceleratorCount.Min",
        "LaunchTemplateData.InstanceRequirements.AcceleratorManufacturer.N",
        "LaunchTemplateData.InstanceRequirements.AcceleratorName.N",
        "LaunchTemplateData.InstanceRequirements.AcceleratorTotalMemoryMiB.Max",
        "LaunchTemplateData.InstanceRequirements.AcceleratorTotalMemoryMiB.Min",
        "LaunchTemplateData.InstanceRequirements.AcceleratorType.N",
        "LaunchTemplateData.InstanceRequirements.AllowedInstanceType.N",
        "LaunchTemplateData.InstanceRequirements.BareMetal",
        "LaunchTemplateData.InstanceRequirements.BaselineEbsBandwidthMbps.Max",
        "LaunchTemplateData.InstanceRequirements.BaselineEbsBandwidthMbps.Min",
        "LaunchTemplateData.InstanceRequirements.BaselinePerformanceFactors.Cpu.Reference.N.InstanceFamily",
        "LaunchTemplateData.InstanceRequirements.BurstablePerformance",
        "LaunchTemplateData.InstanceRequirements.CpuManufacturer.N",
        "LaunchTemplateData.InstanceRequirements.ExcludedInstanceType.N",
        "LaunchTemplateData.InstanceRequirements.InstanceGeneration.N",
        "LaunchTemplateData.InstanceRequirements.LocalStorage",
        "LaunchTemplateData.InstanceRequirements.LocalStorageType.N",
        "LaunchTemplateData.InstanceRequirements.MaxSpotPriceAsPercentageOfOptimalOnDemandPrice",
        "LaunchTemplateData.InstanceRequirements.MemoryGiBPerVCpu.Max",
        "LaunchTemplateData.InstanceRequirements.MemoryGiBPerVCpu.Min",
        "LaunchTemplateData.InstanceRequirements.MemoryMiB.Max",
        "LaunchTemplateData.InstanceRequirements.MemoryMiB.Min",
        "LaunchTemplateData.InstanceRequirements.NetworkBandwidthGbps.Max",
        "LaunchTemplateData.InstanceRequirements.NetworkBandwidthGbps.Min",
        "LaunchTemplateData.InstanceRequirements.NetworkInterfaceCount.Max",
        "LaunchTemplateData.InstanceRequirements.NetworkInterfaceCount.Min",
        "LaunchTemplateData.InstanceRequirements.OnDemandMaxPricePercentageOverLowestPrice",
        "LaunchTemplateData.InstanceRequirements.RequireEncryptionInTransit",
        "LaunchTemplateData.InstanceRequirements.RequireHibernateSupport",
        "LaunchTemplateData.InstanceRequirements.SpotMaxPricePercentageOverLowestPrice",
        "LaunchTemplateData.InstanceRequirements.TotalLocalStorageGB.Max",
        "LaunchTemplateData.InstanceRequirements.TotalLocalStorageGB.Min",
        "LaunchTemplateData.InstanceRequirements.VCpuCount.Max",
        "LaunchTemplateData.InstanceRequirements.VCpuCount.Min",
        "LaunchTemplateData.InstanceType",
        "LaunchTemplateData.KernelId",
        "LaunchTemplateData.KeyName",
        "LaunchTemplateData.LicenseSpecification.N.LicenseConfigurationArn",
        "LaunchTemplateData.MaintenanceOptions.AutoRecovery",
        "LaunchTemplateData.MetadataOptions.HttpEndpoint",
        "LaunchTemplateData.MetadataOptions.HttpProtocolIpv6",
        "LaunchTemplateData.MetadataOptions.HttpPutResponseHopLimit",
        "LaunchTemplateData.MetadataOptions.HttpTokens",
        "LaunchTemplateData.MetadataOptions.InstanceMetadataTags",
        "LaunchTemplateData.Monitoring.Enabled",
        "LaunchTemplateData.NetworkInterface.N.AssociateCarrierIpAddress",
        "LaunchTemplateData.NetworkInterface.N.AssociatePublicIpAddress",
        "LaunchTemplateData.NetworkInterface.N.ConnectionTrackingSpecification.TcpEstablishedTimeout",
        "LaunchTemplateData.NetworkInterface.N.ConnectionTrackingSpecification.UdpStreamTimeout",
        "LaunchTemplateData.NetworkInterface.N.ConnectionTrackingSpecification.UdpTimeout",
        "LaunchTemplateData.NetworkInterface.N.DeleteOnTermination",
        "LaunchTemplateData.NetworkInterface.N.Description",
        "LaunchTemplateData.NetworkInterface.N.DeviceIndex",
        "LaunchTemplateData.NetworkInterface.N.EnaQueueCount",
        "LaunchTemplateData.NetworkInterface.N.EnaSrdSpecification.EnaSrdEnabled",
        "LaunchTemplateData.NetworkInterface.N.EnaSrdSpecification.EnaSrdUdpSpecification.EnaSrdUdpEnabled",
        "LaunchTemplateData.NetworkInterface.N.InterfaceType",
        "LaunchTemplateData.NetworkInterface.N.Ipv4Prefix.N.Ipv4Prefix",
        "LaunchTemplateData.NetworkInterface.N.Ipv4PrefixCount",
        "LaunchTemplateData.NetworkInterface.N.Ipv6AddressCount",
        "LaunchTemplateData.NetworkInterface.N.Ipv6Addresses.N.Ipv6Address",
        "LaunchTemplateData.NetworkInterface.N.Ipv6Prefix.N.Ipv6Prefix",
        "LaunchTemplateData.NetworkInterface.N.Ipv6PrefixCount",
        "LaunchTemplateData.NetworkInterface.N.NetworkCardIndex",
        "LaunchTemplateData.NetworkInterface.N.NetworkInterfaceId",
        "LaunchTemplateData.NetworkInterface.N.PrimaryIpv6",
        "LaunchTemplateData.NetworkInterface.N.PrivateIpAddress",
        "LaunchTemplateData.NetworkInterface.N.PrivateIpAddresses.N.Primary",
        "LaunchTemplateData.NetworkInterface.N.PrivateIpAddresses.N.PrivateIpAddress",
        "LaunchTemplateData.NetworkInterface.N.SecondaryPrivateIpAddressCount",
        "LaunchTemplateData.NetworkInterface.N.SecurityGroupId.N",
        "LaunchTemplateData.NetworkInterface.N.SubnetId",
        "LaunchTemplateData.NetworkPerformanceOptions.BandwidthWeighting",
        "LaunchTemplateData.Operator.Principal",
        "LaunchTemplateData.Placement.Affinity",
        "LaunchTemplateData.Placement.AvailabilityZone",
        "LaunchTemplateData.Placement.AvailabilityZoneId",
        "LaunchTemplateData.Placement.GroupId",
        "LaunchTemplateData.Placement.GroupName",
        "LaunchTemplateData.Placement.HostId",
        "LaunchTemplateData.Placement.HostResourceGroupArn",
        "LaunchTemplateData.Placement.PartitionNumber",
        "LaunchTemplateData.Placement.SpreadDomain",
        "LaunchTemplateData.Placement.Tenancy",
        "LaunchTemplateData.PrivateDnsNameOptions.EnableResourceNameDnsAAAARecord",
        "LaunchTemplateData.PrivateDnsNameOptions.EnableResourceNameDnsARecord",
        "LaunchTemplateData.PrivateDnsNameOptions.HostnameType",
        "LaunchTemplateData.RamDiskId",
        "LaunchTemplateData.SecondaryInterface.N.DeleteOnTermination",
        "LaunchTemplateData.SecondaryInterface.N.DeviceIndex",
        "LaunchTemplateData.SecondaryInterface.N.InterfaceType",
        "LaunchTemplateData.SecondaryInterface.N.NetworkCardIndex",
        "LaunchTemplateData.SecondaryInterface.N.PrivateIpAddress.N.PrivateIpAddress",
        "LaunchTemplateData.SecondaryInterface.N.PrivateIpAddressCount",
        "LaunchTemplateData.SecondaryInterface.N.SecondarySubnetId",
        "LaunchTemplateData.SecurityGroup.N",
        "LaunchTemplateData.SecurityGroupId.N",
        "LaunchTemplateData.TagSpecification.N.ResourceType",
        "LaunchTemplateData.TagSpecification.N.Tag.N.Key",
        "LaunchTemplateData.TagSpecification.N.Tag.N.Value",
        "LaunchTemplateData.UserData",
        "LaunchTemplateId",
        "LaunchTemplateName",
        "ResolveAlias",
        "SourceVersion",
        "VersionDescription",
    ],
};

impl Request for CreateLaunchTemplateVersionRequest {
    type Reply = CreateLaunchTemplateVersionResult;
    fn operation() -> &'static Operation {
        &CREATE_LAUNCH_TEMPLATE_VERSION
    }
}

pub static DELETE_LAUNCH_TEMPLATE_VERSIONS: Operation = Operation {
    name: "DeleteLaunchTemplateVersions",
    service: &SERVICE,
    input: "DeleteLaunchTemplateVersionsRequest",
    output: Some("DeleteLaunchTemplateVersionsResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["LaunchTemplateVersion"],
    members: &[
        "DryRun",
        "LaunchTemplateId",
        "LaunchTemplateName",
        "LaunchTemplateVersion.N",
    ],
};

impl Request for DeleteLaunchTemplateVersionsRequest {
    type Reply = DeleteLaunchTemplateVersionsResult;
    fn operation() -> &'static Operation {
        &DELETE_LAUNCH_TEMPLATE_VERSIONS
    }
}

pub static DESCRIBE_LAUNCH_TEMPLATE_VERSIONS: Operation = Operation {
    name: "DescribeLaunchTemplateVersions",
    service: &SERVICE,
    input: "DescribeLaunchTemplateVersionsRequest",
    output: Some("DescribeLaunchTemplateVersionsResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["LaunchTemplateVersions"] }),
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "IncludeManagedResources",
        "LaunchTemplateId",
        "LaunchTemplateName",
        "LaunchTemplateVersion.N",
        "MaxResults",
        "MaxVersion",
        "MinVersion",
        "NextToken",
        "ResolveAlias",
    ],
};

impl Request for DescribeLaunchTemplateVersionsRequest {
    type Reply = DescribeLaunchTemplateVersionsResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_LAUNCH_TEMPLATE_VERSIONS
    }
}

pub static CREATE_PLACEMENT_GROUP: Operation = Operation {
    name: "CreatePlacementGroup",
    service: &SERVICE,
    input: "CreatePlacementGroupRequest",
    output: Some("CreatePlacementGroupResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: true,
    required: &[],
    members: &[
        "DryRun",
        "GroupName",
        "LinkedGroupId",
        "Operator.Principal",
        "PartitionCount",
        "SpreadLevel",
        "Strategy",
        "TagSpecification.N.ResourceType",
        "TagSpecification.N.Tag.N.Key",
        "TagSpecification.N.Tag.N.Value",
    ],
};

impl Request for CreatePlacementGroupRequest {
    type Reply = CreatePlacementGroupResult;
    fn operation() -> &'static Operation {
        &CREATE_PLACEMENT_GROUP
    }
}

pub static DELETE_PLACEMENT_GROUP: Operation = Operation {
    name: "DeletePlacementGroup",
    service: &SERVICE,
    input: "DeletePlacementGroupRequest",
    output: None,
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["GroupName"],
    members: &[
        "DryRun",
        "GroupName",
    ],
};

impl Request for DeletePlacementGroupRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DELETE_PLACEMENT_GROUP
    }
}

pub static DESCRIBE_PLACEMENT_GROUPS: Operation = Operation {
    name: "DescribePlacementGroups",
    service: &SERVICE,
    input: "DescribePlacementGroupsRequest",
    output: Some("DescribePlacementGroupsResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "GroupId.N",
        "GroupName.N",
    ],
};

impl Request for DescribePlacementGroupsRequest {
    type Reply = DescribePlacementGroupsResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_PLACEMENT_GROUPS
    }
}

pub static DESCRIBE_INSTANCE_TOPOLOGY: Operation = Operation {
    name: "DescribeInstanceTopology",
    service: &SERVICE,
    input: "DescribeInstanceTopologyRequest",
    output: Some("DescribeInstanceTopologyResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["Instances"] }),
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "GroupName.N",
        "InstanceId.N",
        "MaxResults",
        "NextToken",
    ],
};

impl Request for DescribeInstanceTopologyRequest {
    type Reply = DescribeInstanceTopologyResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_INSTANCE_TOPOLOGY
    }
}

pub static CREATE_FLEET: Operation = Operation {
    name: "CreateFleet",
    service: &SERVICE,
    input: "CreateFleetRequest",
    output: Some("CreateFleetResult"),
    paginator: None,
    dry_run: true,
    client_token: true,
    filters: false,
    tag_specifications: true,
    required: &["LaunchTemplateConfigs", "TargetCapacitySpecification"],
    members: &[
        "ClientToken",
        "Context",
        "DryRun",
        "ExcessCapacityTerminationPolicy",
        "LaunchTemplateConfigs.N.LaunchTemplateSpecification.LaunchTemplateId",
        "LaunchTemplateConfigs.N.LaunchTemplateSpecification.LaunchTemplateName",
        "LaunchTemplateConfigs.N.LaunchTemplateSpecification.Version",
        "LaunchTemplateConfigs.N.Overrides.N.AvailabilityZone",
        "LaunchTemplateConfigs.N.Overrides.N.AvailabilityZoneId",
        "LaunchTemplateConfigs.N.Overrides.N.BlockDeviceMapping.N.DeviceName",
        "LaunchTemplateConfigs.N.Overrides.N.BlockDeviceMapping.N.Ebs.DeleteOnTermination",
        "LaunchTemplateConfigs.N.Overrides.N.BlockDeviceMapping.N.Ebs.Encrypted",
        "LaunchTemplateConfigs.N.Overrides.N.BlockDeviceMapping.N.Ebs.Iops",
        "LaunchTemplateConfigs.N.Overrides.N.BlockDeviceMapping.N.Ebs.KmsKeyId",
        "LaunchTemplateConfigs.N.Overrides.N.BlockDeviceMapping.N.Ebs.SnapshotId",
        "LaunchTemplateConfigs.N.Overrides.N.BlockDeviceMapping.N.Ebs.Throughput",
        "LaunchTemplateConfigs.N.Overrides.N.BlockDeviceMapping.N.Ebs.VolumeSize",
        "LaunchTemplateConfigs.N.Overrides.N.BlockDeviceMapping.N.Ebs.VolumeType",
        "LaunchTemplateConfigs.N.Overrides.N.BlockDeviceMapping.N.NoDevice",
        "LaunchTemplateConfigs.N.Overrides.N.BlockDeviceMapping.N.VirtualName",
        "LaunchTemplateConfigs.N.Overrides.N.ImageId",
        "LaunchTemplateConfigs.N.Overrides.N.InstanceRequirements.AcceleratorCount.Max",
        "LaunchTemplateConfigs.N.Overrides.N.InstanceRequirements.AcceleratorCount.Min",
        "LaunchTemplateConfigs.N.Overrides.N.InstanceRequirements.AcceleratorManufacturer.N",
        "LaunchTemplateConfigs.N.Overrides.N.InstanceRequirements.AcceleratorName.N",
        "LaunchTemplateConfigs.N.Overrides.N.InstanceRequirements.AcceleratorTotalMemoryMiB.Max",
        "LaunchTemplateConfigs.N.Overrides.N.InstanceRequirements.AcceleratorTotalMemoryMiB.Min",
        "LaunchTemplateConfigs.N.Overrides.N.InstanceRequirements.AcceleratorType.N",
        "LaunchTemplateConfigs.N.Overrides.N.InstanceRequirements.AllowedInstanceType.N",
        "LaunchTemplateConfigs.N.Overrides.N.InstanceRequirements.BareMetal",
        "LaunchTemplateConfigs.N.Overrides.N.InstanceRequirements.BaselineEbsBandwidthMbps.Max",
        "LaunchTemplateConfigs.N.Overrides.N.InstanceRequirements.BaselineEbsBandwidthMbps.Min",
        "LaunchTemplateConfigs.N.Overrides.N.InstanceRequirements.BaselinePerformanceFactors.Cpu.Reference.N.InstanceFamily",
        "LaunchTemplateConfigs.N.Overrides.N.InstanceRequirements.BurstablePerformance",
        "LaunchTemplateConfigs.N.Overrides.N.InstanceRequirements.CpuManufacturer.N",
        "LaunchTemplateConfigs.N.Overrides.N.InstanceRequirements.ExcludedInstanceType.N",
        "LaunchTemplateConfigs.N.Overrides.N.InstanceRequirements.InstanceGeneration.N",
        "LaunchTemplateConfigs.N.Overrides.N.InstanceRequirements.LocalStorage",
        "LaunchTemplateConfigs.N.Overrides.N.InstanceRequirements.LocalStorageType.N",
        "LaunchTemplateConfigs.N.Overrides.N.InstanceRequirements.MaxSpotPriceAsPercentageOfOptimalOnDemandPrice",
        "LaunchTemplateConfigs.N.Overrides.N.InstanceRequirements.MemoryGiBPerVCpu.Max",
        "LaunchTemplateConfigs.N.Overrides.N.InstanceRequirements.MemoryGiBPerVCpu.Min",
        "LaunchTemplateConfigs.N.Overrides.N.InstanceRequirements.MemoryMiB.Max",
        "LaunchTemplateConfigs.N.Overrides.N.InstanceRequirements.MemoryMiB.Min",
        "LaunchTemplateConfigs.N.Overrides.N.InstanceRequirements.NetworkBandwidthGbps.Max",
        "LaunchTemplateConfigs.N.Overrides.N.InstanceRequirements.NetworkBandwidthGbps.Min",
        "LaunchTemplateConfigs.N.Overrides.N.InstanceRequirements.NetworkInterfaceCount.Max",
        "LaunchTemplateConfigs.N.Overrides.N.InstanceRequirements.NetworkInterfaceCount.Min",
        "LaunchTemplateConfigs.N.Overrides.N.InstanceRequirements.OnDemandMaxPricePercentageOverLowestPrice",
        "LaunchTemplateConfigs.N.Overrides.N.InstanceRequirements.RequireEncryptionInTransit",
        "LaunchTemplateConfigs.N.Overrides.N.InstanceRequirements.RequireHibernateSupport",
        "LaunchTemplateConfigs.N.Overrides.N.InstanceRequirements.SpotMaxPricePercentageOverLowestPrice",
        "LaunchTemplateConfigs.N.Overrides.N.InstanceRequirements.TotalLocalStorageGB.Max",
        "LaunchTemplateConfigs.N.Overrides.N.InstanceRequirements.TotalLocalStorageGB.Min",
        "LaunchTemplateConfigs.N.Overrides.N.InstanceRequirements.VCpuCount.Max",
        "LaunchTemplateConfigs.N.Overrides.N.InstanceRequirements.VCpuCount.Min",
        "LaunchTemplateConfigs.N.Overrides.N.InstanceType",
        "LaunchTemplateConfigs.N.Overrides.N.MaxPrice",
        "LaunchTemplateConfigs.N.Overrides.N.Placement.Affinity",
        "LaunchTemplateConfigs.N.Overrides.N.Placement.AvailabilityZone",
        "LaunchTemplateConfigs.N.Overrides.N.Placement.AvailabilityZoneId",
        "LaunchTemplateConfigs.N.Overrides.N.Placement.GroupId",
        "LaunchTemplateConfigs.N.Overrides.N.Placement.GroupName",
        "LaunchTemplateConfigs.N.Overrides.N.Placement.HostId",
        "LaunchTemplateConfigs.N.Overrides.N.Placement.HostResourceGroupArn",
        "LaunchTemplateConfigs.N.Overrides.N.Placement.PartitionNumber",
        "LaunchTemplateConfigs.N.Overrides.N.Placement.SpreadDomain",
        "LaunchTemplateConfigs.N.Overrides.N.Placement.Tenancy",
        "LaunchTemplateConfigs.N.Overrides.N.Priority",
        "LaunchTemplateConfigs.N.Overrides.N.SubnetId",
        "LaunchTemplateConfigs.N.Overrides.N.WeightedCapacity",
        "OnDemandOptions.AllocationStrategy",
        "OnDemandOptions.CapacityReservationOptions.UsageStrategy",
        "OnDemandOptions.MaxTotalPrice",
        "OnDemandOptions.MinTargetCapacity",
        "OnDemandOptions.SingleAvailabilityZone",
        "OnDemandOptions.SingleInstanceType",
        "ReplaceUnhealthyInstances",
        "ReservedCapacityOptions.ReservationType.N",
        "SpotOptions.AllocationStrategy",
        "SpotOptions.InstanceInterruptionBehavior",
        "SpotOptions.InstancePoolsToUseCount",
        "SpotOptions.MaintenanceStrategies.CapacityRebalance.ReplacementStrategy",
        "SpotOptions.MaintenanceStrategies.CapacityRebalance.TerminationDelay",
        "SpotOptions.MaxTotalPrice",
        "SpotOptions.MinTargetCapacity",
        "SpotOptions.SingleAvailabilityZone",
        "SpotOptions.SingleInstanceType",
        "TagSpecification.N.ResourceType",
        "TagSpecification.N.Tag.N.Key",
        "TagSpecification.N.Tag.N.Value",
        "TargetCapacitySpecification.DefaultTargetCapacityType",
        "TargetCapacitySpecification.OnDemandTargetCapacity",
        "TargetCapacitySpecification.SpotTargetCapacity",
        "TargetCapacitySpecification.TargetCapacityUnitType",
        "TargetCapacitySpecification.TotalTargetCapacity",
        "TerminateInstancesWithExpiration",
        "Type",
        "ValidFrom",
        "ValidUntil",
    ],
};

impl Request for CreateFleetRequest {
    type Reply = CreateFleetResult;
    fn operation() -> &'static Operation {
        &CREATE_FLEET
    }
}

pub static REQUEST_SPOT_INSTANCES: Operation = Operation {
    name: "RequestSpotInstances",
    service: &SERVICE,
    input: "RequestSpotInstancesRequest",
    output: Some("RequestSpotInstancesResult"),
    paginator: None,
    dry_run: true,
    client_token: true,
    filters: false,
    tag_specifications: true,
    required: &[],
    members: &[
        "AvailabilityZoneGroup",
        "BlockDurationMinutes",
        "ClientToken",
        "DryRun",
        "InstanceCount",
        "InstanceInterruptionBehavior",
        "LaunchGroup",
        "LaunchSpecification.AddressingType",
        "LaunchSpecification.BlockDeviceMapping.N.DeviceName",
        "LaunchSpecification.BlockDeviceMapping.N.Ebs.AvailabilityZone",
        "LaunchSpecification.BlockDeviceMapping.N.Ebs.AvailabilityZoneId",
        "LaunchSpecification.BlockDeviceMapping.N.Ebs.DeleteOnTermination",
        "LaunchSpecification.BlockDeviceMapping.N.Ebs.EbsCardIndex",
        "LaunchSpecification.BlockDeviceMapping.N.Ebs.Encrypted",
        "LaunchSpecification.BlockDeviceMapping.N.Ebs.Iops",
        "LaunchSpecification.BlockDeviceMapping.N.Ebs.KmsKeyId",
        "LaunchSpecification.BlockDeviceMapping.N.Ebs.OutpostArn",
        "LaunchSpecification.BlockDeviceMapping.N.Ebs.SnapshotId",
        "LaunchSpecification.BlockDeviceMapping.N.Ebs.Throughput",
        "LaunchSpecification.BlockDeviceMapping.N.Ebs.VolumeInitializationRate",
        "LaunchSpecification.BlockDeviceMapping.N.Ebs.VolumeSize",
        "LaunchSpecification.BlockDeviceMapping.N.Ebs.VolumeType",
        "LaunchSpecification.BlockDeviceMapping.N.NoDevice",
        "LaunchSpecification.BlockDeviceMapping.N.VirtualName",
        "LaunchSpecification.EbsOptimized",
        "LaunchSpecification.IamInstanceProfile.Arn",
        "LaunchSpecification.IamInstanceProfile.Name",
        "LaunchSpecification.ImageId",
        "LaunchSpecification.InstanceType",
        "LaunchSpecification.KernelId",
        "LaunchSpecification.KeyName",
        "LaunchSpecification.Monitoring.Enabled",
        "LaunchSpecification.NetworkInterface.N.AssociateCarrierIpAddress",
        "LaunchSpecification.NetworkInterface.N.AssociatePublicIpAddress",
        "LaunchSpecification.NetworkInterface.N.ConnectionTrackingSpecification.TcpEstablishedTimeout",
        "LaunchSpecification.NetworkInterface.N.ConnectionTrackingSpecification.UdpStreamTimeout",
        "LaunchSpecification.NetworkInterface.N.ConnectionTrackingSpecification.UdpTimeout",
        "LaunchSpecification.NetworkInterface.N.DeleteOnTermination",
        "LaunchSpecification.NetworkInterface.N.Description",
        "LaunchSpecification.NetworkInterface.N.DeviceIndex",
        "LaunchSpecification.NetworkInterface.N.EnaQueueCount",
        "LaunchSpecification.NetworkInterface.N.EnaSrdSpecification.EnaSrdEnabled",
        "LaunchSpecification.NetworkInterface.N.EnaSrdSpecification.EnaSrdUdpSpecification.EnaSrdUdpEnabled",
        "LaunchSpecification.NetworkInterface.N.InterfaceType",
        "LaunchSpecification.NetworkInterface.N.Ipv4Prefix.N.Ipv4Prefix",
        "LaunchSpecification.NetworkInterface.N.Ipv4PrefixCount",
        "LaunchSpecification.NetworkInterface.N.Ipv6AddressCount",
        "LaunchSpecification.NetworkInterface.N.Ipv6Addresses.N.Ipv6Address",
        "LaunchSpecification.NetworkInterface.N.Ipv6Addresses.N.IsPrimaryIpv6",
        "LaunchSpecification.NetworkInterface.N.Ipv6Prefix.N.Ipv6Prefix",
        "LaunchSpecification.NetworkInterface.N.Ipv6PrefixCount",
        "LaunchSpecification.NetworkInterface.N.NetworkCardIndex",
        "LaunchSpecification.NetworkInterface.N.NetworkInterfaceId",
        "LaunchSpecification.NetworkInterface.N.PrimaryIpv6",
        "LaunchSpecification.NetworkInterface.N.PrivateIpAddress",
        "LaunchSpecification.NetworkInterface.N.PrivateIpAddresses.N.Primary",
        "LaunchSpecification.NetworkInterface.N.PrivateIpAddresses.N.PrivateIpAddress",
        "LaunchSpecification.NetworkInterface.N.SecondaryPrivateIpAddressCount",
        "LaunchSpecification.NetworkInterface.N.SecurityGroupId.N",
        "LaunchSpecification.NetworkInterface.N.SubnetId",
        "LaunchSpecification.Placement.AvailabilityZone",
        "LaunchSpecification.Placement.AvailabilityZoneId",
        "LaunchSpecification.Placement.GroupName",
        "LaunchSpecification.Placement.Tenancy",
        "LaunchSpecification.RamdiskId",
        "LaunchSpecification.SecurityGroup.N",
        "LaunchSpecification.SecurityGroupId.N",
        "LaunchSpecification.SubnetId",
        "LaunchSpecification.UserData",
        "SpotPrice",
        "TagSpecification.N.ResourceType",
        "TagSpecification.N.Tag.N.Key",
        "TagSpecification.N.Tag.N.Value",
        "Type",
        "ValidFrom",
        "ValidUntil",
    ],
};

impl Request for RequestSpotInstancesRequest {
    type Reply = RequestSpotInstancesResult;
    fn operation() -> &'static Operation {
        &REQUEST_SPOT_INSTANCES
    }
}

pub static DESCRIBE_SPOT_INSTANCE_REQUESTS: Operation = Operation {
    name: "DescribeSpotInstanceRequests",
    service: &SERVICE,
    input: "DescribeSpotInstanceRequestsRequest",
    output: Some("DescribeSpotInstanceRequestsResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["SpotInstanceRequests"] }),
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "MaxResults",
        "NextToken",
        "SpotInstanceRequestId.N",
    ],
};

impl Request for DescribeSpotInstanceRequestsRequest {
    type Reply = DescribeSpotInstanceRequestsResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_SPOT_INSTANCE_REQUESTS
    }
}

pub static CANCEL_SPOT_INSTANCE_REQUESTS: Operation = Operation {
    name: "CancelSpotInstanceRequests",
    service: &SERVICE,
    input: "CancelSpotInstanceRequestsRequest",
    output: Some("CancelSpotInstanceRequestsResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["SpotInstanceRequestId"],
    members: &[
        "DryRun",
        "SpotInstanceRequestId.N",
    ],
};

impl Request for CancelSpotInstanceRequestsRequest {
    type Reply = CancelSpotInstanceRequestsResult;
    fn operation() -> &'static Operation {
        &CANCEL_SPOT_INSTANCE_REQUESTS
    }
}

pub static DESCRIBE_SPOT_PRICE_HISTORY: Operation = Operation {
    name: "DescribeSpotPriceHistory",
    service: &SERVICE,
    input: "DescribeSpotPriceHistoryRequest",
    output: Some("DescribeSpotPriceHistoryResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["SpotPriceHistory"] }),
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "AvailabilityZone",
        "AvailabilityZoneId",
        "DryRun",
        "EndTime",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "InstanceType.N",
        "MaxResults",
        "NextToken",
        "ProductDescription.N",
        "StartTime",
    ],
};

impl Request for DescribeSpotPriceHistoryRequest {
    type Reply = DescribeSpotPriceHistoryResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_SPOT_PRICE_HISTORY
    }
}

pub static CREATE_CAPACITY_RESERVATION: Operation = Operation {
    name: "CreateCapacityReservation",
    service: &SERVICE,
    input: "CreateCapacityReservationRequest",
    output: Some("CreateCapacityReservationResult"),
    paginator: None,
    dry_run: true,
    client_token: true,
    filters: false,
    tag_specifications: true,
    required: &["InstanceCount", "InstancePlatform", "InstanceType"],
    members: &[
        "AvailabilityZone",
        "AvailabilityZoneId",
        "ClientToken",
        "CommitmentDuration",
        "DeliveryPreference",
        "DryRun",
        "EbsOptimized",
        "EndDate",
        "EndDateType",
        "EphemeralStorage",
        "InstanceCount",
        "InstanceMatchCriteria",
        "InstancePlatform",
        "InstanceType",
        "OutpostArn",
        "PlacementGroupArn",
        "StartDate",
        "TagSpecifications.N.ResourceType",
        "TagSpecifications.N.Tag.N.Key",
        "TagSpecifications.N.Tag.N.Value",
        "Tenancy",
    ],
};

impl Request for CreateCapacityReservationRequest {
    type Reply = CreateCapacityReservationResult;
    fn operation() -> &'static Operation {
        &CREATE_CAPACITY_RESERVATION
    }
}

pub static CANCEL_CAPACITY_RESERVATION: Operation = Operation {
    name: "CancelCapacityReservation",
    service: &SERVICE,
    input: "CancelCapacityReservationRequest",
    output: Some("CancelCapacityReservationResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["CapacityReservationId"],
    members: &[
        "CapacityReservationId",
        "DryRun",
    ],
};

impl Request for CancelCapacityReservationRequest {
    type Reply = CancelCapacityReservationResult;
    fn operation() -> &'static Operation {
        &CANCEL_CAPACITY_RESERVATION
    }
}

pub static MODIFY_CAPACITY_RESERVATION: Operation = Operation {
    name: "ModifyCapacityReservation",
    service: &SERVICE,
    input: "ModifyCapacityReservationRequest",
    output: Some("ModifyCapacityReservationResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["CapacityReservationId"],
    members: &[
        "Accept",
        "AdditionalInfo",
        "CapacityReservationId",
        "DryRun",
        "EndDate",
        "EndDateType",
        "InstanceCount",
        "InstanceMatchCriteria",
    ],
};

impl Request for ModifyCapacityReservationRequest {
    type Reply = ModifyCapacityReservationResult;
    fn operation() -> &'static Operation {
        &MODIFY_CAPACITY_RESERVATION
    }
}

pub static DESCRIBE_CAPACITY_RESERVATIONS: Operation = Operation {
    name: "DescribeCapacityReservations",
    service: &SERVICE,
    input: "DescribeCapacityReservationsRequest",
    output: Some("DescribeCapacityReservationsResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["CapacityReservations"] }),
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "CapacityReservationId.N",
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "MaxResults",
        "NextToken",
    ],
};

impl Request for DescribeCapacityReservationsRequest {
    type Reply = DescribeCapacityReservationsResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_CAPACITY_RESERVATIONS
    }
}

pub static GET_CAPACITY_RESERVATION_USAGE: Operation = Operation {
    name: "GetCapacityReservationUsage",
    service: &SERVICE,
    input: "GetCapacityReservationUsageRequest",
    output: Some("GetCapacityReservationUsageResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["CapacityReservationId"],
    members: &[
        "CapacityReservationId",
        "DryRun",
        "MaxResults",
        "NextToken",
    ],
};

impl Request for GetCapacityReservationUsageRequest {
    type Reply = GetCapacityReservationUsageResult;
    fn operation() -> &'static Operation {
        &GET_CAPACITY_RESERVATION_USAGE
    }
}

pub static ALLOCATE_HOSTS: Operation = Operation {
    name: "AllocateHosts",
    service: &SERVICE,
    input: "AllocateHostsRequest",
    output: Some("AllocateHostsResult"),
    paginator: None,
    dry_run: false,
    client_token: true,
    filters: false,
    tag_specifications: true,
    required: &[],
    members: &[
        "AssetId.N",
        "AutoPlacement",
        "AvailabilityZone",
        "AvailabilityZoneId",
        "ClientToken",
        "HostMaintenance",
        "HostRecovery",
        "InstanceFamily",
        "InstanceType",
        "OutpostArn",
        "Quantity",
        "TagSpecification.N.ResourceType",
        "TagSpecification.N.Tag.N.Key",
        "TagSpecification.N.Tag.N.Value",
    ],
};

impl Request for AllocateHostsRequest {
    type Reply = AllocateHostsResult;
    fn operation() -> &'static Operation {
        &ALLOCATE_HOSTS
    }
}

pub static DESCRIBE_HOSTS: Operation = Operation {
    name: "DescribeHosts",
    service: &SERVICE,
    input: "DescribeHostsRequest",
    output: Some("DescribeHostsResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["Hosts"] }),
    dry_run: false,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "Filter.N.Name",
        "Filter.N.Value.N",
        "HostId.N",
        "MaxResults",
        "NextToken",
    ],
};

impl Request for DescribeHostsRequest {
    type Reply = DescribeHostsResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_HOSTS
    }
}

pub static MODIFY_HOSTS: Operation = Operation {
    name: "ModifyHosts",
    service: &SERVICE,
    input: "ModifyHostsRequest",
    output: Some("ModifyHostsResult"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["HostId"],
    members: &[
        "AutoPlacement",
        "HostId.N",
        "HostMaintenance",
        "HostRecovery",
        "InstanceFamily",
        "InstanceType",
    ],
};

impl Request for ModifyHostsRequest {
    type Reply = ModifyHostsResult;
    fn operation() -> &'static Operation {
        &MODIFY_HOSTS
    }
}

pub static RELEASE_HOSTS: Operation = Operation {
    name: "ReleaseHosts",
    service: &SERVICE,
    input: "ReleaseHostsRequest",
    output: Some("ReleaseHostsResult"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["HostId"],
    members: &[
        "HostId.N",
    ],
};

impl Request for ReleaseHostsRequest {
    type Reply = ReleaseHostsResult;
    fn operation() -> &'static Operation {
        &RELEASE_HOSTS
    }
}

pub static MODIFY_INSTANCE_PLACEMENT: Operation = Operation {
    name: "ModifyInstancePlacement",
    service: &SERVICE,
    input: "ModifyInstancePlacementRequest",
    output: Some("ModifyInstancePlacementResult"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["InstanceId"],
    members: &[
        "Affinity",
        "GroupId",
        "GroupName",
        "HostId",
        "HostResourceGroupArn",
        "InstanceId",
        "PartitionNumber",
        "Tenancy",
    ],
};

impl Request for ModifyInstancePlacementRequest {
    type Reply = ModifyInstancePlacementResult;
    fn operation() -> &'static Operation {
        &MODIFY_INSTANCE_PLACEMENT
    }
}

pub static CREATE_NETWORK_INTERFACE: Operation = Operation {
    name: "CreateNetworkInterface",
    service: &SERVICE,
    input: "CreateNetworkInterfaceRequest",
    output: Some("CreateNetworkInterfaceResult"),
    paginator: None,
    dry_run: true,
    client_token: true,
    filters: false,
    tag_specifications: true,
    required: &["SubnetId"],
    members: &[
        "ClientToken",
        "ConnectionTrackingSpecification.TcpEstablishedTimeout",
        "ConnectionTrackingSpecification.UdpStreamTimeout",
        "ConnectionTrackingSpecification.UdpTimeout",
        "Description",
        "DryRun",
        "EnablePrimaryIpv6",
        "InterfaceType",
        "Ipv4Prefix.N.Ipv4Prefix",
        "Ipv4PrefixCount",
        "Ipv6AddressCount",
        "Ipv6Addresses.N.Ipv6Address",
        "Ipv6Addresses.N.IsPrimaryIpv6",
        "Ipv6Prefix.N.Ipv6Prefix",
        "Ipv6PrefixCount",
        "Operator.Principal",
        "PrivateIpAddress",
        "PrivateIpAddresses.N.Primary",
        "PrivateIpAddresses.N.PrivateIpAddress",
        "SecondaryPrivateIpAddressCount",
        "SecurityGroupId.N",
        "SubnetId",
        "TagSpecification.N.ResourceType",
        "TagSpecification.N.Tag.N.Key",
        "TagSpecification.N.Tag.N.Value",
    ],
};

impl Request for CreateNetworkInterfaceRequest {
    type Reply = CreateNetworkInterfaceResult;
    fn operation() -> &'static Operation {
        &CREATE_NETWORK_INTERFACE
    }
}

pub static DELETE_NETWORK_INTERFACE: Operation = Operation {
    name: "DeleteNetworkInterface",
    service: &SERVICE,
    input: "DeleteNetworkInterfaceRequest",
    output: None,
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["NetworkInterfaceId"],
    members: &[
        "DryRun",
        "NetworkInterfaceId",
    ],
};

impl Request for DeleteNetworkInterfaceRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DELETE_NETWORK_INTERFACE
    }
}

pub static DESCRIBE_NETWORK_INTERFACES: Operation = Operation {
    name: "DescribeNetworkInterfaces",
    service: &SERVICE,
    input: "DescribeNetworkInterfacesRequest",
    output: Some("DescribeNetworkInterfacesResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["NetworkInterfaces"] }),
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "IncludeManagedResources",
        "MaxResults",
        "NetworkInterfaceId.N",
        "NextToken",
    ],
};

impl Request for DescribeNetworkInterfacesRequest {
    type Reply = DescribeNetworkInterfacesResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_NETWORK_INTERFACES
    }
}

pub static ATTACH_NETWORK_INTERFACE: Operation = Operation {
    name: "AttachNetworkInterface",
    service: &SERVICE,
    input: "AttachNetworkInterfaceRequest",
    output: Some("AttachNetworkInterfaceResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["DeviceIndex", "InstanceId", "NetworkInterfaceId"],
    members: &[
        "DeviceIndex",
        "DryRun",
        "EnaQueueCount",
        "EnaSrdSpecification.EnaSrdEnabled",
        "EnaSrdSpecification.EnaSrdUdpSpecification.EnaSrdUdpEnabled",
        "InstanceId",
        "NetworkCardIndex",
        "NetworkInterfaceId",
    ],
};

impl Request for AttachNetworkInterfaceRequest {
    type Reply = AttachNetworkInterfaceResult;
    fn operation() -> &'static Operation {
        &ATTACH_NETWORK_INTERFACE
    }
}

pub static DETACH_NETWORK_INTERFACE: Operation = Operation {
    name: "DetachNetworkInterface",
    service: &SERVICE,
    input: "DetachNetworkInterfaceRequest",
    output: None,
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["AttachmentId"],
    members: &[
        "AttachmentId",
        "DryRun",
        "Force",
    ],
};

impl Request for DetachNetworkInterfaceRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DETACH_NETWORK_INTERFACE
    }
}

pub static MODIFY_NETWORK_INTERFACE_ATTRIBUTE: Operation = Operation {
    name: "ModifyNetworkInterfaceAttribute",
    service: &SERVICE,
    input: "ModifyNetworkInterfaceAttributeRequest",
    output: None,
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["NetworkInterfaceId"],
    members: &[
        "AssociatePublicIpAddress",
        "AssociatedSubnetId.N",
        "Attachment.AttachmentId",
        "Attachment.DefaultEnaQueueCount",
        "Attachment.DeleteOnTermination",
        "Attachment.EnaQueueCount",
        "ConnectionTrackingSpecification.TcpEstablishedTimeout",
        "ConnectionTrackingSpecification.UdpStreamTimeout",
        "ConnectionTrackingSpecification.UdpTimeout",
        "Description.Value",
        "DryRun",
        "EnaSrdSpecification.EnaSrdEnabled",
        "EnaSrdSpecification.EnaSrdUdpSpecification.EnaSrdUdpEnabled",
        "EnablePrimaryIpv6",
        "NetworkInterfaceId",
        "SecurityGroupId.N",
        "SourceDestCheck.Value",
    ],
};

impl Request for ModifyNetworkInterfaceAttributeRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &MODIFY_NETWORK_INTERFACE_ATTRIBUTE
    }
}

pub static DESCRIBE_NETWORK_INTERFACE_ATTRIBUTE: Operation = Operation {
    name: "DescribeNetworkInterfaceAttribute",
    service: &SERVICE,
    input: "DescribeNetworkInterfaceAttributeRequest",
    output: Some("DescribeNetworkInterfaceAttributeResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["NetworkInterfaceId"],
    members: &[
        "Attribute",
        "DryRun",
        "NetworkInterfaceId",
    ],
};

impl Request for DescribeNetworkInterfaceAttributeRequest {
    type Reply = DescribeNetworkInterfaceAttributeResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_NETWORK_INTERFACE_ATTRIBUTE
    }
}

pub static RESET_NETWORK_INTERFACE_ATTRIBUTE: Operation = Operation {
    name: "ResetNetworkInterfaceAttribute",
    service: &SERVICE,
    input: "ResetNetworkInterfaceAttributeRequest",
    output: None,
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["NetworkInterfaceId"],
    members: &[
        "DryRun",
        "NetworkInterfaceId",
        "SourceDestCheck",
    ],
};

impl Request for ResetNetworkInterfaceAttributeRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &RESET_NETWORK_INTERFACE_ATTRIBUTE
    }
}

pub static ASSIGN_PRIVATE_IP_ADDRESSES: Operation = Operation {
    name: "AssignPrivateIpAddresses",
    service: &SERVICE,
    input: "AssignPrivateIpAddressesRequest",
    output: Some("AssignPrivateIpAddressesResult"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["NetworkInterfaceId"],
    members: &[
        "AllowReassignment",
        "Ipv4Prefix.N",
        "Ipv4PrefixCount",
        "NetworkInterfaceId",
        "PrivateIpAddress.N",
        "SecondaryPrivateIpAddressCount",
    ],
};

impl Request for AssignPrivateIpAddressesRequest {
    type Reply = AssignPrivateIpAddressesResult;
    fn operation() -> &'static Operation {
        &ASSIGN_PRIVATE_IP_ADDRESSES
    }
}

pub static UNASSIGN_PRIVATE_IP_ADDRESSES: Operation = Operation {
    name: "UnassignPrivateIpAddresses",
    service: &SERVICE,
    input: "UnassignPrivateIpAddressesRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["NetworkInterfaceId"],
    members: &[
        "Ipv4Prefix.N",
        "NetworkInterfaceId",
        "PrivateIpAddress.N",
    ],
};

impl Request for UnassignPrivateIpAddressesRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &UNASSIGN_PRIVATE_IP_ADDRESSES
    }
}

pub static ASSIGN_IPV6_ADDRESSES: Operation = Operation {
    name: "AssignIpv6Addresses",
    service: &SERVICE,
    input: "AssignIpv6AddressesRequest",
    output: Some("AssignIpv6AddressesResult"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["NetworkInterfaceId"],
    members: &[
        "Ipv6AddressCount",
        "Ipv6Addresses.N",
        "Ipv6Prefix.N",
        "Ipv6PrefixCount",
        "NetworkInterfaceId",
    ],
};

impl Request for AssignIpv6AddressesRequest {
    type Reply = AssignIpv6AddressesResult;
    fn operation() -> &'static Operation {
        &ASSIGN_IPV6_ADDRESSES
    }
}

pub static UNASSIGN_IPV6_ADDRESSES: Operation = Operation {
    name: "UnassignIpv6Addresses",
    service: &SERVICE,
    input: "UnassignIpv6AddressesRequest",
    output: Some("UnassignIpv6AddressesResult"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["NetworkInterfaceId"],
    members: &[
        "Ipv6Addresses.N",
        "Ipv6Prefix.N",
        "NetworkInterfaceId",
    ],
};

impl Request for UnassignIpv6AddressesRequest {
    type Reply = UnassignIpv6AddressesResult;
    fn operation() -> &'static Operation {
        &UNASSIGN_IPV6_ADDRESSES
    }
}

pub static DESCRIBE_VOLUMES: Operation = Operation {
    name: "DescribeVolumes",
    service: &SERVICE,
    input: "DescribeVolumesRequest",
    output: Some("DescribeVolumesResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["Volumes"] }),
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "IncludeManagedResources",
        "MaxResults",
        "NextToken",
        "VolumeId.N",
    ],
};

impl Request for DescribeVolumesRequest {
    type Reply = DescribeVolumesResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_VOLUMES
    }
}

pub static ASSOCIATE_IAM_INSTANCE_PROFILE: Operation = Operation {
    name: "AssociateIamInstanceProfile",
    service: &SERVICE,
    input: "AssociateIamInstanceProfileRequest",
    output: Some("AssociateIamInstanceProfileResult"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["IamInstanceProfile", "InstanceId"],
    members: &[
        "IamInstanceProfile.Arn",
        "IamInstanceProfile.Name",
        "InstanceId",
    ],
};

impl Request for AssociateIamInstanceProfileRequest {
    type Reply = AssociateIamInstanceProfileResult;
    fn operation() -> &'static Operation {
        &ASSOCIATE_IAM_INSTANCE_PROFILE
    }
}

pub static DISASSOCIATE_IAM_INSTANCE_PROFILE: Operation = Operation {
    name: "DisassociateIamInstanceProfile",
    service: &SERVICE,
    input: "DisassociateIamInstanceProfileRequest",
    output: Some("DisassociateIamInstanceProfileResult"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["AssociationId"],
    members: &[
        "AssociationId",
    ],
};

impl Request for DisassociateIamInstanceProfileRequest {
    type Reply = DisassociateIamInstanceProfileResult;
    fn operation() -> &'static Operation {
        &DISASSOCIATE_IAM_INSTANCE_PROFILE
    }
}

pub static REPLACE_IAM_INSTANCE_PROFILE_ASSOCIATION: Operation = Operation {
    name: "ReplaceIamInstanceProfileAssociation",
    service: &SERVICE,
    input: "ReplaceIamInstanceProfileAssociationRequest",
    output: Some("ReplaceIamInstanceProfileAssociationResult"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["AssociationId", "IamInstanceProfile"],
    members: &[
        "AssociationId",
        "IamInstanceProfile.Arn",
        "IamInstanceProfile.Name",
    ],
};

impl Request for ReplaceIamInstanceProfileAssociationRequest {
    type Reply = ReplaceIamInstanceProfileAssociationResult;
    fn operation() -> &'static Operation {
        &REPLACE_IAM_INSTANCE_PROFILE_ASSOCIATION
    }
}

pub static DESCRIBE_IAM_INSTANCE_PROFILE_ASSOCIATIONS: Operation = Operation {
    name: "DescribeIamInstanceProfileAssociations",
    service: &SERVICE,
    input: "DescribeIamInstanceProfileAssociationsRequest",
    output: Some("DescribeIamInstanceProfileAssociationsResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["IamInstanceProfileAssociations"] }),
    dry_run: false,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "AssociationId.N",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "MaxResults",
        "NextToken",
    ],
};

impl Request for DescribeIamInstanceProfileAssociationsRequest {
    type Reply = DescribeIamInstanceProfileAssociationsResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_IAM_INSTANCE_PROFILE_ASSOCIATIONS
    }
}

pub static ALLOCATE_ADDRESS: Operation = Operation {
    name: "AllocateAddress",
    service: &SERVICE,
    input: "AllocateAddressRequest",
    output: Some("AllocateAddressResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: true,
    required: &[],
    members: &[
        "Address",
        "CustomerOwnedIpv4Pool",
        "Domain",
        "DryRun",
        "IpamPoolId",
        "NetworkBorderGroup",
        "PublicIpv4Pool",
        "TagSpecification.N.ResourceType",
        "TagSpecification.N.Tag.N.Key",
        "TagSpecification.N.Tag.N.Value",
    ],
};

impl Request for AllocateAddressRequest {
    type Reply = AllocateAddressResult;
    fn operation() -> &'static Operation {
        &ALLOCATE_ADDRESS
    }
}

pub static ASSOCIATE_ADDRESS: Operation = Operation {
    name: "AssociateAddress",
    service: &SERVICE,
    input: "AssociateAddressRequest",
    output: Some("AssociateAddressResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "AllocationId",
        "AllowReassociation",
        "DryRun",
        "InstanceId",
        "NetworkInterfaceId",
        "PrivateIpAddress",
        "PublicIp",
    ],
};

impl Request for AssociateAddressRequest {
    type Reply = AssociateAddressResult;
    fn operation() -> &'static Operation {
        &ASSOCIATE_ADDRESS
    }
}

pub static DISASSOCIATE_ADDRESS: Operation = Operation {
    name: "DisassociateAddress",
    service: &SERVICE,
    input: "DisassociateAddressRequest",
    output: None,
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "AssociationId",
        "DryRun",
        "PublicIp",
    ],
};

impl Request for DisassociateAddressRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DISASSOCIATE_ADDRESS
    }
}

pub static RELEASE_ADDRESS: Operation = Operation {
    name: "ReleaseAddress",
    service: &SERVICE,
    input: "ReleaseAddressRequest",
    output: None,
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "AllocationId",
        "DryRun",
        "NetworkBorderGroup",
        "PublicIp",
    ],
};

impl Request for ReleaseAddressRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &RELEASE_ADDRESS
    }
}

pub static DESCRIBE_ADDRESSES: Operation = Operation {
    name: "DescribeAddresses",
    service: &SERVICE,
    input: "DescribeAddressesRequest",
    output: Some("DescribeAddressesResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: true,
    tag_specifications: false,
    required: &[],
    members: &[
        "AllocationId.N",
        "DryRun",
        "Filter.N.Name",
        "Filter.N.Value.N",
        "PublicIp.N",
    ],
};

impl Request for DescribeAddressesRequest {
    type Reply = DescribeAddressesResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_ADDRESSES
    }
}

pub static DESCRIBE_ADDRESSES_ATTRIBUTE: Operation = Operation {
    name: "DescribeAddressesAttribute",
    service: &SERVICE,
    input: "DescribeAddressesAttributeRequest",
    output: Some("DescribeAddressesAttributeResult"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["Addresses"] }),
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "AllocationId.N",
        "Attribute",
        "DryRun",
        "MaxResults",
        "NextToken",
    ],
};

impl Request for DescribeAddressesAttributeRequest {
    type Reply = DescribeAddressesAttributeResult;
    fn operation() -> &'static Operation {
        &DESCRIBE_ADDRESSES_ATTRIBUTE
    }
}

pub static MODIFY_ADDRESS_ATTRIBUTE: Operation = Operation {
    name: "ModifyAddressAttribute",
    service: &SERVICE,
    input: "ModifyAddressAttributeRequest",
    output: Some("ModifyAddressAttributeResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["AllocationId"],
    members: &[
        "AllocationId",
        "DomainName",
        "DryRun",
    ],
};

impl Request for ModifyAddressAttributeRequest {
    type Reply = ModifyAddressAttributeResult;
    fn operation() -> &'static Operation {
        &MODIFY_ADDRESS_ATTRIBUTE
    }
}

pub static RESET_ADDRESS_ATTRIBUTE: Operation = Operation {
    name: "ResetAddressAttribute",
    service: &SERVICE,
    input: "ResetAddressAttributeRequest",
    output: Some("ResetAddressAttributeResult"),
    paginator: None,
    dry_run: true,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["AllocationId", "Attribute"],
    members: &[
        "AllocationId",
        "Attribute",
        "DryRun",
    ],
};

impl Request for ResetAddressAttributeRequest {
    type Reply = ResetAddressAttributeResult;
    fn operation() -> &'static Operation {
        &RESET_ADDRESS_ATTRIBUTE
    }
}
