//! ImportCertificate and DeleteCertificate.

use super::rows::AcmCertificate;
use super::{arn, find, seal, tags, validation};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::iam::certificate::{self, x509};
use crate::quota::table as quota;
use aws_protocol::{AwsError, acm as api};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as B64;
use zeroize::Zeroizing;

const BODY_BYTES_MAX: usize = 32_768;
const KEY_BYTES_MAX: usize = 5_120;
const CHAIN_BYTES_MAX: usize = 2_097_152;

pub fn register(table: &mut Table) {
    table.op::<api::ImportCertificateRequest>(
        &["CertificateArn", "Certificate", "PrivateKey", "CertificateChain", "Tags"],
        &[],
        import,
    );
    table.op::<api::DeleteCertificateRequest>(&["CertificateArn"], &[], delete);
}

fn text(what: &str, bytes: &Option<Vec<u8>>, max: usize) -> Result<Zeroizing<String>, AwsError> {
    let bytes = bytes.as_deref().unwrap_or_default();
    if bytes.is_empty() || bytes.len() > max {
        return Err(validation(format!("The {what} must have 1 to {max} bytes.")));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| validation(format!("The {what} is not in PEM format.")))?;
    Ok(Zeroizing::new(text.to_owned()))
}

fn import(ctx: &mut Ctx, r: Authorized<api::ImportCertificateRequest>) -> OpResult<api::ImportCertificateResponse> {
    let mut r = r.into_inner();
    let key_bytes = Zeroizing::new(r.private_key.take().unwrap_or_default());
    let body = text("certificate", &r.certificate, BODY_BYTES_MAX)?;
    let key = text("private key", &Some(key_bytes.to_vec()), KEY_BYTES_MAX)?;
    let chain = r.certificate_chain.is_some().then(|| text("certificate chain", &r.certificate_chain, CHAIN_BYTES_MAX));
    let chain = chain.transpose()?;
    let given = certificate::checked(&body, &key, chain.as_deref().map(String::as_str)).map_err(|e| validation(e.message))?;
    if given.not_after <= ctx.now {
        return Err(validation("The certificate is expired.").into());
    }
    if given.not_before > ctx.now {
        return Err(validation("The certificate is not in its validity period yet.").into());
    }
    let again = r.certificate_arn.is_some().then(|| find(ctx, &r.certificate_arn)).transpose()?;
    let tags = tags::of(&r.tags)?;
    if again.is_some() && !tags.is_empty() {
        let sentence = "You cannot apply tags when reimporting a certificate.";
        return Err(validation(sentence).into());
    }
    let account = ctx.caller.account.clone();
    let n = format!("{:032x}", ctx.random());
    let uuid = format!("{}-{}-{}-{}-{}", &n[..8], &n[8..12], &n[12..16], &n[16..20], &n[20..]);
    if again.is_none() {
        let limit = ctx.quota(&quota::IMPORTED_CERTIFICATES);
        if ctx.db.list::<AcmCertificate>(&account).count() >= limit {
            let sentence = format!("You have reached the limit of {limit} imported certificates.");
            return Err(AwsError::new("LimitExceededException", sentence).into());
        }
    }
    let id = again.as_ref().map_or(uuid, |c| c.id.clone());
    let own = arn(ctx.settings, &account, &id);
    let sealed_key = seal::ask(ctx, wire::balancer::certificate_purpose(&own), pkcs8(&key)?)?.into();
    let (created, tags) = again.map_or((ctx.now, tags), |c| (c.created, c.tags.clone()));
    ctx.db.put(AcmCertificate {
        account,
        id,
        body: body.to_string(),
        chain: chain.map(|c| c.to_string()),
        sealed_key,
        imported: ctx.now,
        created,
        tags,
    });
    Ok(api::ImportCertificateResponse { certificate_arn: Some(own) })
}

/// The key as PKCS #8 in PEM, whatever it came as.
fn pkcs8(pem: &str) -> Result<Zeroizing<Vec<u8>>, AwsError> {
    let der = x509::pkcs8_of(pem).ok_or_else(|| validation("The private key is not in PEM format."))?;
    let text = Zeroizing::new(B64.encode(&*der));
    let mut out = Zeroizing::new(b"-----BEGIN PRIVATE KEY-----\n".to_vec());
    for line in text.as_bytes().chunks(64) {
        out.extend_from_slice(line);
        out.push(b'\n');
    }
    out.extend_from_slice(b"-----END PRIVATE KEY-----\n");
    Ok(out)
}

fn delete(ctx: &mut Ctx, r: Authorized<api::DeleteCertificateRequest>) -> OpResult<()> {
    let c = find(ctx, &r.certificate_arn)?;
    let own = c.arn(ctx.settings);
    if !crate::elb::users_of_certificate(ctx.db, ctx.settings, &c.account, &own).is_empty() {
        let sentence = format!("Certificate {own} in account {} is in use.", c.account);
        return Err(AwsError::new("ResourceInUseException", sentence).into());
    }
    ctx.db.delete::<AcmCertificate>(&c.account, &c.id);
    Ok(())
}
