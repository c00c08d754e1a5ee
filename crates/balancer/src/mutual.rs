//! Clients' certificates (mutual TLS): who is let in, and what targets are told. Sessions of such listeners are never resumed: a
//! resumed client would not be asked again.
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/mutual-authentication.html>

use crate::x509::{Leaf, encoded_pem};
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, RootCertStore, SignatureScheme};
use std::sync::Arc;
use wire::balancer::MutualAuthentication;

/// "Maximum size of a client certificate chain": 64 KB is AWS's; "depth 4".
const CHAIN_MAX: usize = 4;

const SERIAL: HeaderName = HeaderName::from_static("x-amzn-mtls-clientcert-serial-number");
const ISSUER: HeaderName = HeaderName::from_static("x-amzn-mtls-clientcert-issuer");
const SUBJECT: HeaderName = HeaderName::from_static("x-amzn-mtls-clientcert-subject");
const VALIDITY: HeaderName = HeaderName::from_static("x-amzn-mtls-clientcert-validity");
const LEAF: HeaderName = HeaderName::from_static("x-amzn-mtls-clientcert-leaf");
const CHAIN: HeaderName = HeaderName::from_static("x-amzn-mtls-clientcert");

/// What is known of a connection's client.
#[derive(Debug, Default)]
pub struct Shown {
    pub leaf: Option<Leaf>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Shown {
    pub fn new(mode: &MutualAuthentication, chain: &[CertificateDer<'_>]) -> Self {
        let Some(first) = chain.first() else { return Self::default() };
        let leaf = Leaf::parse(first);
        let mut headers = Vec::new();
        let mut tell = |name: HeaderName, text: &str| headers.extend(HeaderValue::from_str(text).ok().map(|v| (name, v)));
        match mode {
            MutualAuthentication::Passthrough => tell(CHAIN, &encoded_pem(chain)),
            MutualAuthentication::Verify { .. } => {
                if let Some(leaf) = &leaf {
                    tell(SERIAL, &leaf.serial);
                    tell(ISSUER, &leaf.issuer);
                    tell(SUBJECT, &leaf.subject);
                    tell(VALIDITY, &leaf.validity());
                }
                tell(LEAF, &encoded_pem(&chain[..1]));
            }
        }
        Self { leaf, headers }
    }

    /// Nobody but the balancer says these, on whatever listener.
    pub fn put_into(&self, headers: &mut HeaderMap) {
        for name in [SERIAL, ISSUER, SUBJECT, VALIDITY, LEAF, CHAIN] {
            headers.remove(name);
        }
        for (name, value) in &self.headers {
            headers.insert(name, value.clone());
        }
    }
}

/// # Errors
/// What is wrong with the trust store, as a sentence.
pub fn verifier(mode: &MutualAuthentication, provider: &Arc<CryptoProvider>) -> Result<Arc<dyn ClientCertVerifier>, String> {
    let (inner, ignore_expiry) = match mode {
        MutualAuthentication::Passthrough => (None, false),
        MutualAuthentication::Verify { authorities_pem, ignore_expiry, advertise, revocations_pem } => {
            let mut roots = RootCertStore::empty();
            for authority in CertificateDer::pem_slice_iter(authorities_pem.as_bytes()) {
                let authority = authority.map_err(|e| format!("its trust store is no PEM: {e}"))?;
                roots.add(authority).map_err(|e| format!("an authority of its trust store cannot be used: {e}"))?;
            }
            let list = |pem: &String| CertificateRevocationListDer::from_pem_slice(pem.as_bytes());
            let lists: Result<Vec<_>, _> = revocations_pem.iter().map(list).collect();
            let lists = lists.map_err(|e| format!("a revocation list of its trust store is no PEM: {e}"))?;
            let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone());
            let mut builder = builder.with_crls(lists).allow_unknown_revocation_status();
            if !advertise {
                builder = builder.clear_root_hint_subjects();
            }
            (Some(builder.build().map_err(|e| format!("its trust store cannot be used: {e}"))?), *ignore_expiry)
        }
    };
    Ok(Arc::new(Verifier { inner, ignore_expiry, provider: provider.clone() }))
}

#[derive(Debug)]
struct Verifier {
    /// None: passthrough.
    inner: Option<Arc<dyn ClientCertVerifier>>,
    ignore_expiry: bool,
    provider: Arc<CryptoProvider>,
}

impl ClientCertVerifier for Verifier {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.inner.as_ref().map_or(&[], |v| v.root_hint_subjects())
    }

    fn client_auth_mandatory(&self) -> bool {
        self.inner.is_some()
    }

    fn verify_client_cert(
        &self,
        leaf: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        if chain.len() + 1 > CHAIN_MAX {
            return Err(CertificateError::ApplicationVerificationFailure.into());
        }
        let Some(inner) = &self.inner else { return Ok(ClientCertVerified::assertion()) };
        match inner.verify_client_cert(leaf, chain, now) {
            Err(Error::InvalidCertificate(CertificateError::ExpiredContext { not_after, .. })) if self.ignore_expiry => {
                inner.verify_client_cert(leaf, chain, not_after)
            }
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// The connection log's word for a handshake that failed ("Error reason codes").
pub fn reason(error: &std::io::Error) -> &'static str {
    use CertificateError as E;
    let tls = error.get_ref().and_then(|e| e.downcast_ref::<Error>());
    match tls {
        Some(Error::InvalidCertificate(e)) => match e {
            E::ApplicationVerificationFailure => "Failed:ClientCertMaxChainDepthExceeded",
            E::Expired | E::ExpiredContext { .. } => "Failed:ClientCertExpired",
            E::NotValidYet | E::NotValidYetContext { .. } => "Failed:ClientCertNotYetValid",
            E::Revoked => "Failed:ClientCertCrlHit",
            E::UnknownIssuer | E::BadSignature => "Failed:ClientCertUntrusted",
            E::InvalidPurpose | E::InvalidPurposeContext { .. } => "Failed:ClientCertPurposeInvalid",
            E::BadEncoding => "Failed:ClientCertInvalid",
            _ => "Failed:ClientCertRejected",
        },
        _ => "Failed:UnmappedConnectionError",
    }
}
