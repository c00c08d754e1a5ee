//! GB/s of data bytes on one core: this crate's erasure code by every kernel that the machine has, beside the crate
//! `reed-solomon-erasure` (with `simd-accel`, which is C). Best of several short runs, as machines are shared.
//!
//! `cargo bench -p objectstore --bench erasure [-- SECONDS]`

use objectstore::Layout;
use objectstore::data::erasure::{Kernel, parity_by, recover_by};
use reed_solomon_erasure::galois_8::ReedSolomon;
use std::time::{Duration, Instant};

const RUNS: u32 = 7;

fn main() {
    let seconds = std::env::args().filter_map(|a| a.parse::<f64>().ok()).next().unwrap_or(0.1);
    println!("GB/s of data bytes; one core, best of {RUNS} runs of {seconds} s; shards of the given size");
    println!(
        "{:<10} {:>9} {:>12} {:>8} {:>10} {:>10} {:>12}",
        "code", "shard", "what", "Gfni512", "Gfni256", "Avx2", "rs-erasure"
    );
    for (data, parity) in [(9, 6), (3, 3), (10, 4)] {
        for bytes in [64 << 10, 1 << 20] {
            let layout = Layout { data, parity };
            row(layout, bytes, "encode", Duration::from_secs_f64(seconds), None);
            for lost in [1, parity / 2, parity] {
                row(layout, bytes, &format!("{lost} lost"), Duration::from_secs_f64(seconds), Some(lost));
            }
        }
    }
}

fn row(layout: Layout, bytes: usize, what: &str, time: Duration, lost: Option<u8>) {
    let kernels = [Kernel::Gfni512, Kernel::Gfni256, Kernel::Avx2];
    let ours =
        kernels.map(|k| if k.is_available() { format!("{:.1}", ours(layout, bytes, time, lost, k)) } else { "-".to_owned() });
    let peer = peer(layout, bytes, time, lost);
    let code = format!("{}+{}", layout.data, layout.parity);
    println!("{code:<10} {:>7} K {what:>12} {:>8} {:>10} {:>10} {peer:>12.1}", bytes >> 10, ours[0], ours[1], ours[2]);
}

fn shards(layout: Layout, bytes: usize) -> Vec<Vec<u8>> {
    (0..layout.shards()).map(|s| (0..bytes).map(|i| (i * 31 + s * 7 + (i >> 8)) as u8).collect()).collect()
}

fn rate(layout: Layout, bytes: usize, time: Duration, mut work: impl FnMut()) -> f64 {
    work();
    let mut best = 0.0_f64;
    for _ in 0..RUNS {
        let (begun, mut rounds) = (Instant::now(), 0_u32);
        while begun.elapsed() < time / RUNS {
            work();
            rounds += 1;
        }
        let done = f64::from(rounds) * bytes as f64 * f64::from(layout.data);
        best = best.max(done / begun.elapsed().as_secs_f64() / 1e9);
    }
    best
}

fn ours(layout: Layout, bytes: usize, time: Duration, lost: Option<u8>, kernel: Kernel) -> f64 {
    let mut all = shards(layout, bytes);
    let (data, rest) = all.split_at_mut(layout.data.into());
    let sources: Vec<&[u8]> = data.iter().map(Vec::as_slice).collect();
    let mut targets: Vec<&mut [u8]> = rest.iter_mut().map(Vec::as_mut_slice).collect();
    let Some(lost) = lost else {
        return rate(layout, bytes, time, || parity_by(kernel, layout, &sources, &mut targets).unwrap());
    };
    parity_by(kernel, layout, &sources, &mut targets).unwrap();
    // Data shards are lost, as far as there are: the dearest case.
    let lost = lost.min(layout.data);
    let have: Vec<(u8, &[u8])> = (lost..).zip(all[lost.into()..].iter().map(Vec::as_slice)).collect();
    let mut out = vec![vec![0; bytes]; lost.into()];
    rate(layout, bytes, time, || {
        let mut want: Vec<(u8, &mut [u8])> = (0..).zip(out.iter_mut().map(Vec::as_mut_slice)).collect();
        recover_by(kernel, layout, &have, &mut want).unwrap();
    })
}

fn peer(layout: Layout, bytes: usize, time: Duration, lost: Option<u8>) -> f64 {
    let code = ReedSolomon::new(layout.data.into(), layout.parity.into()).unwrap();
    let mut all = shards(layout, bytes);
    code.encode(&mut all).unwrap();
    let Some(lost) = lost else { return rate(layout, bytes, time, || code.encode(&mut all).unwrap()) };
    let mut left: Vec<(Vec<u8>, bool)> = all.into_iter().map(|s| (s, true)).collect();
    rate(layout, bytes, time, || {
        left.iter_mut().take(lost.min(layout.data).into()).for_each(|s| s.1 = false);
        code.reconstruct_data(&mut left).unwrap();
    })
}
