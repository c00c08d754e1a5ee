//! The one thing that is asked of whoever holds the root key: to seal a private key, or a client secret of load balancers.

use crate::context::{Answer, Ctx, OpResult, Question};
use aws_protocol::AwsError;
use kms::{Refused, RootKey};
use zeroize::Zeroizing;

#[derive(Clone, PartialEq)]
pub struct SealRequest {
    purpose: String,
    secret: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for SealRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SealRequest").field("purpose", &self.purpose).finish_non_exhaustive()
    }
}

pub fn work(root: &RootKey, request: &SealRequest) -> Result<Vec<u8>, Refused> {
    root.seal(&request.purpose, &request.secret)
}

/// `purpose`: the argument of `kms::RootKey::open`.
pub fn ask(ctx: &Ctx, purpose: String, secret: Zeroizing<Vec<u8>>) -> OpResult<Vec<u8>> {
    match ctx.ask(Question::Seal(SealRequest { purpose, secret }))? {
        Answer::Sealed(sealed) => Ok(sealed),
        Answer::Unavailable(sentence) => Err(AwsError::unavailable(sentence).into()),
        _ => Err(AwsError::internal("The answer is to another question.").into()),
    }
}
