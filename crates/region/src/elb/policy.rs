//! Security policies: those of AWS's whose protocols and ciphers the balancer has, exactly. Another is `SSLPolicyNotFound`, as
//! it would be something else under its name. Source: "Security policies for your Application Load Balancer".

use super::check::{page, validation};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use aws_protocol::{AwsError, elbv2 as api};

pub struct Policy {
    pub name: &'static str,
    protocols: &'static [&'static str],
    ciphers: &'static [&'static str],
}

/// Of listeners that name none. AWS's own default, ELBSecurityPolicy-2016-08, has protocols that are not spoken here.
pub const DEFAULT: &str = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06";

/// By name.
const POLICIES: &[Policy] = &[
    Policy {
        name: "ELBSecurityPolicy-FS-1-2-Res-2020-10",
        protocols: &["TLSv1.2"],
        ciphers: &[
            "ECDHE-ECDSA-AES128-GCM-SHA256",
            "ECDHE-RSA-AES128-GCM-SHA256",
            "ECDHE-ECDSA-AES256-GCM-SHA384",
            "ECDHE-RSA-AES256-GCM-SHA384",
        ],
    },
    Policy {
        name: DEFAULT,
        protocols: &["TLSv1.2", "TLSv1.3"],
        ciphers: &[
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "ECDHE-ECDSA-AES128-GCM-SHA256",
            "ECDHE-RSA-AES128-GCM-SHA256",
            "ECDHE-ECDSA-AES256-GCM-SHA384",
            "ECDHE-RSA-AES256-GCM-SHA384",
        ],
    },
    Policy {
        name: "ELBSecurityPolicy-TLS13-1-3-2021-06",
        protocols: &["TLSv1.3"],
        ciphers: &["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"],
    },
];

pub fn find(name: &str) -> Result<&'static Policy, AwsError> {
    let found = POLICIES.iter().find(|p| p.name == name);
    found.ok_or_else(|| AwsError::new("SSLPolicyNotFound", format!("SSL policy '{name}' not found")))
}

pub fn register(table: &mut Table) {
    table.op::<api::DescribeSSLPoliciesInput>(&["Names.member.N", "Marker", "PageSize", "LoadBalancerType"], &[], describe);
}

fn describe(_: &mut Ctx, r: Authorized<api::DescribeSSLPoliciesInput>) -> OpResult<api::DescribeSSLPoliciesOutput> {
    if let Some(other) = r.load_balancer_type.as_deref().filter(|t| !["application", "network"].contains(t)) {
        return Err(validation(format!("'{other}' is not a load balancer type with security policies")).into());
    }
    let mut found: Vec<&Policy> = match r.names.as_deref().unwrap_or_default() {
        [] => POLICIES.iter().collect(),
        names => names.iter().map(|n| find(n)).collect::<Result<_, _>>()?,
    };
    found.sort_by_key(|p| p.name);
    let (found, next_marker) = page(found, &r.marker, r.page_size, |p| p.name.to_owned())?;
    let cipher = |(n, name): (usize, &&str)| api::Cipher { name: Some((*name).to_owned()), priority: i32::try_from(n + 1).ok() };
    let shown = |p: &Policy| api::SslPolicy {
        ciphers: Some(p.ciphers.iter().enumerate().map(cipher).collect()),
        name: Some(p.name.to_owned()),
        ssl_protocols: Some(p.protocols.iter().map(|p| (*p).to_owned()).collect()),
        supported_load_balancer_types: Some(vec!["application".to_owned(), "network".to_owned()]),
    };
    Ok(api::DescribeSSLPoliciesOutput { ssl_policies: Some(found.into_iter().map(shown).collect()), next_marker })
}
