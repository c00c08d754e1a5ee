//! What people use S3, IAM and EC2 with, doing its ordinary work against a region: a script a client, beside this file.
//!
//! Each test starts a region of its own, runs the script with the region's environment, and stops it. The scripts are
//! strict; what they print is shown when they fail. A script that ends with 77 says that this machine cannot run it.

use std::path::Path;
use std::process::{Command, Output, Stdio};

const CANNOT: i32 = 77;

struct Region(tempfile::TempDir);

impl Region {
    fn up() -> Self {
        Self::up_with(&[])
    }

    fn up_with(more: &[&str]) -> Self {
        let dir = tempfile::Builder::new().prefix("sc-").tempdir_in("/tmp").expect("a temporary directory");
        let region = Self(dir);
        let small = ["--azs", "3", "--hosts-per-cell", "1"];
        let out = region.run(&[&["up", "--detach", "--port", "0", "--no-profile"][..], &small, more].concat());
        assert!(out.status.success(), "{}", said(&out));
        region
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut c = Command::new(env!("CARGO_BIN_EXE_stratocell"));
        c.arg("--data-dir").arg(self.0.path()).args(args).stdin(Stdio::null());
        c.output().expect("the binary runs")
    }

    /// Runs a script in a directory of its own.
    fn script(&self, name: &str) {
        self.script_with(name, &[]);
    }

    fn script_with(&self, name: &str, more: &[(&str, &str)]) {
        let env = self.run(&["env"]);
        let env = String::from_utf8(env.stdout).expect("text");
        let pairs = env.lines().filter_map(|l| l.strip_prefix("export ")?.split_once('='));
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients");
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the workspace");
        let work = tempfile::tempdir().expect("a directory");
        let python = root.join(".venv/bin/python");
        let mut c = if name.ends_with(".py") { Command::new(python) } else { Command::new("bash") };
        c.arg(here.join(name))
            .envs(pairs.map(|(k, v)| (k, v.trim_matches(['\'', '"']))))
            .env("CLIENTS", &here)
            .env("STRATOCELL", env!("CARGO_BIN_EXE_stratocell"))
            .env("STRATOCELL_DATA_DIR", self.0.path())
            .env("VENV", root.join(".venv"))
            .env("WORK", work.path())
            .env("HOME", work.path())
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .envs(more.iter().copied())
            .current_dir(work.path())
            .stdin(Stdio::null());
        let out = c.output().expect("the interpreter runs");
        if out.status.code() == Some(CANNOT) {
            eprintln!("{name} cannot run on this machine: {}", said(&out));
            return;
        }
        assert!(out.status.success(), "{name}: {}\n{}", out.status, said(&out));
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        let out = self.run(&["down", "--purge"]);
        if !out.status.success() {
            eprintln!("{}", said(&out));
        }
    }
}

fn said(out: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr))
}

#[test]
fn s3_by_the_aws_cli() {
    Region::up().script("awscli.sh");
}

#[test]
fn s3_by_boto3() {
    Region::up().script("boto.py");
}

#[test]
fn iam_by_the_aws_cli() {
    Region::up().script("iam.sh");
}

#[test]
fn ipv6_of_vpcs_by_boto3_and_the_aws_cli() {
    const POOL: &str = "2001:db8:c600::/44";
    let region = Region::up_with(&["--ipv6-pool", POOL]);
    region.script_with("ipv6.py", &[("IPV6_POOL", POOL)]);
}

#[test]
fn load_balancers_by_boto3_and_the_aws_cli() {
    Region::up_with(&["--flow-log-deliver", "1"]).script("elbv2.py");
}

#[test]
fn a_companys_people_by_saml() {
    Region::up().script("saml.py");
}

#[test]
fn s3_by_rclone_s3cmd_restic_and_s3fs() {
    let region = Region::up();
    for script in ["rclone.sh", "s3cmd.sh", "restic.sh", "s3fs.sh"] {
        region.script(script);
    }
}

#[test]
fn kms_by_boto3_with_the_root_key_under_a_passphrase() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), "correct horse battery staple\n").expect("written");
    let region = Region::up_with(&["--kms-passphrase-file", &file.path().to_string_lossy()]);
    let key = std::fs::read_to_string(region.0.path().join("kms.key")).expect("the root key");
    assert!(key.starts_with("stratocell-kms-key 1 pbkdf2-hmac-sha512 "), "it is not kept in the clear");
    region.script("kms.py");
    // Started anew with another passphrase it says what is wrong, and with the right one all is there.
    assert!(region.run(&["down"]).status.success());
    std::fs::write(file.path(), "wrong\n").expect("written");
    let refused = region.run(&["up", "--detach", "--no-profile"]);
    assert!(!refused.status.success() && said(&refused).contains("passphrase is wrong"), "{}", said(&refused));
    std::fs::write(file.path(), "correct horse battery staple\n").expect("written");
    let out = region.run(&["up", "--detach", "--no-profile"]);
    assert!(out.status.success(), "{}", said(&out));
}

/// A TPM in software; ends with its value.
struct Chip(tempfile::TempDir, std::process::Child);

impl Chip {
    fn new() -> Option<Self> {
        let dir = tempfile::Builder::new().prefix("tpm-").tempdir_in("/tmp").expect("a directory");
        let at = |name: &str| format!("type=unixio,path={}", dir.path().join(name).display());
        let mut c = Command::new("swtpm");
        c.args(["socket", "--tpm2", "--flags", "startup-clear,not-need-init", "--server", &at("tpm"), "--ctrl", &at("ctrl")]);
        c.args(["--tpmstate", &format!("dir={}", dir.path().display())]).stdin(Stdio::null());
        let child = match c.spawn() {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return None,
            child => child.expect("swtpm runs"),
        };
        let chip = Self(dir, child);
        for _ in 0..500 {
            if std::os::unix::net::UnixStream::connect(chip.device()).is_ok() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        Some(chip)
    }

    fn device(&self) -> String {
        self.0.path().join("tpm").display().to_string()
    }
}

impl Drop for Chip {
    fn drop(&mut self) {
        let _ = self.1.kill();
        let _ = self.1.wait();
    }
}

#[test]
fn kms_with_the_root_key_under_a_tpm() {
    let Some(chip) = Chip::new() else {
        eprintln!("SKIPPED: there is no swtpm; scripts/setup.sh test installs it");
        return;
    };
    let region = Region::up_with(&["--tpm", &chip.device()]);
    let words = format!("KMS's root key: under the TPM at {}", chip.device());
    assert!(said(&region.run(&["status"])).contains(&words), "{}", said(&region.run(&["status"])));
    let key = std::fs::read_to_string(region.0.path().join("kms.key")).expect("the root key");
    assert!(key.starts_with("stratocell-kms-key 1 pbkdf2-hmac-sha512 "), "it is not kept in the clear");
    region.script("kms.py");
    assert!(region.run(&["down"]).status.success());
    // Another chip cannot open it, and nothing else is tried.
    let other = Chip::new().expect("swtpm runs again");
    let refused = region.run(&["up", "--detach", "--no-profile", "--tpm", &other.device()]);
    assert!(!refused.status.success() && said(&refused).contains("the chip refused Load"), "{}", said(&refused));
    // The same chip, named again and then from the settings.
    let again = region.run(&["up", "--detach", "--no-profile", "--tpm", &chip.device()]);
    assert!(again.status.success(), "{}", said(&again));
    assert!(region.run(&["down"]).status.success());
    let again = region.run(&["up", "--detach", "--no-profile"]);
    assert!(again.status.success(), "{}", said(&again));
}
