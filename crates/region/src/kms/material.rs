//! The work that needs the root key: asked for by handlers, done by the service on a thread of its own.

use crate::context::{Answer, Ctx, OpResult, Question};
use aws_protocol::{AwsError, kms_errors};
use kms::import::{Token, Wrapping};
use kms::{Material, Refused, RootKey};
use types::TimestampMs;
use wire::kms::{KeySpec, SealedMaterial};

#[derive(Debug, Clone, PartialEq)]
pub enum MaterialRequest {
    /// New material for a generation of the key `arn`.
    Generate { arn: String, generation: u32, spec: KeySpec },
    /// A wrapping key and a token for material from outside.
    Parameters { arn: String, wrapping: Wrapping, wrapping_key: KeySpec, expires: TimestampMs },
    /// Material from outside. `wrapped` is under the wrapping key that `token` holds.
    Import { arn: String, generation: u32, spec: KeySpec, token: Vec<u8>, wrapped: Vec<u8>, now: TimestampMs },
}

#[derive(Debug, Clone)]
pub enum MaterialAnswer {
    Made(SealedMaterial),
    Parameters {
        token: Vec<u8>,
        /// SubjectPublicKeyInfo
        public: Vec<u8>,
    },
    /// The import token's time is over.
    Expired,
    Refused(Refused),
}

pub fn work(root: &RootKey, request: &MaterialRequest) -> MaterialAnswer {
    let outcome = match request {
        MaterialRequest::Generate { arn, generation, spec } => {
            Material::generate(*spec).and_then(|m| seal(root, arn, *generation, &m))
        }
        MaterialRequest::Parameters { arn, wrapping, wrapping_key, expires } => {
            Material::generate(*wrapping_key).and_then(|key| {
                let token = kms::import::token(root, arn, *wrapping, &key, *expires)?;
                Ok(MaterialAnswer::Parameters { token, public: key.public_key()? })
            })
        }
        MaterialRequest::Import { arn, generation, spec, token, wrapped, now } => {
            Token::open(root, arn, token).and_then(|token| {
                if token.expires <= *now {
                    return Ok(MaterialAnswer::Expired);
                }
                seal(root, arn, *generation, &token.unwrap(*spec, wrapped)?)
            })
        }
    };
    outcome.unwrap_or_else(MaterialAnswer::Refused)
}

fn seal(root: &RootKey, arn: &str, generation: u32, material: &Material) -> Result<MaterialAnswer, Refused> {
    Ok(MaterialAnswer::Made(SealedMaterial {
        generation,
        id: material.id(arn),
        sealed: root.seal_material(arn, generation, material)?.into(),
        public: material.public_key()?.into(),
    }))
}

/// The answer that a handler waits for.
pub(super) fn ask(ctx: &Ctx, request: MaterialRequest) -> OpResult<MaterialAnswer> {
    match ctx.ask(Question::Material(request))? {
        Answer::Material(answer) => Ok(answer),
        Answer::Unavailable(sentence) => Err(kms_errors::internal(sentence).into()),
        _ => Err(kms_errors::internal("The answer is to another question.").into()),
    }
}

pub(super) fn made(answer: MaterialAnswer) -> Result<SealedMaterial, AwsError> {
    match answer {
        MaterialAnswer::Made(material) => Ok(material),
        MaterialAnswer::Expired => Err(kms_errors::expired_import_token()),
        MaterialAnswer::Refused(Refused::Token) => Err(kms_errors::invalid_import_token()),
        MaterialAnswer::Refused(Refused::Ciphertext) => Err(kms_errors::invalid_ciphertext()),
        MaterialAnswer::Refused(Refused::Material) => {
            Err(kms_errors::incorrect_key_material("The key material in the request is not valid for the key spec of the key."))
        }
        MaterialAnswer::Refused(e) => Err(kms_errors::internal(e.to_string())),
        MaterialAnswer::Parameters { .. } => Err(kms_errors::internal("The answer is to another question.")),
    }
}
