//! Shapes of service-quotas.
// Written by `cargo run -p xtask -- codegen` from the published service model; do not edit.

use std::collections::BTreeMap;
#[allow(unused_imports)]
use types::TimestampMs;

crate::shape::shape! {
pub struct ErrorReason {
    pub error_code: Option<String> = ("ErrorCode", "ErrorCode", "ErrorCode"),
    pub error_message: Option<String> = ("ErrorMessage", "ErrorMessage", "ErrorMessage"),
}
}

crate::shape::shape! {
pub struct GetAWSDefaultServiceQuotaRequest {
    pub quota_code: Option<String> = ("QuotaCode", "QuotaCode", "QuotaCode"),
    pub service_code: Option<String> = ("ServiceCode", "ServiceCode", "ServiceCode"),
}
}

crate::shape::shape! {
pub struct GetAWSDefaultServiceQuotaResponse {
    pub quota: Option<ServiceQuota> = ("Quota", "Quota", "Quota"),
}
}

crate::shape::shape! {
pub struct GetRequestedServiceQuotaChangeRequest {
    pub request_id: Option<String> = ("RequestId", "RequestId", "RequestId"),
}
}

crate::shape::shape! {
pub struct GetRequestedServiceQuotaChangeResponse {
    pub requested_quota: Option<RequestedServiceQuotaChange> = ("RequestedQuota", "RequestedQuota", "RequestedQuota"),
}
}

crate::shape::shape! {
pub struct GetServiceQuotaRequest {
    pub context_id: Option<String> = ("ContextId", "ContextId", "ContextId"),
    pub quota_code: Option<String> = ("QuotaCode", "QuotaCode", "QuotaCode"),
    pub service_code: Option<String> = ("ServiceCode", "ServiceCode", "ServiceCode"),
}
}

crate::shape::shape! {
pub struct GetServiceQuotaResponse {
    pub quota: Option<ServiceQuota> = ("Quota", "Quota", "Quota"),
}
}

crate::shape::shape! {
pub struct ListAWSDefaultServiceQuotasRequest {
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
    pub service_code: Option<String> = ("ServiceCode", "ServiceCode", "ServiceCode"),
}
}

crate::shape::shape! {
pub struct ListAWSDefaultServiceQuotasResponse {
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
    pub quotas: Option<Vec<ServiceQuota>> = ("Quotas", "Quotas", "member", "Quotas", "member"),
}
}

crate::shape::shape! {
pub struct ListRequestedServiceQuotaChangeHistoryRequest {
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
    pub quota_requested_at_level: Option<String> = ("QuotaRequestedAtLevel", "QuotaRequestedAtLevel", "QuotaRequestedAtLevel"),
    pub service_code: Option<String> = ("ServiceCode", "ServiceCode", "ServiceCode"),
    pub status: Option<String> = ("Status", "Status", "Status"),
}
}

crate::shape::shape! {
pub struct ListRequestedServiceQuotaChangeHistoryResponse {
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
    pub requested_quotas: Option<Vec<RequestedServiceQuotaChange>> = ("RequestedQuotas", "RequestedQuotas", "member", "RequestedQuotas", "member"),
}
}

crate::shape::shape! {
pub struct ListServiceQuotasRequest {
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
    pub quota_applied_at_level: Option<String> = ("QuotaAppliedAtLevel", "QuotaAppliedAtLevel", "QuotaAppliedAtLevel"),
    pub quota_code: Option<String> = ("QuotaCode", "QuotaCode", "QuotaCode"),
    pub service_code: Option<String> = ("ServiceCode", "ServiceCode", "ServiceCode"),
}
}

crate::shape::shape! {
pub struct ListServiceQuotasResponse {
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
    pub quotas: Option<Vec<ServiceQuota>> = ("Quotas", "Quotas", "member", "Quotas", "member"),
}
}

crate::shape::shape! {
pub struct ListServicesRequest {
    pub max_results: Option<i32> = ("MaxResults", "MaxResults", "MaxResults"),
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
}
}

crate::shape::shape! {
pub struct ListServicesResponse {
    pub next_token: Option<String> = ("NextToken", "NextToken", "NextToken"),
    pub services: Option<Vec<ServiceInfo>> = ("Services", "Services", "member", "Services", "member"),
}
}

crate::shape::shape! {
pub struct MetricInfo {
    pub metric_dimensions: Option<BTreeMap<String, String>> = ("MetricDimensions", "MetricDimensions", "MetricDimensions"),
    pub metric_name: Option<String> = ("MetricName", "MetricName", "MetricName"),
    pub metric_namespace: Option<String> = ("MetricNamespace", "MetricNamespace", "MetricNamespace"),
    pub metric_statistic_recommendation: Option<String> = ("MetricStatisticRecommendation", "MetricStatisticRecommendation", "MetricStatisticRecommendation"),
}
}

crate::shape::shape! {
pub struct QuotaContextInfo {
    pub context_id: Option<String> = ("ContextId", "ContextId", "ContextId"),
    pub context_scope: Option<String> = ("ContextScope", "ContextScope", "ContextScope"),
    pub context_scope_type: Option<String> = ("ContextScopeType", "ContextScopeType", "ContextScopeType"),
}
}

crate::shape::shape! {
pub struct QuotaPeriod {
    pub period_unit: Option<String> = ("PeriodUnit", "PeriodUnit", "PeriodUnit"),
    pub period_value: Option<i32> = ("PeriodValue", "PeriodValue", "PeriodValue"),
}
}

crate::shape::shape! {
pub struct RequestServiceQuotaIncreaseRequest {
    pub context_id: Option<String> = ("ContextId", "ContextId", "ContextId"),
    pub desired_value: Option<f64> = ("DesiredValue", "DesiredValue", "DesiredValue"),
    pub quota_code: Option<String> = ("QuotaCode", "QuotaCode", "QuotaCode"),
    pub service_code: Option<String> = ("ServiceCode", "ServiceCode", "ServiceCode"),
    pub support_case_allowed: Option<bool> = ("SupportCaseAllowed", "SupportCaseAllowed", "SupportCaseAllowed"),
}
}

crate::shape::shape! {
pub struct RequestServiceQuotaIncreaseResponse {
    pub requested_quota: Option<RequestedServiceQuotaChange> = ("RequestedQuota", "RequestedQuota", "RequestedQuota"),
}
}

crate::shape::shape! {
pub struct RequestedServiceQuotaChange {
    pub case_id: Option<String> = ("CaseId", "CaseId", "CaseId"),
    pub created: Option<TimestampMs> = ("Created", "Created", "Created"),
    pub desired_value: Option<f64> = ("DesiredValue", "DesiredValue", "DesiredValue"),
    pub global_quota: Option<bool> = ("GlobalQuota", "GlobalQuota", "GlobalQuota"),
    pub id: Option<String> = ("Id", "Id", "Id"),
    pub last_updated: Option<TimestampMs> = ("LastUpdated", "LastUpdated", "LastUpdated"),
    pub quota_arn: Option<String> = ("QuotaArn", "QuotaArn", "QuotaArn"),
    pub quota_code: Option<String> = ("QuotaCode", "QuotaCode", "QuotaCode"),
    pub quota_context: Option<QuotaContextInfo> = ("QuotaContext", "QuotaContext", "QuotaContext"),
    pub quota_name: Option<String> = ("QuotaName", "QuotaName", "QuotaName"),
    pub quota_requested_at_level: Option<String> = ("QuotaRequestedAtLevel", "QuotaRequestedAtLevel", "QuotaRequestedAtLevel"),
    pub request_type: Option<String> = ("RequestType", "RequestType", "RequestType"),
    pub requester: Option<String> = ("Requester", "Requester", "Requester"),
    pub service_code: Option<String> = ("ServiceCode", "ServiceCode", "ServiceCode"),
    pub service_name: Option<String> = ("ServiceName", "ServiceName", "ServiceName"),
    pub status: Option<String> = ("Status", "Status", "Status"),
    pub unit: Option<String> = ("Unit", "Unit", "Unit"),
}
}

crate::shape::shape! {
pub struct ServiceInfo {
    pub service_code: Option<String> = ("ServiceCode", "ServiceCode", "ServiceCode"),
    pub service_name: Option<String> = ("ServiceName", "ServiceName", "ServiceName"),
}
}

crate::shape::shape! {
pub struct ServiceQuota {
    pub adjustable: Option<bool> = ("Adjustable", "Adjustable", "Adjustable"),
    pub description: Option<String> = ("Description", "Description", "Description"),
    pub error_reason: Option<ErrorReason> = ("ErrorReason", "ErrorReason", "ErrorReason"),
    pub global_quota: Option<bool> = ("GlobalQuota", "GlobalQuota", "GlobalQuota"),
    pub period: Option<QuotaPeriod> = ("Period", "Period", "Period"),
    pub quota_applied_at_level: Option<String> = ("QuotaAppliedAtLevel", "QuotaAppliedAtLevel", "QuotaAppliedAtLevel"),
    pub quota_arn: Option<String> = ("QuotaArn", "QuotaArn", "QuotaArn"),
    pub quota_code: Option<String> = ("QuotaCode", "QuotaCode", "QuotaCode"),
    pub quota_context: Option<QuotaContextInfo> = ("QuotaContext", "QuotaContext", "QuotaContext"),
    pub quota_name: Option<String> = ("QuotaName", "QuotaName", "QuotaName"),
    pub service_code: Option<String> = ("ServiceCode", "ServiceCode", "ServiceCode"),
    pub service_name: Option<String> = ("ServiceName", "ServiceName", "ServiceName"),
    pub unit: Option<String> = ("Unit", "Unit", "Unit"),
    pub usage_metric: Option<MetricInfo> = ("UsageMetric", "UsageMetric", "UsageMetric"),
    pub value: Option<f64> = ("Value", "Value", "Value"),
}
}
