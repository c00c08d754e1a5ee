//! OpenID Connect providers whose tokens AssumeRoleWithWebIdentity may take.

use super::rows::OidcProvider;
use super::{check, serve};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::quota::table as quota;
use aws_protocol::{AwsError, iam as api};
use std::rc::Rc;

const CLIENTS_MAX: usize = 100;
const THUMBPRINTS_MAX: usize = 5;
const THUMBPRINT_CHARS: usize = 40;
const CHARS_MAX: usize = 255;

pub fn register(table: &mut Table) {
    serve(table, create);
    serve(table, get);
    serve(table, list);
    serve(table, delete);
    serve(table, update_thumbprints);
    serve(table, add_client);
    serve(table, remove_client);
    serve(table, tag);
}

/// `https://` and a host, perhaps a path; no port, query or fragment.
fn url(value: &Option<String>) -> Result<&str, AwsError> {
    let url = check::text(value);
    check::length("url", url, 1..=CHARS_MAX)?;
    let invalid = |why: &str| check::validation(format!("Invalid Open ID Connect Provider URL: {why}"));
    let rest = url.strip_prefix("https://").ok_or_else(|| invalid("it must begin with https://"))?;
    let (host, path) = rest.split_once('/').map_or((rest, None), |(host, path)| (host, Some(path)));
    let label = |l: &str| !l.is_empty() && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if !host.split('.').all(label) {
        return Err(invalid("it must name a host and have no port"));
    }
    let fits = |b: u8| b.is_ascii_graphic() && !b"?#\"<>\\^`{|}".contains(&b);
    if path.is_some_and(|p| p.is_empty() || !p.bytes().all(fits)) {
        return Err(invalid("it must have no query, no fragment, and no slash at the end of a host"));
    }
    Ok(rest)
}

fn clients(list: &Option<Vec<String>>) -> Result<Vec<String>, AwsError> {
    let mut out: Vec<String> = Vec::new();
    for id in list.iter().flatten() {
        check::length("clientIDList", id, 1..=CHARS_MAX)?;
        if !out.contains(id) {
            out.push(id.clone());
        }
    }
    if out.len() > CLIENTS_MAX {
        return Err(check::limit(format!("Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: {CLIENTS_MAX}")));
    }
    Ok(out)
}

fn thumbprints(list: &Option<Vec<String>>) -> Result<Vec<String>, AwsError> {
    let list = list.as_deref().unwrap_or_default();
    if list.len() > THUMBPRINTS_MAX {
        return Err(check::invalid_input(format!("Thumbprint list must contain fewer than {THUMBPRINTS_MAX} entries.")));
    }
    for thumbprint in list {
        check::length("thumbprintList", thumbprint, THUMBPRINT_CHARS..=THUMBPRINT_CHARS)?;
        if !thumbprint.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(check::invalid_input("Invalid thumbprint: it must be the SHA-1 of a certificate in hexadecimal."));
        }
    }
    Ok(list.iter().map(|t| t.to_ascii_lowercase()).collect())
}

fn find(ctx: &Ctx, arn: &Option<String>) -> Result<Rc<OidcProvider>, AwsError> {
    let arn = check::arn("openIDConnectProviderArn", arn)?;
    let found = arn.split_once(":oidc-provider/").and_then(|(_, url)| ctx.db.get::<OidcProvider>(&ctx.caller.account, url));
    found.filter(|p| p.arn() == arn).ok_or_else(|| check::no_such(format!("OpenIDConnect Provider not found for arn {arn}")))
}

fn create(
    ctx: &mut Ctx,
    r: Authorized<api::CreateOpenIDConnectProviderRequest>,
) -> OpResult<api::CreateOpenIDConnectProviderResponse> {
    let url = url(&r.url)?;
    let (clients, thumbprints, tags) = (clients(&r.client_id_list)?, thumbprints(&r.thumbprint_list)?, check::tags(&r.tags)?);
    let account = ctx.caller.account.clone();
    if ctx.db.get::<OidcProvider>(&account, url).is_some() {
        return Err(check::exists(format!("Provider with url https://{url} already exists.")).into());
    }
    check::room(
        ctx.db.list::<OidcProvider>(&account).count(),
        ctx.quota(&quota::OIDC_PROVIDERS),
        "OpenIdConnectProvidersPerAccount",
    )?;
    let provider = OidcProvider { account, url: url.to_owned(), clients, thumbprints, created: ctx.now, tags };
    let (arn, tags) = (provider.arn(), check::shown_tags(&provider.tags));
    ctx.db.put(provider);
    Ok(api::CreateOpenIDConnectProviderResponse { open_id_connect_provider_arn: Some(arn), tags })
}

fn get(ctx: &mut Ctx, r: Authorized<api::GetOpenIDConnectProviderRequest>) -> OpResult<api::GetOpenIDConnectProviderResponse> {
    let p = find(ctx, &r.open_id_connect_provider_arn)?;
    Ok(api::GetOpenIDConnectProviderResponse {
        client_id_list: Some(p.clients.clone()),
        create_date: Some(p.created),
        tags: Some(check::tag_list(&p.tags)),
        thumbprint_list: Some(p.thumbprints.clone()),
        url: Some(p.url.clone()),
    })
}

fn list(
    ctx: &mut Ctx,
    _: Authorized<api::ListOpenIDConnectProvidersRequest>,
) -> OpResult<api::ListOpenIDConnectProvidersResponse> {
    let all = ctx.db.list::<OidcProvider>(&ctx.caller.account);
    let list = all.map(|p| api::OpenIDConnectProviderListEntry { arn: Some(p.arn()) }).collect();
    Ok(api::ListOpenIDConnectProvidersResponse { open_id_connect_provider_list: Some(list) })
}

fn delete(ctx: &mut Ctx, r: Authorized<api::DeleteOpenIDConnectProviderRequest>) -> OpResult<()> {
    let p = find(ctx, &r.open_id_connect_provider_arn)?;
    ctx.db.delete::<OidcProvider>(&p.account, &p.url);
    Ok(())
}

fn update_thumbprints(ctx: &mut Ctx, r: Authorized<api::UpdateOpenIDConnectProviderThumbprintRequest>) -> OpResult<()> {
    let p = find(ctx, &r.open_id_connect_provider_arn)?;
    let thumbprints = thumbprints(&r.thumbprint_list)?;
    ctx.db.put(OidcProvider { thumbprints, ..(*p).clone() });
    Ok(())
}

/// "This operation is idempotent", and so is the removal.
fn add_client(ctx: &mut Ctx, r: Authorized<api::AddClientIDToOpenIDConnectProviderRequest>) -> OpResult<()> {
    let p = find(ctx, &r.open_id_connect_provider_arn)?;
    let all = p.clients.iter().cloned().chain([check::text(&r.client_id).to_owned()]).collect();
    let clients = clients(&Some(all))?;
    ctx.db.put(OidcProvider { clients, ..(*p).clone() });
    Ok(())
}

fn remove_client(ctx: &mut Ctx, r: Authorized<api::RemoveClientIDFromOpenIDConnectProviderRequest>) -> OpResult<()> {
    let mut p = (*find(ctx, &r.open_id_connect_provider_arn)?).clone();
    let id = check::text(&r.client_id);
    check::length("clientID", id, 1..=CHARS_MAX)?;
    p.clients.retain(|c| c != id);
    ctx.db.put(p);
    Ok(())
}

fn tag(ctx: &mut Ctx, r: Authorized<api::TagOpenIDConnectProviderRequest>) -> OpResult<()> {
    let mut p = (*find(ctx, &r.open_id_connect_provider_arn)?).clone();
    check::add_tags(&mut p.tags, check::tags(&r.tags)?, "TagsPerOpenIDConnectProvider")?;
    ctx.db.put(p);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        for (text, right) in [
            ("https://token.actions.githubusercontent.com", true),
            ("https://oidc.eks.us-east-1.amazonaws.com/id/ABC", true),
            ("http://a.example", false),
            ("https://a.example:8443", false),
            ("https://a.example/", false),
            ("https://a.example/x?y", false),
            ("https://", false),
            ("a.example", false),
        ] {
            assert_eq!(url(&Some(text.into())).is_ok(), right, "{text}");
        }
    }
}
