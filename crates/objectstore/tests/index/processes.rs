//! Three index processes, killed and paused while clients write and read: nothing acknowledged is lost, nothing is done
//! twice, nobody reads what is older than what was acknowledged before the reading began.
//!
//! A child is this test binary, run again with `STRATOCELL_INDEX_DIR` set. `STRATOCELL_SOAK=n` adds n rounds of faults.

use crate::role::index_client;
use crate::role::{options, session, sockets};
use crate::support::*;
use bytes::Bytes;
use objectstore::index::{CallError, IndexClient, NoNodes, run};
use objectstore::message::*;
use platform::bulk::BulkClient;
use platform::process::ProcessId;
use platform::tls::testing::identity;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::{LocalSet, spawn_local};

const WRITERS: usize = 3;
/// How long a change of the leader may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Nobody outlives the test: its end closes the pipe.
fn end_with_the_parent() {
    std::thread::spawn(|| {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(1);
    });
}

/// The child. As a test of its own it does nothing.
#[test]
fn child() {
    let Ok(dir) = std::env::var("STRATOCELL_INDEX_DIR") else { return };
    end_with_the_parent();
    let position = std::env::var("STRATOCELL_INDEX_POSITION").unwrap().parse().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(LocalSet::new().run_until(run(options(Path::new(&dir), position), NoNodes))).unwrap();
}

struct Process {
    child: Child,
    position: usize,
}

impl Process {
    fn start(dir: &Path, position: usize) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "processes::child", "--nocapture", "--test-threads=1"]);
        command.env("STRATOCELL_INDEX_DIR", dir).env("STRATOCELL_INDEX_POSITION", position.to_string());
        Self { child: command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap(), position }
    }

    fn signal(&self, signal: i32) {
        // It may have been killed by the one that took over.
        if let Some(id) = ProcessId::of(self.child.id()) {
            id.signal(signal).unwrap();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[derive(Default)]
struct History {
    /// By writer: the last number acknowledged, and the last one sent.
    acknowledged: [Cell<u64>; WRITERS],
    sent: [Cell<u64>; WRITERS],
    swaps: Cell<u64>,
    reads: Cell<u64>,
    listings: Cell<u64>,
    /// Numbers of writer 1 without an acknowledgement.
    doubtful: RefCell<BTreeSet<u64>>,
    progress: Notify,
    stop: Cell<bool>,
    wrong: RefCell<Vec<String>>,
}

fn key(writer: usize) -> String {
    format!("w{writer}")
}

fn number(answer: IndexAnswer) -> u64 {
    match answer {
        IndexAnswer::Lookup { found: Found::Version { record, .. }, .. } => record.object.etag.parse().unwrap(),
        IndexAnswer::Lookup { .. } => 0,
        other => panic!("{other:?}"),
    }
}

async fn write(client: IndexClient, history: Rc<History>, session: u64, writer: usize) {
    while !history.stop.get() {
        let n = history.sent[writer].get() + 1;
        history.sent[writer].set(n);
        let object = if writer == 0 {
            empty(&n.to_string())
        } else {
            object(&n.to_string(), blob(session, n as u32 * 10 + writer as u32))
        };
        if writer == 1 {
            let made = object_of(session, n);
            if client.call(put("b", session, &format!("new/{n:09}"), made)).await.is_err() {
                history.doubtful.borrow_mut().insert(n);
            }
        }
        match client.call(put("b", session, &key(writer), object)).await {
            Ok(_) => history.acknowledged[writer].set(n),
            Err(CallError::Refused(e)) => history.wrong.borrow_mut().push(format!("writer {writer}: {e:?}")),
            Err(CallError::Unavailable(_) | CallError::Unknown(_)) => {}
        }
        history.progress.notify_waiters();
    }
}

fn object_of(session: u64, n: u64) -> objectstore::record::NewVersion {
    object(&n.to_string(), blob(session, n as u32 * 10 + 9))
}

async fn read(client: IndexClient, history: Rc<History>) {
    let mut last = [0; WRITERS];
    while !history.stop.get() {
        for (writer, last) in last.iter_mut().enumerate() {
            let floor = history.acknowledged[writer].get().max(*last);
            let Ok(answer) = client.call(lookup("b", &key(writer), None)).await else { continue };
            let found = number(answer);
            if found < floor || found > history.sent[writer].get() {
                history.wrong.borrow_mut().push(format!("{writer}: read {found}, at least {floor} was acknowledged"));
            }
            *last = found;
            history.reads.set(history.reads.get() + 1);
        }
    }
}

/// Lists the keys that writer 1 makes anew with every write: none that was acknowledged before may be missing.
async fn list_all(client: IndexClient, history: Rc<History>) {
    while !history.stop.get() {
        let floor = history.acknowledged[1].get();
        let (mut found, mut after) = (BTreeSet::new(), String::new());
        loop {
            let Ok(IndexAnswer::List(page)) = client.call(list("b", query("new/", "", &after, 1000))).await else { break };
            found.extend(page.rows.iter().map(|l| l.unwrap().key["new/".len()..].parse::<u64>().unwrap()));
            match page.next {
                Some(next) => after = next,
                None => {
                    let missing: Vec<u64> =
                        (1..=floor).filter(|n| !history.doubtful.borrow().contains(n) && !found.contains(n)).collect();
                    let unknown = found.last().is_some_and(|n| *n > history.sent[1].get());
                    if !missing.is_empty() || unknown {
                        history.wrong.borrow_mut().push(format!("listing of {floor}: {missing:?} missing"));
                    }
                    history.listings.set(history.listings.get() + 1);
                    break;
                }
            }
        }
    }
}

/// Alone on its key, so its conditions must always hold: one that fails was met by its own write, done twice.
async fn swap(client: IndexClient, history: Rc<History>, session: u64) {
    let mut at = 0;
    while !history.stop.get() {
        let if_match = (at > 0).then(|| at.to_string());
        let conditions = WriteConditions { if_absent: if_match.is_none(), if_match, bucket: None };
        match client.call(put_if("b", session, "swap", empty(&(at + 1).to_string()), conditions)).await {
            Ok(_) => {
                at += 1;
                history.swaps.set(at);
            }
            Err(CallError::Refused(e)) => {
                history.wrong.borrow_mut().push(format!("swap {at}: {e:?}"));
                return;
            }
            Err(CallError::Unavailable(_)) => {}
            Err(CallError::Unknown(_)) => {
                at = loop {
                    if let Ok(answer) = client.call(lookup("b", "swap", None)).await {
                        break number(answer);
                    }
                };
            }
        }
    }
}

async fn leader(servers: &[BulkClient]) -> Option<usize> {
    for (position, server) in servers.iter().enumerate() {
        let call = pack(&IndexFrame::Ping, Bytes::new()).unwrap();
        if let Ok(answer) = server.call(call, Duration::from_millis(200)).await
            && unpack::<Pong>(&answer).unwrap().leader
        {
            return Some(position);
        }
    }
    None
}

async fn found_leader(servers: &[BulkClient]) -> usize {
    loop {
        match leader(servers).await {
            Some(position) => return position,
            None => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

/// Until every writer has so many acknowledgements more.
async fn progress(history: &History, more: u64) {
    let goals: Vec<u64> = history.acknowledged.iter().map(|a| a.get() + more).collect();
    while history.acknowledged.iter().zip(&goals).any(|(a, goal)| a.get() < *goal) {
        history.progress.notified().await;
    }
}

async fn within<T>(what: &str, history: &History, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, future).await {
        Ok(out) => out,
        Err(_) => panic!("{what}: {:?}", history.wrong.borrow()),
    }
}

#[tokio::test]
async fn leaders_are_killed_and_paused() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let rounds = 4 + std::env::var("STRATOCELL_SOAK").ok().and_then(|n| n.parse::<u32>().ok()).unwrap_or(0);
    let mut processes: Vec<Process> = (0..3).map(|n| Process::start(dir, n)).collect();
    let history = Rc::new(History::default());
    let client = || index_client(dir);
    let servers: Vec<BulkClient> = sockets(dir).into_iter().map(|s| BulkClient::new(&identity(dir, "operator"), s)).collect();
    let local = LocalSet::new();
    let run = async {
        let first = client();
        let id = within("start", &history, session(&first)).await.0;
        first.call(IndexCall::CreateBucket { bucket: bucket("b") }).await.unwrap();
        let mut tasks = Vec::new();
        for writer in 0..WRITERS {
            tasks.push(spawn_local(write(client(), history.clone(), id, writer)));
        }
        tasks.push(spawn_local(read(client(), history.clone())));
        tasks.push(spawn_local(read(first.clone(), history.clone())));
        tasks.push(spawn_local(list_all(client(), history.clone())));
        tasks.push(spawn_local(swap(client(), history.clone(), id)));
        for round in 0..rounds {
            within("before", &history, progress(&history, 20)).await;
            let at = within("leader", &history, found_leader(&servers)).await;
            if round % 2 == 0 {
                processes[at].signal(libc::SIGSTOP);
            } else {
                processes[at].signal(libc::SIGKILL);
            }
            within("take-over", &history, progress(&history, 20)).await;
            let now = within("leader", &history, found_leader(&servers)).await;
            if round % 2 == 0 && now == at {
                history.wrong.borrow_mut().push(format!("{at} leads while it is paused"));
            }
            processes[at].signal(libc::SIGCONT);
            for process in &mut processes {
                if process.child.try_wait().unwrap().is_some() {
                    *process = Process::start(dir, process.position);
                }
            }
        }
        within("after", &history, progress(&history, 20)).await;
        history.stop.set(true);
        for task in tasks {
            within("end", &history, task).await.unwrap();
        }
        for writer in 0..WRITERS {
            let found = number(first.call(lookup("b", &key(writer), None)).await.unwrap());
            assert!((history.acknowledged[writer].get()..=history.sent[writer].get()).contains(&found), "{writer}: {found}");
        }
        let swapped = number(first.call(lookup("b", "swap", None)).await.unwrap());
        assert!(swapped >= history.swaps.get() && swapped > 50, "{swapped}");
    };
    local.run_until(run).await;
    assert_eq!(*history.wrong.borrow(), Vec::<String>::new());
    assert!(history.reads.get() > 50 && history.listings.get() > 5);
}

/// The child that takes the store, begins a commit and never ends it: as if it were paused there.
#[test]
fn child_within_a_transaction() {
    let Ok(dir) = std::env::var("STRATOCELL_INDEX_HANG") else { return };
    end_with_the_parent();
    let hang = |point| {
        if point == store::sqlite::CrashPoint::BeforeCommit {
            println!("\nHANGS");
            loop {
                std::thread::park();
            }
        }
    };
    let options = store::SqliteOptions { shared: true, crash_hook: Some(Box::new(hang)), ..store::SqliteOptions::ephemeral() };
    let mut store = store::SqliteStore::open(&Path::new(&dir).join("index.db"), options).unwrap();
    let own = ProcessId::own().unwrap();
    let epoch = store::Store::acquire(&mut store, &format!("index-a {} {}", own.pid, own.start_ticks)).unwrap();
    store::Store::commit(&mut store, epoch, &[], &[store::Mutation::put("k", "v")]).unwrap();
}

#[tokio::test]
async fn a_leader_that_is_paused_within_a_commit_is_put_out_of_the_way() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "processes::child_within_a_transaction", "--nocapture", "--test-threads=1"]);
    let child = command
        .env("STRATOCELL_INDEX_HANG", dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut child = Process { child, position: 0 };
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.child.stdout.take().unwrap()));
    assert!(lines.any(|line| line.unwrap() == "HANGS"));
    let _b = crate::role::Running::start(options(dir, 1));
    let client = index_client(dir);
    let began = async {
        loop {
            if let Ok(answer) = client.call(IndexCall::OpenSession { owner: "g".into() }).await {
                return answer;
            }
        }
    };
    let answer = tokio::time::timeout(PATIENCE, began).await.unwrap();
    assert_eq!(answer, IndexAnswer::Session { id: objectstore::id::SessionId(1), closed: None });
    let status = child.child.wait().unwrap();
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(libc::SIGKILL));
}
