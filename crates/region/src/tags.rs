//! Tags, the same for every resource: rules, TagSpecifications, storage.
//!
//! Limits from "Tag restrictions" in the EC2 user guide: 50 a resource, keys of 1-128 and values of 0-256 characters, the
//! prefix `aws:` is reserved.

use crate::context::Ctx;
use crate::rows::TagSet;
use aws_protocol::{AwsError, ec2};
use std::collections::BTreeMap;

pub const TAGS_PER_RESOURCE_MAX: usize = 50;
const KEY_CHARS_MAX: usize = 128;
const VALUE_CHARS_MAX: usize = 256;

pub fn check(key: &str, value: &str) -> Result<(), AwsError> {
    if key.is_empty() || key.chars().count() > KEY_CHARS_MAX {
        return Err(AwsError::invalid_parameter_value(format!(
            "Tag keys must be between 1 and {KEY_CHARS_MAX} characters long."
        )));
    }
    if value.chars().count() > VALUE_CHARS_MAX {
        return Err(AwsError::invalid_parameter_value(format!("Tag values may have at most {VALUE_CHARS_MAX} characters.")));
    }
    if key.to_ascii_lowercase().starts_with("aws:") {
        return Err(AwsError::invalid_parameter_value("Tag keys starting with 'aws:' are reserved for internal use"));
    }
    Ok(())
}

/// The tags that TagSpecifications give to a resource type.
pub fn specified(specs: &Option<Vec<ec2::TagSpecification>>, resource_type: &str) -> Result<BTreeMap<String, String>, AwsError> {
    let mut out = BTreeMap::new();
    for spec in specs.iter().flatten().filter(|s| s.resource_type.as_deref() == Some(resource_type)) {
        for tag in spec.tags.iter().flatten() {
            let key = tag.key.clone().unwrap_or_default();
            let value = tag.value.clone().unwrap_or_default();
            check(&key, &value)?;
            if out.insert(key.clone(), value).is_some() {
                return Err(AwsError::invalid_parameter_value(format!("Duplicate tag key '{key}' specified.")));
            }
        }
    }
    if out.len() > TAGS_PER_RESOURCE_MAX {
        return Err(limit());
    }
    Ok(out)
}

fn limit() -> AwsError {
    AwsError::new("TagLimitExceeded", "You have reached the maximum number of tags allowed for this resource.")
}

impl Ctx<'_> {
    /// Adds to a resource's tags.
    pub fn tag(&mut self, resource: impl ToString, tags: BTreeMap<String, String>) -> Result<(), AwsError> {
        if tags.is_empty() {
            return Ok(());
        }
        let resource = resource.to_string();
        let mut all = self.tags(&resource);
        all.extend(tags);
        if all.len() > TAGS_PER_RESOURCE_MAX {
            return Err(limit());
        }
        self.db.put(TagSet { account: self.caller.account.clone(), resource, tags: all });
        Ok(())
    }

    /// Removes all tags: the resource is gone.
    pub fn untag(&mut self, resource: impl ToString) {
        let account = self.caller.account.clone();
        self.db.delete::<TagSet>(&account, resource);
    }
}
