//! The one question to IAM's devices.

use crate::context::Ctx;

/// The unique id of the user of the caller's account whose device shows this code now. Each code is good once.
pub fn user_of_code(ctx: &mut Ctx, serial: &str, code: &str) -> Option<String> {
    let account = ctx.caller.account.clone();
    crate::iam::mfa::check(ctx.db, &account, serial, code, ctx.now)
}
