//! Objects that the worker writes itself: logs, inventories. Theirs is the bucket's owner.

use super::{Failure, Worker};
use crate::s3::bucket::Bucket;
use crate::s3::digest::{self, Digests};
use crate::s3::objects::{blank, object_checksum};
use crate::s3::sse::Protection;
use crate::s3::write::Sink;
use aws_protocol::s3::checksum::Algorithm;
use aws_protocol::s3::errors;
use hyper::body::Bytes;
use objectstore::Layout;
use objectstore::message::{IndexCall, WriteConditions};
use objectstore::record::Data;

/// An object on its way into a bucket. Dropped before [`Writing::finish`], nothing of it stays.
pub(super) struct Writing<'w> {
    worker: &'w Worker,
    bucket: &'w Bucket,
    sink: Option<Sink>,
    digests: Digests,
    /// Bound to the bucket: the key's name is known at the end only.
    protection: Protection,
}

pub(super) struct Written {
    pub bytes: u64,
    pub md5: String,
}

type Pairs<'a> = [(&'a str, &'a str)];

fn owned(pairs: &Pairs) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

impl Worker {
    pub(super) async fn write_object<'w>(&'w self, bucket: &'w Bucket) -> Result<Writing<'w>, Failure> {
        let digests = Digests::new(&self.s3.hashing, [Algorithm::Md5, Algorithm::Crc64Nvme]);
        let ask = self.ask(&bucket.record.name, "", &bucket.record.owner, None);
        let protection = self.s3.protect(&ask, bucket, None, None).await?;
        Ok(Writing { worker: self, bucket, sink: None, digests, protection })
    }

    pub(super) async fn put_object(&self, bucket: &Bucket, key: &str, kind: &str, body: Vec<u8>) -> Result<Written, Failure> {
        let mut writing = self.write_object(bucket).await?;
        if !body.is_empty() {
            writing.write(body.into()).await?;
        }
        writing.finish(key, kind).await
    }
}

impl Writing<'_> {
    pub async fn write(&mut self, piece: Bytes) -> Result<(), Failure> {
        self.worker.copied.take(piece.len() as u64).await;
        self.digests.update(piece.clone()).await;
        let sink = match &mut self.sink {
            Some(sink) => sink,
            None => self.sink.insert(self.worker.s3.sink(Layout::REPLICATED, &self.protection.sealing).await?),
        };
        Ok(sink.write(piece).await?)
    }

    /// `kind`: the content type.
    pub async fn finish(self, key: &str, kind: &str) -> Result<Written, Failure> {
        self.finish_with(key, &[("content-type", kind)], &[]).await
    }

    /// `metadata`: the users', without `x-amz-meta-`.
    pub async fn finish_with(self, key: &str, headers: &Pairs<'_>, metadata: &Pairs<'_>) -> Result<Written, Failure> {
        let Self { worker, bucket, sink, digests, protection } = self;
        let bytes = digests.bytes;
        let all = digests.finish().await;
        let of = |a| digest::of(&all, a).ok_or_else(errors::internal_error);
        let stored = match sink {
            Some(sink) => sink.finish().await?,
            None => worker.s3.nothing().await?,
        };
        let ask = worker.ask(&bucket.record.name, key, &bucket.record.owner, None);
        let mut object = blank(&ask, bucket);
        object.data = stored.blob.clone().map_or(Data::None, Data::Blob);
        object.bytes = bytes;
        object.etag = of(Algorithm::Md5)?.to_hex();
        object.checksum = Some(object_checksum(of(Algorithm::Crc64Nvme)?));
        object.headers = owned(headers);
        object.metadata = owned(metadata);
        object.encryption = protection.encryption;
        object.retention = bucket.default_retention(ask.now).filter(|_| bucket.record.object_lock);
        let md5 = object.etag.clone();
        let call = IndexCall::Put {
            bucket: bucket.record.name.clone(),
            session: stored.session,
            key: key.to_owned(),
            conditions: WriteConditions::default(),
            object,
            cause: worker.cause("ObjectCreated:Put"),
        };
        if let Err(e) = worker.call(call).await {
            if let (Failure::Refused(_), Some(blob)) = (&e, stored.blob) {
                worker.s3.discard(blob);
            }
            return Err(e);
        }
        Ok(Written { bytes, md5 })
    }
}
