//! DescribeCertificate, GetCertificate, ListCertificates.

use super::rows::AcmCertificate;
use super::{find, names, validation};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::iam::certificate::x509::{self, Certificate};
use crate::page;
use aws_protocol::{AwsError, acm as api};
use std::rc::Rc;

const PAGE_ITEMS_MAX: i32 = 1000;
/// What a list without `keyTypes` has: "Default filtering returns only RSA_1024 and RSA_2048 certificates".
const KEY_TYPES: [&str; 2] = ["RSA_1024", "RSA_2048"];

pub fn register(table: &mut Table) {
    table.op::<api::DescribeCertificateRequest>(&["CertificateArn"], &[], describe);
    table.op::<api::GetCertificateRequest>(&["CertificateArn"], &[], get);
    table.op::<api::ListCertificatesRequest>(
        &["CertificateStatuses", "Includes", "MaxItems", "NextToken", "SortBy", "SortOrder"],
        &[],
        list,
    );
}

/// A row's certificate was read when it was imported.
fn parsed(c: &AcmCertificate) -> Result<Certificate, AwsError> {
    let blocks = x509::pem(&c.body);
    let certificate = blocks.and_then(|b| x509::parse(&b.first()?.1));
    certificate.ok_or_else(|| AwsError::internal("The certificate cannot be read."))
}

fn status(ctx: &Ctx, c: &Certificate) -> &'static str {
    if c.not_after <= ctx.now { "EXPIRED" } else { "ISSUED" }
}

fn alternatives(c: &Certificate) -> Vec<String> {
    let (domain, others) = (names::domain(c), names::alternatives(c));
    let first = (!others.contains(&domain)).then_some(domain);
    first.into_iter().chain(others).collect()
}

fn users(ctx: &Ctx, c: &AcmCertificate) -> Vec<String> {
    crate::elb::users_of_certificate(ctx.db, ctx.settings, &c.account, &c.arn(ctx.settings))
}

fn describe(ctx: &mut Ctx, r: Authorized<api::DescribeCertificateRequest>) -> OpResult<api::DescribeCertificateResponse> {
    let row = find(ctx, &r.certificate_arn)?;
    let c = parsed(&row)?;
    let issuer = names::attributes(&c.issuer);
    let issuer = ["O", "CN"].iter().find_map(|word| issuer.iter().find(|(k, _)| k == word)).map(|(_, v)| v.clone());
    let detail = api::CertificateDetail {
        certificate_arn: Some(row.arn(ctx.settings)),
        created_at: Some(row.created),
        domain_name: Some(names::domain(&c)),
        imported_at: Some(row.imported),
        in_use_by: Some(users(ctx, &row)),
        issuer,
        key_algorithm: Some(names::key_algorithm(&c)),
        not_after: Some(c.not_after),
        not_before: Some(c.not_before),
        renewal_eligibility: Some("INELIGIBLE".to_owned()),
        serial: Some(names::serial(&c)),
        status: Some(status(ctx, &c).to_owned()),
        subject: Some(names::text(&c.subject)),
        subject_alternative_names: Some(alternatives(&c)),
        r#type: Some("IMPORTED".to_owned()),
        ..Default::default()
    };
    Ok(api::DescribeCertificateResponse { certificate: Some(detail) })
}

fn get(ctx: &mut Ctx, r: Authorized<api::GetCertificateRequest>) -> OpResult<api::GetCertificateResponse> {
    let row = find(ctx, &r.certificate_arn)?;
    Ok(api::GetCertificateResponse { certificate: Some(row.body.clone()), certificate_chain: row.chain.clone() })
}

fn list(ctx: &mut Ctx, r: Authorized<api::ListCertificatesRequest>) -> OpResult<api::ListCertificatesResponse> {
    let includes = r.includes.clone().unwrap_or_default();
    let unserved = [includes.extended_key_usage.is_some(), includes.key_usage.is_some(), includes.managed_by.is_some()];
    if unserved.contains(&true) || includes.export_option.is_some() {
        let sentence = "Of the member Includes only keyTypes is supported by this region.";
        return Err(AwsError::unsupported_operation(sentence).into());
    }
    let descending = match (r.sort_by.as_deref(), r.sort_order.as_deref()) {
        (None, None) | (Some("CREATED_AT"), Some("ASCENDING")) => false,
        (Some("CREATED_AT"), Some("DESCENDING")) => true,
        _ => return Err(validation("SortBy must be CREATED_AT, and SortOrder ASCENDING or DESCENDING.").into()),
    };
    let size = r.max_items.unwrap_or(PAGE_ITEMS_MAX);
    if !(1..=PAGE_ITEMS_MAX).contains(&size) {
        return Err(validation(format!("MaxItems must be from 1 to {PAGE_ITEMS_MAX}.")).into());
    }
    let wanted = |list: &Option<Vec<String>>, value: &str| match list.as_deref() {
        None | Some([]) => None,
        Some(list) => Some(list.iter().any(|v| v == value)),
    };
    let mut found: Vec<(String, Rc<AcmCertificate>, Certificate)> = Vec::new();
    for row in ctx.db.list::<AcmCertificate>(&ctx.caller.account) {
        let c = parsed(&row)?;
        let kind = names::key_algorithm(&c);
        let of_kind = wanted(&includes.key_types, &kind).unwrap_or_else(|| KEY_TYPES.contains(&kind.as_str()));
        if of_kind && wanted(&r.certificate_statuses, status(ctx, &c)).unwrap_or(true) {
            let at = if descending { u64::MAX - row.created.0 } else { row.created.0 };
            found.push((format!("{at:020}/{}", row.id), row, c));
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    let (found, next_token) = page::page(found, Some(size), &r.next_token, false, |(key, _, _)| key.clone())
        .map_err(|_| validation("The NextToken is not valid."))?;
    let shown = |(_, row, c): &(String, Rc<AcmCertificate>, Certificate)| api::CertificateSummary {
        certificate_arn: Some(row.arn(ctx.settings)),
        created_at: Some(row.created),
        domain_name: Some(names::domain(c)),
        has_additional_subject_alternative_names: Some(false),
        imported_at: Some(row.imported),
        in_use: Some(!users(ctx, row).is_empty()),
        key_algorithm: Some(names::key_algorithm(c)),
        not_after: Some(c.not_after),
        not_before: Some(c.not_before),
        renewal_eligibility: Some("INELIGIBLE".to_owned()),
        status: Some(status(ctx, c).to_owned()),
        subject_alternative_name_summaries: Some(alternatives(c)),
        r#type: Some("IMPORTED".to_owned()),
        ..Default::default()
    };
    Ok(api::ListCertificatesResponse { certificate_summary_list: Some(found.iter().map(shown).collect()), next_token })
}
