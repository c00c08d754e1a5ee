//! AssumeRole: a user or a role takes on a role, also of another account.

use super::issue::{issue, role_principal};
use super::trust::{self, Circumstance, denied};
use super::{check, session};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use aws_protocol::{AwsError, sts};
use std::collections::BTreeMap;
use wire::identity::{PrincipalKind, Session};

const DEFAULT_S: i32 = 3600;
/// The longest that a role may allow.
const ROLE_S_MAX: i32 = 43_200;
/// "Role chaining limits your … role session to a maximum of one hour."
const CHAINED_S_MAX: u64 = 3600;

pub fn register(table: &mut Table) {
    table.op_judged_inside::<sts::AssumeRoleRequest>(
        &[
            "RoleArn",
            "RoleSessionName",
            "DurationSeconds",
            "ExternalId",
            "Policy",
            "PolicyArns.member.N.arn",
            "SerialNumber",
            "TokenCode",
            "SourceIdentity",
            "Tags.member.N.Key",
            "Tags.member.N.Value",
            "TransitiveTagKeys.member.N",
        ],
        assume_role,
    );
}

fn assume_role(ctx: &mut Ctx, r: Authorized<sts::AssumeRoleRequest>) -> OpResult<sts::AssumeRoleResponse> {
    let (account, name, arn) = check::role_arn(&r.role_arn)?;
    let session_name = check::text("roleSessionName", &r.role_session_name, 2..=64, check::is_name)?;
    let seconds = check::duration(r.duration_seconds, DEFAULT_S, ROLE_S_MAX)?;
    let external_id = check::optional("externalId", &r.external_id, 2..=1224, check::is_external_id)?;
    match ctx.caller.kind {
        PrincipalKind::Root => return Err(denied("Roles may not be assumed by root accounts.").into()),
        PrincipalKind::FederatedUser { .. } => {
            let who = &ctx.caller.arn;
            let sentence = format!("User: {who} is not authorized to perform: sts:AssumeRole on resource: {arn}");
            return Err(denied(sentence).into());
        }
        PrincipalKind::User { .. } | PrincipalKind::RoleSession { .. } | PrincipalKind::Anonymous => {}
    }
    let own = check::tags(&r.tags)?;
    let (tags, transitive) = inherited(ctx, own.clone(), check::transitive(&r.transitive_tag_keys, &own)?)?;
    let source_identity = source_identity(ctx, &r.source_identity)?;
    let mfa = session::mfa(ctx, &r.serial_number, &r.token_code)?;
    let role = trust::role(ctx, &account, name, arn);
    let now = Circumstance {
        session_name,
        external_id,
        source_identity: source_identity.as_deref(),
        mfa: mfa.is_some(),
        tags: Some(&tags),
        transitive: &transitive,
        of_provider: Vec::new(),
    };
    trust::require(ctx, role.as_deref(), arn, &now)?;
    // Without a role it was refused.
    let role = role.ok_or_else(|| denied("Access denied"))?;
    let chained = matches!(ctx.caller.kind, PrincipalKind::RoleSession { .. });
    if chained && seconds > CHAINED_S_MAX {
        let message = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining";
        return Err(check::validation(message).into());
    }
    allowed_duration(seconds, role.max_session_s)?;
    let session = Session {
        policies: check::policies(ctx, &account, &r.policy, &r.policy_arns)?,
        tags,
        transitive,
        source_identity,
        chained,
        // "The temporary security credentials returned by AssumeRole do not include MFA information in the context."
        ..Session::default()
    };
    let issued = issue(ctx, role_principal(&role, session_name), session, seconds)?;
    Ok(sts::AssumeRoleResponse {
        assumed_role_user: Some(issued.assumed()),
        source_identity: issued.principal.session.as_ref().and_then(|s| s.source_identity.clone()),
        packed_policy_size: issued.packed_size,
        credentials: Some(issued.credentials),
    })
}

/// # Errors
/// `ValidationError`.
pub fn allowed_duration(seconds: u64, max_s: u32) -> Result<(), AwsError> {
    if seconds > u64::from(max_s) {
        return Err(check::validation("The requested DurationSeconds exceeds the MaxSessionDuration set for this role."));
    }
    Ok(())
}

/// With the transitive tags of the caller's session, which cannot be set anew.
fn inherited(
    ctx: &Ctx,
    mut tags: BTreeMap<String, String>,
    mut transitive: Vec<String>,
) -> Result<(BTreeMap<String, String>, Vec<String>), AwsError> {
    let Some(session) = &ctx.caller.session else { return Ok((tags, transitive)) };
    for key in &session.transitive {
        if tags.keys().any(|k| k.eq_ignore_ascii_case(key)) {
            return Err(AwsError::new(
                "InvalidParameterValue",
                format!(
                    "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session: {key}"
                ),
            ));
        }
        if let Some(value) = session.tags.get(key) {
            tags.insert(key.clone(), value.clone());
            transitive.push(key.clone());
        }
    }
    Ok((tags, transitive))
}

/// Once set, it stays for all roles taken on from there.
fn source_identity(ctx: &Ctx, asked: &Option<String>) -> Result<Option<String>, AwsError> {
    let asked = check::optional("sourceIdentity", asked, 2..=64, check::is_name)?;
    if asked.is_some_and(|id| id.to_ascii_lowercase().starts_with("aws:")) {
        return Err(check::validation("A source identity must not begin with aws:."));
    }
    let held = ctx.caller.session.as_ref().and_then(|s| s.source_identity.as_deref());
    match (held, asked) {
        (Some(held), Some(asked)) if held != asked => {
            Err(denied("The source identity cannot be changed: the calling session has another."))
        }
        (held, asked) => Ok(asked.or(held).map(str::to_owned)),
    }
}
