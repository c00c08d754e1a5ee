//! Rows of launch templates, placement groups, capacity reservations, dedicated hosts and spot requests.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use types::{
    AccountId, AzName, CapacityReservationId, CellId, DedicatedHostId, HostId, InstanceId, LaunchTemplateId, PlacementGroupId,
    SpotRequestId, TimestampMs,
};
use wire::cell::{GroupStrategy, SpotEnd, SpotNotice};

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

/// A request for one spot instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SpotRequest {
    pub account: AccountId,
    pub id: SpotRequestId,
    pub state: SpotState,
    /// `capacity-not-available` and the like.
    pub status: String,
    pub status_at: TimestampMs,
    /// Of a failed one: code and sentence.
    pub fault: Option<(String, String)>,
    pub created: TimestampMs,
    /// Dollars an hour, as given. `None`: up to the on-demand price.
    pub max_price: Option<String>,
    /// Fulfilled again when its instance has ended.
    pub persistent: bool,
    pub on_interruption: SpotEnd,
    pub valid_from: Option<TimestampMs>,
    pub valid_until: Option<TimestampMs>,
    pub instance_type: String,
    /// The RunInstances request of one instance, under the names of the API's model.
    pub launch: serde_json::Value,
    pub instance: Option<InstanceId>,
    /// Where that was launched.
    pub az: Option<AzName>,
    /// When it came to an end.
    pub ended: Option<TimestampMs>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SpotState {
    Open,
    Active,
    /// Its instance is stopped.
    Disabled,
    Closed,
    Cancelled,
    Failed,
}

impl SpotState {
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Active => "active",
            Self::Disabled => "disabled",
            Self::Closed => "closed",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }
}

/// Of an instance that was launched as a spot instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SpotLaunch {
    pub request: SpotRequestId,
    /// In thousandths of the on-demand price.
    pub price_max: u32,
    pub persistent: bool,
    pub on_interruption: SpotEnd,
    /// That this run has to go, as its cell says.
    pub notice: Option<SpotNotice>,
}

/// What spot capacity of a zone costs and did cost, in thousandths of the on-demand price.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SpotPrices {
    pub az: AzName,
    /// What each cell said last.
    pub cells: BTreeMap<CellId, u32>,
    /// From when on, the oldest first.
    pub history: Vec<(TimestampMs, u32)>,
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

/// A host that is kept for an account, or was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DedicatedHost {
    pub account: AccountId,
    pub id: DedicatedHostId,
    pub az: AzName,
    pub cell: CellId,
    pub host: HostId,
    /// The hold that it was had by, which the cell's document names.
    pub hold: u64,
    /// Of instance types: `m5`.
    pub family: String,
    /// None: all of the family.
    pub instance_type: Option<String>,
    /// Launches of tenancy host come to it that name no host.
    pub auto_placement: bool,
    pub client_token: Option<String>,
    pub allocated: TimestampMs,
    pub released: Option<TimestampMs>,
    /// The cell could not keep it.
    pub failed: bool,
}

impl DedicatedHost {
    /// Neither released nor failed.
    pub fn is_available(&self) -> bool {
        self.released.is_none() && !self.failed
    }

    pub fn takes(&self, instance_type: &str) -> bool {
        match &self.instance_type {
            Some(only) => only == instance_type,
            None => instance_type.split('.').next() == Some(&self.family),
        }
    }
}

/// With whom an instance shares its host.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InstanceTenancy {
    #[default]
    Default,
    /// With the account's own of this tenancy.
    Dedicated,
    /// It is on a dedicated host.
    Host,
}

impl InstanceTenancy {
    pub fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Dedicated => "dedicated",
            Self::Host => "host",
        }
    }
}
