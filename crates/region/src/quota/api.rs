//! The Service Quotas API: JSON 1.1, `servicequotas`. Errors as in its API reference.

use super::rows::QuotaRequest;
use super::table::{ALL, SERVICES};
use super::{APPROVED, NOT_APPROVED, PENDING, Quota, applied, default, find, grant, max};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::page;
use aws_protocol::{AwsError, service_quotas as api};
use types::AccountId;

/// MaxResults, and what a page has without it.
const PAGE_ITEMS_MAX: i32 = 100;
/// Requests of an account that wait (AWS: "Active requests per account").
const PENDING_MAX: usize = 20;
/// Requests that are remembered of an account, whatever came of them.
const REQUESTS_MAX: usize = 10_000;
/// Integers up to here are exact in the API's numbers, which are doubles.
const VALUE_MAX: f64 = 9_007_199_254_740_992.0;

const LEVELS: [&str; 3] = ["ACCOUNT", "RESOURCE", "ALL"];
const STATUSES: [&str; 7] = [PENDING, "CASE_OPENED", APPROVED, "DENIED", "CASE_CLOSED", NOT_APPROVED, "INVALID_REQUEST"];

pub fn register(table: &mut Table) {
    table.op::<api::ListServicesRequest>(&["MaxResults", "NextToken"], &[], list_services);
    table.op::<api::ListServiceQuotasRequest>(
        &["MaxResults", "NextToken", "QuotaAppliedAtLevel", "QuotaCode", "ServiceCode"],
        &[],
        list,
    );
    table.op::<api::GetServiceQuotaRequest>(&["QuotaCode", "ServiceCode"], &[], get);
    table.op::<api::ListAWSDefaultServiceQuotasRequest>(&["MaxResults", "NextToken", "ServiceCode"], &[], list_defaults);
    table.op::<api::GetAWSDefaultServiceQuotaRequest>(&["QuotaCode", "ServiceCode"], &[], get_default);
    table.op::<api::RequestServiceQuotaIncreaseRequest>(
        &["DesiredValue", "QuotaCode", "ServiceCode", "SupportCaseAllowed"],
        &[],
        request,
    );
    table.op::<api::GetRequestedServiceQuotaChangeRequest>(&["RequestId"], &[], get_request);
    table.op::<api::ListRequestedServiceQuotaChangeHistoryRequest>(
        &["MaxResults", "NextToken", "QuotaRequestedAtLevel", "ServiceCode", "Status"],
        &[],
        history,
    );
}

fn illegal(message: impl Into<String>) -> AwsError {
    AwsError::new("IllegalArgumentException", message)
}

fn no_such(what: &str) -> AwsError {
    AwsError::new("NoSuchResourceException", format!("The request failed because the specified {what} does not exist."))
}

fn service(code: &Option<String>) -> Result<&'static str, AwsError> {
    let found = SERVICES.iter().find(|(known, _)| Some(*known) == code.as_deref());
    found.map(|(code, _)| *code).ok_or_else(|| no_such("service"))
}

fn quota(service_code: &Option<String>, code: &Option<String>) -> Result<&'static Quota, AwsError> {
    find(service(service_code)?, code.as_deref().unwrap_or_default()).ok_or_else(|| no_such("quota"))
}

/// Whether quotas of accounts are asked for: there are none of single resources.
fn of_accounts(level: &Option<String>, name: &str) -> Result<bool, AwsError> {
    match level.as_deref() {
        None => Ok(true),
        Some(level) if LEVELS.contains(&level) => Ok(level != "RESOURCE"),
        Some(_) => Err(illegal(format!("{name} must be one of {}.", LEVELS.join(", ")))),
    }
}

/// `items` must be sorted by `key`.
fn paged<T>(
    items: Vec<T>,
    max_results: Option<i32>,
    token: &Option<String>,
    key: impl Fn(&T) -> String,
) -> Result<(Vec<T>, Option<String>), AwsError> {
    let size = max_results.unwrap_or(PAGE_ITEMS_MAX);
    if !(1..=PAGE_ITEMS_MAX).contains(&size) {
        return Err(illegal(format!("MaxResults must be from 1 to {PAGE_ITEMS_MAX}.")));
    }
    page::page(items, Some(size), token, false, key)
        .map_err(|_| AwsError::new("InvalidPaginationTokenException", "Invalid input was provided."))
}

fn service_name(quota: &Quota) -> Option<String> {
    SERVICES.iter().find(|(code, _)| *code == quota.service()).map(|(_, name)| (*name).to_owned())
}

/// Of a default there is no account, of what holds in all regions no region.
fn arn(ctx: &Ctx, quota: &Quota, account: &str) -> Option<String> {
    let region = if quota.global { "" } else { ctx.settings.region.as_str() };
    Some(format!("arn:aws:servicequotas:{region}:{account}:{}", quota.id))
}

fn shown(ctx: &Ctx, quota: &Quota, value: u64, account: &str) -> api::ServiceQuota {
    let second = || api::QuotaPeriod { period_unit: Some("SECOND".to_owned()), period_value: Some(1) };
    api::ServiceQuota {
        adjustable: Some(quota.adjustable),
        global_quota: Some(quota.global),
        period: quota.per_second.then(second),
        quota_applied_at_level: (!account.is_empty()).then(|| "ACCOUNT".to_owned()),
        quota_arn: arn(ctx, quota, account),
        quota_code: Some(quota.code().to_owned()),
        quota_name: Some(quota.name.to_owned()),
        service_code: Some(quota.service().to_owned()),
        service_name: service_name(quota),
        unit: Some("None".to_owned()),
        value: Some(value as f64),
        ..Default::default()
    }
}

fn shown_request(ctx: &Ctx, request: &QuotaRequest) -> api::RequestedServiceQuotaChange {
    let quota = super::table::by_id(&request.quota);
    let requester = serde_json::json!({"accountId": request.account, "callerArn": request.requester});
    let (service_code, code) = request.quota.split_once('/').unwrap_or_default();
    api::RequestedServiceQuotaChange {
        created: Some(request.created),
        desired_value: Some(request.desired as f64),
        global_quota: quota.map(|q| q.global),
        id: Some(request.id.clone()),
        last_updated: Some(request.updated),
        quota_arn: quota.and_then(|q| arn(ctx, q, request.account.as_str())),
        quota_code: Some(code.to_owned()),
        quota_name: quota.map(|q| q.name.to_owned()),
        quota_requested_at_level: Some("ACCOUNT".to_owned()),
        requester: Some(requester.to_string()),
        service_code: Some(service_code.to_owned()),
        service_name: quota.and_then(service_name),
        status: Some(request.status.clone()),
        unit: Some("None".to_owned()),
        ..Default::default()
    }
}

fn own(ctx: &Ctx, quota: &Quota) -> api::ServiceQuota {
    let account = &ctx.caller.account;
    shown(ctx, quota, applied(ctx.db, ctx.settings, account, quota), account.as_str())
}

fn of_nobody(ctx: &Ctx, quota: &Quota) -> api::ServiceQuota {
    shown(ctx, quota, default(ctx.settings, quota), "")
}

fn list_services(_: &mut Ctx, r: Authorized<api::ListServicesRequest>) -> OpResult<api::ListServicesResponse> {
    let info = |(code, name): (&str, &str)| api::ServiceInfo {
        service_code: Some(code.to_owned()),
        service_name: Some(name.to_owned()),
    };
    let all = SERVICES.map(info).to_vec();
    let (services, next_token) = paged(all, r.max_results, &r.next_token, |s| s.service_code.clone().unwrap_or_default())?;
    Ok(api::ListServicesResponse { next_token, services: Some(services) })
}

/// The quotas of a service, by code.
fn of_service(code: &Option<String>) -> Result<Vec<&'static Quota>, AwsError> {
    let code = service(code)?;
    let mut all: Vec<_> = ALL.iter().filter(|q| q.service() == code).collect();
    all.sort_unstable_by_key(|q| q.code());
    Ok(all)
}

fn list(ctx: &mut Ctx, r: Authorized<api::ListServiceQuotasRequest>) -> OpResult<api::ListServiceQuotasResponse> {
    let mut all = of_service(&r.service_code)?;
    all.retain(|q| r.quota_code.as_deref().is_none_or(|code| code == q.code()));
    if !of_accounts(&r.quota_applied_at_level, "QuotaAppliedAtLevel")? {
        all.clear();
    }
    let (page, next_token) = paged(all, r.max_results, &r.next_token, |q| q.code().to_owned())?;
    Ok(api::ListServiceQuotasResponse { next_token, quotas: Some(page.into_iter().map(|q| own(ctx, q)).collect()) })
}

fn get(ctx: &mut Ctx, r: Authorized<api::GetServiceQuotaRequest>) -> OpResult<api::GetServiceQuotaResponse> {
    let quota = quota(&r.service_code, &r.quota_code)?;
    Ok(api::GetServiceQuotaResponse { quota: Some(own(ctx, quota)) })
}

fn list_defaults(
    ctx: &mut Ctx,
    r: Authorized<api::ListAWSDefaultServiceQuotasRequest>,
) -> OpResult<api::ListAWSDefaultServiceQuotasResponse> {
    let all = of_service(&r.service_code)?;
    let (page, next_token) = paged(all, r.max_results, &r.next_token, |q| q.code().to_owned())?;
    let quotas = page.into_iter().map(|q| of_nobody(ctx, q)).collect();
    Ok(api::ListAWSDefaultServiceQuotasResponse { next_token, quotas: Some(quotas) })
}

fn get_default(
    ctx: &mut Ctx,
    r: Authorized<api::GetAWSDefaultServiceQuotaRequest>,
) -> OpResult<api::GetAWSDefaultServiceQuotaResponse> {
    let quota = quota(&r.service_code, &r.quota_code)?;
    Ok(api::GetAWSDefaultServiceQuotaResponse { quota: Some(of_nobody(ctx, quota)) })
}

fn request(
    ctx: &mut Ctx,
    r: Authorized<api::RequestServiceQuotaIncreaseRequest>,
) -> OpResult<api::RequestServiceQuotaIncreaseResponse> {
    let quota = quota(&r.service_code, &r.quota_code)?;
    let account = ctx.caller.account.clone();
    if !quota.adjustable {
        return Err(illegal(format!("The quota {} cannot be adjusted.", quota.name)).into());
    }
    let desired = r.desired_value.unwrap_or_default();
    if !(0.0..=VALUE_MAX).contains(&desired) || desired.fract() != 0.0 {
        return Err(illegal("The desired value must be a whole number.").into());
    }
    let desired = desired as u64;
    if desired <= applied(ctx.db, ctx.settings, &account, quota) {
        return Err(illegal("You must provide a quota value greater than the current quota value.").into());
    }
    let (mut known, mut waiting) = (0, 0);
    for other in ctx.db.list::<QuotaRequest>(&account) {
        known += 1;
        waiting += usize::from(other.status == PENDING);
        if other.status == PENDING && other.quota == quota.id {
            let message = "Only one open service quota increase request is allowed per quota.";
            return Err(AwsError::new("ResourceAlreadyExistsException", message).into());
        }
    }
    let id = format!("{:032x}", ctx.random());
    let (now, requester) = (ctx.now, ctx.caller.arn.clone());
    let mut row = QuotaRequest {
        account,
        id: id.clone(),
        quota: quota.id.to_owned(),
        desired,
        status: PENDING.to_owned(),
        created: now,
        updated: now,
        requester,
    };
    let granted = desired <= max(ctx.settings, quota);
    if known >= REQUESTS_MAX || (!granted && waiting >= PENDING_MAX) {
        let message =
            "You have exceeded your service quota. To perform the requested action, remove some of the relevant resources.";
        return Err(AwsError::new("QuotaExceededException", message).into());
    }
    if granted {
        grant(ctx.db, ctx.settings, &row, now);
        row.status = APPROVED.to_owned();
    } else {
        if r.support_case_allowed == Some(false) {
            row.status = NOT_APPROVED.to_owned();
        }
        ctx.db.put(row.clone());
    }
    Ok(api::RequestServiceQuotaIncreaseResponse { requested_quota: Some(shown_request(ctx, &row)) })
}

fn get_request(
    ctx: &mut Ctx,
    r: Authorized<api::GetRequestedServiceQuotaChangeRequest>,
) -> OpResult<api::GetRequestedServiceQuotaChangeResponse> {
    let row = ctx.db.get::<QuotaRequest>(&ctx.caller.account, r.request_id.as_deref().unwrap_or_default());
    let row = row.ok_or_else(|| no_such("request"))?;
    Ok(api::GetRequestedServiceQuotaChangeResponse { requested_quota: Some(shown_request(ctx, &row)) })
}

fn history(
    ctx: &mut Ctx,
    r: Authorized<api::ListRequestedServiceQuotaChangeHistoryRequest>,
) -> OpResult<api::ListRequestedServiceQuotaChangeHistoryResponse> {
    if r.status.as_deref().is_some_and(|s| !STATUSES.contains(&s)) {
        return Err(illegal(format!("Status must be one of {}.", STATUSES.join(", "))).into());
    }
    let of = r.service_code.as_ref().map(|_| service(&r.service_code)).transpose()?;
    let account: &AccountId = &ctx.caller.account;
    let fits = |row: &QuotaRequest| {
        of.is_none_or(|service| row.quota.split('/').next() == Some(service))
            && r.status.as_deref().is_none_or(|status| row.status == status)
    };
    let mut rows: Vec<_> = ctx.db.list::<QuotaRequest>(account).filter(|row| fits(row)).collect();
    if !of_accounts(&r.quota_requested_at_level, "QuotaRequestedAtLevel")? {
        rows.clear();
    }
    // The newest first.
    let order = |row: &QuotaRequest| format!("{:020}/{}", u64::MAX - row.created.0, row.id);
    rows.sort_by_cached_key(|row| order(row));
    let (page, next_token) = paged(rows, r.max_results, &r.next_token, |row| order(row))?;
    let requested = page.iter().map(|row| shown_request(ctx, row)).collect();
    Ok(api::ListRequestedServiceQuotaChangeHistoryResponse { next_token, requested_quotas: Some(requested) })
}
