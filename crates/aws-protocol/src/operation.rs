//! The operation table: what the model says about each operation, for the one dispatcher that serves them all.

use crate::form::{Form, FormDecoder};
use crate::json::JsonDecoder;
use crate::{AwsError, SERVICES, Shape};
use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// A form in, flattened lists; XML out, members directly inside the response.
    Ec2,
    /// A form in, `List.member.N`; XML out, inside a result element.
    Query,
    /// JSON in and out, the operation in `X-Amz-Target`.
    Json11,
}

pub struct Service {
    /// As in a credential scope and in endpoint names.
    pub name: &'static str,
    pub protocol: Protocol,
    pub version: &'static str,
    /// Empty for JSON.
    pub xml_namespace: &'static str,
    /// `AmazonSSM` in `X-Amz-Target: AmazonSSM.GetParameter`; empty for the form protocols.
    pub target_prefix: &'static str,
    pub operations: &'static [&'static Operation],
}

/// By name: a service and its operations refer to each other.
impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Service").field(&self.name).finish()
    }
}

/// Names are the model's member names, not wire names.
#[derive(Debug, PartialEq, Eq)]
pub struct Paginator {
    pub input_token: &'static str,
    pub output_token: &'static str,
    pub limit_key: Option<&'static str>,
    pub result_keys: &'static [&'static str],
}

#[derive(Debug)]
pub struct Operation {
    pub name: &'static str,
    pub service: &'static Service,
    pub input: &'static str,
    /// `None`: the reply only says that it was done.
    pub output: Option<&'static str>,
    pub paginator: Option<Paginator>,
    pub dry_run: bool,
    pub client_token: bool,
    pub filters: bool,
    pub tag_specifications: bool,
    /// Top-level parameters, by wire name, without which the request is refused.
    pub required: &'static [&'static str],
    /// Every parameter there can be, sorted, list positions written `N`: `NetworkInterface.N.SecurityGroupId.N`.
    pub members: &'static [&'static str],
}

impl Operation {
    /// Whether the model has a parameter of this normalised path (see `members`).
    pub fn has_member(&self, normalised: &str) -> bool {
        self.members.binary_search(&normalised).is_ok()
    }
}

/// The input of an operation; ties the three together at compile time.
pub trait Request: Shape {
    /// `()` if the operation answers nothing.
    type Reply: Shape;
    fn operation() -> &'static Operation;
}

/// The operation `action` of the service that signs as `service`.
pub fn find_operation(service: &str, action: &str) -> Option<&'static Operation> {
    let service = SERVICES.iter().find(|s| s.name == service)?;
    service.operations.iter().copied().find(|o| o.name == action)
}

/// Reads a form request: refuses parameters that the model does not have and the lack of required ones.
pub fn decode<R: Request>(form: &Form) -> Result<R, AwsError> {
    let operation = R::operation();
    if let Some(path) = form.unknown_parameter(operation) {
        return Err(AwsError::unknown_parameter(&path));
    }
    let missing: Vec<&str> = operation.required.iter().copied().filter(|name| !form.has(name)).collect();
    match (missing.as_slice(), operation.service.protocol) {
        ([], _) => R::decode(&mut FormDecoder::new(form)),
        (all, Protocol::Query) => Err(AwsError::members_null(all)),
        ([name, ..], _) => Err(AwsError::missing_parameter(name)),
    }
}

/// Reads a JSON request. Members that the model does not have are ignored, as AWS's JSON services do.
pub fn decode_json<R: Request>(body: &[u8]) -> Result<R, AwsError> {
    let value = if body.is_empty() {
        serde_json::Value::Object(serde_json::Map::new())
    } else {
        serde_json::from_slice(body).map_err(|e| AwsError::serialization(format!("The body is not JSON: {e}")))?
    };
    let operation = R::operation();
    if let Some(name) = operation.required.iter().find(|name| value.get(name).is_none_or(|v| v.is_null())) {
        return Err(AwsError::new(
            "ValidationException",
            format!("Value null at '{name}' failed to satisfy constraint: Member must not be null"),
        ));
    }
    R::decode(&mut JsonDecoder::new(&value))
}
