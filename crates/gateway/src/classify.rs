//! What a proven request asks for: the form or the JSON operation, and whether that changes anything. Pure.

use aws_protocol::{AwsError, Protocol};
use wire::api::ApiProtocol;

/// Whether it may have changed something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    Read,
    /// Makes or changes something.
    Write,
}

impl Class {
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub protocol: ApiProtocol,
    /// `RunInstances`; empty when the request does not say (the control plane words the error).
    pub action: String,
    pub class: Class,
    pub body: String,
    pub target: Option<String>,
}

/// The parts of a request that say what is asked.
pub struct Asked<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub query: &'a str,
    pub content_type: Option<&'a str>,
    pub target: Option<&'a str>,
    pub body: &'a [u8],
}

pub fn classify(protocol: Protocol, asked: &Asked<'_>) -> Result<Call, AwsError> {
    if asked.path != "/" {
        return Err(AwsError::new("InvalidAction", "The API is at the path / of this endpoint.").with_status(404));
    }
    match protocol {
        Protocol::Json11 => json(asked),
        Protocol::Ec2 | Protocol::Query => form(asked),
    }
}

fn json(asked: &Asked<'_>) -> Result<Call, AwsError> {
    if asked.method != "POST" {
        return Err(wrong_method("POST"));
    }
    let target = asked
        .target
        .ok_or_else(|| AwsError::new("UnknownOperationException", "The header X-Amz-Target must name the operation."))?;
    let body = String::from_utf8(asked.body.to_vec()).map_err(|_| AwsError::serialization("The body is not UTF-8."))?;
    let action = target.rsplit('.').next().unwrap_or("").to_owned();
    Ok(Call { protocol: ApiProtocol::Json11, class: class(&action), action, body, target: Some(target.to_owned()) })
}

fn form(asked: &Asked<'_>) -> Result<Call, AwsError> {
    let query = without_signature(asked.query);
    let body = match asked.method {
        "GET" if asked.body.is_empty() => query,
        "GET" => return Err(AwsError::malformed_query_string("A GET request has its parameters in the query and no body.")),
        "POST" => {
            if let Some(kind) = asked.content_type.filter(|_| !asked.body.is_empty())
                && !kind.trim_start().to_ascii_lowercase().starts_with("application/x-www-form-urlencoded")
            {
                return Err(AwsError::malformed_query_string(
                    "The body must be of the content type application/x-www-form-urlencoded.",
                ));
            }
            let body = std::str::from_utf8(asked.body).map_err(|_| AwsError::malformed_query_string("The body is not UTF-8."))?;
            match (query.is_empty(), body.is_empty()) {
                (true, _) => body.to_owned(),
                (false, true) => query,
                (false, false) => format!("{query}&{body}"),
            }
        }
        _ => return Err(wrong_method("GET and POST")),
    };
    let action = action_of(&body).to_owned();
    Ok(Call { protocol: ApiProtocol::Form, class: class(&action), action, body, target: None })
}

fn wrong_method(allowed: &str) -> AwsError {
    AwsError::new("MethodNotAllowed", format!("This endpoint answers {allowed}.")).with_status(405)
}

/// The query as it came, without the parameters of a presigned URL: they are no parameters of the operation.
fn without_signature(query: &str) -> String {
    let kept: Vec<&str> = query
        .split('&')
        .filter(|p| !p.is_empty())
        .filter(|p| !p.get(..6).is_some_and(|head| head.eq_ignore_ascii_case("X-Amz-")))
        .collect();
    kept.join("&")
}

/// The value of `Action`. Names of operations are letters and digits, so nothing is encoded in one that exists.
pub fn action_of(form: &str) -> &str {
    let value = form.split('&').find_map(|p| p.strip_prefix("Action=")).unwrap_or("");
    if value.len() <= 64 && value.bytes().all(|b| b.is_ascii_alphanumeric()) { value } else { "" }
}

pub fn class(action: &str) -> Class {
    match action {
        // Changes nothing.
        a if crate::kms::is_local(a) => Class::Read,
        a if ["Describe", "Get", "List", "Lookup"].iter().any(|p| a.starts_with(p)) => Class::Read,
        _ => Class::Write,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked<'a>(method: &'a str, query: &'a str, body: &'a [u8]) -> Asked<'a> {
        Asked {
            method,
            path: "/",
            query,
            content_type: Some("application/x-www-form-urlencoded; charset=utf-8"),
            target: None,
            body,
        }
    }

    #[test]
    fn forms_come_in_the_body_or_in_the_query() {
        for (method, query, body, form) in [
            ("POST", "", &b"Action=DescribeVpcs&Version=1"[..], "Action=DescribeVpcs&Version=1"),
            ("GET", "Action=DescribeVpcs&X-Amz-Signature=ab&x-amz-date=1&X=1", b"", "Action=DescribeVpcs&X=1"),
            ("POST", "Action=DescribeVpcs", b"", "Action=DescribeVpcs"),
            ("POST", "A=1", b"Action=DescribeVpcs", "A=1&Action=DescribeVpcs"),
        ] {
            let call = classify(Protocol::Ec2, &asked(method, query, body)).unwrap();
            assert_eq!((call.body.as_str(), call.action.as_str(), call.class), (form, "DescribeVpcs", Class::Read));
        }
    }

    #[test]
    fn what_is_no_form_is_refused() {
        let code = |r: Result<Call, AwsError>| r.unwrap_err().code.into_owned();
        assert_eq!(code(classify(Protocol::Ec2, &asked("GET", "", b"x"))), "MalformedQueryString");
        assert_eq!(code(classify(Protocol::Ec2, &asked("POST", "", b"\xff"))), "MalformedQueryString");
        assert_eq!(code(classify(Protocol::Query, &asked("PUT", "", b""))), "MethodNotAllowed");
        let json = Asked { content_type: Some("application/json"), ..asked("POST", "", b"{}") };
        assert_eq!(code(classify(Protocol::Ec2, &json)), "MalformedQueryString");
        assert_eq!(code(classify(Protocol::Ec2, &Asked { path: "/bucket", ..asked("GET", "", b"") })), "InvalidAction");
    }

    #[test]
    fn json_names_its_operation_in_a_header() {
        let with = |target| Asked { target, ..asked("POST", "", b"{}") };
        let call = classify(Protocol::Json11, &with(Some("AmazonSSM.GetParameter"))).unwrap();
        assert_eq!((call.action.as_str(), call.class, call.protocol), ("GetParameter", Class::Read, ApiProtocol::Json11));
        assert_eq!(classify(Protocol::Json11, &with(None)).unwrap_err().code, "UnknownOperationException");
    }

    #[test]
    fn classes() {
        assert_eq!(
            [class("RunInstances"), class("ListTags"), class("DeleteVpc"), class("")],
            [Class::Write, Class::Read, Class::Write, Class::Write]
        );
        assert_eq!(action_of("Action=Run%49nstances&Action=X"), "");
    }
}
