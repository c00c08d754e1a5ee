//! Storage nodes in memory, with faults that a test switches on and off.

use crate::data::{BlobReader, DataClient, DataKey, DataOptions, Nodes, ReadError, WriteError};
use crate::id::{BlobId, SessionId, ShardId};
use crate::layout::{Layout, Topology};
use crate::message::{NodeAnswer, NodeCall, node_code};
use crate::record::BlobRef;
use bytes::Bytes;
use platform::rpc::RpcError;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How a node behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Fault {
    #[default]
    None,
    /// Nobody listens.
    Refuse,
    /// Calls are taken and never answered.
    Hang,
    /// Puts are refused.
    Full,
    Busy,
    /// Puts are stored, and the connection is lost before the answer.
    Lose,
    /// One bit of what is read is another.
    Flip,
    /// Its own checksum says that shards are broken.
    Corrupt,
}

#[derive(Default)]
pub struct FakeNode {
    pub shards: BTreeMap<ShardId, Bytes>,
    pub fault: Fault,
    pub delay: Duration,
    pub calls: BTreeMap<&'static str, u32>,
}

#[derive(Default)]
pub struct State {
    pub nodes: Vec<FakeNode>,
    /// Payloads of puts under way, by address, and how often each is under way.
    under_way: HashMap<usize, (usize, usize)>,
    pub under_way_bytes_peak: usize,
    /// Do not keep what is put.
    pub forget: bool,
}

#[derive(Clone, Default)]
pub struct FakeNodes {
    pub state: Arc<Mutex<State>>,
}

struct UnderWay {
    nodes: FakeNodes,
    at: usize,
}

impl UnderWay {
    fn new(nodes: &FakeNodes, payload: &Bytes) -> Self {
        let at = payload.as_ptr() as usize;
        let mut state = nodes.state.lock().unwrap();
        state.under_way.entry(at).or_insert((payload.len(), 0)).1 += 1;
        let now = state.under_way.values().map(|(bytes, _)| bytes).sum();
        state.under_way_bytes_peak = state.under_way_bytes_peak.max(now);
        Self { nodes: nodes.clone(), at }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut state = self.nodes.state.lock().unwrap();
        let entry = state.under_way.get_mut(&self.at).unwrap();
        entry.1 -= 1;
        if entry.1 == 0 {
            state.under_way.remove(&self.at);
        }
    }
}

impl FakeNodes {
    pub fn new(count: usize) -> Self {
        let nodes = Self::default();
        nodes.state.lock().unwrap().nodes.resize_with(count, FakeNode::default);
        nodes
    }

    pub fn with<T>(&self, node: usize, f: impl FnOnce(&mut FakeNode) -> T) -> T {
        f(&mut self.state.lock().unwrap().nodes[node])
    }

    pub fn fault(&self, node: usize, fault: Fault) {
        self.with(node, |n| n.fault = fault);
    }

    pub fn calls(&self, node: usize, kind: &str) -> u32 {
        self.with(node, |n| n.calls.get(kind).copied().unwrap_or(0))
    }

    /// Who holds which shard.
    pub fn holders(&self) -> Vec<(usize, ShardId)> {
        let state = self.state.lock().unwrap();
        state.nodes.iter().enumerate().flat_map(|(n, node)| node.shards.keys().map(move |s| (n, *s))).collect()
    }

    fn answer(&self, node: usize, call: NodeCall, payload: Bytes) -> Result<(NodeAnswer, Bytes), RpcError> {
        let mut state = self.state.lock().unwrap();
        let forget = state.forget;
        let n = &mut state.nodes[node];
        let refused = |code: &str| Err(RpcError::remote(code, "as told"));
        match call {
            NodeCall::Put { shard } => {
                match n.fault {
                    Fault::Full => return refused(node_code::FULL),
                    Fault::Busy => return refused(node_code::BUSY),
                    _ if forget => {}
                    _ => match n.shards.get(&shard) {
                        Some(there) if *there != payload => return refused(node_code::DIFFERENT),
                        _ => drop(n.shards.insert(shard, payload)),
                    },
                }
                match n.fault {
                    Fault::Lose => Err(RpcError::Unknown { role: node.to_string(), cause: "lost".to_owned() }),
                    _ => Ok((NodeAnswer::Done, Bytes::new())),
                }
            }
            NodeCall::Get { shard, offset, length } => {
                let Some(bytes) = n.shards.get(&shard) else { return refused(node_code::NOT_FOUND) };
                let (from, to) = (offset as usize, (offset + length) as usize);
                match n.fault {
                    Fault::Busy => return refused(node_code::BUSY),
                    Fault::Corrupt => return refused(node_code::CORRUPT),
                    _ if to > bytes.len() => return refused(node_code::BAD),
                    _ => {}
                }
                let mut read = bytes[from..to].to_vec();
                if n.fault == Fault::Flip {
                    let middle = read.len() / 2;
                    read[middle] ^= 0x10;
                }
                Ok((NodeAnswer::Bytes { total: bytes.len() as u32 }, read.into()))
            }
            NodeCall::Delete { shards } => {
                shards.iter().for_each(|s| drop(n.shards.remove(s)));
                Ok((NodeAnswer::Done, Bytes::new()))
            }
            NodeCall::Has { shards } => {
                Ok((NodeAnswer::Has(shards.iter().map(|s| n.shards.contains_key(s)).collect()), Bytes::new()))
            }
            other => refused(&format!("{other:?}")),
        }
    }
}

impl Nodes for FakeNodes {
    async fn call(
        &self,
        node: usize,
        call: NodeCall,
        payload: Bytes,
        timeout: Duration,
    ) -> Result<(NodeAnswer, Bytes), RpcError> {
        let kind = match &call {
            NodeCall::Put { .. } => "put",
            NodeCall::Get { .. } => "get",
            NodeCall::Delete { .. } => "delete",
            NodeCall::Has { .. } => "has",
            _ => "other",
        };
        let _under_way = UnderWay::new(self, &payload);
        let (fault, delay) = self.with(node, |n| {
            *n.calls.entry(kind).or_default() += 1;
            (n.fault, n.delay)
        });
        if fault == Fault::Refuse {
            return Err(RpcError::Unreachable { role: node.to_string(), cause: "refused".to_owned() });
        }
        let wait = if fault == Fault::Hang { Duration::MAX } else { delay };
        if wait >= timeout {
            tokio::time::sleep(timeout).await;
            return Err(RpcError::Unknown { role: node.to_string(), cause: "timed out".to_owned() });
        }
        tokio::time::sleep(wait).await;
        self.answer(node, call, payload)
    }
}

/// A cloud in memory.
pub struct World {
    pub nodes: FakeNodes,
    pub client: DataClient<FakeNodes>,
    pub topology: Arc<Topology>,
    pub key: DataKey,
}

impl World {
    pub fn new(zones: u8, per_zone: u8) -> Self {
        Self::with(zones, per_zone, DataOptions::default())
    }

    pub fn with(zones: u8, per_zone: u8, options: DataOptions) -> Self {
        let topology = Arc::new(super::topology(zones, per_zone));
        let nodes = FakeNodes::new(topology.nodes().len());
        let client = DataClient::new(topology.clone(), nodes.clone(), options);
        Self { nodes, client, topology, key: DataKey::new([3; 32]) }
    }

    pub fn zone(&self, zone: usize) -> Vec<usize> {
        (0..self.topology.nodes().len()).filter(|n| self.topology.zone_of(*n) == zone).collect()
    }

    pub fn fault_zone(&self, zone: usize, fault: Fault) {
        self.zone(zone).into_iter().for_each(|n| self.nodes.fault(n, fault));
    }

    pub async fn write(&self, number: u32, layout: Layout, bytes: &[u8]) -> Result<BlobRef, WriteError> {
        let id = blob(number);
        let mut writer = self.client.writer(id, layout, &self.key);
        // Pieces that are no multiple of anything.
        for piece in bytes.chunks(100_003) {
            writer.write(Bytes::copy_from_slice(piece)).await?;
        }
        let written = writer.finish().await?;
        assert_eq!(written.bytes, bytes.len() as u64);
        Ok(BlobRef { id, bytes: written.bytes, layout, sealed_key: Vec::new() })
    }

    pub async fn read(&self, blob: &BlobRef, range: std::ops::Range<u64>) -> Result<Vec<u8>, ReadError> {
        drain(self.client.reader(blob, &self.key, range)).await
    }

    pub async fn read_all(&self, blob: &BlobRef) -> Result<Vec<u8>, ReadError> {
        self.read(blob, 0..blob.bytes).await
    }
}

pub async fn drain(mut reader: BlobReader<FakeNodes>) -> Result<Vec<u8>, ReadError> {
    let mut out = Vec::new();
    while let Some(bytes) = reader.next().await {
        out.extend_from_slice(&bytes?);
    }
    Ok(out)
}

pub fn blob(number: u32) -> BlobId {
    BlobId { session: SessionId(1), number }
}

/// Bytes without a short period.
pub fn pattern(length: usize) -> Vec<u8> {
    (0..length as u64).map(|i| (i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8).collect()
}
