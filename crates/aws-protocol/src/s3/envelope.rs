//! Bodies that are not a shape of the model: errors, and the location of a bucket.

use super::NAMESPACE;
use crate::AwsError;
use crate::xml::escape;

pub(super) const XML_HEADER: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// S3's error body: `<Error>`, without a namespace. `resource` is the path that was asked for; empty leaves it out.
///
/// A reply to HEAD, and status 304, carry no body: the caller leaves it away.
/// Source: "Error responses", Amazon S3 API Reference.
pub fn error_xml(error: &AwsError, request_id: &str, host_id: &str, resource: &str) -> String {
    let mut out = String::from(XML_HEADER);
    out.push_str("<Error>");
    let mut element = |name: &str, text: &str| {
        out.push_str(&format!("<{name}>"));
        escape(text, &mut out);
        out.push_str(&format!("</{name}>"));
    };
    element("Code", &error.code);
    element("Message", &error.message);
    for (name, text) in error.details.iter().filter(|(name, _)| !is_header(name)) {
        element(name, text);
    }
    if !resource.is_empty() && error.detail("Resource").is_none() {
        element("Resource", resource);
    }
    element("RequestId", request_id);
    element("HostId", host_id);
    out.push_str("</Error>");
    out
}

/// Whether a detail of an error is a header of the reply and no element of its body: elements are in upper case.
pub fn is_header(detail: &str) -> bool {
    detail.starts_with(|c: char| c.is_ascii_lowercase())
}

/// The reply of GetBucketLocation: the value is the root's own text, which no shape can say. us-east-1 is written as nothing.
pub fn location_xml(region: &str) -> String {
    let (mut text, open) = (String::new(), format!("{XML_HEADER}<LocationConstraint xmlns=\"{NAMESPACE}\""));
    if region == "us-east-1" || region.is_empty() {
        return open + "/>";
    }
    escape(region, &mut text);
    format!("{open}>{text}</LocationConstraint>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_has_its_details_in_order_and_escaped() {
        let e = crate::s3::errors::no_such_key("a<b>&\u{1}c");
        assert_eq!(
            error_xml(&e, "REQ", "HOST", "/bucket/a"),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message>\
             <Key>a&lt;b&gt;&amp;\u{fffd}c</Key><Resource>/bucket/a</Resource><RequestId>REQ</RequestId><HostId>HOST</HostId></Error>"
        );
        assert!(!error_xml(&e, "REQ", "HOST", "").contains("Resource"));
    }

    #[test]
    fn locations() {
        let with = |s: &str| format!("{XML_HEADER}<LocationConstraint xmlns=\"{NAMESPACE}\"{s}");
        assert_eq!(location_xml("us-east-1"), with("/>"));
        assert_eq!(location_xml("eu-west-1"), with(">eu-west-1</LocationConstraint>"));
    }
}
