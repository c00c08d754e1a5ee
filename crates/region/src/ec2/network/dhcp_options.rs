//! DHCP options: what a VPC's DHCP tells of domain and resolvers. Each account has a default set, which is derived and not
//! stored (the VPC's own resolver and private domain).
//!
//! Of the options that EC2 knows those that the switch sends are served, the others are refused by name.

use super::lookup::{Listing, Resource, find, many, one, required};
use super::vpc::default_dhcp_options;
use super::zone::private_domain;
use crate::context::{Authorized, Ctx, OpResult};
use crate::db::Db;
use crate::dispatch::Table;
use crate::rows::{DhcpOptions, Vpc};
use crate::tags;
use aws_protocol::{AwsError, ec2};
use platform::Settings;
use std::net::Ipv4Addr;
use std::rc::Rc;
use types::{AccountId, DhcpOptionsId};

const RESOLVER: &str = "AmazonProvidedDNS";
const DOMAIN_NAME: &str = "domain-name";
const SERVERS: &str = "domain-name-servers";
/// CreateDhcpOptions: "up to four domain name servers".
const SERVERS_MAX: usize = 4;
/// DHCP options have one byte for their length.
const DOMAIN_BYTES_MAX: usize = 255;
const FILTERS: &[&str] = &["dhcp-options-id", "key", "value", "owner-id"];

/// "Amazon VPC quotas" in the VPC user guide; cannot be increased.
const DHCP_OPTIONS_PER_REGION_MAX: usize = 100;

pub fn register(table: &mut Table) {
    table.op::<ec2::CreateDhcpOptionsRequest>(
        &["DhcpConfiguration.N.Key", "DhcpConfiguration.N.Value.N"],
        &["dhcp-options"],
        create,
    );
    table.op::<ec2::AssociateDhcpOptionsRequest>(&["DhcpOptionsId", "VpcId"], &[], associate);
    table.op::<ec2::DeleteDhcpOptionsRequest>(&["DhcpOptionsId"], &[], delete);
    table.op::<ec2::DescribeDhcpOptionsRequest>(&["DhcpOptionsId.N"], &[], describe);
}

fn default_set(settings: &Settings, account: &AccountId) -> DhcpOptions {
    DhcpOptions {
        account: account.clone(),
        id: default_dhcp_options(account),
        domain_name: Some(private_domain(settings)),
        domain_name_servers: vec![RESOLVER.to_owned()],
    }
}

/// A set of an account, the default one too.
pub fn get(db: &Db, settings: &Settings, account: &AccountId, id: DhcpOptionsId) -> Option<DhcpOptions> {
    if id == default_dhcp_options(account) {
        return Some(default_set(settings, account));
    }
    db.get::<DhcpOptions>(account, id).map(|o| (*o).clone())
}

/// Domain and resolvers of a VPC's interfaces.
pub fn of_vpc(db: &Db, settings: &Settings, vpc: &Vpc) -> (String, Vec<Ipv4Addr>) {
    let Some(options) = vpc.dhcp_options.and_then(|id| get(db, settings, &vpc.account, id)) else {
        return Default::default();
    };
    let own = vpc.cidr.nth(2).filter(|_| vpc.dns_support);
    let address = |text: &String| if text == RESOLVER { own } else { text.parse().ok() };
    (options.domain_name.unwrap_or_default(), options.domain_name_servers.iter().filter_map(address).collect())
}

fn create(ctx: &mut Ctx, req: Authorized<ec2::CreateDhcpOptionsRequest>) -> OpResult<ec2::CreateDhcpOptionsResult> {
    let account = ctx.caller.account.clone();
    let mut options = DhcpOptions {
        account: account.clone(),
        id: ctx.new_id(DhcpOptionsId::from_random),
        domain_name: None,
        domain_name_servers: Vec::new(),
    };
    if req.dhcp_configurations.as_ref().is_none_or(|c| c.is_empty()) {
        return Err(AwsError::missing_parameter("DhcpConfiguration").into());
    }
    for configuration in req.dhcp_configurations.iter().flatten() {
        set(&mut options, configuration)?;
    }
    if ctx.db.list::<DhcpOptions>(&account).count() >= DHCP_OPTIONS_PER_REGION_MAX {
        let message = "The maximum number of DHCP options sets has been reached.";
        return Err(AwsError::new("DhcpOptionsLimitExceeded", message).into());
    }
    ctx.tag(options.id, tags::specified(&req.tag_specifications, "dhcp-options")?)?;
    ctx.db.put(options.clone());
    Ok(ec2::CreateDhcpOptionsResult { dhcp_options: Some(to_ec2_options(ctx, &options)) })
}

fn set(options: &mut DhcpOptions, given: &ec2::NewDhcpConfiguration) -> Result<(), AwsError> {
    let key = required(&given.key, "DhcpConfiguration.N.Key")?;
    let values = given.values.clone().unwrap_or_default();
    if values.is_empty() || values.iter().any(String::is_empty) {
        return Err(AwsError::missing_parameter("DhcpConfiguration.N.Value"));
    }
    let twice = || AwsError::invalid_parameter_value(format!("The DHCP option {key} is specified more than once."));
    match key {
        DOMAIN_NAME if options.domain_name.is_some() => return Err(twice()),
        DOMAIN_NAME => {
            let [name] = values.as_slice() else {
                return Err(AwsError::invalid_value(key, &values.join(","), "Expected one domain name."));
            };
            let allowed = |c: char| c.is_ascii_alphanumeric() || "-._ ".contains(c);
            if name.len() > DOMAIN_BYTES_MAX || !name.chars().all(allowed) {
                return Err(AwsError::invalid_value(key, name, "This is not a domain name."));
            }
            options.domain_name = Some(name.clone());
        }
        SERVERS if !options.domain_name_servers.is_empty() => return Err(twice()),
        SERVERS => {
            // One value may hold several, with commas.
            let servers: Vec<String> = values.iter().flat_map(|v| v.split(',')).map(|v| v.trim().to_owned()).collect();
            if let Some(bad) = servers.iter().find(|s| *s != RESOLVER && s.parse::<Ipv4Addr>().is_err()) {
                return Err(AwsError::invalid_value(key, bad, "Expected an IPv4 address or AmazonProvidedDNS."));
            }
            if servers.len() > SERVERS_MAX {
                return Err(AwsError::invalid_value(key, &servers.join(","), "At most four servers may be given."));
            }
            options.domain_name_servers = servers;
        }
        "ntp-servers" | "netbios-name-servers" | "netbios-node-type" | "ipv6-address-preferred-lease-time" => {
            let message = format!("The DHCP option {key} is not supported by this region: leave it out, it would not be sent.");
            return Err(AwsError::unsupported_operation(message));
        }
        other => return Err(AwsError::invalid_value("DhcpConfiguration.N.Key", other, "This is not a DHCP option.")),
    }
    Ok(())
}

fn named(ctx: &Ctx, id: &str) -> Result<DhcpOptions, AwsError> {
    let parsed = DhcpOptions::CODES.parse(id)?;
    get(ctx.db, ctx.settings, &ctx.caller.account, parsed).ok_or_else(|| DhcpOptions::CODES.not_found(id))
}

fn associate(ctx: &mut Ctx, req: Authorized<ec2::AssociateDhcpOptionsRequest>) -> OpResult<()> {
    let vpc = find::<Vpc>(ctx, required(&req.vpc_id, "VpcId")?)?;
    let options = match required(&req.dhcp_options_id, "DhcpOptionsId")? {
        "default" => None,
        id => Some(named(ctx, id)?.id),
    };
    ctx.db.update::<Vpc>(&vpc.account, vpc.id, |v| v.dhcp_options = options);
    Ok(())
}

fn delete(ctx: &mut Ctx, req: Authorized<ec2::DeleteDhcpOptionsRequest>) -> OpResult<()> {
    let options = named(ctx, required(&req.dhcp_options_id, "DhcpOptionsId")?)?;
    let used = |v: Rc<Vpc>| v.dhcp_options == Some(options.id);
    // The default set is every new VPC's.
    if options.id == default_dhcp_options(&options.account) || ctx.db.list::<Vpc>(&options.account).any(used) {
        let message = format!("The dhcpOptions '{}' has dependencies and cannot be deleted.", options.id);
        return Err(AwsError::dependency_violation(message).into());
    }
    ctx.untag(options.id);
    ctx.db.delete::<DhcpOptions>(&options.account, options.id);
    Ok(())
}

fn describe(ctx: &mut Ctx, req: Authorized<ec2::DescribeDhcpOptionsRequest>) -> OpResult<ec2::DescribeDhcpOptionsResult> {
    let listing =
        Listing { ids: &req.dhcp_options_ids, filters: &req.filters, max_results: req.max_results, next_token: &req.next_token };
    let account = ctx.caller.account.clone();
    let mut sets: Vec<DhcpOptions> = if listing.names_ids() {
        req.dhcp_options_ids.iter().flatten().map(|id| named(ctx, id)).collect::<Result<_, _>>()?
    } else {
        let own = ctx.db.list::<DhcpOptions>(&account).map(|o| (*o).clone());
        std::iter::once(default_set(ctx.settings, &account)).chain(own).collect()
    };
    sets.sort_by_key(|o| o.id);
    sets.dedup_by_key(|o| o.id);
    let field = |o: &DhcpOptions, name: &str| match name {
        "dhcp-options-id" => one(o.id),
        "key" => many(configuration(o).into_iter().map(|(k, _)| k)),
        "value" => many(configuration(o).into_iter().flat_map(|(_, v)| v)),
        "owner-id" => one(&o.account),
        _ => None,
    };
    let (sets, next_token) = listing.select(sets, |o| ctx.tags(o.id), FILTERS, field, |o| o.id.to_string())?;
    let dhcp_options = Some(sets.iter().map(|o| to_ec2_options(ctx, o)).collect());
    Ok(ec2::DescribeDhcpOptionsResult { dhcp_options, next_token })
}

fn configuration(o: &DhcpOptions) -> Vec<(&'static str, Vec<String>)> {
    let domain = o.domain_name.iter().map(|name| (DOMAIN_NAME, vec![name.clone()]));
    let servers = (!o.domain_name_servers.is_empty()).then(|| (SERVERS, o.domain_name_servers.clone()));
    domain.chain(servers).collect()
}

fn to_ec2_options(ctx: &Ctx, o: &DhcpOptions) -> ec2::DhcpOptions {
    let configurations = configuration(o).into_iter().map(|(key, values)| ec2::DhcpConfiguration {
        key: Some(key.to_owned()),
        values: Some(values.into_iter().map(|value| ec2::AttributeValue { value: Some(value) }).collect()),
    });
    ec2::DhcpOptions {
        dhcp_configurations: Some(configurations.collect()),
        dhcp_options_id: Some(o.id.to_string()),
        owner_id: Some(o.account.to_string()),
        tags: ctx.tag_list(o.id),
    }
}
