//! Users.

use super::rows::{AccessKey, Group, User};
use super::{boundary, check, document, holder, login, mfa, serve, ssh_key};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::quota::table as quota;
use aws_protocol::{AwsError, iam as api};
use wire::identity::PrincipalKind;

pub fn register(table: &mut Table) {
    serve(table, create);
    serve(table, get);
    serve(table, list);
    serve(table, update);
    serve(table, delete);
    serve(table, tag);
    serve(table, untag);
    serve(table, list_tags);
}

/// As lists show it; tags and boundary come with the single user only.
pub fn listed(u: &User) -> api::User {
    api::User {
        arn: Some(u.arn()),
        create_date: Some(u.created),
        path: Some(u.path.clone()),
        user_id: Some(u.id.clone()),
        user_name: Some(u.name.clone()),
        ..Default::default()
    }
}

pub fn shown(u: &User) -> api::User {
    api::User { permissions_boundary: boundary::shown(&u.boundary), tags: check::shown_tags(&u.tags), ..listed(u) }
}

fn taken(name: &str) -> AwsError {
    check::exists(format!("User with name {name} already exists."))
}

fn create(ctx: &mut Ctx, r: Authorized<api::CreateUserRequest>) -> OpResult<api::CreateUserResponse> {
    let name = check::name("userName", &r.user_name, check::USER_NAME_CHARS_MAX)?;
    let path = check::path("path", &r.path)?;
    let tags = check::tags(&r.tags)?;
    let boundary = boundary::wanted(ctx, &r.permissions_boundary)?;
    if holder::get::<User>(ctx, name).is_some() {
        return Err(taken(name).into());
    }
    let count = ctx.db.list::<User>(&ctx.caller.account).count();
    check::room(count, ctx.quota(&quota::USERS), "UsersPerAccount")?;
    let user = User {
        account: ctx.caller.account.clone(),
        id: ctx.unique_id("AIDA"),
        name: name.to_owned(),
        path,
        created: ctx.now,
        tags,
        boundary,
        inline: Default::default(),
        attached: Vec::new(),
    };
    let user_shown = shown(&user);
    ctx.db.put(user);
    Ok(api::CreateUserResponse { user: Some(user_shown) })
}

fn get(ctx: &mut Ctx, r: Authorized<api::GetUserRequest>) -> OpResult<api::GetUserResponse> {
    if r.user_name.is_none() && matches!(ctx.caller.kind, PrincipalKind::Root) {
        let account = ctx.db.get::<crate::rows::Account>(&ctx.caller.account, &ctx.caller.account);
        let user = api::User {
            arn: Some(ctx.caller.arn.clone()),
            create_date: Some(account.map_or(ctx.now, |a| a.created)),
            user_id: Some(ctx.caller.account.to_string()),
            ..Default::default()
        };
        return Ok(api::GetUserResponse { user: Some(user) });
    }
    let user = holder::user_or_caller(ctx, &r.user_name)?;
    Ok(api::GetUserResponse { user: Some(shown(&user)) })
}

fn list(ctx: &mut Ctx, r: Authorized<api::ListUsersRequest>) -> OpResult<api::ListUsersResponse> {
    let prefix = check::prefix(&r.path_prefix)?;
    let all = ctx.db.list::<User>(&ctx.caller.account).filter(|u| u.path.starts_with(prefix));
    let page = check::page(all, &r.marker, r.max_items, |u| u.name.to_lowercase())?.map(|u| listed(&u));
    Ok(api::ListUsersResponse { users: Some(page.items), is_truncated: page.is_truncated, marker: page.marker })
}

fn update(ctx: &mut Ctx, r: Authorized<api::UpdateUserRequest>) -> OpResult<()> {
    let user = holder::find::<User>(ctx, &r.user_name)?;
    let mut new = (*user).clone();
    if r.new_user_name.is_some() {
        let name = check::name("newUserName", &r.new_user_name, check::USER_NAME_CHARS_MAX)?;
        if name.to_lowercase() != user.name.to_lowercase() && holder::get::<User>(ctx, name).is_some() {
            return Err(taken(name).into());
        }
        new.name = name.to_owned();
    }
    if r.new_path.is_some() {
        new.path = check::path("newPath", &r.new_path)?;
    }
    let account = ctx.caller.account.clone();
    if new.name != user.name {
        ctx.db.delete::<User>(&account, user.name.to_lowercase());
        for key in ctx.db.list::<AccessKey>(&account).filter(|k| k.user == user.name).collect::<Vec<_>>() {
            ctx.db.put(AccessKey { user: new.name.clone(), ..(*key).clone() });
        }
        for group in ctx.db.list::<Group>(&account).filter(|g| g.members.contains(&user.name)).collect::<Vec<_>>() {
            let mut group = (*group).clone();
            group.members.iter_mut().filter(|m| **m == user.name).for_each(|m| new.name.clone_into(m));
            ctx.db.put(group);
        }
    }
    document::rename_principal(ctx.db, &user.arn(), &new.arn());
    ctx.db.put(new);
    Ok(())
}

fn delete(ctx: &mut Ctx, r: Authorized<api::DeleteUserRequest>) -> OpResult<()> {
    let user = holder::find::<User>(ctx, &r.user_name)?;
    let account = ctx.caller.account.clone();
    let first = if ctx.db.list::<AccessKey>(&account).any(|k| k.user == user.name) {
        Some("delete access keys")
    } else if ctx.db.list::<Group>(&account).any(|g| g.members.contains(&user.name)) {
        Some("remove users from group")
    } else if !user.attached.is_empty() {
        Some("detach all policies")
    } else if !user.inline.is_empty() {
        Some("delete policies")
    } else if mfa::devices_of(ctx.db, &user).next().is_some() {
        Some("delete MFA device")
    } else if login::profile(ctx.db, &user).is_some() {
        Some("delete login profile")
    } else if ssh_key::keys_of(ctx.db, &user).next().is_some() {
        Some("delete SSH public keys")
    } else {
        None
    };
    if let Some(first) = first {
        return Err(check::conflict(format!("Cannot delete entity, must {first} first.")).into());
    }
    ctx.db.delete::<User>(&account, user.name.to_lowercase());
    document::rename_principal(ctx.db, &user.arn(), &user.id);
    Ok(())
}

fn tag(ctx: &mut Ctx, r: Authorized<api::TagUserRequest>) -> OpResult<()> {
    let mut user = (*holder::find::<User>(ctx, &r.user_name)?).clone();
    check::add_tags(&mut user.tags, check::tags(&r.tags)?, "TagsPerUser")?;
    ctx.db.put(user);
    Ok(())
}

fn untag(ctx: &mut Ctx, r: Authorized<api::UntagUserRequest>) -> OpResult<()> {
    let mut user = (*holder::find::<User>(ctx, &r.user_name)?).clone();
    check::remove_tags(&mut user.tags, &r.tag_keys)?;
    ctx.db.put(user);
    Ok(())
}

fn list_tags(ctx: &mut Ctx, r: Authorized<api::ListUserTagsRequest>) -> OpResult<api::ListUserTagsResponse> {
    let user = holder::find::<User>(ctx, &r.user_name)?;
    let page = check::page(check::tag_list(&user.tags), &r.marker, r.max_items, |t| check::text(&t.key).to_owned())?;
    Ok(api::ListUserTagsResponse { tags: Some(page.items), is_truncated: page.is_truncated, marker: page.marker })
}
