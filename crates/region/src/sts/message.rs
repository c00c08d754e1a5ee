//! Encoded authorization messages: why EC2 refused, sealed, for whoever may read it (DecodeAuthorizationMessage).

use super::{check, keys};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use ::iam::token::MESSAGE_CHARS_MAX;
use ::iam::{Asked, DenyReason};
use aws_protocol::{AwsError, sts};
use serde_json::json;

/// A longer message would not come back: its conditions are left out.
const TEXT_BYTES_MAX: usize = 7_000;

pub fn register(table: &mut Table) {
    table.op::<sts::DecodeAuthorizationMessageRequest>(&["EncodedMessage"], &[], decode);
}

fn decode(
    ctx: &mut Ctx,
    r: Authorized<sts::DecodeAuthorizationMessageRequest>,
) -> OpResult<sts::DecodeAuthorizationMessageResponse> {
    let sealed = check::text("encodedMessage", &r.encoded_message, 1..=MESSAGE_CHARS_MAX, |_| true)?;
    let text = keys(ctx.db).open_message(&ctx.caller.account, sealed);
    let text = text.ok_or_else(|| AwsError::new("InvalidAuthorizationMessageException", "Message is not valid."))?;
    Ok(sts::DecodeAuthorizationMessageResponse { decoded_message: Some(text) })
}

/// The refusal of `asked` in the form that AWS documents, sealed for the caller's account.
pub fn encode(ctx: &mut Ctx, asked: &Asked, reason: DenyReason) -> Option<String> {
    let random = ctx.random();
    let bundle = ctx.who.bundle;
    let explicit = matches!(reason, DenyReason::Explicit { .. });
    let matched: Vec<_> = match reason {
        DenyReason::Explicit { statement, .. } => vec![json!({ "statementId": statement.to_string(), "effect": "DENY" })],
        DenyReason::Implicit(_) => Vec::new(),
    };
    let conditions: Vec<_> = asked
        .context
        .iter()
        .map(|(key, values)| {
            let values: Vec<_> = values.iter().map(|v| json!({ "value": v })).collect();
            json!({ "key": key, "values": { "items": values } })
        })
        .collect();
    let text = |conditions: &[serde_json::Value]| {
        json!({
            "allowed": false,
            "explicitDeny": explicit,
            "matchedStatements": { "items": matched },
            "failures": { "items": [] },
            "context": {
                "principal": { "id": ctx.caller.user_id, "arn": bundle.principal.arn },
                "action": asked.action,
                "resource": asked.resource,
                "conditions": { "items": conditions },
            },
        })
        .to_string()
    };
    let whole = text(&conditions);
    let text = if whole.len() <= TEXT_BYTES_MAX { whole } else { text(&[]) };
    keys(ctx.db).seal_message(&ctx.caller.account, &text, random)
}
