//! What mutual TLS costs between two processes' worth of code on one thread: `cargo bench -p platform --bench transport`.
//!
//! Prints a line a figure and asserts nothing about time. Processor time is that of both ends together. Docs: decision 0010.

use platform::bulk::{self, BulkClient, Parcel};
use platform::rpc::{self, Client, Router};
use platform::shared::Lender;
use platform::tls::{Frames, Identity, Role, testing};
use platform::{DataDir, SystemClock};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::{LocalSet, spawn_local};

wire::method!(Echo, "bench/Echo", String => String);

const LIMIT: Duration = Duration::from_secs(30);
const ROUNDS: u32 = 5;

fn cpu() -> Duration {
    let mut t = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes the one `timespec` that is given.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut t) };
    Duration::new(t.tv_sec as u64, t.tv_nsec as u32)
}

fn rss_kib() -> u64 {
    platform::process::ProcessId::own().map_or(0, platform::process::ProcessId::rss_kib)
}

/// The least processor time of some rounds: the machine is shared.
async fn measure<F: Future<Output = ()>>(name: &str, count: u32, mut one: impl FnMut() -> F) {
    let (mut best_cpu, mut best) = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        let (before, began) = (cpu(), Instant::now());
        for _ in 0..count {
            one().await;
        }
        best_cpu = best_cpu.min((cpu() - before) / count);
        best = best.min(began.elapsed() / count);
    }
    println!("{name:<44} {:>9.1} us {:>9.1} us CPU", best.as_secs_f64() * 1e6, best_cpu.as_secs_f64() * 1e6);
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    LocalSet::new().run_until(run()).await;
}

async fn run() {
    let temporary = tempfile::tempdir().expect("a directory");
    let dir = DataDir::new(temporary.path());
    platform::disk::create_private_dir(&dir.run()).expect("a directory");
    testing::issue(&dir, ["gateway", "control-plane", "storage-a1", "storage-b1"]);
    let open = |process, frames| Identity::open_with(&dir, process, frames, Arc::new(SystemClock::new())).expect("an identity");
    let gateway = open("gateway", Frames::Kernel);

    let router = Router::new().on::<Echo, _, _>(&[Role::Gateway.any()], |text| async move { Ok(text) });
    let listener = rpc::bind(&dir.socket("control-plane")).expect("a socket");
    spawn_local(rpc::serve(listener, open("control-plane", Frames::Kernel), router));
    let client = || Client::new(&gateway, dir.socket("control-plane"));
    let kept = client();
    measure("rpc: a connection and a call of 100 B", 200, || async {
        client().call::<Echo>(&"x".repeat(100), LIMIT).await.expect("an answer");
    })
    .await;
    for bytes in [100, 10_000, 1 << 20] {
        let text = "x".repeat(bytes);
        measure(&format!("rpc: {bytes} B there and back"), if bytes > 100_000 { 40 } else { 500 }, || async {
            kept.call::<Echo>(&text, LIMIT).await.expect("an answer");
        })
        .await;
    }
    let before = rss_kib();
    let idle: Vec<Client> = (0..400).map(|_| client()).collect();
    for client in &idle {
        client.call::<Echo>(&String::new(), LIMIT).await.expect("an answer");
    }
    println!("rpc: an idle connection, both ends: {:.1} KiB", (rss_kib() - before) as f64 / idle.len() as f64);

    for (node, frames) in [("storage-a1", Frames::Kernel), ("storage-b1", Frames::Tls)] {
        let (me, listener) = (open(node, frames), rpc::bind(&dir.socket(node)).expect("a socket"));
        spawn_local(async move {
            let stored = bytes::Bytes::from(vec![7; 1 << 20]);
            // The head says how much is wanted.
            let answer = move |_, call: Parcel| {
                let wanted = call.head.iter().fold(0, |n, b| n << 8 | usize::from(*b));
                let payload = stored.slice(..wanted);
                async move { Ok(Parcel { head: bytes::Bytes::new(), payload }) }
            };
            bulk::serve(listener, me, &[Role::Gateway.any()], answer).await;
        });
        let lender = Lender::new(1 << 20, 4);
        let client = BulkClient::new(&gateway, dir.socket(node)).lending(lender.clone());
        for bytes in [200_u32, 4 << 10, 64 << 10, 1 << 20] {
            let count = if bytes > 100_000 { 100 } else { 1000 };
            let body = bytes::Bytes::from(vec![9; bytes as usize]);
            measure(&format!("bulk, {frames}: {bytes} B there"), count, || async {
                // As the gateway does: what is small goes through the socket.
                let lent = if bytes < 32 << 10 { None } else { lender.copy(&body) };
                let call = Parcel { head: vec![0; 4].into(), payload: lent.unwrap_or_else(|| body.clone()) };
                client.call(call, LIMIT).await.expect("an answer");
            })
            .await;
            measure(&format!("bulk, {frames}: {bytes} B back"), count, || async {
                let call = Parcel { head: bytes.to_be_bytes().to_vec().into(), payload: bytes::Bytes::new() };
                assert_eq!(client.call(call, LIMIT).await.expect("an answer").payload.len(), bytes as usize);
            })
            .await;
        }
    }
}
