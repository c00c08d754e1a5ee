//! Erasure-coded blobs: every loss that the layout promises to survive, while writing and while reading.

use super::fake::*;
use crate::data::{CHUNK_BYTES, FRAME_BYTES, ReadError, WriteError};
use crate::layout::Layout;
use std::time::Duration;
use tokio::time::Instant;

#[tokio::test(start_paused = true)]
async fn a_zone_and_a_node_may_be_lost() {
    for (zones, per_zone) in [(3, 2), (3, 3), (3, 5), (1, 6), (4, 4)] {
        let w = World::new(zones, per_zone);
        let layout = Layout::erasure(&w.topology);
        assert!(!layout.is_replicated());
        let mut blobs = Vec::new();
        for (n, length) in [1, 100, FRAME_BYTES, CHUNK_BYTES + 12_345].into_iter().enumerate() {
            let bytes = pattern(length);
            blobs.push((w.write(n as u32, layout, &bytes).await.unwrap(), bytes));
        }
        w.client.settle().await;
        let count = w.topology.nodes().len();
        assert_eq!(w.nodes.holders().len(), 5 * layout.shards());
        for fault in [Fault::Refuse, Fault::Hang, Fault::Corrupt] {
            for zone in 0..if zones > 1 { w.topology.zones() } else { 1 } {
                for node in 0..count {
                    if zones > 1 {
                        w.fault_zone(zone, fault);
                    }
                    w.nodes.fault(node, fault);
                    let begun = Instant::now();
                    for (blob, bytes) in &blobs {
                        assert!(w.read_all(blob).await.unwrap() == *bytes, "{layout:?} zone {zone} node {node} {fault:?}");
                    }
                    assert!(
                        begun.elapsed() < Duration::from_secs(8),
                        "{:?} {layout:?} zone {zone} node {node} {fault:?}",
                        begun.elapsed()
                    );
                    (0..count).for_each(|n| w.nodes.fault(n, Fault::None));
                }
            }
        }
        assert!(w.client.counts().degraded_reads > 0);
    }
}

#[tokio::test(start_paused = true)]
async fn writes_go_on_without_a_zone() {
    for (per_zone, fault) in [
        (2, Fault::Refuse),
        (2, Fault::Hang),
        (2, Fault::Full),
        (3, Fault::Refuse),
        (4, Fault::Hang),
        (5, Fault::Refuse),
        (5, Fault::Hang),
        (5, Fault::Lose),
    ] {
        for zone in 0..3 {
            let w = World::new(3, per_zone);
            let layout = Layout::erasure(&w.topology);
            w.fault_zone(zone, fault);
            let bytes = pattern(5 * CHUNK_BYTES + 77);
            let begun = Instant::now();
            let blob = w.write(1, layout, &bytes).await.unwrap();
            let took = begun.elapsed();
            assert!(took <= Duration::from_secs(2), "silent nodes hold up one chunk, not each: {took:?} {fault:?}");
            assert!(w.read_all(&blob).await.unwrap() == bytes, "{per_zone} {fault:?} {zone}");
            // Another zone goes as well; what stands in where is enough.
            w.client.settle().await;
            w.fault_zone((zone + 1) % 3, Fault::Refuse);
            let left = w.read_all(&blob).await;
            assert!(left.unwrap() == bytes, "acknowledged means that one zone more may go: {per_zone} {fault:?} {zone}");
            if fault == Fault::Refuse {
                assert!(matches!(w.write(2, layout, b"x").await, Err(WriteError::Unavailable { .. })));
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_small_range_costs_one_call() {
    let w = World::new(3, 5);
    let layout = Layout::erasure(&w.topology);
    let bytes = pattern(CHUNK_BYTES);
    let blob = w.write(1, layout, &bytes).await.unwrap();
    w.client.settle().await;
    let gets = || (0..15).map(|n| w.nodes.calls(n, "get")).sum::<u32>();
    let mut calls = Vec::new();
    for frame in 0..16 {
        let before = gets();
        let at = frame * FRAME_BYTES as u64 + 11;
        assert!(w.read(&blob, at..at + 100).await.unwrap() == bytes[at as usize..at as usize + 100]);
        calls.push(gets() - before);
    }
    // Sixteen frames over nine shards: the eight borders within the chunk cut a frame each.
    assert_eq!((calls.iter().filter(|c| **c == 1).count(), calls.iter().filter(|c| **c == 2).count()), (8, 8), "{calls:?}");
}

#[tokio::test(start_paused = true)]
async fn shards_that_nodes_vouch_for_wrongly_are_left_out() {
    let w = World::new(3, 5);
    let layout = Layout::erasure(&w.topology);
    let bytes = pattern(CHUNK_BYTES);
    let blob = w.write(1, layout, &bytes).await.unwrap();
    w.client.settle().await;
    for bad in [vec![0], vec![7], vec![14], vec![2, 9], vec![0, 1]] {
        bad.iter().for_each(|n| w.nodes.fault(*n, Fault::Flip));
        assert!(w.read_all(&blob).await.unwrap() == bytes, "{bad:?}");
        bad.iter().for_each(|n| w.nodes.fault(*n, Fault::None));
    }
    assert!(w.client.counts().corrupt_tags > 0);
    (0..15).for_each(|n| w.nodes.fault(n, Fault::Flip));
    assert!(matches!(w.read_all(&blob).await, Err(ReadError::Corrupt { .. })));
    (0..15).for_each(|n| w.nodes.fault(n, if n < 7 { Fault::Refuse } else { Fault::None }));
    assert!(matches!(w.read_all(&blob).await, Err(ReadError::Unavailable { .. })));
    (0..15).for_each(|n| w.nodes.with(n, |n| (n.shards.clear(), n.fault = Fault::None).1));
    assert!(matches!(w.read_all(&blob).await, Err(ReadError::Missing { .. })));
}

#[tokio::test(start_paused = true)]
async fn shards_are_found_where_they_stand_in() {
    let w = World::new(3, 5);
    let layout = Layout::erasure(&w.topology);
    let bytes = pattern(CHUNK_BYTES / 2);
    let blob = w.write(1, layout, &bytes).await.unwrap();
    w.client.settle().await;
    // Every shard one node further.
    let held = w.nodes.holders();
    let moved: Vec<_> = held.into_iter().map(|(n, s)| (n, s, w.nodes.with(n, |n| n.shards.remove(&s)).unwrap())).collect();
    moved.into_iter().for_each(|(n, s, b)| w.nodes.with((n + 1) % 15, |n| drop(n.shards.insert(s, b))));
    assert!(w.read_all(&blob).await.unwrap() == bytes);
}
