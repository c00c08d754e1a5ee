//! Messages between the roles: what is pushed down (configuration, complete and versioned) and what is reported up.
//!
//! Plain data with serde; no I/O. Each RPC method is a type implementing [`Method`], so that caller and server agree at
//! compile time; `platform::rpc` carries them. Documents that are kept on disk or cross a version boundary carry
//! `format`, which a receiver checks ([`FORMAT`]): fields may be added with `#[serde(default)]`, never change meaning.

pub mod api;
pub mod audit;
pub mod balancer;
pub mod card;
pub mod cell;
pub mod directory;
pub mod edge;
pub mod flow;
pub mod host;
pub mod identity;
pub mod kms;
pub mod net;
pub mod quota;
pub mod rollout;
pub mod supervisor;
pub mod trace;
pub mod trail;

use serde::{Serialize, de::DeserializeOwned};

/// The version of every pushed document's shape.
pub const FORMAT: u16 = 1;

/// One RPC: `NAME` is `role/Method`.
pub trait Method {
    const NAME: &'static str;
    type Request: Serialize + DeserializeOwned + Send + 'static;
    type Reply: Serialize + DeserializeOwned + Send + 'static;
}

/// `method!(Claim, "cell/Claim", ClaimRequest => ClaimReply)`
#[macro_export]
macro_rules! method {
    ($(#[$doc:meta])* $name:ident, $wire:literal, $req:ty => $reply:ty) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name;
        impl $crate::Method for $name {
            const NAME: &'static str = $wire;
            type Request = $req;
            type Reply = $reply;
        }
    };
}

/// The answer to a pushed document: the generation that the receiver now holds durably.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Applied {
    pub generation: types::Generation,
}

/// An empty request or reply.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Empty {}
