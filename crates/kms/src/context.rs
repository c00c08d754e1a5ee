//! The encryption context: names and values that a ciphertext is bound to, as the bytes that are authenticated.

use crate::error::Refused;
use std::collections::BTreeMap;

/// Case sensitive; the order does not matter.
pub type EncryptionContext = BTreeMap<String, String>;

/// All names and values together (Developer Guide, "Encryption context": 8,192 characters of JSON), bytes.
pub const CONTEXT_BYTES_MAX: usize = 8192;

/// One spelling for each context: lengths go before names and values, so that no two contexts share their bytes.
pub fn canonical(context: &EncryptionContext) -> Result<Vec<u8>, Refused> {
    let bytes: usize = context.iter().map(|(k, v)| k.len() + v.len()).sum();
    if bytes > CONTEXT_BYTES_MAX {
        return Err(Refused::Context);
    }
    let mut out = Vec::with_capacity(bytes + 8 * context.len());
    for text in context.iter().flat_map(|(k, v)| [k, v]) {
        out.extend_from_slice(&(text.len() as u32).to_be_bytes());
        out.extend_from_slice(text.as_bytes());
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn different_contexts_have_different_bytes(
            a in prop::collection::btree_map("[ab]{0,3}", "[ab]{0,3}", 0..4),
            b in prop::collection::btree_map("[ab]{0,3}", "[ab]{0,3}", 0..4),
        ) {
            prop_assert_eq!(canonical(&a) == canonical(&b), a == b);
        }
    }

    #[test]
    fn a_context_has_a_limit() {
        let of = |n| canonical(&EncryptionContext::from([("k".to_owned(), "v".repeat(n))]));
        assert!(of(CONTEXT_BYTES_MAX - 1).is_ok());
        assert_eq!(of(CONTEXT_BYTES_MAX), Err(Refused::Context));
    }
}
