//! SAML providers' metadata: kept, and looked at as far as AssumeRoleWithSAML will need it.

use super::rows::SamlProvider;
use super::{check, serve};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::quota::table as quota;
use aws_protocol::{AwsError, iam as api};
use std::rc::Rc;
use types::TimestampMs;

const NAME_CHARS_MAX: usize = 128;
const METADATA_CHARS: std::ops::RangeInclusive<usize> = 1_000..=10_000_000;
/// What is in force when the metadata names no end: a hundred years.
const FOREVER_MS: u64 = 100 * 365 * 24 * 3600 * 1000;

pub fn register(table: &mut Table) {
    // Without AddPrivateKey, RemovePrivateKey and AssertionEncryptionMode: nothing here decrypts assertions.
    let create_parameters = &["Name", "SAMLMetadataDocument", "Tags.member.N.Key", "Tags.member.N.Value"];
    table.op::<api::CreateSAMLProviderRequest>(create_parameters, &[], create);
    table.op::<api::UpdateSAMLProviderRequest>(&["SAMLProviderArn", "SAMLMetadataDocument"], &[], update);
    serve(table, get);
    serve(table, list);
    serve(table, delete);
}

fn metadata(ctx: &Ctx, value: &Option<String>) -> Result<(String, TimestampMs), AwsError> {
    let text = check::text(value);
    let count = text.chars().count();
    if !METADATA_CHARS.contains(&count) {
        return Err(check::validation(format!(
            "1 validation error detected: Value at 'sAMLMetadataDocument' failed to satisfy constraint: Member must have length between {} and {}",
            METADATA_CHARS.start(),
            METADATA_CHARS.end()
        )));
    }
    let metadata = crate::saml::metadata::parse(text).ok_or_else(|| check::invalid_input("Could not parse metadata"))?;
    Ok((text.to_owned(), metadata.valid_until.unwrap_or(TimestampMs(ctx.now.0 + FOREVER_MS))))
}

fn find(ctx: &Ctx, arn: &Option<String>) -> Result<Rc<SamlProvider>, AwsError> {
    let arn = check::arn("sAMLProviderArn", arn)?;
    let found = ctx.db.get::<SamlProvider>(&ctx.caller.account, super::name_of_arn(arn).to_lowercase());
    found.filter(|p| p.arn() == arn).ok_or_else(|| check::no_such(format!("Manifest not found for arn {arn}")))
}

fn create(ctx: &mut Ctx, r: Authorized<api::CreateSAMLProviderRequest>) -> OpResult<api::CreateSAMLProviderResponse> {
    let name = check::text(&r.name);
    check::length("name", name, 1..=NAME_CHARS_MAX)?;
    if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)) {
        return Err(check::unfit("name", name, r"Member must satisfy regular expression pattern: [\w._-]+").into());
    }
    let tags = check::tags(&r.tags)?;
    let (metadata, valid_until) = metadata(ctx, &r.saml_metadata_document)?;
    let account = ctx.caller.account.clone();
    if ctx.db.get::<SamlProvider>(&account, name.to_lowercase()).is_some() {
        return Err(check::exists(format!("Provider with name {name} already exists.")).into());
    }
    check::room(ctx.db.list::<SamlProvider>(&account).count(), ctx.quota(&quota::SAML_PROVIDERS), "SAMLProvidersPerAccount")?;
    let id = ctx.unique_id("SAML");
    let row = SamlProvider { account, id, name: name.to_owned(), metadata, created: ctx.now, valid_until, tags };
    let (arn, tags) = (row.arn(), check::shown_tags(&row.tags));
    ctx.db.put(row);
    Ok(api::CreateSAMLProviderResponse { saml_provider_arn: Some(arn), tags })
}

fn get(ctx: &mut Ctx, r: Authorized<api::GetSAMLProviderRequest>) -> OpResult<api::GetSAMLProviderResponse> {
    let p = find(ctx, &r.saml_provider_arn)?;
    Ok(api::GetSAMLProviderResponse {
        create_date: Some(p.created),
        saml_metadata_document: Some(p.metadata.clone()),
        saml_provider_uuid: Some(p.id.clone()),
        tags: Some(check::tag_list(&p.tags)),
        valid_until: Some(p.valid_until),
        ..Default::default()
    })
}

fn list(ctx: &mut Ctx, _: Authorized<api::ListSAMLProvidersRequest>) -> OpResult<api::ListSAMLProvidersResponse> {
    let all = ctx.db.list::<SamlProvider>(&ctx.caller.account);
    let entry = |p: Rc<SamlProvider>| api::SAMLProviderListEntry {
        arn: Some(p.arn()),
        create_date: Some(p.created),
        valid_until: Some(p.valid_until),
    };
    Ok(api::ListSAMLProvidersResponse { saml_provider_list: Some(all.map(entry).collect()) })
}

fn update(ctx: &mut Ctx, r: Authorized<api::UpdateSAMLProviderRequest>) -> OpResult<api::UpdateSAMLProviderResponse> {
    let p = find(ctx, &r.saml_provider_arn)?;
    if r.saml_metadata_document.is_some() {
        let (metadata, valid_until) = metadata(ctx, &r.saml_metadata_document)?;
        ctx.db.put(SamlProvider { metadata, valid_until, ..(*p).clone() });
    }
    Ok(api::UpdateSAMLProviderResponse { saml_provider_arn: Some(p.arn()) })
}

fn delete(ctx: &mut Ctx, r: Authorized<api::DeleteSAMLProviderRequest>) -> OpResult<()> {
    let p = find(ctx, &r.saml_provider_arn)?;
    ctx.db.delete::<SamlProvider>(&p.account, p.name.to_lowercase());
    Ok(())
}
