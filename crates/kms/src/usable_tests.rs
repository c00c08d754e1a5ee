//! Keys in use: round trips, known answers, and what must not open.

use super::*;
use proptest::prelude::*;
use std::sync::LazyLock;

fn symmetric(byte: u8) -> Usable {
    Usable::new(&Material::import(KeySpec::Symmetric, Secret::from(vec![byte; 32])).unwrap()).unwrap()
}

/// RSA keys are slow to make: one for all tests.
static RSA: LazyLock<Usable> = LazyLock::new(|| Usable::new(&Material::generate(KeySpec::Rsa2048).unwrap()).unwrap());

fn context(pairs: &[(&str, &str)]) -> EncryptionContext {
    pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
}

/// Made by an independent program (AES-GCM and HMAC in Python): the format must never change under stored data.
#[test]
fn a_ciphertext_of_format_one_opens_for_ever() {
    let golden = hex::decode(concat!(
        "01",
        "00112233445566778899aabbccddeeff",
        "00000003",
        "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
        "b0b1b2b3b4b5b6b7b8b9babb",
        "430fa7bbd52604a79fd696d5ddb7efa8d95711cc019263950e1ca14cbc0f6a01745808baf019"
    ))
    .unwrap();
    let key = symmetric(0x42);
    let plain = key.decrypt(EncryptionAlgorithm::Symmetric, &golden, &context(&[("purpose", "test"), ("a", "")])).unwrap();
    assert_eq!(&*plain, b"a secret of format one");
    assert_eq!(
        key.decrypt(EncryptionAlgorithm::Symmetric, &golden, &context(&[("purpose", "other")])).err(),
        Some(Refused::Ciphertext)
    );
}

proptest! {
    #[test]
    fn symmetric_ciphertexts_open_as_they_were_and_no_flipped_bit_does(
        plain in prop::collection::vec(any::<u8>(), 1..200),
        pairs in prop::collection::btree_map("[a-z]{1,4}", "[a-z]{0,4}", 0..3),
        flip: prop::sample::Index,
        bit in 0u8..8,
    ) {
        let key = symmetric(1);
        let sealed = key.encrypt(EncryptionAlgorithm::Symmetric, [9; 16], 4, &plain, &pairs).unwrap();
        prop_assert_eq!(sealed.len(), plain.len() + crate::blob::OVERHEAD_BYTES);
        let header = Blob::parse(&sealed).unwrap().header;
        prop_assert_eq!((header.key, header.generation), ([9; 16], 4));
        prop_assert_eq!(&*key.decrypt(EncryptionAlgorithm::Symmetric, &sealed, &pairs).unwrap(), &plain[..]);
        let mut bad = sealed.clone();
        bad[flip.index(sealed.len())] ^= 1 << bit;
        prop_assert_eq!(key.decrypt(EncryptionAlgorithm::Symmetric, &bad, &pairs).err(), Some(Refused::Ciphertext));
        prop_assert!(symmetric(2).decrypt(EncryptionAlgorithm::Symmetric, &sealed, &pairs).is_err());
        let mut more = pairs.clone();
        more.insert("one more".into(), String::new());
        prop_assert!(key.decrypt(EncryptionAlgorithm::Symmetric, &sealed, &more).is_err());
    }
}

#[test]
fn two_encryptions_of_the_same_differ_and_lengths_have_limits() {
    let (key, none) = (symmetric(1), EncryptionContext::new());
    let encrypt = |n: usize| key.encrypt(EncryptionAlgorithm::Symmetric, [0; 16], 1, &vec![7; n], &none);
    assert_ne!(encrypt(10), encrypt(10));
    assert!(encrypt(crate::PLAINTEXT_BYTES_MAX).is_ok());
    assert_eq!(encrypt(crate::PLAINTEXT_BYTES_MAX + 1), Err(Refused::Length));
    assert_eq!(encrypt(0), Err(Refused::Length));
    assert_eq!(key.encrypt(EncryptionAlgorithm::OaepSha256, [0; 16], 1, b"x", &none), Err(Refused::KeyKind));
}

#[test]
fn rsa_encrypts_and_signs_with_each_of_its_algorithms() {
    let none = EncryptionContext::new();
    for (algorithm, max) in [(EncryptionAlgorithm::OaepSha1, 214), (EncryptionAlgorithm::OaepSha256, 190)] {
        assert_eq!(RSA.plaintext_bytes_max(algorithm), max);
        let sealed = RSA.encrypt(algorithm, [0; 16], 1, &vec![5; max], &none).unwrap();
        assert_eq!(&*RSA.decrypt(algorithm, &sealed, &none).unwrap(), vec![5; max]);
        assert_eq!(RSA.encrypt(algorithm, [0; 16], 1, &vec![5; max + 1], &none), Err(Refused::Length));
        assert_eq!(RSA.decrypt(algorithm, &sealed[1..], &none).err(), Some(Refused::Ciphertext));
        assert_eq!(RSA.encrypt(algorithm, [0; 16], 1, b"x", &context(&[("a", "b")])), Err(Refused::KeyKind));
    }
    for &algorithm in spec::signing_algorithms(KeySpec::Rsa2048, wire::kms::KeyUsage::SignVerify) {
        signs(&RSA, algorithm);
    }
    assert_eq!(RSA.sign(SigningAlgorithm::Ecdsa(Sha::Sha256), Message::Raw(b"m")), Err(Refused::KeyKind));
}

fn signs(key: &Usable, algorithm: SigningAlgorithm) {
    let signature = key.sign(algorithm, Message::Raw(b"message")).unwrap();
    key.verify(algorithm, Message::Raw(b"message"), &signature).unwrap();
    let digest = hashed(algorithm.sha(), Message::Raw(b"message")).unwrap();
    key.verify(algorithm, Message::Digest(digest.as_ref()), &signature).unwrap();
    let other = key.sign(algorithm, Message::Digest(digest.as_ref())).unwrap();
    key.verify(algorithm, Message::Raw(b"message"), &other).unwrap();
    assert_eq!(key.verify(algorithm, Message::Raw(b"massage"), &signature), Err(Refused::Signature));
    assert_eq!(key.verify(algorithm, Message::Raw(b"message"), &signature[1..]), Err(Refused::Signature));
    assert_eq!(key.sign(algorithm, Message::Digest(b"short")), Err(Refused::Length));
    assert_eq!(key.sign(algorithm, Message::Raw(&[0; crate::MESSAGE_BYTES_MAX + 1])), Err(Refused::Length));
}

#[test]
fn each_curve_signs_with_its_algorithm_alone() {
    for spec in [KeySpec::P256, KeySpec::P384, KeySpec::P521, KeySpec::P256k1] {
        let key = Usable::new(&Material::generate(spec).unwrap()).unwrap();
        let own = spec::signing_algorithms(spec, wire::kms::KeyUsage::SignVerify);
        for &algorithm in SigningAlgorithm::ALL {
            if own.contains(&algorithm) {
                signs(&key, algorithm);
            } else {
                assert_eq!(key.sign(algorithm, Message::Raw(b"m")), Err(Refused::KeyKind), "{spec:?} {algorithm:?}");
                assert_eq!(key.verify(algorithm, Message::Raw(b"m"), b"s"), Err(Refused::KeyKind));
            }
        }
    }
}

/// RFC 4231, test case 2 has a short key; case 1's is 20 bytes. KMS's keys are as long as the hash, so these were computed
/// with Python's `hmac`.
#[test]
fn macs_are_the_usual_ones() {
    for (spec, algorithm, bytes, mac) in [
        (KeySpec::Hmac224, MacAlgorithm::Sha224, 28, "1abbc7c42cf4ca9f9d7b624564cb72d7b0945ea0a615095904a0fd34"),
        (KeySpec::Hmac256, MacAlgorithm::Sha256, 32, "198a607eb44bfbc69903a0f1cf2bbdc5ba0aa3f3d9ae3c1c7a3b1696a0b68cf7"),
        (
            KeySpec::Hmac384,
            MacAlgorithm::Sha384,
            48,
            "b6a8d5636f5c6a7224f9977dcf7ee6c7fb6d0c48cbdee9737a959796489bddbc4c5df61d5b3297b4fb68dab9f1b582c2",
        ),
        (
            KeySpec::Hmac512,
            MacAlgorithm::Sha512,
            64,
            "637edc6e01dce7e6742a99451aae82df23da3e92439e590e43e761b33e910fb8ac2878ebd5803f6f0b61dbce5e251ff8789a4722c1be65aea45fd464e89f8f5b",
        ),
    ] {
        let key = Usable::new(&Material::import(spec, Secret::from(vec![0x0b; bytes])).unwrap()).unwrap();
        let made = key.mac(algorithm, b"Hi There").unwrap();
        assert_eq!(hex::encode(&made), mac);
        key.verify_mac(algorithm, b"Hi There", &made).unwrap();
        assert_eq!(key.verify_mac(algorithm, b"Hi there", &made), Err(Refused::Mac));
        assert_eq!(key.verify_mac(algorithm, b"Hi There", &made[1..]), Err(Refused::Mac));
        let other = if algorithm == MacAlgorithm::Sha256 { MacAlgorithm::Sha512 } else { MacAlgorithm::Sha256 };
        assert_eq!(key.mac(other, b"x"), Err(Refused::KeyKind));
    }
}

#[test]
fn both_sides_of_an_agreement_have_the_same_secret() {
    for spec in [KeySpec::P256, KeySpec::P384, KeySpec::P521] {
        let [a, b] = [(); 2].map(|()| Usable::new(&Material::generate(spec).unwrap()).unwrap());
        assert_eq!(*a.agree(b.public_key()).unwrap(), *b.agree(a.public_key()).unwrap());
        assert_eq!(a.agree(&b.public_key()[1..]).err(), Some(Refused::PublicKey));
        assert_eq!(a.agree(RSA.public_key()).err(), Some(Refused::PublicKey));
    }
    let k1 = Usable::new(&Material::generate(KeySpec::P256k1).unwrap()).unwrap();
    assert_eq!(k1.agree(k1.public_key()).err(), Some(Refused::KeyKind));
}
