//! The loops of [`super::kernel`] for x86-64: the only unsafe code of this crate's data path.
//!
//! Each computes up to a fixed number of targets in one pass over all sources, so that a source's bytes are loaded once
//! for all of them and sums stay in registers. Callers have checked that all slices have one length.

use super::field::multiply;
use super::kernel::{Kernel, scalar};
use std::arch::x86_64::*;

/// Multiplication by each byte as a bit matrix, in `vgf2p8affineqb`'s order: byte 7 - i is the row of result bit i.
static MATRICES: [u64; 256] = matrices();
/// Products of each byte with the low and the high nibbles.
static NIBBLES: [[u8; 32]; 256] = nibbles();

const fn matrices() -> [u64; 256] {
    let mut out = [0; 256];
    let mut c = 0;
    while c < 256 {
        let mut column = 0;
        while column < 8 {
            let product = multiply(c as u8, 1 << column);
            let mut bit = 0;
            while bit < 8 {
                if product >> bit & 1 == 1 {
                    out[c] |= 1 << ((7 - bit) * 8 + column);
                }
                bit += 1;
            }
            column += 1;
        }
        c += 1;
    }
    out
}

const fn nibbles() -> [[u8; 32]; 256] {
    let mut out = [[0; 32]; 256];
    let mut c = 0;
    while c < 256 {
        let mut n = 0;
        while n < 16 {
            out[c][n] = multiply(c as u8, n as u8);
            out[c][16 + n] = multiply(c as u8, (n as u8) << 4);
            n += 1;
        }
        c += 1;
    }
    out
}

pub(super) fn has(kernel: Kernel) -> bool {
    match kernel {
        Kernel::Gfni512 => {
            is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw") && is_x86_feature_detected!("gfni")
        }
        Kernel::Gfni256 => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("gfni"),
        Kernel::Avx2 => is_x86_feature_detected!("avx2"),
        Kernel::Scalar => false,
    }
}

/// False: the machine does not have this kernel, nothing was done.
pub(super) fn combine(kernel: Kernel, rows: &[u8], sources: &[&[u8]], targets: &mut [&mut [u8]]) -> bool {
    if !has(kernel) {
        return false;
    }
    let (most, k) = (if kernel == Kernel::Gfni512 { 8 } else { 4 }, sources.len());
    let groups = targets.len().div_ceil(most).max(1);
    let size = targets.len().div_ceil(groups).max(1);
    for (rows, targets) in rows.chunks(size * k).zip(targets.chunks_mut(size)) {
        // SAFETY: `has` said that the machine has the features of this kernel.
        unsafe {
            match (kernel, targets.len()) {
                (Kernel::Gfni512, 1) => gfni512::<1>(rows, sources, targets),
                (Kernel::Gfni512, 2) => gfni512::<2>(rows, sources, targets),
                (Kernel::Gfni512, 3) => gfni512::<3>(rows, sources, targets),
                (Kernel::Gfni512, 4) => gfni512::<4>(rows, sources, targets),
                (Kernel::Gfni512, 5) => gfni512::<5>(rows, sources, targets),
                (Kernel::Gfni512, 6) => gfni512::<6>(rows, sources, targets),
                (Kernel::Gfni512, 7) => gfni512::<7>(rows, sources, targets),
                (Kernel::Gfni512, _) => gfni512::<8>(rows, sources, targets),
                (Kernel::Gfni256, 1) => gfni256::<1>(rows, sources, targets),
                (Kernel::Gfni256, 2) => gfni256::<2>(rows, sources, targets),
                (Kernel::Gfni256, 3) => gfni256::<3>(rows, sources, targets),
                (Kernel::Gfni256, _) => gfni256::<4>(rows, sources, targets),
                (_, 1) => avx2::<1>(rows, sources, targets),
                (_, 2) => avx2::<2>(rows, sources, targets),
                (_, 3) => avx2::<3>(rows, sources, targets),
                (_, _) => avx2::<4>(rows, sources, targets),
            }
        }
    }
    true
}

/// The coefficients by source: those of one source for all targets are neighbours.
fn by_source<const T: usize, C: Copy>(rows: &[u8], k: usize, of: impl Fn(u8) -> C) -> Vec<[C; T]> {
    (0..k).map(|s| std::array::from_fn(|t| of(rows[t * k + s]))).collect()
}

/// All slices have one length, and there are T targets: the callers' word, checked here as pointers depend on it.
fn common_length<const T: usize>(rows: &[u8], sources: &[&[u8]], targets: &[&mut [u8]]) -> usize {
    let bytes = targets[0].len();
    assert!(targets.len() == T && rows.len() == T * sources.len());
    assert!(sources.iter().all(|s| s.len() == bytes) && targets.iter().all(|t| t.len() == bytes));
    bytes
}

#[target_feature(enable = "avx512f,avx512bw,gfni")]
fn gfni512<const T: usize>(rows: &[u8], sources: &[&[u8]], targets: &mut [&mut [u8]]) {
    let bytes = common_length::<T>(rows, sources, targets);
    let matrices = by_source::<T, _>(rows, sources.len(), |c| MATRICES[usize::from(c)] as i64);
    let mut at = 0;
    while at + 128 <= bytes {
        let (mut low, mut high) = ([_mm512_setzero_si512(); T], [_mm512_setzero_si512(); T]);
        for (source, matrices) in sources.iter().zip(&matrices) {
            // SAFETY: at + 128 <= bytes, which is the source's length.
            let (x, y) = unsafe {
                let p = source.as_ptr().add(at);
                (_mm512_loadu_si512(p.cast()), _mm512_loadu_si512(p.add(64).cast()))
            };
            for t in 0..T {
                let m = _mm512_set1_epi64(matrices[t]);
                low[t] = _mm512_xor_si512(low[t], _mm512_gf2p8affine_epi64_epi8::<0>(x, m));
                high[t] = _mm512_xor_si512(high[t], _mm512_gf2p8affine_epi64_epi8::<0>(y, m));
            }
        }
        for t in 0..T {
            // SAFETY: at + 128 <= bytes, which is the target's length.
            unsafe {
                let p = targets[t].as_mut_ptr().add(at);
                _mm512_storeu_si512(p.cast(), low[t]);
                _mm512_storeu_si512(p.add(64).cast(), high[t]);
            }
        }
        at += 128;
    }
    while at < bytes {
        let mask: __mmask64 = if bytes - at >= 64 { u64::MAX } else { (1 << (bytes - at)) - 1 };
        let mut sum = [_mm512_setzero_si512(); T];
        for (source, matrices) in sources.iter().zip(&matrices) {
            // SAFETY: the mask leaves only bytes before the source's end.
            let x = unsafe { _mm512_maskz_loadu_epi8(mask, source.as_ptr().add(at).cast()) };
            for t in 0..T {
                sum[t] = _mm512_xor_si512(sum[t], _mm512_gf2p8affine_epi64_epi8::<0>(x, _mm512_set1_epi64(matrices[t])));
            }
        }
        for t in 0..T {
            // SAFETY: the mask leaves only bytes before the target's end.
            unsafe { _mm512_mask_storeu_epi8(targets[t].as_mut_ptr().add(at).cast(), mask, sum[t]) };
        }
        at += 64;
    }
}

#[target_feature(enable = "avx2,gfni")]
fn gfni256<const T: usize>(rows: &[u8], sources: &[&[u8]], targets: &mut [&mut [u8]]) {
    let bytes = common_length::<T>(rows, sources, targets);
    let matrices = by_source::<T, _>(rows, sources.len(), |c| MATRICES[usize::from(c)] as i64);
    let mut at = 0;
    while at + 64 <= bytes {
        let (mut low, mut high) = ([_mm256_setzero_si256(); T], [_mm256_setzero_si256(); T]);
        for (source, matrices) in sources.iter().zip(&matrices) {
            // SAFETY: at + 64 <= bytes, which is the source's length.
            let (x, y) = unsafe {
                let p = source.as_ptr().add(at);
                (_mm256_loadu_si256(p.cast()), _mm256_loadu_si256(p.add(32).cast()))
            };
            for t in 0..T {
                let m = _mm256_set1_epi64x(matrices[t]);
                low[t] = _mm256_xor_si256(low[t], _mm256_gf2p8affine_epi64_epi8::<0>(x, m));
                high[t] = _mm256_xor_si256(high[t], _mm256_gf2p8affine_epi64_epi8::<0>(y, m));
            }
        }
        for t in 0..T {
            // SAFETY: at + 64 <= bytes, which is the target's length.
            unsafe {
                let p = targets[t].as_mut_ptr().add(at);
                _mm256_storeu_si256(p.cast(), low[t]);
                _mm256_storeu_si256(p.add(32).cast(), high[t]);
            }
        }
        at += 64;
    }
    scalar(rows, sources, targets, at);
}

#[target_feature(enable = "avx2")]
fn avx2<const T: usize>(rows: &[u8], sources: &[&[u8]], targets: &mut [&mut [u8]]) {
    let bytes = common_length::<T>(rows, sources, targets);
    let tables = by_source::<T, _>(rows, sources.len(), |c| &NIBBLES[usize::from(c)]);
    let nibble = _mm256_set1_epi8(0x0f);
    let mut at = 0;
    while at + 32 <= bytes {
        let mut sum = [_mm256_setzero_si256(); T];
        for (source, tables) in sources.iter().zip(&tables) {
            // SAFETY: at + 32 <= bytes, which is the source's length.
            let x = unsafe { _mm256_loadu_si256(source.as_ptr().add(at).cast()) };
            let (low, high) = (_mm256_and_si256(x, nibble), _mm256_and_si256(_mm256_srli_epi64::<4>(x), nibble));
            for t in 0..T {
                // SAFETY: a table has 32 bytes.
                let (l, h) = unsafe {
                    let p = tables[t].as_ptr();
                    (_mm_loadu_si128(p.cast()), _mm_loadu_si128(p.add(16).cast()))
                };
                let (l, h) = (_mm256_broadcastsi128_si256(l), _mm256_broadcastsi128_si256(h));
                let product = _mm256_xor_si256(_mm256_shuffle_epi8(l, low), _mm256_shuffle_epi8(h, high));
                sum[t] = _mm256_xor_si256(sum[t], product);
            }
        }
        for t in 0..T {
            // SAFETY: at + 32 <= bytes, which is the target's length.
            unsafe { _mm256_storeu_si256(targets[t].as_mut_ptr().add(at).cast(), sum[t]) };
        }
        at += 32;
    }
    scalar(rows, sources, targets, at);
}
