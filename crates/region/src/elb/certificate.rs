//! Certificates of listeners, by ARN: they are Certificate Manager's ([`crate::acm`]).

use super::arn::{self, find_listener};
use super::check::{page, validation};
use super::rows::{Kind, Listener, LoadBalancer, Tls};
use super::usage;
use crate::context::{Authorized, Ctx, OpResult};
use crate::db::Db;
use crate::dispatch::Table;
use crate::quota::table as quota;
use aws_protocol::{AwsError, elbv2 as api};
use platform::Settings;
use types::AccountId;

pub fn register(table: &mut Table) {
    let given = &["ListenerArn", "Certificates.member.N.CertificateArn", "Certificates.member.N.IsDefault"];
    table.op::<api::AddListenerCertificatesInput>(given, &[], add);
    table.op::<api::RemoveListenerCertificatesInput>(given, &[], remove);
    table.op::<api::DescribeListenerCertificatesInput>(&["ListenerArn", "Marker", "PageSize"], &[], describe);
}

/// The ARN of a certificate that a listener can have.
pub fn usable(ctx: &Ctx, given: &api::Certificate) -> Result<String, AwsError> {
    let arn = given.certificate_arn.as_deref().unwrap_or_default();
    if arn.contains(":server-certificate/") {
        let sentence = format!("Certificate '{arn}' is one of IAM: listeners have certificates of Certificate Manager here");
        return Err(AwsError::new("UnsupportedCertificate", sentence));
    }
    match crate::acm::get(ctx, arn) {
        Some(_) => Ok(arn.to_owned()),
        None => Err(AwsError::new("CertificateNotFound", format!("Certificate '{arn}' not found"))),
    }
}

/// The listeners that have a certificate, by ARN.
pub fn users(db: &Db, settings: &Settings, account: &AccountId, certificate: &str) -> Vec<String> {
    let has = |t: &Tls| t.default_certificate == certificate || t.certificates.iter().any(|c| c == certificate);
    let of = db.list::<Listener>(account).filter(|l| l.tls.as_ref().is_some_and(has));
    let mut out: Vec<_> =
        of.filter_map(|l| db.get::<LoadBalancer>(account, &l.balancer)).map(|b| arn::balancer(settings, &b)).collect();
    out.sort();
    out.dedup();
    out
}

fn with_tls(l: &Listener) -> Result<Tls, AwsError> {
    l.tls.clone().ok_or_else(|| validation("Certificates can only be specified for HTTPS and TLS listeners"))
}

fn given(list: &Option<Vec<api::Certificate>>) -> Result<&[api::Certificate], AwsError> {
    let list = list.as_deref().unwrap_or_default();
    if list.is_empty() {
        return Err(validation("A certificate must be specified"));
    }
    if list.iter().any(|c| c.is_default.is_some()) {
        return Err(validation("You cannot specify IsDefault for a certificate"));
    }
    Ok(list)
}

fn add(ctx: &mut Ctx, r: Authorized<api::AddListenerCertificatesInput>) -> OpResult<api::AddListenerCertificatesOutput> {
    let (b, l) = find_listener(ctx, &r.listener_arn)?;
    let mut tls = with_tls(&l)?;
    let mut added = Vec::new();
    for c in given(&r.certificates)? {
        let arn = usable(ctx, c)?;
        if arn != tls.default_certificate && !tls.certificates.contains(&arn) {
            tls.certificates.push(arn.clone());
        }
        added.push(shown(&arn, false));
    }
    ctx.db.put(Listener { tls: Some(tls), ..(*l).clone() });
    let limit = if b.kind == Kind::Application { &quota::CERTIFICATES_APPLICATION } else { &quota::CERTIFICATES_NETWORK };
    let count: usize = usage::listeners(ctx.db, &b).iter().map(|l| l.tls.as_ref().map_or(0, |t| t.certificates.len())).sum();
    if count > ctx.quota(limit) {
        let sentence = format!("The maximum number of certificates has been reached on load balancer '{}'", b.name);
        return Err(AwsError::new("TooManyCertificates", sentence).into());
    }
    Ok(api::AddListenerCertificatesOutput { certificates: Some(added) })
}

/// What is not there is removed already.
fn remove(ctx: &mut Ctx, r: Authorized<api::RemoveListenerCertificatesInput>) -> OpResult<api::RemoveListenerCertificatesOutput> {
    let (_, l) = find_listener(ctx, &r.listener_arn)?;
    let mut tls = with_tls(&l)?;
    for c in given(&r.certificates)? {
        let arn = c.certificate_arn.as_deref().unwrap_or_default();
        if arn == tls.default_certificate {
            let sentence = format!("Default certificate '{arn}' cannot be removed");
            return Err(AwsError::new("OperationNotPermitted", sentence).into());
        }
        tls.certificates.retain(|c| c != arn);
    }
    ctx.db.put(Listener { tls: Some(tls), ..(*l).clone() });
    Ok(api::RemoveListenerCertificatesOutput {})
}

fn shown(arn: &str, is_default: bool) -> api::Certificate {
    api::Certificate { certificate_arn: Some(arn.to_owned()), is_default: Some(is_default) }
}

/// The default one first.
fn describe(
    ctx: &mut Ctx,
    r: Authorized<api::DescribeListenerCertificatesInput>,
) -> OpResult<api::DescribeListenerCertificatesOutput> {
    let (_, l) = find_listener(ctx, &r.listener_arn)?;
    let all = l
        .tls
        .iter()
        .flat_map(|t| std::iter::once((&t.default_certificate, true)).chain(t.certificates.iter().map(|c| (c, false))));
    let all: Vec<_> = all.enumerate().map(|(n, (arn, default))| (format!("{n:05}"), shown(arn, default))).collect();
    let (page, next_marker) = page(all, &r.marker, r.page_size, |(key, _)| key.clone())?;
    Ok(api::DescribeListenerCertificatesOutput { certificates: Some(page.into_iter().map(|(_, c)| c).collect()), next_marker })
}
