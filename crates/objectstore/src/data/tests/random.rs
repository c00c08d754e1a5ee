//! The promise, under random trouble: what was acknowledged is read back bit for bit, also when any one zone is destroyed
//! afterwards; and what is read is never anything else. A seed is a whole history.

use super::fake::*;
use crate::layout::Layout;
use crate::record::BlobRef;
use platform::Rng;
use platform::SeededRng;
use std::collections::BTreeMap;
use std::time::Duration;

const SEEDS: u64 = 60;
const STEPS: u32 = 60;

#[test]
fn acknowledged_is_readable_whatever_happens() {
    for seed in 0..SEEDS {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(history(seed));
    }
}

async fn history(seed: u64) {
    let mut rng = SeededRng::new(seed);
    let mut pick = move |n: u64| rng.below(n);
    let (zones, per_zone) = [(3, 1), (3, 2), (3, 3), (3, 5), (1, 4), (2, 3)][pick(6) as usize];
    let w = World::new(zones, per_zone);
    let nodes = w.topology.nodes().len();
    let layouts = [Layout::REPLICATED, Layout::erasure(&w.topology)];
    let mut written: BTreeMap<u32, (BlobRef, Vec<u8>)> = BTreeMap::new();
    let (mut acknowledged, mut refused) = (0, 0);
    for step in 0..STEPS {
        match pick(6) {
            // A zone or a node gets into trouble, or all get well.
            0 => {
                let fault = [Fault::Refuse, Fault::Hang, Fault::Full, Fault::Busy, Fault::Lose, Fault::Flip][pick(6) as usize];
                w.fault_zone(pick(zones.into()) as usize, fault);
            }
            1 => {
                let node = pick(nodes as u64) as usize;
                w.nodes.fault(node, [Fault::Refuse, Fault::Hang, Fault::Corrupt, Fault::Lose][pick(4) as usize]);
                w.nodes.with(node, |n| n.delay = Duration::from_millis(pick(900)));
            }
            2 => {
                (0..nodes).for_each(|n| w.nodes.with(n, |n| (n.fault, n.delay) = (Fault::None, Duration::from_millis(pick(20)))))
            }
            3 | 4 => {
                let bytes = pattern([1, 5000, 70_000, 1 << 20, (1 << 20) + 1, 2_500_000][pick(6) as usize]);
                match w.write(step, layouts[pick(2) as usize], &bytes).await {
                    Ok(blob) => {
                        acknowledged += 1;
                        written.insert(step, (blob, bytes));
                    }
                    Err(_) => refused += 1,
                }
            }
            _ => {
                if let Some((blob, bytes)) = written.values().nth(pick(written.len().max(1) as u64) as usize) {
                    let from = pick(bytes.len() as u64 + 1);
                    let to = from + pick(bytes.len() as u64 - from + 1);
                    if let Ok(read) = w.read(blob, from..to).await {
                        assert!(read == bytes[from as usize..to as usize], "seed {seed}: other bytes");
                    }
                }
            }
        }
    }
    assert!(acknowledged + refused > 0, "seed {seed}");
    w.client.settle().await;
    (0..nodes).for_each(|n| w.nodes.with(n, |n| (n.fault, n.delay) = (Fault::None, Duration::ZERO)));
    let lost: Vec<Vec<usize>> =
        if zones > 1 { (0..zones.into()).map(|z| w.zone(z)).collect() } else { (0..nodes).map(|n| vec![n]).collect() };
    for gone in lost {
        let kept: Vec<_> = gone.iter().map(|n| w.nodes.with(*n, |n| std::mem::take(&mut n.shards))).collect();
        for (blob, bytes) in written.values() {
            let read = w.read_all(blob).await;
            assert!(read.as_ref() == Ok(bytes), "seed {seed}: {} without {gone:?}: {:?}", blob.id, read.err());
        }
        gone.iter().zip(kept).for_each(|(n, shards)| w.nodes.with(*n, |n| n.shards = shards));
    }
    assert_eq!(w.client.buffered_bytes(), 0, "seed {seed}");
}
