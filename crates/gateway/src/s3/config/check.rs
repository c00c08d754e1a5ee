//! What S3 refuses in a bucket's documents beyond their XML schema. Pure.

use crate::s3::headers::{BUCKET_TAGS_MAX, checked_tags};
use aws_protocol::AwsError;
use aws_protocol::s3::{self, errors};

/// AWS: 100 rules; 1,000 for lifecycles; 255 characters for ids.
const CORS_RULES_MAX: usize = 100;
const LIFECYCLE_RULES_MAX: usize = 1000;
const REPLICATION_RULES_MAX: usize = 1000;
const ROUTING_RULES_MAX: usize = 50;
const RULE_ID_CHARS_MAX: usize = 255;
pub const INVENTORIES_MAX: usize = 1000;

fn malformed<T>() -> Result<T, AwsError> {
    Err(errors::malformed_xml())
}

fn argument<T>(message: &str) -> Result<T, AwsError> {
    Err(AwsError::new("InvalidArgument", message))
}

pub fn cors(c: &s3::CORSConfiguration) -> Result<(), AwsError> {
    let rules = c.cors_rules.as_deref().unwrap_or_default();
    if rules.is_empty() || rules.len() > CORS_RULES_MAX {
        return malformed();
    }
    for rule in rules {
        let (methods, origins) =
            (rule.allowed_methods.as_deref().unwrap_or_default(), rule.allowed_origins.as_deref().unwrap_or_default());
        if methods.is_empty() || origins.is_empty() {
            return malformed();
        }
        if let Some(bad) = methods.iter().find(|m| !["GET", "PUT", "POST", "DELETE", "HEAD"].contains(&m.as_str())) {
            return Err(errors::invalid_request(format!(
                "Found unsupported HTTP method in CORS config. Unsupported method is {bad}"
            )));
        }
        for (what, list) in [("AllowedOrigin", origins), ("AllowedHeader", rule.allowed_headers.as_deref().unwrap_or_default())] {
            if let Some(bad) = list.iter().find(|t| t.matches('*').count() > 1) {
                return Err(errors::invalid_request(format!("{what} \"{bad}\" can not have more than one wildcard.")));
            }
        }
        if let Some(bad) = rule.expose_headers.as_deref().unwrap_or_default().iter().find(|h| h.contains('*')) {
            return Err(errors::invalid_request(format!(
                "ExposeHeader \"{bad}\" contains wildcard. We currently do not support wildcard for ExposeHeader."
            )));
        }
        if rule.id.as_ref().is_some_and(|id| id.chars().count() > RULE_ID_CHARS_MAX) {
            return malformed();
        }
    }
    Ok(())
}

pub fn website(w: &s3::WebsiteConfiguration) -> Result<(), AwsError> {
    if let Some(all) = &w.redirect_all_requests_to {
        if all.host_name.as_deref().unwrap_or("").is_empty() {
            return malformed();
        }
        if w.index_document.is_some() || w.error_document.is_some() || w.routing_rules.is_some() {
            return argument("RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.");
        }
        return Ok(());
    }
    let Some(index) = w.index_document.as_ref().and_then(|i| i.suffix.as_deref()) else {
        return argument("A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty");
    };
    if index.is_empty() || index.contains('/') {
        return argument("The IndexDocument Suffix is not well formed");
    }
    let rules = w.routing_rules.as_deref().unwrap_or_default();
    if rules.len() > ROUTING_RULES_MAX {
        return argument("50 routing rules is the limit");
    }
    for rule in rules {
        let Some(to) = &rule.redirect else { return malformed() };
        if to.replace_key_with.is_some() && to.replace_key_prefix_with.is_some() {
            return argument("You can only define ReplaceKeyPrefix or ReplaceKey but not both.");
        }
        let code = to.http_redirect_code.as_deref();
        if code.is_some_and(|c| !matches!(c.parse(), Ok(301..=399))) {
            return argument("The provided HTTP redirect code is not valid. Valid codes are 3XX except 300.");
        }
    }
    Ok(())
}

pub fn encryption(c: &s3::ServerSideEncryptionConfiguration) -> Result<(), AwsError> {
    let [rule] = c.rules.as_deref().unwrap_or_default() else { return malformed() };
    let Some(default) = &rule.apply_server_side_encryption_by_default else { return malformed() };
    match (default.sse_algorithm.as_deref(), default.kms_master_key_id.as_deref()) {
        (Some("AES256"), None) | (Some("aws:kms"), _) => Ok(()),
        (Some("AES256"), Some(_)) => {
            argument("a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse")
        }
        (Some("aws:kms:dsse"), _) => {
            Err(errors::not_implemented_because("Dual-layer encryption (aws:kms:dsse) is not implemented."))
        }
        _ => malformed(),
    }
}

pub fn bucket_tags(t: &s3::Tagging) -> Result<(), AwsError> {
    let tags = tag_pairs(t.tag_set.as_deref().unwrap_or_default())?;
    checked_tags(tags, BUCKET_TAGS_MAX).map(|_| ())
}

/// Key and value must be there, if empty.
pub fn tag_pairs(tags: &[s3::Tag]) -> Result<Vec<(String, String)>, AwsError> {
    tags.iter()
        .map(|t| Ok((t.key.clone().ok_or_else(errors::malformed_xml)?, t.value.clone().ok_or_else(errors::malformed_xml)?)))
        .collect()
}

pub fn ownership(c: &s3::OwnershipControls) -> Result<(), AwsError> {
    let [rule] = c.rules.as_deref().unwrap_or_default() else { return malformed() };
    if rule.object_ownership.is_some() { Ok(()) } else { malformed() }
}

pub fn accelerate(c: &s3::AccelerateConfiguration) -> Result<(), AwsError> {
    match c.status.as_deref() {
        Some("Suspended") => Ok(()),
        Some("Enabled") => {
            Err(errors::not_implemented_because("Transfer acceleration needs edge locations, and this region has none."))
        }
        _ => malformed(),
    }
}

pub fn object_lock(c: &s3::ObjectLockConfiguration) -> Result<(), AwsError> {
    if c.object_lock_enabled.as_deref() != Some("Enabled") {
        return malformed();
    }
    let Some(rule) = &c.rule else { return Ok(()) };
    let Some(default) = &rule.default_retention else { return malformed() };
    match (default.mode.as_deref(), default.days, default.years) {
        (Some(_), Some(_), Some(_)) | (Some(_), None, None) | (None, ..) => malformed(),
        (_, Some(n), _) | (_, _, Some(n)) if n <= 0 => argument("Default retention period must be a positive integer value.")
            .map_err(|e: AwsError| AwsError::new("InvalidRetentionPeriod", e.message)),
        (_, Some(days), _) if days > 36_500 => {
            Err(AwsError::new("InvalidRetentionPeriod", "Default retention period too large."))
        }
        (_, _, Some(years)) if years > 100 => Err(AwsError::new("InvalidRetentionPeriod", "Default retention period too large.")),
        _ => Ok(()),
    }
}

pub fn lifecycle(c: &s3::BucketLifecycleConfiguration) -> Result<(), AwsError> {
    let rules = c.rules.as_deref().unwrap_or_default();
    if rules.is_empty() || rules.len() > LIFECYCLE_RULES_MAX {
        return malformed();
    }
    let mut ids = std::collections::BTreeSet::new();
    for rule in rules {
        if let Some(id) = rule.id.as_deref().filter(|id| !id.is_empty()) {
            if id.chars().count() > RULE_ID_CHARS_MAX {
                return argument("ID length should not exceed allowed limit of 255");
            }
            if !ids.insert(id) {
                return argument("Rule ID must be unique. Found same ID for more than one rule");
            }
        }
        if rule.filter.is_some() == rule.prefix.is_some() {
            return malformed();
        }
        if let Some(filter) = &rule.filter {
            let set = [
                filter.prefix.is_some(),
                filter.tag.is_some(),
                filter.object_size_greater_than.is_some(),
                filter.object_size_less_than.is_some(),
                filter.and.is_some(),
            ];
            if set.iter().filter(|s| **s).count() > 1 {
                return malformed();
            }
        }
        lifecycle_actions(rule)?;
    }
    Ok(())
}

fn lifecycle_actions(rule: &s3::LifecycleRule) -> Result<(), AwsError> {
    let positive = |days: Option<i32>, what: &str| match days {
        Some(n) if n <= 0 => argument(&format!("'{what}' for {what} action must be a positive integer")),
        _ => Ok(()),
    };
    let mut actions = 0;
    if let Some(e) = &rule.expiration {
        actions += 1;
        let marker = e.expired_object_delete_marker;
        if [e.days.is_some(), e.date.is_some(), marker.is_some()].iter().filter(|s| **s).count() != 1 {
            return malformed();
        }
        positive(e.days, "Days")?;
        midnight(e.date)?;
        let tagged = rule.filter.as_ref().is_some_and(|f| f.tag.is_some() || f.and.as_ref().is_some_and(|a| a.tags.is_some()));
        if marker == Some(true) && tagged {
            return Err(errors::invalid_request("ExpiredObjectDeleteMarker cannot be specified with tag filter"));
        }
    }
    for t in rule.transitions.as_deref().unwrap_or_default() {
        actions += 1;
        if t.days.is_some() == t.date.is_some() || t.storage_class.is_none() {
            return malformed();
        }
        if t.days.is_some_and(|d| d < 0) {
            return argument("'Days' in the Transition action must be nonnegative");
        }
        let class = t.storage_class.as_deref().unwrap_or("");
        if matches!(class, "STANDARD_IA" | "ONEZONE_IA") && t.days.is_some_and(|d| d < 30) {
            return argument(&format!(
                "'Days' in Transition action must be greater than or equal to 30 for storageClass '{class}'"
            ));
        }
        if let (Some(days), Some(expire)) = (t.days, rule.expiration.as_ref().and_then(|e| e.days))
            && expire <= days
        {
            return argument("'Days' in the Expiration action for filter must be greater than 'Days' in the Transition action");
        }
        midnight(t.date)?;
    }
    if let Some(n) = &rule.noncurrent_version_expiration {
        actions += 1;
        if n.noncurrent_days.is_none() {
            return malformed();
        }
        positive(n.noncurrent_days, "NoncurrentDays")?;
        positive(n.newer_noncurrent_versions, "NewerNoncurrentVersions")?;
    }
    for n in rule.noncurrent_version_transitions.as_deref().unwrap_or_default() {
        actions += 1;
        if n.noncurrent_days.is_none() || n.storage_class.is_none() {
            return malformed();
        }
    }
    if let Some(abort) = &rule.abort_incomplete_multipart_upload {
        actions += 1;
        if abort.days_after_initiation.is_none() {
            return malformed();
        }
        positive(abort.days_after_initiation, "DaysAfterInitiation")?;
        if rule.filter.as_ref().is_some_and(|f| f.tag.is_some() || f.and.as_ref().is_some_and(|a| a.tags.is_some())) {
            return Err(errors::invalid_request("AbortIncompleteMultipartUpload cannot be specified with Tags."));
        }
    }
    if actions == 0 {
        return Err(errors::invalid_request("At least one action needs to be specified in a rule"));
    }
    Ok(())
}

fn midnight(date: Option<types::TimestampMs>) -> Result<(), AwsError> {
    if date.is_some_and(|d| d.0 % 86_400_000 != 0) { argument("'Date' must be at midnight GMT") } else { Ok(()) }
}

pub fn notification(c: &s3::NotificationConfiguration) -> Result<(), AwsError> {
    if c.event_bridge_configuration.is_some() {
        return Err(errors::not_implemented_because("EventBridge is not implemented."));
    }
    let targets = c.topic_configurations.as_deref().unwrap_or_default().iter().map(|t| (&t.topic_arn, &t.events, &t.filter));
    let queues = c.queue_configurations.as_deref().unwrap_or_default().iter().map(|t| (&t.queue_arn, &t.events, &t.filter));
    let lambdas = c.lambda_function_configurations.as_deref().unwrap_or_default();
    if !lambdas.is_empty() {
        return Err(errors::not_implemented_because("Lambda functions are not implemented: use a queue or a topic."));
    }
    for (target, events, filter) in targets.chain(queues) {
        if events.as_deref().unwrap_or_default().is_empty() {
            return malformed();
        }
        if target.as_deref().and_then(crate::s3::notify::Target::parse).is_none() {
            return argument("Unable to validate the following destination configurations");
        }
        let rules = filter.as_ref().and_then(|f| f.key.as_ref()).and_then(|k| k.filter_rules.as_deref()).unwrap_or_default();
        for name in ["prefix", "suffix"] {
            let named = |r: &&s3::FilterRule| r.name.as_deref().is_some_and(|n| n.eq_ignore_ascii_case(name));
            if rules.iter().filter(named).count() > 1 {
                return argument(&format!("Cannot specify more than one {name} rule in a filter."));
            }
        }
    }
    Ok(())
}

pub fn replication(c: &s3::ReplicationConfiguration) -> Result<(), AwsError> {
    let rules = c.rules.as_deref().unwrap_or_default();
    if rules.is_empty() || rules.len() > REPLICATION_RULES_MAX {
        return malformed();
    }
    for rule in rules {
        let Some(to) = &rule.destination else { return malformed() };
        if !to.bucket.as_deref().unwrap_or("").starts_with("arn:aws:s3:::") {
            return argument("Invalid bucket ARN");
        }
        for (set, what) in [
            (to.replication_time.is_some(), "ReplicationTime"),
            (to.metrics.is_some(), "Metrics"),
            (to.encryption_configuration.is_some(), "EncryptionConfiguration"),
            (rule.source_selection_criteria.is_some(), "SourceSelectionCriteria"),
            (rule.existing_object_replication.is_some(), "ExistingObjectReplication"),
        ] {
            if set {
                return Err(errors::not_implemented_because(format!("{what} of a replication rule is not implemented.")));
            }
        }
    }
    Ok(())
}

pub fn inventory(c: &s3::InventoryConfiguration, id: &str) -> Result<(), AwsError> {
    if c.id.as_deref() != Some(id) || id.is_empty() || id.len() > 64 {
        return argument("The id of the configuration must be that of the request, with 1 to 64 characters");
    }
    let to = c.destination.as_ref().and_then(|d| d.s3_bucket_destination.as_ref());
    match to.map(|t| (t.format.as_deref(), t.bucket.as_deref().unwrap_or("").starts_with("arn:aws:s3:::"))) {
        Some((Some("CSV"), true)) => Ok(()),
        Some((Some(other), true)) => {
            Err(errors::not_implemented_because(format!("Inventories are written as CSV; {other} is not implemented.")))
        }
        Some((_, false)) => argument("Invalid destination bucket ARN"),
        _ => malformed(),
    }
}

/// Every resource of a bucket's policy is the bucket or in it.
pub fn policy(policy: &iam::Policy, bucket: &str) -> Result<(), AwsError> {
    let own = format!("arn:aws:s3:::{bucket}");
    for statement in policy.statements() {
        let (_, resources) = statement.resources();
        let foreign = |r: &&String| {
            let r = r.as_str();
            let inside = r == own || r.strip_prefix(&own).is_some_and(|rest| rest.starts_with(['/', '*', '?']));
            // A pattern may begin before the name ends.
            let pattern = r.find(['*', '?']).is_some_and(|at| own.starts_with(&r[..at]) && !r.starts_with("arn:aws:s3:::/"));
            !inside && !pattern && r != "*"
        };
        if resources.iter().any(|r| foreign(&r)) {
            return Err(errors::malformed_policy("Policy has invalid resource"));
        }
        let (_, actions) = statement.actions();
        if actions.iter().any(|a| a != "*" && !a.to_ascii_lowercase().starts_with("s3:")) {
            return Err(errors::malformed_policy("Policy has invalid action"));
        }
        let (not_resource, not_action) = (statement.resources().0, statement.actions().0);
        if !not_resource && !not_action && actions.iter().any(|a| !applies(a, resources)) {
            return Err(errors::malformed_policy("Action does not apply to any resource(s) in statement"));
        }
    }
    Ok(())
}

/// Whether one of the resources is of the kind, bucket or object, that the action is on. A pattern may be either.
fn applies(action: &str, resources: &[String]) -> bool {
    let action = action.to_ascii_lowercase();
    if action.contains(['*', '?']) {
        return true;
    }
    let on_object = (action.contains("object") && !action.contains("bucket"))
        || ["s3:abortmultipartupload", "s3:listmultipartuploadparts", "s3:bypassgovernanceretention"].contains(&action.as_str());
    resources.iter().any(|r| {
        let name = r.rsplit(":::").next().unwrap_or(r);
        if on_object { name.contains(['/', '*', '?']) } else { !name.contains('/') }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_protocol::Shape;
    use aws_protocol::s3::decode_xml;

    fn code<T: Shape>(root: &str, body: &str, check: fn(&T) -> Result<(), AwsError>) -> String {
        match decode_xml(&[root], format!("<{root}>{body}</{root}>").as_bytes()).and_then(|v| check(&v)) {
            Ok(()) => "ok".to_owned(),
            Err(e) => e.code.into_owned(),
        }
    }

    #[test]
    fn lifecycles() {
        let on = "<Status>Enabled</Status>";
        for (rule, wanted) in [
            (
                "<Rule><ID>a</ID><Prefix>x</Prefix><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule>"
                    .to_owned(),
                "ok",
            ),
            (format!("<Rule><Filter/>{on}<Expiration><Days>0</Days></Expiration></Rule>"), "InvalidArgument"),
            (
                format!(
                    "<Rule><Filter/>{on}<Expiration><Days>1</Days><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration></Rule>"
                ),
                "MalformedXML",
            ),
            (format!("<Rule><Filter/>{on}</Rule>"), "InvalidRequest"),
            (format!("<Rule>{on}<Expiration><Days>1</Days></Expiration></Rule>"), "MalformedXML"),
            (
                format!(
                    "<Rule><Filter><Prefix>a</Prefix></Filter><Prefix>a</Prefix>{on}<Expiration><Days>1</Days></Expiration></Rule>"
                ),
                "MalformedXML",
            ),
            (
                format!(
                    "<Rule><Filter/>{on}<Transition><Days>1</Days><StorageClass>STANDARD_IA</StorageClass></Transition></Rule>"
                ),
                "InvalidArgument",
            ),
            (
                format!("<Rule><Filter/>{on}<Transition><Days>0</Days><StorageClass>GLACIER</StorageClass></Transition></Rule>"),
                "ok",
            ),
            (format!("<Rule><Filter/>{on}<Expiration><Date>2030-01-01T00:00:01Z</Date></Expiration></Rule>"), "InvalidArgument"),
            ("<Rule><Filter/><Status>On</Status><Expiration><Days>1</Days></Expiration></Rule>".to_owned(), "MalformedXML"),
        ] {
            assert_eq!(code("LifecycleConfiguration", &rule, lifecycle), wanted, "{rule}");
        }
        let same = format!("<Rule><ID>a</ID><Filter/>{on}<Expiration><Days>1</Days></Expiration></Rule>");
        assert_eq!(code("LifecycleConfiguration", &format!("{same}{same}"), lifecycle), "InvalidArgument");
    }

    #[test]
    fn the_others() {
        let cors_rule = |method: &str, origin: &str| {
            format!("<CORSRule><AllowedMethod>{method}</AllowedMethod><AllowedOrigin>{origin}</AllowedOrigin></CORSRule>")
        };
        assert_eq!(code("CORSConfiguration", &cors_rule("GET", "https://*.example.com"), cors), "ok");
        assert_eq!(code("CORSConfiguration", &cors_rule("PATCH", "*"), cors), "InvalidRequest");
        assert_eq!(code("CORSConfiguration", &cors_rule("GET", "*.*"), cors), "InvalidRequest");
        let lock = |inner: &str| {
            format!("<ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention>{inner}</DefaultRetention></Rule>")
        };
        for (inner, wanted) in [
            ("<Mode>GOVERNANCE</Mode><Days>1</Days>", "ok"),
            ("<Mode>GOVERNANCE</Mode><Days>1</Days><Years>1</Years>", "MalformedXML"),
            ("<Mode>GOVERNANCE</Mode>", "MalformedXML"),
            ("<Mode>GOVERNANCE</Mode><Days>0</Days>", "InvalidRetentionPeriod"),
            ("<Mode>governance</Mode><Years>1</Years>", "MalformedXML"),
        ] {
            assert_eq!(code("ObjectLockConfiguration", &lock(inner), object_lock), wanted, "{inner}");
        }
        assert_eq!(
            code("WebsiteConfiguration", "<IndexDocument><Suffix>a/b</Suffix></IndexDocument>", website),
            "InvalidArgument"
        );
        assert_eq!(code("WebsiteConfiguration", "<IndexDocument><Suffix>i.html</Suffix></IndexDocument>", website), "ok");
    }

    #[test]
    fn actions_are_on_buckets_or_on_objects() {
        for (action, resource, wanted) in [
            ("s3:GetObject", "arn:aws:s3:::b/*", true),
            ("s3:GetObject", "arn:aws:s3:::b", false),
            ("s3:GetObject", "arn:aws:s3:::b*", true),
            ("s3:ListBucket", "arn:aws:s3:::b", true),
            ("s3:ListBucket", "arn:aws:s3:::b/*", false),
            ("s3:PutBucketObjectLockConfiguration", "arn:aws:s3:::b", true),
            ("s3:AbortMultipartUpload", "arn:aws:s3:::b", false),
            ("s3:BypassGovernanceRetention", "arn:aws:s3:::b/k", true),
            ("s3:*", "arn:aws:s3:::b", true),
            ("s3:ListBucketMultipartUploads", "*", true),
        ] {
            assert_eq!(applies(action, &[resource.to_owned()]), wanted, "{action} {resource}");
        }
    }

    #[test]
    fn policies_are_about_their_own_bucket() {
        let check = |resource: &str| {
            let text = format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"{resource}"}}]}}"#
            );
            policy(&iam::Policy::parse(&text, iam::PolicyKind::Resource).unwrap(), "mine").is_ok()
        };
        assert!(
            check("arn:aws:s3:::mine/*") && check("arn:aws:s3:::mine") && check("arn:aws:s3:::*") && check("arn:aws:s3:::mi*")
        );
        assert!(!check("arn:aws:s3:::other/*") && !check("arn:aws:s3:::mine2/*"));
    }
}
