//! Stickiness cookies. A value is `<token>.<end, unix seconds in hex>`: the token is a hash, so it names a target or a group to
//! balancers that know it and tells a client nothing; the end is checked here too, for clients keep cookies as they like.

use crate::headers::cookie;
use crate::target::Target;
use hyper::header::{HeaderMap, HeaderValue, SET_COOKIE};
use wire::balancer::Stickiness;

const TARGET: &str = "AWSALB";
const TARGET_CORS: &str = "AWSALBCORS";
const APP: &str = "AWSALBAPP-0";
const GROUP: &str = "AWSALBTG";
const GROUP_CORS: &str = "AWSALBTGCORS";

fn valid(value: &str, unix_ms: u64) -> Option<&str> {
    let (token, end) = value.split_once('.')?;
    (u64::from_str_radix(end, 16).ok()? * 1000 > unix_ms).then_some(token)
}

/// The target that a request is bound to.
pub fn target(stickiness: &Stickiness, headers: &HeaderMap, unix_ms: u64) -> Option<String> {
    let value = match stickiness {
        Stickiness::LbCookie { .. } => cookie(headers, TARGET),
        // The balancer's cookie counts only beside the application's.
        Stickiness::AppCookie { name, .. } => cookie(headers, name).and_then(|_| cookie(headers, APP)),
        Stickiness::SourceIp => None,
    };
    valid(value?, unix_ms).map(str::to_owned)
}

/// The group that a request is bound to.
pub fn group(headers: &HeaderMap, unix_ms: u64) -> Option<&str> {
    valid(cookie(headers, GROUP)?, unix_ms)
}

fn set(name: &str, token: &str, seconds: u32, suffix: &str, unix_ms: u64, headers: &mut HeaderMap) {
    let end = unix_ms / 1000 + u64::from(seconds);
    if let Ok(value) = HeaderValue::from_str(&format!("{name}={token}.{end:x}; Max-Age={seconds}; Path=/{suffix}")) {
        headers.append(SET_COOKIE, value);
    }
}

/// Binds the client to a target. `app_sets`: the answer sets the application's cookie.
pub fn set_target(stickiness: &Stickiness, target: &Target, app_sets: bool, unix_ms: u64, headers: &mut HeaderMap) {
    match stickiness {
        Stickiness::LbCookie { duration_seconds } => {
            set(TARGET, &target.token, *duration_seconds, "", unix_ms, headers);
            set(TARGET_CORS, &target.token, *duration_seconds, "; SameSite=None; Secure", unix_ms, headers);
        }
        Stickiness::AppCookie { duration_seconds, .. } if app_sets => {
            set(APP, &target.token, *duration_seconds, "", unix_ms, headers);
        }
        Stickiness::AppCookie { .. } | Stickiness::SourceIp => {}
    }
}

pub fn set_group(token: &str, seconds: u32, unix_ms: u64, headers: &mut HeaderMap) {
    set(GROUP, token, seconds, "", unix_ms, headers);
    set(GROUP_CORS, token, seconds, "; SameSite=None; Secure", unix_ms, headers);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_binds_until_its_end() {
        let mut answer = HeaderMap::new();
        set_group("abc", 10, 5_000, &mut answer);
        let text = answer[SET_COOKIE].to_str().unwrap().to_owned();
        let mut request = HeaderMap::new();
        request.insert("cookie", HeaderValue::from_str(text.split(';').next().unwrap()).unwrap());
        assert_eq!((group(&request, 14_999), group(&request, 15_000)), (Some("abc"), None));
        for bad in ["", "abc", "abc.", "abc.zz", ".ffffffffffffffffff"] {
            assert_eq!(valid(bad, 0), None, "{bad}");
        }
    }
}
