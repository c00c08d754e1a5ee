//! Lifecycle, carried out: goes through the buckets that have rules, and does what is due.
//!
//! All times of rules are midnights, so a bucket that was swept to its end needs no other sweep before the next midnight,
//! unless its rules change. Every deed names the version as it was seen; if that is no longer so, nothing happens.

use super::{Failure, LIFECYCLE, PAUSE, VERSIONS_PER_CALL, Worker, later};
use crate::s3::bucket::Bucket;
use crate::s3::lifecycle::{Act, Deed, Sweep, aborts_at, rules};
use aws_protocol::s3::LifecycleRule;
use objectstore::message::{
    DeleteConditions, DeleteItem, IndexAnswer, IndexCall, IndexError, ListQuery, UploadsQuery, VersionsQuery,
};
use objectstore::record::{BucketId, VersionId};
use std::collections::HashMap;
use std::rc::Rc;
use tokio::time::Instant;

/// Buckets of which it is remembered that they were swept; beyond that all are swept again.
const SWEPT_MAX: usize = 100_000;

/// What a sweep to the end was of: the rules and the day.
type Swept = HashMap<BucketId, (String, u64)>;

impl Worker {
    pub(super) async fn sweep_buckets(self: &Rc<Self>) {
        let mut swept = Swept::new();
        loop {
            let began = Instant::now();
            match self.sweep_all(&mut swept).await {
                Ok(()) => self.count("lifecycle/passes"),
                Err(error) => {
                    self.count("lifecycle/passes-cut-short");
                    tracing::debug!(%error, "lifecycle waits");
                    tokio::time::sleep(PAUSE).await;
                }
            }
            tokio::time::sleep_until(began + self.pass()).await;
        }
    }

    async fn sweep_all(self: &Rc<Self>, swept: &mut Swept) -> Result<(), Failure> {
        let mut after = String::new();
        loop {
            let (buckets, next) = self.buckets_with(after, LIFECYCLE).await?;
            for bucket in buckets {
                let state = (bucket.document(LIFECYCLE).unwrap_or("").to_owned(), self.now().0 / self.s3.day_ms);
                if swept.get(&bucket.record.id) == Some(&state) {
                    continue;
                }
                match self.sweep_bucket(&bucket).await {
                    Ok(true) => {
                        if swept.len() >= SWEPT_MAX {
                            swept.clear();
                        }
                        swept.insert(bucket.record.id, state);
                    }
                    // Something has to be tried again.
                    Ok(false) | Err(Failure::Refused(_)) => {}
                    Err(e) => return Err(e),
                }
            }
            match next {
                Some(name) => after = name,
                None => return Ok(()),
            }
        }
    }

    /// True: everything that was due is done, or never can be.
    pub(super) async fn sweep_bucket(self: &Rc<Self>, bucket: &Bucket) -> Result<bool, Failure> {
        let rules = rules(bucket);
        let mut complete = self.abort_uploads(bucket, &rules).await?;
        let mut sweep = Sweep::new(&rules, self.now(), self.s3.day_ms);
        let mut query = VersionsQuery {
            list: ListQuery { prefix: common_prefix(&rules), limit: VERSIONS_PER_CALL, whole: true, ..ListQuery::default() },
            after_version: None,
        };
        loop {
            self.pages.take(1).await;
            let call = IndexCall::ListVersions { bucket: bucket.record.name.clone(), query: query.clone() };
            let IndexAnswer::Versions(page) = self.call(call).await? else { return Err(later()) };
            self.count_many("lifecycle/versions-seen", page.rows.len() as u64);
            let mut deeds = Vec::new();
            for (key, latest, record) in page.rows.records()? {
                sweep.see(key, latest, record, &mut deeds);
            }
            if page.next.is_none() {
                sweep.end(&mut deeds);
            }
            complete &= self.carry_out(bucket, deeds).await?;
            match page.next {
                Some((key, version)) => (query.list.after, query.after_version) = (key, version),
                None => return Ok(complete),
            }
        }
    }

    async fn carry_out(self: &Rc<Self>, bucket: &Bucket, deeds: Vec<Deed>) -> Result<bool, Failure> {
        let mut complete = true;
        let mut items = Vec::new();
        let mut names = Vec::new();
        for deed in deeds {
            if let Act::Move(class) = &deed.act {
                self.changes.take(1).await;
                match self.transition(bucket, &deed, class).await {
                    Ok(what) => self.count(what),
                    Err(Failure::Refused(why)) => self.count(&format!("lifecycle/not-moved-{why}")),
                    Err(Failure::Later(why)) => {
                        tracing::debug!(why, key = deed.key, "a transition waits");
                        self.count("lifecycle/move-retried");
                        complete = false;
                    }
                }
                continue;
            }
            names.push(match deed.act {
                Act::Expire => "lifecycle/expired",
                Act::RemoveNoncurrent => "lifecycle/removed-noncurrent",
                Act::RemoveMarker | Act::Move(_) => "lifecycle/removed-markers",
            });
            items.push(item(deed));
        }
        if items.is_empty() {
            return Ok(complete);
        }
        self.changes.take(items.len() as u64).await;
        let call = IndexCall::Delete {
            bucket: bucket.record.name.clone(),
            items,
            owner: bucket.record.owner.clone(),
            bypass_governance: false,
            cause: self.cause("LifecycleExpiration:Delete"),
        };
        let IndexAnswer::Deleted(results) = self.call(call).await? else { return Err(later()) };
        for (what, result) in names.into_iter().zip(results) {
            match result {
                Ok(_) => self.count(what),
                Err(IndexError::Locked) => self.count("lifecycle/locked"),
                Err(IndexError::PreconditionFailed | IndexError::NoSuchKey | IndexError::NoSuchVersion) => {
                    self.count("lifecycle/changed-meanwhile");
                }
                Err(error) => {
                    tracing::debug!(%error, "a deletion waits");
                    complete = false;
                }
            }
        }
        Ok(complete)
    }

    async fn abort_uploads(&self, bucket: &Bucket, rules: &[LifecycleRule]) -> Result<bool, Failure> {
        if rules.iter().all(|r| r.abort_incomplete_multipart_upload.is_none()) {
            return Ok(true);
        }
        let mut query = UploadsQuery { list: ListQuery { limit: VERSIONS_PER_CALL, ..ListQuery::default() }, after_upload: None };
        loop {
            self.pages.take(1).await;
            let call = IndexCall::ListUploads { bucket: bucket.record.name.clone(), query: query.clone() };
            let IndexAnswer::Uploads { uploads, next, .. } = self.call(call).await? else { return Err(later()) };
            let now = self.now();
            for upload in uploads {
                if aborts_at(rules, &upload.key, upload.initiated, self.s3.day_ms).is_none_or(|(at, _)| at > now) {
                    continue;
                }
                self.changes.take(1).await;
                let (bucket, key, upload) = (bucket.record.name.clone(), upload.key, upload.id);
                match self.call(IndexCall::AbortUpload { bucket, key, upload }).await {
                    Ok(_) => self.count("lifecycle/uploads-aborted"),
                    Err(Failure::Refused(_)) => self.count("lifecycle/changed-meanwhile"),
                    Err(e) => return Err(e),
                }
            }
            match next {
                Some((key, id)) => (query.list.after, query.after_upload) = (key, Some(id)),
                None => return Ok(true),
            }
        }
    }
}

fn item(deed: Deed) -> DeleteItem {
    let Deed { key, record, current, act } = deed;
    let named = act != Act::Expire;
    let conditions = DeleteConditions {
        if_match: Some(record.object.etag),
        modified: Some(record.modified),
        bytes: Some(record.object.bytes),
        current: named.then_some(current),
    };
    DeleteItem { key, version: Some(record.id).filter(|_: &VersionId| named), conditions }
}

/// What the keys of all rules begin with.
fn common_prefix(rules: &[LifecycleRule]) -> String {
    let of = |r: &LifecycleRule| {
        let filter = r.filter.as_ref();
        let and = filter.and_then(|f| f.and.as_ref()).and_then(|a| a.prefix.clone());
        r.prefix.clone().or_else(|| filter.and_then(|f| f.prefix.clone())).or(and).unwrap_or_default()
    };
    let mut all = rules.iter().map(of);
    let Some(first) = all.next() else { return String::new() };
    all.fold(first, |common, other| common.chars().zip(other.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes() {
        let rule = |p: &str| LifecycleRule { prefix: Some(p.to_owned()), ..LifecycleRule::default() };
        for (prefixes, wanted) in
            [(&["logs/a", "logs/b"][..], "logs/"), (&["a", "b"], ""), (&["é1", "é2"], "é"), (&["x"], "x"), (&[], "")]
        {
            let rules: Vec<LifecycleRule> = prefixes.iter().map(|p| rule(p)).collect();
            assert_eq!(common_prefix(&rules), wanted);
        }
    }
}
