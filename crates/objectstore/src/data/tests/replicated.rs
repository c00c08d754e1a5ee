//! Three copies: quorums, stand-ins, hedges, what is lost and what is found.

use super::fake::*;
use crate::data::{CHUNK_BYTES, FRAME_BYTES, ReadError, Trouble, WriteError};
use crate::layout::Layout;
use crate::record::BlobRef;
use std::time::Duration;
use tokio::time::Instant;

const COPIES: Layout = Layout::REPLICATED;

#[tokio::test(start_paused = true)]
async fn what_is_written_is_read() {
    let w = World::new(3, 2);
    for (n, length) in
        [0, 1, 4096, FRAME_BYTES, FRAME_BYTES + 1, CHUNK_BYTES - 1, CHUNK_BYTES, 3 * CHUNK_BYTES + 77].into_iter().enumerate()
    {
        let bytes = pattern(length);
        let blob = w.write(n as u32, COPIES, &bytes).await.unwrap();
        assert!(w.read_all(&blob).await.unwrap() == bytes, "{length}");
        w.client.settle().await;
        let held = w.nodes.holders().into_iter().filter(|(_, s)| s.chunk.blob == blob.id).count();
        assert_eq!(held, 3 * length.div_ceil(CHUNK_BYTES));
        w.client.delete(&blob).await.unwrap();
    }
    assert!(w.nodes.holders().is_empty());
    assert_eq!(w.client.buffered_bytes(), 0);
}

#[tokio::test(start_paused = true)]
async fn one_zone_less_is_enough_to_write_and_to_read() {
    for zone in 0..3 {
        for fault in [Fault::Refuse, Fault::Hang, Fault::Full, Fault::Busy, Fault::Lose] {
            let w = World::new(3, 2);
            w.fault_zone(zone, fault);
            let bytes = pattern(2 * CHUNK_BYTES + 5);
            let begun = Instant::now();
            let blob = w.write(1, COPIES, &bytes).await.unwrap();
            // Unless it was for the one that hangs instead of the one that was kept back.
            let waits = if fault == Fault::Hang { Duration::from_millis(3) } else { Duration::ZERO };
            assert!(begun.elapsed() <= waits, "{zone} {fault:?}: two zones hold it, nobody waits");
            assert!(w.read_all(&blob).await.unwrap() == bytes);
            w.client.settle().await;
            let held: std::collections::BTreeSet<_> =
                w.nodes.holders().into_iter().filter(|(n, _)| w.topology.zone_of(*n) != zone).map(|(_, s)| s).collect();
            // A busy node's copies are left to the nodes' repair.
            let expected = if fault == Fault::Busy { 6 } else { 9 };
            assert_eq!(held.len(), expected, "{zone} {fault:?}: stand-ins hold the third copies");
        }
    }
}

/// The third replica of a small chunk goes after the answer, at once when one of the others fails, and soon when one is slow; with many chunks
/// under way nothing is kept back.
#[tokio::test(start_paused = true)]
async fn the_third_replica_goes_when_the_others_are_stored() {
    let ms = Duration::from_millis;
    for bytes in [4096, FRAME_BYTES] {
        for slow in [None, Some(0), Some(1), Some(2)] {
            let w = World::new(3, 1);
            for n in 0..3 {
                w.nodes.with(n, |node| node.delay = if slow == Some(n) { ms(300) } else { ms(1) });
            }
            // Each of the three is kept back in its turn.
            for number in 0..3 {
                let begun = Instant::now();
                w.write(number, COPIES, &pattern(bytes)).await.unwrap();
                let sent = (0..3).filter(|n| w.nodes.calls(*n, "put") > number).count();
                match slow {
                    None => assert_eq!((sent, begun.elapsed()), (2, ms(1)), "{bytes} {number}"),
                    Some(_) => assert!(begun.elapsed() < ms(5), "{bytes} {number}: {:?}", begun.elapsed()),
                }
                w.client.settle().await;
                assert_eq!(w.nodes.holders().len(), 3 * (number as usize + 1), "{bytes} {slow:?} {number}");
            }
        }
        for broken in 0..3 {
            let w = World::new(3, 1);
            w.nodes.fault(broken, Fault::Full);
            for number in 0..3 {
                let begun = Instant::now();
                w.write(number, COPIES, &pattern(bytes)).await.unwrap();
                assert_eq!(begun.elapsed(), Duration::ZERO, "{bytes} {broken} {number}");
            }
        }
        let w = World::new(3, 1);
        (0..3).for_each(|n| w.nodes.with(n, |node| node.delay = ms(1)));
        let body = pattern(bytes);
        let all = futures_of((0..8).map(|number| w.write(number, COPIES, &body))).await;
        assert!(all.iter().all(Result::is_ok));
        w.client.settle().await;
        assert_eq!(w.nodes.holders().len(), 24);
    }
}

/// All at once, in one task.
async fn futures_of<F: Future>(all: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut all: Vec<_> = all.map(|f| (Box::pin(f), None)).collect();
    std::future::poll_fn(|context| {
        for (future, out) in all.iter_mut().filter(|(_, out)| out.is_none()) {
            if let std::task::Poll::Ready(done) = future.as_mut().poll(context) {
                *out = Some(done);
            }
        }
        if all.iter().all(|(_, out)| out.is_some()) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    all.into_iter().filter_map(|(_, out)| out).collect()
}

#[tokio::test(start_paused = true)]
async fn two_zones_less_are_not_acknowledged() {
    for (fault, full) in [(Fault::Refuse, false), (Fault::Hang, false), (Fault::Full, true)] {
        let w = World::new(3, 2);
        w.fault_zone(0, fault);
        w.fault_zone(2, fault);
        let begun = Instant::now();
        let outcome = w.write(1, COPIES, b"abc").await;
        match (full, outcome) {
            (true, Err(WriteError::Full { .. })) => assert_eq!(begun.elapsed(), Duration::ZERO),
            (false, Err(WriteError::Unavailable { .. })) => {
                assert!((9..=10).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
            }
            (_, other) => panic!("{fault:?}: {other:?}"),
        }
        // They come back within the deadline: nothing is lost.
        if !full {
            let heal = async {
                tokio::time::sleep(Duration::from_secs(1)).await;
                w.fault_zone(2, Fault::None);
            };
            let (outcome, ()) = tokio::join!(w.write(2, COPIES, b"abc"), heal);
            assert!(w.read_all(&outcome.unwrap()).await.unwrap() == b"abc");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn any_one_copy_is_enough_to_read_wherever_it_is() {
    let w = World::new(3, 3);
    let bytes = pattern(CHUNK_BYTES + 9);
    let blob = w.write(1, COPIES, &bytes).await.unwrap();
    w.client.settle().await;
    let all = w.nodes.holders();
    for (keeper, shard) in all.iter().filter(|(_, s)| s.chunk.index == 0) {
        for stranger in 0..9 {
            // Only this copy of the first chunk is left, on a node of the test's choice.
            for (node, s) in w.nodes.holders().into_iter().filter(|(_, s)| s.chunk.index == 0) {
                let copy = w.nodes.with(node, |n| n.shards.remove(&s)).unwrap();
                w.nodes.with(stranger, |n| drop(n.shards.insert(*shard, copy)));
            }
            assert!(w.read_all(&blob).await.unwrap() == bytes, "shard of {keeper} on {stranger}");
        }
    }
    assert!(w.client.counts().searches > 0);
}

#[tokio::test(start_paused = true)]
async fn what_is_gone_is_told_from_what_is_away() {
    let w = World::new(3, 2);
    let blob = w.write(1, COPIES, b"some bytes").await.unwrap();
    w.client.settle().await;
    (0..6).for_each(|n| w.nodes.fault(n, Fault::Corrupt));
    assert!(matches!(w.read_all(&blob).await, Err(ReadError::Corrupt { .. })));
    (0..6).for_each(|n| w.nodes.fault(n, Fault::Flip));
    assert!(matches!(w.read_all(&blob).await, Err(ReadError::Corrupt { .. })));
    assert_eq!(w.client.counts().corrupt_tags, 3, "one a copy");
    (0..6).for_each(|n| w.nodes.fault(n, Fault::Refuse));
    assert!(matches!(w.read_all(&blob).await, Err(ReadError::Unavailable { .. })));
    (0..6).for_each(|n| w.nodes.fault(n, Fault::None));
    assert!(w.read_all(&blob).await.unwrap() == b"some bytes");
    (0..6).for_each(|n| w.nodes.with(n, |n| n.shards.clear()));
    assert!(matches!(w.read_all(&blob).await, Err(ReadError::Missing { .. })));
    w.nodes.fault(4, Fault::Refuse);
    assert!(matches!(w.read_all(&blob).await, Err(ReadError::Unavailable { .. })), "one that is away may have it");
}

#[tokio::test(start_paused = true)]
async fn changed_bytes_are_found_and_another_copy_is_read() {
    let w = World::new(3, 1);
    let bytes = pattern(3 * FRAME_BYTES);
    let blob = w.write(1, COPIES, &bytes).await.unwrap();
    w.client.settle().await;
    let good: Vec<_> = (0..3).map(|n| w.nodes.with(n, |n| n.shards.clone())).collect();
    let sealed = FRAME_BYTES + 16;
    type Damage = fn(&mut Vec<u8>, usize);
    let damages: [(&str, Damage); 4] = [
        ("a bit", |b, _| b[77] ^= 1),
        ("a tag", |b, sealed| b[sealed - 1] ^= 1),
        ("swapped frames", |b, sealed| b[..2 * sealed].rotate_left(sealed)),
        ("a frame less", |b, sealed| b.truncate(2 * sealed)),
    ];
    for (what, damage) in damages {
        for intact in 0..3 {
            for (n, good) in good.iter().enumerate() {
                w.nodes.with(n, |node| {
                    node.shards = good.clone();
                    for shard in node.shards.values_mut().filter(|_| n != intact) {
                        let mut bytes = shard.to_vec();
                        damage(&mut bytes, sealed);
                        *shard = bytes.into();
                    }
                });
            }
            assert!(w.read_all(&blob).await.unwrap() == bytes, "{what}, intact on {intact}");
        }
    }
    // Another blob's chunk in this one's place.
    let other = w.write(2, COPIES, &bytes).await.unwrap();
    w.client.settle().await;
    for n in 0..3 {
        w.nodes.with(n, |node| {
            let foreign = node.shards.iter().find(|(s, _)| s.chunk.blob == other.id).unwrap().1.clone();
            node.shards.iter_mut().filter(|(s, _)| s.chunk.blob == blob.id).for_each(|(_, b)| *b = foreign.clone());
        });
    }
    assert!(matches!(w.read_all(&blob).await, Err(ReadError::Corrupt { .. })));
}

#[tokio::test(start_paused = true)]
async fn slow_nodes_are_hedged_within_bounds() {
    let w = World::new(3, 1);
    let blob = w.write(1, COPIES, b"quick").await.unwrap();
    w.client.settle().await;
    (0..3).for_each(|n| w.nodes.with(n, |n| n.delay = Duration::from_millis(2)));
    for _ in 0..50 {
        w.read_all(&blob).await.unwrap();
    }
    assert_eq!(w.client.counts().hedges, 0);
    // One hangs: the first read that meets it takes as long as the p95 and one more call; later ones avoid it.
    w.nodes.fault(0, Fault::Hang);
    let mut slowest = Duration::ZERO;
    for _ in 0..300 {
        let begun = Instant::now();
        assert!(w.read_all(&blob).await.unwrap() == b"quick");
        slowest = slowest.max(begun.elapsed());
    }
    assert!(slowest <= Duration::from_millis(10), "{slowest:?}");
    let counts = w.client.counts();
    assert!((1..=30).contains(&counts.hedges), "{counts:?}");
    // All are slow by turns: second calls stay a small share.
    w.nodes.fault(0, Fault::None);
    for i in 0..1000 {
        (0..3).for_each(|n| w.nodes.with(n, |node| node.delay = Duration::from_millis(if (i + n) % 3 == 0 { 2 } else { 400 })));
        w.read_all(&blob).await.unwrap();
    }
    let hedges = w.client.counts().hedges - counts.hedges;
    assert!(hedges <= 110, "{hedges} of 1000");
}

#[tokio::test(start_paused = true)]
async fn a_conflict_is_not_retried() {
    let w = World::new(3, 1);
    w.write(1, COPIES, b"one").await.unwrap();
    w.client.settle().await;
    assert!(matches!(w.write(1, COPIES, b"two").await, Err(WriteError::Conflict { .. })));
    assert!(w.write(1, COPIES, b"one").await.is_ok(), "the same again is fine");
}

#[tokio::test(start_paused = true)]
async fn deletion_says_who_was_away() {
    let w = World::new(3, 2);
    let blob = w.write(1, COPIES, &pattern(CHUNK_BYTES * 2)).await.unwrap();
    w.client.settle().await;
    w.nodes.fault(3, Fault::Refuse);
    let error = w.client.delete(&blob).await.unwrap_err();
    assert_eq!(error.troubles.into_iter().collect::<Vec<_>>(), [(3, Trouble::Unreachable)]);
    w.nodes.fault(3, Fault::None);
    w.client.delete(&blob).await.unwrap();
    assert!(w.nodes.holders().is_empty());
    // A large one goes in batches.
    let huge = BlobRef { bytes: 4000 * CHUNK_BYTES as u64, ..blob };
    let before = w.nodes.calls(0, "delete");
    w.client.delete(&huge).await.unwrap();
    assert_eq!(w.nodes.calls(0, "delete") - before, 2);
}
