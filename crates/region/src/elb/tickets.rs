//! Keys of session tickets, shared by a load balancer's nodes: made and turned by the service, which can seal them.
//!
//! ```text
//!  seals ◄── will seal ◄── new          every six hours; what sealed opens for one turn more, then it is gone
//!    └─────► did seal
//! ```
//! A key is with every node a turn before it seals, so a client's ticket is opened wherever it comes. While no control plane is
//! there to turn them the keys go on as they are.

use super::rows::{Kind, LoadBalancer};
use super::usage;
use crate::db::Db;
use ::kms::RootKey;
use platform::Rng;
use std::rc::Rc;
use types::TimestampMs;
use wire::balancer::{TicketKey, ticket_key_purpose};
use zeroize::Zeroizing;

const TURN_MS: u64 = 6 * 3600 * 1000;
const KEY_WORDS: usize = 4;

/// Those whose keys are missing or have served their time.
fn due(db: &Db, now: TimestampMs) -> Vec<Rc<LoadBalancer>> {
    let secure = |b: &LoadBalancer| b.kind == Kind::Application && usage::listeners(db, b).iter().any(|l| l.tls.is_some());
    // A clock that was set back must not stretch a key's time.
    let over = |b: &LoadBalancer| now.0.abs_diff(b.tickets_turned.0) >= TURN_MS;
    db.all::<LoadBalancer>().filter(|b| (b.ticket_keys.is_empty() || over(b)) && secure(b)).collect()
}

pub fn turn(db: &mut Db, now: TimestampMs, root: &RootKey, rng: &mut dyn Rng) {
    for b in due(db, now) {
        let mut new = || make(root, rng);
        let keys = match b.ticket_keys.as_slice() {
            [seals, will, ..] => new().map(|new| vec![will.clone(), new, seals.clone()]),
            _ => new().and_then(|first| Some(vec![first, new()?])),
        };
        match keys {
            Some(ticket_keys) => db.put(LoadBalancer { ticket_keys, tickets_turned: now, ..(*b).clone() }),
            None => tracing::error!(balancer = b.path(), "its ticket keys cannot be sealed"),
        }
    }
}

fn make(root: &RootKey, rng: &mut dyn Rng) -> Option<TicketKey> {
    let key: Zeroizing<Vec<u8>> = Zeroizing::new((0..KEY_WORDS).flat_map(|_| rng.u64().to_le_bytes()).collect());
    let id = format!("{:016x}", rng.u64());
    let sealed = root.seal(&ticket_key_purpose(&id), &key).ok()?;
    Some(TicketKey::Sealed { id, sealed_key: sealed.into() })
}
