//! Bringing one's own key material: the wrapping key, the import token, and unwrapping.
//!
//! The token is self-contained: the wrapping key's private half, sealed under the root key and bound to the key that it is
//! for. So nothing is kept between GetParametersForImport and ImportKeyMaterial.

use crate::error::Refused;
use crate::material::{Material, Secret};
use crate::root::RootKey;
use aws_lc_rs::key_wrap::{AES_256, AesKek, KeyWrapPadded};
use aws_lc_rs::rsa::{OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepAlgorithm, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use types::TimestampMs;
use wire::kms::KeySpec;

/// GetParametersForImport: "The import token and public key are valid for 24 hours".
pub const TOKEN_MS: u64 = 24 * 3600 * 1000;
/// API Reference, ImportKeyMaterial: the token and the wrapped material have at most so many bytes.
pub const TOKEN_BYTES_MAX: usize = 6144;

/// How the material was wrapped: AWS's WrappingAlgorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrapping {
    OaepSha1,
    OaepSha256,
    /// An AES-256 key under OAEP, and the material under that key (RFC 5649).
    AesSha1,
    AesSha256,
}

impl Wrapping {
    pub const ALL: [Wrapping; 4] = [Self::OaepSha1, Self::OaepSha256, Self::AesSha1, Self::AesSha256];

    pub fn name(self) -> &'static str {
        match self {
            Self::OaepSha1 => "RSAES_OAEP_SHA_1",
            Self::OaepSha256 => "RSAES_OAEP_SHA_256",
            Self::AesSha1 => "RSA_AES_KEY_WRAP_SHA_1",
            Self::AesSha256 => "RSA_AES_KEY_WRAP_SHA_256",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|w| w.name() == name)
    }

    /// Whether material of this kind can be wrapped so: a key pair does not fit under RSA alone.
    pub fn fits(self, spec: KeySpec) -> bool {
        match self {
            Self::OaepSha1 | Self::OaepSha256 => !crate::spec::is_rsa(spec),
            Self::AesSha1 | Self::AesSha256 => true,
        }
    }

    fn oaep(self) -> &'static OaepAlgorithm {
        match self {
            Self::OaepSha1 | Self::AesSha1 => &OAEP_SHA1_MGF1SHA1,
            Self::OaepSha256 | Self::AesSha256 => &OAEP_SHA256_MGF1SHA256,
        }
    }
}

/// A token that was opened.
#[derive(Debug)]
pub struct Token {
    pub expires: TimestampMs,
    wrapping: Wrapping,
    /// PKCS #8
    private: Secret,
}

fn purpose(arn: &str) -> String {
    format!("import token\0{arn}")
}

/// The token for the key `arn`, around a wrapping key made by [`Material::generate`].
pub fn token(root: &RootKey, arn: &str, wrapping: Wrapping, key: &Material, expires: TimestampMs) -> Result<Vec<u8>, Refused> {
    let wrapping = Wrapping::ALL.iter().position(|w| *w == wrapping).unwrap_or_default() as u8;
    let body = Secret::from([&expires.0.to_be_bytes()[..], &[wrapping], key.expose()].concat());
    root.seal(&purpose(arn), &body)
}

impl Token {
    pub fn open(root: &RootKey, arn: &str, token: &[u8]) -> Result<Self, Refused> {
        let body = root.open(&purpose(arn), token).ok_or(Refused::Token)?;
        let (expires, rest) = body.split_first_chunk().ok_or(Refused::Token)?;
        let (wrapping, private) = rest.split_first().ok_or(Refused::Token)?;
        Ok(Self {
            expires: TimestampMs(u64::from_be_bytes(*expires)),
            wrapping: *Wrapping::ALL.get(usize::from(*wrapping)).ok_or(Refused::Token)?,
            private: Secret::from(private.to_vec()),
        })
    }

    /// The wrapped material as a key of the kind `spec`.
    pub fn unwrap(&self, spec: KeySpec, wrapped: &[u8]) -> Result<Material, Refused> {
        let private = PrivateDecryptingKey::from_pkcs8(&self.private).map_err(|_| Refused::Token)?;
        let private = OaepPrivateDecryptingKey::new(private)?;
        let oaep = |wrapped: &[u8]| -> Result<Secret, Refused> {
            let mut out = Secret::from(vec![0; private.min_output_size()]);
            let opened = private.decrypt(self.wrapping.oaep(), wrapped, out.bytes_mut(), None).map(|p| p.len());
            out.truncate(opened.map_err(|_| Refused::Ciphertext)?);
            Ok(out)
        };
        let bytes = match self.wrapping {
            Wrapping::OaepSha1 | Wrapping::OaepSha256 => oaep(wrapped)?,
            Wrapping::AesSha1 | Wrapping::AesSha256 => {
                let (key, body) = wrapped.split_at_checked(private.key_size_bytes()).ok_or(Refused::Ciphertext)?;
                let key = AesKek::new(&AES_256, &oaep(key)?).map_err(|_| Refused::Ciphertext)?;
                let mut out = Secret::from(vec![0; body.len()]);
                let opened = key.unwrap_with_padding(body, out.bytes_mut()).map(|p| p.len());
                out.truncate(opened.map_err(|_| Refused::Ciphertext)?);
                out
            }
        };
        Material::import(spec, bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::rsa::{OaepPublicEncryptingKey, PublicEncryptingKey};

    #[test]
    fn material_comes_in_by_each_way_of_wrapping() {
        let root = RootKey::generate().unwrap();
        let wrapping_key = Material::generate(KeySpec::Rsa2048).unwrap();
        let public = PublicEncryptingKey::from_der(&wrapping_key.public_key().unwrap()).unwrap();
        let public = OaepPublicEncryptingKey::new(public).unwrap();
        let wrap = |w: Wrapping, bytes: &[u8]| {
            let mut out = vec![0; public.ciphertext_size()];
            let n = public.encrypt(w.oaep(), bytes, &mut out, None).unwrap().len();
            out.truncate(n);
            out
        };
        for wrapping in Wrapping::ALL {
            assert_eq!(Wrapping::parse(wrapping.name()), Some(wrapping));
            let made = token(&root, "arn:k", wrapping, &wrapping_key, TimestampMs(77)).unwrap();
            assert!(made.len() <= TOKEN_BYTES_MAX);
            assert_eq!(Token::open(&root, "arn:other", &made).err(), Some(Refused::Token));
            let opened = Token::open(&root, "arn:k", &made).unwrap();
            assert_eq!(opened.expires, TimestampMs(77));
            for spec in [KeySpec::Symmetric, KeySpec::Hmac512, KeySpec::P256, KeySpec::Rsa2048] {
                let own = Material::generate(spec).unwrap();
                let wrapped = match wrapping {
                    _ if !wrapping.fits(spec) => continue,
                    Wrapping::OaepSha1 | Wrapping::OaepSha256 => wrap(wrapping, own.expose()),
                    Wrapping::AesSha1 | Wrapping::AesSha256 => {
                        let kek = [9; 32];
                        let mut out = vec![0; own.expose().len() + 16];
                        let body =
                            AesKek::new(&AES_256, &kek).unwrap().wrap_with_padding(own.expose(), &mut out).unwrap().to_vec();
                        [wrap(wrapping, &kek), body].concat()
                    }
                };
                assert_eq!(opened.unwrap(spec, &wrapped).unwrap().expose(), own.expose(), "{wrapping:?} {spec:?}");
                assert_eq!(opened.unwrap(KeySpec::Hmac224, &wrapped).err(), Some(Refused::Material));
                assert_eq!(opened.unwrap(spec, &wrapped[1..]).err(), Some(Refused::Ciphertext));
            }
        }
    }
}
