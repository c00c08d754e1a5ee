//! MetadataOptions: how the instance metadata service answers the guest.

use super::lists;
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::rows::{Instance, InstanceState, MetadataOptions};
use aws_protocol::{AwsError, ec2};

pub fn register(table: &mut Table) {
    let names =
        &["InstanceId", "HttpEndpoint", "HttpTokens", "HttpPutResponseHopLimit", "InstanceMetadataTags", "HttpProtocolIpv6"];
    table.op::<ec2::ModifyInstanceMetadataOptionsRequest>(names, &[], modify);
}

/// What is not said is as EC2 has it for images without `imds-support`.
const DEFAULT: MetadataOptions = MetadataOptions { tokens_required: false, hop_limit: 1, enabled: true, instance_tags: false };

pub fn at_launch(r: Option<&ec2::InstanceMetadataOptionsRequest>) -> Result<MetadataOptions, AwsError> {
    let mut options = DEFAULT;
    if let Some(r) = r {
        change(
            &mut options,
            r.http_endpoint.as_deref(),
            r.http_tokens.as_deref(),
            r.http_put_response_hop_limit,
            r.instance_metadata_tags.as_deref(),
            r.http_protocol_ipv6.as_deref(),
        )?;
    }
    Ok(options)
}

fn change(
    options: &mut MetadataOptions,
    endpoint: Option<&str>,
    tokens: Option<&str>,
    hops: Option<i32>,
    tags: Option<&str>,
    ipv6: Option<&str>,
) -> Result<(), AwsError> {
    let switch = |name: &str, value: Option<&str>| match value {
        None => Ok(None),
        Some("enabled") => Ok(Some(true)),
        Some("disabled") => Ok(Some(false)),
        Some(other) => Err(AwsError::invalid_value(name, other, "Expected enabled or disabled.")),
    };
    if let Some(on) = switch("HttpEndpoint", endpoint)? {
        options.enabled = on;
    }
    if let Some(on) = switch("InstanceMetadataTags", tags)? {
        options.instance_tags = on;
    }
    if switch("HttpProtocolIpv6", ipv6)? == Some(true) {
        return Err(AwsError::unsupported_operation(
            "HttpProtocolIpv6=enabled is not supported by this region: the metadata service has an IPv4 address only.",
        ));
    }
    match tokens {
        None => {}
        Some("required") => options.tokens_required = true,
        Some("optional") => options.tokens_required = false,
        Some(other) => return Err(AwsError::invalid_value("HttpTokens", other, "Expected optional or required.")),
    }
    if let Some(n) = hops {
        options.hop_limit = u8::try_from(n)
            .ok()
            .filter(|n| (1..=64).contains(n))
            .ok_or_else(|| AwsError::invalid_value("HttpPutResponseHopLimit", &n.to_string(), "It must be between 1 and 64."))?;
    }
    Ok(())
}

pub fn to_wire(o: &MetadataOptions) -> ec2::InstanceMetadataOptionsResponse {
    let switch = |on: bool| Some(if on { "enabled" } else { "disabled" }.to_owned());
    ec2::InstanceMetadataOptionsResponse {
        http_endpoint: switch(o.enabled),
        http_protocol_ipv6: switch(false),
        http_put_response_hop_limit: Some(i32::from(o.hop_limit)),
        http_tokens: Some(if o.tokens_required { "required" } else { "optional" }.to_owned()),
        instance_metadata_tags: switch(o.instance_tags),
        state: Some("applied".to_owned()),
    }
}

fn modify(
    ctx: &mut Ctx,
    r: Authorized<ec2::ModifyInstanceMetadataOptionsRequest>,
) -> OpResult<ec2::ModifyInstanceMetadataOptionsResult> {
    let id = r.instance_id.as_deref().unwrap_or_default();
    let row = lists::instance(ctx, id)?;
    if matches!(row.state, InstanceState::ShuttingDown | InstanceState::Terminated) {
        return Err(AwsError::incorrect_instance_state(format!("The instance '{id}' is {}.", row.state.name())).into());
    }
    let mut options = row.metadata.clone();
    change(
        &mut options,
        r.http_endpoint.as_deref(),
        r.http_tokens.as_deref(),
        r.http_put_response_hop_limit,
        r.instance_metadata_tags.as_deref(),
        r.http_protocol_ipv6.as_deref(),
    )?;
    let account = ctx.caller.account.clone();
    let reply = to_wire(&options);
    ctx.db.update::<Instance>(&account, row.id, |i| i.metadata = options);
    Ok(ec2::ModifyInstanceMetadataOptionsResult { instance_id: Some(row.id.to_string()), instance_metadata_options: Some(reply) })
}
