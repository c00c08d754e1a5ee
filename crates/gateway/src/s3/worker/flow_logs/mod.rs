//! Flow logs: what the cards have counted into buckets, as EC2 delivers it.
//!
//! ```text
//!  control plane ── flow logs ──► ledger ─┐
//!  cards' spools ── take ─────────────────┴─► lines of each log ─► pending files ─► gzip ─► bucket (its policy asked each time)
//!        ▲                                          └─► positions ─┐
//!        └──────────── acknowledged with the next take ◄───────────┘
//! ```
//! Every record is in one file of each log that wants it: files are written down together with the positions behind them
//! ([`state`]), and go to their buckets under names that they keep.

mod format;
mod state;

use super::trail::beside;
use super::trail::file::gzip;
use super::{Failure, PAUSE, Worker};
use crate::s3::access::{self, Service};
use crate::s3::ask::arn;
use format::Place;
use platform::ledger::Accepted;
use platform::rpc::{Client, RpcError};
use platform::{DataDir, Identity, Ledger, LedgerError, Rng, Settings};
use state::{Head, State};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;
use types::{AccountId, CellId, FlowLogId, HostId};
use wire::Applied;
use wire::flow::{FlowLine, FlowLogSnapshot, FlowReply, FlowRequest, TakeFlowRecords};
use wire::trail::{BucketQuestion, BucketVerdict};

const SERVICE: &str = "delivery.logs.amazonaws.com";
const LOGS_MAX: usize = 1_000_000;
const TAKE_TIMEOUT: Duration = Duration::from_secs(5);
/// Of one host's lines at a time.
const TAKE_BYTES: u32 = 2 << 20;
/// Of one batch, in lines of the cards; the rest is in the next.
const BATCH_BYTES_MAX: usize = 16 << 20;
/// Batches of one round; the cards keep the rest.
const BATCHES_PER_ROUND: usize = 50;
/// Pending files together. Over it, the oldest go without having been delivered.
const PENDING_BYTES_MAX: u64 = 256 << 20;

struct Host {
    id: HostId,
    cell: CellId,
    card: Client,
}

pub struct FlowLogs {
    ledger: RefCell<Ledger<FlowLogSnapshot>>,
    known: RefCell<Option<Rc<FlowLogSnapshot>>>,
    hosts: Vec<Host>,
    dir: PathBuf,
    every: Duration,
    /// What is wrong with logs whose last file was refused.
    errors: RefCell<BTreeMap<FlowLogId, &'static str>>,
}

impl FlowLogs {
    pub fn open(me: &Identity, dir: &DataDir, settings: &Settings) -> Result<Self, LedgerError> {
        let (ledger, held) = Ledger::open(&dir.flow_logs_ledger())?;
        if let Some(problem) = &ledger.problem {
            tracing::error!(problem, "the flow logs must be pushed again");
        }
        let of_cell = |c: &platform::settings::CellSettings| {
            let cell = c.id.clone();
            c.hosts.iter().map(move |h| (cell.clone(), h.id.clone())).collect::<Vec<_>>()
        };
        let hosts = settings.cells.iter().flat_map(of_cell);
        Ok(Self {
            ledger: RefCell::new(ledger),
            known: RefCell::new(held.map(Rc::new)),
            hosts: hosts.map(|(cell, id)| Host { card: Client::new(me, dir.card_socket(&id)), cell, id }).collect(),
            dir: dir.flow_logs(),
            every: Duration::from_secs(settings.audit.flow_log_seconds.max(1).into()),
            errors: RefCell::default(),
        })
    }

    pub fn accept(&self, snapshot: FlowLogSnapshot) -> Result<Applied, RpcError> {
        if snapshot.format != wire::FORMAT {
            return Err(RpcError::remote("format", format!("format {} is not known here", snapshot.format)));
        }
        if snapshot.logs.len() > LOGS_MAX {
            return Err(RpcError::remote("too-many-flow-logs", format!("more than {LOGS_MAX} flow logs")));
        }
        let generation = snapshot.generation;
        if self.ledger.borrow_mut().accept(generation, &snapshot)? == Accepted::Same {
            return Ok(Applied { generation });
        }
        *self.known.borrow_mut() = Some(Rc::new(snapshot));
        Ok(Applied { generation })
    }

    pub fn errors_of(&self, ids: &[FlowLogId]) -> BTreeMap<FlowLogId, String> {
        let errors = self.errors.borrow();
        ids.iter().filter_map(|id| Some((*id, (*errors.get(id)?).to_owned()))).collect()
    }
}

/// Lines of one log, of one batch.
struct Lines {
    text: String,
    count: u64,
}

impl Worker {
    pub(super) async fn deliver_flow_logs(self: &Rc<Self>) {
        loop {
            let outcome = self.flow_log_round().await;
            let pause = match outcome {
                Ok(()) => self.flow_logs.every,
                Err(why) => {
                    tracing::debug!(%why, "flow logs wait");
                    self.flow_logs.every.min(PAUSE)
                }
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// All that the cards have, and then all that is pending.
    async fn flow_log_round(&self) -> Result<(), Failure> {
        // Before the control plane has said which logs there are, nothing may be taken.
        let Some(known) = self.flow_logs.known.borrow().clone() else { return Ok(()) };
        let dir = self.flow_logs.dir.clone();
        let mut state = beside(move || State::load(&dir)).await?;
        for _ in 0..BATCHES_PER_ROUND {
            let is_full = self.take_flow_records(&known, &mut state).await?;
            if !is_full {
                break;
            }
        }
        self.write_flow_logs(&known, &state).await
    }

    /// One batch. Whether there may be more.
    async fn take_flow_records(&self, known: &FlowLogSnapshot, state: &mut State) -> Result<bool, Failure> {
        let (mut logs, mut hosts) = (BTreeMap::<usize, Lines>::new(), state.hosts.clone());
        let (mut bytes, mut is_full) = (0, false);
        for host in &self.flow_logs.hosts {
            loop {
                if bytes >= BATCH_BYTES_MAX {
                    is_full = true;
                    break;
                }
                let (at, kept) = (hosts.get(&host.id).cloned(), state.hosts.get(&host.id).cloned());
                let request = FlowRequest { at, kept, bytes_max: TAKE_BYTES };
                let reply = match host.card.call::<TakeFlowRecords>(&request, TAKE_TIMEOUT).await {
                    Ok(reply) => reply,
                    // It has them still when it is back.
                    Err(error) => {
                        tracing::debug!(host = %host.id, %error, "a card does not give its flow records");
                        break;
                    }
                };
                self.count_many("flow-logs/lost-records", reply.lost);
                bytes += reply.lines.iter().map(String::len).sum::<usize>();
                self.sort_lines(known, &host.cell, &reply, &mut logs);
                let was_all = reply.lines.is_empty();
                hosts.insert(host.id.clone(), reply.next);
                if was_all {
                    break;
                }
            }
        }
        if hosts == state.hosts {
            return Ok(false);
        }
        let (region, now) = (self.s3.region.clone(), self.now());
        let mut files = Vec::new();
        for (n, lines) in logs {
            let Some(log) = known.logs.get(n) else { continue };
            let hash = format!("{:08x}", self.s3.rng.borrow_mut().u64() as u32);
            let key = format::key(log, &region, now, &hash);
            files.push((Head { log: log.id, account: log.account.clone(), bucket: log.bucket.clone(), key }, lines.text));
            self.count_many("flow-logs/records", lines.count);
        }
        let (dir, mut next) = (self.flow_logs.dir.clone(), state.clone());
        *state = beside(move || next.commit(&dir, &files, hosts).map(|()| next)).await?;
        Ok(is_full)
    }

    /// Puts each line to the logs that want it, in their formats.
    fn sort_lines(&self, known: &FlowLogSnapshot, cell: &CellId, reply: &FlowReply, logs: &mut BTreeMap<usize, Lines>) {
        let zone = known.zones.get(cell).map_or("-", String::as_str);
        let place = Place { region: &self.s3.region, zone, services: &known.services };
        for text in &reply.lines {
            let Ok(line) = text.parse::<FlowLine>() else {
                self.count("flow-logs/bad-records");
                continue;
            };
            for (n, log) in known.logs.iter().enumerate().filter(|(_, log)| format::wants(log, &line)) {
                let lines = logs.entry(n).or_insert_with(|| Lines { text: format!("{}\n", format::header(log)), count: 0 });
                lines.text.push_str(&format::line(log, &line, &place));
                lines.text.push('\n');
                lines.count += 1;
            }
        }
    }

    /// Delivers what is pending. What is refused stays, and is tried again in the next round.
    async fn write_flow_logs(&self, known: &FlowLogSnapshot, state: &State) -> Result<(), Failure> {
        let (dir, state) = (self.flow_logs.dir.clone(), state.clone());
        let mut files = beside(move || state.pending(&dir)).await?;
        let mut bytes: u64 = files.iter().map(|(_, bytes)| bytes).sum();
        let mut refused = BTreeMap::new();
        files.reverse();
        while let Some((path, size)) = files.pop() {
            let is_over = bytes > PENDING_BYTES_MAX;
            let at = path.clone();
            let Some((head, text)) = beside(move || state::read(&at)).await? else {
                self.count("flow-logs/bad-files");
                remove(&path).await?;
                continue;
            };
            let log = head.log;
            match self.write_flow_log(head, text).await {
                Ok(()) => self.count("flow-logs/files"),
                Err(Failure::Refused(why)) => {
                    self.count("flow-logs/refused");
                    tracing::debug!(%log, why, "a flow log cannot be delivered");
                    refused.insert(log, "Access error");
                    // Nobody's any more, or too much of it.
                    if !is_over && known.logs.iter().any(|l| l.id == log) {
                        continue;
                    }
                    self.count("flow-logs/dropped-files");
                }
                Err(later) => return Err(later),
            }
            bytes -= size;
            remove(&path).await?;
        }
        *self.flow_logs.errors.borrow_mut() = refused;
        Ok(())
    }

    async fn write_flow_log(&self, head: Head, text: String) -> Result<(), Failure> {
        let bucket = self.bucket_of(&head.bucket).await?;
        let ask = self.ask(&head.bucket, &head.key, &head.account, None);
        let source = self.source_arn(&head.account);
        let service = Service { name: SERVICE, source_arn: &source, source_account: head.account.as_str() };
        if !access::allows_service(&bucket, &ask, &service, "s3:PutObject", &arn(&head.bucket, Some(&head.key))) {
            return Err(Failure::Refused("denied"));
        }
        let body = beside(move || gzip(&text)).await?;
        self.put_object(&bucket, &head.key, "application/octet-stream", body).await.map(drop)
    }

    /// What buckets' policies know the delivery of logs by.
    fn source_arn(&self, account: &AccountId) -> String {
        format!("arn:aws:logs:{}:{account}:*", self.s3.region)
    }

    /// Whether flow logs may be written there: as CreateFlowLogs asks.
    pub(super) async fn check_flow_log_bucket(&self, asked: &BucketQuestion) -> BucketVerdict {
        let bucket = match self.bucket_of(&asked.bucket).await {
            Ok(bucket) => bucket,
            Err(Failure::Refused(_)) => return BucketVerdict::NoSuchBucket,
            Err(Failure::Later(_)) => return BucketVerdict::Unknown,
        };
        let prefix = if asked.prefix.is_empty() { String::new() } else { format!("{}/", asked.prefix) };
        let account = &asked.account;
        let ask = self.ask(&asked.bucket, "", account, None);
        let service = Service { name: SERVICE, source_arn: &asked.arn, source_account: account.as_str() };
        let may = |action, key: Option<&str>| access::allows_service(&bucket, &ask, &service, action, &arn(&asked.bucket, key));
        // As either kind of folder may be allowed.
        let folders = [format!("{prefix}AWSLogs/{account}/"), format!("{prefix}AWSLogs/aws-account-id={account}/")];
        if may("s3:GetBucketAcl", None) && folders.iter().any(|f| may("s3:PutObject", Some(f))) {
            BucketVerdict::Writable
        } else {
            BucketVerdict::Denied
        }
    }
}

async fn remove(path: &Path) -> Result<(), Failure> {
    let path = path.to_owned();
    beside(move || platform::disk::remove_file(&path)).await
}
