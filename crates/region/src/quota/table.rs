//! What there are quotas for: AWS's codes and names. Only what is enforced is here; whoever enforces it names the row.
//!
//! Values and the bounds of increases: "Amazon VPC quotas" (VPC user guide), "IAM and AWS STS quotas" (IAM user guide),
//! "Quotas" (KMS developer guide), "Quotas" (user guides of Application and Network Load Balancers), "Amazon EC2 service quotas"; where this region's value is another one, the row says so.

use wire::quota::{DataQuota, KMS_ECC_PER_SECOND, KMS_RSA_PER_SECOND, KMS_SYMMETRIC_PER_SECOND, S3_BUCKETS};

#[derive(Debug, Clone, Copy)]
pub struct Quota {
    /// `vpc/L-F678F1CE`
    pub id: &'static str,
    pub name: &'static str,
    /// What an account has that has asked for nothing.
    pub default: u64,
    /// An increase up to here is granted when it is asked for; one beyond it waits for the operator.
    pub max: u64,
    /// Whether it can be increased at all.
    pub adjustable: bool,
    /// One value for all regions, as AWS has it.
    pub global: bool,
    pub per_second: bool,
}

impl Quota {
    pub fn service(&self) -> &'static str {
        self.id.split('/').next().unwrap_or_default()
    }

    pub fn code(&self) -> &'static str {
        self.id.split('/').nth(1).unwrap_or_default()
    }

    const fn new(id: &'static str, name: &'static str, default: u64, max: u64) -> Self {
        Self { id, name, default, max, adjustable: max > default, global: false, per_second: false }
    }

    const fn global(id: &'static str, name: &'static str, default: u64, max: u64) -> Self {
        Self { global: true, ..Self::new(id, name, default, max) }
    }

    const fn rate((id, default): DataQuota, name: &'static str, max: u64) -> Self {
        Self { per_second: true, ..Self::new(id, name, default, max) }
    }
}

/// `(code, name)` of the services that have quotas, by code.
pub const SERVICES: [(&str, &str); 7] = [
    ("acm", "AWS Certificate Manager (ACM)"),
    ("ec2", "Amazon Elastic Compute Cloud (Amazon EC2)"),
    ("elasticloadbalancing", "Elastic Load Balancing (ELB)"),
    ("iam", "AWS Identity and Access Management (IAM)"),
    ("kms", "AWS Key Management Service (AWS KMS)"),
    ("s3", "Amazon Simple Storage Service (Amazon S3)"),
    ("vpc", "Amazon Virtual Private Cloud (Amazon VPC)"),
];

macro_rules! quotas {
    ($($(#[$doc:meta])* $name:ident = $quota:expr;)*) => {
        $($(#[$doc])* pub const $name: Quota = $quota;)*
        pub const ALL: &[Quota] = &[$($name),*];
    };
}

quotas! {
    /// In vCPUs. AWS begins with 5; here the hosts' room is the real limit, and this one keeps a script that has gone wild
    /// from taking it all.
    VCPUS = Quota::new("ec2/L-1216C47A", "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", 4096, 65_536);
    DEDICATED_T3 = Quota::new("ec2/L-1586174D", "Running Dedicated t3 Hosts", 2, 1000);
    DEDICATED_M5 = Quota::new("ec2/L-8B7BF662", "Running Dedicated m5 Hosts", 2, 1000);
    DEDICATED_M6I = Quota::new("ec2/L-D269BEFD", "Running Dedicated m6i Hosts", 2, 1000);
    DEDICATED_C5 = Quota::new("ec2/L-81657574", "Running Dedicated c5 Hosts", 2, 1000);
    DEDICATED_C6I = Quota::new("ec2/L-5FA3355A", "Running Dedicated c6i Hosts", 2, 1000);
    DEDICATED_R5 = Quota::new("ec2/L-EA4FD6CF", "Running Dedicated r5 Hosts", 2, 1000);
    /// In vCPUs, of spot instances; AWS begins with 5.
    SPOT_VCPUS =
        Quota::new("ec2/L-34B43A08", "All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests", 4096, 65_536);
    ADDRESSES = Quota::new("ec2/L-0263D0A3", "EC2-VPC Elastic IPs", 5, 1000);

    VPCS = Quota::new("vpc/L-F678F1CE", "VPCs per Region", 5, 1000);
    SUBNETS_PER_VPC = Quota::new("vpc/L-407747CB", "Subnets per VPC", 200, 1000);
    ROUTE_TABLES_PER_VPC = Quota::new("vpc/L-589F43AA", "Route tables per VPC", 200, 1000);
    ROUTES_PER_TABLE = Quota::new("vpc/L-93826ACB", "Routes per route table", 500, 1000);
    INTERNET_GATEWAYS = Quota::new("vpc/L-A4707A72", "Internet gateways per Region", 5, 1000);
    INTERFACES = Quota::new("vpc/L-DF5E4CA3", "Network interfaces per Region", 5000, 20_000);
    SECURITY_GROUPS = Quota::new("vpc/L-E79EC296", "VPC security groups per Region", 2500, 10_000);
    /// Each direction by itself.
    RULES_PER_SECURITY_GROUP = Quota::new("vpc/L-0EA8095F", "Inbound or outbound rules per security group", 60, 200);
    CIDRS_PER_VPC = Quota::new("vpc/L-83CA0A9D", "IPv4 CIDR blocks per VPC", 5, 50);
    IPV6_CIDRS_PER_VPC = Quota::new("vpc/L-085A6257", "IPv6 CIDR blocks per VPC", 5, 50);
    EGRESS_ONLY_GATEWAYS = Quota::new("vpc/L-45FE3B85", "Egress-only internet gateways per Region", 5, 1000);
    NETWORK_ACLS_PER_VPC = Quota::new("vpc/L-B4A6D682", "Network ACLs per VPC", 200, 1000);
    /// Each direction by itself, without the last one, which denies.
    ENTRIES_PER_NETWORK_ACL = Quota::new("vpc/L-2AEEBF1A", "Rules per network ACL", 20, 40);
    NAT_GATEWAYS_PER_ZONE = Quota::new("vpc/L-FE5A380F", "NAT gateways per Availability Zone", 5, 100);
    ACTIVE_PEERINGS_PER_VPC = Quota::new("vpc/L-7E9ECCDB", "Active VPC peering connections per VPC", 50, 125);
    OUTSTANDING_PEERINGS = Quota::new("vpc/L-DC9F7029", "Outstanding VPC peering connection requests", 25, 100);
    SECURITY_GROUPS_PER_INTERFACE = Quota::new("vpc/L-2AFB9258", "Security groups per network interface", 5, 16);

    USERS = Quota::global("iam/L-F55AF5E4", "Users per account", 5000, 5000);
    GROUPS = Quota::global("iam/L-F4A5425F", "Groups per account", 300, 500);
    ROLES = Quota::global("iam/L-FE177D64", "Roles per account", 1000, 10_000);
    POLICIES = Quota::global("iam/L-E95E4862", "Customer managed policies per account", 1500, 10_000);
    INSTANCE_PROFILES = Quota::global("iam/L-6E65F664", "Instance profiles per account", 1000, 10_000);
    SERVER_CERTIFICATES = Quota::global("iam/L-BF35879D", "Server certificates per account", 20, 1000);
    OIDC_PROVIDERS = Quota::global("iam/L-858F3967", "OpenId connect providers per account", 100, 700);
    SAML_PROVIDERS = Quota::global("iam/L-DB618D39", "SAML providers per account", 100, 1000);
    POLICIES_PER_USER = Quota::global("iam/L-4019AD8B", "Managed policies per user", 10, 20);
    POLICIES_PER_GROUP = Quota::global("iam/L-384571C4", "Managed policies per group", 10, 10);
    POLICIES_PER_ROLE = Quota::global("iam/L-0DA4ABF3", "Managed policies per role", 10, 25);
    TRUST_POLICY_CHARS = Quota::global("iam/L-C07B4B0D", "Role trust policy length", 2048, 4096);

    KMS_KEYS = Quota::new("kms/L-C2F1777E", "Customer Master Keys (CMKs)", 100_000, 500_000);
    ALIASES_PER_KEY = Quota::new("kms/L-340F62FB", "Aliases per CMK", 50, 256);
    GRANTS_PER_KEY = Quota::new("kms/L-D594A657", "Grants per CMK", 50_000, 100_000);
    /// The next four are enforced by the gateway, to which they are pushed.
    KMS_SYMMETRIC = Quota::rate(KMS_SYMMETRIC_PER_SECOND, "Cryptographic operations (symmetric) request rate", 100_000);
    KMS_RSA = Quota::rate(KMS_RSA_PER_SECOND, "Cryptographic operations (RSA) request rate", 20_000);
    KMS_ECC = Quota::rate(KMS_ECC_PER_SECOND, "Cryptographic operations (ECC) request rate", 20_000);

    APPLICATION_BALANCERS = Quota::new("elasticloadbalancing/L-53DA6B97", "Application Load Balancers per Region", 50, 1000);
    NETWORK_BALANCERS = Quota::new("elasticloadbalancing/L-69A177A2", "Network Load Balancers per Region", 50, 1000);
    LISTENERS_PER_APPLICATION =
        Quota::new("elasticloadbalancing/L-B6DF7632", "Listeners per Application Load Balancer", 50, 50);
    LISTENERS_PER_NETWORK = Quota::new("elasticloadbalancing/L-57A373D6", "Listeners per Network Load Balancer", 50, 50);
    /// Without the default rules. What a balancer's process can have is the bound of this, of listeners and of a group's targets.
    RULES_PER_APPLICATION = Quota::new("elasticloadbalancing/L-7EED9B64", "Rules per Application Load Balancer", 100, 100);
    CONDITION_VALUES = Quota::new("elasticloadbalancing/L-EBC0C08B", "Condition Values per Rule", 5, 5);
    CONDITION_WILDCARDS = Quota::new("elasticloadbalancing/L-A012D4E8", "Condition Wildcards per Rule", 5, 5);
    TARGET_GROUPS = Quota::new("elasticloadbalancing/L-B22855CB", "Target Groups per Region", 3000, 10_000);
    GROUPS_PER_APPLICATION =
        Quota::new("elasticloadbalancing/L-822D1B1B", "Target Groups per Application Load Balancer", 100, 100);
    TARGETS_PER_GROUP = Quota::new("elasticloadbalancing/L-A0D0B863", "Targets per Target Group per Region", 1000, 1000);
    TARGETS_PER_APPLICATION =
        Quota::new("elasticloadbalancing/L-7E6692B2", "Targets per Application Load Balancer", 1000, 3000);
    TARGETS_PER_NETWORK = Quota::new("elasticloadbalancing/L-EEF1AD04", "Targets per Network Load Balancer", 3000, 9000);
    TARGETS_PER_ZONE_NETWORK =
        Quota::new("elasticloadbalancing/L-B211E961", "Targets per Availability Zone per Network Load Balancer", 500, 3000);
    /// Without the listeners' default ones.
    CERTIFICATES_APPLICATION =
        Quota::new("elasticloadbalancing/L-9365A611", "Certificates per Application Load Balancer", 25, 200);
    CERTIFICATES_NETWORK = Quota::new("elasticloadbalancing/L-52964454", "Certificates per Network Load Balancer", 25, 200);
    IMPORTED_CERTIFICATES = Quota::new("acm/L-D2CB7DE9", "Imported certificates", 2500, 10_000);
    BUCKETS = Quota::global(S3_BUCKETS.0, "General purpose buckets", S3_BUCKETS.1, 1_000_000);
}

pub fn find(service: &str, code: &str) -> Option<&'static Quota> {
    ALL.iter().find(|q| q.service() == service && q.code() == code)
}

pub fn by_id(id: &str) -> Option<&'static Quota> {
    ALL.iter().find(|q| q.id == id)
}

/// Enforced by the gateway.
pub fn pushed() -> impl Iterator<Item = &'static Quota> {
    [KMS_SYMMETRIC, KMS_RSA, KMS_ECC, BUCKETS].into_iter().filter_map(|q| by_id(q.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_aws_shaped_and_belong_to_one_quota() {
        let mut ids: Vec<&str> = ALL.iter().map(|q| q.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), ALL.len());
        for q in ALL {
            let digits = q.code().strip_prefix("L-").unwrap_or_default();
            let upper = |b: u8| b.is_ascii_digit() || (b'A'..=b'F').contains(&b);
            assert!(digits.len() == 8 && digits.bytes().all(upper), "{}", q.id);
            assert!(SERVICES.iter().any(|(code, _)| *code == q.service()), "{}", q.id);
            assert!(q.default > 0 && q.max >= q.default && q.adjustable == (q.max > q.default), "{}", q.id);
        }
        assert_eq!(pushed().count(), 4);
        assert!(SERVICES.is_sorted() && SERVICES.iter().all(|(code, _)| ALL.iter().any(|q| q.service() == *code)));
    }
}
