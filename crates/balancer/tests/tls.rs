//! HTTPS listeners: certificates by SNI, HTTP/2, resumption with more clients than any cache holds, gRPC with trailers.

mod common;

use bytes::Bytes;
use common::*;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper_util::rt::TokioIo;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, HandshakeKind, SignatureScheme};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// A self-signed certificate; `openssl` makes it, as users would.
fn certificate(dir: &Path, name: &str, names: &str, key: &[&str]) -> Value {
    let (chain, secret) = (dir.join(format!("{name}.pem")), dir.join(format!("{name}.key")));
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-nodes",
            "-days",
            "30",
            "-subj",
            "/CN=test",
            "-addext",
            &format!("subjectAltName={names}"),
            "-newkey",
        ])
        .args(key)
        .arg("-out")
        .arg(&chain)
        .arg("-keyout")
        .arg(&secret)
        .output()
        .expect("openssl is there");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    json!({"arn": name, "source": {"chain_file": chain, "key_file": secret}})
}

const EC: &[&str] = &["ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];

fn secure(dir: &Path, mut d: Value) -> Value {
    d["certificates"] = json!([
        certificate(dir, "one", "DNS:one.example", EC),
        certificate(dir, "two", "DNS:two.example,DNS:*.two.example", EC),
        certificate(dir, "rsa", "DNS:rsa.example", &["rsa:2048"]),
    ]);
    d["listeners"][0]["protocol"] = json!("HTTPS");
    d["listeners"][0]["tls"] = json!({"default_certificate": "one", "certificates": ["two", "rsa"]});
    d
}

#[derive(Debug)]
struct Any;

impl ServerCertVerifier for Any {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }
    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }
    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }
    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        rustls::crypto::aws_lc_rs::default_provider().signature_verification_algorithms.supported_schemes()
    }
}

fn client(alpn: &[&str], versions: &[&'static rustls::SupportedProtocolVersion]) -> Arc<ClientConfig> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Any))
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|a| a.as_bytes().to_vec()).collect();
    Arc::new(config)
}

async fn connect(config: &Arc<ClientConfig>, address: SocketAddr, name: &str) -> std::io::Result<TlsStream<TcpStream>> {
    let tcp = TcpStream::connect(address).await?;
    TlsConnector::from(config.clone()).connect(ServerName::try_from(name.to_owned()).unwrap(), tcp).await
}

async fn h1(stream: TlsStream<TcpStream>) -> (u16, TlsStream<TcpStream>) {
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    let task = tokio::task::spawn_local(connection.without_shutdown());
    let answer = sender.send_request(request("GET", "/", &[], "")).await.unwrap();
    let status = answer.status().as_u16();
    answer.into_body().collect().await.unwrap();
    drop(sender);
    (status, task.await.unwrap().unwrap().io.into_inner())
}

#[test]
fn certificates_by_name_versions_and_policies() {
    run(async {
        let dir = tempfile::tempdir().unwrap();
        let a = Target::start("a").await;
        let d = secure(dir.path(), document(vec![a.json("1")]));
        let (balancer, address) = start(&d);
        let both = client(&[], rustls::ALL_VERSIONS);
        let mut seen = Vec::new();
        for name in ["one.example", "two.example", "x.two.example", "x.y.two.example", "nobody.example", "rsa.example"] {
            let stream = connect(&both, address, name).await.unwrap();
            seen.push(stream.get_ref().1.peer_certificates().unwrap()[0].to_vec());
        }
        let [one, two, wild, deep, nobody, rsa] = &seen[..] else { panic!() };
        assert!(two == wild && one == deep && one == nobody && one != two && rsa != one);
        let old = client(&[], &[&rustls::version::TLS12]);
        assert_eq!(h1(connect(&old, address, "one.example").await.unwrap()).await.0, 200);
        let seen = a.manners.seen.borrow()[0].1.clone();
        assert_eq!(
            (seen["x-forwarded-proto"].as_str(), seen["x-forwarded-port"].as_str()),
            ("https", address.port().to_string().as_str())
        );
        let mut strict = d.clone();
        strict["listeners"][0]["tls"]["policy"] = json!("ELBSecurityPolicy-TLS13-1-3-2021-06");
        balancer.apply(parse(&strict), None).unwrap();
        assert!(connect(&old, address, "one.example").await.is_err());
        assert_eq!(h1(connect(&both, address, "one.example").await.unwrap()).await.0, 200);
        for (path, value) in [
            ("/listeners/0/tls/policy", json!("ELBSecurityPolicy-2016-08")),
            ("/listeners/0/tls/default_certificate", json!("none")),
            ("/listeners/0/tls/mutual_authentication", json!({"mode": "verify", "authorities_pem": "none"})),
            ("/certificates/0/source", json!({"chain_pem": "x", "sealed_key": "00"})),
            ("/certificates/0/source/key_file", json!("/nowhere")),
        ] {
            let mut bad = d.clone();
            bad["listeners"][0]["tls"]["policy"] = json!("ELBSecurityPolicy-TLS13-1-3-2021-06");
            bad["listeners"][0]["tls"]["mutual_authentication"] = Value::Null;
            *bad.pointer_mut(path).unwrap() = value;
            assert!(balancer.apply(parse(&bad), None).is_err(), "{path}");
        }
    });
}

#[test]
fn four_hundred_clients_resume_also_after_a_new_document() {
    run(async {
        let dir = tempfile::tempdir().unwrap();
        let a = Target::start("a").await;
        let mut d = secure(dir.path(), document(vec![a.json("1")]));
        let (balancer, address) = start(&d);
        let mut clients = Vec::new();
        for _ in 0..400 {
            let config = client(&[], &[&rustls::version::TLS13]);
            let (status, stream) = h1(connect(&config, address, "one.example").await.unwrap()).await;
            assert!(status == 200 && stream.get_ref().1.handshake_kind() == Some(HandshakeKind::Full));
            clients.push(config);
        }
        d["generation"] = json!(2);
        balancer.accept(parse(&d), None).unwrap();
        let mut resumed = 0;
        for config in &clients {
            let (_, stream) = h1(connect(config, address, "one.example").await.unwrap()).await;
            resumed += u32::from(stream.get_ref().1.handshake_kind() == Some(HandshakeKind::Resumed));
        }
        assert_eq!(resumed, 400);
        assert_eq!(balancer.status().counters["tls-resumed"], 400);
    });
}

/// The keys of a document, as the region would have sealed them (here: with nothing), and what opens them.
fn ticket_keys(keys: &[u8]) -> Value {
    keys.iter().map(|k| json!({"id": k.to_string(), "sealed_key": format!("{k:02x}").repeat(32)})).collect()
}

fn open(purpose: &str, sealed: &[u8]) -> Option<zeroize::Zeroizing<Vec<u8>>> {
    purpose.starts_with("balancer ticket key ").then(|| sealed.to_vec().into())
}

#[test]
fn a_client_resumes_at_another_node_while_the_keys_turn() {
    run(async {
        let dir = tempfile::tempdir().unwrap();
        let a = Target::start("a").await;
        let mut d = secure(dir.path(), document(vec![a.json("1")]));
        d["ticket_keys"] = ticket_keys(&[1, 2]);
        assert!(balancer::Balancer::new().apply(parse(&d), None).unwrap_err().to_string().contains("ticket keys"));
        let [one, two] = [(); 2].map(|()| {
            let balancer = balancer::Balancer::new();
            balancer.apply(parse(&d), Some(&open)).unwrap();
            balancer
        });
        let at = |b: &balancer::Balancer| b.status().listeners[0].addresses[0];
        for versions in [&[&rustls::version::TLS13], &[&rustls::version::TLS12]] {
            let visit = async |config: &Arc<ClientConfig>, b: &balancer::Balancer| {
                let (status, stream) = h1(connect(config, at(b), "one.example").await.unwrap()).await;
                assert_eq!(status, 200);
                stream.get_ref().1.handshake_kind().unwrap()
            };
            let turn = |b: &balancer::Balancer, keys: &[u8]| {
                let mut d = d.clone();
                d["ticket_keys"] = ticket_keys(keys);
                b.apply(parse(&d), Some(&open)).unwrap();
            };
            turn(&one, &[1, 2]);
            turn(&two, &[1, 2]);
            let config = client(&[], versions);
            assert_eq!(visit(&config, &one).await, HandshakeKind::Full);
            assert_eq!(visit(&config, &two).await, HandshakeKind::Resumed);
            // One node has turned its keys, the other not yet: each opens what the other has sealed.
            turn(&one, &[2, 3, 1]);
            for b in [&one, &two, &one, &two] {
                assert_eq!(visit(&config, b).await, HandshakeKind::Resumed);
            }
            // Keys that have nothing in common.
            turn(&two, &[7]);
            assert_eq!(visit(&config, &two).await, HandshakeKind::Full);
        }
        d["ticket_keys"] = ticket_keys(&[1, 2, 3, 4, 5]);
        assert!(one.apply(parse(&d), Some(&open)).is_err());
        std::fs::write(dir.path().join("short"), [0; 31]).unwrap();
        d["ticket_keys"] = json!([{"key_file": dir.path().join("short")}]);
        assert!(one.apply(parse(&d), None).unwrap_err().to_string().contains("32 bytes"));
    });
}

#[test]
fn http2_clients_get_many_answers_and_grpc_its_trailers() {
    run(async {
        let dir = tempfile::tempdir().unwrap();
        let a = Target::start("a").await;
        let (grpc, _task) = grpc_target("0").await;
        let mut d = secure(dir.path(), document(vec![a.json("1")]));
        d["target_groups"].as_array_mut().unwrap().push(json!({"arn": "rpc", "protocol": "HTTP", "version": "GRPC",
            "targets": [{"id": "r", "address": "127.0.0.1", "port": grpc.port()}],
            "health_check": {"protocol": "GRPC", "path": "/AWS.ALB/healthcheck", "matcher": "0"}}));
        d["listeners"][0]["rules"] = json!([{"arn": "r", "priority": 1, "conditions": [{"field": "path-pattern", "values": ["/svc/*"]}],
            "action": {"type": "forward", "groups": [{"group": "rpc"}]}}]);
        let (balancer, address) = start(&d);
        all_healthy(&balancer).await;
        let stream = connect(&client(&["h2"], rustls::ALL_VERSIONS), address, "one.example").await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
        type Sender = hyper::client::conn::http2::SendRequest<BoxBody<Bytes, std::convert::Infallible>>;
        let (sender, connection): (Sender, _) = hyper::client::conn::http2::handshake(Local, TokioIo::new(stream)).await.unwrap();
        tokio::task::spawn_local(connection);
        let mut tasks = Vec::new();
        for i in 0..50 {
            let mut sender = sender.clone();
            tasks.push(tokio::task::spawn_local(async move {
                let request = Request::post("https://one.example/x").header("cookie", "a=1").header("cookie", "b=2");
                let answer = sender.send_request(request.body(Full::from(format!("body {i}")).boxed()).unwrap()).await.unwrap();
                let body = answer.into_body().collect().await.unwrap().to_bytes();
                assert_eq!(body, format!("a body {i}").as_bytes());
            }));
        }
        for t in tasks {
            t.await.unwrap();
        }
        assert!(a.manners.seen.borrow().iter().all(|(_, h)| h["cookie"] == "a=1; b=2" && h["host"] == "one.example"));
        let mut sent = hyper::HeaderMap::new();
        sent.insert("x-sent", "there and back".parse().unwrap());
        let body = Full::from(Bytes::from_static(b"message")).with_trailers(async move { Some(Ok(sent)) }).boxed();
        let request =
            Request::post("https://one.example/svc/M").header("content-type", "application/grpc").header("te", "trailers");
        let answer = sender.clone().send_request(request.body(body).unwrap()).await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.headers()["x-te"].to_str().unwrap()), (200, "trailers"));
        let collected = answer.into_body().collect().await.unwrap();
        let trailers = collected.trailers().unwrap();
        assert_eq!((trailers["grpc-status"].to_str().unwrap(), trailers["x-back"].to_str().unwrap()), ("0", "there and back"));
        assert_eq!(collected.to_bytes(), &b"message"[..]);
        let get = Request::get("https://one.example/svc/M").body(Full::default().boxed()).unwrap();
        assert_eq!(sender.clone().send_request(get).await.unwrap().status().as_u16(), 464);
    });
}

#[test]
fn a_websocket_over_http2_is_an_upgrade_at_its_target() {
    run(async {
        let dir = tempfile::tempdir().unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        // Says what it was asked, then echoes; checks and paths but `/ws` get an ordinary answer.
        let target = tokio::task::spawn_local(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                tokio::task::spawn_local(async move {
                    let mut head = Vec::new();
                    while !head.ends_with(b"\r\n\r\n") {
                        head.push(stream.read_u8().await?);
                    }
                    let head = String::from_utf8_lossy(&head).to_lowercase();
                    if !head.starts_with("get /ws ") {
                        return stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno").await;
                    }
                    let whole = head.contains("upgrade: websocket\r\n") && head.contains("sec-websocket-version: 13\r\n");
                    let key = head.lines().find_map(|l| l.strip_prefix("sec-websocket-key: ")).unwrap_or("").len();
                    let text = format!("{whole} {key};");
                    let answer = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\r\n";
                    stream.write_all(format!("{answer}{text}").as_bytes()).await?;
                    let (mut r, mut w) = stream.split();
                    tokio::io::copy(&mut r, &mut w).await.map(drop)
                });
            }
        });
        let d = secure(dir.path(), document(vec![json!({"id": "w", "address": "127.0.0.1", "port": at.port()})]));
        let (balancer, address) = start(&d);
        all_healthy(&balancer).await;
        let stream = connect(&client(&["h2"], rustls::ALL_VERSIONS), address, "one.example").await.unwrap();
        type Sender = hyper::client::conn::http2::SendRequest<Full<Bytes>>;
        let (mut sender, connection): (Sender, _) =
            hyper::client::conn::http2::handshake(Local, TokioIo::new(stream)).await.unwrap();
        tokio::task::spawn_local(connection);
        // The first answer shows that the balancer's settings are known.
        let get = Request::get("https://one.example/").body(Full::default()).unwrap();
        assert_eq!(sender.send_request(get).await.unwrap().status().as_u16(), 200);
        let ask = |path: &str, protocol: &'static str| {
            let request = Request::connect(format!("https://one.example{path}")).header("sec-websocket-version", "13");
            let mut request = request.body(Full::default()).unwrap();
            request.extensions_mut().insert(hyper::ext::Protocol::from_static(protocol));
            request
        };
        let answer = sender.send_request(ask("/ws", "websocket")).await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.headers().get("sec-websocket-accept")), (200, None));
        let mut tunnel = TokioIo::new(hyper::upgrade::on(answer).await.unwrap());
        let mut got = [0; 8];
        tunnel.read_exact(&mut got).await.unwrap();
        assert_eq!(&got, b"true 24;");
        for message in [&b"ping pong"[..], &[7; 100_000]] {
            tunnel.write_all(message).await.unwrap();
            tunnel.flush().await.unwrap();
            let mut back = vec![0; message.len()];
            tunnel.read_exact(&mut back).await.unwrap();
            assert_eq!(back, message);
        }
        // Others go on beside it, what is no tunnel does not look like one, and other protocols are refused.
        let get = Request::get("https://one.example/").body(Full::default()).unwrap();
        assert_eq!(sender.send_request(get).await.unwrap().status().as_u16(), 200);
        assert_eq!(sender.send_request(ask("/plain", "websocket")).await.unwrap().status().as_u16(), 502);
        assert_eq!(sender.send_request(ask("/ws", "connect-udp")).await.unwrap().status().as_u16(), 400);
        drop(tunnel);
        until("the tunnel is gone", || targets(&balancer.status())[0].in_flight == 0).await;
        target.abort();
    });
}
