//! Small things that several operations of this module share: ids in requests, and values of filters.

use crate::context::Ctx;
use crate::rows::Instance;
use aws_protocol::AwsError;
use std::collections::BTreeSet;
use std::rc::Rc;
use types::InstanceId;

/// A caller's text, short enough to be said back.
pub fn clip(s: &str) -> String {
    s.chars().take(256).collect()
}

pub fn instance_id(text: &str) -> Result<InstanceId, AwsError> {
    text.parse().map_err(|_| AwsError::malformed_id("InvalidInstanceID.Malformed", text))
}

pub fn instance(ctx: &Ctx, text: &str) -> Result<Rc<Instance>, AwsError> {
    let id = instance_id(text)?;
    ctx.db
        .get::<Instance>(&ctx.caller.account, id)
        .ok_or_else(|| AwsError::not_found("InvalidInstanceID.NotFound", "instance ID", text))
}

/// The instances that a request names, each once, in its order. Those that are missing are named together.
pub fn instances(ctx: &Ctx, texts: &[String]) -> Result<Vec<Rc<Instance>>, AwsError> {
    let (mut found, mut missing, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
    for text in texts {
        let id = instance_id(text)?;
        if !seen.insert(id) {
            continue;
        }
        match ctx.db.get::<Instance>(&ctx.caller.account, id) {
            Some(row) => found.push(row),
            None => missing.push(text.as_str()),
        }
    }
    match missing.as_slice() {
        [] => Ok(found),
        [one] => Err(AwsError::not_found("InvalidInstanceID.NotFound", "instance ID", one)),
        many => Err(AwsError::new(
            "InvalidInstanceID.NotFound",
            format!("The instance IDs '{}' do not exist", clip(&many.join(", "))),
        )),
    }
}

pub fn one(v: impl ToString) -> Vec<String> {
    vec![v.to_string()]
}

pub fn some<T: ToString>(v: Option<T>) -> Vec<String> {
    v.map(|v| v.to_string()).into_iter().collect()
}
