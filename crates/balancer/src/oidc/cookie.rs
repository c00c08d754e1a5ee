//! What is given to a browser to bring back: sealed, bound to what it is for, and in as many cookies as it needs.

use crate::headers::cookie;
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use hyper::header::{HeaderMap, HeaderValue, SET_COOKIE};

/// Browsers take 4,096 bytes with name and attributes.
const SHARD_CHARS_MAX: usize = 3_800;
/// AWS: "up to 16K" of cookies.
const SHARDS_MAX: usize = 4;

#[derive(Debug)]
pub struct Sealer(RandomizedNonceKey);

impl Sealer {
    /// Of 32 bytes.
    pub fn new(key: &[u8]) -> Option<Self> {
        RandomizedNonceKey::new(&AES_256_GCM, key).ok().map(Self)
    }

    pub fn seal(&self, purpose: &str, plain: Vec<u8>) -> Option<String> {
        let mut sealed = plain;
        let nonce = self.0.seal_in_place_append_tag(Aad::from(purpose), &mut sealed).ok()?;
        Some(B64.encode([&nonce.as_ref()[..], &sealed].concat()))
    }

    pub fn open(&self, purpose: &str, text: &str) -> Option<Vec<u8>> {
        if text.len() > SHARD_CHARS_MAX * SHARDS_MAX {
            return None;
        }
        let bytes = B64.decode(text).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_LEN>()?;
        let mut plain = sealed.to_vec();
        let length = self.0.open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(purpose), &mut plain).ok()?.len();
        plain.truncate(length);
        Some(plain)
    }
}

/// `<name>-0=<how many><first piece>`, `<name>-1=<second piece>`, … None: it is too long.
pub fn set_shards(name: &str, text: &str, seconds: u32, headers: &mut HeaderMap) -> Option<()> {
    // What is sealed is ASCII.
    let pieces: Vec<&str> = text.as_bytes().chunks(SHARD_CHARS_MAX).map(std::str::from_utf8).collect::<Result<_, _>>().ok()?;
    if pieces.is_empty() || pieces.len() > SHARDS_MAX {
        return None;
    }
    for (i, piece) in pieces.iter().enumerate() {
        let count = if i == 0 { pieces.len().to_string() } else { String::new() };
        let value = format!("{name}-{i}={count}{piece}; Max-Age={seconds}; Path=/; Secure; HttpOnly");
        headers.append(SET_COOKIE, HeaderValue::from_str(&value).ok()?);
    }
    Some(())
}

/// The pieces of a request's cookies, put together.
pub fn shards(name: &str, headers: &HeaderMap) -> Option<String> {
    let first = cookie(headers, &format!("{name}-0"))?;
    let (count, rest) = first.split_at_checked(1)?;
    let count: usize = count.parse().ok().filter(|c| (1..=SHARDS_MAX).contains(c))?;
    let mut out = rest.to_owned();
    for i in 1..count {
        out.push_str(cookie(headers, &format!("{name}-{i}"))?);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_and_short_come_back_whole_or_not_at_all() {
        let sealer = Sealer::new(&[7; 32]).unwrap();
        for length in [0, 1, 5_000, 10_000] {
            let plain: Vec<u8> = (0..length).map(|i| i as u8).collect();
            let text = sealer.seal("p", plain.clone()).unwrap();
            let mut answer = HeaderMap::new();
            set_shards("c", &text, 9, &mut answer).unwrap();
            let cookies: Vec<&str> =
                answer.get_all(SET_COOKIE).iter().map(|v| v.to_str().unwrap().split(';').next().unwrap()).collect();
            let mut request = HeaderMap::new();
            request.insert("cookie", HeaderValue::from_str(&cookies.join("; ")).unwrap());
            let joined = shards("c", &request).unwrap();
            assert_eq!(sealer.open("p", &joined).as_ref(), Some(&plain));
            assert_eq!(sealer.open("q", &joined), None, "another purpose");
            assert_eq!(Sealer::new(&[8; 32]).unwrap().open("p", &joined), None, "another key");
            if cookies.len() > 1 {
                request.insert("cookie", HeaderValue::from_str(&cookies[..cookies.len() - 1].join("; ")).unwrap());
                assert_eq!(shards("c", &request), None, "a piece is missing");
            }
        }
        assert_eq!(set_shards("c", &"x".repeat(SHARD_CHARS_MAX * SHARDS_MAX + 1), 9, &mut HeaderMap::new()), None);
        for bad in ["c-0=", "c-0=0", "c-0=5x", "c-0=xx", "c-1=1"] {
            let mut request = HeaderMap::new();
            request.insert("cookie", HeaderValue::from_str(bad).unwrap());
            assert_eq!(shards("c", &request), None, "{bad}");
        }
        for bad in ["", "AAAA", "*"] {
            assert_eq!(sealer.open("p", bad), None, "{bad}");
        }
    }
}
