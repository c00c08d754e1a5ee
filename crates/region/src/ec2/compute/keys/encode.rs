//! Keys in their containers: DER (PKCS #1, PKCS #8, SubjectPublicKeyInfo), OpenSSH's public line (RFC 4253, RFC 8709) and its
//! private key file (PROTOCOL.key), and EC2's fingerprints of them.
//!
//! Fingerprints, from "Verify the fingerprint of your key pair" in the EC2 user guide: RSA made by EC2: SHA-1 of the PKCS #8
//! private key; RSA imported: MD5 of the DER public key; ED25519: the SHA-256 that OpenSSH shows.

use super::md5::md5;
use aws_lc_rs::digest;
use aws_lc_rs::encoding::{AsBigEndian, AsDer, Curve25519SeedBin, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as B64;

/// EC2 takes RSA keys of these lengths.
const RSA_BITS: [usize; 3] = [1024, 2048, 4096];
/// The longest line that is looked at: a 4096-bit RSA key with a long comment is below 2 KiB.
const LINE_BYTES_MAX: usize = 16 * 1024;
const PEM_COLUMNS: usize = 64;
const OPENSSH_COLUMNS: usize = 70;

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum KeyError {
    #[error("the key could not be made")]
    Generate,
    #[error("Key is not in valid OpenSSH public key format")]
    Format,
    #[error("RSA keys must have 1024, 2048 or 4096 bits; this one has {0}")]
    Length(usize),
    #[error("Keys of type {0} are not supported: use ssh-rsa or ssh-ed25519")]
    Kind(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Rsa,
    Ed25519,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Rsa => "rsa",
            Self::Ed25519 => "ed25519",
        }
    }
}

/// A new key. Its private half is in `pem` only: it goes to the caller and nowhere else. No Debug, so that it cannot be logged.
pub struct Generated {
    pub pem: String,
    pub public: Public,
}

/// A public key as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Public {
    pub kind: Kind,
    /// `ssh-ed25519 AAAA…`
    pub line: String,
    pub fingerprint: String,
}

pub fn generate(kind: Kind, check: u32) -> Result<Generated, KeyError> {
    match kind {
        Kind::Rsa => generate_rsa(),
        Kind::Ed25519 => generate_ed25519(check),
    }
}

fn generate_rsa() -> Result<Generated, KeyError> {
    let key = aws_lc_rs::rsa::KeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError::Generate)?;
    let pkcs8: Pkcs8V1Der<'static> = key.as_der().map_err(|_| KeyError::Generate)?;
    let pkcs8 = pkcs8.as_ref();
    let pkcs1 = pkcs1_of(pkcs8).ok_or(KeyError::Generate)?;
    let (n, e) = rsa_public_of(pkcs1).ok_or(KeyError::Generate)?;
    let public = Public {
        kind: Kind::Rsa,
        line: line("ssh-rsa", &rsa_blob(n, e)),
        fingerprint: colons(digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, pkcs8).as_ref()),
    };
    Ok(Generated { pem: pem("RSA PRIVATE KEY", PEM_COLUMNS, pkcs1), public })
}

/// `check`: any number; the file has it twice, so that a wrong passphrase shows.
fn generate_ed25519(check: u32) -> Result<Generated, KeyError> {
    let key = Ed25519KeyPair::generate().map_err(|_| KeyError::Generate)?;
    let seed = key.seed().map_err(|_| KeyError::Generate)?;
    let seed: Curve25519SeedBin<'static> = seed.as_be_bytes().map_err(|_| KeyError::Generate)?;
    let point = key.public_key().as_ref();
    let blob = ed25519_blob(point);

    let mut secret = Vec::new();
    secret.extend(check.to_be_bytes());
    secret.extend(check.to_be_bytes());
    string(&mut secret, b"ssh-ed25519");
    string(&mut secret, point);
    string(&mut secret, &[seed.as_ref(), point].concat());
    string(&mut secret, b"");
    let mut pad = 1;
    while secret.len() % 8 != 0 {
        secret.push(pad);
        pad += 1;
    }
    let mut file = b"openssh-key-v1\0".to_vec();
    string(&mut file, b"none");
    string(&mut file, b"none");
    string(&mut file, b"");
    file.extend(1u32.to_be_bytes());
    string(&mut file, &blob);
    string(&mut file, &secret);

    let public = ed25519_public(&blob);
    Ok(Generated { pem: pem("OPENSSH PRIVATE KEY", OPENSSH_COLUMNS, &file), public })
}

/// An imported key: an OpenSSH line, or the base64 of one (what some clients send as the blob).
pub fn import(material: &[u8]) -> Result<Public, KeyError> {
    if material.len() > LINE_BYTES_MAX {
        return Err(KeyError::Format);
    }
    let text = std::str::from_utf8(material).map_err(|_| KeyError::Format)?.trim();
    if let Some(inner) = B64.decode(text).ok().and_then(|b| String::from_utf8(b).ok()) {
        return import_line(inner.trim());
    }
    import_line(text)
}

fn import_line(text: &str) -> Result<Public, KeyError> {
    if text.lines().count() != 1 {
        return Err(KeyError::Format);
    }
    let mut words = text.split_ascii_whitespace();
    let (Some(name), Some(body)) = (words.next(), words.next()) else { return Err(KeyError::Format) };
    let blob = B64.decode(body).map_err(|_| KeyError::Format)?;
    let mut reader = SshReader(&blob);
    if reader.string().ok_or(KeyError::Format)? != name.as_bytes() {
        return Err(KeyError::Format);
    }
    match name {
        "ssh-rsa" => {
            let (e, n) = (reader.string().ok_or(KeyError::Format)?, reader.string().ok_or(KeyError::Format)?);
            let positive = |v: &[u8]| v.first().is_some_and(|b| b & 0x80 == 0) && v.iter().any(|b| *b != 0);
            if !reader.0.is_empty() || !positive(e) || !positive(n) {
                return Err(KeyError::Format);
            }
            let first = n.iter().position(|b| *b != 0).unwrap_or(0);
            let bits = (n.len() - first) * 8 - n[first].leading_zeros() as usize;
            if !RSA_BITS.contains(&bits) {
                return Err(KeyError::Length(bits));
            }
            let fingerprint = colons(&md5(&rsa_spki(n, e)));
            Ok(Public { kind: Kind::Rsa, line: line("ssh-rsa", &blob), fingerprint })
        }
        "ssh-ed25519" => {
            let point = reader.string().ok_or(KeyError::Format)?;
            if point.len() != 32 || !reader.0.is_empty() {
                return Err(KeyError::Format);
            }
            Ok(ed25519_public(&blob))
        }
        // Other key types are printable words; anything else is no key line.
        other if other.starts_with("ssh-") || other.starts_with("ecdsa-") || other.starts_with("sk-") => {
            Err(KeyError::Kind(super::super::lists::clip(other)))
        }
        _ => Err(KeyError::Format),
    }
}

/// An RSA key in PEM (SubjectPublicKeyInfo).
pub fn import_pem(text: &str) -> Option<Public> {
    let body = text.trim().strip_prefix("-----BEGIN PUBLIC KEY-----")?.strip_suffix("-----END PUBLIC KEY-----")?;
    let spki = B64.decode(body.split_ascii_whitespace().collect::<String>()).ok()?;
    let (inner, _) = der_read(SEQUENCE, &spki)?;
    let (bits, _) = der_read(BIT_STRING, inner.strip_prefix(RSA_ALGORITHM)?)?;
    let (key, _) = der_read(SEQUENCE, bits.strip_prefix(&[0])?)?;
    let (n, rest) = der_read(INTEGER, key)?;
    import_line(&line("ssh-rsa", &rsa_blob(n, der_read(INTEGER, rest)?.0))).ok()
}

/// Exponent and modulus of an `ssh-rsa` line.
fn rsa_of_line<T>(line: &str, f: impl FnOnce(&[u8], &[u8]) -> T) -> Option<T> {
    let blob = B64.decode(line.strip_prefix("ssh-rsa ")?).ok()?;
    let mut reader = SshReader(&blob);
    reader.string()?;
    let (e, n) = (reader.string()?, reader.string()?);
    Some(f(e, n))
}

/// The length of an `ssh-rsa` line's key.
pub fn rsa_bits(line: &str) -> Option<usize> {
    rsa_of_line(line, |_, n| {
        let first = n.iter().position(|b| *b != 0).unwrap_or(n.len());
        n.get(first).map_or(0, |b| (n.len() - first) * 8 - b.leading_zeros() as usize)
    })
}

/// The PEM form of an `ssh-rsa` line.
pub fn pem_of_line(line: &str) -> Option<String> {
    rsa_of_line(line, |e, n| pem("PUBLIC KEY", PEM_COLUMNS, &rsa_spki(n, e)))
}

fn ed25519_public(blob: &[u8]) -> Public {
    let fingerprint = B64.encode(digest::digest(&digest::SHA256, blob));
    Public { kind: Kind::Ed25519, line: line("ssh-ed25519", blob), fingerprint }
}

fn line(name: &str, blob: &[u8]) -> String {
    format!("{name} {}", B64.encode(blob))
}

fn string(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend((bytes.len() as u32).to_be_bytes());
    out.extend(bytes);
}

/// The integers come from DER, where they have the form of RFC 4251's mpint.
fn rsa_blob(n: &[u8], e: &[u8]) -> Vec<u8> {
    let mut blob = Vec::new();
    for part in [b"ssh-rsa".as_slice(), e, n] {
        string(&mut blob, part);
    }
    blob
}

fn ed25519_blob(point: &[u8]) -> Vec<u8> {
    let mut blob = Vec::new();
    string(&mut blob, b"ssh-ed25519");
    string(&mut blob, point);
    blob
}

struct SshReader<'a>(&'a [u8]);

impl<'a> SshReader<'a> {
    fn string(&mut self) -> Option<&'a [u8]> {
        let (len, rest) = self.0.split_first_chunk::<4>()?;
        let (value, rest) = rest.split_at_checked(u32::from_be_bytes(*len) as usize)?;
        self.0 = rest;
        Some(value)
    }
}

// DER (X.690), as much as the above needs.

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const SEQUENCE: u8 = 0x30;
/// SEQUENCE { OID 1.2.840.113549.1.1.1 (rsaEncryption), NULL }
const RSA_ALGORITHM: &[u8] = &[0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

pub fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let len = content.len();
    let mut out = vec![tag];
    if len < 0x80 {
        out.push(len as u8);
    } else {
        let bytes: Vec<u8> = len.to_be_bytes().into_iter().skip_while(|b| *b == 0).collect();
        out.push(0x80 | bytes.len() as u8);
        out.extend(bytes);
    }
    out.extend(content);
    out
}

/// The first element: its content, and what follows.
pub fn der_read(tag: u8, input: &[u8]) -> Option<(&[u8], &[u8])> {
    let (head, rest) = input.split_first_chunk::<2>()?;
    if head[0] != tag {
        return None;
    }
    let (len, rest) = if head[1] < 0x80 {
        (usize::from(head[1]), rest)
    } else {
        let (bytes, rest) = rest.split_at_checked(usize::from(head[1] & 0x7f)).filter(|(b, _)| (1..=4).contains(&b.len()))?;
        (bytes.iter().fold(0, |n, b| n << 8 | usize::from(*b)), rest)
    };
    rest.split_at_checked(len)
}

/// The PKCS #1 key within a PKCS #8 one.
fn pkcs1_of(pkcs8: &[u8]) -> Option<&[u8]> {
    let (body, _) = der_read(SEQUENCE, pkcs8)?;
    let (_version, rest) = der_read(INTEGER, body)?;
    let (_algorithm, rest) = der_read(SEQUENCE, rest)?;
    Some(der_read(OCTET_STRING, rest)?.0)
}

/// Modulus and exponent of a PKCS #1 private key.
fn rsa_public_of(pkcs1: &[u8]) -> Option<(&[u8], &[u8])> {
    let (body, _) = der_read(SEQUENCE, pkcs1)?;
    let (_version, rest) = der_read(INTEGER, body)?;
    let (n, rest) = der_read(INTEGER, rest)?;
    Some((n, der_read(INTEGER, rest)?.0))
}

fn rsa_spki(n: &[u8], e: &[u8]) -> Vec<u8> {
    let key = der(SEQUENCE, &[der(INTEGER, n), der(INTEGER, e)].concat());
    let bits = der(BIT_STRING, &[&[0], key.as_slice()].concat());
    der(SEQUENCE, &[RSA_ALGORITHM, &bits].concat())
}

fn pem(label: &str, columns: usize, bytes: &[u8]) -> String {
    let body = B64.encode(bytes);
    let mut out = format!("-----BEGIN {label}-----\n");
    for row in body.as_bytes().chunks(columns) {
        out.extend(row.iter().map(|b| *b as char));
        out.push('\n');
    }
    out.push_str(&format!("-----END {label}-----\n"));
    out
}

fn colons(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect::<Vec<_>>().join(":")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;

    fn run(program: &str, args: &[&str]) -> Vec<u8> {
        let out = Command::new(program).args(args).output().unwrap_or_else(|e| panic!("{program} is needed by this test: {e}"));
        assert!(out.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&out.stderr));
        out.stdout
    }

    fn text(program: &str, args: &[&str]) -> String {
        String::from_utf8(run(program, args)).unwrap().trim().to_owned()
    }

    /// OpenSSH and OpenSSL read what was made and agree on the public half and the fingerprint.
    #[test]
    fn openssh_reads_generated_keys() {
        let dir = tempfile::tempdir().unwrap();
        for kind in [Kind::Rsa, Kind::Ed25519] {
            let key = generate(kind, 7).unwrap();
            let path = dir.path().join(kind.name());
            std::fs::write(&path, &key.pem).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
            let path = path.to_str().unwrap();
            assert_eq!(text("ssh-keygen", &["-y", "-f", path]), key.public.line);
            let shown = text("ssh-keygen", &["-l", "-f", path]);
            let imported = import(key.public.line.as_bytes()).unwrap();
            match kind {
                Kind::Rsa => {
                    assert!(key.pem.starts_with("-----BEGIN RSA PRIVATE KEY-----\n"));
                    let (pkcs8, spki) = (format!("{path}.p8"), format!("{path}.spki"));
                    run("openssl", &["pkcs8", "-in", path, "-outform", "DER", "-topk8", "-nocrypt", "-out", &pkcs8]);
                    run("openssl", &["rsa", "-in", path, "-pubout", "-outform", "DER", "-out", &spki]);
                    assert!(text("openssl", &["sha1", "-c", &pkcs8]).ends_with(&format!(" {}", key.public.fingerprint)));
                    assert!(text("openssl", &["md5", "-c", &spki]).ends_with(&format!(" {}", imported.fingerprint)));
                }
                Kind::Ed25519 => {
                    let sha = key.public.fingerprint.trim_end_matches('=');
                    assert!(shown.contains(&format!("256 SHA256:{sha} ")), "{shown}");
                    assert_eq!(imported, key.public);
                }
            }
        }
    }

    #[test]
    fn imports_lines_and_their_base64_and_nothing_else() {
        let key = generate(Kind::Ed25519, 1).unwrap().public;
        let with_comment = format!("{} me@home\n", key.line);
        assert_eq!(import(with_comment.as_bytes()).unwrap(), key);
        assert_eq!(import(B64.encode(&with_comment).as_bytes()).unwrap(), key);
        let cut = &key.line[..key.line.len() - 8];
        let mislabelled = key.line.replace("ssh-ed25519", "ssh-rsa");
        for bad in [
            "",
            "ssh-ed25519",
            "ssh-ed25519 !!!!",
            cut,
            &mislabelled,
            "-----BEGIN PUBLIC KEY-----\nMCow\n-----END PUBLIC KEY-----",
            "---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n---- END SSH2 PUBLIC KEY ----",
        ] {
            assert_eq!(import(bad.as_bytes()), Err(KeyError::Format), "{bad}");
        }
        let mut short = Vec::new();
        for part in [b"ssh-rsa".as_slice(), &[1, 0, 1], &[0x7f; 96]] {
            string(&mut short, part);
        }
        assert_eq!(import(line("ssh-rsa", &short).as_bytes()), Err(KeyError::Length(767)));
        let mut other = Vec::new();
        string(&mut other, b"ssh-dss");
        assert_eq!(import(line("ssh-dss", &other).as_bytes()), Err(KeyError::Kind("ssh-dss".into())));
    }

    proptest::proptest! {
        #[test]
        fn import_never_panics(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
            let _ = import(&bytes);
            let _ = import(line("ssh-rsa", &bytes).as_bytes());
            let mut named = Vec::new();
            string(&mut named, b"ssh-rsa");
            named.extend(&bytes);
            let _ = import(line("ssh-rsa", &named).as_bytes());
            let _ = der_read(SEQUENCE, &bytes);
        }
    }
}
