//! MD5 (RFC 1321) of several messages at once. One message is a chain of dependent steps, which no processor runs faster
//! than about 0.7 GB/s; sixteen of them side by side in the lanes of AVX-512 take hardly longer than one. Pure; called by
//! [`super::digest`] with whatever bodies wait to be hashed.
//!
//! The only unsafe code of the gateway: calling what needs AVX-512, where the processor has it.

/// Messages that are hashed side by side.
pub const LANES: usize = 16;
const BLOCK: usize = 64;
/// RFC 1321, 3.3.
const INITIAL: [u32; 4] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
/// RFC 1321, 3.4: 2^32 times the sine of 1, 2, ...
#[rustfmt::skip]
const SINES: [u32; 64] = [
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
];

/// A message's digest, as far as it has come.
#[derive(Clone)]
pub struct Md5 {
    state: [u32; 4],
    /// Bytes behind the last whole block.
    rest: [u8; BLOCK],
    rest_bytes: usize,
    bytes: u64,
}

/// A message and what comes next of it, in pieces.
pub struct Job<'a> {
    pub md5: &'a mut Md5,
    pub pieces: Vec<&'a [u8]>,
}

impl Default for Md5 {
    fn default() -> Self {
        Self { state: INITIAL, rest: [0; BLOCK], rest_bytes: 0, bytes: 0 }
    }
}

impl Md5 {
    pub fn update(&mut self, bytes: &[u8]) {
        update(&mut [Job { md5: self, pieces: vec![bytes] }]);
    }

    pub fn finish(mut self) -> [u8; 16] {
        let bits = self.bytes.wrapping_mul(8).to_le_bytes();
        let zeros = (2 * BLOCK - 9 - self.rest_bytes) % BLOCK;
        self.update(&[&[0x80][..], &[0; BLOCK][..zeros], &bits].concat());
        let mut out = [0; 16];
        for (bytes, word) in out.chunks_exact_mut(4).zip(self.state) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        out
    }

    /// The next whole blocks, of pieces that lie in reverse. A block that lies in several pieces is hashed here.
    fn next_blocks<'a>(&mut self, pieces: &mut Vec<&'a [u8]>) -> &'a [u8] {
        while let Some(piece) = pieces.pop() {
            if self.rest_bytes == 0 && piece.len() >= BLOCK {
                let (blocks, rest) = piece.split_at(piece.len() / BLOCK * BLOCK);
                pieces.push(rest);
                self.bytes += blocks.len() as u64;
                return blocks;
            }
            let (now, later) = piece.split_at(piece.len().min(BLOCK - self.rest_bytes));
            self.rest[self.rest_bytes..self.rest_bytes + now.len()].copy_from_slice(now);
            self.rest_bytes += now.len();
            self.bytes += now.len() as u64;
            if self.rest_bytes == BLOCK {
                self.rest_bytes = 0;
                compress(&mut self.state, &self.rest);
                pieces.push(later);
            }
        }
        &[]
    }
}

/// Hashes on, all messages side by side. Two take as long as one by itself (0.85 GB/s), sixteen hardly longer (6.5 GB/s).
pub fn update(jobs: &mut [Job<'_>]) {
    #[cfg(target_arch = "x86_64")]
    let side_by_side = jobs.len() > 1 && std::is_x86_feature_detected!("avx512f");
    for job in jobs.iter_mut() {
        job.pieces.reverse();
        #[cfg(target_arch = "x86_64")]
        if side_by_side {
            continue;
        }
        loop {
            let blocks = job.md5.next_blocks(&mut job.pieces);
            if blocks.is_empty() {
                break;
            }
            blocks.as_chunks().0.iter().for_each(|b| compress(&mut job.md5.state, b));
        }
    }
    #[cfg(target_arch = "x86_64")]
    if side_by_side {
        jobs.chunks_mut(LANES).for_each(avx512::update);
    }
}

/// One step's word of the block.
const fn word_of(step: usize) -> usize {
    match step / 16 {
        0 => step % 16,
        1 => (5 * step + 1) % 16,
        2 => (3 * step + 5) % 16,
        _ => (7 * step) % 16,
    }
}

/// And by how much it rotates.
const fn rotation(step: usize) -> u32 {
    const ROTATIONS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];
    ROTATIONS[step / 16][step % 4]
}

fn compress(state: &mut [u32; 4], block: &[u8; BLOCK]) {
    let mut words = [0_u32; 16];
    for (word, bytes) in words.iter_mut().zip(block.as_chunks().0) {
        *word = u32::from_le_bytes(*bytes);
    }
    let [mut a, mut b, mut c, mut d] = *state;
    macro_rules! steps {
        ($f:expr; $($step:literal)*) => {$({
            let fixed = words[const { word_of($step) }].wrapping_add(const { SINES[$step] });
            let sum = a.wrapping_add(fixed).wrapping_add($f(b, c, d));
            (a, d, c, b) = (d, c, b, b.wrapping_add(sum.rotate_left(const { rotation($step) })));
        })*};
    }
    // The two parts of the second function have no bit in common, and one of them does not wait for the step before.
    steps!(|b: u32, c: u32, d: u32| d ^ (b & (c ^ d)); 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
    steps!(|b: u32, c: u32, d: u32| (c & !d).wrapping_add(b & d); 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31);
    steps!(|b: u32, c: u32, d: u32| b ^ c ^ d; 32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47);
    steps!(|b: u32, c: u32, d: u32| c ^ (b | !d); 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63);
    for (word, add) in state.iter_mut().zip([a, b, c, d]) {
        *word = word.wrapping_add(add);
    }
}

#[cfg(target_arch = "x86_64")]
mod avx512 {
    use super::{BLOCK, Job, LANES, SINES, rotation, word_of};
    use std::arch::x86_64::*;

    /// At most [`LANES`] jobs. The processor has AVX-512F.
    pub(super) fn update(jobs: &mut [Job<'_>]) {
        let mut runs: [&[u8]; LANES] = [&[]; LANES];
        loop {
            // Lanes that have nothing to do hash what another has, for nothing.
            let (mut blocks, mut some) = (usize::MAX, None);
            for (run, job) in runs.iter_mut().zip(jobs.iter_mut()) {
                if run.is_empty() {
                    *run = job.md5.next_blocks(&mut job.pieces);
                }
                if !run.is_empty() {
                    (blocks, some) = (blocks.min(run.len() / BLOCK), Some(*run));
                }
            }
            let Some(some) = some else { return };
            let inputs = runs.map(|run| if run.is_empty() { some } else { run });
            let mut states = [[0_u32; LANES]; 4];
            for (lane, job) in jobs.iter().enumerate() {
                (0..4).for_each(|n| states[n][lane] = job.md5.state[n]);
            }
            // SAFETY: the caller has found the feature.
            unsafe { compress(&mut states, &inputs, blocks) };
            for (lane, (job, run)) in jobs.iter_mut().zip(&mut runs).enumerate() {
                if !run.is_empty() {
                    (0..4).for_each(|n| job.md5.state[n] = states[n][lane]);
                    *run = &run[blocks * BLOCK..];
                }
            }
        }
    }

    #[target_feature(enable = "avx512f")]
    fn load(words: &[u32; LANES]) -> __m512i {
        // SAFETY: 64 bytes, at any address.
        unsafe { _mm512_loadu_si512(words.as_ptr().cast()) }
    }

    /// `blocks` of each input, which has at least so many.
    #[target_feature(enable = "avx512f")]
    fn compress(states: &mut [[u32; LANES]; 4], inputs: &[&[u8]; LANES], blocks: usize) {
        let [mut a, mut b, mut c, mut d] = [load(&states[0]), load(&states[1]), load(&states[2]), load(&states[3])];
        for block in 0..blocks {
            let mut rows = [a; LANES];
            for (row, input) in rows.iter_mut().zip(inputs) {
                let block = &input[block * BLOCK..][..BLOCK];
                // SAFETY: 64 bytes, at any address.
                *row = unsafe { _mm512_loadu_si512(block.as_ptr().cast()) };
            }
            let words = transposed(&rows);
            let before = [a, b, c, d];
            macro_rules! steps {
                ($table:literal: $($step:literal)*) => {$({
                    let f = _mm512_ternarylogic_epi32::<$table>(b, c, d);
                    let fixed = _mm512_add_epi32(words[const { word_of($step) }], _mm512_set1_epi32(const { SINES[$step] as i32 }));
                    let sum = _mm512_add_epi32(_mm512_add_epi32(a, fixed), f);
                    let turned = _mm512_rol_epi32::<{ rotation($step) as i32 }>(sum);
                    (a, d, c, b) = (d, c, b, _mm512_add_epi32(b, turned));
                })*};
            }
            // The tables: what the four functions of RFC 1321, 3.4 make of the bits of b, c and d.
            steps!(0xca: 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
            steps!(0xe4: 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31);
            steps!(0x96: 32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47);
            steps!(0x39: 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63);
            a = _mm512_add_epi32(a, before[0]);
            b = _mm512_add_epi32(b, before[1]);
            c = _mm512_add_epi32(c, before[2]);
            d = _mm512_add_epi32(d, before[3]);
        }
        for (words, state) in states.iter_mut().zip([a, b, c, d]) {
            // SAFETY: 64 bytes, at any address.
            unsafe { _mm512_storeu_si512(words.as_mut_ptr().cast(), state) };
        }
    }

    /// Of a row a lane, a vector a word.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn transposed(rows: &[__m512i; 16]) -> [__m512i; 16] {
        let mut pairs = *rows;
        for n in (0..16).step_by(2) {
            pairs[n] = _mm512_unpacklo_epi32(rows[n], rows[n + 1]);
            pairs[n + 1] = _mm512_unpackhi_epi32(rows[n], rows[n + 1]);
        }
        // fours[n + k], in its part j of 128 bits: word 4 j + k of the rows n to n + 3.
        let mut fours = pairs;
        for n in (0..16).step_by(4) {
            fours[n] = _mm512_unpacklo_epi64(pairs[n], pairs[n + 2]);
            fours[n + 1] = _mm512_unpackhi_epi64(pairs[n], pairs[n + 2]);
            fours[n + 2] = _mm512_unpacklo_epi64(pairs[n + 1], pairs[n + 3]);
            fours[n + 3] = _mm512_unpackhi_epi64(pairs[n + 1], pairs[n + 3]);
        }
        let mut words = fours;
        for k in 0..4 {
            let (a, b, c, d) = (fours[k], fours[4 + k], fours[8 + k], fours[12 + k]);
            let (even, even_too) = (_mm512_shuffle_i32x4::<0x88>(a, b), _mm512_shuffle_i32x4::<0x88>(c, d));
            let (odd, odd_too) = (_mm512_shuffle_i32x4::<0xdd>(a, b), _mm512_shuffle_i32x4::<0xdd>(c, d));
            words[k] = _mm512_shuffle_i32x4::<0x88>(even, even_too);
            words[4 + k] = _mm512_shuffle_i32x4::<0x88>(odd, odd_too);
            words[8 + k] = _mm512_shuffle_i32x4::<0xdd>(even, even_too);
            words[12 + k] = _mm512_shuffle_i32x4::<0xdd>(odd, odd_too);
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_protocol::s3::checksum::{Algorithm, Checksum};

    fn message(bytes: usize) -> Vec<u8> {
        (0..bytes as u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
    }

    /// Beside the md-5 crate: any number of messages, of any lengths, in any pieces.
    #[test]
    fn side_by_side_is_as_one_after_the_other() {
        let lengths = [0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 1000, 4096, 70_001, 65_536, 3, 100_000, 64, 12_345, 0, 640];
        for count in [1, 2, 3, 15, 16, 17, 20] {
            for piece in [7, 63, 64, 65, 1000, 1 << 20] {
                let messages: Vec<Vec<u8>> = lengths[..count].iter().map(|n| message(*n)).collect();
                let mut all = vec![Md5::default(); count];
                // In two rounds, so that something is left over between them.
                for half in 0..2 {
                    let part = |m: &'_ [u8]| if half == 0 { 0..m.len() / 3 } else { m.len() / 3..m.len() };
                    let jobs = all.iter_mut().zip(&messages);
                    let mut jobs: Vec<Job<'_>> =
                        jobs.map(|(md5, m)| Job { md5, pieces: m[part(m)].chunks(piece).collect() }).collect();
                    update(&mut jobs);
                }
                for (md5, message) in all.into_iter().zip(&messages) {
                    let whole = Checksum::of(Algorithm::Md5, message);
                    assert_eq!(md5.finish(), whole.bytes(), "{} of {count} in {piece}", message.len());
                }
            }
        }
    }
}
