//! Why a document is not a policy.

/// For S3 this becomes `MalformedPolicy`, for IAM and STS `MalformedPolicyDocument`, for KMS
/// `MalformedPolicyDocumentException`; all 400. `Display` is for logs and says most; [`PolicyError::s3_message`] and
/// [`PolicyError::iam_message`] are those services' own sentences.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    #[error("Policies must be valid JSON and the first byte must be '{{'")]
    FirstByte,
    #[error("Syntax errors in policy: {0}")]
    Json(String),
    #[error("Could not parse the policy: Statement is empty!")]
    EmptyStatement,
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
    #[error("AssumeRole policy may only specify STS AssumeRole actions.")]
    TrustAction,
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

impl PolicyError {
    /// As S3 words it.
    pub fn s3_message(&self) -> String {
        match self {
            PolicyError::Json(_) => PolicyError::FirstByte.to_string(),
            PolicyError::ActionVendor(_) | PolicyError::ActionColons(_) | PolicyError::Vendor(_) => {
                "Policy has invalid action".into()
            }
            PolicyError::Resource(_) | PolicyError::Variable(_) => "Policy has invalid resource".into(),
            PolicyError::Principal(_) => "Invalid principal in policy".into(),
            PolicyError::ConditionKey(_) => "Policy has an invalid condition key".into(),
            PolicyError::ConditionValue { operator, .. } if operator.contains("IpAddress") => {
                "Invalid IP address in Conditions".into()
            }
            PolicyError::Shape { element, .. } => format!("Could not parse the policy: {element} has a wrong type"),
            other => other.to_string(),
        }
    }

    /// As IAM and STS word it.
    pub fn iam_message(&self) -> String {
        match self {
            PolicyError::FirstByte
            | PolicyError::Json(_)
            | PolicyError::Version
            | PolicyError::UnknownElement(_)
            | PolicyError::Missing("Statement" | "Effect")
            | PolicyError::EmptyStatement
            | PolicyError::Both(_)
            | PolicyError::Shape { .. }
            | PolicyError::Effect(_)
            | PolicyError::Operator(_) => "Syntax errors in policy.".into(),
            PolicyError::Missing("Action") => "Policy statement must contain actions.".into(),
            PolicyError::Missing("Resource") => "Policy statement must contain resources.".into(),
            PolicyError::SidTwice(_) => "Statement IDs (SID) in a single policy must be unique.".into(),
            PolicyError::SidLetters(_) => {
                "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"
                    .into()
            }
            PolicyError::ActionVendor(_) => "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.".into(),
            PolicyError::ActionColons(_) => "Actions/Condition can contain only one colon.".into(),
            PolicyError::ConditionValue { .. } | PolicyError::ConditionKey(_) | PolicyError::Variable(_) => {
                "The policy failed legacy parsing".into()
            }
            other => other.to_string(),
        }
    }
}
