//! Permissions boundaries of users and roles.

use super::rows::{Role, User};
use super::{check, holder, policy, serve};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use aws_protocol::{AwsError, iam as api};

pub fn register(table: &mut Table) {
    serve(table, put_user);
    serve(table, delete_user);
    serve(table, put_role);
    serve(table, delete_role);
}

pub fn shown(boundary: &Option<String>) -> Option<api::AttachedPermissionsBoundary> {
    boundary.as_ref().map(|arn| api::AttachedPermissionsBoundary {
        permissions_boundary_arn: Some(arn.clone()),
        permissions_boundary_type: Some("Policy".into()),
    })
}

/// The managed policy that a request names as boundary, which must be there.
pub fn wanted(ctx: &Ctx, arn: &Option<String>) -> Result<Option<String>, AwsError> {
    if arn.is_none() {
        return Ok(None);
    }
    let name = check::arn("permissionsBoundary", arn)?;
    match policy::find(ctx.db, &ctx.caller.account, name) {
        Some(found) if found.attachable() => Ok(Some(name.to_owned())),
        _ => Err(check::no_such(format!("Scope ARN: {name} does not exist or is not attachable."))),
    }
}

fn put_user(ctx: &mut Ctx, r: Authorized<api::PutUserPermissionsBoundaryRequest>) -> OpResult<()> {
    let user = holder::find::<User>(ctx, &r.user_name)?;
    let boundary = wanted(ctx, &r.permissions_boundary)?;
    holder::change(ctx, &*user, |u| u.boundary = boundary);
    Ok(())
}

fn put_role(ctx: &mut Ctx, r: Authorized<api::PutRolePermissionsBoundaryRequest>) -> OpResult<()> {
    let role = holder::find_modifiable::<Role>(ctx, &r.role_name)?;
    let boundary = wanted(ctx, &r.permissions_boundary)?;
    holder::change(ctx, &*role, |x| x.boundary = boundary);
    Ok(())
}

fn absent(what: &str, name: &str) -> AwsError {
    check::no_such(format!("The {what} with name {name} does not have a permissions boundary."))
}

fn delete_user(ctx: &mut Ctx, r: Authorized<api::DeleteUserPermissionsBoundaryRequest>) -> OpResult<()> {
    let user = holder::find::<User>(ctx, &r.user_name)?;
    if user.boundary.is_none() {
        return Err(absent("user", &user.name).into());
    }
    holder::change(ctx, &*user, |u| u.boundary = None);
    Ok(())
}

fn delete_role(ctx: &mut Ctx, r: Authorized<api::DeleteRolePermissionsBoundaryRequest>) -> OpResult<()> {
    let role = holder::find_modifiable::<Role>(ctx, &r.role_name)?;
    if role.boundary.is_none() {
        return Err(absent("role", &role.name).into());
    }
    holder::change(ctx, &*role, |x| x.boundary = None);
    Ok(())
}
