//! The servers: ours and the peers, each started empty on the same disk and stopped at the end.

use crate::load::Target;
use aws_protocol::sigv4::Credentials;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const BUCKET: &str = "bench";

pub type Start = fn() -> Result<Server, String>;
pub const ALL: [(&str, Start); 3] = [("stratocell", ours), ("s3s-fs", s3s), ("garage", garage)];

pub struct Server {
    target: Target,
    dir: tempfile::TempDir,
    kind: Kind,
}

enum Kind {
    Ours,
    Peer(Child),
}

fn scratch() -> Result<tempfile::TempDir, String> {
    // Beside the build: /tmp may be memory.
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).map_or_else(std::env::temp_dir, |p| p.join("target"));
    tempfile::Builder::new().prefix("ob").tempdir_in(base).map_err(|e| e.to_string())
}

fn find(name: &str) -> Result<PathBuf, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the workspace");
    let own = [root.join("target/peers/bin").join(name)];
    let path = std::env::var_os("PATH").unwrap_or_default();
    let all = own.into_iter().chain(std::env::split_paths(&path).map(|p| p.join(name)));
    all.into_iter().find(|p| p.is_file()).ok_or_else(|| format!("{name} is not there: scripts/setup.sh bench builds it"))
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("its address").port()
}

fn stratocell(dir: &Path, args: &[&str]) -> Result<String, String> {
    let mut c = Command::new(env!("CARGO_BIN_EXE_stratocell"));
    c.arg("--data-dir").arg(dir).args(args).stdin(Stdio::null());
    let out = c.output().map_err(|e| e.to_string())?;
    if out.status.success() {
        Ok(String::from_utf8_lossy(&out.stdout).into_owned())
    } else {
        Err(String::from_utf8_lossy(&out.stderr).into_owned())
    }
}

fn ours() -> Result<Server, String> {
    let dir = scratch()?;
    stratocell(dir.path(), &["up", "--detach", "--port", "0", "--no-profile", "--hosts-per-cell", "1"])?;
    if let Ok(frames) = std::env::var("BENCH_FRAMES") {
        stratocell(dir.path(), &["down"])?;
        let path = dir.path().join("settings.json");
        let settings = std::fs::read_to_string(&path).map_err(|e| e.to_string())?;
        let wanted = settings.replace("\"bulk_frames\": \"kernel\"", &format!("\"bulk_frames\": \"{frames}\""));
        std::fs::write(&path, wanted).map_err(|e| e.to_string())?;
        stratocell(dir.path(), &["up", "--detach", "--port", "0", "--no-profile"])?;
    }
    let env = stratocell(dir.path(), &["env"])?;
    let get = |name: &str| {
        let line = env.lines().find(|l| l.contains(&format!("{name}="))).unwrap_or("=");
        line.split_once('=').map_or("", |p| p.1).trim_matches(['\'', '"']).to_owned()
    };
    let target = Target {
        address: get("AWS_ENDPOINT_URL").trim_start_matches("http://").to_owned(),
        bucket: BUCKET.to_owned(),
        region: "us-east-1".to_owned(),
        who: Credentials { access_key: get("AWS_ACCESS_KEY_ID"), secret_key: get("AWS_SECRET_ACCESS_KEY"), session_token: None },
    };
    let server = Server { target, dir, kind: Kind::Ours };
    server.make_bucket()?;
    Ok(server)
}

fn s3s() -> Result<Server, String> {
    let program = find("s3s-fs")?;
    let dir = scratch()?;
    let port = free_port();
    let root = dir.path().join("data");
    std::fs::create_dir_all(root.join(BUCKET)).map_err(|e| e.to_string())?;
    let child = Command::new(program)
        .args(["--host", "127.0.0.1", "--port", &port.to_string(), "--access-key", "AKIABENCH", "--secret-key", "secretbench"])
        .arg(&root)
        .env("RUST_LOG", "error")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|e| e.to_string())?;
    let target = Target {
        address: format!("127.0.0.1:{port}"),
        bucket: BUCKET.to_owned(),
        region: "us-east-1".to_owned(),
        who: Credentials { access_key: "AKIABENCH".into(), secret_key: "secretbench".into(), session_token: None },
    };
    let server = Server { target, dir, kind: Kind::Peer(child) };
    server.wait()?;
    Ok(server)
}

/// One node, one copy, with both of its fsync options on.
fn garage() -> Result<Server, String> {
    let program = find("garage")?;
    let dir = scratch()?;
    let (api, rpc) = (free_port(), free_port());
    let at = dir.path().display();
    let config = dir.path().join("garage.toml");
    let text = format!(
        "metadata_dir = \"{at}/meta\"\ndata_dir = \"{at}/data\"\ndb_engine = \"lmdb\"\nmetadata_fsync = true\ndata_fsync = true\n\
         replication_factor = 1\nrpc_bind_addr = \"127.0.0.1:{rpc}\"\nrpc_public_addr = \"127.0.0.1:{rpc}\"\nrpc_secret = \"{}\"\n\
         [s3_api]\napi_bind_addr = \"127.0.0.1:{api}\"\ns3_region = \"garage\"\nroot_domain = \".s3.garage\"\n",
        "5f".repeat(32)
    );
    std::fs::write(&config, text).map_err(|e| e.to_string())?;
    let run = |args: &[&str]| -> Result<String, String> {
        let out = Command::new(&program).arg("-c").arg(&config).args(args).env("RUST_LOG", "error").output();
        let out = out.map_err(|e| e.to_string())?;
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        if out.status.success() { Ok(text) } else { Err(String::from_utf8_lossy(&out.stderr).into_owned()) }
    };
    let child = Command::new(&program)
        .arg("-c")
        .arg(&config)
        .arg("server")
        .env("RUST_LOG", "error")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|e| e.to_string())?;
    let key = format!("GK{}", "ab".repeat(12));
    let target = Target {
        address: format!("127.0.0.1:{api}"),
        bucket: BUCKET.to_owned(),
        region: "garage".to_owned(),
        who: Credentials { access_key: key.clone(), secret_key: "cd".repeat(32), session_token: None },
    };
    let server = Server { target, dir, kind: Kind::Peer(child) };
    let end = Instant::now() + Duration::from_secs(30);
    let id = loop {
        match run(&["node", "id", "-q"]) {
            Ok(id) if run(&["status"]).is_ok() => break id.split('@').next().unwrap_or("").trim().to_owned(),
            Err(e) if Instant::now() > end => return Err(e),
            _ => std::thread::sleep(Duration::from_millis(100)),
        }
    };
    run(&["layout", "assign", "-z", "z1", "-c", "100G", &id])?;
    run(&["layout", "apply", "--version", "1"])?;
    run(&["key", "import", "--yes", "-n", "bench", &key, &"cd".repeat(32)])?;
    run(&["bucket", "create", BUCKET])?;
    run(&["bucket", "allow", "--read", "--write", "--owner", BUCKET, "--key", "bench"])?;
    server.wait()?;
    Ok(server)
}

impl Server {
    pub fn target(&self) -> Target {
        self.target.clone()
    }

    fn wait(&self) -> Result<(), String> {
        let end = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(&self.target.address).is_err() {
            if Instant::now() > end {
                return Err("it does not listen".to_owned());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    fn make_bucket(&self) -> Result<(), String> {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("now").as_millis() as u64;
        let headers = [("host", self.target.address.as_str())];
        let path = format!("/{}", self.target.bucket);
        let r = aws_protocol::sigv4::HttpRequest { method: "PUT", path: &path, query: "", headers: &headers };
        let query = aws_protocol::sigv4::presign(&r, &self.target.who, &self.target.region, "s3", types::TimestampMs(now), 60);
        let mut stream = TcpStream::connect(&self.target.address).map_err(|e| e.to_string())?;
        let text = format!("PUT {path}?{query} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", self.target.address);
        stream.write_all(text.as_bytes()).map_err(|e| e.to_string())?;
        let mut reply = String::new();
        stream.read_to_string(&mut reply).map_err(|e| e.to_string())?;
        if reply.starts_with("HTTP/1.1 200") { Ok(()) } else { Err(reply) }
    }

    /// Processes that serve S3: the gateway, the index and the nodes; a peer's one.
    fn pids(&self) -> Vec<u32> {
        match &self.kind {
            Kind::Peer(child) => vec![child.id()],
            Kind::Ours => {
                let run = self.dir.path().join("run");
                let names = std::fs::read_dir(run).into_iter().flatten().flatten();
                names
                    .filter_map(|e| {
                        let name = e.file_name().to_string_lossy().into_owned();
                        let role = name.strip_suffix(".pid")?;
                        let ours = role == "gateway" || role.starts_with("storage-") || role.starts_with("index-");
                        let id = platform::process::ProcessId::read_file(&e.path()).filter(|_| ours)?;
                        Some(id.pid)
                    })
                    .collect()
            }
        }
    }

    /// User and system time so far.
    pub fn cpu(&self) -> Duration {
        let ticks: u64 = self
            .pids()
            .iter()
            .filter_map(|pid| {
                let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
                let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
                Some(fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?)
            })
            .sum();
        Duration::from_millis(ticks * 10)
    }

    /// Proportional set size where the kernel tells, so that shared text counts once.
    pub fn rss_mib(&self) -> f64 {
        let kib = |pid: &u32| -> Option<u64> {
            let text = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
            text.lines().find_map(|l| l.strip_prefix("Pss:")?.trim().trim_end_matches(" kB").parse().ok())
        };
        self.pids().iter().filter_map(kib).sum::<u64>() as f64 / 1024.0
    }

    /// Room for the next size: peers' files of the last one are removed where they are plain files.
    pub fn clean(&self, size: usize) {
        if let Kind::Peer(_) = self.kind {
            let _ = std::fs::remove_dir_all(self.dir.path().join("data").join(BUCKET).join(format!("s{size}")));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        match &mut self.kind {
            Kind::Ours => drop(stratocell(self.dir.path(), &["down", "--purge"])),
            Kind::Peer(child) => {
                let _ = child.kill();
                let _ = child.wait();
            }
        }
    }
}
