//! The Action and NotAction elements: `service:Name`, without case, with wildcards in the name.

use crate::context::Context;
use crate::error::PolicyError;
use crate::pattern::{Match, Pattern, Syntax};

/// The action of a request, in lower case and cut once.
#[derive(Debug)]
pub(crate) struct ActionName {
    lower: String,
    colon: usize,
}

impl ActionName {
    pub fn new(action: &str) -> Self {
        let lower = action.to_ascii_lowercase();
        let colon = lower.find(':').unwrap_or(lower.len());
        Self { lower, colon }
    }

    fn service(&self) -> &str {
        &self.lower[..self.colon]
    }

    fn name(&self) -> &str {
        self.lower.get(self.colon + 1..).unwrap_or_default()
    }
}

#[derive(Debug, Default)]
pub(crate) struct ActionSet {
    any: bool,
    /// Whole names, lower case, sorted.
    exact: Vec<Box<str>>,
    /// Service and pattern of the name, lower case.
    globs: Vec<(Box<str>, Pattern)>,
}

impl ActionSet {
    pub fn read(actions: &[String]) -> Result<Self, PolicyError> {
        let mut set = Self::default();
        for action in actions {
            let shown = || action.chars().take(200).collect();
            if action == "*" {
                set.any = true;
                continue;
            }
            let lower = action.to_ascii_lowercase();
            let (service, name) = lower.split_once(':').ok_or_else(|| PolicyError::ActionVendor(shown()))?;
            if name.contains(':') {
                return Err(PolicyError::ActionColons(shown()));
            }
            if service == "*" && name == "*" {
                set.any = true;
                continue;
            }
            if service.is_empty() || !service.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.')) {
                return Err(PolicyError::Vendor(service.chars().take(200).collect()));
            }
            if name.is_empty() {
                return Err(PolicyError::ActionVendor(shown()));
            }
            match Pattern::parse(name, Syntax { wildcards: true, variables: false })? {
                Pattern::Exact(_) => set.exact.push(lower.into()),
                pattern => set.globs.push((service.into(), pattern)),
            }
        }
        set.exact.sort_unstable();
        set.exact.dedup();
        Ok(set)
    }

    pub fn matches(&self, action: &ActionName) -> bool {
        // Actions hold no variables.
        let nothing = Context::new();
        self.any
            || self.exact.binary_search_by(|e| (**e).cmp(&action.lower)).is_ok()
            || self
                .globs
                .iter()
                .any(|(service, name)| **service == *action.service() && name.matches(action.name(), &nothing) == Match::Yes)
    }
}
