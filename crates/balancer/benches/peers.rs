//! CPU for each request beside HAProxy and nginx: `cargo bench -p balancer` (needs haproxy, nginx, wrk, h2load, openssl).
//!
//! One worker thread each, the same nginx behind all of them, everything on loopback and nothing pinned. What counts is the
//! proxy's own time on a CPU (schedstat of its threads) divided by the requests that were answered: requests per second on a
//! shared machine say more about the machine. Rounds alternate, so that a busy minute meets everybody; the median is told.
//! Ours runs with access log, a rule of each kind, health checks and all limits; HAProxy with a rule, a check and
//! X-Forwarded-For, without a log; nginx with X-Forwarded-For alone.
//!
//! `BENCH_SECONDS` (3), `BENCH_ROUNDS` (5), `BENCH_SCENARIOS` (`h1,tls,h2`).

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if args.get(1).is_some_and(|a| a == "serve") {
        return serve(Path::new(&args[2]));
    }
    for tool in ["haproxy", "nginx", "wrk", "h2load", "openssl"] {
        if Command::new(tool).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
            return println!("{tool} is missing: scripts/setup.sh bench installs it");
        }
    }
    let dir = tempfile::tempdir().expect("a directory");
    Bench::new(dir.path()).run();
}

fn serve(config: &Path) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let options = balancer::Options {
        config: config.to_owned(),
        control: None,
        take_over: false,
        state_dir: None,
        drain: Duration::from_secs(1),
    };
    tokio::task::LocalSet::new().block_on(&runtime, balancer::run(options)).expect("it runs");
}

struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let end = Instant::now() + Duration::from_secs(3);
        while Instant::now() < end {
            if let Ok(Some(_)) = self.0.try_wait() {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct Bench {
    dir: PathBuf,
    seconds: u64,
    rounds: usize,
    scenarios: Vec<String>,
    backend: u16,
    /// (plain, TLS) ports.
    ports: BTreeMap<&'static str, (u16, u16)>,
}

const PEERS: [&str; 3] = ["haproxy", "nginx", "ours"];

fn port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port").port()
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default)
}

impl Bench {
    fn new(dir: &Path) -> Self {
        let scenarios = std::env::var("BENCH_SCENARIOS").unwrap_or_else(|_| "h1,tls,h2".to_owned());
        Self {
            dir: dir.to_owned(),
            seconds: number("BENCH_SECONDS", 3),
            rounds: number("BENCH_ROUNDS", 5) as usize,
            scenarios: scenarios.split(',').map(str::to_owned).collect(),
            backend: port(),
            ports: PEERS.map(|p| (p, (port(), port()))).into(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        fs::write(self.path(name), text).expect("a file");
        self.path(name)
    }

    fn run(&self) {
        let made = Command::new("openssl")
            .args(["req", "-x509", "-nodes", "-days", "30", "-subj", "/CN=a", "-addext", "subjectAltName=DNS:localhost"])
            .args(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-keyout"])
            .arg(self.path("key.pem"))
            .arg("-out")
            .arg(self.path("chain.pem"))
            .stderr(Stdio::null())
            .status();
        assert!(made.is_ok_and(|s| s.success()), "no certificate");
        let both = [fs::read(self.path("chain.pem")).expect("chain"), fs::read(self.path("key.pem")).expect("key")].concat();
        fs::write(self.path("both.pem"), both).expect("a file");
        let _backend =
            self.nginx("backend", &format!("server {{ listen 127.0.0.1:{}; location / {{ return 200 'ok'; }} }}", self.backend));
        let processes = PEERS.map(|peer| (peer, self.start(peer)));
        for (plain, tls) in self.ports.values() {
            wait_for(*plain);
            wait_for(*tls);
        }
        // Health checks have passed by then.
        std::thread::sleep(Duration::from_millis(500));
        println!(
            "{:<5} {:<8} {:>8} {:>8} {:>8}  us of CPU for a request: median, least, most",
            "", "", "median", "least", "most"
        );
        for scenario in &self.scenarios {
            let mut results: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
            for _ in 0..self.rounds {
                for (peer, process) in &processes {
                    let (plain, tls) = self.ports[peer];
                    self.load(scenario, plain, tls, 1);
                    let before = cpu_ns(process.0.id());
                    let requests = self.load(scenario, plain, tls, self.seconds);
                    let used = cpu_ns(process.0.id()) - before;
                    results.entry(peer).or_default().push(used as f64 / 1000.0 / requests as f64);
                }
            }
            for (peer, mut us) in results {
                us.sort_by(f64::total_cmp);
                println!("{scenario:<5} {peer:<8} {:>8.1} {:>8.1} {:>8.1}", us[us.len() / 2], us[0], us[us.len() - 1]);
            }
        }
    }

    fn nginx(&self, name: &str, server: &str) -> Process {
        let temp = self.path(&format!("{name}.tmp"));
        fs::create_dir_all(&temp).expect("a directory");
        let paths: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|p| format!("{p}_temp_path {0}/{p};\n", temp.display()))
            .concat();
        let text = format!(
            "daemon off; master_process off; worker_processes 1; pid {0}/pid; error_log stderr crit;\n\
             events {{ worker_connections 4096; }}\nhttp {{ access_log off; keepalive_requests 100000000; {paths} {server} }}",
            temp.display()
        );
        let config = self.write(&format!("{name}.conf"), &text);
        Process(Command::new("nginx").arg("-c").arg(config).arg("-p").arg(temp).spawn().expect("nginx"))
    }

    fn start(&self, peer: &str) -> Process {
        let ((plain, tls), backend, dir) = (self.ports[peer], self.backend, self.dir.display());
        match peer {
            "haproxy" => {
                let text = format!(
                    "global\n nbthread 1\n maxconn 4096\ndefaults\n mode http\n timeout client 60s\n timeout server 60s\n timeout connect 5s\n option forwardfor\n http-reuse always\n\
                     frontend f\n bind 127.0.0.1:{plain}\n bind 127.0.0.1:{tls} ssl crt {dir}/both.pem alpn h2,http/1.1\n acl no path_beg /no/\n http-request deny if no\n default_backend b\n\
                     backend b\n option httpchk GET /\n server s 127.0.0.1:{backend} check inter 5s\n"
                );
                let config = self.write("haproxy.cfg", &text);
                Process(Command::new("haproxy").arg("-db").arg("-q").arg("-f").arg(config).spawn().expect("haproxy"))
            }
            "nginx" => self.nginx(
                "front",
                &format!(
                    "upstream b {{ server 127.0.0.1:{backend}; keepalive 128; keepalive_requests 100000000; }}\n\
                     server {{ listen 127.0.0.1:{plain}; listen 127.0.0.1:{tls} ssl http2; ssl_certificate {dir}/chain.pem; ssl_certificate_key {dir}/key.pem;\n\
                     location / {{ proxy_pass http://b; proxy_http_version 1.1; proxy_set_header Connection ''; proxy_set_header Host $host; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; }} }}"
                ),
            ),
            _ => {
                let listener = |arn: &str, protocol: &str, port: u16, tls: &str| {
                    format!(
                        r#"{{"arn": "{arn}", "protocol": "{protocol}", "addresses": ["127.0.0.1"], "port": {port}, {tls}
                        "rules": [
                          {{"arn": "r1", "priority": 1, "conditions": [{{"field": "path-pattern", "values": ["/no/*"]}}], "action": {{"type": "fixed-response", "status": 403}}}},
                          {{"arn": "r2", "priority": 2, "conditions": [{{"field": "host-header", "values": ["*.example.com"]}}, {{"field": "http-header", "name": "x-v", "values": ["2*"]}}], "action": {{"type": "fixed-response", "status": 403}}}},
                          {{"arn": "r3", "priority": 3, "conditions": [{{"field": "query-string", "values": [{{"key": "v", "value": "2"}}]}}], "action": {{"type": "fixed-response", "status": 403}}}}],
                        "default_action": {{"type": "forward", "groups": [{{"group": "g"}}]}}}}"#
                    )
                };
                let text = format!(
                    r#"{{"format": 1, "generation": 1, "name": "app/bench/0", "attributes": {{"access_log": "{dir}/access.log"}},
                    "certificates": [{{"arn": "c", "source": {{"chain_file": "{dir}/chain.pem", "key_file": "{dir}/key.pem"}}}}],
                    "listeners": [{}, {}],
                    "target_groups": [{{"arn": "g", "protocol": "HTTP", "targets": [{{"id": "1", "address": "127.0.0.1", "port": {backend}}}],
                      "health_check": {{"interval_seconds": 5}}}}]}}"#,
                    listener("plain", "HTTP", plain, ""),
                    listener("tls", "HTTPS", tls, r#""tls": {"default_certificate": "c"},"#),
                );
                let config = self.write("ours.json", &text);
                let own = std::env::current_exe().expect("this program");
                Process(Command::new(own).arg("serve").arg(config).spawn().expect("ours"))
            }
        }
    }

    /// Requests answered well.
    fn load(&self, scenario: &str, plain: u16, tls: u16, seconds: u64) -> u64 {
        let text = match scenario {
            "h2" => output(
                Command::new("h2load")
                    .args(["-c8", "-m8", "-t1", "-D"])
                    .arg(seconds.to_string())
                    .arg(format!("https://127.0.0.1:{tls}/")),
            ),
            _ => {
                let url =
                    if scenario == "tls" { format!("https://127.0.0.1:{tls}/") } else { format!("http://127.0.0.1:{plain}/") };
                output(Command::new("wrk").args(["-t1", "-c32"]).arg(format!("-d{seconds}s")).arg(url))
            }
        };
        assert!(!text.contains("Non-2xx"), "{text}");
        let wanted = if scenario == "h2" { " succeeded," } else { " requests in " };
        let line = text.lines().find(|l| l.contains(wanted)).unwrap_or_else(|| panic!("{text}"));
        let before = line.split(wanted).next().unwrap_or_default();
        before.split([' ', ',']).next_back().and_then(|n| n.parse().ok()).unwrap_or_else(|| panic!("{text}"))
    }
}

fn output(command: &mut Command) -> String {
    String::from_utf8_lossy(&command.output().expect("the load generator").stdout).into_owned()
}

fn wait_for(port: u16) {
    let end = Instant::now() + Duration::from_secs(10);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < end, "nothing listens on {port}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Time on a CPU of all threads.
fn cpu_ns(pid: u32) -> u64 {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).expect("the process lives");
    let one = |t: fs::DirEntry| fs::read_to_string(t.path().join("schedstat")).ok()?.split(' ').next()?.parse::<u64>().ok();
    tasks.flatten().filter_map(one).sum()
}
