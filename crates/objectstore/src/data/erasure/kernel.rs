//! Sums of products over long rows of bytes: `target[t] = sum over s of rows[t][s] * source[s]`, by what the machine has.
//!
//! Multiplication by a constant is linear over bits, so it is an 8 x 8 bit matrix (one GFNI instruction for 64 bytes) or
//! two tables of 16 products (two shuffles for 32 bytes). The choice is made once a call, from the processor's own word.

use super::field;
#[cfg(target_arch = "x86_64")]
use super::simd;

/// How it is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernel {
    /// `vgf2p8affineqb` on 512 bits.
    Gfni512,
    /// `vgf2p8affineqb` on 256 bits.
    Gfni256,
    /// Tables of nibbles, by `vpshufb` on 256 bits.
    Avx2,
    /// Tables of 256 products; on any machine.
    Scalar,
}

impl Kernel {
    /// The quickest first.
    pub const ALL: [Kernel; 4] = [Self::Gfni512, Self::Gfni256, Self::Avx2, Self::Scalar];

    /// Does this machine have it?
    pub fn is_available(self) -> bool {
        #[cfg(target_arch = "x86_64")]
        return self == Self::Scalar || simd::has(self);
        #[cfg(not(target_arch = "x86_64"))]
        return self == Self::Scalar;
    }
}

/// The quickest that this machine has.
pub fn best() -> Kernel {
    Kernel::ALL.into_iter().find(|k| k.is_available()).unwrap_or(Kernel::Scalar)
}

/// None: lengths differ. `rows`: a row a target, a coefficient a source. A kernel that is not there is replaced.
pub(super) fn combine(kernel: Kernel, rows: &[u8], sources: &[&[u8]], targets: &mut [&mut [u8]]) -> Option<()> {
    let bytes = sources.first()?.len();
    let fits = rows.len() == sources.len() * targets.len();
    if !fits || sources.iter().any(|s| s.len() != bytes) || targets.iter().any(|t| t.len() != bytes) {
        return None;
    }
    #[cfg(target_arch = "x86_64")]
    if simd::combine(kernel, rows, sources, targets) {
        return Some(());
    }
    let _ = kernel;
    scalar(rows, sources, targets, 0);
    Some(())
}

/// From column `start` on.
pub(super) fn scalar(rows: &[u8], sources: &[&[u8]], targets: &mut [&mut [u8]], start: usize) {
    for (row, target) in rows.chunks_exact(sources.len()).zip(targets) {
        let target = &mut target[start..];
        target.fill(0);
        if target.len() < 256 {
            // Too few for tables.
            for (coefficient, source) in row.iter().zip(sources) {
                target.iter_mut().zip(&source[start..]).for_each(|(t, s)| *t ^= field::multiply(*coefficient, *s));
            }
            continue;
        }
        for (coefficient, source) in row.iter().zip(sources) {
            let mut products = [0; 256];
            (0..=255_u8).for_each(|b| products[usize::from(b)] = field::multiply(*coefficient, b));
            target.iter_mut().zip(&source[start..]).for_each(|(t, s)| *t ^= products[usize::from(*s)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Every kernel that this machine has computes what the field's own multiplication does.
        #[test]
        fn all_kernels_agree(
            bytes in prop_oneof![0_usize..300, 1000_usize..1030],
            sources in 1_usize..16,
            targets in 1_usize..16,
            offset in 0_usize..64,
            seed: u64,
        ) {
            let mut state = seed | 1;
            let mut random = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 56) as u8
            };
            let rows: Vec<u8> = (0..sources * targets).map(|_| random()).collect();
            let data: Vec<Vec<u8>> = (0..sources).map(|_| (0..bytes + offset).map(|_| random()).collect()).collect();
            // Not aligned.
            let data: Vec<&[u8]> = data.iter().map(|d| &d[offset..]).collect();
            let expected: Vec<Vec<u8>> = rows
                .chunks_exact(sources)
                .map(|row| (0..bytes).map(|i| row.iter().zip(&data).fold(0, |sum, (c, d)| sum ^ field::multiply(*c, d[i]))).collect())
                .collect();
            for kernel in Kernel::ALL.into_iter().filter(|k| k.is_available()) {
                let mut out = vec![vec![0xa5; bytes]; targets];
                let mut views: Vec<&mut [u8]> = out.iter_mut().map(Vec::as_mut_slice).collect();
                prop_assert_eq!(combine(kernel, &rows, &data, &mut views), Some(()));
                prop_assert_eq!(&out, &expected, "{:?}", kernel);
            }
        }
    }

    #[test]
    fn lengths_must_fit() {
        let mut out = [0; 2];
        assert_eq!(combine(best(), &[1, 1], &[&[1, 2], &[1]], &mut [&mut out]), None);
        assert_eq!(combine(best(), &[1], &[&[1, 2, 3]], &mut [&mut out]), None);
        assert_eq!(combine(best(), &[1, 1], &[&[1, 2]], &mut [&mut out]), None);
    }

    /// Which kernels were tested here; on the project's own machines all are.
    #[test]
    fn this_machine_is_known() {
        assert!(Kernel::Scalar.is_available() && best().is_available());
    }
}
