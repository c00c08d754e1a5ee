//! AssumeRoleWithWebIdentity: the bearer of an identity provider's token takes on a role. Nobody signs the request; the token,
//! the provider that the role's account registered, and the role's trust policy decide.

use super::assume::allowed_duration;
use super::issue::{issue, role_principal};
use super::rows::OidcKeys;
use super::trust::{self, Circumstance};
use super::{check, oidc};
use crate::context::{Authorized, Ctx, OpResult};
use crate::db::system_account;
use crate::dispatch::Table;
use crate::rows::OidcProvider;
use ::iam::jwt::{self, Claims, JwtError, Unproven};
use aws_protocol::{AwsError, sts};
use serde_json::Value;
use std::collections::BTreeMap;
use types::AccountId;
use wire::identity::Session;

const ACTION: &str = "sts:AssumeRoleWithWebIdentity";
const ROLE_S_MAX: i32 = 43_200;

pub fn register(table: &mut Table) {
    table.op_judged_inside::<sts::AssumeRoleWithWebIdentityRequest>(
        &["RoleArn", "RoleSessionName", "WebIdentityToken", "DurationSeconds", "Policy", "PolicyArns.member.N.arn"],
        assume,
    );
}

fn assume(
    ctx: &mut Ctx,
    r: Authorized<sts::AssumeRoleWithWebIdentityRequest>,
) -> OpResult<sts::AssumeRoleWithWebIdentityResponse> {
    let (account, name, arn) = check::role_arn(&r.role_arn)?;
    let session_name = check::text("roleSessionName", &r.role_session_name, 2..=64, check::is_name)?;
    let seconds = check::duration(r.duration_seconds, 3600, ROLE_S_MAX)?;
    let token = check::text("webIdentityToken", &r.web_identity_token, 4..=jwt::CHARS_MAX, |c| c.is_ascii_graphic())?;
    let (provider, claims) = prove(ctx, &account, token)?;
    let audience = audience(&provider, &claims)?;
    let (tags, transitive) = session_tags(&claims)?;
    let source_identity = text_claim(&claims, "https://aws.amazon.com/source_identity");
    let source_identity = check::optional("sourceIdentity", &source_identity, 2..=64, check::is_name)?.map(str::to_owned);
    let keys = [("aud", vec![audience.clone()]), ("sub", vec![claims.subject.clone()]), ("amr", claims.methods.clone())];
    let now = Circumstance {
        session_name,
        source_identity: source_identity.as_deref(),
        tags: Some(&tags),
        transitive: &transitive,
        of_provider: keys.map(|(key, values)| (format!("{}:{key}", provider.url), values)).into(),
        ..Circumstance::default()
    };
    let bearer = trust::bearer(provider.arn(), format!("{}:{}", provider.url, claims.subject));
    let role = trust::role(ctx, &account, name, arn);
    let role = trust::require_of_bearer(ctx, bearer, ACTION, role, &now)?;
    allowed_duration(seconds, role.max_session_s)?;
    let session = Session {
        policies: check::policies(ctx, &account, &r.policy, &r.policy_arns)?,
        source_identity,
        provider: Some(provider.arn()),
        tags,
        transitive,
        ..Session::default()
    };
    let issued = issue(ctx, role_principal(&role, session_name), session, seconds)?;
    Ok(sts::AssumeRoleWithWebIdentityResponse {
        assumed_role_user: Some(issued.assumed()),
        audience: Some(audience),
        packed_policy_size: issued.packed_size,
        provider: Some(provider.arn()),
        source_identity: issued.principal.session.as_ref().and_then(|s| s.source_identity.clone()),
        subject_from_web_identity_token: Some(claims.subject),
        credentials: Some(issued.credentials),
    })
}

fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new("InvalidIdentityToken", message)
}

/// The provider of the role's account that signed the token, and what it says.
fn prove(ctx: &Ctx, account: &AccountId, token: &str) -> Result<(OidcProvider, Claims), AwsError> {
    let unproven = Unproven::parse(token).map_err(worded)?;
    let issuer = unproven.issuer.strip_prefix("https://");
    let url = oidc::plain(&unproven.issuer);
    let provider = issuer.and_then(|exact| ctx.db.get::<OidcProvider>(account, exact).or_else(|| ctx.db.get(account, url)));
    let provider = provider.ok_or_else(|| {
        let shown: String = unproven.issuer.chars().take(255).collect();
        invalid(format!("No OpenIDConnect provider found in your account for {shown}"))
    })?;
    let keys = ctx.db.get::<OidcKeys>(&system_account(), url).ok_or_else(|| worded(JwtError::UnknownKey))?;
    Ok(((*provider).clone(), unproven.prove(&keys.jwks, ctx.now).map_err(worded)?))
}

fn worded(e: JwtError) -> AwsError {
    match e {
        JwtError::Expired { until_s, now_s } => AwsError::new(
            "ExpiredTokenException",
            format!("Token expired: current date/time {now_s} must be before the expiration date/time {until_s}"),
        ),
        JwtError::UnknownKey => invalid(
            "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
        ),
        other => invalid(other.to_string()),
    }
}

/// The client that the token is for, one of those that the provider is registered with. With `azp` that is it, as in AWS.
fn audience(provider: &OidcProvider, claims: &Claims) -> Result<String, AwsError> {
    let registered = |a: &&String| provider.clients.contains(a);
    let found = match &claims.authorized_party {
        Some(party) => Some(party).filter(registered).or_else(|| claims.audiences.iter().find(registered)),
        None => claims.audiences.iter().find(registered),
    };
    found.cloned().ok_or_else(|| invalid("Incorrect token audience"))
}

fn text_claim(claims: &Claims, name: &str) -> Option<String> {
    claims.all.get(name).and_then(Value::as_str).map(str::to_owned)
}

/// Session tags in the token: `{"principal_tags": {"key": ["value"]}, "transitive_tag_keys": ["key"]}`
/// (IAM User Guide, "Passing session tags using AssumeRoleWithWebIdentity").
fn session_tags(claims: &Claims) -> Result<(BTreeMap<String, String>, Vec<String>), AwsError> {
    let Some(given) = claims.all.get("https://aws.amazon.com/tags") else { return Ok(Default::default()) };
    let pairs = given["principal_tags"].as_object().into_iter().flatten().map(|(key, value)| {
        let mut values = jwt::strings(Some(value)).into_iter();
        match (values.next(), values.next()) {
            (Some(one), None) => Ok((Some(key.clone()), Some(one))),
            _ => Err(invalid(format!("The session tag {key} must have one value."))),
        }
    });
    let tags = check::tag_pairs(pairs.collect::<Result<_, _>>()?)?;
    let transitive = check::transitive(&Some(jwt::strings(given.get("transitive_tag_keys"))), &tags)?;
    Ok((tags, transitive))
}
