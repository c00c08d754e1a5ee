//! Tags of keys. KMS's words for them are its own (TagKey, TagException), its limits those of all services.

use super::find::{self, By, Question, find_allowed, page};
use super::rows::KmsKey;
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::tags::TAGS_PER_RESOURCE_MAX;
use aws_protocol::{AwsError, kms as api, kms_errors};
use std::collections::BTreeMap;

pub fn register(table: &mut Table) {
    table.op_judged_inside::<api::TagResourceRequest>(&["KeyId", "Tags"], tag_resource);
    table.op_judged_inside::<api::UntagResourceRequest>(&["KeyId", "TagKeys"], untag_resource);
    table.op_judged_inside::<api::ListResourceTagsRequest>(&["KeyId", "Limit", "Marker"], list_resource_tags);
}

/// `given` on top of `held`.
pub(super) fn parse(given: &[api::Tag], held: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, AwsError> {
    let mut out = held.clone();
    let mut seen = std::collections::BTreeSet::new();
    for tag in given {
        let (key, value) = (tag.tag_key.clone().unwrap_or_default(), tag.tag_value.clone().unwrap_or_default());
        crate::tags::check(&key, &value).map_err(|e| kms_errors::tag(e.message))?;
        if !seen.insert(key.clone()) {
            return Err(kms_errors::tag("Duplicate tag keys"));
        }
        out.insert(key, value);
    }
    if out.len() > TAGS_PER_RESOURCE_MAX {
        return Err(kms_errors::tag("Too many tags"));
    }
    Ok(out)
}

fn tag_resource(ctx: &mut Ctx, r: Authorized<api::TagResourceRequest>) -> OpResult<()> {
    let asked = r.key_id.as_deref().unwrap_or_default();
    let key = find::find(ctx, "kms:TagResource", asked, By::OwnKey)?;
    let given = r.tags.clone().unwrap_or_default();
    let names: Vec<String> = given.iter().filter_map(|t| t.tag_key.clone()).collect();
    let request_tags: Vec<String> = names.iter().map(|k| format!("aws:RequestTag/{k}")).collect();
    let mut more = vec![("aws:TagKeys", names.clone())];
    more.extend(request_tags.iter().zip(&given).map(|(k, t)| (k.as_str(), vec![t.tag_value.clone().unwrap_or_default()])));
    find::allow(ctx, &key, &Question { more: &more, ..Question::new("kms:TagResource", asked) })?;
    find::not_pending_deletion(ctx, &key)?;
    let tags = parse(&given, &key.tags)?;
    ctx.db.update::<KmsKey>(&key.account, &key.id, |k| k.tags = tags);
    Ok(())
}

fn untag_resource(ctx: &mut Ctx, r: Authorized<api::UntagResourceRequest>) -> OpResult<()> {
    let asked = r.key_id.as_deref().unwrap_or_default();
    let key = find::find(ctx, "kms:UntagResource", asked, By::OwnKey)?;
    let names = r.tag_keys.clone().unwrap_or_default();
    let more = [("aws:TagKeys", names.clone())];
    find::allow(ctx, &key, &Question { more: &more, ..Question::new("kms:UntagResource", asked) })?;
    find::not_pending_deletion(ctx, &key)?;
    ctx.db.update::<KmsKey>(&key.account, &key.id, |k| k.tags.retain(|name, _| !names.contains(name)));
    Ok(())
}

fn list_resource_tags(ctx: &mut Ctx, r: Authorized<api::ListResourceTagsRequest>) -> OpResult<api::ListResourceTagsResponse> {
    let key = find_allowed(ctx, "kms:ListResourceTags", r.key_id.as_deref(), By::OwnKey)?;
    let all: Vec<_> = key.tags.iter().collect();
    let (tags, next_marker, truncated) = page(all, r.limit, (50, 50), r.marker.as_deref(), |(k, _)| (*k).clone())?;
    let tag = |(k, v): (&String, &String)| api::Tag { tag_key: Some(k.clone()), tag_value: Some(v.clone()) };
    Ok(api::ListResourceTagsResponse { tags: Some(tags.into_iter().map(tag).collect()), next_marker, truncated })
}
