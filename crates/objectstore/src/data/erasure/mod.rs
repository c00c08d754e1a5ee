//! Systematic Reed-Solomon over GF(2^8): `parity` shards computed from `data` shards, any `data` of all restore the rest.
//!
//! The parity rows are a Cauchy matrix (every square part of which can be inverted), over the field of the polynomial
//! x^8 + x^4 + x^3 + x^2 + 1. Rows, columns and polynomial are part of the form on disk: they never change. Columns are
//! independent: bytes i..j of any `data` shards give bytes i..j of the others. Replication (`data = 1`) does not come here.
//!
//! Called by the writer and reader of blobs and by the nodes' repair. The loops over bytes are in [`kernel`].

mod field;
pub mod kernel;
#[cfg(target_arch = "x86_64")]
mod simd;

pub use kernel::Kernel;

use crate::layout::{Layout, SHARDS_MAX};
use bytes::{Bytes, BytesMut};

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ErasureError {
    #[error("a code of {data} + {parity} shards")]
    Layout { data: u8, parity: u8 },
    #[error("{have} shards are there, {needed} are needed")]
    TooFew { have: usize, needed: usize },
    #[error("shards of different lengths")]
    Lengths,
    #[error("shard {0} of this code")]
    NoSuchShard(u8),
}

/// Is it a code that this module knows?
pub fn check(layout: Layout) -> Result<(), ErasureError> {
    match layout.data >= 1 && layout.shards() <= SHARDS_MAX {
        true => Ok(()),
        false => Err(ErasureError::Layout { data: layout.data, parity: layout.parity }),
    }
}

/// Coefficient of data shard `column` in shard `row` of the code.
fn coefficient(layout: Layout, row: u8, column: u8) -> u8 {
    if row < layout.data { u8::from(row == column) } else { field::inverse(row ^ column) }
}

/// Computes the parity shards. `data` and `parity` as many as the layout says, all of one length.
pub fn parity(layout: Layout, data: &[&[u8]], parity: &mut [&mut [u8]]) -> Result<(), ErasureError> {
    parity_by(kernel::best(), layout, data, parity)
}

/// As [`parity`], by a certain kernel.
pub fn parity_by(kernel: Kernel, layout: Layout, data: &[&[u8]], parity: &mut [&mut [u8]]) -> Result<(), ErasureError> {
    check(layout)?;
    let (k, m) = (usize::from(layout.data), usize::from(layout.parity));
    if data.len() != k || parity.len() != m {
        return Err(ErasureError::TooFew { have: data.len() + parity.len(), needed: k + m });
    }
    let rows: Vec<u8> = (layout.data..layout.data + layout.parity)
        .flat_map(|r| (0..layout.data).map(move |c| coefficient(layout, r, c)))
        .collect();
    kernel::combine(kernel, &rows, data, parity).ok_or(ErasureError::Lengths)
}

/// Fills the parity shards in; the first `data` are there.
pub fn encode(layout: Layout, shards: &mut [Vec<u8>]) -> Result<(), ErasureError> {
    check(layout)?;
    if shards.len() != layout.shards() {
        return Err(ErasureError::TooFew { have: shards.len(), needed: layout.shards() });
    }
    let (data, rest) = shards.split_at_mut(usize::from(layout.data));
    let bytes = data[0].len();
    rest.iter_mut().for_each(|p| p.resize(bytes, 0));
    let data: Vec<&[u8]> = data.iter().map(Vec::as_slice).collect();
    let mut rest: Vec<&mut [u8]> = rest.iter_mut().map(Vec::as_mut_slice).collect();
    parity(layout, &data, &mut rest)
}

/// The shards of a sealed chunk: equal pieces in order, the last filled up with zeros, then parity. The layout must be one
/// that [`check`] accepts. Data shards are parts of `chunk`'s own buffer.
pub fn split(layout: Layout, mut chunk: BytesMut) -> Vec<Bytes> {
    let (k, m) = (usize::from(layout.data).max(1), usize::from(layout.parity));
    let bytes = layout.shard_bytes(chunk.len());
    chunk.resize(bytes * k, 0);
    let mut rest = BytesMut::zeroed(bytes * m);
    if bytes > 0 {
        let data: Vec<&[u8]> = chunk.chunks_exact(bytes).collect();
        let mut rows: Vec<&mut [u8]> = rest.chunks_exact_mut(bytes).collect();
        parity(layout, &data, &mut rows).expect("a checked layout and equal lengths");
    }
    let (chunk, rest) = (chunk.freeze(), rest.freeze());
    let piece = |all: &Bytes, i: usize| all.slice(i * bytes..(i + 1) * bytes);
    (0..k).map(|i| piece(&chunk, i)).chain((0..m).map(|i| piece(&rest, i))).collect()
}

/// Computes shards (or the same columns of them) from others. `have`: at least `data` of them, number and bytes; the first
/// `data` are used. `want`: numbers, with room of the same length.
pub fn recover(layout: Layout, have: &[(u8, &[u8])], want: &mut [(u8, &mut [u8])]) -> Result<(), ErasureError> {
    recover_by(kernel::best(), layout, have, want)
}

/// As [`recover`], by a certain kernel.
pub fn recover_by(
    kernel: Kernel,
    layout: Layout,
    have: &[(u8, &[u8])],
    want: &mut [(u8, &mut [u8])],
) -> Result<(), ErasureError> {
    check(layout)?;
    let k = usize::from(layout.data);
    let known = |s: u8| usize::from(s) < layout.shards();
    if let Some(bad) = have.iter().map(|h| h.0).chain(want.iter().map(|w| w.0)).find(|s| !known(*s)) {
        return Err(ErasureError::NoSuchShard(bad));
    }
    let mut used: Vec<(u8, &[u8])> = Vec::with_capacity(k);
    for (shard, bytes) in have {
        if used.len() < k && used.iter().all(|(s, _)| s != shard) {
            used.push((*shard, bytes));
        }
    }
    if used.len() < k {
        return Err(ErasureError::TooFew { have: used.len(), needed: k });
    }
    // used = M * data, so data = M^-1 * used, and any shard is its row * M^-1 * used.
    let m: Vec<u8> = used.iter().flat_map(|(s, _)| (0..layout.data).map(move |c| coefficient(layout, *s, c))).collect();
    let inverse = field::invert(m, k).expect("any rows of the code are independent");
    let mut rows = Vec::with_capacity(want.len() * k);
    for (shard, _) in want.iter() {
        for column in 0..k {
            let term = |i: usize| field::multiply(coefficient(layout, *shard, i as u8), inverse[i * k + column]);
            rows.push((0..k).fold(0, |sum, i| sum ^ term(i)));
        }
    }
    let sources: Vec<&[u8]> = used.iter().map(|(_, b)| *b).collect();
    let mut targets: Vec<&mut [u8]> = want.iter_mut().map(|(_, b)| &mut **b).collect();
    kernel::combine(kernel, &rows, &sources, &mut targets).ok_or(ErasureError::Lengths)
}

/// Fills in the shards that are missing.
pub fn reconstruct(layout: Layout, shards: &mut [Option<Vec<u8>>]) -> Result<(), ErasureError> {
    check(layout)?;
    let have: Vec<(u8, &[u8])> = (0_u8..).zip(shards.iter()).filter_map(|(n, s)| Some((n, s.as_deref()?))).collect();
    let bytes = have.first().map_or(0, |(_, b)| b.len());
    let lost = (0_u8..).zip(shards.iter()).filter(|(_, s)| s.is_none()).map(|(n, _)| n);
    let mut made: Vec<(u8, Vec<u8>)> = lost.map(|n| (n, vec![0; bytes])).collect();
    let mut want: Vec<(u8, &mut [u8])> = made.iter_mut().map(|(n, b)| (*n, b.as_mut_slice())).collect();
    recover(layout, &have, &mut want)?;
    for (n, bytes) in made {
        shards[usize::from(n)] = Some(bytes);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
