//! The VPC endpoint that a connection came through, as a card told, and what its policy lets pass.

use iam::{Policy, PolicyError, PolicyKind};
use wire::card::Handed;

#[derive(Debug)]
pub struct Through {
    pub vpc: String,
    pub endpoint: String,
    /// None: everything may pass. One that cannot be read lets nothing pass.
    pub policy: Option<Result<Policy, PolicyError>>,
}

impl Through {
    pub fn new(handed: &Handed) -> Self {
        let policy = handed.policy.as_deref().map(|text| Policy::parse(text, PolicyKind::Resource));
        Self { vpc: handed.vpc.to_string(), endpoint: handed.endpoint.to_string(), policy }
    }

    pub fn facts(&self) -> iam::caller::Through<'_> {
        iam::caller::Through { vpc: &self.vpc, endpoint: &self.endpoint }
    }
}
