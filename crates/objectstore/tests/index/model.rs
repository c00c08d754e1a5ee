//! S3 written down as plainly as it can be: lists of versions in maps, and listings by looking at everything.
//!
//! Nothing of it is shared with the index. [`Model::check`] is given a call and what the index answered; it works out what
//! the answer must be, takes from it only what the index may choose (ids, order numbers), and keeps the state for the next.

use crate::support::T0;
use objectstore::id::BlobId;
use objectstore::message::*;
use objectstore::record::*;
use objectstore::rows::{self, Rows, RowsWriter};
use std::collections::{BTreeMap, BTreeSet};
use types::TimestampMs;

#[derive(Default)]
pub struct Model {
    pub buckets: BTreeMap<String, MBucket>,
    pub now: TimestampMs,
    revisions: u64,
    pub open: BTreeSet<u64>,
    sessions: u64,
    /// Parts of completed uploads.
    manifests: BTreeMap<UploadId, Vec<PartRecord>>,
    completed: BTreeMap<UploadId, Done>,
}

/// Key, parts and answer of an upload that was completed.
type Done = (String, Vec<(u16, String)>, IndexAnswer);

pub struct MBucket {
    pub record: BucketRecord,
    revision: u64,
    /// Oldest first.
    pub keys: BTreeMap<String, Vec<VersionRecord>>,
    pub uploads: BTreeMap<(String, UploadId), MUpload>,
}

pub struct MUpload {
    record: UploadRecord,
    parts: BTreeMap<u16, PartRecord>,
}

fn same<T: PartialEq + std::fmt::Debug>(call: &IndexCall, found: &T, expected: &T) {
    assert!(found == expected, "{call:?}\n  answered {found:?}\n  expected {expected:?}");
}

/// Common prefix of a key.
fn group(query: &ListQuery, key: &str) -> Option<String> {
    let rest = key.strip_prefix(&query.prefix)?;
    let (head, _) = rest.split_once(&query.delimiter).filter(|_| !query.delimiter.is_empty())?;
    Some(format!("{}{head}{}", query.prefix, query.delimiter))
}

/// One entry of a listing: of a group, or of a key.
#[derive(Clone, Debug, PartialEq)]
enum Shown<T> {
    Group(String),
    Entry(String, T),
}

/// What a page shows of all entries in order, and whether there are more. `behind`: which entries of keys are behind the start.
fn page<T: Clone + PartialEq>(
    query: &ListQuery,
    all: impl Iterator<Item = (String, T)>,
    behind: impl Fn(&str, &T) -> bool,
) -> (Vec<Shown<T>>, bool) {
    let mut out: Vec<Shown<T>> = Vec::new();
    for (key, entry) in all.filter(|(key, _)| key.starts_with(&query.prefix)) {
        let shown = match group(query, &key) {
            Some(group) if group.as_str() <= query.after.as_str() => continue,
            Some(group) => Shown::Group(group),
            None if !behind(&key, &entry) => continue,
            None => Shown::Entry(key, entry),
        };
        if !matches!(&shown, Shown::Group(_)) || out.last() != Some(&shown) {
            out.push(shown);
        }
    }
    let limit = query.limit.min(1000) as usize;
    let more = limit > 0 && out.len() > limit;
    out.truncate(limit);
    (out, more)
}

fn rows(query: &ListQuery, entries: impl Iterator<Item = (String, bool, VersionRecord)>) -> Rows {
    let mut out = RowsWriter::new(query.whole);
    entries.for_each(|(key, latest, r)| out.push(key.bytes(), latest, &rows::encode(&r).unwrap()).unwrap());
    out.finish()
}

fn groups<T>(shown: &[Shown<T>]) -> Vec<String> {
    shown.iter().filter_map(|s| if let Shown::Group(g) = s { Some(g.clone()) } else { None }).collect()
}

impl Model {
    pub fn new() -> Self {
        Self { now: TimestampMs(T0), ..Self::default() }
    }

    /// Blobs that a version or a part names.
    pub fn live(&self) -> BTreeSet<BlobId> {
        let mut out = BTreeSet::new();
        let parts = |parts: &mut dyn Iterator<Item = &PartRecord>, out: &mut BTreeSet<BlobId>| {
            out.extend(parts.filter_map(|p| p.blob.as_ref()).map(|b| b.id));
        };
        for bucket in self.buckets.values() {
            for version in bucket.keys.values().flatten() {
                match &version.object.data {
                    Data::Blob(blob) => drop(out.insert(blob.id)),
                    Data::Parts { upload, .. } => parts(&mut self.manifests[upload].iter(), &mut out),
                    Data::None => {}
                }
            }
            for upload in bucket.uploads.values() {
                parts(&mut upload.parts.values(), &mut out);
            }
        }
        out
    }

    /// The object that the upload became is still there.
    fn is_manifest(&self, id: UploadId) -> bool {
        let versions = self.buckets.values().flat_map(|b| b.keys.values()).flatten();
        versions.into_iter().any(|v| matches!(v.object.data, Data::Parts { upload, .. } if upload == id))
    }

    fn bucket(&mut self, name: &str) -> Result<&mut MBucket, IndexError> {
        self.buckets.get_mut(name).ok_or(IndexError::NoSuchBucket)
    }

    fn may_write(&self, session: objectstore::id::SessionId) -> Result<(), IndexError> {
        if self.open.contains(&session.0) { Ok(()) } else { Err(IndexError::SessionClosed) }
    }

    pub fn check(&mut self, call: &IndexCall, answer: &IndexResult) {
        match self.expect(call, answer) {
            Ok(Some(expected)) => same(call, answer, &Ok(expected)),
            Ok(None) => assert!(answer.is_ok(), "{call:?}\n  answered {answer:?}"),
            // What is wrong with a call is told in words that only the index knows.
            Err(IndexError::Invalid(_)) => assert!(matches!(answer, Err(IndexError::Invalid(_))), "{call:?}: {answer:?}"),
            Err(refusal) => same(call, answer, &Err(refusal)),
        }
    }

    /// None: the answer was checked already.
    fn expect(&mut self, call: &IndexCall, answer: &IndexResult) -> Result<Option<IndexAnswer>, IndexError> {
        let now = self.now;
        match call {
            IndexCall::CreateBucket { bucket } => {
                if let Some(there) = self.buckets.get(&bucket.name) {
                    return Err(IndexError::BucketExists { owner: there.record.owner.clone() });
                }
                let Ok(IndexAnswer::Bucket(made)) = answer else { panic!("{call:?}: {answer:?}") };
                assert!(made.version > self.revisions);
                self.revisions = made.version;
                let record = BucketRecord { id: made.bucket.id, created: now, ..bucket.clone() };
                let b =
                    MBucket { record: record.clone(), revision: made.version, keys: BTreeMap::new(), uploads: BTreeMap::new() };
                self.buckets.insert(bucket.name.clone(), b);
                Ok(Some(IndexAnswer::Bucket(VersionedBucket { version: made.version, bucket: record })))
            }
            IndexCall::UpdateBucket { version, bucket } => {
                let revisions = self.revisions;
                let b = self.bucket(&bucket.name)?;
                if b.revision != *version {
                    return Err(IndexError::BucketChanged);
                }
                if bucket.versioning == Versioning::Unversioned && b.record.versioning != Versioning::Unversioned {
                    return Err(IndexError::Invalid(String::new()));
                }
                let Ok(IndexAnswer::Bucket(made)) = answer else { panic!("{call:?}: {answer:?}") };
                assert!(made.version > revisions);
                (b.record.versioning, b.revision) = (bucket.versioning, made.version);
                let bucket = b.record.clone();
                self.revisions = made.version;
                Ok(Some(IndexAnswer::Bucket(VersionedBucket { version: made.version, bucket })))
            }
            IndexCall::GetBucket { name } => {
                let b = self.bucket(name)?;
                Ok(Some(IndexAnswer::Bucket(VersionedBucket { version: b.revision, bucket: b.record.clone() })))
            }
            IndexCall::DeleteBucket { name } => {
                if !self.bucket(name)?.keys.is_empty() {
                    return Err(IndexError::BucketNotEmpty);
                }
                self.buckets.remove(name);
                Ok(Some(IndexAnswer::Done))
            }
            IndexCall::OpenSession { .. } => {
                let closed = (self.sessions > 0).then_some(objectstore::id::SessionId(self.sessions));
                self.sessions += 1;
                self.open = [self.sessions].into();
                Ok(Some(IndexAnswer::Session { id: objectstore::id::SessionId(self.sessions), closed }))
            }
            IndexCall::Lookup { bucket, known, key, version } => {
                let b = self.bucket(bucket)?;
                let versions = b.keys.get(key).map(Vec::as_slice).unwrap_or_default();
                let at = match version {
                    None => versions.len().checked_sub(1),
                    Some(id) => versions.iter().position(|v| v.id == *id),
                };
                let found = match at {
                    Some(at) => Found::Version { record: Box::new(versions[at].clone()), latest: at + 1 == versions.len() },
                    None if version.is_some() => Found::NoVersion,
                    None => Found::NoKey,
                };
                let bucket = (*known != b.revision).then(|| VersionedBucket { version: b.revision, bucket: b.record.clone() });
                Ok(Some(IndexAnswer::Lookup { bucket, found }))
            }
            IndexCall::Put { bucket, session, key, conditions, object, .. } => {
                self.bucket(bucket)?;
                self.may_write(*session)?;
                self.put(bucket, key, conditions, object.clone(), answer).map(|()| None)
            }
            IndexCall::Delete { bucket, items, bypass_governance, .. } => {
                self.bucket(bucket)?;
                let Ok(IndexAnswer::Deleted(answers)) = answer else { panic!("{call:?}: {answer:?}") };
                assert_eq!(answers.len(), items.len());
                for (item, answer) in items.iter().zip(answers) {
                    let expected = self.delete(bucket, item, *bypass_governance, answer);
                    same(call, answer, &expected);
                }
                Ok(None)
            }
            IndexCall::Change { bucket, key, version, change, .. } => self.change(bucket, key, *version, change).map(Some),
            IndexCall::List { bucket, query } => {
                let b = self.bucket(bucket)?;
                let current =
                    b.keys.iter().filter_map(|(k, v)| v.last().filter(|r| !r.delete_marker).map(|r| (k.clone(), r.clone())));
                let (shown, more) = page(query, current, |key, _| key > query.after.as_str());
                let next = shown.last().filter(|_| more).map(|s| match s {
                    Shown::Group(g) => g.clone(),
                    Shown::Entry(k, _) => k.clone(),
                });
                let prefixes = groups(&shown);
                let entries =
                    shown.into_iter().filter_map(|s| if let Shown::Entry(k, r) = s { Some((k, true, r)) } else { None });
                Ok(Some(IndexAnswer::List(ListPage { rows: rows(query, entries), prefixes, next })))
            }
            IndexCall::ListVersions { bucket, query } => {
                let b = self.bucket(bucket)?;
                let all = b
                    .keys
                    .iter()
                    .flat_map(|(k, v)| v.iter().enumerate().rev().map(move |(n, r)| (k.clone(), (n + 1 == v.len(), r.clone()))));
                let after = query.list.after.as_str();
                let position = query.after_version.and_then(|id| b.keys.get(after)?.iter().find(|r| r.id == id).map(|r| r.seq));
                let (shown, more) = page(&query.list, all, |key, (_, r)| match query.after_version {
                    Some(_) if key == after => position.is_some_and(|seq| r.seq < seq),
                    _ => key > after,
                });
                let next = shown.last().filter(|_| more).map(|s| match s {
                    Shown::Group(g) => (g.clone(), None),
                    Shown::Entry(k, (_, r)) => (k.clone(), Some(r.id)),
                });
                let prefixes = groups(&shown);
                let entries = shown.into_iter().filter_map(|s| match s {
                    Shown::Entry(key, (latest, record)) => Some((key, latest, record)),
                    Shown::Group(_) => None,
                });
                Ok(Some(IndexAnswer::Versions(VersionsPage { rows: rows(&query.list, entries), prefixes, next })))
            }
            IndexCall::CreateUpload { bucket, upload } => {
                let b = self.bucket(bucket)?;
                let record = UploadRecord { initiated: now, ..upload.clone() };
                let entry = MUpload { record, parts: BTreeMap::new() };
                let there = b.uploads.entry((upload.key.clone(), upload.id)).or_insert(entry);
                Ok(Some(IndexAnswer::Upload(there.record.clone())))
            }
            IndexCall::GetUpload { bucket, key, upload } => {
                let found = self.bucket(bucket)?.uploads.get(&(key.clone(), *upload)).ok_or(IndexError::NoSuchUpload)?;
                Ok(Some(IndexAnswer::Upload(found.record.clone())))
            }
            IndexCall::PutPart { bucket, session, key, upload, part } => {
                let writes = self.may_write(*session);
                let found = self.bucket(bucket)?.uploads.get_mut(&(key.clone(), *upload)).ok_or(IndexError::NoSuchUpload)?;
                writes?;
                found.parts.insert(part.number, PartRecord { modified: now, ..part.clone() });
                Ok(Some(IndexAnswer::Done))
            }
            IndexCall::Parts { upload, after, limit, .. } => {
                let under_way = self.buckets.values().flat_map(|b| &b.uploads).find(|((_, id), _)| id == upload);
                let all: Vec<PartRecord> = match (under_way, self.manifests.get(upload)) {
                    (Some((_, u)), _) => u.parts.values().cloned().collect(),
                    (None, Some(parts)) if self.is_manifest(*upload) => parts.clone(),
                    // What is left of aborted uploads and of objects that are gone is nobody's business.
                    (None, _) => return Ok(None),
                };
                let mut parts: Vec<PartRecord> = all.into_iter().filter(|p| p.number > *after).collect();
                let more = parts.len() > usize::from(*limit);
                parts.truncate((*limit).into());
                Ok(Some(IndexAnswer::Parts { parts, more }))
            }
            IndexCall::CompleteUpload { bucket, session, key, upload, parts, conditions, object, .. } => {
                let writes = self.may_write(*session);
                let kept = self.is_manifest(*upload);
                let b = self.bucket(bucket)?;
                let Some(found) = b.uploads.get(&(key.clone(), *upload)) else {
                    return match self.completed.get(upload) {
                        // It is known as long as the object is there, and for a while behind that.
                        Some((k, p, first)) if k == key && p == parts && (kept || answer.is_ok()) => Ok(Some(first.clone())),
                        _ => Err(IndexError::NoSuchUpload),
                    };
                };
                writes?;
                let mut chosen = Vec::new();
                for (number, etag) in parts {
                    let part = found.parts.get(number).filter(|p| p.etag == *etag);
                    chosen.push(part.cloned().ok_or(IndexError::InvalidPart(*number))?);
                }
                let data = Data::Parts { upload: *upload, count: parts.len() as u16 };
                let object = NewVersion { data, bytes: chosen.iter().map(|p| p.bytes).sum(), ..object.clone() };
                self.put(bucket, key, conditions, object, answer)?;
                self.bucket(bucket)?.uploads.remove(&(key.clone(), *upload));
                self.manifests.insert(*upload, chosen);
                if let Ok(first) = answer {
                    self.completed.insert(*upload, (key.clone(), parts.clone(), first.clone()));
                }
                Ok(None)
            }
            IndexCall::AbortUpload { bucket, key, upload } => {
                let removed = self.bucket(bucket)?.uploads.remove(&(key.clone(), *upload));
                removed.map(|_| Some(IndexAnswer::Done)).ok_or(IndexError::NoSuchUpload)
            }
            IndexCall::ListUploads { bucket, query } => {
                let b = self.bucket(bucket)?;
                let all = b.uploads.iter().map(|((k, _), u)| (k.clone(), u.record.clone()));
                let after = query.list.after.as_str();
                let (shown, more) = page(&query.list, all, |key, record: &UploadRecord| match query.after_upload {
                    Some(id) if key == after => record.id > id,
                    _ => key > after,
                });
                let next = shown.last().filter(|_| more).map(|s| match s {
                    Shown::Group(g) => (g.clone(), UploadId(u128::MAX)),
                    Shown::Entry(k, r) => (k.clone(), r.id),
                });
                let prefixes = groups(&shown);
                let uploads = shown.into_iter().filter_map(|s| if let Shown::Entry(_, r) = s { Some(r) } else { None });
                Ok(Some(IndexAnswer::Uploads { uploads: uploads.collect(), prefixes, next }))
            }
            other => panic!("the model does not know {other:?}"),
        }
    }

    /// Puts the version that `answer` tells of.
    fn put(
        &mut self,
        bucket: &str,
        key: &str,
        conditions: &WriteConditions,
        object: NewVersion,
        answer: &IndexResult,
    ) -> Result<(), IndexError> {
        let b = self.bucket(bucket)?;
        let current = b.keys.get(key).and_then(|v| v.last()).filter(|r| !r.delete_marker);
        match (&conditions.if_match, current) {
            (_, Some(_)) if conditions.if_absent => return Err(IndexError::PreconditionFailed),
            (Some(_), None) => return Err(IndexError::NoSuchKey),
            (Some(etag), Some(c)) if *etag != c.object.etag => return Err(IndexError::PreconditionFailed),
            _ => {}
        }
        self.may_replace_null(bucket, key)?;
        let Ok(IndexAnswer::Put { id, seq, modified }) = answer else { panic!("put {key}: {answer:?}") };
        assert_eq!(*modified, self.now);
        self.push(bucket, key, VersionRecord { id: *id, seq: *seq, modified: *modified, delete_marker: false, object });
        Ok(())
    }

    fn may_replace_null(&mut self, bucket: &str, key: &str) -> Result<(), IndexError> {
        let now = self.now;
        let b = self.bucket(bucket)?;
        let null = b.keys.get(key).and_then(|v| v.iter().find(|r| r.id == VersionId::Null));
        match null.filter(|_| b.record.versioning != Versioning::Enabled) {
            Some(null) if locked(null, now, false) => Err(IndexError::Locked),
            _ => Ok(()),
        }
    }

    fn push(&mut self, bucket: &str, key: &str, record: VersionRecord) {
        let b = self.buckets.get_mut(bucket).unwrap();
        let versions = b.keys.entry(key.to_owned()).or_default();
        assert_eq!(record.id == VersionId::Null, b.record.versioning != Versioning::Enabled);
        assert!(versions.iter().all(|v| v.seq < record.seq), "the order of versions");
        if record.id == VersionId::Null {
            versions.retain(|v| v.id != VersionId::Null);
        }
        assert!(versions.iter().all(|v| v.id != record.id), "an id is used once");
        versions.push(record);
    }

    fn delete(
        &mut self,
        bucket: &str,
        item: &DeleteItem,
        bypass: bool,
        answer: &Result<Deleted, IndexError>,
    ) -> Result<Deleted, IndexError> {
        let now = self.now;
        let b = self.bucket(bucket)?;
        let versioning = b.record.versioning;
        let versions = b.keys.get(&item.key).cloned().unwrap_or_default();
        let target = match item.version {
            None => versions.last().filter(|r| !r.delete_marker),
            Some(id) => versions.iter().find(|r| r.id == id),
        };
        match (&item.conditions.if_match, target) {
            (Some(_), None) => return Err(IndexError::NoSuchKey),
            (Some(etag), Some(r)) if *etag != r.object.etag => return Err(IndexError::PreconditionFailed),
            _ => {}
        }
        if item.version.is_none() && versioning != Versioning::Unversioned {
            self.may_replace_null(bucket, &item.key)?;
            let Ok(Deleted { delete_marker: true, version: Some(id) }) = answer else { panic!("{item:?}: {answer:?}") };
            // The answer has no order number: a named id carries it, a null one gets the next.
            let newest = versions.iter().map(|v| v.seq).max().map_or(0, |s| s + 1).max(now.0 * 1000);
            let seq = if let VersionId::Named { seq, .. } = id { *seq } else { newest };
            let object = NewVersion { storage_class: String::new(), headers: Vec::new(), ..crate::support::empty("") };
            self.push(bucket, &item.key, VersionRecord { id: *id, seq, modified: now, delete_marker: true, object });
            return Ok(Deleted { delete_marker: true, version: Some(*id) });
        }
        let Some(target) = target.cloned() else { return Ok(Deleted { delete_marker: false, version: item.version }) };
        if locked(&target, now, bypass) {
            return Err(IndexError::Locked);
        }
        let b = self.bucket(bucket)?;
        let left: Vec<VersionRecord> = versions.into_iter().filter(|r| r.id != target.id).collect();
        if left.is_empty() {
            b.keys.remove(&item.key);
        } else {
            b.keys.insert(item.key.clone(), left);
        }
        Ok(Deleted { delete_marker: target.delete_marker, version: item.version })
    }

    fn change(
        &mut self,
        bucket: &str,
        key: &str,
        version: Option<VersionId>,
        change: &VersionChange,
    ) -> Result<IndexAnswer, IndexError> {
        let now = self.now;
        let open = self.open.clone();
        let b = self.bucket(bucket)?;
        let versions = b.keys.get_mut(key);
        let found = match (version, versions) {
            (None, Some(v)) => v.last_mut(),
            (Some(id), Some(v)) => v.iter_mut().find(|r| r.id == id),
            (_, None) => None,
        };
        let missing = if version.is_some() { IndexError::NoSuchVersion } else { IndexError::NoSuchKey };
        let record = found.ok_or(missing)?;
        if record.delete_marker {
            return Err(IndexError::DeleteMarker);
        }
        match change {
            VersionChange::Tags(tags) => record.object.tags = tags.clone(),
            VersionChange::LegalHold(hold) => record.object.legal_hold = *hold,
            VersionChange::Retention { retention, bypass } => {
                if let Some(old) = record.object.retention.filter(|r| r.until > now) {
                    let longer = retention.is_some_and(|r| r.mode == old.mode && r.until >= old.until);
                    if !(longer || (*bypass && old.mode == LockMode::Governance)) {
                        return Err(IndexError::Locked);
                    }
                }
                record.object.retention = *retention;
            }
            VersionChange::Move { session, from, to, storage_class } => {
                if record.object.data != *from {
                    return Err(IndexError::DataChanged);
                }
                if !open.contains(&session.0) {
                    return Err(IndexError::SessionClosed);
                }
                (record.object.data, record.object.storage_class) = (to.clone(), storage_class.clone());
            }
            VersionChange::Acl(_) | VersionChange::Replication(_) | VersionChange::Restore { .. } => panic!("{change:?}"),
        }
        Ok(IndexAnswer::Version(record.clone()))
    }
}

fn locked(record: &VersionRecord, now: TimestampMs, bypass: bool) -> bool {
    let retained = |r: Retention| r.until > now && (r.mode == LockMode::Compliance || !bypass);
    record.object.legal_hold || record.object.retention.is_some_and(retained)
}
