//! The long run: requests at a steady load while a target drains, one is killed, checks fail everywhere, documents change a hundred
//! times and another process takes over. Not one fails. What happens is bound to how many were answered, never to a time.
//!
//! `BALANCER_REQUESTS=n`: n requests at least, instead of 12,000 (`make soak`: a million).

mod common;

use common::*;
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

const CLIENTS: u64 = 8;

/// Clients that ask until the run is over; each has one request under way.
struct Run {
    done: Rc<Cell<u64>>,
    over: Rc<Cell<bool>>,
    bad: Rc<RefCell<Vec<String>>>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Run {
    fn start(address: SocketAddr) -> Self {
        let (done, over, bad) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(false)), Rc::new(RefCell::new(Vec::new())));
        let client = |_| {
            let (done, over, bad) = (done.clone(), over.clone(), bad.clone());
            tokio::task::spawn_local(async move {
                let mut client = Client::connect(address).await;
                while !over.get() {
                    let outcome = client.send(request("GET", "/steady", &[], "")).await;
                    done.set(done.get() + 1);
                    let (failed, last) = match outcome {
                        Ok((200, headers, _)) => (None, headers.get("connection").is_some_and(|c| c == "close")),
                        Ok((status, headers, body)) => (Some(format!("{status} {headers:?} {body}")), true),
                        Err(e) => (Some(format!("{e:?}")), true),
                    };
                    bad.borrow_mut().extend(failed);
                    if last {
                        client = Client::connect(address).await;
                    }
                    tokio::task::yield_now().await;
                }
            })
        };
        let tasks = (0..CLIENTS).map(client).collect();
        Self { done, over, bad, tasks }
    }

    /// Until so many more requests have been answered.
    async fn more(&self, count: u64, what: &str) {
        let end = self.done.get() + count;
        while self.done.get() < end {
            assert!(self.bad.borrow().is_empty(), "{what}: {:?}", self.bad.borrow());
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

#[test]
fn no_request_fails_whatever_happens() {
    let total: u64 = std::env::var("BALANCER_REQUESTS").ok().and_then(|n| n.parse().ok()).unwrap_or(12_000);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, steady(total));
}

async fn steady(total: u64) {
    let (a, b, c) = (Target::start("a").await, Target::start("b").await, Target::start("c").await);
    let mut d = document(vec![a.json("1"), b.json("2"), c.json("3")]);
    let (mut balancer, address) = start(&d);
    all_healthy(&balancer).await;
    let run = Run::start(address);
    let percent = |n: u64| total * n / 100;
    let mut generation = 1;
    let mut give = |balancer: &balancer::Balancer, d: &mut Value| {
        generation += 1;
        d["generation"] = json!(generation);
        balancer.accept(parse(d), None).unwrap();
    };
    run.more(percent(10), "nothing").await;

    d["target_groups"][0]["targets"] = json!([a.json("1"), c.json("3")]);
    give(&balancer, &mut d);
    until("it is drained", || targets(&balancer.status()).len() == 2).await;
    let drained = b.manners.requests.get();
    run.more(percent(15), "a target is drained").await;
    assert_eq!(b.manners.requests.get(), drained);
    d["target_groups"][0]["targets"] = json!([a.json("1"), b.json("2"), c.json("3")]);
    give(&balancer, &mut d);
    run.more(percent(5), "it is back").await;

    c.kill();
    run.more(percent(15), "a target is killed").await;
    let again = Target::start_at("c", c.address).await;
    run.more(percent(5), "it is there again").await;

    let open = |balancer: &balancer::Balancer| balancer.status().target_groups[0].fail_open;
    let all = [&a, &b, &again];
    all.iter().for_each(|t| t.manners.health.set(500));
    until("all checks fail", || open(&balancer)).await;
    run.more(percent(10), "all checks fail").await;
    all.iter().for_each(|t| t.manners.health.set(200));
    until("checks are well again", || !open(&balancer)).await;

    for n in 0..100 {
        d["listeners"][0]["rules"] = json!([{"arn": "r", "priority": 1 + n % 7,
            "conditions": [{"field": "path-pattern", "values": [format!("/{n}")]}],
            "action": {"type": "fixed-response", "status": 404}}]);
        d["attributes"] = json!({"idle_timeout_seconds": 60 + n});
        give(&balancer, &mut d);
        run.more(total / 500, "documents change").await;
    }

    let dir = tempfile::tempdir().unwrap();
    let control = dir.path().join("control");
    let server = balancer::serve_control(&control, balancer.clone()).unwrap();
    let (sockets, predecessor) = balancer::take_over(&control).await.unwrap();
    let next = balancer::Balancer::new();
    next.inherit(sockets);
    next.apply(parse(&d), None).unwrap();
    predecessor.replace();
    balancer.handed_over().await;
    server.abort();
    balancer.drain(BOUND).await;
    assert_eq!(balancer.status().connections, 0);
    balancer = next;
    run.more(percent(20), "another process has taken over").await;

    run.over.set(true);
    for task in run.tasks {
        task.await.unwrap();
    }
    assert!(run.bad.borrow().is_empty(), "{:?}", run.bad.borrow());
    let (done, counters) = (run.done.get(), balancer.status().counters);
    assert!(done >= total, "{done}");
    println!("{done} requests, none failed; what the last process counted: {counters:?}");
}
