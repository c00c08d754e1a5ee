//! A port's share of the card's thread: deficit round robin (Shreedhar and Varghese, SIGCOMM '95) over work, not frames, with
//! debts in place of deficits, as a frame's work is known when it is done.
//!
//! Each turn grants every port that has frames the same work. What a frame takes is charged to the port that sent it, with
//! whatever becomes of it: also when nobody gets it, or when the switch has to think. Who exceeds a grant begins its next turn
//! with a debt; what is left of one is not saved.
//!
//! Work is counted in bytes copied. A frame takes as long as copying 4 KiB more (benchmarks.md: 160 ns of 64 bytes, 454 of
//! 9,015), and another time as long if the flow cache does not know it.

const FRAME_WORK: i64 = 4096;
const SLOW_WORK: i64 = 4096;
/// 64 small frames, 47 of 1,514 bytes, 20 of 9,015: 10 us.
const GRANT: i64 = 64 * (FRAME_WORK + 64);

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    /// What it may still take; below zero: a debt.
    left: i64,
}

impl Share {
    /// Begins a turn. False: its debt takes all of it.
    pub fn begin(&mut self) -> bool {
        self.left += GRANT;
        self.left > 0
    }

    /// There may be one more frame; the last one may exceed the grant.
    pub fn has_some(&self) -> bool {
        self.left > 0
    }

    pub fn took(&mut self, frame_bytes: usize) {
        self.left -= FRAME_WORK + frame_bytes as i64;
    }

    /// So many of the frames took the long way.
    pub fn took_slow(&mut self, frames: u64) {
        self.left -= SLOW_WORK * frames as i64;
    }

    /// Ends a turn.
    pub fn end(&mut self) {
        self.left = self.left.min(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What three ports have sent after some turns: each always has frames of its kind, (bytes, takes the long way).
    fn turns(n: usize, kinds: [(usize, bool); 3]) -> [(u64, i64); 3] {
        let (mut shares, mut sent) = ([Share::default(); 3], [(0, 0); 3]);
        for _ in 0..n {
            for (i, (bytes, slow)) in kinds.into_iter().enumerate() {
                let share = &mut shares[i];
                if !share.begin() {
                    continue;
                }
                let mut frames = 0;
                while share.has_some() {
                    share.took(bytes);
                    frames += 1;
                }
                share.took_slow(if slow { frames } else { 0 });
                share.end();
                sent[i].0 += frames;
                sent[i].1 += frames as i64 * (FRAME_WORK + bytes as i64 + if slow { SLOW_WORK } else { 0 });
            }
        }
        sent
    }

    #[test]
    fn after_some_turns_each_has_had_its_share_of_work() {
        for kinds in [
            [(64, false), (1514, false), (9015, false)],
            [(64, true), (64, false), (1514, false)],
            [(64, true), (9015, true), (9015, false)],
        ] {
            for n in [1, 7, 1000] {
                let sent = turns(n, kinds);
                for (_, work) in sent {
                    let due = n as i64 * GRANT;
                    // A turn's frames at most, all of them slow, and one frame more.
                    let over = 64 * SLOW_WORK + FRAME_WORK + 9015 + SLOW_WORK;
                    assert!((due - GRANT..=due + over).contains(&work), "{kinds:?}, {n} turns: {sent:?} of {due}");
                }
            }
        }
        // In a thousand turns that is within one in a hundred.
        let sent = turns(1000, [(64, true), (64, false), (64, false)]);
        assert!(sent[1].0 * 49 < sent[0].0 * 100 && sent[0].0 * 100 < sent[1].0 * 51, "{sent:?}");
    }

    #[test]
    fn nothing_is_saved_up_and_debts_are_paid() {
        let mut share = Share::default();
        for _ in 0..100 {
            assert!(share.begin());
            share.took(64);
            share.end();
        }
        assert!(share.begin());
        assert!(share.left <= GRANT);
        share.took_slow(200);
        share.end();
        let mut skipped = 0;
        while !share.begin() {
            share.end();
            skipped += 1;
        }
        assert_eq!(skipped, 2, "64 slow frames are a turn, nearly");
    }
}
