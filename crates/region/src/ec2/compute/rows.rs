//! Rows of launch templates and placement groups.

use serde::{Deserialize, Serialize};
use types::{AccountId, LaunchTemplateId, PlacementGroupId, TimestampMs};
use wire::cell::GroupStrategy;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LaunchTemplate {
    pub account: AccountId,
    pub id: LaunchTemplateId,
    pub name: String,
    pub default_version: u64,
    /// The number that was given last; that version may have been deleted.
    pub last_version: u64,
    pub created: TimestampMs,
    pub created_by: String,
}

/// One version of a template: what it says does not change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TemplateVersion {
    pub account: AccountId,
    pub template: LaunchTemplateId,
    pub number: u64,
    pub description: Option<String>,
    /// LaunchTemplateData, under the names of the API's model.
    pub data: serde_json::Value,
    pub created: TimestampMs,
    pub created_by: String,
}

impl TemplateVersion {
    /// Sorts by template and number.
    pub fn key(template: LaunchTemplateId, number: u64) -> String {
        format!("{template}/{number:010}")
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlacementGroup {
    pub account: AccountId,
    pub id: PlacementGroupId,
    pub name: String,
    pub strategy: GroupStrategy,
    pub created: TimestampMs,
}

/// An instance's place in its placement group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupPlace {
    pub group: PlacementGroupId,
    /// From 1, in groups of partitions.
    pub partition: Option<u8>,
}
