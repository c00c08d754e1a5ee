//! Groups and who is in them.

use super::rows::{Group, User};
use super::{check, holder, serve, user};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::quota::table as quota;
use aws_protocol::{AwsError, iam as api};

pub fn register(table: &mut Table) {
    serve(table, create);
    serve(table, get);
    serve(table, list);
    serve(table, update);
    serve(table, delete);
    serve(table, add_user);
    serve(table, remove_user);
    serve(table, list_for_user);
}

pub fn shown(g: &Group) -> api::Group {
    api::Group {
        arn: Some(g.arn()),
        create_date: Some(g.created),
        group_id: Some(g.id.clone()),
        group_name: Some(g.name.clone()),
        path: Some(g.path.clone()),
    }
}

fn taken(name: &str) -> AwsError {
    check::exists(format!("Group with name {name} already exists."))
}

fn create(ctx: &mut Ctx, r: Authorized<api::CreateGroupRequest>) -> OpResult<api::CreateGroupResponse> {
    let name = check::name("groupName", &r.group_name, check::GROUP_NAME_CHARS_MAX)?;
    let path = check::path("path", &r.path)?;
    if holder::get::<Group>(ctx, name).is_some() {
        return Err(taken(name).into());
    }
    let count = ctx.db.list::<Group>(&ctx.caller.account).count();
    check::room(count, ctx.quota(&quota::GROUPS), "GroupsPerAccount")?;
    let group = Group {
        account: ctx.caller.account.clone(),
        id: ctx.unique_id("AGPA"),
        name: name.to_owned(),
        path,
        created: ctx.now,
        inline: Default::default(),
        attached: Vec::new(),
        members: Vec::new(),
    };
    let group_shown = shown(&group);
    ctx.db.put(group);
    Ok(api::CreateGroupResponse { group: Some(group_shown) })
}

fn get(ctx: &mut Ctx, r: Authorized<api::GetGroupRequest>) -> OpResult<api::GetGroupResponse> {
    let group = holder::find::<Group>(ctx, &r.group_name)?;
    let mut members: Vec<_> = group.members.iter().filter_map(|name| holder::get::<User>(ctx, name)).collect();
    members.sort_by_key(|u| u.name.to_lowercase());
    let page = check::page(members, &r.marker, r.max_items, |u| u.name.to_lowercase())?.map(|u| user::listed(&u));
    Ok(api::GetGroupResponse {
        group: Some(shown(&group)),
        users: Some(page.items),
        is_truncated: page.is_truncated,
        marker: page.marker,
    })
}

fn list(ctx: &mut Ctx, r: Authorized<api::ListGroupsRequest>) -> OpResult<api::ListGroupsResponse> {
    let prefix = check::prefix(&r.path_prefix)?;
    let all = ctx.db.list::<Group>(&ctx.caller.account).filter(|g| g.path.starts_with(prefix));
    let page = check::page(all, &r.marker, r.max_items, |g| g.name.to_lowercase())?.map(|g| shown(&g));
    Ok(api::ListGroupsResponse { groups: Some(page.items), is_truncated: page.is_truncated, marker: page.marker })
}

fn update(ctx: &mut Ctx, r: Authorized<api::UpdateGroupRequest>) -> OpResult<()> {
    let group = holder::find::<Group>(ctx, &r.group_name)?;
    let mut new = (*group).clone();
    if r.new_group_name.is_some() {
        let name = check::name("newGroupName", &r.new_group_name, check::GROUP_NAME_CHARS_MAX)?;
        if name.to_lowercase() != group.name.to_lowercase() && holder::get::<Group>(ctx, name).is_some() {
            return Err(taken(name).into());
        }
        new.name = name.to_owned();
        ctx.db.delete::<Group>(&group.account, group.name.to_lowercase());
    }
    if r.new_path.is_some() {
        new.path = check::path("newPath", &r.new_path)?;
    }
    ctx.db.put(new);
    Ok(())
}

fn delete(ctx: &mut Ctx, r: Authorized<api::DeleteGroupRequest>) -> OpResult<()> {
    let group = holder::find::<Group>(ctx, &r.group_name)?;
    let first = if !group.members.is_empty() {
        Some("remove users from group")
    } else if !group.attached.is_empty() {
        Some("detach all policies")
    } else if !group.inline.is_empty() {
        Some("delete policies")
    } else {
        None
    };
    if let Some(first) = first {
        return Err(check::conflict(format!("Cannot delete entity, must {first} first.")).into());
    }
    ctx.db.delete::<Group>(&group.account, group.name.to_lowercase());
    Ok(())
}

fn add_user(ctx: &mut Ctx, r: Authorized<api::AddUserToGroupRequest>) -> OpResult<()> {
    let group = holder::find::<Group>(ctx, &r.group_name)?;
    let user = holder::find::<User>(ctx, &r.user_name)?;
    if group.members.contains(&user.name) {
        return Ok(());
    }
    let count = ctx.db.list::<Group>(&group.account).filter(|g| g.members.contains(&user.name)).count();
    check::room(count, check::GROUPS_PER_USER_MAX, "GroupsPerUser")?;
    holder::change(ctx, &*group, |g| g.members.push(user.name.clone()));
    Ok(())
}

fn remove_user(ctx: &mut Ctx, r: Authorized<api::RemoveUserFromGroupRequest>) -> OpResult<()> {
    let group = holder::find::<Group>(ctx, &r.group_name)?;
    let user = holder::find::<User>(ctx, &r.user_name)?;
    if !group.members.contains(&user.name) {
        return Err(check::no_such(format!("User {} not in Group {}", user.name, group.name)).into());
    }
    holder::change(ctx, &*group, |g| g.members.retain(|m| *m != user.name));
    Ok(())
}

fn list_for_user(ctx: &mut Ctx, r: Authorized<api::ListGroupsForUserRequest>) -> OpResult<api::ListGroupsForUserResponse> {
    let user = holder::find::<User>(ctx, &r.user_name)?;
    let all = ctx.db.list::<Group>(&user.account).filter(|g| g.members.contains(&user.name));
    let page = check::page(all, &r.marker, r.max_items, |g| g.name.to_lowercase())?.map(|g| shown(&g));
    Ok(api::ListGroupsForUserResponse { groups: Some(page.items), is_truncated: page.is_truncated, marker: page.marker })
}
