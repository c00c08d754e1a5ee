//! Making, changing and deleting trails; starting and stopping them.

use super::rows::Trail;
use super::{arn, arn_of, check, find, tags};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use aws_protocol::{AwsError, cloudtrail as api};

pub fn register(table: &mut Table) {
    table.op::<api::CreateTrailRequest>(
        &[
            "Name",
            "S3BucketName",
            "S3KeyPrefix",
            "IncludeGlobalServiceEvents",
            "IsMultiRegionTrail",
            "IsOrganizationTrail",
            "EnableLogFileValidation",
            "TagsList",
        ],
        &[],
        create,
    );
    table.op::<api::UpdateTrailRequest>(
        &[
            "Name",
            "S3BucketName",
            "S3KeyPrefix",
            "IncludeGlobalServiceEvents",
            "IsMultiRegionTrail",
            "IsOrganizationTrail",
            "EnableLogFileValidation",
        ],
        &[],
        update,
    );
    table.op::<api::DeleteTrailRequest>(&["Name"], &[], delete);
    table.op::<api::StartLoggingRequest>(&["Name"], &[], start);
    table.op::<api::StopLoggingRequest>(&["Name"], &[], stop);
}

fn no_organisation(asked: Option<bool>) -> Result<(), AwsError> {
    if asked != Some(true) {
        return Ok(());
    }
    let sentence = "IsOrganizationTrail: there are no organizations in this region.";
    Err(AwsError::new("OrganizationsNotInUseException", sentence))
}

fn global_fits(multi_region: bool, global_events: bool) -> Result<(), AwsError> {
    if !multi_region || global_events {
        return Ok(());
    }
    let sentence = "Multi-Region trail must include global service events.";
    Err(AwsError::new("InvalidParameterCombinationException", sentence))
}

fn create(ctx: &mut Ctx, r: Authorized<api::CreateTrailRequest>) -> OpResult<api::CreateTrailResponse> {
    let r = r.into_inner();
    let name = r.name.unwrap_or_default();
    check::name(&name)?;
    no_organisation(r.is_organization_trail)?;
    let (multi_region, global_events) =
        (r.is_multi_region_trail.unwrap_or(false), r.include_global_service_events.unwrap_or(true));
    global_fits(multi_region, global_events)?;
    let tags = tags::of(r.tags_list.as_deref().unwrap_or_default())?;
    let account = ctx.caller.account.clone();
    if ctx.db.get::<Trail>(&account, &name).is_some() {
        let sentence = format!("Trail {name} already exists for customer: {account}");
        return Err(AwsError::new("TrailAlreadyExistsException", sentence).into());
    }
    check::room(ctx)?;
    let bucket = r.s3_bucket_name.unwrap_or_default();
    let prefix = check::prefix(r.s3_key_prefix.as_deref().unwrap_or_default())?;
    check::bucket(ctx, arn(ctx.settings, &account, &name), &bucket, &prefix)?;
    let id = format!("{:032x}", ctx.random());
    let trail = Trail {
        account,
        id,
        name,
        bucket,
        prefix,
        validation: r.enable_log_file_validation.unwrap_or(false),
        global_events,
        multi_region,
        selectors: None,
        spans: Vec::new(),
        tags,
    };
    ctx.db.put(trail.clone());
    let shown = super::show::trail(ctx, &trail);
    Ok(api::CreateTrailResponse {
        include_global_service_events: shown.include_global_service_events,
        is_multi_region_trail: shown.is_multi_region_trail,
        is_organization_trail: shown.is_organization_trail,
        log_file_validation_enabled: shown.log_file_validation_enabled,
        name: shown.name,
        s3_bucket_name: shown.s3_bucket_name,
        s3_key_prefix: shown.s3_key_prefix,
        trail_arn: shown.trail_arn,
        ..Default::default()
    })
}

fn update(ctx: &mut Ctx, r: Authorized<api::UpdateTrailRequest>) -> OpResult<api::UpdateTrailResponse> {
    let mut trail = (*find(ctx, r.name.as_deref())?).clone();
    no_organisation(r.is_organization_trail)?;
    if let Some(prefix) = &r.s3_key_prefix {
        trail.prefix = check::prefix(prefix)?;
    }
    if let Some(bucket) = &r.s3_bucket_name {
        trail.bucket.clone_from(bucket);
    }
    if r.s3_key_prefix.is_some() || r.s3_bucket_name.is_some() {
        check::bucket(ctx, arn_of(ctx, &trail), &trail.bucket, &trail.prefix)?;
    }
    trail.validation = r.enable_log_file_validation.unwrap_or(trail.validation);
    trail.global_events = r.include_global_service_events.unwrap_or(trail.global_events);
    trail.multi_region = r.is_multi_region_trail.unwrap_or(trail.multi_region);
    global_fits(trail.multi_region, trail.global_events)?;
    ctx.db.put(trail.clone());
    let shown = super::show::trail(ctx, &trail);
    Ok(api::UpdateTrailResponse {
        include_global_service_events: shown.include_global_service_events,
        is_multi_region_trail: shown.is_multi_region_trail,
        is_organization_trail: shown.is_organization_trail,
        log_file_validation_enabled: shown.log_file_validation_enabled,
        name: shown.name,
        s3_bucket_name: shown.s3_bucket_name,
        s3_key_prefix: shown.s3_key_prefix,
        trail_arn: shown.trail_arn,
        ..Default::default()
    })
}

fn delete(ctx: &mut Ctx, r: Authorized<api::DeleteTrailRequest>) -> OpResult<api::DeleteTrailResponse> {
    let trail = find(ctx, r.name.as_deref())?;
    ctx.db.delete::<Trail>(&trail.account, &trail.name);
    Ok(api::DeleteTrailResponse {})
}

fn start(ctx: &mut Ctx, r: Authorized<api::StartLoggingRequest>) -> OpResult<api::StartLoggingResponse> {
    let mut trail = (*find(ctx, r.name.as_deref())?).clone();
    trail.start(ctx.now);
    ctx.db.put(trail);
    Ok(api::StartLoggingResponse {})
}

fn stop(ctx: &mut Ctx, r: Authorized<api::StopLoggingRequest>) -> OpResult<api::StopLoggingResponse> {
    let mut trail = (*find(ctx, r.name.as_deref())?).clone();
    trail.stop(ctx.now);
    ctx.db.put(trail);
    Ok(api::StopLoggingResponse {})
}
