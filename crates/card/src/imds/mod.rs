//! The instance metadata service, IMDSv2 (and v1 where the instance allows it), at 169.254.169.254:80 of every port.
//!
//! Knows only the configuration of the instance's own ports, so it answers while everything else is dead, and can answer
//! nothing about another instance. [`http`] parses requests, [`token`] makes and checks session tokens, [`tree`] is the content;
//! [`respond`] puts them together: a pure function of (request, port, tokens, now). `server` carries it over TCP.
//! Source: "Use the Instance Metadata Service to access instance metadata", EC2 User Guide.

pub mod http;
pub mod server;
pub mod token;
pub mod tree;

use http::{Method, Request, Response};
use token::Tokens;
use wire::net::PortConfig;

/// One day less than none: 6 hours, as in EC2.
const TTL_SECONDS_MAX: u32 = 21_600;

/// The answer to one request of the guest behind `ports[at]`, one of the host's.
pub fn respond(request: &Request<'_>, (ports, at): (&[PortConfig], usize), tokens: &Tokens, now_s: u64) -> Response {
    let Some(port) = ports.get(at) else { return Response::error(404) };
    let Some(metadata) = port.metadata.as_ref().filter(|m| m.enabled) else { return Response::error(403) };
    let path = request.path.split('?').next().unwrap_or_default();
    match request.method {
        Method::Put if path == "/latest/api/token" => {
            // A request that came through a proxy did not come from the instance itself.
            if request.forwarded_for {
                return Response::error(403);
            }
            let ttl = request.token_ttl.and_then(|t| t.parse::<u32>().ok()).filter(|t| (1..=TTL_SECONDS_MAX).contains(t));
            let Some(ttl) = ttl else { return Response::error(400) };
            let token = tokens.issue(port.id, metadata.instance, now_s + u64::from(ttl));
            Response::token(token, ttl, metadata.hop_limit.clamp(1, 64))
        }
        Method::Get | Method::Head => {
            let allowed = match request.token {
                Some(token) => tokens.check(token, port.id, metadata.instance, now_s),
                None => !metadata.tokens_required,
            };
            if !allowed {
                return Response::error(401);
            }
            match tree::lookup(ports, metadata.instance, path) {
                Some(body) => Response::ok(body),
                None => Response::error(404),
            }
        }
        Method::Put => Response::error(404),
        Method::Other => Response::error(405),
    }
}
