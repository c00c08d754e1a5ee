//! Which role may ask what of the object store's processes. A role has what it uses, and nothing else.

use crate::message::{IndexCall, IndexFrame, NodeCall};
use platform::rpc::RpcError;
use platform::tls::{Caller, Peer, Role};

/// Who may call a storage node.
pub static NODE_CALLERS: [Caller; 6] = [
    Role::Gateway.any(),
    Role::S3Worker.any(),
    Role::Index.any(),
    Role::Storage.any(),
    Role::Operator.any(),
    Role::Supervisor.any(),
];

/// Who may call an index process.
pub static INDEX_CALLERS: [Caller; 5] =
    [Role::Gateway.any(), Role::S3Worker.any(), Role::Index.any(), Role::Operator.any(), Role::Supervisor.any()];

/// # Errors
/// `not-permitted`
pub fn node(peer: &Peer, call: &NodeCall) -> Result<(), RpcError> {
    use NodeCall::{Bucket, Delete, Digest, Get, Has, List, Put, Stat};
    let may = match peer.role {
        Role::Gateway | Role::S3Worker => matches!(call, Put { .. } | Get { .. } | Delete { .. } | Has { .. }),
        // Removes what is garbage.
        Role::Index => matches!(call, List { .. } | Delete { .. } | Has { .. }),
        // Nodes refill themselves and each other, each asking for what belongs to it.
        Role::Storage => match call {
            Digest { peer: of } | Bucket { peer: of, .. } => *of == peer.id,
            Get { .. } | Has { .. } | Put { .. } => true,
            _ => false,
        },
        Role::Operator | Role::Supervisor => matches!(call, Stat),
        _ => false,
    };
    permitted(may, peer)
}

/// # Errors
/// `not-permitted`
pub fn index(peer: &Peer, frame: &IndexFrame) -> Result<(), RpcError> {
    let may = match peer.role {
        Role::Index => true,
        Role::Gateway | Role::S3Worker => match frame {
            IndexFrame::Ping => true,
            IndexFrame::Call(request) => !matches!(request.call, IndexCall::Split { .. }),
            IndexFrame::Take { .. } => false,
        },
        Role::Operator | Role::Supervisor => matches!(frame, IndexFrame::Ping),
        _ => false,
    };
    permitted(may, peer)
}

fn permitted(may: bool, peer: &Peer) -> Result<(), RpcError> {
    if may { Ok(()) } else { Err(RpcError::remote("not-permitted", format!("this is not for {peer}"))) }
}
