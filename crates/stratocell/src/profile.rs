//! The `stratocell` profile in the AWS command line's own files, without touching what else they hold.

use platform::disk;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

pub const NAME: &str = "stratocell";

/// Where the AWS command line keeps its configuration.
#[derive(Debug, Clone)]
pub struct Files {
    pub config: PathBuf,
    pub credentials: PathBuf,
}

impl Files {
    /// As the AWS tools find them: AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE, else ~/.aws.
    pub fn of_user(env: impl Fn(&str) -> Option<PathBuf>) -> Option<Self> {
        let home = env("HOME").map(|h| h.join(".aws"));
        let at = |name: &str, file: &str| env(name).or_else(|| Some(home.as_ref()?.join(file)));
        Some(Self { config: at("AWS_CONFIG_FILE", "config")?, credentials: at("AWS_SHARED_CREDENTIALS_FILE", "credentials")? })
    }

    pub fn write(&self, endpoint: &str, region: &str, access_key: &str, secret_key: &str) -> io::Result<()> {
        let keys = [("aws_access_key_id", access_key), ("aws_secret_access_key", secret_key)];
        edit(&self.credentials, |text| with_section(text, NAME, &keys))?;
        let config = [("region", region), ("endpoint_url", endpoint)];
        edit(&self.config, |text| with_section(text, &format!("profile {NAME}"), &config))
    }

    /// Removes the profile if it is the one of this access key.
    pub fn remove(&self, access_key: &str) -> io::Result<()> {
        let ours = std::fs::read_to_string(&self.credentials)
            .is_ok_and(|text| section(&text, NAME).any(|l| l.split('=').nth(1).is_some_and(|v| v.trim() == access_key)));
        if ours {
            edit(&self.credentials, |text| without_section(text, NAME))?;
            edit(&self.config, |text| without_section(text, &format!("profile {NAME}")))?;
        }
        Ok(())
    }
}

/// Rewrites a file whole: readable by its owner alone from the first byte on. A link is followed.
fn edit(path: &Path, change: impl Fn(&str) -> String) -> io::Result<()> {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let (text, mode) = match std::fs::read_to_string(&path) {
        Ok(text) => (text, std::fs::metadata(&path)?.permissions().mode() & 0o700),
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            if let Some(dir) = path.parent() {
                disk::create_private_dir(dir)?;
            }
            (String::new(), 0o600)
        }
        Err(e) => return Err(e),
    };
    let changed = change(&text);
    if changed != text {
        disk::write_atomic(&path, changed.as_bytes())?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode | 0o600))?;
    }
    Ok(())
}

fn header(line: &str) -> Option<&str> {
    line.trim().strip_prefix('[')?.split_once(']').map(|(name, _)| name.trim())
}

/// The lines of a section, without its header.
fn section<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    let mut inside = false;
    text.lines().filter(move |line| {
        if let Some(found) = header(line) {
            inside = found == name;
            return false;
        }
        inside
    })
}

fn without_section(text: &str, name: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut inside = false;
    for line in text.split_inclusive('\n') {
        if let Some(found) = header(line) {
            inside = found == name;
        }
        if !inside {
            out.push_str(line);
        }
    }
    out
}

/// The text with the section replaced, or added at the end.
fn with_section(text: &str, name: &str, pairs: &[(&str, &str)]) -> String {
    let mut out = without_section(text, name);
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
    if !out.is_empty() && !out.ends_with("\n\n") {
        out.push('\n');
    }
    out.push_str(&format!("[{name}]\n"));
    for (key, value) in pairs {
        out.push_str(&format!("{key} = {value}\n"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_sections_stay_as_they_were() {
        let text =
            "# mine\n[default]\nregion = eu-west-1\n\n[profile stratocell]\nregion=x\ns3 =\n  a = b\n[profile z]\nregion=q";
        let once = with_section(text, "profile stratocell", &[("region", "us-east-1")]);
        assert_eq!(
            once,
            "# mine\n[default]\nregion = eu-west-1\n\n[profile z]\nregion=q\n\n[profile stratocell]\nregion = us-east-1\n"
        );
        assert_eq!(with_section(&once, "profile stratocell", &[("region", "us-east-1")]), once);
        assert_eq!(
            without_section(&once, "profile stratocell"),
            "# mine\n[default]\nregion = eu-west-1\n\n[profile z]\nregion=q\n\n"
        );
    }

    #[test]
    fn files_are_private_and_removed_only_when_ours() {
        let home = tempfile::tempdir().unwrap();
        let files = Files::of_user(|n| (n == "HOME").then(|| home.path().to_owned())).unwrap();
        files.write("http://127.0.0.1:1", "us-east-1", "AKIAA", "s").unwrap();
        for f in [&files.config, &files.credentials] {
            assert_eq!(std::fs::metadata(f).unwrap().permissions().mode() & 0o777, 0o600);
        }
        files.remove("AKIAB").unwrap();
        assert!(std::fs::read_to_string(&files.credentials).unwrap().contains("AKIAA"));
        files.remove("AKIAA").unwrap();
        assert!(!std::fs::read_to_string(&files.credentials).unwrap().contains("AKIAA"));
        assert!(!std::fs::read_to_string(&files.config).unwrap().contains("stratocell"));
    }
}
