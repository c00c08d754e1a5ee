//! EC2's resources: ids become ARNs, rows become condition keys. What will be made is `kind/*` with the keys of the request.
//! Source of the keys: "Resource types defined by Amazon EC2", Service Authorization Reference.

use super::{Given, Keys, Target, arn};
use crate::context::Ctx;
use crate::ec2::compute::{groups, images, tagging, templates};
use crate::ec2::network::{endpoint, peering, subnet_ipv6, vpc_cidr};
use crate::rows::{
    Address, Instance, InstanceProfile, Interface, InternetGateway, KeyPair, NetworkAcl, Peering, PeeringSide, PlacementGroup,
    RouteTable, SecurityGroup, Subnet, Vpc,
};
use ::iam::catalog::{On, Row};
use std::collections::BTreeSet;
use std::rc::Rc;

pub(super) fn targets(ctx: &Ctx, row: &Row, on: &On, given: &Given) -> Vec<Target> {
    let mut out = if row.operation == "RunInstances" {
        launch(ctx, on, given)
    } else {
        let named = named(ctx, on, given);
        match (on.kind, named.is_empty()) {
            ("*", _) => vec![Target::new("*")],
            (_, false) => named.iter().map(|(kind, id)| target(ctx, kind, id)).collect(),
            (_, true) if on.optional => Vec::new(),
            (_, true) => vec![made(ctx, on.kind, given)],
        }
    };
    let tags = match row.operation {
        "CreateTags" | "DeleteTags" => given.tags("Tag.N.Key", "Value"),
        _ => specified(given, on.kind),
    };
    for target in &mut out {
        target.keys.set("ec2:Region", &ctx.settings.region);
        target.keys.request_tags(&tags);
        if row.operation.ends_with("IamInstanceProfile") || row.operation.ends_with("IamInstanceProfileAssociation") {
            profile(ctx, given).iter().for_each(|p| target.keys.set("ec2:NewInstanceProfile", p));
        }
        if row.operation == "RunInstances" {
            from_template(ctx, target, on, given);
        }
        if row.operation.starts_with("Modify") {
            attributes(&mut target.keys, given);
        }
    }
    out
}

/// Kinds and ids of what parameters name. Names and other ids are turned into what ARNs hold; what is not found stays as it
/// is written, and is not found again when the caller may ask.
fn named(ctx: &Ctx, on: &On, given: &Given) -> Vec<(&'static str, String)> {
    let mut out = Vec::new();
    for parameter in on.parameters() {
        for value in given.values(parameter) {
            let kind = if on.kind == "any" { tagging::resource_type(value) } else { on.kind };
            out.push((kind, id(ctx, kind, parameter, value)));
        }
    }
    out
}

fn id(ctx: &Ctx, kind: &str, parameter: &str, value: &str) -> String {
    let account = &ctx.caller.account;
    let found = match kind {
        "security-group" if parameter == "GroupName" || parameter == "SecurityGroup.N" => {
            let vpc = default_vpc(ctx);
            let is_it = |g: &Rc<SecurityGroup>| g.name == value && vpc.as_ref().is_some_and(|v| v.id == g.vpc);
            ctx.db.list::<SecurityGroup>(account).find(is_it).map(|g| g.id.to_string())
        }
        // ARNs of key pairs hold their names.
        "key-pair" if parameter != "KeyName" => ctx.db.get::<KeyPair>(account, value).map(|k| k.name.clone()),
        "vpc" if parameter == "AssociationId" => vpc_cidr::owner(ctx, value).map(|(v, _)| v.id.to_string()),
        "vpc" if parameter == "VpcPeeringConnectionId" => peering_of(ctx, value).map(|p| p.accepter.vpc.to_string()),
        "subnet" if parameter == "AssociationId" => {
            // Of its network ACL, or of its IPv6 block.
            let is_it = |s: &Rc<Subnet>| s.network_acl_association.to_string() == value;
            let by_block = || subnet_ipv6::owner(ctx.db, account, value.parse().ok()?);
            ctx.db.list::<Subnet>(account).find(is_it).or_else(by_block).map(|s| s.id.to_string())
        }
        "route-table" if parameter == "AssociationId" => {
            let is_it = |t: &Rc<RouteTable>| t.associations.iter().any(|a| a.id.to_string() == value);
            ctx.db.list::<RouteTable>(account).find(is_it).map(|t| t.id.to_string())
        }
        "instance" if parameter == "AssociationId" => {
            let is_it = |i: &Rc<Instance>| i.profile.as_ref().is_some_and(|p| p.id.to_string() == value);
            ctx.db.list::<Instance>(account).find(is_it).map(|i| i.id.to_string())
        }
        "instance" | "network-interface" if parameter.ends_with("AttachmentId") => {
            let attachment = |i: &Rc<Interface>| i.attachment.clone().filter(|a| a.id.to_string() == value);
            let found = ctx.db.list::<Interface>(account).find_map(|i| Some((i.id, attachment(&i)?.instance)));
            found.map(|(interface, instance)| if kind == "instance" { instance.to_string() } else { interface.to_string() })
        }
        "elastic-ip" if parameter == "AssociationId" => {
            let is_it = |a: &Rc<Address>| a.association.as_ref().is_some_and(|a| a.id.to_string() == value);
            ctx.db.list::<Address>(account).find(is_it).map(|a| a.allocation.to_string())
        }
        "elastic-ip" if parameter == "PublicIp" => {
            let is_it = |a: &Rc<Address>| a.public_ip.to_string() == value;
            ctx.db.list::<Address>(account).find(is_it).map(|a| a.allocation.to_string())
        }
        "image" => images::resolve(value).ok().map(|i| i.id.to_owned()),
        "launch-template" if parameter.ends_with("Name") => templates::by_name(ctx, value).map(|t| t.id.to_string()),
        // ARNs of placement groups hold their names.
        "placement-group" if parameter.ends_with("Id") => ctx.db.get::<PlacementGroup>(account, value).map(|g| g.name.clone()),
        _ => None,
    };
    found.unwrap_or_else(|| value.to_owned())
}

/// A peering that the caller has a side of.
fn peering_of(ctx: &Ctx, id: &str) -> Option<Rc<Peering>> {
    peering::get(ctx.db, id.parse().ok()?).filter(|p| p.is_of(&ctx.caller.account))
}

fn default_vpc(ctx: &Ctx) -> Option<Rc<Vpc>> {
    ctx.db.list::<Vpc>(&ctx.caller.account).find(|v| v.is_default)
}

/// A resource that may exist, with the keys of its row.
fn target(ctx: &Ctx, kind: &'static str, id: &str) -> Target {
    let account = &ctx.caller.account;
    let mut target = Target::new(arn(ctx, "ec2", kind, id));
    let keys = &mut target.keys;
    let vpc_arn = |vpc: types::VpcId| arn(ctx, "ec2", "vpc", &vpc.to_string());
    let mut tagged = id.to_owned();
    match kind {
        "instance" => {
            keys.set("ec2:InstanceID", id);
            if let Some(i) = ctx.db.get::<Instance>(account, id) {
                keys.set("ec2:InstanceType", &i.instance_type);
                keys.set("ec2:AvailabilityZone", &i.az);
                keys.set("ec2:Tenancy", i.tenancy.name());
                keys.set("ec2:RootDeviceType", "ebs");
                keys.set("ec2:EbsOptimized", false);
                if let Some(profile) = &i.profile {
                    keys.set("ec2:InstanceProfile", &profile.profile_arn);
                }
                metadata(
                    keys,
                    if i.metadata.enabled { "enabled" } else { "disabled" },
                    i.metadata.tokens_required,
                    i.metadata.hop_limit,
                );
            }
        }
        "image" => {
            keys.set("ec2:ImageID", id);
            if images::by_id(id).is_some() {
                keys.set("ec2:ImageType", "machine");
                keys.set("ec2:Owner", "amazon");
                keys.set("ec2:Public", true);
                keys.set("ec2:RootDeviceType", "ebs");
            }
        }
        "vpc" => {
            keys.set("ec2:VpcID", id);
            if let Some(v) = ctx.db.get::<Vpc>(account, id) {
                keys.set("ec2:Tenancy", &v.tenancy);
            }
        }
        "subnet" => {
            keys.set("ec2:SubnetID", id);
            if let Some(s) = ctx.db.get::<Subnet>(account, id) {
                keys.set("ec2:Vpc", vpc_arn(s.vpc));
                keys.set("ec2:AvailabilityZone", &s.az);
            }
        }
        "security-group" => {
            keys.set("ec2:SecurityGroupID", id);
            if let Some(g) = ctx.db.get::<SecurityGroup>(account, id) {
                keys.set("ec2:Vpc", vpc_arn(g.vpc));
            }
        }
        "route-table" => {
            keys.set("ec2:RouteTableID", id);
            if let Some(t) = ctx.db.get::<RouteTable>(account, id) {
                keys.set("ec2:Vpc", vpc_arn(t.vpc));
            }
        }
        "network-acl" => {
            keys.set("ec2:NetworkAclID", id);
            if let Some(a) = ctx.db.get::<NetworkAcl>(account, id) {
                keys.set("ec2:Vpc", vpc_arn(a.vpc));
            }
        }
        "dhcp-options" => keys.set("ec2:DhcpOptionsID", id),
        "transit-gateway" => keys.set("ec2:TransitGatewayId", id),
        "transit-gateway-attachment" => keys.set("ec2:TransitGatewayAttachmentId", id),
        "transit-gateway-route-table" => keys.set("ec2:TransitGatewayRouteTableId", id),
        "vpc-endpoint" => keys.set("ec2:VpceServiceName", endpoint::service_name(ctx.settings)),
        "vpc-peering-connection" => {
            keys.set("ec2:VpcPeeringConnectionID", id);
            if let Some(p) = peering_of(ctx, id) {
                let arn = |s: &PeeringSide| {
                    ::iam::catalog::arn("ec2", "vpc", ctx.settings.region.as_str(), s.account.as_str(), &s.vpc.to_string())
                };
                keys.set("ec2:RequesterVpc", arn(&p.requester));
                keys.set("ec2:AccepterVpc", arn(&p.accepter));
            }
        }
        "internet-gateway" => {
            keys.set("ec2:InternetGatewayID", id);
            if let Some(vpc) = ctx.db.get::<InternetGateway>(account, id).and_then(|g| g.vpc) {
                keys.set("ec2:Vpc", vpc_arn(vpc));
            }
        }
        "network-interface" => {
            keys.set("ec2:NetworkInterfaceID", id);
            if let Some(n) = ctx.db.get::<Interface>(account, id) {
                keys.set("ec2:Vpc", vpc_arn(n.vpc));
                keys.set("ec2:Subnet", arn(ctx, "ec2", "subnet", &n.subnet.to_string()));
                keys.set("ec2:AvailabilityZone", &n.az);
            }
        }
        "elastic-ip" => {
            keys.set("ec2:AllocationId", id);
            keys.set("ec2:Domain", "vpc");
            if let Some(a) = ctx.db.get::<Address>(account, id) {
                keys.set("ec2:PublicIpAddress", a.public_ip);
            }
        }
        "key-pair" => {
            keys.set("ec2:KeyPairName", id);
            if let Some(k) = ctx.db.list::<KeyPair>(account).find(|k| k.name == id) {
                keys.set("ec2:KeyPairType", &k.kind);
                tagged = k.id.to_string();
            }
        }
        "placement-group" => {
            keys.set("ec2:PlacementGroupName", id);
            if let Some(g) = groups::by_name(ctx, id) {
                keys.set("ec2:PlacementGroupStrategy", groups::strategy(g.strategy));
                tagged = g.id.to_string();
            }
        }
        "volume" => {
            keys.set("ec2:VolumeID", id);
            if let Some(i) = ctx.db.list::<Instance>(account).find(|i| i.root_volume.to_string() == id) {
                volume(keys, i.root_disk_gib, &i.volume_type);
                keys.set("ec2:AvailabilityZone", &i.az);
            }
        }
        _ => {}
    }
    keys.resource_tags(Some("ec2"), &ctx.tags(&tagged));
    target
}

fn volume(keys: &mut Keys, gib: impl ToString, kind: &str) {
    keys.set("ec2:VolumeSize", gib);
    keys.set("ec2:VolumeType", kind);
    keys.set("ec2:Encrypted", false);
}

fn metadata(keys: &mut Keys, endpoint: &str, tokens_required: bool, hop_limit: impl ToString) {
    keys.set("ec2:MetadataHttpEndpoint", endpoint);
    keys.set("ec2:MetadataHttpTokens", if tokens_required { "required" } else { "optional" });
    keys.set("ec2:MetadataHttpPutResponseHopLimit", hop_limit);
}

/// A resource that the request will make, outside launches.
fn made(ctx: &Ctx, kind: &'static str, given: &Given) -> Target {
    let mut target = Target::new(arn(ctx, "ec2", kind, "*"));
    let keys = &mut target.keys;
    match kind {
        "elastic-ip" => keys.set("ec2:Domain", "vpc"),
        "vpc" => keys.set("ec2:Tenancy", given.value("InstanceTenancy").unwrap_or("default")),
        "vpc-endpoint" => given.value("ServiceName").iter().for_each(|name| keys.set("ec2:VpceServiceName", name)),
        "network-interface" => {
            if let Some(s) = given.value("SubnetId").and_then(|id| ctx.db.get::<Subnet>(&ctx.caller.account, id)) {
                keys.set("ec2:Subnet", arn(ctx, "ec2", "subnet", &s.id.to_string()));
                keys.set("ec2:Vpc", arn(ctx, "ec2", "vpc", &s.vpc.to_string()));
                keys.set("ec2:AvailabilityZone", &s.az);
            }
        }
        "vpc-peering-connection" => {
            let owner = given.value("PeerOwnerId").unwrap_or(ctx.caller.account.as_str());
            let region = ctx.settings.region.as_str();
            let peer = given.value("PeerVpcId").unwrap_or("*");
            keys.set("ec2:AccepterVpc", ::iam::catalog::arn("ec2", "vpc", region, owner, peer));
            keys.set("ec2:RequesterVpc", arn(ctx, "ec2", "vpc", given.value("VpcId").unwrap_or("*")));
        }
        "subnet" | "security-group" | "route-table" | "network-acl" => {
            let vpc = given.value("VpcId").map(str::to_owned).or_else(|| default_vpc(ctx).map(|v| v.id.to_string()));
            if let Some(vpc) = vpc {
                keys.set("ec2:Vpc", arn(ctx, "ec2", "vpc", &vpc));
            }
            if kind == "subnet"
                && let Some(zone) = given.value("AvailabilityZone")
            {
                keys.set("ec2:AvailabilityZone", zone);
            }
        }
        _ => {}
    }
    target
}

/// Parameters by which a launch says what no other resource's are: these are the instance's.
const NOT_OF_INSTANCES: [&str; 12] = [
    "BlockDeviceMapping",
    "ClientToken",
    "DryRun",
    "ImageId",
    "KeyName",
    "LaunchTemplate",
    "MaxCount",
    "MinCount",
    "NetworkInterface",
    "SecurityGroup",
    "SecurityGroupId",
    "SubnetId",
];

/// The template of a launch, and whether the resource is as it says: the caller says nothing of its own about it.
fn from_template(ctx: &Ctx, target: &mut Target, on: &On, given: &Given) {
    let is_its = given.is_templates(|name| match on.kind {
        "instance" => !NOT_OF_INSTANCES.contains(&name) && name != "TagSpecification",
        "volume" => name == "BlockDeviceMapping",
        "launch-template" => false,
        _ => on.parameters().any(|p| p.split('.').next() == Some(name)),
    });
    target.keys.set("ec2:IsLaunchTemplateResource", is_its);
    if let Some(id) = given.value("LaunchTemplate.LaunchTemplateId") {
        target.keys.set("ec2:LaunchTemplate", arn(ctx, "ec2", "launch-template", id));
    }
}

/// RunInstances. It is asked about every subnet in which the instances may come to be: a launch that leaves the zone open must
/// be allowed in each default subnet.
fn launch(ctx: &Ctx, on: &On, given: &Given) -> Vec<Target> {
    let named = named(ctx, on, given);
    let places = places(ctx, given);
    match on.kind {
        "subnet" if named.is_empty() && !places.is_empty() => {
            places.iter().map(|s| target(ctx, "subnet", &s.id.to_string())).collect()
        }
        "security-group" if named.is_empty() => {
            let vpc = places.first().map(|s| s.vpc);
            let default =
                vpc.and_then(|v| ctx.db.get::<Vpc>(&ctx.caller.account, v)).map(|v| v.default_security_group.to_string());
            vec![target(ctx, "security-group", default.as_deref().unwrap_or("*"))]
        }
        "network-interface" if !named.is_empty() => {
            let made = given.at("NetworkInterface.N.DeviceIndex").count() > named.len();
            let existing = named.iter().map(|(kind, id)| target(ctx, kind, id));
            let new = places.iter().filter(|_| made).map(|s| launched(ctx, "network-interface", given, Some(s)));
            existing.chain(new).collect()
        }
        kind @ ("instance" | "network-interface" | "volume") if places.is_empty() => vec![launched(ctx, kind, given, None)],
        kind @ ("instance" | "network-interface" | "volume") => {
            places.iter().map(|s| launched(ctx, kind, given, Some(s))).collect()
        }
        _ if named.is_empty() && on.optional => Vec::new(),
        kind if named.is_empty() => vec![Target::new(arn(ctx, "ec2", kind, "*"))],
        _ => named.iter().map(|(kind, id)| target(ctx, kind, id)).collect(),
    }
}

/// The subnets of the caller that a launch may use.
fn places(ctx: &Ctx, given: &Given) -> Vec<Rc<Subnet>> {
    let account = &ctx.caller.account;
    let interfaces = given.values("NetworkInterface.N.NetworkInterfaceId");
    let existing = interfaces.filter_map(|id| ctx.db.get::<Interface>(account, id)).map(|i| i.subnet.to_string());
    let named = ["NetworkInterface.N.SubnetId", "SubnetId"].into_iter().flat_map(|p| given.values(p)).map(str::to_owned);
    let ids: BTreeSet<String> = named.chain(existing).collect();
    if !ids.is_empty() {
        return ids.iter().filter_map(|id| ctx.db.get::<Subnet>(account, id)).collect();
    }
    let Some(vpc) = default_vpc(ctx) else { return Vec::new() };
    let zone = given.value("Placement.AvailabilityZone");
    let usable = |s: &Rc<Subnet>| s.vpc == vpc.id && s.default_for_az && zone.is_none_or(|z| s.az.as_str() == z);
    ctx.db.list::<Subnet>(account).filter(usable).collect()
}

fn launched(ctx: &Ctx, kind: &str, given: &Given, place: Option<&Rc<Subnet>>) -> Target {
    let mut target = Target::new(arn(ctx, "ec2", kind, "*"));
    let keys = &mut target.keys;
    if let Some(zone) = place.map(|s| s.az.as_str()).or(given.value("Placement.AvailabilityZone")) {
        keys.set("ec2:AvailabilityZone", zone);
    }
    match kind {
        "instance" => {
            keys.set("ec2:InstanceType", given.value("InstanceType").unwrap_or("m1.small"));
            keys.set("ec2:Tenancy", given.value("Placement.Tenancy").unwrap_or("default"));
            keys.set("ec2:EbsOptimized", given.value("EbsOptimized").unwrap_or("false"));
            keys.set("ec2:RootDeviceType", "ebs");
            let option = |name| given.value(name);
            metadata(
                keys,
                option("MetadataOptions.HttpEndpoint").unwrap_or("enabled"),
                option("MetadataOptions.HttpTokens") == Some("required"),
                option("MetadataOptions.HttpPutResponseHopLimit").unwrap_or("1"),
            );
            if let Some(profile) = profile(ctx, given) {
                keys.set("ec2:InstanceProfile", profile);
            }
        }
        "network-interface" => {
            if let Some(s) = place {
                keys.set("ec2:Subnet", arn(ctx, "ec2", "subnet", &s.id.to_string()));
                keys.set("ec2:Vpc", arn(ctx, "ec2", "vpc", &s.vpc.to_string()));
            }
            if let Some(public) = given.value("NetworkInterface.N.AssociatePublicIpAddress") {
                keys.set("ec2:AssociatePublicIpAddress", public);
            }
        }
        _ => {
            let image = given.value("ImageId").and_then(|i| images::resolve(i).ok());
            let size = given.value("BlockDeviceMapping.N.Ebs.VolumeSize").map(str::to_owned);
            let size = size.or_else(|| image.map(|i| i.root_gib.to_string()));
            volume(keys, size.unwrap_or_default(), given.value("BlockDeviceMapping.N.Ebs.VolumeType").unwrap_or("gp3"));
        }
    }
    target
}

/// `ec2:Attribute` is the attribute's name, `ec2:Attribute/NAME` its new value.
fn attributes(keys: &mut Keys, given: &Given) {
    const NOT_ATTRIBUTES: [&str; 9] = [
        "DryRun",
        "InstanceId",
        "VpcId",
        "SubnetId",
        "GroupId",
        "AssociationId",
        "Attribute",
        "NetworkInterfaceId",
        "AllocationId",
    ];
    let mut names = Vec::new();
    for (path, value) in given.all() {
        let mut parts = path.split('.');
        let name = parts.next().unwrap_or_default();
        let list = parts.next().is_some_and(|p| p.bytes().all(|b| b.is_ascii_digit()));
        if NOT_ATTRIBUTES.contains(&name) && !list {
            continue;
        }
        keys.set(format!("ec2:Attribute/{name}"), value);
        if !names.iter().any(|n| n == name) {
            names.push(name.to_owned());
        }
    }
    names.extend(given.value("Attribute").map(str::to_owned));
    if !names.is_empty() {
        keys.set_many("ec2:Attribute", names);
    }
}

/// The ARN of the instance profile that the request names.
fn profile(ctx: &Ctx, given: &Given) -> Option<String> {
    if let Some(arn) = given.value("IamInstanceProfile.Arn") {
        return Some(arn.to_owned());
    }
    let name = given.value("IamInstanceProfile.Name")?;
    let row = ctx.db.get::<InstanceProfile>(&ctx.caller.account, name.to_lowercase());
    Some(row.map_or_else(|| arn(ctx, "iam", "instance-profile", &format!("/{name}")), |p| p.arn()))
}

/// Resource types and keys of TagSpecifications, in both spellings that the model has.
const TAG_SPECIFICATIONS: [(&str, &str); 2] = [
    ("TagSpecification.N.ResourceType", "TagSpecification.N.Tag.N.Key"),
    ("TagSpecifications.N.ResourceType", "TagSpecifications.N.Tag.N.Key"),
];

/// The tags that TagSpecifications give to a kind.
fn specified(given: &Given, kind: &str) -> Vec<(String, Option<String>)> {
    let mut out = Vec::new();
    for (types, keys) in TAG_SPECIFICATIONS {
        for (path, _) in given.at(types).filter(|(_, k)| *k == kind) {
            let of_it = path.trim_end_matches("ResourceType");
            for (path, key) in given.at(keys).filter(|(p, _)| p.starts_with(of_it)) {
                out.push((key.to_owned(), given.sibling(path, "Value").map(str::to_owned)));
            }
        }
    }
    out
}

/// Tagging what is being made takes ec2:CreateTags too; the operation's name goes with each.
/// Source: "Grant permission to tag Amazon EC2 resources during creation", EC2 User Guide.
pub(super) fn tagged_at_creation(ctx: &Ctx, row: &Row, given: &Given) -> Vec<(&'static str, Target)> {
    let mut kinds: Vec<&str> = TAG_SPECIFICATIONS.iter().flat_map(|(types, _)| given.values(types)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let target = |kind: &str| {
        let mut target = Target::new(arn(ctx, "ec2", kind, "*"));
        target.keys.set("ec2:Region", &ctx.settings.region);
        target.keys.request_tags(&specified(given, kind));
        (row.operation, target)
    };
    kinds.into_iter().map(target).collect()
}
