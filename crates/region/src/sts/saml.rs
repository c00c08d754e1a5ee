//! AssumeRoleWithSAML: the bearer of an identity provider's assertion takes on a role. Nobody signs the request; the
//! assertion ([`crate::saml`]), the provider that the role's account registered, and the role's trust policy decide.

use super::assume::allowed_duration;
use super::check;
use super::issue::{issue, role_principal};
use super::trust::{self, Circumstance, denied};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::rows::SamlProvider;
use crate::saml::{self, Claims, Metadata, SamlError};
use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use aws_protocol::{AwsError, sts};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::rc::Rc;
use types::AccountId;
use wire::identity::Session;

const ACTION: &str = "sts:AssumeRoleWithSAML";
const DEFAULT_S: i32 = 3600;
const ROLE_S_MAX: i32 = 43_200;

pub fn register(table: &mut Table) {
    table.op_judged_inside::<sts::AssumeRoleWithSAMLRequest>(
        &["RoleArn", "PrincipalArn", "SAMLAssertion", "DurationSeconds", "Policy", "PolicyArns.member.N.arn"],
        assume,
    );
}

fn assume(ctx: &mut Ctx, r: Authorized<sts::AssumeRoleWithSAMLRequest>) -> OpResult<sts::AssumeRoleWithSAMLResponse> {
    let (account, name, arn) = check::role_arn(&r.role_arn)?;
    let provider_arn = check::text("principalArn", &r.principal_arn, 20..=2048, |c| !c.is_control())?;
    let asked_s = r.duration_seconds.map(|s| check::duration(Some(s), DEFAULT_S, ROLE_S_MAX)).transpose()?;
    let given = check::secret("sAMLAssertion", &r.saml_assertion, 4..=saml::CHARS_MAX)?;
    let (provider, claims) = prove(ctx, &account, provider_arn, given)?;
    if !claims.roles.iter().any(|(role, by)| role == arn && by == provider_arn) {
        return Err(denied(format!("Not authorized to perform {ACTION}")).into());
    }
    let session_name = claims.session_name.as_str();
    let is_name = |text: &str| (2..=64).contains(&text.len()) && text.chars().all(check::is_name);
    if !is_name(session_name) {
        return Err(invalid("RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}").into());
    }
    if claims.source_identity.as_ref().is_some_and(|id| !is_name(id) || id.to_ascii_lowercase().starts_with("aws:")) {
        return Err(invalid("Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with \"aws:\"").into());
    }
    let tags = claims.tags.iter().map(|(key, value)| (Some(key.clone()), Some(value.clone())));
    let tags = check::tag_pairs(tags.collect())?;
    let transitive = check::transitive(&Some(claims.transitive.clone()), &tags)?;
    let qualifier = name_qualifier(&provider, &claims);
    let now = Circumstance {
        session_name,
        source_identity: claims.source_identity.as_deref(),
        tags: Some(&tags),
        transitive: &transitive,
        of_provider: keys(&provider, &claims, &qualifier),
        ..Circumstance::default()
    };
    let bearer = trust::bearer(provider.arn(), format!("{qualifier}:{}", claims.subject));
    let role = trust::role(ctx, &account, name, arn);
    let role = trust::require_of_bearer(ctx, bearer, ACTION, role, &now)?;
    let seconds = seconds(ctx, asked_s, &claims)?;
    allowed_duration(seconds, role.max_session_s)?;
    let session = Session {
        policies: check::policies(ctx, &account, &r.policy, &r.policy_arns)?,
        source_identity: claims.source_identity.clone(),
        provider: Some(provider.arn()),
        tags,
        transitive,
        ..Session::default()
    };
    let issued = issue(ctx, role_principal(&role, session_name), session, seconds)?;
    Ok(sts::AssumeRoleWithSAMLResponse {
        assumed_role_user: Some(issued.assumed()),
        audience: Some(claims.recipient),
        issuer: Some(claims.issuer),
        name_qualifier: Some(qualifier),
        packed_policy_size: issued.packed_size,
        source_identity: claims.source_identity,
        subject: Some(claims.subject),
        subject_type: Some(claims.subject_type),
        credentials: Some(issued.credentials),
    })
}

fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new("InvalidIdentityToken", message)
}

/// The provider, which must be of the role's account, and what its assertion says.
fn prove(ctx: &Ctx, account: &AccountId, arn: &str, response: &str) -> Result<(Rc<SamlProvider>, Claims), AwsError> {
    let found = ctx.db.get::<SamlProvider>(account, crate::iam::name_of_arn(arn).to_lowercase());
    let provider = found.filter(|p| p.arn() == arn).ok_or_else(|| invalid("Specified provider doesn't exist."))?;
    if provider.valid_until <= ctx.now {
        return Err(invalid("The metadata of the specified provider is no longer valid."));
    }
    let metadata: Option<Metadata> = saml::metadata::parse(&provider.metadata);
    let metadata = metadata.ok_or_else(|| invalid("The metadata of the specified provider has no key that signs."))?;
    let claims = saml::prove(response, &metadata, ctx.now).map_err(|e| match e {
        SamlError::Expired(_) => AwsError::new("ExpiredTokenException", e.to_string()),
        SamlError::Rejected => AwsError::new("IDPRejectedClaim", e.to_string()).with_status(403),
        SamlError::Invalid(_) => invalid(e.to_string()),
    })?;
    Ok((provider, claims))
}

/// As asked, else as the attribute SessionDuration says; never longer than that, nor than the provider's own session.
///
/// # Errors
/// `ExpiredTokenException`: less than the 900 s that a session lasts at least are left.
fn seconds(ctx: &Ctx, asked_s: Option<u64>, claims: &Claims) -> Result<u64, AwsError> {
    let attribute = claims.session_s.map(|s| u64::from(s.unsigned_abs()));
    let wanted = match (asked_s, attribute) {
        (Some(asked), Some(said)) => asked.min(said),
        (one, other) => one.or(other).unwrap_or(DEFAULT_S as u64),
    };
    let left = claims.session_ends.map(|end| end.0.saturating_sub(ctx.now.0) / 1000);
    match left {
        Some(left) if left < 900 => {
            let message = "The identity provider's session ends in less than 900 seconds.";
            Err(AwsError::new("ExpiredTokenException", message))
        }
        Some(left) => Ok(wanted.min(left)),
        None => Ok(wanted),
    }
}

/// "A hash value based on the concatenation of the following": issuer, account, and the provider's name with a slash.
fn name_qualifier(provider: &SamlProvider, claims: &Claims) -> String {
    let text = format!("{}{}/{}", claims.issuer, provider.account, provider.name);
    STANDARD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes()))
}

/// Condition keys of trust policies: "Available keys for SAML-based AWS STS federation" (IAM User Guide).
fn keys(provider: &SamlProvider, claims: &Claims, qualifier: &str) -> Vec<(String, Vec<String>)> {
    let own = [
        ("saml:aud", claims.recipient.clone()),
        ("saml:doc", format!("{}/{}", provider.account, provider.name)),
        ("saml:iss", claims.issuer.clone()),
        ("saml:namequalifier", qualifier.to_owned()),
        ("saml:sub", claims.subject.clone()),
        ("saml:sub_type", claims.subject_type.clone()),
    ];
    let own = own.into_iter().map(|(key, value)| (key.to_owned(), vec![value]));
    own.chain(claims.keys.iter().map(|(key, values)| ((*key).to_owned(), values.clone()))).collect()
}
