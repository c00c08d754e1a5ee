//! The pool of public addresses: one guard row per address in use, whoever uses it.

use crate::context::{Ctx, OpResult};
use crate::db::{Db, system_account};
use crate::rows::{Counter, PublicIp};
use aws_protocol::AwsError;
use std::net::Ipv4Addr;

/// The error code.
pub const POOL_IS_EMPTY: &str = "InsufficientAddressCapacity";
const CURSOR: &str = "public-ip-cursor";

/// Takes an address for `held_by` (`eipalloc-…` or `eni-…`). The search goes on from the last one given, so that an address
/// that was just released is the last to be given again.
pub fn take(ctx: &mut Ctx, held_by: String) -> OpResult<Ipv4Addr> {
    let pool = ctx.settings.public_pool;
    let start = ctx.db.get::<Counter>(&system_account(), CURSOR).map_or(0, |c| c.value);
    for step in 0..pool.size() {
        let offset = (start + step) % pool.size();
        let Some(ip) = pool.nth(offset).filter(|ip| usable(*ip)) else { continue };
        if ip == pool.first() || ip == pool.last() || ctx.db.get::<PublicIp>(&system_account(), ip).is_some() {
            continue;
        }
        ctx.db.put(Counter { name: CURSOR.to_owned(), value: (offset + 1) % pool.size() });
        ctx.db.put(PublicIp { ip, owner: ctx.caller.account.clone(), held_by });
        return Ok(ip);
    }
    let message = "Not enough available addresses to satisfy your request.";
    Err(AwsError::receiver(POOL_IS_EMPTY, message, 503).into())
}

pub fn give_back(db: &mut Db, ip: Ipv4Addr) {
    db.delete::<PublicIp>(&system_account(), ip);
}

/// Hosts exist that treat .0 and .255 as broadcast whatever the prefix.
fn usable(ip: Ipv4Addr) -> bool {
    !matches!(ip.octets()[3], 0 | 255)
}
