//! Bytes that move by themselves: transitions to another class's layout, and replication to another bucket.

use super::{Failure, Worker, later};
use crate::s3::access::{Grants, allow};
use crate::s3::ask::{Ask, arn};
use crate::s3::bucket::{Bucket, Ownership};
use crate::s3::digest::{self, Digests};
use crate::s3::lifecycle::{Deed, needs_other_layout};
use crate::s3::read::Source;
use crate::s3::replicate::{Destination, destinations, role};
use crate::s3::seal::SealingKey;
use crate::s3::sse::{Judged, Protection};
use crate::s3::write::{COPY_BYTES_MAX, Sink, Stored};
use aws_protocol::s3::checksum::Algorithm;
use objectstore::Layout;
use objectstore::message::{Found, IndexAnswer, IndexCall, VersionChange};
use objectstore::record::{Cause, Data, Encryption, EventRecord, NewVersion, VersionId, VersionRecord, Versioning};
use std::rc::Rc;

/// What opens an object's keys, and what its replica is under.
struct Replica {
    from: Rc<SealingKey>,
    to: Protection,
}

impl Worker {
    /// All bytes of a version in one new blob, whose key is sealed by `to`. The object's checksum is held against them once
    /// more.
    async fn rewrite(
        &self,
        ask: &Ask,
        object: &NewVersion,
        layout: Layout,
        from: Rc<SealingKey>,
        to: &SealingKey,
    ) -> Result<Stored, Failure> {
        let pieces = self.s3.pieces(ask, (&ask.bucket, &ask.key), &object.data, &(0..object.bytes)).await?;
        let mut source = Source::new(self.s3.clone(), pieces, from);
        let whole = object.checksum.as_ref().filter(|c| !c.composite);
        let known = whole.and_then(|c| Some((Algorithm::from_name(&c.algorithm)?, &c.value)));
        let mut digests = Digests::new(&self.s3.hashing, known.map(|k| k.0));
        let mut sink: Option<Sink> = None;
        while let Some(piece) = source.next().await {
            let piece = piece?;
            self.copied.take(piece.len() as u64).await;
            digests.update(piece.clone()).await;
            match &mut sink {
                Some(sink) => sink.write(piece).await?,
                None => sink.insert(self.s3.sink(layout, to).await?).write(piece).await?,
            }
        }
        let bytes = digests.bytes;
        let all = digests.finish().await;
        let same = known.is_none_or(|(a, value)| digest::of(&all, a).is_some_and(|c| c.to_base64() == *value));
        if bytes != object.bytes || !same {
            tracing::error!(bucket = ask.bucket, key = ask.key, "an object's bytes are not what they were: not copied");
            self.count("copies/corrupt");
            return Err(Failure::Refused("corrupt"));
        }
        self.count_many("copies/bytes", bytes);
        match sink {
            Some(sink) => Ok(sink.finish().await?),
            None => Ok(self.s3.nothing().await?),
        }
    }

    // ----------------------------------------------------------------------------------------------- transitions

    /// Moves a version to a class; its bytes too where the class has another layout.
    pub(super) async fn transition(&self, bucket: &Bucket, deed: &Deed, class: &str) -> Result<&'static str, Failure> {
        let object = &deed.record.object;
        let laid_out = matches!(object.data, Data::None) || !needs_other_layout(&object.storage_class, class);
        if !laid_out && matches!(object.encryption, Encryption::Customer { .. }) {
            // Only the customer's key opens it.
            return Err(Failure::Refused("customer-key"));
        }
        let (stored, what) = if laid_out {
            (None, "lifecycle/moved")
        } else if object.bytes > COPY_BYTES_MAX {
            (None, "lifecycle/moved-without-its-bytes")
        } else {
            let ask = self.ask(&bucket.record.name, &deed.key, &bucket.record.owner, None);
            let place = (bucket.record.name.as_str(), deed.key.as_str());
            let sealing = self.s3.sealing_of(&ask, place, &object.encryption, None, Judged::No)?;
            (Some(self.rewrite(&ask, object, self.s3.layout(class), sealing.clone(), &sealing).await?), "lifecycle/moved")
        };
        let change = VersionChange::Move {
            session: match &stored {
                Some(stored) => stored.session,
                None => self.s3.session().await?,
            },
            from: object.data.clone(),
            to: stored.as_ref().map_or_else(|| object.data.clone(), Stored::data),
            storage_class: class.to_owned(),
        };
        let call = IndexCall::Change {
            bucket: bucket.record.name.clone(),
            key: deed.key.clone(),
            version: Some(deed.record.id),
            change,
            cause: self.cause("LifecycleTransition"),
        };
        self.commit(call, stored.as_ref()).await.map(|_| what)
    }

    /// A change that may have brought a new blob; refused, the blob goes.
    async fn commit(&self, call: IndexCall, stored: Option<&Stored>) -> Result<IndexAnswer, Failure> {
        let outcome = self.call(call).await;
        if let (Err(Failure::Refused(_)), Some(blob)) = (&outcome, stored.and_then(|s| s.blob.clone())) {
            self.s3.discard(blob);
        }
        outcome
    }

    // ----------------------------------------------------------------------------------------------- replication

    pub(super) async fn replicate(&self, event: &EventRecord) -> Result<&'static str, Failure> {
        let Some(id @ VersionId::Named { .. }) = event.version else { return Err(Failure::Refused("unversioned")) };
        let bucket = self.bucket_of(&event.bucket).await?;
        let record = self.version(&event.bucket, &event.key, id).await?.ok_or(Failure::Refused("gone"))?;
        let status = record.object.replication.as_deref();
        if status == Some("REPLICA") {
            return Err(Failure::Refused("replica"));
        }
        let created = event.cause.event.starts_with("ObjectCreated:");
        if !record.delete_marker && (status.is_none() || (created && status == Some("COMPLETED"))) {
            return Err(Failure::Refused("not-pending"));
        }
        let to = destinations(&bucket, &event.key, &record.object.tags);
        let to: Vec<Destination> = to.into_iter().filter(|d| !record.delete_marker || d.delete_markers).collect();
        let mut all = true;
        for destination in &to {
            match self.replicate_to(&bucket, &event.key, &record, destination).await {
                Ok(()) => {}
                Err(Failure::Refused(why)) => {
                    tracing::warn!(why, from = event.bucket, to = destination.bucket, key = event.key, "not replicated");
                    self.count(&format!("replicate/failed-{why}"));
                    all = false;
                }
                Err(e) => return Err(e),
            }
        }
        if record.delete_marker {
            return Ok("replicate/markers");
        }
        // Without a rule that fits any more, it was promised and not done.
        let outcome = if all && !to.is_empty() { "COMPLETED" } else { "FAILED" };
        if status != Some(outcome) {
            self.set_replication(event, outcome).await?;
        }
        Ok(if outcome == "COMPLETED" { "replicate/completed" } else { "replicate/failed" })
    }

    async fn version(&self, bucket: &str, key: &str, id: VersionId) -> Result<Option<VersionRecord>, Failure> {
        let call = IndexCall::Lookup { bucket: bucket.to_owned(), known: 0, key: key.to_owned(), version: Some(id) };
        match self.call(call).await? {
            IndexAnswer::Lookup { found: Found::Version { record, .. }, .. } => Ok(Some(*record)),
            IndexAnswer::Lookup { .. } => Ok(None),
            _ => Err(later()),
        }
    }

    async fn replicate_to(&self, from: &Bucket, key: &str, record: &VersionRecord, to: &Destination) -> Result<(), Failure> {
        let bucket = self.bucket_of(&to.bucket).await?;
        if bucket.record.versioning != Versioning::Enabled {
            return Err(Failure::Refused("unversioned-destination"));
        }
        // In the name of the source's owner, as its role.
        let own = bucket.record.owner == from.record.owner;
        let role = role(from).filter(|_| !own);
        let ask = self.ask(&to.bucket, key, &from.record.owner, role.as_deref());
        let action = if record.delete_marker { "s3:ReplicateDelete" } else { "s3:ReplicateObject" };
        allow(&ask, &bucket, action, &arn(&to.bucket, Some(key)), Grants::None)?;
        let acl_counts = !to.change_owner && bucket.ownership() != Ownership::BucketOwnerEnforced;
        if let Some(there) = self.version(&to.bucket, key, record.id).await? {
            return self.bring_up_to_date(&to.bucket, key, record, &there, acl_counts).await;
        }
        let object = &record.object;
        if matches!(object.encryption, Encryption::Customer { .. }) {
            return Err(Failure::Refused("customer-key"));
        }
        if object.bytes > COPY_BYTES_MAX {
            return Err(Failure::Refused("too-large"));
        }
        let class = if record.delete_marker { "" } else { to.storage_class.as_deref().unwrap_or(&object.storage_class) };
        let source = self.ask(&from.record.name, key, &from.record.owner, None);
        let protection = self.protect_replica(&source, &ask, &bucket, key, object).await?;
        let stored = match &object.data {
            Data::None => None,
            _ => {
                let Replica { from, to } = &protection;
                Some(self.rewrite(&source, object, self.s3.layout(class), from.clone(), &to.sealing).await?)
            }
        };
        let session = match &stored {
            Some(stored) => stored.session,
            None => self.s3.session().await?,
        };
        let lockable = bucket.record.object_lock;
        let replica = NewVersion {
            data: stored.as_ref().map_or(Data::None, Stored::data),
            owner: if acl_counts { object.owner.clone() } else { bucket.record.owner.clone() },
            acl: object.acl.clone().filter(|_| acl_counts),
            storage_class: class.to_owned(),
            retention: object.retention.filter(|_| lockable),
            legal_hold: object.legal_hold && lockable,
            replication: (!record.delete_marker).then(|| "REPLICA".to_owned()),
            restore: None,
            encryption: protection.to.encryption,
            ..object.clone()
        };
        let event = if record.delete_marker { "ObjectRemoved:DeleteMarkerCreated" } else { "ObjectCreated:Put" };
        let call = IndexCall::Replicate {
            bucket: to.bucket.clone(),
            session,
            key: key.to_owned(),
            record: Box::new(VersionRecord { object: replica, ..record.clone() }),
            cause: self.cause(event),
        };
        match self.commit(call, stored.as_ref()).await {
            Ok(_) => Ok(()),
            // Two events of one version at once: the other copy was faster.
            Err(Failure::Refused("changed")) => Ok(()),
            Err(e) => Err(e),
        }
    }

    /// The keys of an object and of its replica. What is under a KMS key is opened in the name of the source's owner, and
    /// protected anew as the destination's bucket says; the rest stays under the store's own key.
    async fn protect_replica(
        &self,
        source: &Ask,
        target: &Ask,
        bucket: &Bucket,
        key: &str,
        object: &NewVersion,
    ) -> Result<Replica, Failure> {
        let place = (source.bucket.as_str(), key);
        let from = self.s3.sealing_of(source, place, &object.encryption, None, Judged::Yes)?;
        let to = match &object.encryption {
            Encryption::Envelope { .. } => self.s3.protect(target, bucket, Some(key), None).await?,
            other => Protection { encryption: other.clone(), sealing: from.clone() },
        };
        Ok(Replica { from, to })
    }

    /// Tags and ACL of a replica that is there already.
    async fn bring_up_to_date(
        &self,
        bucket: &str,
        key: &str,
        record: &VersionRecord,
        replica: &VersionRecord,
        acl_counts: bool,
    ) -> Result<(), Failure> {
        let mut changes = Vec::new();
        if replica.object.tags != record.object.tags {
            changes.push(VersionChange::Tags(record.object.tags.clone()));
        }
        if acl_counts && replica.object.acl != record.object.acl {
            changes.push(VersionChange::Acl(record.object.acl.clone()));
        }
        for change in changes {
            let (bucket, key, version) = (bucket.to_owned(), key.to_owned(), Some(record.id));
            self.call(IndexCall::Change { bucket, key, version, change, cause: Cause::default() }).await?;
        }
        Ok(())
    }
}
