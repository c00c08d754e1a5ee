//! [`AwsError`]: what a caller is told when a request fails; code and status exact to the letter, the message for a human.

use crate::Protocol;
use std::borrow::Cow;

/// Whose mistake it was. Clients decide by it (and by the status) whether to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    Sender,
    Receiver,
}

/// An error as AWS words it. The envelope is made by [`crate::error_reply`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct AwsError {
    pub code: Cow<'static, str>,
    pub message: String,
    pub status: u16,
    pub fault: Fault,
    /// The same request may succeed later.
    pub retryable: bool,
    /// What the error tells besides, by element name. Only S3's envelope has room for it.
    pub details: Vec<(&'static str, String)>,
}

impl AwsError {
    /// The caller's mistake: status 400, no use in trying again.
    pub fn new(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            status: 400,
            fault: Fault::Sender,
            retryable: false,
            details: Vec::new(),
        }
    }

    /// The service's failure: status 500 or 503, worth another try.
    pub fn receiver(code: impl Into<Cow<'static, str>>, message: impl Into<String>, status: u16) -> Self {
        Self { code: code.into(), message: message.into(), status, fault: Fault::Receiver, retryable: true, details: Vec::new() }
    }

    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    pub fn retryable(mut self) -> Self {
        self.retryable = true;
        self
    }

    /// Adds a further element to S3's error body.
    pub fn with(mut self, element: &'static str, text: impl Into<String>) -> Self {
        self.details.push((element, text.into()));
        self
    }

    /// The text of a further element.
    pub fn detail(&self, element: &str) -> Option<&str> {
        self.details.iter().find(|(name, _)| *name == element).map(|(_, text)| text.as_str())
    }

    pub fn is(&self, code: &str) -> bool {
        self.code == code
    }

    // What is wrong with the request as such.

    pub fn malformed_query_string(message: impl Into<String>) -> Self {
        Self::new("MalformedQueryString", message)
    }

    pub fn invalid_action(action: &str) -> Self {
        Self::new("InvalidAction", format!("The action {} is not valid for this web service.", clip(action)))
    }

    pub fn missing_action() -> Self {
        Self::new("MissingAction", "The request must contain the parameter Action.")
    }

    pub fn missing_parameter(wire_path: &str) -> Self {
        Self::new("MissingParameter", format!("The request must contain the parameter {}", clip(wire_path)))
    }

    /// How services of the query protocol miss required parameters.
    pub fn members_null(names: &[&str]) -> Self {
        let each = names.iter().map(|name| {
            let (first, rest) = name.split_at_checked(1).unwrap_or((name, ""));
            let name = format!("{}{rest}", first.to_ascii_lowercase());
            format!("Value null at '{name}' failed to satisfy constraint: Member must not be null")
        });
        let (count, each) = (names.len(), each.collect::<Vec<_>>().join("; "));
        let errors = if count == 1 { "error" } else { "errors" };
        Self::new("ValidationError", format!("{count} validation {errors} detected: {each}"))
    }

    pub fn unknown_parameter(wire_path: &str) -> Self {
        Self::new("UnknownParameter", format!("The parameter {} is not recognized", clip(wire_path)))
    }

    pub fn invalid_parameter_value(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterValue", message)
    }

    /// The usual sentence for a value that does not parse.
    pub fn invalid_value(wire_path: &str, value: &str, wanted: &str) -> Self {
        Self::invalid_parameter_value(format!("Value ({}) for parameter {} is invalid. {wanted}", clip(value), clip(wire_path)))
    }

    pub fn invalid_parameter_combination(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterCombination", message)
    }

    /// A parameter or an operation that AWS has and this product does not.
    pub fn unsupported_operation(message: impl Into<String>) -> Self {
        Self::new("UnsupportedOperation", message)
    }

    pub fn serialization(message: impl Into<String>) -> Self {
        Self::new("SerializationException", message)
    }

    // What is wrong with what it asks for.

    /// `code` names the kind, for instance `InvalidVpcID.NotFound`; `what` is "vpc ID".
    pub fn not_found(code: impl Into<Cow<'static, str>>, what: &str, id: &str) -> Self {
        Self::new(code, format!("The {what} '{}' does not exist", clip(id)))
    }

    pub fn malformed_id(code: impl Into<Cow<'static, str>>, id: &str) -> Self {
        Self::new(code, format!("Invalid id: \"{}\"", clip(id)))
    }

    pub fn dependency_violation(message: impl Into<String>) -> Self {
        Self::new("DependencyViolation", message)
    }

    pub fn incorrect_instance_state(message: impl Into<String>) -> Self {
        Self::new("IncorrectInstanceState", message)
    }

    pub fn idempotent_parameter_mismatch() -> Self {
        Self::new(
            "IdempotentParameterMismatch",
            "The request uses the same client token as a previous, but non-identical request.",
        )
    }

    // What the dispatcher says.

    pub fn dry_run_operation() -> Self {
        Self::new("DryRunOperation", "Request would have succeeded, but DryRun flag is set.").with_status(412)
    }

    /// The caller may not; `sentence` says who, what and why not.
    pub fn access_denied(protocol: Protocol, sentence: String) -> Self {
        match protocol {
            Protocol::Ec2 => {
                let sentence = format!("You are not authorized to perform this operation. {sentence}");
                Self::new("UnauthorizedOperation", sentence).with_status(403)
            }
            Protocol::Query => Self::new("AccessDenied", sentence).with_status(403),
            Protocol::Json11 => Self::new("AccessDeniedException", sentence),
        }
    }

    pub fn request_limit_exceeded() -> Self {
        Self::receiver("RequestLimitExceeded", "Request limit exceeded.", 503)
    }

    pub fn insufficient_instance_capacity(message: impl Into<String>) -> Self {
        Self::receiver("InsufficientInstanceCapacity", message, 500)
    }

    pub fn internal(message: impl Into<String>) -> Self {
        Self::receiver("InternalError", message, 500)
    }

    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::receiver("Unavailable", message, 503)
    }
}

/// What a caller sent, short enough to be repeated to him.
pub(crate) fn clip(s: &str) -> Cow<'_, str> {
    const SHOWN_CHARS_MAX: usize = 128;
    match s.char_indices().nth(SHOWN_CHARS_MAX) {
        None => Cow::Borrowed(s),
        Some((end, _)) => Cow::Owned(format!("{}...", &s[..end])),
    }
}
