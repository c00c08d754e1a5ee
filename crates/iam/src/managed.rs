//! The managed policies of AWS that people attach, written anew with the same effect on what is served here; the documents
//! are in `managed/`.

use aws_lc_rs::digest;

/// One of `arn:aws:iam::aws:policy/…`.
#[derive(Debug, Clone, Copy)]
pub struct Managed {
    pub name: &'static str,
    /// `/`, `/job-function/`, `/aws-service-role/`
    pub path: &'static str,
    pub description: &'static str,
    pub document: &'static str,
}

const ARN: &str = "arn:aws:iam::aws:policy";

impl Managed {
    pub fn arn(&self) -> String {
        format!("{ARN}{}{}", self.path, self.name)
    }

    /// `ANPA` and 17 characters that follow from the name: the same in every region and for ever.
    pub fn id(&self) -> String {
        let hash = digest::digest(&digest::SHA256, format!("managed policy {}", self.name).as_bytes());
        let tail = hash.as_ref().iter().take(17);
        "ANPA".chars().chain(tail.map(|b| char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[usize::from(b % 32)]))).collect()
    }
}

pub fn find(arn: &str) -> Option<&'static Managed> {
    let rest = arn.strip_prefix(ARN)?;
    ALL.iter().find(|m| rest.strip_prefix(m.path) == Some(m.name))
}

pub fn all() -> impl Iterator<Item = &'static Managed> {
    ALL.iter()
}

macro_rules! managed {
    ($name:literal, $path:literal, $description:literal) => {
        Managed {
            name: $name,
            path: $path,
            description: $description,
            document: include_str!(concat!("managed/", $name, ".json")),
        }
    };
}

/// By name.
static ALL: &[Managed] = &[
    managed!("AWSCloudTrail_FullAccess", "/", "Provides full access to AWS CloudTrail."),
    managed!("AWSCloudTrail_ReadOnlyAccess", "/", "Provides read only access to AWS CloudTrail."),
    managed!("AWSEC2SpotServiceRolePolicy", "/aws-service-role/", "Allows EC2 Spot to launch and manage spot instances."),
    managed!(
        "AWSElasticLoadBalancingServiceRolePolicy",
        "/aws-service-role/",
        "Service Linked Role Policy for AWS Elastic Load Balancing Control Plane."
    ),
    managed!("AWSKeyManagementServicePowerUser", "/", "Provides access to AWS Key Management Service (KMS)."),
    managed!("AWSSupportAccess", "/", "Allows users to access the AWS Support Center."),
    managed!("AdministratorAccess", "/", "Provides full access to AWS services and resources."),
    managed!("AmazonEC2FullAccess", "/", "Provides full access to Amazon EC2."),
    managed!("AmazonEC2ReadOnlyAccess", "/", "Provides read only access to Amazon EC2."),
    managed!("AmazonRoute53FullAccess", "/", "Provides full access to all Amazon Route 53 via the AWS Management Console."),
    managed!(
        "AmazonRoute53ReadOnlyAccess",
        "/",
        "Provides read only access to all Amazon Route 53 via the AWS Management Console."
    ),
    managed!("AmazonS3FullAccess", "/", "Provides full access to all buckets."),
    managed!("AmazonS3ReadOnlyAccess", "/", "Provides read only access to all buckets."),
    managed!("AmazonSSMFullAccess", "/", "Provides full access to Amazon SSM."),
    managed!(
        "AmazonSSMManagedInstanceCore",
        "/",
        "The policy for Amazon EC2 Role to enable AWS Systems Manager service core functionality."
    ),
    managed!("AmazonSSMReadOnlyAccess", "/", "Provides read only access to Amazon SSM."),
    managed!("AmazonVPCFullAccess", "/", "Provides full access to Amazon VPC."),
    managed!("AmazonVPCReadOnlyAccess", "/", "Provides read only access to Amazon VPC."),
    managed!("AutoScalingFullAccess", "/", "Provides full access to Auto Scaling."),
    managed!("AutoScalingReadOnlyAccess", "/", "Provides read-only access to Auto Scaling."),
    managed!(
        "AutoScalingServiceRolePolicy",
        "/aws-service-role/",
        "Enables access to AWS Services and Resources used or managed by Auto Scaling."
    ),
    managed!("CloudWatchAgentServerPolicy", "/", "Permissions required to use AmazonCloudWatchAgent on servers."),
    managed!("CloudWatchFullAccess", "/", "Provides full access to CloudWatch."),
    managed!("CloudWatchFullAccessV2", "/", "Provides full access to CloudWatch."),
    managed!("CloudWatchLogsFullAccess", "/", "Provides full access to CloudWatch Logs."),
    managed!("CloudWatchLogsReadOnlyAccess", "/", "Provides read only access to CloudWatch Logs."),
    managed!("CloudWatchReadOnlyAccess", "/", "Provides read only access to CloudWatch."),
    managed!(
        "ElasticLoadBalancingFullAccess",
        "/",
        "Provides full access to Amazon ElasticLoadBalancing, and limited access to other services necessary to provide ElasticLoadBalancing features."
    ),
    managed!(
        "ElasticLoadBalancingReadOnly",
        "/",
        "Provides read only access to Amazon ElasticLoadBalancing and dependent services."
    ),
    managed!("IAMFullAccess", "/", "Provides full access to IAM."),
    managed!("IAMReadOnlyAccess", "/", "Provides read only access to IAM."),
    managed!("IAMUserChangePassword", "/", "Provides the ability for an IAM user to change their own password."),
    managed!("IAMUserSSHKeys", "/", "Provides the ability for an IAM user to manage their own SSH keys."),
    managed!(
        "PowerUserAccess",
        "/",
        "Provides full access to AWS services and resources, but does not allow management of users and groups."
    ),
    managed!("ReadOnlyAccess", "/", "Provides read-only access to AWS services and resources."),
    managed!("SecurityAudit", "/", "The security audit template grants access to read security configuration metadata."),
    managed!("ServiceQuotasFullAccess", "/", "Provides full access to Service Quotas."),
    managed!("ServiceQuotasReadOnlyAccess", "/", "Provides read only access to Service Quotas."),
    managed!(
        "ViewOnlyAccess",
        "/job-function/",
        "This policy grants permissions to view resources and basic metadata across all AWS services."
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Context, Effect, Policy, PolicyKind, Principal, Request};
    use std::collections::HashSet;

    #[test]
    fn each_is_a_policy_and_is_found() {
        assert!(ALL.is_sorted_by_key(|m| m.name));
        for m in ALL {
            Policy::parse(m.document, PolicyKind::Identity).unwrap_or_else(|e| panic!("{}: {e}", m.name));
            assert!(crate::quota_chars(m.document) <= crate::MANAGED_POLICY_CHARS_MAX, "{}", m.name);
            assert_eq!(find(&m.arn()).map(|f| f.name), Some(m.name));
        }
        assert_eq!(ALL.iter().map(Managed::id).collect::<HashSet<_>>().len(), ALL.len());
        assert!(find("arn:aws:iam::aws:policy/job-function/AdministratorAccess").is_none());
    }

    #[test]
    fn what_they_grant() {
        let principal = Principal::user(&"123456789012".parse().unwrap(), "/", "alice", "AIDA1");
        let context = Context::of(&principal);
        for (name, action, resource, allowed) in [
            ("AdministratorAccess", "iam:CreateUser", "*", true),
            ("PowerUserAccess", "ec2:RunInstances", "*", true),
            ("PowerUserAccess", "iam:CreateUser", "*", false),
            ("PowerUserAccess", "iam:CreateServiceLinkedRole", "*", true),
            ("ReadOnlyAccess", "ec2:DescribeInstances", "*", true),
            ("ReadOnlyAccess", "s3:GetObject", "arn:aws:s3:::b/k", true),
            ("ReadOnlyAccess", "ec2:RunInstances", "*", false),
            ("ReadOnlyAccess", "kms:Decrypt", "*", false),
            ("ReadOnlyAccess", "sts:AssumeRole", "*", false),
            ("ViewOnlyAccess", "ec2:DescribeInstances", "*", true),
            ("ViewOnlyAccess", "s3:GetObject", "arn:aws:s3:::b/k", false),
            ("SecurityAudit", "iam:GetRole", "*", true),
            ("SecurityAudit", "s3:GetBucketPolicy", "arn:aws:s3:::b", true),
            ("SecurityAudit", "s3:GetObject", "arn:aws:s3:::b/k", false),
            ("IAMFullAccess", "iam:PassRole", "*", true),
            ("IAMReadOnlyAccess", "iam:GetUser", "*", true),
            ("IAMReadOnlyAccess", "iam:CreateUser", "*", false),
            ("IAMUserChangePassword", "iam:ChangePassword", "arn:aws:iam::123456789012:user/alice", true),
            ("IAMUserChangePassword", "iam:ChangePassword", "arn:aws:iam::123456789012:user/bob", false),
            ("AmazonS3FullAccess", "s3:PutObject", "arn:aws:s3:::b/k", true),
            ("AmazonS3ReadOnlyAccess", "s3:PutObject", "arn:aws:s3:::b/k", false),
            ("AmazonEC2FullAccess", "ec2:TerminateInstances", "*", true),
            ("AmazonEC2FullAccess", "iam:PassRole", "*", false),
            ("AmazonEC2ReadOnlyAccess", "ec2:StopInstances", "*", false),
            ("AmazonVPCFullAccess", "ec2:CreateVpc", "*", true),
            ("AmazonVPCFullAccess", "ec2:DeleteSubnet", "*", true),
            ("AmazonVPCFullAccess", "ec2:RunInstances", "*", false),
            ("AmazonVPCReadOnlyAccess", "ec2:DescribeVpcs", "*", true),
            ("AmazonVPCReadOnlyAccess", "ec2:CreateVpc", "*", false),
            ("AmazonSSMManagedInstanceCore", "ssm:GetParameter", "*", true),
            ("AmazonSSMManagedInstanceCore", "ssm:PutParameter", "*", false),
            ("AWSKeyManagementServicePowerUser", "kms:CreateKey", "*", true),
            ("AWSKeyManagementServicePowerUser", "kms:Decrypt", "*", false),
        ] {
            let found = ALL.iter().find(|m| m.name == name).unwrap();
            let policy = Policy::parse(found.document, PolicyKind::Identity).unwrap();
            let request = Request { principal: &principal, action, resource, resource_account: None, context: &context };
            assert_eq!(matches!(policy.decide(&request), Effect::Allow(_)), allowed, "{name} {action}");
        }
    }
}
