//! Sums of products over long rows of bytes: `target[t] = sum over s of rows[t][s] * source[s]`.

use super::field;

/// How it is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernel {
    /// Tables of 256 products; on any machine.
    Scalar,
}

/// The quickest that this machine has.
pub fn best() -> Kernel {
    Kernel::Scalar
}

/// None: lengths differ. `rows`: a row a target, a coefficient a source.
pub(super) fn combine(kernel: Kernel, rows: &[u8], sources: &[&[u8]], targets: &mut [&mut [u8]]) -> Option<()> {
    let bytes = sources.first()?.len();
    if sources.iter().any(|s| s.len() != bytes) || targets.iter().any(|t| t.len() != bytes) {
        return None;
    }
    match kernel {
        Kernel::Scalar => scalar(rows, sources, targets),
    }
    Some(())
}

fn scalar(rows: &[u8], sources: &[&[u8]], targets: &mut [&mut [u8]]) {
    for (row, target) in rows.chunks_exact(sources.len()).zip(targets) {
        target.fill(0);
        for (coefficient, source) in row.iter().zip(sources) {
            let mut products = [0; 256];
            (0..=255_u8).for_each(|b| products[usize::from(b)] = field::multiply(*coefficient, b));
            target.iter_mut().zip(*source).for_each(|(t, s)| *t ^= products[usize::from(*s)]);
        }
    }
}
