//! Load balancers' access and connection logs into buckets, as Elastic Load Balancing delivers them.
//!
//! ```text
//!  node ── file (its first line: bucket, key) ──► host agent ── one after the other ──► gzip ─► bucket (its policy asked each time)
//!                                                     ▲───────────── done ◄──────────────────────┘
//! ```
//! A file has its object's name from the start: after a crash the same object is written again. What is refused stays with its
//! host, which gives up the oldest for want of room.

use super::trail::beside;
use super::trail::file::gzip;
use super::{Failure, PAUSE, Worker};
use crate::s3::access::{self, Service};
use crate::s3::ask::arn;
use platform::rpc::Client;
use platform::{DataDir, Identity, Settings};
use std::time::Duration;
use types::HostId;
use wire::balancer::{LogBucketQuestion, LogFile, LogHead, LogRequest, TakeBalancerLog};
use wire::trail::BucketVerdict;

/// "Enable access logs for your Application Load Balancer", step 2.
const SERVICE: &str = "logdelivery.elasticloadbalancing.amazonaws.com";
const TAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// Of one host in one round.
const FILES_PER_ROUND: usize = 200;

pub struct BalancerLogs {
    hosts: Vec<(HostId, Client)>,
    every: Duration,
}

impl BalancerLogs {
    pub fn new(me: &Identity, dir: &DataDir, settings: &Settings) -> Self {
        let hosts = settings.cells.iter().flat_map(|c| &c.hosts);
        let agent = |id: &HostId| Client::new(me, dir.socket(&format!("agent-{id}")));
        // A file is complete before it is there: it may go at once.
        let every = Duration::from_secs(settings.audit.flow_log_seconds.clamp(1, 10).into());
        Self { hosts: hosts.map(|h| (h.id.clone(), agent(&h.id))).collect(), every }
    }
}

impl Worker {
    pub(super) async fn deliver_balancer_logs(&self) {
        loop {
            let mut pause = self.balancer_logs.every;
            for (host, agent) in &self.balancer_logs.hosts {
                if let Err(why) = self.deliver_logs_of(agent).await {
                    tracing::debug!(%host, %why, "load balancers' logs wait");
                    pause = pause.max(PAUSE);
                }
            }
            tokio::time::sleep(pause).await;
        }
    }

    /// All that a host has. What is refused is passed over until the next round.
    async fn deliver_logs_of(&self, agent: &Client) -> Result<(), Failure> {
        let mut request = LogRequest { after: None, done: None };
        for _ in 0..FILES_PER_ROUND {
            let reply = agent.call::<TakeBalancerLog>(&request, TAKE_TIMEOUT).await.map_err(|e| Failure::Later(e.to_string()))?;
            self.count_many("balancer-logs/lost-files", reply.lost);
            request.done = None;
            let Some(LogFile { name, head, text }) = reply.file else { return Ok(()) };
            match self.write_balancer_log(&head, text, true).await {
                Ok(()) => {
                    self.count("balancer-logs/files");
                    request.done = Some(name);
                }
                Err(Failure::Refused(why)) => {
                    self.count("balancer-logs/refused");
                    tracing::debug!(balancer = head.arn, why, "a load balancer's log cannot be delivered");
                    request.after = Some(name);
                }
                Err(later) => return Err(later),
            }
        }
        // The last one's word; what comes with it is asked for again.
        agent.call::<TakeBalancerLog>(&request, TAKE_TIMEOUT).await.map(drop).map_err(|e| Failure::Later(e.to_string()))
    }

    async fn write_balancer_log(&self, head: &LogHead, text: String, zip: bool) -> Result<(), Failure> {
        let bucket = self.bucket_of(&head.bucket).await?;
        let ask = self.ask(&head.bucket, &head.key, &head.account, None);
        let service = Service { name: SERVICE, source_arn: &head.arn, source_account: head.account.as_str() };
        if !access::allows_service(&bucket, &ask, &service, "s3:PutObject", &arn(&head.bucket, Some(&head.key))) {
            return Err(Failure::Refused("denied"));
        }
        let (kind, body) = if zip {
            ("application/octet-stream", beside(move || gzip(&text)).await?)
        } else {
            ("text/plain", text.into_bytes())
        };
        self.put_object(&bucket, &head.key, kind, body).await.map(drop)
    }

    /// Writes the file that shows that logs will come.
    pub(super) async fn check_balancer_log_bucket(&self, asked: LogBucketQuestion) -> BucketVerdict {
        match self.write_balancer_log(&asked.head, asked.text, false).await {
            Ok(()) => BucketVerdict::Writable,
            Err(Failure::Refused("no-bucket")) => BucketVerdict::NoSuchBucket,
            Err(Failure::Refused(_)) => BucketVerdict::Denied,
            Err(Failure::Later(_)) => BucketVerdict::Unknown,
        }
    }
}
