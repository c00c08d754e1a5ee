//! The generated shapes and operation tables, put together into a module for each service.

#[rustfmt::skip]
mod acm_operations;
#[rustfmt::skip]
mod acm_shapes;
#[rustfmt::skip]
mod cloudtrail_operations;
#[rustfmt::skip]
mod cloudtrail_shapes;
#[rustfmt::skip]
mod ec2_operations;
#[rustfmt::skip]
mod ec2_shapes;
#[rustfmt::skip]
mod elbv2_operations;
#[rustfmt::skip]
mod elbv2_shapes;
#[rustfmt::skip]
mod iam_operations;
#[rustfmt::skip]
mod iam_shapes;
#[rustfmt::skip]
mod kms_operations;
#[rustfmt::skip]
mod kms_shapes;
#[rustfmt::skip]
mod s3_shapes;
#[rustfmt::skip]
mod service_quotas_operations;
#[rustfmt::skip]
mod service_quotas_shapes;
#[rustfmt::skip]
mod ssm_operations;
#[rustfmt::skip]
mod ssm_shapes;
#[rustfmt::skip]
mod sts_operations;
#[rustfmt::skip]
mod sts_shapes;

/// Amazon EC2: shapes, and a static for each operation.
pub mod ec2 {
    pub use super::ec2_operations::*;
    pub use super::ec2_shapes::*;
}

/// Amazon S3: what travels as XML. Re-exported by [`crate::s3`].
pub mod s3 {
    pub use super::s3_shapes::*;
}

/// AWS STS.
pub mod sts {
    pub use super::sts_operations::*;
    pub use super::sts_shapes::*;
}

/// AWS Systems Manager.
pub mod ssm {
    pub use super::ssm_operations::*;
    pub use super::ssm_shapes::*;
}

/// AWS CloudTrail.
pub mod cloudtrail {
    pub use super::cloudtrail_operations::*;
    pub use super::cloudtrail_shapes::*;
}

/// AWS IAM.
pub mod iam {
    pub use super::iam_operations::*;
    pub use super::iam_shapes::*;
}

/// AWS KMS.
pub mod kms {
    pub use super::kms_operations::*;
    pub use super::kms_shapes::*;
}

/// Elastic Load Balancing, version 2.
pub mod elbv2 {
    pub use super::elbv2_operations::*;
    pub use super::elbv2_shapes::*;
}

/// AWS Certificate Manager.
pub mod acm {
    pub use super::acm_operations::*;
    pub use super::acm_shapes::*;
}

/// Service Quotas.
pub mod service_quotas {
    pub use super::service_quotas_operations::*;
    pub use super::service_quotas_shapes::*;
}

pub static SERVICES: &[&crate::Service] = &[
    &ec2::SERVICE,
    &sts::SERVICE,
    &ssm::SERVICE,
    &iam::SERVICE,
    &kms::SERVICE,
    &cloudtrail::SERVICE,
    &service_quotas::SERVICE,
    &elbv2::SERVICE,
    &acm::SERVICE,
];
