//! Where a load balancer's logs go: its attributes `access_logs.s3.*` and `connection_logs.s3.*`.

use super::arn;
use super::attributes::Attributes;
use super::check::validation;
use super::rows::{BalancerNode, LoadBalancer};
use crate::context::{Answer, Ctx, OpResult, Question};
use crate::db::Db;
use crate::ec2::network::public_ip_of;
use crate::rows::Interface;
use aws_protocol::AwsError;
use platform::Settings;
use wire::balancer::{LogBucket, LogBucketQuestion, LogDelivery, LogHead, log_folder};
use wire::trail::BucketVerdict;

/// (attributes, the file that shows that it works, the word in it)
const KINDS: [(&str, &str, &str); 2] =
    [("access_logs", "ELBAccessLogTestFile", "AccessLog"), ("connection_logs", "ELBConnectionLogTestFile", "ConnectionLog")];

fn bucket(a: &Attributes, logs: &str) -> Option<LogBucket> {
    let value = |what: &str| a.value(&format!("{logs}.s3.{what}")).to_owned();
    a.flag(&format!("{logs}.s3.enabled")).then(|| LogBucket { bucket: value("bucket"), prefix: value("prefix") })
}

/// What is to be switched on, or sent elsewhere, is tried: a file is written, as AWS does.
pub fn check(ctx: &Ctx, b: &LoadBalancer, old: &Attributes, new: &Attributes) -> OpResult<()> {
    for (logs, file, kind) in KINDS {
        let Some(to) = bucket(new, logs) else { continue };
        if to.bucket.is_empty() {
            return Err(validation(format!("The value of '{logs}.s3.bucket' cannot be empty")).into());
        }
        if to.prefix.contains("AWSLogs") || to.prefix.starts_with('/') || to.prefix.ends_with('/') {
            let rule = "cannot begin or end with a slash, nor hold 'AWSLogs'";
            return Err(validation(format!("The value of '{logs}.s3.prefix' {rule}")).into());
        }
        if bucket(old, logs).as_ref() == Some(&to) {
            continue;
        }
        let key = format!("{}{file}", log_folder(&to, &b.account));
        let head = LogHead { account: b.account.clone(), arn: arn::balancer(ctx.settings, b), bucket: to.bucket.clone(), key };
        let text = format!("Enable {kind} for ELB: {}\n", b.path());
        let refused = |message: String| Err(AwsError::new("InvalidConfigurationRequest", message).into());
        match ctx.ask(Question::BalancerLogBucket(LogBucketQuestion { head, text }))? {
            Answer::BalancerLogBucket(BucketVerdict::Writable) => {}
            Answer::BalancerLogBucket(BucketVerdict::NoSuchBucket) => {
                return refused(format!("S3Bucket: {} does not exist", to.bucket));
            }
            Answer::BalancerLogBucket(BucketVerdict::Denied) => {
                return refused(format!("Access Denied for bucket: {}. Please check S3bucket permission", to.bucket));
            }
            _ => return Err(AwsError::unavailable("The bucket could not be asked. Please try again.").into()),
        }
    }
    Ok(())
}

/// None: neither is on.
pub fn delivery(db: &Db, settings: &Settings, b: &LoadBalancer, node: &BalancerNode, a: &Attributes) -> Option<LogDelivery> {
    let [access, connection] = KINDS.map(|(logs, ..)| bucket(a, logs));
    if access.is_none() && connection.is_none() {
        return None;
    }
    let interface = db.get::<Interface>(&node.account, node.interface)?;
    let public = b.internet_facing.then(|| public_ip_of(db, &interface)).flatten();
    Some(LogDelivery {
        account: b.account.clone(),
        region: settings.region.to_string(),
        address: public.or_else(|| interface.ipv4.first().copied())?.into(),
        interval_seconds: settings.audit.flow_log_seconds,
        access,
        connection,
    })
}
