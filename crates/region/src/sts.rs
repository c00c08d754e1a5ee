//! STS: who is calling.

use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use aws_protocol::sts;

pub fn register(table: &mut Table) {
    table.op::<sts::GetCallerIdentityRequest>(&[], &[], get_caller_identity);
}

fn get_caller_identity(ctx: &mut Ctx, _: Authorized<sts::GetCallerIdentityRequest>) -> OpResult<sts::GetCallerIdentityResponse> {
    Ok(sts::GetCallerIdentityResponse {
        account: Some(ctx.caller.account.to_string()),
        arn: Some(ctx.caller.arn.clone()),
        user_id: Some(ctx.caller.user_id.clone()),
    })
}
