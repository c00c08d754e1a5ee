//! Ranges, memory, cancellation: what holds for every layout.

use super::fake::*;
use crate::data::budget::BUFFER_BYTES_MIN;
use crate::data::{CHUNK_BYTES, DataOptions, FRAME_BYTES, ReadError, WriteError};
use crate::layout::Layout;
use bytes::Bytes;
use std::time::Duration;
use tokio::task::JoinSet;

#[tokio::test(start_paused = true)]
async fn ranges_at_every_border() {
    let length = 2 * CHUNK_BYTES + FRAME_BYTES + 100;
    let bytes = pattern(length);
    let borders = [
        0,
        1,
        FRAME_BYTES,
        5 * FRAME_BYTES,
        CHUNK_BYTES,
        CHUNK_BYTES + FRAME_BYTES,
        2 * CHUNK_BYTES,
        2 * CHUNK_BYTES + FRAME_BYTES,
        length,
    ];
    let mut points: Vec<usize> = borders.iter().flat_map(|b| [b.saturating_sub(1), *b, (b + 1).min(length)]).collect();
    points.sort_unstable();
    points.dedup();
    for layout in [Layout::REPLICATED, Layout { data: 3, parity: 3 }] {
        let w = World::new(3, 2);
        let blob = w.write(1, layout, &bytes).await.unwrap();
        for (i, from) in points.iter().enumerate() {
            for to in &points[i..] {
                let read = w.read(&blob, *from as u64..*to as u64).await.unwrap();
                assert!(read == bytes[*from..*to], "{layout:?} {from}..{to}: {} bytes", read.len());
            }
        }
        let end = length as u64;
        assert!(w.read(&blob, end - 5..end + 1000).await.unwrap() == bytes[length - 5..]);
        assert!(w.read(&blob, end + 1..end + 1000).await.unwrap().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_large_write_through_slow_nodes_stays_within_the_budget() {
    for (layout, mib) in [(Layout::REPLICATED, 1024), (Layout { data: 3, parity: 3 }, 128)] {
        let w = World::with(3, 2, DataOptions { buffer_bytes_max: BUFFER_BYTES_MIN, ..DataOptions::default() });
        w.nodes.state.lock().unwrap().forget = true;
        for n in 0..6 {
            w.nodes.with(n, |node| node.delay = Duration::from_millis(10 + 40 * (n as u64 % 3)));
        }
        // The last zone never answers: third copies pile up as far as they may.
        w.nodes.fault(5, Fault::Hang);
        let mut tasks = JoinSet::new();
        let piece = Bytes::from(pattern(FRAME_BYTES));
        for writer in 0..8 {
            let (client, key, piece, nodes) = (w.client.clone(), w.key.clone(), piece.clone(), w.nodes.clone());
            tasks.spawn(async move {
                let mut out = client.writer(blob(writer), layout, &key);
                for _ in 0..mib / 8 * CHUNK_BYTES / FRAME_BYTES {
                    out.write(piece.clone()).await.unwrap();
                    assert!(client.buffered_bytes() <= BUFFER_BYTES_MIN);
                }
                let written = out.finish().await.unwrap().bytes;
                assert!(nodes.state.lock().unwrap().under_way_bytes_peak <= BUFFER_BYTES_MIN);
                written
            });
        }
        let written: u64 = tasks.join_all().await.into_iter().sum();
        assert_eq!(written, mib as u64 * CHUNK_BYTES as u64);
        w.client.settle().await;
        let peak = w.nodes.state.lock().unwrap().under_way_bytes_peak;
        assert!((8 << 20..=BUFFER_BYTES_MIN).contains(&peak), "{layout:?}: {peak}");
        assert_eq!(w.client.buffered_bytes(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn one_stream_takes_a_few_chunks() {
    let w = World::new(3, 2);
    (0..6).for_each(|n| w.nodes.with(n, |n| n.delay = Duration::from_millis(100)));
    let mut out = w.client.writer(blob(1), Layout::REPLICATED, &w.key);
    let mut peak = 0;
    for _ in 0..40 {
        out.write(Bytes::from(pattern(CHUNK_BYTES))).await.unwrap();
        peak = peak.max(w.client.buffered_bytes());
    }
    out.finish().await.unwrap();
    assert!((5 << 20..11 << 20).contains(&peak), "four under way, one that fills, and the background: {peak}");
}

#[tokio::test(start_paused = true)]
async fn a_dropped_writer_and_reader_stop() {
    let w = World::new(3, 1);
    (0..3).for_each(|n| w.nodes.with(n, |n| n.delay = Duration::from_millis(100)));
    let mut out = w.client.writer(blob(1), Layout::REPLICATED, &w.key);
    for _ in 0..3 {
        out.write(Bytes::from(pattern(CHUNK_BYTES))).await.unwrap();
    }
    drop(out);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(w.nodes.holders().is_empty(), "no put was answered");
    assert_eq!(w.client.buffered_bytes(), 0);

    let written = w.write(2, Layout::REPLICATED, &pattern(8 * CHUNK_BYTES)).await.unwrap();
    w.client.settle().await;
    (0..3).for_each(|n| w.nodes.with(n, |n| n.delay = Duration::from_millis(10)));
    let mut reader = w.client.reader(&written, &w.key, 0..written.bytes);
    reader.next().await.unwrap().unwrap();
    drop(reader);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(w.client.buffered_bytes(), 0);
    let gets: u32 = (0..3).map(|n| w.nodes.calls(n, "get")).sum();
    assert!(gets <= 3, "no more was read than was ahead: {gets}");
}

#[tokio::test(start_paused = true)]
async fn many_readers_and_copies_do_not_wait_for_each_other() {
    let w = World::with(3, 2, DataOptions { buffer_bytes_max: BUFFER_BYTES_MIN, ..DataOptions::default() });
    let source = w.write(1, Layout::REPLICATED, &pattern(4 * CHUNK_BYTES)).await.unwrap();
    let mut tasks = JoinSet::new();
    for n in 0..100 {
        let (client, key, source) = (w.client.clone(), w.key.clone(), source.clone());
        let layout = if n % 2 == 0 { Layout::REPLICATED } else { Layout { data: 3, parity: 3 } };
        tasks.spawn(async move {
            let mut reader = client.reader(&source, &key, 0..source.bytes);
            let mut out = client.writer(blob(100 + n), layout, &key);
            while let Some(bytes) = reader.next().await {
                out.write(bytes.unwrap()).await.unwrap();
                // A client that takes its time.
                tokio::time::sleep(Duration::from_millis(u64::from(n % 7))).await;
            }
            out.finish().await.unwrap().bytes
        });
    }
    assert!(tasks.join_all().await.iter().all(|b| *b == source.bytes));
    w.client.settle().await;
    assert_eq!(w.client.buffered_bytes(), 0);
    let counts = w.client.counts();
    assert!(counts.read_ahead_refused > 0, "{counts:?}");
}

#[tokio::test(start_paused = true)]
async fn busy_nodes_are_given_time_and_nobody_else_is_burdened() {
    for layout in [Layout::REPLICATED, Layout { data: 3, parity: 3 }] {
        let w = World::new(3, 2);
        let calls = |kind| (0..6).map(|n| w.nodes.calls(n, kind)).sum::<u32>();
        let kept = w.write(1, layout, b"kept").await.unwrap();
        w.client.settle().await;
        let before = calls("put");
        (0..6).for_each(|n| w.nodes.fault(n, Fault::Busy));
        let heal = async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            (0..6).for_each(|n| w.nodes.fault(n, Fault::None));
        };
        let (written, read, ()) = tokio::join!(w.write(2, layout, b"new"), w.read_all(&kept), heal);
        assert!(written.is_ok() && read.unwrap() == b"kept", "{layout:?}");
        w.client.settle().await;
        let shards = layout.shards() as u32;
        assert!(calls("put") - before <= 4 * shards, "{layout:?}: {} puts", calls("put") - before);
        assert!(calls("get") <= 6 * shards && calls("has") <= 12, "{layout:?}: {} gets, {} has", calls("get"), calls("has"));
        // For good: refused in the end, still without a storm.
        (0..6).for_each(|n| w.nodes.fault(n, Fault::Busy));
        let before = calls("put");
        assert!(matches!(w.write(3, layout, b"x").await, Err(WriteError::Unavailable { .. })));
        assert!(calls("put") - before <= 16 * shards, "{layout:?}: {} puts", calls("put") - before);
        assert!(matches!(w.read_all(&kept).await, Err(ReadError::Unavailable { .. })));
    }
}
