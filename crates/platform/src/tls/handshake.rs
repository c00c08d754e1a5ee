//! Making a connection: both sides' leaves, then the server's verdict, then calls.
//!
//! ```text
//!  client                                   server
//!    ClientHello, ... Finished  ◄────────►    (TLS 1.3; both verify)
//!                               ◄────────   u8 verdict: 0 refused, then why | 1 served, frames outside | 2 served, frames inside
//! ```
//! *Outside* is for a unix socket of one machine only: what follows the verdict is what the kernel carries between the two
//! processes that have proved who they are. There is no byte in flight when they leave TLS, as the client waits for the verdict
//! and the server for a call.

use super::{Caller, Identity, Peer};
use crate::rpc::RpcError;
use rustls::pki_types::ServerName;
use rustls::{AlertDescription, CertificateError, Error as Fault};
use serde::{Deserialize, Serialize};
use std::io;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio_rustls::{TlsAcceptor, TlsConnector, TlsStream};

/// A handshake of a peer that is not paused takes a millisecond.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
const WHY_BYTES_MAX: u64 = 256;
const LOG_EVERY: Duration = Duration::from_secs(60);

const VERDICT_REFUSED: u8 = 0;
const VERDICT_OUTSIDE: u8 = 1;
const VERDICT_INSIDE: u8 = 2;

/// What protects the data planes' frames behind the handshake.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Frames {
    /// The kernel: a unix socket (0600, of this user) between the two processes of the handshake. Within one machine only.
    #[default]
    Kernel,
    /// TLS, and no memory is lent.
    Tls,
}

impl std::fmt::Display for Frames {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Kernel => "kernel",
            Self::Tls => "tls",
        })
    }
}

/// Why a connection or a call was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Refusal {
    /// No TLS, or another version of it.
    NotTls,
    NoCertificate,
    /// Expired, or not valid yet.
    NotValidNow,
    OtherAuthority,
    /// A certificate that names no process of this region.
    Nameless,
    /// Not among those who may call.
    Role,
    /// The handshake took too long.
    Slow,
    /// The peer does not believe us.
    Distrusted,
    Other,
}

impl Refusal {
    const ALL: [Self; 9] = [
        Self::NotTls,
        Self::NoCertificate,
        Self::NotValidNow,
        Self::OtherAuthority,
        Self::Nameless,
        Self::Role,
        Self::Slow,
        Self::Distrusted,
        Self::Other,
    ];

    /// As `status` shows it.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotTls => "not-tls",
            Self::NoCertificate => "no-certificate",
            Self::NotValidNow => "not-valid-now",
            Self::OtherAuthority => "other-authority",
            Self::Nameless => "nameless",
            Self::Role => "role",
            Self::Slow => "slow",
            Self::Distrusted => "distrusted",
            Self::Other => "other",
        }
    }

    /// None: the peer went away, which is its own affair.
    fn of(e: &io::Error) -> Option<Self> {
        let fault = e.get_ref()?.downcast_ref::<Fault>()?;
        Some(match fault {
            Fault::InvalidMessage(_) | Fault::InappropriateMessage { .. } | Fault::PeerIncompatible(_) => Self::NotTls,
            Fault::NoCertificatesPresented => Self::NoCertificate,
            Fault::InvalidCertificate(
                CertificateError::Expired
                | CertificateError::ExpiredContext { .. }
                | CertificateError::NotValidYet
                | CertificateError::NotValidYetContext { .. },
            ) => Self::NotValidNow,
            Fault::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::BadSignature) => Self::OtherAuthority,
            Fault::AlertReceived(AlertDescription::CloseNotify) => return None,
            Fault::AlertReceived(_) => Self::Distrusted,
            _ => Self::Other,
        })
    }
}

/// Counted for ever, and said once a minute.
#[derive(Default)]
pub(super) struct Refusals {
    counts: [AtomicU64; Refusal::ALL.len()],
    said: Mutex<Option<Instant>>,
}

impl Refusals {
    fn count(&self, why: Refusal, peer: &str, detail: &str) {
        self.counts[why as usize].fetch_add(1, Ordering::Relaxed);
        let mut said = self.said.lock().unwrap_or_else(|e| e.into_inner());
        if said.is_none_or(|at| at.elapsed() >= LOG_EVERY) {
            *said = Some(Instant::now());
            let counts: Vec<_> = self.all().into_iter().filter(|(_, n)| *n > 0).collect();
            tracing::warn!(?why, peer, detail, since_start = ?counts, "refused (said once a minute)");
        }
    }

    pub(super) fn all(&self) -> Vec<(Refusal, u64)> {
        Refusal::ALL.into_iter().map(|r| (r, self.counts[r as usize].load(Ordering::Relaxed))).collect()
    }
}

/// A connection whose two ends know each other.
pub(crate) struct Stream {
    pub tls: TlsStream<UnixStream>,
    pub frames: Frames,
}

impl Stream {
    /// The socket itself, for frames outside.
    pub fn into_socket(self) -> UnixStream {
        match self.tls {
            TlsStream::Client(tls) => tls.into_inner().0,
            TlsStream::Server(tls) => tls.into_inner().0,
        }
    }
}

/// A caller, and how long its leaf is good for.
pub(crate) struct Accepted {
    pub stream: Stream,
    pub peer: Peer,
    pub left: Duration,
}

#[derive(Debug)]
pub(crate) enum ConnectError {
    /// Nobody is there, or it went away.
    Io(io::Error),
    /// One of the two does not believe the other.
    Untrusted(String),
}

impl ConnectError {
    pub fn for_role(self, role: &str) -> RpcError {
        match self {
            Self::Io(e) => RpcError::Unreachable { role: role.to_owned(), cause: e.to_string() },
            Self::Untrusted(cause) => RpcError::Untrusted { role: role.to_owned(), cause },
        }
    }
}

impl From<io::Error> for ConnectError {
    fn from(e: io::Error) -> Self {
        match e.get_ref().and_then(|e| e.downcast_ref::<Fault>()) {
            Some(fault) => Self::Untrusted(fault.to_string()),
            None => Self::Io(e),
        }
    }
}

impl Identity {
    /// A connection to the process whose socket it is: `run/cell-a1.sock` is answered by `cell-a1`, or by nobody.
    pub(crate) async fn connect(&self, socket: &Path) -> Result<Stream, ConnectError> {
        let process = socket.file_stem().and_then(|s| s.to_str()).unwrap_or_default();
        let expected = Peer::new(process, self.me().region()).map(|p| p.dns_name());
        let name = expected.and_then(|name| ServerName::try_from(name).ok());
        let name = name.ok_or_else(|| ConnectError::Untrusted(format!("no process is called \"{process}\"")))?;
        let stream = UnixStream::connect(socket).await?;
        let stream = TlsConnector::from(self.0.client.clone()).connect(name, stream).await?;
        let mut tls = TlsStream::from(stream);
        let frames = match tls.read_u8().await? {
            VERDICT_OUTSIDE => Frames::Kernel,
            VERDICT_INSIDE => Frames::Tls,
            VERDICT_REFUSED => {
                let mut why = String::new();
                tls.take(WHY_BYTES_MAX).read_to_string(&mut why).await?;
                return Err(ConnectError::Untrusted(why));
            }
            other => return Err(ConnectError::Untrusted(format!("its verdict is {other}"))),
        };
        Ok(Stream { tls, frames })
    }

    /// A caller that is among `callers`. None: it is not, and was told so.
    pub(crate) async fn accept(&self, stream: UnixStream, callers: &[Caller], frames: Frames) -> Option<Accepted> {
        let served = tokio::time::timeout(HANDSHAKE_TIMEOUT, self.judge(stream, callers, frames)).await;
        served.unwrap_or_else(|_| {
            self.refuse(Refusal::Slow, "?", "the handshake took too long");
            None
        })
    }

    async fn judge(&self, stream: UnixStream, callers: &[Caller], frames: Frames) -> Option<Accepted> {
        let mut tls = match TlsAcceptor::from(self.0.server.clone()).accept(stream).await {
            Ok(tls) => TlsStream::from(tls),
            Err(e) => {
                if let Some(why) = Refusal::of(&e) {
                    self.refuse(why, "?", &e.to_string());
                }
                return None;
            }
        };
        let leaf = tls.get_ref().1.peer_certificates().and_then(|c| c.first());
        let peer = leaf.and_then(Peer::of_certificate).filter(|p| p.region() == self.me().region());
        let to_s = leaf.and_then(|der| super::x509::validity(der)).map_or(0, |v| v.to_s);
        let refused = match &peer {
            None => Some((Refusal::Nameless, "the certificate names no process of this region".to_owned())),
            Some(peer) if callers.iter().any(|c| c.is(peer)) => None,
            Some(peer) => Some((Refusal::Role, format!("{peer} may not call {}", self.me()))),
        };
        if let Some((why, detail)) = refused {
            self.refuse(why, peer.as_ref().map_or("?", Peer::process), &detail);
            let verdict = [&[VERDICT_REFUSED], detail.as_bytes()].concat();
            // Whether it still hears it is its own affair.
            let _ = tls.write_all(&verdict).await;
            let _ = tls.shutdown().await;
            return None;
        }
        let verdict = if frames == Frames::Kernel { VERDICT_OUTSIDE } else { VERDICT_INSIDE };
        tls.write_u8(verdict).await.ok()?;
        tls.flush().await.ok()?;
        let left_ms = (to_s * 1000).saturating_sub(self.0.current.clock.wall().0 as i64);
        let left = Duration::from_millis(left_ms.max(0) as u64);
        Some(Accepted { stream: Stream { tls, frames }, peer: peer?, left })
    }

    /// Counts what was refused.
    pub(crate) fn refuse(&self, why: Refusal, peer: &str, detail: &str) {
        self.0.refusals.count(why, peer, detail);
    }
}
