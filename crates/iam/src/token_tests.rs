//! Session tokens: what is sealed is opened whole, everything else is refused, and the layout stays.

use super::*;
use proptest::prelude::*;

fn keys(id: u32, byte: u8) -> SessionKey {
    SessionKey { id, key: hex::encode([byte; 32]), created: TimestampMs(0), ..SessionKey::default() }
}

fn account() -> AccountId {
    "012345678901".parse().unwrap()
}

fn session() -> Session {
    Session { issued: TimestampMs(1_000), expires: TimestampMs(3_601_000), ..Session::default() }
}

fn role(session: Session) -> Principal {
    Principal {
        account: account(),
        arn: "arn:aws:sts::012345678901:assumed-role/app/build@1".into(),
        user_id: "AROAEXAMPLEEXAMPLE234:build@1".into(),
        kind: PrincipalKind::RoleSession {
            role_arn: "arn:aws:iam::012345678901:role/team/app".into(),
            session_name: "build@1".into(),
        },
        session: Some(Arc::new(session)),
    }
}

fn everybody() -> Vec<Principal> {
    let full = Session {
        policies: vec!["{}".into(), "arn:aws:iam::aws:policy/X".into()],
        tags: [("a".to_owned(), "ü".to_owned())].into(),
        transitive: vec!["a".into()],
        mfa_at: Some(TimestampMs(7)),
        source_identity: Some("s".into()),
        provider: Some("p".into()),
        chained: true,
        instance: Some("arn:aws:ec2:r:1:instance/i-1".into()),
        ..session()
    };
    let s = Some(Arc::new(full.clone()));
    let user = Principal {
        account: account(),
        arn: "arn:aws:iam::012345678901:user/a/bob".into(),
        user_id: "AIDAX".into(),
        kind: PrincipalKind::User { name: "bob".into() },
        session: s.clone(),
    };
    let federated = Principal {
        account: account(),
        arn: "arn:aws:sts::012345678901:federated-user/joe".into(),
        user_id: "012345678901:joe".into(),
        kind: PrincipalKind::FederatedUser { user_arn: user.arn.clone(), user_id: user.user_id.clone() },
        session: s.clone(),
    };
    vec![role(full), user, federated, Principal { session: s, ..Principal::root(account()) }]
}

#[test]
fn what_is_sealed_is_opened_whole() {
    let k = TokenKeys::new(&[keys(1, 1), keys(2, 2)]);
    for (n, p) in everybody().into_iter().enumerate() {
        let sealed = k.seal(&p, [n as u128, 5]).unwrap();
        assert_eq!((sealed.access_key.len(), sealed.secret_key.len()), (20, 40));
        assert_eq!(account_of(&sealed.access_key), Some(account()));
        let opened = k.open(&sealed.access_key, &sealed.token).unwrap();
        assert_eq!((opened.principal, opened.secret_key), (p, sealed.secret_key.clone()));
        // The newest key seals; another region's opens nothing.
        assert!(TokenKeys::new(&[keys(2, 2)]).open(&sealed.access_key, &sealed.token).is_ok());
        for other in [vec![keys(1, 1)], vec![keys(2, 3)], vec![keys(3, 2)], vec![]] {
            assert_eq!(TokenKeys::new(&other).open(&sealed.access_key, &sealed.token), Err(Refused::Invalid));
        }
        assert!(!format!("{sealed:?}").contains(&sealed.secret_key) && !format!("{sealed:?}").contains(&sealed.token));
    }
    assert_eq!(TokenKeys::default().seal(&role(session()), [1, 2]).unwrap_err(), SealError::NoKey);
    let nobody = Principal { session: Some(Arc::new(session())), ..Principal::anonymous(account()) };
    let sealed = k.seal(&nobody, [1, 2]).unwrap();
    assert_eq!(k.open(&sealed.access_key, &sealed.token), Err(Refused::Invalid));
}

#[test]
fn every_flipped_bit_every_cut_and_every_other_key_is_refused() {
    let k = TokenKeys::new(&[keys(1, 1)]);
    let a = k.seal(&role(session()), [1, 1]).unwrap();
    let b = k.seal(&role(session()), [2, 2]).unwrap();
    assert_eq!(k.open(&b.access_key, &a.token), Err(Refused::Invalid), "another's token");
    let long_lived = format!("AKIA{}", &a.access_key[4..]);
    assert_eq!(k.open(&long_lived, &a.token), Err(Refused::Invalid));
    for at in 0..a.token.len() {
        for bit in 0..8 {
            let mut bytes = a.token.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            let Ok(changed) = String::from_utf8(bytes) else { continue };
            assert_eq!(k.open(&a.access_key, &changed), Err(Refused::Invalid), "byte {at}, bit {bit}");
        }
        assert_eq!(k.open(&a.access_key, &a.token[..at]), Err(Refused::Invalid));
    }
    for (at, _) in a.access_key.char_indices() {
        let mut bytes = a.access_key.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        assert_eq!(k.open(&String::from_utf8(bytes).unwrap(), &a.token), Err(Refused::Invalid));
    }
    for more in ["A", "=", "AAAA", " ", "\n"] {
        assert_eq!(k.open(&a.access_key, &format!("{}{more}", a.token)), Err(Refused::Invalid));
    }
}

#[test]
fn times() {
    let at = |p: &Principal, ms, outage| in_time(p, TimestampMs(ms), outage);
    let plain = role(Session { issued: TimestampMs(SKEW_MS_MAX), expires: TimestampMs(SKEW_MS_MAX + 10), ..session() });
    assert_eq!(at(&plain, 0, false), Ok(()), "a clock that is behind");
    let early = role(Session { issued: TimestampMs(SKEW_MS_MAX + 1), ..session() });
    assert_eq!(at(&early, 0, false), Err(Refused::Invalid), "not yet");
    assert_eq!(at(&plain, SKEW_MS_MAX + 9, false), Ok(()));
    for outage in [false, true] {
        assert_eq!(at(&plain, SKEW_MS_MAX + 10, outage), Err(Refused::Expired));
    }
    let instance = role(Session { instance: Some("i".into()), ..session() });
    let end = 3_601_000;
    assert_eq!(at(&instance, end, false), Err(Refused::Expired), "the control plane is there");
    assert_eq!(at(&instance, end + GRACE_MS - 1, true), Ok(()));
    assert_eq!(at(&instance, end + GRACE_MS, true), Err(Refused::Expired));
    assert_eq!(at(&Principal::root(account()), 0, false), Err(Refused::Invalid), "no session");
}

/// The layout of version 1: what one release sealed, the next one opens.
#[test]
fn golden() {
    let k = TokenKeys::new(&[keys(7, 9)]);
    let sealed = k.seal(&role(session()), [0x0b0a_0908_0706_0504_0302_0100, 42]).unwrap();
    assert_eq!(sealed.access_key, "ASIAALP5YHBVAAAAAABK");
    assert_eq!(sealed.token, include_str!("token_v1.txt").trim());
    let opened = k.open(&sealed.access_key, &sealed.token).unwrap();
    // HMAC-SHA256 computed by another implementation.
    assert_eq!(opened.secret_key, "M2/1qZgpYxtf8lYNmojiTMR8mMgSToI1MTKmbQOe");
}

#[test]
fn messages_are_for_their_account_only() {
    let k = TokenKeys::new(&[keys(1, 1)]);
    let sealed = k.seal_message(&account(), "{\"allowed\":false}", 3).unwrap();
    assert_eq!(k.open_message(&account(), &sealed).as_deref(), Some("{\"allowed\":false}"));
    assert_eq!(k.open_message(&"111111111111".parse().unwrap(), &sealed), None);
    // A token is no message, nor the other way round.
    let token = k.seal(&role(session()), [3, 3]).unwrap();
    assert_eq!(k.open_message(&account(), &token.token), None);
    assert_eq!(k.open(&token.access_key, &sealed), Err(Refused::Invalid));
    assert_eq!(k.seal_message(&account(), &"x".repeat(MESSAGE_CHARS_MAX), 3), None);
}

proptest! {
    #[test]
    fn claims_of_any_contents(policies in prop::collection::vec(".{0,40}", 0..4), tags in prop::collection::btree_map(".{1,9}", ".{0,9}", 0..6), random: [u64; 4]) {
        let k = TokenKeys::new(&[keys(1, 1)]);
        let p = role(Session { policies, tags, ..session() });
        let random = [u128::from(random[0]) << 64 | u128::from(random[1]), u128::from(random[2]) << 64 | u128::from(random[3])];
        let sealed = k.seal(&p, random).unwrap();
        prop_assert_eq!(k.open(&sealed.access_key, &sealed.token).unwrap().principal, p);
    }

    #[test]
    fn too_much_is_said_so(n in 0usize..9000) {
        let p = role(Session { policies: vec!["x".repeat(n)], ..session() });
        match TokenKeys::new(&[keys(1, 1)]).seal(&p, [1, 1]) {
            Ok(sealed) => prop_assert!(sealed.token.len() <= TOKEN_CHARS_MAX && n <= CLAIMS_BYTES_MAX),
            Err(SealError::TooLarge { bytes }) => prop_assert!(bytes > CLAIMS_BYTES_MAX),
            Err(e) => prop_assert!(false, "{e}"),
        }
    }
}
