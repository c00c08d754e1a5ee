//! Matching a text against pieces with wildcards. Two ways with the same answer: greedy, which ordinary patterns end at once,
//! and bit-parallel, whose time has a bound for patterns that were made to be slow. Called by `pattern`.
//!
//! Greedy goes back to the last `*` only (no earlier one can help), but at every place there; a text of n characters and m
//! pieces can take n·m steps. When it has taken too many, the other takes over: it keeps one bit for each character of the
//! pattern and so needs n·m/64 (Baeza-Yates and Gonnet, "A new approach to text searching", 1992).

use std::collections::BTreeMap;

/// A piece of a pattern with its variable replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Atom<'a> {
    Text(&'a str),
    One,
    Many,
}

/// Greedy steps for each byte of text and each piece, before it gives up.
const STEPS_PER_UNIT_MAX: usize = 4;

/// Whether all of `text` matches the `n` pieces that `atom` gives.
pub fn matches<'a>(n: usize, atom: impl Fn(usize) -> Atom<'a>, text: &str) -> bool {
    let steps_max = (text.len() + n) * STEPS_PER_UNIT_MAX;
    greedy(n, &atom, text, steps_max).unwrap_or_else(|| bits(n, &atom, text))
}

/// None: too many steps.
fn greedy<'a>(n: usize, atom: &impl Fn(usize) -> Atom<'a>, text: &str, steps_max: usize) -> Option<bool> {
    let (mut piece, mut at) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    for _ in 0..steps_max {
        if piece < n {
            match atom(piece) {
                Atom::Many if piece + 1 == n => return Some(true),
                Atom::Many => {
                    piece += 1;
                    back = Some((piece, at));
                    continue;
                }
                Atom::One => {
                    if let Some(c) = text[at..].chars().next() {
                        at += c.len_utf8();
                        piece += 1;
                        continue;
                    }
                }
                Atom::Text(t) => {
                    if text[at..].starts_with(t) {
                        at += t.len();
                        piece += 1;
                        continue;
                    }
                }
            }
        } else if at == text.len() {
            return Some(true);
        }
        let Some((to, from)) = back else { return Some(false) };
        let Some(c) = text[from..].chars().next() else { return Some(false) };
        at = from + c.len_utf8();
        piece = to;
        back = Some((to, at));
    }
    None
}

/// Bit i of `state`: the text so far matches the first i characters of the pattern.
fn bits<'a>(n: usize, atom: &impl Fn(usize) -> Atom<'a>, text: &str) -> bool {
    // The pattern by characters; `?` is none. `stay`: a `*` stands before character i.
    let mut pattern: Vec<Option<char>> = Vec::new();
    let mut stars: Vec<usize> = Vec::new();
    for i in 0..n {
        match atom(i) {
            Atom::Text(t) => pattern.extend(t.chars().map(Some)),
            Atom::One => pattern.push(None),
            Atom::Many => stars.push(pattern.len()),
        }
    }
    let words = pattern.len() / 64 + 1;
    let set = |mask: &mut Vec<u64>, i: usize| mask[i / 64] |= 1 << (i % 64);
    let mut stay = vec![0u64; words];
    stars.iter().for_each(|i| set(&mut stay, *i));
    let mut any = vec![0u64; words];
    pattern.iter().enumerate().filter(|(_, c)| c.is_none()).for_each(|(i, _)| set(&mut any, i));
    // Where in the pattern each character of the text may stand.
    let mut places: BTreeMap<char, Vec<u64>> = text.chars().map(|c| (c, any.clone())).collect();
    for (i, c) in pattern.iter().enumerate() {
        if let Some(mask) = c.as_ref().and_then(|c| places.get_mut(c)) {
            set(mask, i);
        }
    }
    let mut state = vec![0u64; words];
    set(&mut state, 0);
    for c in text.chars() {
        let place = &places[&c];
        let mut carry = 0;
        for w in 0..words {
            let step = state[w] & place[w];
            state[w] = (step << 1) | carry | (state[w] & stay[w]);
            carry = step >> 63;
        }
    }
    let last = pattern.len();
    state[last / 64] >> (last % 64) & 1 == 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn atoms(pattern: &str) -> Vec<Atom<'_>> {
        pattern
            .char_indices()
            .map(|(i, c)| match c {
                '*' => Atom::Many,
                '?' => Atom::One,
                c => Atom::Text(&pattern[i..i + c.len_utf8()]),
            })
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 20_000, ..ProptestConfig::default() })]

        #[test]
        fn both_ways_agree(pattern in "[abü*?]{0,12}", tail in "[ab?]{0,80}", text in "[abü]{0,20}", more in "[ab]{0,80}") {
            for (pattern, text) in [(pattern.clone(), text.clone()), (format!("*{tail}"), more.clone()), (pattern + &tail, text + &more)] {
                let atoms = atoms(&pattern);
                let greedy = greedy(atoms.len(), &|i| atoms[i], &text, usize::MAX);
                prop_assert_eq!(greedy, Some(bits(atoms.len(), &|i| atoms[i], &text)), "{} {}", pattern, text);
            }
        }
    }

    #[test]
    fn a_slow_pattern_is_handed_over() {
        let pattern = format!("*{}b*", "a?".repeat(250));
        let atoms = atoms(&pattern);
        let text = "a".repeat(1024);
        let steps_max = (text.len() + atoms.len()) * STEPS_PER_UNIT_MAX;
        assert_eq!(greedy(atoms.len(), &|i| atoms[i], &text, steps_max), None);
        assert!(!matches(atoms.len(), |i| atoms[i], &text));
        assert!(matches(atoms.len(), |i| atoms[i], &format!("{text}b")));
    }
}
