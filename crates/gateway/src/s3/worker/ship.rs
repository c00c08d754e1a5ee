//! Access logs from the spool into their buckets. A file goes when its object is there, so a crash repeats at most one.

use super::{Failure, PAUSE, Worker};
use crate::s3::access_log::{Spooled, object_name, spooled};
use crate::s3::bucket::{Bucket, document};
use aws_protocol::s3::BucketLoggingStatus;
use std::rc::Rc;
use std::time::Duration;
use tokio::task::spawn_blocking;

/// Between two looks at the spool.
const ROUND: Duration = Duration::from_secs(1);
const FILES_PER_ROUND: usize = 200;

impl Worker {
    pub(super) async fn ship_logs(self: &Rc<Self>) {
        loop {
            let dir = self.dir.access_logs();
            let files = spawn_blocking(move || spooled(&dir, FILES_PER_ROUND)).await.unwrap_or_default();
            for file in files {
                let why = match self.ship(&file).await {
                    Ok(()) => None,
                    Err(Failure::Refused(why)) => Some(why),
                    Err(Failure::Later(why)) => {
                        tracing::debug!(why, "access logs wait");
                        tokio::time::sleep(PAUSE).await;
                        break;
                    }
                };
                match why {
                    None => self.count("access-logs/delivered"),
                    Some(why) => {
                        tracing::warn!(bucket = file.bucket, why, "an access log has nowhere to go: dropped");
                        self.count("access-logs/dropped");
                    }
                }
                let path = file.path;
                let removed = spawn_blocking(move || platform::disk::remove_file(&path)).await;
                if !matches!(removed, Ok(Ok(()))) {
                    tracing::error!("a delivered access log cannot be removed");
                    tokio::time::sleep(PAUSE).await;
                }
            }
            tokio::time::sleep(ROUND).await;
        }
    }

    async fn ship(&self, file: &Spooled) -> Result<(), Failure> {
        let source = self.bucket_of(&file.bucket).await?;
        let status: Option<BucketLoggingStatus> = source.parsed(document::LOGGING, "BucketLoggingStatus");
        let to = status.and_then(|s| s.logging_enabled).ok_or(Failure::Refused("disabled"))?;
        let target = self.bucket_of(to.target_bucket.as_deref().unwrap_or("")).await?;
        if target.record.owner != source.record.owner {
            return Err(Failure::Refused("another's bucket"));
        }
        let parted = to.target_object_key_format.is_some_and(|f| f.partitioned_prefix.is_some());
        let parts = (source.record.owner.as_str(), self.s3.region.as_str(), file.bucket.as_str());
        let prefix = to.target_prefix.as_deref().unwrap_or("");
        let key = object_name(prefix, parted.then_some(parts), file.at, &file.unique);
        self.put_log(&target, &key, file).await
    }

    async fn put_log(&self, target: &Bucket, key: &str, file: &Spooled) -> Result<(), Failure> {
        let path = file.path.clone();
        let body = spawn_blocking(move || std::fs::read(path)).await.map_err(|e| Failure::Later(e.to_string()))?;
        let body = body.map_err(|e| Failure::Later(e.to_string()))?;
        self.put_object(target, key, "text/plain", body).await.map(|_| ())
    }
}
