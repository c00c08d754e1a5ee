//! CloudTrail's trails: rows that say which events of an account go into which bucket. Delivery is the s3-worker's.
//!
//! ```text
//!  CreateTrail ─► name, bucket's policy (asked of the s3-worker) ─► row ─► snapshot ─► push: s3-worker ─► objects
//! ```
//! Refused by name, as they would have no effect here: topics (SNS), log groups (CloudWatch Logs), KMS keys of the trail (the
//! bucket's own encryption holds), organisations. There is one region, so a trail of all regions is one of this.
//!
//! Source: CloudTrail API Reference.

mod change;
mod check;
pub mod rows;
mod selectors;
mod show;
pub mod tags;
#[cfg(test)]
mod tests;

use crate::context::Ctx;
use crate::db::Db;
use crate::dispatch::Table;
use aws_protocol::AwsError;
use platform::Settings;
use rows::Trail;
use std::rc::Rc;
use types::{AccountId, Generation};
use wire::trail::TrailSnapshot;

pub fn register(table: &mut Table) {
    change::register(table);
    selectors::register(table);
    show::register(table);
    tags::register(table);
}

pub fn compile(db: &Db, settings: &Settings, generation: Generation) -> TrailSnapshot {
    let trails = db.all::<Trail>().filter(|t| !t.spans.is_empty()).map(|t| wire::trail::Trail {
        id: t.id.clone(),
        account: t.account.clone(),
        name: t.name.clone(),
        arn: arn(settings, &t.account, &t.name),
        bucket: t.bucket.clone(),
        prefix: t.prefix.clone(),
        validation: t.validation,
        global_events: t.global_events,
        selectors: t.selectors.clone().unwrap_or_else(selectors::default),
        spans: t.spans.clone(),
    });
    TrailSnapshot { format: wire::FORMAT, generation, trails: trails.collect() }
}

fn arn(settings: &Settings, account: &AccountId, name: &str) -> String {
    format!("arn:aws:cloudtrail:{}:{account}:trail/{name}", settings.region)
}

fn arn_of(ctx: &Ctx, trail: &Trail) -> String {
    arn(ctx.settings, &trail.account, &trail.name)
}

/// By name or ARN.
fn find(ctx: &Ctx, asked: Option<&str>) -> Result<Rc<Trail>, AwsError> {
    let asked = asked.unwrap_or_default();
    let name = check::name_of(ctx, asked)?;
    let found = ctx.db.get::<Trail>(&ctx.caller.account, name);
    found.ok_or_else(|| check::not_found(asked, &ctx.caller.account))
}
