//! The resources of SSM, STS, CloudTrail, Service Quotas and KMS, as far as they are asked before the operation runs.

use super::{Given, Target, arn};
use crate::context::Ctx;
use ::iam::catalog::On;

pub(super) fn targets(ctx: &Ctx, service: &str, on: &On, given: &Given) -> Vec<Target> {
    if on.kind == "*" {
        let mut all = Target::new("*");
        request_tags(&mut all, given);
        return vec![all];
    }
    let mut names: Vec<&str> = on.parameters().flat_map(|p| given.values(p)).collect();
    if names.is_empty() && !on.optional {
        names.push("*");
    }
    let target = |name: &str| {
        let mut target = Target::new(match service {
            _ if name.starts_with("arn:") => name.to_owned(),
            "ssm" => parameter(ctx, name),
            "servicequotas" => arn(ctx, service, on.kind, &format!("{name}/{}", given.value("QuotaCode").unwrap_or("*"))),
            _ => arn(ctx, service, on.kind, name),
        });
        if service == "servicequotas" {
            target.keys.set("servicequotas:service", name);
        }
        if on.kind == "trail" {
            target.keys.resource_tags(None, &crate::trail::tags::at(ctx, name));
        }
        request_tags(&mut target, given);
        target
    };
    names.into_iter().map(target).collect()
}

/// Of names with a version or label only the name counts; the public parameters belong to no account.
fn parameter(ctx: &Ctx, name: &str) -> String {
    let name = name.split(':').next().unwrap_or_default().trim_start_matches('/');
    if name.starts_with("aws/service/") {
        return format!("arn:aws:ssm:{}::parameter/{name}", ctx.settings.region);
    }
    arn(ctx, "ssm", "parameter", name)
}

fn request_tags(target: &mut Target, given: &Given) {
    for (key, value) in [("Tags.N.TagKey", "TagValue"), ("TagsList.N.Key", "Value"), ("Tags.member.N.Key", "Value")] {
        target.keys.request_tags(&given.tags(key, value));
    }
}
