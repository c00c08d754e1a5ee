//! S3's checksums: computed while data streams by, read from headers, put together for multipart uploads.
//!
//! Two kinds for a multipart object: *full object*, the CRC of the concatenated parts, computed from the parts' CRCs without their
//! data; and *composite*, the digest of the parts' digests followed by `-N`. MD5 is Content-MD5 and the ETag.
//! Source: "Checking object integrity for data uploads in Amazon S3", Amazon S3 User Guide.

use super::errors;
use crate::AwsError;
use aws_lc_rs::digest as sha;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use crc_fast::CrcAlgorithm;
use md5::Digest as _;
use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Sha1,
    Sha256,
    Md5,
}

impl Algorithm {
    /// Those of `x-amz-checksum-*`; MD5 is none of them.
    pub const CHECKSUMS: [Algorithm; 5] = [Self::Crc32, Self::Crc32c, Self::Crc64Nvme, Self::Sha1, Self::Sha256];

    /// As in `x-amz-checksum-algorithm` and in XML: `CRC64NVME`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Md5 => "MD5",
        }
    }

    /// The header that carries a value, in lower case.
    pub fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64Nvme => "x-amz-checksum-crc64nvme",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
            Self::Md5 => "content-md5",
        }
    }

    /// By name, in any case. MD5 is no checksum algorithm.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::CHECKSUMS.into_iter().find(|a| a.name().eq_ignore_ascii_case(name))
    }

    /// By the name of a checksum header, in any case.
    pub fn from_header(name: &str) -> Option<Self> {
        Self::CHECKSUMS.into_iter().find(|a| a.header().eq_ignore_ascii_case(name))
    }

    /// Of a value, before base64.
    pub fn len_bytes(self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64Nvme => 8,
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    /// Whether the value of a whole can be computed from those of its parts.
    pub fn combines(self) -> bool {
        self.crc().is_some()
    }

    fn crc(self) -> Option<CrcAlgorithm> {
        match self {
            Self::Crc32 => Some(CrcAlgorithm::Crc32IsoHdlc),
            Self::Crc32c => Some(CrcAlgorithm::Crc32Iscsi),
            Self::Crc64Nvme => Some(CrcAlgorithm::Crc64Nvme),
            Self::Sha1 | Self::Sha256 | Self::Md5 => None,
        }
    }
}

const VALUE_BYTES_MAX: usize = 32;

/// A value. Bytes past the algorithm's length are zero.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Checksum {
    pub algorithm: Algorithm,
    bytes: [u8; VALUE_BYTES_MAX],
}

impl fmt::Debug for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm.name(), self.to_base64())
    }
}

impl Checksum {
    /// `None` if `bytes` are not of the algorithm's length.
    pub fn new(algorithm: Algorithm, bytes: &[u8]) -> Option<Self> {
        let mut out = Self { algorithm, bytes: [0; VALUE_BYTES_MAX] };
        (bytes.len() == algorithm.len_bytes()).then(|| out.bytes[..bytes.len()].copy_from_slice(bytes))?;
        Some(out)
    }

    pub fn of(algorithm: Algorithm, data: &[u8]) -> Self {
        let mut hasher = Hasher::new(algorithm);
        hasher.update(data);
        hasher.finish()
    }

    /// The value of a header.
    ///
    /// # Errors
    /// `InvalidRequest` for what cannot be one, of Content-MD5 `InvalidDigest`.
    pub fn from_header_value(algorithm: Algorithm, value: &str) -> Result<Self, AwsError> {
        let bytes = STANDARD.decode(value.trim()).ok();
        bytes.and_then(|b| Self::new(algorithm, &b)).ok_or_else(|| match algorithm {
            Algorithm::Md5 => errors::invalid_digest(crate::error::clip(value)),
            _ => errors::invalid_checksum_value(algorithm.header()),
        })
    }

    /// Big-endian for CRCs.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.algorithm.len_bytes()]
    }

    pub fn to_base64(&self) -> String {
        STANDARD.encode(self.bytes())
    }

    pub fn to_hex(&self) -> String {
        hex::encode(self.bytes())
    }

    /// What to answer when a client said `expected` and `self` was computed.
    pub fn mismatch(&self, expected: &Checksum) -> AwsError {
        match self.algorithm {
            Algorithm::Md5 => errors::bad_digest(expected.to_base64(), self.to_base64()),
            other => errors::bad_checksum(other.name()),
        }
    }

    fn number(&self) -> u64 {
        self.bytes().iter().fold(0, |n, b| n << 8 | u64::from(*b))
    }

    fn of_crc(algorithm: Algorithm, value: u64) -> Self {
        let (len, mut bytes) = (algorithm.len_bytes(), [0; VALUE_BYTES_MAX]);
        bytes[..len].copy_from_slice(&value.to_be_bytes()[8 - len..]);
        Self { algorithm, bytes }
    }
}

/// Computes a checksum over data that comes in pieces.
#[derive(Clone)]
pub struct Hasher {
    algorithm: Algorithm,
    state: State,
}

#[derive(Clone)]
enum State {
    Crc(Box<crc_fast::Digest>),
    Sha(sha::Context),
    Md5(md5::Md5),
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Hasher").field(&self.algorithm).finish()
    }
}

impl Hasher {
    pub fn new(algorithm: Algorithm) -> Self {
        let state = match (algorithm, algorithm.crc()) {
            (_, Some(crc)) => State::Crc(Box::new(crc_fast::Digest::new(crc))),
            (Algorithm::Sha1, _) => State::Sha(sha::Context::new(&sha::SHA1_FOR_LEGACY_USE_ONLY)),
            (Algorithm::Sha256, _) => State::Sha(sha::Context::new(&sha::SHA256)),
            _ => State::Md5(md5::Md5::new()),
        };
        Self { algorithm, state }
    }

    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub fn update(&mut self, data: &[u8]) {
        match &mut self.state {
            State::Crc(d) => d.update(data),
            State::Sha(d) => d.update(data),
            State::Md5(d) => d.update(data),
        }
    }

    pub fn finish(self) -> Checksum {
        let algorithm = self.algorithm;
        let mut bytes = [0; VALUE_BYTES_MAX];
        let len = algorithm.len_bytes();
        match self.state {
            State::Crc(d) => return Checksum::of_crc(algorithm, d.finalize()),
            State::Sha(d) => bytes[..len].copy_from_slice(d.finish().as_ref()),
            State::Md5(d) => bytes[..len].copy_from_slice(d.finalize().as_slice()),
        }
        Checksum { algorithm, bytes }
    }
}

/// The checksum of the parts one after the other, from each part's checksum and length in bytes: no data is read again.
/// `None` if the algorithm is no CRC, or a part's is another one. No parts: the checksum of nothing.
pub fn full_object(algorithm: Algorithm, parts: impl IntoIterator<Item = (Checksum, u64)>) -> Option<Checksum> {
    let crc = algorithm.crc()?;
    let mut whole = Hasher::new(algorithm).finish().number();
    for (part, len_bytes) in parts {
        if part.algorithm != algorithm {
            return None;
        }
        whole = crc_fast::checksum_combine(crc, whole, part.number(), len_bytes);
    }
    Some(Checksum::of_crc(algorithm, whole))
}

/// The checksum of the parts' checksums, as S3 writes it: base64, a dash, the number of parts. `None` if a part's algorithm differs.
pub fn composite(algorithm: Algorithm, parts: &[Checksum]) -> Option<String> {
    let whole = of_digests(algorithm, parts)?;
    Some(format!("{}-{}", whole.to_base64(), parts.len()))
}

/// The ETag of a multipart object, without quotes, from the parts' MD5s: hexadecimal, a dash, the number of parts.
pub fn multipart_etag(parts: &[Checksum]) -> Option<String> {
    let whole = of_digests(Algorithm::Md5, parts)?;
    Some(format!("{}-{}", whole.to_hex(), parts.len()))
}

fn of_digests(algorithm: Algorithm, parts: &[Checksum]) -> Option<Checksum> {
    let mut hasher = Hasher::new(algorithm);
    for part in parts {
        (part.algorithm == algorithm).then(|| hasher.update(part.bytes()))?;
    }
    Some(hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: [Algorithm; 6] =
        [Algorithm::Crc32, Algorithm::Crc32c, Algorithm::Crc64Nvme, Algorithm::Sha1, Algorithm::Sha256, Algorithm::Md5];

    /// The check values of the CRC catalogue, RFC 3174, FIPS 180-4 and RFC 1321 (`abc` for the SHAs).
    #[test]
    fn known_answers() {
        for (algorithm, data, hex) in [
            (Algorithm::Crc32, "123456789", "cbf43926"),
            (Algorithm::Crc32c, "123456789", "e3069283"),
            (Algorithm::Crc64Nvme, "123456789", "ae8b14860a799888"),
            (Algorithm::Sha1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (Algorithm::Sha256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (Algorithm::Md5, "abc", "900150983cd24fb0d6963f7d28e17f72"),
            (Algorithm::Crc32, "", "00000000"),
            (Algorithm::Md5, "", "d41d8cd98f00b204e9800998ecf8427e"),
        ] {
            assert_eq!(Checksum::of(algorithm, data.as_bytes()).to_hex(), hex, "{algorithm:?}");
        }
    }

    #[test]
    fn names_and_headers() {
        for a in Algorithm::CHECKSUMS {
            assert_eq!(Algorithm::from_name(&a.name().to_lowercase()), Some(a));
            assert_eq!(Algorithm::from_header(&a.header().to_uppercase()), Some(a));
            assert!(crate::s3::CHECKSUM_ALGORITHM_VALUES.contains(&a.name()));
        }
        assert_eq!((Algorithm::from_name("MD5"), Algorithm::from_header("content-md5")), (None, None));
    }

    #[test]
    fn header_values() {
        for (algorithm, value, code) in [
            (Algorithm::Crc32, "y/Q5Jg==", None),
            (Algorithm::Crc32, " y/Q5Jg== ", None),
            (Algorithm::Crc32, "y/Q5Jg", Some("InvalidRequest")),
            (Algorithm::Crc32, "y/Q5JgA=", Some("InvalidRequest")),
            (Algorithm::Crc32, "", Some("InvalidRequest")),
            (Algorithm::Crc32, "!", Some("InvalidRequest")),
            (Algorithm::Md5, "kAFQmDzST7DWlj99KOF/cg==", None),
            (Algorithm::Md5, "kAFQmDzST7DWlj99KOF/", Some("InvalidDigest")),
            (Algorithm::Md5, "", Some("InvalidDigest")),
        ] {
            let got = Checksum::from_header_value(algorithm, value);
            assert_eq!(got.as_ref().err().map(|e| e.code.as_ref()), code, "{value}");
            if let Ok(c) = got {
                assert_eq!(c.to_base64(), value.trim());
            }
        }
        let (a, b) = (Checksum::of(Algorithm::Crc32, b"a"), Checksum::of(Algorithm::Crc32, b"b"));
        assert_eq!(a.mismatch(&b).message, "The CRC32 you specified did not match the calculated checksum.");
    }

    /// Of an upload of `a` * 5 MiB and `b`, computed with Python's hashlib and zlib.
    #[test]
    fn multipart_values() {
        let parts: [&[u8]; 2] = [&vec![b'a'; 5 << 20], b"b"];
        let of = |a| parts.map(|p| Checksum::of(a, p));
        assert_eq!(multipart_etag(&of(Algorithm::Md5)).as_deref(), Some("e5a8c5272b26fc10581a21089559b006-2"));
        assert_eq!(
            composite(Algorithm::Sha256, &of(Algorithm::Sha256)).as_deref(),
            Some("tfmzeY9XeH2OXmxrtS4iDWlNIKUTAFv0/csHs2lsoD8=-2")
        );
        assert_eq!(composite(Algorithm::Crc32, &of(Algorithm::Crc32)).as_deref(), Some("dYPmEQ==-2"));
        let lens = parts.map(|p| p.len() as u64);
        let whole = full_object(Algorithm::Crc32, of(Algorithm::Crc32).into_iter().zip(lens));
        assert_eq!(whole.map(|w| w.to_hex()).as_deref(), Some("ac1c6ff1"));
        assert_eq!(composite(Algorithm::Sha1, &of(Algorithm::Md5)), None);
        assert_eq!(full_object(Algorithm::Sha1, []), None);
        assert_eq!(full_object(Algorithm::Crc32, [(of(Algorithm::Crc32c)[0], 1)]), None);
    }

    proptest! {
        #[test]
        fn pieces_make_the_whole(data in proptest::collection::vec(any::<u8>(), 0..4096), mut cuts in proptest::collection::vec(0usize..4096, 0..6)) {
            cuts.iter_mut().for_each(|c| *c = (*c).min(data.len()));
            cuts.extend([0, data.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|w| &data[w[0]..w[1]]).collect();
            for algorithm in ALL {
                let whole = Checksum::of(algorithm, &data);
                let mut hasher = Hasher::new(algorithm);
                pieces.iter().for_each(|p| hasher.update(p));
                prop_assert_eq!(hasher.finish(), whole);
                let combined = full_object(algorithm, pieces.iter().map(|p| (Checksum::of(algorithm, p), p.len() as u64)));
                prop_assert_eq!(combined, algorithm.combines().then_some(whole));
                prop_assert_eq!(Checksum::from_header_value(algorithm, &whole.to_base64()).unwrap(), whole);
            }
        }
    }
}
