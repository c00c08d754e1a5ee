//! Which managed policies there are, and who uses them.

use super::{Found, named};
use crate::context::{Authorized, Ctx, OpResult};
use crate::db::Db;
use crate::dispatch::Table;
use crate::iam::holder::Holder;
use crate::iam::rows::{Group, ManagedPolicy, Role, User};
use crate::iam::{check, serve};
use aws_protocol::{AwsError, iam as api};
use std::collections::HashMap;
use types::AccountId;

pub fn register(table: &mut Table) {
    serve(table, list);
    serve(table, list_entities);
}

/// How often each policy of an account is attached, and how often it bounds.
#[derive(Debug, Default)]
pub struct Usage(HashMap<String, (i32, i32)>);

impl Usage {
    pub fn of_account(db: &Db, account: &AccountId) -> Self {
        let mut usage = Self::default();
        db.list::<User>(account).for_each(|u| usage.add(&*u));
        db.list::<Group>(account).for_each(|g| usage.add(&*g));
        db.list::<Role>(account).for_each(|r| usage.add(&*r));
        usage
    }

    fn add(&mut self, by: &impl Holder) {
        for arn in by.attached() {
            self.0.entry(arn.clone()).or_default().0 += 1;
        }
        if let Some(arn) = by.boundary() {
            self.0.entry(arn.to_owned()).or_default().1 += 1;
        }
    }

    /// Attachments, boundaries.
    pub fn of(&self, arn: &str) -> (i32, i32) {
        self.0.get(arn).copied().unwrap_or_default()
    }
}

/// Whether attachments count, and boundaries.
fn usage_filter(value: &Option<String>) -> Result<(bool, bool), AwsError> {
    match value.as_deref() {
        None => Ok((true, true)),
        Some("PermissionsPolicy") => Ok((true, false)),
        Some("PermissionsBoundary") => Ok((false, true)),
        Some(other) => Err(check::one_of("policyUsageFilter", other, "PermissionsPolicy, PermissionsBoundary")),
    }
}

fn list(ctx: &mut Ctx, r: Authorized<api::ListPoliciesRequest>) -> OpResult<api::ListPoliciesResponse> {
    let prefix = check::prefix(&r.path_prefix)?;
    let (aws, own) = match r.scope.as_deref() {
        None | Some("All") => (true, true),
        Some("AWS") => (true, false),
        Some("Local") => (false, true),
        Some(other) => return Err(check::one_of("scope", other, "All, AWS, Local").into()),
    };
    let (attachments, boundaries) = usage_filter(&r.policy_usage_filter)?;
    let usage = Usage::of_account(ctx.db, &ctx.caller.account);
    let mut all: Vec<Found> = Vec::new();
    if own {
        all.extend(ctx.db.list::<ManagedPolicy>(&ctx.caller.account).map(Found::Own));
    }
    if aws {
        all.extend(::iam::managed::all().map(Found::Aws));
    }
    all.retain(|p| {
        let (attached, bounds) = usage.of(&p.arn());
        let used = (attachments && attached > 0) || (boundaries && bounds > 0);
        // A usage filter by itself only says what counts as use.
        let wanted = if r.only_attached == Some(true) || r.policy_usage_filter.is_some() { used } else { true };
        wanted && p.path().starts_with(prefix)
    });
    let key = |p: &Found| format!("{}/{}", p.name().to_lowercase(), p.arn());
    all.sort_by_cached_key(key);
    let page = check::page(all, &r.marker, r.max_items, key)?.map(|p| p.listed(&usage));
    Ok(api::ListPoliciesResponse { policies: Some(page.items), is_truncated: page.is_truncated, marker: page.marker })
}

enum Entity {
    Group(api::PolicyGroup),
    Role(api::PolicyRole),
    User(api::PolicyUser),
}

fn list_entities(
    ctx: &mut Ctx,
    r: Authorized<api::ListEntitiesForPolicyRequest>,
) -> OpResult<api::ListEntitiesForPolicyResponse> {
    let arn = named(ctx, &r.policy_arn)?.arn();
    let prefix = check::prefix(&r.path_prefix)?;
    let (attachments, boundaries) = usage_filter(&r.policy_usage_filter)?;
    let kind = r.entity_filter.as_deref();
    let wanted = |which: &str| kind.is_none() || kind == Some(which);
    match kind {
        None | Some("User" | "Role" | "Group" | "LocalManagedPolicy" | "AWSManagedPolicy") => {}
        Some(other) => {
            let values = "User, Role, Group, LocalManagedPolicy, AWSManagedPolicy";
            return Err(check::one_of("entityFilter", other, values).into());
        }
    }
    let uses = |attached: &[String], boundary: Option<&str>, path: &str| {
        path.starts_with(prefix) && ((attachments && attached.contains(&arn)) || (boundaries && boundary == Some(arn.as_str())))
    };
    let account = &ctx.caller.account;
    let mut all: Vec<(String, Entity)> = Vec::new();
    for g in ctx.db.list::<Group>(account).filter(|g| wanted("Group") && uses(&g.attached, None, &g.path)) {
        let entity = api::PolicyGroup { group_id: Some(g.id.clone()), group_name: Some(g.name.clone()) };
        all.push((format!("group/{}", g.name.to_lowercase()), Entity::Group(entity)));
    }
    for x in ctx.db.list::<Role>(account).filter(|x| wanted("Role") && uses(&x.attached, x.boundary(), &x.path)) {
        let entity = api::PolicyRole { role_id: Some(x.id.clone()), role_name: Some(x.name.clone()) };
        all.push((format!("role/{}", x.name.to_lowercase()), Entity::Role(entity)));
    }
    for u in ctx.db.list::<User>(account).filter(|u| wanted("User") && uses(&u.attached, u.boundary(), &u.path)) {
        let entity = api::PolicyUser { user_id: Some(u.id.clone()), user_name: Some(u.name.clone()) };
        all.push((format!("user/{}", u.name.to_lowercase()), Entity::User(entity)));
    }
    let page = check::page(all, &r.marker, r.max_items, |(key, _)| key.clone())?;
    let (mut groups, mut roles, mut users) = (Vec::new(), Vec::new(), Vec::new());
    for (_, entity) in page.items {
        match entity {
            Entity::Group(g) => groups.push(g),
            Entity::Role(x) => roles.push(x),
            Entity::User(u) => users.push(u),
        }
    }
    Ok(api::ListEntitiesForPolicyResponse {
        policy_groups: Some(groups),
        policy_roles: Some(roles),
        policy_users: Some(users),
        is_truncated: page.is_truncated,
        marker: page.marker,
    })
}
