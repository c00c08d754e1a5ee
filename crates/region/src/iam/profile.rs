//! Instance profiles: what hands a role to an instance.

use super::rows::{InstanceProfile, Role};
use super::{check, holder, role, serve};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::quota::table as quota;
use aws_protocol::{AwsError, iam as api};
use std::rc::Rc;

const NAME_CHARS_MAX: usize = 128;

pub fn register(table: &mut Table) {
    serve(table, create);
    serve(table, get);
    serve(table, list);
    serve(table, list_for_role);
    serve(table, delete);
    serve(table, add_role);
    serve(table, remove_role);
    serve(table, tag);
    serve(table, untag);
    serve(table, list_tags);
}

fn find(ctx: &Ctx, name: &Option<String>) -> Result<Rc<InstanceProfile>, AwsError> {
    let name = check::name("instanceProfileName", name, NAME_CHARS_MAX)?;
    let found = ctx.db.get::<InstanceProfile>(&ctx.caller.account, name.to_lowercase());
    found.ok_or_else(|| check::no_such(format!("Instance Profile {name} cannot be found.")))
}

/// As lists show it; tags come with the single profile only.
pub fn listed(ctx: &Ctx, p: &InstanceProfile) -> api::InstanceProfile {
    let role = p.role.as_deref().and_then(|name| holder::get::<Role>(ctx, name));
    api::InstanceProfile {
        arn: Some(p.arn()),
        create_date: Some(p.created),
        instance_profile_id: Some(p.id.clone()),
        instance_profile_name: Some(p.name.clone()),
        path: Some(p.path.clone()),
        roles: Some(role.iter().map(|r| role::listed(r)).collect()),
        tags: None,
    }
}

fn shown(ctx: &Ctx, p: &InstanceProfile) -> api::InstanceProfile {
    api::InstanceProfile { tags: Some(check::tag_list(&p.tags)), ..listed(ctx, p) }
}

fn create(ctx: &mut Ctx, r: Authorized<api::CreateInstanceProfileRequest>) -> OpResult<api::CreateInstanceProfileResponse> {
    let name = check::name("instanceProfileName", &r.instance_profile_name, NAME_CHARS_MAX)?;
    let path = check::path("path", &r.path)?;
    let tags = check::tags(&r.tags)?;
    let account = ctx.caller.account.clone();
    if ctx.db.get::<InstanceProfile>(&account, name.to_lowercase()).is_some() {
        return Err(check::exists(format!("Instance Profile {name} already exists.")).into());
    }
    check::room(
        ctx.db.list::<InstanceProfile>(&account).count(),
        ctx.quota(&quota::INSTANCE_PROFILES),
        "InstanceProfilesPerAccount",
    )?;
    let id = ctx.unique_id("AIPA");
    let profile = InstanceProfile { account, id, name: name.to_owned(), path, created: ctx.now, tags, role: None };
    let profile_shown = shown(ctx, &profile);
    ctx.db.put(profile);
    Ok(api::CreateInstanceProfileResponse { instance_profile: Some(profile_shown) })
}

fn get(ctx: &mut Ctx, r: Authorized<api::GetInstanceProfileRequest>) -> OpResult<api::GetInstanceProfileResponse> {
    let profile = find(ctx, &r.instance_profile_name)?;
    Ok(api::GetInstanceProfileResponse { instance_profile: Some(shown(ctx, &profile)) })
}

fn list(ctx: &mut Ctx, r: Authorized<api::ListInstanceProfilesRequest>) -> OpResult<api::ListInstanceProfilesResponse> {
    let prefix = check::prefix(&r.path_prefix)?;
    let all = ctx.db.list::<InstanceProfile>(&ctx.caller.account).filter(|p| p.path.starts_with(prefix));
    let page = check::page(all, &r.marker, r.max_items, |p| p.name.to_lowercase())?.map(|p| listed(ctx, &p));
    Ok(api::ListInstanceProfilesResponse {
        instance_profiles: Some(page.items),
        is_truncated: page.is_truncated,
        marker: page.marker,
    })
}

fn list_for_role(
    ctx: &mut Ctx,
    r: Authorized<api::ListInstanceProfilesForRoleRequest>,
) -> OpResult<api::ListInstanceProfilesForRoleResponse> {
    let role = holder::find::<Role>(ctx, &r.role_name)?;
    let all = ctx.db.list::<InstanceProfile>(&role.account).filter(|p| p.role.as_ref() == Some(&role.name));
    let page = check::page(all, &r.marker, r.max_items, |p| p.name.to_lowercase())?.map(|p| listed(ctx, &p));
    Ok(api::ListInstanceProfilesForRoleResponse {
        instance_profiles: Some(page.items),
        is_truncated: page.is_truncated,
        marker: page.marker,
    })
}

fn delete(ctx: &mut Ctx, r: Authorized<api::DeleteInstanceProfileRequest>) -> OpResult<()> {
    let profile = find(ctx, &r.instance_profile_name)?;
    if profile.role.is_some() {
        return Err(check::conflict("Cannot delete entity, must remove roles from instance profile first.").into());
    }
    ctx.db.delete::<InstanceProfile>(&profile.account, profile.name.to_lowercase());
    Ok(())
}

fn add_role(ctx: &mut Ctx, r: Authorized<api::AddRoleToInstanceProfileRequest>) -> OpResult<()> {
    let mut profile = (*find(ctx, &r.instance_profile_name)?).clone();
    let role = holder::find_modifiable::<Role>(ctx, &r.role_name)?;
    check::room(profile.role.iter().count(), 1, "InstanceSessionsPerInstanceProfile")?;
    profile.role = Some(role.name.clone());
    ctx.db.put(profile);
    Ok(())
}

fn remove_role(ctx: &mut Ctx, r: Authorized<api::RemoveRoleFromInstanceProfileRequest>) -> OpResult<()> {
    let mut profile = (*find(ctx, &r.instance_profile_name)?).clone();
    let name = check::name("roleName", &r.role_name, check::ROLE_NAME_CHARS_MAX)?;
    if profile.role.as_deref().is_none_or(|held| !held.eq_ignore_ascii_case(name)) {
        return Err(check::no_such(format!("Role {name} in Instance Profile {} cannot be found.", profile.name)).into());
    }
    profile.role = None;
    ctx.db.put(profile);
    Ok(())
}

fn tag(ctx: &mut Ctx, r: Authorized<api::TagInstanceProfileRequest>) -> OpResult<()> {
    let mut profile = (*find(ctx, &r.instance_profile_name)?).clone();
    check::add_tags(&mut profile.tags, check::tags(&r.tags)?, "TagsPerInstanceProfile")?;
    ctx.db.put(profile);
    Ok(())
}

fn untag(ctx: &mut Ctx, r: Authorized<api::UntagInstanceProfileRequest>) -> OpResult<()> {
    let mut profile = (*find(ctx, &r.instance_profile_name)?).clone();
    check::remove_tags(&mut profile.tags, &r.tag_keys)?;
    ctx.db.put(profile);
    Ok(())
}

fn list_tags(
    ctx: &mut Ctx,
    r: Authorized<api::ListInstanceProfileTagsRequest>,
) -> OpResult<api::ListInstanceProfileTagsResponse> {
    let profile = find(ctx, &r.instance_profile_name)?;
    let page = check::page(check::tag_list(&profile.tags), &r.marker, r.max_items, |t| check::text(&t.key).to_owned())?;
    Ok(api::ListInstanceProfileTagsResponse { tags: Some(page.items), is_truncated: page.is_truncated, marker: page.marker })
}
