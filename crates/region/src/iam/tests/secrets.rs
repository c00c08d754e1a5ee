//! Access keys, passwords, MFA devices, the credential report: and that no secret comes out again.

use super::*;
use crate::iam::{access_key, mfa};

#[test]
fn access_keys() {
    let mut r = region();
    r.user("alice");
    r.become_user("alice");
    // Whose key it is follows from who calls.
    let made = r.ok("CreateAccessKey", &[]);
    let (id, secret) = (text(&made, "AccessKeyId"), text(&made, "SecretAccessKey"));
    assert!(id.starts_with("AKIA") && id.len() == 20 && secret.len() == 40);
    assert_eq!(text(&made, "UserName"), "alice");
    let listed = r.ok("ListAccessKeys", &[]);
    assert!(listed.contains(&id) && !listed.contains(&secret));
    assert_eq!(text(&r.ok("GetAccessKeyLastUsed", &[("AccessKeyId", &id)]), "ServiceName"), "N/A");
    let at = |r: &Region, plus: u64| TimestampMs(r.now.0 + plus);
    let (first, soon, later) = (at(&r, 0), at(&r, 30_000), at(&r, 61_000));
    access_key::note_use(&mut r.db, &id, first, "ec2", "us-east-1");
    assert_eq!(r.db.take_mutations().len(), 1);
    access_key::note_use(&mut r.db, &id, soon, "ec2", "us-east-1");
    assert!(r.db.take_mutations().is_empty());
    access_key::note_use(&mut r.db, &id, soon, "s3", "us-east-1");
    access_key::note_use(&mut r.db, "AKIANONE", later, "s3", "us-east-1");
    assert_eq!(r.db.take_mutations().len(), 1);
    assert_eq!(text(&r.ok("GetAccessKeyLastUsed", &[("AccessKeyId", &id)]), "ServiceName"), "s3");
    r.ok("UpdateAccessKey", &[("AccessKeyId", &id), ("Status", "Inactive")]);
    assert!(!r.key(&id).unwrap().active);
    assert_eq!(text(&r.ok("ListAccessKeys", &[("UserName", "alice")]), "Status"), "Inactive");
    r.user("bob");
    r.must_refuse(&[
        ("UpdateAccessKey", &[("AccessKeyId", &id), ("Status", "Off")], "ValidationError", 400),
        ("DeleteAccessKey", &[("AccessKeyId", &id), ("UserName", "bob")], "NoSuchEntity", 404),
        ("GetAccessKeyLastUsed", &[("AccessKeyId", "AKIAAAAAAAAAAAAAAAAA")], "NoSuchEntity", 404),
    ]);
    r.ok("DeleteAccessKey", &[("AccessKeyId", &id)]);
    assert!(r.key(&id).is_none());
    // A root user is no user.
    r.caller = principal(ACCOUNT);
    r.must_refuse(&[("CreateAccessKey", &[], "ValidationError", 400)]);
    assert_eq!(text(&r.ok("GetUser", &[]), "Arn"), format!("arn:aws:iam::{ACCOUNT}:root"));
}

/// Who has no permission gets AWS's refusal.
#[test]
fn without_permission() {
    let mut r = region();
    r.user("alice");
    r.caller = r.principal_of("alice");
    let e = r.refused("CreateUser", &[("UserName", "x")]);
    assert_eq!((e.code.as_ref(), e.status), ("AccessDenied", 403));
    assert!(e.message.contains("is not authorized to perform: iam:CreateUser"), "{e}");
}

#[test]
fn passwords() {
    let mut r = region();
    r.user("alice");
    r.must_refuse(&[
        ("GetAccountPasswordPolicy", &[], "NoSuchEntity", 404),
        ("DeleteAccountPasswordPolicy", &[], "NoSuchEntity", 404),
        ("UpdateAccountPasswordPolicy", &[("MinimumPasswordLength", "5")], "ValidationError", 400),
        ("UpdateAccountPasswordPolicy", &[("PasswordReusePrevention", "25")], "ValidationError", 400),
        ("CreateLoginProfile", &[("UserName", "alice"), ("Password", "simple")], "PasswordPolicyViolation", 400),
        ("GetLoginProfile", &[("UserName", "alice")], "NoSuchEntity", 404),
        ("ChangePassword", &[("OldPassword", "a"), ("NewPassword", "b")], "InvalidUserType", 400),
    ]);
    let strict =
        [("MinimumPasswordLength", "10"), ("RequireSymbols", "true"), ("PasswordReusePrevention", "2"), ("MaxPasswordAge", "90")];
    r.ok("UpdateAccountPasswordPolicy", &strict);
    r.user("bob");
    assert!(!r.may_own("bob", "iam:ChangePassword"));
    r.ok("UpdateAccountPasswordPolicy", &[("AllowUsersToChangePassword", "true")]);
    assert!(r.may_own("bob", "iam:ChangePassword") && !r.may_own("bob", "iam:DeleteUser"));
    r.ok("UpdateAccountPasswordPolicy", &strict);
    assert!(!r.may_own("bob", "iam:ChangePassword"));
    let policy = r.ok("GetAccountPasswordPolicy", &[]);
    assert_eq!((text(&policy, "ExpirePasswords"), text(&policy, "MaxPasswordAge")), ("true".into(), "90".into()));
    r.must_refuse(&[(
        "CreateLoginProfile",
        &[("UserName", "alice"), ("Password", "Abcdefgh12")],
        "PasswordPolicyViolation",
        400,
    )]);
    r.ok("CreateLoginProfile", &[("UserName", "alice"), ("Password", "first-first"), ("PasswordResetRequired", "true")]);
    r.must_refuse(&[("CreateLoginProfile", &[("UserName", "alice"), ("Password", "first-first")], "EntityAlreadyExists", 409)]);
    r.become_user("alice");
    r.must_refuse(&[
        ("ChangePassword", &[("OldPassword", "wrong-wrong"), ("NewPassword", "second-second")], "AccessDenied", 403),
        ("ChangePassword", &[("OldPassword", "first-first"), ("NewPassword", "first-first")], "PasswordPolicyViolation", 400),
    ]);
    r.ok("ChangePassword", &[("OldPassword", "first-first"), ("NewPassword", "second-second")]);
    assert_eq!(text(&r.ok("GetLoginProfile", &[]), "PasswordResetRequired"), "false");
    // Two are remembered: the one in force and the one before.
    r.must_refuse(&[(
        "ChangePassword",
        &[("OldPassword", "second-second"), ("NewPassword", "first-first")],
        "PasswordPolicyViolation",
        400,
    )]);
    r.ok("ChangePassword", &[("OldPassword", "second-second"), ("NewPassword", "third-third")]);
    r.ok("UpdateLoginProfile", &[("UserName", "alice"), ("Password", "first-first")]);
    r.ok("DeleteLoginProfile", &[("UserName", "alice")]);
    r.ok("DeleteAccountPasswordPolicy", &[]);
}

/// RFC 4648, backwards.
fn base32(text: &str) -> Vec<u8> {
    let bits = text.bytes().flat_map(|b| {
        let v = if b.is_ascii_digit() { b - b'2' + 26 } else { b - b'A' };
        (0..5).rev().map(move |i| v >> i & 1)
    });
    bits.collect::<Vec<_>>().chunks_exact(8).map(|c| c.iter().fold(0, |n, b| n << 1 | b)).collect()
}

#[test]
fn mfa_devices() {
    use base64::Engine;
    let mut r = region();
    r.user("alice");
    let account: types::AccountId = ACCOUNT.parse().unwrap();
    let made = r.ok("CreateVirtualMFADevice", &[("VirtualMFADeviceName", "alice")]);
    let serial = text(&made, "SerialNumber");
    assert_eq!(serial, format!("arn:aws:iam::{ACCOUNT}:mfa/alice"));
    let b64 = |t: String| base64::engine::general_purpose::STANDARD.decode(t).unwrap();
    assert!(b64(text(&made, "QRCodePNG")).starts_with(b"\x89PNG"));
    let seed = base32(std::str::from_utf8(&b64(text(&made, "Base32StringSeed"))).unwrap());
    assert_eq!(seed.len(), 40);
    let step = mfa::testing::step_at(r.now);
    let code = |n: i64| mfa::testing::code(&seed, step + n);
    let named = [("UserName", "alice"), ("SerialNumber", serial.as_str())];
    let with = |a: &str, b: &str| -> Vec<(String, String)> {
        let mut pairs: Vec<_> = named.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        pairs.extend([("AuthenticationCode1".into(), a.into()), ("AuthenticationCode2".into(), b.into())]);
        pairs
    };
    fn refs(pairs: &[(String, String)]) -> Vec<(&str, &str)> {
        pairs.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect()
    }
    let (wrong, same, right) = (with(&code(-2), &code(0)), with(&code(-1), &code(-1)), with(&code(-1), &code(0)));
    r.must_refuse(&[
        ("CreateVirtualMFADevice", &[("VirtualMFADeviceName", "ALICE")], "EntityAlreadyExists", 409),
        ("EnableMFADevice", &refs(&wrong), "InvalidAuthenticationCode", 403),
        ("EnableMFADevice", &refs(&same), "InvalidAuthenticationCode", 403),
        ("EnableMFADevice", &refs(&with("12345", "1234567")), "ValidationError", 400),
        ("DeactivateMFADevice", &named, "NoSuchEntity", 404),
    ]);
    let check = |r: &mut Region, n: i64, ahead: u64| {
        let now = TimestampMs(r.now.0 + ahead * 30_000);
        mfa::check(&mut r.db, &account, &serial, &code(n), now)
    };
    assert_eq!(check(&mut r, 1, 1), None, "not enabled yet");
    r.ok("EnableMFADevice", &refs(&right));
    r.must_refuse(&[
        ("EnableMFADevice", &refs(&right), "EntityAlreadyExists", 409),
        ("DeleteVirtualMFADevice", &[("SerialNumber", &serial)], "DeleteConflict", 409),
        ("DeleteUser", &[("UserName", "alice")], "DeleteConflict", 409),
    ]);
    let user = text(&r.ok("GetUser", &[("UserName", "alice")]), "UserId");
    assert_eq!(check(&mut r, 0, 0), None, "used when it was enabled");
    assert_eq!(check(&mut r, 1, 1).as_ref(), Some(&user));
    assert_eq!(check(&mut r, 1, 1), None, "each code once");
    assert_eq!(check(&mut r, 9, 3), None, "far away");
    assert_eq!(check(&mut r, 2, 3).as_ref(), Some(&user), "one step late");
    assert!(mfa::check(&mut r.db, &account, &format!("{serial}x"), &code(4), r.now).is_none());
    // Ten wrong ones, and the right one is not looked at for a while.
    (0..10).for_each(|_| assert_eq!(check(&mut r, 77, 4), None));
    assert_eq!(check(&mut r, 4, 4), None);
    assert_eq!(check(&mut r, 14, 14).as_ref(), Some(&user), "five minutes later");
    r.now.0 += 3600 * 1000;
    let behind = with(&code(50), &code(51));
    r.ok("ResyncMFADevice", &refs(&behind));
    assert_eq!(check(&mut r, 52, 1).as_ref(), Some(&user), "the clock's lag is known now");
    assert_eq!(texts(&r.ok("ListMFADevices", &[("UserName", "alice")]), "SerialNumber"), [serial.as_str()]);
    assert_eq!(text(&r.ok("ListVirtualMFADevices", &[("AssignmentStatus", "Assigned")]), "UserName"), "alice");
    assert!(texts(&r.ok("ListVirtualMFADevices", &[("AssignmentStatus", "Unassigned")]), "SerialNumber").is_empty());
    assert!(!r.ok("ListVirtualMFADevices", &[]).contains("Seed"));
    r.ok("DeactivateMFADevice", &named);
    r.ok("DeleteVirtualMFADevice", &[("SerialNumber", &serial)]);
    r.ok("DeleteUser", &[("UserName", "alice")]);
}

#[test]
fn the_credential_report() {
    use base64::Engine;
    let mut r = region();
    r.user("alice");
    r.ok("CreateLoginProfile", &[("UserName", "alice"), ("Password", "Correct-horse-1")]);
    r.ok("CreateAccessKey", &[("UserName", "alice")]);
    r.must_refuse(&[("GetCredentialReport", &[], "ReportNotPresent", 410)]);
    assert_eq!(text(&r.ok("GenerateCredentialReport", &[]), "State"), "STARTED");
    assert_eq!(text(&r.ok("GenerateCredentialReport", &[]), "State"), "COMPLETE");
    let got = r.ok("GetCredentialReport", &[]);
    let csv = base64::engine::general_purpose::STANDARD.decode(text(&got, "Content")).unwrap();
    let csv = String::from_utf8(csv).unwrap();
    let lines: Vec<Vec<&str>> = csv.lines().map(|l| l.split(',').collect()).collect();
    assert_eq!(lines.len(), 3);
    assert!(lines.iter().all(|l| l.len() == 22), "{csv}");
    assert_eq!((lines[0][0], lines[1][0], lines[2][0]), ("user", "<root_account>", "alice"));
    assert_eq!(lines[2][2..5], ["2026-01-01T00:00:00+00:00", "true", "no_information"]);
    assert_eq!((lines[2][8], lines[2][13]), ("true", "false"));
    r.now.0 += 4 * 3600 * 1000;
    r.must_refuse(&[("GetCredentialReport", &[], "ReportExpired", 410)]);
    assert_eq!(text(&r.ok("GenerateCredentialReport", &[]), "State"), "STARTED");
}
