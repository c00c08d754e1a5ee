# IPv6 of a VPC by boto3 and the AWS CLI: blocks, addresses, gateways, routes, rules. No instance is launched.
import ipaddress
import json
import os
import subprocess

import boto3
import botocore.exceptions

ec2 = boto3.client("ec2")


def refused(code, call, **parameters):
    try:
        call(**parameters)
    except botocore.exceptions.ClientError as e:
        assert e.response["Error"]["Code"] == code, e
        return
    raise AssertionError(f"not refused with {code}: {parameters}")


def cli(*words):
    command = [os.path.join(os.environ["VENV"], "bin/aws"), "ec2", "--output", "json", *words]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.loads(out) if out.strip() else None


# A VPC with a block of the region's pool, and another that gets one later.
vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", AmazonProvidedIpv6CidrBlock=True)["Vpc"]
assert vpc["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlockState"]["State"] == "associating"
id = vpc["VpcId"]
described = cli("describe-vpcs", "--vpc-ids", id)["Vpcs"][0]["Ipv6CidrBlockAssociationSet"][0]
assert described["Ipv6CidrBlockState"]["State"] == "associated" and described["Ipv6Pool"] == "Amazon", described
block = ipaddress.ip_network(described["Ipv6CidrBlock"])
assert block.prefixlen == 56 and block.subnet_of(ipaddress.ip_network(os.environ["IPV6_POOL"])), block
other = cli("create-vpc", "--cidr-block", "10.7.0.0/16")["Vpc"]["VpcId"]
added = cli("associate-vpc-cidr-block", "--vpc-id", other, "--amazon-provided-ipv6-cidr-block")["Ipv6CidrBlockAssociation"]
assert not ipaddress.ip_network(added["Ipv6CidrBlock"]).overlaps(block)
cli("disassociate-vpc-cidr-block", "--association-id", added["AssociationId"])
assert ec2.describe_vpcs(VpcIds=[other])["Vpcs"][0]["Ipv6CidrBlockAssociationSet"] == []

# Subnets: with a block from the start, and later.
nets = list(block.subnets(new_prefix=64))
a = ec2.create_subnet(VpcId=id, CidrBlock="10.0.1.0/24", Ipv6CidrBlock=str(nets[1]))["Subnet"]["SubnetId"]
b = ec2.create_subnet(VpcId=id, CidrBlock="10.0.2.0/24")["Subnet"]["SubnetId"]
refused("InvalidSubnet.Conflict", ec2.associate_subnet_cidr_block, SubnetId=b, Ipv6CidrBlock=str(nets[1]))
refused("InvalidSubnet.Range", ec2.associate_subnet_cidr_block, SubnetId=b, Ipv6CidrBlock="2001:db8:ffff::/64")
association = cli("associate-subnet-cidr-block", "--subnet-id", b, "--ipv6-cidr-block", str(nets[2]))
association = association["Ipv6CidrBlockAssociation"]["AssociationId"]
cli("modify-subnet-attribute", "--subnet-id", a, "--assign-ipv6-address-on-creation")
found = ec2.describe_subnets(Filters=[{"Name": "ipv6-cidr-block-association.ipv6-cidr-block", "Values": [str(nets[1])]}])
assert [s["SubnetId"] for s in found["Subnets"]] == [a] and found["Subnets"][0]["AssignIpv6AddressOnCreation"]
refused("InvalidCidrBlock.InUse", ec2.disassociate_vpc_cidr_block, AssociationId=described["AssociationId"])

# Interfaces.
eni = ec2.create_network_interface(SubnetId=a)["NetworkInterface"]
assert ipaddress.ip_address(eni["Ipv6Addresses"][0]["Ipv6Address"]) in nets[1], eni
eni = eni["NetworkInterfaceId"]
named = str(nets[1][0x77])
assigned = cli("assign-ipv6-addresses", "--network-interface-id", eni, "--ipv6-addresses", named)
assert assigned["AssignedIpv6Addresses"] == [named], assigned
refused("InvalidParameterValue", ec2.assign_ipv6_addresses, NetworkInterfaceId=eni, Ipv6Addresses=[str(nets[1][3])])
refused("InvalidIPAddress.InUse", ec2.create_network_interface, SubnetId=a, Ipv6Addresses=[{"Ipv6Address": named}])
found = ec2.describe_network_interfaces(Filters=[{"Name": "ipv6-addresses.ipv6-address", "Values": [named]}])
assert [n["NetworkInterfaceId"] for n in found["NetworkInterfaces"]] == [eni]
cli("unassign-ipv6-addresses", "--network-interface-id", eni, "--ipv6-addresses", named)
launch = dict(ImageId="ami-micro", InstanceType="t3.micro", MinCount=1, MaxCount=1, DryRun=True)
refused("DryRunOperation", ec2.run_instances, SubnetId=a, Ipv6AddressCount=2, **launch)
refused("PrivateIpAddressLimitExceeded", ec2.run_instances, SubnetId=a, Ipv6AddressCount=3, **launch)
refused("DryRunOperation", ec2.run_instances, SubnetId=b, Ipv6Addresses=[{"Ipv6Address": str(nets[2][9])}], **launch)

# Gateways and routes.
igw = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
ec2.attach_internet_gateway(InternetGatewayId=igw, VpcId=id)
tags = [{"ResourceType": "egress-only-internet-gateway", "Tags": [{"Key": "Name", "Value": "out"}]}]
eigw = ec2.create_egress_only_internet_gateway(VpcId=id, TagSpecifications=tags)["EgressOnlyInternetGateway"]
assert eigw["Attachments"] == [{"State": "attached", "VpcId": id}] and eigw["Tags"], eigw
eigw = eigw["EgressOnlyInternetGatewayId"]
shown = cli("describe-egress-only-internet-gateways", "--filters", "Name=tag:Name,Values=out")
assert [g["EgressOnlyInternetGatewayId"] for g in shown["EgressOnlyInternetGateways"]] == [eigw]
table = ec2.create_route_table(VpcId=id)["RouteTable"]["RouteTableId"]
to = dict(RouteTableId=table, EgressOnlyInternetGatewayId=eigw)
refused("InvalidParameterValue", ec2.create_route, DestinationCidrBlock="0.0.0.0/0", **to)
ec2.create_route(DestinationIpv6CidrBlock="::/0", **to)
refused("RouteAlreadyExists", ec2.create_route, RouteTableId=table, DestinationIpv6CidrBlock="::/0", GatewayId=igw)
cli("replace-route", "--route-table-id", table, "--destination-ipv6-cidr-block", "::/0", "--gateway-id", igw)
routes = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
assert [(r.get("DestinationIpv6CidrBlock"), r["GatewayId"]) for r in routes[1:]] == [(str(block), "local"), ("::/0", igw)], routes
cli("delete-route", "--route-table-id", table, "--destination-ipv6-cidr-block", "::/0")

# Rules, network ACL entries, prefix lists.
group = ec2.create_security_group(VpcId=id, GroupName="six", Description="x")["GroupId"]
egress = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissionsEgress"]
assert egress[0]["Ipv6Ranges"] == [{"CidrIpv6": "::/0"}] and egress[0]["IpRanges"], egress
cli("authorize-security-group-ingress", "--group-id", group, "--ip-permissions",
    "IpProtocol=icmpv6,FromPort=128,ToPort=-1,Ipv6Ranges=[{CidrIpv6=::/0,Description=ping}]")
rule = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])["SecurityGroupRules"]
rule = [r for r in rule if not r["IsEgress"]][0]
assert (rule["CidrIpv6"], rule["IpProtocol"], rule["FromPort"]) == ("::/0", "icmpv6", 128), rule
change = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIpv6": "2001:db8::/32"}
ec2.modify_security_group_rules(
    GroupId=group, SecurityGroupRules=[{"SecurityGroupRuleId": rule["SecurityGroupRuleId"], "SecurityGroupRule": change}])
ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[
    {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "Ipv6Ranges": [{"CidrIpv6": "2001:db8::/32"}]}])
acl = ec2.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [id]}])["NetworkAcls"][0]
assert [e["RuleNumber"] for e in acl["Entries"] if "Ipv6CidrBlock" in e] == [101, 32768, 101, 32768], acl
entry = dict(NetworkAclId=acl["NetworkAclId"], RuleNumber=50, Egress=False)
ec2.create_network_acl_entry(
    Protocol="58", RuleAction="deny", Ipv6CidrBlock="2001:db8:9::/48", IcmpTypeCode={"Type": 128, "Code": -1}, **entry)
ec2.delete_network_acl_entry(**entry)
prefixes = ec2.create_managed_prefix_list(
    PrefixListName="six", MaxEntries=2, AddressFamily="IPv6", Entries=[{"Cidr": "2001:db8:a::/48"}])["PrefixList"]
assert prefixes["AddressFamily"] == "IPv6", prefixes
ec2.create_route(RouteTableId=table, DestinationPrefixListId=prefixes["PrefixListId"], EgressOnlyInternetGatewayId=eigw)

# Down again.
ec2.delete_route_table(RouteTableId=table)
ec2.delete_managed_prefix_list(PrefixListId=prefixes["PrefixListId"])
ec2.delete_security_group(GroupId=group)
ec2.delete_network_interface(NetworkInterfaceId=eni)
ec2.disassociate_subnet_cidr_block(AssociationId=association)
for subnet in [a, b]:
    ec2.delete_subnet(SubnetId=subnet)
cli("disassociate-vpc-cidr-block", "--association-id", described["AssociationId"])
ec2.detach_internet_gateway(InternetGatewayId=igw, VpcId=id)
ec2.delete_internet_gateway(InternetGatewayId=igw)
refused("DependencyViolation", ec2.delete_vpc, VpcId=id)
assert cli("delete-egress-only-internet-gateway", "--egress-only-internet-gateway-id", eigw)["ReturnCode"] is True
refused("InvalidEgressOnlyInternetGatewayId.NotFound", ec2.delete_egress_only_internet_gateway,
        EgressOnlyInternetGatewayId=eigw)
for vpc in [id, other]:
    ec2.delete_vpc(VpcId=vpc)
