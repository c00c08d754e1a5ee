//! Events out of the index, into queues and lanes. An event is acknowledged when it is durably where it has to go.

use super::event::{self, Context};
use super::jobs::Job;
use super::{Failure, PAUSE, Worker};
use crate::s3::bucket::{Bucket, document};
use crate::s3::notify::{Subscription, Target, everybody, subscriptions};
use objectstore::message::{Found, IndexAnswer, IndexCall};
use objectstore::record::{EventRecord, Restore};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

/// Events of one round.
const EVENTS_PER_ROUND: u32 = 200;

/// Where a round's events go: by queue the lines, by lane the jobs.
#[derive(Default)]
pub(super) struct Routed {
    pub queues: BTreeMap<(String, String), Vec<String>>,
    pub lanes: BTreeMap<String, Vec<Job>>,
}

impl Worker {
    pub(super) async fn pump_events(self: &Rc<Self>) {
        self.reopen_lanes().await;
        loop {
            match self.pump_all().await {
                Ok(0) => tokio::time::sleep(self.options.poll).await,
                Ok(n) => self.count_many("events/taken", n),
                Err(e) => {
                    self.count("events/failed-rounds");
                    tracing::debug!(error = %e, "events wait");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Each shard of the index has its own events; that one cannot be asked now holds up no other.
    async fn pump_all(self: &Rc<Self>) -> Result<u64, Failure> {
        let (mut count, mut failed) = (0, None);
        for shard in self.s3.index.shards().await {
            match self.pump_round(shard).await {
                Ok(n) => count += n,
                Err(e) => failed = Some(e),
            }
        }
        failed.map_or(Ok(count), Err)
    }

    async fn pump_round(self: &Rc<Self>, shard: u32) -> Result<u64, Failure> {
        let after = self.events_upto.borrow().get(&shard).copied().unwrap_or(0);
        let call = IndexCall::Events { shard, after, limit: EVENTS_PER_ROUND };
        let IndexAnswer::Events(events) = self.call(call).await? else { return Err(super::later()) };
        let Some(last) = events.last().map(|e| e.seq) else { return Ok(0) };
        let count = events.len() as u64;
        let routed = self.route(&events).await?;
        self.put_down(routed).await?;
        self.events_upto.borrow_mut().insert(shard, last);
        self.call(IndexCall::AckEvents { shard, upto: last }).await?;
        Ok(count)
    }

    async fn route(&self, events: &[EventRecord]) -> Result<Routed, Failure> {
        let mut routed = Routed::default();
        let mut buckets: HashMap<&str, Option<Bucket>> = HashMap::new();
        for event in events {
            if !buckets.contains_key(event.bucket.as_str()) {
                let found = match self.bucket_of(&event.bucket).await {
                    Ok(bucket) => Some(bucket),
                    Err(Failure::Refused(_)) => None,
                    Err(e) => return Err(e),
                };
                buckets.insert(&event.bucket, found);
            }
            let Some(Some(bucket)) = buckets.get(event.bucket.as_str()) else {
                self.count("events/without-bucket");
                continue;
            };
            self.route_one(event, bucket, &mut routed).await?;
        }
        Ok(routed)
    }

    async fn route_one(&self, event: &EventRecord, bucket: &Bucket, routed: &mut Routed) -> Result<(), Failure> {
        if event.cause.event == event::TEST {
            let message = event::test_message(event);
            everybody(bucket).into_iter().for_each(|s| deliver(s, event, message.clone(), routed));
            return Ok(());
        }
        let hearers = subscriptions(bucket, &event.cause.event, &event.key);
        if !hearers.is_empty() {
            let restored = self.restored(event).await?;
            for hearer in hearers {
                let context = Context {
                    region: &self.s3.region,
                    owner: &bucket.record.owner,
                    configuration: &hearer.id,
                    restore: restored.as_ref().map(|(r, _)| r),
                    storage_class: restored.as_ref().map_or("", |(_, class)| class),
                };
                let message = event::message(event, &context);
                deliver(hearer, event, message, routed);
            }
        }
        if event.cause.event == "ObjectRestore:Post" {
            let due = event.at.0 + self.options.restore_delay.as_millis() as u64;
            routed.lanes.entry("restore".to_owned()).or_default().push(Job::Restore { event: event.clone(), due_ms: due });
        }
        if bucket.document(document::REPLICATION).is_some() && is_replicated(&event.cause.event) {
            let lane = format!("replicate-{}", bucket.record.id.0);
            routed.lanes.entry(lane).or_default().push(Job::Replicate { event: event.clone() });
        }
        Ok(())
    }

    /// Until when, for the event that says so.
    async fn restored(&self, event: &EventRecord) -> Result<Option<(Restore, String)>, Failure> {
        if event.cause.event != "ObjectRestore:Completed" {
            return Ok(None);
        }
        let call = IndexCall::Lookup { bucket: event.bucket.clone(), known: 0, key: event.key.clone(), version: event.version };
        match self.call(call).await {
            Ok(IndexAnswer::Lookup { found: Found::Version { record, .. }, .. }) => {
                let object = record.object;
                Ok(object.restore.map(|r| (r, object.storage_class)))
            }
            Ok(_) | Err(Failure::Refused(_)) => Ok(None),
            Err(e) => Err(e),
        }
    }
}

fn deliver(to: Subscription, event: &EventRecord, message: String, routed: &mut Routed) {
    match to.target {
        Target::Queue { account, name } => routed.queues.entry((account, name)).or_default().push(message),
        Target::Webhook { url } => {
            let lane = webhook_lane(&event.bucket, &url);
            routed.lanes.entry(lane).or_default().push(Job::Webhook { url, body: message });
        }
    }
}

fn webhook_lane(bucket: &str, url: &str) -> String {
    use aws_lc_rs::digest::{SHA256, digest};
    let hash = digest(&SHA256, format!("{bucket}\n{url}").as_bytes());
    format!("webhook-{}", &hex::encode(hash)[..32])
}

/// New objects and what is changed of them; delete markers that people made. Not: lifecycle's markers, versions removed.
fn is_replicated(event: &str) -> bool {
    event.starts_with("ObjectCreated:")
        || event.starts_with("ObjectTagging:")
        || event == "ObjectAcl:Put"
        || event == "ObjectRemoved:DeleteMarkerCreated"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_replicated() {
        for (event, wanted) in [
            ("ObjectCreated:Copy", true),
            ("ObjectTagging:Delete", true),
            ("ObjectRemoved:DeleteMarkerCreated", true),
            ("ObjectRemoved:Delete", false),
            ("LifecycleExpiration:DeleteMarkerCreated", false),
            ("LifecycleTransition", false),
        ] {
            assert_eq!(is_replicated(event), wanted, "{event}");
        }
        assert_ne!(webhook_lane("a", "http://x"), webhook_lane("b", "http://x"));
    }
}
