//! Tags of certificates.

use super::find;
use super::rows::AcmCertificate;
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::tags::TAGS_PER_RESOURCE_MAX;
use aws_protocol::{AwsError, acm as api};
use std::collections::BTreeMap;

pub fn register(table: &mut Table) {
    table.op::<api::AddTagsToCertificateRequest>(&["CertificateArn", "Tags"], &[], add);
    table.op::<api::RemoveTagsFromCertificateRequest>(&["CertificateArn", "Tags"], &[], remove);
    table.op::<api::ListTagsForCertificateRequest>(&["CertificateArn"], &[], list);
}

pub fn of(list: &Option<Vec<api::Tag>>) -> Result<BTreeMap<String, String>, AwsError> {
    let mut out = BTreeMap::new();
    for tag in list.iter().flatten() {
        let (key, value) = (tag.key.clone().unwrap_or_default(), tag.value.clone().unwrap_or_default());
        crate::tags::check(&key, &value).map_err(|e| AwsError::new("InvalidTagException", e.message))?;
        out.insert(key, value);
    }
    fit(&out)?;
    Ok(out)
}

fn fit(tags: &BTreeMap<String, String>) -> Result<(), AwsError> {
    if tags.len() <= TAGS_PER_RESOURCE_MAX {
        return Ok(());
    }
    let sentence = format!("A certificate can have at most {TAGS_PER_RESOURCE_MAX} tags.");
    Err(AwsError::new("TooManyTagsException", sentence))
}

fn add(ctx: &mut Ctx, r: Authorized<api::AddTagsToCertificateRequest>) -> OpResult<()> {
    let c = find(ctx, &r.certificate_arn)?;
    let mut tags = c.tags.clone();
    tags.extend(of(&r.tags)?);
    fit(&tags)?;
    ctx.db.put(AcmCertificate { tags, ..(*c).clone() });
    Ok(())
}

/// A tag with a value goes if it has that one.
fn remove(ctx: &mut Ctx, r: Authorized<api::RemoveTagsFromCertificateRequest>) -> OpResult<()> {
    let c = find(ctx, &r.certificate_arn)?;
    let mut tags = c.tags.clone();
    for tag in r.tags.iter().flatten() {
        let key = tag.key.as_deref().unwrap_or_default();
        if tag.value.as_ref().is_none_or(|v| tags.get(key) == Some(v)) {
            tags.remove(key);
        }
    }
    ctx.db.put(AcmCertificate { tags, ..(*c).clone() });
    Ok(())
}

fn list(ctx: &mut Ctx, r: Authorized<api::ListTagsForCertificateRequest>) -> OpResult<api::ListTagsForCertificateResponse> {
    let c = find(ctx, &r.certificate_arn)?;
    let tag = |(k, v): (&String, &String)| api::Tag { key: Some(k.clone()), value: Some(v.clone()) };
    Ok(api::ListTagsForCertificateResponse { tags: Some(c.tags.iter().map(tag).collect()) })
}
