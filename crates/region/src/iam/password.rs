//! The account's password policy.

use super::rows::AccountSettings;
use super::{account, check, serve};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use aws_protocol::{AwsError, iam as api};
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordPolicy {
    pub length_min: u32,
    pub symbols: bool,
    pub numbers: bool,
    pub uppercase: bool,
    pub lowercase: bool,
    /// Grants every user `iam:ChangePassword` of their own.
    pub users_may_change: bool,
    pub age_days_max: Option<u32>,
    /// So many earlier passwords may not come again.
    pub reuse_prevention: Option<u32>,
    /// An expired password cannot be changed by its user.
    pub hard_expiry: bool,
}

/// "If an administrator does not set a custom password policy": eight characters of three of the four kinds.
const DEFAULT_LENGTH_MIN: u32 = 8;
const DEFAULT_KINDS_MIN: usize = 3;
const SYMBOLS: &str = "!@#$%^&*()_+-=[]{}|'";

pub fn register(table: &mut Table) {
    serve(table, get);
    serve(table, update);
    serve(table, delete);
}

fn missing(ctx: &Ctx) -> AwsError {
    check::no_such(format!("The Password Policy with domain name {} cannot be found.", ctx.caller.account))
}

fn get(ctx: &mut Ctx, _: Authorized<api::GetAccountPasswordPolicyRequest>) -> OpResult<api::GetAccountPasswordPolicyResponse> {
    let p = account::settings(ctx).password_policy.ok_or_else(|| missing(ctx))?;
    let number = |n: Option<u32>| n.and_then(|n| i32::try_from(n).ok());
    let policy = api::PasswordPolicy {
        allow_users_to_change_password: Some(p.users_may_change),
        expire_passwords: Some(p.age_days_max.is_some()),
        hard_expiry: Some(p.hard_expiry),
        max_password_age: number(p.age_days_max),
        minimum_password_length: number(Some(p.length_min)),
        password_reuse_prevention: number(p.reuse_prevention),
        require_lowercase_characters: Some(p.lowercase),
        require_numbers: Some(p.numbers),
        require_symbols: Some(p.symbols),
        require_uppercase_characters: Some(p.uppercase),
    };
    Ok(api::GetAccountPasswordPolicyResponse { password_policy: Some(policy) })
}

fn within(field: &str, value: Option<i32>, range: RangeInclusive<u32>) -> Result<Option<u32>, AwsError> {
    let Some(value) = value else { return Ok(None) };
    match u32::try_from(value) {
        Ok(v) if range.contains(&v) => Ok(Some(v)),
        _ => {
            let low = i64::from(value) < i64::from(*range.start());
            let (word, bound) = if low { ("greater", range.start()) } else { ("less", range.end()) };
            Err(check::unfit(field, &value.to_string(), &format!("Member must have value {word} than or equal to {bound}")))
        }
    }
}

/// "This operation does not support partial updates": what is left out has its default.
fn update(ctx: &mut Ctx, r: Authorized<api::UpdateAccountPasswordPolicyRequest>) -> OpResult<()> {
    let policy = PasswordPolicy {
        length_min: within("minimumPasswordLength", r.minimum_password_length, 6..=128)?.unwrap_or(6),
        symbols: r.require_symbols.unwrap_or_default(),
        numbers: r.require_numbers.unwrap_or_default(),
        uppercase: r.require_uppercase_characters.unwrap_or_default(),
        lowercase: r.require_lowercase_characters.unwrap_or_default(),
        users_may_change: r.allow_users_to_change_password.unwrap_or_default(),
        // Terraform and the console write 0 for "never".
        age_days_max: within("maxPasswordAge", r.max_password_age.filter(|n| *n != 0), 1..=1095)?,
        reuse_prevention: within("passwordReusePrevention", r.password_reuse_prevention.filter(|n| *n != 0), 1..=24)?,
        hard_expiry: r.hard_expiry.unwrap_or_default(),
    };
    let settings = AccountSettings { password_policy: Some(policy), ..account::settings(ctx) };
    ctx.db.put(settings);
    Ok(())
}

fn delete(ctx: &mut Ctx, _: Authorized<api::DeleteAccountPasswordPolicyRequest>) -> OpResult<()> {
    let settings = account::settings(ctx);
    if settings.password_policy.is_none() {
        return Err(missing(ctx).into());
    }
    ctx.db.put(AccountSettings { password_policy: None, ..settings });
    Ok(())
}

/// Whether a password may be taken.
pub fn admit(policy: Option<&PasswordPolicy>, user: &str, password: &str) -> Result<(), AwsError> {
    let violation = |what: String| Err(AwsError::new("PasswordPolicyViolation", what));
    let chars = password.chars().count();
    let min = policy.map_or(DEFAULT_LENGTH_MIN, |p| p.length_min);
    if chars < min as usize {
        return violation(format!("Password should have a minimum length of {min}"));
    }
    let has = |f: fn(char) -> bool| password.chars().any(f);
    let kinds = [
        (has(|c| c.is_ascii_uppercase()), policy.is_some_and(|p| p.uppercase), "at least one uppercase letter"),
        (has(|c| c.is_ascii_lowercase()), policy.is_some_and(|p| p.lowercase), "at least one lowercase letter"),
        (has(|c| c.is_ascii_digit()), policy.is_some_and(|p| p.numbers), "at least one number"),
        (has(|c| SYMBOLS.contains(c)), policy.is_some_and(|p| p.symbols), "at least one symbol"),
    ];
    if let Some((_, _, what)) = kinds.iter().find(|(there, wanted, _)| *wanted && !there) {
        return violation(format!("Password should have {what}"));
    }
    if policy.is_none() {
        if kinds.iter().filter(|(there, ..)| *there).count() < DEFAULT_KINDS_MIN {
            return violation(
                "Password should have at least three of: uppercase letters, lowercase letters, numbers, symbols".into(),
            );
        }
        if password.eq_ignore_ascii_case(user) {
            return violation("Password should not be the user's name".into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords() {
        for (password, right) in
            [("Abcdefg1", true), ("abcdefg1", false), ("Abcdef1", false), ("abcdefg1!", true), ("ABCDEFGHI", false)]
        {
            assert_eq!(admit(None, "alice", password).is_ok(), right, "{password}");
        }
        let strict = PasswordPolicy {
            length_min: 6,
            symbols: true,
            numbers: true,
            uppercase: false,
            lowercase: false,
            users_may_change: true,
            age_days_max: None,
            reuse_prevention: None,
            hard_expiry: false,
        };
        for (password, right) in [("1!aaaa", true), ("1aaaaa", false), ("!aaaaa", false), ("1!aaa", false)] {
            assert_eq!(admit(Some(&strict), "alice", password).is_ok(), right, "{password}");
        }
    }
}
