//! Users, groups and roles, as far as they are alike: each has a name, inline policies and attached ones.

use super::check;
use super::rows::{Group, Inline, Role, User};
use crate::context::Ctx;
use crate::db::Row;
use crate::quota::table as quota;
use aws_protocol::AwsError;
use std::rc::Rc;
use wire::identity::PrincipalKind;

/// What holds policies.
pub trait Holder: Row {
    /// `user`, in sentences and before names in explanations.
    const WHAT: &'static str;
    /// `userName`
    const FIELD: &'static str;
    /// With its name in errors, such as `PoliciesPerUser`.
    const ATTACHED_QUOTA: (&'static quota::Quota, &'static str);
    /// All inline policies together, white space not counted.
    const INLINE_CHARS_MAX: usize;
    fn name(&self) -> &str;
    fn inline(&self) -> &Inline;
    fn inline_mut(&mut self) -> &mut Inline;
    fn attached(&self) -> &[String];
    fn attached_mut(&mut self) -> &mut Vec<String>;
    /// A boundary, where there can be one.
    fn boundary(&self) -> Option<&str>;
    /// Refuses changes of what only AWS changes.
    fn modifiable(&self) -> Result<(), AwsError> {
        Ok(())
    }
}

macro_rules! holder {
    ($t:ty, $what:literal, $field:literal, $quota:expr, $max:expr, $boundary:expr) => {
        const WHAT: &'static str = $what;
        const FIELD: &'static str = $field;
        const ATTACHED_QUOTA: (&'static quota::Quota, &'static str) = $quota;
        const INLINE_CHARS_MAX: usize = $max;
        fn name(&self) -> &str {
            &self.name
        }
        fn inline(&self) -> &Inline {
            &self.inline
        }
        fn inline_mut(&mut self) -> &mut Inline {
            &mut self.inline
        }
        fn attached(&self) -> &[String] {
            &self.attached
        }
        fn attached_mut(&mut self) -> &mut Vec<String> {
            &mut self.attached
        }
        fn boundary(&self) -> Option<&str> {
            let f: fn(&$t) -> Option<&str> = $boundary;
            f(self)
        }
    };
}

impl Holder for User {
    holder!(User, "user", "userName", (&quota::POLICIES_PER_USER, "PoliciesPerUser"), ::iam::USER_INLINE_CHARS_MAX, |u| u
        .boundary
        .as_deref());
}

impl Holder for Group {
    holder!(Group, "group", "groupName", (&quota::POLICIES_PER_GROUP, "PoliciesPerGroup"), ::iam::GROUP_INLINE_CHARS_MAX, |_| {
        None
    });
}

impl Holder for Role {
    holder!(Role, "role", "roleName", (&quota::POLICIES_PER_ROLE, "PoliciesPerRole"), ::iam::ROLE_INLINE_CHARS_MAX, |r| r
        .boundary
        .as_deref());

    fn modifiable(&self) -> Result<(), AwsError> {
        match self.service {
            None => Ok(()),
            Some(_) => Err(AwsError::new(
                "UnmodifiableEntity",
                format!(
                    "Cannot perform the operation on the protected role '{}' - this role is only modifiable by AWS",
                    self.name
                ),
            )),
        }
    }
}

/// A user, group or role of the caller's account by a parameter.
pub fn find<T: Holder>(ctx: &Ctx, name: &Option<String>) -> Result<Rc<T>, AwsError> {
    // Names of existing entities may be longer than those of new ones.
    let name = check::name(T::FIELD, name, 128)?;
    get(ctx, name).ok_or_else(|| check::no_such(format!("The {} with name {name} cannot be found.", T::WHAT)))
}

pub fn get<T: Holder>(ctx: &Ctx, name: &str) -> Option<Rc<T>> {
    ctx.db.get::<T>(&ctx.caller.account, name.to_lowercase())
}

/// The same, to be changed.
pub fn find_modifiable<T: Holder>(ctx: &Ctx, name: &Option<String>) -> Result<Rc<T>, AwsError> {
    let found = find::<T>(ctx, name)?;
    found.modifiable()?;
    Ok(found)
}

/// Whom an operation is about that says of UserName: "If you do not specify a user name, IAM determines the user name
/// implicitly based on the access key ID signing the request."
pub fn user_or_caller(ctx: &Ctx, name: &Option<String>) -> Result<Rc<User>, AwsError> {
    if name.is_some() {
        return find(ctx, name);
    }
    caller(ctx).ok_or_else(|| check::validation("Must specify userName when calling with non-User credentials"))
}

/// The user who calls.
pub fn caller(ctx: &Ctx) -> Option<Rc<User>> {
    let PrincipalKind::User { name } = &ctx.caller.kind else { return None };
    let same = |u: &Rc<User>| u.id == ctx.caller.entity_id();
    let found = get::<User>(ctx, name).filter(same);
    // Renamed since the gateway proved it.
    found.or_else(|| ctx.db.list::<User>(&ctx.caller.account).find(same))
}

/// Changes a row that was found.
pub fn change<T: Holder>(ctx: &mut Ctx, of: &T, f: impl FnOnce(&mut T)) {
    let mut row = of.clone();
    f(&mut row);
    ctx.db.put(row);
}
