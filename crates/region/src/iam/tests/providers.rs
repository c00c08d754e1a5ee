//! Identity providers, server certificates, SSH keys.

use super::*;

const CA: &str = include_str!("data/ca.pem");
const EC: (&str, &str) = (include_str!("data/ec.pem"), include_str!("data/ec.key"));
const RSA: (&str, &str) = (include_str!("data/rsa.pem"), include_str!("data/rsa.key"));
const SSH: &str = include_str!("data/ssh.pub");
const PEM: &str = include_str!("data/ssh.pem");
/// 2027: the test's certificates are of 2026.
const LATER: TimestampMs = TimestampMs(1_800_000_000_000);

#[test]
fn oidc() {
    let mut r = region();
    let thumb = "A".repeat(40);
    let made = r.ok(
        "CreateOpenIDConnectProvider",
        &[("Url", "https://token.example.com/x"), ("ClientIDList.member.1", "aud"), ("ThumbprintList.member.1", &thumb)],
    );
    let arn = text(&made, "OpenIDConnectProviderArn");
    assert_eq!(arn, format!("arn:aws:iam::{ACCOUNT}:oidc-provider/token.example.com/x"));
    let named = ("OpenIDConnectProviderArn", arn.as_str());
    // Without thumbprints.
    r.ok("CreateOpenIDConnectProvider", &[("Url", "https://other.example.com")]);
    r.ok("AddClientIDToOpenIDConnectProvider", &[named, ("ClientID", "two")]);
    r.ok("AddClientIDToOpenIDConnectProvider", &[named, ("ClientID", "two")]);
    r.ok("RemoveClientIDFromOpenIDConnectProvider", &[named, ("ClientID", "aud")]);
    r.ok("RemoveClientIDFromOpenIDConnectProvider", &[named, ("ClientID", "aud")]);
    r.ok("UpdateOpenIDConnectProviderThumbprint", &[named, ("ThumbprintList.member.1", &"b".repeat(40))]);
    r.ok("TagOpenIDConnectProvider", &[named, ("Tags.member.1.Key", "k"), ("Tags.member.1.Value", "v")]);
    let got = r.ok("GetOpenIDConnectProvider", &[named]);
    assert!(got.contains("<ClientIDList><member>two</member></ClientIDList>") && got.contains("<Key>k</Key>"), "{got}");
    assert!(got.contains(&"b".repeat(40)) && text(&got, "Url") == "token.example.com/x");
    assert_eq!(texts(&r.ok("ListOpenIDConnectProviders", &[]), "Arn").len(), 2);
    r.must_refuse(&[
        ("CreateOpenIDConnectProvider", &[("Url", "https://token.example.com/x")], "EntityAlreadyExists", 409),
        ("CreateOpenIDConnectProvider", &[("Url", "http://token.example.com")], "ValidationError", 400),
        ("UpdateOpenIDConnectProviderThumbprint", &[named, ("ThumbprintList.member.1", &"z".repeat(40))], "InvalidInput", 400),
        (
            "GetOpenIDConnectProvider",
            &[("OpenIDConnectProviderArn", "arn:aws:iam::123456789012:oidc-provider/none")],
            "NoSuchEntity",
            404,
        ),
    ]);
    r.ok("DeleteOpenIDConnectProvider", &[named]);
    r.must_refuse(&[("DeleteOpenIDConnectProvider", &[named], "NoSuchEntity", 404)]);
}

#[test]
fn saml() {
    let mut r = region();
    let good = crate::saml::testing::metadata();
    let made = r.ok("CreateSAMLProvider", &[("Name", "corp"), ("SAMLMetadataDocument", &good)]);
    let arn = text(&made, "SAMLProviderArn");
    let named = ("SAMLProviderArn", arn.as_str());
    assert_eq!(arn, format!("arn:aws:iam::{ACCOUNT}:saml-provider/corp"));
    assert_eq!(text(&r.ok("GetSAMLProvider", &[named]), "ValidUntil"), "2036-01-01T00:00:00.000Z");
    let sp = good.replace("IDPSSODescriptor", "SPSSODescriptor");
    let doctype = format!("<!DOCTYPE x [<!ENTITY e \"e\">]>{good}");
    let torn = good.replace("</md:IDPSSODescriptor>", "");
    for bad in [&sp, &doctype, &torn] {
        let e = r.refused("UpdateSAMLProvider", &[named, ("SAMLMetadataDocument", bad)]);
        assert_eq!(e.code, "InvalidInput", "{bad}");
    }
    r.ok("UpdateSAMLProvider", &[named, ("SAMLMetadataDocument", &good.replace("2036", "2037"))]);
    assert_eq!(text(&r.ok("ListSAMLProviders", &[]), "ValidUntil"), "2037-01-01T00:00:00.000Z");
    r.must_refuse(&[
        ("CreateSAMLProvider", &[("Name", "CORP"), ("SAMLMetadataDocument", &good)], "EntityAlreadyExists", 409),
        ("CreateSAMLProvider", &[("Name", "x"), ("SAMLMetadataDocument", "short")], "ValidationError", 400),
        (
            "CreateSAMLProvider",
            &[("Name", "x"), ("SAMLMetadataDocument", &good), ("AddPrivateKey", "k")],
            "UnsupportedOperation",
            400,
        ),
    ]);
    r.ok("DeleteSAMLProvider", &[named]);
    r.must_refuse(&[("GetSAMLProvider", &[named], "NoSuchEntity", 404)]);
}

#[test]
fn server_certificates() {
    let mut r = region();
    let upload = |name: &'static str, (body, key): (&'static str, &'static str)| {
        [("ServerCertificateName", name), ("CertificateBody", body), ("PrivateKey", key)]
    };
    r.must_refuse(&[("UploadServerCertificate", &upload("c", EC), "MalformedCertificate", 400)]);
    r.now = LATER;
    let made = r.ok("UploadServerCertificate", &upload("c", EC));
    assert!(text(&made, "ServerCertificateId").starts_with("ASCA"));
    assert!(text(&made, "Expiration").starts_with("21"), "{made}");
    let with_chain = [&upload("d", RSA)[..], &[("CertificateChain", CA), ("Path", "/x/")]].concat();
    r.ok("UploadServerCertificate", &with_chain);
    let wrong_chain = [&upload("e", RSA)[..], &[("CertificateChain", EC.0)]].concat();
    r.must_refuse(&[
        ("UploadServerCertificate", &upload("C", EC), "EntityAlreadyExists", 409),
        ("UploadServerCertificate", &upload("e", (EC.0, RSA.1)), "KeyPairMismatch", 400),
        ("UploadServerCertificate", &upload("e", (RSA.0, EC.1)), "KeyPairMismatch", 400),
        ("UploadServerCertificate", &upload("e", (EC.1, EC.1)), "MalformedCertificate", 400),
        ("UploadServerCertificate", &upload("e", (EC.0, "nonsense")), "MalformedCertificate", 400),
        ("UploadServerCertificate", &wrong_chain, "MalformedCertificate", 400),
    ]);
    let got = r.ok("GetServerCertificate", &[("ServerCertificateName", "d")]);
    assert!(got.contains("BEGIN CERTIFICATE") && !got.contains("PRIVATE KEY") && got.contains("CertificateChain"));
    assert_eq!(texts(&r.ok("ListServerCertificates", &[("PathPrefix", "/x/")]), "ServerCertificateName"), ["d"]);
    r.ok("UpdateServerCertificate", &[("ServerCertificateName", "d"), ("NewServerCertificateName", "n"), ("NewPath", "/y/")]);
    assert_eq!(text(&r.ok("GetServerCertificate", &[("ServerCertificateName", "n")]), "Path"), "/y/");
    r.ok("DeleteServerCertificate", &[("ServerCertificateName", "n")]);
    r.must_refuse(&[("GetServerCertificate", &[("ServerCertificateName", "n")], "NoSuchEntity", 404)]);
}

#[test]
fn ssh_keys() {
    let mut r = region();
    r.user("a");
    let user = ("UserName", "a");
    let made = r.ok("UploadSSHPublicKey", &[user, ("SSHPublicKeyBody", SSH)]);
    let id = text(&made, "SSHPublicKeyId");
    assert!(id.starts_with("APKA") && text(&made, "Fingerprint").len() == 47);
    let pem = text(&r.ok("UploadSSHPublicKey", &[user, ("SSHPublicKeyBody", PEM)]), "SSHPublicKeyId");
    assert_eq!(text(&r.ok("GetSSHPublicKey", &[user, ("SSHPublicKeyId", &pem), ("Encoding", "PEM")]), "SSHPublicKeyBody"), PEM);
    let line = text(&r.ok("GetSSHPublicKey", &[user, ("SSHPublicKeyId", &id), ("Encoding", "SSH")]), "SSHPublicKeyBody");
    assert!(SSH.starts_with(&line));
    r.ok("UpdateSSHPublicKey", &[user, ("SSHPublicKeyId", &id), ("Status", "Inactive")]);
    assert_eq!(texts(&r.ok("ListSSHPublicKeys", &[user]), "Status").len(), 2);
    r.must_refuse(&[
        ("UploadSSHPublicKey", &[user, ("SSHPublicKeyBody", SSH)], "DuplicateSSHPublicKey", 400),
        ("UploadSSHPublicKey", &[user, ("SSHPublicKeyBody", "ssh-rsa AAAA")], "InvalidPublicKey", 400),
        ("UploadSSHPublicKey", &[user, ("SSHPublicKeyBody", "nonsense")], "UnrecognizedPublicKeyEncoding", 400),
        ("GetSSHPublicKey", &[user, ("SSHPublicKeyId", &id), ("Encoding", "DER")], "ValidationError", 400),
        ("DeleteUser", &[user], "DeleteConflict", 409),
    ]);
    r.ok("DeleteSSHPublicKey", &[user, ("SSHPublicKeyId", &id)]);
    r.ok("DeleteSSHPublicKey", &[user, ("SSHPublicKeyId", &pem)]);
    r.ok("DeleteUser", &[user]);
}
