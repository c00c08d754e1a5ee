//! The website endpoint (`bucket.s3-website.localhost`): index and error documents, redirects, errors as pages.
//! Source: "Hosting a static website using Amazon S3", S3 User Guide.

use super::S3;
use super::ask::Ask;
use super::bucket::document;
use super::empty_reply;
use crate::answer::{Reply, plain, set};
use aws_protocol::AwsError;
use aws_protocol::s3::{self, errors};
use std::rc::Rc;

impl S3 {
    pub(super) async fn website(self: &Rc<Self>, ask: &Ask) -> Reply {
        let outcome = self.site_page(ask).await;
        match outcome {
            Ok(reply) => reply,
            Err(e) => page(&e, ask),
        }
    }

    async fn site_page(self: &Rc<Self>, ask: &Ask) -> Result<Reply, AwsError> {
        let bucket = self.bucket(ask).await?;
        let site: s3::WebsiteConfiguration = bucket
            .parsed(document::WEBSITE, "WebsiteConfiguration")
            .ok_or_else(|| errors::no_such_website_configuration(&ask.bucket))?;
        if let Some(all) = &site.redirect_all_requests_to {
            let (protocol, host) = (all.protocol.as_deref().unwrap_or("http"), all.host_name.as_deref().unwrap_or(""));
            return Ok(redirect(301, &format!("{protocol}://{host}{}", ask.path)));
        }
        let rules = site.routing_rules.as_deref().unwrap_or_default();
        if let Some(reply) = rules.iter().find_map(|r| routed(r, ask, None)) {
            return Ok(reply);
        }
        let suffix = site.index_document.and_then(|i| i.suffix).unwrap_or_default();
        let key = if ask.key.is_empty() || ask.key.ends_with('/') { format!("{}{suffix}", ask.key) } else { ask.key.clone() };
        let error = match self.document(ask, &key).await {
            Ok(reply) => return Ok(reply),
            Err(e) => e,
        };
        // A directory asked for without its slash.
        if error.status == 404 && key == ask.key && self.document(ask, &format!("{key}/{suffix}")).await.is_ok() {
            return Ok(redirect(302, &format!("{}/", ask.path)));
        }
        if let Some(reply) = rules.iter().find_map(|r| routed(r, ask, Some(error.status))) {
            return Ok(reply);
        }
        let Some(document) = site.error_document.and_then(|d| d.key).filter(|_| (400..500).contains(&error.status)) else {
            return Err(error);
        };
        let mut reply = self.document(ask, &document).await.map_err(|_| error.clone())?;
        *reply.status_mut() = hyper::StatusCode::from_u16(error.status).unwrap_or(hyper::StatusCode::NOT_FOUND);
        Ok(reply)
    }

    async fn document(self: &Rc<Self>, ask: &Ask, key: &str) -> Result<Reply, AwsError> {
        let one = Ask {
            key: key.to_owned(),
            region: ask.region.clone(),
            through: ask.through.clone(),
            id: ask.id.clone(),
            host_id: ask.host_id.clone(),
            bucket: ask.bucket.clone(),
            params: ask.params.clone(),
            method: ask.method.clone(),
            path: ask.path.clone(),
            query: ask.query.clone(),
            headers: ask.headers.clone(),
            who: ask.who.clone(),
            decided: Default::default(),
            ..*ask
        };
        let reply = self.get_object(&one).await;
        ask.decided.replace(one.decided.take());
        let reply = reply?;
        if let Some(to) = reply.headers().get("x-amz-website-redirect-location").and_then(|v| v.to_str().ok()) {
            return Ok(redirect(301, to));
        }
        Ok(reply)
    }
}

fn redirect(status: u16, to: &str) -> Reply {
    let mut reply = empty_reply(status);
    set(&mut reply, "location", to);
    reply
}

/// A routing rule's redirect, if it applies: before the object is looked at (`failed` is none), or after it failed.
fn routed(rule: &s3::RoutingRule, ask: &Ask, failed: Option<u16>) -> Option<Reply> {
    let condition = rule.condition.as_ref();
    let code = condition.and_then(|c| c.http_error_code_returned_equals.as_deref());
    let prefix = condition.and_then(|c| c.key_prefix_equals.as_deref());
    match (code, failed) {
        (None, None) => {}
        (Some(code), Some(status)) if code.parse() == Ok(status) => {}
        _ => return None,
    }
    if prefix.is_some_and(|p| !ask.key.starts_with(p)) {
        return None;
    }
    let to = rule.redirect.as_ref()?;
    let key = match (&to.replace_key_with, &to.replace_key_prefix_with) {
        (Some(key), _) => key.clone(),
        (None, Some(with)) => format!("{with}{}", &ask.key[prefix.unwrap_or("").len()..]),
        (None, None) => ask.key.clone(),
    };
    let host = to.host_name.as_deref().or(ask.header("host")).unwrap_or("localhost");
    let protocol = to.protocol.as_deref().unwrap_or("http");
    let status = to.http_redirect_code.as_deref().and_then(|c| c.parse().ok()).unwrap_or(301);
    Some(redirect(status, &format!("{protocol}://{host}/{key}")))
}

/// S3's own page for an error.
fn page(e: &AwsError, ask: &Ask) -> Reply {
    let title = hyper::StatusCode::from_u16(e.status).ok().and_then(|s| s.canonical_reason()).unwrap_or("Error");
    let escape = |s: &str| s.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let body = format!(
        "<html>\n<head><title>{0} {title}</title></head>\n<body>\n<h1>{0} {title}</h1>\n<ul>\n<li>Code: {1}</li>\n<li>Message: {2}</li>\n<li>RequestId: {3}</li>\n<li>HostId: {4}</li>\n</ul>\n<hr/>\n</body>\n</html>\n",
        e.status,
        escape(&e.code),
        escape(&e.message),
        ask.id,
        ask.host_id
    );
    let mut reply = plain(e.status, "text/html; charset=utf-8", body);
    set(&mut reply, "x-amz-error-code", &e.code);
    set(&mut reply, "x-amz-error-message", &e.message);
    reply
}
