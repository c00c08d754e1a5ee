//! A TPM 2.0 that keeps one secret: `up --tpm` seals a passphrase, whoever needs it has it unsealed. Called by [`crate::root_key`].
//!
//! ```text
//! CreatePrimary (the storage template; the same key each time) ─► StartAuthSession (salted to it by ECDH)
//!   seal:   Create, its first parameter encrypted          ─► public and private part, of no use elsewhere
//!   unseal: Load ─► Unseal, its answer encrypted and its HMAC checked
//! ```
//! So the secret is never in the clear between process and chip. Nothing stays in the chip: objects are flushed, the session
//! ends with its command. Source: TPM 2.0 Library, rev. 1.59: part 1 (sections 11.4.10, 17, 19, 21), 2 and 3; the template is of
//! "TCG TPM v2.0 Provisioning Guidance". What is sealed has no policy: another kernel on this machine opens it as well.

use aws_lc_rs::agreement::{self, ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey};
use aws_lc_rs::cipher::{AES_128, DecryptingKey, DecryptionContext, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::{hmac, rand};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;
use zeroize::Zeroizing;

const ANSWER_BYTES_MAX: usize = 4096;
/// Of a socket; the kernel bounds what a device takes.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// `TPM2_Create` takes so many of sensitive data.
const SECRET_BYTES_MAX: usize = 128;

const NO_SESSIONS: u16 = 0x8001;
const SESSIONS: u16 = 0x8002;
const OWNER: u32 = 0x4000_0001;
const NULL: u32 = 0x4000_0007;
/// An empty password, where nothing secret goes along.
const PASSWORD: [u8; 9] = [0x40, 0, 0, 9, 0, 0, 0, 0, 0];
const NO_ALGORITHM: u16 = 0x10;
const SHA_256: u16 = 0x0b;
/// AES with 128 bits, CFB.
const AES_CFB: [u8; 6] = [0, 6, 0, 128, 0, 0x43];
const DECRYPT: u8 = 0x20;
const ENCRYPT: u8 = 0x40;

#[derive(Debug, thiserror::Error)]
pub enum TpmError {
    #[error("{0}")]
    Io(#[from] io::Error),
    /// Its answer's code, as part 2 lists them; 0x1df: another chip sealed it, or it was cleared, or the file was changed.
    #[error("the chip refused {command} with {code:#x}")]
    Refused { command: &'static str, code: u32 },
    #[error("the chip's answer is none: {0}")]
    Answer(&'static str),
}

impl From<TpmError> for io::Error {
    fn from(e: TpmError) -> Self {
        match e {
            TpmError::Io(e) => e,
            other => io::Error::other(other.to_string()),
        }
    }
}

fn library<E>(_: E) -> TpmError {
    TpmError::Answer("the cryptographic library took none of it")
}

/// Commands: name and code.
type Command = (&'static str, u32);
const CREATE_PRIMARY: Command = ("CreatePrimary", 0x131);
const CREATE: Command = ("Create", 0x153);
const LOAD: Command = ("Load", 0x157);
const UNSEAL: Command = ("Unseal", 0x15e);
const FLUSH: Command = ("FlushContext", 0x165);
const START_SESSION: Command = ("StartAuthSession", 0x176);

/// What is sealed: of use to the chip that made it only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    pub public: Vec<u8>,
    pub private: Vec<u8>,
}

/// # Errors
/// Any [`TpmError`].
pub fn seal(device: &Path, secret: &[u8]) -> Result<Sealed, TpmError> {
    if secret.len() > SECRET_BYTES_MAX {
        return Err(TpmError::Answer("the secret is too long"));
    }
    let mut chip = Chip::open(device)?;
    let primary = chip.primary()?;
    let made = chip.create(&primary, secret);
    chip.flush(primary.handle)?;
    made
}

/// # Errors
/// Any [`TpmError`].
pub fn unseal(device: &Path, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, TpmError> {
    let mut chip = Chip::open(device)?;
    let primary = chip.primary()?;
    let secret = chip.load(&primary, sealed).and_then(|object| {
        let secret = chip.unseal(&primary, object, &sealed.public);
        chip.flush(object)?;
        secret
    });
    chip.flush(primary.handle)?;
    secret
}

struct Primary {
    handle: u32,
    name: Vec<u8>,
    x: Vec<u8>,
    y: Vec<u8>,
}

struct Session {
    handle: u32,
    key: hmac::Key,
    bytes: Zeroizing<Vec<u8>>,
    chips: Vec<u8>,
}

enum Chip {
    Device(File),
    Socket(UnixStream),
}

impl Chip {
    fn open(path: &Path) -> io::Result<Self> {
        if std::fs::metadata(path)?.file_type().is_socket() {
            let socket = UnixStream::connect(path)?;
            socket.set_read_timeout(Some(ANSWER_TIMEOUT))?;
            socket.set_write_timeout(Some(ANSWER_TIMEOUT))?;
            return Ok(Self::Socket(socket));
        }
        Ok(Self::Device(File::options().read(true).write(true).open(path)?))
    }

    /// One command, in one write; the answer after its head.
    fn run(&mut self, (name, code): Command, tag: u16, body: &[u8]) -> Result<Zeroizing<Vec<u8>>, TpmError> {
        let size = 10 + body.len() as u32;
        let message = Zeroizing::new([&tag.to_be_bytes()[..], &size.to_be_bytes(), &code.to_be_bytes(), body].concat());
        let mut answer = Zeroizing::new(vec![0; ANSWER_BYTES_MAX]);
        let mut have = 0;
        match self {
            Self::Device(file) => file.write_all(&message)?,
            Self::Socket(socket) => socket.write_all(&message)?,
        }
        let mut wanted = 10;
        while have < wanted {
            let n = match self {
                Self::Device(file) => file.read(&mut answer[have..])?,
                Self::Socket(socket) => socket.read(&mut answer[have..])?,
            };
            have += n;
            if n == 0 {
                return Err(TpmError::Answer("it ends early"));
            }
            if have >= 10 {
                let size = u32::from_be_bytes([answer[2], answer[3], answer[4], answer[5]]) as usize;
                wanted = Some(size).filter(|s| (10..=ANSWER_BYTES_MAX).contains(s)).ok_or(TpmError::Answer("its length"))?;
            }
        }
        let code = u32::from_be_bytes([answer[6], answer[7], answer[8], answer[9]]);
        if code != 0 {
            return Err(TpmError::Refused { command: name, code });
        }
        answer.truncate(wanted);
        answer.drain(..10);
        Ok(answer)
    }

    fn flush(&mut self, handle: u32) -> Result<(), TpmError> {
        self.run(FLUSH, NO_SESSIONS, &handle.to_be_bytes()).map(drop)
    }

    /// The storage key of the owner's hierarchy: ECC on P-256, for nothing but wrapping what is below it.
    fn primary(&mut self) -> Result<Primary, TpmError> {
        let mut template =
            [&0x23_u16.to_be_bytes()[..], &SHA_256.to_be_bytes(), &0x0003_0472_u32.to_be_bytes(), &[0, 0]].concat();
        template.extend(AES_CFB);
        for word in [NO_ALGORITHM, 3, NO_ALGORITHM, 0, 0] {
            template.extend(word.to_be_bytes());
        }
        let sensitive = sized(&[0; 4]);
        let body = [&OWNER.to_be_bytes()[..], &area(&PASSWORD), &sensitive, &sized(&template), &[0; 6]].concat();
        let answer = self.run(CREATE_PRIMARY, SESSIONS, &body)?;
        let mut rest = Rest(&answer);
        let handle = rest.u32()?;
        rest.u32()?;
        let public = rest.sized()?.to_vec();
        // The point is where the template has its two empty words.
        let mut point = Rest(public.get(template.len() - 4..).ok_or(TpmError::Answer("the primary's point"))?);
        let (x, y) = (padded(point.sized()?)?, padded(point.sized()?)?);
        Ok(Primary { handle, name: name_of(&public), x, y })
    }

    /// A session whose key only this process and the chip have: salted by a key agreement with the primary.
    fn session(&mut self, primary: &Primary) -> Result<Session, TpmError> {
        let own = EphemeralPrivateKey::generate(&ECDH_P256, &rand::SystemRandom::new()).map_err(library)?;
        let point = own.compute_public_key().map_err(library)?;
        let (x, y) = point.as_ref().get(1..65).ok_or(TpmError::Answer("a point"))?.split_at(32);
        let peer = UnparsedPublicKey::new(&ECDH_P256, [&[4][..], &primary.x, &primary.y].concat());
        let salt = agreement::agree_ephemeral(own, peer, library(()), |z| Ok(kdf_e(z, "SECRET", x, &primary.x)))?;
        let nonce = nonce()?;
        let secret = [sized(x), sized(y)].concat();
        let mut body = [&primary.handle.to_be_bytes()[..], &NULL.to_be_bytes(), &sized(&nonce), &sized(&secret), &[0]].concat();
        body.extend(AES_CFB);
        body.extend(SHA_256.to_be_bytes());
        let answer = self.run(START_SESSION, NO_SESSIONS, &body)?;
        let mut rest = Rest(&answer);
        let handle = rest.u32()?;
        let chips = rest.sized()?.to_vec();
        let bytes = kdf_a(&salt, "ATH", &chips, &nonce);
        Ok(Session { handle, key: hmac::Key::new(hmac::HMAC_SHA256, &bytes), bytes, chips })
    }

    /// A command in a session of its own, which ends with it. `secret`: the contents of its first parameter, to be encrypted.
    /// Answers the parameters; the first one's contents decrypted if nothing secret went along.
    fn protected(
        &mut self,
        command: Command,
        primary: &Primary,
        (handle, name): (u32, &[u8]),
        secret: Option<(Zeroizing<Vec<u8>>, &[u8])>,
    ) -> Result<Zeroizing<Vec<u8>>, TpmError> {
        let session = self.session(primary)?;
        let nonce = nonce()?;
        let attributes = if secret.is_some() { DECRYPT } else { ENCRYPT };
        let parameters = match &secret {
            Some((first, rest)) => {
                let mut first = first.clone();
                crypt(&kdf_a(&session.bytes, "CFB", &nonce, &session.chips), &mut first, true)?;
                [&sized(&first)[..], rest].concat()
            }
            None => Vec::new(),
        };
        let sum = digest(&SHA256, &[&command.1.to_be_bytes()[..], name, &parameters].concat());
        let mac = hmac::sign(&session.key, &[sum.as_ref(), &nonce, &session.chips, &[attributes]].concat());
        let auth = [&session.handle.to_be_bytes()[..], &sized(&nonce), &[attributes], &sized(mac.as_ref())].concat();
        let body = [&handle.to_be_bytes()[..], &area(&auth), &parameters].concat();
        let answer = match self.run(command, SESSIONS, &body) {
            Ok(answer) => answer,
            Err(e) => {
                self.flush(session.handle)?;
                return Err(e);
            }
        };
        let mut rest = Rest(&answer);
        let size = rest.u32()? as usize;
        let parameters = rest.take(size)?;
        let (chips, attributes) = (rest.sized()?, rest.take(1)?);
        let sum = digest(&SHA256, &[&[0; 4][..], &command.1.to_be_bytes(), parameters].concat());
        let signed = [sum.as_ref(), chips, &nonce, attributes].concat();
        hmac::verify(&session.key, &signed, rest.sized()?).map_err(|_| TpmError::Answer("its HMAC is wrong"))?;
        if secret.is_some() {
            return Ok(Zeroizing::new(parameters.to_vec()));
        }
        if attributes[0] & ENCRYPT == 0 {
            return Err(TpmError::Answer("it is not encrypted"));
        }
        let mut first = Zeroizing::new(Rest(parameters).sized()?.to_vec());
        crypt(&kdf_a(&session.bytes, "CFB", chips, &nonce), &mut first, false)?;
        Ok(first)
    }

    fn create(&mut self, primary: &Primary, secret: &[u8]) -> Result<Sealed, TpmError> {
        // KEYEDHASH: fixed to chip and parent, opened by its (empty) password, not counted as guessing.
        let template =
            [&[0, 8][..], &SHA_256.to_be_bytes(), &0x0452_u32.to_be_bytes(), &[0, 0], &NO_ALGORITHM.to_be_bytes(), &[0, 0]];
        let rest = [&sized(&template.concat())[..], &[0; 6]].concat();
        let mut sensitive = Zeroizing::new(Vec::with_capacity(4 + secret.len()));
        sensitive.extend([&[0, 0][..], &(secret.len() as u16).to_be_bytes(), secret].into_iter().flatten());
        let answer = self.protected(CREATE, primary, (primary.handle, &primary.name), Some((sensitive, &rest)))?;
        let mut rest = Rest(&answer);
        let private = rest.sized()?.to_vec();
        Ok(Sealed { public: rest.sized()?.to_vec(), private })
    }

    fn load(&mut self, primary: &Primary, sealed: &Sealed) -> Result<u32, TpmError> {
        let body =
            [&primary.handle.to_be_bytes()[..], &area(&PASSWORD), &sized(&sealed.private), &sized(&sealed.public)].concat();
        Rest(&self.run(LOAD, SESSIONS, &body)?).u32()
    }

    fn unseal(&mut self, primary: &Primary, object: u32, public: &[u8]) -> Result<Zeroizing<Vec<u8>>, TpmError> {
        self.protected(UNSEAL, primary, (object, &name_of(public)), None)
    }
}

fn nonce() -> Result<[u8; 16], TpmError> {
    let mut nonce = [0; 16];
    rand::fill(&mut nonce).map_err(library)?;
    Ok(nonce)
}

/// With its length in front, 16 bits.
fn sized(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u16).to_be_bytes()[..], bytes].concat()
}

/// An authorization area: with its length in front, 32 bits.
fn area(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32).to_be_bytes()[..], bytes].concat()
}

/// A coordinate with the zeros in front that the chip may leave out.
fn padded(coordinate: &[u8]) -> Result<Vec<u8>, TpmError> {
    let zeros = 32_usize.checked_sub(coordinate.len()).ok_or(TpmError::Answer("a coordinate"))?;
    Ok([&vec![0; zeros][..], coordinate].concat())
}

/// An object's name: the digest of its public area, behind the algorithm's number.
fn name_of(public: &[u8]) -> Vec<u8> {
    [&SHA_256.to_be_bytes()[..], digest(&SHA256, public).as_ref()].concat()
}

/// Part 1, 11.4.10.3, for 256 bits: one round of SHA-256 suffices.
fn kdf_e(z: &[u8], label: &str, u: &[u8], v: &[u8]) -> Zeroizing<Vec<u8>> {
    let input = Zeroizing::new([&[0, 0, 0, 1][..], z, label.as_bytes(), &[0], u, v].concat());
    Zeroizing::new(digest(&SHA256, &input).as_ref().to_vec())
}

/// Part 1, 11.4.10.2, likewise (SP 800-108 in counter mode).
fn kdf_a(key: &[u8], label: &str, u: &[u8], v: &[u8]) -> Zeroizing<Vec<u8>> {
    let input = [&[0, 0, 0, 1][..], label.as_bytes(), &[0], u, v, &256_u32.to_be_bytes()].concat();
    Zeroizing::new(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), &input).as_ref().to_vec())
}

/// AES-128-CFB under the first half of `key`, with the second as its initial value.
fn crypt(key: &[u8], bytes: &mut [u8], encrypt: bool) -> Result<(), TpmError> {
    let (key, iv) = key.split_at(16);
    let key = UnboundCipherKey::new(&AES_128, key).map_err(library)?;
    let iv = FixedLength::<16>::try_from(iv).map_err(library)?;
    if encrypt {
        let key = EncryptingKey::cfb128(key).map_err(library)?;
        key.less_safe_encrypt(bytes, EncryptionContext::Iv128(iv)).map(drop).map_err(library)
    } else {
        let key = DecryptingKey::cfb128(key).map_err(library)?;
        key.decrypt(bytes, DecryptionContext::Iv128(iv)).map(drop).map_err(library)
    }
}

/// What is left of an answer.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8], TpmError> {
        let (taken, rest) = self.0.split_at_checked(n).ok_or(TpmError::Answer("it ends early"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn u32(&mut self) -> Result<u32, TpmError> {
        Ok(self.take(4)?.iter().fold(0, |n, b| n << 8 | u32::from(*b)))
    }

    fn sized(&mut self) -> Result<&'a [u8], TpmError> {
        let n = self.take(2)?.iter().fold(0, |n, b| n << 8 | usize::from(*b));
        self.take(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Child, Command, Stdio};

    /// A chip in software, with a state of its own.
    struct Soft {
        dir: tempfile::TempDir,
        child: Child,
    }

    impl Soft {
        fn new() -> Option<Self> {
            let dir = tempfile::tempdir().unwrap();
            let at = |name: &str| format!("type=unixio,path={}", dir.path().join(name).display());
            let mut command = Command::new("swtpm");
            command.args(["socket", "--tpm2", "--flags", "startup-clear,not-need-init", "--server", &at("tpm")]);
            command.args(["--ctrl", &at("ctrl"), "--tpmstate", &format!("dir={}", dir.path().display())]);
            let child = match command.stdin(Stdio::null()).stderr(Stdio::null()).spawn() {
                Err(e) if e.kind() == io::ErrorKind::NotFound => return None,
                child => child.unwrap(),
            };
            let soft = Self { dir, child };
            // It is there when it can be connected to.
            for _ in 0..500 {
                if UnixStream::connect(soft.device()).is_ok() {
                    break;
                }
                std::thread::sleep(Duration::from_millis(10));
            }
            Some(soft)
        }

        fn device(&self) -> std::path::PathBuf {
            self.dir.path().join("tpm")
        }
    }

    impl Drop for Soft {
        fn drop(&mut self) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }

    #[test]
    fn a_chip_gives_back_what_it_sealed_and_no_other_does() {
        let Some(chip) = Soft::new() else {
            eprintln!("SKIPPED: there is no swtpm (Debian: apt-get install swtpm); scripts/setup.sh test installs it");
            return;
        };
        let secret: Vec<u8> = (0..64).collect();
        let sealed = seal(&chip.device(), &secret).unwrap();
        assert!(!sealed.private.windows(8).any(|w| secret.windows(8).any(|s| s == w)));
        // More often than a chip has room for objects and sessions.
        for _ in 0..8 {
            assert_eq!(*unseal(&chip.device(), &sealed).unwrap(), secret);
        }
        for at in 0..sealed.private.len() {
            let mut bad = sealed.clone();
            bad.private[at] ^= 1;
            assert!(matches!(unseal(&chip.device(), &bad), Err(TpmError::Refused { command: "Load", .. })), "byte {at}");
        }
        let mut bad = sealed.clone();
        *bad.public.last_mut().unwrap() ^= 1;
        assert!(unseal(&chip.device(), &bad).is_err());
        let other = Soft::new().unwrap();
        let refused = unseal(&other.device(), &sealed).unwrap_err();
        assert!(matches!(refused, TpmError::Refused { command: "Load", code: 0x1df }), "{refused}");
        // Refusals leave nothing behind.
        assert_eq!(*unseal(&chip.device(), &sealed).unwrap(), secret);
        assert!(seal(&chip.device(), &[0; 129]).is_err());
        assert!(matches!(unseal(Path::new("/nonexistent/tpm"), &sealed), Err(TpmError::Io(_))));
    }

    #[test]
    fn torn_answers_are_refused() {
        for bytes in [&[][..], &[0], &[0, 2, 1], &[0xff; 3]] {
            assert!(Rest(bytes).sized().is_err() && Rest(bytes).u32().is_err());
        }
    }

    /// By Python's hashlib and hmac.
    #[test]
    fn keys_are_derived_as_the_specification_says() {
        let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
        assert_eq!(hex(&kdf_a(b"key", "CFB", b"u", b"v")), "d0df8922c9c7423621b4a21dfa4e6a3e8d7cfa56fbc8b95477b170023f5f9056");
        assert_eq!(hex(&kdf_e(b"z", "SECRET", b"u", b"v")), "86cdd0280aace72aeae3c72797c7441c53d86e1914e0d1fe4c1f319b73f0f894");
    }
}
