//! Operations of acm.
// Written by `cargo run -p xtask -- codegen` from the published service model; do not edit.

use super::acm_shapes::*;
use crate::{Operation, Paginator, Protocol, Request, Service};

pub static SERVICE: Service = Service {
    name: "acm",
    protocol: Protocol::Json11,
    version: "2015-12-08",
    xml_namespace: "",
    target_prefix: "CertificateManager",
    operations: OPERATIONS,
};

pub static OPERATIONS: &[&Operation] = &[
    &IMPORT_CERTIFICATE,
    &REQUEST_CERTIFICATE,
    &DESCRIBE_CERTIFICATE,
    &GET_CERTIFICATE,
    &LIST_CERTIFICATES,
    &DELETE_CERTIFICATE,
    &ADD_TAGS_TO_CERTIFICATE,
    &LIST_TAGS_FOR_CERTIFICATE,
    &REMOVE_TAGS_FROM_CERTIFICATE,
];

pub static IMPORT_CERTIFICATE: Operation = Operation {
    name: "ImportCertificate",
    service: &SERVICE,
    input: "ImportCertificateRequest",
    output: Some("ImportCertificateResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["Certificate", "PrivateKey"],
    members: &[
        "Certificate",
        "CertificateArn",
        "CertificateChain",
        "PrivateKey",
        "Tags.N.Key",
        "Tags.N.Value",
    ],
};

impl Request for ImportCertificateRequest {
    type Reply = ImportCertificateResponse;
    fn operation() -> &'static Operation {
        &IMPORT_CERTIFICATE
    }
}

pub static REQUEST_CERTIFICATE: Operation = Operation {
    name: "RequestCertificate",
    service: &SERVICE,
    input: "RequestCertificateRequest",
    output: Some("RequestCertificateResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["DomainName"],
    members: &[
        "CertificateAuthorityArn",
        "DomainName",
        "DomainValidationOptions.N.DomainName",
        "DomainValidationOptions.N.ValidationDomain",
        "IdempotencyToken",
        "KeyAlgorithm",
        "ManagedBy",
        "Options.CertificateTransparencyLoggingPreference",
        "Options.Export",
        "SubjectAlternativeNames.N",
        "Tags.N.Key",
        "Tags.N.Value",
        "ValidationMethod",
    ],
};

impl Request for RequestCertificateRequest {
    type Reply = RequestCertificateResponse;
    fn operation() -> &'static Operation {
        &REQUEST_CERTIFICATE
    }
}

pub static DESCRIBE_CERTIFICATE: Operation = Operation {
    name: "DescribeCertificate",
    service: &SERVICE,
    input: "DescribeCertificateRequest",
    output: Some("DescribeCertificateResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["CertificateArn"],
    members: &[
        "CertificateArn",
    ],
};

impl Request for DescribeCertificateRequest {
    type Reply = DescribeCertificateResponse;
    fn operation() -> &'static Operation {
        &DESCRIBE_CERTIFICATE
    }
}

pub static GET_CERTIFICATE: Operation = Operation {
    name: "GetCertificate",
    service: &SERVICE,
    input: "GetCertificateRequest",
    output: Some("GetCertificateResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["CertificateArn"],
    members: &[
        "CertificateArn",
    ],
};

impl Request for GetCertificateRequest {
    type Reply = GetCertificateResponse;
    fn operation() -> &'static Operation {
        &GET_CERTIFICATE
    }
}

pub static LIST_CERTIFICATES: Operation = Operation {
    name: "ListCertificates",
    service: &SERVICE,
    input: "ListCertificatesRequest",
    output: Some("ListCertificatesResponse"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxItems"), result_keys: &["CertificateSummaryList"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "CertificateStatuses.N",
        "Includes.exportOption",
        "Includes.extendedKeyUsage.N",
        "Includes.keyTypes.N",
        "Includes.keyUsage.N",
        "Includes.managedBy",
        "MaxItems",
        "NextToken",
        "SortBy",
        "SortOrder",
    ],
};

impl Request for ListCertificatesRequest {
    type Reply = ListCertificatesResponse;
    fn operation() -> &'static Operation {
        &LIST_CERTIFICATES
    }
}

pub static DELETE_CERTIFICATE: Operation = Operation {
    name: "DeleteCertificate",
    service: &SERVICE,
    input: "DeleteCertificateRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["CertificateArn"],
    members: &[
        "CertificateArn",
    ],
};

impl Request for DeleteCertificateRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &DELETE_CERTIFICATE
    }
}

pub static ADD_TAGS_TO_CERTIFICATE: Operation = Operation {
    name: "AddTagsToCertificate",
    service: &SERVICE,
    input: "AddTagsToCertificateRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["CertificateArn", "Tags"],
    members: &[
        "CertificateArn",
        "Tags.N.Key",
        "Tags.N.Value",
    ],
};

impl Request for AddTagsToCertificateRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &ADD_TAGS_TO_CERTIFICATE
    }
}

pub static LIST_TAGS_FOR_CERTIFICATE: Operation = Operation {
    name: "ListTagsForCertificate",
    service: &SERVICE,
    input: "ListTagsForCertificateRequest",
    output: Some("ListTagsForCertificateResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["CertificateArn"],
    members: &[
        "CertificateArn",
    ],
};

impl Request for ListTagsForCertificateRequest {
    type Reply = ListTagsForCertificateResponse;
    fn operation() -> &'static Operation {
        &LIST_TAGS_FOR_CERTIFICATE
    }
}

pub static REMOVE_TAGS_FROM_CERTIFICATE: Operation = Operation {
    name: "RemoveTagsFromCertificate",
    service: &SERVICE,
    input: "RemoveTagsFromCertificateRequest",
    output: None,
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["CertificateArn", "Tags"],
    members: &[
        "CertificateArn",
        "Tags.N.Key",
        "Tags.N.Value",
    ],
};

impl Request for RemoveTagsFromCertificateRequest {
    type Reply = ();
    fn operation() -> &'static Operation {
        &REMOVE_TAGS_FROM_CERTIFICATE
    }
}
