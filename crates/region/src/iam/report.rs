//! The credential report: a line a user, in AWS's columns ("Getting credential reports for your AWS account").

use super::rows::{CredentialReport, LastUse, User};
use super::{access_key, account, login, mfa, serve};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::rows::Account;
use aws_protocol::{AwsError, iam as api};
use types::TimestampMs;

/// "You can generate a credential report as often as once every four hours."
const FRESH_MS: u64 = 4 * 3600 * 1000;
const DAY_MS: u64 = 24 * 3600 * 1000;
const COLUMNS: &str = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,\
password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,\
access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,\
access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,\
cert_2_active,cert_2_last_rotated";

pub fn register(table: &mut Table) {
    serve(table, generate);
    serve(table, get);
}

/// `2026-01-01T00:00:00+00:00`
fn time(at: TimestampMs) -> String {
    let ms = i64::try_from(at.0).unwrap_or(i64::MAX);
    let at = jiff::Timestamp::from_millisecond(ms).unwrap_or(jiff::Timestamp::MAX);
    at.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

fn line(ctx: &Ctx, user: &User, password_days: Option<u32>) -> Vec<String> {
    let na = || "N/A".to_owned();
    let mut out = vec![user.name.clone(), user.arn(), time(user.created)];
    match login::profile(ctx.db, user) {
        Some(p) => {
            let next = password_days.map(|d| time(TimestampMs(p.changed.0 + u64::from(d) * DAY_MS)));
            out.extend(["true".into(), "no_information".into(), time(p.changed), next.unwrap_or_else(na)]);
        }
        None => out.extend(["false".into(), na(), na(), na()]),
    }
    out.push(mfa::devices_of(ctx.db, user).next().is_some().to_string());
    let keys = access_key::keys_of(ctx.db, user);
    for n in 0..2 {
        let Some(key) = keys.get(n) else {
            out.extend(["false".into(), na(), na(), na(), na()]);
            continue;
        };
        out.extend([key.active.to_string(), time(key.created)]);
        match ctx.db.get::<LastUse>(&key.account, &key.access_key) {
            Some(u) => out.extend([time(u.at), u.region.clone(), u.service.clone()]),
            None => out.extend([na(), na(), na()]),
        }
    }
    out.extend(["false".into(), na(), "false".into(), na()]);
    out
}

fn root_line(ctx: &Ctx) -> Vec<String> {
    let account = &ctx.caller.account;
    let created = ctx.db.get::<Account>(account, account).map_or_else(|| "N/A".to_owned(), |a| time(a.created));
    let mut out = vec!["<root_account>".into(), format!("arn:aws:iam::{account}:root"), created];
    let rest =
        "not_supported,N/A,not_supported,not_supported,false,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A";
    out.extend(rest.split(',').map(str::to_owned));
    out
}

/// Names have no quotes in them, and of what separates only the comma.
fn cell(text: String) -> String {
    if text.contains(',') { format!("\"{text}\"") } else { text }
}

fn csv(ctx: &Ctx) -> String {
    let days = account::settings(ctx).password_policy.and_then(|p| p.age_days_max);
    let mut out = COLUMNS.to_owned();
    let users = ctx.db.list::<User>(&ctx.caller.account);
    for cells in std::iter::once(root_line(ctx)).chain(users.map(|u| line(ctx, &u, days))) {
        out.push('\n');
        out.push_str(&cells.into_iter().map(cell).collect::<Vec<_>>().join(","));
    }
    out
}

fn generate(
    ctx: &mut Ctx,
    _: Authorized<api::GenerateCredentialReportRequest>,
) -> OpResult<api::GenerateCredentialReportResponse> {
    let account = ctx.caller.account.clone();
    let old = ctx.db.get::<CredentialReport>(&account, &account);
    if old.as_ref().is_some_and(|r| ctx.now.0 < r.generated.0 + FRESH_MS) {
        return Ok(api::GenerateCredentialReportResponse { description: None, state: Some("COMPLETE".into()) });
    }
    let description = match old {
        None => "No report exists. Starting a new credential report generation task",
        Some(_) => "The report has expired. Starting a new credential report generation task",
    };
    let csv = csv(ctx);
    ctx.db.put(CredentialReport { account, generated: ctx.now, csv });
    Ok(api::GenerateCredentialReportResponse { description: Some(description.into()), state: Some("STARTED".into()) })
}

fn get(ctx: &mut Ctx, _: Authorized<api::GetCredentialReportRequest>) -> OpResult<api::GetCredentialReportResponse> {
    let account = &ctx.caller.account;
    let gone = |code: &'static str, sentence: &str| AwsError::new(code, sentence).with_status(410);
    let report = ctx.db.get::<CredentialReport>(account, account);
    let report = report.ok_or_else(|| gone("ReportNotPresent", "No report is present; generate one first."))?;
    if ctx.now.0 >= report.generated.0 + FRESH_MS {
        return Err(gone("ReportExpired", "The most recent credential report has expired; generate a new one.").into());
    }
    Ok(api::GetCredentialReportResponse {
        content: Some(report.csv.clone().into_bytes()),
        generated_time: Some(report.generated),
        report_format: Some("text/csv".into()),
    })
}
