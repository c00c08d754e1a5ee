//! What each operation asks for: actions, the resources they are asked on, and the condition keys that go with them.
//!
//! Static data, one file a service. Source: the Service Authorization Reference
//! (docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html and its neighbours), for S3 also "Required
//! permissions for Amazon S3 API operations" in its user guide, for KMS the developer guide's "Permissions reference".
//! It does not know what exists: the region and the gateway find the resources and ask. Called by them, by policy simulation
//! and by the tests that walk all operations.

mod ec2;
mod elb;
mod iam;
mod keys;
mod kms;
mod other;
mod s3;

pub use keys::{GLOBAL_KEYS, is_known_key, service_keys};
pub use s3::REPLICATION_ACTIONS;

/// One operation.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// As in a credential scope: `ec2`.
    pub service: &'static str,
    /// As the API calls it.
    pub operation: &'static str,
    pub judged: Judged,
    /// In the order in which they are asked.
    pub needs: &'static [Need],
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judged {
    /// The dispatcher, before the operation runs: the request names every resource.
    Before,
    /// The operation itself: the decision takes more than identity policies (key, trust and bucket policies, grants).
    Inside,
    /// Nobody: it needs no permission.
    Never,
}

/// One action that must be allowed.
#[derive(Debug, Clone, Copy)]
pub struct Need {
    /// `ec2:RunInstances`
    pub action: &'static str,
    /// See [`Need::on`].
    on: &'static str,
    pub when: When,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    Always,
    /// Only if the request has what these words say.
    If(&'static str),
}

/// A resource of a need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct On {
    /// A resource type of the service; `*` where the action has none, `any` where it follows from the name.
    pub kind: &'static str,
    /// Parameters whose values name it, list positions written `N`; none: one that will be made, or any.
    pub from: &'static str,
    /// Nothing is asked when no parameter names one.
    pub optional: bool,
}

impl Need {
    /// Written `kind=Parameter|Other kind?=Parameter kind=*`; empty for actions without resources.
    pub fn on(&self) -> impl Iterator<Item = On> {
        let none = self.on.is_empty().then_some(On { kind: "*", from: "*", optional: false });
        let named = self.on.split_whitespace().map(|word| {
            let (kind, from) = word.split_once('=').unwrap_or((word, "*"));
            match kind.strip_suffix('?') {
                Some(kind) => On { kind, from, optional: true },
                None => On { kind, from, optional: false },
            }
        });
        none.into_iter().chain(named)
    }
}

impl On {
    pub fn parameters(&self) -> impl Iterator<Item = &'static str> {
        self.from.split('|').filter(|p| *p != "*")
    }
}

const fn always(action: &'static str, on: &'static str) -> Need {
    Need { action, on, when: When::Always }
}

/// Rows whose action is called like the operation: `Name "resources" [further needs]`.
macro_rules! table {
    ($service:literal, $judged:ident: $($name:ident $on:literal $([$($more:expr),*])?;)*) => {
        &[$($crate::catalog::Row {
            service: $service,
            operation: stringify!($name),
            judged: $crate::catalog::Judged::$judged,
            needs: &[$crate::catalog::always(concat!($service, ":", stringify!($name)), $on) $($(, $more)*)?],
        }),*]
    };
}
use table;

const TABLES: &[&[Row]] = &[
    ec2::ROWS,
    iam::ROWS,
    kms::BEFORE,
    kms::INSIDE,
    other::STS_BEFORE,
    other::STS_OTHER,
    other::SSM,
    other::CLOUDTRAIL,
    other::SERVICE_QUOTAS,
    elb::ELB,
    elb::ACM,
    s3::BUCKETS,
    s3::OBJECTS,
    s3::PREFLIGHT,
];

pub fn rows() -> impl Iterator<Item = &'static Row> {
    TABLES.iter().copied().flatten()
}

pub fn find(service: &str, operation: &str) -> Option<&'static Row> {
    rows().find(|r| r.service == service && r.operation == operation)
}

/// Every action that anything here asks for; an action may come more than once.
pub fn actions() -> impl Iterator<Item = &'static str> {
    rows().flat_map(|r| r.needs.iter().map(|n| n.action))
}

/// A resource type and how its ARNs are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResourceType {
    pub service: &'static str,
    pub kind: &'static str,
    /// `{r}` is the region, `{a}` the account, `{}` what names the resource.
    pub arn: &'static str,
}

const fn kind(service: &'static str, kind: &'static str, arn: &'static str) -> ResourceType {
    ResourceType { service, kind, arn }
}

pub const RESOURCE_TYPES: &[ResourceType] = &[
    kind("ec2", "dhcp-options", "arn:aws:ec2:{r}:{a}:dhcp-options/{}"),
    kind("ec2", "egress-only-internet-gateway", "arn:aws:ec2:{r}:{a}:egress-only-internet-gateway/{}"),
    kind("ec2", "dedicated-host", "arn:aws:ec2:{r}:{a}:dedicated-host/{}"),
    kind("ec2", "elastic-ip", "arn:aws:ec2:{r}:{a}:elastic-ip/{}"),
    kind("ec2", "image", "arn:aws:ec2:{r}::image/{}"),
    kind("ec2", "instance", "arn:aws:ec2:{r}:{a}:instance/{}"),
    kind("ec2", "internet-gateway", "arn:aws:ec2:{r}:{a}:internet-gateway/{}"),
    kind("ec2", "key-pair", "arn:aws:ec2:{r}:{a}:key-pair/{}"),
    kind("ec2", "launch-template", "arn:aws:ec2:{r}:{a}:launch-template/{}"),
    kind("ec2", "placement-group", "arn:aws:ec2:{r}:{a}:placement-group/{}"),
    kind("ec2", "capacity-reservation", "arn:aws:ec2:{r}:{a}:capacity-reservation/{}"),
    kind("ec2", "fleet", "arn:aws:ec2:{r}:{a}:fleet/{}"),
    kind("ec2", "natgateway", "arn:aws:ec2:{r}:{a}:natgateway/{}"),
    kind("ec2", "network-acl", "arn:aws:ec2:{r}:{a}:network-acl/{}"),
    kind("ec2", "network-interface", "arn:aws:ec2:{r}:{a}:network-interface/{}"),
    kind("ec2", "prefix-list", "arn:aws:ec2:{r}:{a}:prefix-list/{}"),
    kind("ec2", "route-table", "arn:aws:ec2:{r}:{a}:route-table/{}"),
    kind("ec2", "security-group", "arn:aws:ec2:{r}:{a}:security-group/{}"),
    kind("ec2", "security-group-rule", "arn:aws:ec2:{r}:{a}:security-group-rule/{}"),
    kind("ec2", "spot-instances-request", "arn:aws:ec2:{r}:{a}:spot-instances-request/{}"),
    kind("ec2", "subnet", "arn:aws:ec2:{r}:{a}:subnet/{}"),
    kind("ec2", "transit-gateway", "arn:aws:ec2:{r}:{a}:transit-gateway/{}"),
    kind("ec2", "transit-gateway-attachment", "arn:aws:ec2:{r}:{a}:transit-gateway-attachment/{}"),
    kind("ec2", "transit-gateway-route-table", "arn:aws:ec2:{r}:{a}:transit-gateway-route-table/{}"),
    kind("ec2", "volume", "arn:aws:ec2:{r}:{a}:volume/{}"),
    kind("ec2", "vpc", "arn:aws:ec2:{r}:{a}:vpc/{}"),
    kind("ec2", "vpc-endpoint", "arn:aws:ec2:{r}:{a}:vpc-endpoint/{}"),
    kind("ec2", "vpc-flow-log", "arn:aws:ec2:{r}:{a}:vpc-flow-log/{}"),
    kind("ec2", "vpc-peering-connection", "arn:aws:ec2:{r}:{a}:vpc-peering-connection/{}"),
    // What `{}` is here begins with the path, which begins and ends with a slash.
    kind("iam", "user", "arn:aws:iam::{a}:user{}"),
    kind("iam", "group", "arn:aws:iam::{a}:group{}"),
    kind("iam", "role", "arn:aws:iam::{a}:role{}"),
    kind("iam", "policy", "arn:aws:iam::{a}:policy{}"),
    kind("iam", "instance-profile", "arn:aws:iam::{a}:instance-profile{}"),
    kind("iam", "server-certificate", "arn:aws:iam::{a}:server-certificate{}"),
    kind("iam", "mfa", "arn:aws:iam::{a}:mfa{}"),
    kind("iam", "oidc-provider", "arn:aws:iam::{a}:oidc-provider/{}"),
    kind("iam", "saml-provider", "arn:aws:iam::{a}:saml-provider/{}"),
    kind("sts", "role", "arn:aws:iam::{a}:role{}"),
    kind("sts", "federated-user", "arn:aws:sts::{a}:federated-user/{}"),
    kind("kms", "key", "arn:aws:kms:{r}:{a}:key/{}"),
    kind("kms", "alias", "arn:aws:kms:{r}:{a}:{}"),
    kind("ssm", "parameter", "arn:aws:ssm:{r}:{a}:parameter/{}"),
    kind("cloudtrail", "trail", "arn:aws:cloudtrail:{r}:{a}:trail/{}"),
    kind("servicequotas", "quota", "arn:aws:servicequotas:{r}:{a}:{}"),
    // `app/NAME/ID`, `net/NAME/ID` and what is below; `NAME/ID`.
    kind("elasticloadbalancing", "loadbalancer", "arn:aws:elasticloadbalancing:{r}:{a}:loadbalancer/{}"),
    kind("elasticloadbalancing", "listener", "arn:aws:elasticloadbalancing:{r}:{a}:listener/{}"),
    kind("elasticloadbalancing", "listener-rule", "arn:aws:elasticloadbalancing:{r}:{a}:listener-rule/{}"),
    kind("elasticloadbalancing", "targetgroup", "arn:aws:elasticloadbalancing:{r}:{a}:targetgroup/{}"),
    kind("elasticloadbalancing", "truststore", "arn:aws:elasticloadbalancing:{r}:{a}:truststore/{}"),
    kind("acm", "certificate", "arn:aws:acm:{r}:{a}:certificate/{}"),
    kind("s3", "bucket", "arn:aws:s3:::{}"),
    kind("s3", "object", "arn:aws:s3:::{}"),
];

/// The ARN of a resource; `*` where there is no such type.
pub fn arn(service: &str, kind: &str, region: &str, account: &str, name: &str) -> String {
    let Some(found) = RESOURCE_TYPES.iter().find(|t| t.service == service && t.kind == kind) else { return "*".into() };
    // `name` last: it may hold anything.
    found.arn.replace("{r}", region).replace("{a}", account).replacen("{}", name, 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_table_is_in_order() {
        let mut seen = HashSet::new();
        for row in rows() {
            assert!(seen.insert((row.service, row.operation)), "{} {} twice", row.service, row.operation);
            assert_eq!(row.needs.is_empty(), row.judged == Judged::Never, "{}", row.operation);
            for need in row.needs {
                let service = need.action.split(':').next().unwrap();
                for on in need.on() {
                    let known = matches!(on.kind, "*" | "any")
                        || RESOURCE_TYPES.iter().any(|t| t.service == service && t.kind == on.kind);
                    assert!(known, "{}: {} has no resource type {}", row.operation, service, on.kind);
                    assert!(!on.optional || on.from != "*", "{}: an optional resource has a name", row.operation);
                }
            }
        }
    }

    #[test]
    fn arns() {
        for (service, kind, name, want) in [
            ("ec2", "instance", "i-1", "arn:aws:ec2:us-east-1:111122223333:instance/i-1"),
            ("ec2", "image", "ami-1", "arn:aws:ec2:us-east-1::image/ami-1"),
            ("iam", "user", "/team/ann", "arn:aws:iam::111122223333:user/team/ann"),
            ("kms", "alias", "alias/a", "arn:aws:kms:us-east-1:111122223333:alias/a"),
            ("s3", "object", "b/k", "arn:aws:s3:::b/k"),
            ("s3", "nothing", "b/k", "*"),
        ] {
            assert_eq!(arn(service, kind, "us-east-1", "111122223333", name), want);
        }
    }

    #[test]
    fn resources_are_read() {
        let on: Vec<On> = find("ec2", "RunInstances").unwrap().needs[0].on().collect();
        assert!(on.contains(&On { kind: "instance", from: "*", optional: false }));
        assert!(on.iter().any(|o| o.kind == "key-pair" && o.optional));
        assert!(on.iter().any(|o| o.kind == "subnet" && !o.optional && o.parameters().count() == 2));
        let none: Vec<On> = find("ec2", "DescribeVpcs").unwrap().needs[0].on().collect();
        assert_eq!(none, [On { kind: "*", from: "*", optional: false }]);
    }
}
