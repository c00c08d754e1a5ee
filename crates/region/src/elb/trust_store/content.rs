//! Objects with certificates and revocation lists: read in the caller's name, and checked.

use crate::context::{Answer, Ctx, OpResult, Question};
use crate::iam::certificate::x509;
use aws_protocol::AwsError;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as B64;
use rustls_pki_types::CertificateDer;
use webpki::{BorrowedCertRevocationList, anchor_from_trusted_cert};
use wire::api::{ObjectAnswer, ObjectQuestion};

/// AWS: of a trust store; each has at most 16 KB.
const AUTHORITIES_MAX: usize = 25;
const AUTHORITY_BYTES_MAX: usize = 16 << 10;
/// Of the text. AWS's 25 certificates of 16 KB have more, real ones have 2 KB.
const BUNDLE_BYTES_MAX: u32 = 128 << 10;
/// Of one list's text and of all lists of a trust store: every node of a load balancer holds them. AWS: 50 MB.
pub const LISTS_BYTES_MAX: u32 = 512 << 10;

/// An object that a request names.
pub struct Asked<'a> {
    pub bucket: &'a Option<String>,
    pub key: &'a Option<String>,
    pub version: &'a Option<String>,
}

/// How refusals of one kind of content are called.
struct Codes {
    missing: &'static str,
    invalid: &'static str,
    what: &'static str,
}

const BUNDLE: Codes =
    Codes { missing: "CaCertificatesBundleNotFound", invalid: "InvalidCaCertificatesBundle", what: "CA certificates bundle" };
const LIST: Codes =
    Codes { missing: "RevocationContentNotFound", invalid: "InvalidRevocationContent", what: "revocation content" };

impl Codes {
    fn bad(&self, why: &str) -> AwsError {
        AwsError::new(self.invalid, format!("The {} is not valid: {why}", self.what))
    }

    fn read(&self, ctx: &Ctx, asked: &Asked, bytes_max: u32) -> OpResult<String> {
        let named = |part: &Option<String>| part.clone().filter(|p| !p.is_empty());
        let (Some(bucket), Some(key)) = (named(asked.bucket), named(asked.key)) else {
            let sentence = format!("The S3 bucket and key of the {} must be specified", self.what);
            return Err(super::validation(sentence).into());
        };
        let question = ObjectQuestion {
            caller: ctx.caller.clone(),
            source_ip: ctx.who.at.source_ip.to_owned(),
            user_agent: ctx.who.at.user_agent.to_owned(),
            bucket,
            key,
            version: named(asked.version),
            bytes_max,
        };
        match ctx.ask(Question::Object(question))? {
            Answer::Object(ObjectAnswer::Read(bytes)) => {
                String::from_utf8(bytes.0).map_err(|_| self.bad("it is not in PEM format").into())
            }
            Answer::Object(ObjectAnswer::Refused { code, .. }) if code == "EntityTooLarge" => {
                Err(self.bad(&format!("it has more than {bytes_max} bytes")).into())
            }
            Answer::Object(ObjectAnswer::Refused { message, .. }) => {
                Err(AwsError::new(self.missing, format!("The {} cannot be read: {message}", self.what)).into())
            }
            _ => Err(AwsError::unavailable("The object store did not answer; please try again.").into()),
        }
    }
}

/// The certificates of a bundle, as given.
pub fn authorities(ctx: &Ctx, asked: &Asked) -> OpResult<String> {
    let text = BUNDLE.read(ctx, asked, BUNDLE_BYTES_MAX)?;
    let blocks = x509::pem(&text).filter(|b| !b.is_empty()).ok_or_else(|| BUNDLE.bad("it is not in PEM format"))?;
    if blocks.len() > AUTHORITIES_MAX {
        return Err(BUNDLE.bad(&format!("it has more than {AUTHORITIES_MAX} certificates")).into());
    }
    for (label, der) in blocks {
        if label != "CERTIFICATE" {
            return Err(BUNDLE.bad("it holds more than certificates").into());
        }
        if der.len() > AUTHORITY_BYTES_MAX {
            return Err(BUNDLE.bad(&format!("a certificate has more than {AUTHORITY_BYTES_MAX} bytes")).into());
        }
        anchor_from_trusted_cert(&CertificateDer::from(der)).map_err(|e| BUNDLE.bad(&format!("a certificate: {e}")))?;
    }
    Ok(text)
}

/// A list as given, and how many are revoked by it.
pub fn revocations(ctx: &Ctx, asked: &Asked) -> OpResult<(String, usize)> {
    let text = LIST.read(ctx, asked, LISTS_BYTES_MAX)?;
    let blocks = x509::pem(&text).ok_or_else(|| LIST.bad("it is not in PEM format"))?;
    let [(label, der)] = blocks.as_slice() else { return Err(LIST.bad("it does not hold one list").into()) };
    if label != "X509 CRL" {
        return Err(LIST.bad("it is not a certificate revocation list").into());
    }
    let list = BorrowedCertRevocationList::from_der(der).map_err(|e| LIST.bad(&e.to_string()))?;
    let entries: Result<Vec<_>, _> = list.into_iter().collect();
    let entries = entries.map_err(|e| LIST.bad(&e.to_string()))?.len();
    Ok((text, entries))
}

/// RFC 2397.
pub fn data_url(pem: &str) -> String {
    format!("data:application/x-pem-file;base64,{}", B64.encode(pem))
}
