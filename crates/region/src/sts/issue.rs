//! Makes credentials of a principal and a session.

use super::keys;
use crate::context::Ctx;
use crate::db::Db;
use crate::rows::Role;
use ::iam::token::{CLAIMS_BYTES_MAX, SealError, Sealed};
use aws_protocol::{AwsError, sts};
use std::sync::Arc;
use types::TimestampMs;
use wire::identity::{Principal, PrincipalKind, Session};

pub struct Issued {
    pub principal: Principal,
    pub credentials: sts::Credentials,
    /// Percent of what a token carries; none without policies and tags.
    pub packed_size: Option<i32>,
}

/// A session of `role`, to be given to whoever may have it.
pub fn role_principal(role: &Role, session_name: &str) -> Principal {
    Principal {
        account: role.account.clone(),
        arn: format!("arn:aws:sts::{}:assumed-role/{}/{session_name}", role.account, role.name),
        user_id: format!("{}:{session_name}", role.id),
        kind: PrincipalKind::RoleSession { role_arn: role.arn(), session_name: session_name.to_owned() },
        session: None,
    }
}

pub fn seal(db: &Db, principal: &Principal, random: [u128; 2]) -> Result<Sealed, AwsError> {
    keys(db).seal(principal, random).map_err(|e| match e {
        SealError::NoKey => AwsError::internal("There is no key for session tokens yet."),
        SealError::TooLarge { bytes } => AwsError::new(
            "PackedPolicyTooLarge",
            format!("Packed policy consumes {}% of allotted space, please use smaller policy.", percent(bytes).max(101)),
        ),
    })
}

fn percent(bytes: usize) -> usize {
    bytes.saturating_mul(100) / CLAIMS_BYTES_MAX
}

/// `session` lasts `seconds` from now.
pub fn issue(ctx: &mut Ctx, principal: Principal, session: Session, seconds: u64) -> Result<Issued, AwsError> {
    // Whole seconds: what is shown is what holds.
    let issued = TimestampMs(ctx.now.0 / 1000 * 1000);
    let session = Session { issued, expires: TimestampMs(issued.0 + seconds * 1000), ..session };
    let carried: usize = session.policies.iter().map(String::len).sum::<usize>()
        + session.tags.iter().map(|(k, v)| k.len() + v.len()).sum::<usize>();
    let expiration = session.expires;
    let principal = Principal { session: Some(Arc::new(session)), ..principal };
    let random = [ctx.random(), ctx.random()];
    let sealed = seal(ctx.db, &principal, random)?;
    Ok(Issued {
        principal,
        credentials: sts::Credentials {
            access_key_id: Some(sealed.access_key),
            secret_access_key: Some(sealed.secret_key),
            session_token: Some(sealed.token),
            expiration: Some(expiration),
        },
        packed_size: (carried > 0).then(|| percent(carried).max(1) as i32),
    })
}

impl Issued {
    pub fn assumed(&self) -> sts::AssumedRoleUser {
        sts::AssumedRoleUser { arn: Some(self.principal.arn.clone()), assumed_role_id: Some(self.principal.user_id.clone()) }
    }
}
