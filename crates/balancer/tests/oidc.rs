//! Users sign in at a provider: the way there and back, sessions at every node, and whoever tries without.

mod common;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use bytes::Bytes;
use common::*;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::rc::Rc;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// One certificate for the balancer and the provider.
fn certificate(dir: &Path) {
    let words = "req -x509 -nodes -days 30 -subj /CN=test -addext subjectAltName=DNS:one.example,IP:127.0.0.1 \
                 -addext basicConstraints=critical,CA:FALSE -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -out c.pem -keyout c.key";
    let made = Command::new("openssl").current_dir(dir).args(words.split_whitespace()).output().expect("openssl is there");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

/// How the provider answers.
struct Provider {
    address: SocketAddr,
    nonce: RefCell<String>,
    /// The status of its token endpoint.
    status: Cell<u16>,
    /// Of the ID token.
    audience: RefCell<&'static str>,
    /// Of the user info.
    subject: RefCell<&'static str>,
    /// Characters of a claim.
    length: Cell<usize>,
    asked: RefCell<Vec<String>>,
}

impl Provider {
    async fn start(dir: &Path) -> Rc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let chain = vec![CertificateDer::from_pem_file(dir.join("c.pem")).unwrap()];
        let key = PrivateKeyDer::from_pem_file(dir.join("c.key")).unwrap();
        let builder = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        let acceptor = TlsAcceptor::from(Arc::new(builder.with_single_cert(chain, key).unwrap()));
        let provider = Rc::new(Self {
            address: listener.local_addr().unwrap(),
            nonce: RefCell::default(),
            status: Cell::new(200),
            audience: RefCell::new("me"),
            subject: RefCell::new("user-1"),
            length: Cell::new(10),
            asked: RefCell::default(),
        });
        let p = provider.clone();
        tokio::task::spawn_local(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (acceptor, p) = (acceptor.clone(), p.clone());
                tokio::task::spawn_local(async move {
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    let service = service_fn(move |r| p.clone().answer(r));
                    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        provider
    }

    async fn answer(self: Rc<Self>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
        let authorization = request.headers()["authorization"].to_str().unwrap().to_owned();
        let line = format!("{} {} {authorization}", request.method(), request.uri());
        let body = request.into_body().collect().await.unwrap().to_bytes();
        self.asked.borrow_mut().push(format!("{line} {}", String::from_utf8_lossy(&body)));
        let issuer = format!("https://{}", self.address);
        let json = if line.starts_with("POST /token ") {
            let claims = json!({"iss": issuer, "aud": [*self.audience.borrow()], "sub": "user-1", "nonce": *self.nonce.borrow(),
                "exp": 4_000_000_000_u64});
            let id_token = format!("e30.{}.x", URL_SAFE_NO_PAD.encode(claims.to_string()));
            json!({"access_token": "the-access-token", "id_token": id_token, "token_type": "Bearer"})
        } else {
            json!({"sub": *self.subject.borrow(), "email": "x".repeat(self.length.get())})
        };
        let mut answer = Response::new(Full::from(json.to_string()));
        *answer.status_mut() = self.status.get().try_into().unwrap();
        Ok(answer)
    }
}

/// A browser: it keeps cookies.
struct Browser {
    tls: Arc<ClientConfig>,
    jar: BTreeMap<String, String>,
}

impl Browser {
    fn new(dir: &Path) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(dir.join("c.pem")).unwrap()).unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().unwrap().with_root_certificates(roots);
        Self { tls: Arc::new(builder.with_no_client_auth()), jar: BTreeMap::new() }
    }

    /// The status and where it leads.
    async fn get(&mut self, address: SocketAddr, path: &str) -> (u16, String) {
        let tcp = TcpStream::connect(address).await.unwrap();
        let name = ServerName::try_from("one.example").unwrap();
        let stream = TlsConnector::from(self.tls.clone()).connect(name, tcp).await.unwrap();
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::task::spawn_local(connection);
        let cookies: Vec<String> = self.jar.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let cookies = cookies.join("; ");
        let given = [("cookie", cookies.as_str()), ("x-amzn-oidc-identity", "somebody-else"), ("x-amzn-oidc-data", "mine")];
        let answer = sender.send_request(request("GET", path, &given, "")).await.unwrap();
        for cookie in answer.headers().get_all("set-cookie") {
            let (pair, attributes) = cookie.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            assert!(attributes.contains("Secure; HttpOnly"), "{cookie:?}");
            if attributes.contains("Max-Age=0") {
                self.jar.remove(name);
            } else {
                self.jar.insert(name.to_owned(), value.to_owned());
            }
        }
        let location = answer.headers().get("location").map_or(String::new(), |l| l.to_str().unwrap().to_owned());
        let status = answer.status().as_u16();
        answer.into_body().collect().await.unwrap();
        (status, location)
    }

    /// To the provider, which lets the user in: the path that it sends back to.
    async fn sent_to_provider(&mut self, address: SocketAddr, path: &str, provider: &Provider) -> String {
        let (status, location) = self.get(address, path).await;
        assert_eq!(status, 302);
        let (endpoint, query) = location.split_once('?').unwrap();
        assert_eq!(endpoint, format!("https://{}/authorize", provider.address));
        let asked: BTreeMap<&str, &str> = query.split('&').filter_map(|p| p.split_once('=')).collect();
        assert_eq!((asked["response_type"], asked["client_id"], asked["scope"]), ("code", "me", "openid%20email"));
        assert_eq!(asked["redirect_uri"], "https%3A%2F%2Fa.example%2Foauth2%2Fidpresponse");
        assert_eq!(asked["prompt"], "login");
        *provider.nonce.borrow_mut() = asked["nonce"].to_owned();
        format!("/oauth2/idpresponse?code=the-code&state={}", asked["state"])
    }
}

fn document_with(dir: &Path, provider: &Provider, target: &Target, on: &str) -> Value {
    let mut d = document(vec![target.json("1")]);
    d["certificates"] = json!([{"arn": "c", "source": {"chain_file": dir.join("c.pem"), "key_file": dir.join("c.key")}}]);
    d["listeners"][0]["protocol"] = json!("HTTPS");
    d["listeners"][0]["tls"] = json!({"default_certificate": "c"});
    let idp = format!("https://{}", provider.address);
    let then = d["listeners"][0]["default_action"].clone();
    d["listeners"][0]["default_action"] = json!({"type": "authenticate-oidc", "then": then, "oidc": {
        "issuer": idp, "authorization_endpoint": format!("{idp}/authorize"), "token_endpoint": format!("{idp}/token"),
        "user_info_endpoint": format!("{idp}/userinfo"), "client_id": "me", "client_secret": {"secret_file": dir.join("secret")},
        "scope": "openid email", "session_timeout_seconds": 600, "extra_params": {"prompt": "login", "state": "no"},
        "on_unauthenticated": on, "authorities_file": dir.join("c.pem")}});
    d["listeners"][0]["rules"] = json!([{"arn": "r", "priority": 1, "conditions": [{"field": "path-pattern", "values": ["/open"]}],
        "action": then}]);
    d
}

#[test]
fn a_user_signs_in_and_is_known_at_every_node() {
    run(async {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path();
        certificate(dir);
        std::fs::write(dir.join("secret"), "a secret/+\n").unwrap();
        let (a, provider) = (Target::start("a").await, Provider::start(dir).await);
        let d = document_with(dir, &provider, &a, "authenticate");
        let ((one, first), (two, second)) = (start(&d), start(&d));
        let mut user = Browser::new(dir);
        let back = user.sent_to_provider(first, "/wanted?x=1", &provider).await;
        assert_eq!(a.manners.requests.get(), 0);
        // It comes back at the other node.
        assert_eq!(user.get(second, &back).await, (302, "https://a.example/wanted?x=1".to_owned()));
        let basic = STANDARD.encode("me:a%20secret%2F%2B");
        let asked = provider.asked.borrow().clone();
        assert_eq!(
            asked[0],
            format!(
                "POST /token Basic {basic} grant_type=authorization_code&code=the-code&redirect_uri=https%3A%2F%2Fa.example%2Foauth2%2Fidpresponse&client_id=me"
            )
        );
        assert_eq!(asked[1], "GET /userinfo Bearer the-access-token ");
        assert!(user.jar.keys().all(|k| k == "AWSELBAuthSessionCookie-0"), "{:?}", user.jar.keys());
        for address in [first, second] {
            assert_eq!(user.get(address, "/wanted").await.0, 200);
        }
        assert_eq!(provider.asked.borrow().len(), 2, "a session asks nobody");
        let told = a.manners.seen.borrow()[0].1.clone();
        assert_eq!(
            (told["x-amzn-oidc-identity"].as_str(), told["x-amzn-oidc-accesstoken"].as_str()),
            ("user-1", "the-access-token")
        );
        // What is told is signed by the key that the status has.
        let parts: Vec<&str> = told["x-amzn-oidc-data"].split('.').collect();
        let part = |i: usize| URL_SAFE.decode(parts[i]).unwrap();
        let head: Value = serde_json::from_slice(&part(0)).unwrap();
        let claims: Value = serde_json::from_slice(&part(1)).unwrap();
        assert_eq!((&head["alg"], &head["client"], &claims["sub"]), (&json!("ES256"), &json!("me"), &json!("user-1")));
        let keys = one.status().oidc_keys;
        assert_eq!(keys, two.status().oidc_keys);
        let pem: String = keys[head["kid"].as_str().unwrap()].lines().filter(|l| !l.starts_with("--")).collect();
        let point = STANDARD.decode(pem).unwrap()[26..].to_vec();
        let signed = format!("{}.{}", parts[0], parts[1]);
        use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(signed.as_bytes(), &part(2)).expect("its signature");
        // Without a session, what the client says of itself is not passed on, at no rule of the listener.
        assert_eq!(Browser::new(dir).get(first, "/open").await.0, 200);
        let told = a.manners.seen.borrow().last().unwrap().1.clone();
        assert!(!told.keys().any(|k| k.starts_with("x-amzn-oidc")), "{told:?}");
        // A session that was changed is none; one of another secret neither.
        let good = user.jar.clone();
        let cookie = user.jar.get_mut("AWSELBAuthSessionCookie-0").unwrap();
        let other = if cookie.as_bytes()[20] == b'A' { "B" } else { "A" };
        cookie.replace_range(20..21, other);
        assert_eq!(user.get(first, "/wanted").await.0, 302);
        user.jar = good;
        std::fs::write(dir.join("secret"), "another").unwrap();
        one.apply(parse(&d), None).unwrap();
        assert_eq!(user.get(first, "/wanted").await.0, 302);
        assert_eq!(user.get(second, "/wanted").await.0, 200);
        let counters = two.status().counters;
        assert_eq!(counters["oidc-signed-in"], 1);
    });
}

#[test]
fn whoever_comes_without_is_denied_or_let_through() {
    run(async {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path();
        certificate(dir);
        std::fs::write(dir.join("secret"), "secret").unwrap();
        let (a, provider) = (Target::start("a").await, Provider::start(dir).await);
        let (_deny, deny) = start(&document_with(dir, &provider, &a, "deny"));
        assert_eq!(Browser::new(dir).get(deny, "/wanted").await.0, 401);
        assert_eq!(a.manners.requests.get(), 0);
        let (_allow, allow) = start(&document_with(dir, &provider, &a, "allow"));
        assert_eq!(Browser::new(dir).get(allow, "/wanted").await.0, 200);
        assert!(!a.manners.seen.borrow()[0].1.keys().any(|k| k.starts_with("x-amzn-oidc")));
    });
}

#[test]
fn what_is_wrong_on_the_way_back_signs_nobody_in() {
    run(async {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path();
        certificate(dir);
        std::fs::write(dir.join("secret"), "secret").unwrap();
        let (a, provider) = (Target::start("a").await, Provider::start(dir).await);
        let d = document_with(dir, &provider, &a, "authenticate");
        let (balancer, address) = start(&d);
        let mut user = Browser::new(dir);
        for bad in ["/oauth2/idpresponse", "/oauth2/idpresponse?code=x", "/oauth2/idpresponse?code=x&state=AAAA"] {
            assert_eq!(user.get(address, bad).await.0, 401, "{bad}");
        }
        let back = user.sent_to_provider(address, "/", &provider).await;
        // Somebody else's browser, or one that has lost its cookie.
        assert_eq!(Browser::new(dir).get(address, &back).await.0, 401);
        assert!(provider.asked.borrow().is_empty(), "nobody was asked for these");
        // The user said no.
        assert_eq!(user.get(address, &back.replace("code=the-code", "error=access_denied")).await.0, 561);
        provider.status.set(400);
        assert_eq!(user.get(address, &back).await.0, 561);
        provider.status.set(503);
        assert_eq!(user.get(address, &back).await.0, 500);
        provider.status.set(200);
        // The token is for another client, of another sign-in, or of another user than the claims.
        *provider.audience.borrow_mut() = "you";
        assert_eq!(user.get(address, &back).await.0, 561);
        *provider.audience.borrow_mut() = "me";
        let nonce = provider.nonce.replace("another".into());
        assert_eq!(user.get(address, &back).await.0, 561);
        provider.nonce.replace(nonce);
        *provider.subject.borrow_mut() = "user-2";
        assert_eq!(user.get(address, &back).await.0, 561);
        *provider.subject.borrow_mut() = "user-1";
        // Claims that no browser would keep.
        provider.length.set(20_000);
        assert_eq!(user.get(address, &back).await.0, 500);
        // Several cookies.
        provider.length.set(6_000);
        assert_eq!(user.get(address, &back).await, (302, "https://a.example/".to_owned()));
        assert_eq!(user.jar.keys().filter(|k| k.starts_with("AWSELBAuthSessionCookie-")).count(), 3);
        assert_eq!(user.get(address, "/").await.0, 200);
        assert_eq!(a.manners.requests.get(), 1);
        let counters = balancer.status().counters;
        assert_eq!((counters["oidc-state-refused"], counters["oidc-provider-unreachable"]), (4, 1));
    });
}

#[test]
fn documents_that_make_no_sense_are_refused() {
    run(async {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path();
        certificate(dir);
        std::fs::write(dir.join("secret"), "secret").unwrap();
        let (a, provider) = (Target::start("a").await, Provider::start(dir).await);
        let good = document_with(dir, &provider, &a, "authenticate");
        let change = |pointer: &str, value: Value| {
            let mut d = good.clone();
            *d.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value;
            d
        };
        let action = "/listeners/0/default_action";
        let mut plain = change("/listeners/0/protocol", json!("HTTP"));
        plain["listeners"][0]["tls"] = json!(null);
        for (why, d) in [
            ("HTTPS", plain),
            ("https address", change(&format!("{action}/oidc/token_endpoint"), json!("http://x/token"))),
            ("https address", change(&format!("{action}/oidc/user_info_endpoint"), json!("https://user@x/"))),
            ("once", change(&format!("{action}/then"), good["listeners"][0]["default_action"].clone())),
            ("1 to 604800", change(&format!("{action}/oidc/session_timeout_seconds"), json!(0))),
            ("cannot read", change(&format!("{action}/oidc/client_secret/secret_file"), json!("/nowhere"))),
            ("cannot read", change(&format!("{action}/oidc/authorities_file"), json!("/nowhere"))),
            ("sealed", change(&format!("{action}/oidc/client_secret"), json!({"id": "1", "sealed": "00"}))),
        ] {
            let refused = balancer::Balancer::new().apply(parse(&d), None).expect_err(why).to_string();
            assert!(refused.contains(why), "{why}: {refused}");
        }
    });
}
