//! The region's own certificate authority: made once by whoever holds the data directory, used by the supervisor alone.
//!
//! Its key lies in a file of the same user as all roles, who could read it if they were taken over by an enemy: on one machine
//! under one user it divides duties, not powers. Roles are given leaves only and have no code that opens it. The key is read
//! for each renewal and forgotten after it.

use super::x509::{self, Purpose, Validity};
use super::{Peer, SKEW};
use crate::{Clock, DataDir, disk};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::Ed25519KeyPair;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use zeroize::{Zeroize, Zeroizing};

/// The authority itself is not renewed: a clock that is set wrong must not end a region.
/// Until the end of 9998.
const FOREVER: Validity = Validity { from_s: 0, to_s: 253_370_764_799 };

/// Issues the leaves of a region's processes.
pub struct Authority {
    dir: DataDir,
    region: String,
    life: Duration,
    clock: Arc<dyn Clock>,
}

/// Key and certificate, while they are needed.
struct Signer {
    pair: Ed25519KeyPair,
    certificate: CertificateDer<'static>,
}

impl Authority {
    /// Finds the directory's authority, or makes it: of several who do so at once, one does. Leaves live for `life`.
    pub fn open(dir: &DataDir, region: &str, life: Duration, clock: Arc<dyn Clock>) -> io::Result<Self> {
        disk::create_private_dir(&dir.tls())?;
        let authority = Self { dir: dir.clone(), region: region.to_owned(), life, clock };
        if !dir.authority().exists() {
            let pair = Ed25519KeyPair::generate().map_err(io::Error::other)?;
            let name = authority.name();
            let key = x509::public_key(&pair);
            let der = x509::certificate(&name, &name, key, &Purpose::Authority, FOREVER, &pair).map_err(io::Error::other)?;
            disk::create_atomic(&dir.authority(), bundle(&pair, &[&der])?.as_bytes())?;
        }
        authority.signer()?;
        Ok(authority)
    }

    /// Two regions' authorities are different names, too.
    fn name(&self) -> String {
        format!("Stratocell {} authority", self.region)
    }

    fn signer(&self) -> io::Result<Signer> {
        let path = self.dir.authority();
        let text = Zeroizing::new(fs::read(&path)?);
        let read = || {
            let key = PrivatePkcs8KeyDer::from_pem_slice(&text).ok()?;
            let certificate = CertificateDer::from_pem_slice(&text).ok()?;
            Some(Signer { pair: Ed25519KeyPair::from_pkcs8(key.secret_pkcs8_der()).ok()?, certificate })
        };
        read().ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidData, format!("{} is no key with its certificate", path.display()))
        })
    }

    /// The SHA-256 of the authority's certificate, in hex.
    pub fn fingerprint(&self) -> io::Result<String> {
        Ok(digest(&SHA256, &self.signer()?.certificate).as_ref().iter().map(|b| format!("{b:02x}")).collect())
    }

    /// Writes new leaves, each in its file (0600) with its key and the authority's certificate.
    ///
    /// # Errors
    /// A process whose name is no role's, or the disk.
    pub fn issue<'a>(&self, processes: impl IntoIterator<Item = &'a str>) -> io::Result<()> {
        let signer = self.signer()?;
        let now_s = (self.clock.wall().0 / 1000) as i64;
        let validity = Validity { from_s: now_s - SKEW.as_secs() as i64, to_s: now_s + self.life.as_secs() as i64 };
        for process in processes {
            let name = Peer::new(process, &self.region).map(|p| p.dns_name());
            let name = name.ok_or_else(|| io::Error::other(format!("\"{process}\" is no process of a region")))?;
            let pair = Ed25519KeyPair::generate().map_err(io::Error::other)?;
            let leaf = Purpose::Leaf { name: &name };
            let der = x509::certificate(&self.name(), process, x509::public_key(&pair), &leaf, validity, &signer.pair);
            let der = der.map_err(io::Error::other)?;
            replace(&self.dir.leaf(process), bundle(&pair, &[&der, &signer.certificate])?.as_bytes())?;
        }
        Ok(())
    }

    /// Issues again at half of the leaves' life, for ever. The wall clock is looked at often: it may be set, or stand still
    /// with the machine.
    pub async fn keep_renewing(self, processes: Vec<String>) {
        let look = (self.life / 20).min(Duration::from_secs(5));
        let mut made_ms = self.clock.wall().0;
        loop {
            tokio::time::sleep(look).await;
            let now_ms = self.clock.wall().0;
            if !is_due(made_ms, now_ms, self.life) {
                continue;
            }
            match self.issue(processes.iter().map(String::as_str)) {
                Ok(()) => {
                    made_ms = now_ms;
                    tracing::info!(count = processes.len(), "certificates renewed");
                }
                Err(e) => tracing::error!(error = %e, "certificates cannot be renewed: new connections end with the old ones"),
            }
        }
    }
}

/// Half of the leaves' life is over; or the clock was set back, and before long they are not valid yet.
fn is_due(made_ms: u64, now_ms: u64, life: Duration) -> bool {
    let (half_ms, skew_ms) = (life.as_millis() as u64 / 2, SKEW.as_millis() as u64);
    now_ms >= made_ms + half_ms || now_ms + skew_ms / 2 < made_ms
}

/// Not durable on purpose: the supervisor issues anew when it starts, and there are many.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let tmp = path.with_extension(format!("tmp{}-{:?}", std::process::id(), std::thread::current().id()));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&tmp)?;
    file.write_all(bytes).and_then(|()| fs::rename(&tmp, path)).inspect_err(|_| drop(fs::remove_file(&tmp)))
}

fn bundle(pair: &Ed25519KeyPair, certificates: &[&[u8]]) -> io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::with_capacity(4096));
    let key = pair.to_pkcs8v1().map_err(io::Error::other)?;
    pem("PRIVATE KEY", key.as_ref(), &mut text);
    certificates.iter().for_each(|der| pem("CERTIFICATE", der, &mut text));
    Ok(text)
}

fn pem(label: &str, der: &[u8], out: &mut String) {
    let mut body = BASE64_STANDARD.encode(der);
    out.push_str(&format!("-----BEGIN {label}-----\n"));
    for line in body.as_bytes().chunks(64) {
        out.extend(line.iter().map(|b| char::from(*b)));
        out.push('\n');
    }
    out.push_str(&format!("-----END {label}-----\n"));
    body.zeroize();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_are_renewed_at_half_of_their_life_and_when_the_clock_is_set_back() {
        let (made, hour) = (1_764_115_200_000, 3_600_000);
        for (now, expected) in [
            (made, false),
            (made + 12 * hour - 1, false),
            (made + 12 * hour, true),
            (made + 1000 * hour, true),
            (made - 60_000, false),
            (made - 200_000, true),
            (made - 1000 * hour, true),
        ] {
            assert_eq!(is_due(made, now, super::super::LEAF_LIFE), expected, "{now}");
        }
    }
}
