//! Policies on users, groups and roles: inline ones, which belong to their holder, and attached ones, which are shared.

use super::holder::{self, Holder};
use super::rows::{Group, Role, User};
use super::{check, document, policy, serve};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use aws_protocol::{AwsError, iam as api};

fn attach<T: Holder>(ctx: &mut Ctx, name: &Option<String>, arn: &Option<String>) -> OpResult<()> {
    let of = holder::find_modifiable::<T>(ctx, name)?;
    let arn = policy::to_attach::<T>(ctx, arn)?.arn();
    if of.attached().contains(&arn) {
        return Ok(());
    }
    let (quota, name) = T::ATTACHED_QUOTA;
    check::room(of.attached().len(), ctx.quota(quota), name)?;
    holder::change(ctx, &*of, |h| h.attached_mut().push(arn));
    Ok(())
}

fn detach<T: Holder>(ctx: &mut Ctx, name: &Option<String>, arn: &Option<String>) -> OpResult<()> {
    let of = holder::find_modifiable::<T>(ctx, name)?;
    let arn = check::arn("policyArn", arn)?;
    if !of.attached().iter().any(|a| a == arn) {
        return Err(policy::not_found(arn).into());
    }
    holder::change(ctx, &*of, |h| h.attached_mut().retain(|a| a != arn));
    Ok(())
}

/// As lists of attached policies show one.
pub fn shown(arn: &str) -> api::AttachedPolicy {
    api::AttachedPolicy { policy_arn: Some(arn.to_owned()), policy_name: Some(super::name_of_arn(arn).to_owned()) }
}

fn attached<T: Holder>(
    ctx: &Ctx,
    name: &Option<String>,
    path_prefix: &Option<String>,
    marker: &Option<String>,
    max_items: Option<i32>,
) -> Result<check::Page<api::AttachedPolicy>, AwsError> {
    let of = holder::find::<T>(ctx, name)?;
    let prefix = check::prefix(path_prefix)?;
    let fits = |arn: &&String| policy::find(ctx.db, &ctx.caller.account, arn).is_some_and(|p| p.path().starts_with(prefix));
    let mut arns: Vec<&String> = of.attached().iter().filter(fits).collect();
    arns.sort();
    Ok(check::page(arns, marker, max_items, |a| (*a).clone())?.map(|a| shown(a)))
}

fn put_inline<T: Holder>(ctx: &mut Ctx, name: &Option<String>, policy: &Option<String>, text: &Option<String>) -> OpResult<()> {
    let of = holder::find_modifiable::<T>(ctx, name)?;
    let policy = check::name("policyName", policy, check::POLICY_NAME_CHARS_MAX)?;
    let text = check::text(text);
    document::identity("policyDocument", text)?;
    let mut new = (*of).clone();
    new.inline_mut().insert(policy.to_owned(), text.to_owned());
    let chars: usize = new.inline().values().map(|d| ::iam::quota_chars(d)).sum();
    if chars > T::INLINE_CHARS_MAX {
        return Err(check::limit(format!(
            "Maximum policy size of {} bytes exceeded for {} {}",
            T::INLINE_CHARS_MAX,
            T::WHAT,
            of.name()
        ))
        .into());
    }
    ctx.db.put(new);
    Ok(())
}

fn no_inline<T: Holder>(policy: &str) -> AwsError {
    check::no_such(format!("The {} policy with name {policy} cannot be found.", T::WHAT))
}

/// The holder's name, the policy's, and the document as replies have it.
fn get_inline<T: Holder>(ctx: &Ctx, name: &Option<String>, policy: &Option<String>) -> Result<[Option<String>; 3], AwsError> {
    let of = holder::find::<T>(ctx, name)?;
    let policy = check::name("policyName", policy, check::POLICY_NAME_CHARS_MAX)?;
    let text = of.inline().get(policy).ok_or_else(|| no_inline::<T>(policy))?;
    Ok([Some(of.name().to_owned()), Some(policy.to_owned()), Some(check::url_encoded(text))])
}

fn delete_inline<T: Holder>(ctx: &mut Ctx, name: &Option<String>, policy: &Option<String>) -> OpResult<()> {
    let of = holder::find_modifiable::<T>(ctx, name)?;
    let policy = check::name("policyName", policy, check::POLICY_NAME_CHARS_MAX)?;
    if !of.inline().contains_key(policy) {
        return Err(no_inline::<T>(policy).into());
    }
    holder::change(ctx, &*of, |h| {
        h.inline_mut().remove(policy);
    });
    Ok(())
}

fn inline_names<T: Holder>(
    ctx: &Ctx,
    name: &Option<String>,
    marker: &Option<String>,
    max_items: Option<i32>,
) -> Result<check::Page<String>, AwsError> {
    let of = holder::find::<T>(ctx, name)?;
    check::page(of.inline().keys().cloned(), marker, max_items, String::clone)
}

/// As the details of an account show inline policies.
pub fn inline_details(of: &impl Holder) -> Vec<api::PolicyDetail> {
    let detail = |(name, text): (&String, &String)| api::PolicyDetail {
        policy_document: Some(check::url_encoded(text)),
        policy_name: Some(name.clone()),
    };
    of.inline().iter().map(detail).collect()
}

/// The seven operations of each kind of holder, which differ in the names of their members only.
macro_rules! operations {
    ($register:ident: $t:ty, $name:ident, $attach:ident, $detach:ident, $attached:ident -> $attached_reply:ident,
     $put:ident, $get:ident -> $get_reply:ident, $delete:ident, $list:ident -> $list_reply:ident) => {
        fn $register(table: &mut Table) {
            serve(table, |ctx, r: Authorized<api::$attach>| attach::<$t>(ctx, &r.$name, &r.policy_arn));
            serve(table, |ctx, r: Authorized<api::$detach>| detach::<$t>(ctx, &r.$name, &r.policy_arn));
            serve(table, |ctx, r: Authorized<api::$attached>| {
                let page = attached::<$t>(ctx, &r.$name, &r.path_prefix, &r.marker, r.max_items)?;
                let (is_truncated, marker) = (page.is_truncated, page.marker);
                Ok(api::$attached_reply { attached_policies: Some(page.items), is_truncated, marker })
            });
            serve(table, |ctx, r: Authorized<api::$put>| put_inline::<$t>(ctx, &r.$name, &r.policy_name, &r.policy_document));
            serve(table, |ctx, r: Authorized<api::$get>| {
                let [$name, policy_name, policy_document] = get_inline::<$t>(ctx, &r.$name, &r.policy_name)?;
                Ok(api::$get_reply { $name, policy_name, policy_document })
            });
            serve(table, |ctx, r: Authorized<api::$delete>| delete_inline::<$t>(ctx, &r.$name, &r.policy_name));
            serve(table, |ctx, r: Authorized<api::$list>| {
                let page = inline_names::<$t>(ctx, &r.$name, &r.marker, r.max_items)?;
                let (is_truncated, marker) = (page.is_truncated, page.marker);
                Ok(api::$list_reply { policy_names: Some(page.items), is_truncated, marker })
            });
        }
    };
}

operations!(register_user: User, user_name, AttachUserPolicyRequest, DetachUserPolicyRequest,
    ListAttachedUserPoliciesRequest -> ListAttachedUserPoliciesResponse, PutUserPolicyRequest,
    GetUserPolicyRequest -> GetUserPolicyResponse, DeleteUserPolicyRequest, ListUserPoliciesRequest -> ListUserPoliciesResponse);
operations!(register_group: Group, group_name, AttachGroupPolicyRequest, DetachGroupPolicyRequest,
    ListAttachedGroupPoliciesRequest -> ListAttachedGroupPoliciesResponse, PutGroupPolicyRequest,
    GetGroupPolicyRequest -> GetGroupPolicyResponse, DeleteGroupPolicyRequest,
    ListGroupPoliciesRequest -> ListGroupPoliciesResponse);
operations!(register_role: Role, role_name, AttachRolePolicyRequest, DetachRolePolicyRequest,
    ListAttachedRolePoliciesRequest -> ListAttachedRolePoliciesResponse, PutRolePolicyRequest,
    GetRolePolicyRequest -> GetRolePolicyResponse, DeleteRolePolicyRequest, ListRolePoliciesRequest -> ListRolePoliciesResponse);

pub fn register(table: &mut Table) {
    register_user(table);
    register_group(table);
    register_role(table);
}
