//! Shapes of ec2.
// Written by `cargo run -p xtask -- codegen` from the published service model; do not edit.

#[allow(unused_imports)]
use types::TimestampMs;

crate::shape::shape! {
pub struct AcceleratorCount {
    pub max: Option<i32> = ("Max", "Max", "max"),
    pub min: Option<i32> = ("Min", "Min", "min"),
}
}

crate::shape::shape! {
pub struct AcceleratorCountRequest {
    pub max: Option<i32> = ("Max", "Max", "Max"),
    pub min: Option<i32> = ("Min", "Min", "Min"),
}
}

crate::shape::shape! {
pub struct AcceleratorTotalMemoryMiB {
    pub max: Option<i32> = ("Max", "Max", "max"),
    pub min: Option<i32> = ("Min", "Min", "min"),
}
}

crate::shape::shape! {
pub struct AcceleratorTotalMemoryMiBRequest {
    pub max: Option<i32> = ("Max", "Max", "Max"),
    pub min: Option<i32> = ("Min", "Min", "Min"),
}
}

crate::shape::shape! {
pub struct AcceptVpcPeeringConnectionRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub vpc_peering_connection_id: Option<String> = ("VpcPeeringConnectionId", "VpcPeeringConnectionId", "vpcPeeringConnectionId"),
}
}

crate::shape::shape! {
pub struct AcceptVpcPeeringConnectionResult {
    pub vpc_peering_connection: Option<VpcPeeringConnection> = ("VpcPeeringConnection", "VpcPeeringConnection", "vpcPeeringConnection"),
}
}

crate::shape::shape! {
pub struct AccountAttribute {
    pub attribute_name: Option<String> = ("AttributeName", "AttributeName", "attributeName"),
    pub attribute_values: Option<Vec<AccountAttributeValue>> = ("AttributeValues", "AttributeValueSet", "", "attributeValueSet", "item"),
}
}

crate::shape::shape! {
pub struct AccountAttributeValue {
    pub attribute_value: Option<String> = ("AttributeValue", "AttributeValue", "attributeValue"),
}
}

crate::shape::shape! {
pub struct AddPrefixListEntry {
    pub cidr: Option<String> = ("Cidr", "Cidr", "Cidr"),
    pub description: Option<String> = ("Description", "Description", "Description"),
}
}

crate::shape::shape! {
pub struct Address {
    pub allocation_id: Option<String> = ("AllocationId", "AllocationId", "allocationId"),
    pub association_id: Option<String> = ("AssociationId", "AssociationId", "associationId"),
    pub carrier_ip: Option<String> = ("CarrierIp", "CarrierIp", "carrierIp"),
    pub customer_owned_ip: Option<String> = ("CustomerOwnedIp", "CustomerOwnedIp", "customerOwnedIp"),
    pub customer_owned_ipv4_pool: Option<String> = ("CustomerOwnedIpv4Pool", "CustomerOwnedIpv4Pool", "customerOwnedIpv4Pool"),
    pub domain: Option<String> = ("Domain", "Domain", "domain"),
    pub instance_id: Option<String> = ("InstanceId", "InstanceId", "instanceId"),
    pub network_border_group: Option<String> = ("NetworkBorderGroup", "NetworkBorderGroup", "networkBorderGroup"),
    pub network_interface_id: Option<String> = ("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId"),
    pub network_interface_owner_id: Option<String> = ("NetworkInterfaceOwnerId", "NetworkInterfaceOwnerId", "networkInterfaceOwnerId"),
    pub private_ip_address: Option<String> = ("PrivateIpAddress", "PrivateIpAddress", "privateIpAddress"),
    pub public_ip: Option<String> = ("PublicIp", "PublicIp", "publicIp"),
    pub public_ipv4_pool: Option<String> = ("PublicIpv4Pool", "PublicIpv4Pool", "publicIpv4Pool"),
    pub service_managed: Option<String> = ("ServiceManaged", "ServiceManaged", "serviceManaged"),
    pub subnet_id: Option<String> = ("SubnetId", "SubnetId", "subnetId"),
    pub tags: Option<Vec<Tag>> = ("Tags", "TagSet", "", "tagSet", "item"),
}
}

crate::shape::shape! {
pub struct AddressAttribute {
    pub allocation_id: Option<String> = ("AllocationId", "AllocationId", "allocationId"),
    pub ptr_record: Option<String> = ("PtrRecord", "PtrRecord", "ptrRecord"),
    pub ptr_record_update: Option<PtrUpdateStatus> = ("PtrRecordUpdate", "PtrRecordUpdate", "ptrRecordUpdate"),
    pub public_ip: Option<String> = ("PublicIp", "PublicIp", "publicIp"),
}
}

crate::shape::shape! {
pub struct AllocateAddressRequest {
    pub address: Option<String> = ("Address", "Address", "Address"),
    pub customer_owned_ipv4_pool: Option<String> = ("CustomerOwnedIpv4Pool", "CustomerOwnedIpv4Pool", "CustomerOwnedIpv4Pool"),
    pub domain: Option<String> = ("Domain", "Domain", "Domain"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub ipam_pool_id: Option<String> = ("IpamPoolId", "IpamPoolId", "IpamPoolId"),
    pub network_border_group: Option<String> = ("NetworkBorderGroup", "NetworkBorderGroup", "NetworkBorderGroup"),
    pub public_ipv4_pool: Option<String> = ("PublicIpv4Pool", "PublicIpv4Pool", "PublicIpv4Pool"),
    pub tag_specifications: Option<Vec<TagSpecification>> = ("TagSpecifications", "TagSpecification", "", "TagSpecification", "item"),
}
}

crate::shape::shape! {
pub struct AllocateAddressResult {
    pub allocation_id: Option<String> = ("AllocationId", "AllocationId", "allocationId"),
    pub carrier_ip: Option<String> = ("CarrierIp", "CarrierIp", "carrierIp"),
    pub customer_owned_ip: Option<String> = ("CustomerOwnedIp", "CustomerOwnedIp", "customerOwnedIp"),
    pub customer_owned_ipv4_pool: Option<String> = ("CustomerOwnedIpv4Pool", "CustomerOwnedIpv4Pool", "customerOwnedIpv4Pool"),
    pub domain: Option<String> = ("Domain", "Domain", "domain"),
    pub network_border_group: Option<String> = ("NetworkBorderGroup", "NetworkBorderGroup", "networkBorderGroup"),
    pub public_ip: Option<String> = ("PublicIp", "PublicIp", "publicIp"),
    pub public_ipv4_pool: Option<String> = ("PublicIpv4Pool", "PublicIpv4Pool", "publicIpv4Pool"),
}
}

crate::shape::shape! {
pub struct AllocateHostsRequest {
    pub asset_ids: Option<Vec<String>> = ("AssetIds", "AssetId", "", "AssetId", "member"),
    pub auto_placement: Option<String> = ("AutoPlacement", "AutoPlacement", "autoPlacement"),
    pub availability_zone: Option<String> = ("AvailabilityZone", "AvailabilityZone", "availabilityZone"),
    pub availability_zone_id: Option<String> = ("AvailabilityZoneId", "AvailabilityZoneId", "AvailabilityZoneId"),
    pub client_token: Option<String> = ("ClientToken", "ClientToken", "clientToken"),
    pub host_maintenance: Option<String> = ("HostMaintenance", "HostMaintenance", "HostMaintenance"),
    pub host_recovery: Option<String> = ("HostRecovery", "HostRecovery", "HostRecovery"),
    pub instance_family: Option<String> = ("InstanceFamily", "InstanceFamily", "InstanceFamily"),
    pub instance_type: Option<String> = ("InstanceType", "InstanceType", "instanceType"),
    pub outpost_arn: Option<String> = ("OutpostArn", "OutpostArn", "OutpostArn"),
    pub quantity: Option<i32> = ("Quantity", "Quantity", "quantity"),
    pub tag_specifications: Option<Vec<TagSpecification>> = ("TagSpecifications", "TagSpecification", "", "TagSpecification", "item"),
}
}

crate::shape::shape! {
pub struct AllocateHostsResult {
    pub host_ids: Option<Vec<String>> = ("HostIds", "HostIdSet", "", "hostIdSet", "item"),
}
}

crate::shape::shape! {
pub struct AssignIpv6AddressesRequest {
    pub ipv6_address_count: Option<i32> = ("Ipv6AddressCount", "Ipv6AddressCount", "ipv6AddressCount"),
    pub ipv6_addresses: Option<Vec<String>> = ("Ipv6Addresses", "Ipv6Addresses", "", "ipv6Addresses", "item"),
    pub ipv6_prefix_count: Option<i32> = ("Ipv6PrefixCount", "Ipv6PrefixCount", "Ipv6PrefixCount"),
    pub ipv6_prefixes: Option<Vec<String>> = ("Ipv6Prefixes", "Ipv6Prefix", "", "Ipv6Prefix", "item"),
    pub network_interface_id: Option<String> = ("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId"),
}
}

crate::shape::shape! {
pub struct AssignIpv6AddressesResult {
    pub assigned_ipv6_addresses: Option<Vec<String>> = ("AssignedIpv6Addresses", "AssignedIpv6Addresses", "", "assignedIpv6Addresses", "item"),
    pub assigned_ipv6_prefixes: Option<Vec<String>> = ("AssignedIpv6Prefixes", "AssignedIpv6PrefixSet", "", "assignedIpv6PrefixSet", "item"),
    pub network_interface_id: Option<String> = ("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId"),
}
}

crate::shape::shape! {
pub struct AssignPrivateIpAddressesRequest {
    pub allow_reassignment: Option<bool> = ("AllowReassignment", "AllowReassignment", "allowReassignment"),
    pub ipv4_prefix_count: Option<i32> = ("Ipv4PrefixCount", "Ipv4PrefixCount", "Ipv4PrefixCount"),
    pub ipv4_prefixes: Option<Vec<String>> = ("Ipv4Prefixes", "Ipv4Prefix", "", "Ipv4Prefix", "item"),
    pub network_interface_id: Option<String> = ("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId"),
    pub private_ip_addresses: Option<Vec<String>> = ("PrivateIpAddresses", "PrivateIpAddress", "", "privateIpAddress", "PrivateIpAddress"),
    pub secondary_private_ip_address_count: Option<i32> = ("SecondaryPrivateIpAddressCount", "SecondaryPrivateIpAddressCount", "secondaryPrivateIpAddressCount"),
}
}

crate::shape::shape! {
pub struct AssignPrivateIpAddressesResult {
    pub assigned_ipv4_prefixes: Option<Vec<Ipv4PrefixSpecification>> = ("AssignedIpv4Prefixes", "AssignedIpv4PrefixSet", "", "assignedIpv4PrefixSet", "item"),
    pub assigned_private_ip_addresses: Option<Vec<AssignedPrivateIpAddress>> = ("AssignedPrivateIpAddresses", "AssignedPrivateIpAddressesSet", "", "assignedPrivateIpAddressesSet", "item"),
    pub network_interface_id: Option<String> = ("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId"),
}
}

crate::shape::shape! {
pub struct AssignedPrivateIpAddress {
    pub private_ip_address: Option<String> = ("PrivateIpAddress", "PrivateIpAddress", "privateIpAddress"),
}
}

crate::shape::shape! {
pub struct AssociateAddressRequest {
    pub allocation_id: Option<String> = ("AllocationId", "AllocationId", "AllocationId"),
    pub allow_reassociation: Option<bool> = ("AllowReassociation", "AllowReassociation", "allowReassociation"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub instance_id: Option<String> = ("InstanceId", "InstanceId", "InstanceId"),
    pub network_interface_id: Option<String> = ("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId"),
    pub private_ip_address: Option<String> = ("PrivateIpAddress", "PrivateIpAddress", "privateIpAddress"),
    pub public_ip: Option<String> = ("PublicIp", "PublicIp", "PublicIp"),
}
}

crate::shape::shape! {
pub struct AssociateAddressResult {
    pub association_id: Option<String> = ("AssociationId", "AssociationId", "associationId"),
}
}

crate::shape::shape! {
pub struct AssociateDhcpOptionsRequest {
    pub dhcp_options_id: Option<String> = ("DhcpOptionsId", "DhcpOptionsId", "DhcpOptionsId"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "VpcId"),
}
}

crate::shape::shape! {
pub struct AssociateIamInstanceProfileRequest {
    pub iam_instance_profile: Option<IamInstanceProfileSpecification> = ("IamInstanceProfile", "IamInstanceProfile", "IamInstanceProfile"),
    pub instance_id: Option<String> = ("InstanceId", "InstanceId", "InstanceId"),
}
}

crate::shape::shape! {
pub struct AssociateIamInstanceProfileResult {
    pub iam_instance_profile_association: Option<IamInstanceProfileAssociation> = ("IamInstanceProfileAssociation", "IamInstanceProfileAssociation", "iamInstanceProfileAssociation"),
}
}

crate::shape::shape! {
pub struct AssociateRouteTableRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub gateway_id: Option<String> = ("GatewayId", "GatewayId", "GatewayId"),
    pub public_ipv4_pool: Option<String> = ("PublicIpv4Pool", "PublicIpv4Pool", "PublicIpv4Pool"),
    pub route_table_id: Option<String> = ("RouteTableId", "RouteTableId", "routeTableId"),
    pub subnet_id: Option<String> = ("SubnetId", "SubnetId", "subnetId"),
}
}

crate::shape::shape! {
pub struct AssociateRouteTableResult {
    pub association_id: Option<String> = ("AssociationId", "AssociationId", "associationId"),
    pub association_state: Option<RouteTableAssociationState> = ("AssociationState", "AssociationState", "associationState"),
}
}

crate::shape::shape! {
pub struct AssociateSubnetCidrBlockRequest {
    pub ipv6_cidr_block: Option<String> = ("Ipv6CidrBlock", "Ipv6CidrBlock", "ipv6CidrBlock"),
    pub ipv6_ipam_pool_id: Option<String> = ("Ipv6IpamPoolId", "Ipv6IpamPoolId", "Ipv6IpamPoolId"),
    pub ipv6_netmask_length: Option<i32> = ("Ipv6NetmaskLength", "Ipv6NetmaskLength", "Ipv6NetmaskLength"),
    pub subnet_id: Option<String> = ("SubnetId", "SubnetId", "subnetId"),
}
}

crate::shape::shape! {
pub struct AssociateSubnetCidrBlockResult {
    pub ipv6_cidr_block_association: Option<SubnetIpv6CidrBlockAssociation> = ("Ipv6CidrBlockAssociation", "Ipv6CidrBlockAssociation", "ipv6CidrBlockAssociation"),
    pub subnet_id: Option<String> = ("SubnetId", "SubnetId", "subnetId"),
}
}

crate::shape::shape! {
pub struct AssociateTransitGatewayRouteTableRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub transit_gateway_attachment_id: Option<String> = ("TransitGatewayAttachmentId", "TransitGatewayAttachmentId", "TransitGatewayAttachmentId"),
    pub transit_gateway_route_table_id: Option<String> = ("TransitGatewayRouteTableId", "TransitGatewayRouteTableId", "TransitGatewayRouteTableId"),
}
}

crate::shape::shape! {
pub struct AssociateTransitGatewayRouteTableResult {
    pub association: Option<TransitGatewayAssociation> = ("Association", "Association", "association"),
}
}

crate::shape::shape! {
pub struct AssociateVpcCidrBlockRequest {
    pub amazon_provided_ipv6_cidr_block: Option<bool> = ("AmazonProvidedIpv6CidrBlock", "AmazonProvidedIpv6CidrBlock", "amazonProvidedIpv6CidrBlock"),
    pub cidr_block: Option<String> = ("CidrBlock", "CidrBlock", "CidrBlock"),
    pub ipv4_ipam_pool_id: Option<String> = ("Ipv4IpamPoolId", "Ipv4IpamPoolId", "Ipv4IpamPoolId"),
    pub ipv4_netmask_length: Option<i32> = ("Ipv4NetmaskLength", "Ipv4NetmaskLength", "Ipv4NetmaskLength"),
    pub ipv6_cidr_block: Option<String> = ("Ipv6CidrBlock", "Ipv6CidrBlock", "Ipv6CidrBlock"),
    pub ipv6_cidr_block_network_border_group: Option<String> = ("Ipv6CidrBlockNetworkBorderGroup", "Ipv6CidrBlockNetworkBorderGroup", "Ipv6CidrBlockNetworkBorderGroup"),
    pub ipv6_ipam_pool_id: Option<String> = ("Ipv6IpamPoolId", "Ipv6IpamPoolId", "Ipv6IpamPoolId"),
    pub ipv6_netmask_length: Option<i32> = ("Ipv6NetmaskLength", "Ipv6NetmaskLength", "Ipv6NetmaskLength"),
    pub ipv6_pool: Option<String> = ("Ipv6Pool", "Ipv6Pool", "Ipv6Pool"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "vpcId"),
}
}

crate::shape::shape! {
pub struct AssociateVpcCidrBlockResult {
    pub cidr_block_association: Option<VpcCidrBlockAssociation> = ("CidrBlockAssociation", "CidrBlockAssociation", "cidrBlockAssociation"),
    pub ipv6_cidr_block_association: Option<VpcIpv6CidrBlockAssociation> = ("Ipv6CidrBlockAssociation", "Ipv6CidrBlockAssociation", "ipv6CidrBlockAssociation"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "vpcId"),
}
}

crate::shape::shape! {
pub struct AttachInternetGatewayRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub internet_gateway_id: Option<String> = ("InternetGatewayId", "InternetGatewayId", "internetGatewayId"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "vpcId"),
}
}

crate::shape::shape! {
pub struct AttachNetworkInterfaceRequest {
    pub device_index: Option<i32> = ("DeviceIndex", "DeviceIndex", "deviceIndex"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub ena_queue_count: Option<i32> = ("EnaQueueCount", "EnaQueueCount", "EnaQueueCount"),
    pub ena_srd_specification: Option<EnaSrdSpecification> = ("EnaSrdSpecification", "EnaSrdSpecification", "EnaSrdSpecification"),
    pub instance_id: Option<String> = ("InstanceId", "InstanceId", "instanceId"),
    pub network_card_index: Option<i32> = ("NetworkCardIndex", "NetworkCardIndex", "NetworkCardIndex"),
    pub network_interface_id: Option<String> = ("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId"),
}
}

crate::shape::shape! {
pub struct AttachNetworkInterfaceResult {
    pub attachment_id: Option<String> = ("AttachmentId", "AttachmentId", "attachmentId"),
    pub network_card_index: Option<i32> = ("NetworkCardIndex", "NetworkCardIndex", "networkCardIndex"),
}
}

crate::shape::shape! {
pub struct AttachmentEnaSrdSpecification {
    pub ena_srd_enabled: Option<bool> = ("EnaSrdEnabled", "EnaSrdEnabled", "enaSrdEnabled"),
    pub ena_srd_udp_specification: Option<AttachmentEnaSrdUdpSpecification> = ("EnaSrdUdpSpecification", "EnaSrdUdpSpecification", "enaSrdUdpSpecification"),
}
}

crate::shape::shape! {
pub struct AttachmentEnaSrdUdpSpecification {
    pub ena_srd_udp_enabled: Option<bool> = ("EnaSrdUdpEnabled", "EnaSrdUdpEnabled", "enaSrdUdpEnabled"),
}
}

crate::shape::shape! {
pub struct AttributeBooleanValue {
    pub value: Option<bool> = ("Value", "Value", "value"),
}
}

crate::shape::shape! {
pub struct AttributeValue {
    pub value: Option<String> = ("Value", "Value", "value"),
}
}

crate::shape::shape! {
pub struct AuthorizeSecurityGroupEgressRequest {
    pub cidr_ip: Option<String> = ("CidrIp", "CidrIp", "cidrIp"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub from_port: Option<i32> = ("FromPort", "FromPort", "fromPort"),
    pub group_id: Option<String> = ("GroupId", "GroupId", "groupId"),
    pub ip_permissions: Option<Vec<IpPermission>> = ("IpPermissions", "IpPermissions", "", "ipPermissions", "item"),
    pub ip_protocol: Option<String> = ("IpProtocol", "IpProtocol", "ipProtocol"),
    pub source_security_group_name: Option<String> = ("SourceSecurityGroupName", "SourceSecurityGroupName", "sourceSecurityGroupName"),
    pub source_security_group_owner_id: Option<String> = ("SourceSecurityGroupOwnerId", "SourceSecurityGroupOwnerId", "sourceSecurityGroupOwnerId"),
    pub tag_specifications: Option<Vec<TagSpecification>> = ("TagSpecifications", "TagSpecification", "", "TagSpecification", "item"),
    pub to_port: Option<i32> = ("ToPort", "ToPort", "toPort"),
}
}

crate::shape::shape! {
pub struct AuthorizeSecurityGroupEgressResult {
    pub r#return: Option<bool> = ("Return", "Return", "return"),
    pub security_group_rules: Option<Vec<SecurityGroupRule>> = ("SecurityGroupRules", "SecurityGroupRuleSet", "", "securityGroupRuleSet", "item"),
}
}

crate::shape::shape! {
pub struct AuthorizeSecurityGroupIngressRequest {
    pub cidr_ip: Option<String> = ("CidrIp", "CidrIp", "CidrIp"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub from_port: Option<i32> = ("FromPort", "FromPort", "FromPort"),
    pub group_id: Option<String> = ("GroupId", "GroupId", "GroupId"),
    pub group_name: Option<String> = ("GroupName", "GroupName", "GroupName"),
    pub ip_permissions: Option<Vec<IpPermission>> = ("IpPermissions", "IpPermissions", "", "IpPermissions", "item"),
    pub ip_protocol: Option<String> = ("IpProtocol", "IpProtocol", "IpProtocol"),
    pub source_security_group_name: Option<String> = ("SourceSecurityGroupName", "SourceSecurityGroupName", "SourceSecurityGroupName"),
    pub source_security_group_owner_id: Option<String> = ("SourceSecurityGroupOwnerId", "SourceSecurityGroupOwnerId", "SourceSecurityGroupOwnerId"),
    pub tag_specifications: Option<Vec<TagSpecification>> = ("TagSpecifications", "TagSpecification", "", "TagSpecification", "item"),
    pub to_port: Option<i32> = ("ToPort", "ToPort", "ToPort"),
}
}

crate::shape::shape! {
pub struct AuthorizeSecurityGroupIngressResult {
    pub r#return: Option<bool> = ("Return", "Return", "return"),
    pub security_group_rules: Option<Vec<SecurityGroupRule>> = ("SecurityGroupRules", "SecurityGroupRuleSet", "", "securityGroupRuleSet", "item"),
}
}

crate::shape::shape! {
pub struct AvailabilityZone {
    pub geography: Option<Vec<AvailabilityZoneGeography>> = ("Geography", "GeographySet", "", "geographySet", "item"),
    pub group_long_name: Option<String> = ("GroupLongName", "GroupLongName", "groupLongName"),
    pub group_name: Option<String> = ("GroupName", "GroupName", "groupName"),
    pub messages: Option<Vec<AvailabilityZoneMessage>> = ("Messages", "MessageSet", "", "messageSet", "item"),
    pub network_border_group: Option<String> = ("NetworkBorderGroup", "NetworkBorderGroup", "networkBorderGroup"),
    pub opt_in_status: Option<String> = ("OptInStatus", "OptInStatus", "optInStatus"),
    pub parent_zone_id: Option<String> = ("ParentZoneId", "ParentZoneId", "parentZoneId"),
    pub parent_zone_name: Option<String> = ("ParentZoneName", "ParentZoneName", "parentZoneName"),
    pub region_name: Option<String> = ("RegionName", "RegionName", "regionName"),
    pub state: Option<String> = ("State", "ZoneState", "zoneState"),
    pub sub_geography: Option<Vec<AvailabilityZoneSubGeography>> = ("SubGeography", "SubGeographySet", "", "subGeographySet", "item"),
    pub zone_id: Option<String> = ("ZoneId", "ZoneId", "zoneId"),
    pub zone_name: Option<String> = ("ZoneName", "ZoneName", "zoneName"),
    pub zone_type: Option<String> = ("ZoneType", "ZoneType", "zoneType"),
}
}

crate::shape::shape! {
pub struct AvailabilityZoneAddress {
    pub allocation_ids: Option<Vec<String>> = ("AllocationIds", "AllocationId", "", "AllocationId", "AllocationId"),
    pub availability_zone: Option<String> = ("AvailabilityZone", "AvailabilityZone", "AvailabilityZone"),
    pub availability_zone_id: Option<String> = ("AvailabilityZoneId", "AvailabilityZoneId", "AvailabilityZoneId"),
}
}

crate::shape::shape! {
pub struct AvailabilityZoneGeography {
    pub name: Option<String> = ("Name", "Name", "name"),
}
}

crate::shape::shape! {
pub struct AvailabilityZoneMessage {
    pub message: Option<String> = ("Message", "Message", "message"),
}
}

crate::shape::shape! {
pub struct AvailabilityZoneSubGeography {
    pub name: Option<String> = ("Name", "Name", "name"),
}
}

crate::shape::shape! {
pub struct AvailableCapacity {
    pub available_instance_capacity: Option<Vec<InstanceCapacity>> = ("AvailableInstanceCapacity", "AvailableInstanceCapacity", "", "availableInstanceCapacity", "item"),
    pub available_v_cpus: Option<i32> = ("AvailableVCpus", "AvailableVCpus", "availableVCpus"),
}
}

crate::shape::shape! {
pub struct BaselineEbsBandwidthMbps {
    pub max: Option<i32> = ("Max", "Max", "max"),
    pub min: Option<i32> = ("Min", "Min", "min"),
}
}

crate::shape::shape! {
pub struct BaselineEbsBandwidthMbpsRequest {
    pub max: Option<i32> = ("Max", "Max", "Max"),
    pub min: Option<i32> = ("Min", "Min", "Min"),
}
}

crate::shape::shape! {
pub struct BaselinePerformanceFactors {
    pub cpu: Option<CpuPerformanceFactor> = ("Cpu", "Cpu", "cpu"),
}
}

crate::shape::shape! {
pub struct BaselinePerformanceFactorsRequest {
    pub cpu: Option<CpuPerformanceFactorRequest> = ("Cpu", "Cpu", "Cpu"),
}
}

crate::shape::shape! {
pub struct BlobAttributeValue {
    pub value: Option<Vec<u8>> = ("Value", "Value", "value"),
}
}

crate::shape::shape! {
pub struct BlockDeviceMapping {
    pub device_name: Option<String> = ("DeviceName", "DeviceName", "deviceName"),
    pub ebs: Option<EbsBlockDevice> = ("Ebs", "Ebs", "ebs"),
    pub no_device: Option<String> = ("NoDevice", "NoDevice", "noDevice"),
    pub virtual_name: Option<String> = ("VirtualName", "VirtualName", "virtualName"),
}
}

crate::shape::shape! {
pub struct BlockDeviceMappingResponse {
    pub device_name: Option<String> = ("DeviceName", "DeviceName", "deviceName"),
    pub ebs: Option<EbsBlockDeviceResponse> = ("Ebs", "Ebs", "ebs"),
    pub no_device: Option<String> = ("NoDevice", "NoDevice", "noDevice"),
    pub virtual_name: Option<String> = ("VirtualName", "VirtualName", "virtualName"),
}
}

crate::shape::shape! {
pub struct BlockPublicAccessStates {
    pub internet_gateway_block_mode: Option<String> = ("InternetGatewayBlockMode", "InternetGatewayBlockMode", "internetGatewayBlockMode"),
}
}

crate::shape::shape! {
pub struct CancelCapacityReservationRequest {
    pub capacity_reservation_id: Option<String> = ("CapacityReservationId", "CapacityReservationId", "CapacityReservationId"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
}
}

crate::shape::shape! {
pub struct CancelCapacityReservationResult {
    pub r#return: Option<bool> = ("Return", "Return", "return"),
}
}

crate::shape::shape! {
pub struct CancelSpotInstanceRequestsRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub spot_instance_request_ids: Option<Vec<String>> = ("SpotInstanceRequestIds", "SpotInstanceRequestId", "", "SpotInstanceRequestId", "SpotInstanceRequestId"),
}
}

crate::shape::shape! {
pub struct CancelSpotInstanceRequestsResult {
    pub cancelled_spot_instance_requests: Option<Vec<CancelledSpotInstanceRequest>> = ("CancelledSpotInstanceRequests", "SpotInstanceRequestSet", "", "spotInstanceRequestSet", "item"),
}
}

crate::shape::shape! {
pub struct CancelledSpotInstanceRequest {
    pub spot_instance_request_id: Option<String> = ("SpotInstanceRequestId", "SpotInstanceRequestId", "spotInstanceRequestId"),
    pub state: Option<String> = ("State", "State", "state"),
}
}

crate::shape::shape! {
pub struct CapacityAllocation {
    pub allocation_metadata: Option<Vec<CapacityAllocationMetadataEntry>> = ("AllocationMetadata", "AllocationMetadataList", "", "allocationMetadataList", "item"),
    pub allocation_type: Option<String> = ("AllocationType", "AllocationType", "allocationType"),
    pub count: Option<i32> = ("Count", "Count", "count"),
}
}

crate::shape::shape! {
pub struct CapacityAllocationMetadataEntry {
    pub key: Option<String> = ("Key", "Key", "key"),
    pub value: Option<String> = ("Value", "Value", "value"),
}
}

crate::shape::shape! {
pub struct CapacityReservation {
    pub availability_zone: Option<String> = ("AvailabilityZone", "AvailabilityZone", "availabilityZone"),
    pub availability_zone_id: Option<String> = ("AvailabilityZoneId", "AvailabilityZoneId", "availabilityZoneId"),
    pub available_instance_count: Option<i32> = ("AvailableInstanceCount", "AvailableInstanceCount", "availableInstanceCount"),
    pub capacity_allocations: Option<Vec<CapacityAllocation>> = ("CapacityAllocations", "CapacityAllocationSet", "", "capacityAllocationSet", "item"),
    pub capacity_block_id: Option<String> = ("CapacityBlockId", "CapacityBlockId", "capacityBlockId"),
    pub capacity_reservation_arn: Option<String> = ("CapacityReservationArn", "CapacityReservationArn", "capacityReservationArn"),
    pub capacity_reservation_fleet_id: Option<String> = ("CapacityReservationFleetId", "CapacityReservationFleetId", "capacityReservationFleetId"),
    pub capacity_reservation_id: Option<String> = ("CapacityReservationId", "CapacityReservationId", "capacityReservationId"),
    pub commitment_info: Option<CapacityReservationCommitmentInfo> = ("CommitmentInfo", "CommitmentInfo", "commitmentInfo"),
    pub create_date: Option<TimestampMs> = ("CreateDate", "CreateDate", "createDate"),
    pub delivery_preference: Option<String> = ("DeliveryPreference", "DeliveryPreference", "deliveryPreference"),
    pub ebs_optimized: Option<bool> = ("EbsOptimized", "EbsOptimized", "ebsOptimized"),
    pub end_date: Option<TimestampMs> = ("EndDate", "EndDate", "endDate"),
    pub end_date_type: Option<String> = ("EndDateType", "EndDateType", "endDateType"),
    pub ephemeral_storage: Option<bool> = ("EphemeralStorage", "EphemeralStorage", "ephemeralStorage"),
    pub instance_match_criteria: Option<String> = ("InstanceMatchCriteria", "InstanceMatchCriteria", "instanceMatchCriteria"),
    pub instance_platform: Option<String> = ("InstancePlatform", "InstancePlatform", "instancePlatform"),
    pub instance_type: Option<String> = ("InstanceType", "InstanceType", "instanceType"),
    pub interruptible: Option<bool> = ("Interruptible", "Interruptible", "interruptible"),
    pub interruptible_capacity_allocation: Option<InterruptibleCapacityAllocation> = ("InterruptibleCapacityAllocation", "InterruptibleCapacityAllocation", "interruptibleCapacityAllocation"),
    pub interruption_info: Option<InterruptionInfo> = ("InterruptionInfo", "InterruptionInfo", "interruptionInfo"),
    pub outpost_arn: Option<String> = ("OutpostArn", "OutpostArn", "outpostArn"),
    pub owner_id: Option<String> = ("OwnerId", "OwnerId", "ownerId"),
    pub placement_group_arn: Option<String> = ("PlacementGroupArn", "PlacementGroupArn", "placementGroupArn"),
    pub reservation_type: Option<String> = ("ReservationType", "ReservationType", "reservationType"),
    pub start_date: Option<TimestampMs> = ("StartDate", "StartDate", "startDate"),
    pub state: Option<String> = ("State", "State", "state"),
    pub tags: Option<Vec<Tag>> = ("Tags", "TagSet", "", "tagSet", "item"),
    pub tenancy: Option<String> = ("Tenancy", "Tenancy", "tenancy"),
    pub total_instance_count: Option<i32> = ("TotalInstanceCount", "TotalInstanceCount", "totalInstanceCount"),
    pub unused_reservation_billing_owner_id: Option<String> = ("UnusedReservationBillingOwnerId", "UnusedReservationBillingOwnerId", "unusedReservationBillingOwnerId"),
}
}

crate::shape::shape! {
pub struct CapacityReservationCommitmentInfo {
    pub commitment_end_date: Option<TimestampMs> = ("CommitmentEndDate", "CommitmentEndDate", "commitmentEndDate"),
    pub committed_instance_count: Option<i32> = ("CommittedInstanceCount", "CommittedInstanceCount", "committedInstanceCount"),
}
}

crate::shape::shape! {
pub struct CapacityReservationOptionsRequest {
    pub usage_strategy: Option<String> = ("UsageStrategy", "UsageStrategy", "UsageStrategy"),
}
}

crate::shape::shape! {
pub struct CapacityReservationSpecification {
    pub capacity_reservation_preference: Option<String> = ("CapacityReservationPreference", "CapacityReservationPreference", "CapacityReservationPreference"),
    pub capacity_reservation_target: Option<CapacityReservationTarget> = ("CapacityReservationTarget", "CapacityReservationTarget", "CapacityReservationTarget"),
}
}

crate::shape::shape! {
pub struct CapacityReservationSpecificationResponse {
    pub capacity_reservation_preference: Option<String> = ("CapacityReservationPreference", "CapacityReservationPreference", "capacityReservationPreference"),
    pub capacity_reservation_target: Option<CapacityReservationTargetResponse> = ("CapacityReservationTarget", "CapacityReservationTarget", "capacityReservationTarget"),
}
}

crate::shape::shape! {
pub struct CapacityReservationTarget {
    pub capacity_reservation_id: Option<String> = ("CapacityReservationId", "CapacityReservationId", "CapacityReservationId"),
    pub capacity_reservation_resource_group_arn: Option<String> = ("CapacityReservationResourceGroupArn", "CapacityReservationResourceGroupArn", "CapacityReservationResourceGroupArn"),
}
}

crate::shape::shape! {
pub struct CapacityReservationTargetResponse {
    pub capacity_reservation_id: Option<String> = ("CapacityReservationId", "CapacityReservationId", "capacityReservationId"),
    pub capacity_reservation_resource_group_arn: Option<String> = ("CapacityReservationResourceGroupArn", "CapacityReservationResourceGroupArn", "capacityReservationResourceGroupArn"),
}
}

crate::shape::shape! {
pub struct CidrBlock {
    pub cidr_block: Option<String> = ("CidrBlock", "CidrBlock", "cidrBlock"),
}
}

crate::shape::shape! {
pub struct ClassicLinkDnsSupport {
    pub classic_link_dns_supported: Option<bool> = ("ClassicLinkDnsSupported", "ClassicLinkDnsSupported", "classicLinkDnsSupported"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "vpcId"),
}
}

crate::shape::shape! {
pub struct ConnectionTrackingConfiguration {
    pub tcp_established_timeout: Option<i32> = ("TcpEstablishedTimeout", "TcpEstablishedTimeout", "tcpEstablishedTimeout"),
    pub udp_stream_timeout: Option<i32> = ("UdpStreamTimeout", "UdpStreamTimeout", "udpStreamTimeout"),
    pub udp_timeout: Option<i32> = ("UdpTimeout", "UdpTimeout", "udpTimeout"),
}
}

crate::shape::shape! {
pub struct ConnectionTrackingSpecification {
    pub tcp_established_timeout: Option<i32> = ("TcpEstablishedTimeout", "TcpEstablishedTimeout", "tcpEstablishedTimeout"),
    pub udp_stream_timeout: Option<i32> = ("UdpStreamTimeout", "UdpStreamTimeout", "udpStreamTimeout"),
    pub udp_timeout: Option<i32> = ("UdpTimeout", "UdpTimeout", "udpTimeout"),
}
}

crate::shape::shape! {
pub struct ConnectionTrackingSpecificationRequest {
    pub tcp_established_timeout: Option<i32> = ("TcpEstablishedTimeout", "TcpEstablishedTimeout", "TcpEstablishedTimeout"),
    pub udp_stream_timeout: Option<i32> = ("UdpStreamTimeout", "UdpStreamTimeout", "UdpStreamTimeout"),
    pub udp_timeout: Option<i32> = ("UdpTimeout", "UdpTimeout", "UdpTimeout"),
}
}

crate::shape::shape! {
pub struct ConnectionTrackingSpecificationResponse {
    pub tcp_established_timeout: Option<i32> = ("TcpEstablishedTimeout", "TcpEstablishedTimeout", "tcpEstablishedTimeout"),
    pub udp_stream_timeout: Option<i32> = ("UdpStreamTimeout", "UdpStreamTimeout", "udpStreamTimeout"),
    pub udp_timeout: Option<i32> = ("UdpTimeout", "UdpTimeout", "udpTimeout"),
}
}

crate::shape::shape! {
pub struct CpuOptions {
    pub amd_sev_snp: Option<String> = ("AmdSevSnp", "AmdSevSnp", "amdSevSnp"),
    pub core_count: Option<i32> = ("CoreCount", "CoreCount", "coreCount"),
    pub nested_virtualization: Option<String> = ("NestedVirtualization", "NestedVirtualization", "nestedVirtualization"),
    pub threads_per_core: Option<i32> = ("ThreadsPerCore", "ThreadsPerCore", "threadsPerCore"),
}
}

crate::shape::shape! {
pub struct CpuOptionsRequest {
    pub amd_sev_snp: Option<String> = ("AmdSevSnp", "AmdSevSnp", "AmdSevSnp"),
    pub core_count: Option<i32> = ("CoreCount", "CoreCount", "CoreCount"),
    pub nested_virtualization: Option<String> = ("NestedVirtualization", "NestedVirtualization", "NestedVirtualization"),
    pub threads_per_core: Option<i32> = ("ThreadsPerCore", "ThreadsPerCore", "ThreadsPerCore"),
}
}

crate::shape::shape! {
pub struct CpuPerformanceFactor {
    pub references: Option<Vec<PerformanceFactorReference>> = ("References", "ReferenceSet", "", "referenceSet", "item"),
}
}

crate::shape::shape! {
pub struct CpuPerformanceFactorRequest {
    pub references: Option<Vec<PerformanceFactorReferenceRequest>> = ("References", "Reference", "", "Reference", "item"),
}
}

crate::shape::shape! {
pub struct CreateCapacityReservationRequest {
    pub availability_zone: Option<String> = ("AvailabilityZone", "AvailabilityZone", "AvailabilityZone"),
    pub availability_zone_id: Option<String> = ("AvailabilityZoneId", "AvailabilityZoneId", "AvailabilityZoneId"),
    pub client_token: Option<String> = ("ClientToken", "ClientToken", "ClientToken"),
    pub commitment_duration: Option<i64> = ("CommitmentDuration", "CommitmentDuration", "CommitmentDuration"),
    pub delivery_preference: Option<String> = ("DeliveryPreference", "DeliveryPreference", "DeliveryPreference"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub ebs_optimized: Option<bool> = ("EbsOptimized", "EbsOptimized", "EbsOptimized"),
    pub end_date: Option<TimestampMs> = ("EndDate", "EndDate", "EndDate"),
    pub end_date_type: Option<String> = ("EndDateType", "EndDateType", "EndDateType"),
    pub ephemeral_storage: Option<bool> = ("EphemeralStorage", "EphemeralStorage", "EphemeralStorage"),
    pub instance_count: Option<i32> = ("InstanceCount", "InstanceCount", "InstanceCount"),
    pub instance_match_criteria: Option<String> = ("InstanceMatchCriteria", "InstanceMatchCriteria", "InstanceMatchCriteria"),
    pub instance_platform: Option<String> = ("InstancePlatform", "InstancePlatform", "InstancePlatform"),
    pub instance_type: Option<String> = ("InstanceType", "InstanceType", "InstanceType"),
    pub outpost_arn: Option<String> = ("OutpostArn", "OutpostArn", "OutpostArn"),
    pub placement_group_arn: Option<String> = ("PlacementGroupArn", "PlacementGroupArn", "PlacementGroupArn"),
    pub start_date: Option<TimestampMs> = ("StartDate", "StartDate", "StartDate"),
    pub tag_specifications: Option<Vec<TagSpecification>> = ("TagSpecifications", "TagSpecifications", "", "TagSpecifications", "item"),
    pub tenancy: Option<String> = ("Tenancy", "Tenancy", "Tenancy"),
}
}

crate::shape::shape! {
pub struct CreateCapacityReservationResult {
    pub capacity_reservation: Option<CapacityReservation> = ("CapacityReservation", "CapacityReservation", "capacityReservation"),
}
}

crate::shape::shape! {
pub struct CreateDefaultSubnetRequest {
    pub availability_zone: Option<String> = ("AvailabilityZone", "AvailabilityZone", "AvailabilityZone"),
    pub availability_zone_id: Option<String> = ("AvailabilityZoneId", "AvailabilityZoneId", "AvailabilityZoneId"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub ipv6_native: Option<bool> = ("Ipv6Native", "Ipv6Native", "Ipv6Native"),
}
}

crate::shape::shape! {
pub struct CreateDefaultSubnetResult {
    pub subnet: Option<Subnet> = ("Subnet", "Subnet", "subnet"),
}
}

crate::shape::shape! {
pub struct CreateDefaultVpcRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
}
}

crate::shape::shape! {
pub struct CreateDefaultVpcResult {
    pub vpc: Option<Vpc> = ("Vpc", "Vpc", "vpc"),
}
}

crate::shape::shape! {
pub struct CreateDhcpOptionsRequest {
    pub dhcp_configurations: Option<Vec<NewDhcpConfiguration>> = ("DhcpConfigurations", "DhcpConfiguration", "", "dhcpConfiguration", "item"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub tag_specifications: Option<Vec<TagSpecification>> = ("TagSpecifications", "TagSpecification", "", "TagSpecification", "item"),
}
}

crate::shape::shape! {
pub struct CreateDhcpOptionsResult {
    pub dhcp_options: Option<DhcpOptions> = ("DhcpOptions", "DhcpOptions", "dhcpOptions"),
}
}

crate::shape::shape! {
pub struct CreateEgressOnlyInternetGatewayRequest {
    pub client_token: Option<String> = ("ClientToken", "ClientToken", "ClientToken"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub tag_specifications: Option<Vec<TagSpecification>> = ("TagSpecifications", "TagSpecification", "", "TagSpecification", "item"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "VpcId"),
}
}

crate::shape::shape! {
pub struct CreateEgressOnlyInternetGatewayResult {
    pub client_token: Option<String> = ("ClientToken", "ClientToken", "clientToken"),
    pub egress_only_internet_gateway: Option<EgressOnlyInternetGateway> = ("EgressOnlyInternetGateway", "EgressOnlyInternetGateway", "egressOnlyInternetGateway"),
}
}

crate::shape::shape! {
pub struct CreateFleetError {
    pub error_code: Option<String> = ("ErrorCode", "ErrorCode", "errorCode"),
    pub error_message: Option<String> = ("ErrorMessage", "ErrorMessage", "errorMessage"),
    pub launch_template_and_overrides: Option<LaunchTemplateAndOverridesResponse> = ("LaunchTemplateAndOverrides", "LaunchTemplateAndOverrides", "launchTemplateAndOverrides"),
    pub lifecycle: Option<String> = ("Lifecycle", "Lifecycle", "lifecycle"),
}
}

crate::shape::shape! {
pub struct CreateFleetInstance {
    pub instance_ids: Option<Vec<String>> = ("InstanceIds", "InstanceIds", "", "instanceIds", "item"),
    pub instance_type: Option<String> = ("InstanceType", "InstanceType", "instanceType"),
    pub launch_template_and_overrides: Option<LaunchTemplateAndOverridesResponse> = ("LaunchTemplateAndOverrides", "LaunchTemplateAndOverrides", "launchTemplateAndOverrides"),
    pub lifecycle: Option<String> = ("Lifecycle", "Lifecycle", "lifecycle"),
    pub platform: Option<String> = ("Platform", "Platform", "platform"),
}
}

crate::shape::shape! {
pub struct CreateFleetRequest {
    pub client_token: Option<String> = ("ClientToken", "ClientToken", "ClientToken"),
    pub context: Option<String> = ("Context", "Context", "Context"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub excess_capacity_termination_policy: Option<String> = ("ExcessCapacityTerminationPolicy", "ExcessCapacityTerminationPolicy", "ExcessCapacityTerminationPolicy"),
    pub launch_template_configs: Option<Vec<FleetLaunchTemplateConfigRequest>> = ("LaunchTemplateConfigs", "LaunchTemplateConfigs", "", "LaunchTemplateConfigs", "item"),
    pub on_demand_options: Option<OnDemandOptionsRequest> = ("OnDemandOptions", "OnDemandOptions", "OnDemandOptions"),
    pub replace_unhealthy_instances: Option<bool> = ("ReplaceUnhealthyInstances", "ReplaceUnhealthyInstances", "ReplaceUnhealthyInstances"),
    pub reserved_capacity_options: Option<ReservedCapacityOptionsRequest> = ("ReservedCapacityOptions", "ReservedCapacityOptions", "ReservedCapacityOptions"),
    pub spot_options: Option<SpotOptionsRequest> = ("SpotOptions", "SpotOptions", "SpotOptions"),
    pub tag_specifications: Option<Vec<TagSpecification>> = ("TagSpecifications", "TagSpecification", "", "TagSpecification", "item"),
    pub target_capacity_specification: Option<TargetCapacitySpecificationRequest> = ("TargetCapacitySpecification", "TargetCapacitySpecification", "TargetCapacitySpecification"),
    pub terminate_instances_with_expiration: Option<bool> = ("TerminateInstancesWithExpiration", "TerminateInstancesWithExpiration", "TerminateInstancesWithExpiration"),
    pub r#type: Option<String> = ("Type", "Type", "Type"),
    pub valid_from: Option<TimestampMs> = ("ValidFrom", "ValidFrom", "ValidFrom"),
    pub valid_until: Option<TimestampMs> = ("ValidUntil", "ValidUntil", "ValidUntil"),
}
}

crate::shape::shape! {
pub struct CreateFleetResult {
    pub errors: Option<Vec<CreateFleetError>> = ("Errors", "ErrorSet", "", "errorSet", "item"),
    pub fleet_id: Option<String> = ("FleetId", "FleetId", "fleetId"),
    pub instances: Option<Vec<CreateFleetInstance>> = ("Instances", "FleetInstanceSet", "", "fleetInstanceSet", "item"),
}
}

crate::shape::shape! {
pub struct CreateFlowLogsRequest {
    pub client_token: Option<String> = ("ClientToken", "ClientToken", "ClientToken"),
    pub deliver_cross_account_role: Option<String> = ("DeliverCrossAccountRole", "DeliverCrossAccountRole", "DeliverCrossAccountRole"),
    pub deliver_logs_permission_arn: Option<String> = ("DeliverLogsPermissionArn", "DeliverLogsPermissionArn", "DeliverLogsPermissionArn"),
    pub destination_options: Option<DestinationOptionsRequest> = ("DestinationOptions", "DestinationOptions", "DestinationOptions"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub log_destination: Option<String> = ("LogDestination", "LogDestination", "LogDestination"),
    pub log_destination_type: Option<String> = ("LogDestinationType", "LogDestinationType", "LogDestinationType"),
    pub log_format: Option<String> = ("LogFormat", "LogFormat", "LogFormat"),
    pub log_group_name: Option<String> = ("LogGroupName", "LogGroupName", "LogGroupName"),
    pub max_aggregation_interval: Option<i32> = ("MaxAggregationInterval", "MaxAggregationInterval", "MaxAggregationInterval"),
    pub resource_ids: Option<Vec<String>> = ("ResourceIds", "ResourceId", "", "ResourceId", "item"),
    pub resource_type: Option<String> = ("ResourceType", "ResourceType", "ResourceType"),
    pub tag_specifications: Option<Vec<TagSpecification>> = ("TagSpecifications", "TagSpecification", "", "TagSpecification", "item"),
    pub traffic_type: Option<String> = ("TrafficType", "TrafficType", "TrafficType"),
}
}

crate::shape::shape! {
pub struct CreateFlowLogsResult {
    pub client_token: Option<String> = ("ClientToken", "ClientToken", "clientToken"),
    pub flow_log_ids: Option<Vec<String>> = ("FlowLogIds", "FlowLogIdSet", "", "flowLogIdSet", "item"),
    pub unsuccessful: Option<Vec<UnsuccessfulItem>> = ("Unsuccessful", "Unsuccessful", "", "unsuccessful", "item"),
}
}

crate::shape::shape! {
pub struct CreateInternetGatewayRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub tag_specifications: Option<Vec<TagSpecification>> = ("TagSpecifications", "TagSpecification", "", "TagSpecification", "item"),
}
}

crate::shape::shape! {
pub struct CreateInternetGatewayResult {
    pub internet_gateway: Option<InternetGateway> = ("InternetGateway", "InternetGateway", "internetGateway"),
}
}

crate::shape::shape! {
pub struct CreateKeyPairRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub key_format: Option<String> = ("KeyFormat", "KeyFormat", "KeyFormat"),
    pub key_name: Option<String> = ("KeyName", "KeyName", "KeyName"),
    pub key_type: Option<String> = ("KeyType", "KeyType", "KeyType"),
    pub tag_specifications: Option<Vec<TagSpecification>> = ("TagSpecifications", "TagSpecification", "", "TagSpecification", "item"),
}
}

crate::shape::shape! {
pub struct CreateLaunchTemplateRequest {
    pub client_token: Option<String> = ("ClientToken", "ClientToken", "ClientToken"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub launch_template_data: Option<RequestLaunchTemplateData> = ("LaunchTemplateData", "LaunchTemplateData", "LaunchTemplateData"),
    pub launch_template_name: Option<String> = ("LaunchTemplateName", "LaunchTemplateName", "LaunchTemplateName"),
    pub operator: Option<OperatorRequest> = ("Operator", "Operator", "Operator"),
    pub tag_specifications: Option<Vec<TagSpecification>> = ("TagSpecifications", "TagSpecification", "", "TagSpecification", "item"),
    pub version_description: Option<String> = ("VersionDescription", "VersionDescription", "VersionDescription"),
}
}

crate::shape::shape! {
pub struct CreateLaunchTemplateResult {
    pub launch_template: Option<LaunchTemplate> = ("LaunchTemplate", "LaunchTemplate", "launchTemplate"),
    pub warning: Option<ValidationWarning> = ("Warning", "Warning", "warning"),
}
}

crate::shape::shape! {
pub struct CreateLaunchTemplateVersionRequest {
    pub client_token: Option<String> = ("ClientToken", "ClientToken", "ClientToken"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub launch_template_data: Option<RequestLaunchTemplateData> = ("LaunchTemplateData", "LaunchTemplateData", "LaunchTemplateData"),
    pub launch_template_id: Option<String> = ("LaunchTemplateId", "LaunchTemplateId", "LaunchTemplateId"),
    pub launch_template_name: Option<String> = ("LaunchTemplateName", "LaunchTemplateName", "LaunchTemplateName"),
    pub resolve_alias: Option<bool> = ("ResolveAlias", "ResolveAlias", "ResolveAlias"),
    pub source_version: Option<String> = ("SourceVersion", "SourceVersion", "SourceVersion"),
    pub version_description: Option<String> = ("VersionDescription", "VersionDescription", "VersionDescription"),
}
}

crate::shape::shape! {
pub struct CreateLaunchTemplateVersionResult {
    pub launch_template_version: Option<LaunchTemplateVersion> = ("LaunchTemplateVersion", "LaunchTemplateVersion", "launchTemplateVersion"),
    pub warning: Option<ValidationWarning> = ("Warning", "Warning", "warning"),
}
}

crate::shape::shape! {
pub struct CreateManagedPrefixListRequest {
    pub address_family: Option<String> = ("AddressFamily", "AddressFamily", "AddressFamily"),
    pub client_token: Option<String> = ("ClientToken", "ClientToken", "ClientToken"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub entries: Option<Vec<AddPrefixListEntry>> = ("Entries", "Entry", "", "Entry", "member"),
    pub max_entries: Option<i32> = ("MaxEntries", "MaxEntries", "MaxEntries"),
    pub prefix_list_name: Option<String> = ("PrefixListName", "PrefixListName", "PrefixListName"),
    pub tag_specifications: Option<Vec<TagSpecification>> = ("TagSpecifications", "TagSpecification", "", "TagSpecification", "item"),
}
}

crate::shape::shape! {
pub struct CreateManagedPrefixListResult {
    pub prefix_list: Option<ManagedPrefixList> = ("PrefixList", "PrefixList", "prefixList"),
}
}

crate::shape::shape! {
pub struct CreateNatGatewayRequest {
    pub allocation_id: Option<String> = ("AllocationId", "AllocationId", "AllocationId"),
    pub availability_mode: Option<String> = ("AvailabilityMode", "AvailabilityMode", "AvailabilityMode"),
    pub availability_zone_addresses: Option<Vec<AvailabilityZoneAddress>> = ("AvailabilityZoneAddresses", "AvailabilityZoneAddress", "", "AvailabilityZoneAddress", "AvailabilityZoneAddress"),
    pub client_token: Option<String> = ("ClientToken", "ClientToken", "ClientToken"),
    pub connectivity_type: Option<String> = ("ConnectivityType", "ConnectivityType", "ConnectivityType"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub private_ip_address: Option<String> = ("PrivateIpAddress", "PrivateIpAddress", "PrivateIpAddress"),
    pub secondary_allocation_ids: Option<Vec<String>> = ("SecondaryAllocationIds", "SecondaryAllocationId", "", "SecondaryAllocationId", "AllocationId"),
    pub secondary_private_ip_address_count: Option<i32> = ("SecondaryPrivateIpAddressCount", "SecondaryPrivateIpAddressCount", "SecondaryPrivateIpAddressCount"),
    pub secondary_private_ip_addresses: Option<Vec<String>> = ("SecondaryPrivateIpAddresses", "SecondaryPrivateIpAddress", "", "SecondaryPrivateIpAddress", "item"),
    pub subnet_id: Option<String> = ("SubnetId", "SubnetId", "SubnetId"),
    pub tag_specifications: Option<Vec<TagSpecification>> = ("TagSpecifications", "TagSpecification", "", "TagSpecification", "item"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "VpcId"),
}
}

crate::shape::shape! {
pub struct CreateNatGatewayResult {
    pub client_token: Option<String> = ("ClientToken", "ClientToken", "clientToken"),
    pub nat_gateway: Option<NatGateway> = ("NatGateway", "NatGateway", "natGateway"),
}
}

crate::shape::shape! {
pub struct CreateNetworkAclEntryRequest {
    pub cidr_block: Option<String> = ("CidrBlock", "CidrBlock", "cidrBlock"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub egress: Option<bool> = ("Egress", "Egress", "egress"),
    pub icmp_type_code: Option<IcmpTypeCode> = ("IcmpTypeCode", "Icmp", "Icmp"),
    pub ipv6_cidr_block: Option<String> = ("Ipv6CidrBlock", "Ipv6CidrBlock", "ipv6CidrBlock"),
    pub network_acl_id: Option<String> = ("NetworkAclId", "NetworkAclId", "networkAclId"),
    pub port_range: Option<PortRange> = ("PortRange", "PortRange", "portRange"),
    pub protocol: Option<String> = ("Protocol", "Protocol", "protocol"),
    pub rule_action: Option<String> = ("RuleAction", "RuleAction", "ruleAction"),
    pub rule_number: Option<i32> = ("RuleNumber", "RuleNumber", "ruleNumber"),
}
}

crate::shape::shape! {
pub struct CreateNetworkAclRequest {
    pub client_token: Option<String> = ("ClientToken", "ClientToken", "ClientToken"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub tag_specifications: Option<Vec<TagSpecification>> = ("TagSpecifications", "TagSpecification", "", "TagSpecification", "item"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "vpcId"),
}
}

crate::shape::shape! {
pub struct CreateNetworkAclResult {
    pub client_token: Option<String> = ("ClientToken", "ClientToken", "clientToken"),
    pub network_acl: Option<NetworkAcl> = ("NetworkAcl", "NetworkAcl", "networkAcl"),
}
}

crate::shape::shape! {
pub struct CreateNetworkInterfaceRequest {
    pub client_token: Option<String> = ("ClientToken", "ClientToken", "ClientToken"),
    pub connection_tracking_specification: Option<ConnectionTrackingSpecificationRequest> = ("ConnectionTrackingSpecification", "ConnectionTrackingSpecification", "ConnectionTrackingSpecification"),
    pub description: Option<String> = ("Description", "Description", "description"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub enable_primary_ipv6: Option<bool> = ("EnablePrimaryIpv6", "EnablePrimaryIpv6", "EnablePrimaryIpv6"),
    pub groups: Option<Vec<String>> = ("Groups", "SecurityGroupId", "", "SecurityGroupId", "SecurityGroupId"),
    pub interface_type: Option<String> = ("InterfaceType", "InterfaceType", "InterfaceType"),
    pub ipv4_prefix_count: Option<i32> = ("Ipv4PrefixCount", "Ipv4PrefixCount", "Ipv4PrefixCount"),
    pub ipv4_prefixes: Option<Vec<Ipv4PrefixSpecificationRequest>> = ("Ipv4Prefixes", "Ipv4Prefix", "", "Ipv4Prefix", "item"),
    pub ipv6_address_count: Option<i32> = ("Ipv6AddressCount", "Ipv6AddressCount", "ipv6AddressCount"),
    pub ipv6_addresses: Option<Vec<InstanceIpv6Address>> = ("Ipv6Addresses", "Ipv6Addresses", "", "ipv6Addresses", "item"),
    pub ipv6_prefix_count: Option<i32> = ("Ipv6PrefixCount", "Ipv6PrefixCount", "Ipv6PrefixCount"),
    pub ipv6_prefixes: Option<Vec<Ipv6PrefixSpecificationRequest>> = ("Ipv6Prefixes", "Ipv6Prefix", "", "Ipv6Prefix", "item"),
    pub operator: Option<OperatorRequest> = ("Operator", "Operator", "Operator"),
    pub private_ip_address: Option<String> = ("PrivateIpAddress", "PrivateIpAddress", "privateIpAddress"),
    pub private_ip_addresses: Option<Vec<PrivateIpAddressSpecification>> = ("PrivateIpAddresses", "PrivateIpAddresses", "", "privateIpAddresses", "item"),
    pub secondary_private_ip_address_count: Option<i32> = ("SecondaryPrivateIpAddressCount", "SecondaryPrivateIpAddressCount", "secondaryPrivateIpAddressCount"),
    pub subnet_id: Option<String> = ("SubnetId", "SubnetId", "subnetId"),
    pub tag_specifications: Option<Vec<TagSpecification>> = ("TagSpecifications", "TagSpecification", "", "TagSpecification", "item"),
}
}

crate::shape::shape! {
pub struct CreateNetworkInterfaceResult {
    pub client_token: Option<String> = ("ClientToken", "ClientToken", "clientToken"),
    pub network_interface: Option<NetworkInterface> = ("NetworkInterface", "NetworkInterface", "networkInterface"),
}
}

crate::shape::shape! {
pub struct CreatePlacementGroupRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub group_name: Option<String> = ("GroupName", "GroupName", "groupName"),
    pub linked_group_id: Option<String> = ("LinkedGroupId", "LinkedGroupId", "LinkedGroupId"),
    pub operator: Option<OperatorRequest> = ("Operator", "Operator", "Operator"),
    pub partition_count: Option<i32> = ("PartitionCount", "PartitionCount", "PartitionCount"),
    pub spread_level: Option<String> = ("SpreadLevel", "SpreadLevel", "SpreadLevel"),
    pub strategy: Option<String> = ("Strategy", "Strategy", "strategy"),
    pub tag_specifications: Option<Vec<TagSpecification>> = ("TagSpecifications", "TagSpecification", "", "TagSpecification", "item"),
}
}

crate::shape::shape! {
pub struct CreatePlacementGroupResult {
    pub placement_group: Option<PlacementGroup> = ("PlacementGroup", "PlacementGroup", "placementGroup"),
}
}

crate::shape::shape! {
pub struct CreateRouteRequest {
    pub carrier_gateway_id: Option<String> = ("CarrierGatewayId", "CarrierGatewayId", "CarrierGatewayId"),
    pub core_network_arn: Option<String> = ("CoreNetworkArn", "CoreNetworkArn", "CoreNetworkArn"),
    pub destination_cidr_block: Option<String> = ("DestinationCidrBlock", "DestinationCidrBlock", "destinationCidrBlock"),
    pub destination_ipv6_cidr_block: Option<String> = ("DestinationIpv6CidrBlock", "DestinationIpv6CidrBlock", "destinationIpv6CidrBlock"),
    pub destination_prefix_list_id: Option<String> = ("DestinationPrefixListId", "DestinationPrefixListId", "DestinationPrefixListId"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub egress_only_internet_gateway_id: Option<String> = ("EgressOnlyInternetGatewayId", "EgressOnlyInternetGatewayId", "egressOnlyInternetGatewayId"),
    pub gateway_id: Option<String> = ("GatewayId", "GatewayId", "gatewayId"),
    pub instance_id: Option<String> = ("InstanceId", "InstanceId", "instanceId"),
    pub local_gateway_id: Option<String> = ("LocalGatewayId", "LocalGatewayId", "LocalGatewayId"),
    pub nat_gateway_id: Option<String> = ("NatGatewayId", "NatGatewayId", "natGatewayId"),
    pub network_interface_id: Option<String> = ("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId"),
    pub odb_network_arn: Option<String> = ("OdbNetworkArn", "OdbNetworkArn", "OdbNetworkArn"),
    pub route_table_id: Option<String> = ("RouteTableId", "RouteTableId", "routeTableId"),
    pub transit_gateway_id: Option<String> = ("TransitGatewayId", "TransitGatewayId", "TransitGatewayId"),
    pub vpc_endpoint_id: Option<String> = ("VpcEndpointId", "VpcEndpointId", "VpcEndpointId"),
    pub vpc_peering_connection_id: Option<String> = ("VpcPeeringConnectionId", "VpcPeeringConnectionId", "vpcPeeringConnectionId"),
}
}

crate::shape::shape! {
pub struct CreateRouteResult {
    pub r#return: Option<bool> = ("Return", "Return", "return"),
}
}

crate::shape::shape! {
pub struct CreateRouteTableRequest {
    pub client_token: Option<String> = ("ClientToken", "ClientToken", "ClientToken"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub tag_specifications: Option<Vec<TagSpecification>> = ("TagSpecifications", "TagSpecification", "", "TagSpecification", "item"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "vpcId"),
}
}

crate::shape::shape! {
pub struct CreateRouteTableResult {
    pub client_token: Option<String> = ("ClientToken", "ClientToken", "clientToken"),
    pub route_table: Option<RouteTable> = ("RouteTable", "RouteTable", "routeTable"),
}
}

crate::shape::shape! {
pub struct CreateSecurityGroupRequest {
    pub description: Option<String> = ("Description", "GroupDescription", "GroupDescription"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub group_name: Option<String> = ("GroupName", "GroupName", "GroupName"),
    pub tag_specifications: Option<Vec<TagSpecification>> = ("TagSpecifications", "TagSpecification", "", "TagSpecification", "item"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "VpcId"),
}
}

crate::shape::shape! {
pub struct CreateSecurityGroupResult {
    pub group_id: Option<String> = ("GroupId", "GroupId", "groupId"),
    pub security_group_arn: Option<String> = ("SecurityGroupArn", "SecurityGroupArn", "securityGroupArn"),
    pub tags: Option<Vec<Tag>> = ("Tags", "TagSet", "", "tagSet", "item"),
}
}

crate::shape::shape! {
pub struct CreateSubnetRequest {
    pub availability_zone: Option<String> = ("AvailabilityZone", "AvailabilityZone", "AvailabilityZone"),
    pub availability_zone_id: Option<String> = ("AvailabilityZoneId", "AvailabilityZoneId", "AvailabilityZoneId"),
    pub cidr_block: Option<String> = ("CidrBlock", "CidrBlock", "CidrBlock"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub ipv4_ipam_pool_id: Option<String> = ("Ipv4IpamPoolId", "Ipv4IpamPoolId", "Ipv4IpamPoolId"),
    pub ipv4_netmask_length: Option<i32> = ("Ipv4NetmaskLength", "Ipv4NetmaskLength", "Ipv4NetmaskLength"),
    pub ipv6_cidr_block: Option<String> = ("Ipv6CidrBlock", "Ipv6CidrBlock", "Ipv6CidrBlock"),
    pub ipv6_ipam_pool_id: Option<String> = ("Ipv6IpamPoolId", "Ipv6IpamPoolId", "Ipv6IpamPoolId"),
    pub ipv6_native: Option<bool> = ("Ipv6Native", "Ipv6Native", "Ipv6Native"),
    pub ipv6_netmask_length: Option<i32> = ("Ipv6NetmaskLength", "Ipv6NetmaskLength", "Ipv6NetmaskLength"),
    pub outpost_arn: Option<String> = ("OutpostArn", "OutpostArn", "OutpostArn"),
    pub tag_specifications: Option<Vec<TagSpecification>> = ("TagSpecifications", "TagSpecification", "", "TagSpecification", "item"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "VpcId"),
}
}

crate::shape::shape! {
pub struct CreateSubnetResult {
    pub subnet: Option<Subnet> = ("Subnet", "Subnet", "subnet"),
}
}

crate::shape::shape! {
pub struct CreateTagsRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub resources: Option<Vec<String>> = ("Resources", "ResourceId", "", "ResourceId", "member"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tag", "", "Tag", "item"),
}
}

crate::shape::shape! {
pub struct CreateTransitGatewayRequest {
    pub description: Option<String> = ("Description", "Description", "Description"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub options: Option<TransitGatewayRequestOptions> = ("Options", "Options", "Options"),
    pub tag_specifications: Option<Vec<TagSpecification>> = ("TagSpecifications", "TagSpecification", "", "TagSpecification", "item"),
}
}

crate::shape::shape! {
pub struct CreateTransitGatewayResult {
    pub transit_gateway: Option<TransitGateway> = ("TransitGateway", "TransitGateway", "transitGateway"),
}
}

crate::shape::shape! {
pub struct CreateTransitGatewayRouteRequest {
    pub blackhole: Option<bool> = ("Blackhole", "Blackhole", "Blackhole"),
    pub destination_cidr_block: Option<String> = ("DestinationCidrBlock", "DestinationCidrBlock", "DestinationCidrBlock"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub transit_gateway_attachment_id: Option<String> = ("TransitGatewayAttachmentId", "TransitGatewayAttachmentId", "TransitGatewayAttachmentId"),
    pub transit_gateway_route_table_id: Option<String> = ("TransitGatewayRouteTableId", "TransitGatewayRouteTableId", "TransitGatewayRouteTableId"),
}
}

crate::shape::shape! {
pub struct CreateTransitGatewayRouteResult {
    pub route: Option<TransitGatewayRoute> = ("Route", "Route", "route"),
}
}

crate::shape::shape! {
pub struct CreateTransitGatewayRouteTableRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub tag_specifications: Option<Vec<TagSpecification>> = ("TagSpecifications", "TagSpecifications", "", "TagSpecifications", "item"),
    pub transit_gateway_id: Option<String> = ("TransitGatewayId", "TransitGatewayId", "TransitGatewayId"),
}
}

crate::shape::shape! {
pub struct CreateTransitGatewayRouteTableResult {
    pub transit_gateway_route_table: Option<TransitGatewayRouteTable> = ("TransitGatewayRouteTable", "TransitGatewayRouteTable", "transitGatewayRouteTable"),
}
}

crate::shape::shape! {
pub struct CreateTransitGatewayVpcAttachmentRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub options: Option<CreateTransitGatewayVpcAttachmentRequestOptions> = ("Options", "Options", "Options"),
    pub subnet_ids: Option<Vec<String>> = ("SubnetIds", "SubnetIds", "", "SubnetIds", "item"),
    pub tag_specifications: Option<Vec<TagSpecification>> = ("TagSpecifications", "TagSpecifications", "", "TagSpecifications", "item"),
    pub transit_gateway_id: Option<String> = ("TransitGatewayId", "TransitGatewayId", "TransitGatewayId"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "VpcId"),
}
}

crate::shape::shape! {
pub struct CreateTransitGatewayVpcAttachmentRequestOptions {
    pub appliance_mode_support: Option<String> = ("ApplianceModeSupport", "ApplianceModeSupport", "ApplianceModeSupport"),
    pub dns_support: Option<String> = ("DnsSupport", "DnsSupport", "DnsSupport"),
    pub ipv6_support: Option<String> = ("Ipv6Support", "Ipv6Support", "Ipv6Support"),
    pub security_group_referencing_support: Option<String> = ("SecurityGroupReferencingSupport", "SecurityGroupReferencingSupport", "SecurityGroupReferencingSupport"),
}
}

crate::shape::shape! {
pub struct CreateTransitGatewayVpcAttachmentResult {
    pub transit_gateway_vpc_attachment: Option<TransitGatewayVpcAttachment> = ("TransitGatewayVpcAttachment", "TransitGatewayVpcAttachment", "transitGatewayVpcAttachment"),
}
}

crate::shape::shape! {
pub struct CreateVpcEndpointRequest {
    pub client_token: Option<String> = ("ClientToken", "ClientToken", "ClientToken"),
    pub dns_options: Option<DnsOptionsSpecification> = ("DnsOptions", "DnsOptions", "DnsOptions"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub ip_address_type: Option<String> = ("IpAddressType", "IpAddressType", "IpAddressType"),
    pub policy_document: Option<String> = ("PolicyDocument", "PolicyDocument", "PolicyDocument"),
    pub private_dns_enabled: Option<bool> = ("PrivateDnsEnabled", "PrivateDnsEnabled", "PrivateDnsEnabled"),
    pub resource_configuration_arn: Option<String> = ("ResourceConfigurationArn", "ResourceConfigurationArn", "ResourceConfigurationArn"),
    pub route_table_ids: Option<Vec<String>> = ("RouteTableIds", "RouteTableId", "", "RouteTableId", "item"),
    pub security_group_ids: Option<Vec<String>> = ("SecurityGroupIds", "SecurityGroupId", "", "SecurityGroupId", "item"),
    pub service_name: Option<String> = ("ServiceName", "ServiceName", "ServiceName"),
    pub service_network_arn: Option<String> = ("ServiceNetworkArn", "ServiceNetworkArn", "ServiceNetworkArn"),
    pub service_region: Option<String> = ("ServiceRegion", "ServiceRegion", "ServiceRegion"),
    pub subnet_configurations: Option<Vec<SubnetConfiguration>> = ("SubnetConfigurations", "SubnetConfiguration", "", "SubnetConfiguration", "item"),
    pub subnet_ids: Option<Vec<String>> = ("SubnetIds", "SubnetId", "", "SubnetId", "item"),
    pub tag_specifications: Option<Vec<TagSpecification>> = ("TagSpecifications", "TagSpecification", "", "TagSpecification", "item"),
    pub vpc_endpoint_type: Option<String> = ("VpcEndpointType", "VpcEndpointType", "VpcEndpointType"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "VpcId"),
}
}

crate::shape::shape! {
pub struct CreateVpcEndpointResult {
    pub client_token: Option<String> = ("ClientToken", "ClientToken", "clientToken"),
    pub vpc_endpoint: Option<VpcEndpoint> = ("VpcEndpoint", "VpcEndpoint", "vpcEndpoint"),
}
}

crate::shape::shape! {
pub struct CreateVpcPeeringConnectionRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub peer_owner_id: Option<String> = ("PeerOwnerId", "PeerOwnerId", "peerOwnerId"),
    pub peer_region: Option<String> = ("PeerRegion", "PeerRegion", "PeerRegion"),
    pub peer_vpc_id: Option<String> = ("PeerVpcId", "PeerVpcId", "peerVpcId"),
    pub tag_specifications: Option<Vec<TagSpecification>> = ("TagSpecifications", "TagSpecification", "", "TagSpecification", "item"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "vpcId"),
}
}

crate::shape::shape! {
pub struct CreateVpcPeeringConnectionResult {
    pub vpc_peering_connection: Option<VpcPeeringConnection> = ("VpcPeeringConnection", "VpcPeeringConnection", "vpcPeeringConnection"),
}
}

crate::shape::shape! {
pub struct CreateVpcRequest {
    pub amazon_provided_ipv6_cidr_block: Option<bool> = ("AmazonProvidedIpv6CidrBlock", "AmazonProvidedIpv6CidrBlock", "amazonProvidedIpv6CidrBlock"),
    pub cidr_block: Option<String> = ("CidrBlock", "CidrBlock", "CidrBlock"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub instance_tenancy: Option<String> = ("InstanceTenancy", "InstanceTenancy", "instanceTenancy"),
    pub ipv4_ipam_pool_id: Option<String> = ("Ipv4IpamPoolId", "Ipv4IpamPoolId", "Ipv4IpamPoolId"),
    pub ipv4_netmask_length: Option<i32> = ("Ipv4NetmaskLength", "Ipv4NetmaskLength", "Ipv4NetmaskLength"),
    pub ipv6_cidr_block: Option<String> = ("Ipv6CidrBlock", "Ipv6CidrBlock", "Ipv6CidrBlock"),
    pub ipv6_cidr_block_network_border_group: Option<String> = ("Ipv6CidrBlockNetworkBorderGroup", "Ipv6CidrBlockNetworkBorderGroup", "Ipv6CidrBlockNetworkBorderGroup"),
    pub ipv6_ipam_pool_id: Option<String> = ("Ipv6IpamPoolId", "Ipv6IpamPoolId", "Ipv6IpamPoolId"),
    pub ipv6_netmask_length: Option<i32> = ("Ipv6NetmaskLength", "Ipv6NetmaskLength", "Ipv6NetmaskLength"),
    pub ipv6_pool: Option<String> = ("Ipv6Pool", "Ipv6Pool", "Ipv6Pool"),
    pub tag_specifications: Option<Vec<TagSpecification>> = ("TagSpecifications", "TagSpecification", "", "TagSpecification", "item"),
    pub vpc_encryption_control: Option<VpcEncryptionControlConfiguration> = ("VpcEncryptionControl", "VpcEncryptionControl", "VpcEncryptionControl"),
}
}

crate::shape::shape! {
pub struct CreateVpcResult {
    pub vpc: Option<Vpc> = ("Vpc", "Vpc", "vpc"),
}
}

crate::shape::shape! {
pub struct CreditSpecification {
    pub cpu_credits: Option<String> = ("CpuCredits", "CpuCredits", "cpuCredits"),
}
}

crate::shape::shape! {
pub struct CreditSpecificationRequest {
    pub cpu_credits: Option<String> = ("CpuCredits", "CpuCredits", "CpuCredits"),
}
}

crate::shape::shape! {
pub struct DefaultConnectionTrackingConfiguration {
    pub default_tcp_established_timeout: Option<i32> = ("DefaultTcpEstablishedTimeout", "DefaultTcpEstablishedTimeout", "defaultTcpEstablishedTimeout"),
    pub default_udp_stream_timeout: Option<i32> = ("DefaultUdpStreamTimeout", "DefaultUdpStreamTimeout", "defaultUdpStreamTimeout"),
    pub default_udp_timeout: Option<i32> = ("DefaultUdpTimeout", "DefaultUdpTimeout", "defaultUdpTimeout"),
}
}

crate::shape::shape! {
pub struct DeleteDhcpOptionsRequest {
    pub dhcp_options_id: Option<String> = ("DhcpOptionsId", "DhcpOptionsId", "DhcpOptionsId"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
}
}

crate::shape::shape! {
pub struct DeleteEgressOnlyInternetGatewayRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub egress_only_internet_gateway_id: Option<String> = ("EgressOnlyInternetGatewayId", "EgressOnlyInternetGatewayId", "EgressOnlyInternetGatewayId"),
}
}

crate::shape::shape! {
pub struct DeleteEgressOnlyInternetGatewayResult {
    pub return_code: Option<bool> = ("ReturnCode", "ReturnCode", "returnCode"),
}
}

crate::shape::shape! {
pub struct DeleteFlowLogsRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub flow_log_ids: Option<Vec<String>> = ("FlowLogIds", "FlowLogId", "", "FlowLogId", "item"),
}
}

crate::shape::shape! {
pub struct DeleteFlowLogsResult {
    pub unsuccessful: Option<Vec<UnsuccessfulItem>> = ("Unsuccessful", "Unsuccessful", "", "unsuccessful", "item"),
}
}

crate::shape::shape! {
pub struct DeleteInternetGatewayRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub internet_gateway_id: Option<String> = ("InternetGatewayId", "InternetGatewayId", "internetGatewayId"),
}
}

crate::shape::shape! {
pub struct DeleteKeyPairRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub key_name: Option<String> = ("KeyName", "KeyName", "KeyName"),
    pub key_pair_id: Option<String> = ("KeyPairId", "KeyPairId", "KeyPairId"),
}
}

crate::shape::shape! {
pub struct DeleteKeyPairResult {
    pub key_pair_id: Option<String> = ("KeyPairId", "KeyPairId", "keyPairId"),
    pub r#return: Option<bool> = ("Return", "Return", "return"),
}
}

crate::shape::shape! {
pub struct DeleteLaunchTemplateRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub launch_template_id: Option<String> = ("LaunchTemplateId", "LaunchTemplateId", "LaunchTemplateId"),
    pub launch_template_name: Option<String> = ("LaunchTemplateName", "LaunchTemplateName", "LaunchTemplateName"),
}
}

crate::shape::shape! {
pub struct DeleteLaunchTemplateResult {
    pub launch_template: Option<LaunchTemplate> = ("LaunchTemplate", "LaunchTemplate", "launchTemplate"),
}
}

crate::shape::shape! {
pub struct DeleteLaunchTemplateVersionsRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub launch_template_id: Option<String> = ("LaunchTemplateId", "LaunchTemplateId", "LaunchTemplateId"),
    pub launch_template_name: Option<String> = ("LaunchTemplateName", "LaunchTemplateName", "LaunchTemplateName"),
    pub versions: Option<Vec<String>> = ("Versions", "LaunchTemplateVersion", "", "LaunchTemplateVersion", "item"),
}
}

crate::shape::shape! {
pub struct DeleteLaunchTemplateVersionsResponseErrorItem {
    pub launch_template_id: Option<String> = ("LaunchTemplateId", "LaunchTemplateId", "launchTemplateId"),
    pub launch_template_name: Option<String> = ("LaunchTemplateName", "LaunchTemplateName", "launchTemplateName"),
    pub response_error: Option<ResponseError> = ("ResponseError", "ResponseError", "responseError"),
    pub version_number: Option<i64> = ("VersionNumber", "VersionNumber", "versionNumber"),
}
}

crate::shape::shape! {
pub struct DeleteLaunchTemplateVersionsResponseSuccessItem {
    pub launch_template_id: Option<String> = ("LaunchTemplateId", "LaunchTemplateId", "launchTemplateId"),
    pub launch_template_name: Option<String> = ("LaunchTemplateName", "LaunchTemplateName", "launchTemplateName"),
    pub version_number: Option<i64> = ("VersionNumber", "VersionNumber", "versionNumber"),
}
}

crate::shape::shape! {
pub struct DeleteLaunchTemplateVersionsResult {
    pub successfully_deleted_launch_template_versions: Option<Vec<DeleteLaunchTemplateVersionsResponseSuccessItem>> = ("SuccessfullyDeletedLaunchTemplateVersions", "SuccessfullyDeletedLaunchTemplateVersionSet", "", "successfullyDeletedLaunchTemplateVersionSet", "item"),
    pub unsuccessfully_deleted_launch_template_versions: Option<Vec<DeleteLaunchTemplateVersionsResponseErrorItem>> = ("UnsuccessfullyDeletedLaunchTemplateVersions", "UnsuccessfullyDeletedLaunchTemplateVersionSet", "", "unsuccessfullyDeletedLaunchTemplateVersionSet", "item"),
}
}

crate::shape::shape! {
pub struct DeleteManagedPrefixListRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub prefix_list_id: Option<String> = ("PrefixListId", "PrefixListId", "PrefixListId"),
}
}

crate::shape::shape! {
pub struct DeleteManagedPrefixListResult {
    pub prefix_list: Option<ManagedPrefixList> = ("PrefixList", "PrefixList", "prefixList"),
}
}

crate::shape::shape! {
pub struct DeleteNatGatewayRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub nat_gateway_id: Option<String> = ("NatGatewayId", "NatGatewayId", "NatGatewayId"),
}
}

crate::shape::shape! {
pub struct DeleteNatGatewayResult {
    pub nat_gateway_id: Option<String> = ("NatGatewayId", "NatGatewayId", "natGatewayId"),
}
}

crate::shape::shape! {
pub struct DeleteNetworkAclEntryRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub egress: Option<bool> = ("Egress", "Egress", "egress"),
    pub network_acl_id: Option<String> = ("NetworkAclId", "NetworkAclId", "networkAclId"),
    pub rule_number: Option<i32> = ("RuleNumber", "RuleNumber", "ruleNumber"),
}
}

crate::shape::shape! {
pub struct DeleteNetworkAclRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub network_acl_id: Option<String> = ("NetworkAclId", "NetworkAclId", "networkAclId"),
}
}

crate::shape::shape! {
pub struct DeleteNetworkInterfaceRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub network_interface_id: Option<String> = ("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId"),
}
}

crate::shape::shape! {
pub struct DeletePlacementGroupRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub group_name: Option<String> = ("GroupName", "GroupName", "groupName"),
}
}

crate::shape::shape! {
pub struct DeleteRouteRequest {
    pub destination_cidr_block: Option<String> = ("DestinationCidrBlock", "DestinationCidrBlock", "destinationCidrBlock"),
    pub destination_ipv6_cidr_block: Option<String> = ("DestinationIpv6CidrBlock", "DestinationIpv6CidrBlock", "destinationIpv6CidrBlock"),
    pub destination_prefix_list_id: Option<String> = ("DestinationPrefixListId", "DestinationPrefixListId", "DestinationPrefixListId"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub route_table_id: Option<String> = ("RouteTableId", "RouteTableId", "routeTableId"),
}
}

crate::shape::shape! {
pub struct DeleteRouteTableRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub route_table_id: Option<String> = ("RouteTableId", "RouteTableId", "routeTableId"),
}
}

crate::shape::shape! {
pub struct DeleteSecurityGroupRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub group_id: Option<String> = ("GroupId", "GroupId", "GroupId"),
    pub group_name: Option<String> = ("GroupName", "GroupName", "GroupName"),
}
}

crate::shape::shape! {
pub struct DeleteSecurityGroupResult {
    pub group_id: Option<String> = ("GroupId", "GroupId", "groupId"),
    pub r#return: Option<bool> = ("Return", "Return", "return"),
}
}

crate::shape::shape! {
pub struct DeleteSubnetRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub subnet_id: Option<String> = ("SubnetId", "SubnetId", "SubnetId"),
}
}

crate::shape::shape! {
pub struct DeleteTagsRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub resources: Option<Vec<String>> = ("Resources", "ResourceId", "", "resourceId", "member"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tag", "", "tag", "item"),
}
}

crate::shape::shape! {
pub struct DeleteTransitGatewayRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub transit_gateway_id: Option<String> = ("TransitGatewayId", "TransitGatewayId", "TransitGatewayId"),
}
}

crate::shape::shape! {
pub struct DeleteTransitGatewayResult {
    pub transit_gateway: Option<TransitGateway> = ("TransitGateway", "TransitGateway", "transitGateway"),
}
}

crate::shape::shape! {
pub struct DeleteTransitGatewayRouteRequest {
    pub destination_cidr_block: Option<String> = ("DestinationCidrBlock", "DestinationCidrBlock", "DestinationCidrBlock"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub transit_gateway_route_table_id: Option<String> = ("TransitGatewayRouteTableId", "TransitGatewayRouteTableId", "TransitGatewayRouteTableId"),
}
}

crate::shape::shape! {
pub struct DeleteTransitGatewayRouteResult {
    pub route: Option<TransitGatewayRoute> = ("Route", "Route", "route"),
}
}

crate::shape::shape! {
pub struct DeleteTransitGatewayRouteTableRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub transit_gateway_route_table_id: Option<String> = ("TransitGatewayRouteTableId", "TransitGatewayRouteTableId", "TransitGatewayRouteTableId"),
}
}

crate::shape::shape! {
pub struct DeleteTransitGatewayRouteTableResult {
    pub transit_gateway_route_table: Option<TransitGatewayRouteTable> = ("TransitGatewayRouteTable", "TransitGatewayRouteTable", "transitGatewayRouteTable"),
}
}

crate::shape::shape! {
pub struct DeleteTransitGatewayVpcAttachmentRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub transit_gateway_attachment_id: Option<String> = ("TransitGatewayAttachmentId", "TransitGatewayAttachmentId", "TransitGatewayAttachmentId"),
}
}

crate::shape::shape! {
pub struct DeleteTransitGatewayVpcAttachmentResult {
    pub transit_gateway_vpc_attachment: Option<TransitGatewayVpcAttachment> = ("TransitGatewayVpcAttachment", "TransitGatewayVpcAttachment", "transitGatewayVpcAttachment"),
}
}

crate::shape::shape! {
pub struct DeleteVpcEndpointsRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub vpc_endpoint_ids: Option<Vec<String>> = ("VpcEndpointIds", "VpcEndpointId", "", "VpcEndpointId", "item"),
}
}

crate::shape::shape! {
pub struct DeleteVpcEndpointsResult {
    pub unsuccessful: Option<Vec<UnsuccessfulItem>> = ("Unsuccessful", "Unsuccessful", "", "unsuccessful", "item"),
}
}

crate::shape::shape! {
pub struct DeleteVpcPeeringConnectionRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub vpc_peering_connection_id: Option<String> = ("VpcPeeringConnectionId", "VpcPeeringConnectionId", "vpcPeeringConnectionId"),
}
}

crate::shape::shape! {
pub struct DeleteVpcPeeringConnectionResult {
    pub r#return: Option<bool> = ("Return", "Return", "return"),
}
}

crate::shape::shape! {
pub struct DeleteVpcRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "VpcId"),
}
}

crate::shape::shape! {
pub struct DescribeAccountAttributesRequest {
    pub attribute_names: Option<Vec<String>> = ("AttributeNames", "AttributeName", "", "attributeName", "attributeName"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
}
}

crate::shape::shape! {
pub struct DescribeAccountAttributesResult {
    pub account_attributes: Option<Vec<AccountAttribute>> = ("AccountAttributes", "AccountAttributeSet", "", "accountAttributeSet", "item"),
}
}

crate::shape::shape! {
pub struct DescribeAddressesAttributeRequest {
    pub allocation_ids: Option<Vec<String>> = ("AllocationIds", "AllocationId", "", "AllocationId", "item"),
    pub attribute: Option<String> = ("Attribute", "Attribute", "Attribute"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
}
}

crate::shape::shape! {
pub struct DescribeAddressesAttributeResult {
    pub addresses: Option<Vec<AddressAttribute>> = ("Addresses", "AddressSet", "", "addressSet", "item"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
}
}

crate::shape::shape! {
pub struct DescribeAddressesRequest {
    pub allocation_ids: Option<Vec<String>> = ("AllocationIds", "AllocationId", "", "AllocationId", "AllocationId"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub public_ips: Option<Vec<String>> = ("PublicIps", "PublicIp", "", "PublicIp", "PublicIp"),
}
}

crate::shape::shape! {
pub struct DescribeAddressesResult {
    pub addresses: Option<Vec<Address>> = ("Addresses", "AddressesSet", "", "addressesSet", "item"),
}
}

crate::shape::shape! {
pub struct DescribeAvailabilityZonesRequest {
    pub all_availability_zones: Option<bool> = ("AllAvailabilityZones", "AllAvailabilityZones", "AllAvailabilityZones"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub zone_ids: Option<Vec<String>> = ("ZoneIds", "ZoneId", "", "ZoneId", "ZoneId"),
    pub zone_names: Option<Vec<String>> = ("ZoneNames", "ZoneName", "", "ZoneName", "ZoneName"),
}
}

crate::shape::shape! {
pub struct DescribeAvailabilityZonesResult {
    pub availability_zones: Option<Vec<AvailabilityZone>> = ("AvailabilityZones", "AvailabilityZoneInfo", "", "availabilityZoneInfo", "item"),
}
}

crate::shape::shape! {
pub struct DescribeCapacityReservationsRequest {
    pub capacity_reservation_ids: Option<Vec<String>> = ("CapacityReservationIds", "CapacityReservationId", "", "CapacityReservationId", "item"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
}
}

crate::shape::shape! {
pub struct DescribeCapacityReservationsResult {
    pub capacity_reservations: Option<Vec<CapacityReservation>> = ("CapacityReservations", "CapacityReservationSet", "", "capacityReservationSet", "item"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
}
}

crate::shape::shape! {
pub struct DescribeDhcpOptionsRequest {
    pub dhcp_options_ids: Option<Vec<String>> = ("DhcpOptionsIds", "DhcpOptionsId", "", "DhcpOptionsId", "DhcpOptionsId"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
}
}

crate::shape::shape! {
pub struct DescribeDhcpOptionsResult {
    pub dhcp_options: Option<Vec<DhcpOptions>> = ("DhcpOptions", "DhcpOptionsSet", "", "dhcpOptionsSet", "item"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
}
}

crate::shape::shape! {
pub struct DescribeEgressOnlyInternetGatewaysRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub egress_only_internet_gateway_ids: Option<Vec<String>> = ("EgressOnlyInternetGatewayIds", "EgressOnlyInternetGatewayId", "", "EgressOnlyInternetGatewayId", "item"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
}
}

crate::shape::shape! {
pub struct DescribeEgressOnlyInternetGatewaysResult {
    pub egress_only_internet_gateways: Option<Vec<EgressOnlyInternetGateway>> = ("EgressOnlyInternetGateways", "EgressOnlyInternetGatewaySet", "", "egressOnlyInternetGatewaySet", "item"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
}
}

crate::shape::shape! {
pub struct DescribeFlowLogsRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub filter: Option<Vec<Filter>> = ("Filter", "Filter", "", "Filter", "Filter"),
    pub flow_log_ids: Option<Vec<String>> = ("FlowLogIds", "FlowLogId", "", "FlowLogId", "item"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
}
}

crate::shape::shape! {
pub struct DescribeFlowLogsResult {
    pub flow_logs: Option<Vec<FlowLog>> = ("FlowLogs", "FlowLogSet", "", "flowLogSet", "item"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
}
}

crate::shape::shape! {
pub struct DescribeHostsRequest {
    pub filter: Option<Vec<Filter>> = ("Filter", "Filter", "", "filter", "Filter"),
    pub host_ids: Option<Vec<String>> = ("HostIds", "HostId", "", "hostId", "item"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "maxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
}
}

crate::shape::shape! {
pub struct DescribeHostsResult {
    pub hosts: Option<Vec<Host>> = ("Hosts", "HostSet", "", "hostSet", "item"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
}
}

crate::shape::shape! {
pub struct DescribeIamInstanceProfileAssociationsRequest {
    pub association_ids: Option<Vec<String>> = ("AssociationIds", "AssociationId", "", "AssociationId", "AssociationId"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
}
}

crate::shape::shape! {
pub struct DescribeIamInstanceProfileAssociationsResult {
    pub iam_instance_profile_associations: Option<Vec<IamInstanceProfileAssociation>> = ("IamInstanceProfileAssociations", "IamInstanceProfileAssociationSet", "", "iamInstanceProfileAssociationSet", "item"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
}
}

crate::shape::shape! {
pub struct DescribeImagesRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub executable_users: Option<Vec<String>> = ("ExecutableUsers", "ExecutableBy", "", "ExecutableBy", "ExecutableBy"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub image_ids: Option<Vec<String>> = ("ImageIds", "ImageId", "", "ImageId", "ImageId"),
    pub include_deprecated: Option<bool> = ("IncludeDeprecated", "IncludeDeprecated", "IncludeDeprecated"),
    pub include_disabled: Option<bool> = ("IncludeDisabled", "IncludeDisabled", "IncludeDisabled"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
    pub owners: Option<Vec<String>> = ("Owners", "Owner", "", "Owner", "Owner"),
}
}

crate::shape::shape! {
pub struct DescribeImagesResult {
    pub images: Option<Vec<Image>> = ("Images", "ImagesSet", "", "imagesSet", "item"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
}
}

crate::shape::shape! {
pub struct DescribeInstanceAttributeRequest {
    pub attribute: Option<String> = ("Attribute", "Attribute", "attribute"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub instance_id: Option<String> = ("InstanceId", "InstanceId", "instanceId"),
}
}

crate::shape::shape! {
pub struct DescribeInstanceCreditSpecificationsRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub instance_ids: Option<Vec<String>> = ("InstanceIds", "InstanceId", "", "InstanceId", "InstanceId"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
}
}

crate::shape::shape! {
pub struct DescribeInstanceCreditSpecificationsResult {
    pub instance_credit_specifications: Option<Vec<InstanceCreditSpecification>> = ("InstanceCreditSpecifications", "InstanceCreditSpecificationSet", "", "instanceCreditSpecificationSet", "item"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
}
}

crate::shape::shape! {
pub struct DescribeInstanceStatusRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub include_all_instances: Option<bool> = ("IncludeAllInstances", "IncludeAllInstances", "includeAllInstances"),
    pub include_managed_resources: Option<bool> = ("IncludeManagedResources", "IncludeManagedResources", "IncludeManagedResources"),
    pub instance_ids: Option<Vec<String>> = ("InstanceIds", "InstanceId", "", "InstanceId", "InstanceId"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
}
}

crate::shape::shape! {
pub struct DescribeInstanceStatusResult {
    pub instance_statuses: Option<Vec<InstanceStatus>> = ("InstanceStatuses", "InstanceStatusSet", "", "instanceStatusSet", "item"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
}
}

crate::shape::shape! {
pub struct DescribeInstanceTopologyRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub group_names: Option<Vec<String>> = ("GroupNames", "GroupName", "", "GroupName", "member"),
    pub instance_ids: Option<Vec<String>> = ("InstanceIds", "InstanceId", "", "InstanceId", "member"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
}
}

crate::shape::shape! {
pub struct DescribeInstanceTopologyResult {
    pub instances: Option<Vec<InstanceTopology>> = ("Instances", "InstanceSet", "", "instanceSet", "item"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
}
}

crate::shape::shape! {
pub struct DescribeInstanceTypeOfferingsRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub location_type: Option<String> = ("LocationType", "LocationType", "LocationType"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
}
}

crate::shape::shape! {
pub struct DescribeInstanceTypeOfferingsResult {
    pub instance_type_offerings: Option<Vec<InstanceTypeOffering>> = ("InstanceTypeOfferings", "InstanceTypeOfferingSet", "", "instanceTypeOfferingSet", "item"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
}
}

crate::shape::shape! {
pub struct DescribeInstanceTypesRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub include_unsupported_in_region: Option<bool> = ("IncludeUnsupportedInRegion", "IncludeUnsupportedInRegion", "IncludeUnsupportedInRegion"),
    pub instance_types: Option<Vec<String>> = ("InstanceTypes", "InstanceType", "", "InstanceType", "member"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
}
}

crate::shape::shape! {
pub struct DescribeInstanceTypesResult {
    pub instance_types: Option<Vec<InstanceTypeInfo>> = ("InstanceTypes", "InstanceTypeSet", "", "instanceTypeSet", "item"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
}
}

crate::shape::shape! {
pub struct DescribeInstancesRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub include_managed_resources: Option<bool> = ("IncludeManagedResources", "IncludeManagedResources", "IncludeManagedResources"),
    pub instance_ids: Option<Vec<String>> = ("InstanceIds", "InstanceId", "", "InstanceId", "InstanceId"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "maxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
}
}

crate::shape::shape! {
pub struct DescribeInstancesResult {
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
    pub reservations: Option<Vec<Reservation>> = ("Reservations", "ReservationSet", "", "reservationSet", "item"),
}
}

crate::shape::shape! {
pub struct DescribeInternetGatewaysRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub internet_gateway_ids: Option<Vec<String>> = ("InternetGatewayIds", "InternetGatewayId", "", "internetGatewayId", "item"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
}
}

crate::shape::shape! {
pub struct DescribeInternetGatewaysResult {
    pub internet_gateways: Option<Vec<InternetGateway>> = ("InternetGateways", "InternetGatewaySet", "", "internetGatewaySet", "item"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
}
}

crate::shape::shape! {
pub struct DescribeKeyPairsRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub include_public_key: Option<bool> = ("IncludePublicKey", "IncludePublicKey", "IncludePublicKey"),
    pub key_names: Option<Vec<String>> = ("KeyNames", "KeyName", "", "KeyName", "KeyName"),
    pub key_pair_ids: Option<Vec<String>> = ("KeyPairIds", "KeyPairId", "", "KeyPairId", "KeyPairId"),
}
}

crate::shape::shape! {
pub struct DescribeKeyPairsResult {
    pub key_pairs: Option<Vec<KeyPairInfo>> = ("KeyPairs", "KeySet", "", "keySet", "item"),
}
}

crate::shape::shape! {
pub struct DescribeLaunchTemplateVersionsRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub include_managed_resources: Option<bool> = ("IncludeManagedResources", "IncludeManagedResources", "IncludeManagedResources"),
    pub launch_template_id: Option<String> = ("LaunchTemplateId", "LaunchTemplateId", "LaunchTemplateId"),
    pub launch_template_name: Option<String> = ("LaunchTemplateName", "LaunchTemplateName", "LaunchTemplateName"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub max_version: Option<String> = ("MaxVersion", "MaxVersion", "MaxVersion"),
    pub min_version: Option<String> = ("MinVersion", "MinVersion", "MinVersion"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
    pub resolve_alias: Option<bool> = ("ResolveAlias", "ResolveAlias", "ResolveAlias"),
    pub versions: Option<Vec<String>> = ("Versions", "LaunchTemplateVersion", "", "LaunchTemplateVersion", "item"),
}
}

crate::shape::shape! {
pub struct DescribeLaunchTemplateVersionsResult {
    pub launch_template_versions: Option<Vec<LaunchTemplateVersion>> = ("LaunchTemplateVersions", "LaunchTemplateVersionSet", "", "launchTemplateVersionSet", "item"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
}
}

crate::shape::shape! {
pub struct DescribeLaunchTemplatesRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub include_managed_resources: Option<bool> = ("IncludeManagedResources", "IncludeManagedResources", "IncludeManagedResources"),
    pub launch_template_ids: Option<Vec<String>> = ("LaunchTemplateIds", "LaunchTemplateId", "", "LaunchTemplateId", "item"),
    pub launch_template_names: Option<Vec<String>> = ("LaunchTemplateNames", "LaunchTemplateName", "", "LaunchTemplateName", "item"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
}
}

crate::shape::shape! {
pub struct DescribeLaunchTemplatesResult {
    pub launch_templates: Option<Vec<LaunchTemplate>> = ("LaunchTemplates", "LaunchTemplates", "", "launchTemplates", "item"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
}
}

crate::shape::shape! {
pub struct DescribeManagedPrefixListsRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
    pub prefix_list_ids: Option<Vec<String>> = ("PrefixListIds", "PrefixListId", "", "PrefixListId", "item"),
}
}

crate::shape::shape! {
pub struct DescribeManagedPrefixListsResult {
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
    pub prefix_lists: Option<Vec<ManagedPrefixList>> = ("PrefixLists", "PrefixListSet", "", "prefixListSet", "item"),
}
}

crate::shape::shape! {
pub struct DescribeNatGatewaysRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub filter: Option<Vec<Filter>> = ("Filter", "Filter", "", "Filter", "Filter"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub nat_gateway_ids: Option<Vec<String>> = ("NatGatewayIds", "NatGatewayId", "", "NatGatewayId", "item"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
}
}

crate::shape::shape! {
pub struct DescribeNatGatewaysResult {
    pub nat_gateways: Option<Vec<NatGateway>> = ("NatGateways", "NatGatewaySet", "", "natGatewaySet", "item"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
}
}

crate::shape::shape! {
pub struct DescribeNetworkAclsRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub network_acl_ids: Option<Vec<String>> = ("NetworkAclIds", "NetworkAclId", "", "NetworkAclId", "item"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
}
}

crate::shape::shape! {
pub struct DescribeNetworkAclsResult {
    pub network_acls: Option<Vec<NetworkAcl>> = ("NetworkAcls", "NetworkAclSet", "", "networkAclSet", "item"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
}
}

crate::shape::shape! {
pub struct DescribeNetworkInterfaceAttributeRequest {
    pub attribute: Option<String> = ("Attribute", "Attribute", "attribute"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub network_interface_id: Option<String> = ("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId"),
}
}

crate::shape::shape! {
pub struct DescribeNetworkInterfaceAttributeResult {
    pub associate_public_ip_address: Option<bool> = ("AssociatePublicIpAddress", "AssociatePublicIpAddress", "associatePublicIpAddress"),
    pub attachment: Option<NetworkInterfaceAttachment> = ("Attachment", "Attachment", "attachment"),
    pub description: Option<AttributeValue> = ("Description", "Description", "description"),
    pub groups: Option<Vec<GroupIdentifier>> = ("Groups", "GroupSet", "", "groupSet", "item"),
    pub network_interface_id: Option<String> = ("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId"),
    pub source_dest_check: Option<AttributeBooleanValue> = ("SourceDestCheck", "SourceDestCheck", "sourceDestCheck"),
}
}

crate::shape::shape! {
pub struct DescribeNetworkInterfacesRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "filter", "Filter"),
    pub include_managed_resources: Option<bool> = ("IncludeManagedResources", "IncludeManagedResources", "IncludeManagedResources"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub network_interface_ids: Option<Vec<String>> = ("NetworkInterfaceIds", "NetworkInterfaceId", "", "NetworkInterfaceId", "item"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
}
}

crate::shape::shape! {
pub struct DescribeNetworkInterfacesResult {
    pub network_interfaces: Option<Vec<NetworkInterface>> = ("NetworkInterfaces", "NetworkInterfaceSet", "", "networkInterfaceSet", "item"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
}
}

crate::shape::shape! {
pub struct DescribePlacementGroupsRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub group_ids: Option<Vec<String>> = ("GroupIds", "GroupId", "", "GroupId", "GroupId"),
    pub group_names: Option<Vec<String>> = ("GroupNames", "GroupName", "", "groupName", "member"),
}
}

crate::shape::shape! {
pub struct DescribePlacementGroupsResult {
    pub placement_groups: Option<Vec<PlacementGroup>> = ("PlacementGroups", "PlacementGroupSet", "", "placementGroupSet", "item"),
}
}

crate::shape::shape! {
pub struct DescribePrefixListsRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
    pub prefix_list_ids: Option<Vec<String>> = ("PrefixListIds", "PrefixListId", "", "PrefixListId", "item"),
}
}

crate::shape::shape! {
pub struct DescribePrefixListsResult {
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
    pub prefix_lists: Option<Vec<PrefixList>> = ("PrefixLists", "PrefixListSet", "", "prefixListSet", "item"),
}
}

crate::shape::shape! {
pub struct DescribeRegionsRequest {
    pub all_regions: Option<bool> = ("AllRegions", "AllRegions", "AllRegions"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub region_names: Option<Vec<String>> = ("RegionNames", "RegionName", "", "RegionName", "RegionName"),
}
}

crate::shape::shape! {
pub struct DescribeRegionsResult {
    pub regions: Option<Vec<Region>> = ("Regions", "RegionInfo", "", "regionInfo", "item"),
}
}

crate::shape::shape! {
pub struct DescribeRouteTablesRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
    pub route_table_ids: Option<Vec<String>> = ("RouteTableIds", "RouteTableId", "", "RouteTableId", "item"),
}
}

crate::shape::shape! {
pub struct DescribeRouteTablesResult {
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
    pub route_tables: Option<Vec<RouteTable>> = ("RouteTables", "RouteTableSet", "", "routeTableSet", "item"),
}
}

crate::shape::shape! {
pub struct DescribeSecurityGroupReferencesRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub group_id: Option<Vec<String>> = ("GroupId", "GroupId", "", "GroupId", "item"),
}
}

crate::shape::shape! {
pub struct DescribeSecurityGroupReferencesResult {
    pub security_group_reference_set: Option<Vec<SecurityGroupReference>> = ("SecurityGroupReferenceSet", "SecurityGroupReferenceSet", "", "securityGroupReferenceSet", "item"),
}
}

crate::shape::shape! {
pub struct DescribeSecurityGroupRulesRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
    pub security_group_rule_ids: Option<Vec<String>> = ("SecurityGroupRuleIds", "SecurityGroupRuleId", "", "SecurityGroupRuleId", "item"),
}
}

crate::shape::shape! {
pub struct DescribeSecurityGroupRulesResult {
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
    pub security_group_rules: Option<Vec<SecurityGroupRule>> = ("SecurityGroupRules", "SecurityGroupRuleSet", "", "securityGroupRuleSet", "item"),
}
}

crate::shape::shape! {
pub struct DescribeSecurityGroupsRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub group_ids: Option<Vec<String>> = ("GroupIds", "GroupId", "", "GroupId", "groupId"),
    pub group_names: Option<Vec<String>> = ("GroupNames", "GroupName", "", "GroupName", "GroupName"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
}
}

crate::shape::shape! {
pub struct DescribeSecurityGroupsResult {
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
    pub security_groups: Option<Vec<SecurityGroup>> = ("SecurityGroups", "SecurityGroupInfo", "", "securityGroupInfo", "item"),
}
}

crate::shape::shape! {
pub struct DescribeSpotInstanceRequestsRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
    pub spot_instance_request_ids: Option<Vec<String>> = ("SpotInstanceRequestIds", "SpotInstanceRequestId", "", "SpotInstanceRequestId", "SpotInstanceRequestId"),
}
}

crate::shape::shape! {
pub struct DescribeSpotInstanceRequestsResult {
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
    pub spot_instance_requests: Option<Vec<SpotInstanceRequest>> = ("SpotInstanceRequests", "SpotInstanceRequestSet", "", "spotInstanceRequestSet", "item"),
}
}

crate::shape::shape! {
pub struct DescribeSpotPriceHistoryRequest {
    pub availability_zone: Option<String> = ("AvailabilityZone", "AvailabilityZone", "availabilityZone"),
    pub availability_zone_id: Option<String> = ("AvailabilityZoneId", "AvailabilityZoneId", "AvailabilityZoneId"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub end_time: Option<TimestampMs> = ("EndTime", "EndTime", "endTime"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub instance_types: Option<Vec<String>> = ("InstanceTypes", "InstanceType", "", "InstanceType", "member"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "maxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
    pub product_descriptions: Option<Vec<String>> = ("ProductDescriptions", "ProductDescription", "", "ProductDescription", "member"),
    pub start_time: Option<TimestampMs> = ("StartTime", "StartTime", "startTime"),
}
}

crate::shape::shape! {
pub struct DescribeSpotPriceHistoryResult {
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
    pub spot_price_history: Option<Vec<SpotPrice>> = ("SpotPriceHistory", "SpotPriceHistorySet", "", "spotPriceHistorySet", "item"),
}
}

crate::shape::shape! {
pub struct DescribeStaleSecurityGroupsRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "VpcId"),
}
}

crate::shape::shape! {
pub struct DescribeStaleSecurityGroupsResult {
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
    pub stale_security_group_set: Option<Vec<StaleSecurityGroup>> = ("StaleSecurityGroupSet", "StaleSecurityGroupSet", "", "staleSecurityGroupSet", "item"),
}
}

crate::shape::shape! {
pub struct DescribeSubnetsRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
    pub subnet_ids: Option<Vec<String>> = ("SubnetIds", "SubnetId", "", "SubnetId", "SubnetId"),
}
}

crate::shape::shape! {
pub struct DescribeSubnetsResult {
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
    pub subnets: Option<Vec<Subnet>> = ("Subnets", "SubnetSet", "", "subnetSet", "item"),
}
}

crate::shape::shape! {
pub struct DescribeTagsRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "maxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
}
}

crate::shape::shape! {
pub struct DescribeTagsResult {
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
    pub tags: Option<Vec<TagDescription>> = ("Tags", "TagSet", "", "tagSet", "item"),
}
}

crate::shape::shape! {
pub struct DescribeTransitGatewayAttachmentsRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
    pub transit_gateway_attachment_ids: Option<Vec<String>> = ("TransitGatewayAttachmentIds", "TransitGatewayAttachmentIds", "", "TransitGatewayAttachmentIds", "member"),
}
}

crate::shape::shape! {
pub struct DescribeTransitGatewayAttachmentsResult {
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
    pub transit_gateway_attachments: Option<Vec<TransitGatewayAttachment>> = ("TransitGatewayAttachments", "TransitGatewayAttachments", "", "transitGatewayAttachments", "item"),
}
}

crate::shape::shape! {
pub struct DescribeTransitGatewayRouteTablesRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
    pub transit_gateway_route_table_ids: Option<Vec<String>> = ("TransitGatewayRouteTableIds", "TransitGatewayRouteTableIds", "", "TransitGatewayRouteTableIds", "item"),
}
}

crate::shape::shape! {
pub struct DescribeTransitGatewayRouteTablesResult {
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
    pub transit_gateway_route_tables: Option<Vec<TransitGatewayRouteTable>> = ("TransitGatewayRouteTables", "TransitGatewayRouteTables", "", "transitGatewayRouteTables", "item"),
}
}

crate::shape::shape! {
pub struct DescribeTransitGatewayVpcAttachmentsRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
    pub transit_gateway_attachment_ids: Option<Vec<String>> = ("TransitGatewayAttachmentIds", "TransitGatewayAttachmentIds", "", "TransitGatewayAttachmentIds", "member"),
}
}

crate::shape::shape! {
pub struct DescribeTransitGatewayVpcAttachmentsResult {
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
    pub transit_gateway_vpc_attachments: Option<Vec<TransitGatewayVpcAttachment>> = ("TransitGatewayVpcAttachments", "TransitGatewayVpcAttachments", "", "transitGatewayVpcAttachments", "item"),
}
}

crate::shape::shape! {
pub struct DescribeTransitGatewaysRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
    pub transit_gateway_ids: Option<Vec<String>> = ("TransitGatewayIds", "TransitGatewayIds", "", "TransitGatewayIds", "item"),
}
}

crate::shape::shape! {
pub struct DescribeTransitGatewaysResult {
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
    pub transit_gateways: Option<Vec<TransitGateway>> = ("TransitGateways", "TransitGatewaySet", "", "transitGatewaySet", "item"),
}
}

crate::shape::shape! {
pub struct DescribeVolumesRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub include_managed_resources: Option<bool> = ("IncludeManagedResources", "IncludeManagedResources", "IncludeManagedResources"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "maxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
    pub volume_ids: Option<Vec<String>> = ("VolumeIds", "VolumeId", "", "VolumeId", "VolumeId"),
}
}

crate::shape::shape! {
pub struct DescribeVolumesResult {
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
    pub volumes: Option<Vec<Volume>> = ("Volumes", "VolumeSet", "", "volumeSet", "item"),
}
}

crate::shape::shape! {
pub struct DescribeVpcAttributeRequest {
    pub attribute: Option<String> = ("Attribute", "Attribute", "Attribute"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "VpcId"),
}
}

crate::shape::shape! {
pub struct DescribeVpcAttributeResult {
    pub enable_dns_hostnames: Option<AttributeBooleanValue> = ("EnableDnsHostnames", "EnableDnsHostnames", "enableDnsHostnames"),
    pub enable_dns_support: Option<AttributeBooleanValue> = ("EnableDnsSupport", "EnableDnsSupport", "enableDnsSupport"),
    pub enable_network_address_usage_metrics: Option<AttributeBooleanValue> = ("EnableNetworkAddressUsageMetrics", "EnableNetworkAddressUsageMetrics", "enableNetworkAddressUsageMetrics"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "vpcId"),
}
}

crate::shape::shape! {
pub struct DescribeVpcClassicLinkDnsSupportRequest {
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "maxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
    pub vpc_ids: Option<Vec<String>> = ("VpcIds", "VpcIds", "", "VpcIds", "VpcId"),
}
}

crate::shape::shape! {
pub struct DescribeVpcClassicLinkDnsSupportResult {
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
    pub vpcs: Option<Vec<ClassicLinkDnsSupport>> = ("Vpcs", "Vpcs", "", "vpcs", "item"),
}
}

crate::shape::shape! {
pub struct DescribeVpcClassicLinkRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub vpc_ids: Option<Vec<String>> = ("VpcIds", "VpcId", "", "VpcId", "VpcId"),
}
}

crate::shape::shape! {
pub struct DescribeVpcClassicLinkResult {
    pub vpcs: Option<Vec<VpcClassicLink>> = ("Vpcs", "VpcSet", "", "vpcSet", "item"),
}
}

crate::shape::shape! {
pub struct DescribeVpcEndpointServicesRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
    pub service_names: Option<Vec<String>> = ("ServiceNames", "ServiceName", "", "ServiceName", "item"),
    pub service_regions: Option<Vec<String>> = ("ServiceRegions", "ServiceRegion", "", "ServiceRegion", "item"),
}
}

crate::shape::shape! {
pub struct DescribeVpcEndpointServicesResult {
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
    pub service_details: Option<Vec<ServiceDetail>> = ("ServiceDetails", "ServiceDetailSet", "", "serviceDetailSet", "item"),
    pub service_names: Option<Vec<String>> = ("ServiceNames", "ServiceNameSet", "", "serviceNameSet", "item"),
}
}

crate::shape::shape! {
pub struct DescribeVpcEndpointsRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
    pub vpc_endpoint_ids: Option<Vec<String>> = ("VpcEndpointIds", "VpcEndpointId", "", "VpcEndpointId", "item"),
}
}

crate::shape::shape! {
pub struct DescribeVpcEndpointsResult {
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
    pub vpc_endpoints: Option<Vec<VpcEndpoint>> = ("VpcEndpoints", "VpcEndpointSet", "", "vpcEndpointSet", "item"),
}
}

crate::shape::shape! {
pub struct DescribeVpcPeeringConnectionsRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
    pub vpc_peering_connection_ids: Option<Vec<String>> = ("VpcPeeringConnectionIds", "VpcPeeringConnectionId", "", "VpcPeeringConnectionId", "item"),
}
}

crate::shape::shape! {
pub struct DescribeVpcPeeringConnectionsResult {
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
    pub vpc_peering_connections: Option<Vec<VpcPeeringConnection>> = ("VpcPeeringConnections", "VpcPeeringConnectionSet", "", "vpcPeeringConnectionSet", "item"),
}
}

crate::shape::shape! {
pub struct DescribeVpcsRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
    pub vpc_ids: Option<Vec<String>> = ("VpcIds", "VpcId", "", "VpcId", "VpcId"),
}
}

crate::shape::shape! {
pub struct DescribeVpcsResult {
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
    pub vpcs: Option<Vec<Vpc>> = ("Vpcs", "VpcSet", "", "vpcSet", "item"),
}
}

crate::shape::shape! {
pub struct DestinationOptionsRequest {
    pub file_format: Option<String> = ("FileFormat", "FileFormat", "FileFormat"),
    pub hive_compatible_partitions: Option<bool> = ("HiveCompatiblePartitions", "HiveCompatiblePartitions", "HiveCompatiblePartitions"),
    pub per_hour_partition: Option<bool> = ("PerHourPartition", "PerHourPartition", "PerHourPartition"),
}
}

crate::shape::shape! {
pub struct DestinationOptionsResponse {
    pub file_format: Option<String> = ("FileFormat", "FileFormat", "fileFormat"),
    pub hive_compatible_partitions: Option<bool> = ("HiveCompatiblePartitions", "HiveCompatiblePartitions", "hiveCompatiblePartitions"),
    pub per_hour_partition: Option<bool> = ("PerHourPartition", "PerHourPartition", "perHourPartition"),
}
}

crate::shape::shape! {
pub struct DetachInternetGatewayRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub internet_gateway_id: Option<String> = ("InternetGatewayId", "InternetGatewayId", "internetGatewayId"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "vpcId"),
}
}

crate::shape::shape! {
pub struct DetachNetworkInterfaceRequest {
    pub attachment_id: Option<String> = ("AttachmentId", "AttachmentId", "attachmentId"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub force: Option<bool> = ("Force", "Force", "force"),
}
}

crate::shape::shape! {
pub struct DhcpConfiguration {
    pub key: Option<String> = ("Key", "Key", "key"),
    pub values: Option<Vec<AttributeValue>> = ("Values", "ValueSet", "", "valueSet", "item"),
}
}

crate::shape::shape! {
pub struct DhcpOptions {
    pub dhcp_configurations: Option<Vec<DhcpConfiguration>> = ("DhcpConfigurations", "DhcpConfigurationSet", "", "dhcpConfigurationSet", "item"),
    pub dhcp_options_id: Option<String> = ("DhcpOptionsId", "DhcpOptionsId", "dhcpOptionsId"),
    pub owner_id: Option<String> = ("OwnerId", "OwnerId", "ownerId"),
    pub tags: Option<Vec<Tag>> = ("Tags", "TagSet", "", "tagSet", "item"),
}
}

crate::shape::shape! {
pub struct DisableTransitGatewayRouteTablePropagationRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub transit_gateway_attachment_id: Option<String> = ("TransitGatewayAttachmentId", "TransitGatewayAttachmentId", "TransitGatewayAttachmentId"),
    pub transit_gateway_route_table_announcement_id: Option<String> = ("TransitGatewayRouteTableAnnouncementId", "TransitGatewayRouteTableAnnouncementId", "TransitGatewayRouteTableAnnouncementId"),
    pub transit_gateway_route_table_id: Option<String> = ("TransitGatewayRouteTableId", "TransitGatewayRouteTableId", "TransitGatewayRouteTableId"),
}
}

crate::shape::shape! {
pub struct DisableTransitGatewayRouteTablePropagationResult {
    pub propagation: Option<TransitGatewayPropagation> = ("Propagation", "Propagation", "propagation"),
}
}

crate::shape::shape! {
pub struct DisassociateAddressRequest {
    pub association_id: Option<String> = ("AssociationId", "AssociationId", "AssociationId"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub public_ip: Option<String> = ("PublicIp", "PublicIp", "PublicIp"),
}
}

crate::shape::shape! {
pub struct DisassociateIamInstanceProfileRequest {
    pub association_id: Option<String> = ("AssociationId", "AssociationId", "AssociationId"),
}
}

crate::shape::shape! {
pub struct DisassociateIamInstanceProfileResult {
    pub iam_instance_profile_association: Option<IamInstanceProfileAssociation> = ("IamInstanceProfileAssociation", "IamInstanceProfileAssociation", "iamInstanceProfileAssociation"),
}
}

crate::shape::shape! {
pub struct DisassociateRouteTableRequest {
    pub association_id: Option<String> = ("AssociationId", "AssociationId", "associationId"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
}
}

crate::shape::shape! {
pub struct DisassociateSubnetCidrBlockRequest {
    pub association_id: Option<String> = ("AssociationId", "AssociationId", "associationId"),
}
}

crate::shape::shape! {
pub struct DisassociateSubnetCidrBlockResult {
    pub ipv6_cidr_block_association: Option<SubnetIpv6CidrBlockAssociation> = ("Ipv6CidrBlockAssociation", "Ipv6CidrBlockAssociation", "ipv6CidrBlockAssociation"),
    pub subnet_id: Option<String> = ("SubnetId", "SubnetId", "subnetId"),
}
}

crate::shape::shape! {
pub struct DisassociateTransitGatewayRouteTableRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub transit_gateway_attachment_id: Option<String> = ("TransitGatewayAttachmentId", "TransitGatewayAttachmentId", "TransitGatewayAttachmentId"),
    pub transit_gateway_route_table_id: Option<String> = ("TransitGatewayRouteTableId", "TransitGatewayRouteTableId", "TransitGatewayRouteTableId"),
}
}

crate::shape::shape! {
pub struct DisassociateTransitGatewayRouteTableResult {
    pub association: Option<TransitGatewayAssociation> = ("Association", "Association", "association"),
}
}

crate::shape::shape! {
pub struct DisassociateVpcCidrBlockRequest {
    pub association_id: Option<String> = ("AssociationId", "AssociationId", "associationId"),
}
}

crate::shape::shape! {
pub struct DisassociateVpcCidrBlockResult {
    pub cidr_block_association: Option<VpcCidrBlockAssociation> = ("CidrBlockAssociation", "CidrBlockAssociation", "cidrBlockAssociation"),
    pub ipv6_cidr_block_association: Option<VpcIpv6CidrBlockAssociation> = ("Ipv6CidrBlockAssociation", "Ipv6CidrBlockAssociation", "ipv6CidrBlockAssociation"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "vpcId"),
}
}

crate::shape::shape! {
pub struct DiskInfo {
    pub count: Option<i32> = ("Count", "Count", "count"),
    pub size_in_gb: Option<i64> = ("SizeInGB", "SizeInGB", "sizeInGB"),
    pub r#type: Option<String> = ("Type", "Type", "type"),
}
}

crate::shape::shape! {
pub struct DnsEntry {
    pub dns_name: Option<String> = ("DnsName", "DnsName", "dnsName"),
    pub hosted_zone_id: Option<String> = ("HostedZoneId", "HostedZoneId", "hostedZoneId"),
}
}

crate::shape::shape! {
pub struct DnsOptions {
    pub dns_record_ip_type: Option<String> = ("DnsRecordIpType", "DnsRecordIpType", "dnsRecordIpType"),
    pub private_dns_only_for_inbound_resolver_endpoint: Option<bool> = ("PrivateDnsOnlyForInboundResolverEndpoint", "PrivateDnsOnlyForInboundResolverEndpoint", "privateDnsOnlyForInboundResolverEndpoint"),
    pub private_dns_preference: Option<String> = ("PrivateDnsPreference", "PrivateDnsPreference", "privateDnsPreference"),
    pub private_dns_specified_domains: Option<Vec<String>> = ("PrivateDnsSpecifiedDomains", "PrivateDnsSpecifiedDomainSet", "", "privateDnsSpecifiedDomainSet", "item"),
}
}

crate::shape::shape! {
pub struct DnsOptionsSpecification {
    pub dns_record_ip_type: Option<String> = ("DnsRecordIpType", "DnsRecordIpType", "DnsRecordIpType"),
    pub private_dns_only_for_inbound_resolver_endpoint: Option<bool> = ("PrivateDnsOnlyForInboundResolverEndpoint", "PrivateDnsOnlyForInboundResolverEndpoint", "PrivateDnsOnlyForInboundResolverEndpoint"),
    pub private_dns_preference: Option<String> = ("PrivateDnsPreference", "PrivateDnsPreference", "PrivateDnsPreference"),
    pub private_dns_specified_domains: Option<Vec<String>> = ("PrivateDnsSpecifiedDomains", "PrivateDnsSpecifiedDomain", "", "PrivateDnsSpecifiedDomain", "item"),
}
}

crate::shape::shape! {
pub struct EbsBlockDevice {
    pub availability_zone: Option<String> = ("AvailabilityZone", "AvailabilityZone", "availabilityZone"),
    pub availability_zone_id: Option<String> = ("AvailabilityZoneId", "AvailabilityZoneId", "AvailabilityZoneId"),
    pub delete_on_termination: Option<bool> = ("DeleteOnTermination", "DeleteOnTermination", "deleteOnTermination"),
    pub ebs_card_index: Option<i32> = ("EbsCardIndex", "EbsCardIndex", "EbsCardIndex"),
    pub encrypted: Option<bool> = ("Encrypted", "Encrypted", "encrypted"),
    pub iops: Option<i32> = ("Iops", "Iops", "iops"),
    pub kms_key_id: Option<String> = ("KmsKeyId", "KmsKeyId", "kmsKeyId"),
    pub outpost_arn: Option<String> = ("OutpostArn", "OutpostArn", "outpostArn"),
    pub snapshot_id: Option<String> = ("SnapshotId", "SnapshotId", "snapshotId"),
    pub throughput: Option<i32> = ("Throughput", "Throughput", "throughput"),
    pub volume_initialization_rate: Option<i32> = ("VolumeInitializationRate", "VolumeInitializationRate", "VolumeInitializationRate"),
    pub volume_size: Option<i32> = ("VolumeSize", "VolumeSize", "volumeSize"),
    pub volume_type: Option<String> = ("VolumeType", "VolumeType", "volumeType"),
}
}

crate::shape::shape! {
pub struct EbsBlockDeviceResponse {
    pub delete_on_termination: Option<bool> = ("DeleteOnTermination", "DeleteOnTermination", "deleteOnTermination"),
    pub encrypted: Option<bool> = ("Encrypted", "Encrypted", "encrypted"),
    pub iops: Option<i32> = ("Iops", "Iops", "iops"),
    pub kms_key_id: Option<String> = ("KmsKeyId", "KmsKeyId", "kmsKeyId"),
    pub snapshot_id: Option<String> = ("SnapshotId", "SnapshotId", "snapshotId"),
    pub throughput: Option<i32> = ("Throughput", "Throughput", "throughput"),
    pub volume_size: Option<i32> = ("VolumeSize", "VolumeSize", "volumeSize"),
    pub volume_type: Option<String> = ("VolumeType", "VolumeType", "volumeType"),
}
}

crate::shape::shape! {
pub struct EbsCardInfo {
    pub baseline_bandwidth_in_mbps: Option<i32> = ("BaselineBandwidthInMbps", "BaselineBandwidthInMbps", "baselineBandwidthInMbps"),
    pub baseline_iops: Option<i32> = ("BaselineIops", "BaselineIops", "baselineIops"),
    pub baseline_throughput_in_mbps: Option<f64> = ("BaselineThroughputInMBps", "BaselineThroughputInMBps", "baselineThroughputInMBps"),
    pub ebs_card_index: Option<i32> = ("EbsCardIndex", "EbsCardIndex", "ebsCardIndex"),
    pub maximum_bandwidth_in_mbps: Option<i32> = ("MaximumBandwidthInMbps", "MaximumBandwidthInMbps", "maximumBandwidthInMbps"),
    pub maximum_iops: Option<i32> = ("MaximumIops", "MaximumIops", "maximumIops"),
    pub maximum_throughput_in_mbps: Option<f64> = ("MaximumThroughputInMBps", "MaximumThroughputInMBps", "maximumThroughputInMBps"),
}
}

crate::shape::shape! {
pub struct EbsInfo {
    pub attachment_limit_type: Option<String> = ("AttachmentLimitType", "AttachmentLimitType", "attachmentLimitType"),
    pub ebs_cards: Option<Vec<EbsCardInfo>> = ("EbsCards", "EbsCardSet", "", "ebsCardSet", "item"),
    pub ebs_optimized_info: Option<EbsOptimizedInfo> = ("EbsOptimizedInfo", "EbsOptimizedInfo", "ebsOptimizedInfo"),
    pub ebs_optimized_support: Option<String> = ("EbsOptimizedSupport", "EbsOptimizedSupport", "ebsOptimizedSupport"),
    pub encryption_support: Option<String> = ("EncryptionSupport", "EncryptionSupport", "encryptionSupport"),
    pub maximum_ebs_attachments: Option<i32> = ("MaximumEbsAttachments", "MaximumEbsAttachments", "maximumEbsAttachments"),
    pub maximum_ebs_cards: Option<i32> = ("MaximumEbsCards", "MaximumEbsCards", "maximumEbsCards"),
    pub nvme_support: Option<String> = ("NvmeSupport", "NvmeSupport", "nvmeSupport"),
}
}

crate::shape::shape! {
pub struct EbsInstanceBlockDevice {
    pub associated_resource: Option<String> = ("AssociatedResource", "AssociatedResource", "associatedResource"),
    pub attach_time: Option<TimestampMs> = ("AttachTime", "AttachTime", "attachTime"),
    pub delete_on_termination: Option<bool> = ("DeleteOnTermination", "DeleteOnTermination", "deleteOnTermination"),
    pub ebs_card_index: Option<i32> = ("EbsCardIndex", "EbsCardIndex", "ebsCardIndex"),
    pub operator: Option<OperatorResponse> = ("Operator", "Operator", "operator"),
    pub status: Option<String> = ("Status", "Status", "status"),
    pub volume_id: Option<String> = ("VolumeId", "VolumeId", "volumeId"),
    pub volume_owner_id: Option<String> = ("VolumeOwnerId", "VolumeOwnerId", "volumeOwnerId"),
}
}

crate::shape::shape! {
pub struct EbsInstanceBlockDeviceSpecification {
    pub delete_on_termination: Option<bool> = ("DeleteOnTermination", "DeleteOnTermination", "deleteOnTermination"),
    pub volume_id: Option<String> = ("VolumeId", "VolumeId", "volumeId"),
}
}

crate::shape::shape! {
pub struct EbsOptimizedInfo {
    pub baseline_bandwidth_in_mbps: Option<i32> = ("BaselineBandwidthInMbps", "BaselineBandwidthInMbps", "baselineBandwidthInMbps"),
    pub baseline_iops: Option<i32> = ("BaselineIops", "BaselineIops", "baselineIops"),
    pub baseline_throughput_in_mbps: Option<f64> = ("BaselineThroughputInMBps", "BaselineThroughputInMBps", "baselineThroughputInMBps"),
    pub maximum_bandwidth_in_mbps: Option<i32> = ("MaximumBandwidthInMbps", "MaximumBandwidthInMbps", "maximumBandwidthInMbps"),
    pub maximum_iops: Option<i32> = ("MaximumIops", "MaximumIops", "maximumIops"),
    pub maximum_throughput_in_mbps: Option<f64> = ("MaximumThroughputInMBps", "MaximumThroughputInMBps", "maximumThroughputInMBps"),
}
}

crate::shape::shape! {
pub struct EbsStatusDetails {
    pub impaired_since: Option<TimestampMs> = ("ImpairedSince", "ImpairedSince", "impairedSince"),
    pub name: Option<String> = ("Name", "Name", "name"),
    pub status: Option<String> = ("Status", "Status", "status"),
}
}

crate::shape::shape! {
pub struct EbsStatusSummary {
    pub details: Option<Vec<EbsStatusDetails>> = ("Details", "Details", "", "details", "item"),
    pub status: Option<String> = ("Status", "Status", "status"),
}
}

crate::shape::shape! {
pub struct EfaInfo {
    pub maximum_efa_interfaces: Option<i32> = ("MaximumEfaInterfaces", "MaximumEfaInterfaces", "maximumEfaInterfaces"),
}
}

crate::shape::shape! {
pub struct EgressOnlyInternetGateway {
    pub attachments: Option<Vec<InternetGatewayAttachment>> = ("Attachments", "AttachmentSet", "", "attachmentSet", "item"),
    pub egress_only_internet_gateway_id: Option<String> = ("EgressOnlyInternetGatewayId", "EgressOnlyInternetGatewayId", "egressOnlyInternetGatewayId"),
    pub tags: Option<Vec<Tag>> = ("Tags", "TagSet", "", "tagSet", "item"),
}
}

crate::shape::shape! {
pub struct ElasticGpuAssociation {
    pub elastic_gpu_association_id: Option<String> = ("ElasticGpuAssociationId", "ElasticGpuAssociationId", "elasticGpuAssociationId"),
    pub elastic_gpu_association_state: Option<String> = ("ElasticGpuAssociationState", "ElasticGpuAssociationState", "elasticGpuAssociationState"),
    pub elastic_gpu_association_time: Option<String> = ("ElasticGpuAssociationTime", "ElasticGpuAssociationTime", "elasticGpuAssociationTime"),
    pub elastic_gpu_id: Option<String> = ("ElasticGpuId", "ElasticGpuId", "elasticGpuId"),
}
}

crate::shape::shape! {
pub struct ElasticGpuSpecification {
    pub r#type: Option<String> = ("Type", "Type", "Type"),
}
}

crate::shape::shape! {
pub struct ElasticGpuSpecificationResponse {
    pub r#type: Option<String> = ("Type", "Type", "type"),
}
}

crate::shape::shape! {
pub struct ElasticInferenceAccelerator {
    pub count: Option<i32> = ("Count", "Count", "Count"),
    pub r#type: Option<String> = ("Type", "Type", "Type"),
}
}

crate::shape::shape! {
pub struct ElasticInferenceAcceleratorAssociation {
    pub elastic_inference_accelerator_arn: Option<String> = ("ElasticInferenceAcceleratorArn", "ElasticInferenceAcceleratorArn", "elasticInferenceAcceleratorArn"),
    pub elastic_inference_accelerator_association_id: Option<String> = ("ElasticInferenceAcceleratorAssociationId", "ElasticInferenceAcceleratorAssociationId", "elasticInferenceAcceleratorAssociationId"),
    pub elastic_inference_accelerator_association_state: Option<String> = ("ElasticInferenceAcceleratorAssociationState", "ElasticInferenceAcceleratorAssociationState", "elasticInferenceAcceleratorAssociationState"),
    pub elastic_inference_accelerator_association_time: Option<TimestampMs> = ("ElasticInferenceAcceleratorAssociationTime", "ElasticInferenceAcceleratorAssociationTime", "elasticInferenceAcceleratorAssociationTime"),
}
}

crate::shape::shape! {
pub struct EnaSrdSpecification {
    pub ena_srd_enabled: Option<bool> = ("EnaSrdEnabled", "EnaSrdEnabled", "EnaSrdEnabled"),
    pub ena_srd_udp_specification: Option<EnaSrdUdpSpecification> = ("EnaSrdUdpSpecification", "EnaSrdUdpSpecification", "EnaSrdUdpSpecification"),
}
}

crate::shape::shape! {
pub struct EnaSrdSpecificationRequest {
    pub ena_srd_enabled: Option<bool> = ("EnaSrdEnabled", "EnaSrdEnabled", "EnaSrdEnabled"),
    pub ena_srd_udp_specification: Option<EnaSrdUdpSpecificationRequest> = ("EnaSrdUdpSpecification", "EnaSrdUdpSpecification", "EnaSrdUdpSpecification"),
}
}

crate::shape::shape! {
pub struct EnaSrdUdpSpecification {
    pub ena_srd_udp_enabled: Option<bool> = ("EnaSrdUdpEnabled", "EnaSrdUdpEnabled", "EnaSrdUdpEnabled"),
}
}

crate::shape::shape! {
pub struct EnaSrdUdpSpecificationRequest {
    pub ena_srd_udp_enabled: Option<bool> = ("EnaSrdUdpEnabled", "EnaSrdUdpEnabled", "EnaSrdUdpEnabled"),
}
}

crate::shape::shape! {
pub struct EnableTransitGatewayRouteTablePropagationRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub transit_gateway_attachment_id: Option<String> = ("TransitGatewayAttachmentId", "TransitGatewayAttachmentId", "TransitGatewayAttachmentId"),
    pub transit_gateway_route_table_announcement_id: Option<String> = ("TransitGatewayRouteTableAnnouncementId", "TransitGatewayRouteTableAnnouncementId", "TransitGatewayRouteTableAnnouncementId"),
    pub transit_gateway_route_table_id: Option<String> = ("TransitGatewayRouteTableId", "TransitGatewayRouteTableId", "TransitGatewayRouteTableId"),
}
}

crate::shape::shape! {
pub struct EnableTransitGatewayRouteTablePropagationResult {
    pub propagation: Option<TransitGatewayPropagation> = ("Propagation", "Propagation", "propagation"),
}
}

crate::shape::shape! {
pub struct EnclaveOptions {
    pub enabled: Option<bool> = ("Enabled", "Enabled", "enabled"),
}
}

crate::shape::shape! {
pub struct EnclaveOptionsRequest {
    pub enabled: Option<bool> = ("Enabled", "Enabled", "Enabled"),
}
}

crate::shape::shape! {
pub struct EncryptionSupport {
    pub encryption_state: Option<String> = ("EncryptionState", "EncryptionState", "encryptionState"),
    pub state_message: Option<String> = ("StateMessage", "StateMessage", "stateMessage"),
}
}

crate::shape::shape! {
pub struct Filter {
    pub name: Option<String> = ("Name", "Name", "Name"),
    pub values: Option<Vec<String>> = ("Values", "Value", "", "Value", "item"),
}
}

crate::shape::shape! {
pub struct FleetBlockDeviceMappingRequest {
    pub device_name: Option<String> = ("DeviceName", "DeviceName", "DeviceName"),
    pub ebs: Option<FleetEbsBlockDeviceRequest> = ("Ebs", "Ebs", "Ebs"),
    pub no_device: Option<String> = ("NoDevice", "NoDevice", "NoDevice"),
    pub virtual_name: Option<String> = ("VirtualName", "VirtualName", "VirtualName"),
}
}

crate::shape::shape! {
pub struct FleetEbsBlockDeviceRequest {
    pub delete_on_termination: Option<bool> = ("DeleteOnTermination", "DeleteOnTermination", "DeleteOnTermination"),
    pub encrypted: Option<bool> = ("Encrypted", "Encrypted", "Encrypted"),
    pub iops: Option<i32> = ("Iops", "Iops", "Iops"),
    pub kms_key_id: Option<String> = ("KmsKeyId", "KmsKeyId", "KmsKeyId"),
    pub snapshot_id: Option<String> = ("SnapshotId", "SnapshotId", "SnapshotId"),
    pub throughput: Option<i32> = ("Throughput", "Throughput", "Throughput"),
    pub volume_size: Option<i32> = ("VolumeSize", "VolumeSize", "VolumeSize"),
    pub volume_type: Option<String> = ("VolumeType", "VolumeType", "VolumeType"),
}
}

crate::shape::shape! {
pub struct FleetLaunchTemplateConfigRequest {
    pub launch_template_specification: Option<FleetLaunchTemplateSpecificationRequest> = ("LaunchTemplateSpecification", "LaunchTemplateSpecification", "LaunchTemplateSpecification"),
    pub overrides: Option<Vec<FleetLaunchTemplateOverridesRequest>> = ("Overrides", "Overrides", "", "Overrides", "item"),
}
}

crate::shape::shape! {
pub struct FleetLaunchTemplateOverrides {
    pub availability_zone: Option<String> = ("AvailabilityZone", "AvailabilityZone", "availabilityZone"),
    pub availability_zone_id: Option<String> = ("AvailabilityZoneId", "AvailabilityZoneId", "availabilityZoneId"),
    pub block_device_mappings: Option<Vec<BlockDeviceMappingResponse>> = ("BlockDeviceMappings", "BlockDeviceMappingSet", "", "blockDeviceMappingSet", "item"),
    pub image_id: Option<String> = ("ImageId", "ImageId", "imageId"),
    pub instance_requirements: Option<InstanceRequirements> = ("InstanceRequirements", "InstanceRequirements", "instanceRequirements"),
    pub instance_type: Option<String> = ("InstanceType", "InstanceType", "instanceType"),
    pub max_price: Option<String> = ("MaxPrice", "MaxPrice", "maxPrice"),
    pub placement: Option<PlacementResponse> = ("Placement", "Placement", "placement"),
    pub priority: Option<f64> = ("Priority", "Priority", "priority"),
    pub subnet_id: Option<String> = ("SubnetId", "SubnetId", "subnetId"),
    pub weighted_capacity: Option<f64> = ("WeightedCapacity", "WeightedCapacity", "weightedCapacity"),
}
}

crate::shape::shape! {
pub struct FleetLaunchTemplateOverridesRequest {
    pub availability_zone: Option<String> = ("AvailabilityZone", "AvailabilityZone", "AvailabilityZone"),
    pub availability_zone_id: Option<String> = ("AvailabilityZoneId", "AvailabilityZoneId", "AvailabilityZoneId"),
    pub block_device_mappings: Option<Vec<FleetBlockDeviceMappingRequest>> = ("BlockDeviceMappings", "BlockDeviceMapping", "", "BlockDeviceMapping", "BlockDeviceMapping"),
    pub image_id: Option<String> = ("ImageId", "ImageId", "ImageId"),
    pub instance_requirements: Option<InstanceRequirementsRequest> = ("InstanceRequirements", "InstanceRequirements", "InstanceRequirements"),
    pub instance_type: Option<String> = ("InstanceType", "InstanceType", "InstanceType"),
    pub max_price: Option<String> = ("MaxPrice", "MaxPrice", "MaxPrice"),
    pub placement: Option<Placement> = ("Placement", "Placement", "Placement"),
    pub priority: Option<f64> = ("Priority", "Priority", "Priority"),
    pub subnet_id: Option<String> = ("SubnetId", "SubnetId", "SubnetId"),
    pub weighted_capacity: Option<f64> = ("WeightedCapacity", "WeightedCapacity", "WeightedCapacity"),
}
}

crate::shape::shape! {
pub struct FleetLaunchTemplateSpecification {
    pub launch_template_id: Option<String> = ("LaunchTemplateId", "LaunchTemplateId", "launchTemplateId"),
    pub launch_template_name: Option<String> = ("LaunchTemplateName", "LaunchTemplateName", "launchTemplateName"),
    pub version: Option<String> = ("Version", "Version", "version"),
}
}

crate::shape::shape! {
pub struct FleetLaunchTemplateSpecificationRequest {
    pub launch_template_id: Option<String> = ("LaunchTemplateId", "LaunchTemplateId", "LaunchTemplateId"),
    pub launch_template_name: Option<String> = ("LaunchTemplateName", "LaunchTemplateName", "LaunchTemplateName"),
    pub version: Option<String> = ("Version", "Version", "Version"),
}
}

crate::shape::shape! {
pub struct FleetSpotCapacityRebalanceRequest {
    pub replacement_strategy: Option<String> = ("ReplacementStrategy", "ReplacementStrategy", "ReplacementStrategy"),
    pub termination_delay: Option<i32> = ("TerminationDelay", "TerminationDelay", "TerminationDelay"),
}
}

crate::shape::shape! {
pub struct FleetSpotMaintenanceStrategiesRequest {
    pub capacity_rebalance: Option<FleetSpotCapacityRebalanceRequest> = ("CapacityRebalance", "CapacityRebalance", "CapacityRebalance"),
}
}

crate::shape::shape! {
pub struct FlowLog {
    pub creation_time: Option<TimestampMs> = ("CreationTime", "CreationTime", "creationTime"),
    pub deliver_cross_account_role: Option<String> = ("DeliverCrossAccountRole", "DeliverCrossAccountRole", "deliverCrossAccountRole"),
    pub deliver_logs_error_message: Option<String> = ("DeliverLogsErrorMessage", "DeliverLogsErrorMessage", "deliverLogsErrorMessage"),
    pub deliver_logs_permission_arn: Option<String> = ("DeliverLogsPermissionArn", "DeliverLogsPermissionArn", "deliverLogsPermissionArn"),
    pub deliver_logs_status: Option<String> = ("DeliverLogsStatus", "DeliverLogsStatus", "deliverLogsStatus"),
    pub destination_options: Option<DestinationOptionsResponse> = ("DestinationOptions", "DestinationOptions", "destinationOptions"),
    pub flow_log_id: Option<String> = ("FlowLogId", "FlowLogId", "flowLogId"),
    pub flow_log_status: Option<String> = ("FlowLogStatus", "FlowLogStatus", "flowLogStatus"),
    pub log_destination: Option<String> = ("LogDestination", "LogDestination", "logDestination"),
    pub log_destination_type: Option<String> = ("LogDestinationType", "LogDestinationType", "logDestinationType"),
    pub log_format: Option<String> = ("LogFormat", "LogFormat", "logFormat"),
    pub log_group_name: Option<String> = ("LogGroupName", "LogGroupName", "logGroupName"),
    pub max_aggregation_interval: Option<i32> = ("MaxAggregationInterval", "MaxAggregationInterval", "maxAggregationInterval"),
    pub resource_id: Option<String> = ("ResourceId", "ResourceId", "resourceId"),
    pub tags: Option<Vec<Tag>> = ("Tags", "TagSet", "", "tagSet", "item"),
    pub traffic_type: Option<String> = ("TrafficType", "TrafficType", "trafficType"),
}
}

crate::shape::shape! {
pub struct FpgaDeviceInfo {
    pub count: Option<i32> = ("Count", "Count", "count"),
    pub manufacturer: Option<String> = ("Manufacturer", "Manufacturer", "manufacturer"),
    pub memory_info: Option<FpgaDeviceMemoryInfo> = ("MemoryInfo", "MemoryInfo", "memoryInfo"),
    pub name: Option<String> = ("Name", "Name", "name"),
}
}

crate::shape::shape! {
pub struct FpgaDeviceMemoryInfo {
    pub size_in_mib: Option<i32> = ("SizeInMiB", "SizeInMiB", "sizeInMiB"),
}
}

crate::shape::shape! {
pub struct FpgaInfo {
    pub fpgas: Option<Vec<FpgaDeviceInfo>> = ("Fpgas", "Fpgas", "", "fpgas", "item"),
    pub total_fpga_memory_in_mib: Option<i32> = ("TotalFpgaMemoryInMiB", "TotalFpgaMemoryInMiB", "totalFpgaMemoryInMiB"),
}
}

crate::shape::shape! {
pub struct GetCapacityReservationUsageRequest {
    pub capacity_reservation_id: Option<String> = ("CapacityReservationId", "CapacityReservationId", "CapacityReservationId"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
}
}

crate::shape::shape! {
pub struct GetCapacityReservationUsageResult {
    pub available_instance_count: Option<i32> = ("AvailableInstanceCount", "AvailableInstanceCount", "availableInstanceCount"),
    pub capacity_reservation_id: Option<String> = ("CapacityReservationId", "CapacityReservationId", "capacityReservationId"),
    pub instance_type: Option<String> = ("InstanceType", "InstanceType", "instanceType"),
    pub instance_usages: Option<Vec<InstanceUsage>> = ("InstanceUsages", "InstanceUsageSet", "", "instanceUsageSet", "item"),
    pub interruptible: Option<bool> = ("Interruptible", "Interruptible", "interruptible"),
    pub interruptible_capacity_allocation: Option<InterruptibleCapacityAllocation> = ("InterruptibleCapacityAllocation", "InterruptibleCapacityAllocation", "interruptibleCapacityAllocation"),
    pub interruption_info: Option<InterruptionInfo> = ("InterruptionInfo", "InterruptionInfo", "interruptionInfo"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
    pub state: Option<String> = ("State", "State", "state"),
    pub total_instance_count: Option<i32> = ("TotalInstanceCount", "TotalInstanceCount", "totalInstanceCount"),
}
}

crate::shape::shape! {
pub struct GetConsoleOutputRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub instance_id: Option<String> = ("InstanceId", "InstanceId", "InstanceId"),
    pub latest: Option<bool> = ("Latest", "Latest", "Latest"),
}
}

crate::shape::shape! {
pub struct GetConsoleOutputResult {
    pub instance_id: Option<String> = ("InstanceId", "InstanceId", "instanceId"),
    pub output: Option<String> = ("Output", "Output", "output"),
    pub timestamp: Option<TimestampMs> = ("Timestamp", "Timestamp", "timestamp"),
}
}

crate::shape::shape! {
pub struct GetLaunchTemplateDataRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub instance_id: Option<String> = ("InstanceId", "InstanceId", "InstanceId"),
}
}

crate::shape::shape! {
pub struct GetLaunchTemplateDataResult {
    pub launch_template_data: Option<ResponseLaunchTemplateData> = ("LaunchTemplateData", "LaunchTemplateData", "launchTemplateData"),
}
}

crate::shape::shape! {
pub struct GetManagedPrefixListEntriesRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
    pub prefix_list_id: Option<String> = ("PrefixListId", "PrefixListId", "PrefixListId"),
    pub target_version: Option<i64> = ("TargetVersion", "TargetVersion", "TargetVersion"),
}
}

crate::shape::shape! {
pub struct GetManagedPrefixListEntriesResult {
    pub entries: Option<Vec<PrefixListEntry>> = ("Entries", "EntrySet", "", "entrySet", "item"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
}
}

crate::shape::shape! {
pub struct GetSecurityGroupsForVpcRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "VpcId"),
}
}

crate::shape::shape! {
pub struct GetSecurityGroupsForVpcResult {
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
    pub security_group_for_vpcs: Option<Vec<SecurityGroupForVpc>> = ("SecurityGroupForVpcs", "SecurityGroupForVpcSet", "", "securityGroupForVpcSet", "item"),
}
}

crate::shape::shape! {
pub struct GetTransitGatewayAttachmentPropagationsRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
    pub transit_gateway_attachment_id: Option<String> = ("TransitGatewayAttachmentId", "TransitGatewayAttachmentId", "TransitGatewayAttachmentId"),
}
}

crate::shape::shape! {
pub struct GetTransitGatewayAttachmentPropagationsResult {
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
    pub transit_gateway_attachment_propagations: Option<Vec<TransitGatewayAttachmentPropagation>> = ("TransitGatewayAttachmentPropagations", "TransitGatewayAttachmentPropagations", "", "transitGatewayAttachmentPropagations", "item"),
}
}

crate::shape::shape! {
pub struct GetTransitGatewayRouteTableAssociationsRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
    pub transit_gateway_route_table_id: Option<String> = ("TransitGatewayRouteTableId", "TransitGatewayRouteTableId", "TransitGatewayRouteTableId"),
}
}

crate::shape::shape! {
pub struct GetTransitGatewayRouteTableAssociationsResult {
    pub associations: Option<Vec<TransitGatewayRouteTableAssociation>> = ("Associations", "Associations", "", "associations", "item"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
}
}

crate::shape::shape! {
pub struct GetTransitGatewayRouteTablePropagationsRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
    pub transit_gateway_route_table_id: Option<String> = ("TransitGatewayRouteTableId", "TransitGatewayRouteTableId", "TransitGatewayRouteTableId"),
}
}

crate::shape::shape! {
pub struct GetTransitGatewayRouteTablePropagationsResult {
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
    pub transit_gateway_route_table_propagations: Option<Vec<TransitGatewayRouteTablePropagation>> = ("TransitGatewayRouteTablePropagations", "TransitGatewayRouteTablePropagations", "", "transitGatewayRouteTablePropagations", "item"),
}
}

crate::shape::shape! {
pub struct GpuDeviceInfo {
    pub count: Option<i32> = ("Count", "Count", "count"),
    pub gpu_partition_size: Option<f64> = ("GpuPartitionSize", "GpuPartitionSize", "gpuPartitionSize"),
    pub logical_gpu_count: Option<i32> = ("LogicalGpuCount", "LogicalGpuCount", "logicalGpuCount"),
    pub manufacturer: Option<String> = ("Manufacturer", "Manufacturer", "manufacturer"),
    pub memory_info: Option<GpuDeviceMemoryInfo> = ("MemoryInfo", "MemoryInfo", "memoryInfo"),
    pub name: Option<String> = ("Name", "Name", "name"),
    pub workloads: Option<Vec<String>> = ("Workloads", "WorkloadSet", "", "workloadSet", "item"),
}
}

crate::shape::shape! {
pub struct GpuDeviceMemoryInfo {
    pub size_in_mib: Option<i32> = ("SizeInMiB", "SizeInMiB", "sizeInMiB"),
}
}

crate::shape::shape! {
pub struct GpuInfo {
    pub gpus: Option<Vec<GpuDeviceInfo>> = ("Gpus", "Gpus", "", "gpus", "item"),
    pub total_gpu_memory_in_mib: Option<i32> = ("TotalGpuMemoryInMiB", "TotalGpuMemoryInMiB", "totalGpuMemoryInMiB"),
}
}

crate::shape::shape! {
pub struct GroupIdentifier {
    pub group_id: Option<String> = ("GroupId", "GroupId", "groupId"),
    pub group_name: Option<String> = ("GroupName", "GroupName", "groupName"),
}
}

crate::shape::shape! {
pub struct HibernationOptions {
    pub configured: Option<bool> = ("Configured", "Configured", "configured"),
}
}

crate::shape::shape! {
pub struct HibernationOptionsRequest {
    pub configured: Option<bool> = ("Configured", "Configured", "Configured"),
}
}

crate::shape::shape! {
pub struct Host {
    pub allocation_time: Option<TimestampMs> = ("AllocationTime", "AllocationTime", "allocationTime"),
    pub allows_multiple_instance_types: Option<String> = ("AllowsMultipleInstanceTypes", "AllowsMultipleInstanceTypes", "allowsMultipleInstanceTypes"),
    pub asset_id: Option<String> = ("AssetId", "AssetId", "assetId"),
    pub auto_placement: Option<String> = ("AutoPlacement", "AutoPlacement", "autoPlacement"),
    pub availability_zone: Option<String> = ("AvailabilityZone", "AvailabilityZone", "availabilityZone"),
    pub availability_zone_id: Option<String> = ("AvailabilityZoneId", "AvailabilityZoneId", "availabilityZoneId"),
    pub available_capacity: Option<AvailableCapacity> = ("AvailableCapacity", "AvailableCapacity", "availableCapacity"),
    pub client_token: Option<String> = ("ClientToken", "ClientToken", "clientToken"),
    pub host_id: Option<String> = ("HostId", "HostId", "hostId"),
    pub host_maintenance: Option<String> = ("HostMaintenance", "HostMaintenance", "hostMaintenance"),
    pub host_properties: Option<HostProperties> = ("HostProperties", "HostProperties", "hostProperties"),
    pub host_recovery: Option<String> = ("HostRecovery", "HostRecovery", "hostRecovery"),
    pub host_reservation_id: Option<String> = ("HostReservationId", "HostReservationId", "hostReservationId"),
    pub instances: Option<Vec<HostInstance>> = ("Instances", "Instances", "", "instances", "item"),
    pub member_of_service_linked_resource_group: Option<bool> = ("MemberOfServiceLinkedResourceGroup", "MemberOfServiceLinkedResourceGroup", "memberOfServiceLinkedResourceGroup"),
    pub outpost_arn: Option<String> = ("OutpostArn", "OutpostArn", "outpostArn"),
    pub owner_id: Option<String> = ("OwnerId", "OwnerId", "ownerId"),
    pub release_time: Option<TimestampMs> = ("ReleaseTime", "ReleaseTime", "releaseTime"),
    pub state: Option<String> = ("State", "State", "state"),
    pub tags: Option<Vec<Tag>> = ("Tags", "TagSet", "", "tagSet", "item"),
}
}

crate::shape::shape! {
pub struct HostInstance {
    pub instance_id: Option<String> = ("InstanceId", "InstanceId", "instanceId"),
    pub instance_type: Option<String> = ("InstanceType", "InstanceType", "instanceType"),
    pub owner_id: Option<String> = ("OwnerId", "OwnerId", "ownerId"),
}
}

crate::shape::shape! {
pub struct HostProperties {
    pub cores: Option<i32> = ("Cores", "Cores", "cores"),
    pub instance_family: Option<String> = ("InstanceFamily", "InstanceFamily", "instanceFamily"),
    pub instance_type: Option<String> = ("InstanceType", "InstanceType", "instanceType"),
    pub sockets: Option<i32> = ("Sockets", "Sockets", "sockets"),
    pub total_v_cpus: Option<i32> = ("TotalVCpus", "TotalVCpus", "totalVCpus"),
}
}

crate::shape::shape! {
pub struct IamInstanceProfile {
    pub arn: Option<String> = ("Arn", "Arn", "arn"),
    pub id: Option<String> = ("Id", "Id", "id"),
}
}

crate::shape::shape! {
pub struct IamInstanceProfileAssociation {
    pub association_id: Option<String> = ("AssociationId", "AssociationId", "associationId"),
    pub iam_instance_profile: Option<IamInstanceProfile> = ("IamInstanceProfile", "IamInstanceProfile", "iamInstanceProfile"),
    pub instance_id: Option<String> = ("InstanceId", "InstanceId", "instanceId"),
    pub state: Option<String> = ("State", "State", "state"),
    pub timestamp: Option<TimestampMs> = ("Timestamp", "Timestamp", "timestamp"),
}
}

crate::shape::shape! {
pub struct IamInstanceProfileSpecification {
    pub arn: Option<String> = ("Arn", "Arn", "arn"),
    pub name: Option<String> = ("Name", "Name", "name"),
}
}

crate::shape::shape! {
pub struct IcmpTypeCode {
    pub code: Option<i32> = ("Code", "Code", "code"),
    pub r#type: Option<i32> = ("Type", "Type", "type"),
}
}

crate::shape::shape! {
pub struct Image {
    pub architecture: Option<String> = ("Architecture", "Architecture", "architecture"),
    pub block_device_mappings: Option<Vec<BlockDeviceMapping>> = ("BlockDeviceMappings", "BlockDeviceMapping", "", "blockDeviceMapping", "item"),
    pub boot_mode: Option<String> = ("BootMode", "BootMode", "bootMode"),
    pub creation_date: Option<String> = ("CreationDate", "CreationDate", "creationDate"),
    pub deprecation_time: Option<String> = ("DeprecationTime", "DeprecationTime", "deprecationTime"),
    pub deregistration_protection: Option<String> = ("DeregistrationProtection", "DeregistrationProtection", "deregistrationProtection"),
    pub description: Option<String> = ("Description", "Description", "description"),
    pub ena_support: Option<bool> = ("EnaSupport", "EnaSupport", "enaSupport"),
    pub free_tier_eligible: Option<bool> = ("FreeTierEligible", "FreeTierEligible", "freeTierEligible"),
    pub hypervisor: Option<String> = ("Hypervisor", "Hypervisor", "hypervisor"),
    pub image_allowed: Option<bool> = ("ImageAllowed", "ImageAllowed", "imageAllowed"),
    pub image_id: Option<String> = ("ImageId", "ImageId", "imageId"),
    pub image_location: Option<String> = ("ImageLocation", "ImageLocation", "imageLocation"),
    pub image_owner_alias: Option<String> = ("ImageOwnerAlias", "ImageOwnerAlias", "imageOwnerAlias"),
    pub image_type: Option<String> = ("ImageType", "ImageType", "imageType"),
    pub imds_support: Option<String> = ("ImdsSupport", "ImdsSupport", "imdsSupport"),
    pub kernel_id: Option<String> = ("KernelId", "KernelId", "kernelId"),
    pub last_launched_time: Option<String> = ("LastLaunchedTime", "LastLaunchedTime", "lastLaunchedTime"),
    pub name: Option<String> = ("Name", "Name", "name"),
    pub owner_id: Option<String> = ("OwnerId", "ImageOwnerId", "imageOwnerId"),
    pub platform: Option<String> = ("Platform", "Platform", "platform"),
    pub platform_details: Option<String> = ("PlatformDetails", "PlatformDetails", "platformDetails"),
    pub product_codes: Option<Vec<ProductCode>> = ("ProductCodes", "ProductCodes", "", "productCodes", "item"),
    pub public: Option<bool> = ("Public", "IsPublic", "isPublic"),
    pub ramdisk_id: Option<String> = ("RamdiskId", "RamdiskId", "ramdiskId"),
    pub root_device_name: Option<String> = ("RootDeviceName", "RootDeviceName", "rootDeviceName"),
    pub root_device_type: Option<String> = ("RootDeviceType", "RootDeviceType", "rootDeviceType"),
    pub source_image_id: Option<String> = ("SourceImageId", "SourceImageId", "sourceImageId"),
    pub source_image_region: Option<String> = ("SourceImageRegion", "SourceImageRegion", "sourceImageRegion"),
    pub source_instance_id: Option<String> = ("SourceInstanceId", "SourceInstanceId", "sourceInstanceId"),
    pub sriov_net_support: Option<String> = ("SriovNetSupport", "SriovNetSupport", "sriovNetSupport"),
    pub state: Option<String> = ("State", "ImageState", "imageState"),
    pub state_reason: Option<StateReason> = ("StateReason", "StateReason", "stateReason"),
    pub tags: Option<Vec<Tag>> = ("Tags", "TagSet", "", "tagSet", "item"),
    pub tpm_support: Option<String> = ("TpmSupport", "TpmSupport", "tpmSupport"),
    pub usage_operation: Option<String> = ("UsageOperation", "UsageOperation", "usageOperation"),
    pub virtualization_type: Option<String> = ("VirtualizationType", "VirtualizationType", "virtualizationType"),
}
}

crate::shape::shape! {
pub struct ImportKeyPairRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub key_name: Option<String> = ("KeyName", "KeyName", "keyName"),
    pub public_key_material: Option<Vec<u8>> = ("PublicKeyMaterial", "PublicKeyMaterial", "publicKeyMaterial"),
    pub tag_specifications: Option<Vec<TagSpecification>> = ("TagSpecifications", "TagSpecification", "", "TagSpecification", "item"),
}
}

crate::shape::shape! {
pub struct ImportKeyPairResult {
    pub key_fingerprint: Option<String> = ("KeyFingerprint", "KeyFingerprint", "keyFingerprint"),
    pub key_name: Option<String> = ("KeyName", "KeyName", "keyName"),
    pub key_pair_id: Option<String> = ("KeyPairId", "KeyPairId", "keyPairId"),
    pub tags: Option<Vec<Tag>> = ("Tags", "TagSet", "", "tagSet", "item"),
}
}

crate::shape::shape! {
pub struct InferenceAcceleratorInfo {
    pub accelerators: Option<Vec<InferenceDeviceInfo>> = ("Accelerators", "Accelerators", "", "accelerators", "member"),
    pub total_inference_memory_in_mib: Option<i32> = ("TotalInferenceMemoryInMiB", "TotalInferenceMemoryInMiB", "totalInferenceMemoryInMiB"),
}
}

crate::shape::shape! {
pub struct InferenceDeviceInfo {
    pub count: Option<i32> = ("Count", "Count", "count"),
    pub manufacturer: Option<String> = ("Manufacturer", "Manufacturer", "manufacturer"),
    pub memory_info: Option<InferenceDeviceMemoryInfo> = ("MemoryInfo", "MemoryInfo", "memoryInfo"),
    pub name: Option<String> = ("Name", "Name", "name"),
}
}

crate::shape::shape! {
pub struct InferenceDeviceMemoryInfo {
    pub size_in_mib: Option<i32> = ("SizeInMiB", "SizeInMiB", "sizeInMiB"),
}
}

crate::shape::shape! {
pub struct Instance {
    pub ami_launch_index: Option<i32> = ("AmiLaunchIndex", "AmiLaunchIndex", "amiLaunchIndex"),
    pub architecture: Option<String> = ("Architecture", "Architecture", "architecture"),
    pub block_device_mappings: Option<Vec<InstanceBlockDeviceMapping>> = ("BlockDeviceMappings", "BlockDeviceMapping", "", "blockDeviceMapping", "item"),
    pub boot_mode: Option<String> = ("BootMode", "BootMode", "bootMode"),
    pub capacity_block_id: Option<String> = ("CapacityBlockId", "CapacityBlockId", "capacityBlockId"),
    pub capacity_reservation_id: Option<String> = ("CapacityReservationId", "CapacityReservationId", "capacityReservationId"),
    pub capacity_reservation_specification: Option<CapacityReservationSpecificationResponse> = ("CapacityReservationSpecification", "CapacityReservationSpecification", "capacityReservationSpecification"),
    pub client_token: Option<String> = ("ClientToken", "ClientToken", "clientToken"),
    pub cpu_options: Option<CpuOptions> = ("CpuOptions", "CpuOptions", "cpuOptions"),
    pub current_instance_boot_mode: Option<String> = ("CurrentInstanceBootMode", "CurrentInstanceBootMode", "currentInstanceBootMode"),
    pub ebs_optimized: Option<bool> = ("EbsOptimized", "EbsOptimized", "ebsOptimized"),
    pub elastic_gpu_associations: Option<Vec<ElasticGpuAssociation>> = ("ElasticGpuAssociations", "ElasticGpuAssociationSet", "", "elasticGpuAssociationSet", "item"),
    pub elastic_inference_accelerator_associations: Option<Vec<ElasticInferenceAcceleratorAssociation>> = ("ElasticInferenceAcceleratorAssociations", "ElasticInferenceAcceleratorAssociationSet", "", "elasticInferenceAcceleratorAssociationSet", "item"),
    pub ena_support: Option<bool> = ("EnaSupport", "EnaSupport", "enaSupport"),
    pub enclave_options: Option<EnclaveOptions> = ("EnclaveOptions", "EnclaveOptions", "enclaveOptions"),
    pub hibernation_options: Option<HibernationOptions> = ("HibernationOptions", "HibernationOptions", "hibernationOptions"),
    pub hypervisor: Option<String> = ("Hypervisor", "Hypervisor", "hypervisor"),
    pub iam_instance_profile: Option<IamInstanceProfile> = ("IamInstanceProfile", "IamInstanceProfile", "iamInstanceProfile"),
    pub image_id: Option<String> = ("ImageId", "ImageId", "imageId"),
    pub instance_id: Option<String> = ("InstanceId", "InstanceId", "instanceId"),
    pub instance_lifecycle: Option<String> = ("InstanceLifecycle", "InstanceLifecycle", "instanceLifecycle"),
    pub instance_type: Option<String> = ("InstanceType", "InstanceType", "instanceType"),
    pub ipv6_address: Option<String> = ("Ipv6Address", "Ipv6Address", "ipv6Address"),
    pub kernel_id: Option<String> = ("KernelId", "KernelId", "kernelId"),
    pub key_name: Option<String> = ("KeyName", "KeyName", "keyName"),
    pub launch_time: Option<TimestampMs> = ("LaunchTime", "LaunchTime", "launchTime"),
    pub licenses: Option<Vec<LicenseConfiguration>> = ("Licenses", "LicenseSet", "", "licenseSet", "item"),
    pub maintenance_options: Option<InstanceMaintenanceOptions> = ("MaintenanceOptions", "MaintenanceOptions", "maintenanceOptions"),
    pub metadata_options: Option<InstanceMetadataOptionsResponse> = ("MetadataOptions", "MetadataOptions", "metadataOptions"),
    pub monitoring: Option<Monitoring> = ("Monitoring", "Monitoring", "monitoring"),
    pub network_interfaces: Option<Vec<InstanceNetworkInterface>> = ("NetworkInterfaces", "NetworkInterfaceSet", "", "networkInterfaceSet", "item"),
    pub network_performance_options: Option<InstanceNetworkPerformanceOptions> = ("NetworkPerformanceOptions", "NetworkPerformanceOptions", "networkPerformanceOptions"),
    pub operator: Option<OperatorResponse> = ("Operator", "Operator", "operator"),
    pub outpost_arn: Option<String> = ("OutpostArn", "OutpostArn", "outpostArn"),
    pub placement: Option<Placement> = ("Placement", "Placement", "placement"),
    pub platform: Option<String> = ("Platform", "Platform", "platform"),
    pub platform_details: Option<String> = ("PlatformDetails", "PlatformDetails", "platformDetails"),
    pub private_dns_name: Option<String> = ("PrivateDnsName", "PrivateDnsName", "privateDnsName"),
    pub private_dns_name_options: Option<PrivateDnsNameOptionsResponse> = ("PrivateDnsNameOptions", "PrivateDnsNameOptions", "privateDnsNameOptions"),
    pub private_ip_address: Option<String> = ("PrivateIpAddress", "PrivateIpAddress", "privateIpAddress"),
    pub product_codes: Option<Vec<ProductCode>> = ("ProductCodes", "ProductCodes", "", "productCodes", "item"),
    pub public_dns_name: Option<String> = ("PublicDnsName", "DnsName", "dnsName"),
    pub public_ip_address: Option<String> = ("PublicIpAddress", "IpAddress", "ipAddress"),
    pub ramdisk_id: Option<String> = ("RamdiskId", "RamdiskId", "ramdiskId"),
    pub root_device_name: Option<String> = ("RootDeviceName", "RootDeviceName", "rootDeviceName"),
    pub root_device_type: Option<String> = ("RootDeviceType", "RootDeviceType", "rootDeviceType"),
    pub secondary_interfaces: Option<Vec<InstanceSecondaryInterface>> = ("SecondaryInterfaces", "SecondaryInterfaceSet", "", "secondaryInterfaceSet", "item"),
    pub security_groups: Option<Vec<GroupIdentifier>> = ("SecurityGroups", "GroupSet", "", "groupSet", "item"),
    pub source_dest_check: Option<bool> = ("SourceDestCheck", "SourceDestCheck", "sourceDestCheck"),
    pub spot_instance_request_id: Option<String> = ("SpotInstanceRequestId", "SpotInstanceRequestId", "spotInstanceRequestId"),
    pub sriov_net_support: Option<String> = ("SriovNetSupport", "SriovNetSupport", "sriovNetSupport"),
    pub state: Option<InstanceState> = ("State", "InstanceState", "instanceState"),
    pub state_reason: Option<StateReason> = ("StateReason", "StateReason", "stateReason"),
    pub state_transition_reason: Option<String> = ("StateTransitionReason", "Reason", "reason"),
    pub subnet_id: Option<String> = ("SubnetId", "SubnetId", "subnetId"),
    pub tags: Option<Vec<Tag>> = ("Tags", "TagSet", "", "tagSet", "item"),
    pub tpm_support: Option<String> = ("TpmSupport", "TpmSupport", "tpmSupport"),
    pub usage_operation: Option<String> = ("UsageOperation", "UsageOperation", "usageOperation"),
    pub usage_operation_update_time: Option<TimestampMs> = ("UsageOperationUpdateTime", "UsageOperationUpdateTime", "usageOperationUpdateTime"),
    pub virtualization_type: Option<String> = ("VirtualizationType", "VirtualizationType", "virtualizationType"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "vpcId"),
}
}

crate::shape::shape! {
pub struct InstanceAttachmentEnaSrdSpecification {
    pub ena_srd_enabled: Option<bool> = ("EnaSrdEnabled", "EnaSrdEnabled", "enaSrdEnabled"),
    pub ena_srd_udp_specification: Option<InstanceAttachmentEnaSrdUdpSpecification> = ("EnaSrdUdpSpecification", "EnaSrdUdpSpecification", "enaSrdUdpSpecification"),
}
}

crate::shape::shape! {
pub struct InstanceAttachmentEnaSrdUdpSpecification {
    pub ena_srd_udp_enabled: Option<bool> = ("EnaSrdUdpEnabled", "EnaSrdUdpEnabled", "enaSrdUdpEnabled"),
}
}

crate::shape::shape! {
pub struct InstanceAttribute {
    pub block_device_mappings: Option<Vec<InstanceBlockDeviceMapping>> = ("BlockDeviceMappings", "BlockDeviceMapping", "", "blockDeviceMapping", "item"),
    pub disable_api_stop: Option<AttributeBooleanValue> = ("DisableApiStop", "DisableApiStop", "disableApiStop"),
    pub disable_api_termination: Option<AttributeBooleanValue> = ("DisableApiTermination", "DisableApiTermination", "disableApiTermination"),
    pub ebs_optimized: Option<AttributeBooleanValue> = ("EbsOptimized", "EbsOptimized", "ebsOptimized"),
    pub ena_support: Option<AttributeBooleanValue> = ("EnaSupport", "EnaSupport", "enaSupport"),
    pub enclave_options: Option<EnclaveOptions> = ("EnclaveOptions", "EnclaveOptions", "enclaveOptions"),
    pub groups: Option<Vec<GroupIdentifier>> = ("Groups", "GroupSet", "", "groupSet", "item"),
    pub instance_id: Option<String> = ("InstanceId", "InstanceId", "instanceId"),
    pub instance_initiated_shutdown_behavior: Option<AttributeValue> = ("InstanceInitiatedShutdownBehavior", "InstanceInitiatedShutdownBehavior", "instanceInitiatedShutdownBehavior"),
    pub instance_type: Option<AttributeValue> = ("InstanceType", "InstanceType", "instanceType"),
    pub kernel_id: Option<AttributeValue> = ("KernelId", "Kernel", "kernel"),
    pub product_codes: Option<Vec<ProductCode>> = ("ProductCodes", "ProductCodes", "", "productCodes", "item"),
    pub ramdisk_id: Option<AttributeValue> = ("RamdiskId", "Ramdisk", "ramdisk"),
    pub root_device_name: Option<AttributeValue> = ("RootDeviceName", "RootDeviceName", "rootDeviceName"),
    pub source_dest_check: Option<AttributeBooleanValue> = ("SourceDestCheck", "SourceDestCheck", "sourceDestCheck"),
    pub sriov_net_support: Option<AttributeValue> = ("SriovNetSupport", "SriovNetSupport", "sriovNetSupport"),
    pub user_data: Option<AttributeValue> = ("UserData", "UserData", "userData"),
}
}

crate::shape::shape! {
pub struct InstanceBlockDeviceMapping {
    pub device_name: Option<String> = ("DeviceName", "DeviceName", "deviceName"),
    pub ebs: Option<EbsInstanceBlockDevice> = ("Ebs", "Ebs", "ebs"),
}
}

crate::shape::shape! {
pub struct InstanceBlockDeviceMappingSpecification {
    pub device_name: Option<String> = ("DeviceName", "DeviceName", "deviceName"),
    pub ebs: Option<EbsInstanceBlockDeviceSpecification> = ("Ebs", "Ebs", "ebs"),
    pub no_device: Option<String> = ("NoDevice", "NoDevice", "noDevice"),
    pub virtual_name: Option<String> = ("VirtualName", "VirtualName", "virtualName"),
}
}

crate::shape::shape! {
pub struct InstanceCapacity {
    pub available_capacity: Option<i32> = ("AvailableCapacity", "AvailableCapacity", "availableCapacity"),
    pub instance_type: Option<String> = ("InstanceType", "InstanceType", "instanceType"),
    pub total_capacity: Option<i32> = ("TotalCapacity", "TotalCapacity", "totalCapacity"),
}
}

crate::shape::shape! {
pub struct InstanceCreditSpecification {
    pub cpu_credits: Option<String> = ("CpuCredits", "CpuCredits", "cpuCredits"),
    pub instance_id: Option<String> = ("InstanceId", "InstanceId", "instanceId"),
}
}

crate::shape::shape! {
pub struct InstanceIpv4Prefix {
    pub ipv4_prefix: Option<String> = ("Ipv4Prefix", "Ipv4Prefix", "ipv4Prefix"),
}
}

crate::shape::shape! {
pub struct InstanceIpv6Address {
    pub ipv6_address: Option<String> = ("Ipv6Address", "Ipv6Address", "ipv6Address"),
    pub is_primary_ipv6: Option<bool> = ("IsPrimaryIpv6", "IsPrimaryIpv6", "isPrimaryIpv6"),
}
}

crate::shape::shape! {
pub struct InstanceIpv6AddressRequest {
    pub ipv6_address: Option<String> = ("Ipv6Address", "Ipv6Address", "Ipv6Address"),
}
}

crate::shape::shape! {
pub struct InstanceIpv6Prefix {
    pub ipv6_prefix: Option<String> = ("Ipv6Prefix", "Ipv6Prefix", "ipv6Prefix"),
}
}

crate::shape::shape! {
pub struct InstanceMaintenanceOptions {
    pub auto_recovery: Option<String> = ("AutoRecovery", "AutoRecovery", "autoRecovery"),
    pub reboot_migration: Option<String> = ("RebootMigration", "RebootMigration", "rebootMigration"),
}
}

crate::shape::shape! {
pub struct InstanceMaintenanceOptionsRequest {
    pub auto_recovery: Option<String> = ("AutoRecovery", "AutoRecovery", "AutoRecovery"),
}
}

crate::shape::shape! {
pub struct InstanceMarketOptionsRequest {
    pub market_type: Option<String> = ("MarketType", "MarketType", "MarketType"),
    pub spot_options: Option<SpotMarketOptions> = ("SpotOptions", "SpotOptions", "SpotOptions"),
}
}

crate::shape::shape! {
pub struct InstanceMetadataOptionsRequest {
    pub http_endpoint: Option<String> = ("HttpEndpoint", "HttpEndpoint", "HttpEndpoint"),
    pub http_protocol_ipv6: Option<String> = ("HttpProtocolIpv6", "HttpProtocolIpv6", "HttpProtocolIpv6"),
    pub http_put_response_hop_limit: Option<i32> = ("HttpPutResponseHopLimit", "HttpPutResponseHopLimit", "HttpPutResponseHopLimit"),
    pub http_tokens: Option<String> = ("HttpTokens", "HttpTokens", "HttpTokens"),
    pub instance_metadata_tags: Option<String> = ("InstanceMetadataTags", "InstanceMetadataTags", "InstanceMetadataTags"),
}
}

crate::shape::shape! {
pub struct InstanceMetadataOptionsResponse {
    pub http_endpoint: Option<String> = ("HttpEndpoint", "HttpEndpoint", "httpEndpoint"),
    pub http_protocol_ipv6: Option<String> = ("HttpProtocolIpv6", "HttpProtocolIpv6", "httpProtocolIpv6"),
    pub http_put_response_hop_limit: Option<i32> = ("HttpPutResponseHopLimit", "HttpPutResponseHopLimit", "httpPutResponseHopLimit"),
    pub http_tokens: Option<String> = ("HttpTokens", "HttpTokens", "httpTokens"),
    pub instance_metadata_tags: Option<String> = ("InstanceMetadataTags", "InstanceMetadataTags", "instanceMetadataTags"),
    pub state: Option<String> = ("State", "State", "state"),
}
}

crate::shape::shape! {
pub struct InstanceNetworkInterface {
    pub association: Option<InstanceNetworkInterfaceAssociation> = ("Association", "Association", "association"),
    pub attachment: Option<InstanceNetworkInterfaceAttachment> = ("Attachment", "Attachment", "attachment"),
    pub connection_tracking_configuration: Option<ConnectionTrackingSpecificationResponse> = ("ConnectionTrackingConfiguration", "ConnectionTrackingConfiguration", "connectionTrackingConfiguration"),
    pub description: Option<String> = ("Description", "Description", "description"),
    pub groups: Option<Vec<GroupIdentifier>> = ("Groups", "GroupSet", "", "groupSet", "item"),
    pub interface_type: Option<String> = ("InterfaceType", "InterfaceType", "interfaceType"),
    pub ipv4_prefixes: Option<Vec<InstanceIpv4Prefix>> = ("Ipv4Prefixes", "Ipv4PrefixSet", "", "ipv4PrefixSet", "item"),
    pub ipv6_addresses: Option<Vec<InstanceIpv6Address>> = ("Ipv6Addresses", "Ipv6AddressesSet", "", "ipv6AddressesSet", "item"),
    pub ipv6_prefixes: Option<Vec<InstanceIpv6Prefix>> = ("Ipv6Prefixes", "Ipv6PrefixSet", "", "ipv6PrefixSet", "item"),
    pub mac_address: Option<String> = ("MacAddress", "MacAddress", "macAddress"),
    pub network_interface_id: Option<String> = ("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId"),
    pub operator: Option<OperatorResponse> = ("Operator", "Operator", "operator"),
    pub owner_id: Option<String> = ("OwnerId", "OwnerId", "ownerId"),
    pub private_dns_name: Option<String> = ("PrivateDnsName", "PrivateDnsName", "privateDnsName"),
    pub private_ip_address: Option<String> = ("PrivateIpAddress", "PrivateIpAddress", "privateIpAddress"),
    pub private_ip_addresses: Option<Vec<InstancePrivateIpAddress>> = ("PrivateIpAddresses", "PrivateIpAddressesSet", "", "privateIpAddressesSet", "item"),
    pub source_dest_check: Option<bool> = ("SourceDestCheck", "SourceDestCheck", "sourceDestCheck"),
    pub status: Option<String> = ("Status", "Status", "status"),
    pub subnet_id: Option<String> = ("SubnetId", "SubnetId", "subnetId"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "vpcId"),
}
}

crate::shape::shape! {
pub struct InstanceNetworkInterfaceAssociation {
    pub carrier_ip: Option<String> = ("CarrierIp", "CarrierIp", "carrierIp"),
    pub customer_owned_ip: Option<String> = ("CustomerOwnedIp", "CustomerOwnedIp", "customerOwnedIp"),
    pub ip_owner_id: Option<String> = ("IpOwnerId", "IpOwnerId", "ipOwnerId"),
    pub public_dns_name: Option<String> = ("PublicDnsName", "PublicDnsName", "publicDnsName"),
    pub public_ip: Option<String> = ("PublicIp", "PublicIp", "publicIp"),
}
}

crate::shape::shape! {
pub struct InstanceNetworkInterfaceAttachment {
    pub attach_time: Option<TimestampMs> = ("AttachTime", "AttachTime", "attachTime"),
    pub attachment_id: Option<String> = ("AttachmentId", "AttachmentId", "attachmentId"),
    pub delete_on_termination: Option<bool> = ("DeleteOnTermination", "DeleteOnTermination", "deleteOnTermination"),
    pub device_index: Option<i32> = ("DeviceIndex", "DeviceIndex", "deviceIndex"),
    pub ena_queue_count: Option<i32> = ("EnaQueueCount", "EnaQueueCount", "enaQueueCount"),
    pub ena_srd_specification: Option<InstanceAttachmentEnaSrdSpecification> = ("EnaSrdSpecification", "EnaSrdSpecification", "enaSrdSpecification"),
    pub network_card_index: Option<i32> = ("NetworkCardIndex", "NetworkCardIndex", "networkCardIndex"),
    pub status: Option<String> = ("Status", "Status", "status"),
}
}

crate::shape::shape! {
pub struct InstanceNetworkInterfaceSpecification {
    pub associate_carrier_ip_address: Option<bool> = ("AssociateCarrierIpAddress", "AssociateCarrierIpAddress", "AssociateCarrierIpAddress"),
    pub associate_public_ip_address: Option<bool> = ("AssociatePublicIpAddress", "AssociatePublicIpAddress", "associatePublicIpAddress"),
    pub connection_tracking_specification: Option<ConnectionTrackingSpecificationRequest> = ("ConnectionTrackingSpecification", "ConnectionTrackingSpecification", "ConnectionTrackingSpecification"),
    pub delete_on_termination: Option<bool> = ("DeleteOnTermination", "DeleteOnTermination", "deleteOnTermination"),
    pub description: Option<String> = ("Description", "Description", "description"),
    pub device_index: Option<i32> = ("DeviceIndex", "DeviceIndex", "deviceIndex"),
    pub ena_queue_count: Option<i32> = ("EnaQueueCount", "EnaQueueCount", "EnaQueueCount"),
    pub ena_srd_specification: Option<EnaSrdSpecificationRequest> = ("EnaSrdSpecification", "EnaSrdSpecification", "EnaSrdSpecification"),
    pub groups: Option<Vec<String>> = ("Groups", "SecurityGroupId", "", "SecurityGroupId", "SecurityGroupId"),
    pub interface_type: Option<String> = ("InterfaceType", "InterfaceType", "InterfaceType"),
    pub ipv4_prefix_count: Option<i32> = ("Ipv4PrefixCount", "Ipv4PrefixCount", "Ipv4PrefixCount"),
    pub ipv4_prefixes: Option<Vec<Ipv4PrefixSpecificationRequest>> = ("Ipv4Prefixes", "Ipv4Prefix", "", "Ipv4Prefix", "item"),
    pub ipv6_address_count: Option<i32> = ("Ipv6AddressCount", "Ipv6AddressCount", "ipv6AddressCount"),
    pub ipv6_addresses: Option<Vec<InstanceIpv6Address>> = ("Ipv6Addresses", "Ipv6Addresses", "", "ipv6AddressesSet", "item"),
    pub ipv6_prefix_count: Option<i32> = ("Ipv6PrefixCount", "Ipv6PrefixCount", "Ipv6PrefixCount"),
    pub ipv6_prefixes: Option<Vec<Ipv6PrefixSpecificationRequest>> = ("Ipv6Prefixes", "Ipv6Prefix", "", "Ipv6Prefix", "item"),
    pub network_card_index: Option<i32> = ("NetworkCardIndex", "NetworkCardIndex", "NetworkCardIndex"),
    pub network_interface_id: Option<String> = ("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId"),
    pub primary_ipv6: Option<bool> = ("PrimaryIpv6", "PrimaryIpv6", "PrimaryIpv6"),
    pub private_ip_address: Option<String> = ("PrivateIpAddress", "PrivateIpAddress", "privateIpAddress"),
    pub private_ip_addresses: Option<Vec<PrivateIpAddressSpecification>> = ("PrivateIpAddresses", "PrivateIpAddresses", "", "privateIpAddressesSet", "item"),
    pub secondary_private_ip_address_count: Option<i32> = ("SecondaryPrivateIpAddressCount", "SecondaryPrivateIpAddressCount", "secondaryPrivateIpAddressCount"),
    pub subnet_id: Option<String> = ("SubnetId", "SubnetId", "subnetId"),
}
}

crate::shape::shape! {
pub struct InstanceNetworkPerformanceOptions {
    pub bandwidth_weighting: Option<String> = ("BandwidthWeighting", "BandwidthWeighting", "bandwidthWeighting"),
}
}

crate::shape::shape! {
pub struct InstanceNetworkPerformanceOptionsRequest {
    pub bandwidth_weighting: Option<String> = ("BandwidthWeighting", "BandwidthWeighting", "BandwidthWeighting"),
}
}

crate::shape::shape! {
pub struct InstancePrivateIpAddress {
    pub association: Option<InstanceNetworkInterfaceAssociation> = ("Association", "Association", "association"),
    pub primary: Option<bool> = ("Primary", "Primary", "primary"),
    pub private_dns_name: Option<String> = ("PrivateDnsName", "PrivateDnsName", "privateDnsName"),
    pub private_ip_address: Option<String> = ("PrivateIpAddress", "PrivateIpAddress", "privateIpAddress"),
}
}

crate::shape::shape! {
pub struct InstanceRequirements {
    pub accelerator_count: Option<AcceleratorCount> = ("AcceleratorCount", "AcceleratorCount", "acceleratorCount"),
    pub accelerator_manufacturers: Option<Vec<String>> = ("AcceleratorManufacturers", "AcceleratorManufacturerSet", "", "acceleratorManufacturerSet", "item"),
    pub accelerator_names: Option<Vec<String>> = ("AcceleratorNames", "AcceleratorNameSet", "", "acceleratorNameSet", "item"),
    pub accelerator_total_memory_mib: Option<AcceleratorTotalMemoryMiB> = ("AcceleratorTotalMemoryMiB", "AcceleratorTotalMemoryMiB", "acceleratorTotalMemoryMiB"),
    pub accelerator_types: Option<Vec<String>> = ("AcceleratorTypes", "AcceleratorTypeSet", "", "acceleratorTypeSet", "item"),
    pub allowed_instance_types: Option<Vec<String>> = ("AllowedInstanceTypes", "AllowedInstanceTypeSet", "", "allowedInstanceTypeSet", "item"),
    pub bare_metal: Option<String> = ("BareMetal", "BareMetal", "bareMetal"),
    pub baseline_ebs_bandwidth_mbps: Option<BaselineEbsBandwidthMbps> = ("BaselineEbsBandwidthMbps", "BaselineEbsBandwidthMbps", "baselineEbsBandwidthMbps"),
    pub baseline_performance_factors: Option<BaselinePerformanceFactors> = ("BaselinePerformanceFactors", "BaselinePerformanceFactors", "baselinePerformanceFactors"),
    pub burstable_performance: Option<String> = ("BurstablePerformance", "BurstablePerformance", "burstablePerformance"),
    pub cpu_manufacturers: Option<Vec<String>> = ("CpuManufacturers", "CpuManufacturerSet", "", "cpuManufacturerSet", "item"),
    pub excluded_instance_types: Option<Vec<String>> = ("ExcludedInstanceTypes", "ExcludedInstanceTypeSet", "", "excludedInstanceTypeSet", "item"),
    pub instance_generations: Option<Vec<String>> = ("InstanceGenerations", "InstanceGenerationSet", "", "instanceGenerationSet", "item"),
    pub local_storage: Option<String> = ("LocalStorage", "LocalStorage", "localStorage"),
    pub local_storage_types: Option<Vec<String>> = ("LocalStorageTypes", "LocalStorageTypeSet", "", "localStorageTypeSet", "item"),
    pub max_spot_price_as_percentage_of_optimal_on_demand_price: Option<i32> = ("MaxSpotPriceAsPercentageOfOptimalOnDemandPrice", "MaxSpotPriceAsPercentageOfOptimalOnDemandPrice", "maxSpotPriceAsPercentageOfOptimalOnDemandPrice"),
    pub memory_gib_per_v_cpu: Option<MemoryGiBPerVCpu> = ("MemoryGiBPerVCpu", "MemoryGiBPerVCpu", "memoryGiBPerVCpu"),
    pub memory_mib: Option<MemoryMiB> = ("MemoryMiB", "MemoryMiB", "memoryMiB"),
    pub network_bandwidth_gbps: Option<NetworkBandwidthGbps> = ("NetworkBandwidthGbps", "NetworkBandwidthGbps", "networkBandwidthGbps"),
    pub network_interface_count: Option<NetworkInterfaceCount> = ("NetworkInterfaceCount", "NetworkInterfaceCount", "networkInterfaceCount"),
    pub on_demand_max_price_percentage_over_lowest_price: Option<i32> = ("OnDemandMaxPricePercentageOverLowestPrice", "OnDemandMaxPricePercentageOverLowestPrice", "onDemandMaxPricePercentageOverLowestPrice"),
    pub require_encryption_in_transit: Option<bool> = ("RequireEncryptionInTransit", "RequireEncryptionInTransit", "requireEncryptionInTransit"),
    pub require_hibernate_support: Option<bool> = ("RequireHibernateSupport", "RequireHibernateSupport", "requireHibernateSupport"),
    pub spot_max_price_percentage_over_lowest_price: Option<i32> = ("SpotMaxPricePercentageOverLowestPrice", "SpotMaxPricePercentageOverLowestPrice", "spotMaxPricePercentageOverLowestPrice"),
    pub total_local_storage_gb: Option<TotalLocalStorageGB> = ("TotalLocalStorageGB", "TotalLocalStorageGB", "totalLocalStorageGB"),
    pub v_cpu_count: Option<VCpuCountRange> = ("VCpuCount", "VCpuCount", "vCpuCount"),
}
}

crate::shape::shape! {
pub struct InstanceRequirementsRequest {
    pub accelerator_count: Option<AcceleratorCountRequest> = ("AcceleratorCount", "AcceleratorCount", "AcceleratorCount"),
    pub accelerator_manufacturers: Option<Vec<String>> = ("AcceleratorManufacturers", "AcceleratorManufacturer", "", "AcceleratorManufacturer", "item"),
    pub accelerator_names: Option<Vec<String>> = ("AcceleratorNames", "AcceleratorName", "", "AcceleratorName", "item"),
    pub accelerator_total_memory_mib: Option<AcceleratorTotalMemoryMiBRequest> = ("AcceleratorTotalMemoryMiB", "AcceleratorTotalMemoryMiB", "AcceleratorTotalMemoryMiB"),
    pub accelerator_types: Option<Vec<String>> = ("AcceleratorTypes", "AcceleratorType", "", "AcceleratorType", "item"),
    pub allowed_instance_types: Option<Vec<String>> = ("AllowedInstanceTypes", "AllowedInstanceType", "", "AllowedInstanceType", "item"),
    pub bare_metal: Option<String> = ("BareMetal", "BareMetal", "BareMetal"),
    pub baseline_ebs_bandwidth_mbps: Option<BaselineEbsBandwidthMbpsRequest> = ("BaselineEbsBandwidthMbps", "BaselineEbsBandwidthMbps", "BaselineEbsBandwidthMbps"),
    pub baseline_performance_factors: Option<BaselinePerformanceFactorsRequest> = ("BaselinePerformanceFactors", "BaselinePerformanceFactors", "BaselinePerformanceFactors"),
    pub burstable_performance: Option<String> = ("BurstablePerformance", "BurstablePerformance", "BurstablePerformance"),
    pub cpu_manufacturers: Option<Vec<String>> = ("CpuManufacturers", "CpuManufacturer", "", "CpuManufacturer", "item"),
    pub excluded_instance_types: Option<Vec<String>> = ("ExcludedInstanceTypes", "ExcludedInstanceType", "", "ExcludedInstanceType", "item"),
    pub instance_generations: Option<Vec<String>> = ("InstanceGenerations", "InstanceGeneration", "", "InstanceGeneration", "item"),
    pub local_storage: Option<String> = ("LocalStorage", "LocalStorage", "LocalStorage"),
    pub local_storage_types: Option<Vec<String>> = ("LocalStorageTypes", "LocalStorageType", "", "LocalStorageType", "item"),
    pub max_spot_price_as_percentage_of_optimal_on_demand_price: Option<i32> = ("MaxSpotPriceAsPercentageOfOptimalOnDemandPrice", "MaxSpotPriceAsPercentageOfOptimalOnDemandPrice", "MaxSpotPriceAsPercentageOfOptimalOnDemandPrice"),
    pub memory_gib_per_v_cpu: Option<MemoryGiBPerVCpuRequest> = ("MemoryGiBPerVCpu", "MemoryGiBPerVCpu", "MemoryGiBPerVCpu"),
    pub memory_mib: Option<MemoryMiBRequest> = ("MemoryMiB", "MemoryMiB", "MemoryMiB"),
    pub network_bandwidth_gbps: Option<NetworkBandwidthGbpsRequest> = ("NetworkBandwidthGbps", "NetworkBandwidthGbps", "NetworkBandwidthGbps"),
    pub network_interface_count: Option<NetworkInterfaceCountRequest> = ("NetworkInterfaceCount", "NetworkInterfaceCount", "NetworkInterfaceCount"),
    pub on_demand_max_price_percentage_over_lowest_price: Option<i32> = ("OnDemandMaxPricePercentageOverLowestPrice", "OnDemandMaxPricePercentageOverLowestPrice", "OnDemandMaxPricePercentageOverLowestPrice"),
    pub require_encryption_in_transit: Option<bool> = ("RequireEncryptionInTransit", "RequireEncryptionInTransit", "RequireEncryptionInTransit"),
    pub require_hibernate_support: Option<bool> = ("RequireHibernateSupport", "RequireHibernateSupport", "RequireHibernateSupport"),
    pub spot_max_price_percentage_over_lowest_price: Option<i32> = ("SpotMaxPricePercentageOverLowestPrice", "SpotMaxPricePercentageOverLowestPrice", "SpotMaxPricePercentageOverLowestPrice"),
    pub total_local_storage_gb: Option<TotalLocalStorageGBRequest> = ("TotalLocalStorageGB", "TotalLocalStorageGB", "TotalLocalStorageGB"),
    pub v_cpu_count: Option<VCpuCountRangeRequest> = ("VCpuCount", "VCpuCount", "VCpuCount"),
}
}

crate::shape::shape! {
pub struct InstanceSecondaryInterface {
    pub attachment: Option<InstanceSecondaryInterfaceAttachment> = ("Attachment", "Attachment", "attachment"),
    pub interface_type: Option<String> = ("InterfaceType", "InterfaceType", "interfaceType"),
    pub mac_address: Option<String> = ("MacAddress", "MacAddress", "macAddress"),
    pub owner_id: Option<String> = ("OwnerId", "OwnerId", "ownerId"),
    pub private_ip_addresses: Option<Vec<InstanceSecondaryInterfacePrivateIpAddress>> = ("PrivateIpAddresses", "PrivateIpAddressSet", "", "privateIpAddressSet", "item"),
    pub secondary_interface_id: Option<String> = ("SecondaryInterfaceId", "SecondaryInterfaceId", "secondaryInterfaceId"),
    pub secondary_network_id: Option<String> = ("SecondaryNetworkId", "SecondaryNetworkId", "secondaryNetworkId"),
    pub secondary_subnet_id: Option<String> = ("SecondarySubnetId", "SecondarySubnetId", "secondarySubnetId"),
    pub source_dest_check: Option<bool> = ("SourceDestCheck", "SourceDestCheck", "sourceDestCheck"),
    pub status: Option<String> = ("Status", "Status", "status"),
}
}

crate::shape::shape! {
pub struct InstanceSecondaryInterfaceAttachment {
    pub attach_time: Option<TimestampMs> = ("AttachTime", "AttachTime", "attachTime"),
    pub attachment_id: Option<String> = ("AttachmentId", "AttachmentId", "attachmentId"),
    pub delete_on_termination: Option<bool> = ("DeleteOnTermination", "DeleteOnTermination", "deleteOnTermination"),
    pub device_index: Option<i32> = ("DeviceIndex", "DeviceIndex", "deviceIndex"),
    pub network_card_index: Option<i32> = ("NetworkCardIndex", "NetworkCardIndex", "networkCardIndex"),
    pub status: Option<String> = ("Status", "Status", "status"),
}
}

crate::shape::shape! {
pub struct InstanceSecondaryInterfacePrivateIpAddress {
    pub private_ip_address: Option<String> = ("PrivateIpAddress", "PrivateIpAddress", "privateIpAddress"),
}
}

crate::shape::shape! {
pub struct InstanceSecondaryInterfacePrivateIpAddressRequest {
    pub private_ip_address: Option<String> = ("PrivateIpAddress", "PrivateIpAddress", "PrivateIpAddress"),
}
}

crate::shape::shape! {
pub struct InstanceSecondaryInterfaceSpecificationRequest {
    pub delete_on_termination: Option<bool> = ("DeleteOnTermination", "DeleteOnTermination", "DeleteOnTermination"),
    pub device_index: Option<i32> = ("DeviceIndex", "DeviceIndex", "DeviceIndex"),
    pub interface_type: Option<String> = ("InterfaceType", "InterfaceType", "InterfaceType"),
    pub network_card_index: Option<i32> = ("NetworkCardIndex", "NetworkCardIndex", "NetworkCardIndex"),
    pub private_ip_address_count: Option<i32> = ("PrivateIpAddressCount", "PrivateIpAddressCount", "PrivateIpAddressCount"),
    pub private_ip_addresses: Option<Vec<InstanceSecondaryInterfacePrivateIpAddressRequest>> = ("PrivateIpAddresses", "PrivateIpAddress", "", "PrivateIpAddress", "item"),
    pub secondary_subnet_id: Option<String> = ("SecondarySubnetId", "SecondarySubnetId", "SecondarySubnetId"),
}
}

crate::shape::shape! {
pub struct InstanceState {
    pub code: Option<i32> = ("Code", "Code", "code"),
    pub name: Option<String> = ("Name", "Name", "name"),
}
}

crate::shape::shape! {
pub struct InstanceStateChange {
    pub current_state: Option<InstanceState> = ("CurrentState", "CurrentState", "currentState"),
    pub instance_id: Option<String> = ("InstanceId", "InstanceId", "instanceId"),
    pub previous_state: Option<InstanceState> = ("PreviousState", "PreviousState", "previousState"),
}
}

crate::shape::shape! {
pub struct InstanceStatus {
    pub attached_ebs_status: Option<EbsStatusSummary> = ("AttachedEbsStatus", "AttachedEbsStatus", "attachedEbsStatus"),
    pub availability_zone: Option<String> = ("AvailabilityZone", "AvailabilityZone", "availabilityZone"),
    pub availability_zone_id: Option<String> = ("AvailabilityZoneId", "AvailabilityZoneId", "availabilityZoneId"),
    pub events: Option<Vec<InstanceStatusEvent>> = ("Events", "EventsSet", "", "eventsSet", "item"),
    pub instance_id: Option<String> = ("InstanceId", "InstanceId", "instanceId"),
    pub instance_state: Option<InstanceState> = ("InstanceState", "InstanceState", "instanceState"),
    pub instance_status: Option<InstanceStatusSummary> = ("InstanceStatus", "InstanceStatus", "instanceStatus"),
    pub operator: Option<OperatorResponse> = ("Operator", "Operator", "operator"),
    pub outpost_arn: Option<String> = ("OutpostArn", "OutpostArn", "outpostArn"),
    pub system_status: Option<InstanceStatusSummary> = ("SystemStatus", "SystemStatus", "systemStatus"),
}
}

crate::shape::shape! {
pub struct InstanceStatusDetails {
    pub impaired_since: Option<TimestampMs> = ("ImpairedSince", "ImpairedSince", "impairedSince"),
    pub name: Option<String> = ("Name", "Name", "name"),
    pub status: Option<String> = ("Status", "Status", "status"),
}
}

crate::shape::shape! {
pub struct InstanceStatusEvent {
    pub code: Option<String> = ("Code", "Code", "code"),
    pub description: Option<String> = ("Description", "Description", "description"),
    pub instance_event_id: Option<String> = ("InstanceEventId", "InstanceEventId", "instanceEventId"),
    pub not_after: Option<TimestampMs> = ("NotAfter", "NotAfter", "notAfter"),
    pub not_before: Option<TimestampMs> = ("NotBefore", "NotBefore", "notBefore"),
    pub not_before_deadline: Option<TimestampMs> = ("NotBeforeDeadline", "NotBeforeDeadline", "notBeforeDeadline"),
}
}

crate::shape::shape! {
pub struct InstanceStatusSummary {
    pub details: Option<Vec<InstanceStatusDetails>> = ("Details", "Details", "", "details", "item"),
    pub status: Option<String> = ("Status", "Status", "status"),
}
}

crate::shape::shape! {
pub struct InstanceStorageInfo {
    pub disks: Option<Vec<DiskInfo>> = ("Disks", "Disks", "", "disks", "item"),
    pub encryption_support: Option<String> = ("EncryptionSupport", "EncryptionSupport", "encryptionSupport"),
    pub nvme_support: Option<String> = ("NvmeSupport", "NvmeSupport", "nvmeSupport"),
    pub total_size_in_gb: Option<i64> = ("TotalSizeInGB", "TotalSizeInGB", "totalSizeInGB"),
}
}

crate::shape::shape! {
pub struct InstanceTopology {
    pub availability_zone: Option<String> = ("AvailabilityZone", "AvailabilityZone", "availabilityZone"),
    pub capacity_block_id: Option<String> = ("CapacityBlockId", "CapacityBlockId", "capacityBlockId"),
    pub group_name: Option<String> = ("GroupName", "GroupName", "groupName"),
    pub instance_id: Option<String> = ("InstanceId", "InstanceId", "instanceId"),
    pub instance_type: Option<String> = ("InstanceType", "InstanceType", "instanceType"),
    pub network_nodes: Option<Vec<String>> = ("NetworkNodes", "NetworkNodeSet", "", "networkNodeSet", "item"),
    pub zone_id: Option<String> = ("ZoneId", "ZoneId", "zoneId"),
}
}

crate::shape::shape! {
pub struct InstanceTypeInfo {
    pub auto_recovery_supported: Option<bool> = ("AutoRecoverySupported", "AutoRecoverySupported", "autoRecoverySupported"),
    pub bare_metal: Option<bool> = ("BareMetal", "BareMetal", "bareMetal"),
    pub burstable_performance_supported: Option<bool> = ("BurstablePerformanceSupported", "BurstablePerformanceSupported", "burstablePerformanceSupported"),
    pub current_generation: Option<bool> = ("CurrentGeneration", "CurrentGeneration", "currentGeneration"),
    pub dedicated_hosts_supported: Option<bool> = ("DedicatedHostsSupported", "DedicatedHostsSupported", "dedicatedHostsSupported"),
    pub ebs_info: Option<EbsInfo> = ("EbsInfo", "EbsInfo", "ebsInfo"),
    pub fpga_info: Option<FpgaInfo> = ("FpgaInfo", "FpgaInfo", "fpgaInfo"),
    pub free_tier_eligible: Option<bool> = ("FreeTierEligible", "FreeTierEligible", "freeTierEligible"),
    pub gpu_info: Option<GpuInfo> = ("GpuInfo", "GpuInfo", "gpuInfo"),
    pub hibernation_supported: Option<bool> = ("HibernationSupported", "HibernationSupported", "hibernationSupported"),
    pub hypervisor: Option<String> = ("Hypervisor", "Hypervisor", "hypervisor"),
    pub inference_accelerator_info: Option<InferenceAcceleratorInfo> = ("InferenceAcceleratorInfo", "InferenceAcceleratorInfo", "inferenceAcceleratorInfo"),
    pub instance_storage_info: Option<InstanceStorageInfo> = ("InstanceStorageInfo", "InstanceStorageInfo", "instanceStorageInfo"),
    pub instance_storage_supported: Option<bool> = ("InstanceStorageSupported", "InstanceStorageSupported", "instanceStorageSupported"),
    pub instance_type: Option<String> = ("InstanceType", "InstanceType", "instanceType"),
    pub media_accelerator_info: Option<MediaAcceleratorInfo> = ("MediaAcceleratorInfo", "MediaAcceleratorInfo", "mediaAcceleratorInfo"),
    pub memory_info: Option<MemoryInfo> = ("MemoryInfo", "MemoryInfo", "memoryInfo"),
    pub network_info: Option<NetworkInfo> = ("NetworkInfo", "NetworkInfo", "networkInfo"),
    pub neuron_info: Option<NeuronInfo> = ("NeuronInfo", "NeuronInfo", "neuronInfo"),
    pub nitro_enclaves_support: Option<String> = ("NitroEnclavesSupport", "NitroEnclavesSupport", "nitroEnclavesSupport"),
    pub nitro_tpm_info: Option<NitroTpmInfo> = ("NitroTpmInfo", "NitroTpmInfo", "nitroTpmInfo"),
    pub nitro_tpm_support: Option<String> = ("NitroTpmSupport", "NitroTpmSupport", "nitroTpmSupport"),
    pub phc_support: Option<String> = ("PhcSupport", "PhcSupport", "phcSupport"),
    pub placement_group_info: Option<PlacementGroupInfo> = ("PlacementGroupInfo", "PlacementGroupInfo", "placementGroupInfo"),
    pub processor_info: Option<ProcessorInfo> = ("ProcessorInfo", "ProcessorInfo", "processorInfo"),
    pub reboot_migration_support: Option<String> = ("RebootMigrationSupport", "RebootMigrationSupport", "rebootMigrationSupport"),
    pub supported_boot_modes: Option<Vec<String>> = ("SupportedBootModes", "SupportedBootModes", "", "supportedBootModes", "item"),
    pub supported_in_region: Option<bool> = ("SupportedInRegion", "SupportedInRegion", "supportedInRegion"),
    pub supported_root_device_types: Option<Vec<String>> = ("SupportedRootDeviceTypes", "SupportedRootDeviceTypes", "", "supportedRootDeviceTypes", "item"),
    pub supported_usage_classes: Option<Vec<String>> = ("SupportedUsageClasses", "SupportedUsageClasses", "", "supportedUsageClasses", "item"),
    pub supported_virtualization_types: Option<Vec<String>> = ("SupportedVirtualizationTypes", "SupportedVirtualizationTypes", "", "supportedVirtualizationTypes", "item"),
    pub v_cpu_info: Option<VCpuInfo> = ("VCpuInfo", "VCpuInfo", "vCpuInfo"),
}
}

crate::shape::shape! {
pub struct InstanceTypeOffering {
    pub instance_type: Option<String> = ("InstanceType", "InstanceType", "instanceType"),
    pub location: Option<String> = ("Location", "Location", "location"),
    pub location_type: Option<String> = ("LocationType", "LocationType", "locationType"),
}
}

crate::shape::shape! {
pub struct InstanceUsage {
    pub account_id: Option<String> = ("AccountId", "AccountId", "accountId"),
    pub used_instance_count: Option<i32> = ("UsedInstanceCount", "UsedInstanceCount", "usedInstanceCount"),
}
}

crate::shape::shape! {
pub struct InternetGateway {
    pub attachments: Option<Vec<InternetGatewayAttachment>> = ("Attachments", "AttachmentSet", "", "attachmentSet", "item"),
    pub internet_gateway_id: Option<String> = ("InternetGatewayId", "InternetGatewayId", "internetGatewayId"),
    pub owner_id: Option<String> = ("OwnerId", "OwnerId", "ownerId"),
    pub tags: Option<Vec<Tag>> = ("Tags", "TagSet", "", "tagSet", "item"),
}
}

crate::shape::shape! {
pub struct InternetGatewayAttachment {
    pub state: Option<String> = ("State", "State", "state"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "vpcId"),
}
}

crate::shape::shape! {
pub struct InterruptibleCapacityAllocation {
    pub instance_count: Option<i32> = ("InstanceCount", "InstanceCount", "instanceCount"),
    pub interruptible_capacity_reservation_id: Option<String> = ("InterruptibleCapacityReservationId", "InterruptibleCapacityReservationId", "interruptibleCapacityReservationId"),
    pub interruption_type: Option<String> = ("InterruptionType", "InterruptionType", "interruptionType"),
    pub status: Option<String> = ("Status", "Status", "status"),
    pub target_instance_count: Option<i32> = ("TargetInstanceCount", "TargetInstanceCount", "targetInstanceCount"),
}
}

crate::shape::shape! {
pub struct InterruptionInfo {
    pub interruption_type: Option<String> = ("InterruptionType", "InterruptionType", "interruptionType"),
    pub source_capacity_reservation_id: Option<String> = ("SourceCapacityReservationId", "SourceCapacityReservationId", "sourceCapacityReservationId"),
}
}

crate::shape::shape! {
pub struct IpPermission {
    pub from_port: Option<i32> = ("FromPort", "FromPort", "fromPort"),
    pub ip_protocol: Option<String> = ("IpProtocol", "IpProtocol", "ipProtocol"),
    pub ip_ranges: Option<Vec<IpRange>> = ("IpRanges", "IpRanges", "", "ipRanges", "item"),
    pub ipv6_ranges: Option<Vec<Ipv6Range>> = ("Ipv6Ranges", "Ipv6Ranges", "", "ipv6Ranges", "item"),
    pub prefix_list_ids: Option<Vec<PrefixListId>> = ("PrefixListIds", "PrefixListIds", "", "prefixListIds", "item"),
    pub to_port: Option<i32> = ("ToPort", "ToPort", "toPort"),
    pub user_id_group_pairs: Option<Vec<UserIdGroupPair>> = ("UserIdGroupPairs", "Groups", "", "groups", "item"),
}
}

crate::shape::shape! {
pub struct IpRange {
    pub cidr_ip: Option<String> = ("CidrIp", "CidrIp", "cidrIp"),
    pub description: Option<String> = ("Description", "Description", "description"),
}
}

crate::shape::shape! {
pub struct Ipv4PrefixSpecification {
    pub ipv4_prefix: Option<String> = ("Ipv4Prefix", "Ipv4Prefix", "ipv4Prefix"),
}
}

crate::shape::shape! {
pub struct Ipv4PrefixSpecificationRequest {
    pub ipv4_prefix: Option<String> = ("Ipv4Prefix", "Ipv4Prefix", "Ipv4Prefix"),
}
}

crate::shape::shape! {
pub struct Ipv4PrefixSpecificationResponse {
    pub ipv4_prefix: Option<String> = ("Ipv4Prefix", "Ipv4Prefix", "ipv4Prefix"),
}
}

crate::shape::shape! {
pub struct Ipv6CidrBlock {
    pub ipv6_cidr_block: Option<String> = ("Ipv6CidrBlock", "Ipv6CidrBlock", "ipv6CidrBlock"),
}
}

crate::shape::shape! {
pub struct Ipv6PrefixSpecification {
    pub ipv6_prefix: Option<String> = ("Ipv6Prefix", "Ipv6Prefix", "ipv6Prefix"),
}
}

crate::shape::shape! {
pub struct Ipv6PrefixSpecificationRequest {
    pub ipv6_prefix: Option<String> = ("Ipv6Prefix", "Ipv6Prefix", "Ipv6Prefix"),
}
}

crate::shape::shape! {
pub struct Ipv6PrefixSpecificationResponse {
    pub ipv6_prefix: Option<String> = ("Ipv6Prefix", "Ipv6Prefix", "ipv6Prefix"),
}
}

crate::shape::shape! {
pub struct Ipv6Range {
    pub cidr_ipv6: Option<String> = ("CidrIpv6", "CidrIpv6", "cidrIpv6"),
    pub description: Option<String> = ("Description", "Description", "description"),
}
}

crate::shape::shape! {
pub struct KeyPair {
    pub key_fingerprint: Option<String> = ("KeyFingerprint", "KeyFingerprint", "keyFingerprint"),
    pub key_material: Option<String> = ("KeyMaterial", "KeyMaterial", "keyMaterial"),
    pub key_name: Option<String> = ("KeyName", "KeyName", "keyName"),
    pub key_pair_id: Option<String> = ("KeyPairId", "KeyPairId", "keyPairId"),
    pub tags: Option<Vec<Tag>> = ("Tags", "TagSet", "", "tagSet", "item"),
}
}

crate::shape::shape! {
pub struct KeyPairInfo {
    pub create_time: Option<TimestampMs> = ("CreateTime", "CreateTime", "createTime"),
    pub key_fingerprint: Option<String> = ("KeyFingerprint", "KeyFingerprint", "keyFingerprint"),
    pub key_name: Option<String> = ("KeyName", "KeyName", "keyName"),
    pub key_pair_id: Option<String> = ("KeyPairId", "KeyPairId", "keyPairId"),
    pub key_type: Option<String> = ("KeyType", "KeyType", "keyType"),
    pub public_key: Option<String> = ("PublicKey", "PublicKey", "publicKey"),
    pub tags: Option<Vec<Tag>> = ("Tags", "TagSet", "", "tagSet", "item"),
}
}

crate::shape::shape! {
pub struct LastError {
    pub code: Option<String> = ("Code", "Code", "code"),
    pub message: Option<String> = ("Message", "Message", "message"),
}
}

crate::shape::shape! {
pub struct LaunchSpecification {
    pub addressing_type: Option<String> = ("AddressingType", "AddressingType", "addressingType"),
    pub block_device_mappings: Option<Vec<BlockDeviceMapping>> = ("BlockDeviceMappings", "BlockDeviceMapping", "", "blockDeviceMapping", "item"),
    pub ebs_optimized: Option<bool> = ("EbsOptimized", "EbsOptimized", "ebsOptimized"),
    pub iam_instance_profile: Option<IamInstanceProfileSpecification> = ("IamInstanceProfile", "IamInstanceProfile", "iamInstanceProfile"),
    pub image_id: Option<String> = ("ImageId", "ImageId", "imageId"),
    pub instance_type: Option<String> = ("InstanceType", "InstanceType", "instanceType"),
    pub kernel_id: Option<String> = ("KernelId", "KernelId", "kernelId"),
    pub key_name: Option<String> = ("KeyName", "KeyName", "keyName"),
    pub monitoring: Option<RunInstancesMonitoringEnabled> = ("Monitoring", "Monitoring", "monitoring"),
    pub network_interfaces: Option<Vec<InstanceNetworkInterfaceSpecification>> = ("NetworkInterfaces", "NetworkInterfaceSet", "", "networkInterfaceSet", "item"),
    pub placement: Option<SpotPlacement> = ("Placement", "Placement", "placement"),
    pub ramdisk_id: Option<String> = ("RamdiskId", "RamdiskId", "ramdiskId"),
    pub security_groups: Option<Vec<GroupIdentifier>> = ("SecurityGroups", "GroupSet", "", "groupSet", "item"),
    pub subnet_id: Option<String> = ("SubnetId", "SubnetId", "subnetId"),
    pub user_data: Option<String> = ("UserData", "UserData", "userData"),
}
}

crate::shape::shape! {
pub struct LaunchTemplate {
    pub create_time: Option<TimestampMs> = ("CreateTime", "CreateTime", "createTime"),
    pub created_by: Option<String> = ("CreatedBy", "CreatedBy", "createdBy"),
    pub default_version_number: Option<i64> = ("DefaultVersionNumber", "DefaultVersionNumber", "defaultVersionNumber"),
    pub latest_version_number: Option<i64> = ("LatestVersionNumber", "LatestVersionNumber", "latestVersionNumber"),
    pub launch_template_id: Option<String> = ("LaunchTemplateId", "LaunchTemplateId", "launchTemplateId"),
    pub launch_template_name: Option<String> = ("LaunchTemplateName", "LaunchTemplateName", "launchTemplateName"),
    pub operator: Option<OperatorResponse> = ("Operator", "Operator", "operator"),
    pub tags: Option<Vec<Tag>> = ("Tags", "TagSet", "", "tagSet", "item"),
}
}

crate::shape::shape! {
pub struct LaunchTemplateAndOverridesResponse {
    pub launch_template_specification: Option<FleetLaunchTemplateSpecification> = ("LaunchTemplateSpecification", "LaunchTemplateSpecification", "launchTemplateSpecification"),
    pub overrides: Option<FleetLaunchTemplateOverrides> = ("Overrides", "Overrides", "overrides"),
}
}

crate::shape::shape! {
pub struct LaunchTemplateBlockDeviceMapping {
    pub device_name: Option<String> = ("DeviceName", "DeviceName", "deviceName"),
    pub ebs: Option<LaunchTemplateEbsBlockDevice> = ("Ebs", "Ebs", "ebs"),
    pub no_device: Option<String> = ("NoDevice", "NoDevice", "noDevice"),
    pub virtual_name: Option<String> = ("VirtualName", "VirtualName", "virtualName"),
}
}

crate::shape::shape! {
pub struct LaunchTemplateBlockDeviceMappingRequest {
    pub device_name: Option<String> = ("DeviceName", "DeviceName", "DeviceName"),
    pub ebs: Option<LaunchTemplateEbsBlockDeviceRequest> = ("Ebs", "Ebs", "Ebs"),
    pub no_device: Option<String> = ("NoDevice", "NoDevice", "NoDevice"),
    pub virtual_name: Option<String> = ("VirtualName", "VirtualName", "VirtualName"),
}
}

crate::shape::shape! {
pub struct LaunchTemplateCapacityReservationSpecificationRequest {
    pub capacity_reservation_preference: Option<String> = ("CapacityReservationPreference", "CapacityReservationPreference", "CapacityReservationPreference"),
    pub capacity_reservation_target: Option<CapacityReservationTarget> = ("CapacityReservationTarget", "CapacityReservationTarget", "CapacityReservationTarget"),
}
}

crate::shape::shape! {
pub struct LaunchTemplateCapacityReservationSpecificationResponse {
    pub capacity_reservation_preference: Option<String> = ("CapacityReservationPreference", "CapacityReservationPreference", "capacityReservationPreference"),
    pub capacity_reservation_target: Option<CapacityReservationTargetResponse> = ("CapacityReservationTarget", "CapacityReservationTarget", "capacityReservationTarget"),
}
}

crate::shape::shape! {
pub struct LaunchTemplateCpuOptions {
    pub amd_sev_snp: Option<String> = ("AmdSevSnp", "AmdSevSnp", "amdSevSnp"),
    pub core_count: Option<i32> = ("CoreCount", "CoreCount", "coreCount"),
    pub nested_virtualization: Option<String> = ("NestedVirtualization", "NestedVirtualization", "nestedVirtualization"),
    pub threads_per_core: Option<i32> = ("ThreadsPerCore", "ThreadsPerCore", "threadsPerCore"),
}
}

crate::shape::shape! {
pub struct LaunchTemplateCpuOptionsRequest {
    pub amd_sev_snp: Option<String> = ("AmdSevSnp", "AmdSevSnp", "AmdSevSnp"),
    pub core_count: Option<i32> = ("CoreCount", "CoreCount", "CoreCount"),
    pub nested_virtualization: Option<String> = ("NestedVirtualization", "NestedVirtualization", "NestedVirtualization"),
    pub threads_per_core: Option<i32> = ("ThreadsPerCore", "ThreadsPerCore", "ThreadsPerCore"),
}
}

crate::shape::shape! {
pub struct LaunchTemplateEbsBlockDevice {
    pub delete_on_termination: Option<bool> = ("DeleteOnTermination", "DeleteOnTermination", "deleteOnTermination"),
    pub ebs_card_index: Option<i32> = ("EbsCardIndex", "EbsCardIndex", "ebsCardIndex"),
    pub encrypted: Option<bool> = ("Encrypted", "Encrypted", "encrypted"),
    pub iops: Option<i32> = ("Iops", "Iops", "iops"),
    pub kms_key_id: Option<String> = ("KmsKeyId", "KmsKeyId", "kmsKeyId"),
    pub snapshot_id: Option<String> = ("SnapshotId", "SnapshotId", "snapshotId"),
    pub throughput: Option<i32> = ("Throughput", "Throughput", "throughput"),
    pub volume_initialization_rate: Option<i32> = ("VolumeInitializationRate", "VolumeInitializationRate", "volumeInitializationRate"),
    pub volume_size: Option<i32> = ("VolumeSize", "VolumeSize", "volumeSize"),
    pub volume_type: Option<String> = ("VolumeType", "VolumeType", "volumeType"),
}
}

crate::shape::shape! {
pub struct LaunchTemplateEbsBlockDeviceRequest {
    pub delete_on_termination: Option<bool> = ("DeleteOnTermination", "DeleteOnTermination", "DeleteOnTermination"),
    pub ebs_card_index: Option<i32> = ("EbsCardIndex", "EbsCardIndex", "EbsCardIndex"),
    pub encrypted: Option<bool> = ("Encrypted", "Encrypted", "Encrypted"),
    pub iops: Option<i32> = ("Iops", "Iops", "Iops"),
    pub kms_key_id: Option<String> = ("KmsKeyId", "KmsKeyId", "KmsKeyId"),
    pub snapshot_id: Option<String> = ("SnapshotId", "SnapshotId", "SnapshotId"),
    pub throughput: Option<i32> = ("Throughput", "Throughput", "Throughput"),
    pub volume_initialization_rate: Option<i32> = ("VolumeInitializationRate", "VolumeInitializationRate", "VolumeInitializationRate"),
    pub volume_size: Option<i32> = ("VolumeSize", "VolumeSize", "VolumeSize"),
    pub volume_type: Option<String> = ("VolumeType", "VolumeType", "VolumeType"),
}
}

crate::shape::shape! {
pub struct LaunchTemplateElasticInferenceAccelerator {
    pub count: Option<i32> = ("Count", "Count", "Count"),
    pub r#type: Option<String> = ("Type", "Type", "Type"),
}
}

crate::shape::shape! {
pub struct LaunchTemplateElasticInferenceAcceleratorResponse {
    pub count: Option<i32> = ("Count", "Count", "count"),
    pub r#type: Option<String> = ("Type", "Type", "type"),
}
}

crate::shape::shape! {
pub struct LaunchTemplateEnaSrdSpecification {
    pub ena_srd_enabled: Option<bool> = ("EnaSrdEnabled", "EnaSrdEnabled", "enaSrdEnabled"),
    pub ena_srd_udp_specification: Option<LaunchTemplateEnaSrdUdpSpecification> = ("EnaSrdUdpSpecification", "EnaSrdUdpSpecification", "enaSrdUdpSpecification"),
}
}

crate::shape::shape! {
pub struct LaunchTemplateEnaSrdUdpSpecification {
    pub ena_srd_udp_enabled: Option<bool> = ("EnaSrdUdpEnabled", "EnaSrdUdpEnabled", "enaSrdUdpEnabled"),
}
}

crate::shape::shape! {
pub struct LaunchTemplateEnclaveOptions {
    pub enabled: Option<bool> = ("Enabled", "Enabled", "enabled"),
}
}

crate::shape::shape! {
pub struct LaunchTemplateEnclaveOptionsRequest {
    pub enabled: Option<bool> = ("Enabled", "Enabled", "Enabled"),
}
}

crate::shape::shape! {
pub struct LaunchTemplateHibernationOptions {
    pub configured: Option<bool> = ("Configured", "Configured", "configured"),
}
}

crate::shape::shape! {
pub struct LaunchTemplateHibernationOptionsRequest {
    pub configured: Option<bool> = ("Configured", "Configured", "Configured"),
}
}

crate::shape::shape! {
pub struct LaunchTemplateIamInstanceProfileSpecification {
    pub arn: Option<String> = ("Arn", "Arn", "arn"),
    pub name: Option<String> = ("Name", "Name", "name"),
}
}

crate::shape::shape! {
pub struct LaunchTemplateIamInstanceProfileSpecificationRequest {
    pub arn: Option<String> = ("Arn", "Arn", "Arn"),
    pub name: Option<String> = ("Name", "Name", "Name"),
}
}

crate::shape::shape! {
pub struct LaunchTemplateInstanceMaintenanceOptions {
    pub auto_recovery: Option<String> = ("AutoRecovery", "AutoRecovery", "autoRecovery"),
}
}

crate::shape::shape! {
pub struct LaunchTemplateInstanceMaintenanceOptionsRequest {
    pub auto_recovery: Option<String> = ("AutoRecovery", "AutoRecovery", "AutoRecovery"),
}
}

crate::shape::shape! {
pub struct LaunchTemplateInstanceMarketOptions {
    pub market_type: Option<String> = ("MarketType", "MarketType", "marketType"),
    pub spot_options: Option<LaunchTemplateSpotMarketOptions> = ("SpotOptions", "SpotOptions", "spotOptions"),
}
}

crate::shape::shape! {
pub struct LaunchTemplateInstanceMarketOptionsRequest {
    pub market_type: Option<String> = ("MarketType", "MarketType", "MarketType"),
    pub spot_options: Option<LaunchTemplateSpotMarketOptionsRequest> = ("SpotOptions", "SpotOptions", "SpotOptions"),
}
}

crate::shape::shape! {
pub struct LaunchTemplateInstanceMetadataOptions {
    pub http_endpoint: Option<String> = ("HttpEndpoint", "HttpEndpoint", "httpEndpoint"),
    pub http_protocol_ipv6: Option<String> = ("HttpProtocolIpv6", "HttpProtocolIpv6", "httpProtocolIpv6"),
    pub http_put_response_hop_limit: Option<i32> = ("HttpPutResponseHopLimit", "HttpPutResponseHopLimit", "httpPutResponseHopLimit"),
    pub http_tokens: Option<String> = ("HttpTokens", "HttpTokens", "httpTokens"),
    pub instance_metadata_tags: Option<String> = ("InstanceMetadataTags", "InstanceMetadataTags", "instanceMetadataTags"),
    pub state: Option<String> = ("State", "State", "state"),
}
}

crate::shape::shape! {
pub struct LaunchTemplateInstanceMetadataOptionsRequest {
    pub http_endpoint: Option<String> = ("HttpEndpoint", "HttpEndpoint", "HttpEndpoint"),
    pub http_protocol_ipv6: Option<String> = ("HttpProtocolIpv6", "HttpProtocolIpv6", "HttpProtocolIpv6"),
    pub http_put_response_hop_limit: Option<i32> = ("HttpPutResponseHopLimit", "HttpPutResponseHopLimit", "HttpPutResponseHopLimit"),
    pub http_tokens: Option<String> = ("HttpTokens", "HttpTokens", "HttpTokens"),
    pub instance_metadata_tags: Option<String> = ("InstanceMetadataTags", "InstanceMetadataTags", "InstanceMetadataTags"),
}
}

crate::shape::shape! {
pub struct LaunchTemplateInstanceNetworkInterfaceSpecification {
    pub associate_carrier_ip_address: Option<bool> = ("AssociateCarrierIpAddress", "AssociateCarrierIpAddress", "associateCarrierIpAddress"),
    pub associate_public_ip_address: Option<bool> = ("AssociatePublicIpAddress", "AssociatePublicIpAddress", "associatePublicIpAddress"),
    pub connection_tracking_specification: Option<ConnectionTrackingSpecification> = ("ConnectionTrackingSpecification", "ConnectionTrackingSpecification", "connectionTrackingSpecification"),
    pub delete_on_termination: Option<bool> = ("DeleteOnTermination", "DeleteOnTermination", "deleteOnTermination"),
    pub description: Option<String> = ("Description", "Description", "description"),
    pub device_index: Option<i32> = ("DeviceIndex", "DeviceIndex", "deviceIndex"),
    pub ena_queue_count: Option<i32> = ("EnaQueueCount", "EnaQueueCount", "enaQueueCount"),
    pub ena_srd_specification: Option<LaunchTemplateEnaSrdSpecification> = ("EnaSrdSpecification", "EnaSrdSpecification", "enaSrdSpecification"),
    pub groups: Option<Vec<String>> = ("Groups", "GroupSet", "", "groupSet", "groupId"),
    pub interface_type: Option<String> = ("InterfaceType", "InterfaceType", "interfaceType"),
    pub ipv4_prefix_count: Option<i32> = ("Ipv4PrefixCount", "Ipv4PrefixCount", "ipv4PrefixCount"),
    pub ipv4_prefixes: Option<Vec<Ipv4PrefixSpecificationResponse>> = ("Ipv4Prefixes", "Ipv4PrefixSet", "", "ipv4PrefixSet", "item"),
    pub ipv6_address_count: Option<i32> = ("Ipv6AddressCount", "Ipv6AddressCount", "ipv6AddressCount"),
    pub ipv6_addresses: Option<Vec<InstanceIpv6Address>> = ("Ipv6Addresses", "Ipv6AddressesSet", "", "ipv6AddressesSet", "item"),
    pub ipv6_prefix_count: Option<i32> = ("Ipv6PrefixCount", "Ipv6PrefixCount", "ipv6PrefixCount"),
    pub ipv6_prefixes: Option<Vec<Ipv6PrefixSpecificationResponse>> = ("Ipv6Prefixes", "Ipv6PrefixSet", "", "ipv6PrefixSet", "item"),
    pub network_card_index: Option<i32> = ("NetworkCardIndex", "NetworkCardIndex", "networkCardIndex"),
    pub network_interface_id: Option<String> = ("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId"),
    pub primary_ipv6: Option<bool> = ("PrimaryIpv6", "PrimaryIpv6", "primaryIpv6"),
    pub private_ip_address: Option<String> = ("PrivateIpAddress", "PrivateIpAddress", "privateIpAddress"),
    pub private_ip_addresses: Option<Vec<PrivateIpAddressSpecification>> = ("PrivateIpAddresses", "PrivateIpAddressesSet", "", "privateIpAddressesSet", "item"),
    pub secondary_private_ip_address_count: Option<i32> = ("SecondaryPrivateIpAddressCount", "SecondaryPrivateIpAddressCount", "secondaryPrivateIpAddressCount"),
    pub subnet_id: Option<String> = ("SubnetId", "SubnetId", "subnetId"),
}
}

crate::shape::shape! {
pub struct LaunchTemplateInstanceNetworkInterfaceSpecificationRequest {
    pub associate_carrier_ip_address: Option<bool> = ("AssociateCarrierIpAddress", "AssociateCarrierIpAddress", "AssociateCarrierIpAddress"),
    pub associate_public_ip_address: Option<bool> = ("AssociatePublicIpAddress", "AssociatePublicIpAddress", "AssociatePublicIpAddress"),
    pub connection_tracking_specification: Option<ConnectionTrackingSpecificationRequest> = ("ConnectionTrackingSpecification", "ConnectionTrackingSpecification", "ConnectionTrackingSpecification"),
    pub delete_on_termination: Option<bool> = ("DeleteOnTermination", "DeleteOnTermination", "DeleteOnTermination"),
    pub description: Option<String> = ("Description", "Description", "Description"),
    pub device_index: Option<i32> = ("DeviceIndex", "DeviceIndex", "DeviceIndex"),
    pub ena_queue_count: Option<i32> = ("EnaQueueCount", "EnaQueueCount", "EnaQueueCount"),
    pub ena_srd_specification: Option<EnaSrdSpecificationRequest> = ("EnaSrdSpecification", "EnaSrdSpecification", "EnaSrdSpecification"),
    pub groups: Option<Vec<String>> = ("Groups", "SecurityGroupId", "", "SecurityGroupId", "SecurityGroupId"),
    pub interface_type: Option<String> = ("InterfaceType", "InterfaceType", "InterfaceType"),
    pub ipv4_prefix_count: Option<i32> = ("Ipv4PrefixCount", "Ipv4PrefixCount", "Ipv4PrefixCount"),
    pub ipv4_prefixes: Option<Vec<Ipv4PrefixSpecificationRequest>> = ("Ipv4Prefixes", "Ipv4Prefix", "", "Ipv4Prefix", "item"),
    pub ipv6_address_count: Option<i32> = ("Ipv6AddressCount", "Ipv6AddressCount", "Ipv6AddressCount"),
    pub ipv6_addresses: Option<Vec<InstanceIpv6AddressRequest>> = ("Ipv6Addresses", "Ipv6Addresses", "", "Ipv6Addresses", "InstanceIpv6Address"),
    pub ipv6_prefix_count: Option<i32> = ("Ipv6PrefixCount", "Ipv6PrefixCount", "Ipv6PrefixCount"),
    pub ipv6_prefixes: Option<Vec<Ipv6PrefixSpecificationRequest>> = ("Ipv6Prefixes", "Ipv6Prefix", "", "Ipv6Prefix", "item"),
    pub network_card_index: Option<i32> = ("NetworkCardIndex", "NetworkCardIndex", "NetworkCardIndex"),
    pub network_interface_id: Option<String> = ("NetworkInterfaceId", "NetworkInterfaceId", "NetworkInterfaceId"),
    pub primary_ipv6: Option<bool> = ("PrimaryIpv6", "PrimaryIpv6", "PrimaryIpv6"),
    pub private_ip_address: Option<String> = ("PrivateIpAddress", "PrivateIpAddress", "PrivateIpAddress"),
    pub private_ip_addresses: Option<Vec<PrivateIpAddressSpecification>> = ("PrivateIpAddresses", "PrivateIpAddresses", "", "PrivateIpAddresses", "item"),
    pub secondary_private_ip_address_count: Option<i32> = ("SecondaryPrivateIpAddressCount", "SecondaryPrivateIpAddressCount", "SecondaryPrivateIpAddressCount"),
    pub subnet_id: Option<String> = ("SubnetId", "SubnetId", "SubnetId"),
}
}

crate::shape::shape! {
pub struct LaunchTemplateInstanceSecondaryInterfaceSpecification {
    pub delete_on_termination: Option<bool> = ("DeleteOnTermination", "DeleteOnTermination", "deleteOnTermination"),
    pub device_index: Option<i32> = ("DeviceIndex", "DeviceIndex", "deviceIndex"),
    pub interface_type: Option<String> = ("InterfaceType", "InterfaceType", "interfaceType"),
    pub network_card_index: Option<i32> = ("NetworkCardIndex", "NetworkCardIndex", "networkCardIndex"),
    pub private_ip_address_count: Option<i32> = ("PrivateIpAddressCount", "PrivateIpAddressCount", "privateIpAddressCount"),
    pub private_ip_addresses: Option<Vec<SecondaryInterfacePrivateIpAddressSpecification>> = ("PrivateIpAddresses", "PrivateIpAddressesSet", "", "privateIpAddressesSet", "item"),
    pub secondary_subnet_id: Option<String> = ("SecondarySubnetId", "SecondarySubnetId", "secondarySubnetId"),
}
}

crate::shape::shape! {
pub struct LaunchTemplateInstanceSecondaryInterfaceSpecificationRequest {
    pub delete_on_termination: Option<bool> = ("DeleteOnTermination", "DeleteOnTermination", "DeleteOnTermination"),
    pub device_index: Option<i32> = ("DeviceIndex", "DeviceIndex", "DeviceIndex"),
    pub interface_type: Option<String> = ("InterfaceType", "InterfaceType", "InterfaceType"),
    pub network_card_index: Option<i32> = ("NetworkCardIndex", "NetworkCardIndex", "NetworkCardIndex"),
    pub private_ip_address_count: Option<i32> = ("PrivateIpAddressCount", "PrivateIpAddressCount", "PrivateIpAddressCount"),
    pub private_ip_addresses: Option<Vec<SecondaryInterfacePrivateIpAddressSpecificationRequest>> = ("PrivateIpAddresses", "PrivateIpAddress", "", "PrivateIpAddress", "SecondaryInterfacePrivateIpAddressSpecification"),
    pub secondary_subnet_id: Option<String> = ("SecondarySubnetId", "SecondarySubnetId", "SecondarySubnetId"),
}
}

crate::shape::shape! {
pub struct LaunchTemplateLicenseConfiguration {
    pub license_configuration_arn: Option<String> = ("LicenseConfigurationArn", "LicenseConfigurationArn", "licenseConfigurationArn"),
}
}

crate::shape::shape! {
pub struct LaunchTemplateLicenseConfigurationRequest {
    pub license_configuration_arn: Option<String> = ("LicenseConfigurationArn", "LicenseConfigurationArn", "LicenseConfigurationArn"),
}
}

crate::shape::shape! {
pub struct LaunchTemplateNetworkPerformanceOptions {
    pub bandwidth_weighting: Option<String> = ("BandwidthWeighting", "BandwidthWeighting", "bandwidthWeighting"),
}
}

crate::shape::shape! {
pub struct LaunchTemplateNetworkPerformanceOptionsRequest {
    pub bandwidth_weighting: Option<String> = ("BandwidthWeighting", "BandwidthWeighting", "BandwidthWeighting"),
}
}

crate::shape::shape! {
pub struct LaunchTemplatePlacement {
    pub affinity: Option<String> = ("Affinity", "Affinity", "affinity"),
    pub availability_zone: Option<String> = ("AvailabilityZone", "AvailabilityZone", "availabilityZone"),
    pub availability_zone_id: Option<String> = ("AvailabilityZoneId", "AvailabilityZoneId", "availabilityZoneId"),
    pub group_id: Option<String> = ("GroupId", "GroupId", "groupId"),
    pub group_name: Option<String> = ("GroupName", "GroupName", "groupName"),
    pub host_id: Option<String> = ("HostId", "HostId", "hostId"),
    pub host_resource_group_arn: Option<String> = ("HostResourceGroupArn", "HostResourceGroupArn", "hostResourceGroupArn"),
    pub partition_number: Option<i32> = ("PartitionNumber", "PartitionNumber", "partitionNumber"),
    pub spread_domain: Option<String> = ("SpreadDomain", "SpreadDomain", "spreadDomain"),
    pub tenancy: Option<String> = ("Tenancy", "Tenancy", "tenancy"),
}
}

crate::shape::shape! {
pub struct LaunchTemplatePlacementRequest {
    pub affinity: Option<String> = ("Affinity", "Affinity", "Affinity"),
    pub availability_zone: Option<String> = ("AvailabilityZone", "AvailabilityZone", "AvailabilityZone"),
    pub availability_zone_id: Option<String> = ("AvailabilityZoneId", "AvailabilityZoneId", "AvailabilityZoneId"),
    pub group_id: Option<String> = ("GroupId", "GroupId", "GroupId"),
    pub group_name: Option<String> = ("GroupName", "GroupName", "GroupName"),
    pub host_id: Option<String> = ("HostId", "HostId", "HostId"),
    pub host_resource_group_arn: Option<String> = ("HostResourceGroupArn", "HostResourceGroupArn", "HostResourceGroupArn"),
    pub partition_number: Option<i32> = ("PartitionNumber", "PartitionNumber", "PartitionNumber"),
    pub spread_domain: Option<String> = ("SpreadDomain", "SpreadDomain", "SpreadDomain"),
    pub tenancy: Option<String> = ("Tenancy", "Tenancy", "Tenancy"),
}
}

crate::shape::shape! {
pub struct LaunchTemplatePrivateDnsNameOptions {
    pub enable_resource_name_dns_aaaa_record: Option<bool> = ("EnableResourceNameDnsAAAARecord", "EnableResourceNameDnsAAAARecord", "enableResourceNameDnsAAAARecord"),
    pub enable_resource_name_dns_a_record: Option<bool> = ("EnableResourceNameDnsARecord", "EnableResourceNameDnsARecord", "enableResourceNameDnsARecord"),
    pub hostname_type: Option<String> = ("HostnameType", "HostnameType", "hostnameType"),
}
}

crate::shape::shape! {
pub struct LaunchTemplatePrivateDnsNameOptionsRequest {
    pub enable_resource_name_dns_aaaa_record: Option<bool> = ("EnableResourceNameDnsAAAARecord", "EnableResourceNameDnsAAAARecord", "EnableResourceNameDnsAAAARecord"),
    pub enable_resource_name_dns_a_record: Option<bool> = ("EnableResourceNameDnsARecord", "EnableResourceNameDnsARecord", "EnableResourceNameDnsARecord"),
    pub hostname_type: Option<String> = ("HostnameType", "HostnameType", "HostnameType"),
}
}

crate::shape::shape! {
pub struct LaunchTemplateSpecification {
    pub launch_template_id: Option<String> = ("LaunchTemplateId", "LaunchTemplateId", "LaunchTemplateId"),
    pub launch_template_name: Option<String> = ("LaunchTemplateName", "LaunchTemplateName", "LaunchTemplateName"),
    pub version: Option<String> = ("Version", "Version", "Version"),
}
}

crate::shape::shape! {
pub struct LaunchTemplateSpotMarketOptions {
    pub block_duration_minutes: Option<i32> = ("BlockDurationMinutes", "BlockDurationMinutes", "blockDurationMinutes"),
    pub instance_interruption_behavior: Option<String> = ("InstanceInterruptionBehavior", "InstanceInterruptionBehavior", "instanceInterruptionBehavior"),
    pub max_price: Option<String> = ("MaxPrice", "MaxPrice", "maxPrice"),
    pub spot_instance_type: Option<String> = ("SpotInstanceType", "SpotInstanceType", "spotInstanceType"),
    pub valid_until: Option<TimestampMs> = ("ValidUntil", "ValidUntil", "validUntil"),
}
}

crate::shape::shape! {
pub struct LaunchTemplateSpotMarketOptionsRequest {
    pub block_duration_minutes: Option<i32> = ("BlockDurationMinutes", "BlockDurationMinutes", "BlockDurationMinutes"),
    pub instance_interruption_behavior: Option<String> = ("InstanceInterruptionBehavior", "InstanceInterruptionBehavior", "InstanceInterruptionBehavior"),
    pub max_price: Option<String> = ("MaxPrice", "MaxPrice", "MaxPrice"),
    pub spot_instance_type: Option<String> = ("SpotInstanceType", "SpotInstanceType", "SpotInstanceType"),
    pub valid_until: Option<TimestampMs> = ("ValidUntil", "ValidUntil", "ValidUntil"),
}
}

crate::shape::shape! {
pub struct LaunchTemplateTagSpecification {
    pub resource_type: Option<String> = ("ResourceType", "ResourceType", "resourceType"),
    pub tags: Option<Vec<Tag>> = ("Tags", "TagSet", "", "tagSet", "item"),
}
}

crate::shape::shape! {
pub struct LaunchTemplateTagSpecificationRequest {
    pub resource_type: Option<String> = ("ResourceType", "ResourceType", "ResourceType"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tag", "", "Tag", "item"),
}
}

crate::shape::shape! {
pub struct LaunchTemplateVersion {
    pub create_time: Option<TimestampMs> = ("CreateTime", "CreateTime", "createTime"),
    pub created_by: Option<String> = ("CreatedBy", "CreatedBy", "createdBy"),
    pub default_version: Option<bool> = ("DefaultVersion", "DefaultVersion", "defaultVersion"),
    pub launch_template_data: Option<ResponseLaunchTemplateData> = ("LaunchTemplateData", "LaunchTemplateData", "launchTemplateData"),
    pub launch_template_id: Option<String> = ("LaunchTemplateId", "LaunchTemplateId", "launchTemplateId"),
    pub launch_template_name: Option<String> = ("LaunchTemplateName", "LaunchTemplateName", "launchTemplateName"),
    pub operator: Option<OperatorResponse> = ("Operator", "Operator", "operator"),
    pub version_description: Option<String> = ("VersionDescription", "VersionDescription", "versionDescription"),
    pub version_number: Option<i64> = ("VersionNumber", "VersionNumber", "versionNumber"),
}
}

crate::shape::shape! {
pub struct LaunchTemplatesMonitoring {
    pub enabled: Option<bool> = ("Enabled", "Enabled", "enabled"),
}
}

crate::shape::shape! {
pub struct LaunchTemplatesMonitoringRequest {
    pub enabled: Option<bool> = ("Enabled", "Enabled", "Enabled"),
}
}

crate::shape::shape! {
pub struct LicenseConfiguration {
    pub license_configuration_arn: Option<String> = ("LicenseConfigurationArn", "LicenseConfigurationArn", "licenseConfigurationArn"),
}
}

crate::shape::shape! {
pub struct LicenseConfigurationRequest {
    pub license_configuration_arn: Option<String> = ("LicenseConfigurationArn", "LicenseConfigurationArn", "LicenseConfigurationArn"),
}
}

crate::shape::shape! {
pub struct ManagedPrefixList {
    pub address_family: Option<String> = ("AddressFamily", "AddressFamily", "addressFamily"),
    pub ipam_prefix_list_resolver_sync_enabled: Option<bool> = ("IpamPrefixListResolverSyncEnabled", "IpamPrefixListResolverSyncEnabled", "ipamPrefixListResolverSyncEnabled"),
    pub ipam_prefix_list_resolver_target_id: Option<String> = ("IpamPrefixListResolverTargetId", "IpamPrefixListResolverTargetId", "ipamPrefixListResolverTargetId"),
    pub max_entries: Option<i32> = ("MaxEntries", "MaxEntries", "maxEntries"),
    pub owner_id: Option<String> = ("OwnerId", "OwnerId", "ownerId"),
    pub prefix_list_arn: Option<String> = ("PrefixListArn", "PrefixListArn", "prefixListArn"),
    pub prefix_list_id: Option<String> = ("PrefixListId", "PrefixListId", "prefixListId"),
    pub prefix_list_name: Option<String> = ("PrefixListName", "PrefixListName", "prefixListName"),
    pub state: Option<String> = ("State", "State", "state"),
    pub state_message: Option<String> = ("StateMessage", "StateMessage", "stateMessage"),
    pub tags: Option<Vec<Tag>> = ("Tags", "TagSet", "", "tagSet", "item"),
    pub version: Option<i64> = ("Version", "Version", "version"),
}
}

crate::shape::shape! {
pub struct MediaAcceleratorInfo {
    pub accelerators: Option<Vec<MediaDeviceInfo>> = ("Accelerators", "Accelerators", "", "accelerators", "item"),
    pub total_media_memory_in_mib: Option<i32> = ("TotalMediaMemoryInMiB", "TotalMediaMemoryInMiB", "totalMediaMemoryInMiB"),
}
}

crate::shape::shape! {
pub struct MediaDeviceInfo {
    pub count: Option<i32> = ("Count", "Count", "count"),
    pub manufacturer: Option<String> = ("Manufacturer", "Manufacturer", "manufacturer"),
    pub memory_info: Option<MediaDeviceMemoryInfo> = ("MemoryInfo", "MemoryInfo", "memoryInfo"),
    pub name: Option<String> = ("Name", "Name", "name"),
}
}

crate::shape::shape! {
pub struct MediaDeviceMemoryInfo {
    pub size_in_mib: Option<i32> = ("SizeInMiB", "SizeInMiB", "sizeInMiB"),
}
}

crate::shape::shape! {
pub struct MemoryGiBPerVCpu {
    pub max: Option<f64> = ("Max", "Max", "max"),
    pub min: Option<f64> = ("Min", "Min", "min"),
}
}

crate::shape::shape! {
pub struct MemoryGiBPerVCpuRequest {
    pub max: Option<f64> = ("Max", "Max", "Max"),
    pub min: Option<f64> = ("Min", "Min", "Min"),
}
}

crate::shape::shape! {
pub struct MemoryInfo {
    pub size_in_mib: Option<i64> = ("SizeInMiB", "SizeInMiB", "sizeInMiB"),
}
}

crate::shape::shape! {
pub struct MemoryMiB {
    pub max: Option<i32> = ("Max", "Max", "max"),
    pub min: Option<i32> = ("Min", "Min", "min"),
}
}

crate::shape::shape! {
pub struct MemoryMiBRequest {
    pub max: Option<i32> = ("Max", "Max", "Max"),
    pub min: Option<i32> = ("Min", "Min", "Min"),
}
}

crate::shape::shape! {
pub struct ModifyAddressAttributeRequest {
    pub allocation_id: Option<String> = ("AllocationId", "AllocationId", "AllocationId"),
    pub domain_name: Option<String> = ("DomainName", "DomainName", "DomainName"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
}
}

crate::shape::shape! {
pub struct ModifyAddressAttributeResult {
    pub address: Option<AddressAttribute> = ("Address", "Address", "address"),
}
}

crate::shape::shape! {
pub struct ModifyCapacityReservationRequest {
    pub accept: Option<bool> = ("Accept", "Accept", "Accept"),
    pub additional_info: Option<String> = ("AdditionalInfo", "AdditionalInfo", "AdditionalInfo"),
    pub capacity_reservation_id: Option<String> = ("CapacityReservationId", "CapacityReservationId", "CapacityReservationId"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub end_date: Option<TimestampMs> = ("EndDate", "EndDate", "EndDate"),
    pub end_date_type: Option<String> = ("EndDateType", "EndDateType", "EndDateType"),
    pub instance_count: Option<i32> = ("InstanceCount", "InstanceCount", "InstanceCount"),
    pub instance_match_criteria: Option<String> = ("InstanceMatchCriteria", "InstanceMatchCriteria", "InstanceMatchCriteria"),
}
}

crate::shape::shape! {
pub struct ModifyCapacityReservationResult {
    pub r#return: Option<bool> = ("Return", "Return", "return"),
}
}

crate::shape::shape! {
pub struct ModifyHostsRequest {
    pub auto_placement: Option<String> = ("AutoPlacement", "AutoPlacement", "autoPlacement"),
    pub host_ids: Option<Vec<String>> = ("HostIds", "HostId", "", "hostId", "item"),
    pub host_maintenance: Option<String> = ("HostMaintenance", "HostMaintenance", "HostMaintenance"),
    pub host_recovery: Option<String> = ("HostRecovery", "HostRecovery", "HostRecovery"),
    pub instance_family: Option<String> = ("InstanceFamily", "InstanceFamily", "InstanceFamily"),
    pub instance_type: Option<String> = ("InstanceType", "InstanceType", "InstanceType"),
}
}

crate::shape::shape! {
pub struct ModifyHostsResult {
    pub successful: Option<Vec<String>> = ("Successful", "Successful", "", "successful", "item"),
    pub unsuccessful: Option<Vec<UnsuccessfulItem>> = ("Unsuccessful", "Unsuccessful", "", "unsuccessful", "item"),
}
}

crate::shape::shape! {
pub struct ModifyInstanceAttributeRequest {
    pub attribute: Option<String> = ("Attribute", "Attribute", "attribute"),
    pub block_device_mappings: Option<Vec<InstanceBlockDeviceMappingSpecification>> = ("BlockDeviceMappings", "BlockDeviceMapping", "", "blockDeviceMapping", "item"),
    pub disable_api_stop: Option<AttributeBooleanValue> = ("DisableApiStop", "DisableApiStop", "DisableApiStop"),
    pub disable_api_termination: Option<AttributeBooleanValue> = ("DisableApiTermination", "DisableApiTermination", "disableApiTermination"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub ebs_optimized: Option<AttributeBooleanValue> = ("EbsOptimized", "EbsOptimized", "ebsOptimized"),
    pub ena_support: Option<AttributeBooleanValue> = ("EnaSupport", "EnaSupport", "enaSupport"),
    pub groups: Option<Vec<String>> = ("Groups", "GroupId", "", "GroupId", "groupId"),
    pub instance_id: Option<String> = ("InstanceId", "InstanceId", "instanceId"),
    pub instance_initiated_shutdown_behavior: Option<AttributeValue> = ("InstanceInitiatedShutdownBehavior", "InstanceInitiatedShutdownBehavior", "instanceInitiatedShutdownBehavior"),
    pub instance_type: Option<AttributeValue> = ("InstanceType", "InstanceType", "instanceType"),
    pub kernel: Option<AttributeValue> = ("Kernel", "Kernel", "kernel"),
    pub ramdisk: Option<AttributeValue> = ("Ramdisk", "Ramdisk", "ramdisk"),
    pub source_dest_check: Option<AttributeBooleanValue> = ("SourceDestCheck", "SourceDestCheck", "SourceDestCheck"),
    pub sriov_net_support: Option<AttributeValue> = ("SriovNetSupport", "SriovNetSupport", "sriovNetSupport"),
    pub user_data: Option<BlobAttributeValue> = ("UserData", "UserData", "userData"),
    pub value: Option<String> = ("Value", "Value", "value"),
}
}

crate::shape::shape! {
pub struct ModifyInstanceMaintenanceOptionsRequest {
    pub auto_recovery: Option<String> = ("AutoRecovery", "AutoRecovery", "AutoRecovery"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub instance_id: Option<String> = ("InstanceId", "InstanceId", "InstanceId"),
    pub reboot_migration: Option<String> = ("RebootMigration", "RebootMigration", "RebootMigration"),
}
}

crate::shape::shape! {
pub struct ModifyInstanceMaintenanceOptionsResult {
    pub auto_recovery: Option<String> = ("AutoRecovery", "AutoRecovery", "autoRecovery"),
    pub instance_id: Option<String> = ("InstanceId", "InstanceId", "instanceId"),
    pub reboot_migration: Option<String> = ("RebootMigration", "RebootMigration", "rebootMigration"),
}
}

crate::shape::shape! {
pub struct ModifyInstanceMetadataOptionsRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub http_endpoint: Option<String> = ("HttpEndpoint", "HttpEndpoint", "HttpEndpoint"),
    pub http_protocol_ipv6: Option<String> = ("HttpProtocolIpv6", "HttpProtocolIpv6", "HttpProtocolIpv6"),
    pub http_put_response_hop_limit: Option<i32> = ("HttpPutResponseHopLimit", "HttpPutResponseHopLimit", "HttpPutResponseHopLimit"),
    pub http_tokens: Option<String> = ("HttpTokens", "HttpTokens", "HttpTokens"),
    pub instance_id: Option<String> = ("InstanceId", "InstanceId", "InstanceId"),
    pub instance_metadata_tags: Option<String> = ("InstanceMetadataTags", "InstanceMetadataTags", "InstanceMetadataTags"),
}
}

crate::shape::shape! {
pub struct ModifyInstanceMetadataOptionsResult {
    pub instance_id: Option<String> = ("InstanceId", "InstanceId", "instanceId"),
    pub instance_metadata_options: Option<InstanceMetadataOptionsResponse> = ("InstanceMetadataOptions", "InstanceMetadataOptions", "instanceMetadataOptions"),
}
}

crate::shape::shape! {
pub struct ModifyInstancePlacementRequest {
    pub affinity: Option<String> = ("Affinity", "Affinity", "affinity"),
    pub group_id: Option<String> = ("GroupId", "GroupId", "GroupId"),
    pub group_name: Option<String> = ("GroupName", "GroupName", "GroupName"),
    pub host_id: Option<String> = ("HostId", "HostId", "hostId"),
    pub host_resource_group_arn: Option<String> = ("HostResourceGroupArn", "HostResourceGroupArn", "HostResourceGroupArn"),
    pub instance_id: Option<String> = ("InstanceId", "InstanceId", "instanceId"),
    pub partition_number: Option<i32> = ("PartitionNumber", "PartitionNumber", "PartitionNumber"),
    pub tenancy: Option<String> = ("Tenancy", "Tenancy", "tenancy"),
}
}

crate::shape::shape! {
pub struct ModifyInstancePlacementResult {
    pub r#return: Option<bool> = ("Return", "Return", "return"),
}
}

crate::shape::shape! {
pub struct ModifyLaunchTemplateRequest {
    pub client_token: Option<String> = ("ClientToken", "ClientToken", "ClientToken"),
    pub default_version: Option<String> = ("DefaultVersion", "SetDefaultVersion", "SetDefaultVersion"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub launch_template_id: Option<String> = ("LaunchTemplateId", "LaunchTemplateId", "LaunchTemplateId"),
    pub launch_template_name: Option<String> = ("LaunchTemplateName", "LaunchTemplateName", "LaunchTemplateName"),
}
}

crate::shape::shape! {
pub struct ModifyLaunchTemplateResult {
    pub launch_template: Option<LaunchTemplate> = ("LaunchTemplate", "LaunchTemplate", "launchTemplate"),
}
}

crate::shape::shape! {
pub struct ModifyManagedPrefixListRequest {
    pub add_entries: Option<Vec<AddPrefixListEntry>> = ("AddEntries", "AddEntry", "", "AddEntry", "member"),
    pub current_version: Option<i64> = ("CurrentVersion", "CurrentVersion", "CurrentVersion"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub ipam_prefix_list_resolver_sync_enabled: Option<bool> = ("IpamPrefixListResolverSyncEnabled", "IpamPrefixListResolverSyncEnabled", "IpamPrefixListResolverSyncEnabled"),
    pub max_entries: Option<i32> = ("MaxEntries", "MaxEntries", "MaxEntries"),
    pub prefix_list_id: Option<String> = ("PrefixListId", "PrefixListId", "PrefixListId"),
    pub prefix_list_name: Option<String> = ("PrefixListName", "PrefixListName", "PrefixListName"),
    pub remove_entries: Option<Vec<RemovePrefixListEntry>> = ("RemoveEntries", "RemoveEntry", "", "RemoveEntry", "member"),
}
}

crate::shape::shape! {
pub struct ModifyManagedPrefixListResult {
    pub prefix_list: Option<ManagedPrefixList> = ("PrefixList", "PrefixList", "prefixList"),
}
}

crate::shape::shape! {
pub struct ModifyNetworkInterfaceAttributeRequest {
    pub associate_public_ip_address: Option<bool> = ("AssociatePublicIpAddress", "AssociatePublicIpAddress", "AssociatePublicIpAddress"),
    pub associated_subnet_ids: Option<Vec<String>> = ("AssociatedSubnetIds", "AssociatedSubnetId", "", "AssociatedSubnetId", "AssociatedSubnetId"),
    pub attachment: Option<NetworkInterfaceAttachmentChanges> = ("Attachment", "Attachment", "attachment"),
    pub connection_tracking_specification: Option<ConnectionTrackingSpecificationRequest> = ("ConnectionTrackingSpecification", "ConnectionTrackingSpecification", "ConnectionTrackingSpecification"),
    pub description: Option<AttributeValue> = ("Description", "Description", "description"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub ena_srd_specification: Option<EnaSrdSpecification> = ("EnaSrdSpecification", "EnaSrdSpecification", "EnaSrdSpecification"),
    pub enable_primary_ipv6: Option<bool> = ("EnablePrimaryIpv6", "EnablePrimaryIpv6", "EnablePrimaryIpv6"),
    pub groups: Option<Vec<String>> = ("Groups", "SecurityGroupId", "", "SecurityGroupId", "SecurityGroupId"),
    pub network_interface_id: Option<String> = ("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId"),
    pub source_dest_check: Option<AttributeBooleanValue> = ("SourceDestCheck", "SourceDestCheck", "sourceDestCheck"),
}
}

crate::shape::shape! {
pub struct ModifySecurityGroupRulesRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub group_id: Option<String> = ("GroupId", "GroupId", "GroupId"),
    pub security_group_rules: Option<Vec<SecurityGroupRuleUpdate>> = ("SecurityGroupRules", "SecurityGroupRule", "", "SecurityGroupRule", "item"),
}
}

crate::shape::shape! {
pub struct ModifySecurityGroupRulesResult {
    pub r#return: Option<bool> = ("Return", "Return", "return"),
}
}

crate::shape::shape! {
pub struct ModifySubnetAttributeRequest {
    pub assign_ipv6_address_on_creation: Option<AttributeBooleanValue> = ("AssignIpv6AddressOnCreation", "AssignIpv6AddressOnCreation", "AssignIpv6AddressOnCreation"),
    pub customer_owned_ipv4_pool: Option<String> = ("CustomerOwnedIpv4Pool", "CustomerOwnedIpv4Pool", "CustomerOwnedIpv4Pool"),
    pub disable_lni_at_device_index: Option<AttributeBooleanValue> = ("DisableLniAtDeviceIndex", "DisableLniAtDeviceIndex", "DisableLniAtDeviceIndex"),
    pub enable_dns64: Option<AttributeBooleanValue> = ("EnableDns64", "EnableDns64", "EnableDns64"),
    pub enable_lni_at_device_index: Option<i32> = ("EnableLniAtDeviceIndex", "EnableLniAtDeviceIndex", "EnableLniAtDeviceIndex"),
    pub enable_resource_name_dns_aaaa_record_on_launch: Option<AttributeBooleanValue> = ("EnableResourceNameDnsAAAARecordOnLaunch", "EnableResourceNameDnsAAAARecordOnLaunch", "EnableResourceNameDnsAAAARecordOnLaunch"),
    pub enable_resource_name_dns_a_record_on_launch: Option<AttributeBooleanValue> = ("EnableResourceNameDnsARecordOnLaunch", "EnableResourceNameDnsARecordOnLaunch", "EnableResourceNameDnsARecordOnLaunch"),
    pub map_customer_owned_ip_on_launch: Option<AttributeBooleanValue> = ("MapCustomerOwnedIpOnLaunch", "MapCustomerOwnedIpOnLaunch", "MapCustomerOwnedIpOnLaunch"),
    pub map_public_ip_on_launch: Option<AttributeBooleanValue> = ("MapPublicIpOnLaunch", "MapPublicIpOnLaunch", "MapPublicIpOnLaunch"),
    pub private_dns_hostname_type_on_launch: Option<String> = ("PrivateDnsHostnameTypeOnLaunch", "PrivateDnsHostnameTypeOnLaunch", "PrivateDnsHostnameTypeOnLaunch"),
    pub subnet_id: Option<String> = ("SubnetId", "SubnetId", "subnetId"),
}
}

crate::shape::shape! {
pub struct ModifyTransitGatewayOptions {
    pub add_transit_gateway_cidr_blocks: Option<Vec<String>> = ("AddTransitGatewayCidrBlocks", "AddTransitGatewayCidrBlocks", "", "AddTransitGatewayCidrBlocks", "item"),
    pub amazon_side_asn: Option<i64> = ("AmazonSideAsn", "AmazonSideAsn", "AmazonSideAsn"),
    pub association_default_route_table_id: Option<String> = ("AssociationDefaultRouteTableId", "AssociationDefaultRouteTableId", "AssociationDefaultRouteTableId"),
    pub auto_accept_shared_attachments: Option<String> = ("AutoAcceptSharedAttachments", "AutoAcceptSharedAttachments", "AutoAcceptSharedAttachments"),
    pub default_route_table_association: Option<String> = ("DefaultRouteTableAssociation", "DefaultRouteTableAssociation", "DefaultRouteTableAssociation"),
    pub default_route_table_propagation: Option<String> = ("DefaultRouteTablePropagation", "DefaultRouteTablePropagation", "DefaultRouteTablePropagation"),
    pub dns_support: Option<String> = ("DnsSupport", "DnsSupport", "DnsSupport"),
    pub encryption_support: Option<String> = ("EncryptionSupport", "EncryptionSupport", "EncryptionSupport"),
    pub propagation_default_route_table_id: Option<String> = ("PropagationDefaultRouteTableId", "PropagationDefaultRouteTableId", "PropagationDefaultRouteTableId"),
    pub remove_transit_gateway_cidr_blocks: Option<Vec<String>> = ("RemoveTransitGatewayCidrBlocks", "RemoveTransitGatewayCidrBlocks", "", "RemoveTransitGatewayCidrBlocks", "item"),
    pub security_group_referencing_support: Option<String> = ("SecurityGroupReferencingSupport", "SecurityGroupReferencingSupport", "SecurityGroupReferencingSupport"),
    pub vpn_ecmp_support: Option<String> = ("VpnEcmpSupport", "VpnEcmpSupport", "VpnEcmpSupport"),
}
}

crate::shape::shape! {
pub struct ModifyTransitGatewayRequest {
    pub description: Option<String> = ("Description", "Description", "Description"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub options: Option<ModifyTransitGatewayOptions> = ("Options", "Options", "Options"),
    pub transit_gateway_id: Option<String> = ("TransitGatewayId", "TransitGatewayId", "TransitGatewayId"),
}
}

crate::shape::shape! {
pub struct ModifyTransitGatewayResult {
    pub transit_gateway: Option<TransitGateway> = ("TransitGateway", "TransitGateway", "transitGateway"),
}
}

crate::shape::shape! {
pub struct ModifyTransitGatewayVpcAttachmentRequest {
    pub add_subnet_ids: Option<Vec<String>> = ("AddSubnetIds", "AddSubnetIds", "", "AddSubnetIds", "item"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub options: Option<ModifyTransitGatewayVpcAttachmentRequestOptions> = ("Options", "Options", "Options"),
    pub remove_subnet_ids: Option<Vec<String>> = ("RemoveSubnetIds", "RemoveSubnetIds", "", "RemoveSubnetIds", "item"),
    pub transit_gateway_attachment_id: Option<String> = ("TransitGatewayAttachmentId", "TransitGatewayAttachmentId", "TransitGatewayAttachmentId"),
}
}

crate::shape::shape! {
pub struct ModifyTransitGatewayVpcAttachmentRequestOptions {
    pub appliance_mode_support: Option<String> = ("ApplianceModeSupport", "ApplianceModeSupport", "ApplianceModeSupport"),
    pub dns_support: Option<String> = ("DnsSupport", "DnsSupport", "DnsSupport"),
    pub ipv6_support: Option<String> = ("Ipv6Support", "Ipv6Support", "Ipv6Support"),
    pub security_group_referencing_support: Option<String> = ("SecurityGroupReferencingSupport", "SecurityGroupReferencingSupport", "SecurityGroupReferencingSupport"),
}
}

crate::shape::shape! {
pub struct ModifyTransitGatewayVpcAttachmentResult {
    pub transit_gateway_vpc_attachment: Option<TransitGatewayVpcAttachment> = ("TransitGatewayVpcAttachment", "TransitGatewayVpcAttachment", "transitGatewayVpcAttachment"),
}
}

crate::shape::shape! {
pub struct ModifyVpcAttributeRequest {
    pub enable_dns_hostnames: Option<AttributeBooleanValue> = ("EnableDnsHostnames", "EnableDnsHostnames", "EnableDnsHostnames"),
    pub enable_dns_support: Option<AttributeBooleanValue> = ("EnableDnsSupport", "EnableDnsSupport", "EnableDnsSupport"),
    pub enable_network_address_usage_metrics: Option<AttributeBooleanValue> = ("EnableNetworkAddressUsageMetrics", "EnableNetworkAddressUsageMetrics", "EnableNetworkAddressUsageMetrics"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "vpcId"),
}
}

crate::shape::shape! {
pub struct ModifyVpcEndpointRequest {
    pub add_route_table_ids: Option<Vec<String>> = ("AddRouteTableIds", "AddRouteTableId", "", "AddRouteTableId", "item"),
    pub add_security_group_ids: Option<Vec<String>> = ("AddSecurityGroupIds", "AddSecurityGroupId", "", "AddSecurityGroupId", "item"),
    pub add_subnet_ids: Option<Vec<String>> = ("AddSubnetIds", "AddSubnetId", "", "AddSubnetId", "item"),
    pub dns_options: Option<DnsOptionsSpecification> = ("DnsOptions", "DnsOptions", "DnsOptions"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub ip_address_type: Option<String> = ("IpAddressType", "IpAddressType", "IpAddressType"),
    pub policy_document: Option<String> = ("PolicyDocument", "PolicyDocument", "PolicyDocument"),
    pub private_dns_enabled: Option<bool> = ("PrivateDnsEnabled", "PrivateDnsEnabled", "PrivateDnsEnabled"),
    pub remove_route_table_ids: Option<Vec<String>> = ("RemoveRouteTableIds", "RemoveRouteTableId", "", "RemoveRouteTableId", "item"),
    pub remove_security_group_ids: Option<Vec<String>> = ("RemoveSecurityGroupIds", "RemoveSecurityGroupId", "", "RemoveSecurityGroupId", "item"),
    pub remove_subnet_ids: Option<Vec<String>> = ("RemoveSubnetIds", "RemoveSubnetId", "", "RemoveSubnetId", "item"),
    pub reset_policy: Option<bool> = ("ResetPolicy", "ResetPolicy", "ResetPolicy"),
    pub subnet_configurations: Option<Vec<SubnetConfiguration>> = ("SubnetConfigurations", "SubnetConfiguration", "", "SubnetConfiguration", "item"),
    pub vpc_endpoint_id: Option<String> = ("VpcEndpointId", "VpcEndpointId", "VpcEndpointId"),
}
}

crate::shape::shape! {
pub struct ModifyVpcEndpointResult {
    pub r#return: Option<bool> = ("Return", "Return", "return"),
}
}

crate::shape::shape! {
pub struct ModifyVpcPeeringConnectionOptionsRequest {
    pub accepter_peering_connection_options: Option<PeeringConnectionOptionsRequest> = ("AccepterPeeringConnectionOptions", "AccepterPeeringConnectionOptions", "AccepterPeeringConnectionOptions"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub requester_peering_connection_options: Option<PeeringConnectionOptionsRequest> = ("RequesterPeeringConnectionOptions", "RequesterPeeringConnectionOptions", "RequesterPeeringConnectionOptions"),
    pub vpc_peering_connection_id: Option<String> = ("VpcPeeringConnectionId", "VpcPeeringConnectionId", "VpcPeeringConnectionId"),
}
}

crate::shape::shape! {
pub struct ModifyVpcPeeringConnectionOptionsResult {
    pub accepter_peering_connection_options: Option<PeeringConnectionOptions> = ("AccepterPeeringConnectionOptions", "AccepterPeeringConnectionOptions", "accepterPeeringConnectionOptions"),
    pub requester_peering_connection_options: Option<PeeringConnectionOptions> = ("RequesterPeeringConnectionOptions", "RequesterPeeringConnectionOptions", "requesterPeeringConnectionOptions"),
}
}

crate::shape::shape! {
pub struct ModifyVpcTenancyRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub instance_tenancy: Option<String> = ("InstanceTenancy", "InstanceTenancy", "InstanceTenancy"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "VpcId"),
}
}

crate::shape::shape! {
pub struct ModifyVpcTenancyResult {
    pub return_value: Option<bool> = ("ReturnValue", "Return", "return"),
}
}

crate::shape::shape! {
pub struct Monitoring {
    pub state: Option<String> = ("State", "State", "state"),
}
}

crate::shape::shape! {
pub struct NatGateway {
    pub attached_appliances: Option<Vec<NatGatewayAttachedAppliance>> = ("AttachedAppliances", "AttachedApplianceSet", "", "attachedApplianceSet", "item"),
    pub auto_provision_zones: Option<String> = ("AutoProvisionZones", "AutoProvisionZones", "autoProvisionZones"),
    pub auto_scaling_ips: Option<String> = ("AutoScalingIps", "AutoScalingIps", "autoScalingIps"),
    pub availability_mode: Option<String> = ("AvailabilityMode", "AvailabilityMode", "availabilityMode"),
    pub connectivity_type: Option<String> = ("ConnectivityType", "ConnectivityType", "connectivityType"),
    pub create_time: Option<TimestampMs> = ("CreateTime", "CreateTime", "createTime"),
    pub delete_time: Option<TimestampMs> = ("DeleteTime", "DeleteTime", "deleteTime"),
    pub failure_code: Option<String> = ("FailureCode", "FailureCode", "failureCode"),
    pub failure_message: Option<String> = ("FailureMessage", "FailureMessage", "failureMessage"),
    pub nat_gateway_addresses: Option<Vec<NatGatewayAddress>> = ("NatGatewayAddresses", "NatGatewayAddressSet", "", "natGatewayAddressSet", "item"),
    pub nat_gateway_id: Option<String> = ("NatGatewayId", "NatGatewayId", "natGatewayId"),
    pub provisioned_bandwidth: Option<ProvisionedBandwidth> = ("ProvisionedBandwidth", "ProvisionedBandwidth", "provisionedBandwidth"),
    pub route_table_id: Option<String> = ("RouteTableId", "RouteTableId", "routeTableId"),
    pub state: Option<String> = ("State", "State", "state"),
    pub subnet_id: Option<String> = ("SubnetId", "SubnetId", "subnetId"),
    pub tags: Option<Vec<Tag>> = ("Tags", "TagSet", "", "tagSet", "item"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "vpcId"),
}
}

crate::shape::shape! {
pub struct NatGatewayAddress {
    pub allocation_id: Option<String> = ("AllocationId", "AllocationId", "allocationId"),
    pub association_id: Option<String> = ("AssociationId", "AssociationId", "associationId"),
    pub availability_zone: Option<String> = ("AvailabilityZone", "AvailabilityZone", "availabilityZone"),
    pub availability_zone_id: Option<String> = ("AvailabilityZoneId", "AvailabilityZoneId", "availabilityZoneId"),
    pub failure_message: Option<String> = ("FailureMessage", "FailureMessage", "failureMessage"),
    pub is_primary: Option<bool> = ("IsPrimary", "IsPrimary", "isPrimary"),
    pub network_interface_id: Option<String> = ("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId"),
    pub private_ip: Option<String> = ("PrivateIp", "PrivateIp", "privateIp"),
    pub public_ip: Option<String> = ("PublicIp", "PublicIp", "publicIp"),
    pub status: Option<String> = ("Status", "Status", "status"),
}
}

crate::shape::shape! {
pub struct NatGatewayAttachedAppliance {
    pub appliance_arn: Option<String> = ("ApplianceArn", "ApplianceArn", "applianceArn"),
    pub attachment_state: Option<String> = ("AttachmentState", "AttachmentState", "attachmentState"),
    pub failure_code: Option<String> = ("FailureCode", "FailureCode", "failureCode"),
    pub failure_message: Option<String> = ("FailureMessage", "FailureMessage", "failureMessage"),
    pub modification_state: Option<String> = ("ModificationState", "ModificationState", "modificationState"),
    pub r#type: Option<String> = ("Type", "Type", "type"),
    pub vpc_endpoint_id: Option<String> = ("VpcEndpointId", "VpcEndpointId", "vpcEndpointId"),
}
}

crate::shape::shape! {
pub struct NetworkAcl {
    pub associations: Option<Vec<NetworkAclAssociation>> = ("Associations", "AssociationSet", "", "associationSet", "item"),
    pub entries: Option<Vec<NetworkAclEntry>> = ("Entries", "EntrySet", "", "entrySet", "item"),
    pub is_default: Option<bool> = ("IsDefault", "Default", "default"),
    pub network_acl_id: Option<String> = ("NetworkAclId", "NetworkAclId", "networkAclId"),
    pub owner_id: Option<String> = ("OwnerId", "OwnerId", "ownerId"),
    pub tags: Option<Vec<Tag>> = ("Tags", "TagSet", "", "tagSet", "item"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "vpcId"),
}
}

crate::shape::shape! {
pub struct NetworkAclAssociation {
    pub network_acl_association_id: Option<String> = ("NetworkAclAssociationId", "NetworkAclAssociationId", "networkAclAssociationId"),
    pub network_acl_id: Option<String> = ("NetworkAclId", "NetworkAclId", "networkAclId"),
    pub subnet_id: Option<String> = ("SubnetId", "SubnetId", "subnetId"),
}
}

crate::shape::shape! {
pub struct NetworkAclEntry {
    pub cidr_block: Option<String> = ("CidrBlock", "CidrBlock", "cidrBlock"),
    pub egress: Option<bool> = ("Egress", "Egress", "egress"),
    pub icmp_type_code: Option<IcmpTypeCode> = ("IcmpTypeCode", "IcmpTypeCode", "icmpTypeCode"),
    pub ipv6_cidr_block: Option<String> = ("Ipv6CidrBlock", "Ipv6CidrBlock", "ipv6CidrBlock"),
    pub port_range: Option<PortRange> = ("PortRange", "PortRange", "portRange"),
    pub protocol: Option<String> = ("Protocol", "Protocol", "protocol"),
    pub rule_action: Option<String> = ("RuleAction", "RuleAction", "ruleAction"),
    pub rule_number: Option<i32> = ("RuleNumber", "RuleNumber", "ruleNumber"),
}
}

crate::shape::shape! {
pub struct NetworkBandwidthGbps {
    pub max: Option<f64> = ("Max", "Max", "max"),
    pub min: Option<f64> = ("Min", "Min", "min"),
}
}

crate::shape::shape! {
pub struct NetworkBandwidthGbpsRequest {
    pub max: Option<f64> = ("Max", "Max", "Max"),
    pub min: Option<f64> = ("Min", "Min", "Min"),
}
}

crate::shape::shape! {
pub struct NetworkCardInfo {
    pub additional_flexible_network_interfaces: Option<i32> = ("AdditionalFlexibleNetworkInterfaces", "AdditionalFlexibleNetworkInterfaces", "additionalFlexibleNetworkInterfaces"),
    pub baseline_bandwidth_in_gbps: Option<f64> = ("BaselineBandwidthInGbps", "BaselineBandwidthInGbps", "baselineBandwidthInGbps"),
    pub default_ena_queue_count_per_interface: Option<i32> = ("DefaultEnaQueueCountPerInterface", "DefaultEnaQueueCountPerInterface", "defaultEnaQueueCountPerInterface"),
    pub maximum_ena_queue_count: Option<i32> = ("MaximumEnaQueueCount", "MaximumEnaQueueCount", "maximumEnaQueueCount"),
    pub maximum_ena_queue_count_per_interface: Option<i32> = ("MaximumEnaQueueCountPerInterface", "MaximumEnaQueueCountPerInterface", "maximumEnaQueueCountPerInterface"),
    pub maximum_network_interfaces: Option<i32> = ("MaximumNetworkInterfaces", "MaximumNetworkInterfaces", "maximumNetworkInterfaces"),
    pub network_card_index: Option<i32> = ("NetworkCardIndex", "NetworkCardIndex", "networkCardIndex"),
    pub network_performance: Option<String> = ("NetworkPerformance", "NetworkPerformance", "networkPerformance"),
    pub peak_bandwidth_in_gbps: Option<f64> = ("PeakBandwidthInGbps", "PeakBandwidthInGbps", "peakBandwidthInGbps"),
}
}

crate::shape::shape! {
pub struct NetworkInfo {
    pub bandwidth_weightings: Option<Vec<String>> = ("BandwidthWeightings", "BandwidthWeightings", "", "bandwidthWeightings", "item"),
    pub connection_tracking_configuration: Option<DefaultConnectionTrackingConfiguration> = ("ConnectionTrackingConfiguration", "ConnectionTrackingConfiguration", "connectionTrackingConfiguration"),
    pub default_network_card_index: Option<i32> = ("DefaultNetworkCardIndex", "DefaultNetworkCardIndex", "defaultNetworkCardIndex"),
    pub efa_info: Option<EfaInfo> = ("EfaInfo", "EfaInfo", "efaInfo"),
    pub efa_supported: Option<bool> = ("EfaSupported", "EfaSupported", "efaSupported"),
    pub ena_srd_supported: Option<bool> = ("EnaSrdSupported", "EnaSrdSupported", "enaSrdSupported"),
    pub ena_support: Option<String> = ("EnaSupport", "EnaSupport", "enaSupport"),
    pub encryption_in_transit_supported: Option<bool> = ("EncryptionInTransitSupported", "EncryptionInTransitSupported", "encryptionInTransitSupported"),
    pub flexible_ena_queues_support: Option<String> = ("FlexibleEnaQueuesSupport", "FlexibleEnaQueuesSupport", "flexibleEnaQueuesSupport"),
    pub ipv4_addresses_per_interface: Option<i32> = ("Ipv4AddressesPerInterface", "Ipv4AddressesPerInterface", "ipv4AddressesPerInterface"),
    pub ipv4_addresses_per_secondary_interface: Option<i32> = ("Ipv4AddressesPerSecondaryInterface", "Ipv4AddressesPerSecondaryInterface", "ipv4AddressesPerSecondaryInterface"),
    pub ipv6_addresses_per_interface: Option<i32> = ("Ipv6AddressesPerInterface", "Ipv6AddressesPerInterface", "ipv6AddressesPerInterface"),
    pub ipv6_supported: Option<bool> = ("Ipv6Supported", "Ipv6Supported", "ipv6Supported"),
    pub maximum_network_cards: Option<i32> = ("MaximumNetworkCards", "MaximumNetworkCards", "maximumNetworkCards"),
    pub maximum_network_interfaces: Option<i32> = ("MaximumNetworkInterfaces", "MaximumNetworkInterfaces", "maximumNetworkInterfaces"),
    pub maximum_secondary_network_interfaces: Option<i32> = ("MaximumSecondaryNetworkInterfaces", "MaximumSecondaryNetworkInterfaces", "maximumSecondaryNetworkInterfaces"),
    pub network_cards: Option<Vec<NetworkCardInfo>> = ("NetworkCards", "NetworkCards", "", "networkCards", "item"),
    pub network_performance: Option<String> = ("NetworkPerformance", "NetworkPerformance", "networkPerformance"),
    pub secondary_network_supported: Option<bool> = ("SecondaryNetworkSupported", "SecondaryNetworkSupported", "secondaryNetworkSupported"),
}
}

crate::shape::shape! {
pub struct NetworkInterface {
    pub associated_subnets: Option<Vec<String>> = ("AssociatedSubnets", "AssociatedSubnetSet", "", "associatedSubnetSet", "item"),
    pub association: Option<NetworkInterfaceAssociation> = ("Association", "Association", "association"),
    pub attachment: Option<NetworkInterfaceAttachment> = ("Attachment", "Attachment", "attachment"),
    pub availability_zone: Option<String> = ("AvailabilityZone", "AvailabilityZone", "availabilityZone"),
    pub availability_zone_id: Option<String> = ("AvailabilityZoneId", "AvailabilityZoneId", "availabilityZoneId"),
    pub connection_tracking_configuration: Option<ConnectionTrackingConfiguration> = ("ConnectionTrackingConfiguration", "ConnectionTrackingConfiguration", "connectionTrackingConfiguration"),
    pub deny_all_igw_traffic: Option<bool> = ("DenyAllIgwTraffic", "DenyAllIgwTraffic", "denyAllIgwTraffic"),
    pub description: Option<String> = ("Description", "Description", "description"),
    pub groups: Option<Vec<GroupIdentifier>> = ("Groups", "GroupSet", "", "groupSet", "item"),
    pub interface_type: Option<String> = ("InterfaceType", "InterfaceType", "interfaceType"),
    pub ipv4_prefixes: Option<Vec<Ipv4PrefixSpecification>> = ("Ipv4Prefixes", "Ipv4PrefixSet", "", "ipv4PrefixSet", "item"),
    pub ipv6_address: Option<String> = ("Ipv6Address", "Ipv6Address", "ipv6Address"),
    pub ipv6_addresses: Option<Vec<NetworkInterfaceIpv6Address>> = ("Ipv6Addresses", "Ipv6AddressesSet", "", "ipv6AddressesSet", "item"),
    pub ipv6_native: Option<bool> = ("Ipv6Native", "Ipv6Native", "ipv6Native"),
    pub ipv6_prefixes: Option<Vec<Ipv6PrefixSpecification>> = ("Ipv6Prefixes", "Ipv6PrefixSet", "", "ipv6PrefixSet", "item"),
    pub mac_address: Option<String> = ("MacAddress", "MacAddress", "macAddress"),
    pub network_interface_id: Option<String> = ("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId"),
    pub operator: Option<OperatorResponse> = ("Operator", "Operator", "operator"),
    pub outpost_arn: Option<String> = ("OutpostArn", "OutpostArn", "outpostArn"),
    pub owner_id: Option<String> = ("OwnerId", "OwnerId", "ownerId"),
    pub private_dns_name: Option<String> = ("PrivateDnsName", "PrivateDnsName", "privateDnsName"),
    pub private_ip_address: Option<String> = ("PrivateIpAddress", "PrivateIpAddress", "privateIpAddress"),
    pub private_ip_addresses: Option<Vec<NetworkInterfacePrivateIpAddress>> = ("PrivateIpAddresses", "PrivateIpAddressesSet", "", "privateIpAddressesSet", "item"),
    pub public_dns_name: Option<String> = ("PublicDnsName", "PublicDnsName", "publicDnsName"),
    pub public_ip_dns_name_options: Option<PublicIpDnsNameOptions> = ("PublicIpDnsNameOptions", "PublicIpDnsNameOptions", "publicIpDnsNameOptions"),
    pub requester_id: Option<String> = ("RequesterId", "RequesterId", "requesterId"),
    pub requester_managed: Option<bool> = ("RequesterManaged", "RequesterManaged", "requesterManaged"),
    pub source_dest_check: Option<bool> = ("SourceDestCheck", "SourceDestCheck", "sourceDestCheck"),
    pub status: Option<String> = ("Status", "Status", "status"),
    pub subnet_id: Option<String> = ("SubnetId", "SubnetId", "subnetId"),
    pub tag_set: Option<Vec<Tag>> = ("TagSet", "TagSet", "", "tagSet", "item"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "vpcId"),
}
}

crate::shape::shape! {
pub struct NetworkInterfaceAssociation {
    pub allocation_id: Option<String> = ("AllocationId", "AllocationId", "allocationId"),
    pub association_id: Option<String> = ("AssociationId", "AssociationId", "associationId"),
    pub carrier_ip: Option<String> = ("CarrierIp", "CarrierIp", "carrierIp"),
    pub customer_owned_ip: Option<String> = ("CustomerOwnedIp", "CustomerOwnedIp", "customerOwnedIp"),
    pub ip_owner_id: Option<String> = ("IpOwnerId", "IpOwnerId", "ipOwnerId"),
    pub public_dns_name: Option<String> = ("PublicDnsName", "PublicDnsName", "publicDnsName"),
    pub public_ip: Option<String> = ("PublicIp", "PublicIp", "publicIp"),
}
}

crate::shape::shape! {
pub struct NetworkInterfaceAttachment {
    pub attach_time: Option<TimestampMs> = ("AttachTime", "AttachTime", "attachTime"),
    pub attachment_id: Option<String> = ("AttachmentId", "AttachmentId", "attachmentId"),
    pub delete_on_termination: Option<bool> = ("DeleteOnTermination", "DeleteOnTermination", "deleteOnTermination"),
    pub device_index: Option<i32> = ("DeviceIndex", "DeviceIndex", "deviceIndex"),
    pub ena_queue_count: Option<i32> = ("EnaQueueCount", "EnaQueueCount", "enaQueueCount"),
    pub ena_srd_specification: Option<AttachmentEnaSrdSpecification> = ("EnaSrdSpecification", "EnaSrdSpecification", "enaSrdSpecification"),
    pub instance_id: Option<String> = ("InstanceId", "InstanceId", "instanceId"),
    pub instance_owner_id: Option<String> = ("InstanceOwnerId", "InstanceOwnerId", "instanceOwnerId"),
    pub network_card_index: Option<i32> = ("NetworkCardIndex", "NetworkCardIndex", "networkCardIndex"),
    pub status: Option<String> = ("Status", "Status", "status"),
}
}

crate::shape::shape! {
pub struct NetworkInterfaceAttachmentChanges {
    pub attachment_id: Option<String> = ("AttachmentId", "AttachmentId", "attachmentId"),
    pub default_ena_queue_count: Option<bool> = ("DefaultEnaQueueCount", "DefaultEnaQueueCount", "DefaultEnaQueueCount"),
    pub delete_on_termination: Option<bool> = ("DeleteOnTermination", "DeleteOnTermination", "deleteOnTermination"),
    pub ena_queue_count: Option<i32> = ("EnaQueueCount", "EnaQueueCount", "EnaQueueCount"),
}
}

crate::shape::shape! {
pub struct NetworkInterfaceCount {
    pub max: Option<i32> = ("Max", "Max", "max"),
    pub min: Option<i32> = ("Min", "Min", "min"),
}
}

crate::shape::shape! {
pub struct NetworkInterfaceCountRequest {
    pub max: Option<i32> = ("Max", "Max", "Max"),
    pub min: Option<i32> = ("Min", "Min", "Min"),
}
}

crate::shape::shape! {
pub struct NetworkInterfaceIpv6Address {
    pub ipv6_address: Option<String> = ("Ipv6Address", "Ipv6Address", "ipv6Address"),
    pub is_primary_ipv6: Option<bool> = ("IsPrimaryIpv6", "IsPrimaryIpv6", "isPrimaryIpv6"),
    pub public_ipv6_dns_name: Option<String> = ("PublicIpv6DnsName", "PublicIpv6DnsName", "publicIpv6DnsName"),
}
}

crate::shape::shape! {
pub struct NetworkInterfacePrivateIpAddress {
    pub association: Option<NetworkInterfaceAssociation> = ("Association", "Association", "association"),
    pub primary: Option<bool> = ("Primary", "Primary", "primary"),
    pub private_dns_name: Option<String> = ("PrivateDnsName", "PrivateDnsName", "privateDnsName"),
    pub private_ip_address: Option<String> = ("PrivateIpAddress", "PrivateIpAddress", "privateIpAddress"),
}
}

crate::shape::shape! {
pub struct NeuronDeviceCoreInfo {
    pub count: Option<i32> = ("Count", "Count", "count"),
    pub version: Option<i32> = ("Version", "Version", "version"),
}
}

crate::shape::shape! {
pub struct NeuronDeviceInfo {
    pub core_info: Option<NeuronDeviceCoreInfo> = ("CoreInfo", "CoreInfo", "coreInfo"),
    pub count: Option<i32> = ("Count", "Count", "count"),
    pub memory_info: Option<NeuronDeviceMemoryInfo> = ("MemoryInfo", "MemoryInfo", "memoryInfo"),
    pub name: Option<String> = ("Name", "Name", "name"),
}
}

crate::shape::shape! {
pub struct NeuronDeviceMemoryInfo {
    pub size_in_mib: Option<i32> = ("SizeInMiB", "SizeInMiB", "sizeInMiB"),
}
}

crate::shape::shape! {
pub struct NeuronInfo {
    pub neuron_devices: Option<Vec<NeuronDeviceInfo>> = ("NeuronDevices", "NeuronDevices", "", "neuronDevices", "item"),
    pub total_neuron_device_memory_in_mib: Option<i32> = ("TotalNeuronDeviceMemoryInMiB", "TotalNeuronDeviceMemoryInMiB", "totalNeuronDeviceMemoryInMiB"),
}
}

crate::shape::shape! {
pub struct NewDhcpConfiguration {
    pub key: Option<String> = ("Key", "Key", "Key"),
    pub values: Option<Vec<String>> = ("Values", "Value", "", "Value", "item"),
}
}

crate::shape::shape! {
pub struct NitroTpmInfo {
    pub supported_versions: Option<Vec<String>> = ("SupportedVersions", "SupportedVersions", "", "supportedVersions", "item"),
}
}

crate::shape::shape! {
pub struct OnDemandOptionsRequest {
    pub allocation_strategy: Option<String> = ("AllocationStrategy", "AllocationStrategy", "AllocationStrategy"),
    pub capacity_reservation_options: Option<CapacityReservationOptionsRequest> = ("CapacityReservationOptions", "CapacityReservationOptions", "CapacityReservationOptions"),
    pub max_total_price: Option<String> = ("MaxTotalPrice", "MaxTotalPrice", "MaxTotalPrice"),
    pub min_target_capacity: Option<i32> = ("MinTargetCapacity", "MinTargetCapacity", "MinTargetCapacity"),
    pub single_availability_zone: Option<bool> = ("SingleAvailabilityZone", "SingleAvailabilityZone", "SingleAvailabilityZone"),
    pub single_instance_type: Option<bool> = ("SingleInstanceType", "SingleInstanceType", "SingleInstanceType"),
}
}

crate::shape::shape! {
pub struct OperatorRequest {
    pub principal: Option<String> = ("Principal", "Principal", "Principal"),
}
}

crate::shape::shape! {
pub struct OperatorResponse {
    pub hidden_by_default: Option<bool> = ("HiddenByDefault", "HiddenByDefault", "hiddenByDefault"),
    pub managed: Option<bool> = ("Managed", "Managed", "managed"),
    pub principal: Option<String> = ("Principal", "Principal", "principal"),
}
}

crate::shape::shape! {
pub struct PeeringConnectionOptions {
    pub allow_dns_resolution_from_remote_vpc: Option<bool> = ("AllowDnsResolutionFromRemoteVpc", "AllowDnsResolutionFromRemoteVpc", "allowDnsResolutionFromRemoteVpc"),
    pub allow_egress_from_local_classic_link_to_remote_vpc: Option<bool> = ("AllowEgressFromLocalClassicLinkToRemoteVpc", "AllowEgressFromLocalClassicLinkToRemoteVpc", "allowEgressFromLocalClassicLinkToRemoteVpc"),
    pub allow_egress_from_local_vpc_to_remote_classic_link: Option<bool> = ("AllowEgressFromLocalVpcToRemoteClassicLink", "AllowEgressFromLocalVpcToRemoteClassicLink", "allowEgressFromLocalVpcToRemoteClassicLink"),
}
}

crate::shape::shape! {
pub struct PeeringConnectionOptionsRequest {
    pub allow_dns_resolution_from_remote_vpc: Option<bool> = ("AllowDnsResolutionFromRemoteVpc", "AllowDnsResolutionFromRemoteVpc", "AllowDnsResolutionFromRemoteVpc"),
    pub allow_egress_from_local_classic_link_to_remote_vpc: Option<bool> = ("AllowEgressFromLocalClassicLinkToRemoteVpc", "AllowEgressFromLocalClassicLinkToRemoteVpc", "AllowEgressFromLocalClassicLinkToRemoteVpc"),
    pub allow_egress_from_local_vpc_to_remote_classic_link: Option<bool> = ("AllowEgressFromLocalVpcToRemoteClassicLink", "AllowEgressFromLocalVpcToRemoteClassicLink", "AllowEgressFromLocalVpcToRemoteClassicLink"),
}
}

crate::shape::shape! {
pub struct PerformanceFactorReference {
    pub instance_family: Option<String> = ("InstanceFamily", "InstanceFamily", "instanceFamily"),
}
}

crate::shape::shape! {
pub struct PerformanceFactorReferenceRequest {
    pub instance_family: Option<String> = ("InstanceFamily", "InstanceFamily", "InstanceFamily"),
}
}

crate::shape::shape! {
pub struct Placement {
    pub affinity: Option<String> = ("Affinity", "Affinity", "affinity"),
    pub availability_zone: Option<String> = ("AvailabilityZone", "AvailabilityZone", "availabilityZone"),
    pub availability_zone_id: Option<String> = ("AvailabilityZoneId", "AvailabilityZoneId", "availabilityZoneId"),
    pub group_id: Option<String> = ("GroupId", "GroupId", "groupId"),
    pub group_name: Option<String> = ("GroupName", "GroupName", "groupName"),
    pub host_id: Option<String> = ("HostId", "HostId", "hostId"),
    pub host_resource_group_arn: Option<String> = ("HostResourceGroupArn", "HostResourceGroupArn", "hostResourceGroupArn"),
    pub partition_number: Option<i32> = ("PartitionNumber", "PartitionNumber", "partitionNumber"),
    pub spread_domain: Option<String> = ("SpreadDomain", "SpreadDomain", "spreadDomain"),
    pub tenancy: Option<String> = ("Tenancy", "Tenancy", "tenancy"),
}
}

crate::shape::shape! {
pub struct PlacementGroup {
    pub group_arn: Option<String> = ("GroupArn", "GroupArn", "groupArn"),
    pub group_id: Option<String> = ("GroupId", "GroupId", "groupId"),
    pub group_name: Option<String> = ("GroupName", "GroupName", "groupName"),
    pub linked_group_id: Option<String> = ("LinkedGroupId", "LinkedGroupId", "linkedGroupId"),
    pub operator: Option<OperatorResponse> = ("Operator", "Operator", "operator"),
    pub partition_count: Option<i32> = ("PartitionCount", "PartitionCount", "partitionCount"),
    pub spread_level: Option<String> = ("SpreadLevel", "SpreadLevel", "spreadLevel"),
    pub state: Option<String> = ("State", "State", "state"),
    pub strategy: Option<String> = ("Strategy", "Strategy", "strategy"),
    pub tags: Option<Vec<Tag>> = ("Tags", "TagSet", "", "tagSet", "item"),
}
}

crate::shape::shape! {
pub struct PlacementGroupInfo {
    pub supported_strategies: Option<Vec<String>> = ("SupportedStrategies", "SupportedStrategies", "", "supportedStrategies", "item"),
}
}

crate::shape::shape! {
pub struct PlacementResponse {
    pub group_name: Option<String> = ("GroupName", "GroupName", "groupName"),
}
}

crate::shape::shape! {
pub struct PortRange {
    pub from: Option<i32> = ("From", "From", "from"),
    pub to: Option<i32> = ("To", "To", "to"),
}
}

crate::shape::shape! {
pub struct PrefixList {
    pub cidrs: Option<Vec<String>> = ("Cidrs", "CidrSet", "", "cidrSet", "item"),
    pub prefix_list_id: Option<String> = ("PrefixListId", "PrefixListId", "prefixListId"),
    pub prefix_list_name: Option<String> = ("PrefixListName", "PrefixListName", "prefixListName"),
}
}

crate::shape::shape! {
pub struct PrefixListEntry {
    pub cidr: Option<String> = ("Cidr", "Cidr", "cidr"),
    pub description: Option<String> = ("Description", "Description", "description"),
}
}

crate::shape::shape! {
pub struct PrefixListId {
    pub description: Option<String> = ("Description", "Description", "description"),
    pub prefix_list_id: Option<String> = ("PrefixListId", "PrefixListId", "prefixListId"),
}
}

crate::shape::shape! {
pub struct PrivateDnsDetails {
    pub private_dns_name: Option<String> = ("PrivateDnsName", "PrivateDnsName", "privateDnsName"),
}
}

crate::shape::shape! {
pub struct PrivateDnsNameOptionsOnLaunch {
    pub enable_resource_name_dns_aaaa_record: Option<bool> = ("EnableResourceNameDnsAAAARecord", "EnableResourceNameDnsAAAARecord", "enableResourceNameDnsAAAARecord"),
    pub enable_resource_name_dns_a_record: Option<bool> = ("EnableResourceNameDnsARecord", "EnableResourceNameDnsARecord", "enableResourceNameDnsARecord"),
    pub hostname_type: Option<String> = ("HostnameType", "HostnameType", "hostnameType"),
}
}

crate::shape::shape! {
pub struct PrivateDnsNameOptionsRequest {
    pub enable_resource_name_dns_aaaa_record: Option<bool> = ("EnableResourceNameDnsAAAARecord", "EnableResourceNameDnsAAAARecord", "EnableResourceNameDnsAAAARecord"),
    pub enable_resource_name_dns_a_record: Option<bool> = ("EnableResourceNameDnsARecord", "EnableResourceNameDnsARecord", "EnableResourceNameDnsARecord"),
    pub hostname_type: Option<String> = ("HostnameType", "HostnameType", "HostnameType"),
}
}

crate::shape::shape! {
pub struct PrivateDnsNameOptionsResponse {
    pub enable_resource_name_dns_aaaa_record: Option<bool> = ("EnableResourceNameDnsAAAARecord", "EnableResourceNameDnsAAAARecord", "enableResourceNameDnsAAAARecord"),
    pub enable_resource_name_dns_a_record: Option<bool> = ("EnableResourceNameDnsARecord", "EnableResourceNameDnsARecord", "enableResourceNameDnsARecord"),
    pub hostname_type: Option<String> = ("HostnameType", "HostnameType", "hostnameType"),
}
}

crate::shape::shape! {
pub struct PrivateIpAddressSpecification {
    pub primary: Option<bool> = ("Primary", "Primary", "primary"),
    pub private_ip_address: Option<String> = ("PrivateIpAddress", "PrivateIpAddress", "privateIpAddress"),
}
}

crate::shape::shape! {
pub struct ProcessorInfo {
    pub manufacturer: Option<String> = ("Manufacturer", "Manufacturer", "manufacturer"),
    pub supported_architectures: Option<Vec<String>> = ("SupportedArchitectures", "SupportedArchitectures", "", "supportedArchitectures", "item"),
    pub supported_features: Option<Vec<String>> = ("SupportedFeatures", "SupportedFeatures", "", "supportedFeatures", "item"),
    pub sustained_clock_speed_in_ghz: Option<f64> = ("SustainedClockSpeedInGhz", "SustainedClockSpeedInGhz", "sustainedClockSpeedInGhz"),
}
}

crate::shape::shape! {
pub struct ProductCode {
    pub product_code_id: Option<String> = ("ProductCodeId", "ProductCode", "productCode"),
    pub product_code_type: Option<String> = ("ProductCodeType", "Type", "type"),
}
}

crate::shape::shape! {
pub struct PropagatingVgw {
    pub gateway_id: Option<String> = ("GatewayId", "GatewayId", "gatewayId"),
}
}

crate::shape::shape! {
pub struct ProvisionedBandwidth {
    pub provision_time: Option<TimestampMs> = ("ProvisionTime", "ProvisionTime", "provisionTime"),
    pub provisioned: Option<String> = ("Provisioned", "Provisioned", "provisioned"),
    pub request_time: Option<TimestampMs> = ("RequestTime", "RequestTime", "requestTime"),
    pub requested: Option<String> = ("Requested", "Requested", "requested"),
    pub status: Option<String> = ("Status", "Status", "status"),
}
}

crate::shape::shape! {
pub struct PtrUpdateStatus {
    pub reason: Option<String> = ("Reason", "Reason", "reason"),
    pub status: Option<String> = ("Status", "Status", "status"),
    pub value: Option<String> = ("Value", "Value", "value"),
}
}

crate::shape::shape! {
pub struct PublicIpDnsNameOptions {
    pub dns_hostname_type: Option<String> = ("DnsHostnameType", "DnsHostnameType", "dnsHostnameType"),
    pub public_dual_stack_dns_name: Option<String> = ("PublicDualStackDnsName", "PublicDualStackDnsName", "publicDualStackDnsName"),
    pub public_ipv4_dns_name: Option<String> = ("PublicIpv4DnsName", "PublicIpv4DnsName", "publicIpv4DnsName"),
    pub public_ipv6_dns_name: Option<String> = ("PublicIpv6DnsName", "PublicIpv6DnsName", "publicIpv6DnsName"),
}
}

crate::shape::shape! {
pub struct RebootInstancesRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub instance_ids: Option<Vec<String>> = ("InstanceIds", "InstanceId", "", "InstanceId", "InstanceId"),
}
}

crate::shape::shape! {
pub struct ReferencedSecurityGroup {
    pub group_id: Option<String> = ("GroupId", "GroupId", "groupId"),
    pub peering_status: Option<String> = ("PeeringStatus", "PeeringStatus", "peeringStatus"),
    pub user_id: Option<String> = ("UserId", "UserId", "userId"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "vpcId"),
    pub vpc_peering_connection_id: Option<String> = ("VpcPeeringConnectionId", "VpcPeeringConnectionId", "vpcPeeringConnectionId"),
}
}

crate::shape::shape! {
pub struct Region {
    pub endpoint: Option<String> = ("Endpoint", "RegionEndpoint", "regionEndpoint"),
    pub geography: Option<Vec<RegionGeography>> = ("Geography", "GeographySet", "", "geographySet", "item"),
    pub opt_in_status: Option<String> = ("OptInStatus", "OptInStatus", "optInStatus"),
    pub region_name: Option<String> = ("RegionName", "RegionName", "regionName"),
}
}

crate::shape::shape! {
pub struct RegionGeography {
    pub name: Option<String> = ("Name", "Name", "name"),
}
}

crate::shape::shape! {
pub struct RejectVpcPeeringConnectionRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub vpc_peering_connection_id: Option<String> = ("VpcPeeringConnectionId", "VpcPeeringConnectionId", "vpcPeeringConnectionId"),
}
}

crate::shape::shape! {
pub struct RejectVpcPeeringConnectionResult {
    pub r#return: Option<bool> = ("Return", "Return", "return"),
}
}

crate::shape::shape! {
pub struct ReleaseAddressRequest {
    pub allocation_id: Option<String> = ("AllocationId", "AllocationId", "AllocationId"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub network_border_group: Option<String> = ("NetworkBorderGroup", "NetworkBorderGroup", "NetworkBorderGroup"),
    pub public_ip: Option<String> = ("PublicIp", "PublicIp", "PublicIp"),
}
}

crate::shape::shape! {
pub struct ReleaseHostsRequest {
    pub host_ids: Option<Vec<String>> = ("HostIds", "HostId", "", "hostId", "item"),
}
}

crate::shape::shape! {
pub struct ReleaseHostsResult {
    pub successful: Option<Vec<String>> = ("Successful", "Successful", "", "successful", "item"),
    pub unsuccessful: Option<Vec<UnsuccessfulItem>> = ("Unsuccessful", "Unsuccessful", "", "unsuccessful", "item"),
}
}

crate::shape::shape! {
pub struct RemovePrefixListEntry {
    pub cidr: Option<String> = ("Cidr", "Cidr", "Cidr"),
}
}

crate::shape::shape! {
pub struct ReplaceIamInstanceProfileAssociationRequest {
    pub association_id: Option<String> = ("AssociationId", "AssociationId", "AssociationId"),
    pub iam_instance_profile: Option<IamInstanceProfileSpecification> = ("IamInstanceProfile", "IamInstanceProfile", "IamInstanceProfile"),
}
}

crate::shape::shape! {
pub struct ReplaceIamInstanceProfileAssociationResult {
    pub iam_instance_profile_association: Option<IamInstanceProfileAssociation> = ("IamInstanceProfileAssociation", "IamInstanceProfileAssociation", "iamInstanceProfileAssociation"),
}
}

crate::shape::shape! {
pub struct ReplaceNetworkAclAssociationRequest {
    pub association_id: Option<String> = ("AssociationId", "AssociationId", "associationId"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub network_acl_id: Option<String> = ("NetworkAclId", "NetworkAclId", "networkAclId"),
}
}

crate::shape::shape! {
pub struct ReplaceNetworkAclAssociationResult {
    pub new_association_id: Option<String> = ("NewAssociationId", "NewAssociationId", "newAssociationId"),
}
}

crate::shape::shape! {
pub struct ReplaceNetworkAclEntryRequest {
    pub cidr_block: Option<String> = ("CidrBlock", "CidrBlock", "cidrBlock"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub egress: Option<bool> = ("Egress", "Egress", "egress"),
    pub icmp_type_code: Option<IcmpTypeCode> = ("IcmpTypeCode", "Icmp", "Icmp"),
    pub ipv6_cidr_block: Option<String> = ("Ipv6CidrBlock", "Ipv6CidrBlock", "ipv6CidrBlock"),
    pub network_acl_id: Option<String> = ("NetworkAclId", "NetworkAclId", "networkAclId"),
    pub port_range: Option<PortRange> = ("PortRange", "PortRange", "portRange"),
    pub protocol: Option<String> = ("Protocol", "Protocol", "protocol"),
    pub rule_action: Option<String> = ("RuleAction", "RuleAction", "ruleAction"),
    pub rule_number: Option<i32> = ("RuleNumber", "RuleNumber", "ruleNumber"),
}
}

crate::shape::shape! {
pub struct ReplaceRouteRequest {
    pub carrier_gateway_id: Option<String> = ("CarrierGatewayId", "CarrierGatewayId", "CarrierGatewayId"),
    pub core_network_arn: Option<String> = ("CoreNetworkArn", "CoreNetworkArn", "CoreNetworkArn"),
    pub destination_cidr_block: Option<String> = ("DestinationCidrBlock", "DestinationCidrBlock", "destinationCidrBlock"),
    pub destination_ipv6_cidr_block: Option<String> = ("DestinationIpv6CidrBlock", "DestinationIpv6CidrBlock", "destinationIpv6CidrBlock"),
    pub destination_prefix_list_id: Option<String> = ("DestinationPrefixListId", "DestinationPrefixListId", "DestinationPrefixListId"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub egress_only_internet_gateway_id: Option<String> = ("EgressOnlyInternetGatewayId", "EgressOnlyInternetGatewayId", "egressOnlyInternetGatewayId"),
    pub gateway_id: Option<String> = ("GatewayId", "GatewayId", "gatewayId"),
    pub instance_id: Option<String> = ("InstanceId", "InstanceId", "instanceId"),
    pub local_gateway_id: Option<String> = ("LocalGatewayId", "LocalGatewayId", "LocalGatewayId"),
    pub local_target: Option<bool> = ("LocalTarget", "LocalTarget", "LocalTarget"),
    pub nat_gateway_id: Option<String> = ("NatGatewayId", "NatGatewayId", "natGatewayId"),
    pub network_interface_id: Option<String> = ("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId"),
    pub odb_network_arn: Option<String> = ("OdbNetworkArn", "OdbNetworkArn", "OdbNetworkArn"),
    pub route_table_id: Option<String> = ("RouteTableId", "RouteTableId", "routeTableId"),
    pub transit_gateway_id: Option<String> = ("TransitGatewayId", "TransitGatewayId", "TransitGatewayId"),
    pub vpc_endpoint_id: Option<String> = ("VpcEndpointId", "VpcEndpointId", "VpcEndpointId"),
    pub vpc_peering_connection_id: Option<String> = ("VpcPeeringConnectionId", "VpcPeeringConnectionId", "vpcPeeringConnectionId"),
}
}

crate::shape::shape! {
pub struct ReplaceRouteTableAssociationRequest {
    pub association_id: Option<String> = ("AssociationId", "AssociationId", "associationId"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub route_table_id: Option<String> = ("RouteTableId", "RouteTableId", "routeTableId"),
}
}

crate::shape::shape! {
pub struct ReplaceRouteTableAssociationResult {
    pub association_state: Option<RouteTableAssociationState> = ("AssociationState", "AssociationState", "associationState"),
    pub new_association_id: Option<String> = ("NewAssociationId", "NewAssociationId", "newAssociationId"),
}
}

crate::shape::shape! {
pub struct ReplaceTransitGatewayRouteRequest {
    pub blackhole: Option<bool> = ("Blackhole", "Blackhole", "Blackhole"),
    pub destination_cidr_block: Option<String> = ("DestinationCidrBlock", "DestinationCidrBlock", "DestinationCidrBlock"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub transit_gateway_attachment_id: Option<String> = ("TransitGatewayAttachmentId", "TransitGatewayAttachmentId", "TransitGatewayAttachmentId"),
    pub transit_gateway_route_table_id: Option<String> = ("TransitGatewayRouteTableId", "TransitGatewayRouteTableId", "TransitGatewayRouteTableId"),
}
}

crate::shape::shape! {
pub struct ReplaceTransitGatewayRouteResult {
    pub route: Option<TransitGatewayRoute> = ("Route", "Route", "route"),
}
}

crate::shape::shape! {
pub struct RequestLaunchTemplateData {
    pub block_device_mappings: Option<Vec<LaunchTemplateBlockDeviceMappingRequest>> = ("BlockDeviceMappings", "BlockDeviceMapping", "", "BlockDeviceMapping", "BlockDeviceMapping"),
    pub capacity_reservation_specification: Option<LaunchTemplateCapacityReservationSpecificationRequest> = ("CapacityReservationSpecification", "CapacityReservationSpecification", "CapacityReservationSpecification"),
    pub cpu_options: Option<LaunchTemplateCpuOptionsRequest> = ("CpuOptions", "CpuOptions", "CpuOptions"),
    pub credit_specification: Option<CreditSpecificationRequest> = ("CreditSpecification", "CreditSpecification", "CreditSpecification"),
    pub disable_api_stop: Option<bool> = ("DisableApiStop", "DisableApiStop", "DisableApiStop"),
    pub disable_api_termination: Option<bool> = ("DisableApiTermination", "DisableApiTermination", "DisableApiTermination"),
    pub ebs_optimized: Option<bool> = ("EbsOptimized", "EbsOptimized", "EbsOptimized"),
    pub elastic_gpu_specifications: Option<Vec<ElasticGpuSpecification>> = ("ElasticGpuSpecifications", "ElasticGpuSpecification", "", "ElasticGpuSpecification", "ElasticGpuSpecification"),
    pub elastic_inference_accelerators: Option<Vec<LaunchTemplateElasticInferenceAccelerator>> = ("ElasticInferenceAccelerators", "ElasticInferenceAccelerator", "", "ElasticInferenceAccelerator", "item"),
    pub enclave_options: Option<LaunchTemplateEnclaveOptionsRequest> = ("EnclaveOptions", "EnclaveOptions", "EnclaveOptions"),
    pub hibernation_options: Option<LaunchTemplateHibernationOptionsRequest> = ("HibernationOptions", "HibernationOptions", "HibernationOptions"),
    pub iam_instance_profile: Option<LaunchTemplateIamInstanceProfileSpecificationRequest> = ("IamInstanceProfile", "IamInstanceProfile", "IamInstanceProfile"),
    pub image_id: Option<String> = ("ImageId", "ImageId", "ImageId"),
    pub instance_initiated_shutdown_behavior: Option<String> = ("InstanceInitiatedShutdownBehavior", "InstanceInitiatedShutdownBehavior", "InstanceInitiatedShutdownBehavior"),
    pub instance_market_options: Option<LaunchTemplateInstanceMarketOptionsRequest> = ("InstanceMarketOptions", "InstanceMarketOptions", "InstanceMarketOptions"),
    pub instance_requirements: Option<InstanceRequirementsRequest> = ("InstanceRequirements", "InstanceRequirements", "InstanceRequirements"),
    pub instance_type: Option<String> = ("InstanceType", "InstanceType", "InstanceType"),
    pub kernel_id: Option<String> = ("KernelId", "KernelId", "KernelId"),
    pub key_name: Option<String> = ("KeyName", "KeyName", "KeyName"),
    pub license_specifications: Option<Vec<LaunchTemplateLicenseConfigurationRequest>> = ("LicenseSpecifications", "LicenseSpecification", "", "LicenseSpecification", "item"),
    pub maintenance_options: Option<LaunchTemplateInstanceMaintenanceOptionsRequest> = ("MaintenanceOptions", "MaintenanceOptions", "MaintenanceOptions"),
    pub metadata_options: Option<LaunchTemplateInstanceMetadataOptionsRequest> = ("MetadataOptions", "MetadataOptions", "MetadataOptions"),
    pub monitoring: Option<LaunchTemplatesMonitoringRequest> = ("Monitoring", "Monitoring", "Monitoring"),
    pub network_interfaces: Option<Vec<LaunchTemplateInstanceNetworkInterfaceSpecificationRequest>> = ("NetworkInterfaces", "NetworkInterface", "", "NetworkInterface", "InstanceNetworkInterfaceSpecification"),
    pub network_performance_options: Option<LaunchTemplateNetworkPerformanceOptionsRequest> = ("NetworkPerformanceOptions", "NetworkPerformanceOptions", "NetworkPerformanceOptions"),
    pub operator: Option<OperatorRequest> = ("Operator", "Operator", "Operator"),
    pub placement: Option<LaunchTemplatePlacementRequest> = ("Placement", "Placement", "Placement"),
    pub private_dns_name_options: Option<LaunchTemplatePrivateDnsNameOptionsRequest> = ("PrivateDnsNameOptions", "PrivateDnsNameOptions", "PrivateDnsNameOptions"),
    pub ram_disk_id: Option<String> = ("RamDiskId", "RamDiskId", "RamDiskId"),
    pub secondary_interfaces: Option<Vec<LaunchTemplateInstanceSecondaryInterfaceSpecificationRequest>> = ("SecondaryInterfaces", "SecondaryInterface", "", "SecondaryInterface", "InstanceSecondaryInterfaceSpecification"),
    pub security_group_ids: Option<Vec<String>> = ("SecurityGroupIds", "SecurityGroupId", "", "SecurityGroupId", "SecurityGroupId"),
    pub security_groups: Option<Vec<String>> = ("SecurityGroups", "SecurityGroup", "", "SecurityGroup", "SecurityGroup"),
    pub tag_specifications: Option<Vec<LaunchTemplateTagSpecificationRequest>> = ("TagSpecifications", "TagSpecification", "", "TagSpecification", "LaunchTemplateTagSpecificationRequest"),
    pub user_data: Option<String> = ("UserData", "UserData", "UserData"),
}
}

crate::shape::shape! {
pub struct RequestSpotInstancesRequest {
    pub availability_zone_group: Option<String> = ("AvailabilityZoneGroup", "AvailabilityZoneGroup", "availabilityZoneGroup"),
    pub block_duration_minutes: Option<i32> = ("BlockDurationMinutes", "BlockDurationMinutes", "blockDurationMinutes"),
    pub client_token: Option<String> = ("ClientToken", "ClientToken", "clientToken"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub instance_count: Option<i32> = ("InstanceCount", "InstanceCount", "instanceCount"),
    pub instance_interruption_behavior: Option<String> = ("InstanceInterruptionBehavior", "InstanceInterruptionBehavior", "InstanceInterruptionBehavior"),
    pub launch_group: Option<String> = ("LaunchGroup", "LaunchGroup", "launchGroup"),
    pub launch_specification: Option<RequestSpotLaunchSpecification> = ("LaunchSpecification", "LaunchSpecification", "LaunchSpecification"),
    pub spot_price: Option<String> = ("SpotPrice", "SpotPrice", "spotPrice"),
    pub tag_specifications: Option<Vec<TagSpecification>> = ("TagSpecifications", "TagSpecification", "", "TagSpecification", "item"),
    pub r#type: Option<String> = ("Type", "Type", "type"),
    pub valid_from: Option<TimestampMs> = ("ValidFrom", "ValidFrom", "validFrom"),
    pub valid_until: Option<TimestampMs> = ("ValidUntil", "ValidUntil", "validUntil"),
}
}

crate::shape::shape! {
pub struct RequestSpotInstancesResult {
    pub spot_instance_requests: Option<Vec<SpotInstanceRequest>> = ("SpotInstanceRequests", "SpotInstanceRequestSet", "", "spotInstanceRequestSet", "item"),
}
}

crate::shape::shape! {
pub struct RequestSpotLaunchSpecification {
    pub addressing_type: Option<String> = ("AddressingType", "AddressingType", "addressingType"),
    pub block_device_mappings: Option<Vec<BlockDeviceMapping>> = ("BlockDeviceMappings", "BlockDeviceMapping", "", "blockDeviceMapping", "item"),
    pub ebs_optimized: Option<bool> = ("EbsOptimized", "EbsOptimized", "ebsOptimized"),
    pub iam_instance_profile: Option<IamInstanceProfileSpecification> = ("IamInstanceProfile", "IamInstanceProfile", "iamInstanceProfile"),
    pub image_id: Option<String> = ("ImageId", "ImageId", "imageId"),
    pub instance_type: Option<String> = ("InstanceType", "InstanceType", "instanceType"),
    pub kernel_id: Option<String> = ("KernelId", "KernelId", "kernelId"),
    pub key_name: Option<String> = ("KeyName", "KeyName", "keyName"),
    pub monitoring: Option<RunInstancesMonitoringEnabled> = ("Monitoring", "Monitoring", "monitoring"),
    pub network_interfaces: Option<Vec<InstanceNetworkInterfaceSpecification>> = ("NetworkInterfaces", "NetworkInterface", "", "NetworkInterface", "item"),
    pub placement: Option<SpotPlacement> = ("Placement", "Placement", "placement"),
    pub ramdisk_id: Option<String> = ("RamdiskId", "RamdiskId", "ramdiskId"),
    pub security_group_ids: Option<Vec<String>> = ("SecurityGroupIds", "SecurityGroupId", "", "SecurityGroupId", "item"),
    pub security_groups: Option<Vec<String>> = ("SecurityGroups", "SecurityGroup", "", "SecurityGroup", "item"),
    pub subnet_id: Option<String> = ("SubnetId", "SubnetId", "subnetId"),
    pub user_data: Option<String> = ("UserData", "UserData", "userData"),
}
}

crate::shape::shape! {
pub struct Reservation {
    pub groups: Option<Vec<GroupIdentifier>> = ("Groups", "GroupSet", "", "groupSet", "item"),
    pub instances: Option<Vec<Instance>> = ("Instances", "InstancesSet", "", "instancesSet", "item"),
    pub owner_id: Option<String> = ("OwnerId", "OwnerId", "ownerId"),
    pub requester_id: Option<String> = ("RequesterId", "RequesterId", "requesterId"),
    pub reservation_id: Option<String> = ("ReservationId", "ReservationId", "reservationId"),
}
}

crate::shape::shape! {
pub struct ReservedCapacityOptionsRequest {
    pub reservation_types: Option<Vec<String>> = ("ReservationTypes", "ReservationType", "", "ReservationType", "ReservationType"),
}
}

crate::shape::shape! {
pub struct ResetAddressAttributeRequest {
    pub allocation_id: Option<String> = ("AllocationId", "AllocationId", "AllocationId"),
    pub attribute: Option<String> = ("Attribute", "Attribute", "Attribute"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
}
}

crate::shape::shape! {
pub struct ResetAddressAttributeResult {
    pub address: Option<AddressAttribute> = ("Address", "Address", "address"),
}
}

crate::shape::shape! {
pub struct ResetNetworkInterfaceAttributeRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub network_interface_id: Option<String> = ("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId"),
    pub source_dest_check: Option<String> = ("SourceDestCheck", "SourceDestCheck", "sourceDestCheck"),
}
}

crate::shape::shape! {
pub struct ResponseError {
    pub code: Option<String> = ("Code", "Code", "code"),
    pub message: Option<String> = ("Message", "Message", "message"),
}
}

crate::shape::shape! {
pub struct ResponseLaunchTemplateData {
    pub block_device_mappings: Option<Vec<LaunchTemplateBlockDeviceMapping>> = ("BlockDeviceMappings", "BlockDeviceMappingSet", "", "blockDeviceMappingSet", "item"),
    pub capacity_reservation_specification: Option<LaunchTemplateCapacityReservationSpecificationResponse> = ("CapacityReservationSpecification", "CapacityReservationSpecification", "capacityReservationSpecification"),
    pub cpu_options: Option<LaunchTemplateCpuOptions> = ("CpuOptions", "CpuOptions", "cpuOptions"),
    pub credit_specification: Option<CreditSpecification> = ("CreditSpecification", "CreditSpecification", "creditSpecification"),
    pub disable_api_stop: Option<bool> = ("DisableApiStop", "DisableApiStop", "disableApiStop"),
    pub disable_api_termination: Option<bool> = ("DisableApiTermination", "DisableApiTermination", "disableApiTermination"),
    pub ebs_optimized: Option<bool> = ("EbsOptimized", "EbsOptimized", "ebsOptimized"),
    pub elastic_gpu_specifications: Option<Vec<ElasticGpuSpecificationResponse>> = ("ElasticGpuSpecifications", "ElasticGpuSpecificationSet", "", "elasticGpuSpecificationSet", "item"),
    pub elastic_inference_accelerators: Option<Vec<LaunchTemplateElasticInferenceAcceleratorResponse>> = ("ElasticInferenceAccelerators", "ElasticInferenceAcceleratorSet", "", "elasticInferenceAcceleratorSet", "item"),
    pub enclave_options: Option<LaunchTemplateEnclaveOptions> = ("EnclaveOptions", "EnclaveOptions", "enclaveOptions"),
    pub hibernation_options: Option<LaunchTemplateHibernationOptions> = ("HibernationOptions", "HibernationOptions", "hibernationOptions"),
    pub iam_instance_profile: Option<LaunchTemplateIamInstanceProfileSpecification> = ("IamInstanceProfile", "IamInstanceProfile", "iamInstanceProfile"),
    pub image_id: Option<String> = ("ImageId", "ImageId", "imageId"),
    pub instance_initiated_shutdown_behavior: Option<String> = ("InstanceInitiatedShutdownBehavior", "InstanceInitiatedShutdownBehavior", "instanceInitiatedShutdownBehavior"),
    pub instance_market_options: Option<LaunchTemplateInstanceMarketOptions> = ("InstanceMarketOptions", "InstanceMarketOptions", "instanceMarketOptions"),
    pub instance_requirements: Option<InstanceRequirements> = ("InstanceRequirements", "InstanceRequirements", "instanceRequirements"),
    pub instance_type: Option<String> = ("InstanceType", "InstanceType", "instanceType"),
    pub kernel_id: Option<String> = ("KernelId", "KernelId", "kernelId"),
    pub key_name: Option<String> = ("KeyName", "KeyName", "keyName"),
    pub license_specifications: Option<Vec<LaunchTemplateLicenseConfiguration>> = ("LicenseSpecifications", "LicenseSet", "", "licenseSet", "item"),
    pub maintenance_options: Option<LaunchTemplateInstanceMaintenanceOptions> = ("MaintenanceOptions", "MaintenanceOptions", "maintenanceOptions"),
    pub metadata_options: Option<LaunchTemplateInstanceMetadataOptions> = ("MetadataOptions", "MetadataOptions", "metadataOptions"),
    pub monitoring: Option<LaunchTemplatesMonitoring> = ("Monitoring", "Monitoring", "monitoring"),
    pub network_interfaces: Option<Vec<LaunchTemplateInstanceNetworkInterfaceSpecification>> = ("NetworkInterfaces", "NetworkInterfaceSet", "", "networkInterfaceSet", "item"),
    pub network_performance_options: Option<LaunchTemplateNetworkPerformanceOptions> = ("NetworkPerformanceOptions", "NetworkPerformanceOptions", "networkPerformanceOptions"),
    pub operator: Option<OperatorResponse> = ("Operator", "Operator", "operator"),
    pub placement: Option<LaunchTemplatePlacement> = ("Placement", "Placement", "placement"),
    pub private_dns_name_options: Option<LaunchTemplatePrivateDnsNameOptions> = ("PrivateDnsNameOptions", "PrivateDnsNameOptions", "privateDnsNameOptions"),
    pub ram_disk_id: Option<String> = ("RamDiskId", "RamDiskId", "ramDiskId"),
    pub secondary_interfaces: Option<Vec<LaunchTemplateInstanceSecondaryInterfaceSpecification>> = ("SecondaryInterfaces", "SecondaryInterfaceSet", "", "secondaryInterfaceSet", "item"),
    pub security_group_ids: Option<Vec<String>> = ("SecurityGroupIds", "SecurityGroupIdSet", "", "securityGroupIdSet", "item"),
    pub security_groups: Option<Vec<String>> = ("SecurityGroups", "SecurityGroupSet", "", "securityGroupSet", "item"),
    pub tag_specifications: Option<Vec<LaunchTemplateTagSpecification>> = ("TagSpecifications", "TagSpecificationSet", "", "tagSpecificationSet", "item"),
    pub user_data: Option<String> = ("UserData", "UserData", "userData"),
}
}

crate::shape::shape! {
pub struct RestoreManagedPrefixListVersionRequest {
    pub current_version: Option<i64> = ("CurrentVersion", "CurrentVersion", "CurrentVersion"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub prefix_list_id: Option<String> = ("PrefixListId", "PrefixListId", "PrefixListId"),
    pub previous_version: Option<i64> = ("PreviousVersion", "PreviousVersion", "PreviousVersion"),
}
}

crate::shape::shape! {
pub struct RestoreManagedPrefixListVersionResult {
    pub prefix_list: Option<ManagedPrefixList> = ("PrefixList", "PrefixList", "prefixList"),
}
}

crate::shape::shape! {
pub struct RevokeSecurityGroupEgressRequest {
    pub cidr_ip: Option<String> = ("CidrIp", "CidrIp", "cidrIp"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub from_port: Option<i32> = ("FromPort", "FromPort", "fromPort"),
    pub group_id: Option<String> = ("GroupId", "GroupId", "groupId"),
    pub ip_permissions: Option<Vec<IpPermission>> = ("IpPermissions", "IpPermissions", "", "ipPermissions", "item"),
    pub ip_protocol: Option<String> = ("IpProtocol", "IpProtocol", "ipProtocol"),
    pub security_group_rule_ids: Option<Vec<String>> = ("SecurityGroupRuleIds", "SecurityGroupRuleId", "", "SecurityGroupRuleId", "item"),
    pub source_security_group_name: Option<String> = ("SourceSecurityGroupName", "SourceSecurityGroupName", "sourceSecurityGroupName"),
    pub source_security_group_owner_id: Option<String> = ("SourceSecurityGroupOwnerId", "SourceSecurityGroupOwnerId", "sourceSecurityGroupOwnerId"),
    pub to_port: Option<i32> = ("ToPort", "ToPort", "toPort"),
}
}

crate::shape::shape! {
pub struct RevokeSecurityGroupEgressResult {
    pub r#return: Option<bool> = ("Return", "Return", "return"),
    pub revoked_security_group_rules: Option<Vec<RevokedSecurityGroupRule>> = ("RevokedSecurityGroupRules", "RevokedSecurityGroupRuleSet", "", "revokedSecurityGroupRuleSet", "item"),
    pub unknown_ip_permissions: Option<Vec<IpPermission>> = ("UnknownIpPermissions", "UnknownIpPermissionSet", "", "unknownIpPermissionSet", "item"),
}
}

crate::shape::shape! {
pub struct RevokeSecurityGroupIngressRequest {
    pub cidr_ip: Option<String> = ("CidrIp", "CidrIp", "CidrIp"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub from_port: Option<i32> = ("FromPort", "FromPort", "FromPort"),
    pub group_id: Option<String> = ("GroupId", "GroupId", "GroupId"),
    pub group_name: Option<String> = ("GroupName", "GroupName", "GroupName"),
    pub ip_permissions: Option<Vec<IpPermission>> = ("IpPermissions", "IpPermissions", "", "IpPermissions", "item"),
    pub ip_protocol: Option<String> = ("IpProtocol", "IpProtocol", "IpProtocol"),
    pub security_group_rule_ids: Option<Vec<String>> = ("SecurityGroupRuleIds", "SecurityGroupRuleId", "", "SecurityGroupRuleId", "item"),
    pub source_security_group_name: Option<String> = ("SourceSecurityGroupName", "SourceSecurityGroupName", "SourceSecurityGroupName"),
    pub source_security_group_owner_id: Option<String> = ("SourceSecurityGroupOwnerId", "SourceSecurityGroupOwnerId", "SourceSecurityGroupOwnerId"),
    pub to_port: Option<i32> = ("ToPort", "ToPort", "ToPort"),
}
}

crate::shape::shape! {
pub struct RevokeSecurityGroupIngressResult {
    pub r#return: Option<bool> = ("Return", "Return", "return"),
    pub revoked_security_group_rules: Option<Vec<RevokedSecurityGroupRule>> = ("RevokedSecurityGroupRules", "RevokedSecurityGroupRuleSet", "", "revokedSecurityGroupRuleSet", "item"),
    pub unknown_ip_permissions: Option<Vec<IpPermission>> = ("UnknownIpPermissions", "UnknownIpPermissionSet", "", "unknownIpPermissionSet", "item"),
}
}

crate::shape::shape! {
pub struct RevokedSecurityGroupRule {
    pub cidr_ipv4: Option<String> = ("CidrIpv4", "CidrIpv4", "cidrIpv4"),
    pub cidr_ipv6: Option<String> = ("CidrIpv6", "CidrIpv6", "cidrIpv6"),
    pub description: Option<String> = ("Description", "Description", "description"),
    pub from_port: Option<i32> = ("FromPort", "FromPort", "fromPort"),
    pub group_id: Option<String> = ("GroupId", "GroupId", "groupId"),
    pub ip_protocol: Option<String> = ("IpProtocol", "IpProtocol", "ipProtocol"),
    pub is_egress: Option<bool> = ("IsEgress", "IsEgress", "isEgress"),
    pub prefix_list_id: Option<String> = ("PrefixListId", "PrefixListId", "prefixListId"),
    pub referenced_group_id: Option<String> = ("ReferencedGroupId", "ReferencedGroupId", "referencedGroupId"),
    pub security_group_rule_id: Option<String> = ("SecurityGroupRuleId", "SecurityGroupRuleId", "securityGroupRuleId"),
    pub to_port: Option<i32> = ("ToPort", "ToPort", "toPort"),
}
}

crate::shape::shape! {
pub struct Route {
    pub carrier_gateway_id: Option<String> = ("CarrierGatewayId", "CarrierGatewayId", "carrierGatewayId"),
    pub core_network_arn: Option<String> = ("CoreNetworkArn", "CoreNetworkArn", "coreNetworkArn"),
    pub destination_cidr_block: Option<String> = ("DestinationCidrBlock", "DestinationCidrBlock", "destinationCidrBlock"),
    pub destination_ipv6_cidr_block: Option<String> = ("DestinationIpv6CidrBlock", "DestinationIpv6CidrBlock", "destinationIpv6CidrBlock"),
    pub destination_prefix_list_id: Option<String> = ("DestinationPrefixListId", "DestinationPrefixListId", "destinationPrefixListId"),
    pub egress_only_internet_gateway_id: Option<String> = ("EgressOnlyInternetGatewayId", "EgressOnlyInternetGatewayId", "egressOnlyInternetGatewayId"),
    pub gateway_id: Option<String> = ("GatewayId", "GatewayId", "gatewayId"),
    pub instance_id: Option<String> = ("InstanceId", "InstanceId", "instanceId"),
    pub instance_owner_id: Option<String> = ("InstanceOwnerId", "InstanceOwnerId", "instanceOwnerId"),
    pub ip_address: Option<String> = ("IpAddress", "IpAddress", "ipAddress"),
    pub local_gateway_id: Option<String> = ("LocalGatewayId", "LocalGatewayId", "localGatewayId"),
    pub nat_gateway_id: Option<String> = ("NatGatewayId", "NatGatewayId", "natGatewayId"),
    pub network_interface_id: Option<String> = ("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId"),
    pub odb_network_arn: Option<String> = ("OdbNetworkArn", "OdbNetworkArn", "odbNetworkArn"),
    pub origin: Option<String> = ("Origin", "Origin", "origin"),
    pub state: Option<String> = ("State", "State", "state"),
    pub transit_gateway_id: Option<String> = ("TransitGatewayId", "TransitGatewayId", "transitGatewayId"),
    pub vpc_peering_connection_id: Option<String> = ("VpcPeeringConnectionId", "VpcPeeringConnectionId", "vpcPeeringConnectionId"),
}
}

crate::shape::shape! {
pub struct RouteTable {
    pub associations: Option<Vec<RouteTableAssociation>> = ("Associations", "AssociationSet", "", "associationSet", "item"),
    pub owner_id: Option<String> = ("OwnerId", "OwnerId", "ownerId"),
    pub propagating_vgws: Option<Vec<PropagatingVgw>> = ("PropagatingVgws", "PropagatingVgwSet", "", "propagatingVgwSet", "item"),
    pub route_table_id: Option<String> = ("RouteTableId", "RouteTableId", "routeTableId"),
    pub routes: Option<Vec<Route>> = ("Routes", "RouteSet", "", "routeSet", "item"),
    pub tags: Option<Vec<Tag>> = ("Tags", "TagSet", "", "tagSet", "item"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "vpcId"),
}
}

crate::shape::shape! {
pub struct RouteTableAssociation {
    pub association_state: Option<RouteTableAssociationState> = ("AssociationState", "AssociationState", "associationState"),
    pub gateway_id: Option<String> = ("GatewayId", "GatewayId", "gatewayId"),
    pub main: Option<bool> = ("Main", "Main", "main"),
    pub public_ipv4_pool: Option<String> = ("PublicIpv4Pool", "PublicIpv4Pool", "publicIpv4Pool"),
    pub route_table_association_id: Option<String> = ("RouteTableAssociationId", "RouteTableAssociationId", "routeTableAssociationId"),
    pub route_table_id: Option<String> = ("RouteTableId", "RouteTableId", "routeTableId"),
    pub subnet_id: Option<String> = ("SubnetId", "SubnetId", "subnetId"),
}
}

crate::shape::shape! {
pub struct RouteTableAssociationState {
    pub state: Option<String> = ("State", "State", "state"),
    pub status_message: Option<String> = ("StatusMessage", "StatusMessage", "statusMessage"),
}
}

crate::shape::shape! {
pub struct RunInstancesMonitoringEnabled {
    pub enabled: Option<bool> = ("Enabled", "Enabled", "enabled"),
}
}

crate::shape::shape! {
pub struct RunInstancesRequest {
    pub additional_info: Option<String> = ("AdditionalInfo", "AdditionalInfo", "additionalInfo"),
    pub block_device_mappings: Option<Vec<BlockDeviceMapping>> = ("BlockDeviceMappings", "BlockDeviceMapping", "", "BlockDeviceMapping", "BlockDeviceMapping"),
    pub capacity_reservation_specification: Option<CapacityReservationSpecification> = ("CapacityReservationSpecification", "CapacityReservationSpecification", "CapacityReservationSpecification"),
    pub client_token: Option<String> = ("ClientToken", "ClientToken", "clientToken"),
    pub cpu_options: Option<CpuOptionsRequest> = ("CpuOptions", "CpuOptions", "CpuOptions"),
    pub credit_specification: Option<CreditSpecificationRequest> = ("CreditSpecification", "CreditSpecification", "CreditSpecification"),
    pub disable_api_stop: Option<bool> = ("DisableApiStop", "DisableApiStop", "DisableApiStop"),
    pub disable_api_termination: Option<bool> = ("DisableApiTermination", "DisableApiTermination", "disableApiTermination"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub ebs_optimized: Option<bool> = ("EbsOptimized", "EbsOptimized", "ebsOptimized"),
    pub elastic_gpu_specification: Option<Vec<ElasticGpuSpecification>> = ("ElasticGpuSpecification", "ElasticGpuSpecification", "", "ElasticGpuSpecification", "item"),
    pub elastic_inference_accelerators: Option<Vec<ElasticInferenceAccelerator>> = ("ElasticInferenceAccelerators", "ElasticInferenceAccelerator", "", "ElasticInferenceAccelerator", "item"),
    pub enable_primary_ipv6: Option<bool> = ("EnablePrimaryIpv6", "EnablePrimaryIpv6", "EnablePrimaryIpv6"),
    pub enclave_options: Option<EnclaveOptionsRequest> = ("EnclaveOptions", "EnclaveOptions", "EnclaveOptions"),
    pub hibernation_options: Option<HibernationOptionsRequest> = ("HibernationOptions", "HibernationOptions", "HibernationOptions"),
    pub iam_instance_profile: Option<IamInstanceProfileSpecification> = ("IamInstanceProfile", "IamInstanceProfile", "iamInstanceProfile"),
    pub image_id: Option<String> = ("ImageId", "ImageId", "ImageId"),
    pub instance_initiated_shutdown_behavior: Option<String> = ("InstanceInitiatedShutdownBehavior", "InstanceInitiatedShutdownBehavior", "instanceInitiatedShutdownBehavior"),
    pub instance_market_options: Option<InstanceMarketOptionsRequest> = ("InstanceMarketOptions", "InstanceMarketOptions", "InstanceMarketOptions"),
    pub instance_type: Option<String> = ("InstanceType", "InstanceType", "InstanceType"),
    pub ipv6_address_count: Option<i32> = ("Ipv6AddressCount", "Ipv6AddressCount", "Ipv6AddressCount"),
    pub ipv6_addresses: Option<Vec<InstanceIpv6Address>> = ("Ipv6Addresses", "Ipv6Address", "", "Ipv6Address", "item"),
    pub kernel_id: Option<String> = ("KernelId", "KernelId", "KernelId"),
    pub key_name: Option<String> = ("KeyName", "KeyName", "KeyName"),
    pub launch_template: Option<LaunchTemplateSpecification> = ("LaunchTemplate", "LaunchTemplate", "LaunchTemplate"),
    pub license_specifications: Option<Vec<LicenseConfigurationRequest>> = ("LicenseSpecifications", "LicenseSpecification", "", "LicenseSpecification", "item"),
    pub maintenance_options: Option<InstanceMaintenanceOptionsRequest> = ("MaintenanceOptions", "MaintenanceOptions", "MaintenanceOptions"),
    pub max_count: Option<i32> = ("MaxCount", "MaxCount", "MaxCount"),
    pub metadata_options: Option<InstanceMetadataOptionsRequest> = ("MetadataOptions", "MetadataOptions", "MetadataOptions"),
    pub min_count: Option<i32> = ("MinCount", "MinCount", "MinCount"),
    pub monitoring: Option<RunInstancesMonitoringEnabled> = ("Monitoring", "Monitoring", "Monitoring"),
    pub network_interfaces: Option<Vec<InstanceNetworkInterfaceSpecification>> = ("NetworkInterfaces", "NetworkInterface", "", "networkInterface", "item"),
    pub network_performance_options: Option<InstanceNetworkPerformanceOptionsRequest> = ("NetworkPerformanceOptions", "NetworkPerformanceOptions", "NetworkPerformanceOptions"),
    pub operator: Option<OperatorRequest> = ("Operator", "Operator", "Operator"),
    pub placement: Option<Placement> = ("Placement", "Placement", "Placement"),
    pub private_dns_name_options: Option<PrivateDnsNameOptionsRequest> = ("PrivateDnsNameOptions", "PrivateDnsNameOptions", "PrivateDnsNameOptions"),
    pub private_ip_address: Option<String> = ("PrivateIpAddress", "PrivateIpAddress", "privateIpAddress"),
    pub ramdisk_id: Option<String> = ("RamdiskId", "RamdiskId", "RamdiskId"),
    pub secondary_interfaces: Option<Vec<InstanceSecondaryInterfaceSpecificationRequest>> = ("SecondaryInterfaces", "SecondaryInterface", "", "SecondaryInterface", "item"),
    pub security_group_ids: Option<Vec<String>> = ("SecurityGroupIds", "SecurityGroupId", "", "SecurityGroupId", "SecurityGroupId"),
    pub security_groups: Option<Vec<String>> = ("SecurityGroups", "SecurityGroup", "", "SecurityGroup", "SecurityGroup"),
    pub subnet_id: Option<String> = ("SubnetId", "SubnetId", "SubnetId"),
    pub tag_specifications: Option<Vec<TagSpecification>> = ("TagSpecifications", "TagSpecification", "", "TagSpecification", "item"),
    pub user_data: Option<String> = ("UserData", "UserData", "UserData"),
}
}

crate::shape::shape! {
pub struct SearchTransitGatewayRoutesRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub filters: Option<Vec<Filter>> = ("Filters", "Filter", "", "Filter", "Filter"),
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
    pub transit_gateway_route_table_id: Option<String> = ("TransitGatewayRouteTableId", "TransitGatewayRouteTableId", "TransitGatewayRouteTableId"),
}
}

crate::shape::shape! {
pub struct SearchTransitGatewayRoutesResult {
    pub additional_routes_available: Option<bool> = ("AdditionalRoutesAvailable", "AdditionalRoutesAvailable", "additionalRoutesAvailable"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "nextToken"),
    pub routes: Option<Vec<TransitGatewayRoute>> = ("Routes", "RouteSet", "", "routeSet", "item"),
}
}

crate::shape::shape! {
pub struct SecondaryInterfacePrivateIpAddressSpecification {
    pub private_ip_address: Option<String> = ("PrivateIpAddress", "PrivateIpAddress", "privateIpAddress"),
}
}

crate::shape::shape! {
pub struct SecondaryInterfacePrivateIpAddressSpecificationRequest {
    pub private_ip_address: Option<String> = ("PrivateIpAddress", "PrivateIpAddress", "PrivateIpAddress"),
}
}

crate::shape::shape! {
pub struct SecurityGroup {
    pub description: Option<String> = ("Description", "GroupDescription", "groupDescription"),
    pub group_id: Option<String> = ("GroupId", "GroupId", "groupId"),
    pub group_name: Option<String> = ("GroupName", "GroupName", "groupName"),
    pub ip_permissions: Option<Vec<IpPermission>> = ("IpPermissions", "IpPermissions", "", "ipPermissions", "item"),
    pub ip_permissions_egress: Option<Vec<IpPermission>> = ("IpPermissionsEgress", "IpPermissionsEgress", "", "ipPermissionsEgress", "item"),
    pub owner_id: Option<String> = ("OwnerId", "OwnerId", "ownerId"),
    pub security_group_arn: Option<String> = ("SecurityGroupArn", "SecurityGroupArn", "securityGroupArn"),
    pub tags: Option<Vec<Tag>> = ("Tags", "TagSet", "", "tagSet", "item"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "vpcId"),
}
}

crate::shape::shape! {
pub struct SecurityGroupForVpc {
    pub description: Option<String> = ("Description", "Description", "description"),
    pub group_id: Option<String> = ("GroupId", "GroupId", "groupId"),
    pub group_name: Option<String> = ("GroupName", "GroupName", "groupName"),
    pub owner_id: Option<String> = ("OwnerId", "OwnerId", "ownerId"),
    pub primary_vpc_id: Option<String> = ("PrimaryVpcId", "PrimaryVpcId", "primaryVpcId"),
    pub tags: Option<Vec<Tag>> = ("Tags", "TagSet", "", "tagSet", "item"),
}
}

crate::shape::shape! {
pub struct SecurityGroupIdentifier {
    pub group_id: Option<String> = ("GroupId", "GroupId", "groupId"),
    pub group_name: Option<String> = ("GroupName", "GroupName", "groupName"),
}
}

crate::shape::shape! {
pub struct SecurityGroupReference {
    pub group_id: Option<String> = ("GroupId", "GroupId", "groupId"),
    pub referencing_vpc_id: Option<String> = ("ReferencingVpcId", "ReferencingVpcId", "referencingVpcId"),
    pub transit_gateway_id: Option<String> = ("TransitGatewayId", "TransitGatewayId", "transitGatewayId"),
    pub vpc_peering_connection_id: Option<String> = ("VpcPeeringConnectionId", "VpcPeeringConnectionId", "vpcPeeringConnectionId"),
}
}

crate::shape::shape! {
pub struct SecurityGroupRule {
    pub cidr_ipv4: Option<String> = ("CidrIpv4", "CidrIpv4", "cidrIpv4"),
    pub cidr_ipv6: Option<String> = ("CidrIpv6", "CidrIpv6", "cidrIpv6"),
    pub description: Option<String> = ("Description", "Description", "description"),
    pub from_port: Option<i32> = ("FromPort", "FromPort", "fromPort"),
    pub group_id: Option<String> = ("GroupId", "GroupId", "groupId"),
    pub group_owner_id: Option<String> = ("GroupOwnerId", "GroupOwnerId", "groupOwnerId"),
    pub ip_protocol: Option<String> = ("IpProtocol", "IpProtocol", "ipProtocol"),
    pub is_egress: Option<bool> = ("IsEgress", "IsEgress", "isEgress"),
    pub prefix_list_id: Option<String> = ("PrefixListId", "PrefixListId", "prefixListId"),
    pub referenced_group_info: Option<ReferencedSecurityGroup> = ("ReferencedGroupInfo", "ReferencedGroupInfo", "referencedGroupInfo"),
    pub security_group_rule_arn: Option<String> = ("SecurityGroupRuleArn", "SecurityGroupRuleArn", "securityGroupRuleArn"),
    pub security_group_rule_id: Option<String> = ("SecurityGroupRuleId", "SecurityGroupRuleId", "securityGroupRuleId"),
    pub tags: Option<Vec<Tag>> = ("Tags", "TagSet", "", "tagSet", "item"),
    pub to_port: Option<i32> = ("ToPort", "ToPort", "toPort"),
}
}

crate::shape::shape! {
pub struct SecurityGroupRuleDescription {
    pub description: Option<String> = ("Description", "Description", "Description"),
    pub security_group_rule_id: Option<String> = ("SecurityGroupRuleId", "SecurityGroupRuleId", "SecurityGroupRuleId"),
}
}

crate::shape::shape! {
pub struct SecurityGroupRuleRequest {
    pub cidr_ipv4: Option<String> = ("CidrIpv4", "CidrIpv4", "CidrIpv4"),
    pub cidr_ipv6: Option<String> = ("CidrIpv6", "CidrIpv6", "CidrIpv6"),
    pub description: Option<String> = ("Description", "Description", "Description"),
    pub from_port: Option<i32> = ("FromPort", "FromPort", "FromPort"),
    pub ip_protocol: Option<String> = ("IpProtocol", "IpProtocol", "IpProtocol"),
    pub prefix_list_id: Option<String> = ("PrefixListId", "PrefixListId", "PrefixListId"),
    pub referenced_group_id: Option<String> = ("ReferencedGroupId", "ReferencedGroupId", "ReferencedGroupId"),
    pub to_port: Option<i32> = ("ToPort", "ToPort", "ToPort"),
}
}

crate::shape::shape! {
pub struct SecurityGroupRuleUpdate {
    pub security_group_rule: Option<SecurityGroupRuleRequest> = ("SecurityGroupRule", "SecurityGroupRule", "SecurityGroupRule"),
    pub security_group_rule_id: Option<String> = ("SecurityGroupRuleId", "SecurityGroupRuleId", "SecurityGroupRuleId"),
}
}

crate::shape::shape! {
pub struct ServiceDetail {
    pub acceptance_required: Option<bool> = ("AcceptanceRequired", "AcceptanceRequired", "acceptanceRequired"),
    pub availability_zone_ids: Option<Vec<String>> = ("AvailabilityZoneIds", "AvailabilityZoneIdSet", "", "availabilityZoneIdSet", "item"),
    pub availability_zones: Option<Vec<String>> = ("AvailabilityZones", "AvailabilityZoneSet", "", "availabilityZoneSet", "item"),
    pub base_endpoint_dns_names: Option<Vec<String>> = ("BaseEndpointDnsNames", "BaseEndpointDnsNameSet", "", "baseEndpointDnsNameSet", "item"),
    pub manages_vpc_endpoints: Option<bool> = ("ManagesVpcEndpoints", "ManagesVpcEndpoints", "managesVpcEndpoints"),
    pub owner: Option<String> = ("Owner", "Owner", "owner"),
    pub payer_responsibility: Option<String> = ("PayerResponsibility", "PayerResponsibility", "payerResponsibility"),
    pub private_dns_name: Option<String> = ("PrivateDnsName", "PrivateDnsName", "privateDnsName"),
    pub private_dns_name_verification_state: Option<String> = ("PrivateDnsNameVerificationState", "PrivateDnsNameVerificationState", "privateDnsNameVerificationState"),
    pub private_dns_names: Option<Vec<PrivateDnsDetails>> = ("PrivateDnsNames", "PrivateDnsNameSet", "", "privateDnsNameSet", "item"),
    pub service_id: Option<String> = ("ServiceId", "ServiceId", "serviceId"),
    pub service_name: Option<String> = ("ServiceName", "ServiceName", "serviceName"),
    pub service_region: Option<String> = ("ServiceRegion", "ServiceRegion", "serviceRegion"),
    pub service_type: Option<Vec<ServiceTypeDetail>> = ("ServiceType", "ServiceType", "", "serviceType", "item"),
    pub supported_ip_address_types: Option<Vec<String>> = ("SupportedIpAddressTypes", "SupportedIpAddressTypeSet", "", "supportedIpAddressTypeSet", "item"),
    pub tags: Option<Vec<Tag>> = ("Tags", "TagSet", "", "tagSet", "item"),
    pub vpc_endpoint_policy_supported: Option<bool> = ("VpcEndpointPolicySupported", "VpcEndpointPolicySupported", "vpcEndpointPolicySupported"),
}
}

crate::shape::shape! {
pub struct ServiceTypeDetail {
    pub service_type: Option<String> = ("ServiceType", "ServiceType", "serviceType"),
}
}

crate::shape::shape! {
pub struct SpotInstanceRequest {
    pub actual_block_hourly_price: Option<String> = ("ActualBlockHourlyPrice", "ActualBlockHourlyPrice", "actualBlockHourlyPrice"),
    pub availability_zone_group: Option<String> = ("AvailabilityZoneGroup", "AvailabilityZoneGroup", "availabilityZoneGroup"),
    pub block_duration_minutes: Option<i32> = ("BlockDurationMinutes", "BlockDurationMinutes", "blockDurationMinutes"),
    pub create_time: Option<TimestampMs> = ("CreateTime", "CreateTime", "createTime"),
    pub fault: Option<SpotInstanceStateFault> = ("Fault", "Fault", "fault"),
    pub instance_id: Option<String> = ("InstanceId", "InstanceId", "instanceId"),
    pub instance_interruption_behavior: Option<String> = ("InstanceInterruptionBehavior", "InstanceInterruptionBehavior", "instanceInterruptionBehavior"),
    pub launch_group: Option<String> = ("LaunchGroup", "LaunchGroup", "launchGroup"),
    pub launch_specification: Option<LaunchSpecification> = ("LaunchSpecification", "LaunchSpecification", "launchSpecification"),
    pub launched_availability_zone: Option<String> = ("LaunchedAvailabilityZone", "LaunchedAvailabilityZone", "launchedAvailabilityZone"),
    pub launched_availability_zone_id: Option<String> = ("LaunchedAvailabilityZoneId", "LaunchedAvailabilityZoneId", "launchedAvailabilityZoneId"),
    pub product_description: Option<String> = ("ProductDescription", "ProductDescription", "productDescription"),
    pub spot_instance_request_id: Option<String> = ("SpotInstanceRequestId", "SpotInstanceRequestId", "spotInstanceRequestId"),
    pub spot_price: Option<String> = ("SpotPrice", "SpotPrice", "spotPrice"),
    pub state: Option<String> = ("State", "State", "state"),
    pub status: Option<SpotInstanceStatus> = ("Status", "Status", "status"),
    pub tags: Option<Vec<Tag>> = ("Tags", "TagSet", "", "tagSet", "item"),
    pub r#type: Option<String> = ("Type", "Type", "type"),
    pub valid_from: Option<TimestampMs> = ("ValidFrom", "ValidFrom", "validFrom"),
    pub valid_until: Option<TimestampMs> = ("ValidUntil", "ValidUntil", "validUntil"),
}
}

crate::shape::shape! {
pub struct SpotInstanceStateFault {
    pub code: Option<String> = ("Code", "Code", "code"),
    pub message: Option<String> = ("Message", "Message", "message"),
}
}

crate::shape::shape! {
pub struct SpotInstanceStatus {
    pub code: Option<String> = ("Code", "Code", "code"),
    pub message: Option<String> = ("Message", "Message", "message"),
    pub update_time: Option<TimestampMs> = ("UpdateTime", "UpdateTime", "updateTime"),
}
}

crate::shape::shape! {
pub struct SpotMarketOptions {
    pub block_duration_minutes: Option<i32> = ("BlockDurationMinutes", "BlockDurationMinutes", "BlockDurationMinutes"),
    pub instance_interruption_behavior: Option<String> = ("InstanceInterruptionBehavior", "InstanceInterruptionBehavior", "InstanceInterruptionBehavior"),
    pub max_price: Option<String> = ("MaxPrice", "MaxPrice", "MaxPrice"),
    pub spot_instance_type: Option<String> = ("SpotInstanceType", "SpotInstanceType", "SpotInstanceType"),
    pub valid_until: Option<TimestampMs> = ("ValidUntil", "ValidUntil", "ValidUntil"),
}
}

crate::shape::shape! {
pub struct SpotOptionsRequest {
    pub allocation_strategy: Option<String> = ("AllocationStrategy", "AllocationStrategy", "AllocationStrategy"),
    pub instance_interruption_behavior: Option<String> = ("InstanceInterruptionBehavior", "InstanceInterruptionBehavior", "InstanceInterruptionBehavior"),
    pub instance_pools_to_use_count: Option<i32> = ("InstancePoolsToUseCount", "InstancePoolsToUseCount", "InstancePoolsToUseCount"),
    pub maintenance_strategies: Option<FleetSpotMaintenanceStrategiesRequest> = ("MaintenanceStrategies", "MaintenanceStrategies", "MaintenanceStrategies"),
    pub max_total_price: Option<String> = ("MaxTotalPrice", "MaxTotalPrice", "MaxTotalPrice"),
    pub min_target_capacity: Option<i32> = ("MinTargetCapacity", "MinTargetCapacity", "MinTargetCapacity"),
    pub single_availability_zone: Option<bool> = ("SingleAvailabilityZone", "SingleAvailabilityZone", "SingleAvailabilityZone"),
    pub single_instance_type: Option<bool> = ("SingleInstanceType", "SingleInstanceType", "SingleInstanceType"),
}
}

crate::shape::shape! {
pub struct SpotPlacement {
    pub availability_zone: Option<String> = ("AvailabilityZone", "AvailabilityZone", "availabilityZone"),
    pub availability_zone_id: Option<String> = ("AvailabilityZoneId", "AvailabilityZoneId", "availabilityZoneId"),
    pub group_name: Option<String> = ("GroupName", "GroupName", "groupName"),
    pub tenancy: Option<String> = ("Tenancy", "Tenancy", "tenancy"),
}
}

crate::shape::shape! {
pub struct SpotPrice {
    pub availability_zone: Option<String> = ("AvailabilityZone", "AvailabilityZone", "availabilityZone"),
    pub availability_zone_id: Option<String> = ("AvailabilityZoneId", "AvailabilityZoneId", "availabilityZoneId"),
    pub instance_type: Option<String> = ("InstanceType", "InstanceType", "instanceType"),
    pub product_description: Option<String> = ("ProductDescription", "ProductDescription", "productDescription"),
    pub spot_price: Option<String> = ("SpotPrice", "SpotPrice", "spotPrice"),
    pub timestamp: Option<TimestampMs> = ("Timestamp", "Timestamp", "timestamp"),
}
}

crate::shape::shape! {
pub struct StaleIpPermission {
    pub from_port: Option<i32> = ("FromPort", "FromPort", "fromPort"),
    pub ip_protocol: Option<String> = ("IpProtocol", "IpProtocol", "ipProtocol"),
    pub ip_ranges: Option<Vec<String>> = ("IpRanges", "IpRanges", "", "ipRanges", "item"),
    pub prefix_list_ids: Option<Vec<String>> = ("PrefixListIds", "PrefixListIds", "", "prefixListIds", "item"),
    pub to_port: Option<i32> = ("ToPort", "ToPort", "toPort"),
    pub user_id_group_pairs: Option<Vec<UserIdGroupPair>> = ("UserIdGroupPairs", "Groups", "", "groups", "item"),
}
}

crate::shape::shape! {
pub struct StaleSecurityGroup {
    pub description: Option<String> = ("Description", "Description", "description"),
    pub group_id: Option<String> = ("GroupId", "GroupId", "groupId"),
    pub group_name: Option<String> = ("GroupName", "GroupName", "groupName"),
    pub stale_ip_permissions: Option<Vec<StaleIpPermission>> = ("StaleIpPermissions", "StaleIpPermissions", "", "staleIpPermissions", "item"),
    pub stale_ip_permissions_egress: Option<Vec<StaleIpPermission>> = ("StaleIpPermissionsEgress", "StaleIpPermissionsEgress", "", "staleIpPermissionsEgress", "item"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "vpcId"),
}
}

crate::shape::shape! {
pub struct StartInstancesRequest {
    pub additional_info: Option<String> = ("AdditionalInfo", "AdditionalInfo", "additionalInfo"),
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub instance_ids: Option<Vec<String>> = ("InstanceIds", "InstanceId", "", "InstanceId", "InstanceId"),
}
}

crate::shape::shape! {
pub struct StartInstancesResult {
    pub starting_instances: Option<Vec<InstanceStateChange>> = ("StartingInstances", "InstancesSet", "", "instancesSet", "item"),
}
}

crate::shape::shape! {
pub struct StateReason {
    pub code: Option<String> = ("Code", "Code", "code"),
    pub message: Option<String> = ("Message", "Message", "message"),
}
}

crate::shape::shape! {
pub struct StopInstancesRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub force: Option<bool> = ("Force", "Force", "force"),
    pub hibernate: Option<bool> = ("Hibernate", "Hibernate", "Hibernate"),
    pub instance_ids: Option<Vec<String>> = ("InstanceIds", "InstanceId", "", "InstanceId", "InstanceId"),
    pub skip_os_shutdown: Option<bool> = ("SkipOsShutdown", "SkipOsShutdown", "SkipOsShutdown"),
}
}

crate::shape::shape! {
pub struct StopInstancesResult {
    pub stopping_instances: Option<Vec<InstanceStateChange>> = ("StoppingInstances", "InstancesSet", "", "instancesSet", "item"),
}
}

crate::shape::shape! {
pub struct Subnet {
    pub assign_ipv6_address_on_creation: Option<bool> = ("AssignIpv6AddressOnCreation", "AssignIpv6AddressOnCreation", "assignIpv6AddressOnCreation"),
    pub availability_zone: Option<String> = ("AvailabilityZone", "AvailabilityZone", "availabilityZone"),
    pub availability_zone_id: Option<String> = ("AvailabilityZoneId", "AvailabilityZoneId", "availabilityZoneId"),
    pub available_ip_address_count: Option<i32> = ("AvailableIpAddressCount", "AvailableIpAddressCount", "availableIpAddressCount"),
    pub block_public_access_states: Option<BlockPublicAccessStates> = ("BlockPublicAccessStates", "BlockPublicAccessStates", "blockPublicAccessStates"),
    pub cidr_block: Option<String> = ("CidrBlock", "CidrBlock", "cidrBlock"),
    pub customer_owned_ipv4_pool: Option<String> = ("CustomerOwnedIpv4Pool", "CustomerOwnedIpv4Pool", "customerOwnedIpv4Pool"),
    pub default_for_az: Option<bool> = ("DefaultForAz", "DefaultForAz", "defaultForAz"),
    pub enable_dns64: Option<bool> = ("EnableDns64", "EnableDns64", "enableDns64"),
    pub enable_lni_at_device_index: Option<i32> = ("EnableLniAtDeviceIndex", "EnableLniAtDeviceIndex", "enableLniAtDeviceIndex"),
    pub ipv6_cidr_block_association_set: Option<Vec<SubnetIpv6CidrBlockAssociation>> = ("Ipv6CidrBlockAssociationSet", "Ipv6CidrBlockAssociationSet", "", "ipv6CidrBlockAssociationSet", "item"),
    pub ipv6_native: Option<bool> = ("Ipv6Native", "Ipv6Native", "ipv6Native"),
    pub map_customer_owned_ip_on_launch: Option<bool> = ("MapCustomerOwnedIpOnLaunch", "MapCustomerOwnedIpOnLaunch", "mapCustomerOwnedIpOnLaunch"),
    pub map_public_ip_on_launch: Option<bool> = ("MapPublicIpOnLaunch", "MapPublicIpOnLaunch", "mapPublicIpOnLaunch"),
    pub outpost_arn: Option<String> = ("OutpostArn", "OutpostArn", "outpostArn"),
    pub owner_id: Option<String> = ("OwnerId", "OwnerId", "ownerId"),
    pub private_dns_name_options_on_launch: Option<PrivateDnsNameOptionsOnLaunch> = ("PrivateDnsNameOptionsOnLaunch", "PrivateDnsNameOptionsOnLaunch", "privateDnsNameOptionsOnLaunch"),
    pub state: Option<String> = ("State", "State", "state"),
    pub subnet_arn: Option<String> = ("SubnetArn", "SubnetArn", "subnetArn"),
    pub subnet_id: Option<String> = ("SubnetId", "SubnetId", "subnetId"),
    pub tags: Option<Vec<Tag>> = ("Tags", "TagSet", "", "tagSet", "item"),
    pub r#type: Option<String> = ("Type", "Type", "type"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "vpcId"),
}
}

crate::shape::shape! {
pub struct SubnetCidrBlockState {
    pub state: Option<String> = ("State", "State", "state"),
    pub status_message: Option<String> = ("StatusMessage", "StatusMessage", "statusMessage"),
}
}

crate::shape::shape! {
pub struct SubnetConfiguration {
    pub ipv4: Option<String> = ("Ipv4", "Ipv4", "Ipv4"),
    pub ipv6: Option<String> = ("Ipv6", "Ipv6", "Ipv6"),
    pub subnet_id: Option<String> = ("SubnetId", "SubnetId", "SubnetId"),
}
}

crate::shape::shape! {
pub struct SubnetIpPrefixes {
    pub ip_prefixes: Option<Vec<String>> = ("IpPrefixes", "IpPrefixSet", "", "ipPrefixSet", "item"),
    pub subnet_id: Option<String> = ("SubnetId", "SubnetId", "subnetId"),
}
}

crate::shape::shape! {
pub struct SubnetIpv6CidrBlockAssociation {
    pub association_id: Option<String> = ("AssociationId", "AssociationId", "associationId"),
    pub ip_source: Option<String> = ("IpSource", "IpSource", "ipSource"),
    pub ipv6_address_attribute: Option<String> = ("Ipv6AddressAttribute", "Ipv6AddressAttribute", "ipv6AddressAttribute"),
    pub ipv6_cidr_block: Option<String> = ("Ipv6CidrBlock", "Ipv6CidrBlock", "ipv6CidrBlock"),
    pub ipv6_cidr_block_state: Option<SubnetCidrBlockState> = ("Ipv6CidrBlockState", "Ipv6CidrBlockState", "ipv6CidrBlockState"),
}
}

crate::shape::shape! {
pub struct Tag {
    pub key: Option<String> = ("Key", "Key", "key"),
    pub value: Option<String> = ("Value", "Value", "value"),
}
}

crate::shape::shape! {
pub struct TagDescription {
    pub key: Option<String> = ("Key", "Key", "key"),
    pub resource_id: Option<String> = ("ResourceId", "ResourceId", "resourceId"),
    pub resource_type: Option<String> = ("ResourceType", "ResourceType", "resourceType"),
    pub value: Option<String> = ("Value", "Value", "value"),
}
}

crate::shape::shape! {
pub struct TagSpecification {
    pub resource_type: Option<String> = ("ResourceType", "ResourceType", "resourceType"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tag", "", "Tag", "item"),
}
}

crate::shape::shape! {
pub struct TargetCapacitySpecificationRequest {
    pub default_target_capacity_type: Option<String> = ("DefaultTargetCapacityType", "DefaultTargetCapacityType", "DefaultTargetCapacityType"),
    pub on_demand_target_capacity: Option<i32> = ("OnDemandTargetCapacity", "OnDemandTargetCapacity", "OnDemandTargetCapacity"),
    pub spot_target_capacity: Option<i32> = ("SpotTargetCapacity", "SpotTargetCapacity", "SpotTargetCapacity"),
    pub target_capacity_unit_type: Option<String> = ("TargetCapacityUnitType", "TargetCapacityUnitType", "TargetCapacityUnitType"),
    pub total_target_capacity: Option<i32> = ("TotalTargetCapacity", "TotalTargetCapacity", "TotalTargetCapacity"),
}
}

crate::shape::shape! {
pub struct TerminateInstancesRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "dryRun"),
    pub force: Option<bool> = ("Force", "Force", "Force"),
    pub instance_ids: Option<Vec<String>> = ("InstanceIds", "InstanceId", "", "InstanceId", "InstanceId"),
    pub skip_os_shutdown: Option<bool> = ("SkipOsShutdown", "SkipOsShutdown", "SkipOsShutdown"),
}
}

crate::shape::shape! {
pub struct TerminateInstancesResult {
    pub terminating_instances: Option<Vec<InstanceStateChange>> = ("TerminatingInstances", "InstancesSet", "", "instancesSet", "item"),
}
}

crate::shape::shape! {
pub struct TotalLocalStorageGB {
    pub max: Option<f64> = ("Max", "Max", "max"),
    pub min: Option<f64> = ("Min", "Min", "min"),
}
}

crate::shape::shape! {
pub struct TotalLocalStorageGBRequest {
    pub max: Option<f64> = ("Max", "Max", "Max"),
    pub min: Option<f64> = ("Min", "Min", "Min"),
}
}

crate::shape::shape! {
pub struct TransitGateway {
    pub creation_time: Option<TimestampMs> = ("CreationTime", "CreationTime", "creationTime"),
    pub description: Option<String> = ("Description", "Description", "description"),
    pub options: Option<TransitGatewayOptions> = ("Options", "Options", "options"),
    pub owner_id: Option<String> = ("OwnerId", "OwnerId", "ownerId"),
    pub state: Option<String> = ("State", "State", "state"),
    pub tags: Option<Vec<Tag>> = ("Tags", "TagSet", "", "tagSet", "item"),
    pub transit_gateway_arn: Option<String> = ("TransitGatewayArn", "TransitGatewayArn", "transitGatewayArn"),
    pub transit_gateway_id: Option<String> = ("TransitGatewayId", "TransitGatewayId", "transitGatewayId"),
}
}

crate::shape::shape! {
pub struct TransitGatewayAssociation {
    pub resource_id: Option<String> = ("ResourceId", "ResourceId", "resourceId"),
    pub resource_type: Option<String> = ("ResourceType", "ResourceType", "resourceType"),
    pub state: Option<String> = ("State", "State", "state"),
    pub transit_gateway_attachment_id: Option<String> = ("TransitGatewayAttachmentId", "TransitGatewayAttachmentId", "transitGatewayAttachmentId"),
    pub transit_gateway_route_table_id: Option<String> = ("TransitGatewayRouteTableId", "TransitGatewayRouteTableId", "transitGatewayRouteTableId"),
}
}

crate::shape::shape! {
pub struct TransitGatewayAttachment {
    pub association: Option<TransitGatewayAttachmentAssociation> = ("Association", "Association", "association"),
    pub creation_time: Option<TimestampMs> = ("CreationTime", "CreationTime", "creationTime"),
    pub resource_id: Option<String> = ("ResourceId", "ResourceId", "resourceId"),
    pub resource_owner_id: Option<String> = ("ResourceOwnerId", "ResourceOwnerId", "resourceOwnerId"),
    pub resource_type: Option<String> = ("ResourceType", "ResourceType", "resourceType"),
    pub state: Option<String> = ("State", "State", "state"),
    pub tags: Option<Vec<Tag>> = ("Tags", "TagSet", "", "tagSet", "item"),
    pub transit_gateway_attachment_id: Option<String> = ("TransitGatewayAttachmentId", "TransitGatewayAttachmentId", "transitGatewayAttachmentId"),
    pub transit_gateway_id: Option<String> = ("TransitGatewayId", "TransitGatewayId", "transitGatewayId"),
    pub transit_gateway_owner_id: Option<String> = ("TransitGatewayOwnerId", "TransitGatewayOwnerId", "transitGatewayOwnerId"),
}
}

crate::shape::shape! {
pub struct TransitGatewayAttachmentAssociation {
    pub state: Option<String> = ("State", "State", "state"),
    pub transit_gateway_route_table_id: Option<String> = ("TransitGatewayRouteTableId", "TransitGatewayRouteTableId", "transitGatewayRouteTableId"),
}
}

crate::shape::shape! {
pub struct TransitGatewayAttachmentPropagation {
    pub state: Option<String> = ("State", "State", "state"),
    pub transit_gateway_route_table_id: Option<String> = ("TransitGatewayRouteTableId", "TransitGatewayRouteTableId", "transitGatewayRouteTableId"),
}
}

crate::shape::shape! {
pub struct TransitGatewayOptions {
    pub amazon_side_asn: Option<i64> = ("AmazonSideAsn", "AmazonSideAsn", "amazonSideAsn"),
    pub association_default_route_table_id: Option<String> = ("AssociationDefaultRouteTableId", "AssociationDefaultRouteTableId", "associationDefaultRouteTableId"),
    pub auto_accept_shared_attachments: Option<String> = ("AutoAcceptSharedAttachments", "AutoAcceptSharedAttachments", "autoAcceptSharedAttachments"),
    pub default_route_table_association: Option<String> = ("DefaultRouteTableAssociation", "DefaultRouteTableAssociation", "defaultRouteTableAssociation"),
    pub default_route_table_propagation: Option<String> = ("DefaultRouteTablePropagation", "DefaultRouteTablePropagation", "defaultRouteTablePropagation"),
    pub dns_support: Option<String> = ("DnsSupport", "DnsSupport", "dnsSupport"),
    pub encryption_support: Option<EncryptionSupport> = ("EncryptionSupport", "EncryptionSupport", "encryptionSupport"),
    pub multicast_support: Option<String> = ("MulticastSupport", "MulticastSupport", "multicastSupport"),
    pub propagation_default_route_table_id: Option<String> = ("PropagationDefaultRouteTableId", "PropagationDefaultRouteTableId", "propagationDefaultRouteTableId"),
    pub security_group_referencing_support: Option<String> = ("SecurityGroupReferencingSupport", "SecurityGroupReferencingSupport", "securityGroupReferencingSupport"),
    pub transit_gateway_cidr_blocks: Option<Vec<String>> = ("TransitGatewayCidrBlocks", "TransitGatewayCidrBlocks", "", "transitGatewayCidrBlocks", "item"),
    pub vpn_ecmp_support: Option<String> = ("VpnEcmpSupport", "VpnEcmpSupport", "vpnEcmpSupport"),
}
}

crate::shape::shape! {
pub struct TransitGatewayPropagation {
    pub resource_id: Option<String> = ("ResourceId", "ResourceId", "resourceId"),
    pub resource_type: Option<String> = ("ResourceType", "ResourceType", "resourceType"),
    pub state: Option<String> = ("State", "State", "state"),
    pub transit_gateway_attachment_id: Option<String> = ("TransitGatewayAttachmentId", "TransitGatewayAttachmentId", "transitGatewayAttachmentId"),
    pub transit_gateway_route_table_announcement_id: Option<String> = ("TransitGatewayRouteTableAnnouncementId", "TransitGatewayRouteTableAnnouncementId", "transitGatewayRouteTableAnnouncementId"),
    pub transit_gateway_route_table_id: Option<String> = ("TransitGatewayRouteTableId", "TransitGatewayRouteTableId", "transitGatewayRouteTableId"),
}
}

crate::shape::shape! {
pub struct TransitGatewayRequestOptions {
    pub amazon_side_asn: Option<i64> = ("AmazonSideAsn", "AmazonSideAsn", "AmazonSideAsn"),
    pub auto_accept_shared_attachments: Option<String> = ("AutoAcceptSharedAttachments", "AutoAcceptSharedAttachments", "AutoAcceptSharedAttachments"),
    pub default_route_table_association: Option<String> = ("DefaultRouteTableAssociation", "DefaultRouteTableAssociation", "DefaultRouteTableAssociation"),
    pub default_route_table_propagation: Option<String> = ("DefaultRouteTablePropagation", "DefaultRouteTablePropagation", "DefaultRouteTablePropagation"),
    pub dns_support: Option<String> = ("DnsSupport", "DnsSupport", "DnsSupport"),
    pub multicast_support: Option<String> = ("MulticastSupport", "MulticastSupport", "MulticastSupport"),
    pub security_group_referencing_support: Option<String> = ("SecurityGroupReferencingSupport", "SecurityGroupReferencingSupport", "SecurityGroupReferencingSupport"),
    pub transit_gateway_cidr_blocks: Option<Vec<String>> = ("TransitGatewayCidrBlocks", "TransitGatewayCidrBlocks", "", "TransitGatewayCidrBlocks", "item"),
    pub vpn_ecmp_support: Option<String> = ("VpnEcmpSupport", "VpnEcmpSupport", "VpnEcmpSupport"),
}
}

crate::shape::shape! {
pub struct TransitGatewayRoute {
    pub destination_cidr_block: Option<String> = ("DestinationCidrBlock", "DestinationCidrBlock", "destinationCidrBlock"),
    pub prefix_list_id: Option<String> = ("PrefixListId", "PrefixListId", "prefixListId"),
    pub state: Option<String> = ("State", "State", "state"),
    pub transit_gateway_attachments: Option<Vec<TransitGatewayRouteAttachment>> = ("TransitGatewayAttachments", "TransitGatewayAttachments", "", "transitGatewayAttachments", "item"),
    pub transit_gateway_route_table_announcement_id: Option<String> = ("TransitGatewayRouteTableAnnouncementId", "TransitGatewayRouteTableAnnouncementId", "transitGatewayRouteTableAnnouncementId"),
    pub r#type: Option<String> = ("Type", "Type", "type"),
}
}

crate::shape::shape! {
pub struct TransitGatewayRouteAttachment {
    pub resource_id: Option<String> = ("ResourceId", "ResourceId", "resourceId"),
    pub resource_type: Option<String> = ("ResourceType", "ResourceType", "resourceType"),
    pub transit_gateway_attachment_id: Option<String> = ("TransitGatewayAttachmentId", "TransitGatewayAttachmentId", "transitGatewayAttachmentId"),
}
}

crate::shape::shape! {
pub struct TransitGatewayRouteTable {
    pub creation_time: Option<TimestampMs> = ("CreationTime", "CreationTime", "creationTime"),
    pub default_association_route_table: Option<bool> = ("DefaultAssociationRouteTable", "DefaultAssociationRouteTable", "defaultAssociationRouteTable"),
    pub default_propagation_route_table: Option<bool> = ("DefaultPropagationRouteTable", "DefaultPropagationRouteTable", "defaultPropagationRouteTable"),
    pub state: Option<String> = ("State", "State", "state"),
    pub tags: Option<Vec<Tag>> = ("Tags", "TagSet", "", "tagSet", "item"),
    pub transit_gateway_id: Option<String> = ("TransitGatewayId", "TransitGatewayId", "transitGatewayId"),
    pub transit_gateway_route_table_id: Option<String> = ("TransitGatewayRouteTableId", "TransitGatewayRouteTableId", "transitGatewayRouteTableId"),
}
}

crate::shape::shape! {
pub struct TransitGatewayRouteTableAssociation {
    pub resource_id: Option<String> = ("ResourceId", "ResourceId", "resourceId"),
    pub resource_type: Option<String> = ("ResourceType", "ResourceType", "resourceType"),
    pub state: Option<String> = ("State", "State", "state"),
    pub transit_gateway_attachment_id: Option<String> = ("TransitGatewayAttachmentId", "TransitGatewayAttachmentId", "transitGatewayAttachmentId"),
}
}

crate::shape::shape! {
pub struct TransitGatewayRouteTablePropagation {
    pub resource_id: Option<String> = ("ResourceId", "ResourceId", "resourceId"),
    pub resource_type: Option<String> = ("ResourceType", "ResourceType", "resourceType"),
    pub state: Option<String> = ("State", "State", "state"),
    pub transit_gateway_attachment_id: Option<String> = ("TransitGatewayAttachmentId", "TransitGatewayAttachmentId", "transitGatewayAttachmentId"),
    pub transit_gateway_route_table_announcement_id: Option<String> = ("TransitGatewayRouteTableAnnouncementId", "TransitGatewayRouteTableAnnouncementId", "transitGatewayRouteTableAnnouncementId"),
}
}

crate::shape::shape! {
pub struct TransitGatewayVpcAttachment {
    pub creation_time: Option<TimestampMs> = ("CreationTime", "CreationTime", "creationTime"),
    pub options: Option<TransitGatewayVpcAttachmentOptions> = ("Options", "Options", "options"),
    pub state: Option<String> = ("State", "State", "state"),
    pub subnet_ids: Option<Vec<String>> = ("SubnetIds", "SubnetIds", "", "subnetIds", "item"),
    pub tags: Option<Vec<Tag>> = ("Tags", "TagSet", "", "tagSet", "item"),
    pub transit_gateway_attachment_id: Option<String> = ("TransitGatewayAttachmentId", "TransitGatewayAttachmentId", "transitGatewayAttachmentId"),
    pub transit_gateway_id: Option<String> = ("TransitGatewayId", "TransitGatewayId", "transitGatewayId"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "vpcId"),
    pub vpc_owner_id: Option<String> = ("VpcOwnerId", "VpcOwnerId", "vpcOwnerId"),
}
}

crate::shape::shape! {
pub struct TransitGatewayVpcAttachmentOptions {
    pub appliance_mode_support: Option<String> = ("ApplianceModeSupport", "ApplianceModeSupport", "applianceModeSupport"),
    pub dns_support: Option<String> = ("DnsSupport", "DnsSupport", "dnsSupport"),
    pub ipv6_support: Option<String> = ("Ipv6Support", "Ipv6Support", "ipv6Support"),
    pub security_group_referencing_support: Option<String> = ("SecurityGroupReferencingSupport", "SecurityGroupReferencingSupport", "securityGroupReferencingSupport"),
}
}

crate::shape::shape! {
pub struct UnassignIpv6AddressesRequest {
    pub ipv6_addresses: Option<Vec<String>> = ("Ipv6Addresses", "Ipv6Addresses", "", "ipv6Addresses", "item"),
    pub ipv6_prefixes: Option<Vec<String>> = ("Ipv6Prefixes", "Ipv6Prefix", "", "Ipv6Prefix", "item"),
    pub network_interface_id: Option<String> = ("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId"),
}
}

crate::shape::shape! {
pub struct UnassignIpv6AddressesResult {
    pub network_interface_id: Option<String> = ("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId"),
    pub unassigned_ipv6_addresses: Option<Vec<String>> = ("UnassignedIpv6Addresses", "UnassignedIpv6Addresses", "", "unassignedIpv6Addresses", "item"),
    pub unassigned_ipv6_prefixes: Option<Vec<String>> = ("UnassignedIpv6Prefixes", "UnassignedIpv6PrefixSet", "", "unassignedIpv6PrefixSet", "item"),
}
}

crate::shape::shape! {
pub struct UnassignPrivateIpAddressesRequest {
    pub ipv4_prefixes: Option<Vec<String>> = ("Ipv4Prefixes", "Ipv4Prefix", "", "Ipv4Prefix", "item"),
    pub network_interface_id: Option<String> = ("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId"),
    pub private_ip_addresses: Option<Vec<String>> = ("PrivateIpAddresses", "PrivateIpAddress", "", "privateIpAddress", "PrivateIpAddress"),
}
}

crate::shape::shape! {
pub struct UnsuccessfulItem {
    pub error: Option<UnsuccessfulItemError> = ("Error", "Error", "error"),
    pub resource_id: Option<String> = ("ResourceId", "ResourceId", "resourceId"),
}
}

crate::shape::shape! {
pub struct UnsuccessfulItemError {
    pub code: Option<String> = ("Code", "Code", "code"),
    pub message: Option<String> = ("Message", "Message", "message"),
}
}

crate::shape::shape! {
pub struct UpdateSecurityGroupRuleDescriptionsEgressRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub group_id: Option<String> = ("GroupId", "GroupId", "GroupId"),
    pub group_name: Option<String> = ("GroupName", "GroupName", "GroupName"),
    pub ip_permissions: Option<Vec<IpPermission>> = ("IpPermissions", "IpPermissions", "", "IpPermissions", "item"),
    pub security_group_rule_descriptions: Option<Vec<SecurityGroupRuleDescription>> = ("SecurityGroupRuleDescriptions", "SecurityGroupRuleDescription", "", "SecurityGroupRuleDescription", "item"),
}
}

crate::shape::shape! {
pub struct UpdateSecurityGroupRuleDescriptionsEgressResult {
    pub r#return: Option<bool> = ("Return", "Return", "return"),
}
}

crate::shape::shape! {
pub struct UpdateSecurityGroupRuleDescriptionsIngressRequest {
    pub dry_run: Option<bool> = ("DryRun", "DryRun", "DryRun"),
    pub group_id: Option<String> = ("GroupId", "GroupId", "GroupId"),
    pub group_name: Option<String> = ("GroupName", "GroupName", "GroupName"),
    pub ip_permissions: Option<Vec<IpPermission>> = ("IpPermissions", "IpPermissions", "", "IpPermissions", "item"),
    pub security_group_rule_descriptions: Option<Vec<SecurityGroupRuleDescription>> = ("SecurityGroupRuleDescriptions", "SecurityGroupRuleDescription", "", "SecurityGroupRuleDescription", "item"),
}
}

crate::shape::shape! {
pub struct UpdateSecurityGroupRuleDescriptionsIngressResult {
    pub r#return: Option<bool> = ("Return", "Return", "return"),
}
}

crate::shape::shape! {
pub struct UserIdGroupPair {
    pub description: Option<String> = ("Description", "Description", "description"),
    pub group_id: Option<String> = ("GroupId", "GroupId", "groupId"),
    pub group_name: Option<String> = ("GroupName", "GroupName", "groupName"),
    pub peering_status: Option<String> = ("PeeringStatus", "PeeringStatus", "peeringStatus"),
    pub user_id: Option<String> = ("UserId", "UserId", "userId"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "vpcId"),
    pub vpc_peering_connection_id: Option<String> = ("VpcPeeringConnectionId", "VpcPeeringConnectionId", "vpcPeeringConnectionId"),
}
}

crate::shape::shape! {
pub struct VCpuCountRange {
    pub max: Option<i32> = ("Max", "Max", "max"),
    pub min: Option<i32> = ("Min", "Min", "min"),
}
}

crate::shape::shape! {
pub struct VCpuCountRangeRequest {
    pub max: Option<i32> = ("Max", "Max", "Max"),
    pub min: Option<i32> = ("Min", "Min", "Min"),
}
}

crate::shape::shape! {
pub struct VCpuInfo {
    pub default_cores: Option<i32> = ("DefaultCores", "DefaultCores", "defaultCores"),
    pub default_threads_per_core: Option<i32> = ("DefaultThreadsPerCore", "DefaultThreadsPerCore", "defaultThreadsPerCore"),
    pub default_v_cpus: Option<i32> = ("DefaultVCpus", "DefaultVCpus", "defaultVCpus"),
    pub valid_cores: Option<Vec<i32>> = ("ValidCores", "ValidCores", "", "validCores", "item"),
    pub valid_threads_per_core: Option<Vec<i32>> = ("ValidThreadsPerCore", "ValidThreadsPerCore", "", "validThreadsPerCore", "item"),
}
}

crate::shape::shape! {
pub struct ValidationError {
    pub code: Option<String> = ("Code", "Code", "code"),
    pub message: Option<String> = ("Message", "Message", "message"),
}
}

crate::shape::shape! {
pub struct ValidationWarning {
    pub errors: Option<Vec<ValidationError>> = ("Errors", "ErrorSet", "", "errorSet", "item"),
}
}

crate::shape::shape! {
pub struct Volume {
    pub attachments: Option<Vec<VolumeAttachment>> = ("Attachments", "AttachmentSet", "", "attachmentSet", "item"),
    pub availability_zone: Option<String> = ("AvailabilityZone", "AvailabilityZone", "availabilityZone"),
    pub availability_zone_id: Option<String> = ("AvailabilityZoneId", "AvailabilityZoneId", "availabilityZoneId"),
    pub create_time: Option<TimestampMs> = ("CreateTime", "CreateTime", "createTime"),
    pub encrypted: Option<bool> = ("Encrypted", "Encrypted", "encrypted"),
    pub fast_restored: Option<bool> = ("FastRestored", "FastRestored", "fastRestored"),
    pub iops: Option<i32> = ("Iops", "Iops", "iops"),
    pub kms_key_id: Option<String> = ("KmsKeyId", "KmsKeyId", "kmsKeyId"),
    pub multi_attach_enabled: Option<bool> = ("MultiAttachEnabled", "MultiAttachEnabled", "multiAttachEnabled"),
    pub operator: Option<OperatorResponse> = ("Operator", "Operator", "operator"),
    pub outpost_arn: Option<String> = ("OutpostArn", "OutpostArn", "outpostArn"),
    pub size: Option<i32> = ("Size", "Size", "size"),
    pub snapshot_id: Option<String> = ("SnapshotId", "SnapshotId", "snapshotId"),
    pub source_volume_id: Option<String> = ("SourceVolumeId", "SourceVolumeId", "sourceVolumeId"),
    pub sse_type: Option<String> = ("SseType", "SseType", "sseType"),
    pub state: Option<String> = ("State", "Status", "status"),
    pub tags: Option<Vec<Tag>> = ("Tags", "TagSet", "", "tagSet", "item"),
    pub throughput: Option<i32> = ("Throughput", "Throughput", "throughput"),
    pub volume_id: Option<String> = ("VolumeId", "VolumeId", "volumeId"),
    pub volume_initialization_rate: Option<i32> = ("VolumeInitializationRate", "VolumeInitializationRate", "volumeInitializationRate"),
    pub volume_type: Option<String> = ("VolumeType", "VolumeType", "volumeType"),
}
}

crate::shape::shape! {
pub struct VolumeAttachment {
    pub associated_resource: Option<String> = ("AssociatedResource", "AssociatedResource", "associatedResource"),
    pub attach_time: Option<TimestampMs> = ("AttachTime", "AttachTime", "attachTime"),
    pub delete_on_termination: Option<bool> = ("DeleteOnTermination", "DeleteOnTermination", "deleteOnTermination"),
    pub device: Option<String> = ("Device", "Device", "device"),
    pub ebs_card_index: Option<i32> = ("EbsCardIndex", "EbsCardIndex", "ebsCardIndex"),
    pub instance_id: Option<String> = ("InstanceId", "InstanceId", "instanceId"),
    pub instance_owning_service: Option<String> = ("InstanceOwningService", "InstanceOwningService", "instanceOwningService"),
    pub state: Option<String> = ("State", "Status", "status"),
    pub volume_id: Option<String> = ("VolumeId", "VolumeId", "volumeId"),
}
}

crate::shape::shape! {
pub struct Vpc {
    pub block_public_access_states: Option<BlockPublicAccessStates> = ("BlockPublicAccessStates", "BlockPublicAccessStates", "blockPublicAccessStates"),
    pub cidr_block: Option<String> = ("CidrBlock", "CidrBlock", "cidrBlock"),
    pub cidr_block_association_set: Option<Vec<VpcCidrBlockAssociation>> = ("CidrBlockAssociationSet", "CidrBlockAssociationSet", "", "cidrBlockAssociationSet", "item"),
    pub dhcp_options_id: Option<String> = ("DhcpOptionsId", "DhcpOptionsId", "dhcpOptionsId"),
    pub encryption_control: Option<VpcEncryptionControl> = ("EncryptionControl", "EncryptionControl", "encryptionControl"),
    pub instance_tenancy: Option<String> = ("InstanceTenancy", "InstanceTenancy", "instanceTenancy"),
    pub ipv6_cidr_block_association_set: Option<Vec<VpcIpv6CidrBlockAssociation>> = ("Ipv6CidrBlockAssociationSet", "Ipv6CidrBlockAssociationSet", "", "ipv6CidrBlockAssociationSet", "item"),
    pub is_default: Option<bool> = ("IsDefault", "IsDefault", "isDefault"),
    pub owner_id: Option<String> = ("OwnerId", "OwnerId", "ownerId"),
    pub state: Option<String> = ("State", "State", "state"),
    pub tags: Option<Vec<Tag>> = ("Tags", "TagSet", "", "tagSet", "item"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "vpcId"),
}
}

crate::shape::shape! {
pub struct VpcCidrBlockAssociation {
    pub association_id: Option<String> = ("AssociationId", "AssociationId", "associationId"),
    pub cidr_block: Option<String> = ("CidrBlock", "CidrBlock", "cidrBlock"),
    pub cidr_block_state: Option<VpcCidrBlockState> = ("CidrBlockState", "CidrBlockState", "cidrBlockState"),
}
}

crate::shape::shape! {
pub struct VpcCidrBlockState {
    pub state: Option<String> = ("State", "State", "state"),
    pub status_message: Option<String> = ("StatusMessage", "StatusMessage", "statusMessage"),
}
}

crate::shape::shape! {
pub struct VpcClassicLink {
    pub classic_link_enabled: Option<bool> = ("ClassicLinkEnabled", "ClassicLinkEnabled", "classicLinkEnabled"),
    pub tags: Option<Vec<Tag>> = ("Tags", "TagSet", "", "tagSet", "item"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "vpcId"),
}
}

crate::shape::shape! {
pub struct VpcEncryptionControl {
    pub mode: Option<String> = ("Mode", "Mode", "mode"),
    pub resource_exclusions: Option<VpcEncryptionControlExclusions> = ("ResourceExclusions", "ResourceExclusions", "resourceExclusions"),
    pub state: Option<String> = ("State", "State", "state"),
    pub state_message: Option<String> = ("StateMessage", "StateMessage", "stateMessage"),
    pub tags: Option<Vec<Tag>> = ("Tags", "TagSet", "", "tagSet", "item"),
    pub vpc_encryption_control_id: Option<String> = ("VpcEncryptionControlId", "VpcEncryptionControlId", "vpcEncryptionControlId"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "vpcId"),
}
}

crate::shape::shape! {
pub struct VpcEncryptionControlConfiguration {
    pub egress_only_internet_gateway_exclusion: Option<String> = ("EgressOnlyInternetGatewayExclusion", "EgressOnlyInternetGatewayExclusion", "EgressOnlyInternetGatewayExclusion"),
    pub elastic_file_system_exclusion: Option<String> = ("ElasticFileSystemExclusion", "ElasticFileSystemExclusion", "ElasticFileSystemExclusion"),
    pub internet_gateway_exclusion: Option<String> = ("InternetGatewayExclusion", "InternetGatewayExclusion", "InternetGatewayExclusion"),
    pub lambda_exclusion: Option<String> = ("LambdaExclusion", "LambdaExclusion", "LambdaExclusion"),
    pub mode: Option<String> = ("Mode", "Mode", "Mode"),
    pub nat_gateway_exclusion: Option<String> = ("NatGatewayExclusion", "NatGatewayExclusion", "NatGatewayExclusion"),
    pub virtual_private_gateway_exclusion: Option<String> = ("VirtualPrivateGatewayExclusion", "VirtualPrivateGatewayExclusion", "VirtualPrivateGatewayExclusion"),
    pub vpc_lattice_exclusion: Option<String> = ("VpcLatticeExclusion", "VpcLatticeExclusion", "VpcLatticeExclusion"),
    pub vpc_peering_exclusion: Option<String> = ("VpcPeeringExclusion", "VpcPeeringExclusion", "VpcPeeringExclusion"),
}
}

crate::shape::shape! {
pub struct VpcEncryptionControlExclusion {
    pub state: Option<String> = ("State", "State", "state"),
    pub state_message: Option<String> = ("StateMessage", "StateMessage", "stateMessage"),
}
}

crate::shape::shape! {
pub struct VpcEncryptionControlExclusions {
    pub egress_only_internet_gateway: Option<VpcEncryptionControlExclusion> = ("EgressOnlyInternetGateway", "EgressOnlyInternetGateway", "egressOnlyInternetGateway"),
    pub elastic_file_system: Option<VpcEncryptionControlExclusion> = ("ElasticFileSystem", "ElasticFileSystem", "elasticFileSystem"),
    pub internet_gateway: Option<VpcEncryptionControlExclusion> = ("InternetGateway", "InternetGateway", "internetGateway"),
    pub lambda: Option<VpcEncryptionControlExclusion> = ("Lambda", "Lambda", "lambda"),
    pub nat_gateway: Option<VpcEncryptionControlExclusion> = ("NatGateway", "NatGateway", "natGateway"),
    pub virtual_private_gateway: Option<VpcEncryptionControlExclusion> = ("VirtualPrivateGateway", "VirtualPrivateGateway", "virtualPrivateGateway"),
    pub vpc_lattice: Option<VpcEncryptionControlExclusion> = ("VpcLattice", "VpcLattice", "vpcLattice"),
    pub vpc_peering: Option<VpcEncryptionControlExclusion> = ("VpcPeering", "VpcPeering", "vpcPeering"),
}
}

crate::shape::shape! {
pub struct VpcEndpoint {
    pub creation_timestamp: Option<TimestampMs> = ("CreationTimestamp", "CreationTimestamp", "creationTimestamp"),
    pub dns_entries: Option<Vec<DnsEntry>> = ("DnsEntries", "DnsEntrySet", "", "dnsEntrySet", "item"),
    pub dns_options: Option<DnsOptions> = ("DnsOptions", "DnsOptions", "dnsOptions"),
    pub failure_reason: Option<String> = ("FailureReason", "FailureReason", "failureReason"),
    pub groups: Option<Vec<SecurityGroupIdentifier>> = ("Groups", "GroupSet", "", "groupSet", "item"),
    pub ip_address_type: Option<String> = ("IpAddressType", "IpAddressType", "ipAddressType"),
    pub ipv4_prefixes: Option<Vec<SubnetIpPrefixes>> = ("Ipv4Prefixes", "Ipv4PrefixSet", "", "ipv4PrefixSet", "item"),
    pub ipv6_prefixes: Option<Vec<SubnetIpPrefixes>> = ("Ipv6Prefixes", "Ipv6PrefixSet", "", "ipv6PrefixSet", "item"),
    pub last_error: Option<LastError> = ("LastError", "LastError", "lastError"),
    pub network_interface_ids: Option<Vec<String>> = ("NetworkInterfaceIds", "NetworkInterfaceIdSet", "", "networkInterfaceIdSet", "item"),
    pub owner_id: Option<String> = ("OwnerId", "OwnerId", "ownerId"),
    pub policy_document: Option<String> = ("PolicyDocument", "PolicyDocument", "policyDocument"),
    pub private_dns_enabled: Option<bool> = ("PrivateDnsEnabled", "PrivateDnsEnabled", "privateDnsEnabled"),
    pub requester_managed: Option<bool> = ("RequesterManaged", "RequesterManaged", "requesterManaged"),
    pub resource_configuration_arn: Option<String> = ("ResourceConfigurationArn", "ResourceConfigurationArn", "resourceConfigurationArn"),
    pub route_table_ids: Option<Vec<String>> = ("RouteTableIds", "RouteTableIdSet", "", "routeTableIdSet", "item"),
    pub service_name: Option<String> = ("ServiceName", "ServiceName", "serviceName"),
    pub service_network_arn: Option<String> = ("ServiceNetworkArn", "ServiceNetworkArn", "serviceNetworkArn"),
    pub service_region: Option<String> = ("ServiceRegion", "ServiceRegion", "serviceRegion"),
    pub state: Option<String> = ("State", "State", "state"),
    pub subnet_ids: Option<Vec<String>> = ("SubnetIds", "SubnetIdSet", "", "subnetIdSet", "item"),
    pub tags: Option<Vec<Tag>> = ("Tags", "TagSet", "", "tagSet", "item"),
    pub vpc_endpoint_id: Option<String> = ("VpcEndpointId", "VpcEndpointId", "vpcEndpointId"),
    pub vpc_endpoint_type: Option<String> = ("VpcEndpointType", "VpcEndpointType", "vpcEndpointType"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "vpcId"),
}
}

crate::shape::shape! {
pub struct VpcIpv6CidrBlockAssociation {
    pub association_id: Option<String> = ("AssociationId", "AssociationId", "associationId"),
    pub ip_source: Option<String> = ("IpSource", "IpSource", "ipSource"),
    pub ipv6_address_attribute: Option<String> = ("Ipv6AddressAttribute", "Ipv6AddressAttribute", "ipv6AddressAttribute"),
    pub ipv6_cidr_block: Option<String> = ("Ipv6CidrBlock", "Ipv6CidrBlock", "ipv6CidrBlock"),
    pub ipv6_cidr_block_state: Option<VpcCidrBlockState> = ("Ipv6CidrBlockState", "Ipv6CidrBlockState", "ipv6CidrBlockState"),
    pub ipv6_pool: Option<String> = ("Ipv6Pool", "Ipv6Pool", "ipv6Pool"),
    pub network_border_group: Option<String> = ("NetworkBorderGroup", "NetworkBorderGroup", "networkBorderGroup"),
}
}

crate::shape::shape! {
pub struct VpcPeeringConnection {
    pub accepter_vpc_info: Option<VpcPeeringConnectionVpcInfo> = ("AccepterVpcInfo", "AccepterVpcInfo", "accepterVpcInfo"),
    pub expiration_time: Option<TimestampMs> = ("ExpirationTime", "ExpirationTime", "expirationTime"),
    pub requester_vpc_info: Option<VpcPeeringConnectionVpcInfo> = ("RequesterVpcInfo", "RequesterVpcInfo", "requesterVpcInfo"),
    pub status: Option<VpcPeeringConnectionStateReason> = ("Status", "Status", "status"),
    pub tags: Option<Vec<Tag>> = ("Tags", "TagSet", "", "tagSet", "item"),
    pub vpc_peering_connection_id: Option<String> = ("VpcPeeringConnectionId", "VpcPeeringConnectionId", "vpcPeeringConnectionId"),
}
}

crate::shape::shape! {
pub struct VpcPeeringConnectionOptionsDescription {
    pub allow_dns_resolution_from_remote_vpc: Option<bool> = ("AllowDnsResolutionFromRemoteVpc", "AllowDnsResolutionFromRemoteVpc", "allowDnsResolutionFromRemoteVpc"),
    pub allow_egress_from_local_classic_link_to_remote_vpc: Option<bool> = ("AllowEgressFromLocalClassicLinkToRemoteVpc", "AllowEgressFromLocalClassicLinkToRemoteVpc", "allowEgressFromLocalClassicLinkToRemoteVpc"),
    pub allow_egress_from_local_vpc_to_remote_classic_link: Option<bool> = ("AllowEgressFromLocalVpcToRemoteClassicLink", "AllowEgressFromLocalVpcToRemoteClassicLink", "allowEgressFromLocalVpcToRemoteClassicLink"),
}
}

crate::shape::shape! {
pub struct VpcPeeringConnectionStateReason {
    pub code: Option<String> = ("Code", "Code", "code"),
    pub message: Option<String> = ("Message", "Message", "message"),
}
}

crate::shape::shape! {
pub struct VpcPeeringConnectionVpcInfo {
    pub cidr_block: Option<String> = ("CidrBlock", "CidrBlock", "cidrBlock"),
    pub cidr_block_set: Option<Vec<CidrBlock>> = ("CidrBlockSet", "CidrBlockSet", "", "cidrBlockSet", "item"),
    pub ipv6_cidr_block_set: Option<Vec<Ipv6CidrBlock>> = ("Ipv6CidrBlockSet", "Ipv6CidrBlockSet", "", "ipv6CidrBlockSet", "item"),
    pub owner_id: Option<String> = ("OwnerId", "OwnerId", "ownerId"),
    pub peering_options: Option<VpcPeeringConnectionOptionsDescription> = ("PeeringOptions", "PeeringOptions", "peeringOptions"),
    pub region: Option<String> = ("Region", "Region", "region"),
    pub vpc_id: Option<String> = ("VpcId", "VpcId", "vpcId"),
}
}
