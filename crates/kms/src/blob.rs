//! The ciphertext that a symmetric key makes: says which key and which generation of it, so that Decrypt needs no KeyId and
//! goes on after a rotation.
//!
//! ```text
//!  0        1          17           21        37         49
//!  version  key's id   generation   salt      nonce      ciphertext and tag
//!  1 byte   16         4, BE        16        12         plaintext + 16
//! ```
//! Each message has its own AES-256-GCM key, HMAC-SHA-256(material, label ‖ salt), so that the number of messages under one
//! material is not bounded by the birthday of 96-bit nonces (KMS Cryptographic Details, "Symmetric encryption"). Version,
//! id, generation and salt are authenticated, with the encryption context behind them.

pub const VERSION: u8 = 1;
pub(crate) const SALT_BYTES: usize = 16;
const HEADER_BYTES: usize = 1 + 16 + 4 + SALT_BYTES;
const NONCE_BYTES: usize = 12;
pub(crate) const TAG_BYTES: usize = 16;
/// What a ciphertext is longer than its plaintext, bytes.
pub const OVERHEAD_BYTES: usize = HEADER_BYTES + NONCE_BYTES + TAG_BYTES;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// The key's UUID.
    pub key: [u8; 16],
    pub generation: u32,
    pub salt: [u8; SALT_BYTES],
}

/// A ciphertext, cut into its parts; nothing of it is proven yet.
#[derive(Debug, PartialEq, Eq)]
pub struct Blob<'a> {
    pub header: Header,
    pub nonce: [u8; NONCE_BYTES],
    pub sealed: &'a [u8],
}

impl Header {
    pub fn to_bytes(self) -> [u8; HEADER_BYTES] {
        let mut out = [0; HEADER_BYTES];
        out[0] = VERSION;
        out[1..17].copy_from_slice(&self.key);
        out[17..21].copy_from_slice(&self.generation.to_be_bytes());
        out[21..].copy_from_slice(&self.salt);
        out
    }
}

impl<'a> Blob<'a> {
    /// None: not a ciphertext of ours.
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        if bytes.len() > crate::CIPHERTEXT_BYTES_MAX {
            return None;
        }
        let (&version, rest) = bytes.split_first()?;
        let (key, rest) = rest.split_first_chunk()?;
        let (generation, rest) = rest.split_first_chunk()?;
        let (salt, rest) = rest.split_first_chunk()?;
        let (nonce, sealed) = rest.split_first_chunk()?;
        let header = Header { key: *key, generation: u32::from_be_bytes(*generation), salt: *salt };
        (version == VERSION && sealed.len() >= TAG_BYTES).then_some(Self { header, nonce: *nonce, sealed })
    }
}

/// `1234abcd-12ab-…` from the 16 bytes of a header.
pub fn uuid(bytes: &[u8; 16]) -> String {
    let h = hex::encode(bytes);
    format!("{}-{}-{}-{}-{}", &h[..8], &h[8..12], &h[12..16], &h[16..20], &h[20..])
}

/// The 16 bytes of a UUID in its usual spelling, lower case.
pub fn parse_uuid(text: &str) -> Option<[u8; 16]> {
    let digits: String = text.split('-').collect();
    let bytes: [u8; 16] = hex::decode(digits).ok()?.try_into().ok()?;
    (uuid(&bytes) == text).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_format_is_this_to_the_byte() {
        let header = Header { key: [0xab; 16], generation: 0x0102_0304, salt: [0xcd; 16] };
        let mut bytes = header.to_bytes().to_vec();
        assert_eq!(hex::encode(&bytes), format!("01{}01020304{}", "ab".repeat(16), "cd".repeat(16)));
        bytes.extend([7; 12 + 16]);
        let blob = Blob::parse(&bytes).unwrap();
        assert_eq!((blob.header, blob.nonce, blob.sealed), (header, [7; 12], &[7; 16][..]));
        assert_eq!(bytes.len(), OVERHEAD_BYTES);
        bytes.pop();
        assert_eq!(Blob::parse(&bytes), None);
        assert_eq!(Blob::parse(&[2; 100]), None);
        assert_eq!(Blob::parse(&vec![VERSION; crate::CIPHERTEXT_BYTES_MAX + 1]), None);
    }

    proptest! {
        #[test]
        fn uuids_come_back(bytes: [u8; 16]) {
            prop_assert_eq!(parse_uuid(&uuid(&bytes)), Some(bytes));
        }

        #[test]
        fn any_bytes_are_refused_or_cut(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            crate::fuzz::ciphertext(&bytes);
        }

        #[test]
        fn any_text_is_a_uuid_or_not(text in "[0-9a-f-]{30,40}") {
            prop_assert!(parse_uuid(&text).is_none_or(|b| uuid(&b) == text));
        }
    }
}
