//! Trust stores: whose clients an HTTPS listener lets in (mutual authentication, mode `verify`), and whom no longer.
//!
//! ```text
//!  object ── read in the caller's name (gateway) ──► checked as a balancer will ──► row ──► documents of listeners that verify by it
//! ```
//! A balancer refuses a document whose authorities or lists it cannot use, so what is taken here is what `webpki` reads, which is
//! what reads it there. Sources: ELBv2 API Reference; "Mutual authentication with TLS in Application Load Balancer", and its quotas.

mod content;
mod revocations;

use super::arn::{self, find_trust_store};
use super::check::{invalid, new_id, page, tags, validation};
use super::rows::{Listener, LoadBalancer, Tls, TrustStore, Verify};
use super::{listener, usage};
use crate::context::{Authorized, Ctx, OpResult};
use crate::db::Db;
use crate::dispatch::Table;
use aws_protocol::{AwsError, elbv2 as api};
use content::{Asked, data_url};
use std::rc::Rc;
use types::AccountId;
use wire::balancer::{ListenerProtocol, MutualAuthentication};

/// AWS: of a region.
const TRUST_STORES_MAX: usize = 20;
/// AWS: listeners of one load balancer that have a trust store.
const LISTENERS_MAX: usize = 2;

pub fn register(table: &mut Table) {
    table.op::<api::CreateTrustStoreInput>(
        &[
            "Name",
            "CaCertificatesBundleS3Bucket",
            "CaCertificatesBundleS3Key",
            "CaCertificatesBundleS3ObjectVersion",
            "Tags.member.N.Key",
            "Tags.member.N.Value",
        ],
        &[],
        create,
    );
    table.op::<api::ModifyTrustStoreInput>(
        &["TrustStoreArn", "CaCertificatesBundleS3Bucket", "CaCertificatesBundleS3Key", "CaCertificatesBundleS3ObjectVersion"],
        &[],
        modify,
    );
    table.op::<api::DescribeTrustStoresInput>(
        &["TrustStoreArns.member.N", "Names.member.N", "Marker", "PageSize"],
        &[],
        describe,
    );
    table.op::<api::DeleteTrustStoreInput>(&["TrustStoreArn"], &[], delete);
    table.op::<api::DescribeTrustStoreAssociationsInput>(&["TrustStoreArn", "Marker", "PageSize"], &[], associations);
    table.op::<api::GetTrustStoreCaCertificatesBundleInput>(&["TrustStoreArn"], &[], bundle);
    revocations::register(table);
}

fn create(ctx: &mut Ctx, r: Authorized<api::CreateTrustStoreInput>) -> OpResult<api::CreateTrustStoreOutput> {
    let name = r.name.clone().unwrap_or_default();
    super::check::name("trust store", &name)?;
    let tags = tags(&r.tags)?;
    let account = ctx.caller.account.clone();
    if ctx.db.list::<TrustStore>(&account).any(|t| t.name == name) {
        let sentence = format!("A trust store with the same name '{name}' exists");
        return Err(AwsError::new("DuplicateTrustStoreName", sentence).into());
    }
    if ctx.db.list::<TrustStore>(&account).count() >= TRUST_STORES_MAX {
        return Err(AwsError::new("TooManyTrustStores", "The maximum number of trust stores has been reached").into());
    }
    let id = new_id(ctx);
    let asked = Asked {
        bucket: &r.ca_certificates_bundle_s3_bucket,
        key: &r.ca_certificates_bundle_s3_key,
        version: &r.ca_certificates_bundle_s3_object_version,
    };
    let authorities = content::authorities(ctx, &asked)?;
    let t = TrustStore { account, id, name, authorities, revocations: Vec::new(), last_revocation: 0, tags };
    ctx.db.put(t.clone());
    Ok(api::CreateTrustStoreOutput { trust_stores: Some(vec![shown(ctx, &t)]) })
}

/// Other authorities in place of those that it has; the lists stay.
fn modify(ctx: &mut Ctx, r: Authorized<api::ModifyTrustStoreInput>) -> OpResult<api::ModifyTrustStoreOutput> {
    let t = find_trust_store(ctx, &r.trust_store_arn)?;
    let asked = Asked {
        bucket: &r.ca_certificates_bundle_s3_bucket,
        key: &r.ca_certificates_bundle_s3_key,
        version: &r.ca_certificates_bundle_s3_object_version,
    };
    let t = TrustStore { authorities: content::authorities(ctx, &asked)?, ..(*t).clone() };
    ctx.db.put(t.clone());
    Ok(api::ModifyTrustStoreOutput { trust_stores: Some(vec![shown(ctx, &t)]) })
}

fn describe(ctx: &mut Ctx, r: Authorized<api::DescribeTrustStoresInput>) -> OpResult<api::DescribeTrustStoresOutput> {
    let arns = r.trust_store_arns.as_deref().unwrap_or_default();
    let names = r.names.as_deref().unwrap_or_default();
    let of_account = || ctx.db.list::<TrustStore>(&ctx.caller.account);
    let mut found: Vec<Rc<TrustStore>> = match (arns, names) {
        ([], []) => of_account().collect(),
        (arns, []) => arns.iter().map(|a| find_trust_store(ctx, &Some(a.clone()))).collect::<Result<_, _>>()?,
        ([], names) => {
            let missing = |n: &String| AwsError::new("TrustStoreNotFound", format!("Trust store '{n}' not found"));
            let find = |n: &String| of_account().find(|t| t.name == *n).ok_or_else(|| missing(n));
            names.iter().map(find).collect::<Result<_, _>>()?
        }
        _ => return Err(validation("Trust store ARNs and names cannot be specified at the same time").into()),
    };
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found.dedup_by(|a, b| a.id == b.id);
    let (found, next_marker) = page(found, &r.marker, r.page_size, |t| t.name.clone())?;
    Ok(api::DescribeTrustStoresOutput { trust_stores: Some(found.iter().map(|t| shown(ctx, t)).collect()), next_marker })
}

fn delete(ctx: &mut Ctx, r: Authorized<api::DeleteTrustStoreInput>) -> OpResult<api::DeleteTrustStoreOutput> {
    let t = find_trust_store(ctx, &r.trust_store_arn)?;
    if !users(ctx, &t).is_empty() {
        let sentence = format!("Trust store '{}' is in use by a listener", t.name);
        return Err(AwsError::new("TrustStoreInUse", sentence).into());
    }
    ctx.db.delete::<TrustStore>(&t.account, &t.id);
    Ok(api::DeleteTrustStoreOutput {})
}

/// The ARNs of load balancers that verify by it.
fn users(ctx: &Ctx, t: &TrustStore) -> Vec<String> {
    let by_it = |tls: &Tls| tls.verify.as_ref().is_some_and(|v| v.trust_store == t.id);
    let listeners = ctx.db.list::<Listener>(&t.account).filter(|l| l.tls.as_ref().is_some_and(by_it));
    let balancers = listeners.filter_map(|l| ctx.db.get::<LoadBalancer>(&t.account, &l.balancer));
    let mut out: Vec<String> = balancers.map(|b| arn::balancer(ctx.settings, &b)).collect();
    out.sort();
    out.dedup();
    out
}

fn associations(
    ctx: &mut Ctx,
    r: Authorized<api::DescribeTrustStoreAssociationsInput>,
) -> OpResult<api::DescribeTrustStoreAssociationsOutput> {
    let t = find_trust_store(ctx, &r.trust_store_arn)?;
    let (found, next_marker) = page(users(ctx, &t), &r.marker, r.page_size, Clone::clone)?;
    let shown = |arn: String| api::TrustStoreAssociation { resource_arn: Some(arn) };
    let trust_store_associations = Some(found.into_iter().map(shown).collect());
    Ok(api::DescribeTrustStoreAssociationsOutput { trust_store_associations, next_marker })
}

/// AWS answers with a URL of its own object store that is good for ten minutes; here the URL holds the bundle itself.
fn bundle(
    ctx: &mut Ctx,
    r: Authorized<api::GetTrustStoreCaCertificatesBundleInput>,
) -> OpResult<api::GetTrustStoreCaCertificatesBundleOutput> {
    let t = find_trust_store(ctx, &r.trust_store_arn)?;
    Ok(api::GetTrustStoreCaCertificatesBundleOutput { location: Some(data_url(&t.authorities)) })
}

fn shown(ctx: &Ctx, t: &TrustStore) -> api::TrustStore {
    let whole = |n: usize| i64::try_from(n).ok();
    api::TrustStore {
        name: Some(t.name.clone()),
        number_of_ca_certificates: i32::try_from(t.authorities.matches("-----BEGIN ").count()).ok(),
        status: Some("ACTIVE".to_owned()),
        total_revoked_entries: whole(t.revocations.iter().map(|l| l.entries).sum()),
        trust_store_arn: Some(arn::trust_store(ctx.settings, t)),
    }
}

// --------------------------------------------------------------------------------------------------- of listeners

/// What a request makes of a listener's mutual authentication: passthrough, verify.
pub fn mutual(
    ctx: &Ctx,
    protocol: ListenerProtocol,
    now: Option<&Tls>,
    asked: Option<&api::MutualAuthenticationAttributes>,
) -> Result<(bool, Option<Verify>), AwsError> {
    let Some(asked) = asked else { return Ok((now.is_some_and(|t| t.passthrough), now.and_then(|t| t.verify.clone()))) };
    let of_verify = [
        ("TrustStoreArn", asked.trust_store_arn.is_some()),
        ("IgnoreClientCertificateExpiry", asked.ignore_client_certificate_expiry.is_some()),
        ("AdvertiseTrustStoreCaNames", asked.advertise_trust_store_ca_names.is_some()),
    ];
    let only_verify = || match of_verify.iter().find(|(_, given)| *given) {
        Some((what, _)) => Err(validation(format!("{what} can only be specified for the mutual authentication mode 'verify'"))),
        None => Ok(()),
    };
    match asked.mode.as_deref() {
        None => Err(validation("A mode of mutual authentication must be specified")),
        Some("off") => only_verify().map(|()| (false, None)),
        Some("passthrough") if protocol == ListenerProtocol::Https => only_verify().map(|()| (true, None)),
        Some("verify") if protocol == ListenerProtocol::Https => {
            if asked.trust_store_arn.is_none() {
                return Err(validation("A trust store must be specified for the mutual authentication mode 'verify'"));
            }
            let advertise = match asked.advertise_trust_store_ca_names.as_deref() {
                None | Some("off") => false,
                Some("on") => true,
                Some(other) => return Err(validation(format!("AdvertiseTrustStoreCaNames '{other}' must be on or off"))),
            };
            let trust_store = find_trust_store(ctx, &asked.trust_store_arn)?.id.clone();
            let ignore_expiry = asked.ignore_client_certificate_expiry.unwrap_or(false);
            Ok((false, Some(Verify { trust_store, ignore_expiry, advertise })))
        }
        Some("passthrough" | "verify") => {
            let name = listener::protocol_name(protocol);
            Err(invalid(format!("Mutual authentication is not supported for {name} listeners")))
        }
        Some(other) => Err(validation(format!("'{other}' is not a mode of mutual authentication"))),
    }
}

pub fn mutual_shown(ctx: &Ctx, l: &Listener) -> api::MutualAuthenticationAttributes {
    let verify = l.tls.as_ref().and_then(|t| t.verify.as_ref());
    let store = verify.and_then(|v| ctx.db.get::<TrustStore>(&l.account, &v.trust_store));
    let mode = match &l.tls {
        Some(t) if t.passthrough => "passthrough",
        Some(t) if t.verify.is_some() => "verify",
        _ => "off",
    };
    api::MutualAuthenticationAttributes {
        mode: Some(mode.to_owned()),
        advertise_trust_store_ca_names: verify.map(|v| if v.advertise { "on" } else { "off" }.to_owned()),
        ignore_client_certificate_expiry: verify.map(|v| v.ignore_expiry),
        trust_store_association_status: store.as_ref().map(|_| "active".to_owned()),
        trust_store_arn: store.map(|t| arn::trust_store(ctx.settings, &t)),
    }
}

/// After a listener was put.
pub fn room_on(ctx: &Ctx, b: &LoadBalancer) -> Result<(), AwsError> {
    let verifies = |l: &Rc<Listener>| l.tls.as_ref().is_some_and(|t| t.verify.is_some());
    if usage::listeners(ctx.db, b).iter().filter(|l| verifies(l)).count() <= LISTENERS_MAX {
        return Ok(());
    }
    let sentence = format!("At most {LISTENERS_MAX} listeners of a load balancer can have a trust store");
    Err(AwsError::new("TooManyListeners", sentence))
}

/// For a node's document. A trust store outlives the listeners that verify by it; were it gone, nobody would be let in.
pub fn document(db: &Db, account: &AccountId, tls: &Tls) -> Option<MutualAuthentication> {
    let Some(v) = &tls.verify else { return tls.passthrough.then_some(MutualAuthentication::Passthrough) };
    let store = db.get::<TrustStore>(account, &v.trust_store);
    Some(MutualAuthentication::Verify {
        authorities_pem: store.as_ref().map(|t| t.authorities.clone()).unwrap_or_default(),
        ignore_expiry: v.ignore_expiry,
        advertise: v.advertise,
        revocations_pem: store.iter().flat_map(|t| t.revocations.iter().map(|l| l.pem.clone())).collect(),
    })
}
