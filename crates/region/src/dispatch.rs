//! From an authenticated request to a reply: everything that all operations have in common, once.
//!
//! ```text
//!  find operation ─► parameters supported? ─► authorise ─► client token seen? ─► decode ─► handler ─► dry run? ─► encode
//! ```
//!
//! Here and nowhere else: unknown and unsupported parameters are refused by name, DryRun, ClientToken, and which resource
//! types TagSpecifications may name. Filters and pages are applied by handlers through [`crate::filter`] and
//! [`crate::page`], as only they know the items. Nothing is committed here: the caller ([`crate::service`]) commits what the
//! handler left in the rows, or rolls back.

use crate::authz::{self, Given};
use crate::context::{Authorized, Ctx, OpError, OpResult};
use crate::db::Row;
use crate::ec2::compute::templates;
use crate::rows::IdempotencyToken;
use ::iam::catalog::{self, Judged, When};
use aws_protocol::{AwsError, Form, HttpReply, Operation, Request};
use std::collections::BTreeMap;

/// Client tokens are remembered for a day.
pub const CLIENT_TOKEN_MS: u64 = 24 * 3600 * 1000;
const CLIENT_TOKEN_CHARS_MAX: usize = 64;
/// Two APIs sign as one service: their operations are called alike, and only the version tells them apart.
const CLASSIC_BALANCERS: (&str, Option<&str>) = ("elasticloadbalancing", Some("2012-06-01"));

/// Parameters that the dispatcher or the shared helpers serve for every operation that has them.
const COMMON: &[&str] = &["DryRun", "ClientToken", "Filter.N.Name", "Filter.N.Value.N", "MaxResults", "NextToken"];
/// A few operations of transit gateways spell them in the plural.
const TAG_SPECIFICATION: &[&str] = &[
    "TagSpecification.N.ResourceType",
    "TagSpecification.N.Tag.N.Key",
    "TagSpecification.N.Tag.N.Value",
    "TagSpecifications.N.ResourceType",
    "TagSpecifications.N.Tag.N.Key",
    "TagSpecifications.N.Tag.N.Value",
];

/// A decoded request, still untyped.
pub enum Input<'a> {
    Form(&'a Form),
    Json(&'a [u8]),
}

type Run = Box<dyn Fn(&mut Ctx, &Input) -> OpResult<HttpReply>>;

/// One operation that is served.
pub struct Entry {
    pub operation: &'static Operation,
    /// Besides the common ones.
    pub parameters: &'static [&'static str],
    /// Resource types that a TagSpecification may name; empty: none are accepted.
    pub tags: &'static [&'static str],
    /// What it asks for.
    row: &'static catalog::Row,
    run: Run,
}

/// The operations that are served, by service and name.
#[derive(Default)]
pub struct Table {
    entries: BTreeMap<(&'static str, &'static str), Entry>,
}

impl Table {
    /// Serves `R`'s operation. `parameters` lists the normalised wire paths (`Filter.N.Name` style) that have their effect;
    /// a request that sets any other is refused. A path that ends in `.*` stands for all below it.
    pub fn op<R: Request + 'static>(
        &mut self,
        parameters: &'static [&'static str],
        tags: &'static [&'static str],
        handler: fn(&mut Ctx, Authorized<R>) -> OpResult<R::Reply>,
    ) where
        R::Reply: 'static,
    {
        self.serve::<R>(parameters, tags, &[Judged::Before, Judged::Never], handler);
    }

    /// As [`Table::op`], for operations on a resource with a policy of its own: the handler finds the resource and asks
    /// (`Ctx::require`, `kms::find::allow`) before it does or tells anything.
    pub fn op_judged_inside<R: Request + 'static>(
        &mut self,
        parameters: &'static [&'static str],
        handler: fn(&mut Ctx, Authorized<R>) -> OpResult<R::Reply>,
    ) where
        R::Reply: 'static,
    {
        self.serve::<R>(parameters, &[], &[Judged::Inside], handler);
    }

    fn serve<R: Request + 'static>(
        &mut self,
        parameters: &'static [&'static str],
        tags: &'static [&'static str],
        judged: &[Judged],
        handler: fn(&mut Ctx, Authorized<R>) -> OpResult<R::Reply>,
    ) where
        R::Reply: 'static,
    {
        let operation = R::operation();
        let run: Run = Box::new(move |ctx, input| {
            let request: R = match input {
                Input::Form(form) => aws_protocol::decode(form)?,
                Input::Json(body) => aws_protocol::decode_json(body)?,
            };
            let reply = handler(ctx, Authorized::new(request))?;
            Ok(aws_protocol::encode::<R>(ctx.request_id, &reply))
        });
        let (service, name) = (operation.service.name, operation.name);
        let row = catalog::find(service, name).unwrap_or_else(|| panic!("{service}:{name} is not in the catalogue of actions"));
        assert!(judged.contains(&row.judged), "{service}:{name} is {:?} in the catalogue of actions", row.judged);
        let before = self.entries.insert((service, name), Entry { operation, parameters, tags, row, run });
        assert!(before.is_none(), "{} is served twice", operation.name);
    }

    pub fn find(&self, service: &str, action: &str) -> Option<&Entry> {
        // The key's strings are static; compare by value.
        self.entries.iter().find(|((s, a), _)| *s == service && *a == action).map(|(_, e)| e)
    }

    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }
}

/// Runs a form operation against the rows. On `Err` the caller rolls back; a dry run is an `Err` too.
pub fn run_form(table: &Table, ctx: &mut Ctx, service: &str, form: &Form) -> OpResult<HttpReply> {
    let action = form.action.as_deref().ok_or_else(AwsError::missing_action)?;
    if (service, form.version.as_deref()) == CLASSIC_BALANCERS {
        let sentence = format!("{action}: there are no Classic Load Balancers in this region, only those of version 2.");
        return Err(AwsError::unsupported_operation(sentence).into());
    }
    let entry = table.find(service, action).ok_or_else(|| no_such_operation(service, action))?;
    refuse_unsupported(entry, form)?;
    let dry_run = match form.text("DryRun") {
        None => false,
        Some(v) if v.eq_ignore_ascii_case("false") => false,
        Some(v) if v.eq_ignore_ascii_case("true") => true,
        Some(v) => return Err(AwsError::invalid_value("DryRun", v, "Expected true or false.").into()),
    };
    // A launch is asked about with all that its template says; a template that is not there is told of only afterwards.
    let launches = entry.operation.name == "RunInstances";
    let expanded = if launches { templates::expand(ctx, form) } else { None };
    match &expanded {
        Some(Ok(all)) => entry.authorize(ctx, &Given::over_template(all, form))?,
        _ => entry.authorize(ctx, &Given::form(form))?,
    }
    let token = if entry.operation.client_token { client_token(entry, form)? } else { None };
    if let Some((token, parameters)) = &token
        && let Some(reply) = remembered(ctx, entry, token, parameters)?
    {
        return if dry_run { Err(AwsError::dry_run_operation().into()) } else { Ok(reply) };
    }
    let expanded = expanded.transpose()?;
    let outcome = entry.run(ctx, &Input::Form(expanded.as_ref().unwrap_or(form)));
    if dry_run {
        return Err(match outcome {
            // To know whether there is room the cell would have to be asked: a dry run has no such effect.
            Ok(_) | Err(OpError::Ask(_)) => AwsError::dry_run_operation().into(),
            Err(e) => e,
        });
    }
    let reply = outcome?;
    if let Some((token, parameters)) = token {
        ctx.db.put(IdempotencyToken {
            account: ctx.caller.account.clone(),
            operation: entry.operation.name.to_owned(),
            token,
            parameters,
            reply: reply.body.clone(),
            request_id: ctx.request_id.to_owned(),
            at: ctx.now,
        });
    }
    Ok(reply)
}

/// Runs a JSON operation; `target` is the header's `Prefix.Operation`.
pub fn run_json(table: &Table, ctx: &mut Ctx, service: &str, target: &str, body: &[u8]) -> OpResult<HttpReply> {
    let action = target.rsplit('.').next().unwrap_or_default();
    let entry = table.find(service, action).ok_or_else(|| {
        OpError::from(AwsError::new("UnknownOperationException", format!("{target} is not an operation of {service} here.")))
    })?;
    let value: serde_json::Value = serde_json::from_slice(if body.is_empty() { b"{}" } else { body })
        .map_err(|e| AwsError::serialization(format!("The body is not JSON: {e}")))?;
    if let Some(name) = value.as_object().and_then(|o| o.keys().find(|k| !entry.parameters.contains(&k.as_str()))) {
        return Err(unsupported(name, entry).into());
    }
    entry.authorize(ctx, &Given::json(&value))?;
    entry.run(ctx, &Input::Json(body))
}

fn no_such_operation(service: &str, action: &str) -> AwsError {
    match aws_protocol::find_operation(service, action) {
        Some(op) => AwsError::unsupported_operation(format!("{} is not supported by this region.", op.name)),
        None => AwsError::invalid_action(action),
    }
}

fn unsupported(path: &str, entry: &Entry) -> AwsError {
    AwsError::unsupported_operation(format!(
        "The parameter {path} of {} is not supported by this region: leave it out, it would have no effect.",
        entry.operation.name
    ))
}

fn refuse_unsupported(entry: &Entry, form: &Form) -> Result<(), AwsError> {
    if let Some(path) = form.unknown_parameter(entry.operation) {
        return Err(AwsError::unknown_parameter(&path));
    }
    for (path, normal, value) in form.parameters() {
        let common =
            COMMON.contains(&normal.as_str()) || (!entry.tags.is_empty() && TAG_SPECIFICATION.contains(&normal.as_str()));
        if !common && !entry.supports(&normal) {
            return Err(unsupported(&path, entry));
        }
        let names_type = matches!(normal.as_str(), "TagSpecification.N.ResourceType" | "TagSpecifications.N.ResourceType");
        if names_type && !entry.tags.contains(&value) {
            return Err(AwsError::invalid_parameter_value(format!(
                "'{value}' is not a valid taggable resource type for this operation."
            )));
        }
    }
    Ok(())
}

impl Entry {
    /// Asks for what the request names.
    fn authorize(&self, ctx: &mut Ctx, given: &Given) -> Result<(), AwsError> {
        ctx.protocol = Some(self.operation.service.protocol);
        crate::sts::limits::check(ctx.caller, self.operation.service.name, self.operation.name)?;
        authz::before(ctx, self.row, given)
    }

    fn run(&self, ctx: &mut Ctx, input: &Input) -> OpResult<HttpReply> {
        let reply = (self.run)(ctx, input)?;
        let must_ask = self.row.needs.iter().any(|n| n.when == When::Always);
        if must_ask && ctx.traces.is_empty() {
            return Err(AwsError::internal(format!("{} asked nobody whether the caller may.", self.operation.name)).into());
        }
        Ok(reply)
    }

    pub fn supports(&self, normal: &str) -> bool {
        self.parameters.iter().any(|p| match p.strip_suffix(".*") {
            Some(prefix) => normal.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('.')),
            // `Tags=` is how the query protocol writes an empty list.
            None => p.strip_prefix(normal).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')),
        })
    }
}

/// The token and the hash of everything else in the request.
fn client_token(entry: &Entry, form: &Form) -> Result<Option<(String, String)>, AwsError> {
    let Some(token) = form.text("ClientToken") else { return Ok(None) };
    if token.is_empty() || token.chars().count() > CLIENT_TOKEN_CHARS_MAX || !token.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(AwsError::new(
            "InvalidClientToken",
            format!("The client token must have 1 to {CLIENT_TOKEN_CHARS_MAX} visible ASCII characters."),
        ));
    }
    let mut text = entry.operation.name.to_owned();
    for (path, _, value) in form.parameters() {
        if path != "ClientToken" && path != "DryRun" {
            text.push_str(&format!("\n{path}={value}"));
        }
    }
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    Ok(Some((token.to_owned(), hex::encode(digest))))
}

fn remembered(ctx: &Ctx, entry: &Entry, token: &str, parameters: &str) -> Result<Option<HttpReply>, AwsError> {
    let id = format!("{}/{token}", entry.operation.name);
    let Some(row) = ctx.db.get::<IdempotencyToken>(&ctx.caller.account, id) else { return Ok(None) };
    if ctx.now.0 > row.at.0 + CLIENT_TOKEN_MS {
        return Ok(None);
    }
    if row.parameters != parameters {
        return Err(AwsError::idempotent_parameter_mismatch());
    }
    let mut reply = empty_reply(ctx.request_id);
    reply.body = row.reply.replace(&row.request_id, ctx.request_id);
    Ok(Some(reply))
}

fn empty_reply(request_id: &str) -> HttpReply {
    HttpReply {
        status: 200,
        content_type: "text/xml;charset=UTF-8",
        headers: vec![("x-amzn-requestid", request_id.to_owned())],
        body: String::new(),
    }
}

/// Forgets client tokens that are over their time. Called now and then by the service.
pub fn forget_old_tokens(db: &mut crate::db::Db, now: types::TimestampMs) {
    let old: Vec<_> = db.all::<IdempotencyToken>().filter(|t| now.0 > t.at.0 + CLIENT_TOKEN_MS).collect();
    for t in old {
        db.delete::<IdempotencyToken>(&t.account, t.id());
    }
}
