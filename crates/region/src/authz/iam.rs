//! IAM's own resources: names become ARNs with the path that the entity has, or will get.

use super::{Given, Keys, Target, arn};
use crate::context::Ctx;
use crate::iam::{name_of_arn, service_linked};
use crate::rows::{
    AccessKey, Group, InstanceProfile, ManagedPolicy, MfaDevice, OidcProvider, Role, SamlProvider, ServerCertificate, User,
};
use ::iam::catalog::{On, Row};
use std::collections::BTreeMap;

const EC2: &str = "ec2.amazonaws.com";

pub(super) fn targets(ctx: &Ctx, row: &Row, on: &On, given: &Given) -> Vec<Target> {
    if on.kind == "*" {
        return vec![Target::new("*")];
    }
    if on.from == "PathPrefix" {
        return vec![Target::new(arn(ctx, "iam", on.kind, given.value(on.from).unwrap_or("/")))];
    }
    let mut named: Vec<(&str, &str)> = on.parameters().flat_map(|p| given.values(p).map(move |v| (p, v))).collect();
    if named.is_empty() && !on.optional {
        if on.kind == "user" {
            return vec![caller(ctx, row, given)];
        }
        named.push((on.from, "*"));
    }
    named.into_iter().filter_map(|(parameter, name)| target(ctx, row, on, given, parameter, name)).collect()
}

/// The caller itself, of operations whose UserName may be left out.
fn caller(ctx: &Ctx, row: &Row, given: &Given) -> Target {
    let mut target = Target::new(ctx.caller.arn.clone());
    let user = ctx.db.list::<User>(&ctx.caller.account).find(|u| u.id == ctx.caller.user_id);
    keys(&mut target.keys, row, given, user.as_ref().map(|u| (&u.tags, u.boundary.as_deref())));
    target
}

fn target(ctx: &Ctx, row: &Row, on: &On, given: &Given, parameter: &str, name: &str) -> Option<Target> {
    let account = &ctx.caller.account;
    let by_name = name.to_lowercase();
    if parameter.starts_with("New") {
        return Some(Target::new(renamed(ctx, on.kind, given)));
    }
    // Where a new entity of that name would be.
    let new = || arn(ctx, "iam", on.kind, &format!("{}{name}", given.value("Path").unwrap_or("/")));
    let mut target = Target::new("");
    let mut known: Option<(BTreeMap<String, String>, Option<String>)> = None;
    target.arn = match on.kind {
        _ if parameter.starts_with("IamInstanceProfile") => {
            // The role in the profile; no such profile or role in it: there is nothing to pass.
            let profile = ctx.db.get::<InstanceProfile>(account, name_of_arn(name).to_lowercase())?;
            let role = ctx.db.get::<Role>(account, profile.role.as_ref()?.to_lowercase())?;
            let instance = given.value("InstanceId").unwrap_or("*");
            return Some(Target { arn: role.arn(), keys: passed(&role, EC2, &arn(ctx, "ec2", "instance", instance)) });
        }
        _ if name.starts_with("arn:") => {
            known = tags_at(ctx, on.kind, name).map(|tags| (tags, None));
            name.to_owned()
        }
        "user" if parameter == "AccessKeyId" => {
            let key = ctx.db.get::<AccessKey>(account, name);
            let user = key.and_then(|k| ctx.db.get::<User>(account, k.user.to_lowercase()));
            user.map_or_else(|| arn(ctx, "iam", "user", "/*"), |u| u.arn())
        }
        "user" => match ctx.db.get::<User>(account, by_name) {
            Some(user) => {
                known = Some((user.tags.clone(), user.boundary.clone()));
                user.arn()
            }
            None => new(),
        },
        "role" if parameter == "AWSServiceName" => {
            let role = service_linked::role_name(name).unwrap_or("AWSServiceRoleFor");
            let suffix = given.value("CustomSuffix").map(|s| format!("_{s}")).unwrap_or_default();
            arn(ctx, "iam", "role", &format!("/aws-service-role/{name}/{role}{suffix}"))
        }
        // `task/aws-service-role/SERVICE/ROLE/ID`
        "role" if parameter == "DeletionTaskId" => {
            let task = name.strip_prefix("task/").unwrap_or(name);
            arn(ctx, "iam", "role", &format!("/{}", task.rsplit_once('/').map_or(task, |(role, _)| role)))
        }
        "role" => match ctx.db.get::<Role>(account, by_name) {
            Some(role) => {
                known = Some((role.tags.clone(), role.boundary.clone()));
                if row.operation == "AddRoleToInstanceProfile" {
                    return Some(Target { arn: role.arn(), keys: passed(&role, EC2, "") });
                }
                role.arn()
            }
            None => new(),
        },
        "group" => ctx.db.get::<Group>(account, by_name).map_or_else(new, |g| g.arn()),
        "instance-profile" => match ctx.db.get::<InstanceProfile>(account, by_name) {
            Some(profile) => {
                known = Some((profile.tags.clone(), None));
                profile.arn()
            }
            None => new(),
        },
        "server-certificate" => match ctx.db.get::<ServerCertificate>(account, by_name) {
            Some(certificate) => {
                known = Some((certificate.tags.clone(), None));
                certificate.arn()
            }
            None => new(),
        },
        "oidc-provider" => arn(ctx, "iam", on.kind, name.split_once("://").map_or(name, |(_, rest)| rest)),
        "saml-provider" => arn(ctx, "iam", on.kind, name),
        _ => new(),
    };
    keys(&mut target.keys, row, given, known.as_ref().map(|(tags, boundary)| (tags, boundary.as_deref())));
    Some(target)
}

/// The ARN that UpdateUser and its like give to what they are about.
fn renamed(ctx: &Ctx, kind: &str, given: &Given) -> String {
    let (old, new) = match kind {
        "user" => ("UserName", "NewUserName"),
        "group" => ("GroupName", "NewGroupName"),
        _ => ("ServerCertificateName", "NewServerCertificateName"),
    };
    let name = given.value(old).unwrap_or("*");
    let (account, by_name) = (&ctx.caller.account, name.to_lowercase());
    let current = match kind {
        "user" => ctx.db.get::<User>(account, by_name).map(|u| (u.path.clone(), u.name.clone())),
        "group" => ctx.db.get::<Group>(account, by_name).map(|g| (g.path.clone(), g.name.clone())),
        _ => ctx.db.get::<ServerCertificate>(account, by_name).map(|c| (c.path.clone(), c.name.clone())),
    };
    let (path, name) = current.unwrap_or_else(|| ("/".to_owned(), name.to_owned()));
    arn(ctx, "iam", kind, &format!("{}{}", given.value("NewPath").unwrap_or(&path), given.value(new).unwrap_or(&name)))
}

/// The tags of what an ARN names.
fn tags_at(ctx: &Ctx, kind: &str, arn: &str) -> Option<BTreeMap<String, String>> {
    let account = &ctx.caller.account;
    let name = name_of_arn(arn).to_lowercase();
    let (found, tags) = match kind {
        "policy" => ctx.db.get::<ManagedPolicy>(account, name).map(|p| (p.arn(), p.tags.clone())),
        "mfa" => ctx.db.get::<MfaDevice>(account, name).map(|d| (d.arn(), d.tags.clone())),
        "saml-provider" => ctx.db.get::<SamlProvider>(account, name).map(|p| (p.arn(), p.tags.clone())),
        "oidc-provider" => {
            let url = arn.split_once(":oidc-provider/").map_or("", |(_, url)| url);
            ctx.db.get::<OidcProvider>(account, url).map(|p| (p.arn(), p.tags.clone()))
        }
        _ => None,
    }?;
    (found == arn).then_some(tags)
}

/// `known`: tags and boundary of an entity that exists.
fn keys(keys: &mut Keys, row: &Row, given: &Given, known: Option<(&BTreeMap<String, String>, Option<&str>)>) {
    if let Some((tags, _)) = known {
        keys.resource_tags(Some("iam"), tags);
    }
    keys.request_tags(&given.tags("Tags.member.N.Key", "Value"));
    keys.request_tags(&given.tags("TagKeys.member.N", ""));
    // The boundary that it will have, or has. Of CreateUser and its like the parameter alone counts.
    if let Some(boundary) = given.value("PermissionsBoundary").or(known.and_then(|(_, boundary)| boundary)) {
        keys.set("iam:PermissionsBoundary", boundary);
    }
    if row.operation.starts_with("Attach") || row.operation.starts_with("Detach") {
        for policy in given.values("PolicyArn") {
            keys.set("iam:PolicyARN", policy);
        }
    }
    for service in given.values("AWSServiceName") {
        keys.set("iam:AWSServiceName", service);
    }
}

/// The condition keys of iam:PassRole.
pub(super) fn passed(role: &Role, service: &str, resource: &str) -> Keys {
    let mut keys = Keys::default();
    keys.resource_tags(Some("iam"), &role.tags);
    keys.set("iam:PassedToService", service);
    if !resource.is_empty() {
        keys.set("iam:AssociatedResourceArn", resource);
    }
    keys
}
