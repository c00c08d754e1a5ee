//! The account itself: its alias, its figures, and the kinds of credentials that nobody here can have.

use super::rows::{
    AccountSettings, Group, InstanceProfile, ManagedPolicy, MfaDevice, OidcProvider, Role, SamlProvider, ServerCertificate, User,
};
use super::{check, holder, serve};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::quota::table as quota;
use aws_protocol::{AwsError, iam as api};
use std::collections::BTreeMap;

pub fn register(table: &mut Table) {
    serve(table, create_alias);
    serve(table, list_aliases);
    serve(table, delete_alias);
    serve(table, summary);
    serve(table, signing_certificates);
    serve(table, service_credentials);
}

pub fn settings(ctx: &Ctx) -> AccountSettings {
    let account = &ctx.caller.account;
    let empty = || AccountSettings { account: account.clone(), alias: None, password_policy: None };
    ctx.db.get::<AccountSettings>(account, account).map_or_else(empty, |s| (*s).clone())
}

/// `^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$`
fn alias(value: &Option<String>) -> Result<&str, AwsError> {
    let alias = check::text(value);
    check::length("accountAlias", alias, 3..=63)?;
    let letters = alias.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let digits = alias.len() == 12 && alias.bytes().all(|b| b.is_ascii_digit());
    if !letters || digits || alias.starts_with('-') || alias.ends_with('-') || alias.contains("--") {
        return Err(check::unfit(
            "accountAlias",
            alias,
            "Member must satisfy regular expression pattern: ^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$",
        ));
    }
    Ok(alias)
}

/// "You can have only one alias": a new one takes the place of the old.
fn create_alias(ctx: &mut Ctx, r: Authorized<api::CreateAccountAliasRequest>) -> OpResult<()> {
    let alias = alias(&r.account_alias)?;
    let account = &ctx.caller.account;
    let taken = ctx.db.all::<AccountSettings>().any(|s| s.alias.as_deref() == Some(alias) && s.account != *account);
    if taken {
        return Err(check::exists(format!("The account alias {alias} already exists.")).into());
    }
    let settings = AccountSettings { alias: Some(alias.to_owned()), ..settings(ctx) };
    ctx.db.put(settings);
    Ok(())
}

fn list_aliases(ctx: &mut Ctx, r: Authorized<api::ListAccountAliasesRequest>) -> OpResult<api::ListAccountAliasesResponse> {
    let page = check::page(settings(ctx).alias, &r.marker, r.max_items, String::clone)?;
    Ok(api::ListAccountAliasesResponse {
        account_aliases: Some(page.items),
        is_truncated: page.is_truncated,
        marker: page.marker,
    })
}

fn delete_alias(ctx: &mut Ctx, r: Authorized<api::DeleteAccountAliasRequest>) -> OpResult<()> {
    let alias = alias(&r.account_alias)?;
    let settings = settings(ctx);
    if settings.alias.as_deref() != Some(alias) {
        return Err(check::no_such(format!("The account alias {alias} cannot be found.")).into());
    }
    ctx.db.put(AccountSettings { alias: None, ..settings });
    Ok(())
}

fn summary(ctx: &mut Ctx, _: Authorized<api::GetAccountSummaryRequest>) -> OpResult<api::GetAccountSummaryResponse> {
    let (db, account) = (&*ctx.db, &ctx.caller.account);
    let versions: usize = db.list::<ManagedPolicy>(account).map(|p| p.versions.len()).sum();
    let providers = db.list::<OidcProvider>(account).count() + db.list::<SamlProvider>(account).count();
    let figures: [(&str, usize); 36] = [
        ("Users", db.list::<User>(account).count()),
        ("UsersQuota", ctx.quota(&quota::USERS)),
        ("Groups", db.list::<Group>(account).count()),
        ("GroupsQuota", ctx.quota(&quota::GROUPS)),
        ("Roles", db.list::<Role>(account).count()),
        ("RolesQuota", ctx.quota(&quota::ROLES)),
        ("Policies", db.list::<ManagedPolicy>(account).count()),
        ("PoliciesQuota", ctx.quota(&quota::POLICIES)),
        ("InstanceProfiles", db.list::<InstanceProfile>(account).count()),
        ("InstanceProfilesQuota", ctx.quota(&quota::INSTANCE_PROFILES)),
        ("ServerCertificates", db.list::<ServerCertificate>(account).count()),
        ("ServerCertificatesQuota", ctx.quota(&quota::SERVER_CERTIFICATES)),
        ("Providers", providers),
        ("MFADevices", db.list::<MfaDevice>(account).count()),
        ("MFADevicesInUse", db.list::<MfaDevice>(account).filter(|d| d.enabled.is_some()).count()),
        ("AccountMFAEnabled", 0),
        ("AccountAccessKeysPresent", 0),
        ("AccountPasswordPresent", 0),
        ("AccountSigningCertificatesPresent", 0),
        ("AccessKeysPerUserQuota", check::ACCESS_KEYS_MAX),
        ("SigningCertificatesPerUserQuota", 0),
        ("GroupsPerUserQuota", check::GROUPS_PER_USER_MAX),
        ("AttachedPoliciesPerUserQuota", ctx.quota(&quota::POLICIES_PER_USER)),
        ("AttachedPoliciesPerGroupQuota", ctx.quota(&quota::POLICIES_PER_GROUP)),
        ("AttachedPoliciesPerRoleQuota", ctx.quota(&quota::POLICIES_PER_ROLE)),
        ("UserPolicySizeQuota", ::iam::USER_INLINE_CHARS_MAX),
        ("GroupPolicySizeQuota", ::iam::GROUP_INLINE_CHARS_MAX),
        ("RolePolicySizeQuota", ::iam::ROLE_INLINE_CHARS_MAX),
        ("AssumeRolePolicySizeQuota", ctx.quota(&quota::TRUST_POLICY_CHARS)),
        ("PolicySizeQuota", ::iam::MANAGED_POLICY_CHARS_MAX),
        ("PolicyVersionsInUse", versions),
        ("PolicyVersionsInUseQuota", ctx.quota(&quota::POLICIES) * check::VERSIONS_MAX),
        ("VersionsPerPolicyQuota", check::VERSIONS_MAX),
        ("GlobalEndpointTokenVersion", 2),
        ("TagsPerUserQuota", check::TAGS_MAX),
        ("TagsPerRoleQuota", check::TAGS_MAX),
    ];
    let summary: BTreeMap<_, _> =
        figures.into_iter().map(|(k, n)| (k.to_owned(), i32::try_from(n).unwrap_or(i32::MAX))).collect();
    Ok(api::GetAccountSummaryResponse { summary_map: Some(summary) })
}

/// There is no upload of signing certificates, as nothing here takes such signatures: asked for before a user is deleted.
fn signing_certificates(
    ctx: &mut Ctx,
    r: Authorized<api::ListSigningCertificatesRequest>,
) -> OpResult<api::ListSigningCertificatesResponse> {
    if r.user_name.is_some() {
        holder::find::<User>(ctx, &r.user_name)?;
    }
    let page = check::page(Vec::new(), &r.marker, r.max_items, |_| String::new())?;
    Ok(api::ListSigningCertificatesResponse {
        certificates: Some(page.items),
        is_truncated: page.is_truncated,
        marker: page.marker,
    })
}

/// As there are none of the services that have such credentials.
fn service_credentials(
    ctx: &mut Ctx,
    r: Authorized<api::ListServiceSpecificCredentialsRequest>,
) -> OpResult<api::ListServiceSpecificCredentialsResponse> {
    if r.user_name.is_some() {
        if r.all_users == Some(true) {
            return Err(check::validation("UserName cannot be given together with AllUsers.").into());
        }
        holder::find::<User>(ctx, &r.user_name)?;
    }
    let page = check::page(Vec::new(), &r.marker, r.max_items, |_| String::new())?;
    Ok(api::ListServiceSpecificCredentialsResponse {
        service_specific_credentials: Some(page.items),
        is_truncated: page.is_truncated,
        marker: page.marker,
    })
}
