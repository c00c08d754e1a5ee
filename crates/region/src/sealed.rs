//! Rows with secrets, sealed under the region's root key: the store's files are of no use without `kms.key`.
//!
//! A row is sealed whole, bound to its key, on its way into the store, and opened at start-up; in memory it is plain. Rows of
//! before they were sealed are read, and sealed at the first start.

use ::kms::{Refused, RootKey, Secret};

/// Kinds of rows.
const KINDS: [&str; 5] = ["access-key", "mfa-device", "server-certificate", "session-key", "instance-session"];
/// Begins a sealed value; JSON does not begin so.
const MARK: &[u8] = b"sealed1 ";

/// What a stored value is.
pub enum Stored<'a> {
    Plain(&'a [u8]),
    /// Plain, and should not be.
    Bare(&'a [u8]),
    Sealed(Secret),
    /// Another root key sealed it, or it was changed or moved.
    Wrong,
}

fn is_secret(key: &[u8]) -> bool {
    let kind = key.split(|b| *b == b'/').next().unwrap_or_default();
    KINDS.iter().any(|k| k.as_bytes() == kind)
}

fn purpose(key: &[u8]) -> String {
    format!("row {}", String::from_utf8_lossy(key))
}

/// A row as the store gets it.
pub fn seal(root: &RootKey, key: &[u8], value: Vec<u8>) -> Result<Vec<u8>, Refused> {
    if !is_secret(key) {
        return Ok(value);
    }
    let value = Secret::from(value);
    Ok([MARK, &root.seal(&purpose(key), &value)?].concat())
}

/// A row as the store has it.
pub fn open<'a>(root: &RootKey, key: &[u8], value: &'a [u8]) -> Stored<'a> {
    match value.strip_prefix(MARK) {
        Some(sealed) => root.open(&purpose(key), sealed).map_or(Stored::Wrong, Stored::Sealed),
        None if is_secret(key) => Stored::Bare(value),
        None => Stored::Plain(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_sealed_to_their_key_and_old_rows_are_read() {
        let (root, other) = (RootKey::generate().unwrap(), RootKey::generate().unwrap());
        let key = b"access-key/123456789012/AKIA1";
        let stored = seal(&root, key, b"{\"secret_key\":\"hidden\"}".to_vec()).unwrap();
        assert!(!stored.windows(6).any(|w| w == b"hidden"));
        assert!(matches!(open(&root, key, &stored), Stored::Sealed(s) if s.ends_with(b"\"hidden\"}")));
        assert!(matches!(open(&other, key, &stored), Stored::Wrong));
        assert!(matches!(open(&root, b"access-key/123456789012/AKIA2", &stored), Stored::Wrong));
        assert!(matches!(open(&root, key, b"{}"), Stored::Bare(b"{}")));
        assert_eq!(seal(&root, b"vpc/1/2", b"{}".to_vec()).unwrap(), b"{}");
        assert!(matches!(open(&root, b"vpc/1/2", b"{}"), Stored::Plain(b"{}")));
        for kind in KINDS {
            assert!(crate::rows::LOADERS.iter().any(|(k, _)| *k == kind), "{kind}");
        }
    }
}
