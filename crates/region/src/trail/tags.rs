//! Tags of trails.

use super::rows::Trail;
use super::{arn_of, check, find};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::tags::TAGS_PER_RESOURCE_MAX;
use aws_protocol::{AwsError, cloudtrail as api};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Trails whose tags one request may list.
const LISTED_MAX: usize = 20;

pub fn register(table: &mut Table) {
    table.op::<api::AddTagsRequest>(&["ResourceId", "TagsList"], &[], add);
    table.op::<api::RemoveTagsRequest>(&["ResourceId", "TagsList"], &[], remove);
    table.op::<api::ListTagsRequest>(&["ResourceIdList"], &[], list);
}

pub fn of(list: &[api::Tag]) -> Result<BTreeMap<String, String>, AwsError> {
    let mut out = BTreeMap::new();
    for tag in list {
        let (key, value) = (tag.key.clone().unwrap_or_default(), tag.value.clone().unwrap_or_default());
        crate::tags::check(&key, &value).map_err(|e| AwsError::new("InvalidTagParameterException", e.message))?;
        if out.insert(key.clone(), value).is_some() {
            return Err(AwsError::new("InvalidTagParameterException", format!("The tag key {key} is given twice.")));
        }
    }
    limit(&out)?;
    Ok(out)
}

fn limit(tags: &BTreeMap<String, String>) -> Result<(), AwsError> {
    if tags.len() <= TAGS_PER_RESOURCE_MAX {
        return Ok(());
    }
    let sentence = format!("The number of tags per trail has exceeded the permitted amount: {TAGS_PER_RESOURCE_MAX}.");
    Err(AwsError::new("TagsLimitExceededException", sentence))
}

/// By ARN only.
fn tagged(ctx: &Ctx, asked: &str) -> Result<Rc<Trail>, AwsError> {
    if !asked.starts_with("arn:") {
        return Err(AwsError::new("CloudTrailARNInvalidException", format!("{asked} is not the ARN of a trail.")));
    }
    let name = check::name_of(ctx, asked)?;
    let found = ctx.db.get::<Trail>(&ctx.caller.account, name);
    found.ok_or_else(|| AwsError::new("ResourceNotFoundException", format!("The specified resource {asked} is not found.")))
}

fn add(ctx: &mut Ctx, r: Authorized<api::AddTagsRequest>) -> OpResult<api::AddTagsResponse> {
    let mut trail = (*tagged(ctx, r.resource_id.as_deref().unwrap_or_default())?).clone();
    trail.tags.extend(of(r.tags_list.as_deref().unwrap_or_default())?);
    limit(&trail.tags)?;
    ctx.db.put(trail);
    Ok(api::AddTagsResponse {})
}

/// The values need not be given.
fn remove(ctx: &mut Ctx, r: Authorized<api::RemoveTagsRequest>) -> OpResult<api::RemoveTagsResponse> {
    let mut trail = (*tagged(ctx, r.resource_id.as_deref().unwrap_or_default())?).clone();
    for tag in r.tags_list.iter().flatten() {
        trail.tags.remove(tag.key.as_deref().unwrap_or_default());
    }
    ctx.db.put(trail);
    Ok(api::RemoveTagsResponse {})
}

fn list(ctx: &mut Ctx, r: Authorized<api::ListTagsRequest>) -> OpResult<api::ListTagsResponse> {
    let asked = r.resource_id_list.as_deref().unwrap_or_default();
    if asked.len() > LISTED_MAX {
        let sentence = format!("At most {LISTED_MAX} resources can be listed.");
        return Err(AwsError::new("InvalidParameterCombinationException", sentence).into());
    }
    let mut out = Vec::new();
    for arn in asked {
        let trail = tagged(ctx, arn)?;
        let tag = |(k, v): (&String, &String)| api::Tag { key: Some(k.clone()), value: Some(v.clone()) };
        let tags = trail.tags.iter().map(tag).collect();
        out.push(api::ResourceTag { resource_id: Some(arn_of(ctx, &trail)), tags_list: Some(tags) });
    }
    Ok(api::ListTagsResponse { resource_tag_list: Some(out), next_token: None })
}

/// For the condition key aws:ResourceTag, before the operation runs.
pub fn at(ctx: &Ctx, asked: &str) -> BTreeMap<String, String> {
    find(ctx, Some(asked)).map_or_else(|_| BTreeMap::new(), |t| t.tags.clone())
}
