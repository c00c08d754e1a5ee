//! The real way to the nodes: the same calls over unix sockets.

use super::fake::{FakeNodes, pattern};
use super::topology;
use crate::data::{BulkNodes, CHUNK_BYTES, DataClient, DataKey, DataOptions, Nodes, ReadError};
use crate::id::{BlobId, SessionId};
use crate::layout::Layout;
use crate::message::{pack, unpack};
use crate::record::BlobRef;
use bytes::Bytes;
use platform::bulk;
use std::sync::Arc;
use std::time::Duration;

#[tokio::test]
async fn blobs_travel_over_sockets() {
    let dir = tempfile::tempdir().unwrap();
    let topology = Arc::new(topology(3, 2));
    let count = topology.nodes().len();
    let fake = FakeNodes::new(count);
    let sockets: Vec<_> = (0..count).map(|n| dir.path().join(format!("n{n}.sock"))).collect();
    let local = tokio::task::LocalSet::new();
    // The last has no server.
    for (n, socket) in sockets.iter().enumerate().take(count - 1) {
        let fake = fake.clone();
        let handler = move |parcel: bulk::Parcel| {
            let fake = fake.clone();
            async move {
                let call = unpack(&parcel)?;
                let (answer, payload) = fake.call(n, call, parcel.payload, Duration::from_secs(5)).await?;
                pack(&answer, payload)
            }
        };
        local.spawn_local(bulk::serve(platform::rpc::bind(socket).unwrap(), handler));
    }
    local
        .run_until(async {
            let client = DataClient::new(topology, BulkNodes::new(sockets), DataOptions::default());
            let key = DataKey::new([5; 32]);
            for (number, layout) in (0..).zip([Layout::REPLICATED, Layout { data: 3, parity: 3 }]) {
                let bytes = pattern(2 * CHUNK_BYTES + 1234);
                let id = BlobId { session: SessionId(9), number };
                let mut writer = client.writer(id, layout, &key);
                writer.write(Bytes::from(bytes.clone())).await.unwrap();
                let written = writer.finish().await.unwrap();
                let blob = BlobRef { id, bytes: written.bytes, layout, sealed_key: Vec::new() };
                for range in [0..written.bytes, 5..6, 1_000_000..1_200_000] {
                    let mut reader = client.reader(&blob, &key, range.clone());
                    let mut read = Vec::new();
                    while let Some(piece) = reader.next().await {
                        read.extend_from_slice(&piece.unwrap());
                    }
                    assert!(read == bytes[range.start as usize..range.end as usize], "{layout:?} {range:?}");
                }
                client.settle().await;
                // The one without a server could not be asked to delete.
                assert_eq!(client.delete(&blob).await.unwrap_err().troubles.len(), 1);
                let error = client.reader(&blob, &key, 0..1).next().await.unwrap().unwrap_err();
                assert!(matches!(error, ReadError::Unavailable { .. }), "{error}");
            }
        })
        .await;
    assert!(fake.holders().is_empty());
}
