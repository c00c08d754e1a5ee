//! Every error of KMS that this product answers: code, status and sentence. Source: API Reference, and KMS's own replies.

use crate::AwsError;
use crate::error::clip;

pub fn not_found(message: impl Into<String>) -> AwsError {
    AwsError::new("NotFoundException", message)
}

pub fn no_such_key(arn: &str) -> AwsError {
    not_found(format!("Key '{}' does not exist", clip(arn)))
}

pub fn no_such_alias(arn: &str) -> AwsError {
    not_found(format!("Alias {} is not found.", clip(arn)))
}

/// Neither an id, an ARN nor an alias; or an alias where none may stand.
pub fn invalid_key_id(text: &str) -> AwsError {
    not_found(format!("Invalid keyId '{}'", clip(text)))
}

pub fn invalid_arn(text: &str) -> AwsError {
    AwsError::new("InvalidArnException", format!("Invalid arn {}", clip(text)))
}

pub fn disabled(arn: &str) -> AwsError {
    AwsError::new("DisabledException", format!("{arn} is disabled."))
}

/// `what` as in "is pending deletion".
pub fn invalid_state(arn: &str, what: &str) -> AwsError {
    AwsError::new("KMSInvalidStateException", format!("{arn} {what}."))
}

pub fn invalid_key_usage(message: impl Into<String>) -> AwsError {
    AwsError::new("InvalidKeyUsageException", message)
}

pub fn wrong_usage(arn: &str, usage: &str, operation: &str) -> AwsError {
    invalid_key_usage(format!("{arn} key usage is {usage} which is not valid for {operation}."))
}

pub fn wrong_algorithm(algorithm: &str, spec: &str) -> AwsError {
    invalid_key_usage(format!("Algorithm {} is incompatible with key spec {spec}.", clip(algorithm)))
}

pub fn invalid_ciphertext() -> AwsError {
    AwsError::new("InvalidCiphertextException", "")
}

pub fn incorrect_key() -> AwsError {
    AwsError::new("IncorrectKeyException", "The key ID in the request does not identify a CMK that can perform this operation.")
}

pub fn invalid_signature() -> AwsError {
    AwsError::new("KMSInvalidSignatureException", "")
}

pub fn invalid_mac() -> AwsError {
    AwsError::new("KMSInvalidMacException", "")
}

pub fn access_denied(message: impl Into<String>) -> AwsError {
    AwsError::new("AccessDeniedException", message)
}

/// For keys of other accounts that may not exist: nobody learns whether they do.
pub fn access_denied_unseen(who: &str, action: &str) -> AwsError {
    access_denied(format!(
        "User: {who} is not authorized to perform: {action} on this resource because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access"
    ))
}

/// For a ciphertext whose key the caller cannot be told about.
pub fn access_denied_ciphertext() -> AwsError {
    access_denied(
        "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.",
    )
}

pub fn already_exists(message: impl Into<String>) -> AwsError {
    AwsError::new("AlreadyExistsException", message)
}

pub fn validation(message: impl Into<String>) -> AwsError {
    AwsError::new("ValidationException", message)
}

/// The usual sentence about a member's value.
pub fn invalid_member(member: &str, value: &str, constraint: &str) -> AwsError {
    validation(format!(
        "1 validation error detected: Value '{}' at '{member}' failed to satisfy constraint: {constraint}",
        clip(value)
    ))
}

pub fn not_one_of(member: &str, value: &str, values: &[&str]) -> AwsError {
    invalid_member(member, value, &format!("Member must satisfy enum value set: [{}]", values.join(", ")))
}

pub fn limit_exceeded(message: impl Into<String>) -> AwsError {
    AwsError::new("LimitExceededException", message)
}

pub fn malformed_policy(message: impl Into<String>) -> AwsError {
    AwsError::new("MalformedPolicyDocumentException", message)
}

pub fn unsupported(message: impl Into<String>) -> AwsError {
    AwsError::new("UnsupportedOperationException", message)
}

pub fn invalid_alias() -> AwsError {
    AwsError::new(
        "InvalidAliasNameException",
        "Alias must start with the prefix \"alias/\". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html",
    )
}

pub fn invalid_marker() -> AwsError {
    AwsError::new("InvalidMarkerException", "The marker is not valid for this operation.")
}

pub fn invalid_grant_token() -> AwsError {
    AwsError::new("InvalidGrantTokenException", "Invalid grant token.")
}

pub fn tag(message: impl Into<String>) -> AwsError {
    AwsError::new("TagException", message)
}

pub fn invalid_import_token() -> AwsError {
    AwsError::new("InvalidImportTokenException", "The import token is not valid for this key.")
}

pub fn expired_import_token() -> AwsError {
    AwsError::new("ExpiredImportTokenException", "The import token has expired.")
}

pub fn incorrect_key_material(message: impl Into<String>) -> AwsError {
    AwsError::new("IncorrectKeyMaterialException", message)
}

pub fn dry_run() -> AwsError {
    AwsError::new("DryRunOperationException", "The request would have succeeded, but the DryRun option is set.").with_status(412)
}

pub fn internal(message: impl Into<String>) -> AwsError {
    AwsError::receiver("KMSInternalException", message, 500)
}
