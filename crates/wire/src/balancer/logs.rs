//! Access and connection logs on their way into buckets: a node writes files whose first line says where they belong, its host's
//! agent hands them out, the s3-worker delivers them.
//!
//! A file's name in its bucket is decided when it is begun, so whoever delivers it twice has written the same object twice.

use crate::method;
use crate::trail::BucketVerdict;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use types::AccountId;

/// `access_logs.s3.*` and `connection_logs.s3.*` of a load balancer, for one node of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogDelivery {
    pub account: AccountId,
    pub region: String,
    /// The node's, in the names of files.
    pub address: IpAddr,
    /// A file ends with each multiple of it, or when it is large. AWS: 300.
    pub interval_seconds: u32,
    #[serde(default)]
    pub access: Option<LogBucket>,
    #[serde(default)]
    pub connection: Option<LogBucket>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogBucket {
    pub bucket: String,
    /// Without slashes at its ends; may be empty.
    pub prefix: String,
}

/// The first line of a node's log file; the log's lines follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogHead {
    pub account: AccountId,
    /// The load balancer's, which the bucket's policy may ask for.
    pub arn: String,
    pub bucket: String,
    pub key: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogRequest {
    /// The first file behind this name is wanted; none: the first.
    pub after: Option<String>,
    /// In its bucket: the host may forget it.
    pub done: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogFile {
    pub name: String,
    pub head: LogHead,
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogReply {
    /// None: there is no further one.
    pub file: Option<LogFile>,
    /// Files that were given up for want of room, or that cannot be read, since the last answer.
    pub lost: u64,
}

method!(
    /// To the host agent.
    TakeBalancerLog, "agent/TakeBalancerLog", LogRequest => LogReply
);

/// Asked when logs are switched on: a file is written for the user to see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogBucketQuestion {
    /// Of the file that says that it works: `[prefix/]AWSLogs/123456789012/ELBAccessLogTestFile`.
    pub head: LogHead,
    pub text: String,
}

method!(CheckBalancerLogBucket, "s3-worker/CheckBalancerLogBucket", LogBucketQuestion => BucketVerdict);

/// `[prefix/]AWSLogs/123456789012/`
pub fn log_folder(to: &LogBucket, account: &AccountId) -> String {
    let prefix = if to.prefix.is_empty() { String::new() } else { format!("{}/", to.prefix) };
    format!("{prefix}AWSLogs/{account}/")
}
