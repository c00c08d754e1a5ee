//! What the data path itself costs: blobs written to and read from nodes that are memory, on one thread beside the pool
//! for heavy work. No disk, no sockets. Wall time and processor time a MiB, or an object where it is small.
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
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

#[derive(Clone)]
struct Memory(Arc<Vec<Mutex<HashMap<ShardId, Bytes>>>>);

impl Nodes for Memory {
    async fn call(&self, node: usize, call: NodeCall, payload: Bytes, _: Duration) -> Result<(NodeAnswer, Bytes), RpcError> {
        let mut shards = self.0[node].lock().unwrap();
        match call {
            NodeCall::Put { shard } => {
                shards.insert(shard, payload);
                Ok((NodeAnswer::Done, Bytes::new()))
            }
            NodeCall::Get { shard, offset, length } => {
                let bytes = shards.get(&shard).ok_or_else(|| RpcError::remote(node_code::NOT_FOUND, "no"))?;
                // A copy, as the socket would make.
                let read = Bytes::copy_from_slice(&bytes[offset as usize..(offset + length) as usize]);
                Ok((NodeAnswer::Bytes { total: bytes.len() as u32 }, read))
            }
            NodeCall::Delete { shards: gone } => {
                gone.iter().for_each(|s| drop(shards.remove(s)));
                Ok((NodeAnswer::Done, Bytes::new()))
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
    let nodes = Memory(Arc::new((0..15).map(|_| Mutex::default()).collect()));
    let client = DataClient::new(topology, nodes, DataOptions::default());
    let key = DataKey::new([7; 32]);
    let piece = Bytes::from(vec![42; bytes.min(64 << 10)]);
    let (mut wrote, mut read) = ((Duration::ZERO, Duration::ZERO), (Duration::ZERO, Duration::ZERO));
    let mut number = 0;
    while wrote.0 + read.0 < time {
        // Some at a time, so that the clock of ticks says something and memory stays small.
        let batch = ((32 << 20) / bytes).clamp(2, 2000);
        let mut blobs = Vec::new();
        let (begun, busy) = (Instant::now(), cpu());
        for _ in 0..batch {
            number += 1;
            let id = BlobId { session: SessionId(1), number };
            let mut writer = client.writer(id, layout, &key);
            for _ in 0..bytes / piece.len() {
                writer.write(piece.clone()).await.unwrap();
            }
            let written = writer.finish().await.unwrap();
            blobs.push(BlobRef { id, bytes: written.bytes, layout, sealed_key: Vec::new() });
        }
        client.settle().await;
        wrote = (wrote.0 + begun.elapsed(), wrote.1 + (cpu() - busy));
        let (begun, busy) = (Instant::now(), cpu());
        for blob in &blobs {
            let (mut reader, mut total) = (client.reader(blob, &key, 0..blob.bytes), 0);
            while let Some(bytes) = reader.next().await {
                total += bytes.unwrap().len();
            }
            assert_eq!(total, bytes);
        }
        read = (read.0 + begun.elapsed(), read.1 + (cpu() - busy));
        client.delete_all(&blobs).await.unwrap();
    }
    let rate = |t: Duration| f64::from(number) * bytes as f64 / t.as_secs_f64() / 1e6;
    let units = f64::from(number) * (bytes as f64 / f64::from(1 << 20)).max(1.0);
    let each = |t: Duration| t.as_secs_f64() * 1e6 / units;
    let code = format!("{}+{}", layout.data, layout.parity);
    println!(
        "{code:<6} {:>7} K {:>12.0} {:>12.0} {:>14.1} {:>14.1}",
        bytes >> 10,
        rate(wrote.0),
        rate(read.0),
        each(wrote.1),
        each(read.1)
    );
}
