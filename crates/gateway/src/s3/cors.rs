//! Cross-origin requests: preflights, and the marks on other replies. Source: "Using cross-origin resource sharing", S3
//! User Guide, and the Fetch standard.

use super::S3;
use super::ask::Ask;
use super::bucket::{Bucket, document};
use super::empty_reply;
use crate::answer::{Reply, set};
use aws_protocol::AwsError;
use aws_protocol::s3;

const VARY: &str = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";

impl S3 {
    pub(super) async fn preflight(&self, ask: &Ask) -> Result<Reply, AwsError> {
        let origin = ask
            .filled("origin")
            .ok_or_else(|| AwsError::new("BadRequest", "Insufficient information. Origin request header needed."))?;
        let method = ask
            .filled("access-control-request-method")
            .ok_or_else(|| AwsError::new("BadRequest", "Invalid Access-Control-Request-Method: null"))?;
        let asked: Vec<String> = ask
            .header("access-control-request-headers")
            .unwrap_or("")
            .split(',')
            .map(|h| h.trim().to_ascii_lowercase())
            .filter(|h| !h.is_empty())
            .collect();
        if ask.bucket.is_empty() {
            return Err(forbidden(ask, "CORSResponse: CORS is not enabled for this bucket."));
        }
        let bucket = self.bucket(ask).await?;
        let Some(config) = bucket.parsed::<s3::CORSConfiguration>(document::CORS, "CORSConfiguration") else {
            return Err(forbidden(ask, "CORSResponse: CORS is not enabled for this bucket."));
        };
        let rules = config.cors_rules.unwrap_or_default();
        let rule = rules.iter().find(|r| fits(r, origin, method) && asked.iter().all(|h| allows_header(r, h)));
        let Some(rule) = rule else {
            return Err(forbidden(
                ask,
                "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.",
            ));
        };
        let mut reply = empty_reply(200);
        write(&mut reply, rule, origin);
        if !asked.is_empty() {
            set(&mut reply, "access-control-allow-headers", &asked.join(", "));
        }
        Ok(reply)
    }
}

fn forbidden(ask: &Ask, why: &str) -> AwsError {
    AwsError::new("AccessForbidden", why)
        .with_status(403)
        .with("Method", ask.header("access-control-request-method").unwrap_or(""))
        .with("ResourceType", if ask.key.is_empty() { "BUCKET" } else { "OBJECT" })
}

/// Adds what a browser wants to see, if a rule of the bucket fits.
pub fn mark(reply: &mut Reply, bucket: &Bucket, origin: &str, method: &str) {
    if reply.headers().contains_key("access-control-allow-origin") {
        return;
    }
    let Some(config) = bucket.parsed::<s3::CORSConfiguration>(document::CORS, "CORSConfiguration") else { return };
    let rules = config.cors_rules.unwrap_or_default();
    if let Some(rule) = rules.iter().find(|r| fits(r, origin, method)) {
        write(reply, rule, origin);
    }
}

fn write(reply: &mut Reply, rule: &s3::CORSRule, origin: &str) {
    let any = rule.allowed_origins.as_deref().unwrap_or_default().iter().any(|o| o == "*");
    set(reply, "access-control-allow-origin", if any { "*" } else { origin });
    if !any {
        set(reply, "access-control-allow-credentials", "true");
    }
    set(reply, "access-control-allow-methods", &rule.allowed_methods.as_deref().unwrap_or_default().join(", "));
    if let Some(exposed) = rule.expose_headers.as_deref().filter(|e| !e.is_empty()) {
        set(reply, "access-control-expose-headers", &exposed.join(", "));
    }
    if let Some(age) = rule.max_age_seconds {
        set(reply, "access-control-max-age", &age.to_string());
    }
    set(reply, "vary", VARY);
}

fn fits(rule: &s3::CORSRule, origin: &str, method: &str) -> bool {
    rule.allowed_origins.as_deref().unwrap_or_default().iter().any(|o| matches_star(o, origin))
        && rule.allowed_methods.as_deref().unwrap_or_default().iter().any(|m| m == method)
}

fn allows_header(rule: &s3::CORSRule, header: &str) -> bool {
    rule.allowed_headers.as_deref().unwrap_or_default().iter().any(|h| matches_star(&h.to_ascii_lowercase(), header))
}

/// At most one star, which stands for anything.
fn matches_star(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, tail)) => text.len() >= head.len() + tail.len() && text.starts_with(head) && text.ends_with(tail),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars() {
        for (pattern, text, wanted) in [
            ("*", "https://a.com", true),
            ("https://*.a.com", "https://x.a.com", true),
            ("https://*.a.com", "https://a.com", false),
            ("http://a.com", "http://a.com", true),
            ("http://a.com", "http://a.comx", false),
            ("aba*aba", "aba", false),
        ] {
            assert_eq!(matches_star(pattern, text), wanted, "{pattern} {text}");
        }
    }
}
