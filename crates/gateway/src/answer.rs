//! Replies as they go out, and the error envelope that each kind of client can read.

use crate::body::ReplyBody;
use aws_protocol::{AwsError, HttpReply, Protocol, SERVICES, error_reply};
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue, SERVER};
use hyper::{Response, StatusCode};
use wire::api::ApiReply;
use wire::identity::Trace;

pub type Reply = Response<ReplyBody>;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

/// How the caller expects its errors, known long before the request is proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Envelope {
    Api(Protocol),
    S3,
}

impl Envelope {
    /// By the service of the credential scope, else by the look of the request.
    pub fn guess(service: Option<&str>, content_type: Option<&str>, target: Option<&str>) -> Self {
        if service == Some("s3") {
            return Self::S3;
        }
        if let Some(known) = service.and_then(|s| SERVICES.iter().find(|k| k.name == s)) {
            return Self::Api(known.protocol);
        }
        let json = target.is_some() || content_type.is_some_and(|t| t.starts_with("application/x-amz-json"));
        Self::Api(if json { Protocol::Json11 } else { Protocol::Query })
    }

    pub fn protocol(self) -> Protocol {
        match self {
            Self::Api(protocol) => protocol,
            Self::S3 => Protocol::Query,
        }
    }

    /// The error, worded in the envelope.
    pub fn error(self, request_id: &str, error: &AwsError) -> Reply {
        match self {
            Self::S3 => {
                let body = format!(
                    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{}</Code><Message>{}</Message><RequestId>{request_id}</RequestId></Error>",
                    escaped(&error.code),
                    escaped(&error.message)
                );
                let mut reply = plain(error.status, "application/xml", body);
                set(&mut reply, "x-amz-request-id", request_id);
                finish(reply, request_id)
            }
            Self::Api(protocol) => {
                // The envelope of a service of that protocol: unknown services get the shape their clients read.
                let service = SERVICES.iter().find(|s| s.protocol == protocol).map_or("", |s| s.name);
                reply_of(request_id, error_reply(service, request_id, error))
            }
        }
    }

    /// The service cannot be had now; the client tries again.
    pub fn unavailable(self, message: &str) -> AwsError {
        match self {
            Self::Api(Protocol::Ec2) => AwsError::unavailable(message),
            Self::Api(Protocol::Query) => AwsError::receiver("ServiceUnavailable", message, 503),
            Self::Api(Protocol::Json11) => AwsError::receiver("ServiceUnavailableException", message, 503),
            Self::S3 => AwsError::receiver("ServiceUnavailable", message, 503),
        }
    }

    /// Its account comes too often, or has its share of what there is: SDKs back off.
    pub fn throttled_by(self, service: &str) -> AwsError {
        match service {
            // As its API Reference words it.
            "servicequotas" => {
                let message = "Due to throttling, the request was denied. Slow down the rate of request calls, or request an increase for this quota.";
                AwsError::receiver("TooManyRequestsException", message, 400)
            }
            "kms" => {
                let message = "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.";
                AwsError::receiver("ThrottlingException", message, 400)
            }
            _ => self.throttled(),
        }
    }

    pub fn throttled(self) -> AwsError {
        match self {
            Self::Api(Protocol::Ec2) => AwsError::request_limit_exceeded(),
            Self::Api(Protocol::Json11) => AwsError::receiver("ThrottlingException", "Rate exceeded", 400),
            Self::Api(Protocol::Query) => AwsError::receiver("Throttling", "Rate exceeded", 400),
            Self::S3 => AwsError::receiver("SlowDown", "Please reduce your request rate.", 503),
        }
    }

    /// It may have happened: the client asks again with the same token.
    pub fn internal(self, message: &str) -> AwsError {
        match self {
            Self::Api(Protocol::Ec2) | Self::S3 => AwsError::internal(message),
            Self::Api(Protocol::Query) => AwsError::receiver("InternalFailure", message, 500),
            Self::Api(Protocol::Json11) => AwsError::receiver("InternalServerError", message, 500),
        }
    }

    /// The request is malformed as such.
    pub fn malformed(self, message: &str) -> AwsError {
        match self {
            Self::Api(Protocol::Json11) => AwsError::serialization(message),
            _ => AwsError::malformed_query_string(message),
        }
    }
}

/// A reply that was made here, as the control plane's come.
pub fn own(reply: HttpReply, traces: Vec<Trace>) -> ApiReply {
    let HttpReply { status, content_type, headers, body } = reply;
    let headers = headers.into_iter().map(|(n, v)| (n.to_owned(), v)).collect();
    ApiReply { status, content_type: content_type.to_owned(), headers, body, traces }
}

/// The control plane's own reply.
pub fn relay(request_id: &str, reply: ApiReply) -> Reply {
    let mut out = plain(reply.status, &reply.content_type, reply.body);
    for (name, value) in &reply.headers {
        set(&mut out, name, value);
    }
    finish(out, request_id)
}

/// A reply made here.
pub fn reply_of(request_id: &str, reply: HttpReply) -> Reply {
    let HttpReply { status, content_type, headers, body } = reply;
    let mut out = plain(status, content_type, body);
    for (name, value) in headers {
        set(&mut out, name, &value);
    }
    finish(out, request_id)
}

pub fn plain(status: u16, content_type: &str, body: impl Into<Bytes>) -> Reply {
    let mut reply = Response::new(ReplyBody::from(body.into()));
    *reply.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Ok(value) = HeaderValue::from_str(content_type) {
        reply.headers_mut().insert(CONTENT_TYPE, value);
    }
    reply.headers_mut().insert(SERVER, HeaderValue::from_static("stratocell"));
    reply
}

/// Headers come from peers of ours; one that cannot be a header is left out rather than believed.
pub fn set(reply: &mut Reply, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
        reply.headers_mut().insert(name, value);
    }
}

/// With the request's id.
pub fn finish(mut reply: Reply, request_id: &str) -> Reply {
    if let Ok(value) = HeaderValue::from_str(request_id) {
        reply.headers_mut().insert(REQUEST_ID, value);
    }
    reply
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
