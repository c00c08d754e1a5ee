//! Who is at the other end: mutual TLS 1.3 between the processes of a region.
//!
//! ```text
//!  Authority (tls/ca.pem, the supervisor's) ── issues ──► tls/NAME.pem: key, leaf, authority      (again at half a leaf's life)
//!                                                             │ read at start, and when half of it is over
//!  Identity ── connect / accept ──► handshake, both sides' leaves ──► verdict ──► calls
//! ```
//! A leaf's only name is `PROCESS.REGION.stratocell`, so it says which [`Role`] a process has and which of them it is. A client
//! expects the name of the socket that it calls; a server takes whoever its own list of [`Caller`]s names. The server's verdict
//! comes before the first call, so that what is refused never had an effect. Nothing is resumed: every connection is
//! authenticated in full, and none outlives the leaf it was made with.

mod authority;
mod handshake;
mod role;
pub mod testing;
mod x509;

pub use authority::Authority;
pub(crate) use handshake::{ConnectError, Stream};
pub use handshake::{Frames, Refusal};
pub use role::{Caller, Peer, Role, WATCHERS};

use crate::links::Links;
use crate::{Clock, DataDir, Settings, SystemClock};
use arc_swap::ArcSwap;
use handshake::Refusals;
use rustls::client::{ClientConfig, ResolvesClientCert, Resumption};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::{ClientHello, NoServerSessionStorage, ResolvesServerCert, ServerConfig, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;
use rustls::time_provider::TimeProvider;
use rustls::{RootCertStore, SignatureScheme};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use x509::Validity;

/// How long a leaf is valid.
pub const LEAF_LIFE: Duration = Duration::from_secs(24 * 3600);
/// A leaf is valid from so long before it was made: clocks differ, and are set back.
pub const SKEW: Duration = Duration::from_secs(300);
/// A leaf past its half is looked for again this often, at most.
const LOOK_EVERY_MS: u64 = 100;
const SUFFIX: &str = "stratocell";

#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("{0} cannot be read: the supervisor writes it")]
    Read(PathBuf, #[source] io::Error),
    #[error("{0} is no key with its certificates")]
    Leaf(PathBuf),
    #[error("the certificate of {process} is not one of a process")]
    Name { process: String },
    #[error(transparent)]
    Settings(#[from] crate::settings::SettingsError),
    #[error("TLS cannot be set up")]
    Setup(#[source] rustls::Error),
}

impl TlsError {
    /// Nothing was issued yet: there was no `up` here.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Read(_, e) if e.kind() == io::ErrorKind::NotFound)
    }
}

/// Who a process is, and whom it believes. Cheap to clone; all clones renew together.
#[derive(Clone)]
pub struct Identity(Arc<Inner>);

struct Inner {
    dir: DataDir,
    me: Peer,
    frames: Frames,
    current: Arc<Current>,
    client: Arc<ClientConfig>,
    server: Arc<ServerConfig>,
    refusals: Refusals,
    links: Links,
}

/// The leaf in use.
struct Current {
    path: PathBuf,
    clock: Arc<dyn Clock>,
    leaf: ArcSwap<Leaf>,
    looked_ms: AtomicU64,
}

struct Leaf {
    certified: Arc<CertifiedKey>,
    validity: Validity,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identity({})", self.0.me)
    }
}

impl Identity {
    /// The identity of a process, with the leaf that the supervisor wrote.
    pub fn open(dir: &DataDir, process: &str) -> Result<Self, TlsError> {
        let frames = if dir.settings().exists() { Settings::load(dir)?.bulk_frames } else { Frames::default() };
        Self::open_with(dir, process, frames, Arc::new(SystemClock::new()))
    }

    /// The same, by another clock.
    pub fn open_with(dir: &DataDir, process: &str, frames: Frames, clock: Arc<dyn Clock>) -> Result<Self, TlsError> {
        let path = dir.leaf(process);
        let (leaf, authority) = read(&path)?;
        let me = leaf.certified.cert.first().and_then(|der| Peer::of_certificate(der));
        let me = me.filter(|me| me.process() == process).ok_or_else(|| TlsError::Name { process: process.to_owned() })?;
        let current = Arc::new(Current { path, clock, leaf: ArcSwap::from_pointee(leaf), looked_ms: AtomicU64::new(0) });
        let mut roots = RootCertStore::empty();
        roots.add(authority).map_err(TlsError::Setup)?;
        let (client, server) = configs(roots, &current).map_err(TlsError::Setup)?;
        let refusals = Refusals::default();
        let links = Links::new(dir, process);
        Ok(Self(Arc::new(Inner { dir: dir.clone(), me, frames, current, client, server, refusals, links })))
    }

    pub fn me(&self) -> &Peer {
        &self.0.me
    }

    pub fn dir(&self) -> &DataDir {
        &self.0.dir
    }

    /// Faults of the links from this process.
    pub fn links(&self) -> &Links {
        &self.0.links
    }

    /// What protects the frames of this process's own bulk server.
    pub fn frames(&self) -> Frames {
        self.0.frames
    }

    /// The connections that were refused, by reason, since the process began.
    pub fn refused(&self) -> Vec<(Refusal, u64)> {
        self.0.refusals.all()
    }

    /// Changes when the leaf is renewed: a connection of before answers its calls and goes.
    pub(crate) fn turn(&self) -> i64 {
        self.0.current.fresh().validity.to_s
    }
}

impl Current {
    /// The leaf, renewed if a newer one lies there.
    fn fresh(&self) -> arc_swap::Guard<Arc<Leaf>> {
        let leaf = self.leaf.load();
        let now = self.clock.wall().0;
        if !leaf.validity.is_past_half(now) {
            return leaf;
        }
        let looked = self.looked_ms.load(Ordering::Relaxed);
        let mine = now.abs_diff(looked) >= LOOK_EVERY_MS
            && self.looked_ms.compare_exchange(looked, now, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        if !mine {
            return leaf;
        }
        match read(&self.path) {
            Ok((newer, _)) if newer.validity != leaf.validity => self.leaf.store(Arc::new(newer)),
            Ok(_) => {}
            Err(e) => tracing::warn!(error = %e, "the renewed certificate is not there: the old one goes on"),
        }
        self.leaf.load()
    }
}

impl Validity {
    /// Half of the life since it was made is over, or it is not valid yet.
    fn is_past_half(self, now_ms: u64) -> bool {
        let now_s = (now_ms / 1000) as i64;
        let made_s = self.from_s + SKEW.as_secs() as i64;
        now_s < self.from_s || now_ms as i64 >= (made_s + self.to_s) * 500
    }
}

impl std::fmt::Debug for Current {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Current({})", self.path.display())
    }
}

impl ResolvesClientCert for Current {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(self.fresh().certified.clone())
    }

    fn has_certs(&self) -> bool {
        true
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.fresh().certified.clone())
    }
}

impl TimeProvider for Current {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::from_millis(self.clock.wall().0)))
    }
}

/// One key exchange and one cipher: both ends are this program.
fn provider() -> CryptoProvider {
    CryptoProvider {
        cipher_suites: vec![aws_lc_rs::cipher_suite::TLS13_AES_128_GCM_SHA256],
        kx_groups: vec![aws_lc_rs::kx_group::X25519],
        ..aws_lc_rs::default_provider()
    }
}

fn configs(roots: RootCertStore, current: &Arc<Current>) -> Result<(Arc<ClientConfig>, Arc<ServerConfig>), rustls::Error> {
    let (roots, provider) = (Arc::new(roots), Arc::new(provider()));
    let versions = &[&rustls::version::TLS13];
    let mut client = ClientConfig::builder_with_details(provider.clone(), current.clone())
        .with_protocol_versions(versions)?
        .with_root_certificates(roots.clone())
        .with_client_cert_resolver(current.clone());
    client.resumption = Resumption::disabled();
    let clients = WebPkiClientVerifier::builder_with_provider(roots, provider.clone())
        .clear_root_hint_subjects()
        .build()
        .map_err(|e| rustls::Error::General(e.to_string()))?;
    let mut server = ServerConfig::builder_with_details(provider, current.clone())
        .with_protocol_versions(versions)?
        .with_client_cert_verifier(clients)
        .with_cert_resolver(current.clone());
    server.session_storage = Arc::new(NoServerSessionStorage {});
    server.send_tls13_tickets = 0;
    Ok((Arc::new(client), Arc::new(server)))
}

/// A leaf with its key, and the authority.
fn read(path: &Path) -> Result<(Leaf, CertificateDer<'static>), TlsError> {
    let text = zeroize::Zeroizing::new(std::fs::read(path).map_err(|e| TlsError::Read(path.to_owned(), e))?);
    let parsed = || {
        let key = PrivateKeyDer::from_pem_slice(&text).ok()?;
        let mut certificates = CertificateDer::pem_slice_iter(&text).collect::<Result<Vec<_>, _>>().ok()?.into_iter();
        let (leaf, authority) = (certificates.next()?, certificates.next()?);
        let validity = x509::validity(&leaf)?;
        let key = aws_lc_rs::sign::any_eddsa_type(match &key {
            PrivateKeyDer::Pkcs8(key) => key,
            _ => return None,
        });
        Some((Leaf { certified: Arc::new(CertifiedKey::new(vec![leaf], key.ok()?)), validity }, authority))
    };
    parsed().ok_or_else(|| TlsError::Leaf(path.to_owned()))
}

#[cfg(test)]
mod tests;
