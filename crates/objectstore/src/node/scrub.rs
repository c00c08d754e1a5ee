//! What a node does in the background with its own disk: reads every shard again and again (scrubbing), gives space back
//! (compaction), lets old graves go, and notices when its directory is taken away.

use super::digest::GRAVE_MS;
use super::log::LogError;
use super::service::Service;
use crate::id::ShardId;
use std::ops::Bound;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Shards checked without a pause.
const SHARDS_AT_ONCE: usize = 64;
const BYTES_AT_ONCE: u64 = 1 << 20;
const COMPACTION_PERIOD: Duration = Duration::from_secs(1);
const COMPACTION_STEP_BYTES: u64 = 1 << 20;

#[derive(Clone, Copy, Debug)]
pub struct ScrubPace {
    pub bytes_per_s: u64,
    /// A round does not begin earlier after the one before.
    pub period: Duration,
    /// Of compaction.
    pub compaction_bytes_per_s: u64,
}

impl Default for ScrubPace {
    fn default() -> Self {
        Self { bytes_per_s: 32 << 20, period: Duration::from_secs(6 * 3600), compaction_bytes_per_s: 64 << 20 }
    }
}

fn pause(bytes: u64, bytes_per_s: u64) -> Duration {
    Duration::from_micros(bytes.saturating_mul(1_000_000) / bytes_per_s.max(1))
}

/// Reads all shards in order, for ever.
pub async fn scrub(service: Service, pace: ScrubPace) {
    loop {
        let begun = tokio::time::Instant::now();
        let mut after: Option<ShardId> = None;
        loop {
            let (bytes, last) = check_some(&service, after).await;
            service.scrubbed_bytes.fetch_add(bytes, Ordering::Relaxed);
            tokio::time::sleep(pause(bytes, pace.bytes_per_s)).await;
            match last {
                Some(id) => after = Some(id),
                None => break,
            }
        }
        let log = service.log.clone();
        let before_ms = service.now_ms().saturating_sub(GRAVE_MS);
        // Found disagreements are logged and counted there.
        service.offload.run(move || log.tidy(before_ms)).await;
        service.log.state().digests.expire(service.now_ms());
        service.scrub_rounds.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep_until(begun + pace.period).await;
    }
}

/// Bytes checked, and the last shard; none: that was the end.
async fn check_some(service: &Service, after: Option<ShardId>) -> (u64, Option<ShardId>) {
    let (log, now_ms) = (service.log.clone(), service.now_ms());
    let check = move || {
        let from = after.map_or(Bound::Unbounded, |id| Bound::Excluded(id.to_bytes()));
        let keys: Vec<_> = {
            let state = log.state();
            let keys = state.live.range((from, Bound::Unbounded)).map(|(k, _)| *k);
            keys.take(SHARDS_AT_ONCE).collect()
        };
        let (mut bytes, mut last) = (0, None);
        for key in keys {
            // What is broken goes into quarantine, where repair finds it; what is gone is no matter.
            bytes += log.check(&key, now_ms).unwrap_or(0);
            last = Some(ShardId::from_bytes(key));
            if bytes >= BYTES_AT_ONCE {
                break;
            }
        }
        (bytes, last)
    };
    service.offload.run(check).await
}

/// Compacts what is worth it, for ever. Returns when the log has failed.
pub async fn compact(service: Service, pace: ScrubPace) -> LogError {
    loop {
        tokio::time::sleep(COMPACTION_PERIOD).await;
        let log = service.log.clone();
        let Some(mut compaction) = service.offload.run(move || log.begin_compaction()).await else { continue };
        loop {
            let log = service.log.clone();
            let before_ms = service.now_ms().saturating_sub(GRAVE_MS);
            let step = move || {
                let done = log.compact_some(&mut compaction, COMPACTION_STEP_BYTES, before_ms);
                (compaction, done)
            };
            let (rest, done) = service.offload.run(step).await;
            compaction = rest;
            match done {
                Ok(false) => tokio::time::sleep(pause(COMPACTION_STEP_BYTES, pace.compaction_bytes_per_s)).await,
                Ok(true) => break,
                Err(e @ LogError::Failed(_)) => return e,
                Err(e) => {
                    tracing::warn!(error = %e, "compaction waits");
                    break;
                }
            }
        }
        let log = service.log.clone();
        if let Some(e) = service.offload.run(move || log.failure()).await {
            return e;
        }
    }
}
