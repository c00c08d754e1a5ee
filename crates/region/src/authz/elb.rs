//! The resources of Elastic Load Balancing and Certificate Manager: ARNs, or names of what will be made.

use super::{Given, Keys, Target, arn};
use crate::context::Ctx;
use crate::{acm, elb};
use ::iam::catalog::{Need, On, Row};

const SERVICE: &str = "elasticloadbalancing";

pub(super) fn targets(ctx: &Ctx, row: &Row, need: &Need, on: &On, given: &Given) -> Vec<Target> {
    let mut out = if on.kind == "*" { vec![Target::new("*")] } else { named(ctx, row, on, given) };
    let tags = given.tags("Tags.member.N.Key", "Value");
    let keys_of_tags = |given: &Given| given.values("TagKeys.member.N").map(|k| (k.to_owned(), None)).collect::<Vec<_>>();
    for target in &mut out {
        target.keys.request_tags(&tags);
        target.keys.request_tags(&keys_of_tags(given));
        if need.action.ends_with(":AddTags") && row.operation.starts_with("Create") {
            target.keys.set("elasticloadbalancing:CreateAction", row.operation);
        } else {
            settings(&mut target.keys, row, given);
        }
    }
    out
}

/// What the request would set.
fn settings(keys: &mut Keys, row: &Row, given: &Given) {
    let lists: [(&str, &[&str]); 2] = [
        ("elasticloadbalancing:SecurityGroup", &["SecurityGroups.member.N"]),
        ("elasticloadbalancing:Subnet", &["Subnets.member.N", "SubnetMappings.member.N.SubnetId"]),
    ];
    for (key, parameters) in lists {
        let values: Vec<String> = parameters.iter().flat_map(|p| given.values(p)).map(str::to_owned).collect();
        if !values.is_empty() {
            keys.set_many(key, values);
        }
    }
    match row.operation {
        "CreateLoadBalancer" => {
            keys.set("elasticloadbalancing:Scheme", given.value("Scheme").unwrap_or("internet-facing"));
        }
        "CreateListener" | "ModifyListener" => {
            for (key, parameter) in [("ListenerProtocol", "Protocol"), ("SecurityPolicy", "SslPolicy")] {
                if let Some(value) = given.value(parameter) {
                    keys.set(format!("elasticloadbalancing:{key}"), value);
                }
            }
        }
        _ => {}
    }
}

fn named(ctx: &Ctx, row: &Row, on: &On, given: &Given) -> Vec<Target> {
    let mut names: Vec<&str> = on.parameters().flat_map(|p| given.values(p)).collect();
    if names.is_empty() {
        names.push("*");
    }
    names.into_iter().map(|name| target(ctx, row, on, given, name)).collect()
}

fn target(ctx: &Ctx, row: &Row, on: &On, given: &Given, name: &str) -> Target {
    let made = match (on.kind, row.operation) {
        ("loadbalancer", "CreateLoadBalancer") => {
            let kind = if given.value("Type") == Some("network") { "net" } else { "app" };
            Some(format!("{kind}/{name}/*"))
        }
        ("targetgroup", "CreateTargetGroup") => Some(format!("{name}/*")),
        // Below the load balancer or listener that the request names.
        ("listener", "CreateListener") => Some(format!("{}/*", path(name))),
        ("listener-rule", "CreateRule") => Some(format!("{}/*", path(name))),
        _ => None,
    };
    if let Some(made) = made {
        return Target::new(arn(ctx, SERVICE, on.kind, &made));
    }
    let service = if on.kind == "certificate" { "acm" } else { SERVICE };
    let mut target = Target::new(if name.starts_with("arn:") { name.to_owned() } else { arn(ctx, service, on.kind, name) });
    match service {
        "acm" => target.keys.resource_tags(None, &acm::tags_at(ctx, name)),
        _ => target.keys.resource_tags(Some(SERVICE), &elb::tags::at(ctx, name)),
    }
    target
}

/// `app/NAME/ID` of `arn:…:loadbalancer/app/NAME/ID`.
fn path(arn: &str) -> &str {
    arn.split(':').next_back().and_then(|r| r.split_once('/')).map_or(arn, |(_, path)| path)
}
