//! Revocation lists of trust stores.

use super::content::{self, Asked, LISTS_BYTES_MAX, data_url};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::elb::arn::{self, find_trust_store};
use crate::elb::check::{page, validation};
use crate::elb::rows::{RevocationList, TrustStore};
use aws_protocol::{AwsError, elbv2 as api};

/// AWS: of a trust store.
const LISTS_MAX: usize = 30;

pub fn register(table: &mut Table) {
    table.op::<api::AddTrustStoreRevocationsInput>(
        &[
            "TrustStoreArn",
            "RevocationContents.member.N.S3Bucket",
            "RevocationContents.member.N.S3Key",
            "RevocationContents.member.N.S3ObjectVersion",
            "RevocationContents.member.N.RevocationType",
        ],
        &[],
        add,
    );
    table.op::<api::RemoveTrustStoreRevocationsInput>(&["TrustStoreArn", "RevocationIds.member.N"], &[], remove);
    table.op::<api::DescribeTrustStoreRevocationsInput>(
        &["TrustStoreArn", "RevocationIds.member.N", "Marker", "PageSize"],
        &[],
        describe,
    );
    table.op::<api::GetTrustStoreRevocationContentInput>(&["TrustStoreArn", "RevocationId"], &[], get);
}

fn not_found(id: i64) -> AwsError {
    AwsError::new("RevocationIdNotFound", format!("Revocation ID '{id}' not found"))
}

fn add(ctx: &mut Ctx, r: Authorized<api::AddTrustStoreRevocationsInput>) -> OpResult<api::AddTrustStoreRevocationsOutput> {
    let mut t = (*find_trust_store(ctx, &r.trust_store_arn)?).clone();
    let given = r.revocation_contents.as_deref().unwrap_or_default();
    if given.is_empty() {
        return Err(validation("A revocation content must be specified").into());
    }
    let had = t.revocations.len();
    for c in given {
        if let Some(other) = c.revocation_type.as_deref().filter(|k| *k != "CRL") {
            return Err(validation(format!("The revocation type '{other}' must be CRL")).into());
        }
        let asked = Asked { bucket: &c.s3_bucket, key: &c.s3_key, version: &c.s3_object_version };
        let (pem, entries) = content::revocations(ctx, &asked)?;
        t.last_revocation += 1;
        t.revocations.push(RevocationList { id: t.last_revocation, pem, entries });
    }
    let bytes: usize = t.revocations.iter().map(|l| l.pem.len()).sum();
    if t.revocations.len() > LISTS_MAX || bytes > LISTS_BYTES_MAX as usize {
        let sentence =
            format!("A trust store can have at most {LISTS_MAX} revocation lists, of {LISTS_BYTES_MAX} bytes together");
        return Err(AwsError::new("TooManyTrustStoreRevocationEntries", sentence).into());
    }
    let own = Some(arn::trust_store(ctx.settings, &t));
    let shown = |l: &RevocationList| api::TrustStoreRevocation {
        number_of_revoked_entries: i64::try_from(l.entries).ok(),
        revocation_id: Some(l.id),
        revocation_type: Some("CRL".to_owned()),
        trust_store_arn: own.clone(),
    };
    let trust_store_revocations = Some(t.revocations[had..].iter().map(shown).collect());
    ctx.db.put(t);
    Ok(api::AddTrustStoreRevocationsOutput { trust_store_revocations })
}

fn remove(
    ctx: &mut Ctx,
    r: Authorized<api::RemoveTrustStoreRevocationsInput>,
) -> OpResult<api::RemoveTrustStoreRevocationsOutput> {
    let mut t = (*find_trust_store(ctx, &r.trust_store_arn)?).clone();
    let ids = r.revocation_ids.as_deref().unwrap_or_default();
    if ids.is_empty() {
        return Err(validation("A revocation ID must be specified").into());
    }
    for id in ids {
        list(&t, *id)?;
    }
    t.revocations.retain(|l| !ids.contains(&l.id));
    ctx.db.put(t);
    Ok(api::RemoveTrustStoreRevocationsOutput {})
}

fn list(t: &TrustStore, id: i64) -> Result<&RevocationList, AwsError> {
    t.revocations.iter().find(|l| l.id == id).ok_or_else(|| not_found(id))
}

fn describe(
    ctx: &mut Ctx,
    r: Authorized<api::DescribeTrustStoreRevocationsInput>,
) -> OpResult<api::DescribeTrustStoreRevocationsOutput> {
    let t = find_trust_store(ctx, &r.trust_store_arn)?;
    let found: Vec<&RevocationList> = match r.revocation_ids.as_deref().unwrap_or_default() {
        [] => t.revocations.iter().collect(),
        ids => ids.iter().map(|id| list(&t, *id)).collect::<Result<_, _>>()?,
    };
    let (found, next_marker) = page(found, &r.marker, r.page_size, |l| format!("{:020}", l.id))?;
    let own = Some(arn::trust_store(ctx.settings, &t));
    let shown = |l: &RevocationList| api::DescribeTrustStoreRevocation {
        number_of_revoked_entries: i64::try_from(l.entries).ok(),
        revocation_id: Some(l.id),
        revocation_type: Some("CRL".to_owned()),
        trust_store_arn: own.clone(),
    };
    let trust_store_revocations = Some(found.into_iter().map(shown).collect());
    Ok(api::DescribeTrustStoreRevocationsOutput { trust_store_revocations, next_marker })
}

fn get(
    ctx: &mut Ctx,
    r: Authorized<api::GetTrustStoreRevocationContentInput>,
) -> OpResult<api::GetTrustStoreRevocationContentOutput> {
    let t = find_trust_store(ctx, &r.trust_store_arn)?;
    let list = list(&t, r.revocation_id.unwrap_or_default())?;
    Ok(api::GetTrustStoreRevocationContentOutput { location: Some(data_url(&list.pem)) })
}
