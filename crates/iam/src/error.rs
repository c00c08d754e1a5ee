//! Why a document is not a policy. The sentences are AWS's own where they are known.

/// For S3 this becomes `MalformedPolicy`, for IAM and STS `MalformedPolicyDocument`, for KMS
/// `MalformedPolicyDocumentException`; all 400, with the sentence as message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    #[error("Policies must be valid JSON and the first byte must be '{{'")]
    FirstByte,
    #[error("Syntax errors in policy: {0}")]
    Json(String),
    #[error("Policy exceeds the maximum allowed document size of {max_bytes} bytes")]
    TooLong { max_bytes: usize },
    #[error("The policy must contain a valid version string")]
    Version,
    #[error("Unknown field {0}")]
    UnknownElement(String),
    #[error("Missing required field {0}")]
    Missing(&'static str),
    #[error("Has prohibited field {0}")]
    Prohibited(&'static str),
    #[error("Policy document should not specify a principal")]
    PrincipalInIdentity,
    #[error("A statement cannot have both {0} and Not{0}")]
    Both(&'static str),
    #[error("{element} must be {wanted}")]
    Shape { element: &'static str, wanted: &'static str },
    #[error("Invalid effect: {0}")]
    Effect(String),
    #[error("Statement IDs (SID) in a single policy must be unique: {0}")]
    SidTwice(String),
    #[error("Statement IDs (SID) may only hold letters and digits: {0}")]
    SidLetters(String),
    #[error("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.: {0}")]
    ActionVendor(String),
    #[error("Actions/Condition can contain only one colon: {0}")]
    ActionColons(String),
    #[error("Vendor {0} is not valid")]
    Vendor(String),
    #[error("Resource {0} must be in ARN format or \"*\".")]
    Resource(String),
    #[error("Invalid principal in policy: {0}")]
    Principal(String),
    #[error("Invalid Condition type : {0}")]
    Operator(String),
    #[error("Policy has an invalid condition key: {0}")]
    ConditionKey(String),
    #[error("{operator} cannot have the value {value}")]
    ConditionValue { operator: String, value: String },
    #[error("Invalid policy variable in {0}")]
    Variable(String),
}
