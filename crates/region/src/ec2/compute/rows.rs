//! Rows of launch templates, placement groups and capacity reservations.

use serde::{Deserialize, Serialize};
use types::{AccountId, AzName, CapacityReservationId, CellId, HostId, LaunchTemplateId, PlacementGroupId, TimestampMs};
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

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CapacityReservation {
    pub account: AccountId,
    pub id: CapacityReservationId,
    pub instance_type: String,
    pub az: AzName,
    pub cell: CellId,
    /// The host of each slot, used or not.
    pub slots: Vec<HostId>,
    /// The hold that the last slots were had by, which the cell's document names.
    pub hold: u64,
    /// Instances that match use it without naming it.
    pub open: bool,
    pub ebs_optimized: bool,
    pub ephemeral_storage: bool,
    /// When it ends by itself.
    pub end: Option<TimestampMs>,
    pub state: CapacityState,
    pub created: TimestampMs,
    pub ended: Option<TimestampMs>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CapacityState {
    Active,
    Cancelled,
    Expired,
}

impl CapacityState {
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }
}

/// Which capacity reservations an instance may be in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CapacityChoice {
    /// Any open one that matches.
    #[default]
    Open,
    None,
    /// This one only.
    Target(CapacityReservationId),
}
