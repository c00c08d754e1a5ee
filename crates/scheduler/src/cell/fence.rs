//! Whether what ran on a host may be started elsewhere: only after whoever can switch the host off has said that it is off.
//!
//! ```text
//!  unheard for long ─order n─► ordered ─"off by n"─► off ─► its instances may be placed again
//!        ▲                        │                   │
//!        └──── heard again ───────┴──────── heard by a report under n or later
//! ```
//! `n` is greater than the number of every document that the host was given, and none is made for it until it is heard again.
//! Whoever says "off by n" has seen to it that no document up to `n` starts anything there any more. So the word stays true
//! when the host comes back a moment later, and an old one (of a lower number) means nothing. Pure; the same in the cell
//! controller and in the simulator.

/// Of one host, as the cell that leads knows it. Not kept: one that has lost it asks anew, by a greater number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fence {
    order: Option<u64>,
    off: bool,
}

impl Fence {
    /// The number to ask by: the same until the host is heard again. `next`: a new one.
    pub fn order(&mut self, next: impl FnOnce() -> u64) -> u64 {
        *self.order.get_or_insert_with(next)
    }

    /// The number could not be used (the host holds a greater one): the next order has another.
    pub fn withdraw(&mut self) {
        if !self.off {
            self.order = None;
        }
    }

    /// Somebody says that the host is off by this number. True: it is news, and so it is.
    pub fn confirm(&mut self, number: u64) -> bool {
        let news = self.order == Some(number) && !self.off;
        self.off |= news;
        news
    }

    /// Whether a report counts that the host made under the document of this number. What a host said before it was switched
    /// off may come after the word that it is off: then it holds nothing of that.
    pub fn admits(&self, under: u64) -> bool {
        !self.off || self.order.is_none_or(|order| under >= order)
    }

    /// A report that counts has come. True: the host had been given up.
    pub fn hear(&mut self) -> bool {
        std::mem::take(self).order.is_some()
    }

    /// The order, answered or not. While there is one the host is given no document.
    pub fn ordered(&self) -> Option<u64> {
        self.order
    }

    /// May an instance of the host be placed again?
    pub fn is_off(&self) -> bool {
        self.off
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_word_that_was_asked_for_counts() {
        let mut f = Fence::default();
        assert!(!f.confirm(0) && !f.is_off() && f.admits(0));
        assert_eq!((f.order(|| 7), f.order(|| 8)), (7, 7));
        assert!(!f.confirm(6) && !f.confirm(8) && !f.is_off());
        // Before the word a late report still shows that it lives, and the word that was on its way means nothing.
        assert!(f.admits(3) && f.hear() && !f.confirm(7) && !f.is_off());
        assert_eq!(f.order(|| 9), 9);
        assert!(f.confirm(9) && f.is_off() && !f.confirm(9), "news once");
        assert!(!f.admits(8) && f.admits(9));
        f.withdraw();
        assert!(f.is_off() && f.ordered() == Some(9), "what was said is not taken back");
        assert!(f.hear() && !f.is_off() && !f.hear());
    }

    #[test]
    fn an_order_that_could_not_be_used_is_numbered_anew() {
        let mut f = Fence::default();
        f.order(|| 1);
        f.withdraw();
        assert!(!f.confirm(1));
        assert_eq!(f.order(|| 5), 5);
    }
}
