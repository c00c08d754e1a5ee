//! GF(2^8) with the polynomial 0x11d: single elements and small matrices. Long rows are [`super::kernel`]'s.

/// x^8 + x^4 + x^3 + x^2 + 1, in which 2 generates every element but 0.
const POLYNOMIAL: u16 = 0x11d;

static TABLES: ([u8; 510], [u8; 256]) = tables();

const fn tables() -> ([u8; 510], [u8; 256]) {
    let (mut exp, mut log) = ([0; 510], [0; 256]);
    let (mut x, mut i) = (1_u16, 0);
    while i < 255 {
        exp[i] = x as u8;
        exp[i + 255] = x as u8;
        log[x as usize] = i as u8;
        x <<= 1;
        if x & 0x100 != 0 {
            x ^= POLYNOMIAL;
        }
        i += 1;
    }
    (exp, log)
}

pub(super) const fn multiply(a: u8, b: u8) -> u8 {
    if a == 0 || b == 0 {
        return 0;
    }
    TABLES.0[TABLES.1[a as usize] as usize + TABLES.1[b as usize] as usize]
}

/// 1 / a; 0 for 0, which has none.
pub(super) fn inverse(a: u8) -> u8 {
    if a == 0 { 0 } else { TABLES.0[255 - usize::from(TABLES.1[usize::from(a)])] }
}

/// The inverse of a matrix of n x n, by rows; none if there is none.
pub(super) fn invert(mut m: Vec<u8>, n: usize) -> Option<Vec<u8>> {
    let mut out: Vec<u8> = (0..n * n).map(|i| u8::from(i / n == i % n)).collect();
    for column in 0..n {
        let pivot = (column..n).find(|row| m[row * n + column] != 0)?;
        for i in 0..n {
            m.swap(pivot * n + i, column * n + i);
            out.swap(pivot * n + i, column * n + i);
        }
        let scale = inverse(m[column * n + column]);
        for i in 0..n {
            m[column * n + i] = multiply(m[column * n + i], scale);
            out[column * n + i] = multiply(out[column * n + i], scale);
        }
        for row in (0..n).filter(|row| *row != column) {
            let factor = m[row * n + column];
            for i in 0..n {
                m[row * n + i] ^= multiply(factor, m[column * n + i]);
                out[row * n + i] ^= multiply(factor, out[column * n + i]);
            }
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shift and add, as in the textbook.
    fn slow(mut a: u16, mut b: u8) -> u8 {
        let mut sum = 0;
        while b > 0 {
            if b & 1 == 1 {
                sum ^= a;
            }
            a <<= 1;
            if a & 0x100 != 0 {
                a ^= POLYNOMIAL;
            }
            b >>= 1;
        }
        sum as u8
    }

    #[test]
    fn the_tables_multiply() {
        for a in 0..=255_u8 {
            for b in 0..=255_u8 {
                assert_eq!(multiply(a, b), slow(a.into(), b));
            }
            assert_eq!(multiply(a, inverse(a)), u8::from(a != 0));
        }
    }

    #[test]
    fn matrices_are_inverted() {
        let m: Vec<u8> = (0..16).map(|i| inverse((4 + i / 4) ^ (i % 4))).collect();
        let back = invert(invert(m.clone(), 4).unwrap(), 4).unwrap();
        assert_eq!(back, m);
        assert_eq!(invert(vec![1, 2, 1, 2], 2), None);
    }
}
