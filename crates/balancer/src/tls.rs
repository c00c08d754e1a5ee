//! TLS at the front (certificates by SNI, AWS's policies, tickets) and towards targets.
//!
//! Tickets: rustls' own cache holds 256 sessions, too few for a balancer, so each listener has a ticketer. Its keys are the
//! document's ([`ticket`]), which turn in the region's hands; where there are none its own, which turn every six hours and stay
//! with the listener when the document changes. Targets' certificates are not verified, as AWS's
//! balancer does not (the VPC authenticates hosts); what they sign is.

use crate::mutual;
use crate::ticket::{self, SharedTickets};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::{ClientHello, ProducesTickets, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, DigitallySignedStruct, ServerConfig, SignatureScheme};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use wire::balancer::{Certificate, CertificateSource, TicketKey, certificate_purpose, ticket_key_purpose};
use zeroize::Zeroizing;

/// Opens what was sealed for a purpose: private keys (PEM), ticket keys. `stratocell lb` has no root key: it has none of these.
pub type Unseal<'a> = Option<&'a dyn Fn(&str, &[u8]) -> Option<Zeroizing<Vec<u8>>>>;

pub type Certificates = BTreeMap<String, Loaded>;

#[derive(Debug, Clone)]
pub struct Loaded {
    key: Arc<CertifiedKey>,
    /// Lower case; `*.example.com` stands for one label.
    names: Vec<String>,
    /// To see whether it is the same as before.
    arn: String,
}

/// Reads every certificate of a document.
///
/// # Errors
/// (its ARN, what is wrong).
pub fn load(certificates: &[Certificate], unseal: Unseal<'_>) -> Result<Certificates, (String, String)> {
    let one = |c: &Certificate| {
        let (chain, key) = match &c.source {
            CertificateSource::Sealed { chain_pem, sealed_key } => {
                let unseal = unseal.ok_or("this balancer cannot open sealed keys")?;
                let key = unseal(&certificate_purpose(&c.arn), sealed_key).ok_or("its private key cannot be opened")?;
                (chain_pem.clone().into_bytes(), key)
            }
            CertificateSource::Files { chain_file, key_file } => {
                let read = |p| std::fs::read(p).map_err(|e| format!("cannot read {}: {e}", std::path::Path::display(p)));
                (read(chain_file)?, Zeroizing::new(read(key_file)?))
            }
        };
        certified(&chain, &key, &c.arn)
    };
    certificates.iter().map(|c| Ok((c.arn.clone(), one(c).map_err(|e: String| (c.arn.clone(), e))?))).collect()
}

fn certified(chain_pem: &[u8], key_pem: &[u8], arn: &str) -> Result<Loaded, String> {
    let chain: Vec<CertificateDer<'static>> =
        CertificateDer::pem_slice_iter(chain_pem).collect::<Result<_, _>>().map_err(|e| format!("its chain is no PEM: {e}"))?;
    let leaf = chain.first().ok_or("its chain is empty")?;
    let names = {
        let parsed = webpki::EndEntityCert::try_from(leaf).map_err(|e| format!("its certificate cannot be read: {e}"))?;
        parsed.valid_dns_names().map(str::to_ascii_lowercase).collect()
    };
    let key = PrivateKeyDer::from_pem_slice(key_pem).map_err(|e| format!("its private key is no PEM: {e}"))?;
    let key = CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider()).map_err(|e| e.to_string())?;
    Ok(Loaded { key: Arc::new(key), names, arn: arn.to_owned() })
}

/// What listeners' TLS is made of, besides themselves.
#[derive(Debug)]
pub struct Store {
    pub certificates: Certificates,
    /// Empty: each listener has its own.
    pub ticket_keys: Arc<[ticket::TicketKey]>,
}

/// # Errors
/// What is wrong, as a sentence.
pub fn load_ticket_keys(keys: &[TicketKey], unseal: Unseal<'_>) -> Result<Arc<[ticket::TicketKey]>, String> {
    if keys.len() > ticket::KEYS_MAX {
        return Err(format!("{} of them, at most {}", keys.len(), ticket::KEYS_MAX));
    }
    let one = |k: &TicketKey| {
        let bytes = match k {
            TicketKey::Sealed { id, sealed_key } => {
                let unseal = unseal.ok_or("this balancer cannot open sealed keys")?;
                unseal(&ticket_key_purpose(id), sealed_key).ok_or("one cannot be opened")?
            }
            TicketKey::File { key_file } => {
                Zeroizing::new(std::fs::read(key_file).map_err(|e| format!("cannot read {}: {e}", key_file.display()))?)
            }
        };
        ticket::TicketKey::new(&bytes)
    };
    keys.iter().map(one).collect()
}

/// A listener's certificates and protocol versions.
#[derive(Debug)]
pub struct ListenerTls {
    pub config: Arc<ServerConfig>,
    ticketer: Arc<dyn ProducesTickets>,
    own_tickets: bool,
    resolver: Arc<Resolver>,
}

impl ListenerTls {
    /// The ARN of the certificate that a client who sends `name` gets.
    pub fn certificate(&self, name: Option<&str>) -> &str {
        &self.resolver.choose(name).arn
    }
}

/// Makes the TLS of a listener, by its ARN; `before`: what it had, whose own ticket keys go on.
///
/// # Errors
/// What is wrong, as a sentence.
pub fn listener(
    arn: &str,
    spec: &wire::balancer::ListenerTls,
    http2: bool,
    store: &Store,
    before: Option<&ListenerTls>,
) -> Result<ListenerTls, String> {
    if spec.alpn_policy.is_some() {
        return Err("alpn_policy is for TLS listeners".to_owned());
    }
    if spec.certificates.len() > 25 {
        return Err(format!("{} further certificates, at most 25", spec.certificates.len()));
    }
    let find = |arn: &String| store.certificates.get(arn).cloned().ok_or_else(|| format!("there is no certificate \"{arn}\""));
    let mut resolver = Resolver { default: find(&spec.default_certificate)?, exact: HashMap::new(), wild: HashMap::new() };
    for arn in std::iter::once(&spec.default_certificate).chain(&spec.certificates) {
        resolver.add(find(arn)?);
    }
    let resolver = Arc::new(resolver);
    let ticketer: Arc<dyn ProducesTickets> = match before {
        _ if !store.ticket_keys.is_empty() => Arc::new(SharedTickets::new(store.ticket_keys.clone(), arn)),
        Some(before) if before.own_tickets => before.ticketer.clone(),
        _ => aws_lc_rs::Ticketer::new().map_err(|e| format!("no ticket keys: {e}"))?,
    };
    let (provider, versions) = policy(&spec.policy)?;
    let provider = Arc::new(provider);
    let builder = ServerConfig::builder_with_provider(provider.clone()).with_protocol_versions(versions);
    let builder = builder.map_err(|e| e.to_string())?;
    let builder = match &spec.mutual_authentication {
        None => builder.with_no_client_auth(),
        Some(mode) => builder.with_client_cert_verifier(mutual::verifier(mode, &provider)?),
    };
    let mut config = builder.with_cert_resolver(resolver.clone());
    if spec.mutual_authentication.is_some() {
        config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
    } else {
        config.ticketer = ticketer.clone();
        // Two tickets a handshake would be the default; a client needs one, and each costs an encryption.
        config.send_tls13_tickets = 1;
    }
    config.alpn_protocols = if http2 { vec![b"h2".to_vec(), b"http/1.1".to_vec()] } else { vec![b"http/1.1".to_vec()] };
    Ok(ListenerTls { config: Arc::new(config), ticketer, own_tickets: store.ticket_keys.is_empty(), resolver })
}

/// AWS's security policies, those that rustls can do to the letter.
fn policy(name: &str) -> Result<(CryptoProvider, &'static [&'static rustls::SupportedProtocolVersion]), String> {
    use aws_lc_rs::cipher_suite as suite;
    let tls13 = [suite::TLS13_AES_128_GCM_SHA256, suite::TLS13_AES_256_GCM_SHA384, suite::TLS13_CHACHA20_POLY1305_SHA256];
    let tls12 = [
        suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        suite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    ];
    use rustls::version::{TLS12, TLS13};
    static ONLY13: [&rustls::SupportedProtocolVersion; 1] = [&TLS13];
    static ONLY12: [&rustls::SupportedProtocolVersion; 1] = [&TLS12];
    static BOTH: [&rustls::SupportedProtocolVersion; 2] = [&TLS13, &TLS12];
    let (suites, versions): (Vec<_>, &'static [_]) = match name {
        "ELBSecurityPolicy-TLS13-1-3-2021-06" => (tls13.to_vec(), &ONLY13),
        "ELBSecurityPolicy-TLS13-1-2-Res-2021-06" => ([&tls13[..], &tls12[..]].concat(), &BOTH),
        "ELBSecurityPolicy-FS-1-2-Res-2020-10" => (tls12.to_vec(), &ONLY12),
        other => {
            return Err(format!(
                "policy \"{other}\" has suites that this balancer does not speak (CBC, or key exchange by RSA); it speaks \
                 ELBSecurityPolicy-TLS13-1-2-Res-2021-06, ELBSecurityPolicy-TLS13-1-3-2021-06 and \
                 ELBSecurityPolicy-FS-1-2-Res-2020-10"
            ));
        }
    };
    Ok((CryptoProvider { cipher_suites: suites, ..aws_lc_rs::default_provider() }, versions))
}

#[derive(Debug)]
struct Resolver {
    default: Loaded,
    exact: HashMap<String, Loaded>,
    /// By what follows `*.`.
    wild: HashMap<String, Loaded>,
}

impl Resolver {
    /// The first certificate of a name keeps it.
    fn add(&mut self, loaded: Loaded) {
        for name in &loaded.names {
            match name.strip_prefix("*.") {
                Some(parent) => self.wild.entry(parent.to_owned()).or_insert_with(|| loaded.clone()),
                None => self.exact.entry(name.clone()).or_insert_with(|| loaded.clone()),
            };
        }
    }

    fn choose(&self, name: Option<&str>) -> &Loaded {
        let Some(name) = name.map(str::to_ascii_lowercase) else { return &self.default };
        let wild = || name.split_once('.').and_then(|(_, parent)| self.wild.get(parent));
        self.exact.get(&name).or_else(wild).unwrap_or(&self.default)
    }
}

impl ResolvesServerCert for Resolver {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.choose(hello.server_name()).key.clone())
    }
}

/// Towards HTTPS targets. `h2`: by ALPN.
///
/// # Errors
/// The provider has no protocol versions: never, with a provider of rustls' own.
pub fn client(h2: bool) -> Result<Arc<ClientConfig>, rustls::Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyTarget(provider)))
        .with_no_client_auth();
    if h2 {
        config.alpn_protocols = vec![b"h2".to_vec()];
    }
    Ok(Arc::new(config))
}

/// Takes every certificate, and checks that its holder signed.
#[derive(Debug)]
struct AnyTarget(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyTarget {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
