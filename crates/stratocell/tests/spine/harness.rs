//! A whole region of the test's own, driven as a user would: the `stratocell` binary and the AWS CLI as processes.
//!
//! Each [`Cloud`] has its own data directory, ports, underlay and public addresses, so tests run side by side. Dropping it
//! stops and purges everything it started.

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

pub struct Cloud {
    // Short: socket paths have a limit.
    dir: tempfile::TempDir,
    env: BTreeMap<String, String>,
}

/// The outcome of a failed AWS CLI call: `An error occurred (Code) …`.
#[derive(Debug)]
pub struct AwsFailure {
    pub code: String,
    pub text: String,
}

impl Cloud {
    pub fn up() -> Self {
        Self::up_with(&[])
    }

    pub fn up_with(extra: &[&str]) -> Self {
        let dir = tempfile::Builder::new().prefix("sc-").tempdir_in("/tmp").expect("a temporary directory");
        let mut cloud = Self { dir, env: BTreeMap::new() };
        cloud.start(extra);
        cloud
    }

    /// `up` on the same data directory, again.
    pub fn start(&mut self, extra: &[&str]) {
        let mut args = vec!["up", "--detach", "--json", "--port", "0", "--no-profile"];
        args.extend(extra);
        self.ok(&args);
        self.env = self
            .ok(&["env"])
            .lines()
            .filter_map(|l| l.strip_prefix("export ")?.split_once('='))
            .map(|(k, v)| (k.to_owned(), v.trim_matches(['\'', '"']).to_owned()))
            .collect();
        assert!(self.env.contains_key("AWS_ENDPOINT_URL"), "env tells the endpoint: {:?}", self.env.keys());
    }

    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    pub fn env(&self, name: &str) -> &str {
        &self.env[name]
    }

    /// The first account's environment, for [`Self::aws_as`].
    pub fn own_env(&self) -> BTreeMap<String, String> {
        self.env.clone()
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut c = Command::new(env!("CARGO_BIN_EXE_stratocell"));
        c.arg("--data-dir")
            .arg(self.dir.path())
            .args(args)
            .env("HOME", self.dir.path().with_extension("home"))
            .stdin(Stdio::null());
        c
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("the binary runs")
    }

    /// Runs a command that must succeed; its standard output.
    pub fn ok(&self, args: &[&str]) -> String {
        let out = self.run(args);
        assert!(
            out.status.success(),
            "stratocell {args:?} failed\n{}{}\n{}",
            String::from_utf8_lossy(&out.stdout),
            String::from_utf8_lossy(&out.stderr),
            self.last_logs()
        );
        String::from_utf8_lossy(&out.stdout).into_owned()
    }

    pub fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.ok(args)).expect("JSON")
    }

    /// The AWS CLI as the region's first account.
    pub fn aws(&self, args: &str) -> Result<Value, AwsFailure> {
        self.aws_as(&self.env, args.split_whitespace().map(str::to_owned).collect())
    }

    pub fn aws_as(&self, env: &BTreeMap<String, String>, args: Vec<String>) -> Result<Value, AwsFailure> {
        let stdout = self.aws_text(env, args)?;
        Ok(if stdout.trim().is_empty() { Value::Null } else { serde_json::from_str(&stdout).expect("JSON") })
    }

    /// What the AWS CLI writes to its standard output.
    pub fn aws_text(&self, env: &BTreeMap<String, String>, args: Vec<String>) -> Result<String, AwsFailure> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the workspace");
        let out = Command::new(root.join(".venv/bin/aws"))
            .args(&args)
            .arg("--output=json")
            .envs(env)
            .env("HOME", self.dir.path())
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_MAX_ATTEMPTS", "1")
            .stdin(Stdio::null())
            .output()
            .expect("the AWS CLI of .venv runs: make deps-test");
        let text = String::from_utf8_lossy(&out.stderr).into_owned();
        if out.status.success() {
            return Ok(String::from_utf8_lossy(&out.stdout).into_owned());
        }
        let code = text.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map_or("", |(code, _)| code).to_owned();
        Err(AwsFailure { code, text })
    }

    /// A succeeding AWS call.
    pub fn must(&self, args: &str) -> Value {
        self.aws(args).unwrap_or_else(|e| panic!("aws {args}: {}\n{}", e.text, self.last_logs()))
    }

    /// Another account's environment for [`Self::aws_as`].
    pub fn account(&self, name: &str) -> BTreeMap<String, String> {
        let made = self.json(&["account", "create", name, "--json"]);
        let text = |v: &Value| v.as_str().expect("a string").to_owned();
        let mut env = self.env.clone();
        env.insert("AWS_ACCESS_KEY_ID".into(), text(&made["access_key"]));
        env.insert("AWS_SECRET_ACCESS_KEY".into(), text(&made["secret_key"]));
        env
    }

    pub fn console(&self, instance: &str) -> String {
        self.ok(&["console", instance])
    }

    pub fn ssh(&self, instance: &str, key: &Path, command: &str) -> Output {
        let key = key.to_string_lossy().into_owned();
        self.run(&["ssh", instance, "-i", &key, "--", command])
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;
        let dir = self.dir.path().with_extension("home");
        std::fs::create_dir_all(&dir).expect("a directory");
        let path = dir.join(name);
        std::fs::write(&path, text).expect("written");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("mode");
        path
    }

    /// The pids of the region's processes, by name.
    pub fn pids(&self) -> BTreeMap<String, u32> {
        let ps = self.json(&["ps", "--json"]);
        let list = ps.as_array().cloned().or_else(|| ps["processes"].as_array().cloned()).unwrap_or_default();
        list.iter().filter_map(|p| Some((p["name"].as_str()?.to_owned(), p["pid"].as_u64()? as u32))).collect()
    }

    /// QEMU processes of this data directory, found by their command lines.
    pub fn guests(&self) -> Vec<u32> {
        processes_naming(&self.dir.path().to_string_lossy())
            .into_iter()
            .filter(|(_, c)| c.contains("qemu"))
            .map(|(p, _)| p)
            .collect()
    }

    /// The end of every log, for a failed assertion's message.
    pub fn last_logs(&self) -> String {
        let mut out = String::new();
        for entry in std::fs::read_dir(self.dir.path().join("logs")).into_iter().flatten().flatten() {
            let text = std::fs::read_to_string(entry.path()).unwrap_or_default();
            let lines: Vec<_> = text.lines().collect();
            let tail = &lines[lines.len().saturating_sub(6)..];
            if !tail.is_empty() {
                out.push_str(&format!("--- {}\n{}\n", entry.file_name().to_string_lossy(), tail.join("\n")));
            }
        }
        out
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        if std::env::var_os("STRATOCELL_KEEP").is_some() {
            eprintln!("kept: {}", self.dir.path().display());
            std::mem::forget(std::mem::replace(&mut self.dir, tempfile::tempdir().expect("a directory")));
            return;
        }
        let _ = self.run(&["down", "--purge"]);
        for (pid, _) in processes_naming(&self.dir.path().to_string_lossy()) {
            let _ = Command::new("kill").args(["-9", &pid.to_string()]).status();
        }
        let _ = std::fs::remove_dir_all(self.dir.path().with_extension("home"));
    }
}

/// (pid, command line) of the processes that name `needle`.
pub fn processes_naming(needle: &str) -> Vec<(u32, String)> {
    let own = std::process::id();
    std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|e| {
            let pid: u32 = e.file_name().to_str()?.parse().ok()?;
            let line = std::fs::read(e.path().join("cmdline")).ok()?;
            let line = String::from_utf8_lossy(&line).replace('\0', " ");
            (pid != own && line.contains(needle)).then_some((pid, line))
        })
        .collect()
}

/// Polls until `check` gives a value; panics with `what` after `limit`.
pub fn wait_for<T>(what: &str, limit: Duration, mut check: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(v) = check() {
            return v;
        }
        assert!(start.elapsed() < limit, "waited {limit:?} for {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// A minimal HTTP GET; `None` when nothing answers in time.
pub fn http_get(address: &str) -> Option<String> {
    use std::io::{Read, Write};
    let address: std::net::SocketAddr = address.parse().ok()?;
    let mut stream = std::net::TcpStream::connect_timeout(&address, Duration::from_millis(1500)).ok()?;
    stream.set_read_timeout(Some(Duration::from_millis(3000))).ok()?;
    stream.write_all(b"GET / HTTP/1.0\r\nHost: test\r\n\r\n").ok()?;
    let mut reply = String::new();
    stream.read_to_string(&mut reply).ok()?;
    (!reply.is_empty()).then_some(reply)
}
