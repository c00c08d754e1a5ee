//! Session tickets (RFC 8446, section 4.6.1; RFC 5077) under keys that all nodes of a balancer share: a client resumes at whichever
//! it meets, and after a node was started anew.
//!
//! A ticket is `key's name (16) ‖ nonce (12) ‖ AES-256-GCM of the session`; the key's name and the listener are authenticated with
//! it, so a listener's ticket is no good at another with other certificates or another policy.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::digest;
use rustls::server::ProducesTickets;
use std::sync::Arc;

/// A key seals for so long in the region's hands, and opens for as long afterwards.
const LIFETIME_SECONDS: u32 = 6 * 3600;
pub const KEY_BYTES: usize = 32;
const NAME_BYTES: usize = 16;
const TAG_BYTES: usize = 16;
/// One that seals, one that will, one that did, and one to spare.
pub const KEYS_MAX: usize = 4;
/// Longer sessions, as of clients that showed long chains, are not put into tickets.
const SESSION_BYTES_MAX: usize = 16 << 10;

#[derive(Debug)]
pub struct TicketKey {
    name: [u8; NAME_BYTES],
    key: RandomizedNonceKey,
}

impl TicketKey {
    /// # Errors
    /// It is not of 32 bytes.
    pub fn new(bytes: &[u8]) -> Result<Self, String> {
        let key = RandomizedNonceKey::new(&AES_256_GCM, bytes);
        let key = key.map_err(|_| format!("a ticket key has {KEY_BYTES} bytes, not {}", bytes.len()))?;
        let mut named = digest::Context::new(&digest::SHA256);
        named.update(b"stratocell ticket key name\0");
        named.update(bytes);
        let mut name = [0; NAME_BYTES];
        name.copy_from_slice(&named.finish().as_ref()[..NAME_BYTES]);
        Ok(Self { name, key })
    }
}

/// Of one listener: the first key seals, all of them open.
#[derive(Debug)]
pub struct SharedTickets {
    keys: Arc<[TicketKey]>,
    listener: String,
}

impl SharedTickets {
    pub fn new(keys: Arc<[TicketKey]>, listener: &str) -> Self {
        Self { keys, listener: listener.to_owned() }
    }

    fn aad(&self, name: &[u8; NAME_BYTES]) -> Aad<Vec<u8>> {
        Aad::from([name, self.listener.as_bytes()].concat())
    }
}

impl ProducesTickets for SharedTickets {
    fn enabled(&self) -> bool {
        true
    }

    fn lifetime(&self) -> u32 {
        LIFETIME_SECONDS
    }

    fn encrypt(&self, plain: &[u8]) -> Option<Vec<u8>> {
        let key = self.keys.first().filter(|_| plain.len() <= SESSION_BYTES_MAX)?;
        let mut sealed = plain.to_vec();
        let nonce = key.key.seal_in_place_append_tag(self.aad(&key.name), &mut sealed).ok()?;
        Some([&key.name[..], nonce.as_ref(), &sealed].concat())
    }

    fn decrypt(&self, ticket: &[u8]) -> Option<Vec<u8>> {
        if ticket.len() > NAME_BYTES + NONCE_LEN + SESSION_BYTES_MAX + TAG_BYTES {
            return None;
        }
        let (name, rest) = ticket.split_first_chunk::<NAME_BYTES>()?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_LEN>()?;
        // Names are no secrets.
        let key = self.keys.iter().find(|k| k.name == *name)?;
        let mut plain = sealed.to_vec();
        let length = key.key.open_in_place(Nonce::assume_unique_for_key(*nonce), self.aad(name), &mut plain).ok()?.len();
        plain.truncate(length);
        Some(plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tickets(keys: &[u8], listener: &str) -> SharedTickets {
        let keys: Vec<_> = keys.iter().map(|k| TicketKey::new(&[*k; KEY_BYTES]).unwrap()).collect();
        SharedTickets::new(keys.into(), listener)
    }

    #[test]
    fn who_has_the_key_opens_what_is_whole() {
        let (one, other) = (tickets(&[1, 2], "l"), tickets(&[2, 1], "l"));
        let ticket = one.encrypt(b"a session").unwrap();
        assert_eq!(one.decrypt(&ticket).as_deref(), Some(&b"a session"[..]));
        assert_eq!(other.decrypt(&ticket).as_deref(), Some(&b"a session"[..]), "it seals with the other, and opens with both");
        assert_eq!(tickets(&[2, 3], "l").decrypt(&ticket), None, "a key that has gone");
        assert_eq!(tickets(&[1], "k").decrypt(&ticket), None, "another listener");
        assert_ne!(one.encrypt(b"a session").unwrap(), ticket, "no two are alike");
        for at in 0..ticket.len() {
            let mut bad = ticket.clone();
            bad[at] ^= 1;
            assert_eq!(one.decrypt(&bad), None, "byte {at}");
            assert_eq!(one.decrypt(&ticket[..at]), None, "{at} bytes");
        }
        assert_eq!(one.encrypt(&vec![0; SESSION_BYTES_MAX + 1]), None);
        assert_eq!(one.decrypt(&vec![0; 1 << 20]), None);
        assert!(TicketKey::new(&[1; 31]).is_err() && !format!("{one:?}").contains("1, 1, 1"));
    }
}
