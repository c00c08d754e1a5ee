//! Roles and their trust policies.

use super::holder::{self, Holder};
use super::rows::{InstanceProfile, LastUse, Role};
use super::{boundary, check, document, serve};
use crate::context::{Authorized, Ctx, OpResult};
use crate::db::Db;
use crate::dispatch::Table;
use crate::quota::table as quota;
use aws_protocol::{AwsError, iam as api};
use types::{AccountId, TimestampMs};

pub const SESSION_SECONDS: std::ops::RangeInclusive<i32> = 3_600..=43_200;

pub fn register(table: &mut Table) {
    serve(table, create);
    serve(table, get);
    serve(table, list);
    serve(table, update);
    serve(table, update_description);
    serve(table, update_trust);
    serve(table, delete);
    serve(table, tag);
    serve(table, untag);
    serve(table, list_tags);
}

/// As lists show it; tags, boundary and last use come with the single role only.
pub fn listed(role: &Role) -> api::Role {
    api::Role {
        arn: Some(role.arn()),
        assume_role_policy_document: Some(check::url_encoded(&role.trust)),
        create_date: Some(role.created),
        description: role.description.clone(),
        max_session_duration: i32::try_from(role.max_session_s).ok(),
        path: Some(role.path.clone()),
        role_id: Some(role.id.clone()),
        role_name: Some(role.name.clone()),
        ..Default::default()
    }
}

pub fn shown(db: &Db, role: &Role) -> api::Role {
    api::Role {
        permissions_boundary: boundary::shown(&role.boundary),
        role_last_used: Some(last_used(db, role)),
        tags: check::shown_tags(&role.tags),
        ..listed(role)
    }
}

/// Empty when it was never assumed.
pub fn last_used(db: &Db, role: &Role) -> api::RoleLastUsed {
    let last = db.get::<LastUse>(&role.account, &role.id);
    api::RoleLastUsed { last_used_date: last.as_ref().map(|u| u.at), region: last.map(|u| u.region.clone()) }
}

/// Credentials of a role were used; `id` is its unique id.
pub fn note_use(db: &mut Db, account: &AccountId, id: &str, at: TimestampMs, region: &str) {
    LastUse::note(
        db,
        LastUse { account: account.clone(), id: id.to_owned(), at, service: String::new(), region: region.to_owned() },
    );
}

pub fn session_seconds(asked: Option<i32>) -> Result<Option<u32>, AwsError> {
    let Some(asked) = asked else { return Ok(None) };
    if !SESSION_SECONDS.contains(&asked) {
        let (word, bound) =
            if asked < *SESSION_SECONDS.start() { ("greater", SESSION_SECONDS.start()) } else { ("less", SESSION_SECONDS.end()) };
        let constraint = format!("Member must have value {word} than or equal to {bound}");
        return Err(check::unfit("maxSessionDuration", &asked.to_string(), &constraint));
    }
    Ok(Some(asked.unsigned_abs()))
}

/// Room for one more role of the account, whose name is free.
pub fn admit(ctx: &Ctx, name: &str) -> Result<(), AwsError> {
    if holder::get::<Role>(ctx, name).is_some() {
        return Err(check::exists(format!("Role with name {name} already exists.")));
    }
    let count = ctx.db.list::<Role>(&ctx.caller.account).count();
    check::room(count, ctx.quota(&quota::ROLES), "RolesPerAccount")
}

fn create(ctx: &mut Ctx, r: Authorized<api::CreateRoleRequest>) -> OpResult<api::CreateRoleResponse> {
    let name = check::name("roleName", &r.role_name, check::ROLE_NAME_CHARS_MAX)?;
    let path = check::path("path", &r.path)?;
    if path.starts_with("/aws-service-role/") {
        return Err(
            check::validation("The specified value for path is invalid. It must not begin with /aws-service-role/.").into()
        );
    }
    let description = check::description(&r.description)?;
    let max_session_s = session_seconds(r.max_session_duration)?.unwrap_or(3_600);
    let tags = check::tags(&r.tags)?;
    let trust = check::text(&r.assume_role_policy_document);
    document::trust(ctx, "assumeRolePolicyDocument", trust)?;
    let boundary = boundary::wanted(ctx, &r.permissions_boundary)?;
    admit(ctx, name)?;
    let role = Role {
        account: ctx.caller.account.clone(),
        id: ctx.unique_id("AROA"),
        name: name.to_owned(),
        path,
        created: ctx.now,
        description,
        max_session_s,
        trust: trust.to_owned(),
        tags,
        boundary,
        inline: Default::default(),
        attached: Vec::new(),
        service: None,
    };
    // A new role has no last use to show.
    let role_shown = api::Role { role_last_used: None, ..shown(ctx.db, &role) };
    ctx.db.put(role);
    Ok(api::CreateRoleResponse { role: Some(role_shown) })
}

fn get(ctx: &mut Ctx, r: Authorized<api::GetRoleRequest>) -> OpResult<api::GetRoleResponse> {
    let role = holder::find::<Role>(ctx, &r.role_name)?;
    Ok(api::GetRoleResponse { role: Some(shown(ctx.db, &role)) })
}

fn list(ctx: &mut Ctx, r: Authorized<api::ListRolesRequest>) -> OpResult<api::ListRolesResponse> {
    let prefix = check::prefix(&r.path_prefix)?;
    let all = ctx.db.list::<Role>(&ctx.caller.account).filter(|x| x.path.starts_with(prefix));
    let page = check::page(all, &r.marker, r.max_items, |x| x.name.to_lowercase())?.map(|x| listed(&x));
    Ok(api::ListRolesResponse { roles: Some(page.items), is_truncated: page.is_truncated, marker: page.marker })
}

fn update(ctx: &mut Ctx, r: Authorized<api::UpdateRoleRequest>) -> OpResult<api::UpdateRoleResponse> {
    let role = holder::find_modifiable::<Role>(ctx, &r.role_name)?;
    let description = check::description(&r.description)?;
    let seconds = session_seconds(r.max_session_duration)?;
    holder::change(ctx, &*role, |role| {
        if description.is_some() {
            role.description = description;
        }
        role.max_session_s = seconds.unwrap_or(role.max_session_s);
    });
    Ok(api::UpdateRoleResponse {})
}

fn update_description(
    ctx: &mut Ctx,
    r: Authorized<api::UpdateRoleDescriptionRequest>,
) -> OpResult<api::UpdateRoleDescriptionResponse> {
    // "You can edit the description" of service-linked roles too.
    let mut role = (*holder::find::<Role>(ctx, &r.role_name)?).clone();
    role.description = check::description(&r.description)?;
    ctx.db.put(role.clone());
    Ok(api::UpdateRoleDescriptionResponse { role: Some(shown(ctx.db, &role)) })
}

fn update_trust(ctx: &mut Ctx, r: Authorized<api::UpdateAssumeRolePolicyRequest>) -> OpResult<()> {
    let role = holder::find_modifiable::<Role>(ctx, &r.role_name)?;
    let trust = check::text(&r.policy_document);
    document::trust(ctx, "policyDocument", trust)?;
    holder::change(ctx, &*role, |role| trust.clone_into(&mut role.trust));
    Ok(())
}

fn delete(ctx: &mut Ctx, r: Authorized<api::DeleteRoleRequest>) -> OpResult<()> {
    let role = holder::find_modifiable::<Role>(ctx, &r.role_name)?;
    let in_profile = ctx.db.list::<InstanceProfile>(&role.account).any(|p| p.role.as_deref() == Some(role.name()));
    let first = if in_profile {
        Some("remove roles from instance profile")
    } else if !role.attached.is_empty() {
        Some("detach all policies")
    } else if !role.inline.is_empty() {
        Some("delete policies")
    } else {
        None
    };
    if let Some(first) = first {
        return Err(check::conflict(format!("Cannot delete entity, must {first} first.")).into());
    }
    remove(ctx, &role);
    Ok(())
}

/// Takes a role away, and its name out of the trust policies of others.
pub fn remove(ctx: &mut Ctx, role: &Role) {
    ctx.db.delete::<Role>(&role.account, role.name.to_lowercase());
    ctx.db.delete::<LastUse>(&role.account, &role.id);
    document::rename_principal(ctx.db, &role.arn(), &role.id);
}

fn tag(ctx: &mut Ctx, r: Authorized<api::TagRoleRequest>) -> OpResult<()> {
    let mut role = (*holder::find_modifiable::<Role>(ctx, &r.role_name)?).clone();
    check::add_tags(&mut role.tags, check::tags(&r.tags)?, "TagsPerRole")?;
    ctx.db.put(role);
    Ok(())
}

fn untag(ctx: &mut Ctx, r: Authorized<api::UntagRoleRequest>) -> OpResult<()> {
    let mut role = (*holder::find_modifiable::<Role>(ctx, &r.role_name)?).clone();
    check::remove_tags(&mut role.tags, &r.tag_keys)?;
    ctx.db.put(role);
    Ok(())
}

fn list_tags(ctx: &mut Ctx, r: Authorized<api::ListRoleTagsRequest>) -> OpResult<api::ListRoleTagsResponse> {
    let role = holder::find::<Role>(ctx, &r.role_name)?;
    let page = check::page(check::tag_list(&role.tags), &r.marker, r.max_items, |t| check::text(&t.key).to_owned())?;
    Ok(api::ListRoleTagsResponse { tags: Some(page.items), is_truncated: page.is_truncated, marker: page.marker })
}
