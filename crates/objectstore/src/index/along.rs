//! Calls that go from shard to shard, put together by the client: listings, and what is asked of all.
//!
//! Each shard answers for what it has at that moment, and says where the next begins; so nothing is left out and nothing is
//! there twice, however they are split meanwhile. A listing that has enough asks one step further whether that was all.

use super::client::{CallError, IndexClient, IndexServer, TAKE_OVER};
use super::core::UNNAMED_BLOBS_MAX;
use super::map::Spot;
use crate::id::BlobId;
use crate::message::{
    Deleted, IndexAnswer, IndexCall, IndexError, LIST_MAX, ListPage, ListQuery, UploadsQuery, VersionsPage, VersionsQuery,
};
use crate::record::{BucketRecord, UploadId, UploadRecord};
use std::collections::{BTreeMap, BTreeSet};
use tokio::time::Instant;

/// A page that grows by what each shard has.
trait Paged: Default {
    /// Where a page goes on: behind this.
    type Mark: Clone;

    fn of(answer: IndexAnswer) -> Option<Self>;
    fn len(&self) -> usize;
    /// Its last entry.
    fn last(&self) -> Option<Self::Mark>;
    /// The key to go on behind in the next shard, which has nothing of it.
    fn key(mark: &Self::Mark) -> &str;
    fn next(&mut self) -> &mut Option<Self::Mark>;
    fn append(&mut self, more: Self);
}

fn wrong() -> CallError {
    CallError::Unknown("the index answers something else".to_owned())
}

impl<C: IndexServer> IndexClient<C> {
    pub(super) async fn along(&self, call: IndexCall) -> Result<IndexAnswer, CallError> {
        match call {
            IndexCall::List { bucket, query } => {
                let make = |list: ListQuery, _| IndexCall::List { bucket: bucket.clone(), query: list };
                Ok(IndexAnswer::List(self.pages(&bucket, query, make).await?))
            }
            IndexCall::ListVersions { bucket, query: VersionsQuery { list, after_version } } => {
                let make = |list: ListQuery, first: bool| {
                    let after_version = after_version.filter(|_| first);
                    IndexCall::ListVersions { bucket: bucket.clone(), query: VersionsQuery { list, after_version } }
                };
                Ok(IndexAnswer::Versions(self.pages(&bucket, list, make).await?))
            }
            IndexCall::ListUploads { bucket, query: UploadsQuery { list, after_upload } } => {
                let make = |list: ListQuery, first: bool| {
                    let after_upload = after_upload.filter(|_| first);
                    IndexCall::ListUploads { bucket: bucket.clone(), query: UploadsQuery { list, after_upload } }
                };
                let Uploads { uploads, prefixes, next } = self.pages(&bucket, list, make).await?;
                Ok(IndexAnswer::Uploads { uploads, prefixes, next })
            }
            IndexCall::ListBuckets { limit, .. } | IndexCall::AllBuckets { limit, .. } => self.buckets(call, limit).await,
            IndexCall::Garbage { blobs } => self.garbage(blobs).await,
            IndexCall::Status => self.status().await,
            call => {
                self.every(Spot::FIRST, |_| call.clone(), |_| Ok(())).await?;
                Ok(IndexAnswer::Done)
            }
        }
    }

    async fn pages<P: Paged>(
        &self,
        bucket: &str,
        mut query: ListQuery,
        make: impl Fn(ListQuery, bool) -> IndexCall,
    ) -> Result<P, CallError> {
        let wanted = query.limit.min(LIST_MAX) as usize;
        let mut at = Spot::of(bucket, query.prefix.as_str().max(query.after.as_str()));
        let (mut page, mut first) = (P::default(), true);
        loop {
            let (answer, next) = self.part(make(query.clone(), first), at).await?;
            let part = P::of(answer).ok_or_else(wrong)?;
            if !first && page.len() >= wanted {
                // Only whether there is any more.
                if part.len() > 0 {
                    *page.next() = page.last();
                    return Ok(page);
                }
            } else {
                page.append(part);
            }
            let Some(next) = next.filter(|_| wanted > 0 && page.next().is_none()) else { return Ok(page) };
            if let Some(last) = page.last() {
                (query.after, first) = (P::key(&last).to_owned(), false);
            }
            query.limit = (wanted - page.len()).max(1) as u32;
            at = next;
        }
    }

    /// Asks all shards from a place on, one after the other.
    async fn every(
        &self,
        from: Spot,
        make: impl Fn(&Spot) -> IndexCall,
        mut take: impl FnMut(IndexAnswer) -> Result<(), CallError>,
    ) -> Result<(), CallError> {
        let mut at = Some(from);
        while let Some(spot) = at {
            let (answer, next) = self.part(make(&spot), spot).await?;
            take(answer)?;
            at = next;
        }
        Ok(())
    }

    /// Each shard tells of the buckets that are at home there.
    async fn buckets(&self, call: IndexCall, limit: u32) -> Result<IndexAnswer, CallError> {
        let (mut all, mut cut) = (BTreeMap::<String, BucketRecord>::new(), None::<String>);
        let take = |answer| {
            let IndexAnswer::Buckets { buckets, next } = answer else { return Err(wrong()) };
            all.extend(buckets.into_iter().map(|b| (b.name.clone(), b)));
            // Behind this, one of them has not said all.
            cut = [cut.take(), next].into_iter().flatten().min();
            Ok(())
        };
        self.every(Spot::FIRST, |_| call.clone(), take).await?;
        let mut buckets: Vec<BucketRecord> = all.into_values().collect();
        let whole = buckets.len();
        if let Some(cut) = &cut {
            buckets.retain(|b| b.name <= *cut);
        }
        if limit > 0 {
            buckets.truncate(limit as usize);
        }
        let more = cut.is_some() || buckets.len() < whole;
        let next = if buckets.len() < limit as usize { cut } else { buckets.last().map(|b| b.name.clone()) };
        Ok(IndexAnswer::Buckets { buckets, next: next.filter(|_| more) })
    }

    /// Shard 0 knows which sessions are closed; of their blobs, those that no shard names.
    async fn garbage(&self, blobs: Vec<BlobId>) -> Result<IndexAnswer, CallError> {
        let (answer, next) = self.part(IndexCall::Garbage { blobs }, Spot::FIRST).await?;
        let IndexAnswer::Garbage(mut left) = answer else { return Err(wrong()) };
        let Some(next) = next else { return Ok(IndexAnswer::Garbage(left)) };
        let mut out = Vec::new();
        for blobs in std::mem::take(&mut left).chunks(UNNAMED_BLOBS_MAX) {
            let mut unnamed: BTreeSet<BlobId> = blobs.iter().copied().collect();
            let take = |answer| {
                let IndexAnswer::Garbage(here) = answer else { return Err(wrong()) };
                let here: BTreeSet<BlobId> = here.into_iter().collect();
                unnamed.retain(|blob| here.contains(blob));
                Ok(())
            };
            self.every(next.clone(), |_| IndexCall::Unnamed { blobs: blobs.to_vec() }, take).await?;
            out.extend(unnamed);
        }
        Ok(IndexAnswer::Garbage(out))
    }

    async fn status(&self) -> Result<IndexAnswer, CallError> {
        let mut sum = None;
        let take = |answer| {
            let IndexAnswer::Status(one) = answer else { return Err(wrong()) };
            let Some(all) = &mut sum else {
                sum = Some(one);
                return Ok(());
            };
            all.shards += one.shards;
            all.buckets += one.buckets;
            all.garbage += one.garbage;
            for (name, n) in one.counters {
                match all.counters.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, sum)) => *sum += n,
                    None => all.counters.push((name, n)),
                }
            }
            Ok(())
        };
        self.every(Spot::FIRST, |_| IndexCall::Status, take).await?;
        sum.map(IndexAnswer::Status).ok_or_else(wrong)
    }

    /// Deletes what each shard has of the items, and puts the outcomes in their order.
    pub(super) async fn items(&self, call: IndexCall) -> Result<IndexAnswer, CallError> {
        let IndexCall::Delete { bucket, items, owner, bypass_governance, cause } = call else { return Err(wrong()) };
        let mut outcomes: Vec<Option<Result<Deleted, IndexError>>> = vec![None; items.len()];
        let began = Instant::now();
        loop {
            let mut first = None;
            let mut group = Vec::new();
            for (n, item) in items.iter().enumerate().filter(|(n, _)| outcomes[*n].is_none()) {
                let spot = Spot::of(&bucket, &item.key);
                let shard = self.shard_of(&spot);
                let (_, chosen) = first.get_or_insert((spot, shard));
                if *chosen == shard {
                    group.push(n);
                }
            }
            let none_left = first.is_none() && !items.is_empty();
            if none_left {
                return Ok(IndexAnswer::Deleted(outcomes.into_iter().flatten().collect()));
            }
            let spot = first.map_or_else(|| Spot::home(&bucket), |(spot, _)| spot);
            let call = IndexCall::Delete {
                bucket: bucket.clone(),
                items: group.iter().map(|n| items[*n].clone()).collect(),
                owner: owner.clone(),
                bypass_governance,
                cause: cause.clone(),
            };
            match self.part(call, spot).await {
                Ok((IndexAnswer::Deleted(done), _)) if items.is_empty() => return Ok(IndexAnswer::Deleted(done)),
                Ok((IndexAnswer::Deleted(done), _)) => group.into_iter().zip(done).for_each(|(n, one)| outcomes[n] = Some(one)),
                Ok(_) => return Err(wrong()),
                // Nothing of this group happened; there are other groups now.
                Err(CallError::Refused(IndexError::Moved)) if began.elapsed() < TAKE_OVER => {}
                Err(CallError::Refused(IndexError::Moved)) => {
                    return Err(CallError::Unavailable("the shards do not come to rest".to_owned()));
                }
                Err(other) => return Err(other),
            }
        }
    }
}

// ------------------------------------------------------------------------------------------------------------ pages

fn greater(a: Option<&str>, b: Option<&str>) -> bool {
    a > b
}

impl Paged for ListPage {
    type Mark = String;

    fn of(answer: IndexAnswer) -> Option<Self> {
        if let IndexAnswer::List(page) = answer { Some(page) } else { None }
    }

    fn len(&self) -> usize {
        self.rows.len() + self.prefixes.len()
    }

    fn last(&self) -> Option<String> {
        let row = self.rows.iter().flatten().last().map(|l| l.key);
        row.max(self.prefixes.last().map(String::as_str)).map(str::to_owned)
    }

    fn key(mark: &String) -> &str {
        mark
    }

    fn next(&mut self) -> &mut Option<String> {
        &mut self.next
    }

    fn append(&mut self, more: Self) {
        self.rows.append(more.rows);
        self.prefixes.extend(more.prefixes);
        self.next = more.next;
    }
}

impl Paged for VersionsPage {
    type Mark = (String, Option<crate::record::VersionId>);

    fn of(answer: IndexAnswer) -> Option<Self> {
        if let IndexAnswer::Versions(page) = answer { Some(page) } else { None }
    }

    fn len(&self) -> usize {
        self.rows.len() + self.prefixes.len()
    }

    fn last(&self) -> Option<Self::Mark> {
        let (row, prefix) = (self.rows.iter().flatten().last(), self.prefixes.last());
        if greater(prefix.map(String::as_str), row.as_ref().map(|l| l.key)) {
            return prefix.map(|p| (p.clone(), None));
        }
        row.map(|l| (l.key.to_owned(), Some(l.head.id)))
    }

    fn key(mark: &Self::Mark) -> &str {
        &mark.0
    }

    fn next(&mut self) -> &mut Option<Self::Mark> {
        &mut self.next
    }

    fn append(&mut self, more: Self) {
        self.rows.append(more.rows);
        self.prefixes.extend(more.prefixes);
        self.next = more.next;
    }
}

#[derive(Default)]
struct Uploads {
    uploads: Vec<UploadRecord>,
    prefixes: Vec<String>,
    next: Option<(String, UploadId)>,
}

impl Paged for Uploads {
    type Mark = (String, UploadId);

    fn of(answer: IndexAnswer) -> Option<Self> {
        match answer {
            IndexAnswer::Uploads { uploads, prefixes, next } => Some(Self { uploads, prefixes, next }),
            _ => None,
        }
    }

    fn len(&self) -> usize {
        self.uploads.len() + self.prefixes.len()
    }

    fn last(&self) -> Option<Self::Mark> {
        let (upload, prefix) = (self.uploads.last(), self.prefixes.last());
        if greater(prefix.map(String::as_str), upload.map(|u| u.key.as_str())) {
            return prefix.map(|p| (p.clone(), UploadId(u128::MAX)));
        }
        upload.map(|u| (u.key.clone(), u.id))
    }

    fn key(mark: &Self::Mark) -> &str {
        &mark.0
    }

    fn next(&mut self) -> &mut Option<Self::Mark> {
        &mut self.next
    }

    fn append(&mut self, more: Self) {
        self.uploads.extend(more.uploads);
        self.prefixes.extend(more.prefixes);
        self.next = more.next;
    }
}
