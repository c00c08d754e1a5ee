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
    &ASSUME_ROLE,
    &GET_SESSION_TOKEN,
    &GET_ACCESS_KEY_INFO,
    &GET_FEDERATION_TOKEN,
    &ASSUME_ROLE_WITH_WEB_IDENTITY,
    &ASSUME_ROLE_WITH_SAML,
    &DECODE_AUTHORIZATION_MESSAGE,
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

pub static ASSUME_ROLE: Operation = Operation {
    name: "AssumeRole",
    service: &SERVICE,
    input: "AssumeRoleRequest",
    output: Some("AssumeRoleResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["RoleArn", "RoleSessionName"],
    members: &[
        "DurationSeconds",
        "ExternalId",
        "Policy",
        "PolicyArns.member.N.arn",
        "ProvidedContexts.member.N.ContextAssertion",
        "ProvidedContexts.member.N.ProviderArn",
        "RoleArn",
        "RoleSessionName",
        "SerialNumber",
        "SourceIdentity",
        "Tags.member.N.Key",
        "Tags.member.N.Value",
        "TokenCode",
        "TransitiveTagKeys.member.N",
    ],
};

impl Request for AssumeRoleRequest {
    type Reply = AssumeRoleResponse;
    fn operation() -> &'static Operation {
        &ASSUME_ROLE
    }
}

pub static GET_SESSION_TOKEN: Operation = Operation {
    name: "GetSessionToken",
    service: &SERVICE,
    input: "GetSessionTokenRequest",
    output: Some("GetSessionTokenResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "DurationSeconds",
        "SerialNumber",
        "TokenCode",
    ],
};

impl Request for GetSessionTokenRequest {
    type Reply = GetSessionTokenResponse;
    fn operation() -> &'static Operation {
        &GET_SESSION_TOKEN
    }
}

pub static GET_ACCESS_KEY_INFO: Operation = Operation {
    name: "GetAccessKeyInfo",
    service: &SERVICE,
    input: "GetAccessKeyInfoRequest",
    output: Some("GetAccessKeyInfoResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["AccessKeyId"],
    members: &[
        "AccessKeyId",
    ],
};

impl Request for GetAccessKeyInfoRequest {
    type Reply = GetAccessKeyInfoResponse;
    fn operation() -> &'static Operation {
        &GET_ACCESS_KEY_INFO
    }
}

pub static GET_FEDERATION_TOKEN: Operation = Operation {
    name: "GetFederationToken",
    service: &SERVICE,
    input: "GetFederationTokenRequest",
    output: Some("GetFederationTokenResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["Name"],
    members: &[
        "DurationSeconds",
        "Name",
        "Policy",
        "PolicyArns.member.N.arn",
        "Tags.member.N.Key",
        "Tags.member.N.Value",
    ],
};

impl Request for GetFederationTokenRequest {
    type Reply = GetFederationTokenResponse;
    fn operation() -> &'static Operation {
        &GET_FEDERATION_TOKEN
    }
}

pub static ASSUME_ROLE_WITH_WEB_IDENTITY: Operation = Operation {
    name: "AssumeRoleWithWebIdentity",
    service: &SERVICE,
    input: "AssumeRoleWithWebIdentityRequest",
    output: Some("AssumeRoleWithWebIdentityResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["RoleArn", "RoleSessionName", "WebIdentityToken"],
    members: &[
        "DurationSeconds",
        "Policy",
        "PolicyArns.member.N.arn",
        "ProviderId",
        "RoleArn",
        "RoleSessionName",
        "WebIdentityToken",
    ],
};

impl Request for AssumeRoleWithWebIdentityRequest {
    type Reply = AssumeRoleWithWebIdentityResponse;
    fn operation() -> &'static Operation {
        &ASSUME_ROLE_WITH_WEB_IDENTITY
    }
}

pub static ASSUME_ROLE_WITH_SAML: Operation = Operation {
    name: "AssumeRoleWithSAML",
    service: &SERVICE,
    input: "AssumeRoleWithSAMLRequest",
    output: Some("AssumeRoleWithSAMLResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["PrincipalArn", "RoleArn", "SAMLAssertion"],
    members: &[
        "DurationSeconds",
        "Policy",
        "PolicyArns.member.N.arn",
        "PrincipalArn",
        "RoleArn",
        "SAMLAssertion",
    ],
};

impl Request for AssumeRoleWithSAMLRequest {
    type Reply = AssumeRoleWithSAMLResponse;
    fn operation() -> &'static Operation {
        &ASSUME_ROLE_WITH_SAML
    }
}

pub static DECODE_AUTHORIZATION_MESSAGE: Operation = Operation {
    name: "DecodeAuthorizationMessage",
    service: &SERVICE,
    input: "DecodeAuthorizationMessageRequest",
    output: Some("DecodeAuthorizationMessageResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["EncodedMessage"],
    members: &[
        "EncodedMessage",
    ],
};

impl Request for DecodeAuthorizationMessageRequest {
    type Reply = DecodeAuthorizationMessageResponse;
    fn operation() -> &'static Operation {
        &DECODE_AUTHORIZATION_MESSAGE
    }
}
