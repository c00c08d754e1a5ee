//! Login profiles: a user's password. There is no console to sign in to yet, so a password opens nothing by itself: it is
//! kept (as a hash, PBKDF2-HMAC-SHA-512) and checked by ChangePassword only.

use super::rows::{LoginProfile, User};
use super::{account, check, holder, password, serve};
use crate::context::{Answer, Authorized, Ctx, OpResult, Question};
use crate::db::Db;
use crate::dispatch::Table;
use aws_lc_rs::{constant_time, pbkdf2};
use aws_protocol::{AwsError, iam as api};
use std::num::NonZeroU32;
use std::rc::Rc;
use wire::identity::PrincipalKind;
use zeroize::Zeroizing;

/// OWASP Password Storage Cheat Sheet, for SHA-512.
const ITERATIONS: NonZeroU32 = NonZeroU32::new(210_000).unwrap();
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 64;
/// The most that a password policy can forbid to come again.
const PREVIOUS_MAX: usize = 24;
const DAY_MS: u64 = 24 * 3600 * 1000;

pub fn register(table: &mut Table) {
    serve(table, create);
    serve(table, get);
    serve(table, update);
    serve(table, delete);
    serve(table, change);
}

pub fn profile(db: &Db, user: &User) -> Option<Rc<LoginProfile>> {
    db.get::<LoginProfile>(&user.account, &user.id)
}

/// A password to be hashed: work of tenths of a second, which the service does beside its event loop.
#[derive(Clone, PartialEq)]
pub struct HashRequest {
    salt: String,
    password: Zeroizing<String>,
}

impl std::fmt::Debug for HashRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HashRequest").finish_non_exhaustive()
    }
}

pub fn work(request: &HashRequest) -> String {
    let mut out = [0; HASH_BYTES];
    let (salt, password) = (request.salt.as_bytes(), request.password.as_bytes());
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA512, ITERATIONS, salt, password, &mut out);
    hex::encode(out)
}

/// One user's passwords share a salt, so that a new one is compared with all earlier ones at the price of one hash.
fn hash(ctx: &Ctx, salt: &str, password: &str) -> OpResult<String> {
    let request = HashRequest { salt: salt.to_owned(), password: Zeroizing::new(password.to_owned()) };
    match ctx.ask(Question::PasswordHash(request))? {
        Answer::PasswordHash(hash) => Ok(hash),
        Answer::Unavailable(sentence) => Err(AwsError::unavailable(sentence).into()),
        _ => Err(AwsError::internal("The answer is to another question.").into()),
    }
}

fn same(a: &str, b: &str) -> bool {
    constant_time::verify_slices_are_equal(a.as_bytes(), b.as_bytes()).is_ok()
}

fn text<'a>(field: &str, value: &'a Option<String>) -> Result<&'a str, AwsError> {
    let value = check::text(value);
    let fits = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{ff}');
    if value.is_empty() || value.chars().count() > 128 || !value.chars().all(fits) {
        // The value is not repeated: it is secret.
        return Err(check::validation(format!("The specified value for {field} is invalid. It must have 1 to 128 characters.")));
    }
    Ok(value)
}

fn missing(user: &User) -> AwsError {
    check::no_such(format!("Login Profile for User {} cannot be found.", user.name))
}

fn shown(user: &User, profile: &LoginProfile) -> api::LoginProfile {
    api::LoginProfile {
        create_date: Some(profile.created),
        password_reset_required: Some(profile.reset_required),
        user_name: Some(user.name.clone()),
    }
}

fn create(ctx: &mut Ctx, r: Authorized<api::CreateLoginProfileRequest>) -> OpResult<api::CreateLoginProfileResponse> {
    let user = holder::user_or_caller(ctx, &r.user_name)?;
    if profile(ctx.db, &user).is_some() {
        return Err(check::exists(format!("Login Profile for user {} already exists.", user.name)).into());
    }
    let password = text("password", &r.password)?;
    password::admit(account::settings(ctx).password_policy.as_ref(), &user.name, password)?;
    let salt = hex::encode((0..SALT_BYTES / 8).flat_map(|_| ctx.rng().u64().to_le_bytes()).collect::<Vec<_>>());
    let row = LoginProfile {
        account: user.account.clone(),
        user_id: user.id.clone(),
        hash: hash(ctx, &salt, password)?,
        salt,
        previous: Vec::new(),
        created: ctx.now,
        changed: ctx.now,
        reset_required: r.password_reset_required.unwrap_or_default(),
    };
    let login_profile = Some(shown(&user, &row));
    ctx.db.put(row);
    Ok(api::CreateLoginProfileResponse { login_profile })
}

fn get(ctx: &mut Ctx, r: Authorized<api::GetLoginProfileRequest>) -> OpResult<api::GetLoginProfileResponse> {
    let user = holder::user_or_caller(ctx, &r.user_name)?;
    let profile = profile(ctx.db, &user).ok_or_else(|| missing(&user))?;
    Ok(api::GetLoginProfileResponse { login_profile: Some(shown(&user, &profile)) })
}

/// Sets a password that is admitted by the policy and new enough.
fn set(ctx: &mut Ctx, user: &User, profile: &mut LoginProfile, password: &str) -> OpResult<()> {
    let policy = account::settings(ctx).password_policy;
    password::admit(policy.as_ref(), &user.name, password)?;
    let hash = hash(ctx, &profile.salt, password)?;
    let forbidden = policy.and_then(|p| p.reuse_prevention).unwrap_or(0) as usize;
    let earlier = std::iter::once(&profile.hash).chain(&profile.previous);
    // Each is compared, so that the time tells nothing.
    let hits = earlier.take(forbidden).filter(|h| same(h, &hash)).count();
    if hits > 0 {
        return Err(AwsError::new("PasswordPolicyViolation", "Password should not be one of the passwords used before").into());
    }
    profile.previous.insert(0, std::mem::replace(&mut profile.hash, hash));
    profile.previous.truncate(PREVIOUS_MAX);
    profile.changed = ctx.now;
    Ok(())
}

fn update(ctx: &mut Ctx, r: Authorized<api::UpdateLoginProfileRequest>) -> OpResult<()> {
    let user = holder::find::<User>(ctx, &r.user_name)?;
    let mut profile = (*profile(ctx.db, &user).ok_or_else(|| missing(&user))?).clone();
    if r.password.is_some() {
        set(ctx, &user, &mut profile, text("password", &r.password)?)?;
    }
    profile.reset_required = r.password_reset_required.unwrap_or(profile.reset_required);
    ctx.db.put(profile);
    Ok(())
}

fn delete(ctx: &mut Ctx, r: Authorized<api::DeleteLoginProfileRequest>) -> OpResult<()> {
    let user = holder::user_or_caller(ctx, &r.user_name)?;
    let profile = profile(ctx.db, &user).ok_or_else(|| missing(&user))?;
    ctx.db.delete::<LoginProfile>(&profile.account, &profile.user_id);
    Ok(())
}

fn change(ctx: &mut Ctx, r: Authorized<api::ChangePasswordRequest>) -> OpResult<()> {
    if !matches!(ctx.caller.kind, PrincipalKind::User { .. }) {
        return Err(AwsError::new("InvalidUserType", "Only IAM Users can change their own password").into());
    }
    let user = holder::user_or_caller(ctx, &None)?;
    let (old, new) = (text("oldPassword", &r.old_password)?, text("newPassword", &r.new_password)?);
    let mut profile = (*profile(ctx.db, &user).ok_or_else(|| missing(&user))?).clone();
    let guessed_at = format!("password/{}", user.id);
    if ctx.db.guesses.blocked(&guessed_at, ctx.now) {
        return Err(AwsError::new("Throttling", "Too many wrong passwords: try again in some minutes.").retryable().into());
    }
    if !same(&hash(ctx, &profile.salt, old)?, &profile.hash) {
        ctx.db.guesses.wrong(&guessed_at, ctx.now);
        return Err(AwsError::new("AccessDenied", "The old password was incorrect.").with_status(403).into());
    }
    let policy = account::settings(ctx).password_policy;
    if let Some(days) = policy.filter(|p| p.hard_expiry).and_then(|p| p.age_days_max)
        && ctx.now.0 > profile.changed.0 + u64::from(days) * DAY_MS
    {
        let sentence = "The password has expired: an administrator has to set a new one.";
        return Err(AwsError::new("AccessDenied", sentence).with_status(403).into());
    }
    set(ctx, &user, &mut profile, new)?;
    profile.reset_required = false;
    ctx.db.put(profile);
    Ok(())
}
