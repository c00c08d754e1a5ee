//! Operations of service-quotas.
// Written by `cargo run -p xtask -- codegen` from the published service model; do not edit.

use super::service_quotas_shapes::*;
use crate::{Operation, Paginator, Protocol, Request, Service};

pub static SERVICE: Service = Service {
    name: "servicequotas",
    protocol: Protocol::Json11,
    version: "2019-06-24",
    xml_namespace: "",
    target_prefix: "ServiceQuotasV20190624",
    operations: OPERATIONS,
};

pub static OPERATIONS: &[&Operation] = &[
    &LIST_SERVICES,
    &LIST_SERVICE_QUOTAS,
    &GET_SERVICE_QUOTA,
    &LIST_AWS_DEFAULT_SERVICE_QUOTAS,
    &GET_AWS_DEFAULT_SERVICE_QUOTA,
    &REQUEST_SERVICE_QUOTA_INCREASE,
    &GET_REQUESTED_SERVICE_QUOTA_CHANGE,
    &LIST_REQUESTED_SERVICE_QUOTA_CHANGE_HISTORY,
];

pub static LIST_SERVICES: Operation = Operation {
    name: "ListServices",
    service: &SERVICE,
    input: "ListServicesRequest",
    output: Some("ListServicesResponse"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["Services"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "MaxResults",
        "NextToken",
    ],
};

impl Request for ListServicesRequest {
    type Reply = ListServicesResponse;
    fn operation() -> &'static Operation {
        &LIST_SERVICES
    }
}

pub static LIST_SERVICE_QUOTAS: Operation = Operation {
    name: "ListServiceQuotas",
    service: &SERVICE,
    input: "ListServiceQuotasRequest",
    output: Some("ListServiceQuotasResponse"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["Quotas"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["ServiceCode"],
    members: &[
        "MaxResults",
        "NextToken",
        "QuotaAppliedAtLevel",
        "QuotaCode",
        "ServiceCode",
    ],
};

impl Request for ListServiceQuotasRequest {
    type Reply = ListServiceQuotasResponse;
    fn operation() -> &'static Operation {
        &LIST_SERVICE_QUOTAS
    }
}

pub static GET_SERVICE_QUOTA: Operation = Operation {
    name: "GetServiceQuota",
    service: &SERVICE,
    input: "GetServiceQuotaRequest",
    output: Some("GetServiceQuotaResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["QuotaCode", "ServiceCode"],
    members: &[
        "ContextId",
        "QuotaCode",
        "ServiceCode",
    ],
};

impl Request for GetServiceQuotaRequest {
    type Reply = GetServiceQuotaResponse;
    fn operation() -> &'static Operation {
        &GET_SERVICE_QUOTA
    }
}

pub static LIST_AWS_DEFAULT_SERVICE_QUOTAS: Operation = Operation {
    name: "ListAWSDefaultServiceQuotas",
    service: &SERVICE,
    input: "ListAWSDefaultServiceQuotasRequest",
    output: Some("ListAWSDefaultServiceQuotasResponse"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["Quotas"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["ServiceCode"],
    members: &[
        "MaxResults",
        "NextToken",
        "ServiceCode",
    ],
};

impl Request for ListAWSDefaultServiceQuotasRequest {
    type Reply = ListAWSDefaultServiceQuotasResponse;
    fn operation() -> &'static Operation {
        &LIST_AWS_DEFAULT_SERVICE_QUOTAS
    }
}

pub static GET_AWS_DEFAULT_SERVICE_QUOTA: Operation = Operation {
    name: "GetAWSDefaultServiceQuota",
    service: &SERVICE,
    input: "GetAWSDefaultServiceQuotaRequest",
    output: Some("GetAWSDefaultServiceQuotaResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["QuotaCode", "ServiceCode"],
    members: &[
        "QuotaCode",
        "ServiceCode",
    ],
};

impl Request for GetAWSDefaultServiceQuotaRequest {
    type Reply = GetAWSDefaultServiceQuotaResponse;
    fn operation() -> &'static Operation {
        &GET_AWS_DEFAULT_SERVICE_QUOTA
    }
}

pub static REQUEST_SERVICE_QUOTA_INCREASE: Operation = Operation {
    name: "RequestServiceQuotaIncrease",
    service: &SERVICE,
    input: "RequestServiceQuotaIncreaseRequest",
    output: Some("RequestServiceQuotaIncreaseResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["DesiredValue", "QuotaCode", "ServiceCode"],
    members: &[
        "ContextId",
        "DesiredValue",
        "QuotaCode",
        "ServiceCode",
        "SupportCaseAllowed",
    ],
};

impl Request for RequestServiceQuotaIncreaseRequest {
    type Reply = RequestServiceQuotaIncreaseResponse;
    fn operation() -> &'static Operation {
        &REQUEST_SERVICE_QUOTA_INCREASE
    }
}

pub static GET_REQUESTED_SERVICE_QUOTA_CHANGE: Operation = Operation {
    name: "GetRequestedServiceQuotaChange",
    service: &SERVICE,
    input: "GetRequestedServiceQuotaChangeRequest",
    output: Some("GetRequestedServiceQuotaChangeResponse"),
    paginator: None,
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &["RequestId"],
    members: &[
        "RequestId",
    ],
};

impl Request for GetRequestedServiceQuotaChangeRequest {
    type Reply = GetRequestedServiceQuotaChangeResponse;
    fn operation() -> &'static Operation {
        &GET_REQUESTED_SERVICE_QUOTA_CHANGE
    }
}

pub static LIST_REQUESTED_SERVICE_QUOTA_CHANGE_HISTORY: Operation = Operation {
    name: "ListRequestedServiceQuotaChangeHistory",
    service: &SERVICE,
    input: "ListRequestedServiceQuotaChangeHistoryRequest",
    output: Some("ListRequestedServiceQuotaChangeHistoryResponse"),
    paginator: Some(Paginator { input_token: "NextToken", output_token: "NextToken", limit_key: Some("MaxResults"), result_keys: &["RequestedQuotas"] }),
    dry_run: false,
    client_token: false,
    filters: false,
    tag_specifications: false,
    required: &[],
    members: &[
        "MaxResults",
        "NextToken",
        "QuotaRequestedAtLevel",
        "ServiceCode",
        "Status",
    ],
};

impl Request for ListRequestedServiceQuotaChangeHistoryRequest {
    type Reply = ListRequestedServiceQuotaChangeHistoryResponse;
    fn operation() -> &'static Operation {
        &LIST_REQUESTED_SERVICE_QUOTA_CHANGE_HISTORY
    }
}
