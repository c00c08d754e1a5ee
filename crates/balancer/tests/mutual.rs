//! Clients' certificates: who gets in, what targets are told of them, and that nobody gets in by a session of before.

mod common;

use common::*;
use http_body_util::BodyExt;
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, HandshakeKind, RootCertStore};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

fn openssl(dir: &Path, words: &[&str]) {
    let made = Command::new("openssl").current_dir(dir).args(words).output().expect("openssl is there");
    assert!(made.status.success(), "{words:?}: {}", String::from_utf8_lossy(&made.stderr));
}

const EC: [&str; 4] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];

/// Certificates for tests, made as users would make them.
struct Authority {
    dir: PathBuf,
}

impl Authority {
    fn new(dir: &Path, name: &str) -> Self {
        let dir = dir.join(name);
        std::fs::create_dir(&dir).unwrap();
        let config = "[ca]\ndefault_ca=d\n[d]\ndatabase=db\nnew_certs_dir=.\nserial=serial\ncrlnumber=crlnumber\ndefault_crl_days=30\ndefault_md=sha256\npolicy=p\n\
                      default_days=30\nunique_subject=no\nx509_extensions=e\n[e]\nbasicConstraints=CA:FALSE\n[p]\ncountryName=optional\norganizationName=optional\ncommonName=supplied\n";
        for (file, text) in [("ca.cnf", config), ("db", ""), ("serial", "0A1B\n"), ("crlnumber", "01\n")] {
            std::fs::write(dir.join(file), text).unwrap();
        }
        let subject = format!("/C=US/O=Example/CN={name}");
        let words = ["req", "-x509", "-nodes", "-days", "30", "-subj", &subject, "-out", "ca.pem", "-keyout", "ca.key"];
        openssl(&dir, &[&words[..], &EC].concat());
        Self { dir }
    }

    fn pem(&self) -> String {
        std::fs::read_to_string(self.dir.join("ca.pem")).unwrap()
    }

    /// A list of those that were taken back, with this one.
    fn revoke(&self, name: &str) -> String {
        let of = ["ca", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key"];
        openssl(&self.dir, &[&of[..], &["-revoke", &format!("{name}.pem")]].concat());
        openssl(&self.dir, &[&of[..], &["-gencrl", "-out", "list.pem"]].concat());
        std::fs::read_to_string(self.dir.join("list.pem")).unwrap()
    }

    /// A client of its own; (first day, last day) or thirty days from now.
    fn client(&self, name: &str, days: Option<(&str, &str)>) -> Arc<ClientConfig> {
        let (request, key, out) = (format!("{name}.csr"), format!("{name}.key"), format!("{name}.pem"));
        let subject = format!("/O=Some, Inc/CN={name}");
        openssl(&self.dir, &[&["req", "-nodes", "-subj", &subject, "-out", &request, "-keyout", &key][..], &EC].concat());
        let words = [
            "ca", "-batch", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key", "-in", &request, "-out", &out,
            "-notext",
        ];
        let days = days.map(|(from, to)| ["-startdate", from, "-enddate", to]);
        openssl(&self.dir, &[&words[..], days.as_ref().map_or(&[], |d| &d[..])].concat());
        let chain = CertificateDer::from_pem_file(self.dir.join(&out)).unwrap();
        let key = PrivateKeyDer::from_pem_file(self.dir.join(&key)).unwrap();
        config(Some((vec![chain], key)), &self.dir)
    }
}

fn config(own: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>, dir: &Path) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(dir.join("../server.pem")).unwrap()).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().unwrap().with_root_certificates(roots);
    Arc::new(match own {
        Some((chain, key)) => builder.with_client_auth_cert(chain, key).unwrap(),
        None => builder.with_no_client_auth(),
    })
}

/// A balancer with an HTTPS listener, and the directory's certificate for it.
fn document_at(dir: &Path, target: &Target, mode: Value) -> Value {
    if !dir.join("server.pem").exists() {
        let words = ["req", "-x509", "-nodes", "-days", "30", "-subj", "/CN=server", "-addext", "subjectAltName=DNS:one.example"];
        openssl(
            dir,
            &[&words[..], &["-addext", "basicConstraints=critical,CA:FALSE", "-out", "server.pem", "-keyout", "server.key"], &EC]
                .concat(),
        );
    }
    let mut d = document(vec![target.json("1")]);
    let source = json!({"chain_file": dir.join("server.pem"), "key_file": dir.join("server.key")});
    d["certificates"] = json!([{"arn": "c", "source": source}]);
    d["listeners"][0]["protocol"] = json!("HTTPS");
    d["listeners"][0]["tls"] = json!({"default_certificate": "c", "mutual_authentication": mode});
    d
}

/// The answer's status, and how the handshake went; an error wherever it came.
async fn visit(config: &Arc<ClientConfig>, address: SocketAddr) -> Result<(u16, HandshakeKind), String> {
    let tcp = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("one.example").unwrap();
    let stream = TlsConnector::from(config.clone()).connect(name, tcp).await.map_err(|e| e.to_string())?;
    let kind = stream.get_ref().1.handshake_kind().unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|e| e.to_string())?;
    tokio::task::spawn_local(connection);
    let spoofed = [("x-amzn-mtls-clientcert-subject", "CN=somebody else"), ("x-amzn-mtls-clientcert", "mine")];
    let answer = sender.send_request(request("GET", "/", &spoofed, "")).await.map_err(|e| e.to_string())?;
    let status = answer.status().as_u16();
    answer.into_body().collect().await.map_err(|e| e.to_string())?;
    Ok((status, kind))
}

#[test]
fn a_trust_store_decides_who_gets_in() {
    run(async {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path();
        let a = Target::start("a").await;
        let mode = |pem: &str, ignore: bool| json!({"mode": "verify", "authorities_pem": pem, "ignore_expiry": ignore, "advertise": true});
        let mut d = document_at(dir, &a, json!(null));
        let (ours, theirs) = (Authority::new(dir, "ours"), Authority::new(dir, "theirs"));
        let (friend, stranger) = (ours.client("friend", None), theirs.client("stranger", None));
        let old = ours.client("old", Some(("20200101000000Z", "20210101000000Z")));
        let nobody = config(None, &ours.dir);
        d["listeners"][0]["tls"]["mutual_authentication"] = mode(&ours.pem(), false);
        let logs = tempfile::tempdir().unwrap();
        d["attributes"] = json!({"log_delivery": {"account": "123456789012", "region": "us-east-1", "address": "10.0.1.5",
            "interval_seconds": 300, "connection": {"bucket": "logs", "prefix": ""}}});
        let balancer = balancer::Balancer::with(balancer::Dialer::System, Some(balancer::Spool::open(logs.path(), "n").unwrap()));
        balancer.apply(parse(&d), None).unwrap();
        let address = balancer.status().listeners[0].addresses[0];
        // Twice: the second time there is nothing to go on from.
        for _ in 0..2 {
            assert_eq!(visit(&friend, address).await, Ok((200, HandshakeKind::Full)));
        }
        let told = a.manners.seen.borrow()[0].1.clone();
        let of = |name: &str| told.get(&format!("x-amzn-mtls-clientcert{name}")).cloned().unwrap_or_default();
        assert_eq!((of("-subject"), of("-issuer")), ("CN=friend,O=Some\\, Inc".into(), "CN=ours,O=Example,C=US".into()));
        assert_eq!((of("-serial-number"), of("")), ("0A1B".into(), String::new()));
        assert!(of("-leaf").starts_with("-----BEGIN%20CERTIFICATE-----%0A") && of("-validity").starts_with("NotBefore=2"));
        for (who, client) in [("nobody", &nobody), ("a stranger", &stranger), ("one of before", &old)] {
            visit(client, address).await.expect_err(who);
        }
        assert_eq!(a.manners.seen.borrow().len(), 2);
        d["generation"] = 2.into();
        d["listeners"][0]["tls"]["mutual_authentication"] = mode(&ours.pem(), true);
        balancer.apply(parse(&d), None).unwrap();
        assert_eq!(visit(&old, address).await.unwrap().0, 200);
        visit(&stranger, address).await.expect_err("a stranger, still");
        // Another authority: who was let in is let in no more.
        d["generation"] = 3.into();
        d["listeners"][0]["tls"]["mutual_authentication"] = mode(&theirs.pem(), false);
        balancer.apply(parse(&d), None).unwrap();
        visit(&friend, address).await.expect_err("of another authority now");
        assert_eq!(visit(&stranger, address).await.unwrap().0, 200);
        balancer.drain(BOUND).await;
        let file = std::fs::read_dir(logs.path()).unwrap().next().unwrap().unwrap().path();
        let text = std::fs::read_to_string(file).unwrap();
        let verdicts: Vec<&str> = text.lines().skip(1).map(|l| l.rsplit(' ').nth(1).unwrap()).collect();
        let failed = |why: &str| format!("Failed:{why}");
        let wanted = [
            "Success".to_owned(),
            "Success".to_owned(),
            failed("UnmappedConnectionError"),
            failed("ClientCertUntrusted"),
            failed("ClientCertExpired"),
            "Success".to_owned(),
            failed("ClientCertUntrusted"),
            failed("ClientCertUntrusted"),
            "Success".to_owned(),
        ];
        assert_eq!(verdicts, wanted, "{text}");
        assert!(text.contains(r#" "CN=friend,O=Some\, Inc" NotBefore=2"#) && text.contains("Z 0A1B Success TID_"), "{text}");
    });
}

#[test]
fn passed_through_certificates_are_the_targets_to_judge() {
    run(async {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path();
        let a = Target::start("a").await;
        let d = document_at(dir, &a, json!({"mode": "passthrough"}));
        let theirs = Authority::new(dir, "theirs");
        let (stranger, nobody) = (theirs.client("stranger", None), config(None, &theirs.dir));
        let (_balancer, address) = start(&d);
        assert_eq!(visit(&stranger, address).await, Ok((200, HandshakeKind::Full)));
        assert_eq!(visit(&nobody, address).await, Ok((200, HandshakeKind::Full)));
        let seen = a.manners.seen.borrow();
        assert!(seen[0].1["x-amzn-mtls-clientcert"].starts_with("-----BEGIN%20CERTIFICATE-----%0A"));
        assert!(!seen[0].1.contains_key("x-amzn-mtls-clientcert-subject"), "what the client says of itself is not passed on");
        assert!(!seen[1].1.keys().any(|k| k.starts_with("x-amzn-mtls")), "{:?}", seen[1]);
    });
}

#[test]
fn who_is_revoked_is_let_in_no_more() {
    run(async {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path();
        let a = Target::start("a").await;
        let mut d = document_at(dir, &a, json!(null));
        let (ours, theirs) = (Authority::new(dir, "ours"), Authority::new(dir, "theirs"));
        let (friend, traitor, other) = (ours.client("friend", None), ours.client("traitor", None), theirs.client("other", None));
        let both = format!("{}{}", ours.pem(), theirs.pem());
        d["listeners"][0]["tls"]["mutual_authentication"] = json!({"mode": "verify", "authorities_pem": both});
        let balancer = balancer::Balancer::with(balancer::Dialer::System, None);
        balancer.apply(parse(&d), None).unwrap();
        let address = balancer.status().listeners[0].addresses[0];
        for client in [&friend, &traitor, &other] {
            assert_eq!(visit(client, address).await, Ok((200, HandshakeKind::Full)));
        }
        let lists = [ours.revoke("traitor")];
        d["generation"] = 2.into();
        d["listeners"][0]["tls"]["mutual_authentication"] =
            json!({"mode": "verify", "authorities_pem": both, "revocations_pem": lists});
        balancer.apply(parse(&d), None).unwrap();
        visit(&traitor, address).await.expect_err("revoked");
        // Of the other authority there is no list.
        for client in [&friend, &other] {
            assert_eq!(visit(client, address).await, Ok((200, HandshakeKind::Full)));
        }
        d["generation"] = 3.into();
        d["listeners"][0]["tls"]["mutual_authentication"]["revocations_pem"] = json!(["nonsense"]);
        assert!(balancer.apply(parse(&d), None).unwrap_err().to_string().contains("revocation list"));
    });
}
