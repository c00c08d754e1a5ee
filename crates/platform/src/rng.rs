//! Randomness: the kernel's for real runs, a seeded generator for simulated ones.

pub trait Rng: Send {
    fn u64(&mut self) -> u64;

    fn u128(&mut self) -> u128 {
        (u128::from(self.u64()) << 64) | u128::from(self.u64())
    }

    /// Uniform below `n` (`n` > 0; the bias for small `n` is below 2^-32).
    fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.u64()) * u128::from(n)) >> 64) as u64
    }
}

/// getrandom(2), buffered: fit for ids and keys.
#[derive(Debug)]
pub struct SystemRng {
    buf: [u8; 256],
    used: usize,
}

impl SystemRng {
    #[expect(clippy::new_without_default, reason = "draws from the kernel")]
    pub fn new() -> Self {
        Self { buf: [0; 256], used: 256 }
    }
}

impl Rng for SystemRng {
    fn u64(&mut self) -> u64 {
        if self.used + 8 > self.buf.len() {
            // SAFETY: the pointer and length describe `self.buf`. Requests of up to 256 bytes are never cut short.
            let n = unsafe { libc::getrandom(self.buf.as_mut_ptr().cast(), self.buf.len(), 0) };
            assert_eq!(n, self.buf.len() as isize, "getrandom failed: no randomness, no ids or keys");
            self.used = 0;
        }
        let bytes = &mut self.buf[self.used..self.used + 8];
        let v = u64::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]]);
        bytes.fill(0);
        self.used += 8;
        v
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same seed gives the same sequence. Never for keys.
#[derive(Debug, Clone)]
pub struct SeededRng(u64);

impl SeededRng {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }
}

impl Rng for SeededRng {
    fn u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
