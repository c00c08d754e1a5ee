//! What the data path itself costs: blobs written to nodes that forget them and read from nodes that are memory, on one
//! thread beside the pool for heavy work. No disk, no sockets. Wall time and processor time a MiB, or an object where it is small.
//!
//! `cargo bench -p objectstore --bench blobs [-- SECONDS]`

use bytes::Bytes;
use objectstore::data::{DataClient, DataKey, DataOptions, Nodes};
use objectstore::layout::Node;
use objectstore::message::{NodeAnswer, NodeCall, node_code};
use objectstore::record::BlobRef;
use objectstore::{BlobId, Layout, SessionId, ShardId, Topology};
use platform::rpc::RpcError;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Keeps what it is given while it is told to.
#[derive(Clone)]
struct Memory(Arc<Vec<Mutex<HashMap<ShardId, Bytes>>>>, Arc<AtomicBool>);

impl Nodes for Memory {
    async fn call(&self, node: usize, call: NodeCall, payload: Bytes, _: Duration) -> Result<(NodeAnswer, Bytes), RpcError> {
        let mut shards = self.0[node].lock().unwrap();
        match call {
            NodeCall::Put { shard } => {
                if self.1.load(Ordering::Relaxed) {
                    shards.insert(shard, payload);
                }
                Ok((NodeAnswer::Done, Bytes::new()))
            }
            NodeCall::Get { shard, offset, length } => {
                let bytes = shards.get(&shard).ok_or_else(|| RpcError::remote(node_code::NOT_FOUND, "no"))?;
                // A copy, as the socket would make.
                let read = Bytes::copy_from_slice(&bytes[offset as usize..(offset + length) as usize]);
                Ok((NodeAnswer::Bytes { total: bytes.len() as u32 }, read))
            }
            _ => Err(RpcError::remote(node_code::BAD, "no")),
        }
    }
}

fn cpu() -> Duration {
    // Fields 14 and 15 of /proc/self/stat: clock ticks of 10 ms in user and kernel mode.
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let ticks: u64 =
        stat.rsplit(')').next().unwrap().split_whitespace().skip(11).take(2).map(|t| t.parse::<u64>().unwrap()).sum();
    Duration::from_millis(ticks * 10)
}

fn main() {
    let seconds = std::env::args().filter_map(|a| a.parse::<f64>().ok()).next().unwrap_or(1.0);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    println!(
        "{:<6} {:>9} {:>12} {:>12} {:>14} {:>14}",
        "code", "object", "write MB/s", "read MB/s", "write cpu us", "read cpu us"
    );
    for layout in [Layout::REPLICATED, Layout { data: 3, parity: 3 }, Layout { data: 9, parity: 6 }] {
        for bytes in [4 << 10, 64 << 10, 1 << 20, 16 << 20] {
            runtime.block_on(run(layout, bytes, Duration::from_secs_f64(seconds)));
        }
    }
    println!("cpu: microseconds of processor time an object up to 1 MiB, else a MiB");
}

async fn run(layout: Layout, bytes: usize, time: Duration) {
    let node = |n: usize| {
        let zone = char::from(b'a' + (n / 5) as u8);
        Node { id: format!("{zone}{n}").parse().unwrap(), az: format!("us-east-1{zone}").parse().unwrap() }
    };
    let topology = Arc::new(Topology::new((0..15).map(node).collect()));
    let keep = Arc::new(AtomicBool::new(true));
    let nodes = Memory(Arc::new((0..15).map(|_| Mutex::default()).collect()), keep.clone());
    let client = DataClient::new(topology, nodes, DataOptions::default());
    let key = DataKey::new([7; 32]);
    let piece = Bytes::from(vec![42; bytes.min(64 << 10)]);
    let write = async |number| {
        let id = BlobId { session: SessionId(1), number };
        let mut writer = client.writer(id, layout, &key);
        for _ in 0..bytes / piece.len() {
            writer.write(piece.clone()).await.unwrap();
        }
        let written = writer.finish().await.unwrap();
        BlobRef { id, bytes: written.bytes, layout, sealed_key: Vec::new() }
    };
    let kept = write(0).await;
    client.settle().await;
    keep.store(false, Ordering::Relaxed);
    let (begun, busy) = (Instant::now(), cpu());
    let mut number = 0;
    while begun.elapsed() < time / 2 {
        number += 1;
        write(number).await;
    }
    client.settle().await;
    let wrote = (begun.elapsed(), cpu() - busy, number);
    let (begun, busy) = (Instant::now(), cpu());
    let mut number = 0;
    while begun.elapsed() < time / 2 {
        number += 1;
        let (mut reader, mut total) = (client.reader(&kept, &key, 0..kept.bytes), 0);
        while let Some(bytes) = reader.next().await {
            total += bytes.unwrap().len();
        }
        assert_eq!(total, bytes);
    }
    let read = (begun.elapsed(), cpu() - busy, number);
    let rate = |(took, _, number): (Duration, Duration, u32)| f64::from(number) * bytes as f64 / took.as_secs_f64() / 1e6;
    let each = |(_, busy, number): (Duration, Duration, u32)| {
        busy.as_secs_f64() * 1e6 / (f64::from(number) * (bytes as f64 / f64::from(1 << 20)).max(1.0))
    };
    println!(
        "{:<6} {:>7} K {:>12.0} {:>12.0} {:>14.1} {:>14.1}",
        format!("{}+{}", layout.data, layout.parity),
        bytes >> 10,
        rate(wrote),
        rate(read),
        each(wrote),
        each(read)
    );
}
