//! Describing trails, how their delivery fares, and the key that digests are signed with.

use super::rows::Trail;
use super::{arn_of, check, find};
use crate::context::{Answer, Authorized, Ctx, OpResult, Question};
use crate::dispatch::Table;
use aws_protocol::{AwsError, cloudtrail as api};
use types::TimestampMs;

pub fn register(table: &mut Table) {
    table.op::<api::DescribeTrailsRequest>(&["trailNameList", "includeShadowTrails"], &[], describe);
    table.op::<api::GetTrailRequest>(&["Name"], &[], get);
    table.op::<api::ListTrailsRequest>(&[], &[], list);
    table.op::<api::GetTrailStatusRequest>(&["Name"], &[], status);
    table.op::<api::ListPublicKeysRequest>(&["StartTime", "EndTime"], &[], public_keys);
}

/// Of the certificate that AWS's keys have. Ours holds for as long as the data directory; clients ask for those of a time.
const KEY_LIFE_MS: u64 = 100 * 365 * 24 * 3_600_000;

pub fn trail(ctx: &Ctx, t: &Trail) -> api::Trail {
    api::Trail {
        has_custom_event_selectors: Some(t.selectors.is_some()),
        has_insight_selectors: Some(false),
        home_region: Some(ctx.settings.region.to_string()),
        include_global_service_events: Some(t.global_events),
        is_multi_region_trail: Some(t.multi_region),
        is_organization_trail: Some(false),
        log_file_validation_enabled: Some(t.validation),
        name: Some(t.name.clone()),
        s3_bucket_name: Some(t.bucket.clone()),
        s3_key_prefix: Some(t.prefix.clone()).filter(|p| !p.is_empty()),
        trail_arn: Some(arn_of(ctx, t)),
        ..Default::default()
    }
}

fn describe(ctx: &mut Ctx, r: Authorized<api::DescribeTrailsRequest>) -> OpResult<api::DescribeTrailsResponse> {
    let names = r.trail_name_list.as_deref().unwrap_or_default();
    let mut wanted = Vec::new();
    for name in names {
        wanted.push(check::name_of(ctx, name)?);
    }
    let all = ctx.db.list::<Trail>(&ctx.caller.account);
    let all = all.filter(|t| wanted.is_empty() || wanted.contains(&t.name.as_str())).map(|t| trail(ctx, &t));
    Ok(api::DescribeTrailsResponse { trail_list: Some(all.collect()) })
}

fn get(ctx: &mut Ctx, r: Authorized<api::GetTrailRequest>) -> OpResult<api::GetTrailResponse> {
    let found = find(ctx, r.name.as_deref())?;
    Ok(api::GetTrailResponse { trail: Some(trail(ctx, &found)) })
}

fn list(ctx: &mut Ctx, _: Authorized<api::ListTrailsRequest>) -> OpResult<api::ListTrailsResponse> {
    let info = |t: &Trail| api::TrailInfo {
        home_region: Some(ctx.settings.region.to_string()),
        name: Some(t.name.clone()),
        trail_arn: Some(arn_of(ctx, t)),
    };
    let trails = ctx.db.list::<Trail>(&ctx.caller.account).map(|t| info(&t)).collect();
    Ok(api::ListTrailsResponse { trails: Some(trails), next_token: None })
}

/// `2023-11-14T22:13:20Z`
fn text(at: TimestampMs) -> String {
    let mut out = String::new();
    aws_protocol::write_timestamp(at, &mut out);
    out.truncate(out.len() - ".000Z".len());
    out.push('Z');
    out
}

fn status(ctx: &mut Ctx, r: Authorized<api::GetTrailStatusRequest>) -> OpResult<api::GetTrailStatusResponse> {
    let trail = find(ctx, r.name.as_deref())?;
    let known = match ctx.ask(Question::TrailStatus(trail.id.clone()))? {
        Answer::TrailStatus(known) => known,
        _ => return Err(AwsError::unavailable("Whoever delivers the trail did not answer; please try again.").into()),
    };
    let started = trail.spans.last().map(|s| s.from);
    let stopped = trail.spans.iter().rev().find_map(|s| s.to);
    let succeeded = if known.error.is_none() { known.attempted } else { None };
    Ok(api::GetTrailStatusResponse {
        is_logging: Some(trail.is_logging()),
        latest_delivery_time: known.delivered,
        latest_delivery_error: known.error,
        latest_delivery_attempt_time: Some(known.attempted.map(text).unwrap_or_default()),
        latest_delivery_attempt_succeeded: Some(succeeded.map(text).unwrap_or_default()),
        latest_digest_delivery_time: known.digest_delivered,
        latest_digest_delivery_error: known.digest_error,
        latest_notification_attempt_time: Some(String::new()),
        latest_notification_attempt_succeeded: Some(String::new()),
        start_logging_time: started,
        stop_logging_time: stopped,
        time_logging_started: Some(started.map(text).unwrap_or_default()),
        time_logging_stopped: Some(stopped.map(text).unwrap_or_default()),
        ..Default::default()
    })
}

fn public_keys(ctx: &mut Ctx, r: Authorized<api::ListPublicKeysRequest>) -> OpResult<api::ListPublicKeysResponse> {
    if r.start_time.zip(r.end_time).is_some_and(|(start, end)| start > end) {
        return Err(AwsError::new("InvalidTimeRangeException", "The start time is after the end time.").into());
    }
    let key = match ctx.ask(Question::DigestKey)? {
        Answer::DigestKey(key) => key,
        _ => return Err(AwsError::unavailable("Whoever signs digest files did not answer; please try again.").into()),
    };
    let until = TimestampMs(key.since.0 + KEY_LIFE_MS);
    let holds = r.end_time.is_none_or(|end| key.since <= end) && r.start_time.is_none_or(|start| start <= until);
    let key = api::PublicKey {
        fingerprint: Some(key.fingerprint),
        validity_start_time: Some(key.since),
        validity_end_time: Some(until),
        value: Some(key.public.0),
    };
    let list = if holds { vec![key] } else { Vec::new() };
    Ok(api::ListPublicKeysResponse { public_key_list: Some(list), next_token: None })
}
