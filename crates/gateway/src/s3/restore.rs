//! RestoreObject: archived objects become readable for a number of days.
//!
//! ```text
//!  archived ── restore ──► under way (409 for further ones) ── worker ──► readable until ── time ──► archived
//!                                                                          └─ restore again: another time
//! ```
//! The bytes of archived classes lie where those of infrequent ones do, so a restoration is the version's state and no copy;
//! the delay is the service's word. Source: "Restoring an archived object", S3 User Guide.

use super::access::{Grants, allow};
use super::ask::{Ask, arn};
use super::headers::is_archived;
use super::lifecycle::due;
use super::ranges::format_http_date;
use super::{S3, empty_reply};
use crate::answer::Reply;
use aws_protocol::AwsError;
use aws_protocol::s3::{self, decode_xml, errors};
use objectstore::message::{IndexCall, VersionChange};
use objectstore::record::{NewVersion, Restore};
use types::TimestampMs;

/// Ours; S3 says no more than that it is an integer.
const DAYS_MAX: i32 = 36_500;

/// Not archived, or restored for the time being.
pub fn is_readable(object: &NewVersion, now: TimestampMs) -> bool {
    !is_archived(&object.storage_class) || object.restore.as_ref().and_then(|r| r.until).is_some_and(|until| until > now)
}

/// `x-amz-restore`.
pub fn header(object: &NewVersion, now: TimestampMs) -> Option<String> {
    match object.restore.as_ref()?.until {
        None => Some("ongoing-request=\"true\"".to_owned()),
        Some(until) if until > now => Some(format!("ongoing-request=\"false\", expiry-date=\"{}\"", format_http_date(until))),
        Some(_) => None,
    }
}

/// What a request makes of an object's restoration, and whether it has to be worked on.
#[derive(Debug, PartialEq, Eq)]
pub struct Decision {
    pub to: Restore,
    /// False: it is readable already, only the time changes.
    pub started: bool,
}

/// # Errors
/// `InvalidObjectState`, `RestoreAlreadyInProgress`, `InvalidArgument`.
pub fn decide(object: &NewVersion, days: u32, tier: &str, now: TimestampMs, day_ms: u64) -> Result<Decision, AwsError> {
    if !is_archived(&object.storage_class) {
        let mut e = errors::invalid_object_state(&object.storage_class);
        e.message = "Restore is not allowed for the object's current storage class".to_owned();
        return Err(e);
    }
    if tier == "Expedited" && object.storage_class == "DEEP_ARCHIVE" {
        return Err(errors::invalid_argument("Retrieval option is not supported by this storage class", "Tier", tier));
    }
    let to = Restore { requested: now, days, tier: tier.to_owned(), until: None };
    match object.restore.as_ref().map(|r| r.until) {
        Some(None) => Err(errors::restore_already_in_progress()),
        Some(Some(until)) if until > now => {
            Ok(Decision { to: Restore { until: Some(due(now, days as i32, day_ms)), ..to }, started: false })
        }
        _ => Ok(Decision { to, started: true }),
    }
}

impl S3 {
    pub(super) async fn restore_object(&self, ask: &Ask, body: &[u8]) -> Result<Reply, AwsError> {
        let wanted = ask.version()?;
        let (bucket, found) = self.lookup(ask, &ask.bucket, &ask.key, wanted).await?;
        allow(ask, &bucket, "s3:RestoreObject", &arn(&ask.bucket, Some(&ask.key)), Grants::None)?;
        let Some(version) = found.filter(|v| !v.delete_marker || wanted.is_some()) else {
            return Err(wanted.map_or_else(|| errors::no_such_key(&ask.key), |id| errors::no_such_version(&ask.key, id)));
        };
        if version.delete_marker {
            return Err(errors::version_is_delete_marker(ask.method.as_str()));
        }
        if body.is_empty() {
            return Err(errors::missing_request_body());
        }
        let request: s3::RestoreRequest = decode_xml(&["RestoreRequest"], body)?;
        if request.r#type.is_some() || request.select_parameters.is_some() || request.output_location.is_some() {
            return Err(errors::not_implemented_because("S3 Select is not implemented; S3 itself is closed to new users."));
        }
        let days = request.days.ok_or_else(errors::malformed_xml)?;
        if !(1..=DAYS_MAX).contains(&days) {
            return Err(errors::invalid_argument("restoration days should be at least 1", "Days", &days.to_string()));
        }
        let tier = request.glacier_job_parameters.and_then(|g| g.tier).or(request.tier);
        let tier = tier.unwrap_or_else(|| "Standard".to_owned());
        let decision = decide(&version.object, days.unsigned_abs(), &tier, ask.now, self.day_ms)?;
        let call = IndexCall::Change {
            bucket: ask.bucket.clone(),
            key: ask.key.clone(),
            version: wanted,
            change: VersionChange::Restore { from: version.object.restore.clone(), to: Some(decision.to) },
            cause: ask.cause(if decision.started { "ObjectRestore:Post" } else { "" }),
        };
        match self.index(ask, call).await {
            Ok(_) => {}
            // Somebody else's request was faster.
            Err(e) if e.is("OperationAborted") => return Err(errors::restore_already_in_progress()),
            Err(e) => return Err(e),
        }
        let mut reply = empty_reply(if decision.started { 202 } else { 200 });
        self.set_version(&mut reply, &bucket, version.id);
        Ok(reply)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use objectstore::record::{Data, Encryption};

    fn object(class: &str, restore: Option<Restore>) -> NewVersion {
        NewVersion {
            data: Data::None,
            bytes: 1,
            etag: String::new(),
            owner: "123456789012".parse().unwrap(),
            headers: vec![],
            metadata: vec![],
            tags: vec![],
            acl: None,
            checksum: None,
            storage_class: class.to_owned(),
            encryption: Encryption::S3,
            retention: None,
            legal_hold: false,
            website_redirect: None,
            replication: None,
            restore,
        }
    }

    #[test]
    fn what_a_request_comes_to() {
        let now = TimestampMs(10_500);
        let of = |until: Option<u64>| {
            Some(Restore { requested: TimestampMs(1), days: 1, tier: "Bulk".into(), until: until.map(TimestampMs) })
        };
        for (class, state, tier, wanted, readable, shown) in [
            ("STANDARD", None, "Standard", "InvalidObjectState", true, None),
            ("GLACIER_IR", None, "Standard", "InvalidObjectState", true, None),
            ("GLACIER", None, "Expedited", "202", false, None),
            ("DEEP_ARCHIVE", None, "Expedited", "InvalidArgument", false, None),
            ("DEEP_ARCHIVE", None, "Bulk", "202", false, None),
            ("GLACIER", of(None), "Bulk", "RestoreAlreadyInProgress", false, Some("ongoing-request=\"true\"")),
            (
                "GLACIER",
                of(Some(11_000)),
                "Bulk",
                "200 until 13000",
                true,
                Some("ongoing-request=\"false\", expiry-date=\"Thu, 01 Jan 1970 00:00:11 GMT\""),
            ),
            ("GLACIER", of(Some(10_500)), "Bulk", "202", false, None),
        ] {
            let object = object(class, state);
            let outcome = match decide(&object, 2, tier, now, 1000) {
                Err(e) => e.code.to_string(),
                Ok(Decision { to, started: false }) => format!("200 until {}", to.until.map_or(0, |u| u.0)),
                Ok(Decision { to, started: true }) => {
                    assert_eq!((to.until, to.days), (None, 2));
                    "202".to_owned()
                }
            };
            assert_eq!(outcome, wanted, "{class}");
            assert_eq!(is_readable(&object, now), readable, "{class}");
            assert_eq!(header(&object, now).as_deref(), shown);
        }
    }
}
