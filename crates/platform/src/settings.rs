//! What `up` decided once for a data directory: the region's tree and addresses. Every role reads it, none changes it.

use crate::{DataDir, disk};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};
use types::{AccountId, AzName, CellId, Cidr, HostId, Ipv4Cidr, Ipv6Cidr, RegionName, StorageId};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub format: u16,
    pub region: RegionName,
    /// The API listens on 127.0.0.1:port (0: any, written to run/gateway.port).
    pub port: u16,
    pub cells: Vec<CellSettings>,
    /// The object store's nodes. Directories of before there were any get theirs at the next `up`.
    #[serde(default)]
    pub storage: Vec<StorageSettings>,
    /// The edge's VXLAN address.
    pub edge_underlay: Ipv4Addr,
    #[serde(default)]
    pub large_vpcs: LargeVpcSettings,
    #[serde(default)]
    pub shards: ShardSettings,
    /// Public addresses of this data directory, within 198.18.0.0/15 (RFC 2544).
    pub public_pool: Ipv4Cidr,
    /// What the IPv6 blocks of VPCs are cut from, a /56 each.
    #[serde(default = "ipv6_pool")]
    pub ipv6_pool: Ipv6Cidr,
    pub account: AccountId,
    #[serde(default)]
    pub s3: S3Settings,
    #[serde(default)]
    pub audit: AuditSettings,
    /// What protects the frames of storage nodes and index behind the mutual handshake.
    #[serde(default)]
    pub bulk_frames: crate::tls::Frames,
    #[serde(default)]
    pub limits: LimitSettings,
    /// Put a TAP and a route for the pool on the machine (root).
    #[serde(default)]
    pub host_route: bool,
    /// The file with the passphrase of KMS's root key; none: the environment has it, or there is none.
    #[serde(default)]
    pub kms_passphrase_file: Option<std::path::PathBuf>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CellSettings {
    pub id: CellId,
    pub az: AzName,
    pub hosts: Vec<HostSettings>,
}

/// Which cells an account's launches may go to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShardSettings {
    /// Cells of each zone that an account has; all where a zone has no more. Two accounts have at most half of it in common,
    /// as long as there are sets of cells for that.
    pub cells_per_account: u8,
}

impl Default for ShardSettings {
    fn default() -> Self {
        Self { cells_per_account: 8 }
    }
}

/// Of VPCs with many interfaces hosts are not told all, but ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LargeVpcSettings {
    /// With more interfaces than this a VPC is a large one. Smaller for tests.
    #[serde(default = "whole_max")]
    pub whole_max: u32,
    /// One a zone. None (data directories of before there were any): every VPC is pushed whole.
    #[serde(default)]
    pub directories: Vec<DirectorySettings>,
}

fn whole_max() -> u32 {
    2000
}

impl Default for LargeVpcSettings {
    fn default() -> Self {
        Self { whole_max: whole_max(), directories: Vec::new() }
    }
}

/// Answers cards who has an address of a large VPC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DirectorySettings {
    /// `a` of `directory-a`.
    pub id: String,
    pub az: AzName,
    /// Its VXLAN address.
    pub underlay: Ipv4Addr,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct S3Settings {
    /// New buckets are as AWS makes them since April 2023: ACLs disabled, all public access blocked. Without it ACLs count,
    /// which tools and suites from before expect.
    #[serde(default)]
    pub aws_defaults: bool,
    /// A day of lifecycle rules, restorations and inventories. Shorter for tests.
    #[serde(default = "day_seconds")]
    pub lifecycle_day_seconds: u32,
    /// How long it takes until an archived object that was asked for can be read.
    #[serde(default = "restore_seconds")]
    pub restore_seconds: u32,
    /// A shard of the index whose rows take more than this is split. Smaller for tests.
    #[serde(default = "index_shard_bytes")]
    pub index_shard_bytes: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditSettings {
    /// MiB of the audit trail on the disk; its oldest segments go when it is over.
    pub mib_max: u32,
    /// Between two files that a trail delivers to its bucket. Shorter for tests, as is the next.
    #[serde(default = "deliver_seconds")]
    pub deliver_seconds: u32,
    /// Between two digest files.
    #[serde(default = "digest_seconds")]
    pub digest_seconds: u32,
    /// Between two looks for flow records, which become one file a flow log.
    #[serde(default = "flow_log_seconds")]
    pub flow_log_seconds: u32,
}

impl Default for AuditSettings {
    fn default() -> Self {
        Self {
            mib_max: 1024,
            deliver_seconds: deliver_seconds(),
            digest_seconds: digest_seconds(),
            flow_log_seconds: flow_log_seconds(),
        }
    }
}

/// `2001:db8:5c00::/40`, of the addresses of documentation (RFC 3849), which no network carries.
pub fn ipv6_pool() -> Ipv6Cidr {
    Cidr::new(Ipv6Addr::new(0x2001, 0xdb8, 0x5c00, 0, 0, 0, 0, 0), 40).unwrap_or(Cidr::ALL)
}

fn deliver_seconds() -> u32 {
    60
}

fn digest_seconds() -> u32 {
    3_600
}

/// As EC2: "files at 5-minute intervals".
fn flow_log_seconds() -> u32 {
    300
}

/// How much an account may ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitSettings {
    /// AWS's request rates and bursts, times this: they are made for a cloud of many, and this one may be one team's. 1 is
    /// AWS exactly. Rates that are a service quota are what the quota says.
    #[serde(default = "rate_scale")]
    pub rate_scale: u32,
    /// Rates that are not AWS's, by the name of their bucket: `ec2:RunInstances`, `ec2:RunInstances/instances`, `iam:read`,
    /// `s3:write`. Not scaled.
    #[serde(default)]
    pub rates: BTreeMap<String, RateSettings>,
    /// Service quotas, by service and code: `vpc/L-F678F1CE`.
    #[serde(default)]
    pub quotas: BTreeMap<String, QuotaSettings>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateSettings {
    pub per_second: u32,
    pub burst: u32,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuotaSettings {
    /// What an account has that asked for nothing.
    #[serde(default)]
    pub default: Option<u64>,
    /// Up to here an increase is granted as soon as it is asked for.
    #[serde(default)]
    pub max: Option<u64>,
}

impl Default for LimitSettings {
    fn default() -> Self {
        Self { rate_scale: rate_scale(), rates: BTreeMap::new(), quotas: BTreeMap::new() }
    }
}

fn rate_scale() -> u32 {
    250
}

fn restore_seconds() -> u32 {
    5
}

fn index_shard_bytes() -> u64 {
    2 << 30
}

fn day_seconds() -> u32 {
    86_400
}

impl Default for S3Settings {
    fn default() -> Self {
        Self {
            aws_defaults: false,
            lifecycle_day_seconds: day_seconds(),
            restore_seconds: restore_seconds(),
            index_shard_bytes: index_shard_bytes(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StorageSettings {
    pub id: StorageId,
    pub az: AzName,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostSettings {
    pub id: HostId,
    pub underlay: Ipv4Addr,
    /// What the host offers to guests. Memory is promised, not reserved: an idle guest touches a fraction of it.
    pub vcpus: u32,
    pub memory_mib: u32,
    pub disk_gib: u32,
    /// The rack that it stands in, which fails as one; hosts of a name share it, in all cells. Without one the host fails by
    /// itself: it is a rack of its own.
    #[serde(default)]
    pub rack: Option<String>,
}

impl HostSettings {
    pub fn rack(&self) -> &str {
        self.rack.as_deref().unwrap_or(self.id.as_str())
    }
}

/// The administrator that `up` made for the first account.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RootCredentials {
    pub account: AccountId,
    pub access_key: String,
    pub secret_key: String,
}

#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("{0} cannot be read: run `stratocell up` first, or name its data directory with --data-dir")]
    Read(std::path::PathBuf, #[source] std::io::Error),
    #[error("{0} is not valid")]
    Parse(std::path::PathBuf, #[source] serde_json::Error),
}

fn load<T: serde::de::DeserializeOwned>(path: std::path::PathBuf) -> Result<T, SettingsError> {
    let text = std::fs::read_to_string(&path).map_err(|e| SettingsError::Read(path.clone(), e))?;
    serde_json::from_str(&text).map_err(|e| SettingsError::Parse(path, e))
}

impl Settings {
    pub fn load(dir: &DataDir) -> Result<Self, SettingsError> {
        load(dir.settings())
    }

    pub fn save(&self, dir: &DataDir) -> std::io::Result<()> {
        disk::write_atomic(&dir.settings(), &serde_json::to_vec_pretty(self)?)
    }

    pub fn cell(&self, id: &CellId) -> Option<&CellSettings> {
        self.cells.iter().find(|c| c.id == *id)
    }

    pub fn host(&self, id: &HostId) -> Option<(&CellSettings, &HostSettings)> {
        self.cells.iter().find_map(|c| c.hosts.iter().find(|h| h.id == *id).map(|h| (c, h)))
    }

    /// The object index's processes: one in each of the first three zones that have storage, named by the zone's letter.
    pub fn index_nodes(&self) -> Vec<(String, &AzName)> {
        let mut zones: Vec<&AzName> = self.storage.iter().map(|s| &s.az).collect();
        zones.dedup();
        zones.into_iter().take(3).map(|z| (z.as_str()[z.as_str().len() - 1..].to_owned(), z)).collect()
    }

    /// The zones in order, each once.
    pub fn zones(&self) -> Vec<&AzName> {
        let mut zones: Vec<&AzName> = self.cells.iter().map(|c| &c.az).collect();
        zones.dedup();
        zones
    }
}

impl RootCredentials {
    pub fn load(dir: &DataDir) -> Result<Self, SettingsError> {
        load(dir.root_credentials())
    }

    pub fn save(&self, dir: &DataDir) -> std::io::Result<()> {
        disk::write_atomic(&dir.root_credentials(), &serde_json::to_vec_pretty(self)?)
    }
}
