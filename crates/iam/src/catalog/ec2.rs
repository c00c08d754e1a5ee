//! EC2. Describe operations have no resource-level permissions but two. Resources without a `?` are asked also when no
//! parameter names one, then as `kind/*`: what will be made. Of a launch that names no subnet or group those that it may get.
//! Operations with TagSpecifications need ec2:CreateTags too, on what they tag; that is not repeated in each row.

use super::{Need, Row, always, table};

/// Of the role in the instance profile.
const PASS_ROLE: Need = always("iam:PassRole", "role?=IamInstanceProfile.Arn|IamInstanceProfile.Name");

pub(super) const ROWS: &[Row] = table! { "ec2", Before:
    DescribeRegions "";
    DescribeAvailabilityZones "";
    DescribeAccountAttributes "";
    DescribeInstanceTypes "";
    DescribeInstanceTypeOfferings "";
    // The type of each follows from its id.
    CreateTags "any=ResourceId.N";
    DeleteTags "any=ResourceId.N";
    DescribeTags "";
    CreateVpc "vpc=*";
    DeleteVpc "vpc=VpcId";
    DescribeVpcs "";
    DescribeVpcAttribute "vpc=VpcId";
    ModifyVpcAttribute "vpc=VpcId";
    CreateDefaultVpc "";
    DescribeVpcClassicLink "";
    DescribeDhcpOptions "";
    DescribeNetworkAcls "";
    CreateSubnet "subnet=* vpc=VpcId";
    DeleteSubnet "subnet=SubnetId";
    DescribeSubnets "";
    ModifySubnetAttribute "subnet=SubnetId";
    CreateDefaultSubnet "";
    CreateSecurityGroup "security-group=* vpc?=VpcId";
    DeleteSecurityGroup "security-group=GroupId|GroupName";
    DescribeSecurityGroups "";
    DescribeSecurityGroupRules "";
    AuthorizeSecurityGroupIngress "security-group=GroupId|GroupName";
    AuthorizeSecurityGroupEgress "security-group=GroupId";
    RevokeSecurityGroupIngress "security-group=GroupId|GroupName security-group-rule?=SecurityGroupRuleId.N";
    RevokeSecurityGroupEgress "security-group=GroupId security-group-rule?=SecurityGroupRuleId.N";
    ModifySecurityGroupRules "security-group=GroupId security-group-rule?=SecurityGroupRule.N.SecurityGroupRuleId";
    UpdateSecurityGroupRuleDescriptionsIngress "security-group=GroupId|GroupName security-group-rule?=SecurityGroupRuleDescription.N.SecurityGroupRuleId";
    UpdateSecurityGroupRuleDescriptionsEgress "security-group=GroupId|GroupName security-group-rule?=SecurityGroupRuleDescription.N.SecurityGroupRuleId";
    CreateRouteTable "route-table=* vpc=VpcId";
    DeleteRouteTable "route-table=RouteTableId";
    DescribeRouteTables "";
    CreateRoute "route-table=RouteTableId";
    ReplaceRoute "route-table=RouteTableId";
    DeleteRoute "route-table=RouteTableId";
    AssociateRouteTable "route-table=RouteTableId subnet?=SubnetId internet-gateway?=GatewayId";
    DisassociateRouteTable "route-table=AssociationId";
    ReplaceRouteTableAssociation "route-table=RouteTableId|AssociationId";
    CreateInternetGateway "internet-gateway=*";
    DeleteInternetGateway "internet-gateway=InternetGatewayId";
    DescribeInternetGateways "";
    AttachInternetGateway "internet-gateway=InternetGatewayId vpc=VpcId";
    DetachInternetGateway "internet-gateway=InternetGatewayId vpc=VpcId";
    CreateKeyPair "key-pair=KeyName";
    ImportKeyPair "key-pair=KeyName";
    DescribeKeyPairs "";
    DeleteKeyPair "key-pair=KeyPairId|KeyName";
    DescribeImages "";
    RunInstances "image=ImageId instance=* network-interface=NetworkInterface.N.NetworkInterfaceId security-group=SecurityGroupId.N|SecurityGroup.N|NetworkInterface.N.SecurityGroupId.N subnet=SubnetId|NetworkInterface.N.SubnetId volume=* key-pair?=KeyName launch-template?=LaunchTemplate.LaunchTemplateId" [PASS_ROLE];
    DescribeInstances "";
    DescribeInstanceStatus "";
    DescribeInstanceAttribute "instance=InstanceId";
    ModifyInstanceAttribute "instance=InstanceId security-group?=GroupId.N";
    StartInstances "instance=InstanceId.N";
    StopInstances "instance=InstanceId.N";
    RebootInstances "instance=InstanceId.N";
    TerminateInstances "instance=InstanceId.N";
    GetConsoleOutput "instance=InstanceId";
    DescribeInstanceCreditSpecifications "";
    ModifyInstanceMetadataOptions "instance=InstanceId";
    CreateNetworkInterface "network-interface=* subnet=SubnetId security-group?=SecurityGroupId.N";
    DeleteNetworkInterface "network-interface=NetworkInterfaceId";
    DescribeNetworkInterfaces "";
    AttachNetworkInterface "instance=InstanceId network-interface=NetworkInterfaceId";
    DetachNetworkInterface "instance=AttachmentId network-interface=AttachmentId";
    ModifyNetworkInterfaceAttribute "network-interface=NetworkInterfaceId instance?=Attachment.AttachmentId security-group?=SecurityGroupId.N";
    DescribeNetworkInterfaceAttribute "network-interface=NetworkInterfaceId";
    ResetNetworkInterfaceAttribute "network-interface=NetworkInterfaceId";
    AssignPrivateIpAddresses "network-interface=NetworkInterfaceId";
    UnassignPrivateIpAddresses "network-interface=NetworkInterfaceId";
    DescribeVolumes "";
    AssociateIamInstanceProfile "instance=InstanceId" [PASS_ROLE];
    DisassociateIamInstanceProfile "instance=AssociationId";
    ReplaceIamInstanceProfileAssociation "instance=AssociationId" [PASS_ROLE];
    DescribeIamInstanceProfileAssociations "";
    AllocateAddress "elastic-ip=*";
    AssociateAddress "elastic-ip=AllocationId|PublicIp instance?=InstanceId network-interface?=NetworkInterfaceId";
    DisassociateAddress "elastic-ip=AssociationId|PublicIp";
    ReleaseAddress "elastic-ip=AllocationId|PublicIp";
    DescribeAddresses "";
    DescribeAddressesAttribute "elastic-ip=AllocationId.N";
    ModifyAddressAttribute "elastic-ip=AllocationId";
    ResetAddressAttribute "elastic-ip=AllocationId";
};
