//! KMS's cryptography, served by the gateway itself from the keys that were pushed to it: it goes on with no control plane.
//!
//! ```text
//!  operation ─► find the key (ring) ─► may the caller (access) ─► state ─► usage ─► material, unsealed and kept a while ─► work
//!                                              the object store asks the same way, in its callers' names: envelope
//! ```
//! Making and changing keys is the region's; this forwards what it does not know. Slow work (RSA's private half, making key
//! pairs) is done beside the event loop.

mod access;
mod cipher;
mod datakey;
pub mod envelope;
mod ring;
mod sign;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod walk;

pub use access::Caller;
pub use ring::Keys;

use aws_protocol::{AwsError, HttpReply, Request, kms as api, kms_errors};
use std::rc::Rc;

/// One request for a cryptographic operation, proven.
pub struct Ask<'a> {
    pub keys: &'a Rc<Keys>,
    pub caller: Caller<'a>,
    pub request_id: &'a str,
    pub body: &'a str,
}

/// Whether the operation is served here.
pub fn is_local(action: &str) -> bool {
    matches!(
        action,
        "Encrypt"
            | "Decrypt"
            | "ReEncrypt"
            | "GenerateDataKey"
            | "GenerateDataKeyWithoutPlaintext"
            | "GenerateDataKeyPair"
            | "GenerateDataKeyPairWithoutPlaintext"
            | "GenerateRandom"
            | "Sign"
            | "Verify"
            | "GetPublicKey"
            | "GenerateMac"
            | "VerifyMac"
            | "DeriveSharedSecret"
    )
}

/// Serves an operation that [`is_local`].
pub async fn serve(ask: &Ask<'_>, action: &str) -> Result<HttpReply, AwsError> {
    match action {
        "Encrypt" => cipher::encrypt(ask, &decode(ask)?).await.map(|r| reply::<api::EncryptRequest>(ask, &r)),
        "Decrypt" => cipher::decrypt(ask, &decode(ask)?).await.map(|r| reply::<api::DecryptRequest>(ask, &r)),
        "ReEncrypt" => cipher::re_encrypt(ask, &decode(ask)?).await.map(|r| reply::<api::ReEncryptRequest>(ask, &r)),
        "GenerateDataKey" => datakey::generate(ask, &decode(ask)?).map(|r| reply::<api::GenerateDataKeyRequest>(ask, &r)),
        "GenerateDataKeyWithoutPlaintext" => datakey::generate_without_plaintext(ask, &decode(ask)?)
            .map(|r| reply::<api::GenerateDataKeyWithoutPlaintextRequest>(ask, &r)),
        "GenerateDataKeyPair" => {
            datakey::pair(ask, &decode(ask)?).await.map(|r| reply::<api::GenerateDataKeyPairRequest>(ask, &r))
        }
        "GenerateDataKeyPairWithoutPlaintext" => datakey::pair_without_plaintext(ask, &decode(ask)?)
            .await
            .map(|r| reply::<api::GenerateDataKeyPairWithoutPlaintextRequest>(ask, &r)),
        "GenerateRandom" => datakey::random(ask, &decode(ask)?).map(|r| reply::<api::GenerateRandomRequest>(ask, &r)),
        "Sign" => sign::sign(ask, &decode(ask)?).await.map(|r| reply::<api::SignRequest>(ask, &r)),
        "Verify" => sign::verify(ask, &decode(ask)?).map(|r| reply::<api::VerifyRequest>(ask, &r)),
        "GetPublicKey" => sign::public_key(ask, &decode(ask)?).map(|r| reply::<api::GetPublicKeyRequest>(ask, &r)),
        "GenerateMac" => sign::mac(ask, &decode(ask)?).map(|r| reply::<api::GenerateMacRequest>(ask, &r)),
        "VerifyMac" => sign::verify_mac(ask, &decode(ask)?).map(|r| reply::<api::VerifyMacRequest>(ask, &r)),
        "DeriveSharedSecret" => {
            sign::derive_shared_secret(ask, &decode(ask)?).map(|r| reply::<api::DeriveSharedSecretRequest>(ask, &r))
        }
        other => Err(kms_errors::unsupported(format!("{other} is not served by the gateway."))),
    }
}

/// Members that would have no effect here.
const REFUSED: [&str; 3] = ["Recipient", "DryRunModifiers", "CustomKeyStoreId"];

fn decode<R: Request>(ask: &Ask) -> Result<R, AwsError> {
    // Cheap, and exact: a member's name stands in quotes before a colon, which a value cannot have unescaped.
    if REFUSED.iter().any(|name| ask.body.contains(&format!("\"{name}\""))) {
        let value: serde_json::Value = serde_json::from_str(ask.body).unwrap_or_default();
        if let Some(name) = REFUSED.iter().find(|name| value.get(**name).is_some_and(|v| !v.is_null())) {
            return Err(kms_errors::unsupported(format!(
                "The parameter {name} is not supported: there are no Nitro enclaves and no custom key stores here."
            )));
        }
    }
    aws_protocol::decode_json(ask.body.as_bytes())
}

fn reply<R: Request>(ask: &Ask, value: &R::Reply) -> HttpReply {
    aws_protocol::encode::<R>(ask.request_id, value)
}

/// Runs work that takes long on a thread of its own.
async fn beside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, AwsError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| kms_errors::internal("The work was not done."))
}
