//! Availability zones as networks name them: by name and by zone id.

use crate::context::Ctx;
use aws_protocol::AwsError;
use platform::Settings;
use types::AzName;

/// `use1-az1` for `us-east-1a`: the region's short form and the zone's position. Every account sees the same zones.
pub fn zone_id(settings: &Settings, az: &AzName) -> String {
    let position = settings.zones().iter().position(|z| *z == az).map_or(0, |i| i + 1);
    let mut short = String::new();
    for (i, part) in settings.region.as_str().split('-').enumerate() {
        short.push_str(match part {
            "northeast" => "ne",
            "northwest" => "nw",
            "southeast" => "se",
            "southwest" => "sw",
            // `us`, `ap`, and the number.
            part if i == 0 || part.bytes().all(|b| b.is_ascii_digit()) => part,
            part => part.get(..1).unwrap_or(part),
        });
    }
    format!("{short}-az{position}")
}

/// The zone of that name.
pub fn zone_named(ctx: &Ctx, name: &str) -> Option<AzName> {
    ctx.settings.zones().into_iter().find(|z| z.as_str() == name).cloned()
}

pub fn zone_with_id(ctx: &Ctx, id: &str) -> Option<AzName> {
    ctx.settings.zones().into_iter().find(|z| zone_id(ctx.settings, z) == id).cloned()
}

/// What AvailabilityZone and AvailabilityZoneId name, one of which must be given.
pub fn asked(ctx: &Ctx, name: Option<&str>, id: Option<&str>) -> Result<AzName, AwsError> {
    let unknown = |given: &str| {
        let given: String = given.chars().take(256).collect();
        AwsError::invalid_value("AvailabilityZone", &given, &format!("Expected one of {}.", zone_list(ctx)))
    };
    match (name, id) {
        (Some(_), Some(_)) => {
            Err(AwsError::invalid_parameter_combination("AvailabilityZone and AvailabilityZoneId cannot be specified together."))
        }
        (Some(name), None) => zone_named(ctx, name).ok_or_else(|| unknown(name)),
        (None, Some(id)) => zone_with_id(ctx, id).ok_or_else(|| unknown(id)),
        (None, None) => Err(AwsError::missing_parameter("AvailabilityZone")),
    }
}

/// For error messages.
pub fn zone_list(ctx: &Ctx) -> String {
    ctx.settings.zones().iter().map(|z| z.as_str()).collect::<Vec<_>>().join(", ")
}

/// `ec2.internal` in us-east-1, else `<region>.compute.internal`: what private names end with.
pub fn private_domain(settings: &Settings) -> String {
    match settings.region.as_str() {
        "us-east-1" => "ec2.internal".to_owned(),
        region => format!("{region}.compute.internal"),
    }
}

/// `ip-10-0-0-5.ec2.internal`
pub fn private_dns_name(settings: &Settings, ip: std::net::Ipv4Addr) -> String {
    let [a, b, c, d] = ip.octets();
    format!("ip-{a}-{b}-{c}-{d}.{}", private_domain(settings))
}
