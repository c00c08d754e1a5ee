//! What temporary credentials of users cannot do, whatever their policies say.
//!
//! Source: IAM User Guide, "Permissions for temporary security credentials" for GetSessionToken and GetFederationToken.

use aws_protocol::AwsError;
use wire::identity::{Principal, PrincipalKind};

/// # Errors
/// `InvalidClientTokenId`, as IAM answers; `AccessDenied` of STS.
pub fn check(caller: &Principal, service: &str, operation: &str) -> Result<(), AwsError> {
    let Some(session) = &caller.session else { return Ok(()) };
    let federated = matches!(caller.kind, PrincipalKind::FederatedUser { .. });
    let of_user = matches!(caller.kind, PrincipalKind::User { .. } | PrincipalKind::Root);
    match service {
        "iam" if federated || of_user && session.mfa_at.is_none() => {
            let message = "The security token included in the request is invalid";
            Err(AwsError::new("InvalidClientTokenId", message).with_status(403))
        }
        "sts" if of_user && !["AssumeRole", "GetCallerIdentity"].contains(&operation) => Err(sts(operation)),
        "sts" if federated && operation != "GetCallerIdentity" => Err(sts(operation)),
        _ => Ok(()),
    }
}

fn sts(operation: &str) -> AwsError {
    super::trust::denied(format!("Cannot call {operation} with session credentials"))
}
