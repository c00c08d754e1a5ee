//! Operations of sts.
// Written by `cargo run -p xtask -- codegen` from the published service model; do not edit.

use super::sts_shapes::*;
use crate::{Operation, Protocol, Request, Service};

pub static SERVICE: Service = Service {
    name: "sts",
    protocol: Protocol::Query,
    version: "2011-06-15",
    xml_namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
    target_prefix: "",
    operations: OPERATIONS,
};

pub static OPERATIONS: &[&Operation] = &[
    &GET_CALLER_IDENTITY,
];

pub static GET_CALLER_IDENTITY: Operation = Operation {
    name: "GetCallerIdentity",
    service: &SERVICE,
    input: "GetCallerIdentityRequest",
    output: Some("GetCallerIdentityResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
    ],
};

impl Request for GetCallerIdentityRequest {
    type Reply = GetCallerIdentityResponse;
    fn operation() -> &'static Operation {
        &GET_CALLER_IDENTITY
    }
}
