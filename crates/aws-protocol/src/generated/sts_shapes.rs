//! Shapes of sts.
// Written by `cargo run -p xtask -- codegen` from the published service model; do not edit.

#[allow(unused_imports)]
use types::TimestampMs;

crate::shape::shape! {
pub struct GetCallerIdentityRequest {
}
}

crate::shape::shape! {
pub struct GetCallerIdentityResponse {
    pub account: Option<String> = ("Account", "Account", "Account"),
    pub arn: Option<String> = ("Arn", "Arn", "Arn"),
    pub user_id: Option<String> = ("UserId", "UserId", "UserId"),
}
}
