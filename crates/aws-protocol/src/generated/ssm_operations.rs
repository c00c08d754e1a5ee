//! Operations of ssm.
// Written by `cargo run -p xtask -- codegen` from the published service model; do not edit.

use super::ssm_shapes::*;
use crate::{Operation, Protocol, Request, Service};

pub static SERVICE: Service = Service {
    name: "ssm",
    protocol: Protocol::Json11,
    version: "2014-11-06",
    xml_namespace: "",
    target_prefix: "AmazonSSM",
    operations: OPERATIONS,
};

pub static OPERATIONS: &[&Operation] = &[
    &GET_PARAMETER,
    &GET_PARAMETERS,
];

pub static GET_PARAMETER: Operation = Operation {
    name: "GetParameter",
    service: &SERVICE,
    input: "GetParameterRequest",
    output: Some("GetParameterResult"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["Name"],
    members: &[
        "Name",
        "WithDecryption",
    ],
};

impl Request for GetParameterRequest {
    type Reply = GetParameterResult;
    fn operation() -> &'static Operation {
        &GET_PARAMETER
    }
}

pub static GET_PARAMETERS: Operation = Operation {
    name: "GetParameters",
    service: &SERVICE,
    input: "GetParametersRequest",
    output: Some("GetParametersResult"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["Names"],
    members: &[
        "Names.N",
        "WithDecryption",
    ],
};

impl Request for GetParametersRequest {
    type Reply = GetParametersResult;
    fn operation() -> &'static Operation {
        &GET_PARAMETERS
    }
}
