//! Why a cryptographic operation did not happen.

/// The caller turns these into AWS's codes: he knows the operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The ciphertext is not ours, was changed, or the encryption context is another.
    #[error("the ciphertext cannot be opened")]
    Ciphertext,
    #[error("the signature is not valid")]
    Signature,
    #[error("the MAC is not valid")]
    Mac,
    /// The key cannot do this, or not with this algorithm.
    #[error("the key is of another kind")]
    KeyKind,
    #[error("the message or plaintext has a length that the algorithm does not take")]
    Length,
    #[error("the public key is not valid or on another curve")]
    PublicKey,
    /// Imported material: not what was wrapped, or not a key of this kind.
    #[error("the key material is not valid")]
    Material,
    /// An import token that is not ours, of another key, or of another root key.
    #[error("the import token is not valid")]
    Token,
    /// The encryption context has too many bytes.
    #[error("the encryption context is too long")]
    Context,
    /// The cryptographic library failed: no randomness, no memory.
    #[error("the cryptographic library failed")]
    Failed,
}

impl From<aws_lc_rs::error::Unspecified> for Refused {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self::Failed
    }
}
