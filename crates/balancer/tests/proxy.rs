//! What clients get and what targets see: rules, actions, headers, stickiness, kept connections, limits.

mod common;

use common::*;
use serde_json::json;
use std::time::Duration;

#[test]
fn requests_go_in_turn_over_kept_connections() {
    run(async {
        let (a, b) = (Target::start("a").await, Target::start("b").await);
        let (balancer, address) = start(&document(vec![a.json("1"), b.json("2")]));
        all_healthy(&balancer).await;
        let (checked_a, checked_b) = (a.manners.connections.get(), b.manners.connections.get());
        let mut client = Client::connect(address).await;
        for _ in 0..50 {
            let (status, _, body) = client.send(request("POST", "/x?q=1", &[], "hello")).await.unwrap();
            assert!(status == 200 && body.ends_with(" hello"), "{status} {body}");
        }
        assert_eq!((a.manners.requests.get(), b.manners.requests.get()), (25, 25));
        let new = a.manners.connections.get() + b.manners.connections.get() - checked_a - checked_b;
        assert!(new <= 4, "{new} connections for 50 requests: they are kept (checks make their own)");
        let status = balancer.status();
        assert_eq!((status.requests, status.connections), (50, 1));
        assert!(targets(&status).iter().all(|t| t.requests == 25 && t.in_flight == 0 && t.p99_us >= t.p50_us && t.p50_us > 0));
    });
}

#[test]
fn headers_between_client_and_target() {
    run(async {
        let a = Target::start("a").await;
        let (_balancer, address) = start(&document(vec![a.json("1")]));
        let headers = [
            ("connection", "x-secret"),
            ("x-secret", "1"),
            ("te", "trailers"),
            ("x-forwarded-for", "9.9.9.9"),
            ("cookie", "a=1"),
        ];
        let (status, back, _) = ask(address, "GET", "/p?q", &headers, "").await;
        assert_eq!((status, back.get("connection")), (200, None));
        let seen = a.manners.seen.borrow().clone();
        let (line, h) = &seen[0];
        assert_eq!(line, "GET /p?q");
        assert_eq!(
            (h["host"].as_str(), h["x-forwarded-for"].as_str(), h["x-forwarded-proto"].as_str()),
            ("a.example", "9.9.9.9, 127.0.0.1", "http")
        );
        assert_eq!(h["x-forwarded-port"], address.port().to_string());
        assert!(
            h["x-amzn-trace-id"].starts_with("Root=1-") && !h.contains_key("x-secret") && !h.contains_key("connection"),
            "{h:?}"
        );
    });
}

#[test]
fn rules_and_actions() {
    run(async {
        let (a, b) = (Target::start("a").await, Target::start("b").await);
        let mut d = document(vec![a.json("1")]);
        d["target_groups"].as_array_mut().unwrap().push(json!({"arn": "g2", "protocol": "HTTP", "targets": [b.json("2")]}));
        let rule = |priority: u32, conditions: serde_json::Value, action: serde_json::Value| json!({"arn": format!("r{priority}"), "priority": priority, "conditions": conditions, "action": action});
        let to_b = json!({"type": "forward", "groups": [{"group": "g2"}]});
        d["listeners"][0]["rules"] = json!([
            rule(30, json!([{"field": "path-pattern", "values": ["/b/*"]}]), to_b.clone()),
            rule(
                10,
                json!([{"field": "path-pattern", "values": ["/b/no"]}]),
                json!({"type": "fixed-response", "status": 403, "content_type": "text/plain", "body": "no"})
            ),
            rule(
                20,
                json!([{"field": "host-header", "values": ["old.*"]}]),
                json!({"type": "redirect", "protocol": "HTTPS", "host": "new.example", "port": "443", "status": 301})
            ),
            rule(
                25,
                json!([{"field": "http-request-method", "values": ["PUT"]}, {"field": "http-header", "name": "x-v", "values": ["2*"]}, {"field": "source-ip", "values": ["127.0.0.0/8"]}]),
                to_b
            ),
        ]);
        let (_balancer, address) = start(&d);
        assert!(get(address, "/b/x").await.2.starts_with("b "));
        assert!(get(address, "/c").await.2.starts_with("a "));
        let (status, headers, body) = get(address, "/b/no").await;
        assert_eq!((status, body.as_str(), headers["content-type"].to_str().unwrap()), (403, "no", "text/plain"));
        let answer = raw(address, b"GET /x?y=1 HTTP/1.1\r\nHost: old.example\r\nConnection: close\r\n\r\n", BOUND).await;
        let answer = String::from_utf8(answer).unwrap();
        assert!(
            answer.starts_with("HTTP/1.1 301 ") && answer.contains("location: https://new.example:443/x?y=1\r\n"),
            "{answer}"
        );
        assert!(ask(address, "PUT", "/", &[("x-v", "2.1")], "").await.2.starts_with("b "));
        assert!(ask(address, "PUT", "/", &[("x-v", "1.1")], "").await.2.starts_with("a "));
    });
}

#[test]
fn weights_and_stickiness() {
    run(async {
        let (a, b, c) = (Target::start("a").await, Target::start("b").await, Target::start("c").await);
        let mut d = document(vec![a.json("1"), b.json("2")]);
        d["target_groups"][0]["stickiness"] = json!({"type": "lb_cookie", "duration_seconds": 60});
        d["target_groups"].as_array_mut().unwrap().push(json!({"arn": "g2", "protocol": "HTTP", "targets": [c.json("3")],
            "stickiness": {"type": "app_cookie", "name": "sess", "duration_seconds": 60}}));
        d["listeners"][0]["default_action"] = json!({"type": "forward", "groups": [{"group": "g", "weight": 3}, {"group": "g2", "weight": 1}], "stickiness_seconds": 60});
        let (balancer, address) = start(&d);
        all_healthy(&balancer).await;
        let mut to_c = 0;
        for _ in 0..400 {
            to_c += u32::from(get(address, "/").await.2.starts_with("c "));
        }
        assert!((60..140).contains(&to_c), "a quarter of 400: {to_c}");
        let mut bound = None;
        while bound.is_none() {
            let (_, headers, body) = get(address, "/").await;
            let all: Vec<_> = headers.get_all("set-cookie").iter().map(|v| v.to_str().unwrap().to_owned()).collect();
            bound = (!body.starts_with("c ")).then_some((all, body));
        }
        let (cookies, first) = bound.unwrap();
        assert_eq!(cookies.len(), 4, "target and group, both also for other sites: {cookies:?}");
        let cookie = cookies.iter().map(|c| c.split(';').next().unwrap()).collect::<Vec<_>>().join("; ");
        for _ in 0..20 {
            assert_eq!(ask(address, "GET", "/", &[("cookie", &cookie)], "").await.2, first);
        }
        // A target that is not there any more is not waited for.
        if first.starts_with('a') {
            a.kill()
        } else {
            b.kill()
        };
        let (status, _, body) = ask(address, "GET", "/", &[("cookie", &cookie)], "").await;
        assert!(status == 200 && body != first, "{status} {body}");
    });
}

#[test]
fn limits_have_aws_codes() {
    run(async {
        let a = Target::start("a").await;
        let mut d = document(vec![a.json("1")]);
        d["target_groups"].as_array_mut().unwrap().push(json!({"arn": "empty", "protocol": "HTTP", "targets": []}));
        d["target_groups"]
            .as_array_mut()
            .unwrap()
            .push(json!({"arn": "grpc", "protocol": "HTTP", "version": "GRPC", "targets": [a.json("1")]}));
        let path = |p: &str, g: &str, n: u32| {
            json!({"arn": p, "priority": n, "conditions": [{"field": "path-pattern", "values": [p]}],
            "action": {"type": "forward", "groups": [{"group": g}]}})
        };
        d["listeners"][0]["rules"] = json!([path("/empty", "empty", 1), path("/grpc", "grpc", 2)]);
        let (balancer, address) = start(&d);
        let many = vec!["1.1.1.1"; 31].join(",");
        let long = "x".repeat(17 << 10);
        for (name, method, path, headers, status) in [
            ("no targets", "GET", "/empty", vec![], 503),
            ("HTTP/1.1 to a gRPC group", "POST", "/grpc", vec![], 464),
            ("gRPC to an HTTP/1 group", "POST", "/", vec![("content-type", "application/grpc")], 464),
            ("too many addresses", "GET", "/", vec![("x-forwarded-for", many.as_str())], 463),
            ("a long header", "GET", "/", vec![("x", long.as_str())], 400),
            ("trace", "TRACE", "/", vec![], 405),
        ] {
            assert_eq!(ask(address, method, path, &headers, "").await.0, status, "{name}");
        }
        let quiet = Duration::from_secs(5);
        let status = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).split(' ').nth(1).unwrap_or_default().to_owned();
        let line = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(17 << 10));
        assert_eq!(status(raw(address, line.as_bytes(), quiet).await), "414");
        let head = format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", format!("x: {}\r\n", "y".repeat(8000)).repeat(9));
        assert_eq!(status(raw(address, head.as_bytes(), quiet).await), "431");
        let counters = balancer.status().counters;
        assert!(
            counters["no-targets"] == 1 && counters["protocol-version"] == 2 && counters["x-forwarded-for-too-long"] == 1,
            "{counters:?}"
        );
    });
}

#[test]
fn a_silent_target_is_504_and_a_refusing_one_502() {
    run(async {
        let a = Target::start("a").await;
        let mut d = document(vec![a.json("1")]);
        d["target_groups"][0]["resilience"] = json!({"response_timeout_ms": 200, "timeout_retries": 0});
        let (balancer, address) = start(&d);
        all_healthy(&balancer).await;
        a.manners.hold.set(true);
        assert_eq!(get(address, "/").await.0, 504);
        a.manners.hold.set(false);
        a.kill();
        assert_eq!(ask(address, "POST", "/", &[], "x").await.0, 502);
    });
}

#[test]
fn a_websocket_is_carried_and_refused_upgrades_are_answers() {
    run(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let target = listener.local_addr().unwrap();
        tokio::task::spawn_local(async move {
            use tokio::io::{AsyncReadExt, AsyncWriteExt};
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                tokio::task::spawn_local(async move {
                    let mut buffer = [0; 4096];
                    let n = stream.read(&mut buffer).await.unwrap();
                    let head = String::from_utf8_lossy(&buffer[..n]).to_ascii_lowercase();
                    assert!(head.contains("connection: upgrade\r\n") && head.contains("upgrade: websocket\r\n"), "{head}");
                    stream
                        .write_all(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhi")
                        .await
                        .unwrap();
                    while let Ok(n @ 1..) = stream.read(&mut buffer).await {
                        stream.write_all(&buffer[..n]).await.unwrap();
                    }
                });
            }
        });
        let mut d = document(vec![json!({"id": "1", "address": "127.0.0.1", "port": target.port()})]);
        d["target_groups"][0]["health_check"]["protocol"] = json!("TCP");
        let (balancer, address) = start(&d);
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        stream
            .write_all(b"GET /ws HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n")
            .await
            .unwrap();
        let mut got = Vec::new();
        let mut buffer = [0; 4096];
        while !got.ends_with(b"\r\n\r\nhi") {
            let n = tokio::time::timeout(BOUND, stream.read(&mut buffer)).await.unwrap().unwrap();
            assert_ne!(n, 0, "{}", String::from_utf8_lossy(&got));
            got.extend_from_slice(&buffer[..n]);
        }
        assert!(got.starts_with(b"HTTP/1.1 101 "));
        stream.write_all(b"echo").await.unwrap();
        stream.read_exact(&mut buffer[..4]).await.unwrap();
        assert_eq!(&buffer[..4], b"echo");
        assert_eq!(targets(&balancer.status())[0].in_flight, 1);
        drop(stream);
        until("the tunnel has ended", || targets(&balancer.status())[0].in_flight == 0).await;
    });
}

#[test]
fn the_access_log_is_in_awss_form() {
    run(async {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("access.log");
        let a = Target::start("a").await;
        let mut d = document(vec![a.json("1")]);
        d["attributes"] = json!({"access_log": path});
        d["listeners"][0]["rules"] = json!([{"arn": "r", "priority": 7, "conditions": [{"field": "path-pattern", "values": ["/f"]}],
            "action": {"type": "fixed-response", "status": 404}}]);
        let (balancer, address) = start(&d);
        ask(address, "GET", "/x?y=1", &[("user-agent", "a \"b\"")], "").await;
        get(address, "/f").await;
        until("both have ended", || targets(&balancer.status())[0].in_flight == 0).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
        balancer.flush_log().await;
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert!(lines[0].starts_with("http 2") && lines[0].contains(" app/test/0123456789abcdef 127.0.0.1:"), "{text}");
        let expected = " 200 200 ";
        assert!(
            lines[0].contains(expected)
                && lines[0].contains(&format!("\"GET http://a.example:{}/x?y=1 HTTP/1.1\"", address.port())),
            "{text}"
        );
        assert!(lines[0].contains(r#""a \x22b\x22" - - g "Root=1-"#) && lines[0].contains(" 0 2"), "{text}");
        assert!(
            lines[1].contains(" -1 -1 -1 404 - ") && lines[1].contains(" 7 2") && lines[1].contains("\"fixed-response\""),
            "{text}"
        );
        // AWS's 34 fields, quotes counted as one; a client's address and port are one here, each time.
        let fields = |line: &str| {
            line.split('"').enumerate().map(|(i, p)| if i % 2 == 1 { 1 } else { p.split_whitespace().count() }).sum::<usize>()
        };
        assert_eq!([fields(lines[0]), fields(lines[1])], [33, 33]);
        let end = lines[0].rsplit_once(" TID_").unwrap().1;
        assert!(end.len() == 32 + 12 && end.ends_with(r#" "-" "-" "-""#), "{text}");
    });
}

#[test]
fn logs_for_buckets_wait_in_files_that_say_where_to() {
    run(async {
        let dir = tempfile::tempdir().unwrap();
        let a = Target::start("a").await;
        let mut d = document(vec![a.json("1")]);
        let bucket = json!({"bucket": "logs", "prefix": "p"});
        d["attributes"] = json!({"log_delivery": {"account": "123456789012", "region": "us-east-1", "address": "10.0.1.5",
            "interval_seconds": 300, "access": bucket, "connection": bucket}});
        let balancer =
            balancer::Balancer::with(balancer::Dialer::System, Some(balancer::Spool::open(dir.path(), "eni-1").unwrap()));
        balancer.apply(parse(&d), None).unwrap();
        let address = balancer.status().listeners[0].addresses[0];
        let mut client = Client::connect(address).await;
        for path in ["/one", "/two"] {
            assert_eq!(client.send(request("GET", path, &[], "")).await.unwrap().0, 200);
        }
        drop(client);
        // At its end everything is closed.
        balancer.drain(BOUND).await;
        let mut texts = Vec::new();
        for entry in std::fs::read_dir(dir.path()).unwrap() {
            let path = entry.unwrap().path();
            assert_eq!(path.extension().unwrap(), "log");
            texts.push(std::fs::read_to_string(path).unwrap());
        }
        texts.sort_by_key(|t| t.lines().count());
        let [connection, access] = &texts[..] else { panic!("{texts:?}") };
        let lines: Vec<&str> = connection.lines().collect();
        let head: wire::balancer::LogHead = serde_json::from_str(lines[0]).unwrap();
        assert!(head.key.starts_with("p/AWSLogs/123456789012/elasticloadbalancing/us-east-1/"), "{head:?}");
        assert!(
            head.key.contains("/conn_log.123456789012_elasticloadbalancing_us-east-1_app.test.0123456789abcdef_"),
            "{head:?}"
        );
        assert!(head.key.ends_with(".log.gz") && head.key.contains("Z_10.0.1.5_"), "{head:?}");
        let words: Vec<&str> = lines[1].split(' ').collect();
        let port = address.port().to_string();
        assert_eq!((lines.len(), words.len(), words[1], words[3]), (2, 12, "127.0.0.1", port.as_str()), "{connection}");
        assert_eq!(words[4..11].join(" "), r#"- - - "-" - - -"#);
        // Both requests came by this connection.
        let lines: Vec<&str> = access.lines().collect();
        assert!(lines.len() == 3 && lines[1..].iter().all(|l| l.contains(words[11])), "{access}");
        assert!(words[11].starts_with("TID_") && lines[1].contains("/one ") && lines[2].contains("/two "), "{access}");
    });
}
