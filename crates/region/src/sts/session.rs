//! Sessions of users: GetSessionToken, with the user's own permissions, and GetFederationToken, for somebody else with some of
//! them. Both need long-lived credentials.

use super::check;
use super::issue::issue;
use super::trust::denied;
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use aws_protocol::{AwsError, sts};
use types::TimestampMs;
use wire::identity::{Principal, PrincipalKind, Session};

const DEFAULT_S: i32 = 43_200;
const MAX_S: i32 = 129_600;
/// "Sessions for AWS account owners are restricted to a maximum of 3,600 seconds."
const ROOT_S_MAX: u64 = 3600;

pub fn register(table: &mut Table) {
    table.op::<sts::GetSessionTokenRequest>(&["DurationSeconds", "SerialNumber", "TokenCode"], &[], get_session_token);
    table.op::<sts::GetFederationTokenRequest>(
        &["Name", "DurationSeconds", "Policy", "PolicyArns.member.N.arn", "Tags.member.N.Key", "Tags.member.N.Value"],
        &[],
        get_federation_token,
    );
}

/// When the caller has just proven to hold its MFA device; none when it does not say.
///
/// # Errors
/// `AccessDenied` for a wrong code, or one without the other.
pub fn mfa(ctx: &mut Ctx, serial: &Option<String>, code: &Option<String>) -> Result<Option<TimestampMs>, AwsError> {
    let serial = check::optional("serialNumber", serial, 9..=256, check::is_external_id)?;
    let code = check::optional("tokenCode", code, 6..=6, |c| c.is_ascii_digit())?;
    match (serial, code) {
        (None, None) => Ok(None),
        (Some(serial), Some(code)) => {
            let user = super::mfa::user_of_code(ctx, serial, code);
            if user.as_deref() == Some(ctx.caller.entity_id()) {
                return Ok(Some(ctx.now));
            }
            Err(denied("MultiFactorAuthentication failed with invalid MFA one time pass code. "))
        }
        _ => Err(denied("MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.")),
    }
}

/// A user or root user with long-lived credentials.
fn long_lived(ctx: &Ctx, operation: &str) -> Result<(), AwsError> {
    if ctx.caller.session.is_some() || !matches!(ctx.caller.kind, PrincipalKind::User { .. } | PrincipalKind::Root) {
        return Err(denied(format!("Cannot call {operation} with session credentials")));
    }
    Ok(())
}

fn seconds(ctx: &Ctx, asked: Option<i32>) -> Result<u64, AwsError> {
    let seconds = check::duration(asked, DEFAULT_S, MAX_S)?;
    Ok(if ctx.caller.kind == PrincipalKind::Root { seconds.min(ROOT_S_MAX) } else { seconds })
}

fn get_session_token(ctx: &mut Ctx, r: Authorized<sts::GetSessionTokenRequest>) -> OpResult<sts::GetSessionTokenResponse> {
    long_lived(ctx, "GetSessionToken")?;
    let seconds = seconds(ctx, r.duration_seconds)?;
    let mfa_at = mfa(ctx, &r.serial_number, &r.token_code)?;
    let issued = issue(ctx, ctx.caller.clone(), Session { mfa_at, ..Session::default() }, seconds)?;
    Ok(sts::GetSessionTokenResponse { credentials: Some(issued.credentials) })
}

fn get_federation_token(
    ctx: &mut Ctx,
    r: Authorized<sts::GetFederationTokenRequest>,
) -> OpResult<sts::GetFederationTokenResponse> {
    long_lived(ctx, "GetFederationToken")?;
    let name = check::text("name", &r.name, 2..=32, check::is_name)?;
    let seconds = seconds(ctx, r.duration_seconds)?;
    let account = ctx.caller.account.clone();
    let session = Session {
        policies: check::policies(ctx, &account, &r.policy, &r.policy_arns)?,
        tags: check::tags(&r.tags)?,
        ..Session::default()
    };
    let principal = Principal {
        arn: format!("arn:aws:sts::{account}:federated-user/{name}"),
        user_id: format!("{account}:{name}"),
        kind: PrincipalKind::FederatedUser { user_arn: ctx.caller.arn.clone(), user_id: ctx.caller.user_id.clone() },
        account,
        session: None,
    };
    let issued = issue(ctx, principal, session, seconds)?;
    Ok(sts::GetFederationTokenResponse {
        federated_user: Some(sts::FederatedUser {
            arn: Some(issued.principal.arn.clone()),
            federated_user_id: Some(issued.principal.user_id.clone()),
        }),
        packed_policy_size: issued.packed_size,
        credentials: Some(issued.credentials),
    })
}
