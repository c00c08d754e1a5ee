//! Server certificates: kept for whoever ends TLS. The private key stays in its row and is never given back.

pub mod x509;

use super::rows::ServerCertificate;
use super::{check, serve};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::quota::table as quota;
use aws_protocol::{AwsError, iam as api};
use std::rc::Rc;
use x509::Certificate;

const NAME_CHARS_MAX: usize = 128;
const BODY_CHARS_MAX: usize = 16_384;
const CHAIN_CHARS_MAX: usize = 2_097_152;
const CHAIN_CERTIFICATES_MAX: usize = 10;

pub fn register(table: &mut Table) {
    serve(table, upload);
    serve(table, get);
    serve(table, list);
    serve(table, update);
    serve(table, delete);
}

fn find(ctx: &Ctx, name: &Option<String>) -> Result<Rc<ServerCertificate>, AwsError> {
    let name = check::name("serverCertificateName", name, NAME_CHARS_MAX)?;
    let found = ctx.db.get::<ServerCertificate>(&ctx.caller.account, name.to_lowercase());
    found.ok_or_else(|| check::no_such(format!("The Server Certificate with name {name} cannot be found.")))
}

fn metadata(c: &ServerCertificate) -> api::ServerCertificateMetadata {
    api::ServerCertificateMetadata {
        arn: Some(c.arn()),
        expiration: Some(c.expires),
        path: Some(c.path.clone()),
        server_certificate_id: Some(c.id.clone()),
        server_certificate_name: Some(c.name.clone()),
        upload_date: Some(c.uploaded),
    }
}

fn malformed(message: &str) -> AwsError {
    AwsError::new("MalformedCertificate", message)
}

fn certificates(text: &str) -> Option<Vec<Certificate>> {
    let blocks = x509::pem(text)?;
    blocks.iter().map(|(label, der)| if label == "CERTIFICATE" { x509::parse(der) } else { None }).collect()
}

/// The certificate, with what belongs to it checked: the key is its own, and the chain leads up from it, one by one.
pub fn checked(body: &str, key: &str, chain: Option<&str>) -> Result<Certificate, AwsError> {
    let unreadable = || malformed("Unable to parse certificate. Please ensure the certificate is in PEM format.");
    let [certificate] = <[Certificate; 1]>::try_from(certificates(body).ok_or_else(unreadable)?).map_err(|_| unreadable())?;
    let no_key = || malformed("Unable to parse private key. It must be an unencrypted RSA or EC key in PEM format.");
    let blocks = x509::pem(key).ok_or_else(no_key)?;
    // OpenSSL writes an EC key's parameters in front of it.
    let block = blocks.iter().find(|(label, _)| label != "EC PARAMETERS").ok_or_else(no_key)?;
    let public = x509::public_of(&block.0, &block.1).ok_or_else(no_key)?;
    if public != certificate.key {
        return Err(AwsError::new("KeyPairMismatch", "The public key certificate and the private key do not match."));
    }
    if let Some(chain) = chain {
        let sentence = "Unable to validate certificate chain. The certificate chain must start with the immediate signing certificate, followed by any intermediaries in order.";
        let chain = certificates(chain).filter(|c| (1..=CHAIN_CERTIFICATES_MAX).contains(&c.len()));
        let chain = chain.ok_or_else(|| malformed(sentence))?;
        let mut below = &certificate;
        for above in &chain {
            if below.issuer != above.subject {
                return Err(malformed(sentence));
            }
            below = above;
        }
    }
    Ok(certificate)
}

fn upload(ctx: &mut Ctx, r: Authorized<api::UploadServerCertificateRequest>) -> OpResult<api::UploadServerCertificateResponse> {
    let name = check::name("serverCertificateName", &r.server_certificate_name, NAME_CHARS_MAX)?;
    let path = check::path("path", &r.path)?;
    let tags = check::tags(&r.tags)?;
    let (body, key) = (check::text(&r.certificate_body), check::text(&r.private_key));
    check::length("certificateBody", body, 1..=BODY_CHARS_MAX)?;
    if key.is_empty() || key.len() > BODY_CHARS_MAX {
        // The value is not repeated: it is secret.
        return Err(check::validation(format!("The private key must have 1 to {BODY_CHARS_MAX} characters.")).into());
    }
    if let Some(chain) = &r.certificate_chain {
        check::length("certificateChain", chain, 1..=CHAIN_CHARS_MAX)?;
    }
    let certificate = checked(body, key, r.certificate_chain.as_deref())?;
    if certificate.not_before > ctx.now || certificate.not_after <= ctx.now {
        return Err(malformed("The certificate is not valid now: see its dates.").into());
    }
    let account = ctx.caller.account.clone();
    if ctx.db.get::<ServerCertificate>(&account, name.to_lowercase()).is_some() {
        return Err(check::exists(format!("The Server Certificate with name {name} already exists.")).into());
    }
    let count = ctx.db.list::<ServerCertificate>(&account).count();
    check::room(count, ctx.quota(&quota::SERVER_CERTIFICATES), "ServerCertificatesPerAccount")?;
    let row = ServerCertificate {
        account,
        id: ctx.unique_id("ASCA"),
        name: name.to_owned(),
        path,
        body: body.to_owned(),
        chain: r.certificate_chain.clone(),
        private_key: key.to_owned(),
        uploaded: ctx.now,
        expires: certificate.not_after,
        tags,
    };
    let (shown, tags) = (metadata(&row), check::shown_tags(&row.tags));
    ctx.db.put(row);
    Ok(api::UploadServerCertificateResponse { server_certificate_metadata: Some(shown), tags })
}

fn get(ctx: &mut Ctx, r: Authorized<api::GetServerCertificateRequest>) -> OpResult<api::GetServerCertificateResponse> {
    let c = find(ctx, &r.server_certificate_name)?;
    let server_certificate = api::ServerCertificate {
        certificate_body: Some(c.body.clone()),
        certificate_chain: c.chain.clone(),
        server_certificate_metadata: Some(metadata(&c)),
        tags: Some(check::tag_list(&c.tags)),
    };
    Ok(api::GetServerCertificateResponse { server_certificate: Some(server_certificate) })
}

fn list(ctx: &mut Ctx, r: Authorized<api::ListServerCertificatesRequest>) -> OpResult<api::ListServerCertificatesResponse> {
    let prefix = check::prefix(&r.path_prefix)?;
    let all = ctx.db.list::<ServerCertificate>(&ctx.caller.account).filter(|c| c.path.starts_with(prefix));
    let page = check::page(all, &r.marker, r.max_items, |c| c.name.to_lowercase())?.map(|c| metadata(&c));
    Ok(api::ListServerCertificatesResponse {
        server_certificate_metadata_list: Some(page.items),
        is_truncated: page.is_truncated,
        marker: page.marker,
    })
}

fn update(ctx: &mut Ctx, r: Authorized<api::UpdateServerCertificateRequest>) -> OpResult<()> {
    let old = find(ctx, &r.server_certificate_name)?;
    let mut new = (*old).clone();
    if r.new_server_certificate_name.is_some() {
        let name = check::name("newServerCertificateName", &r.new_server_certificate_name, NAME_CHARS_MAX)?;
        let id = name.to_lowercase();
        if id != old.name.to_lowercase() && ctx.db.get::<ServerCertificate>(&old.account, id).is_some() {
            return Err(check::exists(format!("The Server Certificate with name {name} already exists.")).into());
        }
        new.name = name.to_owned();
        ctx.db.delete::<ServerCertificate>(&old.account, old.name.to_lowercase());
    }
    if r.new_path.is_some() {
        new.path = check::path("newPath", &r.new_path)?;
    }
    ctx.db.put(new);
    Ok(())
}

fn delete(ctx: &mut Ctx, r: Authorized<api::DeleteServerCertificateRequest>) -> OpResult<()> {
    let c = find(ctx, &r.server_certificate_name)?;
    ctx.db.delete::<ServerCertificate>(&c.account, c.name.to_lowercase());
    Ok(())
}
