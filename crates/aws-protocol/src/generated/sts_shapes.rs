//! Shapes of sts.
// Written by `cargo run -p xtask -- codegen` from the published service model; do not edit.

#[allow(unused_imports)]
use types::TimestampMs;

crate::shape::shape! {
pub struct AssumeRoleRequest {
    pub duration_seconds: Option<i32> = ("DurationSeconds", "DurationSeconds", "DurationSeconds"),
    pub external_id: Option<String> = ("ExternalId", "ExternalId", "ExternalId"),
    pub policy: Option<String> = ("Policy", "Policy", "Policy"),
    pub policy_arns: Option<Vec<PolicyDescriptorType>> = ("PolicyArns", "PolicyArns", "member", "PolicyArns", "member"),
    pub provided_contexts: Option<Vec<ProvidedContext>> = ("ProvidedContexts", "ProvidedContexts", "member", "ProvidedContexts", "member"),
    pub role_arn: Option<String> = ("RoleArn", "RoleArn", "RoleArn"),
    pub role_session_name: Option<String> = ("RoleSessionName", "RoleSessionName", "RoleSessionName"),
    pub serial_number: Option<String> = ("SerialNumber", "SerialNumber", "SerialNumber"),
    pub source_identity: Option<String> = ("SourceIdentity", "SourceIdentity", "SourceIdentity"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
    pub token_code: Option<String> = ("TokenCode", "TokenCode", "TokenCode"),
    pub transitive_tag_keys: Option<Vec<String>> = ("TransitiveTagKeys", "TransitiveTagKeys", "member", "TransitiveTagKeys", "member"),
}
}

crate::shape::shape! {
pub struct AssumeRoleResponse {
    pub assumed_role_user: Option<AssumedRoleUser> = ("AssumedRoleUser", "AssumedRoleUser", "AssumedRoleUser"),
    pub credentials: Option<Credentials> = ("Credentials", "Credentials", "Credentials"),
    pub packed_policy_size: Option<i32> = ("PackedPolicySize", "PackedPolicySize", "PackedPolicySize"),
    pub source_identity: Option<String> = ("SourceIdentity", "SourceIdentity", "SourceIdentity"),
}
}

crate::shape::shape! {
pub struct AssumeRoleWithSAMLRequest {
    pub duration_seconds: Option<i32> = ("DurationSeconds", "DurationSeconds", "DurationSeconds"),
    pub policy: Option<String> = ("Policy", "Policy", "Policy"),
    pub policy_arns: Option<Vec<PolicyDescriptorType>> = ("PolicyArns", "PolicyArns", "member", "PolicyArns", "member"),
    pub principal_arn: Option<String> = ("PrincipalArn", "PrincipalArn", "PrincipalArn"),
    pub role_arn: Option<String> = ("RoleArn", "RoleArn", "RoleArn"),
    pub saml_assertion: Option<String> = ("SAMLAssertion", "SAMLAssertion", "SAMLAssertion"),
}
}

crate::shape::shape! {
pub struct AssumeRoleWithSAMLResponse {
    pub assumed_role_user: Option<AssumedRoleUser> = ("AssumedRoleUser", "AssumedRoleUser", "AssumedRoleUser"),
    pub audience: Option<String> = ("Audience", "Audience", "Audience"),
    pub credentials: Option<Credentials> = ("Credentials", "Credentials", "Credentials"),
    pub issuer: Option<String> = ("Issuer", "Issuer", "Issuer"),
    pub name_qualifier: Option<String> = ("NameQualifier", "NameQualifier", "NameQualifier"),
    pub packed_policy_size: Option<i32> = ("PackedPolicySize", "PackedPolicySize", "PackedPolicySize"),
    pub source_identity: Option<String> = ("SourceIdentity", "SourceIdentity", "SourceIdentity"),
    pub subject: Option<String> = ("Subject", "Subject", "Subject"),
    pub subject_type: Option<String> = ("SubjectType", "SubjectType", "SubjectType"),
}
}

crate::shape::shape! {
pub struct AssumeRoleWithWebIdentityRequest {
    pub duration_seconds: Option<i32> = ("DurationSeconds", "DurationSeconds", "DurationSeconds"),
    pub policy: Option<String> = ("Policy", "Policy", "Policy"),
    pub policy_arns: Option<Vec<PolicyDescriptorType>> = ("PolicyArns", "PolicyArns", "member", "PolicyArns", "member"),
    pub provider_id: Option<String> = ("ProviderId", "ProviderId", "ProviderId"),
    pub role_arn: Option<String> = ("RoleArn", "RoleArn", "RoleArn"),
    pub role_session_name: Option<String> = ("RoleSessionName", "RoleSessionName", "RoleSessionName"),
    pub web_identity_token: Option<String> = ("WebIdentityToken", "WebIdentityToken", "WebIdentityToken"),
}
}

crate::shape::shape! {
pub struct AssumeRoleWithWebIdentityResponse {
    pub assumed_role_user: Option<AssumedRoleUser> = ("AssumedRoleUser", "AssumedRoleUser", "AssumedRoleUser"),
    pub audience: Option<String> = ("Audience", "Audience", "Audience"),
    pub credentials: Option<Credentials> = ("Credentials", "Credentials", "Credentials"),
    pub packed_policy_size: Option<i32> = ("PackedPolicySize", "PackedPolicySize", "PackedPolicySize"),
    pub provider: Option<String> = ("Provider", "Provider", "Provider"),
    pub source_identity: Option<String> = ("SourceIdentity", "SourceIdentity", "SourceIdentity"),
    pub subject_from_web_identity_token: Option<String> = ("SubjectFromWebIdentityToken", "SubjectFromWebIdentityToken", "SubjectFromWebIdentityToken"),
}
}

crate::shape::shape! {
pub struct AssumedRoleUser {
    pub arn: Option<String> = ("Arn", "Arn", "Arn"),
    pub assumed_role_id: Option<String> = ("AssumedRoleId", "AssumedRoleId", "AssumedRoleId"),
}
}

crate::shape::shape! {
pub struct Credentials {
    pub access_key_id: Option<String> = ("AccessKeyId", "AccessKeyId", "AccessKeyId"),
    pub expiration: Option<TimestampMs> = ("Expiration", "Expiration", "Expiration"),
    pub secret_access_key: Option<String> = ("SecretAccessKey", "SecretAccessKey", "SecretAccessKey"),
    pub session_token: Option<String> = ("SessionToken", "SessionToken", "SessionToken"),
}
}

crate::shape::shape! {
pub struct DecodeAuthorizationMessageRequest {
    pub encoded_message: Option<String> = ("EncodedMessage", "EncodedMessage", "EncodedMessage"),
}
}

crate::shape::shape! {
pub struct DecodeAuthorizationMessageResponse {
    pub decoded_message: Option<String> = ("DecodedMessage", "DecodedMessage", "DecodedMessage"),
}
}

crate::shape::shape! {
pub struct FederatedUser {
    pub arn: Option<String> = ("Arn", "Arn", "Arn"),
    pub federated_user_id: Option<String> = ("FederatedUserId", "FederatedUserId", "FederatedUserId"),
}
}

crate::shape::shape! {
pub struct GetAccessKeyInfoRequest {
    pub access_key_id: Option<String> = ("AccessKeyId", "AccessKeyId", "AccessKeyId"),
}
}

crate::shape::shape! {
pub struct GetAccessKeyInfoResponse {
    pub account: Option<String> = ("Account", "Account", "Account"),
}
}

crate::shape::shape! {
pub struct GetCallerIdentityRequest {
}
}

crate::shape::shape! {
pub struct GetCallerIdentityResponse {
    pub account: Option<String> = ("Account", "Account", "Account"),
    pub arn: Option<String> = ("Arn", "Arn", "Arn"),
    pub user_id: Option<String> = ("UserId", "UserId", "UserId"),
}
}

crate::shape::shape! {
pub struct GetFederationTokenRequest {
    pub duration_seconds: Option<i32> = ("DurationSeconds", "DurationSeconds", "DurationSeconds"),
    pub name: Option<String> = ("Name", "Name", "Name"),
    pub policy: Option<String> = ("Policy", "Policy", "Policy"),
    pub policy_arns: Option<Vec<PolicyDescriptorType>> = ("PolicyArns", "PolicyArns", "member", "PolicyArns", "member"),
    pub tags: Option<Vec<Tag>> = ("Tags", "Tags", "member", "Tags", "member"),
}
}

crate::shape::shape! {
pub struct GetFederationTokenResponse {
    pub credentials: Option<Credentials> = ("Credentials", "Credentials", "Credentials"),
    pub federated_user: Option<FederatedUser> = ("FederatedUser", "FederatedUser", "FederatedUser"),
    pub packed_policy_size: Option<i32> = ("PackedPolicySize", "PackedPolicySize", "PackedPolicySize"),
}
}

crate::shape::shape! {
pub struct GetSessionTokenRequest {
    pub duration_seconds: Option<i32> = ("DurationSeconds", "DurationSeconds", "DurationSeconds"),
    pub serial_number: Option<String> = ("SerialNumber", "SerialNumber", "SerialNumber"),
    pub token_code: Option<String> = ("TokenCode", "TokenCode", "TokenCode"),
}
}

crate::shape::shape! {
pub struct GetSessionTokenResponse {
    pub credentials: Option<Credentials> = ("Credentials", "Credentials", "Credentials"),
}
}

crate::shape::shape! {
pub struct PolicyDescriptorType {
    pub arn: Option<String> = ("arn", "arn", "arn"),
}
}

crate::shape::shape! {
pub struct ProvidedContext {
    pub context_assertion: Option<String> = ("ContextAssertion", "ContextAssertion", "ContextAssertion"),
    pub provider_arn: Option<String> = ("ProviderArn", "ProviderArn", "ProviderArn"),
}
}

crate::shape::shape! {
pub struct Tag {
    pub key: Option<String> = ("Key", "Key", "Key"),
    pub value: Option<String> = ("Value", "Value", "Value"),
}
}
