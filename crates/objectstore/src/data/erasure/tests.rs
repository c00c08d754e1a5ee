//! Codes against what they promise: any loss that they allow is made good.

use super::*;
use proptest::prelude::*;

fn shards(layout: Layout, bytes: usize, seed: u8) -> Vec<Vec<u8>> {
    let byte = |s: usize, i: usize| ((s * 131 + i * 31) as u8).wrapping_mul(seed | 1) ^ (i >> 8) as u8;
    let mut all: Vec<Vec<u8>> = (0..layout.shards()).map(|s| (0..bytes).map(|i| byte(s, i)).collect()).collect();
    encode(layout, &mut all).unwrap();
    all
}

fn survives(layout: Layout, all: &[Vec<u8>], lost: u32) {
    let mut left: Vec<Option<Vec<u8>>> = all.iter().enumerate().map(|(i, s)| (lost >> i & 1 == 0).then(|| s.clone())).collect();
    let outcome = reconstruct(layout, &mut left);
    if lost.count_ones() <= u32::from(layout.parity) {
        outcome.unwrap();
        assert!(left.iter().zip(all).all(|(l, a)| l.as_ref() == Some(a)), "{layout:?} {lost:b}");
    } else {
        let have = layout.shards() - lost.count_ones() as usize;
        assert_eq!(outcome, Err(ErasureError::TooFew { have, needed: layout.data.into() }));
    }
}

#[test]
fn every_loss_of_small_codes() {
    for (data, parity) in [(2, 1), (2, 2), (3, 3), (4, 2), (2, 4), (5, 4), (1, 2)] {
        let layout = Layout { data, parity };
        let all = shards(layout, 67, 3);
        (0..1_u32 << layout.shards()).for_each(|lost| survives(layout, &all, lost));
    }
}

proptest! {
    #[test]
    fn random_losses_of_wide_codes(lost in 0_u32..1 << 15, bytes in 1_usize..300, seed: u8, wide: bool) {
        let layout = if wide { Layout { data: 9, parity: 6 } } else { Layout { data: 10, parity: 4 } };
        survives(layout, &shards(layout, bytes, seed), lost & ((1 << layout.shards()) - 1));
    }
}

#[test]
fn a_chunk_is_split_and_restored_by_columns() {
    let layout = Layout { data: 3, parity: 3 };
    for length in [0, 1, 2, 3, 100, 1000, 70_001] {
        let chunk: Vec<u8> = (0..length).map(|i| ((i * 7) >> 2) as u8).collect();
        let all = split(layout, BytesMut::from(&chunk[..]));
        assert_eq!((all.len(), all[0].len()), (6, layout.shard_bytes(length)));
        assert_eq!(all[..3].concat()[..length], chunk[..]);
        let (from, to) = (all[0].len() / 3, all[0].len());
        let have: Vec<(u8, &[u8])> = [5_u8, 1, 4].map(|s| (s, &all[usize::from(s)][from..to])).to_vec();
        let (mut zero, mut two) = (vec![0; to - from], vec![0; to - from]);
        recover(layout, &have, &mut [(0, &mut zero), (2, &mut two)]).unwrap();
        assert_eq!((&zero[..], &two[..]), (&all[0][from..to], &all[2][from..to]));
    }
}

#[test]
fn what_cannot_be_is_refused() {
    let layout = Layout { data: 2, parity: 1 };
    let mut out = [0; 2];
    let twice = recover(layout, &[(0, &[1, 2]), (0, &[1, 2])], &mut [(1, &mut out)]);
    assert_eq!(twice, Err(ErasureError::TooFew { have: 1, needed: 2 }));
    assert_eq!(recover(layout, &[(0, &[1, 2]), (3, &[1, 2])], &mut [(1, &mut out)]), Err(ErasureError::NoSuchShard(3)));
    assert_eq!(recover(layout, &[(0, &[1, 2]), (2, &[1])], &mut [(1, &mut out)]), Err(ErasureError::Lengths));
    for (data, parity) in [(0, 3), (12, 5)] {
        assert_eq!(check(Layout { data, parity }), Err(ErasureError::Layout { data, parity }));
    }
}

/// The coefficients are on disk in every parity shard.
#[test]
fn the_code_is_fixed() {
    let layout = Layout { data: 3, parity: 3 };
    let all = split(layout, BytesMut::from(&[1, 0, 2, 0, 3, 0][..]));
    assert_eq!(all.concat(), [1, 0, 2, 0, 3, 0, 246, 0, 154, 0, 250, 0]);
}
