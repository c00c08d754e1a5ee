//! GetAccountAuthorizationDetails: everything at once, a page over all kinds.

use super::policy::{Found, Usage, shown_version, versions};
use super::rows::{Group, InstanceProfile, ManagedPolicy, Role, User};
use super::{attach, boundary, check, profile, role, serve};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use aws_protocol::iam as api;
use std::rc::Rc;

pub fn register(table: &mut Table) {
    serve(table, details);
}

enum Item {
    Group(Rc<Group>),
    Policy(Found),
    Role(Rc<Role>),
    User(Rc<User>),
}

impl Item {
    fn key(&self) -> String {
        match self {
            Item::Group(g) => format!("group/{}", g.name.to_lowercase()),
            Item::Policy(p) => format!("policy/{}", p.arn()),
            Item::Role(r) => format!("role/{}", r.name.to_lowercase()),
            Item::User(u) => format!("user/{}", u.name.to_lowercase()),
        }
    }
}

const FILTERS: &str = "User, Role, Group, LocalManagedPolicy, AWSManagedPolicy";

fn details(
    ctx: &mut Ctx,
    r: Authorized<api::GetAccountAuthorizationDetailsRequest>,
) -> OpResult<api::GetAccountAuthorizationDetailsResponse> {
    let filter = r.filter.as_deref().unwrap_or_default();
    if let Some(wrong) = filter.iter().find(|f| !FILTERS.split(", ").any(|known| known == **f)) {
        return Err(check::one_of("filter", wrong, FILTERS).into());
    }
    let wanted = |kind: &str| filter.is_empty() || filter.iter().any(|f| f == kind);
    let account = &ctx.caller.account;
    let usage = Usage::of_account(ctx.db, account);
    let mut all = Vec::new();
    if wanted("Group") {
        all.extend(ctx.db.list::<Group>(account).map(Item::Group));
    }
    if wanted("LocalManagedPolicy") {
        all.extend(ctx.db.list::<ManagedPolicy>(account).map(|p| Item::Policy(Found::Own(p))));
    }
    if wanted("AWSManagedPolicy") {
        // Those in use, as AWS does.
        let used = ::iam::managed::all().filter(|p| usage.of(&p.arn()) != (0, 0));
        all.extend(used.map(|p| Item::Policy(Found::Aws(p))));
    }
    if wanted("Role") {
        all.extend(ctx.db.list::<Role>(account).map(Item::Role));
    }
    if wanted("User") {
        all.extend(ctx.db.list::<User>(account).map(Item::User));
    }
    all.sort_by_cached_key(Item::key);
    let page = check::page(all, &r.marker, r.max_items, Item::key)?;
    let mut out = api::GetAccountAuthorizationDetailsResponse {
        is_truncated: page.is_truncated,
        marker: page.marker,
        group_detail_list: Some(Vec::new()),
        policies: Some(Vec::new()),
        role_detail_list: Some(Vec::new()),
        user_detail_list: Some(Vec::new()),
    };
    for item in page.items {
        match item {
            Item::Group(g) => out.group_detail_list.get_or_insert_default().push(group(&g)),
            Item::Policy(p) => out.policies.get_or_insert_default().push(policy(&p, &usage)),
            Item::Role(x) => out.role_detail_list.get_or_insert_default().push(role_detail(ctx, &x)),
            Item::User(u) => out.user_detail_list.get_or_insert_default().push(user(ctx, &u)),
        }
    }
    Ok(out)
}

fn group(g: &Group) -> api::GroupDetail {
    api::GroupDetail {
        arn: Some(g.arn()),
        attached_managed_policies: Some(g.attached.iter().map(|a| attach::shown(a)).collect()),
        create_date: Some(g.created),
        group_id: Some(g.id.clone()),
        group_name: Some(g.name.clone()),
        group_policy_list: Some(attach::inline_details(g)),
        path: Some(g.path.clone()),
    }
}

fn user(ctx: &Ctx, u: &User) -> api::UserDetail {
    let groups = ctx.db.list::<Group>(&u.account).filter(|g| g.members.contains(&u.name)).map(|g| g.name.clone());
    api::UserDetail {
        arn: Some(u.arn()),
        attached_managed_policies: Some(u.attached.iter().map(|a| attach::shown(a)).collect()),
        create_date: Some(u.created),
        group_list: Some(groups.collect()),
        path: Some(u.path.clone()),
        permissions_boundary: boundary::shown(&u.boundary),
        tags: Some(check::tag_list(&u.tags)),
        user_id: Some(u.id.clone()),
        user_name: Some(u.name.clone()),
        user_policy_list: Some(attach::inline_details(u)),
    }
}

fn role_detail(ctx: &Ctx, x: &Role) -> api::RoleDetail {
    let profiles = ctx.db.list::<InstanceProfile>(&x.account).filter(|p| p.role.as_ref() == Some(&x.name));
    api::RoleDetail {
        arn: Some(x.arn()),
        assume_role_policy_document: Some(check::url_encoded(&x.trust)),
        attached_managed_policies: Some(x.attached.iter().map(|a| attach::shown(a)).collect()),
        create_date: Some(x.created),
        instance_profile_list: Some(profiles.map(|p| profile::listed(ctx, &p)).collect()),
        path: Some(x.path.clone()),
        permissions_boundary: boundary::shown(&x.boundary),
        role_id: Some(x.id.clone()),
        role_last_used: Some(role::last_used(ctx.db, x)),
        role_name: Some(x.name.clone()),
        role_policy_list: Some(attach::inline_details(x)),
        tags: Some(check::tag_list(&x.tags)),
    }
}

fn policy(p: &Found, usage: &Usage) -> api::ManagedPolicyDetail {
    let (arn, (created, updated)) = (p.arn(), p.dates());
    let (attached, bounds) = usage.of(&arn);
    let list = versions(p).iter().map(|v| shown_version(v, p.default_version(), true)).collect();
    api::ManagedPolicyDetail {
        arn: Some(arn),
        attachment_count: Some(attached),
        create_date: Some(created),
        default_version_id: Some(format!("v{}", p.default_version())),
        description: p.description(),
        is_attachable: Some(true),
        path: Some(p.path().to_owned()),
        permissions_boundary_usage_count: Some(bounds),
        policy_id: Some(p.id()),
        policy_name: Some(p.name().to_owned()),
        policy_version_list: Some(list),
        update_date: Some(updated),
    }
}
