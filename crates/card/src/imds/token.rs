//! IMDSv2 session tokens: nothing is stored, the token carries its expiry and is bound to one interface and instance by
//! an HMAC. The key is the host's own, so tokens survive a restart of the card.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use std::sync::atomic::{AtomicU64, Ordering};
use types::{InstanceId, InterfaceId};

pub const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 8;
const CLAIM_BYTES: usize = NONCE_BYTES + 8;
const TAG_BYTES: usize = 32;

pub struct Tokens {
    key: hmac::Key,
    /// Makes tokens of one second differ.
    issued: AtomicU64,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens")
    }
}

impl Tokens {
    pub fn new(key: &[u8; KEY_BYTES]) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, key), issued: AtomicU64::new(0) }
    }

    /// How many there were; goes on in a successor.
    pub fn issued(&self) -> u64 {
        self.issued.load(Ordering::Relaxed)
    }

    pub fn go_on_from(&self, issued: u64) {
        self.issued.store(issued, Ordering::Relaxed);
    }

    /// A token good until `expiry_s` (seconds since 1970), for requests of this interface only.
    pub fn issue(&self, interface: InterfaceId, instance: InstanceId, expiry_s: u64) -> String {
        let mut claim = [0u8; CLAIM_BYTES];
        claim[..NONCE_BYTES].copy_from_slice(&self.issued.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        claim[NONCE_BYTES..].copy_from_slice(&expiry_s.to_be_bytes());
        let tag = hmac::sign(&self.key, &message(interface, instance, &claim));
        URL_SAFE.encode([&claim[..], tag.as_ref()].concat())
    }

    pub fn check(&self, token: &str, interface: InterfaceId, instance: InstanceId, now_s: u64) -> bool {
        let Ok(bytes) = URL_SAFE.decode(token) else { return false };
        if bytes.len() != CLAIM_BYTES + TAG_BYTES {
            return false;
        }
        let (claim, tag) = bytes.split_at(CLAIM_BYTES);
        let expiry = claim[NONCE_BYTES..].iter().fold(0u64, |n, b| n << 8 | u64::from(*b));
        // The comparison takes the same time wherever the tags differ.
        hmac::verify(&self.key, &message(interface, instance, claim), tag).is_ok() && now_s < expiry
    }
}

fn message(interface: InterfaceId, instance: InstanceId, claim: &[u8]) -> Vec<u8> {
    let mut m = format!("imds-token-1 {interface} {instance} ").into_bytes();
    m.extend_from_slice(claim);
    m
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_its_owner_until_it_expires() {
        let tokens = Tokens::new(&[7; 32]);
        let (eni, i) = (InterfaceId::from_random(1), InstanceId::from_random(2));
        let t = tokens.issue(eni, i, 1000);
        assert_ne!(t, tokens.issue(eni, i, 1000));
        assert!(tokens.check(&t, eni, i, 999) && !tokens.check(&t, eni, i, 1000));
        assert!(!tokens.check(&t, InterfaceId::from_random(9), i, 0) && !tokens.check(&t, eni, InstanceId::from_random(9), 0));
        assert!(Tokens::new(&[7; 32]).check(&t, eni, i, 0) && !Tokens::new(&[8; 32]).check(&t, eni, i, 0));
        for n in 0..t.len() {
            let mut bad = t.clone().into_bytes();
            bad[n] = if bad[n] == b'A' { b'B' } else { b'A' };
            assert!(!tokens.check(&String::from_utf8(bad).unwrap(), eni, i, 0), "character {n}");
        }
        assert!(!tokens.check("", eni, i, 0));
    }
}
