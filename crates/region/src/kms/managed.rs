//! The keys of services: `alias/aws/s3` and `alias/aws/ebs`, one of each in an account, made when first needed.

use super::keys;
use super::material::{self, MaterialRequest};
use super::rows::{DAY_MS, KmsAlias, KmsKey, Rotation};
use crate::context::{Ctx, OpResult};
use std::rc::Rc;
use types::TimestampMs;
use wire::kms::{KeySpec, KeyUsage};

pub const SERVICES: [&str; 2] = ["s3", "ebs"];

/// `s3` for `alias/aws/s3`.
pub fn service_of_alias(alias: &str) -> Option<&'static str> {
    let service = alias.strip_prefix("alias/aws/")?;
    SERVICES.into_iter().find(|s| *s == service)
}

/// The service's key in the caller's account.
pub fn ensure(ctx: &mut Ctx, service: &'static str) -> OpResult<Rc<KmsKey>> {
    let account = ctx.caller.account.clone();
    let name = format!("alias/aws/{service}");
    let known = ctx.db.get::<KmsAlias>(&account, &name).and_then(|a| ctx.db.get::<KmsKey>(&account, &a.key));
    if let Some(key) = known {
        return Ok(key);
    }
    let id = keys::new_id(ctx);
    let arn = format!("arn:aws:kms:{}:{account}:key/{id}", ctx.settings.region);
    let request = MaterialRequest::Generate { arn: arn.clone(), generation: 1, spec: KeySpec::Symmetric };
    let made = material::made(material::ask(ctx, request)?)?;
    let what = if service == "s3" { "S3 objects" } else { "EBS volumes" };
    let key = KmsKey {
        policy: kms::access::service_policy(&account, ctx.settings.region.as_str(), service),
        account: account.clone(),
        id: id.clone(),
        arn,
        description: format!("Default key that protects my {what} when no other key is defined"),
        created: ctx.now,
        spec: KeySpec::Symmetric,
        usage: KeyUsage::EncryptDecrypt,
        external: false,
        service: Some(service.to_owned()),
        enabled: true,
        tags: Default::default(),
        deletion: None,
        materials: vec![keys::first(made, ctx.now)],
        // "AWS managed keys are rotated every year".
        rotation: Some(Rotation { period_days: 365, next: TimestampMs(ctx.now.0 + 365 * DAY_MS) }),
        valid_to: None,
        imported: None,
    };
    ctx.db.put(key.clone());
    ctx.db.put(KmsAlias { account, name, key: id, created: ctx.now, updated: ctx.now });
    Ok(Rc::new(key))
}
