//! DHCP options: each account has the one default set (the VPC's own resolver and private domain).

use super::lookup::{DHCP_OPTIONS_CODES, Listing, many, one};
use super::vpc::default_dhcp_options;
use super::zone::private_domain;
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use aws_protocol::ec2;
use types::DhcpOptionsId;

const RESOLVER: &str = "AmazonProvidedDNS";
const FILTERS: &[&str] = &["dhcp-options-id", "key", "value", "owner-id"];

pub fn register(table: &mut Table) {
    table.op::<ec2::DescribeDhcpOptionsRequest>(&["DhcpOptionsId.N"], &[], describe);
}

fn describe(ctx: &mut Ctx, req: Authorized<ec2::DescribeDhcpOptionsRequest>) -> OpResult<ec2::DescribeDhcpOptionsResult> {
    let listing =
        Listing { ids: &req.dhcp_options_ids, filters: &req.filters, max_results: req.max_results, next_token: &req.next_token };
    let default = default_dhcp_options(&ctx.caller.account);
    for id in req.dhcp_options_ids.iter().flatten() {
        if DHCP_OPTIONS_CODES.parse::<DhcpOptionsId>(id)? != default {
            return Err(DHCP_OPTIONS_CODES.not_found(id).into());
        }
    }
    let configuration = [("domain-name", private_domain(ctx.settings)), ("domain-name-servers", RESOLVER.to_owned())];
    let field = |id: &DhcpOptionsId, name: &str| match name {
        "dhcp-options-id" => one(id),
        "key" => many(configuration.iter().map(|(k, _)| k)),
        "value" => many(configuration.iter().map(|(_, v)| v)),
        "owner-id" => one(&ctx.caller.account),
        _ => None,
    };
    let (sets, next_token) = listing.select(vec![default], |id| ctx.tags(id), FILTERS, field, ToString::to_string)?;
    let dhcp_options = sets.iter().map(|id| ec2::DhcpOptions {
        dhcp_configurations: Some(
            configuration
                .iter()
                .map(|(key, value)| ec2::DhcpConfiguration {
                    key: Some((*key).to_owned()),
                    values: Some(vec![ec2::AttributeValue { value: Some(value.clone()) }]),
                })
                .collect(),
        ),
        dhcp_options_id: Some(id.to_string()),
        owner_id: Some(ctx.caller.account.to_string()),
        tags: ctx.tag_list(id),
    });
    Ok(ec2::DescribeDhcpOptionsResult { dhcp_options: Some(dhcp_options.collect()), next_token })
}
