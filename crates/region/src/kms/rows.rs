//! What the region remembers of keys.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use types::{AccountId, TimestampMs};
use wire::kms::{Hex, KeySpec, KeyState, KeyUsage};

pub const DAY_MS: u64 = 24 * 3600 * 1000;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KmsKey {
    pub account: AccountId,
    /// A UUID.
    pub id: String,
    pub arn: String,
    pub description: String,
    pub created: TimestampMs,
    pub spec: KeySpec,
    pub usage: KeyUsage,
    /// Made with material of one's own; else KMS makes it.
    pub external: bool,
    /// The AWS service whose key this is: `s3`.
    pub service: Option<String>,
    pub enabled: bool,
    pub policy: String,
    pub tags: BTreeMap<String, String>,
    pub deletion: Option<Deletion>,
    /// By generation; the last is the current one. Empty until material is imported.
    pub materials: Vec<KmsMaterial>,
    pub rotation: Option<Rotation>,
    /// When imported material is forgotten.
    pub valid_to: Option<TimestampMs>,
    /// The id of the material that was imported once: no other may take its place.
    pub imported: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Deletion {
    pub at: TimestampMs,
    pub window_days: i32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KmsMaterial {
    pub generation: u32,
    pub id: String,
    /// Under the root key.
    pub sealed: Hex,
    #[serde(default)]
    pub public: Hex,
    /// When it became the current one.
    pub since: TimestampMs,
    /// None for the first.
    pub by: Option<RotationKind>,
    #[serde(default)]
    pub description: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RotationKind {
    Automatic,
    OnDemand,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rotation {
    pub period_days: i32,
    pub next: TimestampMs,
}

impl KmsKey {
    pub fn state(&self, now: TimestampMs) -> KeyState {
        if self.deletion.is_some() {
            KeyState::PendingDeletion
        } else if self.materials.is_empty() || self.valid_to.is_some_and(|t| t <= now) {
            KeyState::PendingImport
        } else if self.enabled {
            KeyState::Enabled
        } else {
            KeyState::Disabled
        }
    }

    pub fn origin(&self) -> &'static str {
        if self.external { "EXTERNAL" } else { "AWS_KMS" }
    }

    /// Of the current material; 0 when there is none.
    pub fn generation(&self) -> u32 {
        self.materials.last().map_or(0, |m| m.generation)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KmsAlias {
    pub account: AccountId,
    /// `alias/name`
    pub name: String,
    /// The key's id.
    pub key: String,
    pub created: TimestampMs,
    pub updated: TimestampMs,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KmsGrant {
    /// The key's.
    pub account: AccountId,
    pub key: String,
    pub name: Option<String>,
    pub created: TimestampMs,
    /// ARN of the account that made it.
    pub issuer: String,
    pub grant: wire::kms::Grant,
}
