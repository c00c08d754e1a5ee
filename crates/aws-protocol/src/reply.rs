//! Envelopes: what goes around a reply or an error in each protocol.

use crate::error::Fault;
use crate::operation::{Operation, Protocol, Request, Service};
use crate::xml::escape;
use crate::{AwsError, JsonEncoder, SERVICES, Shape, XmlEncoder};

/// A reply, ready for the gateway to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpReply {
    pub status: u16,
    pub content_type: &'static str,
    /// Besides the content type; names in lower case.
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
}

impl HttpReply {
    fn new(status: u16, protocol: Protocol, request_id: &str, body: String) -> Self {
        let content_type = match protocol {
            Protocol::Ec2 => "text/xml;charset=UTF-8",
            Protocol::Query => "text/xml",
            Protocol::Json11 => "application/x-amz-json-1.1",
        };
        Self { status, content_type, headers: vec![("x-amzn-requestid", request_id.to_owned())], body }
    }
}

const XML_HEADER: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// The success reply of `R`'s operation, in its service's protocol.
pub fn encode<R: Request>(request_id: &str, reply: &R::Reply) -> HttpReply {
    let operation = R::operation();
    let protocol = operation.service.protocol;
    let body = match protocol {
        Protocol::Ec2 if operation.output.is_none() => ec2_empty_reply(operation.name, request_id),
        Protocol::Ec2 => ec2_reply_xml(operation.name, request_id, reply),
        Protocol::Query => query_reply_xml(operation, request_id, reply),
        Protocol::Json11 => json_reply(reply),
    };
    HttpReply::new(200, protocol, request_id, body)
}

fn xmlns(service: &str) -> &'static str {
    SERVICES.iter().find(|s| s.name == service).map_or("", |s| s.xml_namespace)
}

pub fn ec2_reply_xml(operation: &str, request_id: &str, reply: &impl Shape) -> String {
    ec2_envelope(operation, request_id, &XmlEncoder::inner(reply))
}

/// For an operation that answers nothing else.
pub fn ec2_empty_reply(operation: &str, request_id: &str) -> String {
    ec2_envelope(operation, request_id, "<return>true</return>")
}

fn ec2_envelope(operation: &str, request_id: &str, inner: &str) -> String {
    let (ns, id) = (xmlns("ec2"), escaped(request_id));
    format!("{XML_HEADER}<{operation}Response xmlns=\"{ns}\"><requestId>{id}</requestId>{inner}</{operation}Response>")
}

pub fn query_reply_xml(operation: &Operation, request_id: &str, reply: &impl Shape) -> String {
    let Operation { name, service: Service { xml_namespace, .. }, .. } = operation;
    let result = match operation.output {
        Some(_) => format!("<{name}Result>{}</{name}Result>", XmlEncoder::inner(reply)),
        None => String::new(),
    };
    let id = escaped(request_id);
    format!(
        "{XML_HEADER}<{name}Response xmlns=\"{xml_namespace}\">{result}<ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata></{name}Response>"
    )
}

pub fn json_reply(reply: &impl Shape) -> String {
    JsonEncoder::text(reply)
}

/// The error reply of a service. A service that is not known answers as a query service does.
pub fn error_reply(service: &str, request_id: &str, error: &AwsError) -> HttpReply {
    let service = SERVICES.iter().find(|s| s.name == service);
    let protocol = service.map_or(Protocol::Query, |s| s.protocol);
    let (code, message, id) = (escaped(&error.code), escaped(&error.message), escaped(request_id));
    let body = match protocol {
        Protocol::Ec2 => format!(
            "{XML_HEADER}<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors><RequestID>{id}</RequestID></Response>"
        ),
        Protocol::Query => {
            let kind = if error.fault == Fault::Sender { "Sender" } else { "Receiver" };
            let ns = service.map_or(String::new(), |s| format!(" xmlns=\"{}\"", s.xml_namespace));
            format!(
                "{XML_HEADER}<ErrorResponse{ns}><Error><Type>{kind}</Type><Code>{code}</Code><Message>{message}</Message></Error><RequestId>{id}</RequestId></ErrorResponse>"
            )
        }
        Protocol::Json11 => serde_json::json!({"__type": error.code, "message": error.message}).to_string(),
    };
    let mut reply = HttpReply::new(error.status, protocol, request_id, body);
    if protocol == Protocol::Json11 {
        reply.headers.push(("x-amzn-errortype", error.code.to_string()));
    }
    reply
}

fn escaped(v: &str) -> String {
    let mut out = String::with_capacity(v.len());
    escape(v, &mut out);
    out
}
