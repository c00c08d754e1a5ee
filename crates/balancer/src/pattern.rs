//! ALB's wildcards: `*` for any characters or none, `?` for exactly one; in query strings `\*` and `\?` for themselves.

const ANY: u16 = 256;
const ONE: u16 = 257;

/// A compiled pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// A byte, [`ANY`] or [`ONE`].
    tokens: Vec<u16>,
    /// Without regard to ASCII case; the tokens are lower case then.
    fold: bool,
}

impl Pattern {
    pub fn by_case(pattern: &str) -> Self {
        Self::new(pattern, false, false)
    }

    pub fn any_case(pattern: &str) -> Self {
        Self::new(pattern, true, false)
    }

    pub fn any_case_with_escapes(pattern: &str) -> Self {
        Self::new(pattern, true, true)
    }

    fn new(pattern: &str, fold: bool, escapes: bool) -> Self {
        let mut tokens = Vec::with_capacity(pattern.len());
        let mut bytes = pattern.bytes().peekable();
        while let Some(b) = bytes.next() {
            tokens.push(match b {
                b'\\' if escapes && matches!(bytes.peek(), Some(b'*' | b'?' | b'\\')) => u16::from(bytes.next().unwrap_or(b)),
                b'*' => ANY,
                b'?' => ONE,
                b if fold => u16::from(b.to_ascii_lowercase()),
                b => u16::from(b),
            });
        }
        Self { tokens, fold }
    }

    /// How many wildcards: each costs an evaluation.
    pub fn wildcards(&self) -> usize {
        self.tokens.iter().filter(|t| **t >= ANY).count()
    }

    /// Does `text` match all of it? At most (wildcards x length) steps, never exponential.
    pub fn matches(&self, text: &[u8]) -> bool {
        let (mut p, mut t) = (0, 0);
        // Where the last `*` was, and how much of the text it has taken.
        let mut star: Option<(usize, usize)> = None;
        while t < text.len() {
            let c = u16::from(if self.fold { text[t].to_ascii_lowercase() } else { text[t] });
            match self.tokens.get(p) {
                Some(&ANY) => {
                    if p + 1 == self.tokens.len() {
                        return true;
                    }
                    star = Some((p, t));
                    p += 1;
                }
                Some(&token) if token == ONE || token == c => {
                    p += 1;
                    t += 1;
                }
                _ => match &mut star {
                    Some((at, taken)) => {
                        *taken += 1;
                        p = *at + 1;
                        t = *taken;
                    }
                    None => return false,
                },
            }
        }
        self.tokens[p..].iter().all(|&token| token == ANY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition, slow.
    fn model(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, None) => true,
            (Some((b'*', rest)), _) => (0..=text.len()).any(|n| model(rest, &text[n..])),
            (Some((c, rest)), Some((t, more))) => (*c == b'?' || c == t) && model(rest, more),
            _ => false,
        }
    }

    #[test]
    fn as_the_manual_says() {
        for (pattern, text, expected) in [
            ("*.example.com", "a.example.com", true),
            ("*.example.com", "example.com", false),
            ("/img/*", "/img/", true),
            ("/img/*", "/img", false),
            ("/img/*/pics", "/img/a/b/pics", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("a**b", "ab", true),
            ("A", "a", false),
        ] {
            assert_eq!(Pattern::by_case(pattern).matches(text.as_bytes()), expected, "{pattern} {text}");
        }
        assert!(Pattern::any_case("*.EXAMPLE.com").matches(b"A.example.COM"));
        let literal = Pattern::any_case_with_escapes(r"a\*?");
        assert!(literal.matches(b"a*b") && !literal.matches(b"axb") && literal.wildcards() == 1);
    }

    proptest! {
        #[test]
        fn equals_the_definition(pattern in "[ab*?]{0,8}", text in "[ab]{0,10}") {
            prop_assert_eq!(Pattern::by_case(&pattern).matches(text.as_bytes()), model(pattern.as_bytes(), text.as_bytes()));
        }
    }
}
